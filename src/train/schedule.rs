//! The learning rate over a run, as in transformers' `optimization.py`.

use std::f64::consts::PI;

use crate::run::hyperparameters::{Hyperparameters, Scheduler};

/// The learning rate's factor as a pure function of the step.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Schedule {
    scheduler: Scheduler,
    warmup_steps: usize,
    total_steps: usize,
}

impl Schedule {
    /// The schedule of a run of `total_steps`. A `warmup_steps` below 1 is a share of them, rounded
    /// up as in transformers.
    pub fn new(hyperparameters: &Hyperparameters, total_steps: usize) -> Self {
        let warmup = hyperparameters.warmup_steps;
        let steps = if warmup < 1.0 {
            (total_steps as f64 * warmup).ceil()
        } else {
            warmup
        };
        Self {
            scheduler: hyperparameters.lr_scheduler_type,
            warmup_steps: steps as usize,
            total_steps,
        }
    }

    /// Factor on the peak learning rate in the step that follows `step` finished ones; 0..=1.
    pub fn multiplier(&self, step: usize) -> f64 {
        let Self {
            scheduler,
            warmup_steps,
            total_steps,
        } = *self;
        if step < warmup_steps && scheduler != Scheduler::Constant {
            return step as f64 / warmup_steps as f64;
        }
        let rest = total_steps.saturating_sub(warmup_steps).max(1) as f64;
        let done = step.saturating_sub(warmup_steps) as f64 / rest;
        match scheduler {
            Scheduler::Linear => (1.0 - done).max(0.0),
            Scheduler::Cosine => (0.5 * (1.0 + (PI * done).cos())).max(0.0),
            Scheduler::Constant | Scheduler::ConstantWithWarmup => 1.0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fraction_is_a_share_of_all_steps() {
        let of = |warmup_steps| Hyperparameters {
            warmup_steps,
            ..Hyperparameters::default()
        };
        assert_eq!(Schedule::new(&of(0.1), 45).warmup_steps, 5);
        assert_eq!(Schedule::new(&of(1.0), 45).warmup_steps, 1);
        assert_eq!(Schedule::new(&of(0.0), 45).multiplier(0), 1.0);
    }

    /// Expected numbers from transformers; see tests/fixtures/README.md.
    #[test]
    fn all_shapes_equal_transformers() {
        let text = include_str!("../../tests/fixtures/schedules.json");
        let want: serde_json::Value = serde_json::from_str(text).unwrap();
        for (name, scheduler) in [
            ("linear", Scheduler::Linear),
            ("cosine", Scheduler::Cosine),
            ("constant", Scheduler::Constant),
            ("constant_with_warmup", Scheduler::ConstantWithWarmup),
        ] {
            let hyperparameters = Hyperparameters {
                lr_scheduler_type: scheduler,
                warmup_steps: 5.0,
                ..Hyperparameters::default()
            };
            let schedule = Schedule::new(&hyperparameters, 30);
            for (step, want) in want[name].as_array().unwrap().iter().enumerate() {
                let difference = schedule.multiplier(step) - want.as_f64().unwrap();
                assert!(difference.abs() < 1e-12, "{name} at {step}");
            }
        }
    }
}
