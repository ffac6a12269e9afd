//! Options that say how a data file is read, where detection is wrong.

use clap::{ArgAction, Args};
use serde::de::value::StrDeserializer;
use serde::de::{DeserializeOwned, IntoDeserializer};

use crate::data::{Columns, Delimiter, Encoding, Format, Quoting, Reading};
use crate::error::Result;
use crate::run::DataSettings;

/// The columns named by hand.
#[derive(Clone, Debug, Default, PartialEq, Args)]
pub struct ColumnOptions {
    /// Name or number of the text column, where detection is wrong
    #[arg(long, value_name = "COLUMN")]
    text_column: Option<String>,
    /// Name or number of the column of second texts or questions, where detection is wrong; "" is
    /// none
    #[arg(long, value_name = "COLUMN")]
    text_pair_column: Option<String>,
    /// Name or number of the label column, where detection is wrong; several columns of numbers, or of 0 and 1, with commas between them
    #[arg(long, value_name = "COLUMN")]
    label_column: Option<String>,
    /// Name or number of a column whose equal values stay on one side of the split
    #[arg(long, value_name = "COLUMN")]
    group_column: Option<String>,
    /// Name or number of the column that says which split a row is in
    #[arg(long, value_name = "COLUMN")]
    split_column: Option<String>,
}

/// How a file is read, as far as detection is wrong.
#[derive(Clone, Debug, Default, PartialEq, Args)]
pub struct ReadingOptions {
    /// File format: csv, tsv, json, jsonl, excel, parquet, conll, squad, labelled, text or folder
    #[arg(long, value_name = "FORMAT", value_parser = named::<Format>)]
    format: Option<Format>,
    /// Character encoding, such as utf-8, gb18030, big5, utf-16le or windows-1252
    #[arg(long, value_name = "NAME", value_parser = named::<Encoding>)]
    encoding: Option<Encoding>,
    /// What stands between fields: comma, semicolon, tab, pipe, or the character itself
    #[arg(long, value_name = "NAME", value_parser = named::<Delimiter>)]
    delimiter: Option<Delimiter>,
    /// Whether the first row names the columns
    #[arg(long, value_name = "BOOL", action = ArgAction::Set)]
    header: Option<bool>,
    /// What quotation marks mean: on, off, doubled or escaped
    #[arg(long, value_name = "QUOTING", value_parser = named::<Quoting>)]
    quoting: Option<Quoting>,
    /// Sheet of a workbook
    #[arg(long, value_name = "NAME")]
    sheet: Option<String>,
}

/// Reads a name as the run file has it.
fn named<T: DeserializeOwned>(text: &str) -> std::result::Result<T, String> {
    let text: StrDeserializer<'_, serde::de::value::Error> = text.into_deserializer();
    T::deserialize(text).map_err(|fault| fault.to_string())
}

impl ColumnOptions {
    /// The columns as they were named.
    pub fn columns(&self) -> Columns {
        Columns {
            text: self.text_column.clone(),
            text_pair: self.text_pair_column.clone(),
            label: self.label_column.clone(),
            group: self.group_column.clone(),
            split: self.split_column.clone(),
        }
    }
}

/// How data are read and cleaned, where detection is wrong or not enough.
#[derive(Clone, Debug, Default, PartialEq, Args)]
pub struct DataOptions {
    #[command(flatten)]
    columns: ColumnOptions,
    #[command(flatten)]
    reading: ReadingOptions,
    /// Turns on a rule of the cleaning, such as html or duplicates=exact; may be given several times
    #[arg(long = "clean", value_name = "KEY[=VALUE]")]
    cleaning: Vec<String>,
}

impl DataOptions {
    /// Lets what was given win over `data`.
    ///
    /// # Errors
    /// A rule of the cleaning is not known or has no such value.
    pub fn over(&self, data: &mut DataSettings) -> Result<()> {
        let named = self.columns.columns();
        let columns = [
            (named.text, &mut data.text_column),
            (named.text_pair, &mut data.text_pair_column),
            (named.label, &mut data.label_column),
            (named.group, &mut data.group_column),
            (named.split, &mut data.split_column),
        ];
        for (given, column) in columns {
            if given.is_some() {
                *column = given;
            }
        }
        data.reading = self.reading.over(&data.reading);
        for rule in &self.cleaning {
            let (key, value) = match rule.split_once('=') {
                Some((key, value)) => (key, Some(value)),
                None => (rule.as_str(), None),
            };
            data.set_cleaning(key.trim(), value)?;
        }
        Ok(())
    }
}

impl ReadingOptions {
    /// What was given wins over `former`.
    pub fn over(&self, former: &Reading) -> Reading {
        Reading {
            format: self.format.or(former.format),
            encoding: self.encoding.or(former.encoding),
            delimiter: self.delimiter.or(former.delimiter),
            header: self.header.or(former.header),
            quoting: self.quoting.or(former.quoting),
            sheet: self.sheet.clone().or_else(|| former.sheet.clone()),
        }
    }
}
