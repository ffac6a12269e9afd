//! DistilBERT (Sanh et al. 2019, arXiv:1910.01108): BERT's layers under other names, no token types
//! and no pooler.
//!
//! Field and weight names are those of transformers' `models/distilbert/modeling_distilbert.py`.

use std::sync::Arc;

use candle_core::{Result, Tensor};
use serde::{Deserialize, Serialize};

use super::architecture::{Architecture, Encoder, Names, Sizes, activation};
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
    vocab_size: usize,
    dim: usize,
    n_layers: usize,
    n_heads: usize,
    hidden_dim: usize,
    #[serde(default = "gelu_name")]
    activation: String,
    #[serde(default = "tenth")]
    dropout: f64,
    #[serde(default = "tenth")]
    attention_dropout: f64,
    #[serde(default = "fifth")]
    seq_classif_dropout: f64,
    #[serde(default = "tenth")]
    qa_dropout: f64,
    #[serde(default = "positions")]
    max_position_embeddings: usize,
    #[serde(default = "fiftieth")]
    initializer_range: f64,
}

fn gelu_name() -> String {
    "gelu".to_owned()
}
fn tenth() -> f64 {
    0.1
}
fn fifth() -> f64 {
    0.2
}
fn fiftieth() -> f64 {
    0.02
}
fn positions() -> usize {
    512
}

/// Guard of LayerNorm.
const EPS: f64 = 1e-12;

const NAMES: Names = Names {
    model_type: "distilbert",
    class: "DistilBert",
    tokenizer: "DistilBertTokenizerFast",
    token_types: false,
    base: "distilbert",
    layers: "transformer.layer.",
    // They lie beside the encoder.
    heads: &["pre_classifier.", "classifier.", "qa_outputs."],
    adapted: &["q_lin", "v_lin"],
};

impl Config {
    fn linear(&self, inputs: usize, outputs: usize, at: &Builder<'_>) -> error::Result<Linear> {
        Linear::load(inputs, outputs, self.initializer_range, at)
    }

    fn norm(&self, at: &Builder<'_>) -> error::Result<Norm> {
        Norm::layer(self.dim, EPS, at)
    }
}

impl Architecture for Config {
    fn names(&self) -> &'static Names {
        &NAMES
    }

    fn sizes(&self) -> Sizes {
        Sizes {
            vocabulary: self.vocab_size,
            hidden: self.dim,
            layers: self.n_layers,
            heads: self.n_heads,
            intermediate: self.hidden_dim,
            max_length: self.max_position_embeddings,
            embedding: self.dim,
            distinct_layers: self.n_layers,
            feed_forward_matrices: 2,
        }
    }

    fn activation(&self) -> &str {
        &self.activation
    }

    fn check(&self) -> error::Result<()> {
        Ok(())
    }

    fn set_dropout(&mut self, p: f64) {
        self.dropout = p;
        self.attention_dropout = p;
        self.seq_classif_dropout = p;
        self.qa_dropout = p;
    }

    fn encoder(&self, base: &Builder<'_>) -> error::Result<Box<dyn Encoder>> {
        let layers = base.at("transformer").at("layer");
        let layers = (0..self.n_layers).map(|index| Layer::load(self, &layers.at(index)));
        let at = base.at("embeddings");
        let std = self.initializer_range;
        let table = |name, count| Embedding::load(count, self.dim, std, &at.at(name));
        Ok(Box::new(DistilBertModel {
            embeddings: Arc::new(Embeddings {
                tables: vec![
                    table("word_embeddings", self.vocab_size)?,
                    table("position_embeddings", self.max_position_embeddings)?,
                ],
                norm: self.norm(&at.at("LayerNorm"))?,
                dropout: self.dropout,
            }),
            layers: layers.collect::<error::Result<_>>()?,
        }))
    }

    fn head(&self, kind: HeadKind, root: &Builder<'_>) -> error::Result<Head> {
        let at = root.at(kind.output_name());
        let output = Step::Linear(self.linear(self.dim, kind.outputs(), &at)?);
        let steps = match kind {
            HeadKind::Sequence { .. } => {
                let dense = self.linear(self.dim, self.dim, &root.at("pre_classifier"))?;
                let dropout = Step::Dropout(self.seq_classif_dropout);
                vec![Step::Activated(dense, Activation::Relu), dropout, output]
            }
            HeadKind::Tokens { .. } => vec![Step::Dropout(self.dropout), output],
            HeadKind::Span => vec![Step::Dropout(self.qa_dropout), output],
        };
        Ok(Head::new(steps))
    }
}

#[derive(Debug)]
struct DistilBertModel {
    embeddings: Arc<Embeddings>,
    layers: Vec<Layer>,
}

impl Encoder for DistilBertModel {
    fn forward(&self, batch: &PackedBatch, rows: Rows, pass: &Pass) -> Result<Tensor> {
        let ids = [&batch.ids, &batch.positions];
        let mut hidden = self.embeddings.forward(ids.map(Vec::clone).into(), pass)?;
        for (i, layer) in self.layers.iter().enumerate() {
            let is_last = i + 1 == self.layers.len();
            let rows = if is_last { rows } else { Rows::All };
            let attention = &layer.attention;
            let attended = attention.forward(&hidden, &batch.offsets, rows, pass)?;
            hidden = layer.feed_forward.forward(&attended, pass)?;
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
        let (dim, wide) = (config.dim, config.hidden_dim);
        let (attention, ffn) = (at.at("attention"), at.at("ffn"));
        let own = |name| config.linear(dim, dim, &attention.at(name));
        Ok(Self {
            attention: Arc::new(SelfAttention {
                query: own("q_lin")?,
                key: own("k_lin")?,
                value: own("v_lin")?,
                output: own("out_lin")?,
                heads: config.n_heads,
                attention_dropout: config.attention_dropout,
                dropout: 0.0,
                norm: config.norm(&at.at("sa_layer_norm"))?,
            }),
            feed_forward: Arc::new(FeedForward {
                up: config.linear(dim, wide, &ffn.at("lin1"))?,
                activation: activation(&config.activation),
                down: config.linear(wide, dim, &ffn.at("lin2"))?,
                dropout: config.dropout,
                norm: config.norm(&at.at("output_layer_norm"))?,
            }),
        })
    }
}
