//! Rows of training whose text stands in validation or test.

use std::collections::HashSet;

use super::{Sealed, Splits};
use crate::data::cleaning::{Alike, Removal, identities};
use crate::data::example::Example;
use crate::data::set_aside::SetAside;
use crate::error::{Error, Result};

/// Why each row of training must not stay there: its text (with its pair) is that of a row held out
/// for validation or test. `None` where it may stay.
pub fn leaks(train: &[Example], held_out: &[&Example], alike: Alike) -> Vec<Option<Removal>> {
    let examples: Vec<&Example> = held_out.iter().copied().chain(train).collect();
    let leaking = |alike| {
        let texts = identities(&examples, alike);
        let (held_out, train) = texts.split_at(held_out.len());
        let held_out: HashSet<usize> = held_out.iter().copied().collect();
        let train = train.iter();
        train
            .map(|text| held_out.contains(text))
            .collect::<Vec<_>>()
    };
    let exact = leaking(Alike::Exact);
    let near = match alike {
        Alike::Exact => exact.clone(),
        Alike::Near => leaking(Alike::Near),
    };
    let reasons = exact.into_iter().zip(near).map(|leak| match leak {
        (true, _) => Some(Removal::Leak),
        (false, true) => Some(Removal::NearLeak),
        (false, false) => None,
    });
    reasons.collect()
}

impl Splits {
    /// Drops the rows of training whose text (with its pair) stands in validation or test too, and
    /// gives them back with the reason. Labels keep their ids.
    ///
    /// The test stays sealed: what is said of it is how many rows training had in common with it.
    /// Fails when a label has no training row left.
    pub fn drop_leaks(&mut self, alike: Alike) -> Result<Vec<SetAside>> {
        let test = self.test.as_ref().map_or(&[][..], Sealed::open);
        let held_out: Vec<&Example> = self.validation.iter().chain(test).collect();
        let reasons = leaks(&self.train, &held_out, alike);
        let mut dropped = Vec::new();
        let mut reasons = reasons.into_iter();
        self.train.retain(|example| {
            let reason = reasons.next().flatten();
            dropped.extend(reason.map(|reason| reason.of(example)));
            reason.is_none()
        });
        self.refuse_emptied_labels()?;
        Ok(dropped)
    }

    /// Fails when training has no row left of a label that is its only one in a row.
    fn refuse_emptied_labels(&self) -> Result<()> {
        let left: HashSet<&str> = self.train.iter().map(Example::label).collect();
        let single = |example: &Example| !example.label().is_empty();
        let emptied = self
            .labels
            .iter()
            .find(|label| !left.contains(label.as_str()));
        match emptied {
            Some(label) if self.validation.iter().any(single) => Err(Error::new(format!(
                "every training row with the label \"{label}\" stands in validation or test too"
            ))
            .remedy("Add other rows with this label, or keep such rows: leave out leaks.")),
            _ if self.train.is_empty() => Err(Error::new(
                "every training row stands in validation or test too",
            )
            .remedy("Give other training rows, or keep such rows: leave out leaks.")),
            _ => Ok(()),
        }
    }
}
