//! How well each label is found, in a table that can be sorted.

use std::cmp::Ordering;

use egui::{Button, RichText, Ui};
use egui_extras::{Column, TableRow};

use crate::tasks::{Evaluation, LabelReport};
use crate::ui::text::Text;
use crate::ui::theme::{self, space};
use crate::ui::widgets;

/// What the table is sorted by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Key {
    #[default]
    Model,
    Label,
    Precision,
    Recall,
    F1,
    Support,
    Threshold,
}

/// The order of the table: at first the model's own.
#[derive(Clone, Copy, Debug, Default)]
pub struct Sort {
    key: Key,
    rising: bool,
}

impl Sort {
    /// A first press puts the weakest labels (or names in order) on top, a second one turns it
    /// round, a third one goes back to the model's own order.
    fn press(&mut self, key: Key) {
        *self = match (self.key == key, self.rising) {
            (false, _) => Self { key, rising: true },
            (true, true) => Self { key, rising: false },
            (true, false) => Self::default(),
        };
    }

    fn compare(self, a: &LabelReport, b: &LabelReport) -> Ordering {
        let order = match self.key {
            Key::Model => Ordering::Equal,
            Key::Label => a.label.cmp(&b.label),
            Key::Precision => a.precision.total_cmp(&b.precision),
            Key::Recall => a.recall.total_cmp(&b.recall),
            Key::F1 => a.f1.total_cmp(&b.f1),
            Key::Support => a.support.cmp(&b.support),
            Key::Threshold => a
                .threshold
                .unwrap_or(0.5)
                .total_cmp(&b.threshold.unwrap_or(0.5)),
        };
        if self.rising { order } else { order.reverse() }
    }
}

/// Draws the table into all the room there is.
pub fn ui(ui: &mut Ui, text: &Text, evaluation: &Evaluation, sort: &mut Sort) {
    let words = &text.evaluate.labels;
    let mut reports: Vec<&LabelReport> = evaluation.detail.per_label.iter().collect();
    reports.sort_by(|a, b| sort.compare(a, b));
    // Types of entities are counted by entities, of which a row may hold several.
    let types = evaluation.detail.entity_errors.is_some();
    let (label, support) = match types {
        true => (words.entity_type, words.entities),
        false => (words.label, words.support),
    };
    let thresholds = reports.iter().any(|report| report.threshold.is_some());
    let mut heads = vec![
        (Key::Label, label),
        (Key::Precision, words.precision),
        (Key::Recall, words.recall),
        (Key::F1, words.f1),
        (Key::Support, support),
    ];
    let mut table = widgets::table(ui, "labels")
        .column(Column::remainder().at_least(80.0).clip(true))
        .columns(Column::exact(74.0), 3)
        .column(Column::exact(if types { 68.0 } else { 52.0 }));
    if thresholds {
        heads.push((Key::Threshold, words.threshold));
        table = table.column(Column::exact(84.0));
    }
    table
        .header(24.0, |mut row| {
            for (key, word) in heads {
                row.col(|ui| head(ui, text, sort, key, word));
            }
        })
        .body(|body| {
            body.rows(space::ROW - 3.0, reports.len(), |mut row| {
                let report = reports[row.index()];
                row.set_overline(true);
                line(&mut row, text, report);
            });
        });
}

fn head(ui: &mut Ui, text: &Text, sort: &mut Sort, key: Key, word: &str) {
    let palette = theme::palette(ui);
    let words = match (sort.key == key, sort.rising) {
        (true, true) => format!("{word} ↑"),
        (true, false) => format!("{word} ↓"),
        (false, _) => word.to_owned(),
    };
    let colour = if sort.key == key {
        palette.accent_text
    } else {
        palette.weak
    };
    let button = Button::new(RichText::new(words).small().color(colour)).frame(false);
    let pressed = ui.add(button).on_hover_text(text.evaluate.labels.sort);
    if pressed.accessible_name(word).clicked() {
        sort.press(key);
    }
}

fn line(row: &mut TableRow<'_, '_>, text: &Text, report: &LabelReport) {
    row.col(|ui| {
        widgets::cell(ui, &report.label);
    });
    for (share, main) in [
        (report.precision, false),
        (report.recall, false),
        (report.f1, true),
    ] {
        row.col(|ui| {
            let palette = theme::palette(ui);
            let colour = if main { palette.strong } else { palette.text };
            widgets::cell(ui, RichText::new((text.units.score)(share)).color(colour));
        });
    }
    row.col(|ui| {
        let palette = theme::palette(ui);
        let rows = (text.units.count)(report.support as usize);
        widgets::cell(ui, RichText::new(rows).color(palette.weak));
    });
    if let Some(threshold) = report.threshold {
        row.col(|ui| {
            let palette = theme::palette(ui);
            let threshold = (text.units.score)(threshold);
            widgets::cell(ui, RichText::new(threshold).color(palette.weak));
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_presses_come_back_to_the_start() {
        let mut sort = Sort::default();
        sort.press(Key::F1);
        assert_eq!((sort.key, sort.rising), (Key::F1, true));
        sort.press(Key::F1);
        assert_eq!((sort.key, sort.rising), (Key::F1, false));
        sort.press(Key::F1);
        assert_eq!(sort.key, Key::Model);
    }
}
