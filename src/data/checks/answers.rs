//! Whether answers are where the file says that they are.

use super::finding::Share;
use crate::data::example::Answer;

/// The name of answers whose place can be told.
pub(super) const REPAIRABLE: &str = "found once elsewhere";

/// What is wrong with the place of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Misplaced {
    /// It is elsewhere in the passage, once, and can be put right; or the file says no place.
    Repairable,
    /// It is elsewhere in the passage, several times.
    Ambiguous,
    /// It is not in the passage at all.
    Absent,
}

impl Misplaced {
    /// Its name in a report.
    pub fn name(self) -> &'static str {
        match self {
            Self::Repairable => REPAIRABLE,
            Self::Ambiguous => "found several times elsewhere",
            Self::Absent => "not in the passage",
        }
    }
}

/// What is wrong with the place of an answer; `None` when it is where the file says.
pub(super) fn misplaced(passage: &str, answer: &Answer) -> Option<Misplaced> {
    if answer.stands_in(passage) {
        return None;
    }
    Some(match answer.only_place(passage) {
        Some(_) => Misplaced::Repairable,
        None if answer.is_in(passage) => Misplaced::Ambiguous,
        None => Misplaced::Absent,
    })
}

/// What is to be done about the answers of a finding that cleaning cannot put right; `None` where
/// it can all of them.
pub(super) fn advice(shares: &[Share]) -> Option<String> {
    let count = |misplaced: Misplaced| {
        let share = shares.iter().find(|share| share.name == misplaced.name());
        share.map_or(0, |share| share.count)
    };
    let advice = |count: usize, one: &str, several: &str| match count {
        0 => None,
        1 => Some(format!("1 {one}")),
        _ => Some(format!("{count} {several}")),
    };
    let parts = [
        advice(
            count(Misplaced::Absent),
            "answer is not in its passage: copy it out of the passage letter by letter, or drop the row.",
            "answers are not in their passages: copy them out of the passages letter by letter, or \
             drop the rows.",
        ),
        advice(
            count(Misplaced::Ambiguous),
            "answer stands in its passage several times: correct its answer_start.",
            "answers stand in their passages several times: correct their answer_start.",
        ),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    (!parts.is_empty()).then(|| parts.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_looked_for_in_characters() {
        let passage = "在柏林 a Müller lived; Müller died.";
        let check = |text: &str, start: usize| {
            let (text, start) = (text.into(), Some(start));
            misplaced(passage, &Answer { text, start })
        };
        assert_eq!(check("柏林", 1), None);
        assert_eq!(check("Müller", 6), None);
        assert_eq!(check("lived", 13), None);
        assert_eq!(check("lived", 14), Some(Misplaced::Repairable));
        assert_eq!(check("柏林", 3), Some(Misplaced::Repairable));
        assert_eq!(check("Müller", 7), Some(Misplaced::Ambiguous));
        assert_eq!(check("Schmidt", 6), Some(Misplaced::Absent));
        assert_eq!(check("lived", 9999), Some(Misplaced::Repairable));
        assert_eq!(check("", 0), Some(Misplaced::Absent));
    }

    #[test]
    fn ascii_passages_are_no_different() {
        let answer = |start| Answer {
            text: "b".into(),
            start: Some(start),
        };
        assert_eq!(misplaced("a b", &answer(2)), None);
        assert_eq!(misplaced("a b", &answer(3)), Some(Misplaced::Repairable));
        assert_eq!(misplaced("a b", &answer(4)), Some(Misplaced::Repairable));
        // Cleaning would not put it where it begins twice.
        let (text, start) = ("aa".into(), None);
        let twice = Answer { text, start };
        assert_eq!(misplaced("aaa", &twice), Some(Misplaced::Ambiguous));
    }
}
