//! Every format that is read: what its rows become, and what was understood of it.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use luthier::data::{
    Answer, Columns, Dataset, Format, Kind, LineEnds, Part, Quoting, Reading, Reason, Request,
    Role, Row, Rows, Source, Target, inspect, read, sha256, splits_of_folder, write_set_aside,
};
use luthier::error::Error;
use tempfile::TempDir;

/// A folder of files with this content.
fn files(content: &[(&str, &[u8])]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in content {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }
    folder
}

fn source(name: &'static str, content: impl Into<Vec<u8>>) -> Source {
    Source::Bundled {
        name,
        bytes: content.into().leak(),
    }
}

/// Reads a file of which nothing is told.
#[track_caller]
fn found(name: &'static str, content: impl Into<Vec<u8>>) -> Dataset {
    read(source(name, content), Request::default()).unwrap()
}

/// Text, second text and target of every example, written out.
fn shown(dataset: &Dataset) -> Vec<String> {
    let examples = dataset.examples.iter();
    examples
        .map(|example| {
            let pair = example.pair.as_ref().map(|pair| format!(" + {pair}"));
            let target = match &example.target {
                Target::Label(label) => label.clone(),
                Target::Labels(labels) => labels.join("&"),
                Target::Scores(scores) => scores[0].to_string(),
                Target::Tags(words) => {
                    let tags: Vec<&str> = words.iter().map(|word| word.tag.as_str()).collect();
                    tags.join(" ")
                }
                Target::Answers(answers) => {
                    let answers = answers.iter().map(|Answer { text, start }| match start {
                        Some(start) => format!("{start}:{text}"),
                        None => format!("?:{text}"),
                    });
                    answers.collect::<Vec<_>>().join("&")
                }
                Target::Text(text) => text.clone(),
                Target::Nothing => String::new(),
            };
            format!("{}{} > {target}", example.text, pair.unwrap_or_default())
        })
        .collect()
}

#[track_caller]
fn check(name: &'static str, content: &str, kind: Kind, description: &str, rows: &[&str]) {
    let dataset = found(name, content);
    assert_eq!(shown(&dataset), rows);
    assert_eq!(dataset.kind, kind);
    assert_eq!(dataset.layout.describe(), description);
    assert!(dataset.set_aside.is_empty(), "{:?}", dataset.set_aside);
}

// JSON.

#[test]
fn json_documents_in_every_form() {
    let rows = ["a fine film > pos", "a bore > neg", "so fine > pos"];
    for document in [
        "[\n{\"text\": \"a fine film\", \"label\": \"pos\"},\n{\"text\": \"a bore\", \"label\": \"neg\"}, {\"text\": \"so fine\", \"label\": \"pos\"}]",
        "{\"version\": \"1\", \"data\": [{\"text\": \"a fine film\", \"label\": \"pos\"}, {\"text\": \"a bore\", \"label\": \"neg\"}, {\"text\": \"so fine\", \"label\": \"pos\"}]}",
        "{\"text\": [\"a fine film\", \"a bore\", \"so fine\"], \"label\": [\"pos\", \"neg\", \"pos\"]}",
        "{\"text\": {\"0\": \"a fine film\", \"1\": \"a bore\", \"2\": \"so fine\"}, \"label\": {\"0\": \"pos\", \"1\": \"neg\", \"2\": \"pos\"}}",
        "{\"0\": {\"text\": \"a fine film\", \"label\": \"pos\"}, \"1\": {\"text\": \"a bore\", \"label\": \"neg\"}, \"2\": {\"text\": \"so fine\", \"label\": \"pos\"}}",
        "{\"a fine film\": \"pos\", \"a bore\": \"neg\", \"so fine\": \"pos\"}",
        "[[\"a fine film\", \"pos\"], [\"a bore\", \"neg\"], [\"so fine\", \"pos\"]]",
    ] {
        check("a.json", document, Kind::Label, "JSON · UTF-8", &rows);
    }
}

/// As services answer: the list lies in an object beside what is told of the answer.
#[test]
fn json_with_its_rows_two_keys_down() {
    let rows = ["a fine film > pos", "a bore > neg"];
    let items = r#"[{"text": "a fine film", "label": "pos"},
        {"text": "a bore", "label": "neg"}]"#;
    for document in [
        format!("{{\"data\": {{\"items\": {items}}}}}"),
        format!(
            "{{\"status\": \"ok\", \"took\": {{\"ms\": 3}}, \"result\": {{\"count\": 2, \"hits\": {items}, \"next\": null}}}}"
        ),
    ] {
        check("a.json", &document, Kind::Label, "JSON · UTF-8", &rows);
    }
    assert_eq!(
        found("a.json", format!("{{\"data\":\n{{\"items\": {items}}}}}")).examples[1].line,
        3
    );
    // Such a list in a row is part of it.
    let marked = |name: &str, text: &str| {
        format!(
            "\"{name}\": {{\"text\": \"{text}\", \"label\": \"x\", \"spans\": [{{\"at\": 1}}]}}"
        )
    };
    let index = format!("{{{}, {}}}", marked("a", "one"), marked("b", "two"));
    check(
        "a.json",
        &index,
        Kind::Label,
        "JSON · UTF-8",
        &["one > x", "two > x"],
    );
    let row = "{\"text\": \"one\", \"label\": \"x\", \"meta\": {\"spans\": [{\"at\": 1}]}}";
    check("a.json", row, Kind::Label, "JSONL · UTF-8", &["one > x"]);
}

#[test]
fn json_with_a_list_for_each_split() {
    let document = "{\n\"train\": [[\"pay my bill\", \"pay\"], [\"call me\", \"call\"]],\n\"oos_val\": [[\"sing\", \"pay\"]]}";
    let dataset = found("a.json", document);
    assert_eq!(
        shown(&dataset),
        ["pay my bill > pay", "call me > call", "sing > pay"]
    );
    let places: Vec<_> = dataset
        .examples
        .iter()
        .map(|example| (example.row, example.line, example.part))
        .collect();
    assert_eq!(
        places,
        [
            (1, 2, Some(Part::Train)),
            (2, 2, Some(Part::Train)),
            (3, 3, Some(Part::Validation)),
        ]
    );
    assert_eq!(dataset.columns.get(Role::Split), Some("split"));
}

#[test]
fn json_with_the_texts_of_each_label() {
    let document = "{\"pos\": [\"a fine film\", \"so good\"], \"neg\": [\"a bore\"]}";
    let rows = ["a fine film > pos", "so good > pos", "a bore > neg"];
    check("a.json", document, Kind::Label, "JSON · UTF-8", &rows);
}

#[test]
fn json_objects_one_after_the_other() {
    let text =
        "{\n  \"text\": \"a\",\n  \"label\": 1\n}\n{\n  \"text\": \"b\",\n  \"label\": 2\n}\n";
    let dataset = found("a.json", text);
    assert_eq!(shown(&dataset), ["a > 1", "b > 2"]);
    assert_eq!(dataset.examples[1].line, 5);
}

#[test]
fn a_malformed_item_of_a_json_list_costs_no_other() {
    let document = "[{\"text\": \"a\", \"label\": 1},\n{\"text\": b, \"label\": 2},\n3,\n{\"text\": \"d\", \"label\": 4}]";
    let dataset = found("a.json", document);
    assert_eq!(shown(&dataset), ["a > 1", "d > 4"]);
    let places: Vec<_> = dataset
        .set_aside
        .iter()
        .map(|row| (row.row, row.line))
        .collect();
    assert_eq!(places, [(2, 2), (3, 3)]);
    assert!(matches!(dataset.set_aside[0].reason, Reason::Malformed(_)));
}

// Kinds.

#[test]
fn several_labels_in_lists_and_between_separators() {
    let rows = ["one text > a&b", "another > b", "a third > ", "more > c&a"];
    let lines = "{\"text\": \"one text\", \"labels\": [\"a\", \"b\"]}\n{\"text\": \"another\", \"labels\": [\"b\"]}\n\
                 {\"text\": \"a third\", \"labels\": []}\n{\"text\": \"more\", \"labels\": [\"c\", \"a\"]}\n";
    check("a.jsonl", lines, Kind::Labels, "JSONL · UTF-8", &rows);
    let lines = "text,labels\none text,\"['a', 'b']\"\nanother,\"['b']\"\na third,[]\nmore,\"['c', 'a']\"\n";
    check(
        "a.csv",
        lines,
        Kind::Labels,
        "CSV · comma · UTF-8 · header",
        &rows,
    );
    let labels = ["1,2", "2", "3,1", "1", "2,3"];
    let line = |row: usize| format!("text number {row}\t{}\tx{row}\n", labels[row % 5]);
    let dataset = found("a.tsv", (0..40).map(line).collect::<String>());
    assert_eq!(dataset.kind, Kind::Labels);
    assert_eq!(
        shown(&dataset)[..2],
        ["text number 0 > 1&2", "text number 1 > 2"]
    );
}

#[test]
fn pairs_and_scores() {
    let glue = "index\tsentence1\tsentence2\tscore\n0\ta plane takes off\tan air plane is taking off\t5.000\n1\ta man plays\ta man sleeps\t0.75\n";
    check(
        "dev.tsv",
        glue,
        Kind::Score,
        "TSV · UTF-8 · header",
        &[
            "a plane takes off + an air plane is taking off > 5",
            "a man plays + a man sleeps > 0.75",
        ],
    );
    let mrpc = "Quality\t#1 ID\t#2 ID\t#1 String\t#2 String\n1\t7\t8\the said so\tso he \"said\n0\t9\t10\tshe \"left\tshe stayed\n";
    check(
        "msr.tsv",
        mrpc,
        Kind::Label,
        "TSV · UTF-8 · header",
        &[
            "he said so + so he \"said > 1",
            "she \"left + she stayed > 0",
        ],
    );
    let cola = "gj04\t1\t\tThe sailors rode the breeze clear of the rocks.\ngj04\t0\t*\tThe more does Bill smoke the more.\n".repeat(4);
    let dataset = found("in_domain_train.tsv", cola);
    assert_eq!(shown(&dataset)[1], "The more does Bill smoke the more. > 0");
    let mnli = "{\"premise\": \"it rains\", \"hypothesis\": \"it is wet\", \"label\": 0}\n";
    check(
        "a.jsonl",
        mnli,
        Kind::Label,
        "JSONL · UTF-8",
        &["it rains + it is wet > 0"],
    );
}

#[test]
fn a_score_that_is_no_number_is_set_aside() {
    let request = Request {
        kind: Some(Kind::Score),
        ..Request::default()
    };
    let dataset = read(
        source("a.csv", "text,score\na,1.5\nb,many\nc,inf\n"),
        &request,
    )
    .unwrap();
    assert_eq!(shown(&dataset), ["a > 1.5"]);
    let reason = |value: &str| Reason::NotANumber {
        column: "score".to_owned(),
        value: value.to_owned(),
    };
    let aside: Vec<_> = dataset.set_aside.iter().map(|row| &row.reason).collect();
    assert_eq!(aside, [&reason("many"), &reason("inf")]);
    assert!(aside[0].to_string().contains("\"many\" in \"score\""));
    assert_eq!(dataset.targets, ["score"]);
}

#[test]
fn thousands_are_read_where_the_column_tells_them_and_never_guessed() {
    let scored = |rows: &'static str| {
        let request = Request {
            kind: Some(Kind::Score),
            ..Request::default()
        };
        read(source("a.csv", rows), &request).unwrap()
    };
    let german = scored("text;score\na;1.000\nb;1.234,50\nc;999,00\n");
    assert_eq!(shown(&german), ["a > 1000", "b > 1234.5", "c > 999"]);
    let english = scored("text;score\na;1,100\nb;12.5\n");
    assert_eq!(shown(&english), ["a > 1100", "b > 12.5"]);
    let unclear = scored("text;score\na;1.000\nb;950\nc;2.500\n");
    assert_eq!(shown(&unclear), ["b > 950"]);
    assert_eq!(unclear.rows(), 3);
    let reason = unclear.set_aside[0].reason.to_string();
    assert!(
        reason.contains("\"1.000\" in \"score\" may be 1 or 1000"),
        "{reason}"
    );
}

#[test]
fn a_first_row_that_has_the_name_asked_for_is_the_header() {
    let file = "said;mood\nfine;good\nawful;bad\nmood;good\n";
    let plain = found("a.csv", file);
    assert_eq!((plain.layout.header, plain.rows()), (Some(false), 4));
    let asked = |label: &str| {
        let columns = Columns {
            label: Some(label.to_owned()),
            ..Columns::default()
        };
        read(source("a.csv", file), &columns).unwrap()
    };
    let named = asked("Mood");
    assert_eq!((named.layout.header, named.rows()), (Some(true), 3));
    assert_eq!(shown(&named)[0], "fine > good");
    // A number is a place, whatever stands in the first row.
    assert_eq!(asked("2").layout.header, Some(false));
}

#[test]
fn columns_of_decimal_commas_are_numbers() {
    let file = "text;ease;warmth\na;3,5;2,25\nb;1,0;4,5\nc;3,5;2,25\nd;1,0;0,75\n";
    let dataset = found("a.csv", file);
    assert_eq!(dataset.kind, Kind::Score);
    assert_eq!(dataset.targets, ["ease", "warmth"]);
    assert_eq!(dataset.examples[1].target, Target::Scores(vec![1.0, 4.5]));
    let named = Request {
        columns: Columns {
            label: Some("ease,warmth".to_owned()),
            ..Columns::default()
        },
        ..Request::default()
    };
    assert_eq!(
        read(source("a.csv", file), named).unwrap().kind,
        Kind::Score
    );
}

#[test]
fn several_numbers_are_read_from_the_columns_that_are_named() {
    let file =
        "id,text,Ease,warmth,note\n1,a,1.5,-2,x\n2,b,3,many,x\n3,c,,1,x\n4,d,,,x\n5,e,0,1e1,x\n";
    let request = |label: &str, kind| Request {
        columns: Columns {
            label: Some(label.to_owned()),
            ..Columns::default()
        },
        kind,
        ..Request::default()
    };
    for (label, kind) in [
        ("ease,warmth", Some(Kind::Score)),
        (" ease , 4", Some(Kind::Score)),
        ("Ease,warmth", None),
    ] {
        let dataset = read(source("a.csv", file), request(label, kind)).unwrap();
        assert_eq!(dataset.kind, Kind::Score);
        assert_eq!(dataset.targets, ["Ease", "warmth"]);
        assert_eq!(dataset.columns.get(Role::Label), Some("Ease, warmth"));
        assert_eq!(dataset.ignored, ["id", "note"]);
        let scores: Vec<_> = dataset.examples.iter().map(|row| &row.target).collect();
        let expected = [[1.5, -2.0], [0.0, 10.0]].map(|scores| Target::Scores(scores.to_vec()));
        assert_eq!(scores, expected.iter().collect::<Vec<_>>());
        let aside = dataset.set_aside.iter();
        let aside: Vec<_> = aside
            .map(|row| (row.row, row.line, row.reason.to_string()))
            .collect();
        assert_eq!(
            aside,
            [
                (
                    2,
                    3,
                    "\"many\" in \"warmth\" is no number: expected is one such as 1200, 0.5 or 0,5"
                        .to_owned(),
                ),
                (3, 4, "no number in \"Ease\"".to_owned()),
                (4, 5, "empty label".to_owned()),
            ]
        );
    }
    let mut dataset = read(source("a.csv", file), request("ease,warmth", None)).unwrap();
    dataset.order_targets(&["warmth".to_owned(), "Ease".to_owned()]);
    assert_eq!(dataset.examples[0].target, Target::Scores(vec![-2.0, 1.5]));
    // Other names say nothing of the order.
    dataset.order_targets(&["warmth".to_owned(), "speed".to_owned()]);
    assert_eq!(dataset.targets, ["warmth", "Ease"]);
    for (label, words) in [
        ("ease,speed", "no column \"speed\""),
        ("ease,EASE", "\"Ease\" of a.csv is named twice"),
        ("ease,text", "named as the text and as the label"),
    ] {
        let request = Request {
            columns: Columns {
                text: Some("text".to_owned()),
                ..request(label, None).columns
            },
            kind: Some(Kind::Score),
            ..Request::default()
        };
        let fault = read(source("a.csv", file), &request).unwrap_err();
        assert!(fault.to_string().contains(words), "{fault}");
    }
    // Columns of 0 and 1 stay labels unless numbers are asked for.
    let flags = "text,a,b\nx,1,0\ny,0,1\n";
    let dataset = read(source("a.csv", flags), request("a,b", None)).unwrap();
    assert_eq!(dataset.kind, Kind::Labels);
    let dataset = read(source("a.csv", flags), request("a,b", Some(Kind::Score))).unwrap();
    assert_eq!(dataset.examples[0].target, Target::Scores(vec![1.0, 0.0]));
}

#[test]
fn columns_of_words_and_tags() {
    let conll = "-DOCSTART- -X- -X- O\n\nEU NNP I-NP I-ORG\nrejects VBZ I-VP O\nGerman JJ I-NP I-MISC\n\n# a comment of many words\nPeter NNP I-NP I-PER\nBlackburn NNP I-NP I-PER\n\n";
    check(
        "eng.train",
        conll,
        Kind::Tags,
        "CoNLL columns · IOB1 · UTF-8",
        &[
            "EU rejects German > I-ORG O I-MISC",
            "Peter Blackburn > I-PER I-PER",
        ],
    );
    let bmes = "吴 B-NAME\n重 M-NAME\n阳 E-NAME\n\n中 S-LOC\n，O\n国 O\n";
    let dataset = found("a.bmes", bmes);
    assert_eq!(shown(&dataset), ["吴 重 阳 > B-NAME M-NAME E-NAME"]);
    assert!(
        matches!(&dataset.set_aside[0].reason, Reason::Malformed(cause) if cause.contains("line 6")),
        "{:?}",
        dataset.set_aside
    );
    let tabs = "O\tthe\r\nB-PER\tPeter\r\n\r\nO\tran\r\n";
    let dataset = found("a.txt", tabs);
    assert_eq!(shown(&dataset), ["the Peter > O B-PER", "ran > O"]);
    assert_eq!((dataset.examples[1].row, dataset.examples[1].line), (2, 4));
}

#[test]
fn a_sentence_with_a_tag_of_no_scheme_is_set_aside() {
    let rows = "Ann B-PER\nmet O\n\nBob Q-PER\n\nin O\nRome B-LOC\n\nat I-\n\nhome B\n\n\
        Acme B-ORG\nInc I-ORG\n\nof O\nNew B-LOC\nYork I-LOC\n\nEve B-PER\nran O\n\n\
        to O\nOslo B-LOC\n\nby O\nMax B-PER\nRoe I-PER\n";
    let dataset = found("a.conll", rows);
    assert_eq!((dataset.examples.len(), dataset.rows()), (7, 10));
    assert_eq!(dataset.layout.describe(), "CoNLL columns · IOB2 · UTF-8");
    let reasons: Vec<_> = dataset
        .set_aside
        .iter()
        .map(|row| row.reason.to_string())
        .collect();
    for (reason, tag) in reasons.iter().zip(["Q-PER", "I-", "B"]) {
        let told = format!("\"{tag}\" of the word ");
        assert!(
            reason.starts_with(&told) && reason.contains("B-, I-"),
            "{reason}"
        );
    }
    // Types alone follow no scheme: all of them are labels.
    let types = "Ann PER\nmet O\nBob PER\n\nin O\nRome LOC\nB O\n\nhe O\nran O\nout O\n";
    let dataset = found("a.conll", types);
    assert_eq!((dataset.examples.len(), dataset.set_aside.len()), (3, 0));
    assert_eq!(shown(&dataset)[0], "Ann met Bob > PER O PER");
}

#[test]
fn words_have_their_places_in_the_text() {
    let dataset = found("a.txt", "很 B-X\n好 I-X\n! O\n");
    let Target::Tags(words) = &dataset.examples[0].target else {
        panic!("no tags");
    };
    let text = &dataset.examples[0].text;
    let places: Vec<&str> = words.iter().map(|word| &text[word.place.clone()]).collect();
    assert_eq!(places, ["很", "好", "!"]);
}

#[test]
fn tokens_and_tags_in_lists() {
    let rows = ["EU rejects > 3 0", "it is so > 0 0 0"];
    let lines = "{\"tokens\": [\"EU\", \"rejects\"], \"ner_tags\": [3, 0]}\n{\"tokens\": [\"it\", \"is\", \"so\"], \"ner_tags\": [0, 0, 0]}\n";
    check("a.jsonl", lines, Kind::Tags, "JSONL · UTF-8", &rows);
    let cells =
        "tokens,tags\n\"['EU', 'rejects']\",\"[3, 0]\"\n\"['it', 'is', 'so']\",\"[0, 0, 0]\"\n";
    check(
        "a.csv",
        cells,
        Kind::Tags,
        "CSV · comma · UTF-8 · header",
        &rows,
    );
    let uneven = "{\"tokens\": [\"a\"], \"tags\": [\"O\"]}\n{\"tokens\": [\"a\", \"b\"], \"tags\": [\"O\"]}\n";
    let dataset = found("a.jsonl", uneven);
    assert_eq!(
        dataset.set_aside[0].reason,
        Reason::TagCount { words: 2, tags: 1 }
    );
}

#[test]
fn questions_about_passages() {
    let squad = "{\"version\": \"v2.0\", \"data\": [{\"title\": \"T\", \"paragraphs\": [\n\
        {\"qas\": [\n{\"question\": \"Where?\", \"id\": \"1\", \"answers\": [{\"text\": \"Rome\", \"answer_start\": 3}, {\"text\": \"in Rome\", \"answer_start\": 0}], \"is_impossible\": false},\n\
        {\"question\": \"Why?\", \"id\": \"2\", \"answers\": [], \"is_impossible\": true},\n{\"question\": \"Who?\", \"answers\": []}], \"context\": \"in Rome\"}]}]}";
    let dataset = found("dev.json", squad);
    assert_eq!(
        shown(&dataset),
        ["in Rome + Where? > 3:Rome&0:in Rome", "in Rome + Why? > "]
    );
    assert_eq!(
        (dataset.kind, dataset.layout.format),
        (Kind::Answers, Format::Squad)
    );
    assert_eq!(dataset.examples[0].line, 3);
    let aside = &dataset.set_aside[0];
    assert_eq!((aside.row, aside.line), (3, 5));
    assert_eq!(
        aside.reason,
        Reason::Malformed("the question has no id".into())
    );
    let flat = "{\"id\": \"1\", \"context\": \"in Rome\", \"question\": \"Where?\", \"answers\": {\"text\": [\"Rome\"], \"answer_start\": [99]}}\n";
    check(
        "a.jsonl",
        flat,
        Kind::Answers,
        "JSONL · UTF-8",
        &["in Rome + Where? > 99:Rome"],
    );
}

#[test]
fn questions_of_a_hidden_test_are_not_taken_for_unanswerable_ones() {
    let squad = |more: &str| {
        format!(
            "{{\"data\": [{{\"title\": \"T\", \"paragraphs\": [{{\"context\": \"in Rome\", \"qas\": [\
             {{\"question\": \"Where?\", \"id\": \"1\", \"answers\": []}},\
             {{\"question\": \"Why?\", \"id\": \"2\"{more}}}]}}]}}]}}"
        )
    };
    let opened = |more: &str| {
        let source = source("test.json", squad(more));
        Rows::open_for(Part::Test, &source, &Request::default())
    };
    let fault = opened("").err().unwrap().to_string();
    assert!(
        fault.contains("test.json has questions, but no answer"),
        "{fault}"
    );
    // Nothing can be learned of them either.
    let train = Rows::open_for(
        Part::Train,
        &source("train.json", squad("")),
        &Request::default(),
    );
    let fault = train.err().unwrap();
    assert!(
        fault.what().contains("a training file needs answers"),
        "{fault}"
    );
    assert!(
        fault.remedy_text().unwrap().contains("luthier predict"),
        "{fault}"
    );
    assert!(opened(", \"answers\": [], \"is_impossible\": true").is_ok());
    let answer = "{\"text\": \"Rome\", \"answer_start\": 3}";
    assert!(opened(&format!(", \"answers\": [{answer}]")).is_ok());
}

#[test]
fn what_lies_in_objects_is_named_by_the_way_to_it() {
    let line = |text: &str, mood: &str| {
        format!(
            "{{\"id\": 1, \"post\": {{\"body\": {{\"en\": \"{text}\"}}, \"tags\": [1]}}, \"by\": {{\"mood\": \"{mood}\"}}, \"odd\": {{\"a\": 1}}}}\n"
        )
    };
    let lines = [
        line("a fine film", "good"),
        line("a dull play", "bad"),
        "{\"post\": null, \"by\": {\"mood\": \"bad\"}, \"odd\": 3}\n".to_owned(),
    ]
    .concat();
    let table = inspect(source("a.jsonl", lines.clone()), Request::default()).unwrap();
    let columns = ["id", "post.body.en", "post.tags", "by.mood", "odd"];
    assert_eq!(table.columns, columns);
    let columns = Columns {
        text: Some("post.body.en".to_owned()),
        label: Some("by.mood".to_owned()),
        ..Columns::default()
    };
    let dataset = read(source("a.jsonl", lines), &columns).unwrap();
    assert_eq!(shown(&dataset), ["a fine film > good", "a dull play > bad"]);
    assert_eq!(dataset.set_aside[0].reason, Reason::EmptyText);
    // Objects that belong together stay so.
    let pair = "{\"translation\": {\"de\": \"ja\", \"en\": \"yes\"}}\n";
    let table = inspect(source("a.jsonl", pair), Request::default()).unwrap();
    assert_eq!(table.columns, ["translation"]);
}

#[test]
fn questions_without_passages_are_told_what_is_missing() {
    let request = Request {
        kind: Some(Kind::Answers),
        ..Request::default()
    };
    let fault = |file: &'static str| {
        let fault = read(source("a.csv", file), &request).unwrap_err();
        fault.to_string()
    };
    let told = fault("question,answer\nWhere?,Rome\nWho?,Ada\n");
    assert!(
        told.contains("passages in which the answers stand") && told.contains("called context"),
        "{told}"
    );
    let told = fault("context,answer\nin Rome,Rome\nby Ada,Ada\n");
    assert!(
        told.contains("no column that looks like questions"),
        "{told}"
    );
}

#[test]
fn places_of_answers_may_be_written_out_or_missing() {
    let row = |start: &str| {
        format!(
            "{{\"context\": \"in Rome\", \"question\": \"Where?\", \"answers\": [{{\"text\": \"Rome\"{start}}}]}}\n"
        )
    };
    let starts = [", \"answer_start\": \"3\"", ", \"answer_start\": -1", ""];
    let lines: String = starts.map(row).concat();
    let mut dataset = found("a.jsonl", lines);
    let known = |start: &str| format!("in Rome + Where? > {start}:Rome");
    assert_eq!(shown(&dataset), ["3", "?", "?"].map(known));
    let mut plain = dataset.clone();
    plain.set_misplaced_answers_aside().unwrap();
    assert_eq!((plain.examples.len(), plain.rows()), (1, 3));
    let reason = plain.set_aside[0].reason.to_string();
    assert!(
        reason.contains("--clean repair_answers puts it there"),
        "{reason}"
    );
    let repair = luthier::data::Cleaning {
        repair_answers: true,
        ..Default::default()
    };
    dataset.clean(&repair, Part::Train).unwrap();
    assert_eq!(shown(&dataset), ["3", "3", "3"].map(known));
}

#[test]
fn texts_to_be_written_are_recognised() {
    let cases: [(&str, &str, &str); 7] = [
        (
            "{\"instruction\": \"Add.\", \"input\": \"1 1\", \"output\": \"2\"}\n",
            "JSONL · Alpaca · UTF-8",
            "Add. + 1 1 > 2",
        ),
        (
            "{\"conversations\": [{\"from\": \"human\", \"value\": \"Hi\"}, {\"from\": \"gpt\", \"value\": \"Hello\"}]}\n",
            "JSONL · ShareGPT · UTF-8",
            "human: Hi > Hello",
        ),
        (
            "{\"messages\": [{\"role\": \"user\", \"content\": \"Hi\"}, {\"role\": \"assistant\", \"content\": \"Hello\"}]}\n",
            "JSONL · ChatML · UTF-8",
            "user: Hi > Hello",
        ),
        (
            "{\"prompt\": \"Once\", \"completion\": \"upon a time\"}\n",
            "JSONL · prompt and completion · UTF-8",
            "Once > upon a time",
        ),
        (
            "{\"translation\": {\"en\": \"the cat\", \"fr\": \"le chat\"}}\n",
            "JSONL · translation · UTF-8",
            "the cat > le chat",
        ),
        (
            "{\"id\": 1, \"dialogue\": \"A: hi\", \"summary\": \"They greet.\"}\n",
            "JSONL · summarisation · UTF-8",
            "A: hi > They greet.",
        ),
        (
            "{\"article\": \"Long.\", \"highlights\": \"Short.\", \"id\": \"x\"}\n",
            "JSONL · summarisation · UTF-8",
            "Long. > Short.",
        ),
    ];
    for (line, description, row) in cases {
        check(
            "a.jsonl",
            &line.repeat(2),
            Kind::Writing,
            description,
            &[row, row],
        );
    }
    let reviews = "text,summary,score\nfine and long,fine,5\nbad and long,bad,1\n";
    let dataset = found("a.csv", reviews);
    assert_eq!(
        (dataset.kind, dataset.columns.get(Role::Label)),
        (Kind::Label, Some("score"))
    );
}

#[test]
fn lines_with_their_label_in_front() {
    let fasttext = "__label__spam win now\n__label__ham see you, there\n";
    let description = "lines that begin with their label · UTF-8";
    check(
        "a.txt",
        fasttext,
        Kind::Label,
        description,
        &["win now > spam", "see you, there > ham"],
    );
    let several = "__label__a __label__b both of them\n__label__a one\n";
    check(
        "a.txt",
        several,
        Kind::Labels,
        description,
        &["both of them > a&b", "one > a"],
    );
    let trec = "NUM:date When was it ?\nDESC:def What is an atom , really ?\n".repeat(12);
    let dataset = found("train.txt", trec);
    assert_eq!(shown(&dataset)[1], "What is an atom , really ? > DESC:def");
}

#[test]
fn plain_text_is_a_text_on_each_line() {
    let rows = [
        "Come, he said, and > ",
        "went, away > ",
        "But she stayed. > ",
    ];
    let text = "Come, he said, and\r\nwent, away\r\n\r\nBut she stayed.\r\n";
    check(
        "a.txt",
        text,
        Kind::Texts,
        "plain text, one per line · UTF-8",
        &rows,
    );
}

#[test]
fn a_table_without_labels_is_texts() {
    let table = "qid\ttext_a\n0\tone text here\n1\tand another\n2\ta third\n";
    let rows = ["one text here > ", "and another > ", "a third > "];
    check(
        "test.tsv",
        table,
        Kind::Texts,
        "TSV · UTF-8 · header",
        &rows,
    );
}

// Delimited files as people have them.

#[test]
fn doubly_quoted_rows_are_unpacked() {
    let text = "\"text,label\"\r\n\"\"\"good, really\"\",pos\"\r\n\"bad,neg\"\r\n";
    let description = "CSV · comma · UTF-8 · header · doubly quoted";
    check(
        "a.csv",
        text,
        Kind::Label,
        description,
        &["good, really > pos", "bad > neg"],
    );
}

/// As MySQL, Hive and Spark write quotation marks; RFC 4180 doubles them, and a backslash is one.
#[test]
fn backslashes_escape_quotation_marks_where_that_loses_no_row() {
    let text = "text,label\n\"he said \\\"no\\\", to me\",neg\n\"in C:\\temp\",pos\nfine,pos\n";
    let rows = [
        "he said \"no\", to me > neg",
        "in C:\\temp > pos",
        "fine > pos",
    ];
    let description = "CSV · comma · UTF-8 · header · quoted with backslash escapes";
    check("a.csv", text, Kind::Label, description, &rows);
    let tabs = text.replace(",neg", "\tneg").replace(",pos", "\tpos");
    let tabs = tabs.replace("text,label", "text\tlabel");
    let description = "TSV · UTF-8 · header · quoted with backslash escapes";
    check("a.tsv", &tabs, Kind::Label, description, &rows);

    let written = toml::to_string(&Reading {
        quoting: Some(Quoting::Escaped),
        ..Reading::default()
    });
    assert_eq!(written.unwrap(), "quoting = \"escaped\"\n");

    let paths = "text,label\n\"it lies in C:\\\",pos\n\"or, else, in D:\\\",neg\n";
    let rows = ["it lies in C:\\ > pos", "or, else, in D:\\ > neg"];
    let description = "CSV · comma · UTF-8 · header";
    check("a.csv", paths, Kind::Label, description, &rows);
}

/// Labels that people tick in a spreadsheet: a cell is marked, or blank.
#[test]
fn columns_of_marks_and_blanks_are_labels() {
    for mark in ["1", "x", "X"] {
        let text = format!(
            "text,toxic,threat,insult\na fine film,,,\nyou bore,{mark},,{mark}\ncome here,,{mark},\n"
        );
        let rows = [
            "a fine film > ",
            "you bore > toxic&insult",
            "come here > threat",
        ];
        check(
            "a.csv",
            &text,
            Kind::Labels,
            "CSV · comma · UTF-8 · header",
            &rows,
        );
    }
    for (yes, no) in [
        ("ja", "nein"),
        ("x", "-"),
        ("✓", ""),
        ("是", "否"),
        ("Y", "N"),
    ] {
        let text = format!(
            "text,toxic,threat\na fine film,{no},{no}\nyou bore,{yes},{no}\nno,{no},{yes}\n"
        );
        let rows = ["a fine film > ", "you bore > toxic", "no > threat"];
        let found = "CSV · comma · UTF-8 · header";
        check("a.csv", &text, Kind::Labels, found, &rows);
    }
    // A dash alone may say that nothing is known.
    let text = "text,label,from,by\na fine film,pos,-,-\nyou bore,neg,-,-\n";
    let rows = ["a fine film > pos", "you bore > neg"];
    let found_as = "CSV · comma · UTF-8 · header";
    check("a.csv", text, Kind::Label, found_as, &rows);
    // Where no is written, a blank cell says nothing.
    let dataset = found(
        "a.csv",
        "text,toxic,threat\na fine film,0,0\nyou bore,1,\ncome here,1,1\n",
    );
    assert_eq!(dataset.set_aside.len(), 1);
}

#[test]
fn a_lone_column_of_fractions_is_the_number() {
    let text = "text;price\na chair;12,5\na table;80,25\na lamp;31,9\na bed;220\n";
    let rows = [
        "a chair > 12.5",
        "a table > 80.25",
        "a lamp > 31.9",
        "a bed > 220",
    ];
    let found = "CSV · semicolon · UTF-8 · header";
    check("a.csv", text, Kind::Score, found, &rows);
}

#[test]
fn a_column_named_for_the_split_has_to_name_parts() {
    let text = "text,topic,label\na fine film,film,pos\na bore,film,neg\nso fine,music,pos\n";
    let named = |column: &str| Request {
        columns: Columns {
            split: Some(column.into()),
            ..Columns::default()
        },
        ..Request::default()
    };
    let fault = read(source("a.csv", text), named("topic")).unwrap_err();
    let told = fault.what();
    assert!(
        told.contains("\"topic\"") && told.contains("\"film\", \"music\""),
        "{told}"
    );
    assert!(
        told.contains("train, validation (val, dev) or test is expected"),
        "{told}"
    );
    assert!(
        fault.remedy_text().unwrap().contains("--group-column"),
        "{fault}"
    );
    let parts = text
        .replace("film,pos", "Train,pos")
        .replace("music", "dev");
    assert_eq!(
        read(source("a.csv", parts), named("topic")).unwrap().rows(),
        3
    );
}

#[test]
fn a_line_that_names_the_delimiter_is_no_row() {
    let text = "sep=;\r\ntext;label\r\ngood, very;1\r\nbad;0\r\n";
    let description = "CSV · semicolon · UTF-8 · header";
    check(
        "a.csv",
        text,
        Kind::Label,
        description,
        &["good, very > 1", "bad > 0"],
    );
    assert_eq!(found("a.csv", text).examples[0].line, 3);
}

/// Exports begin with comments, sheets with a title: these lines are set aside, the names are read.
#[test]
fn lines_above_the_header_cost_only_themselves() {
    let text = "# exported in May\n# by the shop\ntext,label\na fine film,pos\na bore,neg\n";
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    sheet.write(0, 0, "Opinions").unwrap();
    sheet.write(1, 0, "as of May").unwrap();
    sheet.write_row(3, 0, ["text", "label"]).unwrap();
    sheet.write_row(4, 0, ["a fine film", "pos"]).unwrap();
    sheet.write_row(5, 0, ["a bore", "neg"]).unwrap();
    for file in [text.into(), book.save_to_buffer().unwrap()] {
        let dataset = found("a.csv", file);
        assert_eq!(shown(&dataset), ["a fine film > pos", "a bore > neg"]);
        assert_eq!(dataset.layout.header, Some(true));
        let aside: Vec<usize> = dataset.set_aside.iter().map(|own| own.row).collect();
        assert_eq!(aside, [1, 2]);
        assert_eq!(dataset.examples[0].row, 3);
    }
}

#[test]
fn a_name_that_stands_twice_is_numbered() {
    let dataset = found(
        "a.csv",
        "text,text,label\na fine film,x,pos\na bore,y,neg\n",
    );
    assert_eq!(shown(&dataset), ["a fine film > pos", "a bore > neg"]);
    assert_eq!(dataset.ignored, ["text (2)"]);
}

#[test]
fn every_way_of_reading_says_what_it_loses() {
    let mut text = "text\tlabel\n".to_owned();
    (0..30).for_each(|row| text.push_str(&format!("text number {row}\t{}\n", row % 2)));
    text.push_str("\"he said\t0\nand she said\"\t1\n");
    let table = inspect(source("a.tsv", text), Request::default()).unwrap();
    assert_eq!((table.rows, table.layout.quoting), (32, Some(Quoting::Off)));
    let ways: Vec<_> = table
        .readings
        .iter()
        .map(|way| (way.reading.quoting, way.rows, way.lost))
        .collect();
    assert_eq!(
        ways,
        [(Some(Quoting::Off), 33, 0), (Some(Quoting::On), 32, 0)]
    );
}

#[test]
fn what_is_corrected_by_hand_wins() {
    let text = "a;b,pos\nc;d,neg\n";
    let reading = Reading {
        delimiter: luthier::data::Delimiter::named(";"),
        header: Some(true),
        quoting: Some(Quoting::Off),
        ..Reading::default()
    };
    let request = Request {
        reading,
        ..Request::default()
    };
    let table = inspect(source("a.csv", text), &request).unwrap();
    assert_eq!(table.columns, ["a", "b,pos"]);
    assert_eq!(
        table.layout.describe(),
        "CSV · semicolon · UTF-8 · header · no quoting"
    );
    let written = toml::to_string(&request.reading).unwrap();
    assert_eq!(
        written,
        "delimiter = \"semicolon\"\nheader = true\nquoting = \"off\"\n"
    );
    assert_eq!(
        toml::from_str::<Reading>(&written).unwrap(),
        request.reading
    );
    let latin = Request {
        reading: toml::from_str("encoding = \"latin1\"\nformat = \"text\"").unwrap(),
        ..Request::default()
    };
    let dataset = read(source("a.csv", "café,1\n"), &latin).unwrap();
    assert_eq!(shown(&dataset), ["cafÃ©,1 > "]);
    assert!(toml::from_str::<Reading>("encodign = \"latin1\"").is_err());
}

#[test]
fn line_ends_are_told() {
    for (ends, kind) in [
        ("\n", LineEnds::Lf),
        ("\r\n", LineEnds::CrLf),
        ("\r", LineEnds::Cr),
    ] {
        let text = ["text,label", "good,1", "bad,0", ""].join(ends);
        let dataset = found("a.csv", text);
        assert_eq!(shown(&dataset), ["good > 1", "bad > 0"]);
        assert_eq!(dataset.layout.line_ends, Some(kind));
    }
    let lines = [
        "{\"text\": \"a\", \"label\": 1}",
        "{\"text\": \"b\", \"label\": 2}",
    ]
    .join("\r");
    assert_eq!(shown(&found("a.jsonl", lines)), ["a > 1", "b > 2"]);
}

#[test]
fn groups_and_splits_come_along() {
    let text = "text,label,doc,split\na,x,7,train\nb,y,7,dev\nc,x,8,other\n";
    let request = Request {
        columns: Columns {
            group: Some("doc".into()),
            ..Columns::default()
        },
        ..Request::default()
    };
    let dataset = read(source("a.csv", text), &request).unwrap();
    let found: Vec<_> = dataset
        .examples
        .iter()
        .map(|example| (example.group.as_deref(), example.part))
        .collect();
    assert_eq!(
        found,
        [
            (Some("7"), Some(Part::Train)),
            (Some("7"), Some(Part::Validation)),
            (Some("8"), None),
        ]
    );
}

// Workbooks and Parquet.

fn workbook() -> Vec<u8> {
    let mut book = rust_xlsxwriter::Workbook::new();
    book.add_worksheet()
        .set_name("notes")
        .unwrap()
        .write(0, 0, "read me")
        .unwrap();
    let sheet = book.add_worksheet().set_name("rows").unwrap();
    sheet.write_row(0, 0, ["text", "label", "stars"]).unwrap();
    sheet
        .write_row(1, 0, ["a fine film,\nreally", "pos"])
        .unwrap();
    sheet.write(1, 2, 5).unwrap();
    sheet.write_row(3, 0, ["a bore", "neg"]).unwrap();
    sheet.write(3, 2, 1.5).unwrap();
    sheet.write(4, 1, "pos").unwrap();
    book.save_to_buffer().unwrap()
}

#[test]
fn workbooks_are_read_whatever_their_name() {
    let dataset = found("a.csv", workbook());
    assert_eq!(
        shown(&dataset),
        ["a fine film,\nreally > pos", "a bore > neg"]
    );
    assert_eq!(
        dataset.layout.describe(),
        "workbook · sheet \"rows\" of 2 (also \"notes\") · header"
    );
    assert_eq!((dataset.examples[1].row, dataset.examples[1].line), (2, 4));
    assert_eq!(dataset.set_aside[0].reason, Reason::EmptyText);
    assert_eq!(dataset.ignored, ["stars"]);
    let request = Request {
        reading: Reading {
            sheet: Some("notes".into()),
            ..Reading::default()
        },
        ..Request::default()
    };
    let dataset = read(source("a.xlsx", workbook()), &request).unwrap();
    assert_eq!(shown(&dataset), ["read me > "]);
    assert!(dataset.layout.other_sheets.is_empty());
    let request = Request {
        reading: Reading {
            sheet: Some("other".into()),
            ..Reading::default()
        },
        ..Request::default()
    };
    let error = read(source("a.xlsx", workbook()), &request).unwrap_err();
    assert!(error.to_string().contains("\"notes\", \"rows\""), "{error}");
}

#[test]
fn a_lone_cell_far_out_is_refused_or_read_in_little_memory() {
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    sheet.write_row(0, 0, ["text", "label"]).unwrap();
    sheet.write_row(1, 0, ["a", "x"]).unwrap();
    sheet.write(1_048_575, 16_383, "far out").unwrap();
    let bytes = book.save_to_buffer().unwrap();
    let table = inspect(source("a.xlsx", bytes), Request::default()).unwrap();
    assert_eq!(table.rows, 2);
}

#[test]
fn an_archive_that_unpacks_to_gigabytes_is_refused() {
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default();
    archive.start_file("xl/workbook.xml", options).unwrap();
    let zeros = vec![0; 16 << 20];
    for _ in 0..140 {
        archive.write_all(&zeros).unwrap();
    }
    let bytes = archive.finish().unwrap().into_inner();
    let error = read(source("a.xlsx", bytes), Request::default()).unwrap_err();
    assert!(error.to_string().contains("too large"), "{error}");
}

/// Two rows of text, label and a list of labels.
fn parquet_file() -> Vec<u8> {
    use parquet::data_type::{ByteArray, ByteArrayType, Int64Type};
    let schema = "message rows {
        REQUIRED BYTE_ARRAY text (UTF8);
        OPTIONAL INT64 label;
        OPTIONAL group tags (LIST) { REPEATED group list { OPTIONAL BYTE_ARRAY element (UTF8); } }
    }";
    let schema = Arc::new(parquet::schema::parser::parse_message_type(schema).unwrap());
    let properties = parquet::file::properties::WriterProperties::builder()
        .set_compression(parquet::basic::Compression::SNAPPY)
        .build();
    let mut writer =
        parquet::file::writer::SerializedFileWriter::new(Vec::new(), schema, Arc::new(properties))
            .unwrap();
    let mut group = writer.next_row_group().unwrap();
    let mut column = group.next_column().unwrap().unwrap();
    let texts = ["a fine film", "很好"].map(ByteArray::from);
    column
        .typed::<ByteArrayType>()
        .write_batch(&texts, None, None)
        .unwrap();
    column.close().unwrap();
    let mut column = group.next_column().unwrap().unwrap();
    column
        .typed::<Int64Type>()
        .write_batch(&[1], Some(&[1, 0]), None)
        .unwrap();
    column.close().unwrap();
    let mut column = group.next_column().unwrap().unwrap();
    let tags = ["x", "y"].map(ByteArray::from);
    column
        .typed::<ByteArrayType>()
        .write_batch(&tags, Some(&[3, 3, 1]), Some(&[0, 1, 0]))
        .unwrap();
    column.close().unwrap();
    group.close().unwrap();
    writer.into_inner().unwrap()
}

#[test]
fn parquet_rows_have_their_values_and_lists() {
    let table = inspect(source("a.parquet", parquet_file()), Request::default()).unwrap();
    assert_eq!(table.columns, ["text", "label", "tags"]);
    let cells: Vec<Vec<_>> = table
        .preview
        .iter()
        .map(|record| {
            record
                .fields
                .iter()
                .map(|field| field.shown().into_owned())
                .collect()
        })
        .collect();
    assert_eq!(
        cells,
        [["a fine film", "1", "[\"x\",\"y\"]"], ["很好", "", "[]"]]
    );
    let folder = files(&[("a.bin", &parquet_file())]);
    let dataset = read(folder.path().join("a.bin"), Request::default()).unwrap();
    assert_eq!(shown(&dataset), ["a fine film > 1"]);
    assert_eq!(dataset.set_aside[0].reason, Reason::EmptyLabel);
}

/// The same file with the name of another way of packing in its footer.
fn packed_as(file: Vec<u8>, compression: parquet::basic::Compression) -> Vec<u8> {
    use parquet::file::metadata::{ParquetMetaDataReader, ParquetMetaDataWriter};
    let metadata = bytes::Bytes::from(file.clone());
    let mut metadata = ParquetMetaDataReader::new()
        .parse_and_finish(&metadata)
        .unwrap()
        .into_builder();
    let groups = metadata.take_row_groups().into_iter().map(|group| {
        let mut group = group.into_builder();
        let columns = group.take_columns().into_iter().map(|column| {
            let column = column.into_builder().set_compression(compression);
            column.build().unwrap()
        });
        let columns = columns.collect();
        group.set_column_metadata(columns).build().unwrap()
    });
    let groups = groups.collect();
    let metadata = metadata.set_row_groups(groups).build();
    let length = file.len();
    let footer = u32::from_le_bytes(file[length - 8..length - 4].try_into().unwrap());
    let mut packed = file[..length - 8 - footer as usize].to_vec();
    ParquetMetaDataWriter::new(&mut packed, &metadata)
        .finish()
        .unwrap();
    packed
}

#[test]
fn parquet_that_is_packed_in_a_way_that_is_not_read_says_so() {
    use parquet::basic::{Compression, ZstdLevel};
    let packed = packed_as(parquet_file(), Compression::SNAPPY);
    assert_eq!(shown(&found("a.parquet", packed)), ["a fine film > 1"]);
    let zstd = Compression::ZSTD(ZstdLevel::default());
    let packed = packed_as(parquet_file(), zstd);
    let fault = read(source("a.parquet", packed), Request::default()).unwrap_err();
    let (what, remedy) = (fault.what(), fault.remedy_text().unwrap_or_default());
    assert!(what.contains("a.parquet"), "{what}");
    assert!(what.to_lowercase().contains("zstd"), "{what}");
    assert!(remedy.contains("Snappy"), "{remedy}");
}

// Folders.

#[test]
fn a_folder_of_texts_is_labelled_by_its_folders() {
    let gbk = |text: &str| encoding_rs::GBK.encode(text).0.into_owned();
    let folder = files(&[
        ("README", b"about"),
        (
            "train/sport/1.txt",
            &gbk("这场比赛非常精彩，球员们都很努力，观众也很热情。"),
        ),
        ("train/sport/2.txt", &gbk("球队")),
        ("test/music/3.txt", "音乐会".as_bytes()),
        ("test/music/.hidden", b"x"),
        ("test/music/4.txt", b"\x89PNG\r\n\x1a\n"),
    ]);
    let dataset = read(folder.path(), Request::default()).unwrap();
    assert_eq!(
        shown(&dataset),
        [
            "音乐会 > music",
            "这场比赛非常精彩，球员们都很努力，观众也很热情。 > sport",
            "球队 > sport",
        ]
    );
    assert_eq!(dataset.examples[0].part, Some(Part::Test));
    assert_eq!(dataset.layout.describe(), "folder of texts · GBK");
    assert!(
        matches!(&dataset.set_aside[0].reason, Reason::Malformed(cause) if cause.contains("PNG"))
    );
    // A file beside the folders is told; it is behind the rows, whose numbers it leaves alone.
    let loose = &dataset.set_aside[1];
    assert_eq!((loose.row, &loose.reason), (5, &Reason::NoFolderOfLabel));
    assert_eq!(dataset.rows(), 5);
    let before = sha256(&dataset.source).unwrap();
    std::fs::write(folder.path().join("test/music/3.txt"), "x").unwrap();
    assert_ne!(sha256(&dataset.source).unwrap(), before);
}

#[test]
fn a_folder_of_tables_names_what_to_choose() {
    let table: &[u8] = b"text,label\na,x\nb,y\n";
    let folder = files(&[
        ("SOURCE.txt", b"about"),
        ("clean/train.csv", table),
        ("clean/dev.csv", table),
    ]);
    let told = |folder: &Path| {
        let fault = read(folder, Request::default()).unwrap_err();
        fault.remedy_text().unwrap().to_owned()
    };
    let inner = folder.path().join("clean").display().to_string();
    assert_eq!(told(folder.path()), format!("Choose the folder {inner}."));
    let folder = files(&[("pos/a.csv", table), ("neg/b.JSONL", table)]);
    let remedy = told(folder.path());
    assert!(
        remedy.contains("neg/b.JSONL or ") && remedy.ends_with("pos/a.csv."),
        "{remedy}"
    );
    // One table among texts is a fault of its own row only.
    std::fs::write(folder.path().join("pos/1.txt"), "fine").unwrap();
    std::fs::write(folder.path().join("pos/2.txt"), "good").unwrap();
    std::fs::write(folder.path().join("neg/3.txt"), "bad").unwrap();
    assert_eq!(read(folder.path(), Request::default()).unwrap().rows(), 5);
}

#[test]
fn a_file_of_a_folder_in_another_encoding_is_read_in_it_or_set_aside() {
    let gbk = encoding_rs::GBK
        .encode("这家酒店的环境很好，服务也不错，下次还会再来。")
        .0;
    let latin = |text: &str| encoding_rs::WINDOWS_1252.encode(text).0.into_owned();
    let folder = files(&[
        ("pos/1.txt", &latin("un café très agréable, à recommander")),
        (
            "pos/2.txt",
            &latin("une soirée passée à rêver, déjà la fin"),
        ),
        ("neg/3.txt", &gbk),
        ("neg/4.txt", "café".as_bytes()),
    ]);
    let dataset = read(folder.path(), Request::default()).unwrap();
    let texts: Vec<_> = dataset
        .examples
        .iter()
        .map(|row| row.text.as_str())
        .collect();
    assert_eq!(texts[0], "这家酒店的环境很好，服务也不错，下次还会再来。");
    assert_eq!(
        texts[1..3],
        ["café", "un café très agréable, à recommander"]
    );
    // Read as what it is not, it would be garbled.
    let request = Request {
        reading: Reading {
            encoding: luthier::data::Encoding::named("utf-8"),
            ..Reading::default()
        },
        ..Request::default()
    };
    let dataset = read(folder.path(), request).unwrap();
    assert_eq!((dataset.rows(), dataset.examples.len()), (4, 1));
    let reason = dataset.set_aside[0].reason.to_string();
    assert!(reason.contains("not written in UTF-8"), "{reason}");
}

#[test]
fn a_folder_of_given_splits_is_told() {
    let folder = files(&[("SST-2/train.tsv", b"a\t1\n"), ("SST-2/dev.tsv", b"b\t0\n")]);
    let path = folder.path().join("SST-2");
    let [train, validation, test] = splits_of_folder(&path).unwrap();
    assert_eq!(train, Some(Source::File(path.join("train.tsv"))));
    assert_eq!(validation, Some(Source::File(path.join("dev.tsv"))));
    assert_eq!(test, None);
    // As GLUE hides the labels of its tests: the options name the other files.
    let hidden = path.join("test.tsv");
    std::fs::write(&hidden, "sentence\na fine film\na bore\n").unwrap();
    let request = Request {
        kind: Some(Kind::Label),
        ..Request::default()
    };
    let fault = Rows::open_for(Part::Test, &Source::File(hidden), &request);
    let fault = fault.err().unwrap();
    let remedy = fault.remedy_text().unwrap();
    let [train, dev] = ["train.tsv", "dev.tsv"].map(|name| path.join(name).display().to_string());
    let options = format!("(--train {train} --validation {dev})");
    assert!(remedy.contains(&options), "{remedy}");
}

// Row by row.

#[test]
fn rows_that_are_set_aside_can_be_exported() {
    let text = "text,label\ngood,1\n ,1\nbad, \"far\",away\nbad,0\n";
    let rows = Rows::open(source("a.csv", text), &Columns::default()).unwrap();
    let mut out = Vec::new();
    write_set_aside(&[(rows, BTreeMap::new())], &mut out).unwrap();
    assert_eq!(
        String::from_utf8(out).unwrap(),
        "row,line,reason,text,label\n2,3,empty text, ,1\n\
         3,4,too many columns: 3 instead of 2,bad,\" \"\"far\"\"\",away\n"
    );
    // Several files are one table, whatever the order of their columns.
    let rows = [("a.csv", text), ("b.csv", "id,label,text\n7,1,\n8,0,x\n")];
    let rows = rows.map(|(name, text)| {
        let rows = Rows::open(source(name, text), &Columns::default()).unwrap();
        (rows, BTreeMap::new())
    });
    let mut out = Vec::new();
    write_set_aside(&rows, &mut out).unwrap();
    assert_eq!(
        String::from_utf8(out).unwrap(),
        "file,row,line,reason,text,label,id\na.csv,2,3,empty text, ,1\n\
         a.csv,3,4,too many columns: 3 instead of 2,bad,\" \"\"far\"\"\",,away\n\
         b.csv,1,2,empty text,,1,7\n"
    );
}

#[test]
fn visiting_reports_progress_and_can_be_stopped() {
    let mut text = "text,label\n".to_owned();
    (0..5000).for_each(|row| text.push_str(&format!("text {row},{}\n", row % 2)));
    let size = text.len() as u64;
    let rows = Rows::open(source("a.csv", text), &Columns::default()).unwrap();
    let seen = std::cell::RefCell::new(Vec::new());
    let mut examples = 0;
    rows.visit(
        &|done, all| {
            seen.borrow_mut().push((done, all));
            Ok(())
        },
        &mut |row| {
            examples += usize::from(matches!(row, Row::Example(_)));
            Ok(())
        },
    )
    .unwrap();
    assert_eq!(examples, 5000);
    let seen = seen.into_inner();
    assert!(
        seen.is_sorted() && seen.last() == Some(&(size, size)),
        "{seen:?}"
    );
    let stopped = rows.visit(
        &|done, _| Err(Error::new(format!("stopped at {done}"))),
        &mut |_| Ok(()),
    );
    assert!(stopped.unwrap_err().to_string().starts_with("stopped"));
}

#[test]
fn other_kinds_of_files_are_refused_by_name() {
    for (bytes, says) in [
        (&b"\x89PNG\r\n\x1a\n\0\0"[..], "PNG"),
        (b"%PDF-1.4\n", "PDF"),
        (b"\x7FELF\x02\x01", "program"),
        (b"\x1F\x8B\x08\0", "gzip"),
        (b"\x80\x04\x95\0\0", "pickle"),
        (b"PK\x03\x04\0\0", "zip archive"),
    ] {
        let error = read(source("a.csv", bytes), Request::default()).unwrap_err();
        assert!(error.to_string().contains(says), "{error}");
        assert!(error.remedy_text().is_some());
    }
    let missing = PathBuf::from("/nowhere/a.csv");
    assert!(read(&missing, Request::default()).is_err());
    assert!(read(Path::new("/dev/null"), Request::default()).is_err());
}
