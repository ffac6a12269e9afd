//! A trained model on the disk, however a person names it.

use std::path::{Path, PathBuf};

use super::runs::{self, KeptRun};
use crate::data::{Kind, Request, Rows, Source};
use crate::error::{Error, Result};
use crate::home::Home;
use crate::run::RunFolder;
use crate::tasks::TaskModel;

/// A trained model: that of a run, or an exported folder.
#[derive(Clone, Debug, PartialEq)]
pub struct Trained {
    /// The model's folder, in Hugging Face layout.
    pub model: PathBuf,
    /// The run it came from, where it lies in one.
    pub run: Option<KeptRun>,
}

impl Trained {
    /// What a person should know of the weights: that the run they come from did not come to its
    /// end.
    pub fn notice(&self) -> Option<&'static str> {
        let folder = RunFolder::open(&self.run.as_ref()?.folder).ok()?;
        (self.model != folder.model()).then_some(
            "The run did not come to its end: these are the best weights that it had kept until \
             then.",
        )
    }

    /// `request` of a file for `model`, which was opened from here: with the texts that it reads,
    /// and with the columns that the run was told where `request` names none and the file has them.
    /// Rows like those that the model learned from are read as those were.
    pub fn request_for(&self, model: &TaskModel, source: &Source, request: Request) -> Request {
        let request = model.request(request);
        let Some(run) = &self.run else {
            return request;
        };
        let own = run.settings.data.request(None).columns;
        let mut told = request.clone();
        let columns = &mut told.columns;
        columns.text = columns.text.take().or(own.text);
        columns.text_pair = columns.text_pair.take().or(own.text_pair);
        if told.kind != Some(Kind::Texts) {
            columns.label = columns.label.take().or(own.label);
        }
        match told != request && Rows::open(source, &told).is_ok() {
            true => told,
            false => request,
        }
    }
}

/// Finds a trained model by its run's name, its run's folder, or its own folder.
///
/// # Errors
/// There is no such run or folder, or the run ended before it had a model.
pub fn open(name_or_path: &str, home: &Home) -> Result<Trained> {
    let path = Path::new(name_or_path);
    if path.join("config.json").is_file() {
        return Ok(Trained {
            model: path.to_owned(),
            run: None,
        });
    }
    let run = runs::open(name_or_path, home)?;
    let Some(model) = RunFolder::open(&run.folder)?.kept_model() else {
        let remedy = if run.state.is_running() {
            "It is still being trained; wait until it has finished, or stop it."
        } else {
            "It ended before its first model was kept; train it again."
        };
        return Err(
            Error::new(format!("the run {} has no model", run.folder.display())).remedy(remedy),
        );
    };
    Ok(Trained {
        model,
        run: Some(run),
    })
}
