//! The examples of a run file, read and split.

use std::path::PathBuf;

use sha2::{Digest as _, Sha256};

use crate::data::{self, Dataset, SetAside, Source, Splits};
use crate::error::{Error, Result};
use crate::run::DataSettings;

/// The examples of a run.
pub struct RunData {
    /// Training, validation and the sealed test split.
    pub splits: Splits,
    /// Rows that could not be used: the file's name and the row.
    pub set_aside: Vec<(String, SetAside)>,
    /// SHA-256 over the files.
    pub sha256: String,
}

/// The bundled set called `name`.
pub fn bundled_source(name: &str) -> Result<Source> {
    let sets = data::bundled();
    let names: Vec<_> = sets.iter().map(|set| set.name).collect();
    sets.iter()
        .find(|set| set.name == name)
        .map(|set| set.source.clone())
        .ok_or_else(|| {
            Error::new(format!("there is no bundled set called \"{name}\""))
                .remedy(format!("Bundled are: {}.", names.join(", ")))
        })
}

/// Neither a file nor a bundled set was named.
pub fn nothing_named() -> Error {
    Error::new("no data is named").remedy("Choose a file or a bundled set.")
}

/// The sources that the settings name: training (or everything), validation, test.
pub fn sources(settings: &DataSettings) -> Result<[Option<Source>; 3]> {
    let file = |path: &Option<PathBuf>| path.clone().map(Source::from);
    let first = match &settings.bundled {
        Some(name) => Some(bundled_source(name)?),
        None => file(&settings.file).or_else(|| file(&settings.train)),
    };
    Ok([first, file(&settings.validation), file(&settings.test)])
}

/// Reads and splits the examples that the settings name.
pub fn load(settings: &DataSettings, seed: u64) -> Result<RunData> {
    let [first, validation, test] = sources(settings)?;
    let first = first.ok_or_else(nothing_named)?;
    let request = settings.request();
    let read = |source: &Source| data::read(source, &request);
    let first = read(&first)?;
    let validation = validation.as_ref().map(read).transpose()?;
    let test = test.as_ref().map(read).transpose()?;
    let files: Vec<&Dataset> = [Some(&first), validation.as_ref(), test.as_ref()]
        .into_iter()
        .flatten()
        .collect();
    let sha256 = fingerprint(&files)?;
    let set_aside = files.iter().flat_map(|file| {
        file.set_aside
            .iter()
            .map(|row| (file.source.name(), row.clone()))
    });
    let set_aside = set_aside.collect();
    let splits = if settings.train.is_some() {
        data::split_files(first, validation, test, seed)?
    } else {
        data::split(first, seed)?
    };
    Ok(RunData {
        splits,
        set_aside,
        sha256,
    })
}

/// The file's own hash, or a hash over the hashes when there are several.
fn fingerprint(files: &[&Dataset]) -> Result<String> {
    let hashes = files.iter().map(|file| data::sha256(&file.source));
    let hashes = hashes.collect::<Result<Vec<_>>>()?;
    Ok(match hashes.as_slice() {
        [one] => one.clone(),
        several => {
            let digest = Sha256::digest(several.join("\n"));
            digest.iter().map(|byte| format!("{byte:02x}")).collect()
        }
    })
}
