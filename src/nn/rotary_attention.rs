//! Attention whose queries and keys are turned by their positions (RoFormer; Su et al. 2021,
//! arXiv:2104.09864), everywhere or within a window.

use std::sync::Arc;

use candle_core::{CpuStorage, CustomOp1, Layout, Result, Shape, Tensor, bail};
use rayon::prelude::*;

use super::Pass;
use super::attention::Attention;
use super::buffers::{Buffer, slice, tensor_like, values};
use super::dropout::Mask;

/// softmax(turned(q) · turned(k)ᵀ / √d) · v within each sequence and head.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RotaryAttention {
    /// Number of heads; d, the size of a head, must be even.
    pub heads: usize,
    /// The pair (i, i + d / 2) of a head's values at position p is turned by the angle
    /// p · theta^(-2 i / d).
    pub theta: f64,
    /// How far to each side a token looks; everywhere when `None`.
    pub window: Option<usize>,
    /// Dropout of the probabilities.
    pub dropout: f64,
}

impl RotaryAttention {
    /// `qkv` (tokens, 3 · heads · d) holds queries, keys and values side by side; the result is
    /// (tokens, heads · d). Sequence i owns the tokens `offsets[i]..offsets[i + 1]`.
    pub fn forward(&self, qkv: &Tensor, offsets: &Arc<[usize]>, pass: &Pass) -> Result<Tensor> {
        let op = RotaryAttentionOp::new(self, qkv, offsets, pass)?;
        if pass.has_kernels_for(qkv) {
            qkv.apply_op1(op)
        } else {
            op.composed(qkv)
        }
    }
}

/// The cosines and sines of all angles.
struct Turns {
    /// (positions, size / 2)
    cos: Vec<f32>,
    sin: Vec<f32>,
    half: usize,
}

impl Turns {
    fn new(theta: f64, size: usize, positions: usize) -> Self {
        let half = size / 2;
        // In single precision, as transformers has them: far positions turn often.
        let speeds: Vec<f32> = (0..half)
            .map(|i| theta.powf(-2.0 * i as f64 / size as f64) as f32)
            .collect();
        let angles = || {
            let positions = 0..positions;
            positions.flat_map(|position| speeds.iter().map(move |speed| position as f32 * speed))
        };
        Self {
            cos: angles().map(f32::cos).collect(),
            sin: angles().map(f32::sin).collect(),
            half,
        }
    }

    /// Turns the head `x` of a token at `position`, `back` by the opposite angle.
    fn turn(&self, x: &mut [f32], position: usize, back: bool) {
        let own = position * self.half..(position + 1) * self.half;
        let sign = if back { -1.0 } else { 1.0 };
        let (left, right) = x.split_at_mut(self.half);
        let angles = self.cos[own.clone()].iter().zip(&self.sin[own]);
        for ((a, b), (cos, sin)) in left.iter_mut().zip(right).zip(angles) {
            let sin = sign * sin;
            (*a, *b) = (*a * cos - *b * sin, *b * cos + *a * sin);
        }
    }
}

/// Input: queries, keys and values side by side.
struct RotaryAttentionOp {
    attention: Attention,
    turns: Turns,
    /// Place of each token within its sequence.
    positions: Vec<usize>,
    /// heads · d
    size: usize,
}

impl RotaryAttentionOp {
    fn new(
        kind: &RotaryAttention,
        qkv: &Tensor,
        offsets: &Arc<[usize]>,
        pass: &Pass,
    ) -> Result<Self> {
        let (tokens, columns) = qkv.dims2()?;
        let size = columns / 3;
        if offsets.last() != Some(&tokens)
            || columns % 3 != 0
            || !size.is_multiple_of(2 * kind.heads)
        {
            bail!("rotary attention: {tokens} tokens of {columns} do not fit sequences or heads");
        }
        let lengths = || offsets.windows(2).map(|pair| pair[1] - pair[0]);
        let longest = lengths().max().unwrap_or(0);
        Ok(Self {
            attention: Attention {
                queries: Arc::clone(offsets),
                keys: Arc::clone(offsets),
                heads: kind.heads,
                window: kind.window.filter(|&window| window + 1 < longest),
                mask: Mask::new(kind.dropout, pass.next_stream()),
            },
            turns: Turns::new(kind.theta, size / kind.heads, longest),
            positions: lengths().flat_map(|length| 0..length).collect(),
            size,
        })
    }

    /// Queries, keys and values on their own, the first two turned.
    fn split(&self, qkv: &[f32]) -> [Buffer; 3] {
        let size = self.size;
        [0, 1, 2].map(|part| {
            let mut own = Buffer::any(qkv.len() / 3);
            let rows = own.par_chunks_exact_mut(size);
            let rows = rows.zip(qkv.par_chunks_exact(3 * size));
            rows.zip(&self.positions)
                .for_each(|((own, all), &position)| {
                    own.copy_from_slice(&all[part * size..(part + 1) * size]);
                    if part < 2 {
                        self.turn_heads(own, position, false);
                    }
                });
            own
        })
    }

    fn turn_heads(&self, row: &mut [f32], position: usize, back: bool) {
        for head in row.chunks_exact_mut(2 * self.turns.half) {
            self.turns.turn(head, position, back);
        }
    }

    /// By candle's own differentiable operations, for devices without a kernel here.
    fn composed(&self, qkv: &Tensor) -> Result<Tensor> {
        let (size, heads, half) = (self.size, self.attention.heads, self.turns.half);
        let tokens = self.positions.len();
        let angles = |table: &[f32]| {
            let rows = self.positions.iter();
            let rows = rows.flat_map(|&position| &table[position * half..][..half]);
            let rows: Vec<f32> = rows.copied().collect();
            Tensor::from_vec(rows, (tokens, 1, half), qkv.device())?.to_dtype(qkv.dtype())
        };
        let (cos, sin) = (angles(&self.turns.cos)?, angles(&self.turns.sin)?);
        let part = |part: usize| qkv.narrow(1, part * size, size)?.contiguous();
        let turned = |x: Tensor| {
            let x = x.reshape((tokens, heads, 2 * half))?;
            let (a, b) = (x.narrow(2, 0, half)?, x.narrow(2, half, half)?);
            let left = (a.broadcast_mul(&cos)? - b.broadcast_mul(&sin)?)?;
            let right = (b.broadcast_mul(&cos)? + a.broadcast_mul(&sin)?)?;
            Tensor::cat(&[left, right], 2)?.reshape((tokens, size))
        };
        self.attention
            .composed(&turned(part(0)?)?, &turned(part(1)?)?, &part(2)?)
    }
}

impl CustomOp1 for RotaryAttentionOp {
    fn name(&self) -> &'static str {
        "rotary-attention"
    }

    fn cpu_fwd(&self, qkv: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let [q, k, v] = self.split(slice(qkv, layout)?);
        let mut out = vec![0.0; q.len()];
        self.attention.forward(&mut out, &q, &k, &v, self.size);
        let shape = Shape::from((self.positions.len(), self.size));
        Ok((CpuStorage::F32(out), shape))
    }

    fn bwd(&self, qkv: &Tensor, _out: &Tensor, grad: &Tensor) -> Result<Option<Tensor>> {
        let grad = grad.contiguous()?;
        let [q, k, v] = self.split(&values(qkv)?);
        let [mut dq, mut dk, mut dv] = [q.len(), k.len(), v.len()].map(Buffer::any);
        self.attention.backward(
            [&mut dq, &mut dk, &mut dv],
            [&q, &k, &v],
            &values(&grad)?,
            self.size,
        );
        let size = self.size;
        let mut dqkv = vec![0.0; qkv.elem_count()];
        let parts = dq.par_chunks_exact(size).zip(dk.par_chunks_exact(size));
        let parts = parts.zip(dv.par_chunks_exact(size)).zip(&self.positions);
        let rows = dqkv.par_chunks_exact_mut(3 * size).zip(parts);
        rows.for_each(|(row, (((dq, dk), dv), &position))| {
            for (own, part) in row.chunks_exact_mut(size).zip([dq, dk, dv]) {
                own.copy_from_slice(part);
            }
            self.turn_heads(&mut row[..2 * size], position, true);
        });
        tensor_like(dqkv, qkv).map(Some)
    }
}
