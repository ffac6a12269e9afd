//! Normalisation of rows: LayerNorm (Ba, Kiros and Hinton 2016, arXiv:1607.06450) and RMSNorm
//! (Zhang and Sennrich 2019, arXiv:1910.07467), alone or after dropout and a residual sum.

use candle_core::{CpuStorage, CustomOp2, CustomOp3, D, Layout, Result, Shape, Tensor};
use rayon::prelude::*;

use super::buffers::{Buffer, slice, tensor_like, values};
use super::dropout::{Mask, dropped};
use super::parameters::{Builder, Init, Parameter};
use super::rows::{ROWS_PER_CHUNK, add, add_partial_sums};
use super::vector::{on_simd, sum_of, sum_of2};
use super::{Pass, anchor};
use crate::error;

/// Each row to variance 1 (and mean 0, for LayerNorm), then scaled by `weight` and moved by `bias`.
#[derive(Clone, Debug)]
pub struct Norm {
    weight: Parameter,
    bias: Option<Parameter>,
    size: usize,
    eps: f32,
    /// Whether the mean is taken off first: LayerNorm does, RMSNorm does not.
    centres: bool,
}

/// What is added to the input before it is normalised, and what happens to the input before that:
/// sum = residual + dropout(x + bias).
#[derive(Clone, Copy, Default)]
pub(super) struct Before<'a> {
    /// Added to the input.
    pub bias: Option<&'a [f32]>,
    /// Dropped of the input.
    pub mask: Option<&'a Mask>,
    /// Added after that.
    pub residual: Option<&'a [f32]>,
}

impl Norm {
    /// LayerNorm: reads `weight` and `bias` (both `size`) below the builder's path.
    pub fn layer(size: usize, eps: f64, at: &Builder<'_>) -> error::Result<Self> {
        Ok(Self {
            weight: at.get("weight", &[size], Init::Ones)?.without_decay(),
            bias: Some(at.get("bias", &[size], Init::Zeros)?),
            size,
            eps: eps as f32,
            centres: true,
        })
    }

    /// LayerNorm that has only a `weight`.
    pub fn layer_without_bias(size: usize, eps: f64, at: &Builder<'_>) -> error::Result<Self> {
        Ok(Self {
            centres: true,
            ..Self::rms(size, eps, at)?
        })
    }

    /// RMSNorm: reads `weight` (`size`) below the builder's path.
    pub fn rms(size: usize, eps: f64, at: &Builder<'_>) -> error::Result<Self> {
        Ok(Self {
            weight: at.get("weight", &[size], Init::Ones)?.without_decay(),
            bias: None,
            size,
            eps: eps as f32,
            centres: false,
        })
    }

    /// x (rows, size) to (rows, size).
    pub fn forward(&self, x: &Tensor, pass: &Pass) -> Result<Tensor> {
        if !pass.has_kernels_for(x) {
            return self.composed(x, pass);
        }
        let op = NormOp {
            norm: self.clone(),
            mask: None,
        };
        x.apply_op2(&anchor(self.parameters(), pass)?, op)
    }

    /// norm(residual + dropout(x)), x and residual (rows, size).
    pub fn add(&self, x: &Tensor, residual: &Tensor, dropout: f64, pass: &Pass) -> Result<Tensor> {
        let mask = Mask::new(dropout, pass.next_stream());
        if !pass.has_kernels_for(x) {
            return self.composed(&(residual + dropped(x, mask.as_ref())?)?, pass);
        }
        let op = NormOp {
            norm: self.clone(),
            mask,
        };
        x.apply_op3(residual, &anchor(self.parameters(), pass)?, op)
    }

    /// All that may be trained.
    pub(super) fn parameters(&self) -> impl Iterator<Item = &Parameter> {
        [&self.weight].into_iter().chain(&self.bias)
    }

    /// Values per row.
    pub(super) fn size(&self) -> usize {
        self.size
    }

    /// By candle's own differentiable operations, for devices without a kernel here.
    pub(super) fn composed(&self, x: &Tensor, pass: &Pass) -> Result<Tensor> {
        let centred = match self.centres {
            true => x.broadcast_sub(&x.mean_keepdim(D::Minus1)?)?,
            false => x.clone(),
        };
        let variance = centred.sqr()?.mean_keepdim(D::Minus1)?;
        let deviation = (variance + f64::from(self.eps))?.sqrt()?;
        let scaled = centred
            .broadcast_div(&deviation)?
            .broadcast_mul(&self.weight.tensor(pass))?;
        match &self.bias {
            Some(bias) => scaled.broadcast_add(&bias.tensor(pass)),
            None => Ok(scaled),
        }
    }

    /// Turns `x` into the sum that `before` describes, and writes that sum normalised to `y`.
    pub(super) fn forward_slices(
        &self,
        y: &mut [f32],
        x: &mut [f32],
        before: Before<'_>,
    ) -> Result<()> {
        let weight = values(self.weight.var())?;
        let bias = self
            .bias
            .as_ref()
            .map(|bias| values(bias.var()))
            .transpose()?;
        let (weight, bias): (&[f32], Option<&[f32]>) = (&weight, bias.as_deref());
        let size = self.size;
        let chunk = ROWS_PER_CHUNK * size;
        let chunks = y.par_chunks_mut(chunk).zip(x.par_chunks_mut(chunk));
        chunks.enumerate().for_each(|(i, (y, x))| {
            let factors = before
                .mask
                .map(|mask| chunk_factors(mask, i, size, x.len()));
            let residual = before.residual.map(|residual| &residual[i * chunk..]);
            on_simd(
                #[inline(always)]
                || {
                    for (row, (y, x)) in y
                        .chunks_exact_mut(size)
                        .zip(x.chunks_exact_mut(size))
                        .enumerate()
                    {
                        let own = row * size..(row + 1) * size;
                        if let Some(bias) = before.bias {
                            x.iter_mut().zip(bias).for_each(|(x, b)| *x += b);
                        }
                        if let Some(factors) = &factors {
                            let factors = &factors[own.clone()];
                            x.iter_mut().zip(factors).for_each(|(x, f)| *x *= f);
                        }
                        if let Some(residual) = residual {
                            let residual = &residual[own];
                            x.iter_mut().zip(residual).for_each(|(x, r)| *x += r);
                        }
                        self.row_forward(y, x, weight, bias);
                    }
                },
            );
        });
        Ok(())
    }

    /// With `sum` what [`Norm::forward_slices`] made of x: turns the gradient `dy` of the result
    /// into that of the sum, writes that of x before its dropout to `dx` (wanted only where there
    /// is a mask; else it is the same), and adds those of the weights, and of the bias before the
    /// dropout to `dbias_before`.
    pub(super) fn backward_slices(
        &self,
        dy: &mut [f32],
        sum: &[f32],
        masked: Option<(&Mask, &mut [f32])>,
        dbias_before: &mut [f32],
    ) -> Result<()> {
        let weight = values(self.weight.var())?;
        let weight: &[f32] = &weight;
        let size = self.size;
        let chunk = ROWS_PER_CHUNK * size;
        let (mask, dx) = masked.unzip();
        let mut no_dx: Vec<&mut [f32]> = Vec::new();
        let dx_chunks: Vec<&mut [f32]> = match dx {
            Some(dx) => dx.chunks_mut(chunk).collect(),
            None => {
                no_dx.resize_with(sum.len().div_ceil(chunk), Default::default);
                no_dx
            }
        };
        // The sums of a chunk: for the weight, the bias, and the bias before the dropout.
        let mut sums = Buffer::zeros(3 * size);
        let items = dy
            .par_chunks_mut(chunk)
            .zip(sum.par_chunks(chunk))
            .zip(dx_chunks)
            .enumerate();
        add_partial_sums(&mut sums, items, |sums, (i, ((dy, sum), dx))| {
            let factors = mask.map(|mask| chunk_factors(mask, i, size, sum.len()));
            let (dweight, sums) = sums.split_at_mut(size);
            let (dbias, dbias_before) = sums.split_at_mut(size);
            on_simd(
                #[inline(always)]
                || {
                    for (row, (dy, sum)) in dy
                        .chunks_exact_mut(size)
                        .zip(sum.chunks_exact(size))
                        .enumerate()
                    {
                        self.row_backward(dy, dweight, dbias, sum, weight);
                        let own = row * size..(row + 1) * size;
                        match &factors {
                            Some(factors) => {
                                let (factors, dx) = (&factors[own.clone()], &mut dx[own]);
                                for (((dx, f), g), sum) in
                                    dx.iter_mut().zip(factors).zip(&*dy).zip(&mut *dbias_before)
                                {
                                    *dx = f * g;
                                    *sum += *dx;
                                }
                            }
                            None => {
                                dbias_before.iter_mut().zip(&*dy).for_each(|(s, g)| *s += g);
                            }
                        }
                    }
                },
            );
        });
        let (dweight, rest) = sums.split_at(size);
        let (dbias, before) = rest.split_at(size);
        self.weight.add_sums(|sums| add(sums, dweight));
        if let Some(bias) = &self.bias {
            bias.add_sums(|sums| add(sums, dbias));
        }
        add(dbias_before, before);
        Ok(())
    }

    /// Mean of the row (0 for RMSNorm) and reciprocal of its deviation from it.
    #[inline(always)]
    fn moments(&self, row: &[f32]) -> (f32, f32) {
        let n = row.len() as f32;
        let mean = if self.centres {
            sum_of(
                row,
                #[inline(always)]
                |x| x,
            ) / n
        } else {
            0.0
        };
        let variance = sum_of(
            row,
            #[inline(always)]
            |x| (x - mean) * (x - mean),
        ) / n;
        (mean, 1.0 / (variance + self.eps).sqrt())
    }

    #[inline(always)]
    fn row_forward(&self, y: &mut [f32], x: &[f32], weight: &[f32], bias: Option<&[f32]>) {
        let (mean, scale) = self.moments(x);
        for ((y, x), w) in y.iter_mut().zip(x).zip(weight) {
            *y = (x - mean) * scale * w;
        }
        if let Some(bias) = bias {
            y.iter_mut().zip(bias).for_each(|(y, b)| *y += b);
        }
    }

    /// Turns dy into dx and adds to dweight and dbias. With n = (x - mean) · scale and
    /// g = dy · weight: dx = scale · (g - mean(g) - n · mean(g · n)), without the mean for RMSNorm.
    #[inline(always)]
    fn row_backward(
        &self,
        dy: &mut [f32],
        dweight: &mut [f32],
        dbias: &mut [f32],
        x: &[f32],
        weight: &[f32],
    ) {
        let (mean, scale) = self.moments(x);
        for (((g, x), w), (dw, db)) in dy
            .iter_mut()
            .zip(x)
            .zip(weight)
            .zip(dweight.iter_mut().zip(dbias))
        {
            *dw += *g * (x - mean) * scale;
            *db += *g;
            *g *= w;
        }
        let size = x.len() as f32;
        let mean_g = if self.centres {
            sum_of(
                dy,
                #[inline(always)]
                |g| g,
            ) / size
        } else {
            0.0
        };
        let mean_gn = sum_of2(
            dy,
            x,
            #[inline(always)]
            |g, x| g * (x - mean) * scale,
        ) / size;
        for (g, x) in dy.iter_mut().zip(x) {
            *g = scale * (*g - mean_g - (x - mean) * scale * mean_gn);
        }
    }
}

/// The mask's factors on the rows of chunk `i`, whose values number `len`.
fn chunk_factors(mask: &Mask, i: usize, size: usize, len: usize) -> Buffer {
    let mut factors = Buffer::any(len);
    on_simd(
        #[inline(always)]
        || mask.factors(i * ROWS_PER_CHUNK * size, &mut factors),
    );
    factors
}

/// Inputs: x (rows, size), perhaps a residual like it, and an anchor (see [`anchor`]).
struct NormOp {
    norm: Norm,
    mask: Option<Mask>,
}

impl NormOp {
    /// x as it is to be normalised.
    fn sum(&self, x: &[f32], residual: Option<&[f32]>, y: &mut [f32]) -> Result<Buffer> {
        let mut sum = Buffer::any(x.len());
        sum.copy_from_slice(x);
        let before = Before {
            bias: None,
            mask: self.mask.as_ref(),
            residual,
        };
        self.norm.forward_slices(y, &mut sum, before)?;
        Ok(sum)
    }

    fn forward(&self, x: &[f32], residual: Option<&[f32]>) -> Result<CpuStorage> {
        let mut y = vec![0.0; x.len()];
        self.sum(x, residual, &mut y)?;
        Ok(CpuStorage::F32(y))
    }

    /// Gradients of x and of the residual.
    fn backward(
        &self,
        x: &Tensor,
        residual: Option<&Tensor>,
        grad: &Tensor,
    ) -> Result<[Vec<f32>; 2]> {
        let grad = grad.contiguous()?;
        let mut dsum = values(&grad)?.to_vec();
        let sum = {
            let x = values(x)?;
            let residual = residual.map(values).transpose()?;
            let mut unused = Buffer::any(x.len());
            self.sum(&x, residual.as_deref(), &mut unused)?
        };
        let mut dx = vec![0.0; if self.mask.is_some() { dsum.len() } else { 0 }];
        let masked = self.mask.as_ref().map(|mask| (mask, &mut dx[..]));
        let mut no_bias = Buffer::zeros(self.norm.size);
        self.norm
            .backward_slices(&mut dsum, &sum, masked, &mut no_bias)?;
        if self.mask.is_none() {
            dx.clone_from(&dsum);
        }
        Ok([dx, dsum])
    }
}

impl CustomOp2 for NormOp {
    fn name(&self) -> &'static str {
        "norm"
    }

    fn cpu_fwd(
        &self,
        x: &CpuStorage,
        layout: &Layout,
        _: &CpuStorage,
        _: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        Ok((
            self.forward(slice(x, layout)?, None)?,
            layout.shape().clone(),
        ))
    }

    fn bwd(
        &self,
        x: &Tensor,
        _anchor: &Tensor,
        _y: &Tensor,
        grad: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>)> {
        let [dx, _] = self.backward(x, None, grad)?;
        Ok((Some(tensor_like(dx, x)?).filter(|_| x.track_op()), None))
    }
}

impl CustomOp3 for NormOp {
    fn name(&self) -> &'static str {
        "add-norm"
    }

    fn cpu_fwd(
        &self,
        x: &CpuStorage,
        layout: &Layout,
        residual: &CpuStorage,
        residual_layout: &Layout,
        _: &CpuStorage,
        _: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let residual = slice(residual, residual_layout)?;
        let y = self.forward(slice(x, layout)?, Some(residual))?;
        Ok((y, layout.shape().clone()))
    }

    fn bwd(
        &self,
        x: &Tensor,
        residual: &Tensor,
        _anchor: &Tensor,
        _y: &Tensor,
        grad: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>, Option<Tensor>)> {
        let [dx, dresidual] = self.backward(x, Some(residual), grad)?;
        Ok((
            Some(tensor_like(dx, x)?).filter(|_| x.track_op()),
            Some(tensor_like(dresidual, residual)?).filter(|_| residual.track_op()),
            None,
        ))
    }
}
