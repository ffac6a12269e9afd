//! The texts to label: arguments, lines of a file, lines of standard input as they come.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;
use std::thread;

use crossbeam_channel::{Receiver, Sender, bounded};

use crate::error::{Error, Result};

/// A text and its number among the arguments or lines, from 1.
#[derive(Debug, PartialEq, Eq)]
pub struct Numbered {
    /// The number.
    pub row: usize,
    /// The text.
    pub text: String,
}

/// Lines waiting between the reader and the model.
const WAITING: usize = 256;

/// Texts read on a thread of their own, so that a slow writer on the other side of a pipe gets
/// each answer at once and a fast one is answered in batches.
pub struct Texts {
    lines: Receiver<Result<Numbered>>,
}

impl Texts {
    /// The lines of a file.
    pub fn of_file(path: &Path) -> Result<Self> {
        if path.is_dir() {
            return Err(Error::new(format!("{} is a folder", path.display()))
                .remedy("Name a text file with one text per line."));
        }
        let file = File::open(path).map_err(|cause| Error::file("read", path, cause))?;
        Self::of(file, path.display().to_string())
    }

    /// The lines of standard input.
    pub fn of_standard_input() -> Result<Self> {
        Self::of(io::stdin(), "standard input".to_owned())
    }

    fn of(source: impl Read + Send + 'static, name: String) -> Result<Self> {
        let (sender, lines) = bounded(WAITING);
        thread::Builder::new()
            .name("text-lines".to_owned())
            .spawn(move || read_lines(source, &name, &sender))
            .map_err(|cause| {
                Error::new("the reading thread could not be started").because(cause)
            })?;
        Ok(Self { lines })
    }

    /// The next texts: waits for one, then takes what else has arrived, up to `most`. Empty at
    /// the end.
    pub fn next_batch(&self, most: usize) -> Result<Vec<Numbered>> {
        let Ok(first) = self.lines.recv() else {
            return Ok(Vec::new());
        };
        let rest = self.lines.try_iter().take(most.saturating_sub(1));
        std::iter::once(first).chain(rest).collect()
    }
}

fn read_lines(source: impl Read, name: &str, lines: &Sender<Result<Numbered>>) {
    let mut source = BufReader::new(source);
    for row in 1.. {
        let mut bytes = Vec::new();
        let line = match source.read_until(b'\n', &mut bytes) {
            Ok(0) => return,
            Ok(_) => text_of(bytes, row, name),
            Err(cause) => Err(Error::new(format!("cannot read {name}, line {row}"))
                .remedy("Check that it is a text file and that the disk is in order.")
                .because(cause)),
        };
        let failed = line.is_err();
        // The asker is gone: nobody needs the rest.
        if lines.send(line).is_err() || failed {
            return;
        }
    }
}

fn text_of(bytes: Vec<u8>, row: usize, name: &str) -> Result<Numbered> {
    let text = String::from_utf8(bytes).map_err(|_| {
        Error::new(format!("line {row} of {name} is not UTF-8"))
            .remedy("Save it as UTF-8, one text per line.")
    })?;
    let text = text.trim_end_matches(['\n', '\r']);
    let text = if row == 1 {
        text.trim_start_matches('\u{feff}')
    } else {
        text
    };
    Ok(Numbered {
        row,
        text: text.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    fn all(bytes: &'static [u8]) -> Result<Vec<(usize, String)>> {
        let texts = Texts::of(Cursor::new(bytes), "x.txt".to_owned())?;
        let mut all = Vec::new();
        loop {
            let batch = texts.next_batch(2)?;
            if batch.is_empty() {
                return Ok(all);
            }
            all.extend(batch.into_iter().map(|line| (line.row, line.text)));
        }
    }

    #[test]
    fn lines_keep_their_numbers() {
        let lines = all("\u{feff}one\r\n\nthree".as_bytes()).unwrap();
        let lines: Vec<_> = lines
            .iter()
            .map(|(row, text)| (*row, text.as_str()))
            .collect();
        assert_eq!(lines, [(1, "one"), (2, ""), (3, "three")]);
        assert!(all(b"").unwrap().is_empty());
    }

    #[test]
    fn other_encodings_are_told_with_their_line() {
        let fault = all(b"fine\ncaf\xe9\n").unwrap_err();
        assert_eq!(fault.what(), "line 2 of x.txt is not UTF-8");
    }
}
