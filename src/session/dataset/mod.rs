//! The Data page's view of a data source: what was understood, the rows, and what the checks found.

mod check;
mod file;
mod row;
mod tally;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::Path;

use crate::data::checks::Finding;
use crate::data::{
    self, Dataset, Kind, Part, Reason, Request, Rows, Rule, SetAside, Source, Target, tags,
    write_set_aside,
};
use crate::error::{Error, Result};
use crate::home::Home;
use crate::run::atomic::write_file;
use crate::run::{DataSettings, RunSettings};
use crate::session::report;
use crate::tasks::TaskKind;
use crate::train::splits;

pub use file::{FileView, inspect};
pub use row::RowView;
pub use tally::Tally;

/// Is told how much is done and how much there is; an error ends the work.
pub type Progress<'a> = &'a (dyn Fn(u64, u64) -> Result<()> + Sync);

/// What the Data page shows of a data source. Rows, labels and findings are those after cleaning.
#[derive(Debug)]
pub struct DatasetView {
    /// The file of the rows, or the training file when the splits are files of their own.
    pub file: FileView,
    /// The rows in use of that file, by number.
    pub rows: Vec<RowView>,
    /// Lengths in tokens with the number of rows that have them, the shortest first.
    pub lengths: Vec<(usize, usize)>,
    /// Rows left out of any file: the file's name and the row.
    pub set_aside: Vec<(String, SetAside)>,
    /// Labels (or tags) with their row counts, most frequent first.
    pub labels: Vec<(String, usize)>,
    /// What is to be learned from the rows of that file, counted.
    pub tally: Tally,
    /// What the checks found, the weightiest first.
    pub findings: Vec<Finding>,
    /// How many rows each rule of the cleaning changed.
    pub changed: BTreeMap<Rule, usize>,
    /// Rows for training, validation and test.
    pub splits: [usize; 3],
    /// Why the rows cannot be split, where they cannot.
    pub split_fault: Option<Error>,
    /// The seed and the length limit that it was made with.
    pub made_with: (u64, usize),
}

impl DatasetView {
    /// Whether a model can be trained for `task` on these rows.
    pub fn is_trainable_for(&self, task: TaskKind) -> bool {
        let fits = self.file.kind == task.rows() && (!task.reads_pairs() || self.has_pairs());
        fits && !self.rows.is_empty() && self.split_fault.is_none()
    }

    /// Whether the rows can be meant as they are read. Labels and numbers may stand for each other;
    /// tags and answers are written in ways of their own.
    fn makes_sense(&self) -> bool {
        let is_column = |kind| matches!(kind, Kind::Label | Kind::Labels | Kind::Score);
        let FileView { kind, detected, .. } = self.file;
        !self.rows.is_empty() && (kind == detected || is_column(kind) && is_column(detected))
    }

    /// Whether the rows have a second text.
    pub fn has_pairs(&self) -> bool {
        self.rows.first().is_some_and(|row| row.pair.is_some())
    }

    /// Whether rows have one label each, which can be changed by hand.
    pub fn is_one_label(&self) -> bool {
        self.file.kind == Kind::Label
    }

    /// How many rows cleaning dropped.
    pub fn dropped(&self) -> usize {
        let cleaned = |reason: &Reason| matches!(reason, Reason::Cleaned(_));
        let rows = self.set_aside.iter();
        rows.filter(|(_, row)| cleaned(&row.reason)).count()
    }

    /// Rows whose text is longer than `limit` tokens.
    pub fn longer_than(&self, limit: usize) -> usize {
        let long = self.lengths.iter().filter(|(tokens, _)| *tokens > limit);
        long.map(|(_, rows)| rows).sum()
    }

    /// Mean length in tokens after cutting at `limit`.
    pub fn mean_tokens(&self, limit: usize) -> f64 {
        let rows: usize = self.lengths.iter().map(|(_, rows)| rows).sum();
        let lengths = self.lengths.iter();
        let tokens: usize = lengths
            .map(|(tokens, rows)| rows * tokens.min(&limit))
            .sum();
        tokens as f64 / rows.max(1) as f64
    }
}

/// Reads, cleans, splits and checks the data of `settings`. `kind` is what the rows are read for;
/// where it is `None`, they are read for the task, or else, if that makes no sense, for what the
/// file looks like. Takes seconds on large files.
///
/// # Errors
/// A file cannot be read or understood, a rule of the cleaning does not fit the rows, `progress`
/// ends the work. Rows that cannot be split are no error: see [`DatasetView::split_fault`].
pub fn view(
    settings: &RunSettings,
    kind: Option<Kind>,
    home: &Home,
    progress: Progress<'_>,
) -> Result<DatasetView> {
    if let Some(kind) = kind {
        return view_as(settings, Some(kind), home, progress);
    }
    let of_task = view_as(settings, Some(settings.task.rows()), home, progress);
    if of_task.as_ref().is_ok_and(DatasetView::makes_sense) {
        return of_task;
    }
    // The file is shown for what it is rather than not at all.
    progress(0, 0)?;
    match view_as(settings, None, home, progress) {
        Ok(found) if !found.rows.is_empty() => Ok(found),
        _ => of_task,
    }
}

fn view_as(
    settings: &RunSettings,
    kind: Option<Kind>,
    home: &Home,
    progress: Progress<'_>,
) -> Result<DatasetView> {
    let data = &settings.data;
    let (seed, limit) = made_with(settings);
    let (file, mut files) = read(data, kind, &|done, all| progress(done, 2 * all))?;
    let mut set_aside = Vec::new();
    let mut changed = BTreeMap::new();
    let mut originals = HashMap::new();
    for (part, dataset) in &mut files {
        if *part == Part::Train && !data.cleaning.is_default() {
            originals = row::originals(dataset);
        }
        for (rule, rows) in dataset.clean(&data.cleaning, *part)? {
            *changed.entry(rule).or_default() += rows;
        }
        let name = dataset.source.name();
        let dropped = std::mem::take(&mut dataset.set_aside).into_iter();
        set_aside.extend(dropped.map(|row| (name.clone(), row)));
    }
    let (splits, split_fault) = match splits::divide(data, files.clone(), seed) {
        Ok((splits, left_out)) => {
            leave_out(&mut files, &left_out);
            set_aside.extend(left_out);
            let test = splits.test.as_ref().map_or(0, data::Sealed::len);
            let counts = [splits.train.len(), splits.validation.len(), test];
            (counts, None)
        }
        Err(fault) => ([0; 3], Some(fault)),
    };
    let tokenizer = report::tokenizer(&settings.model, home, limit)?;
    let checked = check::check(&files, &tokenizer, limit, progress)?;
    let mut findings = checked.findings;
    if data.split.balance.is_some() {
        findings.retain(|finding| finding.check != data::checks::Check::Imbalance);
    }
    let tally = Tally::of(&files, file.kind);
    let rows = row::rows(files, &checked.tokens, originals);
    Ok(DatasetView {
        lengths: lengths(&rows),
        labels: checked.labels,
        tally,
        file,
        rows,
        set_aside,
        findings,
        changed,
        splits,
        split_fault,
        made_with: (seed, limit),
    })
}

/// The settings outside the data that a view depends on: seed and length limit.
pub fn made_with(settings: &RunSettings) -> (u64, usize) {
    let hyperparameters = &settings.hyperparameters;
    (hyperparameters.seed, hyperparameters.max_seq_length)
}

/// The files of the data with their parts.
type Files = Vec<(Part, Dataset)>;

/// Reads each file once, and says how the first was understood.
fn read(
    data: &DataSettings,
    kind: Option<Kind>,
    progress: Progress<'_>,
) -> Result<(FileView, Files)> {
    let sources = sources(data)?;
    let sizes = sources.iter().map(|(_, source)| source.size());
    let all = sizes.sum::<Result<u64>>()?;
    let mut request = data.request(kind);
    let mut first = None;
    let mut detected = Kind::Texts;
    let mut files = Vec::new();
    let mut before = 0;
    for (part, source) in sources {
        let rows = Rows::open_for(part, &source, &request)?;
        if first.is_none() {
            let looks = splits::looks_like(data, &source);
            detected = looks.map_or(rows.kind(), |(kind, _)| kind);
        }
        // What the first file is for, the others are for too.
        request.kind = Some(rows.kind());
        let dataset = Dataset::of(&rows, part, &|done, _| progress(before + done, all))?;
        before += source.size()?;
        first.get_or_insert_with(|| FileView::of(&rows, detected, dataset.rows()));
        files.push((part, dataset));
    }
    let file = first.ok_or_else(splits::nothing_named)?;
    Ok((file, files))
}

fn sources(data: &DataSettings) -> Result<Vec<(Part, Source)>> {
    let sources = Part::ALL.into_iter().zip(splits::sources(data)?);
    Ok(sources
        .filter_map(|(part, source)| Some((part, source?)))
        .collect())
}

/// Takes rows of training that were left out away.
fn leave_out(files: &mut Files, left_out: &[(String, SetAside)]) {
    if left_out.is_empty() {
        return;
    }
    let gone: HashSet<usize> = left_out.iter().map(|(_, row)| row.row).collect();
    if let Some((_, train)) = files.first_mut() {
        train
            .examples
            .retain(|example| !gone.contains(&example.row));
    }
}

fn lengths(rows: &[RowView]) -> Vec<(usize, usize)> {
    let mut counts = BTreeMap::<usize, usize>::new();
    for tokens in rows.iter().filter_map(|row| row.tokens) {
        *counts.entry(tokens).or_default() += 1;
    }
    counts.into_iter().collect()
}

/// Writes rows of the data that are not used as CSV: number, line and reason of each, then its
/// columns. `dropped` are those that could be read, with their files' names.
///
/// # Errors
/// The data cannot be read, or the file not be written; `to` is a file of the data itself.
pub fn save_set_aside(
    data: &DataSettings,
    kind: Option<Kind>,
    dropped: &[(String, SetAside)],
    to: &Path,
) -> Result<()> {
    if data.paths().any(|path| is_same_file(path, to)) {
        return Err(Error::new(format!("{} is the data itself", to.display()))
            .remedy("Choose another name: what is read is never written over."));
    }
    let request = data.request(kind);
    let mut files = Vec::new();
    for (part, source) in sources(data)? {
        let name = source.name();
        let dropped = dropped.iter().filter(|(file, _)| *file == name);
        let dropped = dropped.map(|(_, row)| (row.row, &row.reason)).collect();
        files.push((Rows::open_for(part, &source, &request)?, dropped));
    }
    let mut bytes = Vec::new();
    write_set_aside(&files, &mut bytes)?;
    write_file(to, &bytes)
}

/// Whether two paths lead to one file that is there.
fn is_same_file(a: &Path, b: &Path) -> bool {
    let real = |path: &Path| path.canonicalize().ok();
    real(a).is_some_and(|a| real(b) == Some(a))
}

/// Keeps pasted rows in a file of the storage folder, named by its content, and gives its path.
///
/// # Errors
/// There is nothing but white space, or the file cannot be written.
pub fn keep_pasted(text: &str, storage: &Path) -> Result<std::path::PathBuf> {
    if text.trim().is_empty() {
        return Err(Error::new("nothing was pasted")
            .remedy("Paste rows of texts with their labels, such as from a spreadsheet."));
    }
    let folder = storage.join("pasted");
    std::fs::create_dir_all(&folder).map_err(|cause| Error::file("make", &folder, cause))?;
    let name = data::cleaning::text_hash(text);
    // The reader tells by the content what it is; the ending only helps where that says nothing.
    let path = folder.join(format!("{name}.csv"));
    write_file(&path, text.as_bytes())?;
    Ok(path)
}

/// The data that a chosen path stands for: a folder with files called train, dev and test is
/// three files, anything else one.
pub fn chosen(path: &Path) -> DataSettings {
    let files = path
        .is_dir()
        .then(|| data::splits_of_folder(path))
        .flatten();
    let Some(files) = files else {
        return DataSettings::file(path);
    };
    let [train, validation, test] = files.map(|file| match file {
        Some(Source::File(path)) => Some(path),
        _ => None,
    });
    DataSettings {
        train,
        validation,
        test,
        ..DataSettings::default()
    }
}

/// Names and row counts of the bundled sets.
pub fn bundled() -> Vec<(&'static str, usize)> {
    let rows = |source| data::read(source, Request::default()).map_or(0, |set| set.examples.len());
    data::bundled()
        .into_iter()
        .map(|set| (set.name, rows(set.source)))
        .collect()
}

/// What is to be said of a row, in a few words.
fn label_of(target: &Target) -> String {
    match target {
        Target::Label(label) | Target::Text(label) => label.clone(),
        Target::Labels(labels) => labels.join(", "),
        Target::Scores(scores) => {
            let scores = scores.iter().map(f64::to_string);
            scores.collect::<Vec<_>>().join(", ")
        }
        Target::Tags(words) => {
            let mut types: Vec<&str> = Vec::new();
            for kind in words.iter().filter_map(|word| tags::entity_type(&word.tag)) {
                if !types.contains(&kind) {
                    types.push(kind);
                }
            }
            types.join(", ")
        }
        Target::Answers(answers) => answers
            .first()
            .map(|answer| answer.text.clone())
            .unwrap_or_default(),
        Target::Nothing => String::new(),
    }
}
