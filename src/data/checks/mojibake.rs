//! Texts that were UTF-8 once and were read as Latin-1 or Windows-1252: "Ã©" for "é", "â€™" for
//! an apostrophe, "ä½ å¥½" for Chinese; and what is left of Chinese read twice in a wrong way.

use std::ops::Range;

/// What U+FFFD in UTF-8 looks like when it is read as GBK.
const LOST_IN_GBK: &str = "锟斤拷";

/// The place of the first sign of a wrong encoding, in bytes; `None` when there are too few signs
/// to be sure.
pub(super) fn find(text: &str) -> Option<Range<usize>> {
    /// A sequence that hardly occurs otherwise has this weight, any other half of it.
    const ENOUGH: usize = 2;
    if let Some(start) = text.find(LOST_IN_GBK) {
        return Some(start..start + LOST_IN_GBK.len());
    }
    let mut first = None;
    let mut weight = 0;
    let mut rest = text.char_indices();
    while let Some((start, lead)) = rest.next() {
        // Every lead byte of UTF-8, taken for a character, lies between these two.
        if !('\u{c2}'..='\u{f4}').contains(&lead) {
            continue;
        }
        let Some((length, sequence)) = sequence(lead, rest.as_str()) else {
            continue;
        };
        let end = start + lead.len_utf8() + length;
        first.get_or_insert(start..end);
        weight += if is_telling(sequence) { ENOUGH } else { 1 };
        if weight >= ENOUGH {
            return first;
        }
        rest.by_ref().nth(sequence.len - 2);
    }
    None
}

/// The bytes of one character of UTF-8.
#[derive(Clone, Copy)]
struct Sequence {
    bytes: [u8; 4],
    len: usize,
}

/// The sequence that starts with `lead`, and the length in bytes of what follows in the text.
fn sequence(lead: char, rest: &str) -> Option<(usize, Sequence)> {
    let lead = u8::try_from(u32::from(lead)).ok()?;
    let len = match lead {
        0xc2..=0xdf => 2,
        0xe0..=0xef => 3,
        0xf0..=0xf4 => 4,
        _ => return None,
    };
    let mut bytes = [lead, 0, 0, 0];
    let mut length = 0;
    let mut chars = rest.chars();
    for byte in &mut bytes[1..len] {
        let char = chars.next()?;
        *byte = byte_of(char).filter(|byte| (0x80..0xc0).contains(byte))?;
        length += char.len_utf8();
    }
    std::str::from_utf8(&bytes[..len])
        .is_ok()
        .then_some((length, Sequence { bytes, len }))
}

/// The byte that Windows-1252, or else Latin-1, reads as this character.
fn byte_of(char: char) -> Option<u8> {
    const WINDOWS_1252: [char; 27] = [
        '€', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', 'Ž', '‘', '’', '“', '”', '•',
        '–', '—', '˜', '™', 'š', '›', 'œ', 'ž', 'Ÿ',
    ];
    const BYTES: [u8; 27] = [
        0x80, 0x82, 0x83, 0x84, 0x85, 0x86, 0x87, 0x88, 0x89, 0x8a, 0x8b, 0x8c, 0x8e, 0x91, 0x92,
        0x93, 0x94, 0x95, 0x96, 0x97, 0x98, 0x99, 0x9a, 0x9b, 0x9c, 0x9e, 0x9f,
    ];
    match WINDOWS_1252.iter().position(|&known| known == char) {
        Some(place) => Some(BYTES[place]),
        None => u8::try_from(u32::from(char)).ok(),
    }
}

/// Whether the sequence hardly occurs in a text that was read right.
///
/// Not telling alone is a capital letter before a quotation mark or an ellipsis, as in "CANÇÃ…"
/// or "« ÉTÉ»".
fn is_telling(sequence: Sequence) -> bool {
    match sequence.bytes {
        [0xc2, 0xa0..=0xbf, ..] => true,
        [0xc3, last, ..] => !matches!(last, 0x85 | 0x91..=0x94 | 0xab | 0xbb),
        // Punctuation, symbols, the byte order mark, U+FFFD and emoji.
        [0xe2, ..] | [0xef, 0xbb, 0xbf, _] | [0xef, 0xbf, 0xbd, _] | [0xf0, 0x9f, ..] => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a text in UTF-8 looks like read as Latin-1.
    fn spoiled(text: &str) -> String {
        text.bytes().map(char::from).collect()
    }

    #[test]
    fn texts_read_in_the_wrong_encoding_are_found() {
        for text in [
            "café",
            "naïve",
            "£5",
            "don’t",
            "你好",
            "привет",
            "Ελλάδα",
            "👍",
            "ﬁ\u{feff}",
            "50 °C",
        ] {
            assert!(find(&spoiled(text)).is_some(), "{text}");
        }
        for text in [
            "cafÃ©",
            "donâ€™t",
            "ðŸ˜€ fun",
            "Â£5",
            "ï»¿id",
            "ï¿½",
            "烫锟斤拷",
        ] {
            assert!(find(text).is_some(), "{text}");
        }
        assert_eq!(find("a cafÃ© b"), Some(5..9));
    }

    #[test]
    fn accents_and_quotation_marks_are_no_mojibake() {
        for text in [
            "café",
            "« ÉTÉ»",
            "CANÇÃ…",
            "NÃO",
            "Ângela",
            "été…",
            "\"à\" “là”",
            "Übermaß",
            "crème brûlée",
            "50 °C",
            "señor Ñ",
            "don’t – “quoted” …",
            "你好，世界",
            "Привет",
            "naïve coöperation",
            "å æ ø",
            "âme",
            "voilà»",
            "Ð",
            "",
        ] {
            assert_eq!(find(text), None, "{text}");
        }
    }
}
