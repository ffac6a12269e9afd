//! Hyperparameters: how it learns.

use egui::Ui;

use crate::ui::page::{Page, PageContext, View};
use crate::ui::widgets;

/// The view state of the page.
#[derive(Default)]
pub struct HyperparametersPage {}

impl View for HyperparametersPage {
    fn ui(&mut self, ui: &mut Ui, ctx: &mut PageContext<'_>) {
        let title = Page::Hyperparameters.title(ctx.text);
        widgets::page_header(ui, title, "", |_| {});
    }
}
