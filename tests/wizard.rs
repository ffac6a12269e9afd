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
use luthier::tasks::{Answer, Prediction};
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
        .allow_missing_glyphs()
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
    type_into(window, label, words);
    window.key_press(Key::Enter);
    window.run_steps(3);
}

/// Replaces what a field holds.
fn type_into(window: &mut Window, label: &str, words: &str) {
    window.get_by_role_and_label(Role::TextInput, label).focus();
    window.step();
    window.key_press_modifiers(Modifiers::COMMAND, Key::A);
    window.step();
    window
        .get_by_role_and_label(Role::TextInput, label)
        .type_text(words);
    window.step();
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
    until(&mut window, "the export", is_exported);
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

/// What a person does with one task: the file, what is typed, what the pages then show.
struct Walk {
    /// The task's card.
    card: &'static str,
    /// The file's name and its content.
    file: (&'static str, String),
    /// What the Data page shows of it.
    data: &'static [&'static str],
    /// Hyperparameters that the small model asks for.
    settings: &'static [(&'static str, &'static str)],
    /// Fields of the Try page with what is typed into them.
    typed: &'static [(Role, &'static str, &'static str)],
    /// Whether the model's answer is of the right kind.
    answers: fn(&Answer) -> bool,
    /// What the Evaluate page shows.
    evaluation: &'static [&'static str],
    /// What stands in the Python lines.
    python: &'static str,
}

impl Walk {
    /// From the task's card to an exported model, on the real engine.
    fn walk(self) {
        let folder = tempfile::tempdir().unwrap();
        let home = folder.path().join("home");
        let file = folder.path().join(self.file.0);
        std::fs::write(&file, &self.file.1).unwrap();
        let mut window = open(&home);
        self.prepare(&mut window, &file);
        self.train(&mut window);
        self.use_it(&mut window, &folder.path().join("exported"));
    }

    fn prepare(&self, window: &mut Window, file: &Path) {
        window
            .get_by_role_and_label(Role::RadioButton, self.card)
            .click();
        window.run_steps(3);
        press(window, "Next: Data");
        fill(window, "Or its path", file.to_str().unwrap());
        until(window, "the data", |window| {
            window.state().project().data.value().is_some()
        });
        let project = window.state().project();
        let split = &project.data.value().unwrap().split_fault;
        assert!(project.data_is_trainable(), "{split:?}");
        for words in self.data {
            sees(window, words);
        }
        press(window, "Next: Model");
        let model = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/bert-tiny");
        until(window, "the catalogue", |window| {
            window.state().project().catalogue.value().is_some()
        });
        fill(window, "Folder", model.to_str().unwrap());
        until(window, "the folder", |window| {
            window.state().project().local_model.value().is_some()
        });
        press(window, "Next: Hyperparameters");
        fill(window, "num_train_epochs", "2");
        for (name, value) in self.settings {
            fill(window, name, value);
        }
        press(window, "Start training");
    }

    fn train(&self, window: &mut Window) {
        until(window, "the end", |window| {
            !matches!(
                run(window).phase,
                Phase::Starting
                    | Phase::Preparing(_)
                    | Phase::Training
                    | Phase::Evaluating
                    | Phase::Finishing(_)
            )
        });
        assert_eq!(run(window).phase, Phase::Finished);
        let main = run(window).main_score().unwrap().to_owned();
        sees(window, &(text::ENGLISH.common.score)(&main));
    }

    fn use_it(&self, window: &mut Window, target: &Path) {
        press(window, "Evaluate");
        until(window, "the scores", |window| {
            window.state().project().evaluation.value().is_some()
        });
        for words in self.evaluation {
            sees(window, words);
        }
        press(window, "Try");
        for (role, field, words) in self.typed {
            window.get_by_role_and_label(*role, field).focus();
            window.step();
            window.get_by_role_and_label(*role, field).type_text(words);
            window.run_steps(2);
        }
        until(window, "the answer", |window| {
            let answer = window.state().project().answer.as_ref();
            let answer = answer.map(|answer| answer.prediction.as_ref());
            let ready = |prediction: &Prediction| (self.answers)(&prediction.answer);
            answer.is_some_and(|answer| ready(answer.unwrap()))
        });
        press(window, "Export");
        sees(window, self.python);
        type_into(window, "Folder", target.to_str().unwrap());
        press(window, "Export and check");
        until(window, "the export", is_exported);
        let exported = window.state().project().exported.value().unwrap();
        assert_eq!(exported.largest_difference, 0.0);
    }
}

fn is_exported(window: &mut Window) -> bool {
    let exported = &window.state().project().exported;
    assert!(exported.fault().is_none(), "{:?}", exported.fault());
    exported.value().is_some()
}

#[track_caller]
fn sees(window: &Window, words: &str) {
    let shown = window.query_all_by_label_contains(words).next();
    assert!(shown.is_some(), "\"{words}\" is not shown");
}

/// Words for made-up sentences, some Chinese, some many.
fn sentence(row: usize) -> String {
    let words = [
        "the film is good",
        "a bad story",
        "it rains in Oslo",
        "故事很好",
    ];
    let times = if row % 13 == 7 { 40 } else { 1 };
    format!("{} {row}", words[row % words.len()].repeat(times))
}

const SENTENCE: (Role, &str, &str) = (
    Role::MultilineTextInput,
    "Sentence to try",
    "a good story 故事",
);
const PAIR: [(Role, &str, &str); 2] = [
    (Role::MultilineTextInput, "First text", "it rains"),
    (Role::MultilineTextInput, "Second text", "the street is wet"),
];

#[test]
fn a_topic_is_learned() {
    let mut rows = String::from("text,label\n");
    for row in 0..80 {
        rows += &format!("{},{}\n", sentence(row), ["film", "weather"][row / 2 % 2]);
    }
    Walk {
        card: "Topic & intent",
        file: ("rows.csv", rows),
        data: &["film", "2 labels"],
        settings: &[],
        typed: &[SENTENCE],
        answers: |answer| matches!(answer, Answer::Label { .. }),
        evaluation: &["Confusions", "By label"],
        python: "text-classification",
    }
    .walk();
}

#[test]
fn several_labels_are_learned() {
    let mut rows = String::from("text,labels\n");
    for row in 0..80 {
        let labels = ["film;good", "film", "weather;good", "weather"][row % 4];
        rows += &format!("{},{labels}\n", sentence(row));
    }
    Walk {
        card: "Several labels",
        file: ("rows.csv", rows),
        data: &["weather", "3 labels"],
        settings: &[],
        typed: &[SENTENCE],
        answers: |answer| matches!(answer, Answer::Labels { .. }),
        evaluation: &["Micro F1", "Threshold"],
        python: "probabilities >= thresholds",
    }
    .walk();
}

#[test]
fn pairs_are_learned() {
    let mut rows = String::from("sentence1,sentence2,label\n");
    for row in 0..80 {
        let label = ["same", "other"][row % 2];
        rows += &format!("{},{},{label}\n", sentence(row), sentence(row + 1));
    }
    Walk {
        card: "Sentence pairs",
        file: ("rows.csv", rows),
        data: &["same", "2 labels"],
        settings: &[],
        typed: &PAIR,
        answers: |answer| matches!(answer, Answer::Label { .. }),
        evaluation: &["Confusions"],
        python: "text_pair",
    }
    .walk();
}

#[test]
fn numbers_are_learned() {
    let mut rows = String::from("sentence1,sentence2,score\n");
    for row in 0..80 {
        let score = (row % 11) as f64 / 2.0;
        rows += &format!("{},{},{score:.1}\n", sentence(row), sentence(row + 1));
    }
    Walk {
        card: "Score & similarity",
        file: ("rows.csv", rows),
        data: &["Numbers", "from 0 to 5"],
        settings: &[],
        typed: &PAIR,
        answers: |answer| matches!(answer, Answer::Values { .. }),
        evaluation: &["Predicted and true", "largest error first"],
        python: "function_to_apply",
    }
    .walk();
}

#[test]
fn entities_are_learned() {
    let mut rows = String::new();
    for row in 0..80 {
        rows += &format!("Ada B-PER\nObi I-PER\nsaw O\nfilm O\n{row} O\nin O\nOslo B-LOC\n. O\n\n");
    }
    Walk {
        card: "Names in text",
        file: ("rows.conll", rows),
        data: &["Entities", "PER", "LOC", "160 in all"],
        settings: &[],
        typed: &[SENTENCE],
        answers: |answer| matches!(answer, Answer::Entities { .. }),
        evaluation: &["By type", "Mistakes"],
        python: "token-classification",
    }
    .walk();
}

#[test]
fn answers_are_learned() {
    let mut rows = Vec::new();
    for row in 0..80 {
        let context = format!("Ada saw the film {row} in Oslo . 故事很好");
        let answers = match row % 5 {
            0 => serde_json::json!([]),
            _ => serde_json::json!([{"text": "Ada", "answer_start": 0}]),
        };
        rows.push(serde_json::json!({"context": context, "qas": [{
            "id": row.to_string(), "question": format!("who saw film {row} ?"),
            "is_impossible": row % 5 == 0, "answers": answers}]}));
    }
    let rows = serde_json::json!({"version": "v2.0", "data": [{"title": "a", "paragraphs": rows}]});
    Walk {
        card: "Find the answer",
        file: ("rows.json", rows.to_string()),
        data: &["with an answer", "without an answer", "no answer"],
        settings: &[("doc_stride", "8")],
        typed: &[
            (Role::TextInput, "Question", "who saw it?"),
            (Role::MultilineTextInput, "Passage", "Ada saw it in Oslo."),
        ],
        answers: |answer| matches!(answer, Answer::Answer { .. }),
        evaluation: &["Exact match", "rightly none"],
        python: "AutoModelForQuestionAnswering",
    }
    .walk();
}
