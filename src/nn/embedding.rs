//! Rows of a table by number.

use candle_core::{CpuStorage, CustomOp1, Layout, Result, Shape, Tensor, bail};

use super::Pass;
use super::buffers::{slice, tensor_like, values};
use super::parameters::{Builder, Init, Parameter};
use crate::error;

/// A table of vectors, one per token, position or type.
#[derive(Debug)]
pub struct Embedding {
    weight: Parameter,
}

impl Embedding {
    /// Reads `weight` (count, size) below the builder's path, or draws it from N(0, `std`²).
    pub fn load(count: usize, size: usize, std: f64, at: &Builder<'_>) -> error::Result<Self> {
        Ok(Self {
            weight: at.get("weight", &[count, size], Init::Normal(std))?,
        })
    }

    /// The vectors of `ids`: (ids, size).
    pub fn forward(&self, ids: &[u32], pass: &Pass) -> Result<Tensor> {
        gather_rows(&self.weight.tensor(pass), ids)
    }
}

/// The rows of `table` (count, size) numbered `ids`, in that order: (ids, size). A number beyond
/// the table is an error.
pub fn gather_rows(table: &Tensor, ids: &[u32]) -> Result<Tensor> {
    table.apply_op1(GatherRowsOp { ids: ids.to_vec() })
}

struct GatherRowsOp {
    ids: Vec<u32>,
}

impl CustomOp1 for GatherRowsOp {
    fn name(&self) -> &'static str {
        "gather-rows"
    }

    fn cpu_fwd(&self, table: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let (count, size) = layout.shape().dims2()?;
        let table = slice(table, layout)?;
        let mut rows = Vec::with_capacity(self.ids.len() * size);
        for &id in &self.ids {
            let start = id as usize * size;
            match table.get(start..start + size) {
                Some(row) => rows.extend_from_slice(row),
                None => bail!("row {id} asked of a table of {count}"),
            }
        }
        Ok((CpuStorage::F32(rows), Shape::from((self.ids.len(), size))))
    }

    fn bwd(&self, table: &Tensor, _rows: &Tensor, grad: &Tensor) -> Result<Option<Tensor>> {
        let size = table.dim(1)?;
        let grad = grad.contiguous()?;
        let mut sums = vec![0.0; table.elem_count()];
        for (&id, row) in self.ids.iter().zip(values(&grad)?.chunks_exact(size)) {
            let start = id as usize * size;
            for (sum, value) in sums[start..start + size].iter_mut().zip(row) {
                *sum += value;
            }
        }
        tensor_like(sums, table).map(Some)
    }
}
