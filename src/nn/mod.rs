//! Trainable layers and the fused kernels beneath them.
//!
//! A layer is plain data over [`Parameter`]s; what is hot is a candle custom operation whose
//! forward and backward run kernels of our own, because candle's fused operations record no
//! gradient and its differentiable ones allocate at every edge. All operations work on packed
//! sequences: the rows of all sequences of a batch one below the other, no padding, and only
//! attention knows where one sequence ends. Results do not depend on the number of threads: a
//! sum is split at fixed places, never by thread.

mod activation;
mod attention;
mod buffers;
mod dropout;
mod embedding;
mod layer_norm;
mod linear;
mod loss;
mod matmul;
mod parameters;
mod vector;

pub use activation::{gelu, tanh};
pub use attention::attention;
pub use dropout::dropout;
pub use embedding::{Embedding, gather_rows};
pub use layer_norm::LayerNorm;
pub use linear::Linear;
pub use loss::{Targets, cross_entropy};
pub use parameters::{Builder, Init, Parameter, Parameters, Source};

use std::cell::Cell;

use crate::rng::{Purpose, Stream};

/// One forward pass: evaluation, or training with its dropout.
///
/// In evaluation weights enter detached, so nothing is recorded for a backward pass.
#[derive(Debug)]
pub struct Pass {
    dropout: Option<Stream>,
    sites: Cell<u32>,
}

impl Pass {
    /// A pass that records nothing and drops nothing.
    pub fn evaluation() -> Self {
        Self {
            dropout: None,
            sites: Cell::new(0),
        }
    }

    /// A pass that will be differentiated. `index` counts forward passes over the whole run, so
    /// that no two share a dropout mask.
    pub fn training(seed: u64, index: u64) -> Self {
        let stream = Stream::new(seed, Purpose::Dropout, index);
        Self {
            dropout: Some(stream),
            sites: Cell::new(0),
        }
    }

    /// Whether gradients will be asked for.
    pub fn is_training(&self) -> bool {
        self.dropout.is_some()
    }

    /// The random numbers of the next place that drops; `None` in evaluation.
    fn next_stream(&self) -> Option<Stream> {
        let site = self.sites.get();
        self.sites.set(site + 1);
        self.dropout.map(|stream| stream.site(site))
    }
}
