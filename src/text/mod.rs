//! Texts to tokens to packed batches.

mod packing;
mod tokenizer;

pub use packing::PackedBatch;
pub use tokenizer::{Encoding, Tokenizer};
