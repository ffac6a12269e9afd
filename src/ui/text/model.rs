//! The words of the Model page.

/// The words of the Model page.
pub struct ModelText {}

/// English.
pub const ENGLISH: ModelText = ModelText {};
