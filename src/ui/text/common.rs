//! Words that many pages use.

/// Words that many pages use.
pub struct CommonText {
    /// Opens a file dialog.
    pub browse: &'static str,
    /// Instead of `browse` while a dialog is open.
    pub dialog_open: &'static str,
    /// Tries again after a fault.
    pub try_again: &'static str,
    /// Ends something under way.
    pub cancel: &'static str,
    /// Puts a message away.
    pub dismiss: &'static str,
    /// Marks what is not there yet.
    pub coming: &'static str,
    /// Hover over what is not there yet.
    pub coming_hover: &'static str,
    /// Takes what was typed.
    pub open: &'static str,
    /// Names of scores, by their key.
    pub score: fn(&str) -> String,
}

/// English.
pub const ENGLISH: CommonText = CommonText {
    browse: "Browse…",
    dialog_open: "A file dialog is already open",
    try_again: "Try again",
    cancel: "Cancel",
    dismiss: "Dismiss",
    coming: "coming",
    coming_hover: "This is not there yet",
    open: "Open",
    score: |name| match name {
        "loss" => "Loss".to_owned(),
        "accuracy" => "Accuracy".to_owned(),
        "f1_macro" => "Macro F1".to_owned(),
        "f1_micro" => "Micro F1".to_owned(),
        "f1_weighted" => "Weighted F1".to_owned(),
        "precision_macro" => "Macro precision".to_owned(),
        "recall_macro" => "Macro recall".to_owned(),
        other => other.replace('_', " "),
    },
};
