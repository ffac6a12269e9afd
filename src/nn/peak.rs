//! How fast this processor can multiply and add, measured: what the kernels are compared with.

use std::hint::black_box;
use std::time::{Duration, Instant};

use pulp::{Arch, Simd, WithSimd};
use rayon::prelude::*;

/// Chains of dependent operations per thread: more than any processor's latency times its ports.
const CHAINS: usize = 12;

/// Operations of each chain between two looks at the clock.
const LENGTH: usize = 4096;

/// Fused multiply-adds of f32, in floating point operations per second (two each), on all threads
/// of the pool together, out of registers: the best of what `duration` has time for.
pub fn fma_peak(duration: Duration) -> f64 {
    let threads = rayon::current_num_threads();
    let begun = Instant::now();
    let mut best: f64 = 0.0;
    while begun.elapsed() < duration {
        let start = Instant::now();
        let lanes: Vec<usize> = (0..threads)
            .into_par_iter()
            .with_max_len(1)
            .map(|_| (0..32).map(|_| Arch::new().dispatch(Chains)).sum())
            .collect();
        let operations: usize = lanes.iter().sum::<usize>() * 2 * CHAINS * LENGTH;
        best = best.max(operations as f64 / start.elapsed().as_secs_f64().max(1e-9));
    }
    best
}

struct Chains;

impl WithSimd for Chains {
    /// Lanes of a register.
    type Output = usize;

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> usize {
        let factor = simd.splat_f32s(black_box(0.999_9));
        let addend = simd.splat_f32s(black_box(1e-4));
        let start = simd.splat_f32s(black_box(1.0));
        let [mut a, mut b, mut c, mut d, mut e, mut f] = [start; 6];
        let [mut g, mut h, mut i, mut j, mut k, mut l] = [start; 6];
        for _ in 0..LENGTH {
            a = simd.mul_add_f32s(a, factor, addend);
            b = simd.mul_add_f32s(b, factor, addend);
            c = simd.mul_add_f32s(c, factor, addend);
            d = simd.mul_add_f32s(d, factor, addend);
            e = simd.mul_add_f32s(e, factor, addend);
            f = simd.mul_add_f32s(f, factor, addend);
            g = simd.mul_add_f32s(g, factor, addend);
            h = simd.mul_add_f32s(h, factor, addend);
            i = simd.mul_add_f32s(i, factor, addend);
            j = simd.mul_add_f32s(j, factor, addend);
            k = simd.mul_add_f32s(k, factor, addend);
            l = simd.mul_add_f32s(l, factor, addend);
        }
        black_box([a, b, c, d, e, f, g, h, i, j, k, l]);
        S::F32_LANES
    }
}
