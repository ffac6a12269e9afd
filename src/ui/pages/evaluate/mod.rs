//! Evaluate: how good the shown run is.

mod answers;
mod chosen;
mod labels;
mod matrix;
mod mistakes;
mod numbers;
mod rows;
mod scores;
mod targets;
mod verdict;
mod words;

pub use words::candidates;

use egui::Ui;

use crate::tasks::{Detail, Evaluation, ScoredRow, TaskKind};
use crate::ui::intent::Intent;
use crate::ui::loaded::Load;
use crate::ui::page::{Page, PageContext, View};
use crate::ui::project::RunView;
use crate::ui::services::FinalEvaluation;
use crate::ui::text::Text;
use crate::ui::theme::space;
use crate::ui::widgets;

/// The view state of the page.
#[derive(Default)]
pub struct EvaluatePage {
    /// The run that the rest is about.
    run: String,
    /// Validation instead of test.
    validation: bool,
    sort: labels::Sort,
    /// The target whose numbers are drawn; the first where there is none of that name.
    target: String,
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
        self.begin_with(run);
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
    /// What was looked for in another run, such as a row or a cell, means nothing in this one.
    fn begin_with(&mut self, run: RunView<'_>) {
        let name = run.name();
        if name != self.run {
            *self = Self {
                run: name,
                ..Self::default()
            };
        }
    }

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
        let task = run.settings.task;
        scores::ui(ui, ctx.text, task, shown);
        gap(ui);
        // The scored rows are those of the test split, where there is one.
        let browsable = all.test.is_none() || !self.validation;
        let rows = browsable.then_some(all.rows.as_slice());
        self.upper(ui, ctx.text, task, shown, rows);
        let rest = ui.available_height().max(120.0);
        widgets::row(ui, &[1.0], rest, |cells| {
            if let [cell] = cells {
                widgets::fill_card(cell, |ui| self.answers.ui(ui, ctx.text, task, rows, shown));
            }
        });
    }

    /// What the task shows of all rows at once; nothing for questions.
    fn upper(
        &mut self,
        ui: &mut Ui,
        text: &Text,
        task: TaskKind,
        shown: &Evaluation,
        rows: Option<&[ScoredRow]>,
    ) {
        let room = ui.available_height();
        let height = (room * 0.5).clamp(200.0, 560.0);
        let detail = &shown.detail;
        let weights: &[f32] = match task {
            TaskKind::Questions => return,
            TaskKind::Similarity if rows.is_none() => return,
            TaskKind::MultiLabel => &[1.0],
            TaskKind::Similarity if !detail.per_target.is_empty() => &[1.0, 0.9, 1.15],
            _ => &[1.15, 1.0],
        };
        widgets::row(ui, weights, height, |cells| {
            let (left, right) = cells.split_at_mut(1);
            let left = &mut left[0];
            match task {
                TaskKind::Similarity => {
                    let rows = rows.unwrap_or_default();
                    let target = self.target(detail);
                    self.scatter(left, text, rows, target);
                    widgets::fill_card(&mut right[0], |ui| {
                        let words = &text.evaluate.numbers;
                        widgets::card_title(ui, words.errors, words.errors_hint);
                        numbers::errors(ui, text, rows, target);
                    });
                    if let Some(ui) = right.get_mut(1) {
                        self.targets(ui, text, shown, target);
                    }
                }
                TaskKind::MultiLabel => self.labels(left, text, task, shown),
                TaskKind::Entities => {
                    self.labels(left, text, task, shown);
                    widgets::fill_card(&mut right[0], |ui| {
                        let words = &text.evaluate.mistakes;
                        widgets::card_title(ui, words.title, words.hint);
                        if let Some(errors) = &detail.entity_errors {
                            mistakes::ui(ui, text, errors);
                        }
                    });
                }
                _ => {
                    self.confusions(left, text, shown);
                    self.labels(&mut right[0], text, task, shown);
                }
            }
        });
        gap(ui);
    }

    fn confusions(&mut self, ui: &mut Ui, text: &Text, shown: &Evaluation) {
        widgets::fill_card(ui, |ui| {
            let words = &text.evaluate.matrix;
            widgets::card_title(ui, words.title, words.hint);
            let chosen = self.answers.cell();
            if let Some(cell) = matrix::ui(ui, text, shown, chosen) {
                self.answers.choose_cell(cell);
            }
        });
    }

    fn labels(&mut self, ui: &mut Ui, text: &Text, task: TaskKind, shown: &Evaluation) {
        let words = &text.evaluate.labels;
        let title = match task {
            TaskKind::Entities => words.types_title,
            _ => words.title,
        };
        widgets::fill_card(ui, |ui| {
            widgets::card_title(ui, title, "");
            labels::ui(ui, text, shown, &mut self.sort);
        });
    }

    /// The place of the target whose numbers are drawn.
    fn target(&self, detail: &Detail) -> usize {
        let mut reports = detail.per_target.iter();
        let chosen = reports.position(|report| report.target == self.target);
        chosen.unwrap_or(0)
    }

    fn targets(&mut self, ui: &mut Ui, text: &Text, shown: &Evaluation, target: usize) {
        let reports = &shown.detail.per_target;
        let chosen = reports.get(target).map_or("", |report| &report.target);
        widgets::fill_card(ui, |ui| {
            let words = &text.evaluate.targets;
            widgets::card_title(ui, words.title, words.hint);
            if let Some(pressed) = targets::ui(ui, text, shown, chosen) {
                self.target = pressed;
            }
        });
    }

    fn scatter(&mut self, ui: &mut Ui, text: &Text, rows: &[ScoredRow], target: usize) {
        widgets::fill_card(ui, |ui| {
            let words = &text.evaluate.numbers;
            widgets::card_title(ui, words.title, words.hint);
            if let Some(place) = numbers::scatter(ui, text, rows, target, self.answers.chosen()) {
                self.answers.choose(place);
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
