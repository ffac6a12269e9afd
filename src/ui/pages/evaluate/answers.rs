//! The scored rows, to be browsed: wrong answers first of all.

use egui::{RichText, ScrollArea, Sense, Ui};
use egui_extras::Column;

use super::matrix::Cell;
use super::rows::{Filter, Shown};
use crate::tasks::ScoredRow;
use crate::ui::text::Text;
use crate::ui::theme::{self, Palette, space};
use crate::ui::widgets::{self, Bar};

/// Bars beside the chosen row; the labels after these are hardly worth a look.
const BARS: usize = 12;

/// What is looked for, and the row looked at.
#[derive(Debug, Default)]
pub struct Answers {
    filter: Filter,
    shown: Shown,
    chosen: Option<usize>,
}

impl Answers {
    /// The cell of the matrix whose rows are shown, if one is chosen.
    pub fn cell(&self) -> Option<&Cell> {
        self.filter.cell.as_ref()
    }

    /// Shows the rows of a cell; pressing the same cell again shows all.
    pub fn choose_cell(&mut self, cell: Cell) {
        let again = self.filter.cell.as_ref() == Some(&cell);
        self.filter.cell = (!again).then_some(cell);
        self.chosen = None;
    }

    /// Draws the rows; `None` when the rows kept belong to the other split.
    pub fn ui(&mut self, ui: &mut Ui, text: &Text, rows: Option<&[ScoredRow]>) {
        let words = &text.evaluate.answers;
        let Some(rows) = rows else {
            widgets::card_title(ui, words.wrong_title, "");
            widgets::wrapped_weak(ui, words.other_split);
            return;
        };
        // Lent out, so that the table can change the rest meanwhile.
        let mut shown = std::mem::take(&mut self.shown);
        let places = shown.places(rows, &self.filter);
        self.head(ui, text, places.len());
        if places.is_empty() {
            let nothing = self.filter == Filter::default();
            let line = if nothing {
                words.none_wrong
            } else {
                words.none_found
            };
            widgets::wrapped_weak(ui, line);
        } else {
            let height = ui.available_height();
            widgets::row(ui, &[1.9, 1.0], height, |cells| {
                if let [list, detail] = cells {
                    self.table(list, text, rows, places);
                    self.detail(detail, text, rows);
                }
            });
        }
        self.shown = shown;
    }

    fn head(&mut self, ui: &mut Ui, text: &Text, count: usize) {
        let words = &text.evaluate.answers;
        ui.horizontal(|ui| {
            ui.set_height(26.0);
            let all = self.filter.right_too || self.filter.cell.is_some();
            let title = if all { words.title } else { words.wrong_title };
            widgets::heading(ui, title, egui::TextStyle::Heading);
            widgets::weak(ui, &(words.hint)(&(text.units.rows)(count)));
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                widgets::search_field(ui, &mut self.filter.search, words.search, 190.0);
                if let Some((gold, answer)) = self.filter.cell.clone() {
                    let mut on = true;
                    let pill = widgets::toggle_pill(ui, &mut on, &(words.cell)(&gold, &answer));
                    if pill.on_hover_text(words.cell_hover).clicked() {
                        self.filter.cell = None;
                    }
                } else {
                    widgets::toggle_pill(ui, &mut self.filter.right_too, words.right_too);
                }
            });
        });
        ui.add_space(space::SMALL);
    }

    fn table(&mut self, ui: &mut Ui, text: &Text, rows: &[ScoredRow], places: &[usize]) {
        let words = &text.evaluate.answers;
        let wide = ui.available_width();
        let label = (wide * 0.17).clamp(70.0, 180.0);
        widgets::table(ui, "answers")
            .sense(Sense::click())
            .column(Column::exact(44.0))
            .column(Column::remainder().at_least(100.0).clip(true))
            .columns(Column::exact(label).clip(true), 2)
            .column(Column::exact(112.0))
            .header(22.0, |mut header| {
                for word in [
                    words.row,
                    words.text,
                    words.gold,
                    words.answer,
                    words.confidence,
                ] {
                    header.col(|ui| {
                        widgets::weak(ui, word);
                    });
                }
            })
            .body(|body| {
                body.rows(space::ROW - 2.0, places.len(), |mut line| {
                    let place = places[line.index()];
                    let row = &rows[place];
                    line.set_selected(self.chosen == Some(place));
                    line.set_overline(true);
                    cells(&mut line, text, row);
                    if line.response().clicked() {
                        self.chosen = Some(place);
                    }
                });
            });
    }

    fn detail(&self, ui: &mut Ui, text: &Text, rows: &[ScoredRow]) {
        let words = &text.evaluate.answers;
        let Some(row) = self.chosen.and_then(|place| rows.get(place)) else {
            widgets::wrapped_weak(ui, words.choose);
            return;
        };
        let title = (words.chosen)(
            &(text.units.count)(row.row),
            &row.gold.to_string(),
            &row.prediction.answer.to_string(),
        );
        ui.label(RichText::new(title).color(theme::palette(ui).strong));
        ScrollArea::vertical()
            .id_salt("chosen")
            .auto_shrink(false)
            .show(ui, |ui| {
                ui.add(
                    egui::Label::new(&row.prediction.text)
                        .wrap()
                        .selectable(true),
                );
                ui.add_space(space::SMALL);
                probabilities(ui, text, row);
            });
    }
}

fn probabilities(ui: &mut Ui, text: &Text, row: &ScoredRow) {
    let palette = theme::palette(ui);
    let mut scores: Vec<_> = row.prediction.scores().iter().collect();
    scores.sort_by(|a, b| b.score.total_cmp(&a.score));
    let width = (ui.available_width() * 0.36).min(140.0);
    let (gold, given) = (row.gold.labels(), row.prediction.answer.labels());
    for (rank, score) in scores.into_iter().enumerate() {
        let is_gold = gold.contains(&score.label);
        // The right label is shown wherever it stands.
        if rank >= BARS && !is_gold {
            continue;
        }
        let colour = match (is_gold, given.contains(&score.label)) {
            (true, _) => palette.good,
            (_, true) => palette.bad,
            _ => palette.neutral,
        };
        widgets::labelled_bar(
            ui,
            Bar {
                label: &score.label,
                share: score.score as f32,
                value: &(text.units.score)(score.score),
                colour,
                label_width: width,
                value_width: 40.0,
            },
        );
    }
}

fn cells(line: &mut egui_extras::TableRow<'_, '_>, text: &Text, row: &ScoredRow) {
    line.col(|ui| {
        widgets::weak(ui, &(text.units.count)(row.row));
    });
    line.col(|ui| {
        widgets::cell(ui, one_line(&row.prediction.text));
    });
    line.col(|ui| {
        widgets::cell(ui, row.gold.to_string());
    });
    line.col(|ui| {
        let palette = theme::palette(ui);
        let answer = RichText::new(row.prediction.answer.to_string());
        widgets::cell(ui, answer.color(verdict(row, palette)));
    });
    line.col(|ui| {
        let palette = theme::palette(ui);
        if let Some(sure) = row.prediction.confidence() {
            widgets::bar(ui, 56.0, sure as f32, verdict(row, palette));
            ui.add_space(space::SMALL);
            widgets::weak(ui, &(text.units.score)(sure));
        }
    });
}

/// Good for a right answer, bad for a wrong one; for numbers there is neither.
fn verdict(row: &ScoredRow, palette: &Palette) -> egui::Color32 {
    match row.is_right() {
        Some(true) => palette.good,
        Some(false) => palette.bad,
        None => palette.text,
    }
}

/// The beginning of a text as one line: what comes after a line break would be out of sight, and
/// laying out a whole book for one row would take long.
fn one_line(text: &str) -> String {
    let start: String = text.chars().take(400).collect();
    start.split_whitespace().collect::<Vec<_>>().join(" ")
}
