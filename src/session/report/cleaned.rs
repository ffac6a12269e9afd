//! The files of a report with their rows as they are after cleaning. What repeats what is known only
//! of all rows together, so these are held, where rows as they stand are read one by one.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{ReportOptions, open_all};
use crate::data::cleaning::Alike;
use crate::data::{
    self, Cleaning, Dataset, Example, Part, Reason, Removal, Role, Rows, Rule, SetAside,
};
use crate::error::Result;

/// What cleaning did to the rows of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct CleaningCounts {
    /// How many rows each rule changed; rules that changed none are left out.
    pub changed: BTreeMap<Rule, usize>,
    /// How many rows were dropped, by the key of the rule ([`Removal::rule`]).
    pub dropped: BTreeMap<&'static str, usize>,
}

/// A file whose rows were cleaned.
pub(super) struct CleanedFile {
    pub part: Part,
    pub rows: Rows,
    /// The rows in use by the part that they are in.
    pub examples: [Vec<Example>; Part::ALL.len()],
    pub set_aside: Vec<SetAside>,
    changed: BTreeMap<Rule, usize>,
}

impl CleanedFile {
    fn of(
        part: Part,
        rows: Rows,
        cleaning: &Cleaning,
        progress: &dyn Fn(u64, u64) -> Result<()>,
    ) -> Result<Self> {
        let mut dataset = Dataset::of(&rows, part, progress)?;
        let changed = dataset.clean(cleaning, part)?;
        let has_parts = rows.roles().get(Role::Split).is_some();
        let mut examples = Part::ALL.map(|_| Vec::new());
        for example in dataset.examples {
            let own = example.part.filter(|_| has_parts);
            examples[own.unwrap_or(part) as usize].push(example);
        }
        Ok(Self {
            part,
            rows,
            examples,
            set_aside: dataset.set_aside,
            changed,
        })
    }

    /// What cleaning did.
    pub fn counts(&self) -> CleaningCounts {
        let mut dropped = BTreeMap::new();
        for aside in &self.set_aside {
            if let Reason::Cleaned(removal) = aside.reason {
                *dropped.entry(removal.rule()).or_default() += 1;
            }
        }
        CleaningCounts {
            changed: self.changed.clone(),
            dropped,
        }
    }
}

/// Reads and cleans the files, as training does.
///
/// # Errors
/// A file cannot be read or understood, or no row of it is left.
pub(super) fn clean_all(
    options: &ReportOptions,
    progress: &dyn Fn(u64, u64) -> Result<()>,
) -> Result<Vec<CleanedFile>> {
    let opened = open_all(options)?.into_iter();
    let cleaned =
        opened.map(|(part, rows)| CleanedFile::of(part, rows, &options.cleaning, progress));
    let mut files: Vec<CleanedFile> = cleaned.collect::<Result<_>>()?;
    if let Some(alike) = options.cleaning.leaks {
        drop_leaks(&mut files, alike);
    }
    Ok(files)
}

/// Drops the rows of training whose text stands in validation or test too.
fn drop_leaks(files: &mut [CleanedFile], alike: Alike) {
    let train = Part::Train as usize;
    let training: Vec<Vec<Example>> = files
        .iter_mut()
        .map(|file| std::mem::take(&mut file.examples[train]))
        .collect();
    let held_out = files.iter().flat_map(|file| file.examples.iter().flatten());
    let held_out: Vec<&Example> = held_out.collect();
    let reasons = training
        .iter()
        .map(|examples| data::leaks(examples, &held_out, alike))
        .collect::<Vec<_>>();
    for ((file, examples), reasons) in files.iter_mut().zip(training).zip(reasons) {
        for (example, reason) in examples.into_iter().zip(reasons) {
            match reason {
                Some(removal) => file.set_aside.push(aside(&example, removal)),
                None => file.examples[train].push(example),
            }
        }
        file.set_aside.sort_by_key(|aside| aside.row);
    }
}

fn aside(example: &Example, removal: Removal) -> SetAside {
    SetAside {
        row: example.row,
        line: example.line,
        reason: Reason::Cleaned(removal),
    }
}
