//! Lines, whatever ends them: counting them, and handing them out one by one.

use std::io::{BufRead, Result};

/// The longest line, in bytes.
const LONGEST: usize = 64 << 20;

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

    pub fn pass(&mut self, bytes: &[u8]) {
        let Some(&last) = bytes.last() else {
            return;
        };
        for end in memchr::memchr2_iter(b'\n', b'\r', bytes) {
            let before = match end.checked_sub(1) {
                Some(before) => bytes[before] == b'\r',
                None => self.after_return,
            };
            self.line += usize::from(bytes[end] == b'\r' || !before);
        }
        self.after_return = last == b'\r';
    }
}

/// One line, without what ends it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    /// Its number, from 1.
    pub number: usize,
    /// What it says; of a line that is too long, its beginning.
    pub text: String,
    /// Whether it is longer than a line may be.
    pub too_long: bool,
}

impl Line {
    pub fn is_blank(&self) -> bool {
        self.text.trim().is_empty()
    }
}

/// The lines of a text, whatever ends them.
pub(super) struct Lines<'a> {
    text: Box<dyn BufRead + 'a>,
    number: usize,
    longest: usize,
    after_return: bool,
    ended: bool,
}

impl<'a> Lines<'a> {
    pub fn new(text: Box<dyn BufRead + 'a>) -> Self {
        Self {
            text,
            number: 0,
            longest: LONGEST,
            after_return: false,
            ended: false,
        }
    }

    fn read(&mut self) -> Result<Option<Line>> {
        let mut bytes: Vec<u8> = Vec::new();
        let mut too_long = false;
        let mut begun = false;
        loop {
            let block = self.text.fill_buf()?;
            let Some(&first) = block.first() else {
                self.ended = true;
                if !begun {
                    return Ok(None);
                }
                break;
            };
            if self.after_return && first == b'\n' {
                self.after_return = false;
                self.text.consume(1);
                continue;
            }
            self.after_return = false;
            begun = true;
            let end = memchr::memchr2(b'\n', b'\r', block);
            let part = &block[..end.unwrap_or(block.len())];
            let room = self.longest.saturating_sub(bytes.len());
            too_long = too_long || part.len() > room;
            bytes.extend_from_slice(&part[..part.len().min(room)]);
            let passed = part.len();
            match end {
                Some(end) => {
                    self.after_return = block[end] == b'\r';
                    self.text.consume(passed + 1);
                    break;
                }
                None => self.text.consume(passed),
            }
        }
        self.number += 1;
        let text = String::from_utf8(bytes)
            .unwrap_or_else(|fault| String::from_utf8_lossy(fault.as_bytes()).into_owned());
        Ok(Some(Line {
            number: self.number,
            text,
            too_long,
        }))
    }
}

impl Iterator for Lines<'_> {
    type Item = Result<Line>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let line = self.read();
        self.ended = self.ended || line.is_err();
        line.transpose()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_end_counts_once() {
        for (text, line) in [("a", 1), ("a\n", 2), ("a\r\nb\rc\n\nd", 5), ("\r\n\r\n", 3)] {
            for size in 1..5 {
                let mut count = LineCount::new();
                text.as_bytes()
                    .chunks(size)
                    .for_each(|block| count.pass(block));
                assert_eq!(count.line, line, "{text:?}");
            }
        }
    }

    fn lines(text: &str, size: usize) -> Lines<'_> {
        Lines::new(Box::new(std::io::BufReader::with_capacity(
            size,
            text.as_bytes(),
        )))
    }

    #[test]
    fn lines_are_found_across_blocks() {
        let text = "one\r\n\r\ntwo\rthree\n\nfour";
        for size in 1..9 {
            let found: Vec<String> = lines(text, size).map(|line| line.unwrap().text).collect();
            assert_eq!(found, ["one", "", "two", "three", "", "four"]);
        }
        assert_eq!(lines("a\n", 4).count(), 1);
        assert_eq!(lines("", 4).count(), 0);
    }

    #[test]
    fn a_line_that_is_too_long_is_cut_and_passed_over() {
        let mut lines = lines("abcdefgh\nij\n", 3);
        lines.longest = 5;
        let found: Vec<Line> = lines.map(|line| line.unwrap()).collect();
        assert_eq!((found[0].text.as_str(), found[0].too_long), ("abcde", true));
        assert_eq!((found[1].text.as_str(), found[1].number), ("ij", 2));
    }
}
