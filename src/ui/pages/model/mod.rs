//! Model: starting from which one, and with which method.

mod catalogue;
mod details;
mod method;

use std::path::PathBuf;

use egui::{ScrollArea, Ui};

use crate::ui::fields::Fields;
use crate::ui::intent::{Intent, PickFor};
use crate::ui::loaded::Load;
use crate::ui::page::{Page, PageContext, View};
use crate::ui::theme::space;
use crate::ui::widgets::{self, PathField};

/// The view state of the page.
#[derive(Default)]
pub struct ModelPage {
    folder: String,
    fields: Fields,
}

impl View for ModelPage {
    fn ui(&mut self, ui: &mut Ui, ctx: &mut PageContext<'_>) {
        let words = &ctx.text.model;
        widgets::page_header(ui, Page::Model.title(ctx.text), words.subtitle, |_| {});
        let height = ui.available_height();
        widgets::row(ui, &[0.66, 0.34], height, |cells| {
            let (left, right) = cells.split_at_mut(1);
            self.choices(&mut left[0], ctx);
            ScrollArea::vertical()
                .id_salt("details")
                .show(&mut right[0], |ui| {
                    details::show(ui, ctx);
                    ui.add_space(space::GAP - ui.spacing().item_spacing.y);
                    method::show(ui, ctx, &mut self.fields);
                });
        });
    }

    fn picked(&mut self, _: PickFor, path: PathBuf, ctx: &mut PageContext<'_>) {
        self.take(path, ctx);
    }

    fn dropped(&mut self, path: PathBuf, ctx: &mut PageContext<'_>) {
        self.take(path, ctx);
    }

    fn status(&self, ctx: &PageContext<'_>) -> Option<String> {
        // Help for those who come by keyboard and see no hover.
        if let Some(help) = self.fields.help() {
            return Some(help.to_owned());
        }
        let machine = ctx.project.machine.value()?;
        let memory = machine.free_memory.map(ctx.text.units.bytes);
        Some((ctx.text.model.status)(machine.threads, memory.as_deref()))
    }

    fn problem(&self, ctx: &PageContext<'_>) -> Option<String> {
        // A wrong value of another method is no obstacle.
        let method = ctx.project.settings.hyperparameters.method;
        match self.fields.first_wrong(method::fields_of(method)) {
            Some(name) => Some((ctx.text.model.method.wrong)(name)),
            None => ctx.project.method_fault().map(|fault| fault.what()),
        }
    }
}

impl ModelPage {
    fn take(&mut self, folder: PathBuf, ctx: &mut PageContext<'_>) {
        self.folder = folder.display().to_string();
        ctx.send(Intent::SetModel(self.folder.clone()));
    }

    fn choices(&mut self, ui: &mut Ui, ctx: &mut PageContext<'_>) {
        let project = ctx.project;
        match project.catalogue.state() {
            Load::Ready { value, .. } => {
                ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
                    for model in value {
                        catalogue::model(ui, ctx, model);
                        ui.add_space(space::GAP - ui.spacing().item_spacing.y);
                    }
                    self.local(ui, ctx);
                });
            }
            Load::Failed(fault) => {
                widgets::error_state(ui, fault, None);
            }
            Load::Loading | Load::Empty => widgets::loading_state(ui, ctx.text.model.loading),
        }
    }

    fn local(&mut self, ui: &mut Ui, ctx: &mut PageContext<'_>) {
        let words = &ctx.text.model.local;
        let project = ctx.project;
        widgets::card(ui, |ui| {
            widgets::card_title(ui, words.title, words.note);
            let field = PathField {
                label: words.path,
                hint: words.hint,
                picking: project.picking.is_some(),
                open_button: true,
            };
            let answer = widgets::path_field(ui, ctx.text, &mut self.folder, field);
            if answer.browse {
                ctx.send(Intent::Pick(PickFor::ModelFolder));
            }
            if let Some(folder) = answer.entered {
                self.take(folder, ctx);
            }
            if project.local_model.is_loading() {
                widgets::weak(ui, words.looking);
            }
            if let (None, Some(fault)) = (project.chosen_model(), project.local_model.fault()) {
                widgets::inline_fault(ui, fault);
            }
        });
    }
}
