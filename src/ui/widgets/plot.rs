//! Plots that are looked at, not navigated.

use egui::{FontId, Ui};
use egui_plot::{AxisHints, GridInput, GridMark, Plot};

use crate::ui::theme;

/// A plot without zoom and drag, with quiet grid lines and numbers.
pub fn still_plot<'a>(ui: &Ui, name: &'static str) -> Plot<'a> {
    Plot::new(name)
        .custom_x_axes(vec![quiet(ui, AxisHints::new_x())])
        .custom_y_axes(vec![quiet(ui, AxisHints::new_y())])
        .allow_zoom(false)
        .allow_drag(false)
        .allow_scroll(false)
        .allow_boxed_zoom(false)
        .allow_double_click_reset(false)
        .show_background(false)
        .grid_color(theme::palette(ui).border)
        .cursor_color(theme::palette(ui).edge)
        .x_grid_spacer(|input| marks(input, 6))
        .y_grid_spacer(|input| marks(input, 4))
}

/// A still plot of bars that count something: from nought up, with whole numbers, as `count` writes
/// them, beside it.
pub fn count_plot<'a>(ui: &Ui, name: &'static str, count: fn(usize) -> String) -> Plot<'a> {
    let y = AxisHints::new_y().formatter(move |mark: GridMark, _: &_| match mark.value {
        // Bars stand on nought, whose number would meet that of the other axis.
        value if value <= 0.0 || value.fract() != 0.0 => String::new(),
        value => count(value as usize),
    });
    still_plot(ui, name)
        .custom_y_axes(vec![quiet(ui, y)])
        .show_grid(false)
        .include_y(0.0)
}

fn quiet<'a>(ui: &Ui, axis: AxisHints<'a>) -> AxisHints<'a> {
    axis.tick_label_font(FontId::proportional(theme::size::SMALL))
        .tick_label_color(theme::palette(ui).weak)
}

/// About `count` marks at round numbers.
fn marks(input: GridInput, count: usize) -> Vec<GridMark> {
    let (low, high) = input.bounds;
    let step = round_step((high - low) / count as f64);
    if !(step.is_finite() && step > 0.0) {
        return Vec::new();
    }
    let first = (low / step).ceil() as i64;
    let last = (high / step).floor() as i64;
    let mark = |place: i64| GridMark {
        value: place as f64 * step,
        // Every mark counts as a main one: full strength, and with its number.
        step_size: (high - low).abs(),
    };
    (first..=last).take(64).map(mark).collect()
}

/// The next of 1, 2, 5, 10, 20, … that is not below `step`.
fn round_step(step: f64) -> f64 {
    let power = 10f64.powf(step.log10().floor());
    let rest = step / power;
    let round = [1.0, 2.0, 5.0]
        .into_iter()
        .find(|&round| rest <= round + 1e-9);
    round.unwrap_or(10.0) * power
}

/// Grid lines at round numbers, at least `apart` grid units from each other.
pub fn round_marks(input: GridInput, apart: f64) -> Vec<GridMark> {
    let (low, high) = input.bounds;
    let least = input.base_step_size * apart;
    if !(least > 0.0 && (high - low).is_finite()) {
        return Vec::new();
    }
    let power = 10f64.powf(least.log10().floor());
    let digit = [1.0, 2.0, 5.0]
        .into_iter()
        .find(|digit| digit * power >= least);
    let step_size = digit.unwrap_or(10.0) * power;
    let (first, last) = ((low / step_size).ceil(), (high / step_size).floor());
    if last - first > 1000.0 {
        return Vec::new();
    }
    (0..=(last - first).max(0.0) as usize)
        .map(|n| GridMark {
            value: (first + n as f64) * step_size,
            step_size,
        })
        .filter(|mark| (low..=high).contains(&mark.value))
        .collect()
}

/// A number beside an axis, with as many places as it takes.
pub fn number_tick(value: f64) -> String {
    match value.abs() {
        v if v < 1e-9 => "0".to_owned(),
        v if v < 0.001 => format!("{value:.0e}"),
        v if v < 0.01 => format!("{value:.3}"),
        v if v < 100.0 => {
            let text = format!("{value:.2}");
            text.strip_suffix('0').map(str::to_owned).unwrap_or(text)
        }
        _ => format!("{value:.0}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_round() {
        for (step, round) in [(0.9, 1.0), (21.0, 50.0), (3e-5, 5e-5), (7.0, 10.0)] {
            assert!((round_step(step) - round).abs() < 1e-12 * round, "{step}");
        }
    }
}
