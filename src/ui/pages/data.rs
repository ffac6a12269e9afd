//! Data: from which examples.

use egui::Ui;

use crate::ui::page::{Page, PageContext, View};
use crate::ui::widgets;

/// The view state of the page.
#[derive(Default)]
pub struct DataPage {}

impl View for DataPage {
    fn ui(&mut self, ui: &mut Ui, ctx: &mut PageContext<'_>) {
        let title = Page::Data.title(ctx.text);
        widgets::page_header(ui, title, "", |_| {});
    }
}
