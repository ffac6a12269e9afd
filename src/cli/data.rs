//! `luthier data`.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use clap::{Args, Subcommand};

use super::interrupt::on_interrupt;
use super::output::{Out, note};
use super::progress::Counter;
use super::reading::DataOptions;
use super::settings::task_named;
use crate::data::{Kind, Part, Source, bundled};
use crate::error::{Error, Result};
use crate::home::Home;
use crate::run::atomic::write_file;
use crate::run::{DataSettings, Hyperparameters};
use crate::session::report::{ReportOptions, files_of, report, write_set_aside};

/// Options of `luthier data`.
#[derive(Debug, Args)]
pub struct Data {
    #[command(subcommand)]
    command: DataCommand,
}

#[derive(Debug, Subcommand)]
enum DataCommand {
    /// Tell what a labelled file holds, and what is wrong with it; the file is not changed
    Check(Box<Check>),
}

/// What rows are to be checked for.
#[derive(Clone, Copy, Debug)]
struct Wanted {
    kind: Kind,
    /// Whether a row is no use without a second text.
    pairs: bool,
}

/// What the rows are to be checked for: those of a task, or what no task here learns from.
fn rows_named(name: &str) -> std::result::Result<Wanted, String> {
    let alone = |kind| Ok(Wanted { kind, pairs: false });
    match name {
        "writing" | "chat" | "generation" => alone(Kind::Writing),
        "texts" => alone(Kind::Texts),
        _ => task_named(name)
            .map(|task| Wanted {
                kind: task.rows(),
                pairs: task.reads_pairs(),
            })
            .map_err(|known| format!("{known}, writing, texts")),
    }
}

/// A length in tokens, within the bounds that training has.
fn length(text: &str) -> std::result::Result<usize, String> {
    let mut settings = Hyperparameters::default();
    match settings.set_text("max_seq_length", text) {
        Ok(()) => Ok(settings.max_seq_length),
        Err(fault) => Err(fault.what()),
    }
}

#[derive(Debug, Args)]
struct Check {
    /// Labelled file, folder of files, or bundled set
    file: PathBuf,
    /// Rows for validation, to be checked against the others
    #[arg(long, value_name = "FILE")]
    validation: Option<PathBuf>,
    /// Rows for the test, to be checked against the others
    #[arg(long, value_name = "FILE")]
    test: Option<PathBuf>,
    /// What the rows are for, where detection is wrong: a task of `luthier train`, writing or texts
    #[arg(long, value_name = "TASK", value_parser = rows_named)]
    task: Option<Wanted>,
    #[command(flatten)]
    data: DataOptions,
    /// Model whose tokens are counted: a name of `luthier models`, or a folder
    #[arg(long, default_value = "luthier-mini", value_name = "NAME|DIR")]
    model: String,
    /// Most tokens that the model shall read of a row [default: 384 for questions, else 128]
    #[arg(long, value_name = "N", value_parser = length)]
    max_length: Option<usize>,
    /// Write the rows that cannot be used to this CSV file, with number, line and reason
    #[arg(long, value_name = "FILE")]
    set_aside: Option<PathBuf>,
    /// Write the report as one JSON object instead of Markdown
    #[arg(long)]
    json: bool,
}

impl Data {
    /// Does what was asked for.
    pub fn run(self) -> Result<()> {
        match self.command {
            DataCommand::Check(check) => check.run(),
        }
    }
}

impl Data {
    /// Whether faults are told as JSON too.
    pub(super) fn json(&self) -> bool {
        match &self.command {
            DataCommand::Check(check) => check.json,
        }
    }
}

impl Check {
    fn run(self) -> Result<()> {
        let home = Home::from_env()?;
        let options = self.options()?;
        if let Some(path) = &self.set_aside {
            refuse_existing(path)?;
        }
        let stopped = Arc::new(AtomicBool::new(false));
        let stop = Arc::clone(&stopped);
        on_interrupt(move || stop.store(true, Ordering::Relaxed))?;
        let counter = Counter::start("reading", self.json);
        let progress = |done: u64, all: u64| {
            counter.set(done as usize, all as usize);
            match stopped.load(Ordering::Relaxed) {
                true => Err(Error::new("stopped before everything was read")),
                false => Ok(()),
            }
        };
        let report = report(&options, &home, &progress);
        counter.close();
        let report = report?;
        if let Some(path) = &self.set_aside {
            let mut bytes = Vec::new();
            write_set_aside(&options, &mut bytes)?;
            write_file(path, &bytes)?;
            note(format!("The rows set aside are in {}.", path.display()));
        }
        let mut out = Out::standard();
        match self.json {
            true => out.json(&report),
            false => out.line(report.to_markdown().trim_end()),
        }
    }

    fn options(&self) -> Result<ReportOptions> {
        let mut files = match bundled_named(&self.file) {
            Some(source) => vec![(Part::Train, source)],
            None => files_of(&self.file),
        };
        for (part, path) in [
            (Part::Validation, &self.validation),
            (Part::Test, &self.test),
        ] {
            if let Some(path) = path {
                files.retain(|(other, _)| *other != part);
                files.push((part, Source::from(path)));
            }
        }
        files.sort_by_key(|(part, _)| *part);
        let mut data = DataSettings::default();
        self.data.over(&mut data)?;
        Ok(ReportOptions {
            files,
            request: data.request(self.task.map(|wanted| wanted.kind)),
            cleaning: data.cleaning,
            pairs: self.task.is_some_and(|wanted| wanted.pairs),
            model: self.model.clone(),
            max_length: self.max_length,
        })
    }
}

/// The bundled set of this name, unless there is a file of that name.
fn bundled_named(path: &Path) -> Option<Source> {
    let mut sets = bundled().into_iter();
    let set = sets.find(|set| path.as_os_str() == set.name)?;
    (!path.exists()).then_some(set.source)
}

/// A file that is there may be the data themselves.
fn refuse_existing(path: &Path) -> Result<()> {
    match path.exists() {
        false => Ok(()),
        true => Err(Error::new(format!("{} exists", path.display()))
            .remedy("Name another file for the rows that are set aside, or remove this one.")),
    }
}
