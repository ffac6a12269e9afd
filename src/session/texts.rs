//! Texts to be answered: the text columns of a table, the lines of a file, the lines of a pipe as
//! they come.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::thread;

use crossbeam_channel::{Receiver, Sender, bounded};

use crate::data::{self, Kind, Reading, Reason, Request, Row, SetAside};
use crate::error::{Error, Result};
use crate::tasks::TaskKind;
use crate::text::{Input, input_of};

/// A text, or a pair of texts, to be answered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// The text; the passage where an answer is looked for.
    pub text: String,
    /// What is read beside it: the second text of a pair, or the question.
    pub pair: Option<String>,
}

impl Asked {
    /// As the model takes it.
    pub fn input(&self) -> Input<'_> {
        (&self.text, self.pair.as_deref())
    }
}

/// A text and its number among the arguments or lines, from 1.
#[derive(Debug)]
pub struct Numbered {
    /// The number.
    pub row: usize,
    /// The text, or why it cannot be asked.
    pub asked: Result<Asked>,
}

impl Numbered {
    /// What a person means who writes one line for a model that learned `pairs` or single texts (see
    /// [`input_of`]). A line with more than two texts is not guessed at.
    pub fn of_line(row: usize, line: &str, pairs: bool) -> Self {
        let (text, pair) = input_of(line, pairs);
        let parts = pair.map_or(1, |pair| 1 + pair.trim_end().split('\t').count());
        let asked = match parts {
            ..=2 => Ok(Asked {
                text: text.to_owned(),
                pair: pair.map(str::to_owned),
            }),
            _ => Err(Error::new(format!(
                "text {row} has {parts} parts with tabs between them, and two texts at most are read at once"
            ))
            .remedy(
                "Leave one tab in it, between its two texts, or give a table, of which other columns \
                 are not read.",
            )),
        };
        Self { row, asked }
    }
}

/// Lines waiting between the reader and the model.
const WAITING: usize = 256;

/// Texts read on a thread of their own, so that a slow writer on the other side of a pipe gets
/// each answer at once and a fast one is answered in batches.
pub struct Texts {
    lines: Receiver<Result<Numbered>>,
}

impl Texts {
    /// The texts of a file for a model that does `task` and learned `pairs` or single texts. One
    /// whose name ends like a table's is read as a table, and its text columns are found as on the
    /// Data page, labels not needed; words that stand in lists or on rows of their own are put
    /// together to sentences. One of words in columns gives its sentences to a model that tags
    /// words; any other has a text on each line. `table` says how a table is read and which columns
    /// hold the texts, where that is not to be found out.
    pub fn of_file(path: &Path, task: TaskKind, pairs: bool, table: &Request) -> Result<Self> {
        if path.is_dir() {
            return Err(Error::new(format!("{} is a folder", path.display()))
                .remedy("Name a file with one text per line, or a table with a text column."));
        }
        let is_asked_for = table.reading != Reading::default();
        let has_words = || task == TaskKind::Entities && has_columns_of_words(path);
        if is_table(path) || is_asked_for || has_words() {
            let path = path.to_path_buf();
            let request = Request {
                kind: Some(Kind::Texts),
                ..table.clone()
            };
            return Self::read_by(move |texts| read_table(path, &request, &texts));
        }
        let file = File::open(path).map_err(|cause| Error::file("read", path, cause))?;
        Self::of_lines(file, path.display().to_string(), pairs)
    }

    /// The lines of `source`, which messages call `name`, for a model that learned `pairs` or single
    /// texts.
    pub fn of_lines(source: impl Read + Send + 'static, name: String, pairs: bool) -> Result<Self> {
        Self::read_by(move |texts| read_lines(source, &name, pairs, &texts))
    }

    fn read_by(read: impl FnOnce(Sender<Result<Numbered>>) + Send + 'static) -> Result<Self> {
        let (sender, lines) = bounded(WAITING);
        thread::Builder::new()
            .name("texts".to_owned())
            .spawn(move || read(sender))
            .map_err(|cause| {
                Error::new("the reading thread could not be started").because(cause)
            })?;
        Ok(Self { lines })
    }

    /// All texts of the file that are not blank, with their numbers; an error when there is none, or
    /// one of them cannot be asked.
    pub fn all_of_file(
        path: &Path,
        task: TaskKind,
        pairs: bool,
        table: &Request,
    ) -> Result<Vec<(usize, Asked)>> {
        let texts = Self::of_file(path, task, pairs, table)?;
        let texts = texts.lines.iter().map(|text| {
            let Numbered { row, asked } = text?;
            Ok((row, asked?))
        });
        let mut texts = texts.collect::<Result<Vec<_>>>()?;
        texts.retain(|(_, asked)| !asked.text.trim().is_empty());
        if texts.is_empty() {
            return Err(Error::new(format!("{} holds no text", path.display()))
                .remedy("Choose a file with one text per line, or a table with a text column."));
        }
        Ok(texts)
    }

    /// The next texts: waits for one, then takes what else has arrived, up to `most`. Empty at
    /// the end.
    pub fn next_batch(&self, most: usize) -> Result<Vec<Numbered>> {
        let Ok(first) = self.lines.recv() else {
            return Ok(Vec::new());
        };
        let rest = self.lines.try_iter().take(most.saturating_sub(1));
        std::iter::once(first).chain(rest).collect()
    }
}

fn is_table(path: &Path) -> bool {
    let ending = path.extension().map(|ending| ending.to_ascii_lowercase());
    let tables = [
        "csv", "tsv", "jsonl", "json", "xlsx", "xls", "ods", "parquet",
    ];
    ending.is_some_and(|ending| tables.iter().any(|known| ending == *known))
}

/// Whether a file has a word on each line and blank lines between sentences.
fn has_columns_of_words(path: &Path) -> bool {
    let request = Request {
        kind: Some(Kind::Texts),
        ..Request::default()
    };
    let rows = data::Rows::open(path, &request);
    rows.is_ok_and(|rows| rows.layout().format == data::Format::Conll)
}

fn read_table(path: PathBuf, request: &Request, texts: &Sender<Result<Numbered>>) {
    if let Err(fault) = send_column(&path, request, texts) {
        // The asker is gone: nobody needs the fault.
        texts.send(Err(fault)).ok();
    }
}

fn send_column(path: &Path, request: &Request, texts: &Sender<Result<Numbered>>) -> Result<()> {
    let rows = data::Rows::open(path, request)?;
    for row in rows.iter()? {
        let (row, asked) = match row? {
            Row::Example(example) => {
                let (text, pair) = (example.text, example.pair);
                (example.row, Ok(Asked { text, pair }))
            }
            Row::SetAside(aside) => (aside.row, without_text(path, &aside)),
        };
        if texts.send(Ok(Numbered { row, asked })).is_err() {
            break;
        }
    }
    Ok(())
}

/// What is asked for a row that was set aside: a blank text where it has none.
fn without_text(path: &Path, aside: &SetAside) -> Result<Asked> {
    if aside.reason == Reason::EmptyText {
        return Ok(Asked::default());
    }
    let SetAside { row, line, reason } = aside;
    Err(Error::new(format!(
        "row {row} of {} (line {line}) cannot be read: {reason}",
        path.display()
    ))
    .remedy("Mend the row or remove it; `luthier data check` lists all such rows."))
}

fn read_lines(source: impl Read, name: &str, pairs: bool, lines: &Sender<Result<Numbered>>) {
    let mut source = BufReader::new(source);
    for row in 1.. {
        let mut bytes = Vec::new();
        let line = match source.read_until(b'\n', &mut bytes) {
            Ok(0) => return,
            Ok(_) => text_of(bytes, row, name).map(|text| Numbered::of_line(row, &text, pairs)),
            Err(cause) => Err(Error::new(format!("cannot read {name}, line {row}"))
                .remedy("Check that it is a text file and that the disk is in order.")
                .because(cause)),
        };
        let failed = line.is_err();
        // The asker is gone: nobody needs the rest.
        if lines.send(line).is_err() || failed {
            return;
        }
    }
}

/// The text of line number `row`, without what ends it and without a byte order mark.
fn text_of(bytes: Vec<u8>, row: usize, name: &str) -> Result<String> {
    let text = String::from_utf8(bytes).map_err(|_| {
        Error::new(format!("line {row} of {name} is not UTF-8")).remedy(
            "Save it as UTF-8, one text per line; in another encoding `luthier predict` reads a \
                 file that is said to be so, as with --encoding gbk.",
        )
    })?;
    let text = text.trim_end_matches(['\n', '\r']);
    let text = match row {
        1 => text.trim_start_matches('\u{feff}'),
        _ => text,
    };
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    fn all(bytes: &'static [u8]) -> Result<Vec<(usize, String)>> {
        let texts = Texts::of_lines(Cursor::new(bytes), "x.txt".to_owned(), false)?;
        let mut all = Vec::new();
        loop {
            let batch = texts.next_batch(2)?;
            if batch.is_empty() {
                return Ok(all);
            }
            for Numbered { row, asked } in batch {
                all.push((row, asked?.text));
            }
        }
    }

    #[test]
    fn lines_keep_their_numbers() {
        let lines = all("\u{feff}one\r\n\nthree".as_bytes()).unwrap();
        let lines: Vec<_> = lines
            .iter()
            .map(|(row, text)| (*row, text.as_str()))
            .collect();
        assert_eq!(lines, [(1, "one"), (2, ""), (3, "three")]);
        assert!(all(b"").unwrap().is_empty());
    }

    #[test]
    fn other_encodings_are_told_with_their_line() {
        let fault = all(b"fine\ncaf\xe9\n").unwrap_err();
        assert_eq!(fault.what(), "line 2 of x.txt is not UTF-8");
    }

    #[test]
    fn a_line_is_parted_as_the_model_reads() {
        let asked = |line, pairs| Numbered::of_line(3, line, pairs).asked;
        let of = |text: &str, pair: Option<&str>| Asked {
            text: text.into(),
            pair: pair.map(Into::into),
        };
        assert_eq!(asked("a\tb", false).unwrap(), of("a\tb", None));
        assert_eq!(asked("a\tb\tc", false).unwrap(), of("a\tb\tc", None));
        assert_eq!(asked("a\tb", true).unwrap(), of("a", Some("b")));
        assert_eq!(asked("a\tb\t", true).unwrap(), of("a", Some("b\t")));
        assert_eq!(asked("a", true).unwrap(), of("a", None));
        let fault = asked("a\tb\tc", true).unwrap_err().to_string();
        assert!(
            fault.contains("text 3 has 3 parts") && fault.contains("two"),
            "{fault}"
        );
    }

    fn written(name: &str, content: &str) -> Result<Vec<String>> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join(name);
        std::fs::write(&file, content).unwrap();
        let asked = Texts::all_of_file(&file, TaskKind::Topic, false, &Request::default())?;
        Ok(asked.into_iter().map(|(_, asked)| asked.text).collect())
    }

    #[test]
    fn tables_and_lines_are_told_apart() {
        let table = "id,text\n1,\"good, cheap\"\n2,\n3,bad\n";
        assert_eq!(written("a.csv", table).unwrap(), ["good, cheap", "bad"]);
        let lines = "\u{feff}good, cheap\n\nbad\n";
        assert_eq!(written("a.txt", lines).unwrap(), ["good, cheap", "bad"]);
        let objects = "{\"text\": \"好\"}\n{\"text\": \"bad\"}\n";
        assert_eq!(written("a.jsonl", objects).unwrap(), ["好", "bad"]);
    }

    #[test]
    fn words_are_put_together_to_sentences() {
        let lists =
            "{\"tokens\": [\"Ada\", \"ran\"], \"ner_tags\": [1, 0]}\n{\"tokens\": [\"Bo\"]}\n";
        assert_eq!(written("a.jsonl", lists).unwrap(), ["Ada ran", "Bo"]);
        let cells = "id,tokens\n1,\"['Ada', 'ran']\"\n2,['Bo']\n";
        assert_eq!(written("a.csv", cells).unwrap(), ["Ada ran", "Bo"]);
        let rows = "Sentence #,Word,Tag\nSentence: 1,Ada,B\n,ran,O\nSentence: 2,Bo,B\n,is,O\n";
        assert_eq!(written("a.csv", rows).unwrap(), ["Ada ran", "Bo is"]);
    }

    #[test]
    fn files_without_texts_are_told() {
        assert!(
            written("a.txt", "\n \n")
                .unwrap_err()
                .what()
                .contains("holds no text")
        );
        assert!(
            Texts::all_of_file(
                Path::new("/nowhere/a.txt"),
                TaskKind::Topic,
                false,
                &Request::default()
            )
            .is_err()
        );
        assert!(
            Texts::all_of_file(
                Path::new("/nowhere/a.csv"),
                TaskKind::Topic,
                false,
                &Request::default()
            )
            .is_err()
        );
    }
}
