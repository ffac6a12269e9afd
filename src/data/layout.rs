//! How a file is written: its format, delimiter, header and quoting, found out by looking.

use std::collections::{BTreeMap, HashSet};
use std::fmt;
use std::io::{BufRead, Read};

use serde::{Deserialize, Serialize};

use super::columns;
use super::source::Source;
use crate::error::Result;

/// How much of a file is looked at to find out how it is written, in bytes.
const HEAD_BYTES: u64 = 1 << 20;

/// How many records are looked at to find out what the columns are.
pub(super) const SAMPLE_ROWS: usize = 1000;

/// A file format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// Fields between commas, semicolons or pipes.
    Csv,
    /// Fields between tabs.
    Tsv,
    /// One JSON object per line.
    Jsonl,
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Csv => "CSV",
            Self::Tsv => "TSV",
            Self::Jsonl => "JSONL",
        })
    }
}

/// The character between the fields of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Delimiter {
    /// `,`
    Comma,
    /// `;`
    Semicolon,
    /// The tab character.
    Tab,
    /// `|`
    Pipe,
}

impl Delimiter {
    const ALL: [Self; 4] = [Self::Tab, Self::Comma, Self::Semicolon, Self::Pipe];

    /// The delimiter as a byte of the file.
    pub fn byte(self) -> u8 {
        match self {
            Self::Comma => b',',
            Self::Semicolon => b';',
            Self::Tab => b'\t',
            Self::Pipe => b'|',
        }
    }
}

impl fmt::Display for Delimiter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Comma => "comma",
            Self::Semicolon => "semicolon",
            Self::Tab => "tab",
            Self::Pipe => "pipe",
        })
    }
}

/// How a file is written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Layout {
    /// The file format.
    pub format: Format,
    /// The character between fields; `None` where the format has none.
    pub delimiter: Option<Delimiter>,
    /// Whether the first record names the columns.
    pub header: bool,
    /// Whether quotation marks enclose fields; otherwise they are characters like any other.
    pub quoting: bool,
    /// Whether the file starts with a UTF-8 byte order mark.
    pub byte_order_mark: bool,
}

/// The format of a file that is known to be UTF-8 text.
///
/// A first line that is a JSON object tells more than the extension, because files are renamed;
/// where the content says nothing, the extension decides between JSONL and delimited text.
pub(super) fn guess_format(source: &Source) -> Result<Format> {
    let head = head(source)?;
    let first = head
        .lines()
        .map(str::trim)
        .find(|line| !line.is_empty())
        .unwrap_or_default();
    let is_object =
        first.starts_with('{') && serde_json::from_str::<serde::de::IgnoredAny>(first).is_ok();
    Ok(match source.extension().as_deref() {
        _ if is_object => Format::Jsonl,
        Some("jsonl" | "ndjson" | "json") => Format::Jsonl,
        Some("tsv" | "tab") => Format::Tsv,
        _ => Format::Csv,
    })
}

/// The beginning of a file, up to the last whole line where it is cut.
pub(super) fn head(source: &Source) -> Result<String> {
    let mut bytes = Vec::new();
    let mut text: Box<dyn BufRead> = source.text()?;
    text.by_ref()
        .take(HEAD_BYTES)
        .read_to_end(&mut bytes)
        .map_err(|cause| source.fault(cause))?;
    if bytes.len() as u64 == HEAD_BYTES
        && let Some(end) = bytes
            .iter()
            .rposition(|&byte| byte == b'\n' || byte == b'\r')
    {
        bytes.truncate(end + 1);
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// The delimiter under which most records have the same number of fields, two or more.
///
/// The one the extension names wins a near tie; a file without any gets the extension's own.
pub(super) fn guess_delimiter(head: &str, extension: Option<&str>) -> Delimiter {
    let usual = match extension {
        Some("tsv" | "tab") => Delimiter::Tab,
        _ => Delimiter::Comma,
    };
    let mut best = (0.0, usual);
    for delimiter in Delimiter::ALL {
        let mut score = agreement(head, delimiter, true);
        // Between tabs, quotation marks may be mere characters.
        if delimiter == Delimiter::Tab {
            score = agreement(head, delimiter, false).max(score);
        }
        // A tenth: a comma file whose texts have stray commas still counts as a comma file.
        if score > 0.0 && delimiter == usual {
            score += 0.1;
        }
        if score > best.0 {
            best = (score, delimiter);
        }
    }
    best.1
}

/// The share of records that have the most frequent number of fields; 0 when that number is 1.
fn agreement(head: &str, delimiter: Delimiter, quoting: bool) -> f64 {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter.byte())
        .quoting(quoting)
        .from_reader(head.as_bytes());
    let mut widths: BTreeMap<usize, usize> = BTreeMap::new();
    let mut records = 0;
    for record in reader.byte_records().take(SAMPLE_ROWS).flatten() {
        *widths.entry(record.len()).or_default() += 1;
        records += 1;
    }
    match widths.iter().max_by_key(|&(_, &count)| count) {
        Some((&width, &count)) if width >= 2 => count as f64 / records as f64,
        _ => 0.0,
    }
}

/// Whether the first of these records names the columns instead of being one of the rows.
///
/// A name does not occur again below itself and is not a number. Beyond that, one of the names the
/// field uses settles it; otherwise a number below, or a text far shorter than those below, does.
pub(super) fn has_header(records: &[Vec<String>]) -> bool {
    let Some((first, rest)) = records.split_first() else {
        return false;
    };
    let names: Vec<&str> = first.iter().map(|cell| cell.trim()).collect();
    let filled: Vec<&str> = names
        .iter()
        .copied()
        .filter(|name| !name.is_empty())
        .collect();
    let distinct: HashSet<&str> = filled.iter().copied().collect();
    let plausible = filled.len() >= 2.min(names.len())
        && !filled.is_empty()
        && distinct.len() == filled.len()
        && filled.iter().all(|name| is_name(name));
    if !plausible {
        return false;
    }
    let known = (0..names.len())
        .filter(|&column| columns::is_known(names[column]) && !recurs(&names, column, rest))
        .count();
    // Two such names outweigh a cell that occurs again: nobody labels a row "text" and "answer".
    known >= 2
        || (0..names.len()).all(|column| !recurs(&names, column, rest))
            && (known == 1 || stands_out(&names, rest))
}

/// Names are short and are not numbers.
fn is_name(cell: &str) -> bool {
    cell.chars().count() <= 64 && cell.parse::<f64>().is_err()
}

/// Whether this cell of the first record occurs again in its own column, as labels do.
fn recurs(names: &[&str], column: usize, rest: &[Vec<String>]) -> bool {
    !names[column].is_empty() && cells(rest, column).any(|cell| cell.trim() == names[column])
}

/// Whether the first record differs in kind from those below.
fn stands_out(names: &[&str], rest: &[Vec<String>]) -> bool {
    (0..names.len()).any(|column| {
        let mut lengths: Vec<usize> = Vec::new();
        let mut numbers = true;
        for cell in cells(rest, column) {
            lengths.push(cell.chars().count());
            numbers = numbers && cell.trim().parse::<f64>().is_ok();
        }
        lengths.sort_unstable();
        let Some(&median) = lengths.get(lengths.len() / 2) else {
            return false;
        };
        let name = names[column].chars().count();
        name > 0 && (numbers || (median >= 12 && name * 2 < median && name < lengths[0].max(12)))
    })
}

fn cells(records: &[Vec<String>], column: usize) -> impl Iterator<Item = &str> {
    records
        .iter()
        .filter_map(move |record| record.get(column))
        .map(String::as_str)
        .filter(|cell| !cell.trim().is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn records(text: &str) -> Vec<Vec<String>> {
        text.lines()
            .map(|line| line.split('|').map(str::to_owned).collect())
            .collect()
    }

    #[test]
    fn the_delimiter_is_the_one_the_records_agree_on() {
        let guess = |text, extension| guess_delimiter(text, Some(extension));
        assert_eq!(guess("text,label\na,1\nb,0\n", "csv"), Delimiter::Comma);
        assert_eq!(
            guess("text;label\na, b;1\nc, d, e;0\n", "csv"),
            Delimiter::Semicolon
        );
        assert_eq!(guess("a , b\t1\nc , d , e\t0\n", "csv"), Delimiter::Tab);
        assert_eq!(guess("a|1\nb, c|0\n", "txt"), Delimiter::Pipe);
        assert_eq!(guess("one column\nonly\n", "tsv"), Delimiter::Tab);
        assert_eq!(
            guess("text,label\n\"a, b; c\",1\n\"d, e; f\",0\n", "csv"),
            Delimiter::Comma
        );
    }

    #[test]
    fn headers_are_told_from_rows() {
        assert!(has_header(&records("text|label\ngood|1\nbad|0")));
        assert!(has_header(&records("Label|Body\npos|good")));
        assert!(has_header(&records(
            "v1|v2||\nham|see you at the station tonight||\nspam|win a prize by calling this number||"
        )));
        assert!(has_header(&records(
            "评论名称|评分星级\n这是一个非常好的地方值得再来一次|s5\n风景不错但是人太多了下次不会再来|s4"
        )));
        assert!(has_header(&records(
            "评论|情感\n很好|正面\n差|负面\n好|正面"
        )));
        assert!(has_header(&records("said|mark\nfine|1\nawful|0")));
        assert!(has_header(&records(
            "#|text|answer|-right\n0|yes|ham|-right\n1|no|ham|-right"
        )));
    }

    #[test]
    fn rows_are_told_from_headers() {
        assert!(!has_header(&records("a stirring film|1\na bore|0")));
        assert!(!has_header(&records(
            "ham|ok then\nspam|win now\nham|on my way"
        )));
        assert!(!has_header(&records(
            "great film|pos\nawful film|neg\nfine film|pos"
        )));
        assert!(!has_header(&records(
            "question|who was galileo\nanswer|an astronomer\nquestion|why"
        )));
        assert!(!has_header(&[]));
    }
}
