//! `luthier models`.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use clap::{Args, Subcommand};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Value, json};

use super::interrupt::on_interrupt;
use super::output::{Out, note, table};
use super::progress::on_terminal;
use super::units::{bytes, count};
use crate::error::{Error, Result};
use crate::home::Home;
use crate::hub::{Catalogue, Downloader, Entry, Progress, Source, Status, status};

/// Options of `luthier models`.
#[derive(Debug, Args)]
pub struct Models {
    #[command(subcommand)]
    action: Option<Action>,
    /// Write JSON objects, one a line
    #[arg(long, global = true)]
    pub(super) json: bool,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// List the models that can be chosen by name
    List,
    /// Tell everything about one model
    Show {
        /// Its name, or its Hugging Face repository
        name: String,
    },
    /// Download one model
    Fetch {
        /// Its name, or its Hugging Face repository
        name: String,
    },
}

impl Models {
    /// Lists, describes or downloads.
    pub fn run(self) -> Result<()> {
        let home = Home::from_env()?;
        let catalogue = Catalogue::embedded()?;
        let mut out = Out::standard();
        match self.action.unwrap_or(Action::List) {
            Action::List => list(&catalogue, &home, self.json, &mut out),
            Action::Show { name } => show(named(&catalogue, &name)?, &home, self.json, &mut out),
            Action::Fetch { name } => fetch(named(&catalogue, &name)?, &home, self.json, &mut out),
        }
    }
}

fn named<'a>(catalogue: &'a Catalogue, name: &str) -> Result<&'a Entry> {
    catalogue
        .by_name(name)
        .or_else(|| catalogue.by_repository(name))
        .ok_or_else(|| {
            let names: Vec<_> = catalogue.names().collect();
            Error::new(format!("there is no model called {name} in the catalogue")).remedy(format!(
                "Known are {}. A model in a folder of your own needs no fetching: name the folder with --model.",
                names.join(", ")
            ))
        })
}

fn list(catalogue: &Catalogue, home: &Home, json: bool, out: &mut Out) -> Result<()> {
    if json {
        let mut entries = catalogue.entries.iter();
        return entries.try_for_each(|entry| out.json(&as_json(entry, home)));
    }
    let heading = [
        "name",
        "parameters",
        "download",
        "languages",
        "licence",
        "here",
    ];
    let mut rows = vec![heading.map(str::to_owned).to_vec()];
    rows.extend(catalogue.entries.iter().map(|entry| {
        vec![
            entry.name.clone(),
            count(entry.parameters),
            entry.download_bytes.map_or_else(|| "–".to_owned(), bytes),
            entry.languages.join(", "),
            entry.licence.clone(),
            here(entry, home),
        ]
    }));
    for line in table(&rows, &[1, 2]) {
        out.line(line)?;
    }
    Ok(())
}

fn show(entry: &Entry, home: &Home, json: bool, out: &mut Out) -> Result<()> {
    if json {
        return out.json(&as_json(entry, home));
    }
    let shape = format!(
        "{} layers of width {}, {} heads, {} word pieces",
        entry.layers, entry.hidden, entry.heads, entry.vocabulary
    );
    let facts = [
        ("Name", Some(entry.name.clone())),
        ("Parameters", Some(count(entry.parameters))),
        ("Shape", Some(shape)),
        ("Longest text", Some(format!("{} tokens", entry.max_length))),
        ("Languages", Some(entry.languages.join(", "))),
        ("Trained on", entry.training_data.clone()),
        ("Licence", Some(entry.licence.clone())),
        ("Learning rate", Some(format!("{:e}", entry.learning_rate))),
        (
            "Download",
            entry
                .download_bytes
                .map(|size| format!("about {}", bytes(size))),
        ),
        ("Page", entry.page()),
        ("Here", Some(here(entry, home))),
    ];
    out.line(format!("{}: {}", entry.title, entry.summary))?;
    out.line("")?;
    let facts = facts.into_iter();
    let rows: Vec<_> = facts
        .filter_map(|(name, value)| Some(vec![name.to_owned(), value?]))
        .collect();
    for line in table(&rows, &[]) {
        out.line(line)?;
    }
    Ok(())
}

fn here(entry: &Entry, home: &Home) -> String {
    match status(entry, home) {
        Status::BuiltIn => "built in".to_owned(),
        Status::Downloaded => "downloaded".to_owned(),
        Status::Partial { bytes: done } => format!("{} so far", bytes(done)),
        Status::Absent => "no".to_owned(),
    }
}

fn as_json(entry: &Entry, home: &Home) -> Value {
    let here = match status(entry, home) {
        Status::BuiltIn => "built_in",
        Status::Downloaded => "downloaded",
        Status::Partial { .. } => "partial",
        Status::Absent => "absent",
    };
    json!({
        "name": entry.name,
        "title": entry.title,
        "summary": entry.summary,
        "status": here,
        "repository": entry.repository,
        "languages": entry.languages,
        "licence": entry.licence,
        "architecture": entry.architecture,
        "parameters": entry.parameters,
        "layers": entry.layers,
        "hidden": entry.hidden,
        "heads": entry.heads,
        "vocabulary": entry.vocabulary,
        "max_length": entry.max_length,
        "training_data": entry.training_data,
        "download_bytes": entry.download_bytes,
        "learning_rate": entry.learning_rate,
    })
}

fn fetch(entry: &Entry, home: &Home, json: bool, out: &mut Out) -> Result<()> {
    if entry.built_in {
        return fetched(entry, None, json, out);
    }
    let cancel = Arc::new(AtomicBool::new(false));
    on_interrupt({
        let cancel = Arc::clone(&cancel);
        move || cancel.store(true, Ordering::Relaxed)
    })?;
    let mut view = FetchView::new(json);
    let mut unwritten = None;
    let result = Downloader::from_env().fetch(
        entry,
        home,
        &mut |progress| {
            view.show(&progress);
            if json && let Err(fault) = out.json(&progress) {
                cancel.store(true, Ordering::Relaxed);
                unwritten = Some(fault);
            }
        },
        &cancel,
    );
    view.close();
    let folder = match unwritten {
        Some(fault) => return Err(fault),
        None => result?,
    };
    fetched(entry, Some(&folder), json, out)
}

fn fetched(entry: &Entry, folder: Option<&Path>, json: bool, out: &mut Out) -> Result<()> {
    if json {
        return out.json(&json!({"event": "fetched", "model": entry.name, "folder": folder}));
    }
    out.line(match folder {
        Some(folder) => format!("{} is in {}", entry.name, folder.display()),
        None => format!(
            "{} is part of the program; nothing needs to be downloaded.",
            entry.name
        ),
    })?;
    out.line(format!("Use it with: luthier train --model {}", entry.name))
}

/// A download on standard error.
struct FetchView {
    bar: Option<ProgressBar>,
    lines: bool,
}

impl FetchView {
    fn new(json: bool) -> Self {
        let bar = on_terminal(json).then(|| {
            let bar = ProgressBar::no_length();
            let template = "{bar:24.yellow} {decimal_bytes}/{decimal_total_bytes}  {decimal_bytes_per_sec}  {eta} left  {msg}";
            if let Ok(style) = ProgressStyle::with_template(template) {
                bar.set_style(style.progress_chars("━╸─"));
            }
            bar.enable_steady_tick(Duration::from_millis(200));
            bar
        });
        Self {
            lines: bar.is_none() && !json,
            bar,
        }
    }

    fn show(&mut self, progress: &Progress) {
        match progress {
            Progress::Begin { bytes, .. } => {
                if let (Some(bar), Some(bytes)) = (&self.bar, bytes) {
                    bar.set_length(*bytes);
                }
            }
            Progress::Source { source, location } => {
                self.say(&format!("Trying {}: {location}", source_name(*source)));
            }
            Progress::File { name, .. } => self.doing(name.clone()),
            Progress::Bytes { total_bytes, .. } => {
                if let Some(bar) = &self.bar {
                    bar.set_position(*total_bytes);
                }
            }
            Progress::Retry {
                reason,
                attempt,
                attempts,
            } => {
                self.say(&format!("{reason}; attempt {attempt} of {attempts}"));
            }
            Progress::Verifying { name } => self.doing(format!("checking {name}")),
            Progress::SourceFailed { source, reason } => {
                self.say(&format!(
                    "No answer from {}: {reason}",
                    source_name(*source)
                ));
            }
            Progress::End { .. } => {}
        }
    }

    fn say(&self, line: &str) {
        match &self.bar {
            Some(bar) => bar.println(line),
            None if self.lines => note(line),
            None => {}
        }
    }

    fn doing(&self, what: String) {
        if let Some(bar) = &self.bar {
            bar.set_message(what);
        } else if self.lines {
            note(what);
        }
    }

    fn close(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

fn source_name(source: Source) -> &'static str {
    match source {
        Source::HuggingFace => "the Hugging Face hub",
        Source::PythonPackage => "the Python package index",
    }
}
