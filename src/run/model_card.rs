//! The model card: `README.md` of the model folder, with the front matter that model hubs read.

use std::fmt::Write as _;

use std::path::Path;

use super::atomic::write_file;
use super::folder::FinalEvaluation;
use super::settings::RunSettings;
use crate::error::Result;
use crate::hub::public_name;
use crate::tasks::{Evaluation, TargetReport, TaskKind, python_snippet};

/// What a model card tells.
#[derive(Debug)]
pub struct ModelCard<'a> {
    /// The name of the run.
    pub name: &'a str,
    /// What it was to compute.
    pub settings: &'a RunSettings,
    /// The final scores, or those on validation that are known of a run without an end.
    pub scores: Option<&'a FinalEvaluation>,
    /// Whether the run came to its end.
    pub ended: bool,
    /// Whether the model reads two texts at once.
    pub pairs: bool,
}

impl ModelCard<'_> {
    /// The file in the model's folder.
    pub const FILE: &'static str = "README.md";

    /// Writes the card into the folder of the model.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn write(&self, model: &Path) -> Result<()> {
        write_file(&model.join(Self::FILE), self.text().as_bytes())
    }

    fn text(&self) -> String {
        let settings = self.settings;
        let base = public_name(&settings.model);
        let task = settings.task;
        let tag = task.hub_name();
        let mut card = format!(
            "---\nlibrary_name: transformers\npipeline_tag: {tag}\nbase_model: {base}\ntags:\n- {tag}\n- luthier\n---\n\n\
             # {}\n\n\
             {} (task: {}), fine-tuned from {base} on the data set {}.\n\n",
            self.name,
            task.model_words(),
            task.name(),
            settings.data.title(),
        );
        if !self.ended {
            card.push_str(
                "The run did not come to its end: these are the weights that it had kept until then. \
                 They were not scored on the test rows.\n\n",
            );
        }
        if let Some(scores) = self.scores {
            write_scores(&mut card, scores);
        }
        if self.ended {
            card.push_str(
                "\nThe test rows were read once, after training had ended and the checkpoint was chosen. \
                 Intervals are 95 % percentile bootstrap intervals over 1,000 resamples.\n",
            );
        }
        let python = python_snippet("path/to/this/folder", task, self.pairs);
        write!(card, "\n## Use\n\n```python\n{python}```\n\n").ok();
        card.push_str(&long_texts(settings));
        if task == TaskKind::Entities {
            card.push_str(
                "The example takes words apart at every punctuation mark, where Luthier leaves U.S or 7-1 \
                 whole, as it did for the scores above: of such words it may give a part.\n\n",
            );
        }
        settings_table(&mut card, settings);
        card.push_str(
            "\n## Limits\n\nThe model learned from the data named above and carries its gaps and biases, and those of \
             its base model. Scores on other kinds of text will differ. Read the licence of the base model and of \
             the data before you pass this model on.\n",
        );
        card
    }
}

fn write_scores(card: &mut String, evaluation: &FinalEvaluation) {
    let FinalEvaluation { validation, test } = evaluation;
    let labels = &validation.detail.labels;
    if !labels.is_empty() {
        write!(card, "Labels: {}.\n\n", labels.join(", ")).ok();
    }
    card.push_str("## Scores\n\n");
    score_table(card, validation, test.as_ref());
    let scored = test.as_ref().unwrap_or(validation);
    if !scored.detail.per_label.is_empty() {
        card.push_str("\n## Per label\n\n");
        label_table(card, scored);
    }
    if !scored.detail.per_target.is_empty() {
        card.push_str("\n## Per target\n\nThe scores above are means over these.\n\n");
        target_table(card, scored);
    }
    if let Some(thresholds) = thresholds(scored) {
        card.push_str(&thresholds);
    }
}

/// What the example does with texts that are longer than the model reads at once.
fn long_texts(settings: &RunSettings) -> String {
    let longest = settings.hyperparameters.max_seq_length;
    let ours = match settings.reads_windows() {
        true => "Luthier reads it in windows, as it did for the scores above",
        false => "so does Luthier, and did so for the scores above",
    };
    format!("Of a text longer than {longest} tokens this example reads the beginning; {ours}.\n\n")
}

/// From which probability on each label is given, where that was chosen.
fn thresholds(evaluation: &Evaluation) -> Option<String> {
    let reports = evaluation.detail.per_label.iter();
    let chosen = reports.filter_map(|report| Some((&report.label, report.threshold?)));
    let chosen: Vec<String> = chosen.map(|(label, t)| format!("{label} {t:.3}")).collect();
    (!chosen.is_empty()).then(|| {
        format!(
            "\nA label is given from this probability on, chosen on the validation rows: {}.\n",
            chosen.join(", ")
        )
    })
}

fn score_table(card: &mut String, validation: &Evaluation, test: Option<&Evaluation>) {
    card.push_str("| score | validation | test | without looking |\n|---|---|---|---|\n");
    let scored = test.unwrap_or(validation);
    for (name, value) in validation.scores.iter() {
        let test_score = test.and_then(|test| test.scores.get(name));
        let interval = scored
            .intervals
            .iter()
            .find(|interval| interval.score == name);
        let interval = interval
            .map(|interval| format!(" ({:.3} to {:.3})", interval.low, interval.high))
            .unwrap_or_default();
        let cell =
            |value: Option<f64>| value.map_or("–".to_owned(), |value| format!("{value:.4}"));
        let (on_validation, on_test) = match test {
            Some(_) => (cell(Some(value)), cell(test_score) + &interval),
            None => (cell(Some(value)) + &interval, cell(None)),
        };
        let majority = cell(scored.majority.get(name));
        // Writing to a String cannot fail.
        writeln!(
            card,
            "| {name} | {on_validation} | {on_test} | {majority} |"
        )
        .ok();
    }
    let test_rows = test.map_or(0, |test| test.rows);
    writeln!(card, "| rows | {} | {test_rows} | |", validation.rows).ok();
}

fn label_table(card: &mut String, evaluation: &Evaluation) {
    card.push_str("| label | precision | recall | F1 | rows |\n|---|---|---|---|---|\n");
    for report in &evaluation.detail.per_label {
        writeln!(
            card,
            "| {} | {:.3} | {:.3} | {:.3} | {} |",
            report.label.replace('|', "\\|"),
            report.precision,
            report.recall,
            report.f1,
            report.support
        )
        .ok();
    }
}

fn target_table(card: &mut String, evaluation: &Evaluation) {
    let names = TargetReport::SCORES;
    writeln!(
        card,
        "| target | {} |\n|---|---|---|---|---|",
        names.join(" | ")
    )
    .ok();
    for report in &evaluation.detail.per_target {
        let cell = |name| match report.scores.get(name) {
            Some(score) => format!("{score:.4}"),
            None => "–".to_owned(),
        };
        let target = report.target.replace('|', "\\|");
        writeln!(card, "| {target} | {} |", names.map(cell).join(" | ")).ok();
    }
}

fn settings_table(card: &mut String, settings: &RunSettings) {
    let (version, h) = (env!("CARGO_PKG_VERSION"), &settings.hyperparameters);
    let (method, precision) = (
        h.method_words(),
        if h.bf16 { "bfloat16" } else { "float32" },
    );
    writeln!(
        card,
        "## Training\n\nTrained with Luthier {version}: {method}, products in {precision}.\n"
    )
    .ok();
    card.push_str("| setting | value |\n|---|---|\n");
    for (name, value) in h.to_map() {
        writeln!(card, "| {name} | {value} |").ok();
    }
    if let Some(sha256) = &settings.data.sha256 {
        writeln!(card, "| sha256 of the data | {sha256} |").ok();
    }
}
