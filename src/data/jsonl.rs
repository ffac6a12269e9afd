//! JSON lines: one object per line, or one list.

use super::json_rows::{Keys, Row};
use super::layout::Layout;
use super::lines::Lines;
use super::record::{Reader, Records};
use super::text::Text;
use crate::error::Result;

/// A JSON lines file whose columns are known.
#[derive(Debug)]
pub(super) struct JsonLines {
    text: Text,
    layout: Layout,
    keys: Keys,
}

impl JsonLines {
    /// Finds the columns by the first lines.
    pub fn open(text: Text, layout: Layout) -> Result<Self> {
        let mut fault = None;
        let rows = rows(&text)?.map_while(|row| row.map_err(|cause| fault = Some(cause)).ok());
        let keys = Keys::of(rows);
        match fault {
            Some(fault) => Err(fault),
            None => Ok(Self { text, layout, keys }),
        }
    }
}

impl Reader for JsonLines {
    fn layout(&self) -> &Layout {
        &self.layout
    }

    fn columns(&self) -> &[String] {
        &self.keys.names
    }

    fn records(&self) -> Result<Records<'_>> {
        let rows = rows(&self.text)?.enumerate();
        Ok(Box::new(rows.map(|(index, row)| {
            row.map(|row| self.keys.record(index + 1, row))
        })))
    }

    fn passed(&self) -> u64 {
        self.text.passed()
    }
}

/// The lines that are not blank, parsed.
fn rows(text: &Text) -> Result<impl Iterator<Item = Result<Row>>> {
    let lines = Lines::new(text.open()?);
    let filled = lines.filter(|line| line.as_ref().map_or(true, |line| !line.is_blank()));
    Ok(filled.map(|line| {
        let line = line.map_err(|cause| text.source.fault(cause))?;
        let fault = line.too_long.then_some("the line is longer than 64 MiB");
        Ok(Row::parse(line.number, line.text.as_bytes(), fault))
    }))
}
