//! Luthier: fine-tune language models on an ordinary computer.
//!
//! `docs/ARCHITECTURE.md` is the map; dependencies between the modules run one way, downwards.

pub mod error;
pub mod home;
pub mod hub;
