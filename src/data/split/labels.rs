//! The labels that training knows.

use std::collections::BTreeSet;

use crate::data::dataset::Dataset;
use crate::data::example::{Example, Target};
use crate::data::source::Source;
use crate::data::tags::entity_type;
use crate::error::{Error, Result};

/// The labels of examples in their order; fails when each has one and all have the same, so that
/// there is nothing to tell apart.
pub(super) fn labels_of(source: &Source, examples: &[Example]) -> Result<Vec<String>> {
    let distinct: BTreeSet<&str> = examples.iter().flat_map(names).collect();
    let mut labels: Vec<String> = distinct.into_iter().map(str::to_owned).collect();
    let has_some = |example: &Example| match &example.target {
        Target::Label(_) => true,
        Target::Labels(labels) => !labels.is_empty(),
        _ => false,
    };
    if labels.len() < 2 && examples.iter().all(has_some) {
        let only = labels.first().map_or("", String::as_str);
        return Err(Error::new(format!(
            "every row of {source} has the label \"{only}\"; at least two different labels are \
             expected"
        ))
        .remedy(
            "Add rows with another label, or choose another label column with --label-column or \
             on the Data page.",
        ));
    }
    let numbers: Option<Vec<i64>> = labels.iter().map(|label| label.parse().ok()).collect();
    if numbers.is_some() {
        labels.sort_by_key(|label| label.parse::<i64>().ok());
    }
    Ok(labels)
}

/// The labels or tags of an example.
fn names(example: &Example) -> Vec<&str> {
    match &example.target {
        Target::Label(label) => vec![label],
        Target::Labels(labels) => labels.iter().map(String::as_str).collect(),
        Target::Tags(words) => words.iter().map(|word| word.tag.as_str()).collect(),
        Target::Scores(_) | Target::Answers(_) | Target::Text(_) | Target::Nothing => Vec::new(),
    }
}

/// Fails on a label or tag that training does not know.
pub(super) fn refuse_unknown_labels(
    given: &Dataset,
    labels: &[String],
    train: &Source,
) -> Result<()> {
    let known: BTreeSet<&str> = labels.iter().map(String::as_str).collect();
    let unknown = given.examples.iter().find_map(|example| {
        let mut names = names(example).into_iter();
        let unknown = names.find(|name| !known.contains(name))?;
        Some((example, unknown))
    });
    match unknown {
        None => Ok(()),
        Some((example, unknown)) => Err(Error::new(format!(
            "{}, line {} (row {}): the label \"{unknown}\" does not occur in {train}, whose labels \
             are {}",
            given.source,
            example.line,
            example.row,
            listed(labels.iter().map(|label| format!("\"{label}\"")))
        ))
        .remedy(match marks_otherwise(example, unknown, labels) {
            true => {
                "The files mark the ends of entities in different ways: --clean tag_scheme=iob2 \
                 (on the Data page: Tag scheme) writes both in one."
            }
            false => {
                "Correct the label, add rows with it to the training file, or take the row out."
            }
        })),
    }
}

/// Whether a tag that training does not know is of a type that it knows with another letter.
fn marks_otherwise(example: &Example, tag: &str, labels: &[String]) -> bool {
    let kind = entity_type(tag);
    let is_tag = matches!(example.target, Target::Tags(_)) && kind.is_some();
    is_tag && labels.iter().any(|label| entity_type(label) == kind)
}

/// Some of them, and how many there are besides.
pub(super) fn listed(names: impl Iterator<Item = String>) -> String {
    const SHOWN: usize = 20;
    let names: Vec<String> = names.collect();
    match names.len().checked_sub(SHOWN) {
        None | Some(0) => names.join(", "),
        Some(more) => format!("{} and {more} more", names[..SHOWN].join(", ")),
    }
}
