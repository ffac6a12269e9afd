//! One HTTP request for one file of a repository, read on its own thread so that the user can
//! stop it even while the network hangs.

use std::io::Read;
use std::sync::atomic::AtomicBool;
use std::thread;
use std::time::Duration;

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, bounded};
use hf_hub::Repo;
use hf_hub::api::sync::{Api, ApiRepo};

use super::catalogue::is_sha256;
use super::download::{CANCEL_INTERVAL, Fault, stopped};
use crate::error::{Error, Result};

/// What a request gives, in this order: a head, bytes, the end; or a failure at any point.
pub(super) enum Part {
    /// The server answered.
    Head(Head),
    /// A piece of the body.
    Bytes(Vec<u8>),
    /// Nothing came for a while; the request goes on.
    Waiting,
    /// The body ended where the server said it would.
    End,
    /// The connection failed or broke.
    Failed(String),
}

/// What the server says about a file.
#[derive(Clone, Debug, Default)]
pub(super) struct Head {
    /// HTTP status.
    pub(super) status: u16,
    /// Where in the file the body starts.
    pub(super) start: u64,
    /// Size of the whole file in bytes.
    pub(super) size: Option<u64>,
    /// Commit of the repository.
    pub(super) commit: Option<String>,
    /// SHA-256 of the whole file; the hub gives it for large files.
    pub(super) sha256: Option<String>,
    /// The hub's word for what is wrong, such as `GatedRepo`.
    pub(super) error_code: Option<String>,
}

/// A request under way. Dropping it ends the request.
pub(super) struct Transfer {
    parts: Receiver<Part>,
}

/// Bytes per piece; a few pieces at most wait for the disk.
const PIECE_BYTES: usize = 256 << 10;
const PIECES_AHEAD: usize = 4;

const RESOLVE_TIMEOUT: Duration = Duration::from_secs(15);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(20);
const ANSWER_TIMEOUT: Duration = Duration::from_secs(60);
const READ_TIMEOUT: Duration = Duration::from_secs(60);
const MAX_REDIRECTS: usize = 5;

impl Transfer {
    /// Asks for `file` of `repo` from byte `offset` on.
    ///
    /// # Errors
    /// The system gives no thread.
    pub(super) fn start(api: &Api, repo: Repo, file: &str, offset: u64) -> Result<Self> {
        let (sender, parts) = bounded(PIECES_AHEAD);
        let repo = api.repo(repo);
        let file = file.to_owned();
        thread::Builder::new()
            .name("hub-transfer".to_owned())
            .spawn(move || run(&repo, &file, offset, &sender))
            .map_err(|cause| Error::new("cannot start the download").because(cause))?;
        Ok(Self { parts })
    }

    /// The next part; waits for it for a moment.
    ///
    /// # Errors
    /// Only [`Fault::Cancelled`].
    pub(super) fn next(&self, cancel: &AtomicBool) -> std::result::Result<Part, Fault> {
        stopped(cancel)?;
        Ok(match self.parts.recv_timeout(CANCEL_INTERVAL) {
            Ok(part) => part,
            Err(RecvTimeoutError::Timeout) => Part::Waiting,
            Err(RecvTimeoutError::Disconnected) => {
                Part::Failed("the transfer ended early".to_owned())
            }
        })
    }

    /// The first part: the head, or the reason why there is none.
    ///
    /// # Errors
    /// Only [`Fault::Cancelled`].
    pub(super) fn head(
        &self,
        cancel: &AtomicBool,
    ) -> std::result::Result<std::result::Result<Head, String>, Fault> {
        loop {
            match self.next(cancel)? {
                Part::Head(head) => return Ok(Ok(head)),
                Part::Failed(reason) => return Ok(Err(reason)),
                Part::Waiting => {}
                Part::Bytes(_) | Part::End => {
                    return Ok(Err("the server sent no answer".to_owned()));
                }
            }
        }
    }
}

/// The body of the transfer thread. A send fails when nobody wants the file any more; then
/// there is nothing left to do.
fn run(repo: &ApiRepo, file: &str, offset: u64, parts: &Sender<Part>) {
    let failed = |reason| {
        parts.send(Part::Failed(reason)).ok();
    };
    let (head, mut body) = match open(repo, &repo.url(file), offset) {
        Ok(opened) => opened,
        Err(reason) => return failed(reason),
    };
    let has_content = matches!(head.status, 200 | 206);
    if parts.send(Part::Head(head)).is_err() || !has_content {
        return;
    }
    loop {
        let mut piece = vec![0; PIECE_BYTES];
        let part = match body.read(&mut piece) {
            Ok(0) => Part::End,
            Ok(count) => {
                piece.truncate(count);
                Part::Bytes(piece)
            }
            Err(cause) => return failed(cause.to_string()),
        };
        let last = matches!(part, Part::End);
        if parts.send(part).is_err() || last {
            return;
        }
    }
}

/// Follows redirects by hand: the hub's checksum and commit are in the first answer, the
/// content in the last, and the token must not go to the storage server in between.
///
/// hf-hub's own download function is not used because its progress cannot stop it, and it
/// appends to the file even when the server starts again from the first byte.
fn open(
    repo: &ApiRepo,
    url: &str,
    offset: u64,
) -> std::result::Result<(Head, Box<dyn Read + Send>), String> {
    let origin = origin_of(url).to_owned();
    let mut url = url.to_owned();
    let mut head = Head::default();
    for _ in 0..=MAX_REDIRECTS {
        let at_hub = origin_of(&url).eq_ignore_ascii_case(&origin);
        let mut request = repo
            .info_request()
            .uri(&url)
            .config()
            .http_status_as_error(false)
            .max_redirects(0)
            // Compressed content would make sizes and ranges meaningless.
            .accept_encoding("identity")
            .timeout_resolve(Some(RESOLVE_TIMEOUT))
            .timeout_connect(Some(CONNECT_TIMEOUT))
            .timeout_recv_response(Some(ANSWER_TIMEOUT))
            .timeout_per_read(Some(READ_TIMEOUT))
            .build();
        if is_loopback(&url) {
            request = request.config().proxy(None).build();
        }
        if !at_hub && let Some(headers) = request.headers_mut() {
            headers.remove("authorization");
        }
        if offset > 0 {
            request = request.header("range", format!("bytes={offset}-"));
        }
        let response = request.call().map_err(|cause| cause.to_string())?;
        let header = |name: &str| {
            let value = response.headers().get(name)?;
            value.to_str().ok().map(str::to_owned)
        };
        if at_hub {
            head.note_hub(&header);
        }
        head.status = response.status().as_u16();
        if let (300..=399, Some(location)) = (head.status, header("location")) {
            url = redirected(&url, &location)?;
            continue;
        }
        head.note_content(&header);
        return Ok((head, Box::new(response.into_body().into_reader())));
    }
    Err("the server redirects in circles".to_owned())
}

impl Head {
    fn note_hub(&mut self, header: &dyn Fn(&str) -> Option<String>) {
        let checksum = |name| {
            let tag = header(name)?;
            let tag = tag.trim_start_matches("W/").trim_matches('"').to_owned();
            is_sha256(&tag).then_some(tag)
        };
        self.commit = self.commit.take().or_else(|| header("x-repo-commit"));
        self.sha256 = self
            .sha256
            .take()
            .or_else(|| checksum("x-linked-etag"))
            .or_else(|| checksum("etag"));
        self.size = self.size.or_else(|| header("x-linked-size")?.parse().ok());
        self.error_code = header("x-error-code");
    }

    fn note_content(&mut self, header: &dyn Fn(&str) -> Option<String>) {
        let range = header("content-range");
        let range = range.as_deref().and_then(parse_content_range);
        match (self.status, range) {
            (206, Some((start, size))) => {
                self.start = start;
                self.size = size.or(self.size);
            }
            // A part of unknown position is of no use: the caller sees that it does not fit.
            (206, None) => self.start = u64::MAX,
            (416, Some((_, size))) => self.size = size.or(self.size),
            (200, _) if header("content-encoding").is_none() => {
                let length = header("content-length").and_then(|text| text.parse().ok());
                self.size = length.or(self.size);
            }
            _ => {}
        }
    }
}

/// Start and total size of `bytes 5-9/10` or `bytes */10`.
fn parse_content_range(text: &str) -> Option<(u64, Option<u64>)> {
    let (range, size) = text.trim().strip_prefix("bytes")?.trim().split_once('/')?;
    let start = match range.split_once('-') {
        Some((start, _)) => start.parse().ok()?,
        None => 0,
    };
    Some((start, size.parse().ok()))
}

/// Scheme, host and port of an address.
fn origin_of(url: &str) -> &str {
    let host = url.find("://").map_or(0, |at| at + 3);
    let path = url[host..].find(['/', '?', '#']);
    path.map_or(url, |at| &url[..host + at])
}

/// A server on this computer is never behind a proxy.
fn is_loopback(url: &str) -> bool {
    let origin = origin_of(url);
    let host = origin.split("://").nth(1).unwrap_or(origin);
    let host = host.rsplit_once(':').map_or(host, |(host, _)| host);
    ["localhost", "127.0.0.1", "[::1]"].contains(&host)
}

fn redirected(from: &str, location: &str) -> std::result::Result<String, String> {
    if location.starts_with('/') && !location.starts_with("//") {
        return Ok(format!("{}{location}", origin_of(from)));
    }
    let secure = location.starts_with("https://");
    if secure || (location.starts_with("http://") && !from.starts_with("https://")) {
        return Ok(location.to_owned());
    }
    Err(format!(
        "the server redirects to {location}, which is not a secure address"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_ranges() {
        for (text, expected) in [
            ("bytes 5-9/10", Some((5, Some(10)))),
            ("bytes 5-9/*", Some((5, None))),
            ("bytes */10", Some((0, Some(10)))),
            ("bytes x-9/10", None),
            ("items 0-1/2", None),
        ] {
            assert_eq!(parse_content_range(text), expected, "{text}");
        }
    }

    #[test]
    fn redirects_stay_secure() {
        let from = "https://hub.test/a/resolve/main/f";
        let to = |location| redirected(from, location);
        assert_eq!(to("/b/f").unwrap(), "https://hub.test/b/f");
        assert_eq!(
            to("https://cdn.test/f?x=1").unwrap(),
            "https://cdn.test/f?x=1"
        );
        assert!(to("http://cdn.test/f").is_err());
        assert!(to("//cdn.test/f").is_err());
        assert!(to("file:///etc/passwd").is_err());
        assert_eq!(origin_of("https://cdn.test?x=/"), "https://cdn.test");
        assert!(is_loopback("http://127.0.0.1:80/a") && is_loopback("http://localhost/a"));
        assert!(!is_loopback("http://127.0.0.1.example.org/a"));
    }
}
