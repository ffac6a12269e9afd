//! Settings: how the window looks, where things are kept, how they are computed, the network.

use std::path::PathBuf;

use egui::{RichText, ScrollArea, TextEdit, Ui, vec2};

use crate::ui::intent::{Intent, PickFor};
use crate::ui::page::{Page, PageContext, View};
use crate::ui::preferences::{Language, ThemeChoice};
use crate::ui::theme::{self, space};
use crate::ui::widgets::{self, PathField};

/// The page is not stretched further; long lines are hard to read.
const WIDTH: f32 = 1100.0;

/// Height of the upper cards.
const UPPER: f32 = 150.0;

/// The view state of the page: what is being typed.
#[derive(Default)]
pub struct SettingsPage {
    storage: Draft,
    threads: Draft,
    hub: Draft,
}

/// Text being typed; while nobody types it shows what holds.
#[derive(Default)]
struct Draft {
    text: String,
    editing: bool,
    wrong: bool,
}

impl Draft {
    fn follow(&mut self, now: &str) {
        if !self.editing && !self.wrong {
            now.clone_into(&mut self.text);
        }
    }

    /// A field of `width`; true when it was left or Enter was pressed.
    fn field(&mut self, ui: &mut Ui, hint: &str, width: f32, label: egui::Id) -> bool {
        let palette = theme::palette(ui);
        let colour = if self.wrong {
            palette.bad
        } else {
            palette.strong
        };
        let edit = TextEdit::singleline(&mut self.text)
            .hint_text(hint)
            .text_color(colour)
            .align(egui::Align2::LEFT_CENTER)
            .min_size(vec2(0.0, space::BUTTON))
            .desired_width(width);
        let response = ui.add(edit).labelled_by(label);
        self.editing = response.has_focus();
        response.lost_focus()
    }
}

impl View for SettingsPage {
    fn ui(&mut self, ui: &mut Ui, ctx: &mut PageContext<'_>) {
        let words = &ctx.text.settings;
        widgets::page_header(ui, Page::Settings.title(ctx.text), words.subtitle, |_| {});
        ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
            ui.set_max_width(ui.available_width().min(WIDTH));
            widgets::row(ui, &[1.0, 1.0], UPPER, |cells| {
                if let [left, right] = cells {
                    widgets::fill_card(left, |ui| look(ui, ctx));
                    widgets::fill_card(right, |ui| about(ui, ctx));
                }
            });
            gap(ui);
            widgets::card(ui, |ui| self.work(ui, ctx));
            gap(ui);
            widgets::card(ui, |ui| self.network(ui, ctx));
        });
    }

    fn picked(&mut self, purpose: PickFor, path: PathBuf, ctx: &mut PageContext<'_>) {
        if purpose == PickFor::StorageFolder {
            ctx.send(Intent::SetStorageFolder(Some(path)));
        }
    }
}

fn gap(ui: &mut Ui) {
    ui.add_space(space::GAP - ui.spacing().item_spacing.y);
}

fn look(ui: &mut Ui, ctx: &mut PageContext<'_>) {
    let words = &ctx.text.settings;
    widgets::card_title(ui, words.look, "");
    widgets::form_row(ui, words.theme, |ui, _| {
        for (choice, word) in [
            (ThemeChoice::System, words.system),
            (ThemeChoice::Dark, words.dark),
            (ThemeChoice::Light, words.light),
        ] {
            let chosen = ctx.preferences.theme == choice;
            if choice_button(ui, true, chosen, word).clicked() {
                ctx.send(Intent::SetTheme(choice));
            }
        }
    });
    widgets::form_row(ui, words.language, |ui, _| {
        let english = ctx.preferences.language == Language::English;
        if choice_button(ui, true, english, words.english).clicked() {
            ctx.send(Intent::SetLanguage(Language::English));
        }
        let chinese = choice_button(ui, false, false, words.chinese);
        chinese.on_disabled_hover_text(ctx.text.common.coming_hover);
        widgets::coming_tag(ui, ctx.text.common.coming);
    });
}

fn choice_button(ui: &mut Ui, enabled: bool, chosen: bool, word: &str) -> egui::Response {
    let palette = theme::palette(ui);
    let colour = if chosen { palette.strong } else { palette.text };
    let edge = if chosen { palette.accent } else { palette.edge };
    let button = egui::Button::selectable(chosen, RichText::new(word).color(colour))
        .fill(palette.raised)
        .stroke(egui::Stroke::new(1.0, edge))
        .min_size(vec2(72.0, space::BUTTON - 4.0));
    ui.add_enabled(enabled, button)
}

impl SettingsPage {
    fn work(&mut self, ui: &mut Ui, ctx: &mut PageContext<'_>) {
        widgets::card_title(ui, ctx.text.settings.work, "");
        self.storage(ui, ctx);
        ui.add_space(space::SMALL);
        self.threads(ui, ctx);
    }

    fn storage(&mut self, ui: &mut Ui, ctx: &mut PageContext<'_>) {
        let words = &ctx.text.settings;
        let chosen = ctx.preferences.storage.as_ref();
        self.storage.follow(
            &chosen
                .map(|folder| folder.display().to_string())
                .unwrap_or_default(),
        );
        let shown = ctx.storage.display().to_string();
        // A run writes into the folder it was started in; moving on under its feet confuses.
        let busy = ctx.project.is_training();
        let fixed = ctx.storage_is_fixed;
        ui.add_enabled_ui(!busy && !fixed, |ui| {
            let field = PathField {
                label: words.storage,
                hint: &shown,
                picking: ctx.project.picking.is_some(),
                open_button: true,
            };
            let answer = widgets::path_field(ui, ctx.text, &mut self.storage.text, field);
            self.storage.editing = !self.storage.text.is_empty()
                && chosen.is_none_or(|folder| folder.display().to_string() != self.storage.text);
            if answer.browse {
                ctx.send(Intent::Pick(PickFor::StorageFolder));
            }
            if let Some(folder) = answer.entered {
                self.storage.editing = false;
                ctx.send(Intent::SetStorageFolder(Some(folder)));
            }
        });
        indented(ui, |ui| {
            let line = match fixed {
                _ if busy => words.storage_busy.to_owned(),
                true => (words.storage_from_variable)(&shown),
                false => (words.storage_usual)(&shown),
            };
            widgets::wrapped_weak(ui, &line);
            widgets::wrapped_weak(ui, words.storage_note);
            if chosen.is_some()
                && !fixed
                && widgets::secondary_enabled(ui, !busy, words.storage_reset).clicked()
            {
                self.storage.editing = false;
                self.storage.text.clear();
                ctx.send(Intent::SetStorageFolder(None));
            }
        });
    }

    fn threads(&mut self, ui: &mut Ui, ctx: &mut PageContext<'_>) {
        let words = &ctx.text.settings;
        let all = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let now = ctx
            .preferences
            .threads
            .map(|n| n.to_string())
            .unwrap_or_default();
        self.threads.follow(&now);
        let left = widgets::form_row(ui, words.threads, |ui, label| {
            self.threads
                .field(ui, &(words.threads_all)(all), 90.0, label.id)
        });
        if left {
            let typed = self.threads.text.trim();
            let read = match typed {
                "" => Some(None),
                number => number
                    .parse()
                    .ok()
                    .filter(|n| (1..=all).contains(n))
                    .map(Some),
            };
            self.threads.wrong = read.is_none();
            if let Some(threads) = read.filter(|threads| *threads != ctx.preferences.threads) {
                ctx.send(Intent::SetThreads(threads));
            }
        }
        let range = (words.threads_range)(all);
        note(ui, self.threads.wrong, &range, words.threads_note);
    }

    fn network(&mut self, ui: &mut Ui, ctx: &mut PageContext<'_>) {
        let words = &ctx.text.settings;
        widgets::card_title(ui, words.network, "");
        widgets::wrapped_weak(ui, words.network_note);
        let mut offline = ctx.preferences.offline;
        if ui.checkbox(&mut offline, words.offline).changed() {
            ctx.send(Intent::SetOffline(offline));
        }
        self.hub
            .follow(ctx.preferences.hub.as_deref().unwrap_or_default());
        let left = ui
            .add_enabled_ui(!offline, |ui| {
                widgets::form_row(ui, words.hub, |ui, label| {
                    let width = ui.available_width().min(420.0);
                    self.hub.field(ui, words.hub_hint, width, label.id)
                })
            })
            .inner;
        if left {
            let typed = self.hub.text.trim().trim_end_matches('/');
            let right = ["http://", "https://"].iter().any(|start| {
                typed
                    .strip_prefix(start)
                    .is_some_and(|host| !host.is_empty())
            });
            self.hub.wrong = !typed.is_empty() && !right;
            let hub = (!typed.is_empty()).then(|| typed.to_owned());
            if !self.hub.wrong && hub != ctx.preferences.hub {
                ctx.send(Intent::SetHub(hub));
            }
        }
        note(ui, self.hub.wrong, words.hub_range, words.hub_note);
    }
}

/// The line below a field: what it may hold when that was missed, else what it is for.
fn note(ui: &mut Ui, wrong: bool, range: &str, usual: &str) {
    indented(ui, |ui| {
        if wrong {
            ui.label(RichText::new(range).small().color(theme::palette(ui).bad));
        } else {
            widgets::wrapped_weak(ui, usual);
        }
    });
}

/// Below the fields of a form, not below their names.
fn indented(ui: &mut Ui, content: impl FnOnce(&mut Ui)) {
    ui.horizontal(|ui| {
        ui.add_space(space::LABEL + ui.spacing().item_spacing.x);
        ui.vertical(content);
    });
}

fn about(ui: &mut Ui, ctx: &PageContext<'_>) {
    let words = &ctx.text.settings;
    widgets::card_title(ui, words.about, "");
    let version = (words.version)(env!("CARGO_PKG_VERSION"));
    ui.label(RichText::new(version).color(theme::palette(ui).strong));
    widgets::wrapped_weak(ui, words.what);
    widgets::wrapped_weak(ui, words.licence);
    widgets::wrapped_weak(ui, words.model_licence);
}
