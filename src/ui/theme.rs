//! Every colour, distance and text size of the window, for dark and light.
//!
//! [`apply`] writes them into egui's two styles once; what a style cannot hold (the colours of
//! curves, the states of a run) is read from [`palette`].

use egui::{
    Color32, CornerRadius, FontFamily, FontId, Margin, Shadow, Stroke, TextStyle, Theme, Ui, vec2,
};

/// The colours of one theme.
#[derive(Clone, Copy, Debug)]
pub struct Palette {
    /// Behind everything.
    pub background: Color32,
    /// The rail on the left.
    pub rail: Color32,
    /// Cards.
    pub surface: Color32,
    /// Things on cards: buttons, pills, the current step.
    pub raised: Color32,
    /// The current step of the rail.
    pub current: Color32,
    /// Raised things under the pointer.
    pub hovered: Color32,
    /// Text fields.
    pub field: Color32,
    /// Hairlines.
    pub border: Color32,
    /// Edges of what can be typed into or pressed.
    pub edge: Color32,
    /// The empty part of bars.
    pub track: Color32,
    /// Ordinary text.
    pub text: Color32,
    /// Headings and what matters most.
    pub strong: Color32,
    /// Explanations, units, axes.
    pub weak: Color32,
    /// The accent as a fill: primary buttons, bars, the training curve.
    pub accent: Color32,
    /// The accent under the pointer.
    pub accent_hovered: Color32,
    /// Text on the accent.
    pub on_accent: Color32,
    /// The accent as text.
    pub accent_text: Color32,
    /// The training curve before smoothing.
    pub accent_faint: Color32,
    /// Validation, wherever it is drawn.
    pub validation: Color32,
    /// Good: done, right, best.
    pub good: Color32,
    /// A second quality curve beside `good`.
    pub second: Color32,
    /// Trouble.
    pub bad: Color32,
    /// Behind trouble.
    pub bad_fill: Color32,
    /// Worth a look, but no trouble.
    pub warn: Color32,
    /// Baselines, the test split, everything that is neither.
    pub neutral: Color32,
    /// The window behind a dialog.
    pub backdrop: Color32,
    /// Behind selected text.
    pub selection: Color32,
}

const fn rgb(hex: u32) -> Color32 {
    Color32::from_rgb((hex >> 16) as u8, (hex >> 8) as u8, hex as u8)
}

const DARK: Palette = Palette {
    background: rgb(0x17181b),
    rail: rgb(0x1d1f22),
    surface: rgb(0x1f2226),
    raised: rgb(0x2a2e34),
    current: rgb(0x2a2e34),
    hovered: rgb(0x343940),
    field: rgb(0x16171a),
    border: rgb(0x2c3035),
    edge: rgb(0x3f454c),
    track: rgb(0x2b2f34),
    text: rgb(0xd5d9dd),
    strong: rgb(0xf2f3f5),
    weak: rgb(0x979ea6),
    accent: rgb(0xe0a045),
    accent_hovered: rgb(0xeab262),
    on_accent: rgb(0x1c1406),
    accent_text: rgb(0xe8ae5a),
    accent_faint: rgb(0x6b532e),
    validation: rgb(0x6fa8ff),
    good: rgb(0x6fcf97),
    second: rgb(0xb086e8),
    bad: rgb(0xf28b8b),
    bad_fill: rgb(0x332123),
    warn: rgb(0xe0a045),
    neutral: rgb(0x7c868f),
    backdrop: Color32::from_black_alpha(140),
    selection: rgb(0x5a4624),
};

const LIGHT: Palette = Palette {
    background: rgb(0xf5f4f1),
    rail: rgb(0xeceae5),
    surface: rgb(0xffffff),
    raised: rgb(0xefede9),
    current: rgb(0xffffff),
    hovered: rgb(0xe3e0da),
    field: rgb(0xffffff),
    border: rgb(0xdfdcd5),
    edge: rgb(0xbfbbb2),
    track: rgb(0xe8e5df),
    text: rgb(0x2c2f33),
    strong: rgb(0x141619),
    weak: rgb(0x62676d),
    accent: rgb(0xe29c35),
    accent_hovered: rgb(0xd48d24),
    on_accent: rgb(0x1c1406),
    accent_text: rgb(0x8f5a04),
    accent_faint: rgb(0xefd6a8),
    validation: rgb(0x2563cc),
    good: rgb(0x187344),
    second: rgb(0x7a45c2),
    bad: rgb(0xb83232),
    bad_fill: rgb(0xfbe9e7),
    warn: rgb(0x8c5a08),
    neutral: rgb(0x8a9096),
    backdrop: Color32::from_black_alpha(70),
    selection: rgb(0xf6ddae),
};

/// Distances, in points.
pub mod space {
    /// Between cards.
    pub const GAP: f32 = 12.0;
    /// Around a page.
    pub const PAGE: i8 = 22;
    /// Inside a card.
    pub const CARD: i8 = 14;
    /// Between things that belong together.
    pub const SMALL: f32 = 6.0;
    /// Between groups inside a card.
    pub const MEDIUM: f32 = 10.0;
    /// Width of the rail.
    pub const RAIL: f32 = 208.0;
    /// Height of the footer.
    pub const FOOTER: f32 = 58.0;
    /// Height of buttons in headers and footer.
    pub const BUTTON: f32 = 34.0;
    /// Height of a table row.
    pub const ROW: f32 = 29.0;
    /// Width of a form's label column.
    pub const LABEL: f32 = 128.0;
    /// Thickness of bars.
    pub const BAR: f32 = 9.0;
    /// Width of a dialog.
    pub const DIALOG: f32 = 420.0;
    /// Width of a dialog that holds a table or two columns.
    pub const WIDE_DIALOG: f32 = 720.0;
    /// Corners of cards.
    pub const CARD_RADIUS: u8 = 8;
    /// Corners of buttons and fields.
    pub const RADIUS: u8 = 6;
}

/// Text sizes, in points.
pub mod size {
    /// Page titles.
    pub const TITLE: f32 = 20.0;
    /// A number that is the whole answer.
    pub const NUMBER: f32 = 34.0;
    /// Numbers in tiles.
    pub const STAT: f32 = 19.0;
    /// Large text to be read as a sentence, such as a sentence that is tried.
    pub const LARGE: f32 = 16.0;
    /// Titles of cards.
    pub const SECTION: f32 = 14.5;
    /// Everything else.
    pub const BODY: f32 = 14.0;
    /// Explanations, units, axes.
    pub const SMALL: f32 = 12.0;
}

/// The text style of page titles; `Heading` is that of cards.
pub fn title_style() -> TextStyle {
    TextStyle::Name("title".into())
}

/// The text style of numbers in tiles.
pub fn stat_style() -> TextStyle {
    TextStyle::Name("stat".into())
}

/// The text style of sentences that stand alone.
pub fn large_style() -> TextStyle {
    TextStyle::Name("large".into())
}

/// The colours of the theme that `ui` is drawn in.
pub fn palette(ui: &Ui) -> &'static Palette {
    palette_of(ui.visuals().dark_mode)
}

/// The colours of the dark or the light theme.
pub fn palette_of(dark: bool) -> &'static Palette {
    if dark { &DARK } else { &LIGHT }
}

/// Writes both themes into `ctx`.
pub fn apply(ctx: &egui::Context) {
    for theme in [Theme::Dark, Theme::Light] {
        let palette = palette_of(theme == Theme::Dark);
        ctx.style_mut_of(theme, |style| {
            set_text(style);
            set_spacing(&mut style.spacing);
            set_visuals(&mut style.visuals, palette);
            style.interaction.selectable_labels = false;
            style.interaction.tooltip_delay = 0.35;
        });
    }
}

fn set_text(style: &mut egui::Style) {
    let proportional = |size| FontId::new(size, FontFamily::Proportional);
    style.text_styles = [
        (title_style(), proportional(size::TITLE)),
        (stat_style(), proportional(size::STAT)),
        (large_style(), proportional(size::LARGE)),
        (TextStyle::Heading, proportional(size::SECTION)),
        (TextStyle::Body, proportional(size::BODY)),
        (TextStyle::Button, proportional(size::BODY)),
        (TextStyle::Small, proportional(size::SMALL)),
        (
            TextStyle::Monospace,
            FontId::new(size::BODY - 1.0, FontFamily::Monospace),
        ),
    ]
    .into();
}

fn set_spacing(spacing: &mut egui::Spacing) {
    spacing.item_spacing = vec2(8.0, 6.0);
    spacing.button_padding = vec2(12.0, 6.0);
    spacing.interact_size = vec2(36.0, 28.0);
    spacing.combo_width = 120.0;
    spacing.text_edit_width = 200.0;
    spacing.menu_margin = Margin::same(6);
    spacing.window_margin = Margin::same(18);
    spacing.tooltip_width = 380.0;
    spacing.icon_width = 16.0;
    spacing.scroll.floating_allocated_width = 8.0;
    spacing.scroll.dormant_handle_opacity = 0.35;
}

fn set_visuals(visuals: &mut egui::Visuals, palette: &Palette) {
    visuals.weak_text_color = Some(palette.weak);
    visuals.panel_fill = palette.background;
    visuals.window_fill = palette.surface;
    visuals.window_stroke = Stroke::new(1.0, palette.border);
    visuals.window_corner_radius = CornerRadius::same(space::CARD_RADIUS);
    visuals.menu_corner_radius = CornerRadius::same(space::RADIUS);
    visuals.window_shadow = shadow(24, 60);
    visuals.popup_shadow = shadow(12, 40);
    visuals.faint_bg_color = palette.raised.gamma_multiply(0.4);
    visuals.extreme_bg_color = palette.field;
    visuals.text_edit_bg_color = Some(palette.field);
    visuals.code_bg_color = palette.raised;
    visuals.hyperlink_color = palette.accent_text;
    visuals.warn_fg_color = palette.warn;
    visuals.error_fg_color = palette.bad;
    visuals.selection.bg_fill = palette.selection;
    visuals.selection.stroke = Stroke::new(1.0, palette.accent);
    visuals.text_cursor.stroke = Stroke::new(1.5, palette.accent);
    visuals.striped = false;
    visuals.slider_trailing_fill = true;
    visuals.disabled_alpha = 0.45;
    set_widgets(&mut visuals.widgets, palette);
}

fn set_widgets(widgets: &mut egui::style::Widgets, palette: &Palette) {
    let states = [
        (
            &mut widgets.noninteractive,
            palette.surface,
            palette.border,
            palette.text,
        ),
        (
            &mut widgets.inactive,
            palette.raised,
            palette.edge,
            palette.text,
        ),
        (
            &mut widgets.hovered,
            palette.hovered,
            palette.weak,
            palette.strong,
        ),
        (
            &mut widgets.active,
            palette.hovered,
            palette.accent,
            palette.strong,
        ),
        (
            &mut widgets.open,
            palette.hovered,
            palette.edge,
            palette.strong,
        ),
    ];
    for (state, fill, edge, text) in states {
        state.bg_fill = fill;
        state.weak_bg_fill = fill;
        state.bg_stroke = Stroke::new(1.0, edge);
        state.fg_stroke = Stroke::new(1.0, text);
        state.corner_radius = CornerRadius::same(space::RADIUS);
        state.expansion = 0.0;
    }
}

fn shadow(blur: u8, alpha: u8) -> Shadow {
    Shadow {
        offset: [0, 4],
        blur,
        spread: 0,
        color: Color32::from_black_alpha(alpha),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The contrast of two colours, as WCAG 2 defines it: 1 to 21.
    fn contrast(one: Color32, other: Color32) -> f32 {
        let light = |colour: Color32| {
            let [r, g, b, _] = egui::Rgba::from(colour).to_array();
            0.2126 * r + 0.7152 * g + 0.0722 * b
        };
        let (one, other) = (light(one), light(other));
        (one.max(other) + 0.05) / (one.min(other) + 0.05)
    }

    #[test]
    fn words_stand_out_from_what_is_behind_them() {
        for palette in [&DARK, &LIGHT] {
            let words = [
                palette.text,
                palette.strong,
                palette.weak,
                palette.accent_text,
                palette.validation,
                palette.good,
                palette.warn,
                palette.bad,
            ];
            for behind in [palette.background, palette.surface, palette.raised] {
                for colour in words {
                    // What WCAG 2 asks of small words (AA).
                    let found = contrast(colour, behind);
                    assert!(found >= 4.5, "{colour:?} on {behind:?}: {found:.2}");
                }
            }
            assert!(contrast(palette.bad, palette.bad_fill) >= 4.5);
            assert!(contrast(palette.weak, palette.rail) >= 4.5);
        }
    }
}
