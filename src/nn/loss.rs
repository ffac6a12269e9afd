//! Losses.

use candle_core::{D, Device, Result, Tensor};

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
    fn matrix(&self, device: &Device) -> Result<Tensor> {
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
        let data: Vec<f32> = rows
            .flat_map(|&gold| (0..self.labels).map(move |label| value(gold, label)))
            .collect();
        Tensor::from_vec(data, (self.gold.len(), self.labels), device)
    }
}

/// The sum over the batch of the softmax cross-entropy of `logits` (examples, labels), weighted and
/// smoothed as in PyTorch's `CrossEntropyLoss`. Divide by [`Targets::weight`] for the mean.
pub fn cross_entropy(logits: &Tensor, targets: &Targets<'_>) -> Result<Tensor> {
    let log_probabilities = candle_nn::ops::log_softmax(logits, D::Minus1)?;
    (targets.matrix(logits.device())? * log_probabilities)?
        .sum_all()?
        .neg()
}
