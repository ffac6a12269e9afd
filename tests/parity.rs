//! The engine's numbers against transformers and PyTorch. How the expected numbers were made is
//! told in tests/fixtures/README.md.

mod reference;

use candle_core::Tensor;
use luthier::home::Home;
use luthier::hub::{self, ModelFiles};
use luthier::models::{Config, Method, Model};
use luthier::nn::{Pass, Targets, cross_entropy};
use luthier::run::hyperparameters::{Hyperparameters, Scheduler};
use luthier::text::{Encoding, Input, Limit, PackedBatch, Tokenizer};
use reference::{TrainingRun, assert_close, expected, fixture, sequence, train_like_pytorch};
use serde::Deserialize;

fn model_files(name: &str) -> ModelFiles {
    hub::resolve(name, &Home::at("/nonexistent")).unwrap()
}

fn tiny() -> ModelFiles {
    model_files(fixture("bert-tiny").to_str().unwrap())
}

fn load(files: &ModelFiles, labels: usize, dropout: f64) -> Model {
    load_for(files, labels, dropout, &Method::EVERYTHING)
}

fn load_for(files: &ModelFiles, labels: usize, dropout: f64, method: &Method) -> Model {
    let mut config = Config::parse(&files.config).unwrap();
    config.set_dropout(dropout);
    Model::load(&config, sequence(labels), files, method, 0).unwrap()
}

fn tokenizer(files: &ModelFiles, max_length: usize) -> Tokenizer {
    let vocabulary = Config::parse(&files.config).unwrap().vocab_size();
    Tokenizer::load(
        &files.tokenizer,
        files.tokenizer_config.as_deref(),
        Limit {
            max_length,
            stride: 0,
        },
        vocabulary,
    )
    .unwrap()
}

/// What BERT's pooler, with the model's weights, makes of the first tokens' states.
fn pooled(model: &Model, first: &Tensor) -> Tensor {
    let weight = |name: &str| model.parameters()[name].var().as_detached_tensor();
    let product = first.matmul(&weight("bert.pooler.dense.weight").t().unwrap());
    let bias = weight("bert.pooler.dense.bias");
    product
        .unwrap()
        .broadcast_add(&bias)
        .unwrap()
        .tanh()
        .unwrap()
}

#[derive(Deserialize)]
struct TinyForward {
    cases: Vec<TinyCase>,
}

#[derive(Deserialize)]
struct TinyCase {
    text: String,
    untruncated_length: usize,
    input_ids: Vec<u32>,
    logits: Vec<f64>,
    pooled_first8: Vec<f64>,
}

#[test]
fn tiny_bert_gives_the_logits_of_transformers() {
    let files = tiny();
    let (model, tokenizer) = (load(&files, 3, 0.1), tokenizer(&files, 64));
    let TinyForward { cases } = expected("bert-tiny-forward.json");
    let texts: Vec<Input<'_>> = cases
        .iter()
        .map(|case| (case.text.as_str(), None))
        .collect();
    let encodings = tokenizer.encode(&texts).unwrap();
    for (encoding, case) in encodings.iter().zip(&cases) {
        assert_eq!(encoding.ids, case.input_ids);
        assert_eq!(encoding.full_length, case.untruncated_length);
    }
    // All texts in one packed batch: no sequence may see another.
    let batch = PackedBatch::new(&encodings);
    let pass = Pass::evaluation();
    let logits = model.forward(&batch, &pass).unwrap();
    let pooled = pooled(&model, &model.features(&batch, &pass).unwrap());
    for (i, case) in cases.iter().enumerate() {
        assert_close(&logits, i, &case.logits, 1e-4);
        assert_close(&pooled, i, &case.pooled_first8, 1e-4);
    }
    assert!(model.drawn().is_empty());
}

/// Old checkpoints say gamma and beta, bare encoders have no prefix, many are stored in half
/// precision: all must load, and a name that is missing must be told.
#[test]
fn other_spellings_and_precisions_of_a_checkpoint_load() {
    use candle_core::{DType, Device, safetensors};
    let folder = tempfile::tempdir().unwrap();
    for file in ["config.json", "tokenizer.json"] {
        std::fs::copy(fixture("bert-tiny").join(file), folder.path().join(file)).unwrap();
    }
    let weights = fixture("bert-tiny").join("model.safetensors");
    let weights = safetensors::load(weights, &Device::Cpu).unwrap();
    let old_name = |name: &str| {
        let name = name.strip_prefix("bert.").unwrap_or(name);
        let norm = name.contains("LayerNorm");
        match name.rsplit_once('.') {
            Some((path, "weight")) if norm => format!("{path}.gamma"),
            Some((path, "bias")) if norm => format!("{path}.beta"),
            _ => name.to_owned(),
        }
    };
    let TinyForward { cases } = expected("bert-tiny-forward.json");
    for (precision, tolerance) in [(DType::F32, 1e-4), (DType::F16, 0.02), (DType::BF16, 0.2)] {
        let mut renamed = std::collections::HashMap::new();
        for (name, tensor) in &weights {
            renamed.insert(old_name(name), tensor.to_dtype(precision).unwrap());
        }
        let path = folder.path().join("model.safetensors");
        safetensors::save(&renamed, &path).unwrap();
        let files = model_files(folder.path().to_str().unwrap());
        let (model, tokenizer) = (load(&files, 3, 0.1), tokenizer(&files, 64));
        assert!(model.drawn().is_empty(), "{:?}", model.drawn());
        let batch = tokenizer.encode(&[(cases[0].text.as_str(), None)]).unwrap();
        let batch = PackedBatch::new(&batch);
        let logits = model.forward(&batch, &Pass::evaluation()).unwrap();
        assert_eq!(logits.dtype(), DType::F32);
        assert_close(&logits, 0, &cases[0].logits, tolerance);

        renamed.remove("encoder.layer.1.output.LayerNorm.gamma");
        safetensors::save(&renamed, &path).unwrap();
        let files = model_files(folder.path().to_str().unwrap());
        let config = Config::parse(&files.config).unwrap();
        let fault = Model::load(&config, sequence(3), &files, &Method::EVERYTHING, 0).unwrap_err();
        assert!(
            fault
                .what()
                .contains("encoder.layer.1.output.LayerNorm.weight"),
            "{fault}"
        );
    }
}

#[derive(Deserialize)]
struct MiniForward {
    cases: Vec<MiniCase>,
}

#[derive(Deserialize)]
struct MiniCase {
    text: String,
    input_ids: Vec<u32>,
    pooled_first16: Vec<f64>,
    #[serde(rename = "cls_hidden_first16")]
    cls_first16: Vec<f64>,
}

#[test]
fn the_built_in_model_gives_the_states_of_transformers() {
    let files = model_files("luthier-mini");
    let (model, tokenizer) = (load(&files, 2, 0.1), tokenizer(&files, 512));
    let MiniForward { cases } = expected("luthier-mini-forward.json");
    let texts: Vec<Input<'_>> = cases
        .iter()
        .map(|case| (case.text.as_str(), None))
        .collect();
    let encodings = tokenizer.encode(&texts).unwrap();
    let batch = PackedBatch::new(&encodings);
    let pass = Pass::evaluation();
    let hidden = model.features(&batch, &pass).unwrap();
    let pooled = pooled(&model, &hidden);
    for (i, case) in cases.iter().enumerate() {
        assert_eq!(encodings[i].ids, case.input_ids);
        assert_close(&pooled, i, &case.pooled_first16, 1e-4);
        assert_close(&hidden, i, &case.cls_first16, 1e-4);
    }
}

#[derive(Deserialize)]
struct Training {
    plain: TrainingRun,
    smoothed: TrainingRun,
}

/// Compares what was trained with PyTorch's weights under the same names after `prefix`.
fn assert_weights(model: &Model, trained: &str, prefix: &str) {
    let theirs =
        candle_core::safetensors::load(fixture(trained), &candle_core::Device::Cpu).unwrap();
    let trained = model
        .parameters()
        .iter()
        .filter(|(_, parameter)| parameter.trains());
    assert_eq!(theirs.len(), trained.clone().count());
    for (name, parameter) in trained {
        // Softmax does not see this bias: its true gradient is zero, and Adam makes steps of the
        // rounding noise. PyTorch's own float32 and float64 runs differ here by 5e-4.
        if name.ends_with("key.bias") {
            continue;
        }
        let difference = (parameter.var().as_tensor() - &theirs[&format!("{prefix}{name}")])
            .unwrap()
            .abs()
            .unwrap();
        let largest: f32 = difference.max_all().unwrap().to_scalar().unwrap();
        assert!(largest < 1e-4, "{name}: {largest}");
    }
}

fn as_in_the_fixtures(learning_rate: f64) -> Hyperparameters {
    Hyperparameters {
        learning_rate,
        warmup_steps: 4.0,
        weight_decay: 0.01,
        ..Hyperparameters::default()
    }
}

#[test]
fn twenty_steps_follow_pytorch() {
    let Training { plain, .. } = expected("bert-tiny-training.json");
    let model = load(&tiny(), 3, 0.0);
    train_like_pytorch(&model, &plain.steps, &as_in_the_fixtures(1e-3));
    assert_weights(&model, "bert-tiny-trained.safetensors", "");
}

#[test]
fn twenty_smoothed_accumulated_cosine_steps_follow_pytorch() {
    let Training { smoothed, .. } = expected("bert-tiny-training.json");
    let model = load(&tiny(), 3, 0.0);
    let hyperparameters = Hyperparameters {
        lr_scheduler_type: Scheduler::Cosine,
        label_smoothing_factor: 0.1,
        ..as_in_the_fixtures(1e-3)
    };
    train_like_pytorch(&model, &smoothed.steps, &hyperparameters);
    assert_weights(&model, "bert-tiny-trained-smoothed.safetensors", "");
}

#[test]
fn twenty_steps_with_frozen_layers_follow_pytorch() {
    let run: TrainingRun = expected("bert-tiny-frozen.json");
    let method = Method::Full {
        frozen_layers: 1,
        frozen_embeddings: false,
    };
    let model = load_for(&tiny(), 3, 0.0, &method);
    let before = load(&tiny(), 3, 0.0);
    train_like_pytorch(&model, &run.steps, &as_in_the_fixtures(1e-3));
    assert_weights(&model, "bert-tiny-frozen-trained.safetensors", "");
    for (name, parameter) in model.parameters().iter().filter(|(_, own)| !own.trains()) {
        let old = before.parameters()[name].var().flatten_all().unwrap();
        let new = parameter.var().flatten_all().unwrap();
        assert_eq!(
            new.to_vec1::<f32>().unwrap(),
            old.to_vec1::<f32>().unwrap(),
            "{name}"
        );
    }
}

#[derive(Deserialize)]
struct Adapted {
    forward: AdaptedForward,
    training: TrainingRun,
}

#[derive(Deserialize)]
struct AdaptedForward {
    cases: Vec<AdaptedCase>,
}

#[derive(Deserialize)]
struct AdaptedCase {
    input_ids: Vec<u32>,
    logits: Vec<f64>,
}

fn lora_method() -> (ModelFiles, Method) {
    let files = model_files(fixture("bert-tiny-lora").to_str().unwrap());
    let adapter = files.adapter.as_ref().expect("the folder holds an adapter");
    let kind = luthier::models::adapter::parse_config(&adapter.config).unwrap();
    (files, Method::LowRank(kind))
}

#[test]
fn an_adapter_of_peft_gives_its_logits_merged_and_beside_the_weights() {
    let Adapted { forward, .. } = expected("bert-tiny-lora.json");
    let (files, lora) = lora_method();
    for method in [Method::EVERYTHING, lora] {
        let model = load_for(&files, 3, 0.0, &method);
        assert!(model.drawn().is_empty(), "{:?}", model.drawn());
        for case in &forward.cases {
            let batch = PackedBatch::new(&[Encoding::of(case.input_ids.clone())]);
            let logits = model.forward(&batch, &Pass::evaluation()).unwrap();
            assert_close(&logits, 0, &case.logits, 1e-4);
        }
    }
}

#[test]
fn twenty_steps_of_adapters_follow_peft() {
    let Adapted { training, .. } = expected("bert-tiny-lora.json");
    let (files, method) = lora_method();
    let model = load_for(&files, 3, 0.0, &method);
    train_like_pytorch(&model, &training.steps, &as_in_the_fixtures(1e-2));
    assert_weights(
        &model,
        "bert-tiny-lora-trained.safetensors",
        "base_model.model.",
    );

    // What is written reads back as the same adapter, and the merged model says the same.
    let folder = tempfile::tempdir().unwrap();
    let (base, own) = (fixture("bert-tiny"), folder.path().join("adapter"));
    std::fs::create_dir(&own).unwrap();
    let kind = method.low_rank().unwrap();
    let name = base.to_str().unwrap();
    luthier::models::adapter::save_adapter(&model, kind, name, &own).unwrap();
    let again = load_for(
        &model_files(own.to_str().unwrap()),
        3,
        0.0,
        &Method::EVERYTHING,
    );
    let batch = PackedBatch::new(&[Encoding::of(training.steps[0].input_ids[0].clone())]);
    let logits = |model: &Model| -> Vec<Vec<f32>> {
        model
            .forward(&batch, &Pass::evaluation())
            .unwrap()
            .to_vec2()
            .unwrap()
    };
    let ours: Vec<f64> = logits(&model)[0].iter().map(|&x| f64::from(x)).collect();
    assert_close(
        &Tensor::new(logits(&again), &candle_core::Device::Cpu).unwrap(),
        0,
        &ours,
        1e-5,
    );
}

#[test]
fn adapters_and_frozen_layers_that_do_not_fit_are_refused() {
    let config = Config::parse(&tiny().config).unwrap();
    let refused = |method: &Method| {
        let model = Model::load(&config, sequence(3), &tiny(), method, 0);
        model.unwrap_err().to_string()
    };
    let frozen = Method::Full {
        frozen_layers: 3,
        frozen_embeddings: false,
    };
    assert!(refused(&frozen).contains("the model has 2 layers"));
    let lora = Method::LowRank(luthier::nn::LowRank {
        rank: 2,
        alpha: 4.0,
        dropout: 0.0,
        target_modules: vec!["q_lin".to_owned()],
    });
    let fault = refused(&lora);
    assert!(
        fault.contains("q_lin") && fault.contains("query"),
        "{fault}"
    );
}

#[test]
fn weighted_cross_entropy_equals_pytorch() {
    let all: serde_json::Value = expected("bert-tiny-training.json");
    let case = &all["weighted_cross_entropy"];
    let logits: Vec<Vec<f32>> = serde_json::from_value(case["logits"].clone()).unwrap();
    let gold: Vec<usize> = serde_json::from_value(case["labels"].clone()).unwrap();
    let weights: Vec<f32> = serde_json::from_value(case["weight"].clone()).unwrap();
    let logits = Tensor::new(logits, &candle_core::Device::Cpu).unwrap();
    let targets = Targets {
        gold: &gold,
        labels: 3,
        class_weights: Some(&weights),
        smoothing: 0.0,
    };
    let sum: f32 = cross_entropy(&logits, &targets)
        .unwrap()
        .to_scalar()
        .unwrap();
    assert!((f64::from(sum) - case["sum"].as_f64().unwrap()).abs() < 1e-4);
    let mean = f64::from(sum) / targets.weight();
    assert!((mean - case["mean"].as_f64().unwrap()).abs() < 1e-5);
}
