//! The window's shell and its first four pages, by role and label, on a made-up outside world.

#[path = "made_up/mod.rs"]
mod made_up;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use egui::accesskit::{Role, Toggled};
use egui::{Key, Modifiers};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use luthier::run::hyperparameters::MethodName;
use luthier::run::{DataSettings, Preset, RunSettings};
use luthier::tasks::TaskKind;
use luthier::ui::Workbench;
use luthier::ui::intent::Intent;
use luthier::ui::page::Page;
use luthier::ui::preferences::{Kept, Preferences, ThemeChoice};

use made_up::MadeUp;

type Window = Harness<'static, Workbench>;

fn open(kept: Kept, services: MadeUp) -> Window {
    let mut builder = Harness::builder()
        .with_size([1280.0, 800.0])
        .with_max_steps(40);
    if services.chinese || kept.page == Page::Settings {
        // Only the system has such a face, and perhaps none. All other words of the window must
        // be drawable with the fonts that the program carries.
        builder = builder.allow_missing_glyphs();
    }
    let services = Arc::new(services);
    builder.build_eframe(move |cc| Workbench::new(&cc.egui_ctx, kept, services))
}

fn at(page: Page) -> Window {
    open(at_page(page), MadeUp::default())
}

/// Steps until `done`, as work on other threads needs.
fn until(window: &mut Window, done: impl Fn(&Workbench) -> bool) {
    let start = Instant::now();
    while !done(window.state()) {
        assert!(start.elapsed() < Duration::from_secs(20), "waited in vain");
        std::thread::sleep(Duration::from_millis(5));
        window.step();
    }
    window.run_steps(2);
}

fn with_data(page: Page) -> Window {
    let mut window = at(page);
    load(&mut window, DataSettings::file("support-intents.csv"));
    window
}

fn load(window: &mut Window, data: DataSettings) {
    window.state_mut().send(Intent::SetData(Box::new(data)));
    window.step();
    until(window, |app| {
        let project = app.project();
        let ready = project.data.value().is_some() || project.data.fault().is_some();
        ready && project.catalogue.value().is_some() && project.machine.value().is_some()
    });
}

fn press(window: &mut Window, label: &str) {
    // What is pressed may come with an answer that is still on its way.
    for _ in 0..400 {
        let there = window.query_by_role_and_label(Role::Button, label);
        if there.is_some() {
            break;
        }
        std::thread::sleep(Duration::from_millis(5));
        window.step();
    }
    window.get_by_role_and_label(Role::Button, label).click();
    window.run_steps(3);
}

#[test]
fn steps_open_when_they_can_be_reached() {
    let mut window = at(Page::Task);
    for closed in ["Model", "Hyperparameters", "Train", "Evaluate", "Export"] {
        let row = window.get_by_role_and_label(Role::Button, closed);
        assert!(row.accesskit_node().is_disabled(), "{closed} is open");
    }
    load(&mut window, DataSettings::bundled("reviews"));
    press(&mut window, "Hyperparameters");
    assert_eq!(window.state().page(), Page::Hyperparameters);
    let train = window.get_by_role_and_label(Role::Button, "Train");
    assert!(train.accesskit_node().is_disabled());
}

#[test]
fn back_and_next_walk_the_steps() {
    let mut window = with_data(Page::Task);
    for (next, page) in [
        ("Next: Data", Page::Data),
        ("Next: Model", Page::Model),
        ("Next: Hyperparameters", Page::Hyperparameters),
    ] {
        press(&mut window, next);
        assert_eq!(window.state().page(), page);
    }
    press(&mut window, "Back");
    assert_eq!(window.state().page(), Page::Model);
}

#[test]
fn keys_jump_and_walk() {
    let mut window = with_data(Page::Task);
    window.key_press_modifiers(Modifiers::COMMAND, Key::Num3);
    window.run_steps(2);
    assert_eq!(window.state().page(), Page::Model);
    window.key_press_modifiers(Modifiers::ALT, Key::ArrowLeft);
    window.run_steps(2);
    assert_eq!(window.state().page(), Page::Data);
    window.key_press_modifiers(Modifiers::ALT, Key::ArrowRight);
    window.run_steps(2);
    assert_eq!(window.state().page(), Page::Model);
    window.key_press_modifiers(Modifiers::COMMAND, Key::Num6);
    window.run_steps(2);
    assert_eq!(
        window.state().page(),
        Page::Model,
        "Evaluate cannot be reached"
    );
}

#[test]
fn cards_are_reached_and_chosen_by_keyboard() {
    let mut window = at(Page::Task);
    for _ in 0..30 {
        window.key_press(Key::Tab);
        window.step();
        let card = window.get_by_role_and_label(Role::RadioButton, "Topic & intent");
        if card.accesskit_node().is_focused() {
            break;
        }
    }
    window.key_press(Key::Enter);
    window.run_steps(3);
    assert_eq!(window.state().project().settings.task, TaskKind::Topic);
}

#[test]
fn the_task_is_chosen_by_its_card() {
    let mut window = at(Page::Task);
    window
        .get_by_role_and_label(Role::RadioButton, "Topic & intent")
        .click();
    window.run_steps(3);
    assert_eq!(window.state().project().settings.task, TaskKind::Topic);
    assert!(window.get_all_by_label("coming").count() == 5);
}

#[test]
fn a_bundled_set_is_one_click_away() {
    let mut window = at(Page::Data);
    press(&mut window, "Use reviews");
    until(&mut window, |app| app.project().data.value().is_some());
    let data = &window.state().project().settings.data;
    assert_eq!(data.bundled.as_deref(), Some("reviews"));
    window.get_by_label("3 rows are set aside");
}

#[test]
fn the_data_page_shows_what_was_read() {
    let mut window = with_data(Page::Data);
    window.get_by_label("support-intents · CSV · comma · UTF-8 · header · 1,243 rows");
    for words in ["3 rows are set aside", "train 992", "test 124, locked"] {
        window.get_by_label(words);
    }
    write(&mut window, "Search rows", "Norway");
    assert!(window.query_by_label_contains("crashes").is_none());
    assert!(window.get_all_by_label("do you ship to Norway").count() > 3);
    press(&mut window, "Show…");
    window.get_by_label("too many columns: 5 instead of 3");
    press(&mut window, "Close");
    assert!(
        window
            .query_by_label("too many columns: 5 instead of 3")
            .is_none()
    );
}

#[test]
fn a_column_is_corrected_in_place() {
    let mut window = with_data(Page::Data);
    window.get_by_role_and_label(Role::ComboBox, "text").click();
    window.run_steps(3);
    window.get_by_label("ticket_id").click();
    window.run_steps(3);
    let data = &window.state().project().settings.data;
    assert_eq!(data.text_column.as_deref(), Some("ticket_id"));
}

#[test]
fn unreadable_data_says_what_to_do() {
    let mut window = at(Page::Data);
    load(&mut window, DataSettings::file("broken.csv"));
    window.get_by_label("broken.csv has no column with labels");
    window.get_by_label("Add a column called label, or name yours on the Data page.");
    write(&mut window, "Label column", "mood");
    press(&mut window, "Read again");
    let data = &window.state().project().settings.data;
    assert_eq!(data.label_column.as_deref(), Some("mood"));
    press(&mut window, "Use other data");
    window.get_by_label("Use reviews");
}

#[test]
fn a_picked_file_is_read() {
    let services = MadeUp {
        picked: Some(PathBuf::from("/data/picked.csv")),
        ..MadeUp::default()
    };
    let mut window = open(at_page(Page::Data), services);
    press(&mut window, "Choose a file…");
    until(&mut window, |app| app.project().data.value().is_some());
    let file = window.state().project().settings.data.file.clone();
    assert_eq!(file, Some(PathBuf::from("/data/picked.csv")));
}

#[test]
fn a_typed_path_is_read() {
    let mut window = at(Page::Data);
    write(&mut window, "Or its path", "\"/data/typed file.csv\"");
    press(&mut window, "Open");
    until(&mut window, |app| app.project().data.value().is_some());
    let file = window.state().project().settings.data.file.clone();
    assert_eq!(file, Some(PathBuf::from("/data/typed file.csv")));
}

#[test]
fn a_model_that_is_not_here_blocks_the_way_on() {
    let mut window = with_data(Page::Model);
    window
        .get_by_role_and_label(Role::RadioButton, "MiniLM L6")
        .click();
    window.run_steps(3);
    let next = window.get_by_role_and_label(Role::Button, "Next: Hyperparameters");
    assert!(next.accesskit_node().is_disabled());
    window
        .get_by_role_and_label(Role::RadioButton, "BERT base, uncased")
        .click();
    window.run_steps(3);
    let rate = window
        .state()
        .project()
        .settings
        .hyperparameters
        .learning_rate;
    assert_eq!(rate, 5e-5, "the balanced preset follows the model");
    press(&mut window, "Next: Hyperparameters");
    assert_eq!(window.state().page(), Page::Hyperparameters);
}

#[test]
fn a_download_is_shown_and_cancelled() {
    let mut window = with_data(Page::Model);
    press(&mut window, "Download 89 MB");
    until(&mut window, |app| {
        let download = app.project().downloads.get("all-MiniLM-L6-v2");
        download.is_some_and(|download| download.progress.get().0 > 0)
    });
    window.get_by_label("38 MB of 91 MB");
    press(&mut window, "Cancel");
    until(&mut window, |app| app.project().downloads.is_empty());
    window.get_by_label("Download 89 MB");
}

#[test]
fn a_learning_rate_is_read_in_any_notation() {
    let mut window = with_data(Page::Hyperparameters);
    write(&mut window, "learning_rate", "2e-5");
    let settings = &window.state().project().settings;
    assert_eq!(settings.hyperparameters.learning_rate, 2e-5);
    assert!(window.state().project().preset().is_none());
}

#[test]
fn a_bad_value_is_told_and_keeps_training_from_starting() {
    let mut window = with_data(Page::Hyperparameters);
    let before = window.state().project().settings.hyperparameters.clone();
    write(&mut window, "per_device_train_batch_size", "0");
    window.get_by_label_contains("from 1 to 4096");
    let start = window.get_by_role_and_label(Role::Button, "Start training");
    assert!(start.accesskit_node().is_disabled());
    assert_eq!(window.state().project().settings.hyperparameters, before);
    // A preset puts everything right.
    window
        .get_by_role_and_label(Role::RadioButton, "Quick look")
        .click();
    window.run_steps(3);
    assert!(window.query_by_label_contains("from 1 to 4096").is_none());
    let settings = &window.state().project().settings;
    assert_eq!(settings.hyperparameters.num_train_epochs, 1.0);
}

#[test]
fn a_method_shows_its_own_fields() {
    let mut window = with_data(Page::Model);
    let fields = ["freeze_layers", "lora_r", "lora_alpha", "lora_dropout"];
    let shown = |window: &Window| {
        fields.map(|name| {
            let field = window.query_by_role_and_label(Role::TextInput, name);
            field.is_some()
        })
    };
    assert_eq!(shown(&window), [true, false, false, false]);
    window
        .get_by_role_and_label(Role::CheckBox, "freeze_embeddings")
        .click();
    choose(&mut window, LORA);
    assert_eq!(shown(&window), [false, true, true, true]);
    into_view(&mut window, Role::TextInput, "lora_target_modules");
    write(&mut window, "lora_target_modules", "query, key");
    choose(&mut window, CLASSIFIER);
    assert_eq!(shown(&window), [false; 4]);
    let h = &window.state().project().settings.hyperparameters;
    assert_eq!(h.method, MethodName::Head);
    assert!(h.freeze_embeddings, "kept for the way back");
    assert_eq!(h.lora_target_modules, "query,key");
}

#[test]
fn more_frozen_layers_than_the_model_has_close_the_way_on() {
    let mut window = with_data(Page::Model);
    write(&mut window, "freeze_layers", "99");
    window.run_steps(2);
    window.get_by_label_contains("freeze_layers is 99, but the model has");
    let next = |window: &Window| {
        let next = window.get_by_role_and_label(Role::Button, "Next: Hyperparameters");
        next.accesskit_node().is_disabled()
    };
    assert!(next(&window));
    write(&mut window, "freeze_layers", "1");
    window.run_steps(2);
    assert!(!next(&window));
}

#[test]
fn a_method_is_chosen_by_keyboard() {
    let mut window = with_data(Page::Model);
    let row = |window: &Window| {
        let row = window.get_by_role_and_label(Role::RadioButton, CLASSIFIER);
        let node = row.accesskit_node();
        (node.is_focused(), node.toggled())
    };
    for _ in 0..60 {
        window.key_press(Key::Tab);
        window.step();
        if row(&window).0 {
            break;
        }
    }
    window.key_press(Key::Space);
    window.run_steps(3);
    assert_eq!(row(&window), (true, Some(Toggled::True)));
    let h = &window.state().project().settings.hyperparameters;
    assert_eq!(h.method, MethodName::Head);
}

#[test]
fn a_bad_value_of_the_method_is_told_and_closes_the_way_on() {
    let mut window = with_data(Page::Model);
    choose(&mut window, LORA);
    write(&mut window, "lora_r", "0");
    window.get_by_label_contains("from 1 to 1024");
    let closed = |window: &Window, label: &str| {
        let button = window.get_by_role_and_label(Role::Button, label);
        button.accesskit_node().is_disabled()
    };
    assert!(closed(&window, "Next: Hyperparameters"));
    let h = &window.state().project().settings.hyperparameters;
    assert_eq!(h.lora_r, 8);
    press(&mut window, "Hyperparameters");
    assert!(closed(&window, "Start training"));
    // Another method has no use for the value.
    press(&mut window, "Model");
    choose(&mut window, CLASSIFIER);
    press(&mut window, "Next: Hyperparameters");
    assert!(!closed(&window, "Start training"));
}

#[test]
fn the_learning_rate_and_the_estimate_follow_the_method() {
    let mut window = with_data(Page::Model);
    let seconds = |window: &Window| window.state().project().estimate().unwrap().seconds;
    let with_all_weights = seconds(&window);
    choose(&mut window, LORA);
    assert!(seconds(&window) < with_all_weights);
    press(&mut window, "Hyperparameters");
    assert_eq!(shown_rate(&window), "0.0015");
    window
        .get_by_role_and_label(Role::RadioButton, "Thorough")
        .click();
    window.run_steps(3);
    assert_eq!(shown_rate(&window), "9e-4");
    press(&mut window, "Model");
    choose(&mut window, CLASSIFIER);
    press(&mut window, "Hyperparameters");
    assert_eq!(shown_rate(&window), "0.0018");
    let preset = window.state().project().preset();
    assert_eq!(preset, Some(Preset::Thorough), "whatever the method");
    // A person's own rate stays.
    write(&mut window, "learning_rate", "4e-4");
    press(&mut window, "Model");
    choose(&mut window, ALL_WEIGHTS);
    press(&mut window, "Hyperparameters");
    assert_eq!(shown_rate(&window), "4e-4");
}

#[test]
fn the_method_outlives_another_model_and_preset() {
    let mut window = with_data(Page::Model);
    choose(&mut window, LORA);
    write(&mut window, "lora_r", "32");
    choose(&mut window, "BERT base, uncased");
    press(&mut window, "Hyperparameters");
    assert_eq!(shown_rate(&window), "5e-4", "ten times the model's own");
    window
        .get_by_role_and_label(Role::RadioButton, "Quick look")
        .click();
    window.run_steps(3);
    let h = &window.state().project().settings.hyperparameters;
    assert_eq!((h.method, h.lora_r), (MethodName::Lora, 32));
    assert_eq!(h.num_train_epochs, 1.0);
}

#[test]
fn the_run_file_names_the_method() {
    let folder = tempfile::tempdir().unwrap();
    let services = MadeUp {
        trains_in: Some(folder.path().to_path_buf()),
        ..MadeUp::default()
    };
    // A classifier alone is trained on what the encoder says of every row, which comes before the
    // run file: few rows, so that this takes a moment on a busy machine too.
    let rows = folder.path().join("rows.csv");
    let row = |i: usize| {
        format!(
            "a {} day {i},{}\n",
            ["good", "bad"][i % 2],
            ["yes", "no"][i % 2]
        )
    };
    let content: String = (0..40).map(row).collect();
    std::fs::write(&rows, format!("text,label\n{content}")).unwrap();
    let mut window = open(at_page(Page::Model), services);
    load(&mut window, DataSettings::file(rows));
    choose(&mut window, CLASSIFIER);
    press(&mut window, "Next: Hyperparameters");
    press(&mut window, "Start training");
    let run_folder = |app: &Workbench| {
        let run = app.project().run();
        run.and_then(|run| run.folder().map(PathBuf::from))
    };
    until(&mut window, |app| run_folder(app).is_some());
    let run_file = run_folder(window.state()).unwrap().join("run.toml");
    let settings = RunSettings::parse(&std::fs::read_to_string(run_file).unwrap()).unwrap();
    let h = settings.hyperparameters;
    assert_eq!((h.method, h.learning_rate), (MethodName::Head, 3e-3));
}

#[test]
fn a_run_that_cannot_start_says_why() {
    let mut window = with_data(Page::Hyperparameters);
    press(&mut window, "Start training");
    window.get_by_label("made-up runs cannot be started");
    press(&mut window, "Dismiss");
    assert!(
        window
            .query_by_label("made-up runs cannot be started")
            .is_none()
    );
}

#[test]
fn every_page_can_be_drawn_without_anything() {
    for page in Page::STEPS.into_iter().chain([Page::Runs, Page::Settings]) {
        let mut window = at(page);
        window.run_steps(2);
        assert_eq!(window.state().page(), page);
    }
}

#[test]
fn what_is_kept_comes_back() {
    let mut window = with_data(Page::Hyperparameters);
    write(&mut window, "seed", "7");
    window
        .state_mut()
        .send(Intent::SetTheme(ThemeChoice::Light));
    window.run_steps(2);
    let kept = window.state().kept();
    let again = open(kept, MadeUp::default());
    assert_eq!(again.state().page(), Page::Hyperparameters);
    assert_eq!(again.state().project().settings.hyperparameters.seed, 7);
    assert_eq!(again.state().kept().preferences.theme, ThemeChoice::Light);
}

#[test]
fn settings_that_cannot_be_read_cost_nothing_else() {
    let kept = Kept {
        page: Page::Data,
        settings: Some("task = \"haiku\"".into()),
        preferences: Preferences {
            theme: ThemeChoice::Dark,
            ..Preferences::default()
        },
    };
    let window = open(kept, MadeUp::default());
    window.get_by_label_contains("could not be read");
    assert_eq!(window.state().page(), Page::Data);
    assert_eq!(window.state().kept().preferences.theme, ThemeChoice::Dark);
}

#[test]
fn chinese_rows_are_shown() {
    let services = MadeUp {
        chinese: true,
        ..MadeUp::default()
    };
    let mut window = open(at_page(Page::Data), services);
    until(&mut window, Workbench::fonts_are_ready);
    load(&mut window, DataSettings::file("support-intents.csv"));
    window.get_by_label("我的包裹在哪里？说好星期一到的。");
}

#[test]
fn a_dropped_file_is_read() {
    let mut window = at(Page::Data);
    let file = std::env::temp_dir().join("dropped.csv");
    window.input_mut().dropped_files = vec![Arc::new(Dropped(file.clone()))];
    window.step();
    until(&mut window, |app| app.project().data.value().is_some());
    let data = &window.state().project().settings.data;
    assert_eq!(data.file.as_ref(), Some(&file));
}

/// A dropped file of which only the path is looked at.
#[derive(Debug)]
struct Dropped(PathBuf);

impl egui::DroppedFile for Dropped {
    fn path(&self) -> &std::path::Path {
        &self.0
    }

    fn bytes(&self) -> Result<Vec<u8>, String> {
        Err("only the path is looked at".to_owned())
    }
}

#[test]
fn closing_while_training_asks() {
    let folder = tempfile::tempdir().unwrap();
    let services = MadeUp {
        trains_in: Some(folder.path().to_path_buf()),
        ..MadeUp::default()
    };
    let mut window = open(at_page(Page::Hyperparameters), services);
    load(&mut window, DataSettings::bundled("reviews"));
    press(&mut window, "Start training");
    assert_eq!(window.state().page(), Page::Train);
    assert!(window.state().project().is_training());
    ask_to_close(&mut window);
    window.get_by_label("A model is being trained");
    press(&mut window, "Keep training");
    assert!(window.query_by_label("A model is being trained").is_none());
    ask_to_close(&mut window);
    press(&mut window, "Stop, keep best and quit");
    window.get_by_label_contains("the best weights are being written");
}

fn ask_to_close(window: &mut Window) {
    let viewports = &mut window.input_mut().viewports;
    let root = viewports.entry(egui::ViewportId::ROOT).or_default();
    root.events.push(egui::ViewportEvent::Close);
    window.step();
    let viewports = &mut window.input_mut().viewports;
    viewports
        .entry(egui::ViewportId::ROOT)
        .or_default()
        .events
        .clear();
    window.run_steps(2);
}

#[test]
fn nothing_is_cut_off_in_a_small_window() {
    for page in [Page::Task, Page::Data, Page::Model, Page::Hyperparameters] {
        let mut window = with_data(page);
        window.set_size(egui::vec2(960.0, 640.0));
        window.run_steps(3);
        let next = window.get_all_by_role(Role::Button).map(|node| node.rect());
        let inside = egui::Rect::from_min_size(egui::Pos2::ZERO, egui::vec2(960.0, 640.0));
        let outside = next.filter(|rect| rect.left() < 0.0 || rect.right() > inside.right());
        assert_eq!(outside.count(), 0, "{page:?}");
    }
}

fn at_page(page: Page) -> Kept {
    Kept {
        page,
        ..Kept::default()
    }
}

const ALL_WEIGHTS: &str = "All weights";
const LORA: &str = "Low-rank adapters (LoRA)";
const CLASSIFIER: &str = "Classifier only";

fn choose(window: &mut Window, choice: &str) {
    into_view(window, Role::RadioButton, choice);
    window
        .get_by_role_and_label(Role::RadioButton, choice)
        .click();
    window.run_steps(3);
}

/// Scrolls until it can be clicked.
fn into_view(window: &mut Window, role: Role, label: &str) {
    window.get_by_role_and_label(role, label).scroll_to_me();
    window.run_steps(3);
}

fn shown_rate(window: &Window) -> String {
    let field = window.get_by_role_and_label(Role::TextInput, "learning_rate");
    field.value().unwrap_or_default()
}

fn write(window: &mut Window, field: &str, words: &str) {
    window.get_by_role_and_label(Role::TextInput, field).click();
    window.run_steps(2);
    window.key_press_modifiers(Modifiers::COMMAND, Key::A);
    window.run_steps(1);
    window
        .get_by_role_and_label(Role::TextInput, field)
        .type_text(words);
    window.run_steps(3);
}
