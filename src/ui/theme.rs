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
    background: rgb(0x17_18_1b),
    rail: rgb(0x1d_1f_22),
    surface: rgb(0x1f_22_26),
    raised: rgb(0x2a_2e_34),
    current: rgb(0x2a_2e_34),
    hovered: rgb(0x34_39_40),
    field: rgb(0x16_17_1a),
    border: rgb(0x2c_30_35),
    edge: rgb(0x3f_45_4c),
    track: rgb(0x2b_2f_34),
    text: rgb(0xd5_d9_dd),
    strong: rgb(0xf2_f3_f5),
    weak: rgb(0x97_9e_a6),
    accent: rgb(0xe0_a0_45),
    accent_hovered: rgb(0xea_b2_62),
    on_accent: rgb(0x1c_14_06),
    accent_text: rgb(0xe8_ae_5a),
    accent_faint: rgb(0x6b_53_2e),
    validation: rgb(0x6f_a8_ff),
    good: rgb(0x6f_cf_97),
    second: rgb(0xb0_86_e8),
    bad: rgb(0xf2_8b_8b),
    bad_fill: rgb(0x33_21_23),
    warn: rgb(0xe0_a0_45),
    neutral: rgb(0x7c_86_8f),
    backdrop: Color32::from_black_alpha(140),
    selection: rgb(0x5a_46_24),
};

const LIGHT: Palette = Palette {
    background: rgb(0xf5_f4_f1),
    rail: rgb(0xec_ea_e5),
    surface: rgb(0xff_ff_ff),
    raised: rgb(0xef_ed_e9),
    current: rgb(0xff_ff_ff),
    hovered: rgb(0xe3_e0_da),
    field: rgb(0xff_ff_ff),
    border: rgb(0xdf_dc_d5),
    edge: rgb(0xbf_bb_b2),
    track: rgb(0xe8_e5_df),
    text: rgb(0x2c_2f_33),
    strong: rgb(0x14_16_19),
    weak: rgb(0x62_67_6d),
    accent: rgb(0xe2_9c_35),
    accent_hovered: rgb(0xd4_8d_24),
    on_accent: rgb(0x1c_14_06),
    accent_text: rgb(0x8f_5a_04),
    accent_faint: rgb(0xef_d6_a8),
    validation: rgb(0x2b_6c_d8),
    good: rgb(0x1c_7f_4c),
    second: rgb(0x7a_45_c2),
    bad: rgb(0xb8_32_32),
    bad_fill: rgb(0xfb_e9_e7),
    warn: rgb(0xa8_6b_08),
    neutral: rgb(0x8a_90_96),
    backdrop: Color32::from_black_alpha(70),
    selection: rgb(0xf6_dd_ae),
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
    /// Corners of cards.
    pub const CARD_RADIUS: u8 = 8;
    /// Corners of buttons and fields.
    pub const RADIUS: u8 = 6;
}

/// Text sizes, in points.
pub mod size {
    /// Page titles.
    pub const TITLE: f32 = 20.0;
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
