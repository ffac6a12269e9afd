//! All checks at once, over rows that arrive in any number of pieces.

use std::collections::BTreeMap;

use ahash::RandomState;
use rayon::prelude::*;

use super::answers;
use super::facts::{Facts, Hit, Wanted};
use super::finding::{Check, Finding, Seen, Tally};
use super::labels::Labels;
use super::languages::{Languages, TOLD_APART};
use super::lengths::{CountTokens, Lengths};
use super::near_repeats::NearRepeats;
use super::repeats::{Novelty, Repeats};
use super::tagging::Tagging;
use crate::data::example::Example;
use crate::data::part::Part;
use crate::error::Result;

/// What to check beside the rows themselves.
#[derive(Clone, Copy, Default)]
pub struct CheckOptions<'a> {
    /// The most tokens that the model will read of a row.
    pub max_length: Option<usize>,
    /// Counts tokens as the chosen model does; without it neither lengths nor unknown characters
    /// are checked.
    pub tokens: Option<CountTokens<'a>>,
}

/// Checks rows as they come and says at the end what was found.
///
/// What a row says about itself is worked out on all threads, while what earlier rows say about
/// each other is put together in their order, so that the findings do not depend on the threads.
/// Memory: some 17 to 34 bytes for every different text, and 250 more for each of the first
/// million.
pub struct Checker<'a> {
    options: CheckOptions<'a>,
    hasher: RandomState,
    /// Rows whose facts were worked out.
    rows: usize,
    /// Whether the order of the rows says nothing.
    ignores_order: bool,
    found: Found,
}

/// What the rows said so far.
#[derive(Default)]
struct Found {
    repeats: Repeats,
    near: NearRepeats,
    labels: Labels,
    languages: Languages,
    lengths: Lengths,
    tagging: Tagging,
    /// What single rows said about themselves.
    tallies: BTreeMap<Check, Tally>,
}

/// Rows that are worked out at a time.
const AT_ONCE: usize = 4096;

impl<'a> Checker<'a> {
    /// A checker that has seen nothing yet.
    pub fn new(options: CheckOptions<'a>) -> Self {
        Self {
            options,
            // Always the same, so that a file always has the same findings.
            hasher: RandomState::with_seeds(1, 2, 3, 4),
            rows: 0,
            ignores_order: false,
            found: Found::default(),
        }
    }

    /// Takes the next rows of a part. All rows of training come before those of validation, and
    /// these before those of the test: a leak is charged to the later part.
    ///
    /// # Errors
    /// Tokens cannot be counted.
    pub fn feed(&mut self, part: Part, examples: &[Example]) -> Result<()> {
        let mut before: Option<(&[Example], Vec<Facts>)> = None;
        for piece in examples.chunks(AT_ONCE) {
            let (first, sketch) = (self.rows, self.found.near.wants_more());
            let put_together = || {
                if let Some((piece, facts)) = before.take() {
                    self.found.take_all(part, piece, facts);
                }
            };
            let work_out = || facts(piece, &self.hasher, first, sketch);
            let ((), facts) = rayon::join(put_together, work_out);
            self.rows += piece.len();
            before = Some((piece, facts));
        }
        if let Some((piece, facts)) = before {
            self.found.take_all(part, piece, facts);
        }
        match self.options.tokens {
            Some(count) => {
                let longest = self.options.max_length;
                self.found.lengths.take(part, examples, longest, count)
            }
            None => Ok(()),
        }
    }

    /// Leaves out that rows stand in the order of their labels: where the format keeps the rows of
    /// a label together, they have no other.
    pub fn ignore_order(&mut self) {
        self.ignores_order = true;
    }

    /// What was found, the weightiest first.
    pub fn finish(self) -> Vec<Finding> {
        let mut findings = self.found.findings();
        findings.retain(|finding| !self.ignores_order || finding.check != Check::Sorted);
        findings
    }
}

/// What each row says about itself; `first` is the position of the first of them.
fn facts(examples: &[Example], hasher: &RandomState, first: usize, sketch: bool) -> Vec<Facts> {
    examples
        .par_iter()
        .enumerate()
        .map(|(position, example)| {
            let wanted = Wanted {
                sketch,
                language: TOLD_APART.takes(first + position),
            };
            Facts::of(example, hasher, wanted)
        })
        .collect()
}

impl Found {
    fn take_all(&mut self, part: Part, examples: &[Example], facts: Vec<Facts>) {
        self.repeats.look_ahead(&facts);
        for (example, facts) in examples.iter().zip(facts) {
            self.take(Seen { part, example }, facts);
        }
    }

    fn take(&mut self, seen: Seen, mut facts: Facts) {
        let novelty = self.repeats.take(seen, &facts);
        if novelty == Novelty::Text {
            self.near.take(seen, &mut facts);
        }
        self.labels.take(seen, novelty);
        self.languages.take(seen, facts.language);
        if let Some(tags) = &facts.tags {
            self.tagging.take(seen, tags);
        }
        for hits in facts.hits.chunk_by(|a, b| a.check == b.check) {
            self.take_hits(seen, hits);
        }
    }

    /// Counts a row once for each check that hit it, with all that was found in it.
    fn take_hits(&mut self, seen: Seen, hits: &[Hit]) {
        let Some(first) = hits.first() else {
            return;
        };
        let tally = self.tallies.entry(first.check).or_default();
        tally.add(|| {
            let detail = first.detail.as_ref().map(|detail| detail.to_string());
            if first.place.is_empty() {
                seen.whole(detail)
            } else {
                seen.at(first.place.clone(), detail)
            }
        });
        for detail in hits.iter().filter_map(|hit| hit.detail.clone()) {
            tally.share(detail);
        }
    }

    /// What was found, the weightiest first.
    fn findings(self) -> Vec<Finding> {
        let mut findings = self.near.findings(self.repeats.labels());
        findings.extend(self.repeats.findings());
        findings.extend(self.labels.findings());
        findings.extend(self.languages.finding());
        findings.extend(self.lengths.findings());
        findings.extend(self.tagging.finding());
        let tallies = self.tallies.into_iter();
        findings.extend(tallies.filter_map(|(check, tally)| {
            let mut finding = tally.finding(check)?;
            if check == Check::AnswerOffsets {
                finding.note = answers::advice(&finding.shares);
            }
            Some(finding)
        }));
        findings.sort_by_key(|finding| (std::cmp::Reverse(finding.check.level()), finding.check));
        findings
    }
}
