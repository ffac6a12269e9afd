//! Dividing the rows of a file by share or by fold.

use std::collections::HashSet;

use super::labels::listed;
use super::settings::SplitSettings;
use super::strata::{By, Strata, merge_small};
use super::together::{Bonds, Group};
use crate::data::dataset::Dataset;
use crate::data::example::{Example, Target};
use crate::data::source::Source;
use crate::error::{Error, Result};
use crate::rng::{Purpose, Stream};

/// Shares are counted in millionths, so that a tenth of ten rows is one row.
const WHOLE: usize = 1_000_000;

/// The parts that a file is divided into; training is what is left.
pub(super) struct Parts {
    /// The share of the test, in millionths; 0 when there is none.
    test: usize,
    validation: Validation,
}

#[derive(Clone, Copy)]
enum Validation {
    /// A share of all rows, in millionths.
    Share(usize),
    /// One of so many folds of what the test leaves, from 0.
    Fold { fold: usize, folds: usize },
}

impl Parts {
    /// The parts by settings that were checked, with this share for the test.
    pub(super) fn of(settings: &SplitSettings, test: f64) -> Self {
        let validation = match settings.folds {
            Some(folds) => Validation::Fold {
                fold: settings.fold - 1,
                folds,
            },
            None => Validation::Share(millionths(settings.validation)),
        };
        Self {
            test: millionths(test),
            validation,
        }
    }

    /// How many there are, training among them.
    fn count(&self) -> usize {
        if self.test > 0 { 3 } else { 2 }
    }

    /// How many rows near duplicates may have to be kept together, in a file of so many rows: half
    /// of the smaller held-out part.
    fn largest_cluster(&self, rows: usize) -> usize {
        let validation = match self.validation {
            Validation::Share(share) => share,
            Validation::Fold { folds, .. } => WHOLE / folds,
        };
        let smaller = match self.test {
            0 => validation,
            test => test.min(validation),
        };
        rows * smaller / WHOLE / 2
    }
}

/// A share as millionths; a share above 0 has at least one.
fn millionths(share: f64) -> usize {
    let rounded = (share * WHOLE as f64).round() as usize;
    if share > 0.0 { rounded.max(1) } else { 0 }
}

/// Divides the rows of a file into test, validation and training, each in the order of the file.
pub(super) fn partition(
    dataset: Dataset,
    labels: &[String],
    settings: &SplitSettings,
    parts: &Parts,
    seed: u64,
) -> Result<[Vec<Example>; 3]> {
    let strata = strata(&dataset, labels, settings, parts)?;
    let Dataset {
        source, examples, ..
    } = dataset;
    let rows: Vec<usize> = strata.iter().map(|groups| size(groups)).collect();
    let test_quotas = quotas(&rows, parts.test);
    let validation_quotas = match parts.validation {
        Validation::Share(share) => quotas(&rows, share),
        Validation::Fold { .. } => Vec::new(),
    };
    let mut part_of = vec![TRAIN; examples.len()];
    let mut folds = Folds::default();
    for (id, mut groups) in strata.into_iter().enumerate() {
        // Sites are 32 bits wide; more labels than that would not fit into memory.
        Stream::new(seed, Purpose::Split, 0)
            .site(id as u32)
            .shuffle(&mut groups);
        // Each later part, training among them, still needs a group of this stratum.
        if parts.test > 0 {
            assign(
                &mut part_of,
                TEST,
                take_about(&mut groups, test_quotas[id], 2),
            );
        }
        let validation = match parts.validation {
            Validation::Share(_) => take_about(&mut groups, validation_quotas[id], 1),
            Validation::Fold { fold, folds: count } => folds.deal(groups, count).swap_remove(fold),
        };
        assign(&mut part_of, VALIDATION, validation);
    }
    let mut divided = [Vec::new(), Vec::new(), Vec::new()];
    for (example, part) in examples.into_iter().zip(part_of) {
        divided[part].push(example);
    }
    refuse_lost_labels(&source, labels, &divided[TRAIN])?;
    Ok(divided)
}

const TEST: usize = 0;
const VALIDATION: usize = 1;
const TRAIN: usize = 2;

fn assign(part_of: &mut [usize], part: usize, groups: Vec<Group>) {
    for member in groups.into_iter().flat_map(|group| group.members) {
        part_of[member] = part;
    }
}

/// The groups by stratum, each with enough of them to be in every part.
fn strata(
    dataset: &Dataset,
    labels: &[String],
    settings: &SplitSettings,
    parts: &Parts,
) -> Result<Vec<Vec<Group>>> {
    let examples = &dataset.examples;
    let least = parts.count();
    let strata_of = Strata::of(examples, labels);
    let largest = parts.largest_cluster(examples.len());
    let mut bonds = Bonds::of(
        examples,
        settings.near_duplicates_together.then_some(largest),
    );
    let strata = loop {
        let strata = strata_of.divide(bonds.groups(), By::Majority);
        let small: Vec<usize> = (0..strata.len())
            .filter(|&id| strata[id].len() < least)
            .collect();
        let rows: HashSet<usize> = (0..examples.len())
            .filter(|&example| strata_of.is_in(example, &small))
            .collect();
        if rows.is_empty() || !bonds.divide(&rows) {
            break strata;
        }
    };
    if strata.iter().all(|groups| groups.len() >= least) {
        return Ok(strata);
    }
    let strata = if examples.iter().all(has_one_label) {
        refuse_rare_labels(dataset, labels, &strata_of, &bonds.groups(), least)?;
        // Every label is in groups enough, but in some only beside others.
        strata_of.divide(bonds.groups(), By::Rarest)
    } else {
        strata
    };
    let strata = merge_small(strata, least);
    match strata.iter().any(|groups| groups.len() >= least) {
        true => Ok(strata),
        false => Err(too_few(&dataset.source, least)),
    }
}

fn has_one_label(example: &Example) -> bool {
    matches!(example.target, Target::Label(_))
}

fn too_few(source: &Source, least: usize) -> Error {
    Error::new(format!(
        "{source} cannot be split: at least {least} different texts are expected"
    ))
    .remedy("Add rows, or give separate validation and test files.")
}

/// Fails on labels that are in fewer groups than there are parts. Each is told with its groups and
/// where it first stands: often it is a typing mistake.
fn refuse_rare_labels(
    dataset: &Dataset,
    labels: &[String],
    strata: &Strata,
    groups: &[Group],
    least: usize,
) -> Result<()> {
    let examples = &dataset.examples;
    let rare = labels.iter().enumerate().filter_map(|(id, label)| {
        let has = |group: &&Group| group.members.iter().any(|&row| strata.is_in(row, &[id]));
        let count = groups.iter().filter(has).count();
        let rows = (0..examples.len()).filter(|&row| strata.is_in(row, &[id]));
        let first = rows.map(|row| examples[row].row).min().unwrap_or_default();
        (count < least).then(|| format!("\"{label}\" ({count}, row {first})"))
    });
    let rare: Vec<String> = rare.collect();
    if rare.is_empty() {
        return Ok(());
    }
    let uses = if least == 3 {
        "training, validation and test"
    } else {
        "training and validation"
    };
    let what = if examples.iter().any(|example| example.group.is_some()) {
        "groups"
    } else {
        "texts"
    };
    Err(Error::new(format!(
        "{} cannot be split: a label needs at least {least} different {what} to be in {uses}, and \
         these have fewer: {}",
        dataset.source,
        listed(rare.into_iter())
    ))
    .remedy(
        "If one is a typing mistake, mend its row. Else add rows with these labels, join them with \
         others, or give separate validation and test files.",
    ))
}

/// Fails when training has no row of a label, as may be when groups have several labels.
fn refuse_lost_labels(source: &Source, labels: &[String], train: &[Example]) -> Result<()> {
    let left: HashSet<&str> = train.iter().map(Example::label).collect();
    let lost = labels.iter().find(|label| !left.contains(label.as_str()));
    match lost {
        Some(label) if train.iter().all(has_one_label) => Err(Error::new(format!(
            "{source} cannot be split: all rows with the label \"{label}\" came into the held-out \
             parts with their groups"
        ))
        .remedy("Try another seed, smaller shares, or another group column.")),
        _ => Ok(()),
    }
}

/// How many rows of each stratum go into a part that gets a share (in millionths): at least one, by
/// the largest remainder beyond that, so that the sum is that share of all rows, rounded.
fn quotas(rows: &[usize], share: usize) -> Vec<usize> {
    let total = (rows.iter().sum::<usize>() * share + WHOLE / 2) / WHOLE;
    let mut quotas: Vec<usize> = rows
        .iter()
        .map(|count| (count * share / WHOLE).max(1))
        .collect();
    let missing = total.saturating_sub(quotas.iter().sum());
    // A stratum whose share is less than a row already has more than that.
    let mut order: Vec<usize> = (0..rows.len())
        .filter(|&id| rows[id] * share >= WHOLE)
        .collect();
    order.sort_by_key(|&id| std::cmp::Reverse(rows[id] * share % WHOLE));
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

/// Deals groups out to folds of about the same size, stratum after stratum.
#[derive(Default)]
struct Folds {
    /// The rows in each fold so far.
    rows: Vec<usize>,
}

impl Folds {
    /// The largest groups first, each to the fold with the fewest rows of this stratum; of those to
    /// the one with the fewest rows in all.
    fn deal(&mut self, mut groups: Vec<Group>, count: usize) -> Vec<Vec<Group>> {
        self.rows.resize(count, 0);
        let mut folds: Vec<Vec<Group>> = (0..count).map(|_| Vec::new()).collect();
        let mut rows = vec![0; count];
        groups.sort_by_key(|group| std::cmp::Reverse(group.members.len()));
        for group in groups {
            let Some(fold) = (0..count).min_by_key(|&fold| (rows[fold], self.rows[fold])) else {
                break;
            };
            rows[fold] += group.members.len();
            self.rows[fold] += group.members.len();
            folds[fold].push(group);
        }
        folds
    }
}

fn size(groups: &[Group]) -> usize {
    groups.iter().map(|group| group.members.len()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TENTH: usize = WHOLE / 10;

    #[test]
    fn quotas_add_up_to_a_tenth() {
        assert_eq!(quotas(&[50, 50], TENTH), [5, 5]);
        assert_eq!(quotas(&[15, 15], TENTH), [2, 1]);
        assert_eq!(quotas(&[94, 3, 3], TENTH), [9, 1, 1]);
        assert_eq!(quotas(&[14, 17, 19], TENTH), [1, 2, 2]);
    }

    #[test]
    fn quotas_are_shares() {
        assert_eq!(millionths(0.3), 300_000);
        assert_eq!(quotas(&[10, 20, 70], millionths(0.3)), [3, 6, 21]);
        assert_eq!(quotas(&[1000], millionths(1e-9)), [1]);
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
    fn folds_are_about_equal() {
        let mut folds = Folds::default();
        let dealt = folds.deal(groups(&[1, 4, 1, 2, 2, 1, 1]), 3);
        let rows: Vec<usize> = dealt.iter().map(|groups| size(groups)).collect();
        assert_eq!(rows, [4, 4, 4]);
        // A rare label goes where there is least of all.
        let dealt = folds.deal(groups(&[1, 1]), 3);
        assert_eq!(dealt.iter().map(Vec::len).collect::<Vec<_>>(), [1, 1, 0]);
        let dealt = folds.deal(groups(&[1, 1]), 3);
        assert_eq!(dealt.iter().map(Vec::len).collect::<Vec<_>>(), [1, 0, 1]);
    }
}
