//! The fully connected layer, plain or with a low-rank adapter.

use candle_core::{CpuStorage, CustomOp2, Layout, Result, Shape, Tensor, bail};

use super::activation::Activation;
use super::adapter::Adapter;
use super::buffers::{Buffer, Kept, slice, tensor_like, values};
use super::dropout::Mask;
use super::matmul::{Matrix, Target, Write, matmul};
use super::parameters::{Builder, Init, Parameter};
use super::rows::{add_column_sums, add_to_rows};
use super::{Pass, anchor};
use crate::error;

/// `y = x · Wᵀ + b` with W of shape (out, in), as in `torch.nn.Linear`.
#[derive(Clone, Debug)]
pub struct Linear {
    weight: Parameter,
    bias: Parameter,
    adapter: Option<Adapter>,
    inputs: usize,
    outputs: usize,
}

impl Linear {
    /// Reads `weight` (out, in) and `bias` (out) below the builder's path; where the checkpoint has
    /// none the weight is drawn from N(0, `std`²) and the bias is zero. Where the builder asks for
    /// an adapter on this layer, it is made or read too.
    pub fn load(inputs: usize, outputs: usize, std: f64, at: &Builder<'_>) -> error::Result<Self> {
        Ok(Self {
            weight: at.get("weight", &[outputs, inputs], Init::Normal(std))?,
            bias: at.get("bias", &[outputs], Init::Zeros)?,
            adapter: Adapter::load(inputs, outputs, at)?,
            inputs,
            outputs,
        })
    }

    /// x (rows, in) to (rows, out).
    pub fn forward(&self, x: &Tensor, pass: &Pass) -> Result<Tensor> {
        self.apply(x, None, pass)
    }

    /// x (rows, in) through the layer and `activation` to (rows, out).
    pub fn activated(&self, x: &Tensor, activation: Activation, pass: &Pass) -> Result<Tensor> {
        self.apply(x, Some(activation), pass)
    }

    fn apply(&self, x: &Tensor, activation: Option<Activation>, pass: &Pass) -> Result<Tensor> {
        let mask = self.adapter_mask(pass);
        if !pass.has_kernels_for(x) {
            let y = self.composed(x, mask.as_ref(), pass)?;
            return activation.map_or(Ok(y.clone()), |activation| activation.composed(&y));
        }
        let anchor = anchor(self.parameters(), pass)?;
        let op = LinearOp {
            layer: self.clone(),
            activation,
            mask,
            keeps: activation.is_some() && (x.track_op() || anchor.track_op()),
            kept: Kept::nothing(),
        };
        x.apply_op2(&anchor, op)
    }

    /// All that may be trained.
    pub(super) fn parameters(&self) -> impl Iterator<Item = &Parameter> {
        let adapter = self.adapter.iter().flat_map(Adapter::parameters);
        [&self.weight, &self.bias].into_iter().chain(adapter)
    }

    /// Width of the input.
    pub(super) fn inputs(&self) -> usize {
        self.inputs
    }

    /// Width of the output.
    pub(super) fn outputs(&self) -> usize {
        self.outputs
    }

    /// The bias.
    pub(super) fn bias(&self) -> &Parameter {
        &self.bias
    }

    /// The dropout mask in front of the adapter in this pass; `None` where there is nothing to drop.
    pub(super) fn adapter_mask(&self, pass: &Pass) -> Option<Mask> {
        self.adapter.as_ref().and_then(|adapter| adapter.mask(pass))
    }

    /// Writes x · Wᵀ, with the adapter's part but without the bias, to `y`.
    pub(super) fn multiply(&self, y: &mut [f32], x: &[f32], mask: Option<&Mask>) -> Result<()> {
        let rows = x.len() / self.inputs;
        let weight = values(self.weight.var())?;
        let weight = Matrix::dense(&weight, self.outputs, self.inputs);
        let x_matrix = Matrix::dense(x, rows, self.inputs);
        let target = Target::dense(y, rows, self.outputs);
        matmul(target, Write::Set, 1.0, x_matrix, weight.t());
        match &self.adapter {
            Some(adapter) => adapter.add(y, x, mask),
            None => Ok(()),
        }
    }

    /// The same with the bias.
    pub(super) fn multiply_and_add_bias(
        &self,
        y: &mut [f32],
        x: &[f32],
        mask: Option<&Mask>,
    ) -> Result<()> {
        self.multiply(y, x, mask)?;
        let bias = values(self.bias.var())?;
        add_to_rows(y, &bias);
        Ok(())
    }

    /// With `dy` the gradient of the result: writes or adds that of x to `dx`.
    pub(super) fn input_gradient(
        &self,
        dx: &mut [f32],
        write: Write,
        dy: &[f32],
        mask: Option<&Mask>,
    ) -> Result<()> {
        let rows = dy.len() / self.outputs;
        let weight = values(self.weight.var())?;
        let weight = Matrix::dense(&weight, self.outputs, self.inputs);
        let dy_matrix = Matrix::dense(dy, rows, self.outputs);
        let target = Target::dense(dx, rows, self.inputs);
        matmul(target, write, 1.0, dy_matrix, weight);
        match &self.adapter {
            Some(adapter) => adapter.add_input_gradient(dx, dy, mask),
            None => Ok(()),
        }
    }

    /// With `dy` the gradient of the result: adds those of the weight and of the adapter, as far as
    /// they are trained. The bias is left to the caller, who often has its sums already.
    pub(super) fn weight_gradient(&self, x: &[f32], dy: &[f32], mask: Option<&Mask>) -> Result<()> {
        if self.weight.trains() {
            let rows = dy.len() / self.outputs;
            let dy = Matrix::dense(dy, rows, self.outputs);
            let x = Matrix::dense(x, rows, self.inputs);
            self.weight.add_gradient(|sum, write| {
                let target = Target::dense(sum, self.outputs, self.inputs);
                matmul(target, write, 1.0, dy.t(), x);
            });
        }
        match &self.adapter {
            Some(adapter) => adapter.weight_gradient(x, dy, mask),
            None => Ok(()),
        }
    }

    /// Whether [`Linear::weight_gradient`] has anything to compute from the input.
    pub(super) fn learns_from_input(&self) -> bool {
        self.weight.trains() || self.adapter.is_some()
    }

    /// The gradients of weight, adapter and bias.
    pub(super) fn all_gradients(&self, x: &[f32], dy: &[f32], mask: Option<&Mask>) -> Result<()> {
        self.bias.add_sums(|sums| add_column_sums(sums, dy));
        self.weight_gradient(x, dy, mask)
    }

    /// The layer by candle's own differentiable operations, for devices without a kernel here.
    pub(super) fn composed(&self, x: &Tensor, mask: Option<&Mask>, pass: &Pass) -> Result<Tensor> {
        let y = x.matmul(&self.weight.tensor(pass).t()?)?;
        let y = y.broadcast_add(&self.bias.tensor(pass))?;
        match &self.adapter {
            Some(adapter) => y + adapter.composed(x, mask, pass)?,
            None => Ok(y),
        }
    }
}

/// Inputs: x (rows, in), and an anchor (see [`anchor`]).
struct LinearOp {
    layer: Linear,
    activation: Option<Activation>,
    mask: Option<Mask>,
    keeps: bool,
    /// What went into the activation.
    kept: Kept<Buffer>,
}

impl CustomOp2 for LinearOp {
    fn name(&self) -> &'static str {
        "linear"
    }

    fn cpu_fwd(
        &self,
        x: &CpuStorage,
        x_layout: &Layout,
        _: &CpuStorage,
        _: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let (rows, inputs) = x_layout.shape().dims2()?;
        let layer = &self.layer;
        if inputs != layer.inputs {
            bail!(
                "linear: x has {inputs} columns, the weight expects {}",
                layer.inputs
            );
        }
        let x = slice(x, x_layout)?;
        let mut y = vec![0.0; rows * layer.outputs];
        match self.activation {
            Some(activation) if self.keeps => {
                let mut u = Buffer::any(y.len());
                layer.multiply(&mut u, x, self.mask.as_ref())?;
                activation.forward(&mut y, &mut u, &values(layer.bias.var())?);
                self.kept.put(u);
            }
            Some(activation) => {
                layer.multiply(&mut y, x, self.mask.as_ref())?;
                activation.in_place(&mut y, &values(layer.bias.var())?);
            }
            None => layer.multiply_and_add_bias(&mut y, x, self.mask.as_ref())?,
        }
        Ok((CpuStorage::F32(y), Shape::from((rows, layer.outputs))))
    }

    fn bwd(
        &self,
        x: &Tensor,
        _anchor: &Tensor,
        _y: &Tensor,
        grad: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>)> {
        let grad = grad.contiguous()?;
        let grad = values(&grad)?;
        let x_values = values(x)?;
        let before = match self.activation {
            Some(activation) => {
                let Some(u) = self.kept.take() else {
                    bail!("linear: went backwards twice");
                };
                let mut dy = Buffer::any(u.len());
                dy.copy_from_slice(&grad);
                let bias = &self.layer.bias;
                bias.add_sums(|sums| activation.backward(&mut [], &mut dy, &u, sums));
                Some(dy)
            }
            None => {
                self.layer
                    .bias
                    .add_sums(|sums| add_column_sums(sums, &grad));
                None
            }
        };
        let dy: &[f32] = before.as_deref().unwrap_or(&grad);
        let mask = self.mask.as_ref();
        self.layer.weight_gradient(&x_values, dy, mask)?;
        let mut dx = x.track_op().then(|| vec![0.0; x.elem_count()]);
        if let Some(dx) = &mut dx {
            self.layer.input_gradient(dx, Write::Set, dy, mask)?;
        }
        Ok((dx.map(|dx| tensor_like(dx, x)).transpose()?, None))
    }
}
