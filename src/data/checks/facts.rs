//! What one row says about itself: the part of checking that runs on all threads.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::ops::Range;

use ahash::RandomState;

use super::finding::Check;
use super::languages::Language;
use super::{answers, characters, html, mojibake};
use crate::data::example::{Answer, Example, TaggedWord, Target};
use crate::data::near::Sketch;
use crate::data::personal;
use crate::data::tags::{self, Evidence, TagScheme};

/// What one row says about itself.
pub(super) struct Facts {
    /// Stands for the text and the second text, both trimmed.
    pub text: u64,
    /// Stands for both as they are written; 0 where that is as trimmed.
    pub spelling: u32,
    /// Stands for the target in 30 bits; 0 when nothing is known of it.
    pub target: u32,
    /// What is wrong with the row taken alone, kept together by check.
    pub hits: Vec<Hit>,
    pub language: Option<Language>,
    /// The sketches of the text and the second text, where asked for.
    pub sketches: Option<Box<Sketches>>,
    pub tags: Option<TagFacts>,
}

/// The sketches of a row's texts.
pub(super) struct Sketches {
    pub text: Sketch,
    pub pair: Option<Sketch>,
}

/// A place in a row's text where a check found something.
pub(super) struct Hit {
    pub check: Check,
    /// In bytes of the text; empty when it is about the whole row.
    pub place: Range<usize>,
    pub detail: Option<Cow<'static, str>>,
}

/// What the tags of a sentence say.
pub(super) struct TagFacts {
    pub evidence: Evidence,
    /// The first tag that each scheme does not allow.
    pub illegal: Vec<(TagScheme, usize)>,
}

/// What to find out about a row beyond what is cheap.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wanted {
    pub sketch: bool,
    pub language: bool,
}

impl Facts {
    pub fn of(example: &Example, hasher: &RandomState, wanted: Wanted) -> Self {
        let (text, pair) = (example.text.as_str(), example.pair.as_deref());
        let trimmed = (text.trim(), pair.map(str::trim));
        let mut facts = Self {
            text: hasher.hash_one(trimmed),
            spelling: match trimmed == (text, pair) {
                true => 0,
                false => (hasher.hash_one((text, pair)) as u32).max(1),
            },
            target: hash_of(&example.target, hasher),
            hits: Vec::new(),
            language: Language::of(&example.text, wanted.language),
            sketches: wanted.sketch.then(|| {
                Box::new(Sketches {
                    text: Sketch::of(text),
                    pair: pair.map(Sketch::of),
                })
            }),
            tags: None,
        };
        facts.look_at_characters(example);
        match &example.target {
            Target::Tags(words) => facts.look_at_tags(example, words),
            Target::Answers(answers) => facts.look_at_answers(example, answers),
            _ => {}
        }
        facts
    }

    fn hit(
        &mut self,
        check: Check,
        place: Range<usize>,
        detail: impl Into<Option<Cow<'static, str>>>,
    ) {
        self.hits.push(Hit {
            check,
            place,
            detail: detail.into(),
        });
    }

    /// The checks of the text itself, each of them only where a byte in it gives reason to.
    fn look_at_characters(&mut self, example: &Example) {
        let text = &example.text;
        let traits = traits(text);
        if traits & MARKUP != 0
            && let Some((place, markup)) = html::find(text)
        {
            self.hit(Check::Html, place, Cow::Borrowed(markup));
        }
        if traits & UNSEEN != 0 {
            if let Some(place) = characters::control(text) {
                let name = characters::name(text, place.clone());
                self.hit(Check::ControlCharacters, place, Cow::Owned(name));
            }
            if let Some(place) = characters::replacement(text) {
                self.hit(Check::ReplacementCharacters, place, None);
            }
        }
        if traits & ACCENT != 0
            && let Some(place) = mojibake::find(text)
        {
            self.hit(Check::Mojibake, place, None);
        }
        if traits & PERSONAL != 0 {
            for (place, kind) in personal::find(text) {
                self.hit(Check::PersonalData, place, Cow::Borrowed(kind.name()));
            }
        }
        let pair = example.pair.as_deref();
        if traits & VISIBLE == 0 && characters::is_blank(text) {
            self.hit(Check::Empty, 0..0, Cow::Borrowed("text"));
        } else if pair.is_some_and(characters::is_blank) {
            self.hit(Check::Empty, 0..0, Cow::Borrowed("second text"));
        }
    }

    fn look_at_tags(&mut self, example: &Example, words: &[TaggedWord]) {
        let tags: Vec<&str> = words.iter().map(|word| word.tag.as_str()).collect();
        let mut evidence = Evidence::default();
        evidence.add(&tags);
        let first_illegal = |scheme: TagScheme| Some((scheme, *scheme.illegal(&tags).first()?));
        self.tags = Some(TagFacts {
            evidence,
            illegal: TagScheme::ALL
                .into_iter()
                .filter_map(first_illegal)
                .collect(),
        });
        for (kind, place) in tags::entities(&tags) {
            let words = &words[place];
            if let (Some(first), Some(last)) = (words.first(), words.last()) {
                let place = first.place.start..last.place.end;
                if has_ragged_edges(&example.text, words) {
                    self.hit(Check::EntityBoundaries, place, Cow::Owned(kind.to_owned()));
                }
            }
        }
    }

    fn look_at_answers(&mut self, example: &Example, answers: &[Answer]) {
        if answers.is_empty() {
            self.hit(Check::Unanswerable, 0..0, None);
        }
        for answer in answers {
            if let Some(misplaced) = answers::misplaced(&example.text, answer) {
                self.hit(Check::AnswerOffsets, 0..0, Cow::Borrowed(misplaced.name()));
            }
        }
    }
}

/// Whether an entity begins or ends with a word of mere punctuation, or a word of it holds white
/// space.
///
/// A full stop may end one ("Inc ."), as may a bracket or a quotation mark that was opened in it.
fn has_ragged_edges(text: &str, words: &[TaggedWord]) -> bool {
    let word = |at: usize| words.get(at).and_then(|word| text.get(word.place.clone()));
    let consists_of = |word: Option<&str>, signs: &str| {
        word.is_some_and(|word| !word.is_empty() && word.chars().all(|sign| signs.contains(sign)))
    };
    let single = words.len() == 1;
    let (first, last) = (word(0), word(words.len() - 1));
    // A single sign may well be the entity.
    let ragged_start = !single && consists_of(first, ",.;:!?)]}，。；：！？、）】》」』”’");
    let ragged_end = !single && consists_of(last, ",;:!?([{，。；：！？、（【《「『“‘");
    let spaced = |at: usize| word(at).is_some_and(|word| word.contains(char::is_whitespace));
    ragged_start || ragged_end || (0..words.len()).any(spaced)
}

/// A number that stands for a target, for targets of the same text.
fn hash_of(target: &Target, hasher: &RandomState) -> u32 {
    let hash = match target {
        Target::Nothing => return 0,
        Target::Label(label) => hasher.hash_one(label),
        Target::Labels(labels) => hasher.hash_one(labels.iter().collect::<BTreeSet<_>>()),
        Target::Scores(scores) => hasher.hash_one(
            scores
                .iter()
                .map(|score| score.to_bits())
                .collect::<Vec<_>>(),
        ),
        Target::Tags(words) => {
            hasher.hash_one(words.iter().map(|word| &word.tag).collect::<Vec<_>>())
        }
        Target::Answers(answers) => hasher.hash_one(
            answers
                .iter()
                .map(|answer| (&answer.text, answer.start))
                .collect::<Vec<_>>(),
        ),
        Target::Text(text) => hasher.hash_one(text.trim()),
    };
    ((hash >> 34) as u32).max(1)
}

/// A byte that HTML begins with.
const MARKUP: u8 = 1;
/// A byte that personal data has.
const PERSONAL: u8 = 2;
/// A control character, or the first byte of characters among which are some that cannot be seen.
const UNSEEN: u8 = 4;
/// The first byte of what text in a wrong encoding consists of.
const ACCENT: u8 = 8;
/// A character of ASCII that can be seen.
const VISIBLE: u8 = 16;

const TRAITS: [u8; 256] = {
    let mut traits = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        traits[byte] = match byte as u8 {
            b'\t' | b'\n' | b'\r' | b' ' => 0,
            0..=0x1f | 0x7f => UNSEEN,
            b'<' | b'&' | b'#' => MARKUP | VISIBLE,
            b'@' | b'0'..=b'9' => PERSONAL | VISIBLE,
            0x21..=0x7e => VISIBLE,
            // U+0080, U+2000 and U+F000 on.
            0xc2 | 0xe2 | 0xef => UNSEEN,
            // U+00C0 on, and the first byte of 锟.
            0xc3 | 0xe9 => ACCENT,
            _ => 0,
        };
        byte += 1;
    }
    traits
};

/// The traits of all bytes of a text.
fn traits(text: &str) -> u8 {
    text.bytes()
        .fold(0, |traits, byte| traits | TRAITS[usize::from(byte)])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(text: &str, pair: Option<&str>, target: Target) -> Facts {
        let example = Example {
            row: 1,
            line: 1,
            text: text.into(),
            pair: pair.map(str::to_owned),
            target,
            group: None,
            part: None,
        };
        let wanted = Wanted {
            sketch: false,
            language: false,
        };
        Facts::of(&example, &RandomState::with_seeds(1, 2, 3, 4), wanted)
    }

    fn checks(facts: &Facts) -> Vec<Check> {
        facts.hits.iter().map(|hit| hit.check).collect()
    }

    #[test]
    fn a_row_is_told_by_its_trimmed_texts() {
        let of = |text, pair| facts(text, pair, Target::Nothing).text;
        assert_eq!(of(" a", None), of("a\n", None));
        assert_eq!(of("a", Some("b ")), of("a", Some("b")));
        assert_ne!(of("a", Some("b")), of("ab", None));
        assert_ne!(of("a", Some("b")), of("b", Some("a")));
        assert_ne!(of("a", Some("")), of("a", None));
    }

    #[test]
    fn the_order_of_labels_does_not_matter() {
        let of = |labels: &[&str]| {
            let labels = labels.iter().map(|&label| label.to_owned()).collect();
            facts("a", None, Target::Labels(labels)).target
        };
        assert_eq!(of(&["x", "y"]), of(&["y", "x"]));
        assert_ne!(of(&["x"]), of(&["y", "x"]));
        assert_eq!(facts("a", None, Target::Nothing).target, 0);
    }

    #[test]
    fn every_check_of_the_text_is_reached() {
        for (text, check) in [
            ("a<br>", Check::Html),
            ("a\u{0}", Check::ControlCharacters),
            ("a\u{93}", Check::ControlCharacters),
            ("\u{feff}a", Check::ControlCharacters),
            ("a\u{202e}", Check::ControlCharacters),
            ("a\u{fffd}", Check::ReplacementCharacters),
            ("cafÃ©", Check::Mojibake),
            ("锟斤拷", Check::Mojibake),
            ("a@b.de", Check::PersonalData),
            ("13812345678", Check::PersonalData),
        ] {
            assert_eq!(
                checks(&facts(text, None, Target::Nothing)),
                [check],
                "{text:?}"
            );
        }
        let blank = facts("\u{3164}", None, Target::Nothing);
        assert_eq!(checks(&blank), [Check::Empty]);
        let half = facts("a", Some(" \u{200b}"), Target::Nothing);
        assert_eq!(checks(&half), [Check::Empty]);
        assert!(
            facts("a fine text, 很好", None, Target::Nothing)
                .hits
                .is_empty()
        );
    }

    #[test]
    fn entities_end_with_words_or_with_what_they_opened() {
        let ragged = |words: &[&str]| {
            let text = words.join(" ");
            let mut start = 0;
            let words: Vec<TaggedWord> = words
                .iter()
                .map(|word| {
                    let place = start..start + word.len();
                    start = place.end + 1;
                    let tag = "I-ORG".into();
                    TaggedWord { place, tag }
                })
                .collect();
            has_ragged_edges(&text, &words)
        };
        for words in [
            &["Acme", "Inc", "."][..],
            &["中", "（", "国", "）"],
            &["\"", "X", "\""],
            &["U.S."],
            &["!"],
        ] {
            assert!(!ragged(words), "{words:?}");
        }
        for words in [
            &["Acme", ","][..],
            &[")", "Acme"],
            &["，", "中"],
            &["New York"],
        ] {
            assert!(ragged(words), "{words:?}");
        }
    }

    #[test]
    fn answers_are_looked_up() {
        let answer = |text: &str, start| Answer {
            text: text.into(),
            start: Some(start),
        };
        let of = |answers| {
            checks(&facts(
                "in Berlin",
                Some("where?"),
                Target::Answers(answers),
            ))
        };
        assert!(of(vec![answer("Berlin", 3)]).is_empty());
        assert_eq!(of(vec![answer("Berlin", 0)]), [Check::AnswerOffsets]);
        assert_eq!(of(vec![]), [Check::Unanswerable]);
    }
}
