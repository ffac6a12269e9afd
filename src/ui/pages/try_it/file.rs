//! Scoring every text of a file, and writing the scores.

use std::collections::BTreeMap;
use std::path::PathBuf;

use egui::{RichText, Ui};

use crate::metrics::{Scores, mean_scores};
use crate::tasks::{Answer, Prediction};
use crate::ui::intent::{Intent, PickFor};
use crate::ui::loaded::Load;
use crate::ui::page::PageContext;
use crate::ui::project::RunView;
use crate::ui::theme;
use crate::ui::widgets::{self, PathField};

/// Labels counted in the summary; more do not fit.
const COUNTED: usize = 6;

/// Labels, or types of entities, with how often they were given.
type Counts = Vec<(String, usize)>;

/// What the answers to a file amount to.
#[derive(Debug)]
enum Summary {
    Counts(Counts),
    /// The mean of each number, by its name.
    Means(Scores),
    Answered {
        answered: usize,
        unanswered: usize,
    },
}

/// The paths being typed.
#[derive(Debug, Default)]
pub struct FileCard {
    from: String,
    to: String,
    /// What the scores at an address and of a length amount to.
    summary: Option<(usize, usize, Summary)>,
    /// Whether the next file is asked for, although there are scores.
    again: bool,
}

impl FileCard {
    /// Height that the card needs.
    pub fn height(&self) -> f32 {
        140.0
    }

    /// Takes a path that was picked or dropped.
    pub fn picked(&mut self, purpose: PickFor, path: PathBuf, ctx: &mut PageContext<'_>) {
        match purpose {
            PickFor::ScoreFile => {
                self.from = path.display().to_string();
                self.score(path, ctx);
            }
            PickFor::SaveScores => {
                self.to = path.display().to_string();
                ctx.send(Intent::SaveScores(path));
            }
            _ => {}
        }
    }

    /// Draws the card's content: the file to score, how far it is, or where the scores shall go.
    pub fn ui(&mut self, ui: &mut Ui, ctx: &mut PageContext<'_>, run: RunView<'_>) {
        let words = &ctx.text.try_it.file;
        let project = ctx.project;
        widgets::card_title(ui, words.title, (words.hint)(run.settings.task));
        if run.state.finished.is_none() {
            widgets::wrapped_weak(ui, words.after_training);
            return;
        }
        match project.file_scores.state() {
            Load::Ready {
                value,
                refreshing: false,
            } if !self.again => self.results(ui, ctx, value),
            Load::Ready {
                refreshing: false, ..
            } => self.source(ui, ctx),
            Load::Loading | Load::Ready { .. } => progress(ui, ctx),
            Load::Failed(fault) => {
                self.source(ui, ctx);
                widgets::inline_fault(ui, fault);
            }
            Load::Empty => self.source(ui, ctx),
        }
    }

    fn source(&mut self, ui: &mut Ui, ctx: &mut PageContext<'_>) {
        let words = &ctx.text.try_it.file;
        let field = PathField {
            label: words.from,
            hint: words.from_hint,
            picking: ctx.project.picking.is_some(),
            open_button: true,
        };
        let answer = widgets::path_field(ui, ctx.text, &mut self.from, field);
        if answer.browse {
            ctx.send(Intent::Pick(PickFor::ScoreFile));
        }
        if let Some(path) = answer.entered {
            self.score(path, ctx);
        }
    }

    /// Summed up once per result, not per frame.
    fn summary(&mut self, scores: &[Prediction]) -> &Summary {
        let key = (scores.as_ptr() as usize, scores.len());
        let kept = self.summary.take().filter(|(at, of, _)| (*at, *of) == key);
        let (_, _, summary) = self
            .summary
            .insert(kept.unwrap_or_else(|| (key.0, key.1, sum_up(scores))));
        summary
    }

    fn results(&mut self, ui: &mut Ui, ctx: &mut PageContext<'_>, scores: &[Prediction]) {
        let words = &ctx.text.try_it.file;
        let count = ctx.text.units.count;
        let to = widgets::typed_path(&self.to);
        let mut save = false;
        ui.horizontal(|ui| {
            let done = (words.done)(&count(scores.len()));
            ui.label(RichText::new(done).color(theme::palette(ui).good));
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                let small = |words| egui::Button::new(RichText::new(words).small());
                save = ui.add_enabled(to.is_some(), small(words.save)).clicked();
                self.again = ui.add(small(words.another)).clicked();
                ui.with_layout(egui::Layout::left_to_right(egui::Align::Center), |ui| {
                    self.remark(ui, ctx, scores);
                });
            });
        });
        let field = PathField {
            label: words.to,
            hint: words.to_hint,
            picking: ctx.project.picking.is_some(),
            open_button: false,
        };
        let answer = widgets::path_field(ui, ctx.text, &mut self.to, field);
        if answer.browse {
            ctx.send(Intent::Pick(PickFor::SaveScores));
        }
        if let Some(path) = answer.entered.or(to.filter(|_| save)) {
            ctx.send(Intent::SaveScores(path));
        }
    }

    /// What became of saving; before that, what the answers amount to.
    fn remark(&mut self, ui: &mut Ui, ctx: &PageContext<'_>, scores: &[Prediction]) {
        let words = &ctx.text.try_it.file;
        let count = ctx.text.units.count;
        match ctx.project.saved_scores.state() {
            Load::Ready { value, .. } => {
                widgets::weak(ui, &(words.saved)(&value.display().to_string()));
            }
            Load::Failed(fault) => {
                let bad = theme::palette(ui).bad;
                let words = RichText::new(fault.to_string()).small().color(bad);
                widgets::elided(ui, words);
            }
            Load::Loading => {
                widgets::weak(ui, words.saving);
            }
            Load::Empty => {
                let line = match self.summary(scores) {
                    Summary::Counts(counts) => {
                        let counts = counts.iter();
                        let counts: Vec<_> = counts
                            .map(|(label, times)| (words.counts)(label, &count(*times)))
                            .collect();
                        counts.join(" · ")
                    }
                    Summary::Means(means) => (words.mean)(&(ctx.text.common.numbers)(means)),
                    Summary::Answered {
                        answered,
                        unanswered,
                    } => (words.answered)(&count(*answered), &count(*unanswered)),
                };
                widgets::weak(ui, &line);
            }
        }
    }

    /// Scores `file`, and suggests a place beside it for the scores.
    fn score(&mut self, file: PathBuf, ctx: &mut PageContext<'_>) {
        self.again = false;
        let stem = file.file_stem().unwrap_or_default().to_string_lossy();
        let to = file.with_file_name((ctx.text.try_it.file.beside)(&stem));
        self.to = to.display().to_string();
        ctx.send(Intent::ScoreFile(file));
    }
}

fn progress(ui: &mut Ui, ctx: &PageContext<'_>) {
    let words = &ctx.text.try_it.file;
    let count = ctx.text.units.count;
    let progress = &ctx.project.file_progress;
    let line = match progress.get() {
        (done, Some(total)) => (words.progress)(&count(done as usize), &count(total as usize)),
        (_, None) => words.reading.to_owned(),
    };
    ui.label(&line);
    widgets::progress_bar(ui, progress.share().unwrap_or(0.0), &line);
    // The thread tells its progress without waking the window.
    ui.request_repaint_after(std::time::Duration::from_millis(150));
}

fn sum_up(scores: &[Prediction]) -> Summary {
    match scores.first().map(|first| &first.answer) {
        Some(Answer::Values { .. }) => {
            let answers = scores.iter().filter_map(|scored| match &scored.answer {
                Answer::Values { values } => Some(values.clone()),
                _ => None,
            });
            Summary::Means(mean_scores(&answers.collect::<Vec<_>>()))
        }
        Some(Answer::Answer { .. }) => {
            let none =
                |scored: &&Prediction| matches!(scored.answer, Answer::Answer { answer: None, .. });
            let unanswered = scores.iter().filter(none).count();
            Summary::Answered {
                answered: scores.len() - unanswered,
                unanswered,
            }
        }
        Some(Answer::Entities { .. }) => {
            let entities = scores.iter().flat_map(|scored| match &scored.answer {
                Answer::Entities { entities, .. } => entities.as_slice(),
                _ => &[],
            });
            Summary::Counts(count_names(entities.map(|entity| entity.kind.as_str())))
        }
        _ => {
            let labels = scores.iter().flat_map(|scored| scored.answer.labels());
            Summary::Counts(count_names(labels.map(String::as_str)))
        }
    }
}

/// How often each name occurs, the commonest first.
fn count_names<'a>(names: impl Iterator<Item = &'a str>) -> Counts {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for name in names {
        *counts.entry(name).or_default() += 1;
    }
    let mut counts: Vec<_> = counts
        .into_iter()
        .map(|(name, times)| (name.to_owned(), times))
        .collect();
    counts.sort_by_key(|(_, times)| std::cmp::Reverse(*times));
    counts.truncate(COUNTED);
    counts
}
