//! Which of the scored rows are shown, and in which order. Worked out once per change of the
//! filter, not per frame: there may be very many rows.

use super::verdict::{self, Verdict};
use crate::tasks::ScoredRow;

/// What is looked for among the scored rows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Right answers too, not only wrong ones.
    pub right_too: bool,
    /// Words of the text, in any case.
    pub search: String,
    /// Only rows with this right label and this answer: a cell of the confusion matrix.
    pub cell: Option<(String, String)>,
    /// Only answers that are so.
    pub verdict: Option<Verdict>,
}

impl Filter {
    fn takes(&self, row: &ScoredRow, search: &str) -> bool {
        let in_cell = match &self.cell {
            Some((gold, answer)) => {
                row.gold.labels() == [gold.as_str()]
                    && row.prediction.answer.labels() == [answer.as_str()]
            }
            None => match self.verdict {
                Some(verdict) => Verdict::of(row) == verdict,
                None => self.right_too || !Verdict::of(row).is_right(),
            },
        };
        let holds = |text: &str| text.to_lowercase().contains(search);
        let pair = row.prediction.pair.as_deref();
        in_cell && (search.is_empty() || holds(&row.prediction.text) || pair.is_some_and(holds))
    }
}

/// The places of the rows shown, kept until filter or rows change.
#[derive(Clone, Debug, Default)]
pub struct Shown {
    key: Option<(Filter, usize, usize)>,
    places: Vec<usize>,
}

impl Shown {
    /// The places in `rows` of what `filter` lets through, in the order of [`verdict::weight`].
    pub fn places(&mut self, rows: &[ScoredRow], filter: &Filter) -> &[usize] {
        let (address, count) = (rows.as_ptr() as usize, rows.len());
        let fresh = self
            .key
            .as_ref()
            .is_some_and(|(kept, at, of)| kept == filter && *at == address && *of == count);
        if !fresh {
            self.key = Some((filter.clone(), address, count));
            self.places = choose(rows, filter);
        }
        &self.places
    }
}

fn choose(rows: &[ScoredRow], filter: &Filter) -> Vec<usize> {
    let search = filter.search.trim().to_lowercase();
    let mut chosen: Vec<_> = rows
        .iter()
        .enumerate()
        .filter(|(_, row)| filter.takes(row, &search))
        .map(|(place, row)| (verdict::weight(row), place))
        .collect();
    chosen.sort_by(|(sure, place), (other, after)| {
        other.total_cmp(sure).then_with(|| place.cmp(after))
    });
    chosen.into_iter().map(|(_, place)| place).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tasks::{Answer, Gold, LabelScore, Prediction};

    fn row(number: usize, text: &str, gold: &str, answer: &str, score: f64) -> ScoredRow {
        ScoredRow {
            row: number,
            gold: Gold::Label(gold.into()),
            prediction: Prediction {
                text: text.into(),
                pair: None,
                answer: Answer::Label {
                    label: answer.into(),
                    scores: vec![LabelScore {
                        label: answer.into(),
                        score,
                    }],
                },
                tokens: 3,
                cut: false,
            },
        }
    }

    #[test]
    fn the_filter_narrows_and_the_most_confident_come_first() {
        let rows = [
            row(1, "Good film", "a", "a", 0.9),
            row(2, "bad FILM", "a", "b", 0.6),
            row(3, "dull book", "b", "a", 0.8),
            row(4, "bad again", "a", "b", 0.95),
        ];
        let mut shown = Shown::default();
        let mut filter = Filter::default();
        assert_eq!(shown.places(&rows, &filter), [3, 2, 1]);
        filter.search = " film ".into();
        assert_eq!(shown.places(&rows, &filter), [1]);
        filter.right_too = true;
        assert_eq!(shown.places(&rows, &filter), [0, 1]);
        filter.search.clear();
        filter.cell = Some(("a".into(), "b".into()));
        assert_eq!(shown.places(&rows, &filter), [3, 1]);
        filter.cell = Some(("a".into(), "a".into()));
        assert_eq!(shown.places(&rows, &filter), [0]);
    }
}
