//! The pages after training, for every task, by role and label, on runs that never happened.

#[path = "made_up/mod.rs"]
mod made_up;
#[path = "made_up_runs/mod.rs"]
mod made_up_runs;

use std::time::{Duration, Instant};

use egui::accesskit::Role;
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;
use luthier::session::scorer::Answer;
use luthier::tasks::TaskKind;
use luthier::ui::Workbench;
use luthier::ui::intent::Intent;
use luthier::ui::page::Page;
use luthier::ui::preferences::{Kept, ThemeChoice};
use made_up_runs::tasks;

type Window = Harness<'static, Workbench>;

/// A window on a finished run of the task.
fn open(page: Page, task: TaskKind) -> Window {
    sized(page, task, [1280.0, 800.0])
}

fn sized(page: Page, task: TaskKind, size: [f32; 2]) -> Window {
    let kept = Kept {
        page,
        ..Kept::default()
    };
    let mut window = Harness::builder()
        .with_size(size)
        .allow_missing_glyphs()
        .build_eframe(move |cc| Workbench::new(&cc.egui_ctx, kept, made_up::made_up()));
    window.run_steps(2);
    let project = window.state_mut().project_mut();
    project.opened = Some(tasks::kept_of(task));
    project.evaluation = tasks::evaluation(task, tasks::rows(task, 60)).into();
    window.run_steps(3);
    window
}

fn press(window: &mut Window, label: &str) {
    window.get_by_role_and_label(Role::Button, label).click();
    window.run_steps(3);
}

fn is_seen(window: &Window, words: &str) -> bool {
    window.query_all_by_label_contains(words).next().is_some()
}

#[track_caller]
fn sees(window: &Window, words: &str) {
    assert!(is_seen(window, words), "\"{words}\" is not shown");
}

/// Types into a field of several lines or of one.
fn enter(window: &mut Window, label: &str, role: Role, text: &str) {
    window.get_by_role_and_label(role, label).focus();
    window.run_steps(1);
    window.get_by_role_and_label(role, label).type_text(text);
    window.run_steps(2);
}

/// Lets the model answer what was typed.
fn answer(window: &mut Window, task: TaskKind, text: &str, pair: Option<&str>) {
    let prediction = Ok(tasks::prediction(task, text, pair, 1));
    let project = window.state_mut().project_mut();
    // The made-up model cannot be opened, and would say so later on.
    project.scorer = None;
    project.answer = Some(Answer {
        prediction,
        elapsed: Duration::from_millis(3),
    });
    window.run_steps(2);
}

#[test]
fn train_shows_the_scores_that_matter_for_the_task() {
    for (task, words) in [
        (TaskKind::MultiLabel, ["Micro F1, best", "Macro F1"]),
        (TaskKind::Similarity, ["Spearman, best", "Pearson"]),
        (TaskKind::Entities, ["F1, best", "Recall"]),
        (TaskKind::Questions, ["F1, best", "Exact match"]),
        (TaskKind::Pairs, ["Macro F1, best", "Accuracy"]),
    ] {
        let window = open(Page::Train, task);
        words.iter().for_each(|words| sees(&window, words));
        sees(&window, "baseline");
    }
    let window = open(Page::Train, TaskKind::Questions);
    sees(&window, "Where did Ada fly to? | Ada flew to Oslo.");
    let window = open(Page::Train, TaskKind::Similarity);
    sees(&window, "It rains. | The street is wet.");
    sees(&window, " before");
}

#[test]
fn several_labels_are_evaluated_with_their_thresholds() {
    let mut window = open(Page::Evaluate, TaskKind::MultiLabel);
    for words in [
        "Micro F1",
        "baseline 0.210",
        "Threshold",
        "0.350",
        "most mistakes first",
    ] {
        sees(&window, words);
    }
    assert!(!is_seen(&window, "Confusions"));
    press(&mut window, "Threshold");
    sees(&window, "no label");
    press(&mut window, "right ones too");
    sees(&window, "60 rows");
}

#[test]
fn numbers_are_evaluated_by_their_distance() {
    let window = open(Page::Evaluate, TaskKind::Similarity);
    for words in [
        "Spearman",
        "Predicted and true",
        "Errors",
        "60 rows, largest error first",
    ] {
        sees(&window, words);
    }
    assert!(
        !is_seen(&window, "right ones too"),
        "there are no right ones"
    );
    // Below the largest true number, and rows beside the bars of errors.
    assert_eq!(written(&window, "5"), 2);
}

/// How often these words alone are drawn, as the marks of an axis are.
fn written(window: &Window, words: &str) -> usize {
    let shapes = window.output().shapes.iter();
    let texts = shapes.filter_map(|clipped| match &clipped.shape {
        egui::Shape::Text(text) => Some(text.galley.text()),
        _ => None,
    });
    texts.filter(|text| *text == words).count()
}

/// A window on a finished run that tells two numbers.
fn two_targets(page: Page, size: [f32; 2]) -> Window {
    let mut window = sized(page, TaskKind::Similarity, size);
    let evaluation = tasks::two_targets(60);
    window.state_mut().project_mut().evaluation = evaluation.into();
    window.run_steps(3);
    window
}

#[test]
fn several_numbers_are_evaluated_target_by_target() {
    for size in [[1280.0, 800.0], [900.0, 620.0]] {
        let mut window = two_targets(Page::Evaluate, size);
        for words in [
            "By target",
            "0.910",
            "0.130",
            "Predicted and true",
            "Errors",
        ] {
            sees(&window, words);
        }
        // Errors may be negative; of the numbers themselves only those of the second are.
        let before = written(&window, "-4");
        let warmth = window.get_by_label("warmth").rect().center();
        click(&mut window, warmth);
        assert!(written(&window, "-4") > before, "the other target is drawn");
        sees(&window, "60 rows, largest error first");
        let first = window.query_all_by_label_contains("ease ").next();
        let first = first.expect("a row with both numbers").rect().center();
        click(&mut window, first);
        sees(&window, ", predicted ");
    }
}

#[test]
fn several_numbers_are_tried_by_name() {
    let mut window = two_targets(Page::Try, [1280.0, 800.0]);
    // These were learned from texts alone, so that a second one is not asked for.
    let opened = &mut window.state_mut().project_mut().opened;
    let finished = opened.as_mut().and_then(|run| run.state.finished.as_mut());
    finished.expect("a finished run").pairs = false;
    window.run_steps(2);
    assert!(window.query_by_label("Second text").is_none());
    enter(
        &mut window,
        "Sentence to try",
        Role::MultilineTextInput,
        "It rains.",
    );
    let project = window.state_mut().project_mut();
    project.scorer = None;
    let values = [("ease", 4.25), ("warmth", -4.25)].into_iter().collect();
    let mut prediction = tasks::prediction(TaskKind::Similarity, "It rains.", None, 1);
    prediction.answer = luthier::tasks::Answer::Values { values };
    project.answer = Some(Answer {
        prediction: Ok(prediction),
        elapsed: Duration::from_millis(3),
    });
    window.run_steps(2);
    for words in ["ease", "4.25", "warmth", "-4.25"] {
        sees(&window, words);
    }
    // Each on the scale of its own numbers.
    assert!(written(&window, "5.0") > 0 && written(&window, "-5.0") > 0);
}

#[test]
fn entities_are_evaluated_by_type_and_mistake() {
    let mut window = open(Page::Evaluate, TaskKind::Entities);
    for words in [
        "By type",
        "PER",
        "LOC",
        "Mistakes",
        "missed",
        "words too many or few",
        "12",
    ] {
        sees(&window, words);
    }
    sees(&window, "Ada Obi (PER); Oslo (LOC)");
    let first = window.query_all_by_label_contains("Ada Obi flew").next();
    let first = first.expect("a row").rect().center();
    click(&mut window, first);
    sees(&window, "wrong");
}

fn click(window: &mut Window, at: egui::Pos2) {
    window.hover_at(at);
    window.run_steps(1);
    for pressed in [true, false] {
        window.event(egui::Event::PointerButton {
            pos: at,
            button: egui::PointerButton::Primary,
            pressed,
            modifiers: egui::Modifiers::NONE,
        });
        window.run_steps(1);
    }
    window.run_steps(2);
}

#[test]
fn answers_are_filtered_by_how_right_they_are() {
    let mut window = open(Page::Evaluate, TaskKind::Questions);
    sees(&window, "Exact match");
    sees(&window, "Where did they meet? | Ada Obi flew");
    let mut counted = 0;
    for verdict in ["exact", "partly", "wrong", "rightly none"] {
        press(&mut window, verdict);
        let rows = (0..=60)
            .rev()
            .find(|n| {
                let words = if *n == 1 {
                    "1 row,".to_owned()
                } else {
                    format!("{n} rows,")
                };
                is_seen(&window, &words)
            })
            .unwrap();
        counted += rows;
        press(&mut window, verdict);
    }
    assert_eq!(counted, 60, "every row has one verdict");
}

#[test]
fn several_labels_are_tried_with_their_thresholds() {
    let mut window = open(Page::Try, TaskKind::MultiLabel);
    enter(
        &mut window,
        "Sentence to try",
        Role::MultilineTextInput,
        "a cup final",
    );
    answer(&mut window, TaskKind::MultiLabel, "a cup final", None);
    for words in ["sport", "money", "5 tokens"] {
        sees(&window, words);
    }
}

#[test]
fn pairs_are_tried_in_two_boxes_once_both_are_there() {
    let mut window = open(Page::Try, TaskKind::Pairs);
    enter(
        &mut window,
        "First text",
        Role::MultilineTextInput,
        "It rains.",
    );
    sees(&window, "once there are two texts");
    assert!(
        window.state().project().scorer.is_none(),
        "half a pair is not asked"
    );
    enter(
        &mut window,
        "Second text",
        Role::MultilineTextInput,
        "The street is wet.",
    );
    assert!(window.state().project().scorer.is_some());
    answer(
        &mut window,
        TaskKind::Pairs,
        "It rains.",
        Some("The street is wet."),
    );
    sees(&window, "sport");
}

#[test]
fn numbers_are_tried_on_their_scale() {
    let mut window = open(Page::Try, TaskKind::Similarity);
    enter(
        &mut window,
        "First text",
        Role::MultilineTextInput,
        "It rains.",
    );
    sees(&window, "once there are two texts");
    assert!(
        window.state().project().scorer.is_none(),
        "a model of two texts is not asked one"
    );
    let wet = "The street is wet.";
    enter(&mut window, "Second text", Role::MultilineTextInput, wet);
    assert!(window.state().project().scorer.is_some());
    answer(&mut window, TaskKind::Similarity, "It rains.", Some(wet));
    sees(&window, "from the smallest to the largest number");
}

#[test]
fn entities_are_tried_in_their_colours() {
    let mut window = open(Page::Try, TaskKind::Entities);
    let text = "王小明 去了 北京";
    enter(
        &mut window,
        "Sentence to try",
        Role::MultilineTextInput,
        text,
    );
    answer(&mut window, TaskKind::Entities, text, None);
    sees(&window, "PER");
    sees(&window, "0.900");
}

#[test]
fn questions_are_tried_with_their_passage() {
    let mut window = open(Page::Try, TaskKind::Questions);
    enter(&mut window, "Question", Role::TextInput, "who?");
    sees(&window, "once there is a question and a passage");
    let passage = "Ada flew to Oslo.\nNobody else did.";
    enter(&mut window, "Passage", Role::MultilineTextInput, passage);
    answer(&mut window, TaskKind::Questions, passage, Some("who?"));
    sees(&window, "Ada");
    sees(&window, "no answer");
    sees(&window, "da flew to Oslo. Nobody else did.");

    // Where the likeliest is not what is answered, the page says why.
    let why = "was chosen on the validation rows";
    assert!(!is_seen(&window, why));
    let answer = window.state_mut().project_mut().answer.as_mut().unwrap();
    let prediction = answer.prediction.as_mut().unwrap();
    let luthier::tasks::Answer::Answer { no_answer, .. } = &mut prediction.answer else {
        panic!("{prediction:?}");
    };
    *no_answer = Some(0.99);
    window.run_steps(2);
    sees(&window, why);
}

#[test]
fn a_second_text_is_forgotten_with_the_task_it_was_typed_for() {
    let mut window = open(Page::Try, TaskKind::Questions);
    enter(&mut window, "Question", Role::TextInput, "who?");
    let passage = "Ada flew to Oslo.";
    enter(&mut window, "Passage", Role::MultilineTextInput, passage);
    window.state_mut().project_mut().opened = Some(tasks::kept_of(TaskKind::Similarity));
    window.run_steps(3);
    let value = |name| {
        let field = window.get_by_role_and_label(Role::MultilineTextInput, name);
        field.value().unwrap_or_default()
    };
    assert_eq!(value("First text"), passage);
    assert_eq!(value("Second text"), "");
}

#[test]
fn only_runs_of_the_same_kind_are_compared() {
    for (task, offered) in [(TaskKind::Topic, true), (TaskKind::Questions, false)] {
        let mut window = open(Page::Try, task);
        // The runs are read on a thread of their own.
        let start = Instant::now();
        while window.state().project().runs.value().is_none() {
            assert!(start.elapsed() < Duration::from_secs(20), "waited in vain");
            std::thread::sleep(Duration::from_millis(5));
            window.step();
        }
        window.run_steps(3);
        window.get_by_label("Compare with").click();
        window.run_steps(3);
        let shown = is_seen(&window, "reviews-amber-viola");
        let explained = is_seen(&window, "When another run has finished");
        assert_eq!((shown, explained), (offered, !offered), "{task:?}");
    }
}

#[test]
fn every_page_draws_every_task_in_every_size_and_theme() {
    for task in TaskKind::ALL {
        for page in [
            Page::Task,
            Page::Train,
            Page::Evaluate,
            Page::Try,
            Page::Export,
            Page::Runs,
        ] {
            for size in [[1280.0, 800.0], [900.0, 620.0]] {
                let mut window = sized(page, task, size);
                window
                    .state_mut()
                    .send(Intent::SetTheme(ThemeChoice::Light));
                window.run_steps(3);
                let project = window.state_mut().project_mut();
                project.evaluation = tasks::evaluation(task, Vec::new()).into();
                window.run_steps(3);
            }
        }
    }
}
