//! What the rows of a file ask for, told by what stands in the column of the label.

use std::collections::HashSet;

use super::example::Kind;
use super::numbers::{NumberStyle, number};
use super::record::{Field, Record};

/// The characters that may stand between the labels of a row.
const SEPARATORS: [char; 3] = [',', ';', '|'];

/// The kind of rows whose label stands in `column`, by the first of them.
pub(super) fn detect(sample: &[Record], column: Option<usize>) -> Kind {
    let Some(column) = column else {
        return Kind::Texts;
    };
    let cells = || {
        sample
            .iter()
            .filter_map(move |record| record.fields.get(column))
    };
    if cells().any(|cell| matches!(cell, Field::Nested(_))) {
        return Kind::Labels;
    }
    let values: Vec<&str> = values(sample, column).collect();
    if values.is_empty() {
        return Kind::Label;
    }
    let numbers: Vec<f64> = values
        .iter()
        .filter_map(|value| value.parse().ok())
        .collect();
    let fraction = numbers.iter().any(|number: &f64| number.fract() != 0.0);
    if numbers.len() == values.len() {
        return if fraction { Kind::Score } else { Kind::Label };
    }
    if fraction && nearly_all(numbers.len(), values.len()) {
        return Kind::Score;
    }
    if has_decimal_commas(&values) {
        return Kind::Score;
    }
    let lists = values.iter().filter(|value| is_list(value)).count();
    if lists == values.len() || separator(sample, column).is_some_and(|found| found.few_parts) {
        return Kind::Labels;
    }
    Kind::Label
}

/// Whether so many of a column's values say what it holds, and the others, such as `n/a`, do not.
pub(super) fn nearly_all(of_a_kind: usize, all: usize) -> bool {
    of_a_kind == all || of_a_kind >= 20 && of_a_kind * 20 >= all * 19
}

/// The kind of rows whose answers stand in these `columns` beside each other: numbers, or labels
/// that are each 0 or 1.
pub(super) fn detect_beside(sample: &[Record], columns: &[usize]) -> Kind {
    let is_measure = |value: &str| {
        let number = number(value);
        number.is_some_and(|number| number != 0.0 && number != 1.0)
    };
    match columns
        .iter()
        .any(|&column| values(sample, column).any(is_measure))
    {
        true => Kind::Score,
        false => Kind::Labels,
    }
}

/// Whether these are numbers with a decimal comma, and not lists of numbered labels such as `4,27`.
///
/// What stands behind the comma of a list stands before one elsewhere, and the numbers of most
/// lists ascend.
fn has_decimal_commas(values: &[&str]) -> bool {
    let style = NumberStyle::of(values.iter().copied());
    let numbers = values.iter().filter(|value| style.read(value).is_ok());
    if !nearly_all(numbers.clone().count(), values.len()) {
        return false;
    }
    let unsigned = numbers.map(|value| value.trim_start_matches(['-', '+']));
    let (mut wholes, mut fractions) = (HashSet::new(), HashSet::new());
    let (mut parted, mut descending) = (0, 0);
    for value in unsigned {
        let Some((whole, fraction)) = value.split_once(',') else {
            wholes.insert(value);
            continue;
        };
        wholes.insert(whole);
        fractions.insert(fraction);
        parted += 1;
        let number = |digits: &str| digits.parse::<u64>().ok();
        let zero_in_front = fraction.len() > 1 && fraction.starts_with('0');
        descending += usize::from(zero_in_front || number(whole) >= number(fraction));
    }
    let foreign = fractions.difference(&wholes).count();
    parted * 2 > values.len() && descending * 50 >= parted && foreign * 2 >= fractions.len()
}

/// What stands in a column, where it is not empty.
pub(super) fn values(sample: &[Record], column: usize) -> impl Iterator<Item = &str> {
    let cells = sample
        .iter()
        .filter_map(move |record| record.fields.get(column));
    cells
        .filter_map(|cell| cell.value())
        .map(str::trim)
        .filter(|value| !value.is_empty())
}

/// Whether a cell is written as a list.
pub(super) fn is_list(cell: &str) -> bool {
    cell.starts_with('[') && cell.ends_with(']')
}

/// What parts the labels of a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Separator {
    pub character: char,
    /// Whether there are so few different parts that cells are combinations of them.
    pub few_parts: bool,
}

/// The character that parts the labels in this column; `None` where cells hold one each.
pub(super) fn separator(sample: &[Record], column: usize) -> Option<Separator> {
    SEPARATORS.into_iter().find_map(|character| {
        let parted = values(sample, column).any(|value| value.contains(character));
        parted.then(|| {
            let whole: HashSet<&str> = values(sample, column).collect();
            let parts = || {
                whole
                    .iter()
                    .flat_map(|value| value.split(character))
                    .map(str::trim)
            };
            let few = parts().collect::<HashSet<_>>().len() < whole.len();
            Separator {
                character,
                few_parts: few && parts().all(|part| !part.is_empty() && part.len() <= 40),
            }
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(values: &[&str]) -> Kind {
        let sample: Vec<Record> = values
            .iter()
            .map(|value| Record {
                row: 1,
                line: 1,
                fields: vec![Field::Value((*value).to_owned())],
                fault: None,
            })
            .collect();
        detect(&sample, Some(0))
    }

    #[test]
    fn labels_scores_and_lists_are_told_apart() {
        assert_eq!(kind(&["pos", "neg", "pos"]), Kind::Label);
        assert_eq!(kind(&["0", "3", "1.0"]), Kind::Label);
        assert_eq!(kind(&["5.000", "4.750", "0"]), Kind::Score);
        assert_eq!(kind(&["27", "4,27", "4", "3", "3,4"]), Kind::Labels);
        assert_eq!(kind(&["4,27", "3,4", "0,3", "3,27", "0,4"]), Kind::Labels);
        assert_eq!(kind(&["1,2", "3,1", "2,3", "2,1"]), Kind::Labels);
        assert_eq!(kind(&["3,5", "2,75", "4", "1,0"]), Kind::Score);
        assert_eq!(kind(&["0,05", "0,5", "0,07"]), Kind::Score);
        let hundredths: Vec<String> = (0..200)
            .map(|i| format!("{},{:02}", i % 5, i * 37 % 100))
            .collect();
        let mut hundredths: Vec<&str> = hundredths.iter().map(String::as_str).collect();
        assert_eq!(kind(&hundredths), Kind::Score);
        hundredths[7] = "n/a";
        assert_eq!(kind(&hundredths), Kind::Score);
        let points: Vec<String> = hundredths
            .iter()
            .map(|value| value.replace(',', "."))
            .collect();
        let points: Vec<&str> = points.iter().map(String::as_str).collect();
        assert_eq!(kind(&points), Kind::Score);
        assert_eq!(kind(&["1.5", "n/a", "2"]), Kind::Label);
        assert_eq!(kind(&["['a', 'b']", "[]"]), Kind::Labels);
        assert_eq!(
            kind(&["Business, Finance", "Sports", "Sports"]),
            Kind::Label
        );
        assert_eq!(detect(&[], None), Kind::Texts);
    }
}
