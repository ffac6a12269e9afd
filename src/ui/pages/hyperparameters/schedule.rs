//! The learning rate over the run.

use egui::Ui;
use egui_plot::{HoverPosition, Line, PlotPoint, PlotPoints};

use crate::train::Schedule;
use crate::ui::page::PageContext;
use crate::ui::theme;
use crate::ui::widgets;

/// Steps drawn when the real number is not known yet.
const UNKNOWN_STEPS: usize = 300;
/// Points of the line.
const POINTS: usize = 240;

/// Draws the schedule.
pub fn show(ui: &mut Ui, ctx: &PageContext<'_>) {
    let text = ctx.text;
    let words = &text.hyperparameters;
    let hyperparameters = &ctx.project.settings.hyperparameters;
    let steps = ctx.project.estimate().map(|estimate| estimate.total_steps);
    let steps = steps.unwrap_or(UNKNOWN_STEPS).max(1);
    let schedule = Schedule::new(hyperparameters, steps);
    let peak = hyperparameters.learning_rate;
    let points: Vec<PlotPoint> = drawn_steps(steps)
        .map(|step| PlotPoint::new(step as f64, peak * schedule.multiplier(step)))
        .collect();
    let label = |position: &HoverPosition<'_>| {
        let x = match position {
            HoverPosition::NearDataPoint { position, .. } => position.x,
            HoverPosition::Elsewhere { position } => position.x,
        };
        let step = (x.round().max(0.0) as usize).min(steps);
        let rate = (text.units.rate)(rounded(peak * schedule.multiplier(step)));
        Some((words.schedule_hover)(&(text.units.count)(step), &rate))
    };
    widgets::card(ui, |ui| {
        widgets::card_title(ui, words.schedule, words.schedule_note);
        let colour = theme::palette(ui).accent;
        widgets::still_plot(ui, "schedule")
            .height(150.0)
            .include_y(0.0)
            .include_y(peak * 1.08)
            .include_x(0.0)
            .include_x(steps as f64)
            .set_margin_fraction(egui::Vec2::ZERO)
            // The two noughts of the corner would run together.
            .x_axis_formatter(|mark, _| match mark.value {
                value if value < 0.5 => String::new(),
                value => (text.units.count)(value.round() as usize),
            })
            .y_axis_formatter(|mark, _| (text.units.rate)(rounded(mark.value)))
            .label_formatter(label)
            .show(ui, |plot| {
                plot.line(
                    Line::new("", PlotPoints::Owned(points))
                        .color(colour)
                        .width(1.8),
                );
            });
    });
}

/// Every step of a short run, a selection of a long one; always the first and the last.
fn drawn_steps(steps: usize) -> impl Iterator<Item = usize> {
    let stride = steps.div_ceil(POINTS).max(1);
    (0..steps).step_by(stride).chain(std::iter::once(steps))
}

/// Marks are multiples of a round step; this takes the noise of the multiplication away.
fn rounded(value: f64) -> f64 {
    format!("{value:.2e}").parse().unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_and_last_step_are_drawn() {
        for steps in [1, 7, 240, 241, 100_000] {
            let drawn: Vec<_> = drawn_steps(steps).collect();
            assert_eq!((drawn[0], drawn[drawn.len() - 1]), (0, steps));
            assert!(drawn.len() <= POINTS + 1);
        }
    }
}
