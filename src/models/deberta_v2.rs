//! DeBERTa-v2 and -v3 (He et al. 2021, arXiv:2006.03654 and arXiv:2111.09543): BERT's layers with
//! attention by content and by distance apart.
//!
//! Field and weight names are those of transformers' `models/deberta_v2/modeling_deberta_v2.py`.

use std::sync::Arc;

use candle_core::{Result, Tensor};
use serde::{Deserialize, Serialize};

use super::architecture::{
    Architecture, Encoder, Names, Sizes, activation, check_activation, refusal,
};
use super::head::{Head, HeadKind, Step};
use crate::error;
use crate::nn::{
    Builder, ContentAndDistance, DisentangledAttention, Distances, Embedding, Embeddings,
    FeedForward, Linear, Norm, Pass, Rows, dropout, first_rows,
};
use crate::text::PackedBatch;

/// The fields of `config.json` that the computation needs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Config {
    vocab_size: usize,
    hidden_size: usize,
    num_hidden_layers: usize,
    num_attention_heads: usize,
    intermediate_size: usize,
    #[serde(default = "gelu_name")]
    hidden_act: String,
    #[serde(default = "tenth")]
    hidden_dropout_prob: f64,
    #[serde(default = "tenth")]
    attention_probs_dropout_prob: f64,
    #[serde(default = "positions")]
    max_position_embeddings: usize,
    #[serde(default)]
    type_vocab_size: usize,
    #[serde(default = "fiftieth")]
    initializer_range: f64,
    #[serde(default = "eps")]
    layer_norm_eps: f64,
    #[serde(default)]
    relative_attention: bool,
    /// Longest distance that is told from longer ones; the number of positions when below 1.
    #[serde(default = "none")]
    max_relative_positions: i64,
    /// Rows to each side for distances; one for each distance when below 1.
    #[serde(default = "none")]
    position_buckets: i64,
    #[serde(default)]
    pos_att_type: PosAttType,
    /// Whether distances go through the projections of queries and keys instead of their own.
    #[serde(default)]
    share_att_key: bool,
    #[serde(default = "no_norm")]
    norm_rel_ebd: String,
    /// Whether there are absolute positions too.
    #[serde(default = "yes")]
    position_biased_input: bool,
    #[serde(default)]
    pooler_dropout: f64,
    #[serde(default = "gelu_name")]
    pooler_hidden_act: String,
    /// Dropout before the classifier; `hidden_dropout_prob` when null.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    cls_dropout: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    embedding_size: Option<usize>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    attention_head_size: Option<usize>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    conv_kernel_size: Option<usize>,
}

/// What meets distances: a list, or names with bars between.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
enum PosAttType {
    List(Vec<String>),
    Barred(String),
    Nothing(()),
}

impl Default for PosAttType {
    fn default() -> Self {
        Self::Nothing(())
    }
}

impl PosAttType {
    fn has(&self, name: &str) -> bool {
        match self {
            Self::List(names) => names.iter().any(|own| own == name),
            Self::Barred(names) => names.split('|').any(|own| own.trim() == name),
            Self::Nothing(()) => false,
        }
    }
}

fn gelu_name() -> String {
    "gelu".to_owned()
}
fn no_norm() -> String {
    "none".to_owned()
}
fn tenth() -> f64 {
    0.1
}
fn fiftieth() -> f64 {
    0.02
}
fn eps() -> f64 {
    1e-7
}
fn positions() -> usize {
    512
}
fn none() -> i64 {
    -1
}
fn yes() -> bool {
    true
}

const NAMES: Names = Names {
    model_type: "deberta-v2",
    class: "DebertaV2",
    tokenizer: "DebertaV2TokenizerFast",
    token_types: true,
    base: "deberta",
    layers: "encoder.layer.",
    heads: &["pooler.", "classifier.", "qa_outputs."],
    adapted: &["query_proj", "value_proj"],
};

impl Config {
    fn linear(&self, inputs: usize, outputs: usize, at: &Builder<'_>) -> error::Result<Linear> {
        Linear::load(inputs, outputs, self.initializer_range, at)
    }

    fn norm(&self, at: &Builder<'_>) -> error::Result<Norm> {
        Norm::layer(self.hidden_size, self.layer_norm_eps, &at.at("LayerNorm"))
    }

    fn distances(&self) -> Distances {
        let longest = usize::try_from(self.max_relative_positions).ok();
        let longest = longest.filter(|&longest| longest > 0);
        let longest = longest.unwrap_or(self.max_position_embeddings);
        match usize::try_from(self.position_buckets) {
            Ok(span) if span > 0 => Distances {
                span,
                longest: Some(longest),
            },
            _ => Distances {
                span: longest,
                longest: None,
            },
        }
    }

    fn table(&self, name: &str, count: usize, at: &Builder<'_>) -> error::Result<Embedding> {
        Embedding::load(
            count,
            self.hidden_size,
            self.initializer_range,
            &at.at(name),
        )
    }

    fn has_types(&self) -> bool {
        self.type_vocab_size > 0
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
        check_activation("pooler_hidden_act", &self.pooler_hidden_act)?;
        let head = self.hidden_size / self.num_attention_heads;
        let differs = |own: Option<usize>, usual| own.is_some_and(|own| own != usual);
        if !self.relative_attention
            || !(self.pos_att_type.has("c2p") || self.pos_att_type.has("p2c"))
        {
            return Err(refusal(
                "no relative_attention with c2p or p2c in pos_att_type; DeBERTa without it is not known",
            ));
        }
        if self.conv_kernel_size.is_some_and(|size| size > 0) {
            return Err(refusal(
                "conv_kernel_size; DeBERTa with a convolution (v2-xlarge) is not known",
            ));
        }
        if differs(self.embedding_size, self.hidden_size) {
            return Err(refusal("an embedding_size other than hidden_size"));
        }
        if differs(self.attention_head_size, head) {
            return Err(refusal(format!("an attention_head_size other than {head}")));
        }
        if self.distances().rows() > 1 << 16 || self.type_vocab_size > 1 << 16 {
            return Err(refusal("sizes that no DeBERTa model has"));
        }
        Ok(())
    }

    fn set_dropout(&mut self, p: f64) {
        self.hidden_dropout_prob = p;
        self.attention_probs_dropout_prob = p;
        self.pooler_dropout = p;
        self.cls_dropout = None;
    }

    fn encoder(&self, base: &Builder<'_>) -> error::Result<Box<dyn Encoder>> {
        let at = base.at("embeddings");
        let mut tables = vec![self.table("word_embeddings", self.vocab_size, &at)?];
        if self.position_biased_input {
            let count = self.max_position_embeddings;
            tables.push(self.table("position_embeddings", count, &at)?);
        }
        if self.has_types() {
            tables.push(self.table("token_type_embeddings", self.type_vocab_size, &at)?);
        }
        let embeddings = Embeddings {
            tables,
            norm: self.norm(&at)?,
            dropout: self.hidden_dropout_prob,
        };
        let at = base.at("encoder");
        let layers =
            (0..self.num_hidden_layers).map(|index| Layer::load(self, &at.at("layer").at(index)));
        let has_norm = self
            .norm_rel_ebd
            .split('|')
            .any(|own| own.trim() == "layer_norm");
        Ok(Box::new(DebertaV2Model {
            embeddings: Arc::new(embeddings),
            has_positions: self.position_biased_input,
            has_types: self.has_types(),
            distances: self.distances(),
            rel_embeddings: self.table("rel_embeddings", self.distances().rows(), &at)?,
            rel_norm: has_norm.then(|| self.norm(&at)).transpose()?,
            layers: layers.collect::<error::Result<_>>()?,
        }))
    }

    fn head(&self, kind: HeadKind, root: &Builder<'_>) -> error::Result<Head> {
        let hidden = self.hidden_size;
        let at = root.at(kind.output_name());
        let output = Step::Linear(self.linear(hidden, kind.outputs(), &at)?);
        let steps = match kind {
            HeadKind::Sequence { .. } => {
                let pooler = self.linear(hidden, hidden, &root.at("pooler").at("dense"))?;
                vec![
                    Step::Dropout(self.pooler_dropout),
                    Step::Activated(pooler, activation(&self.pooler_hidden_act)),
                    Step::Dropout(self.cls_dropout.unwrap_or(self.hidden_dropout_prob)),
                    output,
                ]
            }
            HeadKind::Tokens { .. } => vec![Step::Dropout(self.hidden_dropout_prob), output],
            HeadKind::Span => vec![output],
        };
        Ok(Head::new(steps))
    }
}

#[derive(Debug)]
struct DebertaV2Model {
    embeddings: Arc<Embeddings>,
    has_positions: bool,
    has_types: bool,
    distances: Distances,
    /// The table of distances, which all layers share; it is trained with the embeddings.
    rel_embeddings: Embedding,
    rel_norm: Option<Norm>,
    layers: Vec<Layer>,
}

impl DebertaV2Model {
    /// The rows of the table of distances that the batch uses.
    fn used_distances(&self, batch: &PackedBatch, pass: &Pass) -> Result<Tensor> {
        let table = self.rel_embeddings.weight().tensor(pass);
        let lengths = batch.offsets.windows(2).map(|pair| pair[1] - pair[0]);
        let used = self.distances.used(lengths.max().unwrap_or(0));
        let used = table.narrow(0, used.start, used.len())?.contiguous()?;
        match &self.rel_norm {
            Some(norm) => norm.forward(&used, pass),
            None => Ok(used),
        }
    }
}

impl Encoder for DebertaV2Model {
    fn forward(&self, batch: &PackedBatch, rows: Rows, pass: &Pass) -> Result<Tensor> {
        let mut ids = vec![batch.ids.clone()];
        if self.has_positions {
            ids.push(batch.positions.clone());
        }
        if self.has_types {
            ids.push(batch.types.clone());
        }
        let mut hidden = self.embeddings.forward(ids, pass)?;
        let distances = self.used_distances(batch, pass)?;
        for (i, layer) in self.layers.iter().enumerate() {
            let is_last = i + 1 == self.layers.len();
            let rows = if is_last { rows } else { Rows::All };
            hidden = layer.forward(&hidden, &distances, batch, rows, pass)?;
        }
        Ok(hidden)
    }
}

#[derive(Debug)]
struct Layer {
    query: Linear,
    key: Linear,
    value: Linear,
    /// What makes keys of distances, where queries meet them.
    distance_key: Option<Linear>,
    /// What makes queries of distances, where keys meet them.
    distance_query: Option<Linear>,
    attention: DisentangledAttention,
    output: Linear,
    dropout: f64,
    norm: Norm,
    feed_forward: Arc<FeedForward>,
}

impl Layer {
    fn load(config: &Config, at: &Builder<'_>) -> error::Result<Self> {
        let (hidden, wide) = (config.hidden_size, config.intermediate_size);
        let attention = at.at("attention");
        let (own, merged, output) = (
            attention.at("self"),
            attention.at("output"),
            at.at("output"),
        );
        let project = |name| config.linear(hidden, hidden, &own.at(name));
        let (query, key) = (project("query_proj")?, project("key_proj")?);
        let distance = |kind, name, shared: &Linear| {
            let load = || match config.share_att_key {
                true => Ok(shared.clone()),
                false => project(name),
            };
            config.pos_att_type.has(kind).then(load).transpose()
        };
        Ok(Self {
            distance_key: distance("c2p", "pos_key_proj", &key)?,
            distance_query: distance("p2c", "pos_query_proj", &query)?,
            query,
            key,
            value: project("value_proj")?,
            attention: DisentangledAttention {
                heads: config.num_attention_heads,
                distances: config.distances(),
                dropout: config.attention_probs_dropout_prob,
            },
            output: config.linear(hidden, hidden, &merged.at("dense"))?,
            dropout: config.hidden_dropout_prob,
            norm: config.norm(&merged)?,
            feed_forward: Arc::new(FeedForward {
                up: config.linear(hidden, wide, &at.at("intermediate").at("dense"))?,
                activation: activation(&config.hidden_act),
                down: config.linear(wide, hidden, &output.at("dense"))?,
                dropout: config.hidden_dropout_prob,
                norm: config.norm(&output)?,
            }),
        })
    }

    fn forward(
        &self,
        hidden: &Tensor,
        distances: &Tensor,
        batch: &PackedBatch,
        rows: Rows,
        pass: &Pass,
    ) -> Result<Tensor> {
        let (asked, queries) = match rows {
            Rows::All => (hidden.clone(), Arc::clone(&batch.offsets)),
            Rows::First => (
                first_rows(hidden, &batch.offsets, pass)?,
                (0..batch.offsets.len()).collect(),
            ),
        };
        let distances = dropout(distances, self.dropout, pass)?;
        let project = |linear: &Option<Linear>| {
            let linear = linear.as_ref();
            linear
                .map(|linear| linear.forward(&distances, pass))
                .transpose()
        };
        let (distance_key, distance_query) =
            (project(&self.distance_key)?, project(&self.distance_query)?);
        let inputs = ContentAndDistance {
            query: &self.query.forward(&asked, pass)?,
            key: &self.key.forward(hidden, pass)?,
            value: &self.value.forward(hidden, pass)?,
            distance_key: distance_key.as_ref(),
            distance_query: distance_query.as_ref(),
        };
        let context = self
            .attention
            .forward(&inputs, &queries, &batch.offsets, pass)?;
        let merged = self.output.forward(&context, pass)?;
        let attended = self.norm.add(&merged, &asked, self.dropout, pass)?;
        self.feed_forward.forward(&attended, pass)
    }
}
