//! Whether the quotation marks of a delimited file are quoting, or just characters.

use std::io::BufRead;

use super::lines::LineCount;
use super::source::Source;
use crate::error::Result;

/// How a file's quotation marks were used, were it read with quoting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Quotes {
    /// A field begins with a quotation mark that is not closed right before its delimiter.
    pub stray: bool,
    /// The line, from 1, of the first quotation mark that swallows line ends before it turns out
    /// stray, or is never closed at all: rows would be lost.
    pub swallowing_line: Option<usize>,
}

/// Scans the whole file for quotation marks that RFC 4180 would not allow.
pub(super) fn scan(source: &Source, delimiter: u8) -> Result<Quotes> {
    let mut bytes = source.text()?;
    let mut scanner = Scanner::new(delimiter);
    loop {
        let block = bytes.fill_buf().map_err(|cause| source.fault(cause))?;
        if block.is_empty() {
            return Ok(scanner.finish());
        }
        for &byte in block {
            scanner.pass(byte);
        }
        let read = block.len();
        bytes.consume(read);
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// At the first byte of a field.
    Start,
    /// In a field that does not begin with a quotation mark.
    Bare,
    /// Between the quotation marks.
    Quoted,
    /// Right after a quotation mark inside a quoted field: closing, or the first of a pair.
    Closing,
}

struct Scanner {
    delimiter: u8,
    state: State,
    lines: LineCount,
    opened: usize,
    quotes: Quotes,
}

impl Scanner {
    fn new(delimiter: u8) -> Self {
        Self {
            delimiter,
            state: State::Start,
            lines: LineCount::new(),
            opened: 1,
            quotes: Quotes::default(),
        }
    }

    fn pass(&mut self, byte: u8) {
        let ends_field = byte == self.delimiter || byte == b'\n' || byte == b'\r';
        self.state = match self.state {
            State::Start if byte == b'"' => {
                self.opened = self.lines.line;
                State::Quoted
            }
            State::Quoted if byte == b'"' => State::Closing,
            State::Quoted => State::Quoted,
            State::Closing if byte == b'"' => State::Quoted,
            State::Closing if !ends_field => {
                self.stray();
                State::Bare
            }
            _ if ends_field => State::Start,
            _ => State::Bare,
        };
        self.lines.pass(byte);
    }

    fn stray(&mut self) {
        self.quotes.stray = true;
        if self.lines.line > self.opened {
            self.quotes.swallowing_line.get_or_insert(self.opened);
        }
    }

    fn finish(mut self) -> Quotes {
        if self.state == State::Quoted {
            self.quotes.stray = true;
            self.quotes.swallowing_line.get_or_insert(self.opened);
        }
        self.quotes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quotes(text: &str) -> Quotes {
        let mut scanner = Scanner::new(b',');
        text.bytes().for_each(|byte| scanner.pass(byte));
        scanner.finish()
    }

    #[test]
    fn proper_quoting_is_clean() {
        let clean = Quotes::default();
        assert_eq!(quotes("\"a, b\",1\r\n\"say \"\"hi\"\"\",0\n\"\",1"), clean);
        assert_eq!(quotes("\"two\nlines\",1\nplain,0\n"), clean);
        assert_eq!(quotes("6\" pipe,1\nplain,\"0\""), clean);
    }

    #[test]
    fn a_stray_mark_on_one_line_swallows_nothing() {
        assert_eq!(
            quotes("\"a\" b,1\nc,0\n"),
            Quotes {
                stray: true,
                swallowing_line: None
            }
        );
    }

    #[test]
    fn a_swallowing_mark_is_named_by_its_line() {
        let open = Quotes {
            stray: true,
            swallowing_line: Some(2),
        };
        assert_eq!(quotes("a,1\n\"b,0\nc,1\n"), open);
        assert_eq!(quotes("a,1\n\"b,0\n\"c\",1\n"), open);
    }
}
