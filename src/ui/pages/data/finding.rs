//! What a check found: its rows, the labels that belong together, the texts to be reviewed.

use std::sync::Arc;

use egui::{RichText, ScrollArea, Ui};

use super::remedy::{self, Action};
use super::{Dialog, checks};
use crate::data::Remedy;
use crate::data::checks::{Check, Finding, Group, LabelPair, Sighting, Variant};
use crate::data::cleaning::Conflicts;
use crate::session::dataset::{DatasetView, RowView};
use crate::ui::intent::Intent;
use crate::ui::page::PageContext;
use crate::ui::theme::{self, space};
use crate::ui::widgets;

/// Height of a text to be reviewed: two lines, the second with buttons, and room before the next.
const GROUP: f32 = 64.0;

/// Draws the dialog of a check; the dialog that is open then.
pub fn show(
    ui: &mut Ui,
    ctx: &mut PageContext<'_>,
    view: &Arc<DatasetView>,
    check: Check,
) -> Option<Dialog> {
    // A remedy may have done away with it.
    let finding = view
        .findings
        .iter()
        .find(|finding| finding.check == check)?;
    let words = &ctx.text.data.checks;
    let title = checks::what(ctx, finding);
    let mut next = Some(Dialog::Finding(check));
    let (done, closed) = widgets::wide_dialog(ui, "finding", &title, |ui| {
        about(ui, ctx, finding);
        if !finding.pairs.is_empty() && check == Check::SimilarLabels {
            pairs(ui, ctx, &finding.pairs);
        } else if !finding.groups.is_empty() {
            groups(ui, ctx, view, finding);
        } else {
            sightings(ui, ctx, finding);
        }
        widgets::dialog_buttons(ui, |ui| {
            if let Some(dialog) = remedies(ui, ctx, view, finding) {
                next = dialog;
                return false;
            }
            widgets::secondary(ui, words.close).clicked()
        })
    });
    next.filter(|_| !done && !closed)
}

/// What is known beside the rows.
fn about(ui: &mut Ui, ctx: &PageContext<'_>, finding: &Finding) {
    let words = &ctx.text.data.checks;
    if let Some(note) = &finding.note {
        widgets::wrapped_weak(ui, note);
    }
    if !finding.shares.is_empty() {
        let shares = finding.shares.iter().take(12);
        let shares: Vec<_> = shares
            .map(|share| (words.share)(&share.name, &(ctx.text.units.count)(share.count)))
            .collect();
        widgets::wrapped_weak(ui, &shares.join(" · "));
    }
    ui.add_space(space::SMALL);
}

fn sightings(ui: &mut Ui, ctx: &PageContext<'_>, finding: &Finding) {
    let words = &ctx.text.data.checks;
    scroll(ui, |ui| {
        for sighting in &finding.examples {
            self::sighting(ui, ctx, sighting);
        }
        if finding.examples.len() < finding.count && !finding.examples.is_empty() {
            let shown = (ctx.text.units.count)(finding.examples.len());
            widgets::weak(ui, &(words.first_shown)(&shown));
        }
    });
}

fn sighting(ui: &mut Ui, ctx: &PageContext<'_>, sighting: &Sighting) {
    let palette = theme::palette(ui);
    let row = (ctx.text.data.checks.row_of)(sighting.row, &sighting.part.to_string());
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = space::MEDIUM;
        ui.label(RichText::new(row).small().color(palette.weak));
        ui.label(&sighting.excerpt);
        if let Some(detail) = &sighting.detail {
            ui.label(RichText::new(detail).small().color(palette.accent_text));
        }
    });
}

/// Labels that look like each other; one press gives the rarer the name of the other.
fn pairs(ui: &mut Ui, ctx: &mut PageContext<'_>, pairs: &[LabelPair]) {
    let words = &ctx.text.data.checks;
    scroll(ui, |ui| {
        for pair in pairs {
            let count = (ctx.text.units.count)(pair.count);
            ui.horizontal_wrapped(|ui| {
                ui.label((words.pair)(&pair.from, &pair.to, &count));
                for (from, to) in [(&pair.from, &pair.to), (&pair.to, &pair.from)] {
                    if widgets::small_button(ui, &(words.merge)(from, to)).clicked() {
                        let rename = Remedy::Rename {
                            from: from.clone(),
                            to: to.clone(),
                        };
                        clean(ctx, &[rename]);
                    }
                }
            });
        }
    });
}

/// Texts with the labels that their rows have; one press settles a text.
fn groups(ui: &mut Ui, ctx: &mut PageContext<'_>, view: &DatasetView, finding: &Finding) {
    let settles = finding.check == Check::ConflictingLabels && view.is_one_label();
    let height = GROUP - ui.spacing().item_spacing.y;
    ScrollArea::vertical()
        .max_height(340.0)
        .auto_shrink([false, true])
        .show_rows(ui, height, finding.groups.len(), |ui, range| {
            for group in &finding.groups[range] {
                ui.allocate_ui(egui::vec2(ui.available_width(), height), |ui| {
                    ui.set_height(height);
                    widgets::elided(ui, group.text.replace(['\n', '\r'], " "));
                    ui.horizontal(|ui| self::group(ui, ctx, view, group, settles));
                });
            }
        });
}

fn group(ui: &mut Ui, ctx: &mut PageContext<'_>, view: &DatasetView, group: &Group, settles: bool) {
    let words = &ctx.text.data.checks;
    let count = ctx.text.units.count;
    for (place, variant) in group.variants.iter().enumerate() {
        let label = variant.label.as_deref().unwrap_or_default();
        let place_in_file = (words.row_of)(variant.row, &variant.part.to_string());
        // Without a label it is the rows that are told apart.
        let name = if label.is_empty() {
            &place_in_file
        } else {
            label
        };
        let shown = match variant.count {
            1 if label.is_empty() => name.to_owned(),
            times => (words.share)(name, &count(times)),
        };
        widgets::pill(ui, &shown).on_hover_text(&place_in_file);
        let first = group.variants[..place].iter();
        let is_new = first.clone().all(|other| other.label != variant.label);
        if settles && is_new && widgets::small_button(ui, &(words.all_as)(label)).clicked() {
            clean(ctx, &all_as(view, group, label));
        }
        if settles {
            // A label and its button belong together.
            ui.add_space(space::MEDIUM);
        }
    }
}

/// Gives all rows of the group's text this label.
fn all_as(view: &DatasetView, group: &Group, label: &str) -> Vec<Remedy> {
    let rows = &view.rows;
    let at = |variant: &Variant| {
        let place = rows
            .binary_search_by_key(&variant.row, |row| row.row)
            .ok()?;
        rows.get(place)
    };
    let Some(first) = group.variants.iter().find_map(at) else {
        return Vec::new();
    };
    let same = |row: &&RowView| {
        row.text.trim() == first.text.trim() && row.pair == first.pair && row.label != label
    };
    let others = rows.iter().filter(same);
    others
        .map(|row| Remedy::Row(row.edit(Some(label))))
        .collect()
}

/// The buttons of the remedies; the dialog that is open after one.
fn remedies(
    ui: &mut Ui,
    ctx: &mut PageContext<'_>,
    view: &DatasetView,
    finding: &Finding,
) -> Option<Option<Dialog>> {
    let words = &ctx.text.data.checks;
    match remedy::action(finding, view.file.kind) {
        None | Some(Action::Review) => None,
        Some(action) => {
            if widgets::primary(ui, (words.remedy)(finding.check)).clicked() {
                return Some(checks::act(ctx, view, finding.check, action));
            }
            let conflicts = finding.check == Check::ConflictingLabels;
            if conflicts && widgets::secondary(ui, words.drop_conflicts).clicked() {
                clean(ctx, &[Remedy::Settle(Conflicts::Drop)]);
                return Some(None);
            }
            None
        }
    }
}

fn clean(ctx: &mut PageContext<'_>, remedies: &[Remedy]) {
    let cleaning = &ctx.project.settings.data.cleaning;
    ctx.send(Intent::Clean(remedy::with(cleaning, remedies)));
}

fn scroll(ui: &mut Ui, content: impl FnOnce(&mut Ui)) {
    ScrollArea::vertical()
        .max_height(340.0)
        .auto_shrink([false, true])
        .show(ui, content);
}
