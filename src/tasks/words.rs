//! The words of a text that nobody has taken apart.

use std::ops::Range;

/// Where the words of a text stand, in bytes: what white space parts, with the punctuation around
/// it, a possessive `'s`, and each Chinese character or kana as words of their own. So most corpora
/// of named entities are taken apart.
pub fn words_of(text: &str) -> Vec<Range<usize>> {
    let mut words = Vec::new();
    let mut begin = None;
    for (at, c) in text.char_indices() {
        let stands_alone = stands_alone(c);
        if c.is_whitespace() || stands_alone {
            words.extend(begin.take().map(|begin| begin..at));
        } else if begin.is_none() {
            begin = Some(at);
        }
        if stands_alone {
            words.push(at..at + c.len_utf8());
        }
    }
    words.extend(begin.map(|begin| begin..text.len()));
    words
        .into_iter()
        .flat_map(|word| without_punctuation(text, word))
        .collect()
}

/// The word with the punctuation before and after it.
fn without_punctuation(text: &str, word: Range<usize>) -> Vec<Range<usize>> {
    let own = &text[word.clone()];
    let inner = own.trim_matches(is_punctuation);
    if inner.is_empty() {
        return each(own, word.start).collect();
    }
    let start = word.start + (own.len() - own.trim_start_matches(is_punctuation).len());
    let end = start + inner.len();
    let possessive = ["'s", "’s"]
        .iter()
        .find(|ending| inner.len() > ending.len() && inner.ends_with(*ending));
    let stem = end - possessive.map_or(0, |ending| ending.len());
    let mut words: Vec<Range<usize>> = each(&text[word.start..start], word.start).collect();
    words.push(start..stem);
    if stem < end {
        words.push(stem..end);
    }
    words.extend(each(&text[end..word.end], end));
    words
}

fn each(text: &str, offset: usize) -> impl Iterator<Item = Range<usize>> + '_ {
    let characters = text.char_indices();
    characters.map(move |(at, c)| offset + at..offset + at + c.len_utf8())
}

fn is_punctuation(c: char) -> bool {
    !c.is_alphanumeric() && !matches!(c, '$' | '€' | '£' | '%' | '&' | '@' | '#')
}

/// Chinese characters, kana, and punctuation of their kind.
fn stands_alone(c: char) -> bool {
    matches!(u32::from(c), 0x3000..=0x30FF | 0x3400..=0x4DBF | 0x4E00..=0x9FFF | 0xF900..=0xFAFF
        | 0xFF00..=0xFF0F | 0xFF1A..=0xFF20 | 0x20000..=0x3FFFF)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_taken_apart_as_in_corpora() {
        let cases = [
            ("Ada's bus (no. 7) left.", "Ada 's bus ( no . 7 ) left ."),
            ("3.5% of U.S. farms", "3.5% of U.S . farms"),
            ("我在北京，OK吗？", "我 在 北 京 ， OK 吗 ？"),
            ("  ... well-known\n", ". . . well-known"),
            ("", ""),
        ];
        for (text, expected) in cases {
            let words: Vec<&str> = words_of(text).into_iter().map(|word| &text[word]).collect();
            assert_eq!(words.join(" "), expected);
        }
    }
}
