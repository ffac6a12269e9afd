//! Scores as tables.

use super::output::table;
use super::units::{counted, score};
use crate::metrics::{EntityErrors, Scores, higher_is_better};
use crate::tasks::{Detail, Evaluation, TargetReport};

/// The scores that a person looks at first, with names in words.
const SHOWN: [(&str, &str); 20] = [
    ("f1", "F1"),
    ("exact_match", "Exact match"),
    ("precision", "Precision"),
    ("recall", "Recall"),
    ("f1_strict", "F1 (strict)"),
    ("spearman", "Spearman"),
    ("pearson", "Pearson"),
    ("mse", "Mean squared error"),
    ("accuracy", "Accuracy"),
    ("f1_micro", "F1 (micro)"),
    ("f1_micro_at_half", "F1 (micro), all thresholds 0.5"),
    ("f1_macro", "F1 (macro)"),
    ("precision_macro", "Precision (macro)"),
    ("recall_macro", "Recall (macro)"),
    ("roc_auc", "ROC AUC"),
    ("exact_match_answerable", "Exact match, answerable"),
    ("f1_answerable", "F1, answerable"),
    ("no_answer_accuracy", "Rightly no answer"),
    ("mae", "Mean absolute error"),
    ("loss", "Loss"),
];

/// A score's name in words.
pub fn words(name: &str) -> &str {
    let known = SHOWN.iter().find(|(known, _)| *known == name);
    known.map_or(name, |(_, words)| words)
}

/// Labels beyond which a confusion matrix no longer fits a terminal.
const MATRIX_LABELS: usize = 12;

/// The final scores of a run: a column per split, the last of them with its intervals and the
/// majority's beside it.
pub fn side_by_side(validation: &Evaluation, test: Option<&Evaluation>) -> Vec<String> {
    let mut splits = vec![("validation", &validation.scores)];
    splits.extend(test.map(|test| ("test", &test.scores)));
    score_table(&splits, test.unwrap_or(validation))
}

/// An evaluation: scores with intervals and the majority's beside them, labels, mistakes.
pub fn evaluation(evaluation: &Evaluation) -> Vec<String> {
    let mut lines = score_table(&[("score", &evaluation.scores)], evaluation);
    let detail = &evaluation.detail;
    if !detail.per_label.is_empty() {
        lines.push(String::new());
        lines.extend(per_label(detail));
    }
    if !detail.per_target.is_empty() {
        lines.push(String::new());
        lines.extend(per_target(detail));
    }
    if (1..=MATRIX_LABELS).contains(&detail.confusion.len()) {
        lines.push(String::new());
        lines.extend(confusion(detail));
    }
    if let Some(errors) = &detail.entity_errors {
        lines.push(String::new());
        lines.extend(entity_errors(*errors));
    }
    lines
}

/// Columns of scores with their headings, then the intervals of `last`, which has the last of
/// them, and what would be scored without looking.
fn score_table(columns: &[(&str, &Scores)], last: &Evaluation) -> Vec<String> {
    let mut heading = vec![""];
    heading.extend(columns.iter().map(|(heading, _)| *heading));
    heading.push("95 % interval");
    // Of a file alone it is not known what would be answered without looking.
    heading.extend((!last.majority.is_empty()).then_some("without looking"));
    let width = heading.len();
    let mut rows = vec![heading.into_iter().map(str::to_owned).collect()];
    for (name, words) in SHOWN {
        if columns.iter().all(|(_, scores)| scores.get(name).is_none()) {
            continue;
        }
        let mut row = vec![words.to_owned()];
        row.extend(columns.iter().map(|(_, scores)| score(scores.get(name))));
        let interval = last.intervals.iter().find(|range| range.score == name);
        row.push(interval.map_or_else(String::new, |range| {
            format!("{:.4} – {:.4}", range.low, range.high)
        }));
        let majority = last.majority.get(name);
        row.push(majority.map_or_else(String::new, |value| score(Some(value))));
        row.truncate(width);
        rows.push(row);
    }
    let mut lines = table(&rows, &(1..width).collect::<Vec<_>>());
    if is_no_better_than_blind(last) {
        lines.extend([String::new(), NO_BETTER.to_owned()]);
    }
    lines
}

const NO_BETTER: &str = "The model is no better than without looking: let it learn longer or from \
                         more rows, or see whether the labels fit the texts.";

/// Whether no score is better than what would be scored without looking, as far as that is known.
fn is_no_better_than_blind(evaluation: &Evaluation) -> bool {
    let known = SHOWN.iter().filter_map(|(name, _)| {
        let (own, blind) = (evaluation.scores.get(name)?, evaluation.majority.get(name)?);
        Some(match higher_is_better(name) {
            true => own <= blind,
            false => own >= blind,
        })
    });
    let no_better: Vec<bool> = known.collect();
    !no_better.is_empty() && !no_better.contains(&false)
}

fn per_label(detail: &Detail) -> Vec<String> {
    let reports = &detail.per_label;
    let tuned = reports.iter().any(|report| report.threshold.is_some());
    let mut heading = ["label", "precision", "recall", "F1", "rows"]
        .map(str::to_owned)
        .to_vec();
    heading.extend(tuned.then(|| "threshold".to_owned()));
    let mut rows = vec![heading];
    rows.extend(reports.iter().map(|report| {
        let mut row = vec![
            report.label.clone(),
            score(Some(report.precision)),
            score(Some(report.recall)),
            score(Some(report.f1)),
            report.support.to_string(),
        ];
        row.extend(tuned.then(|| score(report.threshold)));
        row
    }));
    table(&rows, &[1, 2, 3, 4, 5])
}

fn per_target(detail: &Detail) -> Vec<String> {
    let mut rows = vec![vec!["target".to_owned()]];
    rows[0].extend(TargetReport::SCORES.map(|name| words(name).to_owned()));
    rows.extend(detail.per_target.iter().map(|report| {
        let mut row = vec![report.target.clone()];
        row.extend(TargetReport::SCORES.map(|name| score(report.scores.get(name))));
        row
    }));
    table(&rows, &[1, 2, 3, 4])
}

fn entity_errors(errors: EntityErrors) -> Vec<String> {
    let rows = [
        ("wrong type", errors.wrong_type),
        ("wrong bounds", errors.wrong_bounds),
        ("wrong type and bounds", errors.wrong_both),
        ("missed", errors.missed),
        ("made up", errors.made_up),
    ];
    let rows = rows.map(|(what, count)| vec![what.to_owned(), count.to_string()]);
    let heading = vec!["mistakes".to_owned(), "entities".to_owned()];
    table(&[&[heading], &rows[..]].concat(), &[1])
}

fn confusion(detail: &Detail) -> Vec<String> {
    let mut rows = vec![vec!["is ↓  answered →".to_owned()]];
    rows[0].extend(detail.labels.iter().cloned());
    for (label, counts) in detail.labels.iter().zip(&detail.confusion) {
        let mut row = vec![label.clone()];
        row.extend(counts.iter().map(u64::to_string));
        rows.push(row);
    }
    table(&rows, &(1..=detail.labels.len()).collect::<Vec<_>>())
}

/// What was scored, as a heading.
pub fn heading(split: &str, source: &str, evaluation: &Evaluation) -> String {
    format!("{split} ({source}): {}", counted(evaluation.rows, "row"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_that_learned_nothing_is_told() {
        let told = |own: &[(&str, f64)], blind: &[(&str, f64)]| {
            let evaluation = Evaluation {
                rows: 9,
                scores: own.iter().copied().collect(),
                intervals: Vec::new(),
                majority: blind.iter().copied().collect(),
                detail: Detail::default(),
            };
            let lines = side_by_side(&evaluation, None);
            lines.last().is_some_and(|last| last == NO_BETTER)
        };
        let blind = [("pearson", 0.0), ("mse", 2.5)];
        assert!(told(&[("pearson", -0.1), ("mse", 2.6)], &blind));
        assert!(told(&[("pearson", 0.0), ("mse", 2.5)], &blind));
        assert!(!told(&[("pearson", 0.1), ("mse", 2.6)], &blind));
        assert!(!told(&[("pearson", -0.1), ("mse", 2.4)], &blind));
        assert!(!told(&[("spearman", 0.1)], &blind) && !told(&[("mse", 9.0)], &[]));
    }
}
