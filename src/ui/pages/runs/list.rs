//! The list of runs.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use egui::{RichText, Sense, Ui};
use egui_extras::{Column, TableRow};

use super::name_of;
use crate::error::Error;
use crate::session::Phase;
use crate::session::runs::KeptRun;
use crate::ui::project::KeptRuns;
use crate::ui::text::Text;
use crate::ui::theme::{self, space};
use crate::ui::widgets;

/// Draws the list into all the room there is; rows that are pressed change `chosen`.
pub fn ui(ui: &mut Ui, text: &Text, runs: &KeptRuns, chosen: &mut BTreeSet<PathBuf>) {
    let words = &text.runs.columns;
    let wide = ui.available_width();
    let part = |share: f32, least: f32| Column::exact((wide * share).max(least)).clip(true);
    widgets::table(ui, "runs")
        .sense(Sense::click())
        .column(Column::exact(28.0))
        .column(Column::remainder().at_least(120.0).clip(true))
        .column(part(0.085, 86.0))
        .column(part(0.12, 100.0))
        .column(part(0.13, 100.0))
        .column(part(0.13, 100.0))
        .column(part(0.10, 96.0))
        .column(Column::exact(118.0).clip(true))
        .column(Column::exact(58.0))
        .header(22.0, |mut header| {
            header.col(|_| {});
            for word in [
                words.name,
                words.date,
                words.task,
                words.data,
                words.model,
                words.state,
                words.best,
                words.test,
            ] {
                header.col(|ui| {
                    widgets::weak(ui, word);
                });
            }
        })
        .body(|body| {
            body.rows(space::ROW, runs.len(), |mut row| {
                let (folder, run) = &runs[row.index()];
                row.set_selected(chosen.contains(folder));
                row.set_overline(true);
                row.col(|ui| tick(ui, text, folder, chosen));
                match run {
                    Ok(run) => readable(&mut row, text, run),
                    Err(fault) => unreadable(&mut row, text, folder, fault),
                }
                press(&row.response(), folder, chosen);
            });
        });
}

fn tick(ui: &mut Ui, text: &Text, folder: &Path, chosen: &mut BTreeSet<PathBuf>) {
    let mut on = chosen.contains(folder);
    let name = (text.runs.choose)(&name_of(folder));
    if ui.checkbox(&mut on, "").accessible_name(name).changed() {
        toggle(folder, chosen);
    }
}

fn toggle(folder: &Path, chosen: &mut BTreeSet<PathBuf>) {
    if !chosen.remove(folder) {
        chosen.insert(folder.to_path_buf());
    }
}

/// A press chooses this run alone, with Ctrl or Shift this one too.
fn press(row: &egui::Response, folder: &Path, chosen: &mut BTreeSet<PathBuf>) {
    if !row.clicked() {
        return;
    }
    if row
        .ctx
        .input(|input| input.modifiers.command || input.modifiers.shift)
    {
        toggle(folder, chosen);
        return;
    }
    let alone = chosen.len() == 1 && chosen.contains(folder);
    chosen.clear();
    if !alone {
        chosen.insert(folder.to_path_buf());
    }
}

fn readable(row: &mut TableRow<'_, '_>, text: &Text, run: &KeptRun) {
    let state = &run.state;
    let finished = state.finished.as_ref();
    let score =
        |value: Option<f64>| value.map_or_else(|| text.runs.none.to_owned(), text.units.score);
    let main = state.main_score();
    let best = state.best_evaluation();
    let best = best.and_then(|best| best.scores.get(main?));
    let test = finished.and_then(|finished| finished.test.as_ref());
    let test = test.and_then(|scores| scores.get(main?));
    let phase = (text.runs.phase)(&state.phase, finished.map(|finished| finished.outcome));
    row.col(|ui| {
        let strong = theme::palette(ui).strong;
        widgets::cell(ui, RichText::new(&run.name).color(strong));
    });
    for words in [
        run.begun.as_deref().unwrap_or(text.runs.none).to_owned(),
        text.task.name(run.settings.task).to_owned(),
        run.settings.data.title(),
        short_model(&run.settings.model),
    ] {
        row.col(|ui| {
            widgets::cell(ui, words);
        });
    }
    row.col(|ui| {
        let palette = theme::palette(ui);
        let colour = match state.phase {
            Phase::Finished => palette.good,
            Phase::Failed { .. } => palette.bad,
            _ => palette.warn,
        };
        widgets::cell(ui, RichText::new(phase).color(colour));
    });
    row.col(|ui| {
        ui.spacing_mut().item_spacing.x = 5.0;
        // As in a cell: a chosen row gives its words a colour that is hard to read.
        ui.visuals_mut().override_text_color = None;
        ui.label(score(best));
        if let Some(main) = main.filter(|_| best.is_some()) {
            widgets::weak(ui, &(text.common.score)(main));
        }
    });
    row.col(|ui| {
        widgets::cell(ui, score(test));
    });
}

fn unreadable(row: &mut TableRow<'_, '_>, text: &Text, folder: &Path, fault: &Error) {
    let name = name_of(folder);
    row.col(|ui| {
        let bad = theme::palette(ui).bad;
        // The message goes on over the other columns, which have nothing to say.
        let line = format!("{name}: {fault}");
        let words = RichText::new(&name).color(bad);
        widgets::cell(ui, words).on_hover_text(line);
    });
    for _ in 0..4 {
        row.col(|_| {});
    }
    row.col(|ui| {
        let bad = theme::palette(ui).bad;
        let words = RichText::new(text.runs.unreadable).color(bad);
        widgets::cell(ui, words).on_hover_text(fault.to_string());
    });
    for _ in 0..2 {
        row.col(|_| {});
    }
}

/// A model's name without the folder it lies in.
fn short_model(model: &str) -> String {
    name_of(Path::new(model))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_press_chooses_and_the_next_one_lets_go() {
        let mut chosen = BTreeSet::new();
        toggle(Path::new("a"), &mut chosen);
        toggle(Path::new("b"), &mut chosen);
        toggle(Path::new("a"), &mut chosen);
        assert_eq!(chosen.into_iter().collect::<Vec<_>>(), [PathBuf::from("b")]);
    }
}
