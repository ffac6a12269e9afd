//! Whatever is written comes back; whatever bytes are given end in rows or a clear error.
//!
//! `PROPTEST_CASES` raises the number of cases for a run of hours.

use std::collections::BTreeMap;
use std::sync::{LazyLock, Mutex};

use luthier::data::{
    Dataset, Kind, Request, Row, Rows, Source, Target, inspect, read, write_set_aside,
};
use proptest::prelude::*;
use proptest::test_runner::Config;

/// Few cases, unless the environment asks for more.
fn cases(few: u32) -> Config {
    let asked = std::env::var("PROPTEST_CASES").ok();
    let asked = asked.and_then(|cases| cases.parse().ok());
    Config {
        cases: asked.unwrap_or(few),
        failure_persistence: None,
        ..Config::default()
    }
}

/// A file on disk that is used again: readers take files, and a leaked one for each case would
/// fill the memory of a long run.
struct Place {
    folder: tempfile::TempDir,
}

static PLACE: LazyLock<Mutex<Place>> = LazyLock::new(|| {
    let folder = tempfile::tempdir().unwrap();
    Mutex::new(Place { folder })
});

impl Place {
    fn with<T>(name: &str, bytes: &[u8], look: impl FnOnce(&Source) -> T) -> T {
        let place = PLACE
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner());
        let path = place.folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        let found = look(&Source::File(path.clone()));
        std::fs::remove_file(path).unwrap();
        found
    }
}

fn as_labels() -> Request {
    Request {
        kind: Some(Kind::Label),
        ..Request::default()
    }
}

fn pairs(dataset: &Dataset) -> Vec<(String, String)> {
    let pair =
        |example: &luthier::data::Example| (example.text.clone(), example.label().to_owned());
    dataset.examples.iter().map(pair).collect()
}

// What is written comes back.

/// Texts of characters that mean something to a format, none of them blank.
fn text() -> impl Strategy<Value = String> {
    let odd = prop::sample::select(vec![
        "a", "b", " ", "\"", "\"\"", ",", ";", "\t", "|", "\n", "\r\n", "\r", "\\", "é", "好",
        "🙂", "{", "}", "[", ":", "'", "#", "O", "-", "\u{a0}", "\u{feff}", "\u{fffd}",
    ]);
    prop::collection::vec(odd, 0..12).prop_map(|parts| format!("x{}", parts.concat()))
}

fn rows() -> impl Strategy<Value = Vec<(String, String)>> {
    let row = (text(), prop::sample::select(vec!["pos", "neg", "so-so"]));
    prop::collection::vec(
        row.prop_map(|(text, label)| (text, label.to_owned())),
        2..40,
    )
}

proptest! {
    #![proptest_config(cases(64))]

    #[test]
    fn csv_comes_back(rows in rows(), delimiter in prop::sample::select(b",;\t|".to_vec()), crlf: bool, all: bool) {
        let mut writer = csv::WriterBuilder::new()
            .delimiter(delimiter)
            .terminator(if crlf { csv::Terminator::CRLF } else { csv::Terminator::Any(b'\n') })
            .quote_style(if all { csv::QuoteStyle::Always } else { csv::QuoteStyle::Necessary })
            .from_writer(Vec::new());
        writer.write_record(["text", "label"]).unwrap();
        for (text, label) in &rows {
            writer.write_record([text, label]).unwrap();
        }
        let bytes = writer.into_inner().unwrap();
        let found = Place::with("a.csv", &bytes, |source| read(source, as_labels()).unwrap());
        prop_assert_eq!(pairs(&found), rows);
        prop_assert!(found.set_aside.is_empty());
    }

    #[test]
    fn csv_comes_back_in_any_encoding(rows in rows(), name in prop::sample::select(vec!["utf-16le", "utf-16be", "utf-8"])) {
        let mut text = "\u{feff}text,label\r\n".to_owned();
        for (cell, label) in &rows {
            text.push_str(&format!("\"{}\",{label}\r\n", cell.replace('"', "\"\"")));
        }
        let bytes: Vec<u8> = match name {
            "utf-16le" => text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
            "utf-16be" => text.encode_utf16().flat_map(u16::to_be_bytes).collect(),
            _ => text.into_bytes(),
        };
        let found = Place::with("a.csv", &bytes, |source| read(source, as_labels()).unwrap());
        prop_assert_eq!(pairs(&found), rows);
    }

    #[test]
    fn json_comes_back(rows in rows(), lines: bool, pretty: bool) {
        let objects: Vec<serde_json::Value> = rows
            .iter()
            .map(|(text, label)| serde_json::json!({"text": text, "label": label}))
            .collect();
        let written = match (lines, pretty) {
            (true, _) => objects.iter().map(|object| format!("{object}\n")).collect(),
            (false, true) => serde_json::to_string_pretty(&objects).unwrap(),
            (false, false) => serde_json::to_string(&objects).unwrap(),
        };
        let name = if lines { "a.jsonl" } else { "a.json" };
        let found = Place::with(name, written.as_bytes(), |source| read(source, as_labels()).unwrap());
        prop_assert_eq!(pairs(&found), rows);
    }

    #[test]
    fn tags_come_back(sentences in prop::collection::vec(
        prop::collection::vec(("[a-zA-Z0-9é好.,]{1,6}", prop::sample::select(vec!["O", "B-PER", "I-PER", "B-LOC"])), 1..12), 1..20))
    {
        // A file of `O` alone is no file of tags.
        prop_assume!(sentences.iter().flatten().any(|(_, tag)| *tag != "O"));
        let written: Vec<String> = sentences
            .iter()
            .map(|sentence| sentence.iter().map(|(word, tag)| format!("{word} {tag}\n")).collect())
            .collect();
        let request = Request { kind: Some(Kind::Tags), ..Request::default() };
        let found = Place::with("a.conll", written.join("\n").as_bytes(), |source| read(source, &request).unwrap());
        let again: Vec<Vec<(String, &str)>> = found.examples.iter().map(|example| {
            let Target::Tags(words) = &example.target else { return Vec::new() };
            words.iter().map(|word| (example.text[word.place.clone()].to_owned(), word.tag.as_str())).collect()
        }).collect();
        prop_assert_eq!(again, sentences);
    }
}

proptest! {
    #![proptest_config(cases(24))]

    #[test]
    fn workbooks_come_back(rows in rows()) {
        let mut book = rust_xlsxwriter::Workbook::new();
        let sheet = book.add_worksheet();
        sheet.write_row(0, 0, ["text", "label"]).unwrap();
        for (row, (text, label)) in rows.iter().enumerate() {
            sheet.write_row(row as u32 + 1, 0, [text, label]).unwrap();
        }
        let bytes = book.save_to_buffer().unwrap();
        let found = Place::with("a.xlsx", &bytes, |source| read(source, as_labels()).unwrap());
        // XML knows one line end only.
        let expected: Vec<(String, String)> = rows
            .iter()
            .map(|(text, label)| (text.replace("\r\n", "\n").replace('\r', "\n"), label.clone()))
            .collect();
        let found: Vec<(String, String)> = pairs(&found)
            .into_iter()
            .map(|(text, label)| (text.replace("\r\n", "\n").replace('\r', "\n"), label))
            .collect();
        prop_assert_eq!(found, expected);
    }
}

// Whatever is given ends in rows or an error.

/// Reads these bytes under this name in every way there is; the counts must add up.
fn endure(name: &str, bytes: &[u8]) {
    Place::with(name, bytes, |source| {
        let all = [
            None,
            Some(Kind::Label),
            Some(Kind::Labels),
            Some(Kind::Score),
            Some(Kind::Tags),
            Some(Kind::Answers),
            Some(Kind::Writing),
            Some(Kind::Texts),
        ];
        let table = inspect(source, Request::default());
        for kind in all {
            let request = Request {
                kind,
                ..Request::default()
            };
            let opened = Rows::open(source, &request);
            let Ok(rows) = opened else {
                let error = opened.err().unwrap();
                assert!(error.remedy_text().is_some(), "has no remedy: {error}");
                continue;
            };
            let mut count = 0;
            let visited = rows.visit(&|_, _| Ok(()), &mut |row| {
                count += 1;
                let number = match row {
                    Row::Example(example) => example.row,
                    Row::SetAside(aside) => aside.row,
                };
                assert_eq!(number, count);
                Ok(())
            });
            if visited.is_ok() {
                assert_eq!(table.as_ref().map(|table| table.rows).ok(), Some(count));
                write_set_aside(&[(rows, BTreeMap::new())], std::io::sink()).unwrap();
            }
        }
    });
}

fn name() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "a.csv",
        "a.tsv",
        "a.json",
        "a.jsonl",
        "a.txt",
        "a.conll",
        "a.xlsx",
        "a.parquet",
        "a",
    ])
}

/// Pieces of the formats, put together at random.
fn pieces() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop::sample::select(vec![
        &b"text"[..], b"label", b"a", b"1", b"0.5", b",", b",", b"\t", b";", b"|", b"\"", b"\"", b"\n", b"\n", b"\r",
        b"\r\n", b" ", b"{\"text\":\"a\",\"label\":1}", b"{\"text\":", b"[", b"]", b"{", b"}", b"\\", b":", b"\xFF",
        b"\xFE", b"\x00", b"\xEF\xBB\xBF", "好".as_bytes(), b"\xB0\xA1", b"O\n", b" B-PER\n", b"-DOCSTART- O\n", b"# id",
        b"__label__a ", b"{\"data\":[{\"paragraphs\":[{\"qas\":[{\"id\":1,\"question\":\"q\",\"answers\":[]}],\"context\":\"c\"}]}]}",
        b"{\"tokens\":[\"a\"],\"tags\":[\"O\"]}\n", b"{\"messages\":[{}]}\n", b"['a', 'b", b"PK\x03\x04", b"PAR1", b"NaN", b"1e999",
    ]);
    prop::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat())
}

/// A file with some bytes changed, cut out or put in.
fn mutated(file: &'static [u8]) -> impl Strategy<Value = Vec<u8>> {
    let change = (any::<prop::sample::Index>(), any::<u8>(), 0..4_u8);
    prop::collection::vec(change, 1..8).prop_map(move |changes| {
        let mut bytes = file.to_vec();
        for (place, byte, way) in changes {
            if bytes.is_empty() {
                break;
            }
            let place = place.index(bytes.len());
            match way {
                0 => bytes[place] = byte,
                1 => bytes[place] ^= 1 << (byte % 8),
                2 => bytes.truncate(place.max(bytes.len() / 2)),
                _ => bytes.insert(place, byte),
            }
        }
        bytes
    })
}

static WORKBOOK: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    sheet.write_row(0, 0, ["text", "label"]).unwrap();
    for row in 1..20 {
        sheet.write(row, 0, format!("text {row}")).unwrap();
        sheet.write(row, 1, f64::from(row % 3)).unwrap();
    }
    book.save_to_buffer().unwrap()
});

static PARQUET: LazyLock<Vec<u8>> = LazyLock::new(|| {
    use parquet::data_type::{ByteArray, ByteArrayType, Int64Type};
    use std::sync::Arc;
    let schema = "message rows { REQUIRED BYTE_ARRAY text (UTF8); OPTIONAL INT64 label; }";
    let schema = Arc::new(parquet::schema::parser::parse_message_type(schema).unwrap());
    let properties = parquet::file::properties::WriterProperties::builder()
        .set_compression(parquet::basic::Compression::SNAPPY)
        .build();
    let mut writer =
        parquet::file::writer::SerializedFileWriter::new(Vec::new(), schema, Arc::new(properties))
            .unwrap();
    let mut group = writer.next_row_group().unwrap();
    let texts: Vec<ByteArray> = (0..20)
        .map(|row| format!("text {row}").as_str().into())
        .collect();
    let mut column = group.next_column().unwrap().unwrap();
    column
        .typed::<ByteArrayType>()
        .write_batch(&texts, None, None)
        .unwrap();
    column.close().unwrap();
    let mut column = group.next_column().unwrap().unwrap();
    let labels: Vec<i64> = (0..20).map(|row| row % 2).collect();
    column
        .typed::<Int64Type>()
        .write_batch(&labels, Some(&[1; 20]), None)
        .unwrap();
    column.close().unwrap();
    group.close().unwrap();
    writer.into_inner().unwrap()
});

proptest! {
    #![proptest_config(cases(200))]

    #[test]
    fn pieces_of_formats_are_endured(name in name(), bytes in pieces()) {
        endure(name, &bytes);
    }

    #[test]
    fn random_bytes_are_endured(name in name(), bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        endure(name, &bytes);
    }

    #[test]
    fn damaged_workbooks_are_endured(bytes in mutated(&WORKBOOK)) {
        endure("a.xlsx", &bytes);
    }

    #[test]
    fn damaged_parquet_files_are_endured(bytes in mutated(&PARQUET)) {
        endure("a.parquet", &bytes);
    }
}

/// Files made to cost time or memory.
#[test]
fn hostile_files_are_endured() {
    let deep = "[".repeat(200_000);
    let nested = format!("{{\"a\":{}", "{\"a\":".repeat(100_000));
    let wide = ",".repeat(1_000_000);
    let giant = format!("text,label\n\"{}\",1\nb,0\n", "x".repeat(5_000_000));
    let quotes = format!("text,label\n{}", "\"a,1\n".repeat(50_000));
    let open = format!("text,label\na,1\n\"b,0\n{}", "c,1\n".repeat(200_000));
    let columns = format!(
        "{}\n{}\n",
        vec!["c"; 200_000].join(","),
        vec!["1"; 200_000].join(",")
    );
    for (name, text) in [
        ("a.json", &deep),
        ("a.jsonl", &deep),
        ("a.json", &nested),
        ("a.csv", &wide),
        ("a.csv", &giant),
        ("a.csv", &quotes),
        ("a.csv", &open),
        ("a.csv", &columns),
    ] {
        let started = std::time::Instant::now();
        endure(name, text.as_bytes());
        let seconds = started.elapsed().as_secs();
        assert!(
            seconds < 60,
            "{name} of {} bytes took {seconds} s",
            text.len()
        );
    }
}
