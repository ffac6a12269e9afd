//! Which column is used for what.

use std::collections::{BTreeMap, HashSet};
use std::fmt;

use serde::{Deserialize, Serialize};

use super::dialect::{self, Dialect};
use super::example::Kind;
use super::kind;
use super::record::Record;
use super::source::Source;
use crate::error::{Error, Result};

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
const LABEL_NAMES: [&str; 39] = [
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
    "gold_label",
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
    "is_duplicate",
    "quality",
    "similarity",
    "similarity_score",
    "relatedness_score",
    "label_id",
    "toxic",
    "spam",
    "标签",
    "类别",
    "情感",
    "分类",
    "意图",
    "主题",
];

/// How many of the names of labels mean nothing else.
const STRONG: usize = 18;

/// Names of the column that says which split a row belongs to.
const SPLIT_NAMES: [&str; 4] = ["split", "subset", "partition", "fold_name"];

/// How many of them count rows, so that they label none.
const COUNTING: usize = 6;

/// Names of other columns that also give a header away.
const OTHER_NAMES: [&str; 10] = [
    "id", "idx", "index", "qid", "guid", "date", "split", "user", "lang", "language",
];

/// Names of the two texts of a pair, where both are there.
const PAIR_NAMES: [[&str; 2]; 16] = [
    ["sentence1", "sentence2"],
    ["sentence_1", "sentence_2"],
    ["premise", "hypothesis"],
    ["question1", "question2"],
    ["question", "sentence"],
    ["text_a", "text_b"],
    ["text1", "text2"],
    ["text_1", "text_2"],
    ["#1 string", "#2 string"],
    ["sentence_a", "sentence_b"],
    ["sentencea", "sentenceb"],
    ["text", "text_pair"],
    ["query", "passage"],
    ["query", "document"],
    ["question", "passage"],
    ["anchor", "positive"],
];

/// Names of what says to which sentence a word belongs.
const SENTENCE_NAMES: [&str; 8] = [
    "sentence #",
    "sentence#",
    "sentence_#",
    "sentence_id",
    "sentence id",
    "sentence_idx",
    "sentence_number",
    "sent_id",
];

/// Names of the words of a sentence.
const TOKENS_NAMES: [&str; 5] = ["tokens", "words", "token", "word", "sentence_tokens"];

/// Names of their tags.
const TAGS_NAMES: [&str; 9] = [
    "ner_tags",
    "tags",
    "tag",
    "ner",
    "labels",
    "bio_tags",
    "label",
    "pos_tags",
    "chunk_tags",
];

/// Names of the passage of a question.
const PASSAGE_NAMES: [&str; 3] = ["context", "passage", "paragraph"];

/// Names of the answers in it.
const ANSWERS_NAMES: [&str; 3] = ["answers", "answer", "answer_text"];

/// Whether this is a name that data sets usually give to a column.
pub(super) fn is_known(name: &str) -> bool {
    let name = normalised(name);
    TEXT_NAMES
        .iter()
        .chain(&LABEL_NAMES)
        .chain(&OTHER_NAMES)
        .chain(PAIR_NAMES.as_flattened())
        .chain(&SENTENCE_NAMES)
        .chain(&TOKENS_NAMES)
        .chain(&TAGS_NAMES)
        .chain(&PASSAGE_NAMES)
        .chain(&ANSWERS_NAMES)
        .any(|known| *known == name)
}

/// The columns of a table of words that have the sentence and the word, where it has tags too.
pub(super) fn sentence_and_word(names: &[String]) -> Option<(usize, usize)> {
    let first = |usual: &[&str]| {
        let mut usual = usual.iter();
        usual.find_map(|usual| names.iter().position(|name| normalised(name) == *usual))
    };
    first(&TAGS_NAMES)?;
    Some((first(&SENTENCE_NAMES)?, first(&TOKENS_NAMES)?))
}

fn normalised(name: &str) -> String {
    name.trim().to_lowercase()
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
/// when a column the person named is not in the file.
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

/// Whether a column has the words of sentences, as lists.
fn has_words(names: &[String], sample: &[Record], column: usize) -> bool {
    TOKENS_NAMES.contains(&normalised(&names[column]).as_str()) && is_nested(sample, column)
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
        && (kind.is_some() || untaken && (nested(answers) || is_within(sample, answers, passage)))
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

/// Columns found one by one: by the usual names, then by what is in them.
fn by_content(found: &mut Found, names: &[String], sample: &[Record]) {
    let profiles: Vec<Profile> = (0..names.len())
        .map(|column| Profile::of(sample, column))
        .collect();
    let wants_label = found.kind != Some(Kind::Texts);
    found.give(Role::Text, by_name(names, &TEXT_NAMES, found));
    if !wants_label {
        let mut columns = 0..names.len();
        let words = columns.find(|&column| has_words(names, sample, column));
        found.give(Role::Text, words);
    }
    if found.get(Role::Label).is_none() && found.may_have_indicators() {
        let indicators = indicators(names, &profiles, found);
        if !indicators.is_empty() {
            found.give_beside(indicators, Kind::Labels);
        }
    }
    if wants_label {
        found.give(Role::Label, by_name(names, &LABEL_NAMES, found));
    }
    found.give(Role::Text, longest(&profiles, found));
    let all_nameless = names.iter().all(|name| nameless(name));
    let may_be_pairs = !found.refused[Role::TextPair as usize];
    if all_nameless && may_be_pairs && found.kind.is_none_or(|kind| kind != Kind::Label) {
        pair_by_content(found, &profiles);
    }
    if wants_label {
        found.give(Role::Label, most_label_like(names, &profiles, found));
    }
}

/// More columns of 0 and 1 than this are measurements.
const MOST_INDICATORS: usize = 1000;

/// The longest run of columns that are 0 or 1; none where another column is called the label.
fn indicators(names: &[String], profiles: &[Profile], found: &Found) -> Vec<usize> {
    let is_indicator = |&column: &usize| {
        !found.takes(column) && profiles[column].is_indicator() && !nameless(&names[column])
    };
    let columns: Vec<usize> = (0..names.len()).filter(is_indicator).collect();
    let runs = columns.chunk_by(|before, column| before + 1 == *column);
    // The first of equals: `max_by_key` would take the last.
    let run = runs.rev().max_by_key(|run| run.len()).unwrap_or_default();
    let label = by_name(names, &LABEL_NAMES, found);
    let others = label.is_some_and(|label| !run.contains(&label));
    // One column of 0 and 1 is a label with two values, and very many are no labels.
    if others || !(2..=MOST_INDICATORS).contains(&run.len()) {
        return Vec::new();
    }
    run.to_vec()
}

/// Whether the file gives a column no name.
fn nameless(name: &str) -> bool {
    name.starts_with("column ")
}

/// The two texts of a pair and their score, in a file that names nothing.
fn pair_by_content(found: &mut Found, profiles: &[Profile]) {
    let Some(text) = found.get(Role::Text) else {
        return;
    };
    let length = profiles[text].length;
    let alike = |column: &usize| {
        let profile = &profiles[*column];
        !found.takes(*column)
            && profile.filled * 10 >= profiles[text].filled * 9
            && profile.distinct * 2 > profile.filled
            && profile.words >= 3.0
            && (length / 3.0..length * 3.0).contains(&profile.length)
    };
    let Some(other) = (0..profiles.len()).find(alike) else {
        return;
    };
    if found.get(Role::TextPair).is_none() {
        found.columns[Role::Text as usize] = Some(text.min(other));
        found.columns[Role::TextPair as usize] = Some(text.max(other));
    }
    let score = (0..profiles.len()).find(|&column| profiles[column].is_score());
    found.give(Role::Label, score);
}

fn is_nested(sample: &[Record], column: usize) -> bool {
    let mut cells = sample.iter().filter_map(|record| record.fields.get(column));
    cells.any(|field| match field {
        super::Field::Nested(_) => true,
        super::Field::Value(value) => value.trim_start().starts_with(['[', '{']),
        super::Field::Missing => false,
    })
}

/// Whether what one column says is nearly always a stretch of what the other says.
fn is_within(sample: &[Record], part: usize, whole: usize) -> bool {
    let cells = sample.iter().filter_map(|record| {
        let cell = |column: usize| Some(record.fields.get(column)?.value()?.trim());
        Some((cell(part).filter(|part| !part.is_empty())?, cell(whole)?))
    });
    let (mut filled, mut within) = (0, 0);
    for (part, whole) in cells {
        filled += 1;
        within += usize::from(whole.contains(part));
    }
    filled > 0 && within * 10 >= filled * 9
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

/// The error for a role that no column fits.
pub(super) fn missing(source: &Source, names: &[String], role: Role) -> Error {
    Error::new(format!(
        "{source} has no column that looks like the {role}; its columns are {}",
        listed(names)
    ))
    .remedy(choose(role))
}

fn choose(role: Role) -> String {
    format!(
        "Name the {role} column with {}, or choose it on the Data page.",
        role.option()
    )
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

fn by_name(names: &[String], usual: &[&str], found: &Found) -> Option<usize> {
    usual.iter().find_map(|usual| {
        names
            .iter()
            .enumerate()
            .position(|(column, name)| !found.takes(column) && normalised(name) == *usual)
    })
}

/// Whether a cell says that a row has a label; `None` where it says something else.
pub(super) fn flag(cell: &str) -> Option<bool> {
    match cell.trim() {
        "1" | "1.0" | "true" | "True" | "TRUE" => Some(true),
        "0" | "0.0" | "false" | "False" | "FALSE" => Some(false),
        _ => None,
    }
}

/// What the values of a column look like in the sample.
#[derive(Debug, Default)]
struct Profile {
    filled: usize,
    distinct: usize,
    /// Mean length of the filled cells, in characters.
    length: f64,
    /// Mean number of words, by white space.
    words: f64,
    numbers: usize,
    fractions: usize,
    /// Cells that are 0 or 1.
    flags: usize,
}

impl Profile {
    fn of(sample: &[Record], column: usize) -> Self {
        let mut distinct = HashSet::new();
        let mut profile = Self::default();
        let (mut characters, mut words) = (0, 0);
        for record in sample {
            let value = record.fields.get(column).and_then(|field| field.value());
            let Some(value) = value.map(str::trim).filter(|value| !value.is_empty()) else {
                continue;
            };
            profile.filled += 1;
            characters += value.chars().count();
            words += value.split_whitespace().count();
            profile.flags += usize::from(flag(value).is_some() && value.starts_with(['0', '1']));
            if let Ok(number) = value.parse::<f64>() {
                profile.numbers += 1;
                profile.fractions += usize::from(number.fract() != 0.0);
            }
            distinct.insert(value);
        }
        profile.distinct = distinct.len();
        profile.length = characters as f64 / profile.filled.max(1) as f64;
        profile.words = words as f64 / profile.filled.max(1) as f64;
        profile
    }

    /// Whether all values are 0 or 1.
    fn is_indicator(&self) -> bool {
        self.filled > 0 && self.flags == self.filled
    }

    /// Whether all values are numbers and some have a fraction.
    fn is_score(&self) -> bool {
        self.filled > 0 && self.numbers == self.filled && self.fractions > 0
    }
}

/// The text is the column with the longest values, mostly empty columns aside.
fn longest(profiles: &[Profile], found: &Found) -> Option<usize> {
    let rows = profiles.iter().map(|profile| profile.filled).max()?;
    (0..profiles.len())
        .filter(|&column| !found.takes(column) && profiles[column].filled * 2 > rows)
        // The first of equals: `max_by` would take the last.
        .rev()
        .max_by(|&a, &b| profiles[a].length.total_cmp(&profiles[b].length))
}

/// The label is the column with few distinct short values.
///
/// Columns that are mostly empty, or always the same, come last.
fn most_label_like(names: &[String], profiles: &[Profile], found: &Found) -> Option<usize> {
    const SHORT: f64 = 40.0;
    let counts =
        |column: usize| OTHER_NAMES[..COUNTING].contains(&normalised(&names[column]).as_str());
    let rows = profiles.iter().map(|profile| profile.filled).max()?;
    (0..profiles.len())
        .filter(|&column| {
            let profile = &profiles[column];
            !found.takes(column)
                && !counts(column)
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
