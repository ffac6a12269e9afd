//! Which column is the text and which is the label.

use std::collections::HashSet;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::record::Record;
use super::source::Source;
use crate::error::{Error, Result};

/// What a column is used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// What the model reads.
    Text,
    /// What it shall answer.
    Label,
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Text => "text",
            Self::Label => "label",
        })
    }
}

/// Columns named by the person; those left `None` are found by name, then by content.
///
/// A column is named as in the file, in any case, or by its number from 1.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Columns {
    /// The column of the texts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// The column of the second texts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text_pair: Option<String>,
    /// The column of the labels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// The column of the groups.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// The column of the splits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub split: Option<String>,
}

/// The names of the columns that are used, by role.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Roles {
    /// The column of the texts.
    pub text: String,
    /// The column of the labels.
    pub label: String,
}

/// Names that data sets of the Hugging Face world give to the text, the most telling first.
const TEXT_NAMES: [&str; 31] = [
    "text",
    "sentence",
    "review",
    "content",
    "message",
    "comment",
    "utterance",
    "tweet",
    "query",
    "question",
    "sms",
    "post",
    "document",
    "body",
    "review_text",
    "reviewtext",
    "review_body",
    "clean_text",
    "text_a",
    "input",
    "description",
    "article",
    "headline",
    "summary",
    "title",
    "文本",
    "内容",
    "评论",
    "评论内容",
    "句子",
    "正文",
];

/// Names that they give to the label, the most telling first.
const LABEL_NAMES: [&str; 31] = [
    "label",
    "labels",
    "sentiment",
    "intent",
    "category",
    "class",
    "target",
    "topic",
    "emotion",
    "label_text",
    "label_name",
    "polarity",
    "stars",
    "rating",
    "star_rating",
    "overall",
    "score",
    "tag",
    "genre",
    "type",
    "output",
    "answer",
    "y",
    "gold",
    "gold_label",
    "标签",
    "类别",
    "情感",
    "分类",
    "意图",
    "主题",
];

/// Names of other columns that also give a header away.
const OTHER_NAMES: [&str; 10] = [
    "id", "idx", "index", "qid", "guid", "date", "split", "user", "lang", "language",
];

/// Whether this is a name that data sets usually give to a column.
pub(super) fn is_known(name: &str) -> bool {
    let name = normalised(name);
    TEXT_NAMES
        .iter()
        .chain(&LABEL_NAMES)
        .chain(&OTHER_NAMES)
        .any(|known| *known == name)
}

fn normalised(name: &str) -> String {
    name.trim().to_lowercase()
}

/// The positions of the text and the label, where they could be found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Found {
    pub text: Option<usize>,
    pub label: Option<usize>,
}

/// Finds the columns: as the person named them, then by the usual names, then by content.
///
/// `sample` is the first records. Fails when a column the person named is not in the file.
pub(super) fn find(
    source: &Source,
    names: &[String],
    wanted: &Columns,
    sample: &[Record],
) -> Result<Found> {
    let named_text = named(source, names, wanted.text.as_deref(), Role::Text)?;
    let named_label = named(source, names, wanted.label.as_deref(), Role::Label)?;
    let profiles: Vec<Profile> = (0..names.len())
        .map(|column| Profile::of(sample, column))
        .collect();

    let usual_text = || by_name(names, &TEXT_NAMES, named_label);
    let text = named_text.or_else(usual_text);
    let label = named_label.or_else(|| by_name(names, &LABEL_NAMES, text));
    let text = text.or_else(|| longest(&profiles, label));
    let label = label.or_else(|| most_label_like(&profiles, text));
    Ok(Found { text, label })
}

/// The column the person named.
fn named(
    source: &Source,
    names: &[String],
    wanted: Option<&str>,
    role: Role,
) -> Result<Option<usize>> {
    let Some(wanted) = wanted else {
        return Ok(None);
    };
    let number = || {
        let number = wanted.trim().parse::<usize>().ok()?;
        number.checked_sub(1).filter(|&column| column < names.len())
    };
    let found = names
        .iter()
        .position(|name| name == wanted)
        .or_else(|| {
            names
                .iter()
                .position(|name| normalised(name) == normalised(wanted))
        })
        .or_else(number);
    match found {
        Some(column) => Ok(Some(column)),
        None => Err(Error::new(format!(
            "{source} has no column \"{wanted}\" for the {role}; its columns are {}",
            listed(names)
        ))
        .remedy(choose(role))),
    }
}

/// The error for a role that no column fits.
pub(super) fn missing(source: &Source, names: &[String], role: Role) -> Error {
    Error::new(format!(
        "{source} has no column that looks like the {role}; its columns are {}",
        listed(names)
    ))
    .remedy(choose(role))
}

fn choose(role: Role) -> String {
    format!("Name the {role} column with --{role}-column, or choose it on the Data page.")
}

/// The names, quoted, cut where there are very many.
fn listed(names: &[String]) -> String {
    const SHOWN: usize = 20;
    let mut text = names
        .iter()
        .take(SHOWN)
        .map(|name| format!("\"{name}\""))
        .collect::<Vec<_>>()
        .join(", ");
    if names.len() > SHOWN {
        text.push_str(&format!(" and {} more", names.len() - SHOWN));
    }
    text
}

fn by_name(names: &[String], usual: &[&str], taken: Option<usize>) -> Option<usize> {
    usual.iter().find_map(|usual| {
        names
            .iter()
            .enumerate()
            .position(|(column, name)| Some(column) != taken && normalised(name) == *usual)
    })
}

/// What the values of a column look like in the sample.
#[derive(Debug, Default)]
struct Profile {
    filled: usize,
    distinct: usize,
    /// Mean length of the filled cells, in characters.
    length: f64,
}

impl Profile {
    fn of(sample: &[Record], column: usize) -> Self {
        let mut distinct = HashSet::new();
        let mut profile = Self::default();
        let mut characters = 0;
        for record in sample {
            let value = record.fields.get(column).and_then(|field| field.value());
            let Some(value) = value.map(str::trim).filter(|value| !value.is_empty()) else {
                continue;
            };
            profile.filled += 1;
            characters += value.chars().count();
            distinct.insert(value);
        }
        profile.distinct = distinct.len();
        profile.length = characters as f64 / profile.filled.max(1) as f64;
        profile
    }
}

/// The text is the column with the longest values, mostly empty columns aside.
fn longest(profiles: &[Profile], taken: Option<usize>) -> Option<usize> {
    let rows = profiles.iter().map(|profile| profile.filled).max()?;
    (0..profiles.len())
        .filter(|&column| Some(column) != taken && profiles[column].filled * 2 > rows)
        // The first of equals: `max_by` would take the last.
        .rev()
        .max_by(|&a, &b| profiles[a].length.total_cmp(&profiles[b].length))
}

/// The label is the column with few distinct short values.
///
/// Columns that are mostly empty, or always the same, come last.
fn most_label_like(profiles: &[Profile], taken: Option<usize>) -> Option<usize> {
    const SHORT: f64 = 40.0;
    let rows = profiles.iter().map(|profile| profile.filled).max()?;
    (0..profiles.len())
        .filter(|&column| {
            let profile = &profiles[column];
            Some(column) != taken
                && profile.filled * 2 > rows
                && profile.length <= SHORT
                && (profile.distinct * 2 <= profile.filled || profile.distinct <= 2)
        })
        .min_by_key(|&column| (profiles[column].distinct < 2, profiles[column].distinct))
}

#[cfg(test)]
mod tests {
    use super::super::record::Field;
    use super::*;

    fn found(names: &[&str], rows: &[&[&str]], wanted: &Columns) -> Result<Found> {
        let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
        let sample: Vec<Record> = rows
            .iter()
            .enumerate()
            .map(|(index, row)| Record {
                row: index + 1,
                line: index + 1,
                fields: row
                    .iter()
                    .map(|cell| Field::Value((*cell).to_owned()))
                    .collect(),
            })
            .collect();
        let source = Source::Bundled {
            name: "a.csv",
            bytes: b"",
        };
        find(&source, &names, wanted, &sample)
    }

    fn check(names: &[&str], rows: &[&[&str]], text: usize, label: usize) {
        let found = found(names, rows, &Columns::default()).unwrap();
        assert_eq!(
            (found.text, found.label),
            (Some(text), Some(label)),
            "{names:?}"
        );
    }

    #[test]
    fn the_usual_names_are_known_in_any_case() {
        check(&["text", "label"], &[], 0, 1);
        check(&["Sentiment", "Review"], &[], 1, 0);
        check(&["id", "intent", "utterance"], &[], 2, 1);
        check(&["title", "content", "topic", "label"], &[], 1, 3);
    }

    #[test]
    fn unknown_names_are_told_by_content() {
        let rows: &[&[&str]] = &[
            &["1", "a long sentence about a film", "pos"],
            &["2", "another sentence about a play", "neg"],
            &["3", "a third sentence, and the last", "pos"],
            &["4", "no: one more of them, at the end", "neg"],
        ];
        check(&["a", "b", "c"], rows, 1, 2);
        check(&["a", "b", "label"], rows, 1, 2);
        check(&["a", "text", "c"], rows, 1, 2);
    }

    #[test]
    fn a_column_is_named_exactly_or_by_number() {
        let wanted = Columns {
            text: Some("B".into()),
            label: Some("1".into()),
            ..Columns::default()
        };
        let found = found(&["a", "b"], &[], &wanted).unwrap();
        assert_eq!((found.text, found.label), (Some(1), Some(0)));
    }

    #[test]
    fn a_label_column_is_not_invented() {
        let rows: &[&[&str]] = &[&["one text"], &["another text"], &["a third"]];
        let found = found(&["text"], rows, &Columns::default()).unwrap();
        assert_eq!((found.text, found.label), (Some(0), None));
    }
}
