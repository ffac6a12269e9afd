//! The learning rate that is still to come.

use egui_plot::PlotPoint;

use crate::run::Hyperparameters;
use crate::run::hyperparameters::Scheduler;
use crate::ui::project::RunView;

/// Points of the planned curve; the eye cannot tell more.
const POINTS: usize = 128;

/// The planned rates, made anew only when the plan changes.
#[derive(Clone, Debug, Default)]
pub struct Planned {
    key: Option<(Hyperparameters, usize, f64)>,
    points: Vec<PlotPoint>,
}

impl Planned {
    /// Follows the run's settings and the changes made while it is on.
    pub fn update(&mut self, run: RunView<'_>) {
        let factor = run
            .state
            .live
            .map_or(1.0, |live| live.learning_rate_multiplier);
        let total = run.state.total_steps;
        let fresh = self.key.as_ref().is_some_and(|(settings, steps, by)| {
            *steps == total && *by == factor && *settings == run.settings.hyperparameters
        });
        if !fresh {
            let settings = run.settings.hyperparameters.clone();
            self.points = points(&settings, total, factor);
            self.key = Some((settings, total, factor));
        }
    }

    /// The curve from the first step to the last.
    pub fn points(&self) -> &[PlotPoint] {
        &self.points
    }
}

fn points(settings: &Hyperparameters, total: usize, factor: f64) -> Vec<PlotPoint> {
    if total == 0 {
        return Vec::new();
    }
    let warmup = warmup_steps(settings, total);
    let mut steps: Vec<f64> = (0..=POINTS)
        .map(|n| (total as f64 * n as f64 / POINTS as f64).round())
        .chain([warmup.min(total as f64)])
        .collect();
    steps.sort_by(f64::total_cmp);
    steps.dedup();
    let rate = |step| settings.learning_rate * factor * share(settings, step, warmup, total as f64);
    steps
        .into_iter()
        .map(|step| PlotPoint::new(step, rate(step)))
        .collect()
}

fn warmup_steps(settings: &Hyperparameters, total: usize) -> f64 {
    match settings.warmup_steps {
        share if share < 1.0 => (share * total as f64).ceil(),
        steps => steps.floor(),
    }
}

/// The share of the peak at `step`, as in transformers' schedules.
fn share(settings: &Hyperparameters, step: f64, warmup: f64, total: f64) -> f64 {
    let kind = settings.lr_scheduler_type;
    if kind == Scheduler::Constant {
        return 1.0;
    }
    if step < warmup {
        return step / warmup.max(1.0);
    }
    let done = ((step - warmup) / (total - warmup).max(1.0)).clamp(0.0, 1.0);
    match kind {
        Scheduler::Linear => 1.0 - done,
        Scheduler::Cosine => 0.5 * (1.0 + (std::f64::consts::PI * done).cos()),
        Scheduler::Constant | Scheduler::ConstantWithWarmup => 1.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_plan_rises_peaks_and_falls() {
        let settings = Hyperparameters {
            learning_rate: 1e-4,
            warmup_steps: 0.1,
            ..Hyperparameters::default()
        };
        let plan = points(&settings, 300, 2.0);
        let at = |step: f64| plan.iter().find(|p| p.x == step).map(|p| p.y);
        assert_eq!(at(0.0), Some(0.0));
        assert_eq!(at(30.0), Some(2e-4));
        assert_eq!(at(300.0), Some(0.0));
        assert!(points(&settings, 0, 1.0).is_empty());
    }
}
