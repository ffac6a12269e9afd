//! The words of the Evaluate page.

use crate::tasks::TaskKind;
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
    /// The same score of answering without having looked.
    pub baseline: fn(&str) -> String,
    /// "124 rows, 9 wrong".
    pub rows: fn(rows: &str, wrong: &str) -> String,
    /// What the interval means.
    pub interval_hover: &'static str,
    /// The confusion matrix.
    pub matrix: MatrixText,
    /// The table of labels.
    pub labels: LabelText,
    /// Predicted and true numbers.
    pub numbers: NumberText,
    /// The table of several numbers.
    pub targets: TargetText,
    /// Mistakes with entities.
    pub mistakes: MistakeText,
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

/// The words around predicted and true numbers.
pub struct NumberText {
    /// The card of the scatter.
    pub title: &'static str,
    /// How to read it.
    pub hint: &'static str,
    /// Under the pointer: the true and the predicted number.
    pub point: fn(gold: &str, answer: &str) -> String,
    /// The true and the predicted number of a row, in one line.
    pub both: fn(gold: &str, answer: &str) -> String,
    /// The points.
    pub rows: &'static str,
    /// There is nothing to draw.
    pub none: &'static str,
    /// The card of the errors.
    pub errors: &'static str,
    /// How to read it.
    pub errors_hint: &'static str,
    /// Under the pointer: from, to, rows.
    pub error_bin: fn(from: &str, to: &str, rows: &str) -> String,
}

/// The words of the table of several numbers.
pub struct TargetText {
    /// The card.
    pub title: &'static str,
    /// What a press does.
    pub hint: &'static str,
    /// Column.
    pub target: &'static str,
}

/// The words of the mistakes with entities.
pub struct MistakeText {
    /// The card.
    pub title: &'static str,
    /// Beside it.
    pub hint: &'static str,
    /// Nothing was found there.
    pub missed: &'static str,
    /// What that means.
    pub missed_hover: &'static str,
    /// Found where there is none.
    pub made_up: &'static str,
    /// What that means.
    pub made_up_hover: &'static str,
    /// Right type, other words.
    pub wrong_bounds: &'static str,
    /// What that means.
    pub wrong_bounds_hover: &'static str,
    /// Right words, another type.
    pub wrong_type: &'static str,
    /// What that means.
    pub wrong_type_hover: &'static str,
    /// Another type and other words.
    pub wrong_both: &'static str,
    /// What that means.
    pub wrong_both_hover: &'static str,
}

/// The words of the table of labels.
pub struct LabelText {
    /// The card.
    pub title: &'static str,
    /// The card, where types of entities stand in the table.
    pub types_title: &'static str,
    /// Column.
    pub threshold: &'static str,
    /// Column.
    pub label: &'static str,
    /// The same column, of types of entities.
    pub entity_type: &'static str,
    /// Column.
    pub precision: &'static str,
    /// Column.
    pub recall: &'static str,
    /// Column.
    pub f1: &'static str,
    /// Column.
    pub support: &'static str,
    /// The same column, of types of entities.
    pub entities: &'static str,
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
    pub hint: fn(shown: &str, task: TaskKind) -> String,
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
    /// Columns: the text, and what is right.
    pub text: fn(TaskKind) -> (&'static str, &'static str),
    /// Column.
    pub answer: &'static str,
    /// Column.
    pub confidence: &'static str,
    /// Column: how far a number is off.
    pub error: &'static str,
    /// Column: how many labels or entities are wrong.
    pub mistakes: &'static str,
    /// Answers that are exactly right.
    pub exact: &'static str,
    /// Answers that share words with a right one.
    pub partly: &'static str,
    /// Answers that are wrong; a mark that is wrong.
    pub wrong: &'static str,
    /// Questions that were rightly left without an answer.
    pub rightly_none: &'static str,
    /// A mark that is right.
    pub right: &'static str,
    /// A mark that should be there.
    pub missed: &'static str,
    /// No entity is there.
    pub nothing: &'static str,
    /// No label is right.
    pub no_label: &'static str,
    /// From which probability on a label is given.
    pub threshold: fn(&str) -> String,
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
    baseline: |score| format!("baseline {score}"),
    rows: |rows, wrong| format!("{rows}, {wrong} wrong"),
    interval_hover: "On other rows of the same kind the score would fall into this range 95 times in 100. \
                     \"Majority\" or \"baseline\" is the score of answering without having looked.",
    matrix: MatrixText {
        title: "Confusions",
        hint: "rows: right label, columns: answer",
        cell: |gold, answer, count, share| {
            format!("{gold} answered as {answer}: {count} ({share} of {gold})")
        },
    },
    numbers: NumberText {
        title: "Predicted and true",
        hint: "across: true, up: predicted",
        point: |gold, answer| format!("true {gold}\npredicted {answer}"),
        both: |gold, answer| format!("true {gold}, predicted {answer}"),
        rows: "rows",
        none: "No row has a number.",
        errors: "Errors",
        errors_hint: "predicted less true",
        error_bin: |from, to, rows| format!("{from} to {to}\n{rows}"),
    },
    targets: TargetText {
        title: "By target",
        hint: "press one to see it drawn",
        target: "Target",
    },
    mistakes: MistakeText {
        title: "Mistakes",
        hint: "each entity counts once",
        missed: "missed",
        missed_hover: "An entity stands there, and nothing was found",
        made_up: "made up",
        made_up_hover: "Something was found where no entity stands",
        wrong_bounds: "words too many or few",
        wrong_bounds_hover: "The type is right, but not all of its words",
        wrong_type: "another type",
        wrong_type_hover: "The words are right, but not the type",
        wrong_both: "both",
        wrong_both_hover: "Another type, and other words that overlap",
    },
    labels: LabelText {
        title: "By label",
        types_title: "By type",
        threshold: "Threshold",
        label: "Label",
        entity_type: "Type",
        precision: "Precision",
        recall: "Recall",
        f1: "F1",
        support: "Rows",
        entities: "Entities",
        sort: "Sort by this column",
    },
    answers: AnswerText {
        wrong_title: "Wrong answers",
        title: "Answers",
        hint: |shown, task| {
            let first = match task {
                TaskKind::Similarity => "largest error",
                TaskKind::MultiLabel | TaskKind::Entities => "most mistakes",
                _ => "most confident",
            };
            format!("{shown}, {first} first")
        },
        search: "Search in the texts",
        right_too: "right ones too",
        cell: |gold, answer| format!("{gold} answered as {answer} ×"),
        cell_hover: "Show all again",
        row: "Row",
        text: |task| match task {
            TaskKind::Questions => ("Question, passage", "Right answer"),
            TaskKind::Similarity => ("Texts", "True"),
            TaskKind::Entities => ("Text", "Entities"),
            TaskKind::MultiLabel => ("Text", "Right labels"),
            TaskKind::Pairs => ("Texts", "Right label"),
            TaskKind::Sentiment | TaskKind::Topic => ("Text", "Right label"),
        },
        answer: "Answer",
        confidence: "Probability",
        error: "Error",
        mistakes: "Mistakes",
        exact: "exact",
        partly: "partly",
        wrong: "wrong",
        rightly_none: "rightly none",
        right: "right",
        missed: "missed",
        nothing: "none",
        no_label: "no label",
        threshold: |score| format!("given from {score} on"),
        none_wrong: "No answer is wrong.",
        none_found: "No row fits.",
        other_split: "Row by row, the answers on the test split are kept; switch to Test to browse them.",
        choose: "Choose a row to see its whole text and what was answered.",
        chosen: |row, gold, answer| format!("Row {row}: {gold}, answered {answer}"),
    },
};
