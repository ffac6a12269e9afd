//! Matrix products on slices: a safe face of the `gemm` crate.

use gemm::Parallelism;

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
    /// A row-major matrix whose rows begin `row_stride` values apart.
    pub(super) fn strided(data: &'a [f32], rows: usize, cols: usize, row_stride: usize) -> Self {
        let matrix = Self {
            data,
            rows,
            cols,
            row_stride,
            col_stride: 1,
        };
        assert!(
            data.len() >= extent(rows, cols, row_stride),
            "matrix larger than its slice"
        );
        matrix
    }

    /// A dense row-major matrix.
    pub(super) fn dense(data: &'a [f32], rows: usize, cols: usize) -> Self {
        Self::strided(data, rows, cols, cols)
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
}

fn extent(rows: usize, cols: usize, row_stride: usize) -> usize {
    if rows == 0 || cols == 0 {
        0
    } else {
        (rows - 1) * row_stride + cols
    }
}

/// How a product meets what is already in its target.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Write {
    /// Overwrite.
    Set,
    /// Add.
    Add,
}

/// Who computes a product.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Threads {
    /// The calling thread alone, for small products inside a parallel loop.
    One,
    /// The whole pool; each value is still summed by one thread, in one order.
    All,
}

/// `out (=|+=) scale · lhs · rhs`, `out` row-major with rows `out_stride` apart.
pub(super) fn matmul(
    out: &mut [f32],
    out_stride: usize,
    write: Write,
    scale: f32,
    lhs: Matrix<'_>,
    rhs: Matrix<'_>,
    threads: Threads,
) {
    let (m, n, k) = (lhs.rows, rhs.cols, lhs.cols);
    assert_eq!(k, rhs.rows, "inner sizes of a product differ");
    assert!(
        out.len() >= extent(m, n, out_stride),
        "product larger than its target"
    );
    let parallelism = match threads {
        Threads::One => Parallelism::None,
        Threads::All => Parallelism::Rayon(rayon::current_num_threads()),
    };
    // SAFETY: `Matrix` and the assertions above keep every index that gemm computes from the
    // sizes and strides inside the three slices; `out` is borrowed mutably, so nothing aliases it.
    unsafe {
        gemm::gemm(
            m,
            n,
            k,
            out.as_mut_ptr(),
            1,
            out_stride as isize,
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

/// The sum of the rows of a dense `rows × cols` matrix, added to `out`.
pub(super) fn add_column_sums(out: &mut [f32], data: &[f32]) {
    for row in data.chunks_exact(out.len()) {
        for (sum, &value) in out.iter_mut().zip(row) {
            *sum += value;
        }
    }
}
