//! ELECTRA's discriminator (Clark et al. 2020, arXiv:2003.10555): BERT with embeddings that may be
//! narrower than the layers, and a head of its own.
//!
//! Field and weight names are those of transformers' `models/electra/modeling_electra.py`.

use std::sync::Arc;

use candle_core::{Result, Tensor};
use serde::{Deserialize, Serialize};

use super::architecture::{Architecture, Encoder, Names, Sizes, check_table};
use super::bert;
use super::head::{Head, HeadKind};
use super::roberta::dense_head;
use crate::error;
use crate::nn::{Activation, Builder, Embeddings, Linear, Pass, Rows};
use crate::text::PackedBatch;

/// The fields of `config.json` that the computation needs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Config {
    /// Width of the embeddings.
    #[serde(default = "small")]
    embedding_size: usize,
    #[serde(flatten)]
    bert: bert::Config,
}

fn small() -> usize {
    128
}

const NAMES: Names = Names {
    model_type: "electra",
    class: "Electra",
    tokenizer: "ElectraTokenizerFast",
    token_types: true,
    base: "electra",
    layers: "encoder.layer.",
    heads: &["classifier.", "qa_outputs."],
    adapted: &["query", "value"],
};

impl Architecture for Config {
    fn names(&self) -> &'static Names {
        &NAMES
    }

    fn sizes(&self) -> Sizes {
        Sizes {
            embedding: self.embedding_size,
            ..self.bert.sizes()
        }
    }

    fn activation(&self) -> &str {
        self.bert.activation()
    }

    fn check(&self) -> error::Result<()> {
        check_table("embedding_size", self.embedding_size)?;
        self.bert.check()
    }

    fn set_dropout(&mut self, p: f64) {
        self.bert.set_dropout(p);
    }

    fn encoder(&self, base: &Builder<'_>) -> error::Result<Box<dyn Encoder>> {
        let (config, narrow) = (&self.bert, self.embedding_size);
        let wide = config.hidden_size;
        let project = |at| config.linear(narrow, wide, &at);
        Ok(Box::new(ElectraModel {
            embeddings: Arc::new(bert::embeddings(config, narrow, base)?),
            project: (narrow != wide)
                .then(|| project(base.at("embeddings_project")))
                .transpose()?,
            layers: bert::Layers::load(config, base)?,
        }))
    }

    fn head(&self, kind: HeadKind, root: &Builder<'_>) -> error::Result<Head> {
        match kind {
            HeadKind::Sequence { outputs } => {
                dense_head(&self.bert, Activation::Gelu, outputs, root)
            }
            HeadKind::Tokens { .. } | HeadKind::Span => self.bert.head(kind, root),
        }
    }
}

#[derive(Debug)]
struct ElectraModel {
    embeddings: Arc<Embeddings>,
    /// From the embeddings' width to that of the layers, where they differ.
    project: Option<Linear>,
    layers: bert::Layers,
}

impl Encoder for ElectraModel {
    fn forward(&self, batch: &PackedBatch, rows: Rows, pass: &Pass) -> Result<Tensor> {
        let ids = [&batch.ids, &batch.positions, &batch.types];
        let mut hidden = self.embeddings.forward(ids.map(Vec::clone).into(), pass)?;
        if let Some(project) = &self.project {
            hidden = project.forward(&hidden, pass)?;
        }
        self.layers.forward(hidden, batch, rows, pass)
    }
}
