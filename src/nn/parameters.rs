//! The parameters of a model: read from a checkpoint by name, or drawn from the seed.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use candle_core::backprop::GradStore;
use candle_core::{DType, Device, Tensor, Var};

use super::Pass;
use super::adapter::LowRank;
use super::buffers::{Buffer, values};
use super::matmul::Write;
use super::rows::add;
use crate::error::Result;
use crate::rng::{Purpose, Stream};

/// How a parameter begins that the checkpoint does not have.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Init {
    /// All zero.
    Zeros,
    /// All one.
    Ones,
    /// Normal with mean 0 and this standard deviation.
    Normal(f64),
    /// Uniform from minus this to this.
    Uniform(f64),
}

/// A tensor of the model that may be trained, with the gradient that backward passes leave on it.
///
/// Gradients are summed here and not in candle's store: a kernel adds its product in place, where
/// the store would make a zero tensor and a sum for every use.
#[derive(Clone, Debug)]
pub struct Parameter {
    shared: Arc<Own>,
}

#[derive(Debug)]
struct Own {
    var: Var,
    lagging: OnceLock<Arc<dyn LaggingRows>>,
    decays: AtomicBool,
    trains: AtomicBool,
    gradient: Mutex<Option<Gradient>>,
}

/// An optimiser that moves the rows of a table only when they are read, to what they would be had
/// they been moved at every step.
pub trait LaggingRows: std::fmt::Debug + Send + Sync {
    /// Brings the rows `ids` of `var`, or all, up to date.
    fn catch_up(&self, var: &Var, ids: Option<&[u32]>);
}

/// The gradient of a parameter, summed over the backward passes of an optimiser step.
#[derive(Debug)]
pub enum Gradient {
    /// A value for each of the parameter's.
    Dense(Buffer),
    /// Only the rows of a table that were used: row `ids[i]` has the i-th `width` values; the
    /// gradient of every other row is zero.
    Rows {
        /// Numbers of the rows, rising.
        ids: Vec<u32>,
        /// Their gradients, one below the other.
        values: Buffer,
    },
}

impl Gradient {
    /// The values that may differ from zero.
    pub fn values(&self) -> &[f32] {
        match self {
            Self::Dense(values) | Self::Rows { values, .. } => values,
        }
    }
}

impl Parameter {
    fn new(var: Var, decays: bool) -> Self {
        Self {
            shared: Arc::new(Own {
                var,
                lagging: OnceLock::new(),
                decays: AtomicBool::new(decays),
                trains: AtomicBool::new(true),
                gradient: Mutex::new(None),
            }),
        }
    }

    /// Zeros of this type that are never trained and belong to no checkpoint.
    pub(super) fn fixed_zeros(count: usize, dtype: DType) -> Result<Self> {
        let zeros = Self::new(Var::zeros(count, dtype, &Device::Cpu)?, false);
        zeros.set_trains(false);
        Ok(zeros)
    }

    /// The value as it enters a pass: recorded when it is to be trained, else detached.
    pub fn tensor(&self, pass: &Pass) -> Tensor {
        self.var();
        self.handle(pass)
    }

    /// The variable itself, up to date.
    pub fn var(&self) -> &Var {
        if let Some(lagging) = self.shared.lagging.get() {
            lagging.catch_up(&self.shared.var, None);
        }
        &self.shared.var
    }

    /// The variable of which only the rows `ids` need be up to date.
    pub(super) fn var_of_rows(&self, ids: &[u32]) -> &Var {
        if let Some(lagging) = self.shared.lagging.get() {
            lagging.catch_up(&self.shared.var, Some(ids));
        }
        &self.shared.var
    }

    /// The same tensor as [`Parameter::tensor`], whose values are not to be read.
    pub(super) fn handle(&self, pass: &Pass) -> Tensor {
        let var = &self.shared.var;
        if pass.is_training() && self.trains() {
            var.as_tensor().clone()
        } else {
            var.as_detached_tensor()
        }
    }

    /// From here on rows may lag behind until `lagging` is told that they are read. Only the first
    /// call counts.
    pub fn lag(&self, lagging: Arc<dyn LaggingRows>) {
        self.shared.lagging.set(lagging).ok();
    }

    /// Number of values.
    pub fn count(&self) -> usize {
        self.shared.var.elem_count()
    }

    /// Whether weight decay applies.
    pub fn decays(&self) -> bool {
        self.shared.decays.load(Ordering::Relaxed)
    }

    /// Exempts the parameter from weight decay, also where it is held already.
    #[must_use]
    pub fn without_decay(self) -> Self {
        self.shared.decays.store(false, Ordering::Relaxed);
        self
    }

    /// Whether the parameter is trained.
    pub fn trains(&self) -> bool {
        self.shared.trains.load(Ordering::Relaxed)
    }

    /// Says whether the parameter is trained, also where it is held already.
    pub fn set_trains(&self, trains: bool) {
        self.shared.trains.store(trains, Ordering::Relaxed);
    }

    /// The gradient so far, which the caller may take.
    pub fn gradient(&self) -> MutexGuard<'_, Option<Gradient>> {
        // A poisoned lock means that a kernel panicked: the run is over, its numbers are moot.
        let gradient = self.shared.gradient.lock();
        gradient.unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds to the gradient by a kernel that is given the sum so far and how to write to it.
    pub(super) fn add_gradient<R>(&self, kernel: impl FnOnce(&mut [f32], Write) -> R) -> R {
        let mut gradient = self.gradient();
        match &mut *gradient {
            Some(Gradient::Dense(sum)) => kernel(sum, Write::Add),
            none_or_rows => {
                let count = self.count();
                let mut sum = Buffer::any(count);
                let result = match none_or_rows {
                    Some(Gradient::Rows { ids, values }) => {
                        sum.fill(0.0);
                        let width = values.len() / ids.len().max(1);
                        for (&id, row) in ids.iter().zip(values.chunks_exact(width.max(1))) {
                            sum[id as usize * width..][..width].copy_from_slice(row);
                        }
                        kernel(&mut sum, Write::Add)
                    }
                    _ => kernel(&mut sum, Write::Set),
                };
                *none_or_rows = Some(Gradient::Dense(sum));
                result
            }
        }
    }

    /// Adds to the gradient by a kernel that adds to sums; where the parameter is not trained the
    /// kernel, which may have other things to do, is given sums that nobody reads.
    pub(super) fn add_sums<R>(&self, kernel: impl FnOnce(&mut [f32]) -> R) -> R {
        if !self.trains() {
            return kernel(&mut Buffer::zeros(self.count()));
        }
        self.add_gradient(|sum, write| {
            if write == Write::Set {
                sum.fill(0.0);
            }
            kernel(sum)
        })
    }

    /// Adds `rows` (one below the other) to the gradient's rows `ids`, which rise.
    pub(super) fn add_gradient_rows(&self, ids: Vec<u32>, rows: Buffer) {
        let mut gradient = self.gradient();
        let width = rows.len() / ids.len().max(1);
        match gradient.take() {
            None => *gradient = Some(Gradient::Rows { ids, values: rows }),
            Some(Gradient::Rows {
                ids: before,
                values,
            }) => *gradient = Some(merge_rows((before, &values), (ids, &rows), width)),
            Some(Gradient::Dense(mut sum)) => {
                for (&id, row) in ids.iter().zip(rows.chunks_exact(width.max(1))) {
                    add(&mut sum[id as usize * width..][..width], row);
                }
                *gradient = Some(Gradient::Dense(sum));
            }
        }
    }
}

/// The sum of two gradients of rows of `width`.
fn merge_rows(a: (Vec<u32>, &[f32]), b: (Vec<u32>, &[f32]), width: usize) -> Gradient {
    let mut ids: Vec<u32> = a.0.iter().chain(&b.0).copied().collect();
    ids.sort_unstable();
    ids.dedup();
    let mut values = Buffer::zeros(ids.len() * width);
    for (part_ids, part) in [a, b] {
        for (id, row) in part_ids.iter().zip(part.chunks_exact(width.max(1))) {
            // Every id of a part is one of the merged ids.
            let Ok(place) = ids.binary_search(id) else {
                continue;
            };
            add(&mut values[place * width..][..width], row);
        }
    }
    Gradient::Rows { ids, values }
}

/// Moves the gradients that candle's own operations left in `store` to their parameters.
pub fn collect_gradients(parameters: &Parameters, mut store: GradStore) -> candle_core::Result<()> {
    for parameter in parameters.values() {
        let Some(gradient) = store.remove(parameter.shared.var.as_tensor()) else {
            continue;
        };
        let gradient = gradient.to_device(&Device::Cpu)?.contiguous()?;
        let gradient = values(&gradient)?;
        parameter.add_gradient(|sum, write| match write {
            Write::Set => sum.copy_from_slice(&gradient),
            Write::Add => add(sum, &gradient),
        });
    }
    Ok(())
}

/// All parameters of a model by their Hugging Face names, in the order of the names.
pub type Parameters = BTreeMap<String, Parameter>;

/// Where the first values come from.
pub trait Source {
    /// The tensor called `name` as f32 with exactly `shape`; `None` when there is none and a new one
    /// may be drawn. An error when there is one that cannot be used, or when it must not be missing.
    fn tensor(&self, name: &str, shape: &[usize]) -> Result<Option<Tensor>>;
}

struct Shared<'a> {
    source: &'a dyn Source,
    seed: u64,
    adapter: Option<LowRank>,
    parameters: RefCell<Parameters>,
    drawn: RefCell<Vec<String>>,
}

/// Hands layers their parameters and remembers them: a path into the checkpoint's names.
pub struct Builder<'a> {
    shared: Rc<Shared<'a>>,
    path: String,
}

impl<'a> Builder<'a> {
    /// A builder at the root of the names. `seed` draws what `source` does not have.
    pub fn new(source: &'a dyn Source, seed: u64) -> Self {
        Self::adapted(source, seed, None)
    }

    /// The same; the layers that `adapter` targets get one.
    pub fn adapted(source: &'a dyn Source, seed: u64, adapter: Option<LowRank>) -> Self {
        let shared = Shared {
            source,
            seed,
            adapter,
            parameters: RefCell::default(),
            drawn: RefCell::default(),
        };
        Self {
            shared: Rc::new(shared),
            path: String::new(),
        }
    }

    /// The builder one name further down.
    #[must_use]
    pub fn at(&self, name: impl std::fmt::Display) -> Self {
        Self {
            shared: Rc::clone(&self.shared),
            path: self.join(&name.to_string()),
        }
    }

    /// The adapter that the layer here shall have.
    pub(super) fn adapter(&self) -> Option<&LowRank> {
        let adapter = self.shared.adapter.as_ref();
        adapter.filter(|adapter| adapter.targets(&self.path))
    }

    fn join(&self, name: &str) -> String {
        if self.path.is_empty() {
            name.to_owned()
        } else {
            format!("{}.{name}", self.path)
        }
    }

    /// The parameter called `name` here. Biases are exempt from weight decay.
    pub fn get(&self, name: &str, shape: &[usize], init: Init) -> Result<Parameter> {
        let full_name = self.join(name);
        let tensor = match self.shared.source.tensor(&full_name, shape)? {
            Some(tensor) => tensor,
            None => {
                self.shared.drawn.borrow_mut().push(full_name.clone());
                draw(init, shape, self.shared.seed, &full_name)?
            }
        };
        let parameter = Parameter::new(Var::from_tensor(&tensor)?, name != "bias");
        self.shared
            .parameters
            .borrow_mut()
            .insert(full_name, parameter.clone());
        Ok(parameter)
    }

    /// All parameters handed out, and the names of those that were drawn anew.
    pub fn finish(self) -> (Parameters, Vec<String>) {
        (self.shared.parameters.take(), self.shared.drawn.take())
    }
}

/// A new tensor; its numbers depend on the seed and its own name only, so that adding a layer
/// changes no other.
fn draw(init: Init, shape: &[usize], seed: u64, name: &str) -> Result<Tensor> {
    let count: usize = shape.iter().product();
    let data: Vec<f32> = match init {
        Init::Zeros => vec![0.0; count],
        Init::Ones => vec![1.0; count],
        Init::Normal(std) => {
            let stream = Stream::new(seed, Purpose::Init, 0).site(fnv1a(name));
            (0..count as u64)
                .map(|i| (stream.normal(i) * std) as f32)
                .collect()
        }
        Init::Uniform(bound) => {
            let stream = Stream::new(seed, Purpose::Init, 0).site(fnv1a(name));
            (0..count as u64)
                .map(|i| ((2.0 * stream.uniform(i) - 1.0) * bound) as f32)
                .collect()
        }
    };
    Ok(Tensor::from_vec(data, shape, &Device::Cpu)?)
}

/// A 32-bit FNV-1a hash (<http://www.isthe.com/chongo/tech/comp/fnv/>): stable over versions, which
/// the standard library's hashers do not promise.
fn fnv1a(text: &str) -> u32 {
    text.bytes().fold(0x811c_9dc5, |hash, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    })
}
