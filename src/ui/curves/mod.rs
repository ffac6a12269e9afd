//! What the plots draw, kept beside a [`RunState`] and only ever appended to: the curves, their
//! smoothing, and what they read at a step. Nothing here is rebuilt from frame to frame.

mod series;

use std::path::PathBuf;

use egui_plot::PlotPoint;

pub use series::Series;

use crate::metrics::names;
use crate::session::RunState;
use crate::train::event::{Evaluated, Step};

/// Points drawn per curve and frame: about two per pixel of a wide plot.
pub const BUDGET: usize = 2000;

/// The smallest loss that a logarithmic axis shows; smaller ones (a loss may be 0) are put here.
pub const SMALLEST_LOSS: f64 = 1e-6;

/// Main scores drawn at most.
pub const MAIN_SCORES: usize = 3;

/// How a loss is put on its axis.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Scale {
    /// As it is.
    #[default]
    Linear,
    /// Its decimal logarithm.
    Log10,
}

impl Scale {
    /// Where `value` lies on the axis.
    pub fn place(self, value: f64) -> f64 {
        match self {
            Self::Linear => value,
            Self::Log10 => value.max(SMALLEST_LOSS).log10(),
        }
    }

    /// The value at `place` on the axis.
    pub fn value(self, place: f64) -> f64 {
        match self {
            Self::Linear => place,
            Self::Log10 => 10f64.powf(place),
        }
    }

    /// Puts all points on the axis.
    pub fn map(self, mut points: Vec<PlotPoint>) -> Vec<PlotPoint> {
        if self == Self::Log10 {
            for point in &mut points {
                point.y = self.place(point.y);
            }
        }
        points
    }
}

/// An exponential moving average that does not lean towards zero at its start.
#[derive(Clone, Copy, Debug)]
struct Smoothing {
    factor: f64,
    sum: f64,
    weight: f64,
}

impl Smoothing {
    fn new(factor: f64) -> Self {
        Self {
            factor: factor.clamp(0.0, 0.9999),
            sum: 0.0,
            weight: 0.0,
        }
    }

    fn next(&mut self, value: f64) -> f64 {
        self.sum = self.factor * self.sum + (1.0 - self.factor) * value;
        self.weight = self.factor * self.weight + (1.0 - self.factor);
        self.sum / self.weight
    }
}

/// What the curves read at a step.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Reading {
    /// The step of the training curve nearest to the one asked for.
    pub step: f64,
    /// Training loss of that step.
    pub loss: Option<f64>,
    /// Training loss, smoothed.
    pub smoothed: Option<f64>,
    /// The newest validation loss at that step.
    pub validation_loss: Option<f64>,
    /// The newest main scores at that step, in the order of [`Curves::quality`].
    pub quality: [Option<f64>; MAIN_SCORES],
    /// Learning rate of that step.
    pub learning_rate: Option<f64>,
}

/// The curves of one run.
#[derive(Clone, Debug)]
pub struct Curves {
    run: Option<PathBuf>,
    steps_read: usize,
    evaluations_read: usize,
    smoothing: Smoothing,
    /// Training loss, point by point.
    pub loss: Series,
    /// Training loss, smoothed.
    pub smoothed: Series,
    /// Learning rate of the steps done.
    pub learning_rate: Series,
    /// Validation loss.
    pub validation_loss: Series,
    /// The run's main scores on validation, by name.
    pub quality: Vec<(String, Series)>,
}

impl Default for Curves {
    fn default() -> Self {
        Self {
            run: None,
            steps_read: 0,
            evaluations_read: 0,
            smoothing: Smoothing::new(0.9),
            loss: Series::default(),
            smoothed: Series::default(),
            learning_rate: Series::default(),
            validation_loss: Series::default(),
            quality: Vec::new(),
        }
    }
}

impl Curves {
    /// Takes in what `state` has got since the last call; starts over when it is another run.
    pub fn update(&mut self, state: &RunState) {
        let run = state.started.as_ref().map(|started| &started.run);
        let shrunk =
            state.steps.len() < self.steps_read || state.evaluations.len() < self.evaluations_read;
        if shrunk || self.run.as_ref() != run {
            let smoothing = self.smoothing.factor;
            *self = Self {
                run: run.cloned(),
                quality: main_scores(state),
                smoothing: Smoothing::new(smoothing),
                ..Self::default()
            };
        }
        for step in &state.steps[self.steps_read..] {
            self.push_step(step);
        }
        self.steps_read = state.steps.len();
        for evaluated in &state.evaluations[self.evaluations_read..] {
            self.push_evaluation(evaluated);
        }
        self.evaluations_read = state.evaluations.len();
    }

    fn push_step(&mut self, step: &Step) {
        let x = step.step as f64;
        if self.loss.points().last().is_some_and(|last| x <= last.x) {
            // The steps since a checkpoint come a second time; the average starts anew there.
            self.loss.cut(x);
            self.smooth_again();
        }
        if step.loss.is_finite() {
            self.loss.push(x, step.loss);
            self.smoothed.push(x, self.smoothing.next(step.loss));
        }
        self.learning_rate.push(x, step.learning_rate);
    }

    fn push_evaluation(&mut self, evaluated: &Evaluated) {
        let x = evaluated.step as f64;
        if let Some(loss) = evaluated.scores.get(names::LOSS) {
            self.validation_loss.push(x, loss);
        }
        for (name, series) in &mut self.quality {
            if let Some(score) = evaluated.scores.get(name) {
                series.push(x, score);
            }
        }
    }

    /// The smoothing factor: 0 is the raw curve, 0.99 is nearly a straight line.
    pub fn smoothing(&self) -> f64 {
        self.smoothing.factor
    }

    /// Chooses another smoothing factor; the smoothed curve is made anew, once.
    pub fn set_smoothing(&mut self, factor: f64) {
        if factor != self.smoothing.factor {
            self.smoothing = Smoothing::new(factor);
            self.smooth_again();
        }
    }

    fn smooth_again(&mut self) {
        self.smoothing = Smoothing::new(self.smoothing.factor);
        self.smoothed.clear();
        for point in self.loss.points() {
            self.smoothed.push(point.x, self.smoothing.next(point.y));
        }
    }

    /// What all curves read near `x`.
    pub fn reading(&self, x: f64) -> Option<Reading> {
        let point = self.loss.nearest(x)?;
        let newest = |series: &Series| series.at_or_before(point.x).map(|point| point.y);
        Some(Reading {
            step: point.x,
            loss: Some(point.y),
            smoothed: newest(&self.smoothed),
            validation_loss: newest(&self.validation_loss),
            quality: std::array::from_fn(|place| {
                let (_, series) = self.quality.get(place)?;
                newest(series)
            }),
            learning_rate: newest(&self.learning_rate),
        })
    }
}

/// An empty curve for each of the run's main scores.
fn main_scores(state: &RunState) -> Vec<(String, Series)> {
    let names = state
        .started
        .iter()
        .flat_map(|started| &started.main_scores);
    let names = names.take(MAIN_SCORES);
    names
        .map(|name| (name.clone(), Series::default()))
        .collect()
}

/// The steps at which epochs end, thinned to at most `most` lines.
pub fn epoch_ends(steps_per_epoch: usize, total_steps: usize, most: usize) -> Vec<f64> {
    if steps_per_epoch == 0 || most == 0 {
        return Vec::new();
    }
    let epochs = total_steps / steps_per_epoch;
    let stride = epochs.div_ceil(most).max(1);
    (stride..=epochs)
        .step_by(stride)
        .map(|epoch| (epoch * steps_per_epoch) as f64)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::Scores;
    use crate::train::event::Event;

    fn step(step: usize, loss: f64) -> Event {
        Event::Step(Step {
            step,
            epoch: step as f64 / 100.0,
            loss,
            learning_rate: 1e-4,
            grad_norm: 1.0,
            samples_per_second: 100.0,
            seconds_left: 10.0,
        })
    }

    fn evaluated(step: usize, loss: f64, f1: f64) -> Event {
        let mut scores = Scores::default();
        scores.set("loss", loss);
        scores.set("f1_macro", f1);
        Event::Evaluated(Evaluated {
            step,
            epoch: 0.0,
            scores,
            best: true,
            probes: Vec::new(),
            seconds: 0.1,
        })
    }

    #[test]
    fn only_what_is_new_is_taken_in() {
        let mut state = RunState::replay((1..=10).map(|n| step(n, 1.0 / n as f64)));
        let mut curves = Curves::default();
        curves.update(&state);
        assert_eq!(curves.loss.points().len(), 10);
        state.apply(step(11, 0.05));
        state.apply(evaluated(11, 0.4, 0.8));
        curves.update(&state);
        curves.update(&state);
        assert_eq!(curves.loss.points().len(), 11);
        assert_eq!(curves.learning_rate.points().len(), 11);
        assert_eq!(curves.validation_loss.points().len(), 1);
        assert!(curves.quality.is_empty(), "no run has said what matters");
    }

    #[test]
    fn another_run_starts_over() {
        let mut curves = Curves::default();
        curves.set_smoothing(0.5);
        curves.update(&RunState::replay((1..=10).map(|n| step(n, 1.0))));
        curves.update(&RunState::replay((1..=3).map(|n| step(n, 2.0))));
        assert_eq!(curves.loss.points().len(), 3);
        assert_eq!(curves.smoothing(), 0.5);
    }

    #[test]
    fn the_average_is_unbiased_from_its_first_point() {
        let mut curves = Curves::default();
        curves.update(&RunState::replay((1..=200).map(|n| step(n, 2.0))));
        let smoothed = curves.smoothed.points();
        assert!(smoothed.iter().all(|point| (point.y - 2.0).abs() < 1e-12));
        curves.set_smoothing(0.0);
        assert_eq!(curves.smoothed.points(), curves.loss.points());
    }

    #[test]
    fn the_average_is_the_weighted_mean_it_should_be() {
        let mut curves = Curves::default();
        curves.set_smoothing(0.5);
        curves.update(&RunState::replay([
            step(1, 4.0),
            step(2, 1.0),
            step(3, 2.0),
        ]));
        let ys: Vec<_> = curves.smoothed.points().iter().map(|p| p.y).collect();
        // Weights 1; 1/3, 2/3; 1/7, 2/7, 4/7.
        for (is, due) in ys.iter().zip([4.0, 2.0, 2.0]) {
            assert!((is - due).abs() < 1e-12, "{ys:?}");
        }
    }

    #[test]
    fn a_loss_that_is_not_finite_reaches_no_curve() {
        let mut curves = Curves::default();
        let losses = [1.0, f64::NAN, f64::INFINITY, 1.0];
        let steps = losses
            .iter()
            .enumerate()
            .map(|(n, loss)| step(n + 1, *loss));
        curves.update(&RunState::replay(steps));
        assert_eq!(curves.loss.points().len(), 2);
        assert!(curves.smoothed.points().iter().all(|point| point.y == 1.0));
    }

    #[test]
    fn repeated_steps_of_a_resumed_run_replace_the_first_ones() {
        let mut curves = Curves::default();
        let first = (1..=100).map(|n| step(n, 1.0));
        curves.update(&RunState::replay(
            first.chain((51..=60).map(|n| step(n, 3.0))),
        ));
        assert_eq!(curves.loss.points().len(), 60);
        assert_eq!(curves.smoothed.points().len(), 60);
        assert_eq!(curves.learning_rate.points().len(), 60);
    }

    #[test]
    fn readings_come_from_the_nearest_step() {
        let mut state = RunState::replay((1..=10).map(|n| step(n, n as f64)));
        state.apply(evaluated(5, 0.4, 0.8));
        let mut curves = Curves::default();
        assert_eq!(curves.reading(3.0), None);
        curves.update(&state);
        let reading = curves.reading(3.2).unwrap();
        assert_eq!((reading.step, reading.loss), (3.0, Some(3.0)));
        assert_eq!(reading.validation_loss, None);
        assert_eq!(curves.reading(99.0).unwrap().validation_loss, Some(0.4));
    }

    #[test]
    fn the_logarithm_takes_zero_and_comes_back() {
        assert_eq!(Scale::Log10.place(0.0), -6.0);
        assert_eq!(Scale::Linear.place(0.3), 0.3);
        assert!((Scale::Log10.value(Scale::Log10.place(0.3)) - 0.3).abs() < 1e-12);
        let mapped = Scale::Log10.map(vec![PlotPoint::new(1.0, 100.0)]);
        assert_eq!(mapped[0].y, 2.0);
    }

    #[test]
    fn epochs_are_marked_but_never_fill_the_plot() {
        assert_eq!(epoch_ends(10, 35, 20), vec![10.0, 20.0, 30.0]);
        assert!(epoch_ends(1, 100_000, 20).len() <= 20);
        assert!(epoch_ends(0, 10, 20).is_empty());
    }
}
