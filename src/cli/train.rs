//! `luthier train`.

use std::path::PathBuf;

use clap::Args;

use super::follow::follow;
use super::output::{Out, note};
use super::scores;
use super::settings::{RunOptions, absolute};
use super::units::{counted, duration};
use crate::error::Result;
use crate::home::Home;
use crate::session::{Session, no_wake, runs};
use crate::tasks::TaskKind;
use crate::train::Outcome;
use crate::train::event::Finished;

/// Options of `luthier train`.
#[derive(Debug, Args)]
pub struct Train {
    #[command(flatten)]
    options: RunOptions,
    /// Folder of the run, new or empty; by default one of its own in the storage folder
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Write every event as a JSON object on a line of its own
    #[arg(long)]
    pub(super) json: bool,
}

impl Train {
    /// Trains, and says how good the result is.
    pub fn run(self) -> Result<()> {
        let home = Home::from_env()?;
        let (settings, remark) = self.options.settings()?;
        if let Some(remark) = remark {
            note(remark);
        }
        let folder = self.out.as_deref().map(absolute).transpose()?;
        let task = settings.task;
        let session = Session::start(settings, &home, folder, no_wake())?;
        let mut out = Out::standard();
        let (_, finished) = follow(session, &mut out, self.json)?;
        if self.json {
            return Ok(());
        }
        tell(&finished, task, &home, &mut out)
    }
}

/// Says how a run ended, how good the model is, and what can be done with it.
fn tell(finished: &Finished, task: TaskKind, home: &Home, out: &mut Out) -> Result<()> {
    out.line(ending(finished))?;
    out.line("")?;
    let (validation, test) = runs::evaluations(&finished.run)?;
    for line in scores::side_by_side(&validation, test.as_ref()) {
        out.line(line)?;
    }
    out.line("")?;
    out.line(format!("Run folder: {}", finished.run.display()))?;
    let name = run_argument(finished, home);
    let asked = match task {
        TaskKind::Questions => "$'The passage.\\tYour question?'",
        _ if finished.pairs => "$'One text\\tAnother'",
        _ => "\"Your sentence here\"",
    };
    out.line(format!("Try it:     luthier predict {name} {asked}"))?;
    out.line(format!("Take it:    luthier export {name} --to DIR"))
}

/// How a run ended, in one line.
pub fn ending(finished: &Finished) -> String {
    let why = match finished.outcome {
        Outcome::Completed => "Completed",
        Outcome::StoppedEarly => "Stopped early, as the patience ran out,",
        Outcome::Stopped => "Stopped by hand",
    };
    format!(
        "{why} after {} in {}; the weights of step {} are kept.",
        counted(finished.steps, "step"),
        duration(finished.seconds),
        finished.best_step
    )
}

/// What to type for RUN: the name where the run lies in the storage folder, else its path.
pub fn run_argument(finished: &Finished, home: &Home) -> String {
    let name = finished.run.strip_prefix(home.runs()).ok();
    let text = name.unwrap_or(&finished.run).display().to_string();
    let plain = |c: char| c.is_alphanumeric() || "-_./".contains(c);
    if text.chars().all(plain) {
        text
    } else {
        format!("\"{text}\"")
    }
}
