//! Counting and finding bytes of a kind, as fast as they can be read.

/// How many bytes `is` holds for.
pub(super) fn count_bytes(bytes: &[u8], is: impl Fn(u8) -> bool) -> usize {
    // So few that their number fits a byte: then as many are counted at once as fit a register.
    let few = bytes.chunks(usize::from(u8::MAX));
    few.map(|few| {
        let count = few
            .iter()
            .fold(0, |count, &byte| count + u8::from(is(byte)));
        usize::from(count)
    })
    .sum()
}

/// How many places `is` holds for, of two bytes that follow each other.
pub(super) fn count_pairs(bytes: &[u8], is: impl Fn(u8, u8) -> bool) -> usize {
    let few = usize::from(u8::MAX);
    let seconds = bytes.get(1..).unwrap_or_default();
    let pairs = bytes.chunks(few).zip(seconds.chunks(few));
    pairs
        .map(|(firsts, seconds)| {
            let pairs = firsts.iter().zip(seconds);
            let count = pairs.fold(0, |count, (&a, &b)| count + u8::from(is(a, b)));
            usize::from(count)
        })
        .sum()
}

/// Where the first byte beyond ASCII is.
pub(super) fn find_beyond_ascii(bytes: &[u8]) -> Option<usize> {
    // As many bytes as are quickly told to have none are looked at together.
    const TOGETHER: usize = 64;
    let mut pieces = bytes.chunks(TOGETHER);
    let start = pieces.position(|piece| !piece.is_ascii())? * TOGETHER;
    let within = bytes[start..].iter().position(|byte| !byte.is_ascii())?;
    Some(start + within)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_byte_beyond_ascii_is_found() {
        for at in [0, 1, 63, 64, 65, 200] {
            let mut bytes = vec![b'a'; 201];
            assert_eq!(find_beyond_ascii(&bytes), None);
            bytes[at..].fill(0x80);
            assert_eq!(find_beyond_ascii(&bytes), Some(at));
        }
        assert_eq!(find_beyond_ascii(&[]), None);
    }

    #[test]
    fn every_byte_and_every_pair_is_counted_once() {
        for length in [0, 1, 2, 254, 255, 256, 511, 2000] {
            let bytes: Vec<u8> = (0..length).map(|at| [b'\r', b'\n', b'a'][at % 3]).collect();
            let plain = bytes.iter().filter(|&&byte| byte == b'\n').count();
            assert_eq!(count_bytes(&bytes, |byte| byte == b'\n'), plain, "{length}");
            let plain = bytes.windows(2).filter(|pair| *pair == b"\r\n").count();
            let pairs = count_pairs(&bytes, |a, b| a == b'\r' && b == b'\n');
            assert_eq!(pairs, plain, "{length}");
        }
    }
}
