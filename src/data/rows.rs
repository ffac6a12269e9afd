//! A file opened to be read row by row: each is an example, or set aside with its reason.

use super::aside_table::Dropped;
use super::columns::{self, Columns, Role, Roles};
use super::example::{Example, Kind, Target};
use super::extract::Extractor;
use super::given::splits_of_folder;
use super::kind;
use super::layout::{Layout, SAMPLE_BYTES, SAMPLE_ROWS};
use super::numbers::NumberStyle;
use super::open::open_naming;
use super::part::Part;
use super::reading::Reading;
use super::record::{Reader, Record, Records};
use super::set_aside::{Reason, SetAside};
use super::source::Source;
use super::survey::ReadingCount;
use super::tags::{TagForm, TagScheme};
use crate::error::{Error, Result};

/// The column in which SQuAD says that a question has no answer.
const IMPOSSIBLE: &str = "is_impossible";

/// How many rows pass between two reports of progress.
const REPORTED: usize = 1000;

/// What is to be read of a file, and how; what is left out is found out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Request {
    /// The columns named by hand.
    pub columns: Columns,
    /// How the file is read, as far as it was corrected by hand.
    pub reading: Reading,
    /// What the rows are read for.
    pub kind: Option<Kind>,
}

/// Rows of one label each.
impl From<&Columns> for Request {
    fn from(columns: &Columns) -> Self {
        Self {
            columns: columns.clone(),
            reading: Reading::default(),
            kind: Some(Kind::Label),
        }
    }
}

impl Request {
    /// The same of the texts alone, whatever is to be said of them.
    pub fn of_texts(&self) -> Self {
        Self {
            kind: Some(Kind::Texts),
            columns: Columns {
                label: None,
                ..self.columns.clone()
            },
            ..self.clone()
        }
    }
}

impl From<&Request> for Request {
    fn from(request: &Request) -> Self {
        request.clone()
    }
}

/// One row of a file.
#[derive(Debug, Clone, PartialEq)]
pub enum Row {
    /// It can be used.
    Example(Example),
    /// It cannot.
    SetAside(SetAside),
}

/// A file whose layout and columns are known, to be read row by row without holding it.
pub struct Rows {
    source: Source,
    reader: Box<dyn Reader>,
    layout: Layout,
    roles: Roles,
    extractor: Extractor,
}

impl Rows {
    /// Opens a file or folder.
    ///
    /// Fails when it cannot be read or understood, when a column the person named is not there,
    /// and when none looks like one that is needed.
    pub fn open(source: impl Into<Source>, request: impl Into<Request>) -> Result<Self> {
        let source = source.into();
        let request = request.into();
        let reader = open_naming(&source, &request.reading, &request.columns)?;
        let sample = sample(&mut reader.records()?)?;
        let understood = Understood::of(&source, reader.as_ref(), &request, &sample)?;
        let names = reader.columns();
        for role in needed(understood.extractor.kind) {
            if understood.extractor.found.get(*role).is_none() {
                let kind = understood.extractor.kind;
                return Err(columns::missing(&source, names, kind, *role));
            }
        }
        refuse_one_for_two(&source, names, &understood.extractor)?;
        Ok(Self {
            roles: understood.extractor.found.roles(names),
            layout: understood.layout,
            extractor: understood.extractor,
            reader,
            source,
        })
    }

    /// Opens a file or folder that is for `part`.
    ///
    /// # Errors
    /// Those of [`open`](Self::open). Of a file that has questions but no answers, and of one for
    /// validation or test that has texts but nothing that looks like labels, it is said that it
    /// needs some.
    pub fn open_for(part: Part, source: &Source, request: &Request) -> Result<Self> {
        let opened = Self::open(source, request);
        if request.kind == Some(Kind::Texts) {
            return opened;
        }
        match &opened {
            Ok(rows) if rows.lacks_answers()? => Err(without_answers(source, part)),
            Err(_)
                if part != Part::Train
                    && request.columns.label.is_none()
                    && Self::open(source, request.of_texts()).is_ok() =>
            {
                Err(without_labels(source, part))
            }
            _ => opened,
        }
    }

    /// Whether these are questions to be answered elsewhere, as those of a hidden test: none has an
    /// answer, and of none the file says that there is none. Reads no further than to the first
    /// that has one.
    ///
    /// # Errors
    /// The file can no longer be read.
    pub fn lacks_answers(&self) -> Result<bool> {
        if self.kind() != Kind::Answers {
            return Ok(false);
        }
        let impossible = self.columns().iter().position(|name| name == IMPOSSIBLE);
        let mut asked = false;
        for record in self.reader.records()? {
            let record = record?;
            let cell = impossible.and_then(|column| record.fields.get(column)?.value());
            if cell.is_some_and(|cell| matches!(cell.trim(), "true" | "True" | "TRUE" | "1")) {
                return Ok(false);
            }
            match self.extractor.example(record) {
                Ok(Example {
                    target: Target::Answers(answers),
                    ..
                }) if answers.is_empty() => asked = true,
                Err(Reason::EmptyText | Reason::EmptyPair) => {}
                _ => return Ok(false),
            }
        }
        Ok(asked)
    }

    /// Where the rows are read from.
    pub fn source(&self) -> &Source {
        &self.source
    }

    /// How the file is written.
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// What the rows are read for, as asked for or as found.
    pub fn kind(&self) -> Kind {
        self.extractor.kind
    }

    /// The columns in use.
    pub fn roles(&self) -> &Roles {
        &self.roles
    }

    /// The names of the numbers of a row, which are those of their columns; none where rows have
    /// something else.
    pub fn targets(&self) -> &[String] {
        match self.kind() {
            Kind::Score => &self.extractor.labels,
            _ => &[],
        }
    }

    /// Fails where no column has the role, and says which columns there are.
    pub fn require(&self, role: Role) -> Result<()> {
        match self.roles.get(role) {
            Some(_) => Ok(()),
            None => Err(columns::missing(
                &self.source,
                self.columns(),
                self.kind(),
                role,
            )),
        }
    }

    /// The names of all columns.
    pub fn columns(&self) -> &[String] {
        self.reader.columns()
    }

    /// The names of the columns not in use.
    pub fn ignored(&self) -> Vec<String> {
        let names = self.columns().iter();
        names
            .filter(|name| !self.roles.uses(name))
            .cloned()
            .collect()
    }

    /// How the file could be read, with what each way would lose; empty where there is one way.
    pub fn readings(&self) -> &[ReadingCount] {
        self.reader.readings()
    }

    /// The name of the file that a row is, by its number, where each is a file of its own.
    pub fn file_of(&self, row: usize) -> Option<&str> {
        self.reader.file_of(row)
    }

    /// The rows from the start, in the order of the file; an error ends them.
    ///
    /// # Errors
    /// The file can no longer be opened.
    pub fn iter(&self) -> Result<impl Iterator<Item = Result<Row>>> {
        let records = self.reader.records()?;
        Ok(records.map(|record| {
            let record = record?;
            let (row, line) = (record.row, record.line);
            Ok(match self.extractor.example(record) {
                Ok(example) => Row::Example(example),
                Err(reason) => Row::SetAside(SetAside { row, line, reason }),
            })
        }))
    }

    /// Hands every row to `take`. `progress` is told now and then how many bytes were read, and of
    /// how many; an error of either ends the reading and is returned.
    ///
    /// # Errors
    /// Those of `take` and `progress`, and faults of the disk.
    pub fn visit(
        &self,
        progress: &dyn Fn(u64, u64) -> Result<()>,
        take: &mut dyn FnMut(Row) -> Result<()>,
    ) -> Result<()> {
        let size = self.source.size()?;
        for (number, row) in self.iter()?.enumerate() {
            if number % REPORTED == 0 {
                progress(self.reader.passed().min(size), size)?;
            }
            take(row?)?;
        }
        progress(size, size)
    }

    /// The records that are set aside, those `dropped` among them, each with its reason.
    ///
    /// # Errors
    /// The file can no longer be opened.
    pub(super) fn set_aside<'a>(
        &'a self,
        dropped: &'a Dropped<'_>,
    ) -> Result<impl Iterator<Item = Result<(Record, Reason)>> + 'a> {
        let records = self.reader.records()?;
        Ok(records.filter_map(move |record| {
            let record = match record {
                Ok(record) => record,
                Err(fault) => return Some(Err(fault)),
            };
            // An example takes texts out of the record.
            let reason = match self.extractor.example(record.clone()) {
                Err(reason) => Some(reason),
                Ok(_) => dropped.get(&record.row).map(|&reason| reason.clone()),
            };
            reason.map(|reason| Ok((record, reason)))
        }))
    }
}

/// The error for a file with texts but no labels.
pub(super) fn without_labels(source: &Source, part: Part) -> Error {
    Error::new(format!(
        "{source} has no labels; a {} file needs one in every row",
        part.name()
    ))
    .remedy(other_rows(source, part, "labels"))
}

/// The error for a file with questions but no answers.
fn without_answers(source: &Source, part: Part) -> Error {
    Error::new(format!(
        "{source} has questions, but no answer to any of them; a {} file needs answers, and \
         \"{IMPOSSIBLE}\": true where there is none",
        part.name()
    ))
    .remedy(other_rows(source, part, "answers"))
}

/// What to choose in place of a file that lacks what is to be learned.
fn other_rows(source: &Source, part: Part, what: &str) -> String {
    let without = match part {
        Part::Train => "",
        Part::Validation => ", or none: then rows are held out of the training file",
        Part::Test => ", or none: nothing is tested then",
    };
    let others = options_without(source, part).filter(|_| part != Part::Train);
    let others = others.map(|options| format!(" ({options})"));
    format!(
        "Choose a file with {what}{without}{}. For texts without {what}, use the Try page or \
         `luthier predict` after training.",
        others.unwrap_or_default()
    )
}

/// The options that name the other files of a folder of splits.
fn options_without(source: &Source, part: Part) -> Option<String> {
    let Source::File(path) = source else {
        return None;
    };
    let files = splits_of_folder(path.parent()?)?;
    let of_part = |part: Part| files[part as usize].as_ref();
    of_part(part).filter(|file| *file == source)?;
    let others = Part::ALL.into_iter().filter(|other| *other != part);
    let options = others.filter_map(|part| Some(format!("--{part} {}", of_part(part)?)));
    Some(options.collect::<Vec<_>>().join(" "))
}

/// What the first records say about a file.
pub(super) struct Understood {
    pub extractor: Extractor,
    pub layout: Layout,
}

impl Understood {
    pub fn of(
        source: &Source,
        reader: &dyn Reader,
        request: &Request,
        sample: &[Record],
    ) -> Result<Self> {
        let names = reader.columns();
        let sound: Vec<Record> = sample
            .iter()
            .filter(|record| record.fault.is_none())
            .cloned()
            .collect();
        let found = columns::find(source, names, &request.columns, request.kind, &sound)?;
        let label = found.get(Role::Label);
        let kind = found.kind.unwrap_or_else(|| kind::detect(&sound, label));
        let separator = label
            .filter(|_| kind == Kind::Labels && found.beside.is_empty())
            .and_then(|column| kind::separator(&sound, column));
        let dialect = found.dialect;
        let says_no = |&column: &usize| {
            let mut cells = kind::values(&sound, column);
            cells.any(|cell| columns::flag(cell) == Some(false))
        };
        let blank_is_no = !found.beside.iter().any(says_no);
        let labels = found.labels().into_iter();
        let style = |column| NumberStyle::of(kind::values(&sound, column));
        let mut extractor = Extractor {
            numbers: labels.clone().map(style).collect(),
            labels: labels.map(|column| names[column].clone()).collect(),
            blank_is_no,
            found,
            kind,
            columns: names.len(),
            tags: None,
            separator: separator.map(|separator| separator.character),
        };
        let scheme = match kind {
            Kind::Tags => learn_tags(&mut extractor, sound),
            _ => None,
        };
        let layout = Layout {
            dialect,
            tags: scheme,
            ..reader.layout().clone()
        };
        Ok(Self { extractor, layout })
    }
}

/// Finds out how the tags of these records are written, and their scheme; tags that are written
/// otherwise say nothing about it.
fn learn_tags(extractor: &mut Extractor, sample: Vec<Record>) -> Option<TagScheme> {
    let tags = |record: Record| match extractor.example(record).ok()?.target {
        Target::Tags(words) => Some(words.into_iter().map(|word| word.tag).collect()),
        _ => None,
    };
    let mut sentences: Vec<Vec<String>> = sample.into_iter().filter_map(tags).collect();
    let form = TagForm::detect(sentences.iter().flatten().map(String::as_str));
    if let Some(form) = form {
        sentences.retain(|tags| tags.iter().all(|tag| form.fits(tag)));
    }
    extractor.tags = form;
    TagScheme::detect(sentences)
}

/// The first records: enough to tell by, and no more than fit in memory.
pub(super) fn sample(records: &mut Records) -> Result<Vec<Record>> {
    let mut sample = Vec::new();
    let mut bytes = 0;
    while sample.len() < SAMPLE_ROWS
        && bytes < SAMPLE_BYTES
        && let Some(record) = records.next().transpose()?
    {
        let cells = record.fields.iter().map(|field| field.shown().len());
        bytes += cells.sum::<usize>();
        sample.push(record);
    }
    Ok(sample)
}

/// The columns that a kind cannot do without.
fn needed(kind: Kind) -> &'static [Role] {
    match kind {
        Kind::Texts => &[Role::Text],
        Kind::Answers => &[Role::Text, Role::TextPair, Role::Label],
        _ => &[Role::Text, Role::Label],
    }
}

/// Fails when one column is to be two things; only a conversation is read and written in one.
fn refuse_one_for_two(source: &Source, names: &[String], used: &Extractor) -> Result<()> {
    if used.kind == Kind::Writing {
        return Ok(());
    }
    let labels = used.found.labels().into_iter();
    let texts =
        [Role::Text, Role::TextPair].map(|role| used.found.get(role).map(|column| (role, column)));
    let texts = texts.into_iter().flatten();
    let used: Vec<(Role, usize)> = texts
        .chain(labels.map(|column| (Role::Label, column)))
        .collect();
    for (index, &(role, column)) in used.iter().enumerate() {
        let twice = used[..index].iter().find(|(_, other)| *other == column);
        if let Some((other, _)) = twice {
            return Err(Error::new(format!(
                "{source}: \"{}\" is named as the {other} and as the {role}",
                names[column]
            ))
            .remedy("Choose two different columns."));
        }
    }
    Ok(())
}
