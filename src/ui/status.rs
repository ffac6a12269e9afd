//! The quiet line under each step of the rail.

use super::loaded::Load;
use super::page::Page;
use super::project::Project;
use super::text::Text;
use crate::run::Preset;
use crate::session::{Phase, RunState};
use crate::tasks::TaskKind;

/// The line under `page`, empty where there is nothing to say.
pub fn line(project: &Project, text: &Text, page: Page) -> String {
    let words = &text.shell.rail;
    match page {
        Page::Task if project.task_chosen => text.task.name(project.settings.task).to_owned(),
        Page::Task | Page::Settings => String::new(),
        Page::Data => data(project, text),
        Page::Model => model(project, text),
        Page::Hyperparameters => project
            .preset()
            .map_or(words.custom, |preset| text.hyperparameters.preset(preset))
            .to_owned(),
        Page::Train => match project.run() {
            Some(run) => train(run.state, text),
            None => words.not_trained.to_owned(),
        },
        Page::Evaluate => evaluate(project, text),
        Page::Try if project.settings.probes.is_empty() => String::new(),
        Page::Try => (words.probes)(project.settings.probes.len()),
        Page::Export if project.exported.value().is_some() => words.exported.to_owned(),
        Page::Export => String::new(),
        Page::Runs => runs(project, text),
    }
}

fn data(project: &Project, text: &Text) -> String {
    let words = &text.shell.rail;
    match project.data.state() {
        Load::Ready { value, .. } => {
            (words.data)(&(text.units.rows)(value.rows.len()), value.set_aside.len())
        }
        Load::Loading => words.reading.to_owned(),
        Load::Failed(_) => words.data_fault.to_owned(),
        Load::Empty => words.no_data.to_owned(),
    }
}

fn model(project: &Project, text: &Text) -> String {
    let words = &text.shell.rail;
    match (project.chosen_model(), project.local_model.value()) {
        (Some(model), _) if !model.place.is_here() => words.model_missing.to_owned(),
        (Some(model), _) => (words.model)(&model.entry.title, model.entry.layers),
        (None, Some(local)) => {
            let name = local.folder.file_name().map(|name| name.to_string_lossy());
            (words.model)(&name.unwrap_or_default(), local.shape.layers)
        }
        (None, None) => project.settings.model.clone(),
    }
}

fn train(state: &RunState, text: &Text) -> String {
    let words = &text.shell.rail;
    match &state.phase {
        Phase::Starting | Phase::Preparing(_) => words.preparing.to_owned(),
        Phase::Paused => words.paused.to_owned(),
        Phase::Finishing(_) => words.finishing.to_owned(),
        Phase::Failed { .. } => words.failed.to_owned(),
        Phase::Training | Phase::Evaluating | Phase::Finished => {
            let done = state.last_step().map_or(0.0, |step| step.epoch);
            let all = state.live.map_or(0.0, |live| live.epochs);
            (words.epoch)(done, all)
        }
    }
}

fn evaluate(project: &Project, text: &Text) -> String {
    let words = &text.shell.rail;
    let finished = project.run().and_then(|run| run.state.finished.as_ref());
    let score = finished.and_then(|finished| {
        let scores = finished.test.as_ref().unwrap_or(&finished.validation);
        let main = project.run()?.state.main_score()?;
        Some((main, scores.get(main)?))
    });
    match score {
        Some((main, score)) => {
            (words.finished)(&(text.common.score)(main), &(text.units.score)(score))
        }
        None => words.after_training.to_owned(),
    }
}

fn runs(project: &Project, text: &Text) -> String {
    let words = &text.shell.rail;
    match (project.runs.value(), project.is_training()) {
        (None, _) => String::new(),
        (Some(runs), true) => (words.runs_one_running)(runs.len()),
        (Some(runs), false) => (words.runs)(runs.len()),
    }
}

impl super::text::task::TaskText {
    /// The task's name.
    pub fn name(&self, task: TaskKind) -> &'static str {
        self.card(task).title
    }
}

impl super::text::hyperparameters::HyperparametersText {
    /// The preset's name.
    pub fn preset(&self, preset: Preset) -> &'static str {
        match preset {
            Preset::QuickLook => self.quick,
            Preset::Balanced => self.balanced,
            Preset::Thorough => self.thorough,
        }
    }
}
