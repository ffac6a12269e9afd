//! The one error type: what went wrong, where, and what the person can do about it.

use std::error::Error as StdError;
use std::fmt;
use std::path::Path;

/// `Result` with Luthier's [`Error`].
pub type Result<T> = std::result::Result<T, Error>;

/// A fault told to a person: `what` names the file, row or key and what was expected;
/// `remedy` says what to do. It is shown once, by the window or by the command line.
#[derive(Debug)]
pub struct Error {
    what: String,
    remedy: Option<String>,
    cause: Option<Box<dyn StdError + Send + Sync>>,
}

impl Error {
    /// A fault described by `what`, a sentence without its full stop.
    pub fn new(what: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            remedy: None,
            cause: None,
        }
    }

    /// A file or folder that could not be used: `action` is what was tried ("read", "write to").
    pub fn file(action: &str, path: &Path, cause: std::io::Error) -> Self {
        let remedy = match cause.kind() {
            std::io::ErrorKind::NotFound => "Check the path; nothing is there.",
            std::io::ErrorKind::PermissionDenied => {
                "Choose a place you may use, or change its permissions."
            }
            std::io::ErrorKind::ReadOnlyFilesystem => "Choose a folder that can be written to.",
            std::io::ErrorKind::StorageFull => "Free some disk space and try again.",
            _ => "Check that the path is right and the disk is in order.",
        };
        Self::new(format!("cannot {action} {}", path.display()))
            .remedy(remedy)
            .because(cause)
    }

    /// Adds what the person can do, as a sentence.
    #[must_use]
    pub fn remedy(mut self, remedy: impl Into<String>) -> Self {
        self.remedy = Some(remedy.into());
        self
    }

    /// Adds the lower-level cause, shown after the description.
    #[must_use]
    pub fn because(mut self, cause: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.cause = Some(cause.into());
        self
    }

    /// The same fault with the thing it happened to named first.
    #[must_use]
    pub fn within(mut self, place: &str) -> Self {
        self.what = format!("{place}: {}", self.what);
        self
    }

    /// What went wrong, with the cause but without the remedy.
    pub fn what(&self) -> String {
        match &self.cause {
            Some(cause) => format!("{}: {cause}", self.what),
            None => self.what.clone(),
        }
    }

    /// What the person can do about it.
    pub fn remedy_text(&self) -> Option<&str> {
        self.remedy.as_deref()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.what())?;
        match &self.remedy {
            Some(remedy) => write!(f, ". {remedy}"),
            None => Ok(()),
        }
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.cause
            .as_ref()
            .map(|cause| cause.as_ref() as &(dyn StdError + 'static))
    }
}

/// A fault of the tensor engine is ours, not the person's: it carries the engine's own words.
impl From<candle_core::Error> for Error {
    fn from(cause: candle_core::Error) -> Self {
        Self::new("the tensor engine stopped")
            .remedy("This is a fault of Luthier; please report it with the run folder's history.")
            .because(cause)
    }
}
