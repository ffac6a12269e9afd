//! What is being made: the settings edited, the data read, the models known, the runs looked at.
//! Plain state; `apply.rs` changes it, pages only look.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Instant;

use super::intent::PickFor;
use super::loaded::{Load, Loaded};
use super::page::Page;
use super::services::{FinalEvaluation, LocalModel, ModelChoice};
use crate::data::{Cleaning, Kind};
use crate::error::{Error, Result};
use crate::run::Preset;
use crate::run::hyperparameters::MethodName;
use crate::run::{DataSettings, Hyperparameters, RunSettings};
use crate::session::dataset::{DatasetView, FileView};
use crate::session::export::Exported;
use crate::session::runs::KeptRun;
use crate::session::scorer::{Answer, Scorer};
use crate::session::{Job, RunState, Session};
use crate::tasks::Prediction;
use crate::tasks::TaskKind;
use crate::train::estimate::{Estimate, Machine};

/// The model a new project starts from.
const FIRST_MODEL: &str = "luthier-mini";

/// Runs of the storage folder; a folder that cannot be read is listed with its fault.
pub type KeptRuns = Vec<(PathBuf, Result<KeptRun>)>;

/// The state shared by all pages.
pub struct Project {
    /// The run that would be started now.
    pub settings: RunSettings,
    /// Whether the person has chosen the task, rather than found it preselected.
    pub task_chosen: bool,
    /// The data, read, cleaned and checked.
    pub data: Loaded<Arc<DatasetView>>,
    /// How far reading it has come.
    pub data_progress: Arc<Progress>,
    /// When reading it began.
    pub reading_since: Instant,
    /// What the rows are read for, where a person has said so; else it follows from the task.
    pub kind: Option<Kind>,
    /// How the file is understood whose rows could not be read.
    pub inspected: Loaded<FileView>,
    /// Former cleanings, the last one last.
    pub undo: Vec<Cleaning>,
    /// Writing the rows set aside: the file written.
    pub saved_set_aside: Loaded<PathBuf>,
    /// Keeping pasted rows: the file written.
    pub pasted: Loaded<PathBuf>,
    /// Bundled sets: name and rows.
    pub bundled: Loaded<Vec<(&'static str, usize)>>,
    /// Models known by name.
    pub catalogue: Loaded<Vec<ModelChoice>>,
    /// Downloads under way or failed, by model name.
    pub downloads: BTreeMap<String, Download>,
    /// The local model folder, where one is chosen.
    pub local_model: Loaded<LocalModel>,
    /// This computer.
    pub machine: Loaded<Machine>,
    /// Time and memory of the settings with each known model, by name or folder.
    pub estimates: BTreeMap<String, Estimate>,
    /// Time and memory of each preset with the chosen model, in the order of [`Preset::ALL`].
    pub preset_estimates: Vec<Estimate>,
    /// The run that was started from this window.
    pub live: Option<LiveRun>,
    /// A kept run that is looked at instead of the live one.
    pub opened: Option<KeptRun>,
    /// Opening a kept run.
    pub opening: Loaded<KeptRun>,
    /// All runs kept.
    pub runs: Loaded<KeptRuns>,
    /// The shown run's final evaluation.
    pub evaluation: Loaded<FinalEvaluation>,
    /// The shown run's model, kept open for sentences.
    pub scorer: Option<Scorer>,
    /// The scorer's newest answer.
    pub answer: Option<Answer>,
    /// Another run that is asked the same sentences.
    pub compared: Option<Compared>,
    /// A file whose lines were scored.
    pub file_scores: Loaded<Vec<Prediction>>,
    /// How many lines of it are done, and how many there are.
    pub file_progress: Arc<Progress>,
    /// Writing the file's scores: the file written.
    pub saved_scores: Loaded<PathBuf>,
    /// The shown run's model card.
    pub model_card: Loaded<String>,
    /// The last export.
    pub exported: Loaded<Exported>,
    /// The file dialog that is open.
    pub picking: Option<PickFor>,
    /// The file dialog asked for last, if none could be opened.
    pub no_dialog: Option<PickFor>,
    /// A fault or remark that belongs to no page.
    pub notice: Option<Notice>,
}

/// The run started from this window, with the settings it was started with.
pub struct LiveRun {
    /// The training thread's other end.
    pub session: Session,
    /// What it was started with.
    pub settings: RunSettings,
}

/// A finished run beside the shown one, asked the same sentences.
pub struct Compared {
    /// Its folder.
    pub run: PathBuf,
    /// Its model; opened with the first sentence.
    pub scorer: Option<Scorer>,
    /// Its newest answer.
    pub answer: Option<Answer>,
}

/// How far something has come, written by its thread and read by the window.
#[derive(Debug, Default)]
pub struct Progress {
    done: AtomicU64,
    total: AtomicU64,
    cancelled: AtomicBool,
}

impl Progress {
    /// Tells how much is done and how much there is; a total of 0 is not known yet.
    pub fn set(&self, done: u64, total: u64) {
        self.done.store(done, Ordering::Relaxed);
        self.total.store(total, Ordering::Relaxed);
    }

    /// How much is done, and how much there is where that is known.
    pub fn get(&self) -> (u64, Option<u64>) {
        let total = self.total.load(Ordering::Relaxed);
        (
            self.done.load(Ordering::Relaxed),
            (total > 0).then_some(total),
        )
    }

    /// The share done, where the total is known.
    pub fn share(&self) -> Option<f32> {
        let (done, total) = self.get();
        total.map(|total| (done as f64 / total as f64).clamp(0.0, 1.0) as f32)
    }

    /// Asks the thread to stop.
    pub fn cancel(&self) {
        self.cancelled.store(true, Ordering::Relaxed);
    }

    /// The flag that [`Self::cancel`] sets.
    pub fn cancel_flag(&self) -> &AtomicBool {
        &self.cancelled
    }

    /// Takes reports of work in this process and ends it once [`Self::cancel`] was called.
    pub fn reporter(&self) -> impl Fn(u64, u64) -> Result<()> + Sync + '_ {
        |done, total| {
            self.set(done, total);
            match self.is_cancelled() {
                true => Err(Error::new("it was cancelled")),
                false => Ok(()),
            }
        }
    }

    /// Whether the thread was asked to stop.
    pub fn is_cancelled(&self) -> bool {
        self.cancelled.load(Ordering::Relaxed)
    }
}

/// A model being fetched, or the fault that ended it.
#[derive(Debug)]
pub struct Download {
    /// How far it has come.
    pub progress: Arc<Progress>,
    /// The thread; `None` once it has ended.
    pub job: Option<Job<PathBuf>>,
    /// Why it ended, when it did not succeed.
    pub fault: Option<Error>,
}

/// One line at the bottom of the window, until it is put away.
#[derive(Debug)]
pub enum Notice {
    /// Something went wrong.
    Fault(Error),
    /// Something is worth knowing.
    Remark(String),
}

/// The run that Train, Evaluate, Try and Export show.
#[derive(Clone, Copy)]
pub struct RunView<'a> {
    /// Its state so far.
    pub state: &'a RunState,
    /// What it was started with.
    pub settings: &'a RunSettings,
    /// Whether it is the run started from this window (and not a kept one looked at).
    pub live: bool,
}

impl<'a> RunView<'a> {
    /// Its folder, once that is known.
    pub fn folder(&self) -> Option<&'a Path> {
        let started = self.state.started.as_ref().map(|started| &started.run);
        let finished = self.state.finished.as_ref().map(|finished| &finished.run);
        started.or(finished).map(PathBuf::as_path)
    }

    /// Its folder's name.
    pub fn name(&self) -> String {
        let name = self.folder().and_then(Path::file_name);
        name.map(|name| name.to_string_lossy().into_owned())
            .unwrap_or_default()
    }
}

/// Why a step cannot be visited yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Blocked {
    /// No examples are read.
    NeedsData,
    /// The examples cannot be trained on: of another kind, or not to be split.
    NeedsTrainableData,
    /// The chosen model is not on this computer.
    NeedsModel,
    /// Nothing was trained or opened.
    NeedsRun,
    /// The run has not finished.
    NeedsFinishedRun,
}

impl Default for Project {
    fn default() -> Self {
        Self {
            settings: first_settings(),
            task_chosen: false,
            data: Loaded::default(),
            data_progress: Arc::default(),
            reading_since: Instant::now(),
            kind: None,
            inspected: Loaded::default(),
            undo: Vec::new(),
            saved_set_aside: Loaded::default(),
            pasted: Loaded::default(),
            bundled: Loaded::default(),
            catalogue: Loaded::default(),
            downloads: BTreeMap::new(),
            local_model: Loaded::default(),
            machine: Loaded::default(),
            estimates: BTreeMap::new(),
            preset_estimates: Vec::new(),
            live: None,
            opened: None,
            opening: Loaded::default(),
            runs: Loaded::default(),
            evaluation: Loaded::default(),
            scorer: None,
            answer: None,
            compared: None,
            file_scores: Loaded::default(),
            file_progress: Arc::default(),
            saved_scores: Loaded::default(),
            exported: Loaded::default(),
            model_card: Loaded::default(),
            picking: None,
            no_dialog: None,
            notice: None,
        }
    }
}

/// Sentiment with the built-in model and the balanced preset; no data yet.
fn first_settings() -> RunSettings {
    RunSettings {
        task: TaskKind::Sentiment,
        model: FIRST_MODEL.to_owned(),
        probes: Vec::new(),
        data: DataSettings::default(),
        hyperparameters: Preset::Balanced.hyperparameters(1.5e-4),
    }
}

impl Project {
    /// The run that Train, Evaluate, Try and Export show: the opened one, else the live one.
    pub fn run(&self) -> Option<RunView<'_>> {
        if let Some(kept) = &self.opened {
            return Some(RunView {
                state: &kept.state,
                settings: &kept.settings,
                live: false,
            });
        }
        self.live.as_ref().map(|live| RunView {
            state: live.session.state(),
            settings: &live.settings,
            live: true,
        })
    }

    /// Whether a training thread of this window is at work.
    pub fn is_training(&self) -> bool {
        let live = self.live.as_ref();
        live.is_some_and(|live| live.session.state().is_running())
    }

    /// Whether any data is named.
    pub fn has_data(&self) -> bool {
        let data = &self.settings.data;
        data.bundled.is_some() || data.file.is_some() || data.train.is_some()
    }

    /// The catalogue's entry of the chosen model; `None` for a local folder.
    pub fn chosen_model(&self) -> Option<&ModelChoice> {
        self.model_named(&self.settings.model)
    }

    /// The catalogue's model called `name`.
    pub fn model_named(&self, name: &str) -> Option<&ModelChoice> {
        let models = self.catalogue.value()?;
        models.iter().find(|model| model.entry.name == name)
    }

    /// Whether the chosen model can be trained now.
    pub fn model_is_ready(&self) -> bool {
        match self.chosen_model() {
            Some(model) => model.place.is_here(),
            None => self.local_model.value().is_some(),
        }
    }

    /// Why the chosen method does not fit the chosen model, as far as that is known.
    pub fn method_fault(&self) -> Option<Error> {
        let layers = match self.chosen_model() {
            Some(model) => model.entry.layers,
            None => self.local_model.value()?.shape.layers,
        };
        let method = self.settings.hyperparameters.method();
        method.check_layers(layers).err()
    }

    /// The learning rate that suits training all weights of the chosen model.
    pub fn suited_learning_rate(&self) -> f64 {
        self.chosen_model()
            .map_or(Hyperparameters::default().learning_rate, |model| {
                model.entry.learning_rate
            })
    }

    /// A preset's values for the chosen model and method.
    pub fn of_preset(&self, preset: Preset) -> Hyperparameters {
        preset.keeping_method(self.suited_learning_rate(), &self.settings.hyperparameters)
    }

    /// The preset whose values the hyperparameters have, if any, whatever the method.
    pub fn preset(&self) -> Option<Preset> {
        Preset::ALL
            .into_iter()
            .find(|&preset| self.of_preset(preset) == self.settings.hyperparameters)
    }

    /// The hyperparameters with another method. A learning rate that a preset recommends for the
    /// old method becomes what it recommends for the new one; a person's own stays.
    pub fn with_method(&self, method: MethodName) -> Hyperparameters {
        let old = &self.settings.hyperparameters;
        let mut new = Hyperparameters {
            method,
            ..old.clone()
        };
        let followed = Preset::ALL
            .into_iter()
            .find(|&preset| self.of_preset(preset).learning_rate == old.learning_rate);
        if let Some(preset) = followed {
            let suited = preset.keeping_method(self.suited_learning_rate(), &new);
            new.learning_rate = suited.learning_rate;
        }
        new
    }

    /// Time and memory of the run that would be started now.
    pub fn estimate(&self) -> Option<&Estimate> {
        self.estimates.get(&self.settings.model)
    }

    /// Rows whose text would be cut at the length limit as it is set now.
    pub fn rows_cut(&self) -> usize {
        let limit = self.settings.hyperparameters.max_seq_length;
        let view = self.data.value();
        view.map_or(0, |view| view.longer_than(limit))
    }

    /// Whether a model can be trained for the task on the data that was read.
    pub fn data_is_trainable(&self) -> bool {
        let view = self.data.value();
        view.is_some_and(|view| view.is_trainable_for(self.settings.task))
    }

    /// Why `page` cannot be visited yet; `None` when it can.
    pub fn blocked(&self, page: Page) -> Option<Blocked> {
        let has_data = matches!(self.data.state(), Load::Ready { .. });
        let finished = self.run().is_some_and(|run| run.state.finished.is_some());
        match page {
            Page::Task | Page::Data | Page::Runs | Page::Settings => None,
            Page::Train | Page::Try if self.run().is_some() => None,
            Page::Evaluate | Page::Export if finished => None,
            Page::Evaluate | Page::Export if self.run().is_some() => {
                Some(Blocked::NeedsFinishedRun)
            }
            Page::Train | Page::Try | Page::Evaluate | Page::Export => Some(Blocked::NeedsRun),
            _ if !has_data => Some(Blocked::NeedsData),
            _ if !self.data_is_trainable() => Some(Blocked::NeedsTrainableData),
            Page::Model => None,
            _ if !self.model_is_ready() => Some(Blocked::NeedsModel),
            _ => None,
        }
    }

    /// Why training cannot be started yet.
    pub fn blocked_start(&self) -> Option<Blocked> {
        let has_data = matches!(self.data.state(), Load::Ready { .. });
        match (has_data, self.model_is_ready()) {
            (false, _) => Some(Blocked::NeedsData),
            (true, _) if !self.data_is_trainable() => Some(Blocked::NeedsTrainableData),
            (true, false) => Some(Blocked::NeedsModel),
            (true, true) => None,
        }
    }

    /// Whether a step of the second half has its result.
    pub fn is_done(&self, page: Page) -> bool {
        let finished = self.run().is_some_and(|run| run.state.finished.is_some());
        match page {
            Page::Train | Page::Evaluate => finished,
            Page::Try => finished && self.answer.is_some(),
            Page::Export => self.exported.value().is_some(),
            _ => false,
        }
    }

    /// Whether a step of the first half holds a choice that would do.
    pub fn is_settled(&self, page: Page) -> bool {
        match page {
            Page::Task => self.task_chosen,
            Page::Data => matches!(self.data.state(), Load::Ready { .. }),
            Page::Model | Page::Hyperparameters => self.model_is_ready(),
            _ => false,
        }
    }
}
