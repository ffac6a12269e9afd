//! The page before anything was trained: what is missing, or the button that starts it.

use egui::Ui;

use crate::ui::intent::Intent;
use crate::ui::page::{Page, PageContext};
use crate::ui::project::Blocked;
use crate::ui::widgets;

/// Draws the page without a run.
pub fn ui(ui: &mut Ui, ctx: &mut PageContext<'_>) {
    let words = &ctx.text.train;
    widgets::page_header(ui, Page::Train.title(ctx.text), "", |_| {});
    let blocked = ctx.project.blocked_start();
    let (title, detail, action, intent) = match blocked {
        Some(Blocked::NeedsModel) => (
            words.nothing_title,
            words.needs_model.to_owned(),
            words.to_model,
            Intent::Navigate(Page::Model),
        ),
        Some(_) => (
            words.nothing_title,
            words.needs_data.to_owned(),
            words.to_data,
            Intent::Navigate(Page::Data),
        ),
        None => (
            words.ready_title,
            summary(ctx),
            words.start,
            Intent::StartTraining,
        ),
    };
    if widgets::empty_state(ui, title, &detail, Some(action)) {
        ctx.send(intent);
    }
}

fn summary(ctx: &PageContext<'_>) -> String {
    let settings = &ctx.project.settings;
    let rows = ctx.project.data.value().map_or(0, |view| view.rows.len());
    let rows = (ctx.text.units.rows)(rows);
    (ctx.text.train.ready)(&settings.data.title(), &rows, &settings.model)
}
