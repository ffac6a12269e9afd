//! The Data page's view of a data source.

use crate::data::{self, Columns, Dataset, Example, Part, Role, statistics};
use crate::error::Result;
use crate::home::Home;
use crate::hub::{self, LUTHIER_MINI, ModelFiles};
use crate::models::bert::Config;
use crate::run::RunSettings;
use crate::text::Tokenizer;
use crate::train::splits;

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
    /// The rows in use, in file order; of the training file when the splits are files of their own.
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
///
/// # Errors
/// What training on this data would fail with: see [`splits::load`].
pub fn view(settings: &RunSettings, home: &Home) -> Result<DatasetView> {
    let hyperparameters = &settings.hyperparameters;
    let loaded = splits::load(&settings.data, hyperparameters.seed)?;
    let dataset = first_file(settings)?;
    let lengths = token_lengths(&settings.model, home, &dataset.examples)?;
    let limit = hyperparameters.max_seq_length;
    let test = loaded.splits.test.as_ref().map_or(0, data::Sealed::len);
    let labels = statistics(&dataset.examples).labels;
    let named = [Role::Text, Role::Label].map(|role| {
        let name = dataset.columns.get(role);
        name.unwrap_or_default().to_owned()
    });
    let columns = named.iter().chain(&dataset.ignored).cloned().collect();
    let [text_column, label_column] = named;
    Ok(DatasetView {
        description: format!("{} · {} rows", dataset.layout.describe(), dataset.rows()),
        text_column,
        label_column,
        columns,
        set_aside: loaded
            .set_aside
            .iter()
            .map(|(_, row)| (row.row, row.reason.to_string()))
            .collect(),
        labels: labels
            .into_iter()
            .map(|label| (label.label, label.count))
            .collect(),
        splits: [
            loaded.splits.train.len(),
            loaded.splits.validation.len(),
            test,
        ],
        cut: lengths.iter().filter(|&&length| length > limit).count(),
        sha256: loaded.sha256,
        rows: dataset
            .examples
            .into_iter()
            .zip(lengths)
            .map(|(example, tokens)| RowView {
                row: example.row,
                label: example.label().to_owned(),
                text: example.text,
                tokens,
            })
            .collect(),
    })
}

fn first_file(settings: &RunSettings) -> Result<Dataset> {
    let [first, ..] = splits::sources(&settings.data)?;
    let source = first.ok_or_else(splits::nothing_named)?;
    let (dataset, _) = splits::read(&settings.data, &source, Part::Train)?;
    Ok(dataset)
}

/// Lengths by the chosen model's tokenizer; by the built-in one's while that is not downloaded.
fn token_lengths(model: &str, home: &Home, examples: &[Example]) -> Result<Vec<usize>> {
    let files: Result<ModelFiles> =
        hub::resolve(model, home).or_else(|_| hub::resolve(LUTHIER_MINI.name, home));
    let files = files?;
    let config = Config::parse(&files.config)?;
    let tokenizer = Tokenizer::load(
        &files.tokenizer,
        files.tokenizer_config.as_deref(),
        config.max_position_embeddings,
        config.vocab_size,
    )?;
    let texts: Vec<&str> = examples
        .iter()
        .map(|example| example.text.as_str())
        .collect();
    Ok(tokenizer
        .encode(&texts)?
        .iter()
        .map(|encoding| encoding.full_length)
        .collect())
}

/// Names and row counts of the bundled sets.
pub fn bundled() -> Vec<(&'static str, usize)> {
    let rows = |source| data::read(source, &Columns::default()).map_or(0, |set| set.examples.len());
    data::bundled()
        .into_iter()
        .map(|set| (set.name, rows(set.source)))
        .collect()
}
