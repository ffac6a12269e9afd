//! What a check found, in words and numbers that can be shown, written and acted on.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::data::example::Example;
use crate::data::part::Part;

/// Something that can be wrong with labelled data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Check {
    /// Rows of validation or test whose text is in training too, or rows of test whose text is in
    /// validation.
    Leaks,
    /// Texts of validation or test that nearly repeat one of another part.
    NearLeaks,
    /// Texts that occur with different labels.
    ConflictingLabels,
    /// Labels of validation or test that training lacks.
    UnseenLabels,
    /// One label on all rows of training.
    OneLabel,
    /// Labels with too few different texts to be split or learned.
    RareLabels,
    /// Labels that look like misspellings of others.
    SimilarLabels,
    /// Labels with less than a quarter of the rows of the most frequent one.
    Imbalance,
    /// Rows in the order of their labels.
    Sorted,
    /// Rows that repeat an earlier one of the same part: text, second text and target.
    ExactDuplicates,
    /// Texts that nearly repeat an earlier one of the same part.
    NearDuplicates,
    /// Texts of which nothing can be seen.
    Empty,
    /// Rows that the model would read only in part.
    TooLong,
    /// Rows in another language than most.
    MixedLanguages,
    /// Rows with characters that the model's vocabulary lacks.
    UnknownCharacters,
    /// Rows with tags or entities of HTML.
    Html,
    /// Rows with control characters and other characters that cannot be seen.
    ControlCharacters,
    /// Rows with U+FFFD, where a character was lost.
    ReplacementCharacters,
    /// Rows that were read in the wrong encoding before they came into the file.
    Mojibake,
    /// Rows with personal data.
    PersonalData,
    /// Sentences with a tag that cannot stand where it does.
    IllegalTags,
    /// Sentences with an entity that begins or ends with punctuation, or holds white space.
    EntityBoundaries,
    /// Questions with an answer that is not where the file says.
    AnswerOffsets,
    /// Questions without an answer.
    Unanswerable,
}

/// How much a finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// Good to know.
    Notice,
    /// Likely to cost quality.
    Warning,
    /// Makes scores wrong or the training fail.
    Trouble,
}

impl Check {
    /// How much it matters when it finds something.
    pub fn level(self) -> Level {
        match self {
            Self::Leaks
            | Self::ConflictingLabels
            | Self::UnseenLabels
            | Self::OneLabel
            | Self::IllegalTags
            | Self::AnswerOffsets => Level::Trouble,
            Self::TooLong | Self::Imbalance | Self::Unanswerable | Self::MixedLanguages => {
                Level::Notice
            }
            _ => Level::Warning,
        }
    }

    /// Its name, as in JSON: `exact_duplicates`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Leaks => "leaks",
            Self::NearLeaks => "near_leaks",
            Self::ConflictingLabels => "conflicting_labels",
            Self::UnseenLabels => "unseen_labels",
            Self::OneLabel => "one_label",
            Self::RareLabels => "rare_labels",
            Self::SimilarLabels => "similar_labels",
            Self::Imbalance => "imbalance",
            Self::Sorted => "sorted",
            Self::ExactDuplicates => "exact_duplicates",
            Self::NearDuplicates => "near_duplicates",
            Self::Empty => "empty",
            Self::TooLong => "too_long",
            Self::MixedLanguages => "mixed_languages",
            Self::UnknownCharacters => "unknown_characters",
            Self::Html => "html",
            Self::ControlCharacters => "control_characters",
            Self::ReplacementCharacters => "replacement_characters",
            Self::Mojibake => "mojibake",
            Self::PersonalData => "personal_data",
            Self::IllegalTags => "illegal_tags",
            Self::EntityBoundaries => "entity_boundaries",
            Self::AnswerOffsets => "answer_offsets",
            Self::Unanswerable => "unanswerable",
        }
    }
}

/// One row in which a check found something, to be shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Sighting {
    /// The file it is in.
    pub part: Part,
    /// The record's number in its file, from 1.
    pub row: usize,
    /// The line on which the record starts, from 1.
    pub line: usize,
    /// Its text, or the stretch of it around the place in question.
    pub excerpt: String,
    /// What was found there, where that is not plain: a kind, a label, another row.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

/// What a finding is made of: a kind of personal data, a language, a label.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Share {
    /// Its name.
    pub name: String,
    /// How often it occurs.
    pub count: usize,
}

/// Two labels that belong together: a rare one and the one it looks like, or two that the same
/// text has.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct LabelPair {
    /// The rarer label, or the first in alphabetical order.
    pub from: String,
    /// The other one.
    pub to: String,
    /// The rows with the rarer label, or the texts that have both.
    pub count: usize,
}

/// One text with the rows that have it, to be reviewed: which label is right, which row may stay.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Group {
    /// The text, cut after 300 characters.
    pub text: String,
    /// Its occurrences by part and label, in the order of parts and rows.
    pub variants: Vec<Variant>,
}

/// The rows of a group that are in one part and have one target.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Variant {
    /// The file they are in.
    pub part: Part,
    /// The number of the first of them, from 1.
    pub row: usize,
    /// How many they are.
    pub count: usize,
    /// Their label, labels or number; `None` for other targets.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
}

/// What a check found. A check that found nothing makes no finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The check.
    #[serde(rename = "name")]
    pub check: Check,
    /// How many of what the check's description counts: rows, or texts, or labels.
    pub count: usize,
    /// The first of them, at most [`SHOWN`].
    pub examples: Vec<Sighting>,
    /// What they are made of, the most frequent first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub shares: Vec<Share>,
    /// Labels that belong together, the most frequent first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub pairs: Vec<LabelPair>,
    /// Rows to be reviewed together, at most [`REVIEWED`] groups.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<Group>,
    /// What else a person should know, as a sentence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// Rows of a finding that are kept to be shown.
pub const SHOWN: usize = 20;

/// Groups of rows of a finding that are kept to be reviewed.
pub const REVIEWED: usize = 1000;

impl Finding {
    /// A finding of which only the number is known.
    pub(super) fn new(check: Check, count: usize) -> Self {
        Self {
            check,
            count,
            examples: Vec::new(),
            shares: Vec::new(),
            pairs: Vec::new(),
            groups: Vec::new(),
            note: None,
        }
    }
}

/// Where a row stands, with its text: what a check needs to tell of it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Seen<'a> {
    pub part: Part,
    pub example: &'a Example,
}

impl Seen<'_> {
    /// The row with the stretch of its text around `place`, in bytes.
    pub fn at(self, place: Range<usize>, detail: Option<String>) -> Sighting {
        self.sighting(excerpt(&self.example.text, place), detail)
    }

    /// The row with the beginnings of its texts.
    pub fn whole(self, detail: Option<String>) -> Sighting {
        self.sighting(self.beginning(), detail)
    }

    /// The beginning of its text, and of the second one.
    pub fn beginning(self) -> String {
        let text = excerpt(&self.example.text, 0..0);
        match &self.example.pair {
            Some(pair) => format!("{text} | {}", excerpt(pair, 0..0)),
            None => text,
        }
    }

    fn sighting(self, excerpt: String, detail: Option<String>) -> Sighting {
        Sighting {
            part: self.part,
            row: self.example.row,
            line: self.example.line,
            excerpt,
            detail,
        }
    }
}

/// A stretch of a text on one line, with `place` in it and an ellipsis where it was cut.
pub(super) fn excerpt(text: &str, place: Range<usize>) -> String {
    const BEFORE: usize = 30;
    const LONGEST: usize = 100;
    let start = text[..place.start]
        .char_indices()
        .rev()
        .nth(BEFORE)
        .map_or(0, |(at, _)| at);
    let rest = &text[start..];
    let end = rest.char_indices().nth(LONGEST).map(|(at, _)| at);
    let mut excerpt = String::new();
    if start > 0 {
        excerpt.push('…');
    }
    excerpt.extend(
        rest[..end.unwrap_or(rest.len())]
            .chars()
            .map(|char| if char.is_whitespace() { ' ' } else { char }),
    );
    if end.is_some() {
        excerpt.push('…');
    }
    excerpt
}

/// Counts the rows of a finding, keeps the first and adds up what they are made of.
#[derive(Debug, Clone, Default)]
pub(super) struct Tally {
    pub count: usize,
    pub examples: Vec<Sighting>,
    shares: BTreeMap<Cow<'static, str>, usize>,
}

impl Tally {
    /// Counts a row; `sighting` is asked for only while rows are kept.
    pub fn add(&mut self, sighting: impl FnOnce() -> Sighting) {
        self.count += 1;
        if self.examples.len() < SHOWN {
            self.examples.push(sighting());
        }
    }

    /// Counts something that rows are made of.
    pub fn share(&mut self, name: impl Into<Cow<'static, str>>) {
        *self.shares.entry(name.into()).or_default() += 1;
    }

    /// Counts the rows of another one after its own.
    pub fn append(&mut self, other: Self) {
        self.count += other.count;
        self.examples.extend(other.examples);
        self.examples.truncate(SHOWN);
        for (name, count) in other.shares {
            *self.shares.entry(name).or_default() += count;
        }
    }

    /// The finding, if there was any row.
    pub fn finding(self, check: Check) -> Option<Finding> {
        if self.count == 0 {
            return None;
        }
        let mut finding = Finding::new(check, self.count);
        finding.examples = self.examples;
        finding.shares = shares(
            self.shares
                .into_iter()
                .map(|(name, count)| (name.into(), count)),
        );
        Some(finding)
    }
}

/// The most frequent first, equals in alphabetical order.
pub(super) fn shares(counts: impl IntoIterator<Item = (String, usize)>) -> Vec<Share> {
    let mut shares: Vec<Share> = counts
        .into_iter()
        .map(|(name, count)| Share { name, count })
        .collect();
    shares.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.name.cmp(&b.name)));
    shares
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_excerpt_shows_the_place_and_says_where_it_was_cut() {
        assert_eq!(excerpt("short\ntext", 6..10), "short text");
        let long = "很".repeat(200);
        let cut = excerpt(&long, 300..303);
        assert!(cut.starts_with('…') && cut.ends_with('…'));
        assert_eq!(cut.chars().count(), 102);
    }

    #[test]
    fn names_are_those_of_json() {
        for check in [
            Check::Leaks,
            Check::ExactDuplicates,
            Check::Html,
            Check::RareLabels,
        ] {
            let json = serde_json::to_string(&check).unwrap();
            assert_eq!(json, format!("\"{}\"", check.name()));
        }
    }

    #[test]
    fn a_tally_counts_all_and_keeps_few() {
        let example = Example {
            row: 1,
            line: 2,
            text: "a".into(),
            pair: None,
            target: crate::data::Target::Nothing,
            group: None,
            part: None,
        };
        let seen = Seen {
            part: Part::Train,
            example: &example,
        };
        let mut tally = Tally::default();
        for _ in 0..50 {
            tally.add(|| seen.whole(None));
            tally.share("x");
        }
        let finding = tally.finding(Check::Html).unwrap();
        assert_eq!((finding.count, finding.examples.len()), (50, SHOWN));
        assert_eq!(finding.shares[0].count, 50);
        assert!(Tally::default().finding(Check::Html).is_none());
    }
}
