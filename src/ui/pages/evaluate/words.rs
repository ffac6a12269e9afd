//! Answers and what is right, as words and numbers of a row.

use crate::tasks::{Answer, Evaluation, Gold, ScoredRow};
use crate::ui::text::Text;

use super::verdict::{self, Judged};

/// What is right for a row, in one line.
pub fn gold(text: &Text, row: &ScoredRow) -> String {
    match (&row.gold, &row.prediction.answer) {
        (Gold::List(golds), Answer::Answer { .. }) if golds.is_empty() => {
            text.common.no_answer.to_owned()
        }
        (Gold::List(golds), Answer::Answer { .. }) => golds.join(" / "),
        (Gold::List(_), Answer::Entities { .. }) => {
            let found = verdict::entities(row);
            let right = found.iter().filter(|found| found.judged != Judged::Wrong);
            let listed = right.map(|found| {
                format!(
                    "{} ({})",
                    &row.prediction.text[found.place.clone()],
                    found.kind
                )
            });
            let listed: Vec<_> = listed.collect();
            match listed.as_slice() {
                [] => text.evaluate.answers.nothing.to_owned(),
                listed => listed.join("; "),
            }
        }
        (Gold::List(labels), _) if labels.is_empty() => text.evaluate.answers.no_label.to_owned(),
        (Gold::List(labels), _) => labels.join(", "),
        (Gold::Values(values), _) => (text.common.numbers)(values),
        (Gold::Label(label), _) => label.clone(),
    }
}

/// The probability from which on a label is given, where it was chosen.
pub fn threshold(evaluation: &Evaluation, label: &str) -> Option<f64> {
    let mut reports = evaluation.detail.per_label.iter();
    reports.find(|report| report.label == label)?.threshold
}

/// A stretch that may be the answer to a question, or that there is none.
pub struct Candidate {
    /// The stretch, or the words for none.
    pub words: String,
    /// Its probability among the candidates.
    pub score: f64,
    /// Whether it was given.
    pub given: bool,
}

/// The best candidates for an answer, at most `most` of them, the best first.
pub fn candidates(text: &Text, answer: &Answer, most: usize) -> Vec<Candidate> {
    let Answer::Answer {
        answer,
        candidates,
        no_answer,
    } = answer
    else {
        return Vec::new();
    };
    let mut all: Vec<Candidate> = candidates
        .iter()
        .map(|span| Candidate {
            words: span.text.split_whitespace().collect::<Vec<_>>().join(" "),
            score: span.score,
            given: answer
                .as_ref()
                .is_some_and(|given| (given.start, given.end) == (span.start, span.end)),
        })
        .collect();
    all.extend(no_answer.map(|score| Candidate {
        words: text.common.no_answer.to_owned(),
        score,
        given: answer.is_none(),
    }));
    all.sort_by(|a, b| b.score.total_cmp(&a.score));
    all.truncate(most);
    all
}
