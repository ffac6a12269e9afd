//! Which rows must stay on one side of a split, because one gives the other away.
//!
//! These are rows with the same text (after trimming; of a pair the first text, so that all
//! questions about one passage are together), rows of one group where a column names groups, and
//! texts that nearly repeat each other. Texts with more rows between them than half of the smaller
//! held-out part, and than [`SMALL_CLUSTER`], are no copies but a form that is filled in (an alert,
//! a receipt): kept together they would fill a part or be in none, and they are divided; the same
//! goes for texts without which a label would have too few groups to be in every part.

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::data::example::Example;
use crate::data::near::{self, Groups};

/// Near duplicates up to so many rows always stay together.
const SMALL_CLUSTER: usize = 8;

/// Rows that stay together, by their positions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Group {
    pub members: Vec<usize>,
}

/// What ties the rows of a file together.
pub(super) struct Bonds {
    /// The rows of each text, the texts in order.
    texts: Vec<Vec<usize>>,
    /// The texts that share a group by column.
    groups: Groups,
    /// The first text of each text's near duplicates: itself where it has none.
    clusters: Vec<usize>,
    /// The number of texts in each cluster.
    sizes: HashMap<usize, usize>,
    /// The clusters that are not kept together.
    divided: HashSet<usize>,
}

impl Bonds {
    /// The bonds by text and by group; near duplicates too when `largest` is given: the number of
    /// rows up to which they are kept together.
    pub(super) fn of(examples: &[Example], largest: Option<usize>) -> Self {
        let text = |position: usize| examples[position].text.trim();
        let mut order: Vec<usize> = (0..examples.len()).collect();
        order.sort_by(|&a, &b| text(a).cmp(text(b)));
        let texts: Vec<Vec<usize>> = order
            .chunk_by(|&a, &b| text(a) == text(b))
            .map(<[usize]>::to_vec)
            .collect();
        let clusters = match largest {
            // The texts are in order, so that the order of the file does not matter.
            Some(_) => near::groups(&texts.iter().map(|rows| text(rows[0])).collect::<Vec<_>>()),
            None => (0..texts.len()).collect(),
        };
        let largest = largest.unwrap_or(0).max(SMALL_CLUSTER);
        let mut sizes: HashMap<usize, usize> = HashMap::new();
        let mut rows: HashMap<usize, usize> = HashMap::new();
        for (&cluster, members) in clusters.iter().zip(&texts) {
            *sizes.entry(cluster).or_default() += 1;
            *rows.entry(cluster).or_default() += members.len();
        }
        rows.retain(|cluster, &mut rows| sizes[cluster] > 1 && rows > largest);
        Self {
            groups: by_column(examples, &texts),
            divided: rows.into_keys().collect(),
            clusters,
            sizes,
            texts,
        }
    }

    /// The groups in the order of their first texts.
    pub(super) fn groups(&self) -> Vec<Group> {
        let mut sets = self.groups.clone();
        for (text, &cluster) in self.clusters.iter().enumerate() {
            if !self.divided.contains(&cluster) {
                sets.join(cluster, text);
            }
        }
        let mut groups: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (text, members) in self.texts.iter().enumerate() {
            groups.entry(sets.first(text)).or_default().extend(members);
        }
        let groups = groups.into_values();
        groups.map(|members| Group { members }).collect()
    }

    /// Divides the near duplicates that have one of these rows; says whether there were any.
    pub(super) fn divide(&mut self, rows: &HashSet<usize>) -> bool {
        let before = self.divided.len();
        for (cluster, members) in self.clusters.iter().zip(&self.texts) {
            let is_cluster = self.sizes[cluster] > 1;
            if is_cluster && members.iter().any(|member| rows.contains(member)) {
                self.divided.insert(*cluster);
            }
        }
        self.divided.len() > before
    }
}

/// The texts tied by a value of the group column.
fn by_column(examples: &[Example], texts: &[Vec<usize>]) -> Groups {
    let mut groups = Groups::new(texts.len());
    let mut first: HashMap<&str, usize> = HashMap::new();
    for (text, members) in texts.iter().enumerate() {
        for group in members
            .iter()
            .filter_map(|&member| examples[member].group.as_deref())
        {
            groups.join(*first.entry(group).or_insert(text), text);
        }
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Target;

    fn examples(rows: &[(&str, Option<&str>)]) -> Vec<Example> {
        let rows = rows.iter().enumerate();
        rows.map(|(index, &(text, group))| Example {
            row: index + 1,
            line: index + 1,
            text: text.into(),
            pair: None,
            target: Target::Nothing,
            group: group.map(str::to_owned),
            part: None,
        })
        .collect()
    }

    fn groups(bonds: &Bonds) -> Vec<Vec<usize>> {
        let groups = bonds.groups().into_iter();
        groups.map(|group| group.members).collect()
    }

    const LONG: &str = "the quick brown fox jumps over the lazy dog while seven wizards watch it";

    #[test]
    fn equal_texts_and_groups_stay_together() {
        let rows = [
            ("c", Some("1")),
            ("a", Some("2")),
            (" c ", Some("2")),
            ("b", None),
            ("d", Some("3")),
        ];
        let bonds = Bonds::of(&examples(&rows), None);
        assert_eq!(groups(&bonds), [vec![1, 0, 2], vec![3], vec![4]]);
    }

    #[test]
    fn near_duplicates_stay_together_unless_they_are_a_form() {
        let copy = LONG.replace("while", "While,");
        let rows: Vec<(&str, Option<&str>)> = vec![(LONG, None), ("other", None), (&copy, None)];
        let found = examples(&rows);
        assert_eq!(groups(&Bonds::of(&found, None)).len(), 3);
        let mut bonds = Bonds::of(&found, Some(0));
        assert_eq!(groups(&bonds), [vec![1], vec![2, 0]]);
        assert!(!bonds.divide(&HashSet::from([1])));
        assert!(bonds.divide(&HashSet::from([2])));
        assert!(!bonds.divide(&HashSet::from([2])));
        assert_eq!(groups(&bonds).len(), 3);
    }

    #[test]
    fn a_form_is_divided() {
        let texts: Vec<String> = (0..12)
            .map(|n| format!("{LONG}{}", "!".repeat(n)))
            .collect();
        let rows: Vec<(&str, Option<&str>)> =
            texts.iter().map(|text| (text.as_str(), None)).collect();
        assert_eq!(groups(&Bonds::of(&examples(&rows), Some(20))).len(), 1);
        assert_eq!(groups(&Bonds::of(&examples(&rows), Some(10))).len(), 12);
    }
}
