//! The table of rows, with the columns that were found and can be corrected.

use std::sync::Arc;
use std::time::{Duration, Instant};

use egui::{Align, Color32, ComboBox, FontId, Label, Layout, RichText, Ui, vec2};
use egui_extras::{Column, TableBuilder, TableRow};

use super::{Dialog, row};
use crate::data::{Kind, Role};
use crate::run::DataSettings;
use crate::session::dataset::{DatasetView, RowView};
use crate::ui::intent::Intent;
use crate::ui::page::PageContext;
use crate::ui::theme::{self, space};
use crate::ui::widgets;

/// Time that a frame may take for searching.
const BUDGET: Duration = Duration::from_millis(5);

/// Width of the search box, of the note on columns that are not used, and of a column's role.
const SEARCH: f32 = 116.0;
const IGNORED: f32 = 72.0;
const ROLE: f32 = 48.0;

/// Width of a box with a column's name, at least and at most.
const NAME: [f32; 2] = [76.0, 180.0];

/// The search and what it has found so far.
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
    /// How many rows were looked at.
    looked_at: usize,
}

impl Found {
    /// Looks on; whether all rows were looked at.
    fn look(&mut self) -> bool {
        let start = Instant::now();
        while let Some(row) = self.view.rows.get(self.looked_at) {
            if holds(row, &self.words) {
                self.rows.push(self.looked_at);
            }
            self.looked_at += 1;
            // The clock is slow beside a row.
            if self.looked_at.is_multiple_of(256) && start.elapsed() > BUDGET {
                return false;
            }
        }
        true
    }
}

fn holds(row: &RowView, words: &str) -> bool {
    let holds = |text: &str| text.to_lowercase().contains(words);
    holds(&row.text) || holds(&row.label) || row.pair.as_deref().is_some_and(holds)
}

impl Preview {
    /// Draws heading, columns, search box and table; the dialog of the row that was asked for.
    pub fn show(
        &mut self,
        ui: &mut Ui,
        ctx: &mut PageContext<'_>,
        view: &Arc<DatasetView>,
    ) -> Option<Dialog> {
        self.head(ui, ctx, view);
        ui.add_space(space::SMALL);
        let whole = self.search(view);
        if !whole {
            ui.request_repaint();
        }
        let words = &ctx.text.data.preview;
        let rows = self.found.as_ref().map(|found| found.rows.as_slice());
        if rows.is_some_and(<[usize]>::is_empty) {
            match whole {
                true => widgets::weak(ui, &(words.nothing)(self.search.trim())),
                false => widgets::weak(ui, words.searching),
            };
            return None;
        }
        table(ui, ctx, view, rows)
    }

    fn head(&mut self, ui: &mut Ui, ctx: &mut PageContext<'_>, view: &DatasetView) {
        let words = &ctx.text.data.preview;
        ui.horizontal(|ui| {
            widgets::heading(ui, words.title, egui::TextStyle::Heading);
            ui.add_space(4.0);
            let mut data = ctx.project.settings.data.clone();
            // Bundled sets have nothing to correct.
            if data.bundled.is_none() {
                let used = |role| view.file.roles.get(role).unwrap_or_default();
                let none = |_: &mut Ui| None;
                let all = &view.file.columns;
                let refused = data.text_pair_column.as_ref().is_some_and(String::is_empty);
                let pairs = view.has_pairs() || refused;
                // Long names would push the rest out of the line: `boxes` share what is left.
                let kept = match unused(view).next() {
                    Some(_) => SEARCH + IGNORED,
                    None => SEARCH + 2.0 * space::SMALL,
                };
                let most = |ui: &Ui, boxes: f32| {
                    let [least, most] = NAME;
                    ((ui.available_width() - kept) / boxes - ROLE).clamp(least, most)
                };
                let (first, boxes) = (used(Role::Text), if pairs { 3.0 } else { 2.0 });
                let room = most(ui, boxes);
                if let Some(column) = column(ui, room, words.text_column, first, all, none) {
                    data.text_column = Some(column);
                }
                let room = most(ui, 2.0);
                if pairs && let Some(column) = second(ui, ctx, room, used(Role::TextPair), all) {
                    data.text_pair_column = Some(column);
                }
                let more = |ui: &mut Ui| beside(ui, words.beside, view);
                let (label, room) = (used(Role::Label), most(ui, 1.0));
                if let Some(column) = column(ui, room, words.label_column, label, all, more) {
                    data.label_column = Some(column);
                }
                changed(ctx, data);
            }
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                widgets::search_field(ui, &mut self.search, words.search, SEARCH);
                ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                    ignored(ui, ctx, view);
                });
            });
        });
    }

    /// Searches on, or again when the words or the data have changed; whether it is done.
    fn search(&mut self, view: &Arc<DatasetView>) -> bool {
        let words = self.search.trim().to_lowercase();
        if words.is_empty() {
            self.found = None;
            return true;
        }
        let found = self.found.take();
        let found = found.filter(|found| found.words == words && Arc::ptr_eq(&found.view, view));
        let found = self.found.insert(found.unwrap_or_else(|| Found {
            view: view.clone(),
            words,
            rows: Vec::new(),
            looked_at: 0,
        }));
        found.look()
    }
}

fn changed(ctx: &mut PageContext<'_>, data: DataSettings) {
    if data != ctx.project.settings.data {
        ctx.send(Intent::SetData(Box::new(data)));
    }
}

/// Offers to read more columns of numbers, or fewer; the names of all columns then.
fn beside(ui: &mut Ui, title: &str, view: &DatasetView) -> Option<String> {
    let targets = &view.file.targets;
    let first = targets.first()?;
    ui.separator();
    widgets::weak(ui, title);
    let is_text = |name: &String| {
        let roles = [Role::Text, Role::TextPair].map(|role| view.file.roles.get(role));
        roles.contains(&Some(name.as_str()))
    };
    let others = view.file.columns.iter();
    let mut chosen = None;
    for name in others.filter(|name| *name != first && !is_text(name)) {
        let mut on = targets.contains(name);
        if ui.checkbox(&mut on, name).changed() {
            let mut names: Vec<&str> = targets.iter().map(String::as_str).collect();
            match on {
                true => names.push(name),
                false => names.retain(|target| target != name),
            }
            chosen = Some(names.join(", "));
        }
    }
    chosen
}

/// A column's role and a box to correct it, at most `most` wide, with `more` below; the name
/// chosen instead.
fn column(
    ui: &mut Ui,
    most: f32,
    role: &str,
    current: &str,
    columns: &[String],
    more: impl FnOnce(&mut Ui) -> Option<String>,
) -> Option<String> {
    let mut chosen = None;
    // Three of them and the search box stand in one line.
    ui.spacing_mut().item_spacing.x = 5.0;
    ui.spacing_mut().button_padding.x = 7.0;
    let label = widgets::weak(ui, role);
    let room = vec2(most, ui.available_height());
    let combo = ui.allocate_ui(room, |ui| {
        ComboBox::from_id_salt(role)
            .width(NAME[0])
            .truncate()
            .selected_text(RichText::new(current).small())
            .show_ui(ui, |ui| {
                for name in columns {
                    if ui.selectable_label(name == current, name).clicked() && name != current {
                        chosen = Some(name.clone());
                    }
                }
                if let Some(names) = more(ui) {
                    chosen = Some(names);
                }
            })
    });
    let combo = combo.inner;
    combo.response.labelled_by(label.id).on_hover_text(current);
    ui.add_space(4.0);
    chosen
}

/// Likewise for the second text, which rows may do without: then the name is empty.
fn second(
    ui: &mut Ui,
    ctx: &PageContext<'_>,
    most: f32,
    current: &str,
    columns: &[String],
) -> Option<String> {
    let none = ctx.text.data.reading.no_column;
    let columns: Vec<_> = std::iter::once(none.to_owned())
        .chain(columns.iter().cloned())
        .collect();
    let current = if current.is_empty() { none } else { current };
    let chosen = column(
        ui,
        most,
        ctx.text.data.preview.pair_column,
        current,
        &columns,
        |_| None,
    )?;
    Some(if chosen == none {
        String::new()
    } else {
        chosen
    })
}

fn unused(view: &DatasetView) -> impl Iterator<Item = &String> {
    let columns = view.file.columns.iter();
    columns.filter(|name| !view.file.roles.uses(name))
}

/// The columns that are not used: the name of a single one where it has room, else how many.
fn ignored(ui: &mut Ui, ctx: &PageContext<'_>, view: &DatasetView) {
    let words = &ctx.text.data.preview;
    let rest: Vec<_> = unused(view).collect();
    let fits = |words: &str| {
        let font = FontId::proportional(theme::size::SMALL);
        let width = |galley: Arc<egui::Galley>| galley.size().x;
        let words = words.to_owned();
        let wide = ui.fonts_mut(|fonts| width(fonts.layout_no_wrap(words, font, Color32::WHITE)));
        wide <= ui.available_width()
    };
    match rest.as_slice() {
        [] => {}
        [one] if fits(&(words.ignored)(one)) => {
            widgets::weak(ui, &(words.ignored)(one));
        }
        many => {
            let names: Vec<_> = many.iter().map(|name| name.as_str()).collect();
            widgets::weak(ui, &(words.ignored_many)(many.len())).on_hover_text(names.join(", "));
        }
    }
}

fn table(
    ui: &mut Ui,
    ctx: &PageContext<'_>,
    view: &DatasetView,
    rows: Option<&[usize]>,
) -> Option<Dialog> {
    let mut opened = None;
    let longest = match view.file.kind {
        Kind::Label => view
            .labels
            .iter()
            .take(super::MEASURED)
            .map(|(label, _)| label)
            .max_by_key(|label| label.chars().count()),
        _ => None,
    };
    let label_width = match (view.file.kind, longest) {
        (Kind::Score, _) => (76.0 * view.file.targets.len() as f32).clamp(84.0, 230.0),
        (_, Some(longest)) => (longest.chars().count() as f32 * 6.6 + 28.0).clamp(84.0, 190.0),
        _ => 150.0,
    };
    // Cells touch, so that the hairlines between rows have no gaps.
    ui.spacing_mut().item_spacing = egui::Vec2::ZERO;
    let count = rows.map_or(view.rows.len(), <[usize]>::len);
    TableBuilder::new(ui)
        .cell_layout(Layout::left_to_right(Align::Center))
        .auto_shrink(false)
        .min_scrolled_height(0.0)
        .column(Column::exact(48.0))
        .column(Column::remainder().clip(true))
        .column(Column::exact(label_width + 24.0).clip(true))
        .column(Column::exact(50.0))
        .header(24.0, |mut header| {
            let mut heads = (ctx.text.data.preview.heads)(view.file.kind);
            if view.file.targets.len() > 1 {
                heads[2] = view.file.roles.get(Role::Label).unwrap_or_default();
            }
            for (place, name) in heads.into_iter().enumerate() {
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
                if let Some(row) = view.rows.get(place)
                    && cells(&mut line, ctx, view.file.kind, row)
                {
                    opened = Some(Dialog::Row(row::Form::new(row)));
                }
            });
        });
    opened
}

/// Draws a row; whether it is to be edited.
fn cells(line: &mut TableRow<'_, '_>, ctx: &PageContext<'_>, kind: Kind, row: &RowView) -> bool {
    let words = &ctx.text.data.cleaning.row;
    let label = match row.label.as_str() {
        "" => (ctx.text.data.preview.nothing_said)(kind),
        label => label,
    };
    let mut edit = false;
    line.col(|ui| {
        rule(ui);
        widgets::weak(ui, &row.row.to_string());
    });
    line.col(|ui| {
        rule(ui);
        let mut text = RichText::new(one_line(kind, row));
        if row.before.is_some() {
            text = text.color(theme::palette(ui).accent_text);
        }
        ui.add(Label::new(text).truncate());
    });
    line.col(|ui| {
        rule(ui);
        ui.add_space(12.0);
        // As much room behind it, or a long one would touch the number of tokens.
        let room = vec2(ui.available_width() - 12.0, ui.available_height());
        ui.allocate_ui(room, |ui| {
            edit = widgets::pill_button(ui, label, &(words.open)(row.row)).clicked();
        });
    });
    line.col(|ui| {
        rule(ui);
        let tokens = row.tokens.map_or_else(|| "–".to_owned(), |n| n.to_string());
        widgets::weak(ui, &tokens);
    });
    edit
}

/// A row's texts; a question before its passage. A line break would spoil the row; the pointer
/// shows the text as it is.
fn one_line(kind: Kind, row: &RowView) -> String {
    let text = row.text.replace(['\n', '\r'], " ");
    match row
        .pair
        .as_ref()
        .map(|pair| pair.replace(['\n', '\r'], " "))
    {
        Some(question) if kind == Kind::Answers => format!("{question} | {text}"),
        Some(pair) => format!("{text} | {pair}"),
        None => text,
    }
}

/// The hairline above a row.
fn rule(ui: &Ui) {
    let rect = ui.max_rect();
    let stroke = egui::Stroke::new(1.0, theme::palette(ui).border);
    ui.painter().hline(rect.x_range(), rect.top() + 0.5, stroke);
}
