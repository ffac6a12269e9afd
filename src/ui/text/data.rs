//! The words of the Data page.

/// The words of the Data page.
pub struct DataText {}

/// English.
pub const ENGLISH: DataText = DataText {};
