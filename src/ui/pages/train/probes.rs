//! The person's own sentences, scored again at every evaluation.

use egui::{Button, Color32, Key, RichText, TextEdit, Ui, vec2};
use egui_extras::Column;

use super::standing::{Standing, standing};
use crate::session::RunState;
use crate::tasks::{Prediction, TaskKind};
use crate::ui::intent::Intent;
use crate::ui::page::PageContext;
use crate::ui::pages::typed::{self, Reads, Typed};
use crate::ui::project::RunView;
use crate::ui::text::Text;
use crate::ui::theme::{self, Palette, space};
use crate::ui::widgets;

/// Width of a probability.
const NUMBER: f32 = 44.0;

/// What is being typed.
#[derive(Debug, Default)]
pub struct Probes {
    new: Typed,
}

impl Probes {
    /// Draws the sentences with their answers and, for a live run, the field for another one.
    pub fn ui(&mut self, ui: &mut Ui, ctx: &mut PageContext<'_>, run: RunView<'_>) {
        let sentences = if run.live {
            &ctx.project.settings.probes
        } else {
            &run.settings.probes
        };
        let add = space::BUTTON + space::SMALL;
        let foot = if run.live { add } else { 0.0 };
        let room = (ui.available_height() - foot).max(space::ROW);
        let area = vec2(ui.available_width(), room);
        let (area, _) = ui.allocate_exact_size(area, egui::Sense::hover());
        let mut list = ui.new_child(egui::UiBuilder::new().max_rect(area));
        if sentences.is_empty() {
            let words = &ctx.text.train.probes;
            let running = run.live && run.state.is_running();
            widgets::wrapped_weak(&mut list, if running { words.empty } else { words.none });
        } else if let Some(gone) = table(&mut list, ctx.text, run, sentences) {
            let kept = sentences.iter().filter(|sentence| **sentence != gone);
            ctx.send(Intent::SetProbes(kept.cloned().collect()));
        }
        if run.live && run.state.is_running() {
            self.add_row(ui, ctx, sentences, run);
        }
    }

    fn add_row(
        &mut self,
        ui: &mut Ui,
        ctx: &mut PageContext<'_>,
        sentences: &[String],
        run: RunView<'_>,
    ) {
        let (task, reads) = (run.settings.task, Reads::of_run(run));
        let words = &ctx.text.train.probes;
        let area = vec2(ui.available_width(), space::BUTTON);
        let layout = egui::Layout::right_to_left(egui::Align::Center);
        ui.allocate_ui_with_layout(area, layout, |ui| {
            let line = self.new.line(reads);
            let ready = line.is_some();
            let mut add = widgets::secondary_enabled(ui, ready, words.add).clicked();
            let [text, pair] = (ctx.text.common.texts)(task);
            if reads == Reads::One {
                let width = ui.available_width();
                add |= field(ui, &mut self.new.text, words.add_hint, width) && ready;
            } else {
                let width = (ui.available_width() - ui.spacing().item_spacing.x) / 2.0;
                let mut fields = [(&mut self.new.text, text), (&mut self.new.pair, pair)];
                if task != TaskKind::Questions {
                    // From right to left, so that the first comes last.
                    fields.reverse();
                }
                for (value, name) in fields {
                    add |= field(ui, value, name, width) && ready;
                }
            }
            let Some(line) = line.filter(|_| add) else {
                return;
            };
            self.new = Typed::default();
            if !sentences.contains(&line) {
                let mut all = sentences.to_vec();
                all.push(line);
                ctx.send(Intent::SetProbes(all));
            }
        });
    }
}

/// A field of one line; whether it was entered, after which it goes on being typed into.
fn field(ui: &mut Ui, value: &mut String, name: &str, width: f32) -> bool {
    let edit = TextEdit::singleline(value)
        .hint_text(name)
        .align(egui::Align2::LEFT_CENTER)
        .min_size(vec2(0.0, space::BUTTON))
        .desired_width(width);
    let field = ui.add(edit).accessible_name(name);
    let entered = field.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
    if entered {
        field.request_focus();
    }
    entered
}

/// The table; the sentence that is to go, if one is.
fn table(ui: &mut Ui, text: &Text, run: RunView<'_>, sentences: &[String]) -> Option<String> {
    let mut gone = None;
    let task = run.settings.task;
    let wide = ui.available_width();
    let mut builder = widgets::table(ui, "probes")
        .column(Column::remainder().at_least(80.0).clip(true))
        .column(Column::exact((wide * 0.27).clamp(100.0, 210.0)).clip(true))
        .column(Column::exact((wide * 0.25).clamp(116.0, 230.0)).clip(true));
    if run.live {
        builder = builder.column(Column::exact(22.0));
    }
    builder.body(|body| {
        body.rows(space::ROW, sentences.len(), |mut row| {
            let sentence = &sentences[row.index()];
            let history = history_of(run.state, sentence);
            row.set_overline(row.index() > 0);
            row.col(|ui| {
                widgets::cell(ui, typed::shown(sentence, task).replace('\n', " "));
            });
            row.col(|ui| answer(ui, text, history.last().map(|(_, answer)| answer)));
            row.col(|ui| how_firm(ui, text, history));
            if run.live {
                row.col(|ui| {
                    if remove(ui, text, &typed::shown(sentence, task)) {
                        gone = Some(sentence.clone());
                    }
                });
            }
        });
    });
    gone
}

/// The answers to `sentence` so far: step, answer.
fn history_of<'a>(state: &'a RunState, sentence: &str) -> &'a [(usize, Prediction)] {
    let mut probes = state.probes.iter();
    let found = probes.find(|(text, _)| text == sentence);
    found.map_or(&[], |(_, history)| history.as_slice())
}

fn answer(ui: &mut Ui, text: &Text, answer: Option<&Prediction>) {
    if let Some(answer) = answer {
        let sure = answer.confidence();
        let palette = theme::palette(ui);
        let colour = answer_colour(answer, palette);
        // The number is never cut off, however long the label is.
        ui.spacing_mut().item_spacing.x = 5.0;
        let number = if sure.is_some() { NUMBER } else { 0.0 };
        let room = (ui.available_width() - number).max(20.0);
        let words = (text.common.answer)(&answer.answer);
        ui.scope(|ui| {
            ui.set_max_width(room);
            widgets::elided(ui, RichText::new(words).color(colour));
        });
        if let Some(sure) = sure {
            ui.label(RichText::new(format!("{sure:.2}")).color(colour));
        }
    }
}

/// The colour of an answer by its probability: good, so-so, or hardly better than a guess.
pub fn answer_colour(answer: &Prediction, palette: &Palette) -> Color32 {
    let Some(probability) = answer.confidence() else {
        return palette.text;
    };
    // Of many labels the right one may well have less than half.
    let so_so = match answer.scores().len() {
        0 => 0.5,
        labels => (2.0 / labels as f64).min(0.5),
    };
    match probability {
        p if p >= 0.8 => palette.good,
        p if p >= so_so => palette.accent_text,
        _ => palette.bad,
    }
}

fn how_firm(ui: &mut Ui, text: &Text, history: &[(usize, Prediction)]) {
    let words = &text.train.probes;
    let palette = theme::palette(ui);
    let (line, colour) = match standing(history, text.common.answer) {
        Standing::Number(before) => ((words.before)(&before), palette.weak),
        Standing::Unknown => (words.waiting.to_owned(), palette.weak),
        Standing::Since(step, _) => ((words.since)(&(text.units.count)(step)), palette.weak),
        Standing::Wavering(now, before) => ((words.wavering)(&now, &before), palette.warn),
    };
    widgets::elided(
        ui,
        RichText::new(line)
            .size(theme::size::SMALL + 0.5)
            .color(colour),
    );
}

fn remove(ui: &mut Ui, text: &Text, sentence: &str) -> bool {
    let palette = theme::palette(ui);
    let name = (text.train.probes.remove)(sentence);
    let button = Button::new(RichText::new("×").color(palette.weak)).frame(false);
    ui.add(button)
        .on_hover_text(&name)
        .accessible_name(name)
        .clicked()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tasks::{Answer, LabelScore};

    /// An answer of `labels` labels, the first of which has this probability.
    fn answer(labels: usize, probability: f64) -> Prediction {
        let score = |place: usize| LabelScore {
            label: place.to_string(),
            score: if place == 0 { probability } else { 0.0 },
        };
        Prediction {
            text: String::new(),
            pair: None,
            answer: Answer::Label {
                label: "0".to_owned(),
                scores: (0..labels).map(score).collect(),
            },
            tokens: 1,
            cut: false,
        }
    }

    #[test]
    fn an_answer_among_many_is_no_guess_at_less_than_half() {
        let palette = theme::palette_of(true);
        for (labels, probability, colour) in [
            (2, 0.9, palette.good),
            (2, 0.55, palette.accent_text),
            (3, 0.45, palette.bad),
            (15, 0.3, palette.accent_text),
            (15, 0.1, palette.bad),
        ] {
            let found = answer_colour(&answer(labels, probability), palette);
            assert_eq!(found, colour, "{probability} of {labels} labels");
        }
    }
}
