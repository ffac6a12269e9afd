//! One-off work on a named thread: file reading, downloads, exports. The caller polls for its end.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread;

use crossbeam_channel::{Receiver, bounded};

use crate::error::{Error, Result};

/// Called by a background thread after it has sent something, so that a sleeping window looks.
/// It must be cheap and may be called often.
pub type Wake = Arc<dyn Fn() + Send + Sync>;

/// A wake that does nothing, for callers that wait on the channel itself.
pub fn no_wake() -> Wake {
    Arc::new(|| {})
}

/// Work that runs on a thread of its own and ends with one result.
#[derive(Debug)]
pub struct Job<T> {
    result: Receiver<Result<T>>,
}

impl<T: Send + 'static> Job<T> {
    /// Runs `work` on a thread called `name`. A panic inside becomes an error.
    pub fn spawn(
        name: &'static str,
        wake: Wake,
        work: impl FnOnce() -> Result<T> + Send + 'static,
    ) -> Self {
        let (sender, result) = bounded(1);
        let spawned = thread::Builder::new().name(name.to_owned()).spawn({
            let sender = sender.clone();
            move || {
                let outcome = catch_unwind(AssertUnwindSafe(work))
                    .unwrap_or_else(|panic| Err(panic_error(name, &*panic)));
                // The asker may have lost interest; then nobody needs the result.
                sender.send(outcome).ok();
                wake();
            }
        });
        if let Err(cause) = spawned {
            let fault = Error::new(format!("the thread {name} could not be started"));
            sender.send(Err(fault.because(cause))).ok();
        }
        Self { result }
    }

    /// The result, once, when the work is done; `None` while it runs.
    pub fn poll(&self) -> Option<Result<T>> {
        self.result.try_recv().ok()
    }

    /// Waits for the result.
    pub fn wait(self) -> Result<T> {
        self.result
            .recv()
            .unwrap_or_else(|_| Err(Error::new("the background work ended without a result")))
    }
}

/// The words of a caught panic, as an error that asks for a report.
pub(crate) fn panic_error(thread: &str, panic: &(dyn std::any::Any + Send)) -> Error {
    let words = panic
        .downcast_ref::<&str>()
        .map(ToString::to_string)
        .or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "no words".to_owned());
    Error::new(format!("{thread} stopped at a fault of Luthier: {words}"))
        .remedy("Please report this; what was saved before is safe.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_and_panics_come_back() {
        assert_eq!(
            Job::spawn("sum", no_wake(), || Ok(1 + 1)).wait().unwrap(),
            2
        );
        let fault = Job::<()>::spawn("bad", no_wake(), || panic!("odd number"))
            .wait()
            .unwrap_err();
        assert!(fault.to_string().contains("odd number"));
    }
}
