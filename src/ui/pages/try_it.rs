//! Try: what the shown run says to a sentence.

use egui::Ui;

use crate::ui::page::{Page, PageContext, View};
use crate::ui::widgets;

/// The view state of the page.
#[derive(Default)]
pub struct TryPage {}

impl View for TryPage {
    fn ui(&mut self, ui: &mut Ui, ctx: &mut PageContext<'_>) {
        let title = Page::Try.title(ctx.text);
        widgets::page_header(ui, title, "", |_| {});
    }
}
