//! What ends the lines of a file.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::counting::{count_bytes, count_pairs};

/// What ends the lines of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LineEnds {
    /// LF, as on Linux and macOS.
    Lf,
    /// CR LF, as on Windows.
    CrLf,
    /// CR alone, as on the Macintosh before 2001.
    Cr,
    /// More than one of these.
    Mixed,
}

impl fmt::Display for LineEnds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Lf => "LF",
            Self::CrLf => "CR LF",
            Self::Cr => "CR",
            Self::Mixed => "mixed",
        })
    }
}

/// Counts line ends by kind, block by block.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct EndCount {
    feeds: u64,
    returns: u64,
    pairs: u64,
    after_return: bool,
}

impl EndCount {
    pub fn pass(&mut self, block: &[u8]) {
        let Some(&last) = block.last() else {
            return;
        };
        let pairs = count_pairs(block, |first, second| first == b'\r' && second == b'\n');
        self.feeds += count_bytes(block, |byte| byte == b'\n') as u64;
        self.returns += count_bytes(block, |byte| byte == b'\r') as u64;
        self.pairs += pairs as u64 + u64::from(self.after_return && block[0] == b'\n');
        self.after_return = last == b'\r';
    }

    /// The kind of line end; a few strangers, such as those inside of quoted texts, do not count.
    pub fn kind(&self) -> Option<LineEnds> {
        const FEW: u64 = 20;
        let counts = [
            (LineEnds::Lf, self.feeds - self.pairs),
            (LineEnds::CrLf, self.pairs),
            (LineEnds::Cr, self.returns - self.pairs),
        ];
        let (kind, most) = counts.into_iter().max_by_key(|&(_, count)| count)?;
        let all: u64 = counts.iter().map(|&(_, count)| count).sum();
        match most {
            0 => None,
            _ if (all - most) * FEW <= all => Some(kind),
            _ => Some(LineEnds::Mixed),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_ends_are_told_across_blocks() {
        for (text, kind) in [
            ("one line", None),
            ("a\nb\n", Some(LineEnds::Lf)),
            ("a\r\nb\r\n", Some(LineEnds::CrLf)),
            ("a\rb\r", Some(LineEnds::Cr)),
            ("a\r\nb\rc\nd", Some(LineEnds::Mixed)),
        ] {
            for size in 1..5 {
                let mut count = EndCount::default();
                text.as_bytes()
                    .chunks(size)
                    .for_each(|block| count.pass(block));
                assert_eq!(count.kind(), kind, "{text:?}");
            }
        }
    }
}
