//! The window's app: owns the state, polls what works in the background, draws the shell.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use egui::ViewportCommand;

use super::fonts::{self, Face};
use super::intent::{Intent, PickFor, QuitChoice};
use super::page::{Page, PageContext};
use super::pages::Pages;
use super::preferences::{Kept, Preferences};
use super::project::{Notice, Project};
use super::services::Services;
use super::text::Text;
use super::{shell, theme};
use crate::run::RunSettings;
use crate::session::{Job, Wake};

/// Time per frame for taking events in; the rest waits for the next frame.
const POLL_BUDGET: Duration = Duration::from_millis(8);

/// How the closing of the window stands while a model is trained.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Closing {
    /// Nobody wants to close it.
    #[default]
    No,
    /// The person is being asked.
    Asking,
    /// The run has been told to stop; the window closes when it has ended.
    Stopping,
    /// It closes, whatever goes on.
    Now,
}

/// The window.
pub struct Workbench {
    pub(super) services: Arc<dyn Services>,
    pub(super) wake: Wake,
    pub(super) text: &'static Text,
    pub(super) preferences: Preferences,
    pub(super) storage: PathBuf,
    pub(super) page: Page,
    /// The furthest step that was visited; steps before it that are done carry a tick.
    pub(super) furthest: usize,
    pub(super) project: Project,
    pub(super) pages: Pages,
    pub(super) intents: Vec<Intent>,
    pub(super) picker: Option<(PickFor, Job<Option<PathBuf>>)>,
    /// Renaming or deleting a run.
    pub(super) chore: Option<Job<Chore>>,
    pub(super) closing: Closing,
    /// Whether something that time and memory depend on has changed.
    pub(super) estimates_stale: bool,
    was_training: bool,
    fonts: Option<Job<Option<Face>>>,
}

/// What became of a run folder.
pub(super) enum Chore {
    /// It has another path now.
    Renamed {
        /// Where it was.
        from: PathBuf,
        /// Where it is.
        to: PathBuf,
    },
    /// It is gone.
    Deleted(PathBuf),
}

impl Workbench {
    /// A window on `services`, going on where `kept` ended.
    pub fn new(ctx: &egui::Context, kept: Kept, services: Arc<dyn Services>) -> Self {
        theme::apply(ctx);
        ctx.set_theme(egui::ThemePreference::from(kept.preferences.theme));
        // A press that is held long is a press: some hands are slow, and while the processor
        // trains, a frame may take longer than egui grants a click.
        ctx.options_mut(|options| options.input_options.max_click_duration = f64::INFINITY);
        let wake: Wake = {
            let ctx = ctx.clone();
            // Bursts of events end in one frame.
            Arc::new(move || ctx.request_repaint_after(Duration::from_millis(10)))
        };
        let text = Text::of(kept.preferences.language);
        let mut workbench = Self {
            storage: services.storage(&kept.preferences),
            fonts: Some(fonts::find(wake.clone())),
            services,
            wake,
            text,
            preferences: kept.preferences,
            page: kept.page,
            furthest: kept.page.index().unwrap_or(0),
            project: Project::default(),
            pages: Pages::default(),
            intents: Vec::new(),
            picker: None,
            chore: None,
            closing: Closing::No,
            estimates_stale: false,
            was_training: false,
        };
        workbench.restore(kept.settings.as_deref());
        workbench.begin();
        workbench
    }

    /// The page shown.
    pub fn page(&self) -> Page {
        self.page
    }

    /// Whether the search for a Chinese face is over.
    pub fn fonts_are_ready(&self) -> bool {
        self.fonts.is_none()
    }

    /// What is being made, for tests.
    pub fn project(&self) -> &Project {
        &self.project
    }

    /// What is being made, to be put into a certain state by tests.
    pub fn project_mut(&mut self) -> &mut Project {
        &mut self.project
    }

    /// Asks for something from outside, as a page would.
    pub fn send(&mut self, intent: Intent) {
        self.intents.push(intent);
    }

    fn restore(&mut self, settings: Option<&str>) {
        let Some(settings) = settings else { return };
        match RunSettings::parse(settings) {
            Ok(settings) => {
                self.project.settings = settings;
                self.project.task_chosen = true;
            }
            Err(_) => {
                let words = self.text.shell.faults.settings_lost;
                self.project.notice = Some(Notice::Remark(words.to_owned()));
            }
        }
    }

    /// What is written down between two starts.
    pub fn kept(&self) -> Kept {
        let named = self.project.has_data();
        let settings = named.then(|| self.project.settings.to_toml().ok());
        Kept {
            page: self.page,
            preferences: self.preferences.clone(),
            settings: settings.flatten(),
        }
    }

    fn poll(&mut self, ctx: &egui::Context) {
        if let Some(face) = self.fonts.as_ref().and_then(Job::poll) {
            self.fonts = None;
            // Without such a face the system's own search remains; that is no fault.
            if let Ok(Some(face)) = face {
                fonts::install(ctx, face);
            }
        }
        if let Some(live) = &mut self.project.live
            && live.session.poll(POLL_BUDGET)
        {
            ctx.request_repaint();
        }
        self.poll_jobs();
        let training = self.project.is_training();
        if self.was_training && !training {
            self.training_ended(ctx);
        }
        self.was_training = training;
    }

    fn training_ended(&mut self, ctx: &egui::Context) {
        self.intents.push(Intent::ReloadRuns);
        self.intents.push(Intent::LoadEvaluation);
        if self.closing == Closing::Stopping {
            self.closing = Closing::Now;
            ctx.send_viewport_cmd(ViewportCommand::Close);
        }
    }

    fn watch_closing(&mut self, ctx: &egui::Context) {
        let wanted = ctx.input(|input| input.viewport().close_requested());
        if !wanted || self.closing == Closing::Now || !self.project.is_training() {
            return;
        }
        ctx.send_viewport_cmd(ViewportCommand::CancelClose);
        if self.closing == Closing::No {
            self.closing = Closing::Asking;
        }
    }

    fn take_dropped(&mut self, ctx: &egui::Context) {
        let dropped = ctx.input(|input| input.raw.dropped_files.clone());
        let Some(file) = dropped.first() else { return };
        let path = file.path().to_path_buf();
        let page = self.page;
        self.with_pages(|pages, page_ctx| pages.view(page).dropped(path, page_ctx));
    }

    /// Lends the pages and a context to `work`; what it asks for is kept.
    pub(super) fn with_pages<R>(
        &mut self,
        work: impl FnOnce(&mut Pages, &mut PageContext<'_>) -> R,
    ) -> R {
        let mut ctx = PageContext::new(
            self.text,
            &self.project,
            &self.preferences,
            (&self.storage, self.services.storage_is_fixed()),
            &mut self.intents,
        );
        work(&mut self.pages, &mut ctx)
    }

    fn apply_all(&mut self, ctx: &egui::Context) {
        // An intent may ask for another; a fixed number of rounds keeps a mistake from hanging.
        for _ in 0..8 {
            let intents = std::mem::take(&mut self.intents);
            if intents.is_empty() {
                break;
            }
            for intent in intents {
                self.apply(ctx, intent);
            }
        }
        self.refresh_estimates();
    }

    pub(super) fn quit(&mut self, ctx: &egui::Context, choice: QuitChoice) {
        match choice {
            QuitChoice::KeepTraining => self.closing = Closing::No,
            QuitChoice::StopAndQuit => {
                self.closing = Closing::Stopping;
                self.intents.push(Intent::Send(crate::train::Command::Stop));
            }
            QuitChoice::QuitNow => {
                self.closing = Closing::Now;
                ctx.send_viewport_cmd(ViewportCommand::Close);
            }
        }
    }
}

impl eframe::App for Workbench {
    fn logic(&mut self, ctx: &egui::Context, _frame: &mut eframe::Frame) {
        self.poll(ctx);
        self.watch_closing(ctx);
        self.take_dropped(ctx);
        shell::take_keys(self, ctx);
        self.apply_all(ctx);
    }

    fn ui(&mut self, ui: &mut egui::Ui, _frame: &mut eframe::Frame) {
        shell::show(self, ui);
        let ctx = ui.ctx().clone();
        self.apply_all(&ctx);
    }

    fn save(&mut self, storage: &mut dyn eframe::Storage) {
        eframe::set_value(storage, eframe::APP_KEY, &self.kept());
    }
}
