//! The table's groups in cards, except the method's, which the Model page shows.

use egui::Ui;

use crate::run::hyperparameters::{FIELDS, Group};
use crate::ui::fields::Fields;
use crate::ui::page::PageContext;
use crate::ui::theme::space;
use crate::ui::widgets;

/// Below this width the names would be cut in two columns.
const NARROW: f32 = 600.0;

/// Columns of cards: a longer and a shorter one would leave a hole, so groups are dealt by size.
const COLUMNS: [&[Group]; 2] = [
    &[Group::Learning, Group::Batches, Group::Regularisation],
    &[Group::Evaluation, Group::Optimiser],
];

/// Draws all groups in two columns.
pub fn show(ui: &mut Ui, ctx: &mut PageContext<'_>, fields: &mut Fields) {
    let spacing = ui.spacing().item_spacing.x;
    let count = if ui.available_width() < NARROW { 1 } else { 2 };
    ui.spacing_mut().item_spacing.x = space::GAP;
    ui.columns(count, |columns| {
        for (place, groups) in COLUMNS.into_iter().enumerate() {
            let ui = &mut columns[place % count];
            ui.spacing_mut().item_spacing.x = spacing;
            for &group in groups {
                card(ui, ctx, fields, group);
                ui.add_space(space::GAP - ui.spacing().item_spacing.y);
            }
        }
    });
}

fn card(ui: &mut Ui, ctx: &mut PageContext<'_>, fields: &mut Fields, group: Group) {
    widgets::card(ui, |ui| {
        widgets::card_title(ui, (ctx.text.hyperparameters.group)(group), "");
        let in_group = FIELDS.iter().filter(|field| field.group == group);
        fields.show(ui, ctx, in_group);
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::hyperparameters::Field;

    #[test]
    fn every_group_has_its_place() {
        let placed: Vec<_> = COLUMNS.iter().flat_map(|groups| groups.iter()).collect();
        let elsewhere = |field: &Field| field.group == Group::Method;
        assert!(
            FIELDS
                .iter()
                .all(|field| elsewhere(field) || placed.contains(&&field.group))
        );
    }
}
