//! Scaled dot-product attention over packed sequences (Vaswani et al. 2017, arXiv:1706.03762).

use std::ops::Range;
use std::sync::Arc;

use candle_core::{CpuStorage, CustomOp3, D, Layout, Result, Shape, Tensor, bail};
use rayon::prelude::*;

use super::Pass;
use super::buffers::{Buffer, slice, tensor_like, values};
use super::dropout::{GROUP, Mask};
use super::matmul::{Matrix, Target, Threads, Write, matmul};
use super::vector::{exp, max, on_simd, sum_of, sum_of2};

/// softmax(q · kᵀ / √d) · v within each sequence and head, with dropout on the probabilities.
///
/// q, k and v are (tokens, heads · d); sequence i owns the rows `offsets[i]..offsets[i + 1]`.
pub fn attention(
    q: &Tensor,
    k: &Tensor,
    v: &Tensor,
    offsets: &Arc<[usize]>,
    heads: usize,
    dropout: f64,
    pass: &Pass,
) -> Result<Tensor> {
    let attention = Attention {
        queries: Arc::clone(offsets),
        keys: Arc::clone(offsets),
        heads,
        mask: Mask::new(dropout, pass.next_stream()),
    };
    if pass.has_kernels_for(q) {
        q.apply_op3(k, v, attention)
    } else {
        attention.composed(q, k, v)
    }
}

/// Attention with everything but its inputs fixed. Probabilities are computed again in the backward
/// pass instead of being kept: they cost little and would be the largest part of a long batch's
/// memory.
pub(super) struct Attention {
    /// Where each sequence's queries begin; the last is their number.
    pub queries: Arc<[usize]>,
    /// Where each sequence's keys and values begin; the last is their number.
    pub keys: Arc<[usize]>,
    /// Number of heads.
    pub heads: usize,
    /// Dropout of the probabilities.
    pub mask: Option<Mask>,
}

/// One head of one sequence: where its numbers lie.
#[derive(Clone)]
struct Head {
    queries: Range<usize>,
    keys: Range<usize>,
    /// First column, and columns.
    column: usize,
    size: usize,
    /// Values per row of q, k and v.
    stride: usize,
    /// Number of the head's first probability in the batch, for the dropout mask.
    first_probability: usize,
}

impl Head {
    /// This head's part of a matrix that has a row per query (or key).
    fn part<'a>(&self, data: &'a [f32], rows: &Range<usize>) -> Matrix<'a> {
        let data = &data[rows.start * self.stride + self.column..];
        Matrix::strided(data, rows.len(), self.size, self.stride)
    }

    /// A (queries, keys) matrix.
    fn square<'a>(&self, data: &'a [f32]) -> Matrix<'a> {
        Matrix::dense(data, self.queries.len(), self.keys.len())
    }

    fn square_target<'a>(&self, data: &'a mut [f32]) -> Target<'a> {
        Target::dense(data, self.queries.len(), self.keys.len())
    }

    fn pairs(&self) -> usize {
        self.queries.len() * self.keys.len()
    }

    fn scale(&self) -> f32 {
        1.0 / (self.size as f32).sqrt()
    }

    /// softmax(q · kᵀ · scale), row by row.
    fn probabilities(&self, q: &[f32], k: &[f32]) -> Buffer {
        let mut p = Buffer::any(self.pairs());
        let (q, k) = (self.part(q, &self.queries), self.part(k, &self.keys));
        let target = self.square_target(&mut p);
        matmul(target, Write::Set, self.scale(), q, k.t(), Threads::One);
        on_simd(
            #[inline(always)]
            || {
                for row in p.chunks_exact_mut(self.keys.len()) {
                    softmax(row);
                }
            },
        );
        p
    }
}

#[inline(always)]
fn softmax(row: &mut [f32]) {
    let top = max(row);
    for x in row.iter_mut() {
        *x = exp(*x - top);
    }
    let scale = 1.0
        / sum_of(
            row,
            #[inline(always)]
            |x| x,
        );
    for x in row.iter_mut() {
        *x *= scale;
    }
}

/// Gradients of a head's inputs.
struct HeadTargets<'a> {
    dq: Target<'a>,
    dk: Target<'a>,
    dv: Target<'a>,
}

impl Attention {
    /// The heads of all sequences. For the dropout mask each head's probabilities begin at a whole
    /// group of the generator.
    fn all_heads(&self, stride: usize) -> Vec<Head> {
        let size = stride / self.heads;
        let sequences = self.queries.windows(2).zip(self.keys.windows(2));
        let mut first_probability = 0;
        let mut heads = Vec::with_capacity(sequences.len() * self.heads);
        for (queries, keys) in sequences {
            for head in 0..self.heads {
                let head = Head {
                    queries: queries[0]..queries[1],
                    keys: keys[0]..keys[1],
                    column: head * size,
                    size,
                    stride,
                    first_probability,
                };
                first_probability += head.pairs().next_multiple_of(GROUP);
                heads.push(head);
            }
        }
        heads
    }

    /// A head's part of `matrix` for each of [`Attention::all_heads`].
    fn split<'a>(
        &self,
        matrix: &'a mut [f32],
        offsets: &'a [usize],
        stride: usize,
    ) -> Vec<Target<'a>> {
        let rows = matrix.len() / stride;
        Target::dense(matrix, rows, stride)
            .split_rows(offsets)
            .flat_map(|sequence| sequence.split_columns(stride / self.heads))
            .collect()
    }

    /// Writes the mixed values to `out`, which has a row per query.
    pub(super) fn forward(&self, out: &mut [f32], q: &[f32], k: &[f32], v: &[f32], stride: usize) {
        let targets = self.split(out, &self.queries, stride);
        let heads = self.all_heads(stride);
        heads.into_par_iter().zip(targets).for_each(|(head, out)| {
            let mut p = head.probabilities(q, k);
            if let Some(mask) = &self.mask {
                let mut factors = Buffer::any(p.len());
                on_simd(
                    #[inline(always)]
                    || {
                        mask.factors(head.first_probability, &mut factors);
                        p.iter_mut().zip(&*factors).for_each(|(p, f)| *p *= f);
                    },
                );
            }
            let v = head.part(v, &head.keys);
            matmul(out, Write::Set, 1.0, head.square(&p), v, Threads::One);
        });
    }

    /// Writes the gradients of q, k and v.
    pub(super) fn backward(
        &self,
        [dq, dk, dv]: [&mut [f32]; 3],
        [q, k, v]: [&[f32]; 3],
        dout: &[f32],
        stride: usize,
    ) {
        let dq = self.split(dq, &self.queries, stride);
        let dk = self.split(dk, &self.keys, stride);
        let dv = self.split(dv, &self.keys, stride);
        let targets = dq.into_par_iter().zip(dk).zip(dv);
        let heads = self.all_heads(stride).into_par_iter();
        heads.zip(targets).for_each(|(head, ((dq, dk), dv))| {
            self.head_backward(&head, HeadTargets { dq, dk, dv }, [q, k, v], dout);
        });
    }

    /// With P the probabilities and D = P ∘ mask what met v:
    /// dV = Dᵀ dO, dP = (dO Vᵀ) ∘ mask, dS = P ∘ (dP - rowsum(dP ∘ P)), dQ = s dS K, dK = s dSᵀ Q.
    fn head_backward(
        &self,
        head: &Head,
        targets: HeadTargets<'_>,
        [q, k, v]: [&[f32]; 3],
        dout: &[f32],
    ) {
        let p = head.probabilities(q, k);
        let dout = head.part(dout, &head.queries);
        let [q, k, v] = [
            head.part(q, &head.queries),
            head.part(k, &head.keys),
            head.part(v, &head.keys),
        ];
        let mut dp = Buffer::any(p.len());
        let target = head.square_target(&mut dp);
        matmul(target, Write::Set, 1.0, dout, v.t(), Threads::One);
        let dropped = self.mask.as_ref().map(|mask| {
            let mut dropped = Buffer::any(p.len());
            on_simd(
                #[inline(always)]
                || {
                    mask.factors(head.first_probability, &mut dropped);
                    for ((factor, dp), p) in dropped.iter_mut().zip(&mut *dp).zip(&*p) {
                        *dp *= *factor;
                        *factor *= p;
                    }
                },
            );
            dropped
        });
        let met_v = head.square(dropped.as_deref().unwrap_or(&p));
        matmul(targets.dv, Write::Set, 1.0, met_v.t(), dout, Threads::One);
        on_simd(
            #[inline(always)]
            || softmax_gradient(&mut dp, &p, head.keys.len()),
        );
        let (ds, scale) = (head.square(&dp), head.scale());
        matmul(targets.dq, Write::Set, scale, ds, k, Threads::One);
        matmul(targets.dk, Write::Set, scale, ds.t(), q, Threads::One);
    }

    /// By candle's own differentiable operations, for devices without a kernel here.
    pub(super) fn composed(&self, q: &Tensor, k: &Tensor, v: &Tensor) -> Result<Tensor> {
        let stride = q.dim(1)?;
        let size = stride / self.heads;
        let split = |x: &Tensor, rows: &Range<usize>| {
            x.narrow(0, rows.start, rows.len())?
                .reshape((rows.len(), self.heads, size))?
                .transpose(0, 1)?
                .contiguous()
        };
        let all = self.all_heads(stride);
        let mut mixed = Vec::new();
        for heads in all.chunks(self.heads) {
            let Head { queries, keys, .. } = &heads[0];
            let scores = split(q, queries)?.matmul(&split(k, keys)?.t()?)?;
            let scores = (scores / (size as f64).sqrt())?;
            let mut p = candle_nn::ops::softmax(&scores, D::Minus1)?;
            if let Some(mask) = &self.mask {
                let mut factors = Vec::with_capacity(p.elem_count());
                for head in heads {
                    let mut own = vec![0.0; head.pairs()];
                    mask.factors(head.first_probability, &mut own);
                    factors.extend(own);
                }
                let factors = Tensor::from_vec(factors, p.shape(), p.device())?;
                p = (&p * factors.to_dtype(p.dtype())?)?;
            }
            let rows = p.matmul(&split(v, keys)?)?.transpose(0, 1)?;
            mixed.push(rows.reshape((queries.len(), stride))?);
        }
        Tensor::cat(&mixed, 0)
    }

    /// Checks that the inputs fit the sequences and heads; returns the values per row.
    fn check(&self, q: &Layout, k: &Layout) -> Result<usize> {
        let (queries, stride) = q.shape().dims2()?;
        let (keys, _) = k.shape().dims2()?;
        if self.queries.last() != Some(&queries)
            || self.keys.last() != Some(&keys)
            || !stride.is_multiple_of(self.heads)
        {
            bail!("attention: {queries} queries of {stride} do not fit the sequences or heads");
        }
        Ok(stride)
    }
}

#[inline(always)]
fn softmax_gradient(dp: &mut [f32], p: &[f32], length: usize) {
    for (dp, p) in dp.chunks_exact_mut(length).zip(p.chunks_exact(length)) {
        let dot = sum_of2(
            dp,
            p,
            #[inline(always)]
            |dp, p| dp * p,
        );
        for (dp, p) in dp.iter_mut().zip(p) {
            *dp = p * (*dp - dot);
        }
    }
}

/// Inputs q, k, v.
impl CustomOp3 for Attention {
    fn name(&self) -> &'static str {
        "attention"
    }

    fn cpu_fwd(
        &self,
        q: &CpuStorage,
        q_layout: &Layout,
        k: &CpuStorage,
        k_layout: &Layout,
        v: &CpuStorage,
        v_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let stride = self.check(q_layout, k_layout)?;
        let (q, k, v) = (
            slice(q, q_layout)?,
            slice(k, k_layout)?,
            slice(v, v_layout)?,
        );
        let mut out = vec![0.0; q.len()];
        self.forward(&mut out, q, k, v, stride);
        Ok((CpuStorage::F32(out), q_layout.shape().clone()))
    }

    fn bwd(
        &self,
        q: &Tensor,
        k: &Tensor,
        v: &Tensor,
        _out: &Tensor,
        grad: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>, Option<Tensor>)> {
        let grad = grad.contiguous()?;
        let zeros = |x: &Tensor| vec![0.0; x.elem_count()];
        let (mut dq, mut dk, mut dv) = (zeros(q), zeros(k), zeros(v));
        self.backward(
            [&mut dq, &mut dk, &mut dv],
            [&values(q)?, &values(k)?, &values(v)?],
            &values(&grad)?,
            q.dim(1)?,
        );
        Ok((
            Some(tensor_like(dq, q)?),
            Some(tensor_like(dk, k)?),
            Some(tensor_like(dv, v)?),
        ))
    }
}
