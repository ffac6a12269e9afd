//! The words of the splits.

use crate::data::{Balance, Kind};

/// The splits.
pub struct SplitText {
    /// Heading.
    pub title: &'static str,
    /// How one file is split: by what is stratified, by seed.
    pub by_seed: fn(Kind, u64) -> String,
    /// Likewise, a fold of so many.
    pub by_fold: fn(usize, usize, u64) -> String,
    /// The rows cannot be split.
    pub impossible: &'static str,
    /// The files or a column are the splits.
    pub by_file: &'static str,
    /// Training rows.
    pub train: fn(&str) -> String,
    /// Validation rows.
    pub validation: fn(&str) -> String,
    /// Test rows.
    pub test: fn(&str) -> String,
    /// Hover over them.
    pub test_hover: &'static str,
    /// Opens the dialog.
    pub open: &'static str,
    /// Title of the dialog.
    pub dialog: &'static str,
    /// About the strata, the seed and the test.
    pub note: fn(Kind, u64) -> String,
    /// A field.
    pub validation_share: &'static str,
    /// A field.
    pub test_share: &'static str,
    /// A field.
    pub folds: &'static str,
    /// A field.
    pub fold: &'static str,
    /// In the empty field.
    pub no_folds: &'static str,
    /// A field.
    pub group: &'static str,
    /// A field.
    pub split: &'static str,
    /// A switch.
    pub together: &'static str,
    /// A field.
    pub balance: &'static str,
    /// A choice.
    pub no_balance: &'static str,
    /// A choice.
    pub balance_name: fn(Balance) -> &'static str,
    /// Another way to balance.
    pub weights_note: &'static str,
    /// Takes it.
    pub apply: &'static str,
}

/// English.
pub const ENGLISH: SplitText = SplitText {
    title: "Split",
    by_seed: |kind, seed| format!("stratified by {}, seed {seed}", strata(kind)),
    by_fold: |fold, folds, seed| format!("fold {fold} of {folds}, seed {seed}"),
    impossible: "not possible, as said above",
    by_file: "as the data gives it",
    train: |n| format!("train {n}"),
    validation: |n| format!("validation {n}"),
    test: |n| format!("test {n}, locked"),
    test_hover: "The test is locked: it is opened once, when training has ended",
    open: "Split…",
    dialog: "How the rows are split",
    note: |kind, seed| {
        format!(
            "Stratified by {} with seed {seed}, a hyperparameter. The test is locked: it is opened once, when training has ended.",
            strata(kind)
        )
    },
    validation_share: "Validation",
    test_share: "Test",
    folds: "Folds",
    fold: "Fold",
    no_folds: "none",
    group: "Group column",
    split: "Split column",
    together: "Keep near copies on one side",
    balance: "Balance training",
    no_balance: "as it is",
    balance_name: |balance| match balance {
        Balance::Oversample => "repeat rare labels' rows",
        Balance::Undersample => "leave out common labels' rows",
    },
    weights_note: "Labels can be weighed instead of sampled: class_weights, on the Hyperparameters page.",
    apply: "Split again",
};

/// What rows of a kind are stratified by.
fn strata(kind: Kind) -> &'static str {
    match kind {
        Kind::Labels => "rarest label",
        Kind::Score => "number",
        Kind::Tags => "type of entity",
        Kind::Answers => "answered or not",
        _ => "label",
    }
}
