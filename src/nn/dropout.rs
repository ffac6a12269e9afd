//! Dropout (Srivastava et al. 2014) whose mask is a function of the generator's counter: nothing is
//! stored for the backward pass, and the same step of the same run always drops the same values.

use candle_core::{CpuStorage, CustomOp1, Layout, Result, Shape, Tensor};
use rayon::prelude::*;

use super::Pass;
use super::buffers::{slice, tensor_like, values};
use super::vector::on_simd;
use crate::rng::Stream;

/// Values decided by one block of the generator: eight times 16 bits.
pub(super) const PER_BLOCK: usize = 8;

/// Values per task of a parallel loop; a multiple of [`PER_BLOCK`].
const CHUNK: usize = 16 * 1024;

/// Which values are dropped: value i of a tensor by the i-th 16 bits of a stream.
#[derive(Clone, Copy)]
pub(super) struct Mask {
    stream: Stream,
    /// Values whose 16 bits lie below this are dropped.
    threshold: u32,
    /// Factor on the kept values; exactly 1 / (1 - threshold / 2¹⁶).
    scale: f32,
}

impl Mask {
    /// Drops a share `p` in 0..1 (to the nearest 1/65536); `None` when nothing is dropped.
    pub(super) fn new(p: f64, stream: Option<Stream>) -> Option<Self> {
        let threshold = (p * 65536.0).round().clamp(0.0, 65535.0) as u32;
        let scale = (65536.0 / (65536.0 - f64::from(threshold))) as f32;
        (threshold > 0).then_some(Self {
            stream: stream?,
            threshold,
            scale,
        })
    }

    /// The factors (0 or `scale`) of the values from `first` on, which is a multiple of
    /// [`PER_BLOCK`].
    #[inline(always)]
    pub(super) fn factors(&self, first: usize, out: &mut [f32]) {
        let factor = |bits: u32| {
            if bits < self.threshold {
                0.0
            } else {
                self.scale
            }
        };
        let first_block = (first / PER_BLOCK) as u64;
        for (i, eight) in out.chunks_mut(PER_BLOCK).enumerate() {
            let words = self.stream.u32x4(first_block + i as u64);
            let mut factors = [0.0; PER_BLOCK];
            for (pair, word) in factors.chunks_exact_mut(2).zip(words) {
                pair[0] = factor(word & 0xffff);
                pair[1] = factor(word >> 16);
            }
            eight.copy_from_slice(&factors[..eight.len()]);
        }
    }
}

/// Sets a share `p` of the values of x to zero and scales the rest by 1 / (1 - p), in training;
/// x itself in evaluation. Every call in a pass draws from a site of its own.
pub fn dropout(x: &Tensor, p: f64, pass: &Pass) -> Result<Tensor> {
    match Mask::new(p, pass.next_stream()) {
        Some(mask) => x.apply_op1(DropoutOp { mask }),
        None => Ok(x.clone()),
    }
}

struct DropoutOp {
    mask: Mask,
}

impl DropoutOp {
    fn apply(&self, x: &[f32]) -> Vec<f32> {
        let mut y = vec![0.0; x.len()];
        y.par_chunks_mut(CHUNK)
            .zip(x.par_chunks(CHUNK))
            .enumerate()
            .for_each(|(i, (y, x))| {
                on_simd(|| {
                    self.mask.factors(i * CHUNK, y);
                    y.iter_mut().zip(x).for_each(|(y, x)| *y *= x);
                });
            });
        y
    }
}

impl CustomOp1 for DropoutOp {
    fn name(&self) -> &'static str {
        "dropout"
    }

    fn cpu_fwd(&self, x: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        Ok((
            CpuStorage::F32(self.apply(slice(x, layout)?)),
            layout.shape().clone(),
        ))
    }

    fn bwd(&self, x: &Tensor, _y: &Tensor, grad: &Tensor) -> Result<Option<Tensor>> {
        let grad = grad.contiguous()?;
        let dx = self.apply(&values(&grad)?);
        tensor_like(dx, x).map(Some)
    }
}
