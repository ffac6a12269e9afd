//! What is known about the data's health, and the splits.

use egui::{Align, Layout, RichText, ScrollArea, Ui};

use crate::session::dataset::DatasetView;
use crate::ui::page::PageContext;
use crate::ui::text::Text;
use crate::ui::theme::{self, space};
use crate::ui::widgets::{self, Tone};

/// Fewer rows of a label than this leave one or two for validation and test.
const FEW_ROWS: usize = 20;
/// Fewer validation rows than this make every score jump.
const FEW_VALIDATION: usize = 50;
/// From here on a model is tempted to answer the commonest label always.
const UNBALANCED: f64 = 5.0;

/// One line of the list.
#[derive(Clone, Debug, PartialEq)]
struct Check {
    tone: Tone,
    words: String,
    /// Whether the rows set aside can be shown.
    shows_aside: bool,
}

impl Check {
    fn new(tone: Tone, words: impl Into<String>) -> Self {
        Self {
            tone,
            words: words.into(),
            shows_aside: false,
        }
    }
}

/// Draws checks and splits; true when the rows set aside are to be shown.
pub fn show(ui: &mut Ui, ctx: &PageContext<'_>, view: &DatasetView) -> bool {
    let text = ctx.text;
    let mut show_aside = false;
    widgets::card_title(ui, text.data.checks.title, "");
    let limit = ctx.project.settings.hyperparameters.max_seq_length;
    let cut = ctx.project.rows_cut();
    let below = 78.0;
    ScrollArea::vertical()
        .max_height((ui.available_height() - below).max(60.0))
        .auto_shrink([false, true])
        .show(ui, |ui| {
            for check in checks(view, cut, limit, text) {
                show_aside |= line(ui, text, &check);
            }
        });
    ui.add_space(space::GAP);
    splits(ui, ctx, view);
    show_aside
}

fn line(ui: &mut Ui, text: &Text, check: &Check) -> bool {
    let mut clicked = false;
    ui.horizontal(|ui| {
        ui.set_min_height(space::ROW);
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if check.shows_aside {
                clicked = widgets::small_button(ui, text.data.checks.show).clicked();
            }
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                widgets::dot(ui, check.tone.colour(ui));
                widgets::elided(ui, check.words.as_str());
            });
        });
    });
    clicked
}

/// What is known, trouble first as it comes.
fn checks(view: &DatasetView, cut: usize, limit: usize, text: &Text) -> Vec<Check> {
    let words = &text.data.checks;
    let count = |n: usize| (text.units.count)(n);
    let mut list = Vec::new();
    if view.labels.len() < 2 {
        list.push(Check::new(Tone::Bad, words.one_label));
    }
    list.push(match view.set_aside.len() {
        0 => Check::new(Tone::Good, words.all_read),
        n => Check {
            shows_aside: true,
            ..Check::new(Tone::Warn, (words.aside)(&count(n)))
        },
    });
    list.push(match cut {
        0 => Check::new(Tone::Good, (words.none_cut)(limit)),
        n => Check::new(Tone::Warn, (words.cut)(&count(n), limit)),
    });
    let (largest, smallest) = (view.labels.first(), view.labels.last());
    if let (Some((_, most)), Some((label, least))) = (largest, smallest) {
        list.push(match *least {
            n if n < FEW_ROWS => Check::new(Tone::Warn, (words.small)(label, &count(n))),
            n => Check::new(Tone::Good, (words.enough)(&count(n))),
        });
        let times = *most as f64 / (*least).max(1) as f64;
        if view.labels.len() > 1 {
            list.push(match times {
                t if t >= UNBALANCED => Check::new(Tone::Warn, (words.unbalanced)(t)),
                t => Check::new(Tone::Good, (words.balanced)(t)),
            });
        }
    }
    if view.splits[1] < FEW_VALIDATION {
        let words = (words.few_validation)(&count(view.splits[1]));
        list.push(Check::new(Tone::Warn, words));
    }
    if view.splits[2] == 0 {
        list.push(Check::new(Tone::Warn, words.no_test));
    }
    list
}

fn splits(ui: &mut Ui, ctx: &PageContext<'_>, view: &DatasetView) {
    let words = &ctx.text.data.splits;
    let palette = theme::palette(ui);
    let settings = &ctx.project.settings;
    let note = match settings.data.train {
        Some(_) => words.by_file.to_owned(),
        None => (words.by_seed)(settings.hyperparameters.seed),
    };
    ui.spacing_mut().item_spacing.y = 4.0;
    ui.horizontal(|ui| {
        ui.spacing_mut().interact_size.y = 18.0;
        widgets::heading(ui, words.title, egui::TextStyle::Heading);
        widgets::weak(ui, &note);
    });
    let colours = [palette.accent, palette.validation, palette.neutral];
    let parts = view.splits.map(|rows| rows as f32);
    let parts: Vec<_> = parts.into_iter().zip(colours).collect();
    widgets::split_bar(ui, &parts);
    let names = [words.train, words.validation, words.test];
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 10.0;
        for ((name, rows), colour) in names.into_iter().zip(view.splits).zip(colours) {
            super::legend(ui, colour, &name(&(ctx.text.units.count)(rows)));
        }
    });
}

/// The rows set aside with their reasons; whether the dialog stays open.
pub fn aside_dialog(ui: &mut Ui, ctx: &PageContext<'_>, view: &DatasetView) -> bool {
    let words = &ctx.text.data.checks;
    let (done, closed) = widgets::dialog(ui, "set-aside", words.aside_title, |ui| {
        let height = ui.text_style_height(&egui::TextStyle::Body);
        ScrollArea::vertical()
            .max_height(320.0)
            .auto_shrink([false, true])
            .show_rows(ui, height, view.set_aside.len(), |ui, range| {
                for (row, reason) in &view.set_aside[range] {
                    ui.horizontal(|ui| {
                        ui.set_height(height);
                        let number = (words.record)(*row);
                        ui.label(RichText::new(number).color(theme::palette(ui).weak));
                        widgets::elided(ui, reason.as_str());
                    });
                }
            });
        widgets::dialog_buttons(ui, |ui| widgets::secondary(ui, words.close).clicked())
    });
    !(done || closed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::text::ENGLISH;

    fn data(labels: &[(&str, usize)], aside: usize) -> DatasetView {
        let rows: usize = labels.iter().map(|(_, rows)| rows).sum();
        DatasetView {
            description: String::new(),
            text_column: "text".into(),
            label_column: "label".into(),
            columns: vec![],
            rows: vec![],
            set_aside: (0..aside).map(|row| (row, "empty".to_owned())).collect(),
            labels: labels
                .iter()
                .map(|(label, rows)| ((*label).to_owned(), *rows))
                .collect(),
            splits: [rows * 8 / 10, rows / 10, rows / 10],
            cut: 0,
            sha256: String::new(),
        }
    }

    fn troubles(view: &DatasetView, cut: usize) -> Vec<String> {
        let checks = checks(view, cut, 128, &ENGLISH);
        let trouble = checks.into_iter().filter(|check| check.tone != Tone::Good);
        trouble.map(|check| check.words).collect()
    }

    #[test]
    fn sound_data_raises_no_trouble() {
        assert!(troubles(&data(&[("a", 600), ("b", 500)], 0), 0).is_empty());
    }

    #[test]
    fn each_trouble_is_named() {
        let all = troubles(&data(&[("a", 300), ("b", 4)], 2), 7).join("; ");
        for words in [
            "2 rows are set aside",
            "7 texts",
            "b has only 4",
            "75 times",
            "Only 30",
        ] {
            assert!(all.contains(words), "{words} is not in {all}");
        }
        let one = troubles(&data(&[("a", 600)], 0), 0).join("; ");
        assert!(one.contains("only one label"), "{one}");
    }
}
