//! The rules by name, and why a row was dropped.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::data::example::Example;
use crate::data::set_aside::{Reason, SetAside};

/// A rule that changes examples, named as its key in the run file, in the order of application.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// Single rows are relabelled.
    Rows,
    /// Labels are renamed.
    Labels,
    /// Answers are put where they stand.
    RepairAnswers,
    /// Entities lose punctuation at their ends.
    TrimEntities,
    /// Entities are tagged by another scheme.
    TagScheme,
    /// UTF-8 read as Windows-1252 is read as UTF-8.
    Mojibake,
    /// Control characters are removed.
    ControlCharacters,
    /// HTML is removed.
    Html,
    /// Characters are composed.
    Nfc,
    /// Personal data is masked.
    PersonalData,
    /// Web addresses are masked.
    Urls,
    /// Names of users are masked.
    UserNames,
    /// Capital letters become small ones.
    Lowercase,
    /// Common words are removed.
    StopWords,
    /// White space is collapsed.
    WhiteSpace,
}

impl Rule {
    /// The rule's key in the run file.
    pub fn name(self) -> &'static str {
        match self {
            Self::Rows => "rows",
            Self::Labels => "labels",
            Self::RepairAnswers => "repair_answers",
            Self::TrimEntities => "trim_entities",
            Self::TagScheme => "tag_scheme",
            Self::Mojibake => "mojibake",
            Self::ControlCharacters => "control_characters",
            Self::Html => "html",
            Self::Nfc => "nfc",
            Self::PersonalData => "personal_data",
            Self::Urls => "urls",
            Self::UserNames => "user_names",
            Self::Lowercase => "lowercase",
            Self::StopWords => "stop_words",
            Self::WhiteSpace => "white_space",
        }
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Why cleaning dropped a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Removal {
    /// By hand.
    ByHand,
    /// Cleaning left nothing of its text.
    NothingLeft,
    /// Its text is shorter than `min_characters`.
    TooShort,
    /// Its text is longer than `max_characters`.
    TooLong,
    /// Its text has several labels.
    Conflict,
    /// It says the same as an earlier row.
    Duplicate {
        /// The earlier row.
        of: usize,
    },
    /// It says nearly the same as an earlier row.
    NearDuplicate {
        /// The earlier row.
        of: usize,
    },
    /// Its text stands in validation or test.
    Leak,
    /// Its text stands in validation or test, with few changes.
    NearLeak,
    /// Its label has more rows than the others.
    LeftOut,
}

impl Removal {
    /// The key of the rule that drops such rows; `empty` where cleaning left nothing of a text.
    pub fn rule(self) -> &'static str {
        match self {
            Self::ByHand => "rows",
            Self::NothingLeft => "empty",
            Self::TooShort => "min_characters",
            Self::TooLong => "max_characters",
            Self::Conflict => "conflicts",
            Self::Duplicate { .. } | Self::NearDuplicate { .. } => "duplicates",
            Self::Leak | Self::NearLeak => "leaks",
            Self::LeftOut => "balance",
        }
    }

    /// The example's row, dropped for this reason.
    pub(in crate::data) fn of(self, example: &Example) -> SetAside {
        SetAside {
            row: example.row,
            line: example.line,
            reason: Reason::Cleaned(self),
        }
    }
}

impl fmt::Display for Removal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ByHand => f.write_str("dropped by hand"),
            Self::NothingLeft => f.write_str("no text left after cleaning"),
            Self::TooShort => f.write_str("text too short"),
            Self::TooLong => f.write_str("text too long"),
            Self::Conflict => f.write_str("same text with another label"),
            Self::Duplicate { of } => write!(f, "same as row {of}"),
            Self::NearDuplicate { of } => write!(f, "nearly the same as row {of}"),
            Self::Leak => f.write_str("text stands in validation or test"),
            Self::NearLeak => f.write_str("text stands in validation or test, nearly the same"),
            Self::LeftOut => f.write_str("left out to balance the labels"),
        }
    }
}
