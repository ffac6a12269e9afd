//! The checks over the rows in use, and the tokens counted on the way.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, PoisonError};

use super::{Files, Progress};
use crate::data::checks::{CheckOptions, Checker, CountTokens, Finding};
use crate::data::{Example, Part};
use crate::error::Result;
use crate::session::report::count_tokens;
use crate::text::Tokenizer;

/// Rows that are checked between two reports of progress.
const AT_ONCE: usize = 4096;

/// What checking came upon.
pub(super) struct Checked {
    pub findings: Vec<Finding>,
    /// Tokens of the rows of the first file, by row.
    pub tokens: HashMap<usize, usize>,
    /// Labels or tags of the first file, the most frequent first.
    pub labels: Vec<(String, usize)>,
}

/// Checks all files. A row counts for the part that a column puts it in, else for its file's.
pub(super) fn check(
    files: &Files,
    tokenizer: &Tokenizer,
    limit: usize,
    progress: Progress<'_>,
) -> Result<Checked> {
    let counted = Mutex::new(Vec::new());
    let count = |examples: &[&Example]| {
        let counts = count_tokens(tokenizer, examples)?;
        let mut counted = counted.lock().unwrap_or_else(PoisonError::into_inner);
        let rows = examples.iter().map(|example| example.row);
        counted.extend(rows.zip(counts.iter().map(|count| count.tokens)));
        Ok(counts)
    };
    let count: CountTokens<'_> = &count;
    let mut checker = Checker::new(CheckOptions {
        max_length: Some(limit),
        tokens: Some(count),
    });
    if files.first().is_some_and(|(_, file)| file.layout.by_label) {
        checker.ignore_order();
    }
    let all: usize = files.iter().map(|(_, file)| file.examples.len()).sum();
    let mut done = 0;
    let mut tokens = HashMap::new();
    let mut labels = BTreeMap::<String, usize>::new();
    for part in Part::ALL {
        for (place, (file, dataset)) in files.iter().enumerate() {
            let of_part = |example: &&Example| example.part.unwrap_or(*file) == part;
            let rows: Vec<_> = dataset.examples.iter().filter(of_part).collect();
            for rows in rows.chunks(AT_ONCE) {
                progress((all + done) as u64, 2 * all as u64)?;
                let examples: Vec<_> = rows.iter().map(|&row| row.clone()).collect();
                checker.feed(part, &examples)?;
                let mut counted = counted.lock().unwrap_or_else(PoisonError::into_inner);
                let counts = std::mem::take(&mut *counted);
                if place == 0 {
                    tokens.extend(counts);
                    for label in examples.iter().flat_map(Example::labels) {
                        match labels.get_mut(label) {
                            Some(rows) => *rows += 1,
                            None => _ = labels.insert(label.to_owned(), 1),
                        }
                    }
                }
                done += rows.len();
            }
        }
    }
    let mut labels: Vec<_> = labels.into_iter().collect();
    labels.sort_by_key(|(_, rows)| std::cmp::Reverse(*rows));
    Ok(Checked {
        findings: checker.finish(),
        tokens,
        labels,
    })
}
