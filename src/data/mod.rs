//! Labelled data: reading files, cleaning them, splitting them, describing them.
//!
//! A file is understood in four steps. [`inspect`] says what was found (format, delimiter,
//! header, columns) and never fails for want of a label column, so that a person can correct it;
//! [`read`] takes every row in, or sets it aside with its reason; [`Cleaning`] mends and drops what
//! the person wants mended and dropped; [`split`] makes training, validation and test, and seals
//! the test.
//!
//! Files are streamed: only the examples are held. Nothing here writes, and nothing here knows
//! the tokeniser or the model.

mod bundled;
pub mod cleaning;
mod columns;
mod dataset;
mod delimited;
mod encoding;
mod example;
mod jsonl;
mod layout;
mod lines;
pub mod near;
mod part;
pub mod personal;
mod quoting;
mod record;
mod source;
mod split;
mod statistics;
mod table;
pub mod tags;

pub use bundled::{Bundled, bundled};
pub use cleaning::{Cleaned, Cleaning, Remedy, Removal, Rule};
pub use columns::{Columns, Role, Roles};
pub use dataset::{Dataset, Reason, SetAside, read};
pub use example::{Answer, Example, Kind, TaggedWord, Target};
pub use layout::{Delimiter, Format, Layout};
pub use part::Part;
pub use record::{Field, Reader, Record, Records, open};
pub use source::{Source, sha256};
pub use split::{Balance, Sealed, SplitSettings, Splits, split, split_files};
pub use statistics::{Bin, LabelCount, Statistics, statistics};
pub use table::{Table, inspect};
