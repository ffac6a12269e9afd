//! Columns found by what stands in them, where names do not tell.

use std::collections::HashSet;

use super::names::{COUNTING, LABEL_NAMES, OTHER_NAMES, TEXT_NAMES, TOKENS_NAMES, normalised};
use super::{Found, Role};
use crate::data::example::Kind;
use crate::data::kind::nearly_all;
use crate::data::numbers::number;
use crate::data::record::{Field, Record};

/// Columns found one by one: by the usual names, then by what is in them.
pub fn by_content(found: &mut Found, names: &[String], sample: &[Record]) {
    let profiles: Vec<Profile> = (0..names.len())
        .map(|column| Profile::of(sample, column))
        .collect();
    let wants_label = found.kind != Some(Kind::Texts);
    found.give(Role::Text, by_name(names, &TEXT_NAMES, found));
    if !wants_label {
        let mut columns = 0..names.len();
        let words = columns.find(|&column| has_words(names, sample, column));
        found.give(Role::Text, words);
    }
    if found.get(Role::Label).is_none() && found.may_have_indicators() {
        let indicators = indicators(names, &profiles, found);
        if !indicators.is_empty() {
            found.give_beside(indicators, Kind::Labels);
        }
    }
    if wants_label {
        found.give(Role::Label, by_name(names, &LABEL_NAMES, found));
    }
    found.give(Role::Text, longest(&profiles, found));
    let all_nameless = names.iter().all(|name| nameless(name));
    let may_be_pairs = !found.refused[Role::TextPair as usize];
    if all_nameless && may_be_pairs && found.kind.is_none_or(|kind| kind != Kind::Label) {
        pair_by_content(found, &profiles);
    }
    if wants_label && found.get(Role::Label).is_none() {
        let label = most_label_like(names, &profiles, found);
        match label.map(|label| scores_beside(label, names, &profiles, found)) {
            Some(scores) if scores.len() > 1 => found.give_beside(scores, Kind::Score),
            _ => found.give(Role::Label, label),
        }
        if found.kind.is_none_or(|kind| kind == Kind::Score) {
            found.give(Role::Label, only_score(names, &profiles, found));
        }
    }
}

/// More columns of 0 and 1 than this are measurements.
const MOST_INDICATORS: usize = 1000;

/// Named columns that no role has and that fit, those beside each other together.
fn runs(names: &[String], found: &Found, fits: impl Fn(usize) -> bool) -> Vec<Vec<usize>> {
    let free = |&column: &usize| !found.takes(column) && !nameless(&names[column]) && fits(column);
    let columns: Vec<usize> = (0..names.len()).filter(free).collect();
    let runs = columns.chunk_by(|before, column| before + 1 == *column);
    runs.map(<[usize]>::to_vec).collect()
}

/// The columns of numbers with fractions that `label` is one of: several marks for one text.
fn scores_beside(
    label: usize,
    names: &[String],
    profiles: &[Profile],
    found: &Found,
) -> Vec<usize> {
    if found.kind.is_some_and(|kind| kind != Kind::Score) {
        return Vec::new();
    }
    let runs = runs(names, found, |column| profiles[column].is_score());
    let run = runs.into_iter().find(|run| run.contains(&label));
    run.unwrap_or_default()
}

/// The column of numbers with fractions, where there is only one.
fn only_score(names: &[String], profiles: &[Profile], found: &Found) -> Option<usize> {
    let runs = runs(names, found, |column| profiles[column].is_score());
    match runs.as_slice() {
        [run] if run.len() == 1 => run.first().copied(),
        _ => None,
    }
}

/// The longest run of columns that are 0 or 1; none where another column is called the label.
fn indicators(names: &[String], profiles: &[Profile], found: &Found) -> Vec<usize> {
    let runs = runs(names, found, |column| profiles[column].is_indicator());
    // The first of equals: `max_by_key` would take the last.
    let run = runs.into_iter().rev().max_by_key(Vec::len);
    let run = run.unwrap_or_default();
    let label = by_name(names, &LABEL_NAMES, found);
    let others = label.is_some_and(|label| !run.contains(&label));
    // One column of 0 and 1 is a label with two values, and very many are no labels.
    if others || !(2..=MOST_INDICATORS).contains(&run.len()) {
        return Vec::new();
    }
    run
}

/// Whether the file gives a column no name.
fn nameless(name: &str) -> bool {
    name.starts_with("column ")
}

/// The two texts of a pair and their score, in a file that names nothing.
fn pair_by_content(found: &mut Found, profiles: &[Profile]) {
    let Some(text) = found.get(Role::Text) else {
        return;
    };
    let length = profiles[text].length;
    let alike = |column: &usize| {
        let profile = &profiles[*column];
        !found.takes(*column)
            && profile.filled * 10 >= profiles[text].filled * 9
            && profile.distinct * 2 > profile.filled
            && profile.words >= 3.0
            && (length / 3.0..length * 3.0).contains(&profile.length)
    };
    let Some(other) = (0..profiles.len()).find(alike) else {
        return;
    };
    if found.get(Role::TextPair).is_none() {
        found.columns[Role::Text as usize] = Some(text.min(other));
        found.columns[Role::TextPair as usize] = Some(text.max(other));
    }
    let score = (0..profiles.len()).find(|&column| profiles[column].is_score());
    found.give(Role::Label, score);
}

/// Whether lists or objects stand in a column, as such or written out.
pub fn is_nested(sample: &[Record], column: usize) -> bool {
    let mut cells = sample.iter().filter_map(|record| record.fields.get(column));
    cells.any(|field| match field {
        Field::Nested(_) => true,
        Field::Value(value) => value.trim_start().starts_with(['[', '{']),
        Field::Missing => false,
    })
}

/// Whether a column has the words of sentences, as lists.
pub fn has_words(names: &[String], sample: &[Record], column: usize) -> bool {
    TOKENS_NAMES.contains(&normalised(&names[column]).as_str()) && is_nested(sample, column)
}

/// Whether what one column says is nearly always a stretch of what the other says.
pub fn is_within(sample: &[Record], part: usize, whole: usize) -> bool {
    let cells = sample.iter().filter_map(|record| {
        let cell = |column: usize| Some(record.fields.get(column)?.value()?.trim());
        Some((cell(part).filter(|part| !part.is_empty())?, cell(whole)?))
    });
    let (mut filled, mut within) = (0, 0);
    for (part, whole) in cells {
        filled += 1;
        within += usize::from(whole.contains(part));
    }
    filled > 0 && within * 10 >= filled * 9
}

/// The first free column with one of these names, the first of them before the others.
pub fn by_name(names: &[String], usual: &[&str], found: &Found) -> Option<usize> {
    usual.iter().find_map(|usual| {
        names
            .iter()
            .enumerate()
            .position(|(column, name)| !found.takes(column) && normalised(name) == *usual)
    })
}

/// What says in a cell that a row has a label, in any case.
const YES: [&str; 15] = [
    "1", "1.0", "true", "yes", "y", "x", "ja", "oui", "sí", "si", "✓", "✔", "☑", "是", "有",
];

/// What says that it has not.
const NO: [&str; 12] = [
    "0", "0.0", "false", "no", "n", "nein", "non", "✗", "✘", "☐", "否", "无",
];

/// Says so too, but also stands where nothing is known.
const DASHES: [&str; 2] = ["-", "–"];

/// Whether a cell says that a row has a label; `None` where it says something else.
pub fn flag(cell: &str) -> Option<bool> {
    let cell = cell.trim();
    let says = |words: &[&str]| words.iter().any(|word| word.eq_ignore_ascii_case(cell));
    if says(&YES) {
        return Some(true);
    }
    (says(&NO) || says(&DASHES)).then_some(false)
}

/// What the values of a column look like in the sample.
#[derive(Debug, Default)]
struct Profile {
    filled: usize,
    distinct: usize,
    /// Mean length of the filled cells, in characters.
    length: f64,
    /// Mean number of words, by white space.
    words: f64,
    numbers: usize,
    fractions: usize,
    /// Cells that are 0 or 1, or say the same in words.
    flags: usize,
    /// Cells with nothing but a dash.
    dashes: usize,
}

impl Profile {
    fn of(sample: &[Record], column: usize) -> Self {
        let mut distinct = HashSet::new();
        let mut profile = Self::default();
        let (mut characters, mut words) = (0, 0);
        for record in sample {
            let value = record.fields.get(column).and_then(|field| field.value());
            let Some(value) = value.map(str::trim).filter(|value| !value.is_empty()) else {
                continue;
            };
            profile.filled += 1;
            characters += value.chars().count();
            words += value.split_whitespace().count();
            profile.flags += usize::from(flag(value).is_some());
            profile.dashes += usize::from(DASHES.contains(&value));
            if let Some(number) = number(value) {
                profile.numbers += 1;
                profile.fractions += usize::from(number.fract() != 0.0);
            }
            distinct.insert(value);
        }
        profile.distinct = distinct.len();
        profile.length = characters as f64 / profile.filled.max(1) as f64;
        profile.words = words as f64 / profile.filled.max(1) as f64;
        profile
    }

    /// Whether all values say yes or no, and not all by a dash.
    fn is_indicator(&self) -> bool {
        self.flags == self.filled && self.dashes < self.filled
    }

    /// Whether values are numbers, but for a few, and some have a fraction.
    fn is_score(&self) -> bool {
        self.fractions > 0 && nearly_all(self.numbers, self.filled)
    }
}

/// The text is the column with the longest values, mostly empty columns aside.
fn longest(profiles: &[Profile], found: &Found) -> Option<usize> {
    let rows = profiles.iter().map(|profile| profile.filled).max()?;
    (0..profiles.len())
        .filter(|&column| !found.takes(column) && profiles[column].filled * 2 > rows)
        // The first of equals: `max_by` would take the last.
        .rev()
        .max_by(|&a, &b| profiles[a].length.total_cmp(&profiles[b].length))
}

/// The label is the column with few distinct short values.
///
/// Columns that are mostly empty, or always the same, come last.
fn most_label_like(names: &[String], profiles: &[Profile], found: &Found) -> Option<usize> {
    const SHORT: f64 = 40.0;
    let counts =
        |column: usize| OTHER_NAMES[..COUNTING].contains(&normalised(&names[column]).as_str());
    let rows = profiles.iter().map(|profile| profile.filled).max()?;
    (0..profiles.len())
        .filter(|&column| {
            let profile = &profiles[column];
            !found.takes(column)
                && !counts(column)
                && profile.filled * 2 > rows
                && profile.length <= SHORT
                && (profile.distinct * 2 <= profile.filled || profile.distinct <= 2)
        })
        .min_by_key(|&column| (profiles[column].distinct < 2, profiles[column].distinct))
}
