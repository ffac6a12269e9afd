//! Cards and rows of which one is chosen.

use egui::{
    Align, ComboBox, Layout, Response, Role, Sense, Shape, Stroke, StrokeKind, TextStyle, Ui,
    UiBuilder, Vec2, WidgetInfo,
};

use super::words::{heading, wrapped_weak};
use crate::ui::theme::{self, space};

/// A card that is one of several choices; `name` is what a screen reader says. The content is
/// drawn into the card's inside and takes no clicks of its own.
pub fn choice_card(
    ui: &mut Ui,
    size: Vec2,
    chosen: bool,
    name: &str,
    content: impl FnOnce(&mut Ui),
) -> Response {
    let (rect, response) = ui.allocate_exact_size(size, Sense::click());
    response.widget_info(|| WidgetInfo::selected(Role::RadioButton, true, chosen, name));
    let palette = theme::palette(ui);
    let fill = if response.hovered() && !chosen {
        // Half way, so that pills on the card stay visible.
        palette.surface.lerp_to_gamma(palette.raised, 0.5)
    } else {
        palette.surface
    };
    let (width, colour) = match (chosen, response.has_focus()) {
        (true, _) => (1.5, palette.accent),
        (false, true) => (1.0, palette.accent),
        (false, false) if response.hovered() => (1.0, palette.edge),
        (false, false) => (1.0, palette.border),
    };
    let stroke = Stroke::new(width, colour);
    ui.painter()
        .rect(rect, space::CARD_RADIUS, fill, stroke, StrokeKind::Inside);
    if chosen && response.has_focus() {
        let ring = rect.expand(3.0);
        let stroke = Stroke::new(1.0, palette.accent.gamma_multiply(0.6));
        ui.painter()
            .rect_stroke(ring, space::CARD_RADIUS + 2, stroke, StrokeKind::Inside);
    }
    let inside = rect.shrink(f32::from(space::CARD));
    let builder = UiBuilder::new()
        .max_rect(inside)
        .layout(Layout::top_down(Align::Min));
    let mut inner = ui.new_child(builder);
    inner.set_clip_rect(inner.clip_rect().intersect(rect.shrink(2.0)));
    content(&mut inner);
    response
}

/// A row inside a card that is one of several choices: its name, and what it means below it.
pub fn choice_row(ui: &mut Ui, chosen: bool, name: &str, note: &str) -> Response {
    let behind = ui.painter().add(Shape::Noop);
    let builder = UiBuilder::new().sense(Sense::click());
    let row = ui.scope_builder(builder, |ui| {
        ui.set_min_width(ui.available_width());
        ui.horizontal(|ui| {
            choice_mark(ui, chosen);
            heading(ui, name, TextStyle::Body);
        });
        wrapped_weak(ui, note);
    });
    let response = row.response;
    response.widget_info(|| WidgetInfo::selected(Role::RadioButton, true, chosen, name));
    if response.gained_focus() {
        // Rows are found in columns that scroll; the keyboard may go beyond their end.
        response.scroll_to_me(None);
    }
    ui.painter()
        .set(behind, row_background(ui, &response, chosen));
    response
}

/// What tells that a row is pointed at or has the keyboard's focus.
fn row_background(ui: &Ui, response: &Response, chosen: bool) -> Shape {
    let palette = theme::palette(ui);
    let rect = response.rect.expand(space::SMALL);
    if response.has_focus() {
        let stroke = Stroke::new(1.0, palette.accent);
        Shape::rect_stroke(rect, space::RADIUS, stroke, StrokeKind::Inside)
    } else if response.hovered() && !chosen {
        let fill = palette.surface.lerp_to_gamma(palette.raised, 0.5);
        Shape::rect_filled(rect, space::RADIUS, fill)
    } else {
        Shape::Noop
    }
}

/// A box that drops down to a list of choices, named by `label`; whether another was chosen.
pub fn choice_box<T: PartialEq>(
    ui: &mut Ui,
    label: &Response,
    value: &mut T,
    choices: impl IntoIterator<Item = (T, String)>,
) -> bool {
    let choices: Vec<_> = choices.into_iter().collect();
    let current = choices.iter().find(|(choice, _)| choice == value);
    let words = current.map_or("", |(_, words)| words.as_str()).to_owned();
    let mut changed = false;
    let combo = ComboBox::from_id_salt(label.id)
        .width(ui.available_width())
        .truncate()
        .selected_text(words)
        .show_ui(ui, |ui| {
            for (choice, words) in choices {
                if ui.selectable_label(choice == *value, words).clicked() && choice != *value {
                    *value = choice;
                    changed = true;
                }
            }
        });
    combo.response.labelled_by(label.id);
    changed
}

/// The round mark of a choice, filled when it is chosen.
pub fn choice_mark(ui: &mut Ui, chosen: bool) {
    let palette = theme::palette(ui);
    let (rect, _) = ui.allocate_exact_size(Vec2::splat(16.0), Sense::hover());
    let centre = rect.center();
    if chosen {
        ui.painter()
            .circle_stroke(centre, 7.0, Stroke::new(1.5, palette.accent));
        ui.painter().circle_filled(centre, 3.6, palette.accent);
    } else {
        ui.painter()
            .circle_stroke(centre, 7.0, Stroke::new(1.2, palette.edge));
    }
}
