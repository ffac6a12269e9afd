//! Matrix products on slices: a safe face of the `gemm` crate.

use std::marker::PhantomData;

use gemm::Parallelism;
use rayon::prelude::*;

/// A matrix in a slice, any strides.
#[derive(Clone, Copy)]
pub(super) struct Matrix<'a> {
    data: &'a [f32],
    rows: usize,
    cols: usize,
    row_stride: usize,
    col_stride: usize,
}

impl<'a> Matrix<'a> {
    /// A dense row-major matrix.
    pub(super) fn dense(data: &'a [f32], rows: usize, cols: usize) -> Self {
        assert!(data.len() >= rows * cols, "matrix larger than its slice");
        Self {
            data,
            rows,
            cols,
            row_stride: cols,
            col_stride: 1,
        }
    }

    /// The transpose, without moving anything.
    pub(super) fn t(self) -> Self {
        let Self {
            data,
            rows,
            cols,
            row_stride,
            col_stride,
        } = self;
        Self {
            data,
            rows: cols,
            cols: rows,
            row_stride: col_stride,
            col_stride: row_stride,
        }
    }

    /// The rows `first..first + rows`.
    fn rows_from(self, first: usize, rows: usize) -> Self {
        Self {
            data: &self.data[first * self.row_stride..],
            rows,
            ..self
        }
    }

    /// Whether the values of a row lie side by side.
    fn is_row_major(self) -> bool {
        self.col_stride == 1
    }
}

/// Where a product is written: a row-major matrix, perhaps a part of a wider one.
pub(super) struct Target<'a> {
    data: *mut f32,
    rows: usize,
    cols: usize,
    row_stride: usize,
    borrowed: PhantomData<&'a mut [f32]>,
}

// SAFETY: a target is the only way to its values while it lives (it holds the mutable borrow, and
// splitting consumes it into parts that share no value), so it may move to another thread.
unsafe impl Send for Target<'_> {}

impl<'a> Target<'a> {
    /// All of `data` as a dense `rows × cols` matrix.
    pub(super) fn dense(data: &'a mut [f32], rows: usize, cols: usize) -> Self {
        assert!(
            data.len() >= extent(rows, cols, cols),
            "target larger than its slice"
        );
        Self {
            data: data.as_mut_ptr(),
            rows,
            cols,
            row_stride: cols,
            borrowed: PhantomData,
        }
    }

    /// Parts of rows `offsets[i]..offsets[i + 1]`.
    pub(super) fn split_rows(self, offsets: &[usize]) -> impl Iterator<Item = Target<'a>> {
        assert!(offsets.is_sorted() && offsets.last().is_none_or(|&last| last <= self.rows));
        offsets.windows(2).map(move |pair| Target {
            // SAFETY: the rows lie inside the matrix, and ranges of sorted offsets do not overlap.
            data: unsafe { self.data.add(pair[0] * self.row_stride) },
            rows: pair[1] - pair[0],
            cols: self.cols,
            row_stride: self.row_stride,
            borrowed: PhantomData,
        })
    }

    /// Parts of `width` columns each, the last perhaps of fewer.
    pub(super) fn split_columns(self, width: usize) -> impl Iterator<Item = Target<'a>> {
        assert!(width > 0);
        (0..self.cols.div_ceil(width)).map(move |part| Target {
            // SAFETY: the columns lie inside the matrix, and no two parts share one.
            data: unsafe { self.data.add(part * width) },
            rows: self.rows,
            cols: width.min(self.cols - part * width),
            row_stride: self.row_stride,
            borrowed: PhantomData,
        })
    }
}

impl Target<'_> {
    /// Copies the leading values of the rows of `rows`, which begin `stride` apart.
    pub(super) fn copy_from(&mut self, rows: &[f32], stride: usize) {
        assert!(rows.len() >= extent(self.rows, self.cols, stride));
        for row in 0..self.rows {
            // SAFETY: the row lies inside the target, which is the only way to its values, and no
            // two rows overlap.
            let own = unsafe {
                std::slice::from_raw_parts_mut(self.data.add(row * self.row_stride), self.cols)
            };
            own.copy_from_slice(&rows[row * stride..][..self.cols]);
        }
    }
}

fn extent(rows: usize, cols: usize, row_stride: usize) -> usize {
    if rows == 0 || cols == 0 {
        0
    } else {
        (rows - 1) * row_stride + cols
    }
}

/// How a product meets what is already in its target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Write {
    /// Overwrite.
    Set,
    /// Add.
    Add,
}

/// Multiplications below which a product is not worth sharing out.
const ALONE: usize = 1 << 16;

/// Fewest rows or columns of a part.
const PART: usize = 96;

/// `out (=|+=) scale · lhs · rhs`, by the whole pool; each value is summed by one thread, in one
/// order, however many there are.
pub(super) fn matmul(out: Target<'_>, write: Write, scale: f32, lhs: Matrix<'_>, rhs: Matrix<'_>) {
    let (m, n, k) = (lhs.rows, rhs.cols, lhs.cols);
    assert_eq!(k, rhs.rows, "inner sizes of a product differ");
    assert_eq!(
        (m, n),
        (out.rows, out.cols),
        "product of another size than its target"
    );
    let threads = rayon::current_num_threads();
    if threads == 1 || m * n * k < ALONE {
        return multiply(out, write, scale, lhs, rhs, Parallelism::None);
    }
    if lhs.is_row_major() && rhs.is_row_major() {
        return multiply(out, write, scale, lhs, rhs, Parallelism::Rayon(threads));
    }
    // gemm packs a transposed side on one thread while the others wait; parts that each thread
    // packs for itself were 5 to 30 % faster.
    let part = |size: usize| size.div_ceil(threads).next_multiple_of(16).max(PART);
    if n >= m || lhs.is_row_major() {
        let width = part(n);
        let parts: Vec<Target<'_>> = out.split_columns(width).collect();
        parts.into_par_iter().enumerate().for_each(|(i, out)| {
            let rhs = rhs.t().rows_from(i * width, out.cols).t();
            multiply(out, write, scale, lhs, rhs, Parallelism::None);
        });
    } else {
        let height = part(m);
        let offsets: Vec<usize> = (0..=m.div_ceil(height))
            .map(|i| (i * height).min(m))
            .collect();
        let parts: Vec<Target<'_>> = out.split_rows(&offsets).collect();
        parts.into_par_iter().enumerate().for_each(|(i, out)| {
            let lhs = lhs.rows_from(i * height, out.rows);
            multiply(out, write, scale, lhs, rhs, Parallelism::None);
        });
    }
}

fn multiply(
    out: Target<'_>,
    write: Write,
    scale: f32,
    lhs: Matrix<'_>,
    rhs: Matrix<'_>,
    parallelism: Parallelism,
) {
    let (m, n, k) = (lhs.rows, rhs.cols, lhs.cols);
    // SAFETY: `Matrix` and `Target` keep every index that gemm computes from the sizes and strides
    // inside their slices, and `matmul` has checked that the sizes agree; the target is borrowed
    // mutably, so nothing aliases it.
    unsafe {
        gemm::gemm(
            m,
            n,
            k,
            out.data,
            1,
            out.row_stride as isize,
            write == Write::Add,
            lhs.data.as_ptr(),
            lhs.col_stride as isize,
            lhs.row_stride as isize,
            rhs.data.as_ptr(),
            rhs.col_stride as isize,
            rhs.row_stride as isize,
            1.0,
            scale,
            false,
            false,
            false,
            parallelism,
        );
    }
}
