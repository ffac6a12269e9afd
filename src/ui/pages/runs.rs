//! Runs: everything that is kept.

use egui::Ui;

use crate::ui::page::{Page, PageContext, View};
use crate::ui::widgets;

/// The view state of the page.
#[derive(Default)]
pub struct RunsPage {}

impl View for RunsPage {
    fn ui(&mut self, ui: &mut Ui, ctx: &mut PageContext<'_>) {
        let title = Page::Runs.title(ctx.text);
        widgets::page_header(ui, title, "", |_| {});
    }
}
