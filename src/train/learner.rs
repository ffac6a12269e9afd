//! One optimiser step: rows to passes, passes to gradients, gradients to new weights.

use super::optimizer::{AdamW, AdamWSettings};
use crate::error::Result;
use crate::nn::{Pass, collect_gradients};
use crate::run::Hyperparameters;
use crate::runtime::in_pool;
use crate::tasks::Classifier;
use crate::tasks::classification::{EncodedExample, Objective};
use crate::text::batches_by_tokens;

/// Most tokens of one pass. A larger batch is cut into passes whose gradients are summed: the same
/// step, in less memory.
pub const PASS_TOKENS: usize = 4096;

/// Passes are numbered over the whole run, so that no two share a dropout mask; a step has at most
/// so many.
const PASSES_PER_STEP: u64 = 1 << 16;

/// A model that learns.
pub struct Learner {
    classifier: Classifier,
    objective: Objective,
    optimizer: AdamW,
    rows_per_pass: usize,
    recomputes: bool,
    seed: u64,
}

/// What a step came to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Learned {
    /// Mean loss of the rows, before the step.
    pub loss: f64,
    /// L2 norm of the gradient, before clipping.
    pub grad_norm: f64,
}

impl Learner {
    /// A learner that has made no step.
    pub fn new(classifier: Classifier, objective: Objective, h: &Hyperparameters) -> Self {
        Self {
            optimizer: AdamW::new(AdamWSettings::from(h), classifier.parameters()),
            classifier,
            objective,
            rows_per_pass: h.per_device_train_batch_size,
            recomputes: h.gradient_checkpointing,
            seed: h.seed,
        }
    }

    /// The model as it is now.
    pub fn classifier(&self) -> &Classifier {
        &self.classifier
    }

    /// Makes the step that follows `step` finished ones. A gradient that is not a number changes
    /// nothing; the caller sees it in the norm.
    pub fn step(
        &mut self,
        step: usize,
        rows: &[&EncodedExample],
        learning_rate: f64,
    ) -> Result<Learned> {
        in_pool(|| {
            let loss = self.backward(step, rows)?;
            let parameters = self.classifier.parameters();
            let grad_norm = self.optimizer.step(parameters, learning_rate)?;
            Ok(Learned { loss, grad_norm })
        })
    }

    /// The mean loss over the rows; its gradients are left on the parameters.
    fn backward(&self, step: usize, rows: &[&EncodedExample]) -> Result<f64> {
        let weight = self.objective.weight(rows);
        let lengths: Vec<usize> = rows.iter().map(|row| row.encoding.ids.len()).collect();
        let mut loss = 0.0;
        let batches = batches_by_tokens(&lengths, self.rows_per_pass, PASS_TOKENS);
        for (i, batch) in batches.iter().enumerate() {
            let batch: Vec<&EncodedExample> = batch.iter().map(|&row| rows[row]).collect();
            let index = step as u64 * PASSES_PER_STEP + i as u64;
            let pass = Pass::training(self.seed, index).recomputing(self.recomputes);
            let sum = self.classifier.loss(&batch, &self.objective, &pass)?;
            let share = (sum / weight)?;
            loss += f64::from(share.to_scalar::<f32>()?);
            collect_gradients(self.classifier.parameters(), share.backward()?)?;
        }
        Ok(loss)
    }
}
