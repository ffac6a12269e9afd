//! A folder of text files, each a row, in which the folder that a file lies in is its label.
//!
//! `label/file` and `split/label/file` are understood. Hidden files are passed over; those that lie
//! in no folder of a label, such as a README, come behind the rows and are set aside.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use super::encoding::{self, Encoding};
use super::given::{part_named, splits_of_folder};
use super::layout::{Format, Layout};
use super::open::EXTENSIONS;
use super::reading::Reading;
use super::record::{Field, Reader, Record, Records};
use super::set_aside::Reason;
use super::signature;
use super::source::Source;
use crate::error::{Error, Result};

/// How deep folders are looked into: split, label, and one more.
const DEEPEST: usize = 4;

/// How many bytes tell the encoding that the files share.
const LOOKED_AT: u64 = 4 << 20;

/// The largest file that is one text, in bytes.
const LARGEST: u64 = 64 << 20;

/// A file that is a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    /// Its path in the folder, with `/` between names.
    pub name: String,
    /// Its size in bytes.
    pub size: u64,
}

impl Entry {
    /// Whether it is named like a file of many rows.
    fn is_table(&self) -> bool {
        let ending = self.name.rsplit_once('.').map(|(_, ending)| ending);
        let ending = ending.unwrap_or_default().to_lowercase();
        ending != "txt" && EXTENSIONS.contains(&&*ending)
    }

    fn folders(&self) -> Vec<&str> {
        let mut folders: Vec<&str> = self.name.split('/').collect();
        folders.pop();
        folders
    }

    /// The folder that it lies in, unless that is a split's.
    fn label(&self) -> Option<&str> {
        let label = self.folders().pop()?;
        let is_split = self.folders().len() == 1 && part_named(label).is_some();
        (!is_split).then_some(label)
    }

    /// The split that an outer folder names.
    fn split(&self) -> Option<&str> {
        let folders = self.folders();
        let (_, outer) = folders.split_last()?;
        outer
            .iter()
            .copied()
            .find(|name| part_named(name).is_some())
    }
}

/// The files that are rows, in the order of their names.
pub(super) fn files(folder: &Path) -> Result<Vec<Entry>> {
    Ok(all_files(folder)?.0)
}

/// The files that are rows, and those that have no label, each in the order of their names.
fn all_files(folder: &Path) -> Result<(Vec<Entry>, Vec<Entry>)> {
    let mut entries = Vec::new();
    collect(folder, "", 0, &mut entries)?;
    entries.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(entries
        .into_iter()
        .partition(|entry| entry.label().is_some()))
}

fn collect(folder: &Path, prefix: &str, depth: usize, entries: &mut Vec<Entry>) -> Result<()> {
    let fault = |cause| Error::file("read", folder, cause);
    for entry in std::fs::read_dir(folder).map_err(fault)? {
        let entry = entry.map_err(fault)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.starts_with('.') {
            continue;
        }
        let metadata = std::fs::metadata(entry.path()).map_err(fault)?;
        let name = format!("{prefix}{name}");
        if metadata.is_dir() && depth + 1 < DEEPEST {
            collect(&entry.path(), &format!("{name}/"), depth + 1, entries)?;
        } else if metadata.is_file() {
            entries.push(Entry {
                name,
                size: metadata.len(),
            });
        }
    }
    Ok(())
}

/// Fails where the files in folders are tables, not one of which is a text; names what can be
/// chosen instead.
fn refuse_tables(folder: &Path, entries: &[Entry], loose: &[Entry]) -> Result<()> {
    let tables = entries.iter().filter(|entry| entry.is_table()).count();
    if tables * 2 < entries.len() {
        return Ok(());
    }
    let tables: Vec<&Entry> = entries
        .iter()
        .chain(loose)
        .filter(|e| e.is_table())
        .collect();
    let Some(first) = tables.first() else {
        return Ok(());
    };
    let inside = |entry: &Entry| folder.join(&entry.name);
    let mut folders: Vec<PathBuf> = tables
        .iter()
        .filter_map(|entry| inside(entry).parent().map(Path::to_path_buf))
        .filter(|inner| inner != folder && splits_of_folder(inner).is_some())
        .collect();
    folders.dedup();
    let remedy = match folders.is_empty() {
        false => format!("Choose the folder {}.", either(&folders)),
        true => {
            let files: Vec<PathBuf> = tables.iter().map(|entry| inside(entry)).collect();
            format!("Choose the file {}.", either(&files))
        }
    };
    Err(Error::new(format!(
        "{} is a folder of tables such as {}; a folder is read as one text per file, in folders \
         named by their label",
        folder.display(),
        first.name
    ))
    .remedy(remedy))
}

/// The paths with "or" between them, cut where there are many.
fn either(paths: &[PathBuf]) -> String {
    const SHOWN: usize = 6;
    let mut shown: Vec<String> = paths
        .iter()
        .take(SHOWN)
        .map(|path| path.display().to_string())
        .collect();
    if paths.len() > SHOWN {
        shown.push(format!("one of {} more", paths.len() - SHOWN));
    }
    match shown.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} or {last}", rest.join(", ")),
        _ => shown.concat(),
    }
}

/// A folder of texts whose files are known.
#[derive(Debug)]
pub(super) struct Folder {
    path: PathBuf,
    layout: Layout,
    columns: Vec<String>,
    entries: Vec<Entry>,
    /// The files that have no label.
    loose: Vec<Entry>,
    /// The encoding of the files that are not UTF-8.
    encoding: Encoding,
    given: Option<Encoding>,
    passed: AtomicU64,
}

impl Folder {
    /// Looks through the folder.
    ///
    /// Fails when it cannot be read, holds tables, or has no text in a folder of its label.
    pub fn open(path: &Path, reading: &Reading) -> Result<Self> {
        let (entries, loose) = all_files(path)?;
        refuse_tables(path, &entries, &loose)?;
        if entries.is_empty() {
            return Err(Error::new(format!(
                "{} is a folder without texts in folders named by their label",
                path.display()
            ))
            .remedy("Choose a file inside it, or a folder such as pos/1.txt, neg/2.txt."));
        }
        let encoding = match reading.encoding {
            Some(given) => given,
            None => common_encoding(path, &entries)?,
        };
        let mut columns = vec!["text".to_owned(), "label".to_owned(), "file".to_owned()];
        if entries.iter().any(|entry| entry.split().is_some()) {
            columns.push("split".to_owned());
        }
        Ok(Self {
            path: path.to_owned(),
            layout: Layout {
                encoding: Some(encoding),
                by_label: true,
                ..Layout::of(Format::Folder)
            },
            columns,
            entries,
            loose,
            encoding,
            given: reading.encoding,
            passed: AtomicU64::new(0),
        })
    }

    fn record(&self, index: usize, entry: &Entry) -> Result<Record> {
        let text = match entry.label() {
            Some(_) => self.text(entry)?.map_err(Reason::Malformed),
            None => Err(Reason::NoFolderOfLabel),
        };
        let (text, fault) = match text {
            Ok(text) => (Field::Value(text), None),
            Err(fault) => (Field::Missing, Some(fault)),
        };
        let value = |value: Option<&str>| {
            value.map_or(Field::Missing, |value| Field::Value(value.to_owned()))
        };
        let fields = [
            text,
            value(entry.label()),
            value(Some(&entry.name)),
            value(entry.split()),
        ];
        Ok(Record {
            row: index + 1,
            line: 1,
            fields: fields.into_iter().take(self.columns.len()).collect(),
            fault,
        })
    }

    /// The text of a file, or why it is none.
    fn text(&self, entry: &Entry) -> Result<std::result::Result<String, String>> {
        if entry.size > LARGEST {
            return Ok(Err("the file is larger than 64 MiB".to_owned()));
        }
        let bytes = bytes(&self.path, entry)?;
        self.passed.fetch_add(entry.size, Ordering::Relaxed);
        let source = Source::File(PathBuf::from(&entry.name));
        if let Err(refusal) = signature::refuse_other_kinds(&source, &bytes) {
            return Ok(Err(refusal.what()));
        }
        let encoding = self
            .given
            .unwrap_or_else(|| encoding::of_one(&bytes, self.encoding));
        let text = encoding.decode(&bytes).0;
        Ok(match is_garbled(&text) {
            true => Err(format!(
                "the file is not written in {encoding}; save it as UTF-8, or name the encoding of \
                 all files with --encoding"
            )),
            false => Ok(text),
        })
    }
}

/// Whether so many places of a decoded text were no characters that it was written in another
/// encoding; a few are damage, which a check tells.
fn is_garbled(text: &str) -> bool {
    let lost = text.chars().filter(|&c| c == char::REPLACEMENT_CHARACTER);
    let lost = lost.count();
    lost > 1 && lost * 50 > text.chars().count()
}

fn bytes(folder: &Path, entry: &Entry) -> Result<Vec<u8>> {
    let path = folder.join(&entry.name);
    std::fs::read(&path).map_err(|cause| Error::file("read", &path, cause))
}

/// The encoding of the files that are not UTF-8; UTF-8 where all are.
fn common_encoding(folder: &Path, entries: &[Entry]) -> Result<Encoding> {
    let mut looked_at = 0;
    let mut others = Vec::new();
    for entry in entries.iter().filter(|entry| entry.size <= LOOKED_AT) {
        let bytes = bytes(folder, entry)?;
        if std::str::from_utf8(&bytes).is_err() {
            looked_at += entry.size;
            others.push(bytes);
        }
        if looked_at > LOOKED_AT {
            break;
        }
    }
    Ok(match others.is_empty() {
        true => Encoding::UTF_8,
        false => encoding::common(others.iter().map(Vec::as_slice)),
    })
}

impl Reader for Folder {
    fn layout(&self) -> &Layout {
        &self.layout
    }

    fn columns(&self) -> &[String] {
        &self.columns
    }

    fn records(&self) -> Result<Records<'_>> {
        self.passed.store(0, Ordering::Relaxed);
        let entries = self.entries.iter().chain(&self.loose).enumerate();
        Ok(Box::new(
            entries.map(|(index, entry)| self.record(index, entry)),
        ))
    }

    fn passed(&self) -> u64 {
        self.passed.load(Ordering::Relaxed)
    }

    fn file_of(&self, row: usize) -> Option<&str> {
        let mut files = self.entries.iter().chain(&self.loose);
        Some(&files.nth(row.checked_sub(1)?)?.name)
    }
}
