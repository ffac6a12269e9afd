//! Whether a file is UTF-8 text, told before anything is read from it.

use std::io::BufRead;

use super::lines::LineCount;
use super::source::{BYTE_ORDER_MARK, Source};
use crate::error::{Error, Result};

const SAVE_AS_UTF8: &str = "Save the file as UTF-8 (in a spreadsheet: \"CSV UTF-8\"; in a text \
                            editor: Save as, encoding UTF-8) and choose it again.";

/// What is known of a file that passed [`check`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Encoding {
    /// Whether the file starts with a byte order mark.
    pub byte_order_mark: bool,
}

/// Reads the whole file once and fails unless it is UTF-8 text with something in it.
pub(super) fn check(source: &Source) -> Result<Encoding> {
    let mut bytes = source.bytes()?;
    let start = bytes.fill_buf().map_err(|cause| source.fault(cause))?;
    refuse_other_kinds(source, start)?;
    let byte_order_mark = start.starts_with(BYTE_ORDER_MARK);
    if byte_order_mark {
        bytes.consume(BYTE_ORDER_MARK.len());
    }
    if is_blank_utf8(source, &mut *bytes, byte_order_mark)? {
        return Err(Error::new(format!(
            "{source} is empty; rows with a text and a label are expected"
        ))
        .remedy("Choose another file, or fill this one."));
    }
    Ok(Encoding { byte_order_mark })
}

/// Files that are known by their first bytes and are not text.
fn refuse_other_kinds(source: &Source, start: &[u8]) -> Result<()> {
    if start.starts_with(b"PK\x03\x04") {
        return Err(Error::new(format!(
            "{source} is an Excel workbook or a zip archive, not text"
        ))
        .remedy("Open it in a spreadsheet and save the sheet as \"CSV UTF-8\"."));
    }
    if start.starts_with(b"\xFF\xFE") || start.starts_with(b"\xFE\xFF") {
        return Err(Error::new(format!(
            "{source} is UTF-16 text (byte 0, line 1), not UTF-8"
        ))
        .remedy(SAVE_AS_UTF8));
    }
    if start.starts_with(b"PAR1") || start.starts_with(b"\x1F\x8B") {
        return Err(Error::new(format!("{source} is a packed file, not text"))
            .remedy("Unpack it or export it as CSV, TSV or JSONL."));
    }
    Ok(())
}

/// Whether there is nothing but white space; fails at the first byte that is not UTF-8 text.
fn is_blank_utf8(source: &Source, bytes: &mut dyn BufRead, byte_order_mark: bool) -> Result<bool> {
    let mut position = Position {
        offset: if byte_order_mark {
            BYTE_ORDER_MARK.len()
        } else {
            0
        },
        lines: LineCount::new(),
    };
    let mut blank = true;
    // A character may be cut by the end of a block: at most 3 bytes wait for the next one.
    let mut pending: Vec<u8> = Vec::with_capacity(4);
    loop {
        let block = bytes.fill_buf().map_err(|cause| source.fault(cause))?;
        let read = block.len();
        if read == 0 {
            break;
        }
        let joined;
        let whole = if pending.is_empty() {
            block
        } else {
            joined = [pending.as_slice(), block].concat();
            joined.as_slice()
        };
        let valid = match std::str::from_utf8(whole) {
            Ok(_) => whole.len(),
            Err(fault) if fault.error_len().is_none() => fault.valid_up_to(),
            Err(fault) => {
                position.pass(&whole[..fault.valid_up_to()]);
                return Err(position.not_utf8(source, whole[fault.valid_up_to()]));
            }
        };
        if let Some(zero) = whole[..valid].iter().position(|&byte| byte == 0) {
            position.pass(&whole[..zero]);
            return Err(position.not_utf8(source, 0));
        }
        blank = blank && whole[..valid].trim_ascii().is_empty();
        position.pass(&whole[..valid]);
        pending = whole[valid..].to_vec();
        bytes.consume(read);
    }
    match pending.first() {
        Some(&byte) => Err(position.not_utf8(source, byte)),
        None => Ok(blank),
    }
}

/// How far the file has been read.
struct Position {
    offset: usize,
    lines: LineCount,
}

impl Position {
    fn pass(&mut self, bytes: &[u8]) {
        self.offset += bytes.len();
        self.lines.pass_all(bytes);
    }

    fn not_utf8(&self, source: &Source, byte: u8) -> Error {
        Error::new(format!(
            "{source} is not UTF-8 text: byte {byte:#04x} at offset {}, line {}",
            self.offset, self.lines.line
        ))
        .remedy(SAVE_AS_UTF8)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(bytes: &'static [u8]) -> std::result::Result<bool, String> {
        check(&Source::Bundled {
            name: "a.csv",
            bytes,
        })
        .map(|encoding| encoding.byte_order_mark)
        .map_err(|error| error.to_string())
    }

    #[test]
    fn utf8_passes_with_and_without_a_byte_order_mark() {
        assert_eq!(outcome("è,1\n".as_bytes()), Ok(false));
        assert_eq!(outcome("\u{feff}è,1\n".as_bytes()), Ok(true));
    }

    #[test]
    fn the_first_wrong_byte_is_named() {
        let error = outcome(b"a,1\nb\xE8,0\n").unwrap_err();
        assert!(error.contains("0xe8 at offset 5, line 2"), "{error}");
        let error = outcome("a,1\nè".as_bytes().split_last().unwrap().1).unwrap_err();
        assert!(error.contains("offset 4, line 2"), "{error}");
        let error = outcome(b"a\0b\0").unwrap_err();
        assert!(error.contains("offset 1, line 1"), "{error}");
    }

    #[test]
    fn a_character_cut_by_a_block_is_whole() {
        let source = Source::Bundled {
            name: "a.csv",
            bytes: b"",
        };
        let text = "a€b€\n".repeat(9);
        for size in 1..8 {
            let mut bytes = std::io::BufReader::with_capacity(size, text.as_bytes());
            assert!(
                !is_blank_utf8(&source, &mut bytes, false).unwrap(),
                "blocks of {size}"
            );
        }
    }

    #[test]
    fn white_space_is_empty() {
        assert!(outcome(b" \n\t\r\n").unwrap_err().contains("is empty"));
        assert!(outcome(b"").unwrap_err().contains("is empty"));
    }
}
