//! The chosen runs side by side: their validation curves over each other, and their settings.

use egui::{Color32, FontId, RichText, Ui, vec2};
use egui_extras::Column;
use egui_plot::{AxisHints, GridMark, Line, Plot, PlotPoint, PlotPoints, Points};
use serde_json::Value;

use super::name_of;
use crate::metrics::names;
use crate::session::RunState;
use crate::session::runs::KeptRun;
use crate::ui::text::Text;
use crate::ui::theme::{self, Palette, space};
use crate::ui::widgets;

/// How the comparison is shown.
#[derive(Debug, Default)]
pub struct Compare {
    /// Settings that are the same in all runs, too.
    all_settings: bool,
}

/// A line of the settings table.
struct Setting {
    name: String,
    values: Vec<String>,
}

impl Setting {
    fn differs(&self) -> bool {
        self.values.windows(2).any(|pair| pair[0] != pair[1])
    }
}

impl Compare {
    /// Draws the comparison into the rest of the page.
    pub fn ui(&mut self, ui: &mut Ui, text: &Text, runs: &[&KeptRun]) {
        let room = ui.available_height().max(160.0);
        if runs.is_empty() {
            ui.vertical_centered(|ui| {
                ui.add_space(room * 0.35);
                widgets::wrapped_weak(ui, text.runs.compare_hint);
            });
            return;
        }
        widgets::row(ui, &[1.0, 1.0, 1.25], room, |cells| {
            if let [quality, loss, settings] = cells {
                let mut names = runs.iter().map(|run| run.state.main_score());
                let first = names.next().flatten();
                let common = first.filter(|first| names.all(|name| name == Some(first)));
                let title = (text.runs.main_score)(common.map(text.common.score).as_deref());
                let note = text.runs.by_epoch;
                curves(quality, [&title, note], Shown::MainScore, runs);
                curves(loss, [text.runs.loss, note], Shown::Loss, runs);
                widgets::fill_card(settings, |ui| self.settings(ui, text, runs));
            }
        });
    }

    fn settings(&mut self, ui: &mut Ui, text: &Text, runs: &[&KeptRun]) {
        let words = &text.runs;
        ui.horizontal(|ui| {
            widgets::heading(ui, words.settings, egui::TextStyle::Heading);
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                if runs.len() > 1 {
                    widgets::toggle_pill(ui, &mut self.all_settings, words.all_settings);
                }
            });
        });
        ui.add_space(space::SMALL);
        let mut rows = settings_of(text, runs);
        if runs.len() > 1 && !self.all_settings {
            rows.retain(Setting::differs);
        }
        if rows.is_empty() {
            widgets::wrapped_weak(ui, words.same);
            return;
        }
        table(ui, text, runs, &rows);
    }
}

fn table(ui: &mut Ui, text: &Text, runs: &[&KeptRun], rows: &[Setting]) {
    let share = if runs.len() == 1 { 0.6 } else { 0.38 };
    let name = (ui.available_width() * share).min(230.0);
    let palette = theme::palette(ui);
    widgets::table(ui, "settings")
        .column(Column::exact(name).clip(true))
        .columns(Column::remainder().at_least(60.0).clip(true), runs.len())
        .header(22.0, |mut header| {
            header.col(|ui| {
                widgets::weak(ui, text.runs.setting);
            });
            for (place, run) in runs.iter().enumerate() {
                header.col(|ui| {
                    // The colours of curves are too light for words.
                    ui.horizontal(|ui| {
                        widgets::dot(ui, colour(palette, place));
                        ui.add_space(space::SMALL);
                        let words = RichText::new(&run.name).small().color(palette.text);
                        widgets::elided(ui, words);
                    });
                });
            }
        })
        .body(|body| {
            body.rows(24.0, rows.len(), |mut row| {
                let setting = &rows[row.index()];
                let differs = setting.differs();
                row.set_overline(true);
                row.col(|ui| {
                    widgets::cell(ui, RichText::new(&setting.name).color(palette.weak));
                });
                for value in &setting.values {
                    row.col(|ui| {
                        let colour = if differs {
                            palette.accent_text
                        } else {
                            palette.text
                        };
                        widgets::cell(ui, RichText::new(value).color(colour));
                    });
                }
            });
        });
}

fn settings_of(text: &Text, runs: &[&KeptRun]) -> Vec<Setting> {
    let words = &text.runs;
    let each = |name: &str, value: &dyn Fn(&KeptRun) -> String| Setting {
        name: name.to_owned(),
        values: runs.iter().map(|run| value(run)).collect(),
    };
    let mut rows = vec![
        each(words.task, &|run| {
            text.task.name(run.settings.task).to_owned()
        }),
        each(words.data, &|run| run.settings.data.title()),
        each(words.model, &|run| name_of(run.settings.model.as_ref())),
    ];
    let maps: Vec<_> = runs
        .iter()
        .map(|run| run.settings.hyperparameters.to_map())
        .collect();
    for field in crate::run::hyperparameters::FIELDS {
        rows.push(Setting {
            name: field.name.to_owned(),
            values: maps
                .iter()
                .map(|map| value(text, map.get(field.name)))
                .collect(),
        });
    }
    rows
}

fn value(text: &Text, value: Option<&Value>) -> String {
    match value {
        None => String::new(),
        Some(Value::String(words)) => words.clone(),
        Some(Value::Number(number)) if number.is_f64() => {
            number.as_f64().map(text.units.rate).unwrap_or_default()
        }
        Some(other) => other.to_string(),
    }
}

/// The colour of the run at `place`, the same in curves and table.
fn colour(palette: &Palette, place: usize) -> Color32 {
    let colours = [
        palette.accent,
        palette.validation,
        palette.good,
        palette.second,
        palette.bad,
        palette.neutral,
    ];
    colours[place % colours.len()]
}

/// The score whose curves are drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Shown {
    /// Each run's own.
    MainScore,
    Loss,
}

impl Shown {
    fn of(self, state: &RunState) -> Option<&str> {
        match self {
            Self::MainScore => state.main_score(),
            Self::Loss => Some(names::LOSS),
        }
    }
}

fn curves(ui: &mut Ui, [title, note]: [&str; 2], shown: Shown, runs: &[&KeptRun]) {
    widgets::fill_card(ui, |ui| {
        widgets::card_title(ui, title, note);
        let palette = theme::palette(ui);
        let font = FontId::proportional(theme::size::SMALL);
        let axis = |hints: AxisHints<'static>| {
            hints
                .tick_label_font(font.clone())
                .tick_label_color(palette.weak)
        };
        let number = |mark: GridMark, _: &_| widgets::number_tick(mark.value);
        let x = axis(AxisHints::new_x()).formatter(number);
        let y = axis(AxisHints::new_y())
            .min_thickness(34.0)
            .formatter(number);
        let mut plot = Plot::new(shown)
            .custom_x_axes(vec![x])
            .custom_y_axes(vec![y])
            .include_x(0.0)
            .include_y(0.0)
            .set_margin_fraction(vec2(0.015, 0.06))
            .show_background(false)
            .grid_color(palette.border)
            .grid_spacing(egui::Rangef::new(8.0, 48.0))
            .x_grid_spacer(|input| widgets::round_marks(input, 8.0))
            .y_grid_spacer(|input| widgets::round_marks(input, 5.0))
            .cursor_color(palette.edge)
            .allow_scroll(false)
            .allow_boxed_zoom(false)
            .label_formatter(|hover| match hover {
                egui_plot::HoverPosition::NearDataPoint {
                    plot_name,
                    position,
                    ..
                } => Some(format!("{plot_name}\n{:.3}", position.y)),
                egui_plot::HoverPosition::Elsewhere { .. } => None,
            });
        if shown == Shown::MainScore {
            plot = plot.include_y(1.0);
        }
        plot.show(ui, |plot| {
            for (place, run) in runs.iter().enumerate() {
                let points = points(&run.state, shown);
                let colour = colour(palette, place);
                // A line through one point is not seen.
                if let [only] = points.as_slice() {
                    let mark = Points::new(run.name.clone(), PlotPoints::Owned(vec![*only]));
                    plot.points(mark.color(colour).radius(4.0));
                    continue;
                }
                let line = Line::new(run.name.clone(), PlotPoints::Owned(points)).id(place);
                plot.line(line.color(colour).width(2.0));
            }
        });
    });
}

/// One point per evaluation, by epochs, so that runs with other batch sizes can be compared.
fn points(state: &RunState, shown: Shown) -> Vec<PlotPoint> {
    let Some(score) = shown.of(state) else {
        return Vec::new();
    };
    let evaluations = state.evaluations.iter();
    evaluations
        .filter_map(|evaluated| {
            let value = evaluated.scores.get(score)?;
            let finite = value.is_finite() && evaluated.epoch.is_finite();
            finite.then(|| PlotPoint::new(evaluated.epoch, value))
        })
        .collect()
}
