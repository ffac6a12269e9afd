//! One row as a task learns from it.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::part::Part;

/// What the rows of a file ask for, and with it which columns are needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// One label for each text or pair of texts.
    Label,
    /// Any number of labels for each text or pair of texts.
    Labels,
    /// A number, or several, for each text or pair of texts.
    Score,
    /// A tag for each word of a sentence.
    Tags,
    /// The place in a passage that answers a question.
    Answers,
    /// A text to be written: a summary, a translation, a reply.
    Writing,
    /// Nothing: the texts alone.
    Texts,
}

/// One row as a task learns from it.
#[derive(Debug, Clone, PartialEq)]
pub struct Example {
    /// The record's number in its file, from 1; the header and blank lines are not counted.
    pub row: usize,
    /// The line of the file on which the record starts, from 1.
    pub line: usize,
    /// What is read, as it stands in the file: a text, the words of a sentence joined by single
    /// spaces, or the passage in which an answer is looked for.
    pub text: String,
    /// What is read beside it: the second text of a pair, or the question.
    pub pair: Option<String>,
    /// What is to be said of it.
    pub target: Target,
    /// The value of the group column: rows that share one stay on one side of a split.
    pub group: Option<String>,
    /// The part that the split column puts it in.
    pub part: Option<Part>,
}

/// What is to be said of an example.
#[derive(Debug, Clone, PartialEq)]
pub enum Target {
    /// Its label, without surrounding white space.
    Label(String),
    /// Its labels, in the order of the file; there may be none.
    Labels(Vec<String>),
    /// Its numbers, one for each target, in the order of [`Dataset::targets`].
    ///
    /// [`Dataset::targets`]: super::Dataset::targets
    Scores(Vec<f64>),
    /// The words of the text, each with its tag.
    Tags(Vec<TaggedWord>),
    /// The answers that count as right; none where the passage does not answer the question.
    Answers(Vec<Answer>),
    /// What is to be written.
    Text(String),
    /// Nothing is known of it.
    Nothing,
}

/// A word of a sentence with its tag, as the file writes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaggedWord {
    /// Where the word stands in the text, in bytes.
    pub place: Range<usize>,
    /// Its tag, such as `B-PER` or `O`.
    pub tag: String,
}

/// A stretch of the passage that answers the question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The answer's text, as the file writes it.
    pub text: String,
    /// Where the file says that it starts in the passage, in characters.
    pub start: usize,
}

impl Answer {
    /// Whether it stands in the passage where the file says.
    pub fn stands_in(&self, passage: &str) -> bool {
        let start = if passage.is_ascii() {
            Some(self.start)
        } else {
            passage.char_indices().map(|(byte, _)| byte).nth(self.start)
        };
        let rest = start.and_then(|start| passage.get(start..));
        !self.text.is_empty() && rest.is_some_and(|rest| rest.starts_with(&self.text))
    }
}

impl Example {
    /// The label of an example that has exactly one; else an empty string.
    pub fn label(&self) -> &str {
        match &self.target {
            Target::Label(label) => label,
            _ => "",
        }
    }

    /// The labels of an example that has any number of them, or the tags of its words.
    pub fn labels(&self) -> impl Iterator<Item = &str> {
        let (one, several, words): (_, &[String], &[TaggedWord]) = match &self.target {
            Target::Label(label) => (Some(label), &[], &[]),
            Target::Labels(labels) => (None, labels, &[]),
            Target::Tags(words) => (None, &[], words),
            _ => (None, &[], &[]),
        };
        let labels = one.into_iter().chain(several).map(String::as_str);
        labels.chain(words.iter().map(|word| word.tag.as_str()))
    }
}
