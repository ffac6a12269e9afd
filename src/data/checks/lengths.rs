//! What the model's tokenizer makes of the rows: too many tokens, or unknown ones.
//!
//! `data` knows no tokenizer; tokens are counted by a function that the caller brings.

use super::finding::{Check, Finding, Seen, Tally};
use super::sample::Sample;
use crate::data::example::Example;
use crate::data::part::Part;
use crate::error::Result;

/// The tokens of a row, text and second text together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TokenCount {
    /// All of them before cutting, special ones included.
    pub tokens: usize,
    /// Those that stand for something that the vocabulary lacks.
    pub unknown: usize,
}

/// Counts the tokens of some rows, one [`TokenCount`] for each, on as many threads as it likes.
pub type CountTokens<'a> = &'a (dyn Fn(&[&Example]) -> Result<Vec<TokenCount>> + Sync);

/// Rows whose tokens are counted, which takes ten times as long as the other checks of a row.
const COUNTED: Sample = Sample {
    all_until: 60_000,
    then_every: 500,
};

/// Counts the rows that are cut, and those with unknown tokens.
#[derive(Debug, Default)]
pub(super) struct Lengths {
    /// Rows that went by, and those of them that were looked at.
    rows: usize,
    counted: usize,
    tokens: TokenCount,
    longest: usize,
    too_long: Tally,
    unknown: Tally,
}

impl Lengths {
    /// Takes the next rows of a part into account; a row is too long beyond `max_length` tokens.
    pub fn take(
        &mut self,
        part: Part,
        examples: &[Example],
        max_length: Option<usize>,
        count: CountTokens,
    ) -> Result<()> {
        let counted = (self.rows..).zip(examples);
        let counted = counted.filter(|&(position, _)| COUNTED.takes(position));
        let counted: Vec<&Example> = counted.map(|(_, example)| example).collect();
        self.rows += examples.len();
        self.counted += counted.len();
        for (&example, count) in counted.iter().zip(count(&counted)?) {
            let seen = Seen { part, example };
            self.tokens.tokens += count.tokens;
            self.tokens.unknown += count.unknown;
            self.longest = self.longest.max(count.tokens);
            if max_length.is_some_and(|longest| count.tokens > longest) {
                self.too_long
                    .add(|| seen.whole(Some(format!("{} tokens", count.tokens))));
            }
            if count.unknown > 0 {
                let detail = format!("{} of {} tokens", count.unknown, count.tokens);
                self.unknown.add(|| seen.whole(Some(detail)));
            }
        }
        Ok(())
    }

    /// What was found.
    pub fn findings(self) -> Vec<Finding> {
        let rows = if self.counted < self.rows {
            format!(" Looked at: {COUNTED}, {} of {}.", self.counted, self.rows)
        } else {
            String::new()
        };
        let percent = 100.0 * self.tokens.unknown as f64 / self.tokens.tokens.max(1) as f64;
        let notes = [
            format!("The longest has {} tokens.{rows}", self.longest),
            format!("{percent:.2} % of all tokens are unknown.{rows}"),
        ];
        let findings = [
            self.too_long.finding(Check::TooLong),
            self.unknown.finding(Check::UnknownCharacters),
        ];
        findings
            .into_iter()
            .zip(notes)
            .filter_map(|(finding, note)| {
                let mut finding = finding?;
                finding.note = Some(note);
                Some(finding)
            })
            .collect()
    }
}
