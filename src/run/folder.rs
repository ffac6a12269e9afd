//! The run folder and the names in it.
//!
//! ```text
//! run.toml                      everything that decides what the run computes
//! history.jsonl                 every event, one JSON object a line
//! checkpoints/step-000120/      the best weights so far, a complete Hugging Face folder
//! model/                        the kept weights, once the run is over
//! evaluation.json               final scores on validation and test
//! predictions-validation.jsonl  every validation row with its answer
//! predictions-test.jsonl        every test row with its answer
//! running.lock                  held while a process trains here, gone afterwards
//! ```
//!
//! Optimiser state for an exact resume will lie beside the weights in its checkpoint.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};

use time::OffsetDateTime;

use super::atomic::{write_file, write_folder};
use super::settings::RunSettings;
use crate::error::{Error, Result};
use crate::home::Home;
use crate::tasks::{Evaluation, ScoredRow};

/// A run's folder on disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunFolder {
    root: PathBuf,
    /// Whether the folder was not there before this run.
    is_new: bool,
}

/// The final evaluations as `evaluation.json` holds them.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
pub struct FinalEvaluation {
    /// On the validation split.
    pub validation: Evaluation,
    /// On the test split, where there is one.
    pub test: Option<Evaluation>,
}

/// Held by the process that trains in a run folder. The system takes it back when the process ends,
/// however it ends, so that a crashed run never looks alive.
#[derive(Debug)]
pub struct RunLock {
    file: File,
    path: PathBuf,
}

impl Drop for RunLock {
    fn drop(&mut self) {
        // Told explicitly: closing alone may wait for a child process that was just being started.
        self.file.unlock().ok();
        std::fs::remove_file(&self.path).ok();
    }
}

/// One of the splits that the final evaluation scores.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScoredSplit {
    /// The rows that chose the best checkpoint.
    Validation,
    /// The rows nobody read before.
    Test,
}

impl RunFolder {
    /// Makes a new folder at `root`, which must be absent or empty.
    pub fn create(root: &Path) -> Result<Self> {
        let fault = |cause| Error::file("make the run folder", root, cause);
        // Looked at before anything is made, so that a folder in use is left as it was.
        let taken = match std::fs::read_dir(root) {
            Ok(mut entries) => entries.next().is_some(),
            Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => false,
            Err(cause) => return Err(fault(cause)),
        };
        if taken {
            return Err(
                Error::new(format!("{} already holds something", root.display()))
                    .remedy("Choose a new or an empty folder for the run."),
            );
        }
        let is_new = !root.exists();
        std::fs::create_dir_all(root.join("checkpoints")).map_err(fault)?;
        Ok(Self {
            root: root.to_path_buf(),
            is_new,
        })
    }

    /// Makes a new folder with a name of its own (date and two words) below the storage folder.
    pub fn create_in(home: &Home) -> Result<Self> {
        let names = run_names();
        let free = names
            .map(|name| home.runs().join(name))
            .find(|path| !path.exists());
        match free {
            Some(path) => Self::create(&path),
            None => Err(Error::new("no free name for a run was found")
                .remedy("Delete runs you no longer need.")),
        }
    }

    /// The folder of an existing run.
    pub fn open(root: &Path) -> Result<Self> {
        let folder = Self {
            root: root.to_path_buf(),
            is_new: false,
        };
        if folder.settings_path().is_file() {
            return Ok(folder);
        }
        Err(Error::new(format!(
            "{} is not a run: it has no run.toml",
            root.display()
        ))
        .remedy("Give a folder made by a training run; `luthier runs` lists them."))
    }

    /// Takes back a folder in which nothing was trained. Never removes what the run did not make.
    pub fn discard(self) {
        std::fs::remove_file(self.settings_path()).ok();
        std::fs::remove_file(self.history_path()).ok();
        std::fs::remove_dir(self.checkpoints()).ok();
        if self.is_new {
            std::fs::remove_dir(&self.root).ok();
        }
    }

    /// Marks the folder as being trained in, for as long as the answer is kept.
    pub fn lock(&self) -> Result<RunLock> {
        let path = self.lock_path();
        let fault = |cause| Error::file("write to", &path, cause);
        let file = File::create(&path).map_err(fault)?;
        match file.try_lock() {
            Ok(()) => Ok(RunLock { file, path }),
            Err(TryLockError::WouldBlock) => Err(self.in_use()),
            Err(TryLockError::Error(cause)) => Err(fault(cause)),
        }
    }

    /// Whether some process is training in the folder now.
    pub fn is_running(&self) -> bool {
        let Ok(file) = File::open(self.lock_path()) else {
            return false;
        };
        let taken = matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock));
        file.unlock().ok();
        taken
    }

    /// Refuses what must not happen to a folder that is being trained in.
    pub fn refuse_if_running(&self) -> Result<()> {
        if self.is_running() {
            Err(self.in_use())
        } else {
            Ok(())
        }
    }

    fn in_use(&self) -> Error {
        Error::new(format!("the run {} is being trained", self.root.display()))
            .remedy("Wait until it has finished, or stop it first.")
    }

    fn lock_path(&self) -> PathBuf {
        self.root.join("running.lock")
    }

    /// The folder itself.
    pub fn path(&self) -> &Path {
        &self.root
    }

    /// The day on which the run was begun, as 2026-11-21 in UTC: that in front of the name that it was
    /// given, else that of its run file, which is written once.
    pub fn begun_on(&self) -> Option<String> {
        let name = self.root.file_name().unwrap_or_default();
        if let Some(day) = day_in(&name.to_string_lossy()) {
            return Some(day.to_owned());
        }
        let file = std::fs::metadata(self.settings_path());
        let written = file.and_then(|file| file.modified()).ok()?;
        Some(day_of(written.into()))
    }

    /// `run.toml`.
    pub fn settings_path(&self) -> PathBuf {
        self.root.join("run.toml")
    }

    /// `history.jsonl`.
    pub fn history_path(&self) -> PathBuf {
        self.root.join("history.jsonl")
    }

    /// `model/`.
    pub fn model(&self) -> PathBuf {
        self.root.join("model")
    }

    /// The folder of the run's weights: `model/`, or the best so far of a run that was cut off
    /// before it could keep them. `None` while the run is being trained, and where it ended before
    /// its first evaluation.
    pub fn kept_model(&self) -> Option<PathBuf> {
        let model = self.model();
        if model.is_dir() {
            return Some(model);
        }
        if self.is_running() {
            return None;
        }
        let checkpoints = std::fs::read_dir(self.checkpoints()).ok()?;
        // What has its name is complete, and the one before it goes only afterwards.
        checkpoints
            .flatten()
            .filter(|entry| entry.file_name().to_string_lossy().starts_with("step-"))
            .map(|entry| entry.path())
            .max()
    }

    fn checkpoints(&self) -> PathBuf {
        self.root.join("checkpoints")
    }

    fn checkpoint(&self, step: usize) -> PathBuf {
        self.checkpoints().join(format!("step-{step:06}"))
    }

    fn predictions_path(&self, split: ScoredSplit) -> PathBuf {
        self.root.join(match split {
            ScoredSplit::Validation => "predictions-validation.jsonl",
            ScoredSplit::Test => "predictions-test.jsonl",
        })
    }

    /// Writes the run file.
    pub fn write_settings(&self, settings: &RunSettings) -> Result<()> {
        write_file(&self.settings_path(), settings.to_toml()?.as_bytes())
    }

    /// Writes the weights of `step` as the only checkpoint: the new one is complete before the old
    /// one goes.
    pub fn write_checkpoint(
        &self,
        step: usize,
        fill: impl FnOnce(&Path) -> Result<()>,
    ) -> Result<()> {
        let path = self.checkpoint(step);
        if !path.exists() {
            write_folder(&path, fill)?;
        }
        let fault = |cause| Error::file("tidy", &self.checkpoints(), cause);
        for entry in std::fs::read_dir(self.checkpoints()).map_err(fault)? {
            let other = entry.map_err(fault)?.path();
            if other != path {
                std::fs::remove_dir_all(&other).map_err(fault)?;
            }
        }
        Ok(())
    }

    /// Makes the checkpoint of `step` the run's model.
    pub fn keep_checkpoint(&self, step: usize) -> Result<()> {
        std::fs::rename(self.checkpoint(step), self.model())
            .map_err(|cause| Error::file("keep the model in", &self.model(), cause))?;
        std::fs::remove_dir(self.checkpoints()).ok();
        Ok(())
    }

    /// Writes the final scores.
    pub fn write_evaluation(&self, evaluation: &FinalEvaluation) -> Result<()> {
        let text = serde_json::to_vec_pretty(evaluation)
            .map_err(|cause| Error::new("the scores could not be written down").because(cause))?;
        write_file(&self.evaluation_path(), &text)
    }

    fn evaluation_path(&self) -> PathBuf {
        self.root.join("evaluation.json")
    }

    /// Reads the final scores.
    pub fn read_evaluation(&self) -> Result<FinalEvaluation> {
        let path = self.evaluation_path();
        let bytes = std::fs::read(&path).map_err(|cause| match cause.kind() {
            std::io::ErrorKind::NotFound => {
                Error::new(format!("{} has no final scores yet", self.root.display()))
                    .remedy("They are written when the run has finished.")
            }
            _ => Error::file("read", &path, cause),
        })?;
        serde_json::from_slice(&bytes).map_err(|cause| {
            Error::new(format!("{} cannot be understood", path.display()))
                .remedy("It was changed or damaged; score the run again.")
                .because(cause)
        })
    }

    /// Writes every scored row of a split.
    pub fn write_predictions(&self, split: ScoredSplit, rows: &[ScoredRow]) -> Result<()> {
        let mut text = Vec::new();
        for row in rows {
            serde_json::to_writer(&mut text, row).map_err(|cause| {
                Error::new("the predictions could not be written down").because(cause)
            })?;
            text.push(b'\n');
        }
        write_file(&self.predictions_path(split), &text)
    }

    /// Reads the scored rows of the test split, else of validation.
    pub fn read_predictions(&self) -> Result<Vec<ScoredRow>> {
        let test = self.predictions_path(ScoredSplit::Test);
        let path = if test.is_file() {
            test
        } else {
            self.predictions_path(ScoredSplit::Validation)
        };
        let text = std::fs::read_to_string(&path)
            .map_err(|cause| Error::file("read the scored rows", &path, cause))?;
        text.lines()
            .zip(1..)
            .map(|(line, number)| {
                serde_json::from_str(line).map_err(|cause| {
                    Error::new(format!(
                        "{} line {number} cannot be understood",
                        path.display()
                    ))
                    .remedy("It was changed or damaged; score the run again.")
                    .because(cause)
                })
            })
            .collect()
    }
}

/// Names such as `2026-11-21-amber-viola`, beginning at a place that depends on the time.
fn run_names() -> impl Iterator<Item = String> {
    const WOODS: [&str; 16] = [
        "amber", "maple", "spruce", "ebony", "cedar", "walnut", "willow", "cherry", "birch",
        "rosewood", "olive", "pear", "ash", "larch", "poplar", "alder",
    ];
    const INSTRUMENTS: [&str; 16] = [
        "viola", "cello", "lute", "harp", "fiddle", "mandolin", "guitar", "zither", "bass",
        "theorbo", "rebec", "oud", "lyre", "ukulele", "banjo", "violin",
    ];
    let now = OffsetDateTime::now_utc();
    let date = day_of(now);
    let start = now.nanosecond() as usize / 1000;
    (0..100_000).map(move |i| {
        let pick = (start + i) % 256;
        let (wood, instrument) = (WOODS[pick / 16], INSTRUMENTS[pick % 16]);
        match i / 256 {
            0 => format!("{date}-{wood}-{instrument}"),
            round => format!("{date}-{wood}-{instrument}-{}", round + 1),
        }
    })
}

fn day_of(time: OffsetDateTime) -> String {
    let (year, month, day) = (time.year(), u8::from(time.month()), time.day());
    format!("{year:04}-{month:02}-{day:02}")
}

/// The day in front of a name as [`run_names`] gives it.
fn day_in(name: &str) -> Option<&str> {
    let day = name.get(..10)?;
    let fits = day.bytes().enumerate().all(|(place, byte)| match place {
        4 | 7 => byte == b'-',
        _ => byte.is_ascii_digit(),
    });
    fits.then_some(day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_read_from_names() {
        assert_eq!(day_in("2026-11-21-amber-viola"), Some("2026-11-21"));
        assert_eq!(day_in("amber-viola-again"), None);
        assert_eq!(day_in("评论评论评论"), None);
        assert_eq!(day_in("x"), None);
        let name = run_names().next().unwrap();
        assert_eq!(day_in(&name), Some(&*day_of(OffsetDateTime::now_utc())));
    }

    #[test]
    fn a_run_without_a_day_in_its_name_has_that_of_its_run_file() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("mine");
        let run = RunFolder::create(&root).unwrap();
        assert_eq!(run.begun_on(), None);
        std::fs::write(run.settings_path(), "").unwrap();
        let day = OffsetDateTime::UNIX_EPOCH + time::Duration::days(365);
        let file = File::options().append(true).open(run.settings_path());
        file.unwrap().set_modified(day.into()).unwrap();
        assert_eq!(run.begun_on().as_deref(), Some("1971-01-01"));
    }
}
