//! The pages of the window and what they may see and ask for.

use std::path::{Path, PathBuf};

use super::intent::{Intent, PickFor};
use super::preferences::Preferences;
use super::project::Project;
use super::text::Text;

/// A page of the window: the eight steps of the wizard, then Runs and Settings.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Page {
    /// What is to be learned.
    #[default]
    Task,
    /// From which examples.
    Data,
    /// Starting from which model.
    Model,
    /// How.
    Hyperparameters,
    /// The curves.
    Train,
    /// How good it is.
    Evaluate,
    /// What it says to a sentence.
    Try,
    /// Taking it away.
    Export,
    /// All runs kept.
    Runs,
    /// Preferences.
    Settings,
}

impl Page {
    /// The wizard's steps, in order.
    pub const STEPS: [Self; 8] = [
        Self::Task,
        Self::Data,
        Self::Model,
        Self::Hyperparameters,
        Self::Train,
        Self::Evaluate,
        Self::Try,
        Self::Export,
    ];

    /// The step's place in the wizard, counted from 0; `None` for Runs and Settings.
    pub fn index(self) -> Option<usize> {
        Self::STEPS.iter().position(|&page| page == self)
    }

    /// The step after this one.
    pub fn next(self) -> Option<Self> {
        Self::STEPS.get(self.index()? + 1).copied()
    }

    /// The step before this one.
    pub fn back(self) -> Option<Self> {
        Self::STEPS.get(self.index()?.checked_sub(1)?).copied()
    }

    /// The page's name, as the rail and its own title show it.
    pub fn title(self, text: &Text) -> &'static str {
        let names = &text.shell.pages;
        match self {
            Self::Task => names.task,
            Self::Data => names.data,
            Self::Model => names.model,
            Self::Hyperparameters => names.hyperparameters,
            Self::Train => names.train,
            Self::Evaluate => names.evaluate,
            Self::Try => names.try_it,
            Self::Export => names.export,
            Self::Runs => names.runs,
            Self::Settings => names.settings,
        }
    }
}

/// What a page borrows while it is drawn. Pages change nothing themselves: they send intents.
pub struct PageContext<'a> {
    /// Every string shown.
    pub text: &'static Text,
    /// What is being made: settings, data, models, runs.
    pub project: &'a Project,
    /// What the person prefers.
    pub preferences: &'a Preferences,
    /// The storage folder in use.
    pub storage: &'a Path,
    /// Whether `LUTHIER_HOME` decides over it.
    pub storage_is_fixed: bool,
    intents: &'a mut Vec<Intent>,
}

impl<'a> PageContext<'a> {
    /// A context whose intents are collected in `intents`. `storage` is the folder in use and
    /// whether it is fixed.
    pub fn new(
        text: &'static Text,
        project: &'a Project,
        preferences: &'a Preferences,
        storage: (&'a Path, bool),
        intents: &'a mut Vec<Intent>,
    ) -> Self {
        let (storage, storage_is_fixed) = storage;
        Self {
            text,
            project,
            preferences,
            storage,
            storage_is_fixed,
            intents,
        }
    }

    /// Asks for something; it is done after the frame, by the app alone.
    pub fn send(&mut self, intent: Intent) {
        self.intents.push(intent);
    }
}

/// A page as the shell sees it.
pub trait View {
    /// Draws the page, header included, into all of `ui`.
    fn ui(&mut self, ui: &mut egui::Ui, ctx: &mut PageContext<'_>);

    /// Takes the answer of a file dialog that this page asked for.
    fn picked(&mut self, purpose: PickFor, path: PathBuf, ctx: &mut PageContext<'_>) {
        let _ = (purpose, path, ctx);
    }

    /// Takes a file or folder dropped on the window while this page is open.
    fn dropped(&mut self, path: PathBuf, ctx: &mut PageContext<'_>) {
        let _ = (path, ctx);
    }

    /// The quiet line in the footer.
    fn status(&self, ctx: &PageContext<'_>) -> Option<String> {
        let _ = ctx;
        None
    }

    /// Why the footer's way on is closed although the next step could be reached, such as a
    /// field that holds no valid value.
    fn problem(&self, ctx: &PageContext<'_>) -> Option<String> {
        let _ = ctx;
        None
    }
}
