//! One file per task: examples to model input, loss, predictions, scores.

mod classification;
mod entities;
mod evaluation;
mod item;
mod kind;
mod model;
mod multi_label;
mod prediction;
mod probability;
mod questions;
mod regression;
mod task;
mod usage;
mod whole;
mod words;

pub use evaluation::{Detail, Evaluation, Gold, Interval, LabelReport, ScoredRow, TargetReport};
pub use item::{Item, ItemTarget, Places};
pub use kind::TaskKind;
pub use model::{Scored, TaskModel, TrainingOptions, forget_places};
pub use prediction::{Answer, Entity, LabelScore, Prediction, Span};
pub use task::{Baseline, Objective, Output, Rules, Spans, Task};
pub use usage::{python_snippet, rust_snippet};
