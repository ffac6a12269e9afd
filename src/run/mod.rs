//! The run folder: the run file, the history, the best model, the final evaluation.

pub mod evaluation;
pub mod hyperparameters;
pub mod settings;

pub use evaluation::{Evaluation, LabelReport, ScoredRow};
pub use hyperparameters::Hyperparameters;
pub use settings::{DataSettings, RunSettings, TaskKind};
