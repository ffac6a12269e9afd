//! Counts of gold against predicted labels, and every score that follows from them.

use super::scores::{Scores, names};

/// Counts of gold against predicted labels: a row is a gold label, a column a predicted one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Confusion {
    labels: usize,
    counts: Vec<u64>,
}

/// The scores of one label; each is 0 where its denominator is 0.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LabelScores {
    /// The share of those predicted to have the label that have it.
    pub precision: f64,
    /// The share of those that have the label that were predicted to have it.
    pub recall: f64,
    /// The harmonic mean of precision and recall.
    pub f1: f64,
    /// The number of examples that have the label.
    pub support: u64,
}

impl Confusion {
    /// An empty matrix for the label ids 0 to `labels` - 1.
    pub fn new(labels: usize) -> Self {
        Self {
            labels,
            counts: vec![0; labels * labels],
        }
    }

    /// Counts one example. Both ids must be below the number of labels.
    pub fn add(&mut self, gold: usize, predicted: usize) {
        debug_assert!(
            gold < self.labels && predicted < self.labels,
            "an unknown label id"
        );
        self.counts[gold * self.labels + predicted] += 1;
    }

    /// Adds the counts of another matrix for the same labels.
    pub fn merge(&mut self, other: &Self) {
        debug_assert_eq!(self.labels, other.labels, "matrices of different labels");
        for (count, more) in self.counts.iter_mut().zip(&other.counts) {
            *count += more;
        }
    }

    /// The number of labels.
    pub fn labels(&self) -> usize {
        self.labels
    }

    /// How often `gold` was predicted as `predicted`.
    pub fn count(&self, gold: usize, predicted: usize) -> u64 {
        self.counts[gold * self.labels + predicted]
    }

    /// The number of examples.
    pub fn total(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// The share of examples predicted right; `None` without examples.
    pub fn accuracy(&self) -> Option<f64> {
        let total = self.total();
        (total > 0).then(|| self.correct() as f64 / total as f64)
    }

    /// The scores of each label by id.
    pub fn per_label(&self) -> Vec<LabelScores> {
        (0..self.labels)
            .map(|id| {
                let correct = self.count(id, id);
                let (gold, predicted) = (self.gold(id), self.predicted(id));
                LabelScores {
                    precision: ratio(correct, predicted),
                    recall: ratio(correct, gold),
                    f1: ratio(2 * correct, gold + predicted),
                    support: gold,
                }
            })
            .collect()
    }

    /// The correlation of gold and predicted labels (Matthews, 1975; for several labels Gorodkin,
    /// 2004), from -1 to 1; 0 when either side has one label only; `None` without examples.
    pub fn matthews_correlation(&self) -> Option<f64> {
        let total = self.total() as f64;
        if total == 0.0 {
            return None;
        }
        let (mut both, mut gold_squares, mut predicted_squares) = (0.0, 0.0, 0.0);
        for id in 0..self.labels {
            let (gold, predicted) = (self.gold(id) as f64, self.predicted(id) as f64);
            both += gold * predicted;
            gold_squares += gold * gold;
            predicted_squares += predicted * predicted;
        }
        let squares = total * total;
        let spread = (squares - predicted_squares) * (squares - gold_squares);
        let covariance = self.correct() as f64 * total - both;
        Some(if spread > 0.0 {
            covariance / spread.sqrt()
        } else {
            0.0
        })
    }

    /// Accuracy, Matthews' correlation, and precision, recall and F1 in macro, micro and weighted
    /// averages; nothing without examples.
    pub fn scores(&self) -> Scores {
        let mut scores = Scores::default();
        let per_label = self.per_label();
        let Some(accuracy) = self.accuracy() else {
            return scores;
        };
        let macro_mean = |of: fn(&LabelScores) -> f64| {
            per_label.iter().map(of).sum::<f64>() / self.labels as f64
        };
        let weighted_mean = |of: fn(&LabelScores) -> f64| {
            let sum: f64 = per_label
                .iter()
                .map(|label| of(label) * label.support as f64)
                .sum();
            sum / self.total() as f64
        };
        scores.set(names::ACCURACY, accuracy);
        scores.set(names::F1_MACRO, macro_mean(|label| label.f1));
        // Each wrong answer is one false positive and one false negative, so that with one label
        // per example all three micro averages are the accuracy.
        scores.set(names::F1_MICRO, accuracy);
        scores.set(names::F1_WEIGHTED, weighted_mean(|label| label.f1));
        scores.set(names::PRECISION_MACRO, macro_mean(|label| label.precision));
        scores.set(names::PRECISION_MICRO, accuracy);
        scores.set(
            names::PRECISION_WEIGHTED,
            weighted_mean(|label| label.precision),
        );
        scores.set(names::RECALL_MACRO, macro_mean(|label| label.recall));
        scores.set(names::RECALL_MICRO, accuracy);
        scores.set(names::RECALL_WEIGHTED, weighted_mean(|label| label.recall));
        if let Some(correlation) = self.matthews_correlation() {
            scores.set(names::MATTHEWS_CORRELATION, correlation);
        }
        scores
    }

    /// The mean F1 over all labels; `None` without examples.
    pub fn f1_macro(&self) -> Option<f64> {
        (self.total() > 0).then(|| {
            let sum: f64 = self.per_label().iter().map(|label| label.f1).sum();
            sum / self.labels as f64
        })
    }

    fn correct(&self) -> u64 {
        (0..self.labels).map(|id| self.count(id, id)).sum()
    }

    fn gold(&self, id: usize) -> u64 {
        (0..self.labels)
            .map(|predicted| self.count(id, predicted))
            .sum()
    }

    fn predicted(&self, id: usize) -> u64 {
        (0..self.labels).map(|gold| self.count(gold, id)).sum()
    }
}

/// A share, 0 of nothing.
fn ratio(part: u64, whole: u64) -> f64 {
    if whole == 0 {
        0.0
    } else {
        part as f64 / whole as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_counted_has_no_score() {
        let empty = Confusion::new(2);
        assert_eq!(empty.accuracy(), None);
        assert_eq!(empty.f1_macro(), None);
        assert_eq!(empty.matthews_correlation(), None);
        assert_eq!(empty.scores(), Scores::default());
    }

    #[test]
    fn merging_is_adding() {
        let pairs = [(0, 1), (1, 1), (2, 0), (2, 2), (0, 0)];
        let mut whole = Confusion::new(3);
        let (mut left, mut right) = (Confusion::new(3), Confusion::new(3));
        for (index, &(gold, predicted)) in pairs.iter().enumerate() {
            whole.add(gold, predicted);
            if index < 2 { &mut left } else { &mut right }.add(gold, predicted);
        }
        left.merge(&right);
        assert_eq!(left, whole);
    }
}
