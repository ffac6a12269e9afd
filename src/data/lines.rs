//! Counting lines, whatever ends them.

use std::io::{BufRead, Result};

/// The line that the next byte stands on; a line ends with LF, CR LF or CR.
#[derive(Debug, Clone, Copy)]
pub(super) struct LineCount {
    /// The line, from 1.
    pub line: usize,
    after_return: bool,
}

impl LineCount {
    pub fn new() -> Self {
        Self {
            line: 1,
            after_return: false,
        }
    }

    #[inline]
    pub fn pass(&mut self, byte: u8) {
        self.line += usize::from(byte == b'\r' || (byte == b'\n' && !self.after_return));
        self.after_return = byte == b'\r';
    }

    pub fn pass_all(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|&byte| self.pass(byte));
    }
}

/// Tells the lines of ascending places in a file, reading along.
///
/// The parser's own count does not see a CR LF or a blank line before a record as passed.
pub(super) struct LineFinder {
    bytes: Box<dyn BufRead>,
    offset: u64,
    count: LineCount,
}

impl LineFinder {
    pub fn new(bytes: Box<dyn BufRead>) -> Self {
        Self {
            bytes,
            offset: 0,
            count: LineCount::new(),
        }
    }

    /// The line of the first byte at or after `offset` that is no line end.
    pub fn line_at(&mut self, offset: u64) -> Result<usize> {
        loop {
            let block = self.bytes.fill_buf()?;
            let before = usize::try_from(offset.saturating_sub(self.offset))
                .unwrap_or(usize::MAX)
                .min(block.len());
            let ends = block[before..]
                .iter()
                .take_while(|&&byte| byte == b'\r' || byte == b'\n')
                .count();
            let passed = before + ends;
            let goes_on = passed == block.len() && passed > 0;
            self.count.pass_all(&block[..passed]);
            self.bytes.consume(passed);
            self.offset += passed as u64;
            if !goes_on {
                return Ok(self.count.line);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_end_counts_once() {
        for (text, line) in [("a", 1), ("a\n", 2), ("a\r\nb\rc\n\nd", 5), ("\r\n\r\n", 3)] {
            let mut count = LineCount::new();
            count.pass_all(text.as_bytes());
            assert_eq!(count.line, line, "{text:?}");
        }
    }

    #[test]
    fn lines_are_found_across_blocks() {
        let text = "one\r\n\r\ntwo\nthree\r\n";
        for size in 1..20 {
            let bytes = std::io::BufReader::with_capacity(size, text.as_bytes());
            let mut finder = LineFinder::new(Box::new(bytes));
            // The parser stops right after the CR of a CR LF.
            assert_eq!(finder.line_at(0).unwrap(), 1);
            assert_eq!(finder.line_at(4).unwrap(), 3);
            assert_eq!(finder.line_at(11).unwrap(), 4);
        }
    }
}
