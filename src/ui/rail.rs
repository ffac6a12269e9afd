//! The rail on the left: the steps with their state, then Runs and Settings.

use egui::{
    Align2, FontId, Frame, Rect, Response, Role, Sense, Stroke, TextStyle, Ui, WidgetInfo, pos2,
    vec2,
};

use super::mark;
use super::page::{Page, PageContext};
use super::theme::{self, space};

/// How a step's badge is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Badge {
    /// The page shown.
    Current,
    /// Done.
    Done,
    /// Can be visited.
    Open,
    /// Cannot be visited yet.
    Closed,
}

/// A row of the rail.
pub struct Item {
    /// The page it leads to.
    pub page: Page,
    /// Its state.
    pub badge: Badge,
    /// The quiet line under its name.
    pub line: String,
    /// Why it cannot be visited.
    pub reason: Option<&'static str>,
}

const ROW: f32 = 50.0;

/// Draws the rail; the page that was clicked.
pub fn show(ui: &mut Ui, ctx: &PageContext<'_>, items: &[Item]) -> Option<Page> {
    let palette = theme::palette(ui);
    let frame = Frame::new()
        .fill(palette.rail)
        .inner_margin(egui::Margin::symmetric(10, 12));
    egui::Panel::left("rail")
        .exact_size(space::RAIL)
        .resizable(false)
        .frame(frame)
        .show(ui, |ui| {
            let mut clicked = None;
            brand(ui, ctx.text.shell.name);
            ui.spacing_mut().item_spacing.y = 2.0;
            let (steps, others): (Vec<_>, Vec<_>) =
                items.iter().partition(|item| item.page.index().is_some());
            for item in steps {
                if row(ui, ctx, item).clicked() {
                    clicked = Some(item.page);
                }
            }
            let below = others.len() as f32 * (ROW + 2.0);
            ui.add_space((ui.available_height() - below).max(4.0));
            for item in others {
                if row(ui, ctx, item).clicked() {
                    clicked = Some(item.page);
                }
            }
            clicked
        })
        .inner
}

fn brand(ui: &mut Ui, name: &str) {
    let palette = theme::palette(ui);
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), 36.0), Sense::hover());
    let centre = pos2(rect.left() + 19.0, rect.top() + 15.0);
    let mark_rect = Rect::from_center_size(centre, vec2(24.0, 24.0));
    mark::paint(ui.painter(), mark_rect, palette.accent);
    let font = FontId::proportional(theme::size::STAT - 2.0);
    let at = pos2(rect.left() + 38.0, centre.y);
    ui.painter()
        .text(at, Align2::LEFT_CENTER, name, font, palette.strong);
    ui.add_space(4.0);
}

fn row(ui: &mut Ui, ctx: &PageContext<'_>, item: &Item) -> Response {
    let open = item.reason.is_none();
    let title = item.page.title(ctx.text);
    let size = vec2(ui.available_width(), ROW);
    let sense = if open { Sense::click() } else { Sense::hover() };
    let (rect, response) = ui.allocate_exact_size(size, sense);
    let selected = item.badge == Badge::Current;
    response.widget_info(|| WidgetInfo::selected(Role::Button, open, selected, title));
    ui.accesskit_node_builder(response.id, |node| node.set_description(item.line.as_str()));
    paint_row(ui, rect, &response, item, title);
    match item.reason {
        Some(reason) => response.on_hover_text(reason),
        None => response,
    }
}

fn paint_row(ui: &Ui, rect: Rect, response: &Response, item: &Item, title: &str) {
    let palette = theme::palette(ui);
    let current = item.badge == Badge::Current;
    if current || response.hovered() && item.reason.is_none() {
        let fill = if current {
            palette.current
        } else {
            palette.current.gamma_multiply(0.55)
        };
        ui.painter().rect_filled(rect, space::RADIUS, fill);
    }
    if response.has_focus() {
        let stroke = Stroke::new(1.5, palette.accent);
        ui.painter()
            .rect_stroke(rect, space::RADIUS, stroke, egui::StrokeKind::Inside);
    }
    paint_badge(ui, pos2(rect.left() + 19.0, rect.center().y), item);
    let left = rect.left() + 40.0;
    let colour = match item.badge {
        Badge::Current => palette.strong,
        Badge::Closed => palette.weak,
        Badge::Done | Badge::Open => palette.text,
    };
    let (title_y, line_y) = match item.line.is_empty() {
        true => (rect.center().y, 0.0),
        false => (rect.center().y - 8.5, rect.center().y + 10.0),
    };
    let body = TextStyle::Body.resolve(ui.style());
    ui.painter().text(
        pos2(left, title_y),
        Align2::LEFT_CENTER,
        title,
        body,
        colour,
    );
    if !item.line.is_empty() {
        let small = TextStyle::Small.resolve(ui.style());
        let width = rect.right() - left - 6.0;
        let mut job =
            egui::text::LayoutJob::simple_singleline(item.line.clone(), small, palette.weak);
        job.wrap = egui::text::TextWrapping::truncate_at_width(width);
        let galley = ui.fonts_mut(|fonts| fonts.layout_job(job));
        let at = pos2(left, line_y - galley.size().y / 2.0);
        ui.painter().galley(at, galley, palette.weak);
    }
}

fn paint_badge(ui: &Ui, centre: egui::Pos2, item: &Item) {
    let palette = theme::palette(ui);
    let painter = ui.painter();
    let Some(place) = item.page.index() else {
        return paint_sign(ui, centre, item);
    };
    let number = (place + 1).to_string();
    let font = FontId::proportional(theme::size::SMALL);
    match item.badge {
        Badge::Current => {
            painter.circle_filled(centre, 11.0, palette.accent);
            painter.text(
                centre,
                Align2::CENTER_CENTER,
                number,
                font,
                palette.on_accent,
            );
        }
        Badge::Done => {
            painter.circle_stroke(centre, 10.5, Stroke::new(1.0, palette.good));
            let tick = [vec2(-4.2, 0.3), vec2(-1.2, 3.4), vec2(4.4, -3.2)];
            let points = tick.into_iter().map(|by| centre + by).collect();
            painter.line(points, Stroke::new(1.5, palette.good));
        }
        Badge::Open | Badge::Closed => {
            painter.circle_stroke(centre, 10.5, Stroke::new(1.0, palette.edge));
            painter.text(centre, Align2::CENTER_CENTER, number, font, palette.weak);
        }
    }
}

/// Runs has three lines, Settings two sliders.
fn paint_sign(ui: &Ui, centre: egui::Pos2, item: &Item) {
    let palette = theme::palette(ui);
    let current = item.badge == Badge::Current;
    let colour = if current {
        palette.accent_text
    } else {
        palette.weak
    };
    let stroke = Stroke::new(1.4, colour);
    let painter = ui.painter();
    let line = |y: f32| painter.hline(centre.x - 6.0..=centre.x + 6.0, centre.y + y, stroke);
    if item.page == Page::Runs {
        for y in [-4.5, 0.0, 4.5] {
            line(y);
        }
    } else {
        for y in [-3.5, 3.5] {
            line(y);
        }
        let fill = if current {
            palette.current
        } else {
            palette.rail
        };
        for by in [vec2(2.5, -3.5), vec2(-2.5, 3.5)] {
            painter.circle(centre + by, 2.4, fill, stroke);
        }
    }
}
