//! What is done about a finding in one click.

use crate::data::checks::{Check, Finding};
use crate::data::cleaning::{Alike, Cleaning, Conflicts};
use crate::data::{Remedy, Rule, personal};

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

/// The kinds of personal data.
pub const PERSONAL: [personal::Kind; 5] = [
    personal::Kind::Email,
    personal::Kind::Phone,
    personal::Kind::Card,
    personal::Kind::Iban,
    personal::Kind::ChineseId,
];

/// What can be done about a finding; `None` where only a person can.
pub fn action(finding: &Finding) -> Option<Action> {
    let rule = |rule| Some(Action::Clean(vec![Remedy::Apply(rule)]));
    let one = |remedy| Some(Action::Clean(vec![remedy]));
    match finding.check {
        Check::Leaks => one(Remedy::DropLeaks(Alike::Exact)),
        Check::NearLeaks => one(Remedy::DropLeaks(Alike::Near)),
        Check::ConflictingLabels => one(Remedy::Settle(Conflicts::Majority)),
        Check::RareLabels => Some(Action::Labels),
        Check::SimilarLabels => Some(Action::Review),
        Check::Imbalance => Some(Action::Balance),
        Check::ExactDuplicates => one(Remedy::DropDuplicates(Alike::Exact)),
        Check::NearDuplicates => one(Remedy::DropDuplicates(Alike::Near)),
        // What is left without text is dropped.
        Check::Empty => Some(Action::Clean(vec![
            Remedy::Apply(Rule::ControlCharacters),
            Remedy::Apply(Rule::WhiteSpace),
        ])),
        Check::Html => rule(Rule::Html),
        Check::ControlCharacters => rule(Rule::ControlCharacters),
        Check::ReplacementCharacters => Some(Action::ReadAs),
        Check::Mojibake => rule(Rule::Mojibake),
        Check::PersonalData => Some(Action::Clean(masks(finding))),
        Check::EntityBoundaries => rule(Rule::TrimEntities),
        Check::AnswerOffsets => rule(Rule::RepairAnswers),
        Check::Sorted
        | Check::TooLong
        | Check::MixedLanguages
        | Check::UnknownCharacters
        | Check::IllegalTags
        | Check::Unanswerable => None,
    }
}

/// Masks for the kinds of personal data that were found.
fn masks(finding: &Finding) -> Vec<Remedy> {
    let found = |kind: &personal::Kind| {
        let shares = finding.shares.iter();
        shares.into_iter().any(|share| share.name == kind.name())
    };
    PERSONAL
        .into_iter()
        .filter(found)
        .map(Remedy::Mask)
        .collect()
}

/// The cleaning with the remedies taken in.
pub fn with(cleaning: &Cleaning, remedies: &[Remedy]) -> Box<Cleaning> {
    let mut cleaning = cleaning.clone();
    for remedy in remedies {
        cleaning.apply(remedy);
    }
    Box::new(cleaning)
}
