//! Which of the files of a data set a row is from.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What the rows of a file are for. The rows of a single file are all [`Part::Train`] until it is
/// split.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize,
)]
#[serde(rename_all = "lowercase")]
pub enum Part {
    /// The model learns from them.
    #[default]
    Train,
    /// It is measured on them while it learns.
    Validation,
    /// It is measured on them once, at the end.
    Test,
}

impl Part {
    /// Every part, in their order.
    pub const ALL: [Self; 3] = [Self::Train, Self::Validation, Self::Test];

    /// Its name in a sentence.
    pub fn name(self) -> &'static str {
        match self {
            Self::Train => "training",
            Self::Validation => "validation",
            Self::Test => "test",
        }
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Train => "train",
            Self::Validation => "validation",
            Self::Test => "test",
        })
    }
}
