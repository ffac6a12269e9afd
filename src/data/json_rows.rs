//! Records out of JSON values: objects by key, lists by position.

use serde_json::{Map, Value};

use super::columns;
use super::layout::SAMPLE_ROWS;
use super::record::{Field, Record};
use super::set_aside::Reason;

/// The most keys of the objects under one that are columns.
const MOST_UNDER: usize = 64;

/// A JSON value that is to be a record, or why it is none.
#[derive(Debug, Clone)]
pub(super) struct Row {
    pub line: usize,
    /// The value, or as it stands in the file with what is wrong with it.
    pub value: Result<Value, (String, String)>,
}

impl Row {
    /// Parses the text of a value.
    pub fn parse(line: usize, text: &[u8], fault: Option<&str>) -> Self {
        let value = match fault {
            Some(fault) => Err(fault.to_owned()),
            None => {
                serde_json::from_str(&String::from_utf8_lossy(text)).map_err(|cause| reason(&cause))
            }
        };
        // A cut text is enough to find the place by.
        const SHOWN: usize = 10_000;
        let raw = || String::from_utf8_lossy(&text[..text.len().min(SHOWN)]).into_owned();
        Self {
            line,
            value: value.map_err(|fault| (raw(), fault)),
        }
    }
}

/// The columns of records: the keys of the first objects, in the order in which they appear; where
/// there are none, positions in lists, or one text each.
///
/// What lies in an object in an object is a column of its own, named by the way to it: `user.name`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Keys {
    pub names: Vec<String>,
    /// The keys that lead to each column's value, where columns are told by keys.
    paths: Vec<Vec<String>>,
    by: By,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum By {
    Key,
    Position,
    Itself,
}

impl Keys {
    /// The columns of rows, from the first of them.
    pub fn of(rows: impl Iterator<Item = Row>) -> Self {
        let mut branches = Branches::default();
        let (mut longest, mut values) = (0, 0);
        for row in rows.take(SAMPLE_ROWS) {
            match row.value {
                Ok(Value::Object(map)) => branches.add(&map),
                Ok(Value::Array(list)) => longest = longest.max(list.len()),
                Ok(_) => values += 1,
                Err(_) => {}
            }
        }
        let paths = branches.paths();
        let names: Vec<String> = paths.iter().map(|path| path.join(".")).collect();
        let positions = || (1..=longest).map(|number| format!("column {number}"));
        let (by, names) = match (names.is_empty(), longest, values) {
            (false, ..) => (By::Key, names),
            (true, 0, 1..) => (By::Itself, vec!["text".to_owned()]),
            _ => (By::Position, positions().collect()),
        };
        Self { names, paths, by }
    }

    /// The same columns under other names.
    pub fn renamed(self, names: Vec<String>) -> Self {
        Self { names, ..self }
    }

    /// The record of a row.
    pub fn record(&self, number: usize, row: Row) -> Record {
        let (fields, fault) = match row.value {
            Ok(value) => self.fields(value),
            Err((raw, fault)) => (vec![Field::Value(raw)], Some(fault)),
        };
        Record {
            row: number,
            line: row.line,
            fields,
            fault: fault.map(Reason::Malformed),
        }
    }

    fn fields(&self, value: Value) -> (Vec<Field>, Option<String>) {
        match (self.by, value) {
            (By::Key, Value::Object(mut map)) => {
                let fields = self.paths.iter().map(|path| take(&mut map, path).into());
                (fields.collect(), None)
            }
            (By::Position, Value::Array(list)) => {
                (list.into_iter().map(Field::from).collect(), None)
            }
            (By::Itself, value) if !value.is_array() && !value.is_object() => {
                (vec![value.into()], None)
            }
            (by, other) => {
                let expected = match by {
                    By::Key => "an object",
                    By::Position => "a list",
                    By::Itself => "a text",
                };
                let fault = format!("{} where {expected} is expected", kind(&other));
                (vec![Field::Value(other.to_string())], Some(fault))
            }
        }
    }
}

/// Takes the value at the end of a path out of an object.
fn take(map: &mut Map<String, Value>, path: &[String]) -> Option<Value> {
    let (first, rest) = path.split_first()?;
    let mut value = map.get_mut(first)?;
    for key in rest {
        value = value.get_mut(key)?;
    }
    Some(value.take())
}

/// The keys of objects in the order in which they appear, with those of objects under them.
#[derive(Debug, Default)]
struct Branches(Vec<(String, Branch)>);

/// What is under a key.
#[derive(Debug, Default)]
struct Branch {
    /// Whether something else than an object is there.
    other: bool,
    under: Branches,
}

impl Branch {
    /// Whether there are columns under the key: what is no object in every row has none, and
    /// neither have objects with ever new keys.
    fn is_open(&self) -> bool {
        !self.other && self.under.0.len() <= MOST_UNDER
    }
}

impl Branches {
    fn add(&mut self, map: &Map<String, Value>) {
        for (key, value) in map {
            let at = self.0.iter().position(|(known, _)| known == key);
            let at = at.unwrap_or_else(|| {
                self.0.push((key.clone(), Branch::default()));
                self.0.len() - 1
            });
            let branch = &mut self.0[at].1;
            match value {
                Value::Null => {}
                Value::Object(inner) if branch.is_open() && !columns::hold_objects(key) => {
                    branch.under.add(inner);
                }
                _ => branch.other = true,
            }
        }
    }

    /// The ways to all columns.
    fn paths(&self) -> Vec<Vec<String>> {
        let mut paths = Vec::new();
        for (key, branch) in &self.0 {
            if branch.under.0.is_empty() || !branch.is_open() {
                paths.push(vec![key.clone()]);
                continue;
            }
            for mut path in branch.under.paths() {
                path.insert(0, key.clone());
                paths.push(path);
            }
        }
        // A key that is written with a point comes before a way that reads alike.
        let written: Vec<String> = self.0.iter().map(|(key, _)| key.clone()).collect();
        paths.retain(|path| path.len() == 1 || !written.contains(&path.join(".")));
        paths
    }
}

impl From<Option<Value>> for Field {
    fn from(value: Option<Value>) -> Self {
        value.map_or(Self::Missing, Self::from)
    }
}

/// What the parser found, without its own "at line 1 column n", which counts within the value.
fn reason(cause: &serde_json::Error) -> String {
    let text = cause.to_string();
    let what = text
        .rfind(" at line ")
        .map_or(text.as_str(), |end| &text[..end]);
    match cause.line() {
        1 => format!("{what} (column {})", cause.column()),
        line => format!(
            "{what} ({} lines below, column {})",
            line.saturating_sub(1),
            cause.column()
        ),
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a truth value",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}
