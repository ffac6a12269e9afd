//! Cleaning as a run applies it: each rule, the order of the rules, and what must always hold.

use std::collections::{BTreeMap, BTreeSet};

use luthier::data::cleaning::{Alike, Conflicts, NewLabel, RowEdit};
use luthier::data::tags::TagScheme;
use luthier::data::{
    Answer, Cleaned, Cleaning, Example, Part, Reason, Removal, Rule, TaggedWord, Target,
};
use luthier::rng::{Draws, Purpose, Stream};

fn example(row: usize, text: &str, target: Target) -> Example {
    Example {
        row,
        line: row + 1,
        text: text.to_owned(),
        pair: None,
        target,
        group: None,
        part: None,
    }
}

fn label(label: &str) -> Target {
    Target::Label(label.to_owned())
}

/// Rows of text and label, numbered from 1.
fn rows(rows: &[(&str, &str)]) -> Vec<Example> {
    let rows = rows.iter().enumerate();
    rows.map(|(index, (text, name))| example(index + 1, text, label(name)))
        .collect()
}

fn clean(cleaning: &Cleaning, examples: Vec<Example>) -> Cleaned {
    cleaning.clean(Part::Train, examples).unwrap()
}

/// The rows left and those dropped, each with its reason.
#[track_caller]
fn check(
    cleaning: &Cleaning,
    examples: Vec<Example>,
    left: &[usize],
    dropped: &[(usize, Removal)],
) {
    let cleaned = clean(cleaning, examples);
    let found: Vec<usize> = cleaned.examples.iter().map(|example| example.row).collect();
    assert_eq!(found, left);
    let found: Vec<(usize, Reason)> = cleaned
        .dropped
        .into_iter()
        .map(|aside| (aside.row, aside.reason))
        .collect();
    let expected: Vec<(usize, Reason)> = dropped
        .iter()
        .map(|&(row, removal)| (row, Reason::Cleaned(removal)))
        .collect();
    assert_eq!(found, expected);
}

const LONG: &str = "the hotel was clean and the staff were kind to us on all of the five days";

#[test]
fn nothing_is_on_by_default() {
    let examples = rows(&[(" <b>A</b> ", "x"), (" <b>A</b> ", "x"), ("A", "y")]);
    let cleaned = clean(&Cleaning::default(), examples.clone());
    assert_eq!(cleaned.examples, examples);
    assert!(cleaned.dropped.is_empty() && cleaned.changed.is_empty());
    assert!(Cleaning::default().is_default());
}

#[test]
fn rules_count_the_rows_that_they_change() {
    let cleaning = Cleaning {
        html: true,
        white_space: true,
        lowercase: true,
        ..Cleaning::default()
    };
    let cleaned = clean(
        &cleaning,
        rows(&[("<i>a</i>  b", "x"), ("c ", "x"), ("d", "X")]),
    );
    let texts: Vec<&str> = cleaned
        .examples
        .iter()
        .map(|row| row.text.as_str())
        .collect();
    assert_eq!(texts, ["a b", "c", "d"]);
    let counts = BTreeMap::from([(Rule::Html, 1), (Rule::WhiteSpace, 2)]);
    assert_eq!(cleaned.changed, counts);
    assert_eq!(cleaned.examples[2].label(), "X");
}

#[test]
fn lengths_and_emptiness_drop_rows() {
    let cleaning = Cleaning {
        html: true,
        min_characters: Some(2),
        max_characters: Some(3),
        ..Cleaning::default()
    };
    let examples = rows(&[
        ("<p>", "x"),
        ("a", "x"),
        ("很好", "x"),
        ("abc", "x"),
        ("abcd", "x"),
    ]);
    let dropped = [
        (1, Removal::NothingLeft),
        (2, Removal::TooShort),
        (5, Removal::TooLong),
    ];
    check(&cleaning, examples, &[3, 4], &dropped);
}

#[test]
fn duplicates_have_the_same_text_pair_and_target() {
    let exact = Cleaning {
        duplicates: Some(Alike::Exact),
        ..Cleaning::default()
    };
    let mut examples = rows(&[("a", "x"), (" a ", "x"), ("a", "y"), ("A", "x"), ("a", "x")]);
    examples[4].pair = Some("b".into());
    check(
        &exact,
        examples,
        &[1, 3, 4, 5],
        &[(2, Removal::Duplicate { of: 1 })],
    );
}

#[test]
fn near_duplicates_go_by_text_and_pair() {
    let near = Cleaning {
        duplicates: Some(Alike::Near),
        ..Cleaning::default()
    };
    let copy = LONG.replace("days", "days!");
    let mut examples = rows(&[
        (LONG, "x"),
        (&copy, "x"),
        (&copy, "y"),
        (LONG, "x"),
        ("b", "x"),
    ]);
    let dropped = [
        (2, Removal::NearDuplicate { of: 1 }),
        (4, Removal::Duplicate { of: 1 }),
    ];
    check(&near, examples.clone(), &[1, 3, 5], &dropped);
    // Two questions about one passage are two rows.
    for (example, question) in examples
        .iter_mut()
        .zip(["who?", "when?", "why?", "who ?", "b"])
    {
        example.pair = Some(question.into());
        example.target = Target::Answers(Vec::new());
    }
    check(
        &near,
        examples,
        &[1, 2, 3, 5],
        &[(4, Removal::NearDuplicate { of: 1 })],
    );
}

#[test]
fn conflicts_are_dropped_or_settled_by_majority() {
    let conflicts = |how| Cleaning {
        conflicts: Some(how),
        ..Cleaning::default()
    };
    let examples = || {
        rows(&[
            ("a", "x"),
            ("a", "y"),
            ("a ", "x"),
            ("b", "x"),
            ("c", "x"),
            ("c", "y"),
            ("b", "x"),
        ])
    };
    let conflict = |row| (row, Removal::Conflict);
    let all = [1, 2, 3, 5, 6].map(conflict);
    check(&conflicts(Conflicts::Drop), examples(), &[4, 7], &all);
    let minority = [2, 5, 6].map(conflict);
    check(
        &conflicts(Conflicts::Majority),
        examples(),
        &[1, 3, 4, 7],
        &minority,
    );
    // Two answers to one question are no conflict.
    let answered = |row| example(row, "a", Target::Text(format!("answer {row}")));
    check(
        &conflicts(Conflicts::Drop),
        vec![answered(1), answered(2)],
        &[1, 2],
        &[],
    );
}

#[test]
fn conflicts_are_settled_after_labels_are_merged_and_texts_mended() {
    let cleaning = Cleaning {
        labels: [("pos".to_owned(), "positive".to_owned())].into(),
        lowercase: true,
        conflicts: Some(Conflicts::Drop),
        duplicates: Some(Alike::Exact),
        ..Cleaning::default()
    };
    let examples = rows(&[
        ("Good", "pos"),
        ("good", "positive"),
        ("Bad", "x"),
        ("bad", "y"),
    ]);
    let dropped = [
        (2, Removal::Duplicate { of: 1 }),
        (3, Removal::Conflict),
        (4, Removal::Conflict),
    ];
    check(&cleaning, examples, &[1], &dropped);
}

#[test]
fn single_rows_are_changed_before_anything_else() {
    let examples = rows(&[("A", "x"), ("B", "x"), ("C", "x")]);
    let cleaning = Cleaning {
        lowercase: true,
        labels: [("y".to_owned(), "z".to_owned())].into(),
        rows: vec![
            RowEdit::relabel(Part::Train, &examples[0], NewLabel::One("y".into())),
            RowEdit::drop(Part::Train, &examples[1]),
            RowEdit::drop(Part::Test, &examples[2]),
        ],
        ..Cleaning::default()
    };
    let cleaned = clean(&cleaning, examples);
    assert_eq!(cleaned.examples[0], example(1, "a", label("z")));
    assert_eq!(cleaned.examples[1].row, 3);
    assert_eq!(cleaned.dropped[0].reason, Reason::Cleaned(Removal::ByHand));
}

#[test]
fn what_a_row_cannot_take_is_an_error_with_its_remedy() {
    let examples = rows(&[("A", "x")]);
    let mut edited = examples[0].clone();
    edited.text = "B".into();
    let cleaning = Cleaning {
        rows: vec![RowEdit::drop(Part::Train, &edited)],
        ..Cleaning::default()
    };
    let error = cleaning.clean(Part::Train, examples.clone()).unwrap_err();
    assert!(
        error.to_string().contains("row 1 of the train data"),
        "{error}"
    );
    assert!(error.remedy_text().is_some());
    let cleaning = Cleaning {
        stop_words: Some("xx".into()),
        ..Cleaning::default()
    };
    assert!(cleaning.clean(Part::Train, examples).is_err());
}

#[test]
fn a_text_to_be_written_keeps_its_stop_words() {
    let cleaning = Cleaning {
        stop_words: Some("en".into()),
        white_space: true,
        ..Cleaning::default()
    };
    let summary = example(
        1,
        "This is a long report",
        Target::Text(" It is  long ".into()),
    );
    let cleaned = clean(&cleaning, vec![summary]);
    assert_eq!(cleaned.examples[0].text, "long report");
    assert_eq!(
        cleaned.examples[0].target,
        Target::Text("It is long".into())
    );
}

#[test]
fn answers_are_put_where_they_stand() {
    let cleaning = Cleaning {
        repair_answers: true,
        html: true,
        ..Cleaning::default()
    };
    let answer = |start: usize| Answer {
        text: "Bern".into(),
        start: Some(start),
    };
    let passage = "The <b>capital</b> is Bern";
    let cleaned = clean(
        &cleaning,
        vec![example(1, passage, Target::Answers(vec![answer(2)]))],
    );
    assert_eq!(cleaned.examples[0].text, passage);
    assert_eq!(
        cleaned.examples[0].target,
        Target::Answers(vec![answer(22)])
    );
    assert_eq!(cleaned.changed, BTreeMap::from([(Rule::RepairAnswers, 1)]));
}

// What must always hold.

/// Pieces that mean something to a rule.
const PIECES: [&str; 24] = [
    "a",
    "B",
    " ",
    " ",
    "  ",
    "\n",
    "\u{0}",
    "\u{200B}",
    "<b>",
    "</b>",
    "<br>",
    "&lt;",
    "&amp;",
    "b>",
    "Ã©",
    "é",
    "e\u{301}",
    "@bob ",
    "www.a.com ",
    "the ",
    "ann@example.com",
    "你",
    "İ",
    "&#233;",
];

fn odd_text(draws: &mut Draws) -> String {
    (0..1 + draws.below(12))
        .map(|_| PIECES[draws.below(PIECES.len())])
        .collect()
}

/// Forty rows of odd texts with one of three labels.
fn odd_rows(draws: &mut Draws) -> Vec<Example> {
    (1..=40)
        .map(|row| {
            example(
                row,
                &odd_text(draws),
                label(["x", "y", "z"][draws.below(3)]),
            )
        })
        .collect()
}

/// Every rule but those for single rows.
fn everything() -> Cleaning {
    let on = "mojibake = true\ncontrol_characters = true\nhtml = true\nnfc = true\n\
        personal_data = [\"email\", \"phone\"]\nurls = true\nuser_names = true\nlowercase = true\n\
        stop_words = \"en\"\nwhite_space = true\nmin_characters = 2\nmax_characters = 40\n\
        conflicts = \"majority\"\nduplicates = \"near\"\n[labels]\nz = \"y\"\n";
    toml::from_str(on).unwrap()
}

#[test]
fn cleaning_twice_is_cleaning_once() {
    let cleaning = everything();
    let mut changed = BTreeSet::new();
    for seed in 0..300 {
        let mut draws = Stream::new(seed, Purpose::Split, 0).draws();
        let once = clean(&cleaning, odd_rows(&mut draws));
        changed.extend(once.changed.keys().copied());
        let twice = clean(&cleaning, once.examples.clone());
        assert_eq!(twice.examples, once.examples, "seed {seed}");
        assert!(
            twice.dropped.is_empty() && twice.changed.is_empty(),
            "seed {seed}: {twice:?}"
        );
    }
    // Every rule had something to do, but for those of other kinds.
    assert_eq!(changed.len(), 11, "{changed:?}");
}

#[test]
fn every_row_is_left_or_dropped() {
    for seed in 0..50 {
        let mut draws = Stream::new(seed, Purpose::Split, 1).draws();
        let examples = odd_rows(&mut draws);
        let cleaned = clean(&everything(), examples.clone());
        let left = cleaned.examples.iter().map(|example| example.row);
        let dropped = cleaned.dropped.iter().map(|aside| aside.row);
        let all: BTreeSet<usize> = left.chain(dropped).collect();
        assert_eq!(all.len(), examples.len());
        assert_eq!(
            cleaned.examples.len() + cleaned.dropped.len(),
            examples.len()
        );
    }
}

#[test]
fn the_order_of_rows_decides_only_which_of_equals_is_first() {
    for seed in 0..50 {
        let mut draws = Stream::new(seed, Purpose::Split, 2).draws();
        let examples = odd_rows(&mut draws);
        let mut reversed = examples.clone();
        reversed.reverse();
        let cleaning = Cleaning {
            duplicates: Some(Alike::Exact),
            ..everything()
        };
        let contents = |examples| -> BTreeSet<(String, String)> {
            let cleaned = clean(&cleaning, examples);
            let rows = cleaned.examples.into_iter();
            rows.map(|row| (row.text.clone(), row.label().to_owned()))
                .collect()
        };
        assert_eq!(contents(examples), contents(reversed), "seed {seed}");
    }
}

#[test]
fn words_stay_under_their_tags() {
    for seed in 0..200 {
        let mut draws = Stream::new(seed, Purpose::Split, 3).draws();
        let mut text = String::new();
        let mut words = Vec::new();
        for number in 0..6 {
            let word: String = odd_text(&mut draws).split_whitespace().collect();
            if !text.is_empty() {
                text.push(' ');
            }
            let start = text.len();
            text.push_str(&format!("w{number}{word}"));
            words.push(TaggedWord {
                place: start..text.len(),
                tag: format!("B-{number}"),
            });
        }
        let cleaning = Cleaning {
            min_characters: None,
            max_characters: None,
            ..everything()
        };
        let cleaned = clean(&cleaning, vec![example(1, &text, Target::Tags(words))]);
        let example = &cleaned.examples[0];
        let Target::Tags(words) = &example.target else {
            panic!("the target is another");
        };
        assert_eq!(words.len(), 6);
        for (number, word) in words.iter().enumerate() {
            assert_eq!(word.tag, format!("B-{number}"));
            let found = &example.text[word.place.clone()];
            assert!(
                found.starts_with(&format!("w{number}")) || found.starts_with('<'),
                "{found}"
            );
        }
    }
}

#[test]
fn any_text_is_previewed_as_it_is_cleaned() {
    let cleaning = everything();
    for seed in 0..100 {
        let mut draws = Stream::new(seed, Purpose::Split, 4).draws();
        let text = odd_text(&mut draws);
        let unlimited = Cleaning {
            min_characters: None,
            max_characters: None,
            ..cleaning.clone()
        };
        let cleaned = clean(&unlimited, vec![example(1, &text, label("x"))]);
        let preview = cleaning.preview(&text);
        match cleaned.examples.first() {
            Some(row) => assert_eq!(row.text, preview),
            None => assert!(preview.trim().is_empty()),
        }
    }
}

#[test]
fn tags_are_written_in_another_scheme() {
    let tagged = |tags: &[&str]| {
        let words = tags.iter().enumerate().map(|(word, tag)| TaggedWord {
            place: 2 * word..2 * word + 1,
            tag: (*tag).to_owned(),
        });
        example(1, "a b c d", Target::Tags(words.collect()))
    };
    let cleaning = Cleaning {
        tag_scheme: Some(TagScheme::Bioes),
        ..Cleaning::default()
    };
    let rows = vec![tagged(&["I-PER", "I-PER", "O", "I-LOC"]), tagged(&["O"; 4])];
    let cleaned = cleaning.clean(Part::Train, rows).unwrap();
    let tags: Vec<&str> = cleaned.examples[0].labels().collect();
    assert_eq!(tags, ["B-PER", "E-PER", "O", "S-LOC"]);
    assert_eq!(cleaned.changed, BTreeMap::from([(Rule::TagScheme, 1)]));
    // Types alone do not say where an entity ends: that is told, not passed over.
    let types = vec![tagged(&["O"; 4]), tagged(&["PER", "O", "O", "O"])];
    let fault = cleaning.clean(Part::Train, types).unwrap_err().to_string();
    assert!(
        fault.contains("written in BIOES") && fault.contains("\"PER\" in row 1"),
        "{fault}"
    );
}
