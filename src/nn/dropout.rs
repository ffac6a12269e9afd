//! Dropout (Srivastava et al. 2014) whose mask is a function of the generator's counter: nothing is
//! stored for the backward pass, and the same step of the same run always drops the same values.

use candle_core::{CpuStorage, CustomOp1, Layout, Result, Shape, Tensor};
use rayon::prelude::*;

use super::Pass;
use super::buffers::{slice, tensor_like, values};
use super::vector::on_simd;
use crate::rng::{Stream, philox4x32_lanes};

/// Blocks of the generator that are computed side by side.
const BLOCKS: usize = 16;

/// Values decided together: by the eight times 16 bits of each of [`BLOCKS`] blocks.
pub(super) const GROUP: usize = 8 * BLOCKS;

/// Values per task of a parallel loop; a multiple of [`GROUP`].
const CHUNK: usize = 16 * 1024;

/// Which values of a tensor are dropped, by 16 bits of a stream each.
#[derive(Clone, Copy, Debug)]
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

    /// The factors (0 or `scale`) of the values from `first` on; fastest where that is a multiple of
    /// [`GROUP`].
    #[inline(always)]
    pub(super) fn factors(&self, first: usize, out: &mut [f32]) {
        let (mut group, skip) = ((first / GROUP) as u64, first % GROUP);
        let head = ((GROUP - skip) % GROUP).min(out.len());
        let (head, rest) = out.split_at_mut(head);
        if !head.is_empty() {
            let values = self.group(group);
            head.copy_from_slice(&values.as_flattened()[skip..][..head.len()]);
            group += 1;
        }
        let mut whole = rest.chunks_exact_mut(GROUP);
        for values in &mut whole {
            values.copy_from_slice(self.group(group).as_flattened());
            group += 1;
        }
        let tail = whole.into_remainder();
        if !tail.is_empty() {
            let values = self.group(group);
            tail.copy_from_slice(&values.as_flattened()[..tail.len()]);
        }
    }

    /// The factors of a whole group. Its arrays are passed by value: through slices the compiler
    /// gathers and scatters, which took three times as long.
    #[inline(always)]
    fn group(&self, group: u64) -> [[f32; BLOCKS]; GROUP / BLOCKS] {
        let counter = self.stream.counter(group * BLOCKS as u64);
        let [a, b, c, d] = philox4x32_lanes(counter, self.stream.key());
        [
            self.lower(a),
            self.upper(a),
            self.lower(b),
            self.upper(b),
            self.lower(c),
            self.upper(c),
            self.lower(d),
            self.upper(d),
        ]
    }

    /// The factors that the lower 16 bits of each word decide.
    #[inline(always)]
    fn lower(&self, words: [u32; BLOCKS]) -> [f32; BLOCKS] {
        words.map(
            #[inline(always)]
            |bits| self.factor(bits & 0xffff),
        )
    }

    /// The factors that the upper 16 bits of each word decide.
    #[inline(always)]
    fn upper(&self, words: [u32; BLOCKS]) -> [f32; BLOCKS] {
        words.map(
            #[inline(always)]
            |bits| self.factor(bits >> 16),
        )
    }

    #[inline(always)]
    fn factor(&self, bits: u32) -> f32 {
        if bits < self.threshold {
            0.0
        } else {
            self.scale
        }
    }

    /// Writes x, dropped and scaled, to `y`.
    pub(super) fn apply(&self, y: &mut [f32], x: &[f32]) {
        self.each(y, x, |y, factor, x| *y = factor * x);
    }

    /// Adds x, dropped and scaled, to `y`.
    pub(super) fn add_applied(&self, y: &mut [f32], x: &[f32]) {
        self.each(y, x, |y, factor, x| *y += factor * x);
    }

    /// Drops and scales the values of `x`.
    pub(super) fn apply_in_place(&self, x: &mut [f32]) {
        x.par_chunks_mut(CHUNK).enumerate().for_each(|(i, x)| {
            on_simd(
                #[inline(always)]
                || {
                    let mut factors = [0.0; GROUP];
                    for (group, x) in x.chunks_mut(GROUP).enumerate() {
                        self.factors(i * CHUNK + group * GROUP, &mut factors[..x.len()]);
                        x.iter_mut()
                            .zip(factors)
                            .for_each(|(x, factor)| *x *= factor);
                    }
                },
            );
        });
    }

    fn each(&self, y: &mut [f32], x: &[f32], set: impl Fn(&mut f32, f32, f32) + Sync) {
        let chunks = y.par_chunks_mut(CHUNK).zip(x.par_chunks(CHUNK));
        chunks.enumerate().for_each(|(i, (y, x))| {
            on_simd(
                #[inline(always)]
                || {
                    let mut factors = [0.0; GROUP];
                    let groups = y.chunks_mut(GROUP).zip(x.chunks(GROUP));
                    for (group, (y, x)) in groups.enumerate() {
                        self.factors(i * CHUNK + group * GROUP, &mut factors[..y.len()]);
                        for ((y, x), factor) in y.iter_mut().zip(x).zip(factors) {
                            set(y, factor, *x);
                        }
                    }
                },
            );
        });
    }

    /// The factors of all values of a tensor like `x`.
    pub(super) fn tensor(&self, x: &Tensor) -> Result<Tensor> {
        let factors = self.all(x.elem_count());
        Tensor::from_vec(factors, x.shape(), x.device())?.to_dtype(x.dtype())
    }

    fn all(&self, count: usize) -> Vec<f32> {
        let mut factors = vec![0.0; count];
        let chunks = factors.par_chunks_mut(CHUNK).enumerate();
        chunks.for_each(|(i, chunk)| on_simd(|| self.factors(i * CHUNK, chunk)));
        factors
    }
}

/// Sets a share `p` of the values of x to zero and scales the rest by 1 / (1 - p), in training;
/// x itself in evaluation. Every call in a pass draws from a site of its own.
pub fn dropout(x: &Tensor, p: f64, pass: &Pass) -> Result<Tensor> {
    match Mask::new(p, pass.next_stream()) {
        Some(mask) if pass.has_kernels_for(x) => x.apply_op1(DropoutOp { mask }),
        mask => dropped(x, mask.as_ref()),
    }
}

/// x with the mask on it, by candle's own differentiable operations.
pub(super) fn dropped(x: &Tensor, mask: Option<&Mask>) -> Result<Tensor> {
    match mask {
        Some(mask) => x * mask.tensor(x)?,
        None => Ok(x.clone()),
    }
}

struct DropoutOp {
    mask: Mask,
}

impl CustomOp1 for DropoutOp {
    fn name(&self) -> &'static str {
        "dropout"
    }

    fn cpu_fwd(&self, x: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let x = slice(x, layout)?;
        let mut y = vec![0.0; x.len()];
        self.mask.apply(&mut y, x);
        Ok((CpuStorage::F32(y), layout.shape().clone()))
    }

    fn bwd(&self, x: &Tensor, _y: &Tensor, grad: &Tensor) -> Result<Option<Tensor>> {
        let grad = grad.contiguous()?;
        let mut dx = vec![0.0; grad.elem_count()];
        self.mask.apply(&mut dx, &values(&grad)?);
        tensor_like(dx, x).map(Some)
    }
}
