//! A single row: its whole text, another label, or out with it.

use egui::{ScrollArea, Ui};

use super::remedy;
use crate::data::Remedy;
use crate::session::dataset::{DatasetView, RowView};
use crate::ui::intent::Intent;
use crate::ui::page::PageContext;
use crate::ui::theme::space;
use crate::ui::widgets;

/// The row and the label chosen for it.
pub struct Form {
    /// Its place among the rows in use.
    row: RowView,
    label: String,
    search: String,
}

impl Form {
    /// For a row with the label that it has.
    pub fn new(row: &RowView) -> Self {
        Self {
            label: row.label.clone(),
            row: row.clone(),
            search: String::new(),
        }
    }

    /// Draws the dialog; the form, while it stays open.
    pub fn show(
        mut self,
        ui: &mut Ui,
        ctx: &mut PageContext<'_>,
        view: &DatasetView,
    ) -> Option<Self> {
        let words = &ctx.text.data.cleaning.row;
        let title = (words.title)(self.row.row, self.row.line);
        let (done, closed) = widgets::wide_dialog(ui, "row", &title, |ui| {
            texts(ui, ctx, &self.row);
            if view.is_one_label() {
                ui.add_space(space::MEDIUM);
                self.labels(ui, ctx, view);
            }
            widgets::dialog_buttons(ui, |ui| {
                let new = self.label != self.row.label;
                if view.is_one_label() && widgets::primary_enabled(ui, new, words.relabel).clicked()
                {
                    self.send(ctx, Some(&self.label));
                    return true;
                }
                if widgets::danger(ui, words.drop).clicked() {
                    self.send(ctx, None);
                    return true;
                }
                widgets::secondary(ui, ctx.text.common.cancel).clicked()
            })
        });
        (!done && !closed).then_some(self)
    }

    fn send(&self, ctx: &mut PageContext<'_>, label: Option<&str>) {
        let remedy = Remedy::Row(self.row.edit(label));
        let cleaning = &ctx.project.settings.data.cleaning;
        ctx.send(Intent::Clean(remedy::with(cleaning, &[remedy])));
    }

    fn labels(&mut self, ui: &mut Ui, ctx: &PageContext<'_>, view: &DatasetView) {
        let words = &ctx.text.data.cleaning.row;
        widgets::card_title(ui, words.label, "");
        if view.labels.len() > 12 {
            let width = ui.available_width();
            widgets::search_field(ui, &mut self.search, words.search, width);
        }
        let wanted = self.search.trim().to_lowercase();
        let labels = view.labels.iter().map(|(label, _)| label);
        let labels: Vec<_> = labels
            .filter(|label| label.to_lowercase().contains(&wanted))
            .collect();
        let height = ui.spacing().interact_size.y;
        ScrollArea::vertical()
            .id_salt("labels")
            .max_height(200.0)
            .auto_shrink([false, true])
            .show_rows(ui, height, labels.len(), |ui, range| {
                for &label in &labels[range] {
                    if ui.radio(*label == self.label, label).clicked() {
                        self.label.clone_from(label);
                    }
                }
            });
    }
}

/// The whole text, and what stands in the file where that differs.
fn texts(ui: &mut Ui, ctx: &PageContext<'_>, row: &RowView) {
    let words = &ctx.text.data.cleaning.row;
    ScrollArea::vertical()
        .id_salt("text")
        .max_height(180.0)
        .auto_shrink([false, true])
        .show(ui, |ui| {
            ui.add(egui::Label::new(&row.text).wrap().selectable(true));
            if let Some(pair) = &row.pair {
                ui.add_space(space::SMALL);
                ui.add(egui::Label::new(pair).wrap().selectable(true));
            }
            if let Some(before) = &row.before {
                ui.add_space(space::MEDIUM);
                widgets::weak(ui, words.in_file);
                widgets::wrapped_weak(ui, before);
            }
        });
}
