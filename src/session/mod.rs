//! A run as seen from outside: starts the training thread, sends commands, receives events and
//! folds them into plain state. Also the other work that window and command line ask for, each a
//! plain function to be called on a [`job::Job`]. Knows neither the window nor the terminal.

pub mod bench;
pub mod dataset;
pub mod evaluate;
pub mod export;
pub mod job;
pub mod report;
pub mod runs;
pub mod scorer;
pub mod state;
pub mod texts;
pub mod trained;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::thread;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, bounded};

pub use job::{Job, Wake, no_wake};
pub use state::{Phase, RunState};

use crate::error::{Error, Result};
use crate::home::Home;
use crate::run::RunSettings;
use crate::train::event::{Command, Event};
use crate::train::{self, Link};
use job::panic_error;

/// Events that may wait to be looked at before the training thread waits too.
const EVENTS: usize = 4096;

/// Commands that may wait for the next step.
const COMMANDS: usize = 256;

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
        let (event_sender, events) = bounded(EVENTS);
        let (commands, command_receiver) = bounded(COMMANDS);
        let link = Link::new(event_sender.clone(), command_receiver, wake.clone());
        let home = home.clone();
        let work = move || {
            let trained = AssertUnwindSafe(|| train::run(settings, &home, folder, link));
            if let Err(panic) = catch_unwind(trained) {
                let fault = panic_error("training", &*panic);
                event_sender.send(train::failed(&fault)).ok();
                wake();
            }
        };
        // Dropping a long graph of tensors recurses once per operation.
        thread::Builder::new()
            .name("training".to_owned())
            .stack_size(64 << 20)
            .spawn(work)
            .map_err(|cause| {
                Error::new("the training thread could not be started").because(cause)
            })?;
        Ok(Self {
            state: RunState::default(),
            commands,
            events,
        })
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

    /// A sender of commands for another thread, such as a signal handler.
    pub fn commander(&self) -> Sender<Command> {
        self.commands.clone()
    }

    /// The state so far.
    pub fn state(&self) -> &RunState {
        &self.state
    }
}
