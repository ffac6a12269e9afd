//! One row as a task learns from it.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::part::Part;
use super::set_aside::Reason;

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
    /// Where the file says that it starts in the passage, in characters; `None` where it does not
    /// say, or says something below 0.
    pub start: Option<usize>,
}

impl Answer {
    /// Whether it stands in the passage where the file says.
    pub fn stands_in(&self, passage: &str) -> bool {
        let start = self.start.and_then(|start| match passage.is_ascii() {
            true => Some(start),
            false => passage.char_indices().map(|(byte, _)| byte).nth(start),
        });
        let rest = start.and_then(|start| passage.get(start..));
        !self.text.is_empty() && rest.is_some_and(|rest| rest.starts_with(&self.text))
    }

    /// Where it starts in the passage, in characters, if it stands there exactly once.
    pub fn only_place(&self, passage: &str) -> Option<usize> {
        let mut places = places(passage, &self.text);
        let first = places.next()?;
        match places.next() {
            Some(_) => None,
            None => Some(passage[..first].chars().count()),
        }
    }

    /// Whether it stands in the passage at all.
    pub fn is_in(&self, passage: &str) -> bool {
        places(passage, &self.text).next().is_some()
    }
}

/// Where `text` stands in a passage, in bytes; nowhere where it is empty.
///
/// One place may begin inside another: "aa" stands twice in "aaa".
fn places(passage: &str, text: &str) -> impl Iterator<Item = usize> {
    let mut from = if text.is_empty() { passage.len() } else { 0 };
    std::iter::from_fn(move || {
        let rest = passage.get(from..).filter(|rest| !rest.is_empty())?;
        let place = from + rest.find(text)?;
        from = place + passage[place..].chars().next().map_or(1, char::len_utf8);
        Some(place)
    })
}

impl Example {
    /// The label of an example that has exactly one; else an empty string.
    pub fn label(&self) -> &str {
        match &self.target {
            Target::Label(label) => label,
            _ => "",
        }
    }

    /// Why its answers cannot be learned: it has some, and none stands where the file says.
    pub fn misplaced_answers(&self) -> Option<Reason> {
        let Target::Answers(answers) = &self.target else {
            return None;
        };
        if answers.is_empty() || answers.iter().any(|answer| answer.stands_in(&self.text)) {
            return None;
        }
        let mends = |answer: &Answer| answer.only_place(&self.text).is_some();
        let repairable = answers.iter().any(mends);
        Some(Reason::AnswerMisplaced { repairable })
    }

    /// Its labels, or the tags of its words, that are not among `known`.
    pub fn unknown_labels<'a>(&'a self, known: &'a [String]) -> impl Iterator<Item = &'a str> {
        let is_known = |label: &&str| known.iter().any(|known| known == label);
        self.labels().filter(move |label| !is_known(label))
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
