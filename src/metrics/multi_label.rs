//! Scores of answers that may hold any number of labels.

use super::confusion::LabelScores;
use super::scores::{Scores, names};

/// For each label how often it was found, wrongly given, and missed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LabelCounts {
    labels: Vec<Counts>,
    examples: u64,
    /// Examples whose labels are exactly right.
    exact: u64,
}

/// True positives, false positives and false negatives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Found.
    pub right: u64,
    /// Given, but not there.
    pub wrong: u64,
    /// There, but not given.
    pub missed: u64,
}

impl Counts {
    /// Adds other counts.
    pub fn add(&mut self, other: Self) {
        self.right += other.right;
        self.wrong += other.wrong;
        self.missed += other.missed;
    }

    /// Counts that a label so far taken as missed is given where it is `there`, or wrongly given
    /// where it is not.
    pub(super) fn give(&mut self, there: bool) {
        if there {
            self.right += 1;
            self.missed -= 1;
        } else {
            self.wrong += 1;
        }
    }

    /// Precision, recall and F1, each 0 where its denominator is 0, and the number of those that
    /// are there.
    pub fn scores(self) -> LabelScores {
        let ratio = |part: u64, whole: u64| {
            if whole == 0 {
                0.0
            } else {
                part as f64 / whole as f64
            }
        };
        let Self {
            right,
            wrong,
            missed,
        } = self;
        LabelScores {
            precision: ratio(right, right + wrong),
            recall: ratio(right, right + missed),
            f1: ratio(2 * right, 2 * right + wrong + missed),
            support: right + missed,
        }
    }
}

impl LabelCounts {
    /// Nothing counted, for the label ids 0 to `labels` - 1.
    pub fn new(labels: usize) -> Self {
        Self {
            labels: vec![Counts::default(); labels],
            examples: 0,
            exact: 0,
        }
    }

    /// Counts one example: whether each label is there, and whether it was given. Both slices are
    /// as long as there are labels.
    pub fn add(&mut self, gold: &[bool], given: &[bool]) {
        for ((counts, &gold), &given) in self.labels.iter_mut().zip(gold).zip(given) {
            match (gold, given) {
                (true, true) => counts.right += 1,
                (false, true) => counts.wrong += 1,
                (true, false) => counts.missed += 1,
                (false, false) => {}
            }
        }
        self.examples += 1;
        self.exact += u64::from(gold == given);
    }

    /// The counts of each label.
    pub fn counts(&self) -> &[Counts] {
        &self.labels
    }

    /// The scores of each label.
    pub fn per_label(&self) -> Vec<LabelScores> {
        self.labels.iter().map(|counts| counts.scores()).collect()
    }

    /// Precision, recall and F1 over all decisions.
    pub fn micro(&self) -> LabelScores {
        let mut all = Counts::default();
        self.labels.iter().for_each(|&counts| all.add(counts));
        all.scores()
    }

    /// The mean F1 over labels; `None` without examples.
    pub fn f1_macro(&self) -> Option<f64> {
        let sum: f64 = self.per_label().iter().map(|label| label.f1).sum();
        (self.examples > 0 && !self.labels.is_empty()).then(|| sum / self.labels.len() as f64)
    }

    /// Accuracy (the share of examples with exactly the right labels), and precision, recall and F1
    /// in micro, macro and weighted averages; nothing without examples.
    pub fn scores(&self) -> Scores {
        let mut scores = Scores::default();
        if self.examples == 0 {
            return scores;
        }
        let per_label = self.per_label();
        let support: u64 = per_label.iter().map(|label| label.support).sum();
        let mean = |of: fn(&LabelScores) -> f64| {
            per_label.iter().map(of).sum::<f64>() / per_label.len() as f64
        };
        let weighted = |of: fn(&LabelScores) -> f64| {
            let labels = per_label.iter();
            let sum: f64 = labels.map(|label| of(label) * label.support as f64).sum();
            if support == 0 {
                0.0
            } else {
                sum / support as f64
            }
        };
        let micro = self.micro();
        scores.set(names::F1_MICRO, micro.f1);
        scores.set(names::F1_MACRO, mean(|label| label.f1));
        scores.set(names::F1_WEIGHTED, weighted(|label| label.f1));
        scores.set(names::PRECISION_MICRO, micro.precision);
        scores.set(names::PRECISION_MACRO, mean(|label| label.precision));
        scores.set(names::PRECISION_WEIGHTED, weighted(|label| label.precision));
        scores.set(names::RECALL_MICRO, micro.recall);
        scores.set(names::RECALL_MACRO, mean(|label| label.recall));
        scores.set(names::RECALL_WEIGHTED, weighted(|label| label.recall));
        scores.set(names::ACCURACY, self.exact as f64 / self.examples as f64);
        scores
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_counted_has_no_score() {
        assert!(LabelCounts::new(3).scores().is_empty());
        assert_eq!(LabelCounts::new(3).f1_macro(), None);
    }
}
