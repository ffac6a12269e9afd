//! Ways to split: shares, folds, groups, a column, given files; leaks and balance.

use std::collections::{BTreeMap, BTreeSet};

use luthier::data::cleaning::Alike;
use luthier::data::{
    Answer, Balance, Columns, Dataset, Example, Part, Reason, Removal, Source, SplitSettings,
    Splits, TaggedWord, Target, read, split, split_files,
};
use luthier::rng::{Purpose, Stream};

/// Examples as if they came from a file.
fn dataset(examples: Vec<Example>) -> Dataset {
    let source = Source::Bundled {
        name: "rows.csv",
        bytes: b"text,label\na,1\nb,0\n",
    };
    let mut dataset = read(&source, &Columns::default()).unwrap();
    dataset.examples = examples;
    dataset
}

fn example(row: usize, text: String, target: Target) -> Example {
    Example {
        row,
        line: row + 1,
        text,
        pair: None,
        target,
        group: None,
        part: None,
    }
}

/// A word that tells its number and has little in common with others.
fn word(number: usize) -> String {
    let stream = Stream::new(number as u64, Purpose::Init, 0);
    format!("{:016x}", stream.u64(0))
}

/// So many rows of each label, no two texts alike.
fn rows(counts: &[usize]) -> Vec<Example> {
    let labels = counts.iter().enumerate();
    let labels = labels.flat_map(|(label, &count)| std::iter::repeat_n(label, count));
    labels
        .enumerate()
        .map(|(row, label)| example(row + 1, word(row), Target::Label(label.to_string())))
        .collect()
}

fn divided(examples: Vec<Example>, settings: &SplitSettings, seed: u64) -> Splits {
    split(dataset(examples), settings, seed).unwrap()
}

fn test_of(splits: &Splits) -> &[Example] {
    splits.test.as_ref().map_or(&[], |test| test.open())
}

fn parts(splits: &Splits) -> [&[Example]; 3] {
    [&splits.train, &splits.validation, test_of(splits)]
}

fn texts(examples: &[Example]) -> BTreeSet<&str> {
    examples
        .iter()
        .map(|example| example.text.as_str())
        .collect()
}

/// Every row is in exactly one part.
#[track_caller]
fn check_partition(splits: &Splits, rows: usize) {
    let all: Vec<usize> = parts(splits)
        .into_iter()
        .flatten()
        .map(|example| example.row)
        .collect();
    assert_eq!(all.len(), rows);
    assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), rows);
}

#[test]
fn shares_are_as_asked_for() {
    for (validation, test, expected) in [
        (0.1, 0.1, [160, 20, 20]),
        (0.2, 0.3, [100, 40, 60]),
        (0.25, 0.0, [150, 50, 0]),
        (0.15, 0.05, [160, 30, 10]),
    ] {
        let settings = SplitSettings {
            validation,
            test,
            ..SplitSettings::default()
        };
        let splits = divided(rows(&[100, 60, 40]), &settings, 7);
        assert_eq!(parts(&splits).map(<[Example]>::len), expected);
        assert_eq!(splits.test.is_some(), test > 0.0);
        check_partition(&splits, 200);
    }
}

#[test]
fn folds_cover_every_row_once_and_leave_one_test() {
    let examples = rows(&[101, 57, 9, 3]);
    for test in [0.0, 0.1] {
        let fold = |fold| {
            let settings = SplitSettings {
                folds: Some(5),
                fold,
                test,
                ..SplitSettings::default()
            };
            divided(examples.clone(), &settings, 3)
        };
        let folds: Vec<Splits> = (1..=5).map(fold).collect();
        let mut validated: BTreeMap<usize, usize> = BTreeMap::new();
        for splits in &folds {
            check_partition(splits, examples.len());
            assert_eq!(test_of(splits), test_of(&folds[0]));
            let left = examples.len() - test_of(splits).len();
            assert!(splits.validation.len().abs_diff(left / 5) <= 1);
            let labels: BTreeSet<&str> = splits.train.iter().map(Example::label).collect();
            assert_eq!(labels.len(), 4, "training lacks a label");
            for example in &splits.validation {
                *validated.entry(example.row).or_default() += 1;
            }
        }
        assert_eq!(validated.len(), examples.len() - test_of(&folds[0]).len());
        assert!(validated.values().all(|&times| times == 1));
        let common = |splits: &Splits| {
            splits
                .validation
                .iter()
                .filter(|row| row.label() == "0")
                .count()
        };
        let counts: Vec<usize> = folds.iter().map(common).collect();
        assert!(
            counts.iter().max().unwrap() - counts.iter().min().unwrap() <= 1,
            "{counts:?}"
        );
    }
}

#[test]
fn folds_and_given_validation_rows_exclude_each_other() {
    let settings = SplitSettings {
        folds: Some(3),
        ..SplitSettings::default()
    };
    let set = || dataset(rows(&[9, 9]));
    assert!(split_files(set(), Some(set()), None, &settings, 0).is_err());
    let splits = split_files(set(), None, Some(set()), &settings, 0).unwrap();
    assert_eq!((splits.train.len(), splits.validation.len()), (12, 6));
    assert_eq!(test_of(&splits).len(), 18);
}

#[test]
fn a_tag_of_another_scheme_is_told_from_one_that_is_unknown() {
    let tagged = |tag: &str| {
        let word = |tag: &str| TaggedWord {
            place: 0..1,
            tag: tag.to_owned(),
        };
        let words = vec![word("B-PER"), word(tag)];
        dataset(vec![example(1, "a".to_owned(), Target::Tags(words))])
    };
    let remedy = |tag: &str| {
        let settings = SplitSettings::default();
        let fault = split_files(tagged("I-PER"), Some(tagged(tag)), None, &settings, 1);
        fault.err().unwrap().remedy_text().unwrap().to_owned()
    };
    assert!(remedy("E-PER").contains("--clean tag_scheme=iob2"));
    assert!(!remedy("I-LOC").contains("tag_scheme"));
}

#[test]
fn groups_are_never_torn_apart() {
    for seed in 0..30 {
        let mut examples = rows(&[80, 80, 40]);
        let mut draws = Stream::new(seed, Purpose::Bench, 0).draws();
        for example in &mut examples {
            example.group = Some(format!("author {}", draws.below(60)));
        }
        for folds in [None, Some(4)] {
            let settings = SplitSettings {
                folds,
                ..SplitSettings::default()
            };
            let splits = divided(examples.clone(), &settings, seed);
            check_partition(&splits, 200);
            let authors = parts(&splits).map(|part| {
                part.iter()
                    .filter_map(|example| example.group.as_deref())
                    .collect::<BTreeSet<_>>()
            });
            assert!(authors[0].is_disjoint(&authors[1]), "seed {seed}");
            assert!(authors[0].is_disjoint(&authors[2]), "seed {seed}");
            assert!(authors[1].is_disjoint(&authors[2]), "seed {seed}");
            assert!(!authors[1].is_empty() && !authors[2].is_empty());
        }
    }
}

#[test]
fn too_few_groups_are_named() {
    let mut examples = rows(&[10, 10]);
    for example in &mut examples {
        example.group = Some(format!("{}", example.row % 2));
    }
    let error = split(dataset(examples), &SplitSettings::default(), 0).unwrap_err();
    assert!(
        error.to_string().contains("at least 3 different groups"),
        "{error}"
    );
}

/// A text of ten words, and copies of it with another word at the end.
fn copies(number: usize, count: usize) -> Vec<String> {
    let words: Vec<String> = (0..10)
        .map(|place| word(1000 + number * 10 + place))
        .collect();
    (0..count)
        .map(|copy| format!("{} {}", words.join(" "), "!".repeat(copy)))
        .collect()
}

#[test]
fn near_duplicates_stay_on_one_side() {
    let texts: Vec<String> = (0..60)
        .flat_map(|number| copies(number, 1 + number % 3))
        .collect();
    let examples: Vec<Example> = texts
        .into_iter()
        .enumerate()
        .map(|(row, text)| example(row + 1, text, Target::Label((row % 2).to_string())))
        .collect();
    let total = examples.len();
    let begins = |part: &[Example]| -> BTreeSet<String> {
        part.iter()
            .map(|example| example.text[..16].to_owned())
            .collect()
    };
    let torn = |settings: &SplitSettings, seed| {
        let splits = divided(examples.clone(), settings, seed);
        check_partition(&splits, total);
        let parts = parts(&splits).map(begins);
        [(0, 1), (0, 2), (1, 2)]
            .into_iter()
            .any(|(a, b)| !parts[a].is_disjoint(&parts[b]))
    };
    let apart = SplitSettings {
        near_duplicates_together: false,
        ..SplitSettings::default()
    };
    assert!((0..20).all(|seed| !torn(&SplitSettings::default(), seed)));
    assert!((0..20).any(|seed| torn(&apart, seed)));
}

#[test]
fn a_form_that_fills_the_file_is_divided() {
    let texts = copies(0, 50).into_iter().chain((0..50).map(word));
    let examples: Vec<Example> = texts
        .enumerate()
        .map(|(row, text)| example(row + 1, text, Target::Label((row / 50).to_string())))
        .collect();
    let splits = divided(examples, &SplitSettings::default(), 1);
    for part in parts(&splits) {
        assert!(part.iter().any(|example| example.label() == "0"));
    }
    assert_eq!(parts(&splits).map(<[Example]>::len), [80, 10, 10]);
}

#[test]
fn a_small_label_of_copies_is_divided_rather_than_refused() {
    let mut examples = rows(&[30]);
    for text in copies(0, 3) {
        examples.push(example(
            examples.len() + 1,
            text,
            Target::Label("rare".into()),
        ));
    }
    let splits = divided(examples, &SplitSettings::default(), 5);
    for part in parts(&splits) {
        assert_eq!(
            part.iter()
                .filter(|example| example.label() == "rare")
                .count(),
            1
        );
    }
}

#[test]
fn a_column_names_the_parts() {
    let mut examples = rows(&[20, 20]);
    for example in &mut examples {
        example.part = Some(match example.row % 4 {
            0 => Part::Validation,
            1 => Part::Test,
            _ => Part::Train,
        });
    }
    let splits = divided(examples.clone(), &SplitSettings::default(), 0);
    assert_eq!(parts(&splits).map(<[Example]>::len), [20, 10, 10]);
    assert!(splits.validation.iter().all(|example| example.row % 4 == 0));
    // Without rows for validation training gives some away; the test stays fixed.
    for example in &mut examples {
        if example.part == Some(Part::Validation) {
            example.part = Some(Part::Train);
        }
    }
    let splits = divided(examples.clone(), &SplitSettings::default(), 0);
    assert_eq!(parts(&splits).map(<[Example]>::len), [27, 3, 10]);
    examples[7].part = None;
    let error = split(dataset(examples.clone()), &SplitSettings::default(), 0).unwrap_err();
    assert!(error.to_string().contains("line 9 (row 8)"), "{error}");
    let shares = SplitSettings {
        by_column: false,
        ..SplitSettings::default()
    };
    let splits = divided(examples.clone(), &shares, 0);
    assert_eq!(parts(&splits).map(<[Example]>::len), [32, 4, 4]);
    for example in &mut examples {
        example.part = Some(Part::Test);
    }
    let splits = divided(examples.clone(), &SplitSettings::default(), 0);
    assert_eq!(parts(&splits).map(<[Example]>::len), [32, 4, 4]);
    examples[7].part = Some(Part::Validation);
    assert!(split(dataset(examples), &SplitSettings::default(), 0).is_err());
}

#[test]
fn columns_of_a_file_say_groups_and_parts() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.csv");
    let mut content = String::from("text,label,author,split\n");
    for row in 0..60 {
        let part = ["train", "train", "dev", "test"][row % 4];
        content.push_str(&format!("{},{},a{},{part}\n", word(row), row % 2, row % 15));
    }
    std::fs::write(&path, content).unwrap();
    let wanted = Columns {
        group: Some("author".into()),
        ..Columns::default()
    };
    let found = read(&path, &wanted).unwrap();
    let splits = split(found.clone(), &SplitSettings::default(), 0).unwrap();
    assert_eq!(parts(&splits).map(<[Example]>::len), [30, 15, 15]);
    let shares = SplitSettings {
        by_column: false,
        ..SplitSettings::default()
    };
    let splits = split(found, &shares, 0).unwrap();
    let authors = parts(&splits).map(|part| {
        part.iter()
            .map(|example| example.group.clone().unwrap())
            .collect::<BTreeSet<_>>()
    });
    assert!(authors[0].is_disjoint(&authors[1]) && authors[0].is_disjoint(&authors[2]));
}

#[test]
fn other_kinds_are_stratified_by_what_makes_sense() {
    let count = 200;
    let kinds: [fn(usize) -> Target; 6] = [
        |row| Target::Scores(vec![row as f64 / 7.0]),
        |row| Target::Labels((0..row % 4).map(|label| label.to_string()).collect()),
        |row| {
            let tag = ["O", "B-PER", "B-LOC", "B-ORG"][row % 4].to_owned();
            Target::Tags(vec![TaggedWord { place: 0..4, tag }])
        },
        |row| {
            let answer = Answer {
                text: "a".into(),
                start: Some(0),
            };
            Target::Answers(vec![answer; usize::from(row % 5 > 0)])
        },
        |row| Target::Text(format!("{row}")),
        |_| Target::Nothing,
    ];
    for kind in kinds {
        let examples: Vec<Example> = (0..count)
            .map(|row| example(row + 1, word(row), kind(row)))
            .collect();
        let splits = divided(examples, &SplitSettings::default(), 9);
        check_partition(&splits, count);
        for part in [&splits.validation[..], test_of(&splits)] {
            assert!(part.len().abs_diff(count / 10) <= 4, "{} rows", part.len());
            let unanswered = part
                .iter()
                .filter(|example| matches!(&example.target, Target::Answers(a) if a.is_empty()))
                .count();
            if matches!(part[0].target, Target::Answers(_)) {
                assert_eq!(unanswered, 4);
            }
        }
    }
}

#[test]
fn questions_about_one_passage_stay_together() {
    let mut examples = Vec::new();
    for row in 0..120 {
        let mut question = example(row + 1, word(row / 4), Target::Answers(Vec::new()));
        question.pair = Some(word(500 + row));
        examples.push(question);
    }
    let splits = divided(examples, &SplitSettings::default(), 2);
    check_partition(&splits, 120);
    let passages = parts(&splits).map(texts);
    assert!(passages[0].is_disjoint(&passages[1]) && passages[0].is_disjoint(&passages[2]));
}

#[test]
fn the_order_of_the_file_does_not_matter() {
    let mut examples = rows(&[60, 30, 10]);
    for number in 0..10 {
        for text in copies(number, 2) {
            examples.push(example(examples.len() + 1, text, Target::Label("1".into())));
        }
    }
    let mut reversed = examples.clone();
    reversed.reverse();
    for folds in [None, Some(5)] {
        let settings = SplitSettings {
            folds,
            balance: Some(Balance::Undersample),
            ..SplitSettings::default()
        };
        let mut one = divided(examples.clone(), &settings, 4);
        let mut other = divided(reversed.clone(), &settings, 4);
        for splits in [&mut one, &mut other] {
            splits.balance(Balance::Undersample, 4).unwrap();
        }
        for (a, b) in parts(&one).into_iter().zip(parts(&other)) {
            assert_eq!(texts(a), texts(b));
        }
    }
}

#[test]
fn leaks_leave_training() {
    let train = rows(&[30, 30]);
    let held = |row: usize| {
        let mut example = train[row].clone();
        example.text = format!(" {} ", example.text);
        example
    };
    let mut near = example(99, copies(1, 2)[0].clone(), Target::Label("0".into()));
    let mut with_copy = train.clone();
    with_copy.push(near.clone());
    near.text.clone_from(&copies(1, 2)[1]);
    let splits = || {
        split_files(
            dataset(with_copy.clone()),
            Some(dataset(vec![held(3), held(40)])),
            Some(dataset(vec![held(5), near.clone()])),
            &SplitSettings::default(),
            0,
        )
        .unwrap()
    };
    let mut exact = splits();
    let dropped = exact.drop_leaks(Alike::Exact).unwrap();
    let found: Vec<(usize, Reason)> = dropped
        .into_iter()
        .map(|row| (row.row, row.reason))
        .collect();
    let leak = |row| (row, Reason::Cleaned(Removal::Leak));
    assert_eq!(found, [leak(4), leak(6), leak(41)]);
    assert_eq!(exact.train.len(), 58);
    let mut close = splits();
    let dropped = close.drop_leaks(Alike::Near).unwrap();
    assert_eq!(dropped.len(), 4);
    assert_eq!(dropped[3].reason, Reason::Cleaned(Removal::NearLeak));
    assert!(close.drop_leaks(Alike::Near).unwrap().is_empty());
}

#[test]
fn a_label_that_only_leaks_is_an_error() {
    let train = rows(&[5, 1]);
    let validation = vec![train[5].clone()];
    let given = (dataset(train), Some(dataset(validation)));
    let mut splits = split_files(given.0, given.1, None, &SplitSettings::default(), 0).unwrap();
    let error = splits.drop_leaks(Alike::Exact).unwrap_err();
    assert!(error.to_string().contains("\"1\""), "{error}");
}

#[test]
fn sampling_makes_labels_equally_common_in_training_alone() {
    let counts = |part: &[Example]| -> BTreeMap<String, usize> {
        let mut counts = BTreeMap::new();
        for example in part {
            *counts.entry(example.label().to_owned()).or_default() += 1;
        }
        counts
    };
    let before = divided(rows(&[100, 60, 20]), &SplitSettings::default(), 1);
    for (balance, wanted) in [(Balance::Oversample, 80), (Balance::Undersample, 16)] {
        let mut splits = before.clone();
        let left_out = splits.balance(balance, 1).unwrap();
        assert!(counts(&splits.train).values().all(|&count| count == wanted));
        assert_eq!(splits.validation, before.validation);
        assert_eq!(splits.test, before.test);
        let kept = texts(&splits.train).len();
        assert_eq!(kept + left_out.len(), before.train.len());
        assert!(splits.train.iter().map(|example| example.row).is_sorted());
        let mut again = before.clone();
        again.balance(balance, 1).unwrap();
        assert_eq!(again.train, splits.train);
        let mut other = before.clone();
        other.balance(balance, 2).unwrap();
        assert_ne!(other.train, splits.train);
    }
    let scores = (0..20).map(|row| example(row + 1, word(row), Target::Scores(vec![row as f64])));
    let mut splits = divided(scores.collect(), &SplitSettings::default(), 0);
    assert!(splits.balance(Balance::Oversample, 0).is_err());
}
