//! Answers that do not stand where the file says.

use crate::data::example::{Example, Target};

/// Puts each answer that is not at its place where the passage has it, if it has it just once;
/// says whether any was moved.
pub(super) fn repair(example: &mut Example) -> bool {
    let Target::Answers(answers) = &mut example.target else {
        return false;
    };
    let mut changed = false;
    for answer in answers {
        if answer.stands_in(&example.text) {
            continue;
        }
        if let Some(start) = answer.only_place(&example.text) {
            answer.start = Some(start);
            changed = true;
        }
    }
    changed
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::example::Answer;

    fn repaired(passage: &str, text: &str, start: impl Into<Option<usize>>) -> (bool, usize) {
        let answer = Answer {
            text: text.into(),
            start: start.into(),
        };
        let mut example = Example {
            row: 1,
            line: 1,
            text: passage.into(),
            pair: None,
            target: Target::Answers(vec![answer]),
            group: None,
            part: None,
        };
        let changed = repair(&mut example);
        match example.target {
            Target::Answers(answers) => (changed, answers[0].start.unwrap()),
            _ => unreachable!(),
        }
    }

    #[test]
    fn an_answer_found_once_is_moved() {
        assert_eq!(repaired("Ünder the sea", "sea", 0), (true, 10));
        assert_eq!(repaired("under the sea", "sea", 99), (true, 10));
        assert_eq!(repaired("under the sea", "sea", None), (true, 10));
    }

    #[test]
    fn others_stay() {
        assert_eq!(repaired("the sea", "sea", 4), (false, 4));
        assert_eq!(repaired("sea to sea", "sea", 3), (false, 3));
        assert_eq!(repaired("aaab", "aa", 3), (false, 3));
        assert_eq!(repaired("the sea", "land", 1), (false, 1));
    }
}
