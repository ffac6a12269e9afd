//! A Hugging Face hub as a source: every file by HTTP, resumed where it broke off.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use hf_hub::api::sync::{Api, ApiBuilder};
use hf_hub::{Cache, Repo, RepoType};

use super::cache::{self, Origin};
use super::catalogue::{Entry, FileEntry};
use super::download::{Downloader, Fault, by_hand, verify, wait};
use super::progress::{Progress, Reporter, Source};
use super::transfer::{Head, Part, Transfer};
use crate::error::Error;

/// One model at one hub.
pub(super) struct HuggingFace<'a> {
    api: Api,
    settings: &'a Downloader,
    entry: &'a Entry,
    repository: &'a str,
    folder: &'a Path,
    /// The commit, once it is known: all files are taken from the same one.
    revision: String,
    /// Whether the hub answered at least once; only then is it worth trying again.
    reached: bool,
}

/// How one request for one file ended.
enum Attempt {
    /// The file is here; its checksum if the hub told one.
    Complete { sha256: Option<String> },
    /// The repository does not have the file.
    Absent(Head),
    /// The kept part is of no use and was deleted.
    StartAgain,
    /// The connection failed or broke after `gained` bytes.
    Broken { reason: String, gained: u64 },
}

/// So many bytes in one attempt mean that the connection is worth further attempts.
const GOOD_PROGRESS_BYTES: u64 = 8 << 20;
/// A server that takes back every part it gave would keep us busy for ever.
const MAX_RESTARTS: usize = 2;

type Outcome<T> = std::result::Result<T, Fault>;

impl<'a> HuggingFace<'a> {
    /// Gets ready to fetch into `folder`, which may hold what an earlier attempt left.
    ///
    /// # Errors
    /// Files of another source cannot be deleted from the folder.
    pub(super) fn new(
        settings: &'a Downloader,
        entry: &'a Entry,
        repository: &'a str,
        folder: &'a Path,
    ) -> Outcome<Self> {
        // hf-hub's cache is not used: models lie in Luthier's own folder, complete or absent.
        let api = ApiBuilder::from_cache(Cache::new(folder.to_owned()))
            .with_endpoint(settings.endpoint.clone())
            .with_token(settings.token.clone())
            .with_user_agent("luthier", env!("CARGO_PKG_VERSION"))
            .build()
            .map_err(|cause| {
                Fault::Source(Error::new("cannot prepare the connection").because(cause))
            })?;
        let mut hub = Self {
            api,
            settings,
            entry,
            repository,
            folder,
            revision: entry.revision.clone(),
            reached: false,
        };
        hub.take_up_earlier_attempt()?;
        Ok(hub)
    }

    /// Fetches every file of the model into the folder, each complete and verified.
    pub(super) fn fetch(
        &mut self,
        reporter: &mut Reporter<'_>,
        cancel: &AtomicBool,
    ) -> Outcome<()> {
        for file in &self.entry.files {
            self.fetch_file(file, reporter, cancel)?;
        }
        Ok(())
    }

    fn location(&self) -> String {
        format!("{}/{}", self.settings.endpoint, self.repository)
    }

    /// Goes on with the commit of the earlier attempt; files of another source would not fit.
    fn take_up_earlier_attempt(&mut self) -> Outcome<()> {
        match cache::origin(self.folder) {
            Some(origin)
                if origin.source == Source::HuggingFace && origin.location == self.location() =>
            {
                self.revision = origin.revision.unwrap_or_else(|| self.revision.clone());
            }
            Some(_) => {
                let fault = |cause| Error::file("write to", self.folder, cause);
                fs::remove_dir_all(self.folder).map_err(fault)?;
                fs::create_dir(self.folder).map_err(fault)?;
            }
            None => {}
        }
        Ok(())
    }

    fn fetch_file(
        &mut self,
        file: &FileEntry,
        reporter: &mut Reporter<'_>,
        cancel: &AtomicBool,
    ) -> Outcome<()> {
        let path = self.folder.join(&file.name);
        if let Ok(data) = path.metadata() {
            // Only a verified file has its final name.
            reporter.file(&file.name, Some(data.len()), data.len());
            reporter.finish_file(data.len());
            return Ok(());
        }
        let part = cache::part_path(self.folder, &file.name);
        let (mut failures, mut restarts) = (0, 0);
        let sha256 = loop {
            match self.attempt(file, &part, reporter, cancel)? {
                Attempt::Complete { sha256 } => break sha256,
                Attempt::Absent(_) if file.optional => return Ok(()),
                Attempt::Absent(head) => return Err(Fault::Source(self.absent(file, &head))),
                Attempt::StartAgain if restarts < MAX_RESTARTS => restarts += 1,
                Attempt::StartAgain => return Err(Fault::Source(self.broken(file, UNSTABLE))),
                Attempt::Broken { reason, .. } if !self.reached => {
                    return Err(Fault::Source(self.unreachable(&reason)));
                }
                Attempt::Broken { reason, gained } => {
                    failures = if gained >= GOOD_PROGRESS_BYTES {
                        1
                    } else {
                        failures + 1
                    };
                    if failures >= self.settings.attempts {
                        return Err(Fault::Source(self.broken(file, &reason)));
                    }
                    self.announce_retry(reason, failures, reporter);
                    wait(self.pause(failures), cancel)?;
                }
            }
        };
        if let Some(expected) = file.sha256.as_ref().or(sha256.as_ref()) {
            let name = file.name.clone();
            reporter.tell(Progress::Verifying { name });
            verify(&part, &file.name, expected, &self.location(), cancel)?;
        }
        let bytes = part.metadata().map_or(0, |data| data.len());
        cache::settle(&part, &path)?;
        reporter.finish_file(bytes);
        Ok(())
    }

    /// One request: takes up the part that is there and leaves a longer one.
    fn attempt(
        &mut self,
        file: &FileEntry,
        part: &Path,
        reporter: &mut Reporter<'_>,
        cancel: &AtomicBool,
    ) -> Outcome<Attempt> {
        let kept = part.metadata().map_or(0, |data| data.len());
        let repo = Repo::with_revision(
            self.repository.to_owned(),
            RepoType::Model,
            self.revision.clone(),
        );
        let transfer = Transfer::start(&self.api, repo, &file.name, kept)?;
        let head = match transfer.head(cancel)? {
            Ok(head) => head,
            Err(reason) => return Ok(Attempt::Broken { reason, gained: 0 }),
        };
        self.reached = true;
        let expected = file.sha256.clone().or_else(|| head.sha256.clone());
        match head.status {
            // A part can be trusted to belong to this file only if the whole can be verified.
            206 if head.start != kept || (kept > 0 && expected.is_none()) => {
                return start_again(part);
            }
            200 | 206 => {}
            416 if expected.is_some() && head.size == Some(kept) => {
                return Ok(Attempt::Complete { sha256: expected });
            }
            416 if kept > 0 => return start_again(part),
            404 => return Ok(Attempt::Absent(head)),
            429 | 500..=599 => {
                let reason = format!("the server answered {}", head.status);
                return Ok(Attempt::Broken { reason, gained: 0 });
            }
            status => return Err(Fault::Source(self.refused(status, &head))),
        }
        self.keep_revision(&head)?;
        let start = if head.status == 206 { kept } else { 0 };
        reporter.file(&file.name, head.size, start);
        match self.receive(&transfer, &head, part, start, reporter, cancel)? {
            Attempt::Complete { .. } => Ok(Attempt::Complete { sha256: expected }),
            attempt => {
                if expected.is_none() {
                    cache::delete_file(part)?;
                }
                Ok(attempt)
            }
        }
    }

    /// Writes the body behind the first `start` bytes of the part.
    fn receive(
        &self,
        transfer: &Transfer,
        head: &Head,
        part: &Path,
        start: u64,
        reporter: &mut Reporter<'_>,
        cancel: &AtomicBool,
    ) -> Outcome<Attempt> {
        let fault = |cause| Error::file("write to", part, cause);
        let mut output = if start > 0 {
            File::options().append(true).open(part).map_err(fault)?
        } else {
            // A server that ignores the range starts from the first byte, and so do we.
            File::create(part).map_err(fault)?
        };
        let mut here = start;
        let broken = |reason: String, here: u64| {
            Ok(Attempt::Broken {
                reason,
                gained: here - start,
            })
        };
        loop {
            match transfer.next(cancel)? {
                Part::Bytes(bytes) => {
                    here += bytes.len() as u64;
                    if head.size.is_some_and(|size| here > size) {
                        return start_again(part);
                    }
                    output.write_all(&bytes).map_err(fault)?;
                    reporter.bytes(here);
                }
                Part::Waiting => reporter.tell_bytes(),
                Part::Failed(reason) => return broken(reason, here),
                Part::Head(_) => return broken("the server answered twice".to_owned(), here),
                Part::End => break,
            }
        }
        if let Some(size) = head.size.filter(|size| *size > here) {
            return broken(format!("{here} of {size} bytes arrived"), here);
        }
        output.sync_all().map_err(fault)?;
        Ok(Attempt::Complete { sha256: None })
    }

    /// Takes all further files from the commit of the first, now and in later attempts.
    fn keep_revision(&mut self, head: &Head) -> Outcome<()> {
        let Some(commit) = head.commit.clone() else {
            return Ok(());
        };
        if self.revision != commit || cache::origin(self.folder).is_none() {
            cache::write_origin(
                self.folder,
                &Origin {
                    source: Source::HuggingFace,
                    location: self.location(),
                    revision: Some(commit.clone()),
                },
            )?;
            self.revision = commit;
        }
        Ok(())
    }

    fn announce_retry(&self, reason: String, failures: usize, reporter: &mut Reporter<'_>) {
        reporter.tell(Progress::Retry {
            reason,
            attempt: failures + 1,
            attempts: self.settings.attempts,
        });
    }

    fn pause(&self, failures: usize) -> Duration {
        let doublings = failures.saturating_sub(1).min(5) as u32;
        self.settings.retry_pause * 2_u32.pow(doublings)
    }

    fn unreachable(&self, reason: &str) -> Error {
        Error::new(format!(
            "{} cannot be reached: {reason}",
            self.settings.endpoint
        ))
        .remedy(by_hand(self.entry))
    }

    fn broken(&self, file: &FileEntry, reason: &str) -> Error {
        Error::new(format!(
            "the download of {} from {} broke off: {reason}",
            file.name,
            self.location()
        ))
        .remedy("What arrived is kept; the next download goes on where this one stopped.")
    }

    fn absent(&self, file: &FileEntry, head: &Head) -> Error {
        let location = self.location();
        if head.error_code.as_deref() == Some("RepoNotFound") {
            return Error::new(format!("there is no model at {location}"))
                .remedy("Check the address of the hub, or download the model by another way.");
        }
        Error::new(format!(
            "{location} has no file {} at revision {}",
            file.name, self.revision
        ))
        .remedy(
            "Check the address of the hub; a mirror may be incomplete, and some repositories \
             hold their weights in another format than safetensors.",
        )
    }

    fn refused(&self, status: u16, head: &Head) -> Error {
        let location = self.location();
        if !matches!(status, 401 | 403) {
            return Error::new(format!("{location} answered with HTTP status {status}"))
                .remedy("Check the address of the hub (HF_ENDPOINT), or try again later.");
        }
        // The hub says 401 also for a repository that does not exist.
        let unknown = match head.error_code.as_deref() {
            Some("RepoNotFound") => " or it does not exist",
            _ => "",
        };
        let token = match self.settings.token {
            Some(_) => "check that HF_TOKEN holds a valid token of the same account",
            None => "set HF_TOKEN to an access token of your account",
        };
        Error::new(format!(
            "{location} is gated{unknown}: the hub refuses it with HTTP status {status}"
        ))
        .remedy(format!(
            "Sign in at {location}, accept the model's licence there, {token}, and download again."
        ))
    }
}

const UNSTABLE: &str = "the server gives parts that do not fit together";

fn start_again(part: &Path) -> Outcome<Attempt> {
    cache::delete_file(part)?;
    Ok(Attempt::StartAgain)
}
