//! Masks in place of web addresses, user names and personal data.

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::{Captures, Regex};

use crate::data::personal::{self, Kind};

/// What follows `http://`, `https://`, `ftp://` or `www.`, up to white space, quotation marks,
/// brackets, or the punctuation and characters of East Asia, which are written without a space.
const URL: &str = r#"(?ix)
    (?-u:\b) (?:(?:https?|ftp)://|www\.)
    [^\s<>"'`“”‘’«»，。；：！？、（）【】《》\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}]+
"#;

/// `@name` where no word, address or other `@` ends before it: `a@b.c` is none.
const USER_NAME: &str = r"(^|[^\w@/.])@(\w{1,50})";

// Constant patterns that did not compile would fail every test of this file.
static URL_PATTERN: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(URL).ok());
static USER_NAME_PATTERN: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(USER_NAME).ok());

/// The text with `<url>` in place of web addresses; `None` when it has none.
pub(super) fn urls(text: &str) -> Option<String> {
    if !text.contains([':', '.']) {
        return None;
    }
    let masked = URL_PATTERN
        .as_ref()?
        .replace_all(text, |found: &Captures<'_>| {
            let address = &found[0];
            let end = end_of(address);
            format!("<url>{}", &address[end..])
        });
    owned(masked)
}

/// Where an address ends: the full stop behind it is the sentence's, and so is a bracket that it
/// did not open.
fn end_of(address: &str) -> usize {
    let count = |sought: char| address.chars().filter(|&c| c == sought).count();
    let mut surplus = [('(', ')'), ('[', ']'), ('{', '}')]
        .map(|(open, close)| (close, count(close).saturating_sub(count(open))));
    let closing = |c: char| {
        let bracket = surplus
            .iter_mut()
            .find(|(close, left)| *close == c && *left > 0);
        if let Some((_, left)) = bracket {
            *left -= 1;
            return true;
        }
        ".,;:!?".contains(c)
    };
    address.trim_end_matches(closing).len()
}

/// The text with `<user>` in place of `@name`; `None` when it has none.
pub(super) fn user_names(text: &str) -> Option<String> {
    if !text.contains('@') {
        return None;
    }
    owned(USER_NAME_PATTERN.as_ref()?.replace_all(text, "${1}<user>"))
}

/// The text with a mask in place of personal data of these kinds; `None` when it has none.
pub(super) fn personal_data(text: &str, kinds: &[Kind]) -> Option<String> {
    let mut found = personal::find(text);
    found.retain(|(_, kind)| kinds.contains(kind));
    if found.is_empty() {
        return None;
    }
    let mut masked = String::with_capacity(text.len());
    let mut done = 0;
    for (place, kind) in found {
        masked.push_str(&text[done..place.start]);
        masked.push_str(mask(kind));
        done = place.end;
    }
    masked.push_str(&text[done..]);
    Some(masked)
}

fn mask(kind: Kind) -> &'static str {
    match kind {
        Kind::Email => "<email>",
        Kind::Phone => "<phone>",
        Kind::Card => "<card>",
        Kind::Iban => "<iban>",
        Kind::ChineseId => "<id>",
    }
}

fn owned(text: Cow<'_, str>) -> Option<String> {
    match text {
        Cow::Owned(text) => Some(text),
        Cow::Borrowed(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_end_where_the_sentence_goes_on() {
        for (text, expected) in [
            ("see http://a.com/b?c=d&e=f.", "see <url>."),
            ("(https://en.example.org/wiki/A_(b))", "(<url>)"),
            ("[www.example.com], WWW.B.DE!", "[<url>], <url>!"),
            ("看http://t.cn/abc，很好", "看<url>，很好"),
            ("www.t.cn/abc很好", "<url>很好"),
        ] {
            assert_eq!(urls(text).as_deref(), Some(expected));
        }
        for text in ["end.Then", "example.com", "12:30", "<url>", "awww.ful"] {
            assert_eq!(urls(text), None, "{text}");
        }
    }

    #[test]
    fn user_names_are_no_addresses() {
        for (text, expected) in [
            ("@bob hi", "<user> hi"),
            ("RT @a_1: (@b)", "RT <user>: (<user>)"),
            ("转发 @小明 好", "转发 <user> 好"),
        ] {
            assert_eq!(user_names(text).as_deref(), Some(expected));
        }
        for text in ["a@b.c", "5 @ 3", "@", "x.com/@name"] {
            assert_eq!(user_names(text), None, "{text}");
        }
    }

    #[test]
    fn only_the_chosen_kinds_are_masked() {
        let text = "write to ann@example.com";
        let masked = personal_data(text, &[Kind::Email]);
        assert_eq!(masked.as_deref(), Some("write to <email>"));
        assert_eq!(personal_data(text, &[Kind::Iban]), None);
        assert_eq!(personal_data("nothing", &[Kind::Email]), None);
    }
}
