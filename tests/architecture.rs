//! The invariants of docs/ARCHITECTURE.md that can be read off the sources.

use std::path::{Path, PathBuf};

/// Modules from bottom to top: each may use those before it, and those of its own rank.
const RANKS: &[&[&str]] = &[
    &["error"],
    &["home", "rng", "runtime"],
    &["data", "hub", "metrics", "nn", "text"],
    &["models"],
    &["tasks"],
    &["run"],
    &["train"],
    &["session"],
    &["cli", "ui"],
];

fn source_root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// Every source file below `folder`, with its path relative to `src` and its text.
fn sources(folder: &Path) -> Vec<(String, String)> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let name = path.strip_prefix(source_root()).unwrap().to_str().unwrap();
            files.push((
                name.replace('\\', "/"),
                std::fs::read_to_string(&path).unwrap(),
            ));
        }
    }
    files
}

/// The top module that a file belongs to.
fn module(file: &str) -> &str {
    file.split('/').next().unwrap().trim_end_matches(".rs")
}

fn rank(module: &str) -> Option<usize> {
    RANKS.iter().position(|rank| rank.contains(&module))
}

/// The lines of code, without comments.
fn code(text: &str) -> impl Iterator<Item = &str> {
    text.lines()
        .map(str::trim_start)
        .filter(|line| !line.starts_with("//"))
}

#[test]
fn dependencies_run_one_way() {
    for (file, text) in sources(&source_root()) {
        if ["lib.rs", "main.rs"].contains(&file.as_str()) {
            continue;
        }
        let own = rank(module(&file)).unwrap_or_else(|| panic!("{file}: give its module a rank"));
        for line in code(&text) {
            for part in line.split("crate::").skip(1) {
                let used = part
                    .split(|c: char| !c.is_alphanumeric() && c != '_')
                    .next()
                    .unwrap();
                if let Some(used_rank) = rank(used) {
                    assert!(used_rank <= own, "{file} reaches up: {line}");
                }
            }
        }
    }
}

#[test]
fn the_window_knows_no_tensors_and_nothing_else_knows_the_window() {
    for (file, text) in sources(&source_root()) {
        let in_window = file.starts_with("ui/");
        for line in code(&text) {
            if in_window {
                assert!(!line.contains("candle"), "{file}: {line}");
            } else if file != "main.rs" {
                let names_egui = ["egui", "eframe"].iter().any(|name| {
                    line.contains(&format!("use {name}")) || line.contains(&format!("{name}::"))
                });
                assert!(!names_egui, "{file}: {line}");
            }
        }
    }
}

#[test]
fn only_the_hub_uses_the_network_and_only_the_command_line_prints() {
    for (file, text) in sources(&source_root()) {
        for line in code(&text) {
            if !file.starts_with("hub/") {
                assert!(
                    !line.contains("hf_hub") && !line.contains("ureq"),
                    "{file}: {line}"
                );
            }
            if !file.starts_with("cli/") && file != "main.rs" {
                let prints = ["println!", "eprintln!", "print!(", "dbg!"];
                assert!(
                    !prints.iter().any(|name| line.starts_with(name)),
                    "{file}: {line}"
                );
            }
        }
    }
}

/// The test split is handed out sealed; only the end of a run and a re-evaluation break the seal.
#[test]
fn the_test_split_is_opened_by_evaluations_only() {
    let allowed = [
        "train/finish.rs",
        "session/evaluate.rs",
        "data/split/mod.rs",
        "data/split/leaks.rs",
    ];
    for (file, text) in sources(&source_root()) {
        let opens = code(&text).any(|line| {
            line.contains("sealed.open()")
                || line.contains("test.open()")
                || line.contains("Sealed::open")
        });
        assert!(
            !opens || allowed.contains(&file.as_str()),
            "{file} opens the test split"
        );
    }
}

/// candle's own generator cannot be seeded, and its fused operations cut gradients.
#[test]
fn randomness_and_layers_are_our_own() {
    for (file, text) in sources(&source_root()) {
        for line in code(&text) {
            for banned in [
                "Tensor::rand",
                "rand_like",
                "randn",
                "candle_nn::ops::dropout",
                "softmax_last_dim",
                "candle_nn::LayerNorm",
                "candle_nn::Dropout",
                "VarMap",
            ] {
                assert!(!line.contains(banned), "{file}: {line}");
            }
        }
    }
}
