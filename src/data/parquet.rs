//! Apache Parquet: rows of named columns, lists and structs among them.

use std::fs::File;
use std::sync::atomic::{AtomicU64, Ordering};

use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::{Field as Cell, Row};
use serde_json::{Map, Value};

use super::layout::{Format, Layout};
use super::record::{Field, Reader, Record, Records};
use super::source::Source;
use crate::error::{Error, Result};

/// A Parquet file whose schema is known.
pub(super) struct ParquetFile {
    source: Source,
    layout: Layout,
    columns: Vec<String>,
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
        Ok(Self {
            columns: columns
                .iter()
                .map(|column| column.name().to_owned())
                .collect(),
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
        let cells = row.into_columns().into_iter();
        Record {
            row: index + 1,
            line: index + 1,
            fields: cells
                .map(|(_, cell)| value(cell).into())
                .collect::<Vec<Field>>(),
            fault: None,
        }
    }
}

fn open(source: &Source) -> Result<Box<dyn FileReader>> {
    let damaged = |cause| damaged(source, cause);
    Ok(match source {
        Source::File(path) | Source::Folder(path) => {
            let file = File::open(path).map_err(|cause| Error::file("read", path, cause))?;
            Box::new(SerializedFileReader::new(file).map_err(damaged)?)
        }
        Source::Bundled { bytes, .. } => {
            let bytes = bytes::Bytes::from_static(bytes);
            Box::new(SerializedFileReader::new(bytes).map_err(damaged)?)
        }
    })
}

fn damaged(source: &Source, cause: parquet::errors::ParquetError) -> Error {
    Error::new(format!("{source} is a Parquet file that cannot be read"))
        .remedy(
            "Write it again, uncompressed or compressed with Snappy, or export the rows as JSONL.",
        )
        .because(cause)
}

impl Reader for ParquetFile {
    fn layout(&self) -> &Layout {
        &self.layout
    }

    fn columns(&self) -> &[String] {
        &self.columns
    }

    fn records(&self) -> Result<Records<'_>> {
        let reader = open(&self.source)?;
        let rows = parquet::record::reader::RowIter::from_file_into(reader);
        Ok(Box::new(rows.enumerate().map(|(index, row)| {
            row.map(|row| self.record(index, row))
                .map_err(|cause| damaged(&self.source, cause))
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
