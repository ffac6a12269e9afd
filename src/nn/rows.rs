//! Work on rows that many threads share. Sums are cut at fixed places and added in order, so that
//! the result does not depend on who computed which part.

use rayon::prelude::*;

use super::buffers::Buffer;
use super::vector::on_simd;

/// Rows whose contribution to a sum is computed by one task.
pub(super) const ROWS_PER_CHUNK: usize = 32;

/// Runs `work` on every item with a row of zeros of its own, as wide as `sums`, to add to; then
/// adds these rows to `sums` in the order of the items.
pub(super) fn add_partial_sums<T: Send>(
    sums: &mut [f32],
    items: impl IndexedParallelIterator<Item = T>,
    work: impl Fn(&mut [f32], T) + Sync,
) {
    let width = sums.len();
    let mut partial = Buffer::zeros(items.len() * width);
    if width == 0 {
        return;
    }
    partial
        .par_chunks_mut(width)
        .zip(items)
        .for_each(|(row, item)| work(row, item));
    add_rows(sums, &partial);
}

/// Adds the values of `part` to those of `sums`.
#[inline(always)]
pub(super) fn add(sums: &mut [f32], part: &[f32]) {
    sums.iter_mut().zip(part).for_each(|(sum, x)| *sum += x);
}

/// Adds the rows of `rows`, each as wide as `sums`, in order.
fn add_rows(sums: &mut [f32], rows: &[f32]) {
    on_simd(
        #[inline(always)]
        || {
            for row in rows.chunks_exact(sums.len().max(1)) {
                add(sums, row);
            }
        },
    );
}

/// Adds the column sums of a matrix as wide as `sums`.
pub(super) fn add_column_sums(sums: &mut [f32], matrix: &[f32]) {
    let chunks = matrix.par_chunks((ROWS_PER_CHUNK * sums.len()).max(1));
    add_partial_sums(sums, chunks, add_rows);
}

/// Adds `row` to every row of a matrix as wide as it.
pub(super) fn add_to_rows(matrix: &mut [f32], row: &[f32]) {
    matrix
        .par_chunks_mut((ROWS_PER_CHUNK * row.len()).max(1))
        .for_each(|rows| {
            on_simd(
                #[inline(always)]
                || {
                    for own in rows.chunks_exact_mut(row.len()) {
                        add(own, row);
                    }
                },
            );
        });
}
