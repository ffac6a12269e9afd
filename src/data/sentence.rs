//! A sentence whose words come one by one.

use serde_json::Value;

use super::record::{Field, Record};
use super::set_aside::Reason;

/// The longest sentence, in words: a file in which none ends is no file of sentences.
const LONGEST: usize = 100_000;

/// A sentence as it is read, column by column.
pub(super) struct Sentence {
    line: usize,
    words: usize,
    columns: Vec<Vec<Value>>,
    fault: Option<String>,
}

impl Sentence {
    /// One without words, of so many columns.
    pub fn new(width: usize) -> Self {
        Self {
            line: 0,
            words: 0,
            columns: vec![Vec::new(); width],
            fault: None,
        }
    }

    pub fn is_empty(&self) -> bool {
        self.words == 0
    }

    /// Adds a word and what else stands in its columns.
    pub fn add(&mut self, line: usize, cells: impl IntoIterator<Item = Value>) {
        if self.is_empty() {
            self.line = line;
        }
        self.words += 1;
        for (column, cell) in self.columns.iter_mut().zip(cells) {
            column.push(cell);
        }
    }

    /// Says what is wrong with a word; the first fault is kept.
    pub fn fail(&mut self, fault: String) {
        self.fault.get_or_insert(fault);
    }

    /// Whether it is too long for a sentence, which is then its fault.
    pub fn is_full(&mut self) -> bool {
        let full = self.words == LONGEST;
        if full {
            self.fault = Some(format!("{LONGEST} words without the end of a sentence"));
        }
        full
    }

    /// The record of it: a list for each column.
    pub fn record(self, row: usize) -> Record {
        let columns = self.columns.into_iter().map(Value::Array);
        Record {
            row,
            line: self.line,
            fields: columns.map(Field::Nested).collect(),
            fault: self.fault.map(Reason::Malformed),
        }
    }
}
