//! The settings that may change while a run is on.

use egui::{Label, RichText, TextEdit, Ui, vec2};

use crate::train::event::LiveSettings;
use crate::train::{Change, Command};
use crate::ui::intent::Intent;
use crate::ui::page::PageContext;
use crate::ui::project::RunView;
use crate::ui::text::Text;
use crate::ui::theme;
use crate::ui::widgets;

/// Width of the names' column.
const NAMES: f32 = 104.0;

/// The four fields, with what is being typed into them.
#[derive(Debug, Default)]
pub struct LiveFields {
    drafts: [Draft; 4],
}

#[derive(Debug, Default)]
struct Draft {
    text: String,
    /// What was shown before anybody typed; leaving it so is no change.
    shown: String,
    editing: bool,
    wrong: bool,
    sent: Option<Change>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Knob {
    Multiplier,
    EvalSteps,
    Epochs,
    Patience,
}

const KNOBS: [Knob; 4] = [
    Knob::Multiplier,
    Knob::EvalSteps,
    Knob::Epochs,
    Knob::Patience,
];

impl Knob {
    fn name(self, text: &Text) -> &'static str {
        let words = &text.train.live;
        match self {
            Self::Multiplier => words.multiplier,
            Self::EvalSteps => words.eval_steps,
            Self::Epochs => words.epochs,
            Self::Patience => words.patience,
        }
    }

    fn unit(self, text: &Text) -> &'static str {
        match self {
            Self::Multiplier | Self::Epochs => "",
            Self::EvalSteps => text.train.live.steps_unit,
            Self::Patience => text.train.live.evaluations_unit,
        }
    }

    fn range(self, text: &Text, done: f64) -> String {
        let words = &text.train.live;
        match self {
            Self::Multiplier => words.multiplier_range.to_owned(),
            Self::EvalSteps => words.eval_steps_range.to_owned(),
            Self::Epochs => (words.epochs_range)(&short(done)),
            Self::Patience => words.patience_range.to_owned(),
        }
    }

    fn now(self, live: &LiveSettings) -> Change {
        match self {
            Self::Multiplier => Change::LearningRateMultiplier(live.learning_rate_multiplier),
            Self::EvalSteps => Change::EvalSteps(live.eval_steps),
            Self::Epochs => Change::Epochs(live.epochs),
            Self::Patience => Change::Patience(live.patience),
        }
    }

    /// The change that `text` asks for, given the epochs done.
    fn read(self, text: &str, done: f64) -> Option<Change> {
        let text = text.trim();
        let number = || text.parse::<f64>().ok().filter(|number| number.is_finite());
        match self {
            Self::Multiplier => number()
                .filter(|factor| *factor > 0.0 && *factor <= 100.0)
                .map(Change::LearningRateMultiplier),
            Self::EvalSteps => text
                .parse()
                .ok()
                .filter(|&steps| steps >= 1)
                .map(Change::EvalSteps),
            Self::Epochs => number()
                .filter(|epochs| *epochs >= done && *epochs > 0.0 && *epochs <= 1000.0)
                .map(Change::Epochs),
            Self::Patience => text.parse().ok().map(Change::Patience),
        }
    }
}

/// A number with at most two places, and none that are needless.
pub fn short(number: f64) -> String {
    let text = format!("{number:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn value(change: Change) -> String {
    match change {
        Change::LearningRateMultiplier(number) => format!("{number}"),
        Change::Epochs(number) => short(number),
        Change::EvalSteps(count) | Change::Patience(count) => count.to_string(),
    }
}

impl LiveFields {
    /// Draws the fields; a change is sent when it is entered or the field is left.
    pub fn ui(&mut self, ui: &mut Ui, ctx: &mut PageContext<'_>, run: RunView<'_>) {
        let words = &ctx.text.train.live;
        widgets::card_title(ui, words.title, "");
        let Some(live) = run.state.live else { return };
        let open = run.live && run.state.is_running();
        let done = run.state.last_step().map_or(0.0, |step| step.epoch);
        ui.spacing_mut().item_spacing.y = 3.0;
        for (knob, draft) in KNOBS.into_iter().zip(&mut self.drafts) {
            if let Some(change) = draft.ui(ui, ctx.text, knob, &live, done, open) {
                ctx.send(Intent::Send(Command::Change(change)));
            }
        }
        self.note(ui, ctx.text, done, open);
    }

    /// One line below the fields: what is wrong, what has been sent, or when changes take effect.
    fn note(&self, ui: &mut Ui, text: &Text, done: f64, open: bool) {
        let words = &text.train.live;
        let palette = theme::palette(ui);
        let wrong = KNOBS
            .into_iter()
            .zip(&self.drafts)
            .find(|(_, draft)| draft.wrong);
        let (line, colour) = match wrong {
            Some((knob, _)) => (
                format!("{}: {}", knob.name(text), knob.range(text, done)),
                palette.bad,
            ),
            None if !open => (words.over.to_owned(), palette.weak),
            None if self.drafts.iter().any(|draft| draft.sent.is_some()) => {
                (words.pending.to_owned(), palette.accent_text)
            }
            None => (words.hint.to_owned(), palette.weak),
        };
        ui.add(Label::new(RichText::new(line).small().color(colour)).wrap());
    }
}

impl Draft {
    fn ui(
        &mut self,
        ui: &mut Ui,
        text: &Text,
        knob: Knob,
        live: &LiveSettings,
        done: f64,
        open: bool,
    ) -> Option<Change> {
        let now = knob.now(live);
        if self.sent == Some(now) || !open {
            self.sent = None;
        }
        if !open {
            self.wrong = false;
        }
        if !self.editing && !self.wrong {
            self.text = value(self.sent.unwrap_or(now));
            self.shown.clone_from(&self.text);
        }
        let palette = theme::palette(ui);
        let response = ui
            .horizontal(|ui| {
                let (place, _) = ui.allocate_exact_size(vec2(NAMES, 26.0), egui::Sense::hover());
                let label = Label::new(knob.name(text)).truncate();
                let mut names = ui.new_child(
                    egui::UiBuilder::new()
                        .max_rect(place)
                        .layout(egui::Layout::left_to_right(egui::Align::Center)),
                );
                let label = names.add(label);
                let colour = if self.wrong {
                    palette.bad
                } else {
                    palette.strong
                };
                let edit = TextEdit::singleline(&mut self.text)
                    .desired_width(50.0)
                    .text_color(colour);
                let response = ui.add_enabled(open, edit).labelled_by(label.id);
                widgets::weak(ui, knob.unit(text));
                response
            })
            .inner;
        self.editing = response.has_focus();
        if !response.lost_focus() {
            return None;
        }
        if ui.input(|input| input.key_pressed(egui::Key::Escape)) {
            self.wrong = false;
            return None;
        }
        if self.text == self.shown {
            self.wrong = false;
            return None;
        }
        let change = knob.read(&self.text, done);
        self.wrong = change.is_none();
        let change = change.filter(|change| *change != self.sent.unwrap_or(now))?;
        self.sent = Some(change);
        Some(change)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_is_checked() {
        use Change::*;
        for (knob, typed, due) in [
            (Knob::Multiplier, " 0.5 ", Some(LearningRateMultiplier(0.5))),
            (Knob::Multiplier, "0", None),
            (Knob::Multiplier, "inf", None),
            (Knob::Multiplier, "101", None),
            (Knob::EvalSteps, "12", Some(EvalSteps(12))),
            (Knob::EvalSteps, "0", None),
            (Knob::EvalSteps, "1.5", None),
            (Knob::Epochs, "4.5", Some(Epochs(4.5))),
            (Knob::Epochs, "1", None),
            (Knob::Patience, "0", Some(Patience(0))),
            (Knob::Patience, "-1", None),
        ] {
            assert_eq!(knob.read(typed, 2.4), due, "{knob:?} {typed}");
        }
        assert_eq!((short(2.4), short(3.0)), ("2.4".into(), "3".into()));
    }
}
