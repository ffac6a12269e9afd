//! Everything worth telling about a run, newest first.

use egui::{Color32, Label, RichText, ScrollArea, Ui, vec2};

use crate::session::RunState;
use crate::train::Event;
use crate::ui::text::Text;
use crate::ui::theme;
use crate::ui::widgets;

/// Height of a line.
const LINE: f32 = 21.0;

/// Draws the log into all the room there is.
pub fn ui(ui: &mut Ui, text: &Text, state: &RunState) {
    if state.log.is_empty() {
        widgets::wrapped_weak(ui, text.train.log.empty);
        return;
    }
    ui.spacing_mut().item_spacing.y = 0.0;
    ScrollArea::vertical()
        .id_salt("log")
        .auto_shrink(false)
        .show_rows(ui, LINE, state.log.len(), |ui, lines| {
            for place in lines {
                if let Some(event) = state.log.iter().rev().nth(place) {
                    line(ui, text, state, event);
                }
            }
        });
}

fn line(ui: &mut Ui, text: &Text, state: &RunState, event: &Event) {
    let palette = theme::palette(ui);
    let (step, words, colour) = describe(text, state, event, palette);
    ui.horizontal(|ui| {
        ui.set_height(LINE);
        let step = step.map_or_else(String::new, |step| (text.units.count)(step));
        let number = RichText::new(step).small().color(palette.weak);
        ui.allocate_ui_with_layout(
            vec2(48.0, LINE),
            egui::Layout::right_to_left(egui::Align::Center),
            |ui| {
                ui.set_min_width(48.0);
                ui.add(Label::new(number));
            },
        );
        widgets::elided(
            ui,
            RichText::new(words)
                .size(theme::size::SMALL + 1.0)
                .color(colour),
        );
    });
}

fn describe(
    text: &Text,
    state: &RunState,
    event: &Event,
    palette: &theme::Palette,
) -> (Option<usize>, String, Color32) {
    let words = &text.train.log;
    match event {
        Event::Started(started) => {
            let [train, validation, _] = started.rows.map(|rows| (text.units.rows)(rows));
            let parameters = (text.units.parameters)(started.parameters as u64);
            let line = (words.started)(&train, &validation, &parameters);
            (None, line, palette.text)
        }
        Event::Evaluated(evaluated) => {
            let metric = state
                .started
                .as_ref()
                .map_or("f1_macro", |s| s.best_metric.as_str());
            let number = |name| {
                evaluated
                    .scores
                    .get(name)
                    .map_or_else(String::new, text.units.score)
            };
            let score = (text.common.score)(metric);
            let line = (words.evaluated)(&score, &number(metric), &number("loss"), evaluated.best);
            let colour = if evaluated.best {
                palette.good
            } else {
                palette.text
            };
            (Some(evaluated.step), line, colour)
        }
        Event::Changed { step, change, .. } => {
            (Some(*step), (words.changed)(*change), palette.accent_text)
        }
        Event::Paused { step } => (Some(*step), words.paused.to_owned(), palette.weak),
        Event::Resumed { step } => (Some(*step), words.resumed.to_owned(), palette.weak),
        Event::Notice { step, message } => (Some(*step), message.clone(), palette.warn),
        Event::Finishing { step, outcome } => (
            Some(*step),
            (text.train.finishing)(*outcome).to_owned(),
            palette.text,
        ),
        Event::Finished(finished) => {
            let line = (text.train.finished)(finished.outcome).to_owned();
            (Some(finished.steps), line, palette.good)
        }
        Event::Failed { message, .. } => (None, message.clone(), palette.bad),
        // Not kept in the log: these are the curves themselves.
        Event::Preparing { .. }
        | Event::Probed { .. }
        | Event::Evaluating { .. }
        | Event::Step(_)
        | Event::Tried { .. } => (None, String::new(), palette.weak),
    }
}
