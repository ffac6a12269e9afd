//! From what was typed to a run's settings: a run file or a preset, then the options over it.

use std::path::{Path, PathBuf};

use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser as _};

use super::reading::DataOptions;
use crate::data::{EXTENSIONS, Kind, bundled};
use crate::error::{Error, Result};
use crate::hub::Catalogue;
use crate::run::Preset;
use crate::run::{DataSettings, Hyperparameters, RunSettings};
use crate::session::dataset::chosen;
use crate::tasks::TaskKind;
use crate::train::splits;

/// The model that is part of the program.
pub const BUILT_IN_MODEL: &str = "luthier-mini";

/// Options that say what is trained, on what, and how.
#[derive(Clone, Debug, Default, Args)]
pub struct RunOptions {
    /// Run file to start from; options win over it
    #[arg(value_name = "RUN.toml")]
    run_file: Option<PathBuf>,
    /// What to learn [default: that of the bundled set, else what the file looks made for]
    #[arg(long, value_parser = task_named, value_name = "TASK", long_help = TASKS)]
    task: Option<TaskKind>,
    /// One labelled file, split 80/10/10 by seed, a folder with train, dev and test files, or a bundled set: reviews, reviews-zh, support-intents, topics, similarity, entities, questions
    #[arg(long, value_name = "FILE|DIR|NAME", conflicts_with_all = ["train", "validation", "test"])]
    data: Option<PathBuf>,
    /// Training rows, where the splits are files of their own
    #[arg(long, value_name = "FILE")]
    train: Option<PathBuf>,
    /// Validation rows; without it a tenth of the training rows is kept aside
    #[arg(long, value_name = "FILE")]
    validation: Option<PathBuf>,
    /// Test rows, opened by the final evaluation only
    #[arg(long, value_name = "FILE")]
    test: Option<PathBuf>,
    #[command(flatten)]
    reading: DataOptions,
    /// Sets one key of the splits, such as folds=5 or test=0.2; may be given several times
    #[arg(long = "split", value_name = "KEY=VALUE", value_parser = assignment)]
    split: Vec<(String, String)>,
    /// Model to start from: a name of `luthier models`, or a folder [default: luthier-mini]
    #[arg(long, value_name = "NAME|DIR")]
    model: Option<String>,
    /// Hyperparameters to start from [default: balanced]
    #[arg(long, value_parser = PossibleValuesParser::new(["quick", "balanced", "thorough"]).map(|name| preset_named(&name)))]
    preset: Option<Preset>,
    /// Sets one hyperparameter; may be given several times
    #[arg(long = "set", value_name = "NAME=VALUE", value_parser = assignment)]
    assignments: Vec<(String, String)>,
    /// Sentence to score again at every evaluation; may be given several times
    #[arg(long = "probe", value_name = "SENTENCE")]
    probes: Vec<String>,
}

/// A data file in the run file's place is an easy slip; as a run file it would only be told to be
/// bad TOML.
fn refuse_data(path: &Path) -> Result<()> {
    let extension = path.extension().unwrap_or_default().to_string_lossy();
    if !EXTENSIONS.contains(&extension.as_ref()) {
        return Ok(());
    }
    Err(
        Error::new(format!("{} is not a run file", path.display())).remedy(format!(
            "To train on it, name it as the data: luthier train --data {}.",
            path.display()
        )),
    )
}

/// The tasks, as `--help` has them.
const TASKS: &str = "What to learn: sentiment, topic (one label per text), multi-label (any number of labels), \
pairs (one label per pair of texts), similarity (a number per pair or text), entities (a tag per word), \
questions (the place in a passage that answers a question) [default: that of the bundled set, else what the file looks made for; of a text with one label, sentiment]";

/// Reads the name of a task.
pub fn task_named(name: &str) -> std::result::Result<TaskKind, String> {
    TaskKind::named(name).ok_or_else(|| {
        let known = TaskKind::ALL.map(TaskKind::name).join(", ");
        format!("known tasks are: {known}")
    })
}

fn preset_named(name: &str) -> Preset {
    let mut presets = Preset::ALL.into_iter();
    presets
        .find(|preset| preset.name() == name)
        .unwrap_or(Preset::Balanced)
}

/// Reads `name=value`, as `--set` has it.
pub fn assignment(text: &str) -> std::result::Result<(String, String), String> {
    let (name, value) = text
        .split_once('=')
        .ok_or_else(|| format!("\"{text}\" is not of the form name=value"))?;
    Ok((name.trim().to_owned(), value.to_owned()))
}

impl RunOptions {
    /// The checked settings of the run that was asked for, and what a person should know of the
    /// task where the data decided it.
    pub fn settings(&self) -> Result<(RunSettings, Option<String>)> {
        let (mut settings, remark) = match &self.run_file {
            Some(path) => (self.over_run_file(path)?, None),
            None => self.fresh()?,
        };
        for (name, value) in &self.assignments {
            settings.hyperparameters.set_text(name, value)?;
        }
        for (key, value) in &self.split {
            settings.data.set_split(key, value)?;
        }
        if !self.probes.is_empty() {
            settings.probes.clone_from(&self.probes);
        }
        make_absolute(&mut settings.data)?;
        settings.check()?;
        Ok((settings, remark))
    }

    fn over_run_file(&self, path: &Path) -> Result<RunSettings> {
        refuse_data(path)?;
        let mut settings = RunSettings::read(path)?;
        if let Some(task) = self.task {
            settings.task = task;
        }
        if let Some(model) = &self.model {
            settings.model = absolute_model(model)?;
        }
        if let Some(preset) = self.preset {
            settings.hyperparameters = preset_for(preset, &settings.model, settings.task)?;
        }
        self.set_data(&mut settings.data)?;
        Ok(settings)
    }

    fn fresh(&self) -> Result<(RunSettings, Option<String>)> {
        let mut data = DataSettings::default();
        self.set_data(&mut data)?;
        let (task, remark) = match self.task {
            Some(task) => (task, None),
            None => task_of(&data),
        };
        if names_nothing(&data) {
            data.bundled = Some(task.bundled_set().to_owned());
        }
        let model = absolute_model(self.model.as_deref().unwrap_or(BUILT_IN_MODEL))?;
        let settings = RunSettings {
            task,
            hyperparameters: preset_for(self.preset.unwrap_or(Preset::Balanced), &model, task)?,
            model,
            probes: Vec::new(),
            data,
        };
        Ok((settings, remark))
    }

    /// Lets the data options win over `data`: a new source replaces the old one whole.
    fn set_data(&self, data: &mut DataSettings) -> Result<()> {
        if let Some(source) = &self.data {
            let mut named = data_source(source)?;
            if let Some(folder) = named.file.take_if(|path| path.is_dir()) {
                named = chosen(&folder);
            }
            *data = DataSettings {
                bundled: named.bundled,
                file: named.file,
                train: named.train,
                validation: named.validation,
                test: named.test,
                ..std::mem::take(data)
            };
            forget_rows(data);
        }
        if self.train.is_some() {
            (data.bundled, data.file) = (None, None);
        }
        let files = [
            (&self.train, &mut data.train),
            (&self.validation, &mut data.validation),
            (&self.test, &mut data.test),
        ];
        for (given, file) in files {
            if given.is_some() {
                file.clone_from(given);
            }
        }
        if [&self.train, &self.validation, &self.test]
            .into_iter()
            .any(Option::is_some)
        {
            forget_rows(data);
        }
        self.reading.over(data)
    }
}

/// Forgets what is true of the files that were there before only: their sum, and what was decided
/// about single rows.
fn forget_rows(data: &mut DataSettings) {
    data.sha256 = None;
    data.cleaning.rows.clear();
}

/// `--data`: the name of a bundled set, else a file. `./reviews` is a file.
///
/// # Errors
/// A bare name is neither.
pub fn data_source(source: &Path) -> Result<DataSettings> {
    let sets = bundled();
    if let Some(set) = sets.iter().find(|set| source.as_os_str() == set.name) {
        return Ok(DataSettings::bundled(set.name));
    }
    let bare = source.components().count() == 1 && source.extension().is_none();
    if bare && !source.exists() {
        let names: Vec<_> = sets.iter().map(|set| set.name).collect();
        return Err(Error::new(format!(
            "there is neither a file nor a bundled set called {}",
            source.display()
        ))
        .remedy(format!("Bundled are: {}.", names.join(", "))));
    }
    Ok(DataSettings::file(source))
}

fn names_nothing(data: &DataSettings) -> bool {
    let files = [&data.file, &data.train, &data.validation, &data.test];
    data.bundled.is_none() && files.into_iter().all(Option::is_none)
}

/// Makes the paths hold wherever the run file is read again.
pub fn make_absolute(data: &mut DataSettings) -> Result<()> {
    let files = [
        &mut data.file,
        &mut data.train,
        &mut data.validation,
        &mut data.test,
    ];
    for file in files.into_iter().flatten() {
        *file = absolute(file)?;
    }
    Ok(())
}

/// The task that a bundled set shows, or that a file looks made for, which is then told.
fn task_of(data: &DataSettings) -> (TaskKind, Option<String>) {
    if let Some(set) = &data.bundled {
        let shown = TaskKind::of_bundled_set(set);
        return (shown.unwrap_or(TaskKind::Sentiment), None);
    }
    let Some((rows, pairs)) = splits::data_look_like(data) else {
        // What is wrong with the file is told when it is read for the run.
        return (TaskKind::Sentiment, None);
    };
    match TaskKind::for_rows(rows, pairs) {
        // One label of a text is taken for a feeling, which changes nothing but words.
        Some(TaskKind::Topic) => (TaskKind::Sentiment, None),
        Some(task) => {
            let remark = format!(
                "The rows look made for the task {0}, so that is learned; --task names another.",
                task.name()
            );
            (task, Some(remark))
        }
        None => {
            let remark = (rows == Kind::Writing).then(|| {
                "The rows look like texts to be written, which no task learns yet; they are \
                 read as texts with one label each."
                    .to_owned()
            });
            (TaskKind::Sentiment, remark)
        }
    }
}

/// The preset with the learning rate that suits the model and the length that suits the task.
fn preset_for(preset: Preset, model: &str, task: TaskKind) -> Result<Hyperparameters> {
    let catalogue = Catalogue::embedded()?;
    let entry = catalogue
        .by_name(model)
        .or_else(|| catalogue.by_repository(model));
    let usual = Hyperparameters::default().learning_rate;
    Ok(Hyperparameters {
        max_seq_length: task.usual_length(),
        ..preset.hyperparameters(entry.map_or(usual, |entry| entry.learning_rate))
    })
}

/// A model's folder as a path that holds wherever the run file is read again; a name as it is.
fn absolute_model(model: &str) -> Result<String> {
    let path = Path::new(model);
    if Catalogue::embedded()?.by_name(model).is_some() || !path.is_dir() {
        return Ok(model.to_owned());
    }
    let path = absolute(path)?;
    path.into_os_string().into_string().map_err(|path| {
        Error::new(format!(
            "the model's folder {} has a name that is not UTF-8",
            path.display()
        ))
        .remedy("Rename the folder.")
    })
}

/// `path` from the root of the file system.
pub fn absolute(path: &Path) -> Result<PathBuf> {
    std::path::absolute(path).map_err(|cause| Error::file("find", path, cause))
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        options: RunOptions,
    }

    fn settings(arguments: &[&str]) -> Result<RunSettings> {
        let line = [&["train"], arguments].concat();
        let (settings, _) = Line::try_parse_from(line).unwrap().options.settings()?;
        Ok(settings)
    }

    /// What is learned of a file of this name and content when no task is named, and what is said
    /// of it.
    fn learned(name: &str, content: &str, more: &[&str]) -> (TaskKind, Option<String>) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        std::fs::write(&path, content).unwrap();
        let line = ["train", "--data", path.to_str().unwrap()];
        let line = Line::try_parse_from([&line[..], more].concat()).unwrap();
        let (settings, remark) = line.options.settings().unwrap();
        (settings.task, remark)
    }

    #[test]
    fn without_a_task_the_data_decide_and_it_is_told() {
        let squad = r#"{"data": [{"title": "t", "paragraphs": [{"context": "Ada saw Oslo.", "qas":
            [{"id": "1", "question": "who?", "answers": [{"text": "Ada", "answer_start": 0}],
            "is_impossible": false}]}]}]}"#;
        let table = "context,question,answer\nAda saw Oslo.,who?,Ada\nBo ran.,who ran?,Bo\n";
        let lists =
            "{\"text\": \"a\", \"labels\": [\"x\", \"y\"]}\n{\"text\": \"b\", \"labels\": []}\n";
        let joined = "text,label\na,x\nb,y\nc,x;y\nd,y;z\ne,z\n";
        let words = "Ada B-PER\nsaw O\nOslo B-LOC\n\nBo B-PER\nran O\n";
        let pairs = "premise,hypothesis,label\na,b,yes\nc,d,no\n";
        let numbers = "text,score\na,1.5\nb,2\n";
        for (name, content, task) in [
            ("a.json", squad, TaskKind::Questions),
            ("a.csv", table, TaskKind::Questions),
            ("a.jsonl", lists, TaskKind::MultiLabel),
            ("a.csv", joined, TaskKind::MultiLabel),
            ("a.conll", words, TaskKind::Entities),
            ("a.csv", pairs, TaskKind::Pairs),
            ("a.csv", numbers, TaskKind::Similarity),
        ] {
            let (learned, remark) = learned(name, content, &[]);
            assert_eq!(learned, task, "{content}");
            let remark = remark.expect("a decision that is told");
            assert!(remark.contains(task.name()), "{remark}");
        }
        let labels = "text,label\nbusy and loud,shop\nquiet,\"home, garden\"\n";
        let sentiment = (TaskKind::Sentiment, None);
        assert_eq!(learned("a.csv", labels, &[]), sentiment);
        // What is named counts for more than what the rows look like.
        let first = ["--text-pair-column", ""];
        assert_eq!(learned("a.csv", pairs, &first), sentiment);
        let named = learned("a.json", squad, &["--task", "topic"]);
        assert_eq!(named, (TaskKind::Topic, None));
        let column = ["--label-column", "label"];
        let (task, _) = learned("a.csv", "a,b,label\n1.5,long text,x\n2,text,y\n", &column);
        assert_eq!(task, TaskKind::Sentiment);
    }

    #[test]
    fn pairs_without_names_are_not_asked_for_as_pairs() {
        let row = |i| format!("a man is here {i},a man was there {i},{}\n", i % 2);
        let rows: String = (0..20).map(row).collect();
        // Two texts are found there only where no label is asked for: training would find one.
        let (task, _) = learned("a.csv", &rows, &["--header", "false"]);
        assert_eq!(task, TaskKind::Sentiment);
    }

    #[test]
    fn nothing_given_is_the_bundled_reviews_with_the_balanced_preset() {
        let settings = settings(&[]).unwrap();
        assert_eq!(settings.task, TaskKind::Sentiment);
        assert_eq!(settings.data, DataSettings::bundled("reviews"));
        assert_eq!(settings.model, "luthier-mini");
        assert_eq!(settings.hyperparameters.learning_rate, 1.5e-4);
        assert_eq!(settings.hyperparameters.per_device_train_batch_size, 16);
    }

    #[test]
    fn the_catalogues_learning_rate_follows_the_model_and_set_wins() {
        let rate = |arguments: &[&str]| settings(arguments).unwrap().hyperparameters.learning_rate;
        assert_eq!(rate(&["--model", "bert-base-uncased"]), 3e-5);
        assert_eq!(rate(&["--model", "google-bert/bert-base-uncased"]), 3e-5);
        assert_eq!(rate(&["--set", "learning_rate=2e-5"]), 2e-5);
        assert_eq!(
            rate(&["--preset", "quick", "--set", "learning_rate=0.001"]),
            1e-3
        );
    }

    #[test]
    fn data_is_a_file_a_bundled_set_or_split_files() {
        let topic = settings(&["--data", "support-intents"]).unwrap();
        assert_eq!(topic.task, TaskKind::Topic);
        assert_eq!(topic.data, DataSettings::bundled("support-intents"));
        let file = settings(&["--data", "./reviews", "--text-column", "body"]).unwrap();
        assert!(file.data.file.unwrap().is_absolute());
        assert_eq!(file.data.text_column.as_deref(), Some("body"));
        let folder = tempfile::tempdir().unwrap();
        for name in ["train.csv", "dev.csv"] {
            let content = "text,label\na,x\nb,y\n";
            std::fs::write(folder.path().join(name), content).unwrap();
        }
        let DataSettings {
            file,
            train,
            validation,
            test,
            ..
        } = settings(&["--data", folder.path().to_str().unwrap()])
            .unwrap()
            .data;
        let inside = |name: &str| Some(folder.path().join(name));
        assert_eq!(
            (train, validation),
            (inside("train.csv"), inside("dev.csv"))
        );
        assert!(file.is_none() && test.is_none());
        let split = settings(&["--train", "a.csv", "--test", "b.csv"]).unwrap();
        assert!(split.data.bundled.is_none() && split.data.validation.is_none());
        assert!(settings(&["--test", "b.csv"]).is_err());
    }

    #[test]
    fn cleaning_and_splits_are_set_key_by_key() {
        let line = [
            "--clean",
            "html",
            "--clean",
            "duplicates=near",
            "--split",
            "folds=5",
        ];
        let data = settings(&line).unwrap().data;
        assert!(data.cleaning.html && data.cleaning.duplicates.is_some());
        assert_eq!(data.split.folds, Some(5));
        assert!(settings(&["--clean", "htlm"]).is_err());
        assert!(settings(&["--split", "fold=2"]).is_err());
        let columns = ["--group-column", "author", "--split-column", "set"];
        let data = settings(&columns).unwrap().data;
        assert_eq!(data.group_column.as_deref(), Some("author"));
        let reading = settings(&["--delimiter", ";", "--header", "false"]).unwrap();
        assert_eq!(reading.data.reading.header, Some(false));
        assert_eq!(
            reading.data.reading.delimiter,
            crate::data::Delimiter::named("semicolon")
        );
        assert_eq!(data.split_column.as_deref(), Some("set"));
    }

    #[test]
    fn options_win_over_the_run_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("run.toml");
        let text = "task = \"topic\"\nprobes = [\"a\"]\n[data]\nfile = \"d.csv\"\nlabel_column = \"l\"\nsha256 = \"0\"\n[hyperparameters]\nseed = 7\nmax_steps = 3\n";
        std::fs::write(&path, text).unwrap();
        let path = path.to_str().unwrap();
        let plain = settings(&[path]).unwrap();
        assert_eq!(plain.data.file, Some(folder.path().join("d.csv")));
        assert_eq!(plain.hyperparameters.seed, 7);
        let changed =
            settings(&[path, "--train", "t.csv", "--set", "seed=8", "--probe", "b"]).unwrap();
        assert_eq!(changed.task, TaskKind::Topic);
        assert_eq!((changed.data.file, changed.data.sha256), (None, None));
        assert_eq!(changed.data.label_column.as_deref(), Some("l"));
        assert_eq!(changed.hyperparameters.seed, 8);
        assert_eq!(changed.hyperparameters.max_steps, 3);
        assert_eq!(changed.probes, ["b"]);
    }
}
