//! A file as it was understood, before anybody decided what to use of it.

use super::columns::{self, Columns};
use super::layout::{Layout, SAMPLE_ROWS};
use super::record::{Record, open};
use super::source::Source;
use crate::error::Result;

/// How many records a preview holds.
const PREVIEW_ROWS: usize = 100;

/// A file as it was understood.
#[derive(Debug, Clone)]
pub struct Table {
    /// Where it was read from.
    pub source: Source,
    /// How the file is written.
    pub layout: Layout,
    /// The columns' names in order.
    pub columns: Vec<String>,
    /// The column of the texts, as named or as found; `None` when none looks like it.
    pub text: Option<String>,
    /// The column of the labels, as named or as found; `None` when none looks like it.
    pub label: Option<String>,
    /// The number of records in the file, the header not counted.
    pub rows: usize,
    /// The first records, at most 100.
    pub preview: Vec<Record>,
}

/// Finds out how a file is written and what its columns are, counting its records.
///
/// Unlike [`read`](super::read) it does not fail for want of a text or label column. Fails when
/// the file cannot be read or understood, or when a column the person named is not there.
pub fn inspect(source: impl Into<Source>, columns: &Columns) -> Result<Table> {
    let source = source.into();
    let reader = open(&source)?;
    let names = reader.columns();
    let mut records = reader.records()?;
    let mut sample = records
        .by_ref()
        .take(SAMPLE_ROWS)
        .collect::<Result<Vec<_>>>()?;
    let found = columns::find(&source, names, columns, &sample)?;
    let mut rows = sample.len();
    for record in records {
        record?;
        rows += 1;
    }
    sample.truncate(PREVIEW_ROWS);
    let name = |column: Option<usize>| column.map(|column| names[column].clone());
    Ok(Table {
        layout: reader.layout().clone(),
        columns: names.to_vec(),
        text: name(found.text),
        label: name(found.label),
        rows,
        preview: sample,
        source,
    })
}
