//! Model: starting from which one, and with which method.

use egui::Ui;

use crate::ui::page::{Page, PageContext, View};
use crate::ui::widgets;

/// The view state of the page.
#[derive(Default)]
pub struct ModelPage {}

impl View for ModelPage {
    fn ui(&mut self, ui: &mut Ui, ctx: &mut PageContext<'_>) {
        let title = Page::Model.title(ctx.text);
        widgets::page_header(ui, title, "", |_| {});
    }
}
