//! The rows in use, as they are after cleaning, with what they were before.

use std::collections::HashMap;

use super::{Files, label_of};
use crate::data::cleaning::{NewLabel, RowEdit, text_hash};
use crate::data::{Dataset, Part};

/// One row in use.
#[derive(Clone, Debug, PartialEq)]
pub struct RowView {
    /// Record number in its file.
    pub row: usize,
    /// The line on which it starts.
    pub line: usize,
    /// The text, after cleaning.
    pub text: String,
    /// The text as it stands in the file, where cleaning changed it.
    pub before: Option<String>,
    /// The second text of a pair, or the question.
    pub pair: Option<String>,
    /// The label, or what else is to be said of the text.
    pub label: String,
    /// Length in tokens of the chosen model, special tokens included, before cutting; `None` where
    /// there are so many rows that only the first are counted.
    pub tokens: Option<usize>,
}

impl RowView {
    /// The text as it stands in the file.
    pub fn original(&self) -> &str {
        self.before.as_deref().unwrap_or(&self.text)
    }

    /// The decision to drop the row, or to give it another label.
    pub fn edit(&self, label: Option<&str>) -> RowEdit {
        RowEdit {
            part: Part::Train,
            row: self.row,
            text: text_hash(self.original()),
            label: label.map(|label| NewLabel::One(label.to_owned())),
        }
    }
}

/// The texts as they stand in the file, by row.
pub(super) fn originals(dataset: &Dataset) -> HashMap<usize, String> {
    let examples = dataset.examples.iter();
    examples
        .map(|example| (example.row, example.text.clone()))
        .collect()
}

/// The rows of the first file.
pub(super) fn rows(
    files: Files,
    tokens: &HashMap<usize, usize>,
    mut originals: HashMap<usize, String>,
) -> Vec<RowView> {
    let Some((_, first)) = files.into_iter().next() else {
        return Vec::new();
    };
    let examples = first.examples.into_iter();
    let mut rows: Vec<_> = examples
        .map(|example| RowView {
            before: originals
                .remove(&example.row)
                .filter(|text| *text != example.text),
            label: label_of(&example.target),
            row: example.row,
            line: example.line,
            tokens: tokens.get(&example.row).copied(),
            text: example.text,
            pair: example.pair,
        })
        .collect();
    rows.sort_by_key(|row| row.row);
    rows
}
