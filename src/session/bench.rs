//! How long a training step takes on this computer, by shape of the batch.

use std::time::{Duration, Instant};

use serde::Serialize;

use crate::error::{Error, Result};
use crate::home::Home;
use crate::hub;
use crate::models::Method;
use crate::nn::fma_peak;
use crate::rng::{Purpose, Stream};
use crate::run::Hyperparameters;
use crate::runtime::peak_memory;
use crate::tasks::{Item, ItemTarget, Objective, TaskKind, TaskModel, TrainingOptions};
use crate::text::Encoding;
use crate::train::estimate::shape_of_files;
use crate::train::learner::Learner;

/// Steps before those that count: memory is found and caches are filled.
const WARM_UP: usize = 3;

/// Labels of the made-up classifier.
const LABELS: usize = 2;

/// A batch of `rows` texts of `tokens` tokens each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    /// Texts.
    pub rows: usize,
    /// Tokens of each.
    pub tokens: usize,
}

impl std::str::FromStr for Shape {
    type Err = String;

    fn from_str(text: &str) -> std::result::Result<Self, String> {
        let parsed = text.split_once('x').and_then(|(rows, tokens)| {
            let shape = Self {
                rows: rows.parse().ok()?,
                tokens: tokens.parse().ok()?,
            };
            let sane = (1..=4096).contains(&shape.rows) && (2..=8192).contains(&shape.tokens);
            sane.then_some(shape)
        });
        parsed.ok_or_else(|| "expected rows x tokens, such as 16x64".to_owned())
    }
}

impl std::fmt::Display for Shape {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}x{}", self.rows, self.tokens)
    }
}

/// What is measured.
#[derive(Clone, Debug)]
pub struct Bench {
    /// A name of the catalogue or a folder.
    pub model: String,
    /// What is trained, and how.
    pub hyperparameters: Hyperparameters,
    /// The batches.
    pub shapes: Vec<Shape>,
    /// Measured steps per shape.
    pub steps: usize,
}

/// What was measured.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Measured {
    /// The model's name.
    pub model: String,
    /// What was trained.
    pub method: String,
    /// Parameters in all, and those that are trained.
    pub parameters: [usize; 2],
    /// Threads that computed.
    pub threads: usize,
    /// What the processor could do out of registers, in GFLOP/s.
    pub peak_gflops: f64,
    /// The most memory that the process has held, where the platform tells.
    pub peak_memory_bytes: Option<u64>,
    /// One for each shape, in the order given.
    pub shapes: Vec<MeasuredShape>,
}

/// A shape's step.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct MeasuredShape {
    /// Rows x tokens.
    pub shape: String,
    /// Median time of a step.
    pub median_ms: f64,
    /// Shortest time of a step.
    pub min_ms: f64,
    /// Tokens per second at the median.
    pub tokens_per_s: f64,
    /// Speed of the matrix products at the median, as if nothing else took time; only where all
    /// weights are trained.
    pub gflops: Option<f64>,
    /// Median time of answering one such batch, without training.
    pub forward_ms: f64,
}

/// Measures; `progress` is told of each finished shape.
///
/// # Errors
/// The model is not there or does not fit the method; a shape is longer than the model can read.
pub fn measure(
    bench: &Bench,
    home: &Home,
    progress: &mut dyn FnMut(&MeasuredShape),
) -> Result<Measured> {
    let files = hub::resolve(&bench.model, home)?;
    let model_shape = shape_of_files(&files)?;
    let h = &bench.hyperparameters;
    let longest = bench
        .shapes
        .iter()
        .map(|shape| shape.tokens)
        .max()
        .unwrap_or(2);
    let options = TrainingOptions {
        max_length: longest,
        doc_stride: 0,
        reads_windows: false,
        dropout: (h.dropout >= 0.0).then_some(h.dropout),
        method: h.method(),
        seed: h.seed,
    };
    let labels = (0..LABELS).map(|label| label.to_string()).collect();
    let model = TaskModel::for_training(&files, TaskKind::Topic, labels, &[], &options)?;
    if model.max_length() < longest {
        return Err(Error::new(format!(
            "{} reads at most {} tokens",
            files.name,
            model.max_length()
        ))
        .remedy("Give shapes with fewer tokens."));
    }
    let sizes = model.parameters().values().map(|parameter| {
        let count = parameter.var().elem_count();
        [count, if parameter.trains() { count } else { 0 }]
    });
    let parameters = sizes.fold([0, 0], |sum, own| [sum[0] + own[0], sum[1] + own[1]]);
    let peak = fma_peak(Duration::from_millis(300));
    let vocabulary = model_shape.vocabulary;
    let mut learner = Learner::new(model, Objective::default(), h)?;
    let mut shapes = Vec::new();
    for &shape in &bench.shapes {
        let mut items = made_up(shape, vocabulary);
        if options.method == Method::Head {
            learner.model().keep_features(&mut items, &mut |_| Ok(()))?;
        }
        let rows: Vec<&Item> = items.iter().collect();
        let step_ms = times(bench.steps, |step| {
            learner.step(step, &rows, h.learning_rate).map(|_| ())
        })?;
        let forward_ms = times(bench.steps, |_| {
            let score = learner.model().outputs(&items, shape.rows, &mut |_| Ok(()));
            score.map(|_| ())
        })?;
        let (median_ms, min_ms) = (step_ms[step_ms.len() / 2], step_ms[0]);
        let all_trained = options.method == Method::EVERYTHING;
        let flops = model_shape.step_flops(shape.rows, shape.tokens);
        let measured = MeasuredShape {
            shape: shape.to_string(),
            median_ms,
            min_ms,
            tokens_per_s: (shape.rows * shape.tokens) as f64 * 1e3 / median_ms,
            gflops: all_trained.then_some(flops / median_ms * 1e-6),
            forward_ms: forward_ms[forward_ms.len() / 2],
        };
        progress(&measured);
        shapes.push(measured);
    }
    Ok(Measured {
        model: files.name,
        method: h.method_words(),
        parameters,
        threads: rayon::current_num_threads(),
        peak_gflops: peak * 1e-9,
        peak_memory_bytes: peak_memory(),
        shapes,
    })
}

/// Milliseconds of `steps` calls after the warm-up, shortest first.
fn times(steps: usize, mut call: impl FnMut(usize) -> Result<()>) -> Result<Vec<f64>> {
    let mut times = Vec::with_capacity(steps);
    for step in 0..WARM_UP + steps.max(1) {
        let begun = Instant::now();
        call(step)?;
        if step >= WARM_UP {
            times.push(begun.elapsed().as_secs_f64() * 1e3);
        }
    }
    times.sort_by(f64::total_cmp);
    Ok(times)
}

/// Items of random tokens: a step takes as long whatever the words say.
fn made_up(shape: Shape, vocabulary: usize) -> Vec<Item> {
    let mut draws = Stream::new(0, Purpose::Bench, 0).draws();
    // Words, not the markers that vocabularies begin with.
    let first = vocabulary / 30;
    let mut example = |row: usize| {
        let ids = (0..shape.tokens).map(|_| (first + draws.below(vocabulary - first)) as u32);
        let label = ItemTarget::Label(row % LABELS);
        Item::whole(row, Encoding::of(ids.collect()), Some(label))
    };
    (0..shape.rows).map(&mut example).collect()
}
