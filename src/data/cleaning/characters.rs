//! Rules about single characters: control characters, composition, case, white space.

use unicode_normalization::{UnicodeNormalization, is_nfc};

/// The text without control characters (but tab and line end), direction overrides, invisible
/// spaces and the marks that only programs use; `None` when it has none.
///
/// The zero-width joiners stay: emoji, Persian and the scripts of India are written with them.
pub(super) fn without_controls(text: &str) -> Option<String> {
    let unwanted = |c: char| {
        let control = c.is_control() && !matches!(c, '\t' | '\n' | '\r');
        control || is_zero_width(c) || is_directive(c)
    };
    text.contains(unwanted).then(|| text.replace(unwanted, ""))
}

/// Characters that take no room and mean nothing by themselves: zero-width space, Mongolian vowel
/// separator, word joiner, byte order mark.
fn is_zero_width(c: char) -> bool {
    matches!(c, '\u{200B}' | '\u{180E}' | '\u{2060}' | '\u{FEFF}')
}

/// Embeddings, overrides and isolates of the writing direction; interlinear annotation marks.
fn is_directive(c: char) -> bool {
    matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FFF9}'..='\u{FFFB}')
}

/// The text in Unicode's composed form (NFC); `None` when it is in it.
pub(super) fn composed(text: &str) -> Option<String> {
    (!is_nfc(text)).then(|| text.nfc().collect())
}

/// The text in small letters; `None` when it is.
pub(super) fn lowercase(text: &str) -> Option<String> {
    changed(text, text.to_lowercase())
}

/// The text without white space at its ends and without invisible spaces; within, white space
/// becomes one space, or one line end where it had one. `None` when nothing changes.
pub(super) fn collapsed(text: &str) -> Option<String> {
    let mut collapsed = String::with_capacity(text.len());
    let mut gap = None;
    for c in text.chars().filter(|&c| !is_zero_width(c)) {
        if c.is_whitespace() {
            let line_end = matches!(c, '\n' | '\r') || gap == Some('\n');
            gap = Some(if line_end { '\n' } else { ' ' });
        } else {
            let gap = gap.take().filter(|_| !collapsed.is_empty());
            collapsed.extend(gap);
            collapsed.push(c);
        }
    }
    changed(text, collapsed)
}

fn changed(before: &str, after: String) -> Option<String> {
    (after != before).then_some(after)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn controls_go_and_joiners_stay() {
        let found = without_controls("a\u{0}b\u{202E}c\u{FEFF}\u{200B}d\u{7F}");
        assert_eq!(found.as_deref(), Some("abcd"));
        for text in ["tab\tline\r\n", "👩\u{200D}💻", "می\u{200C}خواهم", "naïve"] {
            assert_eq!(without_controls(text), None, "{text:?}");
        }
    }

    #[test]
    fn letters_and_their_accents_become_one() {
        assert_eq!(composed("e\u{301}").as_deref(), Some("é"));
        assert_eq!(composed("é ﬁ 好"), None);
    }

    #[test]
    fn case_is_all_scripts() {
        assert_eq!(lowercase("ÀБΩ X").as_deref(), Some("àбω x"));
        assert_eq!(lowercase("ok 好"), None);
    }

    #[test]
    fn white_space_collapses_but_keeps_lines() {
        let found = collapsed("  a\u{A0}\t b \n\n c\u{3000}\u{200B} ");
        assert_eq!(found.as_deref(), Some("a b\nc"));
        assert_eq!(collapsed("a b\nc"), None);
        assert_eq!(collapsed(" \n ").as_deref(), Some(""));
    }
}
