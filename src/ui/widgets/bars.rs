//! Bars: shares, counts, progress, splits.

use egui::{
    Color32, CornerRadius, Label, Rect, Response, RichText, Sense, Stroke, Ui, WidgetInfo, pos2,
    vec2,
};

use crate::ui::theme::{self, space};

/// A named share, for [`labelled_bar`].
#[derive(Clone, Copy, Debug)]
pub struct Bar<'a> {
    /// What it is.
    pub label: &'a str,
    /// The share filled, in 0..=1.
    pub share: f32,
    /// The number behind it.
    pub value: &'a str,
    /// The colour of the filled part.
    pub colour: Color32,
    /// Width of the label's column.
    pub label_width: f32,
    /// Width of the number's column.
    pub value_width: f32,
}

/// A name, a bar and a number in one row.
pub fn labelled_bar(ui: &mut Ui, bar: Bar<'_>) -> Response {
    bar_row(ui, bar, None)
}

/// The same, with a line across the bar at a share that has to be reached.
pub fn threshold_bar(ui: &mut Ui, bar: Bar<'_>, threshold: f32) -> Response {
    bar_row(ui, bar, Some(threshold))
}

fn bar_row(ui: &mut Ui, bar: Bar<'_>, threshold: Option<f32>) -> Response {
    ui.horizontal(|ui| {
        let height = ui.spacing().interact_size.y.min(23.0);
        ui.set_min_height(height);
        ui.allocate_ui_with_layout(
            vec2(bar.label_width, height),
            egui::Layout::left_to_right(egui::Align::Center),
            |ui| {
                ui.set_min_width(bar.label_width);
                ui.add(Label::new(bar.label).truncate());
            },
        );
        let gap = ui.spacing().item_spacing.x;
        let width = (ui.available_width() - bar.value_width - gap).max(24.0);
        let drawn = self::bar(ui, width, bar.share, bar.colour);
        if let Some(threshold) = threshold {
            let x = drawn.rect.left() + threshold.clamp(0.0, 1.0) * drawn.rect.width();
            let stroke = Stroke::new(2.0, theme::palette(ui).strong);
            let reach = drawn.rect.y_range().expand(3.0);
            ui.painter().vline(x, reach, stroke);
        }
        let value = RichText::new(bar.value).color(theme::palette(ui).weak);
        ui.add(Label::new(value).truncate());
    })
    .response
}

/// A bar alone, `width` points wide, filled to `share`.
pub fn bar(ui: &mut Ui, width: f32, share: f32, colour: Color32) -> Response {
    let (rect, response) = ui.allocate_exact_size(vec2(width, space::BAR), Sense::hover());
    paint(ui, rect, share, colour);
    response
}

fn paint(ui: &Ui, rect: Rect, share: f32, colour: Color32) {
    let radius = CornerRadius::same(2);
    ui.painter()
        .rect_filled(rect, radius, theme::palette(ui).track);
    let share = if share.is_finite() {
        share.clamp(0.0, 1.0)
    } else {
        0.0
    };
    if share > 0.0 {
        // A share that is not nothing is at least a visible sliver.
        let width = (rect.width() * share).max(2.0);
        let filled = Rect::from_min_size(rect.min, vec2(width, rect.height()));
        ui.painter().rect_filled(filled, radius, colour);
    }
}

/// Progress over the whole width, with a name for screen readers.
pub fn progress_bar(ui: &mut Ui, share: f32, name: &str) -> Response {
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 6.0), Sense::hover());
    paint(ui, rect, share, theme::palette(ui).accent);
    response.widget_info(|| {
        let mut info = WidgetInfo::labeled(egui::Role::ProgressIndicator, true, name);
        info.value = Some(f64::from(share));
        info
    });
    response
}

/// Parts of a whole, side by side in one bar.
pub fn split_bar(ui: &mut Ui, parts: &[(f32, Color32)]) -> Response {
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 14.0), Sense::hover());
    let total: f32 = parts.iter().map(|(part, _)| part).sum();
    let mut left = rect.left();
    for (place, (part, colour)) in parts.iter().enumerate() {
        let width = if total > 0.0 {
            rect.width() * part / total
        } else {
            0.0
        };
        let piece = Rect::from_min_max(pos2(left, rect.top()), pos2(left + width, rect.bottom()));
        let mut radius = CornerRadius::ZERO;
        if place == 0 {
            (radius.nw, radius.sw) = (3, 3);
        }
        if place + 1 == parts.len() {
            (radius.ne, radius.se) = (3, 3);
        }
        ui.painter().rect_filled(piece, radius, *colour);
        left += width;
    }
    response
}
