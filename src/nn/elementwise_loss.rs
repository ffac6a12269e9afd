//! Losses of every number for itself: binary cross-entropy and the squared error.

use candle_core::{CpuStorage, CustomOp1, Layout, Result, Shape, Tensor, bail};

use super::buffers::{slice, tensor_like, values};

/// The sum over all entries of the binary cross-entropy of `logits` (examples, labels) with
/// `targets` in 0..=1, as PyTorch's `BCEWithLogitsLoss`; `positive_weights`, one for each label,
/// multiply the terms of the labels that are there (its `pos_weight`).
pub fn binary_cross_entropy(
    logits: &Tensor,
    targets: &[f32],
    positive_weights: Option<&[f32]>,
) -> Result<Tensor> {
    let labels = logits.dim(1)?;
    let weights = match positive_weights {
        Some(weights) if weights.len() != labels => {
            bail!("{} weights for {labels} labels", weights.len())
        }
        Some(weights) => weights.to_vec(),
        None => vec![1.0; labels],
    };
    ElementwiseLoss::of(Measure::BinaryCrossEntropy { weights }, targets).apply(logits)
}

/// The sum over all entries of the squared difference of `predicted` and `targets`.
pub fn squared_error(predicted: &Tensor, targets: &[f32]) -> Result<Tensor> {
    ElementwiseLoss::of(Measure::Squared, targets).apply(predicted)
}

/// How far a number is from its target.
enum Measure {
    BinaryCrossEntropy { weights: Vec<f32> },
    Squared,
}

impl Measure {
    /// The loss of one entry and its derivative. `column` counts the entries of a row.
    fn of(&self, column: usize, x: f32, target: f32) -> (f64, f32) {
        match self {
            Self::Squared => {
                let difference = x - target;
                (
                    f64::from(difference) * f64::from(difference),
                    2.0 * difference,
                )
            }
            Self::BinaryCrossEntropy { weights } => {
                // w·t·softplus(-x) + (1 - t)·softplus(x), where softplus(x) = x + softplus(-x).
                let weight = weights[column];
                let softplus_minus = softplus(-f64::from(x));
                let (t, w) = (f64::from(target), f64::from(weight));
                let factor = w * t + (1.0 - t);
                let loss = factor * softplus_minus + (1.0 - t) * f64::from(x);
                let sigmoid = 1.0 / (1.0 + (-x).exp());
                (loss, factor as f32 * (sigmoid - 1.0) + (1.0 - target))
            }
        }
    }
}

/// ln(1 + eˣ) without overflow.
fn softplus(x: f64) -> f64 {
    x.max(0.0) + (-x.abs()).exp().ln_1p()
}

/// Input: (examples, columns).
struct ElementwiseLoss {
    measure: Measure,
    targets: Vec<f32>,
}

impl ElementwiseLoss {
    fn of(measure: Measure, targets: &[f32]) -> Self {
        Self {
            measure,
            targets: targets.to_vec(),
        }
    }

    fn apply(self, x: &Tensor) -> Result<Tensor> {
        if x.elem_count() != self.targets.len() {
            bail!("{} targets for {:?}", self.targets.len(), x.shape());
        }
        if x.device().is_cpu() {
            return x.apply_op1(self);
        }
        let targets = Tensor::from_vec(self.targets, x.shape(), x.device())?;
        match self.measure {
            Measure::Squared => (x - targets)?.sqr()?.sum_all(),
            Measure::BinaryCrossEntropy { weights } => {
                let weights = Tensor::from_vec(weights, x.dim(1)?, x.device())?;
                let absent = (1.0 - &targets)?;
                let factor = (targets.broadcast_mul(&weights)? + &absent)?;
                let softplus_minus = (x.neg()?.relu()? + (x.abs()?.neg()?.exp()? + 1.0)?.log()?)?;
                ((factor * softplus_minus)? + (absent * x)?)?.sum_all()
            }
        }
    }

    fn entries<'a>(
        &'a self,
        x: &'a [f32],
        columns: usize,
    ) -> impl Iterator<Item = (f64, f32)> + 'a {
        let entries = x.iter().zip(&self.targets).enumerate();
        entries.map(move |(i, (&x, &target))| self.measure.of(i % columns, x, target))
    }
}

impl CustomOp1 for ElementwiseLoss {
    fn name(&self) -> &'static str {
        "elementwise-loss"
    }

    fn cpu_fwd(&self, x: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let (_, columns) = layout.shape().dims2()?;
        let loss: f64 = self
            .entries(slice(x, layout)?, columns)
            .map(|entry| entry.0)
            .sum();
        Ok((CpuStorage::F32(vec![loss as f32]), Shape::from(())))
    }

    fn bwd(&self, x: &Tensor, _loss: &Tensor, grad: &Tensor) -> Result<Option<Tensor>> {
        let scale: f32 = grad.to_scalar()?;
        let columns = x.dim(1)?;
        let own = values(x)?;
        let dx = self.entries(&own, columns).map(|entry| scale * entry.1);
        tensor_like(dx.collect(), x).map(Some)
    }
}

#[cfg(test)]
mod tests {
    use candle_core::{Device, Var};

    use super::*;

    /// Loss and gradient by the kernel.
    fn of(loss: impl Fn(&Tensor) -> Result<Tensor>, x: &[f32], columns: usize) -> (f32, Vec<f32>) {
        let shape = (x.len() / columns, columns);
        let x = Var::from_tensor(&Tensor::from_slice(x, shape, &Device::Cpu).unwrap()).unwrap();
        let loss = loss(&x).unwrap();
        let gradients = loss.backward().unwrap();
        let dx = gradients.get(&x).unwrap().flatten_all().unwrap();
        (loss.to_scalar().unwrap(), dx.to_vec1().unwrap())
    }

    fn close(a: &[f32], b: &[f32]) {
        for (a, b) in a.iter().zip(b) {
            assert!((a - b).abs() <= 1e-5 * b.abs().max(1.0), "{a} is not {b}");
        }
        assert_eq!(a.len(), b.len());
    }

    /// Expected numbers: torch.nn.BCEWithLogitsLoss(reduction="sum", pos_weight=[1, 2, 0.5]) and
    /// its gradient, PyTorch 2.15.
    #[test]
    fn binary_cross_entropy_is_pytorchs() {
        let x = [0.0, 1.5, -2.0, 80.0, -90.0, 0.25];
        let targets = [1.0, 0.0, 1.0, 0.0, 1.0, 0.0];
        let weights = [1.0, 2.0, 0.5];
        let (loss, dx) = of(|x| binary_cross_entropy(x, &targets, Some(&weights)), &x, 3);
        close(&[loss], &[264.284]);
        close(
            &dx,
            &[-0.5, 0.817_574_4, -0.440_398_54, 1.0, -2.0, 0.562_176_5],
        );
    }

    #[test]
    fn squared_error_is_the_sum_of_squares() {
        let (loss, dx) = of(|x| squared_error(x, &[1.0, -1.0]), &[3.0, -1.5], 1);
        close(&[loss], &[4.25]);
        close(&dx, &[4.0, -1.0]);
    }
}
