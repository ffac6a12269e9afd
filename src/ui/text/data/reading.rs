//! The words of how a file is read.

use crate::data::{Format, Kind, Quoting, Role};

/// How a file is read.
pub struct ReadingText {
    /// Opens the dialog.
    pub open: &'static str,
    /// Title of the dialog.
    pub title: &'static str,
    /// Below it.
    pub note: &'static str,
    /// Heading of the format.
    pub file: &'static str,
    /// Heading of the columns.
    pub columns: &'static str,
    /// A field.
    pub format: &'static str,
    /// A field.
    pub encoding: &'static str,
    /// A field.
    pub delimiter: &'static str,
    /// A field.
    pub header: &'static str,
    /// A field.
    pub quoting: &'static str,
    /// A field.
    pub sheet: &'static str,
    /// A field: what the rows are for.
    pub kind: &'static str,
    /// What is found out, and what that is.
    pub found_out: fn(&str) -> String,
    /// What is found out, not known yet.
    pub found: &'static str,
    /// A column that is not in use.
    pub no_column: &'static str,
    /// In the empty field of a sheet.
    pub first_sheet: &'static str,
    /// A format.
    pub format_name: fn(Format) -> String,
    /// With or without header.
    pub header_name: fn(bool) -> &'static str,
    /// What quotation marks mean.
    pub quoting_name: fn(Quoting) -> &'static str,
    /// What the rows are for.
    pub kind_name: fn(Kind) -> &'static str,
    /// The field of a column.
    pub role: fn(Role) -> &'static str,
    /// Heading of the ways of reading that make sense.
    pub readings: &'static str,
    /// One of them: delimiter, quoting, rows, rows lost, whether only the beginning was counted.
    pub reading: fn(&str, &str, &str, &str, bool) -> String,
    /// Reads again.
    pub read: &'static str,
    /// Forgets all corrections.
    pub reset: &'static str,
    /// While it is read.
    pub reading_now: &'static str,
    /// Reading was cancelled.
    pub cancelled: &'static str,
    /// What can be done then.
    pub cancelled_note: &'static str,
    /// Reads it after all.
    pub read_now: &'static str,
}

/// English.
pub const ENGLISH: ReadingText = ReadingText {
    open: "Read as…",
    title: "How the file is read",
    note: "What you leave as it is, Luthier finds out.",
    file: "File",
    columns: "Columns",
    format: "Format",
    encoding: "Encoding",
    delimiter: "Delimiter",
    header: "Header",
    quoting: "Quotation marks",
    sheet: "Sheet",
    kind: "Rows hold",
    found_out: |value| format!("found: {value}"),
    found: "found out",
    no_column: "none",
    first_sheet: "the first with rows",
    format_name: |format| format.to_string(),
    header_name: |header| match header {
        true => "first row names columns",
        false => "no header",
    },
    quoting_name: |quoting| match quoting {
        Quoting::On => "enclose fields",
        Quoting::Off => "are characters",
        Quoting::Doubled => "doubled",
        Quoting::Escaped => "escaped by backslashes",
    },
    kind_name: |kind| match kind {
        Kind::Label => "one label per text",
        Kind::Labels => "several labels per text",
        Kind::Score => "a number per text",
        Kind::Tags => "a tag per word",
        Kind::Answers => "questions and answers",
        Kind::Writing => "texts to be written",
        Kind::Texts => "texts alone",
    },
    role: |role| match role {
        Role::Text => "Text column",
        Role::TextPair => "Second text",
        Role::Label => "Label column",
        Role::Group => "Group column",
        Role::Split => "Split column",
    },
    readings: "Ways that make sense",
    reading: |delimiter, quoting, rows, lost, sampled| {
        let beginning = if sampled { " of the beginning" } else { "" };
        let noun = if rows == "1" { "row" } else { "rows" };
        format!("{delimiter}, quotation marks {quoting}: {rows} {noun}{beginning}, {lost} lost")
    },
    read: "Read again",
    reset: "Forget corrections",
    reading_now: "Reading and checking…",
    cancelled: "Reading was cancelled",
    cancelled_note: "Nothing was changed.",
    read_now: "Read it",
};
