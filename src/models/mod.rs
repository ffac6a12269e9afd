//! One architecture per file, with Hugging Face field and weight names; loading and saving.

pub mod adapter;
pub mod bert;
mod checkpoint;
mod method;

pub use checkpoint::{Checkpoint, save_tensors};
pub use method::{Method, Part, is_adapter};
