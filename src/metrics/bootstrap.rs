//! How far a score could be off: intervals by resampling.

use serde::{Deserialize, Serialize};

use super::confusion::Confusion;
use crate::rng::{Purpose, Stream};

/// How often the examples are drawn anew.
const RESAMPLES: usize = 1000;

/// An interval that covers the score with 95 % confidence.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Interval {
    /// The lower end: the 2.5th percentile of the resampled scores.
    pub low: f64,
    /// The upper end: the 97.5th percentile.
    pub high: f64,
}

/// The intervals of the two headline scores.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Intervals {
    /// Of the accuracy.
    pub accuracy: Interval,
    /// Of the mean F1 over labels.
    pub f1_macro: Interval,
}

/// The 95 % percentile bootstrap intervals (Efron, 1979) of accuracy and macro F1.
///
/// Each of 1,000 resamples draws as many (gold, predicted) pairs as there are, with replacement.
/// The same pairs and seed give the same intervals. `None` without pairs or labels.
pub fn bootstrap(pairs: &[(usize, usize)], labels: usize, seed: u64) -> Option<Intervals> {
    let mut accuracy = Vec::with_capacity(RESAMPLES);
    let mut f1_macro = Vec::with_capacity(RESAMPLES);
    for resample in 0..RESAMPLES as u64 {
        let mut draws = Stream::new(seed, Purpose::Bootstrap, resample).draws();
        let mut confusion = Confusion::new(labels);
        for _ in pairs {
            let (gold, predicted) = pairs[draws.below(pairs.len())];
            confusion.add(gold, predicted);
        }
        accuracy.push(confusion.accuracy()?);
        f1_macro.push(confusion.f1_macro()?);
    }
    Some(Intervals {
        accuracy: interval(accuracy),
        f1_macro: interval(f1_macro),
    })
}

fn interval(mut scores: Vec<f64>) -> Interval {
    scores.sort_by(f64::total_cmp);
    Interval {
        low: quantile(&scores, 0.025),
        high: quantile(&scores, 0.975),
    }
}

/// The quantile of sorted values, linear between neighbours (numpy's default); they are not empty.
fn quantile(sorted: &[f64], share: f64) -> f64 {
    let place = share * (sorted.len() - 1) as f64;
    let below = place.floor() as usize;
    let above = (below + 1).min(sorted.len() - 1);
    sorted[below] + (sorted[above] - sorted[below]) * (place - below as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interval_has_the_width_of_the_binomial() {
        let pairs: Vec<_> = (0..400)
            .map(|index| (index % 2, (index % 2) ^ usize::from(index < 80)))
            .collect();
        let found = bootstrap(&pairs, 2, 42).unwrap();
        // 0.8 ± 1.96 · sqrt(0.8 · 0.2 / 400) = 0.8 ± 0.0392
        assert!((found.accuracy.low - 0.7608).abs() < 0.006, "{found:?}");
        assert!((found.accuracy.high - 0.8392).abs() < 0.006, "{found:?}");
        assert_eq!(bootstrap(&pairs, 2, 42), Some(found));
        assert_ne!(bootstrap(&pairs, 2, 43), Some(found));
    }

    #[test]
    fn certainty_has_no_width() {
        let found = bootstrap(&[(0, 0), (1, 1)], 2, 1).unwrap();
        assert_eq!(
            found.accuracy,
            Interval {
                low: 1.0,
                high: 1.0
            }
        );
        assert_eq!(bootstrap(&[], 2, 1), None);
    }

    #[test]
    fn quantiles_are_linear_between_neighbours() {
        assert_eq!(quantile(&[1.0, 2.0, 4.0], 0.75), 3.0);
        assert_eq!(quantile(&[7.0], 0.3), 7.0);
    }
}
