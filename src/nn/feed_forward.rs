//! The feed-forward half of a transformer layer as one operation.

use std::sync::{Arc, Mutex, PoisonError};

use candle_core::{CpuStorage, CustomOp2, Layout, Result, Shape, Tensor};

use super::activation::Activation;
use super::buffers::{Buffer, slice, tensor_like, values};
use super::dropout::Mask;
use super::linear::Linear;
use super::matmul::Write;
use super::norm::{Before, Norm, dropped};
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

/// The masks of one pass.
#[derive(Clone, Debug)]
struct Masks {
    up: Option<Mask>,
    down: Option<Mask>,
    sum: Option<Mask>,
}

/// What the backward pass needs beside x.
struct Kept {
    /// Into the activation.
    u: Buffer,
    /// Into the norm.
    sum: Buffer,
}

impl FeedForward {
    /// x (rows, hidden) to (rows, hidden).
    pub fn forward(self: &Arc<Self>, x: &Tensor, pass: &Pass) -> Result<Tensor> {
        let masks = Masks {
            up: self.up.adapter_mask(pass),
            down: self.down.adapter_mask(pass),
            sum: Mask::new(self.dropout, pass.next_stream()),
        };
        if !pass.has_kernels_for(x) {
            return self.composed(x, &masks, pass);
        }
        let layers = [&self.up, &self.down].into_iter();
        let parameters = layers.flat_map(Linear::parameters);
        let anchor = anchor(parameters.chain(self.norm.parameters()), pass)?;
        let op = FeedForwardOp {
            layer: Arc::clone(self),
            masks,
            keeps: !pass.recomputes() && (x.track_op() || anchor.track_op()),
            kept: Mutex::new(None),
        };
        x.apply_op2(&anchor, op)
    }

    fn composed(&self, x: &Tensor, masks: &Masks, pass: &Pass) -> Result<Tensor> {
        let wide = self.up.composed(x, masks.up.as_ref(), pass)?;
        let wide = self.activation.composed(&wide)?;
        let narrow = self.down.composed(&wide, masks.down.as_ref(), pass)?;
        let sum = (dropped(&narrow, masks.sum.as_ref())? + x)?;
        self.norm.composed(&sum, pass)
    }

    fn forward_slices(&self, x: &[f32], masks: &Masks, keep: bool) -> Result<(Vec<f32>, Kept)> {
        let rows = x.len() / self.up.inputs();
        let mut u = Buffer::any(rows * self.up.outputs());
        self.up.multiply(&mut u, x, masks.up.as_ref())?;
        let bias = values(self.up.bias().var())?;
        let mut sum = Buffer::any(x.len());
        if keep {
            let mut wide = Buffer::any(u.len());
            self.activation.forward(&mut wide, &mut u, &bias);
            self.down.multiply(&mut sum, &wide, masks.down.as_ref())?;
        } else {
            self.activation.in_place(&mut u, &bias);
            self.down.multiply(&mut sum, &u, masks.down.as_ref())?;
        }
        let bias = values(self.down.bias().var())?;
        let before = Before {
            bias: Some(&bias),
            mask: masks.sum.as_ref(),
            residual: Some(x),
        };
        let mut y = vec![0.0; x.len()];
        self.norm.forward_slices(&mut y, &mut sum, before)?;
        Ok((y, Kept { u, sum }))
    }

    /// Adds the gradients of the weights; returns that of x when it is `wanted`.
    fn backward_slices(
        &self,
        x: &[f32],
        kept: &Kept,
        dy: &[f32],
        masks: &Masks,
        wanted: bool,
    ) -> Result<Option<Vec<f32>>> {
        let mut dsum = dy.to_vec();
        let mut dnarrow = masks.sum.as_ref().map(|_| Buffer::any(dy.len()));
        let mut fault = Ok(());
        self.down.bias().add_sums(|sums| {
            let masked = masks.sum.as_ref().zip(dnarrow.as_deref_mut());
            fault = self
                .norm
                .backward_slices(&mut dsum, &kept.sum, masked, sums);
        });
        fault?;
        let dnarrow: &[f32] = dnarrow.as_deref().unwrap_or(&dsum);

        let mut dwide = Buffer::any(kept.u.len());
        let mask = masks.down.as_ref();
        self.down
            .input_gradient(&mut dwide, Write::Set, dnarrow, mask)?;
        // One pass turns the gradient into that of u and gives the wide values once more, which
        // the weight of `down` needs.
        let learns = self.down.learns_from_input();
        let mut wide = Buffer::any(if learns { kept.u.len() } else { 0 });
        self.up.bias().add_sums(|sums| {
            let activation = self.activation;
            activation.backward(&mut wide, &mut dwide, &kept.u, sums);
        });
        if learns {
            self.down.weight_gradient(&wide, dnarrow, mask)?;
        }
        drop(wide);
        let mask = masks.up.as_ref();
        self.up.weight_gradient(x, &dwide, mask)?;
        if !wanted {
            return Ok(None);
        }
        self.up
            .input_gradient(&mut dsum, Write::Add, &dwide, mask)?;
        Ok(Some(dsum))
    }
}

/// Inputs: x (rows, hidden), and an anchor (see [`anchor`]).
struct FeedForwardOp {
    layer: Arc<FeedForward>,
    masks: Masks,
    keeps: bool,
    kept: Mutex<Option<Kept>>,
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
        let (y, kept) = self.layer.forward_slices(x, &self.masks, self.keeps)?;
        if self.keeps {
            *self.kept.lock().unwrap_or_else(PoisonError::into_inner) = Some(kept);
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
        let kept = self
            .kept
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        let kept = match kept {
            Some(kept) => kept,
            None => self.layer.forward_slices(&x_values, &self.masks, true)?.1,
        };
        let dy = values(&grad)?;
        let wanted = x.track_op();
        let layer = &self.layer;
        let dx = layer.backward_slices(&x_values, &kept, &dy, &self.masks, wanted)?;
        Ok((dx.map(|dx| tensor_like(dx, x)).transpose()?, None))
    }
}
