//! Tags that mark entities word by word: which scheme a file uses, where its entities are, and
//! which of its tags cannot stand where they do.
//!
//! A tag is `O` or a letter and a type, such as `B-PER` (`B_PER` is read too, and a letter alone,
//! as in word segmentation). The letters mean that an entity begins (B), goes on (I, M), ends
//! (E, L) or is a single word (S, U, W). CoNLL-2003 is written in IOB1 (Ramshaw and Marcus, 1995),
//! its copy on the Hugging Face hub in IOB2 (Tjong Kim Sang and Veenstra, 1999).

use std::fmt;
use std::ops::Range;

use serde::{Deserialize, Serialize};

/// How tags mark where an entity begins and ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TagScheme {
    /// `I` for every word; `B` only for the first of an entity right after another of its type.
    Iob1,
    /// `B` for the first word, `I` for the others; also called BIO.
    Iob2,
    /// IOB2 with `E` for the last word and `S` for a single one.
    Bioes,
    /// BIOES with other letters: `M` for `I`.
    Bmes,
    /// BIOES with other letters: `L` for `E`, `U` for `S`.
    Bilou,
}

impl TagScheme {
    /// Every scheme.
    pub const ALL: [Self; 5] = [Self::Iob1, Self::Iob2, Self::Bioes, Self::Bmes, Self::Bilou];

    /// The scheme of a file, from the tags of its sentences; `None` when they mark no entities (a
    /// tag without one of the letters, or `O` only).
    pub fn detect<S, T>(sentences: S) -> Option<Self>
    where
        S: IntoIterator,
        S::Item: AsRef<[T]>,
        T: AsRef<str>,
    {
        let mut evidence = Evidence::default();
        for sentence in sentences {
            evidence.add(sentence.as_ref());
        }
        evidence.scheme()
    }

    /// The positions of the tags of a sentence that the scheme does not allow where they stand.
    ///
    /// An entity that is never ended, in a scheme that ends them, is charged to the tag that comes
    /// instead, or to the last one of the sentence.
    pub fn illegal<T: AsRef<str>>(self, tags: &[T]) -> Vec<usize> {
        let mut illegal = Vec::new();
        let mut before = Tag::Outside;
        for (position, tag) in tags.iter().enumerate() {
            let tag = Tag::of(tag.as_ref());
            if !tag.is_some_and(|tag| self.knows(tag) && self.allows(before, tag)) {
                illegal.push(position);
            }
            before = tag.unwrap_or(Tag::Outside);
        }
        let last = tags.len().checked_sub(1);
        if let Some(last) = last.filter(|last| !illegal.contains(last))
            && !self.allows(before, Tag::Outside)
        {
            illegal.push(last);
        }
        illegal
    }

    fn knows(self, tag: Tag) -> bool {
        let letters = match self {
            Self::Iob1 | Self::Iob2 => "BI",
            Self::Bioes => "BIES",
            Self::Bmes => "BMESW",
            Self::Bilou => "BILU",
        };
        match tag {
            Tag::Outside => true,
            Tag::Inside { letter, .. } => letters.contains(letter),
        }
    }

    /// The letter of the first, the last, the only or another word of an entity. In IOB1, where it
    /// says whether an entity of the same type comes right before, that of one where none does.
    pub fn letter(self, first: bool, last: bool) -> char {
        match (self, first, last) {
            (Self::Iob1, ..) => 'I',
            (Self::Bioes | Self::Bmes, true, true) => 'S',
            (Self::Bilou, true, true) => 'U',
            (_, true, _) => 'B',
            (Self::Bioes | Self::Bmes, _, true) => 'E',
            (Self::Bilou, _, true) => 'L',
            (Self::Bmes, ..) => 'M',
            _ => 'I',
        }
    }

    /// The tags of a sentence of so many words with these entities (see [`entities`]).
    pub fn tags(self, entities: &[(&str, Range<usize>)], words: usize) -> Vec<String> {
        let mut tags = vec!["O".to_owned(); words];
        let mut before: Option<(&str, usize)> = None;
        for (kind, entity) in entities {
            for word in entity.clone() {
                let (first, last) = (word == entity.start, word + 1 == entity.end);
                let mut letter = self.letter(first, last);
                if self == Self::Iob1 && first && before == Some((kind, word)) {
                    letter = 'B';
                }
                tags[word] = match *kind {
                    "" => letter.to_string(),
                    kind => format!("{letter}-{kind}"),
                };
            }
            before = Some((kind, entity.end));
        }
        tags
    }

    /// Whether an entity begins with `tag`.
    fn begins(self, before: Tag, tag: Tag) -> bool {
        let same = before.kind() == tag.kind();
        match (self, tag.part()) {
            (Self::Iob1, Some(Part::Middle)) => before.part() != Some(Part::Middle) || !same,
            (Self::Iob1, Some(Part::First)) => same && before != Tag::Outside,
            (_, part) => matches!(part, Some(Part::First | Part::Single)),
        }
    }

    /// Whether `tag` belongs to the entity that `before` belongs to.
    fn goes_on(self, before: Tag, tag: Tag) -> bool {
        let open = matches!(before.part(), Some(Part::First | Part::Middle));
        let inner = match self {
            Self::Iob1 | Self::Iob2 => matches!(tag.part(), Some(Part::Middle)),
            _ => matches!(tag.part(), Some(Part::Middle | Part::Last)),
        };
        open && inner && before.kind() == tag.kind()
    }

    /// Whether an entity whose last tag is `last` has ended when `after` follows.
    fn ends(self, last: Tag, after: Tag) -> bool {
        match self {
            // A B of another type must not follow in IOB1.
            Self::Iob1 => {
                after.part() != Some(Part::First)
                    || last.kind() == after.kind()
                    || last.part() == Some(Part::Middle)
            }
            Self::Iob2 => true,
            _ => matches!(last.part(), Some(Part::Last | Part::Single)),
        }
    }

    /// Whether `tag` may follow `before`; both have letters that the scheme knows.
    fn allows(self, before: Tag, tag: Tag) -> bool {
        let (part, same) = match tag {
            Tag::Outside => (None, false),
            Tag::Inside { .. } => (tag.part(), tag.kind() == before.kind()),
        };
        let open = matches!(before.part(), Some(Part::First | Part::Middle));
        match (self, part) {
            (Self::Iob1, Some(Part::First)) => before != Tag::Outside && same,
            (Self::Iob1, _) => true,
            (Self::Iob2, Some(Part::Middle)) => open && same,
            (Self::Iob2, _) => true,
            (_, Some(Part::Middle | Part::Last)) => open && same,
            (_, Some(Part::First | Part::Single) | None) => !open,
        }
    }
}

impl fmt::Display for TagScheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Iob1 => "IOB1",
            Self::Iob2 => "IOB2",
            Self::Bioes => "BIOES",
            Self::Bmes => "BMES",
            Self::Bilou => "BILOU",
        })
    }
}

/// What the sentences seen so far say about the scheme.
#[derive(Debug, Clone, Default)]
pub struct Evidence {
    /// How often each letter occurs, from `A` on.
    letters: [usize; 26],
    /// Whether there is a tag that is neither `O` nor a letter and a type.
    foreign: bool,
    outside: bool,
    /// Entities that begin with `B`, and with `I`, where no entity of their type comes before.
    begun_with: [usize; 2],
}

impl Evidence {
    /// Takes the tags of a sentence into account.
    pub fn add<T: AsRef<str>>(&mut self, tags: &[T]) {
        let mut before = Tag::Outside;
        for tag in tags {
            let tag = Tag::of(tag.as_ref());
            match tag {
                None => self.foreign = true,
                Some(Tag::Outside) => self.outside = true,
                Some(Tag::Inside { letter, .. }) => {
                    self.letters[place(letter)] += 1;
                    if tag.and_then(Tag::kind) != before.kind() {
                        self.begun_with[0] += usize::from(letter == 'B');
                        self.begun_with[1] += usize::from(letter == 'I');
                    }
                }
            }
            before = tag.unwrap_or(Tag::Outside);
        }
    }

    /// Takes into account what other sentences say.
    pub fn merge(&mut self, other: &Self) {
        for (sum, count) in self.letters.iter_mut().zip(other.letters) {
            *sum += count;
        }
        self.foreign |= other.foreign;
        self.outside |= other.outside;
        for (sum, count) in self.begun_with.iter_mut().zip(other.begun_with) {
            *sum += count;
        }
    }

    /// The scheme that fits most tags; `None` when the tags mark no entities.
    pub fn scheme(&self) -> Option<TagScheme> {
        let count = |letters: &str| -> usize {
            let letters = letters.chars();
            letters.map(|letter| self.letters[place(letter)]).sum()
        };
        let [with_b, with_i] = self.begun_with;
        if self.foreign || self.letters.iter().all(|&count| count == 0) {
            return None;
        }
        // A scheme with letters for the end has one for each entity; elsewhere they are slips.
        let begun = count("BSUW") + with_i;
        let (bilou, others) = (count("LU"), count("ESW"));
        let ends = 2 * (bilou + others) >= begun;
        let middle = count("M") > count("I");
        if ends && bilou > others {
            Some(TagScheme::Bilou)
        } else if ends || middle {
            // Entities of one and two words tell nothing; where every word has its place (word
            // segmentation) BMES is the custom.
            let bmes = middle || count("W") > count("S") || count("I") == 0 && !self.outside;
            Some(if bmes {
                TagScheme::Bmes
            } else {
                TagScheme::Bioes
            })
        } else if with_i > with_b {
            Some(TagScheme::Iob1)
        } else {
            Some(TagScheme::Iob2)
        }
    }
}

/// The place of a capital letter in the alphabet.
fn place(letter: char) -> usize {
    letter as usize - 'A' as usize
}

/// The entities of a sentence: each one's type and the words it covers.
///
/// Read leniently, as seqeval does by default: an entity begins with its first letter, or where
/// the type changes or nothing came before, and so is found in any scheme and in spite of illegal
/// tags. Tags that mark no entity count as `O`.
pub fn entities<'a>(tags: &[&'a str]) -> Vec<(&'a str, Range<usize>)> {
    let mut entities: Vec<(&'a str, Range<usize>)> = Vec::new();
    let mut before = Tag::Outside;
    for (position, tag) in tags.iter().enumerate() {
        let tag = Tag::of(tag).unwrap_or(Tag::Outside);
        if let Some(kind) = tag.kind() {
            let begins = matches!(tag.part(), Some(Part::First | Part::Single))
                || matches!(before.part(), Some(Part::Last | Part::Single))
                || before.kind() != Some(kind);
            match entities.last_mut() {
                Some((_, words)) if !begins => words.end = position + 1,
                _ => entities.push((kind, position..position + 1)),
            }
        }
        before = tag;
    }
    entities
}

/// The entities of a sentence whose tags follow the scheme from the first word to the last, as
/// seqeval's strict mode has them (`scheme.py`).
pub fn strict_entities<'a>(scheme: TagScheme, tags: &[&'a str]) -> Vec<(&'a str, Range<usize>)> {
    let tags: Vec<Tag<'a>> = tags
        .iter()
        .map(|tag| Tag::of(tag).unwrap_or(Tag::Outside))
        .collect();
    let mut entities = Vec::new();
    let mut at = 0;
    while at < tags.len() {
        let before = at
            .checked_sub(1)
            .map_or(Tag::Outside, |before| tags[before]);
        let Some(kind) = tags[at].kind().filter(|_| scheme.begins(before, tags[at])) else {
            at += 1;
            continue;
        };
        let goes_on =
            |&next: &usize| next < tags.len() && scheme.goes_on(tags[next - 1], tags[next]);
        let end = (at + 1..).take_while(goes_on).last().unwrap_or(at) + 1;
        let after = tags.get(end).copied().unwrap_or(Tag::Outside);
        if scheme.ends(tags[end - 1], after) {
            entities.push((kind, at..end));
            at = end;
        } else {
            at += 1;
        }
    }
    entities
}

/// How the tags of a file are written, where they follow a scheme; by it a tag that belongs to none
/// is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TagForm {
    /// A letter and a type: `B-PER`.
    Typed,
    /// A letter alone, as in word segmentation.
    Bare,
}

impl TagForm {
    /// How these tags are written; `None` where they follow no scheme: types alone, parts of
    /// speech.
    ///
    /// Three in four settle it, `O` aside. Where tags follow no scheme hardly any is written as
    /// if, and in small files a few slips are many.
    pub fn detect<'a>(tags: impl IntoIterator<Item = &'a str>) -> Option<Self> {
        let (mut typed, mut bare, mut all) = (0, 0, 0);
        for tag in tags.into_iter().filter(|&tag| tag != "O") {
            all += 1;
            typed += usize::from(Self::Typed.fits(tag));
            bare += usize::from(Self::Bare.fits(tag));
        }
        let settles = |count: usize| count > 0 && count * 4 >= all * 3;
        match (settles(typed), settles(bare)) {
            (true, _) => Some(Self::Typed),
            (_, true) => Some(Self::Bare),
            _ => None,
        }
    }

    /// Whether a tag is written so, or is `O`.
    pub fn fits(self, tag: &str) -> bool {
        match Tag::of(tag) {
            None => false,
            Some(Tag::Outside) => true,
            Some(Tag::Inside { kind, .. }) => kind.is_empty() == (self == Self::Bare),
        }
    }

    /// What a tag has to be.
    pub fn expected(self) -> &'static str {
        match self {
            Self::Typed => "O, or B-, I-, E-, S-, M-, L-, U- or W- and a type",
            Self::Bare => "O, or one of the letters B, I, E, S, M, L, U and W",
        }
    }
}

/// Whether this is `O`, or a letter that marks a place in an entity, with a type or alone.
pub(super) fn is_tag(tag: &str) -> bool {
    Tag::of(tag).is_some()
}

/// The type of a tag: `PER` of `B-PER`, nothing of a letter alone; `None` for `O` and for a tag
/// that marks no entity.
pub fn entity_type(tag: &str) -> Option<&str> {
    Tag::of(tag)?.kind()
}

/// A tag taken apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tag<'a> {
    Outside,
    Inside { letter: char, kind: &'a str },
}

/// Which word of an entity a letter marks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    First,
    Middle,
    Last,
    Single,
}

impl<'a> Tag<'a> {
    fn of(tag: &'a str) -> Option<Self> {
        if tag == "O" {
            return Some(Self::Outside);
        }
        let letter = tag
            .chars()
            .next()
            .filter(|&letter| part(letter).is_some())?;
        let rest = &tag[letter.len_utf8()..];
        let kind = match rest.strip_prefix(['-', '_']) {
            Some(kind) if !kind.is_empty() => kind,
            None if rest.is_empty() => "",
            _ => return None,
        };
        Some(Self::Inside { letter, kind })
    }

    fn kind(self) -> Option<&'a str> {
        match self {
            Self::Outside => None,
            Self::Inside { kind, .. } => Some(kind),
        }
    }

    fn part(self) -> Option<Part> {
        match self {
            Self::Outside => None,
            Self::Inside { letter, .. } => part(letter),
        }
    }
}

fn part(letter: char) -> Option<Part> {
    match letter {
        'B' => Some(Part::First),
        'I' | 'M' => Some(Part::Middle),
        'E' | 'L' => Some(Part::Last),
        'S' | 'U' | 'W' => Some(Part::Single),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(sentence: &str) -> Vec<&str> {
        sentence.split_whitespace().collect()
    }

    fn detect(sentences: &[&str]) -> Option<TagScheme> {
        TagScheme::detect(sentences.iter().map(|sentence| split(sentence)))
    }

    #[test]
    fn schemes_are_told_apart() {
        let cases: &[(&[&str], Option<TagScheme>)] = &[
            (
                &["I-PER I-PER O I-LOC", "I-PER B-PER O"],
                Some(TagScheme::Iob1),
            ),
            (&["I-ORG O I-MISC O O O"], Some(TagScheme::Iob1)),
            (
                &["B-PER I-PER O B-LOC", "B-PER B-PER O"],
                Some(TagScheme::Iob2),
            ),
            (
                &["B-PER O", "O O I-LOC O", "B-LOC O B-LOC"],
                Some(TagScheme::Iob2),
            ),
            (&["B-PER E-PER O S-LOC"], Some(TagScheme::Bioes)),
            (&["B-PER I-PER E-PER O S-LOC"], Some(TagScheme::Bioes)),
            (&["B-PER M-PER E-PER O S-LOC"], Some(TagScheme::Bmes)),
            (&["B_PER M_PER E_PER O"], Some(TagScheme::Bmes)),
            (&["B E S S B E"], Some(TagScheme::Bmes)),
            (&["B-PER I-PER L-PER O U-LOC"], Some(TagScheme::Bilou)),
            (&["NN VBZ IN DT"], None),
            (&["PER O O LOC"], None),
            (&["O O O"], None),
            (&[], None),
        ];
        for (sentences, expected) in cases {
            assert_eq!(detect(sentences), *expected, "{sentences:?}");
        }
    }

    #[test]
    fn a_few_letters_of_another_scheme_are_slips() {
        let with = |usual: &str, slip: &str| {
            let mut sentences = vec![usual; 20];
            sentences.push(slip);
            detect(&sentences)
        };
        for slip in [
            "B-PER E-PER O",
            "O S-PER",
            "U-LOC O",
            "B-PER L-PER",
            "B-LOC M-LOC",
        ] {
            assert_eq!(
                with("B-PER I-PER O B-LOC", slip),
                Some(TagScheme::Iob2),
                "{slip}"
            );
            assert_eq!(
                with("I-PER I-PER O I-LOC", slip),
                Some(TagScheme::Iob1),
                "{slip}"
            );
        }
        let bioes = "B-PER I-PER E-PER O S-LOC";
        for slip in [
            "B-PER L-PER",
            "U-PER O",
            "B-PER M-PER E-PER",
            "B-PER I-PER O",
        ] {
            assert_eq!(with(bioes, slip), Some(TagScheme::Bioes), "{slip}");
        }
        let bilou = "B-PER I-PER L-PER O U-LOC";
        assert_eq!(with(bilou, "B-PER E-PER O S-LOC"), Some(TagScheme::Bilou));
        let bmes = "B-PER M-PER E-PER O S-LOC";
        assert_eq!(with(bmes, "B-PER I-PER E-PER"), Some(TagScheme::Bmes));
    }

    #[test]
    fn a_tag_of_no_scheme_is_told_where_the_others_follow_one() {
        let form = |tags: &str| TagForm::detect(split(tags));
        let typed = form("B-PER I-PER O B-LOC S-ORG E_X Q-PER").unwrap();
        assert_eq!(typed, TagForm::Typed);
        for tag in ["O", "B-PER", "I_PER", "E-X-Y"] {
            assert!(typed.fits(tag), "{tag}");
        }
        for tag in ["Q-PER", "I-", "E-", "B", "PER", "BPER", "", "o", "X"] {
            assert!(!typed.fits(tag), "{tag}");
        }
        let bare = form("B E S S B M E X").unwrap();
        assert_eq!(bare, TagForm::Bare);
        assert!(bare.fits("S") && !bare.fits("X") && !bare.fits("B-PER"));
        for tags in ["PER O LOC O", "NN VBZ IN S DT B", "0 3 4 0", "O O", ""] {
            assert_eq!(form(tags), None, "{tags}");
        }
    }

    #[test]
    fn illegal_tags_depend_on_the_scheme() {
        let cases: &[(TagScheme, &str, &[usize])] = &[
            (TagScheme::Iob1, "O I-PER I-LOC B-LOC O", &[]),
            (TagScheme::Iob1, "O B-PER O", &[1]),
            (TagScheme::Iob2, "B-PER I-PER O B-LOC B-LOC", &[]),
            (TagScheme::Iob2, "O I-PER I-PER", &[1]),
            (TagScheme::Iob2, "I-PER O", &[0]),
            (TagScheme::Iob2, "B-PER I-LOC", &[1]),
            (TagScheme::Iob2, "B-PER E-PER PER", &[1, 2]),
            (
                TagScheme::Bioes,
                "B-PER I-PER E-PER S-LOC O B-LOC E-LOC",
                &[],
            ),
            (TagScheme::Bioes, "B-PER O", &[1]),
            (TagScheme::Bioes, "O B-PER", &[1]),
            (TagScheme::Bioes, "E-PER S-PER I-PER", &[0, 2]),
            (TagScheme::Bmes, "B-NAME M-NAME E-NAME O", &[]),
            (TagScheme::Bmes, "B-NAME E-ORG O", &[1]),
            (TagScheme::Bilou, "B-PER I-PER L-PER U-LOC", &[]),
            (TagScheme::Bilou, "B-PER U-LOC", &[1]),
            (TagScheme::Iob2, "", &[]),
        ];
        for (scheme, tags, expected) in cases {
            assert_eq!(scheme.illegal(&split(tags)), *expected, "{scheme} {tags}");
        }
    }

    #[test]
    fn entities_are_found_in_every_scheme() {
        for tags in [
            "O B-PER I-PER I-PER B-PER O B-LOC",
            "O I-PER I-PER I-PER B-PER O I-LOC",
            "O B-PER I-PER E-PER S-PER O S-LOC",
            "O B-PER M-PER E-PER S-PER O S-LOC",
            "O B-PER I-PER L-PER U-PER O U-LOC",
        ] {
            let expected = [("PER", 1..4), ("PER", 4..5), ("LOC", 6..7)];
            assert_eq!(entities(&split(tags)), expected, "{tags}");
        }
    }

    #[test]
    fn any_scheme_is_written_in_any_other() {
        let written = [
            (TagScheme::Iob1, "O I-PER I-PER I-PER B-PER O I-LOC I-PER"),
            (TagScheme::Iob2, "O B-PER I-PER I-PER B-PER O B-LOC B-PER"),
            (TagScheme::Bioes, "O B-PER I-PER E-PER S-PER O S-LOC S-PER"),
            (TagScheme::Bmes, "O B-PER M-PER E-PER S-PER O S-LOC S-PER"),
            (TagScheme::Bilou, "O B-PER I-PER L-PER U-PER O U-LOC U-PER"),
        ];
        for (_, from) in written {
            let found = split(from);
            for (scheme, to) in written {
                assert_eq!(scheme.tags(&entities(&found), found.len()), split(to));
            }
        }
    }

    #[test]
    fn entities_are_found_in_spite_of_illegal_tags() {
        let tags = split("I-PER I-LOC O E-LOC I-LOC NN B-ORG");
        let expected = [
            ("PER", 0..1),
            ("LOC", 1..2),
            ("LOC", 3..4),
            ("LOC", 4..5),
            ("ORG", 6..7),
        ];
        assert_eq!(entities(&tags), expected);
        assert_eq!(entities(&split("B E S")), [("", 0..2), ("", 2..3)]);
        assert_eq!(entity_type("B-PER"), Some("PER"));
        assert_eq!(entity_type("O"), None);
    }
}
