//! The sentences tried before, newest first.

use egui::{Button, RichText, ScrollArea, Ui};

use crate::tasks::{Prediction, TaskKind};
use crate::ui::pages::train::answer_colour;
use crate::ui::pages::typed;
use crate::ui::text::Text;
use crate::ui::theme;
use crate::ui::widgets;

/// A sentence counts as tried when it has stood unchanged for so many seconds.
const SETTLED: f64 = 1.5;

/// More are of no use.
const KEPT: usize = 50;

/// Height of a line.
const LINE: f32 = 27.0;

#[derive(Clone, Debug)]
struct Tried {
    line: String,
    prediction: Prediction,
}

/// What was tried, and the answer that is being watched until it has settled.
#[derive(Debug, Default)]
pub struct History {
    tried: Vec<Tried>,
    watched: Option<(String, f64)>,
}

impl History {
    /// Enters `prediction` once what was asked has stood for a while.
    pub fn watch(&mut self, ui: &Ui, prediction: &Prediction, line: &str) {
        let (answered, now) = (prediction.line(), ui.input(|input| input.time));
        if answered.is_empty() || answered != line {
            self.watched = None;
            return;
        }
        if self.tried.first().is_some_and(|first| first.line == line) {
            return;
        }
        match &self.watched {
            Some((watched, since)) if watched == line => {
                if now - since >= SETTLED {
                    self.enter(prediction, answered);
                }
            }
            _ => {
                self.watched = Some((answered, now));
                let wait = std::time::Duration::from_secs_f64(SETTLED + 0.05);
                ui.request_repaint_after(wait);
            }
        }
    }

    fn enter(&mut self, prediction: &Prediction, line: String) {
        self.tried.retain(|tried| tried.line != line);
        let tried = Tried {
            line,
            prediction: prediction.clone(),
        };
        self.tried.insert(0, tried);
        self.tried.truncate(KEPT);
    }

    /// Draws the list; the line that is to be tried again, if one was pressed.
    pub fn ui(&self, ui: &mut Ui, text: &Text, task: TaskKind) -> Option<String> {
        if self.tried.is_empty() {
            widgets::wrapped_weak(ui, text.try_it.history_empty);
            return None;
        }
        let mut again = None;
        ScrollArea::vertical()
            .id_salt("history")
            .auto_shrink(false)
            .show_rows(ui, LINE, self.tried.len(), |ui, lines| {
                for tried in &self.tried[lines] {
                    if line(ui, text, tried, task) {
                        again = Some(tried.line.clone());
                    }
                }
            });
        again
    }
}

fn line(ui: &mut Ui, text: &Text, tried: &Tried, task: TaskKind) -> bool {
    let palette = theme::palette(ui);
    let area = egui::vec2(ui.available_width(), LINE);
    let layout = egui::Layout::right_to_left(egui::Align::Center);
    ui.allocate_ui_with_layout(area, layout, |ui| {
        ui.set_height(LINE);
        let colour = answer_colour(&tried.prediction, palette);
        let mut answer = (text.common.answer)(&tried.prediction.answer);
        if let Some(sure) = tried.prediction.confidence() {
            answer = format!("{answer} {sure:.2}");
        }
        // Long answers leave half of the room to what was asked.
        ui.scope(|ui| {
            ui.set_max_width(ui.available_width() / 2.0);
            widgets::elided(ui, RichText::new(answer).color(colour));
        });
        ui.with_layout(egui::Layout::left_to_right(egui::Align::Center), |ui| {
            let asked = typed::shown(&tried.line, task).replace('\n', " ");
            let asked = RichText::new(asked).color(palette.text);
            ui.add(Button::new(asked).frame(false).truncate()).clicked()
        })
        .inner
    })
    .inner
}
