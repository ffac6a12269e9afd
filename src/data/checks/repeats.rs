//! Texts that occur more than once: as copies, in several parts, with several labels.
//!
//! A text is the same when it is equal after trimming, together with the second text of a pair; a
//! copy is equal without trimming too. It is known by a hash of 64 bits: a different text takes
//! some 17 to 34 bytes, and among ten million texts two would be mistaken for each other once in
//! 400,000 files.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::facts::Facts;
use super::finding::{Check, Finding, Group, LabelPair, REVIEWED, Seen, Tally, Variant, excerpt};
use crate::data::example::Target;
use crate::data::part::Part;

/// Different texts that are remembered.
const MOST_TEXTS: usize = 1 << 24;

/// Descriptions of targets that are remembered.
const MOST_LABELS: usize = 1 << 16;

/// Whether a row brings something new.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Novelty {
    /// The text was not seen before.
    Text,
    /// The text was seen, but not in this part with this target.
    Target,
    /// All of it was seen before.
    Nothing,
}

/// A part and a target in one number, in the order of parts: two bits of the part, 30 of the
/// target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Stamp(u32);

impl Stamp {
    fn new(part: Part, target: u32) -> Self {
        Self((part as u32) << 30 | target)
    }

    fn part(self) -> Part {
        Part::ALL[(self.0 >> 30) as usize]
    }

    fn target(self) -> u32 {
        self.0 & ((1 << 30) - 1)
    }
}

/// The first row of a text.
#[derive(Debug, Clone, Copy)]
struct First {
    row: u32,
    stamp: Stamp,
}

/// Rows of a text that are in one part and have one target.
#[derive(Debug, Clone, Copy)]
struct Rows {
    first: u32,
    count: usize,
}

/// A text that occurs in several parts or with several targets.
#[derive(Debug)]
struct Text {
    /// Its beginning, while groups are kept to be reviewed.
    excerpt: Option<String>,
    rows: BTreeMap<Stamp, Rows>,
}

/// Keeps account of the texts of all parts; training comes first, test last.
#[derive(Debug, Default)]
pub(super) struct Repeats {
    first: HashMap<u64, First, ahash::RandomState>,
    /// Further rows that are like the first of their text.
    again: HashMap<u64, usize, ahash::RandomState>,
    texts: HashMap<u64, Text, ahash::RandomState>,
    labels: HashMap<u32, String>,
    /// How the first row of a text is written, where that is not as trimmed.
    padding: HashMap<u64, u32, ahash::RandomState>,
    /// How repeated texts are written, beside the way of their first row.
    spellings: HashSet<(u64, u32, Stamp), ahash::RandomState>,
    duplicates: Tally,
    /// Rows that are copies but for white space at their ends.
    padded: usize,
    leaks: Tally,
    conflicts: Tally,
    incomplete: bool,
}

impl Repeats {
    /// Looks the texts of the next rows up. Those of a large file are far apart in memory: all at
    /// once they are waited for together, where [`take`](Self::take) would wait for each.
    pub fn look_ahead(&self, rows: &[Facts]) {
        let known = rows.iter().filter(|row| self.first.contains_key(&row.text));
        std::hint::black_box(known.count());
    }

    /// Takes the next row into account.
    pub fn take(&mut self, seen: Seen, facts: &Facts) -> Novelty {
        let stamp = Stamp::new(seen.part, facts.target);
        self.remember_label(stamp, &seen.example.target);
        let row = u32::try_from(seen.example.row).unwrap_or(u32::MAX);
        let Some(&first) = self.first.get(&facts.text) else {
            if self.first.len() < MOST_TEXTS {
                self.first.insert(facts.text, First { row, stamp });
                if facts.spelling != 0 {
                    self.padding.insert(facts.text, facts.spelling);
                }
            } else {
                self.incomplete = true;
            }
            return Novelty::Text;
        };
        if first.stamp == stamp && !self.texts.contains_key(&facts.text) {
            *self.again.entry(facts.text).or_default() += 1;
            self.repeat(seen, facts, stamp, first, first.row);
            return Novelty::Nothing;
        }
        let row = Rows {
            first: row,
            count: 1,
        };
        self.take_variant(seen, facts, first, row, stamp)
    }

    /// Counts a row whose text, part and target are those of the row numbered `earlier`.
    fn repeat(&mut self, seen: Seen, facts: &Facts, stamp: Stamp, first: First, earlier: u32) {
        let first_spelling = self.padding.get(&facts.text).copied().unwrap_or(0);
        let as_first = first.stamp == stamp && first_spelling == facts.spelling;
        let spelling = (facts.text, facts.spelling, stamp);
        if as_first || !self.spellings.insert(spelling) {
            self.duplicates
                .add(|| seen.whole(Some(format!("as row {earlier}"))));
        } else {
            self.padded += 1;
        }
    }

    fn take_variant(
        &mut self,
        seen: Seen,
        facts: &Facts,
        first: First,
        row: Rows,
        stamp: Stamp,
    ) -> Novelty {
        let key = facts.text;
        let kept = self.texts.len() < 2 * REVIEWED;
        let again = &mut self.again;
        let text = self.texts.entry(key).or_insert_with(|| Text {
            excerpt: kept.then(|| beginning(&seen)),
            rows: BTreeMap::from([(
                first.stamp,
                Rows {
                    first: first.row,
                    count: 1 + again.remove(&key).unwrap_or(0),
                },
            )]),
        });
        if let Some((part, row)) = text.earlier_part(stamp.part()) {
            let detail = format!("as row {row} of {}", part.name());
            self.leaks
                .share(format!("{} rows in {}", stamp.part().name(), part.name()));
            self.leaks.add(|| seen.whole(Some(detail)));
        }
        if let Some(same) = text.rows.get_mut(&stamp) {
            same.count += 1;
            let earlier = same.first;
            self.repeat(seen, facts, stamp, first, earlier);
            return Novelty::Nothing;
        }
        if let Some((other, rows)) = text.other_target(stamp)
            && can_conflict(&seen.example.target)
        {
            let place = format!("row {} of {}", rows.first, other.part().name());
            let label = |stamp: Stamp| self.labels.get(&stamp.target());
            let detail = match (label(stamp), label(other)) {
                (Some(label), Some(other)) => format!("{label}, but {other} in {place}"),
                _ => format!("other tags than {place}"),
            };
            self.conflicts.add(|| seen.whole(Some(detail)));
        }
        text.rows.insert(stamp, row);
        self.spellings.insert((key, facts.spelling, stamp));
        Novelty::Target
    }

    fn remember_label(&mut self, stamp: Stamp, target: &Target) {
        if self.labels.len() < MOST_LABELS
            && !self.labels.contains_key(&stamp.target())
            && let Some(label) = described(target)
        {
            self.labels.insert(stamp.target(), label);
        }
    }

    /// The targets that can be told in few words, by the numbers that stand for them.
    pub fn labels(&self) -> &HashMap<u32, String> {
        &self.labels
    }

    /// What was found: duplicates, leaks and conflicts.
    pub fn findings(mut self) -> Vec<Finding> {
        let conflicting = std::mem::take(&mut self.conflicts);
        let conflicts = conflicting
            .finding(Check::ConflictingLabels)
            .map(|mut finding| {
                finding.count = self.texts.values().filter(|text| text.conflicts()).count();
                finding.pairs = self.label_pairs();
                finding.groups = self.groups(Text::conflicts);
                finding
            });
        let leaks = std::mem::take(&mut self.leaks)
            .finding(Check::Leaks)
            .map(|mut finding| {
                finding.groups = self.groups(Text::leaks);
                finding
            });
        let notes: Vec<String> = [
            (self.padded > 0).then(|| {
                format!(
                    "{} more differ from another row in white space at their ends only.",
                    self.padded
                )
            }),
            self.incomplete
                .then(|| format!("Only the first {MOST_TEXTS} different texts were remembered.")),
        ]
        .into_iter()
        .flatten()
        .collect();
        let duplicates = self
            .duplicates
            .finding(Check::ExactDuplicates)
            .map(|mut finding| {
                finding.note = (!notes.is_empty()).then(|| notes.join(" "));
                finding
            });
        [duplicates, leaks, conflicts]
            .into_iter()
            .flatten()
            .collect()
    }

    /// How many texts have both of two labels, the most frequent first.
    fn label_pairs(&self) -> Vec<LabelPair> {
        let mut counts: BTreeMap<(&str, &str), usize> = BTreeMap::new();
        for text in self.texts.values().filter(|text| text.conflicts()) {
            let mut labels: Vec<&str> = text
                .targets()
                .filter_map(|target| self.labels.get(&target).map(String::as_str))
                .collect();
            labels.sort_unstable();
            labels.dedup();
            for (place, &from) in labels.iter().enumerate() {
                for &to in &labels[place + 1..] {
                    *counts.entry((from, to)).or_default() += 1;
                }
            }
        }
        let mut pairs: Vec<LabelPair> = counts
            .into_iter()
            .map(|((from, to), count)| LabelPair {
                from: from.to_owned(),
                to: to.to_owned(),
                count,
            })
            .collect();
        pairs.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.cmp(b)));
        pairs
    }

    /// The texts that are kept to be reviewed, in the order of their first rows.
    fn groups(&self, belongs: impl Fn(&Text) -> bool) -> Vec<Group> {
        let mut groups: Vec<Group> = self
            .texts
            .values()
            .filter(|text| belongs(text))
            .filter_map(|text| {
                Some(Group {
                    text: text.excerpt.clone()?,
                    variants: self.variants(text),
                })
            })
            .collect();
        groups.sort_by_key(|group| group.variants.first().map(|first| (first.part, first.row)));
        groups.truncate(REVIEWED);
        groups
    }

    fn variants(&self, text: &Text) -> Vec<Variant> {
        let mut variants: Vec<Variant> = text
            .rows
            .iter()
            .map(|(stamp, rows)| Variant {
                part: stamp.part(),
                row: rows.first as usize,
                count: rows.count,
                label: self.labels.get(&stamp.target()).cloned(),
            })
            .collect();
        variants.sort_by_key(|variant| (variant.part, variant.row));
        variants
    }
}

impl Text {
    /// A row of an earlier part, of training rather than of validation.
    fn earlier_part(&self, part: Part) -> Option<(Part, u32)> {
        let (stamp, rows) = self.rows.first_key_value()?;
        (stamp.part() < part).then_some((stamp.part(), rows.first))
    }

    /// Rows with another target, of training rather than of validation.
    fn other_target(&self, stamp: Stamp) -> Option<(Stamp, Rows)> {
        let differs = |other: Stamp| ![0, stamp.target()].contains(&other.target());
        let (&other, &rows) = self.rows.iter().find(|&(&other, _)| differs(other))?;
        (stamp.target() != 0).then_some((other, rows))
    }

    /// The different targets that are known.
    fn targets(&self) -> impl Iterator<Item = u32> {
        let mut targets: Vec<u32> = self.rows.keys().map(|stamp| stamp.target()).collect();
        targets.sort_unstable();
        targets.dedup();
        targets.into_iter().filter(|&target| target != 0)
    }

    fn conflicts(&self) -> bool {
        self.targets().nth(1).is_some()
    }

    fn leaks(&self) -> bool {
        let mut parts = self.rows.keys().map(|stamp| stamp.part());
        let first = parts.next();
        parts.any(|part| Some(part) != first)
    }
}

/// Whether a text can have only one such target: a question may have several answers, a text
/// several translations.
fn can_conflict(target: &Target) -> bool {
    matches!(
        target,
        Target::Label(_) | Target::Labels(_) | Target::Scores(_) | Target::Tags(_)
    )
}

/// A target in few words, if there are any for it.
fn described(target: &Target) -> Option<String> {
    match target {
        Target::Label(label) => Some(label.clone()),
        Target::Labels(labels) if labels.is_empty() => Some("no label".to_owned()),
        Target::Labels(labels) => {
            let mut labels = labels.clone();
            labels.sort();
            Some(labels.join(", "))
        }
        Target::Scores(scores) => {
            let scores = scores.iter().map(f64::to_string);
            Some(scores.collect::<Vec<_>>().join(", "))
        }
        _ => None,
    }
}

/// The text of a group, cut where it is very long.
fn beginning(seen: &Seen) -> String {
    const LONGEST: usize = 300;
    let text = &seen.example.text;
    let mut beginning: String = text.chars().take(LONGEST).collect();
    if beginning.len() < text.len() {
        beginning.push('…');
    }
    if let Some(pair) = &seen.example.pair {
        beginning.push_str(" | ");
        beginning.push_str(&excerpt(pair, 0..0));
    }
    beginning
}
