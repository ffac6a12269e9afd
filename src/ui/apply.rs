//! Carries intents out. The only place that changes the project and the preferences.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use super::app::{Chore, Workbench};
use super::intent::{Intent, PickFor};
use super::page::Page;
use super::pages::data::same_source;
use super::pages::typed::{self, Reads};
use super::project::{Compared, Download, LiveRun, Notice, Progress};
use super::services::Services;
use super::text::Text;
use crate::data::Cleaning;
use crate::error::Error;
use crate::run::DataSettings;
use crate::run::Preset;
use crate::session::{Job, dataset};
use crate::tasks::TaskKind;
use crate::train::Command;

impl Workbench {
    /// What is asked for at the start: everything that the first pages show.
    pub(super) fn begin(&mut self) {
        let job = self.outside("bundled-sets", |services, _| Ok(services.bundled()));
        self.project.bundled.load(job);
        self.load_catalogue();
        let services = self.services.clone();
        let measure = move || Ok(services.measure());
        self.project.machine.load(self.job("machine", measure));
        self.look_at_local_model();
        self.intents.push(Intent::ReloadRuns);
        if self.project.has_data() {
            self.intents.push(Intent::ReadData);
        }
    }

    /// Carries one intent out.
    pub(super) fn apply(&mut self, ctx: &egui::Context, intent: Intent) {
        match intent {
            Intent::Navigate(page) => self.navigate(page),
            Intent::SetTask(task) => self.set_task(task),
            Intent::SetData(data) => self.set_data(*data),
            Intent::ReadData => self.read_data(),
            Intent::CancelReading => self.project.data_progress.cancel(),
            Intent::ReadAs(data, kind) => {
                self.project.settings.data = *data;
                self.project.kind = kind;
                self.read_data();
            }
            Intent::Clean(cleaning) => self.clean(*cleaning),
            Intent::UndoCleaning => self.undo_cleaning(),
            Intent::SaveSetAside(to) => self.save_set_aside(to),
            Intent::PasteRows(rows) => self.paste_rows(rows),
            Intent::SetModel(model) => self.set_model(model),
            Intent::SetHyperparameters(hyperparameters) => {
                self.project.settings.hyperparameters = *hyperparameters;
                self.estimates_stale = true;
            }
            Intent::ApplyPreset(preset) => self.apply_preset(preset),
            Intent::SetProbes(probes) => self.set_probes(probes),
            Intent::Download(name) => self.download(name),
            Intent::CancelDownload(name) => {
                if let Some(download) = self.project.downloads.get(&name) {
                    download.progress.cancel();
                }
            }
            Intent::Pick(purpose) => self.pick(purpose),
            Intent::StartTraining => self.start_training(),
            Intent::Send(command) => self.tell(command),
            Intent::OpenRun(run) => self.open_run(run),
            Intent::CloseRun => self.show_run(None),
            Intent::ReloadRuns => self.reload_runs(),
            Intent::RenameRun { run, name } => self.rename_run(run, name),
            Intent::DeleteRun(run) => self.delete_run(run),
            Intent::UseSettingsOf(run) => self.use_settings_of(&run),
            Intent::LoadEvaluation => self.load_evaluation(),
            Intent::Score(sentence) => self.score(&sentence),
            Intent::CompareWith(run) => self.compare_with(run),
            Intent::ScoreFile(file) => self.score_file(file),
            Intent::SaveScores(to) => self.save_scores(to),
            Intent::LoadModelCard => self.load_model_card(),
            Intent::Export { to } => self.export(to),
            Intent::SetTheme(theme) => {
                self.preferences.theme = theme;
                ctx.set_theme(egui::ThemePreference::from(theme));
            }
            Intent::SetLanguage(language) => {
                self.preferences.language = language;
                self.text = Text::of(language);
            }
            Intent::SetStorageFolder(folder) => self.set_storage(folder),
            Intent::SetThreads(threads) => {
                self.preferences.threads = threads;
                self.measure();
            }
            Intent::SetHub(hub) => self.preferences.hub = hub,
            Intent::SetOffline(offline) => self.preferences.offline = offline,
            Intent::DismissNotice => self.project.notice = None,
            Intent::Quit(choice) => self.quit(ctx, choice),
        }
    }

    fn job<T: Send + 'static>(
        &self,
        name: &'static str,
        work: impl FnOnce() -> crate::error::Result<T> + Send + 'static,
    ) -> Job<T> {
        Job::spawn(name, self.wake.clone(), work)
    }

    /// A job with the outside world and the preferences as they are now.
    fn outside<T: Send + 'static>(
        &self,
        name: &'static str,
        work: impl FnOnce(&dyn Services, &super::preferences::Preferences) -> crate::error::Result<T>
        + Send
        + 'static,
    ) -> Job<T> {
        let services = self.services.clone();
        let preferences = self.preferences.clone();
        self.job(name, move || work(&*services, &preferences))
    }

    fn navigate(&mut self, page: Page) {
        if self.project.blocked(page).is_some() {
            return;
        }
        if self.page == Page::Task && page != Page::Task {
            self.project.task_chosen = true;
        }
        self.page = page;
        self.furthest = self.furthest.max(page.index().unwrap_or(0));
        match page {
            Page::Data => self.read_data_if_stale(),
            Page::Runs => self.reload_runs(),
            Page::Evaluate if self.project.evaluation.value().is_none() => self.load_evaluation(),
            _ => {}
        }
    }

    fn set_task(&mut self, task: TaskKind) {
        let settings = &mut self.project.settings;
        let before = std::mem::replace(&mut settings.task, task);
        if settings.hyperparameters.max_seq_length == before.usual_length() {
            settings.hyperparameters.max_seq_length = task.usual_length();
        }
        settings
            .probes
            .retain(|probe| typed::fits(probe, Reads::of(task, None)));
        self.project.task_chosen = true;
        let reads_others =
            (before.rows(), before.reads_pairs()) != (task.rows(), task.reads_pairs());
        if reads_others {
            self.project.kind = None;
            self.read_data();
        }
    }

    fn set_data(&mut self, data: DataSettings) {
        // Other columns of the same file: the old view stays until the new one is there.
        if !same_source(&data, &self.project.settings.data) {
            self.project.data.clear();
            self.project.undo.clear();
            self.project.kind = None;
        }
        // A bundled set shows one task; another file may be for any.
        let shown = data.bundled.as_deref().and_then(TaskKind::of_bundled_set);
        let fits = data.bundled.as_deref() == Some(self.project.settings.task.bundled_set());
        self.project.settings.data = data;
        if let Some(task) = shown.filter(|task| !fits && *task != self.project.settings.task) {
            self.set_task(task);
        }
        self.read_data();
    }

    /// Reads the data with the chosen model's tokeniser. A reading that is under way ends: its
    /// result is no longer wanted.
    fn read_data(&mut self) {
        if !self.project.has_data() {
            return;
        }
        self.project.data_progress.cancel();
        let progress = Arc::new(Progress::default());
        self.project.data_progress = progress.clone();
        self.project.reading_since = Instant::now();
        self.project.inspected.clear();
        self.project.saved_set_aside.clear();
        let settings = self.project.settings.clone();
        let kind = self.project.kind;
        let read = move |services: &dyn Services, preferences: &_| {
            let view = services.view(&settings, kind, preferences, &progress);
            view.map(Arc::new)
        };
        let job = self.outside("data", read);
        self.project.data.load(job);
    }

    /// Splits and cut texts depend on hyperparameters that may have changed on their page.
    fn read_data_if_stale(&mut self) {
        let made_with = self.project.data.value().map(|view| view.made_with);
        let wanted = dataset::made_with(&self.project.settings);
        if made_with.is_some_and(|made_with| made_with != wanted) {
            self.read_data();
        }
    }

    /// Looks at a file whose rows could not be read.
    pub(super) fn inspect_data(&mut self) {
        let data = self.project.settings.data.clone();
        let kind = self.project.kind;
        let progress = self.project.data_progress.clone();
        let inspect =
            move |services: &dyn Services, _: &_| services.inspect(&data, kind, &progress);
        let job = self.outside("data-file", inspect);
        self.project.inspected.load(job);
    }

    fn clean(&mut self, cleaning: Cleaning) {
        let current = &mut self.project.settings.data.cleaning;
        if *current == cleaning {
            return;
        }
        let former = std::mem::replace(current, cleaning);
        self.project.undo.push(former);
        self.read_data();
    }

    fn undo_cleaning(&mut self) {
        if let Some(former) = self.project.undo.pop() {
            self.project.settings.data.cleaning = former;
            self.read_data();
        }
    }

    fn save_set_aside(&mut self, to: PathBuf) {
        let data = self.project.settings.data.clone();
        let view = self.project.data.value();
        let kind = view.map(|view| view.file.kind);
        let dropped = view.map_or_else(Vec::new, |view| view.set_aside.clone());
        let save = move |services: &dyn Services, _: &_| {
            services.save_set_aside(&data, kind, &dropped, &to)?;
            Ok(to)
        };
        let job = self.outside("save-set-aside", save);
        self.project.saved_set_aside.load(job);
    }

    fn paste_rows(&mut self, rows: String) {
        let keep = move |services: &dyn Services, preferences: &_| {
            services.keep_pasted(&rows, preferences)
        };
        let job = self.outside("paste-rows", keep);
        self.project.pasted.load(job);
    }

    fn set_model(&mut self, model: String) {
        if model == self.project.settings.model {
            return;
        }
        let preset = self.project.preset();
        self.project.settings.model = model;
        if self.project.chosen_model().is_none() {
            self.look_at_local_model();
        }
        if let Some(preset) = preset {
            self.apply_preset(preset);
        }
        self.estimates_stale = true;
        if self.project.model_is_ready() {
            self.read_data();
        }
    }

    fn look_at_local_model(&mut self) {
        let folder = PathBuf::from(&self.project.settings.model);
        if folder.components().count() < 2 {
            return;
        }
        let look = move |services: &dyn Services, _: &_| services.local_model(&folder);
        let job = self.outside("model-folder", look);
        self.project.local_model.clear();
        self.project.local_model.load(job);
    }

    fn apply_preset(&mut self, preset: Preset) {
        self.project.settings.hyperparameters = self.project.of_preset(preset);
        self.estimates_stale = true;
    }

    fn set_probes(&mut self, probes: Vec<String>) {
        self.project.settings.probes.clone_from(&probes);
        if self.project.is_training() {
            self.tell(Command::Probes(probes));
        }
    }

    pub(super) fn load_catalogue(&mut self) {
        let job = self.outside("catalogue", |services, preferences| {
            services.catalogue(preferences)
        });
        self.project.catalogue.load(job);
    }

    fn measure(&mut self) {
        let job = self.outside("machine", |services, _| Ok(services.measure()));
        self.project.machine.load(job);
    }

    fn download(&mut self, name: String) {
        let running = self
            .project
            .downloads
            .get(&name)
            .is_some_and(|download| download.job.is_some());
        if running {
            return;
        }
        let progress = Arc::new(Progress::default());
        let (told, wanted) = (progress.clone(), name.clone());
        let fetch = move |services: &dyn Services, preferences: &_| {
            services.download(&wanted, preferences, &told)
        };
        let download = Download {
            progress,
            job: Some(self.outside("download", fetch)),
            fault: None,
        };
        self.project.downloads.insert(name, download);
    }

    fn pick(&mut self, purpose: PickFor) {
        if self.picker.is_some() {
            return;
        }
        let ask = move |services: &dyn Services, _: &_| services.pick(purpose);
        self.picker = Some((purpose, self.outside("file-dialog", ask)));
        self.project.picking = Some(purpose);
        self.project.no_dialog = None;
    }

    fn start_training(&mut self) {
        if self.project.is_training() || self.project.blocked_start().is_some() {
            return;
        }
        let settings = self.project.settings.clone();
        match self
            .services
            .start(settings.clone(), &self.preferences, self.wake.clone())
        {
            Ok(session) => {
                self.show_run(None);
                self.project.live = Some(LiveRun { session, settings });
                self.navigate(Page::Train);
            }
            Err(fault) => self.project.notice = Some(Notice::Fault(fault)),
        }
    }

    fn tell(&mut self, command: Command) {
        if let Some(live) = &self.project.live {
            live.session.send(command);
        }
    }

    fn open_run(&mut self, run: PathBuf) {
        let live = self.project.live.as_ref();
        let is_live = live.is_some_and(|live| {
            let started = live.session.state().started.as_ref();
            started.is_some_and(|started| started.run == run)
        });
        if is_live {
            self.show_run(None);
            return self.navigate(Page::Train);
        }
        let open =
            move |services: &dyn Services, preferences: &_| services.open_run(&run, preferences);
        let job = self.outside("open-run", open);
        self.project.opening.load(job);
    }

    /// Shows a kept run, or the live one, in the second half of the steps.
    pub(super) fn show_run(&mut self, run: Option<crate::session::runs::KeptRun>) {
        let project = &mut self.project;
        project.opened = run;
        project.evaluation.clear();
        project.scorer = None;
        project.answer = None;
        project.compared = None;
        project.file_scores.clear();
        project.saved_scores.clear();
        project.exported.clear();
        project.model_card.clear();
    }

    fn reload_runs(&mut self) {
        let job = self.outside("runs", |services, preferences| {
            Ok(services.runs(preferences))
        });
        self.project.runs.load(job);
    }

    fn rename_run(&mut self, run: PathBuf, name: String) {
        let rename = move |services: &dyn Services, _: &_| {
            let to = services.rename_run(&run, &name)?;
            Ok(Chore::Renamed { from: run, to })
        };
        self.chore = Some(self.outside("rename-run", rename));
    }

    fn delete_run(&mut self, run: PathBuf) {
        let delete = move |services: &dyn Services, _: &_| {
            services.delete_run(&run)?;
            Ok(Chore::Deleted(run))
        };
        self.chore = Some(self.outside("delete-run", delete));
    }

    fn use_settings_of(&mut self, run: &std::path::Path) {
        let runs = self.project.runs.value().map_or(&[][..], Vec::as_slice);
        let kept = runs.iter().find(|(folder, _)| folder == run);
        let Some((_, Ok(kept))) = kept else { return };
        self.project.settings = kept.settings.clone();
        // The data may have changed since; the new run records its own checksum.
        self.project.settings.data.sha256 = None;
        self.project.undo.clear();
        self.project.kind = None;
        self.project.task_chosen = true;
        self.estimates_stale = true;
        self.look_at_local_model();
        self.project.data.clear();
        self.read_data();
        self.page = Page::Data;
        self.furthest = self.furthest.max(3);
    }

    fn run_folder(&self) -> Option<PathBuf> {
        let run = self.project.run()?;
        run.folder().map(PathBuf::from)
    }

    fn load_evaluation(&mut self) {
        let finished = self
            .project
            .run()
            .is_some_and(|run| run.state.finished.is_some());
        let Some(run) = self.run_folder().filter(|_| finished) else {
            return;
        };
        let job = self.outside("evaluation", move |services, _| services.evaluation(&run));
        self.project.evaluation.load(job);
    }

    fn compare_with(&mut self, run: Option<PathBuf>) {
        self.project.compared = run.map(|run| Compared {
            run,
            scorer: None,
            answer: None,
        });
    }

    /// While training the sentence goes to the training thread, else to the run's own model. A run
    /// that is compared is asked as well.
    fn score(&mut self, sentence: &str) {
        if let Some(other) = &mut self.project.compared {
            let (services, wake) = (self.services.clone(), self.wake.clone());
            other
                .scorer
                .get_or_insert_with(|| services.scorer(&other.run, wake))
                .ask(sentence);
        }
        let live = self.project.run().is_some_and(|run| run.live);
        if live && self.project.is_training() {
            return self.tell(Command::Try(sentence.to_owned()));
        }
        let Some(run) = self.run_folder() else { return };
        let (services, wake) = (self.services.clone(), self.wake.clone());
        let scorer = &mut self.project.scorer;
        scorer
            .get_or_insert_with(|| services.scorer(&run, wake))
            .ask(sentence);
    }

    fn score_file(&mut self, file: PathBuf) {
        let Some(run) = self.run_folder() else { return };
        let progress = Arc::new(Progress::default());
        self.project.file_progress = progress.clone();
        let score =
            move |services: &dyn Services, _: &_| services.score_file(&run, &file, &progress);
        let job = self.outside("score-file", score);
        self.project.saved_scores.clear();
        self.project.file_scores.clear();
        self.project.file_scores.load(job);
    }

    fn save_scores(&mut self, to: PathBuf) {
        let Some(scores) = self.project.file_scores.value().cloned() else {
            return;
        };
        let save = move |services: &dyn Services, _: &_| {
            services.save_scores(&scores, &to)?;
            Ok(to)
        };
        let job = self.outside("save-scores", save);
        self.project.saved_scores.load(job);
    }

    fn load_model_card(&mut self) {
        let Some(run) = self.run_folder() else { return };
        let job = self.outside("model-card", move |services, _| services.model_card(&run));
        self.project.model_card.load(job);
    }

    fn export(&mut self, to: PathBuf) {
        let Some(run) = self.run_folder() else {
            return self
                .project
                .exported
                .set(Err(Error::new("no run is shown")));
        };
        let job = self.outside("export", move |services, _| services.export(&run, &to));
        self.project.exported.clear();
        self.project.exported.load(job);
    }

    fn set_storage(&mut self, folder: Option<PathBuf>) {
        self.preferences.storage = folder;
        self.storage = self.services.storage(&self.preferences);
        self.load_catalogue();
        self.reload_runs();
    }
}
