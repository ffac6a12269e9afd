//! Task: what is to be learned.

use egui::{RichText, ScrollArea, TextStyle, Ui, vec2};

use crate::tasks::TaskKind;
use crate::ui::intent::Intent;
use crate::ui::page::{Page, PageContext, View};
use crate::ui::text::Text;
use crate::ui::text::task::{Card, Group};
use crate::ui::theme::{self, space};
use crate::ui::widgets::{self, Tone};

/// Height of a card that can be chosen.
const CHOICE: f32 = 138.0;
/// Height of a card that is still to come.
const COMING: f32 = 112.0;

/// The view state of the page.
#[derive(Default)]
pub struct TaskPage {}

impl View for TaskPage {
    fn ui(&mut self, ui: &mut Ui, ctx: &mut PageContext<'_>) {
        let text = ctx.text;
        widgets::page_header(ui, Page::Task.title(text), text.task.subtitle, |_| {});
        ScrollArea::vertical().show(ui, |ui| {
            understand(ui, ctx);
            ui.add_space(space::GAP);
            let height = group_height(2);
            // As wide as the columns above: one, and two with the gap between them.
            let width = ui.available_width();
            let column = ((width - 2.0 * space::GAP) / 3.0).max(0.0);
            let weights = [column, width - space::GAP - column];
            widgets::row(ui, &weights, height, |cells| {
                let words = &text.task;
                group(&mut cells[0], &words.answer);
                choices(&mut cells[0], ctx, &[TaskKind::Questions]);
                coming(&mut cells[0], text, words.answer_coming, 1);
                group(&mut cells[1], &words.write);
                coming(&mut cells[1], text, words.write_coming, 2);
            });
        });
    }

    fn status(&self, ctx: &PageContext<'_>) -> Option<String> {
        Some(ctx.text.task.status.to_owned())
    }
}

fn group_height(rows: usize) -> f32 {
    34.0 + rows as f32 * (COMING + space::GAP)
}

fn group(ui: &mut Ui, words: &Group) {
    ui.horizontal(|ui| {
        ui.set_min_height(26.0);
        widgets::heading(ui, words.title, TextStyle::Heading);
        widgets::weak(ui, words.note);
    });
}

fn understand(ui: &mut Ui, ctx: &mut PageContext<'_>) {
    let text = ctx.text;
    let words = &text.task;
    group(ui, &words.understand);
    use TaskKind::{Entities, MultiLabel, Pairs, Sentiment, Similarity, Topic};
    choices(ui, ctx, &[Sentiment, Topic, MultiLabel]);
    choices(ui, ctx, &[Pairs, Similarity, Entities]);
}

/// Cards that can be chosen, side by side.
fn choices(ui: &mut Ui, ctx: &mut PageContext<'_>, tasks: &[TaskKind]) {
    let current = ctx.project.settings.task;
    let mut chosen = None;
    widgets::row(ui, &vec![1.0; tasks.len()], CHOICE, |cells| {
        for (cell, &task) in cells.iter_mut().zip(tasks) {
            if choice(cell, ctx.text, ctx.text.task.card(task), task == current) {
                chosen = Some(task);
            }
        }
    });
    if let Some(task) = chosen {
        ctx.send(Intent::SetTask(task));
    }
    ui.add_space(space::GAP - ui.spacing().item_spacing.y);
}

fn choice(ui: &mut Ui, text: &Text, card: &Card, chosen: bool) -> bool {
    let size = ui.available_size();
    let response = widgets::choice_card(ui, size, chosen, card.title, |ui| {
        ui.horizontal(|ui| {
            widgets::choice_mark(ui, chosen);
            widgets::heading(ui, card.title, TextStyle::Heading);
        });
        widgets::elided(
            ui,
            RichText::new(card.summary).color(theme::palette(ui).weak),
        );
        ui.add_space(space::SMALL);
        example(ui, text, card, Tone::Accent);
    });
    response.clicked()
}

fn example(ui: &mut Ui, text: &Text, card: &Card, tone: Tone) {
    let strong = theme::palette(ui).text;
    for (name, words, colour) in [
        (text.task.input, card.input, strong),
        (text.task.output, card.output, tone.colour(ui)),
    ] {
        ui.horizontal(|ui| {
            ui.set_height(18.0);
            let size = vec2(26.0, 18.0);
            let layout = egui::Layout::left_to_right(egui::Align::Center);
            ui.allocate_ui_with_layout(size, layout, |ui| {
                ui.set_min_size(size);
                widgets::weak(ui, name);
            });
            widgets::elided(ui, RichText::new(words).color(colour));
        });
    }
}

fn coming(ui: &mut Ui, text: &Text, cards: &[Card], columns: usize) {
    for line in cards.chunks(columns) {
        let weights = vec![1.0; columns];
        widgets::row(ui, &weights, COMING, |cells| {
            for (cell, card) in cells.iter_mut().zip(line) {
                coming_card(cell, text, card);
            }
        });
        ui.add_space(space::GAP - ui.spacing().item_spacing.y);
    }
}

fn coming_card(ui: &mut Ui, text: &Text, card: &Card) {
    let response = ui.scope(|ui| {
        widgets::fill_card(ui, |ui| {
            ui.spacing_mut().item_spacing.y = 3.0;
            let weak = theme::palette(ui).weak;
            ui.horizontal(|ui| {
                let layout = egui::Layout::right_to_left(egui::Align::Center);
                ui.with_layout(layout, |ui| {
                    widgets::coming_tag(ui, text.common.coming);
                    let layout = egui::Layout::left_to_right(egui::Align::Center);
                    ui.with_layout(layout, |ui| {
                        widgets::elided(ui, RichText::new(card.title).color(weak))
                    });
                });
            });
            widgets::weak(ui, card.summary);
            ui.add_space(4.0);
            widgets::weak(ui, card.input);
            let colour = theme::palette(ui).accent_text.gamma_multiply(0.75);
            widgets::elided(ui, RichText::new(card.output).small().color(colour));
        });
    });
    response.response.on_hover_text(text.common.coming_hover);
}
