//! The parts of the page that are not cards of their own: the banner, the tiles, the plots' heads.

use egui::{Button, ComboBox, Frame, Margin, RichText, Ui, vec2};

use super::live::short;
use super::{gap, plots};
use crate::session::{Phase, RunState};
use crate::ui::curves::{Curves, Scale};
use crate::ui::intent::Intent;
use crate::ui::page::{Page, PageContext};
use crate::ui::project::RunView;
use crate::ui::text::Text;
use crate::ui::theme::{self, space};
use crate::ui::widgets::{self, Stat, Tone};

/// The smoothing factors offered.
const SMOOTHINGS: [f64; 6] = [0.0, 0.6, 0.9, 0.97, 0.99, 0.999];

/// Says what is special about the run's state and offers what follows from it.
pub fn banner(ui: &mut Ui, ctx: &mut PageContext<'_>, run: RunView<'_>) {
    let words = &ctx.text.train;
    let state = run.state;
    let (tone, title, detail, action) = match &state.phase {
        Phase::Paused => (
            Tone::Accent,
            words.paused.to_owned(),
            words.paused_hint.to_owned(),
            None,
        ),
        Phase::Finishing(outcome) => (
            Tone::Accent,
            (words.finishing)(*outcome).to_owned(),
            String::new(),
            None,
        ),
        Phase::Failed { message, remedy } => {
            let detail = [Some(message.as_str()), remedy.as_deref()];
            let detail: Vec<_> = detail.into_iter().flatten().collect();
            let back = (words.to_settings, Page::Hyperparameters, false);
            (
                Tone::Bad,
                words.failed.to_owned(),
                detail.join(". "),
                Some(back),
            )
        }
        Phase::Finished => {
            let Some(finished) = &state.finished else {
                return;
            };
            let on = (words.to_evaluate, Page::Evaluate, true);
            let title = (words.finished)(finished.outcome).to_owned();
            (
                Tone::Good,
                title,
                finished_detail(ctx.text, state),
                Some(on),
            )
        }
        Phase::Starting | Phase::Preparing(_) | Phase::Training | Phase::Evaluating => return,
    };
    let palette = theme::palette(ui);
    Frame::new()
        .fill(tone.fill(ui))
        .corner_radius(space::CARD_RADIUS)
        .inner_margin(Margin::symmetric(14, 6))
        .show(ui, |ui| {
            let area = vec2(ui.available_width(), space::BUTTON);
            let layout = egui::Layout::right_to_left(egui::Align::Center);
            ui.allocate_ui_with_layout(area, layout, |ui| {
                ui.set_height(space::BUTTON);
                if let Some((word, page, main)) = action {
                    let pressed = if main {
                        widgets::primary(ui, word)
                    } else {
                        widgets::secondary(ui, word)
                    };
                    if pressed.clicked() {
                        ctx.send(Intent::Navigate(page));
                    }
                }
                ui.with_layout(egui::Layout::left_to_right(egui::Align::Center), |ui| {
                    ui.label(RichText::new(title).color(tone.colour(ui)));
                    widgets::elided(ui, RichText::new(detail).color(palette.text));
                });
            });
        });
    gap(ui);
}

fn finished_detail(text: &Text, state: &RunState) -> String {
    let Some(finished) = &state.finished else {
        return String::new();
    };
    let count = text.units.count;
    (text.train.finished_detail)(
        &count(finished.steps),
        &(text.units.duration)(finished.seconds),
        &count(finished.best_step),
    )
}

/// The numbers that matter, in one row.
pub fn tiles(ui: &mut Ui, text: &Text, curves: &Curves, state: &RunState) {
    let words = &text.train.tiles;
    let none = || words.none.to_owned();
    let score = |value: Option<f64>| {
        value
            .filter(|v| v.is_finite())
            .map_or_else(none, text.units.score)
    };
    let last = state.last_step();
    let epochs = state.live.map_or(0.0, |live| live.epochs);
    let smoothed = curves.smoothed.points().last().map(|point| point.y);
    let validation = state.last_evaluation().and_then(|e| e.scores.get("loss"));
    let metric = state
        .started
        .as_ref()
        .map_or("f1_macro", |s| s.best_metric.as_str());
    let best = state.best_evaluation();
    let best_at = best.map(|best| (words.at_step)(&(text.units.count)(best.step)));
    let (time_name, time) = match &state.finished {
        Some(finished) => (words.time_taken, Some(finished.seconds)),
        None if !state.is_running() => (words.time_left, None),
        None => (words.time_left, last.map(|step| step.seconds_left)),
    };
    let tiles = [
        Stat::new(
            words.epoch,
            last.map_or_else(none, |step| format!("{:.2}", step.epoch)),
            (words.of)(&short(epochs)),
        ),
        Stat::new(words.train_loss, score(smoothed), ""),
        Stat::new(words.validation_loss, score(validation), ""),
        Stat::new(
            (words.best)(&(text.common.score)(metric)),
            score(best.and_then(|best| best.scores.get(metric))),
            best_at.unwrap_or_default(),
        )
        .tone(Tone::Good),
        Stat::new(
            words.speed,
            last.map_or_else(none, |step| format!("{:.0}", step.samples_per_second)),
            words.rows_per_second,
        ),
        Stat::new(
            time_name,
            time.filter(|s| s.is_finite())
                .map_or_else(none, words.clock),
            "",
        ),
    ];
    widgets::stats(ui, &tiles);
}

/// The head of the loss plot: its curves, how they are smoothed and scaled.
pub fn loss_head(ui: &mut Ui, text: &Text, curves: &mut Curves, scale: &mut Scale) {
    let words = &text.train.plots;
    let palette = theme::palette(ui);
    head(ui, |ui| {
        heading(ui, words.loss).on_hover_text(words.hint);
        let train = if curves.smoothing() > 0.0 {
            words.smoothed
        } else {
            words.train
        };
        plots::legend(
            ui,
            &[
                (palette.accent, train),
                (palette.validation, words.validation),
            ],
        );
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            let mut log = *scale == Scale::Log10;
            let pill = widgets::toggle_pill(ui, &mut log, words.log_scale);
            if pill.on_hover_text(words.log_scale_hover).changed() {
                *scale = if log { Scale::Log10 } else { Scale::Linear };
            }
            smoothing(ui, text, curves);
        });
    });
}

fn smoothing(ui: &mut Ui, text: &Text, curves: &mut Curves) {
    let words = &text.train.plots;
    let mut factor = curves.smoothing();
    let small = |factor| RichText::new((words.smoothing)(factor)).small();
    ui.spacing_mut().button_padding = vec2(9.0, 2.0);
    ui.spacing_mut().interact_size.y = 20.0;
    let list = ComboBox::from_id_salt("smoothing")
        .selected_text(small(factor))
        .width(96.0)
        .show_ui(ui, |ui| {
            for choice in SMOOTHINGS {
                ui.selectable_value(&mut factor, choice, small(choice));
            }
        });
    list.response
        .on_hover_text(words.smoothing_hover)
        .accessible_name(words.smoothing_name);
    curves.set_smoothing(factor);
}

/// The head of the quality plot: its curves.
pub fn quality_head(ui: &mut Ui, text: &Text, state: &RunState) {
    let words = &text.train.plots;
    let palette = theme::palette(ui);
    head(ui, |ui| {
        heading(ui, words.quality).on_hover_text(words.hint);
        let names = state
            .started
            .iter()
            .flat_map(|started| &started.main_scores);
        let colours = plots::quality_colours(palette).into_iter();
        let mut curves: Vec<_> = colours
            .zip(names.map(|name| (text.common.score)(name)))
            .collect();
        if plots::baseline(state).is_some() {
            curves.push((palette.weak, words.baseline.to_owned()));
        }
        plots::legend(ui, &curves);
    });
}

fn head(ui: &mut Ui, content: impl FnOnce(&mut Ui)) {
    ui.horizontal(|ui| {
        ui.set_height(22.0);
        ui.spacing_mut().item_spacing.x = 12.0;
        content(ui);
    });
    ui.add_space(space::SMALL);
}

fn heading(ui: &mut Ui, words: &str) -> egui::Response {
    widgets::heading(ui, words, egui::TextStyle::Heading)
}

/// A title that can be chosen among others: strong when chosen, quiet when not.
pub fn tab(ui: &mut Ui, chosen: &mut bool, this: bool, words: &str) {
    let palette = theme::palette(ui);
    let on = *chosen == this;
    let colour = if on { palette.strong } else { palette.weak };
    let button = Button::selectable(on, RichText::new(words).heading().color(colour)).frame(false);
    if ui.add(button).clicked() {
        *chosen = this;
    }
}
