//! How long one pass of the window takes while a run with 100,000 points on its curves goes on:
//! taking events in, drawing the Train page with the shell around it, and laying it all out. No
//! rasteriser; tessellation, which the painter needs as well, is measured beside it.
//!
//! `cargo bench --bench ui_pass` prints median and 99th percentile for the whole curve, for a part
//! of it zoomed in, and with the pointer over the plot. Exits with a failure above 8 ms and 16 ms.

#[path = "../tests/made_up/mod.rs"]
mod made_up;
#[path = "../tests/made_up_runs/mod.rs"]
mod made_up_runs;

use std::process::ExitCode;
use std::time::{Duration, Instant};

use crossbeam_channel::Sender;
use eframe::App as _;
use egui::{Event as Input, Modifiers, PointerButton, RawInput, Rect, Vec2, pos2, vec2};
use luthier::session::Session;
use luthier::train::Event;
use luthier::ui::Workbench;
use luthier::ui::page::Page;
use luthier::ui::preferences::{Kept, Preferences, ThemeChoice};
use luthier::ui::project::LiveRun;

const POINTS: usize = 100_000;
const TOTAL: usize = 110_000;
const EVALUATIONS: usize = 220;
const FRAMES: usize = 400;
/// New steps per frame: 600 a second at 60 frames.
const NEW_STEPS: usize = 10;
const LIMITS: [Duration; 2] = [Duration::from_millis(8), Duration::from_millis(16)];

struct Bench {
    ctx: egui::Context,
    app: Workbench,
    frame: eframe::Frame,
    events: Sender<Event>,
    step: usize,
    time: f64,
    size: Vec2,
    /// Of the last frame: shows that there is something to see.
    vertices: usize,
}

fn vertices(mesh: &egui::ClippedPrimitive) -> usize {
    match &mesh.primitive {
        egui::epaint::Primitive::Mesh(mesh) => mesh.vertices.len(),
        egui::epaint::Primitive::Callback(_) => 0,
    }
}

impl Bench {
    fn new(size: Vec2) -> Self {
        let ctx = egui::Context::default();
        let kept = Kept {
            page: Page::Train,
            preferences: Preferences {
                theme: ThemeChoice::Dark,
                ..Preferences::default()
            },
            settings: None,
        };
        let mut app = Workbench::new(&ctx, kept, made_up::made_up());
        let (commands, _) = crossbeam_channel::bounded(8);
        let (events, receiver) = crossbeam_channel::bounded(2 * TOTAL);
        for event in made_up_runs::events(POINTS, TOTAL, EVALUATIONS, &made_up_runs::labels(8)) {
            events.send(event).expect("the channel is large enough");
        }
        let mut session = Session::over(commands, receiver);
        while session.poll(Duration::from_secs(1)) {}
        let settings = made_up_runs::run_settings();
        app.project_mut().settings = settings.clone();
        app.project_mut().live = Some(LiveRun { session, settings });
        Self {
            ctx,
            app,
            frame: eframe::Frame::_new_kittest(),
            events,
            step: POINTS,
            time: 0.0,
            size,
            vertices: 0,
        }
    }

    /// One frame with `input`: the time of logic and ui, and that of the tessellation.
    fn frame(&mut self, input: Vec<Input>) -> (Duration, Duration) {
        for _ in 0..NEW_STEPS {
            self.step += 1;
            let step = made_up_runs::step(self.step.min(TOTAL - 1), TOTAL);
            let step = Event::Step(luthier::train::event::Step {
                step: self.step,
                ..step
            });
            self.events.send(step).expect("the session listens");
        }
        self.time += 1.0 / 60.0;
        let raw = RawInput {
            screen_rect: Some(Rect::from_min_size(pos2(0.0, 0.0), self.size)),
            time: Some(self.time),
            events: input,
            ..RawInput::default()
        };
        let start = Instant::now();
        let (app, frame) = (&mut self.app, &mut self.frame);
        let mut output = self.ctx.run_ui(raw, |ui| {
            let ctx = ui.ctx().clone();
            app.logic(&ctx, frame);
            app.ui(ui, frame);
        });
        let pass = start.elapsed();
        let start = Instant::now();
        let shapes = std::mem::take(&mut output.shapes);
        let meshes = self.ctx.tessellate(shapes, output.pixels_per_point);
        let tessellation = start.elapsed();
        self.vertices = meshes.iter().map(vertices).sum();
        output.drop_without_applying_deltas();
        (pass, tessellation)
    }

    /// Median and 99th percentile of pass and tessellation.
    fn measure(&mut self, mut input: impl FnMut(usize) -> Vec<Input>) -> [[Duration; 2]; 2] {
        let mut times: Vec<_> = (0..FRAMES).map(|n| self.frame(input(n))).collect();
        let mut quantiles = |key: fn(&(Duration, Duration)) -> Duration| {
            times.sort_by_key(key);
            [0.5, 0.99].map(|share| key(&times[((FRAMES - 1) as f64 * share) as usize]))
        };
        [quantiles(|times| times.0), quantiles(|times| times.1)]
    }
}

fn over_the_plot(n: usize, size: Vec2) -> Input {
    let along = (n % 100) as f32 / 100.0;
    Input::PointerMoved(pos2(size.x * (0.25 + 0.3 * along), size.y * 0.4))
}

fn main() -> ExitCode {
    let mut kept = true;
    for size in [vec2(1280.0, 800.0), vec2(1920.0, 1080.0)] {
        let mut bench = Bench::new(size);
        let first = bench.frame(Vec::new()).0;
        println!("{} x {}: first pass {:.2} ms", size.x, size.y, ms(first));
        for _ in 0..30 {
            bench.frame(Vec::new());
        }
        println!("  {} vertices", bench.vertices);
        kept &= report("whole curve", bench.measure(|_| Vec::new()));
        kept &= report(
            "pointer over it",
            bench.measure(|n| vec![over_the_plot(n, size)]),
        );
        for n in 0..12 {
            bench.frame(vec![over_the_plot(n, size), Input::Zoom(1.3)]);
        }
        kept &= report("zoomed in", bench.measure(|n| vec![over_the_plot(n, size)]));
        let middle = over_the_plot(50, size);
        let press = Input::PointerButton {
            pos: pos2(size.x * 0.4, size.y * 0.4),
            button: PointerButton::Primary,
            pressed: true,
            modifiers: Modifiers::default(),
        };
        bench.frame(vec![middle, press]);
        kept &= report("dragged", bench.measure(|n| vec![over_the_plot(n, size)]));
    }
    if kept {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

fn report(name: &str, [pass, tessellation]: [[Duration; 2]; 2]) -> bool {
    println!(
        "  {name:<16} pass {:6.2} ms median, {:6.2} ms p99; tessellation {:5.2} ms median, {:5.2} ms p99",
        ms(pass[0]),
        ms(pass[1]),
        ms(tessellation[0]),
        ms(tessellation[1]),
    );
    pass[0] < LIMITS[0] && pass[1] < LIMITS[1]
}
