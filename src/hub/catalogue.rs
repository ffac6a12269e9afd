//! The models that Luthier knows by name, read from `assets/models.toml`.

use std::collections::HashSet;

use serde::Deserialize;

use crate::error::{Error, Result};

/// Every model that can be chosen by name.
#[derive(Clone, Debug, PartialEq)]
pub struct Catalogue {
    /// The models, in the order in which they are offered.
    pub entries: Vec<Entry>,
}

/// What is known about one model before anything is downloaded.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// The name that settings and commands use; also the name of its folder on disk.
    pub name: String,
    /// The name to show.
    pub title: String,
    /// What the model is for, one plain sentence.
    pub summary: String,
    /// Whether the model is part of the program and never downloaded.
    #[serde(default)]
    pub built_in: bool,
    /// The Hugging Face repository, `owner/name`.
    pub repository: Option<String>,
    /// The branch, tag or commit of the repository.
    #[serde(default = "main_revision")]
    pub revision: String,
    /// ISO 639-1 codes of the languages it was trained on.
    pub languages: Vec<String>,
    /// SPDX identifier of the licence.
    pub licence: String,
    /// The `model_type` of its `config.json`.
    pub architecture: String,
    /// Trainable numbers of the encoder with its pooler.
    pub parameters: u64,
    /// Transformer layers.
    pub layers: usize,
    /// Width of the hidden states.
    pub hidden: usize,
    /// Attention heads per layer.
    pub heads: usize,
    /// Word pieces of its tokenizer.
    pub vocabulary: usize,
    /// Longest input, in tokens.
    pub max_length: usize,
    /// What it was trained on, in a few words.
    pub training_data: Option<String>,
    /// About how many bytes a download takes.
    pub download_bytes: Option<u64>,
    /// A peak learning rate that suits fine-tuning all its parameters.
    pub learning_rate: f64,
    /// The files to download, the weights last.
    #[serde(default)]
    pub files: Vec<FileEntry>,
    /// The Python package that carries the same files, tried where the hub cannot be reached.
    pub wheel: Option<WheelEntry>,
}

/// One file of a model's repository.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct FileEntry {
    /// File name in the repository and in the model's folder.
    pub name: String,
    /// Checksum in lower-case hexadecimal, where it is known in advance.
    pub sha256: Option<String>,
    /// Whether the model is usable when the repository does not have this file.
    #[serde(default)]
    pub optional: bool,
}

/// A Python wheel that carries a model's files.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct WheelEntry {
    /// Name of the package in the Python package index.
    pub package: String,
    /// The one version that was looked at.
    pub version: String,
    /// Checksum of the wheel file in lower-case hexadecimal.
    pub sha256: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    model: Vec<Entry>,
}

fn main_revision() -> String {
    "main".to_owned()
}

impl Catalogue {
    /// The catalogue that is part of the program.
    ///
    /// # Errors
    /// Only when the program was built with a faulty `assets/models.toml`; a test keeps that out.
    pub fn embedded() -> Result<Self> {
        Self::from_toml(include_str!("../../assets/models.toml"))
    }

    /// Reads a catalogue in the format of `assets/models.toml`.
    ///
    /// # Errors
    /// Unknown or missing keys, names that are taken twice or cannot be folder names, and
    /// checksums that are not 64 lower-case hexadecimal digits.
    pub fn from_toml(text: &str) -> Result<Self> {
        let document: Document = toml::from_str(text)
            .map_err(|cause| Error::new("the model catalogue cannot be read").because(cause))?;
        let mut names = HashSet::new();
        for entry in &document.model {
            entry.check()?;
            if !names.insert(entry.name.as_str()) {
                return Err(Error::new(format!(
                    "the model catalogue has two models named {}",
                    entry.name
                )));
            }
        }
        Ok(Self {
            entries: document.model,
        })
    }

    /// The model of this name.
    pub fn by_name(&self, name: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.name == name)
    }

    /// The model of this Hugging Face repository, `owner/name`.
    pub fn by_repository(&self, repository: &str) -> Option<&Entry> {
        self.entries
            .iter()
            .find(|entry| entry.repository.as_deref() == Some(repository))
    }

    /// The names of all models, for messages.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.entries.iter().map(|entry| entry.name.as_str())
    }
}

impl Entry {
    /// The model's page on the Hugging Face hub, where licence and description are.
    pub fn page(&self) -> Option<String> {
        let repository = self.repository.as_deref()?;
        Some(format!("https://huggingface.co/{repository}"))
    }

    /// Whether Chinese is among the languages it was trained on.
    pub fn knows_chinese(&self) -> bool {
        self.languages.iter().any(|code| code == "zh")
    }

    fn check(&self) -> Result<()> {
        let fault = |what: String| {
            Err(Error::new(format!(
                "model catalogue, {}: {what}",
                self.name
            )))
        };
        if !is_plain_name(&self.name) {
            return fault("the name cannot be a folder name".to_owned());
        }
        if self.built_in == self.repository.is_some() {
            return fault("a model is either built in or has a repository".to_owned());
        }
        if !(self.learning_rate > 0.0 && self.learning_rate < 1.0) {
            return fault(format!(
                "learning_rate {} is not between 0 and 1",
                self.learning_rate
            ));
        }
        for file in &self.files {
            if !is_plain_name(&file.name) {
                return fault(format!("{:?} is not a plain file name", file.name));
            }
        }
        let sums = self.files.iter().map(|file| &file.sha256);
        let sums = sums.chain(self.wheel.iter().map(|wheel| &wheel.sha256));
        for sum in sums.flatten() {
            if !is_sha256(sum) {
                return fault(format!("{sum:?} is not a SHA-256 checksum"));
            }
        }
        Ok(())
    }
}

/// Whether `name` is one path component that means the same on every platform.
pub(super) fn is_plain_name(name: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    !name.is_empty() && !name.starts_with('.') && name.chars().all(allowed)
}

/// Whether `text` is a SHA-256 checksum as the hub writes it.
pub(super) fn is_sha256(text: &str) -> bool {
    text.len() == 64
        && text
            .bytes()
            .all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(changes: &str) -> String {
        format!(
            "[[model]]\nname = \"a\"\ntitle = \"A\"\nsummary = \"S.\"\nlanguages = [\"en\"]\n\
             licence = \"MIT\"\narchitecture = \"bert\"\nparameters = 1\nlayers = 1\nhidden = 1\n\
             heads = 1\nvocabulary = 1\nmax_length = 1\nlearning_rate = 1e-4\n{changes}\n"
        )
    }

    #[test]
    fn embedded_catalogue_parses_and_is_consistent() {
        let catalogue = Catalogue::embedded().unwrap();
        for entry in &catalogue.entries {
            let names: HashSet<_> = entry.files.iter().map(|file| &file.name).collect();
            assert_eq!(names.len(), entry.files.len(), "{}", entry.name);
            assert!(entry.summary.ends_with('.'), "{}", entry.name);
            assert_eq!(entry.hidden % entry.heads, 0, "{}", entry.name);
            assert_eq!(entry.parameters, parameters(entry), "{}", entry.name);
            if !entry.built_in {
                assert_eq!(entry.files.last().unwrap().name, "model.safetensors");
                // Weights in f32 or f16, and at most a tenth more for tokenizer and unused heads.
                let bytes = entry.download_bytes.unwrap() as f64 / entry.parameters as f64;
                let fits = |width: f64| (0.99..1.1).contains(&(bytes / width));
                assert!(fits(4.0) || fits(2.0), "{}: {bytes}", entry.name);
            }
        }
        assert!(catalogue.by_name("luthier-mini").unwrap().built_in);
        assert!(
            catalogue
                .by_repository("google-bert/bert-base-chinese")
                .is_some()
        );
    }

    /// The weights of the published models, which are all alike: layers with a feed-forward part four
    /// times as wide, and a gated one three halves as wide in ModernBERT.
    fn parameters(entry: &Entry) -> u64 {
        let h = entry.hidden as u64;
        let dense = |inputs: u64, outputs: u64| inputs * outputs + outputs;
        let layer = 4 * dense(h, h) + dense(h, 4 * h) + dense(4 * h, h) + 2 * 2 * h;
        let layers = entry.layers as u64 * layer;
        // Rows of all tables, and the norm after them.
        let tables = |rows: usize, size: u64| (entry.vocabulary + rows) as u64 * size + 2 * size;
        let (length, pooler) = (entry.max_length, dense(h, h));
        match entry.architecture.as_str() {
            "bert" => tables(length + 2, h) + layers + pooler,
            "distilbert" => tables(length, h) + layers,
            // Two positions more than are used, and one token type.
            "roberta" | "xlm-roberta" => tables(length + 2 + 1, h) + layers,
            "albert" => tables(length + 2, 128) + dense(128, h) + layer + pooler,
            // The small one has a narrower table.
            "electra" if h == 256 => tables(length + 2, 128) + dense(128, h) + layers,
            "electra" => tables(length + 2, h) + layers,
            // Its only positions are relative, with a norm of their own.
            "deberta-v2" => tables(0, h) + 512 * h + 2 * h + layers,
            "modernbert" => {
                let norm = h;
                let layer = 4 * h * h + 3 * h * (3 * h / 2) + 2 * norm;
                // The first layer has one norm only; one stands at each end.
                entry.vocabulary as u64 * h + entry.layers as u64 * layer - norm + 2 * norm
            }
            other => panic!("{other}: say how many weights it has"),
        }
    }

    #[test]
    fn unknown_key_is_an_error() {
        let text = entry("built_in = true\ncolour = \"red\"");
        let message = Catalogue::from_toml(&text).unwrap_err().to_string();
        assert!(message.contains("colour"), "{message}");
    }

    #[test]
    fn names_must_be_unique() {
        let one = entry("built_in = true");
        assert!(Catalogue::from_toml(&one).is_ok());
        let message = Catalogue::from_toml(&format!("{one}{one}"))
            .unwrap_err()
            .to_string();
        assert!(message.contains("two models named a"), "{message}");
    }

    #[test]
    fn file_names_stay_inside_the_folder() {
        for name in ["../x", "a/b", "", ".hidden", "a\\b", "C:x"] {
            assert!(!is_plain_name(name), "{name}");
        }
        assert!(is_plain_name("model-00001-of-00002.safetensors"));
    }
}
