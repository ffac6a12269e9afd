//! One architecture per file, with Hugging Face field and weight names; loading and saving.

pub mod adapter;
mod architecture;
mod bert;
mod checkpoint;
mod config;
mod head;
mod method;
mod model;

pub use checkpoint::{Checkpoint, save_tensors};
pub use config::Config;
pub use head::HeadKind;
pub use method::{Method, Part, is_adapter};
pub use model::Model;
