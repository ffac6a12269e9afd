//! Form rows, path fields, search boxes.

use std::path::PathBuf;

use egui::{DragValue, Key, Label, Response, RichText, TextEdit, Ui, vec2};

use super::buttons;
use crate::ui::text::Text;
use crate::ui::theme::{self, space};

/// What a path field is called and how it behaves.
#[derive(Clone, Copy, Debug)]
pub struct PathField<'a> {
    /// The name on its left.
    pub label: &'a str,
    /// Shown while it is empty.
    pub hint: &'a str,
    /// Whether a file dialog is open already; then none can be opened.
    pub picking: bool,
    /// Shows a button that takes what was typed, for people who do not press Enter.
    pub open_button: bool,
}

/// What happened in a path field.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PathAnswer {
    /// Browse was pressed: open the dialog.
    pub browse: bool,
    /// A path was entered.
    pub entered: Option<PathBuf>,
}

/// A path that can be typed, pasted or picked.
pub fn path_field(
    ui: &mut Ui,
    text: &Text,
    value: &mut String,
    field: PathField<'_>,
) -> PathAnswer {
    let common = &text.common;
    let mut answer = PathAnswer::default();
    form_row(ui, field.label, |ui, label| {
        let mut buttons = button_width(ui, common.browse);
        if field.open_button {
            buttons += button_width(ui, common.open);
        }
        let width = (ui.available_width() - buttons).max(60.0);
        let edit = TextEdit::singleline(value)
            .hint_text(field.hint)
            .align(egui::Align2::LEFT_CENTER);
        let response = ui.add_sized(vec2(width, space::BUTTON), edit);
        let response = response.labelled_by(label.id);
        let mut taken = response.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
        if field.open_button {
            taken |=
                buttons::secondary_enabled(ui, !value.trim().is_empty(), common.open).clicked();
        }
        let browse = buttons::secondary_enabled(ui, !field.picking, common.browse);
        answer.browse = browse.on_disabled_hover_text(common.dialog_open).clicked();
        if taken {
            answer.entered = typed_path(value);
        }
    });
    answer
}

/// The width of a button with these words, and the gap before it.
pub(super) fn button_width(ui: &Ui, words: &str) -> f32 {
    let font = egui::TextStyle::Button.resolve(ui.style());
    let galley =
        ui.fonts_mut(|fonts| fonts.layout_no_wrap(words.to_owned(), font, egui::Color32::WHITE));
    let spacing = ui.spacing();
    galley.size().x + 2.0 * spacing.button_padding.x + spacing.item_spacing.x
}

/// The path in what a person typed or pasted: without quotes, a `file://` in front, or `~`, and
/// absolute, so that it says where something went and holds in a run file too.
pub fn typed_path(text: &str) -> Option<PathBuf> {
    let text = text.trim().trim_matches(['"', '\'']);
    let text = text.strip_prefix("file://").unwrap_or(text);
    if text.is_empty() {
        return None;
    }
    let home = directories::BaseDirs::new();
    let path = match (text.strip_prefix("~/"), home) {
        (Some(rest), Some(home)) => home.home_dir().join(rest),
        _ => PathBuf::from(text),
    };
    Some(std::path::absolute(&path).unwrap_or(path))
}

/// A label in a column of its own, and what belongs to it on its right. The content gets the
/// label's response, to name its inputs by (`labelled_by`).
pub fn form_row<R>(ui: &mut Ui, label: &str, content: impl FnOnce(&mut Ui, &Response) -> R) -> R {
    ui.horizontal(|ui| {
        ui.set_min_height(space::BUTTON);
        let size = vec2(space::LABEL, space::BUTTON);
        let layout = egui::Layout::left_to_right(egui::Align::Center);
        let label = ui
            .allocate_ui_with_layout(size, layout, |ui| {
                ui.set_min_size(size);
                ui.add(Label::new(RichText::new(label).color(theme::palette(ui).text)).truncate())
            })
            .inner;
        content(ui, &label)
    })
    .inner
}

/// A whole number that is dragged or typed; 0 is shown as `none`, which can be typed too.
pub fn optional_number<'a>(value: &'a mut usize, none: &'static str) -> DragValue<'a> {
    DragValue::new(value)
        .custom_formatter(move |number, _| match number {
            n if n < 0.5 => none.to_owned(),
            n => n.to_string(),
        })
        .custom_parser(move |typed| match typed.trim() == none {
            true => Some(0.0),
            false => typed.trim().parse().ok(),
        })
}

/// A search box, `width` points wide.
pub fn search_field(ui: &mut Ui, value: &mut String, name: &str, width: f32) -> Response {
    let edit = TextEdit::singleline(value)
        .hint_text(name)
        .desired_width(width);
    ui.add(edit).accessible_name(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pasted_paths_are_understood() {
        for (typed, path) in [
            (" /a/b.csv ", "/a/b.csv"),
            ("\"/a b/c.csv\"", "/a b/c.csv"),
            ("file:///a/b.csv", "/a/b.csv"),
        ] {
            assert_eq!(typed_path(typed), Some(PathBuf::from(path)));
        }
        let here = std::env::current_dir().unwrap();
        assert_eq!(typed_path("b.csv"), Some(here.join("b.csv")));
        assert_eq!(typed_path("  "), None);
    }
}
