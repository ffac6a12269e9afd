//! Gated activation (Shazeer 2020, arXiv:2002.05202): GeGLU, SwiGLU and their kin.

use candle_core::{CpuStorage, CustomOp1, D, Layout, Result, Shape, Tensor, bail};
use rayon::prelude::*;

use super::Pass;
use super::activation::{Activation, ValueAndSlope, gelu, gelu_tanh, relu, silu, tanh_slope};
use super::buffers::{slice, tensor_like, values};
use super::rows::ROWS_PER_CHUNK;
use super::vector::on_simd;

/// activation(a) · b, value by value, where a is the left half of each row of x and b the right one:
/// x (rows, 2 · n) to (rows, n).
pub fn gated(x: &Tensor, activation: Activation, pass: &Pass) -> Result<Tensor> {
    if pass.has_kernels_for(x) {
        return x.apply_op1(GatedOp { activation });
    }
    let half = x.dim(D::Minus1)? / 2;
    let a = x.narrow(D::Minus1, 0, half)?.contiguous()?;
    activation.composed(&a)? * x.narrow(D::Minus1, half, half)?
}

struct GatedOp {
    activation: Activation,
}

/// Writes the gated rows of `n` to `y`.
fn forward(y: &mut [f32], x: &[f32], n: usize, function: impl Fn(f32) -> ValueAndSlope + Sync) {
    let chunks = y.par_chunks_mut(ROWS_PER_CHUNK * n);
    let chunks = chunks.zip(x.par_chunks(ROWS_PER_CHUNK * 2 * n));
    chunks.for_each(|(y, x)| {
        on_simd(
            #[inline(always)]
            || {
                for (y, x) in y.chunks_exact_mut(n).zip(x.chunks_exact(2 * n)) {
                    let (a, b) = x.split_at(n);
                    for ((y, &a), b) in y.iter_mut().zip(a).zip(b) {
                        *y = function(a).0 * b;
                    }
                }
            },
        );
    });
}

/// Writes the gradient of x to `dx`, from `dy`, that of the gated rows of `n`.
fn backward(
    dx: &mut [f32],
    dy: &[f32],
    x: &[f32],
    n: usize,
    function: impl Fn(f32) -> ValueAndSlope + Sync,
) {
    let chunks = dx.par_chunks_mut(ROWS_PER_CHUNK * 2 * n);
    let chunks = chunks.zip(x.par_chunks(ROWS_PER_CHUNK * 2 * n));
    let chunks = chunks.zip(dy.par_chunks(ROWS_PER_CHUNK * n));
    chunks.for_each(|((dx, x), dy)| {
        on_simd(
            #[inline(always)]
            || {
                let rows = dx.chunks_exact_mut(2 * n).zip(x.chunks_exact(2 * n));
                for ((dx, x), dy) in rows.zip(dy.chunks_exact(n)) {
                    let ((da, db), (a, b)) = (dx.split_at_mut(n), x.split_at(n));
                    let halves = da.iter_mut().zip(db).zip(a.iter().zip(b));
                    for (((da, db), (&a, b)), dy) in halves.zip(dy) {
                        let (value, slope) = function(a);
                        *da = dy * b * slope;
                        *db = dy * value;
                    }
                }
            },
        );
    });
}

impl CustomOp1 for GatedOp {
    fn name(&self) -> &'static str {
        "gated"
    }

    fn cpu_fwd(&self, x: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let (rows, columns) = layout.shape().dims2()?;
        if !columns.is_multiple_of(2) {
            bail!("gated: rows of {columns} have no two halves");
        }
        let (x, n) = (slice(x, layout)?, columns / 2);
        let mut y = vec![0.0; rows * n];
        match self.activation {
            Activation::Gelu => forward(&mut y, x, n, gelu),
            Activation::GeluTanh => forward(&mut y, x, n, gelu_tanh),
            Activation::Relu => forward(&mut y, x, n, relu),
            Activation::Silu => forward(&mut y, x, n, silu),
            Activation::Tanh => forward(&mut y, x, n, tanh_slope),
        }
        Ok((CpuStorage::F32(y), Shape::from((rows, n))))
    }

    fn bwd(&self, x: &Tensor, _y: &Tensor, grad: &Tensor) -> Result<Option<Tensor>> {
        let grad = grad.contiguous()?;
        let n = grad.dim(1)?;
        let mut dx = vec![0.0; x.elem_count()];
        {
            let (x, dy) = (values(x)?, values(&grad)?);
            match self.activation {
                Activation::Gelu => backward(&mut dx, &dy, &x, n, gelu),
                Activation::GeluTanh => backward(&mut dx, &dy, &x, n, gelu_tanh),
                Activation::Relu => backward(&mut dx, &dy, &x, n, relu),
                Activation::Silu => backward(&mut dx, &dy, &x, n, silu),
                Activation::Tanh => backward(&mut dx, &dy, &x, n, tanh_slope),
            }
        }
        tensor_like(dx, x).map(Some)
    }
}
