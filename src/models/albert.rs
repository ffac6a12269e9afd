//! ALBERT (Lan et al. 2019, arXiv:1909.11942): narrow embeddings, and layers that share their
//! weights in groups.
//!
//! Field and weight names are those of transformers' `models/albert/modeling_albert.py`.

use std::sync::Arc;

use candle_core::{Result, Tensor};
use serde::{Deserialize, Serialize};

use super::architecture::{Architecture, Encoder, Names, Sizes, activation, check_table, refusal};
use super::bert;
use super::head::{Head, HeadKind, Step};
use super::method::Part;
use crate::error;
use crate::nn::{
    Activation, Builder, Embeddings, FeedForward, Linear, Norm, Pass, Rows, SelfAttention,
};
use crate::text::PackedBatch;

/// The fields of `config.json` that the computation needs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Config {
    /// Width of the embeddings.
    #[serde(default = "small")]
    embedding_size: usize,
    /// Groups of layers; the layers of a group share their weights.
    #[serde(default = "one")]
    num_hidden_groups: usize,
    /// Layers with weights of their own in a group, gone through for each of the model's layers.
    #[serde(default = "one")]
    inner_group_num: usize,
    /// Dropout before the classifier.
    #[serde(default = "tenth")]
    classifier_dropout_prob: f64,
    #[serde(flatten)]
    bert: bert::Config,
}

fn small() -> usize {
    128
}
fn one() -> usize {
    1
}
fn tenth() -> f64 {
    0.1
}

const NAMES: Names = Names {
    model_type: "albert",
    class: "Albert",
    tokenizer: "AlbertTokenizerFast",
    token_types: true,
    base: "albert",
    layers: "encoder.albert_layer_groups.",
    heads: &["pooler.", "classifier.", "qa_outputs."],
    adapted: &["query", "value"],
};

impl Architecture for Config {
    fn names(&self) -> &'static Names {
        &NAMES
    }

    fn sizes(&self) -> Sizes {
        Sizes {
            embedding: self.embedding_size,
            distinct_layers: self.num_hidden_groups * self.inner_group_num,
            ..self.bert.sizes()
        }
    }

    fn activation(&self) -> &str {
        self.bert.activation()
    }

    fn check(&self) -> error::Result<()> {
        check_table("embedding_size", self.embedding_size)?;
        check_table("inner_group_num", self.inner_group_num)?;
        let layers = self.bert.num_hidden_layers;
        if !(1..=layers).contains(&self.num_hidden_groups) {
            return Err(refusal(format!(
                "num_hidden_groups {}; expected is a number from 1 to the {layers} layers",
                self.num_hidden_groups
            )));
        }
        self.bert.check()
    }

    fn set_dropout(&mut self, p: f64) {
        self.bert.set_dropout(p);
        self.classifier_dropout_prob = p;
    }

    fn encoder(&self, base: &Builder<'_>) -> error::Result<Box<dyn Encoder>> {
        Ok(Box::new(AlbertModel::load(self, base)?))
    }

    fn head(&self, kind: HeadKind, root: &Builder<'_>) -> error::Result<Head> {
        let (config, hidden) = (&self.bert, self.bert.hidden_size);
        let output = config.linear(hidden, kind.outputs(), &root.at(kind.output_name()))?;
        let output = Step::Linear(output);
        let dropout = Step::Dropout(self.classifier_dropout_prob);
        let steps = match kind {
            HeadKind::Sequence { .. } => {
                let pooler = root.at(NAMES.base).at("pooler");
                let pooler = config.linear(hidden, hidden, &pooler)?;
                vec![Step::Activated(pooler, Activation::Tanh), dropout, output]
            }
            HeadKind::Tokens { .. } => vec![dropout, output],
            HeadKind::Span => vec![output],
        };
        Ok(Head::new(steps))
    }

    /// A group belongs to the first of the layers that share it: freezing that layer freezes the
    /// group, and with it all of them.
    fn part(&self, plain_name: &str) -> Part {
        match NAMES.part(plain_name) {
            Part::Layer(group) => {
                let layers = self.bert.num_hidden_layers;
                Part::Layer((group * layers).div_ceil(self.num_hidden_groups))
            }
            other => other,
        }
    }
}

#[derive(Debug)]
struct AlbertModel {
    embeddings: Arc<Embeddings>,
    project: Linear,
    groups: Vec<Vec<Layer>>,
    layers: usize,
}

impl AlbertModel {
    fn load(config: &Config, base: &Builder<'_>) -> error::Result<Self> {
        let (narrow, wide) = (config.embedding_size, config.bert.hidden_size);
        let at = base.at("encoder");
        let project = at.at("embedding_hidden_mapping_in");
        let groups = (0..config.num_hidden_groups).map(|group| {
            let at = at.at("albert_layer_groups").at(group).at("albert_layers");
            let inner = (0..config.inner_group_num).map(|index| at.at(index));
            inner.map(|at| Layer::load(&config.bert, &at)).collect()
        });
        Ok(Self {
            embeddings: Arc::new(bert::embeddings(&config.bert, narrow, base)?),
            project: config.bert.linear(narrow, wide, &project)?,
            groups: groups.collect::<error::Result<_>>()?,
            layers: config.bert.num_hidden_layers,
        })
    }

    /// The layers as a batch goes through them: those of a group again and again.
    fn path(&self) -> impl Iterator<Item = &Layer> {
        let group = |layer: usize| layer * self.groups.len() / self.layers;
        (0..self.layers).flat_map(move |layer| &self.groups[group(layer)])
    }
}

impl Encoder for AlbertModel {
    fn forward(&self, batch: &PackedBatch, rows: Rows, pass: &Pass) -> Result<Tensor> {
        let ids = [&batch.ids, &batch.positions, &batch.types];
        let embedded = self.embeddings.forward(ids.map(Vec::clone).into(), pass)?;
        let mut hidden = self.project.forward(&embedded, pass)?;
        let mut path = self.path().peekable();
        while let Some(layer) = path.next() {
            let rows = if path.peek().is_none() {
                rows
            } else {
                Rows::All
            };
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
    fn load(config: &bert::Config, at: &Builder<'_>) -> error::Result<Self> {
        let (hidden, wide) = (config.hidden_size, config.intermediate_size);
        let attention = at.at("attention");
        let own = |name| config.linear(hidden, hidden, &attention.at(name));
        let norm = |at: &Builder<'_>| Norm::layer(hidden, config.layer_norm_eps, at);
        Ok(Self {
            attention: Arc::new(SelfAttention {
                query: own("query")?,
                key: own("key")?,
                value: own("value")?,
                output: own("dense")?,
                heads: config.num_attention_heads,
                attention_dropout: config.attention_probs_dropout_prob,
                dropout: config.hidden_dropout_prob,
                norm: norm(&attention.at("LayerNorm"))?,
            }),
            feed_forward: Arc::new(FeedForward {
                up: config.linear(hidden, wide, &at.at("ffn"))?,
                activation: activation(&config.hidden_act),
                down: config.linear(wide, hidden, &at.at("ffn_output"))?,
                dropout: 0.0,
                norm: norm(&at.at("full_layer_layer_norm"))?,
            }),
        })
    }
}
