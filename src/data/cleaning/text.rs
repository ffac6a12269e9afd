//! The rules for texts, and which text of an example they apply to.

use std::borrow::Cow;
use std::collections::BTreeSet;

use super::rule::{Removal, Rule};
use super::words::StopWords;
use super::{Cleaning, characters, html, masks, mojibake};
use crate::data::example::{Example, TaggedWord, Target};
use crate::data::personal::Kind;
use crate::error::{Error, Result};

/// Most passes over one text; texts that still change after so many are made to (each pass undoes
/// one layer of escaping).
const MOST_PASSES: usize = 8;

/// The rules for texts that are on, ready for use.
pub(super) struct TextRules<'a> {
    rules: Vec<Rule>,
    personal: &'a [Kind],
    stop_words: Option<StopWords>,
}

impl<'a> TextRules<'a> {
    pub(super) fn of(cleaning: &'a Cleaning) -> Self {
        let switches = [
            (Rule::Mojibake, cleaning.mojibake),
            (Rule::ControlCharacters, cleaning.control_characters),
            (Rule::Html, cleaning.html),
            (Rule::Nfc, cleaning.nfc),
            (Rule::PersonalData, !cleaning.personal_data.is_empty()),
            (Rule::Urls, cleaning.urls),
            (Rule::UserNames, cleaning.user_names),
            (Rule::Lowercase, cleaning.lowercase),
            (Rule::StopWords, cleaning.stop_words.is_some()),
            (Rule::WhiteSpace, cleaning.white_space),
        ];
        let on = switches.into_iter().filter(|&(_, on)| on);
        Self {
            rules: on.map(|(rule, _)| rule).collect(),
            personal: &cleaning.personal_data,
            stop_words: cleaning.stop_words.as_deref().and_then(StopWords::of),
        }
    }

    /// Whether no rule is on.
    pub(super) fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }

    /// The text after all rules, and the rules that changed it.
    pub(super) fn apply<'t>(&self, text: &'t str) -> (Cow<'t, str>, BTreeSet<Rule>) {
        self.apply_but(None, text)
    }

    /// Mends the texts of an example; see the module's description for which these are.
    pub(super) fn mend(&self, example: &mut Example) -> BTreeSet<Rule> {
        let mut touched = BTreeSet::new();
        match &mut example.target {
            Target::Tags(words) => self.mend_words(&mut example.text, words, &mut touched),
            Target::Answers(_) => {}
            Target::Text(written) => {
                self.mend_text(None, &mut example.text, &mut touched);
                self.mend_text(Some(Rule::StopWords), written, &mut touched);
            }
            _ => self.mend_text(None, &mut example.text, &mut touched),
        }
        if let Some(pair) = &mut example.pair {
            self.mend_text(None, pair, &mut touched);
        }
        touched
    }

    fn mend_text(&self, but: Option<Rule>, text: &mut String, touched: &mut BTreeSet<Rule>) {
        let (mended, rules) = self.apply_but(but, text);
        if let Cow::Owned(mended) = mended {
            *text = mended;
        }
        touched.extend(rules);
    }

    /// Mends a sentence word by word. A word of which nothing would be left stays as it is.
    fn mend_words(
        &self,
        text: &mut String,
        words: &mut [TaggedWord],
        touched: &mut BTreeSet<Rule>,
    ) {
        let mut mended = String::with_capacity(text.len());
        let mut places = Vec::with_capacity(words.len());
        let mut rules = BTreeSet::new();
        for word in words.iter() {
            let raw = text.get(word.place.clone()).unwrap_or_default();
            let (clean, changed) = self.apply_but(Some(Rule::StopWords), raw);
            if !mended.is_empty() {
                mended.push(' ');
            }
            let start = mended.len();
            if clean.trim().is_empty() {
                mended.push_str(raw);
            } else {
                mended.push_str(&clean);
                rules.extend(changed);
            }
            places.push(start..mended.len());
        }
        if rules.is_empty() {
            return;
        }
        *text = mended;
        for (word, place) in words.iter_mut().zip(places) {
            word.place = place;
        }
        touched.extend(rules);
    }

    fn apply_but<'t>(&self, but: Option<Rule>, text: &'t str) -> (Cow<'t, str>, BTreeSet<Rule>) {
        let mut touched = BTreeSet::new();
        let mut text = Cow::Borrowed(text);
        for _ in 0..MOST_PASSES {
            let mut changed = false;
            for &rule in self.rules.iter().filter(|&&rule| Some(rule) != but) {
                if let Some(next) = self.apply_one(rule, &text) {
                    text = Cow::Owned(next);
                    touched.insert(rule);
                    changed = true;
                }
            }
            if !changed {
                break;
            }
        }
        (text, touched)
    }

    /// The text after one rule, `None` when the rule does not change it.
    fn apply_one(&self, rule: Rule, text: &str) -> Option<String> {
        match rule {
            Rule::Mojibake => mojibake::repaired(text),
            Rule::ControlCharacters => characters::without_controls(text),
            Rule::Html => html::stripped(text),
            Rule::Nfc => characters::composed(text),
            Rule::PersonalData => masks::personal_data(text, self.personal),
            Rule::Urls => masks::urls(text),
            Rule::UserNames => masks::user_names(text),
            Rule::Lowercase => characters::lowercase(text),
            Rule::StopWords => self.stop_words.as_ref()?.removed(text),
            Rule::WhiteSpace => characters::collapsed(text),
            Rule::Rows
            | Rule::Labels
            | Rule::RepairAnswers
            | Rule::TrimEntities
            | Rule::TagScheme => None,
        }
    }
}

/// Why a text is dropped for its length in characters: nothing left, too short or too long.
pub(super) fn beyond(
    least: Option<usize>,
    most: Option<usize>,
    example: &Example,
) -> Option<Removal> {
    if example.text.trim().is_empty() {
        return Some(Removal::NothingLeft);
    }
    if least.is_none() && most.is_none() {
        return None;
    }
    let length = example.text.chars().count();
    if least.is_some_and(|least| length < least) {
        Some(Removal::TooShort)
    } else if most.is_some_and(|most| length > most) {
        Some(Removal::TooLong)
    } else {
        None
    }
}

/// Fails when no length satisfies both limits.
pub(super) fn check_lengths(least: Option<usize>, most: Option<usize>) -> Result<()> {
    match (least, most) {
        (Some(least), Some(most)) if least > most => Err(Error::new(format!(
            "no text is at least {least} and at most {most} characters long"
        ))
        .remedy("Make min_characters the smaller of the two.")),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn everything() -> Cleaning {
        Cleaning {
            mojibake: true,
            control_characters: true,
            html: true,
            nfc: true,
            urls: true,
            user_names: true,
            lowercase: true,
            white_space: true,
            ..Cleaning::default()
        }
    }

    #[test]
    fn what_one_rule_uncovers_another_takes() {
        let cleaning = everything();
        let text = "&amp;lt;b&amp;gt;CafÃ©&lt;/b&gt; \u{7}&nbsp; @Bob www.example.com/A.";
        assert_eq!(cleaning.preview(text), "café <user> <url>.");
        assert_eq!(cleaning.preview("plain text"), "plain text");
    }

    #[test]
    fn rules_that_are_off_change_nothing() {
        let text = " A  <b>b</b> @c\u{0} ";
        assert_eq!(Cleaning::default().preview(text), text);
    }

    #[test]
    fn words_keep_their_tags() {
        let text = "Caf\u{e9}Ã© <b> www.a.com";
        let places = [0..9, 10..13, 14..23];
        assert_eq!(places[2].end, text.len());
        let words = places.into_iter().zip(["B-X", "I-X", "O"]);
        let words = words.map(|(place, tag)| TaggedWord {
            place,
            tag: tag.into(),
        });
        let mut example = Example {
            row: 1,
            line: 1,
            text: text.into(),
            pair: None,
            target: Target::Tags(words.collect()),
            group: None,
            part: None,
        };
        let touched = TextRules::of(&everything()).mend(&mut example);
        assert_eq!(example.text, "caféã© <b> <url>");
        let Target::Tags(words) = &example.target else {
            panic!("the target is another");
        };
        let found: Vec<_> = words
            .iter()
            .map(|word| &example.text[word.place.clone()])
            .collect();
        assert_eq!(found, ["caféã©", "<b>", "<url>"]);
        assert!(touched.contains(&Rule::Urls) && !touched.contains(&Rule::Html));
    }

    #[test]
    fn a_passage_stays_where_its_answers_are() {
        let mut example = Example {
            row: 1,
            line: 1,
            text: "A  <b>B</b>".into(),
            pair: Some(" Who ? ".into()),
            target: Target::Answers(Vec::new()),
            group: None,
            part: None,
        };
        TextRules::of(&everything()).mend(&mut example);
        assert_eq!(example.text, "A  <b>B</b>");
        assert_eq!(example.pair.as_deref(), Some("who ?"));
    }

    #[test]
    fn lengths_are_characters() {
        assert!(check_lengths(Some(3), Some(2)).is_err());
        assert!(check_lengths(Some(2), Some(2)).is_ok());
        let example = |text: &str| Example {
            row: 1,
            line: 1,
            text: text.into(),
            pair: None,
            target: Target::Nothing,
            group: None,
            part: None,
        };
        let reason = |text| beyond(Some(2), Some(3), &example(text));
        assert_eq!(reason("好"), Some(Removal::TooShort));
        assert_eq!(reason("很好"), None);
        assert_eq!(reason("abcd"), Some(Removal::TooLong));
        assert_eq!(
            beyond(None, None, &example(" ")),
            Some(Removal::NothingLeft)
        );
    }
}
