//! Scores against scikit-learn.
//!
//! `fixtures/sklearn-metrics.json` was made with scikit-learn 1.9.1: `labels` all label ids,
//! `zero_division` 0, confusion matrix rows are gold, `roc_auc_score` on the score of label 1.

use luthier::metrics::{Confusion, names, roc_auc};
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
