//! Stop words: the commonest words of a language.

use std::collections::HashSet;
use std::sync::LazyLock;

use regex::{Captures, Regex};

use crate::error::{Error, Result};

/// A word with the apostrophes inside it and the white space after it.
const WORD: &str = r"([\p{L}\p{M}\p{N}_]+(?:['’][\p{L}\p{M}\p{N}_]+)*)\s*";

// A constant pattern that did not compile would fail every test of this file.
static PATTERN: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(WORD).ok());

/// The stop words of a language, by the lists of NLTK.
pub(super) struct StopWords {
    words: HashSet<&'static str>,
}

impl StopWords {
    /// Those of a language, given by its ISO 639-1 code; `None` when there is no list.
    pub(super) fn of(language: &str) -> Option<Self> {
        let words = stop_words::lookup(language)?;
        Some(Self {
            words: words.iter().copied().collect(),
        })
    }

    /// The text without them, `None` when it has none.
    pub(super) fn removed(&self, text: &str) -> Option<String> {
        let mut found = false;
        let kept = PATTERN.as_ref()?.replace_all(text, |word: &Captures<'_>| {
            let plain = word[1].to_lowercase().replace('’', "'");
            if self.words.contains(plain.as_str()) {
                found = true;
                String::new()
            } else {
                word[0].to_owned()
            }
        });
        found.then(|| kept.into_owned())
    }
}

/// Fails when there is no list for the language.
pub(super) fn check(language: Option<&str>) -> Result<()> {
    match language {
        Some(code) if stop_words::lookup(code).is_none() => Err(Error::new(format!(
            "there is no list of stop words for the language \"{code}\""
        ))
        .remedy(format!(
            "Set stop_words to one of {}.",
            stop_words::available_languages().join(", ")
        ))),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_words_go_in_any_case() {
        let english = StopWords::of("en").unwrap();
        let found = english.removed("The end of theory, and don’t ask me.");
        assert_eq!(found.as_deref(), Some("end theory, ask ."));
        assert_eq!(english.removed("Theory ends."), None);
    }

    #[test]
    fn an_unknown_language_is_refused_with_those_known() {
        let error = check(Some("klingon")).unwrap_err().to_string();
        assert!(
            error.contains("klingon") && error.contains("de, "),
            "{error}"
        );
        check(Some("de")).unwrap();
        check(None).unwrap();
    }
}
