//! Excel and OpenDocument workbooks, whatever the extension says: a sheet of rows.

use std::collections::BTreeMap;
use std::io::{Cursor, Read as _};

use calamine::{Cell, Data, DataRef, ExcelDateTime, Ods, Reader as _, Xls, Xlsb, Xlsx};

use super::delimited::name_all;
use super::guard::unless_it_panics;
use super::header::header_place;
use super::layout::{Format, Layout, SAMPLE_ROWS};
use super::reading::Reading;
use super::record::{Field, Reader, Record, Records};
use super::source::Source;
use crate::error::{Error, Result};

/// The largest workbook, in bytes, as it lies on the disk and unpacked.
const LARGEST: u64 = 256 << 20;
const LARGEST_UNPACKED: u64 = 2 << 30;

/// The most cells of a sheet, those left empty before others among them.
const MOST_CELLS: usize = 50_000_000;

/// How a zip archive and an OLE2 document begin.
const ZIP: &[u8] = b"PK\x03\x04";
const OLE2: &[u8] = b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1";

/// Whether a file that starts like this may be a workbook.
pub(super) fn may_be(start: &[u8]) -> bool {
    start.starts_with(ZIP) || start.starts_with(OLE2)
}

/// The rows of a sheet by their numbers, from 0.
type Sheet = BTreeMap<u32, Vec<Field>>;

/// The sheet of a workbook that is read. It is held: workbooks are small.
#[derive(Debug)]
pub(super) struct Workbook {
    layout: Layout,
    columns: Vec<String>,
    /// Which of the rows names the columns.
    header: Option<usize>,
    rows: Sheet,
    size: u64,
}

impl Workbook {
    /// Reads the sheet that `reading` names, else the one with most rows; `None` when the file is
    /// no workbook.
    ///
    /// Fails when the workbook is too large, damaged, locked by a password or empty, and when it
    /// has no such sheet.
    pub fn open(source: &Source, reading: &Reading) -> Result<Option<Self>> {
        let size = source.size()?;
        if size > LARGEST {
            return Err(too_large(source));
        }
        let mut bytes = Vec::new();
        source
            .bytes()?
            .read_to_end(&mut bytes)
            .map_err(|cause| source.fault(cause))?;
        let read = unless_it_panics(|| read(source, bytes, reading));
        let Some(found) = read.unwrap_or_else(|| Err(damaged(source)))? else {
            return Ok(None);
        };
        let FoundSheet { name, rows, others } = found;
        let sample: Vec<Vec<String>> = rows
            .values()
            .take(SAMPLE_ROWS)
            .map(|cells| cells.iter().map(|cell| cell.shown().into_owned()).collect())
            .collect();
        let header = header_place(&sample, reading.header);
        if header.is_some_and(|place| place + 1 == rows.len()) {
            return Err(Error::new(format!(
                "the sheet \"{name}\" of {source} has only a header"
            ))
            .remedy("Add the rows, or choose another sheet."));
        }
        let columns = match header.and_then(|place| sample.get(place)) {
            Some(names) => name_all(names),
            None => {
                let widest = sample.iter().map(Vec::len).max().unwrap_or(0);
                name_all(&vec![String::new(); widest])
            }
        };
        Ok(Some(Self {
            layout: Layout {
                header: Some(header.is_some()),
                sheet: Some(name),
                other_sheets: others,
                ..Layout::of(Format::Excel)
            },
            columns,
            header,
            rows,
            size,
        }))
    }
}

impl Reader for Workbook {
    fn layout(&self) -> &Layout {
        &self.layout
    }

    fn columns(&self) -> &[String] {
        &self.columns
    }

    fn records(&self) -> Result<Records<'_>> {
        let rows = self.rows.iter().enumerate();
        let rows = rows.filter(|(place, _)| self.header != Some(*place));
        let rows = rows.map(|(_, row)| row).enumerate();
        Ok(Box::new(rows.map(|(index, (number, cells))| {
            let mut fields = cells.clone();
            // A sheet keeps no empty cells at the end of a row.
            if fields.len() < self.columns.len() {
                fields.resize(self.columns.len(), Field::Missing);
            }
            Ok(Record {
                row: index + 1,
                line: *number as usize + 1,
                fields,
                fault: None,
            })
        })))
    }

    fn passed(&self) -> u64 {
        self.size
    }
}

/// The sheet to be read.
struct FoundSheet {
    name: String,
    rows: Sheet,
    /// The names of the others that have rows; none where it was named.
    others: Vec<String>,
}

/// The sheet to be read; `None` when the file is no workbook.
fn read(source: &Source, bytes: Vec<u8>, reading: &Reading) -> Result<Option<FoundSheet>> {
    let Some(mut book) = Book::open(source, bytes)? else {
        return Ok(None);
    };
    let sheet = match &reading.sheet {
        Some(name) => FoundSheet {
            name: name.clone(),
            rows: book.sheet(source, name)?,
            others: Vec::new(),
        },
        None => book.largest(source)?,
    };
    Ok(Some(sheet))
}

fn damaged(source: &Source) -> Error {
    Error::new(format!("{source} is a workbook that cannot be read")).remedy(
        "Open it in a spreadsheet and save it again as .xlsx without a password, or as \"CSV \
         UTF-8\".",
    )
}

/// A workbook of one of the formats.
enum Book {
    Xlsx(Box<Xlsx<Cursor<Vec<u8>>>>),
    Xlsb(Box<Xlsb<Cursor<Vec<u8>>>>),
    Ods(Box<Ods<Cursor<Vec<u8>>>>),
    Xls(Box<Xls<Cursor<Vec<u8>>>>),
}

impl Book {
    /// Opens a workbook; `None` when the archive or document is none.
    fn open(source: &Source, bytes: Vec<u8>) -> Result<Option<Self>> {
        let damaged = |cause: calamine::Error| damaged(source).because(cause);
        if bytes.starts_with(OLE2) {
            let is_workbook =
                contains(&bytes, &utf16("Workbook")) || contains(&bytes, &utf16("Book"));
            // A workbook with a password is packed into such a document, too.
            let locked = contains(&bytes, &utf16("EncryptedPackage"));
            if !is_workbook && !locked {
                return Ok(None);
            }
            let book = Xls::new(Cursor::new(bytes)).map_err(|cause| damaged(cause.into()))?;
            return Ok(Some(Self::Xls(Box::new(book))));
        }
        let Some(kind) = kind_of_archive(source, &bytes)? else {
            return Ok(None);
        };
        let bytes = Cursor::new(bytes);
        Ok(Some(match kind {
            Kind::Xlsx => {
                let book = Xlsx::new(bytes).map_err(|cause| damaged(cause.into()))?;
                Self::Xlsx(Box::new(book))
            }
            Kind::Xlsb => {
                let book = Xlsb::new(bytes).map_err(|cause| damaged(cause.into()))?;
                Self::Xlsb(Box::new(book))
            }
            Kind::Ods => {
                let book = Ods::new(bytes).map_err(|cause| damaged(cause.into()))?;
                Self::Ods(Box::new(book))
            }
        }))
    }

    fn names(&self) -> Vec<String> {
        match self {
            Self::Xlsx(book) => book.sheet_names(),
            Self::Xlsb(book) => book.sheet_names(),
            Self::Ods(book) => book.sheet_names(),
            Self::Xls(book) => book.sheet_names(),
        }
    }

    /// The sheet with most rows, beside the names of the others.
    fn largest(&mut self, source: &Source) -> Result<FoundSheet> {
        let mut filled = Vec::new();
        let mut largest: Option<(String, Sheet)> = None;
        for name in self.names() {
            let sheet = self.sheet(source, &name)?;
            if !sheet.is_empty() {
                filled.push(name.clone());
            }
            let rows = |largest: &(String, Sheet)| largest.1.len();
            if sheet.len() > largest.as_ref().map_or(0, rows) {
                largest = Some((name, sheet));
            }
        }
        let found = largest.map(|(name, rows)| {
            filled.retain(|other| *other != name);
            FoundSheet {
                name,
                rows,
                others: filled,
            }
        });
        found.ok_or_else(|| {
            Error::new(format!(
                "{source} is an empty workbook; a sheet of rows is expected"
            ))
            .remedy("Choose another file, or fill a sheet.")
        })
    }

    /// The rows of a sheet that are not empty.
    fn sheet(&mut self, source: &Source, name: &str) -> Result<Sheet> {
        let names = self.names();
        if !names.iter().any(|known| known == name) {
            return Err(Error::new(format!(
                "{source} has no sheet \"{name}\"; its sheets are \"{}\"",
                names.join("\", \"")
            ))
            .remedy("Choose one of these."));
        }
        let damaged = |cause: calamine::Error| {
            Error::new(format!("the sheet \"{name}\" of {source} cannot be read"))
                .remedy("Open it in a spreadsheet and save it again, or choose another sheet.")
                .because(cause)
        };
        let mut filling = Filling::default();
        let fits = match self {
            Self::Xlsx(book) => {
                let cells = book.worksheet_cells_reader(name);
                let mut cells = cells.map_err(|cause| damaged(cause.into()))?;
                filling
                    .put_each(|| cells.next_cell())
                    .map_err(|cause| damaged(cause.into()))?
            }
            Self::Xlsb(book) => {
                let cells = book.worksheet_cells_reader(name);
                let mut cells = cells.map_err(|cause| damaged(cause.into()))?;
                filling
                    .put_each(|| cells.next_cell())
                    .map_err(|cause| damaged(cause.into()))?
            }
            Self::Ods(book) => {
                let range = book
                    .worksheet_range(name)
                    .map_err(|cause| damaged(cause.into()))?;
                filling.put_all(&range)
            }
            Self::Xls(book) => {
                let range = book
                    .worksheet_range(name)
                    .map_err(|cause| damaged(cause.into()))?;
                filling.put_all(&range)
            }
        };
        if !fits {
            return Err(too_large(source));
        }
        Ok(filling.rows)
    }
}

/// A sheet while its cells come in.
#[derive(Default)]
struct Filling {
    rows: Sheet,
    cells: usize,
}

impl Filling {
    /// Takes a cell; false when there are too many.
    fn put(&mut self, row: u32, column: u32, value: &Data) -> bool {
        let Some(value) = written(value) else {
            return true;
        };
        let cells = self.rows.entry(row).or_default();
        let column = column as usize;
        if cells.len() <= column {
            self.cells += column + 1 - cells.len();
            if self.cells > MOST_CELLS {
                return false;
            }
            cells.resize(column + 1, Field::Missing);
        }
        cells[column] = Field::Value(value);
        true
    }

    /// Takes cells as long as there is a next one; false when there are too many.
    fn put_each<'a, E>(
        &mut self,
        mut next: impl FnMut() -> std::result::Result<Option<Cell<DataRef<'a>>>, E>,
    ) -> std::result::Result<bool, E> {
        while let Some(cell) = next()? {
            let (row, column) = cell.get_position();
            if !self.put(row, column, &cell.get_value().clone().into()) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn put_all(&mut self, range: &calamine::Range<Data>) -> bool {
        let (top, left) = range.start().unwrap_or_default();
        range.used_cells().all(|(row, column, value)| {
            // A sheet has 2^20 rows and 2^14 columns.
            self.put(top + row as u32, left + column as u32, value)
        })
    }
}

/// A cell as text, numbers without a fraction as whole ones; `None` for an empty cell or a fault.
fn written(value: &Data) -> Option<String> {
    match value {
        Data::Empty | Data::Error(_) => None,
        Data::String(text) if text.is_empty() => None,
        Data::DateTime(time) => Some(date(time)),
        Data::Bool(value) => Some(value.to_string()),
        value => Some(value.to_string()),
    }
}

/// A point in time as ISO 8601 has it; a length of time in days.
fn date(time: &ExcelDateTime) -> String {
    if time.is_duration() {
        return time.to_string();
    }
    let (year, month, day, hour, minute, second, _) = time.to_ymd_hms_milli();
    let date = format!("{year:04}-{month:02}-{day:02}");
    match (hour, minute, second) {
        (0, 0, 0) => date,
        _ => format!("{date} {hour:02}:{minute:02}:{second:02}"),
    }
}

#[derive(Debug, Clone, Copy)]
enum Kind {
    Xlsx,
    Xlsb,
    Ods,
}

/// Which workbook a zip archive is; `None` when it is something else.
///
/// Fails when it holds more than a workbook can: an archive of a few kilobytes may unpack to
/// terabytes.
fn kind_of_archive(source: &Source, bytes: &[u8]) -> Result<Option<Kind>> {
    let Ok(mut archive) = zip::ZipArchive::new(Cursor::new(bytes)) else {
        return Ok(None);
    };
    let has = |name: &str| {
        let mut names = archive.file_names().flatten();
        names.any(|known| known.eq_ignore_ascii_case(name))
    };
    let kind = if has("xl/workbook.xml") {
        Kind::Xlsx
    } else if has("xl/workbook.bin") {
        Kind::Xlsb
    } else if has("content.xml") {
        Kind::Ods
    } else {
        return Ok(None);
    };
    let mut unpacked = 0;
    for index in 0..archive.len() {
        // What is packed in another way is not read either.
        let Ok(file) = archive.by_index(index) else {
            continue;
        };
        let mut file = file.take(LARGEST_UNPACKED + 1 - unpacked);
        unpacked += std::io::copy(&mut file, &mut std::io::sink()).unwrap_or(0);
        if unpacked > LARGEST_UNPACKED {
            return Err(too_large(source));
        }
    }
    Ok(Some(kind))
}

fn too_large(source: &Source) -> Error {
    Error::new(format!("{source} is too large for a workbook"))
        .remedy("Save the sheet as \"CSV UTF-8\" and choose that; a CSV file may have any size.")
}

fn utf16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    memchr::memmem::find(bytes, part).is_some()
}
