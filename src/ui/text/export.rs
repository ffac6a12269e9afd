//! The words of the Export page.

/// The words of the Export page.
pub struct ExportText {
    /// Under the page's title.
    pub subtitle: fn(run: &str) -> String,
    /// Over the page without a finished run.
    pub empty_title: &'static str,
    /// What would be here.
    pub empty: &'static str,
    /// Leads to the Train page.
    pub to_train: &'static str,
    /// The card with the folder.
    pub folder_title: &'static str,
    /// What is written.
    pub folder_note: &'static str,
    /// The field.
    pub folder: &'static str,
    /// In the empty field.
    pub folder_hint: &'static str,
    /// Writes and checks.
    pub export: &'static str,
    /// Under way.
    pub exporting: &'static str,
    /// It was checked and is right.
    pub done: &'static str,
    /// Where it lies.
    pub done_at: fn(folder: &str) -> String,
    /// What was compared.
    pub compared: fn(rows: &str, difference: &str) -> String,
    /// A difference of exactly nothing.
    pub no_difference: &'static str,
    /// Files and sizes, together.
    pub total: fn(files: &str, bytes: &str) -> String,
    /// The card before anything was exported.
    pub check: &'static str,
    /// Before anything was exported: the files to come.
    pub not_yet: &'static str,
    /// The model card.
    pub card: &'static str,
    /// Beside it.
    pub card_note: &'static str,
    /// It is being read.
    pub card_loading: &'static str,
    /// The lines of code.
    pub use_title: &'static str,
    /// The Python lines.
    pub python: &'static str,
    /// The Rust lines.
    pub rust: &'static str,
    /// Copies the Python lines.
    pub copy_python: &'static str,
    /// Copies the Rust lines.
    pub copy_rust: &'static str,
    /// Just copied.
    pub copied: &'static str,
}

/// English.
pub const ENGLISH: ExportText = ExportText {
    subtitle: |run| format!("the kept model of {run}"),
    empty_title: "Nothing to export yet",
    empty: "When a run has finished, its model can be written as a Hugging Face folder and checked.",
    to_train: "Go to Train",
    folder_title: "Hugging Face folder",
    folder_note: "weights, configuration, tokeniser and model card",
    folder: "Folder",
    folder_hint: "a new or empty folder",
    export: "Export and check",
    exporting: "Writing the folder, loading it back and scoring the rows again",
    done: "Exported and checked",
    done_at: |folder| format!("The model lies in {folder}"),
    compared: |rows, difference| {
        format!(
            "The copy was loaded back and scored {rows} again; largest difference of a probability or number: {difference}"
        )
    },
    no_difference: "none",
    total: |files, bytes| match files {
        "1" => format!("1 file, {bytes}"),
        files => format!("{files} files, {bytes}"),
    },
    check: "Check",
    not_yet: "After the export the folder is loaded back and scores the rows of the evaluation again; \
              files, sizes and the largest difference are shown here.",
    card: "Model card",
    card_note: "README.md of the folder",
    card_loading: "Reading the model card",
    use_title: "How to use it",
    python: "Python",
    rust: "Rust",
    copy_python: "Copy Python",
    copy_rust: "Copy Rust",
    copied: "Copied",
};
