//! One model of the catalogue: what it is, what it costs, where it is.

use egui::{Align, Label, Layout, RichText, TextStyle, Ui, vec2};

use crate::ui::intent::Intent;
use crate::ui::page::PageContext;
use crate::ui::project::Download;
use crate::ui::services::{ModelChoice, Place};
use crate::ui::theme::{self, space};
use crate::ui::widgets::{self, Tone};

/// Height of a model's card.
const HEIGHT: f32 = 96.0;
/// Width of the column with time and memory.
const COST: f32 = 84.0;
/// Width of the column with the model's place.
const PLACE: f32 = 146.0;

/// Draws the card; choosing and fetching are sent as intents.
pub fn model(ui: &mut Ui, ctx: &mut PageContext<'_>, model: &ModelChoice) {
    let chosen = ctx.project.settings.model == model.entry.name;
    let fault = download(ctx, model).and_then(|download| download.fault.as_ref());
    let height = if fault.is_some() {
        HEIGHT + 40.0
    } else {
        HEIGHT
    };
    // Room for the scroll bar.
    let size = vec2(ui.available_width(), height);
    let mut asked = None;
    let response = widgets::choice_card(ui, size, chosen, &model.entry.title, |ui| {
        ui.with_layout(Layout::right_to_left(Align::Min), |ui| {
            asked = column(ui, PLACE, |ui| place(ui, ctx, model));
            column(ui, COST, |ui| cost(ui, ctx, model));
            ui.with_layout(Layout::top_down(Align::Min), |ui| {
                words(ui, ctx, model, chosen);
                if let Some(fault) = fault {
                    widgets::inline_fault(ui, fault);
                }
            });
        });
    });
    if let Some(intent) = asked {
        ctx.send(intent);
    } else if response.clicked() {
        ctx.send(Intent::SetModel(model.entry.name.clone()));
    }
}

fn download<'a>(ctx: &PageContext<'a>, model: &ModelChoice) -> Option<&'a Download> {
    ctx.project.downloads.get(&model.entry.name)
}

fn column<R>(ui: &mut Ui, width: f32, content: impl FnOnce(&mut Ui) -> R) -> R {
    let size = vec2(width, ui.available_height());
    let layout = Layout::top_down(Align::Max);
    ui.allocate_ui_with_layout(size, layout, |ui| {
        ui.set_min_width(width);
        ui.spacing_mut().item_spacing.y = 3.0;
        content(ui)
    })
    .inner
}

fn words(ui: &mut Ui, ctx: &PageContext<'_>, model: &ModelChoice, chosen: bool) {
    let text = ctx.text;
    let entry = &model.entry;
    ui.spacing_mut().item_spacing.y = 3.0;
    ui.horizontal(|ui| {
        ui.spacing_mut().interact_size.y = 20.0;
        widgets::choice_mark(ui, chosen);
        widgets::heading(ui, &entry.title, TextStyle::Heading);
    });
    let summary = RichText::new(&entry.summary)
        .small()
        .color(theme::palette(ui).text);
    ui.add(Label::new(summary).truncate());
    ui.add_space(1.0);
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 6.0;
        let parameters = (text.units.parameters)(entry.parameters);
        for fact in [
            parameters,
            (text.model.layers)(entry.layers),
            (text.model.languages)(&entry.languages),
            entry.licence.clone(),
        ] {
            widgets::toned_pill(ui, &fact, Tone::Weak);
        }
    });
}

fn cost(ui: &mut Ui, ctx: &PageContext<'_>, model: &ModelChoice) {
    let text = ctx.text;
    let words = &text.model;
    let Some(estimate) = ctx.project.estimates.get(&model.entry.name) else {
        ui.label(RichText::new(words.unknown).weak())
            .on_hover_text(words.unknown_hover);
        return;
    };
    let free = ctx
        .project
        .machine
        .value()
        .and_then(|machine| machine.free_memory);
    let short = free.filter(|&free| estimate.memory_bytes > free);
    figure(
        ui,
        &(text.units.duration)(estimate.seconds),
        words.time,
        Tone::Plain,
    );
    let tone = if short.is_some() {
        Tone::Bad
    } else {
        Tone::Plain
    };
    let memory = (text.units.bytes)(estimate.memory_bytes);
    let response = figure(ui, &memory, words.memory, tone);
    if let Some(free) = short {
        response.on_hover_text((words.too_large)(&(text.units.bytes)(free)));
    }
}

fn figure(ui: &mut Ui, value: &str, name: &str, tone: Tone) -> egui::Response {
    let value = RichText::new(value).color(tone.colour(ui));
    ui.scope(|ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        ui.add(Label::new(value).truncate());
        widgets::weak(ui, name);
    })
    .response
}

fn place(ui: &mut Ui, ctx: &PageContext<'_>, model: &ModelChoice) -> Option<Intent> {
    let words = &ctx.text.model.place;
    let name = model.entry.name.clone();
    let download = download(ctx, model);
    if let Some(running) = download.filter(|download| download.job.is_some()) {
        return under_way(ui, ctx, model, running);
    }
    match model.place {
        Place::BuiltIn => {
            widgets::toned_pill(ui, words.built_in, Tone::Good);
            return None;
        }
        Place::Downloaded => {
            widgets::toned_pill(ui, words.downloaded, Tone::Good);
            return None;
        }
        Place::Partly | Place::Elsewhere => {}
    }
    let size = model.entry.download_bytes.map(ctx.text.units.bytes);
    let label = match (model.place, download, size) {
        (_, Some(_), _) => ctx.text.common.try_again.to_owned(),
        (Place::Partly, ..) => words.resume.to_owned(),
        (_, None, Some(size)) => (words.download)(&size),
        (_, None, None) => words.download_plain.to_owned(),
    };
    let online = !ctx.preferences.offline;
    let button = widgets::secondary_enabled(ui, online, &label);
    let clicked = button.on_disabled_hover_text(words.offline).clicked();
    clicked.then_some(Intent::Download(name))
}

fn under_way(
    ui: &mut Ui,
    ctx: &PageContext<'_>,
    model: &ModelChoice,
    download: &Download,
) -> Option<Intent> {
    let words = &ctx.text.model.place;
    let bytes = ctx.text.units.bytes;
    let label = match download.progress.get() {
        (0, _) => words.connecting.to_owned(),
        (done, Some(all)) => (words.arrived)(&bytes(done), &bytes(all)),
        (done, None) => (words.arrived_plain)(&bytes(done)),
    };
    widgets::weak(ui, &label);
    let share = download.progress.share().unwrap_or(0.0);
    widgets::progress_bar(ui, share, &(words.progress)(&model.entry.title));
    ui.add_space(space::SMALL);
    let cancel = widgets::small_button(ui, ctx.text.common.cancel);
    cancel
        .clicked()
        .then(|| Intent::CancelDownload(model.entry.name.clone()))
}
