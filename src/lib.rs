//! Luthier: fine-tune language models on an ordinary computer.
//!
//! `docs/ARCHITECTURE.md` is the map; dependencies between the modules run one way, downwards.

pub mod cli;
pub mod data;
pub mod error;
pub mod home;
pub mod hub;
pub mod metrics;
pub mod models;
pub mod nn;
pub mod rng;
pub mod run;
pub mod runtime;
pub mod session;
pub mod tasks;
pub mod text;
pub mod train;
pub mod ui;

pub use tasks::TaskModel;
