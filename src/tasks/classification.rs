//! One label per text or pair of texts: sentiment, topic, intent, entailment.

use candle_core::Tensor;

use super::evaluation::{Detail, LabelReport};
use super::item::{Item, ItemTarget};
use super::prediction::Answer;
use super::probability::{first_of_largest, softmax};
use super::task::{Baseline, Objective, Output, Read, Rules, Scorer, Task};
use super::whole::{encode_whole, label_id, label_scores, target_of};
use crate::data::{Example, Target};
use crate::error::Result;
use crate::metrics::{Confusion, names};
use crate::models::HeadKind;
use crate::nn::{Targets, cross_entropy};
use crate::text::Tokenizer;

/// Cross-entropy over the labels.
#[derive(Debug)]
pub struct Classification {
    labels: Vec<String>,
    rules: Rules,
}

impl Classification {
    /// The task of telling `labels` apart.
    pub fn new(labels: Vec<String>, rules: Rules) -> Self {
        Self { labels, rules }
    }

    fn gold(&self, example: &Example) -> Option<usize> {
        let label = example.label();
        self.labels.iter().position(|known| known == label)
    }

    /// The right and the given label's number of each example whose label is known.
    fn pairs(&self, examples: &[Example], outputs: &[Output]) -> Vec<(usize, usize)> {
        let pairs = examples.iter().zip(outputs);
        pairs
            .filter_map(|(example, output)| Some((self.gold(example)?, most_probable(output))))
            .collect()
    }

    fn confusion(&self, pairs: impl Iterator<Item = (usize, usize)>) -> Confusion {
        let mut confusion = Confusion::new(self.labels.len());
        pairs.for_each(|(gold, given)| confusion.add(gold, given));
        confusion
    }
}

impl Task for Classification {
    fn head(&self) -> HeadKind {
        HeadKind::Sequence {
            outputs: self.labels.len(),
        }
    }

    fn labels(&self) -> &[String] {
        &self.labels
    }

    fn problem_type(&self) -> Option<&'static str> {
        Some("single_label_classification")
    }

    fn encode(&self, tokenizer: &Tokenizer, examples: &[Example]) -> Result<Vec<Item>> {
        encode_whole(tokenizer, examples, &self.rules, |example| {
            target_of(example, |target| match target {
                Target::Label(label) => Some(label_id(&self.labels, label, example)),
                _ => None,
            })
            .map(|label| label.map(ItemTarget::Label))
        })
    }

    fn loss(
        &self,
        logits: &Tensor,
        items: &[&Item],
        objective: &Objective,
    ) -> candle_core::Result<Tensor> {
        let targets = Targets {
            gold: &labels_of(items),
            labels: self.labels.len(),
            class_weights: objective.class_weights.as_deref(),
            smoothing: objective.label_smoothing,
        };
        cross_entropy(logits, &targets)
    }

    fn weight(&self, items: &[&Item], objective: &Objective) -> f64 {
        match &objective.class_weights {
            Some(weights) => {
                let labels = labels_of(items);
                labels.iter().map(|&label| f64::from(weights[label])).sum()
            }
            None => items.len() as f64,
        }
    }

    /// The mean over its windows of the probabilities of each label.
    fn read(&self, _: &Example, items: &[Read<'_>]) -> Output {
        let mut mean = vec![0.0; self.labels.len()];
        for read in items {
            let probabilities = softmax(read.logits);
            for (mean, p) in mean.iter_mut().zip(probabilities) {
                *mean += p / items.len() as f32;
            }
        }
        Output::Probabilities(mean)
    }

    fn scorer<'a>(&'a self, examples: &'a [Example], outputs: &'a [Output]) -> Scorer<'a> {
        let pairs = self.pairs(examples, outputs);
        Box::new(move |numbers| self.confusion(numbers.map(|number| pairs[number])).scores())
    }

    fn main_scores(&self) -> &'static [&'static str] {
        &[names::F1_MACRO, names::ACCURACY]
    }

    /// Always the commonest label.
    fn baseline(&self, train: &[Example]) -> Baseline {
        let mut counts = vec![0.0; self.labels.len()];
        for label in train.iter().filter_map(|example| self.gold(example)) {
            counts[label] += 1.0 / train.len() as f32;
        }
        Box::new(move |_| Output::Probabilities(counts.clone()))
    }

    /// As scikit-learn's `balanced`: rows / (labels · rows with the label).
    fn balanced_weights(&self, train: &[Example]) -> Option<Vec<f32>> {
        let mut counts = vec![0usize; self.labels.len()];
        let golds = train.iter().filter_map(|example| self.gold(example));
        golds.for_each(|label| counts[label] += 1);
        let weight = |&count: &usize| train.len() as f32 / (counts.len() * count.max(1)) as f32;
        Some(counts.iter().map(weight).collect())
    }

    fn detail(&self, examples: &[Example], outputs: &[Output]) -> Detail {
        let confusion = self.confusion(self.pairs(examples, outputs).into_iter());
        let labels = self.labels.iter().zip(confusion.per_label());
        let count = self.labels.len();
        let row = |gold| {
            (0..count)
                .map(|given| confusion.count(gold, given))
                .collect()
        };
        Detail {
            labels: self.labels.clone(),
            confusion: (0..count).map(row).collect(),
            per_label: labels
                .map(|(label, scores)| LabelReport::new(label, scores))
                .collect(),
            ..Detail::default()
        }
    }

    fn answer(&self, _: &Example, output: &Output) -> Answer {
        Answer::Label {
            label: self.labels[most_probable(output)].clone(),
            scores: label_scores(&self.labels, output),
        }
    }

    fn rules(&self) -> Rules {
        self.rules.clone()
    }
}

fn labels_of(items: &[&Item]) -> Vec<usize> {
    let label = |item: &&Item| match item.target {
        Some(ItemTarget::Label(label)) => Some(label),
        _ => None,
    };
    items.iter().filter_map(label).collect()
}

/// The first of the largest.
fn most_probable(output: &Output) -> usize {
    match output {
        Output::Probabilities(row) => first_of_largest(row),
        _ => 0,
    }
}
