//! The pages Train, Evaluate, Try, Export, Runs and Settings, by role and label, on runs that
//! never happened.

#[path = "made_up/mod.rs"]
mod made_up;
#[path = "made_up_runs/mod.rs"]
mod made_up_runs;

use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, bounded};
use egui::accesskit::Role;
use egui::{Key, Modifiers};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use luthier::session::Session;
use luthier::session::scorer::Answer;
use luthier::tasks::ScoredRow;
use luthier::train::event::{Change, Stage};
use luthier::train::{Command, Event};
use luthier::ui::Workbench;
use luthier::ui::intent::Intent;
use luthier::ui::page::Page;
use luthier::ui::preferences::{Kept, ThemeChoice};
use luthier::ui::project::LiveRun;
use luthier::ui::services::FinalEvaluation;
use made_up_runs as runs;

type Window = Harness<'static, Workbench>;

fn at(page: Page) -> Window {
    sized(page, [1280.0, 800.0])
}

fn sized(page: Page, size: [f32; 2]) -> Window {
    let kept = Kept {
        page,
        ..Kept::default()
    };
    let mut window = Harness::builder()
        .with_size(size)
        .allow_missing_glyphs()
        .build_eframe(move |cc| Workbench::new(&cc.egui_ctx, kept, made_up::made_up()));
    window.run_steps(2);
    window
}

/// The training thread's ends of the channels.
struct Trainer {
    commands: Receiver<Command>,
    events: Sender<Event>,
}

impl Trainer {
    fn told(&self) -> Vec<Command> {
        self.commands.try_iter().collect()
    }
}

/// A window on a run that is on, with `events` so far.
fn live(page: Page, events: Vec<Event>) -> (Window, Trainer) {
    let mut window = at(page);
    let (commands, told) = bounded(64);
    let (sender, receiver) = bounded(20_000);
    for event in events {
        sender.send(event).unwrap();
    }
    let settings = runs::run_settings();
    let project = window.state_mut().project_mut();
    project.settings = settings.clone();
    project.live = Some(LiveRun {
        session: Session::over(commands, receiver),
        settings,
    });
    window.run_steps(4);
    let trainer = Trainer {
        commands: told,
        events: sender,
    };
    (window, trainer)
}

/// A window on a finished run with `count` labels and `rows` scored rows.
fn finished(page: Page, count: usize, rows: usize) -> Window {
    let mut window = at(page);
    let labels = runs::labels(count);
    let rows = runs::scored_rows(rows, &labels);
    let project = window.state_mut().project_mut();
    project.opened = Some(runs::kept("2026-11-21-amber-viola", 0));
    project.evaluation = evaluation(rows, &labels).into();
    window.run_steps(3);
    window
}

fn evaluation(rows: Vec<ScoredRow>, labels: &[String]) -> FinalEvaluation {
    let test = runs::evaluation(&rows, labels);
    let mut validation = test.clone();
    validation.scores.set("accuracy", 0.935);
    FinalEvaluation {
        validation,
        test: Some(test),
        rows,
    }
}

fn press(window: &mut Window, label: &str) {
    window.get_by_role_and_label(Role::Button, label).click();
    window.run_steps(3);
}

fn sees(window: &Window, words: &str) {
    assert!(
        window.query_all_by_label_contains(words).next().is_some(),
        "\"{words}\" is not shown"
    );
}

fn does_not_see(window: &Window, words: &str) {
    assert!(
        window.query_all_by_label_contains(words).next().is_none(),
        "\"{words}\" is shown"
    );
}

/// Replaces what is in the field and enters it.
fn enter(window: &mut Window, label: &str, role: Role, text: &str) {
    window.get_by_role_and_label(role, label).focus();
    window.run_steps(2);
    window.key_press_modifiers(Modifiers::COMMAND, Key::A);
    window.run_steps(1);
    let field = window.get_by_role_and_label(role, label);
    field.type_text(text);
    window.run_steps(2);
    window.key_press(Key::Enter);
    window.run_steps(3);
}

fn until(window: &mut Window, done: impl Fn(&Workbench) -> bool) {
    let start = Instant::now();
    while !done(window.state()) {
        assert!(start.elapsed() < Duration::from_secs(20), "waited in vain");
        std::thread::sleep(Duration::from_millis(5));
        window.step();
    }
    window.run_steps(2);
}

#[test]
fn train_shows_numbers_and_takes_orders() {
    let (mut window, trainer) = live(Page::Train, runs::training_events());
    for words in [
        "2.40",
        "of 4",
        "142",
        "rows/s",
        "0:20",
        "Macro F1, best",
        "at step 180",
    ] {
        sees(&window, words);
    }
    press(&mut window, "Pause");
    press(&mut window, "Stop and keep best");
    assert_eq!(trainer.told(), [Command::Pause, Command::Stop]);
    trainer.events.send(Event::Paused { step: 187 }).unwrap();
    window.run_steps(3);
    sees(&window, "Paused");
    press(&mut window, "Resume");
    assert_eq!(trainer.told(), [Command::Resume]);
}

#[test]
fn settings_change_while_it_runs_and_wrong_ones_do_not() {
    let (mut window, trainer) = live(Page::Train, runs::training_events());
    enter(&mut window, "Epochs", Role::TextInput, "6");
    enter(&mut window, "Patience", Role::TextInput, "2");
    enter(&mut window, "Evaluate every", Role::TextInput, "24");
    enter(&mut window, "Learning rate ×", Role::TextInput, "0.25");
    let due = [
        Change::Epochs(6.0),
        Change::Patience(2),
        Change::EvalSteps(24),
        Change::LearningRateMultiplier(0.25),
    ];
    assert_eq!(trainer.told(), due.map(Command::Change));
    sees(&window, "sent, holds from the next step");
    enter(&mut window, "Epochs", Role::TextInput, "1");
    assert_eq!(trainer.told(), []);
    sees(&window, "at least 2.4");
    let change = |change| Event::Changed {
        step: 187,
        change,
        total_steps: 468,
    };
    for change in due.map(change) {
        trainer.events.send(change).unwrap();
    }
    enter(&mut window, "Epochs", Role::TextInput, "6");
    does_not_see(&window, "sent, holds");
    assert_eq!(trainer.told(), []);
}

#[test]
fn probe_sentences_come_and_go() {
    let (mut window, trainer) = live(Page::Train, runs::training_events());
    sees(&window, "my card was charged twice yesterday");
    sees(&window, "since step 12");
    enter(
        &mut window,
        "Add a sentence",
        Role::TextInput,
        "包裹还没有送到",
    );
    press(&mut window, "Remove \"can I change my email?\"");
    let told = trainer.told();
    let Some(Command::Probes(last)) = told.last() else {
        panic!("{told:?}");
    };
    assert_eq!(last.len(), 3);
    assert_eq!(last[2], "包裹还没有送到");
    sees(&window, "not scored yet");
}

#[test]
fn the_log_tells_what_happened() {
    let (mut window, _trainer) = live(Page::Train, runs::training_events());
    press(&mut window, "Log");
    sees(&window, "best so far");
    let (mut wide, _trainer) = live(Page::Train, runs::training_events());
    wide.set_size(egui::vec2(1920.0, 1080.0));
    wide.run_steps(3);
    sees(&wide, "best so far");
    sees(&wide, "my card was charged twice yesterday");
}

#[test]
fn everything_on_train_lies_inside_a_small_window() {
    let (mut window, trainer) = live(Page::Train, runs::training_events());
    for _ in 0..2 {
        for words in [
            "Add",
            "Takes effect at the next step",
            "Learning rate",
            "Stop and keep best",
        ] {
            for node in window.get_all_by_label(words) {
                let rect = node.rect();
                assert!(
                    rect.right() <= 1262.0 && rect.bottom() <= 742.0,
                    "{words} {rect}"
                );
            }
        }
        // The banner of the second round takes room away.
        trainer.events.send(Event::Paused { step: 187 }).unwrap();
        window.run_steps(3);
    }
}

#[test]
fn train_leads_back_when_something_is_missing_or_failed() {
    let mut window = at(Page::Train);
    press(&mut window, "Go to Data");
    assert_eq!(window.state().page(), Page::Data);

    let mut window = at(Page::Train);
    window
        .state_mut()
        .send(Intent::SetData(Box::new(runs::run_settings().data)));
    until(&mut window, |app| app.project().blocked_start().is_none());
    sees(&window, "Ready to train");
    press(&mut window, "Start training");
    sees(&window, "made-up runs cannot be started");

    let mut events = runs::training_events();
    events.push(runs::failure());
    for events in [events, vec![runs::failure()]] {
        let (mut window, _trainer) = live(Page::Train, events);
        sees(&window, "not a number at step 188");
        sees(&window, "Halve the learning rate");
        window
            .state_mut()
            .send(Intent::SetData(Box::new(runs::run_settings().data)));
        until(&mut window, |app| app.project().blocked_start().is_none());
        press(&mut window, "Back to settings");
        assert_eq!(window.state().page(), Page::Hyperparameters);
    }
}

#[test]
fn train_tells_what_is_prepared_and_how_it_ended() {
    let stage = Stage::Tokens;
    let (window, _trainer) = live(Page::Train, vec![Event::Preparing { stage }]);
    sees(&window, "Turning texts into tokens");

    let mut window = at(Page::Train);
    window.state_mut().project_mut().opened = Some(runs::kept("2026-11-21-amber-viola", 0));
    window.run_steps(3);
    sees(&window, "the weights of step 288 are kept");
    does_not_see(&window, "Pause");
    does_not_see(&window, "No sentences were watched");
    let opened = window.state_mut().project_mut().opened.as_mut().unwrap();
    opened.settings.probes.clear();
    window.run_steps(2);
    sees(&window, "No sentences were watched");
    press(&mut window, "See how good it is");
    assert_eq!(window.state().page(), Page::Evaluate);
}

#[test]
fn smoothing_and_scale_can_be_chosen() {
    let (mut window, _trainer) = live(Page::Train, runs::training_events());
    press(&mut window, "log y");
    window.get_by_label("Smoothing").click();
    window.run_steps(3);
    press(&mut window, "raw");
    does_not_see(&window, "train, smoothed");
}

#[test]
fn what_was_looked_for_in_one_run_is_not_looked_for_in_another() {
    let mut window = finished(Page::Evaluate, 8, 124);
    let cell = "billing answered as billing: 14 (88 % of billing)";
    press(&mut window, cell);
    does_not_see(&window, "Wrong answers");
    window.state_mut().project_mut().opened = Some(runs::kept("another-run", 0));
    window.run_steps(3);
    sees(&window, "Wrong answers");
}

#[test]
fn evaluate_shows_scores_and_lets_answers_be_browsed() {
    let mut window = finished(Page::Evaluate, 8, 124);
    for words in [
        "0.927",
        "majority 0.230",
        "95 %: 0.879 to 0.968",
        "124 rows, 14 wrong",
    ] {
        sees(&window, words);
    }
    sees(&window, "14 rows, most confident first");
    press(&mut window, "Validation");
    sees(&window, "0.935");
    sees(&window, "switch to Test");
    press(&mut window, "Test");
    let cell = "billing answered as billing: 14 (88 % of billing)";
    press(&mut window, cell);
    sees(&window, "14 rows, most confident first");
    does_not_see(&window, "Wrong answers");
    press(&mut window, cell);
    sees(&window, "Wrong answers");
    enter(
        &mut window,
        "Search in the texts",
        Role::TextInput,
        "没有送到",
    );
    sees(&window, "包裹到现在还没有送到");
    enter(
        &mut window,
        "Search in the texts",
        Role::TextInput,
        "nothing like it",
    );
    sees(&window, "No row fits.");
}

#[test]
fn labels_are_sorted_by_a_press() {
    let mut window = finished(Page::Evaluate, 8, 124);
    press(&mut window, "Precision");
    let top = |window: &Window, label: &str| {
        let nodes = window.get_all_by_label(label);
        nodes.map(|node| node.rect().top()).fold(f32::MAX, f32::min)
    };
    // 0.824 against 1.000: the weakest comes first.
    assert!(top(&window, "billing") < top(&window, "delivery"));
    press(&mut window, "Precision");
    assert!(top(&window, "delivery") <= top(&window, "billing"));
}

#[test]
fn fifty_labels_and_thousands_of_rows_are_no_trouble() {
    let mut window = finished(Page::Evaluate, 50, 4000);
    sees(&window, "4,000 rows");
    sees(&window, "intent-08");
    let start = Instant::now();
    window.run_steps(5);
    assert!(start.elapsed() < Duration::from_secs(2));
    let cells = window.query_all_by_label_contains(" answered as ").count();
    assert!(cells < 1000, "{cells} of 2,500 cells are drawn");
}

#[test]
fn evaluate_without_a_run_leads_to_train_and_faults_can_be_tried_again() {
    let window = at(Page::Evaluate);
    sees(&window, "Nothing to evaluate yet");
    let mut window = at(Page::Evaluate);
    let project = window.state_mut().project_mut();
    project.opened = Some(runs::kept("2026-11-21-amber-viola", 0));
    let fault = luthier::error::Error::new("evaluation.json is cut");
    project
        .evaluation
        .set(Err(fault.remedy("Evaluate it again.")));
    window.run_steps(2);
    sees(&window, "valuation.json is cut");
    press(&mut window, "Try again");
    until(&mut window, |app| {
        app.project().evaluation.value().is_some()
    });
    sees(&window, "Confusions");
}

#[test]
fn a_sentence_goes_to_the_model_that_is_being_trained() {
    let (mut window, trainer) = live(Page::Try, runs::training_events());
    sees(&window, "the model as it is at step 187");
    let sentence = "the parcel arrived broken";
    let field = window.get_by_role_and_label(Role::MultilineTextInput, "Sentence to try");
    field.focus();
    window.run_steps(1);
    let field = window.get_by_role_and_label(Role::MultilineTextInput, "Sentence to try");
    field.type_text(sentence);
    window.run_steps(2);
    assert_eq!(trainer.told(), [Command::Try(sentence.into())]);
    let prediction = runs::prediction(sentence, &runs::labels(8), "returns", 0.81);
    let tried = Event::Tried {
        step: 187,
        prediction,
    };
    trainer.events.send(tried).unwrap();
    window.run_steps(2);
    sees(&window, "0.810");
    sees(&window, "6 tokens");
    // A quarter of a second a step: after some it counts as tried.
    window.run_steps(10);
    sees(&window, "returns 0.81");
    sees(&window, "When training has finished");
}

#[test]
fn a_whole_file_is_scored_and_saved() {
    let mut window = finished(Page::Try, 8, 20);
    enter(&mut window, "File", Role::TextInput, "/tmp/texts.txt");
    until(&mut window, |app| {
        app.project().file_scores.value().is_some()
    });
    sees(&window, "10 texts scored");
    press(&mut window, "Save");
    until(&mut window, |app| {
        app.project().saved_scores.value().is_some()
    });
    sees(&window, "Saved to /tmp/texts-scores.csv");
    enter(&mut window, "Save to", Role::TextInput, "/tmp/scores.csv");
    until(&mut window, |app| {
        let saved = app.project().saved_scores.value();
        saved
            .is_some_and(|path| path.ends_with("scores.csv") && !path.ends_with("texts-scores.csv"))
    });
    sees(&window, "Saved to /tmp/scores.csv");
}

#[test]
fn answers_are_not_shown_for_another_sentence() {
    let mut window = finished(Page::Try, 8, 20);
    let prediction = Ok(runs::prediction("old", &runs::labels(8), "praise", 0.5));
    window.state_mut().project_mut().answer = Some(Answer {
        prediction,
        elapsed: Duration::from_millis(3),
    });
    window.run_steps(2);
    does_not_see(&window, "0.500");
    sees(&window, "Answers come as you type");
}

#[test]
fn export_writes_checks_and_explains() {
    let mut window = finished(Page::Export, 8, 20);
    enter(&mut window, "Folder", Role::TextInput, "/tmp/exported");
    until(&mut window, |app| app.project().exported.value().is_some());
    for words in [
        "Exported and checked",
        "/tmp/exported",
        "model.safetensors",
        "54 MB",
        "1.2e-7",
    ] {
        sees(&window, words);
    }
    let shapes = window.output().shapes.iter();
    let code = shapes.filter_map(|clipped| match &clipped.shape {
        egui::Shape::Text(text) if text.galley.text().contains("import") => Some(&text.galley),
        _ => None,
    });
    for code in code {
        let lines = code.text().lines().count();
        assert_eq!(code.rows.len(), lines, "lines are broken");
    }
    press(&mut window, "Copy Python");
    sees(&window, "Copied");
    // The run does not exist, so neither does its card: the page says so and goes on.
    until(&mut window, |app| {
        app.project().model_card.fault().is_some()
    });
    sees(&window, "README.md");
}

#[test]
fn runs_are_compared_renamed_and_deleted() {
    let mut window = at(Page::Runs);
    let list = |variants: usize| {
        let mut list: Vec<_> = (0..variants)
            .map(|n| runs::kept(&format!("2026-11-2{n}-amber-viola"), n))
            .map(|run| (run.folder.clone(), Ok(run)))
            .collect();
        let broken = std::path::PathBuf::from("/home/ada/.local/share/luthier/runs/broken");
        let fault = luthier::error::Error::new("history.jsonl is cut in line 12");
        list.push((broken, Err(fault)));
        list
    };
    until(&mut window, |app| app.project().runs.value().is_some());
    window.state_mut().project_mut().runs = list(3).into();
    window.run_steps(3);
    sees(&window, "unreadable");
    sees(&window, "2026-11-20");
    window
        .get_by_label("Compare 2026-11-20-amber-viola")
        .click();
    window.run_steps(2);
    window
        .get_by_label("Compare 2026-11-21-amber-viola")
        .click();
    window.run_steps(3);
    for words in [
        "Macro F1 on validation",
        "Validation loss",
        "learning_rate",
        "1e-4",
        "all-MiniLM-L6-v2",
    ] {
        sees(&window, words);
    }
    does_not_see(&window, "weight_decay");
    press(&mut window, "same ones too");
    sees(&window, "num_train_epochs");
    let rename = window.get_by_role_and_label(Role::Button, "Rename…");
    assert!(rename.accesskit_node().is_disabled(), "two runs are chosen");
    window
        .get_by_label("Compare 2026-11-20-amber-viola")
        .click();
    window.run_steps(3);
    press(&mut window, "Rename…");
    enter(
        &mut window,
        "New name",
        Role::TextInput,
        "2026-11-22-amber-viola",
    );
    sees(&window, "Another run has this name");
    press(&mut window, "Cancel");
    press(&mut window, "Delete…");
    sees(&window, "This cannot be undone.");
    press(&mut window, "Delete");
    does_not_see(&window, "This cannot be undone.");
}

#[test]
fn without_runs_the_page_begins_with_a_task() {
    let mut window = at(Page::Runs);
    until(&mut window, |app| app.project().runs.value().is_some());
    window.state_mut().project_mut().runs = Vec::new().into();
    window.run_steps(3);
    sees(&window, "No runs yet");
    press(&mut window, "Begin with a task");
    assert_eq!(window.state().page(), Page::Task);
}

#[test]
fn preferences_are_taken_and_wrong_ones_are_not() {
    let mut window = at(Page::Settings);
    press(&mut window, "Light");
    assert_eq!(window.state().kept().preferences.theme, ThemeChoice::Light);
    enter(&mut window, "Model hub", Role::TextInput, "ftp://mirror");
    sees(&window, "begins with http:// or https://");
    assert_eq!(window.state().kept().preferences.hub, None);
    enter(
        &mut window,
        "Model hub",
        Role::TextInput,
        "https://hub.example/",
    );
    let hub = window.state().kept().preferences.hub;
    assert_eq!(hub.as_deref(), Some("https://hub.example"));
    enter(&mut window, "Threads", Role::TextInput, "0");
    sees(&window, "a whole number from 1");
    enter(&mut window, "Threads", Role::TextInput, "1");
    assert_eq!(window.state().kept().preferences.threads, Some(1));
    window.get_by_label("Never use the network").click();
    window.run_steps(2);
    assert!(window.state().kept().preferences.offline);
    enter(
        &mut window,
        "Storage folder",
        Role::TextInput,
        "/tmp/elsewhere",
    );
    sees(&window, "/tmp/elsewhere");
    press(&mut window, "Use the usual place");
    assert_eq!(window.state().kept().preferences.storage, None);
    assert!(
        window
            .get_by_label("简体中文")
            .accesskit_node()
            .is_disabled()
    );
}

#[test]
fn every_page_draws_in_every_state_and_theme() {
    for page in [
        Page::Train,
        Page::Evaluate,
        Page::Try,
        Page::Export,
        Page::Runs,
        Page::Settings,
    ] {
        for size in [[1280.0, 800.0], [1920.0, 1080.0], [900.0, 620.0]] {
            let mut window = sized(page, size);
            window
                .state_mut()
                .send(Intent::SetTheme(ThemeChoice::Light));
            window.run_steps(2);
            window.state_mut().project_mut().opened = Some(runs::kept("reviews-blue-cello", 1));
            window.run_steps(3);
        }
    }
}
