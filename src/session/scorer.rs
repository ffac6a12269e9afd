//! A model kept open on a thread of its own, for scoring sentences as they are typed.

use std::path::PathBuf;
use std::time::Duration;

use super::job::Wake;
use crate::error::Result;
use crate::tasks::Prediction;

/// An answer and how long the model took for it.
#[derive(Debug)]
pub struct Answer {
    /// The prediction, or why there is none.
    pub prediction: Result<Prediction>,
    /// Time of tokenising and the forward pass.
    pub elapsed: Duration,
}

/// A model that answers one sentence at a time; a newer question replaces one still waiting.
pub struct Scorer {}

impl Scorer {
    /// Opens the model folder on a new thread. A folder that cannot be read is told by the first
    /// answer.
    pub fn open(model: PathBuf, wake: Wake) -> Self {
        let _ = (model, wake);
        todo!()
    }

    /// Asks for `text` to be scored.
    pub fn ask(&self, text: &str) {
        let _ = text;
    }

    /// The newest answer, once.
    pub fn poll(&self) -> Option<Answer> {
        None
    }
}

/// Scores many texts with the model folder, in order. `progress` is told how many are done.
pub fn predict_all(
    model: &std::path::Path,
    texts: &[String],
    progress: &mut dyn FnMut(usize),
) -> Result<Vec<Prediction>> {
    let _ = (model, texts, progress);
    todo!()
}
