//! Single rows, relabelled or dropped by hand.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::Cleaned;
use super::rule::{Removal, Rule};
use crate::data::example::{Example, Target};
use crate::data::numbers::number;
use crate::data::part::Part;
use crate::error::{Error, Result};

/// What a person decided about one row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RowEdit {
    /// The file that it is in.
    #[serde(default, skip_serializing_if = "super::unset")]
    pub part: Part,
    /// Its number there, from 1.
    pub row: usize,
    /// The [`text_hash`] of its text, by which a changed file is noticed.
    pub text: String,
    /// Its new label; without one the row is dropped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<NewLabel>,
}

/// A label given by hand.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum NewLabel {
    /// One label, or one number.
    One(String),
    /// A set of labels, or a number for each target.
    Several(Vec<String>),
}

/// The first 16 hexadecimal digits of the SHA-256 of a text as it stands in the file.
pub fn text_hash(text: &str) -> String {
    let digest = Sha256::digest(text.as_bytes());
    digest
        .iter()
        .take(8)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

impl RowEdit {
    /// Drops the row of `example`.
    pub fn drop(part: Part, example: &Example) -> Self {
        Self {
            part,
            row: example.row,
            text: text_hash(&example.text),
            label: None,
        }
    }

    /// Gives the row of `example` another label.
    pub fn relabel(part: Part, example: &Example, label: NewLabel) -> Self {
        Self {
            label: Some(label),
            ..Self::drop(part, example)
        }
    }

    /// Whether the edit is about this row, and the row still has the text that it had.
    pub fn fits(&self, part: Part, example: &Example) -> bool {
        self.part == part && self.row == example.row && self.text == text_hash(&example.text)
    }
}

/// Carries out the edits of one file.
pub(super) fn edit(edits: &[RowEdit], part: Part, cleaned: &mut Cleaned) -> Result<()> {
    let mut open: BTreeMap<usize, &RowEdit> = edits
        .iter()
        .filter(|edit| edit.part == part)
        .map(|edit| (edit.row, edit))
        .collect();
    if open.is_empty() {
        return Ok(());
    }
    let mut dropped = BTreeSet::new();
    for example in &mut cleaned.examples {
        let Some(edit) = open.remove(&example.row) else {
            continue;
        };
        if !edit.fits(part, example) {
            return Err(stale(edit, "has another text than when it was reviewed"));
        }
        match &edit.label {
            None => {
                dropped.insert(example.row);
            }
            Some(label) if relabel(example, label)? => {
                *cleaned.changed.entry(Rule::Rows).or_default() += 1;
            }
            Some(_) => {}
        }
    }
    if let Some(edit) = open.into_values().next() {
        return Err(stale(edit, "is not among the rows in use any more"));
    }
    cleaned.drop_where(|example| dropped.contains(&example.row).then_some(Removal::ByHand));
    Ok(())
}

fn stale(edit: &RowEdit, what: &str) -> Error {
    Error::new(format!("row {} of the {} data {what}", edit.row, edit.part)).remedy(
        "The file has changed since: review the row again, or remove its entry from \
         [[data.cleaning.rows]].",
    )
}

/// Gives an example another label; says whether that is new.
fn relabel(example: &mut Example, label: &NewLabel) -> Result<bool> {
    let target = match (&example.target, label) {
        (Target::Label(_), NewLabel::One(label)) => Target::Label(label.clone()),
        (Target::Labels(_), NewLabel::One(label)) => Target::Labels(vec![label.clone()]),
        (Target::Labels(_), NewLabel::Several(labels)) => Target::Labels(labels.clone()),
        (Target::Scores(scores), NewLabel::One(score)) => {
            numbers(example.row, scores, std::slice::from_ref(score))?
        }
        (Target::Scores(scores), NewLabel::Several(new)) => numbers(example.row, scores, new)?,
        _ => {
            return Err(Error::new(format!(
                "row {} cannot take the label given to it: rows of this kind have none",
                example.row
            ))
            .remedy("Remove its entry from [[data.cleaning.rows]]."));
        }
    };
    let changed = target != example.target;
    example.target = target;
    Ok(changed)
}

/// The numbers in the place of `scores`.
fn numbers(row: usize, scores: &[f64], written: &[String]) -> Result<Target> {
    if written.len() != scores.len() {
        return Err(Error::new(format!(
            "row {row} has a number for each of {} targets, but is given {}",
            scores.len(),
            written.len()
        ))
        .remedy("Give all of them in its entry in [[data.cleaning.rows]]."));
    }
    let numbers = written.iter().map(|written| score(row, written));
    Ok(Target::Scores(numbers.collect::<Result<_>>()?))
}

fn score(row: usize, written: &str) -> Result<f64> {
    number(written.trim()).ok_or_else(|| {
        Error::new(format!(
            "row {row} is given the score \"{written}\"; a number is expected, without a mark between \
             thousands"
        ))
        .remedy("Correct its entry in [[data.cleaning.rows]].")
    })
}

/// Fails when two edits are about one row, or a new label is empty.
pub(super) fn check(edits: &[RowEdit]) -> Result<()> {
    let mut seen = BTreeSet::new();
    for edit in edits {
        if !seen.insert((edit.part, edit.row)) {
            return Err(Error::new(format!(
                "row {} of the {} data is edited twice",
                edit.row, edit.part
            ))
            .remedy("Keep one of its entries in [[data.cleaning.rows]]."));
        }
        if matches!(&edit.label, Some(NewLabel::One(label)) if label.trim().is_empty()) {
            return Err(Error::new(format!(
                "row {} of the {} data is given an empty label",
                edit.row, edit.part
            ))
            .remedy("Give it a label, or leave the label out to drop the row."));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn example(row: usize, text: &str, target: Target) -> Example {
        Example {
            row,
            line: row,
            text: text.into(),
            pair: None,
            target,
            group: None,
            part: None,
        }
    }

    fn label(label: &str) -> Target {
        Target::Label(label.into())
    }

    fn cleaned(examples: Vec<Example>) -> Cleaned {
        Cleaned {
            examples,
            ..Cleaned::default()
        }
    }

    #[test]
    fn rows_are_relabelled_and_dropped_in_their_file_only() {
        let rows = [example(1, "a", label("x")), example(2, "b", label("x"))];
        let edits = [
            RowEdit::relabel(Part::Train, &rows[0], NewLabel::One("y".into())),
            RowEdit::drop(Part::Train, &rows[1]),
            RowEdit::drop(Part::Test, &example(9, "z", label("x"))),
        ];
        let mut found = cleaned(rows.to_vec());
        edit(&edits, Part::Train, &mut found).unwrap();
        assert_eq!(found.examples, [example(1, "a", label("y"))]);
        assert_eq!(found.dropped, [Removal::ByHand.of(&rows[1])]);
        assert_eq!(found.changed[&Rule::Rows], 1);
    }

    #[test]
    fn a_changed_file_is_noticed() {
        let edits = [RowEdit::drop(Part::Train, &example(2, "b", label("x")))];
        let mut other = cleaned(vec![example(2, "c", label("x"))]);
        let error = edit(&edits, Part::Train, &mut other).unwrap_err();
        assert!(
            error.to_string().contains("row 2 of the train data"),
            "{error}"
        );
        let mut gone = cleaned(vec![example(1, "b", label("x"))]);
        let error = edit(&edits, Part::Train, &mut gone).unwrap_err();
        assert!(error.to_string().contains("not among the rows"), "{error}");
    }

    #[test]
    fn a_label_must_suit_the_row() {
        let one = NewLabel::One("2.5".into());
        let mut scored = example(1, "a", Target::Scores(vec![1.0]));
        assert!(relabel(&mut scored, &one).unwrap());
        assert_eq!(scored.target, Target::Scores(vec![2.5]));
        let mut two = example(1, "a", Target::Scores(vec![1.0, 2.0]));
        assert!(relabel(&mut two, &one).is_err());
        let both = NewLabel::Several(vec!["2.5".into(), "2".into()]);
        assert!(relabel(&mut two, &both).unwrap());
        assert_eq!(two.target, Target::Scores(vec![2.5, 2.0]));
        assert!(relabel(&mut scored, &NewLabel::One("much".into())).is_err());
        assert!(relabel(&mut scored, &NewLabel::One("NaN".into())).is_err());
        assert!(relabel(&mut example(1, "a", Target::Answers(Vec::new())), &one).is_err());
        let mut several = example(1, "a", Target::Labels(vec!["2.5".into()]));
        assert!(!relabel(&mut several, &one).unwrap());
    }

    #[test]
    fn contradictions_are_refused() {
        let row = example(1, "a", label("x"));
        let drop = RowEdit::drop(Part::Train, &row);
        assert!(
            check(&[
                drop.clone(),
                RowEdit {
                    part: Part::Test,
                    ..drop.clone()
                }
            ])
            .is_ok()
        );
        assert!(check(&[drop.clone(), drop.clone()]).is_err());
        assert!(
            check(&[RowEdit::relabel(
                Part::Train,
                &row,
                NewLabel::One(" ".into())
            )])
            .is_err()
        );
    }
}
