//! A file as it was understood, before anybody decided what to use of it.

use super::columns::Roles;
use super::example::Kind;
use super::layout::Layout;
use super::open::open_naming;
use super::record::Record;
use super::rows::{self, Request, Understood};
use super::source::Source;
use super::survey::ReadingCount;
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
    /// The columns that were named, or that look like what they are used for.
    pub roles: Roles,
    /// What the rows ask for, as asked for or as it looks.
    pub kind: Kind,
    /// The number of records in the file, the header not counted.
    pub rows: usize,
    /// The ways of reading a delimited file that make sense, the chosen one first.
    pub readings: Vec<ReadingCount>,
    /// The first records, at most 100.
    pub preview: Vec<Record>,
}

/// Finds out how a file is written and what its columns are, counting its records.
///
/// Unlike [`read`](super::read) it does not fail for want of a text or label column. Fails when
/// the file cannot be read or understood, or when a column the person named is not there.
pub fn inspect(source: impl Into<Source>, request: impl Into<Request>) -> Result<Table> {
    let source = source.into();
    let request = request.into();
    let reader = open_naming(&source, &request.reading, &request.columns)?;
    let mut records = reader.records()?;
    let mut sample = rows::sample(&mut records)?;
    let understood = Understood::of(&source, reader.as_ref(), &request, &sample)?;
    let mut count = sample.len();
    for record in records {
        record?;
        count += 1;
    }
    sample.truncate(PREVIEW_ROWS);
    let names = reader.columns();
    Ok(Table {
        roles: understood.extractor.found.roles(names),
        layout: understood.layout,
        kind: understood.extractor.kind,
        columns: names.to_vec(),
        rows: count,
        readings: reader.readings().to_vec(),
        preview: sample,
        source,
    })
}
