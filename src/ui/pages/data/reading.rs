//! How the file is read: format, encoding, columns, corrected by hand.

use egui::{ScrollArea, TextEdit, Ui};

use crate::data::{
    Columns, Delimiter, Encoding, Format, Kind, Quoting, Reading, ReadingCount, Role,
};
use crate::run::DataSettings;
use crate::session::dataset::FileView;
use crate::ui::intent::Intent;
use crate::ui::page::PageContext;
use crate::ui::theme::space;
use crate::ui::widgets;

/// Encodings that are offered; each is found by itself as well.
const ENCODINGS: [&str; 17] = [
    "UTF-8",
    "UTF-16LE",
    "UTF-16BE",
    "gb18030",
    "Big5",
    "Shift_JIS",
    "EUC-JP",
    "EUC-KR",
    "windows-1252",
    "windows-1250",
    "windows-1251",
    "windows-1253",
    "windows-1254",
    "windows-1255",
    "windows-1256",
    "KOI8-R",
    "windows-874",
];

const DELIMITERS: [Delimiter; 10] = [
    Delimiter::COMMA,
    Delimiter::SEMICOLON,
    Delimiter::TAB,
    Delimiter::PIPE,
    Delimiter::SPACE,
    Delimiter::CARET,
    Delimiter::TILDE,
    Delimiter::COLON,
    Delimiter::UNIT_SEPARATOR,
    Delimiter::START_OF_HEADING,
];

/// Formats of files; a folder is one by itself.
const FORMATS: [Format; 10] = [
    Format::Csv,
    Format::Tsv,
    Format::Json,
    Format::Jsonl,
    Format::Excel,
    Format::Parquet,
    Format::Conll,
    Format::Squad,
    Format::Labelled,
    Format::Text,
];

const QUOTINGS: [Quoting; 4] = [
    Quoting::On,
    Quoting::Off,
    Quoting::Doubled,
    Quoting::Escaped,
];

const KINDS: [Kind; 7] = [
    Kind::Label,
    Kind::Labels,
    Kind::Score,
    Kind::Tags,
    Kind::Answers,
    Kind::Writing,
    Kind::Texts,
];

/// Corrections that are not taken yet.
pub struct Form {
    reading: Reading,
    columns: Columns,
    kind: Option<Kind>,
    /// How the file is understood without them, as far as that is known.
    file: Option<FileView>,
}

impl Form {
    /// The corrections made so far.
    pub fn new(ctx: &PageContext<'_>, file: Option<&FileView>) -> Self {
        let data = &ctx.project.settings.data;
        Self {
            reading: data.reading.clone(),
            columns: data.request(None).columns,
            kind: ctx.project.kind,
            file: file.cloned(),
        }
    }

    /// Takes in how the file is understood, once that is known.
    pub fn understand(&mut self, file: Option<&FileView>) {
        if self.file.is_none() {
            self.file = file.cloned();
        }
    }

    /// Draws the dialog; the form, while it stays open.
    pub fn show(mut self, ui: &mut Ui, ctx: &mut PageContext<'_>) -> Option<Self> {
        let words = &ctx.text.data.reading;
        let (done, closed) = widgets::wide_dialog(ui, "read-as", words.title, |ui| {
            widgets::weak(ui, words.note);
            ui.add_space(space::SMALL);
            ScrollArea::vertical()
                .max_height(470.0)
                .show(ui, |ui| self.fields(ui, ctx));
            widgets::dialog_buttons(ui, |ui| {
                if widgets::primary(ui, words.read).clicked() {
                    self.send(ctx);
                    return true;
                }
                if widgets::secondary(ui, words.reset).clicked() {
                    self.reading = Reading::default();
                    self.columns = Columns::default();
                    self.kind = None;
                }
                widgets::secondary(ui, ctx.text.common.cancel).clicked()
            })
        });
        (!done && !closed).then_some(self)
    }

    /// Reads the data with these corrections.
    pub fn send(&self, ctx: &mut PageContext<'_>) {
        let columns = self.columns.clone();
        let data = DataSettings {
            reading: self.reading.clone(),
            text_column: columns.text,
            text_pair_column: columns.text_pair,
            label_column: columns.label,
            group_column: columns.group,
            split_column: columns.split,
            ..ctx.project.settings.data.clone()
        };
        ctx.send(Intent::ReadAs(Box::new(data), self.kind));
    }

    /// Draws the fields in two columns.
    pub fn fields(&mut self, ui: &mut Ui, ctx: &PageContext<'_>) {
        let words = &ctx.text.data.reading;
        let height = 7.0 * (space::BUTTON + ui.spacing().item_spacing.y);
        widgets::row(ui, &[1.0, 1.0], height, |cells| {
            let ui = &mut cells[0];
            // The next column begins with labels, which would touch these fields.
            ui.set_max_width(ui.available_width() - space::GAP);
            widgets::card_title(ui, words.file, "");
            self.file_fields(ui, ctx);
            let ui = &mut cells[1];
            widgets::card_title(ui, words.columns, "");
            self.column_fields(ui, ctx);
        });
        self.readings(ui, ctx);
    }

    fn file_fields(&mut self, ui: &mut Ui, ctx: &PageContext<'_>) {
        let words = &ctx.text.data.reading;
        let layout = self.file.as_ref().map(|file| &file.layout);
        let found = |value: Option<String>| match value {
            Some(value) => (words.found_out)(&value),
            None => words.found.to_owned(),
        };
        let format = layout.map(|layout| (words.format_name)(layout.format));
        choice(
            ui,
            words.format,
            &mut self.reading.format,
            found(format),
            FORMATS.map(|format| (format, (words.format_name)(format))),
        );
        let encoding = layout.and_then(|layout| layout.encoding);
        let encodings = ENCODINGS.into_iter().filter_map(Encoding::named);
        choice(
            ui,
            words.encoding,
            &mut self.reading.encoding,
            found(encoding.map(|encoding| encoding.to_string())),
            encodings.map(|encoding| (encoding, encoding.to_string())),
        );
        let delimiter = layout.and_then(|layout| layout.delimiter);
        choice(
            ui,
            words.delimiter,
            &mut self.reading.delimiter,
            found(delimiter.map(|delimiter| delimiter.to_string())),
            DELIMITERS.map(|delimiter| (delimiter, delimiter.to_string())),
        );
        let header = layout.and_then(|layout| layout.header);
        choice(
            ui,
            words.header,
            &mut self.reading.header,
            found(header.map(|header| (words.header_name)(header).to_owned())),
            [true, false].map(|header| (header, (words.header_name)(header).to_owned())),
        );
        let quoting = layout.and_then(|layout| layout.quoting);
        choice(
            ui,
            words.quoting,
            &mut self.reading.quoting,
            found(quoting.map(|quoting| (words.quoting_name)(quoting).to_owned())),
            QUOTINGS.map(|quoting| (quoting, (words.quoting_name)(quoting).to_owned())),
        );
        let sheet = layout.and_then(|layout| layout.sheet.as_deref());
        let hint = sheet.unwrap_or(words.first_sheet).to_owned();
        typed(ui, words.sheet, &mut self.reading.sheet, &hint);
    }

    fn column_fields(&mut self, ui: &mut Ui, ctx: &PageContext<'_>) {
        let words = &ctx.text.data.reading;
        let Self {
            columns,
            file,
            kind,
            ..
        } = self;
        let file = file.as_ref();
        for role in Role::ALL {
            let value = match role {
                Role::Text => &mut columns.text,
                Role::TextPair => &mut columns.text_pair,
                Role::Label => &mut columns.label,
                Role::Group => &mut columns.group,
                Role::Split => &mut columns.split,
            };
            let found = file.and_then(|file| file.roles.get(role));
            let name = (words.role)(role);
            match file {
                Some(file) if !file.columns.is_empty() => {
                    let is_found = found.is_some() && value.is_none();
                    // What would be found has to be refused; what is not found, is not.
                    let refused = is_found || value.as_ref().is_some_and(String::is_empty);
                    let may_lack = matches!(role, Role::TextPair | Role::Split);
                    let none = (may_lack && refused).then(String::new);
                    let found = match found {
                        Some(column) if is_found => (words.found_out)(column),
                        _ if none.is_some() => words.found.to_owned(),
                        _ => words.no_column.to_owned(),
                    };
                    let none = none.map(|none| (none, words.no_column.to_owned()));
                    let names = file.columns.iter();
                    // One that was named although it is not there is shown too.
                    let named = value.as_ref().filter(|named| !named.is_empty());
                    let named = named.filter(|named| !file.columns.contains(named));
                    let names: Vec<_> = named
                        .into_iter()
                        .chain(names)
                        .map(|name| (name.clone(), name.clone()))
                        .collect();
                    choice(ui, name, value, found, none.into_iter().chain(names));
                }
                _ => typed(ui, name, value, words.found),
            }
        }
        let found = file.map(|file| (words.found_out)((words.kind_name)(file.kind)));
        let found = found.unwrap_or_else(|| words.found.to_owned());
        let kinds = KINDS.map(|kind| (kind, (words.kind_name)(kind).to_owned()));
        choice(ui, words.kind, kind, found, kinds);
    }

    /// The ways of reading that make sense, with the rows that each would lose.
    fn readings(&mut self, ui: &mut Ui, ctx: &PageContext<'_>) {
        let words = &ctx.text.data.reading;
        let readings = self.file.as_ref().map_or(&[][..], |file| &file.readings);
        if readings.len() < 2 {
            return;
        }
        ui.add_space(space::SMALL);
        widgets::card_title(ui, words.readings, "");
        let mut chosen = None;
        for (place, way) in readings.iter().enumerate() {
            let Reading {
                delimiter, quoting, ..
            } = &way.reading;
            let free = self.reading.delimiter.is_none() && self.reading.quoting.is_none();
            let current = match free {
                true => place == 0,
                false => self.reading.delimiter == *delimiter && self.reading.quoting == *quoting,
            };
            if ui.radio(current, described(ctx, way)).clicked() {
                chosen = Some((*delimiter, *quoting));
            }
        }
        if let Some((delimiter, quoting)) = chosen {
            self.reading.delimiter = delimiter;
            self.reading.quoting = quoting;
        }
    }
}

fn described(ctx: &PageContext<'_>, way: &ReadingCount) -> String {
    let words = &ctx.text.data.reading;
    let count = ctx.text.units.count;
    let delimiter = way.reading.delimiter.map(|it| it.to_string());
    let quoting = way.reading.quoting.map_or("", words.quoting_name);
    (words.reading)(
        delimiter.as_deref().unwrap_or_default(),
        quoting,
        &count(way.rows),
        &count(way.lost),
        way.sampled,
    )
}

/// A choice of which one is to leave it to Luthier.
fn choice<T: PartialEq>(
    ui: &mut Ui,
    name: &str,
    value: &mut Option<T>,
    found: String,
    choices: impl IntoIterator<Item = (T, String)>,
) {
    let choices = choices
        .into_iter()
        .map(|(choice, words)| (Some(choice), words));
    let all = std::iter::once((None, found)).chain(choices);
    widgets::form_row(ui, name, |ui, label| {
        widgets::choice_box(ui, label, value, all);
    });
}

/// A name that is typed; nothing leaves it to Luthier.
fn typed(ui: &mut Ui, name: &str, value: &mut Option<String>, hint: &str) {
    widgets::form_row(ui, name, |ui, label| {
        let mut words = value.clone().unwrap_or_default();
        let edit = TextEdit::singleline(&mut words)
            .hint_text(hint)
            .desired_width(f32::INFINITY);
        if ui.add(edit).labelled_by(label.id).changed() {
            *value = Some(words).filter(|words| !words.trim().is_empty());
        }
    });
}
