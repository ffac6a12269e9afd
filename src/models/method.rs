//! Which of a model's parameters are trained.

use crate::error::{Error, Result};
use crate::nn::{LowRank, Parameters};

/// What a run trains of a model.
#[derive(Clone, Debug, PartialEq)]
pub enum Method {
    /// All parameters, save those that are frozen.
    Full {
        /// Encoder layers that stay as they are, counted from the embeddings, which then stay as
        /// well: the backward pass ends above them.
        frozen_layers: usize,
        /// Whether the embeddings stay as they are.
        frozen_embeddings: bool,
    },
    /// Low-rank adapters beside the weights, and the head.
    LowRank(LowRank),
    /// What lies above the encoder, whose output is then computed once per example.
    Head,
}

/// The part of a model that a parameter belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Below the first layer.
    Embeddings,
    /// An encoder layer, by its number.
    Layer(usize),
    /// Above the last layer: what the task brings.
    Head,
}

impl Method {
    /// Everything is trained.
    pub const EVERYTHING: Self = Self::Full {
        frozen_layers: 0,
        frozen_embeddings: false,
    };

    /// The adapters, where there are any.
    pub fn low_rank(&self) -> Option<&LowRank> {
        match self {
            Self::LowRank(kind) => Some(kind),
            _ => None,
        }
    }

    /// Checks that a model with `layers` encoder layers has the layers that are to be frozen.
    ///
    /// # Errors
    /// It has fewer.
    pub fn check_layers(&self, layers: usize) -> Result<()> {
        match self {
            &Self::Full { frozen_layers, .. } if frozen_layers > layers => Err(Error::new(
                format!("freeze_layers is {frozen_layers}, but the model has {layers} layers"),
            )
            .remedy(format!("Set freeze_layers to {layers} or less."))),
            _ => Ok(()),
        }
    }

    /// Marks what is trained of a model with `layers` encoder layers; `part` tells by its name where
    /// a parameter belongs. In the head are always trained the modules whose names end with
    /// `output`, and what no checkpoint brought, which is named in `drawn`.
    ///
    /// # Errors
    /// More layers are to be frozen than there are; no layer is a target of the adapters.
    pub fn apply(
        &self,
        parameters: &Parameters,
        layers: usize,
        part: impl Fn(&str) -> Part,
        output: &str,
        drawn: &[String],
    ) -> Result<()> {
        match self {
            &Self::Full {
                frozen_layers,
                frozen_embeddings,
            } => {
                self.check_layers(layers)?;
                for (name, parameter) in parameters {
                    parameter.set_trains(match part(name) {
                        Part::Embeddings => !frozen_embeddings && frozen_layers == 0,
                        Part::Layer(layer) => layer >= frozen_layers,
                        Part::Head => true,
                    });
                }
            }
            Self::Head => {
                for (name, parameter) in parameters {
                    parameter.set_trains(part(name) == Part::Head);
                }
            }
            Self::LowRank(kind) => {
                if !parameters.keys().any(|name| is_adapter(name)) {
                    return Err(no_target(kind, parameters, part));
                }
                for (name, parameter) in parameters {
                    // By the end of a module's name, as PEFT finds modules to save. A pooler that
                    // the checkpoint brought stays as it is, as in PEFT.
                    let module = name.split('.').next().unwrap_or(name);
                    let own = module.ends_with(output) || drawn.contains(name);
                    parameter.set_trains(is_adapter(name) || (part(name) == Part::Head && own));
                }
            }
        }
        Ok(())
    }
}

/// Whether a parameter of this name is one of an adapter's two matrices.
pub fn is_adapter(name: &str) -> bool {
    adapter_path(name).is_some()
}

/// The layer whose adapter a parameter of this name belongs to.
pub(super) fn adapter_path(name: &str) -> Option<&str> {
    let path = name.strip_suffix(".lora_A.weight");
    path.or_else(|| name.strip_suffix(".lora_B.weight"))
}

fn no_target(kind: &LowRank, parameters: &Parameters, part: impl Fn(&str) -> Part) -> Error {
    let mut known: Vec<&str> = parameters
        .iter()
        .filter(|(name, parameter)| {
            parameter.var().dims().len() == 2 && matches!(part(name), Part::Layer(_))
        })
        .filter_map(|(name, _)| name.strip_suffix(".weight")?.rsplit('.').next())
        .collect();
    known.sort_unstable();
    known.dedup();
    Error::new(format!(
        "no layer of the model is called {}",
        kind.target_modules.join(" or ")
    ))
    .remedy(format!(
        "Set lora_target_modules to some of: {}.",
        known.join(", ")
    ))
}
