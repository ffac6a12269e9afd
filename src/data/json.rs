//! A JSON document that holds all records, in one of the forms that people write.

use serde_json::{Map, Value};

use super::columns;
use super::dialect;
use super::json_items::{Item, Items, MORE};
use super::json_rows::{Keys, Row};
use super::layout::{Format, Layout};
use super::record::{Reader, Record, Records};
use super::squad;
use super::text::Text;
use crate::error::{Error, Result};

/// The largest document whose records are not simply a list, in bytes: it is held in memory.
const LARGEST: u64 = 1 << 30;

/// How the records lie in a document.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Form {
    /// `[{…}, {…}]`
    List,
    /// `{"data": [{…}, {…}]}`, under whatever key, or `{"data": {"items": [{…}, {…}]}}` under two.
    Under(Vec<String>),
    /// `{"train": [["text", "label"], …], "val": […]}`: a list for each split.
    Splits,
    /// `{"text": ["…", "…"], "label": ["…", "…"]}`, or objects by row number instead of lists.
    Columns,
    /// `{"pos": ["a text", …], "neg": […]}`: the texts of each label.
    ByLabel,
    /// `{"17": {…}, "18": {…}}`: objects by name.
    Index,
    /// `{"a text": "its label", …}`.
    Pairs,
    /// `{…} {…}`: objects of several lines, one after the other.
    Stream,
    /// `{"text": "…", "label": "…"}`: one record.
    Single,
    /// Articles with paragraphs with questions, under this key.
    Squad(String),
}

/// A JSON document whose form and columns are known.
#[derive(Debug)]
pub(super) struct Document {
    text: Text,
    layout: Layout,
    form: Form,
    keys: Keys,
}

impl Document {
    /// Finds out the form and the columns.
    ///
    /// Fails when a document that is not a list is too large to be held.
    pub fn open(text: Text, layout: Layout) -> Result<Self> {
        let form = form(&text)?;
        if !matches!(form, Form::List | Form::Stream) && text.source.size()? > LARGEST {
            return Err(Error::new(format!(
                "{} is one JSON object of more than 1 GiB",
                text.source
            ))
            .remedy("Write its records as JSON lines, one object a line; such a file may have any size."));
        }
        let mut document = Self {
            layout: Layout {
                format: match form {
                    Form::Squad(_) => Format::Squad,
                    _ => Format::Json,
                },
                by_label: form == Form::ByLabel,
                ..layout
            },
            keys: Keys::of(std::iter::empty()),
            form,
            text,
        };
        document.keys = document.find_keys()?;
        Ok(document)
    }

    fn find_keys(&self) -> Result<Keys> {
        let mut fault = None;
        let rows = self
            .rows()?
            .map_while(|row| row.map_err(|cause| fault = Some(cause)).ok());
        let keys = Keys::of(rows);
        if let Some(fault) = fault {
            return Err(fault);
        }
        // As CLINC150 has it: pairs of a text and a label, and the split's name behind.
        let pairs = self.form == Form::Splits && keys.names.len() == 3;
        Ok(match pairs && keys.names[0] == "column 1" {
            true => keys.renamed(["text", "label", "split"].map(str::to_owned).to_vec()),
            false => keys,
        })
    }

    fn rows(&self) -> Result<Box<dyn Iterator<Item = Result<Row>> + '_>> {
        let source = &self.text.source;
        let items = Items::new(self.text.open()?);
        let fault = move |cause| source.fault(cause);
        let row = |item: Item| Row::parse(item.line, &item.bytes, item.fault);
        Ok(match &self.form {
            Form::Stream => Box::new(items.stream().map(move |item| item.map(row).map_err(fault))),
            Form::List => Box::new(items.map(move |item| item.map(row).map_err(fault))),
            Form::Under(keys) => {
                Box::new(under(items, keys).map(move |item| item.map(row).map_err(fault)))
            }
            Form::Splits => Box::new(
                entries(items)
                    .flat_map(move |entry| {
                        flatten(entry.map(|(name, list)| {
                            let named = move |item| with_split(row(item), &name);
                            list.items().map(move |item| item.map(&named))
                        }))
                    })
                    .map(move |row| row.map_err(fault)),
            ),
            Form::Squad(key) => Box::new(
                entries(items)
                    .filter(move |entry| entry.as_ref().map_or(true, |(name, _)| name == key))
                    .flat_map(|entry| flatten(entry.map(|(_, articles)| squad::rows(articles))))
                    .map(move |row| row.map_err(fault)),
            ),
            Form::ByLabel => Box::new(
                entries(items)
                    .flat_map(move |entry| {
                        flatten(entry.map(|(label, list)| {
                            let labelled = move |item| with_label(row(item), &label);
                            list.items().map(move |item| item.map(&labelled))
                        }))
                    })
                    .map(move |row| row.map_err(fault)),
            ),
            Form::Columns => Box::new(columns(whole(items).map_err(fault)?).into_iter().map(Ok)),
            Form::Index => Box::new(
                entries(items.unlimited())
                    .map(move |entry| entry.map(|(_, value)| row(value)).map_err(fault)),
            ),
            Form::Pairs => Box::new(entries(items).map(move |entry| {
                let (key, value) = entry.map_err(fault)?;
                let mut row = row(value);
                row.value = row.value.map(|label| {
                    let pair = [("text", key.into()), ("label", label)];
                    Value::Object(
                        pair.map(|(name, value)| (name.to_owned(), value))
                            .into_iter()
                            .collect(),
                    )
                });
                Ok(row)
            })),
            Form::Single => {
                let record = whole(items).map_err(fault)?;
                Box::new(std::iter::once(Ok(Row {
                    line: 1,
                    value: Ok(Value::Object(record)),
                })))
            }
        })
    }
}

impl Reader for Document {
    fn layout(&self) -> &Layout {
        &self.layout
    }

    fn columns(&self) -> &[String] {
        &self.keys.names
    }

    fn records(&self) -> Result<Records<'_>> {
        let rows = self.rows()?.enumerate();
        Ok(Box::new(rows.map(|(index, row)| -> Result<Record> {
            row.map(|row| self.keys.record(index + 1, row))
        })))
    }

    fn passed(&self) -> u64 {
        self.text.passed()
    }
}

/// Whether a JSON object on one line is a document and not a record.
pub(super) fn is_document(object: &str) -> bool {
    let items = Items::new(Box::new(object.as_bytes()));
    !matches!(form_of(items), Ok(Form::Single))
}

fn form(text: &Text) -> Result<Form> {
    let fault = |cause| text.source.fault(cause);
    let head = text.head(4096)?;
    if head.text().trim_start().starts_with('[') {
        return Ok(Form::List);
    }
    let mut first = Items::new(text.open()?).unlimited();
    let behind =
        |item: &std::io::Result<Item>| item.as_ref().is_ok_and(|item| item.fault == Some(MORE));
    if first.any(|item| behind(&item)) {
        return Ok(Form::Stream);
    }
    form_of(Items::new(text.open()?)).map_err(fault)
}

/// The form of an object, from its keys and the first items of their values.
fn form_of(items: Items) -> std::io::Result<Form> {
    /// A document has few keys or many alike.
    const LOOKED_AT: usize = 64;
    let mut values = Vec::new();
    for entry in entries(items).take(LOOKED_AT) {
        let (key, value) = entry?;
        values.push((key, Shape::of(value)?));
    }
    let count =
        |wanted: fn(&Shape) -> bool| values.iter().filter(|(_, shape)| wanted(shape)).count();
    let of_articles = |shape: &Shape| matches!(shape, Shape::Articles);
    if let Some((key, _)) = values.iter().find(|(_, shape)| of_articles(shape)) {
        return Ok(Form::Squad(key.clone()));
    }
    // A conversation is a list of objects, too, but one row.
    if dialect::recognise(|name| values.iter().any(|(key, _)| key == name)).is_some() {
        return Ok(Form::Single);
    }
    let lists = count(|shape| matches!(shape, Shape::Rows(_)));
    if lists == 1
        && let Some((key, _)) = values
            .iter()
            .find(|(_, shape)| matches!(shape, Shape::Rows(_)))
    {
        return Ok(Form::Under(vec![key.clone()]));
    }
    if let Some(keys) = holder(&values) {
        return Ok(Form::Under(keys));
    }
    let all = values.len();
    let empty = count(|shape| matches!(shape, Shape::Values(0)));
    if lists > 1 && lists + empty == all {
        return Ok(Form::Splits);
    }
    let lengths: Vec<usize> = values
        .iter()
        .filter_map(|(_, shape)| match shape {
            Shape::Values(length) => Some(*length),
            _ => None,
        })
        .collect();
    let alike = lengths.windows(2).all(|pair| pair[0] == pair[1]);
    let known = values.iter().any(|(key, _)| columns::is_known(key));
    if lengths.len() == all && lengths.iter().any(|&length| length > 0) {
        return Ok(if alike && known || all == 1 {
            Form::Columns
        } else {
            Form::ByLabel
        });
    }
    let numbered = |key: &str| key.parse::<u64>().is_ok();
    if all > 0 && count(|shape| matches!(shape, Shape::ByNumber)) == all {
        return Ok(Form::Columns);
    }
    let objects =
        |shape: &Shape| matches!(shape, Shape::Object | Shape::ByNumber | Shape::Holder(_));
    let objects = count(objects);
    let by_number = values.iter().all(|(key, _)| numbered(key));
    if objects == all && all > 1 || objects == all && all == 1 && by_number {
        return Ok(Form::Index);
    }
    let scalars = count(|shape| matches!(shape, Shape::Scalar));
    Ok(if scalars == all && all > 2 && !known {
        Form::Pairs
    } else {
        Form::Single
    })
}

/// The keys of the list of rows in the only object of a document that holds one; `None` where the
/// document is a row itself.
fn holder(values: &[(String, Shape)]) -> Option<Vec<String>> {
    let is_row = |(key, shape): &(String, Shape)| {
        matches!(shape, Shape::Scalar | Shape::Values(_)) && columns::is_known(key)
    };
    let mut holders = values.iter().filter_map(|(key, shape)| match shape {
        Shape::Holder(inner) => Some(vec![key.clone(), inner.clone()]),
        _ => None,
    });
    let keys = holders.next()?;
    (holders.next().is_none() && !values.iter().any(is_row)).then_some(keys)
}

/// What the value under a key looks like.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Shape {
    /// A list of objects with paragraphs.
    Articles,
    /// A list of so many objects, or lists.
    Rows(usize),
    /// A list of so many strings, numbers or the like.
    Values(usize),
    /// An object whose keys are numbers.
    ByNumber,
    /// An object that is no row and has one list of rows, under this key.
    Holder(String),
    Object,
    Scalar,
}

impl Shape {
    fn of(value: Item) -> std::io::Result<Self> {
        let list = value.bytes.starts_with(b"[");
        if !list && !value.bytes.starts_with(b"{") {
            return Ok(Self::Scalar);
        }
        let mut items = value.items();
        let Some(first) = items.next().transpose()? else {
            return Ok(if list { Self::Values(0) } else { Self::Object });
        };
        if !list {
            let key = first.entry().map(|(key, _)| key).unwrap_or_default();
            return Ok(match key.parse::<u64>() {
                Ok(_) => Self::ByNumber,
                Err(_) => list_within(std::iter::once(Ok(first)).chain(items))?
                    .map_or(Self::Object, Self::Holder),
            });
        }
        if first.bytes.starts_with(b"{") && first.get("paragraphs").is_some() {
            return Ok(Self::Articles);
        }
        let nested = first.bytes.starts_with(b"{") || first.bytes.starts_with(b"[");
        let length = 1 + items.count();
        Ok(if nested {
            Self::Rows(length)
        } else {
            Self::Values(length)
        })
    }
}

/// The key of the only list of objects in an object, unless other keys are those of columns.
fn list_within(
    items: impl Iterator<Item = std::io::Result<Item>>,
) -> std::io::Result<Option<String>> {
    let mut list = None;
    for item in items {
        let Some((key, value)) = item?.entry() else {
            continue;
        };
        let rows = value.bytes.starts_with(b"[")
            && value
                .items()
                .next()
                .transpose()?
                .is_some_and(|first| first.bytes.starts_with(b"{"));
        let is_column = columns::is_known(&key) || columns::hold_objects(&key);
        if is_column || rows && list.is_some() {
            return Ok(None);
        }
        if rows {
            list = Some(key);
        }
    }
    Ok(list)
}

/// The keys and values of an object; what has no key is left out.
fn entries<'a>(items: Items<'a>) -> impl Iterator<Item = std::io::Result<(String, Item)>> + 'a {
    items
        .unlimited()
        .filter_map(|item| item.map(|item| item.entry()).transpose())
}

/// The items of the list to which keys lead through objects.
fn under<'a>(
    items: Items<'a>,
    keys: &'a [String],
) -> Box<dyn Iterator<Item = std::io::Result<Item>> + 'a> {
    let Some((key, rest)) = keys.split_first() else {
        return Box::new(items);
    };
    let entries = entries(items).filter(move |entry| match entry {
        Ok((name, _)) => name == key,
        Err(_) => true,
    });
    Box::new(entries.flat_map(move |entry| match entry {
        Ok((_, value)) => under(value.items(), rest),
        Err(cause) => Box::new(std::iter::once(Err(cause))),
    }))
}

/// The items, or the fault as the only one.
fn flatten<T: 'static>(
    items: std::io::Result<impl Iterator<Item = std::io::Result<T>> + 'static>,
) -> Box<dyn Iterator<Item = std::io::Result<T>>> {
    match items {
        Ok(items) => Box::new(items),
        Err(cause) => Box::new(std::iter::once(Err(cause))),
    }
}

/// A row with the name of its split behind its values.
fn with_split(mut row: Row, split: &str) -> Row {
    match &mut row.value {
        Ok(Value::Object(map)) => {
            map.entry("split").or_insert_with(|| split.into());
        }
        Ok(Value::Array(list)) => list.push(split.into()),
        _ => {}
    }
    row
}

/// A text as a row of its label.
fn with_label(mut row: Row, label: &str) -> Row {
    row.value = row.value.map(|text| labelled(text, label.into()));
    row
}

fn labelled(text: Value, label: Value) -> Value {
    let pair = [("text", text), ("label", label)];
    let pair = pair.map(|(name, value)| (name.to_owned(), value));
    Value::Object(pair.into_iter().collect())
}

/// The whole object; entries that cannot be parsed are left out.
fn whole(items: Items) -> std::io::Result<Map<String, Value>> {
    let mut map = Map::new();
    for entry in entries(items) {
        let (key, value) = entry?;
        if let Ok(value) = serde_json::from_slice(&value.bytes) {
            map.insert(key, value);
        }
    }
    Ok(map)
}

/// The rows of an object of columns.
fn columns(document: Map<String, Value>) -> Vec<Row> {
    let columns: Vec<(String, Vec<Value>)> = document
        .into_iter()
        .map(|(name, column)| {
            let values = match column {
                Value::Array(values) => values,
                Value::Object(by_number) => by_number.into_iter().map(|(_, value)| value).collect(),
                _ => Vec::new(),
            };
            (name, values)
        })
        .collect();
    let length = columns.iter().map(|(_, values)| values.len()).max();
    let mut columns: Vec<_> = columns
        .into_iter()
        .map(|(name, values)| (name, values.into_iter()))
        .collect();
    (0..length.unwrap_or(0))
        .map(|_| {
            let next = columns
                .iter_mut()
                .filter_map(|(name, values)| values.next().map(|value| (name.clone(), value)));
            Row {
                line: 1,
                value: Ok(Value::Object(next.collect())),
            }
        })
        .collect()
}
