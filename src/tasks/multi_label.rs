//! Any number of labels per text: binary cross-entropy of each, and a threshold of its own for each
//! that is chosen on the validation rows.

use candle_core::Tensor;

use super::evaluation::{Detail, LabelReport};
use super::item::{Item, ItemTarget};
use super::prediction::Answer;
use super::task::{Baseline, Objective, Output, Read, Rules, Scorer, Task};
use super::whole::{encode_whole, flat_targets, label_id, label_scores, target_of};
use crate::data::{Example, Target};
use crate::error::Result;
use crate::metrics::{LabelCounts, best_thresholds, names};
use crate::models::HeadKind;
use crate::nn::binary_cross_entropy;
use crate::text::Tokenizer;

/// Binary cross-entropy of each label.
#[derive(Debug)]
pub struct MultiLabel {
    labels: Vec<String>,
    rules: Rules,
}

impl MultiLabel {
    /// The task of giving each text those of `labels` that it has.
    pub fn new(labels: Vec<String>, rules: Rules) -> Self {
        Self { labels, rules }
    }

    fn threshold(&self, label: usize) -> f32 {
        self.rules.thresholds.get(label).copied().unwrap_or(0.5)
    }

    fn given(&self, output: &Output) -> Vec<bool> {
        let probabilities = probabilities(output).iter().enumerate();
        probabilities
            .map(|(label, &p)| p >= self.threshold(label))
            .collect()
    }

    fn gold(&self, example: &Example) -> Vec<bool> {
        let own: Vec<&str> = example.labels().collect();
        let has = |label: &String| own.contains(&label.as_str());
        self.labels.iter().map(has).collect()
    }

    fn pairs(&self, examples: &[Example], outputs: &[Output]) -> Vec<(Vec<bool>, Vec<bool>)> {
        let pairs = examples.iter().zip(outputs);
        pairs
            .map(|(example, output)| (self.gold(example), self.given(output)))
            .collect()
    }

    fn no_counts(&self) -> LabelCounts {
        LabelCounts::new(self.labels.len())
    }

    /// How many of the rows have each label.
    fn counts(&self, rows: &[Example]) -> Vec<usize> {
        let mut counts = vec![0; self.labels.len()];
        for row in rows {
            for (count, has) in counts.iter_mut().zip(self.gold(row)) {
                *count += usize::from(has);
            }
        }
        counts
    }
}

impl Task for MultiLabel {
    fn head(&self) -> HeadKind {
        HeadKind::Sequence {
            outputs: self.labels.len(),
        }
    }

    fn labels(&self) -> &[String] {
        &self.labels
    }

    fn problem_type(&self) -> Option<&'static str> {
        Some("multi_label_classification")
    }

    fn encode(&self, tokenizer: &Tokenizer, examples: &[Example]) -> Result<Vec<Item>> {
        encode_whole(tokenizer, examples, &self.rules, |example| {
            let target = target_of(example, |target| match target {
                Target::Labels(labels) => Some(self.targets(labels, example)),
                Target::Label(label) => Some(self.targets(std::slice::from_ref(label), example)),
                _ => None,
            });
            Ok(target?.map(ItemTarget::Labels))
        })
    }

    fn loss(
        &self,
        logits: &Tensor,
        items: &[&Item],
        objective: &Objective,
    ) -> candle_core::Result<Tensor> {
        let weights = objective.class_weights.as_deref();
        binary_cross_entropy(logits, &flat_targets(items), weights)
    }

    /// The mean goes over examples and labels, as in transformers.
    fn weight(&self, items: &[&Item], _: &Objective) -> f64 {
        (items.len() * self.labels.len()) as f64
    }

    /// The mean over its windows of the probability of each label.
    fn read(&self, _: &Example, items: &[Read<'_>]) -> Output {
        let mut mean = vec![0.0; self.labels.len()];
        for read in items {
            for (mean, x) in mean.iter_mut().zip(read.logits) {
                *mean += 1.0 / (1.0 + (-x).exp()) / items.len() as f32;
            }
        }
        Output::Probabilities(mean)
    }

    /// Chooses the labels' thresholds by the score that chooses the best checkpoint, micro F1.
    fn tune(&mut self, examples: &[Example], outputs: &[Output]) {
        let gold: Vec<Vec<bool>> = examples.iter().map(|example| self.gold(example)).collect();
        let probabilities: Vec<&[f32]> = outputs.iter().map(probabilities).collect();
        self.rules.thresholds = best_thresholds(&probabilities, &gold);
    }

    fn scorer<'a>(&'a self, examples: &'a [Example], outputs: &'a [Output]) -> Scorer<'a> {
        let pairs = self.pairs(examples, outputs);
        let at_half = |output: &Output| probabilities(output).iter().map(|&p| p >= 0.5).collect();
        let at_half: Vec<Vec<bool>> = outputs.iter().map(at_half).collect();
        Box::new(move |numbers| {
            let (mut counts, mut plain) = (self.no_counts(), self.no_counts());
            for number in numbers {
                let (gold, given) = &pairs[number];
                counts.add(gold, given);
                plain.add(gold, &at_half[number]);
            }
            let mut scores = counts.scores();
            if !self.rules.thresholds.is_empty() && !scores.is_empty() {
                scores.set(names::F1_MICRO_AT_HALF, plain.micro().f1);
            }
            scores
        })
    }

    fn main_scores(&self) -> &'static [&'static str] {
        &[names::F1_MICRO, names::F1_MACRO]
    }

    /// Always the labels that more than half of the rows have, or else the commonest.
    fn baseline(&self, train: &[Example]) -> Baseline {
        let counts = self.counts(train);
        let most = counts.iter().copied().max().unwrap_or(0);
        let always = |&count: &usize| 2 * count > train.len() || (count == most && count > 0);
        let always: Vec<f32> = counts
            .iter()
            .map(|c| f32::from(u8::from(always(c))))
            .collect();
        Box::new(move |_| Output::Probabilities(always.clone()))
    }

    /// Weights of the labels that are there: rows without / rows with, PyTorch's advice for
    /// `pos_weight`.
    fn balanced_weights(&self, train: &[Example]) -> Option<Vec<f32>> {
        let weight = |count: usize| (train.len() - count) as f32 / count.max(1) as f32;
        Some(self.counts(train).into_iter().map(weight).collect())
    }

    fn detail(&self, examples: &[Example], outputs: &[Output]) -> Detail {
        let mut counts = self.no_counts();
        for (gold, given) in self.pairs(examples, outputs) {
            counts.add(&gold, &given);
        }
        let labels = self.labels.iter().zip(counts.per_label()).enumerate();
        let report = |(label, (name, scores)): (usize, (&String, _))| LabelReport {
            threshold: Some(f64::from(self.threshold(label))),
            ..LabelReport::new(name, scores)
        };
        Detail {
            labels: self.labels.clone(),
            per_label: labels.map(report).collect(),
            ..Detail::default()
        }
    }

    fn answer(&self, _: &Example, output: &Output) -> Answer {
        let labels = self.labels.iter().zip(self.given(output));
        Answer::Labels {
            labels: labels
                .filter(|&(_, given)| given)
                .map(|(label, _)| label.clone())
                .collect(),
            scores: label_scores(&self.labels, output),
        }
    }

    fn rules(&self) -> Rules {
        self.rules.clone()
    }
}

impl MultiLabel {
    fn targets(&self, labels: &[String], example: &Example) -> Result<Vec<f32>> {
        let mut targets = vec![0.0; self.labels.len()];
        for label in labels {
            targets[label_id(&self.labels, label, example)?] = 1.0;
        }
        Ok(targets)
    }
}

fn probabilities(output: &Output) -> &[f32] {
    match output {
        Output::Probabilities(probabilities) => probabilities,
        _ => &[],
    }
}
