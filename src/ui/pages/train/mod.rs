//! Train: the curves of the shown run, its probe sentences, and what may be changed while it is on.

mod cards;
mod live;
mod log;
mod planned;
mod plots;
mod probes;
mod standing;
mod start;

pub use probes::answer_colour;

use egui::Ui;

use crate::error::Error;
use crate::session::Phase;
use crate::train::Command;
use crate::ui::curves::{Curves, Scale};
use crate::ui::intent::Intent;
use crate::ui::page::{Page, PageContext, View};
use crate::ui::project::RunView;
use crate::ui::theme::space;
use crate::ui::widgets;

/// From this width on, the log has a card of its own.
const WIDE: f32 = 1300.0;

/// The view state of the page.
#[derive(Default)]
pub struct TrainPage {
    curves: Curves,
    scale: Scale,
    planned: planned::Planned,
    live: live::LiveFields,
    probes: probes::Probes,
    /// Whether the log is shown in the place of the probe sentences, where there is no room for both.
    log_shown: bool,
}

impl View for TrainPage {
    fn ui(&mut self, ui: &mut Ui, ctx: &mut PageContext<'_>) {
        match ctx.project.run() {
            Some(run) => self.run_ui(ui, ctx, run),
            None => start::ui(ui, ctx),
        }
    }

    fn status(&self, ctx: &PageContext<'_>) -> Option<String> {
        let run = ctx.project.run()?;
        let words = &ctx.text.train;
        if run.state.phase == Phase::Evaluating {
            return Some(words.evaluating.to_owned());
        }
        let started = run.state.started.as_ref()?;
        let units = &ctx.text.units;
        let threads = (units.count)(started.threads);
        let parameters = (units.parameters)(started.parameters as u64);
        let machine = (words.machine)(&threads, &parameters);
        Some(format!("{machine} · {}", ctx.text.shell.private))
    }
}

impl TrainPage {
    fn run_ui(&mut self, ui: &mut Ui, ctx: &mut PageContext<'_>, run: RunView<'_>) {
        self.curves.update(run.state);
        header(ui, ctx, run);
        let words = &ctx.text.train;
        match &run.state.phase {
            Phase::Starting => widgets::loading_state(ui, words.starting),
            Phase::Preparing(stage) => {
                let text = format!("{}. {}", (words.stage)(*stage), words.stage_hint);
                widgets::loading_state(ui, &text);
            }
            Phase::Failed { message, remedy } if run.state.steps.is_empty() => {
                let mut fault = Error::new(message);
                if let Some(remedy) = remedy {
                    fault = fault.remedy(remedy);
                }
                if widgets::error_state(ui, &fault, Some(words.to_settings)) {
                    ctx.send(Intent::Navigate(Page::Hyperparameters));
                }
            }
            _ => self.dashboard(ui, ctx, run),
        }
    }

    fn dashboard(&mut self, ui: &mut Ui, ctx: &mut PageContext<'_>, run: RunView<'_>) {
        cards::banner(ui, ctx, run);
        cards::tiles(ui, ctx.text, &self.curves, run.state);
        gap(ui);
        let share = if run.state.finished.is_some() {
            1.0
        } else {
            run.state.progress()
        };
        widgets::progress_bar(ui, share as f32, ctx.text.train.progress);
        gap(ui);
        let room = ui.available_height();
        let bottom = (room * 0.38).clamp(210.0, 340.0);
        let plots = (room - bottom - space::GAP).max(160.0);
        widgets::row(ui, &[1.25, 1.0], plots, |cells| {
            if let [loss, quality] = cells {
                self.loss_card(loss, ctx, run);
                self.quality_card(quality, ctx, run);
            }
        });
        gap(ui);
        self.bottom(ui, ctx, run, bottom);
    }

    fn bottom(&mut self, ui: &mut Ui, ctx: &mut PageContext<'_>, run: RunView<'_>, height: f32) {
        if ui.available_width() >= WIDE {
            widgets::row(ui, &[2.0, 1.5, 1.0, 1.0], height, |cells| {
                if let [probes, log, live, rate] = cells {
                    widgets::fill_card(probes, |ui| {
                        let words = &ctx.text.train.probes;
                        widgets::card_title(ui, words.title, words.hint);
                        self.probes.ui(ui, ctx, run);
                    });
                    widgets::fill_card(log, |ui| {
                        widgets::card_title(ui, ctx.text.train.log.title, "");
                        log::ui(ui, ctx.text, run.state);
                    });
                    widgets::fill_card(live, |ui| self.live.ui(ui, ctx, run));
                    self.rate_card(rate, ctx, run);
                }
            });
            return;
        }
        widgets::row(ui, &[2.3, 1.12, 1.0], height, |cells| {
            if let [words, live, rate] = cells {
                widgets::fill_card(words, |ui| self.words_card(ui, ctx, run));
                widgets::fill_card(live, |ui| self.live.ui(ui, ctx, run));
                self.rate_card(rate, ctx, run);
            }
        });
    }

    /// Probe sentences or the log, whichever is chosen.
    fn words_card(&mut self, ui: &mut Ui, ctx: &mut PageContext<'_>, run: RunView<'_>) {
        let words = &ctx.text.train;
        ui.horizontal(|ui| {
            let hint = if self.log_shown {
                ""
            } else {
                words.probes.hint
            };
            cards::tab(ui, &mut self.log_shown, false, words.probes.title);
            cards::tab(ui, &mut self.log_shown, true, words.log.title);
            widgets::weak(ui, hint);
        });
        ui.add_space(space::SMALL);
        if self.log_shown {
            log::ui(ui, ctx.text, run.state);
        } else {
            self.probes.ui(ui, ctx, run);
        }
    }

    fn loss_card(&mut self, ui: &mut Ui, ctx: &PageContext<'_>, run: RunView<'_>) {
        widgets::fill_card(ui, |ui| {
            cards::loss_head(ui, ctx.text, &mut self.curves, &mut self.scale);
            plots::loss(ui, self.picture(ctx, run), self.scale);
        });
    }

    fn quality_card(&mut self, ui: &mut Ui, ctx: &PageContext<'_>, run: RunView<'_>) {
        widgets::fill_card(ui, |ui| {
            cards::quality_head(ui, ctx.text, run.state);
            plots::quality(ui, self.picture(ctx, run));
        });
    }

    fn rate_card(&mut self, ui: &mut Ui, ctx: &PageContext<'_>, run: RunView<'_>) {
        self.planned.update(run);
        widgets::fill_card(ui, |ui| {
            widgets::card_title(ui, ctx.text.train.plots.learning_rate, "");
            plots::learning_rate(ui, self.picture(ctx, run), self.planned.points());
        });
    }

    fn picture<'a>(&'a self, ctx: &PageContext<'_>, run: RunView<'a>) -> plots::Picture<'a> {
        plots::Picture {
            curves: &self.curves,
            state: run.state,
            text: ctx.text,
        }
    }
}

/// The distance between cards, less what egui adds by itself.
fn gap(ui: &mut Ui) {
    ui.add_space(space::GAP - ui.spacing().item_spacing.y);
}

fn header(ui: &mut Ui, ctx: &mut PageContext<'_>, run: RunView<'_>) {
    let words = &ctx.text.train;
    let settings = run.settings;
    let task = ctx.text.task.name(settings.task);
    let subtitle = (words.subtitle)(&settings.data.title(), task, &settings.model, &run.name());
    widgets::page_header(ui, Page::Train.title(ctx.text), &subtitle, |ui| {
        if !run.live {
            if widgets::secondary(ui, words.close_run).clicked() {
                ctx.send(Intent::CloseRun);
            }
            return;
        }
        let under_way = matches!(
            run.state.phase,
            Phase::Training | Phase::Evaluating | Phase::Paused
        );
        if !under_way {
            return;
        }
        if widgets::danger(ui, words.stop).clicked() {
            ctx.send(Intent::Send(Command::Stop));
        }
        let (word, command) = match run.state.phase {
            Phase::Paused => (words.resume, Command::Resume),
            _ => (words.pause, Command::Pause),
        };
        if widgets::secondary(ui, word).clicked() {
            ctx.send(Intent::Send(command));
        }
    });
}
