//! The loss of a span: where it starts and where it ends among the tokens of its own sequence.

use std::sync::Arc;

use candle_core::{CpuStorage, CustomOp1, D, Layout, Result, Shape, Tensor, bail};

use super::buffers::{slice, tensor_like, values};

/// The sum over the sequences of (cross-entropy of the start + cross-entropy of the end) / 2, as
/// transformers' `…ForQuestionAnswering` have it; divide by the number of sequences for the mean.
///
/// `logits` is (tokens, 2): start and end. Sequence i owns the tokens `offsets[i]..offsets[i + 1]`,
/// over which each softmax goes; `spans[i]` is its first and its last token, counted from its own
/// beginning.
pub fn span_cross_entropy(
    logits: &Tensor,
    offsets: &Arc<[usize]>,
    spans: &[(usize, usize)],
) -> Result<Tensor> {
    let lengths = offsets.windows(2).map(|ends| ends[1] - ends[0]);
    let fits = lengths
        .zip(spans)
        .all(|(length, &(start, end))| start < length && end < length);
    if spans.len() + 1 != offsets.len() || !fits || offsets.last() != Some(&logits.dim(0)?) {
        bail!("{} spans do not fit the sequences", spans.len());
    }
    let op = SpanLoss {
        offsets: Arc::clone(offsets),
        spans: spans.to_vec(),
    };
    if logits.device().is_cpu() {
        logits.apply_op1(op)
    } else {
        op.composed(logits)
    }
}

/// Input: logits (tokens, 2).
struct SpanLoss {
    offsets: Arc<[usize]>,
    spans: Vec<(usize, usize)>,
}

impl SpanLoss {
    /// The tokens of each sequence and its gold tokens.
    fn sequences(&self) -> impl Iterator<Item = (std::ops::Range<usize>, [usize; 2])> + '_ {
        let tokens = self.offsets.windows(2).map(|ends| ends[0]..ends[1]);
        tokens.zip(self.spans.iter().map(|&(start, end)| [start, end]))
    }

    fn composed(&self, logits: &Tensor) -> Result<Tensor> {
        let mut losses = Vec::with_capacity(self.spans.len());
        for (tokens, gold) in self.sequences() {
            let own = logits
                .narrow(0, tokens.start, tokens.len())?
                .t()?
                .contiguous()?;
            let log = candle_nn::ops::log_softmax(&own, D::Minus1)?;
            let [start, end] = [(0, gold[0]), (1, gold[1])]
                .map(|(side, token)| log.narrow(0, side, 1)?.narrow(1, token, 1)?.sum_all());
            losses.push(((start? + end?)? * -0.5)?);
        }
        Tensor::stack(&losses, 0)?.sum_all()
    }
}

/// ln Σ exp over every second value, in f64.
fn log_sum(own: &[f32], side: usize) -> f64 {
    let side = || own.iter().skip(side).step_by(2).map(|&x| f64::from(x));
    let top = side().fold(f64::NEG_INFINITY, f64::max);
    top + side().map(|x| (x - top).exp()).sum::<f64>().ln()
}

impl CustomOp1 for SpanLoss {
    fn name(&self) -> &'static str {
        "span-cross-entropy"
    }

    fn cpu_fwd(&self, logits: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let logits = slice(logits, layout)?;
        let mut loss = 0.0;
        for (tokens, gold) in self.sequences() {
            let own = &logits[2 * tokens.start..2 * tokens.end];
            for (side, token) in gold.into_iter().enumerate() {
                loss += (log_sum(own, side) - f64::from(own[2 * token + side])) / 2.0;
            }
        }
        Ok((CpuStorage::F32(vec![loss as f32]), Shape::from(())))
    }

    /// d loss / d logit = (softmax - 1 at the gold token) / 2.
    fn bwd(&self, logits: &Tensor, _loss: &Tensor, grad: &Tensor) -> Result<Option<Tensor>> {
        let scale = f64::from(grad.to_scalar::<f32>()?) / 2.0;
        let mut dlogits = values(logits)?.to_vec();
        for (tokens, gold) in self.sequences() {
            let own = &mut dlogits[2 * tokens.start..2 * tokens.end];
            for (side, token) in gold.into_iter().enumerate() {
                let log_sum = log_sum(own, side);
                for x in own.iter_mut().skip(side).step_by(2) {
                    *x = (scale * (f64::from(*x) - log_sum).exp()) as f32;
                }
                own[2 * token + side] -= scale as f32;
            }
        }
        tensor_like(dlogits, logits).map(Some)
    }
}

#[cfg(test)]
mod tests {
    use candle_core::{Device, Var};

    use super::*;

    const LOGITS: [f32; 10] = [0.5, -1.0, 2.0, 0.25, -0.75, 1.5, 1.0, 1.0, 0.0, -2.0];

    /// Expected numbers: torch's cross_entropy over each sequence, PyTorch 2.15.
    #[test]
    fn loss_and_gradient_are_pytorchs() {
        let logits = Tensor::from_slice(&LOGITS, (5, 2), &Device::Cpu).unwrap();
        let logits = Var::from_tensor(&logits).unwrap();
        let loss = span_cross_entropy(&logits, &[0, 3, 5].into(), &[(1, 2), (0, 0)]).unwrap();
        assert!((loss.to_scalar::<f32>().unwrap() - 0.463_994_5).abs() < 1e-6);
        let gradients = loss.backward().unwrap();
        let dx = gradients.get(&logits).unwrap().flatten_all().unwrap();
        let expected = [
            0.086_682_23,
            0.029_988_892,
            -0.111_517_16,
            0.104_671_54,
            0.024_834_875,
            -0.134_660_48,
            -0.134_470_7,
            -0.023_712_933,
            0.134_470_72,
            0.023_712_937,
        ];
        for (x, expected) in dx.to_vec1::<f32>().unwrap().iter().zip(expected) {
            assert!((x - expected).abs() < 1e-6, "{x} is not {expected}");
        }
        let op = SpanLoss {
            offsets: [0, 3, 5].into(),
            spans: vec![(1, 2), (0, 0)],
        };
        let composed: f32 = op.composed(&logits).unwrap().to_scalar().unwrap();
        assert!((composed - 0.463_994_5).abs() < 1e-6);
    }

    #[test]
    fn a_span_outside_its_sequence_is_refused() {
        let logits = Tensor::from_slice(&LOGITS, (5, 2), &Device::Cpu).unwrap();
        for spans in [&[(1, 3), (0, 0)][..], &[(0, 0)]] {
            assert!(span_cross_entropy(&logits, &[0, 3, 5].into(), spans).is_err());
        }
    }
}
