//! A number per text or pair of texts, or several: similarity, grades.

use candle_core::Tensor;

use super::evaluation::{Detail, TargetReport};
use super::item::{Item, ItemTarget};
use super::prediction::Answer;
use super::task::{Baseline, Objective, Output, Read, Rules, Scorer, Task};
use super::whole::{encode_whole, flat_targets, target_of};
use crate::data::{Example, Target};
use crate::error::{Error, Result};
use crate::metrics::{Scores, mean_scores, names, regression_scores};
use crate::models::HeadKind;
use crate::nn::squared_error;
use crate::text::Tokenizer;

/// What a number is called that is the only one.
pub const SCORE: &str = "score";

/// The names of the numbers of these columns: a single one needs none of its own.
pub fn names_of(columns: Vec<String>) -> Vec<String> {
    match columns.len() {
        0 | 1 => vec![SCORE.to_owned()],
        _ => columns,
    }
}

/// Mean squared error, over examples and targets.
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

    /// The numbers of an example, one for each target.
    fn targets(&self, scores: &[f64], example: &Example) -> Result<ItemTarget> {
        if scores.len() != self.labels.len() {
            return Err(Error::new(format!(
                "row {} has {} numbers; the model tells {}: {}",
                example.row,
                scores.len(),
                self.labels.len(),
                self.labels.join(", ")
            ))
            .remedy("Name a column for each, in this order, with --label-column and commas."));
        }
        Ok(ItemTarget::Values(
            scores.iter().map(|&score| score as f32).collect(),
        ))
    }

    /// The scores of each target over pairs of right and given numbers.
    fn per_target<'a>(&self, pairs: &[(&'a [f64], &'a [f64])]) -> Vec<Scores> {
        let scores = |target: usize| {
            let of = |numbers: &[f64]| numbers.get(target).copied();
            let pairs = pairs
                .iter()
                .filter_map(|(gold, given)| of(gold).zip(of(given)));
            let (gold, given): (Vec<f64>, Vec<f64>) = pairs.unzip();
            regression_scores(&gold, &given)
        };
        (0..self.labels.len()).map(scores).collect()
    }
}

/// The right and the given numbers of an example whose numbers are known.
fn pair<'a>((example, output): (&'a Example, &'a Output)) -> Option<(&'a [f64], &'a [f64])> {
    match (&example.target, output) {
        (Target::Scores(gold), Output::Values(given)) => Some((gold, given)),
        _ => None,
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
            target_of(example, |target| match target {
                Target::Scores(scores) => Some(self.targets(scores, example)),
                _ => None,
            })
        })
    }

    fn loss(&self, logits: &Tensor, items: &[&Item], _: &Objective) -> candle_core::Result<Tensor> {
        squared_error(logits, &flat_targets(items))
    }

    /// The mean goes over examples and targets, as in transformers.
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
        let pairs: Vec<_> = examples.iter().zip(outputs).map(pair).collect();
        Box::new(move |numbers| {
            let known: Vec<_> = numbers.filter_map(|number| *pairs.get(number)?).collect();
            mean_scores(&self.per_target(&known))
        })
    }

    fn main_scores(&self) -> &'static [&'static str] {
        &[names::SPEARMAN, names::PEARSON]
    }

    /// Always the mean of each target.
    fn baseline(&self, train: &[Example]) -> Baseline {
        let mut means = vec![0.0; self.labels.len()];
        for example in train {
            if let Target::Scores(scores) = &example.target {
                means
                    .iter_mut()
                    .zip(scores)
                    .for_each(|(sum, score)| *sum += score);
            }
        }
        let rows = train.len().max(1) as f64;
        means.iter_mut().for_each(|sum| *sum /= rows);
        Box::new(move |_| Output::Values(means.clone()))
    }

    fn balanced_weights(&self, _: &[Example]) -> Option<Vec<f32>> {
        None
    }

    /// The scores of each target, where the task's own are but their mean.
    fn detail(&self, examples: &[Example], outputs: &[Output]) -> Detail {
        let known: Vec<_> = examples.iter().zip(outputs).filter_map(pair).collect();
        let scores = self.per_target(&known);
        let report = |(target, scores): (&String, Scores)| TargetReport {
            target: target.clone(),
            scores,
        };
        match self.labels.len() {
            0 | 1 => Detail::default(),
            _ => Detail {
                per_target: self.labels.iter().zip(scores).map(report).collect(),
                ..Detail::default()
            },
        }
    }

    fn answer(&self, _: &Example, output: &Output) -> Answer {
        Answer::Values {
            values: match output {
                Output::Values(values) => self.labels.iter().zip(values.iter().copied()).collect(),
                _ => Scores::default(),
            },
        }
    }

    fn rules(&self) -> Rules {
        self.rules.clone()
    }
}
