//! Records out of JSON values: objects by key, lists by position.

use serde_json::Value;

use super::layout::SAMPLE_ROWS;
use super::record::{Field, Record};
use super::set_aside::Reason;

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
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Keys {
    pub names: Vec<String>,
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
        let mut names: Vec<String> = Vec::new();
        let (mut longest, mut values) = (0, 0);
        for row in rows.take(SAMPLE_ROWS) {
            match row.value {
                Ok(Value::Object(map)) => {
                    for key in map.keys() {
                        if !names.contains(key) {
                            names.push(key.clone());
                        }
                    }
                }
                Ok(Value::Array(list)) => longest = longest.max(list.len()),
                Ok(_) => values += 1,
                Err(_) => {}
            }
        }
        let positions = || (1..=longest).map(|number| format!("column {number}"));
        let (by, names) = match (names.is_empty(), longest, values) {
            (false, ..) => (By::Key, names),
            (true, 0, 1..) => (By::Itself, vec!["text".to_owned()]),
            _ => (By::Position, positions().collect()),
        };
        Self { names, by }
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
                let mut take = |name: &String| map.get_mut(name).map(Value::take);
                let fields = self.names.iter().map(|name| take(name).into()).collect();
                (fields, None)
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
