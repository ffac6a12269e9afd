//! The texts of a file that is to be scored: a column of a table, or one text per line.

use std::io::{BufRead, BufReader};
use std::path::Path;

use crate::data::{self, Columns, Source};
use crate::error::{Error, Result};

/// The texts of `file` that are not empty. A file whose name ends like a table's is read as a
/// table, and its text column is found as on the Data page; labels are not needed.
pub fn texts_of(file: &Path) -> Result<Vec<String>> {
    let ending = file.extension().map(|ending| ending.to_ascii_lowercase());
    let is_table = ending.is_some_and(|ending| {
        ["csv", "tsv", "jsonl", "json"]
            .iter()
            .any(|known| ending == *known)
    });
    let mut texts = if is_table {
        column_of(file)?
    } else {
        lines_of(file)?
    };
    texts.retain(|text| !text.trim().is_empty());
    if texts.is_empty() {
        return Err(Error::new(format!("{} holds no text", file.display()))
            .remedy("Choose a file with one text per line, or a table with a text column."));
    }
    Ok(texts)
}

fn column_of(file: &Path) -> Result<Vec<String>> {
    let table = data::inspect(file, &Columns::default())?;
    let names = table.columns.iter();
    let column = table
        .text
        .and_then(|text| names.clone().position(|name| *name == text));
    let column = column.ok_or_else(|| {
        Error::new(format!(
            "{} has no column that looks like the text; its columns are {}",
            file.display(),
            table.columns.join(", ")
        ))
        .remedy(
            "Call the column with the texts \"text\", or give one text per line in a .txt file.",
        )
    })?;
    let reader = data::open(&Source::from(file))?;
    let mut texts = Vec::new();
    for record in reader.records()? {
        let record = record?;
        let text = record.fields.get(column).and_then(data::Field::value);
        texts.extend(text.map(str::to_owned));
    }
    Ok(texts)
}

fn lines_of(file: &Path) -> Result<Vec<String>> {
    let fault = |cause| Error::file("read", file, cause);
    let reader = BufReader::new(std::fs::File::open(file).map_err(fault)?);
    let lines: std::io::Result<Vec<String>> = reader.lines().collect();
    let mut lines = lines.map_err(fault)?;
    if let Some(first) = lines.first_mut() {
        *first = first.trim_start_matches('\u{feff}').to_owned();
    }
    Ok(lines)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(name: &str, content: &str) -> Result<Vec<String>> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join(name);
        std::fs::write(&file, content).unwrap();
        texts_of(&file)
    }

    #[test]
    fn tables_and_lines_are_told_apart() {
        let table = "id,text\n1,\"good, cheap\"\n2,\n3,bad\n";
        assert_eq!(written("a.csv", table).unwrap(), ["good, cheap", "bad"]);
        let lines = "\u{feff}good, cheap\n\nbad\n";
        assert_eq!(written("a.txt", lines).unwrap(), ["good, cheap", "bad"]);
        let objects = "{\"text\": \"好\"}\n{\"text\": \"bad\"}\n";
        assert_eq!(written("a.jsonl", objects).unwrap(), ["好", "bad"]);
    }

    #[test]
    fn files_without_texts_are_told() {
        assert!(
            written("a.txt", "\n \n")
                .unwrap_err()
                .what()
                .contains("holds no text")
        );
        assert!(texts_of(Path::new("/nowhere/a.txt")).is_err());
        assert!(texts_of(Path::new("/nowhere/a.csv")).is_err());
    }
}
