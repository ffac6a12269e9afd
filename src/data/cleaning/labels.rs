//! Labels with new names.

use std::collections::BTreeMap;

use crate::data::example::{Example, Target};
use crate::data::tags::entity_type;
use crate::error::{Error, Result};

/// Renames the labels of an example; says whether any has a new name.
///
/// Labels that come to have one name are one label. Of a tag such as `B-PER` the type is renamed.
pub(super) fn rename(names: &BTreeMap<String, String>, example: &mut Example) -> bool {
    if names.is_empty() {
        return false;
    }
    match &mut example.target {
        Target::Label(label) => renamed(names, label),
        Target::Labels(labels) => {
            let mut changed = false;
            for label in labels.iter_mut() {
                changed |= renamed(names, label);
            }
            let mut seen = Vec::with_capacity(labels.len());
            labels.retain(|label| {
                let new = !seen.contains(label);
                seen.extend(new.then(|| label.clone()));
                new
            });
            changed
        }
        Target::Tags(words) => {
            let mut changed = false;
            for word in words {
                changed |= renamed_type(names, &mut word.tag);
            }
            changed
        }
        Target::Scores(_) | Target::Answers(_) | Target::Text(_) | Target::Nothing => false,
    }
}

fn renamed(names: &BTreeMap<String, String>, label: &mut String) -> bool {
    match names.get(label).filter(|name| *name != label) {
        Some(name) => {
            label.clone_from(name);
            true
        }
        None => false,
    }
}

/// Renames the type of a tag (`PER` of `B-PER`), or all of a tag that has none (`NN`).
fn renamed_type(names: &BTreeMap<String, String>, tag: &mut String) -> bool {
    let kind = entity_type(tag)
        .filter(|kind| !kind.is_empty())
        .unwrap_or(tag);
    match names.get(kind).filter(|name| *name != kind) {
        Some(name) => {
            let prefix = &tag[..tag.len() - kind.len()];
            *tag = format!("{prefix}{name}");
            true
        }
        None => false,
    }
}

/// Fails on an empty name and on a name that is renamed in turn, which would make the result
/// depend on how often the labels are renamed.
pub(super) fn check(names: &BTreeMap<String, String>) -> Result<()> {
    for (old, new) in names {
        if new.trim().is_empty() {
            return Err(
                Error::new(format!("the label \"{old}\" is renamed to nothing"))
                    .remedy("Give it a name under [data.cleaning.labels]."),
            );
        }
        if let Some(next) = names.get(new).filter(|next| *next != new) {
            return Err(Error::new(format!(
                "the label \"{old}\" becomes \"{new}\", which itself becomes \"{next}\""
            ))
            .remedy("Name the last one directly under [data.cleaning.labels]."));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::example::TaggedWord;

    fn names(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        let pairs = pairs.iter();
        pairs.map(|&(old, new)| (old.into(), new.into())).collect()
    }

    fn example(target: Target) -> Example {
        Example {
            row: 1,
            line: 1,
            text: "t".into(),
            pair: None,
            target,
            group: None,
            part: None,
        }
    }

    #[test]
    fn labels_are_renamed_and_merged() {
        let names = names(&[("pos", "positive"), ("good", "positive")]);
        let mut one = example(Target::Label("pos".into()));
        assert!(rename(&names, &mut one));
        assert_eq!(one.label(), "positive");
        assert!(!rename(&names, &mut one));
        let labels = ["good", "new", "pos"].map(str::to_owned).to_vec();
        let mut several = example(Target::Labels(labels));
        assert!(rename(&names, &mut several));
        let expected = ["positive", "new"].map(str::to_owned).to_vec();
        assert_eq!(several.target, Target::Labels(expected));
    }

    #[test]
    fn tags_keep_their_prefix() {
        let word = |tag: &str| TaggedWord {
            place: 0..1,
            tag: tag.into(),
        };
        let tags = ["B-PER", "O", "I_PER", "PER", "B-PERSON"];
        let mut sentence = example(Target::Tags(tags.map(word).to_vec()));
        assert!(rename(&names(&[("PER", "PERSON")]), &mut sentence));
        let expected = ["B-PERSON", "O", "I_PERSON", "PERSON", "B-PERSON"]
            .map(word)
            .to_vec();
        assert_eq!(sentence.target, Target::Tags(expected));
    }

    #[test]
    fn chains_and_nothing_are_refused() {
        assert!(check(&names(&[("a", "b"), ("c", "b")])).is_ok());
        let chain = check(&names(&[("a", "b"), ("b", "c")])).unwrap_err();
        assert!(chain.to_string().contains("\"a\" becomes \"b\""), "{chain}");
        assert!(check(&names(&[("a", "b"), ("b", "a")])).is_err());
        assert!(check(&names(&[("a", " ")])).is_err());
    }
}
