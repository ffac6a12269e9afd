//! Texts to tokens to packed batches.

mod packing;
mod tokenizer;

pub use packing::{PackedBatch, batches_by_tokens};
pub use tokenizer::{Bytes, Encoding, Input, Limit, Tokenizer, Window, input_of, line_of};
