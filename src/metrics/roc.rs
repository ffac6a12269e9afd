//! The area under the receiver operating characteristic.

/// The probability that a positive example scores higher than a negative one, a tie counting half
/// (Hanley and McNeil, 1982); from 0 to 1.
///
/// Each pair is an example's score and whether it is positive. `None` when there are no positives
/// or no negatives, or when a score is NaN.
pub fn roc_auc(examples: &[(f64, bool)]) -> Option<f64> {
    if examples.iter().any(|(score, _)| score.is_nan()) {
        return None;
    }
    let positives = examples.iter().filter(|(_, positive)| *positive).count();
    let negatives = examples.len() - positives;
    if positives == 0 || negatives == 0 {
        return None;
    }
    let mut sorted = examples.to_vec();
    sorted.sort_by(|a, b| a.0.total_cmp(&b.0));
    // Counted in halves, so that ties stay whole numbers: twice the negatives below, plus ties.
    let mut wins: u128 = 0;
    let mut below = 0;
    // `==` and not `total_cmp`: -0.0 and 0.0 are the same score, and stand side by side.
    for tied in sorted.chunk_by(|a, b| a.0 == b.0) {
        let positive = tied.iter().filter(|(_, positive)| *positive).count();
        let negative = tied.len() - positive;
        wins += positive as u128 * (2 * below + negative) as u128;
        below += negative;
    }
    Some(wins as f64 / (2.0 * positives as f64 * negatives as f64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_decides() {
        assert_eq!(roc_auc(&[(0.1, false), (0.2, true)]), Some(1.0));
        assert_eq!(roc_auc(&[(0.1, true), (0.2, false)]), Some(0.0));
        assert_eq!(roc_auc(&[(0.0, true), (-0.0, false)]), Some(0.5));
    }

    #[test]
    fn one_class_has_none() {
        assert_eq!(roc_auc(&[]), None);
        assert_eq!(roc_auc(&[(0.5, true), (0.1, true)]), None);
        assert_eq!(roc_auc(&[(f64::NAN, true), (0.1, false)]), None);
    }
}
