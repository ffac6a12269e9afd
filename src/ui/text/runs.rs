//! The words of the Runs page.

use crate::session::Phase;
use crate::train::Outcome;

/// The words of the Runs page.
pub struct RunsText {
    /// Under the page's title.
    pub subtitle: fn(runs: &str) -> String,
    /// Being listed.
    pub loading: &'static str,
    /// Nothing is kept.
    pub empty_title: &'static str,
    /// What would be here.
    pub empty: &'static str,
    /// Leads to the first step.
    pub to_task: &'static str,
    /// Reads the list again.
    pub reload: &'static str,
    /// Columns.
    pub columns: ColumnText,
    /// Where a run stands.
    pub phase: fn(&Phase, Option<Outcome>) -> &'static str,
    /// A folder that cannot be read.
    pub unreadable: &'static str,
    /// No value.
    pub none: &'static str,
    /// The accessible name of a row's check box.
    pub choose: fn(run: &str) -> String,
    /// Looks at a run.
    pub open: &'static str,
    /// Takes its settings into the wizard.
    pub use_settings: &'static str,
    /// Asks for another name.
    pub rename: &'static str,
    /// Asks before deleting.
    pub delete: &'static str,
    /// Why a button is off: none or several are chosen.
    pub choose_one: &'static str,
    /// Why a button is off: the run is on.
    pub is_running: &'static str,
    /// The rename dialog.
    pub rename_title: &'static str,
    /// Its field.
    pub new_name: &'static str,
    /// Its button.
    pub rename_now: &'static str,
    /// What a name may not be.
    pub name_empty: &'static str,
    /// What a name may not hold.
    pub name_slash: &'static str,
    /// The name is taken.
    pub name_taken: &'static str,
    /// The delete dialog.
    pub delete_title: &'static str,
    /// What will be gone.
    pub delete_detail: fn(run: &str) -> String,
    /// Its button.
    pub delete_now: &'static str,
    /// Before a run is chosen.
    pub compare_hint: &'static str,
    /// The plot of a main score, which all runs have in common or not.
    pub main_score: fn(Option<&str>) -> String,
    /// Beside the plots' titles: what lies across.
    pub by_epoch: &'static str,
    /// The validation loss plot.
    pub loss: &'static str,
    /// The settings table.
    pub settings: &'static str,
    /// Shows settings that are the same, too.
    pub all_settings: &'static str,
    /// When all settings are the same.
    pub same: &'static str,
    /// A setting's name in the table.
    pub setting: &'static str,
    /// Rows of the table that are no hyperparameters.
    pub task: &'static str,
    /// Rows of the table that are no hyperparameters.
    pub data: &'static str,
    /// Rows of the table that are no hyperparameters.
    pub model: &'static str,
}

/// The columns of the list.
pub struct ColumnText {
    /// Name.
    pub name: &'static str,
    /// Date.
    pub date: &'static str,
    /// Task.
    pub task: &'static str,
    /// Data.
    pub data: &'static str,
    /// Model.
    pub model: &'static str,
    /// State.
    pub state: &'static str,
    /// Best main score on validation.
    pub best: &'static str,
    /// Main score on test.
    pub test: &'static str,
}

/// English.
pub const ENGLISH: RunsText = RunsText {
    subtitle: |runs| format!("{runs} kept in the storage folder"),
    loading: "Looking for runs",
    empty_title: "No runs yet",
    empty: "Every run is kept here with its curves, settings and model, to be compared and used again.",
    to_task: "Begin with a task",
    reload: "Look again",
    columns: ColumnText {
        name: "Name",
        date: "Date",
        task: "Task",
        data: "Data",
        model: "Model",
        state: "State",
        best: "Best",
        test: "Test",
    },
    phase: |phase, outcome| match (phase, outcome) {
        (Phase::Finished, Some(Outcome::StoppedEarly)) => "finished early",
        (Phase::Finished, Some(Outcome::Stopped)) => "stopped",
        (Phase::Finished, _) => "finished",
        (Phase::Failed { .. }, _) => "failed",
        (Phase::Paused, _) => "paused",
        (Phase::Starting | Phase::Preparing(_), _) => "not begun",
        (Phase::Training | Phase::Evaluating | Phase::Finishing(_), _) => "unfinished",
    },
    unreadable: "unreadable",
    none: "–",
    choose: |run| format!("Compare {run}"),
    open: "Open",
    use_settings: "Use its settings",
    rename: "Rename…",
    delete: "Delete…",
    choose_one: "Choose one run",
    is_running: "This run is being trained",
    rename_title: "Rename the run",
    new_name: "New name",
    rename_now: "Rename",
    name_empty: "A name is needed",
    name_slash: "A name may not hold / or \\ or begin with a dot",
    name_taken: "Another run has this name",
    delete_title: "Delete this run?",
    delete_detail: |run| {
        format!("{run} goes with its curves, its evaluation and its model. This cannot be undone.")
    },
    delete_now: "Delete",
    compare_hint: "Choose runs to see their curves and settings side by side.",
    main_score: |score| match score {
        Some(score) => format!("{score} on validation"),
        None => "Main scores on validation".to_owned(),
    },
    by_epoch: "by epoch",
    loss: "Validation loss",
    settings: "Settings",
    all_settings: "same ones too",
    same: "All settings are the same.",
    setting: "Setting",
    task: "task",
    data: "data",
    model: "model",
};
