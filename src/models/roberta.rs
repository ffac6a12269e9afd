//! RoBERTa (Liu et al. 2019, arXiv:1907.11692) and XLM-RoBERTa (Conneau et al. 2020,
//! arXiv:1911.02116): BERT's layers, positions that begin after the padding token's number, and
//! heads of their own.
//!
//! Field and weight names are those of transformers' `models/roberta/modeling_roberta.py`.

use std::sync::Arc;

use candle_core::{Result, Tensor};
use serde::{Deserialize, Serialize};

use super::architecture::{Architecture, Encoder, Names, Sizes};
use super::bert;
use super::head::{Head, HeadKind, Step};
use crate::error;
use crate::nn::{Activation, Builder, Embeddings, Pass, Rows};
use crate::text::PackedBatch;

/// The fields of `config.json` that the computation needs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Config {
    /// `roberta` or `xlm-roberta`, which differ in their tokenizers only.
    model_type: String,
    /// The padding token's number; the first position is the one after it.
    #[serde(default = "one")]
    pad_token_id: u32,
    #[serde(flatten)]
    bert: bert::Config,
}

fn one() -> u32 {
    1
}

const ROBERTA: Names = Names {
    model_type: "roberta",
    class: "Roberta",
    tokenizer: "RobertaTokenizerFast",
    token_types: false,
    base: "roberta",
    layers: "encoder.layer.",
    heads: &["classifier.", "qa_outputs."],
    adapted: &["query", "value"],
};

const XLM_ROBERTA: Names = Names {
    model_type: "xlm-roberta",
    class: "XLMRoberta",
    tokenizer: "XLMRobertaTokenizerFast",
    ..ROBERTA
};

impl Architecture for Config {
    fn names(&self) -> &'static Names {
        match self.model_type.as_str() {
            "xlm-roberta" => &XLM_ROBERTA,
            _ => &ROBERTA,
        }
    }

    fn sizes(&self) -> Sizes {
        let sizes = self.bert.sizes();
        let before = self.pad_token_id as usize + 1;
        Sizes {
            max_length: sizes.max_length.saturating_sub(before),
            ..sizes
        }
    }

    fn activation(&self) -> &str {
        self.bert.activation()
    }

    fn check(&self) -> error::Result<()> {
        self.bert.check()
    }

    fn set_dropout(&mut self, p: f64) {
        self.bert.set_dropout(p);
    }

    fn encoder(&self, base: &Builder<'_>) -> error::Result<Box<dyn Encoder>> {
        let (config, hidden) = (&self.bert, self.bert.hidden_size);
        Ok(Box::new(RobertaModel {
            embeddings: Arc::new(bert::embeddings(config, hidden, base)?),
            layers: bert::Layers::load(config, base)?,
            padding: self.pad_token_id,
            has_types: config.type_vocab_size > 1,
        }))
    }

    fn head(&self, kind: HeadKind, root: &Builder<'_>) -> error::Result<Head> {
        match kind {
            HeadKind::Sequence { outputs } => {
                dense_head(&self.bert, Activation::Tanh, outputs, root)
            }
            HeadKind::Tokens { .. } | HeadKind::Span => self.bert.head(kind, root),
        }
    }
}

/// Dropout, a dense layer, dropout, the outputs: `classifier.dense` and `classifier.out_proj`.
pub(super) fn dense_head(
    config: &bert::Config,
    activation: Activation,
    outputs: usize,
    root: &Builder<'_>,
) -> error::Result<Head> {
    let hidden = config.hidden_size;
    let at = root.at("classifier");
    let dense = config.linear(hidden, hidden, &at.at("dense"))?;
    let output = config.linear(hidden, outputs, &at.at("out_proj"))?;
    let dropout = || Step::Dropout(config.dropout_before_classifier());
    Ok(Head::new(vec![
        dropout(),
        Step::Activated(dense, activation),
        dropout(),
        Step::Linear(output),
    ]))
}

#[derive(Debug)]
struct RobertaModel {
    embeddings: Arc<Embeddings>,
    layers: bert::Layers,
    padding: u32,
    /// Whether there is more than one token type; if not, pairs have one type as well.
    has_types: bool,
}

impl RobertaModel {
    /// Padding has its own number for a position, and others count on from it without counting
    /// padding, as transformers does: a text may name the padding token.
    fn positions(&self, batch: &PackedBatch) -> Vec<u32> {
        let mut positions = Vec::with_capacity(batch.ids.len());
        for sequence in batch.offsets.windows(2) {
            let mut last = self.padding;
            positions.extend(batch.ids[sequence[0]..sequence[1]].iter().map(|&id| {
                if id == self.padding {
                    return self.padding;
                }
                last += 1;
                last
            }));
        }
        positions
    }
}

impl Encoder for RobertaModel {
    fn forward(&self, batch: &PackedBatch, rows: Rows, pass: &Pass) -> Result<Tensor> {
        let types = match self.has_types {
            true => batch.types.clone(),
            false => vec![0; batch.ids.len()],
        };
        let ids = vec![batch.ids.clone(), self.positions(batch), types];
        let hidden = self.embeddings.forward(ids, pass)?;
        self.layers.forward(hidden, batch, rows, pass)
    }
}
