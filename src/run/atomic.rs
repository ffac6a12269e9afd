//! Writing files and folders so that a crash leaves the old or the new one, never a mixture.

use std::io::Write as _;
use std::path::Path;

use crate::error::{Error, Result};

/// Writes `bytes` to a temporary file beside `path`, syncs it and renames it into place.
pub fn write_file(path: &Path, bytes: &[u8]) -> Result<()> {
    let fault = |cause| Error::file("write to", path, cause);
    let folder = parent_of(path);
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(fault)?;
    file.write_all(bytes)
        .and_then(|()| file.as_file().sync_all())
        .map_err(fault)?;
    file.persist(path).map_err(|failed| fault(failed.error))?;
    sync_folder(folder).map_err(fault)
}

/// Lets `fill` write a new folder beside `path` and renames it into place, where nothing may be
/// yet. When `fill` fails, nothing is left.
pub fn write_folder(path: &Path, fill: impl FnOnce(&Path) -> Result<()>) -> Result<()> {
    let fault = |cause| Error::file("write to", path, cause);
    let parent = parent_of(path);
    let temporary = tempfile::Builder::new()
        .prefix(".partial-")
        .tempdir_in(parent)
        .map_err(fault)?;
    fill(temporary.path())?;
    for entry in std::fs::read_dir(temporary.path()).map_err(fault)? {
        let file = entry
            .and_then(|entry| std::fs::File::open(entry.path()))
            .map_err(fault)?;
        file.sync_all().map_err(fault)?;
    }
    sync_folder(temporary.path()).map_err(fault)?;
    // A temporary folder is for its owner only; what it becomes is an ordinary one.
    open_permissions(temporary.path()).map_err(fault)?;
    std::fs::rename(temporary.path(), path).map_err(fault)?;
    // The folder has moved away; there is nothing left to clean up under the old name.
    std::mem::forget(temporary);
    sync_folder(parent).map_err(fault)
}

/// The folder that holds `path`; a bare name lies in the current one.
fn parent_of(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

#[cfg(unix)]
fn sync_folder(folder: &Path) -> std::io::Result<()> {
    std::fs::File::open(folder)?.sync_all()
}

/// Other platforms cannot sync a folder by itself.
#[cfg(not(unix))]
fn sync_folder(_folder: &Path) -> std::io::Result<()> {
    Ok(())
}

#[cfg(unix)]
fn open_permissions(folder: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o755))
}

#[cfg(not(unix))]
fn open_permissions(_folder: &Path) -> std::io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_folder_leaves_nothing() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("model");
        let failed = write_folder(&path, |folder| {
            std::fs::write(folder.join("half"), "x").unwrap();
            Err(Error::new("no room"))
        });
        assert!(failed.is_err());
        assert_eq!(std::fs::read_dir(home.path()).unwrap().count(), 0);
        write_folder(&path, |folder| write_file(&folder.join("whole"), b"y")).unwrap();
        assert_eq!(std::fs::read(path.join("whole")).unwrap(), b"y");
        assert_eq!(std::fs::read_dir(home.path()).unwrap().count(), 1);
    }
}
