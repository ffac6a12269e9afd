//! How a file is written, in terms that can be shown and corrected.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::delimiter::Delimiter;
use super::dialect::Dialect;
use super::encoding::Encoding;
use super::line_ends::LineEnds;
use super::tags::TagScheme;

/// How many records are looked at to find out what the columns are.
pub(super) const SAMPLE_ROWS: usize = 1000;

/// How many bytes of them: a few records may be as long as books.
pub(super) const SAMPLE_BYTES: usize = 64 << 20;

/// A file format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// Fields between commas or any other character but the tab.
    Csv,
    /// Fields between tabs.
    Tsv,
    /// One JSON document that holds all records.
    Json,
    /// One JSON object per line.
    Jsonl,
    /// An Excel or OpenDocument workbook.
    Excel,
    /// Apache Parquet.
    Parquet,
    /// A word and its tags on each line, a blank line after each sentence.
    Conll,
    /// Questions about passages, as in the Stanford Question Answering Dataset.
    Squad,
    /// The label is the first word of each line, as for fastText and in TREC.
    Labelled,
    /// One text per line.
    Text,
    /// A folder of text files.
    Folder,
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Csv => "CSV",
            Self::Tsv => "TSV",
            Self::Json => "JSON",
            Self::Jsonl => "JSONL",
            Self::Excel => "workbook",
            Self::Parquet => "Parquet",
            Self::Conll => "CoNLL columns",
            Self::Squad => "SQuAD",
            Self::Labelled => "lines that begin with their label",
            Self::Text => "plain text, one per line",
            Self::Folder => "folder of texts",
        })
    }
}

/// What quotation marks mean in a delimited file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Quoting {
    /// They may enclose a field.
    On,
    /// They are characters like any other.
    Off,
    /// Each record is one quoted field that holds the fields, themselves quoted where need be: a
    /// spreadsheet saved lines of CSV as if they were texts.
    Doubled,
    /// They may enclose a field, and a backslash before one says that it is a character of it, as
    /// MySQL, Hive and Spark write.
    Escaped,
}

impl fmt::Display for Quoting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::On => "quoted",
            Self::Off => "no quoting",
            Self::Doubled => "doubly quoted",
            Self::Escaped => "quoted with backslash escapes",
        })
    }
}

/// How a file is written. What its format does not have is `None`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Layout {
    /// The file format.
    pub format: Format,
    /// The character encoding, of a text file.
    pub encoding: Option<Encoding>,
    /// Whether a text file starts with a byte order mark.
    pub byte_order_mark: bool,
    /// The number of places in it whose bytes make no character; they are read as U+FFFD.
    pub undecodable: u64,
    /// What ends its lines.
    pub line_ends: Option<LineEnds>,
    /// The character between fields.
    pub delimiter: Option<Delimiter>,
    /// Whether the first record names the columns.
    pub header: Option<bool>,
    /// What quotation marks mean.
    pub quoting: Option<Quoting>,
    /// The sheet of a workbook.
    pub sheet: Option<String>,
    /// The other sheets that have rows, where no sheet was named.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub other_sheets: Vec<String>,
    /// Whether the format keeps the rows of each label together, so that their order says nothing.
    #[serde(skip)]
    pub by_label: bool,
    /// The usage that the columns' names follow.
    pub dialect: Option<Dialect>,
    /// How the tags of words mark entities.
    pub tags: Option<TagScheme>,
}

impl Layout {
    /// The layout of a format of which nothing more is known.
    pub(super) fn of(format: Format) -> Self {
        Self {
            format,
            encoding: None,
            byte_order_mark: false,
            undecodable: 0,
            line_ends: None,
            delimiter: None,
            header: None,
            quoting: None,
            sheet: None,
            other_sheets: Vec::new(),
            by_label: false,
            dialect: None,
            tags: None,
        }
    }

    /// One line that says what was understood, such as `CSV · semicolon · UTF-8 · header`.
    pub fn describe(&self) -> String {
        let mut parts = vec![self.format.to_string()];
        parts.extend(self.sheet.as_deref().map(|sheet| self.name_sheet(sheet)));
        parts.extend(self.dialect.map(|dialect| dialect.to_string()));
        parts.extend(self.tags.map(|scheme| scheme.to_string()));
        let own = self.format == Format::Tsv && self.delimiter == Some(Delimiter::TAB);
        let delimiter = self.delimiter.filter(|_| !own);
        parts.extend(delimiter.map(|delimiter| delimiter.to_string()));
        parts.extend(self.encoding.map(|encoding| self.name(encoding)));
        let unusual = self
            .line_ends
            .filter(|ends| matches!(ends, LineEnds::Cr | LineEnds::Mixed));
        parts.extend(unusual.map(|ends| format!("{ends} line ends")));
        let header = |header| if header { "header" } else { "no header" }.to_owned();
        parts.extend(self.header.map(header));
        let unusual = self.quoting.filter(|&quoting| quoting != Quoting::On);
        parts.extend(unusual.map(|quoting| quoting.to_string()));
        if self.undecodable > 0 {
            parts.push(format!("{} unreadable characters", self.undecodable));
        }
        parts.join(" · ")
    }

    /// The sheet, with those beside it.
    fn name_sheet(&self, sheet: &str) -> String {
        let others = &self.other_sheets;
        if others.is_empty() {
            return format!("sheet \"{sheet}\"");
        }
        let all = others.len() + 1;
        format!("sheet \"{sheet}\" of {all} (also {})", self.listed_sheets())
    }

    /// The names of the other sheets, cut where there are many.
    pub fn listed_sheets(&self) -> String {
        const SHOWN: usize = 5;
        let names = self.other_sheets.iter().take(SHOWN);
        let names: Vec<String> = names.map(|name| format!("\"{name}\"")).collect();
        match self.other_sheets.len().saturating_sub(SHOWN) {
            0 => names.join(", "),
            more => format!("{} and {more} more", names.join(", ")),
        }
    }

    /// The encoding, with its byte order mark where that is not the rule.
    fn name(&self, encoding: Encoding) -> String {
        match self.byte_order_mark {
            true if encoding.is_utf8() => format!("{encoding} with byte order mark"),
            _ => encoding.to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_says_what_is_unusual() {
        let mut layout = Layout {
            encoding: Some(Encoding::UTF_8),
            line_ends: Some(LineEnds::Lf),
            delimiter: Some(Delimiter::COMMA),
            header: Some(true),
            quoting: Some(Quoting::On),
            ..Layout::of(Format::Csv)
        };
        assert_eq!(layout.describe(), "CSV · comma · UTF-8 · header");
        layout.format = Format::Tsv;
        layout.delimiter = Some(Delimiter::TAB);
        layout.encoding = Encoding::named("latin1");
        layout.line_ends = Some(LineEnds::Cr);
        layout.header = Some(false);
        layout.quoting = Some(Quoting::Off);
        assert_eq!(
            layout.describe(),
            "TSV · windows-1252 · CR line ends · no header · no quoting"
        );
    }
}
