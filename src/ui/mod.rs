//! The window: the only place that knows egui.
//!
//! `app.rs` owns everything and draws the shell; pages in `pages/` look at a borrowed
//! [`page::PageContext`] and send [`intent::Intent`]s, which `apply.rs` alone carries out.

mod app;
mod apply;
pub mod curves;
mod fields;
mod fonts;
pub mod intent;
pub mod loaded;
mod mark;
pub mod native;
pub mod page;
pub mod pages;
mod poll;
pub mod preferences;
pub mod project;
mod rail;
pub mod services;
mod shell;
mod status;
pub mod text;
pub mod theme;
pub mod widgets;
mod window;

pub use app::Workbench;
pub use window::{run, wanted_threads};
