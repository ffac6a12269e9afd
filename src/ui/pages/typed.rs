//! What is being typed for a model to answer: one text, or two.

use crate::tasks::TaskKind;
use crate::text::{input_of, line_of};
use crate::ui::project::RunView;

/// How many texts are read at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reads {
    /// One text.
    One,
    /// One text, or a second one beside it.
    OneOrTwo,
    /// Two texts, neither of which is any use alone.
    Two,
}

impl Reads {
    /// What a model reads that learns `task` from rows of two texts (`pairs`), of one, or of what
    /// is not known yet.
    pub fn of(task: TaskKind, pairs: Option<bool>) -> Self {
        match (task, pairs) {
            _ if task.reads_pairs() => Self::Two,
            (TaskKind::Similarity, Some(true)) => Self::Two,
            (TaskKind::Similarity, None) | (_, Some(true)) => Self::OneOrTwo,
            _ => Self::One,
        }
    }

    /// What the model of a run reads.
    pub fn of_run(run: RunView<'_>) -> Self {
        Self::of(run.settings.task, run.state.pairs())
    }
}

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
        let (text, pair) = input_of(line, true);
        Self {
            text: text.to_owned(),
            pair: pair.unwrap_or_default().to_owned(),
        }
    }

    /// As one line, white space around it left out; `None` while something that is read is
    /// missing.
    pub fn line(&self, reads: Reads) -> Option<String> {
        let (text, pair) = (self.text.trim(), self.pair.trim());
        let pair = (reads != Reads::One && !pair.is_empty()).then_some(pair);
        let whole = !text.is_empty() && (pair.is_some() || reads != Reads::Two);
        whole.then(|| line_of((text, pair)))
    }
}

/// A line as it is shown: the question before its passage.
pub fn shown(line: &str, task: TaskKind) -> String {
    match input_of(line, true) {
        (passage, Some(question)) if task == TaskKind::Questions => {
            format!("{question} | {passage}")
        }
        (text, Some(pair)) => format!("{text} | {pair}"),
        (text, None) => text.to_owned(),
    }
}

/// Whether a line has the texts that are read.
pub fn fits(line: &str, reads: Reads) -> bool {
    match input_of(line, true) {
        (_, Some(_)) => reads != Reads::One,
        (_, None) => reads != Reads::Two,
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
        for (text, pair, reads, line) in [
            (" a b ", "", Reads::One, Some("a b")),
            ("a", "b", Reads::One, Some("a")),
            ("a", "", Reads::Two, None),
            ("a\tb", "c", Reads::Two, Some("a b\tc")),
            ("", "who?", Reads::Two, None),
            ("a", "", Reads::OneOrTwo, Some("a")),
            ("a", "b", Reads::OneOrTwo, Some("a\tb")),
        ] {
            assert_eq!(
                typed(text, pair).line(reads).as_deref(),
                line,
                "{text} {reads:?}"
            );
        }
        assert_eq!(Typed::of_line("a\tb"), typed("a", "b"));
        assert_eq!(shown("p\tq", TaskKind::Questions), "q | p");
        assert!(fits("a\tb", Reads::Two) && !fits("a", Reads::Two));
    }

    #[test]
    fn numbers_are_asked_of_what_they_were_learned_from() {
        let reads = |pairs| Reads::of(TaskKind::Similarity, pairs);
        assert_eq!(reads(Some(true)), Reads::Two);
        assert_eq!(reads(Some(false)), Reads::One);
        assert_eq!(reads(None), Reads::OneOrTwo);
        assert_eq!(Reads::of(TaskKind::Topic, None), Reads::One);
        assert_eq!(Reads::of(TaskKind::Topic, Some(true)), Reads::OneOrTwo);
    }
}
