//! Data: from which examples, how they are read, what is wrong with them and what is done about it.

mod aside;
mod charts;
mod checks;
mod choose;
mod cleaning;
mod finding;
mod fit;
mod preview;
mod reading;
mod remedy;
mod row;
mod splits;

pub use choose::same_source;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use egui::{Key, Modifiers, RichText, Ui};

use crate::data::checks::Check;
use crate::error::Error;
use crate::run::DataSettings;
use crate::session::dataset::{self, DatasetView};
use crate::ui::intent::{Intent, PickFor};
use crate::ui::loaded::Load;
use crate::ui::page::{Page, PageContext, View};
use crate::ui::theme::space;
use crate::ui::widgets;

/// Reading again that takes longer than this can be cancelled in the header.
const PATIENCE: Duration = Duration::from_secs(1);

/// Labels whose length decides over the width of their column; a file may have millions.
const MEASURED: usize = 500;

/// The view state of the page.
#[derive(Default)]
pub struct DataPage {
    /// Whether other data is being chosen while some is there.
    choosing: bool,
    chooser: choose::Chooser,
    preview: preview::Preview,
    dialog: Option<Dialog>,
    /// Corrections after a fault, with the settings that they are about.
    corrections: Option<(DataSettings, reading::Form)>,
}

/// The dialog that is open.
enum Dialog {
    /// How the file is read.
    ReadAs(reading::Form),
    /// The rows set aside.
    Aside(aside::Form),
    /// What a check found.
    Finding(Check),
    /// All rules.
    Cleaning(Box<cleaning::Form>),
    /// How the rows are split.
    Splits(splits::Form),
    /// A single row.
    Row(row::Form),
}

impl View for DataPage {
    fn ui(&mut self, ui: &mut Ui, ctx: &mut PageContext<'_>) {
        let project = ctx.project;
        self.take_keys(ui, ctx);
        self.header(ui, ctx);
        if self.choosing || !project.has_data() {
            return self.choose(ui, ctx);
        }
        match project.data.state() {
            Load::Ready { value, .. } => self.show(ui, ctx, &Arc::clone(value)),
            Load::Failed(fault) => self.failed(ui, ctx, fault),
            Load::Loading => loading(ui, ctx),
            Load::Empty => cancelled(ui, ctx),
        }
    }

    fn picked(&mut self, purpose: PickFor, path: PathBuf, ctx: &mut PageContext<'_>) {
        if purpose == PickFor::SaveSetAside {
            return ctx.send(Intent::SaveSetAside(path));
        }
        match self.chooser.picked(purpose, path) {
            Some(data) => self.take(data, ctx),
            // A file for one split: the person goes on to the others.
            None => self.choosing = true,
        }
    }

    fn dropped(&mut self, path: PathBuf, ctx: &mut PageContext<'_>) {
        self.take(dataset::chosen(&path), ctx);
    }

    fn status(&self, ctx: &PageContext<'_>) -> Option<String> {
        Some(ctx.text.data.status.to_owned())
    }
}

impl DataPage {
    fn header(&mut self, ui: &mut Ui, ctx: &mut PageContext<'_>) {
        let words = &ctx.text.data;
        let project = ctx.project;
        let mut subtitle = words.subtitle_empty.to_owned();
        if project.has_data() {
            subtitle = project.settings.data.title();
        }
        let mut understood = None;
        let mut slow = false;
        if let Load::Ready { value, refreshing } = project.data.state() {
            let rows = (ctx.text.units.rows)(value.file.rows);
            subtitle = format!("{subtitle} · {} · {rows}", value.file.layout.describe());
            if refreshing {
                let share = project.data_progress.share().unwrap_or(0.0);
                let percent = (ctx.text.units.percent)(f64::from(share));
                subtitle = format!("{subtitle} · {} {percent}", words.reading_again);
                slow = project.reading_since.elapsed() > PATIENCE;
                ui.request_repaint_after(Duration::from_millis(200));
            }
            understood = Some(&value.file);
        }
        widgets::page_header(ui, Page::Data.title(ctx.text), &subtitle, |ui| {
            if !project.has_data() {
                return;
            }
            let name = if self.choosing {
                words.keep
            } else {
                words.another
            };
            if widgets::secondary(ui, name).clicked() {
                self.choosing = !self.choosing;
            }
            if slow && widgets::secondary(ui, ctx.text.common.cancel).clicked() {
                ctx.send(Intent::CancelReading);
            }
            // Bundled sets have nothing to correct.
            let correctable = project.settings.data.bundled.is_none() && !self.choosing;
            if let Some(file) = understood.filter(|_| correctable)
                && widgets::secondary(ui, words.reading.open).clicked()
            {
                let form = reading::Form::new(ctx, Some(file));
                self.dialog = Some(Dialog::ReadAs(form));
            }
        });
    }

    /// Undo, as in every editor.
    fn take_keys(&self, ui: &Ui, ctx: &mut PageContext<'_>) {
        if self.dialog.is_some() || ui.text_edit_focused() || ctx.project.undo.is_empty() {
            return;
        }
        if ui.input_mut(|input| input.consume_key(Modifiers::COMMAND, Key::Z)) {
            ctx.send(Intent::UndoCleaning);
        }
    }

    fn choose(&mut self, ui: &mut Ui, ctx: &mut PageContext<'_>) {
        if let Some(data) = self.chooser.show(ui, ctx) {
            self.take(data, ctx);
        }
    }

    fn take(&mut self, data: DataSettings, ctx: &mut PageContext<'_>) {
        self.choosing = false;
        self.preview = preview::Preview::default();
        self.dialog = None;
        ctx.send(Intent::SetData(Box::new(data)));
    }

    fn show(&mut self, ui: &mut Ui, ctx: &mut PageContext<'_>, view: &Arc<DatasetView>) {
        let room = ui.available_height() - space::GAP - ui.spacing().item_spacing.y;
        let lower = (room * 0.33).clamp(150.0, 300.0);
        let mut opened = None;
        widgets::row(ui, &[0.57, 0.43], room - lower, |cells| {
            widgets::fill_card(&mut cells[0], |ui| {
                opened = self.preview.show(ui, ctx, view);
            });
            widgets::fill_card(&mut cells[1], |ui| {
                opened = checks::show(ui, ctx, view).or(opened.take());
            });
        });
        ui.add_space(space::GAP - ui.spacing().item_spacing.y);
        widgets::row(ui, &[0.57, 0.43], lower, |cells| {
            widgets::fill_card(&mut cells[0], |ui| charts::tally(ui, ctx, view));
            widgets::fill_card(&mut cells[1], |ui| charts::lengths(ui, ctx, view));
        });
        let dialog = self.dialog.take().or(opened);
        self.dialog = dialog.and_then(|dialog| dialog.show(ui, ctx, view));
    }

    fn failed(&mut self, ui: &mut Ui, ctx: &mut PageContext<'_>, fault: &Error) {
        egui::ScrollArea::vertical().show(ui, |ui| {
            widgets::card(ui, |ui| {
                ui.set_max_height(180.0);
                if widgets::error_state(ui, fault, Some(ctx.text.common.try_again)) {
                    ctx.send(Intent::ReadData);
                }
                less_cleaning(ui, ctx);
                ui.add_space(space::GAP);
            });
            // The bundled sets are read right.
            if ctx.project.settings.data.bundled.is_none() {
                ui.add_space(space::GAP);
                widgets::card(ui, |ui| self.correct(ui, ctx));
            }
        });
    }

    /// What can be corrected by hand, after a fault.
    fn correct(&mut self, ui: &mut Ui, ctx: &mut PageContext<'_>) {
        let words = &ctx.text.data.reading;
        let settings = &ctx.project.settings.data;
        let kept = self.corrections.take();
        let kept = kept.filter(|(about, _)| about == settings);
        let file = ctx.project.inspected.value();
        let (about, mut form) =
            kept.unwrap_or_else(|| (settings.clone(), reading::Form::new(ctx, None)));
        form.understand(file);
        widgets::card_title(ui, words.title, words.note);
        form.fields(ui, ctx);
        ui.add_space(space::SMALL);
        if widgets::secondary(ui, words.read).clicked() {
            form.send(ctx);
        }
        self.corrections = Some((about, form));
    }
}

impl Dialog {
    /// Draws it; the dialog that is open then.
    fn show(self, ui: &mut Ui, ctx: &mut PageContext<'_>, view: &Arc<DatasetView>) -> Option<Self> {
        match self {
            Self::ReadAs(form) => form.show(ui, ctx).map(Self::ReadAs),
            Self::Aside(form) => form.show(ui, ctx, view).map(Self::Aside),
            Self::Finding(check) => finding::show(ui, ctx, view, check),
            Self::Cleaning(form) => form.show(ui, ctx, view).map(Self::Cleaning),
            Self::Splits(form) => form.show(ui, ctx, view).map(Self::Splits),
            Self::Row(form) => form.show(ui, ctx, view).map(Self::Row),
        }
    }
}

/// The fault may be that the cleaning does not fit the rows.
fn less_cleaning(ui: &mut Ui, ctx: &mut PageContext<'_>) {
    let words = &ctx.text.data.cleaning;
    let undo = !ctx.project.undo.is_empty();
    if ctx.project.settings.data.cleaning.is_default() && !undo {
        return;
    }
    ui.add_space(space::SMALL);
    match widgets::centred_buttons(ui, &[(words.undo, undo), (words.clear, true)]) {
        Some(0) => ctx.send(Intent::UndoCleaning),
        Some(_) => ctx.send(Intent::Clean(Box::default())),
        None => {}
    }
}

fn loading(ui: &mut Ui, ctx: &mut PageContext<'_>) {
    let words = &ctx.text.data.reading;
    widgets::loading_state(ui, words.reading_now);
    ui.vertical_centered(|ui| {
        ui.set_max_width(320.0);
        if let Some(share) = ctx.project.data_progress.share() {
            ui.add_space(space::MEDIUM);
            widgets::progress_bar(ui, share, words.reading_now);
        }
        ui.add_space(space::GAP);
        if widgets::secondary(ui, ctx.text.common.cancel).clicked() {
            ctx.send(Intent::CancelReading);
        }
    });
}

fn cancelled(ui: &mut Ui, ctx: &mut PageContext<'_>) {
    let words = &ctx.text.data.reading;
    let again = Some(words.read_now);
    if widgets::empty_state(ui, words.cancelled, words.cancelled_note, again) {
        ctx.send(Intent::ReadData);
    }
}

/// A small legend: a dot and its words.
fn legend(ui: &mut Ui, colour: egui::Color32, words: &str) {
    ui.horizontal(|ui| {
        ui.spacing_mut().interact_size.y = 18.0;
        ui.spacing_mut().item_spacing.x = 5.0;
        widgets::dot(ui, colour);
        widgets::elided(ui, RichText::new(words).small());
    });
}
