//! Apache Parquet: rows of named columns, lists and structs among them.
//!
//! Files of the Hugging Face hub keep labels as numbers and their names beside the schema; the
//! rows have the names.

use std::fs::File;
use std::sync::atomic::{AtomicU64, Ordering};

use parquet::errors::ParquetError;
use parquet::file::metadata::FileMetaData;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::reader::RowIter;
use parquet::record::{Field as Cell, Row};
use serde_json::{Map, Value};

use super::guard::unless_it_panics;
use super::layout::{Format, Layout};
use super::record::{Field, Reader, Record, Records};
use super::source::Source;
use crate::error::{Error, Result};

/// A Parquet file whose schema is known.
pub(super) struct ParquetFile {
    source: Source,
    layout: Layout,
    columns: Vec<String>,
    /// The names that the numbers of a column stand for.
    names: Vec<Option<Vec<String>>>,
    rows: u64,
    size: u64,
    passed: AtomicU64,
}

impl ParquetFile {
    /// Reads the schema.
    ///
    /// Fails when the file is damaged or packed in a way that is not read.
    pub fn open(source: &Source) -> Result<Self> {
        let reader = open(source)?;
        let metadata = reader.metadata().file_metadata();
        let columns = metadata.schema().get_fields();
        let rows = u64::try_from(metadata.num_rows()).unwrap_or(0);
        if rows == 0 {
            return Err(Error::new(format!("{source} is empty; rows are expected"))
                .remedy("Choose another file."));
        }
        let columns: Vec<String> = columns
            .iter()
            .map(|column| column.name().to_owned())
            .collect();
        let features = features(metadata).unwrap_or_default();
        Ok(Self {
            names: columns
                .iter()
                .map(|column| class_names(features.get(column)?))
                .collect(),
            columns,
            layout: Layout::of(Format::Parquet),
            rows,
            size: source.size()?,
            passed: AtomicU64::new(0),
            source: source.clone(),
        })
    }

    fn record(&self, index: usize, row: Row) -> Record {
        self.passed.store(
            (self.size as f64 * index as f64 / self.rows as f64) as u64,
            Ordering::Relaxed,
        );
        let cells = row.into_columns().into_iter().zip(&self.names);
        let fields = cells.map(|((_, cell), names)| match names {
            Some(names) => Field::from(named(value(cell), names)),
            None => value(cell).into(),
        });
        Record {
            row: index + 1,
            line: index + 1,
            fields: fields.collect(),
            fault: None,
        }
    }
}

/// What the `datasets` library wrote down about the columns.
fn features(metadata: &FileMetaData) -> Option<Map<String, Value>> {
    let notes = metadata.key_value_metadata()?.iter();
    let note = notes
        .filter(|note| note.key == "huggingface")
        .find_map(|note| note.value.as_ref())?;
    let note: Value = serde_json::from_str(note).ok()?;
    note.get("info")?.get("features")?.as_object().cloned()
}

/// The names of a column of classes, or of lists of them.
fn class_names(feature: &Value) -> Option<Vec<String>> {
    let names = feature
        .get("names")
        .or_else(|| feature.get("feature")?.get("names"));
    let names = names?.as_array()?.iter();
    names.map(|name| name.as_str().map(str::to_owned)).collect()
}

/// A number's name, and those of a list's numbers; what has none, such as -1, stays.
fn named(value: Value, names: &[String]) -> Value {
    match value {
        Value::Array(list) => list.into_iter().map(|value| named(value, names)).collect(),
        value => {
            let number = value
                .as_u64()
                .and_then(|number| usize::try_from(number).ok());
            let name = number.and_then(|number| names.get(number));
            name.map_or(value, |name| name.as_str().into())
        }
    }
}

fn open(source: &Source) -> Result<Box<dyn FileReader>> {
    Ok(match source {
        Source::File(path) | Source::Folder(path) => {
            let file = File::open(path).map_err(|cause| Error::file("read", path, cause))?;
            Box::new(guarded(source, || SerializedFileReader::new(file))?)
        }
        Source::Bundled { bytes, .. } => {
            let bytes = bytes::Bytes::from_static(bytes);
            Box::new(guarded(source, || SerializedFileReader::new(bytes))?)
        }
    })
}

/// The outcome of a call of the library, which panics where it trusts what a file says of itself.
fn guarded<T>(source: &Source, call: impl FnOnce() -> Outcome<T>) -> Result<T> {
    let damaged = Error::new(format!("{source} is a Parquet file that cannot be read")).remedy(
        "Write it again, uncompressed or compressed with Snappy, or export the rows as JSONL.",
    );
    match unless_it_panics(call) {
        Some(Ok(value)) => Ok(value),
        Some(Err(cause)) => Err(damaged.because(cause)),
        None => Err(damaged),
    }
}

type Outcome<T> = std::result::Result<T, ParquetError>;

impl Reader for ParquetFile {
    fn layout(&self) -> &Layout {
        &self.layout
    }

    fn columns(&self) -> &[String] {
        &self.columns
    }

    fn records(&self) -> Result<Records<'_>> {
        let reader = open(&self.source)?;
        let rows = guarded(&self.source, || Ok(RowIter::from_file_into(reader)))?;
        let mut rows = Some(rows.enumerate());
        Ok(Box::new(std::iter::from_fn(move || {
            let next = guarded(&self.source, || {
                let next = rows.as_mut().and_then(Iterator::next);
                let record = next.map(|(index, row)| row.map(|row| self.record(index, row)));
                record.transpose()
            });
            // Nothing can be said of what comes after a fault.
            if next.is_err() {
                rows = None;
            }
            next.transpose()
        })))
    }

    fn passed(&self) -> u64 {
        self.passed.load(Ordering::Relaxed)
    }
}

/// A cell as JSON; what is no text, number or collection of them is nothing.
fn value(cell: Cell) -> Value {
    match cell {
        Cell::Str(text) => text.into(),
        Cell::Bool(value) => value.into(),
        Cell::Byte(number) => number.into(),
        Cell::Short(number) => number.into(),
        Cell::Int(number) => number.into(),
        Cell::Long(number) => number.into(),
        Cell::UByte(number) => number.into(),
        Cell::UShort(number) => number.into(),
        Cell::UInt(number) => number.into(),
        Cell::ULong(number) => number.into(),
        Cell::Float16(number) => f64::from(number.to_f32()).into(),
        // 0.1 as a float is not 0.10000000149011612.
        Cell::Float(number) => number
            .to_string()
            .parse::<f64>()
            .map_or(Value::Null, Value::from),
        Cell::Double(number) => number.into(),
        // Some writers do not say that their strings are text.
        Cell::Bytes(bytes) => bytes.as_utf8().map_or(Value::Null, Value::from),
        Cell::Group(row) => {
            let fields = row.into_columns().into_iter();
            Value::Object(fields.map(|(name, cell)| (name, value(cell))).collect())
        }
        Cell::ListInternal(list) => list.elements().iter().cloned().map(value).collect(),
        Cell::MapInternal(map) => {
            let entry = |(key, cell): &(Cell, Cell)| (key.to_string(), value(cell.clone()));
            Value::Object(map.entries().iter().map(entry).collect::<Map<_, _>>())
        }
        Cell::Null => Value::Null,
        // Dates, times and decimals.
        other => other.to_string().into(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn numbers_of_classes_get_their_names() {
        let label = json!({"names": ["neg", "pos"], "_type": "ClassLabel"});
        let names = class_names(&label).unwrap();
        assert_eq!(named(json!(1), &names), json!("pos"));
        assert_eq!(named(json!(-1), &names), json!(-1));
        let tags = json!({"feature": {"names": ["O", "B-PER"], "_type": "ClassLabel"}});
        let names = class_names(&tags).unwrap();
        assert_eq!(named(json!([1, 0, 7]), &names), json!(["B-PER", "O", 7]));
        assert_eq!(class_names(&json!({"dtype": "string"})), None);
    }
}
