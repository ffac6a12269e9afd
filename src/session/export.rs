//! Copies a run's model out and proves the copy.

use std::path::{Path, PathBuf};

use crate::error::Result;

/// An exported model folder, read back and compared.
#[derive(Clone, Debug, PartialEq)]
pub struct Exported {
    /// The folder.
    pub folder: PathBuf,
    /// Files written, with their sizes in bytes.
    pub files: Vec<(String, u64)>,
    /// Rows that the copy scored again.
    pub compared_rows: usize,
    /// Largest difference of a probability between the run's own predictions and the copy's.
    pub largest_difference: f64,
}

/// Writes the Hugging Face folder of the finished run in `run` to `to` (new or empty), loads it
/// back and scores the test rows again.
pub fn export(run: &Path, to: &Path) -> Result<Exported> {
    let _ = (run, to);
    todo!()
}

/// The Python lines that use an exported folder.
pub fn python_snippet(folder: &Path) -> String {
    format!(
        "from transformers import pipeline\n\nclassify = pipeline(\"text-classification\", model={:?})\nprint(classify(\"Your sentence here\"))\n",
        folder.display().to_string()
    )
}

/// The Rust lines that use an exported folder.
pub fn rust_snippet(folder: &Path) -> String {
    format!(
        "let model = luthier::Classifier::open(Path::new({:?}))?;\nprintln!(\"{{:?}}\", model.predict(\"Your sentence here\")?);\n",
        folder.display().to_string()
    )
}
