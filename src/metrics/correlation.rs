//! How well numbers were told.

use super::scores::{Scores, names};

/// Pearson's correlation of two series of one length, from -1 to 1; `None` when one does not vary
/// or there are fewer than two pairs.
pub fn pearson(a: &[f64], b: &[f64]) -> Option<f64> {
    let count = a.len().min(b.len()) as f64;
    let mean = |series: &[f64]| series.iter().sum::<f64>() / count;
    let (mean_a, mean_b) = (mean(a), mean(b));
    let (mut both, mut own_a, mut own_b) = (0.0, 0.0, 0.0);
    for (a, b) in a.iter().zip(b) {
        let (a, b) = (a - mean_a, b - mean_b);
        both += a * b;
        own_a += a * a;
        own_b += b * b;
    }
    let spread = (own_a * own_b).sqrt();
    (count > 1.0 && spread > 0.0).then(|| (both / spread).clamp(-1.0, 1.0))
}

/// Spearman's correlation: Pearson's of the ranks, equal values sharing the mean of their ranks.
pub fn spearman(a: &[f64], b: &[f64]) -> Option<f64> {
    pearson(&ranks(a), &ranks(b))
}

fn ranks(series: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..series.len()).collect();
    order.sort_by(|&i, &j| series[i].total_cmp(&series[j]));
    let mut ranks = vec![0.0; series.len()];
    let mut begin = 0;
    while begin < order.len() {
        let value = series[order[begin]];
        let equal = order[begin..].iter().take_while(|&&i| series[i] == value);
        let end = begin + equal.count().max(1);
        let shared = (begin + end + 1) as f64 / 2.0;
        order[begin..end].iter().for_each(|&i| ranks[i] = shared);
        begin = end;
    }
    ranks
}

/// Pearson, Spearman, and the mean squared and absolute error; nothing without pairs.
pub fn regression_scores(gold: &[f64], predicted: &[f64]) -> Scores {
    let mut scores = Scores::default();
    let count = gold.len() as f64;
    let mean = |of: fn(f64) -> f64| {
        let pairs = gold.iter().zip(predicted);
        pairs
            .map(|(gold, predicted)| of(gold - predicted))
            .sum::<f64>()
            / count
    };
    if gold.is_empty() {
        return scores;
    }
    if let Some(pearson) = pearson(gold, predicted) {
        scores.set(names::PEARSON, pearson);
    }
    if let Some(spearman) = spearman(gold, predicted) {
        scores.set(names::SPEARMAN, spearman);
    }
    scores.set(names::MSE, mean(|difference| difference * difference));
    scores.set(names::MAE, mean(f64::abs));
    scores
}

/// The mean of each score over several targets, of those that have it; nothing without any.
pub fn mean_scores(targets: &[Scores]) -> Scores {
    let mut means = Scores::default();
    for (name, _) in targets.iter().flat_map(Scores::iter) {
        let own: Vec<f64> = targets
            .iter()
            .filter_map(|scores| scores.get(name))
            .collect();
        means.set(name, own.iter().sum::<f64>() / own.len() as f64);
    }
    means
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_values_share_their_ranks() {
        assert_eq!(ranks(&[3.0, 1.0, 3.0, 2.0]), [3.5, 1.0, 3.5, 2.0]);
        assert_eq!(ranks(&[]), [0.0; 0]);
    }

    #[test]
    fn what_does_not_vary_has_no_correlation() {
        assert_eq!(pearson(&[1.0, 1.0], &[1.0, 2.0]), None);
        assert_eq!(spearman(&[1.0], &[2.0]), None);
        let scores = regression_scores(&[1.0, 1.0], &[1.0, 2.0]);
        assert_eq!(
            (scores.get(names::MSE), scores.get(names::PEARSON)),
            (Some(0.5), None)
        );
        assert!(regression_scores(&[], &[]).is_empty());
    }

    #[test]
    fn a_mean_is_over_the_targets_that_have_the_score() {
        let flat = regression_scores(&[1.0, 1.0], &[1.0, 2.0]);
        let right = regression_scores(&[1.0, 2.0], &[1.0, 2.0]);
        let mean = mean_scores(&[flat, right]);
        assert_eq!(mean.get(names::MSE), Some(0.25));
        assert_eq!(mean.get(names::PEARSON), Some(1.0));
        assert!(mean_scores(&[]).is_empty());
    }
}
