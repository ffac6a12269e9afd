//! The run file (`run.toml`): everything that decides what a run computes.
//!
//! The window and the command line both write it; the same file and the same data give the same
//! weights. An unknown key is an error, so that a typing mistake never passes for a setting.

use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::hyperparameters::{Hyperparameters, LongTexts};
use crate::data::{Cleaning, Columns, Kind, Reading, Request, SplitSettings};
use crate::error::{Error, Result};
use crate::tasks::TaskKind;

/// Where the examples come from: one of `bundled`, `file`, or `train` with its companions.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DataSettings {
    /// The name of a bundled set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bundled: Option<String>,
    /// One file, split 80/10/10 by seed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<PathBuf>,
    /// Training rows, when the splits are files of their own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub train: Option<PathBuf>,
    /// Validation rows; without it a tenth of `train` is kept aside.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub validation: Option<PathBuf>,
    /// Test rows, opened by the final evaluation only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub test: Option<PathBuf>,
    /// The text column, where detection should not decide.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text_column: Option<String>,
    /// The column of second texts (of pairs, or questions), where detection should not decide; an
    /// empty name is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text_pair_column: Option<String>,
    /// The label column, where detection should not decide.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label_column: Option<String>,
    /// The column whose values say which rows stay on one side of a split.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group_column: Option<String>,
    /// The column that names the split of a row.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub split_column: Option<String>,
    /// SHA-256 over the files as read when the run began; a run started again from its file with
    /// other data says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    /// How the files are read, as far as it was corrected by hand.
    #[serde(default, skip_serializing_if = "Reading::is_default")]
    pub reading: Reading,
    /// What is done to the examples after they are read.
    #[serde(default, skip_serializing_if = "Cleaning::is_default")]
    pub cleaning: Cleaning,
    /// How they are divided.
    #[serde(default, skip_serializing_if = "SplitSettings::is_default")]
    pub split: SplitSettings,
}

/// A run as described by its file.
#[derive(Clone, Debug, PartialEq)]
pub struct RunSettings {
    /// What is learned.
    pub task: TaskKind,
    /// A name of the catalogue or a folder in Hugging Face layout.
    pub model: String,
    /// Sentences scored again at every evaluation.
    pub probes: Vec<String>,
    /// The examples.
    pub data: DataSettings,
    /// The knobs.
    pub hyperparameters: Hyperparameters,
}

/// The file's own shape; hyperparameters stay a map so that each key gets its own message.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RunFile {
    task: TaskKind,
    #[serde(default = "built_in_model")]
    model: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    probes: Vec<String>,
    data: DataSettings,
    #[serde(default)]
    hyperparameters: Map<String, Value>,
}

fn built_in_model() -> String {
    "luthier-mini".to_owned()
}

impl RunSettings {
    /// Reads and checks a run file. Relative paths are taken from the file's folder.
    pub fn read(path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path)
            .map_err(|cause| Error::file("read the run file", path, cause))?;
        let mut settings = Self::parse(&text)
            .map_err(|fault| fault.within(&format!("run file {}", path.display())))?;
        if let Some(folder) = path.parent() {
            settings.anchor(folder);
        }
        Ok(settings)
    }

    /// Reads and checks the text of a run file.
    pub fn parse(text: &str) -> Result<Self> {
        let file: RunFile = toml::from_str(text).map_err(|cause| {
            Error::new(cause.to_string().trim_end().to_owned()).remedy(
                "Mend or remove the key named above; see the README for the keys of a run file.",
            )
        })?;
        let settings = Self {
            task: file.task,
            model: file.model,
            probes: file.probes,
            data: file.data,
            hyperparameters: Hyperparameters::from_map(file.hyperparameters)?,
        };
        settings.check()?;
        Ok(settings)
    }

    /// Whether a text longer than `max_seq_length` is read in windows rather than cut. (Of two texts
    /// that only have one label the longer is cut all the same.)
    pub fn reads_windows(&self) -> bool {
        self.task.reads_windows() || self.hyperparameters.long_texts == LongTexts::Windows
    }

    /// Takes relative paths from `folder`. A model is a path when there is such a folder; else it is
    /// a name of the catalogue.
    pub fn anchor(&mut self, folder: &Path) {
        for path in self.data.paths_mut().filter(|path| path.is_relative()) {
            *path = folder.join(&*path);
        }
        let model = folder.join(&self.model);
        if Path::new(&self.model).is_relative() && model.is_dir() {
            self.model = model.to_string_lossy().into_owned();
        }
    }

    /// The complete run file, every key written out.
    pub fn to_toml(&self) -> Result<String> {
        let file = RunFile {
            task: self.task,
            model: self.model.clone(),
            probes: self.probes.clone(),
            data: self.data.clone(),
            hyperparameters: self.hyperparameters.to_map(),
        };
        toml::to_string(&file)
            .map_err(|cause| Error::new("the run file could not be written").because(cause))
    }

    /// A bundled set is for tasks that read its kind of rows.
    fn check_bundled_set(&self) -> Result<()> {
        let Some(name) = &self.data.bundled else {
            return Ok(());
        };
        let shows = |kind: &&TaskKind| kind.bundled_set() == name;
        let tasks: Vec<&TaskKind> = TaskKind::ALL.iter().filter(shows).collect();
        let fits = tasks.iter().any(|kind| kind.rows() == self.task.rows());
        if fits || tasks.is_empty() {
            return Ok(());
        }
        let names: Vec<&str> = tasks.iter().map(|kind| kind.name()).collect();
        Err(Error::new(format!(
            "the bundled set \"{name}\" is for the task {}, not for {}",
            names.join(" or "),
            self.task.name()
        ))
        .remedy(format!(
            "Choose the task {}, or another set; {} is shown by \"{}\".",
            names[names.len() - 1],
            self.task.name(),
            self.task.bundled_set()
        )))
    }

    /// Checks what no single key can tell: that the data is named once, and that a bundled set fits
    /// the task.
    pub fn check(&self) -> Result<()> {
        let DataSettings {
            bundled,
            file,
            train,
            validation,
            test,
            ..
        } = &self.data;
        let named = [bundled.is_some(), file.is_some(), train.is_some()];
        if named.iter().filter(|&&given| given).count() != 1 {
            return Err(
                Error::new("the data must be named once: bundled, file, or train")
                    .remedy("Give one of them under [data], or --data FILE, or --train FILE."),
            );
        }
        if train.is_none() && (validation.is_some() || test.is_some()) {
            return Err(
                Error::new("validation and test files are given without a train file")
                    .remedy("Name the training rows with train (--train FILE)."),
            );
        }
        self.check_bundled_set()?;
        self.data.cleaning.check()?;
        self.data.split.check()?;
        self.hyperparameters.check()
    }
}

impl DataSettings {
    /// A bundled set.
    pub fn bundled(name: &str) -> Self {
        Self {
            bundled: Some(name.to_owned()),
            ..Self::default()
        }
    }

    /// One file, to be split by seed.
    pub fn file(path: impl Into<PathBuf>) -> Self {
        Self {
            file: Some(path.into()),
            ..Self::default()
        }
    }

    /// What is to be read of the files, as rows of `kind`, from the columns that were named.
    pub fn request(&self, kind: Option<Kind>) -> Request {
        Request {
            columns: Columns {
                text: self.text_column.clone(),
                text_pair: self.text_pair_column.clone(),
                label: self.label_column.clone(),
                group: self.group_column.clone(),
                split: self.split_column.clone(),
            },
            reading: self.reading.clone(),
            kind,
        }
    }

    /// Sets one key of the cleaning as it would stand in the run file. A value may be left out where
    /// it is `true`, text needs no quotation marks, and a list no brackets.
    pub fn set_cleaning(&mut self, key: &str, value: Option<&str>) -> Result<()> {
        let typed = value.unwrap_or("true");
        let given = value.map_or_else(|| key.to_owned(), |value| format!("{key} = {value}"));
        self.cleaning = with_key(&self.cleaning, key, typed)
            .map_err(|cause| unsuited("--clean", key, &given, &cause))?;
        Ok(())
    }

    /// Sets one key of the splits likewise.
    pub fn set_split(&mut self, key: &str, value: &str) -> Result<()> {
        self.split = with_key(&self.split, key, value)
            .map_err(|cause| unsuited("--split", key, &format!("{key} = {value}"), &cause))?;
        Ok(())
    }

    /// A short name for headings and run names.
    pub fn title(&self) -> String {
        let path = self.file.as_ref().or(self.train.as_ref());
        match (&self.bundled, path.and_then(|path| path.file_stem())) {
            (Some(name), _) => name.clone(),
            (None, Some(stem)) => stem.to_string_lossy().into_owned(),
            (None, None) => String::new(),
        }
    }

    /// The files that are named.
    pub fn paths(&self) -> impl Iterator<Item = &Path> {
        let files = [&self.file, &self.train, &self.validation, &self.test];
        files.into_iter().flatten().map(PathBuf::as_path)
    }

    fn paths_mut(&mut self) -> impl Iterator<Item = &mut PathBuf> {
        let Self {
            file,
            train,
            validation,
            test,
            ..
        } = self;
        [file, train, validation, test].into_iter().flatten()
    }
}

/// `settings` with one key set to what was typed: a TOML value, else a text, else a list of texts
/// between commas, whichever the key takes.
fn with_key<T: Serialize + DeserializeOwned>(
    settings: &T,
    key: &str,
    typed: &str,
) -> std::result::Result<T, String> {
    let table = toml::Table::try_from(settings)
        .map_err(|cause| format!("the settings could not be written: {cause}"))?;
    let written = toml::from_str::<toml::Table>(&format!("value = {typed}"));
    let written = written.ok().and_then(|mut table| table.remove("value"));
    let text = toml::Value::from(typed);
    let list = typed.split(',').map(|item| toml::Value::from(item.trim()));
    let list = toml::Value::from(list.collect::<Vec<_>>());
    let take = |value: toml::Value| {
        let mut table = table.clone();
        table.insert(key.to_owned(), value);
        table.try_into::<T>()
    };
    let first = take(written.unwrap_or_else(|| text.clone()));
    first.or_else(|cause| {
        let others = take(text).or_else(|_| take(list));
        others.map_err(|_| cause.message().to_owned())
    })
}

/// The error for a key of the cleaning or the splits that is not known or has another value.
fn unsuited(option: &str, key: &str, given: &str, cause: &str) -> Error {
    match taken_by(key) {
        Some((what, example)) => Error::new(format!("{given}: {what} is expected"))
            .remedy(format!("Write it such as {option} {example}.")),
        None => Error::new(format!("{given}: {cause}"))
            .remedy("See the README for the keys of [data.cleaning] and [data.split]."),
    }
}

/// What a key of the cleaning or the splits takes, and an example.
fn taken_by(key: &str) -> Option<(&'static str, &'static str)> {
    Some(match key {
        "duplicates" => ("\"exact\" or \"near\"", "duplicates=exact"),
        "leaks" => ("\"exact\" or \"near\"", "leaks=exact"),
        "conflicts" => ("\"drop\" or \"majority\"", "conflicts=majority"),
        "personal_data" => (
            "one or several of email, phone, card, iban, chinese_id",
            "personal_data=email,phone",
        ),
        "labels" => (
            "a table of labels with their new names",
            "'labels={ \"old name\" = \"new name\" }'",
        ),
        "stop_words" => ("the code of a language", "stop_words=en"),
        "tag_scheme" => ("one of iob1, iob2, bioes, bmes, bilou", "tag_scheme=iob2"),
        "min_characters" => ("a whole number", "min_characters=3"),
        "max_characters" => ("a whole number", "max_characters=2000"),
        "validation" => ("a share of the rows", "validation=0.1"),
        "test" => ("a share of the rows", "test=0.1"),
        "folds" => ("a whole number from 2 on", "folds=5"),
        "fold" => ("the number of a fold, from 1 on,", "fold=1"),
        "balance" => ("\"oversample\" or \"undersample\"", "balance=undersample"),
        "by_column" => ("\"true\" or \"false\"", "by_column=false"),
        "near_duplicates_together" => ("\"true\" or \"false\"", "near_duplicates_together=false"),
        "mojibake" | "control_characters" | "html" | "nfc" | "urls" | "user_names"
        | "lowercase" | "white_space" | "repair_answers" | "trim_entities" => {
            ("nothing, or \"true\" or \"false\",", "html")
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_complete_file_comes_back_as_it_was() {
        let text = "task = \"sentiment\"\n[data]\nbundled = \"reviews\"\n";
        let mut settings = RunSettings::parse(text).unwrap();
        settings
            .hyperparameters
            .set_text("class_weights", "balanced")
            .unwrap();
        settings.probes.push("it broke \"twice\"".into());
        settings.data.group_column = Some("author".into());
        settings.data.split.folds = Some(5);
        settings.data.cleaning.html = true;
        settings.data.cleaning.labels = [("pos".to_owned(), "positive".to_owned())].into();
        let again = RunSettings::parse(&settings.to_toml().unwrap()).unwrap();
        assert_eq!(again, settings);
        assert_eq!(again.model, "luthier-mini");
    }

    #[test]
    fn cleaning_and_splits_are_tables_of_the_data() {
        let text = "task = \"topic\"\n[data]\nfile = \"a.csv\"\n\
            [data.reading]\nheader = false\n\
            [data.cleaning]\nwhite_space = true\npersonal_data = [\"email\"]\nduplicates = \"near\"\n\
            [data.cleaning.labels]\ngod = \"good\"\n\
            [[data.cleaning.rows]]\nrow = 3\ntext = \"00\"\nlabel = [\"a\", \"b\"]\n\
            [data.split]\ntest = 0.0\nbalance = \"oversample\"\n";
        let settings = RunSettings::parse(text).unwrap();
        assert_eq!(settings.data.reading.header, Some(false));
        let cleaning = &settings.data.cleaning;
        assert!(cleaning.white_space && !cleaning.html);
        assert_eq!(cleaning.labels["god"], "good");
        assert_eq!(cleaning.rows[0].row, 3);
        assert_eq!(settings.data.split.test, 0.0);
        let again = RunSettings::parse(&settings.to_toml().unwrap()).unwrap();
        assert_eq!(again, settings);
        let plain = RunSettings::parse("task = \"topic\"\n[data]\nfile = \"a.csv\"\n").unwrap();
        let written = plain.to_toml().unwrap();
        assert!(
            !written.contains("cleaning") && !written.contains("split"),
            "{written}"
        );
    }

    #[test]
    fn keys_are_set_from_what_is_typed() {
        let mut data = DataSettings::file("a.csv");
        data.set_cleaning("html", None).unwrap();
        data.set_cleaning("min_characters", Some("3")).unwrap();
        data.set_cleaning("duplicates", Some("near")).unwrap();
        data.set_cleaning("personal_data", Some("email, phone"))
            .unwrap();
        data.set_cleaning("personal_data", Some("card")).unwrap();
        data.set_cleaning("labels", Some("{ god = \"good\" }"))
            .unwrap();
        data.set_split("validation", "0.2").unwrap();
        data.set_split("balance", "undersample").unwrap();
        assert!(data.cleaning.html);
        assert_eq!(data.cleaning.min_characters, Some(3));
        assert_eq!(data.cleaning.personal_data.len(), 1);
        assert_eq!(data.cleaning.labels["god"], "good");
        assert_eq!((data.split.validation, data.split.test), (0.2, 0.1));
        let unknown = data.set_cleaning("htlm", None).unwrap_err().to_string();
        assert!(
            unknown.contains("htlm") && unknown.contains("html"),
            "{unknown}"
        );
        let unsuited = data.set_split("folds", "many").unwrap_err().to_string();
        assert!(unsuited.contains("folds = many"), "{unsuited}");
        for (key, value, words) in [
            ("duplicates", None, "--clean duplicates=exact"),
            ("personal_data", None, "email, phone"),
            ("labels", Some("a=b"), "labels = a=b: a table of labels"),
            ("min_characters", Some("x"), "a whole number is expected"),
            ("html", Some("x"), "\"true\" or \"false\""),
        ] {
            let told = data.set_cleaning(key, value).unwrap_err().to_string();
            assert!(told.contains(words), "{told}");
        }
    }

    #[test]
    fn the_reading_of_a_file_is_a_table_of_the_data() {
        let text = "task = \"topic\"\n[data]\nfile = \"a.csv\"\n\
                    [data.reading]\nencoding = \"GBK\"\ndelimiter = \"semicolon\"\n";
        let settings = RunSettings::parse(text).unwrap();
        let again = RunSettings::parse(&settings.to_toml().unwrap()).unwrap();
        assert_eq!(again, settings);
        let encoding = settings.data.request(None).reading.encoding;
        assert_eq!(encoding.map(|encoding| encoding.name()), Some("GBK"));
        let plain = RunSettings::parse("task = \"topic\"\n[data]\nfile = \"a.csv\"\n").unwrap();
        assert!(!plain.to_toml().unwrap().contains("reading"));
    }

    #[test]
    fn faults_name_the_key() {
        let data = "task = \"sentiment\"\n[data]\nbundled = \"reviews\"\n";
        for (text, words) in [
            ("task = \"haiku\"\n[data]\nbundled = \"reviews\"", "haiku"),
            (
                "tusk = 1\ntask = \"topic\"\n[data]\nbundled = \"reviews\"",
                "tusk",
            ),
            (
                &format!("{data}[hyperparameters]\nlearning_rat = 1"),
                "learning_rat",
            ),
            (
                &format!("{data}[hyperparameters]\nlearning_rate = 7"),
                "at most 1",
            ),
            (
                "task = \"topic\"\n[data]\nfile = \"a.csv\"\n[data.cleaning]\nhtlm = true",
                "htlm",
            ),
            (
                "task = \"topic\"\n[data]\nfile = \"a.csv\"\n[data.split]\nfold = 3",
                "folds = 5",
            ),
            (
                "task = \"topic\"\n[data]\nvalidation = \"v.csv\"",
                "named once",
            ),
            (
                "task = \"topic\"\n[data]\nfile = \"a.csv\"\nbundled = \"reviews\"",
                "named once",
            ),
        ] {
            let message = RunSettings::parse(text).unwrap_err().to_string();
            assert!(message.contains(words), "{message}");
        }
    }
}
