//! One architecture per file, with Hugging Face field and weight names; loading and saving.

pub mod adapter;
mod albert;
mod architecture;
mod bert;
mod checkpoint;
mod config;
mod deberta_v2;
mod distilbert;
mod electra;
mod head;
mod method;
mod model;
mod modernbert;
mod roberta;

pub use checkpoint::{Checkpoint, save_tensors};
pub use config::Config;
pub use head::HeadKind;
pub use method::{Method, Part, is_adapter};
pub use model::Model;
