//! How a file is split, as the run file records it under `[data.split]`.

use serde::{Deserialize, Serialize};

use super::balance::Balance;
use crate::error::{Error, Result};

/// How rows are divided into training, validation and test, and what training makes of its own.
/// The seed is the run's.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SplitSettings {
    /// The share of the rows that validation gets, above 0; of the training file where the test is
    /// a file of its own.
    #[serde(skip_serializing_if = "is_a_tenth")]
    pub validation: f64,
    /// The share of the rows of a single file that the test gets; 0 makes none.
    #[serde(skip_serializing_if = "is_a_tenth")]
    pub test: f64,
    /// Validation is one of so many parts of equal size (k-fold cross-validation) of what the test
    /// leaves, and `validation` has no meaning.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub folds: Option<usize>,
    /// Which of the parts, from 1.
    #[serde(skip_serializing_if = "is_first")]
    pub fold: usize,
    /// Whether a column that names the split of each row is followed, where there is one.
    #[serde(skip_serializing_if = "is_true")]
    pub by_column: bool,
    /// Whether texts that nearly repeat each other stay on one side.
    #[serde(skip_serializing_if = "is_true")]
    pub near_duplicates_together: bool,
    /// Whether rows of training are repeated or left out until every label has as many.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub balance: Option<Balance>,
}

const TENTH: f64 = 0.1;

fn is_a_tenth(share: &f64) -> bool {
    *share == TENTH
}

fn is_first(fold: &usize) -> bool {
    *fold == 1
}

fn is_true(value: &bool) -> bool {
    *value
}

impl Default for SplitSettings {
    fn default() -> Self {
        Self {
            validation: TENTH,
            test: TENTH,
            folds: None,
            fold: 1,
            by_column: true,
            near_duplicates_together: true,
            balance: None,
        }
    }
}

impl SplitSettings {
    /// Whether everything is as it is without a word about it.
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }

    /// Fails on shares that leave nothing for training or validation, and on a fold that is none.
    pub fn check(&self) -> Result<()> {
        let Self {
            validation, test, ..
        } = *self;
        let shares = validation > 0.0 && test >= 0.0 && validation + test < 1.0;
        if !shares {
            return Err(Error::new(format!(
                "validation = {validation} and test = {test} are no shares of the rows: validation \
                 above 0, test at least 0 and together less than 1 are expected"
            ))
            .remedy("Set them under [data.split], such as validation = 0.1 and test = 0.1."));
        }
        match self.folds {
            None if self.fold != 1 => Err(Error::new(format!(
                "fold {} is asked for, but not of how many",
                self.fold
            ))
            .remedy("Set folds too, such as folds = 5 (--split folds=5).")),
            Some(folds) if folds < 2 => Err(Error::new(format!(
                "folds = {folds} leaves no rows for training; at least 2 are expected"
            ))
            .remedy("Set folds to 5 or 10, as is usual, or leave it out.")),
            Some(folds) if !(1..=folds).contains(&self.fold) => Err(Error::new(format!(
                "there is no fold {} of {folds}",
                self.fold
            ))
            .remedy(format!("Set fold to a number from 1 to {folds}."))),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn impossible_settings_are_refused() {
        let check = |change: fn(&mut SplitSettings)| {
            let mut settings = SplitSettings::default();
            change(&mut settings);
            settings.check()
        };
        assert!(check(|_| ()).is_ok());
        assert!(check(|s| s.test = 0.0).is_ok());
        assert!(check(|s| s.validation = 0.0).is_err());
        assert!(check(|s| s.validation = f64::NAN).is_err());
        assert!(check(|s| s.test = -0.1).is_err());
        assert!(check(|s| (s.validation, s.test) = (0.5, 0.5)).is_err());
        let fold_of_none = check(|s| s.fold = 2).unwrap_err().to_string();
        assert!(fold_of_none.contains("--split folds=5"), "{fold_of_none}");
        assert!(check(|s| s.folds = Some(1)).is_err());
        assert!(check(|s| (s.folds, s.fold) = (Some(5), 6)).is_err());
        assert!(check(|s| (s.folds, s.fold) = (Some(5), 0)).is_err());
        assert!(check(|s| (s.folds, s.fold) = (Some(5), 5)).is_ok());
    }
}
