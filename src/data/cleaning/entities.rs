//! Entities with punctuation at their ends.

use std::ops::Range;

use super::Cleaned;
use super::rule::Rule;
use crate::data::example::{Example, TaggedWord, Target};
use crate::data::tags::{Evidence, TagScheme, entities, is_tag};
use crate::error::{Error, Result};

/// Takes words of nothing but punctuation and white space out of the ends of entities. The words
/// that are left are tagged by the scheme of the file; an entity of nothing else stays.
pub(super) fn trim(cleaned: &mut Cleaned) {
    let Some(scheme) = scheme(&cleaned.examples) else {
        return;
    };
    cleaned.change_all(Rule::TrimEntities, |example| {
        let Target::Tags(words) = &mut example.target else {
            return false;
        };
        let new = trimmed(scheme, &example.text, words);
        let changed = !new.is_empty();
        for (word, tag) in new {
            words[word].tag = tag;
        }
        changed
    });
}

/// Tags the entities of all sentences by `scheme`, whatever scheme the file has; illegal tags are
/// thereby mended as they are read.
///
/// # Errors
/// A tag says nothing about where its entity begins and ends, so that no scheme can be made of it.
pub(super) fn write_in(scheme: TagScheme, cleaned: &mut Cleaned) -> Result<()> {
    check(scheme, &cleaned.examples)?;
    cleaned.change_all(Rule::TagScheme, |example| {
        let Target::Tags(words) = &mut example.target else {
            return false;
        };
        let new = scheme.tags(&entities(&tags(words)), words.len());
        let changed = words.iter().zip(&new).any(|(word, tag)| word.tag != *tag);
        for (word, tag) in words.iter_mut().zip(new) {
            word.tag = tag;
        }
        changed
    });
    Ok(())
}

fn check(scheme: TagScheme, examples: &[Example]) -> Result<()> {
    for example in examples {
        let mut tags = example.labels();
        let foreign = |tag: &&str| !is_tag(tag);
        if let (Target::Tags(_), Some(tag)) = (&example.target, tags.find(foreign)) {
            return Err(Error::new(format!(
                "the tags cannot be written in {scheme}: \"{tag}\" in row {} does not say whether \
                 an entity begins or goes on there, as B- and I- do",
                example.row
            ))
            .remedy("Leave tag_scheme out: the tags are learned as they stand in the file."));
        }
    }
    Ok(())
}

/// The scheme that the tags of all sentences follow.
fn scheme(examples: &[Example]) -> Option<TagScheme> {
    let mut evidence = Evidence::default();
    for example in examples {
        if let Target::Tags(words) = &example.target {
            evidence.add(&tags(words));
        }
    }
    evidence.scheme()
}

fn tags(words: &[TaggedWord]) -> Vec<&str> {
    words.iter().map(|word| word.tag.as_str()).collect()
}

/// The words that get another tag.
fn trimmed(scheme: TagScheme, text: &str, words: &[TaggedWord]) -> Vec<(usize, String)> {
    let tags = tags(words);
    let bare = |word: &usize| is_bare(text.get(words[*word].place.clone()).unwrap_or_default());
    let mut new = Vec::new();
    for (_, entity) in entities(&tags) {
        let first = entity.clone().find(|word| !bare(word));
        let last = entity.clone().rev().find(|word| !bare(word));
        let (Some(first), Some(last)) = (first, last) else {
            continue;
        };
        let kept = first..last + 1;
        if kept == entity {
            continue;
        }
        let outside = entity.filter(|word| !kept.contains(word));
        new.extend(outside.map(|word| (word, "O".to_owned())));
        for word in kept.clone() {
            let tag = retagged(scheme, tags[word], word, &kept);
            new.extend((tag != tags[word]).then_some((word, tag)));
        }
    }
    new
}

/// The tag of a word of an entity, by its place in it.
fn retagged(scheme: TagScheme, tag: &str, word: usize, entity: &Range<usize>) -> String {
    // In IOB1 the letter says what stands before the entity, which stays as it is.
    if scheme == TagScheme::Iob1 {
        return tag.to_owned();
    }
    let letter = scheme.letter(word == entity.start, word + 1 == entity.end);
    let mut rest = tag.chars();
    rest.next();
    format!("{letter}{}", rest.as_str())
}

/// Whether a word is nothing but white space and punctuation; signs that are read, such as `$` and
/// `%`, are none.
fn is_bare(word: &str) -> bool {
    const PUNCTUATION: &str =
        ".,;:!?\"'`()[]{}«»‹›“”‘’„…·-–—、。，；：！？（）【】《》〈〉「」『』";
    word.chars()
        .all(|c| c.is_whitespace() || c.is_control() || c == '\u{200B}' || PUNCTUATION.contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The tags of a sentence of `word/tag` after trimming.
    fn check(sentence: &str, expected: &str) {
        let mut text = String::new();
        let mut words = Vec::new();
        for (word, tag) in sentence.split(' ').filter_map(|pair| pair.rsplit_once('/')) {
            let start = text.len();
            text.push_str(word);
            words.push(TaggedWord {
                place: start..text.len(),
                tag: tag.into(),
            });
            text.push(' ');
        }
        let example = Example {
            row: 1,
            line: 1,
            text,
            pair: None,
            target: Target::Tags(words),
            group: None,
            part: None,
        };
        let mut cleaned = Cleaned {
            examples: vec![example],
            ..Cleaned::default()
        };
        trim(&mut cleaned);
        let Target::Tags(words) = &cleaned.examples[0].target else {
            panic!("the target is another");
        };
        assert_eq!(tags(words).join(" "), expected, "{sentence}");
        let before: Vec<&str> = sentence
            .split(' ')
            .filter_map(|pair| pair.rsplit('/').next())
            .collect();
        let changed = usize::from(before.join(" ") != expected);
        assert_eq!(
            cleaned
                .changed
                .get(&Rule::TrimEntities)
                .copied()
                .unwrap_or(0),
            changed
        );
    }

    #[test]
    fn punctuation_leaves_the_entity_in_every_scheme() {
        check(
            "in/O \"/B-ORG Acme/I-ORG Co/I-ORG ./I-ORG",
            "O O B-ORG I-ORG O",
        );
        check(
            "\"/B-ORG Acme/M-ORG Co/M-ORG ./E-ORG x/S-LOC",
            "O B-ORG E-ORG O S-LOC",
        );
        check(
            "Acme/B-ORG ./E-ORG a/B-X b/I-X c/E-X",
            "S-ORG O B-X I-X E-X",
        );
        check("(/B-ORG Acme/L-ORG x/U-LOC", "O U-ORG U-LOC");
        check("(/I-ORG Acme/I-ORG x/O y/I-LOC", "O I-ORG O I-LOC");
    }

    #[test]
    fn what_belongs_to_the_entity_stays() {
        check(
            "U.S./B-LOC A/B-ORG &/I-ORG B/I-ORG",
            "B-LOC B-ORG I-ORG I-ORG",
        );
        check("$/B-MONEY 5/I-MONEY ./O", "B-MONEY I-MONEY O");
        check("x/B-X ,/I-X y/I-X", "B-X I-X I-X");
        check("?/B-X x/B-X", "B-X B-X");
        check("./NN x/NN", "NN NN");
    }
}
