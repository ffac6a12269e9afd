//! The character between the fields of a record.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// The character between the fields of a record: any of ASCII but the quotation mark and those
/// that end lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Delimiter(u8);

/// Those that have a name.
const NAMES: [(Delimiter, &str); 10] = [
    (Delimiter::COMMA, "comma"),
    (Delimiter::SEMICOLON, "semicolon"),
    (Delimiter::TAB, "tab"),
    (Delimiter::PIPE, "pipe"),
    (Delimiter::SPACE, "space"),
    (Delimiter::CARET, "caret"),
    (Delimiter::TILDE, "tilde"),
    (Delimiter::COLON, "colon"),
    (Delimiter::UNIT_SEPARATOR, "unit separator"),
    (Delimiter::START_OF_HEADING, "start of heading"),
];

impl Delimiter {
    /// `,`
    pub const COMMA: Self = Self(b',');
    /// `;`
    pub const SEMICOLON: Self = Self(b';');
    /// The tab character.
    pub const TAB: Self = Self(b'\t');
    /// `|`
    pub const PIPE: Self = Self(b'|');
    /// The space character.
    pub const SPACE: Self = Self(b' ');
    /// `^`
    pub const CARET: Self = Self(b'^');
    /// `~`
    pub const TILDE: Self = Self(b'~');
    /// `:`
    pub const COLON: Self = Self(b':');
    /// U+001F, which ASCII made for this.
    pub const UNIT_SEPARATOR: Self = Self(0x1F);
    /// U+0001, the usual one of Hive.
    pub const START_OF_HEADING: Self = Self(1);

    /// This character as a delimiter; `None` where it cannot be one.
    pub fn new(character: char) -> Option<Self> {
        let possible = character.is_ascii() && !matches!(character, '"' | '\n' | '\r' | '\0');
        possible.then_some(Self(character as u8))
    }

    /// The delimiter of this name, or the one that is this character; `\t` is a tab.
    pub fn named(name: &str) -> Option<Self> {
        let known = NAMES.iter().find(|(_, known)| *known == name);
        if let Some((delimiter, _)) = known {
            return Some(*delimiter);
        }
        let mut characters = name.chars();
        match (characters.next(), characters.next(), characters.next()) {
            (Some(character), None, None) => Self::new(character),
            (Some('\\'), Some('t'), None) => Some(Self::TAB),
            _ => None,
        }
    }

    /// The delimiter as a byte of the file.
    pub fn byte(self) -> u8 {
        self.0
    }
}

impl fmt::Display for Delimiter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match NAMES.iter().find(|(known, _)| known == self) {
            Some((_, name)) => f.write_str(name),
            None if self.0.is_ascii_graphic() => write!(f, "{}", char::from(self.0)),
            None => write!(f, "U+{:04X}", self.0),
        }
    }
}

impl Serialize for Delimiter {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match NAMES.iter().find(|(known, _)| known == self) {
            Some((_, name)) => serializer.serialize_str(name),
            None => serializer.serialize_char(char::from(self.0)),
        }
    }
}

impl<'de> Deserialize<'de> for Delimiter {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        Self::named(&name).ok_or_else(|| {
            de::Error::custom(format!(
                "\"{name}\" is no delimiter; expected is one ASCII character, or a name such as \
                 comma, semicolon, tab or pipe"
            ))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_delimiter_comes_back_from_its_name() {
        for byte in 0..128 {
            let Some(delimiter) = Delimiter::new(char::from(byte)) else {
                continue;
            };
            let written = serde_json::to_string(&delimiter).unwrap();
            assert_eq!(
                serde_json::from_str::<Delimiter>(&written).unwrap(),
                delimiter
            );
        }
        assert_eq!(Delimiter::named("\\t"), Some(Delimiter::TAB));
        assert_eq!(Delimiter::named(";"), Some(Delimiter::SEMICOLON));
        for none in ["\"", "", "ab", "é", "\n"] {
            assert_eq!(Delimiter::named(none), None);
        }
    }
}
