//! How firm a model's answer to a probe sentence is.

use crate::tasks::Prediction;

/// Evaluations with the same answer after which an answer that changed once counts as firm.
const FIRM: usize = 3;

/// What the answers to a probe sentence so far amount to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing<'a> {
    /// Not scored yet.
    Unknown,
    /// The same answer since a step.
    Since(usize, &'a str),
    /// The answer has changed lately: the present one and the one before it.
    Wavering(&'a str, &'a str),
}

/// What `history` (step, answer) amounts to.
pub fn standing(history: &[(usize, Prediction)]) -> Standing<'_> {
    let Some((_, last)) = history.last() else {
        return Standing::Unknown;
    };
    let streak = history
        .iter()
        .rev()
        .take_while(|(_, answer)| answer.label == last.label)
        .count();
    let start = history.len() - streak;
    match start.checked_sub(1).map(|before| &history[before].1.label) {
        Some(before) if streak < FIRM => Standing::Wavering(&last.label, before),
        _ => Standing::Since(history[start].0, &last.label),
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
                    label: (*label).into(),
                    scores: Vec::new(),
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
        assert_eq!(standing(&history(&["a"])), Standing::Since(12, "a"));
        let calm = history(&["b", "b", "a", "a", "a"]);
        assert_eq!(standing(&calm), Standing::Since(36, "a"));
        let torn = history(&["b", "a", "b", "a", "a"]);
        assert_eq!(standing(&torn), Standing::Wavering("a", "b"));
    }
}
