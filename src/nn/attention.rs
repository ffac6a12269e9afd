//! Scaled dot-product attention over packed sequences (Vaswani et al. 2017, arXiv:1706.03762).

use std::ops::Range;
use std::sync::Arc;

use candle_core::{CpuStorage, CustomOp3, D, Device, Layout, Result, Shape, Tensor, bail};
use rayon::prelude::*;

use super::Pass;
use super::buffers::{Buffer, slice, tensor_like, values};
use super::dropout::{GROUP, Mask};
use super::matmul::Target;
use super::tile::{PAD, Product};
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
        window: None,
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
    /// How far to each side a token looks; everywhere when `None`. The first of a sequence's
    /// queries is its first token's, the second its second's.
    pub window: Option<usize>,
    /// Dropout of the probabilities.
    pub mask: Option<Mask>,
}

/// One head of one sequence: where its numbers lie.
#[derive(Clone)]
pub(super) struct Head {
    /// Rows of q.
    pub queries: Range<usize>,
    /// Rows of k and v.
    pub keys: Range<usize>,
    /// First column.
    pub column: usize,
    /// Columns.
    pub size: usize,
    /// Values per row of q, k and v.
    pub stride: usize,
    /// How far a query looks.
    window: Option<usize>,
    /// Number of the head's first probability in the batch, for the dropout mask.
    first_probability: usize,
}

impl Head {
    /// The keys that a query sees, counted from the sequence's first.
    fn seen(&self, query: usize) -> Range<usize> {
        let keys = self.keys.len();
        match self.window {
            Some(window) => query.saturating_sub(window)..keys.min(query + window + 1),
            None => 0..keys,
        }
    }

    /// Columns of a padded row per dimension of the head.
    pub(super) fn wide(&self) -> usize {
        self.size.next_multiple_of(PAD)
    }

    /// Columns of a padded row per key.
    pub(super) fn wide_keys(&self) -> usize {
        self.keys.len().next_multiple_of(PAD)
    }

    /// This head's part of a matrix that has a row per query (or key), rows padded with zeros.
    pub(super) fn rows(&self, data: &[f32], rows: &Range<usize>) -> Buffer {
        let wide = self.wide();
        let mut own = Buffer::any(rows.len() * wide);
        for (own, row) in own.chunks_exact_mut(wide).zip(rows.clone()) {
            let (values, padding) = own.split_at_mut(self.size);
            values.copy_from_slice(&data[row * self.stride + self.column..][..self.size]);
            padding.fill(0.0);
        }
        own
    }

    /// This head's part of a matrix that has a row per key as (size, keys), rows padded with zeros.
    pub(super) fn transposed_keys(&self, data: &[f32]) -> Buffer {
        let wide = self.wide_keys();
        let mut own = Buffer::zeros(self.size * wide);
        for (i, key) in self.keys.clone().enumerate() {
            let values = &data[key * self.stride + self.column..][..self.size];
            for (d, &value) in values.iter().enumerate() {
                own[d * wide + i] = value;
            }
        }
        own
    }

    pub(super) fn scale(&self) -> f32 {
        1.0 / (self.size as f32).sqrt()
    }

    /// x · keysᵀ for x with a row per query and `keys` as [`Head::transposed_keys`] gives them:
    /// (queries, padded keys).
    pub(super) fn against_keys(&self, x: &[f32], keys: &[f32], scale: f32) -> Buffer {
        let (m, n) = (self.queries.len(), self.wide_keys());
        let mut out = Buffer::any(m * n);
        Product {
            out: &mut out,
            a: &x[self.queries.start * self.stride + self.column..],
            a_strides: [self.stride, 1],
            b: keys,
            sizes: [m, self.size, n],
            scale,
        }
        .run();
        out
    }

    /// pairs · rows, for `pairs` (queries, padded keys) and padded rows per key: (queries, size).
    pub(super) fn mix_keys(&self, pairs: &[f32], rows: &[f32], scale: f32) -> Buffer {
        let (m, k, n) = (self.queries.len(), self.keys.len(), self.wide());
        let mut out = Buffer::any(m * n);
        Product {
            out: &mut out,
            a: pairs,
            a_strides: [self.wide_keys(), 1],
            b: rows,
            sizes: [m, k, n],
            scale,
        }
        .run();
        out
    }

    /// pairsᵀ · rows, for `pairs` (queries, padded keys) and padded rows per query: (keys, size).
    pub(super) fn mix_queries(&self, pairs: &[f32], rows: &[f32], scale: f32) -> Buffer {
        let (m, k, n) = (self.keys.len(), self.queries.len(), self.wide());
        let mut out = Buffer::any(m * n);
        Product {
            out: &mut out,
            a: pairs,
            a_strides: [1, self.wide_keys()],
            b: rows,
            sizes: [m, k, n],
            scale,
        }
        .run();
        out
    }

    /// softmax(q · kᵀ · scale), (queries, padded keys).
    fn probabilities(&self, q: &[f32], k: &[f32]) -> Buffer {
        let mut p = self.against_keys(q, &self.transposed_keys(k), self.scale());
        self.softmax(&mut p);
        p
    }

    /// Softmax over the keys that each query sees, of scores (queries, padded keys).
    pub(super) fn softmax(&self, scores: &mut [f32]) {
        on_simd(
            #[inline(always)]
            || {
                let wide = self.wide_keys();
                for (query, row) in scores.chunks_exact_mut(wide).enumerate() {
                    // Whole rows are registers: padding that weighs nothing is cheaper than none.
                    let seen = self.seen(query);
                    row[..seen.start].fill(f32::NEG_INFINITY);
                    row[seen.end..].fill(f32::NEG_INFINITY);
                }
                for rows in scores.chunks_mut(TOGETHER * wide) {
                    softmax(rows, wide);
                }
            },
        );
    }

    /// What is to be added to scores so that unseen keys weigh nothing, (queries, keys).
    fn unseen(&self, device: &Device) -> Result<Tensor> {
        let (queries, keys) = (self.queries.len(), self.keys.len());
        let mut added = vec![f32::NEG_INFINITY; queries * keys];
        for (query, row) in added.chunks_exact_mut(keys).enumerate() {
            row[self.seen(query)].fill(0.0);
        }
        Tensor::from_vec(added, (queries, keys), device)
    }

    /// The mask's factors, (queries, keys) without padding.
    pub(super) fn factors(&self, mask: &Mask) -> Buffer {
        let mut factors = Buffer::any(self.queries.len() * self.keys.len());
        on_simd(
            #[inline(always)]
            || mask.factors(self.first_probability, &mut factors),
        );
        factors
    }

    /// Multiplies the values of a (queries, padded keys) matrix with factors without padding.
    pub(super) fn scale_by(&self, pairs: &mut [f32], factors: &[f32]) {
        let rows = pairs.chunks_exact_mut(self.wide_keys());
        on_simd(
            #[inline(always)]
            || {
                for (row, factors) in rows.zip(factors.chunks_exact(self.keys.len())) {
                    row.iter_mut().zip(factors).for_each(|(x, f)| *x *= f);
                }
            },
        );
    }
}

/// Rows whose sums and maxima are taken one right after the other: each is a chain of operations
/// that wait for each other, and the processor works at several chains at once.
const TOGETHER: usize = 8;

/// Softmax of at most [`TOGETHER`] rows of `wide` values.
#[inline(always)]
fn softmax(rows: &mut [f32], wide: usize) {
    let mut tops = [0.0; TOGETHER];
    for (row, top) in rows.chunks_exact(wide).zip(&mut tops) {
        *top = max(row);
    }
    for (row, top) in rows.chunks_exact_mut(wide).zip(tops) {
        for x in row {
            *x = exp(*x - top);
        }
    }
    let mut sums = [0.0; TOGETHER];
    for (row, sum) in rows.chunks_exact(wide).zip(&mut sums) {
        *sum = sum_of(
            row,
            #[inline(always)]
            |x| x,
        );
    }
    for (row, sum) in rows.chunks_exact_mut(wide).zip(sums) {
        let scale = 1.0 / sum;
        for x in row {
            *x *= scale;
        }
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
    pub(super) fn all_heads(&self, stride: usize) -> Vec<Head> {
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
                    window: self.window,
                    first_probability,
                };
                let pairs = head.queries.len() * head.keys.len();
                first_probability += pairs.next_multiple_of(GROUP);
                heads.push(head);
            }
        }
        heads
    }

    /// A head's part of `matrix` for each of [`Attention::all_heads`].
    pub(super) fn split<'a>(
        &self,
        matrix: &'a mut [f32],
        offsets: &'a [usize],
        stride: usize,
    ) -> Vec<Target<'a>> {
        let rows = matrix.len() / stride;
        let size = stride / self.heads;
        let columns: Vec<usize> = (0..=self.heads).map(|head| head * size).collect();
        Target::dense(matrix, rows, stride)
            .split_rows(offsets)
            .flat_map(|sequence| sequence.split_columns(&columns).collect::<Vec<_>>())
            .collect()
    }

    /// Writes the mixed values to `out`, which has a row per query.
    pub(super) fn forward(&self, out: &mut [f32], q: &[f32], k: &[f32], v: &[f32], stride: usize) {
        let targets = self.split(out, &self.queries, stride);
        let heads = self.all_heads(stride);
        heads
            .into_par_iter()
            .zip(targets)
            .for_each(|(head, out)| self.mix(&head, head.probabilities(q, k), v, out));
    }

    /// Writes the values mixed by the probabilities `p`, which are dropped here, to `out`.
    pub(super) fn mix(&self, head: &Head, mut p: Buffer, v: &[f32], mut out: Target<'_>) {
        if let Some(mask) = &self.mask {
            head.scale_by(&mut p, &head.factors(mask));
        }
        let mixed = head.mix_keys(&p, &head.rows(v, &head.keys), 1.0);
        out.copy_from(&mixed, head.wide());
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

    /// dQ = s dS K and dK = s dSᵀ Q, with dS as [`Attention::score_gradient`] gives it.
    fn head_backward(
        &self,
        head: &Head,
        targets: HeadTargets<'_>,
        [q, k, v]: [&[f32]; 3],
        dout: &[f32],
    ) {
        let HeadTargets { mut dq, mut dk, dv } = targets;
        let p = head.probabilities(q, k);
        let ds = self.score_gradient(head, &p, v, dout, dv);
        let (wide, scale) = (head.wide(), head.scale());
        dq.copy_from(&head.mix_keys(&ds, &head.rows(k, &head.keys), scale), wide);
        dk.copy_from(
            &head.mix_queries(&ds, &head.rows(q, &head.queries), scale),
            wide,
        );
    }

    /// The gradient dS of what went into the softmax, (queries, padded keys); that of v is written.
    /// With P the probabilities and D = P ∘ mask what met v:
    /// dV = Dᵀ dO, dP = (dO Vᵀ) ∘ mask, dS = P ∘ (dP - rowsum(dP ∘ P)).
    pub(super) fn score_gradient(
        &self,
        head: &Head,
        p: &[f32],
        v: &[f32],
        dout: &[f32],
        mut dv: Target<'_>,
    ) -> Buffer {
        let mut dp = head.against_keys(dout, &head.transposed_keys(v), 1.0);
        let dropped = self.mask.as_ref().map(|mask| {
            let mut dropped = Buffer::any(p.len());
            dropped.copy_from_slice(p);
            let factors = head.factors(mask);
            head.scale_by(&mut dropped, &factors);
            head.scale_by(&mut dp, &factors);
            dropped
        });
        let met_v = dropped.as_deref().unwrap_or(p);
        dv.copy_from(
            &head.mix_queries(met_v, &head.rows(dout, &head.queries), 1.0),
            head.wide(),
        );
        softmax_gradient(&mut dp, p, head.wide_keys());
        dp
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
            let mut scores = (scores / (size as f64).sqrt())?;
            if self.window.is_some() {
                let unseen = heads[0].unseen(scores.device())?;
                scores = scores.broadcast_add(&unseen.to_dtype(scores.dtype())?)?;
            }
            let mut p = candle_nn::ops::softmax(&scores, D::Minus1)?;
            if let Some(mask) = &self.mask {
                let mut factors = Vec::with_capacity(p.elem_count());
                for head in heads {
                    factors.extend_from_slice(&head.factors(mask));
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

/// From the gradient of probabilities to that of scores, in rows of `wide` values.
pub(super) fn softmax_gradient(dp: &mut [f32], p: &[f32], wide: usize) {
    on_simd(
        #[inline(always)]
        || {
            let rows = dp.chunks_mut(TOGETHER * wide);
            for (dp, p) in rows.zip(p.chunks(TOGETHER * wide)) {
                softmax_gradient_together(dp, p, wide);
            }
        },
    );
}

/// The same for at most [`TOGETHER`] rows.
#[inline(always)]
fn softmax_gradient_together(dp: &mut [f32], p: &[f32], wide: usize) {
    let mut dots = [0.0; TOGETHER];
    let rows = dp.chunks_exact(wide).zip(p.chunks_exact(wide));
    for ((dp, p), dot) in rows.zip(&mut dots) {
        *dot = sum_of2(
            dp,
            p,
            #[inline(always)]
            |dp, p| dp * p,
        );
    }
    let rows = dp.chunks_exact_mut(wide).zip(p.chunks_exact(wide));
    for ((dp, p), dot) in rows.zip(dots) {
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
