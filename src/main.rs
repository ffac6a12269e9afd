//! The program: a window without a command, a command otherwise.

use std::process::ExitCode;

use luthier::{cli, runtime, ui};

fn main() -> ExitCode {
    let command_line = match cli::parse(std::env::args_os()) {
        Ok(command_line) => command_line,
        Err(code) => return code,
    };
    runtime::prepare(command_line.threads().or_else(ui::wanted_threads));
    command_line.run(ui::run)
}
