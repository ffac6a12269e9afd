//! Gradients and the optimiser that follows them.

use std::collections::BTreeMap;
use std::sync::Mutex;

use candle_core::backprop::GradStore;
use candle_core::{CpuStorage, InplaceOp2, Layout, Result, Storage, Tensor, bail};
use rayon::prelude::*;

use crate::nn::Parameters;
use crate::run::Hyperparameters;

/// Values per task of the parallel loops here. Fixed, so that sums do not depend on threads.
const CHUNK: usize = 32 * 1024;

/// The gradients of one optimiser step by parameter name, summed over its batches.
#[derive(Default)]
pub struct Gradients {
    sums: BTreeMap<String, Tensor>,
}

impl Gradients {
    /// Adds the gradients of one backward pass. They are detached: a gradient still tied to its
    /// graph would keep every activation of the batch alive.
    pub fn add(&mut self, parameters: &Parameters, mut store: GradStore) -> Result<()> {
        for (name, parameter) in parameters {
            let Some(gradient) = store.remove(parameter.var().as_tensor()) else {
                continue;
            };
            let gradient = gradient.detach().contiguous()?;
            let sum = match self.sums.remove(name) {
                Some(sum) => (sum + gradient)?,
                None => gradient,
            };
            self.sums.insert(name.clone(), sum);
        }
        Ok(())
    }

    /// The L2 norm over all gradients.
    pub fn norm(&self) -> Result<f64> {
        let squares: Result<Vec<f64>> = self.sums.values().map(sum_of_squares).collect();
        Ok(squares?.iter().sum::<f64>().sqrt())
    }

    /// The gradient of a parameter; `None` when nothing reached it.
    pub fn get(&self, name: &str) -> Option<&Tensor> {
        self.sums.get(name)
    }
}

fn sum_of_squares(tensor: &Tensor) -> Result<f64> {
    let (storage, layout) = tensor.storage_and_layout();
    let (Storage::Cpu(storage), Some((start, end))) = (&*storage, layout.contiguous_offsets())
    else {
        bail!("a gradient must be contiguous and on the cpu")
    };
    let values = &storage.as_slice::<f32>()?[start..end];
    let square = |chunk: &[f32]| -> f64 {
        let mut lanes = [0.0f64; 8];
        for eight in chunk.chunks(8) {
            for (lane, &value) in lanes.iter_mut().zip(eight) {
                *lane += f64::from(value) * f64::from(value);
            }
        }
        lanes.iter().sum()
    };
    // Collected in order before they are added, so that the order never depends on threads.
    let partial: Vec<f64> = values.par_chunks(CHUNK).map(square).collect();
    Ok(partial.iter().sum())
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
    /// An optimiser that has made no step.
    pub fn new(settings: AdamWSettings, parameters: &Parameters) -> Self {
        let zeros = |count: usize| Moments {
            mean: vec![0.0; count],
            square: vec![0.0; count],
        };
        let moments = parameters.iter().map(|(name, parameter)| {
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

    /// Clips the gradients and moves the parameters that have one. Returns the gradients' norm
    /// before clipping.
    pub fn step(
        &mut self,
        parameters: &Parameters,
        gradients: &Gradients,
        learning_rate: f64,
    ) -> Result<f64> {
        let norm = gradients.norm()?;
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
            let (Some(gradient), Some(moments)) = (gradients.get(name), self.moments.get(name))
            else {
                continue;
            };
            let decay = if parameter.decays() {
                weight_decay
            } else {
                0.0
            };
            let update = Update {
                moments,
                clip: clip as f32,
                keep: (1.0 - learning_rate * decay) as f32,
                beta1: beta1 as f32,
                beta2: beta2 as f32,
                epsilon: epsilon as f32,
                step_size: (learning_rate / (1.0 - beta1.powi(self.steps))) as f32,
                square_scale: (1.0 / (1.0 - beta2.powi(self.steps))).sqrt() as f32,
            };
            parameter.var().inplace_op2(gradient, &update)?;
        }
        Ok(norm)
    }
}

/// One parameter's part of a step: everything in one pass over its values.
struct Update<'a> {
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
    fn apply(&self, values: &mut [f32], gradient: &[f32], mean: &mut [f32], square: &mut [f32]) {
        let moments = mean.iter_mut().zip(square);
        for ((value, g), (mean, square)) in values.iter_mut().zip(gradient).zip(moments) {
            let g = g * self.clip;
            *mean = self.beta1 * *mean + (1.0 - self.beta1) * g;
            *square = self.beta2 * *square + (1.0 - self.beta2) * g * g;
            let size = square.sqrt() * self.square_scale + self.epsilon;
            *value = *value * self.keep - self.step_size * *mean / size;
        }
    }
}

impl InplaceOp2 for Update<'_> {
    fn name(&self) -> &'static str {
        "adamw"
    }

    fn cpu_fwd(
        &self,
        values: &mut CpuStorage,
        values_layout: &Layout,
        gradient: &CpuStorage,
        gradient_layout: &Layout,
    ) -> Result<()> {
        let (Some((from, to)), Some((start, end))) = (
            values_layout.contiguous_offsets(),
            gradient_layout.contiguous_offsets(),
        ) else {
            bail!("adamw: values and gradient must be contiguous")
        };
        let CpuStorage::F32(values) = values else {
            bail!("adamw: values must be f32")
        };
        let values = &mut values[from..to];
        let gradient = &gradient.as_slice::<f32>()?[start..end];
        // A poisoned lock means that another step panicked: the run is over, its numbers are moot.
        let mut moments = self
            .moments
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner());
        let Moments { mean, square } = &mut *moments;
        values
            .par_chunks_mut(CHUNK)
            .zip(gradient.par_chunks(CHUNK))
            .zip(mean.par_chunks_mut(CHUNK).zip(square.par_chunks_mut(CHUNK)))
            .for_each(|((values, gradient), (mean, square))| {
                pulp::Arch::new().dispatch(
                    #[inline(always)]
                    || self.apply(values, gradient, mean, square),
                );
            });
        Ok(())
    }
}
