//! What a download tells while it runs.

use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

/// Where a model's files come from.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// A Hugging Face hub, the public one or a mirror.
    HuggingFace,
    /// A wheel of the Python package index, through the user's own pip.
    PythonPackage,
}

/// How a download ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The model's folder is complete.
    Complete,
    /// The user stopped it; what arrived is kept.
    Cancelled,
    /// It failed; the error says why.
    Failed,
}

/// One step of a download. `End` is always last and comes exactly once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Progress {
    /// The download starts.
    Begin {
        /// The model's name in the catalogue.
        model: String,
        /// About how many bytes the whole model takes, where the catalogue knows.
        bytes: Option<u64>,
    },
    /// A source is tried.
    Source {
        /// Its kind.
        source: Source,
        /// Its address or package name.
        location: String,
    },
    /// A file starts, or goes on.
    File {
        /// File name.
        name: String,
        /// Its size where the source tells it.
        bytes: Option<u64>,
        /// Bytes kept from an earlier attempt.
        kept: u64,
    },
    /// Bytes arrived. Told at most ten times a second.
    Bytes {
        /// Bytes of the current file that are here.
        file_bytes: u64,
        /// Bytes of the whole model that are here.
        total_bytes: u64,
    },
    /// The connection broke and is tried again.
    Retry {
        /// What broke.
        reason: String,
        /// Which attempt comes next, from 2.
        attempt: usize,
        /// Attempts in all.
        attempts: usize,
    },
    /// A file has arrived and its checksum is computed.
    Verifying {
        /// File name.
        name: String,
    },
    /// A source gave up; the next one, if there is one, is tried.
    SourceFailed {
        /// Its kind.
        source: Source,
        /// Why.
        reason: String,
    },
    /// The download is over.
    End {
        /// How.
        outcome: Outcome,
    },
}

/// Sends progress to whoever listens, and keeps the byte counts.
pub(super) struct Reporter<'a> {
    listener: &'a mut dyn FnMut(Progress),
    finished_bytes: u64,
    file_bytes: u64,
    last_told: Option<Instant>,
}

/// A window cannot draw more often than this in a useful way.
const BYTES_INTERVAL: Duration = Duration::from_millis(100);

impl<'a> Reporter<'a> {
    pub(super) fn new(listener: &'a mut dyn FnMut(Progress)) -> Self {
        Self {
            listener,
            finished_bytes: 0,
            file_bytes: 0,
            last_told: None,
        }
    }

    pub(super) fn tell(&mut self, progress: Progress) {
        (self.listener)(progress);
    }

    /// A source starts; it counts its own bytes from nothing.
    pub(super) fn source(&mut self, source: Source, location: &str) {
        self.finished_bytes = 0;
        self.file_bytes = 0;
        self.tell(Progress::Source {
            source,
            location: location.to_owned(),
        });
    }

    pub(super) fn file(&mut self, name: &str, bytes: Option<u64>, kept: u64) {
        self.file_bytes = kept;
        self.last_told = None;
        self.tell(Progress::File {
            name: name.to_owned(),
            bytes,
            kept,
        });
    }

    /// `file_bytes` of the current file are here.
    pub(super) fn bytes(&mut self, file_bytes: u64) {
        self.file_bytes = file_bytes;
        let due = self
            .last_told
            .is_none_or(|told| told.elapsed() >= BYTES_INTERVAL);
        if due {
            self.tell_bytes();
        }
    }

    /// The current file is here and has `bytes` bytes.
    pub(super) fn finish_file(&mut self, bytes: u64) {
        self.finished_bytes += bytes;
        self.file_bytes = 0;
        self.tell(Progress::Bytes {
            file_bytes: bytes,
            total_bytes: self.finished_bytes,
        });
    }

    /// Tells where the current file is now, whenever that was told last.
    pub(super) fn tell_bytes(&mut self) {
        self.last_told = Some(Instant::now());
        self.tell(Progress::Bytes {
            file_bytes: self.file_bytes,
            total_bytes: self.finished_bytes + self.file_bytes,
        });
    }
}
