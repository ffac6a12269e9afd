//! The words of the Data page.

mod checks;
mod cleaning;
mod fit;
mod reading;
mod splits;

pub use checks::{AsideText, CheckText};
pub use cleaning::{CleaningText, RowText};
pub use fit::FitText;
pub use reading::ReadingText;
pub use splits::SplitText;

use crate::data::Kind;

/// The words of the Data page.
pub struct DataText {
    /// Before any data is chosen.
    pub subtitle_empty: &'static str,
    /// Leads to the chooser.
    pub another: &'static str,
    /// Leads back from the chooser.
    pub keep: &'static str,
    /// While it is read again.
    pub reading_again: &'static str,
    /// The footer.
    pub status: &'static str,
    /// Choosing data.
    pub choose: ChooseText,
    /// The preview.
    pub preview: PreviewText,
    /// The checks.
    pub checks: CheckText,
    /// Rows that are set aside.
    pub aside: AsideText,
    /// The cleaning.
    pub cleaning: CleaningText,
    /// How the file is read.
    pub reading: ReadingText,
    /// The splits.
    pub splits: SplitText,
    /// Whether the rows fit the task and the model.
    pub fit: FitText,
    /// What is to be learned from the rows, counted.
    pub tally: TallyText,
    /// The histogram of lengths.
    pub lengths: LengthText,
}

/// Choosing data.
pub struct ChooseText {
    /// In the drop zone.
    pub drop: &'static str,
    /// In the drop zone while a file is held over the window.
    pub let_go: &'static str,
    /// What a file must hold.
    pub hint: &'static str,
    /// Opens the dialog.
    pub file: &'static str,
    /// Opens the dialog for a folder.
    pub folder: &'static str,
    /// Opens the box for pasted rows.
    pub paste: &'static str,
    /// Title of that box.
    pub paste_title: &'static str,
    /// What is done with them.
    pub paste_note: &'static str,
    /// In the empty box.
    pub paste_hint: &'static str,
    /// Reads them.
    pub paste_read: &'static str,
    /// The path field.
    pub path: &'static str,
    /// In the empty path field.
    pub path_hint: &'static str,
    /// Heading of the bundled sets.
    pub bundled: &'static str,
    /// Beside it.
    pub bundled_note: &'static str,
    /// What a bundled set holds, by its name.
    pub bundled_summary: fn(&str) -> &'static str,
    /// Takes a bundled set.
    pub take: fn(&str) -> String,
    /// Marks the set that fits the task.
    pub fits: &'static str,
    /// Heading of the separate files.
    pub separate: &'static str,
    /// Beside it.
    pub separate_note: &'static str,
    /// A path field.
    pub train: &'static str,
    /// A path field.
    pub validation: &'static str,
    /// In the empty field.
    pub validation_hint: &'static str,
    /// A path field.
    pub test: &'static str,
    /// In the empty field.
    pub test_hint: &'static str,
    /// Reads the separate files.
    pub read: &'static str,
}

/// The preview.
pub struct PreviewText {
    /// Heading.
    pub title: &'static str,
    /// Before the text column's name.
    pub text_column: &'static str,
    /// Before the label column's name.
    pub label_column: &'static str,
    /// A column that is not used.
    pub ignored: fn(&str) -> String,
    /// Columns that are not used, when they are many.
    pub ignored_many: fn(usize) -> String,
    /// The search box.
    pub search: &'static str,
    /// Nothing was found.
    pub nothing: fn(&str) -> String,
    /// While rows are searched.
    pub searching: &'static str,
    /// Before the second text's column's name.
    pub pair_column: &'static str,
    /// Adds columns to those of the numbers.
    pub beside: &'static str,
    /// Column heads, for each kind of rows: row, text, what is to be said of it, tokens.
    pub heads: fn(Kind) -> [&'static str; 4],
    /// In place of what is to be said of a text, where nothing is.
    pub nothing_said: fn(Kind) -> &'static str,
}

/// What is to be learned from the rows, counted.
pub struct TallyText {
    /// Heading of the label counts.
    pub labels: &'static str,
    /// Beside it: how many labels there are.
    pub label_count: fn(usize) -> String,
    /// Heading of the numbers.
    pub values: &'static str,
    /// Beside it: the smallest and the largest.
    pub value_range: fn(f64, f64) -> String,
    /// One of several targets with its range.
    pub target_range: fn(name: &str, range: &str) -> String,
    /// Under the pointer: from, to, rows.
    pub value_bin: fn(f64, f64, &str) -> String,
    /// Heading of the types of entities.
    pub entities: &'static str,
    /// Beside it: how many entities there are.
    pub entity_count: fn(&str) -> String,
    /// Heading of the questions.
    pub questions: &'static str,
    /// Questions with an answer in their passage.
    pub answerable: &'static str,
    /// Questions without one.
    pub unanswerable: &'static str,
}

/// The histogram of lengths.
pub struct LengthText {
    /// Heading.
    pub title: &'static str,
    /// Beside it: the limit.
    pub limit: fn(usize) -> String,
    /// Under the pointer: from, to, rows.
    pub bin: fn(usize, usize, &str) -> String,
    /// Under the pointer, for the last bin when it holds all longer ones.
    pub last_bin: fn(usize, &str) -> String,
}

/// English.
pub const ENGLISH: DataText = DataText {
    subtitle_empty: "Examples the model learns from: texts with what it shall say of them",
    another: "Use other data",
    keep: "Keep the data chosen",
    reading_again: "reading again…",
    status: "Nothing in the file itself is changed: cleaning is recorded in the run and applied when it is read",
    choose: ChooseText {
        drop: "Drop a file or folder here",
        let_go: "Let go to read the file",
        hint: "Tables, JSON, workbooks, Parquet, CoNLL, SQuAD, folders by label: what it is, is found out",
        file: "Choose a file…",
        folder: "Choose a folder…",
        paste: "Paste rows…",
        paste_title: "Paste rows",
        paste_note: "Rows as copied from a spreadsheet or a file; they are kept in the storage folder.",
        paste_hint: "text, label",
        paste_read: "Read rows",
        path: "Or its path",
        path_hint: "/folder/examples.csv",
        bundled: "Bundled sets",
        bundled_note: "written for Luthier, free to use (CC0)",
        bundled_summary: |name| match name {
            "reviews" => "Reviews of products, films, hotels and food: positive or negative",
            "support-intents" => "Messages to a help desk, sorted by what the customer wants",
            "topics" => "Notices, letters and news, each with all its subjects",
            "similarity" => "Pairs of sentences, by how much they mean the same, 0 to 5",
            "entities" => "Sentences with people, organisations, places and dates",
            "questions" => "Passages with questions, a fifth without an answer",
            "reviews-zh" => "Chinese reviews of goods, films, hotels and food",
            _ => "",
        },
        take: |name| format!("Use {name}"),
        fits: "fits the task",
        separate: "Separate files",
        separate_note: "where training, validation and test are split already",
        train: "Training",
        validation: "Validation",
        validation_hint: "optional; without it a tenth of the training rows is kept aside",
        test: "Test",
        test_hint: "optional; opened when training has ended",
        read: "Read these files",
    },
    preview: PreviewText {
        title: "Preview",
        text_column: "text",
        label_column: "label",
        ignored: |name| format!("ignored: {name}"),
        ignored_many: |n| format!("{n} ignored"),
        search: "Search rows",
        searching: "searching…",
        nothing: |words| format!("No row holds \"{words}\""),
        pair_column: "second",
        beside: "together with",
        heads: |kind| match kind {
            Kind::Labels => ["row", "text", "labels", "tokens"],
            Kind::Score => ["row", "text", "number", "tokens"],
            Kind::Tags => ["row", "text", "entities", "tokens"],
            Kind::Answers => ["row", "question, passage", "answer", "tokens"],
            _ => ["row", "text", "label", "tokens"],
        },
        nothing_said: |kind| match kind {
            Kind::Answers => "no answer",
            _ => "none",
        },
    },
    checks: checks::ENGLISH,
    aside: checks::ENGLISH_ASIDE,
    cleaning: cleaning::ENGLISH,
    reading: reading::ENGLISH,
    splits: splits::ENGLISH,
    fit: fit::ENGLISH,
    tally: TallyText {
        labels: "Labels",
        label_count: |n| match n {
            1 => "1 label".to_owned(),
            n => format!("{n} labels"),
        },
        values: "Numbers",
        value_range: |from, to| format!("from {from} to {to}"),
        target_range: |name, range| format!("{name}, {range}"),
        value_bin: |from, to, rows| {
            if from == to {
                format!("{from}\n{rows}")
            } else {
                format!("{from:.3} to {to:.3}\n{rows}")
            }
        },
        entities: "Entities",
        entity_count: |n| format!("{n} in all"),
        questions: "Questions",
        answerable: "with an answer",
        unanswerable: "without an answer",
    },
    lengths: LengthText {
        title: "Length in tokens",
        limit: |limit| format!("max_seq_length {limit}"),
        bin: |from, to, rows| format!("{from} to {to} tokens\n{rows}"),
        last_bin: |from, rows| format!("{from} tokens and more\n{rows}"),
    },
};
