//! Tags and entities of HTML left in a text.

use std::ops::Range;

/// What was left of HTML.
pub(super) type Markup = &'static str;

/// Elements that people write and pages hold. Left out are `s` and `q`, which are also the names
/// of special tokens and of questions; `<unk>`, `<user>` and `<3` are no HTML.
const ELEMENTS: &[&str] = &[
    "a",
    "abbr",
    "article",
    "aside",
    "b",
    "big",
    "blockquote",
    "body",
    "br",
    "button",
    "center",
    "cite",
    "code",
    "col",
    "dd",
    "del",
    "div",
    "dl",
    "dt",
    "em",
    "embed",
    "font",
    "footer",
    "form",
    "frame",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "head",
    "header",
    "hr",
    "html",
    "i",
    "iframe",
    "img",
    "input",
    "ins",
    "label",
    "li",
    "link",
    "main",
    "meta",
    "nav",
    "nobr",
    "ol",
    "option",
    "p",
    "param",
    "pre",
    "script",
    "section",
    "select",
    "small",
    "span",
    "strike",
    "strong",
    "style",
    "sub",
    "sup",
    "svg",
    "table",
    "tbody",
    "td",
    "textarea",
    "tfoot",
    "th",
    "thead",
    "title",
    "tr",
    "tt",
    "u",
    "ul",
    "video",
];

/// Entities that pages hold, without ampersand and semicolon.
const ENTITIES: &[&str] = &[
    "amp", "apos", "bull", "cent", "copy", "deg", "eacute", "egrave", "euro", "gt", "hellip",
    "laquo", "ldquo", "lsquo", "lt", "mdash", "middot", "nbsp", "ndash", "pound", "quot", "raquo",
    "rdquo", "reg", "rsquo", "times", "trade", "uuml", "yen",
];

/// The first tag or entity of a text, in bytes, and which of both it is.
pub(super) fn find(text: &str) -> Option<(Range<usize>, Markup)> {
    let signs = text
        .bytes()
        .enumerate()
        .filter(|(_, byte)| b"<&#".contains(byte));
    for (start, sign) in signs {
        let rest = &text[start + 1..];
        let (length, markup) = match sign {
            b'<' => (tag(rest), "tag"),
            b'&' => (entity(rest), "entity"),
            // What is left of &#39; when the ampersand was taken for punctuation.
            _ => (number(rest), "entity"),
        };
        if let Some(length) = length {
            return Some((start..start + 1 + length, markup));
        }
    }
    None
}

/// The length of a tag without its opening bracket.
fn tag(rest: &str) -> Option<usize> {
    if rest.starts_with("!--") || starts_with(rest, "!doctype") {
        return Some(3);
    }
    let slash = usize::from(rest.starts_with('/'));
    let after = &rest[slash..];
    let name = after.bytes().take_while(u8::is_ascii_alphanumeric).count();
    let is_element = ELEMENTS
        .iter()
        .any(|element| after[..name].eq_ignore_ascii_case(element));
    let (inner, _) = after[name..].split_once('>')?;
    let is_tag = match inner.trim() {
        "" | "/" => true,
        // "a <b and c> d" is arithmetic; attributes have values.
        attributes => inner.starts_with(char::is_whitespace) && attributes.contains('='),
    };
    (is_element && is_tag && !inner.contains('<')).then_some(slash + name + inner.len() + 1)
}

fn starts_with(text: &str, lower: &str) -> bool {
    text.get(..lower.len())
        .is_some_and(|start| start.eq_ignore_ascii_case(lower))
}

/// The length of an entity without its ampersand.
fn entity(rest: &str) -> Option<usize> {
    if let Some(rest) = rest.strip_prefix('#') {
        let hexadecimal = || {
            let digits = rest.strip_prefix(['x', 'X'])?;
            let count = digits.bytes().take_while(u8::is_ascii_hexdigit).count();
            ((1..=6).contains(&count) && digits[count..].starts_with(';')).then_some(count + 2)
        };
        return number(rest).or_else(hexadecimal).map(|length| length + 1);
    }
    let name = rest.bytes().take_while(u8::is_ascii_alphabetic).count();
    (rest[name..].starts_with(';') && ENTITIES.contains(&&rest[..name])).then_some(name + 1)
}

/// The length of two to six digits and a semicolon.
fn number(rest: &str) -> Option<usize> {
    let count = rest.bytes().take_while(u8::is_ascii_digit).count();
    ((2..=6).contains(&count) && rest[count..].starts_with(';')).then_some(count + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_and_entities_are_found() {
        for (text, part, markup) in [
            ("good<br />film", "<br />", "tag"),
            ("a </P> b", "</P>", "tag"),
            ("<a href=\"x\">link</a>", "<a href=\"x\">", "tag"),
            ("see <!-- this", "<!--", "tag"),
            ("<!DOCTYPE html>", "<!DO", "tag"),
            ("Q&amp;A", "&amp;", "entity"),
            ("it&#39;s", "&#39;", "entity"),
            ("it&#x27;s", "&#x27;", "entity"),
            ("it #39;s", "#39;", "entity"),
        ] {
            let (place, found) = find(text).unwrap_or_else(|| panic!("{text}"));
            assert_eq!((&text[place], found), (part, markup), "{text}");
        }
    }

    #[test]
    fn other_brackets_and_ampersands_are_not_html() {
        for text in [
            "I <3 you",
            "a < b > c",
            "a <b and c> d",
            "<unk> <s> </s> <user> <EOS>",
            "AT&T; R&D",
            "salt & pepper;",
            "#1; #2023",
            "C# 7;",
            "x <- y -> z",
            "<p",
            "<b <x>=",
            "&;",
            "<",
            "&#;",
        ] {
            assert_eq!(find(text), None, "{text}");
        }
    }
}
