//! The sentences tried before, newest first.

use egui::{Button, RichText, ScrollArea, Ui};

use crate::tasks::Prediction;
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
    sentence: String,
    label: String,
    confidence: Option<f64>,
}

/// What was tried, and the answer that is being watched until it has settled.
#[derive(Debug, Default)]
pub struct History {
    tried: Vec<Tried>,
    watched: Option<(String, f64)>,
}

impl History {
    /// Enters `prediction` once its sentence has stood for a while.
    pub fn watch(&mut self, ui: &Ui, prediction: &Prediction, sentence: &str) {
        let (text, now) = (&prediction.text, ui.input(|input| input.time));
        if text.is_empty() || text != sentence.trim() {
            self.watched = None;
            return;
        }
        if self
            .tried
            .first()
            .is_some_and(|first| first.sentence == *text)
        {
            return;
        }
        match &self.watched {
            Some((watched, since)) if watched == text => {
                if now - since >= SETTLED {
                    self.enter(prediction);
                }
            }
            _ => {
                self.watched = Some((text.clone(), now));
                let wait = std::time::Duration::from_secs_f64(SETTLED + 0.05);
                ui.request_repaint_after(wait);
            }
        }
    }

    fn enter(&mut self, prediction: &Prediction) {
        self.tried.retain(|tried| tried.sentence != prediction.text);
        let tried = Tried {
            sentence: prediction.text.clone(),
            label: prediction.answer.to_string(),
            confidence: prediction.confidence(),
        };
        self.tried.insert(0, tried);
        self.tried.truncate(KEPT);
    }

    /// Draws the list; the sentence that is to be tried again, if one was pressed.
    pub fn ui(&self, ui: &mut Ui, text: &Text) -> Option<String> {
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
                    if line(ui, tried) {
                        again = Some(tried.sentence.clone());
                    }
                }
            });
        again
    }
}

fn line(ui: &mut Ui, tried: &Tried) -> bool {
    let palette = theme::palette(ui);
    let area = egui::vec2(ui.available_width(), LINE);
    let layout = egui::Layout::right_to_left(egui::Align::Center);
    ui.allocate_ui_with_layout(area, layout, |ui| {
        ui.set_height(LINE);
        let (colour, answer) = match tried.confidence {
            Some(sure) => (
                crate::ui::pages::train::sureness(sure, palette),
                format!("{} {sure:.2}", tried.label),
            ),
            None => (palette.text, tried.label.clone()),
        };
        ui.label(RichText::new(answer).color(colour));
        ui.with_layout(egui::Layout::left_to_right(egui::Align::Center), |ui| {
            let sentence = RichText::new(&tried.sentence).color(palette.text);
            ui.add(Button::new(sentence).frame(false).truncate())
                .clicked()
        })
        .inner
    })
    .inner
}
