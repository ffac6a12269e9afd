//! Cards, tiles and the header of a page.

use egui::{
    Align, Frame, Label, Layout, Rect, RichText, Stroke, TextStyle, Ui, UiBuilder, pos2, vec2,
};

use super::Tone;
use super::words::heading;
use crate::ui::theme::{self, space};

fn frame(ui: &Ui) -> Frame {
    let palette = theme::palette(ui);
    Frame::new()
        .fill(palette.surface)
        .stroke(Stroke::new(1.0, palette.border))
        .corner_radius(space::CARD_RADIUS)
        .inner_margin(space::CARD)
}

/// A card as wide as there is room and as high as its content.
pub fn card<R>(ui: &mut Ui, content: impl FnOnce(&mut Ui) -> R) -> R {
    frame(ui)
        .show(ui, |ui| {
            ui.set_min_width(ui.available_width());
            content(ui)
        })
        .inner
}

/// A card that fills the room it is given, as in a cell of [`row`].
pub fn fill_card<R>(ui: &mut Ui, content: impl FnOnce(&mut Ui) -> R) -> R {
    frame(ui)
        .show(ui, |ui| {
            ui.set_min_size(ui.available_size());
            content(ui)
        })
        .inner
}

/// A card's title and a quiet note beside it.
pub fn card_title(ui: &mut Ui, title: &str, note: &str) {
    ui.horizontal(|ui| {
        heading(ui, title, TextStyle::Heading);
        if !note.is_empty() {
            let note = RichText::new(note).small().weak();
            ui.add(Label::new(note).truncate());
        }
    });
    ui.add_space(space::SMALL);
}

/// Cells side by side, `height` points high, as wide as their `weights` say.
pub fn row<R>(
    ui: &mut Ui,
    weights: &[f32],
    height: f32,
    content: impl FnOnce(&mut [Ui]) -> R,
) -> R {
    let gaps = space::GAP * weights.len().saturating_sub(1) as f32;
    let room = (ui.available_width() - gaps).max(0.0);
    let total: f32 = weights.iter().sum();
    let (area, _) = ui.allocate_exact_size(vec2(room + gaps, height), egui::Sense::hover());
    let mut left = area.left();
    let mut cells: Vec<Ui> = weights
        .iter()
        .enumerate()
        .map(|(place, weight)| {
            let last = place + 1 == weights.len();
            let width = match last {
                true => area.right() - left,
                false => (room * weight / total).floor(),
            };
            let cell = Rect::from_min_size(pos2(left, area.top()), vec2(width, height));
            left += width + space::GAP;
            ui.new_child(
                UiBuilder::new()
                    .id_salt(("cell", place))
                    .max_rect(cell)
                    .layout(Layout::top_down(Align::Min)),
            )
        })
        .collect();
    content(&mut cells)
}

/// A number with its name, for [`stats`].
#[derive(Clone, Debug, Default)]
pub struct Stat {
    /// What is counted.
    pub label: String,
    /// The number.
    pub value: String,
    /// Its unit or a remark, small, behind it.
    pub unit: String,
    /// The colour of `unit`.
    pub tone: Tone,
}

impl Stat {
    /// A number with its name and unit.
    pub fn new(
        label: impl Into<String>,
        value: impl Into<String>,
        unit: impl Into<String>,
    ) -> Self {
        Self {
            label: label.into(),
            value: value.into(),
            unit: unit.into(),
            tone: Tone::Weak,
        }
    }

    /// With the unit in another colour.
    #[must_use]
    pub fn tone(mut self, tone: Tone) -> Self {
        self.tone = tone;
        self
    }
}

/// Tiles side by side, all of one width.
pub fn stats(ui: &mut Ui, tiles: &[Stat]) {
    let weights = vec![1.0; tiles.len()];
    row(ui, &weights, 66.0, |cells| {
        for (cell, tile) in cells.iter_mut().zip(tiles) {
            fill_card_tight(cell, |ui| stat_tile(ui, tile));
        }
    });
}

fn fill_card_tight(ui: &mut Ui, content: impl FnOnce(&mut Ui)) {
    frame(ui)
        .inner_margin(egui::Margin::symmetric(14, 9))
        .show(ui, |ui| {
            ui.set_min_size(ui.available_size());
            content(ui);
        });
}

/// A number with its name above it, without a card.
pub fn stat_tile(ui: &mut Ui, tile: &Stat) {
    ui.spacing_mut().item_spacing.y = 2.0;
    ui.add(Label::new(RichText::new(&tile.label).small().weak()).truncate());
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 6.0;
        heading(ui, &tile.value, theme::stat_style());
        if !tile.unit.is_empty() {
            let unit = RichText::new(&tile.unit)
                .small()
                .color(tile.tone.colour(ui));
            ui.add(Label::new(unit).truncate());
        }
    });
}

/// The page's title, a quiet subtitle, and its actions on the right (added from right to left).
pub fn page_header(ui: &mut Ui, title: &str, subtitle: &str, actions: impl FnOnce(&mut Ui)) {
    let width = ui.available_width();
    ui.allocate_ui_with_layout(
        vec2(width, space::BUTTON),
        Layout::right_to_left(Align::Center),
        |ui| {
            ui.set_min_height(space::BUTTON);
            actions(ui);
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                let palette = theme::palette(ui);
                heading(ui, title, theme::title_style());
                ui.add_space(space::SMALL);
                if !subtitle.is_empty() {
                    ui.add(Label::new(RichText::new(subtitle).color(palette.weak)).truncate());
                }
            });
        },
    );
    ui.add_space(space::GAP);
}
