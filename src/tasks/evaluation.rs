//! A model's scores on a set of rows: what the Evaluate page shows and `evaluation.json` holds.

use serde::{Deserialize, Serialize};

use super::prediction::{Answer, Prediction, by_name, line_of_numbers};
use crate::data::{Example, TaggedWord, Target};
use crate::metrics::{EntityErrors, LabelScores, Scores, names, score_answer};

/// A model's scores on one set of rows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Evaluation {
    /// Rows scored.
    pub rows: usize,
    /// Scores by name.
    pub scores: Scores,
    /// 95 % bootstrap intervals of some of the scores, by name.
    pub intervals: Vec<Interval>,
    /// Scores of answering without having looked: always the commonest training label, the mean
    /// number, each word's commonest tag, no answer.
    pub majority: Scores,
    /// What the task has beside scores.
    #[serde(flatten)]
    pub detail: Detail,
}

/// What a task shows beside its scores. A part that it does not have is left out.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Detail {
    /// Labels in the order of `confusion`.
    pub labels: Vec<String>,
    /// `confusion[gold][predicted]` counts, where each row has one label.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub confusion: Vec<Vec<u64>>,
    /// One entry per label, or per type of entity.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub per_label: Vec<LabelReport>,
    /// One entry per target, where there are several numbers.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub per_target: Vec<TargetReport>,
    /// What went wrong with entities.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entity_errors: Option<EntityErrors>,
}

/// The range in which a score would fall 95 times in 100 on other rows of the same kind.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Interval {
    /// The score's name.
    pub score: String,
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

/// How well one label is found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LabelReport {
    /// The label's name.
    pub label: String,
    /// Share of the answers with this label that are right.
    pub precision: f64,
    /// Share of the rows with this label that were found.
    pub recall: f64,
    /// Harmonic mean of the two.
    pub f1: f64,
    /// Rows that have this label.
    pub support: u64,
    /// The probability from which on it is given, where that was chosen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub threshold: Option<f64>,
}

impl LabelReport {
    /// The report of a label from its scores.
    pub fn new(label: &str, scores: LabelScores) -> Self {
        Self {
            label: label.to_owned(),
            precision: scores.precision,
            recall: scores.recall,
            f1: scores.f1,
            support: scores.support,
            threshold: None,
        }
    }
}

/// How well the numbers of one target are told.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TargetReport {
    /// The target's name.
    pub target: String,
    /// Its scores by name.
    #[serde(flatten)]
    pub scores: Scores,
}

impl TargetReport {
    /// The names of the scores, in the order in which they are shown.
    pub const SCORES: [&str; 4] = [names::SPEARMAN, names::PEARSON, names::MSE, names::MAE];
}

/// What is right for a row.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Gold {
    /// One label.
    Label(String),
    /// The number of each target, by its name.
    Values(#[serde(deserialize_with = "by_name")] Scores),
    /// Labels; the tags of the words; answers, none of which is right where there are none.
    List(Vec<String>),
}

impl Gold {
    /// What is right for an example, whose numbers are called by these names.
    pub fn of(example: &Example, names: &[String]) -> Self {
        match &example.target {
            Target::Label(label) => Self::Label(label.clone()),
            Target::Scores(scores) => {
                Self::Values(names.iter().zip(scores.iter().copied()).collect())
            }
            Target::Answers(answers) => {
                Self::List(answers.iter().map(|answer| answer.text.clone()).collect())
            }
            Target::Labels(_) | Target::Tags(_) => {
                Self::List(example.labels().map(str::to_owned).collect())
            }
            Target::Text(text) => Self::Label(text.clone()),
            Target::Nothing => Self::List(Vec::new()),
        }
    }
}

impl Gold {
    /// The labels.
    pub fn labels(&self) -> &[String] {
        match self {
            Self::Label(label) => std::slice::from_ref(label),
            Self::List(labels) => labels,
            Self::Values(_) => &[],
        }
    }
}

/// In one line, as it stands in a table.
impl std::fmt::Display for Gold {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Label(label) => f.write_str(label),
            Self::Values(values) => f.write_str(&line_of_numbers(values, 3)),
            Self::List(list) => f.write_str(&list.join("; ")),
        }
    }
}

/// One scored row, a line of `predictions-test.jsonl`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ScoredRow {
    /// Record number in its file.
    pub row: usize,
    /// What is right.
    pub gold: Gold,
    /// The model's answer.
    #[serde(flatten)]
    pub prediction: Prediction,
}

impl ScoredRow {
    /// The row as it was asked, to be asked again.
    pub fn example(&self) -> Example {
        let target = match &self.prediction.answer {
            // Its words are those of the file, which need not be those that Luthier would find.
            Answer::Entities { words, .. } => {
                let mut begin = 0;
                let place = |(word, tag): &(String, String)| {
                    let place = begin..begin + word.len();
                    begin = place.end + 1;
                    TaggedWord {
                        place,
                        tag: tag.clone(),
                    }
                };
                Target::Tags(words.iter().map(place).collect())
            }
            _ => Target::Nothing,
        };
        Example {
            row: self.row,
            line: self.row,
            text: self.prediction.text.clone(),
            pair: self.prediction.pair.clone(),
            target,
            group: None,
            part: None,
        }
    }

    /// Whether the answer is right; for numbers there is only nearer and farther.
    pub fn is_right(&self) -> Option<bool> {
        match (&self.prediction.answer, &self.gold) {
            (Answer::Label { label, .. }, Gold::Label(gold)) => Some(label == gold),
            (Answer::Labels { labels, .. }, Gold::List(gold)) => {
                let has = |own: &[String], other: &[String]| own.iter().all(|l| other.contains(l));
                Some(has(labels, gold) && has(gold, labels))
            }
            (Answer::Entities { words, .. }, Gold::List(gold)) => {
                Some(words.iter().map(|(_, tag)| tag).eq(gold))
            }
            (Answer::Answer { answer, .. }, Gold::List(gold)) => {
                let text = answer.as_ref().map_or("", |span| span.text.as_str());
                Some(score_answer(text, gold).0 > 0.5)
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_by_name_and_read_without_one_too() {
        let row = |gold: &str, values: &str| {
            let row = format!(
                r#"{{"row":1,"gold":{gold},"text":"a","values":{values},"tokens":3,"cut":false}}"#
            );
            let read: ScoredRow = serde_json::from_str(&row).unwrap();
            (serde_json::to_string(&read).unwrap(), row)
        };
        let (written, read) = row(
            r#"{"ease":4.0,"warmth":-1.5}"#,
            r#"{"ease":3.5,"warmth":0.5}"#,
        );
        assert_eq!(written, read);
        // As runs were recorded when there was but one number.
        let (former, _) = row("4", "[3.5]");
        let (named, _) = row(r#"{"score":4.0}"#, r#"{"score":3.5}"#);
        assert_eq!(former, named);
        for (gold, expected) in [("[]", &[][..]), (r#"["a"]"#, &["a".to_owned()])] {
            let gold: Gold = serde_json::from_str(gold).unwrap();
            assert_eq!(gold, Gold::List(expected.to_vec()));
        }
    }
}
