//! Labels: which are too rare, which outweigh others, which look like misspellings, and whether
//! the rows are sorted by them. The labels of a sentence are the types of its entities.

use std::collections::{BTreeSet, HashMap};

use super::finding::{Check, Finding, LabelPair, Seen, Share, Sighting, Tally};
use super::repeats::Novelty;
use super::spelling::Spelling;
use crate::data::example::Target;
use crate::data::part::Part;
use crate::data::tags;

/// Different labels that are counted. A column with more holds no labels.
const MOST_LABELS: usize = 20_000;

/// Labels that are compared with each other letter by letter.
const MOST_COMPARED: usize = 2_000;

/// A label needs this many different texts to be in training, validation and test.
const FEWEST_TEXTS: usize = 3;

/// Below this many different texts a label is hardly learned and its scores are luck.
const FEW_TEXTS: usize = 20;

/// Counts labels and watches their order.
#[derive(Debug, Default)]
pub(super) struct Labels {
    counts: HashMap<String, Count, ahash::RandomState>,
    order: Order,
    too_many: bool,
    /// Whether a row has exactly one.
    one_each: bool,
}

/// The most frequent first, equals in alphabetical order.
fn most_rows_first(labels: &mut [(&String, &Count)]) {
    labels.sort_by(|a, b| b.1.rows.cmp(&a.1.rows).then_with(|| a.0.cmp(b.0)));
}

/// A finding of these labels, each with how many it has of what matters, which `said` puts in words.
fn of_labels(
    check: Check,
    labels: &[(&String, &Count)],
    many: impl Fn(&Count) -> usize,
    said: impl Fn(usize) -> String,
) -> Option<Finding> {
    let mut tally = Tally::default();
    for (label, count) in labels {
        tally.add(|| Sighting {
            detail: Some(format!("{label}: {}", said(many(count)))),
            ..count.first.clone()
        });
    }
    let mut finding = tally.finding(check)?;
    finding.shares = labels
        .iter()
        .map(|(label, count)| share(label, many(count)))
        .collect();
    Some(finding)
}

/// How often a label occurs.
#[derive(Debug)]
struct Count {
    /// In all parts.
    rows: usize,
    in_train: usize,
    /// Different texts in training.
    texts: usize,
    first: Sighting,
}

impl Labels {
    /// Takes the next row into account.
    pub fn take(&mut self, seen: Seen, novelty: Novelty) {
        let is_new = novelty != Novelty::Nothing;
        match &seen.example.target {
            Target::Label(label) => {
                self.one_each = true;
                self.count(seen, is_new, label);
                if seen.part == Part::Train {
                    self.order.take(label);
                }
            }
            Target::Labels(labels) => {
                let different: BTreeSet<&String> = labels.iter().collect();
                different
                    .into_iter()
                    .for_each(|label| self.count(seen, is_new, label));
            }
            Target::Tags(words) => {
                let types = words.iter().filter_map(|word| tags::entity_type(&word.tag));
                let different: BTreeSet<&str> = types.collect();
                different
                    .into_iter()
                    .for_each(|label| self.count(seen, is_new, label));
            }
            _ => {}
        }
    }

    /// Counts a row that has the label.
    fn count(&mut self, seen: Seen, is_new: bool, label: &str) {
        let in_train = usize::from(seen.part == Part::Train);
        let text = in_train * usize::from(is_new);
        if let Some(count) = self.counts.get_mut(label) {
            count.rows += 1;
            count.in_train += in_train;
            count.texts += text;
        } else if self.counts.len() < MOST_LABELS {
            let count = Count {
                rows: 1,
                in_train,
                texts: text,
                first: seen.whole(Some(label.to_owned())),
            };
            self.counts.insert(label.to_owned(), count);
        } else {
            self.too_many = true;
        }
    }

    /// What was found.
    pub fn findings(&self) -> Vec<Finding> {
        [
            self.unseen(),
            self.only_one(),
            self.rare(),
            self.imbalance(),
            self.similar(),
            self.sorted(),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    /// The labels of training, the most frequent first, equals in alphabetical order.
    fn in_train(&self) -> Vec<(&String, &Count)> {
        let mut labels: Vec<_> = self
            .counts
            .iter()
            .filter(|(_, count)| count.in_train > 0)
            .collect();
        labels.sort_by(|a, b| b.1.in_train.cmp(&a.1.in_train).then_with(|| a.0.cmp(b.0)));
        labels
    }

    /// What cannot be learned, because validation or test alone have it.
    fn unseen(&self) -> Option<Finding> {
        if self.too_many || self.counts.values().all(|count| count.in_train == 0) {
            return None;
        }
        let unseen = self.counts.iter().filter(|(_, count)| count.in_train == 0);
        let mut unseen: Vec<_> = unseen.collect();
        most_rows_first(&mut unseen);
        let rows = |count: &Count| count.rows;
        let mut finding = of_labels(Check::UnseenLabels, &unseen, rows, |rows| match rows {
            1 => "1 row".to_owned(),
            rows => format!("{rows} rows"),
        })?;
        finding.note = Some(
            "A label that is spelt in another way can be renamed; rows of any other have to be \
             taken out of the file, or into training."
                .to_owned(),
        );
        Some(finding)
    }

    fn only_one(&self) -> Option<Finding> {
        let labels = self.in_train();
        let [(label, count)] = labels.as_slice() else {
            return None;
        };
        if !self.one_each || self.too_many {
            return None;
        }
        let mut finding = Finding::new(Check::OneLabel, 1);
        finding.shares = vec![share(label, count.in_train)];
        finding.note = Some(format!(
            "Every row is \"{label}\". Choose the column of the label, or add rows of others."
        ));
        Some(finding)
    }

    fn rare(&self) -> Option<Finding> {
        let mut rare = self.in_train();
        rare.retain(|(_, count)| count.texts < FEW_TEXTS);
        rare.sort_by_key(|(_, count)| count.texts);
        let texts = |count: &Count| count.texts;
        let mut finding = of_labels(Check::RareLabels, &rare, texts, |texts| {
            format!("{texts} different texts")
        })?;
        let impossible = rare
            .iter()
            .filter(|(_, count)| count.texts < FEWEST_TEXTS)
            .count();
        finding.note = if self.too_many {
            Some(format!(
                "There are more than {MOST_LABELS} different labels."
            ))
        } else {
            (impossible > 0).then(|| {
                let have = if impossible == 1 { "has" } else { "have" };
                format!(
                    "{impossible} of them {have} fewer than {FEWEST_TEXTS} different texts and \
                     cannot be in training, validation and test."
                )
            })
        };
        Some(finding)
    }

    fn imbalance(&self) -> Option<Finding> {
        /// So many times as frequent as another label is uneven.
        const UNEVEN: usize = 4;
        let labels = self.in_train();
        let (first, most) = labels.first()?;
        let (last, least) = labels.last()?;
        let few = labels
            .iter()
            .filter(|(_, count)| count.in_train * UNEVEN < most.in_train);
        let count = few.count();
        if count == 0 {
            return None;
        }
        let mut finding = Finding::new(Check::Imbalance, count);
        finding.shares = labels
            .iter()
            .map(|(label, count)| share(label, count.in_train))
            .collect();
        finding.note = Some(format!(
            "\"{first}\" has {:.1} times as many rows as \"{last}\" ({} and {}).",
            most.in_train as f64 / least.in_train as f64,
            most.in_train,
            least.in_train
        ));
        Some(finding)
    }

    fn similar(&self) -> Option<Finding> {
        let mut labels: Vec<(&String, &Count)> = self.counts.iter().collect();
        most_rows_first(&mut labels);
        labels.truncate(MOST_COMPARED);
        let spellings: Vec<Spelling> = labels
            .iter()
            .map(|(label, _)| Spelling::of(label))
            .collect();
        let mut tally = Tally::default();
        let mut pairs = Vec::new();
        for (place, (rarer, count)) in labels.iter().enumerate() {
            let like = (0..place).find(|&like| {
                spellings[place].misspells(count.rows, &spellings[like], labels[like].1.rows)
            });
            if let Some((label, other)) = like.map(|like| labels[like]) {
                pairs.push(LabelPair {
                    from: (*rarer).clone(),
                    to: label.clone(),
                    count: count.rows,
                });
                tally.add(|| Sighting {
                    detail: Some(format!(
                        "{rarer} ({}), like {label} ({})",
                        count.rows, other.rows
                    )),
                    ..count.first.clone()
                });
            }
        }
        let mut finding = tally.finding(Check::SimilarLabels)?;
        finding.pairs = pairs;
        Some(finding)
    }

    fn sorted(&self) -> Option<Finding> {
        let labels = self.in_train();
        let expected = self
            .order
            .expected(labels.iter().map(|(_, count)| count.in_train))?;
        let mut finding = Finding::new(Check::Sorted, self.order.rows);
        finding.note = Some(format!(
            "{} labels stand in {} runs; {expected:.0} would be expected by chance. Cut without \
             shuffling, a part of the file would lack some of them.",
            labels.len(),
            self.order.runs
        ));
        Some(finding)
    }
}

fn share(name: &str, count: usize) -> Share {
    Share {
        name: name.to_owned(),
        count,
    }
}

/// In how many runs of one label the rows of training stand.
#[derive(Debug, Default)]
struct Order {
    rows: usize,
    runs: usize,
    last: String,
}

impl Order {
    fn take(&mut self, label: &str) {
        if self.rows == 0 || self.last != label {
            self.runs += 1;
            label.clone_into(&mut self.last);
        }
        self.rows += 1;
    }

    /// The number of runs in random order (Wald and Wolfowitz, 1940), when there are so few that
    /// the rows must have been sorted.
    fn expected(&self, counts: impl Iterator<Item = usize>) -> Option<f64> {
        /// In a smaller file runs are short by nature.
        const FEWEST_ROWS: usize = 40;
        /// Random order has this share of the expected runs practically never.
        const SORTED: f64 = 0.1;
        let rows = self.rows as f64;
        let squares: f64 = counts.map(|count| (count as f64).powi(2)).sum();
        let expected = rows + 1.0 - squares / rows;
        // Two runs at least, and so few as to be a tenth: with one label there is no order.
        let sorted = self.runs > 1 && (self.runs as f64) <= SORTED * expected;
        (self.rows >= FEWEST_ROWS && sorted).then_some(expected)
    }
}
