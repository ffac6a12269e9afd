//! `config.json` of a model, whatever its architecture.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use super::architecture::{Architecture, check_activation, refusal};
use super::head::HeadKind;
use super::{albert, bert, deberta_v2, distilbert, electra, modernbert, roberta};
use crate::error::{self, Error};

/// `config.json` of an architecture that is known.
#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    known: Known,
    /// All fields as they were read, for the exported `config.json`.
    fields: Map<String, Value>,
}

/// Makes of a list of `model_type => Variant(module)` the enum of the architectures that are known.
/// Each module has a `Config` that is an [`Architecture`].
macro_rules! known {
    ($($($model_type:literal)|+ => $variant:ident($module:ident)),+ $(,)?) => {
        /// What `config.json` says in terms of its architecture.
        #[derive(Clone, Debug, PartialEq, Serialize)]
        #[serde(untagged)]
        enum Known {
            $($variant($module::Config)),+
        }

        impl Known {
            /// The values of `model_type` that are known.
            const MODEL_TYPES: &[&str] = &[$($($model_type),+),+];

            fn parse(model_type: &str, fields: &Map<String, Value>) -> error::Result<Self> {
                match model_type {
                    $($($model_type)|+ => fields_of(model_type, fields).map(Self::$variant),)+
                    other => Err(refusal(format!(
                        "model_type \"{other}\"; known are: {}",
                        Self::MODEL_TYPES.join(", ")
                    ))),
                }
            }

            fn own(&self) -> &dyn Architecture {
                match self {
                    $(Self::$variant(config) => config),+
                }
            }

            fn own_mut(&mut self) -> &mut dyn Architecture {
                match self {
                    $(Self::$variant(config) => config),+
                }
            }
        }
    };
}

known! {
    "albert" => Albert(albert),
    "bert" => Bert(bert),
    "deberta-v2" => DebertaV2(deberta_v2),
    "distilbert" => DistilBert(distilbert),
    "electra" => Electra(electra),
    "modernbert" => ModernBert(modernbert),
    "roberta" | "xlm-roberta" => Roberta(roberta),
}

fn fields_of<T: DeserializeOwned>(
    model_type: &str,
    fields: &Map<String, Value>,
) -> error::Result<T> {
    serde_json::from_value(Value::Object(fields.clone())).map_err(|cause| {
        Error::new(format!(
            "config.json does not describe a model of the type {model_type}"
        ))
        .remedy("Take the complete folder of one model; its files belong together.")
        .because(cause)
    })
}

/// Far beyond any encoder; keeps a damaged file from asking for absurd amounts of memory.
const LARGEST_SIZE: usize = 1 << 22;

impl Config {
    /// Reads `config.json` by its `model_type`, and checks that the model can be built. A file that
    /// has none is taken for BERT's, as very old ones are.
    ///
    /// # Errors
    /// It is no JSON object, of an architecture that is not known (the message lists the known
    /// ones), lacks fields, or asks for something that is not built here.
    pub fn parse(json: &[u8]) -> error::Result<Self> {
        let fields: Map<String, Value> = serde_json::from_slice(json).map_err(|cause| {
            Error::new("config.json is not a JSON object")
                .remedy("Take the complete folder of one model; its files belong together.")
                .because(cause)
        })?;
        let model_type = fields.get("model_type").and_then(Value::as_str);
        let known = Known::parse(model_type.unwrap_or("bert"), &fields)?;
        let own = known.own();
        check_activation("the activation", own.activation())?;
        let sizes = own.sizes();
        let all = [
            sizes.vocabulary,
            sizes.hidden,
            sizes.layers,
            sizes.heads,
            sizes.intermediate,
            sizes.max_length,
        ];
        let sane = all.iter().all(|size| (1..=LARGEST_SIZE).contains(size));
        if !sane || !sizes.hidden.is_multiple_of(sizes.heads) {
            return Err(Error::new(format!(
                "config.json has sizes that no {} model has",
                own.names().class
            ))
            .remedy("Take the complete folder of one model; its files belong together."));
        }
        own.check()?;
        Ok(Self { known, fields })
    }

    /// What the architecture tells of itself.
    pub(super) fn own(&self) -> &dyn Architecture {
        self.known.own()
    }

    /// `model_type`: the architecture.
    pub fn model_type(&self) -> &'static str {
        self.own().names().model_type
    }

    /// What its tokenizer gives: transformers' `model_input_names`.
    pub fn input_names(&self) -> &'static [&'static str] {
        match self.own().names().token_types {
            true => &["input_ids", "token_type_ids", "attention_mask"],
            false => &["input_ids", "attention_mask"],
        }
    }

    /// The layers that get a low-rank adapter where no others are named.
    pub fn adapted(&self) -> &'static [&'static str] {
        self.own().names().adapted
    }

    /// The same dropout everywhere.
    pub fn set_dropout(&mut self, p: f64) {
        self.known.own_mut().set_dropout(p);
    }

    /// Longest sequence in tokens, special tokens included.
    pub fn max_length(&self) -> usize {
        self.own().sizes().max_length
    }

    /// Rows of the token table.
    pub fn vocab_size(&self) -> usize {
        self.own().sizes().vocabulary
    }

    /// Width of the hidden states, which is that of the features.
    pub fn hidden_size(&self) -> usize {
        self.own().sizes().hidden
    }

    /// Encoder layers.
    pub fn layers(&self) -> usize {
        self.own().sizes().layers
    }

    /// Attention heads per layer.
    pub fn heads(&self) -> usize {
        self.own().sizes().heads
    }

    /// Width of the feed-forward layer.
    pub fn intermediate_size(&self) -> usize {
        self.own().sizes().intermediate
    }

    /// Width of the token table.
    pub fn embedding_size(&self) -> usize {
        self.own().sizes().embedding
    }

    /// Layers with weights of their own, of which several may be gone through again.
    pub fn distinct_layers(&self) -> usize {
        self.own().sizes().distinct_layers
    }

    /// Matrices between the hidden size and the intermediate one in a layer: three where the
    /// feed-forward layer is gated.
    pub fn feed_forward_matrices(&self) -> usize {
        self.own().sizes().feed_forward_matrices
    }

    /// The labels by `id2label`, in the order of the outputs.
    pub fn labels(&self) -> Option<Vec<String>> {
        let id2label = self.fields.get("id2label")?.as_object()?;
        let labels: Option<Vec<_>> = (0..id2label.len())
            .map(|id| id2label.get(&id.to_string())?.as_str().map(str::to_owned))
            .collect();
        labels.filter(|labels| !labels.is_empty())
    }

    /// `problem_type`: what a sequence head's outputs mean, where it is said.
    pub fn problem_type(&self) -> Option<&str> {
        self.fields.get("problem_type")?.as_str()
    }

    /// The first of `architectures`, which tells the task that a finished model is for.
    pub fn architecture(&self) -> Option<&str> {
        self.fields.get("architectures")?.get(0)?.as_str()
    }

    /// A field of the file, as it was read.
    pub fn field(&self, name: &str) -> Option<&Value> {
        self.fields.get(name)
    }

    /// The class of the architecture's tokenizer in transformers, for models whose
    /// `tokenizer_config.json` names none.
    pub fn tokenizer_class(&self) -> &'static str {
        self.own().names().tokenizer
    }

    /// `config.json` of the model with a trained head. `labels` name the outputs; a span's have no
    /// names.
    pub fn exported(&self, head: HeadKind, labels: &[String], problem_type: Option<&str>) -> Value {
        let mut fields = self.fields.clone();
        if let Value::Object(own) = json!(self.known) {
            fields.extend(own);
        }
        let names = self.own().names();
        let class = format!("{}{}", names.class, head.class());
        fields.insert("architectures".into(), json!([class]));
        fields.insert("model_type".into(), json!(names.model_type));
        // What the base model said of its own head, and where others had loaded it from: maybe a
        // path of theirs.
        for gone in [
            "problem_type",
            "id2label",
            "label2id",
            "num_labels",
            "_name_or_path",
        ] {
            fields.remove(gone);
        }
        if let Some(problem_type) = problem_type {
            fields.insert("problem_type".into(), json!(problem_type));
        }
        if head != HeadKind::Span {
            let pairs = || labels.iter().enumerate();
            let id2label: Map<_, _> = pairs()
                .map(|(id, label)| (id.to_string(), json!(label)))
                .collect();
            let label2id: Map<_, _> = pairs()
                .map(|(id, label)| (label.clone(), json!(id)))
                .collect();
            fields.insert("id2label".into(), Value::Object(id2label));
            fields.insert("label2id".into(), Value::Object(label2id));
        }
        // The weights are written as float32 whatever the base model was stored as; the first name
        // is read by transformers 5, the second by 4.
        fields.insert("dtype".into(), json!("float32"));
        fields.insert("torch_dtype".into(), json!("float32"));
        Value::Object(fields)
    }
}
