//! A model folder on this computer, looked at before it is chosen.

use std::path::Path;

use serde_json::Value;

use super::services::LocalModel;
use crate::error::{Error, Result};
use crate::session::estimate::ModelShape;

/// Looks at a folder in Hugging Face layout: is everything there, and how large is the model?
/// The weights are read when training begins; here only their presence counts.
pub fn look(folder: &Path) -> Result<LocalModel> {
    let config = folder.join("config.json");
    let text = std::fs::read_to_string(&config)
        .map_err(|cause| Error::file("read the model's", &config, cause))?;
    let config: Value = serde_json::from_str(&text).map_err(|cause| {
        Error::new(format!("{} is not valid JSON", config.display()))
            .remedy("Choose a complete model folder, or download the file again.")
            .because(cause)
    })?;
    for name in ["tokenizer.json", "model.safetensors"] {
        if !folder.join(name).is_file() {
            return Err(
                Error::new(format!("{} has no {name}", folder.display())).remedy(
                    "A model folder holds config.json, tokenizer.json and model.safetensors.",
                ),
            );
        }
    }
    let number = |key: &str| {
        let value = config.get(key).and_then(Value::as_u64);
        value.map(|value| value as usize).ok_or_else(|| {
            Error::new(format!("config.json in {} has no {key}", folder.display()))
                .remedy("Luthier reads models of the BERT family; choose one of those.")
        })
    };
    let shape = ModelShape {
        layers: number("num_hidden_layers")?,
        hidden: number("hidden_size")?,
        intermediate: number("intermediate_size")?,
        vocabulary: number("vocab_size")?,
    };
    let weights = folder.join("model.safetensors");
    let bytes = std::fs::metadata(&weights)
        .map_err(|cause| Error::file("look at", &weights, cause))?
        .len();
    Ok(LocalModel {
        folder: folder.to_path_buf(),
        shape,
        bytes,
    })
}
