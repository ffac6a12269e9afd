//! Reading candle tensors as slices and making tensors from finished buffers.

use std::ops::Deref;

use candle_core::{CpuStorage, Layout, Result, Storage, Tensor, bail};

/// The values of a contiguous f32 tensor on the CPU, held readable while this lives.
pub(super) struct Values<'a, G> {
    guard: G,
    layout: &'a Layout,
}

/// Reads `tensor`, which must be contiguous f32 on the CPU.
pub(super) fn values(tensor: &Tensor) -> Result<Values<'_, impl Deref<Target = Storage>>> {
    let (guard, layout) = tensor.storage_and_layout();
    match &*guard {
        Storage::Cpu(storage) => slice(storage, layout)?,
        _ => bail!("expected a tensor on the cpu"),
    };
    Ok(Values { guard, layout })
}

impl<G: Deref<Target = Storage>> Deref for Values<'_, G> {
    type Target = [f32];

    fn deref(&self) -> &[f32] {
        match &*self.guard {
            Storage::Cpu(storage) => slice(storage, self.layout).unwrap_or_default(),
            _ => &[],
        }
    }
}

/// The slice behind a custom operation's argument, which must be contiguous f32.
pub(super) fn slice<'a>(storage: &'a CpuStorage, layout: &Layout) -> Result<&'a [f32]> {
    match layout.contiguous_offsets() {
        Some((start, end)) => Ok(&storage.as_slice::<f32>()?[start..end]),
        None => bail!("expected a contiguous tensor, found {layout:?}"),
    }
}

/// A tensor that owns `data`, shaped like `like`.
pub(super) fn tensor_like(data: Vec<f32>, like: &Tensor) -> Result<Tensor> {
    Tensor::from_vec(data, like.shape(), like.device())
}
