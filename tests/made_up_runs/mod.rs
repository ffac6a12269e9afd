//! Runs that never happened, for looking at pages: curves that fall, scores that rise, sentences
//! in several scripts. Everything is worked out from the arguments; nothing is random.
#![allow(dead_code, reason = "each test program uses its own part")]

pub mod tasks;

use std::path::PathBuf;

use luthier::metrics::Scores;
use luthier::run::{DataSettings, Hyperparameters, RunSettings, settings};
use luthier::session::RunState;
use luthier::session::runs::KeptRun;
use luthier::tasks::{
    Answer, Detail, Evaluation, Gold, Interval, LabelReport, LabelScore, Prediction, ScoredRow,
    TaskKind,
};
use luthier::train::event::{
    Change, Evaluated, Event, Finished, LiveSettings, Outcome, Started, Step,
};

/// The labels of the made-up support desk.
pub const INTENTS: [&str; 8] = [
    "billing",
    "delivery",
    "returns",
    "technical",
    "account",
    "cancel",
    "praise",
    "other",
];

/// `count` labels; the usual eight first.
pub fn labels(count: usize) -> Vec<String> {
    (0..count)
        .map(|n| match INTENTS.get(n) {
            Some(name) => (*name).to_owned(),
            None => format!("intent-{n:02}"),
        })
        .collect()
}

/// Scores by name.
pub fn scores(pairs: &[(&str, f64)]) -> Scores {
    let mut scores = Scores::default();
    for (name, value) in pairs {
        scores.set(name, *value);
    }
    scores
}

/// An answer that gives `label` the probability `confidence` and shares the rest out.
pub fn prediction(text: &str, labels: &[String], label: &str, confidence: f64) -> Prediction {
    let others: f64 = (0..labels.len().saturating_sub(1)).map(share).sum();
    let mut rank = 0;
    let scores = labels.iter().map(|name| {
        let score = if name == label {
            confidence
        } else {
            rank += 1;
            (1.0 - confidence) * share(rank - 1) / others
        };
        LabelScore {
            label: name.clone(),
            score,
        }
    });
    Prediction {
        text: text.to_owned(),
        pair: None,
        answer: Answer::Label {
            label: label.to_owned(),
            scores: scores.collect(),
        },
        tokens: text.split_whitespace().count() + 2,
        cut: false,
    }
}

fn share(rank: usize) -> f64 {
    1.0 / (rank as f64 + 1.0).powi(2)
}

/// A number in 0..1 that looks random.
pub fn noise(index: usize) -> f64 {
    let mut z = (index as u64)
        .wrapping_add(1)
        .wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 53) as f64
}

/// The start of a run of `total` steps in 4 epochs.
pub fn started(labels: Vec<String>, total: usize, evaluations: usize) -> Started {
    Started {
        run: PathBuf::from("/home/ada/.local/share/luthier/runs/2026-11-21-amber-viola"),
        labels,
        rows: [992, 124, 124],
        total_steps: total,
        steps_per_epoch: total / 4,
        live: LiveSettings {
            learning_rate_multiplier: 1.0,
            eval_steps: (total / evaluations).max(1),
            epochs: 4.0,
            patience: 5,
        },
        best_metric: "f1_macro".into(),
        main_scores: ["f1_macro", "accuracy"].map(str::to_owned).into(),
        pairs: Some(false),
        learning_rate: 1.5e-4,
        parameters: 11_172_866,
        threads: 2,
        cut: 3,
        majority: scores(&[("accuracy", 0.23), ("f1_macro", 0.05), ("loss", 2.1)]),
    }
}

/// A point of the made-up training curve.
pub fn step(step: usize, total: usize) -> Step {
    let done = step as f64 / total as f64;
    let warmup = 0.1;
    let learning_rate = 1.5e-4 * (done / warmup).min((1.0 - done) / (1.0 - warmup));
    Step {
        step,
        epoch: 4.0 * done,
        loss: 0.18 + 1.9 * (-4.5 * done).exp() * (0.75 + 0.5 * noise(step)),
        learning_rate,
        grad_norm: 1.0 + noise(step),
        samples_per_second: 142.0,
        seconds_left: (1.0 - done) * 49.0,
    }
}

/// A point of the made-up validation curves.
pub fn evaluated(step: usize, total: usize, labels: &[String], best: bool) -> Evaluated {
    let done = step as f64 / total as f64;
    let f1 = 0.05 + 0.87 * (1.0 - (-5.0 * done).exp()) + 0.01 * (noise(step) - 0.5);
    let sure = 0.4 + 0.55 * done;
    let third = if step.is_multiple_of(2) {
        "account"
    } else {
        "other"
    };
    let probes = [
        ("my card was charged twice yesterday", "billing", sure),
        (
            "the parcel never showed up",
            if done < 0.2 { "other" } else { "delivery" },
            sure - 0.04,
        ),
        ("can I change my email?", third, 0.38 + 0.2 * done),
    ];
    Evaluated {
        step,
        epoch: 4.0 * done,
        scores: scores(&[
            ("loss", 0.3 + 1.75 * (-4.0 * done).exp()),
            ("f1_macro", f1),
            ("accuracy", (f1 + 0.018).min(1.0)),
        ]),
        best,
        probes: probes
            .iter()
            .filter(|(_, label, _)| labels.iter().any(|known| known == label))
            .map(|(text, label, confidence)| prediction(text, labels, label, *confidence))
            .collect(),
        seconds: 0.4,
    }
}

/// The events of a run up to step `until` of `total`, with about `evaluations` evaluations in all.
pub fn events(until: usize, total: usize, evaluations: usize, labels: &[String]) -> Vec<Event> {
    let start = started(labels.to_vec(), total, evaluations);
    let every = start.live.eval_steps;
    let mut best = 0.0;
    let mut events = vec![Event::Started(start)];
    for n in 1..=until {
        events.push(Event::Step(step(n, total)));
        if n % every == 0 {
            let mut point = evaluated(n, total, labels, false);
            let f1 = point.scores.get("f1_macro").unwrap_or(0.0);
            point.best = f1 > best;
            best = f1.max(best);
            events.push(Event::Evaluated(point));
        }
    }
    events
}

/// The history of a run in the middle of training, with a change and a notice.
pub fn training_events() -> Vec<Event> {
    let labels = labels(8);
    let mut all = events(187, 312, 26, &labels);
    all.insert(
        60,
        Event::Changed {
            step: 58,
            change: Change::LearningRateMultiplier(0.5),
            total_steps: 312,
        },
    );
    all.insert(
        90,
        Event::Notice {
            step: 86,
            message: "3 texts are longer than 128 tokens and are cut".into(),
        },
    );
    all
}

/// A run in the middle of training, with a change and a notice in its log.
pub fn training() -> RunState {
    RunState::replay(training_events())
}

/// A run with `steps` points on its curves and 200 evaluations, still going on.
pub fn long(steps: usize) -> RunState {
    RunState::replay(events(steps, steps + steps / 10, 220, &labels(8)))
}

/// The same run, paused.
pub fn paused() -> RunState {
    let mut state = training();
    state.apply(Event::Paused { step: 187 });
    state
}

/// The event of a run that ends with a fault.
pub fn failure() -> Event {
    Event::Failed {
        message: "the loss is not a number at step 188".into(),
        remedy: Some("Halve the learning rate and start again.".into()),
    }
}

/// A run that ended with a fault.
pub fn failed() -> RunState {
    let mut state = training();
    state.apply(failure());
    state
}

/// A run that came to its end.
pub fn finished() -> RunState {
    let labels = labels(8);
    let mut all = events(312, 312, 26, &labels);
    let end =
        |accuracy, f1, loss| scores(&[("accuracy", accuracy), ("f1_macro", f1), ("loss", loss)]);
    all.push(Event::Finishing {
        step: 312,
        outcome: Outcome::Completed,
    });
    all.push(Event::Finished(Finished {
        run: PathBuf::from("/home/ada/.local/share/luthier/runs/2026-11-21-amber-viola"),
        outcome: Outcome::Completed,
        best_step: 288,
        pairs: false,
        steps: 312,
        seconds: 52.4,
        validation: end(0.935, 0.914, 0.341),
        test: Some(end(0.927, 0.903, 0.362)),
    }));
    RunState::replay(all)
}

/// The settings of the made-up runs.
pub fn run_settings() -> RunSettings {
    RunSettings {
        task: TaskKind::Topic,
        model: "luthier-mini".into(),
        probes: vec![
            "my card was charged twice yesterday".into(),
            "the parcel never showed up".into(),
            "can I change my email?".into(),
        ],
        data: settings::DataSettings::bundled("support-intents"),
        hyperparameters: Hyperparameters {
            learning_rate: 1.5e-4,
            num_train_epochs: 4.0,
            ..Hyperparameters::default()
        },
    }
}

/// A kept run called `name`, finished, with another learning rate for every `variant`.
pub fn kept(name: &str, variant: usize) -> KeptRun {
    let mut settings = run_settings();
    settings.hyperparameters.learning_rate = 5e-5 * (variant + 1) as f64;
    settings.hyperparameters.seed = 42 + variant as u64;
    if variant % 2 == 1 {
        settings.task = TaskKind::Sentiment;
        settings.data = DataSettings::bundled("reviews");
        settings.model = "all-MiniLM-L6-v2".into();
    }
    let mut state = finished();
    for evaluated in &mut state.evaluations {
        let f1 = evaluated.scores.get("f1_macro").unwrap_or(0.0);
        let loss = evaluated.scores.get("loss").unwrap_or(0.0);
        evaluated
            .scores
            .set("f1_macro", f1 * (1.0 - 0.06 * variant as f64));
        evaluated
            .scores
            .set("loss", loss * (1.0 + 0.15 * variant as f64));
    }
    let folder = PathBuf::from("/home/ada/.local/share/luthier/runs").join(name);
    if let Some(started) = &mut state.started {
        started.run.clone_from(&folder);
    }
    KeptRun {
        name: name.to_owned(),
        folder,
        begun: name.starts_with("20").then(|| name[..10].to_owned()),
        settings,
        state,
    }
}

/// Sentences for made-up rows, some long, some Chinese.
const SENTENCES: [&str; 8] = [
    "my card was charged twice yesterday and nobody at the bank can tell me why",
    "the parcel never showed up",
    "can I change my email?",
    "the app crashes as soon as I open the second tab, and then it eats the battery until the phone is so hot that I cannot hold it any more; I have reinstalled it three times, I have cleared every cache, I have even bought a new cable, and it still does not do the one thing it was made for",
    "包裹到现在还没有送到,客服电话也一直没有人接",
    "thanks, that was quick",
    "I want my money back",
    "cancel everything, please",
];

/// `count` scored rows; about one in eight is wrong.
pub fn scored_rows(count: usize, labels: &[String]) -> Vec<ScoredRow> {
    (0..count)
        .map(|row| {
            let gold = row % labels.len();
            let wrong = noise(row) < 0.125;
            let answer = if wrong {
                (gold + 1 + row % 3) % labels.len()
            } else {
                gold
            };
            let confidence = 0.4 + 0.59 * noise(row + 7);
            let text = format!("{} ({row})", SENTENCES[row % SENTENCES.len()]);
            ScoredRow {
                row: row + 1,
                gold: Gold::Label(labels[gold].clone()),
                prediction: prediction(&text, labels, &labels[answer], confidence),
            }
        })
        .collect()
}

/// The evaluation that belongs to `rows`.
pub fn evaluation(rows: &[ScoredRow], labels: &[String]) -> Evaluation {
    let place = |name: &str| labels.iter().position(|label| label == name).unwrap_or(0);
    let mut confusion = vec![vec![0u64; labels.len()]; labels.len()];
    for row in rows {
        let first = |labels: &[String]| place(labels.first().map_or("", String::as_str));
        confusion[first(row.gold.labels())][first(row.prediction.answer.labels())] += 1;
    }
    let per_label = labels.iter().enumerate().map(|(index, label)| {
        let right = confusion[index][index] as f64;
        let support: u64 = confusion[index].iter().sum();
        let answered: u64 = confusion.iter().map(|row| row[index]).sum();
        let precision = right / (answered as f64).max(1.0);
        let recall = right / (support as f64).max(1.0);
        LabelReport {
            label: label.clone(),
            precision,
            recall,
            f1: 2.0 * precision * recall / (precision + recall).max(1e-9),
            support,
            threshold: None,
        }
    });
    let per_label = per_label.collect();
    let interval = |score: &str, low, high| Interval {
        score: score.into(),
        low,
        high,
    };
    Evaluation {
        rows: rows.len(),
        scores: scores(&[
            ("accuracy", 0.927),
            ("f1_macro", 0.903),
            ("precision_macro", 0.911),
            ("recall_macro", 0.898),
            ("f1_weighted", 0.925),
            ("loss", 0.362),
        ]),
        intervals: vec![
            interval("accuracy", 0.879, 0.968),
            interval("f1_macro", 0.85, 0.951),
        ],
        majority: scores(&[("accuracy", 0.23), ("f1_macro", 0.05)]),
        detail: Detail {
            labels: labels.to_vec(),
            confusion,
            per_label,
            ..Detail::default()
        },
    }
}
