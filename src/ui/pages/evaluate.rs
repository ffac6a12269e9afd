//! Evaluate: how good the shown run is.

use egui::Ui;

use crate::ui::page::{Page, PageContext, View};
use crate::ui::widgets;

/// The view state of the page.
#[derive(Default)]
pub struct EvaluatePage {}

impl View for EvaluatePage {
    fn ui(&mut self, ui: &mut Ui, ctx: &mut PageContext<'_>) {
        let title = Page::Evaluate.title(ctx.text);
        widgets::page_header(ui, title, "", |_| {});
    }
}
