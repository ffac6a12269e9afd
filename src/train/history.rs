//! The run's history: every event, one JSON object a line, appended as it happens.

use std::fs::File;
use std::io::{BufRead as _, BufReader, BufWriter, Write as _};
use std::path::{Path, PathBuf};

use super::event::Event;
use crate::error::{Error, Result};

/// An open history. Lines reach the disk's cache at once and the disk itself at every evaluation.
pub struct History {
    file: BufWriter<File>,
    path: PathBuf,
}

impl History {
    /// Opens the history at `path` for appending.
    pub fn open(path: &Path) -> Result<Self> {
        let file = File::options().create(true).append(true).open(path);
        let file = file.map_err(|cause| Error::file("write the history to", path, cause))?;
        Ok(Self {
            file: BufWriter::new(file),
            path: path.to_path_buf(),
        })
    }

    /// Appends an event.
    pub fn append(&mut self, event: &Event) -> Result<()> {
        let fault = |cause| Error::file("write the history to", &self.path, cause);
        serde_json::to_writer(&mut self.file, event).map_err(|cause| fault(cause.into()))?;
        self.file
            .write_all(b"\n")
            .and_then(|()| self.file.flush())
            .map_err(fault)?;
        if !matches!(event, Event::Step(_)) {
            self.file.get_ref().sync_data().map_err(fault)?;
        }
        Ok(())
    }
}

/// Reads a history. A last line that was cut short by a crash is left out.
pub fn read(path: &Path) -> Result<Vec<Event>> {
    let file = File::open(path).map_err(|cause| Error::file("read the history", path, cause))?;
    let lines = BufReader::new(file)
        .split(b'\n')
        .collect::<std::io::Result<Vec<_>>>();
    let lines = lines.map_err(|cause| Error::file("read the history", path, cause))?;
    let count = lines.len();
    let mut events = Vec::with_capacity(count);
    for (number, line) in (1..).zip(lines) {
        match serde_json::from_slice(&line) {
            Ok(event) => events.push(event),
            Err(_) if number == count => break,
            Err(cause) => {
                return Err(Error::new(format!(
                    "{} line {number} cannot be understood",
                    path.display()
                ))
                .remedy("The history was changed or damaged; the run's model is not affected.")
                .because(cause));
            }
        }
    }
    Ok(events)
}
