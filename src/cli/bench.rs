//! `luthier bench`.

use clap::Args;

use super::output::{Out, note, table};
use super::settings::assignment;
use super::units::{bytes, count};
use crate::error::Result;
use crate::home::Home;
use crate::hub::LUTHIER_MINI;
use crate::run::Hyperparameters;
use crate::session::bench::{Bench as Work, Measured, MeasuredShape, Shape, measure};

/// Options of `luthier bench`.
#[derive(Debug, Args)]
pub struct Bench {
    /// A model's name or folder
    #[arg(long, default_value = LUTHIER_MINI.name, value_name = "M")]
    model: String,
    /// Batches to measure, as rows x tokens
    #[arg(long, num_args = 1.., default_values = ["16x32", "16x64", "16x128"], value_name = "RxT")]
    shape: Vec<Shape>,
    /// What is trained: full, head, lora, or freeze=N for the first N layers frozen
    #[arg(long, default_value = "full", value_name = "METHOD")]
    method: String,
    /// Set a hyperparameter; may be given several times
    #[arg(long = "set", value_name = "NAME=VALUE", value_parser = assignment)]
    set: Vec<(String, String)>,
    /// Measured steps per batch
    #[arg(long, default_value_t = 12, value_parser = clap::value_parser!(u16).range(1..), value_name = "N")]
    steps: u16,
    /// Write one JSON object
    #[arg(long)]
    pub(super) json: bool,
}

impl Bench {
    /// Measures and prints.
    pub fn run(self) -> Result<()> {
        let home = Home::from_env()?;
        let work = Work {
            hyperparameters: self.hyperparameters()?,
            model: self.model,
            shapes: self.shape,
            steps: self.steps.into(),
        };
        let mut progress = |measured: &MeasuredShape| {
            note(format!("{}: {:.1} ms", measured.shape, measured.median_ms));
        };
        let measured = measure(&work, &home, &mut progress)?;
        let mut out = Out::standard();
        if self.json {
            return out.json(&measured);
        }
        lines(&measured).iter().try_for_each(|line| out.line(line))
    }

    fn hyperparameters(&self) -> Result<Hyperparameters> {
        // What a batch holds is the shape's affair: no shape here has more rows.
        let mut h = Hyperparameters {
            learning_rate: 5e-5,
            weight_decay: 0.01,
            per_device_train_batch_size: 4096,
            ..Hyperparameters::default()
        };
        match self.method.strip_prefix("freeze=") {
            Some(layers) => h.set_text("freeze_layers", layers)?,
            None => h.set_text("method", &self.method)?,
        }
        for (name, value) in &self.set {
            h.set_text(name, value)?;
        }
        Ok(h)
    }
}

fn lines(measured: &Measured) -> Vec<String> {
    let [all, trained] = measured
        .parameters
        .map(|parameters| count(parameters as u64));
    let mut lines = vec![
        format!(
            "{}: {all} parameters, {trained} of them trained ({})",
            measured.model, measured.method
        ),
        format!(
            "{} threads; they multiply and add at {:.0} GFLOP/s out of registers",
            measured.threads, measured.peak_gflops
        ),
        String::new(),
    ];
    let head = [
        "batch",
        "step",
        "shortest",
        "tokens/s",
        "GFLOP/s",
        "of the peak",
        "scoring",
    ];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    for shape in &measured.shapes {
        let dash = || "–".to_owned();
        let gflops = shape.gflops;
        rows.push(vec![
            shape.shape.clone(),
            format!("{:.1} ms", shape.median_ms),
            format!("{:.1} ms", shape.min_ms),
            format!("{:.0}", shape.tokens_per_s),
            gflops.map_or_else(dash, |gflops| format!("{gflops:.0}")),
            gflops.map_or_else(dash, |gflops| {
                format!("{:.0} %", 100.0 * gflops / measured.peak_gflops)
            }),
            format!("{:.1} ms", shape.forward_ms),
        ]);
    }
    lines.extend(table(&rows, &[1, 2, 3, 4, 5, 6]));
    if let Some(memory) = measured.peak_memory_bytes {
        lines.push(String::new());
        lines.push(format!("Peak memory of the process: {}", bytes(memory)));
    }
    lines
}
