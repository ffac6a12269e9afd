//! Buttons: one primary per page, secondary ones, and those that destroy.

use egui::{Button, Color32, Response, RichText, Stroke, Ui, vec2};

use super::fields::button_width;
use crate::ui::theme::{self, space};

#[derive(Clone, Copy)]
struct Colours {
    fill: Color32,
    hovered: Color32,
    edge: Color32,
    text: Color32,
}

/// The one thing to do next.
pub fn primary(ui: &mut Ui, text: &str) -> Response {
    primary_enabled(ui, true, text)
}

/// The one thing to do next, when it can be done.
pub fn primary_enabled(ui: &mut Ui, enabled: bool, text: &str) -> Response {
    let palette = theme::palette(ui);
    let colours = Colours {
        fill: palette.accent,
        hovered: palette.accent_hovered,
        edge: palette.accent,
        text: palette.on_accent,
    };
    coloured(ui, enabled, text, colours)
}

/// Everything else that can be done.
pub fn secondary(ui: &mut Ui, text: &str) -> Response {
    secondary_enabled(ui, true, text)
}

/// Everything else, when it can be done.
pub fn secondary_enabled(ui: &mut Ui, enabled: bool, text: &str) -> Response {
    let palette = theme::palette(ui);
    let colours = Colours {
        fill: palette.raised,
        hovered: palette.hovered,
        edge: palette.edge,
        text: palette.strong,
    };
    coloured(ui, enabled, text, colours)
}

/// Secondary buttons side by side in the middle, each with whether it can be pressed; the place of
/// the one that was.
pub fn centred_buttons(ui: &mut Ui, buttons: &[(&str, bool)]) -> Option<usize> {
    let width: f32 = buttons.iter().map(|(text, _)| button_width(ui, text)).sum();
    let mut pressed = None;
    ui.horizontal(|ui| {
        ui.add_space((ui.available_width() - width).max(0.0) / 2.0);
        for (place, (text, enabled)) in buttons.iter().enumerate() {
            if secondary_enabled(ui, *enabled, text).clicked() {
                pressed = Some(place);
            }
        }
    });
    pressed
}

/// A secondary button that fits into a line of text.
pub fn small_button(ui: &mut Ui, text: &str) -> Response {
    ui.scope(|ui| {
        ui.spacing_mut().button_padding = vec2(9.0, 2.0);
        ui.spacing_mut().interact_size.y = 22.0;
        ui.add(Button::new(RichText::new(text).small()).min_size(vec2(0.0, 22.0)))
    })
    .inner
}

/// A line of text that can be pressed: as wide as there is room, cut with "…" where that is too
/// little.
pub fn line_button(ui: &mut Ui, text: &str) -> Response {
    ui.scope(|ui| {
        ui.spacing_mut().button_padding = vec2(4.0, 2.0);
        ui.spacing_mut().interact_size.y = 22.0;
        ui.add(
            Button::new(text)
                .frame_when_inactive(false)
                .wrap_mode(egui::TextWrapMode::Truncate),
        )
    })
    .inner
}

/// What ends or destroys something.
pub fn danger(ui: &mut Ui, text: &str) -> Response {
    danger_enabled(ui, true, text)
}

/// What ends or destroys something, when it can be done.
pub fn danger_enabled(ui: &mut Ui, enabled: bool, text: &str) -> Response {
    let palette = theme::palette(ui);
    let colours = Colours {
        fill: palette.bad_fill,
        hovered: palette.bad_fill,
        edge: palette.bad.gamma_multiply(0.6),
        text: palette.bad,
    };
    coloured(ui, enabled, text, colours)
}

fn coloured(ui: &mut Ui, enabled: bool, text: &str, colours: Colours) -> Response {
    ui.scope(|ui| {
        let accent = theme::palette(ui).accent;
        let states = &mut ui.visuals_mut().widgets;
        for (state, fill, edge) in [
            (&mut states.inactive, colours.fill, colours.edge),
            (&mut states.hovered, colours.hovered, colours.edge),
            (&mut states.active, colours.hovered, accent),
            (&mut states.noninteractive, colours.fill, colours.edge),
        ] {
            state.weak_bg_fill = fill;
            state.bg_stroke = Stroke::new(1.0, edge);
            state.fg_stroke.color = colours.text;
        }
        let button = Button::new(RichText::new(text).color(colours.text))
            .wrap_mode(egui::TextWrapMode::Extend)
            .min_size(vec2(0.0, space::BUTTON));
        ui.add_enabled(enabled, button)
    })
    .inner
}

/// A small switch in the shape of a pill.
pub fn toggle_pill(ui: &mut Ui, on: &mut bool, text: &str) -> Response {
    let palette = theme::palette(ui);
    let colour = if *on { palette.strong } else { palette.weak };
    let text = RichText::new(text).small().color(colour);
    let button = Button::selectable(*on, text)
        .fill(if *on { palette.raised } else { palette.surface })
        .stroke(Stroke::new(
            1.0,
            if *on { palette.edge } else { palette.border },
        ))
        .corner_radius(10)
        .min_size(vec2(0.0, 20.0));
    let mut response = ui
        .scope(|ui| {
            ui.spacing_mut().button_padding = vec2(9.0, 2.0);
            ui.spacing_mut().interact_size.y = 20.0;
            ui.add(button)
        })
        .inner;
    if response.clicked() {
        *on = !*on;
        response.mark_changed();
    }
    response
}
