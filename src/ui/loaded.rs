//! A value that is made on another thread: not asked for, under way, there, or failed.

use crate::error::{Error, Result};
use crate::session::Job;

/// A value made by a [`Job`]. While a new one is under way the old one stays, so that a page can
/// go on showing it.
#[derive(Debug)]
pub struct Loaded<T> {
    value: Option<T>,
    fault: Option<Error>,
    job: Option<Job<T>>,
}

/// How a [`Loaded`] value stands.
#[derive(Debug)]
pub enum Load<'a, T> {
    /// Nobody has asked.
    Empty,
    /// Under way, for the first time.
    Loading,
    /// There. `refreshing` says that a newer one is under way.
    Ready {
        /// The value.
        value: &'a T,
        /// Whether a newer one is under way.
        refreshing: bool,
    },
    /// It could not be made.
    Failed(&'a Error),
}

impl<T> Default for Loaded<T> {
    fn default() -> Self {
        Self {
            value: None,
            fault: None,
            job: None,
        }
    }
}

impl<T> From<T> for Loaded<T> {
    fn from(value: T) -> Self {
        Self {
            value: Some(value),
            ..Self::default()
        }
    }
}

impl<T: Send + 'static> Loaded<T> {
    /// Waits for `job` from now on; an earlier job's result is no longer wanted.
    pub fn load(&mut self, job: Job<T>) {
        self.fault = None;
        self.job = Some(job);
    }

    /// Takes the job's result in. True when something has changed.
    pub fn poll(&mut self) -> bool {
        let Some(result) = self.job.as_ref().and_then(Job::poll) else {
            return false;
        };
        self.job = None;
        self.set(result);
        true
    }
}

impl<T> Loaded<T> {
    /// A value that could not be made.
    pub fn failed(fault: Error) -> Self {
        Self {
            fault: Some(fault),
            ..Self::default()
        }
    }

    /// Puts a result in at once.
    pub fn set(&mut self, result: Result<T>) {
        match result {
            Ok(value) => (self.value, self.fault) = (Some(value), None),
            Err(fault) => (self.value, self.fault) = (None, Some(fault)),
        }
    }

    /// How it stands.
    pub fn state(&self) -> Load<'_, T> {
        match (&self.value, &self.fault, &self.job) {
            (_, Some(fault), None) => Load::Failed(fault),
            (Some(value), _, job) => Load::Ready {
                value,
                refreshing: job.is_some(),
            },
            (None, _, Some(_)) => Load::Loading,
            (None, None, None) => Load::Empty,
        }
    }

    /// The value, if there is one.
    pub fn value(&self) -> Option<&T> {
        self.value.as_ref()
    }

    /// The value, to be changed in place.
    pub fn value_mut(&mut self) -> Option<&mut T> {
        self.value.as_mut()
    }

    /// What went wrong, if nothing is under way.
    pub fn fault(&self) -> Option<&Error> {
        self.fault.as_ref()
    }

    /// Whether a job is under way.
    pub fn is_loading(&self) -> bool {
        self.job.is_some()
    }

    /// Forgets value, fault and job.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// The result, taken out.
    pub fn into_result(self) -> Option<Result<T>> {
        match (self.value, self.fault) {
            (_, Some(fault)) => Some(Err(fault)),
            (value, None) => value.map(Ok),
        }
    }
}
