//! Every architecture with every head against transformers, over tiny random checkpoints. How the
//! expected numbers were made is told in tests/fixtures/README.md.

mod reference;

use std::borrow::Cow;

use candle_core::Tensor;
use luthier::home::Home;
use luthier::hub::{self, ModelFiles, Weights};
use luthier::models::{Config, HeadKind, Method, Model, is_adapter};
use luthier::nn::{LowRank, Pass, collect_gradients};
use luthier::run::hyperparameters::Hyperparameters;
use luthier::text::{Encoding, PackedBatch};
use reference::{TrainingRun, assert_close, expected, fixture, sequence, train_like_pytorch};
use serde::Deserialize;
use serde_json::{Value, json};

const ALL: &[&str] = &[
    "albert",
    "bert",
    "deberta-v2",
    "deberta-v3",
    "distilbert",
    "electra",
    "modernbert",
    "roberta",
];

#[derive(Deserialize)]
struct Fixture {
    config: Value,
    cases: Vec<Case>,
    training: Option<TrainingRun>,
}

#[derive(Deserialize)]
struct Case {
    ids: Vec<u32>,
    types: Vec<u32>,
    sequence: Vec<f64>,
    tokens: Vec<Vec<f64>>,
    span: Vec<Vec<f64>>,
    /// A sequence head over the mean of all tokens, where the architecture knows it.
    mean: Option<Vec<f64>>,
}

impl Fixture {
    fn of(name: &str) -> Self {
        expected(&format!("encoders/{name}.json"))
    }

    /// The sequences of all cases in one packed batch: none may see another.
    fn batch(&self) -> PackedBatch {
        let encodings = self.cases.iter().map(|case| Encoding {
            types: case.types.clone(),
            ..Encoding::of(case.ids.clone())
        });
        PackedBatch::new(&encodings.collect::<Vec<_>>())
    }
}

/// A checkpoint of one architecture, with what is changed of its `config.json`.
fn files(name: &str, changes: Value) -> ModelFiles {
    let mut config = Fixture::of(name).config;
    let changes = changes.as_object().unwrap().clone();
    config.as_object_mut().unwrap().extend(changes);
    let other = fixture("bert-tiny");
    ModelFiles {
        name: name.to_owned(),
        config: Cow::Owned(serde_json::to_vec(&config).unwrap()),
        weights: Weights::File(fixture(&format!("encoders/{name}.safetensors"))),
        ..hub::resolve(other.to_str().unwrap(), &Home::at("/nonexistent")).unwrap()
    }
}

fn load(files: &ModelFiles, head: HeadKind, method: &Method) -> Model {
    let config = Config::parse(&files.config).unwrap();
    Model::load(&config, head, files, method, 0).unwrap()
}

fn logits(files: &ModelFiles, head: HeadKind, batch: &PackedBatch) -> Tensor {
    let model = load(files, head, &Method::EVERYTHING);
    assert!(model.drawn().is_empty(), "{:?}", model.drawn());
    model.forward(batch, &Pass::evaluation()).unwrap()
}

fn assert_forward(name: &str, files: &ModelFiles) {
    let Fixture { cases, .. } = Fixture::of(name);
    let batch = Fixture::of(name).batch();
    let sequences = logits(files, sequence(2), &batch);
    let tokens = logits(files, HeadKind::Tokens { outputs: 2 }, &batch);
    let span = logits(files, HeadKind::Span, &batch);
    for (i, case) in cases.iter().enumerate() {
        assert_close(&sequences, i, &case.sequence, 1e-4);
        for (place, row) in case.tokens.iter().enumerate() {
            assert_close(&tokens, batch.offsets[i] + place, row, 1e-4);
        }
        for (place, row) in case.span.iter().enumerate() {
            assert_close(&span, batch.offsets[i] + place, row, 1e-4);
        }
    }
}

#[test]
fn every_architecture_with_every_head_gives_the_logits_of_transformers() {
    for name in ALL {
        eprintln!("{name}");
        assert_forward(name, &files(name, json!({})));
    }
}

/// XLM-RoBERTa differs from RoBERTa in its tokenizer only, and in what its classes are called.
#[test]
fn xlm_roberta_is_computed_like_roberta() {
    let files = files("roberta", json!({"model_type": "xlm-roberta"}));
    assert_forward("roberta", &files);
    let config = Config::parse(&files.config).unwrap();
    let exported = config.exported(HeadKind::Span, &[], None);
    assert_eq!(
        exported["architectures"][0],
        "XLMRobertaForQuestionAnswering"
    );
    // Of 48 positions the first two are padding's.
    assert_eq!(config.max_length(), 46);
}

#[test]
fn modernbert_may_read_the_mean_of_all_tokens() {
    let fixture = Fixture::of("modernbert");
    let files = files("modernbert", json!({"classifier_pooling": "mean"}));
    let logits = logits(&files, sequence(2), &fixture.batch());
    for (i, case) in fixture.cases.iter().enumerate() {
        assert_close(&logits, i, case.mean.as_ref().unwrap(), 1e-4);
    }
}

/// `config.json` as transformers 4 writes it.
#[test]
fn older_spellings_of_modernbert_mean_the_same() {
    let mut files = files("modernbert", json!({}));
    let mut config: Value = serde_json::from_slice(&files.config).unwrap();
    let fields = config.as_object_mut().unwrap();
    fields.remove("layer_types").unwrap();
    fields.remove("rope_parameters").unwrap();
    fields.extend(
        json!({
            "global_attn_every_n_layers": 3,
            "global_rope_theta": 160_000.0,
            "local_rope_theta": 10_000.0,
        })
        .as_object()
        .unwrap()
        .clone(),
    );
    files.config = Cow::Owned(serde_json::to_vec(&config).unwrap());
    assert_forward("modernbert", &files);
}

#[test]
fn twenty_steps_follow_pytorch() {
    for name in ALL {
        let Some(TrainingRun { steps }) = Fixture::of(name).training else {
            continue;
        };
        eprintln!("{name}");
        let model = load(&files(name, json!({})), sequence(2), &Method::EVERYTHING);
        let hyperparameters = Hyperparameters {
            learning_rate: 1e-3,
            warmup_steps: 4.0,
            weight_decay: 0.01,
            ..Hyperparameters::default()
        };
        train_like_pytorch(&model, &steps, &hyperparameters);
    }
}

/// A backward pass over the sequences of the fixture.
fn backward(name: &str, model: &Model) {
    let batch = Fixture::of(name).batch();
    let pass = Pass::training(0, 0);
    let loss = model.forward(&batch, &pass).unwrap().sqr().unwrap();
    let store = loss.sum_all().unwrap().backward().unwrap();
    collect_gradients(model.parameters(), store).unwrap();
}

/// What is trained learns from a step, and nothing else does.
fn assert_learns(name: &str, model: &Model) {
    backward(name, model);
    for (parameter_name, parameter) in model.parameters() {
        let gradient = parameter.gradient();
        assert_eq!(
            gradient.is_some(),
            parameter.trains(),
            "{name}: {parameter_name}"
        );
    }
}

#[test]
fn every_method_fits_every_architecture() {
    for name in ALL {
        let files = files(name, json!({}));
        let layers = Config::parse(&files.config).unwrap().layers();
        let frozen = |frozen_layers, frozen_embeddings| Method::Full {
            frozen_layers,
            frozen_embeddings,
        };
        let trains = |method: &Method| {
            let model = load(&files, sequence(2), method);
            assert_learns(name, &model);
            let names = model.parameters().iter();
            let names = names.filter(|(_, parameter)| parameter.trains());
            names.map(|(name, _)| name.clone()).collect::<Vec<_>>()
        };
        let everything = trains(&frozen(0, false));
        let without_embeddings = trains(&frozen(0, true));
        let one = trains(&frozen(1, false));
        let head = trains(&Method::Head);
        assert!(everything.len() > without_embeddings.len(), "{name}");
        assert!(without_embeddings.len() > one.len(), "{name}");
        assert!(one.len() > head.len() && !head.is_empty(), "{name}");
        assert!(
            one.iter().all(|name| !name.contains("embedding")),
            "{one:?}"
        );
        assert_eq!(trains(&frozen(layers, false)), head, "{name}");
        let own = Config::parse(&files.config).unwrap();
        let wanted = LowRank {
            rank: 2,
            alpha: 4.0,
            dropout: 0.0,
            target_modules: vec![LowRank::AUTO.to_owned()],
        };
        let adapters = trains(&Method::LowRank(wanted.on_usual(own.adapted())));
        assert!(adapters.iter().any(|name| is_adapter(name)), "{name}");
        let others = adapters.iter().filter(|name| !is_adapter(name));
        for other in others {
            assert!(other.contains("classifier"), "{name}: {other}");
        }
    }
}

/// Sums are split at fixed places, whoever computes their parts.
#[test]
fn any_number_of_threads_gives_the_same_bits() {
    for name in ALL {
        let gradients = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
            pool.unwrap().install(|| {
                let files = files(name, json!({}));
                let mut config = Config::parse(&files.config).unwrap();
                config.set_dropout(0.1);
                let head = HeadKind::Tokens { outputs: 2 };
                let method = Method::EVERYTHING;
                let model = Model::load(&config, head, &files, &method, 0).unwrap();
                backward(name, &model);
                let bits = model.parameters().values().map(|parameter| {
                    let gradient = parameter.gradient();
                    let values = gradient.as_ref().unwrap().values().iter();
                    values.map(|value| value.to_bits()).collect::<Vec<_>>()
                });
                bits.collect::<Vec<_>>()
            })
        };
        let one = gradients(1);
        for threads in [2, 3, 8] {
            assert_eq!(gradients(threads), one, "{name}, {threads} threads");
        }
    }
}

/// ALBERT's five layers are two groups: the first of three layers, the second of two.
#[test]
fn freezing_a_layer_freezes_all_that_share_its_weights() {
    let groups = |frozen_layers| {
        let method = Method::Full {
            frozen_layers,
            frozen_embeddings: false,
        };
        let model = load(&files("albert", json!({})), sequence(2), &method);
        [0, 1].map(|group| {
            let name = format!("albert_layer_groups.{group}.");
            let mut own = model.parameters().iter();
            own.any(|(other, parameter)| other.contains(&name) && parameter.trains())
        })
    };
    assert_eq!(groups(0), [true, true]);
    assert_eq!([groups(1), groups(3)], [[false, true]; 2]);
    assert_eq!([groups(4), groups(5)], [[false, false]; 2]);
}

#[test]
fn a_head_that_does_not_fit_is_drawn_and_named() {
    for name in ALL {
        let model = load(&files(name, json!({})), sequence(3), &Method::EVERYTHING);
        let drawn = model.drawn();
        assert_eq!(drawn.len(), 2, "{name}: {drawn:?}");
        assert!(drawn[0].contains("classifier"), "{name}: {drawn:?}");
    }
}

#[test]
fn an_unknown_architecture_is_told_with_those_that_are_known() {
    let fault = Config::parse(br#"{"model_type": "gpt2"}"#).unwrap_err();
    let fault = fault.to_string();
    for word in [
        "gpt2",
        "albert",
        "bert",
        "distilbert",
        "modernbert",
        "xlm-roberta",
    ] {
        assert!(fault.contains(word), "{word}: {fault}");
    }
}

#[test]
fn the_exported_config_tells_head_and_labels() {
    let files = files(
        "modernbert",
        json!({"id2label": {"0": "a"}, "dtype": "bfloat16"}),
    );
    let config = Config::parse(&files.config).unwrap();
    assert_eq!(config.labels().unwrap(), ["a"]);
    let labels = ["O", "B-PER"].map(str::to_owned);
    let tokens = config.exported(HeadKind::Tokens { outputs: 2 }, &labels, None);
    assert_eq!(
        tokens["architectures"][0],
        "ModernBertForTokenClassification"
    );
    assert_eq!(tokens["id2label"]["1"], "B-PER");
    assert_eq!(tokens["label2id"]["B-PER"], 1);
    assert_eq!(tokens["dtype"], "float32");
    assert_eq!(tokens.get("problem_type"), None);
    let span = config.exported(HeadKind::Span, &[], None);
    assert_eq!(span.get("id2label"), None);
    let again = Config::parse(&serde_json::to_vec(&tokens).unwrap()).unwrap();
    assert_eq!(
        again.architecture(),
        Some("ModernBertForTokenClassification")
    );
    assert_eq!(again.model_type(), "modernbert");
}
