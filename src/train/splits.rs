//! The examples of a run file, read and split.

use std::collections::BTreeMap;
use std::path::PathBuf;

use sha2::{Digest as _, Sha256};

use crate::data::{self, Dataset, Kind, Part, Role, Roles, Rule, SetAside, Source, Splits};
use crate::error::{Error, Result};
use crate::run::DataSettings;
use crate::tasks::TaskKind;

/// The examples of a run.
pub struct RunData {
    /// Training, validation and the sealed test split.
    pub splits: Splits,
    /// Rows that are not used, because they could not be or were cleaned away: the file's name and
    /// the row.
    pub set_aside: Vec<(String, SetAside)>,
    /// How many rows each rule of the cleaning changed.
    pub changed: BTreeMap<Rule, usize>,
    /// SHA-256 over the files.
    pub sha256: String,
    /// The columns of the first file in use.
    pub columns: Roles,
}

/// The bundled set called `name`.
pub fn bundled_source(name: &str) -> Result<Source> {
    let sets = data::bundled();
    let names: Vec<_> = sets.iter().map(|set| set.name).collect();
    sets.iter()
        .find(|set| set.name == name)
        .map(|set| set.source.clone())
        .ok_or_else(|| {
            Error::new(format!("there is no bundled set called \"{name}\""))
                .remedy(format!("Bundled are: {}.", names.join(", ")))
        })
}

/// Neither a file nor a bundled set was named.
pub fn nothing_named() -> Error {
    Error::new("no data is named").remedy("Choose a file or a bundled set.")
}

/// What the rows of a file look like, whatever they are read for, and whether they have two texts;
/// `None` where that cannot be told.
pub fn looks_like(settings: &DataSettings, source: &Source) -> Option<(Kind, bool)> {
    let open = |kind| data::Rows::open(source.clone(), settings.request(kind)).ok();
    let has_pairs = |rows: &data::Rows| rows.roles().get(Role::TextPair).is_some();
    let rows = open(None)?;
    let (kind, pairs) = (rows.kind(), has_pairs(&rows));
    // Of columns without names a second text is looked for only where no label is asked for.
    let pairs = match kind {
        Kind::Label if pairs => open(Some(kind)).is_some_and(|rows| has_pairs(&rows)),
        _ => pairs,
    };
    Some((kind, pairs))
}

/// What the training rows look like (see [`looks_like`]); `None` too where no file is named.
pub fn data_look_like(settings: &DataSettings) -> Option<(Kind, bool)> {
    let [train, ..] = sources(settings).ok()?;
    looks_like(settings, &train?)
}

/// The sources that the settings name: training (or everything), validation, test.
pub fn sources(settings: &DataSettings) -> Result<[Option<Source>; 3]> {
    let file = |path: &Option<PathBuf>| path.clone().map(Source::from);
    let first = match &settings.bundled {
        Some(name) => Some(bundled_source(name)?),
        None => file(&settings.file).or_else(|| file(&settings.train)),
    };
    Ok([first, file(&settings.validation), file(&settings.test)])
}

/// Reads and cleans one file of the data: the rows of `part`, or all of them when there is only one
/// file, as `task` asks for them. Says how many rows each rule changed.
pub fn read(
    settings: &DataSettings,
    task: TaskKind,
    source: &Source,
    part: Part,
) -> Result<(Dataset, BTreeMap<Rule, usize>)> {
    let request = settings.request(Some(task.rows()));
    let mut dataset = data::read_for(part, source, &request)
        .map_err(|fault| misfit(settings, task, source, part, fault))?;
    if task.reads_pairs() && dataset.columns.get(Role::TextPair).is_none() {
        let fault = without_pairs(source);
        return Err(misfit(settings, task, source, part, fault));
    }
    let changed = dataset.clean(&settings.cleaning, part)?;
    dataset.set_misplaced_answers_aside()?;
    Ok((dataset, changed))
}

/// Reads, cleans and splits the examples that the settings name, as `task` asks for them.
///
/// # Errors
/// A file cannot be read or split, or does not hold what the task learns from.
pub fn load(settings: &DataSettings, task: TaskKind, seed: u64) -> Result<RunData> {
    let sources = sources(settings)?;
    let sha256 = fingerprint(&sources)?;
    let mut seen = Seen::default();
    let mut files = Vec::new();
    for (part, source) in Part::ALL.into_iter().zip(sources) {
        if let Some(source) = source {
            let (dataset, changed) = read(settings, task, &source, part)?;
            files.push((part, seen.note(dataset, changed)));
        }
    }
    let columns = files.first().map(|(_, first)| first.columns.clone());
    let (splits, left_out) = divide(settings, files, seed)?;
    seen.set_aside.extend(left_out);
    Ok(RunData {
        splits,
        set_aside: seen.set_aside,
        changed: seen.changed,
        sha256,
        columns: columns.unwrap_or_default(),
    })
}

fn without_pairs(source: &Source) -> Error {
    Error::new(format!(
        "{source} has one text in each row, and the task reads two"
    ))
    .remedy("Name the second text's column with --text-pair-column, or choose it on the Data page.")
}

/// The fault of data that `task` cannot use: where another task could, that is said first. Only the
/// rows of training decide what the task is; others have to fit it.
fn misfit(
    settings: &DataSettings,
    task: TaskKind,
    source: &Source,
    part: Part,
    fault: Error,
) -> Error {
    let fitting = looks_like(settings, source)
        .and_then(|(rows, pairs)| TaskKind::for_rows(rows, pairs))
        .filter(|other| other.rows() != task.rows() || other.reads_pairs() != task.reads_pairs());
    let Some(other) = fitting.map(TaskKind::name) else {
        return fault;
    };
    let remedy = fault.remedy_text().unwrap_or_default().to_owned();
    fault.remedy(match part {
        Part::Train => format!(
            "It looks like data for the task {other}: choose that (--task {other}). Otherwise: {remedy}"
        ),
        _ => format!(
            "It looks like data for the task {other}, and {} is asked of it. Otherwise: {remedy}",
            task.name()
        ),
    })
}

/// Divides files that were read and cleaned, training (or everything) first. Also gives the rows of
/// training that were left out, because they leak or to balance the labels.
pub fn divide(
    settings: &DataSettings,
    files: Vec<(Part, Dataset)>,
    seed: u64,
) -> Result<(Splits, Vec<(String, SetAside)>)> {
    let mut parts = [None, None, None];
    for (part, file) in files {
        parts[part as usize] = Some(file);
    }
    let [train, validation, test] = parts;
    let train = train.ok_or_else(nothing_named)?;
    let name = train.source.name();
    let mut splits = if settings.train.is_some() {
        data::split_files(train, validation, test, &settings.split, seed)?
    } else {
        data::split(train, &settings.split, seed)?
    };
    let mut left_out = Vec::new();
    if let Some(alike) = settings.cleaning.leaks {
        left_out.extend(splits.drop_leaks(alike)?);
    }
    if let Some(balance) = settings.split.balance {
        left_out.extend(splits.balance(balance, seed)?);
    }
    let left_out = left_out.into_iter().map(|row| (name.clone(), row));
    Ok((splits, left_out.collect()))
}

/// What reading and cleaning the files came upon.
#[derive(Default)]
struct Seen {
    set_aside: Vec<(String, SetAside)>,
    changed: BTreeMap<Rule, usize>,
}

impl Seen {
    fn note(&mut self, mut dataset: Dataset, changed: BTreeMap<Rule, usize>) -> Dataset {
        for (rule, rows) in changed {
            *self.changed.entry(rule).or_default() += rows;
        }
        let name = dataset.source.name();
        let rows = std::mem::take(&mut dataset.set_aside).into_iter();
        self.set_aside.extend(rows.map(|row| (name.clone(), row)));
        dataset
    }
}

/// The file's own hash, or a hash over the hashes when there are several.
fn fingerprint(sources: &[Option<Source>]) -> Result<String> {
    let hashes = sources.iter().flatten().map(data::sha256);
    let hashes = hashes.collect::<Result<Vec<_>>>()?;
    Ok(match hashes.as_slice() {
        [one] => one.clone(),
        several => {
            let digest = Sha256::digest(several.join("\n"));
            digest.iter().map(|byte| format!("{byte:02x}")).collect()
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sixty rows of three labels, some repeated, with markup; a row without a label at the end.
    fn settings(folder: &std::path::Path) -> DataSettings {
        let mut content = String::from("text,label\n");
        for row in 0..60 {
            content.push_str(&format!("<b>text {}</b>,{}\n", row % 50, row % 10 % 3));
        }
        content.push_str("no label,\n");
        let path = folder.join("a.csv");
        std::fs::write(&path, content).unwrap();
        DataSettings::file(path)
    }

    fn rows(data: &RunData) -> [usize; 3] {
        let splits = &data.splits;
        let test = splits.test.as_ref().map_or(0, data::Sealed::len);
        [splits.train.len(), splits.validation.len(), test]
    }

    #[test]
    fn every_row_is_used_or_set_aside() {
        let folder = tempfile::tempdir().unwrap();
        let mut settings = settings(folder.path());
        let plain = load(&settings, TaskKind::Topic, 1).unwrap();
        assert_eq!((rows(&plain), plain.set_aside.len()), ([48, 6, 6], 1));
        settings.set_cleaning("html", None).unwrap();
        settings.set_cleaning("duplicates", Some("exact")).unwrap();
        settings.set_split("balance", "undersample").unwrap();
        let cleaned = load(&settings, TaskKind::Topic, 1).unwrap();
        assert_eq!(cleaned.changed, BTreeMap::from([(Rule::Html, 60)]));
        assert_eq!(
            rows(&cleaned).iter().sum::<usize>() + cleaned.set_aside.len(),
            61
        );
        assert!(cleaned.set_aside.len() > 11);
        assert!(
            !cleaned
                .splits
                .train
                .iter()
                .any(|row| row.text.contains('<'))
        );
        // The fingerprint is the file's own, whatever is done to its rows.
        assert_eq!(cleaned.sha256, plain.sha256);
        let again = load(&settings, TaskKind::Topic, 1).unwrap();
        assert_eq!(again.splits.train, cleaned.splits.train);
        assert_eq!(again.splits.test, cleaned.splits.test);
    }

    #[test]
    fn leaks_between_files_are_dropped_when_asked_for() {
        let folder = tempfile::tempdir().unwrap();
        let file = settings(folder.path()).file;
        let mut settings = DataSettings {
            train: file,
            validation: Some(folder.path().join("v.csv")),
            ..DataSettings::default()
        };
        let validation = "text,label\n<b>text 3</b>,0\nnew,1\n";
        std::fs::write(folder.path().join("v.csv"), validation).unwrap();
        assert_eq!(
            rows(&load(&settings, TaskKind::Topic, 1).unwrap()),
            [60, 2, 0]
        );
        settings.set_cleaning("leaks", Some("exact")).unwrap();
        let data = load(&settings, TaskKind::Topic, 1).unwrap();
        assert_eq!((rows(&data), data.set_aside.len()), ([58, 2, 0], 3));
    }

    #[test]
    fn nothing_left_is_an_error_that_names_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let mut settings = settings(folder.path());
        settings
            .set_cleaning("min_characters", Some("1000"))
            .unwrap();
        let error = load(&settings, TaskKind::Topic, 1)
            .err()
            .unwrap()
            .to_string();
        assert!(
            error.contains("none of the 61 rows") && error.contains("a.csv"),
            "{error}"
        );
    }
}
