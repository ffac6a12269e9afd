//! Tables with hairlines between their rows.

use egui::{Align, Label, Layout, Response, Ui, Vec2, WidgetText};
use egui_extras::TableBuilder;

/// Free room behind the words of a cell.
const BEHIND: f32 = 10.0;

/// A table that fills the room it is given and scrolls. Its cells touch, so that the hairlines of
/// `set_overline` run through; [`cell`] keeps the words apart.
pub fn table<'a>(ui: &'a mut Ui, name: &str) -> TableBuilder<'a> {
    ui.spacing_mut().item_spacing = Vec2::ZERO;
    let room = ui.available_height();
    TableBuilder::new(ui)
        .id_salt(name)
        .auto_shrink(false)
        .max_scroll_height(room)
        .min_scrolled_height(0.0)
        .cell_layout(Layout::left_to_right(Align::Center))
}

/// Words in a cell, cut with "…" where there is no room and shown in full under the pointer.
pub fn cell(ui: &mut Ui, words: impl Into<WidgetText>) -> Response {
    // A chosen row would give its words the colour of its edge, which is hard to read on its fill.
    ui.visuals_mut().override_text_color = None;
    ui.set_max_width((ui.available_width() - BEHIND).max(0.0));
    ui.add(Label::new(words).truncate())
}
