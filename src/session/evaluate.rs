//! Scores a trained model again: on the rows its run kept aside, or on a file.

use super::trained::Trained;
use crate::error::Result;
use crate::home::Home;
use crate::run::{DataSettings, Evaluation};

/// Which rows were scored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Split {
    /// The test split of the model's own run.
    Test,
    /// The validation split of the model's own run, which has no test split.
    Validation,
    /// All rows of a file.
    File,
}

/// A model scored again.
#[derive(Clone, Debug, PartialEq)]
pub struct Reevaluation {
    /// Which rows were scored.
    pub split: Split,
    /// The file or bundled set that the rows are from.
    pub source: String,
    /// The scores.
    pub evaluation: Evaluation,
}

/// Scores `trained` on all rows of `data`; without it on the test split of the model's own run,
/// else on its validation split, made again from the run file. `progress` is told how many rows
/// are done, and of how many.
///
/// # Errors
/// The data cannot be read, has changed since the run, or has a label that the model does not
/// know; a model folder without a run was given no data.
pub fn evaluate(
    trained: &Trained,
    data: Option<&DataSettings>,
    home: &Home,
    progress: &mut dyn FnMut(usize, usize),
) -> Result<Reevaluation> {
    let _ = (trained, data, home, progress);
    todo!()
}
