//! The words of the Export page.

/// The words of the Export page.
pub struct ExportText {}

/// English.
pub const ENGLISH: ExportText = ExportText {};
