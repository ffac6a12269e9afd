//! How well each of several numbers is told, in a table by which the one that is drawn is chosen.

use egui::{RichText, Sense, Ui};
use egui_extras::Column;

use crate::tasks::{Evaluation, TargetReport};
use crate::ui::text::Text;
use crate::ui::theme::{self, space};
use crate::ui::widgets;

/// Height of the heads: three lines.
const HEAD: f32 = 48.0;

/// Widths of the scores, as narrow as their heads' longest words: the targets' names need the room.
const WIDTHS: [f32; TargetReport::SCORES.len()] = [62.0, 54.0, 54.0, 46.0];

/// Draws the table into all the room there is; the target that was pressed.
pub fn ui(ui: &mut Ui, text: &Text, evaluation: &Evaluation, chosen: &str) -> Option<String> {
    let reports = &evaluation.detail.per_target;
    let mut pressed = None;
    let mut table = widgets::table(ui, "targets")
        .sense(Sense::click())
        .column(Column::remainder().at_least(70.0).clip(true));
    for width in WIDTHS {
        table = table.column(Column::exact(width).clip(true));
    }
    table
        .header(HEAD, |mut row| {
            row.col(|ui| {
                widgets::weak(ui, text.evaluate.targets.target);
            });
            for name in TargetReport::SCORES {
                // "Mean squared error" takes three lines.
                row.col(|ui| {
                    ui.set_max_width(ui.available_width() - 4.0);
                    widgets::wrapped_weak(ui, &(text.common.score)(name));
                });
            }
        })
        .body(|body| {
            body.rows(space::ROW - 3.0, reports.len(), |mut row| {
                let report = &reports[row.index()];
                row.set_selected(report.target == chosen);
                row.set_overline(true);
                row.col(|ui| {
                    let strong = theme::palette(ui).strong;
                    widgets::cell(ui, RichText::new(&report.target).color(strong));
                });
                for name in TargetReport::SCORES {
                    row.col(|ui| {
                        let score = report.scores.get(name).map(text.units.score);
                        widgets::cell(ui, score.as_deref().unwrap_or("–"));
                    });
                }
                if row.response().clicked() {
                    pressed = Some(report.target.clone());
                }
            });
        });
    pressed
}
