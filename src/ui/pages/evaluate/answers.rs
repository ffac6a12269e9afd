//! The scored rows, to be browsed: wrong answers first of all.

use egui::{RichText, Sense, Ui};
use egui_extras::Column;

use super::matrix::Cell;
use super::rows::{Filter, Shown};
use super::verdict::{self, Verdict};
use super::{chosen, words};
use crate::tasks::{Evaluation, ScoredRow, TaskKind};
use crate::ui::pages::typed;
use crate::ui::text::Text;
use crate::ui::theme::{self, Palette, space};
use crate::ui::widgets;

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

    /// The place of the row that is looked at.
    pub fn chosen(&self) -> Option<usize> {
        self.chosen
    }

    /// Looks at the row at a place.
    pub fn choose(&mut self, place: usize) {
        self.chosen = Some(place);
    }

    /// Draws the rows; `None` when the rows kept belong to the other split.
    pub fn ui(
        &mut self,
        ui: &mut Ui,
        text: &Text,
        task: TaskKind,
        rows: Option<&[ScoredRow]>,
        evaluation: &Evaluation,
    ) {
        let words = &text.evaluate.answers;
        let Some(rows) = rows else {
            widgets::card_title(ui, words.title, "");
            widgets::wrapped_weak(ui, words.other_split);
            return;
        };
        // Lent out, so that the table can change the rest meanwhile.
        let mut shown = std::mem::take(&mut self.shown);
        let places = shown.places(rows, &self.filter);
        self.head(ui, text, task, places.len());
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
                    self.table(list, text, task, rows, places, evaluation);
                    self.detail(detail, text, task, rows, evaluation);
                }
            });
        }
        self.shown = shown;
    }

    fn head(&mut self, ui: &mut Ui, text: &Text, task: TaskKind, count: usize) {
        let words = &text.evaluate.answers;
        ui.horizontal(|ui| {
            ui.set_height(26.0);
            let filter = &self.filter;
            let all = filter.right_too || filter.cell.is_some() || filter.verdict.is_some();
            let numbers = task == TaskKind::Similarity;
            let title = if all || numbers {
                words.title
            } else {
                words.wrong_title
            };
            widgets::heading(ui, title, egui::TextStyle::Heading);
            widgets::weak(ui, &(words.hint)(&(text.units.rows)(count), task));
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                widgets::search_field(ui, &mut self.filter.search, words.search, 190.0);
                if let Some((gold, answer)) = self.filter.cell.clone() {
                    let mut on = true;
                    let pill = widgets::toggle_pill(ui, &mut on, &(words.cell)(&gold, &answer));
                    if pill.on_hover_text(words.cell_hover).clicked() {
                        self.filter.cell = None;
                    }
                } else if task == TaskKind::Questions {
                    self.verdicts(ui, text);
                } else if !numbers {
                    widgets::toggle_pill(ui, &mut self.filter.right_too, words.right_too);
                }
            });
        });
        ui.add_space(space::SMALL);
    }

    /// How right an answer is, to choose by; from right to left.
    fn verdicts(&mut self, ui: &mut Ui, text: &Text) {
        let words = &text.evaluate.answers;
        for (verdict, word) in [
            (Verdict::RightlyNone, words.rightly_none),
            (Verdict::Wrong, words.wrong),
            (Verdict::Partly, words.partly),
            (Verdict::Right, words.exact),
        ] {
            let mut on = self.filter.verdict == Some(verdict);
            if widgets::toggle_pill(ui, &mut on, word).clicked() {
                self.filter.verdict = on.then_some(verdict);
                self.chosen = None;
            }
        }
    }

    fn table(
        &mut self,
        ui: &mut Ui,
        text: &Text,
        task: TaskKind,
        rows: &[ScoredRow],
        places: &[usize],
        evaluation: &Evaluation,
    ) {
        let words = &text.evaluate.answers;
        let wide = ui.available_width();
        let several = evaluation.detail.per_target.len() > 1;
        let label = match task {
            TaskKind::Similarity if !several => 74.0,
            TaskKind::Similarity
            | TaskKind::Entities
            | TaskKind::Questions
            | TaskKind::MultiLabel => wide * 0.22,
            // As wide as the longest label, where that leaves the text its room.
            _ => longest(ui, &evaluation.detail.labels).clamp(70.0, (wide * 0.24).max(70.0)),
        };
        let last = if Weighed::of(task) == Weighed::Probability {
            112.0
        } else {
            84.0
        };
        widgets::table(ui, "answers")
            .sense(Sense::click())
            .column(Column::exact(44.0))
            .column(Column::remainder().at_least(100.0).clip(true))
            .columns(Column::exact(label).clip(true), 2)
            .column(Column::exact(last))
            .header(22.0, |mut header| {
                let (text, gold) = (words.text)(task);
                let weight = match Weighed::of(task) {
                    Weighed::Probability => words.confidence,
                    Weighed::Distance => words.error,
                    Weighed::Mistakes => words.mistakes,
                };
                for word in [words.row, text, gold, words.answer, weight] {
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
                    cells(&mut line, text, task, row);
                    if line.response().clicked() {
                        self.chosen = Some(place);
                    }
                });
            });
    }

    fn detail(
        &self,
        ui: &mut Ui,
        text: &Text,
        task: TaskKind,
        rows: &[ScoredRow],
        evaluation: &Evaluation,
    ) {
        match self.chosen.and_then(|place| rows.get(place)) {
            Some(row) => chosen::ui(ui, text, task, row, evaluation),
            None => {
                widgets::wrapped_weak(ui, text.evaluate.answers.choose);
            }
        }
    }
}

/// Width that a cell needs for the longest label.
fn longest(ui: &Ui, labels: &[String]) -> f32 {
    let font = egui::TextStyle::Body.resolve(ui.style());
    let width = |label: &String| {
        ui.fonts_mut(|fonts| {
            let laid = fonts.layout_no_wrap(label.clone(), font.clone(), egui::Color32::WHITE);
            laid.size().x
        })
    };
    labels.iter().map(width).fold(0.0, f32::max) + 16.0
}

/// What rows are put in order by.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Weighed {
    Probability,
    Distance,
    Mistakes,
}

impl Weighed {
    fn of(task: TaskKind) -> Self {
        match task {
            TaskKind::Similarity => Self::Distance,
            TaskKind::MultiLabel | TaskKind::Entities => Self::Mistakes,
            _ => Self::Probability,
        }
    }
}

fn cells(line: &mut egui_extras::TableRow<'_, '_>, text: &Text, task: TaskKind, row: &ScoredRow) {
    line.col(|ui| {
        widgets::weak(ui, &(text.units.count)(row.row));
    });
    line.col(|ui| {
        let line = typed::shown(&row.prediction.line(), task);
        widgets::cell(ui, one_line(&line));
    });
    line.col(|ui| {
        widgets::cell(ui, one_line(&words::gold(text, row)));
    });
    line.col(|ui| {
        let palette = theme::palette(ui);
        let answer = (text.common.answer)(&row.prediction.answer);
        let answer = RichText::new(one_line(&answer));
        widgets::cell(ui, answer.color(colour(row, palette)));
    });
    line.col(|ui| match Weighed::of(task) {
        Weighed::Probability => {
            let palette = theme::palette(ui);
            if let Some(sure) = row.prediction.confidence() {
                widgets::bar(ui, 56.0, sure as f32, colour(row, palette));
                ui.add_space(space::SMALL);
                widgets::weak(ui, &(text.units.score)(sure));
            }
        }
        Weighed::Distance => {
            widgets::weak(ui, &format!("{:.2}", verdict::weight(row)));
        }
        Weighed::Mistakes => {
            widgets::weak(ui, &(text.units.count)(verdict::weight(row) as usize));
        }
    });
}

/// Good for a right answer, bad for a wrong one; for numbers there is neither.
fn colour(row: &ScoredRow, palette: &Palette) -> egui::Color32 {
    match Verdict::of(row) {
        Verdict::Right | Verdict::RightlyNone => palette.good,
        Verdict::Partly => palette.warn,
        Verdict::Wrong => palette.bad,
        Verdict::Number => palette.text,
    }
}

/// The beginning of a text as one line: what comes after a line break would be out of sight, and
/// laying out a whole book for one row would take long.
fn one_line(text: &str) -> String {
    let start: String = text.chars().take(400).collect();
    start.split_whitespace().collect::<Vec<_>>().join(" ")
}
