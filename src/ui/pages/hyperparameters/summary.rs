//! What the run will take.

use egui::Ui;

use crate::ui::intent::Intent;
use crate::ui::page::PageContext;
use crate::ui::theme::space;
use crate::ui::widgets::{self, Stat, Tone};

/// Draws steps, time and memory.
pub fn show(ui: &mut Ui, ctx: &mut PageContext<'_>) {
    let text = ctx.text;
    let words = &text.hyperparameters;
    let project = ctx.project;
    widgets::card(ui, |ui| {
        widgets::card_title(ui, words.summary, &project.settings.data.title());
        let Some(estimate) = project.estimate() else {
            widgets::wrapped_weak(ui, words.no_estimate);
            return;
        };
        let epochs = project.settings.hyperparameters.num_train_epochs;
        let per_epoch = (estimate.total_steps as f64 / epochs).round() as usize;
        let per_epoch = match project.settings.hyperparameters.max_steps {
            ..=0 => (words.per_epoch)(&(text.units.count)(per_epoch)),
            _ => String::new(),
        };
        let steps = (text.units.count)(estimate.total_steps);
        widgets::stat_tile(ui, &Stat::new(words.steps, steps, per_epoch));
        ui.add_space(space::SMALL);
        let time = (text.units.duration)(estimate.seconds);
        widgets::stat_tile(ui, &Stat::new(words.time, time, ""));
        ui.add_space(space::SMALL);
        let free = project
            .machine
            .value()
            .and_then(|machine| machine.free_memory);
        let short = free.is_some_and(|free| estimate.memory_bytes > free);
        let free = free.map(|free| (words.free)(&(text.units.bytes)(free)));
        let memory = (text.units.bytes)(estimate.memory_bytes);
        let memory = Stat::new(words.memory, memory, free.unwrap_or_default());
        let tone = if short { Tone::Bad } else { Tone::Weak };
        widgets::stat_tile(ui, &memory.tone(tone));
        if short {
            offer_less_memory(ui, ctx);
        }
    });
}

/// Offers, in one click, the same run in less memory: first layers that compute their inner values
/// again, then half the rows per pass and twice the passes per step.
fn offer_less_memory(ui: &mut Ui, ctx: &mut PageContext<'_>) {
    let words = &ctx.text.hyperparameters;
    let mut changed = ctx.project.settings.hyperparameters.clone();
    widgets::wrapped_weak(ui, words.too_large);
    let offer = if !changed.gradient_checkpointing {
        changed.gradient_checkpointing = true;
        words.recompute
    } else if changed.per_device_train_batch_size > 1 {
        changed.per_device_train_batch_size /= 2;
        changed.gradient_accumulation_steps *= 2;
        words.halve
    } else {
        return;
    };
    if ui.button(offer).clicked() {
        ctx.send(Intent::SetHyperparameters(Box::new(changed)));
    }
}
