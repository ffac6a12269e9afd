//! Exact match and F1 of answers, as the official SQuAD script computes them (Rajpurkar et al.
//! 2016 and 2018; `evaluate-v2.0.py`).

use std::collections::HashMap;

use super::scores::{Scores, names};

/// How right one answer is: exact match (0 or 1) and F1 of its words, the best over the answers
/// that count as right. None counting as right means that there is no answer, which an empty one
/// says.
pub fn score_answer<S: AsRef<str>>(given: &str, gold: &[S]) -> (f64, f64) {
    let given = words(given);
    let mut best: (f64, f64) = (0.0, 0.0);
    let mut any = false;
    // The script leaves out answers of which nothing remains.
    for gold in gold
        .iter()
        .map(|gold| words(gold.as_ref()))
        .filter(|words| !words.is_empty())
    {
        any = true;
        let exact = f64::from(u8::from(given == gold));
        best = (best.0.max(exact), best.1.max(f1(&given, &gold)));
    }
    if any {
        best
    } else {
        let right = f64::from(u8::from(given.is_empty()));
        (right, right)
    }
}

/// Lower case, without punctuation and articles, by its words.
fn words(text: &str) -> Vec<String> {
    let lower = text.to_lowercase();
    // Python's string.punctuation is ASCII's.
    let plain: String = lower
        .chars()
        .filter(|c| !c.is_ascii_punctuation())
        .collect();
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    // `\b(a|an|the)\b` is replaced by a space: an article stands between characters that are not
    // of words.
    let mut kept = String::with_capacity(plain.len());
    let mut rest = plain.as_str();
    while let Some(start) = rest.find(is_word) {
        let after = &rest[start..];
        let end = after.find(|c| !is_word(c)).unwrap_or(after.len());
        kept.push_str(&rest[..start]);
        match &after[..end] {
            "a" | "an" | "the" => kept.push(' '),
            word => kept.push_str(word),
        }
        rest = &after[end..];
    }
    kept.push_str(rest);
    kept.split_whitespace().map(str::to_owned).collect()
}

fn f1(given: &[String], gold: &[String]) -> f64 {
    let mut left: HashMap<&str, usize> = HashMap::new();
    for word in gold {
        *left.entry(word).or_default() += 1;
    }
    let mut same = 0usize;
    for word in given {
        if let Some(count) = left.get_mut(word.as_str()).filter(|count| **count > 0) {
            *count -= 1;
            same += 1;
        }
    }
    if same == 0 {
        return 0.0;
    }
    let precision = same as f64 / given.len() as f64;
    let recall = same as f64 / gold.len() as f64;
    2.0 * precision * recall / (precision + recall)
}

/// Exact match and F1 of many answers, those of questions with and without an answer apart.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct AnswerScores {
    /// Questions with an answer, their summed exact matches and F1.
    answerable: Sums,
    unanswerable: Sums,
}

#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct Sums {
    count: u64,
    exact: f64,
    f1: f64,
}

impl Sums {
    fn add(&mut self, (exact, f1): (f64, f64)) {
        self.count += 1;
        self.exact += exact;
        self.f1 += f1;
    }

    fn set(self, scores: &mut Scores, exact: &str, f1: &str) {
        if self.count > 0 {
            scores.set(exact, self.exact / self.count as f64);
            scores.set(f1, self.f1 / self.count as f64);
        }
    }
}

impl AnswerScores {
    /// Counts one answer by its exact match and F1 (see [`score_answer`]).
    pub fn add(&mut self, answerable: bool, score: (f64, f64)) {
        if answerable {
            &mut self.answerable
        } else {
            &mut self.unanswerable
        }
        .add(score);
    }

    /// Exact match and F1 in 0..=1 over all questions, and of those with and without an answer
    /// where there are both; nothing without questions.
    pub fn scores(&self) -> Scores {
        let (with, without) = (self.answerable, self.unanswerable);
        let all = Sums {
            count: with.count + without.count,
            exact: with.exact + without.exact,
            f1: with.f1 + without.f1,
        };
        let mut scores = Scores::default();
        all.set(&mut scores, names::EXACT_MATCH, names::F1);
        if with.count > 0 && without.count > 0 {
            with.set(
                &mut scores,
                names::EXACT_MATCH_ANSWERABLE,
                names::F1_ANSWERABLE,
            );
            // Both are the share of questions that were rightly left without an answer.
            scores.set(
                names::NO_ANSWER_ACCURACY,
                without.exact / without.count as f64,
            );
        }
        scores
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_compared_as_the_script_does() {
        let none: [&str; 0] = [];
        assert_eq!(score_answer("The Cat.", &["a cat"]), (1.0, 1.0));
        assert_eq!(score_answer("", &none), (1.0, 1.0));
        assert_eq!(score_answer("cat", &none), (0.0, 0.0));
        assert_eq!(score_answer("", &["cat"]), (0.0, 0.0));
        // An answer of which nothing remains does not count beside another.
        assert_eq!(score_answer("the", &["the", "a cat"]), (0.0, 0.0));
        let (exact, f1) = score_answer("black cat cat", &["the black dog", "cat nap"]);
        assert!(exact == 0.0 && (f1 - 0.4).abs() < 1e-12, "{f1}");
        assert_eq!(
            words("theatre an-other THE_ atheist"),
            ["theatre", "another", "atheist"]
        );
    }
}
