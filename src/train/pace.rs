//! How fast a run goes and how long it will still take.

use std::time::Duration;

/// Weight of the newest step in the running mean: about the last twenty steps count.
const NEWEST: f64 = 0.1;

/// Running means of the time that steps and evaluations take.
#[derive(Clone, Copy, Debug, Default)]
pub struct Pace {
    step_seconds: f64,
    rows: f64,
    evaluation_seconds: f64,
    steps: usize,
}

impl Pace {
    /// Takes in a step over `rows` rows.
    pub fn step(&mut self, rows: usize, elapsed: Duration) {
        self.steps += 1;
        // The first steps weigh equally; from then on older ones fade.
        let newest = NEWEST.max(1.0 / self.steps as f64);
        self.step_seconds += newest * (elapsed.as_secs_f64() - self.step_seconds);
        self.rows += newest * (rows as f64 - self.rows);
    }

    /// Takes in an evaluation.
    pub fn evaluation(&mut self, elapsed: Duration) {
        self.evaluation_seconds = elapsed.as_secs_f64();
    }

    /// Training rows per second, evaluations and pauses left out.
    pub fn rows_per_second(&self) -> f64 {
        if self.step_seconds > 0.0 {
            self.rows / self.step_seconds
        } else {
            0.0
        }
    }

    /// Seconds for `steps` more steps with an evaluation every `eval_steps`.
    pub fn seconds_left(&self, steps: usize, eval_steps: usize) -> f64 {
        let evaluations = steps.div_ceil(eval_steps.max(1)) as f64;
        steps as f64 * self.step_seconds + evaluations * self.evaluation_seconds
    }
}
