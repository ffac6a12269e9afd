//! The learning rate that is still to come.

use egui_plot::PlotPoint;

use crate::run::Hyperparameters;
use crate::train::schedule::Schedule;
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
    let schedule = Schedule::new(settings, total);
    let corner = warmup_end(settings, total);
    let mut steps: Vec<usize> = (0..=POINTS)
        .map(|n| total * n / POINTS)
        .chain([corner.min(total)])
        .collect();
    steps.sort_unstable();
    steps.dedup();
    let peak = settings.learning_rate * factor;
    let point = |step: usize| PlotPoint::new(step as f64, peak * schedule.multiplier(step));
    steps.into_iter().map(point).collect()
}

/// The step at which the rate is highest; a point there keeps the corner sharp.
fn warmup_end(settings: &Hyperparameters, total: usize) -> usize {
    match settings.warmup_steps {
        share if share < 1.0 => (share * total as f64).ceil() as usize,
        steps => steps as usize,
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
