//! Where the bytes of a data set are, and their fingerprint.

use std::fmt;
use std::fs::File;
use std::io::{BufRead, BufReader, Cursor, Read};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::error::{Error, Result};

/// The UTF-8 byte order mark, which some editors write before the first character.
pub(super) const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// Large enough that a gigabyte is read in few calls, small enough to stay in the cache.
const BLOCK: usize = 128 * 1024;

/// A file on disk, or one carried inside the program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// A file on disk. It is never written.
    File(PathBuf),
    /// A file carried inside the program.
    Bundled {
        /// The file's name, with its extension.
        name: &'static str,
        /// The file's content.
        bytes: &'static [u8],
    },
}

impl Source {
    /// The name to show: the path, or the bundled file's name.
    pub fn name(&self) -> String {
        self.to_string()
    }

    /// The extension in lower case, without its dot.
    pub(super) fn extension(&self) -> Option<String> {
        let path = match self {
            Self::File(path) => path.as_path(),
            Self::Bundled { name, .. } => Path::new(name),
        };
        path.extension()
            .and_then(|extension| extension.to_str())
            .map(str::to_ascii_lowercase)
    }

    /// The bytes from the start.
    pub(super) fn bytes(&self) -> Result<Box<dyn BufRead>> {
        match self {
            Self::File(path) => open_file(path),
            Self::Bundled { bytes, .. } => Ok(Box::new(Cursor::new(*bytes))),
        }
    }

    /// The bytes after the byte order mark, if there is one.
    pub(super) fn text(&self) -> Result<Box<dyn BufRead>> {
        let mut bytes = self.bytes()?;
        let start = bytes.fill_buf().map_err(|cause| self.fault(cause))?;
        if start.starts_with(BYTE_ORDER_MARK) {
            bytes.consume(BYTE_ORDER_MARK.len());
        }
        Ok(bytes)
    }

    /// A fault of the disk while reading.
    pub(super) fn fault(&self, cause: std::io::Error) -> Error {
        Error::file("read", Path::new(&self.name()), cause)
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => path.display().fmt(f),
            Self::Bundled { name, .. } => f.write_str(name),
        }
    }
}

impl From<&Path> for Source {
    fn from(path: &Path) -> Self {
        Self::File(path.to_path_buf())
    }
}

impl From<PathBuf> for Source {
    fn from(path: PathBuf) -> Self {
        Self::File(path)
    }
}

impl From<&PathBuf> for Source {
    fn from(path: &PathBuf) -> Self {
        Self::File(path.clone())
    }
}

impl From<&Source> for Source {
    fn from(source: &Source) -> Self {
        source.clone()
    }
}

fn open_file(path: &Path) -> Result<Box<dyn BufRead>> {
    let metadata = std::fs::metadata(path).map_err(|cause| Error::file("read", path, cause))?;
    if metadata.is_dir() {
        return Err(Error::new(format!(
            "{} is a folder; a file of labelled rows is expected",
            path.display()
        ))
        .remedy("Choose a CSV, TSV or JSONL file inside it."));
    }
    // A pipe or a device can be read once only, and a file is read several times here.
    if !metadata.is_file() {
        return Err(
            Error::new(format!("{} is not a regular file", path.display()))
                .remedy("Save its content as a CSV, TSV or JSONL file and choose that."),
        );
    }
    let file = File::open(path).map_err(|cause| Error::file("read", path, cause))?;
    Ok(Box::new(BufReader::with_capacity(BLOCK, file)))
}

/// The SHA-256 of the whole file as 64 lower-case hexadecimal digits, as `sha256sum` prints it.
///
/// Recorded with every run, so that a run names exactly the data it learned from. Fails when the
/// file cannot be read.
pub fn sha256(source: &Source) -> Result<String> {
    let mut bytes = source.bytes()?;
    let mut hash = Sha256::new();
    let mut block = vec![0; BLOCK];
    loop {
        let read = bytes
            .read(&mut block)
            .map_err(|cause| source.fault(cause))?;
        if read == 0 {
            break;
        }
        hash.update(&block[..read]);
    }
    Ok(hash
        .finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sha256_gives_the_known_answer_of_fips_180() {
        let source = Source::Bundled {
            name: "abc.txt",
            bytes: b"abc",
        };
        assert_eq!(
            sha256(&source).unwrap(),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }
}
