//! The words of the Evaluate page.

/// The words of the Evaluate page.
pub struct EvaluateText {}

/// English.
pub const ENGLISH: EvaluateText = EvaluateText {};
