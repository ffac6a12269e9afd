//! Memory of the kernels: buffers that are used again from step to step, and candle's tensors seen
//! as slices.

use std::cell::RefCell;
use std::ops::{Deref, DerefMut};
use std::sync::{Mutex, PoisonError};

use candle_core::{CpuStorage, Layout, Result, Storage, Tensor, bail};

/// Buffers that wait for their next use. Asking the system for fresh memory instead would cost a
/// page fault per 4 KiB, at every step.
static POOL: Mutex<Vec<Vec<f32>>> = Mutex::new(Vec::new());

/// Up to this length a buffer is kept by the thread that used it: small ones are asked for so often
/// that threads would queue for one pool.
const OWN: usize = 1 << 16;

/// Sizes of small buffers: the powers of two from [`SMALLEST`] to [`OWN`].
const SIZES: usize = (OWN / SMALLEST).trailing_zeros() as usize + 1;
const SMALLEST: usize = 64;

/// Most small buffers of a size that a thread keeps.
const OWN_COUNT: usize = 16;

thread_local! {
    /// The thread's buffers, by size.
    static OWN_POOL: RefCell<[Vec<Vec<f32>>; SIZES]> = RefCell::default();
}

/// The place of a small buffer of this capacity.
fn own_place(capacity: usize) -> usize {
    (capacity / SMALLEST).trailing_zeros() as usize
}

/// Takes the smallest buffer of `pool` that holds `len` values without being far too large.
fn take_from(pool: &mut Vec<Vec<f32>>, len: usize) -> Option<Vec<f32>> {
    let fits = |vec: &Vec<f32>| vec.capacity() >= len && vec.capacity() / 2 <= len;
    let best = (0..pool.len())
        .filter(|&i| fits(&pool[i]))
        .min_by_key(|&i| pool[i].capacity());
    best.map(|i| pool.swap_remove(i))
}

/// Frees the largest buffer of less than `len` values: a larger one is being made in its place, so
/// that batches of many sizes do not heap up buffers of many sizes.
fn free_outgrown(pool: &mut Vec<Vec<f32>>, len: usize) {
    let outgrown = (0..pool.len())
        .filter(|&i| pool[i].capacity() < len)
        .max_by_key(|&i| pool[i].capacity());
    if let Some(i) = outgrown {
        pool.swap_remove(i);
    }
}

/// A slice of f32 from the pool, given back when dropped.
#[derive(Debug)]
pub struct Buffer {
    values: Vec<f32>,
}

impl Buffer {
    /// A buffer of `len` values that may hold anything.
    pub(super) fn any(len: usize) -> Self {
        let found = if size_class(len) <= OWN {
            OWN_POOL.with_borrow_mut(|pool| pool[own_place(size_class(len))].pop())
        } else {
            let mut pool = POOL.lock().unwrap_or_else(PoisonError::into_inner);
            let found = take_from(&mut pool, len);
            if found.is_none() {
                free_outgrown(&mut pool, len);
            }
            found
        };
        let mut values = found.unwrap_or_else(|| Vec::with_capacity(size_class(len)));
        values.resize(len, 0.0);
        Self { values }
    }

    /// A buffer of `len` zeros.
    pub(super) fn zeros(len: usize) -> Self {
        let mut buffer = Self::any(len);
        buffer.fill(0.0);
        buffer
    }
}

/// The capacity to ask for when `len` values are needed: a little more, so that the next batch,
/// which has a few tokens more or fewer, finds a buffer that fits.
fn size_class(len: usize) -> usize {
    let power = len.next_power_of_two();
    if power <= OWN {
        // Few sizes, so that a thread's few buffers serve sequences of every length.
        return power.max(SMALLEST);
    }
    len.next_multiple_of(power / 16)
}

impl Drop for Buffer {
    fn drop(&mut self) {
        let values = std::mem::take(&mut self.values);
        if values.capacity() <= OWN {
            // An allocator may give more than was asked for; such a buffer has no place here.
            if values.capacity() < SMALLEST || !values.capacity().is_power_of_two() {
                return;
            }
            // A thread that is ending has no pool any more; then the buffer is freed.
            let keep = |pool: &RefCell<[Vec<Vec<f32>>; SIZES]>| {
                let mut pool = pool.borrow_mut();
                let own = &mut pool[own_place(values.capacity())];
                if own.len() < OWN_COUNT {
                    own.push(values);
                }
            };
            OWN_POOL.try_with(keep).ok();
        } else {
            let mut pool = POOL.lock().unwrap_or_else(PoisonError::into_inner);
            pool.push(values);
        }
    }
}

impl Deref for Buffer {
    type Target = [f32];

    fn deref(&self) -> &[f32] {
        &self.values
    }
}

impl DerefMut for Buffer {
    fn deref_mut(&mut self) -> &mut [f32] {
        &mut self.values
    }
}

/// What an operation's forward pass keeps for its backward pass.
pub(super) struct Kept<T>(Mutex<Option<T>>);

impl<T> Kept<T> {
    /// Nothing is kept yet.
    pub(super) fn nothing() -> Self {
        Self(Mutex::new(None))
    }

    /// Keeps `value`.
    pub(super) fn put(&self, value: T) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(value);
    }

    /// What was kept, which is not kept any longer.
    pub(super) fn take(&self) -> Option<T> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// Gives the pool's memory back to the allocator: at the end of a run.
pub fn release_buffers() {
    POOL.lock().unwrap_or_else(PoisonError::into_inner).clear();
}

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_buffer_of_about_the_same_size_is_used_again() {
        // A size that no other test asks for.
        let len = 123_457;
        let mut first = Buffer::any(len);
        first.fill(1.0);
        let place = first.as_ptr();
        drop(first);
        let again = Buffer::any(len - 1000);
        assert_eq!((again.as_ptr(), again.len()), (place, len - 1000));
        assert!(Buffer::zeros(len).iter().all(|&value| value == 0.0));
    }
}
