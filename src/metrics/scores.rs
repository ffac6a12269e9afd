//! Scores by name.

use std::fmt;

use serde::de::{MapAccess, Visitor};
use serde::ser::SerializeMap as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The names of the scores, as scikit-learn and the Hugging Face tools write them.
pub mod names {
    /// The objective, averaged over examples or tokens.
    pub const LOSS: &str = "loss";
    /// The share of examples predicted right.
    pub const ACCURACY: &str = "accuracy";
    /// F1, mean over labels.
    pub const F1_MACRO: &str = "f1_macro";
    /// F1 over all decisions.
    pub const F1_MICRO: &str = "f1_micro";
    /// The same where each label is given from a probability of a half on, not from its threshold.
    pub const F1_MICRO_AT_HALF: &str = "f1_micro_at_half";
    /// F1, mean over labels weighted by their number of examples.
    pub const F1_WEIGHTED: &str = "f1_weighted";
    /// Precision, mean over labels.
    pub const PRECISION_MACRO: &str = "precision_macro";
    /// Precision over all decisions.
    pub const PRECISION_MICRO: &str = "precision_micro";
    /// Precision, mean over labels weighted by their number of examples.
    pub const PRECISION_WEIGHTED: &str = "precision_weighted";
    /// Recall, mean over labels.
    pub const RECALL_MACRO: &str = "recall_macro";
    /// Recall over all decisions.
    pub const RECALL_MICRO: &str = "recall_micro";
    /// Recall, mean over labels weighted by their number of examples.
    pub const RECALL_WEIGHTED: &str = "recall_weighted";
    /// The correlation of gold and predicted labels.
    pub const MATTHEWS_CORRELATION: &str = "matthews_correlation";
    /// The area under the receiver operating characteristic.
    pub const ROC_AUC: &str = "roc_auc";
    /// F1 of entities (seqeval), or of the words of answers (SQuAD).
    pub const F1: &str = "f1";
    /// Precision of entities.
    pub const PRECISION: &str = "precision";
    /// Recall of entities.
    pub const RECALL: &str = "recall";
    /// F1 of entities whose tags must follow the scheme (seqeval's strict mode).
    pub const F1_STRICT: &str = "f1_strict";
    /// The share of answers that are exactly right.
    pub const EXACT_MATCH: &str = "exact_match";
    /// The same among the questions that have an answer.
    pub const EXACT_MATCH_ANSWERABLE: &str = "exact_match_answerable";
    /// F1 among the questions that have an answer.
    pub const F1_ANSWERABLE: &str = "f1_answerable";
    /// The share of unanswerable questions that were left unanswered.
    pub const NO_ANSWER_ACCURACY: &str = "no_answer_accuracy";
    /// Pearson's correlation of gold and predicted numbers.
    pub const PEARSON: &str = "pearson";
    /// Spearman's rank correlation of gold and predicted numbers.
    pub const SPEARMAN: &str = "spearman";
    /// Mean squared error.
    pub const MSE: &str = "mse";
    /// Mean absolute error.
    pub const MAE: &str = "mae";
}

/// Whether more of a score is better. Losses, errors and perplexity are better when smaller; all
/// other scores when larger. A split's prefix (`eval_`, `test_`, `train_`) does not matter.
pub fn higher_is_better(name: &str) -> bool {
    let name = ["eval_", "test_", "train_"]
        .iter()
        .find_map(|prefix| name.strip_prefix(prefix))
        .unwrap_or(name);
    let smaller = ["loss", "perplexity", "mse", "rmse", "mae", "error"];
    !smaller.iter().any(|kind| {
        name == *kind
            || name
                .strip_suffix(kind)
                .is_some_and(|rest| rest.ends_with('_'))
    })
}

/// Scores by name, in the order in which they were set. As JSON it is one object.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Scores {
    entries: Vec<(String, f64)>,
}

impl Scores {
    /// Sets a score. One that is not a finite number is missing: it is taken out instead.
    pub fn set(&mut self, name: &str, value: f64) {
        let place = self.entries.iter().position(|(known, _)| known == name);
        match (place, value.is_finite()) {
            (Some(place), true) => self.entries[place].1 = value,
            (Some(place), false) => drop(self.entries.remove(place)),
            (None, true) => self.entries.push((name.to_owned(), value)),
            (None, false) => {}
        }
    }

    /// A score; `None` when it is missing.
    pub fn get(&self, name: &str) -> Option<f64> {
        self.entries
            .iter()
            .find(|(known, _)| known == name)
            .map(|&(_, value)| value)
    }

    /// The names and values in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, f64)> {
        self.entries
            .iter()
            .map(|(name, value)| (name.as_str(), *value))
    }

    /// The number of scores.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}

impl<N: AsRef<str>> Extend<(N, f64)> for Scores {
    fn extend<I: IntoIterator<Item = (N, f64)>>(&mut self, scores: I) {
        for (name, value) in scores {
            self.set(name.as_ref(), value);
        }
    }
}

impl<N: AsRef<str>> FromIterator<(N, f64)> for Scores {
    fn from_iter<I: IntoIterator<Item = (N, f64)>>(scores: I) -> Self {
        let mut collected = Self::default();
        collected.extend(scores);
        collected
    }
}

impl Serialize for Scores {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.entries.len()))?;
        for (name, value) in &self.entries {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for Scores {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Entries)
    }
}

/// Reads an object in its own order; null is a missing score.
struct Entries;

impl<'de> Visitor<'de> for Entries {
    type Value = Scores;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("an object of scores by name")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Scores, A::Error> {
        let mut scores = Scores::default();
        while let Some((name, value)) = map.next_entry::<String, Option<f64>>()? {
            if let Some(value) = value {
                scores.set(&name, value);
            }
        }
        Ok(scores)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_keeps_order_and_values() {
        let mut scores = Scores::default();
        scores.set("loss", 0.1);
        scores.set("accuracy", 1.0 / 3.0);
        scores.set("f1_macro", f64::NAN);
        let json = serde_json::to_string(&scores).unwrap();
        assert_eq!(json, r#"{"loss":0.1,"accuracy":0.3333333333333333}"#);
        assert_eq!(serde_json::from_str::<Scores>(&json).unwrap(), scores);
        let missing: Scores = serde_json::from_str(r#"{"loss":null}"#).unwrap();
        assert_eq!(missing.get("loss"), None);
    }

    #[test]
    fn a_score_set_again_keeps_its_place() {
        let mut scores: Scores = [("loss", 2.0), ("accuracy", 0.5)].into_iter().collect();
        scores.set("loss", 1.0);
        assert_eq!(scores.iter().next(), Some(("loss", 1.0)));
        scores.set("loss", f64::INFINITY);
        assert_eq!((scores.get("loss"), scores.len()), (None, 1));
    }

    #[test]
    fn only_losses_and_errors_are_better_when_smaller() {
        for name in ["loss", "eval_loss", "perplexity", "test_rmse", "token_loss"] {
            assert!(!higher_is_better(name), "{name}");
        }
        for name in [
            names::ACCURACY,
            names::F1_MACRO,
            "eval_f1_macro",
            names::ROC_AUC,
            "bleu",
        ] {
            assert!(higher_is_better(name), "{name}");
        }
    }
}
