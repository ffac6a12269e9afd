//! Training, validation and test: who goes where, and the seal on the test.
//!
//! Rows are split by share of one file, by the parts that a column names, or as separate files
//! were given; [`SplitSettings`] says how. A split is stratified by what the rows are to be told
//! apart by, and rows that would give each other away always go to the same side: see
//! [`together`]. A text that is learned in training and asked for in the test measures memory, not
//! skill. Which texts go where depends on the seed and on the texts alone, not on the order of the
//! file.

mod balance;
mod labels;
mod leaks;
mod partition;
mod settings;
mod strata;
mod together;

use std::fmt;

use super::dataset::Dataset;
use super::example::Example;
use super::source::Source;
use crate::error::{Error, Result};

pub use balance::Balance;
use labels::{labels_of, refuse_unknown_labels};
pub use leaks::leaks;
use partition::{Parts, partition};
pub use settings::SplitSettings;

/// With fewer validation rows one answer more or less moves a score by two points or more.
pub const FEW_VALIDATION: usize = 50;

/// The examples by use.
#[derive(Debug, Clone)]
pub struct Splits {
    /// The labels (or tags) of the training examples, in alphabetical order, or in numerical order
    /// when all of them are whole numbers. A label's position is its id. Empty where rows have
    /// none.
    pub labels: Vec<String>,
    /// The names of the numbers of an example. Empty where examples have something else.
    pub targets: Vec<String>,
    /// What the model learns from, in the order of the file.
    pub train: Vec<Example>,
    /// What it is measured on while it learns, in the order of the file.
    pub validation: Vec<Example>,
    /// What it is measured on once, at the end; `None` when separate files came without a test, or
    /// none was asked for.
    pub test: Option<Sealed>,
}

impl Splits {
    /// What the model's answers are called: labels, or targets.
    pub fn names(&self) -> &[String] {
        match self.labels.is_empty() {
            true => &self.targets,
            false => &self.labels,
        }
    }

    /// The id of a label: its position in `labels`; `None` when training does not have it.
    pub fn label_id(&self, label: &str) -> Option<usize> {
        self.labels.iter().position(|known| known == label)
    }
}

/// Test examples that nobody has looked at. Only their number is known.
#[derive(Clone, PartialEq)]
pub struct Sealed {
    examples: Vec<Example>,
}

impl Sealed {
    /// The number of test examples. Free to ask at any time.
    pub fn len(&self) -> usize {
        self.examples.len()
    }

    /// Whether there are no test examples.
    pub fn is_empty(&self) -> bool {
        self.examples.is_empty()
    }

    /// Breaks the seal. To be called by the final evaluation only: whoever looks at the test
    /// before the model is chosen, chooses the model by it, and its score says nothing any more.
    pub fn open(&self) -> &[Example] {
        &self.examples
    }
}

/// Says the number only: a log line must not break the seal.
impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sealed")
            .field("len", &self.len())
            .finish_non_exhaustive()
    }
}

/// Splits one file into training, validation and test: by the column that names the part of each
/// row, where one was read, else by shares or folds.
///
/// Every label is in each part, but that a fold may lack a rare one. Fails on settings that
/// contradict themselves, when rows of one label each have only one label, when a label has fewer
/// different texts than there are parts, and when there are too few texts at all.
pub fn split(dataset: Dataset, settings: &SplitSettings, seed: u64) -> Result<Splits> {
    settings.check()?;
    if settings.by_column && names_parts(&dataset.examples) {
        let source = dataset.source.clone();
        let [train, validation, test] = by_column(dataset)?;
        let train = train.ok_or_else(|| nothing_to_learn_from(&source))?;
        return split_files(train, validation, test, settings, seed);
    }
    let labels = labels_of(&dataset.source, &dataset.examples)?;
    let targets = dataset.targets.clone();
    let parts = Parts::of(settings, settings.test);
    let [test, validation, train] = partition(dataset, &labels, settings, &parts, seed)?;
    Ok(Splits {
        labels,
        targets,
        train,
        validation,
        test: (settings.test > 0.0).then_some(Sealed { examples: test }),
    })
}

/// Takes files as they were given; without a validation file a share or a fold of the training file
/// becomes one, without a test file there is none.
///
/// Fails when the training file has only one label, when a label has too few different texts to
/// give some away, when a validation or test row has a label that training does not know, and when
/// folds are asked for although the validation rows are given.
pub fn split_files(
    train: Dataset,
    validation: Option<Dataset>,
    test: Option<Dataset>,
    settings: &SplitSettings,
    seed: u64,
) -> Result<Splits> {
    settings.check()?;
    let labels = labels_of(&train.source, &train.examples)?;
    for given in [&validation, &test].into_iter().flatten() {
        refuse_unknown_labels(given, &labels, &train.source)?;
    }
    let targets = train.targets.clone();
    let test = test.map(|test| Sealed {
        examples: test.examples,
    });
    let (train, validation) = match validation {
        Some(_) if settings.folds.is_some() => return Err(folds_of_given_rows()),
        Some(validation) => (train.examples, validation.examples),
        None => {
            let parts = Parts::of(settings, 0.0);
            let [_, validation, rest] = partition(train, &labels, settings, &parts, seed)?;
            (rest, validation)
        }
    };
    Ok(Splits {
        labels,
        targets,
        train,
        validation,
        test,
    })
}

fn folds_of_given_rows() -> Error {
    Error::new("folds are asked for, but the validation rows are given").remedy(
        "Leave out folds, or the validation rows, so that each fold is one in turn (where a column \
         names them: by_column = false under [data.split]).",
    )
}

const BY_SHARES: &str = "Complete the column, name another with --split-column, or split by shares: \
                         by_column = false under [data.split].";

/// Whether a column names more than one part; "train" in every row says nothing.
fn names_parts(examples: &[Example]) -> bool {
    let mut parts = examples.iter().filter_map(|example| example.part);
    let first = parts.next();
    parts.any(|part| Some(part) != first)
}

/// The rows of a file by the part that its column names: training, and the others where they have
/// rows. Fails when there are none for training, and on a row whose part is not named.
fn by_column(mut dataset: Dataset) -> Result<[Option<Dataset>; 3]> {
    let examples = std::mem::take(&mut dataset.examples);
    let mut parts = [Vec::new(), Vec::new(), Vec::new()];
    for example in examples {
        let Some(part) = example.part else {
            return Err(Error::new(format!(
                "{}, line {} (row {}): the column of the splits does not say which one the row is \
                 in; train, validation or test is expected",
                dataset.source, example.line, example.row
            ))
            .remedy(BY_SHARES));
        };
        parts[part as usize].push(example);
    }
    dataset.set_aside.clear();
    Ok(parts.map(|examples| {
        (!examples.is_empty()).then(|| Dataset {
            examples,
            ..dataset.clone()
        })
    }))
}

fn nothing_to_learn_from(source: &Source) -> Error {
    Error::new(format!(
        "no row of {source} is for training by the column of the splits"
    ))
    .remedy(BY_SHARES)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Target;

    #[test]
    fn a_debug_line_keeps_the_seal() {
        let example = Example {
            row: 1,
            line: 1,
            text: "secret".into(),
            pair: None,
            target: Target::Label("1".into()),
            group: None,
            part: None,
        };
        let sealed = Sealed {
            examples: vec![example],
        };
        assert_eq!(format!("{sealed:?}"), "Sealed { len: 1, .. }");
    }
}
