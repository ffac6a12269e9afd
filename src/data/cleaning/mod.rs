//! What is done to the examples after they are read: texts mended, rows dropped, labels renamed.
//!
//! The rules are recorded in the run file and applied whenever the data is read, so that training,
//! evaluation and the Data page see the same examples; the source file stays as it is. Nothing is
//! on by default. The steps, in this order:
//!
//! 1. single rows are relabelled or dropped, as they stand in the file ([`RowEdit`]);
//! 2. labels are renamed and thereby merged;
//! 3. answers are put where they stand in the passage, entities are trimmed and tagged by another
//!    scheme;
//! 4. texts are mended, rule after rule in the order of [`Rule`], until nothing changes any more:
//!    what comes out of one rule may be work for another, and cleaning twice equals cleaning once;
//! 5. rows without text and those beyond the length limits are dropped;
//! 6. texts with conflicting labels are settled, then repeated rows are dropped.
//!
//! Rows of training that stand in validation or test too (`leaks`) are dropped when all three are
//! known: see [`Splits::drop_leaks`](super::Splits::drop_leaks).
//!
//! Which texts are mended depends on what is learned. A text and its pair always are, and so is a
//! text to be written, which keeps its stop words. A tagged sentence is mended word by word, so
//! that every word keeps its tag: stop words stay, and what only shows across words (a telephone
//! number with spaces) is not found. A passage with answers stays as it is, so that the answers
//! keep their places; its question is mended.

mod answers;
mod characters;
mod entities;
mod html;
mod labels;
mod masks;
mod mojibake;
mod remedy;
mod repeats;
mod rows;
mod rule;
mod text;
mod words;

use std::collections::BTreeMap;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::dataset::Dataset;
use super::example::Example;
use super::part::Part;
use super::personal;
use super::set_aside::SetAside;
use super::tags::TagScheme;
use crate::error::{Error, Result};

pub use remedy::Remedy;
pub(super) use repeats::identities;
pub use repeats::{Alike, Conflicts};
pub use rows::{NewLabel, RowEdit, text_hash};
pub use rule::{Removal, Rule};
use text::TextRules;

/// The cleaning of a data set, as the run file records it under `[data.cleaning]`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Cleaning {
    /// UTF-8 that was read as Windows-1252 (`Ã©`) is read as UTF-8 (`é`), where nothing is lost.
    #[serde(skip_serializing_if = "unset")]
    pub mojibake: bool,
    /// Control characters other than tab and line end, direction overrides and invisible spaces
    /// are removed.
    #[serde(skip_serializing_if = "unset")]
    pub control_characters: bool,
    /// HTML tags, comments, scripts and styles are removed, entities become their characters.
    #[serde(skip_serializing_if = "unset")]
    pub html: bool,
    /// Characters that can be written in several ways are written in Unicode's composed form, NFC.
    #[serde(skip_serializing_if = "unset")]
    pub nfc: bool,
    /// Personal data of these kinds becomes `<email>`, `<phone>` and so on.
    #[serde(skip_serializing_if = "unset")]
    pub personal_data: Vec<personal::Kind>,
    /// Web addresses become `<url>`.
    #[serde(skip_serializing_if = "unset")]
    pub urls: bool,
    /// Names of users (`@name`) become `<user>`.
    #[serde(skip_serializing_if = "unset")]
    pub user_names: bool,
    /// Capital letters become small ones.
    #[serde(skip_serializing_if = "unset")]
    pub lowercase: bool,
    /// Common words of this language (an ISO 639-1 code such as `en`) are removed, where words are
    /// parted by spaces. For models that count words: transformers do better without, because
    /// small words carry meaning (NLTK's list has *not* in it).
    #[serde(skip_serializing_if = "unset")]
    pub stop_words: Option<String>,
    /// White space at the ends is removed; within, it becomes one space, or one line end where it
    /// had one.
    #[serde(skip_serializing_if = "unset")]
    pub white_space: bool,
    /// An answer that is not where the file says is put where it is, if the passage has it once.
    #[serde(skip_serializing_if = "unset")]
    pub repair_answers: bool,
    /// Words of punctuation or white space at the ends of an entity are taken out of it.
    #[serde(skip_serializing_if = "unset")]
    pub trim_entities: bool,
    /// Entities are tagged by this scheme, whatever the file has: so the model will tag them too.
    #[serde(skip_serializing_if = "unset")]
    pub tag_scheme: Option<TagScheme>,
    /// Rows whose text is shorter are dropped, in characters.
    #[serde(skip_serializing_if = "unset")]
    pub min_characters: Option<usize>,
    /// Rows whose text is longer are dropped, in characters.
    #[serde(skip_serializing_if = "unset")]
    pub max_characters: Option<usize>,
    /// What is done with a text that has several labels.
    #[serde(skip_serializing_if = "unset")]
    pub conflicts: Option<Conflicts>,
    /// Of rows with the same text and target, the first is kept.
    #[serde(skip_serializing_if = "unset")]
    pub duplicates: Option<Alike>,
    /// Rows of training whose text stands in validation or test are dropped.
    #[serde(skip_serializing_if = "unset")]
    pub leaks: Option<Alike>,
    /// New names of labels; two labels with one new name are merged. Of a tag, the type of its
    /// entity is renamed.
    #[serde(skip_serializing_if = "unset")]
    pub labels: BTreeMap<String, String>,
    /// What is done to single rows.
    #[serde(skip_serializing_if = "unset")]
    pub rows: Vec<RowEdit>,
}

/// Whether a setting has its default, which is not written.
fn unset<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// Examples after cleaning: every row given is among them or among those dropped.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Cleaned {
    /// The examples that are left, in the order in which they were given.
    pub examples: Vec<Example>,
    /// The rows dropped, each with its reason, in the order of their numbers.
    pub dropped: Vec<SetAside>,
    /// How many rows each rule changed; rules that changed none are left out.
    pub changed: BTreeMap<Rule, usize>,
}

impl Cleaning {
    /// Whether nothing is done.
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }

    /// Fails on settings that contradict themselves: labels renamed to what is renamed in turn, a
    /// language without a list of stop words, a least length above the greatest, a row named twice.
    pub fn check(&self) -> Result<()> {
        labels::check(&self.labels)?;
        words::check(self.stop_words.as_deref())?;
        text::check_lengths(self.min_characters, self.max_characters)?;
        rows::check(&self.rows)
    }

    /// Cleans the examples of one file. The result depends neither on the number of threads nor,
    /// but for which of several equal rows is the first, on the order of the rows.
    ///
    /// # Errors
    /// Those of [`check`](Self::check); a row that was relabelled or dropped by hand is no longer
    /// there or has another text; a row cannot take the label given to it; tags cannot be written
    /// in the scheme named.
    pub fn clean(&self, part: Part, examples: Vec<Example>) -> Result<Cleaned> {
        self.check()?;
        let mut cleaned = Cleaned {
            examples,
            ..Cleaned::default()
        };
        rows::edit(&self.rows, part, &mut cleaned)?;
        cleaned.change_all(Rule::Labels, |example| {
            labels::rename(&self.labels, example)
        });
        if self.repair_answers {
            cleaned.change_all(Rule::RepairAnswers, answers::repair);
        }
        if self.trim_entities {
            entities::trim(&mut cleaned);
        }
        if let Some(scheme) = self.tag_scheme {
            entities::write_in(scheme, &mut cleaned)?;
        }
        self.mend_texts(&mut cleaned);
        cleaned
            .drop_where(|example| text::beyond(self.min_characters, self.max_characters, example));
        if let Some(conflicts) = self.conflicts {
            repeats::settle(conflicts, &mut cleaned);
        }
        if let Some(alike) = self.duplicates {
            repeats::drop_duplicates(alike, &mut cleaned);
        }
        cleaned.dropped.sort_by_key(|aside| aside.row);
        Ok(cleaned)
    }

    /// A text after the rules for texts alone: what a preview shows beside it. Takes microseconds.
    pub fn preview(&self, text: &str) -> String {
        TextRules::of(self).apply(text).0.into_owned()
    }

    fn mend_texts(&self, cleaned: &mut Cleaned) {
        let rules = TextRules::of(self);
        if rules.is_empty() {
            return;
        }
        let touched: Vec<_> = cleaned
            .examples
            .par_iter_mut()
            .map(|example| rules.mend(example))
            .collect();
        for rule in touched.into_iter().flatten() {
            *cleaned.changed.entry(rule).or_default() += 1;
        }
    }
}

impl Dataset {
    /// Cleans the examples; the rows dropped join those set aside. Says how many rows each rule
    /// changed.
    ///
    /// # Errors
    /// Those of [`Cleaning::clean`], and when no row is left.
    pub fn clean(&mut self, cleaning: &Cleaning, part: Part) -> Result<BTreeMap<Rule, usize>> {
        if cleaning.is_default() {
            return Ok(BTreeMap::new());
        }
        let examples = std::mem::take(&mut self.examples);
        let cleaned = cleaning
            .clean(part, examples)
            .map_err(|fault| fault.within(&self.source.name()))?;
        self.examples = cleaned.examples;
        self.set_aside.extend(cleaned.dropped);
        self.set_aside.sort_by_key(|aside| aside.row);
        if self.examples.is_empty() {
            return Err(nothing_left(self));
        }
        Ok(cleaned.changed)
    }
}

fn nothing_left(dataset: &Dataset) -> Error {
    let last = dataset.set_aside.last();
    let last = last.map_or_else(String::new, |aside| {
        format!(" (the last, row {}: {})", aside.row, aside.reason)
    });
    Error::new(format!(
        "cleaning leaves none of the {} rows of {}{last}",
        dataset.rows(),
        dataset.source
    ))
    .remedy("Turn off the rules that drop rows, under [data.cleaning] or on the Data page.")
}

impl Cleaned {
    /// Changes examples one by one; `change` says whether it did.
    fn change_all(&mut self, rule: Rule, change: impl Fn(&mut Example) -> bool + Sync) {
        let changed = self
            .examples
            .par_iter_mut()
            .map(|example| usize::from(change(example)))
            .sum::<usize>();
        if changed > 0 {
            *self.changed.entry(rule).or_default() += changed;
        }
    }

    /// Drops the examples for which there is a reason.
    fn drop_where(&mut self, mut reason: impl FnMut(&Example) -> Option<Removal>) {
        let dropped = &mut self.dropped;
        self.examples.retain(|example| {
            let reason = reason(example);
            dropped.extend(reason.map(|reason| reason.of(example)));
            reason.is_none()
        });
    }

    /// Drops the examples for which there is a reason in `reasons`, which has one place for each.
    fn drop_by(&mut self, reasons: &[Option<Removal>]) {
        let mut reasons = reasons.iter().copied();
        self.drop_where(|_| reasons.next().flatten());
    }
}
