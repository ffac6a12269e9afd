//! The words of the Try page.

/// The words of the Try page.
pub struct TryText {}

/// English.
pub const ENGLISH: TryText = TryText {};
