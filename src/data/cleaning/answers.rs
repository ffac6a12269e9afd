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
        if let Some(start) = only_place(&example.text, &answer.text) {
            answer.start = start;
            changed = true;
        }
    }
    changed
}

/// Where `text` starts in the passage, in characters, if it stands there exactly once.
fn only_place(passage: &str, text: &str) -> Option<usize> {
    if text.is_empty() {
        return None;
    }
    let first = passage.find(text)?;
    // An occurrence may begin inside the first one: "aa" stands twice in "aaa".
    let next = first + passage[first..].chars().next().map_or(1, char::len_utf8);
    if passage[next..].contains(text) {
        return None;
    }
    Some(passage[..first].chars().count())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::example::Answer;

    fn repaired(passage: &str, text: &str, start: usize) -> (bool, usize) {
        let answer = Answer {
            text: text.into(),
            start,
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
            Target::Answers(answers) => (changed, answers[0].start),
            _ => unreachable!(),
        }
    }

    #[test]
    fn an_answer_found_once_is_moved() {
        assert_eq!(repaired("Ünder the sea", "sea", 0), (true, 10));
        assert_eq!(repaired("under the sea", "sea", 99), (true, 10));
    }

    #[test]
    fn others_stay() {
        assert_eq!(repaired("the sea", "sea", 4), (false, 4));
        assert_eq!(repaired("sea to sea", "sea", 3), (false, 3));
        assert_eq!(repaired("aaab", "aa", 3), (false, 3));
        assert_eq!(repaired("the sea", "land", 1), (false, 1));
    }
}
