//! Products of matrices so small that packing them for a large product would cost more than the
//! product: one thread, the right-hand side's rows padded to whole registers.

use pulp::{Arch, Simd, WithSimd};

/// Rows are padded to a multiple of this: the widest register of any instruction set.
pub(super) const PAD: usize = 16;

/// `out = scale · A · B` with out (m, n), A (m, k) and B (k, n), n a multiple of [`PAD`].
pub(super) struct Product<'a> {
    /// (m, n), dense.
    pub out: &'a mut [f32],
    /// Value (i, j) at `i · a_strides[0] + j · a_strides[1]`.
    pub a: &'a [f32],
    /// Steps in `a` from row to row and from column to column.
    pub a_strides: [usize; 2],
    /// (k, n), dense.
    pub b: &'a [f32],
    /// [m, k, n]
    pub sizes: [usize; 3],
    /// Factor on all values.
    pub scale: f32,
}

impl Product<'_> {
    /// Computes it with the best instruction set of this processor.
    pub(super) fn run(self) {
        let [m, k, n] = self.sizes;
        assert!(n.is_multiple_of(PAD) && self.out.len() >= m * n && self.b.len() >= k * n);
        let [row, column] = self.a_strides;
        let last = m.saturating_sub(1) * row + k.saturating_sub(1) * column;
        assert!(
            m * k == 0 || self.a.len() > last,
            "matrix larger than its slice"
        );
        Arch::new().dispatch(self);
    }
}

impl WithSimd for Product<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        let vectors = self.sizes[2] / S::F32_LANES;
        let mut column = 0;
        // As many accumulators as registers allow: 32 where they are 16 wide, else 16.
        if S::F32_LANES == PAD {
            while vectors - column >= 4 {
                self.columns::<S, 6, 4>(simd, column);
                column += 4;
            }
            if vectors - column >= 2 {
                self.columns::<S, 12, 2>(simd, column);
                column += 2;
            }
        } else {
            while vectors - column >= 2 {
                self.columns::<S, 6, 2>(simd, column);
                column += 2;
            }
        }
        while column < vectors {
            self.columns::<S, 8, 1>(simd, column);
            column += 1;
        }
    }
}

impl Product<'_> {
    /// `V` registers of columns from register `column` on, `R` rows at a time.
    #[inline(always)]
    fn columns<S: Simd, const R: usize, const V: usize>(&mut self, simd: S, column: usize) {
        match self.sizes[0] {
            m if m >= R => self.rows::<S, R, V>(simd, column),
            m if m >= 4 => self.rows::<S, 4, V>(simd, column),
            _ => self.rows::<S, 1, V>(simd, column),
        }
    }

    /// All rows, of which there are at least `R`. The last tile may compute rows once more that the
    /// one before it has: that is cheaper than tiles of few rows, which leave registers empty.
    #[inline(always)]
    fn rows<S: Simd, const R: usize, const V: usize>(&mut self, simd: S, column: usize) {
        let m = self.sizes[0];
        let mut row = 0;
        while row + R <= m {
            self.tile::<S, R, V>(simd, row, column);
            row += R;
        }
        if row < m {
            self.tile::<S, R, V>(simd, m - R, column);
        }
    }

    #[inline(always)]
    fn tile<S: Simd, const R: usize, const V: usize>(
        &mut self,
        simd: S,
        row: usize,
        column: usize,
    ) {
        let [_, k, n] = self.sizes;
        let [a_row, a_column] = self.a_strides;
        let vectors = n / S::F32_LANES;
        let (b, _) = S::as_simd_f32s(self.b);
        let mut sums = [[simd.splat_f32s(0.0); V]; R];
        for j in 0..k {
            let b = &b[j * vectors + column..][..V];
            let a = &self.a[row * a_row + j * a_column..];
            for r in 0..R {
                let factor = simd.splat_f32s(a[r * a_row]);
                for v in 0..V {
                    sums[r][v] = simd.mul_add_e_f32s(factor, b[v], sums[r][v]);
                }
            }
        }
        let scale = simd.splat_f32s(self.scale);
        let (out, _) = S::as_mut_simd_f32s(self.out);
        for (r, sums) in sums.into_iter().enumerate() {
            let out = &mut out[(row + r) * vectors + column..][..V];
            for (out, sum) in out.iter_mut().zip(sums) {
                *out = simd.mul_f32s(scale, sum);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equals_the_sum_in_f64_at_odd_sizes() {
        for (m, k, n) in [
            (1, 1, 16),
            (5, 7, 32),
            (13, 25, 48),
            (37, 33, 80),
            (40, 3, 112),
        ] {
            for transposed in [false, true] {
                let a: Vec<f32> = (0..m * k)
                    .map(|i| ((i * 7 + 3) % 11) as f32 - 5.0)
                    .collect();
                let b: Vec<f32> = (0..k * n)
                    .map(|i| ((i * 5 + 1) % 13) as f32 - 6.0)
                    .collect();
                let a_strides = if transposed { [1, m] } else { [k, 1] };
                let mut out = vec![0.0; m * n];
                Product {
                    out: &mut out,
                    a: &a,
                    a_strides,
                    b: &b,
                    sizes: [m, k, n],
                    scale: 0.5,
                }
                .run();
                for i in 0..m {
                    for j in 0..n {
                        let term = |l: usize| {
                            let a = a[i * a_strides[0] + l * a_strides[1]];
                            f64::from(a) * f64::from(b[l * n + j])
                        };
                        let want: f64 = 0.5 * (0..k).map(term).sum::<f64>();
                        assert_eq!(f64::from(out[i * n + j]), want, "{m} {k} {n} at {i} {j}");
                    }
                }
            }
        }
    }
}
