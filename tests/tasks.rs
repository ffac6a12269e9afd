//! Every task against transformers: what the examples become, the losses of twenty steps, what the
//! trained model says. How the expected numbers were made is told in tests/fixtures/README.md.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use candle_core::{Device, Tensor, safetensors};
use luthier::data::{Answer, Example, TaggedWord, Target};
use luthier::home::Home;
use luthier::hub::{self, ModelFiles};
use luthier::metrics::{names, regression_scores};
use luthier::models::Method;
use luthier::run::Hyperparameters;
use luthier::tasks::{Item, ItemTarget, Objective, Output, TaskKind, TaskModel, TrainingOptions};
use luthier::train::Schedule;
use luthier::train::learner::Learner;
use serde::Deserialize;
use serde_json::Value;

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures")
        .join(name)
}

/// What a task was taught with PyTorch.
#[derive(Deserialize)]
struct Taught {
    #[serde(default)]
    labels: Vec<String>,
    rows: Vec<Row>,
    items: Vec<ExpectedItem>,
    trained_logits: Vec<Vec<f64>>,
    steps: Vec<Step>,
}

#[derive(Deserialize)]
struct Row {
    #[serde(default, alias = "context")]
    text: String,
    #[serde(alias = "question")]
    pair: Option<String>,
    labels: Option<Vec<String>>,
    score: Option<f64>,
    scores: Option<Vec<f64>>,
    #[serde(default)]
    words: Vec<String>,
    #[serde(default)]
    tags: Vec<String>,
    answers: Option<Vec<ExpectedAnswer>>,
}

#[derive(Deserialize)]
struct ExpectedAnswer {
    text: String,
    start: usize,
}

#[derive(Deserialize)]
struct ExpectedItem {
    #[serde(default)]
    row: Option<usize>,
    input_ids: Vec<u32>,
    token_type_ids: Option<Vec<u32>>,
    target: Vec<f64>,
}

#[derive(Deserialize)]
struct Step {
    items: Vec<usize>,
    loss: f64,
    grad_norm: f64,
    lr: f64,
}

fn taught(name: &str) -> Taught {
    let text = std::fs::read(fixture("bert-tiny-tasks.json")).unwrap();
    let all: HashMap<String, Value> = serde_json::from_slice(&text).unwrap();
    Taught::deserialize(&all[name]).unwrap()
}

impl Row {
    fn example(&self, row: usize) -> Example {
        let target = if let Some(labels) = &self.labels {
            Target::Labels(labels.clone())
        } else if let Some(score) = self.score {
            Target::Scores(vec![score])
        } else if let Some(scores) = &self.scores {
            Target::Scores(scores.clone())
        } else if let Some(answers) = &self.answers {
            let answers = answers.iter().map(|answer| Answer {
                text: answer.text.clone(),
                start: Some(answer.start),
            });
            Target::Answers(answers.collect())
        } else {
            let mut begin = 0;
            let words = self.words.iter().zip(&self.tags).map(|(word, tag)| {
                let place = begin..begin + word.len();
                begin = place.end + 1;
                TaggedWord {
                    place,
                    tag: tag.clone(),
                }
            });
            Target::Tags(words.collect())
        };
        let text = if self.words.is_empty() {
            self.text.clone()
        } else {
            self.words.join(" ")
        };
        Example {
            row: row + 1,
            line: row + 1,
            text,
            pair: self.pair.clone(),
            target,
            group: None,
            part: None,
        }
    }
}

fn examples(taught: &Taught) -> Vec<Example> {
    let rows = taught.rows.iter().enumerate();
    rows.map(|(number, row)| row.example(number)).collect()
}

/// bert-tiny with the head from which PyTorch began, in a folder of its own.
fn with_head(variant: &str, folder: &Path) -> ModelFiles {
    for file in ["config.json", "tokenizer.json", "tokenizer_config.json"] {
        std::fs::copy(fixture("bert-tiny").join(file), folder.join(file)).unwrap();
    }
    let weights = fixture("bert-tiny").join("model.safetensors");
    let mut weights = safetensors::load(weights, &Device::Cpu).unwrap();
    let heads = safetensors::load(fixture("bert-tiny-heads.safetensors"), &Device::Cpu).unwrap();
    let own = format!("{variant}.");
    for (name, head) in heads {
        if let Some(name) = name.strip_prefix(&own) {
            weights.insert(name.to_owned(), head);
        }
    }
    safetensors::save(&weights, folder.join("model.safetensors")).unwrap();
    hub::resolve(folder.to_str().unwrap(), &Home::at("/nonexistent")).unwrap()
}

fn options(max_length: usize, doc_stride: usize) -> TrainingOptions {
    TrainingOptions {
        max_length,
        doc_stride,
        reads_windows: false,
        dropout: Some(0.0),
        method: Method::EVERYTHING,
        seed: 0,
    }
}

/// An item's target as the fixture writes it: of tags, one number per token, -100 for none.
fn written(item: &Item) -> Vec<f64> {
    match item.target.as_ref().unwrap() {
        ItemTarget::Label(label) => vec![*label as f64],
        ItemTarget::Labels(values) | ItemTarget::Values(values) => {
            values.iter().map(|&value| f64::from(value)).collect()
        }
        ItemTarget::Span(start, end) => vec![*start as f64, *end as f64],
        ItemTarget::Tags(tags) => {
            let mut all = vec![-100.0; item.len()];
            for (&(token, _), &tag) in item.words().iter().zip(tags) {
                all[token as usize] = tag as f64;
            }
            all
        }
    }
}

/// Items, losses and gradient norms of twenty steps, and the trained model's logits.
fn follows_pytorch(kind: TaskKind, variant: &str, options: &TrainingOptions) {
    let taught = taught(variant);
    let folder = tempfile::tempdir().unwrap();
    let files = with_head(variant, folder.path());
    let examples = examples(&taught);
    let labels = taught.labels.clone();
    let model = TaskModel::for_training(&files, kind, labels, &examples, options).unwrap();
    assert!(model.drawn().is_empty(), "{:?}", model.drawn());

    let items = model.encode(&examples).unwrap();
    assert_eq!(items.len(), taught.items.len());
    for (item, expected) in items.iter().zip(&taught.items) {
        assert_eq!(item.encoding.ids, expected.input_ids);
        if let Some(types) = &expected.token_type_ids {
            assert_eq!(item.encoding.types, *types);
        }
        if let Some(row) = expected.row {
            assert_eq!(item.row, row);
        }
        let own = written(item);
        assert_eq!(own.len(), expected.target.len());
        let close = |(a, b): (&f64, &f64)| (a - b).abs() < 1e-6;
        assert!(own.iter().zip(&expected.target).all(close), "{own:?}");
    }

    let h = Hyperparameters {
        learning_rate: 1e-3,
        warmup_steps: 4.0,
        weight_decay: 0.01,
        ..Hyperparameters::default()
    };
    let schedule = Schedule::new(&h, taught.steps.len());
    let mut learner = Learner::new(model, Objective::default(), &h).unwrap();
    for (number, step) in taught.steps.iter().enumerate() {
        let rate = h.learning_rate * schedule.multiplier(number);
        assert!((rate - step.lr).abs() < 1e-12);
        let batch: Vec<&Item> = step.items.iter().map(|&item| &items[item]).collect();
        let learned = learner.step(number, &batch, rate).unwrap();
        for (ours, theirs) in [
            (learned.loss, step.loss),
            (learned.grad_norm, step.grad_norm),
        ] {
            let off = (ours / theirs - 1.0).abs();
            assert!(off < 1e-3, "{variant}, step {number}: {ours} {theirs}");
        }
    }
    let first: Vec<Item> = taught.steps[0]
        .items
        .iter()
        .map(|&i| items[i].clone())
        .collect();
    let (logits, _) = learner
        .model()
        .outputs(&first, 64, &mut |_| Ok(()))
        .unwrap();
    for (ours, theirs) in logits.iter().zip(&taught.trained_logits) {
        assert_eq!(ours.len(), theirs.len());
        // A softmax over tokens does not see what is added to all of them: the true gradient of
        // that bias is zero, and Adam makes steps of the rounding noise, so only differences count.
        let shift = |i: usize| match kind {
            TaskKind::Questions => (f64::from(ours[i % 2]), theirs[i % 2]),
            _ => (0.0, 0.0),
        };
        for (i, (ours, theirs)) in ours.iter().zip(theirs).enumerate() {
            let (own, other) = (f64::from(*ours) - shift(i).0, theirs - shift(i).1);
            assert!((own - other).abs() < 1e-4, "{variant} {i}: {own} {other}");
        }
    }
}

#[test]
fn several_labels_follow_pytorch() {
    follows_pytorch(TaskKind::MultiLabel, "multi_label", &options(64, 0));
}

#[test]
fn numbers_of_pairs_follow_pytorch() {
    follows_pytorch(TaskKind::Similarity, "similarity", &options(40, 0));
}

#[test]
fn several_numbers_follow_pytorch() {
    follows_pytorch(TaskKind::Similarity, "targets", &options(64, 0));
}

#[test]
fn entities_follow_pytorch() {
    follows_pytorch(TaskKind::Entities, "entities", &options(64, 16));
}

#[test]
fn answers_follow_pytorch() {
    follows_pytorch(TaskKind::Questions, "questions", &options(48, 16));
}

fn tiny(kind: TaskKind, labels: &[&str], train: &[Example], length: usize) -> TaskModel {
    let files = hub::resolve(
        fixture("bert-tiny").to_str().unwrap(),
        &Home::at("/nonexistent"),
    );
    let labels = labels.iter().map(|&label| label.to_owned()).collect();
    TaskModel::for_training(&files.unwrap(), kind, labels, train, &options(length, 4)).unwrap()
}

fn row(text: &str, pair: Option<&str>, target: Target) -> Example {
    Example {
        row: 7,
        line: 8,
        text: text.to_owned(),
        pair: pair.map(str::to_owned),
        target,
        group: None,
        part: None,
    }
}

/// A sentence longer than the model reads: every word has a tag, from the window that shows most
/// around it, whatever the windows are.
#[test]
fn long_sentences_are_tagged_to_the_last_word() {
    let words = ["good", "bad", "film", "movie", "story"];
    let text = (0..60).map(|i| words[i % 5]).collect::<Vec<_>>().join(" ");
    let model = tiny(TaskKind::Entities, &["B-X", "O"], &[], 16);
    let example = row(&text, None, Target::Nothing);
    let items = model.encode(std::slice::from_ref(&example)).unwrap();
    assert!(items.len() > 4 && items.iter().all(|item| item.len() <= 16));
    let mut seen: Vec<u32> = items
        .iter()
        .flat_map(|item| item.words())
        .map(|w| w.1)
        .collect();
    seen.sort_unstable();
    assert_eq!(seen, (0..60).collect::<Vec<u32>>());
    let scored = model.score(&[example], &items, 8, &mut |_| Ok(())).unwrap();
    let Output::Tags(tags) = &scored.outputs[0] else {
        panic!("{:?}", scored.outputs)
    };
    assert_eq!(tags.len(), 60);
}

/// Windows of a long document are averaged; what fits in one is read as it always was.
#[test]
fn long_documents_are_read_in_windows_when_asked_for() {
    let text = "good film ".repeat(40);
    let mut options = options(16, 4);
    options.reads_windows = true;
    let files = hub::resolve(
        fixture("bert-tiny").to_str().unwrap(),
        &Home::at("/nonexistent"),
    );
    let labels = ["negative", "neutral", "positive"]
        .map(str::to_owned)
        .to_vec();
    let files = files.unwrap();
    let model = TaskModel::for_training(&files, TaskKind::Topic, labels, &[], &options).unwrap();
    let examples = [
        row(&text, None, Target::Label("positive".into())),
        row("good film", None, Target::Label("positive".into())),
    ];
    let items = model.encode(&examples).unwrap();
    let of_first = items.iter().filter(|item| item.row == 0).count();
    assert!(of_first > 4 && items.len() == of_first + 1);
    let scored = model.score(&examples, &items, 8, &mut |_| Ok(())).unwrap();
    let (logits, _) = model.outputs(&items, 8, &mut |_| Ok(())).unwrap();
    let Output::Probabilities(mean) = &scored.outputs[0] else {
        panic!("{:?}", scored.outputs)
    };
    let softmax = |row: &Vec<f32>| {
        let tensor = Tensor::new(row.as_slice(), &Device::Cpu).unwrap();
        let softmax = candle_nn::ops::softmax(&tensor, 0).unwrap();
        softmax.to_vec1::<f32>().unwrap()
    };
    let own: Vec<Vec<f32>> = logits[..of_first].iter().map(softmax).collect();
    for (label, mean) in mean.iter().enumerate() {
        let sum: f32 = own.iter().map(|row| row[label]).sum();
        assert!((mean - sum / of_first as f32).abs() < 1e-5);
    }
    // The length that is told is the text's, not a window's; no part of it is cut off.
    let told = model
        .predict(&[(&text, None), ("good film", None)])
        .unwrap();
    let told: Vec<_> = told.iter().map(|told| (told.tokens, told.cut)).collect();
    assert_eq!(told, [(82, false), (4, false)]);
    options.reads_windows = false;
    let labels = model.labels().to_vec();
    let model = TaskModel::for_training(&files, TaskKind::Topic, labels, &[], &options).unwrap();
    let told = model.predict(&[(&text, None)]).unwrap();
    assert_eq!((told[0].tokens, told[0].cut), (82, true));
}

/// Numbers of several targets, one list after another, with the means over these.
#[derive(Deserialize)]
struct TargetsCase {
    gold: Vec<Vec<f64>>,
    given: Vec<Vec<f64>>,
    pearson: f64,
    spearman: f64,
    mse: f64,
    mae: f64,
}

/// Scores, report and baseline of two targets against scipy and scikit-learn.
#[test]
fn several_numbers_score_as_in_scipy_on_average() {
    let text = std::fs::read(fixture("task-metrics.json")).unwrap();
    let all: HashMap<String, Value> = serde_json::from_slice(&text).unwrap();
    for case in Vec::<TargetsCase>::deserialize(&all["targets"]).unwrap() {
        let labels: Vec<String> = (0..case.gold.len())
            .map(|n| format!("target {n}"))
            .collect();
        let own: Vec<&str> = labels.iter().map(String::as_str).collect();
        let model = tiny(TaskKind::Similarity, &own, &[], 16);
        let task = model.task();
        let rows = case.gold[0].len();
        let of_row = |lists: &[Vec<f64>], row: usize| lists.iter().map(|list| list[row]).collect();
        let example = |number| row("", None, Target::Scores(of_row(&case.gold, number)));
        let examples: Vec<Example> = (0..rows).map(example).collect();
        let given = |row| Output::Values(of_row(&case.given, row));
        let outputs: Vec<Output> = (0..rows).map(given).collect();
        let scores = task.scorer(&examples, &outputs)(&mut (0..rows));
        for (name, theirs) in [
            (names::PEARSON, case.pearson),
            (names::SPEARMAN, case.spearman),
            (names::MSE, case.mse),
            (names::MAE, case.mae),
        ] {
            let off = (scores.get(name).unwrap() - theirs).abs();
            assert!(off < 1e-12, "{name}: {off}");
        }
        let reports = task.detail(&examples, &outputs).per_target;
        for (place, report) in reports.iter().enumerate() {
            let alone = regression_scores(&case.gold[place], &case.given[place]);
            assert_eq!((&report.target, &report.scores), (&labels[place], &alone));
        }
        assert_eq!(reports.len(), labels.len());
        let mean = |list: &Vec<f64>| list.iter().sum::<f64>() / rows as f64;
        let means = case.gold.iter().map(mean).collect();
        assert_eq!(
            task.baseline(&examples)(&examples[0]),
            Output::Values(means)
        );
    }
}

#[test]
fn rows_that_cannot_be_learned_from_are_named() {
    let model = tiny(TaskKind::Topic, &["a", "b"], &[], 16);
    let faults = BTreeMap::from([
        (
            "unknown label",
            model.encode(&[row("x", None, Target::Label("c".into()))]),
        ),
        (
            "wrong kind",
            model.encode(&[row("x", None, Target::Scores(vec![1.0]))]),
        ),
        (
            "too few numbers",
            tiny(TaskKind::Similarity, &["ease", "warmth"], &[], 16).encode(&[row(
                "x",
                None,
                Target::Scores(vec![1.0]),
            )]),
        ),
        (
            "answer outside",
            tiny(TaskKind::Questions, &[], &[], 32).encode(&[row(
                "it is here",
                Some("where?"),
                Target::Answers(vec![Answer {
                    text: "there".into(),
                    start: Some(8),
                }]),
            )]),
        ),
        (
            "no question",
            tiny(TaskKind::Questions, &[], &[], 32).encode(&[row("it", None, Target::Nothing)]),
        ),
        (
            "unknown tag",
            tiny(TaskKind::Entities, &["O"], &[], 32).encode(&[row(
                "it",
                None,
                Target::Tags(vec![TaggedWord {
                    place: 0..2,
                    tag: "B-X".into(),
                }]),
            )]),
        ),
    ]);
    for (what, fault) in faults {
        let message = fault.unwrap_err().to_string();
        assert!(message.contains("row 7"), "{what}: {message}");
    }
}

/// A question longer than half a window, and windows narrower than what they were to share, are
/// read as well as they can be; where nothing can be read it is told.
#[test]
fn narrow_windows_get_on() {
    let question = row("it is here", Some("where is it now?"), Target::Nothing);
    let narrow = tiny(TaskKind::Questions, &[], &[], 8);
    let items = narrow.encode(std::slice::from_ref(&question)).unwrap();
    assert!(items.len() > 1 && items.iter().all(|item| item.len() <= 8));
    let none = tiny(TaskKind::Questions, &[], &[], 3);
    let message = none.encode(&[question]).unwrap_err().to_string();
    assert!(message.contains("max_seq_length"), "{message}");
}

/// What is written opens as the same task with the same answers, thresholds included.
#[test]
fn saved_models_open_as_their_task() {
    let cases = [
        (TaskKind::Pairs, vec!["a", "b"], ("good", Some("bad"))),
        (TaskKind::MultiLabel, vec!["a", "b", "c"], ("good", None)),
        (TaskKind::Similarity, vec![], ("good", Some("bad"))),
        (
            TaskKind::Entities,
            vec!["B-X", "I-X", "O"],
            ("good Film.", None),
        ),
        (
            TaskKind::Questions,
            vec![],
            ("it is good here", Some("is it?")),
        ),
    ];
    for (kind, labels, input) in cases {
        let unanswerable = [row("it", Some("?"), Target::Answers(Vec::new()))];
        let model = tiny(kind, &labels, &unanswerable, 32);
        let folder = tempfile::tempdir().unwrap();
        model.save(folder.path()).unwrap();
        let again = TaskModel::open(folder.path()).unwrap();
        assert_eq!(again.kind(), kind);
        assert_eq!(again.labels(), model.labels());
        assert_eq!(again.task().rules(), model.task().rules());
        assert_eq!(again.max_length(), 32);
        assert_eq!(
            again.predict(&[input]).unwrap(),
            model.predict(&[input]).unwrap()
        );
    }
}
