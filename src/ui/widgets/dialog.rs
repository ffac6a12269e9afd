//! Questions that must be answered first.

use egui::{Align, Id, Layout, Modal, RichText, Ui, vec2};

use crate::ui::theme::{self, space};

/// A modal dialog for tables and forms of two columns; else as [`dialog`].
pub fn wide_dialog<R>(
    ui: &Ui,
    name: &'static str,
    title: &str,
    content: impl FnOnce(&mut Ui) -> R,
) -> (R, bool) {
    sized_dialog(ui, name, title, space::WIDE_DIALOG, content)
}

/// A modal dialog. Returns what `content` returned, and whether the person wants it closed
/// (Escape, or a click beside it).
pub fn dialog<R>(
    ui: &Ui,
    name: &'static str,
    title: &str,
    content: impl FnOnce(&mut Ui) -> R,
) -> (R, bool) {
    sized_dialog(ui, name, title, space::DIALOG, content)
}

fn sized_dialog<R>(
    ui: &Ui,
    name: &'static str,
    title: &str,
    width: f32,
    content: impl FnOnce(&mut Ui) -> R,
) -> (R, bool) {
    let palette = theme::palette(ui);
    let frame = egui::Frame::popup(ui.style()).inner_margin(egui::Margin::same(20));
    let modal = Modal::new(Id::unique(name))
        .frame(frame)
        .backdrop_color(palette.backdrop)
        .show(ui, |ui| {
            ui.set_width(width);
            ui.label(
                RichText::new(title)
                    .text_style(theme::large_style())
                    .color(palette.strong),
            );
            ui.add_space(space::MEDIUM);
            content(ui)
        });
    let closed = modal.should_close();
    (modal.inner, closed)
}

/// The buttons of a dialog, added from right to left.
pub fn dialog_buttons<R>(ui: &mut Ui, content: impl FnOnce(&mut Ui) -> R) -> R {
    ui.add_space(space::GAP);
    // A height of their own: a dialog that was taller the last time would keep its room.
    let size = vec2(ui.available_width(), space::BUTTON);
    ui.allocate_ui_with_layout(size, Layout::right_to_left(Align::Center), content)
        .inner
}
