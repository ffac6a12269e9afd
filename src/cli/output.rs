//! Writing to the terminal: results on standard output, everything else on standard error.

use std::io::{self, ErrorKind, Write};

use console::{Term, measure_text_width as width};
use serde::Serialize;

use crate::error::{Error, Result};

/// Standard output. A reader that has closed its end (`| head`) is no fault: what would have
/// been written after that is dropped, and [`Out::is_closed`] tells loops that nobody listens.
pub struct Out {
    stream: Box<dyn Write>,
    closed: bool,
}

impl Out {
    /// The process's standard output.
    pub fn standard() -> Self {
        Self::to(Box::new(io::stdout()))
    }

    fn to(stream: Box<dyn Write>) -> Self {
        Self {
            stream,
            closed: false,
        }
    }

    /// Writes one line.
    pub fn line(&mut self, text: impl AsRef<str>) -> Result<()> {
        let mut bytes = text.as_ref().as_bytes().to_vec();
        bytes.push(b'\n');
        self.write(&bytes)
    }

    /// Writes one JSON object on a line of its own.
    pub fn json(&mut self, value: &impl Serialize) -> Result<()> {
        let mut bytes = serde_json::to_vec(value)
            .map_err(|cause| Error::new("a result cannot be written as JSON").because(cause))?;
        bytes.push(b'\n');
        self.write(&bytes)
    }

    /// Whether the reader has gone.
    pub fn is_closed(&self) -> bool {
        self.closed
    }

    fn write(&mut self, bytes: &[u8]) -> Result<()> {
        if self.closed {
            return Ok(());
        }
        // One write and a flush per line, so that a reader sees each line whole and at once.
        match self
            .stream
            .write_all(bytes)
            .and_then(|()| self.stream.flush())
        {
            Err(cause) if cause.kind() == ErrorKind::BrokenPipe => self.closed = true,
            Err(cause) => {
                return Err(Error::new("cannot write to standard output")
                    .remedy("Check the file or program that the output goes to.")
                    .because(cause));
            }
            Ok(()) => {}
        }
        Ok(())
    }
}

/// Tells the person something that is not a result, on standard error.
pub fn note(text: impl AsRef<str>) {
    // Where even standard error is gone, nobody can be told.
    writeln!(io::stderr(), "{}", text.as_ref()).ok();
}

/// Width of the terminal that standard output is, if it is one.
pub fn stdout_columns() -> Option<usize> {
    let (_, columns) = Term::stdout().size_checked()?;
    Some(columns.into())
}

/// Lines up the cells of `rows` in columns two spaces apart; `right` names the columns of numbers.
pub fn table(rows: &[Vec<String>], right: &[usize]) -> Vec<String> {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns)
        .map(|column| {
            let cells = rows.iter().filter_map(|row| row.get(column));
            cells.map(|cell| width(cell)).max().unwrap_or(0)
        })
        .collect();
    let line = |row: &Vec<String>| {
        let cells = row.iter().zip(&widths).enumerate();
        let padded = cells.map(|(column, (cell, &wide))| {
            let space = " ".repeat(wide - width(cell));
            if right.contains(&column) {
                space + cell
            } else {
                cell.clone() + &space
            }
        });
        padded.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    rows.iter().map(line).collect()
}
