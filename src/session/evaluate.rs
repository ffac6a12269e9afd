//! Scores a trained model again: on the rows its run kept aside, or on a file.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::trained::Trained;
use crate::data::{Dataset, Example, Kind, Part, SetAside};
use crate::error::{Error, Result};
use crate::run::{DataSettings, Hyperparameters, RunSettings};
use crate::tasks::{Evaluation, ScoredRow, TaskModel};
use crate::train::splits;

/// Rows per batch.
const BATCH: usize = 64;

/// Which rows were scored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Split {
    /// The test split of the model's own run.
    Test,
    /// The validation split of the model's own run, which has no test split.
    Validation,
    /// All rows of a file.
    File,
}

/// What becomes of rows of a file with a label that the model never learned.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum UnknownLabels {
    /// They are told, and nothing is scored: scores without them say less.
    #[default]
    Refused,
    /// They are set aside.
    Skipped,
}

/// A model scored again.
#[derive(Clone, Debug, PartialEq)]
pub struct Reevaluation {
    /// Which rows were scored.
    pub split: Split,
    /// The file or bundled set that the rows are from.
    pub source: String,
    /// The rows of the file that could not be.
    pub set_aside: Vec<SetAside>,
    /// The scores.
    pub evaluation: Evaluation,
}

/// Rows to score.
struct Rows {
    split: Split,
    source: String,
    set_aside: Vec<SetAside>,
    examples: Vec<Example>,
    /// The training rows, where the run tells them.
    train: Option<Vec<Example>>,
}

/// Scores `trained` on all rows of `data`; without it on the test split of the model's own run,
/// else on its validation split, made again from the run file. `progress` is told how many rows
/// are done, and of how many.
///
/// # Errors
/// The data cannot be read, has changed since the run, or has labels that the model does not know
/// and that are not to be skipped; a model folder without a run was given no data.
pub fn evaluate(
    trained: &Trained,
    data: Option<&DataSettings>,
    unknown: UnknownLabels,
    progress: &mut dyn FnMut(usize, usize),
) -> Result<Reevaluation> {
    let model = TaskModel::open(&trained.model)?;
    let rows = match data {
        Some(data) => rows_of_file(data, unknown, trained, &model)?,
        None => match &trained.run {
            Some(run) => rows_of_run(&run.settings)?,
            None => {
                return Err(
                    Error::new("a model folder does not say which rows to score it on")
                        .remedy("Name a file of labelled rows with --data FILE."),
                );
            }
        },
    };
    let items = model
        .encode(&rows.examples)
        .map_err(|fault| fault.within(&rows.source))?;
    let total = items.len();
    let scored = model.score(&rows.examples, &items, BATCH, &mut |done| {
        progress(done, total);
        Ok(())
    })?;
    let baseline = rows
        .train
        .as_ref()
        .map(|train| model.task().baseline(train));
    let seed = match &trained.run {
        Some(run) => run.settings.hyperparameters.seed,
        None => Hyperparameters::default().seed,
    };
    let evaluation = model.evaluation(&rows.examples, &scored, baseline.as_ref(), seed);
    Ok(Reevaluation {
        split: rows.split,
        source: rows.source,
        set_aside: rows.set_aside,
        evaluation,
    })
}

/// What the model in `folder` answers on `examples`.
///
/// # Errors
/// The model cannot be read, or an example is not one that it can be asked.
pub(super) fn answers(folder: &Path, examples: &[Example]) -> Result<Vec<ScoredRow>> {
    let model = TaskModel::open(folder)?;
    let items = model.encode(examples)?;
    let scored = model.score(examples, &items, BATCH, &mut |_| Ok(()))?;
    Ok(model.scored_rows(examples, &scored))
}

/// The rows that the run of these settings kept for its test, else those that it validated with.
///
/// # Errors
/// The data cannot be read, or have changed since the run.
pub(super) fn kept_rows(settings: &RunSettings) -> Result<Vec<Example>> {
    Ok(rows_of_run(settings)?.examples)
}

fn rows_of_file(
    settings: &DataSettings,
    unknown: UnknownLabels,
    trained: &Trained,
    model: &TaskModel,
) -> Result<Rows> {
    let [first, ..] = splits::sources(settings)?;
    let source = first.ok_or_else(splits::nothing_named)?;
    let mut settings = settings.clone();
    let request = settings.request(Some(model.kind().rows()));
    let columns = trained.request_for(model, &source, request).columns;
    settings.text_column = columns.text;
    settings.text_pair_column = columns.text_pair;
    settings.label_column = columns.label;
    let names = model.labels();
    if model.kind().rows() == Kind::Score && names.len() > 1 {
        // The columns of several numbers are nowhere else to be found than by their names.
        let column = &mut settings.label_column;
        column.get_or_insert_with(|| names.join(","));
    }
    let (mut dataset, _) = splits::read(&settings, model.kind(), &source, Part::Test)?;
    dataset.order_targets(names);
    match unknown {
        UnknownLabels::Refused => refuse_unknown_labels(&dataset, names)?,
        UnknownLabels::Skipped => dataset.set_unknown_labels_aside(names)?,
    }
    let source = dataset.source.name();
    Ok(Rows {
        split: Split::File,
        source,
        set_aside: dataset.set_aside,
        examples: dataset.examples,
        train: None,
    })
}

/// Fails on rows with labels that are not among `known`, naming all labels at once.
fn refuse_unknown_labels(dataset: &Dataset, known: &[String]) -> Result<()> {
    let mut rows = 0;
    // Of each label the first row and how many there are.
    let mut counts: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for example in &dataset.examples {
        let unknown: BTreeSet<&str> = example.unknown_labels(known).collect();
        rows += usize::from(!unknown.is_empty());
        for label in unknown {
            counts.entry(label).or_insert((example.row, 0)).1 += 1;
        }
    }
    let Some(first) = counts.keys().next() else {
        return Ok(());
    };
    let rename = format!("--clean 'labels={{ \"{first}\" = \"…\" }}'");
    let mut labels: Vec<_> = counts.into_iter().collect();
    labels.sort_by_key(|&(_, (_, count))| Reverse(count));
    let named = |&(label, (row, count)): &(&str, (usize, usize))| match count {
        1 => format!("\"{label}\" (row {row})"),
        count => format!("\"{label}\" ({count}, first in row {row})"),
    };
    let rows = match rows {
        1 => "1 row".to_owned(),
        rows => format!("{rows} rows"),
    };
    Err(Error::new(format!(
        "{} has {rows} with labels that the model does not know: {}",
        dataset.source,
        listed(labels.iter().map(named))
    ))
    .remedy(format!(
        "It knows: {}. Leave these rows out with --skip-unknown-labels, or rename a label with \
         {rename}.",
        listed(known.iter().cloned())
    )))
}

/// Names with commas between them, cut where there are very many.
fn listed(names: impl ExactSizeIterator<Item = String>) -> String {
    const SHOWN: usize = 20;
    let more = names.len().saturating_sub(SHOWN);
    let shown = names.take(SHOWN).collect::<Vec<_>>().join(", ");
    match more {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

fn rows_of_run(settings: &RunSettings) -> Result<Rows> {
    let data = &settings.data;
    let loaded = splits::load(data, settings.task, settings.hyperparameters.seed)?;
    if data
        .sha256
        .as_ref()
        .is_some_and(|before| *before != loaded.sha256)
    {
        return Err(Error::new(format!(
            "the data {} has changed since the run",
            data.title()
        ))
        .remedy("Its test rows can't be told apart any more; name a file with --data FILE."));
    }
    let (split, examples) = match &loaded.splits.test {
        Some(test) => (Split::Test, test.open().to_vec()),
        None => (Split::Validation, loaded.splits.validation),
    };
    Ok(Rows {
        split,
        source: data.title(),
        set_aside: Vec::new(),
        examples,
        train: Some(loaded.splits.train),
    })
}
