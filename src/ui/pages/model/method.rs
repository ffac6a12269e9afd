//! Which weights learn.

use egui::{Label, RichText, Ui};

use crate::run::hyperparameters::{FIELDS, Field, MethodName};
use crate::ui::fields::Fields;
use crate::ui::intent::Intent;
use crate::ui::page::PageContext;
use crate::ui::text::model::MethodText;
use crate::ui::theme::{self, space};
use crate::ui::widgets;

/// Draws the methods and, under the chosen one, its fields.
pub fn show(ui: &mut Ui, ctx: &mut PageContext<'_>, fields: &mut Fields) {
    let words = &ctx.text.model.method;
    widgets::card(ui, |ui| {
        widgets::card_title(ui, words.title, words.note);
        for method in MethodName::ALL {
            // A row keeps its id, and so the focus, whatever fields appear above it.
            ui.push_id(words_of(words, method).0, |ui| {
                choice(ui, ctx, fields, method)
            });
            ui.add_space(space::MEDIUM);
        }
        widgets::wrapped_weak(ui, words.learning_rate);
    });
}

fn choice(ui: &mut Ui, ctx: &mut PageContext<'_>, fields: &mut Fields, method: MethodName) {
    let chosen = ctx.project.settings.hyperparameters.method == method;
    let (name, note) = words_of(&ctx.text.model.method, method);
    if widgets::choice_row(ui, chosen, name, note).clicked() && !chosen {
        let changed = ctx.project.with_method(method);
        ctx.send(Intent::SetHyperparameters(Box::new(changed)));
    }
    if chosen {
        ui.add_space(space::SMALL);
        fields.show(ui, ctx, fields_of(method));
        if let Some(fault) = ctx.project.method_fault() {
            let fault = RichText::new(fault.what()).small();
            ui.add(Label::new(fault.color(theme::palette(ui).bad)).wrap());
        }
    }
}

fn words_of(words: &MethodText, method: MethodName) -> (&'static str, &'static str) {
    match method {
        MethodName::Full => words.full,
        MethodName::Lora => words.lora,
        MethodName::Head => words.head,
    }
}

/// The hyperparameters that mean something with `method` only.
pub fn fields_of(method: MethodName) -> impl Iterator<Item = &'static Field> {
    let names = method.fields();
    FIELDS.iter().filter(|field| names.contains(&field.name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::hyperparameters::Group;

    #[test]
    fn every_field_of_the_method_has_its_place() {
        let shown: Vec<_> = MethodName::ALL.into_iter().flat_map(fields_of).collect();
        let of_method = FIELDS.iter().filter(|field| field.group == Group::Method);
        for field in of_method.filter(|field| field.name != "method") {
            assert!(shown.iter().any(|shown| shown.name == field.name));
        }
    }
}
