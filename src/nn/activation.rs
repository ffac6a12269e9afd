//! Activation functions.

use candle_core::{CpuStorage, CustomOp1, Layout, Result, Shape, Tensor};
use rayon::prelude::*;

use super::buffers::{slice, tensor_like, values};
use super::vector::{erf, exp, on_simd};

/// Values per task of a parallel elementwise loop.
const CHUNK: usize = 16 * 1024;

/// The exact (erf) form of the Gaussian error linear unit (Hendrycks and Gimpel 2016,
/// arXiv:1606.08415), as `hidden_act = "gelu"` means it in transformers.
pub fn gelu(x: &Tensor) -> Result<Tensor> {
    x.apply_op1(GeluOp)
}

/// The hyperbolic tangent; candle's own, which is exact and differentiable.
pub fn tanh(x: &Tensor) -> Result<Tensor> {
    x.tanh()
}

struct GeluOp;

#[inline(always)]
fn gelu_value(x: f32) -> f32 {
    0.5 * x * (1.0 + erf(x * std::f32::consts::FRAC_1_SQRT_2))
}

/// d gelu / dx = Φ(x) + x φ(x).
#[inline(always)]
fn gelu_slope(x: f32) -> f32 {
    const FRAC_1_SQRT_2PI: f32 = 0.398_942_3;
    let below = 0.5 * (1.0 + erf(x * std::f32::consts::FRAC_1_SQRT_2));
    below + x * FRAC_1_SQRT_2PI * exp(-0.5 * x * x)
}

impl CustomOp1 for GeluOp {
    fn name(&self) -> &'static str {
        "gelu"
    }

    fn cpu_fwd(&self, x: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let x = slice(x, layout)?;
        let mut y = vec![0.0; x.len()];
        y.par_chunks_mut(CHUNK)
            .zip(x.par_chunks(CHUNK))
            .for_each(|(y, x)| {
                on_simd(|| y.iter_mut().zip(x).for_each(|(y, &x)| *y = gelu_value(x)));
            });
        Ok((CpuStorage::F32(y), layout.shape().clone()))
    }

    fn bwd(&self, x: &Tensor, _y: &Tensor, grad: &Tensor) -> Result<Option<Tensor>> {
        let grad = grad.contiguous()?;
        let (dy, x_values) = (values(&grad)?, values(x)?);
        let (dy, x_values): (&[f32], &[f32]) = (&dy, &x_values);
        let mut dx = vec![0.0; dy.len()];
        dx.par_chunks_mut(CHUNK)
            .zip(x_values.par_chunks(CHUNK))
            .zip(dy.par_chunks(CHUNK))
            .for_each(|((dx, x), dy)| {
                on_simd(|| {
                    for ((dx, &x), dy) in dx.iter_mut().zip(x).zip(dy) {
                        *dx = dy * gelu_slope(x);
                    }
                });
            });
        tensor_like(dx, x).map(Some)
    }
}
