//! The command line: what can be typed, and the only place that prints.
//!
//! Results go to standard output, progress and everything else to standard error. With `--json`
//! standard output carries one JSON object a line and nothing else.

mod bench;
mod curves;
mod data;
mod demo;
mod evaluate;
mod export;
mod follow;
mod interrupt;
mod models;
mod output;
mod predict;
mod progress;
mod reading;
mod runs;
mod scores;
mod settings;
mod train;
mod units;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::error::{Error, Result};
use crate::train::Event;
use output::{Out, note};

/// Exit code of a command that was not understood.
const USAGE: u8 = 2;

/// Fine-tune language models on an ordinary computer. Without a command the window opens.
#[derive(Debug, Parser)]
#[command(version, max_term_width = 100)]
pub struct CommandLine {
    #[command(subcommand)]
    command: Option<Command>,
    /// Threads that compute [default: one per core]
    #[arg(long, global = true, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: Option<u16>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Train a model, from a run file or from options
    Train(Box<train::Train>),
    /// Score a trained model on the rows it was never shown, or on a file
    Evaluate(evaluate::Evaluate),
    /// Check labelled data before it is trained on
    Data(data::Data),
    /// Let a trained model label texts
    Predict(predict::Predict),
    /// List, describe and download models to start from
    Models(models::Models),
    /// Copy a trained model out as a Hugging Face folder and check the copy
    Export(export::Export),
    /// List the runs that are kept
    Runs(runs::Runs),
    /// Measure how long a training step takes on this computer
    Bench(bench::Bench),
    /// Walk through everything on the bundled reviews, without a window
    Demo(demo::Demo),
}

/// Reads the command line. What was asked of clap itself (help, version, a mistake) is printed,
/// and the exit code returned.
pub fn parse(
    arguments: impl IntoIterator<Item = OsString>,
) -> std::result::Result<CommandLine, ExitCode> {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    CommandLine::try_parse_from(&arguments).map_err(|fault| {
        // Where it cannot be printed nobody is there to read it.
        fault.print().ok();
        if !fault.use_stderr() {
            return ExitCode::SUCCESS;
        }
        if arguments.iter().any(|argument| argument == "--json") {
            let text = fault.render().to_string();
            let what = text.lines().next().unwrap_or_default();
            let what = what.strip_prefix("error: ").unwrap_or(what);
            report_json(&Error::new(what).remedy("Run luthier with --help."));
        }
        ExitCode::from(USAGE)
    })
}

impl CommandLine {
    /// Threads that shall compute; `None` leaves it to the computer.
    pub fn threads(&self) -> Option<usize> {
        self.threads.map(usize::from)
    }

    /// Does what was asked, `open_window` where no command was given, and tells how it went.
    pub fn run(self, open_window: impl FnOnce() -> Result<()>) -> ExitCode {
        let Some(command) = self.command else {
            return report(open_window(), false);
        };
        let json = command.wants_json();
        report(command.run(), json)
    }
}

impl Command {
    fn run(self) -> Result<()> {
        match self {
            Self::Train(command) => command.run(),
            Self::Evaluate(command) => command.run(),
            Self::Data(command) => command.run(),
            Self::Predict(command) => command.run(),
            Self::Models(command) => command.run(),
            Self::Export(command) => command.run(),
            Self::Runs(command) => command.run(),
            Self::Bench(command) => command.run(),
            Self::Demo(command) => command.run(),
        }
    }

    fn wants_json(&self) -> bool {
        match self {
            Self::Train(command) => command.json,
            Self::Evaluate(command) => command.json,
            Self::Data(command) => command.json(),
            Self::Predict(command) => command.json,
            Self::Models(command) => command.json,
            Self::Export(command) => command.json,
            Self::Runs(command) => command.json,
            Self::Bench(command) => command.json,
            Self::Demo(_) => false,
        }
    }
}

/// The one place where a fault is told.
fn report(outcome: Result<()>, json: bool) -> ExitCode {
    let Err(fault) = outcome else {
        return ExitCode::SUCCESS;
    };
    note(format!("luthier: {}", fault.what()));
    if let Some(remedy) = fault.remedy_text() {
        note(remedy);
    }
    if json {
        report_json(&fault);
    }
    ExitCode::FAILURE
}

fn report_json(fault: &Error) {
    let event = Event::Failed {
        message: fault.what(),
        remedy: fault.remedy_text().map(str::to_owned),
    };
    // The fault stands on standard error already.
    Out::standard().json(&event).ok();
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        CommandLine::command().debug_assert();
    }
}
