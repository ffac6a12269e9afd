//! A number per text or pair of texts: similarity, grades.

use candle_core::Tensor;

use super::evaluation::Detail;
use super::item::{Item, ItemTarget};
use super::prediction::Answer;
use super::task::{Baseline, Objective, Output, Read, Rules, Scorer, Task};
use super::whole::{encode_whole, target_of};
use crate::data::{Example, Target};
use crate::error::Result;
use crate::metrics::{names, regression_scores};
use crate::models::HeadKind;
use crate::nn::squared_error;
use crate::text::Tokenizer;

/// Mean squared error.
#[derive(Debug)]
pub struct Regression {
    /// The names of the numbers.
    labels: Vec<String>,
    rules: Rules,
}

impl Regression {
    /// The task of telling the numbers called `labels`.
    pub fn new(labels: Vec<String>, rules: Rules) -> Self {
        Self { labels, rules }
    }
}

impl Task for Regression {
    fn head(&self) -> HeadKind {
        HeadKind::Sequence {
            outputs: self.labels.len(),
        }
    }

    fn labels(&self) -> &[String] {
        &self.labels
    }

    fn problem_type(&self) -> Option<&'static str> {
        Some("regression")
    }

    fn encode(&self, tokenizer: &Tokenizer, examples: &[Example]) -> Result<Vec<Item>> {
        encode_whole(tokenizer, examples, &self.rules, |example| {
            let target = target_of(example, |target| match target {
                Target::Score(score) => Some(Ok(vec![*score as f32])),
                _ => None,
            });
            Ok(target?.map(ItemTarget::Values))
        })
    }

    fn loss(&self, logits: &Tensor, items: &[&Item], _: &Objective) -> candle_core::Result<Tensor> {
        let targets: Vec<f32> = items
            .iter()
            .flat_map(|item| match &item.target {
                Some(ItemTarget::Values(values)) => values.as_slice(),
                _ => &[],
            })
            .copied()
            .collect();
        squared_error(logits, &targets)
    }

    fn weight(&self, items: &[&Item], _: &Objective) -> f64 {
        (items.len() * self.labels.len()) as f64
    }

    /// The mean over its windows.
    fn read(&self, _: &Example, items: &[Read<'_>]) -> Output {
        let mut mean = vec![0.0; self.labels.len()];
        for read in items {
            for (mean, &x) in mean.iter_mut().zip(read.logits) {
                *mean += f64::from(x) / items.len() as f64;
            }
        }
        Output::Values(mean)
    }

    fn scorer<'a>(&'a self, examples: &'a [Example], outputs: &'a [Output]) -> Scorer<'a> {
        let pairs = examples.iter().zip(outputs);
        let pairs: Vec<(f64, f64)> = pairs
            .filter_map(|(example, output)| match (&example.target, output) {
                (Target::Score(gold), Output::Values(values)) => Some((*gold, *values.first()?)),
                _ => None,
            })
            .collect();
        Box::new(move |numbers| {
            let (gold, given): (Vec<f64>, Vec<f64>) = numbers
                .filter_map(|number| pairs.get(number).copied())
                .unzip();
            regression_scores(&gold, &given)
        })
    }

    fn main_scores(&self) -> &'static [&'static str] {
        &[names::SPEARMAN, names::PEARSON]
    }

    /// Always the mean.
    fn baseline(&self, train: &[Example]) -> Baseline {
        let scores = train.iter().filter_map(|example| match example.target {
            Target::Score(score) => Some(score),
            _ => None,
        });
        let mean = scores.sum::<f64>() / train.len().max(1) as f64;
        let count = self.labels.len();
        Box::new(move |_| Output::Values(vec![mean; count]))
    }

    fn balanced_weights(&self, _: &[Example]) -> Option<Vec<f32>> {
        None
    }

    fn detail(&self, _: &[Example], _: &[Output]) -> Detail {
        Detail::default()
    }

    fn answer(&self, _: &Example, output: &Output) -> Answer {
        Answer::Values {
            values: match output {
                Output::Values(values) => values.clone(),
                _ => Vec::new(),
            },
        }
    }

    fn rules(&self) -> Rules {
        self.rules.clone()
    }
}
