//! Follows a run from its start to its end.

use super::interrupt::on_interrupt;
use super::output::{Out, note};
use super::progress::Progress;
use crate::error::{Error, Result};
use crate::session::{Phase, RunState, Session};
use crate::train::event::Finished;
use crate::train::{Command, Event};

/// Shows a run until it has ended; with `json` every event but a failure, which is the caller's
/// to tell, goes to `out`. Ctrl-C stops the run and keeps the best model.
pub fn follow(mut session: Session, out: &mut Out, json: bool) -> Result<(RunState, Finished)> {
    let commands = session.commander();
    on_interrupt(move || {
        note("Stopping; the best model so far is kept. Ctrl-C again quits at once.");
        // A full or closed channel: the run is ending already.
        commands.try_send(Command::Stop).ok();
    })?;
    let mut progress = Progress::start(json);
    let mut unwritten = None;
    while let Some(event) = session.next_event() {
        progress.show(session.state(), &event);
        if !json || unwritten.is_some() || matches!(event, Event::Failed { .. }) {
            continue;
        }
        if let Err(fault) = write(out, &event, &mut progress) {
            // Lines that cannot be written are no reason to lose the training.
            session.send(Command::Stop);
            unwritten = Some(fault);
        }
    }
    progress.close();
    // Told first: where the run was stopped for it, the run's own end is only what followed.
    if let Some(fault) = unwritten {
        return Err(fault);
    }
    let finished = end(session.state())?;
    Ok((session.state().clone(), finished))
}

fn write(out: &mut Out, event: &Event, progress: &mut Progress) -> Result<()> {
    let was_open = !out.is_closed();
    out.json(event)?;
    if was_open && out.is_closed() {
        progress.warn("Nobody reads the events any more; the run goes on. Ctrl-C stops it.");
    }
    Ok(())
}

/// The result of a run whose thread has ended.
fn end(state: &RunState) -> Result<Finished> {
    if let Some(finished) = &state.finished {
        return Ok(finished.clone());
    }
    let Phase::Failed { message, remedy } = &state.phase else {
        return Err(Error::new("the training thread ended without a result")
            .remedy("Please report this; what was saved before is safe."));
    };
    let fault = Error::new(message.as_str());
    Err(match remedy {
        Some(remedy) => fault.remedy(remedy.as_str()),
        None => fault,
    })
}
