//! Progress of a run on standard error: a bar on a terminal, a few lines elsewhere.

use std::io::{self, IsTerminal as _};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use super::output::note;
use super::scores::words;
use super::units::{clock, counted, score};
use crate::metrics::Scores;
use crate::session::RunState;
use crate::train::Event;
use crate::train::event::{Change, Evaluated, Stage, Started};

/// How a run is shown while it goes on.
pub struct Progress {
    view: View,
    /// Tenths of the way that lines have told of.
    tenths: usize,
}

enum View {
    /// On a terminal.
    Bar(ProgressBar),
    /// In a file or a pipe: every evaluation and every tenth of the way.
    Lines,
    /// Beside JSON events, which tell everything.
    Silent,
}

/// Points of the training curve behind the loss that is shown.
const SMOOTHED: usize = 20;

impl Progress {
    /// Progress for the terminal or pipe that is there.
    pub fn start(json: bool) -> Self {
        let view = if on_terminal(json) {
            View::Bar(spinner())
        } else if json {
            View::Silent
        } else {
            View::Lines
        };
        Self { view, tenths: 0 }
    }

    /// Shows what `event`, already folded into `state`, has changed.
    pub fn show(&mut self, state: &RunState, event: &Event) {
        match event {
            Event::Preparing { stage } => self.stage(*stage),
            Event::Started(started) => self.started(started),
            Event::Step(_) => self.step(state),
            Event::Evaluating { .. } => self.doing("scoring the validation split"),
            Event::Evaluated(evaluated) => self.say(&evaluated_line(state, evaluated)),
            Event::Changed { change, .. } => self.say(&changed_line(*change)),
            Event::Notice { message, .. } => self.say(message),
            Event::Paused { .. } => self.doing("paused"),
            Event::Finishing { .. } => self.doing("scoring the kept model"),
            Event::Resumed { .. }
            | Event::Tried { .. }
            | Event::Probed { .. }
            | Event::Finished(_)
            | Event::Failed { .. } => {}
        }
    }

    /// Says a line that stays.
    pub fn say(&mut self, line: &str) {
        match &self.view {
            View::Bar(bar) => bar.println(line),
            View::Lines => note(line),
            View::Silent => {}
        }
    }

    /// Says a line that must be seen, beside JSON too.
    pub fn warn(&mut self, line: &str) {
        match &self.view {
            View::Bar(bar) => bar.println(line),
            View::Lines | View::Silent => note(line),
        }
    }

    /// Takes the bar away.
    pub fn close(&mut self) {
        if let View::Bar(bar) = &self.view {
            bar.finish_and_clear();
        }
    }

    fn doing(&self, what: &'static str) {
        if let View::Bar(bar) = &self.view {
            bar.set_message(what);
        }
    }

    fn stage(&mut self, stage: Stage) {
        let what = match stage {
            Stage::Data => "reading the data",
            Stage::Tokens => "turning texts into tokens",
            Stage::Model => "reading the model",
            Stage::Features => "reading every row once with the encoder",
        };
        self.doing(what);
        // It may take as long as an epoch, in which nothing else is said.
        if stage == Stage::Features && matches!(self.view, View::Lines) {
            self.say(what);
        }
    }

    fn started(&mut self, started: &Started) {
        self.say(&started_line(started));
        if started.cut > 0 {
            self.say(&format!(
                "{} longer than max_seq_length and will be cut; raise it with --set max_seq_length=N to use all of them.",
                counted(started.cut, "training text") + if started.cut == 1 { " is" } else { " are" }
            ));
        }
        if let View::Bar(spinner) = &self.view {
            spinner.finish_and_clear();
            self.view = View::Bar(bar(started.total_steps));
        }
    }

    fn step(&mut self, state: &RunState) {
        match &self.view {
            View::Bar(bar) => {
                // Epochs may have been changed.
                bar.set_length(state.total_steps as u64);
                bar.set_position(state.last_step().map_or(0, |last| last.step as u64));
                bar.set_message(step_line(state));
            }
            View::Lines => {
                let tenths = (state.progress() * 10.0) as usize;
                if tenths > self.tenths {
                    self.tenths = tenths;
                    note(step_line(state));
                }
            }
            View::Silent => {}
        }
    }
}

/// Whether standard error is a terminal that a bar may have to itself: lines of JSON on the same
/// terminal would tear it.
pub fn on_terminal(json: bool) -> bool {
    io::stderr().is_terminal() && !(json && io::stdout().is_terminal())
}

fn spinner() -> ProgressBar {
    let spinner = ProgressBar::new_spinner();
    if let Ok(style) = ProgressStyle::with_template("{spinner:.yellow} {wide_msg}") {
        spinner.set_style(style);
    }
    spinner.enable_steady_tick(Duration::from_millis(100));
    spinner
}

fn bar(total_steps: usize) -> ProgressBar {
    let bar = ProgressBar::new(total_steps as u64);
    if let Ok(style) = ProgressStyle::with_template("{bar:24.yellow} {percent:>3}%  {wide_msg}") {
        bar.set_style(style.progress_chars("━╸─"));
    }
    bar
}

/// The loss of the last few points of the training curve.
fn smoothed_loss(state: &RunState) -> Option<f64> {
    let last = &state.steps[state.steps.len().saturating_sub(SMOOTHED)..];
    let sum: f64 = last.iter().map(|step| step.loss).sum();
    (!last.is_empty()).then(|| sum / last.len() as f64)
}

fn started_line(started: &Started) -> String {
    let [train, validation, test] = started.rows;
    let labels = match started.labels.len() {
        0 => String::new(),
        1..=LABELS_SHOWN => format!("; labels {}", started.labels.join(", ")),
        count => format!("; {count} labels"),
    };
    format!(
        "{} to learn from, {validation} to validate, {test} to test{labels}; {} on {}",
        counted(train, "row"),
        counted(started.total_steps, "step"),
        counted(started.threads, "thread"),
    )
}

fn step_line(state: &RunState) -> String {
    let Some(last) = state.last_step() else {
        return String::new();
    };
    let scores = state.last_evaluation().map(|last| &last.scores);
    format!(
        "step {}/{}  epoch {:.2}  loss {}{}  {:.0} rows/s  {} left",
        last.step,
        state.total_steps,
        last.epoch,
        score(smoothed_loss(state)),
        main_scores(state, scores, 1),
        last.samples_per_second,
        clock(last.seconds_left),
    )
}

fn evaluated_line(state: &RunState, evaluated: &Evaluated) -> String {
    let scores = &evaluated.scores;
    format!(
        "step {}  epoch {:.2}  train loss {}  validation loss {}{}{}",
        evaluated.step,
        evaluated.epoch,
        score(smoothed_loss(state)),
        score(scores.get("loss")),
        main_scores(state, Some(scores), 2),
        if evaluated.best { "  best so far" } else { "" },
    )
}

/// Labels that are named one by one before the first step.
const LABELS_SHOWN: usize = 30;

/// The first `count` of the task's main scores, each after two spaces and its name.
fn main_scores(state: &RunState, scores: Option<&Scores>, count: usize) -> String {
    let names = state
        .started
        .iter()
        .flat_map(|started| &started.main_scores);
    let shown = names.take(count).map(|name| {
        let value = scores.and_then(|scores| scores.get(name));
        format!("  {} {}", words(name), score(value))
    });
    shown.collect()
}

fn changed_line(change: Change) -> String {
    match change {
        Change::LearningRateMultiplier(factor) => format!("learning rate now times {factor}"),
        Change::EvalSteps(steps) => format!("scored every {} now", counted(steps, "step")),
        Change::Epochs(epochs) => format!("{epochs} epochs in all now"),
        Change::Patience(0) => "never ends early now".to_owned(),
        Change::Patience(patience) => format!("patience {patience} now"),
    }
}

/// A count on standard error, on a terminal only: how many of how many are done.
pub struct Counter {
    bar: Option<ProgressBar>,
}

impl Counter {
    /// Shows nothing where it would be in the way: beside JSON on the same terminal, or in a file.
    pub fn start(what: &'static str, json: bool) -> Self {
        let bar = on_terminal(json).then(|| bar(0).with_message(what));
        Self { bar }
    }

    /// `done` of `all` are done.
    pub fn set(&self, done: usize, all: usize) {
        if let Some(bar) = &self.bar {
            bar.set_length(all as u64);
            bar.set_position(done as u64);
        }
    }

    /// Takes the count away.
    pub fn close(self) {
        if let Some(bar) = self.bar {
            bar.finish_and_clear();
        }
    }
}
