//! The training loop and what belongs to it.

pub mod estimate;
pub mod event;
pub mod finish;
pub mod history;
pub mod learner;
mod link;
mod notices;
pub mod optimizer;
mod pace;
pub mod plan;
pub mod schedule;
pub mod splits;
mod stopping;
mod trainer;

use std::path::PathBuf;

pub use event::{Change, Command, Event, Outcome};
pub use link::Link;
pub use schedule::Schedule;

use crate::error::{Error, Result};
use crate::home::Home;
use crate::run::RunSettings;
use trainer::Trainer;

/// Trains from beginning to end on the calling thread. The last event is `Finished` or `Failed`.
pub fn run(settings: RunSettings, home: &Home, folder: Option<PathBuf>, mut link: Link) {
    let last = match train(settings, home, folder, &mut link) {
        Ok(finished) => finished,
        Err(fault) => failed(&fault),
    };
    // When even the history cannot be written the event still goes up the channel; when nobody
    // listens either there is nobody left to tell.
    if link.emit(last.clone()).is_err() {
        link.stop_recording();
        link.emit(last).ok();
    }
}

fn train(
    settings: RunSettings,
    home: &Home,
    folder: Option<PathBuf>,
    link: &mut Link,
) -> Result<Event> {
    let mut trainer = Trainer::prepare(settings, home, folder.as_deref(), link)?;
    let (outcome, kept) = trainer.train(link)?;
    Ok(Event::Finished(trainer.finish(outcome, kept, link)?))
}

/// The event that tells a fault.
pub fn failed(fault: &Error) -> Event {
    Event::Failed {
        message: fault.what(),
        remedy: fault.remedy_text().map(str::to_owned),
    }
}
