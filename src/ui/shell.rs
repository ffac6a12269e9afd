//! The frame around every page: rail, footer, keys, and the question before closing.

use egui::{Align, Frame, Key, KeyboardShortcut, Layout, Modifiers, RichText, Ui};

use super::app::{Closing, Workbench};
use super::intent::{Intent, QuitChoice};
use super::page::Page;
use super::project::Notice;
use super::rail::{self, Badge, Item};
use super::theme::{self, space};
use super::widgets::{self, Tone};

/// Draws the whole window.
pub fn show(app: &mut Workbench, ui: &mut Ui) {
    let items = items(app);
    let clicked = app.with_pages(|_, ctx| rail::show(ui, ctx, &items));
    if let Some(page) = clicked {
        app.send(Intent::Navigate(page));
    }
    footer(app, ui);
    let page = app.page;
    let palette = theme::palette(ui);
    let frame = Frame::new()
        .fill(palette.background)
        .inner_margin(egui::Margin {
            left: space::PAGE,
            right: space::PAGE,
            top: 14,
            bottom: 12,
        });
    egui::CentralPanel::default().frame(frame).show(ui, |ui| {
        // A page's scroll positions are its own.
        ui.push_id(page, |ui| {
            app.with_pages(|pages, ctx| pages.view(page).ui(ui, ctx))
        });
    });
    if app.closing != Closing::No && app.closing != Closing::Now {
        quit_question(app, ui);
    }
}

fn items(app: &Workbench) -> Vec<Item> {
    let others = [Page::Runs, Page::Settings];
    Page::STEPS
        .into_iter()
        .chain(others)
        .map(|page| item(app, page))
        .collect()
}

fn item(app: &Workbench, page: Page) -> Item {
    let blocked = app.project.blocked(page);
    let passed = page.index().is_some_and(|place| place < app.furthest);
    let badge = match blocked {
        _ if app.page == page => Badge::Current,
        Some(_) => Badge::Closed,
        None if app.project.is_done(page) || passed && app.project.is_settled(page) => Badge::Done,
        None => Badge::Open,
    };
    Item {
        page,
        badge,
        line: super::status::line(&app.project, app.text, page),
        reason: blocked.map(app.text.shell.blocked),
    }
}

fn footer(app: &mut Workbench, ui: &mut Ui) {
    let palette = theme::palette(ui);
    let frame = Frame::new()
        .fill(palette.background)
        .inner_margin(egui::Margin::symmetric(space::PAGE, 0));
    egui::Panel::bottom("footer")
        .exact_size(space::FOOTER)
        .resizable(false)
        .frame(frame)
        .show_separator_line(true)
        .show(ui, |ui| {
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                steps_buttons(app, ui);
                ui.with_layout(Layout::left_to_right(Align::Center), |ui| status(app, ui));
            });
        });
}

fn status(app: &mut Workbench, ui: &mut Ui) {
    let words = match &app.project.notice {
        Some(Notice::Fault(fault)) => Some((widgets::sentence(&fault.to_string()), Tone::Bad)),
        Some(Notice::Remark(words)) => Some((words.clone(), Tone::Warn)),
        None => None,
    };
    if let Some((words, tone)) = words {
        if widgets::secondary(ui, app.text.common.dismiss).clicked() {
            app.send(Intent::DismissNotice);
        }
        let words = RichText::new(words).small().color(tone.colour(ui));
        widgets::elided(ui, words);
        return;
    }
    let page = app.page;
    let words = app.with_pages(|pages, ctx| pages.view(page).status(ctx));
    widgets::weak(ui, words.as_deref().unwrap_or(app.text.shell.private));
}

fn steps_buttons(app: &mut Workbench, ui: &mut Ui) {
    let page = app.page;
    if let Some(next) = page.next() {
        let starts = page == Page::Hyperparameters && !app.project.is_training();
        let blocked = match starts {
            true => app.project.blocked_start(),
            false => app.project.blocked(next),
        };
        // The fields of the method are on another page than the button that starts.
        let pages_asked: &[Page] = match starts {
            true => &[Page::Model, page],
            false => &[page],
        };
        let problem = app.with_pages(|pages, ctx| {
            let mut pages_asked = pages_asked.iter();
            pages_asked.find_map(|&page| pages.view(page).problem(ctx))
        });
        let reason = problem.or(blocked.map(|reason| (app.text.shell.blocked)(reason).to_owned()));
        let words = match starts {
            true => app.text.shell.start.to_owned(),
            false => (app.text.shell.next)(next.title(app.text)),
        };
        let mut button = widgets::primary_enabled(ui, reason.is_none(), &words);
        if let Some(reason) = reason {
            button = button.on_disabled_hover_text(reason);
        }
        if button.clicked() {
            app.send(match starts {
                true => Intent::StartTraining,
                false => Intent::Navigate(next),
            });
        }
    }
    if let Some(back) = page.back()
        && widgets::secondary(ui, app.text.shell.back).clicked()
    {
        app.send(Intent::Navigate(back));
    }
}

fn quit_question(app: &mut Workbench, ui: &mut Ui) {
    let words = &app.text.shell.quit;
    let stopping = app.closing == Closing::Stopping;
    let (choice, closed) = widgets::dialog(ui, "quit", words.title, |ui| {
        if stopping {
            ui.horizontal(|ui| {
                ui.spinner();
                ui.label(words.stopping);
            });
        } else {
            ui.label(words.detail);
        }
        ui.add_space(space::GAP);
        let mut choice = None;
        ui.horizontal_wrapped(|ui| {
            if !stopping {
                if widgets::primary(ui, words.keep).clicked() {
                    choice = Some(QuitChoice::KeepTraining);
                }
                if widgets::secondary(ui, words.stop).clicked() {
                    choice = Some(QuitChoice::StopAndQuit);
                }
            }
            if widgets::danger(ui, words.now).clicked() {
                choice = Some(QuitChoice::QuitNow);
            }
        });
        choice
    });
    let stay = (closed && !stopping).then_some(QuitChoice::KeepTraining);
    if let Some(choice) = choice.or(stay) {
        app.send(Intent::Quit(choice));
    }
}

/// Ctrl or Cmd with a digit jumps to a step; Alt with an arrow goes back or on.
pub fn take_keys(app: &mut Workbench, ctx: &egui::Context) {
    const DIGITS: [Key; 8] = [
        Key::Num1,
        Key::Num2,
        Key::Num3,
        Key::Num4,
        Key::Num5,
        Key::Num6,
        Key::Num7,
        Key::Num8,
    ];
    let pressed = |modifiers, key| {
        let shortcut = KeyboardShortcut::new(modifiers, key);
        ctx.input_mut(|input| input.consume_shortcut(&shortcut))
    };
    for (key, page) in DIGITS.into_iter().zip(Page::STEPS) {
        if pressed(Modifiers::COMMAND, key) {
            app.send(Intent::Navigate(page));
        }
    }
    // In a text field, Alt with an arrow moves by words on some systems.
    if ctx.text_edit_focused() {
        return;
    }
    let back = pressed(Modifiers::ALT, Key::ArrowLeft).then(|| app.page.back());
    let next = pressed(Modifiers::ALT, Key::ArrowRight).then(|| app.page.next());
    if let Some(page) = back.or(next).flatten() {
        app.send(Intent::Navigate(page));
    }
}
