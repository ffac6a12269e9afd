//! Factors rounded to bfloat16 in registers. Two values that follow each other along the summed
//! side are one *pair* of 32 bits, as the instructions want them.

use std::arch::x86_64::{
    __m512, __m512bh, __m512i, __mmask16, _mm512_add_ps, _mm512_cvtne2ps_pbh, _mm512_loadu_si512,
    _mm512_mask_storeu_ps, _mm512_maskz_loadu_ps, _mm512_mul_ps, _mm512_permutexvar_epi16,
    _mm512_set1_ps, _mm512_setzero_ps, _mm512_shuffle_i32x4, _mm512_unpackhi_epi32,
    _mm512_unpackhi_epi64, _mm512_unpacklo_epi32, _mm512_unpacklo_epi64,
};
use std::mem::transmute;

use super::{Matrix, Write};

/// Values of a register.
pub(super) const LANES: usize = 16;

/// The first `count` lanes.
pub(super) fn first(count: usize) -> __mmask16 {
    ((1u32 << count.min(LANES)) - 1) as __mmask16
}

/// `low` rounded in the lower half, `high` in the upper one.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512bf16")]
pub(super) fn round(low: __m512, high: __m512) -> __m512i {
    // SAFETY: both are 512 bits of which every pattern is valid.
    unsafe { transmute::<__m512bh, __m512i>(_mm512_cvtne2ps_pbh(high, low)) }
}

/// The values in pairs of which `round` put the first halves in the lower half of a register.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512bf16")]
pub(super) fn interleave(rounded: __m512i) -> __m512i {
    const ORDER: [u16; 32] = {
        let mut order = [0; 32];
        let mut i = 0;
        while i < 32 {
            order[i] = (i / 2 + LANES * (i % 2)) as u16;
            i += 1;
        }
        order
    };
    // SAFETY: the order has 512 bits.
    let order = unsafe { _mm512_loadu_si512(ORDER.as_ptr().cast()) };
    _mm512_permutexvar_epi16(order, rounded)
}

/// The `count` values from `values` on, at most 32.
///
/// # Safety
/// They can be read.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512bf16")]
pub(super) unsafe fn neighbours(values: *const f32, count: usize) -> [__m512; 2] {
    let rest = count.saturating_sub(LANES);
    // SAFETY: masked lanes are not read, and the rest begins where there is one.
    unsafe {
        let low = _mm512_maskz_loadu_ps(first(count), values);
        let high = _mm512_maskz_loadu_ps(first(rest), values.add(LANES.min(count)));
        [low, high]
    }
}

/// At most 16 rows from `row` on of a matrix whose columns lie side by side, in columns `k` and
/// `k + 1`; zeros where there is none.
///
/// # Safety
/// `row` and `k` lie in the matrix, and its strides keep it inside its slice.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512bf16")]
pub(super) unsafe fn columns(matrix: Matrix<'_>, row: usize, k: usize) -> [__m512; 2] {
    let lanes = first(matrix.rows - row);
    // SAFETY: masked lanes are not read.
    unsafe {
        let values = matrix.data.as_ptr().add(k * matrix.col_stride + row);
        let low = _mm512_maskz_loadu_ps(lanes, values);
        let high = if k + 1 < matrix.cols {
            _mm512_maskz_loadu_ps(lanes, values.add(matrix.col_stride))
        } else {
            _mm512_setzero_ps()
        };
        [low, high]
    }
}

/// The transpose of 16 × 16 values of 32 bits.
#[inline]
#[target_feature(enable = "avx512f")]
pub(super) fn transposed(rows: [__m512i; LANES]) -> [__m512i; LANES] {
    let (mut a, mut b) = (rows, rows);
    for i in (0..LANES).step_by(2) {
        b[i] = _mm512_unpacklo_epi32(a[i], a[i + 1]);
        b[i + 1] = _mm512_unpackhi_epi32(a[i], a[i + 1]);
    }
    for i in (0..LANES).step_by(4) {
        a[i] = _mm512_unpacklo_epi64(b[i], b[i + 2]);
        a[i + 1] = _mm512_unpackhi_epi64(b[i], b[i + 2]);
        a[i + 2] = _mm512_unpacklo_epi64(b[i + 1], b[i + 3]);
        a[i + 3] = _mm512_unpackhi_epi64(b[i + 1], b[i + 3]);
    }
    for i in 0..4 {
        b[i] = _mm512_shuffle_i32x4(a[i], a[i + 4], 0x88);
        b[i + 4] = _mm512_shuffle_i32x4(a[i], a[i + 4], 0xdd);
        b[i + 8] = _mm512_shuffle_i32x4(a[i + 8], a[i + 12], 0x88);
        b[i + 12] = _mm512_shuffle_i32x4(a[i + 8], a[i + 12], 0xdd);
    }
    for i in 0..8 {
        a[i] = _mm512_shuffle_i32x4(b[i], b[i + 8], 0x88);
        a[i + 8] = _mm512_shuffle_i32x4(b[i], b[i + 8], 0xdd);
    }
    a
}

/// Writes or adds, scaled, the first `count` of 16 sums.
///
/// # Safety
/// So many values at `out` can be read and written.
#[inline]
#[target_feature(enable = "avx512f")]
pub(super) unsafe fn write_lanes(
    out: *mut f32,
    count: usize,
    sums: __m512,
    scale: f32,
    write: Write,
) {
    let lanes = first(count);
    let mut value = _mm512_mul_ps(_mm512_set1_ps(scale), sums);
    // SAFETY: masked lanes are neither read nor written.
    unsafe {
        if write == Write::Add {
            value = _mm512_add_ps(_mm512_maskz_loadu_ps(lanes, out), value);
        }
        _mm512_mask_storeu_ps(out, lanes, value);
    }
}
