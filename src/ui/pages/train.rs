//! Train: the curves of the shown run.

use egui::Ui;

use crate::ui::page::{Page, PageContext, View};
use crate::ui::widgets;

/// The view state of the page.
#[derive(Default)]
pub struct TrainPage {}

impl View for TrainPage {
    fn ui(&mut self, ui: &mut Ui, ctx: &mut PageContext<'_>) {
        let title = Page::Train.title(ctx.text);
        widgets::page_header(ui, title, "", |_| {});
    }
}
