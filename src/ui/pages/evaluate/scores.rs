//! The scores, each with its interval and the baseline beside it.

use egui::{RichText, Ui};

use crate::tasks::Evaluation;
use crate::ui::text::Text;
use crate::ui::theme;
use crate::ui::widgets::{self, Stat};

/// The scores shown, where the evaluation has them.
const SHOWN: [&str; 5] = [
    "accuracy",
    "f1_macro",
    "precision_macro",
    "recall_macro",
    "loss",
];

/// Height of a tile.
const HEIGHT: f32 = 91.0;

/// Draws the tiles.
pub fn ui(ui: &mut Ui, text: &Text, evaluation: &Evaluation) {
    let names: Vec<_> = SHOWN
        .into_iter()
        .filter(|name| evaluation.scores.get(name).is_some())
        .collect();
    if names.is_empty() {
        return;
    }
    widgets::row(ui, &vec![1.0; names.len()], HEIGHT, |cells| {
        for (cell, name) in cells.iter_mut().zip(names) {
            widgets::fill_card(cell, |ui| tile(ui, text, evaluation, name));
        }
    });
}

fn tile(ui: &mut Ui, text: &Text, evaluation: &Evaluation, name: &str) {
    let words = &text.evaluate;
    let number = text.units.score;
    let value = evaluation.scores.get(name).map(number).unwrap_or_default();
    let majority = evaluation.majority.get(name).map(number);
    let unit = majority
        .map(|score| (words.majority)(&score))
        .unwrap_or_default();
    widgets::stat_tile(ui, &Stat::new((text.common.score)(name), value, unit));
    let interval = evaluation
        .intervals
        .iter()
        .find(|interval| interval.score == name);
    let line = match interval {
        Some(interval) => (words.interval)(&number(interval.low), &number(interval.high)),
        None if name == "loss" => {
            let wrong: u64 = evaluation.rows as u64 - right(evaluation);
            (words.rows)(
                &(text.units.rows)(evaluation.rows),
                &(text.units.count)(wrong as usize),
            )
        }
        None => return,
    };
    let line = RichText::new(line)
        .size(theme::size::SMALL)
        .color(theme::palette(ui).weak);
    widgets::elided(ui, line).on_hover_text(words.interval_hover);
}

fn right(evaluation: &Evaluation) -> u64 {
    let diagonal = evaluation.detail.confusion.iter().enumerate();
    let right: u64 = diagonal.filter_map(|(place, row)| row.get(place)).sum();
    right.min(evaluation.rows as u64)
}
