//! Whether a record of a file names its columns, and which.

use std::collections::HashSet;

use super::columns;

/// More records than this above a header are no title, no comment and no date of export.
const MOST_ABOVE: usize = 10;

/// The record that names the columns, where one does; a person may have said whether.
pub(super) fn header_place(records: &[Vec<String>], given: Option<bool>) -> Option<usize> {
    match given {
        Some(false) => None,
        Some(true) => Some(found(records).unwrap_or(0)),
        None => found(records),
    }
}

/// The first record, or the first with more than one cell where a title or comments stand above it.
fn found(records: &[Vec<String>]) -> Option<usize> {
    let filled =
        |record: &Vec<String>| record.iter().filter(|cell| !cell.trim().is_empty()).count();
    let above = records
        .iter()
        .take_while(|&record| filled(record) < 2)
        .count();
    let below = records.get(above..).filter(|_| above <= MOST_ABOVE);
    if above > 0 && below.is_some_and(has_header) {
        return Some(above);
    }
    has_header(records).then_some(0)
}

/// Whether the first of these records names the columns instead of being one of the rows.
///
/// A name does not occur again below itself and is not a number. Beyond that, one of the names the
/// field uses settles it; otherwise a number below, or a text far shorter than those below, does.
pub(super) fn has_header(records: &[Vec<String>]) -> bool {
    let Some((first, rest)) = records.split_first() else {
        return false;
    };
    let names: Vec<&str> = first.iter().map(|cell| cell.trim()).collect();
    let filled: Vec<&str> = names
        .iter()
        .copied()
        .filter(|name| !name.is_empty())
        .collect();
    let distinct: HashSet<&str> = filled.iter().copied().collect();
    let plausible = filled.len() >= 2.min(names.len())
        && !filled.is_empty()
        && filled.iter().all(|name| is_name(name));
    if !plausible {
        return false;
    }
    let known: HashSet<&str> = (0..names.len())
        .filter(|&column| columns::is_known(names[column]) && !recurs(&names, column, rest))
        .map(|column| names[column])
        .collect();
    // Two such names outweigh a cell that occurs again: nobody labels a row "text" and "answer".
    known.len() >= 2
        || distinct.len() == filled.len()
            && (0..names.len()).all(|column| !recurs(&names, column, rest))
            && (known.len() == 1 || stands_out(&names, rest))
}

/// Names are short and are not numbers.
fn is_name(cell: &str) -> bool {
    cell.chars().count() <= 64 && cell.parse::<f64>().is_err()
}

/// Whether this cell of the first record occurs again in its own column, as labels do.
fn recurs(names: &[&str], column: usize, rest: &[Vec<String>]) -> bool {
    !names[column].is_empty() && cells(rest, column).any(|cell| cell.trim() == names[column])
}

/// Whether the first record differs in kind from those below.
fn stands_out(names: &[&str], rest: &[Vec<String>]) -> bool {
    (0..names.len()).any(|column| {
        let mut lengths: Vec<usize> = Vec::new();
        let mut numbers = true;
        for cell in cells(rest, column) {
            lengths.push(cell.chars().count());
            numbers = numbers && cell.trim().parse::<f64>().is_ok();
        }
        lengths.sort_unstable();
        let Some(&median) = lengths.get(lengths.len() / 2) else {
            return false;
        };
        let name = names[column].chars().count();
        name > 0 && (numbers || (median >= 12 && name * 2 < median && name < lengths[0].max(12)))
    })
}

fn cells(records: &[Vec<String>], column: usize) -> impl Iterator<Item = &str> {
    records
        .iter()
        .filter_map(move |record| record.get(column))
        .map(String::as_str)
        .filter(|cell| !cell.trim().is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn records(text: &str) -> Vec<Vec<String>> {
        text.lines()
            .map(|line| line.split('|').map(str::to_owned).collect())
            .collect()
    }

    #[test]
    fn headers_are_told_from_rows() {
        assert!(has_header(&records("text|label\ngood|1\nbad|0")));
        assert!(has_header(&records("Label|Body\npos|good")));
        assert!(has_header(&records(
            "v1|v2||\nham|see you at the station tonight||\nspam|win a prize by calling this number||"
        )));
        assert!(has_header(&records(
            "评论名称|评分星级\n这是一个非常好的地方值得再来一次|s5\n风景不错但是人太多了下次不会再来|s4"
        )));
        assert!(has_header(&records(
            "评论|情感\n很好|正面\n差|负面\n好|正面"
        )));
        assert!(has_header(&records("said|mark\nfine|1\nawful|0")));
        assert!(has_header(&records(
            "#|text|answer|-right\n0|yes|ham|-right\n1|no|ham|-right"
        )));
        assert!(has_header(&records("text|text|label\na|b|c\nd|e|f")));
    }

    #[test]
    fn a_title_may_stand_above_the_header() {
        let place = |text| header_place(&records(text), None);
        assert_eq!(place("text|label\ngood|1\nbad|0"), Some(0));
        assert_eq!(
            place("# exported in May\n#|\ntext|label\ngood|1\nbad|0"),
            Some(2)
        );
        assert_eq!(place("a stirring film\na bore|0\nfine|1"), None);
        assert_eq!(place("text\ngood film\nbad film"), Some(0));
        let said = |text, given| header_place(&records(text), Some(given));
        assert_eq!(said("# in May\ntext|label\ngood|1\nbad|0", true), Some(1));
        assert_eq!(said("text|label\ngood|1\nbad|0", false), None);
    }

    #[test]
    fn rows_are_told_from_headers() {
        assert!(!has_header(&records("a stirring film|1\na bore|0")));
        assert!(!has_header(&records(
            "ham|ok then\nspam|win now\nham|on my way"
        )));
        assert!(!has_header(&records(
            "great film|pos\nawful film|neg\nfine film|pos"
        )));
        assert!(!has_header(&records(
            "question|who was galileo\nanswer|an astronomer\nquestion|why"
        )));
        assert!(!has_header(&[]));
    }
}
