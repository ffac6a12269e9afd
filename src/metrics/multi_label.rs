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

/// The threshold in 0..1 at which `probabilities` give the best F1 for what is there in `gold`, and
/// that F1. Midway between two neighbouring probabilities; of equals the one nearest a half.
/// `None` when the label is nowhere or everywhere, which tells no threshold.
pub fn best_threshold(probabilities: &[f32], gold: &[bool]) -> Option<(f32, f64)> {
    let there = gold.iter().filter(|&&gold| gold).count() as u64;
    if there == 0 || there == gold.len() as u64 {
        return None;
    }
    let mut order: Vec<(f32, bool)> = probabilities
        .iter()
        .copied()
        .zip(gold.iter().copied())
        .collect();
    order.sort_by(|a, b| b.0.total_cmp(&a.0));
    let mut best: Option<(f32, f64)> = None;
    let mut counts = Counts {
        missed: there,
        ..Counts::default()
    };
    for (i, &(probability, gold)) in order.iter().enumerate() {
        if gold {
            counts.right += 1;
            counts.missed -= 1;
        } else {
            counts.wrong += 1;
        }
        let next = order.get(i + 1).map_or(0.0, |next| next.0);
        if next == probability {
            continue;
        }
        let (threshold, f1) = (f32::midpoint(probability, next), counts.scores().f1);
        let better = best.is_none_or(|(known, best)| {
            f1 > best || (f1 == best && (threshold - 0.5).abs() < (known - 0.5).abs())
        });
        if better {
            best = Some((threshold, f1));
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_threshold_lies_where_f1_is_best() {
        let gold = [true, false, true, false, false];
        let (threshold, f1) = best_threshold(&[0.3, 0.1, 0.2, 0.05, 0.02], &gold).unwrap();
        assert!((threshold - 0.15).abs() < 1e-6 && f1 == 1.0, "{threshold}");
        // Ties of probabilities are taken together.
        let (threshold, f1) = best_threshold(&[0.4, 0.4, 0.1, 0.1, 0.1], &gold).unwrap();
        assert!(
            (threshold - 0.05).abs() < 1e-6 && f1 == 4.0 / 7.0,
            "{threshold} {f1}"
        );
        assert_eq!(best_threshold(&[0.4, 0.3], &[false, false]), None);
        assert_eq!(best_threshold(&[0.4, 0.3], &[true, true]), None);
    }

    #[test]
    fn nothing_counted_has_no_score() {
        assert!(LabelCounts::new(3).scores().is_empty());
        assert_eq!(LabelCounts::new(3).f1_macro(), None);
    }
}
