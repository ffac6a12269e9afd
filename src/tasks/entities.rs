//! Named entities: a tag for the first token of each word.

use std::collections::HashMap;
use std::ops::Range;

use candle_core::Tensor;

use super::evaluation::{Detail, LabelReport};
use super::item::{Item, ItemTarget, Places};
use super::prediction::{Answer, Entity};
use super::probability::{first_of_largest, softmax};
use super::task::{Baseline, Objective, Output, Read, Rules, Scorer, Task};
use super::whole::{label_id, target_of};
use super::words::words_of;
use crate::data::tags::{TagScheme, entities, strict_entities};
use crate::data::{Example, Target};
use crate::error::Result;
use crate::metrics::{EntityCounts, names};
use crate::models::HeadKind;
use crate::nn::{Targets, cross_entropy};
use crate::text::{Tokenizer, Window};

/// Cross-entropy over the tags of the words; long sentences in windows.
#[derive(Debug)]
pub struct Entities {
    /// The tags.
    labels: Vec<String>,
    rules: Rules,
}

impl Entities {
    /// The task of giving each word one of the tags `labels`.
    pub fn new(labels: Vec<String>, rules: Rules) -> Self {
        Self { labels, rules }
    }

    /// What a word that the model cannot see gets.
    fn outside(&self) -> usize {
        let outside = self.labels.iter().position(|label| label == "O");
        outside.unwrap_or(0)
    }

    fn tags<'a>(&'a self, output: &'a Output) -> Vec<&'a str> {
        let tags: &[(usize, f32)] = match output {
            Output::Tags(tags) => tags,
            _ => &[],
        };
        tags.iter()
            .map(|&(tag, _)| self.labels[tag].as_str())
            .collect()
    }

    /// The entities of all sentences, right and given.
    fn counts(&self, examples: &[Example], outputs: &[Output]) -> EntityCounts {
        let mut counts = EntityCounts::default();
        for (example, output) in examples.iter().zip(outputs) {
            let gold: Vec<&str> = example.labels().collect();
            counts.add(&entities(&gold), &entities(&self.tags(output)));
        }
        counts
    }
}

/// Where the words of an example stand in its text.
fn words(example: &Example) -> Vec<Range<usize>> {
    match &example.target {
        Target::Tags(words) => words.iter().map(|word| word.place.clone()).collect(),
        _ => words_of(&example.text),
    }
}

/// For each window the first tokens of the words that it has. A word that two windows hold belongs
/// to the one where more stands around it.
fn first_tokens(windows: &[Window<u32>]) -> Vec<Vec<(u32, u32)>> {
    let mut best: HashMap<u32, (usize, usize, usize)> = HashMap::new();
    for (number, window) in windows.iter().enumerate() {
        let length = window.places.len();
        let mut before = None;
        for (token, &place) in window.places.iter().enumerate() {
            if let Some(word) = place.filter(|_| place != before) {
                let around = token.min(length - 1 - token);
                let known = best.entry(word).or_insert((number, token, around));
                if around > known.2 {
                    *known = (number, token, around);
                }
            }
            before = place;
        }
    }
    let mut words = vec![Vec::new(); windows.len()];
    for (word, (window, token, _)) in best {
        words[window].push((token as u32, word));
    }
    words.iter_mut().for_each(|words| words.sort_unstable());
    words
}

impl Task for Entities {
    fn head(&self) -> HeadKind {
        HeadKind::Tokens {
            outputs: self.labels.len(),
        }
    }

    fn labels(&self) -> &[String] {
        &self.labels
    }

    fn problem_type(&self) -> Option<&'static str> {
        None
    }

    fn encode(&self, tokenizer: &Tokenizer, examples: &[Example]) -> Result<Vec<Item>> {
        let sentences: Vec<Vec<&str>> = examples
            .iter()
            .map(|example| {
                let words = words(example).into_iter();
                words.map(|word| &example.text[word]).collect()
            })
            .collect();
        let mut items = Vec::with_capacity(examples.len());
        let windows = tokenizer.word_windows(&sentences)?;
        for (row, (example, windows)) in examples.iter().zip(windows).enumerate() {
            let tags = target_of(example, |target| match target {
                Target::Tags(words) => {
                    let id =
                        |word: &crate::data::TaggedWord| label_id(&self.labels, &word.tag, example);
                    Some(words.iter().map(id).collect::<Result<Vec<usize>>>())
                }
                _ => None,
            })?;
            let firsts = first_tokens(&windows);
            for (window, words) in windows.into_iter().zip(firsts) {
                let of_words = |tags: &Vec<usize>| {
                    let own = words.iter().map(|&(_, word)| tags[word as usize]);
                    ItemTarget::Tags(own.collect())
                };
                items.push(Item {
                    row,
                    encoding: window.encoding,
                    target: tags.as_ref().map(of_words),
                    places: Places::Words(words),
                    features: None,
                });
            }
        }
        Ok(items)
    }

    fn loss(
        &self,
        logits: &Tensor,
        items: &[&Item],
        objective: &Objective,
    ) -> candle_core::Result<Tensor> {
        let mut firsts = Vec::new();
        let mut begin = 0;
        for item in items {
            firsts.extend(item.words().iter().map(|&(token, _)| begin + token));
            begin += item.len() as u32;
        }
        let targets = Targets {
            gold: &tags_of(items),
            labels: self.labels.len(),
            class_weights: objective.class_weights.as_deref(),
            smoothing: objective.label_smoothing,
        };
        let firsts = Tensor::new(firsts, logits.device())?;
        cross_entropy(&logits.index_select(&firsts, 0)?, &targets)
    }

    /// The mean goes over words.
    fn weight(&self, items: &[&Item], objective: &Objective) -> f64 {
        let tags = tags_of(items);
        match &objective.class_weights {
            Some(weights) => tags.iter().map(|&tag| f64::from(weights[tag])).sum(),
            None => tags.len() as f64,
        }
    }

    fn read(&self, example: &Example, items: &[Read<'_>]) -> Output {
        let mut tags = vec![(self.outside(), 1.0); words(example).len()];
        let count = self.labels.len();
        for read in items {
            for &(token, word) in read.item.words() {
                let probabilities = softmax(&read.logits[token as usize * count..][..count]);
                let tag = first_of_largest(&probabilities);
                if let Some(own) = tags.get_mut(word as usize) {
                    *own = (tag, probabilities[tag]);
                }
            }
        }
        Output::Tags(tags)
    }

    fn scorer<'a>(&'a self, examples: &'a [Example], outputs: &'a [Output]) -> Scorer<'a> {
        let golds: Vec<Vec<&str>> = examples.iter().map(|row| row.labels().collect()).collect();
        let scheme = TagScheme::detect(&golds);
        let sentences: Vec<Sentence<'a>> = golds
            .into_iter()
            .zip(outputs)
            .map(|(gold, output)| Sentence::of(&gold, &self.tags(output), scheme))
            .collect();
        Box::new(move |numbers| {
            let (mut counts, mut strict) = (EntityCounts::default(), EntityCounts::default());
            for number in numbers {
                let sentence = &sentences[number];
                counts.add(&sentence.gold, &sentence.given);
                counts.add_words(sentence.right, sentence.words);
                strict.add(&sentence.strict_gold, &sentence.strict_given);
            }
            let mut scores = counts.scores();
            if scheme.is_some() && !scores.is_empty() {
                scores.set(names::F1_STRICT, strict.micro().f1);
            }
            scores
        })
    }

    fn main_scores(&self) -> &'static [&'static str] {
        &[names::F1, names::PRECISION, names::RECALL]
    }

    /// Each word has the tag that it has most often in training, and none that is not there.
    fn baseline(&self, train: &[Example]) -> Baseline {
        let mut counts: HashMap<String, Vec<usize>> = HashMap::new();
        for example in train {
            let words = words(example).into_iter().map(|word| &example.text[word]);
            for (word, tag) in words.zip(example.labels()) {
                if let Some(tag) = self.labels.iter().position(|label| label == tag) {
                    let counts = counts.entry(word.to_owned()).or_default();
                    counts.resize(self.labels.len(), 0);
                    counts[tag] += 1;
                }
            }
        }
        let commonest = |counts: Vec<usize>| {
            let counts: Vec<f32> = counts.into_iter().map(|count| count as f32).collect();
            first_of_largest(&counts)
        };
        let known: HashMap<String, usize> = counts
            .into_iter()
            .map(|(word, counts)| (word, commonest(counts)))
            .collect();
        let outside = self.outside();
        Box::new(move |example| {
            let words = words(example).into_iter().map(|word| &example.text[word]);
            let tag = |word: &str| (known.get(word).copied().unwrap_or(outside), 1.0);
            Output::Tags(words.map(tag).collect())
        })
    }

    /// words / (tags · words with the tag).
    fn balanced_weights(&self, train: &[Example]) -> Option<Vec<f32>> {
        let mut counts = vec![0usize; self.labels.len()];
        for tag in train.iter().flat_map(Example::labels) {
            if let Some(tag) = self.labels.iter().position(|label| label == tag) {
                counts[tag] += 1;
            }
        }
        let words: usize = counts.iter().sum();
        let weight = |&count: &usize| words as f32 / (counts.len() * count.max(1)) as f32;
        Some(counts.iter().map(weight).collect())
    }

    fn detail(&self, examples: &[Example], outputs: &[Output]) -> Detail {
        let counts = self.counts(examples, outputs);
        let types = counts.per_type().into_iter();
        let per_label: Vec<LabelReport> = types
            .map(|(kind, scores)| LabelReport::new(&kind, scores))
            .collect();
        Detail {
            labels: per_label
                .iter()
                .map(|report| report.label.clone())
                .collect(),
            per_label,
            entity_errors: Some(counts.errors()),
            ..Detail::default()
        }
    }

    fn answer(&self, example: &Example, output: &Output) -> Answer {
        let (places, tags) = (words(example), self.tags(output));
        let sure = match output {
            Output::Tags(tags) => tags.as_slice(),
            _ => &[],
        };
        let found = entities(&tags).into_iter().map(|(kind, words)| {
            let place = places[words.start].start..places[words.end - 1].end;
            let start = example.text[..place.start].chars().count();
            let text = &example.text[place];
            let sum: f32 = sure[words.clone()].iter().map(|&(_, p)| p).sum();
            Entity {
                kind: kind.to_owned(),
                text: text.to_owned(),
                start,
                end: start + text.chars().count(),
                score: f64::from(sum) / words.len() as f64,
            }
        });
        let entities = found.collect();
        let words = places.into_iter().map(|word| example.text[word].to_owned());
        Answer::Entities {
            entities,
            words: words.zip(tags.into_iter().map(str::to_owned)).collect(),
        }
    }

    fn rules(&self) -> Rules {
        self.rules.clone()
    }
}

fn tags_of(items: &[&Item]) -> Vec<usize> {
    let tags = items.iter().flat_map(|item| match &item.target {
        Some(ItemTarget::Tags(tags)) => tags.as_slice(),
        _ => &[],
    });
    tags.copied().collect()
}

/// The entities of one sentence, right and given, read leniently and strictly.
struct Sentence<'a> {
    gold: Vec<(&'a str, Range<usize>)>,
    given: Vec<(&'a str, Range<usize>)>,
    strict_gold: Vec<(&'a str, Range<usize>)>,
    strict_given: Vec<(&'a str, Range<usize>)>,
    words: usize,
    right: usize,
}

impl<'a> Sentence<'a> {
    fn of(gold: &[&'a str], given: &[&'a str], scheme: Option<TagScheme>) -> Self {
        let strict =
            |tags: &[&'a str]| scheme.map_or_else(Vec::new, |scheme| strict_entities(scheme, tags));
        Self {
            words: gold.len(),
            right: gold.iter().zip(given).filter(|(a, b)| a == b).count(),
            strict_gold: strict(gold),
            strict_given: strict(given),
            gold: entities(gold),
            given: entities(given),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Encoding;

    #[test]
    fn a_word_belongs_to_the_window_with_more_around_it() {
        let window = |places: &[Option<u32>]| Window {
            encoding: Encoding::of(vec![0; places.len()]),
            places: places.to_vec(),
        };
        // [CLS] w0 w1 w1 w2 w3 [SEP], [CLS] w2 w3 w4 [SEP]: w2 has more around it in the first
        // window, w3 stands one token from the end there and two from the start here.
        let first = [None, Some(0), Some(1), Some(1), Some(2), Some(3), None];
        let second = [None, Some(2), Some(3), Some(4), None];
        let words = first_tokens(&[window(&first), window(&second)]);
        assert_eq!(words[0], [(1, 0), (2, 1), (4, 2)]);
        assert_eq!(words[1], [(2, 3), (3, 4)]);
    }
}
