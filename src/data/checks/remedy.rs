//! What cleaning does about a finding.

use super::answers::REPAIRABLE;
use super::finding::{Check, Finding};
use crate::data::cleaning::{Alike, Conflicts, Remedy, Rule};
use crate::data::personal;

impl Finding {
    /// The changes of the cleaning that mend it; none where only a person can.
    pub fn remedies(&self) -> Vec<Remedy> {
        match self.check {
            Check::Leaks => vec![Remedy::DropLeaks(Alike::Exact)],
            Check::NearLeaks => vec![Remedy::DropLeaks(Alike::Near)],
            Check::ConflictingLabels => vec![Remedy::Settle(Conflicts::Majority)],
            Check::SimilarLabels => self.renames(),
            Check::ExactDuplicates => vec![Remedy::DropDuplicates(Alike::Exact)],
            Check::NearDuplicates => vec![Remedy::DropDuplicates(Alike::Near)],
            // What is left without text is dropped.
            Check::Empty => vec![
                Remedy::Apply(Rule::ControlCharacters),
                Remedy::Apply(Rule::WhiteSpace),
            ],
            Check::Html => vec![Remedy::Apply(Rule::Html)],
            Check::ControlCharacters => vec![Remedy::Apply(Rule::ControlCharacters)],
            Check::Mojibake => vec![Remedy::Apply(Rule::Mojibake)],
            Check::PersonalData => self.masks(),
            Check::EntityBoundaries => vec![Remedy::Apply(Rule::TrimEntities)],
            Check::AnswerOffsets => self.repairs(),
            Check::UnseenLabels
            | Check::OneLabel
            | Check::RareLabels
            | Check::Imbalance
            | Check::ReplacementCharacters
            | Check::Sorted
            | Check::TooLong
            | Check::MixedLanguages
            | Check::UnknownCharacters
            | Check::IllegalTags
            | Check::Unanswerable => Vec::new(),
        }
    }

    /// Answers are put where the passage has them, where it has any of them once.
    fn repairs(&self) -> Vec<Remedy> {
        match self.shares.iter().any(|share| share.name == REPAIRABLE) {
            true => vec![Remedy::Apply(Rule::RepairAnswers)],
            false => Vec::new(),
        }
    }

    /// The rarer of two labels that look alike gets the name of the other.
    fn renames(&self) -> Vec<Remedy> {
        let pairs = self.pairs.iter().map(|pair| Remedy::Rename {
            from: pair.from.clone(),
            to: pair.to.clone(),
        });
        pairs.collect()
    }

    /// Masks for the kinds of personal data that were found.
    fn masks(&self) -> Vec<Remedy> {
        let found = |kind: &personal::Kind| self.shares.iter().any(|s| s.name == kind.name());
        let kinds = personal::Kind::ALL.into_iter().filter(found);
        kinds.map(Remedy::Mask).collect()
    }
}
