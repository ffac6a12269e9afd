//! The optimiser that follows the gradients which backward passes left on the parameters.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use candle_core::{CpuStorage, InplaceOp1, Layout, Result, bail};
use rayon::prelude::*;

use crate::nn::{Gradient, Parameters};
use crate::run::Hyperparameters;

/// Values per task of the parallel loops here. Fixed, so that sums do not depend on threads.
const CHUNK: usize = 32 * 1024;

/// The L2 norm over the gradients of all parameters.
pub fn gradient_norm(parameters: &Parameters) -> f64 {
    let of = |gradient: &Gradient| sum_of_squares(gradient.values());
    let squares = parameters
        .values()
        .map(|parameter| parameter.gradient().as_ref().map_or(0.0, of));
    squares.sum::<f64>().sqrt()
}

fn sum_of_squares(values: &[f32]) -> f64 {
    let square = |chunk: &[f32]| -> f64 {
        pulp::Arch::new().dispatch(
            #[inline(always)]
            || {
                // Short sums in f32, because that is as wide as the processor's registers, then f64.
                let mut sum = 0.0;
                for part in chunk.chunks(256) {
                    let mut lanes = [0.0f32; 16];
                    for sixteen in part.chunks(16) {
                        for (lane, &value) in lanes.iter_mut().zip(sixteen) {
                            *lane += value * value;
                        }
                    }
                    sum += lanes.iter().map(|&lane| f64::from(lane)).sum::<f64>();
                }
                sum
            },
        )
    };
    // Collected in order before they are added, so that the order never depends on threads.
    let partial: Vec<f64> = values.par_chunks(CHUNK).map(square).collect();
    partial.iter().sum()
}

/// The numbers of AdamW that stay the same over a run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AdamWSettings {
    /// Decay of the gradient's mean.
    pub beta1: f64,
    /// Decay of the gradient's square.
    pub beta2: f64,
    /// Guard against division by zero.
    pub epsilon: f64,
    /// Decoupled weight decay, for the parameters that decay.
    pub weight_decay: f64,
    /// Longest gradient; 0 does not clip.
    pub max_grad_norm: f64,
}

impl From<&Hyperparameters> for AdamWSettings {
    fn from(h: &Hyperparameters) -> Self {
        Self {
            beta1: h.adam_beta1,
            beta2: h.adam_beta2,
            epsilon: h.adam_epsilon,
            weight_decay: h.weight_decay,
            max_grad_norm: h.max_grad_norm,
        }
    }
}

/// Running means of a parameter's gradient and of its square.
struct Moments {
    mean: Vec<f32>,
    square: Vec<f32>,
}

/// AdamW with decoupled weight decay (Loshchilov and Hutter 2019, arXiv:1711.05101), in the
/// arithmetic of `torch.optim.AdamW`.
pub struct AdamW {
    settings: AdamWSettings,
    moments: BTreeMap<String, Mutex<Moments>>,
    steps: i32,
}

impl AdamW {
    /// An optimiser of the parameters that are trained, which has made no step.
    pub fn new(settings: AdamWSettings, parameters: &Parameters) -> Self {
        let zeros = |count: usize| Moments {
            mean: vec![0.0; count],
            square: vec![0.0; count],
        };
        let trained = parameters
            .iter()
            .filter(|(_, parameter)| parameter.trains());
        let moments = trained.map(|(name, parameter)| {
            (
                name.clone(),
                Mutex::new(zeros(parameter.var().elem_count())),
            )
        });
        Self {
            settings,
            moments: moments.collect(),
            steps: 0,
        }
    }

    /// Clips the gradients that lie on the parameters, moves the parameters that have one, and
    /// takes the gradients away. Returns their norm before clipping.
    pub fn step(&mut self, parameters: &Parameters, learning_rate: f64) -> Result<f64> {
        let norm = gradient_norm(parameters);
        if !norm.is_finite() {
            return Ok(norm);
        }
        self.steps += 1;
        let AdamWSettings {
            beta1,
            beta2,
            epsilon,
            weight_decay,
            max_grad_norm,
        } = self.settings;
        // The small addend is PyTorch's, in clip_grad_norm_.
        let clip = if max_grad_norm > 0.0 {
            (max_grad_norm / (norm + 1e-6)).min(1.0)
        } else {
            1.0
        };
        for (name, parameter) in parameters {
            let (Some(gradient), Some(moments)) =
                (parameter.gradient().take(), self.moments.get(name))
            else {
                continue;
            };
            let decay = if parameter.decays() {
                weight_decay
            } else {
                0.0
            };
            let update = Update {
                gradient: &gradient,
                moments,
                clip: clip as f32,
                keep: (1.0 - learning_rate * decay) as f32,
                beta1: beta1 as f32,
                beta2: beta2 as f32,
                epsilon: epsilon as f32,
                step_size: (learning_rate / (1.0 - beta1.powi(self.steps))) as f32,
                square_scale: (1.0 / (1.0 - beta2.powi(self.steps))).sqrt() as f32,
            };
            parameter.var().inplace_op1(&update)?;
        }
        Ok(norm)
    }
}

/// One parameter's part of a step: everything in one pass over its values.
struct Update<'a> {
    gradient: &'a Gradient,
    moments: &'a Mutex<Moments>,
    clip: f32,
    keep: f32,
    beta1: f32,
    beta2: f32,
    epsilon: f32,
    step_size: f32,
    square_scale: f32,
}

impl Update<'_> {
    #[inline(always)]
    fn value(&self, value: &mut f32, gradient: f32, mean: &mut f32, square: &mut f32) {
        let g = gradient * self.clip;
        *mean = self.beta1 * *mean + (1.0 - self.beta1) * g;
        *square = self.beta2 * *square + (1.0 - self.beta2) * g * g;
        let size = square.sqrt() * self.square_scale + self.epsilon;
        *value = *value * self.keep - self.step_size * *mean / size;
    }

    #[inline(always)]
    fn values(&self, values: &mut [f32], gradient: &[f32], mean: &mut [f32], square: &mut [f32]) {
        let moments = mean.iter_mut().zip(square);
        for ((value, &g), (mean, square)) in values.iter_mut().zip(gradient).zip(moments) {
            self.value(value, g, mean, square);
        }
    }

    /// The same where the gradient is zero.
    #[inline(always)]
    fn values_without_gradient(&self, values: &mut [f32], mean: &mut [f32], square: &mut [f32]) {
        let moments = mean.iter_mut().zip(square);
        for (value, (mean, square)) in values.iter_mut().zip(moments) {
            self.value(value, 0.0, mean, square);
        }
    }

    fn dense(&self, values: &mut [f32], gradient: &[f32], moments: &mut Moments) {
        let Moments { mean, square } = moments;
        values
            .par_chunks_mut(CHUNK)
            .zip(gradient.par_chunks(CHUNK))
            .zip(mean.par_chunks_mut(CHUNK).zip(square.par_chunks_mut(CHUNK)))
            .for_each(|((values, gradient), (mean, square))| {
                pulp::Arch::new().dispatch(
                    #[inline(always)]
                    || self.values(values, gradient, mean, square),
                );
            });
    }

    /// A table of which only the rows `ids` have a gradient; all rows move, as PyTorch's do.
    fn rows(&self, values: &mut [f32], ids: &[u32], gradients: &[f32], moments: &mut Moments) {
        let Moments { mean, square } = moments;
        let width = gradients.len() / ids.len().max(1);
        if width == 0 {
            return;
        }
        let rows_per_chunk = (CHUNK / width).max(1);
        let chunk = rows_per_chunk * width;
        values
            .par_chunks_mut(chunk)
            .zip(mean.par_chunks_mut(chunk).zip(square.par_chunks_mut(chunk)))
            .enumerate()
            .for_each(|(i, (values, (mean, square)))| {
                let first = i * rows_per_chunk;
                let mut next = ids.partition_point(|&id| (id as usize) < first);
                pulp::Arch::new().dispatch(
                    #[inline(always)]
                    || {
                        let moments = mean
                            .chunks_exact_mut(width)
                            .zip(square.chunks_exact_mut(width));
                        let rows = values.chunks_exact_mut(width).zip(moments);
                        for (row, (values, (mean, square))) in rows.enumerate() {
                            if ids.get(next).is_some_and(|&id| id as usize == first + row) {
                                let gradient = &gradients[next * width..][..width];
                                self.values(values, gradient, mean, square);
                                next += 1;
                            } else {
                                self.values_without_gradient(values, mean, square);
                            }
                        }
                    },
                );
            });
    }
}

impl InplaceOp1 for Update<'_> {
    fn name(&self) -> &'static str {
        "adamw"
    }

    fn cpu_fwd(&self, values: &mut CpuStorage, layout: &Layout) -> Result<()> {
        let (CpuStorage::F32(values), Some((from, to))) = (values, layout.contiguous_offsets())
        else {
            bail!("adamw: values must be contiguous f32")
        };
        let values = &mut values[from..to];
        // A poisoned lock means that another step panicked: the run is over, its numbers are moot.
        let mut moments = self.moments.lock().unwrap_or_else(PoisonError::into_inner);
        match self.gradient {
            Gradient::Dense(gradient) => self.dense(values, gradient, &mut moments),
            Gradient::Rows { ids, values: rows } => self.rows(values, ids, rows, &mut moments),
        }
        Ok(())
    }
}
