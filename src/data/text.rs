//! The text of a file as UTF-8, whatever encoding it is written in, without holding it.

use std::borrow::Cow;
use std::io::{BufRead, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::encoding::Encoding;
use super::source::{BYTE_ORDER_MARK, Source};
use crate::error::Result;

/// How much is decoded at a time, in bytes of UTF-8.
const DECODED: usize = 256 * 1024;

/// A text file that can be read from its start as often as needed.
#[derive(Debug, Clone)]
pub(super) struct Text {
    pub source: Source,
    pub encoding: Encoding,
    progress: Arc<Progress>,
}

/// How far the reader that was opened last has come.
#[derive(Debug, Default)]
struct Progress {
    bytes: AtomicU64,
    undecodable: AtomicU64,
}

impl Text {
    pub fn new(source: &Source, encoding: Encoding) -> Self {
        Self {
            source: source.clone(),
            encoding,
            progress: Arc::default(),
        }
    }

    /// The text from the start, without a byte order mark. It is UTF-8 but for the places that
    /// [`undecodable`](Self::undecodable) counts in a file that says that it is.
    pub fn open(&self) -> Result<Box<dyn BufRead>> {
        self.progress.bytes.store(0, Ordering::Relaxed);
        self.progress.undecodable.store(0, Ordering::Relaxed);
        let mut bytes: Box<dyn BufRead> = Box::new(Counted {
            bytes: self.source.bytes()?,
            progress: self.progress.clone(),
        });
        if !self.encoding.is_utf8() {
            return Ok(Box::new(Decoded {
                bytes,
                decoder: self.encoding.decoder(),
                text: vec![0; DECODED + REPLACEMENT.len()],
                next: 0,
                filled: 0,
                ended: false,
                progress: self.progress.clone(),
            }));
        }
        let start = bytes.fill_buf().map_err(|cause| self.source.fault(cause))?;
        if start.starts_with(BYTE_ORDER_MARK) {
            bytes.consume(BYTE_ORDER_MARK.len());
        }
        Ok(bytes)
    }

    /// The beginning of the text, at most so many bytes; a last line that is cut is left out.
    pub fn head(&self, most: usize) -> Result<Head> {
        let mut bytes = Vec::new();
        self.open()?
            .take(most as u64)
            .read_to_end(&mut bytes)
            .map_err(|cause| self.source.fault(cause))?;
        let whole = bytes.len() < most;
        let last_end = memchr::memrchr2(b'\n', b'\r', &bytes);
        if let (false, Some(end)) = (whole, last_end) {
            bytes.truncate(end + 1);
        }
        Ok(Head { bytes, whole })
    }

    /// The bytes of the file that the text opened last was made of so far.
    pub fn passed(&self) -> u64 {
        self.progress.bytes.load(Ordering::Relaxed)
    }

    /// The places whose bytes made no character so far, in an encoding other than UTF-8.
    pub fn undecodable(&self) -> u64 {
        self.progress.undecodable.load(Ordering::Relaxed)
    }
}

/// The beginning of a text.
#[derive(Debug)]
pub(super) struct Head {
    /// UTF-8, but for places that make no character.
    pub bytes: Vec<u8>,
    /// Whether this is all of it.
    pub whole: bool,
}

impl Head {
    /// The text, to be looked at line by line: where CR alone ends the lines, LF stands for it.
    pub fn text(&self) -> Cow<'_, str> {
        let text = String::from_utf8_lossy(&self.bytes);
        if text.contains('\r') && !text.contains('\n') {
            return Cow::Owned(text.replace('\r', "\n"));
        }
        text
    }
}

/// Bytes that are counted as they pass.
struct Counted {
    bytes: Box<dyn BufRead>,
    progress: Arc<Progress>,
}

impl Read for Counted {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        let read = self.bytes.read(out)?;
        self.progress
            .bytes
            .fetch_add(read as u64, Ordering::Relaxed);
        Ok(read)
    }
}

impl BufRead for Counted {
    fn fill_buf(&mut self) -> std::io::Result<&[u8]> {
        self.bytes.fill_buf()
    }

    fn consume(&mut self, read: usize) {
        self.progress
            .bytes
            .fetch_add(read as u64, Ordering::Relaxed);
        self.bytes.consume(read);
    }
}

/// Bytes that are decoded as they are read.
struct Decoded {
    bytes: Box<dyn BufRead>,
    decoder: encoding_rs::Decoder,
    text: Vec<u8>,
    next: usize,
    filled: usize,
    ended: bool,
    progress: Arc<Progress>,
}

impl Read for Decoded {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        let read = self.fill_buf()?.read(out)?;
        self.consume(read);
        Ok(read)
    }
}

impl BufRead for Decoded {
    fn fill_buf(&mut self) -> std::io::Result<&[u8]> {
        while self.next == self.filled && !self.ended {
            let block = self.bytes.fill_buf()?;
            let last = block.is_empty();
            let (result, read, written) = self.decoder.decode_to_utf8_without_replacement(
                block,
                &mut self.text[..DECODED],
                last,
            );
            self.bytes.consume(read);
            self.next = 0;
            self.filled = written;
            match result {
                encoding_rs::DecoderResult::Malformed(..) => {
                    self.progress.undecodable.fetch_add(1, Ordering::Relaxed);
                    self.filled += REPLACEMENT.len();
                    self.text[written..self.filled].copy_from_slice(REPLACEMENT);
                }
                encoding_rs::DecoderResult::InputEmpty => self.ended = last,
                encoding_rs::DecoderResult::OutputFull => {}
            }
        }
        Ok(&self.text[self.next..self.filled])
    }

    fn consume(&mut self, read: usize) {
        self.next = (self.next + read).min(self.filled);
    }
}

/// U+FFFD in UTF-8.
const REPLACEMENT: &[u8] = "\u{fffd}".as_bytes();

#[cfg(test)]
mod tests {
    use super::*;

    fn text(bytes: &'static [u8], encoding: &str) -> (String, Text) {
        let source = Source::Bundled {
            name: "a.txt",
            bytes,
        };
        let text = Text::new(&source, Encoding::named(encoding).unwrap());
        let mut read = String::new();
        text.open().unwrap().read_to_string(&mut read).unwrap();
        (read, text)
    }

    #[test]
    fn encodings_become_utf8() {
        assert_eq!(text(b"caf\xE9", "latin1").0, "café");
        assert_eq!(text(b"\xFF\xFEa\0\n\0", "utf-16le").0, "a\n");
        assert_eq!(text(b"\xEF\xBB\xBFa", "utf-8").0, "a");
        assert_eq!(text(b"\xBA\xC3", "gbk").0, "好");
    }

    #[test]
    fn wrong_bytes_are_replaced_and_counted() {
        let (read, text) = text(b"\xBA\xC3\xFF!\n\xFF", "gbk");
        assert_eq!(
            (read.as_str(), text.undecodable()),
            ("好\u{fffd}!\n\u{fffd}", 2)
        );
        assert_eq!(text.passed(), 6);
    }

    #[test]
    fn a_head_ends_with_a_line() {
        let source = Source::Bundled {
            name: "a.txt",
            bytes: b"one\ntwo\nthree",
        };
        let text = Text::new(&source, Encoding::UTF_8);
        let head = text.head(9).unwrap();
        assert_eq!((head.text().as_ref(), head.whole), ("one\ntwo\n", false));
        assert!(text.head(99).unwrap().whole);
    }
}
