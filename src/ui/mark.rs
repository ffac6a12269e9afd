//! Luthier's mark: the outline of a violin's body, drawn by the window and rendered as its icon.

use egui::{Color32, IconData, Painter, Pos2, Rect, Shape, Stroke, pos2};

/// Half the body's width at heights from top to bottom.
const PROFILE: [f32; 15] = [
    0.0, 0.155, 0.225, 0.26, 0.265, 0.245, 0.205, 0.185, 0.195, 0.24, 0.3, 0.34, 0.335, 0.26, 0.0,
];

/// Pixels along an edge of the icon.
const ICON: usize = 128;

/// The body's outline in a unit square, clockwise from the top.
fn outline() -> Vec<Pos2> {
    let last = PROFILE.len() - 1;
    let height = |place: usize| 0.06 + 0.88 * curve(place, last);
    let right = (0..=last).map(|place| pos2(0.5 + PROFILE[place], height(place)));
    let left = (1..last)
        .rev()
        .map(|place| pos2(0.5 - PROFILE[place], height(place)));
    right.chain(left).collect()
}

/// Heights lie closer at both ends, where the outline bends most.
fn curve(place: usize, last: usize) -> f32 {
    let even = place as f32 / last as f32;
    let bent = 0.5 - 0.5 * (even * std::f32::consts::PI).cos();
    0.45 * even + 0.55 * bent
}

/// Draws the mark into `rect`.
pub fn paint(painter: &Painter, rect: Rect, colour: Color32) {
    let place = |point: Pos2| rect.lerp_inside(point.to_vec2());
    let stroke = Stroke::new(rect.width() * 0.075, colour);
    let points = outline().into_iter().map(place).collect();
    painter.add(Shape::closed_line(points, stroke));
    let thin = Stroke::new(rect.width() * 0.05, colour);
    painter.line_segment([place(pos2(0.5, 0.2)), place(pos2(0.5, 0.8))], thin);
}

/// The window's icon: the mark on a dark rounded square.
pub fn icon(ground: Color32, colour: Color32) -> IconData {
    let points = outline();
    let mut rgba = Vec::with_capacity(ICON * ICON * 4);
    for y in 0..ICON {
        for x in 0..ICON {
            let at = pos2(
                (x as f32 + 0.5) / ICON as f32,
                (y as f32 + 0.5) / ICON as f32,
            );
            let line = cover(0.032 - distance_to(&points, at))
                .max(cover(0.02 - distance(at, pos2(0.5, 0.22), pos2(0.5, 0.78))));
            let inside = cover(-rounded_square(at));
            for channel in 0..3 {
                let mixed = f32::from(ground[channel])
                    + line * (f32::from(colour[channel]) - f32::from(ground[channel]));
                rgba.push(mixed as u8);
            }
            rgba.push((inside * 255.0) as u8);
        }
    }
    IconData {
        rgba,
        width: ICON as u32,
        height: ICON as u32,
    }
}

/// How much of a pixel lies inside, from the distance of its centre to the edge.
fn cover(inside: f32) -> f32 {
    (inside * ICON as f32 + 0.5).clamp(0.0, 1.0)
}

fn rounded_square(at: Pos2) -> f32 {
    const RADIUS: f32 = 0.2;
    let out = |value: f32| ((value - 0.5).abs() - (0.5 - RADIUS)).max(0.0);
    out(at.x).hypot(out(at.y)) - RADIUS
}

fn distance_to(points: &[Pos2], at: Pos2) -> f32 {
    let next = points.iter().cycle().skip(1);
    points
        .iter()
        .zip(next)
        .map(|(&from, &to)| distance(at, from, to))
        .fold(f32::INFINITY, f32::min)
}

fn distance(at: Pos2, from: Pos2, to: Pos2) -> f32 {
    let line = to - from;
    let along = ((at - from).dot(line) / line.length_sq().max(1e-9)).clamp(0.0, 1.0);
    at.distance(from + line * along)
}
