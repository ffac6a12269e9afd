//! The two questions of the page: another name, and whether to delete.

use std::path::{Path, PathBuf};

use egui::{Key, RichText, TextEdit, Ui};

use super::name_of;
use crate::ui::intent::Intent;
use crate::ui::page::PageContext;
use crate::ui::project::KeptRuns;
use crate::ui::text::runs::RunsText;
use crate::ui::theme;
use crate::ui::widgets;

/// The question that is open.
#[derive(Debug, Default)]
pub enum Dialog {
    /// None.
    #[default]
    None,
    /// Another name for a run.
    Rename {
        /// The run's folder.
        run: PathBuf,
        /// What is typed.
        name: String,
    },
    /// Whether to delete a run.
    Delete(PathBuf),
}

impl Dialog {
    /// Asks for another name for `run`.
    pub fn rename(run: PathBuf) -> Self {
        let name = name_of(&run);
        Self::Rename { run, name }
    }

    /// Draws the open question, if there is one.
    pub fn ui(&mut self, ui: &Ui, ctx: &mut PageContext<'_>, runs: &KeptRuns) {
        let done = match self {
            Self::None => return,
            Self::Rename { run, name } => rename(ui, ctx, runs, run, name),
            Self::Delete(run) => delete(ui, ctx, run),
        };
        if done {
            *self = Self::None;
        }
    }
}

fn rename(
    ui: &Ui,
    ctx: &mut PageContext<'_>,
    runs: &KeptRuns,
    run: &PathBuf,
    name: &mut String,
) -> bool {
    let words = &ctx.text.runs;
    let (answer, closed) = widgets::dialog(ui, "rename run", words.rename_title, |ui| {
        let edit = TextEdit::singleline(name).desired_width(f32::INFINITY);
        let field = ui.add(edit).accessible_name(words.new_name);
        let trimmed = name.trim();
        let unchanged = trimmed == name_of(run);
        let fault = fault_of(words, trimmed).or_else(|| {
            let taken = runs
                .iter()
                .any(|(folder, _)| folder != run && name_of(folder) == trimmed);
            taken.then_some(words.name_taken)
        });
        let bad = theme::palette(ui).bad;
        ui.label(RichText::new(fault.unwrap_or(" ")).small().color(bad));
        let entered = field.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
        widgets::dialog_buttons(ui, |ui| {
            let ready = fault.is_none() && !unchanged;
            let go = widgets::primary_enabled(ui, ready, words.rename_now).clicked();
            let cancel = widgets::secondary(ui, ctx.text.common.cancel).clicked();
            ((go || entered) && ready, cancel)
        })
    });
    let (go, cancel) = answer;
    if go {
        ctx.send(Intent::RenameRun {
            run: run.clone(),
            name: name.trim().to_owned(),
        });
    }
    go || cancel || closed
}

/// Why a folder cannot be called `name`.
fn fault_of(words: &RunsText, name: &str) -> Option<&'static str> {
    match name {
        "" => Some(words.name_empty),
        name if name.starts_with('.') || name.contains(['/', '\\']) => Some(words.name_slash),
        _ => None,
    }
}

fn delete(ui: &Ui, ctx: &mut PageContext<'_>, run: &Path) -> bool {
    let words = &ctx.text.runs;
    let (answer, closed) = widgets::dialog(ui, "delete run", words.delete_title, |ui| {
        ui.add(egui::Label::new((words.delete_detail)(&name_of(run))).wrap());
        widgets::dialog_buttons(ui, |ui| {
            let go = widgets::danger(ui, words.delete_now).clicked();
            (go, widgets::secondary(ui, ctx.text.common.cancel).clicked())
        })
    });
    let (go, cancel) = answer;
    if go {
        ctx.send(Intent::DeleteRun(run.to_path_buf()));
    }
    go || cancel || closed
}
