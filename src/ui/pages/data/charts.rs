//! Label counts and the histogram of lengths.

use egui::{ScrollArea, Ui};
use egui_plot::{self as plot, Bar, BarChart, HoverPosition, LineStyle, PlotPoint, VLine};

use crate::session::dataset::DatasetView;
use crate::ui::page::PageContext;
use crate::ui::theme;
use crate::ui::widgets;

/// Bars that the histogram has at most, about.
const BARS: usize = 32;

/// Draws the label counts.
pub fn labels(ui: &mut Ui, ctx: &PageContext<'_>, view: &DatasetView) {
    let words = &ctx.text.data;
    widgets::card_title(ui, words.labels, &(words.label_count)(view.labels.len()));
    let most = view.labels.first().map_or(1, |(_, rows)| *rows).max(1) as f32;
    let colour = theme::palette(ui).accent;
    let longest = view
        .labels
        .iter()
        .take(super::MEASURED)
        .map(|(label, _)| label.chars().count())
        .max();
    let label_width = (longest.unwrap_or(0) as f32 * 7.5 + 12.0).clamp(80.0, 220.0);
    let height = 23.0;
    ui.spacing_mut().item_spacing.y = 0.0;
    ScrollArea::vertical().auto_shrink(false).show_rows(
        ui,
        height,
        view.labels.len(),
        |ui, range| {
            for (label, rows) in &view.labels[range] {
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
        },
    );
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
    let bars = histogram.counts.iter().enumerate().map(|(place, rows)| {
        let from = place as f64 * width;
        let colour = if from > limit as f64 {
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
    widgets::still_plot(ui, "lengths")
        .show_axes([true, false])
        .show_grid(false)
        .include_y(0.0)
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
