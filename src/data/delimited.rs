//! CSV, TSV and their relatives: records on lines, fields between delimiters.

use std::collections::{HashMap, HashSet};

use super::delimiter::Delimiter;
use super::header::header_place;
use super::layout::{Format, Layout, SAMPLE_BYTES, SAMPLE_ROWS};
use super::reading::Reading;
use super::record::{Field, Reader, Record, Records};
use super::records::{self, Dialect, Fields, Place};
use super::set_aside::Reason;
use super::survey::{self, ReadingCount};
use super::text::Text;
use crate::error::{Error, Result};

/// How much of a file is read in every way that makes sense, in bytes.
const COMPARED: usize = 16 << 20;

/// A delimited file whose layout is known.
#[derive(Debug)]
pub(super) struct Delimited {
    text: Text,
    layout: Layout,
    dialect: Dialect,
    /// Whether the first line names the delimiter, for Excel.
    names_delimiter: bool,
    columns: Vec<String>,
    /// Which record names the columns.
    header: Option<usize>,
    readings: Vec<ReadingCount>,
}

impl Delimited {
    /// Finds out the delimiter, the quoting and the columns of a text, unless they are given.
    pub fn open(text: Text, layout: Layout, given: &Reading) -> Result<Self> {
        let mut head = text.head(COMPARED)?;
        let named = separator_line(&head.bytes);
        if let Some((_, length)) = named {
            head.bytes.drain(..length);
        }
        let given = Reading {
            delimiter: given.delimiter.or(named.map(|(delimiter, _)| delimiter)),
            ..given.clone()
        };
        let extension = text.source.extension();
        let choice = survey::choose(&head, extension.as_deref(), &given);
        drop(head);
        let mut reader = Self {
            layout: Layout {
                format: match choice.dialect.delimiter {
                    Delimiter::TAB => Format::Tsv,
                    _ => Format::Csv,
                },
                delimiter: Some(choice.dialect.delimiter),
                quoting: Some(choice.dialect.quoting),
                ..layout
            },
            dialect: choice.dialect,
            names_delimiter: named.is_some(),
            columns: Vec::new(),
            header: None,
            readings: choice.readings,
            text,
        };
        let sample = reader.sample()?;
        reader.header = header_place(&sample, given.header);
        if reader.header.is_some_and(|place| place + 1 == sample.len()) {
            return Err(Error::new(format!(
                "{} has only a header; rows with a text and a label are expected below it",
                reader.text.source
            ))
            .remedy("Add the rows, or choose another file."));
        }
        reader.layout.header = Some(reader.header.is_some());
        reader.columns = match reader.header.and_then(|place| sample.get(place)) {
            Some(names) => name_all(names),
            None => name_all(&vec![String::new(); choice.width]),
        };
        Ok(reader)
    }

    /// The first records as they are, the header among them.
    fn sample(&self) -> Result<Vec<Vec<String>>> {
        let mut records = self.parse()?;
        let mut fields = Fields::default();
        let mut sample: Vec<Vec<String>> = Vec::new();
        let mut bytes = 0;
        while sample.len() < SAMPLE_ROWS
            && bytes < SAMPLE_BYTES
            && self.next(&mut records, &mut fields)?.is_some()
        {
            bytes += fields.iter().map(<[u8]>::len).sum::<usize>();
            sample.push(fields.strings());
        }
        Ok(sample)
    }

    fn parse(&self) -> Result<records::Records<'static>> {
        let width = (!self.columns.is_empty()).then_some(self.columns.len());
        let mut records = records::Records::new(self.text.open()?, self.dialect, width);
        if self.names_delimiter {
            self.next(&mut records, &mut Fields::default())?;
        }
        Ok(records)
    }

    fn next(&self, records: &mut records::Records, fields: &mut Fields) -> Result<Option<Place>> {
        records
            .read(fields)
            .map_err(|cause| self.text.source.fault(cause))
    }
}

impl Reader for Delimited {
    fn layout(&self) -> &Layout {
        &self.layout
    }

    fn columns(&self) -> &[String] {
        &self.columns
    }

    fn records(&self) -> Result<Records<'_>> {
        let mut records = self.parse()?;
        let mut fields = Fields::default();
        let mut row = 0;
        let mut before_header = self.header;
        Ok(Box::new(std::iter::from_fn(move || {
            if before_header == Some(row) {
                before_header = None;
                if let Err(fault) = self.next(&mut records, &mut fields) {
                    return Some(Err(fault));
                }
            }
            let place = match self.next(&mut records, &mut fields) {
                Ok(place) => place?,
                Err(fault) => return Some(Err(fault)),
            };
            row += 1;
            Some(Ok(Record {
                row,
                line: place.line,
                fields: fields.iter().map(field).collect(),
                fault: place
                    .fault
                    .map(|fault| Reason::Malformed(fault.cause().to_owned())),
            }))
        })))
    }

    fn passed(&self) -> u64 {
        self.text.passed()
    }

    fn readings(&self) -> &[ReadingCount] {
        &self.readings
    }
}

/// The delimiter that a first line such as `sep=;` names, and the length of that line.
fn separator_line(text: &[u8]) -> Option<(Delimiter, usize)> {
    let line = text.split(|&byte| byte == b'\n').next()?;
    let named = line.trim_ascii_end().trim_ascii_start();
    let delimiter = match named.strip_prefix(b"sep=")? {
        // A tab is trimmed away.
        [] if line.contains(&b'\t') => '\t',
        [byte] => char::from(*byte),
        _ => return None,
    };
    Some((Delimiter::new(delimiter)?, (line.len() + 1).min(text.len())))
}

fn field(bytes: &[u8]) -> Field {
    // Replacing what is no character looks at every byte by itself, and hardly any cell needs it.
    Field::Value(match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => String::from_utf8_lossy(bytes).into_owned(),
    })
}

/// The names of the columns, with `column 1` and so on where there is none, and `text (2)` where
/// `text` is a column before.
pub(super) fn name_all(names: &[String]) -> Vec<String> {
    let mut taken = HashSet::with_capacity(names.len());
    // Where the search for a free number goes on: a file may have very many columns of one name.
    let mut next: HashMap<&str, usize> = HashMap::new();
    let all = names.iter().enumerate().map(|(index, name)| {
        let name = name.trim();
        let plain = match name {
            "" => format!("column {}", index + 1),
            name => name.to_owned(),
        };
        if taken.insert(plain.clone()) {
            return plain;
        }
        let number = next.entry(name).or_insert(2);
        loop {
            let numbered = format!("{plain} ({number})");
            *number += 1;
            if taken.insert(numbered.clone()) {
                return numbered;
            }
        }
    });
    all.collect()
}
