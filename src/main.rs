//! The program: a window without a command, a command otherwise.

use std::process::ExitCode;

use luthier::error::{Error, Result};
use luthier::{cli, runtime};

fn main() -> ExitCode {
    let command_line = match cli::parse(std::env::args_os()) {
        Ok(command_line) => command_line,
        Err(code) => return code,
    };
    runtime::prepare(command_line.threads());
    command_line.run(open_window)
}

/// Opens the window.
fn open_window() -> Result<()> {
    Err(Error::new("this build of Luthier has no window yet")
        .remedy("Use the command line: luthier demo shows the way."))
}
