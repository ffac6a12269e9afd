//! What went wrong with entities, by kind of mistake.

use egui::Ui;

use crate::metrics::EntityErrors;
use crate::ui::text::Text;
use crate::ui::theme;
use crate::ui::widgets::{self, Bar};

/// Draws the kinds of mistakes with how often each was made.
pub fn ui(ui: &mut Ui, text: &Text, errors: &EntityErrors) {
    let words = &text.evaluate.mistakes;
    let kinds = [
        (words.missed, errors.missed, words.missed_hover),
        (words.made_up, errors.made_up, words.made_up_hover),
        (
            words.wrong_bounds,
            errors.wrong_bounds,
            words.wrong_bounds_hover,
        ),
        (words.wrong_type, errors.wrong_type, words.wrong_type_hover),
        (words.wrong_both, errors.wrong_both, words.wrong_both_hover),
    ];
    let most = kinds.iter().map(|(_, count, _)| *count).max();
    let most = most.unwrap_or(0).max(1) as f32;
    let colour = theme::palette(ui).bad;
    for (label, count, hover) in kinds {
        let bar = Bar {
            label,
            share: count as f32 / most,
            value: &(text.units.count)(count as usize),
            colour,
            label_width: 150.0,
            value_width: 44.0,
        };
        widgets::labelled_bar(ui, bar).on_hover_text(hover);
    }
}
