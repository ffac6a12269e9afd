//! Export: the shown run's model as a folder that others can use, checked after writing.

use std::path::{Path, PathBuf};

use egui::{Label, RichText, ScrollArea, TextStyle, Ui};
use egui_extras::Column;

use crate::session::export::Exported;
use crate::tasks::{python_snippet, rust_snippet};
use crate::ui::intent::{Intent, PickFor};
use crate::ui::loaded::Load;
use crate::ui::page::{Page, PageContext, View};
use crate::ui::project::RunView;
use crate::ui::text::Text;
use crate::ui::theme::{self, space};
use crate::ui::widgets::{self, PathField};

/// Seconds for which a button says that it has copied.
const COPIED: f64 = 2.0;

/// The view state of the page.
#[derive(Default)]
pub struct ExportPage {
    folder: String,
    /// The run that `folder` was suggested for.
    suggested: Option<PathBuf>,
    /// Which snippet was copied, and when.
    copied: Option<(usize, f64)>,
}

impl View for ExportPage {
    fn ui(&mut self, ui: &mut Ui, ctx: &mut PageContext<'_>) {
        let words = &ctx.text.export;
        let project = ctx.project;
        let title = Page::Export.title(ctx.text);
        let finished = project.run().filter(|run| run.state.finished.is_some());
        let Some(run) = finished else {
            widgets::page_header(ui, title, "", |_| {});
            if widgets::empty_state(ui, words.empty_title, words.empty, Some(words.to_train)) {
                ctx.send(Intent::Navigate(Page::Train));
            }
            return;
        };
        self.suggest(ctx, run);
        widgets::page_header(ui, title, &(words.subtitle)(&run.name()), |_| {});
        widgets::card(ui, |ui| self.target(ui, ctx));
        ui.add_space(space::GAP - ui.spacing().item_spacing.y);
        let room = ui.available_height().max(240.0);
        widgets::row(ui, &[1.0, 1.25], room, |cells| {
            if let [left, right] = cells {
                let half = (room - space::GAP) / 2.0;
                widgets::row(left, &[1.0], half, |cells| {
                    if let [cell] = cells {
                        widgets::fill_card(cell, |ui| result(ui, ctx));
                    }
                });
                left.add_space(space::GAP - left.spacing().item_spacing.y);
                widgets::fill_card(left, |ui| model_card(ui, ctx));
                widgets::fill_card(right, |ui| self.snippets(ui, ctx));
            }
        });
    }

    fn picked(&mut self, purpose: PickFor, path: PathBuf, _ctx: &mut PageContext<'_>) {
        if purpose == PickFor::ExportFolder {
            self.folder = path.display().to_string();
        }
    }

    fn dropped(&mut self, path: PathBuf, _ctx: &mut PageContext<'_>) {
        self.folder = path.display().to_string();
    }
}

impl ExportPage {
    /// Suggests a new folder among the person's documents, once per run.
    fn suggest(&mut self, ctx: &PageContext<'_>, run: RunView<'_>) {
        let folder = run.folder().map(Path::to_path_buf);
        if self.suggested == folder {
            return;
        }
        let dirs = directories::UserDirs::new();
        let documents = dirs.as_ref().map(|dirs| {
            let documents = dirs.document_dir().unwrap_or_else(|| dirs.home_dir());
            documents.to_path_buf()
        });
        let parent = documents.unwrap_or_else(|| ctx.storage.join("exports"));
        self.folder = parent.join(run.name()).display().to_string();
        self.suggested = folder;
    }

    fn target(&mut self, ui: &mut Ui, ctx: &mut PageContext<'_>) {
        let words = &ctx.text.export;
        widgets::card_title(ui, words.folder_title, words.folder_note);
        let field = PathField {
            label: words.folder,
            hint: words.folder_hint,
            picking: ctx.project.picking.is_some(),
            open_button: false,
        };
        let answer = widgets::path_field(ui, ctx.text, &mut self.folder, field);
        if answer.browse {
            ctx.send(Intent::Pick(PickFor::ExportFolder));
        }
        ui.add_space(2.0);
        let busy = ctx.project.exported.is_loading();
        let to = widgets::typed_path(&self.folder);
        ui.horizontal(|ui| {
            let ready = to.is_some() && !busy;
            let pressed = widgets::primary_enabled(ui, ready, words.export).clicked();
            if busy {
                ui.add(
                    egui::Spinner::new()
                        .size(18.0)
                        .color(theme::palette(ui).accent),
                );
                widgets::weak(ui, words.exporting);
            }
            if let Some(to) = answer.entered.or(to.filter(|_| pressed)).filter(|_| ready) {
                ctx.send(Intent::Export { to });
            }
        });
    }

    /// What the lines name: the folder written, else the one that would be.
    fn named<'a>(&'a self, ctx: &'a PageContext<'_>) -> PathBuf {
        match ctx.project.exported.value() {
            Some(exported) => exported.folder.clone(),
            None => widgets::typed_path(&self.folder).unwrap_or_else(|| PathBuf::from("model")),
        }
    }

    fn snippets(&mut self, ui: &mut Ui, ctx: &PageContext<'_>) {
        let words = &ctx.text.export;
        widgets::card_title(ui, words.use_title, "");
        let folder = self.named(ctx).display().to_string();
        let run = ctx.project.run();
        let task = run.map_or(ctx.project.settings.task, |run| run.settings.task);
        let pairs = run.and_then(|run| run.state.pairs());
        let pairs = pairs.unwrap_or(task.may_read_pairs());
        ScrollArea::vertical()
            .id_salt("code")
            .auto_shrink(false)
            .show(ui, |ui| {
                for (place, title, copy, code) in [
                    (
                        0,
                        words.python,
                        words.copy_python,
                        python_snippet(&folder, task, pairs),
                    ),
                    (
                        1,
                        words.rust,
                        words.copy_rust,
                        rust_snippet(&folder, task, pairs),
                    ),
                ] {
                    self.snippet(ui, ctx.text, place, [title, copy], &code);
                    ui.add_space(space::GAP);
                }
            });
    }

    fn snippet(
        &mut self,
        ui: &mut Ui,
        text: &Text,
        place: usize,
        [title, copy]: [&str; 2],
        code: &str,
    ) {
        let now = ui.input(|input| input.time);
        let fresh = self
            .copied
            .is_some_and(|(which, at)| which == place && now - at < COPIED);
        ui.horizontal(|ui| {
            ui.label(RichText::new(title).color(theme::palette(ui).strong));
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                let word = if fresh { text.export.copied } else { copy };
                if widgets::secondary(ui, word).clicked() {
                    ui.copy_text(code.to_owned());
                    self.copied = Some((place, now));
                    ui.request_repaint_after(std::time::Duration::from_secs_f64(COPIED));
                }
            });
        });
        let palette = theme::palette(ui);
        egui::Frame::new()
            .fill(palette.field)
            .stroke(egui::Stroke::new(1.0, palette.border))
            .corner_radius(space::RADIUS)
            .inner_margin(10)
            .show(ui, |ui| {
                ui.set_min_width(ui.available_width());
                let code = RichText::new(code.trim_end()).text_style(TextStyle::Monospace);
                // A broken line would be another program.
                ScrollArea::horizontal().id_salt(place).show(ui, |ui| {
                    ui.add(Label::new(code).extend().selectable(true));
                });
            });
    }
}

fn result(ui: &mut Ui, ctx: &mut PageContext<'_>) {
    let words = &ctx.text.export;
    let project = ctx.project;
    match project.exported.state() {
        Load::Empty => {
            widgets::card_title(ui, words.check, "");
            widgets::wrapped_weak(ui, words.not_yet);
        }
        Load::Loading
        | Load::Ready {
            refreshing: true, ..
        } => {
            widgets::loading_state(ui, words.exporting);
        }
        Load::Failed(fault) => {
            widgets::error_state(ui, fault, None);
        }
        Load::Ready { value, .. } => done(ui, ctx.text, value),
    }
}

fn done(ui: &mut Ui, text: &Text, exported: &Exported) {
    let words = &text.export;
    let palette = theme::palette(ui);
    let bytes: u64 = exported.files.iter().map(|(_, bytes)| bytes).sum();
    let files = (text.units.count)(exported.files.len());
    ui.horizontal(|ui| {
        widgets::dot(ui, palette.good);
        ui.label(RichText::new(words.done).heading().color(palette.good));
        widgets::weak(ui, &(words.total)(&files, &(text.units.bytes)(bytes)));
    });
    let place = (words.done_at)(&exported.folder.display().to_string());
    widgets::elided(ui, place);
    let difference = match exported.largest_difference {
        0.0 => words.no_difference.to_owned(),
        some => format!("{some:.1e}"),
    };
    let rows = (text.units.rows)(exported.compared_rows);
    widgets::wrapped_weak(ui, &(words.compared)(&rows, &difference));
    ui.add_space(space::SMALL);
    widgets::table(ui, "exported")
        .column(Column::remainder().clip(true))
        .column(Column::exact(90.0))
        .body(|body| {
            body.rows(24.0, exported.files.len(), |mut row| {
                let (name, bytes) = &exported.files[row.index()];
                row.set_overline(true);
                row.col(|ui| {
                    widgets::cell(ui, name);
                });
                row.col(|ui| {
                    widgets::weak(ui, &(text.units.bytes)(*bytes));
                });
            });
        });
}

fn model_card(ui: &mut Ui, ctx: &mut PageContext<'_>) {
    let words = &ctx.text.export;
    let project = ctx.project;
    widgets::card_title(ui, words.card, words.card_note);
    match project.model_card.state() {
        Load::Empty => ctx.send(Intent::LoadModelCard),
        Load::Loading => widgets::loading_state(ui, words.card_loading),
        Load::Failed(fault) => widgets::inline_fault(ui, fault),
        Load::Ready { value, .. } => {
            ScrollArea::vertical()
                .id_salt("card")
                .auto_shrink(false)
                .show(ui, |ui| {
                    let text = RichText::new(value).text_style(TextStyle::Monospace);
                    ui.add(
                        Label::new(text.size(theme::size::SMALL))
                            .wrap()
                            .selectable(true),
                    );
                });
        }
    }
}
