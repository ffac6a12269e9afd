//! Which delimiter and which quoting lose the fewest rows of a delimited text.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use serde::Serialize;

use super::delimiter::Delimiter;
use super::header::has_header;
use super::layout::{Quoting, SAMPLE_ROWS};
use super::reading::Reading;
use super::records::{Dialect, Fields, Records};
use super::text::Head;

/// How much of a file is looked at to tell its delimiter, in bytes.
const DELIMITER_BYTES: usize = 1 << 20;

/// The delimiters of ordinary files.
const USUAL: [Delimiter; 4] = [
    Delimiter::TAB,
    Delimiter::COMMA,
    Delimiter::SEMICOLON,
    Delimiter::PIPE,
];

/// Those of files that avoid the characters of ordinary texts.
const RARE: [Delimiter; 4] = [
    Delimiter::UNIT_SEPARATOR,
    Delimiter::START_OF_HEADING,
    Delimiter::CARET,
    Delimiter::TILDE,
];

/// One way of reading a delimited file, and what comes of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ReadingCount {
    /// The way of reading: its delimiter and quoting.
    pub reading: Reading,
    /// The number of rows that would be read, a header among them.
    pub rows: usize,
    /// The number of rows that would be lost, because they have too few or too many columns.
    pub lost: usize,
    /// Whether these are the counts of the file's beginning only, because it is large.
    pub sampled: bool,
}

/// The way of reading that was chosen, with what it was compared to.
#[derive(Debug)]
pub(super) struct Choice {
    pub dialect: Dialect,
    /// The number of columns that most records have.
    pub width: usize,
    /// All ways that make sense, the chosen one first.
    pub readings: Vec<ReadingCount>,
}

/// Chooses the delimiter and the quoting, unless they are given.
pub(super) fn choose(head: &Head, extension: Option<&str>, given: &Reading) -> Choice {
    let sample = &head.bytes[..head.bytes.len().min(DELIMITER_BYTES)];
    let usual = Agreements::of(sample);
    let dialects = candidates(head, &usual, extension, given);
    let mut surveys: Vec<Survey> = dialects
        .into_iter()
        .map(|dialect| Survey::of(&head.bytes, dialect))
        .collect();
    keep_one_quoting(&mut surveys);
    let rare = marks_are_rare(&head.bytes);
    let best = (0..surveys.len()).min_by_key(|&index| surveys[index].cost(rare));
    surveys.swap(0, best.unwrap_or(0));
    let chosen = surveys[0].dialect.delimiter;
    surveys.extend(others(head, &usual, chosen, given));
    let readings = surveys
        .iter()
        .map(|survey| ReadingCount {
            reading: Reading {
                delimiter: Some(survey.dialect.delimiter),
                quoting: Some(survey.dialect.quoting),
                ..Reading::default()
            },
            rows: survey.records - survey.lost(),
            lost: survey.lost(),
            sampled: !head.whole,
        })
        .collect();
    Choice {
        dialect: surveys[0].dialect,
        width: surveys[0].width(),
        readings,
    }
}

/// Keeps of quoting with escapes and without that which fits.
///
/// A backslash before a quotation mark may also end a text that RFC 4180 encloses. It escapes the
/// mark where that loses no row, and leaves fewer marks that nothing closes.
fn keep_one_quoting(surveys: &mut Vec<Survey>) {
    let of = |quoting| {
        let mut surveys = surveys.iter();
        surveys.find(|survey| survey.dialect.quoting == quoting)
    };
    let (Some(plain), Some(escaped)) = (of(Quoting::On), of(Quoting::Escaped)) else {
        return;
    };
    let fits = escaped.lost() <= plain.lost() && escaped.stray <= plain.stray;
    let better = escaped.lost() < plain.lost() || escaped.stray < plain.stray;
    let other = match fits && better {
        true => Quoting::On,
        false => Quoting::Escaped,
    };
    surveys.retain(|survey| survey.dialect.quoting != other);
}

/// What comes of the delimiters that were not chosen although most records agree under them too:
/// not compared, but told, because only a person can see that they were meant.
fn others(head: &Head, usual: &Agreements, chosen: Delimiter, given: &Reading) -> Vec<Survey> {
    if given.delimiter.is_some() {
        return Vec::new();
    }
    let quoting = given.quoting.unwrap_or(Quoting::On);
    let share = |delimiter: Delimiter| match quoting {
        Quoting::On => usual.get(delimiter).share,
        _ => agreement(usual.head, delimiter, quoting).share,
    };
    USUAL
        .into_iter()
        .filter(|&delimiter| delimiter != chosen && share(delimiter) >= 0.9)
        .map(|delimiter| Survey::of(&head.bytes, Dialect { delimiter, quoting }))
        .collect()
}

/// Whether at most one line in ten has a quotation mark.
fn marks_are_rare(text: &[u8]) -> bool {
    let (mut lines, mut marked) = (0, 0);
    let all = text.split(|&byte| byte == b'\n' || byte == b'\r');
    // CR LF ends a line once.
    for line in all.filter(|line| !line.is_empty()) {
        lines += 1;
        marked += usize::from(memchr::memchr(b'"', line).is_some());
    }
    marked * 10 <= lines
}

/// Whether a backslash stands before a quotation mark.
fn has_escaped_mark(text: &[u8]) -> bool {
    memchr::memmem::find(text, b"\\\"").is_some()
}

/// The ways of reading that are worth comparing; never none.
fn candidates(
    head: &Head,
    usual: &Agreements,
    extension: Option<&str>,
    given: &Reading,
) -> Vec<Dialect> {
    let unpacked = match given.quoting {
        None | Some(Quoting::Doubled) => unpack(usual.head),
        _ => None,
    };
    let doubled = unpacked.is_some() || given.quoting == Some(Quoting::Doubled);
    let delimiter = given.delimiter.unwrap_or_else(|| match &unpacked {
        Some(unpacked) => best_delimiter(unpacked, extension).0,
        None => usual.best(extension).0,
    });
    let mut ways = match given.quoting {
        Some(quoting) => vec![quoting],
        None if doubled => vec![Quoting::Doubled, Quoting::On, Quoting::Off],
        None => vec![Quoting::On, Quoting::Off],
    };
    if given.quoting.is_none() && has_escaped_mark(&head.bytes) {
        ways.insert(ways.len() - 1, Quoting::Escaped);
    }
    // Without a quotation mark there is nothing to compare.
    if given.quoting.is_none() && memchr::memchr(b'"', &head.bytes).is_none() {
        ways.truncate(1);
    }
    ways.into_iter()
        .map(|quoting| Dialect { delimiter, quoting })
        .collect()
}

/// The records inside the quoted fields of a doubly quoted text; `None` when it is not one.
fn unpack(sample: &[u8]) -> Option<Vec<u8>> {
    if sample.trim_ascii_start().first() != Some(&b'"') {
        return None;
    }
    // Whatever parts fields: a line that is one quoted field has none outside of it.
    let dialect = Dialect {
        delimiter: Delimiter::COMMA,
        quoting: Quoting::On,
    };
    let mut records = Records::new(Box::new(sample), dialect, None);
    let mut fields = Fields::default();
    let mut unpacked = Vec::new();
    let (mut single, mut all) = (0, 0);
    while let Ok(Some(_)) = records.read(&mut fields) {
        all += 1;
        if let Some(only) = fields.only() {
            single += 1;
            unpacked.extend_from_slice(only);
            unpacked.push(b'\n');
        }
    }
    let (delimiter, agreement) = best_delimiter(&unpacked, None);
    // A column of quoted texts looks alike, but for what is inside.
    let rows = sample_of(&unpacked, delimiter);
    let is_table = has_header(&rows) || memchr::memchr(b'"', &unpacked).is_some();
    (single * 20 >= all * 19 && agreement >= 0.95 && is_table).then_some(unpacked)
}

fn sample_of(text: &[u8], delimiter: Delimiter) -> Vec<Vec<String>> {
    let dialect = Dialect {
        delimiter,
        quoting: Quoting::On,
    };
    let mut records = Records::new(Box::new(text), dialect, None);
    let mut fields = Fields::default();
    let mut sample = Vec::new();
    while sample.len() < SAMPLE_ROWS
        && let Ok(Some(_)) = records.read(&mut fields)
    {
        sample.push(fields.strings());
    }
    sample
}

/// The best delimiter, and the share of records that agree under it.
pub(super) fn best_delimiter(head: &[u8], extension: Option<&str>) -> (Delimiter, f64) {
    Agreements::of(head).best(extension)
}

/// How far the records of a text agree under each of the usual delimiters, with quoting.
struct Agreements<'a> {
    head: &'a [u8],
    usual: [Agreement; USUAL.len()],
}

impl<'a> Agreements<'a> {
    fn of(head: &'a [u8]) -> Self {
        let usual = USUAL.map(|delimiter| quoted_agreement(head, delimiter));
        Self { head, usual }
    }

    /// How far they agree under a delimiter.
    fn get(&self, delimiter: Delimiter) -> Agreement {
        let usual = USUAL.iter().position(|&usual| usual == delimiter);
        let other = || quoted_agreement(self.head, delimiter);
        usual.map_or_else(other, |at| self.usual[at])
    }

    /// The delimiter under which most records have the same number of fields, two or more, and the
    /// share of those that have.
    ///
    /// The one the extension names wins a near tie, unless the first record is not parted by it as
    /// most are, which a header would be; a file without any gets the extension's own.
    fn best(&self, extension: Option<&str>) -> (Delimiter, f64) {
        let own = match extension {
            Some("tsv" | "tab") => Delimiter::TAB,
            _ => Delimiter::COMMA,
        };
        let mut best = (0.0, own, 0.0);
        let mut consider = |delimiter: Delimiter, least: f64| {
            let mut found = self.get(delimiter);
            // Between tabs, quotation marks may be mere characters.
            if delimiter == Delimiter::TAB {
                let plain = agreement(self.head, delimiter, Quoting::Off);
                found = if plain.share > found.share {
                    plain
                } else {
                    found
                };
            }
            let mut score = found.share;
            // A tenth: a comma file whose texts have stray commas still counts as a comma file.
            if score > 0.0 && delimiter == own && found.first {
                score += 0.1;
            }
            if score > best.0 && found.share >= least {
                best = (score, delimiter, found.share);
            }
            best.0
        };
        let most = USUAL
            .into_iter()
            .map(|delimiter| consider(delimiter, 0.0))
            .fold(0.0, f64::max);
        if most < 0.9 {
            RARE.into_iter().for_each(|delimiter| {
                consider(delimiter, 0.95);
            });
        }
        (best.1, best.2)
    }
}

/// How far records agree on their number of fields.
#[derive(Clone, Copy, Default)]
struct Agreement {
    /// The share of records that have the most frequent number; 0 when that number is 1.
    share: f64,
    /// Whether the first record, which may be a header, has it.
    first: bool,
}

/// How far they agree where quotation marks enclose fields, in whichever way it is said that one is
/// a character.
fn quoted_agreement(head: &[u8], delimiter: Delimiter) -> Agreement {
    let plain = agreement(head, delimiter, Quoting::On);
    if plain.share == 1.0 || !has_escaped_mark(head) {
        return plain;
    }
    let escaped = agreement(head, delimiter, Quoting::Escaped);
    match escaped.share > plain.share {
        true => escaped,
        false => plain,
    }
}

fn agreement(head: &[u8], delimiter: Delimiter, quoting: Quoting) -> Agreement {
    if memchr::memchr(delimiter.byte(), head).is_none() {
        return Agreement::default();
    }
    let mut records = Records::new(Box::new(head), Dialect { delimiter, quoting }, None);
    let mut fields = Fields::default();
    let mut widths: BTreeMap<usize, usize> = BTreeMap::new();
    let (mut count, mut first) = (0, 0);
    while count < SAMPLE_ROWS
        && let Ok(Some(_)) = records.read(&mut fields)
    {
        if count == 0 {
            first = fields.len();
        }
        *widths.entry(fields.len()).or_default() += 1;
        count += 1;
    }
    match widths.iter().max_by_key(|&(_, &count)| count) {
        Some((&width, &agreeing)) if width >= 2 => Agreement {
            share: agreeing as f64 / count as f64,
            first: first == width,
        },
        _ => Agreement::default(),
    }
}

/// What comes of reading a text in one way.
#[derive(Debug)]
struct Survey {
    dialect: Dialect,
    records: usize,
    faults: usize,
    /// How often records have so many fields, of which so many up to the last that is filled.
    widths: BTreeMap<(usize, usize), usize>,
    /// How many records have a quotation mark that is not closed before its delimiter.
    stray: usize,
}

impl Survey {
    fn of(head: &[u8], dialect: Dialect) -> Self {
        let mut survey = Self {
            dialect,
            records: 0,
            faults: 0,
            widths: BTreeMap::new(),
            stray: 0,
        };
        let mut records = Records::new(Box::new(head), dialect, None);
        let mut fields = Fields::default();
        while let Ok(Some(place)) = records.read(&mut fields) {
            survey.records += 1;
            survey.stray += usize::from(dialect.is_stray(records.raw()));
            if place.fault.is_some() {
                survey.faults += 1;
                continue;
            }
            let filled = fields.iter().collect::<Vec<_>>();
            let filled = filled
                .iter()
                .rposition(|field| !field.trim_ascii().is_empty());
            let filled = filled.map_or(0, |last| last + 1);
            *survey.widths.entry((fields.len(), filled)).or_default() += 1;
        }
        survey
    }

    /// How often each number of fields occurs.
    fn counts(&self) -> BTreeMap<usize, usize> {
        let mut counts = BTreeMap::new();
        for (&(width, _), &count) in &self.widths {
            *counts.entry(width).or_default() += count;
        }
        counts
    }

    /// The number of columns of the file.
    ///
    /// Between tabs a width that one record in a hundred has is meant; elsewhere a wider record is
    /// more likely a text with an unquoted delimiter, and only the most frequent width counts.
    fn width(&self) -> usize {
        let counts = self.counts();
        let records: usize = counts.values().sum();
        let widest = counts
            .iter()
            .rev()
            .find(|&(_, &count)| count * 100 >= records);
        match widest {
            Some((&width, _)) if self.dialect.delimiter == Delimiter::TAB => width,
            _ => self.usual_width(),
        }
    }

    /// The number of records that have too few or too many columns.
    fn lost(&self) -> usize {
        let (least, most) = (self.usual_width(), self.width());
        let wrong = |&(width, filled): &(usize, usize)| width < least || filled > most;
        let wrong = self.widths.iter().filter(|(widths, _)| wrong(widths));
        self.faults + wrong.map(|(_, count)| count).sum::<usize>()
    }

    /// The number of columns that most records have.
    fn usual_width(&self) -> usize {
        let counts = self.counts();
        let usual = counts.iter().max_by_key(|&(_, &count)| count);
        usual.map_or(0, |(&width, _)| width)
    }

    /// The number of records whose last column is filled.
    fn complete(&self) -> usize {
        let complete = self.usual_width()..=self.width();
        let records = self.widths.iter();
        let records = records.filter(|((_, filled), _)| complete.contains(filled));
        records.map(|(_, count)| count).sum()
    }

    /// What speaks against this way, the weightiest first: rows lost, rows joined to others, and
    /// marks that are not quoting.
    ///
    /// Where marks are rare, some may close each other by chance, with whole rows between them.
    /// Where they are the rule, or in a single column, a text of several lines is meant.
    fn cost(&self, rare_marks: bool) -> (usize, Reverse<usize>, usize) {
        let lost = self.lost();
        let rows = match rare_marks && self.width() > 1 {
            true => self.complete(),
            false => 0,
        };
        let stray = self.stray > 0 && self.dialect.delimiter == Delimiter::TAB;
        let against = match self.dialect.quoting {
            Quoting::Doubled => 0,
            Quoting::On | Quoting::Escaped if stray => 2,
            Quoting::On | Quoting::Off | Quoting::Escaped => 1,
        };
        (lost, Reverse(rows), against)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_delimiter_is_the_one_the_records_agree_on() {
        let guess = |text: &str, extension| best_delimiter(text.as_bytes(), Some(extension)).0;
        assert_eq!(guess("text,label\na,1\nb,0\n", "csv"), Delimiter::COMMA);
        assert_eq!(
            guess("text;label\na, b;1\nc, d, e;0\n", "csv"),
            Delimiter::SEMICOLON
        );
        assert_eq!(guess("a , b\t1\nc , d , e\t0\n", "csv"), Delimiter::TAB);
        // As many commas in every text as semicolons after them: the header decides.
        let texts = "the film, number 1;good\nthe play, number 2;bad\n".repeat(30);
        let text = format!("text;label\n{texts}");
        assert_eq!(guess(&text, "csv"), Delimiter::SEMICOLON);
        assert_eq!(guess("a|1\nb, c|0\n", "txt"), Delimiter::PIPE);
        assert_eq!(guess("a^1\nb, c^0\n", "txt"), Delimiter::CARET);
        assert_eq!(guess("one column\nonly\n", "tsv"), Delimiter::TAB);
        assert_eq!(
            guess("text,label\n\"a, b; c\",1\n\"d, e; f\",0\n", "csv"),
            Delimiter::COMMA
        );
    }

    fn chosen(text: &str) -> (Quoting, usize, Vec<(usize, usize)>) {
        let head = Head {
            bytes: text.as_bytes().to_vec(),
            whole: true,
        };
        let choice = choose(&head, Some("csv"), &Reading::default());
        let counts = choice.readings.iter().map(|way| (way.rows, way.lost));
        (choice.dialect.quoting, choice.width, counts.collect())
    }

    #[test]
    fn the_quoting_that_loses_no_row_is_chosen() {
        // Two lines of whole rows between two marks are rows, not a text of two lines.
        let rows = format!("{}ham\t\"hello\nham\tyou\"\n", "spam\twin\n".repeat(20));
        assert_eq!(chosen(&rows), (Quoting::Off, 2, vec![(22, 0), (21, 0)]));
        // A text of several lines, the first of which only looks like a row without a label.
        let rows = format!("{}\"two,\nlines\",x\n", "spam,win\n".repeat(20));
        assert_eq!(chosen(&rows), (Quoting::On, 2, vec![(21, 0), (22, 0)]));
        let quoted = "text,label\n\"a, b\",1\n\"two\nlines\",0\n";
        assert_eq!(chosen(quoted), (Quoting::On, 2, vec![(3, 0), (2, 2)]));
        let stray = "text,label\n\"a\" b,1\n\"c, d\",0\n";
        assert_eq!(chosen(stray).0, Quoting::On);
        assert_eq!(chosen("a,1\n\"b,0\nc,1\n").2[0], (3, 0));
    }

    #[test]
    fn another_delimiter_under_which_most_rows_agree_is_told() {
        let text = format!("text;label\n{}", "so, so;1\n".repeat(30));
        let head = Head {
            bytes: text.into_bytes(),
            whole: true,
        };
        let choice = choose(&head, Some("csv"), &Reading::default());
        assert_eq!(choice.dialect.delimiter, Delimiter::SEMICOLON);
        let told = choice.readings.iter();
        let told: Vec<_> = told.map(|way| (way.reading.delimiter, way.lost)).collect();
        assert_eq!(
            told,
            [(Some(Delimiter::SEMICOLON), 0), (Some(Delimiter::COMMA), 1)]
        );
    }

    #[test]
    fn doubly_quoted_rows_are_told_from_quoted_texts() {
        let doubled = "\"text,label\"\n\"\"\"a, b\"\",1\"\n\"c,0\"\n";
        let (quoting, width, _) = chosen(doubled);
        assert_eq!((quoting, width), (Quoting::Doubled, 2));
        let texts = "\"good, really\"\n\"bad, sadly\"\n";
        assert_eq!(chosen(texts).0, Quoting::On);
    }

    #[test]
    fn backslashes_escape_marks_where_that_loses_no_row() {
        let escaped = "text,label\n\"he said \\\"no\\\", to me\",pos\n\"fine, so\",neg\n";
        assert_eq!(chosen(escaped), (Quoting::Escaped, 2, vec![(3, 0), (2, 1)]));
        // No comma tells: as RFC 4180 has it each row would be misread, not lost.
        let escaped = "text,label\n\"he said \\\"no\\\" to me\",pos\nfine,neg\n";
        assert_eq!(chosen(escaped).0, Quoting::Escaped);
        let backslashes = "path,label\n\"C:\\\",x\n\"D:\\\",y\n\"a, b\\\",x\n\"plain\",y\n";
        assert_eq!(chosen(backslashes), (Quoting::On, 2, vec![(5, 0), (4, 1)]));
        let json = "id,json\n1,\"{\"\"a\"\": \"\"x \\\"\"y\\\"\", z\"\"}\"\n";
        assert_eq!(chosen(json).0, Quoting::On);
    }
}
