//! Whether one label is a misspelling of another.

use strsim::osa_distance;

use crate::data::numbers::number;
use crate::data::tags;

/// A label with what is compared of it.
#[derive(Debug)]
pub(super) struct Spelling<'a> {
    label: &'a str,
    levelled: String,
    /// The number of characters of `levelled`.
    length: usize,
    digits: String,
}

impl<'a> Spelling<'a> {
    pub fn of(label: &'a str) -> Self {
        let digits: String = label.chars().filter(|char| char.is_numeric()).collect();
        let levelled = levelled(label, !digits.is_empty());
        Self {
            label,
            length: levelled.chars().count(),
            levelled,
            digits,
        }
    }

    /// Whether this label, which `rows` have, looks like a misspelling of a more frequent one.
    ///
    /// It does when both are equal but for case, white space and punctuation, or are one whole
    /// number (`1.0` is `1`); and when they are long enough, one or two letters apart, and this one
    /// is very rare beside the other. Digits are never misspelt: `level 1` is not `level 2`, nor is
    /// `1` a misspelling of `2`, or `B-PER` of `I-PER`.
    pub fn misspells(&self, rows: usize, other: &Self, other_rows: usize) -> bool {
        /// So much rarer is a label that was typed by mistake.
        const RARER: usize = 10;
        if self.levelled == other.levelled {
            return self.levelled.chars().any(char::is_alphabetic);
        }
        if self.whole_number().is_some() && self.whole_number() == other.whole_number() {
            return true;
        }
        rows * RARER <= other_rows
            && self.digits == other.digits
            && !self.is_negated(other)
            && self.is_near(other)
            && !are_tags(self.label, other.label)
    }

    /// The whole number that the label is. Of others `1.10` may be another chapter than `1.1`.
    fn whole_number(&self) -> Option<f64> {
        number(&self.levelled).filter(|number| number.fract() == 0.0)
    }

    /// Whether one is the other with a prefix that turns it into its opposite.
    fn is_negated(&self, other: &Self) -> bool {
        const PREFIXES: [&str; 9] = ["a", "un", "in", "im", "ir", "il", "de", "no", "re"];
        let prefix = |longer: &Self, shorter: &Self| {
            let prefix = longer.levelled.strip_suffix(&shorter.levelled);
            prefix.is_some_and(|prefix| PREFIXES.contains(&prefix))
        };
        prefix(self, other) || prefix(other, self)
    }

    /// One letter apart from five letters on, two from nine on, and from three on a letter typed
    /// twice or once too few; a letter is one of an alphabet, for a Chinese character is a word.
    fn is_near(&self, other: &Self) -> bool {
        let is_letter = |char: char| char.is_alphabetic() && char < '\u{2e80}' || char == ' ';
        let mut letters = self.levelled.chars().chain(other.levelled.chars());
        if !letters.all(is_letter) {
            return false;
        }
        let allowed = match self.length.min(other.length) {
            0..3 => return false,
            3..5 => return singled(&self.levelled) == singled(&other.levelled),
            5..9 => 1,
            _ => 2,
        };
        self.length.abs_diff(other.length) <= allowed
            && osa_distance(&self.levelled, &other.levelled) <= allowed
    }
}

/// Each run of one letter as a single one.
fn singled(text: &str) -> String {
    let mut letters: Vec<char> = text.chars().collect();
    letters.dedup();
    letters.into_iter().collect()
}

/// Lower case, and words joined by single spaces. Punctuation counts as white space where there
/// are no digits, beside which it means something (`1.0`, `-1`), and no grade (`A-`, `BB-`); `+`
/// and `#` always do (`C++`).
fn levelled(label: &str, has_digits: bool) -> String {
    let means = has_digits || is_grade(label.trim());
    let separates =
        |char: char| char.is_whitespace() || (!means && "-_.,;:!?'\"`/()[]".contains(char));
    let lower = label.to_lowercase();
    let words: Vec<&str> = lower
        .split(separates)
        .filter(|word| !word.is_empty())
        .collect();
    words.join(" ")
}

/// Whether this is a letter, written up to three times, and a minus sign.
fn is_grade(label: &str) -> bool {
    let letters = label.strip_suffix('-').unwrap_or_default().as_bytes();
    let alike = letters.windows(2).all(|pair| pair[0] == pair[1]);
    (1..=3).contains(&letters.len()) && alike && letters[0].is_ascii_alphabetic()
}

/// Whether both are tags of one type, such as `B-PER` and `I-PER`.
fn are_tags(a: &str, b: &str) -> bool {
    tags::entity_type(a).is_some_and(|kind| Some(kind) == tags::entity_type(b))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_misspelt(rarer: &str, rows: usize, label: &str, label_rows: usize) -> bool {
        Spelling::of(rarer).misspells(rows, &Spelling::of(label), label_rows)
    }

    #[test]
    fn misspellings_are_found() {
        for (rarer, label) in [
            ("Positive", "positive"),
            ("positive ", "positive"),
            ("card-payment", "card_payment"),
            ("Card Payment.", "card_payment"),
            ("postive", "positive"),
            ("positvie", "positive"),
            ("negativ", "negative"),
            ("cardd payment", "card payments"),
            ("sporst", "sports"),
            ("guut", "gut"),
            ("god", "good"),
        ] {
            assert!(is_misspelt(rarer, 2, label, 500), "{rarer} {label}");
        }
        // Case and white space are telling whatever the numbers.
        assert!(is_misspelt("Spam", 400, "spam", 500));
        // So is a number that is written in two ways.
        for (label, other) in [("1.0", "1"), ("-1.0", "-1"), ("10.00", "10")] {
            assert!(is_misspelt(label, 400, other, 500), "{label} {other}");
        }
        assert!(is_misspelt("b-", 4, "B-", 5));
    }

    #[test]
    fn other_labels_are_not() {
        for (rarer, label) in [
            ("1", "2"),
            ("-1", "1"),
            ("1.0", "10"),
            ("1.1", "1.10"),
            ("level 1", "level 2"),
            ("A-", "A"),
            ("b-", "B"),
            ("A+", "A-"),
            ("BBB-", "BBB"),
            ("topic12", "topic13"),
            ("B-PERSON", "I-PERSON"),
            ("negative", "positive"),
            ("unhappy", "happy"),
            ("inactive", "active"),
            ("male", "female"),
            ("C++", "C"),
            ("C#", "C++"),
            (":)", ":("),
            ("yes", "yea"),
            ("体育新闻频道", "体育新闻频到"),
            ("好评", "差评"),
        ] {
            assert!(!is_misspelt(rarer, 2, label, 500), "{rarer} {label}");
        }
    }

    #[test]
    fn two_frequent_labels_are_two_labels() {
        assert!(!is_misspelt("transfers", 300, "transfer", 500));
        assert!(!is_misspelt("sports", 51, "sport", 500));
    }
}
