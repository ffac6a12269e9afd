//! The runs that are kept: listing, looking at, renaming, deleting.

use std::path::{Path, PathBuf};

use super::state::{Phase, RunState};
use crate::error::{Error, Result};
use crate::home::Home;
use crate::run::{RunFolder, RunSettings};
use crate::tasks::{Evaluation, ScoredRow};
use crate::train::history;

/// A run folder, with its whole history folded.
#[derive(Clone, Debug, PartialEq)]
pub struct KeptRun {
    /// The folder.
    pub folder: PathBuf,
    /// The folder's name.
    pub name: String,
    /// The day on which it was begun, as 2026-11-21 in UTC.
    pub begun: Option<String>,
    /// The run file.
    pub settings: RunSettings,
    /// The history, folded.
    pub state: RunState,
}

/// All runs of the storage folder, newest first. Folders that cannot be read come back as errors
/// with their path, so that one bad folder hides nothing.
pub fn list(home: &Home) -> Vec<(PathBuf, Result<KeptRun>)> {
    // Where there is no such folder no run has been made yet.
    list_in(&home.runs()).unwrap_or_default()
}

/// All runs that lie side by side in `folder`, likewise.
///
/// # Errors
/// It is not a folder that can be read.
pub fn list_in(folder: &Path) -> Result<Vec<(PathBuf, Result<KeptRun>)>> {
    let entries = std::fs::read_dir(folder).map_err(|cause| Error::file("list", folder, cause))?;
    let mut folders: Vec<_> = entries
        .flatten()
        .filter(|entry| entry.path().is_dir())
        .map(|entry| {
            let begun = std::fs::metadata(entry.path().join("run.toml"));
            let begun = begun.and_then(|file| file.modified()).ok();
            (begun, entry.path())
        })
        .collect();
    folders.sort_by(|a, b| b.cmp(a));
    let runs = folders.into_iter();
    Ok(runs
        .map(|(_, folder)| (folder.clone(), read(&folder)))
        .collect())
}

/// One run: a folder, or a name under the storage folder.
pub fn open(name_or_path: &str, home: &Home) -> Result<KeptRun> {
    let path = Path::new(name_or_path);
    if path.is_dir() {
        return read(path);
    }
    let named = home.runs().join(name_or_path);
    if is_plain_name(name_or_path) && named.is_dir() {
        return read(&named);
    }
    Err(Error::new(format!("there is no run {name_or_path}"))
        .remedy("Give a run's name or folder; `luthier runs` lists them."))
}

pub(super) fn read(path: &Path) -> Result<KeptRun> {
    let folder = RunFolder::open(path)?;
    let settings = RunSettings::read(&folder.settings_path())?;
    let events = match folder.history_path() {
        history if history.is_file() => history::read(&history)?,
        _ => Vec::new(),
    };
    let mut state = RunState::replay(events);
    if state.is_running() && !folder.is_running() {
        // Its history has no end and nobody trains here any more: the process was ended.
        let remedy = match folder.kept_model() {
            Some(_) => {
                "Its best weights so far are kept; on the command line they can be evaluated, tried and \
                 exported by the run's name. Or train it again from its settings."
            }
            None => "Train it again from its settings.",
        };
        state.phase = Phase::Failed {
            message: "the run was interrupted".to_owned(),
            remedy: Some(remedy.to_owned()),
        };
    }
    let name = path
        .file_name()
        .unwrap_or(path.as_os_str())
        .to_string_lossy()
        .into_owned();
    Ok(KeptRun {
        folder: path.to_path_buf(),
        name,
        begun: folder.begun_on(),
        settings,
        state,
    })
}

/// The final evaluations of a run: validation, and test where there is one.
pub fn evaluations(run: &Path) -> Result<(Evaluation, Option<Evaluation>)> {
    let evaluation = RunFolder::open(run)?.read_evaluation()?;
    Ok((evaluation.validation, evaluation.test))
}

/// The rows scored by the final evaluation: of the test split where there is one, else of validation.
pub fn scored_rows(run: &Path) -> Result<Vec<ScoredRow>> {
    RunFolder::open(run)?.read_predictions()
}

/// Gives a run another name. The new path.
pub fn rename(run: &Path, name: &str) -> Result<PathBuf> {
    let name = name.trim();
    if !is_plain_name(name) {
        return Err(
            Error::new(format!("\"{name}\" cannot be the name of a run"))
                .remedy("Use letters, digits, spaces, dots, dashes; no slashes, not empty."),
        );
    }
    let to = run.with_file_name(name);
    if to == run {
        return Ok(to);
    }
    if to.exists() {
        return Err(
            Error::new(format!("there is a run called \"{name}\" already"))
                .remedy("Choose another name."),
        );
    }
    RunFolder::open(run)?.refuse_if_running()?;
    std::fs::rename(run, &to).map_err(|cause| Error::file("rename", run, cause))?;
    Ok(to)
}

/// Deletes a run folder and everything in it.
pub fn delete(run: &Path) -> Result<()> {
    // Only what has a run file is a run: nothing else is ever deleted.
    RunFolder::open(run)?.refuse_if_running()?;
    std::fs::remove_dir_all(run).map_err(|cause| Error::file("delete", run, cause))
}

/// A name that stays inside its folder on every platform.
fn is_plain_name(name: &str) -> bool {
    !name.is_empty()
        && name.len() <= 120
        && !name.starts_with('.')
        && !name.ends_with('.')
        && !name
            .chars()
            .any(|c| c.is_control() || "/\\:*?\"<>|".contains(c))
}
