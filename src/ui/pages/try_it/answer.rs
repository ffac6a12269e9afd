//! A model's answer to what was typed.

use egui::{RichText, ScrollArea, Sense, Ui, pos2, vec2};

use crate::metrics::Scores;
use crate::tasks::{Answer, Entity, Prediction};
use crate::ui::pages::evaluate::candidates;
use crate::ui::text::Text;
use crate::ui::theme::{self, Palette, space};
use crate::ui::widgets::{self, Bar, Mark};

/// Candidates shown for a question.
const CANDIDATES: usize = 8;

/// How an answer is drawn.
#[derive(Clone, Copy)]
pub struct Look<'a> {
    /// Sets apart what scrolls on its own.
    pub salt: &'static str,
    /// The shown run's answer, and not that of a run beside it.
    pub main: bool,
    /// The smallest and the largest number that is known of a target, by its place.
    pub range: &'a dyn Fn(usize) -> Option<(f64, f64)>,
    /// The probability from which on a label is given, by its name.
    pub threshold: &'a dyn Fn(&str) -> Option<f64>,
}

impl Look<'_> {
    fn colour(&self, palette: &Palette) -> egui::Color32 {
        if self.main {
            palette.accent
        } else {
            palette.neutral
        }
    }
}

/// Draws the answer into all the room there is.
pub fn ui(ui: &mut Ui, text: &Text, prediction: &Prediction, look: Look<'_>) {
    match &prediction.answer {
        Answer::Label { .. } | Answer::Labels { .. } => bars(ui, text, prediction, look),
        Answer::Values { values } => scroll(ui, look, |ui| self::values(ui, text, values, look)),
        Answer::Entities { entities, .. } => {
            scroll(ui, look, |ui| {
                self::entities(ui, text, prediction, entities)
            });
        }
        Answer::Answer { .. } => scroll(ui, look, |ui| passage(ui, text, prediction, look)),
    }
}

fn scroll(ui: &mut Ui, look: Look<'_>, content: impl FnOnce(&mut Ui)) {
    ScrollArea::vertical()
        .id_salt(look.salt)
        .auto_shrink(false)
        .show(ui, content);
}

/// The probability of every label, the highest first, with the threshold where there is one.
fn bars(ui: &mut Ui, text: &Text, prediction: &Prediction, look: Look<'_>) {
    let palette = theme::palette(ui);
    let mut scores: Vec<_> = prediction.scores().iter().collect();
    scores.sort_by(|a, b| b.score.total_cmp(&a.score));
    let several = matches!(prediction.answer, Answer::Labels { .. });
    let given = prediction.answer.labels();
    let row = 24.0;
    ui.spacing_mut().item_spacing.y = 4.0;
    ScrollArea::vertical()
        .id_salt(look.salt)
        .auto_shrink(false)
        .show_rows(ui, row, scores.len(), |ui, rows| {
            let width = (ui.available_width() * 0.28).clamp(70.0, 200.0);
            for score in &scores[rows] {
                let colour = match several && !given.contains(&score.label) {
                    true => palette.neutral.gamma_multiply(0.6),
                    false => look.colour(palette),
                };
                let threshold = (look.threshold)(&score.label).filter(|_| several);
                let bar = Bar {
                    label: &score.label,
                    share: score.score as f32,
                    value: &(text.units.score)(score.score),
                    colour,
                    label_width: width,
                    value_width: 44.0,
                };
                match threshold {
                    Some(threshold) => {
                        let words =
                            (text.evaluate.answers.threshold)(&(text.units.score)(threshold));
                        widgets::threshold_bar(ui, bar, threshold as f32).on_hover_text(words);
                    }
                    None => {
                        widgets::labelled_bar(ui, bar);
                    }
                }
            }
        });
}

/// Each number, large, and where it lies between the smallest and the largest; the name of one of
/// several above it.
fn values(ui: &mut Ui, text: &Text, values: &Scores, look: Look<'_>) {
    let mut scaled = false;
    for (place, (name, value)) in values.iter().enumerate() {
        if values.len() > 1 {
            widgets::weak(ui, name);
        }
        let number = format!("{value:.2}");
        let strong = theme::palette(ui).strong;
        let number = RichText::new(number)
            .size(theme::size::NUMBER)
            .color(strong);
        ui.label(number);
        if let Some(range) = (look.range)(place).filter(|(low, high)| low < high) {
            scale(ui, value, range, look);
            scaled = true;
        }
        ui.add_space(space::SMALL);
    }
    // What the ends are is the same for all of them.
    if scaled {
        widgets::weak(ui, text.try_it.range_note);
    }
}

fn scale(ui: &mut Ui, value: f64, (low, high): (f64, f64), look: Look<'_>) {
    let palette = theme::palette(ui);
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), 40.0), Sense::hover());
    let line = rect.shrink2(vec2(10.0, 0.0));
    let y = rect.top() + 12.0;
    let share = ((value - low) / (high - low)).clamp(0.0, 1.0) as f32;
    let x = line.left() + share * line.width();
    let track = egui::Rect::from_min_max(pos2(line.left(), y - 3.0), pos2(line.right(), y + 3.0));
    ui.painter().rect_filled(track, 3, palette.track);
    let filled = egui::Rect::from_min_max(track.min, pos2(x, y + 3.0));
    ui.painter().rect_filled(filled, 3, look.colour(palette));
    ui.painter()
        .circle_filled(pos2(x, y), 7.0, look.colour(palette));
    let font = egui::FontId::proportional(theme::size::SMALL);
    for (at, align, number) in [
        (line.left(), egui::Align2::LEFT_TOP, low),
        (line.right(), egui::Align2::RIGHT_TOP, high),
    ] {
        let number = format!("{number:.1}");
        ui.painter().text(
            pos2(at, y + 10.0),
            align,
            number,
            font.clone(),
            palette.weak,
        );
    }
}

/// The colour of a type of entities, by its place among those in the text.
fn type_colour(palette: &Palette, place: usize) -> egui::Color32 {
    let colours = [
        palette.validation,
        palette.accent,
        palette.good,
        palette.second,
        palette.bad,
        palette.neutral,
    ];
    colours[place % colours.len()]
}

fn entities(ui: &mut Ui, text: &Text, prediction: &Prediction, entities: &[Entity]) {
    let palette = theme::palette(ui);
    let mut types: Vec<&str> = entities.iter().map(|entity| entity.kind.as_str()).collect();
    types.sort_unstable();
    types.dedup();
    let colour = |kind: &str| {
        let place = types.iter().position(|known| *known == kind);
        type_colour(palette, place.unwrap_or(0))
    };
    let marks: Vec<Mark<'_>> = entities
        .iter()
        .map(|entity| Mark {
            place: widgets::bytes_of(&prediction.text, entity.start..entity.end),
            colour: colour(&entity.kind),
            lit: true,
            label: "",
        })
        .collect();
    widgets::marked_text(ui, &prediction.text, &marks);
    ui.add_space(space::SMALL);
    if entities.is_empty() {
        widgets::weak(ui, &(text.common.answer)(&prediction.answer));
        return;
    }
    ui.horizontal_wrapped(|ui| {
        for kind in &types {
            widgets::dot(ui, colour(kind));
            widgets::weak(ui, kind);
        }
    });
    ui.add_space(space::SMALL);
    for entity in entities {
        let bar = Bar {
            label: &entity.text,
            share: entity.score as f32,
            value: &(text.units.score)(entity.score),
            colour: colour(&entity.kind),
            label_width: (ui.available_width() * 0.4).min(220.0),
            value_width: 44.0,
        };
        widgets::labelled_bar(ui, bar).on_hover_text(&entity.kind);
    }
}

/// The answer lit up in its passage, and the candidates with their probabilities.
fn passage(ui: &mut Ui, text: &Text, prediction: &Prediction, look: Look<'_>) {
    let Answer::Answer { answer, .. } = &prediction.answer else {
        return;
    };
    let palette = theme::palette(ui);
    let words = (text.common.answer)(&prediction.answer);
    let colour = if answer.is_some() {
        palette.strong
    } else {
        palette.weak
    };
    let large = RichText::new(words)
        .text_style(theme::large_style())
        .color(colour);
    ui.add(egui::Label::new(large).wrap());
    ui.add_space(space::SMALL);
    if look.main {
        let mark = answer.as_ref().map(|span| Mark {
            place: widgets::bytes_of(&prediction.text, span.start..span.end),
            colour: look.colour(palette),
            lit: true,
            label: "",
        });
        widgets::marked_text(ui, &prediction.text, mark.as_slice());
        ui.add_space(space::SMALL);
    }
    let candidates = candidates(text, &prediction.answer, CANDIDATES);
    if candidates.first().is_some_and(|likeliest| !likeliest.given) {
        widgets::wrapped_weak(ui, text.try_it.not_likeliest);
    }
    for candidate in candidates {
        let colour = match candidate.given {
            true => look.colour(palette),
            false => palette.neutral.gamma_multiply(0.6),
        };
        let bar = Bar {
            label: &candidate.words,
            share: candidate.score as f32,
            value: &(text.units.score)(candidate.score),
            colour,
            label_width: (ui.available_width() * 0.5).min(320.0),
            value_width: 44.0,
        };
        widgets::labelled_bar(ui, bar);
    }
}
