//! What tests that hold the engine against transformers and PyTorch share.

mod files;

use candle_core::Tensor;
use luthier::models::{HeadKind, Model};
use luthier::nn::{Pass, Targets, collect_gradients, cross_entropy};
use luthier::run::hyperparameters::Hyperparameters;
use luthier::text::{Encoding, PackedBatch};
use luthier::train::Schedule;
use luthier::train::optimizer::{AdamW, AdamWSettings};
use serde::Deserialize;

pub use files::{expected, fixture};

pub fn sequence(outputs: usize) -> HeadKind {
    HeadKind::Sequence { outputs }
}

pub fn assert_close(ours: &Tensor, row: usize, theirs: &[f64], tolerance: f64) {
    let ours: Vec<f32> = ours.get(row).unwrap().to_vec1().unwrap();
    for (i, (ours, theirs)) in ours.iter().zip(theirs).enumerate() {
        assert!(
            (f64::from(*ours) - theirs).abs() < tolerance,
            "[{row}][{i}] {ours} {theirs}"
        );
    }
}

#[derive(Deserialize)]
pub struct TrainingRun {
    pub steps: Vec<TrainingStep>,
}

#[derive(Deserialize)]
pub struct TrainingStep {
    pub loss: f64,
    pub grad_norm: f64,
    pub lr: f64,
    pub labels: Vec<usize>,
    pub input_ids: Vec<Vec<u32>>,
}

/// Twenty steps with dropout off, held against losses, gradient norms and learning rates.
pub fn train_like_pytorch(
    model: &Model,
    steps: &[TrainingStep],
    hyperparameters: &Hyperparameters,
) {
    let schedule = Schedule::new(hyperparameters, steps.len());
    let mut optimizer = AdamW::new(AdamWSettings::from(hyperparameters), model.parameters());
    for (i, step) in steps.iter().enumerate() {
        let mut loss = 0.0;
        let examples: Vec<_> = step.input_ids.iter().cloned().map(Encoding::of).collect();
        for (batch, gold) in examples.chunks(4).zip(step.labels.chunks(4)) {
            let targets = Targets {
                gold,
                labels: model.kind().outputs(),
                class_weights: None,
                smoothing: hyperparameters.label_smoothing_factor as f32,
            };
            let pass = Pass::training(0, i as u64);
            let logits = model.forward(&PackedBatch::new(batch), &pass).unwrap();
            let share = 1.0 / step.labels.len() as f64;
            let micro_loss = (cross_entropy(&logits, &targets).unwrap() * share).unwrap();
            loss += f64::from(micro_loss.to_scalar::<f32>().unwrap());
            collect_gradients(model.parameters(), micro_loss.backward().unwrap()).unwrap();
        }
        let learning_rate = hyperparameters.learning_rate * schedule.multiplier(i);
        assert!((learning_rate - step.lr).abs() < 1e-12);
        let norm = optimizer.step(model.parameters(), learning_rate).unwrap();
        for (ours, theirs) in [(loss, step.loss), (norm, step.grad_norm)] {
            assert!(
                (ours / theirs - 1.0).abs() < 1e-3,
                "step {i}: {ours} {theirs}"
            );
        }
    }
}
