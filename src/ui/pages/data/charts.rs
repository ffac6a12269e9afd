//! What is to be learned, counted, and the histogram of lengths.

use egui::{ScrollArea, Ui};
use egui_plot::{self as plot, Bar, BarChart, HoverPosition, LineStyle, PlotPoint, VLine};

use crate::session::dataset::{DatasetView, Tally};
use crate::ui::page::PageContext;
use crate::ui::theme;
use crate::ui::widgets;

/// Bars that the histogram has at most, about.
const BARS: usize = 32;

/// Draws what is to be learned from the rows, counted.
pub fn tally(ui: &mut Ui, ctx: &PageContext<'_>, view: &DatasetView) {
    let words = &ctx.text.data.tally;
    let count = ctx.text.units.count;
    match &view.tally {
        Tally::Labels => {
            let note = (words.label_count)(view.labels.len());
            widgets::card_title(ui, words.labels, &note);
            counts(ui, ctx, &view.labels);
        }
        Tally::Entities(types) => {
            let all = types.iter().map(|(_, entities)| entities).sum();
            widgets::card_title(ui, words.entities, &(words.entity_count)(&count(all)));
            counts(ui, ctx, types);
        }
        Tally::Answers {
            answerable,
            unanswerable,
        } => {
            let all = (ctx.text.units.count)(answerable + unanswerable);
            widgets::card_title(ui, words.questions, &(words.entity_count)(&all));
            let kinds = [
                (words.answerable.to_owned(), *answerable),
                (words.unanswerable.to_owned(), *unanswerable),
            ];
            counts(ui, ctx, &kinds);
        }
        Tally::Values(targets) => self::targets(ui, ctx, targets),
    }
}

/// Draws names with how often they occur.
fn counts(ui: &mut Ui, ctx: &PageContext<'_>, counts: &[(String, usize)]) {
    let most = counts
        .iter()
        .map(|(_, rows)| *rows)
        .max()
        .unwrap_or(1)
        .max(1) as f32;
    let colour = theme::palette(ui).accent;
    let longest = counts
        .iter()
        .take(super::MEASURED)
        .map(|(label, _)| label.chars().count())
        .max();
    let label_width = (longest.unwrap_or(0) as f32 * 7.5 + 12.0).clamp(80.0, 220.0);
    let height = 23.0;
    ui.spacing_mut().item_spacing.y = 0.0;
    ScrollArea::vertical()
        .auto_shrink(false)
        .show_rows(ui, height, counts.len(), |ui, range| {
            for (label, rows) in &counts[range] {
                let bar = widgets::Bar {
                    label,
                    share: *rows as f32 / most,
                    value: &(ctx.text.units.count)(*rows),
                    colour,
                    label_width,
                    value_width: 52.0,
                };
                widgets::labelled_bar(ui, bar);
            }
        });
}

/// Numbers that are so few different ones each have a bar.
const FEW_VALUES: usize = 24;

/// Bars of numbers: from, to, rows.
fn value_bars(values: &[f64]) -> Vec<(f64, f64, usize)> {
    let mut different: Vec<(f64, f64, usize)> = Vec::new();
    for &value in values {
        match different.last_mut() {
            Some((last, _, rows)) if *last == value => *rows += 1,
            _ => different.push((value, value, 1)),
        }
    }
    let (Some(first), Some(last)) = (values.first(), values.last()) else {
        return Vec::new();
    };
    if different.len() <= FEW_VALUES {
        return different;
    }
    let width = (last - first) / BARS as f64;
    let mut bars: Vec<_> = (0..BARS)
        .map(|place| {
            let from = first + place as f64 * width;
            (from, from + width, 0)
        })
        .collect();
    for value in values {
        let place = ((value - first) / width) as usize;
        bars[place.min(BARS - 1)].2 += 1;
    }
    bars
}

/// Least height of a chart below others.
const CHART: f32 = 110.0;

/// The numbers of each target, in a chart of its own.
fn targets(ui: &mut Ui, ctx: &PageContext<'_>, targets: &[(String, Vec<f64>)]) {
    let words = &ctx.text.data.tally;
    let range = |values: &[f64]| {
        let (first, last) = (values.first().copied(), values.last().copied());
        (words.value_range)(first.unwrap_or(0.0), last.unwrap_or(0.0))
    };
    if let [(_, values)] = targets {
        widgets::card_title(ui, words.values, &range(values));
        self::values(ui, ctx, values);
        return;
    }
    widgets::card_title(ui, words.values, "");
    let room = ui.available_height() / targets.len().max(1) as f32;
    ScrollArea::vertical()
        .id_salt("targets")
        .auto_shrink(false)
        .show(ui, |ui| {
            for (name, values) in targets {
                let size = egui::vec2(ui.available_width(), room.max(CHART));
                ui.push_id(name, |ui| {
                    ui.set_max_size(size);
                    widgets::weak(ui, &(words.target_range)(name, &range(values)));
                    self::values(ui, ctx, values);
                });
            }
        });
}

fn values(ui: &mut Ui, ctx: &PageContext<'_>, values: &[f64]) {
    let words = &ctx.text.data.tally;
    let rows = ctx.text.units.rows;
    let bars = value_bars(values);
    let apart = match bars.as_slice() {
        [] | [_] => 1.0,
        bars => {
            let steps = bars.windows(2).map(|pair| pair[1].0 - pair[0].0);
            steps.fold(f64::INFINITY, f64::min)
        }
    };
    let accent = theme::palette(ui).accent;
    let middle = |(from, to, _): &(f64, f64, usize)| f64::midpoint(*from, *to);
    let drawn = bars.iter().map(|bar| {
        Bar::new(middle(bar), bar.2 as f64)
            .width(apart * 0.86)
            .fill(accent)
    });
    let chart = BarChart::new("", drawn.collect()).allow_hover(false);
    let label = |position: &HoverPosition<'_>| {
        let (HoverPosition::NearDataPoint { position, .. } | HoverPosition::Elsewhere { position }) =
            position;
        let near = |bar: &&(f64, f64, usize)| (middle(bar) - position.x).abs() <= apart / 2.0;
        let (from, to, count) = bars.iter().find(near)?;
        Some((words.value_bin)(*from, *to, &rows(*count)))
    };
    widgets::count_plot(ui, "values", ctx.text.units.count)
        .label_formatter(label)
        .show(ui, |plot| plot.bar_chart(chart));
}

/// Bars of equal width from 0; the last one holds everything longer too.
#[derive(Clone, Debug, PartialEq)]
struct Histogram {
    width: usize,
    counts: Vec<usize>,
    open_end: bool,
}

/// Counts lengths, which come with their rows, the shortest first. A few very long texts must not squeeze all others into one bar, so that the
/// axis ends at four times the limit.
fn histogram(lengths: &[(usize, usize)], limit: usize) -> Histogram {
    let longest = lengths.last().map_or(0, |(length, _)| *length);
    let end = longest.clamp(1, 4 * limit);
    let width = [
        1, 2, 4, 5, 8, 10, 16, 20, 32, 50, 64, 100, 128, 200, 256, 500,
    ]
    .into_iter()
    .find(|width| end.div_ceil(*width) <= BARS)
    .unwrap_or(end.div_ceil(BARS));
    let bars = end / width + 1;
    let mut counts = vec![0; bars];
    for (length, rows) in lengths {
        counts[(length / width).min(bars - 1)] += rows;
    }
    Histogram {
        width,
        counts,
        open_end: longest > end,
    }
}

/// Draws the histogram with the line at which texts are cut.
pub fn lengths(ui: &mut Ui, ctx: &PageContext<'_>, view: &DatasetView) {
    let words = &ctx.text.data.lengths;
    let palette = theme::palette(ui);
    let limit = ctx.project.settings.hyperparameters.max_seq_length;
    widgets::card_title(ui, words.title, &(words.limit)(limit));
    let histogram = histogram(&view.lengths, limit);
    let width = histogram.width as f64;
    let cuts = !ctx.project.settings.reads_windows();
    let bars = histogram.counts.iter().enumerate().map(|(place, rows)| {
        let from = place as f64 * width;
        let colour = if cuts && from > limit as f64 {
            palette.bad
        } else {
            palette.accent
        };
        Bar::new(from + width / 2.0, *rows as f64)
            .width(width * 0.86)
            .fill(colour)
    });
    let chart = BarChart::new("", bars.collect()).allow_hover(false);
    let cut = VLine::new("", limit as f64)
        .color(palette.bad)
        .style(LineStyle::dashed_dense())
        .allow_hover(false);
    let units = &ctx.text.units;
    let label = |position: &HoverPosition<'_>| {
        let x = match position {
            HoverPosition::NearDataPoint { position, .. } => position.x,
            HoverPosition::Elsewhere { position } => position.x,
        };
        let place = (x / width).floor();
        let rows = *histogram
            .counts
            .get(place as usize)
            .filter(|_| place >= 0.0)?;
        let from = place as usize * histogram.width;
        let rows = (units.rows)(rows);
        let last = place as usize + 1 == histogram.counts.len() && histogram.open_end;
        Some(match last {
            true => (words.last_bin)(from, &rows),
            false => (words.bin)(from, from + histogram.width - 1, &rows),
        })
    };
    let most = histogram.counts.iter().max().copied().unwrap_or(1).max(1) as f64;
    let number = egui::RichText::new(format!(" {limit}")).small();
    let at = PlotPoint::new(limit as f64, most);
    let number = plot::Text::new("", at, number)
        .color(palette.bad)
        .anchor(egui::Align2::LEFT_TOP);
    widgets::count_plot(ui, "lengths", units.count)
        .include_y(most * 1.05)
        .include_x(0.0)
        .include_x(limit as f64 * 1.1)
        .set_margin_fraction(egui::Vec2::ZERO)
        .label_formatter(label)
        .show(ui, |plot| {
            plot.bar_chart(chart);
            plot.vline(cut);
            plot.text(number);
        });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_numbers_have_a_bar_each_and_many_share_them() {
        assert_eq!(value_bars(&[]), []);
        let few = value_bars(&[0.5, 0.5, 2.0]);
        assert_eq!(few, [(0.5, 0.5, 2), (2.0, 2.0, 1)]);
        let many: Vec<f64> = (0..1000).map(|n| f64::from(n) / 7.0).collect();
        let bars = value_bars(&many);
        assert_eq!(bars.len(), BARS);
        assert_eq!(bars.iter().map(|(_, _, rows)| rows).sum::<usize>(), 1000);
    }

    #[test]
    fn every_row_is_counted_once() {
        for lengths in [
            vec![],
            vec![3],
            vec![1, 2, 3, 40, 41, 9000],
            (0..600).collect(),
        ] {
            let rows = lengths.len();
            let lengths: Vec<_> = lengths.into_iter().map(|length| (length, 1)).collect();
            let histogram = histogram(&lengths, 128);
            assert_eq!(histogram.counts.iter().sum::<usize>(), rows);
            assert!(histogram.counts.len() <= BARS + 1, "{histogram:?}");
        }
    }

    #[test]
    fn long_texts_share_the_last_bar() {
        let histogram = histogram(&[(10, 3), (20, 1), (9000, 1)], 16);
        assert!(histogram.open_end);
        assert_eq!(histogram.counts.last(), Some(&1));
    }
}
