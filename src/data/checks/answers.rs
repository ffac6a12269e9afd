//! Whether answers are where the file says that they are.

use crate::data::example::Answer;

/// What is wrong with the place of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Misplaced {
    /// It is elsewhere in the passage, once, and can be put right.
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
            Self::Repairable => "found once elsewhere",
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
    let mut places = passage.match_indices(&answer.text);
    Some(
        match (answer.text.is_empty(), places.next(), places.next()) {
            (true, ..) | (_, None, _) => Misplaced::Absent,
            (_, Some(_), None) => Misplaced::Repairable,
            _ => Misplaced::Ambiguous,
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_looked_for_in_characters() {
        let passage = "在柏林 a Müller lived; Müller died.";
        let check = |text: &str, start: usize| {
            let text = text.into();
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
            start,
        };
        assert_eq!(misplaced("a b", &answer(2)), None);
        assert_eq!(misplaced("a b", &answer(3)), Some(Misplaced::Repairable));
        assert_eq!(misplaced("a b", &answer(4)), Some(Misplaced::Repairable));
    }
}
