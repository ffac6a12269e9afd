//! Entity-level scores as seqeval and `conlleval` compute them: an entity counts as found when its
//! type and all of its words are right.

use std::collections::BTreeMap;
use std::ops::Range;

use super::confusion::LabelScores;
use super::multi_label::Counts;
use super::scores::{Scores, names};

/// What was found of the entities of sentences.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct EntityCounts {
    types: BTreeMap<String, Counts>,
    errors: EntityErrors,
    words: u64,
    right_words: u64,
}

/// Why entities were not found, or were found where there are none. Each entity that is not right
/// counts once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize)]
pub struct EntityErrors {
    /// Right words, another type.
    pub wrong_type: u64,
    /// Right type, some words too many or too few.
    pub wrong_bounds: u64,
    /// Another type and other words that overlap.
    pub wrong_both: u64,
    /// Nothing was found there.
    pub missed: u64,
    /// Found where there is none.
    pub made_up: u64,
}

impl EntityCounts {
    /// Counts one sentence: its entities and those that were found, by type and words.
    pub fn add(&mut self, gold: &[(&str, Range<usize>)], given: &[(&str, Range<usize>)]) {
        for entity in gold {
            let found = given.contains(entity);
            let counts = self.of(entity.0);
            counts.right += u64::from(found);
            counts.missed += u64::from(!found);
            if !found {
                self.errors.add(entity, given);
            }
        }
        for entity in given.iter().filter(|entity| !gold.contains(entity)) {
            self.of(entity.0).wrong += 1;
            let overlaps = gold.iter().any(|other| overlap(&entity.1, &other.1));
            self.errors.made_up += u64::from(!overlaps);
        }
    }

    /// Counts the words of a sentence and how many of them have the right tag.
    pub fn add_words(&mut self, right: usize, of: usize) {
        self.words += of as u64;
        self.right_words += right as u64;
    }

    fn of(&mut self, kind: &str) -> &mut Counts {
        self.types.entry(kind.to_owned()).or_default()
    }

    /// The scores of each type that is there or was given, in alphabetical order.
    pub fn per_type(&self) -> Vec<(String, LabelScores)> {
        let types = self.types.iter();
        types
            .map(|(kind, counts)| (kind.clone(), counts.scores()))
            .collect()
    }

    /// What went wrong.
    pub fn errors(&self) -> EntityErrors {
        self.errors
    }

    /// Over all entities.
    pub fn micro(&self) -> LabelScores {
        let mut all = Counts::default();
        self.types.values().for_each(|&counts| all.add(counts));
        all.scores()
    }

    /// Precision, recall and F1 over all entities (seqeval's `micro avg`), the mean F1 over types,
    /// and the share of words with the right tag; nothing without words.
    pub fn scores(&self) -> Scores {
        let mut scores = Scores::default();
        if self.words == 0 {
            return scores;
        }
        let micro = self.micro();
        scores.set(names::F1, micro.f1);
        scores.set(names::PRECISION, micro.precision);
        scores.set(names::RECALL, micro.recall);
        if !self.types.is_empty() {
            let sum: f64 = self.types.values().map(|counts| counts.scores().f1).sum();
            scores.set(names::F1_MACRO, sum / self.types.len() as f64);
        }
        scores.set(names::ACCURACY, self.right_words as f64 / self.words as f64);
        scores
    }
}

impl EntityErrors {
    fn add(&mut self, entity: &(&str, Range<usize>), given: &[(&str, Range<usize>)]) {
        let near: Vec<_> = given
            .iter()
            .filter(|other| overlap(&entity.1, &other.1))
            .collect();
        let counter = if near.iter().any(|other| other.1 == entity.1) {
            &mut self.wrong_type
        } else if near.iter().any(|other| other.0 == entity.0) {
            &mut self.wrong_bounds
        } else if near.is_empty() {
            &mut self.missed
        } else {
            &mut self.wrong_both
        };
        *counter += 1;
    }
}

fn overlap(a: &Range<usize>, b: &Range<usize>) -> bool {
    a.start < b.end && b.start < a.end
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_mistake_has_its_kind() {
        let mut counts = EntityCounts::default();
        let gold = [("PER", 0..2), ("LOC", 3..4), ("ORG", 6..8), ("ORG", 9..10)];
        let given = [("PER", 0..1), ("ORG", 3..4), ("LOC", 7..9), ("PER", 12..13)];
        counts.add(&gold, &given);
        counts.add_words(5, 14);
        let errors = EntityErrors {
            wrong_type: 1,
            wrong_bounds: 1,
            wrong_both: 1,
            missed: 1,
            made_up: 1,
        };
        assert_eq!(counts.errors(), errors);
        assert_eq!(counts.scores().get(names::F1), Some(0.0));
        assert_eq!(counts.scores().get(names::ACCURACY), Some(5.0 / 14.0));
        assert!(EntityCounts::default().scores().is_empty());
    }
}
