//! `luthier predict`.

use std::io::{self, IsTerminal as _};
use std::path::PathBuf;

use clap::Args;
use serde::Serialize;

use super::output::{Out, note};
use super::reading::ReadingOptions;
use super::units::counted;
use crate::data::{Columns, Kind, Reading, Request, Source};
use crate::error::{Error, Result};
use crate::home::Home;
use crate::session::texts::{Asked, Numbered, Texts};
use crate::session::trained;
use crate::tasks::{Answer, Prediction, TaskModel};
use crate::text::Input;

/// Texts that go through the model together.
const BATCH: usize = 64;

/// Options of `luthier predict`.
#[derive(Debug, Args)]
pub struct Predict {
    /// Name of a run, folder of a run, or folder of an exported model
    run: String,
    /// Texts, a tab between those of a pair, or between passage and question; without any, the lines of standard input, which `-` asks for on a terminal
    #[arg(value_name = "TEXT")]
    texts: Vec<String>,
    /// Table (CSV, TSV, JSONL) with a text column, or any other file with one text per line
    #[arg(long, value_name = "FILE", conflicts_with = "texts")]
    file: Option<PathBuf>,
    /// Name or number of the text column of --file, where detection is wrong
    #[arg(long, value_name = "COLUMN", requires = "file")]
    text_column: Option<String>,
    /// Name or number of the column of second texts or questions, where detection is wrong
    #[arg(long, value_name = "COLUMN", requires = "file")]
    text_pair_column: Option<String>,
    #[command(flatten)]
    reading: ReadingOptions,
    /// Write each answer as a JSON object on a line of its own
    #[arg(long)]
    pub(super) json: bool,
}

/// An answer as JSON: the number of its text, then the prediction's own fields.
#[derive(Serialize)]
struct Line<'a> {
    row: usize,
    #[serde(flatten)]
    prediction: &'a Prediction,
}

/// What is worth telling when all answers are out.
#[derive(Default)]
struct Tally {
    answered: usize,
    empty: Vec<usize>,
    /// How many cannot be asked, and why the first of them cannot.
    passed_over: usize,
    first_fault: Option<Error>,
    cut: Vec<usize>,
}

impl Predict {
    /// Labels every text, each answer as soon as it is known.
    pub fn run(self) -> Result<()> {
        let home = Home::from_env()?;
        let trained = trained::open(&self.run, &home)?;
        if let Some(notice) = trained.notice() {
            note(notice);
        }
        let model = TaskModel::open(&trained.model)?;
        let mut out = Out::standard();
        let mut tally = Tally::default();
        let pairs = model.learned_pairs();
        if let Some(texts) = self.given(pairs)? {
            self.answer(&model, texts, &mut out, &mut tally)?;
        } else {
            let texts = match &self.file {
                Some(path) => {
                    let source = Source::from(path.as_path());
                    let table = trained.request_for(&model, &source, self.table());
                    Texts::of_file(path, model.kind(), pairs, &table)?
                }
                None => Texts::of_lines(io::stdin(), "standard input".to_owned(), pairs)?,
            };
            while !out.is_closed() {
                let batch = texts.next_batch(BATCH)?;
                if batch.is_empty() {
                    break;
                }
                self.answer(&model, batch, &mut out, &mut tally)?;
            }
        }
        tally.tell(out.is_closed())
    }

    /// How a table is read, as far as it was said.
    fn table(&self) -> Request {
        Request {
            columns: Columns {
                text: self.text_column.clone(),
                text_pair: self.text_pair_column.clone(),
                ..Columns::default()
            },
            reading: self.reading.over(&Reading::default()),
            kind: Some(Kind::Texts),
        }
    }

    /// The texts on the command line, for a model that learned `pairs` or single texts; `None` when
    /// they come from a file or standard input.
    fn given(&self, pairs: bool) -> Result<Option<Vec<Numbered>>> {
        if self.file.is_some() || self.texts == ["-"] {
            return Ok(None);
        }
        if self.texts.is_empty() {
            if io::stdin().is_terminal() {
                return Err(Error::new("no text was given").remedy(
                    "Give texts after the run, --file FILE, or - to type them line by line.",
                ));
            }
            return Ok(None);
        }
        let numbered = self.texts.iter().zip(1..);
        let texts = numbered.map(|(text, row)| Numbered::of_line(row, text, pairs));
        Ok(Some(texts.collect()))
    }

    fn answer(
        &self,
        model: &TaskModel,
        texts: Vec<Numbered>,
        out: &mut Out,
        tally: &mut Tally,
    ) -> Result<()> {
        let (mut rows, mut readable) = (Vec::new(), Vec::new());
        for Numbered { row, asked } in texts {
            match asked {
                Ok(asked) if asked.text.trim().is_empty() => tally.empty.push(row),
                Ok(asked) if !model.reads(asked.input()) => tally.pass_over(model.half(row)),
                Ok(asked) => {
                    rows.push(row);
                    readable.push(asked);
                }
                Err(fault) => tally.pass_over(fault),
            }
        }
        if rows.is_empty() {
            return Ok(());
        }
        let inputs: Vec<Input<'_>> = readable.iter().map(Asked::input).collect();
        let predictions = model.predict(&inputs)?;
        for (row, prediction) in rows.into_iter().zip(&predictions) {
            tally.answered += 1;
            if prediction.cut {
                tally.cut.push(row);
            }
            if self.json {
                out.json(&Line { row, prediction })?;
            } else {
                out.line(plain(prediction))?;
            }
        }
        Ok(())
    }
}

/// Answer, probability where it has one, and what was asked, a tab between them; one line whatever
/// the text holds.
pub fn plain(prediction: &Prediction) -> String {
    let one_line = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut cells = vec![one_line(&prediction.answer.to_string())];
    cells.extend(prediction.confidence().map(|sure| format!("{sure:.4}")));
    // A passage is long and the same for many questions: the question says which answer it is.
    match (&prediction.answer, &prediction.pair) {
        (Answer::Answer { .. }, Some(question)) => cells.push(one_line(question)),
        (_, pair) => {
            cells.push(one_line(&prediction.text));
            cells.extend(pair.as_deref().map(one_line));
        }
    }
    cells.join("\t")
}

impl Tally {
    fn pass_over(&mut self, fault: Error) {
        self.passed_over += 1;
        self.first_fault.get_or_insert(fault);
    }

    fn tell(self, closed: bool) -> Result<()> {
        if let [first, ..] = self.cut[..] {
            note(format!(
                "{} longer than the model reads; the end was not looked at (first: text {first}). Split long texts.",
                counted(self.cut.len(), "text") + if self.cut.len() == 1 { " is" } else { " are" },
            ));
        }
        if let ([first, ..], 1..) = (&self.empty[..], self.answered) {
            note(format!(
                "{} without words passed over (first: text {first}). Fill or remove them.",
                counted(self.empty.len(), "text")
            ));
        }
        if let (Some(first), 1..) = (&self.first_fault, self.answered) {
            note(format!(
                "{} passed over, the first because {}.",
                counted(self.passed_over, "text"),
                first.what()
            ));
        }
        if self.answered > 0 || closed {
            return Ok(());
        }
        if let Some(first) = self.first_fault {
            return Err(first);
        }
        Err(match self.empty.first() {
            Some(first) => Error::new(format!("text {first} has no words, and there is no other"))
                .remedy("Give at least one word."),
            None => Error::new("there is no text to label")
                .remedy("Give one text per line, or texts after the run."),
        })
    }
}
