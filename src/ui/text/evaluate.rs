//! The words of the Evaluate page.

use crate::train::Outcome;

/// The words of the Evaluate page.
pub struct EvaluateText {
    /// Under the page's title.
    pub subtitle: fn(run: &str, outcome: Outcome, best_step: &str) -> String,
    /// The test split.
    pub test: &'static str,
    /// The validation split.
    pub validation: &'static str,
    /// Hover of the test split.
    pub test_hover: &'static str,
    /// Hover of the validation split.
    pub validation_hover: &'static str,
    /// Over the page without a finished run.
    pub empty_title: &'static str,
    /// What would be here.
    pub empty: &'static str,
    /// Leads to the Train page.
    pub to_train: &'static str,
    /// The evaluation is being read.
    pub loading: &'static str,
    /// A 95 % interval.
    pub interval: fn(low: &str, high: &str) -> String,
    /// The same score of always answering the commonest label.
    pub majority: fn(&str) -> String,
    /// "124 rows, 9 wrong".
    pub rows: fn(rows: &str, wrong: &str) -> String,
    /// What the interval means.
    pub interval_hover: &'static str,
    /// The confusion matrix.
    pub matrix: MatrixText,
    /// The table of labels.
    pub labels: LabelText,
    /// The rows to browse.
    pub answers: AnswerText,
}

/// The words of the confusion matrix.
pub struct MatrixText {
    /// The card.
    pub title: &'static str,
    /// How to read it.
    pub hint: &'static str,
    /// A cell, for pointer and screen reader.
    pub cell: fn(gold: &str, answer: &str, count: &str, share: &str) -> String,
}

/// The words of the table of labels.
pub struct LabelText {
    /// The card.
    pub title: &'static str,
    /// Column.
    pub label: &'static str,
    /// Column.
    pub precision: &'static str,
    /// Column.
    pub recall: &'static str,
    /// Column.
    pub f1: &'static str,
    /// Column.
    pub support: &'static str,
    /// Hover of a column's head.
    pub sort: &'static str,
}

/// The words of the rows to browse.
pub struct AnswerText {
    /// The card, while only wrong answers are shown.
    pub wrong_title: &'static str,
    /// The card, when all answers are shown.
    pub title: &'static str,
    /// How they are ordered.
    pub hint: fn(shown: &str) -> String,
    /// The search box.
    pub search: &'static str,
    /// Shows right answers too.
    pub right_too: &'static str,
    /// The cell of the matrix that is chosen; pressing it lets all through again.
    pub cell: fn(gold: &str, answer: &str) -> String,
    /// Hover of the chosen cell.
    pub cell_hover: &'static str,
    /// Column.
    pub row: &'static str,
    /// Column.
    pub text: &'static str,
    /// Column.
    pub gold: &'static str,
    /// Column.
    pub answer: &'static str,
    /// Column.
    pub confidence: &'static str,
    /// Nothing is wrong.
    pub none_wrong: &'static str,
    /// The filter lets nothing through.
    pub none_found: &'static str,
    /// The rows belong to the other split.
    pub other_split: &'static str,
    /// Beside the table, before a row is chosen.
    pub choose: &'static str,
    /// "row 12: billing, answered delivery".
    pub chosen: fn(row: &str, gold: &str, answer: &str) -> String,
}

/// English.
pub const ENGLISH: EvaluateText = EvaluateText {
    subtitle: |run, outcome, best_step| {
        let end = match outcome {
            Outcome::Completed => "all steps done",
            Outcome::StoppedEarly => "stopped early, no more gain",
            Outcome::Stopped => "stopped by hand",
        };
        format!("{run} · {end} · weights of step {best_step}")
    },
    test: "Test",
    validation: "Validation",
    test_hover: "Rows that nothing was decided on: the honest score",
    validation_hover: "Rows that chose the best step: a little too kind",
    empty_title: "Nothing to evaluate yet",
    empty: "When a run has finished, its scores, its confusions and its wrong answers are here.",
    to_train: "Go to Train",
    loading: "Reading the evaluation",
    interval: |low, high| format!("95 %: {low} to {high}"),
    majority: |score| format!("majority {score}"),
    rows: |rows, wrong| format!("{rows}, {wrong} wrong"),
    interval_hover: "On other rows of the same kind the score would fall into this range 95 times in 100. \
                     \"Majority\" is the score of always giving the commonest label.",
    matrix: MatrixText {
        title: "Confusions",
        hint: "rows: right label, columns: answer",
        cell: |gold, answer, count, share| {
            format!("{gold} answered as {answer}: {count} ({share} of {gold})")
        },
    },
    labels: LabelText {
        title: "By label",
        label: "Label",
        precision: "Precision",
        recall: "Recall",
        f1: "F1",
        support: "Rows",
        sort: "Sort by this column",
    },
    answers: AnswerText {
        wrong_title: "Wrong answers",
        title: "Answers",
        hint: |shown| format!("{shown}, most confident first"),
        search: "Search in the texts",
        right_too: "right ones too",
        cell: |gold, answer| format!("{gold} answered as {answer} ×"),
        cell_hover: "Show all again",
        row: "Row",
        text: "Text",
        gold: "Right label",
        answer: "Answer",
        confidence: "Probability",
        none_wrong: "No answer is wrong.",
        none_found: "No row fits.",
        other_split: "Row by row, the answers on the test split are kept; switch to Test to browse them.",
        choose: "Choose a row to see its whole text and all its probabilities.",
        chosen: |row, gold, answer| format!("Row {row}: {gold}, answered {answer}"),
    },
};
