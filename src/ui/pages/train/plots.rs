//! The three plots of a run, and what they say under the pointer.

use egui::{Align, Align2, Color32, FontId, Ui, vec2};
use egui_plot::{
    AxisHints, GridInput, GridMark, HLine, HoverPosition, Line, LineStyle, Plot, PlotPoint,
    PlotPoints, PlotUi, Points, Text as PlotText, VLine,
};

use crate::session::RunState;
use crate::ui::curves::{BUDGET, Curves, MAIN_SCORES, Reading, Scale, Series, epoch_ends};
use crate::ui::text::Text;
use crate::ui::theme::{self, Palette};
use crate::ui::widgets::{number_tick, round_marks};

/// The unit that distances between grid lines are counted in, in points.
const GRID: f32 = 8.0;

/// More epoch lines than these would hide the curves.
const EPOCH_LINES: usize = 24;

/// What the plots are drawn from.
#[derive(Clone, Copy)]
pub struct Picture<'a> {
    /// The curves so far.
    pub curves: &'a Curves,
    /// The run's state, for epochs, the best evaluation and the planned end.
    pub state: &'a RunState,
    /// The words.
    pub text: &'static Text,
}

impl Picture<'_> {
    /// The right end of the step axis.
    fn reach(&self) -> f64 {
        let last = self.curves.loss.points().last().map_or(0.0, |p| p.x);
        last.max(self.state.total_steps as f64).max(1.0)
    }

    fn epochs(&self) -> Vec<f64> {
        let per_epoch = self.state.started.as_ref().map(|s| s.steps_per_epoch);
        epoch_ends(per_epoch.unwrap_or(0), self.state.total_steps, EPOCH_LINES)
    }

    fn best_step(&self) -> Option<f64> {
        self.state.best_evaluation().map(|best| best.step as f64)
    }

    fn hover(
        &self,
        position: &HoverPosition<'_>,
        lines: fn(&Self, &Reading) -> Vec<String>,
    ) -> Option<String> {
        let (HoverPosition::NearDataPoint { position, .. } | HoverPosition::Elsewhere { position }) =
            position;
        let reading = self.curves.reading(position.x)?;
        let step = (self.text.units.count)(reading.step as usize);
        let mut all = vec![(self.text.train.plots.step)(&step)];
        all.extend(lines(self, &reading));
        Some(all.join("\n"))
    }
}

/// Training and validation loss.
pub fn loss(ui: &mut Ui, picture: Picture<'_>, scale: Scale) {
    let palette = theme::palette(ui);
    let words = &picture.text.train.plots;
    let mut plot = frame("loss", picture, palette, 38.0, move |value| {
        number_tick(scale.value(value))
    })
    .label_formatter(move |position| picture.hover(position, loss_lines));
    plot = match scale {
        Scale::Linear => plot.include_y(0.0),
        Scale::Log10 => plot.y_grid_spacer(decades),
    };
    if picture.curves.loss.is_empty() {
        plot = plot.include_y(scale.place(1.0)).include_y(scale.place(0.1));
    }
    plot.show(ui, |plot| {
        if picture.curves.loss.is_empty() {
            let middle = PlotPoint::new(picture.reach() / 2.0, scale.place(0.5));
            let label = egui::RichText::new(words.empty).color(palette.weak);
            plot.text(PlotText::new("", middle, label).allow_hover(false));
        }
        let range = range(plot);
        let points = |series: &Series| scale.map(series.visible(range, BUDGET));
        epochs(plot, picture, palette);
        curve(
            plot,
            words.train,
            points(&picture.curves.loss),
            palette.accent_faint,
            1.0,
        );
        curve(
            plot,
            words.smoothed,
            points(&picture.curves.smoothed),
            palette.accent,
            2.0,
        );
        let validation = points(&picture.curves.validation_loss);
        let best = mark_of(&validation, picture.best_step());
        curve(plot, words.validation, validation, palette.validation, 2.0);
        dot(plot, words.best, best, palette.validation);
    });
}

/// The colours of the main scores' curves, in their order.
pub fn quality_colours(palette: &Palette) -> [Color32; MAIN_SCORES] {
    [palette.good, palette.second, palette.validation]
}

/// The first main score of answering without having looked.
pub fn baseline(state: &RunState) -> Option<f64> {
    let majority = &state.started.as_ref()?.majority;
    majority.get(state.main_score()?)
}

/// The run's main scores on validation, with the baseline.
pub fn quality(ui: &mut Ui, picture: Picture<'_>) {
    let palette = theme::palette(ui);
    let words = &picture.text.train.plots;
    frame("quality", picture, palette, 38.0, |value| {
        number_tick(value)
    })
    .include_y(0.0)
    .include_y(1.0)
    .label_formatter(move |position| picture.hover(position, quality_lines))
    .show(ui, |plot| {
        let range = range(plot);
        epochs(plot, picture, palette);
        if let Some(baseline) = baseline(picture.state) {
            let line = HLine::new(words.baseline, baseline).color(palette.weak);
            let line = line.style(LineStyle::dashed_dense());
            plot.hline(line.width(1.0).allow_hover(false));
        }
        let mut best = None;
        let colours = quality_colours(palette);
        // The first one matters most and lies on top.
        for (place, (name, series)) in picture.curves.quality.iter().enumerate().rev() {
            let points = series.visible(range, BUDGET);
            let width = if place == 0 { 2.0 } else { 1.5 };
            if place == 0 {
                best = mark_of(&points, picture.best_step());
            }
            curve(plot, name, points, colours[place], width);
        }
        dot(plot, words.best, best, palette.good);
        if let Some(best) = best {
            let label = egui::RichText::new(words.best)
                .size(theme::size::SMALL)
                .color(palette.good)
                // Another score's curve may run through it.
                .background_color(palette.surface);
            // The curve comes up to its best point from below, so that above it is room, but not
            // at the very top, and at the right end not on both sides.
            let above = best.y < 0.85;
            let place = PlotPoint::new(best.x, best.y + if above { 0.03 } else { -0.03 });
            let at_end = best.x > 0.9 * picture.reach();
            let across = if at_end { Align::RIGHT } else { Align::Center };
            let up = if above { Align::BOTTOM } else { Align::TOP };
            let anchor = Align2([across, up]);
            plot.text(
                PlotText::new("", place, label)
                    .anchor(anchor)
                    .allow_hover(false),
            );
        }
    });
}

/// The learning rate: what was used, and what is planned.
pub fn learning_rate(ui: &mut Ui, picture: Picture<'_>, planned: &[PlotPoint]) {
    let palette = theme::palette(ui);
    let words = &picture.text.train.plots;
    frame("learning rate", picture, palette, 44.0, rate_tick)
        .include_y(0.0)
        .label_formatter(move |position| picture.hover(position, rate_lines))
        .show(ui, |plot| {
            let range = range(plot);
            // What is past is drawn as it was, not as it was planned.
            let now = picture.curves.learning_rate.points().last();
            let now = now.map_or(0.0, |point| point.x);
            let past = planned.partition_point(|point| point.x < now);
            let line = Line::new(words.planned, PlotPoints::Borrowed(&planned[past..]));
            plot.line(line.color(palette.neutral).width(1.5).allow_hover(false));
            let done = picture.curves.learning_rate.visible(range, BUDGET);
            curve(plot, words.done, done, palette.accent, 2.0);
        });
}

/// A coloured dot and a word, for the head of a plot's card.
pub fn legend<S: AsRef<str>>(ui: &mut Ui, entries: &[(Color32, S)]) {
    let palette = theme::palette(ui);
    for (color, word) in entries {
        let (rect, _) = ui.allocate_exact_size(vec2(8.0, 8.0), egui::Sense::hover());
        ui.painter().circle_filled(rect.center(), 4.0, *color);
        ui.add_space(-6.0);
        ui.label(
            egui::RichText::new(word.as_ref())
                .small()
                .color(palette.weak),
        );
    }
}

/// What all plots of a run share: the step axis, the colours, zooming along the steps only.
fn frame<'a>(
    id: &str,
    picture: Picture<'_>,
    palette: &Palette,
    axis: f32,
    tick: impl Fn(f64) -> String + 'a,
) -> Plot<'a> {
    let font = FontId::proportional(theme::size::SMALL);
    let count = picture.text.units.count;
    let x = AxisHints::new_x()
        .tick_label_font(font.clone())
        .tick_label_color(palette.weak)
        .formatter(move |mark: GridMark, _: &_| match mark.value {
            value if value < 0.0 || value.fract() != 0.0 => String::new(),
            value => count(value as usize),
        });
    let y = AxisHints::new_y()
        .tick_label_font(font)
        .tick_label_color(palette.weak)
        .min_thickness(axis)
        .formatter(move |mark: GridMark, _: &_| tick(mark.value));
    Plot::new(id)
        .custom_x_axes(vec![x])
        .custom_y_axes(vec![y])
        .include_x(0.0)
        .include_x(picture.reach())
        .set_margin_fraction(vec2(0.015, 0.06))
        .show_background(false)
        .grid_spacing(egui::Rangef::new(GRID, 6.0 * GRID))
        .x_grid_spacer(|input| round_marks(input, 8.0))
        .y_grid_spacer(|input| round_marks(input, 5.0))
        .grid_color(palette.border)
        .show_y(false)
        .show_crosshair(true)
        .cursor_color(palette.edge)
        .allow_scroll(false)
        .allow_boxed_zoom(false)
        .allow_drag([true, false])
        .allow_zoom([true, false])
}

/// The steps in view; `None` while everything is, so that new points widen the view.
fn range(plot: &PlotUi<'_>) -> Option<(f64, f64)> {
    let bounds = plot.plot_bounds();
    let zoomed = !plot.auto_bounds().x && bounds.is_valid_x();
    zoomed.then(|| (bounds.min()[0], bounds.max()[0]))
}

fn curve(plot: &mut PlotUi<'_>, name: &str, points: Vec<PlotPoint>, color: Color32, width: f32) {
    if !points.is_empty() {
        let line = Line::new(name, PlotPoints::Owned(points));
        plot.line(line.color(color).width(width).allow_hover(false));
    }
}

fn dot(plot: &mut PlotUi<'_>, name: &str, place: Option<PlotPoint>, color: Color32) {
    if let Some(place) = place {
        let points = Points::new(name, PlotPoints::Owned(vec![place]));
        plot.points(
            points
                .radius(4.5)
                .color(color)
                .filled(true)
                .allow_hover(false),
        );
    }
}

fn mark_of(points: &[PlotPoint], step: Option<f64>) -> Option<PlotPoint> {
    let step = step?;
    points.iter().find(|point| point.x == step).copied()
}

fn epochs(plot: &mut PlotUi<'_>, picture: Picture<'_>, palette: &Palette) {
    for step in picture.epochs() {
        let line = VLine::new("", step).color(palette.edge).width(1.0);
        plot.vline(line.style(LineStyle::dashed_dense()).allow_hover(false));
    }
}

/// Grid lines of a logarithmic axis: 1, 2 and 5 of every power of ten in view.
fn decades(input: GridInput) -> Vec<GridMark> {
    let (low, high) = input.bounds;
    if !(high - low).is_finite() || high - low > 60.0 {
        return Vec::new();
    }
    let mut marks = Vec::new();
    for power in low.floor() as i32..=high.ceil() as i32 {
        for (digit, step_size) in [(1.0f64, 1.0), (2.0, 0.3), (5.0, 0.3)] {
            let value = f64::from(power) + digit.log10();
            if (low..=high).contains(&value) {
                marks.push(GridMark { value, step_size });
            }
        }
    }
    marks
}

/// A learning rate beside its axis: "1.5e-4".
fn rate_tick(rate: f64) -> String {
    if rate.abs() < 1e-12 {
        return "0".to_owned();
    }
    format!("{rate:.1e}").replace(".0e", "e")
}

fn loss_lines(picture: &Picture<'_>, reading: &Reading) -> Vec<String> {
    let words = &picture.text.train.plots;
    named(
        &[
            (words.train, reading.loss),
            (words.smoothed, reading.smoothed),
            (words.validation, reading.validation_loss),
        ],
        picture.text.units.score,
    )
}

fn quality_lines(picture: &Picture<'_>, reading: &Reading) -> Vec<String> {
    let title = picture.text.common.score;
    let titles: Vec<_> = picture
        .curves
        .quality
        .iter()
        .map(|(name, _)| title(name))
        .collect();
    let scores: Vec<_> = titles
        .iter()
        .map(String::as_str)
        .zip(reading.quality)
        .collect();
    named(&scores, picture.text.units.score)
}

fn rate_lines(_: &Picture<'_>, reading: &Reading) -> Vec<String> {
    reading
        .learning_rate
        .map(|rate| match rate {
            0.0 => "0".to_owned(),
            rate => format!("{rate:.2e}"),
        })
        .into_iter()
        .collect()
}

fn named(entries: &[(&str, Option<f64>)], number: fn(f64) -> String) -> Vec<String> {
    let lines = entries.iter().filter_map(|(name, value)| {
        let value = (*value)?;
        Some(format!("{name} {}", number(value)))
    });
    lines.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_short() {
        for (value, text) in [
            (0.0, "0"),
            (0.25, "0.25"),
            (0.5, "0.5"),
            (2.0, "2.0"),
            (0.002, "0.002"),
            (120.0, "120"),
        ] {
            assert_eq!(number_tick(value), text);
        }
        assert_eq!(number_tick(Scale::Log10.value(-1.0)), "0.1");
        assert_eq!(rate_tick(1.500_000_01e-4), "1.5e-4");
        assert_eq!(rate_tick(1e-4), "1e-4");
    }

    #[test]
    fn grid_lines_are_round_and_far_enough_apart() {
        let marks = round_marks(
            GridInput {
                bounds: (-0.05, 1.02),
                base_step_size: 0.03,
            },
            5.0,
        );
        let values: Vec<_> = marks.iter().map(|mark| number_tick(mark.value)).collect();
        assert_eq!(values, ["0", "0.2", "0.4", "0.6", "0.8", "1.0"]);
    }

    #[test]
    fn a_logarithmic_grid_has_one_two_and_five() {
        let marks = decades(GridInput {
            bounds: (-1.0, 0.0),
            base_step_size: 0.1,
        });
        let values: Vec<_> = marks
            .iter()
            .map(|mark| number_tick(Scale::Log10.value(mark.value)))
            .collect();
        assert_eq!(values, ["0.1", "0.2", "0.5", "1.0"]);
        let wild = decades(GridInput {
            bounds: (f64::MIN, f64::MAX),
            base_step_size: 0.1,
        });
        assert!(wild.is_empty());
    }
}
