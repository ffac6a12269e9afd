//! What a set of examples looks like in numbers.

use std::collections::HashMap;

use serde::Serialize;

use super::example::Example;

/// How often a label occurs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LabelCount {
    /// The label.
    pub label: String,
    /// The number of examples that have it.
    pub count: usize,
}

/// One bar of a histogram.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Bin {
    /// The smallest length that falls into it, in characters.
    pub from: usize,
    /// The smallest length that no longer does, in characters.
    pub to: usize,
    /// The number of texts in it.
    pub count: usize,
}

/// A set of examples in numbers. A length is the number of Unicode characters of a text.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Statistics {
    /// The number of examples.
    pub rows: usize,
    /// The labels, the most frequent first, equals in alphabetical order.
    pub labels: Vec<LabelCount>,
    /// Length of the shortest text; `None` without examples, as below.
    pub shortest: Option<usize>,
    /// Length that half of the texts do not exceed.
    pub median: Option<usize>,
    /// Mean length.
    pub mean: Option<f64>,
    /// Length that 95 % of the texts do not exceed.
    pub percentile_95: Option<usize>,
    /// Length of the longest text.
    pub longest: Option<usize>,
    /// The lengths, in bins of equal width from 0 on.
    pub characters: Vec<Bin>,
}

/// Counts labels and lengths.
pub fn statistics(examples: &[Example]) -> Statistics {
    let mut lengths: Vec<usize> = examples
        .iter()
        .map(|example| example.text.chars().count())
        .collect();
    lengths.sort_unstable();
    let sum: usize = lengths.iter().sum();
    Statistics {
        rows: examples.len(),
        labels: label_counts(examples),
        shortest: lengths.first().copied(),
        median: percentile(&lengths, 50),
        mean: (!lengths.is_empty()).then(|| sum as f64 / lengths.len() as f64),
        percentile_95: percentile(&lengths, 95),
        longest: lengths.last().copied(),
        characters: histogram(&lengths),
    }
}

fn label_counts(examples: &[Example]) -> Vec<LabelCount> {
    let mut counts: HashMap<&str, usize> = HashMap::new();
    for example in examples {
        *counts.entry(example.label()).or_default() += 1;
    }
    let mut labels: Vec<LabelCount> = counts
        .into_iter()
        .map(|(label, count)| LabelCount {
            label: label.to_owned(),
            count,
        })
        .collect();
    labels.sort_unstable_by(|a, b| b.count.cmp(&a.count).then_with(|| a.label.cmp(&b.label)));
    labels
}

/// The smallest of the sorted values that `percent` of them do not exceed (nearest rank).
fn percentile(sorted: &[usize], percent: usize) -> Option<usize> {
    let rank = (sorted.len() * percent).div_ceil(100).max(1);
    sorted.get(rank - 1).copied()
}

/// At most 40 bins whose width is 1, 2 or 5 times a power of ten.
fn histogram(sorted: &[usize]) -> Vec<Bin> {
    const MOST_BINS: usize = 40;
    let Some(&longest) = sorted.last() else {
        return Vec::new();
    };
    let width = (0..)
        .flat_map(|power| [1, 2, 5].map(|step| step * 10_usize.pow(power)))
        .find(|width| longest / width < MOST_BINS)
        .unwrap_or(longest + 1);
    let mut bins: Vec<Bin> = (0..=longest / width)
        .map(|index| Bin {
            from: index * width,
            to: (index + 1) * width,
            count: 0,
        })
        .collect();
    for length in sorted {
        bins[length / width].count += 1;
    }
    bins
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Target;

    fn example(text: &str, label: &str) -> Example {
        Example {
            row: 1,
            line: 1,
            text: text.into(),
            pair: None,
            target: Target::Label(label.into()),
            group: None,
            part: None,
        }
    }

    #[test]
    fn labels_are_ordered_by_count_then_by_name() {
        let examples = ["b", "c", "a", "c"].map(|label| example("t", label));
        let labels = statistics(&examples).labels;
        let names: Vec<_> = labels
            .iter()
            .map(|count| (count.label.as_str(), count.count))
            .collect();
        assert_eq!(names, [("c", 2), ("a", 1), ("b", 1)]);
    }

    #[test]
    fn lengths_are_characters_not_bytes() {
        let found = statistics(&[
            example("很好", "1"),
            example("é", "0"),
            example("abcd", "0"),
        ]);
        assert_eq!(
            (found.shortest, found.median, found.longest),
            (Some(1), Some(2), Some(4))
        );
        assert_eq!(found.mean, Some(7.0 / 3.0));
        assert_eq!(found.characters.len(), 5);
    }

    #[test]
    fn nothing_has_no_lengths() {
        let found = statistics(&[]);
        assert_eq!((found.rows, found.mean, found.median), (0, None, None));
        assert!(found.characters.is_empty());
    }

    #[test]
    fn bins_are_few_and_hold_every_text() {
        for longest in [0, 1, 39, 40, 79, 80, 199, 200, 400, 12_702, 1_000_000] {
            let lengths: Vec<usize> = vec![0, longest / 2, longest];
            let bins = histogram(&lengths);
            assert!(bins.len() <= 40, "{longest}: {} bins", bins.len());
            assert_eq!(bins.iter().map(|bin| bin.count).sum::<usize>(), 3);
            assert!(bins.iter().all(|bin| bin.to - bin.from == bins[0].to));
        }
    }
}
