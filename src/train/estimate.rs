//! Time and memory of a run, before it is started.

use std::time::{Duration, Instant};

use candle_core::{Device, Tensor};

use super::learner::PASS_TOKENS;
use super::plan::{Plan, eval_steps};
use crate::error::Result;
use crate::hub::{Entry, ModelFiles};
use crate::models::{Config, Method};
use crate::run::Hyperparameters;

/// Share of the measured matrix speed that a whole training step reaches, the rest being what is
/// not matrix arithmetic. Measured with the built-in model and with all-MiniLM-L6-v2.
const EFFICIENCY: f64 = 0.65;

/// Time of a training pass whose products are of bfloat16, in such passes of f32. Measured with
/// all-MiniLM-L6-v2.
const BF16: f64 = 0.65;

/// Seconds per trained parameter and step for gradient norm, clipping and AdamW.
const OPTIMISER_SECONDS: f64 = 1e-9;

/// Bytes of the program with its tokenizer.
const PROGRAM: f64 = 80e6;

/// Bytes per row of the data: text, tokens and what reading them leaves behind.
const ROW: f64 = 5e3;

/// A batch of texts of many lengths has so many times the mean's tokens where it is largest, which
/// is what memory is needed for.
const LARGEST_BATCH: f64 = 2.2;

/// Share of a table's rows that the texts of a run use: only these get moments.
const USED_ROWS: f64 = 0.5;

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
    /// Width of the token table.
    pub embedding: usize,
    /// Layers with weights of their own; the others use the same again.
    pub distinct_layers: usize,
    /// Matrices of a feed-forward layer: three where it is gated.
    pub feed_forward_matrices: usize,
}

impl ModelShape {
    /// Weights that a token meets in one layer.
    fn weights_of_a_layer(&self) -> f64 {
        let (hidden, wide) = (self.hidden as f64, self.intermediate as f64);
        4.0 * hidden * hidden + self.feed_forward_matrices as f64 * hidden * wide
    }

    /// Weights of the encoder's layers.
    fn layer_parameters(&self) -> f64 {
        self.distinct_layers as f64 * self.weights_of_a_layer()
    }

    /// All weights, positions and head roughly included.
    fn parameters(&self) -> f64 {
        self.layer_parameters() + self.table_parameters() + (self.hidden * self.hidden) as f64
    }

    /// Floating point operations of a forward pass over one text of `tokens` tokens.
    fn forward_flops(&self, tokens: f64) -> f64 {
        let attention = 4.0 * (self.layers * self.hidden) as f64 * tokens * tokens;
        2.0 * self.layers as f64 * self.weights_of_a_layer() * tokens + attention
    }

    /// Floating point operations of the matrix products of one training step with everything
    /// trained: `rows` texts of `tokens` tokens, of which the last layer computes the first only.
    pub fn step_flops(&self, rows: usize, tokens: usize) -> f64 {
        let (layers, hidden) = (self.layers as f64, self.hidden as f64);
        let (rows, length) = (rows as f64, tokens as f64);
        let all = rows * length;
        let (keys_and_values, others) = (
            4.0 * hidden * hidden,
            2.0 * self.weights_of_a_layer() - 4.0 * hidden * hidden,
        );
        let linear = layers * all * keys_and_values + ((layers - 1.0) * all + rows) * others;
        let attention = 4.0 * hidden * length * ((layers - 1.0) * all + rows);
        let head = rows * 2.0 * hidden * hidden;
        // The gradients of the inputs and of the weights cost as much again each.
        3.0 * (linear + attention + head)
    }

    /// Weights of the token tables.
    fn table_parameters(&self) -> f64 {
        (self.vocabulary + 512) as f64 * self.embedding as f64
    }

    /// Bytes that a training pass over `tokens` tokens keeps for its backward pass in each of
    /// `layers` layers, and needs beside them while it goes back through one.
    fn activation_bytes(&self, tokens: f64, layers: f64, recomputes: bool) -> f64 {
        let (hidden, wide) = (self.hidden as f64, self.intermediate as f64);
        let inner = 8.0 * hidden + (self.feed_forward_matrices - 1) as f64 * wide;
        let kept = if recomputes {
            layers * 2.0 * hidden + inner
        } else {
            layers * inner
        };
        let gradients = layers * 2.0 * hidden;
        4.0 * tokens * (kept + gradients + 2.0 * wide + 6.0 * hidden)
    }
}

/// How much of a model a method trains.
struct Share {
    /// Weights with a gradient and two moments each.
    dense: f64,
    /// Whether the token tables are trained.
    tables: bool,
    /// Layers that a backward pass goes through.
    layers: f64,
    /// Cost of a training pass, in forward passes.
    passes: f64,
    /// Whether the encoder is computed once per row and then no more.
    once: bool,
}

impl Share {
    fn new(shape: &ModelShape, method: &Method) -> Self {
        let layers = shape.layers as f64;
        let head = (shape.hidden * shape.hidden) as f64;
        match method {
            Method::Full {
                frozen_layers,
                frozen_embeddings,
            } => {
                let trained = (shape.layers.saturating_sub(*frozen_layers)) as f64;
                Self {
                    dense: shape.layer_parameters() * trained / layers + head,
                    tables: *frozen_layers == 0 && !frozen_embeddings,
                    layers: trained,
                    passes: 1.0 + 2.0 * trained / layers,
                    once: false,
                }
            }
            Method::LowRank(kind) => {
                // Where no layers are named there are two: see `LowRank::AUTO`.
                let targets = kind.target_modules.len().max(2);
                let per_layer = targets * 2 * kind.rank * shape.hidden;
                Self {
                    dense: layers * per_layer as f64,
                    tables: false,
                    layers,
                    passes: 2.1,
                    once: false,
                }
            }
            Method::Head => Self {
                dense: head,
                tables: false,
                layers: 0.0,
                passes: 0.0,
                once: true,
            },
        }
    }
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

/// Measures this computer with short matrix products (about 50 ms).
pub fn measure() -> Machine {
    Machine {
        flops: matrix_flops().unwrap_or(1e10),
        threads: rayon::current_num_threads(),
        free_memory: free_memory(),
    }
}

fn matrix_flops() -> candle_core::Result<f64> {
    const SIZE: usize = 512;
    let matrix = Tensor::ones((SIZE, SIZE), candle_core::DType::F32, &Device::Cpu)?;
    matrix.matmul(&matrix)?;
    let begun = Instant::now();
    let mut best = Duration::MAX;
    while begun.elapsed() < Duration::from_millis(50) {
        let start = Instant::now();
        matrix.matmul(&matrix)?;
        best = best.min(start.elapsed());
    }
    Ok(2.0 * (SIZE * SIZE * SIZE) as f64 / best.as_secs_f64().max(1e-9))
}

#[cfg(target_os = "linux")]
fn free_memory() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/meminfo").ok()?;
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix("MemAvailable:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes * 1024)
}

#[cfg(not(target_os = "linux"))]
fn free_memory() -> Option<u64> {
    None
}

/// The shape of a catalogue entry's model, by what the published models of its architecture have in
/// common.
pub fn shape_of(entry: &Entry) -> ModelShape {
    let usual = ModelShape {
        layers: entry.layers,
        hidden: entry.hidden,
        intermediate: 4 * entry.hidden,
        vocabulary: entry.vocabulary,
        embedding: entry.hidden,
        distinct_layers: entry.layers,
        feed_forward_matrices: 2,
    };
    match entry.architecture.as_str() {
        "albert" => ModelShape {
            embedding: 128,
            distinct_layers: 1,
            ..usual
        },
        "modernbert" => ModelShape {
            intermediate: 3 * entry.hidden / 2,
            feed_forward_matrices: 3,
            ..usual
        },
        _ => usual,
    }
}

/// The shape of a model by its `config.json`.
pub fn shape_of_files(files: &ModelFiles) -> Result<ModelShape> {
    let config = Config::parse(&files.config).map_err(|fault| fault.within(&files.name))?;
    Ok(ModelShape {
        layers: config.layers(),
        hidden: config.hidden_size(),
        intermediate: config.intermediate_size(),
        vocabulary: config.vocab_size(),
        embedding: config.embedding_size(),
        distinct_layers: config.distinct_layers(),
        feed_forward_matrices: config.feed_forward_matrices(),
    })
}

/// Time and memory for `rows` (training, validation) of `mean_tokens` tokens on `machine`.
pub fn estimate(
    shape: ModelShape,
    rows: [usize; 2],
    mean_tokens: f64,
    hyperparameters: &Hyperparameters,
    machine: Machine,
) -> Estimate {
    let h = hyperparameters;
    let share = Share::new(&shape, &h.method());
    let plan = Plan::new(rows[0], h);
    let total_steps = plan.total_steps(h.num_train_epochs, h.max_steps);
    let tokens = mean_tokens.clamp(1.0, h.max_seq_length as f64);
    let forward = shape.forward_flops(tokens) / (machine.flops * EFFICIENCY);
    let trained_rows = plan.epoch_of(total_steps) * rows[0] as f64;
    let every = eval_steps(h, total_steps, plan.steps_per_epoch());
    // Every evaluation in training and the two final ones, each about as large as validation.
    let evaluations = total_steps.div_ceil(every.max(1)) as f64;
    let scored = match share.once {
        true => rows[0] as f64 + 3.0 * rows[1] as f64,
        false => (evaluations + 2.0) * rows[1] as f64,
    };
    let passes = if h.gradient_checkpointing {
        share.passes + share.layers / shape.layers as f64
    } else {
        share.passes
    };
    let passes = if h.bf16 { BF16 * passes } else { passes };
    let seconds = forward * (passes * trained_rows + scored)
        + total_steps as f64 * share.dense * OPTIMISER_SECONDS;
    Estimate {
        total_steps,
        seconds,
        memory_bytes: memory_bytes(&shape, &share, rows, tokens, h) as u64,
    }
}

/// Peak memory in bytes of a run that needs more than is free; `None` where it fits or the platform
/// does not tell.
pub fn too_much_memory(
    shape: &ModelShape,
    rows: [usize; 2],
    mean_tokens: f64,
    hyperparameters: &Hyperparameters,
) -> Option<[u64; 2]> {
    let share = Share::new(shape, &hyperparameters.method());
    let needed = memory_bytes(shape, &share, rows, mean_tokens, hyperparameters) as u64;
    let free = free_memory()?;
    (needed > free).then_some([needed, free])
}

fn memory_bytes(
    shape: &ModelShape,
    share: &Share,
    rows: [usize; 2],
    tokens: f64,
    h: &Hyperparameters,
) -> f64 {
    let tables = shape.table_parameters();
    let weights = 4.0 * shape.parameters();
    // A gradient and two moments; rows of a table that no text uses have none.
    let trained = 12.0 * share.dense;
    let moments = if share.tables {
        8.0 * USED_ROWS * tables
    } else {
        0.0
    };
    // The largest tensor is copied while a checkpoint is written.
    let saved = 4.0 * tables;
    let batch = h.per_device_train_batch_size as f64;
    let longest = h.max_seq_length as f64;
    let pass = (batch * tokens * LARGEST_BATCH)
        .min(batch * longest)
        .min(PASS_TOKENS as f64);
    let activations = shape.activation_bytes(pass, share.layers, h.gradient_checkpointing);
    let data = ROW * (rows[0] + rows[1]) as f64;
    PROGRAM + data + weights + trained + moments + saved + activations
}

#[cfg(test)]
mod tests {
    use super::*;

    const MACHINE: Machine = Machine {
        flops: 1e11,
        threads: 2,
        free_memory: None,
    };
    const MINI: ModelShape = ModelShape {
        layers: 4,
        hidden: 384,
        intermediate: 1536,
        vocabulary: 16_000,
        embedding: 384,
        distinct_layers: 4,
        feed_forward_matrices: 2,
    };

    #[test]
    fn more_work_takes_longer_and_larger_batches_more_memory() {
        let h = Hyperparameters::default();
        let of = |rows, tokens, h: &Hyperparameters| estimate(MINI, rows, tokens, h, MACHINE);
        let small = of([1000, 100], 20.0, &h);
        assert_eq!(small.total_steps, 375);
        assert!(of([2000, 200], 20.0, &h).seconds > 1.9 * small.seconds);
        let rounded = Hyperparameters {
            bf16: true,
            ..h.clone()
        };
        assert!(of([1000, 100], 20.0, &rounded).seconds < small.seconds);
        assert!(of([1000, 100], 60.0, &h).seconds > small.seconds);
        let larger = Hyperparameters {
            per_device_train_batch_size: 64,
            ..h.clone()
        };
        let large = of([1000, 100], 100.0, &larger);
        assert!(large.memory_bytes > small.memory_bytes);
        let with = |name: &str, value: &str| {
            let mut h = larger.clone();
            h.set_text(name, value).unwrap();
            of([1000, 100], 100.0, &h)
        };
        let recomputing = with("gradient_checkpointing", "true");
        assert!(recomputing.memory_bytes < large.memory_bytes);
        assert!(recomputing.seconds > large.seconds);
        for (name, value) in [
            ("method", "lora"),
            ("method", "head"),
            ("freeze_layers", "2"),
        ] {
            let less = with(name, value);
            assert!(less.seconds < large.seconds, "{name} {value}");
            assert!(less.memory_bytes < large.memory_bytes, "{name} {value}");
        }
    }

    #[test]
    fn this_computer_can_be_measured() {
        let machine = measure();
        assert!(machine.flops > 1e8 && machine.threads > 0);
    }
}
