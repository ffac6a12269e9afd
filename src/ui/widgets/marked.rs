//! A text with stretches of it lit up.

use std::ops::Range;

use egui::text::{LayoutJob, TextFormat};
use egui::{Color32, FontId, Label, Response, Stroke, Ui};

use crate::ui::theme::{self, size};

/// A stretch of a text that is lit up.
#[derive(Clone, Debug, PartialEq)]
pub struct Mark<'a> {
    /// Where it stands, in bytes.
    pub place: Range<usize>,
    /// Its colour.
    pub colour: Color32,
    /// Lit from behind, or only underlined.
    pub lit: bool,
    /// A small word behind it; none where empty.
    pub label: &'a str,
}

/// Shows `text` with `marks`, which may overlap: the last one that lights a stretch counts, and so
/// does the last that underlines it. Marks that do not lie in the text are left out.
pub fn marked_text(ui: &mut Ui, text: &str, marks: &[Mark<'_>]) -> Response {
    let font = egui::TextStyle::Body.resolve(ui.style());
    let job = layout(text, marks, font, theme::palette(ui).text);
    ui.add(Label::new(job).wrap().selectable(true))
}

fn layout(text: &str, marks: &[Mark<'_>], font: FontId, colour: Color32) -> LayoutJob {
    let inside = |mark: &&Mark<'_>| {
        mark.place.start < mark.place.end && text.get(mark.place.clone()).is_some()
    };
    let marks: Vec<&Mark<'_>> = marks.iter().filter(inside).collect();
    let mut edges = vec![0, text.len()];
    edges.extend(
        marks
            .iter()
            .flat_map(|mark| [mark.place.start, mark.place.end]),
    );
    edges.sort_unstable();
    edges.dedup();
    let mut job = LayoutJob::default();
    for pair in edges.windows(2) {
        let (start, end) = (pair[0], pair[1]);
        let over = || {
            marks
                .iter()
                .rev()
                .filter(|mark| mark.place.start <= start && end <= mark.place.end)
        };
        let mut format = TextFormat::simple(font.clone(), colour);
        if let Some(mark) = over().find(|mark| mark.lit) {
            format.background = mark.colour.gamma_multiply(0.28);
            format.underline = Stroke::new(1.0, mark.colour);
        }
        if let Some(mark) = over().find(|mark| !mark.lit) {
            format.underline = Stroke::new(2.0, mark.colour);
        }
        job.append(&text[start..end], 0.0, format);
        for mark in marks
            .iter()
            .filter(|mark| mark.place.end == end && !mark.label.is_empty())
        {
            let small = TextFormat::simple(FontId::proportional(size::SMALL - 1.0), mark.colour);
            job.append(mark.label, 3.0, small);
        }
    }
    job
}

/// The bytes of a stretch that is given in characters.
pub fn bytes_of(text: &str, characters: Range<usize>) -> Range<usize> {
    let mut places = text.char_indices().map(|(at, _)| at).chain([text.len()]);
    let start = places.nth(characters.start).unwrap_or(text.len());
    let length = characters.end.saturating_sub(characters.start);
    let end = match length {
        0 => start,
        _ => places.nth(length - 1).unwrap_or(text.len()),
    };
    start..end
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark(place: Range<usize>, lit: bool, label: &str) -> Mark<'_> {
        Mark {
            place,
            colour: Color32::RED,
            lit,
            label,
        }
    }

    #[test]
    fn the_text_stays_whole_and_labels_follow_their_stretch() {
        let text = "Ada flew to Öslo";
        let marks = [
            mark(0..3, true, "PER"),
            mark(12..17, true, "LOC"),
            mark(0..8, false, ""),
            mark(13..14, true, "cut through a letter"),
            mark(5..99, true, "outside"),
        ];
        let job = layout(text, &marks, FontId::default(), Color32::WHITE);
        assert_eq!(job.text, "AdaPER flew to ÖsloLOC");
        let lit = job
            .sections
            .iter()
            .filter(|s| s.format.background != Color32::TRANSPARENT);
        assert_eq!(lit.count(), 2);
    }

    #[test]
    fn characters_become_bytes() {
        assert_eq!(bytes_of("äb中d", 1..3), 2..6);
        assert_eq!(bytes_of("äb", 0..2), 0..3);
        assert_eq!(bytes_of("ab", 2..2), 2..2);
        assert_eq!(bytes_of("ab", 5..9), 2..2);
    }
}
