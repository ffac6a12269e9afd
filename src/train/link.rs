//! The training thread's end of the channels: events go up, commands come down.

use std::collections::VecDeque;
use std::sync::Arc;

use crossbeam_channel::{Receiver, Sender, TryRecvError};

use super::event::{Change, Command, Event};
use super::history::History;
use crate::error::Result;

/// The training thread's connection to the session.
pub struct Link {
    events: Sender<Event>,
    commands: Receiver<Command>,
    wake: Arc<dyn Fn() + Send + Sync>,
    history: Option<History>,
}

impl Link {
    /// A connection over the two channels. `wake` is called after every event.
    pub fn new(
        events: Sender<Event>,
        commands: Receiver<Command>,
        wake: Arc<dyn Fn() + Send + Sync>,
    ) -> Self {
        Self {
            events,
            commands,
            wake,
            history: None,
        }
    }

    /// From here on events are also written to `history`.
    pub fn record(&mut self, history: History) {
        self.history = Some(history);
    }

    /// Stops writing to the history, so that its folder can be taken back.
    pub fn stop_recording(&mut self) {
        self.history = None;
    }

    /// Writes the event to the history and sends it up; waits when the channel is full, so that no
    /// point is lost.
    pub fn emit(&mut self, event: Event) -> Result<()> {
        if let Some(history) = self.history.as_mut().filter(|_| is_history(&event)) {
            history.append(&event)?;
        }
        // Nobody listens any more: `wants` turns the closed command channel into a stop.
        self.events.send(event).ok();
        (self.wake)();
        Ok(())
    }
}

/// A sentence tried in passing is not part of what the run computed.
fn is_history(event: &Event) -> bool {
    !matches!(event, Event::Tried { .. })
}

/// What has been asked for and not yet been done.
#[derive(Debug, Default)]
pub struct Wishes {
    /// End now and keep the best checkpoint.
    pub stop: bool,
    /// Wait until told to go on.
    pub pause: bool,
    /// Settings to change, in order.
    pub changes: VecDeque<Change>,
    /// New probe sentences.
    pub probes: Option<Vec<String>>,
    /// A sentence to score; only the newest matters.
    pub try_text: Option<String>,
}

impl Wishes {
    /// Takes in every command that has arrived. A session that is gone is a wish to stop.
    pub fn take_in(&mut self, link: &Link) {
        loop {
            match link.commands.try_recv() {
                Ok(command) => self.add(command),
                Err(TryRecvError::Empty) => return,
                Err(TryRecvError::Disconnected) => {
                    self.stop = true;
                    return;
                }
            }
        }
    }

    /// Waits for the next command.
    pub fn wait(&mut self, link: &Link) {
        match link.commands.recv() {
            Ok(command) => self.add(command),
            Err(_) => self.stop = true,
        }
    }

    fn add(&mut self, command: Command) {
        match command {
            Command::Pause => self.pause = true,
            Command::Resume => self.pause = false,
            Command::Stop => self.stop = true,
            Command::Change(change) => self.changes.push_back(change),
            Command::Probes(texts) => self.probes = Some(texts),
            Command::Try(text) => self.try_text = Some(text),
        }
    }
}
