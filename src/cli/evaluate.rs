//! `luthier evaluate`.

use std::path::PathBuf;

use clap::Args;
use serde_json::{Value, json};

use super::output::{Out, note};
use super::progress::Counter;
use super::reading::DataOptions;
use super::scores;
use super::settings::{data_source, make_absolute};
use crate::data::{Reason, SetAside};
use crate::error::{Error, Result};
use crate::home::Home;
use crate::run::DataSettings;
use crate::session::evaluate::{Reevaluation, Split, UnknownLabels, evaluate};
use crate::session::trained::{self, Trained};

/// Options of `luthier evaluate`.
#[derive(Debug, Args)]
pub struct Evaluate {
    /// Name of a run, folder of a run, or folder of an exported model
    run: String,
    /// Labelled file to score on, or a bundled set; by default the run's own test split
    #[arg(long, value_name = "FILE|NAME")]
    data: Option<PathBuf>,
    #[command(flatten)]
    reading: DataOptions,
    /// Leave out rows of --data with labels that the model never learned, instead of refusing them
    #[arg(long, requires = "data")]
    skip_unknown_labels: bool,
    /// Write the result as one JSON object
    #[arg(long)]
    pub(super) json: bool,
}

impl Evaluate {
    /// Scores the model again and tells what came out.
    pub fn run(self) -> Result<()> {
        let home = Home::from_env()?;
        let data = self.data_settings()?;
        let trained = trained::open(&self.run, &home)?;
        if let Some(notice) = trained.notice() {
            note(notice);
        }
        let counter = Counter::start("scoring", self.json);
        let unknown = match self.skip_unknown_labels {
            true => UnknownLabels::Skipped,
            false => UnknownLabels::Refused,
        };
        let result = evaluate(&trained, data.as_ref(), unknown, &mut |done, all| {
            counter.set(done, all);
        });
        counter.close();
        let result = result?;
        let mut out = Out::standard();
        if self.json {
            return out.json(&as_json(&trained, &result)?);
        }
        if data
            .as_ref()
            .is_some_and(|data| has_learned(&trained, data))
        {
            note("The model learned from most of these rows, so the scores flatter it.");
        }
        if result.split == Split::Validation {
            note(
                "The run has no test split: these rows chose its best checkpoint, so the scores flatter it.",
            );
        }
        tell_set_aside(&result);
        out.line(scores::heading(
            split_title(result.split),
            &result.source,
            &result.evaluation,
        ))?;
        out.line("")?;
        for line in scores::evaluation(&result.evaluation) {
            out.line(line)?;
        }
        Ok(())
    }

    fn data_settings(&self) -> Result<Option<DataSettings>> {
        let Some(source) = &self.data else {
            return match self.reading == DataOptions::default() {
                true => Ok(None),
                false => Err(
                    Error::new("how to read a file is said, but not which one").remedy(
                        "Name it with --data FILE; the run's own rows are read as the run read them.",
                    ),
                ),
            };
        };
        let mut data = data_source(source)?;
        self.reading.over(&mut data)?;
        make_absolute(&mut data)?;
        Ok(Some(data))
    }
}

/// Tells the rows that were not scored: those with unknown labels by themselves, because they were
/// left out on demand.
fn tell_set_aside(result: &Reevaluation) {
    let unknown = |aside: &&SetAside| matches!(aside.reason, Reason::UnknownLabel { .. });
    let (skipped, others): (Vec<_>, Vec<_>) = result.set_aside.iter().partition(unknown);
    for aside in [others, skipped] {
        if let Some(first) = aside.first() {
            note(first.told(&result.source, aside.len()));
        }
    }
}

/// Whether the rows of `data` are those that the run was trained with.
fn has_learned(trained: &Trained, data: &DataSettings) -> bool {
    let Some(run) = &trained.run else {
        return false;
    };
    let own = &run.settings.data;
    let same_set = data.bundled.is_some() && data.bundled == own.bundled;
    same_set || (data.file.is_some() && [&own.file, &own.train].contains(&&data.file))
}

fn split_name(split: Split) -> &'static str {
    match split {
        Split::Test => "test",
        Split::Validation => "validation",
        Split::File => "file",
    }
}

fn split_title(split: Split) -> &'static str {
    match split {
        Split::Test => "The run's own test split",
        Split::Validation => "The run's own validation split",
        Split::File => "All rows",
    }
}

/// One flat object: what was scored, then the evaluation's own fields.
fn as_json(trained: &Trained, result: &Reevaluation) -> Result<Value> {
    let mut object = json!({
        "event": "evaluation",
        "model": trained.model,
        "split": split_name(result.split),
        "source": result.source,
        "set_aside": result.set_aside,
    });
    let evaluation = serde_json::to_value(&result.evaluation)
        .map_err(|cause| Error::new("the evaluation cannot be written as JSON").because(cause))?;
    if let (Value::Object(object), Value::Object(evaluation)) = (&mut object, evaluation) {
        object.extend(evaluation);
    }
    Ok(object)
}
