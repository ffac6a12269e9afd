//! Personal data in a text: e-mail addresses, phone numbers, payment cards, bank accounts and
//! Chinese identity numbers.
//!
//! Precise rather than complete. Whatever has check digits must pass them: payment cards (Luhn),
//! IBAN (ISO 13616, remainder 97) and Chinese identity numbers (GB 11643, ISO 7064 MOD 11-2). Phone
//! numbers have none, so only forms that hardly mean anything else count: international ones with
//! their plus sign or 00 and in groups, Chinese mobiles, North American ones and those that begin
//! with the 0 of a long-distance call, written with separators.
//! Years, prices, order numbers and long ids are none of these.

use std::ops::Range;

use serde::{Deserialize, Serialize};

/// What kind of personal data a stretch of text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// An e-mail address.
    Email,
    /// A phone number.
    Phone,
    /// The number of a payment card.
    Card,
    /// An international bank account number.
    Iban,
    /// The number of a Chinese resident identity card.
    ChineseId,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 5] = [
        Self::Email,
        Self::Phone,
        Self::Card,
        Self::Iban,
        Self::ChineseId,
    ];

    /// Its name in a report.
    pub fn name(self) -> &'static str {
        match self {
            Self::Email => "e-mail address",
            Self::Phone => "phone number",
            Self::Card => "payment card",
            Self::Iban => "IBAN",
            Self::ChineseId => "Chinese identity number",
        }
    }
}

/// The personal data of a text, in its order and apart from each other; places are in bytes.
pub fn find(text: &str) -> Vec<(Range<usize>, Kind)> {
    let bytes = text.as_bytes();
    let mut found: Vec<_> = emails(text)
        .into_iter()
        .map(|place| (place, Kind::Email))
        .collect();
    let known = found.len();
    let mut position = 0;
    while let Some(start) = next_digit(bytes, position) {
        let hit = number_at(bytes, start);
        let apart = |place: &Range<usize>| {
            found[..known]
                .iter()
                .all(|(email, _)| email.end <= place.start || place.end <= email.start)
        };
        match hit.filter(|(place, _)| place.start >= position && apart(place)) {
            Some(hit) => {
                position = hit.0.end;
                found.push(hit);
            }
            None => position = end_of(bytes, start, u8::is_ascii_digit),
        }
    }
    found.sort_by_key(|(place, _)| place.start);
    found
}

fn next_digit(bytes: &[u8], from: usize) -> Option<usize> {
    let found = bytes[from..].iter().position(u8::is_ascii_digit)?;
    Some(from + found)
}

/// Where the run of bytes that begins at `from` ends.
fn end_of(bytes: &[u8], from: usize, belongs: impl Fn(&u8) -> bool) -> usize {
    let length = bytes[from..]
        .iter()
        .take_while(|byte| belongs(byte))
        .count();
    from + length
}

/// E-mail addresses: the usual part of RFC 5322, a dotted domain after the at sign.
fn emails(text: &str) -> Vec<Range<usize>> {
    let bytes = text.as_bytes();
    let mut found: Vec<Range<usize>> = Vec::new();
    for (at, _) in text.match_indices('@') {
        let least = found.last().map_or(0, |place| place.end);
        let name = bytes[least..at]
            .iter()
            .rev()
            .take_while(|&&byte| byte.is_ascii_alphanumeric() || b"._%+-'".contains(&byte))
            .count();
        let start = (at - name..at).find(|&start| bytes[start].is_ascii_alphanumeric());
        if let (Some(start), Some(end)) = (start, domain_end(bytes, at + 1))
            && bytes[at - 1] != b'.'
        {
            found.push(start..end);
        }
    }
    found
}

/// Where a domain that begins at `start` ends: labels joined by dots, the last one of letters.
fn domain_end(bytes: &[u8], start: usize) -> Option<usize> {
    let end = end_of(bytes, start, |&byte| {
        byte.is_ascii_alphanumeric() || byte == b'.' || byte == b'-'
    });
    let domain = std::str::from_utf8(&bytes[start..end]).ok()?;
    let domain = domain.trim_end_matches(['.', '-']);
    let (name, top) = domain.rsplit_once('.')?;
    let is_domain = name
        .split('.')
        .all(|label| !label.is_empty() && !label.starts_with('-') && !label.ends_with('-'))
        && (2..=24).contains(&top.len())
        && top.bytes().all(|byte| byte.is_ascii_alphabetic());
    is_domain.then_some(start + domain.len())
}

/// The personal number whose first digit is at `start`, if there is one.
fn number_at(bytes: &[u8], start: usize) -> Option<(Range<usize>, Kind)> {
    let kinds: [(Finder, Kind); 4] = [
        (iban_at, Kind::Iban),
        (chinese_id_at, Kind::ChineseId),
        (card_at, Kind::Card),
        (phone_at, Kind::Phone),
    ];
    kinds
        .into_iter()
        .find_map(|(finder, kind)| Some((finder(bytes, start)?, kind)))
}

/// Finds a number whose first digit stands at a position.
type Finder = fn(&[u8], usize) -> Option<Range<usize>>;

/// Whether a number may stand there: not as a part of a word, a larger number, a link or a price.
fn stands_alone(bytes: &[u8], place: &Range<usize>) -> bool {
    let before = place.start.checked_sub(1).map(|at| bytes[at]);
    let two_before = place.start.checked_sub(2).map(|at| bytes[at]);
    let after = bytes.get(place.end);
    let two_after = bytes.get(place.end + 1);
    let joins = |byte: u8| byte.is_ascii_alphanumeric() || b"_/=&#$%\\".contains(&byte);
    let continues = |joint: u8, beyond: Option<&u8>| match joint {
        b'-' => beyond.is_some_and(u8::is_ascii_alphanumeric),
        b'.' | b',' | b':' => is_digit(beyond),
        _ => false,
    };
    let starts = before
        .is_none_or(|byte| !joins(byte) && byte != b'+' && !continues(byte, two_before.as_ref()));
    let ends =
        after.is_none_or(|&byte| !joins(byte) && byte != b'@' && !continues(byte, two_after));
    starts && ends
}

fn is_digit(byte: Option<&u8>) -> bool {
    byte.is_some_and(u8::is_ascii_digit)
}

/// Two capital letters, two check digits, 11 to 30 letters and digits, in one piece or in fours.
fn iban_at(bytes: &[u8], start: usize) -> Option<Range<usize>> {
    let start = start.checked_sub(2)?;
    let country = &bytes[start..start + 2];
    if !country.iter().all(u8::is_ascii_uppercase) || !is_digit(bytes.get(start + 3)) {
        return None;
    }
    let mut account: Vec<u8> = Vec::new();
    let mut ends = Vec::new();
    let mut position = start;
    while let Some(&byte) = bytes.get(position).filter(|_| account.len() < 34) {
        if byte.is_ascii_digit() || byte.is_ascii_uppercase() {
            account.push(byte);
            ends.push(position + 1);
        } else if byte != b' ' || !account.len().is_multiple_of(4) {
            break;
        }
        position += 1;
    }
    // The longest first: what follows an account number may look like more of it.
    (15..=account.len()).rev().find_map(|length| {
        let place = start..ends[length - 1];
        (remainder_97(&account[..length]) == 1 && stands_alone(bytes, &place)).then_some(place)
    })
}

/// The remainder by 97 of an account number whose first four signs are put last and whose letters
/// count from ten.
fn remainder_97(account: &[u8]) -> u32 {
    let (head, rest) = account.split_at(4);
    rest.iter().chain(head).fold(0, |remainder, &byte| {
        if byte.is_ascii_digit() {
            (remainder * 10 + u32::from(byte - b'0')) % 97
        } else {
            (remainder * 100 + u32::from(byte - b'A') + 10) % 97
        }
    })
}

/// Six digits of a place, eight of a day of birth, three of an order and one to check.
fn chinese_id_at(bytes: &[u8], start: usize) -> Option<Range<usize>> {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    const CHECK: &[u8; 11] = b"10X98765432";
    let place = start..start + 18;
    let id = bytes.get(place.clone())?;
    let (digits, check) = id.split_at(17);
    if !digits.iter().all(u8::is_ascii_digit) || !stands_alone(bytes, &place) {
        return None;
    }
    let number = |range: Range<usize>| number_of(&digits[range]);
    let is_born = (1900..2100).contains(&number(6..10))
        && (1..=12).contains(&number(10..12))
        && (1..=31).contains(&number(12..14));
    let weighted = digits.iter().zip(WEIGHTS);
    let sum: u32 = weighted
        .map(|(digit, weight)| u32::from(digit - b'0') * weight)
        .sum();
    let passes = check[0].to_ascii_uppercase() == CHECK[sum as usize % 11];
    // Places begin with a region, 1 to 8.
    (passes && is_born && (b'1'..=b'8').contains(&digits[0])).then_some(place)
}

fn number_of(digits: &[u8]) -> u32 {
    digits
        .iter()
        .fold(0, |number, digit| number * 10 + u32::from(digit - b'0'))
}

/// 13 to 19 digits of a known issuer that pass Luhn's check, in one piece or in groups as printed.
fn card_at(bytes: &[u8], start: usize) -> Option<Range<usize>> {
    let number = Grouped::at(bytes, start, b" -")?;
    let digits = &number.digits;
    let printed = match number.groups.as_slice() {
        [_] | [4, 4, 4, 4] | [4, 6, 5] | [4, 6, 4] => true,
        [4, 4, 4, 4, last] => *last <= 3,
        _ => false,
    };
    let varied = digits.iter().any(|digit| digit != &digits[0]);
    (printed && varied && is_issued(digits) && luhn(digits) && stands_alone(bytes, &number.place))
        .then_some(number.place)
}

/// Whether first digits and length are those of a card company (ISO/IEC 7812 ranges).
fn is_issued(digits: &[u8]) -> bool {
    let (length, first) = (digits.len(), number_of(&digits[..4.min(digits.len())]));
    match first {
        4000..=4999 => [13, 16, 19].contains(&length),
        5100..=5599 | 2221..=2720 => length == 16,
        3400..=3499 | 3700..=3799 => length == 15,
        3000..=3059 | 3600..=3699 | 3800..=3999 => length == 14,
        3528..=3589 => length == 16,
        6011 | 6440..=6599 | 6200..=6299 | 8100..=8199 => (16..=19).contains(&length),
        _ => false,
    }
}

/// Luhn's check (US patent 2950048): every second digit from the right doubled, the sum of all
/// digits a multiple of ten.
fn luhn(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(
            |(place, digit)| match (place % 2, u32::from(digit - b'0')) {
                (1, digit) if digit > 4 => 2 * digit - 9,
                (1, digit) => 2 * digit,
                (_, digit) => digit,
            },
        )
        .sum();
    sum.is_multiple_of(10)
}

/// International, Chinese and North American phone numbers.
fn phone_at(bytes: &[u8], start: usize) -> Option<Range<usize>> {
    let number = if start > 0 && bytes[start - 1] == b'+' {
        international(bytes, start)
    } else {
        national(bytes, start)
    };
    number.filter(|place| stands_alone(bytes, place))
}

/// A plus sign and 8 to 15 digits (ITU-T E.164), in groups or not.
fn international(bytes: &[u8], start: usize) -> Option<Range<usize>> {
    let number = Grouped::at(bytes, start, b" -.()/")?;
    let is_phone = (8..=15).contains(&number.digits.len()) && number.digits[0] != b'0';
    is_phone.then_some(start - 1..number.place.end)
}

fn national(bytes: &[u8], start: usize) -> Option<Range<usize>> {
    let mut number = Grouped::at(bytes, start, b" -.()/")?;
    // The area code in brackets, as in (415) 555-2671.
    if start > 0 && bytes[start - 1] == b'(' && bytes.get(start + number.groups[0]) == Some(&b')') {
        number.place.start -= 1;
    }
    let digits = &number.digits;
    let text = &bytes[number.place.clone()];
    let has = |sign: u8| text.contains(&sign);
    let alike = !(has(b'.') && (has(b' ') || has(b'-')));
    let spaces = !(has(b'.') || has(b'-') || has(b')'));
    let is_phone = match number.groups.as_slice() {
        // A slash after the area code: 030/1234567.
        groups if has(b'/') => {
            matches!(groups, [3..=5, 6..=8]) && digits[0] == b'0' && digits[1] != b'0'
        }
        // A Chinese mobile, with its country code or not.
        [11] | [3, 4, 4] if digits[0] == b'1' => digits[1] >= b'3',
        [13] | [2, 11] | [2, 3, 4, 4] => digits.starts_with(b"861") && digits[3] >= b'3',
        // 00 in place of the plus sign.
        [4 | 5, rest @ ..] if digits.starts_with(b"00") => {
            let groups = rest.len() >= 2 && rest[1..].iter().all(|group| (2..=8).contains(group));
            let printed = rest.iter().any(|&group| group != 4) && !has(b'.') && is_close(text);
            groups && printed && digits[2] != b'0' && digits.len() <= 16
        }
        groups if digits[0] == b'0' => {
            digits[1] != b'0' && is_close(text) && is_long_distance(groups, text)
        }
        // North America: the area does not begin with 0 or 1, nor does the exchange; made-up ones
        // do, and say what they are by their separators.
        [3, 3, 4] => {
            let exchange = if spaces { b'2' } else { b'1' };
            digits[0] >= b'2' && digits[3] >= exchange && alike
        }
        [1, 3, 3, 4] => digits[0] == b'1' && digits[1] >= b'2' && digits[4] >= b'2' && alike,
        _ => false,
    };
    is_phone.then_some(number.place)
}

/// Whether no two spaces stand between groups, as between the columns of a table.
fn is_close(text: &[u8]) -> bool {
    !text.windows(2).any(|pair| pair == b"  ")
}

/// Whether a number that begins with 0 is grouped as phone numbers with their area codes are:
/// those of China, Japan and Korea, Australia, Germany, Switzerland, the United Kingdom; of France
/// with points, for five small numbers with spaces may be anything.
fn is_long_distance(groups: &[usize], text: &[u8]) -> bool {
    let gaps = text.split(u8::is_ascii_digit).filter(|gap| !gap.is_empty());
    let gaps: Vec<&[u8]> = gaps.filter(|gap| *gap != b"(").collect();
    let Some((&first, rest)) = gaps.split_first() else {
        return false;
    };
    // A time may follow a date: 01-02-2024 10.
    let even = rest.windows(2).all(|pair| pair[0] == pair[1]);
    match groups {
        [3 | 4, 7 | 8] => first != b".",
        [4 | 5, 6] => first == b" " || first.starts_with(b")"),
        [2, 4, 4] => even && first != b" ",
        [3, 3 | 4, 4] | [3, 4, 3] | [4 | 5, 3, 3] | [4, 3, 4] | [4, 3, 2, 2] | [3, 3, 2, 2] => even,
        [2, 2, 2, 2, 2] => even && first == b".",
        _ => false,
    }
}

/// Digits in groups, with at most two separators between them.
struct Grouped {
    digits: Vec<u8>,
    groups: Vec<usize>,
    place: Range<usize>,
}

impl Grouped {
    /// The digits from `start` on as far as they go, at most 20; `None` when there are fewer than
    /// seven.
    fn at(bytes: &[u8], start: usize, separators: &[u8]) -> Option<Self> {
        const FEWEST: usize = 7;
        const MOST: usize = 20;
        let mut number = Self {
            digits: Vec::new(),
            groups: Vec::new(),
            place: start..start,
        };
        let mut position = start;
        while number.digits.len() <= MOST {
            let end = end_of(bytes, position, u8::is_ascii_digit);
            number.digits.extend_from_slice(&bytes[position..end]);
            number.groups.push(end - position);
            number.place.end = end;
            let next = end_of(bytes, end, |byte| separators.contains(byte));
            if !(end + 1..=end + 2).contains(&next) || !is_digit(bytes.get(next)) {
                break;
            }
            position = next;
        }
        (number.digits.len() >= FEWEST).then_some(number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Kind::{Card, ChineseId, Email, Iban, Phone};

    fn check(text: &str, expected: &[(&str, Kind)]) {
        let found: Vec<_> = find(text)
            .into_iter()
            .map(|(place, kind)| (&text[place], kind))
            .collect();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn e_mail_addresses() {
        check(
            "Mail jo.smith+x@mail.example.com.",
            &[("jo.smith+x@mail.example.com", Email)],
        );
        check(
            "<a@b.cn>,c_d@e-f.org",
            &[("a@b.cn", Email), ("c_d@e-f.org", Email)],
        );
        check("请联系wang@example.com谢谢", &[("wang@example.com", Email)]);
        for none in [
            "@user hello",
            "a @ b.com",
            "5@home",
            "x@y.1",
            "me@localhost",
            "a.@b.com",
            "@@.com",
        ] {
            check(none, &[]);
        }
    }

    #[test]
    fn phone_numbers() {
        for phone in [
            "+44 20 7946 0958",
            "+1 (415) 555-2671",
            "+8613812345678",
            "(415) 555-2671",
            "415-555-2671",
            "415.555.2671",
            "1-800-555-0199",
            "13812345678",
            "138-1234-5678",
            "138 1234 5678",
            "8613812345678",
            "010-62345678",
            "0571-87654321",
            "(555) 123-4567",
            "555.123.4567",
            "555-123-4567",
            "0171-1234567",
            "0171 1234567",
            "0171/1234567",
            "030/12345678",
            "020 7946 0958",
            "(020) 7946 0958",
            "07700 900123",
            "01632 960 001",
            "0412 345 678",
            "0171 123 45 67",
            "044 668 18 00",
            "03-1234-5678",
            "090-1234-5678",
            "(02) 9374 4000",
            "01.23.45.67.89",
            "+44 (0)20 7946 0958",
            "+33 1 23 45 67 89",
            "+49/171/1234567",
            "0049 171 1234567",
            "00353 1 234 5678",
        ] {
            check(&format!("Call {phone}, please"), &[(phone, Phone)]);
        }
        check("电话13812345678。", &[("13812345678", Phone)]);
    }

    #[test]
    fn other_numbers_are_not_phone_numbers() {
        for none in [
            "in 1999-2003 and 2024",
            "order 123456789",
            "id 12345678901",
            "order no. 1234567890123",
            "$13812345678",
            "£1,500,000 or 1.381.234.567",
            "2024-01-15 10:30:00",
            "15.01.2024",
            "https://example.com/status/13812345678",
            "?id=13812345678",
            "#13812345678",
            "A13812345678",
            "12138123456789",
            "3.14159265358",
            "192.168.100.1234",
            "ISBN 978-3-16-148410-0",
            "12 345 678",
            "01-02-2024 10",
            "01.02.2024 1030",
            "01/02/2024",
            "05 2023 2024",
            "03 12 25 33 41",
            "ISBN 0-306-40615-2",
            "ISBN 0 19 852663 6",
            "0.123 4567",
            "invoice 0012 3456 7890",
            "no. 0042-123456",
            "939    1 05750 90850     2565",
            "2 0079  2 0761     4682",
            "200/300/4000",
            "200 100 4000",
            "part 007 123 4567",
            "1+2+3",
            "call 08000930705",
            "score 123-456-7890",
            "200 300 4000.50",
            "+1",
            "+12345",
        ] {
            check(none, &[]);
        }
    }

    #[test]
    fn payment_cards_pass_luhn() {
        check("4111 1111 1111 1111", &[("4111 1111 1111 1111", Card)]);
        check("card 5500005555555559.", &[("5500005555555559", Card)]);
        check("3782-822463-10005", &[("3782-822463-10005", Card)]);
        for none in [
            "4111 1111 1111 1112",
            "4111 11111111 1111",
            "9111111111111111",
            "0000 0000 0000 0000",
            "14111111111111111",
        ] {
            check(none, &[]);
        }
    }

    #[test]
    fn bank_accounts_pass_their_check() {
        check(
            "IBAN DE89 3704 0044 0532 0130 00 today",
            &[("DE89 3704 0044 0532 0130 00", Iban)],
        );
        check(
            "GB82WEST12345698765432",
            &[("GB82WEST12345698765432", Iban)],
        );
        for none in [
            "DE88370400440532013000",
            "XDE89370400440532013000",
            "GB82",
            "AB12CD34",
        ] {
            check(none, &[]);
        }
    }

    #[test]
    fn chinese_identity_numbers_pass_their_check() {
        check(
            "身份证11010519491231002X，",
            &[("11010519491231002X", ChineseId)],
        );
        check("440524188001010014", &[]);
        check("110105194912310021", &[]);
        check("110105194913310029", &[]);
        check("911010519491231002X", &[]);
    }

    #[test]
    fn finds_are_in_order_and_apart() {
        check(
            "13812345678@qq.com 13812345678 a@b.de",
            &[
                ("13812345678@qq.com", Email),
                ("13812345678", Phone),
                ("a@b.de", Email),
            ],
        );
        check("", &[]);
    }
}
