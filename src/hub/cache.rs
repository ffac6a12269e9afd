//! The folder of downloaded models: `models/NAME` is complete or absent; everything unfinished
//! has another name.

use std::fs::{self, File, TryLockError};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::catalogue::Entry;
use super::model_files::Layout;
use super::progress::Source;
use crate::error::{Error, Result};
use crate::home::Home;

/// Whether a model can be used at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// It is part of the program.
    BuiltIn,
    /// It is in the cache, complete.
    Downloaded,
    /// A download was begun and can go on.
    Partial {
        /// Bytes that are already here.
        bytes: u64,
    },
    /// It has to be downloaded.
    Absent,
}

/// Where a downloaded model came from; kept in its folder.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
pub struct Origin {
    /// The kind of source.
    pub source: Source,
    /// The repository at its hub, or the package with its version.
    pub location: String,
    /// The commit of the repository, where the hub told it.
    pub revision: Option<String>,
}

const ORIGIN: &str = "luthier-origin.json";

/// Extension of a file that has not arrived completely or is not verified.
pub(super) const PART: &str = "part";

/// Whether the model is built in, downloaded, begun or absent.
pub fn status(entry: &Entry, home: &Home) -> Status {
    if entry.built_in {
        return Status::BuiltIn;
    }
    if is_complete(entry, home) {
        return Status::Downloaded;
    }
    match folder_bytes(&partial_folder(entry, home)) {
        0 => Status::Absent,
        bytes => Status::Partial { bytes },
    }
}

/// Deletes a downloaded model and what an unfinished download left.
///
/// # Errors
/// The model is built in, is being downloaded, or its folder cannot be deleted.
pub fn remove(entry: &Entry, home: &Home) -> Result<()> {
    if entry.built_in {
        return Err(Error::new(format!(
            "{} is part of the program and cannot be removed",
            entry.name
        )));
    }
    if !home.models().is_dir() {
        return Ok(());
    }
    let _lock = lock(entry, home)?;
    set_aside(entry, home)?;
    delete_folder(&partial_folder(entry, home))
}

/// Where the complete model lies once it is downloaded.
pub(super) fn folder(entry: &Entry, home: &Home) -> PathBuf {
    home.models().join(&entry.name)
}

/// Where a download is assembled; kept between attempts.
pub(super) fn partial_folder(entry: &Entry, home: &Home) -> PathBuf {
    home.models().join(format!("{}.partial", entry.name))
}

/// Whether the model's folder is there with every needed file.
pub(super) fn is_complete(entry: &Entry, home: &Home) -> bool {
    Layout::find(&folder(entry, home)).is_ok()
}

/// Makes the assembled folder the model's folder, in one step.
pub(super) fn complete(entry: &Entry, home: &Home) -> Result<PathBuf> {
    let (partial, target) = (partial_folder(entry, home), folder(entry, home));
    delete_leftovers(&partial)?;
    sync_folder(&partial)?;
    // A folder of which files were deleted by hand is replaced as a whole.
    set_aside(entry, home)?;
    fs::rename(&partial, &target).map_err(|cause| Error::file("write to", &target, cause))?;
    sync_folder(&home.models())?;
    Ok(target)
}

/// Keeps others from downloading or removing the same model as long as it lives.
pub(super) struct Lock(File);

impl Drop for Lock {
    fn drop(&mut self) {
        // Closing is not enough: a process that is being started on another thread holds a copy
        // of the open file for a moment. If unlocking fails, closing still comes.
        self.0.unlock().ok();
    }
}

/// Takes the model for one download or removal.
///
/// # Errors
/// Somebody else holds the lock, or the file cannot be created.
pub(super) fn lock(entry: &Entry, home: &Home) -> Result<Lock> {
    let models = home.models();
    fs::create_dir_all(&models).map_err(|cause| Error::file("write to", &models, cause))?;
    let path = models.join(format!(".{}.lock", entry.name));
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path)
        .map_err(|cause| Error::file("write to", &path, cause))?;
    match file.try_lock() {
        Ok(()) => Ok(Lock(file)),
        Err(TryLockError::WouldBlock) => Err(Error::new(format!(
            "{} is being downloaded already",
            entry.name
        ))
        .remedy("Wait until the other download ends, or stop it.")),
        Err(TryLockError::Error(cause)) => Err(Error::file("lock", &path, cause)),
    }
}

/// The note about where the model of this folder came from, if there is one.
pub(super) fn origin(folder: &Path) -> Option<Origin> {
    let text = fs::read(folder.join(ORIGIN)).ok()?;
    serde_json::from_slice(&text).ok()
}

/// Writes the note about where the model comes from.
pub(super) fn write_origin(folder: &Path, origin: &Origin) -> Result<()> {
    let path = folder.join(ORIGIN);
    let text = serde_json::to_vec_pretty(origin)
        .map_err(|cause| Error::new("cannot describe the model's origin").because(cause))?;
    write_whole(&path, &text).map_err(|cause| Error::file("write to", &path, cause))
}

/// Gives a synced file its final name.
pub(super) fn settle(part: &Path, path: &Path) -> Result<()> {
    fs::rename(part, path).map_err(|cause| Error::file("write to", path, cause))
}

/// `NAME.part` beside `NAME`.
pub(super) fn part_path(folder: &Path, name: &str) -> PathBuf {
    folder.join(format!("{name}.{PART}"))
}

/// Bytes of the files directly in `folder`; 0 when it is not there.
pub(super) fn folder_bytes(folder: &Path) -> u64 {
    let Ok(files) = fs::read_dir(folder) else {
        return 0;
    };
    files
        .filter_map(|file| file.ok()?.metadata().ok())
        .filter(fs::Metadata::is_file)
        .map(|data| data.len())
        .sum()
}

fn write_whole(path: &Path, content: &[u8]) -> std::io::Result<()> {
    let part = path.with_extension(PART);
    let mut file = File::create(&part)?;
    file.write_all(content)?;
    file.sync_all()?;
    fs::rename(&part, path)
}

/// Takes the model's folder away under another name before it is deleted, so that a crash in
/// the middle cannot leave half a model under the good name.
fn set_aside(entry: &Entry, home: &Home) -> Result<()> {
    let aside = home.models().join(format!(".{}.removed", entry.name));
    delete_folder(&aside)?;
    let target = folder(entry, home);
    match fs::rename(&target, &aside) {
        Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Err(cause) => Err(Error::file("remove", &target, cause)),
        Ok(()) => delete_folder(&aside),
    }
}

fn delete_folder(folder: &Path) -> Result<()> {
    match fs::remove_dir_all(folder) {
        Err(cause) if cause.kind() != std::io::ErrorKind::NotFound => {
            Err(Error::file("remove", folder, cause))
        }
        _ => Ok(()),
    }
}

/// Deletes what does not belong to the finished model: a model is plain files.
fn delete_leftovers(folder: &Path) -> Result<()> {
    for path in list(folder)? {
        if path.is_dir() {
            delete_folder(&path)?;
        } else if path.extension().is_some_and(|extension| extension == PART) {
            delete_file(&path)?;
        }
    }
    Ok(())
}

/// Deletes the files directly in `folder`, not its folders.
pub(super) fn delete_files(folder: &Path) -> Result<()> {
    for path in list(folder)? {
        if path.is_file() {
            delete_file(&path)?;
        }
    }
    Ok(())
}

/// Deletes a file; one that is not there is no fault.
pub(super) fn delete_file(path: &Path) -> Result<()> {
    match fs::remove_file(path) {
        Err(cause) if cause.kind() != std::io::ErrorKind::NotFound => {
            Err(Error::file("remove", path, cause))
        }
        _ => Ok(()),
    }
}

fn list(folder: &Path) -> Result<Vec<PathBuf>> {
    let paths = fs::read_dir(folder).and_then(|files| {
        files
            .map(|file| Ok(file?.path()))
            .collect::<std::io::Result<_>>()
    });
    paths.map_err(|cause| Error::file("read", folder, cause))
}

/// A rename is durable only when the folder that holds the name is on the disk too.
fn sync_folder(folder: &Path) -> Result<()> {
    if cfg!(unix) {
        let synced = File::open(folder).and_then(|open| open.sync_all());
        synced.map_err(|cause| Error::file("write to", folder, cause))?;
    }
    Ok(())
}
