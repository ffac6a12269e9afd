//! The fully connected layer.

use candle_core::{CpuStorage, CustomOp3, Layout, Result, Shape, Tensor, bail};

use super::buffers::{slice, values};
use super::matmul::{Matrix, Threads, Write, add_column_sums, matmul};
use super::parameters::{Builder, Init, Parameter};
use super::{Pass, buffers::tensor_like};
use crate::error;

/// `y = x · Wᵀ + b` with W of shape (out, in), as in `torch.nn.Linear`.
#[derive(Debug)]
pub struct Linear {
    weight: Parameter,
    bias: Parameter,
}

impl Linear {
    /// Reads `weight` (out, in) and `bias` (out) below the builder's path; where the checkpoint has
    /// none the weight is drawn from N(0, `std`²) and the bias is zero.
    pub fn load(inputs: usize, outputs: usize, std: f64, at: &Builder<'_>) -> error::Result<Self> {
        Ok(Self {
            weight: at.get("weight", &[outputs, inputs], Init::Normal(std))?,
            bias: at.get("bias", &[outputs], Init::Zeros)?,
        })
    }

    /// x (rows, in) to (rows, out).
    pub fn forward(&self, x: &Tensor, pass: &Pass) -> Result<Tensor> {
        x.apply_op3(&self.weight.tensor(pass), &self.bias.tensor(pass), LinearOp)
    }
}

/// Inputs: x (rows, in), weight (out, in), bias (out).
struct LinearOp;

impl CustomOp3 for LinearOp {
    fn name(&self) -> &'static str {
        "linear"
    }

    fn cpu_fwd(
        &self,
        x: &CpuStorage,
        x_layout: &Layout,
        weight: &CpuStorage,
        weight_layout: &Layout,
        bias: &CpuStorage,
        bias_layout: &Layout,
    ) -> Result<(CpuStorage, Shape)> {
        let (rows, inputs) = x_layout.shape().dims2()?;
        let (outputs, weight_inputs) = weight_layout.shape().dims2()?;
        if inputs != weight_inputs {
            bail!("linear: x has {inputs} columns, the weight expects {weight_inputs}");
        }
        let x = Matrix::dense(slice(x, x_layout)?, rows, inputs);
        let weight = Matrix::dense(slice(weight, weight_layout)?, outputs, inputs);
        let bias = slice(bias, bias_layout)?;
        let mut y = Vec::with_capacity(rows * outputs);
        for _ in 0..rows {
            y.extend_from_slice(bias);
        }
        matmul(
            &mut y,
            outputs,
            Write::Add,
            1.0,
            x,
            weight.t(),
            Threads::All,
        );
        Ok((CpuStorage::F32(y), Shape::from((rows, outputs))))
    }

    fn bwd(
        &self,
        x: &Tensor,
        weight: &Tensor,
        bias: &Tensor,
        _y: &Tensor,
        grad: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>, Option<Tensor>)> {
        let (rows, inputs) = x.dims2()?;
        let outputs = bias.dims1()?;
        let grad = grad.contiguous()?;
        let dy = values(&grad)?;
        let dy_matrix = Matrix::dense(&dy, rows, outputs);
        let product = |size: usize, stride: usize, lhs: Matrix<'_>, rhs: Matrix<'_>| {
            let mut out = vec![0.0; size];
            matmul(&mut out, stride, Write::Set, 1.0, lhs, rhs, Threads::All);
            out
        };
        let dx = if x.track_op() {
            let weight = values(weight)?;
            let weight = Matrix::dense(&weight, outputs, inputs);
            Some(tensor_like(
                product(rows * inputs, inputs, dy_matrix, weight),
                x,
            )?)
        } else {
            None
        };
        let dweight = if weight.track_op() {
            let x = values(x)?;
            let x = Matrix::dense(&x, rows, inputs);
            Some(tensor_like(
                product(outputs * inputs, inputs, dy_matrix.t(), x),
                weight,
            )?)
        } else {
            None
        };
        let dbias = if bias.track_op() {
            let mut sums = vec![0.0; outputs];
            add_column_sums(&mut sums, &dy);
            Some(tensor_like(sums, bias)?)
        } else {
            None
        };
        Ok((dx, dweight, dbias))
    }
}
