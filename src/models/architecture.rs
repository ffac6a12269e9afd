//! What every architecture tells of itself, and what makes of its `config.json` a model.

use std::fmt::Debug;

use candle_core::{Result, Tensor};

use super::head::{Head, HeadKind};
use super::method::Part;
use crate::error::{self, Error};
use crate::nn::{Activation, Builder, Pass, Rows};
use crate::text::PackedBatch;

/// An encoder, from tokens to hidden states.
pub(super) trait Encoder: Debug + Send + Sync {
    /// Hidden states of the last layer: of every token (tokens, hidden), or of the first of each
    /// sequence (sequences, hidden), for which the last layer does only what these need.
    fn forward(&self, batch: &PackedBatch, rows: Rows, pass: &Pass) -> Result<Tensor>;
}

/// The names under which an architecture is known in transformers.
#[derive(Debug)]
pub(super) struct Names {
    /// `model_type` in `config.json`.
    pub model_type: &'static str,
    /// What its classes begin with: "Bert" of `BertForSequenceClassification`.
    pub class: &'static str,
    /// The class of its tokenizer.
    pub tokenizer: &'static str,
    /// Whether its tokenizer gives token types, which tell the two texts of a pair apart.
    pub token_types: bool,
    /// What a model with a head calls the encoder: "bert" of `bert.embeddings…`.
    pub base: &'static str,
    /// What the names of a layer's weights begin with, up to its number; without the encoder's.
    pub layers: &'static str,
    /// What the names of the weights of any head begin with; without the encoder's.
    pub heads: &'static [&'static str],
    /// The layers that make queries and values, which get a low-rank adapter where no others are
    /// named; PEFT's choice (`TRANSFORMERS_MODELS_TO_LORA_TARGET_MODULES_MAPPING`) where it has one.
    pub adapted: &'static [&'static str],
}

/// The sizes that all architectures have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Sizes {
    /// Rows of the token table.
    pub vocabulary: usize,
    /// Width of the hidden states.
    pub hidden: usize,
    /// Encoder layers.
    pub layers: usize,
    /// Attention heads per layer.
    pub heads: usize,
    /// Width of the feed-forward layer.
    pub intermediate: usize,
    /// Longest sequence in tokens.
    pub max_length: usize,
    /// Width of the token table.
    pub embedding: usize,
    /// Layers with weights of their own.
    pub distinct_layers: usize,
    /// Matrices of a feed-forward layer: three where it is gated.
    pub feed_forward_matrices: usize,
}

/// An architecture's `config.json`: what it says, and the model it describes.
pub(super) trait Architecture {
    /// What it is called.
    fn names(&self) -> &'static Names;

    /// How large it is.
    fn sizes(&self) -> Sizes;

    /// The name of its activation function.
    fn activation(&self) -> &str;

    /// Checks what is its own: fields that ask for what is not built here, and those of
    /// [`Architecture::sizes`] that others lack.
    fn check(&self) -> error::Result<()>;

    /// The same dropout everywhere.
    fn set_dropout(&mut self, p: f64);

    /// The encoder, whose weights lie below the builder's path.
    fn encoder(&self, base: &Builder<'_>) -> error::Result<Box<dyn Encoder>>;

    /// A head. `root` is the path of the whole model, above the encoder's.
    fn head(&self, kind: HeadKind, root: &Builder<'_>) -> error::Result<Head>;

    /// The name of a head's last layer.
    fn output_name(&self, kind: HeadKind) -> &'static str {
        kind.output_name()
    }

    /// Where a parameter belongs, by its name without the encoder's.
    fn part(&self, plain_name: &str) -> Part {
        self.names().part(plain_name)
    }
}

impl Names {
    /// A head's weights belong to the head, those of a numbered layer to that, others lie below.
    pub(super) fn part(&self, plain_name: &str) -> Part {
        if self.heads.iter().any(|head| plain_name.starts_with(head)) {
            return Part::Head;
        }
        let layer = plain_name.strip_prefix(self.layers);
        let number = layer.and_then(|rest| rest.split('.').next()?.parse().ok());
        number.map_or(Part::Embeddings, Part::Layer)
    }
}

/// The activation that `config.json` names; `Config::parse` refuses names that are not known.
pub(super) fn activation(name: &str) -> Activation {
    Activation::named(name).unwrap_or(Activation::Gelu)
}

/// The error of a model that cannot be built.
pub(super) fn refusal(what: impl std::fmt::Display) -> Error {
    Error::new(format!("config.json says {what}"))
        .remedy("Choose another model, for example from the catalogue.")
}

/// Checks the number of rows of a table beside the token table.
pub(super) fn check_table(field: &str, rows: usize) -> error::Result<()> {
    if (1..=1 << 16).contains(&rows) {
        return Ok(());
    }
    Err(refusal(format!(
        "{field} {rows}; expected is a number from 1 to 65536"
    )))
}

/// Checks that the activation that `field` names is known.
pub(super) fn check_activation(field: &str, name: &str) -> error::Result<()> {
    match Activation::named(name) {
        Some(_) => Ok(()),
        None => Err(refusal(format!(
            "{field} \"{name}\"; known are: {}",
            Activation::NAMES.join(", ")
        ))),
    }
}
