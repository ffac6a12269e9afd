//! As many rows of training for every label.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Splits;
use crate::data::cleaning::Removal;
use crate::data::example::Target;
use crate::data::set_aside::SetAside;
use crate::error::{Error, Result};
use crate::rng::{Purpose, Stream};

/// How training comes to have as many rows of every label. Validation and test stay as they are:
/// they show what there will be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Balance {
    /// Rows of the rarer labels are repeated.
    Oversample,
    /// Rows of the commoner labels are left out.
    Undersample,
}

impl Splits {
    /// Repeats or leaves out rows of training, by seed, and gives back those left out. The rows stay
    /// in the order of the file, repeated ones beside each other; which ones they are depends on the
    /// texts, not on their order.
    ///
    /// Fails unless rows have one label each.
    pub fn balance(&mut self, balance: Balance, seed: u64) -> Result<Vec<SetAside>> {
        let mut by_label: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (position, example) in self.train.iter().enumerate() {
            match &example.target {
                Target::Label(label) => by_label.entry(label).or_default().push(position),
                _ => return Err(no_single_label()),
            }
        }
        let counts = by_label.values().map(Vec::len);
        let wanted = match balance {
            Balance::Oversample => counts.max(),
            Balance::Undersample => counts.min(),
        };
        let mut copies = vec![0; self.train.len()];
        for (id, rows) in by_label.values_mut().enumerate() {
            let wanted = wanted.unwrap_or_default();
            rows.sort_by(|&a, &b| self.train[a].text.cmp(&self.train[b].text));
            Stream::new(seed, Purpose::Balance, 0)
                .site(id as u32)
                .shuffle(rows);
            for &row in rows.iter().cycle().take(wanted) {
                copies[row] += 1;
            }
        }
        let mut left_out = Vec::new();
        let train = std::mem::take(&mut self.train);
        for (example, copies) in train.into_iter().zip(copies) {
            if copies == 0 {
                left_out.push(Removal::LeftOut.of(&example));
            }
            self.train.extend(std::iter::repeat_n(example, copies));
        }
        Ok(left_out)
    }
}

fn no_single_label() -> Error {
    Error::new("only rows with one label each can be balanced")
        .remedy("Leave out balance under [data.split].")
}
