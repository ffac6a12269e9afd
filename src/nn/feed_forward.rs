//! The feed-forward half of a transformer layer as one operation.

use std::sync::Arc;

use candle_core::{CpuStorage, CustomOp2, Layout, Result, Shape, Tensor};

use super::activation::Activation;
use super::buffers::{Buffer, Kept, slice, tensor_like, values};
use super::dropout::Mask;
use super::linear::{Linear, LinearPass};
use super::matmul::Write;
use super::norm::Norm;
use super::residual::{Ended, Residual};
use super::{Pass, anchor};

/// norm(x + dropout(down(activation(up(x))))), as BERT and its kin have it.
#[derive(Debug)]
pub struct FeedForward {
    /// From the hidden size to the intermediate one.
    pub up: Linear,
    /// Between the two.
    pub activation: Activation,
    /// Back to the hidden size.
    pub down: Linear,
    /// Dropout before the sum.
    pub dropout: f64,
    /// After the sum.
    pub norm: Norm,
}

/// How the layers go through one pass.
#[derive(Clone, Debug)]
struct Through {
    up: LinearPass,
    down: LinearPass,
    sum: Option<Mask>,
}

/// What the backward pass needs beside x.
struct Inner {
    /// Into the activation.
    u: Buffer,
    /// Into the norm.
    sum: Buffer,
    /// Out of [`Linear::multiply`].
    up_low: Option<Buffer>,
    /// The same of the other layer.
    down_low: Option<Buffer>,
}

impl FeedForward {
    /// x (rows, hidden) to (rows, hidden).
    pub fn forward(self: &Arc<Self>, x: &Tensor, pass: &Pass) -> Result<Tensor> {
        let through = Through {
            up: self.up.pass(pass),
            down: self.down.pass(pass),
            sum: Mask::new(self.dropout, pass.next_stream()),
        };
        if !pass.has_kernels_for(x) {
            return self.composed(x, &through, pass);
        }
        let layers = [&self.up, &self.down].into_iter();
        let parameters = layers.flat_map(Linear::parameters);
        let anchor = anchor(parameters.chain(self.norm.parameters()), pass)?;
        let op = FeedForwardOp {
            layer: Arc::clone(self),
            through,
            keeps: !pass.recomputes() && (x.track_op() || anchor.track_op()),
            kept: Kept::nothing(),
        };
        x.apply_op2(&anchor, op)
    }

    fn composed(&self, x: &Tensor, through: &Through, pass: &Pass) -> Result<Tensor> {
        let wide = self.up.composed(x, &through.up, pass)?;
        let wide = self.activation.composed(&wide)?;
        self.end(through).composed(&wide, x, pass)
    }

    /// From the wide values to the result.
    fn end<'a>(&'a self, through: &'a Through) -> Residual<'a> {
        Residual {
            linear: &self.down,
            through: &through.down,
            mask: through.sum.as_ref(),
            norm: &self.norm,
        }
    }

    fn forward_slices(
        &self,
        x: &[f32],
        through: &Through,
        keep: bool,
    ) -> Result<(Vec<f32>, Inner)> {
        let rows = x.len() / self.up.inputs();
        let mut u = Buffer::any(rows * self.up.outputs());
        let up_low = self.up.multiply(&mut u, x, &through.up)?;
        let bias = values(self.up.bias().var())?;
        let Ended { y, sum, low } = if keep {
            let mut wide = Buffer::any(u.len());
            self.activation.forward(&mut wide, &mut u, &bias);
            self.end(through).forward(&wide, x)?
        } else {
            self.activation.in_place(&mut u, &bias);
            self.end(through).forward(&u, x)?
        };
        let kept = Inner {
            u,
            sum,
            up_low,
            down_low: low,
        };
        Ok((y, kept))
    }

    /// Adds the gradients of the weights; returns that of x when it is `wanted`.
    fn backward_slices(
        &self,
        x: &[f32],
        kept: &Inner,
        dy: &[f32],
        through: &Through,
        wanted: bool,
    ) -> Result<Option<Vec<f32>>> {
        let (mut dsum, dnarrow) = self.end(through).backward(dy, &kept.sum)?;
        let dnarrow: &[f32] = dnarrow.as_deref().unwrap_or(&dsum);

        let mut dwide = Buffer::any(kept.u.len());
        let low = kept.down_low.as_ref();
        let down = self.down.backward(dnarrow, &through.down, low)?;
        down.input_gradient(&mut dwide, Write::Set)?;
        // One pass turns the gradient into that of u and gives the wide values once more, which
        // the weight of `down` needs.
        let learns = self.down.learns_from_input();
        let mut wide = Buffer::any(if learns { kept.u.len() } else { 0 });
        self.up.bias().add_sums(|sums| {
            let activation = self.activation;
            activation.backward(&mut wide, &mut dwide, &kept.u, sums);
        });
        if learns {
            down.weight_gradient(&wide)?;
        }
        drop(wide);
        let low = kept.up_low.as_ref();
        let up = self.up.backward(&dwide, &through.up, low)?;
        up.weight_gradient(x)?;
        if !wanted {
            return Ok(None);
        }
        up.input_gradient(&mut dsum, Write::Add)?;
        Ok(Some(dsum))
    }
}

/// Inputs: x (rows, hidden), and an anchor (see [`anchor`]).
struct FeedForwardOp {
    layer: Arc<FeedForward>,
    through: Through,
    keeps: bool,
    kept: Kept<Inner>,
}

impl CustomOp2 for FeedForwardOp {
    fn name(&self) -> &'static str {
        "feed-forward"
    }

    fn cpu_fwd(
        &self,
        x: &CpuStorage,
        layout: &Layout,
        _: &CpuStorage,
        _: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let x = slice(x, layout)?;
        let (y, kept) = self.layer.forward_slices(x, &self.through, self.keeps)?;
        if self.keeps {
            self.kept.put(kept);
        }
        Ok((CpuStorage::F32(y), layout.shape().clone()))
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
            None => self.layer.forward_slices(&x_values, &self.through, true)?.1,
        };
        let dy = values(&grad)?;
        let wanted = x.track_op();
        let layer = &self.layer;
        let dx = layer.backward_slices(&x_values, &kept, &dy, &self.through, wanted)?;
        Ok((dx.map(|dx| tensor_like(dx, x)).transpose()?, None))
    }
}
