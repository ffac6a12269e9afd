//! Attention of each sequence's first token to all of its tokens, without their keys and values.
//!
//! The last layer of a classifier has one query a sequence. Then it is cheaper to carry the query
//! through the key's weight than every token, and to mix the hidden states themselves and carry the
//! mixture through the value's weight. For a head with query q, its rows K and V of both weights,
//! and hidden states x:
//!
//! u = Kᵀ q, s = scale · x u (q · bias is the same for every token, so that the softmax drops it),
//! p = softmax(s), D = p ∘ mask, c = Dᵀ x, out = V c + (Σ D) bias.

use candle_core::Result;
use rayon::prelude::*;

use super::attention::{Attention, Head, softmax_gradient};
use super::buffers::{Buffer, values};
use super::linear::{Linear, LinearPass};
use super::matmul::{Matrix, Target, matmul};
use super::tile::{PAD, Product};
use super::vector::{on_simd, sum_of, sum_of2};

/// The attention, whose queries are the first tokens, and the layers whose results it does without.
pub(super) struct FirstToken<'a> {
    pub attention: &'a Attention,
    pub key: &'a Linear,
    pub value: &'a Linear,
}

/// What the backward pass needs beside q and x.
pub(super) struct Looked {
    /// u, (sequences, heads · hidden).
    carried: Buffer,
    /// c, likewise.
    mixed: Buffer,
    /// p of each sequence, (heads, padded tokens).
    probabilities: Vec<Buffer>,
    /// Σ D, (sequences, heads).
    weights: Buffer,
}

/// One sequence on the way back.
struct Sequence<'a> {
    heads: &'a [Head],
    /// (tokens, hidden)
    x: &'a [f32],
    /// u, (heads, hidden).
    carried: &'a [f32],
    /// (heads, padded tokens)
    p: &'a [f32],
    /// Gradient of the result, (heads, size).
    dout: &'a [f32],
    /// Gradient of c, (heads, hidden).
    dmixed: &'a [f32],
}

impl FirstToken<'_> {
    /// Not where an adapter of one of the layers sees other hidden states than its weight, nor where
    /// hidden states do not fill registers.
    pub(super) fn is_possible(&self, passes: [&LinearPass; 2]) -> bool {
        let dropped = passes.iter().any(|pass| pass.mask.is_some());
        !dropped && self.key.inputs().is_multiple_of(PAD)
    }

    /// Values of a hidden state.
    fn hidden(&self) -> usize {
        self.key.inputs()
    }

    /// Values of a sequence's u or c, all heads together.
    fn all(&self) -> usize {
        self.attention.heads * self.hidden()
    }

    /// Columns of a head.
    fn size(&self) -> usize {
        self.key.outputs() / self.attention.heads
    }

    /// q (sequences, heads · size) and x (tokens, hidden) to what is seen (sequences, heads · size).
    pub(super) fn forward(&self, q: &[f32], x: &[f32]) -> Result<(Buffer, Looked)> {
        let heads = self.attention.all_heads(self.key.outputs());
        let carried = self.carry(self.key, q)?;
        let mut mixed = Buffer::any(carried.len());
        let mut weights = Buffer::any(heads.len());
        let work = (heads.par_chunks(self.attention.heads))
            .zip(carried.par_chunks(self.all()))
            .zip(mixed.par_chunks_mut(self.all()))
            .zip(weights.par_chunks_mut(self.attention.heads));
        let probabilities = work.map(|(((heads, carried), mixed), weights)| {
            let x = &x[heads[0].keys.start * self.hidden()..];
            let mut p = against_states(&heads[0], x, carried, self.hidden(), heads[0].scale());
            heads[0].softmax(&mut p);
            let dropped = self.dropped(heads, &p);
            mix_states(mixed, &dropped, x, &heads[0]);
            let rows = dropped.chunks_exact(heads[0].wide_keys());
            (weights.iter_mut().zip(rows)).for_each(|(weight, row)| *weight = sum(row));
            p
        });
        let looked = Looked {
            probabilities: probabilities.collect(),
            carried,
            mixed,
            weights,
        };
        let mut out = self.bring_back(self.value, &looked.mixed)?;
        let bias = values(self.value.bias().var())?;
        let rows = out.chunks_exact_mut(self.size()).zip(looked.weights.iter());
        for ((out, weight), bias) in rows.zip(bias.chunks_exact(self.size()).cycle()) {
            out.iter_mut().zip(bias).for_each(|(x, b)| *x += weight * b);
        }
        Ok((out, looked))
    }

    /// From the gradient of what is seen, (sequences, heads · size), to those of q and x; adds those
    /// of both layers. The key's bias has none: it adds the same to all scores of a query.
    pub(super) fn backward(
        &self,
        q: &[f32],
        x: &[f32],
        looked: &Looked,
        dout: &[f32],
    ) -> Result<(Buffer, Vec<f32>)> {
        let heads = self.attention.all_heads(self.key.outputs());
        let dmixed = self.carry(self.value, dout)?;
        let mut dcarried = Buffer::any(dmixed.len());
        let mut dx = vec![0.0; x.len()];
        let bias = values(self.value.bias().var())?;
        let bias: &[f32] = &bias;
        let outs = (self.by_sequence(&mut dx).into_par_iter())
            .zip(dcarried.par_chunks_mut(self.all()))
            .enumerate();
        outs.for_each(|(i, (dx, dcarried))| {
            let heads = &heads[i * self.attention.heads..][..self.attention.heads];
            let sequence = Sequence {
                heads,
                x: &x[heads[0].keys.start * self.hidden()..][..dx.len()],
                carried: &looked.carried[i * self.all()..][..self.all()],
                p: &looked.probabilities[i],
                dout: &dout[i * self.key.outputs()..][..self.key.outputs()],
                dmixed: &dmixed[i * self.all()..][..self.all()],
            };
            self.sequence_backward(&sequence, bias, dx, dcarried);
        });
        self.add_weight_gradient(self.value, dout, &looked.mixed)?;
        self.add_weight_gradient(self.key, q, &dcarried)?;
        self.key.bias().add_sums(|_| {});
        self.value.bias().add_sums(|sums| {
            let rows = dout.chunks_exact(self.size()).zip(looked.weights.iter());
            for (i, (dout, weight)) in rows.enumerate() {
                let head = i % self.attention.heads;
                let sums = &mut sums[head * self.size()..][..self.size()];
                sums.iter_mut()
                    .zip(dout)
                    .for_each(|(x, d)| *x += weight * d);
            }
        });
        Ok((self.bring_back(self.key, &dcarried)?, dx))
    }

    /// With dD = x dc + bias · dout: ds = scale · softmax'(dD ∘ mask), du = dsᵀ x,
    /// dx = D dcᵀ + ds uᵀ.
    fn sequence_backward(
        &self,
        of: &Sequence<'_>,
        bias: &[f32],
        dx: &mut [f32],
        dcarried: &mut [f32],
    ) {
        let (head, wide) = (&of.heads[0], of.heads[0].wide_keys());
        let mut ds = against_states(head, of.x, of.dmixed, self.hidden(), 1.0);
        let own = of.dout.chunks_exact(self.size());
        let own = own.zip(bias.chunks_exact(self.size()));
        for (row, (dout, bias)) in ds.chunks_exact_mut(wide).zip(own) {
            let through_bias = dot(dout, bias);
            row.iter_mut().for_each(|d| *d += through_bias);
        }
        self.lay_mask(of.heads, &mut ds);
        softmax_gradient(&mut ds, of.p, wide);
        let scale = head.scale();
        ds.iter_mut().for_each(|d| *d *= scale);
        mix_states(dcarried, &ds, of.x, head);

        let dropped = self.dropped(of.heads, of.p);
        let both = [&*dropped, &*ds].concat();
        let states = [of.dmixed, of.carried].concat();
        Product {
            out: dx,
            a: &both,
            a_strides: [1, wide],
            b: &states,
            sizes: [head.keys.len(), 2 * of.heads.len(), self.hidden()],
            scale: 1.0,
        }
        .run();
    }

    /// Each head's part of `rows` (sequences, heads · size) times its rows of the layer's weight:
    /// (sequences, heads · hidden).
    fn carry(&self, layer: &Linear, rows: &[f32]) -> Result<Buffer> {
        let weight = layer.whole_weight()?;
        let weight: &[f32] = &weight;
        let (size, hidden) = (self.size(), self.hidden());
        let count = rows.len() / layer.outputs();
        let mut out = Buffer::any(count * self.all());
        let columns: Vec<usize> = (0..=self.attention.heads).map(|i| i * hidden).collect();
        let targets = Target::dense(&mut out, count, self.all()).split_columns(&columns);
        let targets: Vec<_> = targets.collect();
        let work = targets.into_par_iter().enumerate();
        work.for_each(|(head, mut target)| {
            let mut own = Buffer::any(count * hidden);
            Product {
                out: &mut own,
                a: &rows[head * size..],
                a_strides: [layer.outputs(), 1],
                b: &weight[head * size * hidden..][..size * hidden],
                sizes: [count, size, hidden],
                scale: 1.0,
            }
            .run();
            target.copy_from(&own, hidden);
        });
        Ok(out)
    }

    /// The way back: each head's part of `states` (sequences, heads · hidden) against its rows of
    /// the layer's weight: (sequences, heads · size).
    fn bring_back(&self, layer: &Linear, states: &[f32]) -> Result<Buffer> {
        let weight = layer.whole_weight()?;
        let weight: &[f32] = &weight;
        let (size, hidden) = (self.size(), self.hidden());
        let mut out = Buffer::any(states.len() / hidden * size);
        let work = out.par_chunks_mut(size).zip(states.par_chunks(hidden));
        work.enumerate().for_each(|(i, (out, state))| {
            let first = i % self.attention.heads * size;
            let rows = weight[first * hidden..].chunks_exact(hidden);
            on_simd(
                #[inline(always)]
                || {
                    let pairs = out.iter_mut().zip(rows);
                    pairs.for_each(|(x, row)| *x = dot(row, state));
                },
            );
        });
        Ok(out)
    }

    /// Adds what `rows` (sequences, heads · size) and `states` (sequences, heads · hidden) give the
    /// layer's weight, which lies between them.
    fn add_weight_gradient(&self, layer: &Linear, rows: &[f32], states: &[f32]) -> Result<()> {
        let (size, hidden, heads) = (self.size(), self.hidden(), self.attention.heads);
        let count = rows.len() / (heads * size);
        let rows = Matrix::dense(rows, count, heads * size).t();
        let states = Matrix::dense(states, count, heads * hidden).t();
        let bounds: Vec<usize> = (0..=heads).map(|head| head * size).collect();
        layer.add_whole_weight_gradient(|sum, write| {
            let targets = Target::dense(sum, heads * size, hidden).split_rows(&bounds);
            let targets: Vec<_> = targets.collect();
            let work = targets.into_par_iter().enumerate();
            work.for_each(|(head, target)| {
                let rows = rows.rows_from(head * size, size);
                let states = states.rows_from(head * hidden, hidden).t();
                matmul(target, write, 1.0, rows, states);
            });
        })
    }

    /// D from p, both (heads, padded tokens).
    fn dropped(&self, heads: &[Head], p: &[f32]) -> Buffer {
        let mut dropped = Buffer::any(p.len());
        dropped.copy_from_slice(p);
        self.lay_mask(heads, &mut dropped);
        dropped
    }

    /// Lays the mask on values (heads, padded tokens).
    fn lay_mask(&self, heads: &[Head], pairs: &mut [f32]) {
        let Some(mask) = &self.attention.mask else {
            return;
        };
        let rows = pairs.chunks_exact_mut(heads[0].wide_keys());
        for (head, row) in heads.iter().zip(rows) {
            head.scale_by(row, &head.factors(mask));
        }
    }

    /// The parts of a matrix (tokens, hidden) that belong to each sequence.
    fn by_sequence<'b>(&self, mut rows: &'b mut [f32]) -> Vec<&'b mut [f32]> {
        let lengths = self.attention.keys.windows(2).map(|ends| ends[1] - ends[0]);
        let parts = lengths.map(|length| {
            let (own, others) = std::mem::take(&mut rows).split_at_mut(length * self.hidden());
            rows = others;
            own
        });
        parts.collect()
    }
}

/// The product of each of `rows` (heads, hidden) with each hidden state, times `scale`: (heads,
/// padded tokens), zeros in the padding.
fn against_states(head: &Head, x: &[f32], rows: &[f32], hidden: usize, scale: f32) -> Buffer {
    let wide = head.wide_keys();
    let mut out = Buffer::zeros(rows.len() / hidden * wide);
    on_simd(
        #[inline(always)]
        || {
            let states = x.chunks_exact(hidden).take(head.keys.len());
            for (token, state) in states.enumerate() {
                for (own, row) in rows.chunks_exact(hidden).enumerate() {
                    out[own * wide + token] = scale * dot(row, state);
                }
            }
        },
    );
    out
}

/// pairs · x: the hidden states of a sequence mixed by `pairs` (heads, padded tokens) into `out`
/// (heads, hidden).
fn mix_states(out: &mut [f32], pairs: &[f32], x: &[f32], head: &Head) {
    let (wide, tokens) = (head.wide_keys(), head.keys.len());
    let heads = pairs.len() / wide;
    let hidden = out.len() / heads;
    Product {
        out,
        a: pairs,
        a_strides: [wide, 1],
        b: &x[..tokens * hidden],
        sizes: [heads, tokens, hidden],
        scale: 1.0,
    }
    .run();
}

#[inline(always)]
fn dot(a: &[f32], b: &[f32]) -> f32 {
    sum_of2(
        a,
        b,
        #[inline(always)]
        |a, b| a * b,
    )
}

#[inline(always)]
fn sum(row: &[f32]) -> f32 {
    sum_of(
        row,
        #[inline(always)]
        |x| x,
    )
}
