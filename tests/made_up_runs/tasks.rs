//! Runs of every task that never happened: short, long, empty and Chinese texts.

use std::path::PathBuf;

use luthier::metrics::{EntityErrors, Scores};
use luthier::run::DataSettings;
use luthier::session::RunState;
use luthier::session::runs::KeptRun;
use luthier::tasks::{
    Answer, Detail, Entity, Evaluation, Gold, LabelReport, LabelScore, Prediction, ScoredRow, Span,
    TargetReport, TaskKind,
};
use luthier::train::event::Event;
use luthier::ui::services::FinalEvaluation;

use super::{events, kept, noise, scores};

/// Texts to be looked at: short, empty, long, Chinese.
pub fn texts() -> Vec<String> {
    vec![
        "Ada Obi flew to Oslo .".to_owned(),
        String::new(),
        "The meeting in Oslo was put off again because nobody had the key , and ".repeat(12),
        "王 小 明 去 了 北 京 。".to_owned(),
    ]
}

/// The main scores of a task, the first one deciding.
pub fn main_scores(task: TaskKind) -> Vec<&'static str> {
    match task {
        TaskKind::Sentiment | TaskKind::Topic | TaskKind::Pairs => vec!["f1_macro", "accuracy"],
        TaskKind::MultiLabel => vec!["f1_micro", "f1_macro"],
        TaskKind::Similarity => vec!["spearman", "pearson"],
        TaskKind::Entities => vec!["f1", "precision", "recall"],
        TaskKind::Questions => vec!["f1", "exact_match"],
    }
}

/// A finished run of the task.
pub fn kept_of(task: TaskKind) -> KeptRun {
    let mut run = kept("2026-11-24-amber-viola", 0);
    run.settings.task = task;
    run.settings.data = DataSettings::bundled(task.bundled_set());
    run.settings.probes = probes(task);
    let names = main_scores(task);
    let mut all = events(312, 312, 26, &super::labels(4));
    for event in &mut all {
        match event {
            Event::Started(started) => {
                started.run = PathBuf::from("/home/ada/.local/share/luthier/runs").join(&run.name);
                started.main_scores = names.iter().map(|&name| name.to_owned()).collect();
                started.best_metric = names[0].to_owned();
                started.majority = scores(&[(names[0], 0.21)]);
            }
            Event::Evaluated(evaluated) => {
                let value = evaluated.scores.get("f1_macro").unwrap_or(0.0);
                let loss = evaluated.scores.get("loss").unwrap_or(0.0);
                let own: Vec<_> = names.iter().map(|&name| (name, value)).collect();
                evaluated.scores = scores(&[own.as_slice(), &[("loss", loss)]].concat());
                evaluated.probes = run
                    .settings
                    .probes
                    .iter()
                    .map(|probe| {
                        let (text, pair) = luthier::text::input_of(probe, true);
                        prediction(task, text, pair, evaluated.step)
                    })
                    .collect();
            }
            _ => {}
        }
    }
    let mut state = RunState::replay(all);
    state.finished.clone_from(&run.state.finished);
    state.phase = run.state.phase.clone();
    if let Some(finished) = &mut state.finished {
        let own: Vec<_> = names.iter().map(|&name| (name, 0.87)).collect();
        finished.pairs = task.may_read_pairs();
        finished.validation = scores(&own);
        finished.test = Some(scores(&own));
    }
    run.state = state;
    run
}

/// Probes as the task reads them.
pub fn probes(task: TaskKind) -> Vec<String> {
    let lines: &[&str] = match task {
        TaskKind::Questions => &["Ada flew to Oslo.\tWhere did Ada fly to?"],
        TaskKind::Pairs | TaskKind::Similarity => &["It rains.\tThe street is wet."],
        _ => &["Ada flew to Oslo.", "包裹还没有送到"],
    };
    lines.iter().map(|&line| line.to_owned()).collect()
}

fn label_scores(sure: f64) -> Vec<LabelScore> {
    let labels = [
        "sport",
        "money",
        "food",
        "a label whose name goes on and on and on",
    ];
    let shares = [sure, 0.6 * sure, 0.2, 0.01];
    labels
        .iter()
        .zip(shares)
        .map(|(label, score)| LabelScore {
            label: (*label).to_owned(),
            score,
        })
        .collect()
}

fn span(text: &str, start: usize, end: usize, score: f64) -> Span {
    Span {
        text: text.chars().skip(start).take(end - start).collect(),
        start,
        end,
        score,
    }
}

/// What a model might say, a little different for every `index`.
pub fn prediction(task: TaskKind, text: &str, pair: Option<&str>, index: usize) -> Prediction {
    let sure = 0.5 + 0.49 * noise(index);
    let answer = match task {
        TaskKind::Sentiment | TaskKind::Topic | TaskKind::Pairs => Answer::Label {
            label: "sport".into(),
            scores: label_scores(sure),
        },
        TaskKind::MultiLabel => Answer::Labels {
            labels: match index % 3 {
                0 => Vec::new(),
                1 => vec!["sport".into()],
                _ => vec!["sport".into(), "money".into()],
            },
            scores: label_scores(sure),
        },
        TaskKind::Similarity => Answer::Values {
            values: [("score", 5.0 * noise(index))].into_iter().collect(),
        },
        TaskKind::Entities => entities(text, index),
        TaskKind::Questions => {
            let length = text.chars().count();
            let candidates = match length {
                0..3 => Vec::new(),
                _ => vec![
                    span(text, 0, 3, 0.6 * sure),
                    span(text, 1, length.min(60), 0.2),
                ],
            };
            Answer::Answer {
                answer: candidates
                    .first()
                    .filter(|_| !index.is_multiple_of(3))
                    .cloned(),
                candidates,
                no_answer: Some(1.0 - 0.6 * sure - 0.2),
            }
        }
    };
    Prediction {
        text: text.to_owned(),
        pair: pair.map(str::to_owned),
        answer,
        tokens: 3 + text.chars().count() / 4,
        cut: text.len() > 500,
    }
}

/// Every third run of words from the first one on is a person, whose end is now and then missed.
fn entities(text: &str, index: usize) -> Answer {
    let words: Vec<&str> = text.split_whitespace().collect();
    let tag = |place: usize| match (place, index % 3) {
        (0, _) => "B-PER",
        (1, 1) => "I-PER",
        (4, 0) => "B-LOC",
        _ => "O",
    };
    let found = words.first().map(|word| Entity {
        kind: "PER".into(),
        text: (*word).to_owned(),
        start: 0,
        end: word.chars().count(),
        score: 0.9,
    });
    Answer::Entities {
        entities: found.into_iter().collect(),
        words: words
            .iter()
            .enumerate()
            .map(|(place, word)| ((*word).to_owned(), tag(place).to_owned()))
            .collect(),
    }
}

fn gold(task: TaskKind, text: &str, index: usize) -> Gold {
    let list = |items: &[&str]| Gold::List(items.iter().map(|&item| item.to_owned()).collect());
    match task {
        TaskKind::Sentiment | TaskKind::Topic | TaskKind::Pairs => {
            let label = if index.is_multiple_of(4) {
                "money"
            } else {
                "sport"
            };
            Gold::Label(label.into())
        }
        TaskKind::MultiLabel => match index % 4 {
            0 => list(&[]),
            _ => list(&["sport", "food"]),
        },
        TaskKind::Similarity => {
            Gold::Values([("score", (index % 11) as f64 / 2.0)].into_iter().collect())
        }
        TaskKind::Entities => {
            let words = text.split_whitespace().count();
            let tags = ["B-PER", "I-PER", "O", "O", "B-LOC"];
            Gold::List(
                (0..words)
                    .map(|place| tags.get(place).copied().unwrap_or("O").to_owned())
                    .collect(),
            )
        }
        TaskKind::Questions => match index % 4 {
            0 => list(&[]),
            1 => list(&["Ada"]),
            _ => list(&["Oslo", "in Oslo"]),
        },
    }
}

/// Rows of the task, scored.
pub fn rows(task: TaskKind, count: usize) -> Vec<ScoredRow> {
    let texts = texts();
    (0..count)
        .map(|index| {
            let text = &texts[index % texts.len()];
            let pair = match task {
                TaskKind::Questions => Some("Where did they meet?"),
                TaskKind::Pairs | TaskKind::Similarity => Some("它在哪里?"),
                _ => None,
            };
            ScoredRow {
                row: index + 1,
                gold: gold(task, text, index),
                prediction: prediction(task, text, pair, index),
            }
        })
        .collect()
}

/// The evaluation of a run that tells two numbers of a text, `warmth` the opposite of `ease`.
pub fn two_targets(count: usize) -> FinalEvaluation {
    let both = |numbers: &Scores| {
        let ease = numbers.get("score").unwrap_or_default();
        [("ease", ease), ("warmth", -ease)].into_iter().collect()
    };
    let mut rows = rows(TaskKind::Similarity, count);
    for row in &mut rows {
        if let (Gold::Values(gold), Answer::Values { values }) =
            (&mut row.gold, &mut row.prediction.answer)
        {
            (*gold, *values) = (both(gold), both(values));
        }
    }
    let mut all = evaluation(TaskKind::Similarity, rows);
    let report = |(target, spearman): (&str, f64)| TargetReport {
        target: target.to_owned(),
        scores: scores(&[("spearman", spearman), ("mse", 0.25)]),
    };
    let reports: Vec<_> = [("ease", 0.91), ("warmth", 0.13)].map(report).to_vec();
    for evaluation in all.test.iter_mut().chain([&mut all.validation]) {
        evaluation.detail.per_target.clone_from(&reports);
    }
    all
}

/// The evaluation of a run of the task.
pub fn evaluation(task: TaskKind, rows: Vec<ScoredRow>) -> FinalEvaluation {
    let labels: Vec<String> = label_scores(0.5).into_iter().map(|own| own.label).collect();
    let one_label = matches!(
        task,
        TaskKind::Sentiment | TaskKind::Topic | TaskKind::Pairs
    );
    let named = match task {
        TaskKind::Entities => vec!["LOC".to_owned(), "PER".to_owned()],
        TaskKind::Similarity | TaskKind::Questions => Vec::new(),
        _ => labels,
    };
    let report = |label: &String| LabelReport {
        label: label.clone(),
        precision: 0.8,
        recall: 0.7,
        f1: 0.75,
        support: 12,
        threshold: (task == TaskKind::MultiLabel).then_some(0.35),
    };
    let own: Vec<_> = main_scores(task)
        .into_iter()
        .map(|name| (name, 0.87))
        .collect();
    let evaluation = Evaluation {
        rows: rows.len(),
        scores: scores(&[own.as_slice(), &[("loss", 0.4)]].concat()),
        intervals: Vec::new(),
        majority: scores(&[(main_scores(task)[0], 0.21)]),
        detail: Detail {
            per_label: named.iter().map(report).collect(),
            confusion: match one_label {
                true => vec![vec![3; named.len()]; named.len()],
                false => Vec::new(),
            },
            labels: named,
            per_target: Vec::new(),
            entity_errors: (task == TaskKind::Entities).then_some(EntityErrors {
                wrong_type: 1,
                wrong_bounds: 7,
                wrong_both: 0,
                missed: 12,
                made_up: 3,
            }),
        },
    };
    FinalEvaluation {
        validation: evaluation.clone(),
        test: Some(evaluation),
        rows,
    }
}
