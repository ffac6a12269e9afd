//! The records of a delimited text, parsed by `csv_core` over a buffer of our own, so that a
//! record can be looked at again as it stands in the file.
//!
//! A quotation mark that is never closed would swallow the lines after it. Such a record is given
//! up: its first line is read by itself, and parsing goes on with the second.

use std::io::BufRead;
use std::ops::Range;

use csv_core::{ReadRecordResult, ReaderBuilder};

use super::delimiter::Delimiter;
use super::layout::Quoting;
use super::lines::LineCount;
use super::quoting::{self, ESCAPE};

/// The longest record, in bytes: beyond it a quotation mark was probably not closed.
const LONGEST: usize = 64 << 20;

/// The most fields of a record.
const MOST_FIELDS: usize = 1 << 16;

/// What fields are parted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Dialect {
    pub delimiter: Delimiter,
    pub quoting: Quoting,
}

impl Dialect {
    fn parser(self, quoting: Quoting) -> csv_core::Reader {
        ReaderBuilder::new()
            .delimiter(self.delimiter.byte())
            .quoting(quoting != Quoting::Off)
            .escape((quoting == Quoting::Escaped).then_some(ESCAPE))
            .build()
    }

    /// Whether a quotation mark that opens a field of this record is not closed right before the
    /// field's delimiter.
    pub fn is_stray(self, record: &[u8]) -> bool {
        let escape = (self.quoting == Quoting::Escaped).then_some(ESCAPE);
        quoting::is_stray(record, self.delimiter.byte(), escape)
    }
}

/// The fields of a record, one after the other in one buffer that is used again.
#[derive(Debug, Default)]
pub(super) struct Fields {
    text: Vec<u8>,
    ends: Vec<usize>,
    /// How many of `ends` are in use.
    count: usize,
}

impl Fields {
    pub fn len(&self) -> usize {
        self.count
    }

    pub fn iter(&self) -> impl Iterator<Item = &[u8]> {
        let mut start = 0;
        self.ends[..self.count].iter().map(move |&end| {
            let field = &self.text[start..end];
            start = end;
            field
        })
    }

    /// The fields as strings.
    pub fn strings(&self) -> Vec<String> {
        self.iter()
            .map(|field| String::from_utf8_lossy(field).into_owned())
            .collect()
    }

    /// The first field, where the others are empty.
    pub fn only(&self) -> Option<&[u8]> {
        let (&first, rest) = self.ends[..self.count].split_first()?;
        rest.iter()
            .all(|&end| end == first)
            .then(|| &self.text[..first])
    }

    /// Parses a text that is one record.
    fn parse(&mut self, parser: &mut csv_core::Reader, record: &[u8]) {
        self.count = 0;
        let (mut read, mut written) = (0, 0);
        loop {
            let step = self.step(parser, &record[read..], written);
            read += step.read;
            written = step.written;
            if step.result == Step::NeedsInput && read < record.len() {
                continue;
            }
            if matches!(step.result, Step::Record | Step::End) {
                return;
            }
        }
    }

    /// Parses a text that is one record in which backslashes escape quotation marks.
    ///
    /// The parser would take away any backslash, that of `\n` and `C:\temp` too.
    fn parse_escaped(&mut self, record: &[u8], delimiter: u8) {
        self.text.clear();
        self.ends.clear();
        quoting::unescape(record, delimiter, &mut self.text, &mut self.ends);
        self.ends.truncate(MOST_FIELDS);
        self.count = self.ends.len();
    }

    /// One call of the parser; `input` is empty at the end of the text.
    fn step(&mut self, parser: &mut csv_core::Reader, input: &[u8], written: usize) -> Stepped {
        if self.text.len() < written + input.len().max(64) {
            self.text.resize((written + input.len()).max(256) * 2, 0);
        }
        if self.ends.is_empty() {
            self.ends.resize(16, 0);
        }
        let (result, read, wrote, ends) = parser.read_record(
            input,
            &mut self.text[written..],
            &mut self.ends[self.count..],
        );
        self.count += ends;
        let result = match result {
            ReadRecordResult::InputEmpty => Step::NeedsInput,
            ReadRecordResult::OutputFull => Step::GoesOn,
            ReadRecordResult::OutputEndsFull => {
                if self.ends.len() < MOST_FIELDS {
                    self.ends.resize(self.ends.len() * 2, 0);
                } else {
                    // The rest of such a record is parsed, but not kept.
                    self.count -= 1;
                }
                Step::GoesOn
            }
            ReadRecordResult::Record => Step::Record,
            ReadRecordResult::End => Step::End,
        };
        Stepped {
            result,
            read,
            written: written + wrote,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    NeedsInput,
    GoesOn,
    Record,
    End,
}

struct Stepped {
    result: Step,
    read: usize,
    written: usize,
}

/// Where a record stands, and whether it could be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    /// The line on which it starts, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub fault: Option<Fault>,
}

/// What is wrong with a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// A quotation mark is not closed before its delimiter.
    OpenQuote,
    /// It is longer than any record may be.
    TooLong,
    /// It is not one quoted field, as all others are.
    NotDoubled,
}

impl Fault {
    pub fn cause(self) -> &'static str {
        match self {
            Self::OpenQuote => "a quotation mark is not closed before its delimiter",
            Self::TooLong => "the record is longer than 64 MiB",
            Self::NotDoubled => "the line is not one quoted field as the others are",
        }
    }
}

/// The records of a delimited text.
pub(super) struct Records<'a> {
    input: Box<dyn BufRead + 'a>,
    dialect: Dialect,
    /// How many fields a record should have, to read the line of an open quotation mark by.
    width: Option<usize>,
    parser: csv_core::Reader,
    buffer: Vec<u8>,
    /// Where the next record starts in the buffer.
    next: usize,
    /// Where the record lies that was read last.
    read: Range<usize>,
    lines: LineCount,
    /// The fields around the fields of a doubly quoted record.
    outer: Fields,
}

impl<'a> Records<'a> {
    pub fn new(input: Box<dyn BufRead + 'a>, dialect: Dialect, width: Option<usize>) -> Self {
        Self {
            input,
            dialect,
            width,
            parser: dialect.parser(dialect.quoting),
            buffer: Vec::new(),
            next: 0,
            read: 0..0,
            lines: LineCount::new(),
            outer: Fields::default(),
        }
    }

    /// Reads the next record into `fields`; `None` at the end.
    pub fn read(&mut self, fields: &mut Fields) -> std::io::Result<Option<Place>> {
        if !self.skip_line_ends()? {
            return Ok(None);
        }
        let line = self.lines.line;
        let mut length = self.parse(fields)?;
        let mut fault = None;
        if length > LONGEST || self.swallows(length) {
            (length, fault) = self.give_up(fields)?;
        } else if self.dialect.quoting == Quoting::Escaped {
            let record = &self.buffer[self.next..self.next + length];
            fields.parse_escaped(record, self.dialect.delimiter.byte());
        }
        if self.dialect.quoting == Quoting::Doubled && fault.is_none() && !self.unpack(fields) {
            fault = Some(Fault::NotDoubled);
        }
        self.read = self.next..self.next + length;
        self.pass(length);
        Ok(Some(Place { line, fault }))
    }

    /// The record that was read last, as it stands in the file.
    pub fn raw(&self) -> &[u8] {
        &self.buffer[self.read.clone()]
    }

    /// Parses the record at `next`; says how long it is, at least `LONGEST` when it is too long.
    fn parse(&mut self, fields: &mut Fields) -> std::io::Result<usize> {
        fields.count = 0;
        let (mut read, mut written) = (0, 0);
        loop {
            let step = fields.step(&mut self.parser, &self.buffer[self.next + read..], written);
            read += step.read;
            written = step.written;
            match step.result {
                Step::Record | Step::End => return Ok(read),
                Step::GoesOn => {}
                Step::NeedsInput if read > LONGEST => return Ok(read),
                Step::NeedsInput => {
                    self.fill()?;
                }
            }
        }
    }

    /// Whether the record is several lines that a stray quotation mark joined.
    fn swallows(&self, length: usize) -> bool {
        let record = &self.buffer[self.next..self.next + length];
        self.dialect.quoting != Quoting::Off
            && memchr::memchr2(b'\n', b'\r', record.trim_ascii_end()).is_some()
            && self.dialect.is_stray(record)
    }

    /// Reads the first line of the record by itself; says how long it is, and what is wrong.
    fn give_up(&mut self, fields: &mut Fields) -> std::io::Result<(usize, Option<Fault>)> {
        self.parser.reset();
        let rest = &self.buffer[self.next..];
        let Some(length) = memchr::memchr2(b'\n', b'\r', rest) else {
            return Ok((self.skip_line(fields)?, Some(Fault::TooLong)));
        };
        let line = &rest[..length];
        fields.parse(&mut self.dialect.parser(Quoting::Off), line);
        if self.width.is_some_and(|width| width != fields.len()) {
            match self.dialect.quoting {
                Quoting::Escaped => fields.parse_escaped(line, self.dialect.delimiter.byte()),
                _ => fields.parse(&mut self.dialect.parser(Quoting::On), line),
            }
        }
        let right = self.width.is_none_or(|width| width == fields.len());
        Ok((length, (!right).then_some(Fault::OpenQuote)))
    }

    /// Passes over a line that is too long to be held; says how much of it is in the buffer.
    fn skip_line(&mut self, fields: &mut Fields) -> std::io::Result<usize> {
        fields.count = 0;
        loop {
            let held = self.buffer.len() - self.next;
            self.pass(held);
            if !self.fill()? {
                return Ok(0);
            }
            if let Some(end) = memchr::memchr2(b'\n', b'\r', &self.buffer[self.next..]) {
                return Ok(end);
            }
        }
    }

    /// Takes the fields out of the one that holds them.
    fn unpack(&mut self, fields: &mut Fields) -> bool {
        std::mem::swap(fields, &mut self.outer);
        let Some(record) = self.outer.only() else {
            std::mem::swap(fields, &mut self.outer);
            return false;
        };
        fields.parse(&mut self.dialect.parser(Quoting::On), record);
        true
    }

    /// Goes to the start of the next record; false at the end.
    fn skip_line_ends(&mut self) -> std::io::Result<bool> {
        loop {
            let rest = &self.buffer[self.next..];
            let ends = rest
                .iter()
                .take_while(|&&byte| byte == b'\n' || byte == b'\r')
                .count();
            let more = ends < rest.len();
            self.pass(ends);
            if more {
                return Ok(true);
            }
            if !self.fill()? {
                return Ok(false);
            }
        }
    }

    fn pass(&mut self, length: usize) {
        let (from, to) = (self.next, self.next + length);
        self.lines.pass(&self.buffer[from..to]);
        self.next = to;
    }

    /// Reads on; false at the end.
    fn fill(&mut self) -> std::io::Result<bool> {
        if self.next > 0 {
            self.buffer.drain(..self.next);
            self.next = 0;
        }
        let block = self.input.fill_buf()?;
        let read = block.len();
        self.buffer.extend_from_slice(block);
        self.input.consume(read);
        Ok(read > 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str, quoting: Quoting, width: Option<usize>) -> Vec<(usize, Vec<String>)> {
        let dialect = Dialect {
            delimiter: Delimiter::COMMA,
            quoting,
        };
        let mut whole = None;
        for size in [1, 2, 3, 7, 1 << 16] {
            let input = std::io::BufReader::with_capacity(size, text.as_bytes());
            let mut records = Records::new(Box::new(input), dialect, width);
            let mut fields = Fields::default();
            let mut all = Vec::new();
            while let Some(place) = records.read(&mut fields).unwrap() {
                let cells = fields
                    .iter()
                    .map(|cell| String::from_utf8_lossy(cell).into_owned());
                all.push((place.line, cells.collect::<Vec<_>>()));
            }
            assert_eq!(
                whole.get_or_insert_with(|| all.clone()),
                &all,
                "blocks of {size}"
            );
        }
        whole.unwrap_or_default()
    }

    fn row(line: usize, cells: &[&str]) -> (usize, Vec<String>) {
        (line, cells.iter().map(|&cell| cell.to_owned()).collect())
    }

    #[test]
    fn records_have_their_lines() {
        let text = "a,1\r\n\r\n\"b\nc\",2\rd,3\n\n";
        let expected = [
            row(1, &["a", "1"]),
            row(3, &["b\nc", "2"]),
            row(5, &["d", "3"]),
        ];
        assert_eq!(parsed(text, Quoting::On, None), expected);
    }

    #[test]
    fn an_open_quotation_mark_costs_no_other_line() {
        let text = "a,1\n\"b,0\nc,1\n";
        let expected = [
            row(1, &["a", "1"]),
            row(2, &["\"b", "0"]),
            row(3, &["c", "1"]),
        ];
        assert_eq!(parsed(text, Quoting::On, Some(2)), expected);
        let text = "a,1\n\"b,0\n\"c\",1\n";
        assert_eq!(parsed(text, Quoting::On, Some(2)), expected);
    }

    #[test]
    fn doubly_quoted_records_are_unpacked() {
        let text = "\"text,label\"\n\"\"\"a, b\"\",1\"\n\"c,0\",,\n";
        let expected = [
            row(1, &["text", "label"]),
            row(2, &["a, b", "1"]),
            row(3, &["c", "0"]),
        ];
        assert_eq!(parsed(text, Quoting::Doubled, None), expected);
    }

    #[test]
    fn backslashes_escape_quotation_marks_and_themselves_alone() {
        let text = "\"say \\\"a, b\\\"\\nC:\\\\\",1\n\"two\n\\\"lines\\\"\",2\r\n\\\"bare\\\",3\n\"\\\"\",\n";
        let expected = [
            row(1, &["say \"a, b\"\\nC:\\", "1"]),
            row(2, &["two\n\"lines\"", "2"]),
            row(4, &["\"bare\"", "3"]),
            row(5, &["\"", ""]),
        ];
        assert_eq!(parsed(text, Quoting::Escaped, Some(2)), expected);
        let open = "\"a\\\",1\n\"b\\\"\",0\n";
        let expected = [row(1, &["\"a\\\"", "1"]), row(2, &["b\"", "0"])];
        assert_eq!(parsed(open, Quoting::Escaped, Some(2)), expected);
    }

    #[test]
    fn very_many_fields_are_not_all_kept() {
        let text = format!("{}\na,1\n", ",".repeat(MOST_FIELDS * 2));
        let found = parsed(&text, Quoting::On, None);
        assert!(found[0].1.len() <= MOST_FIELDS);
        assert_eq!(found[1], row(2, &["a", "1"]));
    }
}
