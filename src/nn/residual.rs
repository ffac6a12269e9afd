//! How a half of a transformer layer ends, on slices: norm(residual + dropout(linear(x))).

use candle_core::{Result, Tensor};

use super::Pass;
use super::buffers::{Buffer, values};
use super::dropout::{Mask, dropped};
use super::linear::{Linear, LinearPass};
use super::norm::{Before, Norm};

/// The layers of the end, and how they go through one pass.
pub(super) struct Residual<'a> {
    /// What x goes through.
    pub linear: &'a Linear,
    /// How the linear layer goes through the pass.
    pub through: &'a LinearPass,
    /// Dropout before the sum.
    pub mask: Option<&'a Mask>,
    /// After the sum.
    pub norm: &'a Norm,
}

/// What comes of a forward pass.
pub(super) struct Ended {
    /// The result.
    pub y: Vec<f32>,
    /// What went into the norm.
    pub sum: Buffer,
    /// Out of [`Linear::multiply`].
    pub low: Option<Buffer>,
}

impl Residual<'_> {
    /// norm(residual + dropout(linear(x))).
    pub(super) fn forward(&self, x: &[f32], residual: &[f32]) -> Result<Ended> {
        let mut sum = Buffer::any(residual.len());
        let low = self.linear.multiply(&mut sum, x, self.through)?;
        let bias = values(self.linear.bias().var())?;
        let before = Before {
            bias: Some(&bias),
            mask: self.mask,
            residual: Some(residual),
        };
        let mut y = vec![0.0; sum.len()];
        self.norm.forward_slices(&mut y, &mut sum, before)?;
        Ok(Ended { y, sum, low })
    }

    /// The gradient of the residual, and that of the linear layer's result where dropout makes it
    /// another one. Adds the gradients of the norm and of the linear layer's bias.
    pub(super) fn backward(&self, dy: &[f32], sum: &[f32]) -> Result<(Vec<f32>, Option<Buffer>)> {
        let mut dsum = dy.to_vec();
        let mut dlinear = self.mask.map(|_| Buffer::any(dy.len()));
        self.linear.bias().add_sums(|sums| {
            let masked = self.mask.zip(dlinear.as_deref_mut());
            self.norm.backward_slices(&mut dsum, sum, masked, sums)
        })?;
        Ok((dsum, dlinear))
    }

    /// By candle's own differentiable operations.
    pub(super) fn composed(&self, x: &Tensor, residual: &Tensor, pass: &Pass) -> Result<Tensor> {
        let y = self.linear.composed(x, self.through, pass)?;
        let sum = (dropped(&y, self.mask)? + residual)?;
        self.norm.composed(&sum, pass)
    }
}
