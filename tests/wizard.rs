//! The whole wizard, walked by role and label as a person would, on the real engine and disk: a
//! file, the smallest model, a training that is paused, changed and stopped, a sentence, an export.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use egui::accesskit::Role;
use egui::{Key, Modifiers};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;
use luthier::home::Home;
use luthier::session::{Phase, RunState};
use luthier::train::event::{Change, Event};
use luthier::ui::Workbench;
use luthier::ui::native::Native;
use luthier::ui::preferences::Kept;
use luthier::ui::text;

type Window = Harness<'static, Workbench>;

/// Longest wait for the engine; generous, for machines that do other things as well.
const PATIENCE: Duration = Duration::from_secs(120);

fn open(home: &Path) -> Window {
    let services = Arc::new(Native::new(Home::at(home), &text::ENGLISH));
    Harness::builder()
        .with_size([1280.0, 800.0])
        .with_max_steps(40)
        .build_eframe(move |cc| Workbench::new(&cc.egui_ctx, Kept::default(), services))
}

fn until(window: &mut Window, what: &str, done: impl Fn(&mut Window) -> bool) {
    let begun = Instant::now();
    window.step();
    while !done(window) {
        assert!(begun.elapsed() < PATIENCE, "waited in vain for {what}");
        std::thread::sleep(Duration::from_millis(5));
        window.step();
    }
    window.run_steps(2);
}

fn press(window: &mut Window, label: &str) {
    window.get_by_role_and_label(Role::Button, label).click();
    window.run_steps(3);
}

/// Replaces what a field holds and enters it.
fn fill(window: &mut Window, label: &str, words: &str) {
    window.get_by_role_and_label(Role::TextInput, label).focus();
    window.step();
    window.key_press_modifiers(Modifiers::COMMAND, Key::A);
    window.step();
    window
        .get_by_role_and_label(Role::TextInput, label)
        .type_text(words);
    window.step();
    window.key_press(Key::Enter);
    window.run_steps(3);
}

fn run(window: &Window) -> &RunState {
    window
        .state()
        .project()
        .run()
        .expect("a run is shown")
        .state
}

fn write_rows(path: &Path) {
    let mut rows = String::from("text,label\n");
    for i in 0..80 {
        let (feeling, label) = [("good great love", "happy"), ("bad boring hate", "angry")][i % 2];
        rows.push_str(&format!("it is a {feeling} story {i},{label}\n"));
    }
    std::fs::write(path, rows).unwrap();
}

#[test]
fn from_a_file_to_an_exported_model() {
    let folder = tempfile::tempdir().unwrap();
    let (home, rows) = (folder.path().join("home"), folder.path().join("rows.csv"));
    write_rows(&rows);
    let mut window = open(&home);

    // Task.
    press(&mut window, "Next: Data");

    // Data: typed path, then the page shows what was read.
    fill(&mut window, "Or its path", rows.to_str().unwrap());
    until(&mut window, "the data", |window| {
        window.state().project().data.value().is_some()
    });
    for shown in ["80 rows", "happy", "angry"] {
        assert!(
            window.query_all_by_label_contains(shown).next().is_some(),
            "{shown}"
        );
    }
    press(&mut window, "Next: Model");

    // Model: a folder of one's own.
    let model = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/bert-tiny");
    until(&mut window, "the catalogue", |window| {
        window.state().project().catalogue.value().is_some()
    });
    fill(&mut window, "Folder", model.to_str().unwrap());
    until(&mut window, "the folder", |window| {
        window.state().project().local_model.value().is_some()
    });
    press(&mut window, "Next: Hyperparameters");

    // Hyperparameters: long enough to be interrupted.
    fill(&mut window, "num_train_epochs", "900");
    fill(&mut window, "learning_rate", "1e-3");
    fill(&mut window, "eval_steps", "5");
    fill(&mut window, "early_stopping_patience", "0");
    press(&mut window, "Start training");

    // Train: the curve begins, then pause, change the learning rate, go on, stop.
    until(&mut window, "an evaluation", |window| {
        run(window).evaluations.len() > 1
    });
    press(&mut window, "Pause");
    until(&mut window, "the pause", |window| {
        run(window).phase == Phase::Paused
    });
    let paused_at = run(&window).last_step().unwrap().step;
    fill(&mut window, "Learning rate ×", "0.5");
    until(&mut window, "the change", |window| {
        run(window)
            .live
            .is_some_and(|live| live.learning_rate_multiplier == 0.5)
    });
    assert_eq!(run(&window).last_step().unwrap().step, paused_at);
    press(&mut window, "Resume");
    until(&mut window, "more steps", |window| {
        run(window).last_step().unwrap().step > paused_at
    });
    fill(&mut window, "Add a sentence", "a good story");
    until(&mut window, "the probe", |window| {
        run(window).probes.len() == 1
    });
    press(&mut window, "Stop and keep best");
    until(&mut window, "the end", |window| {
        run(window).phase == Phase::Finished
    });
    let recorded = run(&window).log.iter().any(|event| {
        matches!(event, Event::Changed { change: Change::LearningRateMultiplier(factor), .. } if *factor == 0.5)
    });
    assert!(recorded, "the change is in the run's history");

    // Evaluate: the final scores are read from disk.
    press(&mut window, "Evaluate");
    until(&mut window, "the scores", |window| {
        window.state().project().evaluation.value().is_some()
    });

    // Try: a sentence is answered as it stands in the box.
    press(&mut window, "Try");
    window
        .get_by_role_and_label(Role::MultilineTextInput, "Sentence to try")
        .focus();
    window.step();
    window
        .get_by_role_and_label(Role::MultilineTextInput, "Sentence to try")
        .type_text("I hate this boring story");
    until(&mut window, "the answer", |window| {
        let answer = window.state().project().answer.as_ref();
        answer
            .and_then(|answer| answer.prediction.as_ref().ok())
            .is_some_and(|prediction| prediction.answer.to_string() == "angry")
    });

    // Export: the copy is checked.
    press(&mut window, "Export");
    let target = folder.path().join("exported");
    fill(&mut window, "Folder", target.to_str().unwrap());
    if window.state().project().exported.value().is_none() {
        press(&mut window, "Export and check");
    }
    until(&mut window, "the export", |window| {
        window.state().project().exported.value().is_some()
    });
    let exported = window.state().project().exported.value().unwrap();
    assert_eq!(exported.compared_rows, 8);
    assert_eq!(exported.largest_difference, 0.0);
    for file in [
        "config.json",
        "model.safetensors",
        "tokenizer.json",
        "README.md",
    ] {
        assert!(target.join(file).is_file(), "{file} is missing");
    }
}
