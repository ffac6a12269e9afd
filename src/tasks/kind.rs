//! What a model can be taught to do.

use serde::{Deserialize, Serialize};

use crate::data;

/// What a model is taught to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TaskKind {
    /// One label of feeling per text.
    Sentiment,
    /// One label of subject or intent per text.
    Topic,
    /// Any number of labels per text.
    MultiLabel,
    /// One label per pair of texts.
    Pairs,
    /// A number, or several, per pair of texts or per text.
    Similarity,
    /// A tag per word.
    Entities,
    /// The place in a passage that answers a question.
    Questions,
}

impl TaskKind {
    /// Every kind, in the order in which they are offered.
    pub const ALL: [Self; 7] = [
        Self::Sentiment,
        Self::Topic,
        Self::MultiLabel,
        Self::Pairs,
        Self::Similarity,
        Self::Entities,
        Self::Questions,
    ];

    /// The name in the run file and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sentiment => "sentiment",
            Self::Topic => "topic",
            Self::MultiLabel => "multi_label",
            Self::Pairs => "pairs",
            Self::Similarity => "similarity",
            Self::Entities => "entities",
            Self::Questions => "questions",
        }
    }

    /// The kind of that name, or of another name that the field has for it; words may be joined by
    /// `-` as well.
    pub fn named(name: &str) -> Option<Self> {
        let name = name.replace('-', "_");
        let own = Self::ALL.into_iter().find(|kind| kind.name() == name);
        own.or(match name.as_str() {
            "classification" | "text_classification" => Some(Self::Topic),
            "multi" | "multilabel" | "multi_label_classification" => Some(Self::MultiLabel),
            "pair" | "sentence_pairs" => Some(Self::Pairs),
            "regression" | "reg" | "sts" => Some(Self::Similarity),
            "ner" | "token_classification" | "tags" => Some(Self::Entities),
            "qa" | "question_answering" => Some(Self::Questions),
            _ => None,
        })
    }

    /// The kind of rows that it learns from.
    pub fn rows(self) -> data::Kind {
        match self {
            Self::Sentiment | Self::Topic | Self::Pairs => data::Kind::Label,
            Self::MultiLabel => data::Kind::Labels,
            Self::Similarity => data::Kind::Score,
            Self::Entities => data::Kind::Tags,
            Self::Questions => data::Kind::Answers,
        }
    }

    /// The bundled set that shows it.
    pub fn bundled_set(self) -> &'static str {
        match self {
            Self::Sentiment => "reviews",
            Self::Topic => "support-intents",
            Self::MultiLabel => "topics",
            Self::Pairs | Self::Similarity => "similarity",
            Self::Entities => "entities",
            Self::Questions => "questions",
        }
    }

    /// The task that a bundled set shows; `None` for a name that is not known.
    pub fn of_bundled_set(name: &str) -> Option<Self> {
        match name {
            "reviews" | "reviews-zh" => Some(Self::Sentiment),
            "support-intents" => Some(Self::Topic),
            "topics" => Some(Self::MultiLabel),
            "similarity" => Some(Self::Similarity),
            "entities" => Some(Self::Entities),
            "questions" => Some(Self::Questions),
            _ => None,
        }
    }

    /// The task that learns from rows of this kind, which have two texts each if `pairs`; `None`
    /// where no task does.
    pub fn for_rows(rows: data::Kind, pairs: bool) -> Option<Self> {
        match rows {
            data::Kind::Label if pairs => Some(Self::Pairs),
            data::Kind::Label => Some(Self::Topic),
            data::Kind::Labels => Some(Self::MultiLabel),
            data::Kind::Score => Some(Self::Similarity),
            data::Kind::Tags => Some(Self::Entities),
            data::Kind::Answers => Some(Self::Questions),
            data::Kind::Writing | data::Kind::Texts => None,
        }
    }

    /// What it is called on model hubs (`pipeline_tag`).
    pub fn hub_name(self) -> &'static str {
        match self {
            Self::Entities => "token-classification",
            Self::Questions => "question-answering",
            _ => "text-classification",
        }
    }

    /// What a model that does it is, in a few words.
    pub fn model_words(self) -> &'static str {
        match self {
            Self::Sentiment => "A classifier of texts by feeling",
            Self::Topic => "A classifier of texts by subject or intent",
            Self::MultiLabel => "A model that gives each text all labels that fit",
            Self::Pairs => "A classifier of pairs of texts",
            Self::Similarity => "A model that gives pairs of texts, or texts, a number or several",
            Self::Entities => "A model that marks named entities",
            Self::Questions => "A model that finds the answer to a question in a passage",
        }
    }

    /// Whether two texts are read together, so that a row without the second is no use.
    pub fn reads_pairs(self) -> bool {
        matches!(self, Self::Pairs | Self::Questions)
    }

    /// Whether a second text may be read beside the first.
    pub fn may_read_pairs(self) -> bool {
        self.reads_pairs() || self == Self::Similarity
    }

    /// Whether texts beyond the length limit are read in windows, whatever is said.
    pub fn reads_windows(self) -> bool {
        matches!(self, Self::Entities | Self::Questions)
    }

    /// The length in tokens at which texts are cut, where nothing else is said: that of the
    /// Hugging Face scripts for the task.
    pub fn usual_length(self) -> usize {
        match self {
            Self::Questions => 384,
            _ => 128,
        }
    }
}
