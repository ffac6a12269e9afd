//! Numbers: predicted against true ones, and how far they lie apart.

use egui::{Ui, Vec2};
use egui_plot::{
    Bar, BarChart, HoverPosition, Line, LineStyle, PlotPoint, PlotPoints, Points, VLine,
};

use crate::tasks::{Answer, Gold, ScoredRow};
use crate::ui::text::Text;
use crate::ui::theme;
use crate::ui::widgets;

/// Bars on each side of nought.
const BARS: usize = 10;

/// How far from a point, in points of the screen, a press still means it.
const NEAR: f32 = 9.0;

/// The true and the predicted number of a row for the target at this place.
fn pair(row: &ScoredRow, target: usize) -> Option<(f64, f64)> {
    match (&row.gold, &row.prediction.answer) {
        (Gold::Values(gold), Answer::Values { values }) => {
            let (_, gold) = gold.iter().nth(target)?;
            Some((gold, values.iter().nth(target)?.1))
        }
        _ => None,
    }
}

/// Draws predicted over true numbers of a target with the diagonal; the place of the row that was
/// pressed.
pub fn scatter(
    ui: &mut Ui,
    text: &Text,
    rows: &[ScoredRow],
    target: usize,
    chosen: Option<usize>,
) -> Option<usize> {
    let words = &text.evaluate.numbers;
    let palette = theme::palette(ui);
    let pairs: Vec<(usize, (f64, f64))> = rows
        .iter()
        .enumerate()
        .filter_map(|(place, row)| Some((place, pair(row, target)?)))
        .collect();
    let all = pairs.iter().flat_map(|(_, (gold, given))| [*gold, *given]);
    let (low, high) = all.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
        (low.min(value), high.max(value))
    });
    if low > high {
        widgets::wrapped_weak(ui, words.none);
        return None;
    }
    let points = |wanted: &dyn Fn(usize) -> bool| {
        let points = pairs.iter().filter(|(place, _)| wanted(*place));
        PlotPoints::Owned(points.map(|(_, (x, y))| PlotPoint::new(*x, *y)).collect())
    };
    let number = text.units.score;
    let label = |position: &HoverPosition<'_>| match position {
        HoverPosition::NearDataPoint { position, .. } => {
            Some((words.point)(&number(position.x), &number(position.y)))
        }
        HoverPosition::Elsewhere { .. } => None,
    };
    let plot = widgets::still_plot(ui, "scatter")
        .set_margin_fraction(Vec2::splat(0.05))
        .label_formatter(label);
    let shown = plot.show(ui, |plot| {
        let diagonal = vec![PlotPoint::new(low, low), PlotPoint::new(high, high)];
        let diagonal = Line::new("", PlotPoints::Owned(diagonal))
            .color(palette.neutral)
            .style(LineStyle::dashed_dense())
            .allow_hover(false);
        plot.line(diagonal);
        let rest = Points::new(words.rows, points(&|place| Some(place) != chosen));
        plot.points(rest.radius(3.0).color(palette.accent.gamma_multiply(0.7)));
        let one = Points::new(words.rows, points(&|place| Some(place) == chosen));
        plot.points(one.radius(5.5).color(palette.strong));
        let pointer = plot.response().interact_pointer_pos();
        let pointer = pointer.filter(|_| plot.response().clicked())?;
        let distance = |(x, y): (f64, f64)| {
            plot.screen_from_plot(PlotPoint::new(x, y))
                .distance(pointer)
        };
        let nearest = pairs
            .iter()
            .map(|(place, pair)| (distance(*pair), *place))
            .min_by(|a, b| a.0.total_cmp(&b.0))?;
        (nearest.0 <= NEAR).then_some(nearest.1)
    });
    shown.inner
}

/// Bars of errors of equal width around nought: the middle of each, and how many lie in it.
fn error_bars(errors: &[f64]) -> Vec<(f64, usize)> {
    let largest = errors
        .iter()
        .fold(0.0f64, |most, error| most.max(error.abs()));
    if largest == 0.0 {
        return vec![(0.0, errors.len())];
    }
    let width = largest / (BARS as f64 + 0.5);
    let middle = |place: usize| (place as f64 - BARS as f64) * width;
    let mut bars: Vec<(f64, usize)> = (0..=2 * BARS).map(|place| (middle(place), 0)).collect();
    for error in errors {
        let place = (error / width).round() + BARS as f64;
        bars[(place.max(0.0) as usize).min(2 * BARS)].1 += 1;
    }
    bars
}

/// Draws how far the predicted numbers of a target lie from the true ones.
pub fn errors(ui: &mut Ui, text: &Text, rows: &[ScoredRow], target: usize) {
    let words = &text.evaluate.numbers;
    let palette = theme::palette(ui);
    let errors: Vec<f64> = rows
        .iter()
        .filter_map(|row| pair(row, target))
        .map(|(gold, given)| given - gold)
        .collect();
    let bars = error_bars(&errors);
    let width = match bars.as_slice() {
        [first, second, ..] => second.0 - first.0,
        _ => 1.0,
    };
    let drawn = bars.iter().map(|(middle, rows)| {
        Bar::new(*middle, *rows as f64)
            .width(width * 0.86)
            .fill(palette.accent)
    });
    let chart = BarChart::new("", drawn.collect()).allow_hover(false);
    let (rows, number) = (text.units.rows, text.units.score);
    let label = |position: &HoverPosition<'_>| {
        let (HoverPosition::NearDataPoint { position, .. } | HoverPosition::Elsewhere { position }) =
            position;
        let near = |bar: &&(f64, usize)| (bar.0 - position.x).abs() <= width / 2.0;
        let (middle, count) = bars.iter().find(near)?;
        let (from, to) = (middle - width / 2.0, middle + width / 2.0);
        Some((words.error_bin)(&number(from), &number(to), &rows(*count)))
    };
    widgets::count_plot(ui, "errors", text.units.count)
        .label_formatter(label)
        .show(ui, |plot| {
            plot.bar_chart(chart);
            let nought = VLine::new("", 0.0).color(palette.neutral);
            plot.vline(nought.style(LineStyle::dashed_dense()).allow_hover(false));
        });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_error_has_its_bar() {
        let errors = [-2.0, -0.1, 0.0, 0.05, 1.0, 1.9];
        let bars = error_bars(&errors);
        assert_eq!(bars.len(), 2 * BARS + 1);
        assert_eq!(
            bars.iter().map(|(_, rows)| rows).sum::<usize>(),
            errors.len()
        );
        assert_eq!(bars[BARS].1, 2);
        assert_eq!(bars[0].1, 1);
        assert_eq!(error_bars(&[0.0, 0.0]), [(0.0, 2)]);
        assert_eq!(error_bars(&[]), [(0.0, 0)]);
    }
}
