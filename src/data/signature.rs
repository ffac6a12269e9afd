//! Files that are no text, known by their first bytes.

use super::source::Source;
use crate::error::{Error, Result};

const EXPORT: &str = "Export the rows as CSV, JSONL, Parquet or an Excel workbook and choose that.";
const TEXTS: &str = "Choose a file of texts.";
const PICKLE: &str =
    "Pickles can run programs and are not read. Save the rows as CSV, JSONL or Parquet.";
const UNPACK: &str = "Unpack it and choose the file inside.";

/// First bytes, what has them, and what to do with such a file.
const KINDS: &[(&[u8], &str, &str)] = &[
    (b"PK\x03\x04", "a zip archive that is no workbook", UNPACK),
    (b"PK\x05\x06", "an empty zip archive", UNPACK),
    (b"\x1F\x8B", "a gzip archive", UNPACK),
    (b"BZh", "a bzip2 archive", UNPACK),
    (b"\xFD7zXZ\0", "an xz archive", UNPACK),
    (b"7z\xBC\xAF\x27\x1C", "a 7z archive", UNPACK),
    (b"Rar!\x1A\x07", "a RAR archive", UNPACK),
    (b"\x28\xB5\x2F\xFD", "a Zstandard archive", UNPACK),
    (
        b"%PDF-",
        "a PDF document",
        "Copy its text into a table; a PDF holds no rows.",
    ),
    (b"\x89PNG", "a PNG image", TEXTS),
    (b"\xFF\xD8\xFF", "a JPEG image", TEXTS),
    (b"GIF8", "a GIF image", TEXTS),
    (b"RIFF", "a sound, image or video file", TEXTS),
    (b"\x7FELF", "a program", TEXTS),
    (b"MZ\x90\0", "a program", TEXTS),
    (b"SQLite format 3\0", "an SQLite database", EXPORT),
    (b"ARROW1", "an Arrow file", EXPORT),
    (b"ORC", "an ORC file", EXPORT),
    (b"Obj\x01", "an Avro file", EXPORT),
    (b"\x93NUMPY", "a NumPy array", EXPORT),
    (b"\x89HDF", "an HDF5 file", EXPORT),
    (b"\x80\x02", "a Python pickle", PICKLE),
    (b"\x80\x03", "a Python pickle", PICKLE),
    (b"\x80\x04", "a Python pickle", PICKLE),
    (b"\x80\x05", "a Python pickle", PICKLE),
    (b"\xD0\xCF\x11\xE0", "an old Office document", EXPORT),
    (b"{\\rtf", "an RTF document", "Save it as plain text."),
    (b"\xFF\xFE\0\0", "UTF-32 text", "Save it as UTF-8."),
    (b"\0\0\xFE\xFF", "UTF-32 text", "Save it as UTF-8."),
];

/// How many bytes tell text from something else.
const LOOKED_AT: usize = 4096;

/// Fails when the first bytes of a file say that it is not text.
pub(super) fn refuse_other_kinds(source: &Source, start: &[u8]) -> Result<()> {
    for (mark, kind, remedy) in KINDS {
        // A mark of letters alone may be the first word of a text.
        let word = mark.iter().all(u8::is_ascii_alphanumeric);
        if start.starts_with(mark) && (!word || !is_text(start)) {
            return Err(Error::new(format!("{source} is {kind}, not text")).remedy(*remedy));
        }
    }
    if is_text(start) {
        return Ok(());
    }
    Err(Error::new(format!("{source} is binary data, not text")).remedy(EXPORT))
}

/// Whether these are the first bytes of a text: in UTF-16 it has many zeros, but hardly any other
/// control character.
fn is_text(start: &[u8]) -> bool {
    let looked_at = &start[..start.len().min(LOOKED_AT)];
    let control = |&&byte: &&u8| byte < 0x20 && !matches!(byte, 0 | 8..=13 | 0x1B..=0x1F);
    let controls = looked_at.iter().filter(control).count();
    let zeros = looked_at.iter().filter(|&&byte| byte == 0).count();
    controls * 20 <= looked_at.len() && zeros * 10 <= looked_at.len() * 6
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(bytes: &'static [u8]) -> Option<String> {
        let source = Source::Bundled {
            name: "a.csv",
            bytes,
        };
        refuse_other_kinds(&source, bytes)
            .err()
            .map(|error| error.to_string())
    }

    #[test]
    fn other_kinds_are_refused_by_name() {
        assert!(
            refusal(b"%PDF-1.7\n%\xE2\xE3")
                .unwrap()
                .contains("PDF document")
        );
        assert!(refusal(b"\x80\x04\x95\x10").unwrap().contains("pickle"));
        assert!(refusal(b"\x1F\x8B\x08rest").unwrap().contains("gzip"));
        assert!(
            refusal(&[1, 2, 3, 4, 5, 6, 7, 0x7F])
                .unwrap()
                .contains("binary")
        );
    }

    #[test]
    fn texts_are_not() {
        assert_eq!(refusal(b"ORC,label\nan orc,1\n"), None);
        assert_eq!(refusal(b"BZh is a word\n"), None);
        assert_eq!(refusal(b"t\0e\0x\0t\0,\0\n\0"), None);
        assert_eq!(refusal("很好,1\n".as_bytes()), None);
        assert_eq!(refusal(b""), None);
    }
}
