//! One file per page. A page holds its own view state and nothing else.

pub mod data;
pub mod evaluate;
pub mod export;
pub mod hyperparameters;
pub mod model;
pub mod runs;
pub mod settings;
pub mod task;
pub mod train;
pub mod try_it;
pub(super) mod typed;

use super::page::{Page, View};

/// The view state of every page.
#[derive(Default)]
pub struct Pages {
    /// What is to be learned.
    pub task: task::TaskPage,
    /// From which examples.
    pub data: data::DataPage,
    /// Starting from which model.
    pub model: model::ModelPage,
    /// How.
    pub hyperparameters: hyperparameters::HyperparametersPage,
    /// The curves.
    pub train: train::TrainPage,
    /// How good it is.
    pub evaluate: evaluate::EvaluatePage,
    /// What it says to a sentence.
    pub try_it: try_it::TryPage,
    /// Taking it away.
    pub export: export::ExportPage,
    /// All runs kept.
    pub runs: runs::RunsPage,
    /// Preferences.
    pub settings: settings::SettingsPage,
}

impl Pages {
    /// The page's view.
    pub fn view(&mut self, page: Page) -> &mut dyn View {
        match page {
            Page::Task => &mut self.task,
            Page::Data => &mut self.data,
            Page::Model => &mut self.model,
            Page::Hyperparameters => &mut self.hyperparameters,
            Page::Train => &mut self.train,
            Page::Evaluate => &mut self.evaluate,
            Page::Try => &mut self.try_it,
            Page::Export => &mut self.export,
            Page::Runs => &mut self.runs,
            Page::Settings => &mut self.settings,
        }
    }
}
