//! Low-rank adapters (LoRA; Hu et al. 2021, arXiv:2106.09685), named and scaled as in PEFT.

use candle_core::{Result, Tensor};

use super::Pass;
use super::buffers::{Buffer, values};
use super::dropout::{Mask, dropped};
use super::matmul::{Matrix, Target, Write, matmul};
use super::parameters::{Builder, Init, Parameter};
use crate::error;

/// Which layers get an adapter, and of what kind.
#[derive(Clone, Debug, PartialEq)]
pub struct LowRank {
    /// Rank of the product.
    pub rank: usize,
    /// The product is scaled by alpha / rank.
    pub alpha: f64,
    /// Dropout of the adapter's input while training.
    pub dropout: f64,
    /// Names of the layers that get one: each is a layer's whole name or its last parts. Alone,
    /// [`LowRank::AUTO`] stands for those that are usual for the architecture.
    pub target_modules: Vec<String>,
}

impl LowRank {
    /// The layers that make queries and values, whatever the architecture calls them.
    pub const AUTO: &'static str = "auto";

    /// The same with `usual` layers, where none were named.
    #[must_use]
    pub fn on_usual(mut self, usual: &[&str]) -> Self {
        if self.target_modules == [Self::AUTO] {
            self.target_modules = usual.iter().map(|&name| name.to_owned()).collect();
        }
        self
    }

    /// Whether the layer at `path` is meant, by PEFT's rule: its name is a target, or ends with
    /// "." and a target.
    pub fn targets(&self, path: &str) -> bool {
        self.target_modules.iter().any(|target| {
            path.strip_suffix(target.as_str())
                .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
        })
    }

    /// alpha / rank.
    pub fn scale(&self) -> f64 {
        self.alpha / self.rank as f64
    }
}

/// What a low-rank adapter adds to a layer: `scale · dropout(x) · Aᵀ · Bᵀ`.
#[derive(Clone, Debug)]
pub(super) struct Adapter {
    /// (rank, in)
    a: Parameter,
    /// (out, rank)
    b: Parameter,
    rank: usize,
    inputs: usize,
    outputs: usize,
    scale: f32,
    dropout: f64,
}

impl Adapter {
    /// Reads or makes the adapter of the layer at the builder's path, where one is asked for there.
    /// A new one adds nothing at first: A is uniform as PEFT draws it, B is zero.
    pub(super) fn load(
        inputs: usize,
        outputs: usize,
        at: &Builder<'_>,
    ) -> error::Result<Option<Self>> {
        let Some(kind) = at.adapter() else {
            return Ok(None);
        };
        let rank = kind.rank;
        // PEFT: kaiming_uniform_ with a = √5, whose bound comes out as 1 / √in.
        let bound = 1.0 / (inputs as f64).sqrt();
        Ok(Some(Self {
            a: at
                .at("lora_A")
                .get("weight", &[rank, inputs], Init::Uniform(bound))?,
            b: at
                .at("lora_B")
                .get("weight", &[outputs, rank], Init::Zeros)?,
            rank,
            inputs,
            outputs,
            scale: kind.scale() as f32,
            dropout: kind.dropout,
        }))
    }

    pub(super) fn parameters(&self) -> impl Iterator<Item = &Parameter> {
        [&self.a, &self.b].into_iter()
    }

    /// The mask on the adapter's input in this pass.
    pub(super) fn mask(&self, pass: &Pass) -> Option<Mask> {
        Mask::new(self.dropout, pass.next_stream())
    }

    /// x with the mask on it.
    fn dropped(x: &[f32], mask: Option<&Mask>) -> Option<Buffer> {
        let mask = mask?;
        let mut dropped = Buffer::any(x.len());
        mask.apply(&mut dropped, x);
        Some(dropped)
    }

    /// The layer's weight (out, in) with the adapter in it: W + scale · B · A.
    pub(super) fn merged(&self, weight: &[f32]) -> Result<Buffer> {
        let (a, b) = (values(self.a.var())?, values(self.b.var())?);
        let mut merged = Buffer::any(weight.len());
        merged.copy_from_slice(weight);
        matmul(
            Target::dense(&mut merged, self.outputs, self.inputs),
            Write::Add,
            self.scale,
            Matrix::dense(&b, self.outputs, self.rank),
            Matrix::dense(&a, self.rank, self.inputs),
        );
        Ok(merged)
    }

    /// Adds the gradients of A and B, given that of [`Adapter::merged`].
    pub(super) fn add_gradients_of_merged(&self, whole: &[f32]) -> Result<()> {
        let (a, b) = (values(self.a.var())?, values(self.b.var())?);
        let a = Matrix::dense(&a, self.rank, self.inputs);
        let b = Matrix::dense(&b, self.outputs, self.rank);
        let whole = Matrix::dense(whole, self.outputs, self.inputs);
        if self.a.trains() {
            self.a.add_gradient(|sum, write| {
                let target = Target::dense(sum, self.rank, self.inputs);
                matmul(target, write, self.scale, b.t(), whole);
            });
        }
        if self.b.trains() {
            self.b.add_gradient(|sum, write| {
                let target = Target::dense(sum, self.outputs, self.rank);
                matmul(target, write, self.scale, whole, a.t());
            });
        }
        Ok(())
    }

    /// dropout(x) · Aᵀ, (rows, rank).
    pub(super) fn low(&self, x: &[f32], mask: Option<&Mask>) -> Result<Buffer> {
        let rows = x.len() / self.inputs;
        let dropped = Self::dropped(x, mask);
        let x = dropped.as_deref().unwrap_or(x);
        let a = values(self.a.var())?;
        let mut low = Buffer::any(rows * self.rank);
        matmul(
            Target::dense(&mut low, rows, self.rank),
            Write::Set,
            1.0,
            Matrix::dense(x, rows, self.inputs),
            Matrix::dense(&a, self.rank, self.inputs).t(),
        );
        Ok(low)
    }

    /// Adds the adapter's part to `y`; returns dropout(x) · Aᵀ (rows, rank), which the backward
    /// pass needs.
    pub(super) fn add(&self, y: &mut [f32], x: &[f32], mask: Option<&Mask>) -> Result<Buffer> {
        let rows = x.len() / self.inputs;
        let low = self.low(x, mask)?;
        let b = values(self.b.var())?;
        matmul(
            Target::dense(y, rows, self.outputs),
            Write::Add,
            self.scale,
            Matrix::dense(&low, rows, self.rank),
            Matrix::dense(&b, self.outputs, self.rank).t(),
        );
        Ok(low)
    }

    /// The gradient of what [`Adapter::add`] returns, (rows, rank).
    pub(super) fn low_gradient(&self, dy: &[f32]) -> Result<Buffer> {
        let rows = dy.len() / self.outputs;
        let b = values(self.b.var())?;
        let mut dlow = Buffer::any(rows * self.rank);
        matmul(
            Target::dense(&mut dlow, rows, self.rank),
            Write::Set,
            self.scale,
            Matrix::dense(dy, rows, self.outputs),
            Matrix::dense(&b, self.outputs, self.rank),
        );
        Ok(dlow)
    }

    /// Adds the adapter's part of the gradient of x to `dx`, with `dlow` as
    /// [`Adapter::low_gradient`] gives it.
    pub(super) fn add_input_gradient(
        &self,
        dx: &mut [f32],
        dlow: &[f32],
        mask: Option<&Mask>,
    ) -> Result<()> {
        let rows = dlow.len() / self.rank;
        let dlow = Matrix::dense(dlow, rows, self.rank);
        let a = values(self.a.var())?;
        let a = Matrix::dense(&a, self.rank, self.inputs);
        match mask {
            Some(mask) => {
                let mut part = Buffer::any(dx.len());
                let target = Target::dense(&mut part, rows, self.inputs);
                matmul(target, Write::Set, 1.0, dlow, a);
                mask.add_applied(dx, &part);
            }
            None => {
                let target = Target::dense(dx, rows, self.inputs);
                matmul(target, Write::Add, 1.0, dlow, a);
            }
        }
        Ok(())
    }

    /// Adds the gradient of A, with `dlow` as [`Adapter::low_gradient`] gives it.
    pub(super) fn add_gradient_of_a(&self, x: &[f32], dlow: &[f32], mask: Option<&Mask>) {
        if !self.a.trains() {
            return;
        }
        let rows = dlow.len() / self.rank;
        let dropped = Self::dropped(x, mask);
        let x = Matrix::dense(dropped.as_deref().unwrap_or(x), rows, self.inputs);
        let dlow = Matrix::dense(dlow, rows, self.rank);
        self.a.add_gradient(|sum, write| {
            let target = Target::dense(sum, self.rank, self.inputs);
            matmul(target, write, 1.0, dlow.t(), x);
        });
    }

    /// Adds the gradient of B, with `low` as [`Adapter::add`] gave it.
    pub(super) fn add_gradient_of_b(&self, low: &[f32], dy: &[f32]) {
        if !self.b.trains() {
            return;
        }
        let rows = dy.len() / self.outputs;
        let low = Matrix::dense(low, rows, self.rank);
        let dy = Matrix::dense(dy, rows, self.outputs);
        self.b.add_gradient(|sum, write| {
            let target = Target::dense(sum, self.outputs, self.rank);
            matmul(target, write, self.scale, dy.t(), low);
        });
    }

    /// The adapter's part by candle's own differentiable operations.
    pub(super) fn composed(&self, x: &Tensor, mask: Option<&Mask>, pass: &Pass) -> Result<Tensor> {
        let low = dropped(x, mask)?.matmul(&self.a.tensor(pass).t()?)?;
        low.matmul(&self.b.tensor(pass).t()?)? * f64::from(self.scale)
    }
}
