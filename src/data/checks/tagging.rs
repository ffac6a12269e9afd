//! Tags that cannot stand where they do, by the scheme that the file turns out to use.

use std::collections::BTreeMap;

use super::facts::TagFacts;
use super::finding::{Check, Finding, Seen, Tally};
use crate::data::example::{TaggedWord, Target};
use crate::data::part::Part;
use crate::data::tags::{Evidence, TagScheme};

/// Counts the sentences with an illegal tag under every scheme, for which of them it is shows only
/// at the end.
#[derive(Debug, Default)]
pub(super) struct Tagging {
    /// What the sentences of each part say about the scheme.
    evidence: BTreeMap<Part, Evidence>,
    illegal: BTreeMap<TagScheme, Tally>,
}

impl Tagging {
    /// Takes the next sentence into account.
    pub fn take(&mut self, seen: Seen, facts: &TagFacts) {
        let evidence = self.evidence.entry(seen.part).or_default();
        evidence.merge(&facts.evidence);
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
        let mut all = Evidence::default();
        self.evidence.values().for_each(|part| all.merge(part));
        let scheme = all.scheme()?;
        let tally = self.illegal.remove(&scheme)?;
        let mut finding = tally.finding(Check::IllegalTags)?;
        let otherwise = || format!("The tags follow {scheme} otherwise.");
        finding.note = Some(self.different_schemes().unwrap_or_else(otherwise));
        Some(finding)
    }

    /// That parts follow different schemes, and what makes them one.
    fn different_schemes(&self) -> Option<String> {
        let parts = self.evidence.iter();
        let mut parts = parts.filter_map(|(part, evidence)| Some((part, evidence.scheme()?)));
        let (first, scheme) = parts.next()?;
        let (other, differs) = parts.find(|(_, other)| *other != scheme)?;
        Some(format!(
            "The tags of {first} follow {scheme}, those of {other} {differs}: train with `--clean \
             tag_scheme=iob2`, which writes all in one scheme."
        ))
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
