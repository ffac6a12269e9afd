//! All rules of the cleaning, with a preview of rows that they change.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use egui::{Align, RichText, ScrollArea, TextEdit, Ui};

use crate::data::cleaning::{Alike, Conflicts};
use crate::data::tags::TagScheme;
use crate::data::{Cleaning, Kind, Remedy, Rule, personal};
use crate::session::dataset::{DatasetView, FileView, Tally};
use crate::ui::intent::Intent;
use crate::ui::page::PageContext;
use crate::ui::text::data::CleaningText;
use crate::ui::theme::{self, space};
use crate::ui::widgets;

/// Languages with a list of stop words that are offered, by ISO 639-1 code.
const LANGUAGES: [&str; 20] = [
    "en", "de", "fr", "es", "it", "pt", "nl", "sv", "da", "no", "fi", "ru", "pl", "tr", "ar", "el",
    "hu", "ro", "id", "zh",
];

/// More different labels than this are texts that were taken for labels; nobody renames them.
const MOST_LABELS: usize = 2000;

/// Height of both columns.
const HEIGHT: f32 = 420.0;

/// Height of the list of labels, where they are many.
const LABELS: f32 = 220.0;

/// Rules that are not taken yet.
pub struct Form {
    cleaning: Cleaning,
    /// New names of labels, by the name that they have in the file or now.
    names: BTreeMap<String, String>,
    search: String,
    preview: Preview,
    /// Whether the labels are to be brought into view.
    to_labels: bool,
}

impl Form {
    /// The rules as they are.
    pub fn new(ctx: &PageContext<'_>, view: &DatasetView) -> Self {
        let cleaning = ctx.project.settings.data.cleaning.clone();
        let mut names = BTreeMap::new();
        let labels = match &view.tally {
            // Of a tag the type is renamed.
            Tally::Entities(types) => types.as_slice(),
            Tally::Labels => &view.labels,
            Tally::Values(_) | Tally::Answers { .. } => &[],
        };
        if labels.len() <= MOST_LABELS {
            let unnamed = |(label, _): &(String, usize)| (label.clone(), String::new());
            names.extend(labels.iter().map(unnamed));
        }
        names.extend(cleaning.labels.clone());
        Self {
            cleaning,
            names,
            search: String::new(),
            preview: Preview::default(),
            to_labels: false,
        }
    }

    /// The rules as they are, with the labels in view: they stand below all others.
    pub fn at_labels(ctx: &PageContext<'_>, view: &DatasetView) -> Self {
        Self {
            to_labels: true,
            ..Self::new(ctx, view)
        }
    }

    /// Draws the dialog; the form, while it stays open.
    pub fn show(
        mut self: Box<Self>,
        ui: &mut Ui,
        ctx: &mut PageContext<'_>,
        view: &Arc<DatasetView>,
    ) -> Option<Box<Self>> {
        let words = &ctx.text.data.cleaning;
        let (done, closed) = widgets::wide_dialog(ui, "cleaning", words.title, |ui| {
            widgets::weak(ui, words.note);
            ui.add_space(space::SMALL);
            widgets::row(ui, &[0.5, 0.5], HEIGHT, |cells| {
                ScrollArea::vertical()
                    .id_salt("rules")
                    .auto_shrink(false)
                    .show(&mut cells[0], |ui| self.rules(ui, ctx, view));
                let ui = &mut cells[1];
                widgets::card_title(ui, words.preview, "");
                self.preview.show(ui, ctx, view, &self.cleaning);
            });
            let wanted = self.wanted();
            let fault = wanted.check().err();
            if let Some(fault) = &fault {
                widgets::inline_fault(ui, fault);
            }
            widgets::dialog_buttons(ui, |ui| {
                if widgets::primary_enabled(ui, fault.is_none(), words.apply).clicked() {
                    ctx.send(Intent::Clean(Box::new(wanted)));
                    return true;
                }
                if widgets::secondary(ui, words.clear).clicked() {
                    self.cleaning = Cleaning::default();
                    self.names.values_mut().for_each(String::clear);
                }
                widgets::secondary(ui, ctx.text.common.cancel).clicked()
            })
        });
        (!done && !closed).then_some(self)
    }

    /// The rules with the new names taken in. A label that others were renamed to takes them along.
    fn wanted(&self) -> Cleaning {
        let mut wanted = self.cleaning.clone();
        wanted.labels.clear();
        let before = &self.cleaning.labels;
        let (former, current): (Vec<_>, Vec<_>) = self
            .names
            .iter()
            .map(|(label, name)| (label, name.trim()))
            .filter(|(label, name)| !name.is_empty() && name != label)
            .partition(|(label, _)| before.contains_key(*label));
        for (from, to) in former.into_iter().chain(current) {
            wanted.apply(&Remedy::Rename {
                from: from.clone(),
                to: to.to_owned(),
            });
        }
        wanted
    }

    fn rules(&mut self, ui: &mut Ui, ctx: &PageContext<'_>, view: &DatasetView) {
        let words = &ctx.text.data.cleaning;
        ui.spacing_mut().item_spacing.y = 3.0;
        widgets::card_title(ui, words.texts, "");
        self.text_rules(ui, ctx, &view.file);
        ui.add_space(space::MEDIUM);
        widgets::card_title(ui, words.masks, "");
        self.masks(ui, ctx);
        ui.add_space(space::MEDIUM);
        widgets::card_title(ui, words.rows, "");
        self.row_rules(ui, ctx);
        if !self.names.is_empty() {
            ui.add_space(space::MEDIUM);
            if self.to_labels {
                ui.scroll_to_cursor(Some(Align::TOP));
                // While it is only measured, nothing scrolls.
                self.to_labels = ui.is_sizing_pass();
            }
            widgets::card_title(ui, words.labels, words.rename_note);
            self.labels(ui, ctx);
        }
    }

    fn text_rules(&mut self, ui: &mut Ui, ctx: &PageContext<'_>, file: &FileView) {
        let words = &ctx.text.data.cleaning;
        let cleaning = &mut self.cleaning;
        switch(ui, ctx, Rule::Mojibake, &mut cleaning.mojibake);
        switch(
            ui,
            ctx,
            Rule::ControlCharacters,
            &mut cleaning.control_characters,
        );
        switch(ui, ctx, Rule::Html, &mut cleaning.html);
        switch(ui, ctx, Rule::Nfc, &mut cleaning.nfc);
        switch(ui, ctx, Rule::WhiteSpace, &mut cleaning.white_space);
        switch(ui, ctx, Rule::Lowercase, &mut cleaning.lowercase);
        if file.kind == Kind::Tags {
            switch(ui, ctx, Rule::TrimEntities, &mut cleaning.trim_entities);
            tag_scheme(ui, ctx, file.layout.tags, &mut cleaning.tag_scheme);
        }
        if file.kind == Kind::Answers {
            switch(ui, ctx, Rule::RepairAnswers, &mut cleaning.repair_answers);
        }
        let languages = LANGUAGES.map(|code| (Some(code.to_owned()), code.to_owned()));
        let keep = std::iter::once((None, words.none.to_owned()));
        widgets::form_row(ui, words.stop_words, |ui, label| {
            widgets::choice_box(ui, label, &mut cleaning.stop_words, keep.chain(languages));
        });
        widgets::wrapped_weak(ui, words.stop_words_note);
    }

    fn masks(&mut self, ui: &mut Ui, ctx: &PageContext<'_>) {
        let words = &ctx.text.data.cleaning;
        let cleaning = &mut self.cleaning;
        ui.horizontal_wrapped(|ui| {
            for kind in personal::Kind::ALL {
                let mut on = cleaning.personal_data.contains(&kind);
                if !ui.checkbox(&mut on, (words.mask)(kind)).changed() {
                    continue;
                }
                match on {
                    true => cleaning.apply(&Remedy::Mask(kind)),
                    false => cleaning.personal_data.retain(|other| *other != kind),
                }
            }
            switch(ui, ctx, Rule::Urls, &mut cleaning.urls);
            switch(ui, ctx, Rule::UserNames, &mut cleaning.user_names);
        });
    }

    fn row_rules(&mut self, ui: &mut Ui, ctx: &PageContext<'_>) {
        let words = &ctx.text.data.cleaning;
        let cleaning = &mut self.cleaning;
        length(ui, words.at_least, words, &mut cleaning.min_characters);
        length(ui, words.at_most, words, &mut cleaning.max_characters);
        let alike = |alike| (Some(alike), (words.alike)(alike).to_owned());
        let alikes = [Alike::Exact, Alike::Near].map(alike);
        let conflict = |conflicts| (Some(conflicts), (words.conflict)(conflicts).to_owned());
        let conflicts = [Conflicts::Majority, Conflicts::Drop].map(conflict);
        let keep = words.none.to_owned();
        choice(
            ui,
            words.duplicates,
            &mut cleaning.duplicates,
            &keep,
            alikes.clone(),
        );
        choice(ui, words.leaks, &mut cleaning.leaks, &keep, alikes);
        choice(
            ui,
            words.conflicts,
            &mut cleaning.conflicts,
            &keep,
            conflicts,
        );
        if !cleaning.rows.is_empty() {
            ui.horizontal(|ui| {
                widgets::weak(ui, &(words.edited)(cleaning.rows.len()));
                if widgets::small_button(ui, words.forget_edits).clicked() {
                    cleaning.rows.clear();
                }
            });
        }
    }

    fn labels(&mut self, ui: &mut Ui, ctx: &PageContext<'_>) {
        let words = &ctx.text.data.cleaning;
        if self.names.len() > 12 {
            let width = ui.available_width();
            widgets::search_field(ui, &mut self.search, words.search_labels, width);
        }
        let wanted = self.search.trim().to_lowercase();
        let names = self.names.iter_mut();
        let mut names: Vec<_> = names
            .filter(|(label, _)| label.to_lowercase().contains(&wanted))
            .collect();
        let height = space::BUTTON;
        ScrollArea::vertical()
            .id_salt("labels")
            .max_height(LABELS)
            // Below the other rules there is no room left, and it would be two lines high.
            .min_scrolled_height(LABELS)
            .auto_shrink([false, true])
            .show_rows(ui, height, names.len(), |ui, range| {
                for (label, name) in &mut names[range] {
                    let field = (words.new_name)(label);
                    widgets::form_row(ui, label, |ui, _| {
                        let edit = TextEdit::singleline(*name)
                            .hint_text(label.as_str())
                            .desired_width(f32::INFINITY);
                        ui.add(edit).accessible_name(&field)
                    });
                }
            });
    }
}

fn switch(ui: &mut Ui, ctx: &PageContext<'_>, rule: Rule, on: &mut bool) {
    let words = &ctx.text.data.cleaning;
    let switch = ui.checkbox(on, (words.rule)(rule));
    switch.on_hover_text((words.rule_hover)(rule));
}

/// The scheme that entities are tagged by; `of_file` is the one that the file has.
fn tag_scheme(
    ui: &mut Ui,
    ctx: &PageContext<'_>,
    of_file: Option<TagScheme>,
    value: &mut Option<TagScheme>,
) {
    let words = &ctx.text.data.cleaning;
    let schemes = TagScheme::ALL.map(|scheme| (Some(scheme), scheme.to_string()));
    let none = (words.scheme_of_file)(of_file);
    choice(ui, (words.rule)(Rule::TagScheme), value, &none, schemes);
    widgets::wrapped_weak(ui, (words.rule_hover)(Rule::TagScheme));
}

fn choice<T: PartialEq>(
    ui: &mut Ui,
    name: &str,
    value: &mut Option<T>,
    none: &str,
    choices: impl IntoIterator<Item = (Option<T>, String)>,
) {
    let none = std::iter::once((None, none.to_owned()));
    widgets::form_row(ui, name, |ui, label| {
        widgets::choice_box(ui, label, value, none.chain(choices));
    });
}

/// A length in characters; 0 is none.
fn length(ui: &mut Ui, name: &str, words: &CleaningText, value: &mut Option<usize>) {
    let none = words.any_length;
    widgets::form_row(ui, name, |ui, label| {
        let mut characters = value.unwrap_or(0);
        let field = widgets::optional_number(&mut characters, none).range(0..=1_000_000);
        if ui.add(field).labelled_by(label.id).changed() {
            *value = (characters > 0).then_some(characters);
        }
        widgets::weak(ui, words.characters);
    });
}

/// Rows that the rules change, looked for a little in every frame.
#[derive(Default)]
struct Preview {
    rules: Option<Cleaning>,
    /// How many rows were looked at.
    looked_at: usize,
    /// Texts before and after, with their rows.
    found: Vec<(usize, String, String)>,
}

impl Preview {
    /// Rows that are shown.
    const SHOWN: usize = 8;
    /// Time that a frame may take for looking.
    const BUDGET: Duration = Duration::from_millis(5);

    fn show(
        &mut self,
        ui: &mut Ui,
        ctx: &PageContext<'_>,
        view: &Arc<DatasetView>,
        rules: &Cleaning,
    ) {
        let words = &ctx.text.data.cleaning;
        if self.rules.as_ref() != Some(rules) {
            *self = Self {
                rules: Some(rules.clone()),
                ..Self::default()
            };
        }
        let whole = self.look(view, rules);
        if !whole {
            ui.request_repaint();
        }
        if self.found.is_empty() {
            widgets::weak(
                ui,
                if whole {
                    words.no_change
                } else {
                    words.searching
                },
            );
            return;
        }
        ScrollArea::vertical()
            .id_salt("changes")
            .auto_shrink(false)
            .show(ui, |ui| {
                for (row, before, after) in &self.found {
                    change(ui, *row, before, after);
                }
            });
    }

    /// Looks on; whether there is nothing left to look for.
    fn look(&mut self, view: &DatasetView, rules: &Cleaning) -> bool {
        let start = Instant::now();
        while self.found.len() < Self::SHOWN {
            let Some(row) = view.rows.get(self.looked_at) else {
                return true;
            };
            self.looked_at += 1;
            let after = rules.preview(row.original());
            if after != row.original() {
                let before = row.original().to_owned();
                self.found.push((row.row, before, after));
            }
            if start.elapsed() > Self::BUDGET {
                return false;
            }
        }
        true
    }
}

/// A text before and after, from a little before the first difference on.
fn change(ui: &mut Ui, row: usize, before: &str, after: &str) {
    let palette = theme::palette(ui);
    let (before, after) = around_difference(before, after);
    ui.horizontal_top(|ui| {
        ui.label(RichText::new(row.to_string()).small().color(palette.weak));
        ui.vertical(|ui| {
            ui.spacing_mut().item_spacing.y = 1.0;
            let before = RichText::new(before).small().color(palette.weak);
            ui.add(egui::Label::new(before).wrap());
            ui.add(egui::Label::new(RichText::new(after).small().color(palette.text)).wrap());
        });
    });
    ui.add_space(space::SMALL);
}

/// Both texts, cut to the stretch in which they begin to differ.
fn around_difference(before: &str, after: &str) -> (String, String) {
    const BEFORE: usize = 24;
    const LONGEST: usize = 120;
    let same = before.chars().zip(after.chars());
    let same = same.take_while(|(a, b)| a == b).count();
    let from = same.saturating_sub(BEFORE);
    let cut = |text: &str| {
        let mut stretch = String::new();
        if from > 0 {
            stretch.push('…');
        }
        let mut rest = text.chars().skip(from);
        let seen = rest.by_ref().take(LONGEST);
        // Line ends would spoil the preview's two lines.
        stretch.extend(seen.map(|c| if c.is_control() { '·' } else { c }));
        if rest.next().is_some() {
            stretch.push('…');
        }
        stretch
    };
    (cut(before), cut(after))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_shown_where_it_begins() {
        let long = "word ".repeat(30);
        let (before, after) = around_difference(&format!("{long}<b>x</b>"), &format!("{long}x"));
        assert!(
            before.starts_with('…') && before.ends_with("<b>x</b>"),
            "{before}"
        );
        assert!(after.ends_with("word x"), "{after}");
        assert_eq!(
            around_difference("a\nb", "a b"),
            ("a·b".into(), "a b".into())
        );
    }
}
