//! What is to be learned from the rows, counted for a chart.

use std::collections::BTreeMap;

use super::Files;
use crate::data::{Example, Kind, Target, tags};

/// What is to be learned from the rows of the first file, counted.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Tally {
    /// Labels, whose counts are in [`DatasetView::labels`](super::DatasetView::labels).
    #[default]
    Labels,
    /// The targets, each with the numbers of the rows, the smallest first.
    Values(Vec<(String, Vec<f64>)>),
    /// Types of entities with how often they stand in the texts, the most frequent first.
    Entities(Vec<(String, usize)>),
    /// Questions with an answer in their passage, and those without.
    Answers {
        /// With an answer.
        answerable: usize,
        /// Without.
        unanswerable: usize,
    },
}

impl Tally {
    /// Counts the rows of the first file, which were read for `kind`.
    pub(super) fn of(files: &Files, kind: Kind) -> Self {
        let Some((_, file)) = files.first() else {
            return Self::default();
        };
        let examples = &file.examples;
        match kind {
            Kind::Score => {
                let targets = file.targets.iter().enumerate();
                let tally =
                    |(place, name): (usize, &String)| (name.clone(), values(examples, place));
                Self::Values(targets.map(tally).collect())
            }
            Kind::Tags => Self::Entities(entities(examples)),
            Kind::Answers => {
                let none = |row: &&Example| row.target == Target::Answers(Vec::new());
                let unanswerable = examples.iter().filter(none).count();
                Self::Answers {
                    answerable: examples.len() - unanswerable,
                    unanswerable,
                }
            }
            _ => Self::Labels,
        }
    }
}

/// The numbers of one target, the smallest first.
fn values(examples: &[Example], target: usize) -> Vec<f64> {
    let values = examples.iter().filter_map(|row| match &row.target {
        Target::Scores(scores) => scores.get(target).copied(),
        _ => None,
    });
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values
}

fn entities(examples: &[Example]) -> Vec<(String, usize)> {
    let mut counts = BTreeMap::<String, usize>::new();
    for example in examples {
        let own: Vec<&str> = example.labels().collect();
        for (kind, _) in tags::entities(&own) {
            *counts.entry(kind.to_owned()).or_default() += 1;
        }
    }
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    counts
}
