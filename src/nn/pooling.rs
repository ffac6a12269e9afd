//! From the rows of all tokens to one row per sequence.

use std::sync::Arc;

use candle_core::{CpuStorage, CustomOp1, Layout, Result, Shape, Tensor, bail};
use rayon::prelude::*;

use super::Pass;
use super::buffers::{slice, tensor_like, values};
use super::embedding::select_rows;
use super::rows::add;

/// The row of the first token of each sequence: x (tokens, size) to (sequences, size). Sequence i
/// owns the rows `offsets[i]..offsets[i + 1]`.
pub fn first_rows(x: &Tensor, offsets: &Arc<[usize]>, pass: &Pass) -> Result<Tensor> {
    if pass.has_kernels_for(x) {
        return x.apply_op1(PoolingOp {
            offsets: Arc::clone(offsets),
            pooling: Pooling::First,
        });
    }
    let first: Vec<u32> = ranges(offsets).map(|range| range.start as u32).collect();
    select_rows(x, &first)
}

/// The mean of the rows of each sequence: x (tokens, size) to (sequences, size). Sequence i owns
/// the rows `offsets[i]..offsets[i + 1]`.
pub fn mean_rows(x: &Tensor, offsets: &Arc<[usize]>, pass: &Pass) -> Result<Tensor> {
    if pass.has_kernels_for(x) {
        return x.apply_op1(PoolingOp {
            offsets: Arc::clone(offsets),
            pooling: Pooling::Mean,
        });
    }
    let means = ranges(offsets).map(|range| {
        let rows = x.narrow(0, range.start, range.len())?;
        rows.mean_keepdim(0)
    });
    Tensor::cat(&means.collect::<Result<Vec<_>>>()?, 0)
}

fn ranges(offsets: &[usize]) -> impl Iterator<Item = std::ops::Range<usize>> {
    offsets.windows(2).map(|pair| pair[0]..pair[1])
}

#[derive(Clone, Copy)]
enum Pooling {
    First,
    Mean,
}

struct PoolingOp {
    offsets: Arc<[usize]>,
    pooling: Pooling,
}

impl CustomOp1 for PoolingOp {
    fn name(&self) -> &'static str {
        "pooling"
    }

    fn cpu_fwd(&self, x: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let (tokens, size) = layout.shape().dims2()?;
        if self.offsets.last() != Some(&tokens) {
            bail!("pooling: {tokens} tokens do not fit the sequences");
        }
        let x = slice(x, layout)?;
        let sequences = self.offsets.len() - 1;
        let mut y = vec![0.0; sequences * size];
        let rows = y
            .par_chunks_exact_mut(size)
            .zip(self.offsets.par_windows(2));
        rows.for_each(|(y, pair)| {
            let own = &x[pair[0] * size..pair[1] * size];
            match self.pooling {
                Pooling::First => y.copy_from_slice(&own[..size]),
                Pooling::Mean => {
                    own.chunks_exact(size).for_each(|row| add(y, row));
                    let share = 1.0 / (pair[1] - pair[0]) as f32;
                    y.iter_mut().for_each(|y| *y *= share);
                }
            }
        });
        Ok((CpuStorage::F32(y), Shape::from((sequences, size))))
    }

    fn bwd(&self, x: &Tensor, _y: &Tensor, grad: &Tensor) -> Result<Option<Tensor>> {
        let grad = grad.contiguous()?;
        let size = grad.dim(1)?;
        let dy = values(&grad)?;
        let mut dx = vec![0.0; x.elem_count()];
        for (range, dy) in ranges(&self.offsets).zip(dy.chunks_exact(size)) {
            let own = &mut dx[range.start * size..range.end * size];
            match self.pooling {
                Pooling::First => own[..size].copy_from_slice(dy),
                Pooling::Mean => {
                    let share = 1.0 / range.len() as f32;
                    for row in own.chunks_exact_mut(size) {
                        row.iter_mut().zip(dy).for_each(|(x, dy)| *x = share * dy);
                    }
                }
            }
        }
        tensor_like(dx, x).map(Some)
    }
}
