//! Evaluate: how good the shown run is.

mod answers;
mod labels;
mod matrix;
mod rows;
mod scores;

use egui::Ui;

use crate::tasks::Evaluation;
use crate::ui::intent::Intent;
use crate::ui::loaded::Load;
use crate::ui::page::{Page, PageContext, View};
use crate::ui::project::RunView;
use crate::ui::services::FinalEvaluation;
use crate::ui::theme::space;
use crate::ui::widgets;

/// The view state of the page.
#[derive(Default)]
pub struct EvaluatePage {
    /// Validation instead of test.
    validation: bool,
    sort: labels::Sort,
    answers: answers::Answers,
}

impl View for EvaluatePage {
    fn ui(&mut self, ui: &mut Ui, ctx: &mut PageContext<'_>) {
        let words = &ctx.text.evaluate;
        let finished = ctx.project.run().filter(|run| run.state.finished.is_some());
        let Some(run) = finished else {
            widgets::page_header(ui, Page::Evaluate.title(ctx.text), "", |_| {});
            if widgets::empty_state(ui, words.empty_title, words.empty, Some(words.to_train)) {
                ctx.send(Intent::Navigate(Page::Train));
            }
            return;
        };
        let project = ctx.project;
        match project.evaluation.state() {
            Load::Ready { value, .. } => self.evaluation_ui(ui, ctx, run, value),
            Load::Failed(fault) => {
                header(ui, ctx, run, |_| {});
                if widgets::error_state(ui, fault, Some(ctx.text.common.try_again)) {
                    ctx.send(Intent::LoadEvaluation);
                }
            }
            state => {
                header(ui, ctx, run, |_| {});
                widgets::loading_state(ui, words.loading);
                if matches!(state, Load::Empty) {
                    ctx.send(Intent::LoadEvaluation);
                }
            }
        }
    }
}

impl EvaluatePage {
    fn evaluation_ui(
        &mut self,
        ui: &mut Ui,
        ctx: &mut PageContext<'_>,
        run: RunView<'_>,
        all: &FinalEvaluation,
    ) {
        let words = &ctx.text.evaluate;
        header(ui, ctx, run, |ui| {
            if all.test.is_none() {
                return;
            }
            for (validation, word, hover) in [
                (true, words.validation, words.validation_hover),
                (false, words.test, words.test_hover),
            ] {
                let mut on = self.validation == validation;
                if widgets::toggle_pill(ui, &mut on, word)
                    .on_hover_text(hover)
                    .clicked()
                {
                    self.validation = validation;
                }
            }
        });
        let shown = self.shown(all);
        scores::ui(ui, ctx.text, shown);
        gap(ui);
        let room = ui.available_height();
        let upper = (room * 0.5).clamp(200.0, 560.0);
        // The scored rows are those of the test split, where there is one.
        let browsable = all.test.is_none() || !self.validation;
        widgets::row(ui, &[1.15, 1.0], upper, |cells| {
            if let [matrix, labels] = cells {
                widgets::fill_card(matrix, |ui| {
                    let words = &words.matrix;
                    widgets::card_title(ui, words.title, words.hint);
                    let chosen = self.answers.cell();
                    if let Some(cell) = matrix::ui(ui, ctx.text, shown, chosen) {
                        self.answers.choose_cell(cell);
                    }
                });
                widgets::fill_card(labels, |ui| {
                    widgets::card_title(ui, words.labels.title, "");
                    labels::ui(ui, ctx.text, shown, &mut self.sort);
                });
            }
        });
        gap(ui);
        let rest = ui.available_height().max(120.0);
        widgets::row(ui, &[1.0], rest, |cells| {
            if let [cell] = cells {
                let rows = browsable.then_some(all.rows.as_slice());
                widgets::fill_card(cell, |ui| self.answers.ui(ui, ctx.text, rows));
            }
        });
    }

    fn shown<'a>(&self, all: &'a FinalEvaluation) -> &'a Evaluation {
        match &all.test {
            Some(test) if !self.validation => test,
            _ => &all.validation,
        }
    }
}

fn gap(ui: &mut Ui) {
    ui.add_space(space::GAP - ui.spacing().item_spacing.y);
}

fn header(ui: &mut Ui, ctx: &PageContext<'_>, run: RunView<'_>, actions: impl FnOnce(&mut Ui)) {
    let subtitle = run.state.finished.as_ref().map(|finished| {
        let best = (ctx.text.units.count)(finished.best_step);
        (ctx.text.evaluate.subtitle)(&run.name(), finished.outcome, &best)
    });
    let title = Page::Evaluate.title(ctx.text);
    widgets::page_header(ui, title, &subtitle.unwrap_or_default(), actions);
}
