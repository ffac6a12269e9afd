//! Try: what the shown run says to a sentence, and to a whole file.

mod answer;
mod file;
mod history;

use std::path::PathBuf;

use egui::{ComboBox, RichText, ScrollArea, Stroke, TextEdit, Ui};

use crate::error::Error;
use crate::session::{Phase, RunState};
use crate::tasks::{Gold, Prediction, TaskKind};
use crate::ui::intent::{Intent, PickFor};
use crate::ui::loaded::Load;
use crate::ui::page::{Page, PageContext, View};
use crate::ui::pages::typed::{self, Reads, Typed};
use crate::ui::project::RunView;
use crate::ui::text::Text;
use crate::ui::theme::{self, space};
use crate::ui::widgets;

/// After so many seconds without an answer from the training thread it is asked again: its
/// channel may have been full.
const ASK_AGAIN: f64 = 1.0;

/// Height that a text of several lines takes at most.
const LINES: f32 = 96.0;

/// The view state of the page.
#[derive(Default)]
pub struct TryPage {
    typed: Typed,
    asked: Option<Asked>,
    history: history::History,
    file: file::FileCard,
    runs_asked: bool,
    /// The task of the run that was shown last.
    task: Option<TaskKind>,
}

/// A question that was sent.
struct Asked {
    line: String,
    run: Option<PathBuf>,
    compared: Option<PathBuf>,
    at: f64,
}

/// The newest answer of a model, if there is one.
type Newest<'a> = Option<Result<&'a Prediction, &'a Error>>;

impl View for TryPage {
    fn ui(&mut self, ui: &mut Ui, ctx: &mut PageContext<'_>) {
        let words = &ctx.text.try_it;
        let project = ctx.project;
        let Some(run) = project.run() else {
            widgets::page_header(ui, Page::Try.title(ctx.text), "", |_| {});
            if widgets::empty_state(ui, words.empty_title, words.empty, Some(words.to_train)) {
                ctx.send(Intent::Navigate(Page::Train));
            }
            return;
        };
        self.suit(run.settings.task);
        self.header(ui, ctx, run);
        widgets::card(ui, |ui| self.question(ui, ctx, run));
        gap(ui);
        self.ask(ui, ctx, run);
        let line = self.typed.line(Reads::of_run(run));
        let newest = newest(ctx, run).filter(|_| line.is_some());
        if let Some(Ok(prediction)) = newest {
            let line = line.as_deref().unwrap_or_default();
            self.history.watch(ui, prediction, line);
        }
        // Thresholds and the range of numbers are those of the evaluation.
        if run.state.finished.is_some() && matches!(ctx.project.evaluation.state(), Load::Empty) {
            ctx.send(Intent::LoadEvaluation);
        }
        let room = ui.available_height().max(200.0);
        widgets::row(ui, &[1.3, 1.0], room, |cells| {
            if let [left, right] = cells {
                let file_height = self.file.height();
                let bars = (left.available_height() - file_height - space::GAP).max(90.0);
                widgets::row(left, &[1.0], bars, |cells| {
                    if let [cell] = cells {
                        widgets::fill_card(cell, |ui| self.this_run(ui, ctx, run, newest));
                    }
                });
                gap(left);
                widgets::fill_card(left, |ui| self.file.ui(ui, ctx, run));
                widgets::fill_card(right, |ui| self.side(ui, ctx, run));
            }
        });
    }

    fn picked(&mut self, purpose: PickFor, path: PathBuf, ctx: &mut PageContext<'_>) {
        self.file.picked(purpose, path, ctx);
    }

    fn dropped(&mut self, path: PathBuf, ctx: &mut PageContext<'_>) {
        self.file.picked(PickFor::ScoreFile, path, ctx);
    }
}

impl TryPage {
    /// Forgets a second text that was typed for another task: a question is no second sentence, and
    /// a model of one text would read it along.
    fn suit(&mut self, task: TaskKind) {
        let before = self.task.replace(task);
        if before.is_some_and(|before| before != task) {
            self.typed.pair.clear();
        }
    }

    fn header(&mut self, ui: &mut Ui, ctx: &mut PageContext<'_>, run: RunView<'_>) {
        let words = &ctx.text.try_it;
        let count = ctx.text.units.count;
        let subtitle = match &run.state.finished {
            Some(finished) => (words.finished)(&run.name(), &count(finished.best_step)),
            None => {
                let step = run.state.last_step().map_or(0, |step| step.step);
                (words.training)(&run.name(), &count(step))
            }
        };
        widgets::page_header(ui, Page::Try.title(ctx.text), &subtitle, |ui| {
            let ready = run.state.finished.is_some() && ctx.project.picking.is_none();
            let button = widgets::secondary_enabled(ui, ready, words.file.button);
            if button
                .on_disabled_hover_text(words.file.after_training)
                .clicked()
            {
                ctx.send(Intent::Pick(PickFor::ScoreFile));
            }
        });
    }

    fn question(&mut self, ui: &mut Ui, ctx: &PageContext<'_>, run: RunView<'_>) {
        let words = &ctx.text.try_it;
        let task = run.settings.task;
        let [first, second] = (ctx.text.common.texts)(task);
        let Typed { text, pair } = &mut self.typed;
        match (task, Reads::of_run(run)) {
            (TaskKind::Questions, _) => {
                let edit = TextEdit::singleline(pair)
                    .hint_text(words.question_hint)
                    .font(theme::large_style())
                    .margin(egui::Margin::symmetric(12, 8))
                    .desired_width(f32::INFINITY);
                ui.add(edit).accessible_name(second);
                ui.add_space(space::SMALL);
                several_lines(ui, text, first, words.passage_hint);
            }
            (_, Reads::One) => several_lines(ui, text, words.sentence, words.hint),
            (_, reads) => {
                let hint = match reads {
                    Reads::Two => second,
                    _ => words.second_hint,
                };
                widgets::row(ui, &[1.0, 1.0], 66.0, |cells| {
                    if let [left, right] = cells {
                        several_lines(left, text, first, first);
                        several_lines(right, pair, second, hint);
                    }
                });
            }
        }
        ui.add_space(2.0);
        ui.horizontal(|ui| self.remark(ui, ctx, run));
    }

    /// The quiet line below the field.
    fn remark(&self, ui: &mut Ui, ctx: &PageContext<'_>, run: RunView<'_>) {
        let words = &ctx.text.try_it;
        let Some(line) = self.typed.line(Reads::of_run(run)) else {
            widgets::weak(ui, (words.at_once)(run.settings.task, Reads::of_run(run)));
            return;
        };
        let prediction = match newest(ctx, run) {
            Some(Ok(prediction)) => prediction,
            // The first answer waits for the model to be opened.
            None if answers(run) => {
                widgets::weak(ui, words.waiting);
                return;
            }
            _ => {
                widgets::weak(ui, (words.at_once)(run.settings.task, Reads::of_run(run)));
                return;
            }
        };
        if prediction.line() != line {
            widgets::weak(ui, words.waiting);
            return;
        }
        let tokens = (ctx.text.units.count)(prediction.tokens);
        let answer = ctx.project.answer.as_ref().filter(|_| !is_training(run));
        let line = match answer {
            Some(answer) => {
                let milliseconds = format!("{:.1}", answer.elapsed.as_secs_f64() * 1e3);
                (words.took)(&milliseconds, &tokens)
            }
            None => (words.tokens)(&tokens),
        };
        widgets::weak(ui, &line);
        if prediction.cut {
            let warn = theme::palette(ui).warn;
            ui.label(RichText::new(words.cut).small().color(warn));
        }
    }

    /// Sends the sentence when it, the run or the compared run has changed: once per frame at most,
    /// and the model's thread answers only the newest question.
    fn ask(&mut self, ui: &Ui, ctx: &mut PageContext<'_>, run: RunView<'_>) {
        let Some(line) = self.typed.line(Reads::of_run(run)) else {
            self.asked = None;
            return;
        };
        let now = ui.input(|input| input.time);
        let folder = run.folder().map(PathBuf::from);
        let compared = ctx.project.compared.as_ref().map(|other| other.run.clone());
        let changed = self.asked.as_ref().is_none_or(|asked| {
            asked.line != line || asked.run != folder || asked.compared != compared
        });
        let answered = run
            .state
            .tried
            .as_ref()
            .is_some_and(|tried| tried.line() == line);
        let late = is_training(run)
            && !answered
            && self
                .asked
                .as_ref()
                .is_some_and(|asked| now - asked.at > ASK_AGAIN);
        if changed || late {
            ctx.send(Intent::Score(line.clone()));
            self.asked = Some(Asked {
                line,
                run: folder,
                compared,
                at: now,
            });
        }
    }

    /// The shown run's answer, or something to begin with.
    fn this_run(
        &mut self,
        ui: &mut Ui,
        ctx: &PageContext<'_>,
        run: RunView<'_>,
        newest: Newest<'_>,
    ) {
        let text = ctx.text;
        let words = &text.try_it;
        let training = is_training(run);
        let note = if training {
            words.model_now
        } else {
            words.kept_model
        };
        widgets::card_title(ui, words.this_run, note);
        match newest {
            Some(Ok(prediction)) => show(ui, ctx, prediction, true),
            Some(Err(fault)) => widgets::inline_fault(ui, fault),
            None if !answers(run) => {
                widgets::wrapped_weak(ui, text.train.failed);
            }
            None if self.typed.line(Reads::of_run(run)).is_some() => {
                widgets::wrapped_weak(ui, words.waiting);
            }
            None => {
                widgets::wrapped_weak(ui, (words.no_answer)(run.settings.task));
                self.suggestions(ui, text, run);
            }
        }
    }

    /// The run's probe sentences, to begin with.
    fn suggestions(&mut self, ui: &mut Ui, text: &Text, run: RunView<'_>) {
        if run.settings.probes.is_empty() || self.typed != Typed::default() {
            return;
        }
        ui.add_space(space::GAP);
        widgets::weak(ui, text.try_it.begin_with);
        ScrollArea::vertical()
            .id_salt("suggestions")
            .show(ui, |ui| {
                for probe in &run.settings.probes {
                    let words = typed::shown(probe, run.settings.task).replace('\n', " ");
                    let button = egui::Button::new(RichText::new(words)).truncate();
                    if ui.add(button).clicked() {
                        self.typed = Typed::of_line(probe);
                    }
                }
            });
    }

    /// Another run's answers, and the sentences tried before.
    fn side(&mut self, ui: &mut Ui, ctx: &mut PageContext<'_>, run: RunView<'_>) {
        self.compare(ui, ctx, run);
        ui.add_space(space::GAP);
        let words = &ctx.text.try_it;
        widgets::card_title(ui, words.history, "");
        if let Some(line) = self.history.ui(ui, ctx.text, run.settings.task) {
            self.typed = Typed::of_line(&line);
        }
    }

    fn compare(&mut self, ui: &mut Ui, ctx: &mut PageContext<'_>, run: RunView<'_>) {
        let words = &ctx.text.try_it;
        let project = ctx.project;
        if project.runs.value().is_none() && !project.runs.is_loading() && !self.runs_asked {
            self.runs_asked = true;
            ctx.send(Intent::ReloadRuns);
        }
        let others = others(ctx, run);
        let chosen = project.compared.as_ref();
        let name = |run: &PathBuf| {
            let name = run
                .file_name()
                .map(|name| name.to_string_lossy().into_owned());
            name.unwrap_or_default()
        };
        let mut choice = chosen.map(|other| other.run.clone());
        ui.horizontal(|ui| {
            let label = widgets::heading(ui, words.compare, egui::TextStyle::Heading);
            let shown = choice
                .as_ref()
                .map_or_else(|| words.nothing.to_owned(), name);
            let list = ComboBox::from_id_salt("compare")
                .selected_text(shown)
                .width((ui.available_width() - 12.0).clamp(80.0, 240.0))
                .truncate()
                .show_ui(ui, |ui| {
                    ui.selectable_value(&mut choice, None, words.nothing);
                    for other in &others {
                        ui.selectable_value(&mut choice, Some(other.clone()), name(other));
                    }
                });
            list.response.labelled_by(label.id);
        });
        ui.add_space(space::SMALL);
        if choice.as_ref() != chosen.map(|other| &other.run) {
            ctx.send(Intent::CompareWith(choice));
        }
        let asked = self.typed.line(Reads::of_run(run)).is_some();
        let answer = chosen.and_then(|other| other.answer.as_ref());
        let answer = answer.filter(|_| asked);
        let most = if answer.is_some() { 0.52 } else { 0.0 };
        let height = (ui.available_height() * most).max(24.0);
        ui.allocate_ui(egui::vec2(ui.available_width(), height), |ui| {
            ui.set_min_height(height);
            match answer.map(|answer| answer.prediction.as_ref()) {
                Some(Ok(prediction)) => show(ui, ctx, prediction, false),
                Some(Err(fault)) => widgets::inline_fault(ui, fault),
                None if chosen.is_some() => {
                    widgets::wrapped_weak(ui, words.same_sentence);
                }
                None if others.is_empty() => {
                    widgets::wrapped_weak(ui, words.no_others);
                }
                None => {}
            }
        });
    }
}

fn gap(ui: &mut Ui) {
    ui.add_space(space::GAP - ui.spacing().item_spacing.y);
}

/// Whether a model is there, or will be, that can be asked.
fn answers(run: RunView<'_>) -> bool {
    !matches!(run.state.phase, Phase::Failed { .. })
}

/// Whether sentences go to the training thread.
fn is_training(run: RunView<'_>) -> bool {
    run.live && run.state.is_running()
}

fn newest<'a>(ctx: &PageContext<'a>, run: RunView<'a>) -> Newest<'a> {
    if is_training(run) {
        return run.state.tried.as_ref().map(Ok);
    }
    let answer = ctx.project.answer.as_ref();
    answer.map(|answer| answer.prediction.as_ref())
}

/// Finished runs other than the shown one that answer the same kind of question.
fn others(ctx: &PageContext<'_>, run: RunView<'_>) -> Vec<PathBuf> {
    let runs = ctx.project.runs.value().map_or(&[][..], Vec::as_slice);
    runs.iter()
        .filter(|(folder, kept)| {
            let kind = |task: TaskKind, state: &RunState| {
                let reads = Reads::of(task, state.pairs());
                (task.rows(), reads)
            };
            let own = kind(run.settings.task, run.state);
            let alike = kept.as_ref().is_ok_and(|kept| {
                kept.state.finished.is_some() && kind(kept.settings.task, &kept.state) == own
            });
            alike && Some(folder.as_path()) != run.folder()
        })
        .map(|(folder, _)| folder.clone())
        .collect()
}

/// A text of several lines. Its frame stays whole while the text scrolls within it.
fn several_lines(ui: &mut Ui, value: &mut String, name: &str, hint: &str) {
    let palette = theme::palette(ui);
    let mut frame = egui::Frame::new()
        .fill(palette.field)
        .stroke(Stroke::new(1.0, palette.edge))
        .corner_radius(space::RADIUS)
        .begin(ui);
    let field = ScrollArea::vertical()
        .id_salt(name)
        .max_height(LINES.min(frame.content_ui.available_height()))
        .show(&mut frame.content_ui, |ui| {
            let edit = TextEdit::multiline(value)
                .hint_text(hint)
                .font(theme::large_style())
                .desired_rows(2)
                .frame(egui::Frame::new().inner_margin(egui::Margin::symmetric(12, 10)))
                .desired_width(f32::INFINITY);
            ui.add(edit).accessible_name(name)
        });
    if field.inner.has_focus() {
        frame.frame.stroke.color = palette.accent;
    }
    frame.end(ui);
}

/// Draws an answer with what is known from the evaluation.
fn show(ui: &mut Ui, ctx: &PageContext<'_>, prediction: &Prediction, main: bool) {
    let evaluation = ctx.project.evaluation.value();
    let threshold = |label: &str| {
        let reports = &evaluation?.validation.detail.per_label;
        reports
            .iter()
            .find(|report| report.label == label)?
            .threshold
    };
    let range = |target: usize| {
        let rows = evaluation.iter().flat_map(|evaluation| &evaluation.rows);
        let numbers = rows.filter_map(|row| match &row.gold {
            Gold::Values(values) => values.iter().nth(target).map(|(_, value)| value),
            _ => None,
        });
        numbers.fold(None, |range, value| match range {
            None => Some((value, value)),
            Some((low, high)) => Some((f64::min(low, value), f64::max(high, value))),
        })
    };
    let look = answer::Look {
        salt: if main { "answer" } else { "other answer" },
        main,
        range: &range,
        threshold: &threshold,
    };
    answer::ui(ui, ctx.text, prediction, look);
}
