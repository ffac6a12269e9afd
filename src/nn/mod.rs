//! Trainable layers and the fused kernels beneath them.
//!
//! A layer is plain data over [`Parameter`]s; what is hot is a candle custom operation whose
//! forward and backward run kernels of our own, because candle's fused operations record no
//! gradient and its differentiable ones allocate at every edge. All operations work on packed
//! sequences: the rows of all sequences of a batch one below the other, no padding, and only
//! attention knows where one sequence ends. Results do not depend on the number of threads: a
//! sum is split at fixed places, never by thread.

mod activation;
mod adapter;
mod attention;
mod buffers;
mod disentangled_attention;
mod dropout;
mod elementwise_loss;
mod embedding;
mod feed_forward;
mod first_token;
mod gated;
mod linear;
mod loss;
mod matmul;
mod norm;
mod parameters;
mod peak;
mod pooling;
mod residual;
mod rotary_attention;
mod rows;
mod self_attention;
mod span_loss;
mod tile;
mod vector;

pub use activation::Activation;
pub use adapter::LowRank;
pub use attention::attention;
pub use buffers::{Buffer, release_buffers};
pub use disentangled_attention::{ContentAndDistance, DisentangledAttention, Distances};
pub use dropout::dropout;
pub use elementwise_loss::{binary_cross_entropy, squared_error};
pub use embedding::{Embedding, Embeddings};
pub use feed_forward::FeedForward;
pub use gated::gated;
pub use linear::Linear;
pub use loss::{Targets, cross_entropy};
pub use matmul::Precision;
pub use norm::Norm;
pub use parameters::{
    Builder, Gradient, Init, LaggingRows, Parameter, Parameters, Source, collect_gradients,
};
pub use peak::fma_peak;
pub use pooling::{first_rows, mean_rows};
pub use rotary_attention::RotaryAttention;
pub use self_attention::{Rows, SelfAttention};
pub use span_loss::span_cross_entropy;

use std::cell::Cell;

use candle_core::{Result, Tensor, bail};

use crate::rng::{Purpose, Stream};

/// One forward pass: evaluation, or training with its dropout.
///
/// In evaluation weights enter detached, so nothing is recorded for a backward pass.
#[derive(Debug)]
pub struct Pass {
    dropout: Option<Stream>,
    sites: Cell<u32>,
    recomputes: bool,
    composes: bool,
    precision: Precision,
}

impl Pass {
    /// A pass that records nothing and drops nothing.
    pub fn evaluation() -> Self {
        Self {
            dropout: None,
            sites: Cell::new(0),
            recomputes: false,
            composes: false,
            precision: Precision::Float32,
        }
    }

    /// A pass that will be differentiated. `index` counts forward passes over the whole run, so
    /// that no two share a dropout mask.
    pub fn training(seed: u64, index: u64) -> Self {
        let stream = Stream::new(seed, Purpose::Dropout, index);
        Self {
            dropout: Some(stream),
            sites: Cell::new(0),
            recomputes: false,
            composes: false,
            precision: Precision::Float32,
        }
    }

    /// The same pass, in which layers keep their input only and compute the rest again when they
    /// go backwards (gradient checkpointing; Chen et al. 2016, arXiv:1604.06174): a third more
    /// time for a fraction of the memory, and the same numbers.
    #[must_use]
    pub fn recomputing(mut self, recomputes: bool) -> Self {
        self.recomputes = recomputes;
        self
    }

    /// The same pass, in which the factors of the linear layers' products, forwards and backwards,
    /// are rounded to `precision`, which the processor must support.
    #[must_use]
    pub fn in_precision(mut self, precision: Precision) -> Self {
        self.precision = precision;
        self
    }

    /// The same pass by candle's own differentiable tensor operations, as on a device for which
    /// there are no kernels here: the same function, slower, of any float type.
    #[must_use]
    pub fn composing(mut self) -> Self {
        self.composes = true;
        self
    }

    /// Whether the kernels here can take `x`.
    fn has_kernels_for(&self, x: &Tensor) -> bool {
        x.device().is_cpu() && !self.composes
    }

    /// Whether layers keep their input only.
    fn recomputes(&self) -> bool {
        self.recomputes
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

/// What ties an operation to the graph whose parameters are not among its inputs: candle records an
/// operation only when one of its inputs is tracked. The first trained parameter, or else any.
fn anchor<'a>(parameters: impl Iterator<Item = &'a Parameter>, pass: &Pass) -> Result<Tensor> {
    let mut any = None;
    for parameter in parameters {
        if parameter.trains() {
            return Ok(parameter.handle(pass));
        }
        any = Some(parameter);
    }
    match any {
        Some(parameter) => Ok(parameter.handle(pass)),
        None => bail!("an operation without parameters"),
    }
}
