//! Layer normalisation (Ba, Kiros and Hinton 2016, arXiv:1607.06450).

use candle_core::{CpuStorage, CustomOp3, Layout, Result, Shape, Tensor};
use rayon::prelude::*;

use super::Pass;
use super::buffers::{slice, tensor_like, values};
use super::parameters::{Builder, Init, Parameter};
use super::vector::{on_simd, sum_of, sum_of2};
use crate::error;

/// Rows whose weight gradients are summed together before the sums are added: fixed, so that the
/// result does not depend on the number of threads.
const ROWS_PER_CHUNK: usize = 32;

/// Each row to mean 0 and variance 1, then scaled by `weight` and moved by `bias`.
#[derive(Debug)]
pub struct LayerNorm {
    weight: Parameter,
    bias: Parameter,
    eps: f32,
}

impl LayerNorm {
    /// Reads `weight` and `bias` (both `size`) below the builder's path.
    pub fn load(size: usize, eps: f64, at: &Builder<'_>) -> error::Result<Self> {
        Ok(Self {
            weight: at.get("weight", &[size], Init::Ones)?.without_decay(),
            bias: at.get("bias", &[size], Init::Zeros)?,
            eps: eps as f32,
        })
    }

    /// x (rows, size) to (rows, size).
    pub fn forward(&self, x: &Tensor, pass: &Pass) -> Result<Tensor> {
        let op = LayerNormOp { eps: self.eps };
        x.apply_op3(&self.weight.tensor(pass), &self.bias.tensor(pass), op)
    }
}

/// Inputs: x (rows, size), weight (size), bias (size).
struct LayerNormOp {
    eps: f32,
}

impl LayerNormOp {
    /// Mean of the row and reciprocal of its standard deviation.
    #[inline(always)]
    fn moments(&self, row: &[f32]) -> (f32, f32) {
        let n = row.len() as f32;
        let mean = sum_of(row, |x| x) / n;
        let variance = sum_of(row, |x| (x - mean) * (x - mean)) / n;
        (mean, 1.0 / (variance + self.eps).sqrt())
    }

    #[inline(always)]
    fn forward_row(&self, y: &mut [f32], x: &[f32], weight: &[f32], bias: &[f32]) {
        let (mean, scale) = self.moments(x);
        for (((y, x), w), b) in y.iter_mut().zip(x).zip(weight).zip(bias) {
            *y = (x - mean) * scale * w + b;
        }
    }

    /// Writes dx and adds to dweight and dbias. With n = (x - mean) · scale and g = dy · weight:
    /// dx = scale · (g - mean(g) - n · mean(g · n)).
    #[inline(always)]
    fn backward_row(
        &self,
        dx: &mut [f32],
        dweight: &mut [f32],
        dbias: &mut [f32],
        x: &[f32],
        weight: &[f32],
        dy: &[f32],
    ) {
        let (mean, scale) = self.moments(x);
        for (g, (dy, w)) in dx.iter_mut().zip(dy.iter().zip(weight)) {
            *g = dy * w;
        }
        let size = x.len() as f32;
        let mean_g = sum_of(dx, |g| g) / size;
        let mean_gn = sum_of2(dx, x, |g, x| g * (x - mean) * scale) / size;
        for ((dw, x), dy) in dweight.iter_mut().zip(x).zip(dy) {
            *dw += dy * (x - mean) * scale;
        }
        for (db, dy) in dbias.iter_mut().zip(dy) {
            *db += dy;
        }
        for (g, x) in dx.iter_mut().zip(x) {
            *g = scale * (*g - mean_g - (x - mean) * scale * mean_gn);
        }
    }
}

impl CustomOp3 for LayerNormOp {
    fn name(&self) -> &'static str {
        "layer-norm"
    }

    fn cpu_fwd(
        &self,
        x: &CpuStorage,
        x_layout: &Layout,
        weight: &CpuStorage,
        weight_layout: &Layout,
        bias: &CpuStorage,
        bias_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let (x, weight, bias) = (
            slice(x, x_layout)?,
            slice(weight, weight_layout)?,
            slice(bias, bias_layout)?,
        );
        let size = weight.len();
        let chunk = ROWS_PER_CHUNK * size;
        let mut y = vec![0.0; x.len()];
        y.par_chunks_mut(chunk)
            .zip(x.par_chunks(chunk))
            .for_each(|(y, x)| {
                on_simd(|| {
                    for (y, x) in y.chunks_exact_mut(size).zip(x.chunks_exact(size)) {
                        self.forward_row(y, x, weight, bias);
                    }
                });
            });
        Ok((CpuStorage::F32(y), x_layout.shape().clone()))
    }

    fn bwd(
        &self,
        x: &Tensor,
        weight: &Tensor,
        bias: &Tensor,
        _y: &Tensor,
        grad: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>, Option<Tensor>)> {
        let grad = grad.contiguous()?;
        let (dy, x_values, w) = (values(&grad)?, values(x)?, values(weight)?);
        let (dy, x_values, w): (&[f32], &[f32], &[f32]) = (&dy, &x_values, &w);
        let size = w.len();
        let chunk = ROWS_PER_CHUNK * size;
        let mut dx = vec![0.0; x_values.len()];
        let partial_sums: Vec<(Vec<f32>, Vec<f32>)> = dx
            .par_chunks_mut(chunk)
            .zip(x_values.par_chunks(chunk))
            .zip(dy.par_chunks(chunk))
            .map(|((dx, x), dy)| {
                let (mut dweight, mut dbias) = (vec![0.0; size], vec![0.0; size]);
                on_simd(|| {
                    let rows = dx.chunks_exact_mut(size).zip(x.chunks_exact(size));
                    for ((dx, x), dy) in rows.zip(dy.chunks_exact(size)) {
                        self.backward_row(dx, &mut dweight, &mut dbias, x, w, dy);
                    }
                });
                (dweight, dbias)
            })
            .collect();
        let (mut dweight, mut dbias) = (vec![0.0; size], vec![0.0; size]);
        for (dw, db) in &partial_sums {
            dweight
                .iter_mut()
                .zip(dw)
                .for_each(|(sum, part)| *sum += part);
            dbias
                .iter_mut()
                .zip(db)
                .for_each(|(sum, part)| *sum += part);
        }
        let tracked = |of: &Tensor, data| of.track_op().then(|| tensor_like(data, of)).transpose();
        Ok((
            tracked(x, dx)?,
            tracked(weight, dweight)?,
            tracked(bias, dbias)?,
        ))
    }
}
