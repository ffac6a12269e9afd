//! BERT (Devlin et al. 2019, arXiv:1810.04805).
//!
//! Field and weight names are those of transformers' `models/bert/modeling_bert.py`.

use std::sync::Arc;

use candle_core::{Result, Tensor};
use serde::{Deserialize, Serialize};

use super::architecture::{Architecture, Encoder, Names, Sizes, activation, check_table, refusal};
use super::head::{Head, HeadKind, Step};
use crate::error;
use crate::nn::{
    Activation, Builder, Embedding, Embeddings, FeedForward, Linear, Norm, Pass, Rows,
    SelfAttention,
};
use crate::text::PackedBatch;

/// The fields of `config.json` that the computation needs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Config {
    /// Rows of the token table.
    pub vocab_size: usize,
    /// Width of the hidden states.
    pub hidden_size: usize,
    /// Encoder layers.
    pub num_hidden_layers: usize,
    /// Attention heads per layer.
    pub num_attention_heads: usize,
    /// Width of the feed-forward layer.
    pub intermediate_size: usize,
    /// Activation of the feed-forward layer, by its name in transformers.
    #[serde(default = "gelu_name")]
    pub hidden_act: String,
    /// Dropout of the hidden states.
    #[serde(default = "tenth")]
    pub hidden_dropout_prob: f64,
    /// Dropout of the attention's probabilities.
    #[serde(default = "tenth")]
    pub attention_probs_dropout_prob: f64,
    /// Dropout before the classifier; `hidden_dropout_prob` when null.
    #[serde(default)]
    pub classifier_dropout: Option<f64>,
    /// Longest sequence.
    #[serde(default = "positions")]
    pub max_position_embeddings: usize,
    /// Rows of the token type table.
    #[serde(default = "two")]
    pub type_vocab_size: usize,
    /// Guard of LayerNorm.
    #[serde(default = "eps")]
    pub layer_norm_eps: f64,
    /// Standard deviation of new weights.
    #[serde(default = "fiftieth")]
    pub initializer_range: f64,
    /// How positions enter; only `absolute` is known.
    #[serde(default = "absolute")]
    pub position_embedding_type: String,
}

fn gelu_name() -> String {
    "gelu".to_owned()
}
fn absolute() -> String {
    "absolute".to_owned()
}
fn tenth() -> f64 {
    0.1
}
fn fiftieth() -> f64 {
    0.02
}
fn eps() -> f64 {
    1e-12
}
fn positions() -> usize {
    512
}
fn two() -> usize {
    2
}

const NAMES: Names = Names {
    model_type: "bert",
    class: "Bert",
    tokenizer: "BertTokenizerFast",
    token_types: true,
    base: "bert",
    layers: "encoder.layer.",
    heads: &["pooler.", "classifier.", "qa_outputs."],
    adapted: &["query", "value"],
};

impl Config {
    /// Dropout before the classifier.
    pub(super) fn dropout_before_classifier(&self) -> f64 {
        self.classifier_dropout.unwrap_or(self.hidden_dropout_prob)
    }

    /// A new or read linear layer of this model.
    pub(super) fn linear(
        &self,
        inputs: usize,
        outputs: usize,
        at: &Builder<'_>,
    ) -> error::Result<Linear> {
        Linear::load(inputs, outputs, self.initializer_range, at)
    }
}

impl Architecture for Config {
    fn names(&self) -> &'static Names {
        &NAMES
    }

    fn sizes(&self) -> Sizes {
        Sizes {
            vocabulary: self.vocab_size,
            hidden: self.hidden_size,
            layers: self.num_hidden_layers,
            heads: self.num_attention_heads,
            intermediate: self.intermediate_size,
            max_length: self.max_position_embeddings,
            embedding: self.hidden_size,
            distinct_layers: self.num_hidden_layers,
            feed_forward_matrices: 2,
        }
    }

    fn activation(&self) -> &str {
        &self.hidden_act
    }

    fn check(&self) -> error::Result<()> {
        if self.position_embedding_type != "absolute" {
            return Err(refusal(format!(
                "position_embedding_type \"{}\"; known is: absolute",
                self.position_embedding_type
            )));
        }
        check_table("type_vocab_size", self.type_vocab_size)
    }

    fn set_dropout(&mut self, p: f64) {
        self.hidden_dropout_prob = p;
        self.attention_probs_dropout_prob = p;
        self.classifier_dropout = None;
    }

    fn encoder(&self, base: &Builder<'_>) -> error::Result<Box<dyn Encoder>> {
        Ok(Box::new(BertModel::load(self, base)?))
    }

    fn head(&self, kind: HeadKind, root: &Builder<'_>) -> error::Result<Head> {
        let (hidden, name) = (self.hidden_size, kind.output_name());
        let output = || self.linear(hidden, kind.outputs(), &root.at(name));
        let dropout = Step::Dropout(self.dropout_before_classifier());
        let steps = match kind {
            HeadKind::Sequence { .. } => {
                let pooler = root.at(NAMES.base).at("pooler").at("dense");
                let pooler = self.linear(hidden, hidden, &pooler)?;
                let pooler = Step::Activated(pooler, Activation::Tanh);
                vec![pooler, dropout, Step::Linear(output()?)]
            }
            HeadKind::Tokens { .. } => vec![dropout, Step::Linear(output()?)],
            HeadKind::Span => vec![Step::Linear(output()?)],
        };
        Ok(Head::new(steps))
    }
}

#[derive(Debug)]
struct BertModel {
    embeddings: Arc<Embeddings>,
    layers: Layers,
}

impl BertModel {
    fn load(config: &Config, base: &Builder<'_>) -> error::Result<Self> {
        Ok(Self {
            embeddings: Arc::new(embeddings(config, config.hidden_size, base)?),
            layers: Layers::load(config, base)?,
        })
    }
}

impl Encoder for BertModel {
    fn forward(&self, batch: &PackedBatch, rows: Rows, pass: &Pass) -> Result<Tensor> {
        let ids = [&batch.ids, &batch.positions, &batch.types];
        let hidden = self.embeddings.forward(ids.map(Vec::clone).into(), pass)?;
        self.layers.forward(hidden, batch, rows, pass)
    }
}

/// Tokens, positions and types to rows of `size`, read from `embeddings` below the encoder's path.
pub(super) fn embeddings(
    config: &Config,
    size: usize,
    base: &Builder<'_>,
) -> error::Result<Embeddings> {
    let at = base.at("embeddings");
    let std = config.initializer_range;
    let table = |name, count| Embedding::load(count, size, std, &at.at(name));
    Ok(Embeddings {
        tables: vec![
            table("word_embeddings", config.vocab_size)?,
            table("position_embeddings", config.max_position_embeddings)?,
            table("token_type_embeddings", config.type_vocab_size)?,
        ],
        norm: Norm::layer(size, config.layer_norm_eps, &at.at("LayerNorm"))?,
        dropout: config.hidden_dropout_prob,
    })
}

/// The layers `encoder.layer.…`, one behind the other.
#[derive(Debug)]
pub(super) struct Layers(Vec<Layer>);

impl Layers {
    /// Reads their weights below the encoder's path.
    pub(super) fn load(config: &Config, base: &Builder<'_>) -> error::Result<Self> {
        let layers = base.at("encoder").at("layer");
        let layers = (0..config.num_hidden_layers)
            .map(|index| Layer::load(config, &layers.at(index)))
            .collect::<error::Result<_>>()?;
        Ok(Self(layers))
    }

    /// Embedded tokens (tokens, hidden) to the last layer's states of the rows asked for.
    pub(super) fn forward(
        &self,
        embedded: Tensor,
        batch: &PackedBatch,
        rows: Rows,
        pass: &Pass,
    ) -> Result<Tensor> {
        let mut hidden = embedded;
        for (i, layer) in self.0.iter().enumerate() {
            let is_last = i + 1 == self.0.len();
            let rows = if is_last { rows } else { Rows::All };
            hidden = layer.forward(&hidden, batch, rows, pass)?;
        }
        Ok(hidden)
    }
}

#[derive(Debug)]
struct Layer {
    attention: Arc<SelfAttention>,
    feed_forward: Arc<FeedForward>,
}

impl Layer {
    fn load(config: &Config, at: &Builder<'_>) -> error::Result<Self> {
        let (hidden, wide) = (config.hidden_size, config.intermediate_size);
        let linear = |inputs, outputs, at: &Builder<'_>| config.linear(inputs, outputs, at);
        let norm =
            |at: &Builder<'_>| Norm::layer(hidden, config.layer_norm_eps, &at.at("LayerNorm"));
        let attention = at.at("attention");
        let (own, merged) = (attention.at("self"), attention.at("output"));
        let output = at.at("output");
        Ok(Self {
            attention: Arc::new(SelfAttention {
                query: linear(hidden, hidden, &own.at("query"))?,
                key: linear(hidden, hidden, &own.at("key"))?,
                value: linear(hidden, hidden, &own.at("value"))?,
                output: linear(hidden, hidden, &merged.at("dense"))?,
                heads: config.num_attention_heads,
                attention_dropout: config.attention_probs_dropout_prob,
                dropout: config.hidden_dropout_prob,
                norm: norm(&merged)?,
            }),
            feed_forward: Arc::new(FeedForward {
                up: linear(hidden, wide, &at.at("intermediate").at("dense"))?,
                activation: activation(&config.hidden_act),
                down: linear(wide, hidden, &output.at("dense"))?,
                dropout: config.hidden_dropout_prob,
                norm: norm(&output)?,
            }),
        })
    }

    fn forward(
        &self,
        hidden: &Tensor,
        batch: &PackedBatch,
        rows: Rows,
        pass: &Pass,
    ) -> Result<Tensor> {
        let attended = self.attention.forward(hidden, &batch.offsets, rows, pass)?;
        self.feed_forward.forward(&attended, pass)
    }
}
