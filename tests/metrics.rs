//! Scores against scikit-learn, scipy, seqeval and the SQuAD script.
//!
//! `fixtures/sklearn-metrics.json` was made with scikit-learn 1.9.1: `labels` all label ids,
//! `zero_division` 0, confusion matrix rows are gold, `roc_auc_score` on the score of label 1.

use std::collections::BTreeMap;

use luthier::data::tags::{TagScheme, entities, strict_entities};
use luthier::metrics::{
    Confusion, EntityCounts, LabelCounts, LabelScores, Scores, names, regression_scores, roc_auc,
    score_answer,
};
use serde::Deserialize;

#[derive(Deserialize)]
struct Fixture {
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    name: String,
    labels: Vec<String>,
    gold: Vec<usize>,
    predicted: Vec<usize>,
    accuracy: f64,
    #[serde(rename = "macro")]
    macro_mean: Averages,
    micro: Averages,
    weighted: Averages,
    per_class: Vec<PerClass>,
    confusion_matrix: Vec<Vec<u64>>,
    matthews_corrcoef: f64,
    scores: Option<Vec<f64>>,
    roc_auc: Option<f64>,
}

#[derive(Deserialize)]
struct Averages {
    precision: f64,
    recall: f64,
    f1: f64,
}

#[derive(Deserialize)]
struct PerClass {
    precision: f64,
    recall: f64,
    f1: f64,
    support: u64,
}

fn cases() -> Vec<Case> {
    let text = include_str!("fixtures/sklearn-metrics.json");
    let fixture: Fixture = serde_json::from_str(text).unwrap();
    assert!(fixture.cases.len() >= 11);
    fixture.cases
}

fn confusion(case: &Case) -> Confusion {
    let mut confusion = Confusion::new(case.labels.len());
    for (&gold, &predicted) in case.gold.iter().zip(&case.predicted) {
        confusion.add(gold, predicted);
    }
    confusion
}

#[track_caller]
fn check(case: &Case, name: &str, found: Option<f64>, expected: f64) {
    let found = found.unwrap_or_else(|| panic!("{}: {name} is missing", case.name));
    assert!(
        (found - expected).abs() < 1e-9,
        "{}: {name} {found}, not {expected}",
        case.name
    );
}

#[test]
fn averages_equal_scikit_learn() {
    for case in cases() {
        let confusion = confusion(&case);
        let scores = confusion.scores();
        for (name, expected) in [
            (names::ACCURACY, case.accuracy),
            (names::PRECISION_MACRO, case.macro_mean.precision),
            (names::RECALL_MACRO, case.macro_mean.recall),
            (names::F1_MACRO, case.macro_mean.f1),
            (names::PRECISION_MICRO, case.micro.precision),
            (names::RECALL_MICRO, case.micro.recall),
            (names::F1_MICRO, case.micro.f1),
            (names::PRECISION_WEIGHTED, case.weighted.precision),
            (names::RECALL_WEIGHTED, case.weighted.recall),
            (names::F1_WEIGHTED, case.weighted.f1),
            (names::MATTHEWS_CORRELATION, case.matthews_corrcoef),
        ] {
            check(&case, name, scores.get(name), expected);
        }
        check(
            &case,
            "f1_macro()",
            confusion.f1_macro(),
            case.macro_mean.f1,
        );
    }
}

#[test]
fn scores_per_label_equal_scikit_learn() {
    for case in cases() {
        let confusion = confusion(&case);
        for (id, (found, expected)) in confusion
            .per_label()
            .iter()
            .zip(&case.per_class)
            .enumerate()
        {
            check(
                &case,
                "precision",
                Some(found.precision),
                expected.precision,
            );
            check(&case, "recall", Some(found.recall), expected.recall);
            check(&case, "f1", Some(found.f1), expected.f1);
            assert_eq!(found.support, expected.support, "{}: support", case.name);
            for (predicted, &count) in case.confusion_matrix[id].iter().enumerate() {
                assert_eq!(
                    confusion.count(id, predicted),
                    count,
                    "{}: counts",
                    case.name
                );
            }
        }
    }
}

#[test]
fn roc_auc_equals_scikit_learn() {
    let mut compared = 0;
    for case in cases() {
        let (Some(scores), Some(expected)) = (&case.scores, case.roc_auc) else {
            continue;
        };
        let examples: Vec<(f64, bool)> = scores
            .iter()
            .zip(&case.gold)
            .map(|(&score, &gold)| (score, gold == 1))
            .collect();
        check(&case, "roc_auc", roc_auc(&examples), expected);
        compared += 1;
    }
    assert!(compared >= 3);
}

/// `fixtures/task-metrics.json`: what the field's own scorers say of the other tasks.
#[derive(Deserialize)]
struct TaskFixture {
    multi_label: Vec<MultiCase>,
    numbers: Vec<NumbersCase>,
    entities: Vec<EntitiesCase>,
    answers: Vec<AnswerCase>,
}

#[derive(Deserialize)]
struct MultiCase {
    name: String,
    gold: Vec<Vec<u8>>,
    given: Vec<Vec<u8>>,
    accuracy: f64,
    micro: Averages,
    #[serde(rename = "macro")]
    macro_mean: Averages,
    weighted: Averages,
    per_label: Vec<PerClass>,
}

#[derive(Deserialize)]
struct NumbersCase {
    name: String,
    gold: Vec<f64>,
    given: Vec<f64>,
    pearson: Option<f64>,
    spearman: Option<f64>,
    mse: f64,
    mae: f64,
}

#[derive(Deserialize)]
struct EntitiesCase {
    name: String,
    scheme: TagSchemeName,
    gold: Vec<String>,
    given: Vec<String>,
    accuracy: f64,
    precision: f64,
    recall: f64,
    f1: f64,
    f1_strict: f64,
    per_type: BTreeMap<String, PerClass>,
}

#[derive(Clone, Copy, Deserialize)]
enum TagSchemeName {
    #[serde(rename = "IOB1")]
    Iob1,
    #[serde(rename = "IOB2")]
    Iob2,
    #[serde(rename = "BIOES")]
    Bioes,
}

#[derive(Deserialize)]
struct AnswerCase {
    gold: Vec<String>,
    given: String,
    exact: f64,
    f1: f64,
}

fn task_fixture() -> TaskFixture {
    serde_json::from_str(include_str!("fixtures/task-metrics.json")).unwrap()
}

fn same(ours: Option<f64>, theirs: f64, what: &str) {
    let ours = ours.unwrap_or_else(|| panic!("{what} is missing"));
    assert!((ours - theirs).abs() < 1e-9, "{what}: {ours} {theirs}");
}

fn same_label(ours: LabelScores, theirs: &PerClass, what: &str) {
    same(Some(ours.precision), theirs.precision, what);
    same(Some(ours.recall), theirs.recall, what);
    same(Some(ours.f1), theirs.f1, what);
    assert_eq!(ours.support, theirs.support, "{what}");
}

#[test]
fn several_labels_score_as_in_scikit_learn() {
    for case in task_fixture().multi_label {
        let mut counts = LabelCounts::new(case.gold[0].len());
        let flags = |row: &Vec<u8>| row.iter().map(|&has| has == 1).collect::<Vec<bool>>();
        for (gold, given) in case.gold.iter().zip(&case.given) {
            counts.add(&flags(gold), &flags(given));
        }
        let scores = counts.scores();
        same(scores.get(names::ACCURACY), case.accuracy, &case.name);
        for (average, precision, recall, f1) in [
            (
                &case.micro,
                names::PRECISION_MICRO,
                names::RECALL_MICRO,
                names::F1_MICRO,
            ),
            (
                &case.macro_mean,
                names::PRECISION_MACRO,
                names::RECALL_MACRO,
                names::F1_MACRO,
            ),
            (
                &case.weighted,
                names::PRECISION_WEIGHTED,
                names::RECALL_WEIGHTED,
                names::F1_WEIGHTED,
            ),
        ] {
            same(scores.get(precision), average.precision, &case.name);
            same(scores.get(recall), average.recall, &case.name);
            same(scores.get(f1), average.f1, &case.name);
        }
        for (ours, theirs) in counts.per_label().into_iter().zip(&case.per_label) {
            same_label(ours, theirs, &case.name);
        }
    }
}

#[test]
fn numbers_correlate_as_in_scipy() {
    for case in task_fixture().numbers {
        let scores = regression_scores(&case.gold, &case.given);
        for (name, theirs) in [
            (names::PEARSON, case.pearson),
            (names::SPEARMAN, case.spearman),
        ] {
            match theirs {
                Some(theirs) => same(scores.get(name), theirs, &case.name),
                None => assert_eq!(scores.get(name), None, "{}", case.name),
            }
        }
        same(scores.get(names::MSE), case.mse, &case.name);
        same(scores.get(names::MAE), case.mae, &case.name);
    }
}

#[test]
fn entities_score_as_in_seqeval() {
    for case in task_fixture().entities {
        let scheme = match case.scheme {
            TagSchemeName::Iob1 => TagScheme::Iob1,
            TagSchemeName::Iob2 => TagScheme::Iob2,
            TagSchemeName::Bioes => TagScheme::Bioes,
        };
        let (mut counts, mut strict) = (EntityCounts::default(), EntityCounts::default());
        for (gold, given) in case.gold.iter().zip(&case.given) {
            let gold: Vec<&str> = gold.split(' ').collect();
            let given: Vec<&str> = given.split(' ').collect();
            let right = gold.iter().zip(&given).filter(|(a, b)| a == b).count();
            counts.add(&entities(&gold), &entities(&given));
            counts.add_words(right, gold.len());
            strict.add(
                &strict_entities(scheme, &gold),
                &strict_entities(scheme, &given),
            );
        }
        let scores: Scores = counts.scores();
        same(scores.get(names::ACCURACY), case.accuracy, &case.name);
        same(scores.get(names::PRECISION), case.precision, &case.name);
        same(scores.get(names::RECALL), case.recall, &case.name);
        same(scores.get(names::F1), case.f1, &case.name);
        same(Some(strict.micro().f1), case.f1_strict, &case.name);
        let ours = counts.per_type();
        assert_eq!(ours.len(), case.per_type.len(), "{}", case.name);
        for (kind, scores) in ours {
            same_label(scores, &case.per_type[&kind], &case.name);
        }
    }
}

#[test]
fn answers_score_as_in_the_squad_script() {
    for case in task_fixture().answers {
        let (exact, f1) = score_answer(&case.given, &case.gold);
        same(Some(exact), case.exact, &case.given);
        same(Some(f1), case.f1, &case.given);
    }
}
