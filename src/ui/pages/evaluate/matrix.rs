//! The confusion matrix: a grid of cells that can be pressed, scrolled when there are many labels.

use egui::{
    Align2, Color32, CornerRadius, FontId, Rect, ScrollArea, Sense, Stroke, StrokeKind, Ui,
    WidgetInfo, pos2, vec2,
};

use crate::tasks::Evaluation;
use crate::ui::text::Text;
use crate::ui::theme::{self, size};

/// A cell: right label, answer.
pub type Cell = (String, String);

/// Height of the answers' names.
const HEAD: f32 = 20.0;

/// Width and height of a cell, at least and at most.
const CELL_WIDTH: [f32; 2] = [36.0, 110.0];
const CELL_HEIGHT: [f32; 2] = [18.0, 46.0];

/// Where everything lies.
#[derive(Clone, Copy)]
struct Grid {
    count: usize,
    names: f32,
    cell: egui::Vec2,
}

/// Draws the matrix into all the room there is. The cell that was pressed, if one was.
pub fn ui(
    ui: &mut Ui,
    text: &Text,
    evaluation: &Evaluation,
    chosen: Option<&Cell>,
) -> Option<Cell> {
    let count = evaluation.detail.labels.len();
    if count == 0 {
        return None;
    }
    let room = ui.available_rect_before_wrap();
    let names = names_width(ui, &evaluation.detail.labels).min(room.width() * 0.3);
    let bars = ui.spacing().scroll.bar_width;
    let fit = |room: f32, [least, most]: [f32; 2]| (room / count as f32).floor().clamp(least, most);
    let grid = Grid {
        count,
        names,
        cell: vec2(
            fit(room.width() - names - bars, CELL_WIDTH),
            fit(room.height() - HEAD - bars, CELL_HEIGHT),
        ),
    };
    let body = Rect::from_min_max(pos2(room.left() + names, room.top() + HEAD), room.max);
    let mut pressed = None;
    let mut child = ui.new_child(egui::UiBuilder::new().max_rect(body));
    let output = ScrollArea::both()
        .id_salt("matrix")
        .auto_shrink(false)
        .show_viewport(&mut child, |ui, view| {
            let area = Rect::from_min_size(ui.min_rect().min, grid.cell * count as f32);
            ui.set_min_size(area.size());
            for (gold, answer) in visible(grid, view) {
                if cell(ui, text, evaluation, grid, area.min, (gold, answer), chosen) {
                    pressed = Some((
                        evaluation.detail.labels[gold].clone(),
                        evaluation.detail.labels[answer].clone(),
                    ));
                }
            }
        });
    headings(ui, evaluation, grid, room, output.state.clamped_offset());
    ui.advance_cursor_after_rect(room);
    pressed
}

fn names_width(ui: &Ui, labels: &[String]) -> f32 {
    let font = FontId::proportional(size::SMALL);
    let width = |label: &String| {
        ui.fonts_mut(|fonts| {
            let laid = fonts.layout_no_wrap(label.clone(), font.clone(), Color32::WHITE);
            laid.size().x
        })
    };
    labels.iter().map(width).fold(40.0, f32::max) + 10.0
}

/// The cells that are in view; with hundreds of labels all of them would be too many.
fn visible(grid: Grid, view: Rect) -> impl Iterator<Item = (usize, usize)> {
    let span = |low: f32, high: f32, size: f32| {
        let first = (low / size).floor().max(0.0) as usize;
        let last = (high / size).ceil().max(0.0) as usize;
        first.min(grid.count)..last.min(grid.count)
    };
    let columns = span(view.left(), view.right(), grid.cell.x);
    let rows = span(view.top(), view.bottom(), grid.cell.y);
    rows.flat_map(move |gold| columns.clone().map(move |answer| (gold, answer)))
}

fn cell(
    ui: &mut Ui,
    text: &Text,
    evaluation: &Evaluation,
    grid: Grid,
    origin: egui::Pos2,
    (gold, answer): (usize, usize),
    chosen: Option<&Cell>,
) -> bool {
    let row = evaluation
        .detail
        .confusion
        .get(gold)
        .map_or(&[][..], Vec::as_slice);
    let count = row.get(answer).copied().unwrap_or(0);
    let share = count as f64 / row.iter().sum::<u64>().max(1) as f64;
    let place = origin + vec2(answer as f32 * grid.cell.x, gold as f32 * grid.cell.y);
    let rect = Rect::from_min_size(place, grid.cell).shrink(1.0);
    let response = ui.interact(
        rect,
        ui.scope_id().with(("cell", gold, answer)),
        Sense::click(),
    );
    let palette = theme::palette(ui);
    let colour = if gold == answer {
        palette.good
    } else {
        palette.bad
    };
    let fill = match count {
        0 => palette.raised.gamma_multiply(0.45),
        _ => colour.gamma_multiply(0.12 + 0.5 * share as f32),
    };
    let painter = ui.painter();
    painter.rect_filled(rect, CornerRadius::same(3), fill);
    let names = (
        &evaluation.detail.labels[gold],
        &evaluation.detail.labels[answer],
    );
    let is_chosen = chosen.is_some_and(|(a, b)| (a, b) == names);
    if is_chosen || response.hovered() || response.has_focus() {
        let edge = if is_chosen {
            palette.accent
        } else {
            palette.weak
        };
        painter.rect_stroke(
            rect,
            CornerRadius::same(3),
            Stroke::new(1.5, edge),
            StrokeKind::Inside,
        );
    }
    if count > 0 {
        let words = (text.units.count)(count as usize);
        let font = FontId::proportional(size::SMALL + 1.0);
        painter.text(
            rect.center(),
            Align2::CENTER_CENTER,
            words,
            font,
            palette.strong,
        );
    }
    let name = || {
        let (count, share) = (
            (text.units.count)(count as usize),
            (text.units.percent)(share),
        );
        (text.evaluate.matrix.cell)(names.0, names.1, &count, &share)
    };
    response.widget_info(|| WidgetInfo::labeled(egui::Role::Button, true, name()));
    if response.hovered() {
        return response.on_hover_text(name()).clicked();
    }
    response.clicked()
}

/// The labels' names beside and above the cells, moved along with them.
fn headings(ui: &Ui, evaluation: &Evaluation, grid: Grid, room: Rect, offset: egui::Vec2) {
    let palette = theme::palette(ui);
    let corner = room.min + vec2(grid.names, HEAD);
    let beside = Rect::from_min_max(pos2(room.left(), corner.y), pos2(corner.x, room.bottom()));
    let above = Rect::from_min_max(pos2(corner.x, room.top()), pos2(room.right(), corner.y));
    for (place, label) in evaluation.detail.labels.iter().enumerate() {
        let middle = (place as f32 + 0.5) * grid.cell - offset;
        let y = corner.y + middle.y;
        if beside.y_range().contains(y) {
            let at = pos2(corner.x - 8.0, y);
            elided(
                ui,
                beside,
                at,
                Align2::RIGHT_CENTER,
                label,
                grid.names - 8.0,
                palette.text,
            );
        }
        let x = corner.x + middle.x;
        if above.x_range().contains(x) {
            let at = pos2(x, above.center().y - 2.0);
            elided(
                ui,
                above,
                at,
                Align2::CENTER_CENTER,
                label,
                grid.cell.x - 6.0,
                palette.weak,
            );
        }
    }
}

fn elided(
    ui: &Ui,
    clip: Rect,
    at: egui::Pos2,
    align: Align2,
    label: &str,
    width: f32,
    colour: Color32,
) {
    let font = FontId::proportional(size::SMALL);
    let mut job = egui::text::LayoutJob::simple_singleline(label.to_owned(), font, colour);
    job.wrap = egui::text::TextWrapping::truncate_at_width(width);
    let galley = ui.fonts_mut(|fonts| fonts.layout_job(job));
    let place = align.anchor_size(at, galley.size()).min;
    ui.painter()
        .with_clip_rect(clip.intersect(ui.clip_rect()))
        .galley(place, galley, colour);
}
