//! CoNLL columns: a word and its tags on each line, a blank line after each sentence.
//!
//! The columns may stand in any order, between tabs or white space. The words are the column with
//! the most different values, the tags the last one that marks entities. `-DOCSTART-` lines and
//! comments are passed over; CoNLL-U's ranges and empty nodes are, too.

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use super::columns;
use super::layout::Layout;
use super::lines::{Line, Lines};
use super::record::{Reader, Records};
use super::sentence::Sentence;
use super::tags::is_tag;
use super::text::Text;
use crate::error::Result;

/// A file of CoNLL columns whose order is known.
#[derive(Debug)]
pub(super) struct Conll {
    text: Text,
    layout: Layout,
    shape: Shape,
    columns: Vec<String>,
}

impl Conll {
    pub fn open(text: Text, layout: Layout) -> Result<Self> {
        let head = text.head(1 << 20)?;
        let shape = Shape::of(&head.text(), true).unwrap_or(Shape {
            tabs: false,
            width: 2,
            word: 0,
            tag: 1,
            header: false,
            universal: false,
        });
        let name = |column: usize| match column {
            _ if column == shape.word => "tokens".to_owned(),
            _ if column == shape.tag => "tags".to_owned(),
            _ => format!("column {}", column + 1),
        };
        Ok(Self {
            columns: (0..shape.width).map(name).collect(),
            text,
            layout,
            shape,
        })
    }
}

impl Reader for Conll {
    fn layout(&self) -> &Layout {
        &self.layout
    }

    fn columns(&self) -> &[String] {
        &self.columns
    }

    fn records(&self) -> Result<Records<'_>> {
        let mut lines = Lines::new(self.text.open()?);
        let mut header = self.shape.header;
        let mut row = 0;
        Ok(Box::new(std::iter::from_fn(move || {
            let mut sentence = Sentence::new(self.shape.width);
            loop {
                let line = match lines.next() {
                    Some(Ok(line)) => line,
                    Some(Err(cause)) => return Some(Err(self.text.source.fault(cause))),
                    None if sentence.is_empty() => return None,
                    None => break,
                };
                match self.shape.kind(&line.text) {
                    Kind::Blank if sentence.is_empty() => {}
                    Kind::Blank => break,
                    Kind::Passed => {}
                    Kind::Word if std::mem::take(&mut header) => {}
                    Kind::Word => self.shape.add(&mut sentence, line),
                }
                if sentence.is_full() {
                    break;
                }
            }
            row += 1;
            Some(Ok(sentence.record(row)))
        })))
    }

    fn passed(&self) -> u64 {
        self.text.passed()
    }
}

/// What a line is.
enum Kind {
    Blank,
    /// A comment, or a mark between documents.
    Passed,
    Word,
}

/// Which column is what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Shape {
    /// Whether tabs part the columns; else any white space does.
    tabs: bool,
    width: usize,
    word: usize,
    tag: usize,
    header: bool,
    /// CoNLL-U, which has ten columns.
    universal: bool,
}

impl Shape {
    /// Adds the word on a line to its sentence.
    fn add(&self, sentence: &mut Sentence, line: Line) {
        let cells = self.cells(&line.text);
        if cells.len() != self.width {
            sentence.fail(format!(
                "line {} has {} columns instead of {}",
                line.number,
                cells.len(),
                self.width
            ));
        }
        sentence.add(line.number, cells.into_iter().map(Value::from));
    }

    /// The shape of a text. Where `known` says that it is CoNLL, tags need not mark entities.
    fn of(text: &str, known: bool) -> Option<Self> {
        const LOOKED_AT: usize = 20_000;
        let lines: Vec<&str> = text
            .lines()
            .filter(|line| !line.trim().is_empty() && !line.starts_with("-DOCSTART-"))
            // Most are comments; a word that is a hash tells nothing.
            .filter(|line| !line.starts_with('#'))
            .take(LOOKED_AT)
            .collect();
        let tabbed = lines.iter().filter(|line| line.contains('\t')).count();
        let tabs = tabbed * 2 > lines.len();
        let split: Vec<Vec<&str>> = lines.iter().map(|line| cells(line, tabs)).collect();
        let width = most_frequent(split.iter().map(Vec::len))?;
        let rows: Vec<&Vec<&str>> = split.iter().filter(|cells| cells.len() == width).collect();
        if !(2..=64).contains(&width) || !known && rows.len() * 20 < split.len() * 19 {
            return None;
        }
        let universal = width == 10 && rows.iter().all(|cells| is_number(cells[0]));
        let column = |column: usize| rows.iter().map(move |cells| cells[column]);
        let marking: Vec<usize> = (0..width)
            .filter(|&at| marks_entities(column(at)))
            .collect();
        let tag = match marking.last() {
            Some(&tag) => tag,
            None if universal => 3,
            None if known => width - 1,
            None => return None,
        };
        let different = |at: usize| column(at).collect::<HashSet<_>>().len();
        let most_different = |fits: &dyn Fn(usize) -> bool| {
            (0..width)
                .filter(|&at| at != tag && fits(at))
                .rev()
                .max_by_key(|&at| different(at))
        };
        // Numbers usually count the words, and what looks like tags is tags; but where there is
        // nothing else, they are the words.
        let word = most_different(&|at| !marking.contains(&at) && !column(at).all(is_number))
            .or_else(|| most_different(&|_| true).filter(|_| known))?;
        let header = marking.contains(&tag)
            && rows.first().is_some_and(|first| {
                let again = column(tag).filter(|&value| value == first[tag]).count() > 1;
                !is_tag(first[tag]) && !again && first.iter().any(|cell| is_name(cell))
            });
        Some(Self {
            tabs,
            width,
            word,
            tag,
            header,
            universal,
        })
    }

    fn cells<'a>(&self, line: &'a str) -> Vec<&'a str> {
        cells(line, self.tabs)
    }

    fn kind(&self, line: &str) -> Kind {
        if line.trim().is_empty() {
            return Kind::Blank;
        }
        let first = self.cells(line).first().copied().unwrap_or_default();
        let comment =
            line.starts_with('#') && (self.universal || self.cells(line).len() != self.width);
        // A range of words (1-2) repeats them; an empty node (1.1) is no word.
        let extra = self.universal && first.contains(['-', '.']);
        if comment || extra || first == "-DOCSTART-" {
            Kind::Passed
        } else {
            Kind::Word
        }
    }
}

fn cells(line: &str, tabs: bool) -> Vec<&str> {
    if tabs {
        line.split('\t').map(str::trim).collect()
    } else {
        line.split_whitespace().collect()
    }
}

fn is_number(cell: &str) -> bool {
    cell.starts_with(|first: char| first.is_ascii_digit())
        && cell
            .bytes()
            .all(|byte| byte.is_ascii_digit() || b"-.".contains(&byte))
}

/// Whether a cell is what people call a column of words or tags, and not a type of entities.
fn is_name(cell: &str) -> bool {
    columns::is_known(cell) || ["pos", "lemma", "chunk", "ner-tag"].contains(&&*cell.to_lowercase())
}

fn most_frequent(values: impl Iterator<Item = usize>) -> Option<usize> {
    let mut counts: HashMap<usize, usize> = HashMap::new();
    for value in values {
        *counts.entry(value).or_default() += 1;
    }
    let most = counts
        .into_iter()
        .max_by_key(|&(value, count)| (count, value));
    most.map(|(value, _)| value)
}

/// Whether the values of a column are tags that mark entities: in a scheme of letters, or types
/// with `O` between them.
fn marks_entities<'a>(values: impl Iterator<Item = &'a str> + Clone) -> bool {
    let all = values.clone().count();
    let tags = values.clone().filter(|value| is_tag(value)).count();
    let marks = values.clone().any(|value| value != "O" && is_tag(value));
    if marks && tags * 50 >= all * 49 {
        return true;
    }
    let different: HashSet<&str> = values.clone().collect();
    let outside = values.filter(|&value| value == "O").count();
    let types = || {
        different.iter().all(|value| {
            let letters = |byte: u8| byte.is_ascii_uppercase() || b"-_".contains(&byte);
            value.bytes().all(letters)
        })
    };
    (2..=40).contains(&different.len()) && outside * 2 > all && types()
}

/// Whether a text is columns of words and tags.
pub(super) fn looks_like(text: &str, extension: Option<&str>) -> bool {
    let named = matches!(
        extension,
        Some("conll" | "conllu" | "iob" | "bio" | "bioes" | "bmes" | "iob2")
    );
    let shape = Shape::of(text, named);
    // Rows of a table are no sentences: those are parted by blank lines.
    let parted = || {
        let mut lines = text.trim().lines();
        lines.any(|line| line.trim().is_empty())
    };
    shape.is_some_and(|shape| named || parted() || !shape.tabs)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape(text: &str) -> Option<(usize, usize, usize)> {
        Shape::of(text, false).map(|shape| (shape.width, shape.word, shape.tag))
    }

    #[test]
    fn anything_is_a_word_where_there_is_nothing_else() {
        let known = Shape::of("1 B-LOC\n2 O\n", true).unwrap();
        assert_eq!((known.word, known.tag), (0, 1));
        assert!(Shape::of("1 B-LOC\n2 O\n", false).is_none());
        let known = Shape::of("I B-PER\n", true).unwrap();
        assert_eq!((known.word, known.tag), (0, 1));
    }

    #[test]
    fn the_columns_are_told_by_what_is_in_them() {
        let conll = "-DOCSTART- -X- -X- O\n\nEU NNP I-NP I-ORG\nrejects VBZ I-VP O\n\nGerman JJ I-NP I-MISC\ncall NN I-NP O\nto TO I-VP O\n";
        assert_eq!(shape(conll), Some((4, 0, 3)));
        assert_eq!(shape("O\tthe\nB-PER\tPeter\nO\tran\n"), Some((2, 1, 0)));
        assert_eq!(shape("中 B\n国 E\n人 S\n"), Some((2, 0, 1)));
        assert_eq!(
            shape("he O\nmet O\nMary PER\nin O\nRome LOC\nand O\nleft O\n"),
            Some((2, 0, 1))
        );
        assert_eq!(shape("it was\nso good\nvery bad\n"), None);
    }

    #[test]
    fn the_first_word_is_no_header_because_of_its_tag() {
        let header = |first: &str| {
            let rest = "\nmet O\nMary PER\nin O\nRome LOC\nand O\nleft O\n";
            Shape::of(&format!("{first}{rest}"), true).unwrap().header
        };
        assert!(header("Token NER"));
        assert!(header("form POS"));
        assert!(!header("Peter PER"));
        assert!(!header("Acme ORG"));
        assert!(!header("Acme Q-ORG"));
    }

    #[test]
    fn tables_are_not_columns_of_words() {
        assert!(!looks_like("text\tlabel\na\tB\nb\tI\n", Some("tsv")));
        assert!(looks_like("a\tB-X\nb\tI-X\n\nc\tO\n", Some("tsv")));
    }
}
