//! The real program, from the outside: what it says, what it returns, what it leaves on the disk.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use luthier::home::Home;
use luthier::ui::native::Native;
use luthier::ui::project::Progress;
use luthier::ui::services::Services as _;
use luthier::ui::text;
use serde_json::Value;
use tempfile::TempDir;

/// Many times what any command takes on a slow and busy machine.
const LONGEST: Duration = Duration::from_secs(600);

/// A folder of its own for each test, with Luthier's storage folder in it.
struct Bench {
    folder: TempDir,
}

impl Bench {
    fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, content: impl AsRef<[u8]>) -> String {
        let path = self.path(name);
        fs::write(&path, content).unwrap();
        path.to_str().unwrap().to_owned()
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_luthier"));
        command
            .args(arguments)
            .current_dir(self.folder.path())
            .env("LUTHIER_HOME", self.path("home"))
            .env_remove("HF_ENDPOINT")
            .env_remove("HF_TOKEN")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// Runs to the end, which must come: a program that hangs fails its test instead of holding up
    /// all others.
    fn luthier(&self, arguments: &[&str]) -> Said {
        let child = self.command(arguments).spawn().unwrap();
        let (process, (sender, receiver)) = (child.id(), mpsc::channel());
        thread::spawn(move || sender.send(child.wait_with_output()));
        let Ok(output) = receiver.recv_timeout(LONGEST) else {
            // Where there is no such program, the process outlives the test.
            Command::new("kill")
                .args(["-9", &process.to_string()])
                .status()
                .ok();
            panic!("{arguments:?} had not ended after {LONGEST:?}");
        };
        Said::from(output.unwrap())
    }

    /// Runs and asserts success. Standard output.
    fn succeeds(&self, arguments: &[&str]) -> String {
        let said = self.luthier(arguments);
        assert_eq!(said.code, Some(0), "{arguments:?}: {}", said.err);
        said.out
    }

    /// Runs and asserts a failure that says every one of `words` and a remedy, and leaves nothing.
    fn fails(&self, arguments: &[&str], words: &[&str]) {
        let said = self.luthier(arguments);
        let told = format!("{arguments:?} said:\n{}", said.err);
        assert_eq!(said.code, Some(1), "{told}");
        assert!(said.err.contains("luthier: "), "{told}");
        for word in words {
            assert!(said.err.contains(word), "no {word:?} in {told}");
        }
        let remedy = said.err.trim_end().lines().next_back().unwrap();
        assert!(
            !remedy.starts_with("luthier: ") && remedy.ends_with('.'),
            "{told}"
        );
        assert_eq!(self.left(), Vec::<PathBuf>::new(), "{told}");
    }

    /// Runs and asserts a failure that says every one of `words`, beside what lies there already.
    fn fails_after(&self, arguments: &[&str], words: &[&str]) {
        let said = self.luthier(arguments);
        assert_eq!(said.code, Some(1), "{arguments:?}: {}", said.err);
        for word in words {
            assert!(said.err.contains(word), "no {word:?} in {}", said.err);
        }
    }

    /// What lies where runs, exports and downloads go.
    fn left(&self) -> Vec<PathBuf> {
        let folders = [
            self.path("home/runs"),
            self.path("home/models"),
            self.path("out"),
        ];
        let entries = folders
            .iter()
            .filter_map(|folder| fs::read_dir(folder).ok());
        entries
            .flatten()
            .map(|entry| entry.unwrap().path())
            .collect()
    }

    /// A copy of the tiny model that a test may damage.
    fn tiny_model(&self, name: &str) -> PathBuf {
        let copy = self.path(name);
        fs::create_dir(&copy).unwrap();
        for file in fs::read_dir(tiny()).unwrap() {
            let file = file.unwrap();
            fs::copy(file.path(), copy.join(file.file_name())).unwrap();
        }
        copy
    }
}

/// What a command said.
struct Said {
    code: Option<i32>,
    out: String,
    err: String,
}

impl From<Output> for Said {
    fn from(output: Output) -> Self {
        let err = String::from_utf8(output.stderr).unwrap();
        assert!(!err.contains("panicked"), "{err}");
        Self {
            code: output.status.code(),
            out: String::from_utf8(output.stdout).unwrap(),
            err,
        }
    }
}

fn tiny() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/bert-tiny")
}

fn lines_of_json(text: &str) -> Vec<Value> {
    let lines = text.lines();
    lines
        .map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("not JSON: {line}")))
        .collect()
}

/// Rows that a tiny model learns in a moment.
fn reviews() -> String {
    let mut csv = "text,label\n".to_owned();
    for thing in [
        "film", "room", "soup", "phone", "book", "lamp", "story", "bed", "tea", "desk",
    ] {
        for (word, label) in [
            ("good", "positive"),
            ("great", "positive"),
            ("best", "positive"),
            ("bad", "negative"),
            ("worst", "negative"),
            ("boring", "negative"),
        ] {
            csv += &format!("the {thing} is {word},{label}\n");
        }
    }
    csv
}

/// Arguments of a training that takes a moment, then `more`.
fn training<'a>(data: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    static MODEL: std::sync::LazyLock<String> =
        std::sync::LazyLock::new(|| tiny().to_str().unwrap().to_owned());
    let start = [
        "train",
        "--data",
        data,
        "--model",
        MODEL.as_str(),
        "--threads",
        "1",
        "--set",
        "max_seq_length=16",
    ];
    [&start, more].concat()
}

#[test]
fn mistakes_on_the_command_line_are_told_with_exit_code_2() {
    let bench = Bench::new();
    for (arguments, word) in [
        (&["tune"][..], "tune"),
        (&["train", "--task", "haiku"], "sentiment"),
        (&["train", "--preset", "slow"], "thorough"),
        (&["train", "--data", "a.csv", "--train", "b.csv"], "--train"),
        (&["train", "--set", "learning_rate"], "name=value"),
        (&["train", "--threads", "0"], "threads"),
        (&["predict"], "RUN"),
        (&["predict", "run", "text", "--file", "f"], "--file"),
        (&["export", "run"], "--to"),
        (&["models", "fetch"], "NAME"),
    ] {
        let said = bench.luthier(arguments);
        assert_eq!(said.code, Some(2), "{arguments:?}: {}", said.err);
        assert!(said.err.contains(word), "{arguments:?}: {}", said.err);
    }
    let said = bench.luthier(&["train", "--json", "--threads", "many"]);
    assert_eq!(said.code, Some(2));
    assert_eq!(lines_of_json(&said.out)[0]["event"], "failed");
    assert!(bench.succeeds(&["--help"]).contains("demo"));
    assert!(
        bench
            .succeeds(&["--version"])
            .contains(env!("CARGO_PKG_VERSION"))
    );
}

#[test]
fn faults_are_the_last_line_of_json_too() {
    let bench = Bench::new();
    for arguments in [
        &["train", "--json", "--data", "none.csv"][..],
        &["evaluate", "--json", "no-such-run"],
        &["predict", "--json", "no-such-run", "text"],
        &["export", "--json", "no-such-run", "--to", "out"],
        &["models", "--json", "show", "no-such-model"],
    ] {
        let said = bench.luthier(arguments);
        assert_eq!(said.code, Some(1), "{arguments:?}");
        let last = lines_of_json(&said.out).pop().unwrap();
        assert_eq!(last["event"], "failed", "{arguments:?}");
        let message = last["message"].as_str().unwrap();
        assert!(said.err.contains(message), "{arguments:?}: {}", said.err);
        assert!(last["remedy"].is_string(), "{arguments:?}");
    }
}

#[test]
fn files_that_cannot_be_learned_from_are_named() {
    let bench = Bench::new();
    let empty = bench.write("empty.csv", "");
    let header = bench.write("header.csv", "text,label\n");
    let unlabelled = bench.write(
        "unlabelled.csv",
        "text\nthe film is good\nthe film is bad\n",
    );
    let one = bench.write(
        "one.csv",
        "text,label\ngood film,yes\nfine film,yes\nnice film,yes\n",
    );
    let blank = bench.write("blank.csv", "text,label\n ,yes\n,no\n");
    let paper = bench.write("paper.csv", b"%PDF-1.4\n");
    let data = bench.write("data.csv", reviews());
    for (file, words) in [
        ("missing.csv", &["missing.csv"][..]),
        (&empty, &["empty.csv", "empty"]),
        (&header, &["header.csv"]),
        (&unlabelled, &["unlabelled.csv", "label"]),
        (&one, &["one.csv", "yes"]),
        (&blank, &["blank.csv"]),
        (&paper, &["paper.csv", "PDF"]),
    ] {
        bench.fails(&training(file, &["--out", "out"]), words);
    }
    bench.fails(
        &training(&data, &["--label-column", "stars"]),
        &["data.csv", "stars"],
    );
}

#[test]
fn a_label_that_training_never_saw_is_named_with_its_row() {
    let bench = Bench::new();
    let train = bench.write("train.csv", reviews());
    let test = bench.write(
        "test.csv",
        "text,label\nthe film is good,positive\nthe film is odd,mixed\n",
    );
    let model = tiny();
    let model = model.to_str().unwrap();
    let arguments = [
        "train",
        "--train",
        &train,
        "--test",
        &test,
        "--model",
        model,
        "--threads",
        "1",
    ];
    bench.fails(&arguments, &["test.csv", "row 2", "mixed"]);
}

#[test]
fn faults_of_a_run_file_name_the_key() {
    let bench = Bench::new();
    let base = "task = \"sentiment\"\n[data]\nbundled = \"reviews\"\n[hyperparameters]\n";
    for (name, text, words) in [
        (
            "unknown.toml",
            format!("{base}learning_rat = 1e-4\n"),
            &["unknown.toml", "learning_rat"][..],
        ),
        (
            "range.toml",
            format!("{base}learning_rate = 7\n"),
            &["range.toml", "learning_rate", "7"],
        ),
        (
            "kind.toml",
            format!("{base}seed = \"x\"\n"),
            &["kind.toml", "seed"],
        ),
        ("syntax.toml", "task =".to_owned(), &["syntax.toml"]),
        (
            "top.toml",
            format!("taks = 1\n{base}"),
            &["top.toml", "taks"],
        ),
    ] {
        let path = bench.write(name, text);
        bench.fails(&["train", &path], words);
    }
    bench.fails(&["train", "missing.toml"], &["missing.toml"]);
    bench.fails(&["train", "reviews.csv"], &["reviews.csv", "--data"]);
    bench.fails(&["train", "--set", "lr=1"], &["lr"]);
    bench.fails(
        &["train", "--set", "num_train_epochs=-1"],
        &["num_train_epochs", "-1"],
    );
}

#[test]
fn models_that_cannot_be_used_are_named() {
    let bench = Bench::new();
    let data = bench.write("data.csv", reviews());
    let with = |model: &Path, words: &[&str]| {
        let model = model.to_str().unwrap();
        bench.fails(
            &[
                "train",
                "--data",
                &data,
                "--model",
                model,
                "--out",
                "out",
                "--threads",
                "1",
            ],
            words,
        );
    };
    let weightless = bench.tiny_model("weightless");
    fs::remove_file(weightless.join("model.safetensors")).unwrap();
    with(&weightless, &["weightless", "model.safetensors"]);

    let cut = bench.tiny_model("cut");
    let weights = fs::read(cut.join("model.safetensors")).unwrap();
    for length in [weights.len() / 2, 100, 3, 0] {
        fs::write(cut.join("model.safetensors"), &weights[..length]).unwrap();
        with(&cut, &["cut", "model.safetensors"]);
    }

    let lost = bench.tiny_model("lost");
    let mut weights = fs::read(lost.join("model.safetensors")).unwrap();
    // The values stand behind a header, whose length comes first.
    let header = u64::from_le_bytes(weights[..8].try_into().unwrap()) as usize;
    weights[8 + header..][..4].copy_from_slice(&f32::NAN.to_le_bytes());
    fs::write(lost.join("model.safetensors"), weights).unwrap();
    with(&lost, &["not numbers", "another copy"]);

    let strange = bench.tiny_model("strange");
    let other =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/models/luthier-mini/tokenizer.json");
    fs::copy(other, strange.join("tokenizer.json")).unwrap();
    with(&strange, &["tokenizer"]);
    fs::write(strange.join("tokenizer.json"), "{}").unwrap();
    with(&strange, &["tokenizer.json"]);

    let gpt = bench.tiny_model("gpt");
    let config = fs::read_to_string(gpt.join("config.json")).unwrap();
    let renamed = config.replace("\"model_type\": \"bert\"", "\"model_type\": \"gpt2\"");
    fs::write(gpt.join("config.json"), renamed).unwrap();
    with(&gpt, &["gpt2"]);
    fs::write(gpt.join("config.json"), "{}").unwrap();
    with(&gpt, &["config.json"]);

    with(Path::new("no-such-model"), &["no-such-model"]);
    with(
        Path::new("bert-base-uncased"),
        &["bert-base-uncased", "luthier models fetch"],
    );
    bench.fails(
        &["models", "show", "no-such-model"],
        &["no-such-model", "luthier-mini"],
    );
}

#[test]
fn folders_that_cannot_be_written_are_named() {
    let bench = Bench::new();
    let data = bench.write("data.csv", reviews());
    let below_file = format!("{data}/run");
    bench.fails(&training(&data, &["--out", &below_file]), &["data.csv"]);
    if cfg!(target_os = "linux") {
        // Nobody can make a folder there, not even root.
        bench.fails(
            &training(&data, &["--out", "/proc/luthier"]),
            &["/proc/luthier"],
        );
    }
    let taken = bench.path("taken");
    fs::create_dir(&taken).unwrap();
    fs::write(taken.join("mine.txt"), "mine").unwrap();
    bench.fails(
        &training(&data, &["--out", taken.to_str().unwrap()]),
        &["taken"],
    );
    assert_eq!(
        fs::read_dir(&taken).unwrap().count(),
        1,
        "only what was there is there"
    );

    let mut command = bench.command(&training(&data, &[]));
    let said = Said::from(command.env("LUTHIER_HOME", &data).output().unwrap());
    assert_eq!(said.code, Some(1));
    assert!(said.err.contains("data.csv"), "{}", said.err);
}

#[cfg(unix)]
#[test]
fn a_read_only_folder_is_named() {
    use std::os::unix::fs::PermissionsExt as _;
    let bench = Bench::new();
    let data = bench.write("data.csv", reviews());
    let locked = bench.path("locked");
    fs::create_dir(&locked).unwrap();
    fs::set_permissions(&locked, fs::Permissions::from_mode(0o555)).unwrap();
    if fs::write(locked.join("probe"), "").is_ok() {
        // Root may write to read-only folders; the test above covers the same path of the code.
        return;
    }
    let out = locked.join("run");
    bench.fails(
        &training(&data, &["--out", out.to_str().unwrap()]),
        &["locked"],
    );
}

#[test]
fn rows_that_are_cut_or_set_aside_are_told_and_do_no_harm() {
    let bench = Bench::new();
    let long = "the film is good ".repeat(40);
    let data = bench.write(
        "data.csv",
        reviews() + &format!(",positive\n{long},positive\n"),
    );
    let said = bench.luthier(&training(&data, &["--set", "max_steps=2"]));
    assert_eq!(said.code, Some(0), "{}", said.err);
    assert!(said.err.contains("Row 61"), "{}", said.err);
    assert!(said.err.contains("max_seq_length"), "{}", said.err);
    assert!(said.out.contains("Accuracy"), "{}", said.out);
    // The end says how far the scores can be trusted, as evaluate does.
    for words in ["validation", "test", "95 % interval", "without looking"] {
        assert!(said.out.contains(words), "no {words} in {}", said.out);
    }
    let main = said.out.lines().find(|line| line.starts_with("F1 (macro)"));
    let main = main.expect("the main score");
    assert!(
        main.contains(" – ") && main.matches('.').count() == 5,
        "{main}"
    );
}

#[test]
fn a_second_text_that_was_found_is_told_and_can_be_left_out() {
    let bench = Bench::new();
    let pairs = reviews().replace("text,label", "sentence1,sentence2,label");
    let pairs = pairs.replace(" is ", ",it is ");
    let data = bench.write("data.csv", pairs);
    let told = "Two texts are read together, the columns \"sentence1\" and \"sentence2\".";
    let steps = ["--task", "topic", "--set", "max_steps=2"];
    let both = [&steps[..], &["--out", "both"]].concat();
    let said = bench.luthier(&training(&data, &both));
    assert_eq!(said.code, Some(0), "{}", said.err);
    assert_eq!(said.err.matches(told).count(), 1, "{}", said.err);
    let alone = [&steps[..], &["--text-pair-column", "", "--out", "alone"]].concat();
    let said = bench.luthier(&training(&data, &alone));
    assert_eq!(said.code, Some(0), "{}", said.err);
    assert!(!said.err.contains("Two texts"), "{}", said.err);
    // What was learned from single texts is asked and scored with single texts.
    let texts = bench.write("texts.csv", "sentence1,sentence2\nthe film,it is good\n");
    let alone = bench.succeeds(&["predict", "alone", "--file", &texts, "--json"]);
    assert_eq!(lines_of_json(&alone)[0]["pair"], Value::Null, "{alone}");
    bench.succeeds(&["evaluate", "alone", "--data", &data]);
    // How a table is read can be said to predict too.
    let odd = bench.write("odd.txt", "a;b\nnothing;the film\n");
    let columns = [
        "predict",
        "both",
        "--file",
        &odd,
        "--delimiter",
        "semicolon",
    ];
    let named = ["--text-column", "b", "--text-pair-column", "a", "--json"];
    let answer = bench.succeeds(&[&columns[..], &["--header", "true"], &named].concat());
    let answer = &lines_of_json(&answer)[0];
    assert_eq!(
        (&answer["text"], &answer["pair"]),
        (&"the film".into(), &"nothing".into())
    );
    let pairs = ["--task", "pairs", "--set", "max_steps=2", "--out", "pairs"];
    let said = bench.luthier(&training(&data, &pairs));
    assert_eq!(said.code, Some(0), "{}", said.err);
    assert!(!said.err.contains("Two texts"), "{}", said.err);
    // A text without its other side ends nothing, and is told.
    let lines = bench.write(
        "lines.txt",
        "the film\tit is bad\nonly one\nthe bed\tit is good\na\tb\tc\n",
    );
    let said = bench.luthier(&["predict", "pairs", "--file", &lines]);
    assert_eq!(
        (said.code, said.out.lines().count()),
        (Some(0), 2),
        "{}",
        said.err
    );
    assert!(
        said.err.contains("2 texts passed over")
            && said.err.contains("of text 2 one side is empty"),
        "{}",
        said.err
    );
    let three = ["predict", "pairs", "a\tb\tc"];
    bench.fails_after(&three, &["text 1 has 3 parts", "two", "Leave one tab"]);
    // The window names the same line.
    let window = Native::new(Home::at(bench.path("home")), &text::ENGLISH);
    let score = |lines: &str| {
        let (run, progress) = (bench.path("pairs"), Progress::default());
        window.score_file(&run, Path::new(lines), &progress)
    };
    let whole = "\nthe film\tit is bad\n".repeat(40);
    for (last, words) in [
        ("only one", "of text 81"),
        ("a\tb\tc", "text 81 has 3 parts"),
    ] {
        let lines = bench.write("lines.txt", format!("{whole}{last}\n"));
        let fault = score(&lines).unwrap_err().what();
        assert!(fault.contains(words), "{fault}");
    }
    let lines = bench.write("lines.txt", whole);
    assert_eq!(score(&lines).unwrap().len(), 40);
}

#[test]
fn the_catalogue_is_listed_and_described() {
    let bench = Bench::new();
    let list = bench.succeeds(&["models"]);
    assert!(
        list.contains("luthier-mini") && list.contains("built in"),
        "{list}"
    );
    assert_eq!(list, bench.succeeds(&["models", "list"]));
    let entries = lines_of_json(&bench.succeeds(&["models", "list", "--json"]));
    assert_eq!(entries.len() + 1, list.lines().count());
    assert_eq!(entries[0]["status"], "built_in");
    let shown = bench.succeeds(&["models", "show", "bert-base-uncased"]);
    assert!(
        shown.contains("3e-5") && shown.contains("Apache-2.0"),
        "{shown}"
    );
    assert!(
        bench
            .succeeds(&["models", "fetch", "luthier-mini"])
            .contains("part of the program")
    );
    // What is not fetched yet is refused offline, with what to do.
    let mut fetch = bench.command(&["models", "fetch", "bert-base-uncased", "--json"]);
    let said = Said::from(fetch.env("HF_HUB_OFFLINE", "1").output().unwrap());
    assert_eq!(said.code, Some(1));
    assert_eq!(lines_of_json(&said.out).pop().unwrap()["event"], "failed");
}

#[test]
fn no_runs_yet_is_no_fault() {
    let bench = Bench::new();
    let said = bench.luthier(&["runs"]);
    assert_eq!((said.code, said.out.as_str()), (Some(0), ""));
    assert!(said.err.contains("luthier train"), "{}", said.err);
    assert_eq!(bench.succeeds(&["runs", "--json"]), "");
}

/// The main job, on the command line: train, look, score again, use, export, use the export.
#[test]
fn from_a_labelled_file_to_an_exported_model() {
    let bench = Bench::new();
    let data = bench.write("data.csv", reviews());
    let more = [
        "--set",
        "num_train_epochs=8",
        "--set",
        "learning_rate=0.002",
        "--set",
        "per_device_train_batch_size=4",
        "--set",
        "dropout=0",
        "--probe",
        "the film is good",
        "--json",
    ];
    let events = lines_of_json(&bench.succeeds(&training(&data, &more)));
    check_events(&events);
    let finished = events.last().unwrap();
    let run = finished["run"].as_str().unwrap();
    for file in [
        "run.toml",
        "history.jsonl",
        "evaluation.json",
        "predictions-test.jsonl",
        "model/config.json",
        "model/model.safetensors",
    ] {
        assert!(Path::new(run).join(file).is_file(), "no {file}");
    }

    let runs = lines_of_json(&bench.succeeds(&["runs", "--json"]));
    assert_eq!(runs.len(), 1);
    assert_eq!(runs[0]["test"], finished["test"]);
    let name = runs[0]["name"].as_str().unwrap();
    assert!(bench.succeeds(&["runs"]).contains(name));

    check_evaluate(&bench, name, finished, &data);
    check_predict(&bench, name);
    check_export(&bench, name, &data);
    check_again(&bench, run, finished);
}

fn check_events(events: &[Value]) {
    let kinds: Vec<_> = events
        .iter()
        .map(|event| event["event"].as_str().unwrap())
        .collect();
    assert_eq!(kinds[0], "preparing");
    for kind in ["started", "step", "evaluated", "finishing"] {
        assert!(kinds.contains(&kind), "no {kind}");
    }
    let evaluated = events
        .iter()
        .find(|event| event["event"] == "evaluated")
        .unwrap();
    assert_eq!(evaluated["probes"][0]["text"], "the film is good");
    let finished = events.last().unwrap();
    assert_eq!(finished["event"], "finished");
    for split in ["validation", "test"] {
        for score in ["accuracy", "f1_macro", "loss"] {
            assert!(
                finished[split][score].is_f64(),
                "{split} {score}: {finished}"
            );
        }
    }
}

fn check_evaluate(bench: &Bench, name: &str, finished: &Value, data: &str) {
    let again = &lines_of_json(&bench.succeeds(&["evaluate", name, "--json"]))[0];
    assert_eq!(
        (&again["event"], &again["split"]),
        (&"evaluation".into(), &"test".into())
    );
    assert_eq!(again["scores"]["f1_macro"], finished["test"]["f1_macro"]);
    let all = &lines_of_json(&bench.succeeds(&["evaluate", name, "--data", data, "--json"]))[0];
    assert_eq!((&all["split"], &all["rows"]), (&"file".into(), &60.into()));
    let words = bench.succeeds(&["evaluate", name]);
    assert!(
        words.contains("test split") && words.contains("Accuracy"),
        "{words}"
    );

    let other = bench.write(
        "other.csv",
        "text,label\nthe film is good,positive\nthe film is odd,mixed\n",
    );
    let said = bench.luthier(&["evaluate", name, "--data", &other]);
    assert_eq!(said.code, Some(1));
    for word in ["other.csv", "row 2", "mixed", "--clean"] {
        assert!(said.err.contains(word), "no {word} in {}", said.err);
    }
    // Read and cleaned as a training would read and clean it.
    let renamed = ["--clean", "labels={ \"mixed\" = \"negative\" }", "--json"];
    let odd = bench.write(
        "odd.csv",
        "note;label;said\n1;positive;the film is good\n2;mixed;the film is odd\n",
    );
    let columns = ["evaluate", name, "--data", &odd, "--text-column", "said"];
    let all = &lines_of_json(&bench.succeeds(&[&columns[..], &renamed].concat()))[0];
    assert_eq!(all["rows"], 2);
    let nothing = bench.luthier(&["evaluate", name, "--clean", "html"]);
    assert!(nothing.err.contains("--data"), "{}", nothing.err);
}

fn check_predict(bench: &Bench, name: &str) {
    let texts = ["the film is good", "the room is boring"];
    let from_arguments = bench.succeeds(&["predict", name, texts[0], texts[1]]);
    let lines: Vec<Vec<_>> = from_arguments
        .lines()
        .map(|line| line.split('\t').collect())
        .collect();
    assert_eq!(lines.len(), 2);
    assert_eq!((lines[0][0], lines[0][2]), ("positive", texts[0]));
    assert_eq!((lines[1][0], lines[1][2]), ("negative", texts[1]));
    assert!(lines[0][1].parse::<f64>().unwrap() > 0.5);

    let file = bench.write("texts.txt", texts.join("\r\n"));
    assert_eq!(
        bench.succeeds(&["predict", name, "--file", &file]),
        from_arguments
    );

    let mut child = bench
        .command(&["predict", name, "--json"])
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    let mut output = BufReader::new(child.stdout.take().unwrap()).lines();
    // The answer comes while the pipe is still open.
    writeln!(input, "{}", texts[0]).unwrap();
    let first: Value = serde_json::from_str(&output.next().unwrap().unwrap()).unwrap();
    assert_eq!(
        (&first["row"], &first["label"]),
        (&1.into(), &"positive".into())
    );
    writeln!(input, "\n{}", texts[1]).unwrap();
    drop(input);
    let second: Value = serde_json::from_str(&output.next().unwrap().unwrap()).unwrap();
    assert_eq!(
        (&second["row"], &second["label"]),
        (&3.into(), &"negative".into())
    );
    assert!(output.next().is_none());
    assert!(child.wait().unwrap().success());

    for (arguments, word) in [
        (&["predict", name, ""][..], "text 1"),
        (&["predict", name, "--file", "none.txt"], "none.txt"),
        (&["predict", name], "no text"),
        (&["predict", "no-such-run", "text"], "no-such-run"),
    ] {
        let said = bench.luthier(arguments);
        assert_eq!(said.code, Some(1), "{arguments:?}");
        assert!(said.err.contains(word), "{arguments:?}: {}", said.err);
    }
}

fn check_export(bench: &Bench, name: &str, data: &str) {
    let to = bench.path("exported");
    let to = to.to_str().unwrap();
    let exported = &lines_of_json(&bench.succeeds(&["export", name, "--to", to, "--json"]))[0];
    assert_eq!(exported["event"], "exported");
    assert!(exported["largest_difference"].as_f64().unwrap() < 1e-6);
    assert!(Path::new(to).join("model.safetensors").is_file());
    assert_eq!(
        bench.succeeds(&["predict", to, "the film is good"]),
        // To a model of single texts a tab is white space.
        bench.succeeds(&["predict", name, "the film\tis good"])
    );
    let scored = &lines_of_json(&bench.succeeds(&["evaluate", to, "--data", data, "--json"]))[0];
    assert_eq!(scored["split"], "file");
    for (arguments, words) in [
        (&["export", name, "--to", to][..], &["exported"][..]),
        (&["export", name, "--to", "data.csv/model"], &["data.csv"]),
        (&["evaluate", to], &["--data"]),
    ] {
        let said = bench.luthier(arguments);
        assert_eq!(said.code, Some(1), "{arguments:?}");
        for word in words {
            assert!(said.err.contains(word), "{arguments:?}: {}", said.err);
        }
    }
    let weights = Path::new(to).join("model.safetensors");
    let whole = fs::read(&weights).unwrap();
    fs::write(&weights, &whole[..whole.len() / 2]).unwrap();
    let said = bench.luthier(&["predict", to, "text"]);
    assert_eq!(said.code, Some(1));
    assert!(said.err.contains("model.safetensors"), "{}", said.err);
}

/// The run's own file, trained again, gives the same model.
fn check_again(bench: &Bench, run: &str, finished: &Value) {
    let file = format!("{run}/run.toml");
    let out = bench.path("again");
    let out = out.to_str().unwrap();
    let events =
        lines_of_json(&bench.succeeds(&["train", &file, "--out", out, "--threads", "2", "--json"]));
    let again = events.last().unwrap();
    assert_eq!(again["run"], out);
    assert_eq!(again["test"], finished["test"]);
    let weights = |run: &str| fs::read(format!("{run}/model/model.safetensors")).unwrap();
    assert!(weights(run) == weights(out), "the weights differ");
}

#[test]
fn a_reader_that_goes_away_ends_nothing() {
    let bench = Bench::new();
    let data = bench.write("data.csv", reviews());
    let arguments = training(&data, &["--json", "--set", "max_steps=20", "--out", "run"]);
    let mut child = bench.command(&arguments).spawn().unwrap();
    let mut output = BufReader::new(child.stdout.take().unwrap());
    output.read_line(&mut String::new()).unwrap();
    drop(output);
    let mut said = String::new();
    child
        .stderr
        .take()
        .unwrap()
        .read_to_string(&mut said)
        .unwrap();
    assert!(child.wait().unwrap().success(), "{said}");
    assert!(!said.contains("panicked"), "{said}");
    assert!(said.contains("the run goes on"), "{said}");
    assert!(bench.path("run/evaluation.json").is_file());

    let mut child = bench.command(&["models", "--json"]).spawn().unwrap();
    drop(child.stdout.take());
    let said = Said::from(child.wait_with_output().unwrap());
    assert_eq!(said.code, Some(0), "{}", said.err);
}

/// An endless training in the folder `run`, sent `signal` after its first two evaluations. Its last
/// line, and how it ended.
#[cfg(unix)]
fn ended_by(bench: &Bench, signal: libc::c_int) -> (Value, std::process::ExitStatus) {
    let data = bench.write("data.csv", reviews());
    let arguments = training(
        &data,
        &[
            "--out",
            "runs/run",
            "--json",
            "--set",
            "max_steps=1000000",
            "--set",
            "eval_steps=20",
        ],
    );
    let mut child = bench.command(&arguments).spawn().unwrap();
    let mut events = BufReader::new(child.stdout.take().unwrap()).lines();
    let scored = |line: &String| line.contains("\"event\":\"evaluated\"");
    let lines = events.by_ref().map_while(Result::ok);
    assert_eq!(lines.filter(scored).take(2).count(), 2);
    // SAFETY: a plain system call; the child is ours and has not been waited for.
    unsafe { libc::kill(child.id() as i32, signal) };
    let last = events.map_while(Result::ok).last().unwrap_or_default();
    let last = serde_json::from_str(&last).unwrap_or_default();
    (last, child.wait().unwrap())
}

#[cfg(unix)]
#[test]
fn being_asked_to_end_stops_and_keeps_the_best() {
    for signal in [libc::SIGINT, libc::SIGTERM] {
        let bench = Bench::new();
        let (last, status) = ended_by(&bench, signal);
        assert_eq!(
            (&last["event"], &last["outcome"]),
            (&"finished".into(), &"stopped".into())
        );
        assert!(status.success());
        assert!(bench.path("runs/run/model/model.safetensors").is_file());
    }
}

#[cfg(unix)]
#[test]
fn of_a_run_that_was_killed_the_best_so_far_is_kept() {
    let bench = Bench::new();
    let (_, status) = ended_by(&bench, libc::SIGKILL);
    assert!(!status.success());
    assert!(!bench.path("runs/run/model").exists());
    let listed = bench.succeeds(&["runs", "runs"]);
    assert!(
        listed.contains("run ") && listed.contains("failed"),
        "{listed}"
    );
    let as_json = lines_of_json(&bench.succeeds(&["runs", "runs", "--json"]));
    let begun = as_json[0]["begun"].as_str().unwrap();
    assert!(begun.len() == 10 && listed.contains(begun), "{listed}");
    let scored = bench.succeeds(&["evaluate", "runs/run"]);
    assert!(scored.contains("Accuracy"), "{scored}");
    let said = bench.luthier(&["predict", "runs/run", "the film is good"]);
    assert!(said.err.contains("did not come to its end"), "{}", said.err);
    let answer = said.out;
    assert!(
        answer.contains("positive") || answer.contains("negative"),
        "{answer}"
    );
    let exported = bench.succeeds(&["export", "runs/run", "--to", "copy", "--json"]);
    let exported: Value = serde_json::from_str(exported.trim()).unwrap();
    assert_eq!(exported["compared_rows"], 6, "{exported}");
    assert!(bench.path("copy/model.safetensors").is_file());
    let card = fs::read_to_string(bench.path("copy/README.md")).unwrap();
    for words in [
        "did not come to its end",
        "Labels: ",
        "| accuracy | 0.",
        "# run\n",
    ] {
        assert!(card.contains(words), "no {words:?} in {card}");
    }
    assert!(!card.contains("test rows were read"), "{card}");
    assert!(
        exported["files"].to_string().contains("README.md"),
        "{exported}"
    );
}

/// The README is where people learn the keys, so none may be missing or have another default.
#[test]
fn the_readme_knows_every_hyperparameter() {
    let readme =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap();
    let rows: Vec<_> = readme
        .lines()
        .filter(|line| line.starts_with("| `"))
        .collect();
    for (name, default) in luthier::run::Hyperparameters::default().to_map() {
        let quoted = format!("`{name}`");
        let row = rows
            .iter()
            .find(|row| row.split('|').nth(1).unwrap().contains(&quoted));
        let row = row.unwrap_or_else(|| panic!("the README does not explain {name}"));
        let mut cells = row.split('|').map(str::trim).skip(1);
        let place = cells
            .next()
            .unwrap()
            .split(", ")
            .position(|cell| cell.contains(&quoted))
            .unwrap();
        let told = cells.next().unwrap().split(", ").nth(place).unwrap();
        let same = match default.as_f64() {
            Some(number) => told.parse() == Ok(number),
            None => told == default.to_string().trim_matches('"'),
        };
        assert!(
            same,
            "the README says {told} for {name}, the default is {default}"
        );
    }
}

/// A check's number in a report.
fn counted(report: &Value, name: &str) -> u64 {
    let checks = report["checks"].as_array().unwrap();
    let check = checks.iter().find(|check| check["name"] == name);
    check.map_or(0, |check| check["count"].as_u64().unwrap())
}

#[test]
fn data_is_checked_and_what_cannot_be_used_is_written_out() {
    let bench = Bench::new();
    let file = bench.write(
        "a.csv",
        "text;label\nGood value, works well;pos\nBroke on day one;neg\nBroke on day one;neg\n\
         Broke on day one;pos\n;neg\nWrite to me@example.org <br> please;neg\nno label;\n",
    );
    let aside = bench.path("aside.csv");
    let arguments = ["data", "check", &file, "--json", "--set-aside"];
    let out = bench.succeeds(&[&arguments[..], &[aside.to_str().unwrap()]].concat());
    let report: Value = serde_json::from_str(&out).unwrap();
    for (key, value) in [
        ("format", "csv"),
        ("encoding", "UTF-8"),
        ("delimiter", "semicolon"),
        ("kind", "label"),
    ] {
        assert_eq!(report[key], value, "{key}");
    }
    assert_eq!(report["header"], true);
    assert_eq!(report["columns"]["text"], "text");
    assert_eq!(report["columns"]["label"], "label");
    assert_eq!((&report["rows"], &report["used"]), (&7.into(), &5.into()));
    assert_eq!(report["labels"]["pos"], 2);
    assert_eq!(report["set_aside"][0]["row"], 5);
    assert_eq!(report["set_aside"][1]["reason"], "empty label");
    for (name, count) in [
        ("exact_duplicates", 1),
        ("conflicting_labels", 1),
        ("personal_data", 1),
        ("html", 1),
        ("mojibake", 0),
    ] {
        assert_eq!(counted(&report, name), count, "{name}");
    }
    // Neither the file itself nor any other is written over.
    for there in [&file, aside.to_str().unwrap()] {
        let before = fs::read(there).unwrap();
        bench.fails(&[&arguments[..], &[there]].concat(), &[there, "exists"]);
        assert_eq!(fs::read(there).unwrap(), before);
    }
    let aside = fs::read_to_string(aside).unwrap();
    assert!(aside.contains("5,6,empty text,,neg"), "{aside}");
    // What training sets aside counts as set aside here too.
    let questions = bench.write(
        "questions.json",
        r#"{"data": [{"title": "", "paragraphs": [{"context": "Paris is in France.", "qas": [
            {"id": "1", "question": "Where?", "answers": [{"text": "France", "answer_start": 12}]},
            {"id": "2", "question": "What?", "answers": [{"text": "Paris", "answer_start": 3}]}
        ]}]}]}"#,
    );
    let out = bench.succeeds(&["data", "check", &questions, "--json"]);
    let report: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((&report["rows"], &report["used"]), (&2.into(), &1.into()));
    assert_eq!(counted(&report, "answer_offsets"), 1);
    let markdown = bench.succeeds(&["data", "check", &file]);
    for words in [
        "7 = 5 used + 2 set aside",
        "1 row repeats another one",
        "e-mail",
        "--clean html",
    ] {
        assert!(markdown.contains(words), "{words} is not in {markdown}");
    }
    let nothing = bench.write("nothing.csv", "text,score\na film,abc\na play,def\n");
    let said = bench.succeeds(&["data", "check", &nothing, "--task", "similarity"]);
    assert!(said.contains("No row can be used"), "{said}");
}

#[test]
fn folders_and_files_by_label_are_read_for_what_they_are() {
    let bench = Bench::new();
    let texts = |label: &'static str| (0..30).map(move |row| format!("{label} text number {row}"));
    for label in ["fine", "poor"] {
        fs::create_dir_all(bench.path("texts").join(label)).unwrap();
        for (row, text) in texts(label).enumerate() {
            bench.write(&format!("texts/{label}/{row}.txt"), text);
        }
    }
    bench.write("texts/README", "about");
    let folder = bench.path("texts");
    let folder = folder.to_str().unwrap();
    let markdown = bench.succeeds(&["data", "check", folder]);
    assert!(
        markdown.contains("| 61 | README |"),
        "the row has no name in {markdown}"
    );
    let by_label = ["fine", "poor"].map(|label| (label, texts(label).collect::<Vec<_>>()));
    let by_label: std::collections::BTreeMap<_, _> = by_label.into_iter().collect();
    let file = bench.write("by_label.json", serde_json::to_string(&by_label).unwrap());
    let rows = by_label.iter().flat_map(|(label, texts)| {
        let row = move |text: &String| format!("{text},{label}\n");
        texts.iter().map(row)
    });
    let table = format!("text,label\n{}", rows.collect::<String>());
    let table = bench.write("table.csv", table);
    for (path, sorted) in [(folder, 0), (&file, 0), (&table, 60)] {
        let report = bench.succeeds(&["data", "check", path, "--json"]);
        let report: Value = serde_json::from_str(&report).unwrap();
        assert_eq!(report["used"], 60, "{path}");
        assert_eq!(counted(&report, "sorted"), sorted, "{path}");
    }
    let mut book = rust_xlsxwriter::Workbook::new();
    for (name, rows) in [("old", 1), ("new", 2)] {
        let sheet = book.add_worksheet().set_name(name).unwrap();
        for (row, cells) in [["text", "label"], ["a", "x"], ["b", "y"]][..=rows]
            .iter()
            .enumerate()
        {
            sheet.write_row(row as u32, 0, *cells).unwrap();
        }
    }
    let book = bench.write("a.xlsx", book.save_to_buffer().unwrap());
    let markdown = bench.succeeds(&["data", "check", &book]);
    assert!(
        markdown.contains("not read: \"old\"; choose a sheet with `--sheet NAME`"),
        "{markdown}"
    );
}

#[test]
fn questions_without_answers_are_checked_as_texts() {
    let bench = Bench::new();
    let squad = r#"{"data": [{"title": "T", "paragraphs": [{"context": "in Rome", "qas": [
        {"question": "Where?", "id": "1", "answers": []}]}]}]}"#;
    let blind = bench.write("blind.json", squad);
    let whole = bench.write(
        "whole.json",
        squad.replace("[]}", r#"[{"text": "Rome", "answer_start": 3}]}"#),
    );
    let report = |arguments: &[&str]| -> Value {
        let out = bench.succeeds(&[&["data", "check", "--json"], arguments].concat());
        serde_json::from_str(&out).unwrap()
    };
    // Titles that come again are no labels.
    let asked = r#"{"question": "Where?", "id": "1"}"#;
    let article = format!(
        r#"{{"title": "T", "paragraphs": [{{"context": "in Rome", "qas": [{asked}, {asked}]}}]}}"#
    );
    let other = article.replace("\"T\"", "\"U\"");
    let silent = format!("{{\"data\": [{article}, {other}]}}");
    let silent = bench.write("silent.json", silent);
    for blind in [&blind, &silent] {
        let alone = report(&[blind]);
        assert_eq!(
            (&alone["kind"], counted(&alone, "unanswerable")),
            (&"texts".into(), 0)
        );
    }
    let test = report(&[&whole, "--test", &blind]);
    assert_eq!(test["kind"], "answers");
    assert_eq!(test["other_files"][0]["kind"], "texts");
    let model = tiny();
    let model = model.to_str().unwrap();
    bench.fails(
        &[
            "train", "--train", &whole, "--test", &blind, "--model", model,
        ],
        &["blind.json has questions, but no answer"],
    );
}

#[test]
fn a_check_shows_what_is_left_after_cleaning() {
    let bench = Bench::new();
    let train = bench.write(
        "train.csv",
        "text,label\n<b>fine</b>,x\nfine,x\nso so,y\nin the test,y\n,y\n",
    );
    let test = bench.write("test.csv", "text,label\nin the test,y\nnever seen,x\n");
    let clean = [
        "--clean",
        "html",
        "--clean",
        "duplicates=exact",
        "--clean",
        "leaks=exact",
    ];
    let check = [&["data", "check", &train, "--test", &test], &clean[..]].concat();
    let report = bench.succeeds(&[&check[..], &["--json"]].concat());
    let report: Value = serde_json::from_str(&report).unwrap();
    let cleaning = serde_json::json!({
        "changed": {"html": 1},
        "dropped": {"duplicates": 1, "leaks": 1},
    });
    assert_eq!(report["cleaning"], cleaning);
    assert_eq!((&report["rows"], &report["used"]), (&5.into(), &2.into()));
    for gone in ["html", "exact_duplicates", "leaks"] {
        assert_eq!(counted(&report, gone), 0, "{gone}");
    }
    let nothing = serde_json::json!({"changed": {}, "dropped": {}});
    assert_eq!(report["other_files"][0]["cleaning"], nothing);

    let aside = bench.path("aside.csv");
    let aside = aside.to_str().unwrap();
    let markdown = bench.succeeds(&[&check[..], &["--set-aside", aside]].concat());
    for line in [
        "- cleaning changed 1 row: html\n",
        "- cleaning dropped 1 row: duplicates\n",
        "- cleaning changed and dropped nothing\n",
    ] {
        assert!(markdown.contains(line), "{line} in {markdown}");
    }
    let aside = fs::read_to_string(aside).unwrap();
    assert!(
        aside.contains("same as row 1") && aside.contains("empty text"),
        "{aside}"
    );
    let unknown = bench.luthier(&["data", "check", &train, "--clean", "htlm"]);
    assert!(unknown.err.contains("htlm"), "{}", unknown.err);
}

#[test]
fn a_check_refuses_what_training_refuses() {
    let bench = Bench::new();
    let file = bench.write("a.csv", "text,label\na,x\nb,y\n");
    let check = |more: &[&str]| -> Said {
        bench.luthier(&[&["data", "check", file.as_str()], more].concat())
    };
    let model = check(&["--model", "nope"]);
    assert_eq!(model.code, Some(1));
    assert!(model.err.contains("nope"), "{}", model.err);
    let length = check(&["--max-length", "0"]);
    assert_eq!(length.code, Some(2));
    assert!(length.err.contains("4"), "{}", length.err);
    let format = check(&["--format", "squad"]);
    assert_eq!(format.code, Some(1));
    assert!(
        format.err.contains("has not one row, read in this format")
            && format.err.contains("--format"),
        "{}",
        format.err
    );
}

#[test]
fn leaks_between_files_and_hand_corrections_are_taken_into_account() {
    let bench = Bench::new();
    let train = bench.write("train.tsv", "the first text\tA\nthe second text\tB\n");
    let test = bench.write("test.tsv", "the second text\na text of its own\n");
    let aside = bench.path("aside.csv");
    let arguments = ["data", "check", &train, "--test", &test, "--json"];
    let aside = ["--set-aside", aside.to_str().unwrap()];
    let out = bench.succeeds(&[&arguments[..], &aside].concat());
    let report: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(counted(&report, "leaks"), 1);
    assert_eq!(report["other_files"][0]["kind"], "texts");
    // A column says the same, in whatever order.
    let one = bench.write(
        "one.csv",
        "text,label,split\nthe same text,A,test\nthe same text,A,train\nanother text,B,train\n",
    );
    let out = bench.succeeds(&["data", "check", &one, "--json"]);
    let report: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(counted(&report, "leaks"), 1);
    assert_eq!(
        (&report["rows"], &report["labels"]["A"]),
        (&3.into(), &2.into())
    );
    let out = bench.succeeds(&["data", "check", &train, "--json", "--header", "true"]);
    let report: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(
        (&report["rows"], &report["header"]),
        (&1.into(), &true.into())
    );
    bench.fails(&["data", "check", "nowhere.csv"], &["nowhere.csv"]);
    bench.fails(
        &["data", "check", &train, "--task", "pairs"],
        &["no column that looks like the second text; its columns are \"column 1\", \"column 2\""],
    );
    bench.fails(
        &["data", "check", &train, "--label-column", "stars"],
        &["stars", "train.tsv"],
    );
}

/// Every task on its bundled set: trained for two steps, scored again, asked, exported.
#[test]
fn every_task_goes_from_its_bundled_set_to_an_exported_folder() {
    let bench = Bench::new();
    let model = tiny();
    let model = model.to_str().unwrap();
    let cases = [
        ("topics", "The court fined the airline.", "labels"),
        ("similarity", "It rains.\tIt is raining.", "values"),
        ("entities", "Ada flew to Lagos.", "entities"),
        (
            "questions",
            "Ada opened it in 1987.\tWhen did it open?",
            "candidates",
        ),
    ];
    for (set, asked, field) in cases {
        let train = [
            &["train", "--data", set, "--model", model, "--out", set][..],
            &["--set", "max_steps=2", "--set", "max_seq_length=48"],
            &["--set", "doc_stride=16", "--probe", asked, "--json"],
        ];
        let said = bench.succeeds(&train.concat());
        let events: Vec<Value> = said
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        let finished = events.last().unwrap();
        assert_eq!(finished["event"], "finished", "{set}: {finished}");
        let started = events.iter().find(|event| event["event"] == "started");
        let main = &started.unwrap()["main_scores"][0];
        assert_eq!(started.unwrap()["best_metric"], *main, "{set}");

        let again = bench.succeeds(&["evaluate", set, "--json"]);
        let again: Value = serde_json::from_str(&again).unwrap();
        assert_eq!(again["scores"], finished["test"], "{set}");
        let told = bench.succeeds(&["evaluate", set]);
        assert!(told.contains("without looking"), "{told}");

        let answer = bench.succeeds(&["predict", set, asked, "--json"]);
        let answer: Value = serde_json::from_str(&answer).unwrap();
        assert!(!answer[field].is_null(), "{set}: {answer}");
        assert_eq!(bench.succeeds(&["predict", set, asked]).lines().count(), 1);

        if set == "similarity" {
            let card = fs::read_to_string(bench.path("similarity/model/README.md")).unwrap();
            assert!(card.contains("\"text_pair\": \"Another\""), "{card}");
            bench.fails_after(&["predict", set, "It rains."], &["two texts", "tab"]);
        }
        let to = format!("{set}-model");
        let exported = bench.succeeds(&["export", set, "--to", &to, "--json"]);
        let exported: Value = serde_json::from_str(&exported).unwrap();
        assert!(
            exported["largest_difference"].as_f64().unwrap() < 1e-6,
            "{set}"
        );
        let rows = &again["rows"];
        assert_eq!(&exported["compared_rows"], rows, "{set}");
    }
}

/// Two numbers a text, from the file to the exported folder; a row without one is set aside.
#[test]
fn what_keeps_a_model_from_learning_is_told_at_the_start() {
    let bench = Bench::new();
    let model = tiny();
    let model = model.to_str().unwrap();
    let two_steps = ["--model", model, "--set", "max_steps=2"];
    let mut prices = String::from("text;price\n");
    let mut marks = String::from("text,late,broken\n");
    for (row, line) in reviews().lines().skip(1).enumerate() {
        let (words, _) = line.split_once(',').unwrap();
        prices += &format!("{words};{},5\n", 100 + row);
        marks += &format!("{words},x,\n");
    }
    let prices = bench.write("prices.csv", prices);
    let train = [
        &["train", "--data", &prices, "--out", "run"],
        &two_steps[..],
    ];
    let said = bench.luthier(&train.concat());
    assert_eq!(said.code, Some(0), "{}", said.err);
    let told = said.out + &said.err;
    assert!(told.contains("Divide them"), "{told}");

    let marks = bench.write("marks.csv", marks);
    let marks = ["train", "--data", &marks, "--label-column", "late"];
    let train = [&marks[..], &["--task", "multi-label"], &two_steps[..]];
    bench.fails_after(&train.concat(), &["marks.csv", "\"x\"", "at least two"]);
    bench.fails_after(
        &["train", "--data", "reviews", "--model", "run"],
        &["folder around a model", "run/model"],
    );

    let table = bench.write("table.csv", "id,text\n1,fine\n2,fine, but late\n3,\n");
    let said = bench.luthier(&["predict", "run", "--file", &table]);
    assert_eq!(said.code, Some(0), "{}", said.err);
    for words in ["row 2", "line 3", "table.csv", "1 text without words"] {
        assert!(said.err.contains(words), "no {words:?} in {}", said.err);
    }
}

#[test]
fn several_numbers_go_from_a_file_to_an_exported_folder() {
    let bench = Bench::new();
    let model = tiny();
    let model = model.to_str().unwrap();
    let mut file = String::from("id,essay,grammar,vocabulary\n");
    for (row, line) in reviews().lines().skip(1).enumerate() {
        let (words, _) = line.split_once(',').unwrap();
        let grade = (row % 9) as f64 / 2.0;
        file += &format!("{row},{words},{grade},{}\n", 5.0 - grade);
    }
    file += "60,one without,3.5,\n61,one that is none,good,1\n";
    let file = bench.write("essays.csv", file);
    let columns = "grammar,vocabulary";
    let set = ["--data", &file, "--label-column", columns, "--model", model];
    let train = [
        &["train", "--task", "similarity", "--out", "run"][..],
        &set,
        &["--set", "max_steps=2", "--probe", "a good film", "--json"],
    ];
    let said = bench.succeeds(&train.concat());
    let events = lines_of_json(&said);
    let finished = events.last().unwrap();
    assert_eq!(finished["event"], "finished", "{finished}");
    let config = fs::read(bench.path("run/model/config.json")).unwrap();
    let config: Value = serde_json::from_slice(&config).unwrap();
    let names = serde_json::json!({"0": "grammar", "1": "vocabulary"});
    assert_eq!(config["id2label"], names);
    assert_eq!(config["problem_type"], "regression");

    let again = bench.succeeds(&["evaluate", "run", "--json"]);
    let again: Value = serde_json::from_str(&again).unwrap();
    assert_eq!(again["scores"], finished["test"]);
    let targets = again["per_target"].as_array().unwrap();
    assert_eq!(targets.len(), 2);
    for score in ["mse", "mae"] {
        let mean = targets
            .iter()
            .map(|own| own[score].as_f64().unwrap())
            .sum::<f64>()
            / 2.0;
        let off = mean - again["scores"][score].as_f64().unwrap();
        assert!(off.abs() < 1e-12, "{again}");
    }
    // Another file's columns are found by the model's names, in the model's order.
    let whole = bench.succeeds(&["evaluate", "run", "--data", &file, "--json"]);
    let turned = ["--label-column", "vocabulary,grammar", "--json"];
    let turned = [&["evaluate", "run", "--data", &file][..], &turned].concat();
    assert_eq!(bench.succeeds(&turned), whole);
    let whole: Value = serde_json::from_str(&whole).unwrap();
    assert_eq!(whole["rows"], 60);
    assert_eq!(whole["set_aside"][1]["row"], 62, "{whole}");
    let said = bench.luthier(&["evaluate", "run", "--data", &file]);
    assert!(
        said.err
            .contains("2 rows were set aside; the first is row 61"),
        "{}",
        said.err
    );
    let told = bench.succeeds(&["evaluate", "run"]);
    for words in ["vocabulary", "Mean absolute error"] {
        assert!(told.contains(words), "{told}");
    }
    let card = fs::read_to_string(bench.path("run/model/README.md")).unwrap();
    assert!(
        card.contains("## Per target") && card.contains("| vocabulary |"),
        "{card}"
    );
    let asked = "model(\"Your sentence here\", function_to_apply";
    assert!(card.contains(asked), "{card}");

    let answer = bench.succeeds(&["predict", "run", "a good film", "--json"]);
    let answer: Value = serde_json::from_str(&answer).unwrap();
    let plain = bench.succeeds(&["predict", "run", "a good film"]);
    for name in ["grammar", "vocabulary"] {
        let number = answer["values"][name].as_f64().unwrap();
        assert!(plain.contains(&format!("{name} {number:.3}")), "{plain}");
    }
    let rows = fs::read_to_string(bench.path("run/predictions-test.jsonl")).unwrap();
    for row in lines_of_json(&rows) {
        let sum: f64 = ["grammar", "vocabulary"]
            .map(|name| row["gold"][name].as_f64().unwrap())
            .iter()
            .sum();
        assert_eq!(sum, 5.0, "{row}");
    }
    let exported = bench.succeeds(&["export", "run", "--to", "model", "--json"]);
    let exported: Value = serde_json::from_str(&exported).unwrap();
    assert!(exported["largest_difference"].as_f64().unwrap() < 1e-6);
    let told = bench.succeeds(&["export", "run", "--to", "again"]);
    assert!(told.contains(asked), "{told}");
    // A run whose weights are gone is named, not the copy that was being made.
    let weights = bench.path("run/model/model.safetensors");
    let kept = bench.path("weights");
    fs::rename(&weights, &kept).unwrap();
    let said = bench.luthier(&["export", "run", "--to", "third"]);
    assert_eq!(said.code, Some(1), "{}", said.err);
    let words = ["the model of the run", "run/model", "train the run again"];
    for word in words {
        assert!(said.err.contains(word), "no {word} in {}", said.err);
    }
    assert!(!said.err.contains(".partial"), "{}", said.err);
    assert!(!bench.path("third").exists());
    fs::rename(&kept, &weights).unwrap();

    // One label is asked of two columns; numbers are learnt as names; the hint asks for one text.
    let one_label = ["train", "--task", "topic", "--set", "max_steps=2"];
    let several = [&one_label[..], &set].concat();
    bench.fails_after(&several, &["several columns", "similarity"]);
    let numbers = [&one_label[..], &["--data", &file, "--model", model]].concat();
    let said = bench.luthier(&[&numbers[..], &["--label-column", "vocabulary"]].concat());
    assert!(said.err.contains("9 labels are numbers"), "{}", said.err);
    let said = bench.succeeds(&[&train[0][..3], &set, &["--set", "max_steps=2"]].concat());
    assert!(said.contains("\"Your sentence here\""), "{said}");

    let one = bench.write("one.csv", "essay,grammar\na good film,2\n");
    bench.fails_after(
        &["evaluate", "run", "--data", &one],
        &["vocabulary", "one.csv", "--label-column"],
    );
    bench.fails_after(
        &[
            "evaluate",
            "run",
            "--data",
            &one,
            "--label-column",
            "grammar",
        ],
        &["row 1", "grammar, vocabulary"],
    );
    let none = bench.write("none.csv", "essay,grammar,vocabulary\na,2,high\n");
    let train = [
        "train",
        "--task",
        "similarity",
        "--data",
        &none,
        "--label-column",
        columns,
    ];
    bench.fails_after(
        &train,
        &[
            "none.csv",
            "line 2",
            "\"high\" in \"vocabulary\" is no number",
        ],
    );
}

#[test]
fn whole_files_are_asked_in_the_way_of_the_task() {
    let bench = Bench::new();
    let model = tiny();
    let model = model.to_str().unwrap();
    let two_steps = ["--model", model, "--set", "max_steps=2"];
    for set in ["entities", "questions"] {
        let train = [&["train", "--data", set, "--out", set], &two_steps[..]].concat();
        bench.succeeds(&train);
    }
    let words = bench.write("a.conll", "Ada\tO\nflew\tO\n.\tO\n\nIt\tO\nrains\tO\n");
    let said = bench.succeeds(&["predict", "entities", "--file", &words]);
    let texts: Vec<&str> = said
        .lines()
        .map(|line| line.rsplit('\t').next().unwrap())
        .collect();
    assert_eq!(texts, ["Ada flew .", "It rains"]);
    let lists =
        "{\"tokens\": [\"Ada\", \"flew\"], \"tags\": [\"B-PER\", \"O\"]}\n{\"tokens\": [\"It\"]}\n";
    let lists = bench.write("words.jsonl", lists);
    let said = bench.succeeds(&["predict", "entities", "--file", &lists, "--json"]);
    let texts: Vec<Value> = lines_of_json(&said);
    assert_eq!(
        (&texts[0]["text"], &texts[1]["text"]),
        (&"Ada flew".into(), &"It".into())
    );
    let asked = r#"{"context": "Ada opened it in 1987.", "question": "When?"}"#;
    let asked = bench.write("a.jsonl", format!("{asked}\n"));
    let said = bench.succeeds(&["predict", "questions", "--file", &asked]);
    assert!(said.trim_end().ends_with("When?"), "{said}");
    bench.fails_after(&["predict", "questions", "It is here."], &["question"]);
}

#[test]
fn tasks_and_rows_that_do_not_fit_are_told() {
    let bench = Bench::new();
    let model = tiny();
    let model = model.to_str().unwrap();
    let one = bench.write("one.csv", "sentence1,sentence2,label\na,b,x\nc,,y\n");
    bench.fails(
        &[
            "train",
            "--task",
            "similarity",
            "--data",
            &one,
            "--model",
            model,
        ],
        &["one.csv"],
    );
    bench.fails(
        &[
            "train",
            "--data",
            "entities",
            "--model",
            model,
            "--set",
            "metric_for_best_model=spearman",
        ],
        &["metric_for_best_model", "f1"],
    );
    let texts = bench.write("texts.csv", "text,label\na good one,x\na bad one,y\n");
    bench.fails(
        &[
            "train", "--task", "pairs", "--data", &texts, "--model", model,
        ],
        &["texts.csv", "one text in each row", "topic"],
    );
    let numbers = ["similarity", "regression"];
    for (task, words) in [
        (numbers[0], ["a number", "topic"]),
        (numbers[1], ["a number", "topic"]),
        ("entities", ["a tag for each word", "topic"]),
        ("questions", ["passages", "topic"]),
    ] {
        let line = ["train", "--task", task, "--data", &texts, "--model", model];
        bench.fails(&line, &words);
    }
    bench.fails(&["train", "--data", "review"], &["review", "reviews-zh"]);
    bench.fails(
        &[
            "train",
            "--task",
            "sentiment",
            "--data",
            "topics",
            "--model",
            model,
        ],
        &["topics", "multi_label", "reviews"],
    );
    let said = bench.luthier(&["train", "--task", "haiku"]);
    assert_eq!(said.code, Some(2));
    assert!(said.err.contains("entities"), "{}", said.err);
}

#[test]
fn answers_that_are_not_at_their_place_are_set_aside_or_mended() {
    let bench = Bench::new();
    let paragraph = |i: usize, answer: &str, start: usize| {
        serde_json::json!({"context": format!("House {i} was built by Ada Byron."), "qas": [{
            "id": i.to_string(), "question": "Who built it?",
            "answers": [{"text": answer, "answer_start": start}],
        }]})
    };
    let mut paragraphs: Vec<Value> = (10..50).map(|i| paragraph(i, "Ada Byron", 22)).collect();
    paragraphs.push(paragraph(50, "Ada Byron", 3));
    paragraphs.push(paragraph(51, "Napoleon", 3));
    paragraphs.push(paragraph(52, "Napoleon", 9999));
    let squad = serde_json::json!({"data": [{"title": "houses", "paragraphs": paragraphs}]});
    let data = bench.write("squad.json", squad.to_string());
    let model = tiny();
    let steps = ["--model", model.to_str().unwrap(), "--set", "max_steps=2"];
    let train = ["train", "--data", &data];
    let said = bench.luthier(&[&train[..], &steps, &["--out", "plain"]].concat());
    assert_eq!(said.code, Some(0), "{}", said.err);
    // Nobody named the task: the data say it, and that is told.
    assert!(said.err.contains("the task questions"), "{}", said.err);
    assert!(said.err.contains("3 rows were set aside"), "{}", said.err);
    assert!(said.err.contains("row 41"), "{}", said.err);
    let mended = ["--clean", "repair_answers", "--out", "mended"];
    let said = bench.luthier(&[&train[..], &steps, &mended].concat());
    assert_eq!(said.code, Some(0), "{}", said.err);
    assert!(said.err.contains("2 rows were set aside"), "{}", said.err);
    bench.succeeds(&["evaluate", "plain", "--data", &data]);
}

#[test]
fn labels_that_a_model_never_learned_are_named_together_or_skipped() {
    let bench = Bench::new();
    let data = bench.write("data.csv", reviews());
    let said = bench.luthier(&training(&data, &["--set", "max_steps=2", "--out", "run"]));
    assert_eq!(said.code, Some(0), "{}", said.err);
    let more = "a,mixed\nb,mixed\nc,odd\n";
    let other = bench.write("other.csv", reviews() + more);
    let evaluate = ["evaluate", "run", "--data", &other];
    bench.fails(
        &evaluate,
        &[
            "3 rows with labels that the model does not know: \"mixed\" (2, first in row",
            "--skip-unknown-labels",
        ],
    );
    // Data of another task are not to be learned here.
    let tags = bench.write("tags.conll", "Ada B-PER\nleft O\n\n".repeat(9));
    bench.fails(
        &["evaluate", "run", "--data", &tags],
        &["data for the task entities, and", "is asked of it"],
    );
    let skipped = [&evaluate[..], &["--skip-unknown-labels"]].concat();
    let said = bench.luthier(&skipped);
    assert_eq!(said.code, Some(0), "{}", said.err);
    let told = "3 rows were set aside; the first is row 61";
    assert!(said.err.contains(told), "{}", said.err);
    assert!(
        said.err.contains("does not know the label \"mixed\""),
        "{}",
        said.err
    );
    let scored = bench.succeeds(&[&skipped[..], &["--json"]].concat());
    let scored = &lines_of_json(&scored)[0];
    assert_eq!(scored["rows"], 60, "{scored}");
    assert_eq!(scored["set_aside"].as_array().unwrap().len(), 3, "{scored}");
}

/// The columns that a run was told are those of another file too, if it has them.
#[test]
fn a_file_is_read_like_the_runs_own() {
    let bench = Bench::new();
    let pairs = reviews().replace("text,label", "first,second,label");
    let data = bench.write("pairs.csv", pairs.replace(" is ", ",it is "));
    let model = tiny();
    let columns = ["--text-column", "first", "--text-pair-column", "second"];
    let train = ["train", "--task", "pairs", "--data", &data, "--out", "run"];
    let steps = ["--model", model.to_str().unwrap(), "--set", "max_steps=2"];
    bench.succeeds(&[&train[..], &columns, &steps].concat());
    let all = bench.succeeds(&["evaluate", "run", "--data", &data, "--json"]);
    assert_eq!(lines_of_json(&all)[0]["rows"], 60, "{all}");
    let answers = bench.succeeds(&["predict", "run", "--file", &data, "--json"]);
    let first = &lines_of_json(&answers)[0];
    assert!(
        first["pair"].as_str().unwrap().starts_with("it is"),
        "{first}"
    );
    // The window asks in the same way.
    let window = Native::new(Home::at(bench.path("home")), &text::ENGLISH);
    let progress = Progress::default();
    let scored = window.score_file(&bench.path("run"), Path::new(&data), &progress);
    let scored = scored.unwrap();
    assert_eq!(scored.len(), 60);
    assert!(scored[0].pair.as_deref().unwrap().starts_with("it is"));
    // Another file has columns of its own.
    let other = bench.write("other.csv", "sentence1,sentence2,label\na,b,positive\n");
    let all = bench.succeeds(&["evaluate", "run", "--data", &other, "--json"]);
    assert_eq!(lines_of_json(&all)[0]["rows"], 1, "{all}");
}
