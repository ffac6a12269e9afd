//! What a split is stratified by: each stratum is in every part in proportion.
//!
//! Rows with one label are stratified by it, rows with a set of labels by the rarest of them, tagged
//! sentences by their rarest type of entity, scores by tenths of their order (several by that of
//! their mean rank), questions by whether the passage answers them. Other rows are one stratum.

use std::collections::{BTreeMap, HashMap};

use super::together::Group;
use crate::data::example::{Example, Target};
use crate::data::tags::entity_type;

/// Scores are divided into so many strata of about equal size.
const SCORE_BINS: usize = 10;

/// By which of its rows a group is put into a stratum.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum By {
    /// By the stratum that most of them are in.
    Majority,
    /// By the one that has the fewest rows in the file, so that a label that is nowhere in the
    /// majority has its groups.
    Rarest,
}

/// The strata of a file.
pub(super) struct Strata {
    /// The stratum of each example.
    of: Vec<usize>,
    count: usize,
}

impl Strata {
    /// `labels` are those of the examples; with one label each, a label's id is its stratum.
    pub(super) fn of(examples: &[Example], labels: &[String]) -> Self {
        match examples.first().map(|example| &example.target) {
            Some(Target::Label(_)) => Self::by_label(examples, labels),
            Some(Target::Labels(_)) => Self::by_rarest(examples, |example| match &example.target {
                Target::Labels(labels) => labels.iter().map(String::as_str).collect(),
                _ => Vec::new(),
            }),
            Some(Target::Tags(_)) => Self::by_rarest(examples, |example| match &example.target {
                Target::Tags(words) => words
                    .iter()
                    .filter_map(|word| entity_type(&word.tag))
                    .collect(),
                _ => Vec::new(),
            }),
            Some(Target::Scores(scores)) => Self::by_scores(examples, scores.len()),
            Some(Target::Answers(_)) => Self {
                of: examples
                    .iter()
                    .map(|example| usize::from(is_answered(example)))
                    .collect(),
                count: 2,
            },
            _ => Self {
                of: vec![0; examples.len()],
                count: 1,
            },
        }
    }

    fn by_label(examples: &[Example], labels: &[String]) -> Self {
        let ids: HashMap<&str, usize> = labels
            .iter()
            .enumerate()
            .map(|(id, label)| (label.as_str(), id))
            .collect();
        let id = |example: &Example| ids.get(example.label()).copied().unwrap_or_default();
        Self {
            of: examples.iter().map(id).collect(),
            count: labels.len(),
        }
    }

    /// By the rarest of the names that an example has; those without any are a stratum too.
    fn by_rarest<'a>(examples: &'a [Example], names: impl Fn(&'a Example) -> Vec<&'a str>) -> Self {
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for name in examples.iter().flat_map(&names) {
            *counts.entry(name).or_default() += 1;
        }
        let mut order: Vec<&str> = counts.keys().copied().collect();
        // Equally rare names stay in their order.
        order.sort_by_key(|name| counts[name]);
        let ranks: HashMap<&str, usize> = order
            .iter()
            .enumerate()
            .map(|(rank, &name)| (name, rank))
            .collect();
        let rarest = |example| names(example).iter().map(|name| ranks[name]).min();
        Self {
            of: examples
                .iter()
                .map(|example| rarest(example).unwrap_or(order.len()))
                .collect(),
            count: order.len() + 1,
        }
    }

    /// By tenths of the scores in order, of several targets in that of the sum of their ranks;
    /// equal ones are in one.
    fn by_scores(examples: &[Example], targets: usize) -> Self {
        let mut sums = vec![0; examples.len()];
        for target in 0..targets {
            let score = |example: &Example| match &example.target {
                Target::Scores(scores) => scores.get(target).copied().unwrap_or_default(),
                _ => 0.0,
            };
            let ranks = ranks(&examples.iter().map(score).collect::<Vec<f64>>());
            sums.iter_mut()
                .zip(ranks)
                .for_each(|(sum, rank)| *sum += rank);
        }
        let sums: Vec<f64> = sums.into_iter().map(|sum| sum as f64).collect();
        let tenth = |rank: usize| rank * SCORE_BINS / examples.len();
        Self {
            of: ranks(&sums).into_iter().map(tenth).collect(),
            count: SCORE_BINS,
        }
    }

    /// The groups by stratum, each group by one of those that its rows are in.
    pub(super) fn divide(&self, groups: Vec<Group>, by: By) -> Vec<Vec<Group>> {
        let mut rows = vec![0; self.count];
        self.of.iter().for_each(|&id| rows[id] += 1);
        let mut strata: Vec<Vec<Group>> = (0..self.count).map(|_| Vec::new()).collect();
        for group in groups {
            let mut counts: BTreeMap<usize, usize> = BTreeMap::new();
            for &member in &group.members {
                *counts.entry(self.of[member]).or_default() += 1;
            }
            // The first of equals, so that the order of the rows does not matter.
            let chosen = match by {
                By::Majority => counts.iter().rev().max_by_key(|&(_, &count)| count),
                By::Rarest => counts.iter().min_by_key(|&(&id, _)| rows[id]),
            };
            if let Some((&id, _)) = chosen {
                strata[id].push(group);
            }
        }
        strata
    }

    /// Whether an example is in one of these strata.
    pub(super) fn is_in(&self, example: usize, strata: &[usize]) -> bool {
        strata.contains(&self.of[example])
    }
}

/// How many values are smaller than each.
fn ranks(values: &[f64]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|&a, &b| values[a].total_cmp(&values[b]));
    let mut ranks = vec![0; values.len()];
    let mut before = 0;
    for equals in order.chunk_by(|&a, &b| values[a] == values[b]) {
        equals.iter().for_each(|&position| ranks[position] = before);
        before += equals.len();
    }
    ranks
}

fn is_answered(example: &Example) -> bool {
    matches!(&example.target, Target::Answers(answers) if !answers.is_empty())
}

/// Strata with fewer groups than `least` join the largest, which they cannot outweigh.
pub(super) fn merge_small(strata: Vec<Vec<Group>>, least: usize) -> Vec<Vec<Group>> {
    let (mut large, small): (Vec<_>, Vec<_>) =
        strata.into_iter().partition(|groups| groups.len() >= least);
    // The first of equals.
    let largest = (0..large.len()).rev().max_by_key(|&id| large[id].len());
    let rest = small.into_iter().flatten();
    match largest {
        Some(largest) => large[largest].extend(rest),
        None => large.push(rest.collect()),
    }
    large
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::{Answer, TaggedWord};

    fn strata(targets: Vec<Target>) -> Vec<usize> {
        let examples: Vec<Example> = targets
            .into_iter()
            .enumerate()
            .map(|(row, target)| Example {
                row,
                line: row,
                text: format!("{row}"),
                pair: None,
                target,
                group: None,
                part: None,
            })
            .collect();
        let labels = ["0", "1", "2"].map(str::to_owned);
        Strata::of(&examples, &labels).of
    }

    fn labels(labels: &[&str]) -> Target {
        Target::Labels(labels.iter().map(|&label| label.to_owned()).collect())
    }

    #[test]
    fn the_rarest_label_counts() {
        let found = strata(vec![
            labels(&["a", "b"]),
            labels(&["a"]),
            labels(&["a", "b"]),
            labels(&["c", "a"]),
            labels(&[]),
        ]);
        assert_eq!(found, [1, 2, 1, 0, 3]);
    }

    #[test]
    fn the_rarest_entity_counts() {
        let sentence = |tags: &[&str]| {
            let word = |tag: &&str| TaggedWord {
                place: 0..1,
                tag: (*tag).to_owned(),
            };
            Target::Tags(tags.iter().map(word).collect())
        };
        let found = strata(vec![
            sentence(&["B-PER", "I-PER", "O", "B-LOC"]),
            sentence(&["O"]),
            sentence(&["B-PER"]),
        ]);
        assert_eq!(found, [0, 2, 1]);
    }

    #[test]
    fn scores_are_divided_by_their_order() {
        let scores = (0..20).map(|score| Target::Scores(vec![f64::from(score) / 4.0]));
        let expected: Vec<usize> = (0..20).map(|score| score / 2).collect();
        assert_eq!(strata(scores.collect()), expected);
        assert_eq!(strata(vec![Target::Scores(vec![1.0]); 20]), [0; 20]);
        // Whatever the scales of several targets are, each counts alike.
        let scores = (0..20).map(|score| Target::Scores(vec![f64::from(score).exp(), 0.0]));
        assert_eq!(strata(scores.collect()), expected);
        let opposed = (0..20)
            .map(f64::from)
            .map(|score| Target::Scores(vec![score, -score]));
        assert_eq!(strata(opposed.collect()), [0; 20]);
    }

    #[test]
    fn questions_are_told_apart_by_having_answers() {
        let answer = Answer {
            text: "a".into(),
            start: Some(0),
        };
        let found = strata(vec![
            Target::Answers(vec![answer]),
            Target::Answers(Vec::new()),
        ]);
        assert_eq!(found, [1, 0]);
    }

    #[test]
    fn small_strata_join_the_largest() {
        let group = |member| Group {
            members: vec![member],
        };
        let groups = |members: std::ops::Range<usize>| members.map(group).collect::<Vec<_>>();
        let merged = merge_small(
            vec![groups(0..1), groups(1..4), groups(4..9), groups(9..9)],
            3,
        );
        let sizes: Vec<usize> = merged.iter().map(Vec::len).collect();
        assert_eq!(sizes, [3, 6]);
        assert_eq!(merge_small(vec![groups(0..1), groups(1..2)], 3).len(), 1);
    }
}
