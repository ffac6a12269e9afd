//! What the window needs from outside itself: the engine, the disk, the network, file dialogs.
//!
//! One trait, so that a test can put made-up data and a picked path in its place. Everything here
//! may take long and is called on a job's thread, except where it says otherwise.

use std::path::{Path, PathBuf};

use super::intent::PickFor;
use super::preferences::Preferences;
use super::project::{KeptRuns, Progress};
use crate::data::{Kind, SetAside};
use crate::error::{Error, Result};
use crate::hub::Entry;
use crate::run::{DataSettings, Hyperparameters, RunSettings};
use crate::session::dataset::{self, DatasetView, FileView};
use crate::session::export::Exported;
use crate::session::runs::KeptRun;
use crate::session::scorer::Scorer;
use crate::session::{Session, Wake};
use crate::tasks::Prediction;
use crate::tasks::{Evaluation, ScoredRow};
use crate::train::estimate::{Estimate, Machine, ModelShape};

/// A model of the catalogue and where it is.
#[derive(Clone, Debug, PartialEq)]
pub struct ModelChoice {
    /// What is known about it.
    pub entry: Entry,
    /// Where its files are.
    pub place: Place,
}

/// Where a model's files are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Inside the program.
    BuiltIn,
    /// In the storage folder.
    Downloaded,
    /// Partly in the storage folder: an earlier download was stopped.
    Partly,
    /// Not on this computer.
    Elsewhere,
}

impl Place {
    /// Whether it can be used at once.
    pub fn is_here(self) -> bool {
        matches!(self, Self::BuiltIn | Self::Downloaded)
    }
}

/// A folder in Hugging Face layout that was looked at.
#[derive(Clone, Debug, PartialEq)]
pub struct LocalModel {
    /// The folder.
    pub folder: PathBuf,
    /// Its size as far as time and memory depend on it.
    pub shape: ModelShape,
    /// Bytes of its weight files.
    pub bytes: u64,
}

/// The final evaluation of a run, with its scored rows.
#[derive(Clone, Debug, PartialEq)]
pub struct FinalEvaluation {
    /// On the validation split.
    pub validation: Evaluation,
    /// On the test split, where there is one.
    pub test: Option<Evaluation>,
    /// The rows of the test split where there is one, else of validation.
    pub rows: Vec<ScoredRow>,
}

/// The outside world.
pub trait Services: Send + Sync {
    /// The storage folder that `preferences` choose. Quick.
    fn storage(&self, preferences: &Preferences) -> PathBuf;

    /// Whether `LUTHIER_HOME` decides where the storage folder is. Quick.
    fn storage_is_fixed(&self) -> bool {
        false
    }

    /// Opens a file dialog and waits for its answer; `None` where the person picked nothing.
    ///
    /// # Errors
    /// This desktop has no file dialog.
    fn pick(&self, purpose: PickFor) -> Result<Option<PathBuf>>;

    /// Names and rows of the bundled sets.
    fn bundled(&self) -> Vec<(&'static str, usize)>;

    /// Reads, cleans and checks data; tells `progress` and obeys its cancelling. `kind` is what the
    /// rows are read for, where that is not to be found out.
    fn view(
        &self,
        settings: &RunSettings,
        kind: Option<Kind>,
        preferences: &Preferences,
        progress: &Progress,
    ) -> Result<DatasetView>;

    /// How the first data file is understood, where its rows cannot be read.
    fn inspect(
        &self,
        data: &DataSettings,
        kind: Option<Kind>,
        progress: &Progress,
    ) -> Result<FileView> {
        dataset::inspect(data, kind, &progress.reporter())
    }

    /// Writes the rows that are not used as CSV; `dropped` are those that could be read.
    fn save_set_aside(
        &self,
        data: &DataSettings,
        kind: Option<Kind>,
        dropped: &[(String, SetAside)],
        to: &Path,
    ) -> Result<()> {
        dataset::save_set_aside(data, kind, dropped, to)
    }

    /// Keeps pasted rows in a file. Its path.
    fn keep_pasted(&self, rows: &str, preferences: &Preferences) -> Result<PathBuf> {
        dataset::keep_pasted(rows, &self.storage(preferences))
    }

    /// The catalogue, and where each model is.
    fn catalogue(&self, preferences: &Preferences) -> Result<Vec<ModelChoice>>;

    /// Fetches a model; tells `progress` and obeys its cancelling. The model's folder.
    fn download(
        &self,
        name: &str,
        preferences: &Preferences,
        progress: &Progress,
    ) -> Result<PathBuf>;

    /// Looks at a folder in Hugging Face layout.
    fn local_model(&self, folder: &Path) -> Result<LocalModel>;

    /// Measures this computer.
    fn measure(&self) -> Machine;

    /// The shape of a catalogue entry's model. Quick.
    fn shape_of(&self, entry: &Entry) -> ModelShape;

    /// Time and memory of a run. Quick.
    fn estimate(
        &self,
        shape: ModelShape,
        rows: [usize; 2],
        mean_tokens: f64,
        hyperparameters: &Hyperparameters,
        machine: Machine,
    ) -> Estimate;

    /// Starts the training thread. Quick.
    fn start(
        &self,
        settings: RunSettings,
        preferences: &Preferences,
        wake: Wake,
    ) -> Result<Session>;

    /// All runs kept, newest first.
    fn runs(&self, preferences: &Preferences) -> KeptRuns;

    /// One run.
    fn open_run(&self, folder: &Path, preferences: &Preferences) -> Result<KeptRun>;

    /// Gives a run another name. Its new folder.
    fn rename_run(&self, folder: &Path, name: &str) -> Result<PathBuf>;

    /// Deletes a run.
    fn delete_run(&self, folder: &Path) -> Result<()>;

    /// The final evaluation of a run.
    fn evaluation(&self, run: &Path) -> Result<FinalEvaluation>;

    /// Opens a run's model for sentences, on a thread of its own. Quick.
    fn scorer(&self, run: &Path, wake: Wake) -> Scorer;

    /// Scores every line of `file` with a run's model.
    fn score_file(&self, run: &Path, file: &Path, progress: &Progress) -> Result<Vec<Prediction>>;

    /// Writes scores as CSV.
    fn save_scores(&self, scores: &[Prediction], to: &Path) -> Result<()>;

    /// The model card of a run: the README of its model folder.
    fn model_card(&self, run: &Path) -> Result<String> {
        let file = run.join("model").join("README.md");
        std::fs::read_to_string(&file).map_err(|cause| Error::file("read", &file, cause))
    }

    /// Copies a run's model out and checks the copy.
    fn export(&self, run: &Path, to: &Path) -> Result<Exported>;
}
