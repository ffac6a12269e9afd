//! Reading and writing weights: safetensors only, checked before use.

use std::collections::BTreeMap;
use std::path::Path;

use candle_core::safetensors::{MmapedSafetensors, SliceSafetensors};
use candle_core::{DType, Device, Tensor};
use safetensors::tensor::TensorView;

use crate::error::{Error, Result};
use crate::hub::Weights;
use crate::nn::{Parameters, Source};

enum Files {
    Embedded(SliceSafetensors<'static>),
    Mapped(MmapedSafetensors),
}

impl Files {
    fn tensors(&self) -> Vec<(String, TensorView<'_>)> {
        match self {
            Self::Embedded(files) => files.tensors(),
            Self::Mapped(files) => files.tensors(),
        }
    }

    fn load(&self, name: &str) -> candle_core::Result<Tensor> {
        match self {
            Self::Embedded(files) => files.load(name, &Device::Cpu),
            Self::Mapped(files) => files.load(name, &Device::Cpu),
        }
    }
}

/// The weights of a model under the plain names of the architecture: without `bert.` or another
/// wrapper's prefix, and with `weight` and `bias` where old checkpoints say `gamma` and `beta`.
pub struct Checkpoint {
    files: Files,
    /// Plain name to the file's own name, shape and type.
    names: BTreeMap<String, (String, Vec<usize>, safetensors::Dtype)>,
    /// Plain names that may be missing or of another shape: the head and the pooler.
    replaceable: &'static [&'static str],
    base_prefix: &'static str,
}

impl Checkpoint {
    /// Opens weights of an architecture whose wrapped models call the encoder `base_prefix`
    /// ("bert"). Tensors whose plain names begin with one of `replaceable` may be missing or have
    /// another shape; they are then drawn anew.
    ///
    /// Fails on files that are not complete safetensors.
    pub fn open(
        weights: &Weights,
        base_prefix: &'static str,
        replaceable: &'static [&'static str],
    ) -> Result<Self> {
        let files = match weights {
            Weights::Embedded(bytes) => Files::Embedded(
                SliceSafetensors::new(bytes)
                    .map_err(|cause| damaged("the built-in model", cause))?,
            ),
            Weights::File(path) => map(std::slice::from_ref(path))?,
            Weights::Shards(paths) => map(paths)?,
        };
        let names = files
            .tensors()
            .into_iter()
            .map(|(name, view)| {
                (
                    plain_name(&name, base_prefix),
                    (name, view.shape().to_vec(), view.dtype()),
                )
            })
            .collect();
        Ok(Self {
            files,
            names,
            replaceable,
            base_prefix,
        })
    }

    fn is_replaceable(&self, plain: &str) -> bool {
        self.replaceable
            .iter()
            .any(|prefix| plain.starts_with(prefix))
    }
}

impl Source for Checkpoint {
    fn tensor(&self, name: &str, shape: &[usize]) -> Result<Option<Tensor>> {
        let plain = plain_name(name, self.base_prefix);
        let found = self.names.get(&plain);
        let Some((own_name, _, dtype)) = found.filter(|(_, found, _)| found == shape) else {
            if self.is_replaceable(&plain) {
                return Ok(None);
            }
            let found = found.map_or("it is missing".to_owned(), |(_, found, _)| {
                format!("its shape is {found:?}")
            });
            return Err(Error::new(format!(
                "the weights do not fit config.json: {name} should have the shape {shape:?}, but {found}"
            ))
            .remedy("Take model.safetensors and config.json from the same model."));
        };
        use safetensors::Dtype::{BF16, F16, F32, F64};
        if !matches!(dtype, F16 | BF16 | F32 | F64) {
            return Err(Error::new(format!("the weight {name} is stored as {dtype:?}"))
                .remedy("Use a model whose weights are float32, float16 or bfloat16; quantised ones cannot be trained."));
        }
        Ok(Some(self.files.load(own_name)?.to_dtype(DType::F32)?))
    }
}

fn map(paths: &[std::path::PathBuf]) -> Result<Files> {
    // SAFETY: the mapping is read-only and lives only while a model is loaded. Luthier itself never
    // changes a model file in place: it writes a new one and renames it.
    let files = unsafe { MmapedSafetensors::multi(paths) };
    files.map(Files::Mapped).map_err(|cause| {
        let names: Vec<_> = paths
            .iter()
            .map(|path| path.display().to_string())
            .collect();
        damaged(&names.join(", "), cause)
    })
}

fn damaged(what: &str, cause: candle_core::Error) -> Error {
    Error::new(format!("{what} is not a complete safetensors file"))
        .remedy("The file is cut short or damaged: fetch or copy the model again.")
        .because(cause)
}

fn plain_name(name: &str, base_prefix: &str) -> String {
    let name = name
        .strip_prefix(base_prefix)
        .and_then(|rest| rest.strip_prefix('.'))
        .unwrap_or(name);
    match name.rsplit_once('.') {
        Some((path, "gamma")) => format!("{path}.weight"),
        Some((path, "beta")) => format!("{path}.bias"),
        _ => name.to_owned(),
    }
}

/// Writes all parameters to a new safetensors file as float32, with the metadata that transformers
/// expects, and syncs it. The caller names a temporary place and renames.
pub fn save_weights(parameters: &Parameters, path: &Path) -> Result<()> {
    let tensors = parameters
        .iter()
        .map(|(name, parameter)| (name, parameter.var().as_tensor()));
    let metadata = Some([("format".to_owned(), "pt".to_owned())].into());
    safetensors::serialize_to_file(tensors, metadata, path).map_err(|cause| {
        Error::new(format!("cannot write the weights to {}", path.display()))
            .remedy("Check that the disk has room and the folder may be written to.")
            .because(cause)
    })?;
    let file = std::fs::File::open(path).and_then(|file| file.sync_all());
    file.map_err(|cause| Error::file("write the weights to", path, cause))
}
