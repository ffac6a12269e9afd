//! The training kernels one by one, forward and backward, at the sizes of all-MiniLM-L6-v2 (hidden
//! 384, intermediate 1536, 12 heads), with dropout.
//!
//! `cargo bench --bench kernels` shows the time of each; `cargo bench --bench kernels -- norm` some.

use std::sync::Arc;

use candle_core::{Device, Tensor, Var};
use divan::Bencher;
use luthier::error::Result;
use luthier::nn::{
    Activation, Builder, Embedding, Embeddings, FeedForward, Linear, Norm, Parameters, Pass, Rows,
    SelfAttention, Source, Targets, cross_entropy,
};
use luthier::train::optimizer::{AdamW, AdamWSettings};

const HIDDEN: usize = 384;
const WIDE: usize = 1536;
const DROPOUT: f64 = 0.1;

/// Sequences and tokens of each: a batch of short texts, and one of longer ones.
const SHAPES: [(usize, usize); 2] = [(16, 24), (16, 128)];

fn main() {
    luthier::runtime::prepare(None);
    divan::main();
}

/// A source that has nothing: everything is drawn.
struct Nothing;

impl Source for Nothing {
    fn tensor(&self, _: &str, _: &[usize]) -> Result<Option<Tensor>> {
        Ok(None)
    }
}

fn build<L>(load: impl FnOnce(&Builder<'_>) -> Result<L>) -> (L, Parameters) {
    let builder = Builder::new(&Nothing, 0);
    let layer = load(&builder).expect("everything can be drawn");
    (layer, builder.finish().0)
}

fn linear(inputs: usize, outputs: usize, at: &Builder<'_>) -> Result<Linear> {
    Linear::load(inputs, outputs, 0.02, at)
}

fn hidden_states(tokens: usize) -> Var {
    let states = Tensor::randn(0f32, 1.0, (tokens, HIDDEN), &Device::Cpu);
    Var::from_tensor(&states.expect("random")).expect("a variable")
}

/// Times the forward and the backward pass of `forward` over a batch of each shape.
fn both_ways(
    bencher: Bencher<'_, '_>,
    (rows, tokens): (usize, usize),
    forward: impl Fn(&Tensor, &Arc<[usize]>, &Pass) -> candle_core::Result<Tensor> + Sync,
) {
    let x = hidden_states(rows * tokens);
    let offsets: Arc<[usize]> = (0..=rows).map(|row| row * tokens).collect();
    bencher
        .counter(divan::counter::ItemsCount::new(rows * tokens))
        .bench(|| {
            let pass = Pass::training(0, 0);
            let y = forward(x.as_tensor(), &offsets, &pass)?;
            y.sum_all()?.backward().map(drop)
        });
}

#[divan::bench(args = SHAPES)]
fn linear_layer(bencher: Bencher<'_, '_>, shape: (usize, usize)) {
    let (layer, _parameters) = build(|at| linear(HIDDEN, HIDDEN, at));
    both_ways(bencher, shape, |x, _, pass| layer.forward(x, pass));
}

#[divan::bench(args = SHAPES)]
fn residual_and_norm(bencher: Bencher<'_, '_>, shape: (usize, usize)) {
    let (norm, _parameters) = build(|at| Norm::layer(HIDDEN, 1e-12, at));
    both_ways(bencher, shape, |x, _, pass| norm.add(x, x, DROPOUT, pass));
}

#[divan::bench(args = SHAPES)]
fn self_attention(bencher: Bencher<'_, '_>, shape: (usize, usize)) {
    let (layer, _parameters) = build(|at| {
        Ok(Arc::new(SelfAttention {
            query: linear(HIDDEN, HIDDEN, &at.at("query"))?,
            key: linear(HIDDEN, HIDDEN, &at.at("key"))?,
            value: linear(HIDDEN, HIDDEN, &at.at("value"))?,
            output: linear(HIDDEN, HIDDEN, &at.at("output"))?,
            heads: 12,
            attention_dropout: DROPOUT,
            dropout: DROPOUT,
            norm: Norm::layer(HIDDEN, 1e-12, &at.at("norm"))?,
        }))
    });
    both_ways(bencher, shape, |x, offsets, pass| {
        layer.forward(x, offsets, Rows::All, pass)
    });
}

#[divan::bench(args = SHAPES)]
fn feed_forward(bencher: Bencher<'_, '_>, shape: (usize, usize)) {
    let (layer, _parameters) = build(|at| {
        Ok(Arc::new(FeedForward {
            up: linear(HIDDEN, WIDE, &at.at("up"))?,
            activation: Activation::Gelu,
            down: linear(WIDE, HIDDEN, &at.at("down"))?,
            dropout: DROPOUT,
            norm: Norm::layer(HIDDEN, 1e-12, &at.at("norm"))?,
        }))
    });
    both_ways(bencher, shape, |x, _, pass| layer.forward(x, pass));
}

fn embeddings() -> (Arc<Embeddings>, Parameters) {
    build(|at| {
        let table = |name, count| Embedding::load(count, HIDDEN, 0.02, &at.at(name));
        Ok(Arc::new(Embeddings {
            tables: vec![
                table("word", 30_522)?,
                table("position", 512)?,
                table("type", 2)?,
            ],
            norm: Norm::layer(HIDDEN, 1e-12, &at.at("norm"))?,
            dropout: DROPOUT,
        }))
    })
}

fn ids((rows, tokens): (usize, usize)) -> Vec<Vec<u32>> {
    let all = 0..(rows * tokens) as u32;
    vec![
        all.clone().map(|i| (i * 7919) % 30_522).collect(),
        all.clone().map(|i| i % tokens as u32).collect(),
        all.map(|_| 0).collect(),
    ]
}

#[divan::bench(args = SHAPES)]
fn embedding_sum(bencher: Bencher<'_, '_>, shape: (usize, usize)) {
    let (layer, _parameters) = embeddings();
    let ids = ids(shape);
    bencher.bench(|| {
        let y = layer.forward(ids.clone(), &Pass::training(0, 0))?;
        y.sum_all()?.backward().map(drop)
    });
}

#[divan::bench]
fn softmax_cross_entropy(bencher: Bencher<'_, '_>) {
    let logits = Tensor::randn(0f32, 1.0, (16, 150), &Device::Cpu).expect("random");
    let logits = Var::from_tensor(&logits).expect("a variable");
    let gold: Vec<usize> = (0..16).collect();
    bencher.bench(|| {
        let targets = Targets {
            gold: &gold,
            labels: 150,
            class_weights: None,
            smoothing: 0.0,
        };
        cross_entropy(&logits, &targets)?.backward().map(drop)
    });
}

/// A step of the optimiser over the token tables, of which a batch uses 384 rows: what is timed is
/// the pass that leaves the gradients and the step that follows them.
#[divan::bench]
fn adamw_on_tables(bencher: Bencher<'_, '_>) {
    let (layer, parameters) = embeddings();
    let settings = AdamWSettings {
        beta1: 0.9,
        beta2: 0.999,
        epsilon: 1e-8,
        weight_decay: 0.01,
        max_grad_norm: 1.0,
    };
    let mut optimizer = AdamW::new(settings, &parameters);
    let ids = ids((16, 24));
    bencher.bench_local(|| {
        let y = layer.forward(ids.clone(), &Pass::training(0, 0))?;
        y.sum_all()?.backward()?;
        optimizer.step(&parameters, 1e-5)
    });
}
