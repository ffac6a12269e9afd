//! The runs that are kept: listing, looking at, renaming, deleting.

use std::path::{Path, PathBuf};

use super::state::RunState;
use crate::error::Result;
use crate::home::Home;
use crate::run::{Evaluation, RunSettings, ScoredRow};

/// A run folder, with its whole history folded.
#[derive(Clone, Debug, PartialEq)]
pub struct KeptRun {
    /// The folder.
    pub folder: PathBuf,
    /// The folder's name.
    pub name: String,
    /// The run file.
    pub settings: RunSettings,
    /// The history, folded.
    pub state: RunState,
}

/// All runs of the storage folder, newest first. Folders that cannot be read come back as errors
/// with their path, so that one bad folder hides nothing.
pub fn list(home: &Home) -> Vec<(PathBuf, Result<KeptRun>)> {
    let _ = home;
    todo!()
}

/// One run: a folder, or a name under the storage folder.
pub fn open(name_or_path: &str, home: &Home) -> Result<KeptRun> {
    let _ = (name_or_path, home);
    todo!()
}

/// The final evaluations of a run: validation, and test where there is one.
pub fn evaluations(run: &Path) -> Result<(Evaluation, Option<Evaluation>)> {
    let _ = run;
    todo!()
}

/// The rows scored by the final evaluation: of the test split where there is one, else of validation.
pub fn scored_rows(run: &Path) -> Result<Vec<ScoredRow>> {
    let _ = run;
    todo!()
}

/// Gives a run another name. The new path.
pub fn rename(run: &Path, name: &str) -> Result<PathBuf> {
    let _ = (run, name);
    todo!()
}

/// Deletes a run folder and everything in it.
pub fn delete(run: &Path) -> Result<()> {
    let _ = run;
    todo!()
}
