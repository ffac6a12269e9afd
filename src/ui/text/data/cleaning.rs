//! The words of the cleaning: rules, labels, single rows.

use crate::data::Rule;
use crate::data::cleaning::{Alike, Conflicts};
use crate::data::personal;
use crate::data::tags::TagScheme;

/// The cleaning.
pub struct CleaningText {
    /// In one line: rules that are on, rows changed, rows dropped.
    pub line: fn(usize, &str, &str) -> String,
    /// No rule is on.
    pub off: &'static str,
    /// Opens the dialog.
    pub open: &'static str,
    /// Takes the last change back.
    pub undo: &'static str,
    /// Hover over it.
    pub undo_hover: &'static str,
    /// Title of the dialog.
    pub title: &'static str,
    /// Below it.
    pub note: &'static str,
    /// Heading of the rules for texts.
    pub texts: &'static str,
    /// Heading of the masks.
    pub masks: &'static str,
    /// Heading of the rules that drop rows.
    pub rows: &'static str,
    /// Heading of the labels.
    pub labels: &'static str,
    /// A rule, on its switch.
    pub rule: fn(Rule) -> &'static str,
    /// What a rule does.
    pub rule_hover: fn(Rule) -> &'static str,
    /// A kind of personal data, on its switch.
    pub mask: fn(personal::Kind) -> &'static str,
    /// The language of the stop words.
    pub stop_words: &'static str,
    /// About stop words.
    pub stop_words_note: &'static str,
    /// Entities are tagged as in the file, by this scheme where one is found.
    pub scheme_of_file: fn(Option<TagScheme>) -> String,
    /// Nothing of a choice.
    pub none: &'static str,
    /// Name of the field.
    pub at_least: &'static str,
    /// Name of the field.
    pub at_most: &'static str,
    /// In a length that is not limited.
    pub any_length: &'static str,
    /// Behind a length.
    pub characters: &'static str,
    /// Name of the choice.
    pub duplicates: &'static str,
    /// Name of the choice.
    pub leaks: &'static str,
    /// Name of the choice.
    pub conflicts: &'static str,
    /// A choice.
    pub alike: fn(Alike) -> &'static str,
    /// A choice.
    pub conflict: fn(Conflicts) -> &'static str,
    /// The new name of a label, for its field.
    pub new_name: fn(&str) -> String,
    /// About renaming.
    pub rename_note: &'static str,
    /// Narrows the list of labels.
    pub search_labels: &'static str,
    /// Rows edited by hand.
    pub edited: fn(usize) -> String,
    /// Takes them back.
    pub forget_edits: &'static str,
    /// Heading of the preview.
    pub preview: &'static str,
    /// While rows that change are looked for.
    pub searching: &'static str,
    /// No row changes.
    pub no_change: &'static str,
    /// Takes the rules.
    pub apply: &'static str,
    /// Turns all off.
    pub clear: &'static str,
    /// A single row.
    pub row: RowText,
}

/// A single row.
pub struct RowText {
    /// Opens it from the table.
    pub open: fn(usize) -> String,
    /// Title of the dialog.
    pub title: fn(usize, usize) -> String,
    /// The text was cleaned: what stands in the file.
    pub in_file: &'static str,
    /// Heading of the labels.
    pub label: &'static str,
    /// Narrows the list.
    pub search: &'static str,
    /// Gives it the chosen label.
    pub relabel: &'static str,
    /// Leaves it out.
    pub drop: &'static str,
}

/// English.
pub const ENGLISH: CleaningText = CleaningText {
    line: |rules, changed, dropped| {
        let rules = match rules {
            1 => "1 rule".to_owned(),
            n => format!("{n} rules"),
        };
        format!("{rules} · {changed} changed · {dropped} dropped")
    },
    off: "No cleaning",
    open: "Cleaning…",
    undo: "Undo",
    undo_hover: "Takes the last change of the cleaning back (Ctrl+Z)",
    title: "Cleaning",
    note: "Recorded in the run and applied whenever the data is read; the file stays as it is.",
    texts: "Texts",
    masks: "Mask",
    rows: "Rows",
    labels: "Labels",
    rule: |rule| match rule {
        Rule::Rows => "Rows edited by hand",
        Rule::Labels => "Renamed labels",
        Rule::RepairAnswers => "Repair places of answers",
        Rule::TrimEntities => "Trim entities",
        Rule::TagScheme => "Tag scheme",
        Rule::Mojibake => "Repair wrong encoding",
        Rule::ControlCharacters => "Remove unseen characters",
        Rule::Html => "Strip HTML",
        Rule::Nfc => "Compose characters (NFC)",
        Rule::PersonalData => "Personal data",
        Rule::Urls => "Web addresses",
        Rule::UserNames => "User names",
        Rule::Lowercase => "Lower case",
        Rule::StopWords => "Remove stop words",
        Rule::WhiteSpace => "Collapse white space",
    },
    rule_hover: |rule| match rule {
        Rule::RepairAnswers => "Puts an answer where its text stands, if the passage has it once",
        Rule::TrimEntities => "Takes punctuation out of the ends of entities",
        Rule::TagScheme => "The model tags by the scheme that it learns from.",
        Rule::Mojibake => "Reads Ã© as é again, where nothing is lost",
        Rule::ControlCharacters => {
            "Removes control characters, direction overrides and invisible spaces"
        }
        Rule::Html => "Removes tags, comments and scripts; entities become characters",
        Rule::Nfc => "Writes characters that can be written in several ways in one",
        Rule::Urls => "Web addresses become <url>",
        Rule::UserNames => "@name becomes <user>",
        Rule::Lowercase => "Capital letters become small ones",
        Rule::WhiteSpace => "Trims white space and makes runs of it one",
        _ => "",
    },
    mask: |kind| match kind {
        personal::Kind::Email => "E-mail",
        personal::Kind::Phone => "Phone",
        personal::Kind::Card => "Cards",
        personal::Kind::Iban => "IBAN",
        personal::Kind::ChineseId => "Chinese ID",
    },
    stop_words: "Stop words",
    stop_words_note: "Transformers do better with stop words: \"not\" is one of them.",
    scheme_of_file: |scheme| match scheme {
        Some(scheme) => format!("as in the file: {scheme}"),
        None => "as in the file".to_owned(),
    },
    none: "Keep",
    at_least: "At least",
    at_most: "At most",
    any_length: "any",
    characters: "characters",
    duplicates: "Repeated rows",
    leaks: "Leaked rows",
    conflicts: "Conflicting labels",
    alike: |alike| match alike {
        Alike::Exact => "Drop exact ones",
        Alike::Near => "Drop near ones too",
    },
    conflict: |conflicts| match conflicts {
        Conflicts::Drop => "Drop them",
        Conflicts::Majority => "Keep the majority",
    },
    new_name: |label| format!("New name of {label}"),
    rename_note: "Two labels with one name are merged.",
    search_labels: "Search labels",
    edited: |n| match n {
        1 => "1 row is edited by hand".to_owned(),
        n => format!("{n} rows are edited by hand"),
    },
    forget_edits: "Forget",
    preview: "Rows that change",
    searching: "Looking for rows that change…",
    no_change: "No text changes.",
    apply: "Apply",
    clear: "Turn all off",
    row: RowText {
        open: |row| format!("Edit row {row}…"),
        title: |row, line| format!("Row {row}, line {line}"),
        in_file: "In the file",
        label: "Label",
        search: "Search labels",
        relabel: "Relabel",
        drop: "Drop row",
    },
};
