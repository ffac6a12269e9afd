//! The report on labelled data before it is trained on: what was read, what could not be, and what
//! the checks found.

mod cleaned;
mod markdown;

use std::collections::{BTreeMap, HashMap};
use std::io::Write;
use std::path::Path;
use std::thread;

use crossbeam_channel::{Receiver, Sender, bounded};
use serde::Serialize;

use crate::data::checks::{CheckOptions, Checker, CountTokens, Finding, TokenCount};
use crate::data::{
    self, Cleaning, Example, Kind, Layout, Part, ReadingCount, Request, Role, Roles, Row, Rows,
    SetAside, Source, splits_of_folder,
};
use crate::error::{Error, Result};
use crate::home::Home;
use crate::hub::{self, ModelFiles};
use crate::models::Config;
use crate::session::job::panic_error;
use crate::tasks::TaskKind;
use crate::text::{Limit, Tokenizer};
pub use cleaned::CleaningCounts;
use cleaned::{CleanedFile, clean_all};

/// Rows that travel together from the reader to the checks, and the bytes of their texts after
/// which a chunk is full too.
const CHUNK: usize = 32 << 10;
const CHUNK_BYTES: usize = 4 << 20;

/// Chunks that wait between the reader and the checks; with their size it bounds the memory.
const WAITING: usize = 2;

/// More different labels than this are no labels: some other column was taken for them.
const MOST_LABELS: usize = 10_000;

/// What is to be reported on.
#[derive(Clone, Debug)]
pub struct ReportOptions {
    /// The files, each with what it is for; a single file is for training.
    pub files: Vec<(Part, Source)>,
    /// What is to be read of them, and how.
    pub request: Request,
    /// What is done to the rows before they are reported on.
    pub cleaning: Cleaning,
    /// Whether a row is no use without a second text.
    pub pairs: bool,
    /// The model whose tokenizer counts the tokens: a name of the catalogue or a folder.
    pub model: String,
    /// The most tokens that a model shall read of a row; as many as are usual for such rows where
    /// nothing is said.
    pub max_length: Option<usize>,
}

/// The report on one data set.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// The file that was named, or the training file.
    #[serde(flatten)]
    pub file: FileReport,
    /// The files for validation and test, where they were given.
    #[serde(rename = "other_files", skip_serializing_if = "Vec::is_empty")]
    pub others: Vec<FileReport>,
    /// How often each label occurs; for tags and several labels a row, each counts.
    pub labels: BTreeMap<String, usize>,
    /// What the checks found, the weightiest first.
    pub checks: Vec<Finding>,
}

impl Report {
    /// All files.
    pub fn files(&self) -> impl Iterator<Item = &FileReport> {
        std::iter::once(&self.file).chain(&self.others)
    }
}

/// One file of a data set.
#[derive(Clone, Debug, Serialize)]
pub struct FileReport {
    /// Its name.
    pub file: String,
    /// What it is for.
    pub part: Part,
    /// What its rows are read for; [`Kind::Texts`] where it has no labels.
    pub kind: Kind,
    /// How it is written.
    #[serde(flatten)]
    pub layout: Layout,
    /// What was understood, in one line.
    pub description: String,
    /// The columns in use, by role.
    pub columns: Roles,
    /// The columns not in use.
    pub ignored: Vec<String>,
    /// Rows in it.
    pub rows: usize,
    /// Rows that can be used.
    pub used: usize,
    /// Rows that cannot, with their reasons.
    pub set_aside: Vec<AsideRow>,
    /// The ways of reading it that make sense, the chosen one first.
    pub readings: Vec<ReadingCount>,
    /// What cleaning did, where any was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cleaning: Option<CleaningCounts>,
}

impl FileReport {
    /// The report of a file of which no row was read yet.
    fn of(rows: &Rows, part: Part) -> Self {
        Self {
            file: rows.source().name(),
            part,
            kind: rows.kind(),
            description: rows.layout().describe(),
            layout: rows.layout().clone(),
            columns: rows.roles().clone(),
            ignored: rows.ignored(),
            rows: 0,
            used: 0,
            set_aside: Vec::new(),
            readings: rows.readings().to_vec(),
            cleaning: None,
        }
    }

    fn count(&mut self, row: &Row, rows: &Rows) {
        match row {
            Row::Example(example) => self.count_example(example, rows),
            Row::SetAside(aside) => self.count_aside(aside, rows),
        }
    }

    fn count_example(&mut self, example: &Example, rows: &Rows) {
        // Training sets these aside, so they count as it does; the checks look at them.
        match example.misplaced_answers() {
            Some(reason) => {
                let (row, line) = (example.row, example.line);
                self.count_aside(&SetAside { row, line, reason }, rows);
            }
            None => {
                self.rows += 1;
                self.used += 1;
            }
        }
    }

    fn count_aside(&mut self, aside: &SetAside, rows: &Rows) {
        self.rows += 1;
        self.set_aside.push(AsideRow {
            row: aside.row,
            line: aside.line,
            file: rows.file_of(aside.row).map(str::to_owned),
            reason: aside.reason.to_string(),
        });
    }
}

/// A row that is not used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AsideRow {
    /// The record's number in its file, from 1.
    pub row: usize,
    /// The line on which it starts, from 1.
    pub line: usize,
    /// The file that it is, in a folder of texts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// Why it is not used.
    pub reason: String,
}

/// The files that a path stands for: a folder of train, dev and test files is three, anything else
/// is one.
pub fn files_of(path: &Path) -> Vec<(Part, Source)> {
    match path.is_dir().then(|| splits_of_folder(path)).flatten() {
        Some(files) => Part::ALL
            .into_iter()
            .zip(files)
            .filter_map(|(part, file)| Some((part, file?)))
            .collect(),
        None => vec![(Part::Train, Source::from(path))],
    }
}

/// Reads and checks the files. `progress` is told how many of how many bytes are read, and ends
/// the work by an error.
///
/// # Errors
/// A file cannot be read or understood, or has no column that is needed; the model is not
/// there.
pub fn report(
    options: &ReportOptions,
    home: &Home,
    progress: &(dyn Fn(u64, u64) -> Result<()> + Sync),
) -> Result<Report> {
    let cleans = !options.cleaning.is_default();
    let (opened, cleaned) = match cleans {
        true => (Vec::new(), clean_all(options, progress)?),
        false => (open_all(options)?, Vec::new()),
    };
    let first = opened.first().map(|(_, rows)| rows);
    let first = first.or(cleaned.first().map(|file| &file.rows));
    let usual = match first.map(Rows::kind) {
        Some(Kind::Answers) => TaskKind::Questions.usual_length(),
        _ => TaskKind::Topic.usual_length(),
    };
    let max_length = options.max_length.unwrap_or(usual);
    let tokenizer = tokenizer_of(&hub::resolve(&options.model, home)?, max_length)?;
    let count = |examples: &[&Example]| count_tokens(&tokenizer, examples);
    let count: CountTokens<'_> = &count;
    let mut tally = Tally {
        checker: Checker::new(CheckOptions {
            max_length: Some(max_length),
            tokens: Some(count),
        }),
        labels: HashMap::default(),
    };
    let mut files = Vec::new();
    for (part, rows) in opened {
        files.push(tally.file(rows, part, progress)?);
    }
    for file in cleaned {
        files.push(tally.cleaned(file)?);
    }
    let mut files = files.into_iter();
    let file = files.next().ok_or_else(|| {
        Error::new("no data is named").remedy("Name a file of labelled rows, or a folder of them.")
    })?;
    Ok(Report {
        file,
        others: files.collect(),
        labels: tally.labels.into_iter().collect(),
        checks: tally.checker.finish(),
    })
}

/// The tokenizer of `model`, or the built-in one while that is not downloaded.
pub fn tokenizer(model: &str, home: &Home, max_length: usize) -> Result<Tokenizer> {
    let files =
        hub::resolve(model, home).or_else(|_| hub::resolve(hub::LUTHIER_MINI.name, home))?;
    tokenizer_of(&files, max_length)
}

fn tokenizer_of(files: &ModelFiles, max_length: usize) -> Result<Tokenizer> {
    let config = Config::parse(&files.config)?;
    Tokenizer::load(
        &files.tokenizer,
        files.tokenizer_config.as_deref(),
        Limit {
            max_length: max_length.min(config.max_length()),
            stride: 0,
        },
        config.vocab_size(),
    )
}

/// Counts the tokens of rows for the checks.
pub fn count_tokens(tokenizer: &Tokenizer, examples: &[&Example]) -> Result<Vec<TokenCount>> {
    let texts = examples
        .iter()
        .map(|example| (example.text.as_str(), example.pair.as_deref()));
    let counts = tokenizer.count(&texts.collect::<Vec<_>>())?;
    Ok(counts
        .into_iter()
        .map(|(tokens, unknown)| TokenCount { tokens, unknown })
        .collect())
}

/// Writes the rows of all files that cannot be used as CSV, as the report counts them.
///
/// # Errors
/// A file cannot be read or understood, or `out` not be written.
pub fn write_set_aside(options: &ReportOptions, out: impl Write) -> Result<()> {
    let files: Vec<(Rows, Vec<SetAside>)> = if options.cleaning.is_default() {
        let opened = open_all(options)?.into_iter();
        opened.map(|(_, rows)| (rows, Vec::new())).collect()
    } else {
        let cleaned = clean_all(options, &|_, _| Ok(()))?.into_iter();
        cleaned.map(|file| (file.rows, file.set_aside)).collect()
    };
    let (rows, dropped): (Vec<Rows>, Vec<Vec<SetAside>>) = files.into_iter().unzip();
    let dropped = dropped.iter().map(|dropped| {
        let dropped = dropped.iter();
        dropped.map(|aside| (aside.row, &aside.reason)).collect()
    });
    let files: Vec<_> = rows.into_iter().zip(dropped).collect();
    data::write_set_aside(&files, out)
}

/// Opens the files. What the first is for, the others are for too.
fn open_all(options: &ReportOptions) -> Result<Vec<(Part, Rows)>> {
    let mut request = options.request.clone();
    let mut files = Vec::with_capacity(options.files.len());
    for (part, source) in &options.files {
        let rows = open(source, &request, files.is_empty())?;
        if options.pairs {
            rows.require(Role::TextPair)?;
        }
        if files.is_empty() {
            request.kind = Some(rows.kind());
        }
        files.push((*part, rows));
    }
    Ok(files)
}

/// Opens a file. Rows for validation or test may be without labels, and questions without answers:
/// their texts are checked.
fn open(source: &Source, request: &Request, first: bool) -> Result<Rows> {
    let opened = Rows::open(source, request);
    let is_named = first && request.kind.is_some();
    let texts_only = match &opened {
        Ok(rows) => !is_named && rows.lacks_answers()?,
        Err(_) => !first,
    };
    match texts_only {
        true => Rows::open(source, request.of_texts()).or(opened),
        false => opened,
    }
}

/// What is counted over all files.
struct Tally<'a> {
    checker: Checker<'a>,
    labels: HashMap<String, usize, ahash::RandomState>,
}

impl Tally<'_> {
    /// Reads one file while another thread checks what has been read.
    fn file(
        &mut self,
        rows: Rows,
        part: Part,
        progress: &(dyn Fn(u64, u64) -> Result<()> + Sync),
    ) -> Result<FileReport> {
        let mut file = FileReport::of(&rows, part);
        if file.layout.by_label && part == Part::Train {
            self.checker.ignore_order();
        }
        // Rows of training must come first, so that a leak is told as one: where a column says
        // which part a row is in, the file is read once for each.
        let has_parts = rows.roles().get(Role::Split).is_some();
        let passes = if has_parts { &Part::ALL[..] } else { &[part] };
        for (number, &pass) in passes.iter().enumerate() {
            self.pass(&rows, pass, progress, &mut |row| {
                if number == 0 {
                    file.count(&row, &rows);
                }
                match row {
                    Row::Example(example) => {
                        let of_pass = !has_parts || example.part.unwrap_or(part) == pass;
                        of_pass.then_some(example)
                    }
                    Row::SetAside(_) => None,
                }
            })?;
        }
        Ok(file)
    }

    /// Checks the rows of a file that was read and cleaned.
    fn cleaned(&mut self, cleaned: CleanedFile) -> Result<FileReport> {
        let mut file = FileReport::of(&cleaned.rows, cleaned.part);
        file.cleaning = Some(cleaned.counts());
        if file.layout.by_label && cleaned.part == Part::Train {
            self.checker.ignore_order();
        }
        for aside in &cleaned.set_aside {
            file.count_aside(aside, &cleaned.rows);
        }
        for (part, examples) in Part::ALL.into_iter().zip(&cleaned.examples) {
            for example in examples {
                file.count_example(example, &cleaned.rows);
            }
            self.check(part, examples)?;
        }
        file.set_aside.sort_by_key(|aside| aside.row);
        Ok(file)
    }

    /// Reads a file once and checks the examples that `take` wants of its rows.
    fn pass(
        &mut self,
        rows: &Rows,
        part: Part,
        progress: &(dyn Fn(u64, u64) -> Result<()> + Sync),
        take: &mut dyn FnMut(Row) -> Option<Example>,
    ) -> Result<()> {
        let (sender, chunks) = bounded(WAITING);
        thread::scope(|scope| {
            let checking = thread::Builder::new()
                .name("data checks".to_owned())
                .spawn_scoped(scope, move || self.check_all(part, &chunks))
                .map_err(|cause| {
                    Error::new("the checking thread could not be started").because(cause)
                })?;
            let read = send_examples(rows, progress, take, sender);
            match checking.join() {
                // Where both failed, reading did because nobody took its rows any more.
                Ok(checked) => checked.and(read),
                Err(panic) => Err(panic_error("checking the data", panic.as_ref())),
            }
        })
    }

    fn check_all(&mut self, part: Part, chunks: &Receiver<Vec<Example>>) -> Result<()> {
        chunks
            .into_iter()
            .try_for_each(|examples| self.check(part, &examples))
    }

    fn check(&mut self, part: Part, examples: &[Example]) -> Result<()> {
        examples
            .iter()
            .flat_map(Example::labels)
            .for_each(|label| self.count_label(label));
        self.checker.feed(part, examples)
    }

    fn count_label(&mut self, label: &str) {
        if let Some(count) = self.labels.get_mut(label) {
            *count += 1;
        } else if self.labels.len() < MOST_LABELS {
            self.labels.insert(label.to_owned(), 1);
        }
    }
}

fn send_examples(
    rows: &Rows,
    progress: &dyn Fn(u64, u64) -> Result<()>,
    take: &mut dyn FnMut(Row) -> Option<Example>,
    chunks: Sender<Vec<Example>>,
) -> Result<()> {
    let send = |chunk: Vec<Example>| {
        chunks
            .send(chunk)
            .map_err(|_| Error::new("checking has ended"))
    };
    let (mut chunk, mut bytes) = (Vec::with_capacity(CHUNK), 0);
    rows.visit(progress, &mut |row| {
        let Some(example) = take(row) else {
            return Ok(());
        };
        bytes += example.text.len() + example.pair.as_ref().map_or(0, String::len);
        chunk.push(example);
        if chunk.len() < CHUNK && bytes < CHUNK_BYTES {
            return Ok(());
        }
        bytes = 0;
        send(std::mem::replace(&mut chunk, Vec::with_capacity(CHUNK)))
    })?;
    send(chunk)
}
