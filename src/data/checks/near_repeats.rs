//! Texts that nearly repeat another one, within a part and between parts.

use std::collections::BTreeMap;

use super::facts::Facts;
use super::finding::{Check, Finding, Group, REVIEWED, Seen, Sighting, Tally, Variant};
use crate::data::near::{self, Sketch};
use crate::data::part::Part;

/// Different texts that are compared; each takes about 250 bytes.
const MOST_TEXTS: usize = 1_000_000;

/// Keeps the sketches of all texts that are not copies of earlier ones.
#[derive(Debug, Default)]
pub(super) struct NearRepeats {
    sketches: Vec<Sketch>,
    /// Those of the second texts, where there are any.
    pairs: Vec<Sketch>,
    rows: Vec<Row>,
    /// The beginnings of the texts, one after the other.
    beginnings: String,
    incomplete: bool,
}

/// Where a text stands.
#[derive(Debug, Clone, Copy)]
struct Row {
    part: Part,
    row: u32,
    line: u32,
    /// Where its beginning ends.
    end: usize,
}

/// The texts of a group.
#[derive(Debug, Default)]
struct Near {
    /// The first of each part.
    firsts: [Option<usize>; Part::ALL.len()],
    texts: Vec<usize>,
}

impl Near {
    fn is_leak(&self) -> bool {
        self.firsts.iter().flatten().count() > 1
    }
}

impl NearRepeats {
    /// Whether more texts are compared.
    pub fn wants_more(&self) -> bool {
        self.rows.len() < MOST_TEXTS
    }

    /// Takes a text into account that was not seen before.
    pub fn take(&mut self, seen: Seen, facts: &mut Facts) {
        let sketches = facts.sketches.take().filter(|_| self.wants_more());
        let Some(sketches) = sketches else {
            self.incomplete = true;
            return;
        };
        self.sketches.push(sketches.text);
        self.pairs.extend(sketches.pair);
        self.beginnings.push_str(&seen.beginning());
        let number = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        self.rows.push(Row {
            part: seen.part,
            row: number(seen.example.row),
            line: number(seen.example.line),
            end: self.beginnings.len(),
        });
    }

    /// What was found: near duplicates and near leaks.
    pub fn findings(self) -> Vec<Finding> {
        let mut duplicates = Tally::default();
        let mut leaks = Tally::default();
        let mut near: BTreeMap<usize, Near> = BTreeMap::new();
        let groups = self.groups();
        let mut sizes = vec![0u32; groups.len()];
        groups.iter().for_each(|&first| sizes[first] += 1);
        let several = groups.into_iter().enumerate();
        for (text, first) in several.filter(|&(_, first)| sizes[first] > 1) {
            let near = near.entry(first).or_default();
            let part = self.rows[text].part;
            let firsts = &near.firsts;
            if let Some(other) = firsts[..part as usize].iter().flatten().next() {
                let other_part = self.rows[*other].part.name();
                leaks.share(format!("{} rows in {other_part}", part.name()));
                leaks.add(|| self.sighting(text, *other));
            }
            if let Some(other) = firsts[part as usize] {
                duplicates.add(|| self.sighting(text, other));
            }
            near.firsts[part as usize].get_or_insert(text);
            near.texts.push(text);
        }
        let finding = |tally: Tally, check: Check, leak: bool| {
            let mut finding = tally.finding(check)?;
            let groups = near.values().filter(|near| !leak || near.is_leak());
            finding.groups = groups
                .take(REVIEWED)
                .map(|near| self.group(&near.texts))
                .collect();
            finding.note = self
                .incomplete
                .then(|| format!("Only the first {MOST_TEXTS} different texts were compared."));
            Some(finding)
        };
        [
            finding(duplicates, Check::NearDuplicates, false),
            finding(leaks, Check::NearLeaks, true),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    /// The first text of each text's group. Pairs are near when both of their texts are.
    fn groups(&self) -> Vec<usize> {
        let texts = near::groups_of(&self.sketches);
        if self.pairs.len() != self.sketches.len() {
            return texts;
        }
        let mut first = BTreeMap::new();
        texts
            .into_iter()
            .zip(near::groups_of(&self.pairs))
            .enumerate()
            .map(|(position, both)| *first.entry(both).or_insert(position))
            .collect()
    }

    fn beginning(&self, text: usize) -> &str {
        let start = text
            .checked_sub(1)
            .map_or(0, |before| self.rows[before].end);
        &self.beginnings[start..self.rows[text].end]
    }

    fn sighting(&self, text: usize, like: usize) -> Sighting {
        let (row, other) = (self.rows[text], self.rows[like]);
        let place = if row.part == other.part {
            format!("row {}", other.row)
        } else {
            format!("row {} of {}", other.row, other.part.name())
        };
        Sighting {
            part: row.part,
            row: row.row as usize,
            line: row.line as usize,
            excerpt: self.beginning(text).to_owned(),
            detail: Some(format!("nearly {place}: {}", self.beginning(like))),
        }
    }

    fn group(&self, texts: &[usize]) -> Group {
        let variant = |&text: &usize| Variant {
            part: self.rows[text].part,
            row: self.rows[text].row as usize,
            count: 1,
            label: None,
        };
        Group {
            text: self.beginning(texts[0]).to_owned(),
            variants: texts.iter().map(variant).collect(),
        }
    }
}
