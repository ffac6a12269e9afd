//! What every file format comes down to: named columns and a stream of records.

use std::borrow::Cow;

use serde_json::Value;

use super::layout::Layout;
use super::set_aside::Reason;
use super::survey::ReadingCount;
use crate::error::Result;

/// One cell of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Field {
    /// The record does not have this column, or has null there.
    Missing,
    /// A string, or a number or truth value written out.
    Value(String),
    /// A list or an object.
    Nested(Value),
}

impl Field {
    /// The value as written, `None` when it is missing or nested.
    pub fn value(&self) -> Option<&str> {
        match self {
            Self::Value(value) => Some(value),
            Self::Missing | Self::Nested(_) => None,
        }
    }

    /// What to show of it: the value, nothing when it is missing, a list or object as JSON.
    pub fn shown(&self) -> Cow<'_, str> {
        match self {
            Self::Missing => Cow::Borrowed(""),
            Self::Value(value) => Cow::Borrowed(value),
            Self::Nested(value) => Cow::Owned(value.to_string()),
        }
    }
}

/// A JSON value as a field.
impl From<Value> for Field {
    fn from(value: Value) -> Self {
        match value {
            Value::Null => Self::Missing,
            Value::String(text) => Self::Value(text),
            Value::Bool(_) | Value::Number(_) => Self::Value(value.to_string()),
            Value::Array(_) | Value::Object(_) => Self::Nested(value),
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
    /// Of a faulty record what could be made out, or its raw text in the first.
    pub fields: Vec<Field>,
    /// Why the record could not be read as what it should be.
    pub fault: Option<Reason>,
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

    /// How many bytes of the file the records handed out since [`records`](Self::records) was
    /// called last were made of, roughly.
    fn passed(&self) -> u64;

    /// How the file could be read, with what each way would lose; empty where there is one way.
    fn readings(&self) -> &[ReadingCount] {
        &[]
    }

    /// The name of the file that a record is, by its number, where each is a file of its own.
    fn file_of(&self, _row: usize) -> Option<&str> {
        None
    }
}
