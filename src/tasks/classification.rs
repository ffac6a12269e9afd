//! Text classification with one label per text: sentiment, topic, intent.

use std::path::Path;

use candle_core::{D, Device, Tensor};
use candle_nn::ops::log_softmax;
use serde_json::{Map, Value, json};

use super::prediction::{LabelScore, Prediction};
use crate::data::Example;
use crate::error::{Error, Result};
use crate::hub::{self, ModelFiles};
use crate::metrics::{Confusion, Mean, Scores, names};
use crate::models::{Config, HeadKind, Method, Model, adapter, save_tensors};
use crate::nn::{LowRank, Parameters, Pass, Targets, cross_entropy};
use crate::text::{Encoding, PackedBatch, Tokenizer, batches_by_tokens};

/// A model that gives each text one of its labels, with its tokenizer.
#[derive(Debug)]
pub struct Classifier {
    model: Model,
    config: Config,
    tokenizer: Tokenizer,
    tokenizer_config: Map<String, Value>,
    labels: Vec<String>,
    notices: Vec<(String, Vec<u8>)>,
    /// The adapters in training, and the name of the model below them.
    adapter: Option<(LowRank, String)>,
}

/// An example as the model takes it.
#[derive(Clone, Debug, PartialEq)]
pub struct EncodedExample {
    /// Its tokens.
    pub encoding: Encoding,
    /// Its label's number.
    pub label: usize,
    /// What the encoder says of it, where that is kept because the encoder does not change.
    pub features: Option<Vec<f32>>,
}

/// How a model is made ready for training.
#[derive(Clone, Debug, PartialEq)]
pub struct TrainingOptions {
    /// Texts are cut at so many tokens, or fewer when the model knows fewer positions.
    pub max_length: usize,
    /// Replaces the model's own dropout.
    pub dropout: Option<f64>,
    /// What is trained.
    pub method: Method,
    /// Draws what the checkpoint does not bring.
    pub seed: u64,
}

/// How training weighs its mistakes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Objective {
    /// Weight of each label; all 1 when `None`.
    pub class_weights: Option<Vec<f32>>,
    /// Share of the target spread evenly over all labels, in 0..1.
    pub label_smoothing: f32,
}

impl Objective {
    /// What the rows' summed losses are divided by for their mean: their number, or the sum of
    /// their labels' weights.
    pub fn weight(&self, rows: &[&EncodedExample]) -> f64 {
        match &self.class_weights {
            Some(weights) => rows.iter().map(|row| f64::from(weights[row.label])).sum(),
            None => rows.len() as f64,
        }
    }
}

/// A model's answers to a set of examples whose labels are known.
#[derive(Clone, Debug, PartialEq)]
pub struct ScoredSet {
    /// The right label's number per example.
    pub gold: Vec<usize>,
    /// Probability of every label per example.
    pub probabilities: Vec<Vec<f32>>,
    /// Mean cross-entropy, unweighted and unsmoothed; `None` when it is not finite.
    pub loss: Option<f64>,
    labels: usize,
}

impl ScoredSet {
    /// The right and the most probable label's number per example.
    pub fn pairs(&self) -> Vec<(usize, usize)> {
        let predicted = self.probabilities.iter().map(|row| most_probable(row));
        self.gold.iter().copied().zip(predicted).collect()
    }

    /// Counts of right against given labels.
    pub fn confusion(&self) -> Confusion {
        let mut confusion = Confusion::new(self.labels);
        for (gold, predicted) in self.pairs() {
            confusion.add(gold, predicted);
        }
        confusion
    }

    /// Loss, accuracy, F1 and the others by name.
    pub fn scores(&self) -> Scores {
        let mut scores = Scores::default();
        if let Some(loss) = self.loss {
            scores.set(names::LOSS, loss);
        }
        for (name, value) in self.confusion().scores().iter() {
            scores.set(name, value);
        }
        scores
    }
}

/// The scores of always giving the label that `train` has most often, on examples labelled `gold`.
pub fn majority_scores(
    train: impl Iterator<Item = usize>,
    gold: &[usize],
    labels: usize,
) -> Scores {
    let mut counts = vec![0usize; labels];
    train.for_each(|label| counts[label] += 1);
    // The first of equals, so that the baseline does not hang on the order of iteration.
    let commonest = (0..labels)
        .rev()
        .max_by_key(|&label| counts[label])
        .unwrap_or(0);
    let mut confusion = Confusion::new(labels);
    gold.iter().for_each(|&gold| confusion.add(gold, commonest));
    confusion.scores()
}

impl Classifier {
    /// A model ready to be trained on `labels`.
    ///
    /// # Errors
    /// The model's files are damaged or of a kind that is not known, or the method does not fit it.
    pub fn for_training(
        files: &ModelFiles,
        labels: Vec<String>,
        options: &TrainingOptions,
    ) -> Result<Self> {
        let mut config = Config::parse(&files.config).map_err(|fault| of_model(files, fault))?;
        if let Some(p) = options.dropout {
            config.set_dropout(p);
        }
        let method = method_for(files, &options.method).map_err(|fault| of_model(files, fault))?;
        let max_length = Some(options.max_length);
        Self::load(files, config, labels, max_length, &method, options.seed)
    }

    /// Opens a finished model folder.
    pub fn open(folder: &Path) -> Result<Self> {
        Self::from_files(&hub::from_folder(folder)?)
    }

    fn from_files(files: &ModelFiles) -> Result<Self> {
        let config = Config::parse(&files.config).map_err(|fault| of_model(files, fault))?;
        let untrained = || {
            Error::new(format!("the model {} has no classifier yet", files.name))
                .remedy("Train it first, and give the run or its model folder here.")
        };
        let labels = match &files.adapter {
            // An adapter says how many labels there are, but not what they are called.
            Some(adapter) => {
                let named = config.labels().unwrap_or_default();
                let count = adapter::label_count(&adapter.weights)?.unwrap_or(named.len());
                let numbered = || (0..count).map(|label| format!("LABEL_{label}")).collect();
                if named.len() == count {
                    named
                } else {
                    numbered()
                }
            }
            None => config.labels().ok_or_else(untrained)?,
        };
        let classifier = Self::load(files, config, labels, None, &Method::EVERYTHING, 0)?;
        if classifier.model.drawn().is_empty() {
            Ok(classifier)
        } else {
            Err(untrained())
        }
    }

    fn load(
        files: &ModelFiles,
        config: Config,
        labels: Vec<String>,
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
        let max_length = max_length.unwrap_or(usize::MAX).min(longest as usize);
        let tokenizer = Tokenizer::load(
            &files.tokenizer,
            files.tokenizer_config.as_deref(),
            max_length,
            config.vocab_size(),
        )
        .map_err(with_name)?;
        let head = HeadKind::Sequence {
            outputs: labels.len(),
        };
        let model = Model::load(&config, head, files, method, seed).map_err(with_name)?;
        let notices = files
            .notices
            .iter()
            .map(|(name, bytes)| (name.clone(), bytes.to_vec()))
            .collect();
        Ok(Self {
            model,
            config,
            tokenizer,
            tokenizer_config,
            labels,
            notices,
            adapter: method
                .low_rank()
                .map(|kind| (kind.clone(), files.reference())),
        })
    }

    /// The labels in the order of the model's outputs.
    pub fn labels(&self) -> &[String] {
        &self.labels
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

    /// Tokens and label numbers of the examples. A label that the model does not have is an error
    /// that names the row.
    pub fn encode(&self, examples: &[Example]) -> Result<Vec<EncodedExample>> {
        let texts: Vec<&str> = examples
            .iter()
            .map(|example| example.text.as_str())
            .collect();
        let encodings = self.tokenizer.encode(&texts)?;
        let pairs = encodings.into_iter().zip(examples);
        pairs
            .map(|(encoding, example)| {
                Ok(EncodedExample {
                    encoding,
                    label: self.label_id(example)?,
                    features: None,
                })
            })
            .collect()
    }

    fn label_id(&self, example: &Example) -> Result<usize> {
        self.labels
            .iter()
            .position(|label| label == example.label())
            .ok_or_else(|| {
                Error::new(format!(
                    "row {} has the label \"{}\", which the model does not know",
                    example.row,
                    example.label()
                ))
                .remedy(format!(
                    "It knows: {}. Mend the row or take it out.",
                    self.labels.join(", ")
                ))
            })
    }

    /// The sum of the batch's losses, each weighted as `objective` says.
    pub fn loss(
        &self,
        batch: &[&EncodedExample],
        objective: &Objective,
        pass: &Pass,
    ) -> candle_core::Result<Tensor> {
        let gold: Vec<usize> = batch.iter().map(|example| example.label).collect();
        let targets = Targets {
            gold: &gold,
            labels: self.labels.len(),
            class_weights: objective.class_weights.as_deref(),
            smoothing: objective.label_smoothing,
        };
        cross_entropy(&self.logits(batch, pass)?, &targets)
    }

    /// Logits (examples, labels); from the features where they are kept.
    fn logits(&self, batch: &[&EncodedExample], pass: &Pass) -> candle_core::Result<Tensor> {
        let features: Option<Vec<&Vec<f32>>> = batch
            .iter()
            .map(|example| example.features.as_ref())
            .collect();
        match features.filter(|features| !features.is_empty()) {
            Some(features) => {
                let shape = (features.len(), self.config.hidden_size());
                let values = features.into_iter().flatten().copied().collect();
                let features = Tensor::from_vec(values, shape, &Device::Cpu)?;
                self.model.head(&features, pass)
            }
            None => {
                let packed = PackedBatch::new(batch.iter().map(|example| &example.encoding));
                self.model.forward(&packed, pass)
            }
        }
    }

    /// Keeps with each example what the encoder says of it, so that from then on only the head is
    /// computed: right as long as the encoder is not trained. `between` is told how many are done.
    pub fn keep_features(
        &self,
        examples: &mut [EncodedExample],
        between: &mut dyn FnMut(usize) -> Result<()>,
    ) -> Result<()> {
        let mut done = 0;
        for batch in scoring_batches(examples, usize::MAX) {
            let encodings = batch.iter().map(|&i| &examples[i].encoding);
            let packed = PackedBatch::new(encodings);
            let features = self.model.features(&packed, &Pass::evaluation())?;
            let rows: Vec<Vec<f32>> = features.to_vec2()?;
            done += batch.len();
            for (i, row) in batch.into_iter().zip(rows) {
                examples[i].features = Some(row);
            }
            between(done)?;
        }
        Ok(())
    }

    /// Scores the examples, at most `batch_size` at a time; `between` is told after each batch how
    /// many are done.
    pub fn score(
        &self,
        examples: &[EncodedExample],
        batch_size: usize,
        between: &mut dyn FnMut(usize) -> Result<()>,
    ) -> Result<ScoredSet> {
        let mut rows: Vec<Vec<f32>> = vec![Vec::new(); examples.len()];
        let mut done = 0;
        for batch in scoring_batches(examples, batch_size) {
            let own: Vec<&EncodedExample> = batch.iter().map(|&i| &examples[i]).collect();
            let logits = self.logits(&own, &Pass::evaluation())?;
            let scored: Vec<Vec<f32>> = log_softmax(&logits, D::Minus1)?.to_vec2()?;
            done += batch.len();
            for (i, row) in batch.into_iter().zip(scored) {
                rows[i] = row;
            }
            between(done)?;
        }
        let mut loss = Mean::default();
        for (row, example) in rows.iter().zip(examples) {
            loss.add(-f64::from(row[example.label]), 1);
        }
        let probabilities = rows
            .into_iter()
            .map(|row| row.into_iter().map(f32::exp).collect())
            .collect();
        let gold = examples.iter().map(|example| example.label).collect();
        Ok(ScoredSet {
            gold,
            probabilities,
            loss: loss.value(),
            labels: self.labels.len(),
        })
    }

    /// Answers the texts, all in one batch.
    pub fn predict(&self, texts: &[&str]) -> Result<Vec<Prediction>> {
        if texts.is_empty() {
            return Ok(Vec::new());
        }
        let encodings = self.tokenizer.encode(texts)?;
        let rows = self.log_probabilities(&PackedBatch::new(&encodings))?;
        let answers = texts.iter().zip(&encodings).zip(rows);
        Ok(answers
            .map(|((text, encoding), row)| {
                self.prediction(text, encoding, row.into_iter().map(f32::exp).collect())
            })
            .collect())
    }

    /// The answer that `probabilities` give to a text.
    pub fn prediction(
        &self,
        text: &str,
        encoding: &Encoding,
        probabilities: Vec<f32>,
    ) -> Prediction {
        let label = self
            .labels
            .get(most_probable(&probabilities))
            .cloned()
            .unwrap_or_default();
        let scores = self.labels.iter().zip(&probabilities);
        let scores = scores
            .map(|(label, &score)| LabelScore {
                label: label.clone(),
                score: f64::from(score),
            })
            .collect();
        Prediction {
            text: text.to_owned(),
            label,
            scores,
            tokens: encoding.ids.len(),
            cut: encoding.is_cut(),
        }
    }

    fn log_probabilities(&self, batch: &PackedBatch) -> candle_core::Result<Vec<Vec<f32>>> {
        let logits = self.model.forward(batch, &Pass::evaluation())?;
        log_softmax(&logits, D::Minus1)?.to_vec2()
    }

    /// Writes the model into the existing folder in Hugging Face layout, as
    /// `AutoModelForSequenceClassification` reads it. Adapters are merged into the weights, and also
    /// written on their own, in PEFT's format, to the folder `adapter` in it.
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
        let problem = Some("single_label_classification");
        let config = self
            .config
            .exported(self.model.kind(), &self.labels, problem);
        write("config.json", &pretty(&config)?)?;
        write("tokenizer.json", &self.tokenizer.to_json()?)?;
        write(
            "tokenizer_config.json",
            &pretty(&self.exported_tokenizer_config())?,
        )?;
        self.notices
            .iter()
            .try_for_each(|(name, bytes)| write(name, bytes))
    }

    fn exported_tokenizer_config(&self) -> Value {
        let mut config = self.tokenizer_config.clone();
        config.insert(
            "tokenizer_class".into(),
            json!(self.config.tokenizer_class()),
        );
        // transformers cuts where training did, so that both give the same answers to long texts.
        config.insert(
            "model_max_length".into(),
            json!(self.tokenizer.max_length()),
        );
        Value::Object(config)
    }
}

/// The method as it fits the files: an adapter that they bring goes on as it was begun.
fn method_for(files: &ModelFiles, method: &Method) -> Result<Method> {
    match (method, &files.adapter) {
        (Method::LowRank(wanted), Some(found)) => Ok(Method::LowRank(LowRank {
            dropout: wanted.dropout,
            ..adapter::parse_config(&found.config)?
        })),
        _ => Ok(method.clone()),
    }
}

/// Most tokens of a batch that is only scored.
const SCORING_TOKENS: usize = 2048;

fn scoring_batches(examples: &[EncodedExample], batch_size: usize) -> Vec<Vec<usize>> {
    let length = |example: &EncodedExample| example.encoding.ids.len();
    let lengths: Vec<usize> = examples.iter().map(length).collect();
    batches_by_tokens(&lengths, batch_size.max(1), SCORING_TOKENS)
}

/// The first of the largest.
fn most_probable(row: &[f32]) -> usize {
    let better = |best: usize, i: usize| if row[i] > row[best] { i } else { best };
    (0..row.len()).reduce(better).unwrap_or(0)
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
