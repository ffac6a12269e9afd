//! The words of the Settings page.

/// The words of the Settings page.
pub struct SettingsText {}

/// English.
pub const ENGLISH: SettingsText = SettingsText {};
