//! Ctrl-C, and what a system sends to end a program (SIGTERM, SIGHUP): the first one asks for a clean
//! end, the second one ends the program.

use std::process;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::error::{Error, Result};

/// What a shell expects of a program that Ctrl-C ended.
const INTERRUPTED: i32 = 130;

/// Calls `first` at the first Ctrl-C and quits at the second. May be called once per process.
pub fn on_interrupt(mut first: impl FnMut() + Send + 'static) -> Result<()> {
    let presses = AtomicUsize::new(0);
    ctrlc::set_handler(move || match presses.fetch_add(1, Ordering::Relaxed) {
        0 => first(),
        // What matters is on the disk already: files are written whole or not at all.
        _ => process::exit(INTERRUPTED),
    })
    .map_err(|cause| Error::new("Ctrl-C cannot be watched").because(cause))
}
