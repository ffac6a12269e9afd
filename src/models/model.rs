//! An encoder with the head of a task.

use candle_core::{Result, Tensor};

use super::architecture::{Encoder, Names};
use super::checkpoint::{Checkpoint, plain_name};
use super::config::Config;
use super::head::{Head, HeadKind, Pooling};
use super::{Method, adapter};
use crate::error;
use crate::hub::ModelFiles;
use crate::nn::{Builder, Parameters, Pass, Rows, mean_rows};
use crate::text::PackedBatch;

/// An encoder with the head of a task.
#[derive(Debug)]
pub struct Model {
    encoder: Box<dyn Encoder>,
    head: Head,
    kind: HeadKind,
    names: &'static Names,
    parameters: Parameters,
    drawn: Vec<String>,
}

impl Model {
    /// Reads the weights of `files`. What the checkpoint does not have of the head, or in another
    /// shape, is drawn from `seed`, and so are new adapters. An adapter that the files bring is
    /// what `method` trains when that trains adapters; else it is merged into the weights.
    ///
    /// # Errors
    /// The weights do not fit `config`, or the method does not fit the model.
    pub fn load(
        config: &Config,
        head: HeadKind,
        files: &ModelFiles,
        method: &Method,
        seed: u64,
    ) -> error::Result<Self> {
        let own = config.own();
        let names = own.names();
        let mut checkpoint = Checkpoint::open(&files.weights, names.base, names.heads)?;
        if let Some(adapter) = &files.adapter {
            let merges = match method {
                Method::LowRank(_) => None,
                _ => Some(adapter::parse_config(&adapter.config)?.scale()),
            };
            checkpoint = checkpoint.with_adapter(&adapter.weights, merges)?;
        }
        let root = Builder::adapted(&checkpoint, seed, method.low_rank().cloned());
        let kind = head;
        let encoder = own.encoder(&root.at(names.base))?;
        let head = own.head(kind, &root)?;
        let (parameters, drawn) = root.finish();
        let part = |name: &str| own.part(&plain_name(name, names.base));
        let output = own.output_name(kind);
        method.apply(&parameters, own.sizes().layers, part, output, &drawn)?;
        Ok(Self {
            encoder,
            head,
            kind,
            names,
            parameters,
            drawn,
        })
    }

    /// Which head it has.
    pub fn kind(&self) -> HeadKind {
        self.kind
    }

    /// What transformers calls it.
    pub(super) fn names(&self) -> &'static Names {
        self.names
    }

    /// (sequences, outputs) with a sequence head, else (tokens, outputs).
    pub fn forward(&self, batch: &PackedBatch, pass: &Pass) -> Result<Tensor> {
        self.head(&self.features(batch, pass)?, pass)
    }

    /// What the head reads of the encoder's output: (sequences, hidden) for a sequence head, else
    /// (tokens, hidden).
    pub fn features(&self, batch: &PackedBatch, pass: &Pass) -> Result<Tensor> {
        match (self.kind, self.head.pooling) {
            (HeadKind::Sequence { .. }, Pooling::First) => {
                self.encoder.forward(batch, Rows::First, pass)
            }
            (HeadKind::Sequence { .. }, Pooling::Mean) => {
                let states = self.encoder.forward(batch, Rows::All, pass)?;
                mean_rows(&states, &batch.offsets, pass)
            }
            (HeadKind::Tokens { .. } | HeadKind::Span, _) => {
                self.encoder.forward(batch, Rows::All, pass)
            }
        }
    }

    /// The outputs (rows, outputs) from the features.
    pub fn head(&self, features: &Tensor, pass: &Pass) -> Result<Tensor> {
        self.head.forward(features, pass)
    }

    /// All parameters by their Hugging Face names.
    pub fn parameters(&self) -> &Parameters {
        &self.parameters
    }

    /// Names of the parameters that were drawn because the checkpoint has none that fit.
    pub fn drawn(&self) -> &[String] {
        &self.drawn
    }
}
