//! Task: what is to be learned.

use egui::Ui;

use crate::ui::page::{Page, PageContext, View};
use crate::ui::widgets;

/// The view state of the page.
#[derive(Default)]
pub struct TaskPage {}

impl View for TaskPage {
    fn ui(&mut self, ui: &mut Ui, ctx: &mut PageContext<'_>) {
        let title = Page::Task.title(ctx.text);
        widgets::page_header(ui, title, "", |_| {});
    }
}
