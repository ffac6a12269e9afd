//! Copies a run's model out and proves the copy.

use std::path::{Path, PathBuf};

use super::evaluate::{answers, kept_rows};
use super::runs;
use super::state::RunState;
use crate::data::{Example, Kind};
use crate::error::{Error, Result};
use crate::run::atomic::write_folder;
use crate::run::folder::FinalEvaluation;
use crate::run::model_card::ModelCard;
use crate::run::{RunFolder, RunSettings};
use crate::tasks::{Detail, Evaluation, ScoredRow, TaskKind, TaskModel};

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
/// scores the test rows again. Of a run that was cut off it is the best checkpoint so far, with a
/// model card that says so. Nothing is left at `to` when this fails.
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
    let evaluation = folder.read_evaluation().ok();
    let rows = match evaluation {
        Some(_) => folder.read_predictions()?,
        None => answers(&model, &kept_rows(&settings)?)?,
    };
    let pairs = rows.iter().any(|row| row.prediction.pair.is_some());
    make_room(to)?;
    let mut difference = 0.0;
    let mut files = Vec::new();
    write_folder(to, |copy| {
        copy_files(&model, copy)?;
        if !copy.join(ModelCard::FILE).is_file() {
            write_card(run, &settings, evaluation.as_ref(), pairs, copy)?;
        }
        files = files_in(copy)?;
        difference = largest_difference(copy, &rows).map_err(|fault| of_run(run, &model, fault))?;
        Ok(())
    })?;
    Ok(Exported {
        folder: to.to_path_buf(),
        task: settings.task,
        pairs,
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

fn copy_files(from: &Path, to: &Path) -> Result<()> {
    let fault = |cause| Error::file("export to", to, cause);
    for entry in std::fs::read_dir(from).map_err(fault)? {
        let entry = entry.map_err(fault)?;
        let copy = to.join(entry.file_name());
        if entry.path().is_dir() {
            std::fs::create_dir(&copy).map_err(fault)?;
            copy_files(&entry.path(), &copy)?;
        } else {
            std::fs::copy(entry.path(), copy).map_err(fault)?;
        }
    }
    Ok(())
}

/// The files in a folder and those below it, by name, with their sizes in bytes.
fn files_in(folder: &Path) -> Result<Vec<(String, u64)>> {
    let fault = |cause| Error::file("list", folder, cause);
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(fault)? {
        let entry = entry.map_err(fault)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if entry.path().is_dir() {
            let inner = files_in(&entry.path())?.into_iter();
            files.extend(inner.map(|(file, bytes)| (format!("{name}/{file}"), bytes)));
        } else {
            files.push((name, entry.metadata().map_err(fault)?.len()));
        }
    }
    files.sort();
    Ok(files)
}

/// Writes the card that the run did not come to write, from its settings and what its history tells
/// of the weights.
fn write_card(
    run: &Path,
    settings: &RunSettings,
    evaluation: Option<&FinalEvaluation>,
    pairs: bool,
    copy: &Path,
) -> Result<()> {
    // A card without scores is better than none where the history is damaged.
    let state = runs::read(run).map_or_else(|_| RunState::default(), |kept| kept.state);
    let so_far = scores_so_far(settings, &state);
    let name = run.file_name().unwrap_or_default();
    let card = ModelCard {
        name: &name.to_string_lossy(),
        settings,
        scores: evaluation.or(so_far.as_ref()),
        ended: evaluation.is_some(),
        pairs,
    };
    card.write(copy)
}

/// The scores on validation that the weights of a run without an end had when they were kept.
fn scores_so_far(settings: &RunSettings, state: &RunState) -> Option<FinalEvaluation> {
    let started = state.started.as_ref()?;
    let kept = match settings.hyperparameters.load_best_model_at_end {
        true => state.best_evaluation()?,
        false => state.last_evaluation()?,
    };
    let has_labels = matches!(settings.task.rows(), Kind::Label | Kind::Labels);
    let labels = has_labels.then(|| started.labels.clone());
    let validation = Evaluation {
        rows: started.rows[1],
        scores: kept.scores.clone(),
        intervals: Vec::new(),
        majority: started.majority.clone(),
        detail: Detail {
            labels: labels.unwrap_or_default(),
            ..Detail::default()
        },
    };
    Some(FinalEvaluation {
        validation,
        test: None,
    })
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
