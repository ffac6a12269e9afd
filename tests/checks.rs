//! What the checks find in data that has everything wrong, and that they are silent on clean data.

use luthier::data::checks::{Check, CheckOptions, Checker, Finding, Level, TokenCount};
use luthier::data::{Answer, Example, Part, Remedy, Rule, TaggedWord, Target};
use luthier::error::Error;
use luthier::rng::{Purpose, Stream};

fn rows(rows: &[(&str, &str)]) -> Vec<Example> {
    examples(
        rows.iter()
            .map(|&(text, label)| (text.to_owned(), label_of(label))),
    )
}

fn label_of(label: &str) -> Target {
    Target::Label(label.into())
}

fn examples(rows: impl IntoIterator<Item = (String, Target)>) -> Vec<Example> {
    rows.into_iter()
        .enumerate()
        .map(|(position, (text, target))| Example {
            row: position + 1,
            line: position + 2,
            text,
            pair: None,
            target,
            group: None,
            part: None,
        })
        .collect()
}

/// A text that resembles no other.
fn text(number: usize) -> String {
    const WORDS: [&str; 16] = [
        "amber", "basket", "candle", "dove", "ember", "flute", "garden", "harbour", "island",
        "jacket", "kettle", "ladder", "meadow", "needle", "orchard", "pebble",
    ];
    let mut draws = Stream::new(number as u64, Purpose::Shuffle, 0).draws();
    let words: Vec<&str> = (0..8).map(|_| WORDS[draws.below(WORDS.len())]).collect();
    words.join(" ")
}

/// Rows without a fault: two labels in turn.
fn clean(count: usize) -> Vec<Example> {
    examples((0..count).map(|number| (text(number), label_of(["good", "bad"][number % 3 % 2]))))
}

fn check(parts: &[(Part, &[Example])]) -> Vec<Finding> {
    let mut checker = Checker::new(CheckOptions::default());
    for (part, examples) in parts {
        checker.feed(*part, examples).unwrap();
    }
    checker.finish()
}

fn found(findings: &[Finding], check: Check) -> &Finding {
    let finding = findings.iter().find(|finding| finding.check == check);
    finding.unwrap_or_else(|| panic!("{} in {findings:#?}", check.name()))
}

fn count(findings: &[Finding], check: Check) -> usize {
    let finding = findings.iter().find(|finding| finding.check == check);
    finding.map_or(0, |finding| finding.count)
}

#[test]
fn clean_rows_have_no_findings() {
    assert_eq!(check(&[(Part::Train, &clean(300))]), []);
    assert_eq!(check(&[]), []);
}

#[test]
fn copies_are_counted_beyond_the_first() {
    let rows = rows(&[
        ("a b", "x"),
        (" a b\n", "x"),
        ("a b", "x"),
        ("A b", "x"),
        ("c", "y"),
    ]);
    let findings = check(&[(Part::Train, &rows)]);
    let duplicates = found(&findings, Check::ExactDuplicates);
    assert_eq!(duplicates.count, 1);
    assert_eq!(
        (duplicates.examples[0].row, duplicates.examples[0].line),
        (3, 4)
    );
    // White space at the ends makes no copy, but it is told.
    let note = duplicates.note.as_deref().unwrap_or_default();
    assert!(note.starts_with("1 more"), "{note}");
    assert_eq!(duplicates.examples[0].detail.as_deref(), Some("as row 1"));
    // Another case is another text, but a near one.
    assert_eq!(count(&findings, Check::NearDuplicates), 1);
}

#[test]
fn a_pair_is_a_copy_when_both_texts_are() {
    let mut rows = rows(&[("a", "x"), ("a", "x"), ("a", "x")]);
    for (row, pair) in rows.iter_mut().zip(["b", "c", "b"]) {
        row.pair = Some(pair.into());
    }
    assert_eq!(
        count(&check(&[(Part::Train, &rows)]), Check::ExactDuplicates),
        1
    );
}

#[test]
fn near_pairs_are_near_in_both_texts() {
    let passage = text(1).repeat(4);
    let pair = |question: &str| {
        let mut rows = rows(&[(&passage, "x")]);
        rows[0].pair = Some(question.into());
        rows.remove(0)
    };
    let rows = [
        pair("Where was she born?"),
        pair("When did she die?"),
        pair("where was she born"),
    ];
    let findings = check(&[(Part::Train, &rows)]);
    assert_eq!(count(&findings, Check::NearDuplicates), 1);
}

#[test]
fn contradictions_come_with_all_rows_and_labels() {
    let rows = rows(&[
        ("fine", "good"),
        ("fine", "good"),
        ("fine", "bad"),
        ("meh", "bad"),
        ("fine", "good"),
        ("meh", "so-so"),
    ]);
    let findings = check(&[(Part::Train, &rows)]);
    let conflicts = found(&findings, Check::ConflictingLabels);
    assert_eq!(conflicts.count, 2);
    assert_eq!(conflicts.examples.len(), 2);
    let pairs: Vec<_> = conflicts
        .pairs
        .iter()
        .map(|pair| (&*pair.from, &*pair.to, pair.count))
        .collect();
    assert_eq!(pairs, [("bad", "good", 1), ("bad", "so-so", 1)]);
    let variants: Vec<_> = conflicts.groups[0]
        .variants
        .iter()
        .map(|variant| (variant.row, variant.count, variant.label.as_deref()))
        .collect();
    assert_eq!(variants, [(1, 3, Some("good")), (3, 1, Some("bad"))]);
    assert_eq!(count(&findings, Check::ExactDuplicates), 2);
}

#[test]
fn several_answers_or_labels_in_another_order_are_no_contradiction() {
    let labels =
        |labels: &[&str]| Target::Labels(labels.iter().map(|&label| label.into()).collect());
    let written = |text: &str| Target::Text(text.into());
    let rows = examples(
        [
            labels(&["a", "b"]),
            labels(&["b", "a"]),
            written("x"),
            written("y"),
            Target::Nothing,
        ]
        .map(|target| ("one text".to_owned(), target)),
    );
    let findings = check(&[(Part::Train, &rows[..2])]);
    assert_eq!(count(&findings, Check::ConflictingLabels), 0);
    assert_eq!(count(&findings, Check::ExactDuplicates), 1);
    let findings = check(&[(Part::Train, &rows[2..4])]);
    assert_eq!(count(&findings, Check::ConflictingLabels), 0);
    assert_eq!(count(&findings, Check::ExactDuplicates), 0);
    // Nothing is known of the last one, so that it contradicts nothing.
    let findings = check(&[(Part::Train, &rows[1..2]), (Part::Test, &rows[4..])]);
    assert_eq!(count(&findings, Check::ConflictingLabels), 0);
    assert_eq!(count(&findings, Check::Leaks), 1);
}

#[test]
fn leaks_are_charged_to_the_later_part() {
    let train = rows(&[("one", "x"), ("two", "y"), ("two", "y")]);
    let validation = rows(&[("two", "y"), ("three", "x")]);
    let test = rows(&[("one", "y"), ("one", "y"), ("three", "x"), ("four", "x")]);
    let parts: [(Part, &[Example]); 3] = [
        (Part::Train, &train),
        (Part::Validation, &validation),
        (Part::Test, &test),
    ];
    let findings = check(&parts);
    let leaks = found(&findings, Check::Leaks);
    assert_eq!(leaks.count, 4);
    let shares: Vec<_> = leaks
        .shares
        .iter()
        .map(|share| (&*share.name, share.count))
        .collect();
    assert_eq!(
        shares,
        [
            ("test rows in training", 2),
            ("test rows in validation", 1),
            ("validation rows in training", 1)
        ]
    );
    assert_eq!(leaks.groups.len(), 3);
    assert_eq!(leaks.check.level(), Level::Trouble);
    // Copies count within a part.
    assert_eq!(count(&findings, Check::ExactDuplicates), 2);
    assert_eq!(count(&findings, Check::ConflictingLabels), 1);
}

#[test]
fn near_copies_are_found_within_and_between_parts() {
    let long = |end: &str| format!("{} {} {end}", text(1), text(2));
    let train = rows(&[(&long("one"), "x"), (&long("two"), "x"), (&text(3), "x")]);
    let test = rows(&[(&long("three"), "x"), (&text(4), "x")]);
    let findings = check(&[(Part::Train, &train), (Part::Test, &test)]);
    let near = found(&findings, Check::NearDuplicates);
    assert_eq!((near.count, near.examples[0].row), (1, 2));
    let leaks = found(&findings, Check::NearLeaks);
    assert_eq!((leaks.count, leaks.examples[0].row), (1, 1));
    assert_eq!(leaks.groups[0].variants.len(), 3);
    assert_eq!(count(&findings, Check::Leaks), 0);
}

#[test]
fn near_copies_with_other_labels_come_first() {
    let long = |number: usize, end: &str| format!("{} {} {end}", text(number), text(number + 1));
    let train = rows(&[
        (&long(1, "one"), "x"),
        (&long(1, "two"), "x"),
        (&long(5, "one"), "x"),
        (&long(5, "two"), "y"),
        (&long(5, "ten"), "x"),
    ]);
    let findings = check(&[(Part::Train, &train)]);
    let near = found(&findings, Check::NearDuplicates);
    assert_eq!((near.count, near.examples.len()), (3, 3));
    let note = near.note.as_deref().unwrap();
    assert!(note.starts_with("1 of them has another label"), "{note}");
    let detail = near.examples[0].detail.as_deref().unwrap();
    assert!(
        detail.starts_with("y, but x in row 3, nearly the same: "),
        "{detail}"
    );
    let labels = |group: usize| -> Vec<_> {
        let variants = near.groups[group].variants.iter();
        variants
            .map(|variant| (variant.label.as_deref(), variant.count))
            .collect()
    };
    assert_eq!(labels(0), [(Some("x"), 2), (Some("y"), 1)]);
    assert_eq!(labels(1), [(None, 1), (None, 1)]);
}

#[test]
fn labels_are_weighed_and_compared() {
    let label = |number: usize| match number {
        0 => "positve",
        1 | 2 => "neutral",
        _ if number.is_multiple_of(3) => "negative",
        _ => "positive",
    };
    let rows = examples((0..300).map(|number| (text(number), label_of(label(number)))));
    let findings = check(&[(Part::Train, &rows)]);
    let rare = found(&findings, Check::RareLabels);
    let shares: Vec<_> = rare
        .shares
        .iter()
        .map(|share| (&*share.name, share.count))
        .collect();
    assert_eq!(shares, [("positve", 1), ("neutral", 2)]);
    assert!(rare.note.as_ref().unwrap().starts_with("2 of them"));
    let similar = found(&findings, Check::SimilarLabels);
    assert_eq!(
        (&*similar.pairs[0].from, &*similar.pairs[0].to),
        ("positve", "positive")
    );
    assert_eq!(similar.pairs.len(), 1);
    let imbalance = found(&findings, Check::Imbalance);
    assert_eq!(imbalance.count, 2);
    assert_eq!(imbalance.shares[0].name, "positive");
}

#[test]
fn labels_that_training_lacks_and_a_lone_label_are_found() {
    let train = rows(&[(&text(1), "x"), (&text(2), "y")]);
    let test = rows(&[(&text(3), "x"), (&text(4), "z"), (&text(5), "z")]);
    let findings = check(&[(Part::Train, &train), (Part::Test, &test)]);
    let unseen = found(&findings, Check::UnseenLabels);
    assert_eq!((unseen.count, unseen.check.level()), (1, Level::Trouble));
    assert_eq!((&*unseen.shares[0].name, unseen.shares[0].count), ("z", 2));
    assert_eq!(
        (unseen.examples[0].part, unseen.examples[0].row),
        (Part::Test, 2)
    );
    assert_eq!(count(&findings, Check::OneLabel), 0);

    let findings = check(&[(Part::Train, &train[..1])]);
    assert_eq!(found(&findings, Check::OneLabel).shares[0].name, "x");
    assert_eq!(count(&findings, Check::UnseenLabels), 0);
}

#[test]
fn a_label_on_copies_of_one_text_is_rare() {
    let mut rows = clean(100);
    for row in &mut rows[60..] {
        row.text = "always the same".into();
        row.target = label_of("copied");
    }
    let findings = check(&[(Part::Train, &rows)]);
    assert_eq!(found(&findings, Check::RareLabels).shares[0].name, "copied");
}

#[test]
fn sorted_rows_are_told_from_shuffled_ones() {
    let by = |label: fn(usize) -> usize| {
        let rows =
            examples((0..200).map(|number| (text(number), label_of(&label(number).to_string()))));
        count(&check(&[(Part::Train, &rows)]), Check::Sorted)
    };
    assert_eq!(by(|number| number / 100), 200);
    assert_eq!(by(|number| number / 50), 200);
    assert_eq!(by(|number| number % 2), 0);
    assert_eq!(by(|number| number * 7 % 11 % 3), 0);
    assert_eq!(by(|_| 1), 0);
}

#[test]
fn characters_markup_and_personal_data_are_seen() {
    let mut rows = clean(40);
    for (row, text) in rows.iter_mut().zip([
        "so <b>bold</b> &amp; brave",
        "nul\u{0} byte",
        "lost \u{fffd} letter",
        "cafÃ© au lait",
        "write to jo@example.com or call +44 20 7946 0958, jo@example.com",
        "\u{200b}\u{200b}",
    ]) {
        row.text = text.into();
    }
    let findings = check(&[(Part::Train, &rows)]);
    for (check, row) in [
        (Check::Html, 1),
        (Check::ControlCharacters, 2),
        (Check::ReplacementCharacters, 3),
        (Check::Mojibake, 4),
        (Check::PersonalData, 5),
        (Check::Empty, 6),
    ] {
        let finding = found(&findings, check);
        assert_eq!(finding.examples[0].row, row, "{}", check.name());
    }
    let personal = found(&findings, Check::PersonalData);
    assert_eq!(personal.count, 1);
    let shares: Vec<_> = personal
        .shares
        .iter()
        .map(|share| (&*share.name, share.count))
        .collect();
    assert_eq!(shares, [("e-mail address", 2), ("phone number", 1)]);
}

fn sentence(words: &[(&str, &str)]) -> (String, Target) {
    let mut text = String::new();
    let mut tagged = Vec::new();
    for (word, tag) in words {
        if !text.is_empty() {
            text.push(' ');
        }
        let start = text.len();
        text.push_str(word);
        tagged.push(TaggedWord {
            place: start..text.len(),
            tag: (*tag).into(),
        });
    }
    (text, Target::Tags(tagged))
}

#[test]
fn tags_are_held_against_the_scheme_of_the_file() {
    let good = || sentence(&[("Ada", "B-PER"), ("Lovelace", "I-PER"), ("lived", "O")]);
    let bad = || sentence(&[("in", "O"), ("London", "I-LOC"), (",", "I-LOC")]);
    let rows = examples([good(), good(), good(), bad()]);
    let findings = check(&[(Part::Train, &rows)]);
    let illegal = found(&findings, Check::IllegalTags);
    assert_eq!((illegal.count, illegal.examples[0].row), (1, 4));
    assert_eq!(illegal.examples[0].detail.as_deref(), Some("O I-LOC I-LOC"));
    let edges = found(&findings, Check::EntityBoundaries);
    assert_eq!((edges.count, &*edges.shares[0].name), (1, "LOC"));
    // A letter of another scheme is a slip, and makes no other of the file.
    let ended = sentence(&[("in", "O"), ("New", "B-LOC"), ("York", "E-LOC")]);
    let rows = examples([good(), good(), good(), ended]);
    let findings = check(&[(Part::Train, &rows)]);
    let illegal = found(&findings, Check::IllegalTags);
    assert_eq!((illegal.count, illegal.examples[0].row), (1, 4));
    assert!(
        illegal.note.as_deref().unwrap().contains("IOB2"),
        "{illegal:?}"
    );
    // The same tags are right in IOB1.
    let rows = examples([bad(), bad()]);
    assert_eq!(
        count(&check(&[(Part::Train, &rows)]), Check::IllegalTags),
        0
    );
}

#[test]
fn parts_that_tag_in_different_schemes_are_told_what_makes_them_one() {
    let train = [("Ada", "B-PER"), ("Lovelace", "I-PER"), ("Byron", "I-PER")];
    let other = [("Ada", "B-PER"), ("Lovelace", "E-PER"), ("lived", "O")];
    let (train, other) = (examples([sentence(&train)]), examples([sentence(&other)]));
    let findings = check(&[(Part::Train, &train), (Part::Validation, &other)]);
    let note = found(&findings, Check::IllegalTags).note.as_deref();
    let note = note.unwrap();
    for words in [
        "train follow IOB2",
        "validation BIOES",
        "--clean tag_scheme=iob2",
    ] {
        assert!(note.contains(words), "{note}");
    }
}

#[test]
fn answers_are_looked_up_in_their_passages() {
    let answer = |text: &str, start| Answer {
        text: text.into(),
        start: Some(start),
    };
    let question = |answers| {
        (
            "Ada was born in London.".to_owned(),
            Target::Answers(answers),
        )
    };
    let mut rows = examples([
        question(vec![answer("London", 16)]),
        question(vec![answer("London", 17)]),
        question(vec![answer("Paris", 16)]),
        question(vec![]),
    ]);
    for (number, row) in rows.iter_mut().enumerate() {
        row.pair = Some(text(number));
    }
    let findings = check(&[(Part::Train, &rows)]);
    let offsets = found(&findings, Check::AnswerOffsets);
    assert_eq!(offsets.count, 2);
    let shares: Vec<_> = offsets
        .shares
        .iter()
        .map(|share| (&*share.name, share.count))
        .collect();
    assert_eq!(
        shares,
        [("found once elsewhere", 1), ("not in the passage", 1)]
    );
    assert_eq!(offsets.remedies(), [Remedy::Apply(Rule::RepairAnswers)]);
    // Nothing is offered for what cleaning cannot put right, but what to do is said.
    let absent = check(&[(Part::Train, &rows[2..])]);
    let absent = found(&absent, Check::AnswerOffsets);
    assert!(absent.remedies().is_empty());
    let note = absent.note.as_deref().unwrap();
    assert!(note.starts_with("1 answer is not in its passage"), "{note}");
    assert_eq!(count(&findings, Check::Unanswerable), 1);
}

#[test]
fn lengths_are_those_of_the_caller() {
    let tokens = |examples: &[&Example]| {
        let count = |example: &&Example| TokenCount {
            tokens: example.text.split(' ').count(),
            unknown: example.text.matches('?').count(),
        };
        Ok(examples.iter().map(count).collect())
    };
    let rows = rows(&[
        ("one two three", "x"),
        ("one two ?", "y"),
        ("one two three four", "x"),
    ]);
    let options = CheckOptions {
        max_length: Some(3),
        tokens: Some(&tokens),
    };
    let mut checker = Checker::new(options);
    checker.feed(Part::Train, &rows).unwrap();
    let findings = checker.finish();
    let long = found(&findings, Check::TooLong);
    assert_eq!((long.count, long.examples[0].row), (1, 3));
    assert_eq!(long.note.as_deref(), Some("The longest has 4 tokens."));
    let unknown = found(&findings, Check::UnknownCharacters);
    assert_eq!((unknown.count, unknown.examples[0].row), (1, 2));
    assert_eq!(
        unknown.note.as_deref(),
        Some("10.00 % of all tokens are unknown.")
    );
    let failing = |_: &[&Example]| Err(Error::new("no tokenizer"));
    let options = CheckOptions {
        tokens: Some(&failing),
        ..CheckOptions::default()
    };
    assert!(Checker::new(options).feed(Part::Train, &rows).is_err());
}

/// Everything wrong at once, so that any order or thread that mattered would show.
fn spoiled() -> Vec<Example> {
    let mut rows = clean(6000);
    for number in 0..2000 {
        let row = &mut rows[number * 3];
        match number % 5 {
            0 => {
                row.text = text(7);
                row.target = label_of(["good", "bad"][number % 2]);
            }
            1 => row.text.push_str(" <br>"),
            2 => row.text = format!("{} {} {number}", text(number % 50), text(8)),
            3 => row.text.push('\u{fffd}'),
            _ => row.target = label_of(&format!("label{}", number % 40)),
        }
    }
    rows
}

#[test]
fn neither_pieces_nor_threads_change_the_findings() {
    let rows = spoiled();
    let whole = check(&[(Part::Train, &rows)]);
    assert!(whole.len() > 5);
    let mut pieces = Checker::new(CheckOptions::default());
    for piece in rows.chunks(77) {
        pieces.feed(Part::Train, piece).unwrap();
    }
    assert_eq!(pieces.finish(), whole);
    let one = rayon::ThreadPoolBuilder::new()
        .num_threads(1)
        .build()
        .unwrap();
    assert_eq!(one.install(|| check(&[(Part::Train, &rows)])), whole);
}

#[test]
fn findings_are_written_as_json() {
    let rows = rows(&[("fine", "good"), ("fine", "bad")]);
    let findings = check(&[(Part::Train, &rows)]);
    let json = serde_json::to_value(found(&findings, Check::ConflictingLabels)).unwrap();
    assert_eq!(json["name"], "conflicting_labels");
    assert_eq!(json["count"], 1);
    assert_eq!(json["examples"][0]["row"], 2);
    assert_eq!(json["examples"][0]["part"], "train");
    assert_eq!(json["groups"][0]["variants"][1]["label"], "bad");
    assert!(json.get("note").is_none());
}
