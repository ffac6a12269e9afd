//! Which rows a slow check looks at.

use std::fmt;

/// All rows at the start of a file, then one in so many: enough to tell a share by, and the same
/// rows whatever the number of threads.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sample {
    pub all_until: usize,
    pub then_every: usize,
}

impl Sample {
    /// Whether the row at this position, from 0, is looked at.
    pub fn takes(self, position: usize) -> bool {
        position < self.all_until || position.is_multiple_of(self.then_every)
    }
}

impl fmt::Display for Sample {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "the first {} rows and one in {} after them",
            self.all_until, self.then_every
        )
    }
}
