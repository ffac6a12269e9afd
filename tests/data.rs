//! Reading, splitting and describing data: every format, every error, and what must always hold.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use luthier::data::{
    Columns, Dataset, Delimiter, Example, Format, Kind, Part, Quoting, Reason, Request, Role, Rows,
    Source, SplitSettings, Splits, Table, bundled, inspect, read, read_for, sha256, statistics,
    write_set_aside,
};
use luthier::error::Result;
use luthier::rng::{Draws, Purpose, Stream};
use tempfile::TempDir;

/// A folder with one file in it.
struct File {
    _folder: TempDir,
    path: PathBuf,
}

fn file(name: &str, content: impl AsRef<[u8]>) -> File {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, content).unwrap();
    File {
        _folder: folder,
        path,
    }
}

fn dataset(name: &str, content: impl AsRef<[u8]>) -> Dataset {
    let file = file(name, content);
    read(&file.path, &Columns::default()).unwrap()
}

fn carried(name: &'static str, text: &'static str) -> Source {
    let bytes = text.as_bytes();
    Source::Bundled { name, bytes }
}

/// Splits by shares as usual.
fn split(dataset: Dataset, seed: u64) -> Result<Splits> {
    luthier::data::split(dataset, &SplitSettings::default(), seed)
}

fn split_files(
    train: Dataset,
    validation: Option<Dataset>,
    test: Option<Dataset>,
    seed: u64,
) -> Result<Splits> {
    luthier::data::split_files(train, validation, test, &SplitSettings::default(), seed)
}

fn pairs(dataset: &Dataset) -> Vec<(&str, &str)> {
    dataset
        .examples
        .iter()
        .map(|example| (example.text.as_str(), example.label()))
        .collect()
}

/// Reading fails with an error that says all of this.
#[track_caller]
fn refused(name: &str, content: impl AsRef<[u8]>, says: &[&str]) {
    refused_with(name, content, &Columns::default(), says);
}

#[track_caller]
fn refused_with(name: &str, content: impl AsRef<[u8]>, columns: &Columns, says: &[&str]) {
    let file = file(name, content);
    let error = read(&file.path, columns).unwrap_err();
    check_error(&error, name, says);
}

#[track_caller]
fn check_error(error: &luthier::error::Error, name: &str, says: &[&str]) {
    let text = error.to_string();
    assert!(text.contains(name), "names no file: {text}");
    assert!(error.remedy_text().is_some(), "has no remedy: {text}");
    for part in says {
        assert!(text.contains(part), "does not say {part:?}: {text}");
    }
}

// Formats.

#[test]
fn csv_with_a_header() {
    let found = dataset(
        "a.csv",
        "text,label,domain\n\"good, \"\"really\"\"\",pos,x\nbad,neg,y\n",
    );
    assert_eq!(pairs(&found), [("good, \"really\"", "pos"), ("bad", "neg")]);
    assert_eq!(found.layout.format, Format::Csv);
    assert_eq!(found.layout.delimiter, Some(Delimiter::COMMA));
    assert_eq!(found.layout.header, Some(true));
    assert_eq!(found.layout.quoting, Some(Quoting::On));
    assert!(!found.layout.byte_order_mark);
    assert_eq!(
        [Role::Text, Role::Label].map(|role| found.columns.get(role)),
        [Some("text"), Some("label")]
    );
    assert_eq!(found.ignored, ["domain"]);
    assert_eq!((found.examples[1].row, found.examples[1].line), (2, 3));
}

#[test]
fn csv_with_a_quoted_line_end() {
    let found = dataset("a.csv", "label,text\r\npos,\"two\r\nlines\"\r\nneg,one\r\n");
    assert_eq!(pairs(&found), [("two\r\nlines", "pos"), ("one", "neg")]);
    assert_eq!((found.examples[1].row, found.examples[1].line), (2, 4));
}

#[test]
fn csv_between_semicolons_and_pipes() {
    let found = dataset("a.csv", "text;label\ngood, very;1\nbad, too;0\n");
    assert_eq!(pairs(&found), [("good, very", "1"), ("bad, too", "0")]);
    assert_eq!(found.layout.delimiter, Some(Delimiter::SEMICOLON));
    let found = dataset("a.txt", "text|label\ngood|1\nbad|0\n");
    assert_eq!(pairs(&found), [("good", "1"), ("bad", "0")]);
    assert_eq!(found.layout.delimiter, Some(Delimiter::PIPE));
}

#[test]
fn csv_with_a_byte_order_mark() {
    let found = dataset("a.csv", "\u{feff}text,label\ngood,1\nbad,0\n");
    assert_eq!(pairs(&found), [("good", "1"), ("bad", "0")]);
    assert!(found.layout.byte_order_mark);
    let found = dataset(
        "a.jsonl",
        "\u{feff}{\"text\":\"a\",\"label\":1}\n{\"text\":\"b\",\"label\":2}",
    );
    assert_eq!(pairs(&found), [("a", "1"), ("b", "2")]);
}

#[test]
fn tsv_without_a_header_in_both_orders() {
    let found = dataset("sst2.tsv", "a stirring , funny film\t1\na bore\t0\nfine\t1");
    assert_eq!(
        pairs(&found),
        [
            ("a stirring , funny film", "1"),
            ("a bore", "0"),
            ("fine", "1")
        ]
    );
    assert_eq!(found.layout.header, Some(false));
    assert_eq!(found.columns.get(Role::Text), Some("column 1"));
    let found = dataset(
        "SMS",
        "ham\tGo until jurong\nspam\tFree entry, win\nham\tOk lar\n",
    );
    assert_eq!(pairs(&found)[1], ("Free entry, win", "spam"));
    assert_eq!((found.layout.format, found.rows()), (Format::Tsv, 3));
}

#[test]
fn tsv_with_stray_quotation_marks_loses_no_row() {
    let found = dataset(
        "a.tsv",
        "\"so he said\t1\nand she said\"\t0\n\"both\" said\t1\n",
    );
    assert_eq!(pairs(&found)[0], ("\"so he said", "1"));
    assert_eq!(
        (found.rows(), found.layout.quoting),
        (3, Some(Quoting::Off))
    );
    let found = dataset(
        "a.tsv",
        "text\tlabel\n\"tab\there\"\t1\n\"line\nhere\"\t0\n",
    );
    assert_eq!(pairs(&found), [("tab\there", "1"), ("line\nhere", "0")]);
    assert_eq!(found.layout.quoting, Some(Quoting::On));
}

#[test]
fn tsv_under_another_name() {
    let found = dataset("a.csv", "text\tlabel\ngood, very\tpos\nbad\tneg\n");
    assert_eq!(
        (found.layout.format, found.layout.delimiter),
        (Format::Tsv, Some(Delimiter::TAB))
    );
}

#[test]
fn jsonl_with_strings_numbers_and_truth_values() {
    let text = "{\"id\":{\"n\":1},\"text\":\"a\",\"label\":\"x\"}\n\n{\"label\":2,\"text\":\"b\"}\n\
                {\"text\":\"c\",\"label\":true}\n{\"text\":\"d\",\"label\":1.5}\n";
    let found = dataset("a.jsonl", text);
    assert_eq!(
        pairs(&found),
        [("a", "x"), ("b", "2"), ("c", "true"), ("d", "1.5")]
    );
    assert_eq!((found.examples[1].row, found.examples[1].line), (2, 3));
    assert_eq!(
        (found.layout.format, found.layout.delimiter),
        (Format::Jsonl, None)
    );
    assert_eq!(found.ignored, ["id.n"]);
}

#[test]
fn old_line_ends_part_records_too() {
    let found = dataset("a.csv", "text,label\rgood,1\rbad,0\r");
    assert_eq!(pairs(&found), [("good", "1"), ("bad", "0")]);
}

#[test]
fn columns_named_by_the_person() {
    let content = "first,second,third\ngood one,1,x\nbad one,0,y\n";
    let file = file("a.csv", content);
    let wanted = Columns {
        text: Some("FIRST".into()),
        label: Some("3".into()),
        ..Columns::default()
    };
    let found = read(&file.path, &wanted).unwrap();
    assert_eq!(pairs(&found), [("good one", "x"), ("bad one", "y")]);
}

#[test]
fn a_file_in_memory_reads_as_from_disk() {
    let source = Source::Bundled {
        name: "a.csv",
        bytes: b"text,label\na,1\nb,0\n",
    };
    let file = file("a.csv", "text,label\na,1\nb,0\n");
    let (memory, disk) = (
        read(&source, &Columns::default()).unwrap(),
        read(&file.path, &Columns::default()).unwrap(),
    );
    assert_eq!(memory.examples, disk.examples);
    assert_eq!(sha256(&source).unwrap(), sha256(&disk.source).unwrap());
}

#[test]
fn a_table_shows_what_was_found() {
    let content: String = (0..250)
        .map(|row| format!("text number {row},{}\n", row % 2))
        .collect();
    let file = file("a.csv", format!("body,mark\n{content}"));
    let table = inspect(&file.path, &Columns::default()).unwrap();
    assert_eq!((table.rows, table.preview.len()), (250, 100));
    let roles = |table: &Table| {
        [Role::Text, Role::Label].map(|role| table.roles.get(role).map(str::to_owned))
    };
    assert_eq!(roles(&table), [Some("body".into()), Some("mark".into())]);
    let wanted = Columns {
        label: Some("body".into()),
        ..Columns::default()
    };
    let table = inspect(&file.path, &wanted).unwrap();
    assert_eq!(roles(&table), [Some("mark".into()), Some("body".into())]);
}

#[test]
fn a_table_does_not_need_a_label_column() {
    let file = file("a.csv", "text\nfirst\nsecond\nthird\n");
    let table = inspect(&file.path, &Columns::default()).unwrap();
    assert_eq!(table.roles.get(Role::Text), Some("text"));
    assert_eq!(table.roles.get(Role::Label), None);
}

#[test]
fn ragged_files_without_a_header_lose_no_row() {
    // As in the STS benchmark: parts of the file have two columns more, and only at its end.
    let narrow = "news\tone text here\t1\n".repeat(1200);
    let wide = "news\tone text there\t0\tsource\tlicence\n".repeat(60);
    let found = dataset("a.csv", narrow + &wide);
    assert_eq!((found.examples.len(), found.set_aside.len()), (1260, 0));
    assert_eq!(
        (found.columns.get(Role::Text), found.ignored.len()),
        (Some("column 2"), 3)
    );
}

// Whatever is written comes back, whatever is given ends in rows or an error.

/// A text of up to 12 characters, those that mean something to a format among them.
fn odd_text(draws: &mut Draws) -> String {
    const CHARACTERS: [char; 16] = [
        'a', 'b', ' ', '"', '"', ',', ';', '\t', '|', '\n', '\r', '\\', 'é', '好', '{', '🙂',
    ];
    (0..draws.below(13))
        .map(|_| CHARACTERS[draws.below(CHARACTERS.len())])
        .collect()
}

/// The texts and labels of 30 rows; none is empty.
fn odd_rows(draws: &mut Draws) -> Vec<(String, String)> {
    (0..30)
        .map(|row| (format!("x{}", odd_text(draws)), format!("{}", row % 3)))
        .collect()
}

#[test]
fn rows_written_as_csv_come_back() {
    for seed in 0..200 {
        let mut draws = Stream::new(seed, Purpose::Split, 0).draws();
        let rows = odd_rows(&mut draws);
        for delimiter in *b",;|\t" {
            let mut writer = csv::WriterBuilder::new()
                .delimiter(delimiter)
                .from_writer(Vec::new());
            writer.write_record(["text", "label"]).unwrap();
            for (text, label) in &rows {
                writer.write_record([text, label]).unwrap();
            }
            let found = dataset("a.csv", writer.into_inner().unwrap());
            let expected: Vec<_> = rows
                .iter()
                .map(|(text, label)| (text.as_str(), label.as_str()))
                .collect();
            assert_eq!(pairs(&found), expected, "seed {seed}");
        }
    }
}

#[test]
fn rows_written_as_jsonl_come_back() {
    for seed in 0..200 {
        let mut draws = Stream::new(seed, Purpose::Split, 0).draws();
        let rows = odd_rows(&mut draws);
        let lines: String = rows
            .iter()
            .map(|(text, label)| format!("{}\n", serde_json::json!({"text": text, "label": label})))
            .collect();
        let found = dataset("a.jsonl", lines);
        let expected: Vec<_> = rows
            .iter()
            .map(|(text, label)| (text.as_str(), label.as_str()))
            .collect();
        assert_eq!(pairs(&found), expected, "seed {seed}");
    }
}

#[test]
fn any_bytes_end_in_rows_or_an_error() {
    let pieces: [&[u8]; 18] = [
        b"text",
        b"label",
        b"a",
        b"1",
        b",",
        b",",
        b"\t",
        b";",
        b"\"",
        b"\n",
        b"\n",
        b"\r",
        b" ",
        b"{\"text\":\"a\",\"label\":1}\n",
        b"[",
        b"\xFF",
        b"\x00",
        "好".as_bytes(),
    ];
    let (mut read_well, mut refused) = (0, 0);
    for seed in 0..4000 {
        let mut draws = Stream::new(seed, Purpose::Shuffle, 0).draws();
        // Two thirds without the bytes that no text file has.
        let choices = if seed % 3 == 0 {
            pieces.len()
        } else {
            pieces.len() - 3
        };
        let bytes: Vec<u8> = (0..draws.below(60))
            .flat_map(|_| pieces[draws.below(choices)].iter().copied())
            .collect();
        let name = if seed % 2 == 0 { "a.csv" } else { "a.jsonl" };
        let source = Source::Bundled {
            name,
            bytes: bytes.leak(),
        };
        match read(&source, &Columns::default()) {
            Ok(found) => {
                let table = inspect(&source, &Columns::default()).unwrap();
                assert_eq!(table.rows, found.rows(), "seed {seed}");
                read_well += 1;
            }
            Err(error) => {
                check_error(&error, name, &[]);
                refused += 1;
            }
        }
    }
    assert!(
        read_well > 100 && refused > 100,
        "{read_well} read, {refused} refused"
    );
}

// Rows set aside.

#[test]
fn rows_are_used_or_set_aside_with_a_reason() {
    let content = "text,label,x\ngood,1,\n ,1,\nbad, ,\nonly\n\nfar, too,many,cells\nbad,0,,,\n";
    let found = dataset("a.csv", content);
    assert_eq!(pairs(&found), [("good", "1"), ("bad", "0")]);
    let reasons: Vec<_> = found
        .set_aside
        .iter()
        .map(|aside| (aside.row, aside.line, aside.reason.clone()))
        .collect();
    assert_eq!(
        reasons,
        [
            (2, 3, Reason::EmptyText),
            (3, 4, Reason::EmptyLabel),
            (
                4,
                5,
                Reason::TooFewColumns {
                    found: 1,
                    expected: 3
                }
            ),
            (
                5,
                7,
                Reason::TooManyColumns {
                    found: 4,
                    expected: 3
                }
            ),
        ]
    );
    assert_eq!(found.rows(), 6);
}

#[test]
fn missing_keys_are_set_aside() {
    let found = dataset(
        "a.jsonl",
        "{\"text\":\"a\",\"label\":1}\n{\"text\":null,\"label\":1}\n{\"text\":\"b\"}\n",
    );
    let reasons: Vec<_> = found.set_aside.iter().map(|aside| &aside.reason).collect();
    assert_eq!(reasons, [&Reason::EmptyText, &Reason::EmptyLabel]);
    assert_eq!(found.rows(), 3);
}

// Errors.

#[test]
fn a_missing_file() {
    let error = read(Path::new("/nowhere/a.csv"), &Columns::default()).unwrap_err();
    check_error(&error, "/nowhere/a.csv", &["cannot read"]);
}

#[test]
fn a_folder() {
    let folder = tempfile::tempdir().unwrap();
    let error = read(folder.path(), &Columns::default()).unwrap_err();
    check_error(
        &error,
        &folder.path().display().to_string(),
        &["is a folder"],
    );
}

#[test]
fn an_empty_file() {
    for content in ["", "\n \n", "\u{feff}"] {
        refused("a.csv", content, &["is empty"]);
        refused("a.jsonl", content, &["is empty"]);
    }
}

#[test]
fn only_a_header() {
    refused("a.csv", "text,label\n", &["only a header"]);
    refused("a.tsv", "text\tlabel", &["only a header"]);
}

#[test]
fn no_label_column() {
    refused(
        "a.csv",
        "text\nfirst\nsecond\nthird\n",
        &["the label", "\"text\"", "--label-column"],
    );
    refused(
        "a.jsonl",
        "{\"text\":\"a\"}\n",
        &["\"text\"", "--label-column", "Data page"],
    );
}

#[test]
fn no_text_column() {
    refused(
        "a.jsonl",
        "{\"label\":\"a\"}\n",
        &["the text", "\"label\"", "--text-column"],
    );
}

#[test]
fn a_column_that_is_not_there() {
    let columns = Columns {
        label: Some("stars".into()),
        ..Columns::default()
    };
    let says = ["\"stars\"", "\"text\", \"label\"", "--label-column"];
    refused_with("a.csv", "text,label\na,1\nb,0\n", &columns, &says);
    let columns = Columns {
        text: Some("label".into()),
        label: Some("label".into()),
        ..Columns::default()
    };
    refused_with(
        "a.csv",
        "text,label\na,1\nb,0\n",
        &columns,
        &["\"label\"", "different"],
    );
}

/// The rows that are set aside, with their reasons as text.
fn aside(dataset: &Dataset) -> Vec<(usize, usize, String)> {
    dataset
        .set_aside
        .iter()
        .map(|row| (row.row, row.line, row.reason.to_string()))
        .collect()
}

#[test]
fn other_encodings() {
    let found = dataset("a.csv", b"text,label\na,1\ncaf\xE9,0\n");
    assert_eq!(pairs(&found), [("a", "1"), ("café", "0")]);
    let utf16: Vec<u8> = "\u{feff}text,label\r\n很好,1\r\nbad,0\r\n"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    let found = dataset("a.csv", utf16);
    assert_eq!(pairs(&found), [("很好", "1"), ("bad", "0")]);
    assert_eq!(found.layout.describe(), "CSV · comma · UTF-16LE · header");
    refused("a.csv", b"PK\x03\x04rest", &["zip archive"]);
    refused("a.csv", b"%PDF-1.7\n", &["PDF"]);
}

#[test]
fn malformed_json_costs_its_own_row_only() {
    let good = "{\"text\":\"a\",\"label\":1}\n";
    let found = dataset("a.jsonl", format!("{good}\n{{\"text\": }}\n[1]\n{good}"));
    assert_eq!(found.examples.len(), 2);
    let reasons = aside(&found);
    assert_eq!((reasons[0].0, reasons[0].1), (2, 3));
    assert!(reasons[0].2.contains("column 10"), "{}", reasons[0].2);
    assert!(
        reasons[1].2.contains("a list where an object"),
        "{}",
        reasons[1].2
    );
}

#[test]
fn nested_values_are_set_aside() {
    let content = "{\"text\":\"a\",\"label\":1}\n{\"text\":\"b\",\"label\":[1,2]}\n";
    let found = dataset("a.jsonl", content);
    assert_eq!(found.examples.len(), 1);
    assert_eq!(
        found.set_aside[0].reason,
        Reason::Nested { role: Role::Label }
    );
    let content = "{\"text\":[\"a\"],\"label\":1}\n";
    refused("a.jsonl", content, &["line 1", "text", "--text-column"]);
}

#[test]
fn an_open_quotation_mark_loses_no_row() {
    for rest in ["c,1\n", "\"c\",1\n"] {
        let found = dataset("a.csv", format!("text,label\na,1\n\"b,0\n{rest}"));
        assert_eq!(pairs(&found), [("a", "1"), ("\"b", "0"), ("c", "1")]);
    }
}

#[test]
fn nothing_usable() {
    refused(
        "a.csv",
        "text,label\na,\nb, \n",
        &["no usable row", "none of its 2", "line 2", "empty label"],
    );
}

#[test]
fn one_class_only() {
    let error = split(dataset("a.csv", "text,label\na,1\nb,1\nc,1\n"), 0).unwrap_err();
    check_error(
        &error,
        "a.csv",
        &["\"1\"", "at least two", "--label-column"],
    );
}

#[test]
fn a_class_too_small_to_split() {
    let content = "text,label\na,x\nb,x\nc,x\nd,y\ne,y\n";
    let error = split(dataset("a.csv", content), 0).unwrap_err();
    check_error(&error, "a.csv", &["at least 3", "\"y\" (2, row 4)"]);
    // The same text three times is one text.
    let content = "text,label\na,x\nb,x\nc,x\nd,y\nd,y\n d,y\n";
    let error = split(dataset("a.csv", content), 0).unwrap_err();
    check_error(&error, "a.csv", &["\"y\" (1, row 4)"]);
}

#[test]
fn an_unknown_label_in_validation_or_test() {
    let train = || dataset("train.csv", "text,label\na,pos\nb,neg\n");
    let other = || dataset("dev.csv", "text,label\nc,pos\nd,postive\n");
    let says = [
        "line 3",
        "row 2",
        "\"postive\"",
        "train.csv",
        "\"neg\", \"pos\"",
    ];
    check_error(
        &split_files(train(), Some(other()), None, 0).unwrap_err(),
        "dev.csv",
        &says,
    );
    let error = split_files(train(), Some(train()), Some(other()), 0).unwrap_err();
    check_error(&error, "dev.csv", &says);
}

// Splits.

/// `counts` rows of each label, each text different.
fn rows(counts: &[usize]) -> Dataset {
    let mut content = String::from("text,label\n");
    for (label, &count) in counts.iter().enumerate() {
        for row in 0..count {
            content.push_str(&format!("text {row} of {label},{label}\n"));
        }
    }
    dataset("a.csv", content)
}

fn test_of(splits: &Splits) -> &[Example] {
    splits.test.as_ref().unwrap().open()
}

fn count(examples: &[Example], label: usize) -> usize {
    examples
        .iter()
        .filter(|example| example.label() == label.to_string())
        .count()
}

fn texts(examples: &[Example]) -> BTreeSet<&str> {
    examples.iter().map(|example| example.text.trim()).collect()
}

#[test]
fn splits_are_stratified_and_complete() {
    let shapes: &[&[usize]] = &[
        &[50, 50],
        &[5, 5],
        &[3, 3],
        &[3, 4, 5, 6, 7],
        &[97, 3],
        &[1000, 10, 11, 19],
        &[15; 20],
        &[3; 40],
        &[333, 333, 334],
    ];
    for counts in shapes {
        let total: usize = counts.iter().sum();
        let tenth = ((total + 5) / 10).max(counts.len());
        for seed in [0, 1, 42, u64::MAX] {
            let splits = split(rows(counts), seed).unwrap();
            let test = test_of(&splits);
            let parts = [splits.train.as_slice(), &splits.validation, test];
            let lengths = parts.map(<[Example]>::len);
            assert_eq!(lengths.iter().sum::<usize>(), total, "{counts:?}");
            assert!(lengths[1] == lengths[2], "{counts:?}: {lengths:?}");
            // A label of three rows has more than its share in each part; others make up for it
            // only as far as their own tenth allows.
            assert!(lengths[1] >= tenth.min(total / 3) && lengths[1] <= tenth + counts.len());
            for (label, &rows) in counts.iter().enumerate() {
                for part in &parts[1..] {
                    let found = count(part, label);
                    assert!(
                        found >= 1 && found <= rows.div_ceil(10),
                        "{counts:?}: {label} {found}"
                    );
                }
                assert!(count(parts[0], label) >= 1, "{counts:?}: {label}");
            }
            let distinct: BTreeSet<usize> = parts
                .iter()
                .flat_map(|part| part.iter().map(|example| example.row))
                .collect();
            assert_eq!(distinct.len(), total, "{counts:?}");
        }
    }
}

#[test]
fn totals_are_a_tenth_where_the_labels_are_large_enough() {
    for total in [100, 101, 105, 109, 999, 1120] {
        let splits = split(rows(&[total / 3, total / 3, total - total / 3 * 2]), 7).unwrap();
        assert_eq!(splits.validation.len(), (total + 5) / 10, "{total}");
        assert_eq!(test_of(&splits).len(), (total + 5) / 10, "{total}");
    }
}

#[test]
fn identical_texts_stay_together() {
    // Texts that occur one to seven times, with white space around them and with two labels.
    let mut content = String::from("text,label\n");
    for text in 0..120 {
        for copy in 0..=text % 7 {
            let label = if copy == 3 { text % 3 } else { text % 2 };
            let space = " ".repeat(copy % 3);
            content.push_str(&format!("{space}text {text}{space},{label}\n"));
        }
    }
    // Label 2 needs texts of its own.
    content.push_str("x,2\ny,2\nz,2\n");
    let total = content.lines().count() - 1;
    for seed in 0..50 {
        let splits = split(dataset("a.csv", &content), seed).unwrap();
        let test = test_of(&splits);
        let parts = [texts(&splits.train), texts(&splits.validation), texts(test)];
        assert!(parts[0].is_disjoint(&parts[1]), "seed {seed}");
        assert!(parts[0].is_disjoint(&parts[2]), "seed {seed}");
        assert!(parts[1].is_disjoint(&parts[2]), "seed {seed}");
        assert_eq!(
            splits.train.len() + splits.validation.len() + test.len(),
            total
        );
        let labels: BTreeSet<&str> = splits.train.iter().map(|example| example.label()).collect();
        assert_eq!(labels.len(), 3, "seed {seed}");
    }
}

#[test]
fn large_groups_leave_a_text_for_every_split() {
    let mut content = String::from("text,label\n");
    content.push_str(&"big,0\n".repeat(18));
    content.push_str("one,0\ntwo,0\na,1\nb,1\nc,1\n");
    for seed in 0..20 {
        let splits = split(dataset("a.csv", &content), seed).unwrap();
        for part in [
            &splits.train,
            &splits.validation,
            &test_of(&splits).to_vec(),
        ] {
            assert!(count(part, 0) >= 1 && count(part, 1) >= 1, "seed {seed}");
        }
        assert_eq!(count(&splits.train, 0), 18);
    }
}

#[test]
fn a_split_depends_on_the_seed_and_not_on_the_order() {
    let dataset = rows(&[40, 30, 30]);
    let mut reversed = dataset.clone();
    reversed.examples.reverse();
    let first = split(dataset.clone(), 42).unwrap();
    let again = split(dataset.clone(), 42).unwrap();
    let turned = split(reversed, 42).unwrap();
    let other = split(dataset, 43).unwrap();
    assert_eq!(first.train, again.train);
    assert_eq!(first.test, again.test);
    assert_eq!(texts(&first.validation), texts(&turned.validation));
    assert_eq!(texts(test_of(&first)), texts(test_of(&turned)));
    assert_ne!(texts(test_of(&first)), texts(test_of(&other)));
    let order: Vec<usize> = first.train.iter().map(|example| example.row).collect();
    assert!(order.is_sorted());
}

#[test]
fn given_files_are_kept() {
    let splits = split_files(rows(&[20, 20]), Some(rows(&[2, 3])), Some(rows(&[1, 1])), 0).unwrap();
    assert_eq!((splits.train.len(), splits.validation.len()), (40, 5));
    assert_eq!(splits.test.map(|test| test.len()), Some(2));
    let splits = split_files(rows(&[20, 20]), None, None, 0).unwrap();
    assert_eq!((splits.train.len(), splits.validation.len()), (36, 4));
    assert!(splits.test.is_none());
    assert!(texts(&splits.train).is_disjoint(&texts(&splits.validation)));
}

#[test]
fn labels_have_an_order() {
    let splits = split_files(rows(&[2; 12]), Some(rows(&[1])), None, 0).unwrap();
    assert_eq!(splits.labels[..3], ["0", "1", "2"]);
    assert_eq!(
        (splits.labels[10].as_str(), splits.label_id("10")),
        ("10", Some(10))
    );
    let words = dataset("a.csv", "text,label\na,neutral\nb,Positive\nc,negative\n");
    let splits = split_files(words.clone(), Some(words), None, 0).unwrap();
    assert_eq!(splits.labels, ["Positive", "negative", "neutral"]);
    assert_eq!(splits.label_id("positive"), None);
}

// The bundled sets.

#[test]
fn bundled_sets_are_whole_and_balanced() {
    for set in bundled() {
        let found = read(&set.source, Request::default()).unwrap();
        assert!(found.set_aside.is_empty(), "{}", set.name);
        let different: BTreeMap<String, usize> = found
            .examples
            .iter()
            .map(|example| {
                let pair = example.pair.clone().unwrap_or_default();
                (format!("{} {pair}", example.text).trim().to_lowercase(), 1)
            })
            .collect();
        assert_eq!(
            different.len(),
            found.rows(),
            "{}: a text occurs twice",
            set.name
        );
        let labels = statistics(&found.examples).labels;
        let one_label = found.kind == Kind::Label;
        let splits = split(found, 42).unwrap();
        if one_label {
            let (most, least) = (labels[0].count, labels[labels.len() - 1].count);
            let told = format!("{}: {most} against {least}", set.name);
            assert!(least * 100 >= most * 85, "{told}");
            assert_eq!(splits.labels.len(), labels.len(), "{}", set.name);
        }
    }
}

#[test]
fn a_test_file_without_labels_says_what_it_needs() {
    let bare = carried("test.csv", "id,text\n1,a fine film\n2,a bad one\n3,so so\n");
    let empty = carried("test.csv", "text,label\na fine film,\na bad one,\n");
    let request = Request::from(&Columns::default());
    for file in [bare, empty] {
        let fault = read_for(Part::Test, &file, &request).unwrap_err();
        let what = "test.csv has no labels; a test file needs one in every row";
        assert_eq!(fault.what(), what);
        assert!(fault.remedy_text().unwrap().contains("luthier predict"));
        // Of a training file the column may have another name.
        let fault = read_for(Part::Train, &file, &request).unwrap_err();
        assert!(fault.remedy_text().unwrap().contains("--label-column"));
    }
}

#[test]
fn rows_dropped_by_cleaning_are_written_with_those_that_cannot_be_read() {
    let file = carried("a.csv", "text,label\nfine,x\n,x\nfine,x\nbad,y\n");
    let rows = Rows::open(file, Request::default()).unwrap();
    let dropped = Reason::Malformed("made up".into());
    let mut written = Vec::new();
    let dropped = BTreeMap::from([(3, &dropped)]);
    write_set_aside(&[(rows, dropped)], &mut written).unwrap();
    assert_eq!(
        String::from_utf8(written).unwrap(),
        "row,line,reason,text,label\n2,3,empty text,,x\n3,4,malformed: made up,fine,x\n"
    );
}
