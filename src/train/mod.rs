//! The training loop and what belongs to it.

pub mod event;

pub use event::{Change, Command, Event, Outcome};
