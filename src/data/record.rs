//! What every file format comes down to: named columns and a stream of records.

use super::delimited::Delimited;
use super::encoding;
use super::jsonl::JsonLines;
use super::layout::{Format, Layout, guess_format};
use super::source::Source;
use crate::error::Result;

/// One cell of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Field {
    /// The record does not have this column, or has null there.
    Missing,
    /// A string, or a number or truth value written out.
    Value(String),
    /// A list or an object, as compact JSON. It is neither a text nor a label.
    Nested(String),
}

impl Field {
    /// The value as written, `None` when it is missing or nested.
    pub fn value(&self) -> Option<&str> {
        match self {
            Self::Value(value) => Some(value),
            Self::Missing | Self::Nested(_) => None,
        }
    }
}

/// One record of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// The record's number in its file, from 1; the header and blank lines are not counted.
    pub row: usize,
    /// The line of the file on which the record starts, from 1.
    pub line: usize,
    /// The cells in the order of [`Reader::columns`]; a short record has fewer, a long one more.
    pub fields: Vec<Field>,
}

/// The records of a file, read one by one; an error ends them.
pub type Records<'a> = Box<dyn Iterator<Item = Result<Record>> + 'a>;

/// A file format. Each implementation understands the whole file's layout when it is opened, and
/// then hands out its records as often as they are asked for, without holding them.
pub trait Reader {
    /// How the file is written.
    fn layout(&self) -> &Layout;

    /// The columns' names in order; `column 1` and so on where the file gives none.
    fn columns(&self) -> &[String];

    /// The records from the start. Fails when the file can no longer be opened.
    fn records(&self) -> Result<Records<'_>>;
}

/// Opens a file with the reader for its format, which is told by content, then by extension.
///
/// Fails when the file is missing, a folder, empty, not UTF-8, or malformed as a whole.
pub fn open(source: &Source) -> Result<Box<dyn Reader>> {
    let encoding = encoding::check(source)?;
    match guess_format(source)? {
        Format::Jsonl => Ok(Box::new(JsonLines::open(source, encoding)?)),
        Format::Csv | Format::Tsv => Ok(Box::new(Delimited::open(source, encoding)?)),
    }
}
