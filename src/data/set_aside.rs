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
    },
    /// There are not as many tags as words.
    TagCount {
        /// The number of words.
        words: usize,
        /// The number of tags.
        tags: usize,
    },
    /// The passage does not say the answer, and the file does not say where it is.
    AnswerNotFound,
    /// No answer stands in the passage where the file says.
    AnswerMisplaced,
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
            Self::NotANumber { column } => write!(f, "no number in \"{column}\""),
            Self::TagCount { words, tags } => write!(f, "{words} words but {tags} tags"),
            Self::AnswerMisplaced => f.write_str(
                "no answer stands where the file says (--clean repair_answers mends those that the passage says once)",
            ),
            Self::AnswerNotFound => f.write_str("an answer that the passage does not say"),
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
