//! Tables of one word per row, gathered into sentences.
//!
//! A column says to which sentence a word belongs: by its number on every row, or on the first row
//! of each sentence only, as in Kaggle's annotated corpus (`Sentence #,Word,POS,Tag`).

use std::mem;

use serde_json::Value;

use super::columns;
use super::layout::{Layout, SAMPLE_ROWS};
use super::record::{Field, Reader, Record, Records};
use super::sentence::Sentence;
use super::survey::ReadingCount;
use crate::error::Result;

/// A table of words, read sentence by sentence: every column but the sentence's is a list.
pub(super) struct WordRows {
    words: Box<dyn Reader>,
    /// The column that says to which sentence a word belongs.
    sentence: usize,
    columns: Vec<String>,
}

impl WordRows {
    /// Gathers the sentences of a table of words; any other table stays as it is.
    ///
    /// # Errors
    /// The file can no longer be read.
    pub fn gather(reader: Box<dyn Reader>) -> Result<Box<dyn Reader>> {
        let Some((sentence, word)) = columns::sentence_and_word(reader.columns()) else {
            return Ok(reader);
        };
        if !has_word_rows(reader.records()?, sentence, word)? {
            return Ok(reader);
        }
        let mut columns = reader.columns().to_vec();
        columns.remove(sentence);
        Ok(Box::new(Self {
            words: reader,
            sentence,
            columns,
        }))
    }

    /// Adds the word of a record to its sentence.
    fn add(&self, sentence: &mut Sentence, record: Record) {
        let (found, expected) = (record.fields.len(), self.columns.len() + 1);
        if let Some(fault) = record.fault {
            sentence.fail(format!("line {}: {fault}", record.line));
        } else if found != expected {
            let line = record.line;
            sentence.fail(format!(
                "line {line} has {found} columns instead of {expected}"
            ));
        }
        let cells = record.fields.into_iter().enumerate();
        let cells = cells.filter(|&(column, _)| column != self.sentence);
        let cells = cells.map(|(_, cell)| match cell {
            Field::Missing => Value::Null,
            Field::Value(value) => value.into(),
            Field::Nested(value) => value,
        });
        let missing = std::iter::repeat_n(Value::Null, expected.saturating_sub(found));
        sentence.add(record.line, cells.chain(missing));
    }
}

/// Whether the first rows hold one word each, several of which make a sentence.
fn has_word_rows(records: Records, sentence: usize, word: usize) -> Result<bool> {
    let (mut rows, mut words, mut starts) = (0, 0, 0);
    let mut last = String::new();
    for record in records.take(SAMPLE_ROWS) {
        let record = record?;
        let value = |column: usize| record.fields.get(column).and_then(Field::value);
        rows += 1;
        words += usize::from(value(word).is_some_and(|word| !word.trim().contains(' ')));
        starts += usize::from(begins(&mut last, value(sentence)));
    }
    // A word with a space in it, or one that is missing, is a fault of the file.
    Ok(starts > 0 && starts * 2 <= rows && words * 20 >= rows * 19)
}

/// Whether a row with this in the column of the sentence begins a new one.
fn begins(last: &mut String, sentence: Option<&str>) -> bool {
    let sentence = sentence.unwrap_or_default().trim();
    let begins = !sentence.is_empty() && sentence != last;
    if begins {
        sentence.clone_into(last);
    }
    begins
}

impl Reader for WordRows {
    fn layout(&self) -> &Layout {
        self.words.layout()
    }

    fn columns(&self) -> &[String] {
        &self.columns
    }

    fn records(&self) -> Result<Records<'_>> {
        let mut words = self.words.records()?;
        let empty = || Sentence::new(self.columns.len());
        let mut sentence = empty();
        let mut last = String::new();
        let mut row = 0;
        Ok(Box::new(std::iter::from_fn(move || {
            loop {
                let whole = match words.next() {
                    Some(Err(fault)) => return Some(Err(fault)),
                    None if sentence.is_empty() => return None,
                    None => mem::replace(&mut sentence, empty()),
                    Some(Ok(record)) => {
                        let number = record.fields.get(self.sentence).and_then(Field::value);
                        let ends = begins(&mut last, number) || sentence.is_full();
                        let before = ends.then(|| mem::replace(&mut sentence, empty()));
                        self.add(&mut sentence, record);
                        match before {
                            Some(before) if !before.is_empty() => before,
                            _ => continue,
                        }
                    }
                };
                row += 1;
                return Some(Ok(whole.record(row)));
            }
        })))
    }

    fn passed(&self) -> u64 {
        self.words.passed()
    }

    fn readings(&self) -> &[ReadingCount] {
        self.words.readings()
    }
}
