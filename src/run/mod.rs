//! The run folder: the run file, the history, the best model, the final evaluation.

pub mod atomic;
pub mod folder;
pub mod hyperparameters;
pub mod model_card;
mod preset;
pub mod settings;

pub use folder::{RunFolder, RunLock};
pub use hyperparameters::Hyperparameters;
pub use preset::Preset;
pub use settings::{DataSettings, RunSettings};
