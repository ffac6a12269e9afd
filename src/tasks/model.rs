//! A model with its task and its tokenizer, whatever the task is.

use std::path::Path;

use candle_core::{Device, Tensor};
use serde_json::{Map, Value, json};

use super::classification::Classification;
use super::entities::Entities;
use super::evaluation::{Evaluation, Gold, Interval, ScoredRow};
use super::item::{Item, Places};
use super::kind::TaskKind;
use super::multi_label::MultiLabel;
use super::prediction::Prediction;
use super::questions::Questions;
use super::regression::{self, Regression};
use super::task::{Baseline, Objective, Output, Read, Rules, Task};
use crate::data::{Example, Request, Target};
use crate::error::{Error, Result};
use crate::hub::{self, ModelFiles};
use crate::metrics::{Mean, Scores, bootstrap, names};
use crate::models::{Config, HeadKind, Method, Model, adapter, save_tensors};
use crate::nn::{LowRank, Parameters, Pass};
use crate::runtime::in_pool;
use crate::text::{Input, Limit, PackedBatch, Tokenizer, batches_by_tokens};

/// A model that does a task, with its tokenizer.
#[derive(Debug)]
pub struct TaskModel {
    task: Box<dyn Task>,
    model: Model,
    config: Config,
    tokenizer: Tokenizer,
    tokenizer_config: Map<String, Value>,
    notices: Vec<(String, Vec<u8>)>,
    /// The adapters in training, and the name of the model below them.
    adapter: Option<(LowRank, String)>,
}

/// How a model is made ready for training.
#[derive(Clone, Debug, PartialEq)]
pub struct TrainingOptions {
    /// Texts are cut at so many tokens, or fewer when the model knows fewer positions.
    pub max_length: usize,
    /// Tokens that neighbouring windows of a long text share.
    pub doc_stride: usize,
    /// Whether texts that are too long are read in windows where the task would cut them.
    pub reads_windows: bool,
    /// Replaces the model's own dropout.
    pub dropout: Option<f64>,
    /// What is trained.
    pub method: Method,
    /// Draws what the checkpoint does not bring.
    pub seed: u64,
}

/// A model's answers to a set of examples.
#[derive(Clone, Debug, PartialEq)]
pub struct Scored {
    /// What the model says of each example.
    pub outputs: Vec<Output>,
    /// Mean loss, unweighted and unsmoothed; `None` when it is not finite or nothing is known.
    pub loss: Option<f64>,
    /// Tokens of each example, and whether it was cut.
    lengths: Vec<(usize, bool)>,
}

/// The task of `kind` over `labels`, learned from `train`.
fn task_for_training(
    kind: TaskKind,
    labels: Vec<String>,
    train: &[Example],
    options: &TrainingOptions,
) -> Box<dyn Task> {
    let mut rules = Rules {
        task: Some(kind),
        doc_stride: options.doc_stride,
        reads_windows: options.reads_windows,
        single_texts: train.iter().all(|row| row.pair.is_none()),
        ..Rules::default()
    };
    match kind {
        TaskKind::Sentiment | TaskKind::Topic | TaskKind::Pairs => {
            Box::new(Classification::new(labels, rules))
        }
        TaskKind::MultiLabel => Box::new(MultiLabel::new(labels, rules)),
        TaskKind::Similarity => Box::new(Regression::new(regression::names_of(labels), rules)),
        TaskKind::Entities => Box::new(Entities::new(labels, rules)),
        TaskKind::Questions => {
            let unanswerable = |row: &Example| row.target == Target::Answers(Vec::new());
            rules.no_answer_threshold = train.iter().any(unanswerable).then_some(0.0);
            Box::new(Questions::new(rules))
        }
    }
}

/// The task that a finished model's `config.json` names; `None` where it has no head of ours.
fn task_of(config: &Config, labels: Vec<String>) -> Option<Box<dyn Task>> {
    let rules = rules_of(config);
    let architecture = config.architecture().unwrap_or_default();
    if architecture.ends_with("ForQuestionAnswering") {
        return Some(Box::new(Questions::new(rules)));
    }
    if architecture.ends_with("ForTokenClassification") {
        return Some(Box::new(Entities::new(labels, rules)));
    }
    if !architecture.ends_with("ForSequenceClassification") {
        return None;
    }
    Some(match (config.problem_type(), labels.len()) {
        (Some("multi_label_classification"), _) => Box::new(MultiLabel::new(labels, rules)),
        (Some("regression"), _) | (None, 1) => Box::new(Regression::new(labels, rules)),
        _ => Box::new(Classification::new(labels, rules)),
    })
}

fn rules_of(config: &Config) -> Rules {
    let own = config.field(RULES).cloned();
    let rules = own.and_then(|own| serde_json::from_value(own).ok());
    rules.unwrap_or_else(|| Rules {
        doc_stride: USUAL_STRIDE,
        ..Rules::default()
    })
}

/// The key of `config.json` under which [`Rules`] stand.
const RULES: &str = "luthier";

/// The stride of the Hugging Face scripts.
const USUAL_STRIDE: usize = 128;

impl TaskModel {
    /// A model ready to be trained for `kind` on `labels`, whose training rows are `train`.
    ///
    /// # Errors
    /// The model's files are damaged or of a kind that is not known, or the method does not fit it.
    pub fn for_training(
        files: &ModelFiles,
        kind: TaskKind,
        labels: Vec<String>,
        train: &[Example],
        options: &TrainingOptions,
    ) -> Result<Self> {
        let mut config = Config::parse(&files.config).map_err(|fault| of_model(files, fault))?;
        if let Some(p) = options.dropout {
            config.set_dropout(p);
        }
        let method =
            method_for(files, &config, &options.method).map_err(|fault| of_model(files, fault))?;
        let task = task_for_training(kind, labels, train, options);
        let max_length = Some(options.max_length);
        Self::load(files, config, task, max_length, &method, options.seed)
    }

    /// Opens a finished model folder.
    pub fn open(folder: &Path) -> Result<Self> {
        Self::from_files(&hub::from_folder(folder)?)
    }

    fn from_files(files: &ModelFiles) -> Result<Self> {
        let config = Config::parse(&files.config).map_err(|fault| of_model(files, fault))?;
        let untrained = || {
            Error::new(format!(
                "the model {} has not learned a task yet",
                files.name
            ))
            .remedy("Train it first, and give the run or its model folder here.")
        };
        let named = config.labels();
        let labels = match &files.adapter {
            // An adapter says how many labels there are, but not what they are called.
            Some(adapter) => {
                let named = named.unwrap_or_default();
                match adapter::label_count(&adapter.weights)? {
                    Some(count) if count != named.len() => {
                        (0..count).map(|label| format!("LABEL_{label}")).collect()
                    }
                    _ => named,
                }
            }
            None => named.unwrap_or_default(),
        };
        let task = task_of(&config, labels).ok_or_else(untrained)?;
        let model = Self::load(files, config, task, None, &Method::EVERYTHING, 0)?;
        if model.model.drawn().is_empty() {
            Ok(model)
        } else {
            Err(untrained())
        }
    }

    fn load(
        files: &ModelFiles,
        config: Config,
        task: Box<dyn Task>,
        max_length: Option<usize>,
        method: &Method,
        seed: u64,
    ) -> Result<Self> {
        let with_name = |fault| of_model(files, fault);
        let tokenizer_config = read_object(files.tokenizer_config.as_deref()).map_err(with_name)?;
        let own_length = tokenizer_config
            .get("model_max_length")
            .and_then(Value::as_u64);
        let longest = own_length
            .unwrap_or(u64::MAX)
            .min(config.max_length() as u64);
        let limit = Limit {
            max_length: max_length.unwrap_or(usize::MAX).min(longest as usize),
            stride: task.rules().doc_stride,
        };
        let tokenizer = Tokenizer::load(
            &files.tokenizer,
            files.tokenizer_config.as_deref(),
            limit,
            config.vocab_size(),
        )
        .map_err(with_name)?;
        let model = Model::load(&config, task.head(), files, method, seed).map_err(with_name)?;
        let notices = files
            .notices
            .iter()
            .map(|(name, bytes)| (name.clone(), bytes.to_vec()))
            .collect();
        Ok(Self {
            task,
            model,
            config,
            tokenizer,
            tokenizer_config,
            notices,
            adapter: method
                .low_rank()
                .map(|kind| (kind.clone(), files.reference())),
        })
    }

    /// What it does.
    pub fn task(&self) -> &dyn Task {
        &*self.task
    }

    /// `request` as it finds the texts of a table that this model reads: no second one where it
    /// learned texts alone.
    pub fn request(&self, mut request: Request) -> Request {
        if !self.learned_pairs() {
            request.columns.text_pair.get_or_insert_default();
        }
        request
    }

    /// Whether the input has both texts, where the model reads two.
    pub fn reads(&self, (text, pair): Input<'_>) -> bool {
        let blank = |text: &str| text.trim().is_empty();
        !self.needs_pairs() || !(blank(text) || pair.is_none_or(blank))
    }

    /// Whether it learned texts with a second one beside them.
    pub fn learned_pairs(&self) -> bool {
        !self.task.rules().single_texts
    }

    /// Whether one text alone is no use. Of a model of numbers that others have trained it is not
    /// known what it learned from.
    fn needs_pairs(&self) -> bool {
        match self.task.rules().task {
            Some(TaskKind::Similarity) => self.learned_pairs(),
            _ => self.kind().reads_pairs(),
        }
    }

    /// The kind of its task: what it was taught, or what its head is made for.
    pub fn kind(&self) -> TaskKind {
        let made_for = || match (self.task.head(), self.task.problem_type()) {
            (HeadKind::Tokens { .. }, _) => TaskKind::Entities,
            (HeadKind::Span, _) => TaskKind::Questions,
            (_, Some("multi_label_classification")) => TaskKind::MultiLabel,
            (_, Some("regression")) => TaskKind::Similarity,
            _ => TaskKind::Topic,
        };
        self.task.rules().task.unwrap_or_else(made_for)
    }

    /// The names of the model's outputs, in their order; none where they have no names.
    pub fn labels(&self) -> &[String] {
        self.task.labels()
    }

    /// The model's parameters by their Hugging Face names.
    pub fn parameters(&self) -> &Parameters {
        self.model.parameters()
    }

    /// Names of the parameters that were drawn anew because the checkpoint has none that fit.
    pub fn drawn(&self) -> &[String] {
        self.model.drawn()
    }

    /// Longest text in tokens, special tokens included.
    pub fn max_length(&self) -> usize {
        self.tokenizer.max_length()
    }

    /// The items of the examples, in their order.
    ///
    /// # Errors
    /// An example cannot be learned from: its label is not known to the model, its answer lies
    /// outside of its passage; the error names the row.
    pub fn encode(&self, examples: &[Example]) -> Result<Vec<Item>> {
        self.task.encode(&self.tokenizer, examples)
    }

    /// The share of the items' tokens that stand for something that the vocabulary lacks.
    pub fn unknown_share(&self, items: &[Item]) -> f64 {
        let unknown = self.tokenizer.unknown();
        let ids = || items.iter().flat_map(|item| &item.encoding.ids);
        let lacking = ids().filter(|&&id| Some(id) == unknown).count();
        lacking as f64 / ids().count().max(1) as f64
    }

    /// The sum of the items' losses, each weighted as `objective` says.
    pub fn loss(
        &self,
        items: &[&Item],
        objective: &Objective,
        pass: &Pass,
    ) -> candle_core::Result<Tensor> {
        self.task.loss(&self.logits(items, pass)?, items, objective)
    }

    /// Logits (items, outputs), or (tokens, outputs) where the head looks at tokens; from the
    /// features where they are kept.
    fn logits(&self, items: &[&Item], pass: &Pass) -> candle_core::Result<Tensor> {
        let features: Option<Vec<&Vec<f32>>> =
            items.iter().map(|item| item.features.as_ref()).collect();
        match features.filter(|features| !features.is_empty()) {
            Some(features) => {
                let hidden = self.config.hidden_size();
                let values: Vec<f32> = features.into_iter().flatten().copied().collect();
                let shape = (values.len() / hidden, hidden);
                let features = Tensor::from_vec(values, shape, &Device::Cpu)?;
                self.model.head(&features, pass)
            }
            None => {
                let packed = PackedBatch::new(items.iter().map(|item| &item.encoding));
                self.model.forward(&packed, pass)
            }
        }
    }

    /// Keeps with each item what the encoder says of it, so that from then on only the head is
    /// computed: right as long as the encoder is not trained. `between` is told how many are done.
    pub fn keep_features(
        &self,
        items: &mut [Item],
        between: &mut dyn FnMut(usize) -> Result<()>,
    ) -> Result<()> {
        let mut done = 0;
        for batch in scoring_batches(items, usize::MAX) {
            let packed = PackedBatch::new(batch.iter().map(|&i| &items[i].encoding));
            let features = in_pool(|| self.model.features(&packed, &Pass::evaluation()))?;
            let features: Vec<f32> = features.flatten_all()?.to_vec1()?;
            done += batch.len();
            for (own, i) in self.shares(&features, &batch, items).zip(&batch) {
                items[*i].features = Some(own.to_vec());
            }
            between(done)?;
        }
        Ok(())
    }

    /// The part of `values` that belongs to each item of a batch: as much for each, or for each of
    /// its tokens.
    fn shares<'a>(
        &self,
        values: &'a [f32],
        batch: &[usize],
        items: &[Item],
    ) -> impl Iterator<Item = &'a [f32]> + use<'a> {
        let per_token = !matches!(self.task.head(), HeadKind::Sequence { .. });
        let sizes = batch
            .iter()
            .map(|&i| if per_token { items[i].len() } else { 1 });
        let sizes: Vec<usize> = sizes.collect();
        let width = values.len() / sizes.iter().sum::<usize>().max(1);
        let mut rest = values;
        sizes.into_iter().map(move |size| {
            let (own, others) = rest.split_at(size * width);
            rest = others;
            own
        })
    }

    /// What the model says of each item, and the mean loss of those whose target is known; at most
    /// `batch_size` items at a time. `between` is told after each batch how many are done.
    pub fn outputs(
        &self,
        items: &[Item],
        batch_size: usize,
        between: &mut dyn FnMut(usize) -> Result<()>,
    ) -> Result<(Vec<Vec<f32>>, Option<f64>)> {
        let mut logits: Vec<Vec<f32>> = vec![Vec::new(); items.len()];
        let (mut loss, mut done) = (Mean::default(), 0);
        let plain = Objective::default();
        for batch in scoring_batches(items, batch_size) {
            let own: Vec<&Item> = batch.iter().map(|&i| &items[i]).collect();
            let output = in_pool(|| self.logits(&own, &Pass::evaluation()))?;
            if own.iter().all(|item| item.target.is_some()) {
                let sum: f32 = self.task.loss(&output, &own, &plain)?.to_scalar()?;
                let weight = self.task.weight(&own, &plain);
                if weight > 0.0 {
                    loss.add(f64::from(sum) / weight, weight as u64);
                }
            }
            let values: Vec<f32> = output.flatten_all()?.to_vec1()?;
            for (own, &i) in self.shares(&values, &batch, items).zip(&batch) {
                logits[i] = own.to_vec();
            }
            done += batch.len();
            between(done)?;
        }
        Ok((logits, loss.value()))
    }

    /// Scores the examples whose items are given, at most `batch_size` items at a time; `between`
    /// is told after each batch how many are done.
    pub fn score(
        &self,
        examples: &[Example],
        items: &[Item],
        batch_size: usize,
        between: &mut dyn FnMut(usize) -> Result<()>,
    ) -> Result<Scored> {
        let (logits, loss) = self.outputs(items, batch_size, between)?;
        let mut by_row: Vec<Vec<Read<'_>>> = vec![Vec::new(); examples.len()];
        for (item, logits) in items.iter().zip(&logits) {
            by_row[item.row].push(Read { item, logits });
        }
        let outputs = examples.iter().zip(&by_row);
        Ok(Scored {
            outputs: outputs
                .map(|(example, items)| self.task.read(example, items))
                .collect(),
            lengths: by_row.iter().map(|items| length_of(items)).collect(),
            loss,
        })
    }

    /// Loss and the task's own scores by name.
    pub fn scores(&self, examples: &[Example], scored: &Scored) -> Scores {
        let mut scores = Scores::default();
        if let Some(loss) = scored.loss {
            scores.set(names::LOSS, loss);
        }
        let own = self.task.scorer(examples, &scored.outputs);
        scores.extend(own(&mut (0..scored.outputs.len())).iter());
        scores
    }

    /// Scores of answering by `baseline`.
    pub fn baseline_scores(&self, baseline: &Baseline, examples: &[Example]) -> Scores {
        let outputs: Vec<Output> = examples.iter().map(baseline).collect();
        self.task.scorer(examples, &outputs)(&mut (0..outputs.len()))
    }

    /// The full report on scored examples. `seed` draws the resamples behind the intervals.
    pub fn evaluation(
        &self,
        examples: &[Example],
        scored: &Scored,
        baseline: Option<&Baseline>,
        seed: u64,
    ) -> Evaluation {
        let scorer = self.task.scorer(examples, &scored.outputs);
        let intervals = bootstrap(examples.len(), self.task.main_scores(), seed, &scorer);
        Evaluation {
            rows: examples.len(),
            scores: self.scores(examples, scored),
            intervals: intervals
                .into_iter()
                .map(|(score, ends)| Interval {
                    score: score.to_owned(),
                    low: ends.low,
                    high: ends.high,
                })
                .collect(),
            majority: baseline.map_or_else(Scores::default, |baseline| {
                self.baseline_scores(baseline, examples)
            }),
            detail: self.task.detail(examples, &scored.outputs),
        }
    }

    /// Every example with its answer.
    pub fn scored_rows(&self, examples: &[Example], scored: &Scored) -> Vec<ScoredRow> {
        let rows = examples.iter().zip(self.predictions(examples, scored));
        rows.map(|(example, prediction)| ScoredRow {
            row: example.row,
            gold: Gold::of(example, self.labels()),
            prediction,
        })
        .collect()
    }

    fn predictions(&self, examples: &[Example], scored: &Scored) -> Vec<Prediction> {
        let outputs = scored.outputs.iter().zip(&scored.lengths);
        examples
            .iter()
            .zip(outputs)
            .map(|(example, (output, &(tokens, cut)))| Prediction {
                text: example.text.clone(),
                pair: example.pair.clone(),
                answer: self.task.answer(example, output),
                tokens,
                cut,
            })
            .collect()
    }

    /// Answers the texts or pairs.
    ///
    /// # Errors
    /// The task reads two texts, and one of them is missing.
    pub fn predict(&self, inputs: &[Input<'_>]) -> Result<Vec<Prediction>> {
        if let Some(row) = inputs.iter().position(|&input| !self.reads(input)) {
            return Err(self.half(row + 1));
        }
        let unknown = |(row, &(text, pair)): (usize, &Input<'_>)| Example {
            row: row + 1,
            line: row + 1,
            text: text.to_owned(),
            pair: pair.map(str::to_owned),
            target: Target::Nothing,
            group: None,
            part: None,
        };
        let examples: Vec<Example> = inputs.iter().enumerate().map(unknown).collect();
        let items = self.encode(&examples)?;
        let scored = self.score(&examples, &items, usize::MAX, &mut |_| Ok(()))?;
        Ok(self.predictions(&examples, &scored))
    }

    /// What is wrong with text number `row`, of which this model reads two and there is one.
    pub fn half(&self, row: usize) -> Error {
        let both = match self.kind() {
            TaskKind::Questions => "a passage and its question",
            _ => "two texts",
        };
        Error::new(format!(
            "of text {row} one side is empty or missing: this model reads {both}"
        ))
        .remedy("Put a tab between the two, or give a table that has a column for each.")
    }

    /// Chooses on examples that it was not trained on what is not learned: thresholds.
    pub fn tune(&mut self, examples: &[Example], scored: &Scored) {
        self.task.tune(examples, &scored.outputs);
    }

    /// Writes the model into the existing folder in Hugging Face layout, as the `Auto` class of its
    /// task reads it. Adapters are merged into the weights, and also written on their own, in
    /// PEFT's format, to the folder `adapter` in it.
    pub fn save(&self, folder: &Path) -> Result<()> {
        let kind = self.adapter.as_ref().map(|(kind, _)| kind);
        let tensors = adapter::merged(self.parameters(), kind)?;
        save_tensors(&tensors, &folder.join("model.safetensors"))?;
        if let Some((kind, base)) = &self.adapter {
            let own = folder.join("adapter");
            std::fs::create_dir(&own).map_err(|cause| Error::file("make", &own, cause))?;
            adapter::save_adapter(&self.model, kind, base, &own)?;
        }
        let write = |name: &str, bytes: &[u8]| {
            let path = folder.join(name);
            std::fs::write(&path, bytes).map_err(|cause| Error::file("write to", &path, cause))
        };
        write("config.json", &self.config_json()?)?;
        write("tokenizer.json", &self.tokenizer.to_json()?)?;
        write(
            "tokenizer_config.json",
            &pretty(&self.exported_tokenizer_config())?,
        )?;
        self.notices
            .iter()
            .try_for_each(|(name, bytes)| write(name, bytes))
    }

    /// `config.json` of the finished model.
    pub fn config_json(&self) -> Result<Vec<u8>> {
        let task = &self.task;
        let mut config = self
            .config
            .exported(task.head(), task.labels(), task.problem_type());
        config[RULES] = json!(task.rules());
        pretty(&config)
    }

    fn exported_tokenizer_config(&self) -> Value {
        let mut config = self.tokenizer_config.clone();
        let class = self.config.tokenizer_class();
        config.insert("tokenizer_class".into(), json!(class));
        // Of ALBERT's tokenizer transformers asks no token types unless it is told to.
        let inputs = self.config.input_names();
        config.insert("model_input_names".into(), json!(inputs));
        // transformers cuts where training did, so that both give the same answers to long texts.
        config.insert(
            "model_max_length".into(),
            json!(self.tokenizer.max_length()),
        );
        Value::Object(config)
    }
}

/// Forgets what the tokens of items stand for, which only reading needs.
pub fn forget_places(items: &mut [Item]) {
    for item in items {
        if matches!(item.places, Places::Passage(_)) {
            item.places = Places::Whole;
        }
    }
}

fn length_of(items: &[Read<'_>]) -> (usize, bool) {
    let whole = items.iter().map(|read| read.item.encoding.full_length);
    let cut = items.iter().any(|read| read.item.encoding.is_cut());
    (whole.max().unwrap_or(0), cut)
}

/// The method as it fits the files: an adapter that they bring goes on as it was begun, and a new
/// one has names of layers that the architecture has.
fn method_for(files: &ModelFiles, config: &Config, method: &Method) -> Result<Method> {
    match (method, &files.adapter) {
        (Method::LowRank(wanted), Some(found)) => Ok(Method::LowRank(LowRank {
            dropout: wanted.dropout,
            ..adapter::parse_config(&found.config)?
        })),
        (Method::LowRank(wanted), None) => {
            Ok(Method::LowRank(wanted.clone().on_usual(config.adapted())))
        }
        _ => Ok(method.clone()),
    }
}

/// Most tokens of a batch that is only scored.
const SCORING_TOKENS: usize = 2048;

fn scoring_batches(items: &[Item], batch_size: usize) -> Vec<Vec<usize>> {
    let lengths: Vec<usize> = items.iter().map(Item::len).collect();
    batches_by_tokens(&lengths, batch_size.max(1), SCORING_TOKENS)
}

fn of_model(files: &ModelFiles, fault: Error) -> Error {
    fault.within(&format!("model {}", files.name))
}

fn read_object(bytes: Option<&[u8]>) -> Result<Map<String, Value>> {
    match bytes {
        Some(bytes) => serde_json::from_slice(bytes).map_err(|cause| {
            Error::new("tokenizer_config.json is not a JSON object")
                .remedy("Take the complete folder of one model; its files belong together.")
                .because(cause)
        }),
        None => Ok(Map::new()),
    }
}

fn pretty(value: &Value) -> Result<Vec<u8>> {
    let text = serde_json::to_vec_pretty(value);
    text.map_err(|cause| Error::new("a configuration could not be written down").because(cause))
}
