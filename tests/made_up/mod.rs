//! A made-up outside world for tests of the window: no engine, no disk, no dialogs.

#![allow(dead_code)] // each test file uses another part

use std::path::{Path, PathBuf};
use std::sync::Arc;

use luthier::data::{Kind, Reason, SetAside};
use luthier::error::{Error, Result};
use luthier::hub::Entry;
use luthier::metrics::Scores;
use luthier::run::hyperparameters::MethodName;
use luthier::run::{DataSettings, Hyperparameters, RunSettings};
use luthier::session::dataset::{DatasetView, FileView, RowView, Tally};
use luthier::session::export::Exported;
use luthier::session::runs::KeptRun;
use luthier::session::scorer::Scorer;
use luthier::session::{RunState, Session, Wake};
use luthier::tasks::{
    Answer, Detail, Evaluation, Gold, Interval, LabelReport, LabelScore, Prediction, ScoredRow,
    TaskKind,
};
use luthier::train::estimate::{Estimate, Machine, ModelShape};
use luthier::train::event::{Evaluated, Event, Finished, LiveSettings, Outcome, Started, Step};
use luthier::ui::intent::PickFor;
use luthier::ui::preferences::Preferences;
use luthier::ui::project::{KeptRuns, Progress};
use luthier::ui::services::{FinalEvaluation, LocalModel, ModelChoice, Place, Services};

/// The made-up world. `picked` is what every file dialog answers; data whose file is called
/// `broken.csv` cannot be read.
#[derive(Default)]
pub struct MadeUp {
    pub picked: Option<PathBuf>,
    /// No file dialog can be opened.
    pub without_dialogs: bool,
    pub long_names: bool,
    /// Rows in Chinese too; they need a system font.
    pub chinese: bool,
    /// A storage folder, where data is really read.
    pub reads_in: Option<PathBuf>,
    /// A storage folder in which runs are really trained.
    pub trains_in: Option<PathBuf>,
}

pub fn made_up() -> Arc<MadeUp> {
    Arc::new(MadeUp::default())
}

impl Services for MadeUp {
    fn storage(&self, preferences: &Preferences) -> PathBuf {
        let usual = PathBuf::from("/home/ada/.local/share/luthier");
        let usual = self.reads_in.clone().unwrap_or(usual);
        preferences.storage.clone().unwrap_or(usual)
    }

    fn pick(&self, _: PickFor) -> Result<Option<PathBuf>> {
        match self.without_dialogs {
            true => Err(Error::new("no file dialog opens here").remedy("Type the path.")),
            false => Ok(self.picked.clone()),
        }
    }

    fn bundled(&self) -> Vec<(&'static str, usize)> {
        vec![
            ("reviews", 1200),
            ("support-intents", 960),
            ("similarity", 532),
        ]
    }

    fn view(
        &self,
        settings: &RunSettings,
        kind: Option<Kind>,
        _: &Preferences,
        progress: &Progress,
    ) -> Result<DatasetView> {
        if let Some(folder) = &self.reads_in {
            let home = luthier::home::Home::at(folder);
            return luthier::session::dataset::view(settings, kind, &home, &progress.reporter());
        }
        let file = settings.data.file.as_deref().unwrap_or(Path::new(""));
        if file.ends_with("broken.csv") {
            return Err(Error::new("broken.csv has no column with labels")
                .remedy("Add a column called label, or name yours on the Data page."));
        }
        Ok(view(self.long_names, self.chinese, settings))
    }

    fn catalogue(&self, _: &Preferences) -> Result<Vec<ModelChoice>> {
        Ok(catalogue())
    }

    fn download(&self, _: &str, _: &Preferences, progress: &Progress) -> Result<PathBuf> {
        progress.set(38_000_000, 91_000_000);
        for _ in 0..2000 {
            if progress.is_cancelled() {
                break;
            }
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        Err(Error::new("huggingface.co cannot be reached")
            .remedy("Check the network, or choose a local folder."))
    }

    fn local_model(&self, folder: &Path) -> Result<LocalModel> {
        Ok(LocalModel {
            folder: folder.to_path_buf(),
            shape: self.shape_of(&catalogue()[0].entry),
            bytes: 54_000_000,
        })
    }

    fn measure(&self) -> Machine {
        Machine {
            flops: 9e10,
            threads: 8,
            free_memory: Some(6_000_000_000),
        }
    }

    fn shape_of(&self, entry: &Entry) -> ModelShape {
        luthier::train::estimate::shape_of(entry)
    }

    fn estimate(
        &self,
        shape: ModelShape,
        rows: [usize; 2],
        mean_tokens: f64,
        hyperparameters: &Hyperparameters,
        machine: Machine,
    ) -> Estimate {
        let steps_per_epoch = rows[0].div_ceil(hyperparameters.per_device_train_batch_size);
        let layer = (shape.hidden * (4 * shape.hidden + 2 * shape.intermediate)) as f64;
        let work = layer * shape.layers as f64 * 6.0 * mean_tokens * rows[0] as f64;
        let share = match hyperparameters.method {
            MethodName::Full => 1.0,
            MethodName::Lora => 0.7,
            MethodName::Head => 0.2,
        };
        let weights = layer * shape.layers as f64 + (shape.vocabulary * shape.hidden) as f64;
        Estimate {
            total_steps: (steps_per_epoch as f64 * hyperparameters.num_train_epochs) as usize,
            seconds: work * hyperparameters.num_train_epochs * share / machine.flops,
            memory_bytes: (weights * 16.0) as u64 + 120_000_000,
        }
    }

    fn start(&self, settings: RunSettings, _: &Preferences, wake: Wake) -> Result<Session> {
        if let Some(folder) = &self.trains_in {
            let home = luthier::home::Home::at(folder);
            return Session::start(settings, &home, None, wake);
        }
        Err(Error::new("made-up runs cannot be started"))
    }

    fn runs(&self, _: &Preferences) -> KeptRuns {
        let names = [
            "reviews-amber-viola",
            "reviews-blue-cello",
            "support-intents-red-bow",
        ];
        let mut runs: KeptRuns = names
            .into_iter()
            .enumerate()
            .map(|(place, name)| (folder(name), Ok(kept_run(name, 300 - 80 * place, true))))
            .collect();
        runs.push((
            folder("half"),
            Err(Error::new("history.jsonl is cut in line 12")),
        ));
        runs
    }

    fn open_run(&self, folder: &Path, _: &Preferences) -> Result<KeptRun> {
        let name = folder.file_name().unwrap_or_default().to_string_lossy();
        Ok(kept_run(&name, 300, true))
    }

    fn rename_run(&self, folder: &Path, name: &str) -> Result<PathBuf> {
        Ok(folder.with_file_name(name))
    }

    fn delete_run(&self, _: &Path) -> Result<()> {
        Ok(())
    }

    fn evaluation(&self, _: &Path) -> Result<FinalEvaluation> {
        Ok(FinalEvaluation {
            validation: evaluation(0.91),
            test: Some(evaluation(0.9)),
            rows: scored_rows(),
        })
    }

    fn scorer(&self, _: &Path, wake: Wake) -> Scorer {
        Scorer::open(PathBuf::from("nowhere"), wake)
    }

    fn score_file(&self, _: &Path, _: &Path, progress: &Progress) -> Result<Vec<Prediction>> {
        progress.set(3, 3);
        Ok(TEXTS
            .iter()
            .map(|(text, label)| prediction(text, label, 0.9))
            .collect())
    }

    fn save_scores(&self, _: &[Prediction], _: &Path) -> Result<()> {
        Ok(())
    }

    fn export(&self, _: &Path, to: &Path) -> Result<Exported> {
        Ok(Exported {
            folder: to.to_path_buf(),
            task: TaskKind::Topic,
            pairs: false,
            files: vec![
                ("config.json".into(), 812),
                ("model.safetensors".into(), 54_356_992),
                ("tokenizer.json".into(), 711_396),
                ("README.md".into(), 3_210),
            ],
            compared_rows: 120,
            largest_difference: 1.2e-7,
        })
    }
}

pub fn folder(name: &str) -> PathBuf {
    Path::new("/home/ada/.local/share/luthier/runs").join(name)
}

pub const LABELS: [&str; 5] = ["delivery", "billing", "technical", "account", "returns"];

pub const TEXTS: [(&str, &str); 10] = [
    ("Where is my order? It was due on Monday.", "delivery"),
    ("I was charged twice for the same subscription", "billing"),
    ("Please delete my account and all my data", "account"),
    ("the app crashes when I open the camera", "technical"),
    ("Can I return shoes that I have worn once?", "returns"),
    ("do you ship to Norway", "delivery"),
    ("My discount code is not accepted at checkout", "billing"),
    ("How do I reset my password on the tablet?", "account"),
    (
        "Video freezes after ten seconds, audio goes on",
        "technical",
    ),
    ("Can you bring it to the office instead?", "delivery"),
];

/// 1,240 rows in five labels.
pub fn view(long_names: bool, chinese: bool, settings: &RunSettings) -> DatasetView {
    let rows: Vec<RowView> = (0..1240)
        .map(|row| {
            let (text, label) = TEXTS[(row * row + row / 7) % TEXTS.len()];
            let text = match row % 17 {
                5 if chinese => "我的包裹在哪里？说好星期一到的。".to_owned(),
                3 => format!(
                    "{text} {}",
                    "and nobody has answered me yet, ".repeat(row % 23)
                ),
                _ => text.to_owned(),
            };
            let tokens = Some(2 + text.chars().count() / 4 + row % 5);
            let label = match long_names && row % 9 == 0 {
                true => format!("{label}, with a name that goes on and on and on"),
                false => label.to_owned(),
            };
            RowView {
                row: row + 2,
                line: row + 3,
                before: None,
                pair: None,
                text,
                label,
                tokens,
            }
        })
        .collect();
    let mut counts = std::collections::BTreeMap::<String, usize>::new();
    for row in &rows {
        *counts.entry(row.label.clone()).or_default() += 1;
    }
    let mut labels: Vec<_> = counts.into_iter().collect();
    labels.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
    let mut lengths = std::collections::BTreeMap::<usize, usize>::new();
    for tokens in rows.iter().filter_map(|row| row.tokens) {
        *lengths.entry(tokens).or_default() += 1;
    }
    let aside = |row, reason| {
        let line = row + 1;
        ("support-intents.csv".into(), SetAside { row, line, reason })
    };
    let too_many = Reason::TooManyColumns {
        found: 5,
        expected: 3,
    };
    DatasetView {
        file: file_view(),
        rows,
        lengths: lengths.into_iter().collect(),
        set_aside: vec![
            aside(88, Reason::EmptyText),
            aside(412, Reason::EmptyLabel),
            aside(977, too_many),
        ],
        labels,
        tally: Tally::Labels,
        findings: Vec::new(),
        changed: Default::default(),
        splits: [992, 124, 124],
        split_fault: None,
        made_with: luthier::session::dataset::made_with(settings),
    }
}

/// A file of tickets, with the columns ticket_id, message and intent.
fn file_view() -> FileView {
    let names = ["ticket_id", "message", "intent"];
    let table = luthier::data::inspect(
        luthier::data::Source::Bundled {
            name: "support-intents.csv",
            bytes: b"ticket_id,message,intent\n1,where is it?,delivery\n2,charged twice,billing\n",
        },
        luthier::data::Request {
            columns: luthier::data::Columns {
                text: Some(names[1].to_owned()),
                label: Some(names[2].to_owned()),
                ..Default::default()
            },
            kind: Some(Kind::Label),
            ..Default::default()
        },
    );
    let table = table.unwrap();
    FileView {
        layout: table.layout,
        kind: table.kind,
        detected: table.kind,
        columns: table.columns,
        roles: table.roles,
        targets: Vec::new(),
        rows: 1243,
        readings: table.readings,
    }
}

fn entry(name: &str, title: &str, summary: &str, layers: usize, hidden: usize) -> Entry {
    let parameters = (12 * hidden * hidden * layers + 30522 * hidden) as u64;
    Entry {
        name: name.into(),
        title: title.into(),
        summary: summary.into(),
        built_in: name == "luthier-mini",
        repository: None,
        revision: "main".into(),
        languages: vec![
            if name.ends_with("chinese") {
                "zh"
            } else {
                "en"
            }
            .into(),
        ],
        licence: "Apache-2.0".into(),
        architecture: "bert".into(),
        parameters,
        layers,
        hidden,
        heads: hidden / 32,
        vocabulary: 30522,
        max_length: 512,
        training_data: Some(
            "Distilled from all-MiniLM-L6-v2 on public-domain books, GoEmotions and SQuAD text"
                .into(),
        ),
        download_bytes: (name != "luthier-mini").then_some(parameters * 4),
        learning_rate: if name == "luthier-mini" { 1.5e-4 } else { 5e-5 },
        files: Vec::new(),
        wheel: None,
    }
}

pub fn catalogue() -> Vec<ModelChoice> {
    let place = |entry, place| ModelChoice { entry, place };
    vec![
        place(
            entry(
                "luthier-mini",
                "Luthier mini",
                "Small English encoder inside Luthier: nothing to download, and fast enough to fine-tune on a laptop.",
                4,
                384,
            ),
            Place::BuiltIn,
        ),
        place(
            entry(
                "all-MiniLM-L6-v2",
                "MiniLM L6",
                "English sentence encoder that learns well from a few hundred examples and stays quick on a small computer.",
                6,
                384,
            ),
            Place::Elsewhere,
        ),
        place(
            entry(
                "bert_uncased_L-4_H-512_A-8",
                "BERT small, uncased",
                "A small English BERT by Google, between mini and base.",
                4,
                512,
            ),
            Place::Partly,
        ),
        place(
            entry(
                "bert-base-uncased",
                "BERT base, uncased",
                "The classic English encoder: the best quality of this list for English, at about eight times the time of Luthier mini.",
                12,
                768,
            ),
            Place::Downloaded,
        ),
        place(
            entry(
                "bert-base-chinese",
                "BERT base, Chinese",
                "For simplified and traditional Chinese, character by character.",
                12,
                768,
            ),
            Place::Elsewhere,
        ),
    ]
}

pub fn scores(value: f64) -> Scores {
    let mut scores = Scores::default();
    for (name, by) in [
        ("f1_macro", 0.0),
        ("accuracy", 0.012),
        ("precision_macro", 0.006),
        ("recall_macro", -0.004),
    ] {
        scores.set(name, value + by);
    }
    scores.set("loss", 1.2 * (1.0 - value) + 0.2);
    scores
}

pub fn prediction(text: &str, label: &str, confidence: f64) -> Prediction {
    let rest = (1.0 - confidence) / (LABELS.len() - 1) as f64;
    Prediction {
        text: text.to_owned(),
        pair: None,
        answer: Answer::Label {
            label: label.to_owned(),
            scores: LABELS
                .iter()
                .map(|&name| LabelScore {
                    label: name.to_owned(),
                    score: if name == label { confidence } else { rest },
                })
                .collect(),
        },
        tokens: 2 + text.len() / 4,
        cut: false,
    }
}

/// The history of a run of `steps` steps out of 312, finished or not.
pub fn events(name: &str, steps: usize, finished: bool) -> Vec<Event> {
    let mut events = vec![Event::Started(Started {
        run: folder(name),
        labels: LABELS.map(str::to_owned).to_vec(),
        rows: [992, 124, 124],
        total_steps: 312,
        steps_per_epoch: 78,
        live: LiveSettings {
            learning_rate_multiplier: 1.0,
            eval_steps: 26,
            epochs: 4.0,
            patience: 4,
        },
        best_metric: "f1_macro".into(),
        main_scores: ["f1_macro", "accuracy"].map(str::to_owned).into(),
        pairs: Some(false),
        learning_rate: 1.5e-4,
        parameters: 13_587_840,
        threads: 8,
        cut: 12,
        majority: scores(0.11),
    })];
    let mut best = 0.0;
    for step in 1..=steps {
        let along = step as f64 / 312.0;
        let noise = ((step * 7919) % 101) as f64 / 101.0 - 0.5;
        events.push(Event::Step(Step {
            step,
            epoch: step as f64 / 78.0,
            loss: 0.18 + 1.5 * (-4.0 * along).exp() + 0.25 * noise * (1.0 - 0.6 * along),
            learning_rate: 1.5e-4 * (along * 10.0).min(1.0).min((1.0 - along) / 0.9),
            grad_norm: 1.0 + noise.abs(),
            samples_per_second: 142.0 + 8.0 * noise,
            seconds_left: (312 - step.min(312)) as f64 * 0.11,
        }));
        if step % 26 == 0 {
            let value = 0.93 - 0.8 * (-5.0 * along).exp() - if along > 0.8 { 0.02 } else { 0.0 };
            let probes = [
                ("my card was charged twice", "billing"),
                ("the parcel never showed up", "delivery"),
                (
                    "can I change my e-mail?",
                    if step < 130 { "returns" } else { "account" },
                ),
            ];
            events.push(Event::Evaluated(Evaluated {
                step,
                epoch: step as f64 / 78.0,
                scores: scores(value),
                best: value > best,
                probes: probes
                    .map(|(text, label)| prediction(text, label, 0.3 + 0.65 * along))
                    .to_vec(),
                seconds: 0.4,
            }));
            best = f64::max(best, value);
        }
    }
    if finished {
        events.push(Event::Finishing {
            step: steps,
            outcome: Outcome::Completed,
        });
        events.push(Event::Finished(Finished {
            run: folder(name),
            outcome: Outcome::Completed,
            best_step: 234,
            pairs: false,
            steps,
            seconds: 41.0,
            validation: scores(0.91),
            test: Some(scores(0.9)),
        }));
    }
    events
}

pub fn settings() -> RunSettings {
    RunSettings {
        task: TaskKind::Topic,
        model: "luthier-mini".into(),
        probes: vec![
            "my card was charged twice".into(),
            "the parcel never showed up".into(),
            "can I change my e-mail?".into(),
        ],
        data: DataSettings::file("/home/ada/Documents/support-intents.csv"),
        hyperparameters: luthier::run::Preset::Balanced.hyperparameters(1.5e-4),
    }
}

pub fn kept_run(name: &str, steps: usize, finished: bool) -> KeptRun {
    KeptRun {
        folder: folder(name),
        name: name.to_owned(),
        begun: name.starts_with("20").then(|| name[..10].to_owned()),
        settings: settings(),
        state: RunState::replay(events(name, steps, finished)),
    }
}

pub fn evaluation(value: f64) -> Evaluation {
    Evaluation {
        rows: 124,
        scores: scores(value),
        intervals: vec![
            Interval {
                score: "f1_macro".into(),
                low: value - 0.041,
                high: value + 0.037,
            },
            Interval {
                score: "accuracy".into(),
                low: value - 0.03,
                high: value + 0.04,
            },
        ],
        majority: scores(0.11),
        detail: Detail {
            labels: LABELS.map(str::to_owned).to_vec(),
            confusion: vec![
                vec![28, 1, 0, 0, 1],
                vec![0, 25, 0, 2, 0],
                vec![0, 0, 23, 1, 0],
                vec![1, 1, 0, 20, 0],
                vec![2, 0, 0, 0, 19],
            ],
            per_label: LABELS
                .iter()
                .zip([30, 27, 24, 22, 21])
                .map(|(label, support)| LabelReport {
                    label: (*label).to_owned(),
                    precision: value - 0.01,
                    recall: value + 0.01,
                    f1: value,
                    support,
                    threshold: None,
                })
                .collect(),
            ..Detail::default()
        },
    }
}

pub fn scored_rows() -> Vec<ScoredRow> {
    (0..124)
        .map(|row| {
            let (text, gold) = TEXTS[row % TEXTS.len()];
            let label = if row % 11 == 4 { LABELS[row % 5] } else { gold };
            ScoredRow {
                row: row + 2,
                gold: Gold::Label(gold.to_owned()),
                prediction: prediction(text, label, 0.55 + 0.4 * ((row % 7) as f64 / 7.0)),
            }
        })
        .collect()
}
