//! Matrix products on slices: a safe face of the crates whose kernels compute them.

use std::marker::PhantomData;

use gemm::Parallelism;
use rayon::prelude::*;

use super::buffers::Buffer;
use super::tile::{PAD, Product};

#[cfg(target_arch = "x86_64")]
mod amx;
#[cfg(target_arch = "x86_64")]
mod bfloat16;
#[cfg(target_arch = "x86_64")]
mod pairs;

/// What the factors of a layer's products are rounded to. Sums are f32, and so is all that is kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Precision {
    /// Nothing: f32.
    #[default]
    Float32,
    /// bfloat16, as in PyTorch's autocast: f32 with the upper 8 of its 24 digits.
    Bfloat16,
}

impl Precision {
    /// Whether this processor has the instructions: AVX512-BF16 for bfloat16.
    pub fn is_supported(self) -> bool {
        match self {
            Self::Float32 => true,
            #[cfg(target_arch = "x86_64")]
            Self::Bfloat16 => bfloat16::is_supported(),
            #[cfg(not(target_arch = "x86_64"))]
            Self::Bfloat16 => false,
        }
    }
}

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
    pub(super) fn rows_from(self, first: usize, rows: usize) -> Self {
        Self {
            data: &self.data[first * self.row_stride..],
            rows,
            ..self
        }
    }

    /// The values of at most [`PAD`] columns, rows padded with zeros to that width.
    fn padded(self) -> Buffer {
        let mut padded = Buffer::zeros(self.rows * PAD);
        for (row, own) in padded.chunks_exact_mut(PAD).enumerate() {
            for (col, value) in own[..self.cols].iter_mut().enumerate() {
                *value = self.data[row * self.row_stride + col * self.col_stride];
            }
        }
        padded
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

    /// Parts of columns `offsets[i]..offsets[i + 1]`.
    pub(super) fn split_columns(self, offsets: &[usize]) -> impl Iterator<Item = Target<'a>> {
        assert!(offsets.is_sorted() && offsets.last().is_none_or(|&last| last <= self.cols));
        offsets.windows(2).map(move |pair| Target {
            // SAFETY: the columns lie inside the matrix, and ranges of sorted offsets do not
            // overlap.
            data: unsafe { self.data.add(pair[0]) },
            rows: self.rows,
            cols: pair[1] - pair[0],
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
            let values = &rows[row * stride..][..self.cols];
            self.row_mut(row).copy_from_slice(values);
        }
    }
}

impl Target<'_> {
    fn row_mut(&mut self, row: usize) -> &mut [f32] {
        assert!(row < self.rows);
        // SAFETY: the row lies inside the target, which is the only way to its values, and is
        // borrowed as long as the slice.
        unsafe { std::slice::from_raw_parts_mut(self.data.add(row * self.row_stride), self.cols) }
    }

    /// Writes or adds a matrix whose rows begin [`PAD`] apart.
    fn write_rows(&mut self, write: Write, rows: &[f32]) {
        assert!(self.cols <= PAD && rows.len() >= self.rows * PAD);
        for (row, values) in rows.chunks_exact(PAD).take(self.rows).enumerate() {
            write.all(self.row_mut(row), values.iter().copied());
        }
    }

    /// Writes or adds a matrix that is given by its columns, one after the other, [`PAD`] apart.
    fn write_transposed(&mut self, write: Write, columns: &[f32]) {
        assert!(self.rows <= PAD && columns.len() >= self.cols * PAD);
        for row in 0..self.rows {
            let values = columns.chunks_exact(PAD).map(|column| column[row]);
            write.all(self.row_mut(row), values);
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

impl Write {
    fn all(self, own: &mut [f32], values: impl Iterator<Item = f32>) {
        let pairs = own.iter_mut().zip(values);
        match self {
            Self::Set => pairs.for_each(|(own, value)| *own = value),
            Self::Add => pairs.for_each(|(own, value)| *own += value),
        }
    }
}

/// Multiplications below which a product is not worth sharing out.
const ALONE: usize = 1 << 16;

/// Fewest rows or columns of a part.
const PART: usize = 96;

/// `out (=|+=) scale · lhs · rhs`, by the whole pool; each value is summed by one thread, in one
/// order, however many there are.
pub(super) fn matmul(out: Target<'_>, write: Write, scale: f32, lhs: Matrix<'_>, rhs: Matrix<'_>) {
    matmul_in(Precision::Float32, out, write, scale, lhs, rhs);
}

/// The same with factors of a precision that the processor supports. Few rows or columns are
/// multiplied in f32 in any case: they cost little.
pub(super) fn matmul_in(
    precision: Precision,
    out: Target<'_>,
    write: Write,
    scale: f32,
    lhs: Matrix<'_>,
    rhs: Matrix<'_>,
) {
    let (m, n, k) = (lhs.rows, rhs.cols, lhs.cols);
    assert_eq!(k, rhs.rows, "inner sizes of a product differ");
    assert_eq!(
        (m, n),
        (out.rows, out.cols),
        "product of another size than its target"
    );
    if m <= FEW {
        return narrow(Narrow::Rows, out, write, scale, rhs.t(), lhs.t());
    }
    if n <= FEW {
        return narrow(Narrow::Columns, out, write, scale, lhs, rhs);
    }
    let threads = rayon::current_num_threads();
    if threads == 1 || m * n * k < ALONE {
        return multiply(precision, out, write, scale, lhs, rhs);
    }
    // Each thread packs for itself what it reads: sharing that out made products wait. Parts of
    // columns were faster than parts of rows; these are for threads that would be left over.
    let columns = bounds(n, threads);
    let rows = bounds(m, threads / (columns.len() - 1));
    let parts: Vec<_> = out
        .split_rows(&rows)
        .zip(rows.windows(2))
        .flat_map(|(out, rows)| {
            let parts = out.split_columns(&columns).zip(columns.windows(2));
            parts.map(move |(out, columns)| (out, rows[0], columns[0]))
        })
        .collect();
    parts.into_par_iter().for_each(|(out, row, column)| {
        let lhs = lhs.rows_from(row, out.rows);
        let rhs = rhs.t().rows_from(column, out.cols).t();
        multiply(precision, out, write, scale, lhs, rhs);
    });
}

/// Rows or columns of a result so few that packing the other matrix for them would cost more than
/// the product, and that the registers of a large product's kernel would stay empty.
const FEW: usize = PAD;

/// Which side of a result has at most [`FEW`].
#[derive(Clone, Copy)]
enum Narrow {
    Rows,
    Columns,
}

/// Rows of the wide matrix that one task takes.
const WIDE_ROWS: usize = 48;

/// `wide · slim`, where `slim` has at most [`FEW`] columns, to a target that has it as it is or,
/// with few rows, transposed: reads the wide matrix once, as it lies.
fn narrow(
    side: Narrow,
    out: Target<'_>,
    write: Write,
    scale: f32,
    wide: Matrix<'_>,
    slim: Matrix<'_>,
) {
    let k = wide.cols;
    let slim = slim.padded();
    let bounds: Vec<usize> = (0..wide.rows)
        .step_by(WIDE_ROWS)
        .chain([wide.rows])
        .collect();
    let parts: Vec<_> = match side {
        Narrow::Rows => out.split_columns(&bounds).collect(),
        Narrow::Columns => out.split_rows(&bounds).collect(),
    };
    let parts = parts.into_par_iter().zip(bounds.par_windows(2));
    parts.for_each(|(mut out, rows)| {
        let count = rows[1] - rows[0];
        let mut product = Buffer::any(count * PAD);
        Product {
            out: &mut product,
            a: wide.rows_from(rows[0], count).data,
            a_strides: [wide.row_stride, wide.col_stride],
            b: &slim,
            sizes: [count, k, PAD],
            scale,
        }
        .run();
        match side {
            Narrow::Rows => out.write_transposed(write, &product),
            Narrow::Columns => out.write_rows(write, &product),
        }
    });
}

/// Where the parts of `size` rows or columns for so many threads begin; the last is `size`. No part
/// is narrow, because gemm sums a single row or column in another order.
fn bounds(size: usize, threads: usize) -> Vec<usize> {
    let width = size.div_ceil(threads.max(1)).next_multiple_of(16).max(PART);
    let mut bounds: Vec<usize> = (0..size).step_by(width).collect();
    if bounds.len() > 1 && (1..16).contains(&(size % width)) {
        bounds.pop();
    }
    bounds.push(size);
    bounds
}

/// The product by this thread alone.
fn multiply(
    precision: Precision,
    mut out: Target<'_>,
    write: Write,
    scale: f32,
    lhs: Matrix<'_>,
    rhs: Matrix<'_>,
) {
    #[cfg(target_arch = "x86_64")]
    match precision {
        Precision::Float32 => {}
        Precision::Bfloat16 if amx::is_supported() => {
            return amx::multiply(&mut out, write, scale, lhs, rhs);
        }
        Precision::Bfloat16 => return bfloat16::multiply(&mut out, write, scale, lhs, rhs),
    }
    #[cfg(target_arch = "x86_64")]
    if let Some(instructions) = x86::instructions() {
        return x86::multiply(instructions, out, write, scale, lhs, rhs);
    }
    multiply_anywhere(out, write, scale, lhs, rhs);
}

/// The same on any processor, by the `gemm` crate.
fn multiply_anywhere(out: Target<'_>, write: Write, scale: f32, lhs: Matrix<'_>, rhs: Matrix<'_>) {
    // SAFETY: `Matrix` and `Target` keep every index that gemm computes from the sizes and strides
    // inside their slices, and `matmul` has checked that the sizes agree; the target is borrowed
    // mutably, so nothing aliases it.
    unsafe {
        gemm::gemm(
            lhs.rows,
            rhs.cols,
            lhs.cols,
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
            Parallelism::None,
        );
    }
}

/// The kernels of faer. On AMD's processors they are faster than gemm's, most of all where a side
/// is read across its rows; on Intel's they are not (docs/PERFORMANCE.md).
#[cfg(target_arch = "x86_64")]
mod x86 {
    use std::arch::x86_64::__cpuid;
    use std::ptr::null;
    use std::sync::LazyLock;

    use private_gemm_x86::{Accum, DType, DstKind, IType, InstrSet, gemm};

    use super::{Matrix, Target, Write};

    /// The widest instructions that both the processor and the kernels have, where the kernels are
    /// the better ones.
    pub(super) fn instructions() -> Option<InstrSet> {
        static CHOSEN: LazyLock<Option<InstrSet>> = LazyLock::new(|| widest().filter(|_| is_amd()));
        *CHOSEN
    }

    pub(super) fn widest() -> Option<InstrSet> {
        if is_x86_feature_detected!("avx512f") {
            Some(InstrSet::Avx512)
        } else if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") {
            Some(InstrSet::Avx256)
        } else {
            None
        }
    }

    fn is_amd() -> bool {
        let vendor = __cpuid(0);
        let name = [vendor.ebx, vendor.edx, vendor.ecx].map(u32::to_le_bytes);
        name.as_flattened() == b"AuthenticAMD"
    }

    pub(super) fn multiply(
        instructions: InstrSet,
        out: Target<'_>,
        write: Write,
        scale: f32,
        lhs: Matrix<'_>,
        rhs: Matrix<'_>,
    ) {
        let accumulate = match write {
            Write::Set => Accum::Replace,
            Write::Add => Accum::Add,
        };
        // SAFETY: as in `multiply_anywhere`; the processor has the instructions, and there are no
        // indices or diagonal to read.
        unsafe {
            gemm(
                DType::F32,
                IType::U32,
                instructions,
                lhs.rows,
                rhs.cols,
                lhs.cols,
                out.data.cast(),
                out.row_stride as isize,
                1,
                null(),
                null(),
                DstKind::Full,
                accumulate,
                lhs.data.as_ptr().cast(),
                lhs.row_stride as isize,
                lhs.col_stride as isize,
                false,
                null(),
                0,
                rhs.data.as_ptr().cast(),
                rhs.row_stride as isize,
                rhs.col_stride as isize,
                false,
                (&raw const scale).cast(),
                1,
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made_up(count: usize, step: usize) -> Vec<f32> {
        (0..count)
            .map(|i| ((i * step) % 1009) as f32 / 503.0 - 1.0)
            .collect()
    }

    /// Each layout at sizes that are split, and at odd ones, against f64; the bits do not depend on
    /// the number of threads.
    #[test]
    fn every_layout_equals_f64_and_every_number_of_threads() {
        for (m, n, k) in [
            (1, 1, 1),
            (37, 41, 53),
            (211, 384, 130),
            (400, 97, 385),
            (16, 1536, 384),
            (8, 389, 211),
            (389, 9, 211),
            (200, 385, 97),
        ] {
            let (a, b) = (made_up(m * k, 7), made_up(k * n, 13));
            for layout in 0..4 {
                let lhs = match layout & 1 {
                    0 => Matrix::dense(&a, m, k),
                    _ => Matrix::dense(&a, k, m).t(),
                };
                let rhs = match layout & 2 {
                    0 => Matrix::dense(&b, k, n),
                    _ => Matrix::dense(&b, n, k).t(),
                };
                let product = |threads: usize| {
                    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
                    let mut out = vec![1.0; m * n];
                    pool.unwrap().install(|| {
                        let target = Target::dense(&mut out, m, n);
                        matmul(target, Write::Add, 0.5, lhs, rhs);
                    });
                    out
                };
                let one = product(1);
                for threads in [2, 3, 8] {
                    assert!(
                        one == product(threads),
                        "{threads} threads, {m} {n} {k} {layout}"
                    );
                }
                compare(&one, lhs, rhs, |x| x);
            }
        }
    }

    /// bfloat16 products by every kernel, in each layout at odd sizes, against f64 products of the
    /// rounded factors; the bits do not depend on how the result is cut.
    #[cfg(target_arch = "x86_64")]
    #[test]
    fn bfloat16_equals_f64_of_rounded_factors() {
        type Kernel = fn(&mut Target<'_>, Write, f32, Matrix<'_>, Matrix<'_>);
        let mut kernels: Vec<Kernel> = Vec::new();
        if bfloat16::is_supported() {
            kernels.push(bfloat16::multiply);
        }
        if amx::is_supported() {
            kernels.push(amx::multiply);
        }
        let rounded = |x: f32| {
            let bits = x.to_bits();
            let even = 0x7fff + (bits >> 16 & 1);
            f32::from_bits((bits + even) & 0xffff_0000)
        };
        let sizes = [
            (1, 1, 1),
            (37, 53, 41),
            (8, 48, 384),
            (211, 33, 97),
            (530, 65, 64),
            (33, 40, 1601),
        ];
        for (kernel, (m, n, k)) in kernels.iter().flat_map(|kernel| sizes.map(|s| (kernel, s))) {
            let (a, b) = (made_up(m * k, 7), made_up(k * n, 13));
            for lhs in [Matrix::dense(&a, m, k), Matrix::dense(&a, k, m).t()] {
                for rhs in [Matrix::dense(&b, k, n), Matrix::dense(&b, n, k).t()] {
                    let mut whole = vec![1.0; m * n];
                    let mut target = Target::dense(&mut whole, m, n);
                    kernel(&mut target, Write::Add, 0.5, lhs, rhs);
                    compare(&whole, lhs, rhs, rounded);

                    let mut cut = vec![1.0; m * n];
                    let bounds = [0, n / 3, n];
                    let parts = Target::dense(&mut cut, m, n).split_columns(&bounds);
                    for (mut part, columns) in parts.zip(bounds.windows(2)) {
                        let rhs = rhs.t().rows_from(columns[0], columns[1] - columns[0]).t();
                        kernel(&mut part, Write::Add, 0.5, lhs, rhs);
                    }
                    assert!(whole == cut, "{m} {n} {k}");
                }
            }
        }
    }

    /// 1 + 0.5 · lhs · rhs in f64, of factors rounded so, is what `product` must be.
    fn compare(product: &[f32], lhs: Matrix<'_>, rhs: Matrix<'_>, rounded: impl Fn(f32) -> f32) {
        for (place, &value) in product.iter().enumerate() {
            let (i, j) = (place / rhs.cols, place % rhs.cols);
            let term = |l: usize| {
                let a = lhs.data[i * lhs.row_stride + l * lhs.col_stride];
                let b = rhs.data[l * rhs.row_stride + j * rhs.col_stride];
                f64::from(rounded(a)) * f64::from(rounded(b))
            };
            let want = 1.0 + 0.5 * (0..lhs.cols).map(term).sum::<f64>();
            // Rounding grows with what is summed, not with what is left of it.
            let summed: f64 = 1.0 + (0..lhs.cols).map(|l| term(l).abs()).sum::<f64>();
            assert!((f64::from(value) - want).abs() < 4e-7 * summed);
        }
    }

    type Kernel = Box<dyn Fn(Target<'_>, Matrix<'_>, Matrix<'_>)>;

    /// The kernels that this processor can run.
    fn kernels() -> Vec<Kernel> {
        let mut kernels: Vec<Kernel> = vec![Box::new(|out, lhs, rhs| {
            multiply_anywhere(out, Write::Add, 0.5, lhs, rhs);
        })];
        #[cfg(target_arch = "x86_64")]
        if let Some(best) = x86::widest() {
            for instructions in [private_gemm_x86::InstrSet::Avx256, best] {
                kernels.push(Box::new(move |out, lhs, rhs| {
                    x86::multiply(instructions, out, Write::Add, 0.5, lhs, rhs);
                }));
            }
        }
        kernels
    }

    #[test]
    fn every_kernel_equals_f64() {
        let (m, n, k) = (37, 53, 1041);
        let (a, b) = (made_up(m * k, 7), made_up(k * n, 13));
        for kernel in kernels() {
            for lhs in [Matrix::dense(&a, m, k), Matrix::dense(&a, k, m).t()] {
                for rhs in [Matrix::dense(&b, k, n), Matrix::dense(&b, n, k).t()] {
                    let mut out = vec![1.0; m * n];
                    kernel(Target::dense(&mut out, m, n), lhs, rhs);
                    compare(&out, lhs, rhs, |x| x);
                }
            }
        }
    }
}
