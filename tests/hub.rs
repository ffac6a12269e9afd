//! Downloads against a hub that runs inside the test, and the resolution of model names.

use std::collections::HashMap;
use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use luthier::error::Error;
use luthier::home::Home;
use luthier::hub::{
    self, Catalogue, Downloader, Entry, ModelSource, Outcome, Progress, Source, Status,
    TokenizerFile, Weights,
};
use sha2::{Digest as _, Sha256};

const REPOSITORY: &str = "someone/some-model";
const COMMIT: &str = "c0ffee";
/// Well beyond what the sockets buffer, so that a cut falls into the middle.
const WEIGHTS_BYTES: usize = 5 << 20;

/// What the hub does when it is asked for a file.
#[derive(Clone, Default)]
struct Route {
    body: Vec<u8>,
    /// The checksum that the hub tells, as for large files.
    sha256: Option<String>,
    /// An answer without content.
    status: Option<(u16, &'static str)>,
    ignores_range: bool,
    /// Whole address to which the hub sends on.
    redirect: Option<String>,
    /// How many answers stop, and after how many bytes of the body.
    cuts: usize,
    cut_after: usize,
    /// Keep the connection open at the cut instead of closing it.
    stalls: bool,
}

#[derive(Clone, Debug)]
struct Request {
    path: String,
    range: Option<String>,
    authorization: Option<String>,
}

/// A hub on a free port of this computer; it ends with the test.
struct Hub {
    endpoint: String,
    requests: Arc<Mutex<Vec<Request>>>,
    _end: Sender<()>,
}

impl Hub {
    fn start(routes: HashMap<String, Route>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let requests = Arc::new(Mutex::new(Vec::new()));
        let routes = Arc::new(Mutex::new(routes));
        let (end, ended) = channel();
        let ended = Arc::new(Mutex::new(ended));
        let log = requests.clone();
        thread::Builder::new()
            .name("test-hub".to_owned())
            .spawn(move || {
                for connection in listener.incoming() {
                    let (routes, log, ended) = (routes.clone(), log.clone(), ended.clone());
                    thread::spawn(move || answer(connection.unwrap(), &routes, &log, &ended));
                }
            })
            .unwrap();
        Self {
            endpoint,
            requests,
            _end: end,
        }
    }

    fn downloader(&self) -> Downloader {
        Downloader {
            endpoint: self.endpoint.clone(),
            python: "/nowhere/python3".into(),
            retry_pause: Duration::ZERO,
            ..Downloader::default()
        }
    }

    fn requests(&self, file: &str) -> Vec<Request> {
        let requests = self.requests.lock().unwrap();
        let of_file = requests
            .iter()
            .filter(|request| request.path.ends_with(file));
        of_file.cloned().collect()
    }
}

/// The files of a small model: every one as the hub would serve it.
fn model() -> HashMap<String, Route> {
    let weights: Vec<u8> = (0..WEIGHTS_BYTES as u32)
        .map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8)
        .collect();
    let small = |text: &str| Route {
        body: text.as_bytes().to_vec(),
        ..Route::default()
    };
    let weights = Route {
        sha256: Some(sha256(&weights)),
        body: weights,
        ..Route::default()
    };
    HashMap::from([
        (
            "config.json".to_owned(),
            small("{\"model_type\": \"bert\"}"),
        ),
        ("tokenizer.json".to_owned(), small("{}")),
        ("model.safetensors".to_owned(), weights),
    ])
}

fn model_with(change: impl FnOnce(&mut Route)) -> HashMap<String, Route> {
    let mut routes = model();
    change(routes.get_mut("model.safetensors").unwrap());
    routes
}

fn sha256(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn answer(
    stream: TcpStream,
    routes: &Mutex<HashMap<String, Route>>,
    log: &Mutex<Vec<Request>>,
    ended: &Mutex<Receiver<()>>,
) {
    let Some(request) = read_request(&stream) else {
        return;
    };
    log.lock().unwrap().push(request.clone());
    let prefix = |revision| format!("/{REPOSITORY}/resolve/{revision}/");
    let file = request
        .path
        .strip_prefix(&prefix("main"))
        .or_else(|| request.path.strip_prefix(&prefix(COMMIT)))
        .unwrap_or_default();
    let mut routes = routes.lock().unwrap();
    let Some(route) = routes.get_mut(file) else {
        drop(routes);
        return send(
            &stream,
            "404 Not Found",
            &["x-error-code: EntryNotFound"],
            &[],
        );
    };
    let served = route.clone();
    route.cuts = route.cuts.saturating_sub(1);
    drop(routes);
    serve(&stream, &request, &served, ended);
    stream.shutdown(Shutdown::Both).ok();
}

fn read_request(stream: &TcpStream) -> Option<Request> {
    let mut lines = BufReader::new(stream).lines().map_while(Result::ok);
    let path = lines.next()?.split(' ').nth(1)?.to_owned();
    let headers: HashMap<String, String> = lines
        .take_while(|line| !line.is_empty())
        .filter_map(|line| {
            let (name, value) = line.split_once(':')?;
            Some((name.to_ascii_lowercase(), value.trim().to_owned()))
        })
        .collect();
    Some(Request {
        path,
        range: headers.get("range").cloned(),
        authorization: headers.get("authorization").cloned(),
    })
}

fn serve(stream: &TcpStream, request: &Request, route: &Route, ended: &Mutex<Receiver<()>>) {
    let mut headers = vec![format!("x-repo-commit: {COMMIT}")];
    match &route.sha256 {
        Some(sum) => headers.push(format!("x-linked-etag: \"{sum}\"")),
        None => headers.push("etag: \"0123456789abcdef0123456789abcdef01234567\"".to_owned()),
    }
    if let Some((status, code)) = route.status {
        headers.push(format!("x-error-code: {code}"));
        return send(stream, &format!("{status} Refused"), &headers, &[]);
    }
    if let Some(location) = &route.redirect {
        headers.push(format!("location: {location}"));
        return send(stream, "302 Found", &headers, &[]);
    }
    let total = route.body.len();
    let range = request.range.as_deref().filter(|_| !route.ignores_range);
    let start = range.map_or(0, |range| {
        let start = range.strip_prefix("bytes=").unwrap();
        start.strip_suffix('-').unwrap().parse().unwrap()
    });
    if range.is_some() && start >= total {
        headers.push(format!("content-range: bytes */{total}"));
        return send(stream, "416 Range Not Satisfiable", &headers, &[]);
    }
    let status = if range.is_some() {
        headers.push(format!(
            "content-range: bytes {start}-{}/{total}",
            total - 1
        ));
        "206 Partial Content"
    } else {
        "200 OK"
    };
    let body = &route.body[start..];
    if route.cuts == 0 {
        return send(stream, status, &headers, body);
    }
    let cut = &body[..route.cut_after.min(body.len())];
    write(stream, status, &headers, body.len(), cut);
    if route.stalls {
        let ended = ended.lock().unwrap();
        let end = ended.recv_timeout(Duration::from_secs(20));
        assert_eq!(end, Err(RecvTimeoutError::Disconnected));
    }
}

fn send(stream: &TcpStream, status: &str, headers: &[impl AsRef<str>], body: &[u8]) {
    write(stream, status, headers, body.len(), body);
}

fn write(
    mut stream: &TcpStream,
    status: &str,
    headers: &[impl AsRef<str>],
    length: usize,
    body: &[u8],
) {
    let mut head = format!("HTTP/1.1 {status}\r\ncontent-length: {length}\r\n");
    for header in headers {
        head.push_str(header.as_ref());
        head.push_str("\r\n");
    }
    head.push_str("connection: close\r\n\r\n");
    // The client may be gone, which some tests are about.
    stream.write_all(head.as_bytes()).ok();
    stream.write_all(body).ok();
}

const ENTRY: &str = r#"
[[model]]
name = "some-model"
title = "Some model"
summary = "For tests."
repository = "someone/some-model"
languages = ["en"]
licence = "Apache-2.0"
architecture = "bert"
parameters = 1
layers = 1
hidden = 1
heads = 1
vocabulary = 1
max_length = 1
download_bytes = 5242905
learning_rate = 1e-4
files = [
    { name = "config.json" },
    { name = "vocab.txt", optional = true },
    { name = "tokenizer.json" },
    { name = "model.safetensors" },
]
"#;

fn entry() -> Entry {
    Catalogue::from_toml(ENTRY).unwrap().entries.remove(0)
}

fn entry_with_wheel() -> Entry {
    let text = format!("{ENTRY}\n[model.wheel]\npackage = \"some-model\"\nversion = \"1.0\"\n");
    Catalogue::from_toml(&text).unwrap().entries.remove(0)
}

struct Run {
    result: Result<std::path::PathBuf, Error>,
    events: Vec<Progress>,
}

impl Run {
    fn message(&self) -> String {
        self.result.as_ref().unwrap_err().to_string()
    }

    fn outcome(&self) -> Outcome {
        let ends: Vec<Outcome> = self
            .events
            .iter()
            .filter_map(|event| match event {
                Progress::End { outcome } => Some(*outcome),
                _ => None,
            })
            .collect();
        assert_eq!(ends.len(), 1, "one end");
        assert!(matches!(self.events.last(), Some(Progress::End { .. })));
        ends[0]
    }
}

fn fetch(downloader: &Downloader, entry: &Entry, home: &Home) -> Run {
    fetch_until(downloader, entry, home, |_| false)
}

/// Fetches, and stops at the first event of which `stop` is true.
fn fetch_until(
    downloader: &Downloader,
    entry: &Entry,
    home: &Home,
    stop: impl Fn(&Progress) -> bool,
) -> Run {
    let cancel = AtomicBool::new(false);
    let mut events = Vec::new();
    let mut listener = |progress: Progress| {
        if stop(&progress) {
            cancel.store(true, Ordering::Relaxed);
        }
        events.push(progress);
    };
    let result = downloader.fetch(entry, home, &mut listener, &cancel);
    Run { result, events }
}

fn home() -> (tempfile::TempDir, Home) {
    let folder = tempfile::tempdir().unwrap();
    let home = Home::at(folder.path().join("home"));
    (folder, home)
}

fn assert_downloaded(home: &Home) {
    let folder = home.models().join("some-model");
    let names = names(&folder);
    let expected = [
        "config.json",
        "luthier-origin.json",
        "model.safetensors",
        "tokenizer.json",
    ];
    assert_eq!(names, expected);
    let weights = fs::read(folder.join("model.safetensors")).unwrap();
    assert_eq!(weights, model()["model.safetensors"].body);
    assert_eq!(hub::status(&entry(), home), Status::Downloaded);
    assert!(!home.models().join("some-model.partial").exists());
}

fn assert_absent(home: &Home) {
    assert!(!home.models().join("some-model").exists());
    assert_ne!(hub::status(&entry(), home), Status::Downloaded);
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn a_model_is_downloaded_once_and_can_be_removed() {
    let hub = Hub::start(model());
    let (_folder, home) = home();
    assert_eq!(hub::status(&entry(), &home), Status::Absent);

    let run = fetch(&hub.downloader(), &entry(), &home);
    assert_eq!(
        run.result.as_ref().unwrap(),
        &home.models().join("some-model")
    );
    assert_eq!(run.outcome(), Outcome::Complete);
    assert_downloaded(&home);

    let total: usize = model().values().map(|route| route.body.len()).sum();
    let last_bytes = run.events.iter().rev().find_map(|event| match event {
        Progress::Bytes { total_bytes, .. } => Some(*total_bytes),
        _ => None,
    });
    assert_eq!(last_bytes, Some(total as u64));
    assert_eq!(
        run.events[0],
        Progress::Begin {
            model: "some-model".to_owned(),
            bytes: Some(5_242_905)
        }
    );
    let verifying = Progress::Verifying {
        name: "model.safetensors".to_owned(),
    };
    assert!(run.events.contains(&verifying));

    // All files come from the commit of the first, whatever happens to the branch meanwhile.
    assert!(hub.requests("config.json")[0].path.contains("/main/"));
    assert!(
        hub.requests("model.safetensors")[0]
            .path
            .contains("/c0ffee/")
    );

    let files = hub::from_catalogue(&entry(), &home).unwrap();
    let origin = files.origin.unwrap();
    assert_eq!(origin.source, Source::HuggingFace);
    assert_eq!(origin.revision.as_deref(), Some(COMMIT));
    assert_eq!(files.licence.as_deref(), Some("Apache-2.0"));

    let requests = hub.requests("").len();
    assert!(fetch(&hub.downloader(), &entry(), &home).result.is_ok());
    assert_eq!(hub.requests("").len(), requests, "nothing is fetched twice");

    hub::remove(&entry(), &home).unwrap();
    assert_eq!(hub::status(&entry(), &home), Status::Absent);
}

#[test]
fn progress_is_one_json_object_per_event() {
    let event = Progress::Source {
        source: Source::HuggingFace,
        location: "somewhere".to_owned(),
    };
    assert_eq!(
        serde_json::to_string(&event).unwrap(),
        r#"{"event":"source","source":"hugging_face","location":"somewhere"}"#
    );
}

#[test]
fn a_cut_connection_is_resumed_where_it_broke() {
    let hub = Hub::start(model_with(|weights| {
        weights.cuts = 2;
        weights.cut_after = 1 << 20;
    }));
    let (_folder, home) = home();
    let run = fetch(&hub.downloader(), &entry(), &home);
    run.result.as_ref().unwrap();
    assert_downloaded(&home);
    let ranges: Vec<Option<String>> = hub
        .requests("model.safetensors")
        .into_iter()
        .map(|request| request.range)
        .collect();
    let range = |megabytes: usize| Some(format!("bytes={}-", megabytes << 20));
    assert_eq!(ranges, [None, range(1), range(2)]);
    let retries = |event: &&Progress| matches!(event, Progress::Retry { .. });
    assert_eq!(run.events.iter().filter(retries).count(), 2);
}

#[test]
fn a_connection_that_keeps_breaking_leaves_a_part_for_the_next_download() {
    let hub = Hub::start(model_with(|weights| {
        weights.cuts = 3;
        weights.cut_after = 1 << 20;
    }));
    let (_folder, home) = home();
    let impatient = Downloader {
        attempts: 2,
        ..hub.downloader()
    };
    let run = fetch(&impatient, &entry(), &home);
    assert!(
        run.message().contains("goes on where this one stopped"),
        "{}",
        run.message()
    );
    assert_eq!(run.outcome(), Outcome::Failed);
    assert_absent(&home);
    let Status::Partial { bytes } = hub::status(&entry(), &home) else {
        panic!("the part is kept");
    };
    assert!(bytes >= 2 << 20, "{bytes}");

    fetch(&hub.downloader(), &entry(), &home).result.unwrap();
    assert_downloaded(&home);
    assert_eq!(
        hub.requests("config.json").len(),
        1,
        "complete files are kept"
    );
}

#[test]
fn a_part_that_was_complete_is_only_verified() {
    let hub = Hub::start(model());
    let (_folder, home) = home();
    let partial = home.models().join("some-model.partial");
    fs::create_dir_all(&partial).unwrap();
    let weights = &model()["model.safetensors"].body;
    fs::write(partial.join("model.safetensors.part"), weights).unwrap();
    fetch(&hub.downloader(), &entry(), &home).result.unwrap();
    assert_downloaded(&home);
    assert_eq!(hub.requests("model.safetensors").len(), 1);
}

#[test]
fn a_server_that_ignores_the_range_starts_the_file_again() {
    let hub = Hub::start(model_with(|weights| {
        weights.cuts = 1;
        weights.cut_after = 1 << 20;
        weights.ignores_range = true;
    }));
    let (_folder, home) = home();
    fetch(&hub.downloader(), &entry(), &home).result.unwrap();
    assert_downloaded(&home);
    assert!(hub.requests("model.safetensors")[1].range.is_some());
}

#[test]
fn a_small_file_without_checksum_is_never_continued() {
    let mut routes = model();
    let config = routes.get_mut("config.json").unwrap();
    (config.cuts, config.cut_after) = (3, 4);
    let hub = Hub::start(routes);
    let (_folder, home) = home();
    fetch(&hub.downloader(), &entry(), &home).result.unwrap();
    assert_downloaded(&home);
    let requests = hub.requests("config.json");
    assert_eq!(requests.len(), 4);
    assert!(requests.iter().all(|request| request.range.is_none()));
}

#[test]
fn a_missing_file_is_named_with_its_repository() {
    let mut routes = model();
    routes.remove("model.safetensors");
    let hub = Hub::start(routes);
    let (_folder, home) = home();
    let run = fetch(&hub.downloader(), &entry(), &home);
    let message = run.message();
    assert!(message.contains("someone/some-model"), "{message}");
    assert!(message.contains("no file model.safetensors"), "{message}");
    assert_absent(&home);
}

#[test]
fn a_wrong_checksum_deletes_the_file() {
    let hub = Hub::start(model_with(|weights| weights.body[77] ^= 1));
    let (_folder, home) = home();
    let run = fetch(&hub.downloader(), &entry(), &home);
    assert!(
        run.message().contains("wrong checksum"),
        "{}",
        run.message()
    );
    assert_absent(&home);
    let left = names(&home.models().join("some-model.partial"));
    assert!(
        !left.iter().any(|name| name.contains("safetensors")),
        "{left:?}"
    );
}

#[test]
fn the_checksum_of_the_catalogue_counts_more_than_the_hubs() {
    let hub = Hub::start(model());
    let (_folder, home) = home();
    let mut entry = entry();
    entry.files[3].sha256 = Some(sha256(b"other weights"));
    let run = fetch(&hub.downloader(), &entry, &home);
    assert!(
        run.message().contains("wrong checksum"),
        "{}",
        run.message()
    );
    assert_absent(&home);
}

#[test]
fn a_gated_model_tells_about_licence_and_token() {
    let mut routes = model();
    routes.get_mut("config.json").unwrap().status = Some((403, "GatedRepo"));
    let hub = Hub::start(routes);
    let (_folder, home) = home();
    let run = fetch(&hub.downloader(), &entry(), &home);
    let message = run.message();
    for part in ["gated", "403", "licence", "HF_TOKEN", "someone/some-model"] {
        assert!(message.contains(part), "{part}: {message}");
    }
    assert_eq!(hub.requests("").len(), 1, "a refusal is not tried again");
    assert!(!home.models().join("some-model.partial").exists());
}

#[test]
fn a_busy_server_is_asked_again() {
    let mut routes = model();
    routes.get_mut("config.json").unwrap().status = Some((503, ""));
    let hub = Hub::start(routes);
    let (_folder, home) = home();
    let patient = Downloader {
        attempts: 3,
        ..hub.downloader()
    };
    let run = fetch(&patient, &entry(), &home);
    assert!(run.message().contains("503"), "{}", run.message());
    assert_eq!(hub.requests("config.json").len(), 3);
}

#[test]
fn the_token_goes_to_the_hub_and_not_to_its_storage() {
    let storage = Hub::start(model());
    let mut routes = model();
    let weights = routes.get_mut("model.safetensors").unwrap();
    weights.redirect = Some(format!(
        "{}/{REPOSITORY}/resolve/main/model.safetensors",
        storage.endpoint
    ));
    let hub = Hub::start(routes);
    let (_folder, home) = home();
    let downloader = Downloader {
        token: Some("secret".to_owned()),
        ..hub.downloader()
    };
    fetch(&downloader, &entry(), &home).result.unwrap();
    assert_downloaded(&home);
    let token = hub.requests("model.safetensors")[0].authorization.clone();
    assert_eq!(token.as_deref(), Some("Bearer secret"));
    assert_eq!(storage.requests("model.safetensors").len(), 1);
    assert_eq!(storage.requests("model.safetensors")[0].authorization, None);
}

#[test]
fn a_stop_in_the_middle_keeps_the_part_even_when_the_network_hangs() {
    let hub = Hub::start(model_with(|weights| {
        weights.cuts = 1;
        weights.cut_after = 1 << 20;
        weights.stalls = true;
    }));
    let (_folder, home) = home();
    let started = Instant::now();
    let run = fetch_until(
        &hub.downloader(),
        &entry(),
        &home,
        |event| matches!(event, Progress::Bytes { file_bytes, .. } if *file_bytes > 1000),
    );
    assert!(started.elapsed() < Duration::from_secs(10));
    assert_eq!(run.outcome(), Outcome::Cancelled);
    assert!(run.message().contains("was stopped"), "{}", run.message());
    assert_absent(&home);
    assert!(matches!(
        hub::status(&entry(), &home),
        Status::Partial { .. }
    ));

    fetch(&hub.downloader(), &entry(), &home).result.unwrap();
    assert_downloaded(&home);
    assert!(hub.requests("model.safetensors")[1].range.is_some());
}

#[test]
fn two_downloads_of_one_model_do_not_meet() {
    let hub = Hub::start(model_with(|weights| {
        weights.cuts = 1;
        weights.cut_after = 1 << 20;
        weights.stalls = true;
    }));
    let (_folder, home) = home();
    let downloader = hub.downloader();
    let cancel = AtomicBool::new(false);
    let mut second = None;
    let mut listener = |event: Progress| {
        let running = matches!(event, Progress::Bytes { file_bytes, .. } if file_bytes > 1000);
        if running && second.is_none() {
            second = Some(fetch(&downloader, &entry(), &home));
            assert!(hub::remove(&entry(), &home).is_err());
            cancel.store(true, Ordering::Relaxed);
        }
    };
    let first = downloader.fetch(&entry(), &home, &mut listener, &cancel);
    assert!(first.is_err());
    let message = second.unwrap().message();
    assert!(message.contains("being downloaded already"), "{message}");
}

#[test]
fn where_nothing_can_be_reached_every_source_is_named() {
    let (_folder, home) = home();
    let nowhere = Downloader {
        // The discard port: nothing listens there.
        endpoint: "http://127.0.0.1:9".to_owned(),
        python: "/nowhere/python3".into(),
        ..Downloader::default()
    };
    let run = fetch(&nowhere, &entry_with_wheel(), &home);
    let message = run.message();
    for part in [
        "http://127.0.0.1:9/someone/some-model",
        "some-model==1.0",
        "/nowhere/python3",
        "--model",
        "https://huggingface.co/someone/some-model",
    ] {
        assert!(message.contains(part), "{part}: {message}");
    }
    let failed = |event: &&Progress| matches!(event, Progress::SourceFailed { .. });
    assert_eq!(run.events.iter().filter(failed).count(), 2);
    assert_absent(&home);
    assert!(!home.models().join("some-model.partial").exists());
}

#[test]
fn offline_refuses_before_anything_is_touched() {
    let (_folder, home) = home();
    let offline = Downloader {
        offline: true,
        ..Downloader::default()
    };
    let run = fetch(&offline, &entry(), &home);
    assert!(run.message().contains("switched off"), "{}", run.message());
    assert!(!home.root().exists());
}

#[cfg(unix)]
mod python_package {
    use std::process::Command;

    use zip::ZipWriter;
    use zip::write::SimpleFileOptions;

    use super::*;

    /// A program in place of Python that does with `$dest` what pip would.
    fn fake_python(folder: &Path, script: &str) -> Downloader {
        let path = folder.join("python3");
        let head = "#!/bin/sh\nwhile [ \"$1\" != --dest ]; do shift; done\ndest=$2\nname=$3\n";
        // Written by another process: a child that some other test is starting could hold our
        // open file for a moment, and the system refuses to run a file that is open for writing.
        let written = Command::new("sh")
            .args([
                "-c",
                "printf '%s\\n' \"$1\" > \"$2\" && chmod +x \"$2\"",
                "sh",
            ])
            .arg(format!("{head}{script}"))
            .arg(&path)
            .status();
        assert!(written.unwrap().success());
        Downloader {
            endpoint: "http://127.0.0.1:9".to_owned(),
            python: path.into(),
            ..Downloader::default()
        }
    }

    fn write_wheel(path: &Path) {
        let mut wheel = ZipWriter::new(fs::File::create(path).unwrap());
        for (name, route) in model() {
            let member = format!("some_model/model/{name}");
            wheel
                .start_file(member, SimpleFileOptions::default())
                .unwrap();
            wheel.write_all(&route.body).unwrap();
        }
        wheel.finish().unwrap();
    }

    #[test]
    fn the_wheel_is_taken_where_the_hub_cannot_be_reached() {
        let (folder, home) = home();
        write_wheel(&folder.path().join("some_model-1.0.whl"));
        let wheel = folder.path().join("some_model-1.0.whl");
        let script = format!("cp '{}' \"$dest\"", wheel.display());
        let downloader = fake_python(folder.path(), &script);
        let run = fetch(&downloader, &entry_with_wheel(), &home);
        run.result.as_ref().unwrap();
        assert_downloaded(&home);
        let files = hub::from_catalogue(&entry_with_wheel(), &home).unwrap();
        assert_eq!(files.origin.unwrap().location, "some-model==1.0");
    }

    #[test]
    fn what_pip_complains_about_is_told() {
        let (folder, home) = home();
        let script = "echo \"ERROR: No matching distribution found for $name\" >&2; exit 1";
        let downloader = fake_python(folder.path(), script);
        let run = fetch(&downloader, &entry_with_wheel(), &home);
        let message = run.message();
        assert!(
            message.contains("No matching distribution found for some-model==1.0"),
            "{message}"
        );
        assert_absent(&home);
    }

    #[test]
    fn a_wheel_with_another_checksum_is_refused() {
        let (folder, home) = home();
        let script = "echo nonsense > \"$dest/some_model-1.0.whl\"";
        let downloader = fake_python(folder.path(), script);
        let mut entry = entry_with_wheel();
        entry.wheel.as_mut().unwrap().sha256 = Some(sha256(b"the wheel"));
        let run = fetch(&downloader, &entry, &home);
        assert!(
            run.message().contains("wrong checksum"),
            "{}",
            run.message()
        );
        assert_absent(&home);
    }

    #[test]
    fn a_stop_ends_pip() {
        let (folder, home) = home();
        let downloader = fake_python(folder.path(), "exec sleep 20");
        let started = Instant::now();
        let run = fetch_until(&downloader, &entry_with_wheel(), &home, |event| {
            matches!(event, Progress::Bytes { .. })
        });
        assert_eq!(run.outcome(), Outcome::Cancelled);
        assert!(started.elapsed() < Duration::from_secs(10));
        assert!(!home.models().join("some-model.partial").exists());
    }
}

fn write_files(folder: &Path, files: &[(&str, &str)]) {
    fs::create_dir_all(folder).unwrap();
    for (name, content) in files {
        fs::write(folder.join(name), content).unwrap();
    }
}

fn resolve_error(name_or_path: &str, home: &Home) -> String {
    hub::resolve(name_or_path, home).unwrap_err().to_string()
}

#[test]
fn the_built_in_model_needs_nothing() {
    let (_folder, home) = home();
    let files = hub::resolve("luthier-mini", &home).unwrap();
    assert_eq!(files.source, ModelSource::BuiltIn(&hub::LUTHIER_MINI));
    let Weights::Embedded(weights) = files.weights else {
        panic!("the weights are in the program");
    };
    assert_eq!(weights.as_ptr() as usize % 64, 0);
    let tensors = safetensors::SafeTensors::deserialize(weights).unwrap();
    let parameters: usize = tensors
        .iter()
        .map(|(_, tensor)| tensor.shape().iter().product::<usize>())
        .sum();
    let catalogue = Catalogue::embedded().unwrap();
    let entry = catalogue.by_name("luthier-mini").unwrap();
    assert_eq!(parameters as u64, entry.parameters);
    assert_eq!(hub::status(entry, &home), Status::BuiltIn);
    let config: serde_json::Value = serde_json::from_slice(&files.config).unwrap();
    assert_eq!(config["model_type"], entry.architecture.as_str());
    assert_eq!(config["hidden_size"], entry.hidden);
    assert_eq!(config["num_hidden_layers"], entry.layers);
    assert_eq!(config["vocab_size"], entry.vocabulary);
    assert!(matches!(files.tokenizer, TokenizerFile::Json(_)));
    let notices: Vec<&str> = files
        .notices
        .iter()
        .map(|(name, _)| name.as_str())
        .collect();
    assert_eq!(notices, ["LICENSE", "NOTICE"]);
    assert!(hub::remove(entry, &home).is_err());
    assert!(!home.root().exists());
}

#[test]
fn a_known_model_that_is_not_here_says_how_to_get_it() {
    let (_folder, home) = home();
    for name in ["all-MiniLM-L6-v2", "sentence-transformers/all-MiniLM-L6-v2"] {
        let message = resolve_error(name, &home);
        assert!(
            message.contains("`luthier models fetch all-MiniLM-L6-v2`"),
            "{message}"
        );
        assert!(message.contains("Model page"), "{message}");
    }
}

#[test]
fn an_unknown_name_lists_the_known_ones() {
    let (_folder, home) = home();
    let message = resolve_error("gpt-17", &home);
    for name in ["gpt-17", "luthier-mini", "bert-base-chinese"] {
        assert!(message.contains(name), "{message}");
    }
}

#[test]
fn a_damaged_download_says_how_to_repair_it_and_is_repaired() {
    let hub = Hub::start(model());
    let (_folder, home) = home();
    fetch(&hub.downloader(), &entry(), &home).result.unwrap();
    let folder = home.models().join("some-model");
    fs::remove_file(folder.join("config.json")).unwrap();
    let message = hub::from_catalogue(&entry(), &home)
        .unwrap_err()
        .to_string();
    assert!(message.contains("config.json"), "{message}");
    assert!(
        message.contains("`luthier models fetch some-model`"),
        "{message}"
    );
    assert_eq!(hub::status(&entry(), &home), Status::Absent);
    fetch(&hub.downloader(), &entry(), &home).result.unwrap();
    assert_downloaded(&home);
}

#[test]
fn a_local_folder_is_checked_file_by_file() {
    let (outer, home) = home();
    let folder = outer.path().join("my-model");
    let path = folder.to_str().unwrap();
    fs::create_dir(&folder).unwrap();
    let message = resolve_error(path, &home);
    for name in [
        "config.json",
        "tokenizer.json",
        "vocab.txt",
        "vocab.json",
        "merges.txt",
        "model.safetensors",
    ] {
        assert!(message.contains(name), "{name}: {message}");
    }
    write_files(
        &folder,
        &[
            ("config.json", "{}"),
            ("vocab.txt", "a"),
            ("model.safetensors", "weights"),
        ],
    );
    let files = hub::resolve(path, &home).unwrap();
    assert_eq!(files.name, "my-model");
    assert_eq!(files.source, ModelSource::Folder(folder.clone()));
    assert!(matches!(files.tokenizer, TokenizerFile::Vocabulary(_)));
    assert_eq!(files.tokenizer_config, None);
    assert_eq!(
        files.weights,
        Weights::File(folder.join("model.safetensors"))
    );

    let message = resolve_error(folder.join("config.json").to_str().unwrap(), &home);
    assert!(
        message.contains("is a file, not a model folder"),
        "{message}"
    );
}

/// What stands in a model card and goes out into the world.
#[test]
fn a_model_is_named_to_others_without_a_path() {
    let (outer, _home) = home();
    let folder = |name: &str, config: &str| {
        let folder = outer.path().join(name);
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("config.json"), config).unwrap();
        hub::public_name(folder.to_str().unwrap())
    };
    let bert = "google-bert/bert-base-uncased";
    assert_eq!(hub::public_name("luthier-mini"), "luthier-mini");
    assert_eq!(hub::public_name("bert-base-uncased"), bert);
    assert_eq!(hub::public_name(bert), bert);
    assert_eq!(folder("my-bert", "{}"), "my-bert");
    assert_eq!(folder("sunny/model", "{}"), "sunny");
    let from = |origin: &str| format!("{{\"_name_or_path\": \"{origin}\"}}");
    assert_eq!(folder("a/model", &from("ada/her-bert")), "ada/her-bert");
    assert_eq!(folder("b/model", &from("bert-base-uncased")), bert);
    for path in ["/home/ada/bert", "./bert", "C:\\\\bert", "../a/bert", ""] {
        assert_eq!(folder("c/model", &from(path)), "c", "{path}");
    }
    assert_eq!(folder("models--ada--bert/snapshots/1f2e", "{}"), "ada/bert");
}

#[test]
fn pickle_weights_are_refused_with_a_way_out() {
    let (outer, home) = home();
    let folder = outer.path().join("old");
    write_files(
        &folder,
        &[
            ("config.json", "{}"),
            ("tokenizer.json", "{}"),
            ("pytorch_model.bin", "x"),
        ],
    );
    let message = resolve_error(folder.to_str().unwrap(), &home);
    assert!(message.contains("pickle"), "{message}");
    assert!(message.contains("safe_serialization=True"), "{message}");
}

#[test]
fn a_git_lfs_placeholder_is_recognised() {
    let (outer, home) = home();
    let folder = outer.path().join("cloned");
    let pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:1\nsize 2\n";
    write_files(
        &folder,
        &[
            ("config.json", "{}"),
            ("tokenizer.json", "{}"),
            ("model.safetensors", pointer),
        ],
    );
    let message = resolve_error(folder.to_str().unwrap(), &home);
    assert!(message.contains("Git LFS placeholder"), "{message}");
}

#[test]
fn shards_are_all_checked() {
    let (outer, home) = home();
    let folder = outer.path().join("large");
    let path = folder.to_str().unwrap().to_owned();
    let index = |second: &str| {
        format!(
            r#"{{"metadata": {{}}, "weight_map": {{"a": "one.safetensors", "b": "{second}"}}}}"#
        )
    };
    write_files(
        &folder,
        &[
            ("config.json", "{}"),
            ("tokenizer.json", "{}"),
            ("one.safetensors", "x"),
            ("model.safetensors.index.json", &index("two.safetensors")),
        ],
    );
    let message = resolve_error(&path, &home);
    assert!(message.contains("two.safetensors"), "{message}");
    assert!(!message.contains("one.safetensors"), "{message}");

    write_files(&folder, &[("two.safetensors", "x")]);
    let shards = ["one.safetensors", "two.safetensors"].map(|name| folder.join(name));
    let files = hub::resolve(&path, &home).unwrap();
    assert_eq!(files.weights, Weights::Shards(shards.to_vec()));

    write_files(
        &folder,
        &[("model.safetensors.index.json", &index("../../secret"))],
    );
    let message = resolve_error(&path, &home);
    assert!(message.contains("not a plain file name"), "{message}");
}
