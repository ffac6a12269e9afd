//! The words of the Train page.

/// The words of the Train page.
pub struct TrainText {}

/// English.
pub const ENGLISH: TrainText = TrainText {};
