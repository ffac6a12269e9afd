//! Rows that are not used, and why.

use std::fmt;

use serde::Serialize;

use super::cleaning::Removal;
use super::columns::Role;

/// Why a row is not used.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// The text is missing or nothing but white space.
    EmptyText,
    /// The second text of a pair, or the question, is missing or nothing but white space.
    EmptyPair,
    /// The label, or whatever else is to be said of the text, is missing or nothing but white
    /// space.
    EmptyLabel,
    /// The record ends before a column that is needed.
    TooFewColumns {
        /// The number of columns the row has.
        found: usize,
        /// The number of columns the file has.
        expected: usize,
    },
    /// The record goes on after the last column, so that its text was probably cut by a delimiter.
    TooManyColumns {
        /// The number of columns the row has.
        found: usize,
        /// The number of columns the file has.
        expected: usize,
    },
    /// There is a list or an object where one value is expected.
    Nested {
        /// What the column is used for.
        role: Role,
    },
    /// There is no number where one is expected.
    NotANumber {
        /// The name of the column.
        column: String,
        /// What is there; empty where nothing is.
        value: String,
    },
    /// There is a number that says one thing to some people and another to others.
    AmbiguousNumber {
        /// The name of the column.
        column: String,
        /// What is there.
        value: String,
        /// What it may mean: with a fraction, and with thousands.
        meanings: [String; 2],
    },
    /// There are not as many tags as words.
    TagCount {
        /// The number of words.
        words: usize,
        /// The number of tags.
        tags: usize,
    },
    /// A tag belongs to no scheme, where the file's tags follow one.
    UnknownTag {
        /// The tag.
        tag: String,
        /// The word that has it.
        word: String,
        /// What a tag has to be.
        expected: &'static str,
    },
    /// The passage does not say the answer, and the file does not say where it is.
    AnswerNotFound,
    /// No answer stands in the passage where the file says.
    AnswerMisplaced {
        /// Whether the passage says one of them exactly once, so that its place can be told.
        repairable: bool,
    },
    /// It has a label that the model never learned.
    UnknownLabel {
        /// The label, or the tag of a word.
        label: String,
    },
    /// The file lies in no folder whose name is its label.
    NoFolderOfLabel,
    /// The record does not follow its format: in which way.
    Malformed(String),
    /// Cleaning dropped it.
    Cleaned(Removal),
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::EmptyText => f.write_str("empty text"),
            Self::EmptyPair => f.write_str("empty second text"),
            Self::EmptyLabel => f.write_str("empty label"),
            Self::TooFewColumns { found, expected } => {
                write!(f, "too few columns: {found} of {expected}")
            }
            Self::TooManyColumns { found, expected } => {
                write!(f, "too many columns: {found} instead of {expected}")
            }
            Self::Nested { role } => {
                write!(
                    f,
                    "a list or an object as the {role} where one value is expected"
                )
            }
            Self::NotANumber { column, value } if value.is_empty() => {
                write!(f, "no number in \"{column}\"")
            }
            Self::NotANumber { column, value } => write!(
                f,
                "\"{value}\" in \"{column}\" is no number: expected is one such as 1200, 0.5 or 0,5"
            ),
            Self::AmbiguousNumber {
                column,
                value,
                meanings: [fraction, thousands],
            } => write!(
                f,
                "\"{value}\" in \"{column}\" may be {fraction} or {thousands}, and the column does not \
                 tell which: write it without a mark between thousands"
            ),
            Self::TagCount { words, tags } => write!(f, "{words} words but {tags} tags"),
            Self::UnknownTag {
                tag,
                word,
                expected,
            } => write!(
                f,
                "\"{tag}\" of the word \"{word}\" is no tag: expected is {expected}"
            ),
            Self::AnswerMisplaced { repairable: true } => f.write_str(
                "no answer stands where the file says, but the passage says one exactly once: \
                 --clean repair_answers puts it there",
            ),
            Self::AnswerMisplaced { repairable: false } => f.write_str(
                "no answer stands where the file says, and the passage says none exactly once: \
                 correct the answer or its answer_start",
            ),
            Self::UnknownLabel { label } => {
                write!(f, "the model does not know the label \"{label}\"")
            }
            Self::AnswerNotFound => f.write_str("an answer that the passage does not say"),
            Self::NoFolderOfLabel => f.write_str(
                "the file lies in no folder that is named by its label, as pos/1.txt does",
            ),
            Self::Malformed(cause) => write!(f, "malformed: {cause}"),
            Self::Cleaned(removal) => removal.fmt(f),
        }
    }
}

/// A row that is not used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SetAside {
    /// The record's number in its file, from 1; the header and blank lines are not counted.
    pub row: usize,
    /// The line of the file on which the record starts, from 1.
    pub line: usize,
    /// Why it is not used.
    pub reason: Reason,
}

impl SetAside {
    /// Says that so many rows are not used, of which this one of `file` is the first.
    pub fn told(&self, file: &str, count: usize) -> String {
        let Self { row, reason, .. } = self;
        match count {
            1 => format!("Row {row} of {file} was set aside: {reason}."),
            _ => {
                format!("{count} rows were set aside; the first is row {row} of {file}: {reason}.")
            }
        }
    }
}
