//! Arithmetic on slices, written so that the compiler vectorises it for the processor at hand.
//!
//! Every public function here is `inline(always)`: it is meant to be called inside [`on_simd`],
//! which compiles its closure once per instruction set (AVX-512, AVX2, portable) and picks one at
//! run time. Sums run in [`LANES`] fixed lanes, so their value does not depend on who adds.

/// Width of the fixed lanes of a sum.
pub(super) const LANES: usize = 16;

/// Runs `work`, compiled for the best instruction set of this processor.
#[inline(always)]
pub(super) fn on_simd<R>(work: impl FnOnce() -> R) -> R {
    pulp::Arch::new().dispatch(work)
}

#[inline(always)]
fn fold_lanes(lanes: [f32; LANES]) -> f32 {
    let mut width = LANES / 2;
    let mut lanes = lanes;
    while width > 0 {
        for i in 0..width {
            lanes[i] += lanes[i + width];
        }
        width /= 2;
    }
    lanes[0]
}

/// The sum of `term(x)` over the slice.
#[inline(always)]
pub(super) fn sum_of(values: &[f32], term: impl Fn(f32) -> f32) -> f32 {
    let mut lanes = [0.0; LANES];
    let mut chunks = values.chunks_exact(LANES);
    for chunk in &mut chunks {
        for i in 0..LANES {
            lanes[i] += term(chunk[i]);
        }
    }
    for (lane, &value) in lanes.iter_mut().zip(chunks.remainder()) {
        *lane += term(value);
    }
    fold_lanes(lanes)
}

/// The sum of `term(x, y)` over two slices of one length.
#[inline(always)]
pub(super) fn sum_of2(a: &[f32], b: &[f32], term: impl Fn(f32, f32) -> f32) -> f32 {
    let mut lanes = [0.0; LANES];
    let (mut left, mut right) = (a.chunks_exact(LANES), b.chunks_exact(LANES));
    for (x, y) in (&mut left).zip(&mut right) {
        for i in 0..LANES {
            lanes[i] += term(x[i], y[i]);
        }
    }
    for ((lane, &x), &y) in lanes
        .iter_mut()
        .zip(left.remainder())
        .zip(right.remainder())
    {
        *lane += term(x, y);
    }
    fold_lanes(lanes)
}

/// The largest value of the slice; minus infinity when it is empty.
#[inline(always)]
pub(super) fn max(values: &[f32]) -> f32 {
    let mut lanes = [f32::NEG_INFINITY; LANES];
    let mut chunks = values.chunks_exact(LANES);
    for chunk in &mut chunks {
        for i in 0..LANES {
            lanes[i] = if chunk[i] > lanes[i] {
                chunk[i]
            } else {
                lanes[i]
            };
        }
    }
    for (lane, &value) in lanes.iter_mut().zip(chunks.remainder()) {
        *lane = lane.max(value);
    }
    let mut width = LANES / 2;
    while width > 0 {
        for i in 0..width {
            lanes[i] = lanes[i].max(lanes[i + width]);
        }
        width /= 2;
    }
    lanes[0]
}

/// e to the power of x, relative error below 2e-7 for x in -87..=88, 0 and infinity-free beyond.
///
/// Range reduction by powers of two and a polynomial of degree 5, as in Cephes' `expf`
/// (Moshier, <https://www.netlib.org/cephes/>).
#[inline(always)]
pub(super) fn exp(x: f32) -> f32 {
    const LN2_HIGH: f32 = 0.693_359_4;
    const LN2_LOW: f32 = -2.121_944_4e-4;
    // Adding 1.5 * 2^23 rounds to the nearest whole number in every instruction set.
    const ROUND: f32 = 12_582_912.0;
    let x = if x < -87.0 { -87.0 } else { x };
    let x = if x > 88.0 { 88.0 } else { x };
    let shifted = x * std::f32::consts::LOG2_E + ROUND;
    let n = shifted - ROUND;
    let r = x - n * LN2_HIGH - n * LN2_LOW;
    let mut p = 1.987_569_1e-4;
    p = p * r + 1.398_2e-3;
    p = p * r + 8.333_452e-3;
    p = p * r + 4.166_579_6e-2;
    p = p * r + 1.666_666_5e-1;
    p = p * r + 0.5;
    // The low bits of the shifted number are n as a whole number: no conversion is needed.
    let power = f32::from_bits(shifted.to_bits().wrapping_add(127) << 23);
    (p * r * r + r + 1.0) * power
}

/// The hyperbolic tangent, absolute error below 3e-7.
#[inline(always)]
pub(super) fn tanh(x: f32) -> f32 {
    // For small x the quotient would lose digits that the series keeps.
    let series = x * (1.0 - x * x * (1.0 / 3.0 - x * x * (2.0 / 15.0)));
    let quotient = 1.0 - 2.0 / (exp(2.0 * x) + 1.0);
    if x.abs() < 0.05 { series } else { quotient }
}

/// The error function, absolute error below 5e-7 (Abramowitz and Stegun 7.1.26), given
/// `gauss` = exp(-x²), which callers often need themselves.
#[inline(always)]
pub(super) fn erf(x: f32, gauss: f32) -> f32 {
    let a = x.abs();
    let t = 1.0 / (1.0 + 0.327_591_1 * a);
    let mut p = 1.061_405_4;
    p = p * t - 1.453_152;
    p = p * t + 1.421_413_8;
    p = p * t - 0.284_496_74;
    p = p * t + 0.254_829_6;
    (1.0 - p * t * gauss).copysign(x)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exp_and_erf_are_close_to_f64() {
        for i in -8_700..8_800 {
            let x = i as f32 / 100.0;
            let want = f64::from(x).exp();
            assert!((f64::from(exp(x)) / want - 1.0).abs() < 3e-7, "exp {x}");
        }
        // Values of erf to ten places, from tables (Abramowitz and Stegun 7.1).
        for (x, want) in [
            (0.0, 0.0),
            (0.1, 0.112_462_916),
            (0.5, 0.520_499_878),
            (1.0, 0.842_700_793),
            (1.5, 0.966_105_146),
            (2.0, 0.995_322_265),
            (3.0, 0.999_977_910),
        ] {
            assert!(
                (f64::from(erf(x, exp(-x * x))) - want).abs() < 5e-7,
                "erf {x}"
            );
            assert_eq!(erf(-x, exp(-x * x)), -erf(x, exp(-x * x)));
        }
    }

    #[test]
    fn sums_and_maxima_at_odd_lengths() {
        for n in [0, 1, 15, 16, 17, 37, 100] {
            let a: Vec<f32> = (0..n).map(|i| ((i * 7) % 11) as f32 - 5.0).collect();
            let want: f32 = a.iter().sum();
            assert_eq!(on_simd(|| sum_of(&a, |x| x)), want);
            assert_eq!(
                on_simd(|| sum_of2(&a, &a, |x, y| x * y)),
                a.iter().map(|x| x * x).sum::<f32>()
            );
            assert_eq!(
                on_simd(|| max(&a)),
                a.iter().copied().fold(f32::NEG_INFINITY, f32::max)
            );
        }
    }
}
