//! Cards of which one is chosen.

use egui::{
    Align, Layout, Response, Role, Sense, Stroke, StrokeKind, Ui, UiBuilder, Vec2, WidgetInfo,
};

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
