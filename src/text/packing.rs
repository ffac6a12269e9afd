//! Sequences of a batch one behind the other, without padding.

use std::sync::Arc;

use super::tokenizer::Encoding;

/// Several token sequences in one buffer; sequence i owns `offsets[i]..offsets[i + 1]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PackedBatch {
    /// Token numbers of all sequences.
    pub ids: Vec<u32>,
    /// Token types (0 for the first segment), as long as `ids`.
    pub types: Vec<u32>,
    /// Place of each token within its own sequence, as long as `ids`.
    pub positions: Vec<u32>,
    /// Where sequences begin; one more than there are sequences, the last is the number of tokens.
    pub offsets: Arc<[usize]>,
}

impl PackedBatch {
    /// Packs the sequences in the order given.
    pub fn new<'a>(sequences: impl IntoIterator<Item = &'a Encoding>) -> Self {
        let (mut ids, mut types, mut positions) = (Vec::new(), Vec::new(), Vec::new());
        let mut offsets = vec![0];
        for sequence in sequences {
            ids.extend_from_slice(&sequence.ids);
            types.extend_from_slice(&sequence.types);
            positions.extend(0..sequence.ids.len() as u32);
            offsets.push(ids.len());
        }
        Self {
            ids,
            types,
            positions,
            offsets: offsets.into(),
        }
    }

    /// Number of sequences.
    pub fn sequences(&self) -> usize {
        self.offsets.len() - 1
    }
}

/// Puts sequences of the given lengths together into batches of at most `max_rows` sequences and
/// `max_tokens` tokens (a longer sequence is a batch of its own). The longest come first, so that
/// batches hold sequences of about one length. Gives the sequences' numbers, each once.
pub fn batches_by_tokens(lengths: &[usize], max_rows: usize, max_tokens: usize) -> Vec<Vec<usize>> {
    let mut order: Vec<usize> = (0..lengths.len()).collect();
    // Stable, so that sequences of one length keep their order on every machine.
    order.sort_by_key(|&i| std::cmp::Reverse(lengths[i]));
    let mut batches: Vec<Vec<usize>> = Vec::new();
    let mut tokens = 0;
    for i in order {
        match batches.last_mut() {
            Some(batch) if batch.len() < max_rows && tokens + lengths[i] <= max_tokens => {
                batch.push(i);
                tokens += lengths[i];
            }
            _ => {
                batches.push(vec![i]);
                tokens = lengths[i];
            }
        }
    }
    batches
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sequences_keep_their_places() {
        let encoding = |ids: &[u32]| Encoding::of(ids.to_vec());
        let batch = PackedBatch::new(&[encoding(&[2, 7, 3]), encoding(&[2, 3])]);
        assert_eq!(batch.ids, [2, 7, 3, 2, 3]);
        assert_eq!(batch.positions, [0, 1, 2, 0, 1]);
        assert_eq!(*batch.offsets, [0, 3, 5]);
        assert_eq!(batch.sequences(), 2);
    }

    #[test]
    fn batches_are_full_and_hold_every_sequence_once() {
        let lengths = [3, 9, 4, 30, 4, 1];
        let batches = batches_by_tokens(&lengths, 3, 12);
        assert_eq!(batches, [vec![3], vec![1], vec![2, 4, 0], vec![5]]);
        assert_eq!(
            batches_by_tokens(&lengths, 2, 1000),
            [[3, 1], [2, 4], [0, 5]]
        );
        assert!(batches_by_tokens(&[], 2, 10).is_empty());
    }
}
