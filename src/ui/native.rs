//! The real outside world behind [`Services`].

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::intent::PickFor;
use super::preferences::Preferences;
use super::project::{KeptRuns, Progress};
use super::services::{FinalEvaluation, LocalModel, ModelChoice, Place, Services};
use super::text::Text;
use crate::data::{EXTENSIONS, Kind, Request, Source};
use crate::error::{Error, Result};
use crate::home::Home;
use crate::hub::{self, Catalogue, Downloader, Entry, Status};
use crate::run::{Hyperparameters, RunSettings};
use crate::session::dataset::{self, DatasetView};
use crate::session::export::{self, Exported};
use crate::session::runs::{self, KeptRun};
use crate::session::scorer::{self, Scorer};
use crate::session::texts::Texts;
use crate::session::{Session, Wake, trained};
use crate::tasks::{Prediction, TaskModel};
use crate::train::estimate::{self, Estimate, Machine, ModelShape};

/// Nobody closes a dialog so soon after asking for it: an empty answer within this time means that
/// there was none. (A desktop without a portal and without zenity gives no other sign.)
const BY_HAND: Duration = Duration::from_millis(400);

/// Engine, disk, network and dialogs of this computer.
pub struct Native {
    home: Home,
    text: &'static Text,
}

impl Native {
    /// With the storage folder that holds unless the person chooses another.
    pub fn new(home: Home, text: &'static Text) -> Self {
        Self { home, text }
    }

    fn home(&self, preferences: &Preferences) -> Home {
        self.home.or_chosen(preferences.storage.as_deref())
    }

    /// Opens the dialog and waits for its answer.
    fn ask(&self, purpose: PickFor) -> Option<PathBuf> {
        let words = &self.text.shell.dialogs;
        let dialog = rfd::FileDialog::new();
        let data = |title: &str| {
            rfd::FileDialog::new()
                .set_title(title)
                .add_filter(words.data_files, &EXTENSIONS)
                .add_filter(words.all_files, &["*"])
        };
        match purpose {
            PickFor::DataFile => data(words.data).pick_file(),
            PickFor::TrainFile => data(words.train).pick_file(),
            PickFor::ValidationFile => data(words.validation).pick_file(),
            PickFor::TestFile => data(words.test).pick_file(),
            PickFor::DataFolder => dialog.set_title(words.data_folder).pick_folder(),
            PickFor::SaveSetAside => dialog
                .set_title(words.save_set_aside)
                .set_file_name(words.set_aside_name)
                .save_file(),
            PickFor::ModelFolder => dialog.set_title(words.model).pick_folder(),
            PickFor::StorageFolder => dialog.set_title(words.storage).pick_folder(),
            PickFor::ExportFolder => dialog.set_title(words.export).pick_folder(),
            PickFor::ScoreFile => dialog
                .set_title(words.score)
                .add_filter(words.text_files, &EXTENSIONS)
                .add_filter(words.all_files, &["*"])
                .pick_file(),
            PickFor::SaveScores => dialog
                .set_title(words.save_scores)
                .set_file_name(words.scores_name)
                .save_file(),
        }
    }
}

impl Services for Native {
    fn storage(&self, preferences: &Preferences) -> PathBuf {
        self.home(preferences).root().to_path_buf()
    }

    fn storage_is_fixed(&self) -> bool {
        self.home.is_fixed()
    }

    fn pick(&self, purpose: PickFor) -> Result<Option<PathBuf>> {
        let words = &self.text.shell.dialogs;
        let asked = Instant::now();
        let picked = self.ask(purpose);
        match picked.is_none() && asked.elapsed() < BY_HAND {
            true => Err(Error::new(words.none).remedy(words.none_remedy)),
            false => Ok(picked),
        }
    }

    fn bundled(&self) -> Vec<(&'static str, usize)> {
        dataset::bundled()
    }

    fn view(
        &self,
        settings: &RunSettings,
        kind: Option<Kind>,
        preferences: &Preferences,
        progress: &Progress,
    ) -> Result<DatasetView> {
        let home = self.home(preferences);
        dataset::view(settings, kind, &home, &progress.reporter())
    }

    fn catalogue(&self, preferences: &Preferences) -> Result<Vec<ModelChoice>> {
        let home = self.home(preferences);
        let place = |entry: &Entry| match hub::status(entry, &home) {
            Status::BuiltIn => Place::BuiltIn,
            Status::Downloaded => Place::Downloaded,
            Status::Partial { .. } => Place::Partly,
            Status::Absent => Place::Elsewhere,
        };
        let entries = Catalogue::embedded()?.entries.into_iter();
        Ok(entries
            .map(|entry| ModelChoice {
                place: place(&entry),
                entry,
            })
            .collect())
    }

    fn download(
        &self,
        name: &str,
        preferences: &Preferences,
        progress: &Progress,
    ) -> Result<PathBuf> {
        let catalogue = Catalogue::embedded()?;
        let entry = catalogue
            .by_name(name)
            .ok_or_else(|| Error::new(format!("the catalogue has no model called {name}")))?;
        let usual = Downloader::from_env();
        let downloader = Downloader {
            endpoint: preferences.hub.clone().unwrap_or(usual.endpoint),
            offline: preferences.offline || usual.offline,
            ..usual
        };
        let mut all = entry.download_bytes.unwrap_or(0);
        let mut told = |event| match event {
            hub::Progress::Begin { bytes, .. } => all = bytes.unwrap_or(all),
            hub::Progress::Bytes { total_bytes, .. } => {
                // The catalogue's number is only about right.
                all = all.max(total_bytes);
                progress.set(total_bytes, all);
            }
            _ => {}
        };
        let home = self.home(preferences);
        downloader.fetch(entry, &home, &mut told, progress.cancel_flag())
    }

    fn local_model(&self, folder: &Path) -> Result<LocalModel> {
        let files = hub::from_folder(folder)?;
        let sizes = files.weights.paths().iter().map(|path| {
            let file = std::fs::metadata(path);
            file.map(|file| file.len())
                .map_err(|cause| Error::file("look at", path, cause))
        });
        Ok(LocalModel {
            folder: folder.to_path_buf(),
            shape: estimate::shape_of_files(&files)?,
            bytes: sizes.sum::<Result<u64>>()?,
        })
    }

    fn measure(&self) -> Machine {
        estimate::measure()
    }

    fn shape_of(&self, entry: &Entry) -> ModelShape {
        estimate::shape_of(entry)
    }

    fn estimate(
        &self,
        shape: ModelShape,
        rows: [usize; 2],
        mean_tokens: f64,
        hyperparameters: &Hyperparameters,
        machine: Machine,
    ) -> Estimate {
        estimate::estimate(shape, rows, mean_tokens, hyperparameters, machine)
    }

    fn start(
        &self,
        settings: RunSettings,
        preferences: &Preferences,
        wake: Wake,
    ) -> Result<Session> {
        Session::start(settings, &self.home(preferences), None, wake)
    }

    fn runs(&self, preferences: &Preferences) -> KeptRuns {
        runs::list(&self.home(preferences))
    }

    fn open_run(&self, folder: &Path, preferences: &Preferences) -> Result<KeptRun> {
        runs::open(&folder.display().to_string(), &self.home(preferences))
    }

    fn rename_run(&self, folder: &Path, name: &str) -> Result<PathBuf> {
        runs::rename(folder, name)
    }

    fn delete_run(&self, folder: &Path) -> Result<()> {
        runs::delete(folder)
    }

    fn evaluation(&self, run: &Path) -> Result<FinalEvaluation> {
        let (validation, test) = runs::evaluations(run)?;
        let rows = runs::scored_rows(run)?;
        Ok(FinalEvaluation {
            validation,
            test,
            rows,
        })
    }

    fn scorer(&self, run: &Path, wake: Wake) -> Scorer {
        Scorer::open(run.join("model"), wake)
    }

    fn score_file(&self, run: &Path, file: &Path, progress: &Progress) -> Result<Vec<Prediction>> {
        let trained = trained::open(&run.display().to_string(), &self.home)?;
        let model = TaskModel::open(&trained.model)?;
        let table = trained.request_for(&model, &Source::from(file), Request::default().of_texts());
        let texts = Texts::all_of_file(file, model.kind(), model.learned_pairs(), &table)?;
        let total = texts.len() as u64;
        progress.set(0, total);
        scorer::predict_all(&model, &texts, &mut |done| {
            progress.set(done as u64, total);
        })
    }

    fn save_scores(&self, scores: &[Prediction], to: &Path) -> Result<()> {
        write_scores(scores, to)
    }

    fn export(&self, run: &Path, to: &Path) -> Result<Exported> {
        export::export(run, to)
    }
}

/// Writes text, what was read beside it, answer, confidence and every label's score, a row per
/// text.
fn write_scores(scores: &[Prediction], to: &Path) -> Result<()> {
    let folder = to.parent().filter(|folder| !folder.as_os_str().is_empty());
    let fault = |cause| Error::file("write to", to, cause);
    let file = tempfile::NamedTempFile::new_in(folder.unwrap_or(Path::new("."))).map_err(fault)?;
    let mut writer = csv::Writer::from_writer(file);
    let labels = scores.first().map_or(&[][..], Prediction::scores);
    let pairs = scores.iter().any(|prediction| prediction.pair.is_some());
    let head = ["text"].into_iter().chain(pairs.then_some("pair"));
    let head = head.chain(["answer", "confidence"]);
    let row_fault = |cause: csv::Error| fault(std::io::Error::other(cause));
    writer
        .write_record(head.chain(labels.iter().map(|score| score.label.as_str())))
        .map_err(row_fault)?;
    for prediction in scores {
        let mut row = vec![prediction.text.clone()];
        row.extend(pairs.then(|| prediction.pair.clone().unwrap_or_default()));
        row.push(prediction.answer.to_string());
        let sure = prediction.confidence();
        row.push(sure.map_or_else(String::new, |sure| format!("{sure:.6}")));
        let rest = prediction
            .scores()
            .iter()
            .map(|score| format!("{:.6}", score.score));
        writer
            .write_record(row.into_iter().chain(rest))
            .map_err(row_fault)?;
    }
    let file = writer
        .into_inner()
        .map_err(|cause| fault(cause.into_error()))?;
    file.as_file().sync_all().map_err(fault)?;
    file.persist(to).map_err(|cause| fault(cause.error))?;
    Ok(())
}
