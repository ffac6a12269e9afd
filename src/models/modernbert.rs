//! ModernBERT (Warner et al. 2024, arXiv:2412.13663): rotary positions, gated feed-forward layers,
//! norms before the halves of a layer, and layers that see a window in between those that see
//! everything.
//!
//! Field and weight names are those of transformers' `models/modernbert/modeling_modernbert.py`.

use std::sync::Arc;

use candle_core::{Result, Tensor};
use serde::{Deserialize, Serialize};

use super::architecture::{
    Architecture, Encoder, Names, Sizes, activation, check_activation, refusal,
};
use super::head::{Head, HeadKind, Pooling, Step};
use super::method::Part;
use crate::error;
use crate::nn::{
    Activation, Builder, Embedding, Embeddings, Linear, Norm, Pass, RotaryAttention, Rows, dropout,
    first_rows, gated,
};
use crate::text::PackedBatch;

/// The fields of `config.json` that the computation needs, in the spellings of transformers 4 and 5.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Config {
    vocab_size: usize,
    hidden_size: usize,
    intermediate_size: usize,
    num_hidden_layers: usize,
    num_attention_heads: usize,
    #[serde(default = "gelu_name")]
    hidden_activation: String,
    #[serde(default = "positions")]
    max_position_embeddings: usize,
    #[serde(default = "fiftieth")]
    initializer_range: f64,
    #[serde(default = "eps")]
    norm_eps: f64,
    #[serde(default)]
    norm_bias: bool,
    #[serde(default)]
    attention_bias: bool,
    #[serde(default)]
    attention_dropout: f64,
    /// Kinds of the layers, as transformers 5 writes them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    layer_types: Option<Vec<LayerType>>,
    /// Every how many layers one sees everything, as transformers 4 writes it.
    #[serde(default = "three")]
    global_attn_every_n_layers: usize,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    rope_parameters: Option<RopeParameters>,
    #[serde(default = "global_theta")]
    global_rope_theta: f64,
    #[serde(default = "local_theta")]
    local_rope_theta: f64,
    /// Tokens in a window, half of them to each side.
    #[serde(default = "window")]
    local_attention: usize,
    #[serde(default)]
    embedding_dropout: f64,
    #[serde(default)]
    mlp_bias: bool,
    #[serde(default)]
    mlp_dropout: f64,
    #[serde(default)]
    classifier_pooling: ClassifierPooling,
    #[serde(default)]
    classifier_dropout: f64,
    #[serde(default)]
    classifier_bias: bool,
    #[serde(default = "gelu_name")]
    classifier_activation: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum LayerType {
    FullAttention,
    SlidingAttention,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum ClassifierPooling {
    #[default]
    Cls,
    Mean,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct RopeParameters {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    full_attention: Option<Rope>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sliding_attention: Option<Rope>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Rope {
    #[serde(default = "default_name")]
    rope_type: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    rope_theta: Option<f64>,
}

fn gelu_name() -> String {
    "gelu".to_owned()
}
fn default_name() -> String {
    "default".to_owned()
}
fn positions() -> usize {
    8192
}
fn fiftieth() -> f64 {
    0.02
}
fn eps() -> f64 {
    1e-5
}
fn three() -> usize {
    3
}
fn window() -> usize {
    128
}
fn global_theta() -> f64 {
    160_000.0
}
fn local_theta() -> f64 {
    10_000.0
}

const NAMES: Names = Names {
    model_type: "modernbert",
    class: "ModernBert",
    tokenizer: "PreTrainedTokenizerFast",
    token_types: false,
    base: "model",
    layers: "layers.",
    heads: &["head.", "classifier."],
    adapted: &["Wqkv"],
};

impl Config {
    fn linear(
        &self,
        [inputs, outputs]: [usize; 2],
        has_bias: bool,
        at: &Builder<'_>,
    ) -> error::Result<Linear> {
        let load = match has_bias {
            true => Linear::load,
            false => Linear::load_without_bias,
        };
        load(inputs, outputs, self.initializer_range, at)
    }

    fn norm(&self, at: &Builder<'_>) -> error::Result<Norm> {
        match self.norm_bias {
            true => Norm::layer(self.hidden_size, self.norm_eps, at),
            false => Norm::layer_without_bias(self.hidden_size, self.norm_eps, at),
        }
    }

    fn layer_type(&self, layer: usize) -> LayerType {
        let named = self.layer_types.as_ref().and_then(|all| all.get(layer));
        let counted = match layer.is_multiple_of(self.global_attn_every_n_layers.max(1)) {
            true => LayerType::FullAttention,
            false => LayerType::SlidingAttention,
        };
        named.copied().unwrap_or(counted)
    }

    fn ropes(&self) -> impl Iterator<Item = &Rope> {
        let all = self.rope_parameters.iter();
        all.flat_map(|both| both.full_attention.iter().chain(&both.sliding_attention))
    }

    fn attention(&self, layer: usize) -> RotaryAttention {
        let ropes = self.rope_parameters.as_ref();
        let (rope, theta, window) = match self.layer_type(layer) {
            LayerType::FullAttention => {
                let rope = ropes.and_then(|both| both.full_attention.as_ref());
                (rope, self.global_rope_theta, None)
            }
            LayerType::SlidingAttention => {
                let rope = ropes.and_then(|both| both.sliding_attention.as_ref());
                (rope, self.local_rope_theta, Some(self.local_attention / 2))
            }
        };
        RotaryAttention {
            heads: self.num_attention_heads,
            theta: rope.and_then(|rope| rope.rope_theta).unwrap_or(theta),
            window,
            dropout: self.attention_dropout,
        }
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
            feed_forward_matrices: 3,
        }
    }

    fn activation(&self) -> &str {
        &self.hidden_activation
    }

    fn check(&self) -> error::Result<()> {
        check_activation("classifier_activation", &self.classifier_activation)?;
        if let Some(rope) = self.ropes().find(|rope| rope.rope_type != "default") {
            return Err(refusal(format!(
                "rope_type \"{}\"; known is: default",
                rope.rope_type
            )));
        }
        let head = self.hidden_size / self.num_attention_heads;
        if !head.is_multiple_of(2) {
            return Err(refusal(format!(
                "heads of {head} values; rotary positions need an even number"
            )));
        }
        match &self.layer_types {
            Some(types) if types.len() != self.num_hidden_layers => Err(refusal(format!(
                "{} layer_types for {} layers",
                types.len(),
                self.num_hidden_layers
            ))),
            _ => Ok(()),
        }
    }

    fn set_dropout(&mut self, p: f64) {
        self.embedding_dropout = p;
        self.attention_dropout = p;
        self.mlp_dropout = p;
        self.classifier_dropout = p;
    }

    fn encoder(&self, base: &Builder<'_>) -> error::Result<Box<dyn Encoder>> {
        let (hidden, std) = (self.hidden_size, self.initializer_range);
        let at = base.at("embeddings");
        let tokens = Embedding::load(self.vocab_size, hidden, std, &at.at("tok_embeddings"))?;
        let layers = base.at("layers");
        let layers =
            (0..self.num_hidden_layers).map(|index| Layer::load(self, index, &layers.at(index)));
        Ok(Box::new(ModernBertModel {
            embeddings: Arc::new(Embeddings {
                tables: vec![tokens],
                norm: self.norm(&at.at("norm"))?,
                dropout: self.embedding_dropout,
            }),
            layers: layers.collect::<error::Result<_>>()?,
            final_norm: self.norm(&base.at("final_norm"))?,
        }))
    }

    fn head(&self, kind: HeadKind, root: &Builder<'_>) -> error::Result<Head> {
        let hidden = self.hidden_size;
        let at = root.at("head");
        let dense = self.linear([hidden, hidden], self.classifier_bias, &at.at("dense"))?;
        let output = root.at(self.output_name(kind));
        let output = self.linear([hidden, kind.outputs()], true, &output)?;
        Ok(Head {
            pooling: match self.classifier_pooling {
                ClassifierPooling::Cls => Pooling::First,
                ClassifierPooling::Mean => Pooling::Mean,
            },
            steps: vec![
                Step::Activated(dense, activation(&self.classifier_activation)),
                Step::Norm(self.norm(&at.at("norm"))?),
                Step::Dropout(self.classifier_dropout),
                Step::Linear(output),
            ],
        })
    }

    fn output_name(&self, _: HeadKind) -> &'static str {
        "classifier"
    }

    fn part(&self, plain_name: &str) -> Part {
        match plain_name.starts_with("final_norm.") {
            true => Part::Layer(self.num_hidden_layers - 1),
            false => NAMES.part(plain_name),
        }
    }
}

#[derive(Debug)]
struct ModernBertModel {
    embeddings: Arc<Embeddings>,
    layers: Vec<Layer>,
    final_norm: Norm,
}

impl Encoder for ModernBertModel {
    fn forward(&self, batch: &PackedBatch, rows: Rows, pass: &Pass) -> Result<Tensor> {
        let mut hidden = self.embeddings.forward(vec![batch.ids.clone()], pass)?;
        for (i, layer) in self.layers.iter().enumerate() {
            let is_last = i + 1 == self.layers.len();
            let rows = if is_last { rows } else { Rows::All };
            hidden = layer.forward(&hidden, batch, rows, pass)?;
        }
        self.final_norm.forward(&hidden, pass)
    }
}

#[derive(Debug)]
struct Layer {
    /// The first layer has none: the embeddings end with one.
    attn_norm: Option<Norm>,
    wqkv: Linear,
    attention: RotaryAttention,
    wo: Linear,
    attention_dropout: f64,
    mlp_norm: Norm,
    wi: Linear,
    activation: Activation,
    mlp_dropout: f64,
    mlp_wo: Linear,
}

impl Layer {
    fn load(config: &Config, index: usize, at: &Builder<'_>) -> error::Result<Self> {
        let (hidden, wide) = (config.hidden_size, config.intermediate_size);
        let (attn, mlp) = (at.at("attn"), at.at("mlp"));
        let attention = |sizes, name| config.linear(sizes, config.attention_bias, &attn.at(name));
        let feed_forward = |sizes, name| config.linear(sizes, config.mlp_bias, &mlp.at(name));
        Ok(Self {
            attn_norm: (index > 0)
                .then(|| config.norm(&at.at("attn_norm")))
                .transpose()?,
            wqkv: attention([hidden, 3 * hidden], "Wqkv")?,
            attention: config.attention(index),
            wo: attention([hidden, hidden], "Wo")?,
            attention_dropout: config.attention_dropout,
            mlp_norm: config.norm(&at.at("mlp_norm"))?,
            wi: feed_forward([hidden, 2 * wide], "Wi")?,
            activation: activation(&config.hidden_activation),
            mlp_dropout: config.mlp_dropout,
            mlp_wo: feed_forward([wide, hidden], "Wo")?,
        })
    }

    fn forward(
        &self,
        hidden: &Tensor,
        batch: &PackedBatch,
        rows: Rows,
        pass: &Pass,
    ) -> Result<Tensor> {
        let normed = match &self.attn_norm {
            Some(norm) => norm.forward(hidden, pass)?,
            None => hidden.clone(),
        };
        let qkv = self.wqkv.forward(&normed, pass)?;
        let mut context = self.attention.forward(&qkv, &batch.offsets, pass)?;
        let mut hidden = hidden.clone();
        if rows == Rows::First {
            context = first_rows(&context, &batch.offsets, pass)?;
            hidden = first_rows(&hidden, &batch.offsets, pass)?;
        }
        let attended = self.wo.forward(&context, pass)?;
        let hidden = (hidden + dropout(&attended, self.attention_dropout, pass)?)?;
        let wide = self
            .wi
            .forward(&self.mlp_norm.forward(&hidden, pass)?, pass)?;
        let wide = gated(&wide, self.activation, pass)?;
        let narrow = self
            .mlp_wo
            .forward(&dropout(&wide, self.mlp_dropout, pass)?, pass)?;
        hidden + narrow
    }
}
