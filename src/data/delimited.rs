//! CSV, TSV and their relatives: records on lines, fields between delimiters.

use std::collections::BTreeMap;
use std::io::BufRead;

use super::encoding::Encoding;
use super::layout::{Delimiter, Format, Layout, SAMPLE_ROWS, guess_delimiter, has_header, head};
use super::lines::LineFinder;
use super::quoting;
use super::record::{Field, Reader, Record, Records};
use super::source::Source;
use crate::error::{Error, Result};

/// A delimited file whose layout is known.
#[derive(Debug)]
pub(super) struct Delimited {
    source: Source,
    layout: Layout,
    columns: Vec<String>,
}

impl Delimited {
    /// Finds out the layout of a file that is known to be UTF-8 text.
    pub fn open(source: &Source, encoding: Encoding) -> Result<Self> {
        let delimiter = guess_delimiter(&head(source)?, source.extension().as_deref());
        let mut reader = Self {
            source: source.clone(),
            layout: Layout {
                format: match delimiter {
                    Delimiter::Tab => Format::Tsv,
                    _ => Format::Csv,
                },
                delimiter: Some(delimiter),
                header: false,
                quoting: is_quoted(source, delimiter)?,
                byte_order_mark: encoding.byte_order_mark,
            },
            columns: Vec::new(),
        };
        let sample = reader.sample()?;
        reader.layout.header = has_header(&sample);
        if reader.layout.header && sample.len() == 1 {
            return Err(Error::new(format!(
                "{source} has only a header; rows with a text and a label are expected below it"
            ))
            .remedy("Add the rows, or choose another file."));
        }
        reader.columns = match sample.first() {
            Some(names) if reader.layout.header => name_all(names),
            _ => {
                let width = chosen_width(&reader.widths()?, delimiter);
                name_all(&vec![String::new(); width])
            }
        };
        Ok(reader)
    }

    /// The first records as they are, the header among them.
    fn sample(&self) -> Result<Vec<Vec<String>>> {
        let mut reader = self.parser()?;
        let mut sample = Vec::new();
        for record in reader.records().take(SAMPLE_ROWS) {
            let record = record.map_err(|cause| malformed(&self.source, cause))?;
            sample.push(record.iter().map(str::to_owned).collect());
        }
        Ok(sample)
    }

    /// How often each number of fields occurs, over the whole file: parts of a file that was put
    /// together from several may differ.
    fn widths(&self) -> Result<BTreeMap<usize, usize>> {
        let mut parser = self.parser()?;
        let mut record = csv::ByteRecord::new();
        let mut widths = BTreeMap::new();
        while parser
            .read_byte_record(&mut record)
            .map_err(|cause| malformed(&self.source, cause))?
        {
            *widths.entry(record.len()).or_default() += 1;
        }
        Ok(widths)
    }

    fn parser(&self) -> Result<csv::Reader<Box<dyn BufRead>>> {
        let delimiter = self.layout.delimiter.unwrap_or(Delimiter::Comma);
        Ok(csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(delimiter.byte())
            .quoting(self.layout.quoting)
            .from_reader(self.source.text()?))
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
        let records = self.parser()?.into_records();
        let header = usize::from(self.layout.header);
        let numbered = records.skip(header).enumerate();
        let mut lines = LineFinder::new(self.source.text()?);
        Ok(Box::new(numbered.map(move |(index, record)| {
            let record = record.map_err(|cause| malformed(&self.source, cause))?;
            let offset = record.position().map_or(0, csv::Position::byte);
            Ok(Record {
                row: index + 1,
                line: lines
                    .line_at(offset)
                    .map_err(|cause| self.source.fault(cause))?,
                fields: record
                    .iter()
                    .map(|cell| Field::Value(cell.to_owned()))
                    .collect(),
            })
        })))
    }
}

/// Whether quotation marks enclose fields.
///
/// In a tab-separated file one stray mark shows that they do not: such files are usually written
/// without quoting, and reading them with it joins rows together. Elsewhere quoting is the rule,
/// and a mark that would swallow rows is a fault of the file.
fn is_quoted(source: &Source, delimiter: Delimiter) -> Result<bool> {
    let quotes = quoting::scan(source, delimiter.byte())?;
    if delimiter == Delimiter::Tab {
        return Ok(!quotes.stray);
    }
    match quotes.swallowing_line {
        None => Ok(true),
        Some(line) => Err(Error::new(format!(
            "{source} is malformed CSV at line {line}: a field opens with a quotation mark that \
             is not closed before its delimiter"
        ))
        .remedy(
            "Close it, and write every quotation mark inside a quoted field twice; or save the \
             file again from a spreadsheet.",
        )),
    }
}

fn malformed(source: &Source, cause: csv::Error) -> Error {
    match cause.into_kind() {
        csv::ErrorKind::Io(cause) => source.fault(cause),
        // Widths may differ and the encoding was checked, so nothing else is left.
        _ => Error::new(format!("{source} changed while it was read"))
            .remedy("Close the program that writes it, and choose the file again."),
    }
}

/// The number of columns of a file without a header, from how often each width occurs.
///
/// Between tabs a width that one record in a hundred has is meant; elsewhere a wider record is
/// more likely a text with an unquoted delimiter, and only the most frequent width counts.
fn chosen_width(widths: &BTreeMap<usize, usize>, delimiter: Delimiter) -> usize {
    let records: usize = widths.values().sum();
    let widest = widths
        .iter()
        .rev()
        .find(|&(_, &count)| count * 100 >= records);
    let usual = widths.iter().max_by_key(|&(_, &count)| count);
    let chosen = if delimiter == Delimiter::Tab {
        widest
    } else {
        usual
    };
    chosen.map_or(0, |(&width, _)| width)
}

/// The names of the columns, with `column 1` and so on where there is none.
fn name_all(names: &[String]) -> Vec<String> {
    names
        .iter()
        .enumerate()
        .map(|(index, name)| match name.trim() {
            "" => format!("column {}", index + 1),
            name => name.to_owned(),
        })
        .collect()
}
