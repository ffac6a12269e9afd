//! Words that many pages use.

use crate::metrics::{Scores, names};
use crate::tasks::{Answer, TaskKind};

/// Words that many pages use.
pub struct CommonText {
    /// Opens a file dialog.
    pub browse: &'static str,
    /// Instead of `browse` while a dialog is open.
    pub dialog_open: &'static str,
    /// Tries again after a fault.
    pub try_again: &'static str,
    /// Ends something under way.
    pub cancel: &'static str,
    /// Puts a message away.
    pub dismiss: &'static str,
    /// Marks what is not there yet.
    pub coming: &'static str,
    /// Hover over what is not there yet.
    pub coming_hover: &'static str,
    /// Takes what was typed.
    pub open: &'static str,
    /// Names of scores, by their key.
    pub score: fn(&str) -> String,
    /// An answer in one line.
    pub answer: fn(&Answer) -> String,
    /// Numbers by name in one line.
    pub numbers: fn(&Scores) -> String,
    /// A question that its passage does not answer.
    pub no_answer: &'static str,
    /// The names of the text and of what is read beside it, as fields to type into.
    pub texts: fn(TaskKind) -> [&'static str; 2],
}

/// English.
pub const ENGLISH: CommonText = CommonText {
    browse: "Browse…",
    dialog_open: "A file dialog is already open",
    try_again: "Try again",
    cancel: "Cancel",
    dismiss: "Dismiss",
    coming: "coming",
    coming_hover: "This is not there yet",
    open: "Open",
    score,
    answer: |answer| match answer {
        Answer::Answer { answer: None, .. } => NO_ANSWER.to_owned(),
        Answer::Labels { labels, .. } if labels.is_empty() => "no label".to_owned(),
        Answer::Labels { labels, .. } => labels.join(", "),
        Answer::Entities { entities, .. } if entities.is_empty() => "nothing found".to_owned(),
        Answer::Values { values } => numbers(values),
        other => other.to_string(),
    },
    numbers,
    no_answer: NO_ANSWER,
    texts: |task| match task {
        TaskKind::Questions => ["Passage", "Question"],
        _ => ["First text", "Second text"],
    },
};

/// One number alone needs no name.
fn numbers(numbers: &Scores) -> String {
    let one = numbers.len() == 1;
    let numbers = numbers.iter().map(|(name, number)| match one {
        true => format!("{number:.2}"),
        false => format!("{name} {number:.2}"),
    });
    numbers.collect::<Vec<_>>().join(", ")
}

const NO_ANSWER: &str = "no answer";

fn score(name: &str) -> String {
    let words = match name {
        names::LOSS => "Loss",
        names::ACCURACY => "Accuracy",
        names::F1 => "F1",
        names::F1_MACRO => "Macro F1",
        names::F1_MICRO => "Micro F1",
        names::F1_WEIGHTED => "Weighted F1",
        names::F1_STRICT => "Strict F1",
        names::F1_ANSWERABLE => "F1, answerable",
        names::PRECISION => "Precision",
        names::PRECISION_MACRO => "Macro precision",
        names::PRECISION_MICRO => "Micro precision",
        names::RECALL => "Recall",
        names::RECALL_MACRO => "Macro recall",
        names::RECALL_MICRO => "Micro recall",
        names::EXACT_MATCH => "Exact match",
        names::EXACT_MATCH_ANSWERABLE => "Exact, answerable",
        names::NO_ANSWER_ACCURACY => "No answer, right",
        names::SPEARMAN => "Spearman",
        names::PEARSON => "Pearson",
        names::MSE => "Mean squared error",
        names::MAE => "Mean error",
        other => return other.replace('_', " "),
    };
    words.to_owned()
}
