//! The probability from which on each label is given.

use super::multi_label::Counts;

/// Rounds over all labels after which the search ends even if it could still gain.
const ROUNDS: usize = 10;

/// Thresholds in 0..1, one for each label, at which the probabilities give the best micro F1 that
/// was found for what is there in `gold`; both have one row per example and one column per label.
///
/// The search starts from the best threshold shared by all labels, so that the result is never
/// worse than a half for all, and then moves that of one label at a time while micro F1 grows. The
/// F1 of a label by itself is not looked at: it is best for a label of which the model knows
/// nothing when that label is always given (Lipton, Elkan and Naryanaswamy, "Optimal Thresholding
/// of Classifiers to Maximize F1 Measure", 2014). A label that no example or every example has
/// tells nothing and keeps the shared threshold; all are a half where `gold` tells nothing at all.
pub fn best_thresholds(probabilities: &[&[f32]], gold: &[Vec<bool>]) -> Vec<f32> {
    let labels = probabilities.first().map_or(0, |row| row.len());
    let ranked: Vec<Ranked> = (0..labels)
        .map(|label| {
            let rows = probabilities.iter().zip(gold);
            Ranked::new(rows.map(|(p, gold)| (p[label], gold[label])))
        })
        .collect();
    let all = Ranked::new(ranked.iter().flat_map(|label| label.0.iter().copied()));
    let Some((shared, mut best)) = all.best(Counts::default()) else {
        return vec![0.5; labels];
    };
    let mut thresholds = vec![shared; labels];
    let mut counts: Vec<Counts> = ranked.iter().map(|label| label.at(shared)).collect();
    for _ in 0..ROUNDS {
        let before = best;
        for (label, ranked) in ranked.iter().enumerate() {
            let mut others = Counts::default();
            let rest = counts.iter().enumerate().filter(|&(n, _)| n != label);
            rest.for_each(|(_, &counts)| others.add(counts));
            if let Some((threshold, f1)) = ranked.best(others).filter(|&(_, f1)| f1 > best) {
                (thresholds[label], best) = (threshold, f1);
                counts[label] = ranked.at(threshold);
            }
        }
        if best <= before {
            break;
        }
    }
    thresholds
}

/// Decisions with their probabilities, the highest first, and whether the label is there.
struct Ranked(Vec<(f32, bool)>);

impl Ranked {
    fn new(decisions: impl Iterator<Item = (f32, bool)>) -> Self {
        let mut decisions: Vec<(f32, bool)> = decisions.collect();
        decisions.sort_by(|a, b| b.0.total_cmp(&a.0));
        Self(decisions)
    }

    /// The threshold with the best F1 over these decisions and `others`, and that F1: midway
    /// between two neighbouring probabilities, of equals the one nearest a half. `None` when the
    /// label is nowhere or everywhere.
    fn best(&self, others: Counts) -> Option<(f32, f64)> {
        let there = self.0.iter().filter(|decision| decision.1).count();
        if there == 0 || there == self.0.len() {
            return None;
        }
        let mut counts = others;
        counts.missed += there as u64;
        let mut best: Option<(f32, f64)> = None;
        for given in 0..=self.0.len() {
            if let Some(last) = given.checked_sub(1) {
                counts.give(self.0[last].1);
            }
            let above = given.checked_sub(1).map_or(1.0, |last| self.0[last].0);
            let below = self.0.get(given).map_or(0.0, |next| next.0);
            if given > 0 && above == below {
                continue;
            }
            let (threshold, f1) = (f32::midpoint(above, below), counts.scores().f1);
            let better = best.is_none_or(|(known, best)| {
                f1 > best || (f1 == best && (threshold - 0.5).abs() < (known - 0.5).abs())
            });
            if better {
                best = Some((threshold, f1));
            }
        }
        best
    }

    /// The counts when the label is given from `threshold` on.
    fn at(&self, threshold: f32) -> Counts {
        let mut counts = Counts::default();
        for &(probability, there) in &self.0 {
            counts.missed += u64::from(there);
            if probability >= threshold {
                counts.give(there);
            }
        }
        counts
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::{Purpose, Stream};

    fn micro(probabilities: &[&[f32]], gold: &[Vec<bool>], thresholds: &[f32]) -> f64 {
        let mut counts = Counts::default();
        for (row, gold) in probabilities.iter().zip(gold) {
            for ((&p, &there), &threshold) in row.iter().zip(gold).zip(thresholds) {
                counts.missed += u64::from(there);
                if p >= threshold {
                    counts.give(there);
                }
            }
        }
        counts.scores().f1
    }

    #[test]
    fn the_threshold_lies_where_f1_is_best() {
        let gold: Vec<Vec<bool>> = [true, false, true, false, false].map(|g| vec![g]).to_vec();
        let rows: [&[f32]; 5] = [&[0.3], &[0.1], &[0.2], &[0.05], &[0.02]];
        let thresholds = best_thresholds(&rows, &gold);
        assert!((thresholds[0] - 0.15).abs() < 1e-6, "{thresholds:?}");
        // Ties of probabilities are taken together.
        let rows: [&[f32]; 5] = [&[0.4], &[0.4], &[0.1], &[0.1], &[0.1]];
        let thresholds = best_thresholds(&rows, &gold);
        assert!((thresholds[0] - 0.05).abs() < 1e-6, "{thresholds:?}");
        for nothing in [false, true] {
            let gold = vec![vec![nothing]; 2];
            assert_eq!(best_thresholds(&[&[0.4], &[0.3]], &gold), [0.5]);
        }
        assert!(best_thresholds(&[], &[]).is_empty());
    }

    #[test]
    fn a_label_of_which_nothing_is_known_is_not_given_to_all() {
        // The first label is told apart, the second is rare and its probabilities say nothing.
        let gold: Vec<Vec<bool>> = (0..40).map(|i| vec![i % 2 == 0, i == 17]).collect();
        let rows: Vec<[f32; 2]> = (0..40)
            .map(|i| [if i % 2 == 0 { 0.4 } else { 0.2 }, 0.1 + 0.001 * i as f32])
            .collect();
        let rows: Vec<&[f32]> = rows.iter().map(|row| row.as_slice()).collect();
        let thresholds = best_thresholds(&rows, &gold);
        assert!(thresholds[0] > 0.2 && thresholds[0] < 0.4, "{thresholds:?}");
        assert!(thresholds[1] > 0.139, "{thresholds:?}");
    }

    #[test]
    fn no_threshold_of_all_and_no_single_change_is_better() {
        let stream = Stream::new(7, Purpose::Shuffle, 0);
        let gold: Vec<Vec<bool>> = (0..60)
            .map(|row| (0..3).map(|label| row % (label + 2) == 0).collect())
            .collect();
        let rows: Vec<Vec<f32>> = (0u64..)
            .zip(&gold)
            .map(|(row, gold)| {
                let noisy = |(label, &there): (u64, &bool)| {
                    let noise = stream.uniform(3 * row + label) as f32;
                    0.3 * f32::from(u8::from(there)) + 0.6 * noise
                };
                (0u64..).zip(gold).map(noisy).collect()
            })
            .collect();
        let rows: Vec<&[f32]> = rows.iter().map(Vec::as_slice).collect();
        let thresholds = best_thresholds(&rows, &gold);
        let best = micro(&rows, &gold, &thresholds);
        for step in 0..100 {
            let other = step as f32 / 100.0;
            assert!(micro(&rows, &gold, &[other; 3]) <= best);
            for label in 0..3 {
                let mut changed = thresholds.clone();
                changed[label] = other;
                assert!(micro(&rows, &gold, &changed) <= best, "{label} {other}");
            }
        }
    }
}
