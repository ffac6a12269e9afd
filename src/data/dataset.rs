//! The rows of a file that can be used, and those that cannot.

use super::columns::{Role, Roles};
use super::example::{Example, Kind, Target};
use super::layout::Layout;
use super::part::Part;
use super::rows::{Request, Row, Rows, without_labels};
use super::set_aside::{Reason, SetAside};
use super::source::Source;
use crate::error::{Error, Result};

/// A file that was read: every row is among the examples or among those set aside.
#[derive(Debug, Clone)]
pub struct Dataset {
    /// Where it was read from.
    pub source: Source,
    /// How the file is written.
    pub layout: Layout,
    /// What the rows were read for.
    pub kind: Kind,
    /// The columns in use.
    pub columns: Roles,
    /// The names of the numbers of a row; none where rows have something else.
    pub targets: Vec<String>,
    /// The names of the columns not in use.
    pub ignored: Vec<String>,
    /// The rows in use, in the order of the file.
    pub examples: Vec<Example>,
    /// The rows not in use, in the order of the file.
    pub set_aside: Vec<SetAside>,
}

impl Dataset {
    /// The number of rows in the file: those used and those set aside.
    pub fn rows(&self) -> usize {
        self.examples.len() + self.set_aside.len()
    }

    /// Puts the numbers of every row into the order of `names`, where these are the names of all of
    /// them; leaves them as they are otherwise.
    pub fn order_targets(&mut self, names: &[String]) {
        let place = |name: &String| self.targets.iter().position(|target| target == name);
        let places: Option<Vec<usize>> = names.iter().map(place).collect();
        let Some(places) = places.filter(|places| places.len() == self.targets.len()) else {
            return;
        };
        for example in &mut self.examples {
            if let Target::Scores(scores) = &mut example.target {
                *scores = places.iter().map(|&place| scores[place]).collect();
            }
        }
        self.targets = names.to_vec();
    }

    /// Keeps of a question's answers those that stand where the file says, and sets the question
    /// aside where none does: a place that says something else must not be learned.
    ///
    /// # Errors
    /// No row is left.
    pub fn set_misplaced_answers_aside(&mut self) -> Result<()> {
        self.set_aside_where(|example| {
            let reason = example.misplaced_answers();
            if let Target::Answers(answers) = &mut example.target {
                let passage = &example.text;
                answers.retain(|answer| answer.stands_in(passage));
            }
            reason
        })
    }

    /// Sets rows aside that have a label or a tag which is not among `known`.
    ///
    /// # Errors
    /// No row is left.
    pub fn set_unknown_labels_aside(&mut self, known: &[String]) -> Result<()> {
        self.set_aside_where(|example| {
            let label = example.unknown_labels(known).next()?.to_owned();
            Some(Reason::UnknownLabel { label })
        })
    }

    /// Sets the rows aside for which there is a reason.
    fn set_aside_where(
        &mut self,
        mut reason: impl FnMut(&mut Example) -> Option<Reason>,
    ) -> Result<()> {
        let set_aside = &mut self.set_aside;
        self.examples.retain_mut(|example| {
            let reason = reason(example);
            let kept = reason.is_none();
            set_aside.extend(reason.map(|reason| SetAside {
                row: example.row,
                line: example.line,
                reason,
            }));
            kept
        });
        self.set_aside.sort_by_key(|aside| aside.row);
        match self.examples.is_empty() {
            true => Err(nothing_usable(self)),
            false => Ok(()),
        }
    }

    /// Takes in every row of an opened file for `part`. `progress` is told as by [`Rows::visit`].
    ///
    /// # Errors
    /// Those of [`Rows::visit`], and when no row can be used.
    pub fn of(rows: &Rows, part: Part, progress: &dyn Fn(u64, u64) -> Result<()>) -> Result<Self> {
        let mut dataset = Self {
            source: rows.source().clone(),
            layout: rows.layout().clone(),
            kind: rows.kind(),
            columns: rows.roles().clone(),
            targets: rows.targets().to_vec(),
            ignored: rows.ignored(),
            examples: Vec::new(),
            set_aside: Vec::new(),
        };
        rows.visit(progress, &mut |row| {
            match row {
                Row::Example(example) => dataset.examples.push(example),
                Row::SetAside(row) => dataset.set_aside.push(row),
            }
            Ok(())
        })?;
        if dataset.examples.is_empty() {
            let mut reasons = dataset.set_aside.iter().map(|aside| &aside.reason);
            let unlabelled = reasons.all(|reason| *reason == Reason::EmptyLabel);
            return Err(match unlabelled && part != Part::Train {
                true => without_labels(&dataset.source, part),
                false => nothing_usable(&dataset),
            });
        }
        Ok(dataset)
    }
}

/// Reads a file or folder whole that is for `part`.
///
/// # Errors
/// Those of [`read`]; a file for validation or test without labels is told that it needs some.
pub fn read_for(part: Part, source: &Source, request: &Request) -> Result<Dataset> {
    Dataset::of(
        &Rows::open_for(part, source, request)?,
        part,
        &|_, _| Ok(()),
    )
}

/// Reads a file or folder whole. What the request leaves out is found out; a [`Columns`] alone
/// asks for one label per text.
///
/// Fails when the source cannot be read or understood (missing, empty, only a header, no text),
/// when a column is not there, and when no row can be used. Rows that lack something or are
/// malformed are set aside.
///
/// [`Columns`]: super::Columns
pub fn read(source: impl Into<Source>, request: impl Into<Request>) -> Result<Dataset> {
    Dataset::of(&Rows::open(source, request)?, Part::Train, &|_, _| Ok(()))
}

fn nothing_usable(dataset: &Dataset) -> Error {
    let first = dataset.set_aside.first().map_or_else(String::new, |aside| {
        format!(" (the first, on line {}: {})", aside.line, aside.reason)
    });
    let column = |role| dataset.columns.get(role).unwrap_or_default();
    let target = match dataset.kind {
        Kind::Texts => None,
        Kind::Label => Some("a label"),
        Kind::Labels => Some("labels"),
        Kind::Score => Some("a number"),
        Kind::Tags => Some("a tag for each word"),
        Kind::Answers => Some("answers to a question"),
        Kind::Writing => Some("a text to write"),
    };
    let target = target.map(|what| format!(" and {what} in \"{}\"", column(Role::Label)));
    let needed = format!(
        "a text in \"{}\"{}",
        column(Role::Text),
        target.unwrap_or_default()
    );
    Error::new(format!(
        "{} has no usable row: none of its {} has {needed}{first}",
        dataset.source,
        dataset.rows(),
    ))
    .remedy("Choose the right columns with --text-column and --label-column, or on the Data page.")
}
