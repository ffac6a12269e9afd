//! What is being typed for a model to answer: one text, or two.

use crate::tasks::TaskKind;
use crate::text::{input_of, line_of};

/// The text, and what is to be read beside it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Typed {
    /// The text; the passage where an answer is looked for.
    pub text: String,
    /// The second text of a pair, or the question.
    pub pair: String,
}

impl Typed {
    /// What stands in `line`.
    pub fn of_line(line: &str) -> Self {
        let (text, pair) = input_of(line);
        Self {
            text: text.to_owned(),
            pair: pair.unwrap_or_default().to_owned(),
        }
    }

    /// As one line, white space around it left out; `None` while something that `task` needs is
    /// missing.
    pub fn line(&self, task: TaskKind) -> Option<String> {
        let (text, pair) = (self.text.trim(), self.pair.trim());
        let pair = (task.may_read_pairs() && !pair.is_empty()).then_some(pair);
        let whole = !text.is_empty() && (pair.is_some() || !task.reads_pairs());
        whole.then(|| line_of((text, pair)))
    }
}

/// A line as it is shown: the question before its passage.
pub fn shown(line: &str, task: TaskKind) -> String {
    match input_of(line) {
        (passage, Some(question)) if task == TaskKind::Questions => {
            format!("{question} | {passage}")
        }
        (text, Some(pair)) => format!("{text} | {pair}"),
        (text, None) => text.to_owned(),
    }
}

/// Whether a line has the texts that `task` reads.
pub fn fits(line: &str, task: TaskKind) -> bool {
    match input_of(line) {
        (_, Some(_)) => task.may_read_pairs(),
        (_, None) => !task.reads_pairs(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_there_once_it_is_whole() {
        let typed = |text: &str, pair: &str| Typed {
            text: text.into(),
            pair: pair.into(),
        };
        for (text, pair, task, line) in [
            (" a b ", "", TaskKind::Topic, Some("a b")),
            ("a", "b", TaskKind::Topic, Some("a")),
            ("a", "", TaskKind::Pairs, None),
            ("a\tb", "c", TaskKind::Pairs, Some("a b\tc")),
            ("a", "", TaskKind::Similarity, Some("a")),
            ("", "who?", TaskKind::Questions, None),
        ] {
            assert_eq!(
                typed(text, pair).line(task).as_deref(),
                line,
                "{text} {task:?}"
            );
        }
        assert_eq!(Typed::of_line("a\tb"), typed("a", "b"));
        assert_eq!(shown("p\tq", TaskKind::Questions), "q | p");
        assert!(fits("a\tb", TaskKind::Pairs) && !fits("a", TaskKind::Pairs));
    }
}
