//! Plain text: a text on each line.

use super::layout::Layout;
use super::lines::{Line, Lines};
use super::record::{Field, Reader, Record, Records};
use super::set_aside::Reason;
use super::text::Text;
use crate::error::Result;

/// A file of one text per line.
#[derive(Debug)]
pub(super) struct PlainLines {
    text: Text,
    layout: Layout,
    columns: Vec<String>,
}

impl PlainLines {
    pub fn open(text: Text, layout: Layout) -> Self {
        Self {
            text,
            layout,
            columns: vec!["text".to_owned()],
        }
    }
}

impl Reader for PlainLines {
    fn layout(&self) -> &Layout {
        &self.layout
    }

    fn columns(&self) -> &[String] {
        &self.columns
    }

    fn records(&self) -> Result<Records<'_>> {
        filled_lines(&self.text, |line| vec![Field::Value(line.text)])
    }

    fn passed(&self) -> u64 {
        self.text.passed()
    }
}

/// The lines that are not blank, as records of what `fields` makes of them.
pub(super) fn filled_lines<'a>(
    text: &'a Text,
    fields: impl Fn(Line) -> Vec<Field> + 'a,
) -> Result<Records<'a>> {
    let lines = Lines::new(text.open()?);
    let filled = lines.filter(|line| line.as_ref().map_or(true, |line| !line.is_blank()));
    Ok(Box::new(filled.enumerate().map(move |(index, line)| {
        let line = line.map_err(|cause| text.source.fault(cause))?;
        Ok(Record {
            row: index + 1,
            line: line.number,
            fault: line.too_long.then(too_long),
            fields: fields(line),
        })
    })))
}

/// Why a line beyond all measure is not used.
pub(super) fn too_long() -> Reason {
    Reason::Malformed("the line is longer than 64 MiB".to_owned())
}
