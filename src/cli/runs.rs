//! `luthier runs`.

use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::{Value, json};

use super::output::{Out, note, table};
use super::scores::words;
use super::units::score;
use crate::error::{Error, Result};
use crate::home::Home;
use crate::session::runs::{KeptRun, list, list_in};
use crate::session::{Phase, RunState};
use crate::train::Outcome;

/// Options of `luthier runs`.
#[derive(Debug, Args)]
pub struct Runs {
    /// Folder with runs that were made with --out [default: that of the storage folder]
    folder: Option<PathBuf>,
    /// Write each run as a JSON object on a line of its own
    #[arg(long)]
    pub(super) json: bool,
}

impl Runs {
    /// Lists the runs of the storage folder or of another one, newest first.
    pub fn run(self) -> Result<()> {
        let home = Home::from_env()?;
        let (folder, runs) = match self.folder {
            Some(folder) => {
                let mut runs = list_in(&folder)?;
                // Other folders may lie beside those of runs.
                runs.retain(|(path, _)| path.join("run.toml").exists());
                (folder, runs)
            }
            None => (home.runs(), list(&home)),
        };
        let mut out = Out::standard();
        if self.json {
            return runs.iter().try_for_each(|(folder, run)| {
                out.json(&match run {
                    Ok(run) => as_json(run),
                    Err(fault) => unreadable(folder, fault),
                })
            });
        }
        if runs.is_empty() {
            note(format!(
                "No runs yet in {}. Start one with luthier train.",
                folder.display()
            ));
            return Ok(());
        }
        let heading = [
            "name",
            "date",
            "task",
            "data",
            "model",
            "state",
            "score",
            "validation",
            "test",
        ];
        let mut rows = vec![heading.map(str::to_owned).to_vec()];
        for (folder, run) in &runs {
            match run {
                Ok(run) => rows.push(row(run)),
                Err(fault) => note(format!("{} cannot be read: {fault}", folder.display())),
            }
        }
        for line in table(&rows, &[7, 8]) {
            out.line(line)?;
        }
        Ok(())
    }
}

fn row(run: &KeptRun) -> Vec<String> {
    let (validation, test) = main_scores(&run.state);
    vec![
        run.name.clone(),
        run.begun.clone().unwrap_or_default(),
        run.settings.task.name().to_owned(),
        run.settings.data.title(),
        model_title(&run.settings.model),
        state_words(&run.state).to_owned(),
        run.state.main_score().map_or("", words).to_owned(),
        score(validation),
        score(test),
    ]
}

/// The main score on validation (of the best checkpoint so far where the run has no end) and on
/// test.
fn main_scores(state: &RunState) -> (Option<f64>, Option<f64>) {
    let Some(name) = state.main_score() else {
        return (None, None);
    };
    match &state.finished {
        Some(finished) => {
            let test = finished.test.as_ref();
            (
                finished.validation.get(name),
                test.and_then(|test| test.get(name)),
            )
        }
        None => (
            state
                .best_evaluation()
                .and_then(|best| best.scores.get(name)),
            None,
        ),
    }
}

fn model_title(model: &str) -> String {
    let folder = Path::new(model).file_name();
    folder.map_or_else(
        || model.to_owned(),
        |name| name.to_string_lossy().into_owned(),
    )
}

fn state_words(state: &RunState) -> &'static str {
    match (&state.phase, &state.finished) {
        (_, Some(finished)) => match finished.outcome {
            Outcome::Completed => "completed",
            Outcome::StoppedEarly => "stopped early",
            Outcome::Stopped => "stopped",
        },
        (Phase::Failed { .. }, None) => "failed",
        (Phase::Paused, None) => "paused",
        _ => "running",
    }
}

fn as_json(run: &KeptRun) -> Value {
    let finished = run.state.finished.as_ref();
    json!({
        "run": run.folder,
        "name": run.name,
        "begun": run.begun,
        "task": run.settings.task,
        "data": run.settings.data,
        "model": run.settings.model,
        "state": state_words(&run.state).replace(' ', "_"),
        "steps": run.state.last_step().map(|last| last.step),
        "best_step": finished.map(|finished| finished.best_step),
        "seconds": finished.map(|finished| finished.seconds),
        "validation": finished.map(|finished| &finished.validation),
        "test": finished.and_then(|finished| finished.test.as_ref()),
    })
}

fn unreadable(folder: &Path, fault: &Error) -> Value {
    json!({
        "run": folder,
        "state": "unreadable",
        "message": fault.what(),
        "remedy": fault.remedy_text(),
    })
}
