//! What tells one task from another: how examples become items, what is learned from them, how the
//! model's outputs are read, and how well they answer.

use std::fmt;

use candle_core::Tensor;

use super::evaluation::Detail;
use super::item::Item;
use super::kind::TaskKind;
use super::prediction::Answer;
use crate::data::Example;
use crate::error::Result;
use crate::metrics::Scores;
use crate::models::HeadKind;
use crate::text::Tokenizer;

/// How training weighs its mistakes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Objective {
    /// Weight of each label; all 1 when `None`.
    pub class_weights: Option<Vec<f32>>,
    /// Share of the target spread evenly over all labels, in 0..1.
    pub label_smoothing: f32,
}

/// What the model's outputs say of one example.
#[derive(Clone, Debug, PartialEq)]
pub enum Output {
    /// Probability of every label.
    Probabilities(Vec<f32>),
    /// Numbers.
    Values(Vec<f64>),
    /// For each word the number of its tag and the tag's probability.
    Tags(Vec<(usize, f32)>),
    /// Stretches of the passage, best first.
    Spans(Spans),
}

/// What the model's outputs say of a question.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Spans {
    /// Bytes of the passage and the sum of the logits of start and end, best first.
    pub best: Vec<((u32, u32), f32)>,
    /// The sum of the logits that say that there is no answer.
    pub none: f32,
}

/// An item with the model's output for it: `logits` is (outputs), or (tokens, outputs) where the
/// head looks at tokens.
#[derive(Clone, Copy, Debug)]
pub struct Read<'a> {
    /// The item.
    pub item: &'a Item,
    /// The output.
    pub logits: &'a [f32],
}

/// Scores of the examples whose numbers are given, which may repeat.
pub type Scorer<'a> = Box<dyn Fn(&mut dyn Iterator<Item = usize>) -> Scores + 'a>;

/// A way to answer without having looked.
pub type Baseline = Box<dyn Fn(&Example) -> Output + Send>;

/// A task, with its labels.
pub trait Task: fmt::Debug + Send + Sync {
    /// What is put on top of the encoder.
    fn head(&self) -> HeadKind;

    /// The names of the head's outputs.
    fn labels(&self) -> &[String];

    /// What transformers calls it in `config.json`, where it has a name for it.
    fn problem_type(&self) -> Option<&'static str>;

    /// The items of the examples, in their order. Where an example's target is
    /// [`Target::Nothing`](crate::data::Target::Nothing) its items have none.
    ///
    /// # Errors
    /// An example cannot be learned from; the error names its row.
    fn encode(&self, tokenizer: &Tokenizer, examples: &[Example]) -> Result<Vec<Item>>;

    /// The sum of the items' losses, each weighted as `objective` says; all have targets. `logits`
    /// is (items, outputs), or (tokens, outputs) where the head looks at tokens.
    fn loss(
        &self,
        logits: &Tensor,
        items: &[&Item],
        objective: &Objective,
    ) -> candle_core::Result<Tensor>;

    /// What the sum of the items' losses is divided by for their mean.
    fn weight(&self, items: &[&Item], objective: &Objective) -> f64;

    /// What the outputs say of an example, from all of its items.
    fn read(&self, example: &Example, items: &[Read<'_>]) -> Output;

    /// Chooses rules for reading that are not learned, thresholds, on validation rows: at every
    /// evaluation, so that they belong to its checkpoint.
    fn tune(&mut self, _examples: &[Example], _outputs: &[Output]) {}

    /// Scores the outputs for examples whose targets are known.
    fn scorer<'a>(&'a self, examples: &'a [Example], outputs: &'a [Output]) -> Scorer<'a>;

    /// The scores that a person looks at first; the first of them chooses the best checkpoint where
    /// nothing else is said.
    fn main_scores(&self) -> &'static [&'static str];

    /// How to answer without having looked, from training rows alone.
    fn baseline(&self, train: &[Example]) -> Baseline;

    /// Weights with which all labels count alike, by how often the training rows have them; `None`
    /// where there is nothing to weigh.
    fn balanced_weights(&self, train: &[Example]) -> Option<Vec<f32>>;

    /// What the Evaluate page shows beside the scores.
    fn detail(&self, examples: &[Example], outputs: &[Output]) -> Detail;

    /// The output in words.
    fn answer(&self, example: &Example, output: &Output) -> Answer;

    /// The rules for reading, as they are kept beside the weights.
    fn rules(&self) -> Rules;
}

/// What of a task is neither in the weights nor in transformers' own keys: the object `luthier` of
/// the model's `config.json`.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(default)]
pub struct Rules {
    /// What the model was taught.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub task: Option<TaskKind>,
    /// Tokens that neighbouring windows of a long text share.
    pub doc_stride: usize,
    /// Whether a text that is too long is read in windows; it is cut otherwise.
    pub reads_windows: bool,
    /// Whether it learned texts without a second one, so that no second column of a table is read.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub single_texts: bool,
    /// The probability from which on each label is given; a half where there is none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub thresholds: Vec<f32>,
    /// By how much "no answer" must exceed the best answer to be given; `None` for a model that
    /// always answers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub no_answer_threshold: Option<f32>,
}
