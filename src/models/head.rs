//! What a task puts on top of an encoder.

use candle_core::{Result, Tensor};

use crate::nn::{Activation, Linear, Norm, Pass, dropout};

/// The kinds of heads, named as transformers names its classes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeadKind {
    /// `outputs` numbers for each sequence: `…ForSequenceClassification`.
    Sequence {
        /// Labels or targets.
        outputs: usize,
    },
    /// `outputs` numbers for each token: `…ForTokenClassification`.
    Tokens {
        /// Labels.
        outputs: usize,
    },
    /// Start and end of a span, two numbers for each token: `…ForQuestionAnswering`.
    Span,
}

impl HeadKind {
    /// Numbers for each sequence or token.
    pub fn outputs(self) -> usize {
        match self {
            Self::Sequence { outputs } | Self::Tokens { outputs } => outputs,
            Self::Span => 2,
        }
    }

    /// What transformers' class is called after the architecture's name.
    pub(super) fn class(self) -> &'static str {
        match self {
            Self::Sequence { .. } => "ForSequenceClassification",
            Self::Tokens { .. } => "ForTokenClassification",
            Self::Span => "ForQuestionAnswering",
        }
    }

    /// What PEFT calls the task.
    pub(super) fn task_type(self) -> &'static str {
        match self {
            Self::Sequence { .. } => "SEQ_CLS",
            Self::Tokens { .. } => "TOKEN_CLS",
            Self::Span => "QUESTION_ANS",
        }
    }

    /// What the last layer is called in most architectures.
    pub(super) fn output_name(self) -> &'static str {
        match self {
            Self::Sequence { .. } | Self::Tokens { .. } => "classifier",
            Self::Span => "qa_outputs",
        }
    }
}

/// One step of a head.
#[derive(Debug)]
pub(super) enum Step {
    Dropout(f64),
    Linear(Linear),
    Activated(Linear, Activation),
    Norm(Norm),
}

/// What a sequence's head reads of the encoder's output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pooling {
    /// The state of the first token.
    First,
    /// The mean of the states of all tokens.
    Mean,
}

/// A head: what it reads, and what it does with it.
#[derive(Debug)]
pub(super) struct Head {
    /// What it reads, where it is a sequence's.
    pub pooling: Pooling,
    /// The steps in their order; the last gives the outputs.
    pub steps: Vec<Step>,
}

impl Head {
    /// A head that reads first tokens, where it is a sequence's.
    pub(super) fn new(steps: Vec<Step>) -> Self {
        Self {
            pooling: Pooling::First,
            steps,
        }
    }

    /// Features (rows, hidden) to (rows, outputs).
    pub(super) fn forward(&self, features: &Tensor, pass: &Pass) -> Result<Tensor> {
        let mut x = features.clone();
        for step in &self.steps {
            x = match step {
                Step::Dropout(p) => dropout(&x, *p, pass)?,
                Step::Linear(linear) => linear.forward(&x, pass)?,
                Step::Activated(linear, activation) => linear.activated(&x, *activation, pass)?,
                Step::Norm(norm) => norm.forward(&x, pass)?,
            };
        }
        Ok(x)
    }
}
