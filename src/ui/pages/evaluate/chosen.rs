//! The chosen row: its whole text with what is right and what was answered.

use egui::{Label, RichText, ScrollArea, Ui};

use super::verdict::{self, Judged, Verdict};
use super::words;
use crate::metrics::Scores;
use crate::tasks::{Answer, Evaluation, Gold, ScoredRow, TaskKind};
use crate::ui::text::Text;
use crate::ui::theme::{self, Palette, space};
use crate::ui::widgets::{self, Bar, Mark};

/// Bars beside the chosen row; the labels after these are hardly worth a look.
const BARS: usize = 12;

/// Draws the row into all the room there is.
pub fn ui(ui: &mut Ui, text: &Text, task: TaskKind, row: &ScoredRow, evaluation: &Evaluation) {
    let title = (text.evaluate.answers.chosen)(
        &(text.units.count)(row.row),
        &words::gold(text, row),
        &(text.common.answer)(&row.prediction.answer),
    );
    let strong = theme::palette(ui).strong;
    ui.add(Label::new(RichText::new(title).color(strong)).wrap());
    ScrollArea::vertical()
        .id_salt("chosen")
        .auto_shrink(false)
        .show(ui, |ui| {
            texts(ui, text, task, row);
            ui.add_space(space::SMALL);
            match &row.prediction.answer {
                Answer::Answer { candidates, .. } => runners_up(ui, text, row, candidates.len()),
                Answer::Values { values } if values.len() > 1 => numbers(ui, text, row, values),
                _ => probabilities(ui, text, row, evaluation),
            }
        });
}

fn texts(ui: &mut Ui, text: &Text, task: TaskKind, row: &ScoredRow) {
    let prediction = &row.prediction;
    let [first, second] = (text.common.texts)(task);
    match &prediction.pair {
        Some(question) if task == TaskKind::Questions => {
            plain(ui, question);
            ui.add_space(space::SMALL);
            lit(ui, text, row);
        }
        Some(pair) => {
            widgets::weak(ui, first);
            plain(ui, &prediction.text);
            widgets::weak(ui, second);
            plain(ui, pair);
        }
        None => {
            lit(ui, text, row);
        }
    }
}

fn plain(ui: &mut Ui, text: &str) {
    ui.add(Label::new(text).wrap().selectable(true));
}

/// The text with entities or answers lit up, and what the colours mean.
fn lit(ui: &mut Ui, text: &Text, row: &ScoredRow) {
    let palette = theme::palette(ui);
    let found = verdict::entities(row);
    let mut marks: Vec<Mark<'_>> = found
        .iter()
        .map(|found| Mark {
            place: found.place.clone(),
            colour: colour(found.judged, palette),
            lit: found.judged != Judged::Missed,
            label: &found.kind,
        })
        .collect();
    let spans = spans(row, palette);
    marks.extend(spans);
    widgets::marked_text(ui, &row.prediction.text, &marks);
    if marks.is_empty() {
        return;
    }
    let words = &text.evaluate.answers;
    ui.horizontal(|ui| {
        for (judged, word) in [
            (Judged::Right, words.right),
            (Judged::Wrong, words.wrong),
            (Judged::Missed, words.missed),
        ] {
            widgets::dot(ui, colour(judged, palette));
            widgets::weak(ui, word);
        }
    });
}

fn colour(judged: Judged, palette: &Palette) -> egui::Color32 {
    match judged {
        Judged::Right => palette.good,
        Judged::Wrong => palette.bad,
        Judged::Missed => palette.validation,
    }
}

/// The right answers underlined where they stand first, the given one lit.
fn spans(row: &ScoredRow, palette: &Palette) -> Vec<Mark<'static>> {
    let (Answer::Answer { answer, .. }, Gold::List(golds)) = (&row.prediction.answer, &row.gold)
    else {
        return Vec::new();
    };
    let text = &row.prediction.text;
    let mut marks = Vec::new();
    for gold in golds {
        let place = text
            .find(gold.as_str())
            .map(|start| start..start + gold.len());
        marks.extend(place.map(|place| Mark {
            place,
            colour: palette.validation,
            lit: false,
            label: "",
        }));
    }
    let judged = match Verdict::of(row) {
        Verdict::Right => Judged::Right,
        _ => Judged::Wrong,
    };
    if let Some(span) = answer {
        marks.push(Mark {
            place: widgets::bytes_of(text, span.start..span.end),
            colour: colour(judged, palette),
            lit: true,
            label: "",
        });
    }
    // The right answer needs no second mark where it was given.
    if judged == Judged::Right {
        marks.retain(|mark| mark.lit);
    }
    marks
}

fn runners_up(ui: &mut Ui, text: &Text, row: &ScoredRow, count: usize) {
    let palette = theme::palette(ui);
    let candidates = words::candidates(text, &row.prediction.answer, count.min(BARS));
    for candidate in &candidates {
        let colour = if candidate.given {
            palette.accent
        } else {
            palette.neutral
        };
        bar(ui, text, &candidate.words, candidate.score, colour);
    }
}

/// Each number that was given beside the true one.
fn numbers(ui: &mut Ui, text: &Text, row: &ScoredRow, values: &Scores) {
    let Gold::Values(gold) = &row.gold else {
        return;
    };
    let words = text.evaluate.numbers.both;
    for ((name, value), (_, gold)) in values.iter().zip(gold.iter()) {
        let number = |number: f64| format!("{number:.2}");
        widgets::weak(ui, name);
        ui.label(words(&number(gold), &number(value)));
    }
}

fn probabilities(ui: &mut Ui, text: &Text, row: &ScoredRow, evaluation: &Evaluation) {
    let palette = theme::palette(ui);
    let mut scores: Vec<_> = row.prediction.scores().iter().collect();
    scores.sort_by(|a, b| b.score.total_cmp(&a.score));
    let (gold, given) = (row.gold.labels(), row.prediction.answer.labels());
    for (rank, score) in scores.into_iter().enumerate() {
        let is_gold = gold.contains(&score.label);
        // The right label is shown wherever it stands.
        if rank >= BARS && !is_gold {
            continue;
        }
        let is_given = given.contains(&score.label);
        let several = matches!(row.prediction.answer, Answer::Labels { .. });
        let colour = match (is_gold, is_given) {
            (true, false) if several => palette.validation,
            (true, _) => palette.good,
            (_, true) => palette.bad,
            _ => palette.neutral,
        };
        let response = bar(ui, text, &score.label, score.score, colour);
        if let Some(threshold) = words::threshold(evaluation, &score.label) {
            response.on_hover_text((text.evaluate.answers.threshold)(&(text.units.score)(
                threshold,
            )));
        }
    }
}

fn bar(ui: &mut Ui, text: &Text, label: &str, score: f64, colour: egui::Color32) -> egui::Response {
    let width = (ui.available_width() * 0.36).min(140.0);
    widgets::labelled_bar(
        ui,
        Bar {
            label,
            share: score as f32,
            value: &(text.units.score)(score),
            colour,
            label_width: width,
            value_width: 40.0,
        },
    )
}
