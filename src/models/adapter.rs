//! PEFT's adapter format: `adapter_config.json` and `adapter_model.safetensors`
//! (<https://github.com/huggingface/peft>, `LoraConfig` and `save_and_load.py`).

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use candle_core::Tensor;
use serde_json::{Map, Value, json};

use super::checkpoint::{Checkpoint, plain_name, save_tensors};
use super::head::HeadKind;
use super::method::is_adapter;
use super::model::Model;
use crate::error::{Error, Result};
use crate::hub::Weights;
use crate::nn::{LowRank, Parameters};

/// What PEFT puts in front of every name.
pub(super) const PREFIX: &str = "base_model.model.";

/// The same as a path of names.
const PREFIX_PATH: &str = "base_model.model";

/// Settings under which PEFT computes something else than `W + alpha / r · B · A`. Each is followed
/// by the values that switch it off.
const UNKNOWN: &[(&str, &[&str])] = &[
    ("use_dora", &["false"]),
    ("use_qalora", &["false"]),
    ("use_bdlora", &["null"]),
    ("lora_bias", &["false"]),
    ("fan_in_fan_out", &["false"]),
    ("bias", &["\"none\""]),
    ("rank_pattern", &["{}", "null"]),
    ("alpha_pattern", &["{}", "null"]),
    ("layers_to_transform", &["null"]),
    ("layer_replication", &["null"]),
    ("target_parameters", &["null"]),
    ("trainable_token_indices", &["null"]),
    ("alora_invocation_tokens", &["null"]),
    ("megatron_config", &["null"]),
    ("arrow_config", &["null"]),
];

/// Reads `adapter_config.json`.
///
/// # Errors
/// It is not a LoRA adapter, or one with settings that are not known here.
pub fn parse_config(json: &[u8]) -> Result<LowRank> {
    let refuse = |what: String| {
        Err(Error::new(what).remedy("Take a plain LoRA adapter, or merge it in PEFT first."))
    };
    let config: Map<String, Value> = serde_json::from_slice(json).map_err(|cause| {
        Error::new("adapter_config.json is not a JSON object")
            .remedy("Take the complete folder of one adapter.")
            .because(cause)
    })?;
    let kind = config.get("peft_type").and_then(Value::as_str);
    if kind != Some("LORA") {
        let kind = kind.unwrap_or("nothing");
        return refuse(format!(
            "adapter_config.json says peft_type {kind}; known is: LORA"
        ));
    }
    for (name, off) in UNKNOWN {
        let value = config.get(*name).map(Value::to_string);
        if let Some(value) = value.filter(|value| !off.contains(&value.as_str())) {
            return refuse(format!(
                "adapter_config.json says {name} {value}, which is not known here"
            ));
        }
    }
    let number = |name: &str, default: f64| match config.get(name) {
        None => Some(default),
        Some(value) => value.as_f64(),
    };
    // PEFT's own defaults.
    let (Some(rank), Some(alpha), Some(dropout)) = (
        number("r", 8.0).filter(|r| *r >= 1.0 && r.fract() == 0.0),
        number("lora_alpha", 8.0),
        number("lora_dropout", 0.0).filter(|p| (0.0..1.0).contains(p)),
    ) else {
        return refuse("adapter_config.json has no usable r, lora_alpha and lora_dropout".into());
    };
    let is_root_scaled = config.get("use_rslora").and_then(Value::as_bool) == Some(true);
    let target_modules = match config.get("target_modules") {
        None | Some(Value::Null) => vec!["query".to_owned(), "value".to_owned()],
        Some(Value::Array(names)) => {
            let names = names.iter().filter_map(Value::as_str);
            names.map(str::to_owned).collect()
        }
        Some(other) => {
            return refuse(format!(
                "adapter_config.json says target_modules {other}; known is a list of names"
            ));
        }
    };
    Ok(LowRank {
        rank: rank as usize,
        // Scaled by alpha / √r there, by alpha / r here.
        alpha: if is_root_scaled {
            alpha * rank.sqrt()
        } else {
            alpha
        },
        dropout,
        target_modules,
    })
}

/// What the last layers of heads that have labels are called.
const OUTPUTS: &[&str] = &["classifier.weight", "classifier.out_proj.weight"];

/// How many labels the classifier in an adapter's weights has; `None` when it brings no classifier.
///
/// # Errors
/// The file is not complete safetensors.
pub fn label_count(weights: &Path) -> Result<Option<usize>> {
    let checkpoint = Checkpoint::open(&Weights::File(weights.to_owned()), PREFIX_PATH, &[])?;
    let mut shapes = OUTPUTS.iter().filter_map(|name| checkpoint.shape(name));
    Ok(shapes.next().map(|shape| shape[0]))
}

/// All tensors of a plain model: the adapters' products are added to their weights.
pub fn merged(
    parameters: &Parameters,
    adapter: Option<&LowRank>,
) -> Result<BTreeMap<String, Tensor>> {
    let mut tensors = BTreeMap::new();
    for (name, parameter) in parameters.iter().filter(|(name, _)| !is_adapter(name)) {
        let weight = parameter.var().as_detached_tensor();
        let path = name.strip_suffix(".weight").unwrap_or(name);
        let low = |matrix: &str| parameters.get(&format!("{path}.lora_{matrix}.weight"));
        let weight = match (adapter, low("A"), low("B")) {
            (Some(kind), Some(a), Some(b)) => {
                let (a, b) = (a.var().as_detached_tensor(), b.var().as_detached_tensor());
                add_product(&weight, &a, &b, kind.scale())?
            }
            _ => weight,
        };
        tensors.insert(name.clone(), weight);
    }
    Ok(tensors)
}

/// weight + scale · b · a.
pub(super) fn add_product(
    weight: &Tensor,
    a: &Tensor,
    b: &Tensor,
    scale: f64,
) -> candle_core::Result<Tensor> {
    weight + (b.matmul(a)? * scale)?
}

/// Writes the adapter, and all else that is trained, into the existing folder as PEFT reads it.
/// `base` names the model below the adapter.
pub fn save_adapter(model: &Model, adapter: &LowRank, base: &str, folder: &Path) -> Result<()> {
    let trained = || {
        let all = model.parameters().iter();
        all.filter(|(_, parameter)| parameter.trains())
    };
    let tensors: BTreeMap<String, Tensor> = trained()
        .map(|(name, parameter)| {
            (
                format!("{PREFIX}{name}"),
                parameter.var().as_detached_tensor(),
            )
        })
        .collect();
    // PEFT itself adds these for the task.
    let mut saved: BTreeSet<String> = match model.kind() {
        HeadKind::Sequence { .. } | HeadKind::Tokens { .. } => ["classifier", "score"].as_slice(),
        HeadKind::Span => &["qa_outputs"],
    }
    .iter()
    .map(|&name| name.to_owned())
    .collect();
    for (name, _) in trained().filter(|(name, _)| !is_adapter(name)) {
        let plain = plain_name(name, model.names().base);
        saved.extend(plain.split('.').next().map(str::to_owned));
    }
    save_tensors(&tensors, &folder.join("adapter_model.safetensors"))?;
    let config = json!({
        "base_model_name_or_path": base,
        "bias": "none",
        "fan_in_fan_out": false,
        "inference_mode": true,
        "init_lora_weights": true,
        "lora_alpha": adapter.alpha,
        "lora_dropout": adapter.dropout,
        "modules_to_save": saved,
        "peft_type": "LORA",
        "r": adapter.rank,
        "target_modules": adapter.target_modules,
        "task_type": model.kind().task_type(),
        "use_rslora": false,
    });
    let path = folder.join("adapter_config.json");
    let text = serde_json::to_vec_pretty(&config)
        .map_err(|cause| Error::new("the adapter's config could not be written").because(cause))?;
    std::fs::write(&path, text).map_err(|cause| Error::file("write to", &path, cause))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn configs_are_read_or_refused_with_the_setting() {
        let read = |text: &str| parse_config(text.as_bytes());
        let kind = read(r#"{"peft_type":"LORA","r":4,"lora_alpha":8,"use_dora":false}"#).unwrap();
        assert_eq!((kind.rank, kind.scale(), kind.dropout), (4, 2.0, 0.0));
        assert_eq!(kind.target_modules, ["query", "value"]);
        let rooted = read(r#"{"peft_type":"LORA","r":4,"lora_alpha":8,"use_rslora":true}"#);
        assert_eq!(rooted.unwrap().scale(), 4.0);
        for (text, words) in [
            (r#"{"peft_type":"IA3"}"#, "IA3"),
            (r#"{"r":4}"#, "peft_type nothing"),
            (r#"{"peft_type":"LORA","use_dora":true}"#, "use_dora true"),
            (r#"{"peft_type":"LORA","bias":"all"}"#, "bias"),
            (r#"{"peft_type":"LORA","r":null}"#, "usable r"),
            (
                r#"{"peft_type":"LORA","target_modules":"all-linear"}"#,
                "all-linear",
            ),
            ("[]", "not a JSON object"),
        ] {
            let fault = read(text).unwrap_err().to_string();
            assert!(fault.contains(words), "{text}: {fault}");
        }
    }
}
