//! Reading and writing weights: safetensors only, checked before use.

use std::collections::BTreeMap;
use std::path::Path;

use candle_core::safetensors::{MmapedSafetensors, SliceSafetensors};
use candle_core::{DType, Device, Tensor};
use safetensors::tensor::TensorView;

use super::adapter::{PREFIX, add_product};
use super::method::{adapter_path, is_adapter};
use crate::error::{Error, Result};
use crate::hub::Weights;
use crate::nn::Source;

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
    base: Files,
    adapter: Option<AdapterTensors>,
    /// Plain name to where the tensor is.
    names: BTreeMap<String, Place>,
    /// Plain names that may be missing or of another shape: the heads.
    replaceable: &'static [&'static str],
    base_prefix: &'static str,
}

struct AdapterTensors {
    files: Files,
    /// Factor of the adapters' products when they are to be added to their weights.
    merges: Option<f64>,
}

/// Where a tensor is and what it is like.
struct Place {
    in_adapter: bool,
    own_name: String,
    shape: Vec<usize>,
    dtype: safetensors::Dtype,
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
        let base = match weights {
            Weights::Embedded(bytes) => Files::Embedded(
                SliceSafetensors::new(bytes)
                    .map_err(|cause| damaged("the built-in model", cause))?,
            ),
            Weights::File(path) => map(std::slice::from_ref(path))?,
            Weights::Shards(paths) => map(paths)?,
        };
        let mut checkpoint = Self {
            names: BTreeMap::new(),
            base,
            adapter: None,
            replaceable,
            base_prefix,
        };
        checkpoint.names = checkpoint.places(&checkpoint.base, false);
        Ok(checkpoint)
    }

    /// Puts an adapter of PEFT's on the weights. With `merges` its products, times this factor, are
    /// added to their weights; without, its matrices are found under names of their own.
    ///
    /// # Errors
    /// The file is not complete, or belongs to another model.
    pub fn with_adapter(mut self, weights: &Path, merges: Option<f64>) -> Result<Self> {
        let files = map(&[weights.to_owned()])?;
        for (plain, place) in self.places(&files, true) {
            let target = adapter_path(&plain).map(|path| format!("{path}.weight"));
            let known = match target {
                Some(target) => self.names.contains_key(&target),
                None => self.names.contains_key(&plain) || self.is_replaceable(&plain),
            };
            if !known {
                return Err(Error::new(format!(
                    "the adapter has {}, for which the base model has no place",
                    place.own_name
                ))
                .remedy("Check that base_model_name_or_path in adapter_config.json names the model it was trained on."));
            }
            self.names.insert(plain, place);
        }
        self.adapter = Some(AdapterTensors { files, merges });
        Ok(self)
    }

    fn places(&self, files: &Files, in_adapter: bool) -> BTreeMap<String, Place> {
        let place = |(own_name, view): (String, TensorView<'_>)| {
            let name = own_name.strip_prefix(PREFIX).filter(|_| in_adapter);
            let plain = plain_name(name.unwrap_or(&own_name), self.base_prefix);
            let place = Place {
                in_adapter,
                shape: view.shape().to_vec(),
                dtype: view.dtype(),
                own_name,
            };
            (plain, place)
        };
        files.tensors().into_iter().map(place).collect()
    }

    fn is_replaceable(&self, plain: &str) -> bool {
        self.replaceable
            .iter()
            .any(|prefix| plain.starts_with(prefix))
    }

    /// The shape of the tensor called `name`, where there is one.
    pub fn shape(&self, name: &str) -> Option<&[usize]> {
        let place = self.names.get(&plain_name(name, self.base_prefix))?;
        Some(&place.shape)
    }

    fn load(&self, place: &Place) -> Result<Tensor> {
        use safetensors::Dtype::{BF16, F16, F32, F64};
        if !matches!(place.dtype, F16 | BF16 | F32 | F64) {
            return Err(Error::new(format!("the weight {} is stored as {:?}", place.own_name, place.dtype))
                .remedy("Use a model whose weights are float32, float16 or bfloat16; quantised ones cannot be trained."));
        }
        let files = match &self.adapter {
            Some(adapter) if place.in_adapter => &adapter.files,
            _ => &self.base,
        };
        let weight = files.load(&place.own_name)?.to_dtype(DType::F32)?;
        // A sum is a number only if everything in it is one.
        if !weight.sum_all()?.to_scalar::<f32>()?.is_finite() {
            return Err(Error::new(format!(
                "the weight {} holds values that are not numbers",
                place.own_name
            ))
            .remedy("The file is damaged, or comes from a training that diverged: take another copy, or train again."));
        }
        Ok(weight)
    }

    /// The weight of a layer with its adapter's product, where that is to be merged.
    fn merge(&self, plain: &str, weight: Tensor) -> Result<Tensor> {
        let scale = self.adapter.as_ref().and_then(|adapter| adapter.merges);
        let Some((scale, path)) = scale.zip(plain.strip_suffix(".weight")) else {
            return Ok(weight);
        };
        let low = |matrix: &str| self.names.get(&format!("{path}.lora_{matrix}.weight"));
        let (Some(a), Some(b)) = (low("A"), low("B")) else {
            return Ok(weight);
        };
        let product = add_product(&weight, &self.load(a)?, &self.load(b)?, scale);
        product.map_err(|cause| {
            Error::new(format!("the adapter of {path} does not fit its weight"))
                .remedy("Take the adapter and the base model that belong together.")
                .because(cause)
        })
    }
}

impl Source for Checkpoint {
    fn tensor(&self, name: &str, shape: &[usize]) -> Result<Option<Tensor>> {
        let plain = plain_name(name, self.base_prefix);
        let found = self.names.get(&plain);
        let Some(place) = found.filter(|place| place.shape == shape) else {
            if self.is_replaceable(&plain) || (found.is_none() && is_adapter(&plain)) {
                return Ok(None);
            }
            let found = found.map_or("it is missing".to_owned(), |place| {
                format!("its shape is {:?}", place.shape)
            });
            return Err(Error::new(format!(
                "the weights do not fit config.json: {name} should have the shape {shape:?}, but {found}"
            ))
            .remedy("Take model.safetensors and config.json from the same model."));
        };
        self.merge(&plain, self.load(place)?).map(Some)
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

/// A parameter's name without the wrapper's prefix, in today's spelling.
pub(super) fn plain_name(name: &str, base_prefix: &str) -> String {
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

/// Writes the tensors to a new safetensors file, with the metadata that transformers expects, and
/// syncs it. The caller names a temporary place and renames.
pub fn save_tensors(tensors: &BTreeMap<String, Tensor>, path: &Path) -> Result<()> {
    let metadata = Some([("format".to_owned(), "pt".to_owned())].into());
    safetensors::serialize_to_file(tensors, metadata, path).map_err(|cause| {
        Error::new(format!("cannot write the weights to {}", path.display()))
            .remedy("Check that the disk has room and the folder may be written to.")
            .because(cause)
    })?;
    let file = std::fs::File::open(path).and_then(|file| file.sync_all());
    file.map_err(|cause| Error::file("write the weights to", path, cause))
}
