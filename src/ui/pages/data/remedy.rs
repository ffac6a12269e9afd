//! What is done about a finding in one click.

use crate::data::checks::{Check, Finding};
use crate::data::{Cleaning, Kind, Remedy};

/// What the button of a finding does.
pub enum Action {
    /// Changes the cleaning.
    Clean(Vec<Remedy>),
    /// Shows the labels that belong together.
    Review,
    /// Opens the cleaning, where labels are renamed.
    Labels,
    /// Opens the splits, where labels are balanced.
    Balance,
    /// Opens how the file is read.
    ReadAs,
}

/// What can be done about a finding in rows of `kind`; `None` where only a person can.
pub fn action(finding: &Finding, kind: Kind) -> Option<Action> {
    match finding.check {
        Check::UnseenLabels | Check::RareLabels => Some(Action::Labels),
        Check::SimilarLabels => Some(Action::Review),
        Check::Imbalance => (kind == Kind::Label).then_some(Action::Balance),
        Check::ReplacementCharacters => Some(Action::ReadAs),
        _ => Some(finding.remedies())
            .filter(|remedies| !remedies.is_empty())
            .map(Action::Clean),
    }
}

/// The cleaning with the remedies taken in.
pub fn with(cleaning: &Cleaning, remedies: &[Remedy]) -> Box<Cleaning> {
    let mut cleaning = cleaning.clone();
    for remedy in remedies {
        cleaning.apply(remedy);
    }
    Box::new(cleaning)
}
