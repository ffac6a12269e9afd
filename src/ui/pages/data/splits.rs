//! How the rows are split: shares, folds, groups, balance.

use egui::{DragValue, Response, Ui};

use crate::data::{Balance, SplitSettings};
use crate::run::DataSettings;
use crate::session::dataset::DatasetView;
use crate::ui::intent::Intent;
use crate::ui::page::PageContext;
use crate::ui::theme::space;
use crate::ui::widgets;

/// Settings that are not taken yet.
pub struct Form {
    split: SplitSettings,
    group: Option<String>,
    column: Option<String>,
}

impl Form {
    /// The settings as they are.
    pub fn new(ctx: &PageContext<'_>) -> Self {
        let data = &ctx.project.settings.data;
        Self {
            split: data.split.clone(),
            group: data.group_column.clone(),
            column: data.split_column.clone(),
        }
    }

    /// Draws the dialog; the form, while it stays open.
    pub fn show(
        mut self,
        ui: &mut Ui,
        ctx: &mut PageContext<'_>,
        view: &DatasetView,
    ) -> Option<Self> {
        let words = &ctx.text.data.splits;
        let (done, closed) = widgets::dialog(ui, "splits", words.dialog, |ui| {
            let seed = ctx.project.settings.hyperparameters.seed;
            widgets::wrapped_weak(ui, &(words.note)(view.file.kind, seed));
            ui.add_space(space::SMALL);
            self.fields(ui, ctx, view);
            let fault = self.split.check().err();
            if let Some(fault) = &fault {
                widgets::inline_fault(ui, fault);
            }
            widgets::dialog_buttons(ui, |ui| {
                if widgets::primary_enabled(ui, fault.is_none(), words.apply).clicked() {
                    self.send(ctx);
                    return true;
                }
                widgets::secondary(ui, ctx.text.common.cancel).clicked()
            })
        });
        (!done && !closed).then_some(self)
    }

    fn send(&self, ctx: &mut PageContext<'_>) {
        ctx.send(Intent::SetData(Box::new(DataSettings {
            split: self.split.clone(),
            group_column: self.group.clone(),
            split_column: self.column.clone(),
            ..ctx.project.settings.data.clone()
        })));
    }

    fn fields(&mut self, ui: &mut Ui, ctx: &PageContext<'_>, view: &DatasetView) {
        let words = &ctx.text.data.splits;
        let split = &mut self.split;
        percent(ui, words.validation_share, &mut split.validation, 1.0);
        percent(ui, words.test_share, &mut split.test, 0.0);
        widgets::form_row(ui, words.folds, |ui, label| {
            let mut folds = split.folds.unwrap_or(0);
            let field = widgets::optional_number(&mut folds, words.no_folds).range(0..=100);
            if ui.add(field).labelled_by(label.id).changed() {
                split.folds = (folds >= 2).then_some(folds);
            }
        });
        if let Some(folds) = split.folds {
            widgets::form_row(ui, words.fold, |ui, label| {
                let field = DragValue::new(&mut split.fold).range(1..=folds);
                ui.add(field).labelled_by(label.id)
            });
        } else {
            split.fold = 1;
        }
        for (name, column) in [
            (words.group, &mut self.group),
            (words.split, &mut self.column),
        ] {
            let columns = view.file.columns.iter();
            let columns = columns.map(|name| (Some(name.clone()), name.clone()));
            let none = (None, words.no_folds.to_owned());
            widgets::form_row(ui, name, |ui, label| {
                widgets::choice_box(ui, label, column, std::iter::once(none).chain(columns));
            });
        }
        // Only what can be balanced; but what is set wrongly has to be seen.
        if view.is_one_label() || split.balance.is_some() {
            balance(ui, ctx, &mut split.balance);
        }
        ui.checkbox(&mut split.near_duplicates_together, words.together);
    }
}

fn balance(ui: &mut Ui, ctx: &PageContext<'_>, value: &mut Option<Balance>) {
    let words = &ctx.text.data.splits;
    let balances = [Balance::Oversample, Balance::Undersample];
    let balances = balances.map(|balance| (Some(balance), (words.balance_name)(balance)));
    let balances = std::iter::once((None, words.no_balance)).chain(balances);
    let balances = balances.map(|(balance, name)| (balance, name.to_owned()));
    widgets::form_row(ui, words.balance, |ui, label| {
        widgets::choice_box(ui, label, value, balances);
    });
    widgets::wrapped_weak(ui, words.weights_note);
}

/// A share that is shown as a percentage.
fn percent(ui: &mut Ui, name: &str, share: &mut f64, least: f64) {
    widgets::form_row(ui, name, |ui, label| -> Response {
        let mut percent = (*share * 1000.0).round() / 10.0;
        let field = DragValue::new(&mut percent)
            .range(least..=80.0)
            .max_decimals(1)
            .speed(0.2)
            .suffix(" %");
        let response = ui.add(field).labelled_by(label.id);
        if response.changed() {
            *share = (percent * 10.0).round() / 1000.0;
        }
        response
    });
}
