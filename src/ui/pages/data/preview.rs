//! The table of rows, with the columns that were found and can be corrected.

use std::sync::Arc;

use egui::{Align, ComboBox, Label, Layout, RichText, Ui};
use egui_extras::{Column, TableBuilder, TableRow};

use crate::run::DataSettings;
use crate::session::dataset::{DatasetView, RowView};
use crate::ui::intent::Intent;
use crate::ui::page::PageContext;
use crate::ui::theme::{self, space};
use crate::ui::widgets;

/// The search and what it found.
#[derive(Default)]
pub struct Preview {
    search: String,
    found: Option<Found>,
}

/// The rows that hold the searched words.
struct Found {
    view: Arc<DatasetView>,
    words: String,
    rows: Vec<usize>,
}

impl Preview {
    /// Draws heading, columns, search box and table.
    pub fn show(&mut self, ui: &mut Ui, ctx: &mut PageContext<'_>, view: &Arc<DatasetView>) {
        self.head(ui, ctx, view);
        ui.add_space(space::SMALL);
        self.search(view);
        let rows = self.found.as_ref().map(|found| found.rows.as_slice());
        if rows.is_some_and(<[usize]>::is_empty) {
            let words = (ctx.text.data.preview.nothing)(self.search.trim());
            widgets::weak(ui, &words);
            return;
        }
        table(ui, ctx, view, rows);
    }

    fn head(&mut self, ui: &mut Ui, ctx: &mut PageContext<'_>, view: &DatasetView) {
        let words = &ctx.text.data.preview;
        ui.horizontal(|ui| {
            widgets::heading(ui, words.title, egui::TextStyle::Heading);
            ui.add_space(4.0);
            let mut data = ctx.project.settings.data.clone();
            // Bundled sets have nothing to correct.
            if data.bundled.is_none() {
                if let Some(column) = column(ui, words.text_column, &view.text_column, view) {
                    data.text_column = Some(column);
                }
                if let Some(column) = column(ui, words.label_column, &view.label_column, view) {
                    data.label_column = Some(column);
                }
                changed(ctx, data);
            }
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                widgets::search_field(ui, &mut self.search, words.search, 116.0);
                ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                    ignored(ui, ctx, view);
                });
            });
        });
    }

    /// Searches again when the words or the data have changed.
    fn search(&mut self, view: &Arc<DatasetView>) {
        let words = self.search.trim().to_lowercase();
        if words.is_empty() {
            self.found = None;
            return;
        }
        let found = self.found.as_ref();
        if found.is_some_and(|found| found.words == words && Arc::ptr_eq(&found.view, view)) {
            return;
        }
        let holds = |row: &RowView| {
            row.text.to_lowercase().contains(&words) || row.label.to_lowercase().contains(&words)
        };
        let rows = view.rows.iter().enumerate().filter(|(_, row)| holds(row));
        self.found = Some(Found {
            view: view.clone(),
            rows: rows.map(|(place, _)| place).collect(),
            words,
        });
    }
}

fn changed(ctx: &mut PageContext<'_>, data: DataSettings) {
    if data != ctx.project.settings.data {
        ctx.send(Intent::SetData(Box::new(data)));
    }
}

/// A column's role and a box to correct it; the name chosen instead.
fn column(ui: &mut Ui, role: &str, current: &str, view: &DatasetView) -> Option<String> {
    let mut chosen = None;
    ui.spacing_mut().item_spacing.x = 5.0;
    let label = widgets::weak(ui, role);
    let combo = ComboBox::from_id_salt(role)
        .width(84.0)
        .truncate()
        .selected_text(RichText::new(current).small())
        .show_ui(ui, |ui| {
            for name in &view.columns {
                if ui.selectable_label(name == current, name).clicked() && name != current {
                    chosen = Some(name.clone());
                }
            }
        });
    combo.response.labelled_by(label.id).on_hover_text(current);
    ui.add_space(4.0);
    chosen
}

fn ignored(ui: &mut Ui, ctx: &PageContext<'_>, view: &DatasetView) {
    let words = &ctx.text.data.preview;
    let used = [&view.text_column, &view.label_column];
    let rest: Vec<_> = view
        .columns
        .iter()
        .filter(|name| !used.contains(name))
        .collect();
    match rest.as_slice() {
        [] => {}
        [one] => {
            widgets::weak(ui, &(words.ignored)(one));
        }
        many => {
            let names: Vec<_> = many.iter().map(|name| name.as_str()).collect();
            widgets::weak(ui, &(words.ignored_many)(many.len())).on_hover_text(names.join(", "));
        }
    }
}

fn table(ui: &mut Ui, ctx: &PageContext<'_>, view: &DatasetView, rows: Option<&[usize]>) {
    let longest = view
        .labels
        .iter()
        .map(|(label, _)| label.chars().count())
        .max();
    let label_width = (longest.unwrap_or(0) as f32 * 6.6 + 28.0).clamp(84.0, 190.0);
    // Cells touch, so that the hairlines between rows have no gaps.
    ui.spacing_mut().item_spacing = egui::Vec2::ZERO;
    let count = rows.map_or(view.rows.len(), <[usize]>::len);
    TableBuilder::new(ui)
        .cell_layout(Layout::left_to_right(Align::Center))
        .auto_shrink(false)
        .min_scrolled_height(0.0)
        .column(Column::exact(48.0))
        .column(Column::remainder().clip(true))
        .column(Column::exact(label_width + 12.0).clip(true))
        .column(Column::exact(50.0))
        .header(24.0, |mut header| {
            for (place, name) in ctx.text.data.preview.heads.into_iter().enumerate() {
                header.col(|ui| {
                    if place == 2 {
                        ui.add_space(12.0);
                    }
                    widgets::weak(ui, name);
                });
            }
        })
        .body(|body| {
            body.rows(space::ROW, count, |mut line| {
                let place = rows.map_or(line.index(), |rows| rows[line.index()]);
                if let Some(row) = view.rows.get(place) {
                    cells(&mut line, row);
                }
            });
        });
}

fn cells(line: &mut TableRow<'_, '_>, row: &RowView) {
    line.col(|ui| {
        rule(ui);
        widgets::weak(ui, &row.row.to_string());
    });
    line.col(|ui| {
        rule(ui);
        // A line break would spoil the row; the pointer shows the text as it is.
        let one_line = row.text.replace(['\n', '\r'], " ");
        ui.add(Label::new(one_line).truncate());
    });
    line.col(|ui| {
        rule(ui);
        ui.add_space(12.0);
        widgets::pill(ui, &row.label);
    });
    line.col(|ui| {
        rule(ui);
        widgets::weak(ui, &row.tokens.to_string());
    });
}

/// The hairline above a row.
fn rule(ui: &Ui) {
    let rect = ui.max_rect();
    let stroke = egui::Stroke::new(1.0, theme::palette(ui).border);
    ui.painter().hline(rect.x_range(), rect.top() + 0.5, stroke);
}
