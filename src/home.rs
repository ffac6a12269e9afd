//! Where Luthier keeps what it stores: `LUTHIER_HOME`, else the platform's data folder.

use std::path::{Path, PathBuf};

use crate::error::{Error, Result};

/// The storage folder and its parts. Nothing is created until something is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Home {
    root: PathBuf,
    /// Whether `LUTHIER_HOME` names it; then nothing else moves it.
    fixed: bool,
}

impl Home {
    /// The folder named by the environment variable `LUTHIER_HOME`, else the platform's data
    /// folder (`~/.local/share/luthier`, `~/Library/Application Support/luthier`, `%APPDATA%\luthier`).
    pub fn from_env() -> Result<Self> {
        if let Some(root) = std::env::var_os("LUTHIER_HOME").filter(|value| !value.is_empty()) {
            return Ok(Self {
                root: PathBuf::from(root),
                fixed: true,
            });
        }
        let base = directories::BaseDirs::new().ok_or_else(|| {
            Error::new("no home folder was found for this user")
                .remedy("Set LUTHIER_HOME to a folder that Luthier may use.")
        })?;
        Ok(Self::at(base.data_dir().join("luthier")))
    }

    /// A storage folder at `root`.
    pub fn at(root: impl Into<PathBuf>) -> Self {
        Self {
            root: root.into(),
            fixed: false,
        }
    }

    /// The folder that a person chose in the window, unless `LUTHIER_HOME` decides.
    pub fn or_chosen(&self, chosen: Option<&Path>) -> Self {
        match chosen {
            Some(folder) if !self.fixed => Self::at(folder),
            _ => self.clone(),
        }
    }

    /// Whether `LUTHIER_HOME` decides where the folder is.
    pub fn is_fixed(&self) -> bool {
        self.fixed
    }

    /// The storage folder itself.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// One folder per downloaded model, in Hugging Face layout.
    pub fn models(&self) -> PathBuf {
        self.root.join("models")
    }

    /// One folder per run.
    pub fn runs(&self) -> PathBuf {
        self.root.join("runs")
    }

    /// The window's settings.
    pub fn window_state(&self) -> PathBuf {
        self.root.join("window.ron")
    }
}
