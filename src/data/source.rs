//! Where the bytes of a data set are, and their fingerprint.

use std::fmt;
use std::fs::File;
use std::io::{BufRead, BufReader, Cursor};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::folder;
use crate::error::{Error, Result};

/// The UTF-8 byte order mark, which some editors write before the first character.
pub(super) const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// Large enough that a gigabyte is read in few calls, small enough to stay in the cache.
const BLOCK: usize = 128 * 1024;

/// A file or folder on disk, or a file carried inside the program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// A file on disk. It is never written.
    File(PathBuf),
    /// A folder of text files, in which the folder that a file lies in is its label.
    Folder(PathBuf),
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
            Self::File(path) | Self::Folder(path) => path.as_path(),
            Self::Bundled { name, .. } => Path::new(name),
        };
        path.extension()
            .and_then(|extension| extension.to_str())
            .map(str::to_ascii_lowercase)
    }

    /// The bytes from the start.
    pub(super) fn bytes(&self) -> Result<Box<dyn BufRead>> {
        match self {
            Self::File(path) | Self::Folder(path) => open_file(path),
            Self::Bundled { bytes, .. } => Ok(Box::new(Cursor::new(*bytes))),
        }
    }

    /// The first bytes, at most a block.
    pub(super) fn start(&self) -> Result<Vec<u8>> {
        let mut bytes = self.bytes()?;
        let start = bytes.fill_buf().map_err(|cause| self.fault(cause))?;
        Ok(start.to_vec())
    }

    /// The number of bytes; of all files together for a folder.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn size(&self) -> Result<u64> {
        match self {
            Self::File(path) => std::fs::metadata(path)
                .map(|metadata| metadata.len())
                .map_err(|cause| Error::file("read", path, cause)),
            Self::Folder(path) => Ok(folder::files(path)?.iter().map(|file| file.size).sum()),
            Self::Bundled { bytes, .. } => Ok(bytes.len() as u64),
        }
    }

    /// A fault of the disk while reading.
    pub(super) fn fault(&self, cause: std::io::Error) -> Error {
        Error::file("read", Path::new(&self.name()), cause)
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) | Self::Folder(path) => path.display().fmt(f),
            Self::Bundled { name, .. } => f.write_str(name),
        }
    }
}

impl From<PathBuf> for Source {
    fn from(path: PathBuf) -> Self {
        if path.is_dir() {
            Self::Folder(path)
        } else {
            Self::File(path)
        }
    }
}

impl From<&Path> for Source {
    fn from(path: &Path) -> Self {
        path.to_path_buf().into()
    }
}

impl From<&PathBuf> for Source {
    fn from(path: &PathBuf) -> Self {
        path.clone().into()
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
        .remedy("Choose a file inside it."));
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

/// The SHA-256 of the whole file as 64 lower-case hexadecimal digits, as `sha256sum` prints it;
/// of a folder that of its files' names and hashes, as `sha256sum` lists them.
///
/// Recorded with every run, so that a run names exactly the data it learned from. Fails when the
/// source cannot be read.
pub fn sha256(source: &Source) -> Result<String> {
    let mut hash = Sha256::new();
    if let Source::Folder(path) = source {
        for file in folder::files(path)? {
            let digest = sha256(&Source::File(path.join(&file.name)))?;
            hash.update(format!("{digest}  {}\n", file.name));
        }
    } else {
        let mut bytes = source.bytes()?;
        loop {
            let block = bytes.fill_buf().map_err(|cause| source.fault(cause))?;
            let read = block.len();
            if read == 0 {
                break;
            }
            hash.update(block);
            bytes.consume(read);
        }
    }
    let digest = hash.finalize();
    Ok(digest.iter().map(|byte| format!("{byte:02x}")).collect())
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
