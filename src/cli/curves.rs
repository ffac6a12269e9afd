//! Curves drawn with characters.

use textplots::{Chart, LabelBuilder as _, LabelFormat, Plot as _, Shape};

use super::scores::words;
use crate::session::RunState;

/// A character is two points wide and four high.
const POINTS_WIDE: usize = 2;
const POINTS_HIGH: usize = 4;

/// Lines of characters per chart.
const LINES: usize = 9;

/// Room at the right for the numbers of the vertical axis.
const LABELS: usize = 10;

/// Columns drawn where the width is not known, and the least that makes sense.
const COLUMNS: usize = 80;
const LEAST_COLUMNS: usize = 30;

/// Beyond this a line is hard to follow across.
const MOST_COLUMNS: usize = 120;

/// Points of the training curve that are averaged into one.
const SMOOTHED: usize = 10;

type Points = Vec<(f32, f32)>;

/// Loss and main score of a run, for a terminal of `columns` characters or for a file.
pub fn draw(state: &RunState, columns: Option<usize>) -> Vec<String> {
    let columns = columns.unwrap_or(COLUMNS).saturating_sub(LABELS);
    let columns = columns.clamp(LEAST_COLUMNS, MOST_COLUMNS);
    let loss = smoothed_loss(state);
    let validation_loss = validation(state, "loss");
    let main = state.main_score();
    let mut lines = Vec::new();
    if let Some(chart) = chart(&loss, &validation_loss, columns) {
        lines.push("Loss: line while training, dots on validation".to_owned());
        lines.extend(chart);
    }
    if let Some(name) = main {
        let scores = validation(state, name);
        if let Some(chart) = chart(&scores, &scores, columns) {
            lines.push(String::new());
            lines.push(format!("{} on validation", words(name)));
            lines.extend(chart);
        }
    }
    lines
}

fn smoothed_loss(state: &RunState) -> Points {
    let windows = state
        .steps
        .chunks(SMOOTHED.min(state.steps.len() / LEAST_COLUMNS).max(1));
    let mean = |window: &[crate::train::event::Step]| {
        let sum: f64 = window.iter().map(|step| step.loss).sum();
        let last = window.last().map_or(0, |step| step.step);
        (last as f32, (sum / window.len() as f64) as f32)
    };
    windows
        .map(mean)
        .filter(|point| point.1.is_finite())
        .collect()
}

fn validation(state: &RunState, name: &str) -> Points {
    let evaluations = state.evaluations.iter();
    evaluations
        .filter_map(|evaluated| Some((evaluated.step as f32, evaluated.scores.get(name)? as f32)))
        .filter(|point| point.1.is_finite())
        .collect()
}

/// `line` as a line and `dots` as dots, in one frame; nothing where there is no line to draw.
fn chart(line: &Points, dots: &Points, columns: usize) -> Option<Vec<String>> {
    let (left, right) = range(line.iter().chain(dots).map(|point| point.0))?;
    let (low, high) = range(line.iter().chain(dots).map(|point| point.1))?;
    if line.len() < 2 || right <= left {
        return None;
    }
    // A level curve still needs a frame with some height.
    let room = ((high - low) * 0.05).max(0.005);
    let (low, high) = (low - room, high + room);
    let width = columns * POINTS_WIDE - 1;
    let height = LINES * POINTS_HIGH - 1;
    let dots = fat(
        dots,
        (right - left) / width as f32,
        (high - low) / height as f32,
    );
    let (curve, marks) = (Shape::Lines(line), Shape::Points(&dots));
    let mut chart = Chart::new_with_y_range(width as u32, height as u32, left, right, low, high);
    let chart = chart
        .lineplot(&curve)
        .lineplot(&marks)
        .x_label_format(LabelFormat::Custom(Box::new(|step| {
            format!("step {step:.0}")
        })))
        .y_label_format(LabelFormat::Custom(Box::new(|value| format!("{value:.3}"))));
    chart.figures();
    Some(chart.to_string().lines().map(str::to_owned).collect())
}

/// Each dot with its neighbours, so that it stands out from a line.
fn fat(dots: &Points, wide: f32, high: f32) -> Points {
    let offsets = [(0.0, 0.0), (1.0, 0.0), (-1.0, 0.0), (0.0, 1.0), (0.0, -1.0)];
    let spread = |&(x, y): &(f32, f32)| offsets.map(|(dx, dy)| (x + dx * wide, y + dy * high));
    dots.iter().flat_map(spread).collect()
}

fn range(values: impl Iterator<Item = f32>) -> Option<(f32, f32)> {
    values.fold(None, |range, value| match range {
        None => Some((value, value)),
        Some((low, high)) => Some((low.min(value), high.max(value))),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn odd_curves_are_drawn_or_left_out() {
        assert!(chart(&vec![], &vec![], 60).is_none());
        assert!(chart(&vec![(1.0, 0.5)], &vec![(1.0, 0.5)], 60).is_none());
        let level = chart(&vec![(1.0, 0.5), (2.0, 0.5)], &vec![], 60).unwrap();
        assert!(level.len() >= LINES);
        let steep: Points = (0..500).map(|x| (x as f32, 1e6 / (1 + x) as f32)).collect();
        for columns in [LEAST_COLUMNS, 70, MOST_COLUMNS] {
            let lines = chart(&steep, &vec![(250.0, 0.0)], columns).unwrap();
            let widest = lines.iter().map(|line| line.chars().count()).max().unwrap();
            assert!(widest <= columns + LABELS + 2, "{widest} for {columns}");
        }
    }
}
