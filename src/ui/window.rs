//! Opens the window.

use std::panic::{self, AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use eframe::{NativeOptions, Renderer};
use egui::ViewportBuilder;

use super::native::Native;
use super::preferences::Kept;
use super::text::{ENGLISH, Text};
use super::{mark, theme};
use crate::error::{Error, Result};
use crate::home::Home;
use crate::ui::Workbench;

/// Opens the window and returns when it is closed.
///
/// # Errors
/// Where there is no display, or none that can be drawn on; the message names `luthier demo`.
pub fn run() -> Result<()> {
    if !has_display() {
        return Err(no_display());
    }
    let home = Home::from_env()?;
    let options = options(&home);
    let services = Arc::new(Native::new(home, &ENGLISH));
    let opened = quietly(|| {
        eframe::run_native(
            "luthier",
            options,
            Box::new(move |cc| {
                OPENED.store(true, Ordering::Relaxed);
                let kept = cc
                    .storage
                    .and_then(|storage| eframe::get_value::<Kept>(storage, eframe::APP_KEY));
                Ok(Box::new(Workbench::new(
                    &cc.egui_ctx,
                    kept.unwrap_or_default(),
                    services,
                )))
            }),
        )
    });
    match opened {
        Ok(Ok(())) => Ok(()),
        Ok(Err(cause)) => Err(no_display().because(last_words(&cause.to_string()))),
        Err(words) if OPENED.load(Ordering::Relaxed) => {
            Err(Error::new(ENGLISH.shell.faults.stopped).because(words))
        }
        Err(words) => Err(no_display().because(words)),
    }
}

/// The part of a windowing fault that says something: before it come places in source code.
fn last_words(cause: &str) -> String {
    cause.rsplit(": ").next().unwrap_or(cause).to_owned()
}

/// Whether the window has come up, so that a later panic is not taken for a missing display.
static OPENED: AtomicBool = AtomicBool::new(false);

/// The number of threads that the person wants for computing. It must be known before the first
/// thread starts, so that `main` asks for it; the setting takes effect at the next start.
pub fn wanted_threads() -> Option<usize> {
    let home = Home::from_env().ok()?;
    Kept::read(&home.window_state())?.preferences.threads
}

fn options(home: &Home) -> NativeOptions {
    let palette = theme::palette_of(true);
    let viewport = ViewportBuilder::default()
        .with_app_id("luthier")
        .with_title(Text::of(Default::default()).shell.name)
        .with_icon(mark::icon(palette.background, palette.accent))
        .with_inner_size([1280.0, 800.0])
        .with_min_inner_size([960.0, 640.0]);
    NativeOptions {
        viewport,
        renderer: Renderer::Glow,
        persistence_path: Some(home.window_state()),
        ..NativeOptions::default()
    }
}

fn no_display() -> Error {
    let words = &ENGLISH.shell.faults;
    Error::new(words.no_display).remedy(words.no_display_remedy)
}

/// Other systems always have a display; on Linux and its kin the environment names it.
fn has_display() -> bool {
    if !cfg!(all(unix, not(target_os = "macos"))) {
        return true;
    }
    ["DISPLAY", "WAYLAND_DISPLAY", "WAYLAND_SOCKET"]
        .iter()
        .any(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()))
}

/// Windowing libraries panic where a system library is missing. Before the window is up such a
/// panic is an answer ("no display"): its report is kept from the terminal and its words are
/// returned. A panic after that is a fault of ours and is reported as usual.
fn quietly<R>(open: impl FnOnce() -> R) -> std::result::Result<R, String> {
    let usual = panic::take_hook();
    let this_thread = std::thread::current().id();
    panic::set_hook(Box::new(move |report| {
        let ours = std::thread::current().id() != this_thread;
        if ours || OPENED.load(Ordering::Relaxed) {
            usual(report);
        }
    }));
    let outcome = catch_unwind(AssertUnwindSafe(open));
    // Drops ours; the default report takes over.
    drop(panic::take_hook());
    outcome.map_err(|panic| {
        let words = panic.downcast_ref::<&str>().map(ToString::to_string);
        words
            .or_else(|| panic.downcast_ref::<String>().cloned())
            .unwrap_or_default()
    })
}
