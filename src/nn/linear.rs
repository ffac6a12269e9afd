//! The fully connected layer, plain or with a low-rank adapter.

use std::ops::Deref;

use candle_core::{CpuStorage, CustomOp2, Layout, Result, Shape, Tensor, bail};

use super::activation::Activation;
use super::adapter::Adapter;
use super::buffers::{Buffer, Kept, slice, tensor_like, values};
use super::dropout::Mask;
use super::matmul::{Matrix, Precision, Target, Write, matmul_in};
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

/// A weight as a pass uses it.
enum Weight<G> {
    Own(G),
    Merged(Buffer),
}

impl<G: Deref<Target = [f32]>> Deref for Weight<G> {
    type Target = [f32];

    fn deref(&self) -> &[f32] {
        match self {
            Self::Own(values) => values,
            Self::Merged(values) => values,
        }
    }
}

/// How a layer goes through one pass, forwards and backwards.
#[derive(Clone, Copy, Debug)]
pub(super) struct LinearPass {
    /// What is dropped in front of the adapter, where there is one and anything to drop.
    pub mask: Option<Mask>,
    precision: Precision,
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

    /// The same without a bias: with one of zeros that is not trained and has no name.
    pub fn load_without_bias(
        inputs: usize,
        outputs: usize,
        std: f64,
        at: &Builder<'_>,
    ) -> error::Result<Self> {
        let weight = at.get("weight", &[outputs, inputs], Init::Normal(std))?;
        Ok(Self {
            bias: Parameter::fixed_zeros(outputs, weight.var().dtype())?,
            weight,
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
        let through = self.pass(pass);
        if !pass.has_kernels_for(x) {
            let y = self.composed(x, &through, pass)?;
            return activation.map_or(Ok(y.clone()), |activation| activation.composed(&y));
        }
        let anchor = anchor(self.parameters(), pass)?;
        let op = LinearOp {
            layer: self.clone(),
            activation,
            through,
            keeps: x.track_op() || anchor.track_op(),
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

    /// The weight with the adapter in it, (out, in).
    pub(super) fn whole_weight(&self) -> Result<impl Deref<Target = [f32]>> {
        self.weight(true)
    }

    /// The weight, (out, in), with the adapter in it where it is to be `merged`.
    fn weight(&self, merged: bool) -> Result<Weight<impl Deref<Target = [f32]>>> {
        let own = values(self.weight.var())?;
        Ok(match self.adapter.as_ref().filter(|_| merged) {
            Some(adapter) => Weight::Merged(adapter.merged(&own)?),
            None => Weight::Own(own),
        })
    }

    /// Whether `rows` go through weight and adapter at once: where nothing is dropped in front of
    /// the adapter, and they are so many that merging writes fewer values than adding afterwards.
    /// Not in bfloat16, which would round away most of what an adapter adds to a weight.
    fn merges(&self, rows: usize, through: &LinearPass) -> bool {
        let exact = through.precision == Precision::Float32;
        self.adapter.is_some() && through.mask.is_none() && exact && rows >= self.outputs
    }

    /// Adds what `kernel` makes of the gradient of [`Linear::whole_weight`] to the gradients of
    /// weight and adapter, as far as they are trained.
    pub(super) fn add_whole_weight_gradient(
        &self,
        kernel: impl Fn(&mut [f32], Write),
    ) -> Result<()> {
        if self.weight.trains() {
            self.weight.add_gradient(&kernel);
        }
        let Some(adapter) = &self.adapter else {
            return Ok(());
        };
        let mut whole = Buffer::any(self.outputs * self.inputs);
        kernel(&mut whole, Write::Set);
        adapter.add_gradients_of_merged(&whole)
    }

    /// The bias.
    pub(super) fn bias(&self) -> &Parameter {
        &self.bias
    }

    /// How this layer goes through `pass`.
    pub(super) fn pass(&self, pass: &Pass) -> LinearPass {
        LinearPass {
            mask: self.adapter.as_ref().and_then(|adapter| adapter.mask(pass)),
            precision: pass.precision,
        }
    }

    /// Writes x · Wᵀ, with the adapter's part but without the bias, to `y`. Returns what came between
    /// the adapter's halves, if it came up, for [`Linear::backward`].
    pub(super) fn multiply(
        &self,
        y: &mut [f32],
        x: &[f32],
        through: &LinearPass,
    ) -> Result<Option<Buffer>> {
        let rows = x.len() / self.inputs;
        let merged = self.merges(rows, through);
        let weight = self.weight(merged)?;
        let weight = Matrix::dense(&weight, self.outputs, self.inputs);
        let x_matrix = Matrix::dense(x, rows, self.inputs);
        let target = Target::dense(y, rows, self.outputs);
        let precision = through.precision;
        matmul_in(precision, target, Write::Set, 1.0, x_matrix, weight.t());
        let mask = through.mask.as_ref();
        let adapter = self.adapter.as_ref().filter(|_| !merged);
        adapter.map(|adapter| adapter.add(y, x, mask)).transpose()
    }

    /// The same with the bias.
    pub(super) fn multiply_and_add_bias(
        &self,
        y: &mut [f32],
        x: &[f32],
        through: &LinearPass,
    ) -> Result<Option<Buffer>> {
        let low = self.multiply(y, x, through)?;
        let bias = values(self.bias.var())?;
        add_to_rows(y, &bias);
        Ok(low)
    }

    /// The layer's way back from `dy`, the gradient of its result, with what [`Linear::multiply`]
    /// was given and returned.
    pub(super) fn backward<'a>(
        &'a self,
        dy: &'a [f32],
        through: &'a LinearPass,
        low: Option<&'a Buffer>,
    ) -> Result<Backward<'a>> {
        let adapter = self.adapter.as_ref().map(|adapter| {
            Ok::<_, candle_core::Error>(AdapterBackward {
                adapter,
                mask: through.mask.as_ref(),
                low,
                low_gradient: adapter.low_gradient(dy)?,
            })
        });
        Ok(Backward {
            layer: self,
            dy,
            precision: through.precision,
            merged: self.merges(dy.len() / self.outputs, through),
            adapter: adapter.transpose()?,
        })
    }

    /// Whether [`Backward::weight_gradient`] has anything to compute from the input.
    pub(super) fn learns_from_input(&self) -> bool {
        self.weight.trains() || self.adapter.is_some()
    }

    /// The layer by candle's own differentiable operations, for devices without a kernel here.
    pub(super) fn composed(&self, x: &Tensor, through: &LinearPass, pass: &Pass) -> Result<Tensor> {
        let y = x.matmul(&self.weight.tensor(pass).t()?)?;
        let y = y.broadcast_add(&self.bias.tensor(pass))?;
        match &self.adapter {
            Some(adapter) => y + adapter.composed(x, through.mask.as_ref(), pass)?,
            None => Ok(y),
        }
    }
}

/// A linear layer on its way back: what both its gradients need.
pub(super) struct Backward<'a> {
    layer: &'a Linear,
    /// The gradient of the result.
    dy: &'a [f32],
    precision: Precision,
    /// Whether weight and adapter were one.
    merged: bool,
    adapter: Option<AdapterBackward<'a>>,
}

struct AdapterBackward<'a> {
    adapter: &'a Adapter,
    mask: Option<&'a Mask>,
    /// Out of [`Linear::multiply`].
    low: Option<&'a Buffer>,
    low_gradient: Buffer,
}

impl Backward<'_> {
    /// Writes or adds the gradient of x to `dx`.
    pub(super) fn input_gradient(&self, dx: &mut [f32], write: Write) -> Result<()> {
        let layer = self.layer;
        let rows = self.dy.len() / layer.outputs;
        let weight = layer.weight(self.merged)?;
        let weight = Matrix::dense(&weight, layer.outputs, layer.inputs);
        let dy = Matrix::dense(self.dy, rows, layer.outputs);
        let target = Target::dense(dx, rows, layer.inputs);
        matmul_in(self.precision, target, write, 1.0, dy, weight);
        match self.adapter.as_ref().filter(|_| !self.merged) {
            Some(it) => it.adapter.add_input_gradient(dx, &it.low_gradient, it.mask),
            None => Ok(()),
        }
    }

    /// Adds the gradients of the weight and of the adapter, as far as they are trained. The bias is
    /// left to the caller, who often has its sums already.
    pub(super) fn weight_gradient(&self, x: &[f32]) -> Result<()> {
        let layer = self.layer;
        if layer.weight.trains() {
            let rows = self.dy.len() / layer.outputs;
            let dy = Matrix::dense(self.dy, rows, layer.outputs);
            let x = Matrix::dense(x, rows, layer.inputs);
            layer.weight.add_gradient(|sum, write| {
                let target = Target::dense(sum, layer.outputs, layer.inputs);
                matmul_in(self.precision, target, write, 1.0, dy.t(), x);
            });
        }
        match &self.adapter {
            Some(it) => it.gradients(x, self.dy),
            None => Ok(()),
        }
    }

    /// Adds the gradients of weight, adapter and bias, as far as they are trained.
    pub(super) fn all_gradients(&self, x: &[f32]) -> Result<()> {
        if self.layer.bias.trains() {
            let bias = &self.layer.bias;
            bias.add_sums(|sums| add_column_sums(sums, self.dy));
        }
        self.weight_gradient(x)
    }
}

impl AdapterBackward<'_> {
    /// Adds the gradients of the adapter.
    fn gradients(&self, x: &[f32], dy: &[f32]) -> Result<()> {
        let adapter = self.adapter;
        adapter.add_gradient_of_a(x, &self.low_gradient, self.mask);
        match self.low {
            Some(low) => adapter.add_gradient_of_b(low, dy),
            None => adapter.add_gradient_of_b(&adapter.low(x, self.mask)?, dy),
        }
        Ok(())
    }
}

/// Inputs: x (rows, in), and an anchor (see [`anchor`]).
struct LinearOp {
    layer: Linear,
    activation: Option<Activation>,
    through: LinearPass,
    keeps: bool,
    kept: Kept<Inner>,
}

/// What the backward pass needs beside x.
struct Inner {
    /// Into the activation, where there is one.
    u: Option<Buffer>,
    /// Out of [`Linear::multiply`].
    low: Option<Buffer>,
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
        let through = &self.through;
        let inner = match self.activation {
            Some(activation) if self.keeps => {
                let mut u = Buffer::any(y.len());
                let low = layer.multiply(&mut u, x, through)?;
                activation.forward(&mut y, &mut u, &values(layer.bias.var())?);
                Inner { u: Some(u), low }
            }
            Some(activation) => {
                let low = layer.multiply(&mut y, x, through)?;
                activation.in_place(&mut y, &values(layer.bias.var())?);
                Inner { u: None, low }
            }
            None => {
                let low = layer.multiply_and_add_bias(&mut y, x, through)?;
                Inner { u: None, low }
            }
        };
        if self.keeps {
            self.kept.put(inner);
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
        let Some(Inner { u, low }) = self.kept.take() else {
            bail!("linear: went backwards twice");
        };
        let bias = &self.layer.bias;
        let before = self.activation.zip(u).map(|(activation, u)| {
            let mut dy = Buffer::any(u.len());
            dy.copy_from_slice(&grad);
            bias.add_sums(|sums| activation.backward(&mut [], &mut dy, &u, sums));
            dy
        });
        let dy: &[f32] = before.as_deref().unwrap_or(&grad);
        let layer = self.layer.backward(dy, &self.through, low.as_ref())?;
        match before {
            Some(_) => layer.weight_gradient(&x_values)?,
            None => layer.all_gradients(&x_values)?,
        }
        let mut dx = x.track_op().then(|| vec![0.0; x.elem_count()]);
        if let Some(dx) = &mut dx {
            layer.input_gradient(dx, Write::Set)?;
        }
        Ok((dx.map(|dx| tensor_like(dx, x)).transpose()?, None))
    }
}
