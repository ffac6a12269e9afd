//! Every string that the window shows, one section per page. No other file under `ui/` contains
//! words for people. A translation is a second set of the same sections.

pub mod common;
pub mod data;
pub mod evaluate;
pub mod export;
pub mod hyperparameters;
pub mod model;
pub mod runs;
pub mod settings;
pub mod shell;
pub mod task;
pub mod train;
pub mod try_it;
pub mod units;

use super::preferences::Language;

/// All strings in one language.
pub struct Text {
    /// Rail, footer, dialogs of the window itself.
    pub shell: shell::ShellText,
    /// Words that many pages use.
    pub common: common::CommonText,
    /// Numbers with their units.
    pub units: units::UnitsText,
    /// The Task page.
    pub task: task::TaskText,
    /// The Data page.
    pub data: data::DataText,
    /// The Model page.
    pub model: model::ModelText,
    /// The Hyperparameters page.
    pub hyperparameters: hyperparameters::HyperparametersText,
    /// The Train page.
    pub train: train::TrainText,
    /// The Evaluate page.
    pub evaluate: evaluate::EvaluateText,
    /// The Try page.
    pub try_it: try_it::TryText,
    /// The Export page.
    pub export: export::ExportText,
    /// The Runs page.
    pub runs: runs::RunsText,
    /// The Settings page.
    pub settings: settings::SettingsText,
}

/// English.
pub static ENGLISH: Text = Text {
    shell: shell::ENGLISH,
    common: common::ENGLISH,
    units: units::ENGLISH,
    task: task::ENGLISH,
    data: data::ENGLISH,
    model: model::ENGLISH,
    hyperparameters: hyperparameters::ENGLISH,
    train: train::ENGLISH,
    evaluate: evaluate::ENGLISH,
    try_it: try_it::ENGLISH,
    export: export::ENGLISH,
    runs: runs::ENGLISH,
    settings: settings::ENGLISH,
};

impl Text {
    /// The strings in `language`; English until a translation is there.
    pub fn of(language: Language) -> &'static Self {
        match language {
            Language::English | Language::Chinese => &ENGLISH,
        }
    }
}
