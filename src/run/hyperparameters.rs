//! The hyperparameters of a run: Hugging Face names, their defaults, what they mean together.
//!
//! [`FIELDS`] is the one table from which the run file is checked, `--set` is parsed and the
//! Hyperparameters page is drawn. Defaults are those of transformers' `TrainingArguments` (v5),
//! save where Luthier's promise needs another: it always validates (`eval_strategy = "epoch"`),
//! keeps the best checkpoint, judges by macro F1, and logs every step.

mod fields;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

pub use fields::{FIELDS, Field, Group, Kind, field_named};

use crate::error::Result;
use crate::metrics::names;
use crate::models::Method;
use crate::nn::LowRank;
use fields::{current_name, expected, fitting, names_in};

/// Every hyperparameter of a run. `#[serde(default)]`: a key left out takes the default.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Hyperparameters {
    /// Peak learning rate of the schedule.
    pub learning_rate: f64,
    /// Training epochs; a fraction ends the last epoch early. Ignored when `max_steps` is above 0.
    pub num_train_epochs: f64,
    /// Optimiser steps in all; -1 leaves it to `num_train_epochs`.
    pub max_steps: i64,
    /// Examples per forward and backward pass.
    pub per_device_train_batch_size: usize,
    /// Examples per evaluation batch.
    pub per_device_eval_batch_size: usize,
    /// Batches whose gradients make one optimiser step.
    pub gradient_accumulation_steps: usize,
    /// Longest sequence in tokens, special tokens included; longer texts are cut.
    pub max_seq_length: usize,
    /// What is done with texts that are longer.
    pub long_texts: LongTexts,
    /// Tokens that neighbouring windows of a long text share.
    pub doc_stride: usize,
    /// Shape of the learning rate after warm-up.
    pub lr_scheduler_type: Scheduler,
    /// Warm-up in steps, or as a fraction of all steps when below 1.
    pub warmup_steps: f64,
    /// AdamW's decoupled weight decay; biases and LayerNorm weights are never decayed.
    pub weight_decay: f64,
    /// AdamW's decay of the gradient's mean.
    pub adam_beta1: f64,
    /// AdamW's decay of the gradient's square.
    pub adam_beta2: f64,
    /// AdamW's guard against division by zero.
    pub adam_epsilon: f64,
    /// Longest gradient (L2 norm over all parameters); 0 does not clip.
    pub max_grad_norm: f64,
    /// Share of the target spread evenly over all labels.
    pub label_smoothing_factor: f64,
    /// Weights of the labels in the loss: `none`, `balanced`, or `label=weight,…`.
    pub class_weights: ClassWeights,
    /// Dropout of the hidden states and of the attention; -1 keeps the model's own.
    pub dropout: f64,
    /// When the validation split is scored.
    pub eval_strategy: EvalStrategy,
    /// Steps between evaluations when `eval_strategy` is `steps`, or as a share of all steps when
    /// below 1.
    pub eval_steps: f64,
    /// Steps between points on the training curve.
    pub logging_steps: usize,
    /// Whether the best checkpoint, not the last one, is the result.
    pub load_best_model_at_end: bool,
    /// The validation score that decides which checkpoint is best.
    pub metric_for_best_model: BestMetric,
    /// Evaluations without improvement before the run ends; 0 never ends early.
    pub early_stopping_patience: usize,
    /// Least gain that counts as an improvement.
    pub early_stopping_threshold: f64,
    /// What of the model is trained.
    pub method: MethodName,
    /// With `full`: encoder layers that stay as they are, counted from the embeddings, which then
    /// stay as well.
    pub freeze_layers: usize,
    /// With `full`: whether the embeddings stay as they are.
    pub freeze_embeddings: bool,
    /// With `lora`: rank of the adapters.
    pub lora_r: usize,
    /// With `lora`: the adapters are scaled by this over their rank.
    pub lora_alpha: f64,
    /// With `lora`: dropout of the adapters' input.
    pub lora_dropout: f64,
    /// With `lora`: names of the layers that get an adapter, joined by commas, by PEFT's rule.
    pub lora_target_modules: String,
    /// Whether layers compute their inner values again in the backward pass instead of keeping them.
    pub gradient_checkpointing: bool,
    /// Whether the factors of products are rounded to bfloat16 in training; weights stay f32.
    pub bf16: bool,
    /// Seed of every random choice: split, shuffling, head, dropout.
    pub seed: u64,
}

impl Default for Hyperparameters {
    fn default() -> Self {
        Self {
            learning_rate: 5e-5,
            num_train_epochs: 3.0,
            max_steps: -1,
            per_device_train_batch_size: 8,
            per_device_eval_batch_size: 8,
            gradient_accumulation_steps: 1,
            max_seq_length: 128,
            long_texts: LongTexts::Cut,
            doc_stride: 128,
            lr_scheduler_type: Scheduler::Linear,
            warmup_steps: 0.0,
            weight_decay: 0.0,
            adam_beta1: 0.9,
            adam_beta2: 0.999,
            adam_epsilon: 1e-8,
            max_grad_norm: 1.0,
            label_smoothing_factor: 0.0,
            class_weights: ClassWeights::None,
            dropout: -1.0,
            eval_strategy: EvalStrategy::Epoch,
            eval_steps: 100.0,
            logging_steps: 1,
            load_best_model_at_end: true,
            metric_for_best_model: BestMetric::Auto,
            early_stopping_patience: 0,
            early_stopping_threshold: 0.0,
            method: MethodName::Full,
            freeze_layers: 0,
            freeze_embeddings: false,
            lora_r: 8,
            lora_alpha: 16.0,
            lora_dropout: 0.0,
            lora_target_modules: LowRank::AUTO.to_owned(),
            gradient_checkpointing: false,
            bf16: false,
            seed: 42,
        }
    }
}

/// Shape of the learning rate after warm-up, as in transformers' `get_scheduler`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scheduler {
    /// A straight line to zero at the last step.
    Linear,
    /// Half a cosine to zero at the last step.
    Cosine,
    /// The peak to the end; warm-up is ignored, as in transformers.
    Constant,
    /// Warm-up, then the peak to the end.
    ConstantWithWarmup,
}

/// When the validation split is scored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EvalStrategy {
    /// At the end of every epoch.
    Epoch,
    /// Every `eval_steps` steps.
    Steps,
}

/// The validation score that decides which checkpoint is best.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BestMetric {
    /// The first of the task's main scores.
    Auto,
    /// Validation loss; lower is better.
    Loss,
    /// Accuracy.
    Accuracy,
    /// F1, mean over labels.
    F1Macro,
    /// F1 over all decisions.
    F1Micro,
    /// F1 of entities or answers.
    F1,
    /// Share of answers that are exactly right.
    ExactMatch,
    /// Rank correlation of numbers.
    Spearman,
    /// Correlation of numbers.
    Pearson,
}

impl BestMetric {
    /// The score's name in [`crate::metrics::Scores`]; `None` where the task decides.
    pub fn name(self) -> Option<&'static str> {
        match self {
            Self::Auto => None,
            Self::Loss => Some(names::LOSS),
            Self::Accuracy => Some(names::ACCURACY),
            Self::F1Macro => Some(names::F1_MACRO),
            Self::F1Micro => Some(names::F1_MICRO),
            Self::F1 => Some(names::F1),
            Self::ExactMatch => Some(names::EXACT_MATCH),
            Self::Spearman => Some(names::SPEARMAN),
            Self::Pearson => Some(names::PEARSON),
        }
    }
}

/// What is done with texts that are longer than `max_seq_length`, where the task leaves a choice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LongTexts {
    /// The end is not read.
    Cut,
    /// They are read in windows, whose answers are averaged.
    Windows,
}

/// What of the model is trained.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MethodName {
    /// All weights, save the frozen ones.
    Full,
    /// Low-rank adapters and the classifier.
    Lora,
    /// What lies above the encoder.
    Head,
}

impl MethodName {
    /// All methods, in the order of the page.
    pub const ALL: [Self; 3] = [Self::Full, Self::Lora, Self::Head];

    /// The name in a run file.
    pub fn name(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Lora => "lora",
            Self::Head => "head",
        }
    }

    /// The hyperparameters that mean something with this method only.
    pub fn fields(self) -> &'static [&'static str] {
        match self {
            Self::Full => &["freeze_layers", "freeze_embeddings"],
            Self::Lora => &[
                "lora_r",
                "lora_alpha",
                "lora_dropout",
                "lora_target_modules",
            ],
            Self::Head => &[],
        }
    }
}

/// Weights of the labels in the loss, written as one string.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum ClassWeights {
    /// Every example counts the same.
    None,
    /// rows / (labels × rows of the label), scikit-learn's "balanced".
    Balanced,
    /// Given per label; labels not named weigh 1.
    PerLabel(Vec<(String, f64)>),
}

impl TryFrom<String> for ClassWeights {
    type Error = String;

    fn try_from(text: String) -> std::result::Result<Self, String> {
        match text.trim() {
            "none" | "" => return Ok(Self::None),
            "balanced" => return Ok(Self::Balanced),
            _ => {}
        }
        let weights = text.split(',').map(|part| {
            let (label, weight) = part.rsplit_once('=')?;
            let weight: f64 = weight.trim().parse().ok()?;
            (weight.is_finite() && weight > 0.0).then(|| (label.trim().to_owned(), weight))
        });
        weights.collect::<Option<_>>().map(Self::PerLabel).ok_or_else(|| {
            format!(
                "class_weights is \"{text}\": expected none, balanced, or weights above 0 such as positive=2,negative=1"
            )
        })
    }
}

impl From<ClassWeights> for String {
    fn from(weights: ClassWeights) -> Self {
        match weights {
            ClassWeights::None => "none".into(),
            ClassWeights::Balanced => "balanced".into(),
            ClassWeights::PerLabel(weights) => weights
                .iter()
                .map(|(label, weight)| format!("{label}={weight}"))
                .collect::<Vec<_>>()
                .join(","),
        }
    }
}

impl Hyperparameters {
    /// What is trained, from the keys of [`Group::Method`].
    pub fn method(&self) -> Method {
        match self.method {
            MethodName::Full => Method::Full {
                frozen_layers: self.freeze_layers,
                frozen_embeddings: self.freeze_embeddings,
            },
            MethodName::Lora => Method::LowRank(LowRank {
                rank: self.lora_r,
                alpha: self.lora_alpha,
                dropout: self.lora_dropout,
                target_modules: names_in(&self.lora_target_modules),
            }),
            MethodName::Head => Method::Head,
        }
    }

    /// These values with the keys of [`Group::Method`] as `other` has them.
    #[must_use]
    pub fn with_method_of(self, other: &Self) -> Self {
        Self {
            method: other.method,
            freeze_layers: other.freeze_layers,
            freeze_embeddings: other.freeze_embeddings,
            lora_r: other.lora_r,
            lora_alpha: other.lora_alpha,
            lora_dropout: other.lora_dropout,
            lora_target_modules: other.lora_target_modules.clone(),
            ..self
        }
    }

    /// What is trained, in a few words.
    pub fn method_words(&self) -> String {
        match self.method() {
            Method::Full {
                frozen_layers: 0,
                frozen_embeddings: false,
            } => "full".to_owned(),
            Method::Full {
                frozen_layers: 0, ..
            } => "full, embeddings frozen".to_owned(),
            Method::Full { frozen_layers, .. } => {
                format!("full, embeddings and {frozen_layers} layers frozen")
            }
            Method::LowRank(kind) => {
                let targets = kind.target_modules.join(",");
                format!("lora, r {} on {targets}", kind.rank)
            }
            Method::Head => "head".to_owned(),
        }
    }

    /// Reads the keys of a run file's `[hyperparameters]`, older names included, and checks them.
    pub fn from_map(map: Map<String, Value>) -> Result<Self> {
        let mut hyperparameters = Self::default();
        for (name, value) in map {
            hyperparameters.set(&name, value)?;
        }
        hyperparameters.check()?;
        Ok(hyperparameters)
    }

    /// Sets `name` from what a person typed (`--set name=value`), and checks it.
    pub fn set_text(&mut self, name: &str, text: &str) -> Result<()> {
        let text = text.trim();
        let value = match text.parse::<i64>() {
            Ok(whole) => whole.into(),
            Err(_) => match (text.parse::<f64>(), text.parse::<bool>()) {
                (Ok(number), _) if number.is_finite() => number.into(),
                (_, Ok(flag)) => flag.into(),
                _ => text.into(),
            },
        };
        self.set(name, value)
    }

    /// Sets `name` (or an older name for it) to `value`, and checks it against its range.
    pub fn set(&mut self, name: &str, value: Value) -> Result<()> {
        let field = field_named(current_name(name, &value)?)?;
        let value = fitting(field, value)?;
        let mut map = self.to_map();
        map.insert(field.name.to_owned(), value.clone());
        *self = serde_json::from_value(Value::Object(map)).map_err(|_| expected(field, &value))?;
        Ok(())
    }

    /// All values by name, in the order of the struct.
    pub fn to_map(&self) -> Map<String, Value> {
        match serde_json::to_value(self) {
            Ok(Value::Object(map)) => map,
            // A plain struct of numbers, names and flags always serialises to an object.
            _ => Map::new(),
        }
    }

    /// Checks every value against its range.
    pub fn check(&self) -> Result<()> {
        let map = self.to_map();
        for field in FIELDS {
            if let Some(value) = map.get(field.name) {
                fitting(field, value.clone())?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_has_a_field_and_every_field_a_key() {
        let map = Hyperparameters::default().to_map();
        let mut keys: Vec<_> = map.keys().map(String::as_str).collect();
        let mut fields: Vec<_> = FIELDS.iter().map(|field| field.name).collect();
        keys.sort_unstable();
        fields.sort_unstable();
        assert_eq!(keys, fields);
        Hyperparameters::default().check().unwrap();
    }

    #[test]
    fn text_is_read_by_the_fields_kind() {
        let mut h = Hyperparameters::default();
        h.set_text("learning_rate", "2e-5").unwrap();
        h.set_text("num_train_epochs", "2").unwrap();
        h.set_text("warmup_ratio", "0.1").unwrap();
        h.set_text("evaluation_strategy", "steps").unwrap();
        h.set_text("load_best_model_at_end", "false").unwrap();
        h.set_text("class_weights", "positive=2, negative=1")
            .unwrap();
        assert_eq!(
            (h.learning_rate, h.num_train_epochs, h.warmup_steps),
            (2e-5, 2.0, 0.1)
        );
        assert_eq!(h.eval_strategy, EvalStrategy::Steps);
        assert!(!h.load_best_model_at_end);
        assert!(matches!(h.class_weights, ClassWeights::PerLabel(ref w) if w.len() == 2));
    }

    #[test]
    fn the_whole_method_is_taken_over_and_nothing_else() {
        let mut other = Hyperparameters {
            learning_rate: 0.5,
            ..Hyperparameters::default()
        };
        for (name, text) in [
            ("method", "lora"),
            ("freeze_layers", "2"),
            ("freeze_embeddings", "true"),
            ("lora_r", "4"),
            ("lora_alpha", "3"),
            ("lora_dropout", "0.2"),
            ("lora_target_modules", "key"),
        ] {
            other.set_text(name, text).unwrap();
        }
        let (default, other_map) = (Hyperparameters::default().to_map(), other.to_map());
        let taken = Hyperparameters::default().with_method_of(&other).to_map();
        for field in FIELDS {
            let name = field.name;
            if field.group == Group::Method {
                assert_ne!(other_map[name], default[name], "{name} tells nothing");
                assert_eq!(taken[name], other_map[name], "{name}");
            } else {
                assert_eq!(taken[name], default[name], "{name}");
            }
        }
    }

    #[test]
    fn faults_name_the_key_and_what_was_expected() {
        let mut h = Hyperparameters::default();
        let before = h.clone();
        for (name, text, words) in [
            ("learning_rate", "0", "above 0"),
            ("learning_rate", "fast", "learning_rate is \"fast\""),
            ("num_train_epochs", "nan", "num_train_epochs"),
            ("per_device_train_batch_size", "0", "from 1 to 4096"),
            ("lr_scheduler_type", "zigzag", "linear, cosine"),
            ("lr", "1", "no hyperparameter called \"lr\""),
            ("warmup_ratio", "10", "warmup_steps"),
            ("class_weights", "positive", "class_weights is"),
            ("seed", "-1", "at least 0"),
        ] {
            let message = h.set_text(name, text).unwrap_err().to_string();
            assert!(message.contains(words), "{name}={text}: {message}");
        }
        assert_eq!(h, before);
    }
}
