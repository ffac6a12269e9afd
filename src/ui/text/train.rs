//! The words of the Train page.

use crate::train::Outcome;
use crate::train::event::{Change, Stage};

/// The words of the Train page.
pub struct TrainText {
    /// Under the page's title: what is trained.
    pub subtitle: fn(data: &str, task: &str, model: &str, run: &str) -> String,
    /// The accessible name of the progress bar.
    pub progress: &'static str,
    /// The loop waits.
    pub pause: &'static str,
    /// The loop goes on.
    pub resume: &'static str,
    /// Ends now and keeps the best checkpoint.
    pub stop: &'static str,
    /// Starts the run.
    pub start: &'static str,
    /// Over a page without a run that could be started.
    pub ready_title: &'static str,
    /// What would be trained: data, rows, model.
    pub ready: fn(data: &str, rows: &str, model: &str) -> String,
    /// Over a page without a run, when something is missing.
    pub nothing_title: &'static str,
    /// No examples are chosen.
    pub needs_data: &'static str,
    /// The model is not there.
    pub needs_model: &'static str,
    /// Leads to the Data page.
    pub to_data: &'static str,
    /// Leads to the Model page.
    pub to_model: &'static str,
    /// Leads to the Hyperparameters page.
    pub to_settings: &'static str,
    /// Leads to the Evaluate page.
    pub to_evaluate: &'static str,
    /// Stops looking at a kept run.
    pub close_run: &'static str,
    /// The thread has been asked to start.
    pub starting: &'static str,
    /// Work before the first step.
    pub stage: fn(Stage) -> &'static str,
    /// What each stage is for.
    pub stage_hint: &'static str,
    /// The loop waits.
    pub paused: &'static str,
    /// What can be done meanwhile.
    pub paused_hint: &'static str,
    /// The kept model is being scored.
    pub finishing: fn(Outcome) -> &'static str,
    /// In the footer: "2 threads · 11.2 million parameters".
    pub machine: fn(threads: &str, parameters: &str) -> String,
    /// The validation rows are being scored.
    pub evaluating: &'static str,
    /// Over a run that has ended.
    pub finished: fn(Outcome) -> &'static str,
    /// Steps, time and kept step of a finished run.
    pub finished_detail: fn(steps: &str, duration: &str, best: &str) -> String,
    /// Over a run that failed.
    pub failed: &'static str,
    /// The tiles.
    pub tiles: TileText,
    /// The plots.
    pub plots: PlotText,
    /// The probe sentences.
    pub probes: ProbeText,
    /// The fields that may change.
    pub live: LiveText,
    /// The log.
    pub log: LogText,
}

/// The words of the number tiles.
pub struct TileText {
    /// Epochs done.
    pub epoch: &'static str,
    /// "of 4".
    pub of: fn(&str) -> String,
    /// Smoothed training loss.
    pub train_loss: &'static str,
    /// Newest validation loss.
    pub validation_loss: &'static str,
    /// The best score that decides.
    pub best: fn(&str) -> String,
    /// "at step 156".
    pub at_step: fn(&str) -> String,
    /// Rows per second.
    pub speed: &'static str,
    /// Unit of speed.
    pub rows_per_second: &'static str,
    /// Time to the end.
    pub time_left: &'static str,
    /// Time taken, of a finished run.
    pub time_taken: &'static str,
    /// Where there is no number yet.
    pub none: &'static str,
    /// A time as "m:ss".
    pub clock: fn(f64) -> String,
}

/// The words of the plots.
pub struct PlotText {
    /// The loss plot.
    pub loss: &'static str,
    /// The quality plot.
    pub quality: &'static str,
    /// The learning rate plot.
    pub learning_rate: &'static str,
    /// The raw training curve.
    pub train: &'static str,
    /// The smoothed training curve.
    pub smoothed: &'static str,
    /// Validation.
    pub validation: &'static str,
    /// The main score of answering without having looked.
    pub baseline: &'static str,
    /// The best evaluation.
    pub best: &'static str,
    /// The rates used.
    pub done: &'static str,
    /// The rates to come.
    pub planned: &'static str,
    /// "step 1,240".
    pub step: fn(&str) -> String,
    /// Switches the logarithmic scale.
    pub log_scale: &'static str,
    /// Hover of the switch.
    pub log_scale_hover: &'static str,
    /// "smooth 0.9".
    pub smoothing: fn(f64) -> String,
    /// The accessible name of the smoothing choice.
    pub smoothing_name: &'static str,
    /// Hover of the smoothing choice.
    pub smoothing_hover: &'static str,
    /// Hover of every plot: how to zoom.
    pub hint: &'static str,
    /// Before there is anything to draw.
    pub empty: &'static str,
}

/// The words of the probe sentences.
pub struct ProbeText {
    /// The card.
    pub title: &'static str,
    /// What they are.
    pub hint: &'static str,
    /// In the empty field.
    pub add_hint: &'static str,
    /// Adds the sentence.
    pub add: &'static str,
    /// Removes a sentence.
    pub remove: fn(&str) -> String,
    /// When there are none.
    pub empty: &'static str,
    /// When there were none and the run has ended.
    pub none: &'static str,
    /// Not scored yet.
    pub waiting: &'static str,
    /// "since step 24".
    pub since: fn(&str) -> String,
    /// "wavering: account / login".
    pub wavering: fn(&str, &str) -> String,
    /// The answer before this one, where answers are numbers.
    pub before: fn(&str) -> String,
}

/// The words of the fields that may change.
pub struct LiveText {
    /// The card.
    pub title: &'static str,
    /// What happens with a change.
    pub hint: &'static str,
    /// Why nothing can be changed.
    pub over: &'static str,
    /// Factor on the learning rate.
    pub multiplier: &'static str,
    /// Steps between evaluations.
    pub eval_steps: &'static str,
    /// Epochs in all.
    pub epochs: &'static str,
    /// Evaluations without a gain.
    pub patience: &'static str,
    /// Unit of `eval_steps`.
    pub steps_unit: &'static str,
    /// Unit of `patience`.
    pub evaluations_unit: &'static str,
    /// A change that has been sent.
    pub pending: &'static str,
    /// What a field may hold.
    pub multiplier_range: &'static str,
    /// What a field may hold.
    pub eval_steps_range: &'static str,
    /// What a field may hold, given the epochs done.
    pub epochs_range: fn(&str) -> String,
    /// What a field may hold.
    pub patience_range: &'static str,
}

/// The words of the log.
pub struct LogText {
    /// The card.
    pub title: &'static str,
    /// When there is nothing.
    pub empty: &'static str,
    /// The first line.
    pub started: fn(train: &str, validation: &str, parameters: &str) -> String,
    /// An evaluation.
    pub evaluated: fn(score: &str, value: &str, loss: &str, best: bool) -> String,
    /// A change.
    pub changed: fn(Change) -> String,
    /// The loop waits.
    pub paused: &'static str,
    /// The loop goes on.
    pub resumed: &'static str,
}

/// English.
pub const ENGLISH: TrainText = TrainText {
    subtitle: |data, task, model, run| {
        let parts = [data, task, model, run].into_iter();
        parts
            .filter(|part| !part.is_empty())
            .collect::<Vec<_>>()
            .join(" · ")
    },
    progress: "Training progress",
    pause: "Pause",
    resume: "Resume",
    stop: "Stop and keep best",
    start: "Start training",
    ready_title: "Ready to train",
    ready: |data, rows, model| format!("{data}, {rows}, with {model}"),
    nothing_title: "Nothing to train yet",
    needs_data: "Choose the examples that the model shall learn from.",
    needs_model: "Choose a model that is on this computer, or fetch one.",
    to_data: "Go to Data",
    to_model: "Go to Model",
    to_settings: "Back to settings",
    to_evaluate: "See how good it is",
    close_run: "Close this run",
    starting: "Starting",
    stage: |stage| match stage {
        Stage::Data => "Reading and splitting the rows",
        Stage::Tokens => "Turning texts into tokens",
        Stage::Model => "Reading the model's weights",
        Stage::Features => "Reading every row once with the encoder",
    },
    stage_hint: "The first point of the curve follows in a moment.",
    paused: "Paused",
    paused_hint: "The settings below can be changed while it waits.",
    finishing: |outcome| match outcome {
        Outcome::Completed => "All steps done. Scoring the kept model on validation and test…",
        Outcome::StoppedEarly => {
            "No gain for a while, so it stopped early. Scoring the kept model…"
        }
        Outcome::Stopped => "Stopped. Scoring the kept model on validation and test…",
    },
    machine: |threads, parameters| {
        let unit = if threads == "1" { "thread" } else { "threads" };
        format!("{threads} {unit} · {parameters} trainable parameters")
    },
    evaluating: "Scoring the validation rows…",
    finished: |outcome| match outcome {
        Outcome::Completed => "Finished",
        Outcome::StoppedEarly => "Finished early: patience ran out",
        Outcome::Stopped => "Stopped; the best model was kept",
    },
    finished_detail: |steps, duration, best| {
        format!("{steps} steps in {duration}; the weights of step {best} are kept")
    },
    failed: "Training ended without a result",
    tiles: TileText {
        epoch: "Epoch",
        of: |epochs| format!("of {epochs}"),
        train_loss: "Train loss",
        validation_loss: "Validation loss",
        best: |score| format!("{score}, best"),
        at_step: |step| format!("at step {step}"),
        speed: "Speed",
        rows_per_second: "rows/s",
        time_left: "Time left",
        time_taken: "Time taken",
        none: "–",
        clock,
    },
    plots: PlotText {
        loss: "Loss",
        quality: "Quality on validation",
        learning_rate: "Learning rate",
        train: "train",
        smoothed: "train, smoothed",
        validation: "validation",
        baseline: "baseline",
        best: "best",
        done: "used",
        planned: "planned",
        step: |step| format!("step {step}"),
        log_scale: "log y",
        log_scale_hover: "Draw the loss on a logarithmic scale",
        smoothing: |factor| match factor {
            0.0 => "raw".to_owned(),
            f => format!("smooth {f}"),
        },
        smoothing_name: "Smoothing",
        smoothing_hover: "How strongly the training curve is smoothed",
        hint: "Drag to move, Ctrl and wheel to zoom, double-click to see all",
        empty: "The curve begins with the first step",
    },
    probes: ProbeText {
        title: "Probe sentences",
        hint: "scored again at every evaluation",
        add_hint: "Add a sentence",
        add: "Add",
        remove: |sentence| format!("Remove \"{sentence}\""),
        empty: "Sentences of your own, to watch what the model makes of them while it learns.",
        none: "No sentences were watched in this run.",
        waiting: "not scored yet",
        since: |step| format!("since step {step}"),
        wavering: |now, before| format!("wavering: {now} / {before}"),
        before: |answer| format!("{answer} before"),
    },
    live: LiveText {
        title: "While it runs",
        hint: "Takes effect at the next step",
        over: "The run has ended",
        multiplier: "Learning rate ×",
        eval_steps: "Evaluate every",
        epochs: "Epochs",
        patience: "Patience",
        steps_unit: "steps",
        evaluations_unit: "evals",
        pending: "sent, holds from the next step",
        multiplier_range: "above 0 and at most 100",
        eval_steps_range: "a whole number of at least 1",
        epochs_range: |done| format!("at least {done}, at most 1000"),
        patience_range: "a whole number; 0 never stops early",
    },
    log: LogText {
        title: "Log",
        empty: "Changes, notices and evaluations are listed here.",
        started: |train, validation, parameters| {
            format!(
                "Started: {train} to learn from, {validation} to check, {parameters} parameters"
            )
        },
        evaluated: |score, value, loss, best| {
            let mark = if best { ", best so far" } else { "" };
            format!("{score} {value}, loss {loss}{mark}")
        },
        changed: |change| match change {
            Change::LearningRateMultiplier(factor) => format!("Learning rate × {factor}"),
            Change::EvalSteps(steps) => format!("Evaluate every {steps} steps"),
            Change::Epochs(epochs) => format!("Epochs: {epochs:.2}"),
            Change::Patience(patience) => format!("Patience: {patience}"),
        },
        paused: "Paused",
        resumed: "Resumed",
    },
};

fn clock(seconds: f64) -> String {
    let whole = seconds.max(0.0).round() as u64;
    match (whole / 3600, whole / 60 % 60, whole % 60) {
        (0, minutes, seconds) => format!("{minutes}:{seconds:02}"),
        (hours, minutes, seconds) => format!("{hours}:{minutes:02}:{seconds:02}"),
    }
}
