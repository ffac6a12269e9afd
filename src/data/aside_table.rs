//! The rows that are set aside, written as one table.

use std::collections::{BTreeMap, HashMap};
use std::io::Write;

use super::record::{Field, Record};
use super::rows::Rows;
use super::set_aside::Reason;
use crate::error::{Error, Result};

/// Rows of a file that could be read and were dropped for another reason, by cleaning, by their
/// numbers.
pub type Dropped<'a> = BTreeMap<usize, &'a Reason>;

/// Writes the rows of files that are set aside as one CSV table, those dropped among them: number,
/// line and reason of each, then what stands in its columns. Of several files the name comes
/// first, and columns of the same name are one.
///
/// # Errors
/// A file cannot be read, or `out` not be written.
pub fn write_set_aside(files: &[(Rows, Dropped<'_>)], out: impl Write) -> Result<()> {
    let fault = |cause: csv::Error| {
        Error::new("cannot write the rows that were set aside")
            .remedy("Check that there is room on the disk.")
            .because(cause)
    };
    let (names, places) = columns(files.iter().map(|(rows, _)| rows.columns()));
    let several = files.len() > 1;
    let mut writer = csv::WriterBuilder::new().flexible(true).from_writer(out);
    let head = ["file", "row", "line", "reason"].into_iter();
    let head = head
        .skip(usize::from(!several))
        .chain(names.iter().copied());
    writer.write_record(head).map_err(fault)?;
    for ((rows, dropped), places) in files.iter().zip(&places) {
        let file = several.then(|| rows.source().name());
        for row in rows.set_aside(dropped)? {
            let (record, reason) = row?;
            let [row, line] = [record.row, record.line].map(|number| number.to_string());
            let about = file.iter().cloned().chain([row, line, reason.to_string()]);
            let cells = cells(&record, places, names.len());
            writer.write_record(about.chain(cells)).map_err(fault)?;
        }
    }
    writer.flush().map_err(|cause| fault(cause.into()))
}

/// The columns of all files together, and for each file at which of them its own stand.
fn columns<'a>(files: impl Iterator<Item = &'a [String]>) -> (Vec<&'a str>, Vec<Vec<usize>>) {
    let mut names: Vec<&str> = Vec::new();
    // By name, and how many columns of a file have had it before.
    let mut places: HashMap<(&str, usize), usize> = HashMap::new();
    let mut all = Vec::new();
    for file in files {
        let mut before: HashMap<&str, usize> = HashMap::new();
        let own = file.iter().map(|name| {
            let before = before.entry(name).or_default();
            let place = *places.entry((name, *before)).or_insert_with(|| {
                names.push(name);
                names.len() - 1
            });
            *before += 1;
            place
        });
        all.push(own.collect());
    }
    (names, all)
}

/// The cells of a record at their places, those beyond the last column behind all.
fn cells(record: &Record, places: &[usize], width: usize) -> Vec<String> {
    let mut cells = Vec::new();
    for (column, field) in record.fields.iter().map(Field::shown).enumerate() {
        let beyond = || width + column - places.len();
        let place = places.get(column).copied().unwrap_or_else(beyond);
        if cells.len() <= place {
            cells.resize(place + 1, String::new());
        }
        cells[place] = field.into_owned();
    }
    cells
}
