//! Labelled data: reading files, cleaning them, splitting them, describing them.
//!
//! A file becomes examples in steps: its bytes are decoded ([`Encoding`]), the [`Reader`] of its
//! [`Format`] yields [`Record`]s of named columns, and those become [`Example`]s of a [`Kind`].
//! [`inspect`] says what was found (format, delimiter, header, columns) and never fails for want
//! of a label column, so that a person can correct it; [`Rows`] hands out row by row without
//! holding the file, and [`read`] takes every row in, or sets it aside with its reason;
//! [`Cleaning`] mends and drops what the person wants mended and dropped; [`split`] makes training,
//! validation and test, and seals the test.
//!
//! Nothing here writes a file, and nothing here knows the tokeniser or the model.

mod aside_table;
mod bundled;
pub mod checks;
pub mod cleaning;
mod columns;
mod conll;
mod counting;
mod dataset;
mod delimited;
mod delimiter;
mod dialect;
mod encoding;
mod example;
mod extract;
mod folder;
mod given;
mod guard;
mod header;
mod json;
mod json_items;
mod json_rows;
mod jsonl;
mod kind;
mod labelled;
mod layout;
mod line_ends;
mod lines;
pub mod near;
mod numbers;
mod open;
mod parquet;
mod part;
pub mod personal;
mod plain;
mod quoting;
mod reading;
mod record;
mod records;
mod rows;
mod sentence;
mod set_aside;
mod signature;
mod source;
mod split;
mod squad;
mod statistics;
mod survey;
mod table;
pub mod tags;
mod text;
mod word_rows;
mod workbook;

pub use aside_table::{Dropped, write_set_aside};
pub use bundled::{Bundled, bundled};
pub use cleaning::{Cleaned, Cleaning, Remedy, Removal, Rule};
pub use columns::{Columns, Role, Roles};
pub use dataset::{Dataset, read, read_for};
pub use delimiter::Delimiter;
pub use dialect::Dialect;
pub use encoding::Encoding;
pub use example::{Answer, Example, Kind, TaggedWord, Target};
pub use given::{part_named, splits_of_folder};
pub use layout::{Format, Layout, Quoting};
pub use line_ends::LineEnds;
pub use open::{EXTENSIONS, open};
pub use part::Part;
pub use reading::Reading;
pub use record::{Field, Reader, Record, Records};
pub use rows::{Request, Row, Rows};
pub use set_aside::{Reason, SetAside};
pub use source::{Source, sha256};
pub use split::{
    Balance, FEW_VALIDATION, Sealed, SplitSettings, Splits, leaks, split, split_files,
};
pub use statistics::{Bin, LabelCount, Statistics, statistics};
pub use survey::ReadingCount;
pub use table::{Table, inspect};
