//! What the checks found, the cleaning in one line, and the splits.

use egui::{Align, Layout, ScrollArea, Ui};

use super::remedy::{self, Action};
use super::{Dialog, aside, cleaning, fit, reading, splits};
use crate::data::checks::{Check, Finding, Level};
use crate::data::{Cleaning, FEW_VALIDATION, Kind, Role};
use crate::session::dataset::DatasetView;
use crate::ui::intent::Intent;
use crate::ui::page::PageContext;
use crate::ui::theme::{self, space};
use crate::ui::widgets::{self, Tone};

/// The checks of all rows.
const ALWAYS: [Check; 17] = [
    Check::ConflictingLabels,
    Check::OneLabel,
    Check::RareLabels,
    Check::SimilarLabels,
    Check::Imbalance,
    Check::Sorted,
    Check::ExactDuplicates,
    Check::NearDuplicates,
    Check::Empty,
    Check::TooLong,
    Check::MixedLanguages,
    Check::UnknownCharacters,
    Check::Html,
    Check::ControlCharacters,
    Check::ReplacementCharacters,
    Check::Mojibake,
    Check::PersonalData,
];

/// Draws checks, cleaning and splits; the dialog that was asked for.
pub fn show(ui: &mut Ui, ctx: &mut PageContext<'_>, view: &DatasetView) -> Option<Dialog> {
    let words = &ctx.text.data.checks;
    let cleaned = !ctx.project.settings.data.cleaning.is_default();
    let note = if cleaned { words.after_cleaning } else { "" };
    widgets::card_title(ui, words.title, note);
    let mut opened = None;
    let below = 132.0;
    ScrollArea::vertical()
        .max_height((ui.available_height() - below).max(60.0))
        .auto_shrink(false)
        .show(ui, |ui| opened = list(ui, ctx, view));
    ui.add_space(space::SMALL);
    opened = cleaning_line(ui, ctx, view).or(opened);
    ui.add_space(space::SMALL);
    split_bar(ui, ctx, view).or(opened)
}

fn list(ui: &mut Ui, ctx: &mut PageContext<'_>, view: &DatasetView) -> Option<Dialog> {
    let words = &ctx.text.data.checks;
    let count = ctx.text.units.count;
    let mut opened = None;
    ui.spacing_mut().item_spacing.y = 3.0;
    remarks(ui, ctx, view);
    if !view.set_aside.is_empty() {
        let words_aside = (words.aside)(&count(view.set_aside.len()));
        let line = Line {
            tone: Tone::Warn,
            words: &words_aside,
            button: words.show,
        };
        if line.show(ui) != Pressed::Nothing {
            opened = Some(Dialog::Aside(aside::Form::default()));
        }
    }
    for finding in &view.findings {
        opened = found(ui, ctx, view, finding).or(opened);
    }
    for (tone, words) in of_splits(ctx, view) {
        Line::quiet(tone, &words).show(ui);
    }
    if view.set_aside.is_empty() {
        Line::quiet(Tone::Good, words.all_read).show(ui);
    }
    let quiet = quiet(view);
    if !quiet.is_empty() {
        let names: Vec<_> = quiet.iter().map(|&check| (words.name)(check)).collect();
        let line = (words.nothing_found)(quiet.len());
        let response = ui.scope(|ui| Line::quiet(Tone::Good, &line).show(ui));
        response.response.on_hover_text(names.join(", "));
    }
    opened
}

/// Why training on these rows is not possible, or not all of it.
fn remarks(ui: &mut Ui, ctx: &mut PageContext<'_>, view: &DatasetView) {
    fit::show(ui, ctx, view);
    if let Some(fault) = view.split_fault.as_ref() {
        let remedy = fault.remedy_text().unwrap_or_default();
        let fault = format!("{}. {remedy}", widgets::sentence(&fault.what()));
        widgets::remark(ui, Tone::Bad, fault.trim_end());
        ui.add_space(3.0);
    }
}

/// A line of the list.
struct Line<'a> {
    tone: Tone,
    words: &'a str,
    /// The button on its right; none where empty.
    button: &'a str,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Pressed {
    Nothing,
    Words,
    Button,
}

impl<'a> Line<'a> {
    fn quiet(tone: Tone, words: &'a str) -> Self {
        Self {
            tone,
            words,
            button: "",
        }
    }

    /// Draws it where there is nothing to open but by its button.
    fn show(&self, ui: &mut Ui) -> Pressed {
        self.draw(ui, |ui, words| {
            // As far in as those that can be pressed.
            ui.add_space(4.0);
            widgets::elided(ui, words);
            false
        })
    }

    /// Draws it; its words can be pressed too.
    fn show_open(&self, ui: &mut Ui) -> Pressed {
        self.draw(ui, |ui, words| widgets::line_button(ui, words).clicked())
    }

    fn draw(&self, ui: &mut Ui, words: impl FnOnce(&mut Ui, &str) -> bool) -> Pressed {
        let mut pressed = Pressed::Nothing;
        ui.horizontal(|ui| {
            ui.set_min_height(space::ROW - 3.0);
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                if !self.button.is_empty() && widgets::small_button(ui, self.button).clicked() {
                    pressed = Pressed::Button;
                }
                ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                    widgets::dot(ui, self.tone.colour(ui));
                    if words(ui, self.words) {
                        pressed = Pressed::Words;
                    }
                });
            });
        });
        pressed
    }
}

fn tone(finding: &Finding) -> Tone {
    match finding.check.level() {
        Level::Trouble => Tone::Bad,
        Level::Warning => Tone::Warn,
        Level::Notice => Tone::Neutral,
    }
}

fn found(
    ui: &mut Ui,
    ctx: &mut PageContext<'_>,
    view: &DatasetView,
    finding: &Finding,
) -> Option<Dialog> {
    let words = &ctx.text.data.checks;
    let action = remedy::action(finding, view.file.kind);
    let line = Line {
        tone: tone(finding),
        words: &what(ctx, finding),
        button: match action {
            Some(_) => (words.remedy)(finding.check),
            None => words.show,
        },
    };
    match (line.show_open(ui), action) {
        (Pressed::Nothing, _) => None,
        (Pressed::Button, Some(action)) => act(ctx, view, finding.check, action),
        _ => Some(Dialog::Finding(finding.check)),
    }
}

/// What was found, in words.
pub fn what(ctx: &PageContext<'_>, finding: &Finding) -> String {
    let words = &ctx.text.data.checks;
    let count = (ctx.text.units.count)(finding.count);
    match finding.check {
        Check::TooLong if ctx.project.settings.reads_windows() => (words.in_windows)(&count),
        check => (words.found)(check, finding.count, &count),
    }
}

/// Does what the button of a finding says; the dialog that this opens.
pub fn act(
    ctx: &mut PageContext<'_>,
    view: &DatasetView,
    check: Check,
    action: Action,
) -> Option<Dialog> {
    match action {
        Action::Clean(remedies) => {
            let cleaning = &ctx.project.settings.data.cleaning;
            ctx.send(Intent::Clean(remedy::with(cleaning, &remedies)));
            None
        }
        Action::Review => Some(Dialog::Finding(check)),
        Action::Labels => {
            let form = cleaning::Form::at_labels(ctx, view);
            Some(Dialog::Cleaning(Box::new(form)))
        }
        Action::Balance => Some(Dialog::Splits(splits::Form::new(ctx))),
        Action::ReadAs => {
            let form = reading::Form::new(ctx, Some(&view.file));
            Some(Dialog::ReadAs(form))
        }
    }
}

/// What is to be said of the splits, beside their bar.
fn of_splits(ctx: &PageContext<'_>, view: &DatasetView) -> Vec<(Tone, String)> {
    let words = &ctx.text.data.checks;
    let mut lines = Vec::new();
    if view.split_fault.is_some() {
        return lines;
    }
    if view.splits[1] < FEW_VALIDATION {
        let count = (ctx.text.units.count)(view.splits[1]);
        lines.push((Tone::Warn, (words.few_validation)(&count)));
    }
    if view.splits[2] == 0 {
        lines.push((Tone::Warn, words.no_test.to_owned()));
    }
    lines
}

/// The checks that were made and found nothing.
fn quiet(view: &DatasetView) -> Vec<Check> {
    let of_kind: &[Check] = match view.file.kind {
        Kind::Tags => &[Check::IllegalTags, Check::EntityBoundaries],
        Kind::Answers => &[Check::AnswerOffsets, Check::Unanswerable],
        _ => &[],
    };
    let between = [Check::Leaks, Check::NearLeaks, Check::UnseenLabels];
    let all = between.iter().chain(&ALWAYS).chain(of_kind).copied();
    all.filter(|check| {
        let mut findings = view.findings.iter();
        !findings.any(|finding| finding.check == *check)
    })
    .collect()
}

/// The cleaning in one line, with undo.
fn cleaning_line(ui: &mut Ui, ctx: &mut PageContext<'_>, view: &DatasetView) -> Option<Dialog> {
    let words = &ctx.text.data.cleaning;
    let count = ctx.text.units.count;
    let cleaning = &ctx.project.settings.data.cleaning;
    let changed = view.changed.values().sum();
    let line = match rules_on(cleaning) {
        0 => words.off.to_owned(),
        rules => (words.line)(rules, &count(changed), &count(view.dropped())),
    };
    let changes = view.changed.iter();
    let by_rule: Vec<_> = changes
        .map(|(rule, rows)| format!("{}: {}", (words.rule)(*rule), count(*rows)))
        .collect();
    let mut opened = None;
    ui.horizontal(|ui| {
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if widgets::small_button(ui, words.open).clicked() {
                let form = cleaning::Form::new(ctx, view);
                opened = Some(Dialog::Cleaning(Box::new(form)));
            }
            if !ctx.project.undo.is_empty() {
                let undo = widgets::small_button(ui, words.undo).on_hover_text(words.undo_hover);
                if undo.clicked() {
                    ctx.send(Intent::UndoCleaning);
                }
            }
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                let label = widgets::weak(ui, &line);
                if !by_rule.is_empty() {
                    label.on_hover_text(by_rule.join("\n"));
                }
            });
        });
    });
    opened
}

/// How many rules are on.
fn rules_on(cleaning: &Cleaning) -> usize {
    let on = [
        cleaning.mojibake,
        cleaning.control_characters,
        cleaning.html,
        cleaning.nfc,
        !cleaning.personal_data.is_empty(),
        cleaning.urls,
        cleaning.user_names,
        cleaning.lowercase,
        cleaning.stop_words.is_some(),
        cleaning.white_space,
        cleaning.repair_answers,
        cleaning.trim_entities,
        cleaning.tag_scheme.is_some(),
        cleaning.min_characters.is_some(),
        cleaning.max_characters.is_some(),
        cleaning.conflicts.is_some(),
        cleaning.duplicates.is_some(),
        cleaning.leaks.is_some(),
        !cleaning.labels.is_empty(),
        !cleaning.rows.is_empty(),
    ];
    on.into_iter().filter(|on| *on).count()
}

fn split_bar(ui: &mut Ui, ctx: &PageContext<'_>, view: &DatasetView) -> Option<Dialog> {
    let words = &ctx.text.data.splits;
    let palette = theme::palette(ui);
    let settings = &ctx.project.settings;
    let seed = settings.hyperparameters.seed;
    let given = settings.data.train.is_some() || view.file.roles.get(Role::Split).is_some();
    let note = match settings.data.split.folds {
        _ if given => words.by_file.to_owned(),
        Some(folds) => (words.by_fold)(settings.data.split.fold, folds, seed),
        None => (words.by_seed)(view.file.kind, seed),
    };
    let mut opened = None;
    ui.spacing_mut().item_spacing.y = 4.0;
    ui.horizontal(|ui| {
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if widgets::small_button(ui, words.open).clicked() {
                opened = Some(Dialog::Splits(splits::Form::new(ctx)));
            }
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                widgets::heading(ui, words.title, egui::TextStyle::Heading);
                widgets::weak(ui, &note);
            });
        });
    });
    if view.split_fault.is_some() {
        widgets::weak(ui, words.impossible);
        return opened;
    }
    let colours = [palette.accent, palette.validation, palette.neutral];
    let parts = view.splits.map(|rows| rows as f32);
    let parts: Vec<_> = parts.into_iter().zip(colours).collect();
    widgets::split_bar(ui, &parts);
    let names = [words.train, words.validation, words.test];
    let legend = ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 10.0;
        for ((name, rows), colour) in names.into_iter().zip(view.splits).zip(colours) {
            super::legend(ui, colour, &name(&(ctx.text.units.count)(rows)));
        }
    });
    legend.response.on_hover_text(words.test_hover);
    opened
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::personal;

    #[test]
    fn every_rule_that_is_on_counts() {
        assert_eq!(rules_on(&Cleaning::default()), 0);
        let cleaning = Cleaning {
            html: true,
            personal_data: vec![personal::Kind::Email, personal::Kind::Iban],
            min_characters: Some(3),
            ..Cleaning::default()
        };
        assert_eq!(rules_on(&cleaning), 3);
    }
}
