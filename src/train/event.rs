//! What the training thread says ([`Event`]) and what it can be told ([`Command`]).
//!
//! Both enums are closed. An event is one line of the run's `history.jsonl` and one line of
//! `--json`, so a finished run is looked at through the same fold as a live one.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::metrics::{Scores, names};
use crate::tasks::Prediction;

/// What the training thread says, in order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// Work that comes before the first step has begun.
    Preparing { stage: Stage },
    /// Everything is ready; the first step follows.
    Started(Started),
    /// One optimiser step (or the mean of `logging_steps` of them).
    Step(Step),
    /// The validation split is being scored.
    Evaluating { step: usize },
    /// The validation split was scored.
    Evaluated(Evaluated),
    /// New probe sentences, scored on the model as it is now.
    Probed {
        step: usize,
        probes: Vec<Prediction>,
    },
    /// A setting was changed while running; it holds from the step after `step`.
    Changed {
        step: usize,
        change: Change,
        total_steps: usize,
    },
    /// The loop waits after `step`.
    Paused { step: usize },
    /// The loop goes on after `step`.
    Resumed { step: usize },
    /// Something the person should know but that does not end the run.
    Notice { step: usize, message: String },
    /// A sentence was scored on the model as it is now.
    Tried { step: usize, prediction: Prediction },
    /// The loop is over; the kept model is scored on validation and test.
    Finishing { step: usize, outcome: Outcome },
    /// The run is complete and its folder written.
    Finished(Finished),
    /// The run ended without a result.
    Failed {
        message: String,
        remedy: Option<String>,
    },
}

/// Work before the first step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Reading and splitting the rows.
    Data,
    /// Turning texts into tokens.
    Tokens,
    /// Reading the weights.
    Model,
    /// Computing what the encoder says of each row, where only the head is trained.
    Features,
}

/// What is about to be trained.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Started {
    /// The run folder.
    pub run: PathBuf,
    /// Names of the model's outputs, in their order; none where they have no names.
    pub labels: Vec<String>,
    /// Rows for training, validation and test.
    pub rows: [usize; 3],
    /// Optimiser steps planned.
    pub total_steps: usize,
    /// Optimiser steps that make an epoch.
    pub steps_per_epoch: usize,
    /// The settings that may change, as they begin.
    #[serde(flatten)]
    pub live: LiveSettings,
    /// The score that decides which checkpoint is best.
    pub best_metric: String,
    /// The scores that a person looks at first.
    #[serde(default = "scores_of_labels")]
    pub main_scores: Vec<String>,
    /// Whether two texts are read at once; `None` in runs recorded before this was told here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pairs: Option<bool>,
    /// Peak learning rate.
    pub learning_rate: f64,
    /// Trainable parameters.
    pub parameters: usize,
    /// Threads that compute.
    pub threads: usize,
    /// Training texts cut at `max_seq_length`.
    pub cut: usize,
    /// Validation scores of answering without having looked, such as always the commonest training
    /// label.
    pub majority: Scores,
}

/// The main scores of runs that were recorded when labels were all that could be learned.
fn scores_of_labels() -> Vec<String> {
    [names::F1_MACRO, names::ACCURACY].map(str::to_owned).into()
}

/// A point of the training curve.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// Optimiser steps done.
    pub step: usize,
    /// Epochs done.
    pub epoch: f64,
    /// Mean loss of the step's examples.
    pub loss: f64,
    /// Learning rate of the step.
    pub learning_rate: f64,
    /// L2 norm of the gradient before clipping.
    pub grad_norm: f64,
    /// Training rows per second, pauses and evaluations left out.
    pub samples_per_second: f64,
    /// Estimated seconds to the end of training, evaluations included.
    pub seconds_left: f64,
}

/// The validation split's scores at a step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Evaluated {
    /// Optimiser steps done.
    pub step: usize,
    /// Epochs done.
    pub epoch: f64,
    /// Scores by name.
    pub scores: Scores,
    /// Whether this is the best so far.
    pub best: bool,
    /// The probe sentences, scored on the model as it is now.
    pub probes: Vec<Prediction>,
    /// Seconds that the evaluation took.
    pub seconds: f64,
}

/// The end of a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Finished {
    /// The run folder.
    pub run: PathBuf,
    /// Why training ended.
    pub outcome: Outcome,
    /// The step whose weights were kept.
    pub best_step: usize,
    /// Whether the model reads two texts at once.
    #[serde(default)]
    pub pairs: bool,
    /// Optimiser steps done.
    pub steps: usize,
    /// Wall time from start to here, in seconds.
    pub seconds: f64,
    /// Scores of the kept model on the validation split.
    pub validation: Scores,
    /// Scores of the kept model on the test split, where there is one.
    pub test: Option<Scores>,
}

/// Why training ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// All steps were done.
    Completed,
    /// Patience ran out.
    StoppedEarly,
    /// The person stopped it.
    Stopped,
}

/// What the training thread can be told. Commands take effect at the next step.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// Wait after the step in progress.
    Pause,
    /// Go on.
    Resume,
    /// End now and keep the best checkpoint.
    Stop,
    /// Change a setting while running.
    Change(Change),
    /// Replace the probe sentences; they are scored at once and at every evaluation.
    Probes(Vec<String>),
    /// Score a sentence on the model as it is now.
    Try(String),
}

/// What may be changed while a run is on.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// Factor on the scheduled learning rate, above 0 and at most 100.
    LearningRateMultiplier(f64),
    /// Steps between evaluations, at least 1.
    EvalSteps(usize),
    /// Epochs in all; at least what is done already.
    Epochs(f64),
    /// Evaluations without a gain before the run ends; 0 never ends early.
    Patience(usize),
}

/// The settings that may change while a run is on, as they are now.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct LiveSettings {
    /// Factor on the scheduled learning rate.
    pub learning_rate_multiplier: f64,
    /// Steps between evaluations.
    pub eval_steps: usize,
    /// Epochs in all.
    pub epochs: f64,
    /// Evaluations without a gain before the run ends; 0 never ends early.
    pub patience: usize,
}

impl LiveSettings {
    /// Takes a change over.
    pub fn apply(&mut self, change: Change) {
        match change {
            Change::LearningRateMultiplier(factor) => self.learning_rate_multiplier = factor,
            Change::EvalSteps(steps) => self.eval_steps = steps,
            Change::Epochs(epochs) => self.epochs = epochs,
            Change::Patience(patience) => self.patience = patience,
        }
    }
}
