//! JSON lines: one object per line.

use std::io::{BufRead, Lines};

use serde_json::{Map, Value};

use super::encoding::Encoding;
use super::layout::{Format, Layout, SAMPLE_ROWS};
use super::record::{Field, Reader, Record, Records};
use super::source::Source;
use crate::error::{Error, Result};

/// A JSON lines file whose columns are known.
#[derive(Debug)]
pub(super) struct JsonLines {
    source: Source,
    layout: Layout,
    columns: Vec<String>,
}

impl JsonLines {
    /// Finds the columns: the keys of the first records, in the order in which they appear.
    pub fn open(source: &Source, encoding: Encoding) -> Result<Self> {
        let mut columns: Vec<String> = Vec::new();
        for object in Objects::new(source)?.take(SAMPLE_ROWS) {
            for key in object?.map.keys() {
                if !columns.contains(key) {
                    columns.push(key.clone());
                }
            }
        }
        Ok(Self {
            source: source.clone(),
            layout: Layout {
                format: Format::Jsonl,
                delimiter: None,
                header: false,
                quoting: true,
                byte_order_mark: encoding.byte_order_mark,
            },
            columns,
        })
    }
}

impl Reader for JsonLines {
    fn layout(&self) -> &Layout {
        &self.layout
    }

    fn columns(&self) -> &[String] {
        &self.columns
    }

    fn records(&self) -> Result<Records<'_>> {
        let objects = Objects::new(&self.source)?.enumerate();
        Ok(Box::new(objects.map(|(index, object)| {
            let Object { line, mut map } = object?;
            let fields = self
                .columns
                .iter()
                .map(|column| {
                    map.get_mut(column)
                        .map_or(Field::Missing, |value| field(value.take()))
                })
                .collect();
            Ok(Record {
                row: index + 1,
                line,
                fields,
            })
        })))
    }
}

fn field(value: Value) -> Field {
    match value {
        Value::Null => Field::Missing,
        Value::String(text) => Field::Value(text),
        Value::Bool(_) | Value::Number(_) => Field::Value(value.to_string()),
        Value::Array(_) | Value::Object(_) => Field::Nested(value.to_string()),
    }
}

/// One object and the line it stands on.
struct Object {
    line: usize,
    map: Map<String, Value>,
}

/// The objects of a file, blank lines passed over.
struct Objects<'a> {
    source: &'a Source,
    lines: Lines<Box<dyn BufRead>>,
    line: usize,
}

impl<'a> Objects<'a> {
    fn new(source: &'a Source) -> Result<Self> {
        Ok(Self {
            source,
            lines: source.text()?.lines(),
            line: 0,
        })
    }
}

impl Iterator for Objects<'_> {
    type Item = Result<Object>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let text = match self.lines.next()? {
                Ok(text) => text,
                Err(cause) => return Some(Err(self.source.fault(cause))),
            };
            self.line += 1;
            if !text.trim().is_empty() {
                return Some(parse(self.source, self.line, &text));
            }
        }
    }
}

fn parse(source: &Source, line: usize, text: &str) -> Result<Object> {
    let fault = |reason: String| {
        Err(Error::new(format!(
            "{source} is malformed JSON at line {line}: {reason}"
        ))
        .remedy(
            "Each line must be one whole object, such as {\"text\": \"…\", \"label\": \"…\"}; \
             mend or delete that line.",
        ))
    };
    match serde_json::from_str(text) {
        Ok(Value::Object(map)) => Ok(Object { line, map }),
        Ok(other) => fault(format!("{} where an object is expected", kind(&other))),
        // serde_json counts lines within what it was given, which is always one line.
        Err(cause) => fault(format!("{} (column {})", reason(&cause), cause.column())),
    }
}

/// What the parser found, without its own "at line 1 column n".
fn reason(cause: &serde_json::Error) -> String {
    let text = cause.to_string();
    match text.rfind(" at line ") {
        Some(end) => text[..end].to_owned(),
        None => text,
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
