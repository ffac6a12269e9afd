//! The final evaluation of a run: what the Evaluate page shows and `evaluation.json` holds.

use serde::{Deserialize, Serialize};

use crate::metrics::Scores;
use crate::tasks::Prediction;

/// A model's scores on one set of rows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Evaluation {
    /// Rows scored.
    pub rows: usize,
    /// Labels in the order of `confusion` and `per_label`.
    pub labels: Vec<String>,
    /// Scores by name.
    pub scores: Scores,
    /// 95 % bootstrap intervals of some of the scores, by name.
    pub intervals: Vec<Interval>,
    /// Scores of always answering the commonest training label.
    pub majority: Scores,
    /// `confusion[gold][predicted]` counts.
    pub confusion: Vec<Vec<u64>>,
    /// One entry per label.
    pub per_label: Vec<LabelReport>,
}

/// The range in which a score would fall 95 times in 100 on other rows of the same kind.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Interval {
    /// The score's name.
    pub score: String,
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

/// How well one label is found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LabelReport {
    /// The label's name.
    pub label: String,
    /// Share of the answers with this label that are right.
    pub precision: f64,
    /// Share of the rows with this label that were found.
    pub recall: f64,
    /// Harmonic mean of the two.
    pub f1: f64,
    /// Rows that have this label.
    pub support: u64,
}

/// One scored row, a line of `predictions-test.jsonl`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ScoredRow {
    /// Record number in its file.
    pub row: usize,
    /// The right label.
    pub gold: String,
    /// The model's answer.
    #[serde(flatten)]
    pub prediction: Prediction,
}

impl ScoredRow {
    /// Whether the answer is right.
    pub fn is_right(&self) -> bool {
        self.gold == self.prediction.label
    }
}
