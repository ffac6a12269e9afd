//! One architecture per file, with Hugging Face field and weight names; loading and saving.

pub mod bert;
mod checkpoint;

pub use checkpoint::{Checkpoint, save_weights};
