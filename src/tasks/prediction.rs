//! What a model answers.

use serde::{Deserialize, Serialize};

/// What a model answers for one text.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Prediction {
    /// The text as given.
    pub text: String,
    /// The most probable label.
    pub label: String,
    /// Probability of every label, in the model's order.
    pub scores: Vec<LabelScore>,
    /// Length in tokens, special tokens included, after cutting.
    pub tokens: usize,
    /// Whether the text was cut at the model's length limit.
    pub cut: bool,
}

/// A label and its probability.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LabelScore {
    /// The label's name.
    pub label: String,
    /// Probability in 0..=1.
    pub score: f64,
}

impl Prediction {
    /// The probability of the answer.
    pub fn confidence(&self) -> f64 {
        self.scores
            .iter()
            .map(|score| score.score)
            .fold(0.0, f64::max)
    }
}
