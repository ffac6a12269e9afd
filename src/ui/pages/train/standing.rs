//! How firm a model's answer to a probe sentence is.

use crate::tasks::Prediction;

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
}

/// What `history` (step, answer) amounts to.
pub fn standing(history: &[(usize, Prediction)]) -> Standing {
    let Some((_, last)) = history.last() else {
        return Standing::Unknown;
    };
    let last = last.answer.to_string();
    let streak = history
        .iter()
        .rev()
        .take_while(|(_, before)| before.answer.to_string() == last)
        .count();
    let start = history.len() - streak;
    match start.checked_sub(1).map(|before| &history[before].1.answer) {
        Some(before) if streak < FIRM => Standing::Wavering(last, before.to_string()),
        _ => Standing::Since(history[start].0, last),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tasks::Answer;

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
