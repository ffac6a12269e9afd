//! The words of the Data page.

/// The words of the Data page.
pub struct DataText {
    /// Before any data is chosen.
    pub subtitle_empty: &'static str,
    /// Leads to the chooser.
    pub another: &'static str,
    /// Leads back from the chooser.
    pub keep: &'static str,
    /// While the data is read.
    pub reading: &'static str,
    /// While it is read again.
    pub reading_again: &'static str,
    /// The footer.
    pub status: &'static str,
    /// Choosing data.
    pub choose: ChooseText,
    /// When the columns could not be found.
    pub columns: ColumnsText,
    /// The preview.
    pub preview: PreviewText,
    /// The checks.
    pub checks: CheckText,
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

/// When the columns could not be found.
pub struct ColumnsText {
    /// What can be done.
    pub note: &'static str,
    /// Name of the text column.
    pub text: &'static str,
    /// Name of the label column.
    pub label: &'static str,
    /// Reads again with these names.
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
    /// Column heads: row, text, label, tokens.
    pub heads: [&'static str; 4],
}

/// The checks. Counts come as text with separators.
pub struct CheckText {
    /// Heading.
    pub title: &'static str,
    /// Rows left out.
    pub aside: fn(&str) -> String,
    /// No row is left out.
    pub all_read: &'static str,
    /// Shows the rows left out.
    pub show: &'static str,
    /// A record number.
    pub record: fn(usize) -> String,
    /// Texts that are cut.
    pub cut: fn(&str, usize) -> String,
    /// No text is cut.
    pub none_cut: fn(usize) -> String,
    /// Only one label.
    pub one_label: &'static str,
    /// A label with too few rows.
    pub small: fn(&str, &str) -> String,
    /// All labels have enough rows.
    pub enough: fn(&str) -> String,
    /// One label is much more frequent.
    pub unbalanced: fn(f64) -> String,
    /// Labels are of like frequency.
    pub balanced: fn(f64) -> String,
    /// The validation split is small.
    pub few_validation: fn(&str) -> String,
    /// No validation or test rows.
    pub no_test: &'static str,
    /// Title of the dialog with the rows left out.
    pub aside_title: &'static str,
    /// Closes it.
    pub close: &'static str,
}

/// The splits.
pub struct SplitText {
    /// Heading.
    pub title: &'static str,
    /// How one file is split.
    pub by_seed: fn(u64) -> String,
    /// The files are the splits.
    pub by_file: &'static str,
    /// Training rows.
    pub train: fn(&str) -> String,
    /// Validation rows.
    pub validation: fn(&str) -> String,
    /// Test rows.
    pub test: fn(&str) -> String,
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
    reading: "Reading and tokenising…",
    reading_again: "reading again…",
    status: "Nothing in the file itself is changed",
    choose: ChooseText {
        drop: "Drop a CSV, TSV or JSONL file here",
        let_go: "Let go to read the file",
        hint: "One row per example: a text and its label",
        file: "Choose a file…",
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
    columns: ColumnsText {
        note: "If the columns have other names, give them here",
        text: "Text column",
        label: "Label column",
        read: "Read again",
    },
    preview: PreviewText {
        title: "Preview",
        text_column: "text",
        label_column: "label",
        ignored: |name| format!("ignored: {name}"),
        ignored_many: |n| format!("{n} ignored"),
        search: "Search rows",
        nothing: |words| format!("No row holds \"{words}\""),
        heads: ["row", "text", "label", "tokens"],
    },
    checks: CheckText {
        title: "Checks",
        aside: |n| match n {
            "1" => "1 row is set aside".to_owned(),
            n => format!("{n} rows are set aside"),
        },
        all_read: "Every row could be used",
        show: "Show…",
        record: |row| format!("row {row}"),
        cut: |n, limit| match n {
            "1" => format!("1 text is cut at {limit} tokens"),
            n => format!("{n} texts are cut at {limit} tokens"),
        },
        none_cut: |limit| format!("No text is cut at {limit} tokens"),
        one_label: "There is only one label: nothing to tell apart",
        small: |label, n| format!("{label} has only {n} rows"),
        enough: |n| format!("Every label has {n} rows or more"),
        unbalanced: |times| {
            format!("The commonest label has {times:.0} times the rows of the rarest")
        },
        balanced: |times| match times {
            t if t < 1.05 => "All labels are equally frequent".to_owned(),
            t => format!("Labels differ by a factor of {t:.1} at most"),
        },
        few_validation: |n| format!("Only {n} validation rows: scores will be rough"),
        no_test: "No test rows: the last word is left to validation",
        aside_title: "Rows set aside",
        close: "Close",
    },
    splits: SplitText {
        title: "Split",
        by_seed: |seed| format!("stratified by label, seed {seed}"),
        by_file: "as the files give it",
        train: |n| format!("train {n}"),
        validation: |n| format!("validation {n}"),
        test: |n| format!("test {n}, locked until training has ended"),
    },
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
