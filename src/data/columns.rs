//! Which column is used for what.

mod contents;
mod names;

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::dialect::{self, Dialect};
use super::example::Kind;
use super::given::part_named;
use super::kind;
use super::record::Record;
use super::source::Source;
use crate::error::{Error, Result};
pub(super) use contents::flag;
use contents::{by_content, by_name, has_words, is_nested, is_within};
use names::{
    ANSWERS_NAMES, LABEL_NAMES, PAIR_NAMES, PASSAGE_NAMES, SPLIT_NAMES, STRONG, TAGS_NAMES,
    TOKENS_NAMES, normalised,
};
pub(super) use names::{hold_objects, is_known, sentence_and_word};

/// What a column is used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// What the model reads: a text, the words of a sentence, a passage.
    Text,
    /// What it reads beside it: the second text of a pair, a question.
    TextPair,
    /// What it shall answer: a label or several, a number, tags, answers, a text to be written.
    Label,
    /// Rows with the same value belong together: a splitter keeps them on one side.
    Group,
    /// The name of the split that a row belongs to.
    Split,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 5] = [
        Self::Text,
        Self::TextPair,
        Self::Label,
        Self::Group,
        Self::Split,
    ];

    /// The option of the command line that names its column.
    fn option(self) -> &'static str {
        match self {
            Self::Text => "--text-column",
            Self::TextPair => "--text-pair-column",
            Self::Label => "--label-column",
            Self::Group => "--group-column",
            Self::Split => "--split-column",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Text => "text",
            Self::TextPair => "second text",
            Self::Label => "label",
            Self::Group => "group",
            Self::Split => "split",
        })
    }
}

/// Columns named by the person; those left `None` are found by name, then by content, but for the
/// group, which nothing gives away.
///
/// A column is named as in the file, in any case, or by its number from 1. Several columns that are
/// each 0 or 1 for one label, or each have a number, are named with commas between them. An empty
/// name is none: no column has that role, whatever is found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Columns {
    /// The column of the texts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// The column of the second texts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text_pair: Option<String>,
    /// The column of the labels.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// The column of the groups.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// The column of the splits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub split: Option<String>,
}

impl Columns {
    /// The column named for a role.
    pub fn get(&self, role: Role) -> Option<&str> {
        match role {
            Role::Text => self.text.as_deref(),
            Role::TextPair => self.text_pair.as_deref(),
            Role::Label => self.label.as_deref(),
            Role::Group => self.group.as_deref(),
            Role::Split => self.split.as_deref(),
        }
    }

    /// Whether one of these cells is the name of a column; numbers are positions, not names.
    pub(super) fn name_any(&self, cells: &[&str]) -> bool {
        let named = Role::ALL.into_iter().filter_map(|role| self.get(role));
        let mut names = named.flat_map(|name| name.split(',').chain([name]));
        let is_name = |name: &str| !name.is_empty() && name.parse::<f64>().is_err();
        names.any(|name| {
            let name = normalised(name);
            is_name(&name) && cells.iter().any(|cell| normalised(cell) == name)
        })
    }

    /// Whether no column shall have the role.
    pub fn refuses(&self, role: Role) -> bool {
        self.get(role).is_some_and(|name| name.trim().is_empty())
    }
}

/// What parts the names of columns that have one role together.
const BESIDE: &str = ", ";

/// The names of the columns in use, by role; those of labels or numbers that stand beside each
/// other are joined by commas.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Roles(BTreeMap<Role, String>);

impl Roles {
    /// The column used for this, if one is.
    pub fn get(&self, role: Role) -> Option<&str> {
        self.0.get(&role).map(String::as_str)
    }

    /// The roles in use with their columns.
    pub fn iter(&self) -> impl Iterator<Item = (Role, &str)> {
        self.0.iter().map(|(role, name)| (*role, name.as_str()))
    }

    /// Whether a column of this name is in use.
    pub fn uses(&self, name: &str) -> bool {
        let mut used = self.0.values();
        used.any(|used| used == name || used.split(BESIDE).any(|used| used == name))
    }
}

/// The columns in use by their positions, and what the rows ask for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found {
    columns: [Option<usize>; 5],
    /// The roles that no column shall have.
    refused: [bool; 5],
    /// The columns beside each other that have one label, as 0 or 1, or one number each; the first
    /// is that of the role. Empty where one column says all.
    pub beside: Vec<usize>,
    /// What the rows ask for, where names tell it.
    pub kind: Option<Kind>,
    /// The usage that the names follow.
    pub dialect: Option<Dialect>,
    /// Whether texts that are asked for alone are written as lists of their words.
    pub words: bool,
}

impl Found {
    /// The position of the column of a role.
    pub fn get(&self, role: Role) -> Option<usize> {
        self.columns[role as usize]
    }

    /// The names of the columns in use.
    pub fn roles(&self, names: &[String]) -> Roles {
        let named = |role: Role| Some((role, names.get(self.get(role)?)?.clone()));
        let mut roles: BTreeMap<Role, String> = Role::ALL.into_iter().filter_map(named).collect();
        if !self.beside.is_empty() {
            let labels = self.beside.iter().map(|&column| names[column].as_str());
            roles.insert(Role::Label, labels.collect::<Vec<_>>().join(BESIDE));
        }
        Roles(roles)
    }

    /// The columns that say what is to be answered: those beside each other, or the one of the role.
    pub fn labels(&self) -> Vec<usize> {
        match self.beside.as_slice() {
            [] => self.get(Role::Label).into_iter().collect(),
            several => several.to_vec(),
        }
    }

    fn takes(&self, column: usize) -> bool {
        self.columns.contains(&Some(column)) || self.beside.contains(&column)
    }

    /// Takes columns beside each other for labels or numbers.
    fn give_beside(&mut self, columns: Vec<usize>, kind: Kind) {
        if self.refused[Role::Label as usize] {
            return;
        }
        self.give(Role::Label, columns.first().copied());
        self.kind = Some(kind);
        self.beside = columns;
    }

    /// Whether columns of 0 and 1 beside each other may be the labels.
    fn may_have_indicators(&self) -> bool {
        self.kind.is_none_or(|kind| kind == Kind::Labels)
    }

    /// Whether a person may name several columns for a role.
    fn may_be_several(&self, role: Role) -> bool {
        let one = |kind| !matches!(kind, Kind::Labels | Kind::Score | Kind::Texts);
        role == Role::Label && !self.kind.is_some_and(one)
    }

    /// Gives a role a column, unless it has one or shall have none.
    fn give(&mut self, role: Role, column: Option<usize>) {
        if self.refused[role as usize] {
            return;
        }
        let given = &mut self.columns[role as usize];
        *given = given.or(column);
    }
}

/// Finds the columns: as the person named them, then by the usual names, then by content.
///
/// `sample` is the first records; `kind` is what the rows are read for, if that is known. Fails
/// when a column the person named is not in the file, or is to name parts and does not.
pub(super) fn find(
    source: &Source,
    names: &[String],
    wanted: &Columns,
    kind: Option<Kind>,
    sample: &[Record],
) -> Result<Found> {
    let mut found = Found {
        columns: [None; 5],
        refused: Role::ALL.map(|role| wanted.refuses(role)),
        beside: Vec::new(),
        kind,
        dialect: None,
        words: false,
    };
    for role in Role::ALL.into_iter().filter(|role| !wanted.refuses(*role)) {
        let Some(wanted) = wanted.get(role) else {
            continue;
        };
        let several = found.may_be_several(role);
        match named(source, names, wanted, role, several)?.as_slice() {
            [one] => found.give(role, Some(*one)),
            several => {
                let kind = kind.unwrap_or_else(|| kind::detect_beside(sample, several));
                found.give_beside(several.to_vec(), kind);
            }
        }
    }
    if let Some(column) = found.get(Role::Split) {
        refuse_no_parts(source, names, sample, column)?;
    }
    let split = by_name(names, &SPLIT_NAMES, &found);
    found.give(Role::Split, split);
    by_usage(&mut found, names, sample);
    if found.kind == Some(Kind::Texts) {
        found.columns[Role::Label as usize] = None;
        found.beside.clear();
    }
    by_content(&mut found, names, sample);
    found.words = found.kind == Some(Kind::Texts)
        && found
            .get(Role::Text)
            .is_some_and(|column| has_words(names, sample, column));
    Ok(found)
}

/// Whether a column that is called the answers may have them: lists, stretches of the passage, or
/// nothing at all, as in a hidden test.
fn may_be_answers(sample: &[Record], answers: usize, passage: usize) -> bool {
    let is_blank = || kind::values(sample, answers).next().is_none();
    is_nested(sample, answers) || is_within(sample, answers, passage) || is_blank()
}

/// Columns whose names go together: a dialect, a passage with its question, words with their tags,
/// a pair of texts.
fn by_usage(found: &mut Found, names: &[String], sample: &[Record]) {
    let at = |name: &str| names.iter().position(|known| normalised(known) == name);
    let kind = found.kind;
    let is = |wanted: Kind| kind.is_none_or(|kind| kind == wanted);
    let first = |usual: &[&str]| usual.iter().find_map(|name| at(name));
    let nested = |column: usize| is_nested(sample, column);

    let untaken = found.get(Role::Text).is_none() && found.get(Role::Label).is_none();
    if is(Kind::Answers)
        && let (Some(passage), Some(question), Some(answers)) =
            (first(&PASSAGE_NAMES), at("question"), first(&ANSWERS_NAMES))
        && (kind.is_some() || untaken && may_be_answers(sample, answers, passage))
    {
        found.kind = Some(Kind::Answers);
        found.give(Role::Text, Some(passage));
        found.give(Role::TextPair, Some(question));
        found.give(Role::Label, Some(answers));
        return;
    }
    // Asked without answers: passage and question are the texts.
    if kind == Some(Kind::Texts)
        && let (Some(passage), Some(question)) = (first(&PASSAGE_NAMES), at("question"))
    {
        found.give(Role::Text, Some(passage));
        found.give(Role::TextPair, Some(question));
        return;
    }
    if is(Kind::Tags)
        && let (Some(tokens), Some(tags)) = (first(&TOKENS_NAMES), first(&TAGS_NAMES))
        && (kind.is_some() || nested(tokens) && nested(tags))
    {
        found.kind = Some(Kind::Tags);
        found.give(Role::Text, Some(tokens));
        found.give(Role::Label, Some(tags));
        return;
    }
    let labelled = || first(&LABEL_NAMES[..STRONG]).is_some();
    if is(Kind::Writing)
        && let Some(usage) = dialect::recognise(|name| at(name).is_some())
        && (kind.is_some() || untaken && !(usage.dialect == Dialect::Summary && labelled()))
    {
        found.kind = Some(Kind::Writing);
        found.dialect = Some(usage.dialect);
        found.give(Role::Text, at(usage.text));
        found.give(Role::TextPair, usage.pair.and_then(at));
        found.give(Role::Label, at(usage.target));
        return;
    }
    let pairs = PAIR_NAMES
        .iter()
        .filter_map(|[one, two]| Some([at(one)?, at(two)?]));
    let fits = |[one, two]: &[usize; 2]| {
        let free = |role: Role, column: usize| match found.get(role) {
            Some(taken) => taken == column,
            None => !found.takes(column),
        };
        free(Role::Text, *one) && free(Role::TextPair, *two)
    };
    if let Some([one, two]) = pairs.into_iter().find(fits) {
        found.give(Role::Text, Some(one));
        found.give(Role::TextPair, Some(two));
    }
}

/// The column the person named; or `several` of them, with commas between their names.
fn named(
    source: &Source,
    names: &[String],
    wanted: &str,
    role: Role,
    several: bool,
) -> Result<Vec<usize>> {
    let unknown = |wanted: &str| {
        if names.is_empty() {
            return without_columns(source);
        }
        Error::new(format!(
            "{source} has no column \"{wanted}\" for the {role}; its columns are {}",
            listed(names)
        ))
        .remedy(choose(role))
    };
    let whole = position(names, wanted);
    let parts = || wanted.split(',').map(|name| position(names, name));
    if whole.is_none() && !several && role == Role::Label && parts().all(|part| part.is_some()) {
        return Err(Error::new(format!(
            "\"{wanted}\" is several columns of {source}; this task has one label"
        ))
        .remedy("Name one column, or choose the task similarity, which learns several numbers."));
    }
    if whole.is_some() || !several || !wanted.contains(',') {
        return Ok(vec![whole.ok_or_else(|| unknown(wanted))?]);
    }
    let mut columns = Vec::new();
    for name in wanted.split(',') {
        let column = position(names, name).ok_or_else(|| unknown(name.trim()))?;
        if columns.contains(&column) {
            let name = &names[column];
            return Err(Error::new(format!(
                "the column \"{name}\" of {source} is named twice for the {role}"
            ))
            .remedy("Name it once."));
        }
        columns.push(column);
    }
    Ok(columns)
}

/// Fails when a column that was named for the split says of none of the first rows which part it is
/// in.
fn refuse_no_parts(
    source: &Source,
    names: &[String],
    sample: &[Record],
    column: usize,
) -> Result<()> {
    const LONGEST: usize = 40;
    let cut = |value: &str| value.chars().take(LONGEST).collect::<String>();
    let mut values: Vec<String> = Vec::new();
    for value in kind::values(sample, column) {
        if part_named(value).is_some() {
            return Ok(());
        }
        let value = cut(value);
        if values.len() < MOST_LISTED && !values.contains(&value) {
            values.push(value);
        }
    }
    if values.is_empty() {
        return Ok(());
    }
    Err(Error::new(format!(
        "{source}: the column \"{}\" is named for the split and has {}, where train, validation \
         (val, dev) or test is expected",
        names[column],
        listed(&values)
    ))
    .remedy(
        "Name the column that says which part each row is in, or none: then rows are split by \
         shares. (Rows of one value stay together with --group-column.)",
    ))
}

/// The column of this name, as it is written or in any case, or else of this number from 1.
fn position(names: &[String], wanted: &str) -> Option<usize> {
    let at = |fits: &dyn Fn(&String) -> bool| names.iter().position(fits);
    let number = || {
        let number = wanted.trim().parse::<usize>().ok()?;
        number.checked_sub(1).filter(|&column| column < names.len())
    };
    at(&|name| name == wanted)
        .or_else(|| at(&|name| normalised(name) == normalised(wanted)))
        .or_else(number)
}

/// The error for a role of rows of this kind that no column fits.
pub(super) fn missing(source: &Source, names: &[String], kind: Kind, role: Role) -> Error {
    if names.is_empty() {
        return without_columns(source);
    }
    let asked_without_passage = kind == Kind::Answers
        && role != Role::Label
        && !names
            .iter()
            .any(|name| PASSAGE_NAMES.contains(&&*normalised(name)));
    if asked_without_passage {
        return Error::new(format!(
            "{source} has no column that looks like the passages in which the answers stand; its \
             columns are {}",
            listed(names)
        ))
        .remedy(
            "Give each question its passage, in a column called context; or name the columns: \
             passages with --text-column, questions with --text-pair-column, answers with \
             --label-column, or on the Data page.",
        );
    }
    let what = match (kind, role) {
        (Kind::Answers, Role::Text) => "passages".to_owned(),
        (Kind::Answers, Role::TextPair) => "questions".to_owned(),
        (Kind::Answers, Role::Label) => "answers".to_owned(),
        _ => format!("the {role}"),
    };
    Error::new(format!(
        "{source} has no column that looks like {what}; its columns are {}",
        listed(names)
    ))
    .remedy(choose(role))
}

/// The error for a file in which the format that it is read as finds nothing.
fn without_columns(source: &Source) -> Error {
    Error::new(format!("{source} has not one row, read in this format")).remedy(
        "Leave out --format, so that the format is found out (on the Data page: Format), or check \
         that the file holds rows.",
    )
}

fn choose(role: Role) -> String {
    format!(
        "Name the {role} column with {}, or choose it on the Data page.",
        role.option()
    )
}

/// Names and values that are listed.
const MOST_LISTED: usize = 20;

/// The names, quoted, cut where there are very many.
fn listed(names: &[String]) -> String {
    let mut text = names
        .iter()
        .take(MOST_LISTED)
        .map(|name| format!("\"{name}\""))
        .collect::<Vec<_>>()
        .join(", ");
    if names.len() > MOST_LISTED {
        text.push_str(&format!(" and {} more", names.len() - MOST_LISTED));
    }
    text
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
                fault: None,
            })
            .collect();
        let source = Source::Bundled {
            name: "a.csv",
            bytes: b"",
        };
        find(&source, &names, wanted, Some(Kind::Label), &sample)
    }

    fn check(names: &[&str], rows: &[&[&str]], text: usize, label: usize) {
        let found = found(names, rows, &Columns::default()).unwrap();
        assert_eq!(
            (found.get(Role::Text), found.get(Role::Label)),
            (Some(text), Some(label)),
            "{names:?}"
        );
    }

    #[test]
    fn a_role_with_an_empty_name_has_no_column() {
        let names = ["sentence1", "sentence2", "label"];
        let pairs = found(&names, &[], &Columns::default()).unwrap();
        assert_eq!(pairs.get(Role::TextPair), Some(1));
        let wanted = Columns {
            text_pair: Some(String::new()),
            ..Columns::default()
        };
        let texts = found(&names, &[], &wanted).unwrap();
        assert_eq!(texts.get(Role::TextPair), None);
        assert_eq!(
            (texts.get(Role::Text), texts.get(Role::Label)),
            (Some(0), Some(2))
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
        assert_eq!(
            (found.get(Role::Text), found.get(Role::Label)),
            (Some(1), Some(0))
        );
    }

    #[test]
    fn a_label_column_is_not_invented() {
        let rows: &[&[&str]] = &[&["one text"], &["another text"], &["a third"]];
        let found = found(&["text"], rows, &Columns::default()).unwrap();
        assert_eq!(
            (found.get(Role::Text), found.get(Role::Label)),
            (Some(0), None)
        );
    }
}
