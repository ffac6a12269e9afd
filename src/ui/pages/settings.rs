//! Settings: what the person prefers.

use egui::Ui;

use crate::ui::page::{Page, PageContext, View};
use crate::ui::widgets;

/// The view state of the page.
#[derive(Default)]
pub struct SettingsPage {}

impl View for SettingsPage {
    fn ui(&mut self, ui: &mut Ui, ctx: &mut PageContext<'_>) {
        let title = Page::Settings.title(ctx.text);
        widgets::page_header(ui, title, "", |_| {});
    }
}
