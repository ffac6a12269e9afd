//! Near duplicates: texts that are almost the same, found in linear time.
//!
//! Two texts are compared by the stretches of `SHINGLE` bytes that they have in common, after
//! case, punctuation and white space were levelled. Six bytes are six letters of English, three of
//! Russian and two characters of Chinese, so that one rule serves every script. Their
//! *resemblance* is the Jaccard index of the two sets (Broder, "On the resemblance and containment
//! of documents", 1997), and texts nearly repeat each other from [`NEAR`] on: about one word
//! replaced in ten.
//!
//! A [`Sketch`] estimates it from 128 bytes: one-permutation hashing (Li, Owen and Zhang, NIPS
//! 2012), empty bins filled from a neighbour (Shrivastava and Li, "Improved densification of one
//! permutation hashing", UAI 2014), of which the lowest 8 bits are kept (Li and König, "b-bit
//! minwise hashing", WWW 2010). Its standard error near the threshold is about 0.04.
//! [`groups_of`] compares only sketches that agree in one of 16 bands of 8 bins: a pair at 0.8 is
//! met with a probability of 0.95, one at 0.9 almost surely, one at 0.5 in 6 of 100 cases, and then
//! refused.
//!
//! Short texts (below `SHORT` shingles, some six words) repeat each other only when they are the
//! same once levelled: "good film" is "Good film!", but not "good films". Numbers and names are
//! words like any other, so "order 123" and "order 456" are two texts, and a letter of twenty
//! lines with another number in it is one text twice.

use rayon::prelude::*;

/// Bytes of a shingle.
const SHINGLE: usize = 6;

/// Texts with fewer shingles than this have to be equal.
const SHORT: usize = 32;

/// The resemblance from which two texts nearly repeat each other.
pub const NEAR: f64 = 0.8;

/// Bins of a sketch, and its bytes.
const BINS: usize = 128;

/// A bin that no shingle fell into.
const EMPTY: u32 = u32::MAX;

/// Bins of a band, whose eight bytes are its key.
const BAND: usize = 8;

/// How many neighbours in a band a sketch is compared with; bounds the time when thousands of
/// texts share a band.
const NEIGHBOURS: usize = 8;

/// A digest of a text that tells how much two texts resemble each other.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Sketch {
    bins: [u8; BINS],
    short: bool,
}

impl Sketch {
    /// The sketch of a text.
    pub fn of(text: &str) -> Self {
        let levelled = levelled(text);
        if levelled.is_empty() {
            // Nothing but punctuation, such as ":)": compared as it stands.
            Self::of_bytes(text.trim().as_bytes())
        } else {
            Self::of_bytes(&levelled)
        }
    }

    fn of_bytes(bytes: &[u8]) -> Self {
        /// The bits of a shingle, of which the latest byte is the lowest.
        const MASK: u64 = (1 << (8 * SHINGLE)) - 1;
        let mut bins = [EMPTY; BINS];
        let mut sum = 0u64;
        let (start, rest) = bytes.split_at(bytes.len().min(SHINGLE - 1));
        let shift = |shingle: u64, &byte: &u8| shingle << 8 | u64::from(byte);
        let mut shingle = start.iter().fold(0, shift);
        for byte in rest {
            shingle = shift(shingle, byte) & MASK;
            let hash = mixed(shingle);
            sum = sum.wrapping_add(hash);
            let bin = &mut bins[(hash >> 57) as usize];
            *bin = (*bin).min((hash >> 24) as u32);
        }
        if rest.len() < SHORT {
            let whole = if rest.is_empty() { mixed(shingle) } else { sum };
            Self {
                bins: repeated(whole),
                short: true,
            }
        } else {
            Self {
                bins: filled(&bins).map(|hash| hash as u8),
                short: false,
            }
        }
    }

    /// An estimate of the Jaccard index of the two texts' shingles, in 0..=1.
    pub fn resemblance(&self, other: &Self) -> f64 {
        /// Different shingles agree in their lowest 8 bits this often.
        const CHANCE: f64 = 1.0 / 256.0;
        let same = self.bins.iter().zip(&other.bins).filter(|(a, b)| a == b);
        let share = same.count() as f64 / BINS as f64;
        ((share - CHANCE) / (1.0 - CHANCE)).max(0.0)
    }

    /// Whether one of the two texts nearly repeats the other.
    pub fn repeats(&self, other: &Self) -> bool {
        if self.short || other.short {
            self == other
        } else {
            self.resemblance(other) >= NEAR
        }
    }

    /// The bins of a band, as a number.
    fn key(&self, band: usize) -> u64 {
        self.bins[band * BAND..][..BAND]
            .iter()
            .fold(0, |key, &bin| key << 8 | u64::from(bin))
    }
}

/// The bins of a short text: few shingles make few different bins, in which texts that have
/// nothing in common would agree by chance, so that all of them stand for the whole text.
fn repeated(whole: u64) -> [u8; BINS] {
    let mut bins = [0; BINS];
    for (band, bins) in (0..).zip(bins.chunks_exact_mut(BAND)) {
        bins.copy_from_slice(&mixed(whole.wrapping_add(band)).to_le_bytes());
    }
    bins
}

/// A hash in whose bits every bit of the input has a part: the folded product of wyhash.
#[inline(always)]
fn mixed(value: u64) -> u64 {
    let product = u128::from(value ^ 0xa076_1d64_78bd_642f) * 0xe703_7ed1_a0b4_28db;
    (product >> 64) as u64 ^ product as u64
}

/// The bins, each empty one with the value of the nearest full one: of those to its left at even
/// places, of those to its right at odd ones, around the ends.
fn filled(bins: &[u32; BINS]) -> [u32; BINS] {
    let is_full = |bin: &u32| *bin != EMPTY;
    // Without a branch, which would be as hard to foresee as the hashes.
    let nearest = |last: u32, bin: u32| if bin == EMPTY { last } else { bin };
    let mut filled = *bins;
    let mut left = bins.iter().copied().rfind(is_full).unwrap_or(EMPTY);
    let mut right = bins.iter().copied().find(is_full).unwrap_or(EMPTY);
    for (filled, bins) in filled.chunks_exact_mut(2).zip(bins.chunks_exact(2)) {
        filled[0] = nearest(left, bins[0]);
        left = nearest(filled[0], bins[1]);
    }
    for (filled, bins) in filled.chunks_exact_mut(2).zip(bins.chunks_exact(2)).rev() {
        filled[1] = nearest(right, bins[1]);
        right = nearest(filled[1], bins[0]);
    }
    filled
}

/// The bytes of a text in lower case, with one space for every run of white space and punctuation,
/// at the start and at the end too; none when there is nothing else.
fn levelled(text: &str) -> Vec<u8> {
    let bytes = text.as_bytes();
    let mut levelled = Vec::with_capacity(bytes.len() + 2);
    levelled.push(b' ');
    let mut position = 0;
    while position < bytes.len() {
        let byte = bytes[position];
        if byte.is_ascii() {
            position += 1;
            push(&mut levelled, ASCII[usize::from(byte)]);
        } else {
            let char = text[position..].chars().next().unwrap_or_default();
            position += char.len_utf8();
            push_beyond_ascii(&mut levelled, char);
        }
    }
    push(&mut levelled, b' ');
    if levelled.len() == 1 {
        levelled.clear();
    }
    levelled
}

/// The bytes of ASCII in lower case, and a space for what separates.
const ASCII: [u8; 128] = {
    let mut levelled = [b' '; 128];
    let mut byte = 0;
    while byte < 128 {
        if (byte as u8).is_ascii_alphanumeric() {
            levelled[byte] = (byte as u8).to_ascii_lowercase();
        }
        byte += 1;
    }
    levelled
};

#[inline(always)]
fn push(levelled: &mut Vec<u8>, byte: u8) {
    if byte != b' ' || levelled.last() != Some(&b' ') {
        levelled.push(byte);
    }
}

fn push_beyond_ascii(levelled: &mut Vec<u8>, char: char) {
    let mut buffer = [0; 4];
    if separates(char) {
        push(levelled, b' ');
    } else if char < '\u{2e80}' {
        for lower in char.to_lowercase() {
            levelled.extend_from_slice(lower.encode_utf8(&mut buffer).as_bytes());
        }
    } else {
        // From here on, where Chinese begins, no cases are worth a look into the table.
        levelled.extend_from_slice(char.encode_utf8(&mut buffer).as_bytes());
    }
}

/// White space, control characters and punctuation beyond ASCII, but not symbols such as emoji,
/// which say something.
fn separates(char: char) -> bool {
    match char {
        '\u{80}'..='\u{bf}' => !matches!(char, 'ª' | '²' | '³' | 'µ' | '¹' | 'º' | '¼'..='¾'),
        '\u{2000}'..='\u{206f}' | '\u{3000}'..='\u{3004}' | '\u{3008}'..='\u{3020}' => true,
        '\u{fe10}'..='\u{fe6f}' | '\u{feff}' => true,
        '\u{ff01}'..='\u{ff0f}' | '\u{ff1a}'..='\u{ff20}' | '\u{ff3b}'..='\u{ff40}' => true,
        '\u{ff5b}'..='\u{ff65}' => true,
        _ => false,
    }
}

/// For each text the position of the first text of its group: texts are in one group when a chain
/// of near repeats joins them.
///
/// Which texts are together depends neither on their order nor on the number of threads.
pub fn groups<T: AsRef<str> + Sync>(texts: &[T]) -> Vec<usize> {
    let sketches: Vec<Sketch> = texts
        .par_iter()
        .map(|text| Sketch::of(text.as_ref()))
        .collect();
    groups_of(&sketches)
}

/// [`groups`] of texts that were sketched before.
pub fn groups_of(sketches: &[Sketch]) -> Vec<usize> {
    let mut groups = Groups::new(sketches.len());
    // One band after the other, so that only one is held.
    for band in 0..BINS / BAND {
        let mut keys: Vec<(u64, usize)> = sketches
            .par_iter()
            .enumerate()
            .map(|(position, sketch)| (sketch.key(band), position))
            .collect();
        keys.par_sort_unstable();
        for bucket in keys.chunk_by_mut(|a, b| a.0 == b.0) {
            if bucket.len() > 1 {
                // By content, so that the order of the texts does not matter.
                bucket.sort_unstable_by_key(|&(_, text)| &sketches[text]);
                join_neighbours(sketches, bucket, &mut groups);
            }
        }
    }
    (0..sketches.len()).map(|text| groups.first(text)).collect()
}

/// Joins the members of a bucket that nearly repeat one shortly before them.
fn join_neighbours(sketches: &[Sketch], bucket: &[(u64, usize)], groups: &mut Groups) {
    for (place, &(_, text)) in bucket.iter().enumerate().skip(1) {
        for &(_, before) in bucket[place.saturating_sub(NEIGHBOURS)..place].iter().rev() {
            if groups.first(before) != groups.first(text)
                && sketches[before].repeats(&sketches[text])
            {
                groups.join(before, text);
            }
        }
    }
}

/// Disjoint sets (Tarjan, 1975), each known by its first member.
#[derive(Debug, Clone)]
pub(super) struct Groups {
    parent: Vec<usize>,
}

impl Groups {
    pub(super) fn new(count: usize) -> Self {
        Self {
            parent: (0..count).collect(),
        }
    }

    /// The first member of the set that holds `member`.
    pub(super) fn first(&mut self, mut member: usize) -> usize {
        while self.parent[member] != member {
            self.parent[member] = self.parent[self.parent[member]];
            member = self.parent[member];
        }
        member
    }

    pub(super) fn join(&mut self, a: usize, b: usize) {
        let (a, b) = (self.first(a), self.first(b));
        self.parent[a.max(b)] = a.min(b);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::{Purpose, Stream};
    use std::collections::HashSet;

    /// A text of made-up words, drawn from a vocabulary of a thousand.
    fn text(seed: u64, words: usize) -> Vec<String> {
        let mut draws = Stream::new(seed, Purpose::Shuffle, 0).draws();
        (0..words)
            .map(|_| format!("wo{}rd", draws.below(1000)))
            .collect()
    }

    fn shingles(text: &str) -> HashSet<Vec<u8>> {
        levelled(text)
            .windows(SHINGLE)
            .map(<[u8]>::to_vec)
            .collect()
    }

    fn exact(a: &str, b: &str) -> f64 {
        let (a, b) = (shingles(a), shingles(b));
        a.intersection(&b).count() as f64 / a.union(&b).count() as f64
    }

    fn same(a: &str, b: &str) -> bool {
        groups(&[a, b]) == [0, 0]
    }

    #[test]
    fn resemblance_is_close_to_the_jaccard_index() {
        for (seed, words) in (0..60).zip([40, 80, 400].into_iter().cycle()) {
            let mut words = text(seed, words);
            let before = words.join(" ");
            let step = 3 + seed as usize;
            for word in words.iter_mut().step_by(step) {
                *word = "something".into();
            }
            let after = words.join(" ");
            let estimate = Sketch::of(&before).resemblance(&Sketch::of(&after));
            let exact = exact(&before, &after);
            assert!((estimate - exact).abs() < 0.15, "{estimate} for {exact}");
        }
    }

    #[test]
    fn case_punctuation_and_white_space_do_not_count() {
        assert!(same("Good film!", "  good\tFILM"));
        assert!(same("很好，我喜欢！", "很好 我喜欢"));
        assert!(same("ÉTÉ à Paris", "été à paris..."));
    }

    #[test]
    fn short_texts_do_not_clump() {
        let texts = [
            "ok",
            "OK.",
            "no",
            "good film",
            "good films",
            "order 123",
            "order 456",
            "好",
            "很好",
        ];
        assert_eq!(groups(&texts), [0, 0, 2, 3, 4, 5, 6, 7, 8]);
    }

    #[test]
    fn very_short_texts_are_not_mistaken_for_each_other() {
        let texts: Vec<String> = (0..20_000).map(|number| format!("{number:x}")).collect();
        let groups = groups(&texts);
        assert!(
            groups
                .into_iter()
                .enumerate()
                .all(|(text, first)| text == first)
        );
    }

    #[test]
    fn texts_without_letters_are_compared_as_they_stand() {
        assert_eq!(
            groups(&[":)", ":(", ":)", "👍", "👎", ""]),
            [0, 1, 0, 3, 4, 5]
        );
    }

    #[test]
    fn one_word_in_a_long_text_makes_no_difference_and_many_do() {
        let words = text(1, 60);
        let changed = |step: usize| {
            let mut words = words.clone();
            words
                .iter_mut()
                .step_by(step)
                .for_each(|word| word.push_str("xyz"));
            words.join(" ")
        };
        let whole = words.join(" ");
        assert!(same(&whole, &changed(60)));
        assert!(!same(&whole, &changed(4)));
        assert!(!same(&whole, &text(2, 60).join(" ")));
    }

    #[test]
    fn chinese_texts_that_differ_in_one_character_of_thirty_are_near() {
        let before = "房间很大也很干净前台的服务员非常热情早餐种类丰富下次来还会选择这里住";
        let after = before.replace("热情", "热心");
        assert!(same(before, &after));
        assert!(!same(
            before,
            "房间很小也不干净前台的服务员态度冷淡早餐没有什么可吃的下次不会再来了"
        ));
    }

    #[test]
    fn neither_order_nor_threads_change_the_groups() {
        let mut texts = Vec::new();
        for seed in 0..200 {
            let words = text(seed % 70, 50);
            let mut words = words.clone();
            words[(seed / 7) as usize] = format!("changed{seed}");
            texts.push(words.join(" "));
        }
        let partition = |order: &[usize]| {
            let ordered: Vec<&str> = order.iter().map(|&at| texts[at].as_str()).collect();
            let mut sets = std::collections::BTreeMap::<usize, Vec<usize>>::new();
            for (place, first) in groups(&ordered).into_iter().enumerate() {
                assert!(first <= place);
                sets.entry(first).or_default().push(order[place]);
            }
            let mut sets: Vec<Vec<usize>> = sets.into_values().collect();
            sets.iter_mut().for_each(|set| set.sort_unstable());
            sets.sort();
            sets
        };
        let mut order: Vec<usize> = (0..texts.len()).collect();
        let expected = partition(&order);
        assert_eq!(expected.len(), 70);
        for step in 0..5 {
            Stream::new(9, Purpose::Shuffle, step).shuffle(&mut order);
            assert_eq!(partition(&order), expected);
        }
        let one = rayon::ThreadPoolBuilder::new()
            .num_threads(1)
            .build()
            .unwrap();
        assert_eq!(one.install(|| partition(&order)), expected);
    }

    #[test]
    fn thousands_of_equal_texts_are_one_group() {
        let texts = vec!["the same text every time, and it is not so very short"; 5000];
        assert!(groups(&texts).into_iter().all(|first| first == 0));
    }
}
