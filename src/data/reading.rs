//! What a person corrected by hand about how a file is read.

use serde::{Deserialize, Serialize};

use super::delimiter::Delimiter;
use super::encoding::Encoding;
use super::layout::{Format, Quoting};

/// What a person corrected by hand about how a file is read; what is `None` is found out.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Reading {
    /// The file format.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub format: Option<Format>,
    /// The character encoding.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub encoding: Option<Encoding>,
    /// The character between fields; naming one also says that the file is delimited.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delimiter: Option<Delimiter>,
    /// Whether the first record names the columns.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub header: Option<bool>,
    /// What quotation marks mean.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quoting: Option<Quoting>,
    /// The sheet of a workbook.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sheet: Option<String>,
}

impl Reading {
    /// Whether nothing was corrected.
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }
}
