//! Characters that nobody sees: control characters, zero-width ones, and the one that stands for
//! a character that was lost.

use std::ops::Range;

/// The first character of a text that cannot be seen and has no business there, in bytes.
///
/// Tabs and line ends are white space. A joiner is right between letters of scripts that need it
/// and inside emoji, and only looked at beside ASCII.
pub(super) fn control(text: &str) -> Option<Range<usize>> {
    text.char_indices()
        .find(|&(start, char)| {
            is_control(char) || (is_joiner(char) && is_beside_ascii(text, start, char))
        })
        .map(|(start, char)| start..start + char.len_utf8())
}

/// The first U+FFFD of a text, in bytes.
pub(super) fn replacement(text: &str) -> Option<Range<usize>> {
    let start = text.find(char::REPLACEMENT_CHARACTER)?;
    Some(start..start + char::REPLACEMENT_CHARACTER.len_utf8())
}

/// Whether nothing of a text can be seen.
pub(super) fn is_blank(text: &str) -> bool {
    text.chars()
        .all(|char| char.is_whitespace() || is_control(char) || is_joiner(char) || is_filler(char))
}

/// The character at a place by its number: `U+200B`.
pub(super) fn name(text: &str, place: Range<usize>) -> String {
    let char = text[place].chars().next().unwrap_or_default();
    format!("U+{:04X}", u32::from(char))
}

fn is_control(char: char) -> bool {
    match char {
        '\t' | '\n' | '\r' => false,
        // Zero-width space, marks of direction, word joiner and its kin, byte order mark.
        '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{feff}' => true,
        '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}' | '\u{2066}'..='\u{206f}' => true,
        // U+0085 is the line end of mainframes, and white space.
        char => char.is_control() && char != '\u{85}',
    }
}

/// Zero-width non-joiner and joiner.
fn is_joiner(char: char) -> bool {
    matches!(char, '\u{200c}' | '\u{200d}')
}

/// Letters that are blank: braille, Hangul fillers, variation selectors, soft hyphen.
fn is_filler(char: char) -> bool {
    matches!(
        char,
        '\u{ad}' | '\u{115f}' | '\u{1160}' | '\u{2800}' | '\u{3164}' | '\u{ffa0}'
    ) || ('\u{fe00}'..='\u{fe0f}').contains(&char)
}

fn is_beside_ascii(text: &str, start: usize, char: char) -> bool {
    let before = text[..start].chars().next_back();
    let after = text[start + char.len_utf8()..].chars().next();
    [before, after]
        .into_iter()
        .any(|beside| beside.is_none_or(|beside| beside.is_ascii()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn invisible_characters_are_found() {
        for (text, expected) in [
            ("a\u{0}b", "U+0000"),
            ("a\u{1b}[0m", "U+001B"),
            ("zero\u{200b}width", "U+200B"),
            ("\u{feff}text", "U+FEFF"),
            ("evil\u{202e}txt", "U+202E"),
            ("a\u{93}quoted\u{94}", "U+0093"),
            ("join\u{200d}ed", "U+200D"),
        ] {
            let place = control(text).unwrap_or_else(|| panic!("{text:?}"));
            assert_eq!(name(text, place), expected);
        }
        assert_eq!(replacement("a\u{fffd}b"), Some(1..4));
    }

    #[test]
    fn white_space_emoji_and_persian_are_left_alone() {
        for text in [
            "a\tb\r\nc\u{a0}d\u{3000}e",
            "👨\u{200d}👩\u{200d}👧",
            "می\u{200c}خواهم",
            "café",
            "",
        ] {
            assert_eq!(control(text), None, "{text:?}");
            assert_eq!(replacement(text), None, "{text:?}");
        }
    }

    #[test]
    fn blank_is_what_nobody_sees() {
        for text in [
            "",
            " \t\n",
            "\u{200b}\u{feff}",
            "\u{3164}",
            "\u{a0}\u{200d}",
        ] {
            assert!(is_blank(text), "{text:?}");
        }
        for text in [".", "👍", "a\u{200b}", "\u{fffd}"] {
            assert!(!is_blank(text), "{text:?}");
        }
    }
}
