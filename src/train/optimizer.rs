//! The optimiser that follows the gradients which backward passes left on the parameters.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use candle_core::{CpuStorage, InplaceOp1, Layout, Result, Var, bail};
use rayon::prelude::*;

use crate::nn::{Gradient, LaggingRows, Parameter, Parameters};
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
#[derive(Debug)]
struct Moments {
    mean: Vec<f32>,
    square: Vec<f32>,
}

/// What the optimiser remembers of a parameter.
enum Memory {
    /// All values move at every step.
    Values(Box<Moments>),
    /// Rows move when they have a gradient or are read.
    Table(Arc<Table>),
}

/// AdamW with decoupled weight decay (Loshchilov and Hutter 2019, arXiv:1711.05101), in the
/// arithmetic of `torch.optim.AdamW`.
pub struct AdamW {
    settings: AdamWSettings,
    memories: BTreeMap<String, Memory>,
    steps: i32,
}

impl AdamW {
    /// An optimiser of the parameters that are trained, which has made no step.
    pub fn new(settings: AdamWSettings, parameters: &Parameters) -> Self {
        let trained = parameters
            .iter()
            .filter(|(_, parameter)| parameter.trains());
        let memories = trained.map(|(name, parameter)| {
            let zeros = || vec![0.0; parameter.count()];
            let moments = Moments {
                mean: zeros(),
                square: zeros(),
            };
            (name.clone(), Memory::Values(Box::new(moments)))
        });
        Self {
            settings,
            memories: memories.collect(),
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
        for (name, parameter) in parameters {
            let Some(memory) = self.memories.get_mut(name) else {
                continue;
            };
            let Some(gradient) = parameter.gradient().take() else {
                continue;
            };
            let numbers = Numbers::new(
                &self.settings,
                self.steps,
                norm,
                learning_rate,
                parameter.decays(),
            );
            memory.follow(parameter, &gradient, numbers)?;
        }
        Ok(norm)
    }
}

impl Memory {
    fn follow(
        &mut self,
        parameter: &Parameter,
        gradient: &Gradient,
        numbers: Numbers,
    ) -> Result<()> {
        match gradient {
            Gradient::Dense(gradient) => {
                let var = parameter.var();
                let update = |values: &mut [f32]| match self {
                    Self::Values(moments) => numbers.dense(values, gradient, moments),
                    Self::Table(table) => {
                        numbers.dense(values, gradient, &mut table.state().moments);
                    }
                };
                with_values(var, update)
            }
            Gradient::Rows { ids, values } => self.table(parameter)?.follow(ids, values, numbers),
        }
    }

    /// The table that this parameter shows itself to be by having a gradient of rows.
    fn table(&mut self, parameter: &Parameter) -> Result<Arc<Table>> {
        if let Self::Values(moments) = self {
            let moments = std::mem::replace(
                &mut **moments,
                Moments {
                    mean: Vec::new(),
                    square: Vec::new(),
                },
            );
            let var = parameter.var().clone();
            let rows = var.dim(0)?;
            let table = Arc::new(Table {
                state: Mutex::new(TableState {
                    moments,
                    steps: Vec::new(),
                    done: vec![0; rows],
                }),
                var,
            });
            parameter.lag(Arc::clone(&table) as Arc<dyn LaggingRows>);
            *self = Self::Table(table);
        }
        match self {
            Self::Table(table) => Ok(Arc::clone(table)),
            Self::Values(_) => bail!("adamw: a table without its memory"),
        }
    }
}

/// A table of which a step uses few rows. PyTorch moves all of them at every step, which for a
/// large vocabulary is most of the optimiser's work. Here a row without a gradient is left where it
/// is until it is read; then it makes all the moves that it has missed, the same to the last bit.
struct Table {
    var: Var,
    state: Mutex<TableState>,
}

struct TableState {
    moments: Moments,
    /// The numbers of every step so far.
    steps: Vec<Numbers>,
    /// Steps that each row has made.
    done: Vec<u32>,
}

/// A row of a table with all that belongs to it.
struct Row<'a> {
    values: &'a mut [f32],
    mean: &'a mut [f32],
    square: &'a mut [f32],
    done: &'a mut u32,
}

impl std::fmt::Debug for Table {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Table")
            .field("shape", self.var.shape())
            .finish()
    }
}

impl Table {
    fn state(&self) -> MutexGuard<'_, TableState> {
        // A poisoned lock means that another step panicked: the run is over, its numbers are moot.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes a step in which the rows `ids`, which rise, have `gradients`.
    fn follow(&self, ids: &[u32], gradients: &[f32], numbers: Numbers) -> Result<()> {
        self.catch_up(&self.var, Some(ids));
        let state = &mut *self.state();
        state.steps.push(numbers);
        let now = state.steps.len() as u32;
        let width = (gradients.len() / ids.len().max(1)).max(1);
        with_values(&self.var, |values| {
            let rows = state.rows(values, ids);
            let pairs = rows.into_par_iter().zip(gradients.par_chunks_exact(width));
            pairs.with_min_len(8).for_each(|(row, gradient)| {
                pulp::Arch::new().dispatch(
                    #[inline(always)]
                    || numbers.values(row.values, gradient, row.mean, row.square),
                );
                *row.done = now;
            });
        })
    }
}

impl TableState {
    /// The rows `ids`, which rise.
    fn rows<'a>(&'a mut self, values: &'a mut [f32], ids: &[u32]) -> Vec<Row<'a>> {
        let width = values.len() / self.done.len().max(1);
        let mut all = values
            .chunks_exact_mut(width.max(1))
            .zip(self.moments.mean.chunks_exact_mut(width.max(1)))
            .zip(self.moments.square.chunks_exact_mut(width.max(1)))
            .zip(&mut self.done);
        let mut next = 0;
        let mut rows = Vec::with_capacity(ids.len());
        for &id in ids {
            if let Some((((values, mean), square), done)) = all.nth(id as usize - next) {
                rows.push(Row {
                    values,
                    mean,
                    square,
                    done,
                });
            }
            next = id as usize + 1;
        }
        rows
    }
}

impl LaggingRows for Table {
    fn catch_up(&self, var: &Var, ids: Option<&[u32]>) {
        let state = &mut *self.state();
        let now = state.steps.len() as u32;
        let lags = |id: &u32| state.done.get(*id as usize).is_some_and(|&done| done < now);
        let mut ids: Vec<u32> = match ids {
            Some(ids) => ids.iter().copied().filter(lags).collect(),
            None => (0..state.done.len() as u32).filter(lags).collect(),
        };
        if ids.is_empty() {
            return;
        }
        ids.sort_unstable();
        ids.dedup();
        let steps = std::mem::take(&mut state.steps);
        let caught_up = with_values(var, |values| {
            let rows = state.rows(values, &ids).into_par_iter();
            rows.with_min_len(8).for_each(|row| {
                pulp::Arch::new().dispatch(
                    #[inline(always)]
                    || replay(row, &steps),
                );
            });
        });
        state.steps = steps;
        // The table was moved by `with_values` before, so that it can be again.
        debug_assert!(caught_up.is_ok());
    }
}

/// Lanes that make their steps side by side.
const LANES: usize = 16;

/// Makes the steps that the row has missed.
#[inline(always)]
fn replay(row: Row<'_>, steps: &[Numbers]) {
    let missed = &steps[*row.done as usize..];
    *row.done = steps.len() as u32;
    let moments = row.mean.chunks_mut(LANES).zip(row.square.chunks_mut(LANES));
    for (values, (mean, square)) in row.values.chunks_mut(LANES).zip(moments) {
        let (mut v, mut m, mut s) = ([0.0; LANES], [0.0; LANES], [0.0; LANES]);
        v[..values.len()].copy_from_slice(values);
        m[..values.len()].copy_from_slice(mean);
        s[..values.len()].copy_from_slice(square);
        for numbers in missed {
            for lane in 0..LANES {
                numbers.value(&mut v[lane], 0.0, &mut m[lane], &mut s[lane]);
            }
        }
        values.copy_from_slice(&v[..values.len()]);
        mean.copy_from_slice(&m[..values.len()]);
        square.copy_from_slice(&s[..values.len()]);
    }
}

/// The numbers of one step for one parameter.
#[derive(Clone, Copy, Debug)]
struct Numbers {
    clip: f32,
    keep: f32,
    beta1: f32,
    beta2: f32,
    epsilon: f32,
    step_size: f32,
    square_scale: f32,
}

impl Numbers {
    fn new(
        settings: &AdamWSettings,
        step: i32,
        norm: f64,
        learning_rate: f64,
        decays: bool,
    ) -> Self {
        let &AdamWSettings {
            beta1,
            beta2,
            epsilon,
            weight_decay,
            max_grad_norm,
        } = settings;
        // The small addend is PyTorch's, in clip_grad_norm_.
        let clip = if max_grad_norm > 0.0 {
            (max_grad_norm / (norm + 1e-6)).min(1.0)
        } else {
            1.0
        };
        let decay = if decays { weight_decay } else { 0.0 };
        Self {
            clip: clip as f32,
            keep: (1.0 - learning_rate * decay) as f32,
            beta1: beta1 as f32,
            beta2: beta2 as f32,
            epsilon: epsilon as f32,
            step_size: (learning_rate / (1.0 - beta1.powi(step))) as f32,
            square_scale: (1.0 / (1.0 - beta2.powi(step))).sqrt() as f32,
        }
    }

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

    /// Everything in one pass over the values.
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
}

/// Calls `change` with the values of `var`, which must be f32 on the CPU.
fn with_values(var: &Var, change: impl FnOnce(&mut [f32])) -> Result<()> {
    var.inplace_op1(&Change(Mutex::new(Some(change))))
}

struct Change<F>(Mutex<Option<F>>);

impl<F: FnOnce(&mut [f32])> InplaceOp1 for Change<F> {
    fn name(&self) -> &'static str {
        "adamw"
    }

    fn cpu_fwd(&self, values: &mut CpuStorage, layout: &Layout) -> Result<()> {
        let (CpuStorage::F32(values), Some((from, to))) = (values, layout.contiguous_offsets())
        else {
            bail!("adamw: values must be contiguous f32")
        };
        let change = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(change) = change {
            change(&mut values[from..to]);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WIDTH: usize = 19;

    fn numbers(step: i32) -> Numbers {
        let settings = AdamWSettings {
            beta1: 0.9,
            beta2: 0.999,
            epsilon: 1e-8,
            weight_decay: 0.01,
            max_grad_norm: 1.0,
        };
        Numbers::new(&settings, step, 3.0, 1e-3 * f64::from(step), true)
    }

    /// A row that is caught up equals, bit by bit, one that was moved at every step.
    #[test]
    fn missed_steps_are_made_to_the_last_bit() {
        let start: Vec<f32> = (0..WIDTH).map(|i| (i as f32 - 7.3) * 0.1).collect();
        let gradient: Vec<f32> = (0..WIDTH).map(|i| (i as f32 - 9.0) * 0.01).collect();
        let steps: Vec<Numbers> = (1..=50).map(numbers).collect();

        let (mut values, mut mean, mut square) =
            (start.clone(), vec![0.0; WIDTH], vec![0.0; WIDTH]);
        for (i, step) in steps.iter().enumerate() {
            let gradient = if i == 10 {
                gradient.clone()
            } else {
                vec![0.0; WIDTH]
            };
            step.values(&mut values, &gradient, &mut mean, &mut square);
        }

        let (mut lazy, mut lazy_mean, mut lazy_square) =
            (start, vec![0.0; WIDTH], vec![0.0; WIDTH]);
        let mut done = 0;
        for (until, gradient) in [(10, Some(&gradient)), (50, None)] {
            replay(
                Row {
                    values: &mut lazy,
                    mean: &mut lazy_mean,
                    square: &mut lazy_square,
                    done: &mut done,
                },
                &steps[..until],
            );
            if let Some(gradient) = gradient {
                steps[until].values(&mut lazy, gradient, &mut lazy_mean, &mut lazy_square);
                done += 1;
            }
        }
        assert_eq!((lazy, lazy_mean, lazy_square), (values, mean, square));
    }
}
