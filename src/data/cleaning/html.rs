//! HTML in texts: tags are removed, entities become what they stand for.

use std::borrow::Cow;
use std::sync::LazyLock;

use html_escape::decode_html_entities;
use regex::{Captures, Regex};

/// Comments, doctypes, scripts and styles with their content, and tags of the elements that HTML
/// has: `<3`, `<url>` and `<John Smith>` are none. An attribute has a value, so that
/// "<a lot of people>" is none either.
const MARKUP: &str = r#"(?isx)
    <!--.*?-->
  | <!doctype\b[^<>]*>
  | <script\b[^<>]*>.*?</script\s*>
  | <style\b[^<>]*>.*?</style\s*>
  | </?(?<name>
        a|abbr|address|area|article|aside|audio|b|base|bdi|bdo|big|blockquote|body|br|button|canvas
        |caption|center|cite|code|col|colgroup|data|dd|del|details|dfn|dialog|div|dl|dt|em|embed
        |fieldset|figcaption|figure|font|footer|form|frame|frameset|h[1-6]|head|header|hr|html|i
        |iframe|img|input|ins|kbd|label|legend|li|link|main|map|mark|meta|nav|noscript|object|ol
        |optgroup|option|p|param|picture|pre|progress|q|rp|rt|ruby|s|samp|script|section|select
        |small|source|span|strike|strong|style|sub|summary|sup|svg|table|tbody|td|template|textarea
        |tfoot|th|thead|time|title|tr|track|tt|u|ul|var|video|wbr
    )(?:\s+[\w:.-]+\s*=\s*(?:"[^"]*"|'[^']*'|[^\s"'<>]+))*\s*/?>
"#;

/// Elements that stand on lines of their own: where their tags are removed, words stay apart.
const BLOCKS: [&str; 34] = [
    "address",
    "article",
    "aside",
    "blockquote",
    "br",
    "caption",
    "dd",
    "div",
    "dl",
    "dt",
    "figcaption",
    "footer",
    "form",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "header",
    "hr",
    "li",
    "main",
    "nav",
    "ol",
    "option",
    "p",
    "pre",
    "section",
    "table",
    "td",
    "th",
    "tr",
    "ul",
];

// A constant pattern that did not compile would fail every test of this file.
static PATTERN: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(MARKUP).ok());

/// The text without markup, its entities decoded; `None` when it has neither.
pub(super) fn stripped(text: &str) -> Option<String> {
    if !text.contains(['<', '&']) {
        return None;
    }
    let bare = PATTERN.as_ref()?.replace_all(text, replacement);
    match decode_html_entities(bare.as_ref()) {
        Cow::Owned(decoded) => (decoded != text).then_some(decoded),
        Cow::Borrowed(_) => match bare {
            Cow::Owned(bare) => Some(bare),
            Cow::Borrowed(_) => None,
        },
    }
}

fn replacement(markup: &Captures<'_>) -> &'static str {
    let name = markup
        .name("name")
        .map(|name| name.as_str().to_ascii_lowercase());
    match name {
        Some(name) if BLOCKS.contains(&name.as_str()) => "\n",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(stripped(text).as_deref(), Some(expected), "{text}");
    }

    #[test]
    fn tags_go_and_words_stay_apart() {
        check("a <b>bold</b> word", "a bold word");
        check("one<br />two<BR>three", "one\ntwo\nthree");
        check(r#"<a href="x>y" class='c' id=z>link</a>"#, "link");
        check(
            "a<!-- not\nshown -->b<script>var x = '<b>';</script>c",
            "abc",
        );
        check("<p>one</p><td>two</td>", "\none\n\ntwo\n");
    }

    #[test]
    fn entities_become_characters() {
        check("Q&amp;A &lt;3 &#39;s &#x4F60; &eacute;", "Q&A <3 's 你 é");
    }

    #[test]
    fn what_only_looks_like_markup_stays() {
        for text in [
            "I <3 you",
            "a < b > c",
            "<url> and <user>",
            "<John Smith>",
            "<a lot of people>",
            "if (x<b && c>d)",
            "AT&T, R&D & co; &nosuch;",
            "no markup",
        ] {
            assert_eq!(stripped(text), None, "{text}");
        }
    }
}
