//! The building blocks that all pages share. They take words as arguments and know no page.

mod bars;
mod buttons;
mod cards;
mod choice;
mod dialog;
mod fields;
mod marked;
mod plot;
mod states;
mod tables;
mod words;

pub use bars::{Bar, bar, labelled_bar, progress_bar, split_bar, threshold_bar};
pub use buttons::{
    centred_buttons, danger, danger_enabled, line_button, primary, primary_enabled, secondary,
    secondary_enabled, small_button, toggle_pill,
};
pub use cards::{Stat, card, card_title, fill_card, page_header, row, stat_tile, stats};
pub use choice::{choice_box, choice_card, choice_mark, choice_row};
pub use dialog::{dialog, dialog_buttons, wide_dialog};
pub use fields::{
    PathAnswer, PathField, form_row, optional_number, path_field, search_field, typed_path,
};
pub use marked::{Mark, bytes_of, marked_text};
pub use plot::{count_plot, number_tick, round_marks, still_plot};
pub use states::{
    coming_tag, dot, empty_state, error_state, inline_fault, loading_state, pill, pill_button,
    remark, sentence, toned_pill,
};
pub use tables::{cell, table};
pub use words::{elided, heading, weak, wrapped_weak};

use egui::{Color32, Ui};

use super::theme;

/// What a colour means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tone {
    /// Nothing in particular.
    #[default]
    Plain,
    /// Explanation.
    Weak,
    /// The accent: training, the current thing.
    Accent,
    /// Validation.
    Validation,
    /// Good.
    Good,
    /// Worth a look.
    Warn,
    /// Trouble.
    Bad,
    /// Baselines, the test split.
    Neutral,
}

impl Tone {
    /// The tone's colour for text and dots.
    pub fn colour(self, ui: &Ui) -> Color32 {
        let palette = theme::palette(ui);
        match self {
            Self::Plain => palette.text,
            Self::Weak => palette.weak,
            Self::Accent => palette.accent_text,
            Self::Validation => palette.validation,
            Self::Good => palette.good,
            Self::Warn => palette.warn,
            Self::Bad => palette.bad,
            Self::Neutral => palette.neutral,
        }
    }

    /// The colour behind a box of this tone.
    pub fn fill(self, ui: &Ui) -> Color32 {
        let palette = theme::palette(ui);
        match self {
            Self::Bad => palette.bad_fill,
            _ => palette.raised,
        }
    }
}
