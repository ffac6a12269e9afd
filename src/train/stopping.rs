//! Which checkpoint is best, and when to give up.

/// The best score so far and the evaluations since the last gain.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Best {
    best: Option<(usize, f64)>,
    since_gain: usize,
}

impl Best {
    /// Takes in the score of `step`; true when it is the best so far. A gain of at most `threshold`
    /// does not renew the patience. A missing score (not a number) is never best.
    pub fn is_best(
        &mut self,
        step: usize,
        score: Option<f64>,
        higher_is_better: bool,
        threshold: f64,
    ) -> bool {
        let gain = match (score, self.best) {
            (None, _) => f64::NEG_INFINITY,
            (Some(_), None) => f64::INFINITY,
            (Some(new), Some((_, old))) => {
                if higher_is_better {
                    new - old
                } else {
                    old - new
                }
            }
        };
        self.since_gain = if gain > threshold {
            0
        } else {
            self.since_gain + 1
        };
        let better = gain > 0.0;
        if let (true, Some(score)) = (better, score) {
            self.best = Some((step, score));
        }
        better
    }

    /// Whether `patience` evaluations have passed without a gain; a patience of 0 never ends.
    pub fn is_out_of(&self, patience: usize) -> bool {
        patience > 0 && self.since_gain >= patience
    }

    /// The step of the best score.
    pub fn step(&self) -> Option<usize> {
        self.best.map(|(step, _)| step)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patience_runs_out_and_is_renewed() {
        let mut best = Best::default();
        let mut scores = [0.5, 0.6, 0.6, 0.605, 0.59].into_iter().enumerate();
        let mut next = || {
            let (step, score) = scores.next().unwrap();
            (best.is_best(step, Some(score), true, 0.01), best)
        };
        assert!(next().0);
        assert!(next().0);
        assert!(!next().0);
        let (is_best, state) = next();
        assert!(
            is_best && !state.is_out_of(3),
            "a small gain is best but renews nothing"
        );
        let (_, state) = next();
        assert!(state.is_out_of(3) && !state.is_out_of(0));
        assert_eq!(state.step(), Some(3));
    }

    #[test]
    fn losses_fall_and_missing_scores_never_win() {
        let mut best = Best::default();
        assert!(!best.is_best(1, None, false, 0.0));
        assert!(best.is_best(2, Some(0.7), false, 0.0));
        assert!(best.is_best(3, Some(0.6), false, 0.0));
        assert!(!best.is_best(4, Some(0.8), false, 0.0));
    }
}
