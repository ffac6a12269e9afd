//! Texts that nearly repeat another one, within a part and between parts.

use std::collections::{BTreeMap, HashMap};

use super::facts::Facts;
use super::finding::{Check, Finding, Group, REVIEWED, Seen, Sighting, Tally, Variant};
use crate::data::example::Target;
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
    /// Stands for its label or labels; 0 where it has something else. Tags go with the words, and
    /// numbers may differ a little where texts do.
    label: u32,
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

/// Texts that nearly repeat others, told apart by whether they contradict them.
#[derive(Debug, Default)]
struct Copies {
    contrary: Tally,
    others: Tally,
}

impl Copies {
    fn tally(&mut self, contrary: bool) -> &mut Tally {
        match contrary {
            true => &mut self.contrary,
            false => &mut self.others,
        }
    }

    /// The finding, those that contradict others first.
    fn finding(self, check: Check) -> Option<Finding> {
        let mut all = self.contrary;
        let contrary = all.count;
        all.append(self.others);
        let mut finding = all.finding(check)?;
        finding.note = match contrary {
            0 => None,
            1 => Some(
                "1 of them has another label than the text that it nearly repeats. It stays where \
                 near repeats are dropped: one of the two labels may be wrong."
                    .into(),
            ),
            _ => Some(format!(
                "{contrary} of them have another label than the texts that they nearly repeat. They \
                 stay where near repeats are dropped: some of the labels may be wrong."
            )),
        };
        Some(finding)
    }
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
            label: match seen.example.target {
                Target::Label(_) | Target::Labels(_) => facts.target,
                _ => 0,
            },
            end: self.beginnings.len(),
        });
    }

    /// What was found: near duplicates and near leaks. `labels` says what the numbers of labels
    /// stand for.
    pub fn findings(self, labels: &HashMap<u32, String>) -> Vec<Finding> {
        let mut duplicates = Copies::default();
        let mut leaks = Copies::default();
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
                let leaks = leaks.tally(self.contradict(text, *other));
                leaks.share(format!("{} rows in {other_part}", part.name()));
                leaks.add(|| self.sighting(text, *other, labels));
            }
            if let Some(other) = firsts[part as usize] {
                let duplicates = duplicates.tally(self.contradict(text, other));
                duplicates.add(|| self.sighting(text, other, labels));
            }
            near.firsts[part as usize].get_or_insert(text);
            near.texts.push(text);
        }
        let finding = |copies: Copies, check: Check, leak: bool| {
            let mut finding = copies.finding(check)?;
            let groups = near.values().filter(|near| !leak || near.is_leak());
            finding.groups = self.reviewed(groups, labels);
            if self.incomplete {
                let compared =
                    format!("Only the first {MOST_TEXTS} different texts were compared.");
                finding.note = Some(match finding.note {
                    Some(note) => format!("{note} {compared}"),
                    None => compared,
                });
            }
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

    /// The texts to be reviewed together; those that contradict each other come first, with their
    /// labels.
    fn reviewed<'a>(
        &self,
        groups: impl Iterator<Item = &'a Near>,
        labels: &HashMap<u32, String>,
    ) -> Vec<Group> {
        let contrary = |near: &&Near| {
            let mut texts = near.texts.iter();
            texts.any(|&text| self.contradict(text, near.texts[0]))
        };
        let (contrary, others): (Vec<&Near>, Vec<&Near>) = groups.partition(contrary);
        let contrary = contrary.into_iter().map(|near| (near, Some(labels)));
        let all = contrary.chain(others.into_iter().map(|near| (near, None)));
        all.take(REVIEWED)
            .map(|(near, labels)| self.group(&near.texts, labels))
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

    /// Whether two texts that are alike have different labels.
    fn contradict(&self, text: usize, like: usize) -> bool {
        let [one, other] = [text, like].map(|text| self.rows[text].label);
        one != other && one != 0 && other != 0
    }

    fn sighting(&self, text: usize, like: usize, labels: &HashMap<u32, String>) -> Sighting {
        let (row, other) = (self.rows[text], self.rows[like]);
        let place = if row.part == other.part {
            format!("row {}", other.row)
        } else {
            format!("row {} of {}", other.row, other.part.name())
        };
        let beginning = self.beginning(like);
        let detail = match (labels.get(&row.label), labels.get(&other.label)) {
            (Some(label), Some(other)) if label != other => {
                format!("{label}, but {other} in {place}, nearly the same: {beginning}")
            }
            _ => format!("nearly {place}: {beginning}"),
        };
        Sighting {
            part: row.part,
            row: row.row as usize,
            line: row.line as usize,
            excerpt: self.beginning(text).to_owned(),
            detail: Some(detail),
        }
    }

    /// The group of these texts: with `labels` told apart by them, else each for itself.
    fn group(&self, texts: &[usize], labels: Option<&HashMap<u32, String>>) -> Group {
        let mut variants: Vec<Variant> = Vec::new();
        for &text in texts {
            let Row {
                part, row, label, ..
            } = self.rows[text];
            let label = labels.and_then(|labels| labels.get(&label).cloned());
            let mut known = variants.iter_mut().filter(|_| label.is_some());
            let known = known.find(|known| known.part == part && known.label == label);
            match known {
                Some(known) => known.count += 1,
                None => variants.push(Variant {
                    part,
                    row: row as usize,
                    count: 1,
                    label,
                }),
            }
        }
        Group {
            text: self.beginning(texts[0]).to_owned(),
            variants,
        }
    }
}
