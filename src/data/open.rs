//! Which format a file has, told by its content, then by its extension.

use super::columns::Columns;
use super::conll::Conll;
use super::delimited::Delimited;
use super::delimiter::Delimiter;
use super::encoding;
use super::folder::Folder;
use super::json::Document;
use super::jsonl::JsonLines;
use super::labelled::LabelledLines;
use super::layout::{Format, Layout};
use super::parquet::ParquetFile;
use super::plain::PlainLines;
use super::reading::Reading;
use super::record::{Field, Reader};
use super::source::Source;
use super::survey;
use super::text::{Head, Text};
use super::word_rows::WordRows;
use super::workbook::{self, Workbook};
use crate::error::{Error, Result};

/// How files that are read usually end, in lower case.
pub const EXTENSIONS: [&str; 18] = [
    "csv", "tsv", "tab", "txt", "json", "jsonl", "ndjson", "xlsx", "xls", "xlsb", "ods", "parquet",
    "conll", "conllu", "bio", "iob", "bmes", "psv",
];

/// How much of a text is looked at to tell its format, in bytes.
const HEAD_BYTES: usize = 1 << 20;

/// Opens a file or folder with the reader for its format; what `reading` gives is not found out.
/// Where each row holds a word, its records are sentences.
///
/// # Errors
/// It is missing, empty, or of a kind that holds no rows.
pub fn open(source: &Source, reading: &Reading) -> Result<Box<dyn Reader>> {
    WordRows::gather(open_format(source, reading)?)
}

/// Opens a file as [`open`] does; where `columns` names one by what stands in the first record, that
/// record names the columns.
///
/// # Errors
/// Those of [`open`].
pub(super) fn open_naming(
    source: &Source,
    reading: &Reading,
    columns: &Columns,
) -> Result<Box<dyn Reader>> {
    let reader = open(source, reading)?;
    if reading.header.is_some() || reader.layout().header != Some(false) {
        return Ok(reader);
    }
    let first = reader.records()?.next().transpose()?;
    let cells = first.iter().flat_map(|record| &record.fields);
    let names: Vec<&str> = cells.filter_map(Field::value).collect();
    if !columns.name_any(&names) {
        return Ok(reader);
    }
    let named = Reading {
        header: Some(true),
        ..reading.clone()
    };
    open(source, &named)
}

fn open_format(source: &Source, reading: &Reading) -> Result<Box<dyn Reader>> {
    if let Source::Folder(path) = source {
        return Ok(Box::new(Folder::open(path, reading)?));
    }
    let start = source.start()?;
    if start.starts_with(b"PAR1") {
        return Ok(Box::new(ParquetFile::open(source)?));
    }
    if workbook::may_be(&start)
        && let Some(workbook) = Workbook::open(source, reading)?
    {
        return Ok(Box::new(workbook));
    }
    let scan = encoding::scan(source, reading.encoding)?;
    let text = Text::new(source, scan.encoding);
    let head = text.head(HEAD_BYTES)?;
    let format = match reading {
        Reading {
            format: Some(format),
            ..
        } => *format,
        Reading {
            delimiter: Some(_), ..
        } => Format::Csv,
        _ => guess_format(source, &head),
    };
    let layout = Layout {
        encoding: Some(scan.encoding),
        byte_order_mark: scan.byte_order_mark,
        undecodable: scan.undecodable,
        line_ends: scan.line_ends,
        ..Layout::of(format)
    };
    drop(head);
    Ok(match format {
        Format::Csv => Box::new(Delimited::open(text, layout, reading)?),
        Format::Tsv => {
            let given = Reading {
                delimiter: reading.delimiter.or(Some(Delimiter::TAB)),
                ..reading.clone()
            };
            Box::new(Delimited::open(text, layout, &given)?)
        }
        Format::Json | Format::Squad => Box::new(Document::open(text, layout)?),
        Format::Jsonl => Box::new(JsonLines::open(text, layout)?),
        Format::Conll => Box::new(Conll::open(text, layout)?),
        Format::Labelled => Box::new(LabelledLines::open(text, layout)?),
        Format::Text => Box::new(PlainLines::open(text, layout)),
        Format::Excel | Format::Parquet | Format::Folder => {
            return Err(Error::new(format!("{source} is text, not a {format}"))
                .remedy("Leave the format to be found out, or choose one of text."));
        }
    })
}

/// The format of a text.
///
/// A first line that is a JSON object tells more than the extension, because files are renamed;
/// where the content says nothing, the extension decides.
fn guess_format(source: &Source, head: &Head) -> Format {
    let extension = source.extension();
    let extension = extension.as_deref();
    let text = head.text();
    if let Some(format) = json_format(&text, head.whole, extension) {
        return format;
    }
    if super::conll::looks_like(&text, extension) {
        return Format::Conll;
    }
    let (delimiter, agreement) = survey::best_delimiter(text.as_bytes(), extension);
    let agreeing = agreement >= 0.9 && delimiter != Delimiter::COMMA || agreement > 0.98;
    if !agreeing && super::labelled::looks_like(&text) {
        return Format::Labelled;
    }
    match extension {
        Some("jsonl" | "ndjson") => Format::Jsonl,
        Some("json") => Format::Json,
        Some("csv" | "tsv" | "tab" | "psv" | "xls" | "xlsx") => Format::Csv,
        // Prose has commas, but not the same number in every line.
        _ if agreement < 0.8 => Format::Text,
        _ => Format::Csv,
    }
}

/// The JSON format of a text that begins like one.
fn json_format(text: &str, whole: bool, extension: Option<&str>) -> Option<Format> {
    let text = text.trim_start();
    let first = text.lines().next().unwrap_or_default().trim();
    let lines = text.lines().filter(|line| !line.trim().is_empty()).count();
    let is_value = is_json(first);
    if text.starts_with('{') {
        let named = matches!(extension, Some("jsonl" | "ndjson"));
        let one_line = whole && lines == 1 && !named;
        // A first line that is longer than what is looked at is not seen to its end.
        if named && first != "{" {
            return Some(Format::Jsonl);
        }
        if is_value && !(one_line && super::json::is_document(first)) {
            return Some(Format::Jsonl);
        }
        // A line that is not an object may be a fault of a file of them.
        let lines_of_objects = text
            .lines()
            .skip(1)
            .take(20)
            .any(|line| line.starts_with('{') && is_json(line));
        return if lines_of_objects && !is_value {
            Some(Format::Jsonl)
        } else if is_value || first.len() > 1 && first[1..].trim_start().starts_with(['"', '}']) {
            Some(Format::Json)
        } else {
            (first == "{").then_some(Format::Json)
        };
    }
    if let Some(inner) = text.strip_prefix('[') {
        let inner = inner.trim_start();
        let nested = inner.starts_with(['{', '[']);
        let json = matches!(extension, Some("json" | "jsonl" | "ndjson"));
        // Lines that are lists each are rows of two columns.
        let lists = is_value && lines > 1 && inner.starts_with('"');
        return (nested || json && !lists).then_some(Format::Json);
    }
    None
}

fn is_json(text: &str) -> bool {
    serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guess(name: &'static str, text: &str) -> Format {
        let source = Source::Bundled { name, bytes: b"" };
        let head = Head {
            bytes: text.as_bytes().to_vec(),
            whole: true,
        };
        guess_format(&source, &head)
    }

    #[test]
    fn content_goes_before_the_extension() {
        let object = "{\"text\": \"a\", \"label\": 1}\n";
        assert_eq!(guess("a.csv", &object.repeat(2)), Format::Jsonl);
        assert_eq!(guess("a.json", &object.repeat(2)), Format::Jsonl);
        assert_eq!(guess("a.jsonl", object), Format::Jsonl);
        assert_eq!(
            guess("a.jsonl", &format!("{{\"text\": }}\n{object}")),
            Format::Jsonl
        );
        assert_eq!(guess("a.txt", &format!("[\n {object}]")), Format::Json);
        assert_eq!(guess("a.json", "{\n \"data\": []\n}"), Format::Json);
        assert_eq!(guess("a.json", "{\"data\": [{\"text\": 1}]}"), Format::Json);
        assert_eq!(
            guess("a.csv", "[1] a footnote,x\n[2] another,y\n"),
            Format::Csv
        );
    }

    #[test]
    fn texts_and_tables_are_told_apart() {
        assert_eq!(guess("a.txt", "good|1\nbad|0\n"), Format::Csv);
        assert_eq!(
            guess(
                "a.txt",
                "Come, he said, and\nwent away.\n\nBut she stayed.\n"
            ),
            Format::Text
        );
        assert_eq!(guess("a.csv", "text\none\ntwo\n"), Format::Csv);
        assert_eq!(
            guess("a.txt", "EU B-ORG\nrejects O\n\nPeter B-PER\n"),
            Format::Conll
        );
        assert_eq!(
            guess("a.txt", "__label__x good film\n__label__y bad, very bad\n"),
            Format::Labelled
        );
    }
}
