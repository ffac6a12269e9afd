//! `luthier demo`: the whole wizard without a window.

use std::path::PathBuf;

use clap::Args;

use super::curves;
use super::follow::follow;
use super::output::{Out, stdout_columns, table};
use super::scores;
use super::settings::{BUILT_IN_MODEL, absolute};
use super::train::{ending, run_argument};
use super::units::{bytes, clock, count, counted};
use crate::error::{Error, Result};
use crate::home::Home;
use crate::hub::{Catalogue, Entry};
use crate::run::Preset;
use crate::run::{DataSettings, RunSettings};
use crate::session::dataset::{self, DatasetView};
use crate::session::{RunState, Session, no_wake, runs};
use crate::tasks::{TaskKind, TaskModel};
use crate::train::estimate;
use crate::train::event::Finished;

/// Options of `luthier demo`.
#[derive(Debug, Args)]
pub struct Demo {
    /// Folder of the run, new or empty; by default one of its own in the storage folder
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

/// Sentences that are in no data set; the last two say the opposite of their loudest words.
const SENTENCES: [&str; 5] = [
    "Friendly staff, a spotless room and the best breakfast we had all week.",
    "It broke after two weeks and nobody answers my emails.",
    "The soup was cold and the waiter colder.",
    "I expected a disaster and got the best evening of the year.",
    "A brilliant way to waste two hours and the price of a ticket.",
];

impl Demo {
    /// Walks through the eight steps.
    pub fn run(self) -> Result<()> {
        let home = Home::from_env()?;
        let mut out = Out::standard();
        let catalogue = Catalogue::embedded()?;
        let model = catalogue
            .by_name(BUILT_IN_MODEL)
            .ok_or_else(|| Error::new(format!("the catalogue has no {BUILT_IN_MODEL}")))?;
        let settings = settings(model);
        let folder = self.out.as_deref().map(absolute).transpose()?;
        introduce(&settings, model, &home, &mut out)?;
        let session = Session::start(settings, &home, folder, no_wake())?;
        let (state, finished) = follow(session, &mut out, false)?;
        curves(&state, &finished, &mut out)?;
        evaluate(&finished, &mut out)?;
        try_sentences(&finished, &mut out)?;
        farewell(&finished, &home, &mut out)
    }
}

fn settings(model: &Entry) -> RunSettings {
    RunSettings {
        task: TaskKind::Sentiment,
        model: model.name.clone(),
        probes: Vec::new(),
        data: DataSettings::bundled(TaskKind::Sentiment.bundled_set()),
        hyperparameters: Preset::QuickLook.hyperparameters(model.learning_rate),
    }
}

/// Steps 1 to 4: what will be done.
fn introduce(settings: &RunSettings, model: &Entry, home: &Home, out: &mut Out) -> Result<()> {
    out.line("1 Task             sentiment: is a review positive or negative?")?;
    let view = dataset::view(settings, None, home, &|_, _| Ok(()))?;
    out.line(format!("2 Data             {}", data_line(settings, &view)))?;
    out.line(format!(
        "3 Model            {}, built in: {} parameters, {}",
        model.name,
        count(model.parameters),
        model.licence
    ))?;
    out.line(format!(
        "4 Hyperparameters  {}",
        plan_line(settings, model, &view)
    ))?;
    out.line("5 Train            Ctrl-C stops and keeps the best model so far")
}

fn data_line(settings: &RunSettings, view: &DatasetView) -> String {
    let labels = view.labels.iter();
    let labels: Vec<_> = labels
        .map(|(label, rows)| format!("{rows} {label}"))
        .collect();
    let [train, validation, test] = view.splits;
    format!(
        "{}: {}; {train} rows to learn from, {validation} to validate, {test} kept unseen for the test",
        settings.data.title(),
        labels.join(", ")
    )
}

fn plan_line(settings: &RunSettings, model: &Entry, view: &DatasetView) -> String {
    let hyperparameters = &settings.hyperparameters;
    let estimate = estimate::estimate(
        estimate::shape_of(model),
        [view.splits[0], view.splits[1]],
        view.mean_tokens(hyperparameters.max_seq_length),
        hyperparameters,
        estimate::measure(),
    );
    format!(
        "preset quick: {} epoch, batches of {}, learning rate {:e}; {}, about {} and {}",
        hyperparameters.num_train_epochs,
        hyperparameters.per_device_train_batch_size,
        hyperparameters.learning_rate,
        counted(estimate.total_steps, "step"),
        clock(estimate.seconds),
        bytes(estimate.memory_bytes)
    )
}

fn curves(state: &RunState, finished: &Finished, out: &mut Out) -> Result<()> {
    out.line("")?;
    for line in curves::draw(state, stdout_columns()) {
        out.line(line)?;
    }
    out.line(ending(finished))
}

fn evaluate(finished: &Finished, out: &mut Out) -> Result<()> {
    let (validation, test) = runs::evaluations(&finished.run)?;
    let (split, evaluation) = match &test {
        Some(test) => ("test", test),
        None => ("validation", &validation),
    };
    out.line("")?;
    out.line(format!(
        "6 Evaluate         on the {} of the {split} split, which the model has never seen",
        counted(evaluation.rows, "row")
    ))?;
    for line in scores::evaluation(evaluation) {
        out.line(format!("  {line}").trim_end())?;
    }
    Ok(())
}

fn try_sentences(finished: &Finished, out: &mut Out) -> Result<()> {
    out.line("")?;
    out.line("7 Try              five sentences of our own; the last two are meant to be hard")?;
    let model = TaskModel::open(&finished.run.join("model"))?;
    let predictions = model.predict(&SENTENCES.map(|sentence| (sentence, None)))?;
    let rows: Vec<_> = predictions
        .iter()
        .map(|prediction| {
            let confidence = format!("{:.2}", prediction.confidence().unwrap_or_default());
            vec![
                format!("  {}", prediction.answer),
                confidence,
                prediction.text.clone(),
            ]
        })
        .collect();
    for line in table(&rows, &[]) {
        out.line(line)?;
    }
    Ok(())
}

fn farewell(finished: &Finished, home: &Home, out: &mut Out) -> Result<()> {
    let run = run_argument(finished, home);
    out.line("")?;
    out.line("8 Export")?;
    for line in [
        format!("  take it to Python or elsewhere:  luthier export {run} --to my-model"),
        format!("  label your own sentences:        luthier predict {run} \"Your sentence here\""),
        "  learn from your own file:        luthier train --data FILE".to_owned(),
        "  or open the window:              luthier".to_owned(),
    ] {
        out.line(line)?;
    }
    out.line("")?;
    out.line(format!(
        "The run with its settings, history and model lies in {}",
        finished.run.display()
    ))
}
