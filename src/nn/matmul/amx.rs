//! Products by AMX, Intel's tile unit, whose factors are rounded to bfloat16: one instruction
//! multiplies 16 × 32 by 32 × 16 values and adds the products to 16 × 16 sums in f32. Values below
//! 2⁻¹²⁶ count as zero.
//!
//! A *line* is a row of the left or a column of the right matrix. Every value of the result is
//! summed in one order, so its bits do not depend on how a product is cut into parts.

use std::arch::asm;
use std::arch::x86_64::{
    __cpuid_count, _mm512_loadu_ps, _mm512_setzero_si512, _mm512_storeu_si512,
};
use std::sync::LazyLock;

use super::pairs::{LANES, columns, interleave, neighbours, round, transposed, write_lanes};
use super::{Matrix, Target, Write};
use crate::nn::buffers::Buffer;

/// Values that one instruction sums.
const STEP: usize = 2 * LANES;

/// Pairs of a tile: 16 lines by 16 pairs, 1 KiB.
const TILE: usize = LANES * LANES;

/// Lines of each side that meet in one go: two tiles, so that each tile read serves two products.
const LINES: usize = 2 * LANES;

/// Lines of the left matrix that are rounded at once, and how many values of each: with a panel of
/// the right matrix they stay in the second cache.
const BLOCK_LINES: usize = 512;
const BLOCK_DEPTH: usize = 1536;

/// Whether this processor has the instructions, and the system lets this process use them.
pub(super) fn is_supported() -> bool {
    static SUPPORTED: LazyLock<bool> = LazyLock::new(|| {
        // Intel's manual, volume 2A, CPUID: leaf 7, EDX, bits 22 (AMX-BF16) and 24 (AMX-TILE).
        let bits = 1 << 22 | 1 << 24;
        super::bfloat16::is_supported()
            && __cpuid_count(7, 0).edx & bits == bits
            && is_permitted_by_system()
    });
    *SUPPORTED
}

/// Asks Linux for the tiles, whose state it saves only for processes that asked
/// (<https://docs.kernel.org/arch/x86/xstate.html>).
#[cfg(target_os = "linux")]
fn is_permitted_by_system() -> bool {
    const ARCH_REQ_XCOMP_PERM: libc::c_ulong = 0x1023;
    const XFEATURE_XTILEDATA: libc::c_ulong = 18;
    // SAFETY: this request reads and writes no memory of ours.
    unsafe {
        libc::syscall(
            libc::SYS_arch_prctl,
            ARCH_REQ_XCOMP_PERM,
            XFEATURE_XTILEDATA,
        ) == 0
    }
}

#[cfg(not(target_os = "linux"))]
fn is_permitted_by_system() -> bool {
    false
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
    assert!(is_supported(), "the processor has no tiles");
    for matrix in [lhs, rhs] {
        assert!(matrix.row_stride == 1 || matrix.col_stride == 1);
    }
    // SAFETY: the processor has the instructions; `matmul` has checked that the sizes agree, and
    // `Matrix` and `Target` keep what lies within the sizes and strides inside their slices.
    unsafe { multiply_tiles(out, write, scale, lhs, rhs) }
}

#[target_feature(enable = "avx512f,avx512bw,avx512bf16")]
unsafe fn multiply_tiles(
    out: &mut Target<'_>,
    mut write: Write,
    scale: f32,
    lhs: Matrix<'_>,
    rhs: Matrix<'_>,
) {
    let (m, n, k) = (lhs.rows, rhs.cols, lhs.cols);
    let _layout = TileLayout::load();
    let mut sums = Sums([0.0; LINES * LINES]);
    // Once even where there is nothing to sum: the target is to hold zeros then.
    for value in (0..k.max(1)).step_by(BLOCK_DEPTH) {
        let count = (k - value).min(BLOCK_DEPTH);
        let lhs = lhs.t().rows_from(value, count).t();
        let rhs = rhs.rows_from(value, count);
        for row in (0..m).step_by(BLOCK_LINES) {
            let left = lhs.rows_from(row, (m - row).min(BLOCK_LINES));
            // SAFETY: as the caller has it; so with those below.
            let left = unsafe { Lines::round(left, Order::Lines) };
            for column in (0..n).step_by(LINES) {
                let right = rhs.t().rows_from(column, (n - column).min(LINES));
                let right = unsafe { Lines::round(right, Order::Pairs) };
                for begin in (0..left.count).step_by(LINES) {
                    let rows = (left.count - begin).min(LINES);
                    // SAFETY: these rows and columns lie in the target.
                    unsafe {
                        sums.multiply(&left, begin, &right);
                        let out_row = out.data.add((row + begin) * out.row_stride + column);
                        sums.write(out_row, out.row_stride, [rows, right.count], scale, write);
                    }
                }
            }
        }
        write = Write::Add;
    }
}

/// What the tiles of this thread are, until it is dropped: eight of 16 rows of 64 bytes.
struct TileLayout;

impl TileLayout {
    fn load() -> Self {
        // Intel's manual, volume 2A, LDTILECFG: the palette, from byte 16 the bytes of each tile's
        // rows as 16-bit numbers, from byte 48 its rows.
        let mut layout = [0u8; 64];
        layout[0] = 1;
        for tile in 0..8 {
            layout[16 + 2 * tile] = 64;
            layout[48 + tile] = LANES as u8;
        }
        // SAFETY: the caller has tiles, and the layout is one that the manual allows.
        unsafe { asm!("ldtilecfg [{}]", in(reg) layout.as_ptr(), options(nostack, readonly)) };
        Self
    }
}

impl Drop for TileLayout {
    fn drop(&mut self) {
        // SAFETY: nothing is kept in tiles. Without this the system would go on saving them.
        unsafe { asm!("tilerelease", options(nostack, nomem)) };
    }
}

/// How the pairs of a tile follow each other: the left factor of an instruction has those of a line
/// side by side, the right one those of a step.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Order {
    Lines,
    Pairs,
}

/// Rounded lines: for each 16 of them a tile for each [`STEP`] of their values. Lines and values that
/// are lacking are zeros; there are tiles for a multiple of [`LINES`].
struct Lines {
    tiles: Buffer,
    /// Where the first tile begins: tiles are read fastest from the beginnings of cache lines.
    offset: usize,
    count: usize,
    steps: usize,
}

impl Lines {
    /// The rows of `lines`.
    ///
    /// # Safety
    /// The matrix stays inside its slice.
    #[target_feature(enable = "avx512f,avx512bw,avx512bf16")]
    unsafe fn round(lines: Matrix<'_>, order: Order) -> Self {
        let steps = lines.cols.div_ceil(STEP);
        let groups = lines.rows.next_multiple_of(LINES) / LANES;
        let mut tiles = Buffer::any(groups * steps * TILE + LANES);
        let offset = tiles.as_ptr().align_offset(64).min(LANES);
        for group in 0..groups {
            for step in 0..steps {
                let tile = &mut tiles[offset + (group * steps + step) * TILE..][..TILE];
                // SAFETY: as the caller has it.
                unsafe { round_tile(tile, lines, group * LANES, step * STEP, order) };
            }
        }
        Self {
            tiles,
            offset,
            count: lines.rows,
            steps,
        }
    }

    /// The tiles of 16 lines.
    fn group(&self, group: usize) -> *const f32 {
        let all = self.steps * TILE;
        self.tiles[self.offset + group * all..][..all].as_ptr()
    }
}

/// Writes the tile of the 16 lines from `line` on, of the [`STEP`] values from `k` on.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512bf16")]
unsafe fn round_tile(tile: &mut [f32], lines: Matrix<'_>, line: usize, k: usize, order: Order) {
    let mut pairs = [_mm512_setzero_si512(); LANES];
    // SAFETY: values are read only where there are some; a tile has 16 rows of 16 pairs.
    unsafe {
        let lie_by = if lines.col_stride == 1 {
            let rows = lines.rows.saturating_sub(line).min(LANES);
            for (row, pairs) in pairs.iter_mut().enumerate().take(rows) {
                let values = (line + row) * lines.row_stride + k;
                let values = lines.data.as_ptr().add(values);
                let [low, high] = neighbours(values, (lines.cols - k).min(STEP));
                *pairs = round(low, high);
            }
            Order::Lines
        } else {
            for (pair, pairs) in pairs.iter_mut().enumerate() {
                let k = k + 2 * pair;
                if line < lines.rows && k < lines.cols {
                    let [low, high] = columns(lines, line, k);
                    *pairs = interleave(round(low, high));
                }
            }
            Order::Pairs
        };
        if order != lie_by {
            pairs = transposed(pairs);
        }
        for (row, pairs) in tile.chunks_exact_mut(LANES).zip(pairs) {
            _mm512_storeu_si512(row.as_mut_ptr().cast(), pairs);
        }
    }
}

/// The products of 32 lines with 32 lines, row by row.
#[repr(align(64))]
struct Sums([f32; LINES * LINES]);

impl Sums {
    /// Computes them for the lines of `left` from `begin` on and those of `right`: tiles 0 to 3 are
    /// the sums, 4 and 5 the lines of the left, 6 and 7 those of the right.
    ///
    /// # Safety
    /// This thread has its [`TileLayout`].
    unsafe fn multiply(&mut self, left: &Lines, begin: usize, right: &Lines) {
        assert_eq!(left.steps, right.steps);
        // SAFETY: each of the four pointers is to as many tiles as there are steps.
        unsafe {
            asm!(
                "tilezero tmm0",
                "tilezero tmm1",
                "tilezero tmm2",
                "tilezero tmm3",
                "test {steps}, {steps}",
                "jz 3f",
                "2:",
                "tileloadd tmm4, [{left} + {row}]",
                "tileloadd tmm6, [{right} + {row}]",
                "tdpbf16ps tmm0, tmm4, tmm6",
                "tileloadd tmm7, [{right_2} + {row}]",
                "tdpbf16ps tmm1, tmm4, tmm7",
                "tileloadd tmm5, [{left_2} + {row}]",
                "tdpbf16ps tmm2, tmm5, tmm6",
                "tdpbf16ps tmm3, tmm5, tmm7",
                "add {left}, 1024",
                "add {left_2}, 1024",
                "add {right}, 1024",
                "add {right_2}, 1024",
                "dec {steps}",
                "jnz 2b",
                "3:",
                "tilestored [{sums} + {wide}], tmm0",
                "tilestored [{sums} + {wide} + 64], tmm1",
                "tilestored [{sums} + {wide} + 2048], tmm2",
                "tilestored [{sums} + {wide} + 2112], tmm3",
                left = inout(reg) left.group(begin / LANES) => _,
                left_2 = inout(reg) left.group(begin / LANES + 1) => _,
                right = inout(reg) right.group(0) => _,
                right_2 = inout(reg) right.group(1) => _,
                steps = inout(reg) left.steps => _,
                sums = in(reg) self.0.as_mut_ptr(),
                // Bytes from row to row, of a tile and of the sums.
                row = in(reg) 64usize,
                wide = in(reg) 128usize,
                out("tmm0") _, out("tmm1") _, out("tmm2") _, out("tmm3") _,
                out("tmm4") _, out("tmm5") _, out("tmm6") _, out("tmm7") _,
                options(nostack),
            );
        }
    }

    /// Writes or adds the leading rows and columns, scaled, to a target whose rows begin `stride`
    /// apart.
    ///
    /// # Safety
    /// They can be read and written there.
    #[target_feature(enable = "avx512f,avx512bw,avx512bf16")]
    unsafe fn write(
        &self,
        out: *mut f32,
        stride: usize,
        [rows, columns]: [usize; 2],
        scale: f32,
        write: Write,
    ) {
        for (row, sums) in self.0.chunks_exact(LINES).enumerate().take(rows) {
            for column in (0..columns).step_by(LANES) {
                // SAFETY: as the caller has it.
                unsafe {
                    let sums = _mm512_loadu_ps(sums[column..].as_ptr());
                    let out = out.add(row * stride + column);
                    write_lanes(out, columns - column, sums, scale, write);
                }
            }
        }
    }
}
