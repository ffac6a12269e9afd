//! Lines whose first word is their label: the format of fastText (`__label__spam Win now`, several
//! labels if need be), of TREC (`NUM:date When …`) and of sentence sets with `0` or `1` in front.

use std::collections::HashSet;

use serde_json::Value;

use super::layout::Layout;
use super::plain::filled_lines;
use super::record::{Field, Reader, Records};
use super::text::Text;
use crate::error::Result;

/// What fastText puts before each label.
const PREFIX: &str = "__label__";

/// A file whose lines begin with their label.
#[derive(Debug)]
pub(super) struct LabelledLines {
    text: Text,
    layout: Layout,
    columns: Vec<String>,
    /// Whether some line has more than one label.
    several: bool,
}

impl LabelledLines {
    pub fn open(text: Text, layout: Layout) -> Result<Self> {
        let head = text.head(1 << 20)?;
        let several = head.text().lines().any(|line| labels(line).0.len() > 1);
        Ok(Self {
            text,
            layout,
            columns: vec!["label".to_owned(), "text".to_owned()],
            several,
        })
    }
}

impl Reader for LabelledLines {
    fn layout(&self) -> &Layout {
        &self.layout
    }

    fn columns(&self) -> &[String] {
        &self.columns
    }

    fn records(&self) -> Result<Records<'_>> {
        filled_lines(&self.text, |line| {
            let (labels, text) = labels(&line.text);
            let label = if self.several {
                Field::Nested(labels.into_iter().map(Value::from).collect())
            } else {
                Field::Value(labels.concat())
            };
            vec![label, Field::Value(text.to_owned())]
        })
    }

    fn passed(&self) -> u64 {
        self.text.passed()
    }
}

/// The labels that a line begins with, and the rest of it.
fn labels(line: &str) -> (Vec<&str>, &str) {
    let mut labels = Vec::new();
    let mut rest = line.trim();
    loop {
        let (word, after) = rest.split_once([' ', '\t']).unwrap_or((rest, ""));
        match word.strip_prefix(PREFIX) {
            Some(label) => labels.push(label),
            None if labels.is_empty() => return (vec![word], after.trim_start()),
            None => return (labels, rest),
        }
        rest = after.trim_start();
        if rest.is_empty() {
            return (labels, rest);
        }
    }
}

/// Whether the lines of a text begin with their label: all with fastText's prefix, or all with one
/// of few words that are no words of prose.
pub(super) fn looks_like(text: &str) -> bool {
    const LEAST: usize = 20;
    let lines: Vec<&str> = text
        .lines()
        .filter(|line| !line.trim().is_empty())
        .collect();
    if lines
        .iter()
        .all(|line| line.trim_start().starts_with(PREFIX))
    {
        return !lines.is_empty();
    }
    let mut first: HashSet<&str> = HashSet::new();
    for line in &lines {
        match line.split_once(' ') {
            Some((word, rest)) if !rest.trim().is_empty() && is_code(word) => {
                first.insert(word);
            }
            _ => return false,
        }
    }
    lines.len() >= LEAST && first.len() >= 2 && first.len() * 5 <= lines.len()
}

/// A small number, or a name of capitals with a finer one after a colon.
fn is_code(word: &str) -> bool {
    let small_number = word.len() <= 2 && word.parse::<i8>().is_ok();
    let name = word.split_once(':').is_some_and(|(coarse, fine)| {
        let capitals = coarse.len() >= 2 && coarse.bytes().all(|byte| byte.is_ascii_uppercase());
        capitals && !fine.is_empty() && fine.bytes().all(|byte| byte.is_ascii_alphanumeric())
    });
    small_number || name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_taken_off_the_text() {
        assert_eq!(
            labels("NUM:date When was it ?"),
            (vec!["NUM:date"], "When was it ?")
        );
        assert_eq!(
            labels("__label__a __label__b some text"),
            (vec!["a", "b"], "some text")
        );
        assert_eq!(labels("__label__a"), (vec!["a"], ""));
    }

    #[test]
    fn prose_does_not_begin_with_labels() {
        let trec = "NUM:date When was it ?\nDESC:def What is an atom ?\n".repeat(15);
        assert!(looks_like(&trec));
        assert!(looks_like(&"1 a fine film\n0 a bore\n".repeat(15)));
        assert!(!looks_like(
            &"The film was fine.\nThe play was not.\n".repeat(15)
        ));
        assert!(!looks_like("1 first\n2 second\n3 third\n"));
        let numbered: String = (1..60).map(|line| format!("{line} a line\n")).collect();
        assert!(!looks_like(&numbered));
    }
}
