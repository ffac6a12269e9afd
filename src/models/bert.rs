//! BERT (Devlin et al. 2019, arXiv:1810.04805) that trains.
//!
//! Field and weight names are those of transformers' `models/bert/modeling_bert.py`.

use std::sync::Arc;

use candle_core::{Result, Tensor};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{Checkpoint, Method, Part, adapter};
use crate::error::{self, Error};
use crate::hub::ModelFiles;
use crate::nn::{
    Activation, Builder, Embedding, Embeddings, FeedForward, Linear, Norm, Parameters, Pass, Rows,
    SelfAttention, dropout,
};
use crate::text::PackedBatch;

/// The fields of `config.json` that the computation needs; the others are kept as they are.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Config {
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
    /// Every other field, kept for the exported `config.json`.
    #[serde(flatten)]
    pub other: Map<String, Value>,
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

impl Config {
    /// Reads `config.json` and checks that the model it describes can be built.
    pub fn parse(json: &[u8]) -> error::Result<Self> {
        let take_another = "Choose a BERT model, for example from the catalogue.";
        let refuse = |what: String| Err(Error::new(what).remedy(take_another));
        let unreadable = |cause| {
            Error::new("config.json does not describe a BERT model")
                .remedy(take_another)
                .because(cause)
        };
        let fields: Map<String, Value> = serde_json::from_slice(json).map_err(unreadable)?;
        // Looked at first: another architecture lacks BERT's fields as well, which says less.
        let model_type = fields.get("model_type").and_then(Value::as_str);
        if let Some(other) = model_type.filter(|&known| known != "bert") {
            return refuse(format!(
                "config.json says model_type \"{other}\"; known is: bert"
            ));
        }
        let config: Self = serde_json::from_value(Value::Object(fields)).map_err(unreadable)?;
        if Activation::named(&config.hidden_act).is_none() {
            return refuse(format!(
                "config.json says hidden_act \"{}\"; known are: {}",
                config.hidden_act,
                Activation::NAMES.join(", ")
            ));
        }
        if config.position_embedding_type != "absolute" {
            let found = &config.position_embedding_type;
            return refuse(format!(
                "config.json says position_embedding_type \"{found}\"; known is: absolute"
            ));
        }
        let sizes = [
            config.vocab_size,
            config.hidden_size,
            config.num_hidden_layers,
            config.num_attention_heads,
            config.intermediate_size,
            config.max_position_embeddings,
            config.type_vocab_size,
        ];
        // Far beyond any encoder; keeps a damaged file from asking for absurd amounts of memory.
        let sane = sizes.iter().all(|size| (1..=1 << 22).contains(size));
        if !sane
            || !config
                .hidden_size
                .is_multiple_of(config.num_attention_heads)
        {
            return refuse("config.json has sizes that no BERT model has".to_owned());
        }
        Ok(config)
    }

    /// The same dropout everywhere.
    pub fn set_dropout(&mut self, p: f64) {
        self.hidden_dropout_prob = p;
        self.attention_probs_dropout_prob = p;
        self.classifier_dropout = None;
    }
}

/// The encoder, from tokens to hidden states.
#[derive(Debug)]
pub struct BertModel {
    embeddings: Arc<Embeddings>,
    layers: Vec<Layer>,
}

impl BertModel {
    /// Reads the weights `embeddings.…` and `encoder.layer.…` below the builder's path.
    pub fn load(config: &Config, at: &Builder<'_>) -> error::Result<Self> {
        let layers = at.at("encoder").at("layer");
        let layers = (0..config.num_hidden_layers)
            .map(|index| Layer::load(config, &layers.at(index)))
            .collect::<error::Result<_>>()?;
        Ok(Self {
            embeddings: Arc::new(embeddings(config, &at.at("embeddings"))?),
            layers,
        })
    }

    /// Hidden states of the last layer: of every token (tokens, hidden), or of the first of each
    /// sequence (sequences, hidden), for which the last layer does only what these need.
    pub fn forward(&self, batch: &PackedBatch, rows: Rows, pass: &Pass) -> Result<Tensor> {
        let ids = [&batch.ids, &batch.positions, &batch.types];
        let mut hidden = self.embeddings.forward(ids.map(Vec::clone).into(), pass)?;
        for (i, layer) in self.layers.iter().enumerate() {
            let is_last = i + 1 == self.layers.len();
            let rows = if is_last { rows } else { Rows::All };
            hidden = layer.forward(&hidden, batch, rows, pass)?;
        }
        Ok(hidden)
    }
}

fn embeddings(config: &Config, at: &Builder<'_>) -> error::Result<Embeddings> {
    let (hidden, std) = (config.hidden_size, config.initializer_range);
    let table = |name, count| Embedding::load(count, hidden, std, &at.at(name));
    Ok(Embeddings {
        tables: vec![
            table("word_embeddings", config.vocab_size)?,
            table("position_embeddings", config.max_position_embeddings)?,
            table("token_type_embeddings", config.type_vocab_size)?,
        ],
        norm: Norm::layer(hidden, config.layer_norm_eps, &at.at("LayerNorm"))?,
        dropout: config.hidden_dropout_prob,
    })
}

#[derive(Debug)]
struct Layer {
    attention: Arc<SelfAttention>,
    feed_forward: Arc<FeedForward>,
}

impl Layer {
    fn load(config: &Config, at: &Builder<'_>) -> error::Result<Self> {
        let (hidden, wide) = (config.hidden_size, config.intermediate_size);
        let linear = |inputs, outputs, at: &Builder<'_>| {
            Linear::load(inputs, outputs, config.initializer_range, at)
        };
        let norm =
            |at: &Builder<'_>| Norm::layer(hidden, config.layer_norm_eps, &at.at("LayerNorm"));
        let attention = at.at("attention");
        let (own, merged) = (attention.at("self"), attention.at("output"));
        let output = at.at("output");
        // `Config::parse` refuses activations without a name here.
        let activation = Activation::named(&config.hidden_act).unwrap_or(Activation::Gelu);
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
                activation,
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

/// The first token's hidden state through a dense layer and tanh.
#[derive(Debug)]
pub struct Pooler {
    dense: Linear,
}

impl Pooler {
    /// Reads `dense` below the builder's path, or draws it.
    pub fn load(config: &Config, at: &Builder<'_>) -> error::Result<Self> {
        let (hidden, std) = (config.hidden_size, config.initializer_range);
        Ok(Self {
            dense: Linear::load(hidden, hidden, std, &at.at("dense"))?,
        })
    }

    /// The first tokens' hidden states to one vector per sequence (sequences, hidden).
    pub fn forward(&self, first: &Tensor, pass: &Pass) -> Result<Tensor> {
        self.dense.activated(first, Activation::Tanh, pass)
    }
}

/// Where the parameter called `name` belongs.
fn part_of(name: &str) -> Part {
    let Some(name) = name.strip_prefix("bert.") else {
        return Part::Head;
    };
    let layer = name.strip_prefix("encoder.layer.");
    let number = layer.and_then(|rest| rest.split('.').next()?.parse().ok());
    match number {
        Some(number) => Part::Layer(number),
        None if name.starts_with("embeddings.") => Part::Embeddings,
        None => Part::Head,
    }
}

/// BERT with a linear classifier on the pooled first token.
#[derive(Debug)]
pub struct BertForSequenceClassification {
    bert: BertModel,
    pooler: Pooler,
    classifier: Linear,
    classifier_dropout: f64,
    parameters: Parameters,
    drawn: Vec<String>,
}

impl BertForSequenceClassification {
    /// Reads the weights of `files`; a classifier of another size, or a missing pooler, is drawn
    /// from `seed`, and so are new adapters. An adapter that the files bring is what `method`
    /// trains when that trains adapters; else it is merged into the weights.
    ///
    /// # Errors
    /// The weights do not fit `config`, or the method does not fit the model.
    pub fn load(
        config: &Config,
        labels: usize,
        files: &ModelFiles,
        method: &Method,
        seed: u64,
    ) -> error::Result<Self> {
        let mut checkpoint = Checkpoint::open(&files.weights, "bert", &["classifier.", "pooler."])?;
        if let Some(adapter) = &files.adapter {
            let merges = match method {
                Method::LowRank(_) => None,
                _ => Some(adapter::parse_config(&adapter.config)?.scale()),
            };
            checkpoint = checkpoint.with_adapter(&adapter.weights, merges)?;
        }
        let root = Builder::adapted(&checkpoint, seed, method.low_rank().cloned());
        let base = root.at("bert");
        let bert = BertModel::load(config, &base)?;
        let pooler = Pooler::load(config, &base.at("pooler"))?;
        let classifier = Linear::load(
            config.hidden_size,
            labels,
            config.initializer_range,
            &root.at("classifier"),
        )?;
        let (parameters, drawn) = root.finish();
        method.apply(&parameters, config.num_hidden_layers, part_of, &drawn)?;
        let classifier_dropout = config
            .classifier_dropout
            .unwrap_or(config.hidden_dropout_prob);
        Ok(Self {
            bert,
            pooler,
            classifier,
            classifier_dropout,
            parameters,
            drawn,
        })
    }

    /// Logits (sequences, labels).
    pub fn forward(&self, batch: &PackedBatch, pass: &Pass) -> Result<Tensor> {
        self.head(&self.features(batch, pass)?, pass)
    }

    /// What the encoder says of each sequence: the hidden state of its first token
    /// (sequences, hidden).
    pub fn features(&self, batch: &PackedBatch, pass: &Pass) -> Result<Tensor> {
        self.bert.forward(batch, Rows::First, pass)
    }

    /// Logits (sequences, labels) from the encoder's features.
    pub fn head(&self, features: &Tensor, pass: &Pass) -> Result<Tensor> {
        let pooled = self.pooler.forward(features, pass)?;
        let pooled = dropout(&pooled, self.classifier_dropout, pass)?;
        self.classifier.forward(&pooled, pass)
    }

    /// Hidden states of the last layer (tokens, hidden).
    pub fn hidden(&self, batch: &PackedBatch, pass: &Pass) -> Result<Tensor> {
        self.bert.forward(batch, Rows::All, pass)
    }

    /// Pooled first token (sequences, hidden).
    pub fn pooled(&self, batch: &PackedBatch, pass: &Pass) -> Result<Tensor> {
        self.pooler.forward(&self.features(batch, pass)?, pass)
    }

    /// All parameters by their Hugging Face names.
    pub fn parameters(&self) -> &Parameters {
        &self.parameters
    }

    /// Names of the parameters that the checkpoint did not have.
    pub fn drawn(&self) -> &[String] {
        &self.drawn
    }
}
