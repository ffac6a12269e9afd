//! How firm a model's answer to a probe sentence is.

use crate::tasks::{Answer, Prediction};

/// Evaluations with the same answer after which an answer that changed once counts as firm.
const FIRM: usize = 3;

/// What the answers to a probe sentence so far amount to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Not scored yet.
    Unknown,
    /// The same answer since a step.
    Since(usize, String),
    /// The answer has changed lately: the present one and the one before it.
    Wavering(String, String),
    /// The number before the present one.
    Number(String),
}

/// What `history` (step, answer) amounts to, with answers put into words by `words`.
pub fn standing(history: &[(usize, Prediction)], words: fn(&Answer) -> String) -> Standing {
    let Some((first, last)) = history.first().zip(history.last()) else {
        return Standing::Unknown;
    };
    if matches!(last.1.answer, Answer::Values { .. }) {
        // Numbers are hardly ever the same twice.
        return match history.iter().rev().nth(1) {
            Some((_, before)) => Standing::Number(words(&before.answer)),
            None => Standing::Since(first.0, words(&last.1.answer)),
        };
    }
    let last = words(&last.1.answer);
    let streak = history
        .iter()
        .rev()
        .take_while(|(_, before)| words(&before.answer) == last)
        .count();
    let start = history.len() - streak;
    match start.checked_sub(1).map(|before| &history[before].1.answer) {
        Some(before) if streak < FIRM => Standing::Wavering(last, words(before)),
        _ => Standing::Since(history[start].0, last),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn history(labels: &[&str]) -> Vec<(usize, Prediction)> {
        labels
            .iter()
            .enumerate()
            .map(|(index, label)| {
                let answer = Prediction {
                    text: "t".into(),
                    pair: None,
                    answer: Answer::Label {
                        label: (*label).into(),
                        scores: Vec::new(),
                    },
                    tokens: 3,
                    cut: false,
                };
                (12 * (index + 1), answer)
            })
            .collect()
    }

    fn standing(history: &[(usize, Prediction)]) -> Standing {
        super::standing(history, Answer::to_string)
    }

    #[test]
    fn numbers_are_held_against_the_one_before() {
        let mut history = history(&["a", "a"]);
        for ((_, prediction), value) in history.iter_mut().zip([2.0, 2.5]) {
            prediction.answer = Answer::Values {
                values: [("score", value)].into_iter().collect(),
            };
        }
        assert_eq!(standing(&history), Standing::Number("2.000".into()));
        assert_eq!(standing(&history[..1]), Standing::Since(12, "2.000".into()));
    }

    #[test]
    fn answers_are_firm_or_they_waver() {
        assert_eq!(standing(&[]), Standing::Unknown);
        assert_eq!(standing(&history(&["a"])), Standing::Since(12, "a".into()));
        let calm = history(&["b", "b", "a", "a", "a"]);
        assert_eq!(standing(&calm), Standing::Since(36, "a".into()));
        let torn = history(&["b", "a", "b", "a", "a"]);
        assert_eq!(standing(&torn), Standing::Wavering("a".into(), "b".into()));
    }
}
