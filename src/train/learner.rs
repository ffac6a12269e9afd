//! One optimiser step: rows to passes, passes to gradients, gradients to new weights.

use super::optimizer::{AdamW, AdamWSettings};
use crate::error::{Error, Result};
use crate::nn::{Pass, Precision, collect_gradients};
use crate::run::Hyperparameters;
use crate::runtime::in_pool;
use crate::tasks::{Item, Objective, TaskModel};
use crate::text::batches_by_tokens;

/// Most tokens of one pass. A larger batch is cut into passes whose gradients are summed: the same
/// step, in less memory.
pub const PASS_TOKENS: usize = 4096;

/// Passes are numbered over the whole run, so that no two share a dropout mask; a step has at most
/// so many.
const PASSES_PER_STEP: u64 = 1 << 16;

/// A model that learns.
pub struct Learner {
    model: TaskModel,
    objective: Objective,
    optimizer: AdamW,
    rows_per_pass: usize,
    recomputes: bool,
    precision: Precision,
    seed: u64,
}

/// What a step came to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Learned {
    /// Mean loss of the items, before the step.
    pub loss: f64,
    /// L2 norm of the gradient, before clipping.
    pub grad_norm: f64,
}

impl Learner {
    /// A learner that has made no step. An error where the processor cannot compute in the
    /// precision that is asked for.
    pub fn new(model: TaskModel, objective: Objective, h: &Hyperparameters) -> Result<Self> {
        Ok(Self {
            optimizer: AdamW::new(AdamWSettings::from(h), model.parameters()),
            model,
            objective,
            rows_per_pass: h.per_device_train_batch_size,
            recomputes: h.gradient_checkpointing,
            precision: precision(h)?,
            seed: h.seed,
        })
    }

    /// The model as it is now.
    pub fn model(&self) -> &TaskModel {
        &self.model
    }

    /// The model, to choose its thresholds.
    pub fn model_mut(&mut self) -> &mut TaskModel {
        &mut self.model
    }

    /// Makes the step that follows `step` finished ones. A gradient that is not a number changes
    /// nothing; the caller sees it in the norm.
    pub fn step(&mut self, step: usize, items: &[&Item], learning_rate: f64) -> Result<Learned> {
        in_pool(|| {
            let loss = self.backward(step, items)?;
            let parameters = self.model.parameters();
            let grad_norm = self.optimizer.step(parameters, learning_rate)?;
            Ok(Learned { loss, grad_norm })
        })
    }

    /// The mean loss over the items; its gradients are left on the parameters.
    fn backward(&self, step: usize, items: &[&Item]) -> Result<f64> {
        let weight = self.model.task().weight(items, &self.objective);
        if weight == 0.0 {
            // Windows without a word: nothing to learn from.
            return Ok(0.0);
        }
        let lengths: Vec<usize> = items.iter().map(|item| item.len()).collect();
        let mut loss = 0.0;
        let batches = batches_by_tokens(&lengths, self.rows_per_pass, PASS_TOKENS);
        for (i, batch) in batches.iter().enumerate() {
            let batch: Vec<&Item> = batch.iter().map(|&item| items[item]).collect();
            let index = step as u64 * PASSES_PER_STEP + i as u64;
            let pass = Pass::training(self.seed, index)
                .recomputing(self.recomputes)
                .in_precision(self.precision);
            let sum = self.model.loss(&batch, &self.objective, &pass)?;
            let share = (sum / weight)?;
            loss += f64::from(share.to_scalar::<f32>()?);
            collect_gradients(self.model.parameters(), share.backward()?)?;
        }
        Ok(loss)
    }
}

/// What products are rounded to. A processor that cannot do it is told, not served otherwise: the
/// same run file must give the same weights.
fn precision(h: &Hyperparameters) -> Result<Precision> {
    match h.bf16 {
        false => Ok(Precision::Float32),
        true if Precision::Bfloat16.is_supported() => Ok(Precision::Bfloat16),
        true => Err(Error::new(
            "bf16 is true: this processor has no AVX512-BF16, which products of bfloat16 need",
        )
        .remedy("Set bf16 to false: training is in f32 then.")),
    }
}
