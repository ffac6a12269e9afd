//! Hyperparameters: how it learns.

mod groups;
mod schedule;
mod summary;

use egui::{RichText, ScrollArea, TextStyle, Ui};

use crate::run::Preset;
use crate::run::hyperparameters::FIELDS;
use crate::ui::fields::Fields;
use crate::ui::intent::Intent;
use crate::ui::page::{Page, PageContext, View};
use crate::ui::theme::{self, space};
use crate::ui::widgets;

/// The view state of the page.
#[derive(Default)]
pub struct HyperparametersPage {
    fields: Fields,
}

impl View for HyperparametersPage {
    fn ui(&mut self, ui: &mut Ui, ctx: &mut PageContext<'_>) {
        let words = &ctx.text.hyperparameters;
        let title = Page::Hyperparameters.title(ctx.text);
        widgets::page_header(ui, title, words.subtitle, |_| {});
        self.presets(ui, ctx);
        ui.add_space(space::GAP - ui.spacing().item_spacing.y);
        let height = ui.available_height();
        widgets::row(ui, &[0.68, 0.32], height, |cells| {
            let (left, right) = cells.split_at_mut(1);
            ScrollArea::vertical()
                .auto_shrink(false)
                .show(&mut left[0], |ui| groups::show(ui, ctx, &mut self.fields));
            ScrollArea::vertical()
                .id_salt("summary")
                .show(&mut right[0], |ui| {
                    summary::show(ui, ctx);
                    ui.add_space(space::GAP - ui.spacing().item_spacing.y);
                    schedule::show(ui, ctx);
                });
        });
    }

    fn status(&self, ctx: &PageContext<'_>) -> Option<String> {
        // Help for those who come by keyboard and see no hover.
        let help = self.fields.help();
        Some(help.unwrap_or(ctx.text.hyperparameters.status).to_owned())
    }

    fn problem(&self, ctx: &PageContext<'_>) -> Option<String> {
        match self.fields.first_wrong(FIELDS.iter()) {
            Some(name) => Some((ctx.text.hyperparameters.wrong)(name)),
            None => ctx.project.method_fault().map(|fault| fault.what()),
        }
    }
}

impl HyperparametersPage {
    fn presets(&mut self, ui: &mut Ui, ctx: &mut PageContext<'_>) {
        let words = &ctx.text.hyperparameters;
        let current = ctx
            .project
            .preset()
            .filter(|_| self.fields.first_wrong(FIELDS.iter()).is_none());
        let mut chosen = None;
        widgets::row(ui, &[1.0; 3], 84.0, |cells| {
            for (cell, preset) in cells.iter_mut().zip(Preset::ALL) {
                let note = match preset {
                    Preset::QuickLook => words.quick_note,
                    Preset::Balanced => words.balanced_note,
                    Preset::Thorough => words.thorough_note,
                };
                if preset_card(cell, ctx, preset, note, current == Some(preset)) {
                    chosen = Some(preset);
                }
            }
        });
        if let Some(preset) = chosen {
            self.fields.forget();
            ctx.send(Intent::ApplyPreset(preset));
        }
    }
}

fn preset_card(
    ui: &mut Ui,
    ctx: &PageContext<'_>,
    preset: Preset,
    note: &str,
    chosen: bool,
) -> bool {
    let words = &ctx.text.hyperparameters;
    let place = Preset::ALL.iter().position(|&other| other == preset);
    let estimate = place.and_then(|place| ctx.project.preset_estimates.get(place));
    let name = words.preset(preset);
    let size = ui.available_size();
    let response = widgets::choice_card(ui, size, chosen, name, |ui| {
        ui.horizontal(|ui| {
            widgets::choice_mark(ui, chosen);
            widgets::heading(ui, name, TextStyle::Heading);
            if let Some(estimate) = estimate {
                let time = (words.about)(&(ctx.text.units.duration)(estimate.seconds));
                let time = RichText::new(time).small();
                widgets::elided(ui, time.color(theme::palette(ui).accent_text));
            }
        });
        widgets::weak(ui, note);
    });
    response.clicked()
}
