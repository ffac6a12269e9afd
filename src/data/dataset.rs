//! The rows of a file that can be used, and those that cannot.

use std::fmt;

use serde::Serialize;

use super::cleaning::Removal;
use super::columns::{self, Columns, Role, Roles};
use super::example::{Example, Target};
use super::layout::{Layout, SAMPLE_ROWS};
use super::record::{Field, Reader, Record, open};
use super::source::Source;
use crate::error::{Error, Result};

/// Why a row is not used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// The text is missing or nothing but white space.
    EmptyText,
    /// The label is missing or nothing but white space.
    EmptyLabel,
    /// The record ends before the text or the label.
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
    /// Cleaning dropped it.
    Cleaned(Removal),
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::EmptyText => f.write_str("empty text"),
            Self::EmptyLabel => f.write_str("empty label"),
            Self::TooFewColumns { found, expected } => {
                write!(f, "too few columns: {found} of {expected}")
            }
            Self::TooManyColumns { found, expected } => {
                write!(f, "too many columns: {found} instead of {expected}")
            }
            Self::Cleaned(removal) => removal.fmt(f),
        }
    }
}

/// A row that is not used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct SetAside {
    /// The record's number in its file, from 1; the header and blank lines are not counted.
    pub row: usize,
    /// The line of the file on which the record starts, from 1.
    pub line: usize,
    /// Why it is not used.
    pub reason: Reason,
}

/// A file that was read: every row is among the examples or among those set aside.
#[derive(Debug, Clone)]
pub struct Dataset {
    /// Where it was read from.
    pub source: Source,
    /// How the file is written.
    pub layout: Layout,
    /// The columns in use.
    pub columns: Roles,
    /// The names of the columns not in use.
    pub ignored: Vec<String>,
    /// The rows in use, in the order of the file.
    pub examples: Vec<Example>,
    /// The rows not in use, in the order of the file.
    pub set_aside: Vec<SetAside>,
}

impl Dataset {
    /// The number of rows in the file: those used and those set aside.
    pub fn rows(&self) -> usize {
        self.examples.len() + self.set_aside.len()
    }
}

/// Reads a labelled file whole; columns left `None` are found by name, then by content.
///
/// Fails when the file cannot be read or understood (missing, a folder, empty, not UTF-8, only a
/// header, malformed), when a column is not there, when a text or label is nested, and when no row
/// can be used. Rows that merely lack something are set aside.
pub fn read(source: impl Into<Source>, columns: &Columns) -> Result<Dataset> {
    let source = source.into();
    let reader = open(&source)?;
    let (text, label) = locate(&source, reader.as_ref(), columns)?;
    let names = reader.columns();
    let mut dataset = Dataset {
        layout: reader.layout().clone(),
        columns: Roles {
            text: names[text].clone(),
            label: names[label].clone(),
        },
        ignored: (0..names.len())
            .filter(|&column| column != text && column != label)
            .map(|column| names[column].clone())
            .collect(),
        examples: Vec::new(),
        set_aside: Vec::new(),
        source,
    };
    let place = Place {
        text,
        label,
        columns: names.len(),
    };
    for record in reader.records()? {
        let record = record?;
        let (row, line) = (record.row, record.line);
        match place.example(&dataset, record)? {
            Ok(example) => dataset.examples.push(example),
            Err(reason) => dataset.set_aside.push(SetAside { row, line, reason }),
        }
    }
    if dataset.examples.is_empty() {
        return Err(nothing_usable(&dataset));
    }
    Ok(dataset)
}

/// The positions of the text and the label.
fn locate(source: &Source, reader: &dyn Reader, columns: &Columns) -> Result<(usize, usize)> {
    let names = reader.columns();
    let sample = reader
        .records()?
        .take(SAMPLE_ROWS)
        .collect::<Result<Vec<_>>>()?;
    let found = columns::find(source, names, columns, &sample)?;
    let text = found
        .text
        .ok_or_else(|| columns::missing(source, names, Role::Text))?;
    let label = found
        .label
        .ok_or_else(|| columns::missing(source, names, Role::Label))?;
    if text == label {
        return Err(Error::new(format!(
            "{source}: \"{}\" is named as the text and as the label",
            names[text]
        ))
        .remedy("Choose two different columns."));
    }
    Ok((text, label))
}

/// Where in a record the example is.
struct Place {
    text: usize,
    label: usize,
    columns: usize,
}

impl Place {
    /// The example of a record, or why there is none; fails on a nested text or label.
    fn example(
        &self,
        dataset: &Dataset,
        mut record: Record,
    ) -> Result<std::result::Result<Example, Reason>> {
        if let Some(reason) = self.wrong_width(&record) {
            return Ok(Err(reason));
        }
        let text = match take(&mut record, self.text) {
            Field::Nested(_) => return Err(nested(dataset, &record, Role::Text)),
            Field::Value(text) if !text.trim().is_empty() => text,
            _ => return Ok(Err(Reason::EmptyText)),
        };
        let label = match take(&mut record, self.label) {
            Field::Nested(_) => return Err(nested(dataset, &record, Role::Label)),
            Field::Value(label) if !label.trim().is_empty() => label.trim().to_owned(),
            _ => return Ok(Err(Reason::EmptyLabel)),
        };
        Ok(Ok(Example {
            row: record.row,
            line: record.line,
            text,
            pair: None,
            target: Target::Label(label),
            group: None,
            part: None,
        }))
    }

    fn wrong_width(&self, record: &Record) -> Option<Reason> {
        let (found, expected) = (record.fields.len(), self.columns);
        if found <= self.text.max(self.label) {
            return Some(Reason::TooFewColumns { found, expected });
        }
        // Spreadsheets end rows with empty cells; those cut nothing.
        let surplus = record.fields.iter().skip(expected);
        let cut = surplus
            .filter_map(Field::value)
            .any(|value| !value.trim().is_empty());
        cut.then_some(Reason::TooManyColumns { found, expected })
    }
}

fn take(record: &mut Record, column: usize) -> Field {
    match record.fields.get_mut(column) {
        Some(field) => std::mem::replace(field, Field::Missing),
        None => Field::Missing,
    }
}

fn nested(dataset: &Dataset, record: &Record, role: Role) -> Error {
    let column = match role {
        Role::Text => &dataset.columns.text,
        Role::Label => &dataset.columns.label,
    };
    Error::new(format!(
        "{}, line {} (row {}): the {role} in \"{column}\" is a list or an object; a string, a \
         number or a truth value is expected",
        dataset.source, record.line, record.row
    ))
    .remedy(format!(
        "Choose another column with --{role}-column or on the Data page, or write one value per row."
    ))
}

fn nothing_usable(dataset: &Dataset) -> Error {
    let first = dataset.set_aside.first().map_or_else(String::new, |aside| {
        format!(" (the first, on line {}, has {})", aside.line, aside.reason)
    });
    Error::new(format!(
        "{} has no usable row: all {} lack a text in \"{}\" or a label in \"{}\"{first}",
        dataset.source,
        dataset.rows(),
        dataset.columns.text,
        dataset.columns.label
    ))
    .remedy("Choose the right columns with --text-column and --label-column, or on the Data page.")
}
