//! Extractive question answering: where in a passage the answer starts and ends.
//!
//! Windows, targets and the choice of answers follow transformers' `run_qa.py` and `utils_qa.py`
//! (20 best starts and ends of each window, answers of at most 30 tokens), scores the official
//! SQuAD script, whose `find_best_thresh` also chooses when to say that there is no answer.

use candle_core::Tensor;

use super::evaluation::Detail;
use super::item::{Item, ItemTarget, Places};
use super::prediction::{Answer, Span};
use super::probability::softmax;
use super::task::{Baseline, Objective, Output, Read, Rules, Scorer, Spans, Task};
use super::whole::target_of;
use crate::data::{Example, Target};
use crate::error::{Error, Result};
use crate::metrics::{AnswerScores, names, score_answer};
use crate::models::HeadKind;
use crate::nn::span_cross_entropy;
use crate::text::Tokenizer;

/// Best starts and ends of each window, and best answers of a question.
const BEST: usize = 20;

/// Longest answer, in tokens.
const LONGEST: usize = 30;

/// Cross-entropy of start and end.
#[derive(Debug)]
pub struct Questions {
    rules: Rules,
}

impl Questions {
    /// The task; `rules` say whether some questions have no answer.
    pub fn new(rules: Rules) -> Self {
        Self { rules }
    }

    /// The answer that is given: its bytes in the passage, nothing where there is none.
    fn given(&self, output: &Output) -> Option<(u32, u32)> {
        let Output::Spans(spans) = output else {
            return None;
        };
        let (place, score) = *spans.best.first()?;
        match self.rules.no_answer_threshold {
            Some(threshold) if spans.none - score > threshold => None,
            _ => Some(place),
        }
    }
}

fn text_of(example: &Example, place: Option<(u32, u32)>) -> &str {
    place.map_or("", |(start, end)| {
        &example.text[start as usize..end as usize]
    })
}

/// The answers that count as right.
fn golds(example: &Example) -> Vec<&str> {
    match &example.target {
        Target::Answers(answers) => answers.iter().map(|answer| answer.text.as_str()).collect(),
        _ => Vec::new(),
    }
}

/// The first of the right answers as bytes of the passage; `None` where there is no answer.
///
/// # Errors
/// The answer does not lie in the passage.
fn place_of(example: &Example, target: &Target) -> Option<Result<Option<(usize, usize)>>> {
    let Target::Answers(answers) = target else {
        return None;
    };
    let Some(answer) = answers.first() else {
        return Some(Ok(None));
    };
    let text = &example.text;
    let mut characters = text.char_indices().map(|(at, _)| at).chain([text.len()]);
    let begin = answer.start.and_then(|start| characters.nth(start));
    let length = answer.text.chars().count();
    let end = match length {
        0 => begin,
        _ => characters.nth(length - 1),
    };
    Some(begin.zip(end).map(Some).ok_or_else(|| {
        let place = match answer.start {
            Some(start) => format!("starts at character {start}, but the passage ends before"),
            None => "has no place in the passage".to_owned(),
        };
        Error::new(format!(
            "the answer \"{}\" of row {} {place}",
            answer.text, example.row
        ))
        .remedy("Mend answer_start, or let the Data page look for the answer in the passage.")
    }))
}

/// The first and the last token of the answer in a window; the first token of the window, which
/// stands for "no answer", where the window does not have all of it.
fn span_in(places: &[Option<(u32, u32)>], answer: Option<(usize, usize)>) -> (usize, usize) {
    let known = || {
        places
            .iter()
            .enumerate()
            .filter_map(|(i, p)| p.map(|p| (i, p)))
    };
    let span = answer.and_then(|(begin, end)| {
        let (begin, end) = (begin as u32, end as u32);
        let (_, first) = known().next()?;
        let (_, last) = known().next_back()?;
        if first.0 > begin || last.1 < end {
            return None;
        }
        let start = known().rfind(|(_, place)| place.0 <= begin)?.0;
        let stop = known().find(|(_, place)| place.1 >= end)?.0;
        Some((start, stop))
    });
    span.unwrap_or((0, 0))
}

/// The places of the largest values, largest first.
fn largest(values: impl Iterator<Item = f32>) -> Vec<(usize, f32)> {
    let mut order: Vec<(usize, f32)> = values.enumerate().collect();
    order.sort_by(|a, b| b.1.total_cmp(&a.1));
    order.truncate(BEST);
    order
}

impl Task for Questions {
    fn head(&self) -> HeadKind {
        HeadKind::Span
    }

    fn labels(&self) -> &[String] {
        &[]
    }

    fn problem_type(&self) -> Option<&'static str> {
        None
    }

    fn encode(&self, tokenizer: &Tokenizer, examples: &[Example]) -> Result<Vec<Item>> {
        let mut questions = Vec::with_capacity(examples.len());
        for example in examples {
            let question = example.pair.as_deref().ok_or_else(|| {
                Error::new(format!("row {} has a passage but no question", example.row))
                    .remedy("Give each row a question beside its passage.")
            })?;
            questions.push((question, example.text.as_str()));
        }
        let mut items = Vec::with_capacity(examples.len());
        let windows = tokenizer.passage_windows(&questions)?;
        for (row, (example, windows)) in examples.iter().zip(windows).enumerate() {
            let answer = target_of(example, |target| place_of(example, target))?;
            items.extend(windows.into_iter().map(|window| {
                let span = answer.map(|answer| span_in(&window.places, answer));
                Item {
                    row,
                    encoding: window.encoding,
                    target: span.map(|(start, end)| ItemTarget::Span(start, end)),
                    places: Places::Passage(window.places),
                    features: None,
                }
            }));
        }
        Ok(items)
    }

    fn loss(&self, logits: &Tensor, items: &[&Item], _: &Objective) -> candle_core::Result<Tensor> {
        let mut offsets = vec![0];
        for item in items {
            offsets.push(offsets[offsets.len() - 1] + item.len());
        }
        let spans: Vec<(usize, usize)> = items
            .iter()
            .filter_map(|item| match item.target {
                Some(ItemTarget::Span(start, end)) => Some((start, end)),
                _ => None,
            })
            .collect();
        span_cross_entropy(logits, &offsets.into(), &spans)
    }

    fn weight(&self, items: &[&Item], _: &Objective) -> f64 {
        items.len() as f64
    }

    fn read(&self, _: &Example, items: &[Read<'_>]) -> Output {
        let mut best: Vec<((u32, u32), f32)> = Vec::new();
        let mut none = f32::INFINITY;
        for read in items {
            let Places::Passage(places) = &read.item.places else {
                continue;
            };
            let (starts, ends) = (
                read.logits.iter().step_by(2),
                read.logits[1..].iter().step_by(2),
            );
            none = none.min(read.logits[0] + read.logits[1]);
            let ends = largest(ends.copied());
            for (start, start_logit) in largest(starts.copied()) {
                for &(end, end_logit) in &ends {
                    let (Some(first), Some(last)) = (places[start], places[end]) else {
                        continue;
                    };
                    if start <= end && end < start + LONGEST {
                        best.push(((first.0, last.1), start_logit + end_logit));
                    }
                }
            }
        }
        // Stable, so that of equals the first stays first.
        best.sort_by(|a, b| b.1.total_cmp(&a.1));
        let mut kept: Vec<((u32, u32), f32)> = Vec::with_capacity(BEST);
        for candidate in best {
            if kept.len() < BEST && !kept.iter().any(|known| known.0 == candidate.0) {
                kept.push(candidate);
            }
        }
        Output::Spans(Spans { best: kept, none })
    }

    /// Chooses from which difference on "no answer" is said, for the best F1.
    fn tune(&mut self, examples: &[Example], outputs: &[Output]) {
        if self.rules.no_answer_threshold.is_none() {
            return;
        }
        let mut questions: Vec<(f32, f64)> = Vec::with_capacity(examples.len());
        for (example, output) in examples.iter().zip(outputs) {
            let Output::Spans(spans) = output else {
                continue;
            };
            // A question that nothing in the passage answers is left so at any threshold.
            if let Some(&(place, score)) = spans.best.first() {
                let gold = golds(example);
                let answered = score_answer(text_of(example, Some(place)), &gold).1;
                let gain = answered - score_answer("", &gold).1;
                questions.push((spans.none - score, gain));
            }
        }
        questions.sort_by(|a, b| a.0.total_cmp(&b.0));
        let lowest = questions.first().map_or(0.0, |first| first.0 - 1.0);
        let (mut best, mut gained) = ((0.0, lowest), 0.0);
        for (i, &(difference, gain)) in questions.iter().enumerate() {
            gained += gain;
            let next = questions.get(i + 1).map_or(difference + 1.0, |next| next.0);
            if next > difference && gained > best.0 {
                best = (gained, f32::midpoint(difference, next));
            }
        }
        self.rules.no_answer_threshold = Some(best.1);
    }

    fn scorer<'a>(&'a self, examples: &'a [Example], outputs: &'a [Output]) -> Scorer<'a> {
        let scored: Vec<(bool, (f64, f64))> = examples
            .iter()
            .zip(outputs)
            .map(|(example, output)| {
                let gold = golds(example);
                let given = text_of(example, self.given(output));
                (!gold.is_empty(), score_answer(given, &gold))
            })
            .collect();
        Box::new(move |numbers| {
            let mut scores = AnswerScores::default();
            for number in numbers {
                let (answerable, score) = scored[number];
                scores.add(answerable, score);
            }
            scores.scores()
        })
    }

    fn main_scores(&self) -> &'static [&'static str] {
        &[names::F1, names::EXACT_MATCH]
    }

    /// Always no answer.
    fn baseline(&self, _: &[Example]) -> Baseline {
        Box::new(|_| Output::Spans(Spans::default()))
    }

    fn balanced_weights(&self, _: &[Example]) -> Option<Vec<f32>> {
        None
    }

    fn detail(&self, _: &[Example], _: &[Output]) -> Detail {
        Detail::default()
    }

    fn answer(&self, example: &Example, output: &Output) -> Answer {
        let Output::Spans(spans) = output else {
            return Answer::Answer {
                answer: None,
                candidates: Vec::new(),
                no_answer: None,
            };
        };
        let mut logits: Vec<f32> = spans.best.iter().map(|&(_, score)| score).collect();
        let knows_none = self.rules.no_answer_threshold.is_some();
        logits.extend(knows_none.then_some(spans.none));
        let mut probabilities = softmax(&logits);
        let no_answer = knows_none.then(|| probabilities.pop().map_or(0.0, f64::from));
        let candidates: Vec<Span> = spans
            .best
            .iter()
            .zip(probabilities)
            .map(|(&(place, _), score)| {
                let text = text_of(example, Some(place));
                let start = example.text[..place.0 as usize].chars().count();
                Span {
                    text: text.to_owned(),
                    start,
                    end: start + text.chars().count(),
                    score: f64::from(score),
                }
            })
            .collect();
        Answer::Answer {
            answer: self.given(output).and_then(|_| candidates.first().cloned()),
            candidates,
            no_answer,
        }
    }

    fn rules(&self) -> Rules {
        self.rules.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data;

    fn example(text: &str, answers: &[(&str, usize)]) -> Example {
        let answers = answers.iter().map(|&(text, start)| data::Answer {
            text: text.to_owned(),
            start: Some(start),
        });
        Example {
            row: 7,
            line: 7,
            text: text.to_owned(),
            pair: Some("who?".to_owned()),
            target: Target::Answers(answers.collect()),
            group: None,
            part: None,
        }
    }

    fn place(example: &Example) -> Result<Option<(usize, usize)>> {
        place_of(example, &example.target).unwrap()
    }

    #[test]
    fn answers_are_found_by_characters() {
        let found = example("é Ada Obi", &[("Ada", 2)]);
        assert_eq!(place(&found).unwrap(), Some((3, 6)));
        assert_eq!(place(&example("Ada", &[("Ada", 0)])).unwrap(), Some((0, 3)));
        assert_eq!(place(&example("Ada", &[])).unwrap(), None);
        let outside = place(&example("Ada", &[("Obi", 1)])).unwrap_err();
        assert!(outside.to_string().contains("row 7"), "{outside}");
    }

    #[test]
    fn a_window_without_the_whole_answer_has_none() {
        let places = [
            None,
            None,
            Some((4, 7)),
            Some((8, 11)),
            Some((11, 12)),
            None,
        ];
        assert_eq!(span_in(&places, Some((8, 11))), (3, 3));
        assert_eq!(span_in(&places, Some((5, 12))), (2, 4));
        assert_eq!(span_in(&places, Some((0, 5))), (0, 0));
        assert_eq!(span_in(&places, Some((8, 13))), (0, 0));
        assert_eq!(span_in(&places, None), (0, 0));
    }

    #[test]
    fn the_threshold_is_chosen_for_the_best_f1() {
        let rules = Rules {
            no_answer_threshold: Some(0.0),
            ..Rules::default()
        };
        let mut task = Questions::new(rules);
        let output = |none: f32| {
            Output::Spans(Spans {
                best: vec![((0, 3), 0.0)],
                none,
            })
        };
        let right = example("Ada", &[("Ada", 0)]);
        let impossible = example("Ada", &[]);
        let examples = [right.clone(), right, impossible];
        task.tune(&examples, &[output(1.0), output(2.0), output(5.0)]);
        assert_eq!(task.rules.no_answer_threshold, Some(3.5));
        let outputs = [output(1.0), output(2.0), output(5.0)];
        let scores = task.scorer(&examples, &outputs)(&mut (0..3));
        assert_eq!(scores.get(names::F1), Some(1.0));
        assert_eq!(scores.get(names::NO_ANSWER_ACCURACY), Some(1.0));
    }
}
