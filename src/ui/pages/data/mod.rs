//! Data: from which examples.

mod charts;
mod checks;
mod choose;
mod preview;

pub use choose::same_source;

use std::path::PathBuf;
use std::sync::Arc;

use egui::{RichText, TextEdit, Ui};

use crate::error::Error;
use crate::run::DataSettings;
use crate::session::dataset::DatasetView;
use crate::ui::intent::{Intent, PickFor};
use crate::ui::loaded::Load;
use crate::ui::page::{Page, PageContext, View};
use crate::ui::theme::space;
use crate::ui::widgets;

/// The view state of the page.
#[derive(Default)]
pub struct DataPage {
    /// Whether other data is being chosen while some is there.
    choosing: bool,
    chooser: choose::Chooser,
    preview: preview::Preview,
    /// Column names typed after a fault.
    text_column: String,
    label_column: String,
    show_aside: bool,
}

impl View for DataPage {
    fn ui(&mut self, ui: &mut Ui, ctx: &mut PageContext<'_>) {
        let project = ctx.project;
        self.header(ui, ctx);
        if self.choosing || !project.has_data() {
            return self.choose(ui, ctx);
        }
        match project.data.state() {
            Load::Ready { value, .. } => self.show(ui, ctx, &Arc::clone(value)),
            Load::Failed(fault) => self.failed(ui, ctx, fault),
            Load::Loading | Load::Empty => {
                widgets::loading_state(ui, ctx.text.data.reading);
            }
        }
    }

    fn picked(&mut self, purpose: PickFor, path: PathBuf, ctx: &mut PageContext<'_>) {
        match self.chooser.picked(purpose, path) {
            Some(data) => self.take(data, ctx),
            // A file for one split: the person goes on to the others.
            None => self.choosing = true,
        }
    }

    fn dropped(&mut self, path: PathBuf, ctx: &mut PageContext<'_>) {
        self.take(DataSettings::file(path), ctx);
    }

    fn status(&self, ctx: &PageContext<'_>) -> Option<String> {
        Some(ctx.text.data.status.to_owned())
    }
}

impl DataPage {
    fn header(&mut self, ui: &mut Ui, ctx: &PageContext<'_>) {
        let words = &ctx.text.data;
        let project = ctx.project;
        let mut subtitle = words.subtitle_empty.to_owned();
        if project.has_data() {
            subtitle = project.settings.data.title();
        }
        if let Load::Ready { value, refreshing } = project.data.state() {
            subtitle.clone_from(&value.description);
            if refreshing {
                subtitle = format!("{subtitle} · {}", words.reading_again);
            }
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
        });
    }

    fn choose(&mut self, ui: &mut Ui, ctx: &mut PageContext<'_>) {
        if let Some(data) = self.chooser.show(ui, ctx) {
            self.take(data, ctx);
        }
    }

    fn take(&mut self, data: DataSettings, ctx: &mut PageContext<'_>) {
        self.choosing = false;
        self.preview = preview::Preview::default();
        (self.text_column, self.label_column) = Default::default();
        ctx.send(Intent::SetData(Box::new(data)));
    }

    fn show(&mut self, ui: &mut Ui, ctx: &mut PageContext<'_>, view: &Arc<DatasetView>) {
        let room = ui.available_height() - space::GAP - ui.spacing().item_spacing.y;
        let lower = (room * 0.36).clamp(170.0, 300.0);
        widgets::row(ui, &[0.6, 0.4], room - lower, |cells| {
            widgets::fill_card(&mut cells[0], |ui| self.preview.show(ui, ctx, view));
            widgets::fill_card(&mut cells[1], |ui| {
                self.show_aside |= checks::show(ui, ctx, view);
            });
        });
        ui.add_space(space::GAP - ui.spacing().item_spacing.y);
        widgets::row(ui, &[0.6, 0.4], lower, |cells| {
            widgets::fill_card(&mut cells[0], |ui| charts::labels(ui, ctx, view));
            widgets::fill_card(&mut cells[1], |ui| charts::lengths(ui, ctx, view));
        });
        if self.show_aside {
            self.show_aside = checks::aside_dialog(ui, ctx, view);
        }
    }

    fn failed(&mut self, ui: &mut Ui, ctx: &mut PageContext<'_>, fault: &Error) {
        widgets::card(ui, |ui| {
            if widgets::error_state(ui, fault, Some(ctx.text.common.try_again)) {
                ctx.send(Intent::ReadData);
            }
            ui.add_space(space::GAP);
        });
        // The bundled sets have the right names.
        if ctx.project.settings.data.bundled.is_none() {
            ui.add_space(space::GAP);
            widgets::card(ui, |ui| self.name_columns(ui, ctx));
        }
    }

    fn name_columns(&mut self, ui: &mut Ui, ctx: &mut PageContext<'_>) {
        let words = &ctx.text.data.columns;
        widgets::card_title(ui, words.note, "");
        for (name, value) in [
            (words.text, &mut self.text_column),
            (words.label, &mut self.label_column),
        ] {
            widgets::form_row(ui, name, |ui, label| {
                ui.add(TextEdit::singleline(value)).labelled_by(label.id);
            });
        }
        ui.add_space(space::SMALL);
        let named = |value: &str| Some(value.trim().to_owned()).filter(|value| !value.is_empty());
        let (text, label) = (named(&self.text_column), named(&self.label_column));
        let any = text.is_some() || label.is_some();
        if widgets::secondary_enabled(ui, any, words.read).clicked() {
            ctx.send(Intent::SetData(Box::new(DataSettings {
                text_column: text,
                label_column: label,
                ..ctx.project.settings.data.clone()
            })));
        }
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
