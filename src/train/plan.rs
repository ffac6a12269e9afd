//! Which rows meet in which step: pure arithmetic over the seed.

use std::ops::Range;

use crate::rng::{Purpose, Stream};
use crate::run::Hyperparameters;

/// The steps of a run and the rows of each.
#[derive(Clone, Debug)]
pub struct Plan {
    rows: usize,
    rows_per_step: usize,
    seed: u64,
    order: Vec<usize>,
    order_epoch: Option<usize>,
}

impl Plan {
    /// The plan for `rows` training rows.
    pub fn new(rows: usize, hyperparameters: &Hyperparameters) -> Self {
        let h = hyperparameters;
        let rows_per_step = h.per_device_train_batch_size * h.gradient_accumulation_steps;
        Self {
            rows,
            rows_per_step,
            seed: h.seed,
            order: Vec::new(),
            order_epoch: None,
        }
    }

    /// Optimiser steps that make an epoch; the last may have fewer rows.
    pub fn steps_per_epoch(&self) -> usize {
        self.rows.div_ceil(self.rows_per_step).max(1)
    }

    /// Optimiser steps in all: `max_steps`, or what the epochs come to.
    pub fn total_steps(&self, epochs: f64, max_steps: i64) -> usize {
        match usize::try_from(max_steps) {
            Ok(steps) if steps > 0 => steps,
            _ => ((epochs * self.steps_per_epoch() as f64).ceil() as usize).max(1),
        }
    }

    /// Epochs done after `step` steps.
    pub fn epoch_of(&self, step: usize) -> f64 {
        step as f64 / self.steps_per_epoch() as f64
    }

    /// The rows of the step that follows `step` finished ones. Every epoch has an order of its own
    /// that depends on the seed and the epoch alone.
    pub fn rows_of(&mut self, step: usize) -> &[usize] {
        let per_epoch = self.steps_per_epoch();
        let (epoch, within) = (step / per_epoch, step % per_epoch);
        if self.order_epoch != Some(epoch) {
            self.order = (0..self.rows).collect();
            Stream::new(self.seed, Purpose::Shuffle, epoch as u64).shuffle(&mut self.order);
            self.order_epoch = Some(epoch);
        }
        let range: Range<usize> =
            within * self.rows_per_step..((within + 1) * self.rows_per_step).min(self.rows);
        &self.order[range]
    }
}

/// Steps between evaluations of a run of `total_steps`.
pub fn eval_steps(
    hyperparameters: &Hyperparameters,
    total_steps: usize,
    per_epoch: usize,
) -> usize {
    use crate::run::hyperparameters::EvalStrategy::{Epoch, Steps};
    match hyperparameters.eval_strategy {
        Epoch => per_epoch,
        Steps if hyperparameters.eval_steps < 1.0 => (total_steps as f64
            * hyperparameters.eval_steps)
            .ceil()
            .max(1.0) as usize,
        Steps => hyperparameters.eval_steps as usize,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_epoch_meets_every_row_once_in_an_order_of_its_own() {
        let h = Hyperparameters {
            per_device_train_batch_size: 4,
            ..Hyperparameters::default()
        };
        let mut plan = Plan::new(10, &h);
        assert_eq!(plan.steps_per_epoch(), 3);
        assert_eq!(plan.total_steps(2.5, -1), 8);
        assert_eq!(plan.total_steps(2.5, 5), 5);
        let mut epoch = |epoch: usize| -> Vec<usize> {
            (0..3)
                .flat_map(|step| plan.rows_of(epoch * 3 + step).to_vec())
                .collect()
        };
        let (first, second) = (epoch(0), epoch(1));
        assert_ne!(first, second);
        assert_eq!(first, epoch(0));
        for mut order in [first, second] {
            order.sort_unstable();
            assert_eq!(order, (0..10).collect::<Vec<_>>());
        }
    }
}
