//! The files of one model, wherever they lie: in the program, in the cache, in a local folder.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fs::File;
use std::io::Read as _;
use std::path::{Component, Path, PathBuf};

use serde::Deserialize;

use super::built_in::{BuiltIn, built_in};
use super::cache::{self, Origin};
use super::catalogue::{Catalogue, Entry, is_plain_name};
use crate::error::{Error, Result};
use crate::home::Home;

/// Everything needed to load a model, checked to be there; nothing of it is parsed yet.
#[derive(Clone, Debug)]
pub struct ModelFiles {
    /// The name to show: the catalogue's name or the folder's.
    pub name: String,
    /// Where the files lie.
    pub source: ModelSource,
    /// Content of `config.json`.
    pub config: Cow<'static, [u8]>,
    /// The tokenizer.
    pub tokenizer: TokenizerFile,
    /// Content of `tokenizer_config.json`, where there is one.
    pub tokenizer_config: Option<Cow<'static, [u8]>>,
    /// The weights, in safetensors format.
    pub weights: Weights,
    /// SPDX identifier of the licence, where the catalogue knows the model.
    pub licence: Option<String>,
    /// Licence texts to hand on with every copy: file name and content.
    pub notices: Vec<(String, Cow<'static, [u8]>)>,
    /// Where a downloaded model came from.
    pub origin: Option<Origin>,
    /// An adapter of PEFT's that belongs on the weights.
    pub adapter: Option<AdapterFiles>,
}

/// The two files of an adapter in PEFT's format.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AdapterFiles {
    /// Content of `adapter_config.json`.
    pub config: Cow<'static, [u8]>,
    /// `adapter_model.safetensors`.
    pub weights: PathBuf,
}

impl ModelFiles {
    /// How others would name this model: its repository, its folder, or its name.
    pub fn reference(&self) -> String {
        if let ModelSource::Folder(folder) = &self.source {
            let absolute = std::path::absolute(folder);
            let folder = absolute.unwrap_or_else(|_| folder.clone());
            return folder.display().to_string();
        }
        let catalogue = Catalogue::embedded().ok();
        let entry = catalogue
            .as_ref()
            .and_then(|catalogue| catalogue.by_name(&self.name));
        let repository = entry.and_then(|entry| entry.repository.clone());
        repository.unwrap_or_else(|| self.name.clone())
    }
}

/// Where a model's files lie.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ModelSource {
    /// In the program itself.
    BuiltIn(&'static BuiltIn),
    /// In the cache of downloaded models.
    Downloaded(PathBuf),
    /// In a folder of the user.
    Folder(PathBuf),
}

/// The tokenizer in one of the formats of encoders.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TokenizerFile {
    /// Content of `tokenizer.json`, the complete description.
    Json(Cow<'static, [u8]>),
    /// Content of `vocab.txt`: one word piece per line; `tokenizer_config.json` tells the casing.
    Vocabulary(Cow<'static, [u8]>),
    /// Byte pairs, as RoBERTa has them.
    BytePairs {
        /// Content of `vocab.json`: the number of each token.
        vocabulary: Cow<'static, [u8]>,
        /// Content of `merges.txt`: pairs of tokens, the ones to be merged first at the top.
        merges: Cow<'static, [u8]>,
    },
}

/// The weights in safetensors format.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Weights {
    /// Bytes of the program, aligned to 64 bytes.
    Embedded(&'static [u8]),
    /// One file.
    File(PathBuf),
    /// Several files, each with some of the tensors, in the order of their names.
    Shards(Vec<PathBuf>),
}

/// Finds a model by its name in the catalogue, its Hugging Face repository or the path of a
/// folder in Hugging Face layout. A name of the catalogue wins over a folder of the same name;
/// `./name` means the folder.
///
/// # Errors
/// A model that is known but not downloaded, an unknown name, a missing folder, and a folder
/// that lacks a needed file or has its weights in a format that is not read.
pub fn resolve(name_or_path: &str, home: &Home) -> Result<ModelFiles> {
    let catalogue = Catalogue::embedded()?;
    if let Some(entry) = catalogue.by_name(name_or_path) {
        return from_catalogue(entry, home);
    }
    let path = Path::new(name_or_path);
    if path.is_dir() {
        let inner = path.join("model");
        return match is_adapter(path) {
            true => from_adapter(path, Some(home)),
            false if !has_config(path) && has_config(&inner) => Err(around(path, &inner)),
            false => from_folder(path),
        };
    }
    if let Some(entry) = catalogue.by_repository(name_or_path) {
        return from_catalogue(entry, home);
    }
    Err(unknown(name_or_path, path, &catalogue))
}

/// How others may know the model `name_or_path`, never a path: by its repository, where the
/// catalogue or a cache of the hub tells it, else by its folder's name. Of a folder that is only
/// called `model` the repository stands in `config.json`, or the folder around it has the name.
pub fn public_name(name_or_path: &str) -> String {
    if let Some(known) = catalogue_name(name_or_path) {
        return known;
    }
    let path = Path::new(name_or_path);
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let names = path.components().rev().filter_map(|part| match part {
        Component::Normal(name) => Some(name.to_string_lossy()),
        _ => None,
    });
    let names: Vec<_> = names.collect();
    // As in models--owner--name/snapshots/commit.
    if let Some(cached) = names.iter().find_map(|name| name.strip_prefix("models--")) {
        return cached.replace("--", "/");
    }
    match &names[..] {
        [own, around, ..] if own == "model" => {
            origin_in_config(&path).unwrap_or_else(|| around.to_string())
        }
        [own, ..] => own.to_string(),
        [] => String::new(),
    }
}

/// The repository of a model of the catalogue, or the name of one that has none.
fn catalogue_name(name: &str) -> Option<String> {
    let catalogue = Catalogue::embedded().ok()?;
    let entry = catalogue.by_name(name);
    let entry = entry.or_else(|| catalogue.by_repository(name))?;
    Some(entry.repository.as_ref().unwrap_or(&entry.name).clone())
}

/// The repository that the `config.json` of a folder says it was loaded from.
fn origin_in_config(folder: &Path) -> Option<String> {
    #[derive(Deserialize)]
    struct Config {
        #[serde(rename = "_name_or_path")]
        origin: String,
    }
    let bytes = read_bytes(&folder.join(CONFIG)).ok()?;
    let Config { origin } = serde_json::from_slice(&bytes).ok()?;
    let parts = || origin.split_once('/');
    let is_repository =
        parts().is_some_and(|(owner, own)| is_plain_name(owner) && is_plain_name(own));
    catalogue_name(&origin).or_else(|| is_repository.then_some(origin))
}

/// Reads a model of the catalogue: the built-in one, or a downloaded one.
///
/// # Errors
/// The model is not downloaded, or files of it were deleted since.
pub fn from_catalogue(entry: &Entry, home: &Home) -> Result<ModelFiles> {
    if let Some(model) = built_in(&entry.name) {
        return Ok(from_built_in(model, entry));
    }
    let fetch = format!(
        "Download it on the Model page or with `luthier models fetch {}`.",
        entry.name
    );
    let folder = cache::folder(entry, home);
    if !folder.is_dir() {
        return Err(Error::new(format!("{} is not downloaded yet", entry.name)).remedy(fetch));
    }
    let layout = Layout::find(&folder).map_err(|fault| {
        Error::new(format!("the downloaded model {} is damaged", entry.name))
            .remedy(fetch)
            .because(Error::new(fault.what()))
    })?;
    let mut files = layout.read(&entry.name, ModelSource::Downloaded(folder.clone()))?;
    files.licence = Some(entry.licence.clone());
    files.origin = cache::origin(&folder);
    Ok(files)
}

/// Reads a model from a folder in Hugging Face layout.
///
/// # Errors
/// A needed file is missing or cannot be read; weights in pickle format only.
pub fn from_folder(folder: &Path) -> Result<ModelFiles> {
    if is_adapter(folder) {
        return from_adapter(folder, None);
    }
    let layout = Layout::find(folder)?;
    let absolute = std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned());
    let name = match absolute.file_name() {
        Some(name) => name.to_string_lossy().into_owned(),
        None => absolute.display().to_string(),
    };
    layout.read(&name, ModelSource::Folder(folder.to_owned()))
}

/// Whether the folder holds an adapter and no model of its own.
fn is_adapter(folder: &Path) -> bool {
    folder.join(ADAPTER_CONFIG).is_file() && !folder.join(WEIGHTS).is_file()
}

/// Reads a folder in PEFT's format, with the base model that its config names: a folder, also one
/// beside it, or with `home` a model of the catalogue.
fn from_adapter(folder: &Path, home: Option<&Home>) -> Result<ModelFiles> {
    #[derive(Deserialize)]
    struct Config {
        base_model_name_or_path: Option<String>,
    }
    let config = read_bytes(&folder.join(ADAPTER_CONFIG))?;
    let weights = folder.join(ADAPTER_WEIGHTS);
    if !weights.is_file() {
        return Err(incomplete(folder, &[ADAPTER_WEIGHTS.to_owned()]));
    }
    refuse_placeholder(&weights)?;
    let parsed = serde_json::from_slice::<Config>(&config).ok();
    let base = parsed.and_then(|config| config.base_model_name_or_path);
    let base = base.filter(|base| !base.is_empty()).ok_or_else(|| {
        Error::new(format!(
            "the adapter {} names no base model",
            folder.display()
        ))
        .remedy(
            "Write the base model's folder into base_model_name_or_path of adapter_config.json.",
        )
    })?;
    let beside = folder.parent().map(|parent| parent.join(&base));
    let places = [Some(PathBuf::from(&base)), Some(folder.join(&base)), beside];
    let place = places
        .into_iter()
        .flatten()
        .find(|place| place.join(CONFIG).is_file());
    let files = match (place, home) {
        (Some(place), _) => from_folder(&place),
        (None, Some(home)) => resolve(&base, home),
        (None, None) => Err(Error::new(format!("there is no folder {base}"))),
    };
    let mut files = files.map_err(|fault| {
        Error::new(format!(
            "the base model {base} of the adapter {} is not here",
            folder.display()
        ))
        .remedy("Put its folder beside the adapter's, or write its path into base_model_name_or_path of adapter_config.json.")
        .because(Error::new(fault.what()))
    })?;
    files.adapter = Some(AdapterFiles { config, weights });
    Ok(files)
}

fn from_built_in(model: &'static BuiltIn, entry: &Entry) -> ModelFiles {
    let notices = model
        .notices
        .iter()
        .map(|(name, text)| ((*name).to_owned(), Cow::Borrowed(*text)))
        .collect();
    ModelFiles {
        name: model.name.to_owned(),
        source: ModelSource::BuiltIn(model),
        config: Cow::Borrowed(model.config),
        tokenizer: TokenizerFile::Json(Cow::Borrowed(model.tokenizer)),
        tokenizer_config: Some(Cow::Borrowed(model.tokenizer_config)),
        weights: Weights::Embedded(model.weights),
        licence: Some(entry.licence.clone()),
        notices,
        origin: None,
        adapter: None,
    }
}

fn has_config(folder: &Path) -> bool {
    folder.join(CONFIG).is_file()
}

/// Of a folder such as a run's, that the model lies in it.
fn around(folder: &Path, model: &Path) -> Error {
    Error::new(format!("{} is the folder around a model", folder.display()))
        .remedy(format!("Give the model's own: {}.", model.display()))
}

fn unknown(given: &str, path: &Path, catalogue: &Catalogue) -> Error {
    if path.is_file() {
        return Error::new(format!("{given} is a file, not a model folder"))
            .remedy("Give the folder that holds config.json and model.safetensors.");
    }
    let known = catalogue.names().collect::<Vec<_>>().join(", ");
    Error::new(format!("there is no model or folder named {given}")).remedy(format!(
        "Give the path of a folder in Hugging Face layout or one of these names: {known}."
    ))
}

/// Where the files of a folder in Hugging Face layout are.
#[derive(Debug)]
pub(super) struct Layout {
    folder: PathBuf,
    tokenizer: &'static [&'static str],
    weights: Weights,
}

const CONFIG: &str = "config.json";
/// The files of a tokenizer in each format, the best first.
const TOKENIZERS: [&[&str]; 3] = [
    &["tokenizer.json"],
    &["vocab.txt"],
    &["vocab.json", "merges.txt"],
];
const TOKENIZER_CONFIG: &str = "tokenizer_config.json";
const WEIGHTS: &str = "model.safetensors";
const ADAPTER_CONFIG: &str = "adapter_config.json";
const ADAPTER_WEIGHTS: &str = "adapter_model.safetensors";
const WEIGHTS_INDEX: &str = "model.safetensors.index.json";
const PICKLE: [&str; 2] = ["pytorch_model.bin", "pytorch_model.bin.index.json"];
const NOTICES: [&str; 4] = ["LICENSE", "LICENSE.txt", "LICENSE.md", "NOTICE"];

/// Larger than any tokenizer or shard index in use; keeps a wrong file from filling the memory.
const MAX_TEXT_BYTES: u64 = 256 << 20;

impl Layout {
    /// Checks that every needed file of `folder` is there.
    ///
    /// # Errors
    /// Names every missing file and what to do.
    pub(super) fn find(folder: &Path) -> Result<Self> {
        let has = |name: &str| folder.join(name).is_file();
        let mut missing = Vec::new();
        if !has(CONFIG) {
            missing.push(CONFIG.to_owned());
        }
        let complete = |names: &&[&str]| names.iter().all(|name| has(name));
        let tokenizer = TOKENIZERS.into_iter().find(complete);
        if tokenizer.is_none() {
            let [best, others @ ..] = TOKENIZERS.map(|names| names.join(" with "));
            missing.push(format!("{best} (or {})", others.join(", or ")));
        }
        let weights = find_weights(folder)?;
        if weights.is_none() {
            missing.push(WEIGHTS.to_owned());
        }
        match (tokenizer, weights) {
            (Some(tokenizer), Some(weights)) if missing.is_empty() => Ok(Self {
                folder: folder.to_owned(),
                tokenizer,
                weights,
            }),
            _ => Err(incomplete(folder, &missing)),
        }
    }

    fn read(self, name: &str, source: ModelSource) -> Result<ModelFiles> {
        for path in self.weights.paths() {
            refuse_placeholder(path)?;
        }
        let read = |name: &str| read_bytes(&self.folder.join(name));
        let tokenizer = match self.tokenizer {
            [vocabulary, merges] => TokenizerFile::BytePairs {
                vocabulary: read(vocabulary)?,
                merges: read(merges)?,
            },
            ["vocab.txt"] => TokenizerFile::Vocabulary(read("vocab.txt")?),
            _ => TokenizerFile::Json(read("tokenizer.json")?),
        };
        let tokenizer_config = self.folder.join(TOKENIZER_CONFIG);
        let tokenizer_config = match tokenizer_config.is_file() {
            true => Some(read_bytes(&tokenizer_config)?),
            false => None,
        };
        let mut notices = Vec::new();
        for file in NOTICES {
            let path = self.folder.join(file);
            if path.is_file() {
                notices.push((file.to_owned(), read_bytes(&path)?));
            }
        }
        Ok(ModelFiles {
            name: name.to_owned(),
            source,
            config: read_bytes(&self.folder.join(CONFIG))?,
            tokenizer,
            tokenizer_config,
            weights: self.weights,
            licence: None,
            notices,
            origin: None,
            adapter: None,
        })
    }
}

impl Weights {
    /// The files of the weights; none for a built-in model.
    pub fn paths(&self) -> &[PathBuf] {
        match self {
            Self::Embedded(_) => &[],
            Self::File(path) => std::slice::from_ref(path),
            Self::Shards(paths) => paths,
        }
    }
}

/// The weights of `folder`; `None` when there are none in any known format.
fn find_weights(folder: &Path) -> Result<Option<Weights>> {
    let single = folder.join(WEIGHTS);
    if single.is_file() {
        return Ok(Some(Weights::File(single)));
    }
    let index = folder.join(WEIGHTS_INDEX);
    if index.is_file() {
        return Ok(Some(Weights::Shards(find_shards(folder, &index)?)));
    }
    if let Some(name) = PICKLE.iter().find(|name| folder.join(name).is_file()) {
        return Err(pickle(folder, name));
    }
    Ok(None)
}

#[derive(Deserialize)]
struct ShardIndex {
    weight_map: std::collections::BTreeMap<String, String>,
}

fn find_shards(folder: &Path, index: &Path) -> Result<Vec<PathBuf>> {
    let faulty = |cause: Error| {
        Error::new(format!("{} is not a shard index", index.display()))
            .remedy("Download the model's folder again.")
            .because(cause)
    };
    let content: ShardIndex = serde_json::from_slice(&read_bytes(index)?)
        .map_err(|cause| faulty(Error::new(cause.to_string())))?;
    let names: BTreeSet<String> = content.weight_map.into_values().collect();
    if names.is_empty() {
        return Err(faulty(Error::new("it names no file")));
    }
    // The index comes from outside: a name with a folder in it could point anywhere.
    if let Some(name) = names.iter().find(|name| !is_plain_name(name)) {
        return Err(faulty(Error::new(format!(
            "{name:?} is not a plain file name"
        ))));
    }
    let missing: Vec<String> = names
        .iter()
        .filter(|name| !folder.join(name).is_file())
        .cloned()
        .collect();
    if !missing.is_empty() {
        return Err(incomplete(folder, &missing));
    }
    Ok(names.iter().map(|name| folder.join(name)).collect())
}

fn incomplete(folder: &Path, missing: &[String]) -> Error {
    let these = if missing.len() == 1 {
        "this file"
    } else {
        "these files"
    };
    Error::new(format!(
        "the model folder {} has no {}",
        folder.display(),
        missing.join(" and no ")
    ))
    .remedy(format!(
        "Copy {these} from the model's page into the folder, or choose another folder."
    ))
}

fn pickle(folder: &Path, name: &str) -> Error {
    let path = folder.display();
    Error::new(format!(
        "{path} has its weights in {name} only, a pickle file, which can run any program when it \
         is opened and is therefore not read"
    ))
    .remedy(format!(
        "Look for model.safetensors on the model's page, or, if you trust the file, convert it in \
         Python: `from transformers import AutoModel; \
         AutoModel.from_pretrained(\"{path}\").save_pretrained(\"{path}\", safe_serialization=True)`."
    ))
}

/// A repository cloned without Git LFS holds a few lines of text where the weights should be.
fn refuse_placeholder(path: &Path) -> Result<()> {
    let mut start = Vec::new();
    let file = File::open(path).map_err(|cause| Error::file("read", path, cause))?;
    file.take(64)
        .read_to_end(&mut start)
        .map_err(|cause| Error::file("read", path, cause))?;
    let fault = match start.as_slice() {
        [] => "is empty",
        start if start.starts_with(b"version https://git-lfs") => {
            "is a Git LFS placeholder, not the weights themselves"
        }
        _ => return Ok(()),
    };
    Err(Error::new(format!("{} {fault}", path.display()))
        .remedy("Run `git lfs pull` in the folder, or download the file from the model's page."))
}

fn read_bytes(path: &Path) -> Result<Cow<'static, [u8]>> {
    let fault = |cause| Error::file("read", path, cause);
    let file = File::open(path).map_err(fault)?;
    if file.metadata().map_err(fault)?.len() > MAX_TEXT_BYTES {
        let limit = MAX_TEXT_BYTES >> 20;
        return Err(
            Error::new(format!("{} is larger than {limit} MB", path.display()))
                .remedy("Check that this is the right file; its kind is never that large."),
        );
    }
    let mut bytes = Vec::new();
    file.take(MAX_TEXT_BYTES)
        .read_to_end(&mut bytes)
        .map_err(fault)?;
    Ok(Cow::Owned(bytes))
}
