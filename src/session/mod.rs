//! A run as seen from outside: starts the training thread, sends commands, receives events and
//! folds them into plain state. Also the other work that window and command line ask for, each a
//! plain function to be called on a [`job::Job`]. Knows neither egui nor the terminal.

pub mod dataset;
pub mod estimate;
pub mod export;
pub mod job;
pub mod runs;
pub mod scorer;
pub mod state;

use std::path::PathBuf;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender};

pub use job::{Job, Wake, no_wake};
pub use state::{Phase, RunState};

use crate::error::Result;
use crate::home::Home;
use crate::run::RunSettings;
use crate::train::event::{Command, Event};

/// A running or just finished training run.
pub struct Session {
    state: RunState,
    commands: Sender<Command>,
    events: Receiver<Event>,
}

impl Session {
    /// Starts the training thread. `folder` is the run folder to make; `None` makes a new one with
    /// a name of its own under the storage folder.
    pub fn start(
        settings: RunSettings,
        home: &Home,
        folder: Option<PathBuf>,
        wake: Wake,
    ) -> Result<Self> {
        let _ = (settings, home, folder, wake);
        todo!("the training thread")
    }

    /// A session whose training thread holds the other ends of `commands` and `events`.
    pub fn over(commands: Sender<Command>, events: Receiver<Event>) -> Self {
        Self {
            state: RunState::default(),
            commands,
            events,
        }
    }

    /// Applies what has arrived, for at most `budget`. True when more may be waiting.
    pub fn poll(&mut self, budget: Duration) -> bool {
        let start = Instant::now();
        while let Ok(event) = self.events.try_recv() {
            self.state.apply(event);
            if start.elapsed() > budget {
                return true;
            }
        }
        false
    }

    /// Waits for the next event and applies it; `None` when the thread has ended.
    pub fn next_event(&mut self) -> Option<Event> {
        let event = self.events.recv().ok()?;
        self.state.apply(event.clone());
        Some(event)
    }

    /// Tells the training thread; nothing happens when it has ended.
    pub fn send(&self, command: Command) {
        // A full or closed channel means that the thread is ending: the command has no addressee.
        self.commands.try_send(command).ok();
    }

    /// The state so far.
    pub fn state(&self) -> &RunState {
        &self.state
    }
}
