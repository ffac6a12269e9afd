//! Empty, loading and error states; pills, dots and remarks.

use egui::text::{LayoutJob, TextWrapping};
use egui::{
    Color32, Frame, Label, Response, RichText, Role, Sense, Stroke, StrokeKind, TextStyle, Ui,
    WidgetInfo, vec2,
};

use super::{Tone, buttons};
use crate::error::Error;
use crate::ui::theme::{self, space};

/// Nothing is here yet: says so, says what would be here, and offers one way to get it.
/// True when that way was taken.
pub fn empty_state(ui: &mut Ui, title: &str, detail: &str, action: Option<&str>) -> bool {
    centred(ui, |ui| {
        ui.label(
            RichText::new(title)
                .text_style(theme::large_style())
                .color(theme::palette(ui).strong),
        );
        ui.add_space(space::SMALL);
        ui.add(Label::new(RichText::new(detail).color(theme::palette(ui).weak)).wrap());
        let Some(action) = action else { return false };
        ui.add_space(space::GAP);
        buttons::primary(ui, action).clicked()
    })
}

/// Something is under way.
pub fn loading_state(ui: &mut Ui, text: &str) {
    centred(ui, |ui| {
        ui.add(
            egui::Spinner::new()
                .size(26.0)
                .color(theme::palette(ui).accent),
        );
        ui.add_space(space::MEDIUM);
        ui.label(RichText::new(text).color(theme::palette(ui).weak));
    });
}

/// Something went wrong: says what, and what to do. True when `retry` was pressed.
pub fn error_state(ui: &mut Ui, fault: &Error, retry: Option<&str>) -> bool {
    centred(ui, |ui| {
        let palette = theme::palette(ui);
        ui.add(Label::new(RichText::new(sentence(&fault.what())).color(palette.bad)).wrap());
        if let Some(remedy) = fault.remedy_text() {
            ui.add_space(space::SMALL);
            ui.add(Label::new(RichText::new(remedy).color(palette.text)).wrap());
        }
        let Some(retry) = retry else { return false };
        ui.add_space(space::GAP);
        buttons::secondary(ui, retry).clicked()
    })
}

fn centred<R>(ui: &mut Ui, content: impl FnOnce(&mut Ui) -> R) -> R {
    let width = ui.available_width().min(560.0);
    let room = ui.available_height();
    ui.vertical_centered(|ui| {
        // A little above the middle reads as the middle.
        if room.is_finite() {
            ui.add_space((room * 0.32 - 40.0).clamp(8.0, 150.0));
        }
        ui.set_max_width(width);
        content(ui)
    })
    .inner
}

/// A fault beside the thing it is about.
pub fn inline_fault(ui: &mut Ui, fault: &Error) {
    let palette = theme::palette(ui);
    ui.add(
        Label::new(
            RichText::new(sentence(&fault.what()))
                .small()
                .color(palette.bad),
        )
        .wrap(),
    );
    if let Some(remedy) = fault.remedy_text() {
        ui.add(Label::new(RichText::new(remedy).small().color(palette.weak)).wrap());
    }
}

/// Errors begin in lower case, so that they can follow a colon; alone they are a sentence.
pub fn sentence(what: &str) -> String {
    let first_word = what.split(' ').next().unwrap_or_default();
    // A file name or a key stays as it is.
    if !first_word.chars().all(|letter| letter.is_ascii_lowercase()) {
        return what.to_owned();
    }
    let mut letters = what.chars();
    letters
        .next()
        .map(|first| first.to_uppercase().chain(letters).collect())
        .unwrap_or_default()
}

/// A remark in a tinted box.
pub fn remark(ui: &mut Ui, tone: Tone, text: &str) {
    Frame::new()
        .fill(tone.fill(ui))
        .corner_radius(space::RADIUS)
        .inner_margin(egui::Margin::symmetric(10, 7))
        .show(ui, |ui| {
            ui.set_min_width(ui.available_width());
            ui.add(Label::new(RichText::new(text).small().color(tone.colour(ui))).wrap());
        });
}

/// A short word in a rounded box.
pub fn pill(ui: &mut Ui, text: &str) -> Response {
    toned_pill(ui, text, Tone::Plain)
}

/// A pill that can be pressed; `name` is what a screen reader says and the pointer shows.
pub fn pill_button(ui: &mut Ui, text: &str, name: &str) -> Response {
    let palette = theme::palette(ui);
    let response = boxed(ui, text, palette.text, palette.raised, Stroke::NONE);
    let response = response.interact(Sense::click());
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, name));
    if response.hovered() || response.has_focus() {
        let stroke = Stroke::new(1.0, palette.accent);
        ui.painter()
            .rect_stroke(response.rect, 9, stroke, StrokeKind::Inside);
    }
    response.on_hover_text(name)
}

/// A pill whose word has a colour.
pub fn toned_pill(ui: &mut Ui, text: &str, tone: Tone) -> Response {
    let fill = theme::palette(ui).raised;
    boxed(ui, text, tone.colour(ui), fill, Stroke::NONE)
}

/// Marks what is not there yet.
pub fn coming_tag(ui: &mut Ui, text: &str) -> Response {
    let palette = theme::palette(ui);
    let stroke = Stroke::new(1.0, palette.border);
    boxed(ui, text, palette.weak, palette.surface, stroke)
}

/// Painted rather than laid out, so that its height never follows the row it stands in.
fn boxed(ui: &mut Ui, text: &str, colour: Color32, fill: Color32, stroke: Stroke) -> Response {
    let padding = vec2(8.0, 2.0);
    let font = TextStyle::Small.resolve(ui.style());
    let mut job = LayoutJob::simple_singleline(text.to_owned(), font, colour);
    let room = (ui.available_width() - 2.0 * padding.x).max(16.0);
    job.wrap = TextWrapping::truncate_at_width(room);
    let galley = ui.fonts_mut(|fonts| fonts.layout_job(job));
    let size = galley.size() + 2.0 * padding;
    let (rect, response) = ui.allocate_exact_size(size, Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(Role::Label, true, text));
    let elided = galley.elided;
    ui.painter().rect(rect, 9, fill, stroke, StrokeKind::Inside);
    ui.painter().galley(rect.min + padding, galley, colour);
    if elided {
        response.on_hover_text(text)
    } else {
        response
    }
}

/// A coloured dot, as in legends and checks.
pub fn dot(ui: &mut Ui, colour: egui::Color32) -> Response {
    let (rect, response) = ui.allocate_exact_size(vec2(10.0, 10.0), Sense::hover());
    ui.painter().circle_filled(rect.center(), 4.5, colour);
    response
}
