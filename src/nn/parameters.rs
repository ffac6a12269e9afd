//! The parameters of a model: read from a checkpoint by name, or drawn from the seed.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use candle_core::{Device, Tensor, Var};

use super::Pass;
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
}

/// A trainable tensor.
#[derive(Clone, Debug)]
pub struct Parameter {
    var: Var,
    decay: Arc<AtomicBool>,
}

impl Parameter {
    fn new(var: Var, decay: bool) -> Self {
        Self {
            var,
            decay: Arc::new(AtomicBool::new(decay)),
        }
    }

    /// The value as it enters a pass: recorded in training, detached in evaluation.
    pub fn tensor(&self, pass: &Pass) -> Tensor {
        if pass.is_training() {
            self.var.as_tensor().clone()
        } else {
            self.var.as_detached_tensor()
        }
    }

    /// The variable itself, for the optimiser and for saving.
    pub fn var(&self) -> &Var {
        &self.var
    }

    /// Whether weight decay applies.
    pub fn decays(&self) -> bool {
        self.decay.load(Ordering::Relaxed)
    }

    /// Exempts the parameter from weight decay, also where it is held already.
    #[must_use]
    pub fn without_decay(self) -> Self {
        self.decay.store(false, Ordering::Relaxed);
        self
    }
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
        let shared = Shared {
            source,
            seed,
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
