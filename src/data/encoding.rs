//! Which encoding a file is written in, found out in one pass over its bytes.
//!
//! A byte order mark settles it, then valid UTF-8, then the zero bytes of UTF-16; what is left is
//! told by `chardetng`, the detector of Firefox. Bytes that make no character are counted, never
//! fatal.

use std::fmt;
use std::io::BufRead;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{UTF_8, UTF_16BE, UTF_16LE};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::counting::count_bytes;
use super::line_ends::{EndCount, LineEnds};
use super::signature;
use super::source::{BYTE_ORDER_MARK, Source};
use super::text::Text;
use crate::error::{Error, Result};

/// How many bytes the detector is shown. It has made up its mind long before.
const SHOWN: usize = 4 << 20;

/// How many bytes tell UTF-16 without a byte order mark.
const ZEROS_WITHIN: usize = 64 << 10;

/// A character encoding of the [Encoding Standard](https://encoding.spec.whatwg.org/).
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Encoding(&'static encoding_rs::Encoding);

impl Encoding {
    /// UTF-8.
    pub const UTF_8: Self = Self(&encoding_rs::UTF_8_INIT);

    const WINDOWS_1252: Self = Self(&encoding_rs::WINDOWS_1252_INIT);

    /// The encoding of this name, or of another that the Encoding Standard knows it by
    /// (`latin1` is windows-1252, `gb2312` is GBK).
    pub fn named(name: &str) -> Option<Self> {
        encoding_rs::Encoding::for_label(name.trim().as_bytes()).map(Self)
    }

    /// Its name in the Encoding Standard.
    pub fn name(self) -> &'static str {
        self.0.name()
    }

    pub(super) fn is_utf8(self) -> bool {
        self.0 == UTF_8
    }

    /// Whether it writes a language in Latin letters with one byte each.
    fn is_latin_script(self) -> bool {
        let names = [
            "windows-1250",
            "windows-1254",
            "windows-1257",
            "windows-1258",
            "ISO-8859-2",
            "ISO-8859-4",
        ];
        names.contains(&self.name())
    }

    /// Whether it writes Chinese, Japanese or Korean with two bytes a character.
    fn is_east_asian(self) -> bool {
        ["GBK", "gb18030", "Big5", "Shift_JIS", "EUC-JP", "EUC-KR"].contains(&self.name())
    }

    pub(super) fn decoder(self) -> encoding_rs::Decoder {
        self.0.new_decoder_with_bom_removal()
    }

    /// The text of these bytes, and whether each of them was part of a character.
    pub(super) fn decode(self, bytes: &[u8]) -> (String, bool) {
        let (text, faults) = self.0.decode_with_bom_removal(bytes);
        (text.into_owned(), !faults)
    }
}

impl fmt::Display for Encoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Debug for Encoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Serialize for Encoding {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for Encoding {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        Self::named(&name).ok_or_else(|| {
            de::Error::custom(format!(
                "\"{name}\" is no encoding; expected is a name such as UTF-8, GBK, Big5 or \
                 windows-1252"
            ))
        })
    }
}

/// What one pass over a text file tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Scan {
    pub encoding: Encoding,
    /// Whether the file starts with a byte order mark.
    pub byte_order_mark: bool,
    /// What ends its lines; `None` where it is a single line.
    pub line_ends: Option<LineEnds>,
    /// The number of places whose bytes make no character.
    pub undecodable: u64,
}

/// Reads the whole file once and says what text it is. `given` is an encoding named by hand.
///
/// Fails when the file cannot be read, is not text, or holds nothing but white space.
pub(super) fn scan(source: &Source, given: Option<Encoding>) -> Result<Scan> {
    let mut bytes = source.bytes()?;
    let start = bytes.fill_buf().map_err(|cause| source.fault(cause))?;
    signature::refuse_other_kinds(source, start)?;
    let marked = marked(start);
    let known = given
        .or(marked)
        .or_else(|| utf16_by_zeros(&start[..start.len().min(ZEROS_WITHIN)]));
    let found = match known {
        Some(encoding) if !encoding.is_utf8() => recount(source, encoding)?,
        _ => {
            if start.starts_with(BYTE_ORDER_MARK) {
                bytes.consume(BYTE_ORDER_MARK.len());
            }
            let seen = look(source, &mut *bytes)?;
            let encoding = given.unwrap_or_else(|| seen.encoding());
            if encoding.is_utf8() {
                seen.counts
            } else {
                recount(source, encoding)?
            }
        }
    };
    if found.blank {
        return Err(Error::new(format!(
            "{source} is empty; rows with a text and a label are expected"
        ))
        .remedy("Choose another file, or fill this one."));
    }
    Ok(Scan {
        encoding: found.encoding,
        byte_order_mark: marked.is_some(),
        line_ends: found.ends.kind(),
        undecodable: found.undecodable,
    })
}

/// The encoding that the byte order mark names.
fn marked(start: &[u8]) -> Option<Encoding> {
    encoding_rs::Encoding::for_bom(start).map(|(encoding, _)| Encoding(encoding))
}

/// UTF-16 without a mark: characters below U+0100 have a zero byte, always on the same side.
fn utf16_by_zeros(start: &[u8]) -> Option<Encoding> {
    let zeros = |from: usize| {
        start
            .iter()
            .skip(from)
            .step_by(2)
            .filter(|&&byte| byte == 0)
            .count()
    };
    let (even, odd) = (zeros(0), zeros(1));
    let pairs = start.len() / 2;
    // Chinese prose has few of them, but its line ends and digits do; a single NUL in a text
    // file does not make it UTF-16.
    let enough = |zeros: usize| zeros > 1 && zeros * 50 >= pairs;
    let encoding = match (enough(even), enough(odd)) {
        (false, true) if even == 0 => UTF_16LE,
        (true, false) if odd == 0 => UTF_16BE,
        _ => return None,
    };
    let whole = &start[..pairs * 2];
    let decoded = encoding.decode_without_bom_handling_and_without_replacement(whole)?;
    // The other way round it would be control characters all over.
    (!decoded.contains('\0')).then_some(Encoding(encoding))
}

/// What a text is made of.
#[derive(Debug, Clone, Copy)]
struct Counts {
    encoding: Encoding,
    blank: bool,
    ends: EndCount,
    undecodable: u64,
}

impl Counts {
    fn new(encoding: Encoding) -> Self {
        Self {
            encoding,
            blank: true,
            ends: EndCount::default(),
            undecodable: 0,
        }
    }

    fn pass(&mut self, bytes: &[u8]) {
        self.blank = self.blank && bytes.trim_ascii().is_empty();
        self.ends.pass(bytes);
    }
}

/// What was seen of a file while it was taken for UTF-8.
struct Seen {
    counts: Counts,
    bytes: u64,
    /// Characters beyond ASCII that are right UTF-8.
    beyond_ascii: u64,
    detector: EncodingDetector,
}

impl Seen {
    /// UTF-8 where it is valid, or damaged in few places; else what the detector says.
    fn encoding(&self) -> Encoding {
        if self.beyond_ascii >= self.counts.undecodable.saturating_mul(4) {
            return Encoding::UTF_8;
        }
        let guess = Encoding(self.detector.guess(None, Utf8Detection::Deny));
        // A few accents in an English text say nothing about its country.
        let few = self.counts.undecodable.saturating_mul(200) < self.bytes;
        if few && guess.is_latin_script() {
            return Encoding::WINDOWS_1252;
        }
        guess
    }
}

/// Reads a file as UTF-8, showing the detector what follows the first fault.
fn look(source: &Source, bytes: &mut dyn BufRead) -> Result<Seen> {
    let mut seen = Seen {
        counts: Counts::new(Encoding::UTF_8),
        bytes: 0,
        beyond_ascii: 0,
        detector: EncodingDetector::new(Iso2022JpDetection::Deny),
    };
    let mut shown = 0;
    // A character may be cut by the end of a block: at most 3 bytes wait for the next one.
    let mut pending: Vec<u8> = Vec::with_capacity(4);
    loop {
        let block = bytes.fill_buf().map_err(|cause| source.fault(cause))?;
        let read = block.len();
        let joined;
        let whole = if pending.is_empty() {
            block
        } else {
            joined = [pending.as_slice(), block].concat();
            joined.as_slice()
        };
        let ended = read == 0;
        let valid = seen.pass_utf8(whole, ended);
        if seen.counts.undecodable > 0 && shown < SHOWN {
            shown += valid;
            seen.detector.feed(&whole[..valid], ended);
        }
        pending = whole[valid..].to_vec();
        seen.bytes += read as u64;
        bytes.consume(read);
        if ended {
            return Ok(seen);
        }
    }
}

impl Seen {
    /// Counts a block, up to a character that its end may have cut; says how far that is.
    fn pass_utf8(&mut self, block: &[u8], ended: bool) -> usize {
        let mut rest = block;
        loop {
            match std::str::from_utf8(rest) {
                Ok(text) => {
                    self.pass_text(text.as_bytes());
                    return block.len();
                }
                Err(fault) => {
                    let (good, bad) = rest.split_at(fault.valid_up_to());
                    self.pass_text(good);
                    let Some(length) = fault.error_len().or(ended.then_some(bad.len())) else {
                        return block.len() - bad.len();
                    };
                    self.counts.undecodable += 1;
                    self.counts.pass(&bad[..length]);
                    rest = &bad[length..];
                }
            }
        }
    }

    fn pass_text(&mut self, text: &[u8]) {
        self.counts.pass(text);
        // Every character beyond ASCII has one byte that does not continue another.
        self.beyond_ascii += count_bytes(text, |byte| byte >= 0xC0) as u64;
    }
}

/// Reads a file in an encoding other than UTF-8, to count what the decoded text is made of.
fn recount(source: &Source, encoding: Encoding) -> Result<Counts> {
    let mut counts = Counts::new(encoding);
    let text = Text::new(source, encoding);
    let mut decoded = text.open()?;
    loop {
        let block = decoded.fill_buf().map_err(|cause| source.fault(cause))?;
        let read = block.len();
        if read == 0 {
            break;
        }
        counts.pass(block);
        decoded.consume(read);
    }
    counts.undecodable = text.undecodable();
    Ok(counts)
}

/// The encoding that most of these byte strings share, where they are not UTF-8.
pub(super) fn common<'a>(files: impl IntoIterator<Item = &'a [u8]>) -> Encoding {
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    for bytes in files {
        if std::str::from_utf8(bytes).is_err() {
            detector.feed(bytes, false);
            detector.feed(b"\n", false);
        }
    }
    detector.feed(b"", true);
    Encoding(detector.guess(None, Utf8Detection::Deny))
}

/// The encoding of one file among several: its own mark, UTF-8, the others', its own.
pub(super) fn of_one(bytes: &[u8], others: Encoding) -> Encoding {
    if let Some(encoding) = marked(bytes) {
        return encoding;
    }
    if std::str::from_utf8(bytes).is_ok() {
        return Encoding::UTF_8;
    }
    if let Some(encoding) = utf16_by_zeros(bytes) {
        return encoding;
    }
    let own = common([bytes]);
    // An encoding of one byte a character takes any bytes for letters: a text of mostly other ones
    // that is whole in an encoding of East Asia is written in that.
    let latin = others == Encoding::WINDOWS_1252 || others.is_latin_script();
    if latin && own.is_east_asian() && is_mostly_beyond_ascii(bytes) && own.decode(bytes).1 {
        return own;
    }
    let decodes = others.decode(bytes).1;
    if decodes { others } else { own }
}

fn is_mostly_beyond_ascii(bytes: &[u8]) -> bool {
    count_bytes(bytes, |byte| byte >= 0x80) * 2 > bytes.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scanned(bytes: impl Into<Vec<u8>>) -> Scan {
        scan(&source(bytes), None).unwrap()
    }

    fn source(bytes: impl Into<Vec<u8>>) -> Source {
        Source::Bundled {
            name: "a.csv",
            bytes: bytes.into().leak(),
        }
    }

    fn encoded(encoding: &'static encoding_rs::Encoding, text: &str) -> Vec<u8> {
        encoding.encode(text).0.into_owned()
    }

    #[test]
    fn utf8_is_told_with_and_without_a_byte_order_mark() {
        let found = scanned("è,1\n");
        assert_eq!(
            (found.encoding, found.byte_order_mark),
            (Encoding::UTF_8, false)
        );
        let found = scanned("\u{feff}è,1\r\n");
        assert_eq!(
            (found.encoding, found.byte_order_mark),
            (Encoding::UTF_8, true)
        );
        assert_eq!(found.line_ends, Some(LineEnds::CrLf));
    }

    #[test]
    fn a_few_wrong_bytes_leave_utf8_what_it_is() {
        let mut bytes = "这部电影很好看，我们都喜欢。\n".repeat(9).into_bytes();
        bytes.extend(b"caf\xE9\n");
        let found = scanned(bytes);
        assert_eq!((found.encoding, found.undecodable), (Encoding::UTF_8, 1));
    }

    #[test]
    fn chinese_and_western_encodings_are_told_apart() {
        let chinese = "这家酒店的环境很好，服务也不错，下次还会再来。\n".repeat(5);
        let found = scanned(encoded(encoding_rs::GBK, &chinese));
        assert_eq!((found.encoding.name(), found.undecodable), ("GBK", 0));
        let traditional = "這家酒店的環境很好，服務也不錯，下次還會再來。\n".repeat(5);
        let found = scanned(encoded(encoding_rs::BIG5, &traditional));
        assert_eq!(found.encoding.name(), "Big5");
        let western = "text,label\nun café très agréable,1\npas terrible, déçu,0\n";
        let found = scanned(encoded(encoding_rs::WINDOWS_1252, western));
        assert_eq!(found.encoding.name(), "windows-1252");
        let rare = "Who was the first of them to go there ?\n".repeat(50) + "Who was Pelé ?\n";
        let found = scanned(encoded(encoding_rs::WINDOWS_1252, &rare));
        assert_eq!(found.encoding.name(), "windows-1252");
        let polish = "żółw i gęś ścigają się wzdłuż brzegu, a łódź płynie pod wiatr\n".repeat(5);
        let found = scanned(encoded(encoding_rs::WINDOWS_1250, &polish));
        assert_eq!(found.encoding.name(), "windows-1250");
    }

    #[test]
    fn utf16_is_told_with_and_without_a_byte_order_mark() {
        let text = "text,label\r\n很好,1\r\ngood,0\r\n";
        for (mark, swap, name) in [
            (true, false, "UTF-16LE"),
            (true, true, "UTF-16BE"),
            (false, false, "UTF-16LE"),
            (false, true, "UTF-16BE"),
        ] {
            let units = mark.then_some('\u{feff}').into_iter().chain(text.chars());
            let units: String = units.collect();
            let bytes: Vec<u8> = units
                .encode_utf16()
                .flat_map(|unit| {
                    if swap {
                        unit.to_be_bytes()
                    } else {
                        unit.to_le_bytes()
                    }
                })
                .collect();
            let found = scanned(bytes);
            assert_eq!(
                (
                    found.encoding.name(),
                    found.byte_order_mark,
                    found.line_ends
                ),
                (name, mark, Some(LineEnds::CrLf))
            );
        }
        assert_eq!(scanned("a\0b,1\n").encoding, Encoding::UTF_8);
    }

    #[test]
    fn a_character_cut_by_a_block_is_whole() {
        let source = source("");
        let text = "a€b€\n".repeat(9);
        for size in 1..8 {
            let mut bytes = std::io::BufReader::with_capacity(size, text.as_bytes());
            let seen = look(&source, &mut bytes).unwrap();
            assert_eq!((seen.counts.undecodable, seen.beyond_ascii), (0, 18));
            assert!(!seen.counts.blank);
        }
    }

    #[test]
    fn white_space_is_empty() {
        for text in [" \n\t\r\n", "", "\u{feff}"] {
            let error = scan(&source(text), None).unwrap_err();
            assert!(error.what().contains("is empty"), "{error}");
        }
    }
}
