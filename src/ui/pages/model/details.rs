//! The chosen model in full.

use egui::{Label, RichText, Ui, vec2};

use crate::hub::Entry;
use crate::run::Preset;
use crate::ui::page::PageContext;
use crate::ui::services::LocalModel;
use crate::ui::text::Text;
use crate::ui::theme::{self, space};
use crate::ui::widgets;

/// Draws the chosen model's card.
pub fn show(ui: &mut Ui, ctx: &PageContext<'_>) {
    let words = &ctx.text.model.details;
    let project = ctx.project;
    widgets::card(ui, |ui| {
        match (project.chosen_model(), project.local_model.value()) {
            (Some(model), _) => known(ui, ctx, &model.entry),
            (None, Some(local)) => folder(ui, ctx.text, local),
            (None, None) => widgets::card_title(ui, words.none, ""),
        }
    });
}

fn known(ui: &mut Ui, ctx: &PageContext<'_>, entry: &Entry) {
    let text = ctx.text;
    let words = &text.model.details;
    widgets::card_title(ui, &entry.title, "");
    ui.add(Label::new(&entry.summary).wrap());
    ui.add_space(space::SMALL);
    let parameters = (text.model.parameters)(&(text.units.parameters)(entry.parameters));
    fact(
        ui,
        words.size,
        &format!("{parameters}, {}", (text.model.layers)(entry.layers)),
    );
    fact(
        ui,
        words.languages,
        &(text.model.languages)(&entry.languages),
    );
    fact(ui, words.licence, &entry.licence);
    let longest = (text.units.count)(entry.max_length);
    fact(ui, words.longest, &(words.tokens)(&longest));
    let balanced = ctx.project.of_preset(Preset::Balanced);
    let rate = (text.units.rate)(balanced.learning_rate);
    fact(ui, words.learning_rate, &format!("{LEARNING_RATE} {rate}"));
    if let Some(data) = &entry.training_data {
        fact(ui, words.training_data, data);
    }
    if let Some(repository) = &entry.repository {
        fact(ui, words.source, repository);
    }
}

/// The hyperparameter's own name; it is the same in every language.
const LEARNING_RATE: &str = "learning_rate";

fn folder(ui: &mut Ui, text: &Text, local: &LocalModel) {
    let words = &text.model.details;
    let name = local.folder.file_name().map(|name| name.to_string_lossy());
    widgets::card_title(ui, &name.unwrap_or_default(), words.folder);
    let layers = (text.model.layers)(local.shape.layers);
    fact(
        ui,
        words.size,
        &format!("{}, {layers}", (text.units.bytes)(local.bytes)),
    );
    fact(ui, words.source, &local.folder.display().to_string());
}

fn fact(ui: &mut Ui, name: &str, value: &str) {
    ui.horizontal_top(|ui| {
        ui.spacing_mut().interact_size.y = 18.0;
        ui.allocate_ui(vec2(84.0, 18.0), |ui| {
            ui.set_min_width(84.0);
            widgets::weak(ui, name);
        });
        let value = RichText::new(value).small().color(theme::palette(ui).text);
        ui.add(Label::new(value).wrap());
    });
}
