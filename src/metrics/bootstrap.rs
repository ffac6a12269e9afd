//! How far a score could be off: intervals by resampling.

use serde::{Deserialize, Serialize};

use super::scores::Scores;
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

/// The 95 % percentile bootstrap intervals (Efron, 1979) of the scores called `names`.
///
/// Each of 1,000 resamples draws as many of `examples` examples as there are, with replacement, and
/// `scores` gives the scores of the drawn. The same seed gives the same intervals. A score that a
/// resample does not have (a correlation of equal numbers) has no interval; none has one without
/// examples.
pub fn bootstrap<'a>(
    examples: usize,
    names: &[&'a str],
    seed: u64,
    scores: &dyn Fn(&mut dyn Iterator<Item = usize>) -> Scores,
) -> Vec<(&'a str, Interval)> {
    if examples == 0 {
        return Vec::new();
    }
    let mut resampled: Vec<Vec<f64>> = vec![Vec::with_capacity(RESAMPLES); names.len()];
    for resample in 0..RESAMPLES as u64 {
        let mut draws = Stream::new(seed, Purpose::Bootstrap, resample).draws();
        let found = scores(&mut (0..examples).map(|_| draws.below(examples)));
        for (name, resampled) in names.iter().zip(&mut resampled) {
            resampled.extend(found.get(name));
        }
    }
    let intervals = names.iter().zip(resampled);
    intervals
        .filter(|(_, resampled)| resampled.len() == RESAMPLES)
        .map(|(&name, resampled)| (name, interval(resampled)))
        .collect()
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
    use super::super::names;
    use super::*;

    /// The intervals of the accuracy of answers that are right or wrong.
    fn of_accuracy(right: &[bool], seed: u64) -> Vec<(&'static str, Interval)> {
        let accuracy = |numbers: &mut dyn Iterator<Item = usize>| {
            let drawn: Vec<bool> = numbers.map(|number| right[number]).collect();
            let share = drawn.iter().filter(|&&right| right).count() as f64 / drawn.len() as f64;
            [(names::ACCURACY, share)].into_iter().collect()
        };
        bootstrap(right.len(), &[names::ACCURACY, names::F1], seed, &accuracy)
    }

    #[test]
    fn an_interval_has_the_width_of_the_binomial() {
        let right: Vec<bool> = (0..400).map(|index| index >= 80).collect();
        let found = of_accuracy(&right, 42);
        // 0.8 ± 1.96 · sqrt(0.8 · 0.2 / 400) = 0.8 ± 0.0392
        assert_eq!((found.len(), found[0].0), (1, names::ACCURACY));
        assert!((found[0].1.low - 0.7608).abs() < 0.006, "{found:?}");
        assert!((found[0].1.high - 0.8392).abs() < 0.006, "{found:?}");
        assert_eq!(of_accuracy(&right, 42), found);
        assert_ne!(of_accuracy(&right, 43), found);
    }

    #[test]
    fn certainty_has_no_width() {
        let found = of_accuracy(&[true, true], 1)[0].1;
        assert_eq!((found.low, found.high), (1.0, 1.0));
        assert!(of_accuracy(&[], 1).is_empty());
    }

    #[test]
    fn quantiles_are_linear_between_neighbours() {
        assert_eq!(quantile(&[1.0, 2.0, 4.0], 0.75), 3.0);
        assert_eq!(quantile(&[7.0], 0.3), 7.0);
    }
}
