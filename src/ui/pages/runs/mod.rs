//! Runs: every run that is kept, to be compared, opened, used again, renamed and deleted.

mod compare;
mod dialogs;
mod list;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use egui::Ui;

use crate::session::runs::KeptRun;
use crate::ui::intent::Intent;
use crate::ui::loaded::Load;
use crate::ui::page::{Page, PageContext, View};
use crate::ui::project::KeptRuns;
use crate::ui::theme::space;
use crate::ui::widgets;

/// More curves than these cannot be told apart.
const COMPARED: usize = 6;

/// The view state of the page.
#[derive(Default)]
pub struct RunsPage {
    chosen: BTreeSet<PathBuf>,
    /// Whether the newest run has been chosen to begin with.
    begun: bool,
    compare: compare::Compare,
    dialog: dialogs::Dialog,
}

impl View for RunsPage {
    fn ui(&mut self, ui: &mut Ui, ctx: &mut PageContext<'_>) {
        let words = &ctx.text.runs;
        let title = Page::Runs.title(ctx.text);
        let project = ctx.project;
        match project.runs.state() {
            Load::Ready { value, .. } if value.is_empty() => {
                widgets::page_header(ui, title, "", |_| {});
                if widgets::empty_state(ui, words.empty_title, words.empty, Some(words.to_task)) {
                    ctx.send(Intent::Navigate(Page::Task));
                }
            }
            Load::Ready { value, .. } => self.runs(ui, ctx, value),
            Load::Failed(fault) => {
                widgets::page_header(ui, title, "", |_| {});
                if widgets::error_state(ui, fault, Some(ctx.text.common.try_again)) {
                    ctx.send(Intent::ReloadRuns);
                }
            }
            state => {
                widgets::page_header(ui, title, "", |_| {});
                widgets::loading_state(ui, words.loading);
                if matches!(state, Load::Empty) {
                    ctx.send(Intent::ReloadRuns);
                }
            }
        }
    }
}

impl RunsPage {
    fn runs(&mut self, ui: &mut Ui, ctx: &mut PageContext<'_>, runs: &KeptRuns) {
        self.chosen
            .retain(|folder| runs.iter().any(|(known, _)| known == folder));
        if !std::mem::replace(&mut self.begun, true) {
            let newest = runs.iter().find(|(_, run)| run.is_ok());
            self.chosen.extend(newest.map(|(folder, _)| folder.clone()));
        }
        self.header(ui, ctx, runs);
        let room = ui.available_height();
        let wanted = space::ROW * runs.len() as f32 + 66.0;
        let upper = wanted.clamp(150.0, (room * 0.46).max(150.0));
        widgets::row(ui, &[1.0], upper, |cells| {
            if let [cell] = cells {
                widgets::fill_card(cell, |ui| list::ui(ui, ctx.text, runs, &mut self.chosen));
            }
        });
        ui.add_space(space::GAP - ui.spacing().item_spacing.y);
        let compared: Vec<&KeptRun> = runs
            .iter()
            .filter(|(folder, _)| self.chosen.contains(folder))
            .filter_map(|(_, run)| run.as_ref().ok())
            .take(COMPARED)
            .collect();
        self.compare.ui(ui, ctx.text, &compared);
        self.dialog.ui(ui, ctx, runs);
    }

    fn header(&mut self, ui: &mut Ui, ctx: &mut PageContext<'_>, runs: &KeptRuns) {
        let words = &ctx.text.runs;
        let subtitle = (words.subtitle)(&(ctx.text.units.count)(runs.len()));
        let one = (self.chosen.len() == 1)
            .then(|| self.chosen.first().cloned())
            .flatten();
        let readable = one.as_ref().is_some_and(|one| {
            runs.iter()
                .any(|(folder, run)| folder == one && run.is_ok())
        });
        let running = one.as_deref().is_some_and(|one| is_running(ctx, one));
        let why = if running {
            words.is_running
        } else {
            words.choose_one
        };
        widgets::page_header(ui, Page::Runs.title(ctx.text), &subtitle, |ui| {
            let on = one.is_some() && !running;
            let delete = widgets::danger_enabled(ui, on, words.delete);
            let rename = widgets::secondary_enabled(ui, on && readable, words.rename);
            let again = widgets::secondary_enabled(ui, readable, words.use_settings);
            let open = widgets::primary_enabled(ui, readable, words.open);
            for button in [&delete, &rename, &again, &open] {
                button.clone().on_disabled_hover_text(why);
            }
            let Some(run) = one else { return };
            if open.clicked() {
                ctx.send(Intent::OpenRun(run));
            } else if again.clicked() {
                ctx.send(Intent::UseSettingsOf(run));
            } else if rename.clicked() {
                self.dialog = dialogs::Dialog::rename(run);
            } else if delete.clicked() {
                self.dialog = dialogs::Dialog::Delete(run);
            }
        });
    }
}

/// Whether the training thread of this window writes into `folder`.
fn is_running(ctx: &PageContext<'_>, folder: &Path) -> bool {
    let Some(live) = &ctx.project.live else {
        return false;
    };
    let state = live.session.state();
    let started = state.started.as_ref();
    state.is_running() && started.is_some_and(|started| started.run == folder)
}

/// A folder's name.
fn name_of(folder: &Path) -> String {
    let name = folder
        .file_name()
        .map(|name| name.to_string_lossy().into_owned());
    name.unwrap_or_else(|| folder.display().to_string())
}
