//! The Data page's view of a data source.

use crate::error::Result;
use crate::home::Home;
use crate::run::RunSettings;

/// What the Data page shows of a data source.
#[derive(Clone, Debug, PartialEq)]
pub struct DatasetView {
    /// One line: format, delimiter, header, rows.
    pub description: String,
    /// Name of the text column.
    pub text_column: String,
    /// Name of the label column.
    pub label_column: String,
    /// Names of all columns, for correcting the two above.
    pub columns: Vec<String>,
    /// All rows in use, in file order.
    pub rows: Vec<RowView>,
    /// Rows left out: record number and reason.
    pub set_aside: Vec<(usize, String)>,
    /// Labels with their row counts, most frequent first.
    pub labels: Vec<(String, usize)>,
    /// Rows for training, validation and test.
    pub splits: [usize; 3],
    /// Rows longer than `max_seq_length` tokens.
    pub cut: usize,
    /// SHA-256 over the files.
    pub sha256: String,
}

/// One row in use.
#[derive(Clone, Debug, PartialEq)]
pub struct RowView {
    /// Record number in its file.
    pub row: usize,
    /// The text.
    pub text: String,
    /// The label.
    pub label: String,
    /// Length in tokens of the chosen model, special tokens included, before cutting.
    pub tokens: usize,
}

/// Reads, checks and tokenises the data of `settings`. Takes seconds on large files.
pub fn view(settings: &RunSettings, home: &Home) -> Result<DatasetView> {
    let _ = (settings, home);
    todo!()
}

/// Names, task and size of the bundled sets.
pub fn bundled() -> Vec<(&'static str, usize)> {
    todo!()
}
