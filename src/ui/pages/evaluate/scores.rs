//! The scores, each with its interval and the baseline beside it.

use egui::{RichText, Ui};

use crate::metrics::names;
use crate::tasks::{Evaluation, TaskKind};
use crate::ui::text::Text;
use crate::ui::theme;
use crate::ui::widgets::{self, Stat};

/// The scores shown for a task, where the evaluation has them.
fn shown(task: TaskKind) -> [&'static str; 5] {
    match task {
        TaskKind::Sentiment | TaskKind::Topic | TaskKind::Pairs => [
            names::ACCURACY,
            names::F1_MACRO,
            names::PRECISION_MACRO,
            names::RECALL_MACRO,
            names::LOSS,
        ],
        TaskKind::MultiLabel => [
            names::F1_MICRO,
            names::F1_MACRO,
            names::PRECISION_MICRO,
            names::RECALL_MICRO,
            names::LOSS,
        ],
        TaskKind::Similarity => [
            names::SPEARMAN,
            names::PEARSON,
            names::MAE,
            names::MSE,
            names::LOSS,
        ],
        TaskKind::Entities => [
            names::F1,
            names::PRECISION,
            names::RECALL,
            names::F1_STRICT,
            names::LOSS,
        ],
        TaskKind::Questions => [
            names::EXACT_MATCH,
            names::F1,
            names::F1_ANSWERABLE,
            names::NO_ANSWER_ACCURACY,
            names::LOSS,
        ],
    }
}

/// Height of a tile.
const HEIGHT: f32 = 91.0;

/// Draws the tiles.
pub fn ui(ui: &mut Ui, text: &Text, task: TaskKind, evaluation: &Evaluation) {
    let names: Vec<_> = shown(task)
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
        .map(|score| match evaluation.detail.confusion.is_empty() {
            true => (words.baseline)(&score),
            false => (words.majority)(&score),
        })
        .unwrap_or_default();
    widgets::stat_tile(ui, &Stat::new((text.common.score)(name), value, unit));
    let interval = evaluation
        .intervals
        .iter()
        .find(|interval| interval.score == name);
    let line = match interval {
        Some(interval) => (words.interval)(&number(interval.low), &number(interval.high)),
        None if name == names::LOSS => {
            let rows = (text.units.rows)(evaluation.rows);
            match wrong(evaluation) {
                Some(wrong) => (words.rows)(&rows, &(text.units.count)(wrong)),
                None => rows,
            }
        }
        None => return,
    };
    let line = RichText::new(line)
        .size(theme::size::SMALL)
        .color(theme::palette(ui).weak);
    widgets::elided(ui, line).on_hover_text(words.interval_hover);
}

/// Rows with another label than the right one, where rows have one label.
fn wrong(evaluation: &Evaluation) -> Option<usize> {
    let confusion = &evaluation.detail.confusion;
    if confusion.is_empty() {
        return None;
    }
    let diagonal = confusion.iter().enumerate();
    let right: u64 = diagonal.filter_map(|(place, row)| row.get(place)).sum();
    Some(evaluation.rows.saturating_sub(right as usize))
}
