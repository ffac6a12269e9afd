//! The words of the Data page.

mod checks;
mod cleaning;
mod reading;
mod splits;

pub use checks::{AsideText, CheckText};
pub use cleaning::{CleaningText, RowText};
pub use reading::ReadingText;
pub use splits::SplitText;

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
    /// Heading of the label counts.
    pub labels: &'static str,
    /// Beside it: how many labels there are.
    pub label_count: fn(usize) -> String,
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
    /// Column heads: row, text, label, tokens.
    pub heads: [&'static str; 4],
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
    subtitle_empty: "Examples the model learns from: texts with their labels",
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
        heads: ["row", "text", "label", "tokens"],
    },
    checks: checks::ENGLISH,
    aside: checks::ENGLISH_ASIDE,
    cleaning: cleaning::ENGLISH,
    reading: reading::ENGLISH,
    splits: splits::ENGLISH,
    labels: "Labels",
    label_count: |n| match n {
        1 => "1 label".to_owned(),
        n => format!("{n} labels"),
    },
    lengths: LengthText {
        title: "Length in tokens",
        limit: |limit| format!("max_seq_length {limit}"),
        bin: |from, to, rows| format!("{from} to {to} tokens\n{rows}"),
        last_bin: |from, rows| format!("{from} tokens and more\n{rows}"),
    },
};
