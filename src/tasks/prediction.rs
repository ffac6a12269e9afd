//! What a model answers.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize};

use super::regression::SCORE;
use crate::metrics::Scores;
use crate::text::line_of;

/// What a model answers for one text or pair of texts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Prediction {
    /// The text as given; the passage where an answer is looked for.
    pub text: String,
    /// What was read beside it: the second text of a pair, or the question.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pair: Option<String>,
    /// What the model says.
    #[serde(flatten)]
    pub answer: Answer,
    /// Length of the whole text in tokens, special tokens included, however much of it was read.
    pub tokens: usize,
    /// Whether the text was cut at the model's length limit.
    pub cut: bool,
}

/// What a model says of a text.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Answer {
    /// One label.
    Label {
        /// The most probable label.
        label: String,
        /// Probability of every label, in the model's order.
        scores: Vec<LabelScore>,
    },
    /// Any number of labels.
    Labels {
        /// The labels whose probability reaches their threshold.
        labels: Vec<String>,
        /// Probability of every label, in the model's order.
        scores: Vec<LabelScore>,
    },
    /// Numbers.
    Values {
        /// One for each target, by its name, in the model's order.
        #[serde(deserialize_with = "by_name")]
        values: Scores,
    },
    /// Entities in the text.
    Entities {
        /// In the order of the text.
        entities: Vec<Entity>,
        /// The words that were looked at, each with its tag.
        words: Vec<(String, String)>,
    },
    /// A stretch of the passage.
    Answer {
        /// The answer; `None` when the passage has none.
        answer: Option<Span>,
        /// The best stretches, best first, with their probabilities among themselves and, where
        /// the model knows it, that there is no answer.
        candidates: Vec<Span>,
        /// The probability that there is no answer, among the candidates; `None` for a model that
        /// always answers.
        no_answer: Option<f64>,
    },
}

/// Reads numbers by name, and the one number without a name of runs recorded when there was but one.
pub(super) fn by_name<'de, D: Deserializer<'de>>(numbers: D) -> Result<Scores, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Written {
        Named(Scores),
        One(f64),
        Listed([f64; 1]),
    }
    Ok(match Written::deserialize(numbers)? {
        Written::Named(numbers) => numbers,
        Written::One(number) | Written::Listed([number]) => [(SCORE, number)].into_iter().collect(),
    })
}

/// Numbers in one line; one alone needs no name.
pub(super) fn line_of_numbers(numbers: &Scores, decimals: usize) -> String {
    let one = numbers.len() == 1;
    let line = numbers.iter().map(|(name, number)| match one {
        true => format!("{number:.decimals$}"),
        false => format!("{name} {number:.decimals$}"),
    });
    line.collect::<Vec<_>>().join("; ")
}

/// A label and its probability.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LabelScore {
    /// The label's name.
    pub label: String,
    /// Probability in 0..=1.
    pub score: f64,
}

/// An entity found in a text.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entity {
    /// Its type, such as `PER`.
    pub kind: String,
    /// Its text.
    pub text: String,
    /// Where it starts in the text, in characters.
    pub start: usize,
    /// Where it ends.
    pub end: usize,
    /// Mean probability of its words' tags.
    pub score: f64,
}

/// A stretch of a passage.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Span {
    /// Its text.
    pub text: String,
    /// Where it starts in the passage, in characters.
    pub start: usize,
    /// Where it ends.
    pub end: usize,
    /// Its probability among the candidates.
    pub score: f64,
}

impl Prediction {
    /// What was asked, as one line: see [`input_of`](crate::text::input_of).
    pub fn line(&self) -> String {
        line_of((&self.text, self.pair.as_deref()))
    }

    /// The probability of the answer, where it has one.
    pub fn confidence(&self) -> Option<f64> {
        match &self.answer {
            Answer::Label { scores, .. } => {
                Some(scores.iter().map(|score| score.score).fold(0.0, f64::max))
            }
            Answer::Answer {
                answer: Some(span), ..
            } => Some(span.score),
            Answer::Answer { no_answer, .. } => *no_answer,
            Answer::Labels { .. } | Answer::Values { .. } | Answer::Entities { .. } => None,
        }
    }

    /// The probability of every label; none where the answer is something else.
    pub fn scores(&self) -> &[LabelScore] {
        match &self.answer {
            Answer::Label { scores, .. } | Answer::Labels { scores, .. } => scores,
            _ => &[],
        }
    }
}

impl Answer {
    /// The labels that are given; none where the answer is something else.
    pub fn labels(&self) -> &[String] {
        match self {
            Self::Label { label, .. } => std::slice::from_ref(label),
            Self::Labels { labels, .. } => labels,
            _ => &[],
        }
    }

    /// How far another answer to the same text lies from this one: the largest difference of a
    /// probability or number; infinite when they say something else.
    pub fn difference(&self, other: &Self) -> f64 {
        let largest = |pairs: &mut dyn Iterator<Item = (f64, f64)>| {
            pairs.map(|(a, b)| (a - b).abs()).fold(0.0, f64::max)
        };
        let labels = |a: &[LabelScore], b: &[LabelScore]| {
            let (a, b) = (a.iter(), b.iter());
            largest(&mut a.map(|own| own.score).zip(b.map(|own| own.score)))
        };
        match (self, other) {
            (Self::Label { scores: a, .. }, Self::Label { scores: b, .. })
            | (Self::Labels { scores: a, .. }, Self::Labels { scores: b, .. })
                if a.len() == b.len() =>
            {
                labels(a, b)
            }
            (Self::Values { values: a }, Self::Values { values: b }) if a.len() == b.len() => {
                let (a, b) = (a.iter(), b.iter());
                largest(&mut a.map(|(_, own)| own).zip(b.map(|(_, own)| own)))
            }
            (
                Self::Entities {
                    entities: a,
                    words: tags,
                },
                Self::Entities { entities: b, words },
            ) if tags == words => {
                let (a, b) = (a.iter(), b.iter());
                largest(&mut a.map(|own| own.score).zip(b.map(|own| own.score)))
            }
            (
                Self::Answer {
                    answer: one,
                    candidates: a,
                    ..
                },
                Self::Answer {
                    answer: two,
                    candidates: b,
                    ..
                },
            ) if text_of(one) == text_of(two) => {
                let (a, b) = (a.iter(), b.iter());
                largest(&mut a.map(|own| own.score).zip(b.map(|own| own.score)))
            }
            _ => f64::INFINITY,
        }
    }
}

fn text_of(span: &Option<Span>) -> Option<&str> {
    span.as_ref().map(|span| span.text.as_str())
}

/// In one line, as it stands in a table; nothing where nothing was found.
impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Label { label, .. } => f.write_str(label),
            Self::Labels { labels, .. } => f.write_str(&labels.join("; ")),
            Self::Values { values } => f.write_str(&line_of_numbers(values, 3)),
            Self::Entities { entities, .. } => {
                let entities = entities.iter();
                let listed = entities.map(|entity| format!("{} ({})", entity.text, entity.kind));
                f.write_str(&listed.collect::<Vec<_>>().join("; "))
            }
            Self::Answer { answer, .. } => match answer {
                Some(span) => f.write_str(&span.text),
                None => Ok(()),
            },
        }
    }
}
