//! One file per task: examples to model input, loss, predictions, scores.

pub mod classification;
mod prediction;

pub use classification::Classifier;
pub use prediction::{LabelScore, Prediction};
