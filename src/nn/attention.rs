//! Scaled dot-product attention over packed sequences (Vaswani et al. 2017, arXiv:1706.03762).

use std::ops::Range;
use std::sync::Arc;

use candle_core::{CpuStorage, CustomOp3, Layout, Result, Shape, Tensor, bail};
use rayon::prelude::*;

use super::Pass;
use super::buffers::{slice, tensor_like, values};
use super::dropout::{Mask, PER_BLOCK};
use super::matmul::{Matrix, Threads, Write, matmul};
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
    let mask = Mask::new(dropout, pass.next_stream());
    q.apply_op3(
        k,
        v,
        AttentionOp {
            offsets: Arc::clone(offsets),
            heads,
            mask,
        },
    )
}

/// Inputs q, k, v. Probabilities are computed again in the backward pass instead of being kept:
/// they cost little and would be the largest part of a long batch's memory.
struct AttentionOp {
    offsets: Arc<[usize]>,
    heads: usize,
    mask: Option<Mask>,
}

/// One head of one sequence: where its numbers lie.
#[derive(Clone, Copy)]
struct Head {
    length: usize,
    size: usize,
    /// Values per row of q, k and v.
    stride: usize,
    /// Number of the head's first probability in the batch, for the dropout mask.
    first_probability: usize,
}

impl Head {
    fn matrix(self, data: &[f32]) -> Matrix<'_> {
        Matrix::strided(data, self.length, self.size, self.stride)
    }

    fn square(self, data: &[f32]) -> Matrix<'_> {
        Matrix::dense(data, self.length, self.length)
    }

    fn scale(self) -> f32 {
        1.0 / (self.size as f32).sqrt()
    }

    /// softmax(q · kᵀ · scale), row by row, into `p` (length, length).
    fn probabilities(self, p: &mut [f32], q: &[f32], k: &[f32]) {
        let (q, k) = (self.matrix(q), self.matrix(k));
        matmul(
            p,
            self.length,
            Write::Set,
            self.scale(),
            q,
            k.t(),
            Threads::One,
        );
        on_simd(|| p.chunks_exact_mut(self.length).for_each(softmax));
    }
}

#[inline(always)]
fn softmax(row: &mut [f32]) {
    let top = max(row);
    for x in row.iter_mut() {
        *x = exp(*x - top);
    }
    let scale = 1.0 / sum_of(row, |x| x);
    for x in row.iter_mut() {
        *x *= scale;
    }
}

impl AttentionOp {
    fn sequences(&self) -> impl Iterator<Item = Range<usize>> {
        self.offsets.windows(2).map(|pair| pair[0]..pair[1])
    }

    /// For each sequence the number of its first probability, each head's share rounded up so that
    /// heads begin at whole blocks of the generator.
    fn first_probabilities(&self) -> Vec<usize> {
        let mut next = 0;
        let step = |rows: Range<usize>| {
            let first = next;
            next += self.heads * (rows.len() * rows.len()).next_multiple_of(PER_BLOCK);
            first
        };
        self.sequences().map(step).collect()
    }

    /// The heads of the sequence whose rows are `rows`, each with the offset of its first column.
    fn heads_of(
        &self,
        rows: &Range<usize>,
        first_probability: usize,
        stride: usize,
    ) -> impl Iterator<Item = (usize, Head)> {
        let (length, size) = (rows.len(), stride / self.heads);
        let per_head = (length * length).next_multiple_of(PER_BLOCK);
        (0..self.heads).map(move |head| {
            let first_probability = first_probability + head * per_head;
            (
                head * size,
                Head {
                    length,
                    size,
                    stride,
                    first_probability,
                },
            )
        })
    }

    /// Cuts a (tokens, stride) buffer into one slice per sequence.
    fn split<'a>(&self, mut data: &'a mut [f32], stride: usize) -> Vec<&'a mut [f32]> {
        let mut parts = Vec::with_capacity(self.offsets.len());
        for rows in self.sequences() {
            let (part, rest) = data.split_at_mut(rows.len() * stride);
            parts.push(part);
            data = rest;
        }
        parts
    }

    fn forward(&self, q: &[f32], k: &[f32], v: &[f32], stride: usize) -> Vec<f32> {
        let mut out = vec![0.0; q.len()];
        let work: Vec<_> = self
            .split(&mut out, stride)
            .into_iter()
            .zip(self.sequences())
            .zip(self.first_probabilities())
            .collect();
        work.into_par_iter().for_each(|((out, rows), first)| {
            let mut p = vec![0.0; rows.len() * rows.len()];
            let mut factors = vec![0.0; if self.mask.is_some() { p.len() } else { 0 }];
            let start = rows.start * stride;
            for (column, head) in self.heads_of(&rows, first, stride) {
                let at = start + column;
                head.probabilities(&mut p, &q[at..], &k[at..]);
                if let Some(mask) = &self.mask {
                    on_simd(|| {
                        mask.factors(head.first_probability, &mut factors);
                        p.iter_mut()
                            .zip(&factors)
                            .for_each(|(p, factor)| *p *= factor);
                    });
                }
                let out = &mut out[column..];
                let (p, v) = (head.square(&p), head.matrix(&v[at..]));
                matmul(out, stride, Write::Set, 1.0, p, v, Threads::One);
            }
        });
        out
    }

    /// Gradients of q, k and v. With P the probabilities and D = P ∘ mask what met v:
    /// dV = Dᵀ dO, dP = (dO Vᵀ) ∘ mask, dS = P ∘ (dP - rowsum(dP ∘ P)), dQ = s dS K, dK = s dSᵀ Q.
    fn backward(
        &self,
        q: &[f32],
        k: &[f32],
        v: &[f32],
        dout: &[f32],
        stride: usize,
    ) -> [Vec<f32>; 3] {
        let mut grads = [(); 3].map(|()| vec![0.0; q.len()]);
        let [dq, dk, dv] = &mut grads;
        let work: Vec<_> = self
            .split(dq, stride)
            .into_iter()
            .zip(self.split(dk, stride))
            .zip(self.split(dv, stride))
            .zip(self.sequences().zip(self.first_probabilities()))
            .collect();
        work.into_par_iter()
            .for_each(|(((dq, dk), dv), (rows, first))| {
                let squares = rows.len() * rows.len();
                let (mut p, mut dropped, mut dp) =
                    (vec![0.0; squares], vec![0.0; squares], vec![0.0; squares]);
                let start = rows.start * stride;
                for (column, head) in self.heads_of(&rows, first, stride) {
                    let at = start + column;
                    let (q, k, v, dout) = (&q[at..], &k[at..], &v[at..], head.matrix(&dout[at..]));
                    head.probabilities(&mut p, q, k);
                    matmul(
                        &mut dp,
                        head.length,
                        Write::Set,
                        1.0,
                        dout,
                        head.matrix(v).t(),
                        Threads::One,
                    );
                    match &self.mask {
                        Some(mask) => on_simd(|| {
                            mask.factors(head.first_probability, &mut dropped);
                            for ((factor, dp), p) in dropped.iter_mut().zip(&mut dp).zip(&p) {
                                *dp *= *factor;
                                *factor *= p;
                            }
                        }),
                        None => dropped.copy_from_slice(&p),
                    }
                    let dropped = head.square(&dropped);
                    matmul(
                        &mut dv[column..],
                        stride,
                        Write::Set,
                        1.0,
                        dropped.t(),
                        dout,
                        Threads::One,
                    );
                    on_simd(|| softmax_gradient(&mut dp, &p, head.length));
                    let (ds, scale) = (head.square(&dp), head.scale());
                    matmul(
                        &mut dq[column..],
                        stride,
                        Write::Set,
                        scale,
                        ds,
                        head.matrix(k),
                        Threads::One,
                    );
                    matmul(
                        &mut dk[column..],
                        stride,
                        Write::Set,
                        scale,
                        ds.t(),
                        head.matrix(q),
                        Threads::One,
                    );
                }
            });
        grads
    }

    fn check(&self, q: &Layout) -> Result<usize> {
        let (tokens, stride) = q.shape().dims2()?;
        if self.offsets.last() != Some(&tokens) || !stride.is_multiple_of(self.heads) {
            bail!("attention: {tokens} tokens of {stride} do not fit the sequences or heads");
        }
        Ok(stride)
    }
}

#[inline(always)]
fn softmax_gradient(dp: &mut [f32], p: &[f32], length: usize) {
    for (dp, p) in dp.chunks_exact_mut(length).zip(p.chunks_exact(length)) {
        let dot = sum_of2(dp, p, |dp, p| dp * p);
        for (dp, p) in dp.iter_mut().zip(p) {
            *dp = p * (*dp - dot);
        }
    }
}

impl CustomOp3 for AttentionOp {
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
        let stride = self.check(q_layout)?;
        let out = self.forward(
            slice(q, q_layout)?,
            slice(k, k_layout)?,
            slice(v, v_layout)?,
            stride,
        );
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
        let stride = q.dim(1)?;
        let [dq, dk, dv] = self.backward(
            &values(q)?,
            &values(k)?,
            &values(v)?,
            &values(&grad)?,
            stride,
        );
        Ok((
            Some(tensor_like(dq, q)?),
            Some(tensor_like(dk, k)?),
            Some(tensor_like(dv, v)?),
        ))
    }
}
