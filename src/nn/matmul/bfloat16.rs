//! Products whose factors are rounded to bfloat16, for processors with AVX512-BF16: `vdpbf16ps` adds
//! the products of two neighbouring pairs to an f32 sum, twice as many as an f32 instruction.
//!
//! The left matrix is rounded whole; of the right one a panel of at most [`PANEL`] columns at a
//! time, which stays in the caches while the rows of the left one pass by. Every value of the result
//! is summed in one register from the first pair to the last, so its bits do not depend on how a
//! product is cut into parts or tiles.

use std::arch::x86_64::{
    __m512bh, __m512i, _mm256_storeu_si256, _mm512_castsi512_si256, _mm512_dpbf16_ps,
    _mm512_loadu_si512, _mm512_mask_storeu_epi32, _mm512_set1_epi32, _mm512_setzero_ps,
    _mm512_setzero_si512, _mm512_storeu_si512,
};
use std::mem::transmute;

use super::pairs::{LANES, columns, first, interleave, neighbours, round, transposed, write_lanes};
use super::{Matrix, Target, Write};
use crate::nn::buffers::Buffer;

/// Rows of a tile.
const ROWS: usize = 8;

/// Columns of a panel: with [`ROWS`] as many sums as leave registers for what is multiplied.
const PANEL: usize = 3 * LANES;

/// Whether this processor has the instructions.
pub(super) fn is_supported() -> bool {
    is_x86_feature_detected!("avx512f")
        && is_x86_feature_detected!("avx512bw")
        && is_x86_feature_detected!("avx512bf16")
}

/// `out (=|+=) scale · lhs · rhs` by this thread alone. Panics where [`is_supported`] says no, and
/// where neither the rows nor the columns of a matrix lie side by side.
pub(super) fn multiply(
    out: &mut Target<'_>,
    write: Write,
    scale: f32,
    lhs: Matrix<'_>,
    rhs: Matrix<'_>,
) {
    assert!(is_supported(), "the processor has no bfloat16 products");
    for matrix in [lhs, rhs] {
        assert!(matrix.row_stride == 1 || matrix.col_stride == 1);
    }
    // SAFETY: the processor has the instructions; `matmul` has checked that the sizes agree, and
    // `Matrix` and `Target` keep what lies within the sizes and strides inside their slices.
    unsafe { multiply_pairs(out, write, scale, lhs, rhs) }
}

/// The left matrix in pairs: pair p of row r lies at `r / ROWS · tile + r % ROWS · row + p · pair`.
struct Left {
    pairs: Buffer,
    tile: usize,
    row: usize,
    pair: usize,
}

#[target_feature(enable = "avx512f,avx512bw,avx512bf16")]
unsafe fn multiply_pairs(
    out: &mut Target<'_>,
    write: Write,
    scale: f32,
    lhs: Matrix<'_>,
    rhs: Matrix<'_>,
) {
    let (m, n, depth) = (lhs.rows, rhs.cols, lhs.cols.div_ceil(2));
    // SAFETY: as the caller has it, and as is said at each step.
    unsafe {
        let left = left(lhs);
        let mut panel = Buffer::any(PANEL * depth);
        for column in (0..n).step_by(PANEL) {
            let columns = (n - column).min(PANEL);
            let registers = columns.div_ceil(LANES);
            let panel: *mut u32 = panel.as_mut_ptr().cast();
            let part = rhs.t().rows_from(column, columns);
            if part.row_stride == 1 {
                write_columns(panel, registers * LANES, part);
            } else {
                write_rows(panel, registers * LANES, part);
            }
            for row in (0..m).step_by(ROWS) {
                let tile = Tile {
                    depth,
                    // The tile's pairs and the panel were just written; the tile of the target
                    // begins inside it.
                    left: left
                        .pairs
                        .as_ptr()
                        .cast::<u32>()
                        .add(row / ROWS * left.tile),
                    left_strides: [left.row, left.pair],
                    panel,
                    out: out.data.add(row * out.row_stride + column),
                    out_stride: out.row_stride,
                    rows: (m - row).min(ROWS),
                    columns,
                    scale,
                    write,
                };
                match registers {
                    1 => tile.run::<1>(),
                    2 => tile.run::<2>(),
                    _ => tile.run::<3>(),
                }
            }
        }
    }
}

/// The left matrix in pairs, with zeros for the rows that its last tile lacks.
#[target_feature(enable = "avx512f,avx512bw,avx512bf16")]
unsafe fn left(matrix: Matrix<'_>) -> Left {
    let depth = matrix.cols.div_ceil(2);
    let mut pairs = Buffer::any(matrix.rows.next_multiple_of(ROWS) * depth);
    let data: *mut u32 = pairs.as_mut_ptr().cast();
    // SAFETY: the buffer holds `depth` pairs for each row, and for each row that is lacking.
    unsafe {
        if matrix.col_stride == 1 {
            round_rows(data, matrix);
            pairs[matrix.rows * depth..].fill(0.0);
        } else {
            for row in (0..matrix.rows).step_by(ROWS) {
                let rows = (matrix.rows - row).min(ROWS);
                write_columns(data.add(row * depth), ROWS, matrix.rows_from(row, rows));
            }
        }
    }
    let [row, pair] = match matrix.col_stride {
        1 => [depth, 1],
        _ => [1, ROWS],
    };
    Left {
        pairs,
        tile: ROWS * depth,
        row,
        pair,
    }
}

/// Writes the rows of a matrix whose rows lie side by side, one below the other.
#[target_feature(enable = "avx512f,avx512bw,avx512bf16")]
unsafe fn round_rows(out: *mut u32, matrix: Matrix<'_>) {
    let (depth, values) = (matrix.cols.div_ceil(2), matrix.data.as_ptr());
    for row in 0..matrix.rows {
        for k in (0..matrix.cols).step_by(2 * LANES) {
            let count = (matrix.cols - k).min(2 * LANES);
            // SAFETY: the row has `count` values from there on, and `out` room for their pairs.
            unsafe {
                let [low, high] = neighbours(values.add(row * matrix.row_stride + k), count);
                let out = out.add(row * depth + k / 2);
                _mm512_mask_storeu_epi32(out.cast(), first(count.div_ceil(2)), round(low, high));
            }
        }
    }
}

/// Writes a matrix whose columns lie side by side, of at most `width` rows: its first pair of every
/// row, with zeros up to `width`, then the second pair, and so on.
#[target_feature(enable = "avx512f,avx512bw,avx512bf16")]
unsafe fn write_columns(out: *mut u32, width: usize, matrix: Matrix<'_>) {
    for k in (0..matrix.cols).step_by(2) {
        for row in (0..matrix.rows).step_by(LANES) {
            // SAFETY: both lie in the matrix; `out` has room for `width` pairs of each two columns.
            unsafe {
                let [low, high] = columns(matrix, row, k);
                let pairs = interleave(round(low, high));
                let out = out.add(k / 2 * width + row);
                if width < LANES {
                    _mm256_storeu_si256(out.cast(), _mm512_castsi512_si256(pairs));
                } else {
                    _mm512_storeu_si512(out.cast(), pairs);
                }
            }
        }
    }
}

/// Writes a matrix whose rows lie side by side in the order of [`write_columns`].
#[target_feature(enable = "avx512f,avx512bw,avx512bf16")]
unsafe fn write_rows(out: *mut u32, width: usize, matrix: Matrix<'_>) {
    for begin in (0..matrix.rows).step_by(LANES) {
        let rows = (matrix.rows - begin).min(LANES);
        for k in (0..matrix.cols).step_by(2 * LANES) {
            let count = (matrix.cols - k).min(2 * LANES);
            let mut block = [_mm512_setzero_si512(); LANES];
            // SAFETY: the rows have `count` values from there on; `out` has room for `width` pairs
            // of each two columns.
            unsafe {
                for (row, pairs) in block.iter_mut().enumerate().take(rows) {
                    let place = (begin + row) * matrix.row_stride + k;
                    let [low, high] = neighbours(matrix.data.as_ptr().add(place), count);
                    *pairs = round(low, high);
                }
                let block = transposed(block);
                for (pair, values) in block.into_iter().enumerate().take(count.div_ceil(2)) {
                    let place = (k / 2 + pair) * width + begin;
                    _mm512_storeu_si512(out.add(place).cast(), values);
                }
            }
        }
    }
}

/// A tile of the result: [`ROWS`] rows by the columns of a panel.
struct Tile {
    /// Pairs that are summed.
    depth: usize,
    left: *const u32,
    /// Steps from row to row and from pair to pair.
    left_strides: [usize; 2],
    panel: *const u32,
    out: *mut f32,
    out_stride: usize,
    /// Rows and columns that there are to write.
    rows: usize,
    columns: usize,
    scale: f32,
    write: Write,
}

impl Tile {
    /// Computes it, with `R` registers to a row.
    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512bf16")]
    unsafe fn run<const R: usize>(self) {
        let [row_stride, pair_stride] = self.left_strides;
        let mut sums = [[_mm512_setzero_ps(); R]; ROWS];
        let (mut left, mut panel) = (self.left, self.panel);
        // SAFETY: both sides hold `depth` pairs of every row and column of the tile, those that are
        // not there as zeros; only rows and columns that are there are written.
        unsafe {
            for _ in 0..self.depth {
                let mut right = [_mm512_setzero_si512(); R];
                for (i, right) in right.iter_mut().enumerate() {
                    *right = _mm512_loadu_si512(panel.add(i * LANES).cast());
                }
                for (row, sums) in sums.iter_mut().enumerate() {
                    let pair = _mm512_set1_epi32(left.add(row * row_stride).read().cast_signed());
                    let pair = transmute::<__m512i, __m512bh>(pair);
                    for (sum, right) in sums.iter_mut().zip(right) {
                        let right = transmute::<__m512i, __m512bh>(right);
                        *sum = _mm512_dpbf16_ps(*sum, pair, right);
                    }
                }
                left = left.add(pair_stride);
                panel = panel.add(R * LANES);
            }
            for (row, sums) in sums.into_iter().enumerate().take(self.rows) {
                for (i, sums) in sums.into_iter().enumerate() {
                    let out = self.out.add(row * self.out_stride + i * LANES);
                    let count = self.columns - i * LANES;
                    write_lanes(out, count, sums, self.scale, self.write);
                }
            }
        }
    }
}
