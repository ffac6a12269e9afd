//! Rows of tables by number, and what makes of them the first hidden states.

use std::sync::Arc;

use candle_core::{CpuStorage, CustomOp1, Layout, Result, Shape, Tensor, bail};
use rayon::prelude::*;

use super::buffers::{Buffer, Kept, values};
use super::dropout::{Mask, dropped};
use super::norm::{Before, Norm};
use super::parameters::{Builder, Init, Parameter};
use super::rows::{ROWS_PER_CHUNK, add};
use super::{Pass, anchor};
use crate::error;

/// A table of vectors, one per token, position or type.
#[derive(Clone, Debug)]
pub struct Embedding {
    weight: Parameter,
    count: usize,
    size: usize,
}

impl Embedding {
    /// Reads `weight` (count, size) below the builder's path, or draws it from N(0, `std`²).
    pub fn load(count: usize, size: usize, std: f64, at: &Builder<'_>) -> error::Result<Self> {
        Ok(Self {
            weight: at.get("weight", &[count, size], Init::Normal(std))?,
            count,
            size,
        })
    }

    /// The table.
    pub fn weight(&self) -> &Parameter {
        &self.weight
    }

    fn check(&self, ids: &[u32]) -> Result<()> {
        match ids.iter().find(|&&id| id as usize >= self.count) {
            Some(id) => bail!("row {id} asked of a table of {}", self.count),
            None => Ok(()),
        }
    }

    /// Adds the rows of `gradients`, one per number in `ids`, to the gradients of the rows so
    /// numbered. Rows of one number are added in their order.
    fn add_gradients(&self, ids: &[u32], gradients: &[f32]) {
        if !self.weight.trains() {
            return;
        }
        let size = self.size;
        let mut places: Vec<(u32, u32)> = ids.iter().copied().zip(0..).collect();
        places.par_sort_unstable();
        let mut rows: Vec<&[(u32, u32)]> = places.chunk_by(|a, b| a.0 == b.0).collect();
        let numbers: Vec<u32> = rows.iter().map(|row| row[0].0).collect();
        let mut sums = Buffer::zeros(rows.len() * size);
        sums.par_chunks_exact_mut(size)
            .zip(&mut rows)
            .with_min_len(8)
            .for_each(|(sum, places)| {
                for &(_, place) in *places {
                    let row = &gradients[place as usize * size..][..size];
                    add(sum, row);
                }
            });
        self.weight.add_gradient_rows(numbers, sums);
    }
}

/// dropout(norm(the sum of a row of each table)), as BERT and its kin begin.
#[derive(Debug)]
pub struct Embeddings {
    /// The tables that are summed.
    pub tables: Vec<Embedding>,
    /// After the sum.
    pub norm: Norm,
    /// After the norm.
    pub dropout: f64,
}

impl Embeddings {
    /// `ids[t]` numbers the rows of table t, one per token: (tokens, hidden). A number beyond its
    /// table is an error.
    pub fn forward(self: &Arc<Self>, ids: Vec<Vec<u32>>, pass: &Pass) -> Result<Tensor> {
        for (table, ids) in self.tables.iter().zip(&ids) {
            table.check(ids)?;
            // Now, because candle holds the lock of an operation's input while it computes, and a
            // table is the input below.
            table.weight.var_of_rows(ids);
        }
        let mask = Mask::new(self.dropout, pass.next_stream());
        let tables = self.tables.iter().map(Embedding::weight);
        let anchor = anchor(tables.chain(self.norm.parameters()), pass)?;
        if !pass.has_kernels_for(&anchor) {
            return self.composed(&ids, mask.as_ref(), pass);
        }
        let op = EmbeddingsOp {
            layer: Arc::clone(self),
            ids,
            mask,
            keeps: anchor.track_op(),
            sum: Kept::nothing(),
        };
        anchor.apply_op1(op)
    }

    fn composed(&self, ids: &[Vec<u32>], mask: Option<&Mask>, pass: &Pass) -> Result<Tensor> {
        let rows =
            |(table, ids): (&Embedding, &Vec<u32>)| select_rows(&table.weight.tensor(pass), ids);
        let sum = self.tables.iter().zip(ids).map(rows).reduce(|a, b| a? + b?);
        match sum {
            Some(sum) => dropped(&self.norm.composed(&sum?, pass)?, mask),
            None => bail!("embeddings without a table"),
        }
    }
}

/// Input: an anchor (see [`anchor`]).
struct EmbeddingsOp {
    layer: Arc<Embeddings>,
    ids: Vec<Vec<u32>>,
    mask: Option<Mask>,
    keeps: bool,
    /// What went into the norm.
    sum: Kept<Buffer>,
}

impl EmbeddingsOp {
    fn sum(&self) -> Result<Buffer> {
        let size = self.layer.norm.size();
        let tokens = self.ids.first().map_or(0, Vec::len);
        let mut sum = Buffer::zeros(tokens * size);
        for (table, ids) in self.layer.tables.iter().zip(&self.ids) {
            let weight = values(table.weight.var_of_rows(ids))?;
            let weight: &[f32] = &weight;
            sum.par_chunks_mut(ROWS_PER_CHUNK * size)
                .zip(ids.par_chunks(ROWS_PER_CHUNK))
                .for_each(|(rows, ids)| {
                    for (own, &id) in rows.chunks_exact_mut(size).zip(ids) {
                        let row = &weight[id as usize * size..][..size];
                        add(own, row);
                    }
                });
        }
        Ok(sum)
    }
}

impl CustomOp1 for EmbeddingsOp {
    fn name(&self) -> &'static str {
        "embeddings"
    }

    fn cpu_fwd(&self, _: &CpuStorage, _: &Layout) -> Result<(CpuStorage, Shape)> {
        let mut sum = self.sum()?;
        let mut y = vec![0.0; sum.len()];
        self.layer
            .norm
            .forward_slices(&mut y, &mut sum, Before::default())?;
        if let Some(mask) = &self.mask {
            mask.apply_in_place(&mut y);
        }
        if self.keeps {
            self.sum.put(sum);
        }
        let size = self.layer.norm.size();
        let shape = Shape::from((y.len() / size, size));
        Ok((CpuStorage::F32(y), shape))
    }

    fn bwd(&self, _anchor: &Tensor, _y: &Tensor, grad: &Tensor) -> Result<Option<Tensor>> {
        let grad = grad.contiguous()?;
        let mut dsum = Buffer::any(grad.elem_count());
        dsum.copy_from_slice(&values(&grad)?);
        if let Some(mask) = &self.mask {
            mask.apply_in_place(&mut dsum);
        }
        let sum = match self.sum.take() {
            Some(sum) => sum,
            None => self.sum()?,
        };
        let mut no_bias = Buffer::zeros(self.layer.norm.size());
        self.layer
            .norm
            .backward_slices(&mut dsum, &sum, None, &mut no_bias)?;
        for (table, ids) in self.layer.tables.iter().zip(&self.ids) {
            table.add_gradients(ids, &dsum);
        }
        Ok(None)
    }
}

/// The rows of `table` numbered `ids`, in that order, by candle's own differentiable operations.
pub(super) fn select_rows(table: &Tensor, ids: &[u32]) -> Result<Tensor> {
    table.index_select(&Tensor::new(ids, table.device())?, 0)
}
