//! Every random choice of Luthier: a counter-based generator without state.
//!
//! Philox4x32-10 (Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3",
//! SC 2011) turns a key and a counter into four words by ten rounds of multiplication. The key is
//! the seed; the counter holds what the number is for, the training step, the site that asks and
//! the index of the number. The same number therefore comes out whatever the order, the thread
//! or the process that asks for it, which is what makes a resumed run equal an uninterrupted one.

use std::f64::consts::TAU;

/// What a random number decides. Part of the counter: two purposes never share a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Purpose {
    /// Which rows go to training, validation and test.
    Split = 1,
    /// The order of the training examples within an epoch.
    Shuffle = 2,
    /// First values of weights that no checkpoint brings.
    Init = 3,
    /// Which activations are dropped.
    Dropout = 4,
    /// Resamples behind a confidence interval.
    Bootstrap = 5,
    /// Tokens of a made-up batch whose step is timed.
    Bench = 6,
    /// Which training rows are repeated or left out so that labels are equally common.
    Balance = 7,
}

// Multipliers and Weyl increments from the paper, table 2.
const M0: u32 = 0xD251_1F53;
const M1: u32 = 0xCD9E_8D57;
const W0: u32 = 0x9E37_79B9;
const W1: u32 = 0xBB67_AE85;

/// Four words from a counter and a key: the bare Philox4x32-10 function.
///
/// Pure and branch-free, so a loop over counters is vectorised by the compiler.
#[inline(always)]
pub fn philox4x32(counter: [u32; 4], key: [u32; 2]) -> [u32; 4] {
    let [mut c0, mut c1, mut c2, mut c3] = counter;
    let [mut k0, mut k1] = key;
    for _ in 0..10 {
        let p0 = u64::from(M0) * u64::from(c0);
        let p1 = u64::from(M1) * u64::from(c2);
        (c0, c1, c2, c3) = (
            (p1 >> 32) as u32 ^ c1 ^ k0,
            p1 as u32,
            (p0 >> 32) as u32 ^ c3 ^ k1,
            p0 as u32,
        );
        k0 = k0.wrapping_add(W0);
        k1 = k1.wrapping_add(W1);
    }
    [c0, c1, c2, c3]
}

/// [`philox4x32`] of `N` counters that follow one another in their first word (the carry is left
/// out), word by word: the same function in a shape that vectorises. Words are kept in 64 bits, of
/// which the upper half may hold anything, so that a product needs no rearranging of lanes.
#[inline(always)]
pub fn philox4x32_lanes<const N: usize>(counter: [u32; 4], key: [u32; 2]) -> [[u32; N]; 4] {
    const WORD: u64 = 0xffff_ffff;
    let mut lanes = counter.map(|word| [u64::from(word); N]);
    for (lane, word) in lanes[0].iter_mut().enumerate() {
        *word += lane as u64;
    }
    let [mut k0, mut k1] = key;
    for _ in 0..10 {
        let [c0, c1, c2, c3] = lanes;
        for lane in 0..N {
            let p0 = u64::from(M0) * (c0[lane] & WORD);
            let p1 = u64::from(M1) * (c2[lane] & WORD);
            lanes[0][lane] = (p1 >> 32) ^ c1[lane] ^ u64::from(k0);
            lanes[1][lane] = p1;
            lanes[2][lane] = (p0 >> 32) ^ c3[lane] ^ u64::from(k1);
            lanes[3][lane] = p0;
        }
        k0 = k0.wrapping_add(W0);
        k1 = k1.wrapping_add(W1);
    }
    let mut words = [[0; N]; 4];
    for (words, lanes) in words.iter_mut().zip(lanes) {
        for (word, lane) in words.iter_mut().zip(lanes) {
            *word = lane as u32;
        }
    }
    words
}

/// The random numbers of one (seed, purpose, step, site).
///
/// A stream is addressed by index and keeps no position, so it can be shared between threads.
/// Two streams that differ in any of the four never use the same counter, as long as steps and
/// blocks stay below 2^44. The readings (`u32x4`, `u64`, `uniform`, `normal`, `draws`) of one
/// stream are made from the same words: take one reading of a stream, and another site for another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stream {
    key: [u32; 2],
    purpose: Purpose,
    step: u64,
    site: u32,
}

/// Steps and blocks have 32 bits of their own and 12 more in the counter's last word.
const HIGH_BITS: u32 = 12;
const HIGH_MASK: u64 = (1 << HIGH_BITS) - 1;

impl Stream {
    /// The stream of `seed` for `purpose` at `step` (training step, epoch or resample; below 2^44),
    /// at site 0.
    pub fn new(seed: u64, purpose: Purpose, step: u64) -> Self {
        debug_assert!(
            step >> (32 + HIGH_BITS) == 0,
            "a step needs no more than 44 bits"
        );
        Self {
            key: [seed as u32, (seed >> 32) as u32],
            purpose,
            step,
            site: 0,
        }
    }

    /// The same stream at another place of the program: a layer, a tensor, a label.
    #[must_use]
    pub fn site(mut self, site: u32) -> Self {
        self.site = site;
        self
    }

    /// The key to give to [`philox4x32`] in a kernel's own loop.
    #[inline(always)]
    pub fn key(&self) -> [u32; 2] {
        self.key
    }

    /// The counter of a block of four words (`block` below 2^44), to give to [`philox4x32`].
    ///
    /// Only the first word changes between neighbouring blocks of the same 2^32.
    #[inline(always)]
    pub fn counter(&self, block: u64) -> [u32; 4] {
        let step_high = ((self.step >> 32) & HIGH_MASK) as u32;
        let block_high = ((block >> 32) & HIGH_MASK) as u32;
        [
            block as u32,
            self.site,
            self.step as u32,
            (self.purpose as u32) << (2 * HIGH_BITS) | step_high << HIGH_BITS | block_high,
        ]
    }

    /// The four words of a block (`block` below 2^44).
    #[inline(always)]
    pub fn u32x4(&self, block: u64) -> [u32; 4] {
        philox4x32(self.counter(block), self.key)
    }

    /// The `index`-th 64-bit number, uniform over all of them; two come from each block.
    #[inline]
    pub fn u64(&self, index: u64) -> u64 {
        let [a, b, c, d] = self.u32x4(index / 2);
        if index.is_multiple_of(2) {
            join(a, b)
        } else {
            join(c, d)
        }
    }

    /// The `index`-th number in [0, 1), with the 53 bits an `f64` can hold.
    #[inline]
    pub fn uniform(&self, index: u64) -> f64 {
        unit(self.u64(index))
    }

    /// The `index`-th standard normal number (mean 0, deviation 1), by Box and Muller (1958).
    pub fn normal(&self, index: u64) -> f64 {
        let [a, b, c, d] = self.u32x4(index / 2);
        // 1 - u is in (0, 1], so that the logarithm is finite.
        let radius = (-2.0 * (1.0 - unit(join(a, b))).ln()).sqrt();
        let angle = TAU * unit(join(c, d));
        radius
            * if index.is_multiple_of(2) {
                angle.cos()
            } else {
                angle.sin()
            }
    }

    /// The stream read from its start, number after number.
    pub fn draws(&self) -> Draws {
        Draws {
            stream: *self,
            next: 0,
        }
    }

    /// Puts the items into a random order, every order as likely as any other (Fisher and Yates).
    pub fn shuffle<T>(&self, items: &mut [T]) {
        let mut draws = self.draws();
        for last in (1..items.len()).rev() {
            items.swap(last, draws.below(last + 1));
        }
    }
}

/// A stream read in order, for choices that may need more than one number each.
#[derive(Debug, Clone)]
pub struct Draws {
    stream: Stream,
    next: u64,
}

impl Draws {
    /// A whole number in 0..`bound`, each exactly as likely (Lemire, 2019); 0 when `bound` is 0.
    pub fn below(&mut self, bound: usize) -> usize {
        let bound = bound as u64;
        if bound == 0 {
            return 0;
        }
        // 2^64 mod bound: products whose low half is smaller belong to an overfull residue.
        let threshold = bound.wrapping_neg() % bound;
        loop {
            let product = u128::from(self.stream.u64(self.next)) * u128::from(bound);
            self.next += 1;
            if product as u64 >= threshold {
                return (product >> 64) as usize;
            }
        }
    }
}

#[inline(always)]
fn join(low: u32, high: u32) -> u64 {
    u64::from(high) << 32 | u64::from(low)
}

#[inline(always)]
fn unit(word: u64) -> f64 {
    (word >> 11) as f64 * (1.0 / (1u64 << 53) as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Known answers of Random123 1.14, tests/kat_vectors, lines "philox4x32 10".
    #[test]
    fn philox_gives_the_known_answers_of_random123() {
        assert_eq!(
            philox4x32([0; 4], [0; 2]),
            [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8]
        );
        assert_eq!(
            philox4x32([u32::MAX; 4], [u32::MAX; 2]),
            [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd]
        );
        assert_eq!(
            philox4x32(
                [0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344],
                [0xa409_3822, 0x299f_31d0]
            ),
            [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1]
        );
    }

    #[test]
    fn lanes_equal_one_block_after_another() {
        let (counter, key) = ([40, 2, 3, 4], [5, 6]);
        let lanes = philox4x32_lanes::<16>(counter, key);
        for lane in 0..16 {
            let mut counter = counter;
            counter[0] += lane as u32;
            assert_eq!(lanes.map(|word| word[lane]), philox4x32(counter, key));
        }
    }

    #[test]
    fn no_two_streams_share_a_counter() {
        let mut seen = std::collections::HashSet::new();
        let far = (1u64 << 44) - 1;
        for purpose in [
            Purpose::Split,
            Purpose::Shuffle,
            Purpose::Init,
            Purpose::Dropout,
        ] {
            for step in [0, 1, 1 << 32, far] {
                for site in [0, 1, u32::MAX] {
                    for block in [0, 1, 1 << 32, far] {
                        let stream = Stream::new(0, purpose, step).site(site);
                        assert!(seen.insert(stream.counter(block)));
                    }
                }
            }
        }
    }

    #[test]
    fn seeds_differ() {
        let first = |seed| Stream::new(seed, Purpose::Init, 0).u32x4(0);
        assert_ne!(first(0), first(1));
        assert_ne!(first(0), first(1 << 32));
    }

    #[test]
    fn uniform_fills_the_unit_interval() {
        let stream = Stream::new(7, Purpose::Init, 0);
        let count = 100_000;
        let values: Vec<f64> = (0..count).map(|index| stream.uniform(index)).collect();
        assert!(values.iter().all(|value| (0.0..1.0).contains(value)));
        let mean = values.iter().sum::<f64>() / count as f64;
        assert!((mean - 0.5).abs() < 0.005, "mean {mean}");
        assert_eq!(
            stream.u64(1) >> 11,
            (stream.uniform(1) * (1u64 << 53) as f64) as u64
        );
    }

    #[test]
    fn normal_has_mean_zero_and_variance_one() {
        let stream = Stream::new(7, Purpose::Init, 0).site(3);
        let count = 100_000;
        let values: Vec<f64> = (0..count).map(|index| stream.normal(index)).collect();
        let mean = values.iter().sum::<f64>() / count as f64;
        let variance = values.iter().map(|value| value * value).sum::<f64>() / count as f64;
        let beyond_two = values
            .iter()
            .filter(|value| value.abs() > 1.959_964)
            .count();
        assert!(mean.abs() < 0.01, "mean {mean}");
        assert!((variance - 1.0).abs() < 0.02, "variance {variance}");
        assert!(
            (beyond_two as f64 / count as f64 - 0.05).abs() < 0.003,
            "{beyond_two} beyond"
        );
    }

    #[test]
    fn shuffle_makes_every_order_equally_likely() {
        let mut counts = std::collections::BTreeMap::new();
        let rounds = 24_000;
        for step in 0..rounds {
            let mut items = [0, 1, 2, 3];
            Stream::new(1, Purpose::Shuffle, step).shuffle(&mut items);
            *counts.entry(items).or_insert(0) += 1;
        }
        assert_eq!(counts.len(), 24);
        // Chi-squared with 23 degrees of freedom: 49.7 is passed once in a thousand.
        let expected = f64::from(rounds as u32) / 24.0;
        let chi: f64 = counts
            .values()
            .map(|&count| (f64::from(count) - expected).powi(2) / expected)
            .sum();
        assert!(chi < 49.7, "chi-squared {chi}");
    }

    #[test]
    fn below_stays_below() {
        let mut draws = Stream::new(1, Purpose::Bootstrap, 0).draws();
        assert_eq!(draws.below(0), 0);
        assert_eq!(draws.below(1), 0);
        assert!((0..1000).all(|_| draws.below(3) < 3));
    }
}
