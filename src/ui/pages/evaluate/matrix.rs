//! The confusion matrix: a grid of cells that can be pressed, scrolled when there are many labels.
//!
//! The answers' names stand level above the columns where they have room, else upright, and where
//! that would take it from the rows, each label has a number that heads its column.

use std::f32::consts::FRAC_PI_2;
use std::sync::Arc;

use egui::epaint::TextShape;
use egui::{
    Align2, Color32, CornerRadius, FontId, Galley, Pos2, Rect, ScrollArea, Sense, Stroke,
    StrokeKind, Ui, WidgetInfo, pos2, vec2,
};

use crate::tasks::Evaluation;
use crate::ui::text::Text;
use crate::ui::theme::{self, size};

/// A cell: right label, answer.
pub type Cell = (String, String);

/// Height of one line above the cells.
const HEAD: f32 = 20.0;

/// The longest name that stands upright.
const UPRIGHT: f32 = 150.0;

/// Rows that are lower than this are not made lower still for the sake of upright names.
const ROOMY: f32 = 20.0;

/// Width and height of a cell, at least and at most. The least width holds its number.
const CELL_WIDTH: [f32; 2] = [18.0, 110.0];
const CELL_HEIGHT: [f32; 2] = [18.0, 46.0];

/// How the columns are headed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Heads {
    /// By the labels' names.
    Level,
    /// By the names, read from below.
    Upright,
    /// By numbers, which stand beside the rows' names too.
    Numbered,
}

/// Where everything lies.
#[derive(Clone, Copy, Debug)]
struct Grid {
    count: usize,
    heads: Heads,
    /// Width of what stands beside the cells.
    names: f32,
    /// Of that, the width of the numbers.
    numbers: f32,
    /// Height of what stands above the cells.
    head: f32,
    cell: egui::Vec2,
}

impl Grid {
    /// Divides `room`; `longest` is the width of the longest name, `least` that of a cell.
    fn new(room: egui::Vec2, count: usize, longest: f32, least: f32) -> Self {
        let fit = |room: f32, [least, most]: [f32; 2]| {
            (room / count as f32).floor().clamp(least.min(most), most)
        };
        let least = [least.max(CELL_WIDTH[0]), CELL_WIDTH[1]];
        let digits = count.to_string().len() as f32;
        let lay = |heads: Heads| {
            let (head, numbers) = match heads {
                Heads::Level => (HEAD, 0.0),
                Heads::Upright => (longest.min(UPRIGHT) + 10.0, 0.0),
                Heads::Numbered => (HEAD, 7.0 * digits + 8.0),
            };
            let names = (longest.max(40.0) + 10.0).min(room.x * 0.3) + numbers;
            let cell = vec2(fit(room.x - names, least), fit(room.y - head, CELL_HEIGHT));
            Self {
                count,
                heads,
                names,
                numbers,
                head,
                cell,
            }
        };
        let level = lay(Heads::Level);
        if longest <= level.cell.x - 6.0 {
            return level;
        }
        let upright = lay(Heads::Upright);
        let roomy = (room.y - upright.head) / count as f32 >= ROOMY;
        if roomy && longest <= UPRIGHT {
            return upright;
        }
        lay(Heads::Numbered)
    }
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
    let bars = ui.spacing().scroll.bar_width;
    let labels = evaluation.detail.labels.iter();
    let longest = labels.map(|label| laid(ui, label, f32::INFINITY).size().x);
    let longest = longest.fold(0.0, f32::max);
    let counts = evaluation.detail.confusion.iter().flatten();
    let most = (text.units.count)(counts.max().copied().unwrap_or(0) as usize);
    let least = laid(ui, &most, f32::INFINITY).size().x + 8.0;
    let grid = Grid::new(room.size() - vec2(bars, bars), count, longest, least);
    let body = Rect::from_min_max(room.min + vec2(grid.names, grid.head), room.max);
    let mut pressed = None;
    let mut pointed = None;
    let mut child = ui.new_child(egui::UiBuilder::new().max_rect(body));
    let output = ScrollArea::both()
        .id_salt("matrix")
        .auto_shrink(false)
        .show_viewport(&mut child, |ui, view| {
            let area = Rect::from_min_size(ui.min_rect().min, grid.cell * count as f32);
            ui.set_min_size(area.size());
            for (gold, answer) in visible(grid, view) {
                let response = cell(ui, text, evaluation, grid, area.min, (gold, answer), chosen);
                if response.hovered() {
                    pointed = Some((gold, answer));
                }
                if response.clicked() {
                    pressed = Some((
                        evaluation.detail.labels[gold].clone(),
                        evaluation.detail.labels[answer].clone(),
                    ));
                }
            }
        });
    let offset = output.state.clamped_offset();
    headings(ui, evaluation, grid, room, offset, pointed);
    ui.advance_cursor_after_rect(room);
    pressed
}

/// A name in one line, cut with "…" where it is wider than `width`.
fn laid(ui: &Ui, name: &str, width: f32) -> Arc<Galley> {
    let font = FontId::proportional(size::SMALL);
    let colour = Color32::PLACEHOLDER;
    let mut job = egui::text::LayoutJob::simple_singleline(name.to_owned(), font, colour);
    job.wrap = egui::text::TextWrapping::truncate_at_width(width);
    ui.fonts_mut(|fonts| fonts.layout_job(job))
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
) -> egui::Response {
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
        return response.on_hover_text(name());
    }
    response
}

/// The labels' names beside and above the cells, moved along with them; those of the cell under
/// the pointer stand out.
fn headings(
    ui: &Ui,
    evaluation: &Evaluation,
    grid: Grid,
    room: Rect,
    offset: egui::Vec2,
    pointed: Option<(usize, usize)>,
) {
    let palette = theme::palette(ui);
    let corner = room.min + vec2(grid.names, grid.head);
    let beside = Rect::from_min_max(pos2(room.left(), corner.y), pos2(corner.x, room.bottom()));
    let above = Rect::from_min_max(pos2(corner.x, room.top()), pos2(room.right(), corner.y));
    let colour = |on: bool, quiet| if on { palette.accent_text } else { quiet };
    for (place, label) in evaluation.detail.labels.iter().enumerate() {
        let middle = corner + (place as f32 + 0.5) * grid.cell - offset;
        let number = (place + 1).to_string();
        let row = pointed.is_some_and(|(gold, _)| gold == place);
        if beside.y_range().contains(middle.y) {
            let painter = ui
                .painter()
                .with_clip_rect(beside.intersect(ui.clip_rect()));
            let right = pos2(corner.x - 8.0, middle.y);
            let name = laid(ui, label, grid.names - grid.numbers - 8.0);
            let at = right - vec2(grid.numbers, 0.0);
            let place = Align2::RIGHT_CENTER.anchor_size(at, name.size()).min;
            painter.galley(place, name, colour(row, palette.text));
            if grid.heads == Heads::Numbered {
                let number = laid(ui, &number, f32::INFINITY);
                let place = Align2::RIGHT_CENTER.anchor_size(right, number.size()).min;
                painter.galley(place, number, colour(row, palette.weak));
            }
        }
        let column = pointed.is_some_and(|(_, answer)| answer == place);
        if above.x_range().contains(middle.x) {
            let painter = ui.painter().with_clip_rect(above.intersect(ui.clip_rect()));
            let colour = colour(column, palette.weak);
            if grid.heads == Heads::Upright {
                let name = laid(ui, label, grid.head - 10.0);
                let foot = pos2(middle.x, corner.y - 5.0);
                painter.add(upright(name, foot, colour));
                continue;
            }
            let name = if grid.heads == Heads::Numbered {
                &number
            } else {
                label
            };
            let name = laid(ui, name, grid.cell.x - 2.0);
            let at = pos2(middle.x, above.center().y - 2.0);
            let place = Align2::CENTER_CENTER.anchor_size(at, name.size()).min;
            painter.galley(place, name, colour);
        }
    }
}

/// A name that is read from below, its beginning at `foot`.
fn upright(name: Arc<Galley>, foot: Pos2, colour: Color32) -> TextShape {
    // It turns about its upper left corner.
    let left = foot.x - name.size().y / 2.0;
    TextShape::new(pos2(left, foot.y), name, colour).with_angle(-FRAC_PI_2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_are_names_where_there_is_room_for_them_and_rows() {
        let heads =
            |size: [f32; 2], count, longest| Grid::new(size.into(), count, longest, 20.0).heads;
        assert_eq!(heads([500.0, 220.0], 2, 60.0), Heads::Level);
        assert_eq!(heads([500.0, 220.0], 5, 90.0), Heads::Upright);
        assert_eq!(heads([500.0, 220.0], 10, 110.0), Heads::Numbered);
        assert_eq!(heads([800.0, 400.0], 10, 110.0), Heads::Upright);
        // Whole sentences as labels would stand upright higher than the window.
        assert_eq!(heads([800.0, 900.0], 3, 700.0), Heads::Numbered);
    }

    #[test]
    fn twenty_labels_stand_side_by_side() {
        let grid = Grid::new(vec2(520.0, 220.0), 20, 110.0, 18.0);
        assert!(grid.names + 20.0 * grid.cell.x <= 520.0, "{grid:?}");
    }
}
