//! What one click on a finding does to the cleaning.

use serde::{Deserialize, Serialize};

use super::Cleaning;
use super::repeats::{Alike, Conflicts};
use super::rows::RowEdit;
use super::rule::Rule;
use crate::data::personal::Kind;

/// A change of the cleaning. To undo it, put back the cleaning as it was before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Remedy {
    /// Turns on a rule that is on or off; others need the details of a remedy of their own.
    Apply(Rule),
    /// Masks one kind of personal data, beside those already masked.
    Mask(Kind),
    /// Drops repeated rows.
    DropDuplicates(Alike),
    /// Settles texts that have several labels.
    Settle(Conflicts),
    /// Drops rows of training that stand in validation or test.
    DropLeaks(Alike),
    /// Gives a label another name, perhaps that of another label.
    Rename {
        /// The label.
        from: String,
        /// Its new name.
        to: String,
    },
    /// Relabels or drops a row; wins over an earlier decision about it.
    Row(RowEdit),
    /// Drops rows with texts shorter than this, in characters.
    AtLeast(usize),
    /// Drops rows with texts longer than this, in characters.
    AtMost(usize),
}

impl Cleaning {
    /// Takes a remedy in. What was there before stays as far as the two agree.
    pub fn apply(&mut self, remedy: &Remedy) {
        match remedy {
            Remedy::Apply(rule) => self.turn_on(*rule),
            Remedy::Mask(kind) => {
                if !self.personal_data.contains(kind) {
                    self.personal_data.push(*kind);
                    self.personal_data.sort_unstable();
                }
            }
            // What is nearly the same includes what is the same.
            Remedy::DropDuplicates(alike) => self.duplicates = self.duplicates.max(Some(*alike)),
            Remedy::Settle(conflicts) => self.conflicts = Some(*conflicts),
            Remedy::DropLeaks(alike) => self.leaks = self.leaks.max(Some(*alike)),
            Remedy::Rename { from, to } => self.rename(from, to),
            Remedy::Row(edit) => self.edit_row(edit),
            Remedy::AtLeast(least) => self.min_characters = Some(*least),
            Remedy::AtMost(most) => self.max_characters = Some(*most),
        }
    }

    fn turn_on(&mut self, rule: Rule) {
        let switch = match rule {
            Rule::RepairAnswers => &mut self.repair_answers,
            Rule::TrimEntities => &mut self.trim_entities,
            Rule::Mojibake => &mut self.mojibake,
            Rule::ControlCharacters => &mut self.control_characters,
            Rule::Html => &mut self.html,
            Rule::Nfc => &mut self.nfc,
            Rule::Urls => &mut self.urls,
            Rule::UserNames => &mut self.user_names,
            Rule::Lowercase => &mut self.lowercase,
            Rule::WhiteSpace => &mut self.white_space,
            Rule::Rows | Rule::Labels | Rule::TagScheme | Rule::PersonalData | Rule::StopWords => {
                return;
            }
        };
        *switch = true;
    }

    /// Renames a label. Those that were renamed to it follow, so that every name is a last one.
    fn rename(&mut self, from: &str, to: &str) {
        for name in self.labels.values_mut().filter(|name| *name == from) {
            *name = to.to_owned();
        }
        self.labels.remove(to);
        self.labels.insert(from.to_owned(), to.to_owned());
        self.labels.retain(|old, new| old != new);
    }

    fn edit_row(&mut self, edit: &RowEdit) {
        let same = |other: &RowEdit| (other.part, other.row) == (edit.part, edit.row);
        self.rows.retain(|other| !same(other));
        self.rows.push(edit.clone());
        self.rows.sort_by_key(|edit| (edit.part, edit.row));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::part::Part;

    fn rename(cleaning: &mut Cleaning, from: &str, to: &str) {
        cleaning.apply(&Remedy::Rename {
            from: from.into(),
            to: to.into(),
        });
        cleaning.check().unwrap();
    }

    #[test]
    fn renaming_never_makes_a_chain() {
        let mut cleaning = Cleaning::default();
        rename(&mut cleaning, "a", "b");
        rename(&mut cleaning, "b", "c");
        assert_eq!(cleaning.labels["a"], "c");
        assert_eq!(cleaning.labels["b"], "c");
        rename(&mut cleaning, "c", "a");
        assert_eq!(cleaning.labels["b"], "a");
        assert_eq!(cleaning.labels["c"], "a");
        assert!(!cleaning.labels.contains_key("a"));
    }

    #[test]
    fn remedies_add_up() {
        let mut cleaning = Cleaning::default();
        for remedy in [
            Remedy::Apply(Rule::Html),
            Remedy::DropDuplicates(Alike::Near),
            Remedy::DropDuplicates(Alike::Exact),
            Remedy::Mask(Kind::Email),
            Remedy::Mask(Kind::Email),
        ] {
            cleaning.apply(&remedy);
        }
        let expected = Cleaning {
            html: true,
            duplicates: Some(Alike::Near),
            personal_data: vec![Kind::Email],
            ..Cleaning::default()
        };
        assert_eq!(cleaning, expected);
    }

    #[test]
    fn the_last_word_about_a_row_holds() {
        let edit = |row, label: Option<&str>| RowEdit {
            part: Part::Train,
            row,
            text: "0".into(),
            label: label.map(|label| super::super::NewLabel::One(label.into())),
        };
        let mut cleaning = Cleaning::default();
        for next in [edit(7, Some("x")), edit(3, None), edit(7, None)] {
            cleaning.apply(&Remedy::Row(next));
        }
        assert_eq!(cleaning.rows, [edit(3, None), edit(7, None)]);
    }
}
