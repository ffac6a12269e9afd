//! The training loop from outside: events, commands, the run folder, repeatability.

use std::path::{Path, PathBuf};
use std::time::Duration;

use crossbeam_channel::{Receiver, Sender, bounded};
use luthier::home::Home;
use luthier::nn::Precision;
use luthier::run::{DataSettings, RunSettings};
use luthier::session::{Phase, RunState, Session, no_wake, runs};
use luthier::tasks::TaskKind;
use luthier::train::event::{Change, Command, Event, Finished, Outcome, Step};
use luthier::train::{self, Link, history};

/// Sixty rows, learnable from single words, and a home of their own.
struct Desk {
    _folder: tempfile::TempDir,
    home: Home,
    rows: PathBuf,
}

impl Desk {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let rows = folder.path().join("rows.csv");
        let mut text = String::from("text,label\n");
        let words = ["film", "movie", "story", "part", "it", "this"];
        for i in 0..60 {
            let (feeling, label) = [("good great love", "yes"), ("bad boring hate", "no")][i % 2];
            let (a, b) = (words[i % 6], words[(i / 6) % 6]);
            text.push_str(&format!("\"{a} {feeling} {b} {i}\",{label}\n"));
        }
        std::fs::write(&rows, text).unwrap();
        let home = Home::at(folder.path().join("home"));
        Self {
            _folder: folder,
            home,
            rows,
        }
    }

    /// A short run of the tiny model; `set` are hyperparameters over the defaults.
    fn settings(&self, set: &[(&str, &str)]) -> RunSettings {
        let model = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/bert-tiny");
        let mut settings = RunSettings {
            task: TaskKind::Sentiment,
            model: model.to_str().unwrap().to_owned(),
            probes: vec!["good movie".to_owned()],
            data: DataSettings::file(&self.rows),
            hyperparameters: Default::default(),
        };
        settings
            .hyperparameters
            .set_text("learning_rate", "1e-3")
            .unwrap();
        for (name, value) in set {
            settings.hyperparameters.set_text(name, value).unwrap();
        }
        settings
    }

    fn start(&self, set: &[(&str, &str)]) -> Session {
        Session::start(self.settings(set), &self.home, None, no_wake()).unwrap()
    }
}

fn events_of(mut session: Session) -> Vec<Event> {
    std::iter::from_fn(|| session.next_event()).collect()
}

fn finished(events: &[Event]) -> &Finished {
    match events.last() {
        Some(Event::Finished(finished)) => finished,
        other => panic!("the last event is {other:?}"),
    }
}

fn steps(events: &[Event]) -> Vec<&Step> {
    let steps = events.iter().filter_map(|event| match event {
        Event::Step(step) => Some(step),
        _ => None,
    });
    steps.collect()
}

fn weights(run: &Path) -> Vec<u8> {
    std::fs::read(run.join("model/model.safetensors")).unwrap()
}

/// Waits for an event that `wanted` accepts and returns it.
fn wait_for(session: &mut Session, wanted: impl Fn(&Event) -> bool) -> Event {
    loop {
        let event = session.next_event().expect("the run ended first");
        if wanted(&event) {
            return event;
        }
    }
}

#[test]
fn a_run_learns_and_leaves_a_complete_folder() {
    let desk = Desk::new();
    let events = events_of(desk.start(&[("num_train_epochs", "8")]));
    let end = finished(&events);
    assert_eq!(end.outcome, Outcome::Completed);
    assert_eq!(end.steps, 8 * 6);
    assert!(
        end.validation.get("accuracy").unwrap() > 0.8,
        "{:?}",
        end.validation
    );
    assert!(
        end.test.as_ref().unwrap().get("f1_macro").unwrap() > 0.8,
        "{:?}",
        end.test
    );
    let losses = steps(&events);
    assert!(losses[0].loss > 2.0 * losses[losses.len() - 1].loss);

    let files = |folder: &Path| -> Vec<String> {
        let entries = std::fs::read_dir(folder).unwrap();
        let mut names: Vec<String> = entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    };
    assert_eq!(
        files(&end.run),
        [
            "evaluation.json",
            "history.jsonl",
            "model",
            "predictions-test.jsonl",
            "predictions-validation.jsonl",
            "run.toml"
        ]
    );
    assert_eq!(
        files(&end.run.join("model")),
        [
            "README.md",
            "config.json",
            "model.safetensors",
            "tokenizer.json",
            "tokenizer_config.json"
        ]
    );
    // What the window would fold live and what it folds from disk are the same.
    let kept = runs::open(end.run.file_name().unwrap().to_str().unwrap(), &desk.home).unwrap();
    assert!(kept.state == RunState::replay(events.clone()));
    assert_eq!(kept.state.phase, Phase::Finished);
    assert_eq!(
        kept.settings.hyperparameters,
        desk.settings(&[("num_train_epochs", "8")]).hyperparameters
    );
    assert_eq!(kept.state.probes[0].1.len(), 8);
    let rows = runs::scored_rows(&end.run).unwrap();
    assert_eq!(rows.len(), 6);
}

#[test]
fn the_same_run_file_gives_the_same_bits_and_another_seed_others() {
    let desk = Desk::new();
    let run = |seed| events_of(desk.start(&[("num_train_epochs", "2"), ("seed", seed)]));
    let (first, second, third) = (run("1"), run("1"), run("2"));
    assert_eq!(
        weights(&finished(&first).run),
        weights(&finished(&second).run)
    );
    assert_ne!(
        weights(&finished(&first).run),
        weights(&finished(&third).run)
    );
    let losses = |events: &[Event]| {
        steps(events)
            .iter()
            .map(|step| step.loss)
            .collect::<Vec<_>>()
    };
    assert_eq!(losses(&first), losses(&second));
}

#[test]
fn the_number_of_threads_changes_no_bit() {
    for set in [
        &[][..],
        &[("gradient_checkpointing", "true")],
        &[("freeze_layers", "1")],
        &[("method", "lora"), ("lora_dropout", "0.1")],
        &[("method", "head")],
    ] {
        assert_threads_change_no_bit(set);
    }
}

/// Where the processor can: the bits do not depend on threads and the losses stay near those of f32.
/// Where it cannot: the run is refused before it begins.
#[test]
fn bf16_trains_or_is_refused() {
    let set = &[("bf16", "true")];
    if !Precision::Bfloat16.is_supported() {
        let events = events_of(Desk::new().start(set));
        let Some(Event::Failed { message, remedy }) = events.last() else {
            panic!("the last event is {:?}", events.last());
        };
        assert!(message.contains("AVX512-BF16") && remedy.is_some());
        return;
    }
    assert_threads_change_no_bit(set);
    let losses = |set| -> Vec<f64> {
        let events = events_of(Desk::new().start(set));
        steps(&events).iter().map(|step| step.loss).collect()
    };
    let (rounded, exact) = (losses(set), losses(&[]));
    assert_ne!(rounded, exact);
    for (rounded, exact) in rounded.iter().zip(&exact) {
        assert!((rounded - exact).abs() < 0.02, "{rounded} {exact}");
    }
}

fn assert_threads_change_no_bit(set: &[(&str, &str)]) {
    let desk = Desk::new();
    let run = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        let folder = desk.home.root().join(format!("threads-{threads}"));
        let (events, _all): (Sender<Event>, Receiver<Event>) = bounded(4096);
        let (_commands, commands) = bounded(1);
        let link = Link::new(events, commands, no_wake());
        let mut settings = desk.settings(set);
        settings.hyperparameters.num_train_epochs = 2.0;
        pool.install(|| train::run(settings, &desk.home, Some(folder.clone()), link));
        weights(&folder)
    };
    let one = run(1);
    for threads in [2, 3, 8] {
        assert!(
            one == run(threads),
            "{threads} threads give other weights with {set:?}"
        );
    }
}

#[test]
fn accumulated_batches_equal_one_large_batch() {
    let desk = Desk::new();
    let run = |batch: &str, accumulation: &str| {
        let events = events_of(desk.start(&[
            ("per_device_train_batch_size", batch),
            ("gradient_accumulation_steps", accumulation),
            ("max_steps", "5"),
            ("dropout", "0"),
            ("class_weights", "yes=3"),
        ]));
        steps(&events)
            .iter()
            .map(|step| step.loss)
            .collect::<Vec<_>>()
    };
    for (whole, parts) in run("12", "1").iter().zip(run("4", "3")) {
        assert!((whole - parts).abs() < 1e-5, "{whole} {parts}");
    }
}

#[test]
fn settings_change_while_it_runs_and_are_recorded() {
    let desk = Desk::new();
    let mut session = desk.start(&[
        ("num_train_epochs", "400"),
        ("lr_scheduler_type", "constant"),
    ]);
    wait_for(&mut session, |event| matches!(event, Event::Step(_)));
    session.send(Command::Pause);
    wait_for(&mut session, |event| matches!(event, Event::Paused { .. }));
    assert_eq!(session.state().phase, Phase::Paused);
    let paused_at = session.state().last_step().unwrap().step;

    session.send(Command::Change(Change::LearningRateMultiplier(0.5)));
    session.send(Command::Change(Change::EvalSteps(2)));
    session.send(Command::Change(Change::Epochs(500.0)));
    session.send(Command::Change(Change::Patience(10_000)));
    session.send(Command::Change(Change::LearningRateMultiplier(-1.0)));
    session.send(Command::Probes(vec!["bad film".to_owned()]));
    session.send(Command::Try("boring story".to_owned()));
    wait_for(&mut session, |event| matches!(event, Event::Tried { .. }));
    assert_eq!(session.state().tried.as_ref().unwrap().text, "boring story");
    assert_eq!(
        session.state().phase,
        Phase::Paused,
        "commands do not end a pause"
    );
    let live = session.state().live.unwrap();
    assert_eq!((live.learning_rate_multiplier, live.eval_steps), (0.5, 2));
    assert_eq!(session.state().total_steps, 3000);

    session.send(Command::Resume);
    let next = wait_for(&mut session, |event| matches!(event, Event::Step(_)));
    let Event::Step(next) = next else {
        unreachable!()
    };
    assert_eq!(
        next.step,
        paused_at + 1,
        "nothing was trained while it was paused"
    );
    assert!(
        (next.learning_rate - 5e-4).abs() < 1e-12,
        "the change holds from the next step"
    );
    wait_for(&mut session, |event| matches!(event, Event::Evaluated(_)));
    session.send(Command::Stop);
    let events = events_of(session);
    assert_eq!(finished(&events).outcome, Outcome::Stopped);

    let recorded = history::read(&finished(&events).run.join("history.jsonl")).unwrap();
    let changes = recorded
        .iter()
        .filter(|event| matches!(event, Event::Changed { .. }))
        .count();
    assert_eq!(changes, 4);
    let refused = |event: &&Event| matches!(event, Event::Notice { message, .. } if message.contains("out of range"));
    assert_eq!(recorded.iter().filter(refused).count(), 1);
}

#[test]
fn texts_that_the_model_cannot_read_are_told_before_the_first_step() {
    let desk = Desk::new();
    let told = |data: DataSettings| {
        let mut settings = desk.settings(&[("max_steps", "1")]);
        settings.data = data;
        let session = Session::start(settings, &desk.home, None, no_wake()).unwrap();
        let unknown = |event: &Event| matches!(event, Event::Notice { step: 0, message } if message.contains("unknown to the model") && message.contains("bert-base-chinese"));
        events_of(session).iter().any(unknown)
    };
    assert!(told(DataSettings::bundled("reviews-zh")));
    assert!(!told(DataSettings::file(&desk.rows)));
}

#[test]
fn patience_runs_out_and_the_best_checkpoint_is_kept() {
    let desk = Desk::new();
    let events = events_of(desk.start(&[
        ("learning_rate", "1e-9"),
        ("num_train_epochs", "50"),
        ("early_stopping_patience", "2"),
    ]));
    let end = finished(&events);
    assert_eq!(end.outcome, Outcome::StoppedEarly);
    assert_eq!(
        end.steps,
        3 * 6,
        "one best evaluation, then two without a gain"
    );
    assert_eq!(end.best_step, 6);
}

#[test]
fn without_best_model_the_last_weights_are_kept() {
    let desk = Desk::new();
    let events = events_of(desk.start(&[("max_steps", "9"), ("load_best_model_at_end", "false")]));
    assert_eq!(finished(&events).best_step, 9);
}

#[test]
fn a_loss_that_is_no_number_is_told_with_its_step() {
    let desk = Desk::new();
    // Without memory of the gradient's size and without a guard, a word that was met once and not
    // in the next step is thrown towards infinity.
    let events = events_of(desk.start(&[
        ("learning_rate", "1"),
        ("adam_epsilon", "1e-30"),
        ("adam_beta2", "0"),
        ("num_train_epochs", "20"),
    ]));
    match events.last() {
        Some(Event::Failed { message, remedy }) => {
            assert!(message.contains("not a number at step"), "{message}");
            assert!(remedy.as_ref().unwrap().contains("learning_rate"));
        }
        other => panic!("the last event is {other:?}"),
    }
}

#[test]
fn a_session_that_is_dropped_stops_its_run() {
    let desk = Desk::new();
    let session = desk.start(&[("num_train_epochs", "1000")]);
    drop(session);
    let begun = std::time::Instant::now();
    let stopped = || {
        let listed = runs::list(&desk.home);
        listed.iter().any(|(_, run)| {
            run.as_ref()
                .is_ok_and(|run| run.state.phase == Phase::Finished)
        }) || listed.is_empty() && begun.elapsed() > Duration::from_secs(2)
    };
    while !stopped() {
        assert!(
            begun.elapsed() < Duration::from_secs(60),
            "the run goes on without a listener"
        );
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn a_live_run_is_seen_as_running_and_cannot_be_deleted() {
    let desk = Desk::new();
    let mut session = desk.start(&[("num_train_epochs", "1000")]);
    let started = wait_for(&mut session, |event| matches!(event, Event::Started(_)));
    let Event::Started(started) = started else {
        unreachable!()
    };
    wait_for(&mut session, |event| matches!(event, Event::Step(_)));
    // Looked at from disk, as another process would.
    let seen = |desk: &Desk| runs::list(&desk.home).remove(0).1.unwrap().state;
    assert!(seen(&desk).is_running());
    for refused in [
        runs::delete(&started.run).unwrap_err(),
        runs::rename(&started.run, "other").unwrap_err(),
    ] {
        assert!(refused.what().contains("is being trained"), "{refused}");
    }
    session.send(Command::Stop);
    events_of(session);
    assert_eq!(seen(&desk).phase, Phase::Finished);
    runs::delete(&started.run).unwrap();
    assert!(!started.run.exists());
}
