//! Everything the window can be asked to do. Pages send intents; `apply.rs` alone carries them out.

use std::path::PathBuf;

use super::page::Page;
use super::preferences::{Language, ThemeChoice};
use crate::data::{Cleaning, Kind};
use crate::run::Preset;
use crate::run::{DataSettings, Hyperparameters};
use crate::tasks::TaskKind;
use crate::train::Command;

/// One thing asked for.
#[derive(Clone, Debug, PartialEq)]
pub enum Intent {
    /// Show a page, if it can be reached.
    Navigate(Page),
    /// Choose what is learned.
    SetTask(TaskKind),
    /// Choose the examples and read them.
    SetData(Box<DataSettings>),
    /// Read the examples again, after a fault or a change on disk.
    ReadData,
    /// Stop reading.
    CancelReading,
    /// Read the examples in another way, and for this kind; `None` finds that out.
    ReadAs(Box<DataSettings>, Option<Kind>),
    /// Clean the examples in another way; can be undone.
    Clean(Box<Cleaning>),
    /// Clean as before the last change of the cleaning.
    UndoCleaning,
    /// Write the rows that cannot be used to a file, as CSV.
    SaveSetAside(PathBuf),
    /// Keep these rows in a file and read it.
    PasteRows(String),
    /// Choose the base model: a catalogue name or a folder.
    SetModel(String),
    /// Change hyperparameters; they have been checked.
    SetHyperparameters(Box<Hyperparameters>),
    /// Take a preset's values, with the learning rate that suits model and method; the method stays.
    ApplyPreset(Preset),
    /// Sentences scored at every evaluation. While a run is on it is told too.
    SetProbes(Vec<String>),
    /// Fetch a model of the catalogue.
    Download(String),
    /// Stop fetching it; what has arrived is kept for going on later.
    CancelDownload(String),
    /// Open a file dialog.
    Pick(PickFor),
    /// Start training with the settings as they are, and show Train.
    StartTraining,
    /// Tell the running training thread.
    Send(Command),
    /// Look at a kept run: Train, Evaluate, Try and Export show it.
    OpenRun(PathBuf),
    /// Stop looking at a kept run; the steps show the live run again, if there is one.
    CloseRun,
    /// Read the list of runs again.
    ReloadRuns,
    /// Give a run another name.
    RenameRun {
        /// The run's folder.
        run: PathBuf,
        /// The new name.
        name: String,
    },
    /// Delete a run; the person has been asked.
    DeleteRun(PathBuf),
    /// Take a kept run's task, data, model and hyperparameters into the wizard.
    UseSettingsOf(PathBuf),
    /// Read the shown run's final evaluation.
    LoadEvaluation,
    /// Score a sentence with the shown run's model.
    Score(String),
    /// Ask another finished run the same sentences; `None` asks no other.
    CompareWith(Option<PathBuf>),
    /// Score every line of a file with the shown run's model.
    ScoreFile(PathBuf),
    /// Write the scores of the file beside it or elsewhere, as CSV.
    SaveScores(PathBuf),
    /// Read the shown run's model card.
    LoadModelCard,
    /// Write the shown run's model to a folder and check the copy.
    Export {
        /// New or empty.
        to: PathBuf,
    },
    /// Change the theme.
    SetTheme(ThemeChoice),
    /// Change the language.
    SetLanguage(Language),
    /// Keep models and runs elsewhere; `None` is the usual place.
    SetStorageFolder(Option<PathBuf>),
    /// Compute with so many threads; `None` is all.
    SetThreads(Option<usize>),
    /// Fetch models from another address; `None` is the Hugging Face hub.
    SetHub(Option<String>),
    /// Never use the network.
    SetOffline(bool),
    /// Put the message at the bottom away.
    DismissNotice,
    /// Answer to the question asked when the window is closed while training.
    Quit(QuitChoice),
}

/// What happens to a running training when the window is closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QuitChoice {
    /// Go on; the window stays.
    KeepTraining,
    /// Stop, keep the best checkpoint, then close.
    StopAndQuit,
    /// Close at once; the run stays as it is on disk.
    QuitNow,
}

/// What a file dialog is opened for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PickFor {
    /// One data file.
    DataFile,
    /// A folder of data files, or of folders named by labels.
    DataFolder,
    /// Where the rows set aside are written.
    SaveSetAside,
    /// Training rows.
    TrainFile,
    /// Validation rows.
    ValidationFile,
    /// Test rows.
    TestFile,
    /// A model folder in Hugging Face layout.
    ModelFolder,
    /// Where models and runs are kept.
    StorageFolder,
    /// Where a model is exported to.
    ExportFolder,
    /// A file whose lines are scored.
    ScoreFile,
    /// Where scores are written.
    SaveScores,
}

impl PickFor {
    /// The page that asked and takes the answer.
    pub fn page(self) -> Page {
        match self {
            Self::DataFile
            | Self::DataFolder
            | Self::SaveSetAside
            | Self::TrainFile
            | Self::ValidationFile
            | Self::TestFile => Page::Data,
            Self::ModelFolder => Page::Model,
            Self::StorageFolder => Page::Settings,
            Self::ExportFolder => Page::Export,
            Self::ScoreFile | Self::SaveScores => Page::Try,
        }
    }
}
