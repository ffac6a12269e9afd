//! Calls of libraries that panic on damaged files instead of saying what is wrong.

use std::panic::{AssertUnwindSafe, catch_unwind};

/// What `call` returns; `None` where it panics. What it borrows must not be used after that.
pub(super) fn unless_it_panics<T>(call: impl FnOnce() -> T) -> Option<T> {
    catch_unwind(AssertUnwindSafe(call)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_nothing() {
        assert_eq!(unless_it_panics(|| 1), Some(1));
        assert_eq!(unless_it_panics::<()>(|| panic!("damaged")), None);
    }
}
