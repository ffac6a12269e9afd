//! Choosing data: drop zone, path, bundled sets, separate files.

use std::path::{Path, PathBuf};

use egui::{Align, Layout, RichText, Sense, Shape, Stroke, TextEdit, Ui, UiBuilder, vec2};

use crate::run::DataSettings;
use crate::session::dataset;
use crate::tasks::TaskKind;
use crate::ui::intent::{Intent, PickFor};
use crate::ui::page::PageContext;
use crate::ui::theme::{self, space};
use crate::ui::widgets::{self, PathField, Tone};

/// Height of the upper cards: as much as the bundled sets need.
const CHOICES: f32 = 406.0;

/// What is typed but not yet taken.
#[derive(Default)]
pub struct Chooser {
    path: String,
    /// Rows being pasted, while their box is open.
    pasted: Option<String>,
    train: String,
    validation: String,
    test: String,
}

impl Chooser {
    /// Draws the choice; what was chosen.
    pub fn show(&mut self, ui: &mut Ui, ctx: &mut PageContext<'_>) -> Option<DataSettings> {
        let mut chosen = None;
        egui::ScrollArea::vertical().show(ui, |ui| {
            widgets::row(ui, &[0.55, 0.45], CHOICES, |cells| {
                widgets::fill_card(&mut cells[0], |ui| chosen = self.one_file(ui, ctx));
                widgets::fill_card(&mut cells[1], |ui| {
                    chosen = bundled(ui, ctx).or(chosen.take());
                });
            });
            ui.add_space(space::GAP - ui.spacing().item_spacing.y);
            widgets::card(ui, |ui| chosen = self.separate(ui, ctx).or(chosen.take()));
        });
        self.paste_box(ui, ctx);
        chosen
    }

    /// The box for pasted rows.
    fn paste_box(&mut self, ui: &mut Ui, ctx: &mut PageContext<'_>) {
        let words = &ctx.text.data.choose;
        let Some(rows) = &mut self.pasted else { return };
        let (done, closed) = widgets::wide_dialog(ui, "paste", words.paste_title, |ui| {
            widgets::wrapped_weak(ui, words.paste_note);
            ui.add_space(space::SMALL);
            egui::ScrollArea::vertical()
                .max_height(320.0)
                .show(ui, |ui| {
                    let edit = TextEdit::multiline(rows)
                        .code_editor()
                        .hint_text(words.paste_hint)
                        .desired_rows(12)
                        .desired_width(f32::INFINITY);
                    ui.add(edit).accessible_name(words.paste_title);
                });
            widgets::dialog_buttons(ui, |ui| {
                let some = !rows.trim().is_empty();
                if widgets::primary_enabled(ui, some, words.paste_read).clicked() {
                    ctx.send(Intent::PasteRows(std::mem::take(rows)));
                    return true;
                }
                widgets::secondary(ui, ctx.text.common.cancel).clicked()
            })
        });
        if done || closed {
            self.pasted = None;
        }
    }

    /// Takes a picked file; the data, if that completes the choice.
    pub fn picked(&mut self, purpose: PickFor, path: PathBuf) -> Option<DataSettings> {
        let words = path.display().to_string();
        match purpose {
            PickFor::DataFile | PickFor::DataFolder => return Some(dataset::chosen(&path)),
            PickFor::TrainFile => self.train = words,
            PickFor::ValidationFile => self.validation = words,
            PickFor::TestFile => self.test = words,
            _ => {}
        }
        None
    }

    fn one_file(&mut self, ui: &mut Ui, ctx: &mut PageContext<'_>) -> Option<DataSettings> {
        let words = &ctx.text.data.choose;
        let picking = ctx.project.picking.is_some();
        let height = ui.available_height() - space::BUTTON - space::GAP;
        match drop_zone(ui, ctx, height) {
            Some(Way::File) => ctx.send(Intent::Pick(PickFor::DataFile)),
            Some(Way::Folder) => ctx.send(Intent::Pick(PickFor::DataFolder)),
            Some(Way::Paste) => self.pasted = Some(String::new()),
            None => {}
        }
        ui.add_space(space::SMALL);
        let field = PathField {
            label: words.path,
            hint: words.path_hint,
            picking,
            open_button: true,
        };
        let answer = widgets::path_field(ui, ctx.text, &mut self.path, field);
        if answer.browse {
            ctx.send(Intent::Pick(PickFor::DataFile));
        }
        answer.entered.map(|path| dataset::chosen(&path))
    }

    fn separate(&mut self, ui: &mut Ui, ctx: &mut PageContext<'_>) -> Option<DataSettings> {
        let words = &ctx.text.data.choose;
        widgets::card_title(ui, words.separate, words.separate_note);
        let mut entered = false;
        for (label, hint, value, purpose) in [
            (
                words.train,
                words.path_hint,
                &mut self.train,
                PickFor::TrainFile,
            ),
            (
                words.validation,
                words.validation_hint,
                &mut self.validation,
                PickFor::ValidationFile,
            ),
            (
                words.test,
                words.test_hint,
                &mut self.test,
                PickFor::TestFile,
            ),
        ] {
            let field = PathField {
                label,
                hint,
                picking: ctx.project.picking.is_some(),
                open_button: false,
            };
            let answer = widgets::path_field(ui, ctx.text, value, field);
            if answer.browse {
                ctx.send(Intent::Pick(purpose));
            }
            entered |= answer.entered.is_some();
        }
        ui.add_space(space::SMALL);
        let train = widgets::typed_path(&self.train);
        let read = widgets::secondary_enabled(ui, train.is_some(), words.read).clicked();
        if !(read || entered) {
            return None;
        }
        train.map(|train| DataSettings {
            train: Some(train),
            validation: widgets::typed_path(&self.validation),
            test: widgets::typed_path(&self.test),
            ..DataSettings::default()
        })
    }
}

/// Ways to bring rows, but for dropping them.
enum Way {
    File,
    Folder,
    Paste,
}

/// The dashed box; the way whose button was pressed. The drop itself comes through the shell.
fn drop_zone(ui: &mut Ui, ctx: &PageContext<'_>, height: f32) -> Option<Way> {
    let words = &ctx.text.data.choose;
    let palette = theme::palette(ui);
    let hovering = ui.input(|input| !input.raw.hovered_files.is_empty());
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), height), Sense::hover());
    let colour = if hovering {
        palette.accent
    } else {
        palette.edge
    };
    if hovering {
        let fill = palette.accent.gamma_multiply(0.08);
        ui.painter().rect_filled(rect, space::RADIUS, fill);
    }
    let edge = rect.shrink(1.0);
    let corners = [
        edge.left_top(),
        edge.right_top(),
        edge.right_bottom(),
        edge.left_bottom(),
        edge.left_top(),
    ];
    let dashes = Shape::dashed_line(&corners, Stroke::new(1.2, colour), 6.0, 5.0);
    ui.painter().extend(dashes);
    let builder = UiBuilder::new()
        .max_rect(rect.shrink(12.0))
        .layout(Layout::top_down(Align::Center));
    let mut inside = ui.new_child(builder);
    let ui = &mut inside;
    ui.add_space((height - 24.0 - 140.0).max(0.0) / 2.0);
    let title = if hovering { words.let_go } else { words.drop };
    let title = RichText::new(title).text_style(theme::large_style());
    ui.label(title.color(palette.strong));
    widgets::weak(ui, words.hint);
    ui.add_space(space::SMALL);
    let idle = ctx.project.picking.is_none();
    let mut way = None;
    let file = widgets::primary_enabled(ui, idle, words.file);
    if file
        .on_disabled_hover_text(ctx.text.common.dialog_open)
        .clicked()
    {
        way = Some(Way::File);
    }
    ui.add_space(space::SMALL);
    match widgets::centred_buttons(ui, &[(words.folder, idle), (words.paste, true)]) {
        Some(0) => Some(Way::Folder),
        Some(_) => Some(Way::Paste),
        None => way,
    }
}

fn bundled(ui: &mut Ui, ctx: &PageContext<'_>) -> Option<DataSettings> {
    let words = &ctx.text.data.choose;
    widgets::card_title(ui, words.bundled, words.bundled_note);
    let task = ctx.project.settings.task;
    let fitting = task.bundled_set();
    // Pairs have no set of their own: the nearest one has numbers, not labels.
    let fits = TaskKind::of_bundled_set(fitting).is_some_and(|shown| shown.rows() == task.rows());
    let mut chosen = None;
    let mut sets = ctx.project.bundled.value().cloned().unwrap_or_default();
    // The one that fits comes first; the others keep their order.
    sets.sort_by_key(|(name, _)| *name != fitting);
    ui.spacing_mut().item_spacing.y = 1.0;
    for (name, rows) in sets {
        ui.horizontal(|ui| {
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                if widgets::small_button(ui, &(words.take)(name)).clicked() {
                    chosen = Some(DataSettings::bundled(name));
                }
                ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                    widgets::heading(ui, name, egui::TextStyle::Body);
                    widgets::weak(ui, &(ctx.text.units.rows)(rows));
                    if fits && name == fitting {
                        widgets::toned_pill(ui, words.fits, Tone::Good);
                    }
                });
            });
        });
        widgets::weak(ui, (words.bundled_summary)(name));
        ui.add_space(4.0);
    }
    chosen
}

/// Whether two settings name the same files, whatever their columns.
pub fn same_source(a: &DataSettings, b: &DataSettings) -> bool {
    let files = |data: &DataSettings| -> [Option<PathBuf>; 4] {
        [&data.file, &data.train, &data.validation, &data.test]
            .map(|path| path.as_deref().map(Path::to_path_buf))
    };
    a.bundled == b.bundled && files(a) == files(b)
}
