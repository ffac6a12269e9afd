//! How right an answer is, and by how much it is not.

use std::ops::Range;

use crate::data::tags;
use crate::metrics::score_answer;
use crate::tasks::{Answer, Gold, ScoredRow};

/// How right an answer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// All of it is right.
    Right,
    /// It is right that nothing is there.
    RightlyNone,
    /// Some of it is right.
    Partly,
    /// None of it is right.
    Wrong,
    /// A number, which is only nearer or farther.
    Number,
}

impl Verdict {
    /// What the answer to a row is.
    pub fn of(row: &ScoredRow) -> Self {
        match (&row.prediction.answer, &row.gold) {
            (Answer::Values { .. }, _) => Self::Number,
            (Answer::Answer { answer, .. }, Gold::List(gold)) => {
                let text = answer.as_ref().map_or("", |span| span.text.as_str());
                match score_answer(text, gold) {
                    (exact, _) if exact > 0.5 && gold.is_empty() => Self::RightlyNone,
                    (exact, _) if exact > 0.5 => Self::Right,
                    (_, f1) if f1 > 0.0 => Self::Partly,
                    _ => Self::Wrong,
                }
            }
            (Answer::Entities { .. }, _) => {
                // Entities count, not tags: `I-PER` may begin one as well as `B-PER`.
                let found = entities(row);
                let right = |found: &&Found| found.judged == Judged::Right;
                match found.iter().filter(right).count() {
                    all if all == found.len() => Self::Right,
                    0 => Self::Wrong,
                    _ => Self::Partly,
                }
            }
            _ if row.is_right() == Some(true) => Self::Right,
            (Answer::Labels { labels, .. }, Gold::List(gold)) => {
                match labels.iter().any(|label| gold.contains(label)) {
                    true => Self::Partly,
                    false => Self::Wrong,
                }
            }
            _ => Self::Wrong,
        }
    }

    /// Whether nothing is wrong with it.
    pub fn is_right(self) -> bool {
        matches!(self, Self::Right | Self::RightlyNone)
    }
}

/// What rows are put in order by, the largest first: the probability of an answer, the distance of
/// a number, of several their mean, the labels or entities that are wrong or missing.
pub fn weight(row: &ScoredRow) -> f64 {
    match (&row.prediction.answer, &row.gold) {
        (Answer::Values { values }, Gold::Values(gold)) => {
            let pairs = gold.iter().zip(values.iter());
            let distances = pairs.map(|((_, gold), (_, value))| (value - gold).abs());
            distances.sum::<f64>() / gold.len().max(1) as f64
        }
        (Answer::Labels { labels, .. }, Gold::List(gold)) => {
            let made_up = labels.iter().filter(|label| !gold.contains(label));
            let missed = gold.iter().filter(|label| !labels.contains(label));
            (made_up.count() + missed.count()) as f64
        }
        (Answer::Entities { .. }, _) => {
            let found = entities(row);
            found
                .iter()
                .filter(|found| found.judged != Judged::Right)
                .count() as f64
        }
        _ => row.prediction.confidence().unwrap_or_default(),
    }
}

/// Whether an entity is found as it should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Judged {
    /// Type and words are right.
    Right,
    /// It was given, but is not there so.
    Wrong,
    /// It is there, but was not given so.
    Missed,
}

/// An entity of a row's text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Its type.
    pub kind: String,
    /// Where it stands in the text, in bytes.
    pub place: Range<usize>,
    /// Whether it is right.
    pub judged: Judged,
}

/// The entities of a row, right and given; none where its answer is something else.
pub fn entities(row: &ScoredRow) -> Vec<Found> {
    let (Answer::Entities { words, .. }, Gold::List(gold)) = (&row.prediction.answer, &row.gold)
    else {
        return Vec::new();
    };
    let text = &row.prediction.text;
    let places = places(text, words.iter().map(|(word, _)| word.as_str()));
    let given: Vec<&str> = words.iter().map(|(_, tag)| tag.as_str()).collect();
    let gold: Vec<&str> = gold.iter().map(String::as_str).collect();
    let (gold, given) = (tags::entities(&gold), tags::entities(&given));
    let found = |(kind, words): &(&str, Range<usize>), judged| {
        let place = places.get(words.start)?.start..places.get(words.end - 1)?.end;
        Some(Found {
            kind: (*kind).to_owned(),
            place,
            judged,
        })
    };
    let judged = |entity: &(&str, Range<usize>)| match gold.contains(entity) {
        true => Judged::Right,
        false => Judged::Wrong,
    };
    let missed = gold.iter().filter(|entity| !given.contains(entity));
    let mut all: Vec<Found> = missed
        .filter_map(|entity| found(entity, Judged::Missed))
        .chain(
            given
                .iter()
                .filter_map(|entity| found(entity, judged(entity))),
        )
        .collect();
    all.sort_by_key(|entity| entity.place.start);
    all
}

/// Where the words stand in the text, one after another.
fn places<'a>(text: &str, words: impl Iterator<Item = &'a str>) -> Vec<Range<usize>> {
    let mut from = 0;
    let place = |word: &str| {
        let start = from + text[from..].find(word)?;
        from = start + word.len();
        Some(start..from)
    };
    words.map_while(place).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tasks::{Prediction, Span};

    fn row(answer: Answer, gold: &[&str]) -> ScoredRow {
        ScoredRow {
            row: 1,
            gold: Gold::List(gold.iter().map(|&gold| gold.to_owned()).collect()),
            prediction: Prediction {
                text: "Ada Obi flew to Oslo .".into(),
                pair: None,
                answer,
                tokens: 9,
                cut: false,
            },
        }
    }

    fn span(text: &str) -> Answer {
        let span = Span {
            text: text.into(),
            start: 0,
            end: text.len(),
            score: 0.5,
        };
        Answer::Answer {
            answer: (!text.is_empty()).then_some(span),
            candidates: Vec::new(),
            no_answer: None,
        }
    }

    #[test]
    fn answers_are_exact_partly_wrong_or_rightly_none() {
        for (text, gold, verdict) in [
            ("the Oslo", &["Oslo"][..], Verdict::Right),
            ("to Oslo", &["Oslo"], Verdict::Partly),
            ("Ada", &["Oslo"], Verdict::Wrong),
            ("", &["Oslo"], Verdict::Wrong),
            ("", &[], Verdict::RightlyNone),
            ("Ada", &[], Verdict::Wrong),
        ] {
            assert_eq!(
                Verdict::of(&row(span(text), gold)),
                verdict,
                "{text} {gold:?}"
            );
        }
    }

    #[test]
    fn entities_are_right_wrong_or_missed() {
        let tags = ["B-PER", "O", "O", "O", "B-LOC", "O"];
        let words = ["Ada", "Obi", "flew", "to", "Oslo", "."];
        let words = words.iter().zip(tags);
        let answer = Answer::Entities {
            entities: Vec::new(),
            words: words
                .map(|(word, tag)| ((*word).into(), tag.into()))
                .collect(),
        };
        let row = row(answer, &["B-PER", "I-PER", "O", "O", "B-LOC", "O"]);
        let found: Vec<_> = entities(&row)
            .into_iter()
            .map(|found| (found.place, found.judged))
            .collect();
        assert_eq!(found.len(), 3);
        assert!(found.contains(&(0..7, Judged::Missed)));
        assert!(found.contains(&(0..3, Judged::Wrong)));
        assert!(found.contains(&(16..20, Judged::Right)));
        assert_eq!((Verdict::of(&row), weight(&row)), (Verdict::Partly, 2.0));
    }

    #[test]
    fn labels_may_be_partly_right() {
        let answer = |labels: &[&str]| Answer::Labels {
            labels: labels.iter().map(|&label| label.to_owned()).collect(),
            scores: Vec::new(),
        };
        let row = |labels, gold| row(answer(labels), gold);
        assert_eq!(Verdict::of(&row(&["a", "b"], &["b", "a"])), Verdict::Right);
        assert_eq!(Verdict::of(&row(&["a", "c"], &["b", "a"])), Verdict::Partly);
        assert_eq!(weight(&row(&["a", "c"], &["b", "a"])), 2.0);
        assert_eq!(Verdict::of(&row(&[], &["a"])), Verdict::Wrong);
        assert_eq!(Verdict::of(&row(&[], &[])), Verdict::Right);
    }
}
