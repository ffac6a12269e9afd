//! Training, validation and test: who goes where, and the seal on the test.
//!
//! A split is stratified by label, and identical texts always go to the same split: a text that is
//! learned in training and asked for in the test measures memory, not skill. Texts count as
//! identical when they are equal after trimming; a text that occurs with several labels goes with
//! the most frequent of them. Which texts go where depends on the seed and on the texts alone, not
//! on the order of the file.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;

use super::dataset::Dataset;
use super::example::Example;
use super::source::Source;
use crate::error::{Error, Result};
use crate::rng::{Purpose, Stream};

/// Validation and test each get one row in this many.
const HELD_OUT: usize = 10;

/// The examples by use.
#[derive(Debug, Clone)]
pub struct Splits {
    /// The labels of the training examples, in alphabetical order, or in numerical order when all
    /// of them are whole numbers. A label's position is its id.
    pub labels: Vec<String>,
    /// What the model learns from, in the order of the file.
    pub train: Vec<Example>,
    /// What it is measured on while it learns, in the order of the file.
    pub validation: Vec<Example>,
    /// What it is measured on once, at the end; `None` when separate files came without a test.
    pub test: Option<Sealed>,
}

impl Splits {
    /// The id of a label: its position in `labels`; `None` when training does not have it.
    pub fn label_id(&self, label: &str) -> Option<usize> {
        self.labels.iter().position(|known| known == label)
    }
}

/// Test examples that nobody has looked at. Only their number is known.
#[derive(Clone, PartialEq)]
pub struct Sealed {
    examples: Vec<Example>,
}

impl Sealed {
    /// The number of test examples. Free to ask at any time.
    pub fn len(&self) -> usize {
        self.examples.len()
    }

    /// Whether there are no test examples.
    pub fn is_empty(&self) -> bool {
        self.examples.is_empty()
    }

    /// Breaks the seal. To be called by the final evaluation only: whoever looks at the test
    /// before the model is chosen, chooses the model by it, and its score says nothing any more.
    pub fn open(&self) -> &[Example] {
        &self.examples
    }
}

/// Says the number only: a log line must not break the seal.
impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sealed")
            .field("len", &self.len())
            .finish_non_exhaustive()
    }
}

/// Splits one file 80/10/10 into training, validation and test.
///
/// Every label is in each of the three. Fails when there is only one label, and when a label has
/// fewer than three different texts.
pub fn split(dataset: Dataset, seed: u64) -> Result<Splits> {
    let Dataset {
        source, examples, ..
    } = dataset;
    let labels = labels_of(&source, &examples)?;
    let [test, validation, train] = partition(&source, examples, &labels, seed)?;
    Ok(Splits {
        labels,
        train,
        validation,
        test: Some(Sealed { examples: test }),
    })
}

/// Takes files as they were given; without a validation file a tenth of the training file becomes
/// one, without a test file there is none.
///
/// Fails when the training file has only one label, when a label has too few different texts to
/// give some away, and when a validation or test row has a label that training does not know.
pub fn split_files(
    train: Dataset,
    validation: Option<Dataset>,
    test: Option<Dataset>,
    seed: u64,
) -> Result<Splits> {
    let labels = labels_of(&train.source, &train.examples)?;
    for given in [&validation, &test].into_iter().flatten() {
        refuse_unknown_labels(given, &labels, &train.source)?;
    }
    let test = test.map(|test| Sealed {
        examples: test.examples,
    });
    let (train, validation) = match validation {
        Some(validation) => (train.examples, validation.examples),
        None => {
            let [validation, rest] = partition(&train.source, train.examples, &labels, seed)?;
            (rest, validation)
        }
    };
    Ok(Splits {
        labels,
        train,
        validation,
        test,
    })
}

/// The labels in their order; fails when there is nothing to tell apart.
fn labels_of(source: &Source, examples: &[Example]) -> Result<Vec<String>> {
    let distinct: BTreeSet<&str> = examples.iter().map(Example::label).collect();
    let mut labels: Vec<String> = distinct.into_iter().map(str::to_owned).collect();
    if labels.len() < 2 {
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

fn refuse_unknown_labels(given: &Dataset, labels: &[String], train: &Source) -> Result<()> {
    let unknown = given
        .examples
        .iter()
        .find(|example| !labels.iter().any(|label| label == example.label()));
    match unknown {
        None => Ok(()),
        Some(example) => Err(Error::new(format!(
            "{}, line {} (row {}): the label \"{}\" does not occur in {train}, whose labels are {}",
            given.source,
            example.line,
            example.row,
            example.label(),
            listed(labels.iter().map(|label| format!("\"{label}\"")))
        ))
        .remedy("Correct the label, add rows with it to the training file, or take the row out.")),
    }
}

/// Some of them, and how many there are besides.
fn listed(names: impl Iterator<Item = String>) -> String {
    const SHOWN: usize = 20;
    let names: Vec<String> = names.collect();
    match names.len().checked_sub(SHOWN) {
        None | Some(0) => names.join(", "),
        Some(more) => format!("{} and {more} more", names[..SHOWN].join(", ")),
    }
}

/// The examples that share one text, by their positions.
#[derive(Debug)]
struct Group {
    members: Vec<usize>,
}

/// Divides examples into `PARTS` of which all but the last get a tenth each, the last the rest.
fn partition<const PARTS: usize>(
    source: &Source,
    examples: Vec<Example>,
    labels: &[String],
    seed: u64,
) -> Result<[Vec<Example>; PARTS]> {
    let strata = strata(&examples, labels);
    refuse_small_strata(source, &examples, labels, &strata, PARTS)?;
    let rows: Vec<usize> = strata.iter().map(|groups| size(groups)).collect();
    let quotas = quotas(&rows);
    let mut part_of = vec![PARTS - 1; examples.len()];
    for (id, mut groups) in strata.into_iter().enumerate() {
        // Sites are 32 bits wide; more labels than that would not fit into memory.
        Stream::new(seed, Purpose::Split, 0)
            .site(id as u32)
            .shuffle(&mut groups);
        for part in 0..PARTS - 1 {
            // Each later part, the last among them, still needs a group of this label.
            let reserved = PARTS - 1 - part;
            for group in take_about(&mut groups, quotas[id], reserved) {
                group
                    .members
                    .iter()
                    .for_each(|&member| part_of[member] = part);
            }
        }
    }
    let mut parts = std::array::from_fn(|_| Vec::new());
    for (example, part) in examples.into_iter().zip(part_of) {
        parts[part].push(example);
    }
    Ok(parts)
}

/// The groups of identical texts by the id of their most frequent label, in the order of the texts.
fn strata(examples: &[Example], labels: &[String]) -> Vec<Vec<Group>> {
    let ids: HashMap<&str, usize> = labels
        .iter()
        .enumerate()
        .map(|(id, label)| (label.as_str(), id))
        .collect();
    let text = |position: usize| examples[position].text.trim();
    let mut order: Vec<usize> = (0..examples.len()).collect();
    order.sort_by(|&a, &b| text(a).cmp(text(b)));
    let mut strata: Vec<Vec<Group>> = labels.iter().map(|_| Vec::new()).collect();
    for members in order.chunk_by(|&a, &b| text(a) == text(b)) {
        let mut counts: BTreeMap<usize, usize> = BTreeMap::new();
        for &member in members {
            if let Some(&id) = ids.get(examples[member].label()) {
                *counts.entry(id).or_default() += 1;
            }
        }
        // The first of equals, so that the order of the rows does not matter.
        if let Some((&id, _)) = counts.iter().rev().max_by_key(|&(_, &count)| count) {
            strata[id].push(Group {
                members: members.to_vec(),
            });
        }
    }
    strata
}

/// A label that is too rare, with where it first stands: often it is a typing mistake.
fn small_label(label: &str, groups: &[Group], examples: &[Example]) -> String {
    let members = groups.iter().flat_map(|group| &group.members);
    let rows = members.map(|&member| examples[member].row);
    let first = rows.min().map(|row| format!(", row {row}"));
    format!(
        "\"{label}\" ({}{})",
        groups.len(),
        first.unwrap_or_default()
    )
}

fn refuse_small_strata(
    source: &Source,
    examples: &[Example],
    labels: &[String],
    strata: &[Vec<Group>],
    least: usize,
) -> Result<()> {
    let small: Vec<String> = labels
        .iter()
        .zip(strata)
        .filter(|(_, groups)| groups.len() < least)
        .map(|(label, groups)| small_label(label, groups, examples))
        .collect();
    if small.is_empty() {
        return Ok(());
    }
    let uses = if least == 3 {
        "training, validation and test"
    } else {
        "training and validation"
    };
    Err(Error::new(format!(
        "{source} cannot be split: a label needs at least {least} different texts to be in {uses}, \
         and these have fewer: {}",
        listed(small.into_iter())
    ))
    .remedy(
        "If one is a typing mistake, mend its row. Else add rows with these labels, join them with \
         others, or give separate validation and test files.",
    ))
}

/// How many rows of each label go into a part that gets a tenth: at least one, by the largest
/// remainder beyond that, so that the sum is a tenth of all rows, rounded.
fn quotas(rows: &[usize]) -> Vec<usize> {
    let total = (rows.iter().sum::<usize>() + HELD_OUT / 2) / HELD_OUT;
    let mut quotas: Vec<usize> = rows.iter().map(|count| (count / HELD_OUT).max(1)).collect();
    let missing = total.saturating_sub(quotas.iter().sum());
    // A label with fewer than ten rows already has more than its share.
    let mut order: Vec<usize> = (0..rows.len()).filter(|&id| rows[id] >= HELD_OUT).collect();
    order.sort_by_key(|&id| std::cmp::Reverse(rows[id] % HELD_OUT));
    for &id in order.iter().take(missing) {
        quotas[id] += 1;
    }
    quotas
}

/// Takes groups from the front that together have `quota` rows, leaving at least `reserved`.
///
/// Groups too large for what is left of the quota stay; if all are, the smallest is taken.
fn take_about(groups: &mut Vec<Group>, quota: usize, reserved: usize) -> Vec<Group> {
    let mut left = quota;
    let mut available = groups.len().saturating_sub(reserved);
    let fits = |group: &mut Group| {
        let takes = available > 0 && group.members.len() <= left;
        if takes {
            available -= 1;
            left -= group.members.len();
        }
        takes
    };
    let mut taken: Vec<Group> = groups.extract_if(.., fits).collect();
    if taken.is_empty() {
        let smallest = (0..groups.len()).min_by_key(|&index| groups[index].members.len());
        taken.extend(smallest.map(|index| groups.remove(index)));
    }
    taken
}

fn size(groups: &[Group]) -> usize {
    groups.iter().map(|group| group.members.len()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Target;

    #[test]
    fn quotas_add_up_to_a_tenth() {
        assert_eq!(quotas(&[50, 50]), [5, 5]);
        assert_eq!(quotas(&[15, 15]), [2, 1]);
        assert_eq!(quotas(&[94, 3, 3]), [9, 1, 1]);
        assert_eq!(quotas(&[14, 17, 19]), [1, 2, 2]);
    }

    fn groups(sizes: &[usize]) -> Vec<Group> {
        sizes
            .iter()
            .map(|&size| Group {
                members: vec![0; size],
            })
            .collect()
    }

    fn sizes(groups: &[Group]) -> Vec<usize> {
        groups.iter().map(|group| group.members.len()).collect()
    }

    #[test]
    fn groups_stay_whole_and_others_get_theirs() {
        let mut left = groups(&[5, 1, 3, 1, 1]);
        assert_eq!(sizes(&take_about(&mut left, 2, 2)), [1, 1]);
        assert_eq!(sizes(&left), [5, 3, 1]);
        let mut left = groups(&[4, 3, 5]);
        assert_eq!(sizes(&take_about(&mut left, 1, 2)), [3]);
        let mut left = groups(&[1, 1, 18]);
        assert_eq!(sizes(&take_about(&mut left, 2, 2)), [1]);
    }

    #[test]
    fn a_debug_line_keeps_the_seal() {
        let example = Example {
            row: 1,
            line: 1,
            text: "secret".into(),
            pair: None,
            target: Target::Label("1".into()),
            group: None,
            part: None,
        };
        let sealed = Sealed {
            examples: vec![example],
        };
        assert_eq!(format!("{sealed:?}"), "Sealed { len: 1, .. }");
    }
}
