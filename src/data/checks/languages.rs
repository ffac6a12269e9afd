//! In which language each row is written, as far as that can be told quickly.
//!
//! Chinese, Japanese, Korean and other languages with a script of their own are told by their
//! letters, in every row. Languages that share the Latin, Cyrillic or Arabic script are told apart
//! by `whatlang` (trigrams, after Cavnar and Trenkle, 1994) in long texts of a sample of the rows,
//! and only where it is sure and the text has the letters of its language.

use std::collections::BTreeMap;

use whatlang::Lang;

use super::finding::{Check, Finding, SHOWN, Seen, Tally, shares};
use super::sample::Sample;
use crate::data::counting::{count_bytes, find_beyond_ascii};

/// A script, and the language where it was told apart from others of the script.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Language {
    script: Script,
    told_apart: Option<&'static str>,
}

/// Rows whose language is told apart within a script, which takes longer than all other checks of a
/// row.
pub(super) const TOLD_APART: Sample = Sample {
    all_until: 10_000,
    then_every: 5000,
};

/// Scripts as far as they matter here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Script {
    Latin,
    Cyrillic,
    Arabic,
    Greek,
    Hebrew,
    Devanagari,
    Bengali,
    Tamil,
    Thai,
    Han,
    Kana,
    Hangul,
    Other,
}

const SCRIPTS: [Script; 13] = [
    Script::Latin,
    Script::Cyrillic,
    Script::Arabic,
    Script::Greek,
    Script::Hebrew,
    Script::Devanagari,
    Script::Bengali,
    Script::Tamil,
    Script::Thai,
    Script::Han,
    Script::Kana,
    Script::Hangul,
    Script::Other,
];

impl Language {
    /// The language of a text; `None` when it has too few letters to tell.
    pub fn of(text: &str, told_apart: bool) -> Option<Self> {
        /// Letters below which a text may be anything: a name, a number, an exclamation.
        const FEWEST: usize = 12;
        let letters = letters(text);
        let total: usize = letters.iter().sum();
        let (script, most) = dominant(&letters);
        if total < FEWEST || most * 2 < total {
            return None;
        }
        let shared = matches!(script, Script::Latin | Script::Cyrillic | Script::Arabic);
        Some(Self {
            script,
            told_apart: (shared && told_apart)
                .then(|| tell_apart(text, total))
                .flatten(),
        })
    }

    fn name(self) -> &'static str {
        self.told_apart.unwrap_or(self.script.name())
    }
}

/// Whether most of these texts are Chinese, as far as their beginnings tell.
pub fn are_chinese<'a>(texts: impl Iterator<Item = &'a str>) -> bool {
    const LOOKED_AT: usize = 256;
    let beginning = |text: &'a str| match text.char_indices().nth(LOOKED_AT) {
        Some((end, _)) => &text[..end],
        None => text,
    };
    let (mut told, mut chinese) = (0, 0);
    for language in texts.filter_map(|text| Language::of(beginning(text), false)) {
        told += 1;
        chinese += usize::from(language.script == Script::Han);
    }
    chinese * 2 > told
}

impl Script {
    fn name(self) -> &'static str {
        match self {
            Self::Latin => "Latin script",
            Self::Cyrillic => "Cyrillic script",
            Self::Arabic => "Arabic script",
            Self::Greek => "Greek",
            Self::Hebrew => "Hebrew script",
            Self::Devanagari => "Devanagari script",
            Self::Bengali => "Bengali script",
            Self::Tamil => "Tamil",
            Self::Thai => "Thai",
            Self::Han => "Chinese",
            Self::Kana => "Japanese",
            Self::Hangul => "Korean",
            Self::Other => "another script",
        }
    }

    /// The script of a letter; `None` for what is none.
    fn of(char: char) -> Option<Self> {
        Some(match char {
            '\0'..='\u{bf}' => return char.is_ascii_alphabetic().then_some(Self::Latin),
            '×' | '÷' => return None,
            '\u{c0}'..='\u{2af}' | '\u{1d00}'..='\u{1dbf}' | '\u{1e00}'..='\u{1eff}' => Self::Latin,
            // As wide as Chinese characters, and as symbols of mathematics, for show.
            '\u{ff21}'..='\u{ff5a}' | '\u{1d400}'..='\u{1d7ff}' => Self::Latin,
            '\u{370}'..='\u{3ff}' | '\u{1f00}'..='\u{1fff}' => Self::Greek,
            '\u{400}'..='\u{52f}' => Self::Cyrillic,
            '\u{590}'..='\u{5ff}' => Self::Hebrew,
            '\u{600}'..='\u{77f}' | '\u{fb50}'..='\u{fdff}' | '\u{fe70}'..='\u{fefc}' => {
                Self::Arabic
            }
            '\u{900}'..='\u{97f}' => Self::Devanagari,
            '\u{980}'..='\u{9ff}' => Self::Bengali,
            '\u{b80}'..='\u{bff}' => Self::Tamil,
            '\u{e00}'..='\u{e7f}' => Self::Thai,
            '\u{3040}'..='\u{30ff}' => Self::Kana,
            '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{20000}'..='\u{3ffff}' => {
                Self::Han
            }
            '\u{1100}'..='\u{11ff}' | '\u{ac00}'..='\u{d7a3}' => Self::Hangul,
            char => return char.is_alphabetic().then_some(Self::Other),
        })
    }
}

/// The letters of each script.
fn letters(text: &str) -> [usize; SCRIPTS.len()] {
    /// A character of Chinese says about as much as three letters.
    const DENSE: usize = 3;
    let mut letters = [0; SCRIPTS.len()];
    letters[Script::Latin as usize] =
        count_bytes(text.as_bytes(), |byte| byte.is_ascii_alphabetic());
    let mut rest = text;
    while let Some(start) = find_beyond_ascii(rest.as_bytes()) {
        let mut chars = rest[start..].chars();
        if let Some(script) = chars.next().and_then(Script::of) {
            let dense = matches!(script, Script::Han | Script::Kana | Script::Hangul);
            letters[script as usize] += if dense { DENSE } else { 1 };
        }
        rest = chars.as_str();
    }
    letters
}

/// The script with the most letters, and how many it has. Japanese is written with Chinese
/// characters too, and is known by a tenth of its own.
fn dominant(letters: &[usize; SCRIPTS.len()]) -> (Script, usize) {
    let (han, kana) = (
        letters[Script::Han as usize],
        letters[Script::Kana as usize],
    );
    let (script, most) = SCRIPTS
        .into_iter()
        .map(|script| (script, letters[script as usize]))
        .max_by_key(|&(_, count)| count)
        .unwrap_or((Script::Other, 0));
    if matches!(script, Script::Han | Script::Kana) {
        let japanese = kana * 10 >= han + kana;
        (
            if japanese { Script::Kana } else { Script::Han },
            han + kana,
        )
    } else {
        (script, most)
    }
}

/// The language of a text among those of its script, where it is long enough and clear.
fn tell_apart(text: &str, letters: usize) -> Option<&'static str> {
    /// In shorter texts trigrams err too often.
    const FEWEST: usize = 80;
    /// Longer ones only take longer.
    const LONGEST: usize = 600;
    if letters < FEWEST {
        return None;
    }
    let end = (0..=LONGEST.min(text.len()))
        .rev()
        .find(|&end| text.is_char_boundary(end))?;
    let text = &text[..end];
    let found = whatlang::detect(text)?;
    let is_sure = found.is_reliable() && (!text.is_ascii() || is_plain(found.lang()));
    is_sure.then(|| found.lang().eng_name())
}

/// Whether a long text of the language may do without accents. One without is hardly French, but
/// may be a table of abbreviations that looks like it.
fn is_plain(language: Lang) -> bool {
    matches!(
        language,
        Lang::Eng | Lang::Nld | Lang::Ita | Lang::Ind | Lang::Jav | Lang::Tgl | Lang::Lat
    )
}

/// Counts the rows of each language.
#[derive(Debug, Default)]
pub(super) struct Languages {
    /// Those of which no more than the script is known.
    scripts: [Tally; SCRIPTS.len()],
    told_apart: BTreeMap<Language, Tally>,
}

impl Languages {
    /// Takes the next row into account.
    pub fn take(&mut self, seen: Seen, language: Option<Language>) {
        if let Some(language) = language {
            let tally = match language.told_apart {
                None => &mut self.scripts[language.script as usize],
                Some(_) => self.told_apart.entry(language).or_default(),
            };
            tally.add(|| seen.whole(Some(language.name().to_owned())));
        }
    }

    /// The rows in another script than most, and those in another language than most of their
    /// script, if there are any.
    pub fn finding(self) -> Option<Finding> {
        let by_script = SCRIPTS.into_iter().zip(self.scripts);
        let by_script = by_script.filter(|(_, tally)| tally.count > 0);
        let mut tallies = self.told_apart;
        tallies.extend(by_script.map(|(script, tally)| {
            let told_apart = None;
            (Language { script, told_apart }, tally)
        }));
        let script = commonest(&tallies, |language| Some(language.script))?;
        let in_script = |language: &Language| language.script == script;
        let main = commonest(&tallies, |language| {
            language.told_apart.filter(|_| in_script(language))
        });
        let told = tallies
            .iter()
            .filter(|(language, _)| in_script(language) && language.told_apart.is_some());
        let told: usize = told.map(|(_, tally)| tally.count).sum();
        // One long text in a hundred is told wrong when it is full of names.
        let least = (told / 100).max(2);
        tallies.retain(|language, tally| {
            !in_script(language)
                || (language.told_apart.is_some()
                    && language.told_apart != main
                    && tally.count > least)
        });
        minorities(tallies, main.unwrap_or(script.name()))
    }
}

/// What most rows have in common, of those that have it.
fn commonest<K: Ord + Copy>(
    tallies: &BTreeMap<Language, Tally>,
    key: impl Fn(&Language) -> Option<K>,
) -> Option<K> {
    let mut counts: BTreeMap<K, usize> = BTreeMap::new();
    for (language, tally) in tallies {
        if let Some(key) = key(language) {
            *counts.entry(key).or_default() += tally.count;
        }
    }
    counts
        .into_iter()
        .max_by_key(|&(_, count)| count)
        .map(|(key, _)| key)
}

/// The finding of these languages, beside the one of most rows.
fn minorities(tallies: BTreeMap<Language, Tally>, main: &str) -> Option<Finding> {
    let count = tallies.values().map(|tally| tally.count).sum();
    if count == 0 {
        return None;
    }
    let mut finding = Finding::new(Check::MixedLanguages, count);
    let rows = tallies.iter();
    finding.shares =
        shares(rows.map(|(language, tally)| (language.name().to_owned(), tally.count)));
    let examples = tallies.into_values().flat_map(|tally| tally.examples);
    finding.examples = examples.collect();
    finding
        .examples
        .sort_by_key(|example| (example.part, example.row));
    finding.examples.truncate(SHOWN);
    finding.note = Some(format!(
        "Most rows: {main}. Languages of one script are told apart in long texts, in {TOLD_APART}."
    ));
    Some(finding)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::part::Part;
    use crate::data::{Example, Target};

    const ENGLISH: &str = "The weather was better than we had expected, and so we walked along the \
        river until the sun went down behind the hills.";
    const GERMAN: &str = "Das Wetter war besser als wir erwartet hatten, und so gingen wir am Fluss \
        entlang, bis die Sonne hinter den Hügeln unterging.";

    fn name(text: &str) -> Option<&'static str> {
        Language::of(text, true).map(Language::name)
    }

    #[test]
    fn languages_are_told() {
        for (text, expected) in [
            (ENGLISH, "English"),
            (GERMAN, "German"),
            ("a short english text", "Latin script"),
            ("wow ᴡᴀsᴛᴇ ᴏ- ᴡᴀɪᴛ ᴀ ᴍɪɴᴜᴛᴇ", "Latin script"),
            ("房间很大也很干净", "Chinese"),
            ("这个 app 很好用，推荐", "Chinese"),
            ("部屋はとても広くて綺麗でした", "Japanese"),
            ("방이 아주 넓고 깨끗했어요", "Korean"),
            ("Номер большой и чистый", "Cyrillic script"),
            ("الغرفة كبيرة ونظيفة جدا", "Arabic script"),
        ] {
            assert_eq!(name(text), Some(expected), "{text}");
        }
        for text in [
            "",
            "ok",
            "12345 67890 12345",
            "很好",
            "👍👍👍👍👍👍👍👍👍👍👍👍👍",
        ] {
            assert_eq!(name(text), None, "{text}");
        }
    }

    fn finding(rows: &[(&str, usize)]) -> Option<Finding> {
        let mut languages = Languages::default();
        let texts = rows
            .iter()
            .flat_map(|&(text, count)| std::iter::repeat_n(text, count));
        for (position, text) in texts.enumerate() {
            let example = Example {
                row: position + 1,
                line: position + 1,
                text: text.into(),
                pair: None,
                target: Target::Nothing,
                group: None,
                part: None,
            };
            let seen = Seen {
                part: Part::Train,
                example: &example,
            };
            languages.take(seen, Language::of(text, TOLD_APART.takes(position)));
        }
        languages.finding()
    }

    #[test]
    fn minorities_are_reported() {
        let found = finding(&[(ENGLISH, 50), ("房间很大也很干净", 1), (GERMAN, 5)]).unwrap();
        assert_eq!(found.count, 6);
        let names: Vec<_> = found
            .shares
            .iter()
            .map(|share| share.name.as_str())
            .collect();
        assert_eq!(names, ["German", "Chinese"]);
        assert_eq!(found.examples[0].row, 51);
    }

    #[test]
    fn one_language_is_no_mixture() {
        let words = "a few words in english";
        assert_eq!(finding(&[(ENGLISH, 50), (words, 50), ("ok", 5)]), None);
        // A single long text in another language of the script may be told wrong.
        assert_eq!(finding(&[(ENGLISH, 50), (GERMAN, 1)]), None);
        assert_eq!(finding(&[]), None);
    }
}
