//! Copies a run's model out and proves the copy.

use std::path::{Path, PathBuf};

use super::evaluate::{answers, kept_rows};
use crate::data::Example;
use crate::error::{Error, Result};
use crate::run::atomic::write_folder;
use crate::run::{RunFolder, RunSettings};
use crate::tasks::{ScoredRow, TaskKind, TaskModel};

/// An exported model folder, read back and compared.
#[derive(Clone, Debug, PartialEq)]
pub struct Exported {
    /// The folder.
    pub folder: PathBuf,
    /// What the model does.
    pub task: TaskKind,
    /// Whether it reads two texts at once.
    pub pairs: bool,
    /// Files written, with their sizes in bytes.
    pub files: Vec<(String, u64)>,
    /// Rows that the copy scored again.
    pub compared_rows: usize,
    /// Largest difference of a probability or number between the run's own predictions and the copy's.
    pub largest_difference: f64,
}

/// Writes the Hugging Face folder of the run in `run` to `to` (new or empty), loads it back and
/// scores the test rows again. Of a run that was cut off it is the best checkpoint so far. Nothing
/// is left at `to` when this fails.
///
/// # Errors
/// The run is still being trained or has no model, `to` holds something or cannot be written, or
/// the copy cannot be read back.
pub fn export(run: &Path, to: &Path) -> Result<Exported> {
    let folder = RunFolder::open(run)?;
    // A run that has just finished may still hold its lock; its model is complete.
    let Some(model) = folder.kept_model() else {
        folder.refuse_if_running()?;
        return Err(
            Error::new(format!("the run {} has no model", run.display()))
                .remedy("It ended before its first model was kept; train it again."),
        );
    };
    let settings = RunSettings::read(&folder.settings_path())?;
    let rows = match model == folder.model() {
        true => folder.read_predictions()?,
        false => answers(&model, &kept_rows(&settings)?)?,
    };
    make_room(to)?;
    let mut difference = 0.0;
    let mut files = Vec::new();
    write_folder(to, |copy| {
        files = copy_files(&model, copy)?;
        difference = largest_difference(copy, &rows).map_err(|fault| of_run(run, &model, fault))?;
        Ok(())
    })?;
    Ok(Exported {
        folder: to.to_path_buf(),
        task: settings.task,
        pairs: rows.iter().any(|row| row.prediction.pair.is_some()),
        files,
        compared_rows: rows.len(),
        largest_difference: difference,
    })
}

/// The fault of a copy that cannot be read back, told of what it was copied from where that is no
/// better: nobody knows the copy's own name.
fn of_run(run: &Path, model: &Path, fault: Error) -> Error {
    match TaskModel::open(model) {
        Ok(_) => fault,
        Err(own) => Error::new(format!(
            "the model of the run {} cannot be read",
            run.display()
        ))
        .remedy(format!(
            "Its folder {} is damaged or incomplete: restore it, or train the run again from \
                 its run.toml.",
            model.display()
        ))
        .because(own.what()),
    }
}

/// Makes sure that `to` can be renamed into: absent, below an existing folder.
fn make_room(to: &Path) -> Result<()> {
    if to.exists() {
        let empty = std::fs::read_dir(to)
            .map_err(|cause| Error::file("export to", to, cause))?
            .next()
            .is_none();
        if !empty {
            return Err(
                Error::new(format!("{} already holds something", to.display()))
                    .remedy("Choose a new or an empty folder."),
            );
        }
        std::fs::remove_dir(to).map_err(|cause| Error::file("export to", to, cause))?;
    }
    match to.parent().filter(|parent| !parent.as_os_str().is_empty()) {
        Some(parent) => {
            std::fs::create_dir_all(parent).map_err(|cause| Error::file("export to", to, cause))
        }
        None => Ok(()),
    }
}

fn copy_files(from: &Path, to: &Path) -> Result<Vec<(String, u64)>> {
    let fault = |cause| Error::file("export to", to, cause);
    let mut files = Vec::new();
    for entry in std::fs::read_dir(from).map_err(fault)? {
        let entry = entry.map_err(fault)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let copy = to.join(entry.file_name());
        if entry.path().is_dir() {
            std::fs::create_dir(&copy).map_err(fault)?;
            let inner = copy_files(&entry.path(), &copy)?;
            files.extend(
                inner
                    .into_iter()
                    .map(|(file, bytes)| (format!("{name}/{file}"), bytes)),
            );
        } else {
            let bytes = std::fs::copy(entry.path(), copy).map_err(fault)?;
            files.push((name, bytes));
        }
    }
    files.sort();
    Ok(files)
}

fn largest_difference(model: &Path, rows: &[ScoredRow]) -> Result<f64> {
    let examples: Vec<Example> = rows.iter().map(ScoredRow::example).collect();
    let again = answers(model, &examples)?;
    let differences = rows.iter().zip(&again).map(|(row, again)| {
        let (before, after) = (&row.prediction.answer, &again.prediction.answer);
        before.difference(after)
    });
    Ok(differences.fold(0.0, f64::max))
}
