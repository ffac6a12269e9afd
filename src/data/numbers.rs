//! Numbers as people and spreadsheets write them: with a decimal point or a decimal comma, and
//! with or without marks between thousands.
//!
//! Three digits behind a single mark say nothing alone: `1.100` and `1,100` are 1.1 to some and
//! 1100 to others. The other numbers of the column tell it; where they do not, nobody guesses.

/// What three digits behind a single mark are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mark {
    /// A fraction.
    Decimal,
    /// The last of the thousands.
    Thousands,
    /// One or the other.
    Unclear,
}

/// How the numbers of a column are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct NumberStyle {
    point: Mark,
    comma: Mark,
}

/// As programs write numbers; a comma before three digits is not understood.
impl Default for NumberStyle {
    fn default() -> Self {
        Self {
            point: Mark::Decimal,
            comma: Mark::Unclear,
        }
    }
}

/// Why a cell is not read as a number.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum NoNumber {
    /// It is none.
    Other,
    /// It is one of these two, and nothing tells which.
    Ambiguous(f64, f64),
}

/// What a cell says when it is looked at alone.
enum Looked {
    /// A number without a mark.
    Plain(f64),
    /// A number whose mark for fractions or for thousands can only be that.
    Clear {
        number: f64,
        decimal: Option<char>,
        thousands: Option<char>,
    },
    /// Three digits behind a single mark: as a fraction, and as thousands.
    Either(char, f64, f64),
}

impl NumberStyle {
    /// How the numbers among these cells are written.
    pub fn of<'a>(cells: impl IntoIterator<Item = &'a str>) -> Self {
        let [mut decimal, mut thousands, mut either] = [[false; 2]; 3];
        let mut whole_hundreds = false;
        let place = |mark: char| usize::from(mark == ',');
        for cell in cells {
            match look(cell.trim()) {
                Some(Looked::Plain(number)) => whole_hundreds |= number.abs() >= 100.0,
                Some(Looked::Clear {
                    decimal: fraction,
                    thousands: group,
                    ..
                }) => {
                    if let Some(mark) = fraction {
                        decimal[place(mark)] = true;
                    }
                    if let Some(mark) = group.filter(|mark| ".,".contains(*mark)) {
                        thousands[place(mark)] = true;
                    }
                }
                Some(Looked::Either(mark, ..)) => either[place(mark)] = true,
                None => {}
            }
        }
        let mark = |own: usize, otherwise: Mark| match (decimal[own], thousands[own]) {
            (true, true) => Mark::Unclear,
            (true, false) => Mark::Decimal,
            (false, true) => Mark::Thousands,
            // The other mark is the one for fractions, and a number has no two of them.
            (false, false) if decimal[1 - own] => Mark::Thousands,
            _ => otherwise,
        };
        // Programs write either all fractions or none to three places: beside whole numbers of
        // hundreds, these may be thousands.
        let point = match either[0] && whole_hundreds {
            true => Mark::Unclear,
            false => Mark::Decimal,
        };
        Self {
            point: mark(0, point),
            comma: mark(1, Mark::Unclear),
        }
    }

    /// The finite number that a cell holds.
    pub fn read(self, cell: &str) -> Result<f64, NoNumber> {
        let number = match look(cell.trim()).ok_or(NoNumber::Other)? {
            Looked::Plain(number) | Looked::Clear { number, .. } => number,
            Looked::Either(mark, fraction, thousands) => {
                match if mark == '.' { self.point } else { self.comma } {
                    Mark::Decimal => fraction,
                    Mark::Thousands => thousands,
                    Mark::Unclear => return Err(NoNumber::Ambiguous(fraction, thousands)),
                }
            }
        };
        Some(number)
            .filter(|number| number.is_finite())
            .ok_or(NoNumber::Other)
    }
}

/// The number of a cell of which nothing else is known; `None` where it is none or unclear.
pub(super) fn number(cell: &str) -> Option<f64> {
    NumberStyle::default().read(cell).ok()
}

fn look(cell: &str) -> Option<Looked> {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let unsigned = cell.strip_prefix(['-', '+']).unwrap_or(cell);
    let sign = &cell[..cell.len() - unsigned.len()];
    let parsed = |digits: String| format!("{sign}{digits}").parse::<f64>().ok();
    let points = unsigned.matches('.').count();
    let commas = unsigned.matches(',').count();
    let spaced = unsigned.contains(is_space);
    // What has no mark, or one that only programs write: 12, 1e-3, .5
    if !spaced
        && commas == 0
        && (points == 0 || !unsigned.starts_with(|c: char| c.is_ascii_digit()))
    {
        return cell.parse().ok().map(Looked::Plain);
    }
    let decimal = match (points, commas) {
        (1, 0) => Some('.'),
        (0, 1) => Some(','),
        (_, 1) if unsigned.rfind(',') > unsigned.rfind('.') => Some(','),
        (1, _) if unsigned.rfind('.') > unsigned.rfind(',') => Some('.'),
        _ => None,
    };
    let (whole, fraction) = match decimal {
        Some(mark) => unsigned.split_once(mark)?,
        None => (unsigned, ""),
    };
    let thousands = whole.chars().find(|c| !c.is_ascii_digit());
    let joined = match thousands {
        Some(mark) => join_thousands(whole, mark)?,
        None => whole.to_owned(),
    };
    let single = thousands.is_none() && decimal.is_some();
    if single && fraction.len() == 3 && digits(fraction) && may_be_thousands(whole) {
        let fractional = parsed(format!("{whole}.{fraction}"))?;
        let grouped = parsed(format!("{whole}{fraction}"))?;
        return Some(Looked::Either(decimal?, fractional, grouped));
    }
    let number = match decimal {
        // Programs may write an exponent, or nothing behind the point.
        Some('.') if thousands.is_none() => cell.parse().ok()?,
        Some(_) if digits(&joined) && digits(fraction) => parsed(format!("{joined}.{fraction}"))?,
        None if digits(&joined) => parsed(joined)?,
        _ => return None,
    };
    Some(Looked::Clear {
        number,
        decimal,
        thousands,
    })
}

/// The white space and the apostrophes that some put between thousands.
fn is_space(character: char) -> bool {
    matches!(
        character,
        ' ' | '\u{a0}' | '\u{2009}' | '\u{202f}' | '\'' | '’'
    )
}

/// Whether a group of three digits may follow: one to three, and not a zero in front.
fn may_be_thousands(whole: &str) -> bool {
    (1..=3).contains(&whole.len())
        && !whole.starts_with('0')
        && whole.bytes().all(|byte| byte.is_ascii_digit())
}

/// The digits of thousands parted by `mark`; `None` where they are parted otherwise.
fn join_thousands(whole: &str, mark: char) -> Option<String> {
    let is_mark = matches!(mark, '.' | ',') || is_space(mark);
    let mut groups = whole.split(mark);
    let first = groups
        .next()
        .filter(|first| is_mark && may_be_thousands(first))?;
    let mut joined = first.to_owned();
    for group in groups {
        if group.len() != 3 || !group.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        joined += group;
    }
    Some(joined)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_alone_is_read_where_it_can_only_be_one() {
        for (cell, expected) in [
            ("3.5", 3.5),
            ("3,5", 3.5),
            ("-0,25", -0.25),
            ("0,125", 0.125),
            ("2,0000", 2.0),
            ("1234,500", 1234.5),
            ("1.000", 1.0),
            ("1e-3", 0.001),
            ("1.5e3", 1500.0),
            (".5", 0.5),
            ("5.", 5.0),
            ("+7", 7.0),
            ("1.234,50", 1234.5),
            ("1,234.50", 1234.5),
            ("-1.234.567", -1_234_567.0),
            ("1,234,567", 1_234_567.0),
            ("1 234", 1234.0),
            ("1\u{202f}234,5", 1234.5),
            ("12'345.6", 12345.6),
        ] {
            assert_eq!(number(cell), Some(expected), "{cell}");
        }
        for cell in [
            "1,234",
            "1,2,3",
            ",5",
            "3,",
            "a,5",
            "NaN",
            "inf",
            "",
            "1 2",
            "12 34",
            "1.2.3",
            "0.123.456",
            "1,23.456.7",
            "1 234.567 8",
            "5 €",
            "1,2.3,4",
            "1.234,5.6",
            "--5",
        ] {
            assert_eq!(number(cell), None, "{cell}");
        }
    }

    #[test]
    fn the_column_tells_what_three_digits_are() {
        let read = |cells: &[&str]| NumberStyle::of(cells.iter().copied()).read(cells[0]).ok();
        assert_eq!(read(&["1.000", "2.345.678"]), Some(1000.0));
        assert_eq!(read(&["1.000", "3,5"]), Some(1000.0));
        assert_eq!(read(&["1,100", "2.5"]), Some(1100.0));
        assert_eq!(read(&["1,100", "1,234,567"]), Some(1100.0));
        assert_eq!(read(&["1,100", "0,5"]), Some(1.1));
        assert_eq!(read(&["1.000", "0.800", "950"]), Some(1.0));
        assert_eq!(read(&["5.000", "4.750", "0"]), Some(5.0));
        assert_eq!(read(&["1,100", "950"]), None);
        assert_eq!(read(&["1.000", "950", "12.500"]), None);
        assert_eq!(read(&["1.000", "1.5", "1.234.567"]), None);
        let style = NumberStyle::of(["1.000", "950"]);
        assert_eq!(style.read("1.250"), Err(NoNumber::Ambiguous(1.25, 1250.0)));
        assert_eq!(style.read("many"), Err(NoNumber::Other));
    }
}
