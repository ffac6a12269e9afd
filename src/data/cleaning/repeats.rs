//! Texts that occur more than once: repeated rows, conflicting labels.

use std::collections::HashMap;
use std::hash::Hash;

use serde::{Deserialize, Serialize};

use super::Cleaned;
use super::rule::Removal;
use crate::data::example::{Example, Target};
use crate::data::near;

/// When two texts count as the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Alike {
    /// When they are equal but for white space at the ends.
    Exact,
    /// When they are equal or nearly so: see [`near`](crate::data::near).
    Near,
}

/// What is done with a text that has several labels. It concerns examples that have one label or a
/// set of labels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Conflicts {
    /// All its rows are dropped.
    Drop,
    /// Rows with its commonest label are kept; where two are equally common, none is.
    Majority,
}

/// Numbers the texts of examples, each with its pair: two have one number when they are alike.
/// Numbers begin with 0 and rise with each text that is new.
///
/// A text and its pair are compared one by one, so that two questions about one long passage are
/// not taken for one.
pub(in crate::data) fn identities(examples: &[&Example], alike: Alike) -> Vec<usize> {
    let texts: Vec<&str> = examples.iter().map(|example| example.text.trim()).collect();
    let texts = numbers(&texts, alike);
    if examples.iter().all(|example| example.pair.is_none()) {
        return texts;
    }
    let pairs: Vec<&str> = examples
        .iter()
        .map(|example| example.pair.as_deref().unwrap_or_default().trim())
        .collect();
    numbered(texts.into_iter().zip(numbers(&pairs, alike)))
}

fn numbers(texts: &[&str], alike: Alike) -> Vec<usize> {
    match alike {
        Alike::Exact => numbered(texts.iter()),
        Alike::Near => numbered(near::groups(texts).into_iter()),
    }
}

/// Numbers from 0 on, equal for equal items.
fn numbered<T: Hash + Eq>(items: impl Iterator<Item = T>) -> Vec<usize> {
    let mut known = HashMap::new();
    items
        .map(|item| {
            let next = known.len();
            *known.entry(item).or_insert(next)
        })
        .collect()
}

/// Drops rows of texts that have several labels.
pub(super) fn settle(conflicts: Conflicts, cleaned: &mut Cleaned) {
    let labelled =
        |example: &&Example| matches!(example.target, Target::Label(_) | Target::Labels(_));
    let examples: Vec<&Example> = cleaned.examples.iter().collect();
    if !examples.iter().all(labelled) {
        return;
    }
    let texts = identities(&examples, Alike::Exact);
    let targets = targets(&examples);
    let kept = kept_targets(conflicts, &texts, &targets);
    let reasons: Vec<_> = texts
        .iter()
        .zip(&targets)
        .map(|(&text, target)| (kept[text] != Some(*target)).then_some(Removal::Conflict))
        .collect();
    cleaned.drop_by(&reasons);
}

/// The target that each text keeps: the only one, or by majority; `None` when all its rows go.
fn kept_targets(conflicts: Conflicts, texts: &[usize], targets: &[usize]) -> Vec<Option<usize>> {
    let mut counts: Vec<HashMap<usize, usize>> = Vec::new();
    for (&text, &target) in texts.iter().zip(targets) {
        // A new text has the next number.
        if text == counts.len() {
            counts.push(HashMap::new());
        }
        *counts[text].entry(target).or_default() += 1;
    }
    let kept = |counts: &HashMap<usize, usize>| {
        let most = counts.values().copied().max()?;
        let mut commonest = counts.iter().filter(|&(_, &count)| count == most);
        let (&target, _) = commonest.next()?;
        let alone =
            counts.len() == 1 || (conflicts == Conflicts::Majority && commonest.next().is_none());
        alone.then_some(target)
    };
    counts.iter().map(kept).collect()
}

/// Drops every row whose text and target an earlier row has.
pub(super) fn drop_duplicates(alike: Alike, cleaned: &mut Cleaned) {
    let examples: Vec<&Example> = cleaned.examples.iter().collect();
    let exact = identities(&examples, Alike::Exact);
    let texts = match alike {
        Alike::Exact => exact.clone(),
        Alike::Near => identities(&examples, Alike::Near),
    };
    let targets = targets(&examples);
    let mut first: HashMap<(usize, usize), usize> = HashMap::new();
    let reasons: Vec<_> = (0..examples.len())
        .map(|index| {
            let key = (texts[index], targets[index]);
            let earlier = *first.entry(key).or_insert(index);
            let of = examples[earlier].row;
            match earlier == index {
                true => None,
                false if exact[earlier] == exact[index] => Some(Removal::Duplicate { of }),
                false => Some(Removal::NearDuplicate { of }),
            }
        })
        .collect();
    cleaned.drop_by(&reasons);
}

/// Numbers the targets of examples, equal for equal ones. A set of labels has no order.
fn targets(examples: &[&Example]) -> Vec<usize> {
    let written = |example: &&Example| match &example.target {
        Target::Label(label) => label.clone(),
        Target::Labels(labels) => {
            let mut labels = labels.clone();
            labels.sort_unstable();
            format!("{labels:?}")
        }
        Target::Text(text) => text.trim().to_owned(),
        // Written out, targets are equal exactly when they are the same.
        other => format!("{other:?}"),
    };
    numbered(examples.iter().map(written))
}
