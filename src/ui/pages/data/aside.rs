//! The rows that are set aside, with their reasons, to be looked at and saved.

use egui::{RichText, Ui};
use egui_extras::Column;

use crate::error::Error;
use crate::session::dataset::DatasetView;
use crate::ui::intent::{Intent, PickFor};
use crate::ui::loaded::Load;
use crate::ui::page::PageContext;
use crate::ui::theme::{self, space};
use crate::ui::widgets::{self, PathField};

/// Where they shall be saved.
#[derive(Default)]
pub struct Form {
    to: String,
}

impl Form {
    /// Draws the dialog; the form, while it stays open.
    pub fn show(
        mut self,
        ui: &mut Ui,
        ctx: &mut PageContext<'_>,
        view: &DatasetView,
    ) -> Option<Self> {
        let words = &ctx.text.data.aside;
        let (done, closed) = widgets::wide_dialog(ui, "set-aside", words.title, |ui| {
            ui.allocate_ui(egui::vec2(ui.available_width(), 320.0), |ui| {
                table(ui, ctx, view);
            });
            ui.add_space(space::MEDIUM);
            self.saving(ui, ctx);
            widgets::dialog_buttons(ui, |ui| {
                let close = widgets::secondary(ui, ctx.text.data.checks.close).clicked();
                let path = widgets::typed_path(&self.to);
                let save = widgets::secondary_enabled(ui, path.is_some(), words.save).clicked();
                if let Some(path) = path.filter(|_| save) {
                    ctx.send(Intent::SaveSetAside(path));
                }
                close
            })
        });
        (!done && !closed).then_some(self)
    }

    fn saving(&mut self, ui: &mut Ui, ctx: &mut PageContext<'_>) {
        let words = &ctx.text.data.aside;
        let field = PathField {
            label: words.path,
            hint: words.hint,
            picking: ctx.project.picking.is_some(),
            open_button: false,
        };
        let answer = widgets::path_field(ui, ctx.text, &mut self.to, field);
        if answer.browse {
            ctx.send(Intent::Pick(PickFor::SaveSetAside));
        }
        if let Some(path) = answer.entered {
            ctx.send(Intent::SaveSetAside(path));
        }
        match ctx.project.saved_set_aside.state() {
            Load::Ready { value, .. } => {
                let saved = (words.saved)(&value.display().to_string());
                let saved = RichText::new(saved).small().color(theme::palette(ui).good);
                widgets::elided(ui, saved);
            }
            Load::Failed(fault) => widgets::inline_fault(ui, fault),
            // The footer, which says so too, lies behind this dialog.
            _ if ctx.project.no_dialog == Some(PickFor::SaveSetAside) => {
                let words = &ctx.text.shell.dialogs;
                let fault = Error::new(words.none).remedy(words.none_remedy);
                let fault = RichText::new(widgets::sentence(&fault.to_string())).small();
                widgets::elided(ui, fault.color(theme::palette(ui).bad));
            }
            Load::Loading | Load::Empty => {
                widgets::wrapped_weak(ui, words.note);
            }
        }
    }
}

fn table(ui: &mut Ui, ctx: &PageContext<'_>, view: &DatasetView) {
    let rows = &view.set_aside;
    let [file, row, line, reason] = ctx.text.data.aside.heads;
    let first = rows.first().map(|(file, _)| file);
    let one_file = rows.last().map(|(file, _)| file) == first;
    let mut table = widgets::table(ui, "set-aside-rows");
    if !one_file {
        table = table.column(Column::exact(180.0).clip(true));
    }
    table
        .column(Column::exact(76.0))
        .column(Column::exact(76.0))
        .column(Column::remainder().clip(true))
        .header(24.0, |mut header| {
            let names = [row, line, reason].into_iter();
            for name in (!one_file).then_some(file).into_iter().chain(names) {
                header.col(|ui| {
                    widgets::weak(ui, name);
                });
            }
        })
        .body(|body| {
            body.rows(space::ROW - 3.0, rows.len(), |mut line| {
                let Some((file, row)) = rows.get(line.index()) else {
                    return;
                };
                if !one_file {
                    let name = std::path::Path::new(file).file_name();
                    let name = name.map_or(file.into(), |name| name.to_string_lossy());
                    line.col(|ui| {
                        widgets::cell(ui, name.into_owned()).on_hover_text(file);
                    });
                }
                for number in [row.row, row.line] {
                    line.col(|ui| {
                        widgets::weak(ui, &(ctx.text.units.count)(number));
                    });
                }
                line.col(|ui| {
                    widgets::cell(ui, row.reason.to_string());
                });
            });
        });
}
