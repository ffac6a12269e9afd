//! Tags that cannot stand where they do, by the scheme that the file turns out to use.

use std::collections::BTreeMap;

use super::facts::TagFacts;
use super::finding::{Check, Finding, Seen, Tally};
use crate::data::example::{TaggedWord, Target};
use crate::data::tags::{Evidence, TagScheme};

/// Counts the sentences with an illegal tag under every scheme, for which of them it is shows only
/// at the end.
#[derive(Debug, Default)]
pub(super) struct Tagging {
    evidence: Evidence,
    illegal: BTreeMap<TagScheme, Tally>,
}

impl Tagging {
    /// Takes the next sentence into account.
    pub fn take(&mut self, seen: Seen, facts: &TagFacts) {
        self.evidence.merge(&facts.evidence);
        let Target::Tags(words) = &seen.example.target else {
            return;
        };
        for &(scheme, position) in &facts.illegal {
            let tally = self.illegal.entry(scheme).or_default();
            tally.add(|| {
                let place = words[position].place.clone();
                seen.at(place, Some(transition(words, position)))
            });
        }
    }

    /// What was found.
    pub fn finding(mut self) -> Option<Finding> {
        let scheme = self.evidence.scheme()?;
        let tally = self.illegal.remove(&scheme)?;
        let mut finding = tally.finding(Check::IllegalTags)?;
        finding.note = Some(format!("The tags follow {scheme} otherwise."));
        Some(finding)
    }
}

/// A tag with its neighbours: "O I-PER O".
fn transition(words: &[TaggedWord], position: usize) -> String {
    let from = position.saturating_sub(1);
    let to = (position + 2).min(words.len());
    let tags: Vec<&str> = words[from..to]
        .iter()
        .map(|word| word.tag.as_str())
        .collect();
    tags.join(" ")
}
