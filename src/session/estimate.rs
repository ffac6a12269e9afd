//! Time and memory of a run, before it is started.

use crate::hub::Entry;
use crate::run::Hyperparameters;

/// What a run will take on this computer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// Optimiser steps.
    pub total_steps: usize,
    /// Seconds of training and evaluation.
    pub seconds: f64,
    /// Peak memory in bytes.
    pub memory_bytes: u64,
}

/// The size of a model as far as time and memory depend on it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ModelShape {
    /// Encoder layers.
    pub layers: usize,
    /// Hidden size.
    pub hidden: usize,
    /// Feed-forward size.
    pub intermediate: usize,
    /// Vocabulary size.
    pub vocabulary: usize,
}

/// This computer, measured once.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Machine {
    /// Matrix arithmetic, in floating point operations per second, all threads together.
    pub flops: f64,
    /// Threads that compute.
    pub threads: usize,
    /// Memory that is free, in bytes, where the platform tells.
    pub free_memory: Option<u64>,
}

/// Measures this computer with a short matrix product (about 50 ms).
pub fn measure() -> Machine {
    todo!()
}

/// The shape of a catalogue entry's model.
pub fn shape_of(entry: &Entry) -> ModelShape {
    let _ = entry;
    todo!()
}

/// Time and memory for training rows of `train_tokens` tokens in `train_rows` rows (validation
/// likewise) on `machine`.
pub fn estimate(
    shape: ModelShape,
    rows: [usize; 2],
    mean_tokens: f64,
    hyperparameters: &Hyperparameters,
    machine: Machine,
) -> Estimate {
    let _ = (shape, rows, mean_tokens, hyperparameters, machine);
    todo!()
}
