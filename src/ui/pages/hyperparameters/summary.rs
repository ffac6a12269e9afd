//! What the run will take.

use egui::Ui;

use crate::ui::page::PageContext;
use crate::ui::theme::space;
use crate::ui::widgets::{self, Stat, Tone};

/// Draws steps, time and memory.
pub fn show(ui: &mut Ui, ctx: &PageContext<'_>) {
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
    });
}
