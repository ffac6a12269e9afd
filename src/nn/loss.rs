//! Losses.

use candle_core::{CpuStorage, CustomOp1, D, Device, Layout, Result, Shape, Tensor, bail};

use super::buffers::{slice, tensor_like, values};
use super::vector::{exp, max, on_simd, sum_of};

/// What a batch should have answered, as one row of weights per example.
#[derive(Clone, Debug)]
pub struct Targets<'a> {
    /// The right label of each example, as a number below `labels`.
    pub gold: &'a [usize],
    /// Number of labels.
    pub labels: usize,
    /// Weight of each label; all 1 when `None`.
    pub class_weights: Option<&'a [f32]>,
    /// Share of the target spread evenly over all labels, in 0..1.
    pub smoothing: f32,
}

impl Targets<'_> {
    /// The sum of the examples' weights: what a sum of losses is divided by for their mean.
    pub fn weight(&self) -> f64 {
        self.gold
            .iter()
            .map(|&gold| f64::from(self.weight_of(gold)))
            .sum()
    }

    fn weight_of(&self, label: usize) -> f32 {
        self.class_weights
            .and_then(|weights| weights.get(label))
            .copied()
            .unwrap_or(1.0)
    }

    /// (examples, labels): what each log-probability is multiplied by.
    fn matrix(&self) -> Vec<f32> {
        let even = self.smoothing / self.labels as f32;
        let value = |gold: usize, label: usize| {
            let share = if label == gold {
                1.0 - self.smoothing + even
            } else {
                even
            };
            share * self.weight_of(label)
        };
        let rows = self.gold.iter();
        rows.flat_map(|&gold| (0..self.labels).map(move |label| value(gold, label)))
            .collect()
    }
}

/// The sum over the batch of the softmax cross-entropy of `logits` (examples, labels), weighted and
/// smoothed as in PyTorch's `CrossEntropyLoss`. Divide by [`Targets::weight`] for the mean.
pub fn cross_entropy(logits: &Tensor, targets: &Targets<'_>) -> Result<Tensor> {
    let op = CrossEntropyOp {
        targets: targets.matrix(),
        labels: targets.labels,
    };
    if logits.device().is_cpu() {
        logits.apply_op1(op)
    } else {
        op.composed(logits, logits.device())
    }
}

/// Input: logits (examples, labels).
struct CrossEntropyOp {
    /// (examples, labels): what each log-probability is multiplied by.
    targets: Vec<f32>,
    labels: usize,
}

impl CrossEntropyOp {
    fn composed(self, logits: &Tensor, device: &Device) -> Result<Tensor> {
        let log_probabilities = candle_nn::ops::log_softmax(logits, D::Minus1)?;
        let targets = Tensor::from_vec(self.targets, logits.shape(), device)?;
        (targets * log_probabilities)?.sum_all()?.neg()
    }
}

/// The largest logit of a row and the logarithm of the sum of the exponentials above it.
#[inline(always)]
fn log_sum(row: &[f32]) -> (f32, f32) {
    let top = max(row);
    let sum = sum_of(
        row,
        #[inline(always)]
        |x| exp(x - top),
    );
    (top, sum.ln())
}

impl CustomOp1 for CrossEntropyOp {
    fn name(&self) -> &'static str {
        "cross-entropy"
    }

    fn cpu_fwd(&self, logits: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let logits = slice(logits, layout)?;
        if logits.len() != self.targets.len() {
            bail!(
                "cross-entropy: {:?} logits do not fit the targets",
                layout.shape()
            );
        }
        let rows = logits
            .chunks_exact(self.labels)
            .zip(self.targets.chunks_exact(self.labels));
        let loss: f64 = rows
            .map(|(row, targets)| {
                let (top, log_sum) = on_simd(
                    #[inline(always)]
                    || log_sum(row),
                );
                let terms = row.iter().zip(targets);
                terms
                    .map(|(&x, &target)| f64::from(target * (log_sum - (x - top))))
                    .sum::<f64>()
            })
            .sum();
        Ok((CpuStorage::F32(vec![loss as f32]), Shape::from(())))
    }

    /// d loss / d logit = softmax · (sum of the row's targets) - target.
    fn bwd(&self, logits: &Tensor, _loss: &Tensor, grad: &Tensor) -> Result<Option<Tensor>> {
        let scale: f32 = grad.to_scalar()?;
        let mut dlogits = values(logits)?.to_vec();
        let rows = dlogits.chunks_exact_mut(self.labels);
        for (row, targets) in rows.zip(self.targets.chunks_exact(self.labels)) {
            on_simd(
                #[inline(always)]
                || {
                    let (top, log_sum) = log_sum(row);
                    let total = sum_of(
                        targets,
                        #[inline(always)]
                        |x| x,
                    );
                    for (x, target) in row.iter_mut().zip(targets) {
                        *x = scale * (exp(*x - top - log_sum) * total - target);
                    }
                },
            );
        }
        tensor_like(dlogits, logits).map(Some)
    }
}
