//! The Data page as a desk, by role and label, on files that are really read.

#[path = "made_up/mod.rs"]
mod made_up;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use egui::accesskit::Role;
use egui::{Key, Modifiers};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT as _, Queryable as _};
use luthier::data::cleaning::{Alike, Conflicts, NewLabel};
use luthier::data::tags::TagScheme;
use luthier::data::{Balance, Cleaning, Delimiter, Kind, Quoting};
use luthier::run::DataSettings;
use luthier::session::dataset::RowView;
use luthier::tasks::TaskKind;
use luthier::ui::Workbench;
use luthier::ui::intent::Intent;
use luthier::ui::page::Page;
use luthier::ui::preferences::Kept;
use made_up::MadeUp;

type Window = Harness<'static, Workbench>;

/// A window on a storage folder of its own, with the file `name` read from it.
struct Desk {
    folder: tempfile::TempDir,
    window: Window,
}

impl Desk {
    fn of(name: &str, text: &str) -> Self {
        Self::picking(name, text, None)
    }

    /// With a file dialog that answers `picked` in the folder, or that cannot be opened.
    fn picking(name: &str, text: &str, picked: Option<&str>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join(name);
        std::fs::write(&file, text).unwrap();
        let services = MadeUp {
            reads_in: Some(folder.path().to_path_buf()),
            picked: picked.map(|name| folder.path().join(name)),
            without_dialogs: picked.is_none(),
            ..MadeUp::default()
        };
        let mut desk = Self {
            window: open(services),
            folder,
        };
        desk.read(DataSettings::file(file));
        desk
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn read(&mut self, data: DataSettings) {
        self.window
            .state_mut()
            .send(Intent::SetData(Box::new(data)));
        self.window.step();
        self.settle();
    }

    /// Until the data is read.
    fn settle(&mut self) {
        until(&mut self.window, |app| {
            let project = app.project();
            let read = project.data.value().is_some() || project.data.fault().is_some();
            read && !project.data.is_loading() && !project.inspected.is_loading()
        });
    }

    fn press(&mut self, label: &str) {
        press(&mut self.window, label);
        self.settle();
    }

    fn sees(&self, words: &str) -> bool {
        self.window.query_all_by_label_contains(words).count() > 0
    }

    fn data(&self) -> &DataSettings {
        &self.window.state().project().settings.data
    }

    fn cleaning(&self) -> &Cleaning {
        &self.data().cleaning
    }

    fn set_task(&mut self, task: TaskKind) {
        self.window.state_mut().send(Intent::SetTask(task));
        self.window.step();
        self.settle();
    }

    /// Types into a field of one line.
    fn enter(&mut self, field: &str, text: &str) {
        let named = |desk: &Self, act: &dyn Fn(egui_kittest::Node<'_>)| {
            let window = &desk.window;
            act(window.get_by_role_and_label(Role::TextInput, field));
        };
        named(self, &|field| field.focus());
        self.window.run_steps(2);
        self.window.key_press_modifiers(Modifiers::COMMAND, Key::A);
        self.window.run_steps(1);
        named(self, &|field| field.type_text(text));
        self.window.run_steps(2);
    }

    /// Chooses in a box that drops down.
    fn choose(&mut self, field: &str, choice: &str) {
        self.window
            .get_by_role_and_label(Role::ComboBox, field)
            .click();
        self.window.run_steps(3);
        let choice = self.window.get_all_by_label(choice).last().unwrap();
        choice.click();
        self.window.run_steps(3);
    }
}

fn open(services: MadeUp) -> Window {
    let kept = Kept {
        page: Page::Data,
        ..Kept::default()
    };
    let services = Arc::new(services);
    Harness::builder()
        .with_size([1280.0, 800.0])
        .with_max_steps(40)
        .build_eframe(move |cc| Workbench::new(&cc.egui_ctx, kept, services))
}

fn until(window: &mut Window, done: impl Fn(&Workbench) -> bool) {
    let start = Instant::now();
    while !done(window.state()) {
        assert!(start.elapsed() < Duration::from_secs(30), "waited in vain");
        std::thread::sleep(Duration::from_millis(5));
        window.step();
    }
    window.run_steps(3);
}

fn press(window: &mut Window, label: &str) {
    window.get_by_role_and_label(Role::Button, label).click();
    window.run_steps(3);
}

/// Fifty different texts of two labels.
fn sound(rows: usize) -> String {
    const THINGS: [&str; 8] = [
        "kettle", "lamp", "bicycle", "pillow", "radio", "carpet", "ladder", "mirror",
    ];
    const VERBS: [&str; 7] = [
        "arrived", "broke", "shone", "rattled", "pleased", "failed", "lasted",
    ];
    let mut text = "text,label\n".to_owned();
    for row in 0..rows {
        let label = if row % 2 == 0 { "good" } else { "bad" };
        let (thing, verb) = (THINGS[row % 8], VERBS[row % 7]);
        let days = row * 37 % 101;
        text += &format!("The {thing} from shop {row} {verb} after {days} days of use,{label}\n");
    }
    text
}

#[test]
fn each_remedy_does_away_with_its_finding_and_is_undone() {
    let rows = [
        (
            "Write to ada.lovelace@example.org about it,good\n",
            "Mask",
            "1 row holds personal data",
        ),
        (
            "This one is <b>quite</b> bold &amp; loud,bad\n",
            "Strip HTML",
            "1 row holds HTML",
        ),
        (
            "Where did the zero\u{200b}width space go to,bad\n",
            "Remove them",
            "1 row holds unseen characters",
        ),
        (
            "A cafÃ© with rÃ©gime and naÃ¯ve people,good\n",
            "Repair text",
            "1 row was read in a wrong encoding",
        ),
    ];
    for (row, remedy, finding) in rows {
        let mut desk = Desk::of("rows.csv", &(sound(60) + row));
        assert!(desk.sees(finding), "{finding}");
        desk.press(remedy);
        assert!(!desk.sees(finding), "{finding} is still there");
        assert!(desk.sees("1 rule · 1 changed · 0 dropped"));
        desk.press("Undo");
        assert!(desk.sees(finding), "{finding} does not come back");
        assert!(desk.cleaning().is_default());
    }
}

#[test]
fn repeats_and_conflicts_are_settled() {
    let text = sound(60)
        + "The same words twice here,good\nThe same words twice here,good\n"
        + "A text of two minds today,good\nA text of two minds today,bad\n\
           A text of two minds today,bad\n";
    let mut desk = Desk::of("rows.csv", &text);
    assert!(desk.sees("1 text has different labels"));
    desk.press("Keep majority");
    assert_eq!(desk.cleaning().conflicts, Some(Conflicts::Majority));
    assert!(!desk.sees("has different labels"));
    desk.press("Drop repeats");
    assert_eq!(desk.cleaning().duplicates, Some(Alike::Exact));
    assert!(!desk.sees("repeat another row"));
    let ctrl_z = (Modifiers::COMMAND, Key::Z);
    for _ in 0..2 {
        desk.window.key_press_modifiers(ctrl_z.0, ctrl_z.1);
        desk.window.step();
        desk.settle();
    }
    assert!(desk.cleaning().is_default());
    assert!(desk.sees("1 text has different labels"));
    desk.press("1 text has different labels");
    desk.press("All are bad");
    let edits = &desk.cleaning().rows;
    assert_eq!(edits.len(), 1);
    assert_eq!(edits[0].label, Some(NewLabel::One("bad".into())));
    assert!(!desk.sees("1 text has different labels"));
}

#[test]
fn labels_that_look_alike_are_merged() {
    let text = sound(60) + "One more that was misspelt,Good\nAnd one more of these,Good\n";
    let mut desk = Desk::of("rows.csv", &text);
    desk.press("Merge labels…");
    desk.press("Rename Good to good");
    assert_eq!(desk.cleaning().labels["Good"], "good");
    let view = desk.window.state().project().data.value().unwrap();
    assert_eq!(view.labels.len(), 2);
}

#[test]
fn rows_that_cannot_be_split_are_shown_and_block_the_way_on() {
    let mut desk = Desk::of("rows.csv", &(sound(40) + "The only one of its kind,odd\n"));
    assert!(desk.sees("odd"));
    let next = desk
        .window
        .get_by_role_and_label(Role::Button, "Next: Model");
    assert!(next.accesskit_node().is_disabled());
    let search = desk
        .window
        .get_by_role_and_label(Role::TextInput, "Search rows");
    search.click();
    desk.window.run_steps(2);
    let search = desk
        .window
        .get_by_role_and_label(Role::TextInput, "Search rows");
    search.type_text("ITS KIND");
    desk.window.run_steps(3);
    desk.press("Edit row 41…");
    assert!(desk.sees("Row 41, line 42"));
    desk.press("Drop row");
    assert_eq!(desk.cleaning().rows[0].row, 41);
    let next = desk
        .window
        .get_by_role_and_label(Role::Button, "Next: Model");
    assert!(!next.accesskit_node().is_disabled());
}

#[test]
fn a_row_is_relabelled_from_the_table() {
    let mut desk = Desk::of("rows.csv", &sound(40));
    desk.press("Edit row 1…");
    desk.window
        .get_by_role_and_label(Role::RadioButton, "bad")
        .click();
    desk.window.run_steps(3);
    desk.press("Relabel");
    let edit = &desk.cleaning().rows[0];
    assert_eq!(
        (edit.row, &edit.label),
        (1, &Some(NewLabel::One("bad".into())))
    );
    let view = desk.window.state().project().data.value().unwrap();
    assert_eq!(view.rows[0].label, "bad");
    desk.press("Undo");
    let view = desk.window.state().project().data.value().unwrap();
    assert_eq!(view.rows[0].label, "good");
}

/// Rows of two numbers, whose second column is added by hand.
#[test]
fn numbers_are_read_from_several_columns() {
    let mut rows = String::from("text,score,warmth\n");
    for row in 0..40 {
        rows += &format!("text number {row} of these,{}.5,{}\n", row % 5, 40 - row);
    }
    let mut desk = Desk::of("rows.csv", &rows);
    desk.window
        .state_mut()
        .send(Intent::SetTask(TaskKind::Similarity));
    desk.window.step();
    desk.settle();
    assert!(desk.sees("from 0.5 to 4.5"));
    desk.choose("label", "warmth");
    desk.settle();
    assert_eq!(desk.data().label_column.as_deref(), Some("score, warmth"));
    for words in ["score, from 0.5 to 4.5", "warmth, from 1 to 40"] {
        assert!(desk.sees(words), "{words}");
    }
    let view = desk.window.state().project().data.value().unwrap();
    assert_eq!(view.rows[0].label, "0.5, 40");
    desk.choose("label", "warmth");
    desk.settle();
    assert_eq!(desk.data().label_column.as_deref(), Some("score"));
}

#[test]
fn how_a_file_is_read_is_corrected() {
    let text = sound(40).replace(',', ";");
    let mut desk = Desk::of("rows.csv", &text);
    assert!(desk.sees("semicolon"));
    desk.press("Read as…");
    desk.choose("Delimiter", "semicolon");
    desk.choose("Quotation marks", "are characters");
    desk.choose("Text column", "label");
    desk.choose("Label column", "text");
    desk.press("Read again");
    let data = desk.data();
    assert_eq!(data.reading.delimiter, Some(Delimiter::SEMICOLON));
    assert_eq!(data.reading.quoting, Some(Quoting::Off));
    assert_eq!(data.text_column.as_deref(), Some("label"));
    assert_eq!(data.label_column.as_deref(), Some("text"));
    let written = desk.window.state().project().settings.to_toml().unwrap();
    assert!(written.contains("[data.reading]"), "{written}");
}

#[test]
fn a_reading_that_failed_can_be_corrected() {
    let text = sound(40).replace("text,label", "what,was it");
    let mut desk = Desk::of("rows.csv", &text);
    if !desk.sees("no column") {
        // Found by their content: then they are named wrongly by hand.
        let data = DataSettings {
            label_column: Some("nowhere".into()),
            ..desk.data().clone()
        };
        desk.read(data);
    }
    assert!(desk.window.state().project().data.fault().is_some());
    desk.choose("Label column", "was it");
    desk.choose("Text column", "what");
    desk.press("Read again");
    assert!(desk.window.state().project().data.fault().is_none());
    assert!(desk.sees("train 32"));
}

#[test]
fn rows_set_aside_are_listed_and_saved() {
    let text = sound(40) + ",good\nNo label here,\n";
    let mut desk = Desk::picking("rows.csv", &text, Some("aside.csv"));
    assert!(desk.sees("2 rows are set aside"));
    desk.press("Show…");
    assert!(desk.sees("empty text") && desk.sees("empty label"));
    press(&mut desk.window, "Browse…");
    let file = desk.path("aside.csv");
    until(&mut desk.window, |app| {
        app.project().saved_set_aside.value().is_some()
    });
    let saved = std::fs::read_to_string(file).unwrap();
    assert!(saved.starts_with("row,line,reason,text,label\n"), "{saved}");
    assert!(saved.contains("41,42,empty text,,good"), "{saved}");
    assert!(desk.sees("Saved to"));
    desk.press("Close");
}

#[test]
fn without_a_file_dialog_paths_are_typed_and_the_window_says_so() {
    let text = sound(40) + ",good\n";
    let mut desk = Desk::of("rows.csv", &text);
    desk.press("Show…");
    press(&mut desk.window, "Browse…");
    until(&mut desk.window, |app| app.project().picking.is_none());
    // In the dialog, and in the footer behind it.
    let said = desk
        .window
        .query_all_by_label_contains("o file dialog opens");
    assert_eq!(said.count(), 2);
    let source = desk.path("rows.csv");
    desk.enter("Save to", &source.display().to_string());
    press(&mut desk.window, "Save as CSV");
    until(&mut desk.window, |app| {
        app.project().saved_set_aside.fault().is_some()
    });
    assert!(desk.sees("is the data itself"));
    assert_eq!(std::fs::read_to_string(source).unwrap(), text);
    let aside = desk.path("aside.csv");
    desk.enter("Save to", &aside.display().to_string());
    press(&mut desk.window, "Save as CSV");
    until(&mut desk.window, |app| {
        app.project().saved_set_aside.value().is_some()
    });
    assert!(desk.sees(&format!("Saved to {}", aside.display())));
    assert!(aside.is_file());
}

#[test]
fn a_second_text_that_was_found_is_told_and_can_be_left_out() {
    let mut text = "sentence1,label,sentence2\n".to_owned();
    for (row, line) in sound(40).lines().skip(1).enumerate() {
        text += &format!("{line},And another one {row}\n");
    }
    let mut desk = Desk::of("rows.csv", &text);
    let pairs = |desk: &Desk| {
        let view = desk.window.state().project().data.value().unwrap();
        view.has_pairs()
    };
    let told = "Two texts are read together, the columns \"sentence1\" and \"sentence2\"";
    assert!(desk.sees(told) && pairs(&desk));
    desk.press("Read the first alone");
    assert_eq!(desk.data().text_pair_column.as_deref(), Some(""));
    assert!(!desk.sees(told) && !pairs(&desk));
    // The way back is where the columns are.
    desk.choose("second", "sentence2");
    desk.settle();
    assert!(desk.sees(told) && pairs(&desk));
    desk.choose("second", "none");
    desk.settle();
    assert!(!pairs(&desk));
    desk.press("Read as…");
    desk.choose("Second text", "found out");
    desk.press("Read again");
    assert_eq!(desk.data().text_pair_column, None);
    assert!(pairs(&desk));
    desk.press("Read as…");
    desk.choose("Second text", "none");
    desk.press("Read again");
    assert!(!pairs(&desk));
    desk.set_task(TaskKind::Pairs);
    assert!(desk.sees("The rows have one text each"));
}

#[test]
fn entities_are_tagged_by_another_scheme() {
    let text = "EU B-ORG\nrejects O\n\nPeter B-PER\nBlackburn I-PER\nleft O\n\n";
    let mut desk = Desk::of("rows.conll", &text.repeat(12));
    desk.set_task(TaskKind::Entities);
    desk.press("Cleaning…");
    desk.choose("Tag scheme", "BIOES");
    desk.press("Apply");
    assert_eq!(desk.cleaning().tag_scheme, Some(TagScheme::Bioes));
    assert!(desk.sees("1 rule · 24 changed · 0 dropped"));
    desk.press("Cleaning…");
    desk.choose("Tag scheme", "as in the file: IOB2");
    desk.press("Apply");
    assert!(desk.cleaning().is_default());
}

#[test]
fn a_dialog_is_as_tall_as_what_it_shows() {
    let mut text = sound(60) + "One more that was misspelt,Good\nAnd one more of these,Good\n";
    for row in 0..20 {
        text += &format!("Of two minds about number {row},good\n");
        text += &format!("Of two minds about number {row},bad\n");
    }
    let mut desk = Desk::of("rows.csv", &text);
    let close = |desk: &Desk| {
        let close = desk.window.get_by_role_and_label(Role::Button, "Close");
        close.rect().center().y
    };
    desk.press("20 texts have different labels");
    desk.press("Close");
    desk.press("Merge labels…");
    desk.window.run_steps(3);
    let pair = desk.window.get_by_label_contains("Rename Good to good");
    let apart = close(&desk) - pair.rect().center().y;
    assert!(apart < 70.0, "{apart} points of nothing");
}

#[test]
fn all_rules_are_set_in_one_dialog_with_a_preview() {
    let text = sound(40) + "LOUD words  with   room,bad\n";
    let mut desk = Desk::of("rows.csv", &text);
    desk.press("Cleaning…");
    assert!(desk.sees("No text changes."));
    for rule in ["Collapse white space", "Lower case"] {
        desk.window
            .get_by_role_and_label(Role::CheckBox, rule)
            .click();
        desk.window.run_steps(3);
    }
    assert!(desk.sees("the kettle from shop 0"), "the preview shows it");
    assert!(desk.sees("not\" is one of them"));
    desk.press("Apply");
    assert!(desk.cleaning().lowercase && desk.cleaning().white_space);
    assert!(desk.sees("loud words with room") || desk.sees("2 rules"));
    desk.press("Cleaning…");
    desk.press("Turn all off");
    desk.press("Apply");
    assert!(desk.cleaning().is_default());
}

#[test]
fn splits_are_chosen() {
    let mut desk = Desk::of("rows.csv", &sound(60));
    desk.press("Split…");
    desk.choose("Balance training", "repeat rare labels' rows");
    desk.window
        .get_by_role_and_label(Role::CheckBox, "Keep near copies on one side")
        .click();
    desk.window.run_steps(3);
    desk.press("Split again");
    let split = &desk.data().split;
    assert_eq!(split.balance, Some(Balance::Oversample));
    assert!(!split.near_duplicates_together);
    assert!(desk.sees("test 6, locked"));
}

#[test]
fn the_set_that_fits_the_task_is_marked() {
    let mut window = open(MadeUp::default());
    until(&mut window, |app| app.project().bundled.value().is_some());
    for (task, fits) in [(TaskKind::Sentiment, true), (TaskKind::Pairs, false)] {
        window.state_mut().send(Intent::SetTask(task));
        window.run_steps(3);
        let marked = window.query_by_label_contains("fits the task").is_some();
        assert_eq!(marked, fits, "{task:?}");
    }
}

#[test]
fn other_kinds_are_shown_and_close_the_way_on() {
    let text = "EU B-ORG\nrejects O\nGerman B-MISC\ncall O\n\nPeter B-PER\nBlackburn I-PER\n\n";
    let mut desk = Desk::of("rows.conll", &text.repeat(12));
    assert!(desk.sees("The file has a tag per word, but the task Sentiment learns from one label"));
    let view = desk.window.state().project().data.value().unwrap();
    assert_eq!(view.file.kind, Kind::Tags);
    let next = desk
        .window
        .get_by_role_and_label(Role::Button, "Next: Model");
    assert!(next.accesskit_node().is_disabled());
    desk.press("Drop repeats");
    let view = desk.window.state().project().data.value().unwrap();
    assert_eq!(view.rows.len(), 2);
}

#[test]
fn several_labels_are_read_as_the_task_needs_and_the_fitting_task_is_one_press_away() {
    let mut text = "text,label\n".to_owned();
    for row in 0..60 {
        let labels = ["1", "2", "\"1,2\"", "\"2,3\"", "3"][row % 5];
        text += &format!("Sentence {row} about something or other,{labels}\n");
    }
    let mut desk = Desk::of("rows.csv", &text);
    let kind = |desk: &Desk| {
        desk.window
            .state()
            .project()
            .data
            .value()
            .unwrap()
            .file
            .kind
    };
    assert_eq!(kind(&desk), Kind::Label);
    assert!(desk.sees("looks like several labels per text"));
    desk.press("Switch to Several labels");
    assert_eq!(kind(&desk), Kind::Labels);
    assert!(!desk.sees("looks like"));
}

#[test]
fn a_folder_of_splits_is_three_files_and_leaks_are_dropped() {
    let mut desk = Desk::of("alone.csv", &sound(40));
    let folder = desk.path("set");
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(folder.join("train.csv"), sound(60)).unwrap();
    let few = |text: &str| {
        let lines: Vec<_> = text.lines().take(11).collect();
        lines.join("\n")
    };
    std::fs::write(folder.join("dev.csv"), few(&sound(60))).unwrap();
    desk.window.input_mut().dropped_files = vec![Arc::new(Dropped(folder.clone()))];
    desk.window.step();
    desk.window.input_mut().dropped_files.clear();
    desk.settle();
    let data = desk.data();
    assert_eq!(data.train, Some(folder.join("train.csv")));
    assert_eq!(data.validation, Some(folder.join("dev.csv")));
    assert!(desk.sees("10 rows are in two splits"));
    desk.press("Drop leaked rows");
    assert!(!desk.sees("10 rows are in two splits"));
    assert!(desk.sees("train 50"));
}

#[test]
fn pasted_rows_are_kept_and_read() {
    let mut desk = Desk::of("rows.csv", &sound(40));
    desk.press("Use other data");
    press(&mut desk.window, "Paste rows…");
    let rows = sound(50).replace(',', "\t");
    desk.window
        .get_by_role_and_label(Role::MultilineTextInput, "Paste rows")
        .click();
    desk.window.run_steps(2);
    desk.window.event(egui::Event::Paste(rows));
    desk.window.run_steps(3);
    press(&mut desk.window, "Read rows");
    let storage = desk.path("pasted");
    until(&mut desk.window, |app| {
        let file = app.project().settings.data.file.as_deref();
        file.is_some_and(|file: &Path| file.starts_with(&storage))
    });
    desk.settle();
    let view = desk.window.state().project().data.value().unwrap();
    assert_eq!((view.rows.len(), view.labels.len()), (50, 2));
}

#[test]
fn reading_can_be_cancelled_and_taken_up_again() {
    let mut desk = Desk::of("rows.csv", &sound(40));
    desk.window.state_mut().project_mut().data.clear();
    desk.window.run_steps(2);
    assert!(desk.sees("Reading was cancelled"));
    desk.press("Read it");
    assert!(desk.sees("train 32"));
}

#[test]
fn a_million_rows_are_scrolled_and_searched_without_drawing_them() {
    let mut desk = Desk::of("rows.csv", &sound(40));
    let project = desk.window.state_mut().project_mut();
    let small = project.data.value().unwrap();
    let mut view = made_up::view(false, false, &project.settings);
    view.file = small.file.clone();
    let row = view.rows.swap_remove(0);
    view.rows = (1..=1_000_000)
        .map(|number| RowView {
            row: number,
            text: if number == 777_777 {
                "the needle".to_owned()
            } else {
                "hay".to_owned()
            },
            ..row.clone()
        })
        .collect();
    project.data = Arc::new(view).into();
    desk.window.run_steps(2);
    let drawn = desk.window.query_all_by_label("hay").count();
    assert!((5..60).contains(&drawn), "{drawn} rows are drawn");
    let search = |desk: &Desk, act: fn(&egui_kittest::Node<'_>)| {
        act(&desk
            .window
            .get_by_role_and_label(Role::TextInput, "Search rows"));
    };
    search(&desk, |field| field.click());
    desk.window.run_steps(2);
    search(&desk, |field| field.type_text("NEEDLE"));
    let start = Instant::now();
    while !desk.sees("the needle") {
        assert!(start.elapsed() < Duration::from_secs(60), "not found");
        desk.window.step();
    }
    assert!(!desk.sees("hay"));
}

/// A dropped folder of which only the path is looked at.
#[derive(Debug)]
struct Dropped(PathBuf);

impl egui::DroppedFile for Dropped {
    fn path(&self) -> &Path {
        &self.0
    }

    fn bytes(&self) -> Result<Vec<u8>, String> {
        Err("only the path is looked at".to_owned())
    }
}
