//! The words of the window itself: rail, footer, dialogs.

use crate::ui::project::Blocked;

/// The words of the window itself.
pub struct ShellText {
    /// The program's name.
    pub name: &'static str,
    /// Names of the pages.
    pub pages: PageNames,
    /// The footer's way back.
    pub back: &'static str,
    /// The footer's way on, with the next page's name.
    pub next: fn(&str) -> String,
    /// The footer's way on from Hyperparameters.
    pub start: &'static str,
    /// Always true and worth repeating.
    pub private: &'static str,
    /// Why a step cannot be visited.
    pub blocked: fn(Blocked) -> &'static str,
    /// Under a step of the rail.
    pub rail: RailText,
    /// The question when the window is closed while training.
    pub quit: QuitText,
    /// Titles of file dialogs.
    pub dialogs: DialogText,
    /// Faults of the window itself.
    pub faults: FaultText,
}

/// Names of the pages.
pub struct PageNames {
    /// Step 1.
    pub task: &'static str,
    /// Step 2.
    pub data: &'static str,
    /// Step 3.
    pub model: &'static str,
    /// Step 4.
    pub hyperparameters: &'static str,
    /// Step 5.
    pub train: &'static str,
    /// Step 6.
    pub evaluate: &'static str,
    /// Step 7.
    pub try_it: &'static str,
    /// Step 8.
    pub export: &'static str,
    /// Below the steps.
    pub runs: &'static str,
    /// Below the steps.
    pub settings: &'static str,
}

/// What stands under a step of the rail.
pub struct RailText {
    /// No data is chosen.
    pub no_data: &'static str,
    /// Data is being read.
    pub reading: &'static str,
    /// Data could not be read.
    pub data_fault: &'static str,
    /// Data: rows (as text) and set-aside rows.
    pub data: fn(&str, usize) -> String,
    /// A model: title and layers.
    pub model: fn(&str, usize) -> String,
    /// A model that must be fetched first.
    pub model_missing: &'static str,
    /// Hyperparameters that are no preset's.
    pub custom: &'static str,
    /// Nothing is trained yet.
    pub not_trained: &'static str,
    /// Before the first step.
    pub preparing: &'static str,
    /// While training: epochs done and in all.
    pub epoch: fn(f64, f64) -> String,
    /// The loop waits.
    pub paused: &'static str,
    /// The kept model is being scored.
    pub finishing: &'static str,
    /// Done: the name and value of the score that counts.
    pub finished: fn(&str, &str) -> String,
    /// Ended with a fault.
    pub failed: &'static str,
    /// What Evaluate, Try and Export wait for.
    pub after_training: &'static str,
    /// Probe sentences.
    pub probes: fn(usize) -> String,
    /// The last export was checked.
    pub exported: &'static str,
    /// Runs kept.
    pub runs: fn(usize) -> String,
    /// Runs kept, one of them running.
    pub runs_one_running: fn(usize) -> String,
}

/// The question when the window is closed while training.
pub struct QuitText {
    /// The question.
    pub title: &'static str,
    /// What each answer means.
    pub detail: &'static str,
    /// Stay.
    pub keep: &'static str,
    /// Stop, keep the best, close.
    pub stop: &'static str,
    /// Close at once.
    pub now: &'static str,
    /// While the stopped run writes its result.
    pub stopping: &'static str,
}

/// Titles of file dialogs, and names of kinds of files.
pub struct DialogText {
    /// One data file.
    pub data: &'static str,
    /// Training rows.
    pub train: &'static str,
    /// Validation rows.
    pub validation: &'static str,
    /// Test rows.
    pub test: &'static str,
    /// A folder of data files or labels.
    pub data_folder: &'static str,
    /// Where the rows set aside go.
    pub save_set_aside: &'static str,
    /// The name proposed for them.
    pub set_aside_name: &'static str,
    /// A model folder.
    pub model: &'static str,
    /// The storage folder.
    pub storage: &'static str,
    /// The export folder.
    pub export: &'static str,
    /// A file to score.
    pub score: &'static str,
    /// Where scores go.
    pub save_scores: &'static str,
    /// The name proposed for scores.
    pub scores_name: &'static str,
    /// Kinds of data files.
    pub data_files: &'static str,
    /// Kinds of text files.
    pub text_files: &'static str,
    /// Everything.
    pub all_files: &'static str,
    /// There is no file dialog here.
    pub none: &'static str,
    /// What to do without one.
    pub none_remedy: &'static str,
}

/// Faults of the window itself, which the terminal shows or the footer.
pub struct FaultText {
    /// There is no display.
    pub no_display: &'static str,
    /// What to do without a display.
    pub no_display_remedy: &'static str,
    /// The window ended by a panic.
    pub stopped: &'static str,
    /// The settings of the last time could not be read.
    pub settings_lost: &'static str,
}

/// English.
pub const ENGLISH: ShellText = ShellText {
    name: "Luthier",
    pages: PageNames {
        task: "Task",
        data: "Data",
        model: "Model",
        hyperparameters: "Hyperparameters",
        train: "Train",
        evaluate: "Evaluate",
        try_it: "Try",
        export: "Export",
        runs: "Runs",
        settings: "Settings",
    },
    back: "Back",
    next: |page| format!("Next: {page}"),
    start: "Start training",
    private: "Everything stays on this computer",
    blocked: |reason| match reason {
        Blocked::NeedsData => "Choose the data first",
        Blocked::NeedsTrainableData => {
            "These rows cannot be trained on yet: see what the Data page says"
        }
        Blocked::NeedsModel => "Download the chosen model first, or take another",
        Blocked::NeedsRun => "Train a model first, or open a run under Runs",
        Blocked::NeedsFinishedRun => "The run has to finish first",
    },
    rail: RailText {
        no_data: "not chosen",
        reading: "reading…",
        data_fault: "cannot be read",
        data: |rows, aside| match aside {
            0 => rows.to_owned(),
            aside => format!("{rows} · {aside} set aside"),
        },
        model: |title, layers| format!("{title} · {layers} layers"),
        model_missing: "to be downloaded",
        custom: "Custom",
        not_trained: "not started",
        preparing: "preparing…",
        epoch: |done, all| {
            let hundredths = |epochs: f64| (epochs * 100.0).round() / 100.0;
            match all.fract() {
                0.0 => format!("Epoch {done:.1} / {all}"),
                _ => format!("Epoch {} / {}", hundredths(done), hundredths(all)),
            }
        },
        paused: "paused",
        finishing: "scoring…",
        finished: |score, value| format!("{score} {value}"),
        failed: "ended with a fault",
        after_training: "after training",
        probes: |n| match n {
            1 => "1 probe".to_owned(),
            n => format!("{n} probes"),
        },
        exported: "exported and checked",
        runs: |n| match n {
            1 => "1 kept".to_owned(),
            n => format!("{n} kept"),
        },
        runs_one_running: |n| match n {
            0 => "1 running".to_owned(),
            n => format!("{n} kept · 1 running"),
        },
    },
    quit: QuitText {
        title: "A model is being trained",
        detail: "You can let it go on, or stop here and keep the best weights so far. \
                 Quitting at once leaves the run unfinished.",
        keep: "Keep training",
        stop: "Stop, keep best and quit",
        now: "Quit at once",
        stopping: "Stopping; the best weights are being written…",
    },
    dialogs: DialogText {
        data: "Choose a data file",
        train: "Choose the training rows",
        validation: "Choose the validation rows",
        test: "Choose the test rows",
        data_folder: "Choose a folder of data",
        save_set_aside: "Save the rows set aside",
        set_aside_name: "set-aside.csv",
        model: "Choose a model folder",
        storage: "Choose the storage folder",
        export: "Choose a new or empty folder",
        score: "Choose a file with texts",
        save_scores: "Save the scores",
        scores_name: "scores.csv",
        data_files: "Tables, JSON, workbooks, text",
        text_files: "Text",
        all_files: "All files",
        none: "no file dialog opens on this desktop",
        none_remedy: "Type or paste the path into the field instead.",
    },
    faults: FaultText {
        no_display: "the window cannot be opened: no display was found",
        no_display_remedy: "Run `luthier demo` for the whole tour without a window, or start from a desktop session.",
        stopped: "the window stopped at a fault of Luthier",
        settings_lost: "The settings of the last time could not be read; these are fresh ones.",
    },
};
