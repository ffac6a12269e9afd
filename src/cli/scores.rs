//! Scores as tables.

use super::output::table;
use super::units::{counted, score};
use crate::metrics::Scores;
use crate::run::Evaluation;

/// The scores that a person looks at first, with names in words.
const SHOWN: [(&str, &str); 6] = [
    ("accuracy", "Accuracy"),
    ("f1_macro", "F1 (macro)"),
    ("precision_macro", "Precision (macro)"),
    ("recall_macro", "Recall (macro)"),
    ("roc_auc", "ROC AUC"),
    ("loss", "Loss"),
];

/// Labels beyond which a confusion matrix no longer fits a terminal.
const MATRIX_LABELS: usize = 12;

/// One column of scores per split.
pub fn side_by_side(splits: &[(&str, &Scores)]) -> Vec<String> {
    let mut rows = vec![vec![String::new()]];
    rows[0].extend(splits.iter().map(|(split, _)| (*split).to_owned()));
    for (name, words) in SHOWN {
        if splits.iter().all(|(_, scores)| scores.get(name).is_none()) {
            continue;
        }
        let mut row = vec![words.to_owned()];
        row.extend(splits.iter().map(|(_, scores)| score(scores.get(name))));
        rows.push(row);
    }
    table(&rows, &(1..=splits.len()).collect::<Vec<_>>())
}

/// An evaluation: scores with intervals and the majority's beside them, labels, mistakes.
pub fn evaluation(evaluation: &Evaluation) -> Vec<String> {
    let mut lines = overall(evaluation);
    lines.push(String::new());
    lines.extend(per_label(evaluation));
    if evaluation.labels.len() <= MATRIX_LABELS {
        lines.push(String::new());
        lines.extend(confusion(evaluation));
    }
    lines
}

fn overall(evaluation: &Evaluation) -> Vec<String> {
    let heading = ["", "score", "95 % interval", "always the commonest label"];
    let mut rows = vec![heading.map(str::to_owned).to_vec()];
    for (name, words) in SHOWN {
        let value = evaluation.scores.get(name);
        if value.is_none() {
            continue;
        }
        let interval = evaluation
            .intervals
            .iter()
            .find(|range| range.score == name);
        rows.push(vec![
            words.to_owned(),
            score(value),
            interval.map_or_else(String::new, |range| {
                format!("{:.4} – {:.4}", range.low, range.high)
            }),
            evaluation
                .majority
                .get(name)
                .map_or_else(String::new, |value| score(Some(value))),
        ]);
    }
    table(&rows, &[1, 2, 3])
}

fn per_label(evaluation: &Evaluation) -> Vec<String> {
    let heading = ["label", "precision", "recall", "F1", "rows"];
    let mut rows = vec![heading.map(str::to_owned).to_vec()];
    rows.extend(evaluation.per_label.iter().map(|report| {
        vec![
            report.label.clone(),
            score(Some(report.precision)),
            score(Some(report.recall)),
            score(Some(report.f1)),
            report.support.to_string(),
        ]
    }));
    table(&rows, &[1, 2, 3, 4])
}

fn confusion(evaluation: &Evaluation) -> Vec<String> {
    let mut rows = vec![vec!["is ↓  answered →".to_owned()]];
    rows[0].extend(evaluation.labels.iter().cloned());
    for (label, counts) in evaluation.labels.iter().zip(&evaluation.confusion) {
        let mut row = vec![label.clone()];
        row.extend(counts.iter().map(u64::to_string));
        rows.push(row);
    }
    table(&rows, &(1..=evaluation.labels.len()).collect::<Vec<_>>())
}

/// What was scored, as a heading.
pub fn heading(split: &str, source: &str, evaluation: &Evaluation) -> String {
    format!("{split} ({source}): {}", counted(evaluation.rows, "row"))
}
