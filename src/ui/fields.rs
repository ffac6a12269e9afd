//! Fields for hyperparameters of the table, with help and a message where a value is wrong.

use std::collections::BTreeMap;

use egui::{
    Align, Checkbox, ComboBox, Label, Layout, Response, RichText, Stroke, TextEdit, Ui, vec2,
};
use serde_json::Value;

use crate::run::hyperparameters::{Field, Kind};
use crate::ui::intent::Intent;
use crate::ui::page::PageContext;
use crate::ui::theme;

/// Width of an input where there is room.
const INPUT: f32 = 112.0;
/// Largest share of a row that an input takes, so that names are not cut in a narrow column.
const INPUT_SHARE: f32 = 0.37;
/// Height of a text box.
const BOX: f32 = 26.0;
/// Height of a row.
const ROW: f32 = 31.0;

/// What is typed into the fields. A field's words are kept only while they differ from its value:
/// while it is edited, and while they are wrong.
#[derive(Default)]
pub struct Fields {
    typed: BTreeMap<&'static str, Typed>,
    focused: Option<&'static Field>,
}

/// Words in a field and what is wrong with them.
struct Typed {
    words: String,
    fault: Option<String>,
}

impl Fields {
    /// The first of `fields` whose words are no valid value.
    pub fn first_wrong(
        &self,
        mut fields: impl Iterator<Item = &'static Field>,
    ) -> Option<&'static str> {
        let wrong = |field: &&Field| {
            let typed = self.typed.get(field.name);
            typed.is_some_and(|typed| typed.fault.is_some())
        };
        fields.find(wrong).map(|field| field.name)
    }

    /// The help of the field that has the keyboard's focus.
    pub fn help(&self) -> Option<&'static str> {
        self.focused.map(|field| field.help)
    }

    /// Forgets what is typed, so that all fields show their values.
    pub fn forget(&mut self) {
        self.typed.clear();
    }

    /// Draws `fields` one below the other; a valid change is sent at once.
    pub fn show(
        &mut self,
        ui: &mut Ui,
        ctx: &mut PageContext<'_>,
        fields: impl Iterator<Item = &'static Field>,
    ) {
        let values = ctx.project.settings.hyperparameters.to_map();
        ui.spacing_mut().item_spacing.y = 2.0;
        for field in fields {
            let value = values.get(field.name).unwrap_or(&Value::Null);
            if let Some(words) = self.field(ui, ctx, field, value) {
                self.take(ctx, field, words);
            }
        }
    }

    /// Checks the words that a field holds now.
    fn take(&mut self, ctx: &mut PageContext<'_>, field: &'static Field, words: String) {
        let mut values = ctx.project.settings.hyperparameters.clone();
        let fault = values.set_text(field.name, &words).err();
        let fault = fault.map(|fault| fault.what());
        if fault.is_none() {
            ctx.send(Intent::SetHyperparameters(Box::new(values)));
        }
        self.typed.insert(field.name, Typed { words, fault });
    }

    /// Draws one field; its words, when they were changed.
    fn field(
        &mut self,
        ui: &mut Ui,
        ctx: &PageContext<'_>,
        field: &'static Field,
        value: &Value,
    ) -> Option<String> {
        let words = match field.kind {
            // A list of names needs a line of its own.
            Kind::Names => {
                let width = ui.available_width();
                let label = name(ui, field, width);
                self.text(ui, field, value, &label, width)
            }
            _ => self.row(ui, ctx, field, value),
        };
        let fault = self
            .typed
            .get(field.name)
            .and_then(|typed| typed.fault.as_ref());
        if let Some(fault) = fault {
            let fault = RichText::new(fault).small().color(theme::palette(ui).bad);
            ui.add(Label::new(fault).wrap());
        }
        words
    }

    /// Draws a field's name and, on its right, its input.
    fn row(
        &mut self,
        ui: &mut Ui,
        ctx: &PageContext<'_>,
        field: &'static Field,
        value: &Value,
    ) -> Option<String> {
        let row = ui.horizontal(|ui| {
            ui.set_min_height(ROW);
            let width = INPUT.min(INPUT_SHARE * ui.available_width());
            let rest = ui.available_width() - width - ui.spacing().item_spacing.x;
            let label = name(ui, field, rest);
            let input = Layout::right_to_left(Align::Center);
            ui.with_layout(input, |ui| match field.kind {
                Kind::Choice(names) => choice(ui, ctx, field, names, value, &label, width),
                Kind::Flag => flag(ui, value, &label, width),
                Kind::Number { .. } | Kind::Count { .. } | Kind::Text | Kind::Names => {
                    self.text(ui, field, value, &label, width)
                }
            })
        });
        row.inner.inner
    }

    fn text(
        &mut self,
        ui: &mut Ui,
        field: &'static Field,
        value: &Value,
        label: &Response,
        width: f32,
    ) -> Option<String> {
        let typed = self.typed.get(field.name);
        let wrong = typed.is_some_and(|typed| typed.fault.is_some());
        let mut words = typed.map_or_else(|| written(value), |typed| typed.words.clone());
        let response = ui
            .scope(|ui| {
                if wrong {
                    let stroke = Stroke::new(1.0, theme::palette(ui).bad);
                    ui.visuals_mut().widgets.inactive.bg_stroke = stroke;
                    ui.visuals_mut().widgets.hovered.bg_stroke = stroke;
                    ui.visuals_mut().selection.stroke = stroke;
                }
                ui.add_sized(vec2(width, BOX), TextEdit::singleline(&mut words))
            })
            .inner
            .labelled_by(label.id);
        self.follow_focus(field, response.has_focus());
        if !response.has_focus() && !wrong {
            // The value is shown as it was understood: 0.00002 becomes 2e-5.
            self.typed.remove(field.name);
        }
        response.changed().then_some(words)
    }

    fn follow_focus(&mut self, field: &'static Field, has_focus: bool) {
        let had_focus = self
            .focused
            .is_some_and(|focused| focused.name == field.name);
        match (has_focus, had_focus) {
            (true, _) => self.focused = Some(field),
            (false, true) => self.focused = None,
            (false, false) => {}
        }
    }
}

fn name(ui: &mut Ui, field: &Field, width: f32) -> Response {
    let size = vec2(width, ROW);
    let layout = Layout::left_to_right(Align::Center);
    let label = ui.allocate_ui_with_layout(size, layout, |ui| {
        ui.set_min_size(size);
        let name = RichText::new(field.name).size(theme::size::BODY - 1.0);
        ui.add(Label::new(name).truncate().show_tooltip_when_elided(false))
    });
    label.inner.on_hover_text(field.help)
}

fn choice(
    ui: &mut Ui,
    ctx: &PageContext<'_>,
    field: &Field,
    names: &[&'static str],
    value: &Value,
    label: &Response,
    width: f32,
) -> Option<String> {
    let shown = ctx.text.hyperparameters.choice;
    let current = value.as_str().unwrap_or_default();
    let mut chosen = None;
    let combo = ComboBox::from_id_salt(field.name)
        .width(width)
        .truncate()
        .selected_text(shown(current))
        .show_ui(ui, |ui| {
            for name in names {
                if ui.selectable_label(*name == current, shown(name)).clicked() {
                    chosen = Some((*name).to_owned());
                }
            }
        });
    combo.response.labelled_by(label.id);
    chosen.filter(|name| name != current)
}

fn flag(ui: &mut Ui, value: &Value, label: &Response, width: f32) -> Option<String> {
    let mut on = value.as_bool().unwrap_or_default();
    let changed = ui
        .allocate_ui_with_layout(
            vec2(width, ROW),
            Layout::left_to_right(Align::Center),
            |ui| {
                ui.set_min_width(width);
                ui.add(Checkbox::without_text(&mut on))
                    .labelled_by(label.id)
                    .changed()
            },
        )
        .inner;
    changed.then(|| on.to_string())
}

/// A value as a person would type it: small and large numbers with an exponent.
fn written(value: &Value) -> String {
    match value {
        Value::String(words) => words.clone(),
        Value::Number(number) => match number.as_f64() {
            Some(small) if small != 0.0 && small.abs() < 1e-3 => format!("{small:e}"),
            Some(whole) if whole.fract() == 0.0 && whole.abs() < 1e15 => format!("{whole:.0}"),
            _ => number.to_string(),
        },
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn values_are_written_as_they_are_typed() {
        for (value, words) in [
            (json!(2e-5), "2e-5"),
            (json!(1.5e-4), "1.5e-4"),
            (json!(3.0), "3"),
            (json!(0.1), "0.1"),
            (json!(-1), "-1"),
            (json!("balanced"), "balanced"),
        ] {
            assert_eq!(written(&value), words);
        }
    }
}
