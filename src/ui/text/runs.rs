//! The words of the Runs page.

/// The words of the Runs page.
pub struct RunsText {}

/// English.
pub const ENGLISH: RunsText = RunsText {};
