//! How a file was understood: what a person can correct by hand.

use super::{Progress, sources};
use crate::data::{self, Kind, Layout, ReadingCount, Request, Roles, Rows};
use crate::error::Result;
use crate::run::DataSettings;
use crate::train::splits;

/// How a file was understood.
#[derive(Clone, Debug, PartialEq)]
pub struct FileView {
    /// How it is written.
    pub layout: Layout,
    /// What its rows are read for.
    pub kind: Kind,
    /// What they look like, whatever they are read for.
    pub detected: Kind,
    /// The names of all columns.
    pub columns: Vec<String>,
    /// The columns in use.
    pub roles: Roles,
    /// The names of the numbers of a row; none where rows have something else.
    pub targets: Vec<String>,
    /// The number of rows, used or not.
    pub rows: usize,
    /// The ways of reading it that make sense, the chosen one first.
    pub readings: Vec<ReadingCount>,
}

impl FileView {
    /// An opened file of so many rows that look like `detected`.
    pub(super) fn of(rows: &Rows, detected: Kind, count: usize) -> Self {
        Self {
            layout: rows.layout().clone(),
            kind: rows.kind(),
            detected,
            columns: rows.columns().to_vec(),
            roles: rows.roles().clone(),
            targets: rows.targets().to_vec(),
            rows: count,
            readings: rows.readings().to_vec(),
        }
    }
}

/// How the first file of `settings` is understood, where its rows cannot be read: without columns
/// that would be needed.
///
/// # Errors
/// It cannot be read or understood at all.
pub fn inspect(
    settings: &DataSettings,
    kind: Option<Kind>,
    progress: Progress<'_>,
) -> Result<FileView> {
    progress(0, 0)?;
    let mut sources = sources(settings)?.into_iter();
    let (_, source) = sources.next().ok_or_else(splits::nothing_named)?;
    let request = Request {
        columns: data::Columns::default(),
        ..settings.request(kind)
    };
    let table = data::inspect(source, &request)?;
    Ok(FileView {
        layout: table.layout,
        kind: table.kind,
        detected: table.kind,
        columns: table.columns,
        roles: table.roles,
        targets: Vec::new(),
        rows: table.rows,
        readings: table.readings,
    })
}
