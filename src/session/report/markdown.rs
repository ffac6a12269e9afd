//! The report in Markdown, for people.

use std::fmt::Write as _;

use super::{AsideRow, CleaningCounts, FileReport, Report};
use crate::data::checks::{Check, Finding, Level};
use crate::data::{Cleaning, Kind, Part, ReadingCount, Role};
use crate::tasks::TaskKind;

/// Rows set aside, labels and sightings that are written out; the numbers beside them are whole.
const LISTED: usize = 20;

impl Report {
    /// The report as a Markdown document.
    pub fn to_markdown(&self) -> String {
        let mut text = format!("# Data report: {}\n", self.file.file);
        for file in self.files() {
            write_file(&mut text, file);
        }
        self.write_labels(&mut text);
        text += "\n## Checks\n\n";
        if self.file.used == 0 {
            text += "No row can be used, so there was nothing to check.\n";
        } else if self.checks.is_empty() {
            text += "Nothing was found.\n";
        }
        for finding in &self.checks {
            write_finding(&mut text, finding);
        }
        text
    }

    fn write_labels(&self, text: &mut String) {
        if self.labels.is_empty() {
            return;
        }
        let mut labels: Vec<_> = self.labels.iter().collect();
        labels.sort_by(|a, b| b.1.cmp(a.1).then_with(|| a.0.cmp(b.0)));
        let many = labels.len();
        writeln!(
            text,
            "\n## Labels\n\n{many} different.\n\n| label | rows |\n|---|---:|"
        )
        .ok();
        for (label, count) in labels.iter().take(LISTED) {
            writeln!(text, "| {} | {count} |", cell(label)).ok();
        }
        if many > LISTED {
            writeln!(text, "| and {} more | |", many - LISTED).ok();
        }
    }
}

fn write_file(text: &mut String, file: &FileReport) {
    let FileReport {
        rows, used, part, ..
    } = file;
    writeln!(
        text,
        "\n## {} ({part})\n\n{}\n",
        file.file, file.description
    )
    .ok();
    writeln!(text, "- read for: {}", read_for(file)).ok();
    for (role, column) in file.columns.iter() {
        writeln!(text, "- {role}: {}", cell(column)).ok();
    }
    if !file.ignored.is_empty() {
        writeln!(text, "- not used: {}", cell(&file.ignored.join(", "))).ok();
    }
    let aside = file.set_aside.len();
    writeln!(text, "- rows: {rows} = {used} used + {aside} set aside").ok();
    if let Some(counts) = &file.cleaning {
        write_cleaning(text, counts);
    }
    if file.kind == Kind::Texts && *part != Part::Train {
        text.push_str("- no labels: only the texts are checked\n");
    }
    if !file.layout.other_sheets.is_empty() {
        let others = cell(&file.layout.listed_sheets());
        writeln!(
            text,
            "- not read: {others}; choose a sheet with `--sheet NAME`"
        )
        .ok();
    }
    for other in file.readings.iter().skip(1) {
        writeln!(text, "- {}", other_reading(other)).ok();
    }
    if file.set_aside.is_empty() {
        return;
    }
    write_set_aside(text, &file.set_aside);
}

/// How many rows each rule of the cleaning changed or dropped.
fn write_cleaning(text: &mut String, counts: &CleaningCounts) {
    let changed = counts.changed.iter();
    let changed = changed.map(|(rule, rows)| (rule.name(), "changed", rows));
    let dropped = counts.dropped.iter();
    let dropped = dropped.map(|(rule, rows)| (*rule, "dropped", rows));
    let before = text.len();
    for (rule, did, rows) in changed.chain(dropped) {
        let noun = if *rows == 1 { "row" } else { "rows" };
        writeln!(text, "- cleaning {did} {rows} {noun}: {rule}").ok();
    }
    if text.len() == before {
        text.push_str("- cleaning changed and dropped nothing\n");
    }
}

/// The first of the rows that are set aside; where each is a file, its name in place of the line.
fn write_set_aside(text: &mut String, rows: &[AsideRow]) {
    let are_files = rows.iter().all(|aside| aside.file.is_some());
    let (place, rule) = if are_files {
        ("file", "---")
    } else {
        ("line", "---:")
    };
    writeln!(
        text,
        "\n| row | {place} | set aside because |\n|---:|{rule}|---|"
    )
    .ok();
    for aside in rows.iter().take(LISTED) {
        let reason = cell(&aside.reason);
        let place = match &aside.file {
            Some(file) => cell(file),
            None => aside.line.to_string(),
        };
        writeln!(text, "| {} | {place} | {reason} |", aside.row).ok();
    }
    if rows.len() > LISTED {
        writeln!(text, "| and {} more | | |", rows.len() - LISTED).ok();
    }
}

/// What the rows are for.
fn read_for(file: &FileReport) -> String {
    let pairs = file.columns.get(Role::TextPair).is_some();
    match TaskKind::for_rows(file.kind, pairs) {
        // Labels of feeling look like any others.
        Some(TaskKind::Topic) => "one label for each text (sentiment, topic)".to_owned(),
        Some(task) => format!("the task {}", task.name()),
        None if file.kind == Kind::Writing => "texts to be written".to_owned(),
        None => "the texts alone".to_owned(),
    }
}

fn other_reading(other: &ReadingCount) -> String {
    let delimiter = other
        .reading
        .delimiter
        .map_or_else(|| "the same delimiter".to_owned(), |it| it.to_string());
    let quoting = other
        .reading
        .quoting
        .map_or_else(|| "as it is".to_owned(), |it| it.to_string());
    let beginning = if other.sampled {
        " (of the beginning)"
    } else {
        ""
    };
    let rows = if other.rows == 1 { "row" } else { "rows" };
    format!(
        "not chosen: read with {delimiter}, {quoting} there would be {} {rows}{beginning}, and {} \
         would be lost",
        other.rows, other.lost
    )
}

fn write_finding(text: &mut String, finding: &Finding) {
    let level = match finding.check.level() {
        Level::Trouble => "trouble",
        Level::Warning => "warning",
        Level::Notice => "to know",
    };
    let words = sentence(finding.check, finding.count);
    writeln!(text, "### {words} ({level})\n").ok();
    if let Some(note) = &finding.note {
        writeln!(text, "{note}\n").ok();
    }
    if !finding.shares.is_empty() {
        let shares = finding.shares.iter().take(LISTED);
        let shares: Vec<_> = shares
            .map(|share| format!("{} {}", cell(&share.name), share.count))
            .collect();
        writeln!(text, "{}\n", shares.join(", ")).ok();
    }
    for pair in finding.pairs.iter().take(LISTED) {
        let (from, to) = (cell(&pair.from), cell(&pair.to));
        writeln!(text, "- \"{from}\" and \"{to}\": {}", pair.count).ok();
    }
    if let Some(options) = mending(finding) {
        writeln!(text, "Mend it when training with `{options}`.\n").ok();
    }
    for sighting in finding.examples.iter().take(5) {
        let detail = sighting.detail.as_ref();
        let detail = detail.map_or_else(String::new, |detail| format!(" ({})", cell(detail)));
        writeln!(
            text,
            "- row {} of {}: {}{detail}",
            sighting.row,
            sighting.part,
            cell(&sighting.excerpt)
        )
        .ok();
    }
    text.push('\n');
}

/// What to type behind `luthier train` for what mends a finding.
fn mending(finding: &Finding) -> Option<String> {
    let mut cleaning = Cleaning::default();
    for remedy in finding.remedies().iter().take(LISTED) {
        cleaning.apply(remedy);
    }
    let keys = toml::Table::try_from(cleaning).ok()?;
    let options = keys.iter().map(|(key, value)| match value {
        toml::Value::Boolean(true) => format!("--clean {key}"),
        toml::Value::String(value) => format!("--clean {key}={value}"),
        value => format!("--clean '{key}={value}'"),
    });
    Some(options.collect::<Vec<_>>().join(" ")).filter(|options| !options.is_empty())
}

/// What a check found, in one sentence.
pub fn sentence(check: Check, count: usize) -> String {
    let s = if count == 1 { "" } else { "s" };
    let has = if count == 1 { "has" } else { "have" };
    let is = if count == 1 { "is" } else { "are" };
    let repeat = if count == 1 { "repeats" } else { "repeat" };
    let what = match check {
        Check::Leaks => format!("row{s} of validation or test {is} in another part too"),
        Check::NearLeaks => format!("text{s} of validation or test nearly in another part too"),
        Check::ConflictingLabels => format!("text{s} {has} different labels"),
        Check::UnseenLabels => format!("label{s} of validation or test that training lacks"),
        Check::OneLabel => format!("label{s} in all of training: nothing to be told apart"),
        Check::RareLabels => format!("label{s} with too few texts"),
        Check::SimilarLabels => format!("label{s} that may be misspelt"),
        Check::Imbalance => format!("label{s} far rarer than the most frequent one"),
        Check::Sorted => format!("row{s} in the order of their labels"),
        Check::ExactDuplicates => format!("row{s} {repeat} another one"),
        Check::NearDuplicates => format!("text{s} nearly {repeat} another one"),
        Check::Empty => format!("text{s} with nothing to be seen"),
        Check::TooLong => format!("row{s} longer than the model will read"),
        Check::MixedLanguages => format!("row{s} in another language than most"),
        Check::UnknownCharacters => format!("row{s} with characters the model does not know"),
        Check::Html => format!("row{s} with HTML"),
        Check::ControlCharacters => format!("row{s} with characters that cannot be seen"),
        Check::ReplacementCharacters => format!("row{s} in which a character was lost"),
        Check::Mojibake => format!("row{s} read in a wrong encoding before"),
        Check::PersonalData => format!("row{s} with personal data"),
        Check::IllegalTags => format!("sentence{s} with tags that cannot stand where they do"),
        Check::EntityBoundaries => format!("sentence{s} with an entity that ends in punctuation"),
        Check::AnswerOffsets => format!("question{s} whose answer is not where the file says"),
        Check::Unanswerable => format!("question{s} without an answer"),
    };
    format!("{count} {what}")
}

/// A text that stays in its cell.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace(['\n', '\r'], " ")
}
