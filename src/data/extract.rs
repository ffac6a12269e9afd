//! What a record says as an example of a kind, or why it says nothing.

use std::ops::Range;

use serde_json::Value;

use super::columns::{self, Found, Role};
use super::example::{Answer, Example, Kind, TaggedWord, Target};
use super::given::part_named;
use super::kind::is_list;
use super::numbers::{NoNumber, NumberStyle};
use super::record::{Field, Record};
use super::set_aside::Reason;
use super::tags::TagForm;

type Outcome<T> = std::result::Result<T, Reason>;

/// Makes examples of records.
#[derive(Debug, Clone)]
pub(super) struct Extractor {
    pub found: Found,
    pub kind: Kind,
    /// The number of columns of the file.
    pub columns: usize,
    /// How tags are written, where they follow a scheme.
    pub tags: Option<TagForm>,
    /// What parts the labels of a cell, where there may be several.
    pub separator: Option<char>,
    /// The names of the columns that say what is to be answered.
    pub labels: Vec<String>,
    /// Whether columns beside each other only say which labels a row has: a blank cell says that
    /// it has not that one.
    pub blank_is_no: bool,
    /// How the numbers in each of them are written.
    pub numbers: Vec<NumberStyle>,
}

impl Extractor {
    /// The example of a record, or why there is none.
    pub fn example(&self, mut record: Record) -> Outcome<Example> {
        if let Some(fault) = record.fault.take() {
            return Err(fault);
        }
        self.check_width(&record)?;
        let (text, pair, target) = match self.kind {
            Kind::Tags => self.tags(&mut record)?,
            Kind::Answers => self.answers(&mut record)?,
            Kind::Writing => self.writing(&mut record)?,
            _ => self.texts(&mut record)?,
        };
        let split = self.value(&mut record, Role::Split);
        Ok(Example {
            row: record.row,
            line: record.line,
            text,
            pair,
            target,
            group: self.value(&mut record, Role::Group),
            part: split.and_then(|name| part_named(&name)),
        })
    }

    fn check_width(&self, record: &Record) -> Outcome<()> {
        let (found, expected) = (record.fields.len(), self.columns);
        let texts = [Role::Text, Role::TextPair].map(|role| self.found.get(role));
        let mut needed = texts.into_iter().flatten().chain(self.found.labels());
        if needed.any(|column| found <= column) {
            return Err(Reason::TooFewColumns { found, expected });
        }
        // Spreadsheets end rows with empty cells; those cut nothing.
        let surplus = record.fields.iter().skip(expected);
        let cut = surplus
            .filter_map(Field::value)
            .any(|value| !value.trim().is_empty());
        if cut {
            return Err(Reason::TooManyColumns { found, expected });
        }
        Ok(())
    }

    /// Takes the cell of a role out of the record.
    fn take(&self, record: &mut Record, role: Role) -> Field {
        let column = self.found.get(role);
        match column.and_then(|column| record.fields.get_mut(column)) {
            Some(field) => std::mem::replace(field, Field::Missing),
            None => Field::Missing,
        }
    }

    /// The value of a role that may be missing.
    fn value(&self, record: &mut Record, role: Role) -> Option<String> {
        let value = self.take(record, role);
        let value = value.value()?.trim();
        (!value.is_empty()).then(|| value.to_owned())
    }

    /// The cell of a role, which must hold a text; `empty` says what it is when it does not.
    fn filled(&self, record: &mut Record, role: Role, empty: Reason) -> Outcome<String> {
        match self.take(record, role) {
            Field::Nested(_) => Err(Reason::Nested { role }),
            Field::Value(value) if !value.trim().is_empty() => Ok(value),
            _ => Err(empty),
        }
    }

    /// The second text, where the file has one.
    fn pair(&self, record: &mut Record) -> Outcome<Option<String>> {
        match self.found.get(Role::TextPair) {
            Some(_) => self
                .filled(record, Role::TextPair, Reason::EmptyPair)
                .map(Some),
            None => Ok(None),
        }
    }

    /// One text or two with a label, labels, a score, or nothing.
    fn texts(&self, record: &mut Record) -> Outcome<(String, Option<String>, Target)> {
        let text = match self.found.words {
            true => self.list(record, Role::Text, Reason::EmptyText)?.join(" "),
            false => self.filled(record, Role::Text, Reason::EmptyText)?,
        };
        let pair = match self.kind {
            Kind::Texts => self.value(record, Role::TextPair),
            _ => self.pair(record)?,
        };
        let target = match self.kind {
            Kind::Labels => Target::Labels(self.labels(record)?),
            Kind::Score => Target::Scores(self.scores(record)?),
            Kind::Label => {
                let label = self.filled(record, Role::Label, Reason::EmptyLabel)?;
                Target::Label(trimmed(label))
            }
            _ => Target::Nothing,
        };
        Ok((text, pair, target))
    }

    fn labels(&self, record: &mut Record) -> Outcome<Vec<String>> {
        if !self.found.beside.is_empty() {
            return self.indicated(record);
        }
        let role = Role::Label;
        let mut labels = match self.take(record, role) {
            Field::Missing => return Err(Reason::EmptyLabel),
            Field::Nested(list) => strings(list).ok_or(Reason::Nested { role })?,
            Field::Value(cell) => match cell.trim() {
                "" => return Err(Reason::EmptyLabel),
                cell if is_list(cell) => parse_list(cell),
                cell => match self.separator {
                    Some(separator) => cell.split(separator).map(str::to_owned).collect(),
                    None => vec![cell.to_owned()],
                },
            },
        };
        for label in &mut labels {
            *label = label.trim().to_owned();
        }
        labels.retain(|label| !label.is_empty());
        Ok(labels)
    }

    /// The labels whose columns say 1.
    fn indicated(&self, record: &Record) -> Outcome<Vec<String>> {
        let mut labels = Vec::new();
        for (&column, label) in self.found.beside.iter().zip(&self.labels) {
            let cell = record.fields.get(column).and_then(Field::value);
            let blank = cell.is_none_or(|cell| cell.trim().is_empty());
            match cell.and_then(columns::flag) {
                Some(true) => labels.push(label.clone()),
                Some(false) => {}
                None if blank && self.blank_is_no => {}
                None => {
                    let fault = format!("\"{label}\" says neither yes nor no, as by 1 or 0");
                    return Err(Reason::Malformed(fault));
                }
            }
        }
        Ok(labels)
    }

    /// The number of each target. A row without any is unlabelled; one that lacks some is faulty.
    fn scores(&self, record: &Record) -> Outcome<Vec<f64>> {
        let role = Role::Label;
        let mut cells = Vec::new();
        for column in self.found.labels() {
            match record.fields.get(column) {
                Some(Field::Nested(_)) => return Err(Reason::Nested { role }),
                cell => cells.push(cell.and_then(Field::value).unwrap_or_default().trim()),
            }
        }
        if cells.iter().all(|cell| cell.is_empty()) {
            return Err(Reason::EmptyLabel);
        }
        let columns = self.labels.iter().zip(&self.numbers);
        let number = |(cell, (column, style)): (&str, (&String, &NumberStyle))| {
            let number = style.read(cell);
            number.map_err(|fault| no_number(column, cell, fault))
        };
        cells.into_iter().zip(columns).map(number).collect()
    }

    /// A sentence with a tag for each word.
    fn tags(&self, record: &mut Record) -> Outcome<(String, Option<String>, Target)> {
        let words = self.list(record, Role::Text, Reason::EmptyText)?;
        if words.iter().all(|word| word.trim().is_empty()) {
            return Err(Reason::EmptyText);
        }
        let tags = self.list(record, Role::Label, Reason::EmptyLabel)?;
        if words.len() != tags.len() {
            return Err(Reason::TagCount {
                words: words.len(),
                tags: tags.len(),
            });
        }
        self.check_tags(&words, &tags)?;
        let mut text = String::new();
        let mut tagged = Vec::with_capacity(words.len());
        for (word, tag) in words.iter().zip(tags) {
            if !tagged.is_empty() {
                text.push(' ');
            }
            let start = text.len();
            text.push_str(word);
            let place = Range {
                start,
                end: text.len(),
            };
            tagged.push(TaggedWord { place, tag });
        }
        Ok((text, None, Target::Tags(tagged)))
    }

    /// Fails on a tag that belongs to no scheme where the file's tags follow one: it would be
    /// learned as a tag of its own.
    fn check_tags(&self, words: &[String], tags: &[String]) -> Outcome<()> {
        let Some(form) = self.tags else {
            return Ok(());
        };
        match tags.iter().position(|tag| !form.fits(tag)) {
            None => Ok(()),
            Some(at) => Err(Reason::UnknownTag {
                tag: tags[at].clone(),
                word: words[at].clone(),
                expected: form.expected(),
            }),
        }
    }

    /// A cell that holds a list, or words between white space.
    fn list(&self, record: &mut Record, role: Role, empty: Reason) -> Outcome<Vec<String>> {
        let list = match self.take(record, role) {
            Field::Missing => return Err(empty),
            Field::Nested(list) => strings(list).ok_or(Reason::Nested { role })?,
            Field::Value(cell) => match cell.trim() {
                "" => return Err(empty),
                cell if is_list(cell) => parse_list(cell),
                cell => cell.split_whitespace().map(str::to_owned).collect(),
            },
        };
        if list.is_empty() {
            Err(empty)
        } else {
            Ok(list)
        }
    }

    /// A passage with a question and its answers.
    fn answers(&self, record: &mut Record) -> Outcome<(String, Option<String>, Target)> {
        let passage = self.filled(record, Role::Text, Reason::EmptyText)?;
        let question = self.filled(record, Role::TextPair, Reason::EmptyPair)?;
        let answers = match self.take(record, Role::Label) {
            Field::Missing => Vec::new(),
            Field::Nested(value) => answers(value)?,
            Field::Value(cell) => match serde_json::from_str::<Value>(cell.trim()) {
                Ok(value) if value.is_array() || value.is_object() => answers(value)?,
                _ if cell.trim().is_empty() => Vec::new(),
                _ => vec![found_in(&passage, &cell)?],
            },
        };
        Ok((passage, Some(question), Target::Answers(answers)))
    }

    /// What is read, and what is to be written.
    fn writing(&self, record: &mut Record) -> Outcome<(String, Option<String>, Target)> {
        if self.found.get(Role::Text) == self.found.get(Role::Label) {
            let both = self.take(record, Role::Text);
            let (text, written) = match both {
                Field::Nested(Value::Array(turns)) => conversation(&turns)?,
                Field::Nested(Value::Object(languages)) => {
                    let mut texts = languages.into_iter().map(|(_, text)| text);
                    let mut next = || {
                        texts
                            .next()
                            .as_ref()
                            .and_then(Value::as_str)
                            .map(str::to_owned)
                    };
                    (next().unwrap_or_default(), next().unwrap_or_default())
                }
                _ => return Err(Reason::EmptyText),
            };
            let filled = |text: String, reason| match text.trim() {
                "" => Err(reason),
                _ => Ok(text),
            };
            let text = filled(text, Reason::EmptyText)?;
            let written = filled(written, Reason::EmptyLabel)?;
            return Ok((text, None, Target::Text(written)));
        }
        let text = self.filled(record, Role::Text, Reason::EmptyText)?;
        let pair = self.value(record, Role::TextPair);
        let written = self.filled(record, Role::Label, Reason::EmptyLabel)?;
        Ok((text, pair, Target::Text(written)))
    }
}

/// Why a cell of a column of numbers holds none.
fn no_number(column: &str, cell: &str, fault: NoNumber) -> Reason {
    let (column, value) = (column.to_owned(), cell.to_owned());
    match fault {
        NoNumber::Other => Reason::NotANumber { column, value },
        NoNumber::Ambiguous(fraction, thousands) => Reason::AmbiguousNumber {
            column,
            value,
            meanings: [fraction.to_string(), thousands.to_string()],
        },
    }
}

/// The text without white space at its ends; the same one where there is none.
fn trimmed(text: String) -> String {
    match text.trim() {
        inner if inner.len() < text.len() => inner.to_owned(),
        _ => text,
    }
}

/// The values of a list as strings; `None` when it is no list, or one of lists.
fn strings(list: Value) -> Option<Vec<String>> {
    let Value::Array(list) = list else {
        return None;
    };
    list.into_iter()
        .map(|value| match Field::from(value) {
            Field::Missing => Some(String::new()),
            Field::Value(value) => Some(value),
            Field::Nested(_) => None,
        })
        .collect()
}

/// The values of a list that was written into a cell, by JSON's rules or by Python's.
fn parse_list(cell: &str) -> Vec<String> {
    let json = serde_json::from_str(cell).ok();
    if let Some(values) = json.and_then(strings) {
        return values;
    }
    let inner = cell.trim_start_matches('[').trim_end_matches(']');
    let mut values = Vec::new();
    let mut rest = inner.trim_start_matches([',', ' ', '\n']);
    while let Some(first) = rest.chars().next() {
        let (value, after) = match first {
            '\'' | '"' => quoted(&rest[1..], first),
            _ => {
                // NumPy parts values by spaces.
                let end = rest.find([',', ' ', '\n']).unwrap_or(rest.len());
                (rest[..end].to_owned(), &rest[end..])
            }
        };
        values.push(value);
        rest = after.trim_start_matches([',', ' ', '\n']);
    }
    values
}

/// A quoted string up to its closing mark, and what comes after.
fn quoted(text: &str, mark: char) -> (String, &str) {
    let mut value = String::new();
    let mut characters = text.char_indices();
    while let Some((place, character)) = characters.next() {
        match character {
            '\\' => value.extend(characters.next().map(|(_, escaped)| escaped)),
            _ if character == mark => return (value, &text[place + mark.len_utf8()..]),
            _ => value.push(character),
        }
    }
    (value, "")
}

/// Answers as SQuAD nests them or as the Hugging Face hub has them, with lists side by side.
fn answers(value: Value) -> Outcome<Vec<Answer>> {
    let fault = |fault: &str| Reason::Malformed(fault.to_owned());
    let pairs: Vec<(Value, Value)> = match value {
        Value::Array(answers) => answers
            .into_iter()
            .map(|mut answer| {
                let mut take = |key: &str| answer.get_mut(key).map_or(Value::Null, Value::take);
                (take("text"), take("answer_start"))
            })
            .collect(),
        Value::Object(mut lists) => {
            let mut list = |key: &str| match lists.get_mut(key).map(Value::take) {
                Some(Value::Array(list)) => Some(list),
                Some(Value::Null) | None => None,
                Some(single) => Some(vec![single]),
            };
            let texts = list("text").unwrap_or_default();
            let starts = list("answer_start").unwrap_or_else(|| vec![Value::Null; texts.len()]);
            if texts.len() != starts.len() {
                return Err(fault("there are not as many answers as places of answers"));
            }
            texts.into_iter().zip(starts).collect()
        }
        _ => return Err(fault("a list of answers is expected")),
    };
    pairs
        .into_iter()
        .map(|(text, start)| {
            let text = text
                .as_str()
                .ok_or_else(|| fault("an answer has no text"))?;
            Ok(Answer {
                text: text.to_owned(),
                start: start_of(&start)?,
            })
        })
        .collect()
}

/// Where an answer starts, as a number or as one between quotation marks; `None` where nothing is
/// said or something below 0, as some write for "not known".
fn start_of(start: &Value) -> Outcome<Option<usize>> {
    let number = match start {
        Value::Null => return Ok(None),
        Value::String(text) if text.trim().is_empty() => return Ok(None),
        Value::String(text) => text.trim().parse().ok(),
        other => other.as_f64(),
    };
    match number {
        Some(number) if number >= 0.0 => Ok(Some(number as usize)),
        Some(number) if number < 0.0 => Ok(None),
        _ => Err(Reason::Malformed(format!(
            "the answer_start {start} is no number"
        ))),
    }
}

/// An answer that only says its text: it stands where the passage first says that.
fn found_in(passage: &str, answer: &str) -> Outcome<Answer> {
    let answer = answer.trim();
    let byte = passage.find(answer).ok_or(Reason::AnswerNotFound)?;
    Ok(Answer {
        text: answer.to_owned(),
        start: Some(passage[..byte].chars().count()),
    })
}

/// The last reply of a conversation, and what was said before it.
fn conversation(turns: &[Value]) -> Outcome<(String, String)> {
    let said = |turn: &Value, keys: [&str; 3]| {
        let value = keys.into_iter().find_map(|key| turn.get(key)?.as_str());
        value.unwrap_or_default().to_owned()
    };
    let role = |turn: &Value| said(turn, ["role", "from", "user"]);
    let content = |turn: &Value| said(turn, ["content", "value", "text"]);
    let replies =
        |turn: &Value| matches!(role(turn).as_str(), "assistant" | "gpt" | "model" | "bot");
    let last = turns.iter().rposition(replies).ok_or(Reason::EmptyLabel)?;
    let before = turns[..last]
        .iter()
        .map(|turn| format!("{}: {}", role(turn), content(turn)));
    Ok((before.collect::<Vec<_>>().join("\n"), content(&turns[last])))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_in_cells_are_read_as_json_or_python() {
        assert_eq!(parse_list("[\"a\", 1, null]"), ["a", "1", ""]);
        assert_eq!(
            parse_list("['it', \"isn't\", 'a \\'b\\'']"),
            ["it", "isn't", "a 'b'"]
        );
        assert_eq!(parse_list("[0 1 22]"), ["0", "1", "22"]);
        assert!(parse_list("[]").is_empty());
        assert_eq!(parse_list("['open"), ["open"]);
    }

    #[test]
    fn answers_have_a_text_and_a_place() {
        let nested = serde_json::json!([{"text": "a", "answer_start": 3}]);
        let flat = serde_json::json!({"text": ["a"], "answer_start": [3]});
        let answer = Answer {
            text: "a".into(),
            start: Some(3),
        };
        assert_eq!(answers(nested).unwrap(), std::slice::from_ref(&answer));
        assert_eq!(answers(flat).unwrap(), std::slice::from_ref(&answer));
        let written = serde_json::json!([{"text": "a", "answer_start": "3"}]);
        assert_eq!(answers(written).unwrap(), [answer]);
        for unknown in [
            serde_json::json!([{"text": "a", "answer_start": -1}]),
            serde_json::json!([{"text": "a"}]),
            serde_json::json!({"text": ["a"]}),
        ] {
            assert_eq!(answers(unknown).unwrap()[0].start, None);
        }
        assert!(answers(serde_json::json!([{"text": "a", "answer_start": "x"}])).is_err());
        assert!(answers(serde_json::json!({"text": ["a"], "answer_start": []})).is_err());
        assert_eq!(found_in("é: the end", "the end").unwrap().start, Some(3));
    }

    #[test]
    fn the_last_reply_is_written() {
        let turns = serde_json::json!([
            {"from": "human", "value": "Hello?"},
            {"from": "gpt", "value": "Yes."},
        ]);
        let (before, reply) = conversation(turns.as_array().unwrap()).unwrap();
        assert_eq!((before.as_str(), reply.as_str()), ("human: Hello?", "Yes."));
    }
}
