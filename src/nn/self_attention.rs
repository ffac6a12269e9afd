//! The attention half of a transformer layer as one operation.

use std::sync::Arc;

use candle_core::{CpuStorage, CustomOp2, Layout, Result, Shape, Tensor, bail};

use super::attention::Attention;
use super::buffers::{Buffer, Kept, slice, tensor_like, values};
use super::dropout::Mask;
use super::embedding::select_rows;
use super::first_token::{FirstToken, Looked};
use super::linear::{Linear, LinearPass};
use super::matmul::Write;
use super::norm::Norm;
use super::residual::{Ended, Residual};
use super::{Pass, anchor};

/// norm(x + dropout(output(attention(query(x), key(x), value(x))))), as BERT and its kin have it.
#[derive(Debug)]
pub struct SelfAttention {
    /// What looks.
    pub query: Linear,
    /// What is looked at.
    pub key: Linear,
    /// What is seen there.
    pub value: Linear,
    /// Merges the heads.
    pub output: Linear,
    /// Number of heads; divides the hidden size.
    pub heads: usize,
    /// Dropout of the attention's probabilities.
    pub attention_dropout: f64,
    /// Dropout before the sum.
    pub dropout: f64,
    /// After the sum.
    pub norm: Norm,
}

/// Which tokens of each sequence are asked for. All are looked at in any case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rows {
    /// Every token.
    All,
    /// The first token of each sequence: what a classifier reads of the last layer.
    First,
}

/// How the layers go through one pass, in the order in which they are met.
#[derive(Clone, Debug)]
struct Through {
    query: LinearPass,
    key: LinearPass,
    value: LinearPass,
    output: LinearPass,
    sum: Option<Mask>,
}

/// What the backward pass needs beside x.
struct Inner {
    q: Buffer,
    seen: Seen,
    /// Out of the attention.
    context: Buffer,
    /// Into the norm.
    sum: Buffer,
    /// Out of [`Linear::multiply`]: of query and output.
    lows: [Option<Buffer>; 2],
}

/// What the queries looked at.
enum Seen {
    /// Every token's key and value, each with what came out of [`Linear::multiply`].
    KeysAndValues([(Buffer, Option<Buffer>); 2]),
    /// The hidden states themselves.
    States(Looked),
}

/// The gradient of what the queries looked at.
enum SeenGradient<'a> {
    /// Of keys and values, each with what its layer needs to go on backwards.
    KeysAndValues([(Buffer, Option<&'a Buffer>); 2]),
    /// Of the hidden states; those of key and value have been added.
    States(Vec<f32>),
}

impl SelfAttention {
    /// x (tokens, hidden) to the rows asked for (rows, hidden). Sequence i owns the tokens
    /// `offsets[i]..offsets[i + 1]`.
    pub fn forward(
        self: &Arc<Self>,
        x: &Tensor,
        offsets: &Arc<[usize]>,
        rows: Rows,
        pass: &Pass,
    ) -> Result<Tensor> {
        let queries = match rows {
            Rows::All => Arc::clone(offsets),
            Rows::First => (0..offsets.len()).collect(),
        };
        let attention = Attention {
            queries,
            keys: Arc::clone(offsets),
            heads: self.heads,
            window: None,
            mask: Mask::new(self.attention_dropout, pass.next_stream()),
        };
        let through = Through {
            query: self.query.pass(pass),
            key: self.key.pass(pass),
            value: self.value.pass(pass),
            output: self.output.pass(pass),
            sum: Mask::new(self.dropout, pass.next_stream()),
        };
        if !pass.has_kernels_for(x) {
            return self.composed(x, rows, &attention, &through, pass);
        }
        let layers = [&self.query, &self.key, &self.value, &self.output].into_iter();
        let parameters = layers.flat_map(Linear::parameters);
        let anchor = anchor(parameters.chain(self.norm.parameters()), pass)?;
        let op = SelfAttentionOp {
            layer: Arc::clone(self),
            rows,
            attention,
            through,
            keeps: !pass.recomputes() && (x.track_op() || anchor.track_op()),
            kept: Kept::nothing(),
        };
        x.apply_op2(&anchor, op)
    }

    fn composed(
        &self,
        x: &Tensor,
        rows: Rows,
        attention: &Attention,
        through: &Through,
        pass: &Pass,
    ) -> Result<Tensor> {
        let asked = match rows {
            Rows::All => x.clone(),
            Rows::First => select_rows(x, &first_tokens(&attention.keys))?,
        };
        let q = self.query.composed(&asked, &through.query, pass)?;
        let k = self.key.composed(x, &through.key, pass)?;
        let v = self.value.composed(x, &through.value, pass)?;
        let context = attention.composed(&q, &k, &v)?;
        self.end(through).composed(&context, &asked, pass)
    }

    /// From the attention's output to the result.
    fn end<'a>(&'a self, through: &'a Through) -> Residual<'a> {
        Residual {
            linear: &self.output,
            through: &through.output,
            mask: through.sum.as_ref(),
            norm: &self.norm,
        }
    }
}

/// The row of the first token of each sequence.
fn first_tokens(offsets: &[usize]) -> Vec<u32> {
    let sequences = offsets.len().saturating_sub(1);
    offsets[..sequences]
        .iter()
        .map(|&start| start as u32)
        .collect()
}

/// Inputs: x (tokens, hidden), and an anchor (see [`anchor`]).
struct SelfAttentionOp {
    layer: Arc<SelfAttention>,
    rows: Rows,
    attention: Attention,
    through: Through,
    keeps: bool,
    kept: Kept<Inner>,
}

impl SelfAttentionOp {
    /// The rows of x that are asked for, where they are not all.
    fn asked(&self, x: &[f32]) -> Option<Buffer> {
        if self.rows == Rows::All {
            return None;
        }
        let size = self.layer.query.inputs();
        let first = first_tokens(&self.attention.keys);
        let mut asked = Buffer::any(first.len() * size);
        for (own, &row) in asked.chunks_exact_mut(size).zip(&first) {
            own.copy_from_slice(&x[row as usize * size..][..size]);
        }
        Some(asked)
    }

    /// The way past keys and values.
    fn first_token(&self) -> FirstToken<'_> {
        FirstToken {
            attention: &self.attention,
            key: &self.layer.key,
            value: &self.layer.value,
        }
    }

    fn forward(&self, x: &[f32]) -> Result<(Vec<f32>, Inner)> {
        let (layer, through) = (&self.layer, &self.through);
        let asked = self.asked(x);
        let asked: &[f32] = asked.as_deref().unwrap_or(x);
        let product = |linear: &Linear, x: &[f32], through: &LinearPass| {
            let mut y = Buffer::any(x.len() / linear.inputs() * linear.outputs());
            let low = linear.multiply_and_add_bias(&mut y, x, through)?;
            Ok::<_, candle_core::Error>((y, low))
        };
        let (q, q_low) = product(&layer.query, asked, &through.query)?;
        let past = [&through.key, &through.value];
        let (context, seen) = if self.rows == Rows::First && self.first_token().is_possible(past) {
            let (context, looked) = self.first_token().forward(&q, x)?;
            (context, Seen::States(looked))
        } else {
            let key = product(&layer.key, x, &through.key)?;
            let value = product(&layer.value, x, &through.value)?;
            let mut context = Buffer::any(q.len());
            let stride = layer.query.outputs();
            let attention = &self.attention;
            attention.forward(&mut context, &q, &key.0, &value.0, stride);
            (context, Seen::KeysAndValues([key, value]))
        };
        let Ended { y, sum, low } = layer.end(through).forward(&context, asked)?;
        let kept = Inner {
            q,
            seen,
            context,
            sum,
            lows: [q_low, low],
        };
        Ok((y, kept))
    }

    /// Adds the gradients of the weights; returns that of x when it is `wanted`.
    fn backward(
        &self,
        x: &[f32],
        kept: &Inner,
        dy: &[f32],
        wanted: bool,
    ) -> Result<Option<Vec<f32>>> {
        let (layer, through) = (&self.layer, &self.through);
        let asked = self.asked(x);
        let asked: &[f32] = asked.as_deref().unwrap_or(x);

        let (mut dsum, dmerged) = layer.end(through).backward(dy, &kept.sum)?;
        let dmerged: &[f32] = dmerged.as_deref().unwrap_or(&dsum);

        let [q_low, low] = kept.lows.each_ref().map(Option::as_ref);
        let output = layer.output.backward(dmerged, &through.output, low)?;
        output.weight_gradient(&kept.context)?;
        let mut dcontext = Buffer::any(kept.context.len());
        output.input_gradient(&mut dcontext, Write::Set)?;

        let (dq, seen) = self.seen_backward(x, kept, &dcontext)?;
        let query = layer.query.backward(&dq, &through.query, q_low)?;
        query.all_gradients(asked)?;
        let mut dx = None;
        if wanted {
            query.input_gradient(&mut dsum, Write::Add)?;
            dx = Some(match self.rows {
                Rows::All => dsum,
                Rows::First => self.spread(&dsum, x.len()),
            });
        }
        self.add_seen(x, &seen, dx.as_deref_mut())?;
        Ok(dx)
    }

    /// The gradients of q and of what the queries looked at.
    fn seen_backward<'a>(
        &self,
        x: &[f32],
        kept: &'a Inner,
        dout: &[f32],
    ) -> Result<(Buffer, SeenGradient<'a>)> {
        match &kept.seen {
            Seen::KeysAndValues([(k, k_low), (v, v_low)]) => {
                let [mut dq, mut dk, mut dv] = [kept.q.len(), k.len(), v.len()].map(Buffer::any);
                let stride = self.layer.query.outputs();
                let gradients: [&mut [f32]; 3] = [&mut dq, &mut dk, &mut dv];
                self.attention
                    .backward(gradients, [&kept.q, k, v], dout, stride);
                let both = [(dk, k_low.as_ref()), (dv, v_low.as_ref())];
                Ok((dq, SeenGradient::KeysAndValues(both)))
            }
            Seen::States(looked) => {
                let (dq, dx) = self.first_token().backward(&kept.q, x, looked, dout)?;
                Ok((dq, SeenGradient::States(dx)))
            }
        }
    }

    /// Adds the gradients of key and value, as far as that is not done, and to `dx` that of x as far
    /// as it was looked at.
    fn add_seen(&self, x: &[f32], seen: &SeenGradient<'_>, dx: Option<&mut [f32]>) -> Result<()> {
        let (layer, through) = (&self.layer, &self.through);
        match seen {
            SeenGradient::KeysAndValues([(dk, k_low), (dv, v_low)]) => {
                let key = layer.key.backward(dk, &through.key, *k_low)?;
                let value = layer.value.backward(dv, &through.value, *v_low)?;
                key.all_gradients(x)?;
                value.all_gradients(x)?;
                if let Some(dx) = dx {
                    key.input_gradient(dx, Write::Add)?;
                    value.input_gradient(dx, Write::Add)?;
                }
            }
            SeenGradient::States(own) => {
                if let Some(dx) = dx {
                    dx.iter_mut().zip(own).for_each(|(x, own)| *x += own);
                }
            }
        }
        Ok(())
    }

    /// The rows that were asked for at their places, zeros between.
    fn spread(&self, asked: &[f32], len: usize) -> Vec<f32> {
        let size = self.layer.query.inputs();
        let mut all = vec![0.0; len];
        let first = first_tokens(&self.attention.keys);
        for (row, own) in first.iter().zip(asked.chunks_exact(size)) {
            all[*row as usize * size..][..size].copy_from_slice(own);
        }
        all
    }
}

impl CustomOp2 for SelfAttentionOp {
    fn name(&self) -> &'static str {
        "self-attention"
    }

    fn cpu_fwd(
        &self,
        x: &CpuStorage,
        layout: &Layout,
        _: &CpuStorage,
        _: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let (tokens, hidden) = layout.shape().dims2()?;
        if self.attention.keys.last() != Some(&tokens) {
            bail!("attention: {tokens} tokens do not fit the sequences");
        }
        let (y, kept) = self.forward(slice(x, layout)?)?;
        if self.keeps {
            self.kept.put(kept);
        }
        let shape = Shape::from((y.len() / hidden, hidden));
        Ok((CpuStorage::F32(y), shape))
    }

    fn bwd(
        &self,
        x: &Tensor,
        _anchor: &Tensor,
        _y: &Tensor,
        grad: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>)> {
        let grad = grad.contiguous()?;
        let x_values = values(x)?;
        let kept = match self.kept.take() {
            Some(kept) => kept,
            None => self.forward(&x_values)?.1,
        };
        let dx = self.backward(&x_values, &kept, &values(&grad)?, x.track_op())?;
        Ok((dx.map(|dx| tensor_like(dx, x)).transpose()?, None))
    }
}
