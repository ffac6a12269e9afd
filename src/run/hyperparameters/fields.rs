//! Every hyperparameter as a person meets it: its name, its range, its help; and values checked
//! against that.

use serde_json::Value;

use super::ClassWeights;
use crate::error::{Error, Result};

/// What a field may hold.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    /// A real number in `min..=max`, or above `min` when `open` is set.
    Number { min: f64, max: f64, open: bool },
    /// A whole number in `min..=max`.
    Count { min: i64, max: i64 },
    /// One of the names.
    Choice(&'static [&'static str]),
    /// `true` or `false`.
    Flag,
    /// Free text with a grammar of its own.
    Text,
    /// Names joined by commas, at least one.
    Names,
}

/// The headings under which the pages group the fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    /// What of the model is trained; shown on the Model page.
    Method,
    /// How far and how fast to learn.
    Learning,
    /// How much at once.
    Batches,
    /// The optimiser's own numbers.
    Optimiser,
    /// Guards against learning by heart.
    Regularisation,
    /// When to look, and when to stop.
    Evaluation,
}

/// One hyperparameter as a person sees it.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// The Hugging Face name, the key of the run file.
    pub name: &'static str,
    /// Where the page shows it.
    pub group: Group,
    /// What it may hold.
    pub kind: Kind,
    /// One sentence for someone who has never met it.
    pub help: &'static str,
}

const fn number(min: f64, max: f64) -> Kind {
    Kind::Number {
        min,
        max,
        open: false,
    }
}

const fn above(min: f64, max: f64) -> Kind {
    Kind::Number {
        min,
        max,
        open: true,
    }
}

const fn count(min: i64, max: i64) -> Kind {
    Kind::Count { min, max }
}

const fn field(name: &'static str, group: Group, kind: Kind, help: &'static str) -> Field {
    Field {
        name,
        group,
        kind,
        help,
    }
}

/// Every hyperparameter, in the order of the page.
pub const FIELDS: &[Field] = &[
    field(
        "learning_rate",
        Group::Learning,
        above(0.0, 1.0),
        "How big a step the weights take. Too high forgets what the model knew, too low learns nothing.",
    ),
    field(
        "num_train_epochs",
        Group::Learning,
        above(0.0, 1000.0),
        "How often the model sees every training row.",
    ),
    field(
        "max_steps",
        Group::Learning,
        count(-1, 100_000_000),
        "Ends after so many steps whatever the epochs say; -1 or 0 leaves it to the epochs.",
    ),
    field(
        "lr_scheduler_type",
        Group::Learning,
        Kind::Choice(&["linear", "cosine", "constant", "constant_with_warmup"]),
        "How the learning rate falls after its peak.",
    ),
    field(
        "warmup_steps",
        Group::Learning,
        number(0.0, 100_000_000.0),
        "Steps over which the learning rate rises from zero; below 1 it is a share of all steps.",
    ),
    field(
        "per_device_train_batch_size",
        Group::Batches,
        count(1, 4096),
        "Rows per pass. Larger is steadier and needs more memory.",
    ),
    field(
        "per_device_eval_batch_size",
        Group::Batches,
        count(1, 4096),
        "Rows per pass when scoring; changes speed, not results.",
    ),
    field(
        "gradient_accumulation_steps",
        Group::Batches,
        count(1, 4096),
        "Passes that make one step: a larger batch without its memory.",
    ),
    field(
        "max_seq_length",
        Group::Batches,
        count(4, 8192),
        "Longest text in tokens; what goes beyond is cut or read in windows.",
    ),
    field(
        "long_texts",
        Group::Batches,
        Kind::Choice(&["cut", "windows"]),
        "What is done with longer texts: cut, or read in windows whose answers are averaged. Entities and questions are always read in windows.",
    ),
    field(
        "doc_stride",
        Group::Batches,
        count(0, 8192),
        "Tokens that neighbouring windows of a long text share, at most half a window.",
    ),
    field(
        "weight_decay",
        Group::Optimiser,
        number(0.0, 1.0),
        "Pulls weights towards zero a little at every step; biases and LayerNorm are left alone.",
    ),
    field(
        "max_grad_norm",
        Group::Optimiser,
        number(0.0, 1e6),
        "Longest step direction before it is shortened; 0 never shortens.",
    ),
    field(
        "adam_beta1",
        Group::Optimiser,
        number(0.0, 0.999_999),
        "How long AdamW remembers the direction.",
    ),
    field(
        "adam_beta2",
        Group::Optimiser,
        number(0.0, 0.999_999_9),
        "How long AdamW remembers the size.",
    ),
    field(
        "adam_epsilon",
        Group::Optimiser,
        above(0.0, 1.0),
        "Guards AdamW against dividing by zero.",
    ),
    field(
        "label_smoothing_factor",
        Group::Regularisation,
        number(0.0, 0.9),
        "Share of each answer spread over all labels, against overconfidence.",
    ),
    field(
        "class_weights",
        Group::Regularisation,
        Kind::Text,
        "none, balanced (rare labels count more), or label=weight,…",
    ),
    field(
        "dropout",
        Group::Regularisation,
        number(-1.0, 0.9),
        "Share of signals silenced while learning; -1 keeps the model's own.",
    ),
    field(
        "eval_strategy",
        Group::Evaluation,
        Kind::Choice(&["epoch", "steps"]),
        "Score the validation rows after every epoch, or every so many steps.",
    ),
    field(
        "eval_steps",
        Group::Evaluation,
        above(0.0, 1_000_000.0),
        "Steps between two scores when the strategy is steps; below 1 it is a share of all steps.",
    ),
    field(
        "metric_for_best_model",
        Group::Evaluation,
        Kind::Choice(&[
            "auto",
            "loss",
            "accuracy",
            "f1_macro",
            "f1_micro",
            "f1",
            "exact_match",
            "spearman",
            "pearson",
        ]),
        "The validation score that decides which checkpoint is kept; auto takes the task's own.",
    ),
    field(
        "early_stopping_patience",
        Group::Evaluation,
        count(0, 10_000),
        "Scores without a gain before the run ends by itself; 0 never does.",
    ),
    field(
        "early_stopping_threshold",
        Group::Evaluation,
        number(0.0, 1.0),
        "Least gain that counts.",
    ),
    field(
        "load_best_model_at_end",
        Group::Evaluation,
        Kind::Flag,
        "Keep the best checkpoint rather than the last.",
    ),
    field(
        "logging_steps",
        Group::Evaluation,
        count(1, 100_000),
        "Steps between two points on the training curve.",
    ),
    field(
        "method",
        Group::Method,
        Kind::Choice(&["full", "lora", "head"]),
        "full trains every weight, lora small adapters beside them, head only what lies above the encoder.",
    ),
    field(
        "freeze_layers",
        Group::Method,
        count(0, 1000),
        "With full: the first so many layers stay as they are, and the embeddings with them. Faster, and gentler on small data.",
    ),
    field(
        "freeze_embeddings",
        Group::Method,
        Kind::Flag,
        "With full: the embeddings stay as they are.",
    ),
    field(
        "lora_r",
        Group::Method,
        count(1, 1024),
        "With lora: rank of the adapters. Larger can learn more and costs more.",
    ),
    field(
        "lora_alpha",
        Group::Method,
        above(0.0, 10_000.0),
        "With lora: the adapters count by this over their rank.",
    ),
    field(
        "lora_dropout",
        Group::Method,
        number(0.0, 0.9),
        "With lora: share of the adapters' input silenced while learning.",
    ),
    field(
        "lora_target_modules",
        Group::Method,
        Kind::Names,
        "With lora: names of the layers that get an adapter, joined by commas, such as query,value,dense; auto: those that make queries and values.",
    ),
    field(
        "gradient_checkpointing",
        Group::Batches,
        Kind::Flag,
        "Compute inner values again instead of keeping them: a third slower, in a fraction of the memory.",
    ),
    field(
        "bf16",
        Group::Batches,
        Kind::Flag,
        "Round what is multiplied in training to bfloat16, weights stay f32: faster, on processors with AVX512-BF16 only, most of all with AMX.",
    ),
    field(
        "seed",
        Group::Evaluation,
        count(0, i64::MAX),
        "The same seed gives the same run, weight for weight.",
    ),
];

/// Older names that transformers still reads, and what they are called now.
const ALIASES: &[(&str, &str)] = &[
    ("warmup_ratio", "warmup_steps"),
    ("evaluation_strategy", "eval_strategy"),
];

/// The field called `name`, or an error that lists close names.
pub fn field_named(name: &str) -> Result<&'static Field> {
    FIELDS
        .iter()
        .find(|field| field.name == name)
        .ok_or_else(|| {
            let known: Vec<_> = FIELDS.iter().map(|field| field.name).collect();
            Error::new(format!("there is no hyperparameter called \"{name}\""))
                .remedy(format!("Known are: {}.", known.join(", ")))
        })
}

pub(super) fn current_name<'a>(name: &'a str, value: &Value) -> Result<&'a str> {
    let Some((_, current)) = ALIASES.iter().find(|(older, _)| *older == name) else {
        return Ok(name);
    };
    let ratio = value.as_f64();
    if name == "warmup_ratio" && !ratio.is_some_and(|ratio| (0.0..1.0).contains(&ratio)) {
        return Err(Error::new(format!(
            "warmup_ratio is {value}: expected a share from 0 to below 1"
        ))
        .remedy("Use warmup_steps for a number of steps."));
    }
    Ok(current)
}

/// The value in the type its field wants (a whole number where a real one is due becomes real).
pub(super) fn fitting(field: &Field, value: Value) -> Result<Value> {
    let fits = match field.kind {
        Kind::Number { min, max, open } => {
            let number = value
                .as_f64()
                .filter(|&n| n <= max && (n > min || (!open && n == min)));
            return number
                .map(Value::from)
                .ok_or_else(|| expected(field, &value));
        }
        Kind::Count { min, max } => {
            let whole = value.as_i64().or_else(|| whole_number(&value));
            return whole
                .filter(|whole| (min..=max).contains(whole))
                .map(Value::from)
                .ok_or_else(|| expected(field, &value));
        }
        Kind::Choice(names) => value.as_str().is_some_and(|name| names.contains(&name)),
        Kind::Flag => value.is_boolean(),
        Kind::Names => {
            let names = value
                .as_str()
                .map(names_in)
                .filter(|names| !names.is_empty());
            return names
                .map(|names| names.join(",").into())
                .ok_or_else(|| expected(field, &value));
        }
        Kind::Text => {
            return match ClassWeights::try_from(value.as_str().unwrap_or("?").to_owned()) {
                Ok(_) => Ok(value),
                Err(what) => Err(Error::new(what).remedy("Mend class_weights.")),
            };
        }
    };
    if fits {
        Ok(value)
    } else {
        Err(expected(field, &value))
    }
}

/// The names in a list joined by commas.
pub(super) fn names_in(text: &str) -> Vec<String> {
    let names = text
        .split(',')
        .map(str::trim)
        .filter(|name| !name.is_empty());
    names.map(str::to_owned).collect()
}

fn whole_number(value: &Value) -> Option<i64> {
    let number = value.as_f64()?;
    (number.fract() == 0.0 && number.abs() < 9e15).then_some(number as i64)
}

pub(super) fn expected(field: &Field, value: &Value) -> Error {
    let wanted = match field.kind {
        Kind::Number {
            min,
            max,
            open: true,
        } => format!("a number above {min} and at most {max}"),
        Kind::Number {
            min,
            max,
            open: false,
        } => format!("a number from {min} to {max}"),
        Kind::Count { min, max: i64::MAX } => format!("a whole number of at least {min}"),
        Kind::Count { min, max } => format!("a whole number from {min} to {max}"),
        Kind::Choice(names) => format!("one of {}", names.join(", ")),
        Kind::Flag => "true or false".to_owned(),
        Kind::Text => "text".to_owned(),
        Kind::Names => "names joined by commas".to_owned(),
    };
    let page = match field.group {
        Group::Method => "Model",
        _ => "Hyperparameters",
    };
    Error::new(format!("{} is {value}: expected {wanted}", field.name)).remedy(format!(
        "Mend {} in the run file, in --set or on the {page} page.",
        field.name
    ))
}
