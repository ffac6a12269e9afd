//! The words of the checks and of what can be done about them.

use crate::data::checks::Check;

/// The checks. Counts come as text with separators.
pub struct CheckText {
    /// Heading.
    pub title: &'static str,
    /// Beside it, while rules of the cleaning are on.
    pub after_cleaning: &'static str,
    /// Rows left out.
    pub aside: fn(&str) -> String,
    /// No row is left out.
    pub all_read: &'static str,
    /// Shows the rows left out.
    pub show: &'static str,
    /// What a check found: the check, how many, and that as text.
    pub found: fn(Check, usize, &str) -> String,
    /// Rows longer than the limit, where none is cut for it.
    pub in_windows: fn(&str) -> String,
    /// What a check looks for, in a list.
    pub name: fn(Check) -> &'static str,
    /// Checks that found nothing.
    pub nothing_found: fn(usize) -> String,
    /// What the remedy of a check does, on its button.
    pub remedy: fn(Check) -> &'static str,
    /// The validation split is small.
    pub few_validation: fn(&str) -> String,
    /// No validation or test rows.
    pub no_test: &'static str,
    /// What was found in a finding's rows: a name and how often.
    pub share: fn(&str, &str) -> String,
    /// A row of a part.
    pub row_of: fn(usize, &str) -> String,
    /// Only some rows are shown.
    pub first_shown: fn(&str) -> String,
    /// Two labels that belong together: from, to, how many rows or texts.
    pub pair: fn(&str, &str, &str) -> String,
    /// Gives the first of two labels the name of the second.
    pub merge: fn(&str, &str) -> String,
    /// Gives all rows of a text this label.
    pub all_as: fn(&str) -> String,
    /// Drops all rows of texts with several labels.
    pub drop_conflicts: &'static str,
    /// Closes a dialog.
    pub close: &'static str,
}

/// Rows that are set aside.
pub struct AsideText {
    /// Title of the dialog.
    pub title: &'static str,
    /// Heads of the table: file, row, line, reason.
    pub heads: [&'static str; 4],
    /// The path field.
    pub path: &'static str,
    /// In the empty path field.
    pub hint: &'static str,
    /// Writes them.
    pub save: &'static str,
    /// What is written.
    pub note: &'static str,
    /// Where they were written.
    pub saved: fn(&str) -> String,
}

/// English.
pub const ENGLISH: CheckText = CheckText {
    title: "Checks",
    after_cleaning: "of the rows after cleaning",
    aside: |n| match n {
        "1" => "1 row is set aside".to_owned(),
        n => format!("{n} rows are set aside"),
    },
    all_read: "Every row could be used",
    show: "Show…",
    found,
    in_windows: |n| match n {
        "1" => "1 row is read in several windows".to_owned(),
        n => format!("{n} rows are read in several windows"),
    },
    name,
    nothing_found: |n| match n {
        1 => "1 other check found nothing".to_owned(),
        n => format!("{n} other checks found nothing"),
    },
    remedy: |check| match check {
        Check::Leaks => "Drop leaked rows",
        Check::NearLeaks => "Drop near leaks",
        Check::ConflictingLabels => "Keep majority",
        Check::UnseenLabels | Check::RareLabels => "Rename labels…",
        Check::SimilarLabels => "Merge labels…",
        Check::Imbalance => "Balance…",
        Check::ExactDuplicates => "Drop repeats",
        Check::NearDuplicates => "Drop near repeats",
        Check::Empty => "Drop empty rows",
        Check::Html => "Strip HTML",
        Check::ControlCharacters => "Remove them",
        Check::ReplacementCharacters => "Read as…",
        Check::Mojibake => "Repair text",
        Check::PersonalData => "Mask",
        Check::EntityBoundaries => "Trim entities",
        Check::AnswerOffsets => "Repair answers",
        _ => "",
    },
    few_validation: |n| match n {
        "1" => "Only 1 validation row: scores will be rough".to_owned(),
        n => format!("Only {n} validation rows: scores will be rough"),
    },
    no_test: "No test rows: the last word is left to validation",
    share: |name, n| format!("{name} {n}"),
    row_of: |row, part| format!("{part} row {row}"),
    first_shown: |n| format!("The first {n} are shown."),
    pair: |from, to, n| format!("{from} · {to}: {n}"),
    merge: |from, to| format!("Rename {from} to {to}"),
    all_as: |label| format!("All are {label}"),
    drop_conflicts: "Drop all of them",
    close: "Close",
};

/// English.
pub const ENGLISH_ASIDE: AsideText = AsideText {
    title: "Rows set aside",
    heads: ["file", "row", "line", "reason"],
    path: "Save to",
    hint: "/folder/set-aside.csv",
    save: "Save as CSV",
    note: "They are written with number, line, reason and their columns, as they stand in the file.",
    saved: |path| format!("Saved to {path}"),
};

fn found(check: Check, count: usize, n: &str) -> String {
    let one = count == 1;
    let rows = |verb_one: &str, verb_many: &str| match one {
        true => format!("1 row {verb_one}"),
        false => format!("{n} rows {verb_many}"),
    };
    let texts = |verb_one: &str, verb_many: &str| match one {
        true => format!("1 text {verb_one}"),
        false => format!("{n} texts {verb_many}"),
    };
    let labels = |verb_one: &str, verb_many: &str| match one {
        true => format!("1 label {verb_one}"),
        false => format!("{n} labels {verb_many}"),
    };
    let sentences = |verb_one: &str, verb_many: &str| match one {
        true => format!("1 sentence {verb_one}"),
        false => format!("{n} sentences {verb_many}"),
    };
    let questions = |verb_one: &str, verb_many: &str| match one {
        true => format!("1 question {verb_one}"),
        false => format!("{n} questions {verb_many}"),
    };
    match check {
        Check::Leaks => rows("is in two splits", "are in two splits"),
        Check::NearLeaks => texts("is nearly in two splits", "are nearly in two splits"),
        Check::ConflictingLabels => texts("has different labels", "have different labels"),
        Check::UnseenLabels => labels("is not in training", "are not in training"),
        Check::OneLabel => "All rows have one label: nothing to tell apart".to_owned(),
        Check::RareLabels => labels("has too few texts", "have too few texts"),
        Check::SimilarLabels => labels("may be misspelt", "may be misspelt"),
        Check::Imbalance => labels(
            "is far rarer than the commonest",
            "are far rarer than the commonest",
        ),
        Check::Sorted => "Rows are sorted by label; splits shuffle them".to_owned(),
        Check::ExactDuplicates => rows("repeats another row", "repeat another row"),
        Check::NearDuplicates => texts("nearly repeats another", "nearly repeat another"),
        Check::Empty => texts("shows nothing", "show nothing"),
        Check::TooLong => rows("is cut at the length limit", "are cut at the length limit"),
        Check::MixedLanguages => rows("is in another language", "are in another language"),
        Check::UnknownCharacters => rows(
            "has characters new to the model",
            "have characters new to the model",
        ),
        Check::Html => rows("holds HTML", "hold HTML"),
        Check::ControlCharacters => rows("holds unseen characters", "hold unseen characters"),
        Check::ReplacementCharacters => rows("lost a character", "lost a character"),
        Check::Mojibake => rows(
            "was read in a wrong encoding",
            "were read in a wrong encoding",
        ),
        Check::PersonalData => rows("holds personal data", "hold personal data"),
        Check::IllegalTags => sentences("has an illegal tag", "have an illegal tag"),
        Check::EntityBoundaries => sentences(
            "has an entity that ends in punctuation",
            "have an entity that ends in punctuation",
        ),
        Check::AnswerOffsets => questions(
            "has an answer that is not at its place",
            "have an answer that is not at its place",
        ),
        Check::Unanswerable => questions("has no answer", "have no answer"),
    }
}

fn name(check: Check) -> &'static str {
    match check {
        Check::Leaks => "rows in two splits",
        Check::NearLeaks => "near copies in two splits",
        Check::ConflictingLabels => "texts with different labels",
        Check::UnseenLabels => "labels that training lacks",
        Check::OneLabel => "one label on all rows",
        Check::RareLabels => "labels with too few texts",
        Check::SimilarLabels => "labels that look alike",
        Check::Imbalance => "rare labels",
        Check::Sorted => "rows sorted by label",
        Check::ExactDuplicates => "repeated rows",
        Check::NearDuplicates => "nearly repeated texts",
        Check::Empty => "texts that show nothing",
        Check::TooLong => "texts cut at the length limit",
        Check::MixedLanguages => "other languages",
        Check::UnknownCharacters => "characters unknown to the model",
        Check::Html => "HTML",
        Check::ControlCharacters => "unseen characters",
        Check::ReplacementCharacters => "lost characters",
        Check::Mojibake => "text read in a wrong encoding",
        Check::PersonalData => "personal data",
        Check::IllegalTags => "illegal tags",
        Check::EntityBoundaries => "entities with punctuation",
        Check::AnswerOffsets => "answers not at their place",
        Check::Unanswerable => "questions without an answer",
    }
}
