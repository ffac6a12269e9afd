//! Lines of words: headings that stand out, and quiet ones.

use egui::{Color32, Label, Response, RichText, TextStyle, Ui, WidgetInfo, vec2};

use crate::ui::theme::{self, size};

/// Words in the strong colour, a little heavier than the one weight that egui's font has.
pub fn heading(ui: &mut Ui, text: &str, style: TextStyle) -> Response {
    let colour = theme::palette(ui).strong;
    let rich = RichText::new(text)
        .text_style(style)
        .extra_letter_spacing(0.25);
    heavy(ui, rich, text, colour)
}

fn heavy(ui: &mut Ui, rich: RichText, text: &str, colour: Color32) -> Response {
    let (at, galley, response) = Label::new(rich.color(colour)).truncate().layout_in_ui(ui);
    response.widget_info(|| WidgetInfo::labeled(egui::Role::Label, ui.is_enabled(), text));
    let elided = galley.elided;
    if ui.is_rect_visible(response.rect) {
        // Drawn twice, half a point apart: the font has no bold face.
        ui.painter().galley(at, galley.clone(), colour);
        ui.painter().galley(at + vec2(0.5, 0.0), galley, colour);
    }
    if elided {
        response.on_hover_text(text)
    } else {
        response
    }
}

/// One line that is cut with "…" where there is no room, and shown in full under the pointer.
pub fn elided(ui: &mut Ui, text: impl Into<egui::WidgetText>) -> Response {
    ui.add(Label::new(text).truncate())
}

/// A small quiet line.
pub fn weak(ui: &mut Ui, text: &str) -> Response {
    ui.add(Label::new(small(ui, text)).truncate())
}

/// Small quiet words that may take several lines.
pub fn wrapped_weak(ui: &mut Ui, text: &str) -> Response {
    ui.add(Label::new(small(ui, text)).wrap())
}

fn small(ui: &Ui, text: &str) -> RichText {
    RichText::new(text)
        .size(size::SMALL)
        .color(theme::palette(ui).weak)
}
