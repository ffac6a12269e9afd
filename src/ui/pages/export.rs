//! Export: taking the shown run away.

use egui::Ui;

use crate::ui::page::{Page, PageContext, View};
use crate::ui::widgets;

/// The view state of the page.
#[derive(Default)]
pub struct ExportPage {}

impl View for ExportPage {
    fn ui(&mut self, ui: &mut Ui, ctx: &mut PageContext<'_>) {
        let title = Page::Export.title(ctx.text);
        widgets::page_header(ui, title, "", |_| {});
    }
}
