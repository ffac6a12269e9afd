//! Activation functions, with what they need backwards.

use candle_core::{Result, Tensor};
use rayon::prelude::*;

use super::rows::{ROWS_PER_CHUNK, add_partial_sums};
use super::vector::{erf, exp, on_simd, tanh};

/// A function applied to every value between two layers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Activation {
    /// The exact (erf) Gaussian error linear unit (Hendrycks and Gimpel 2016, arXiv:1606.08415).
    Gelu,
    /// The same unit by its tanh approximation.
    GeluTanh,
    /// max(0, x).
    Relu,
    /// x · sigmoid(x) (arXiv:1606.08415).
    Silu,
    /// The hyperbolic tangent.
    Tanh,
}

impl Activation {
    /// The function that `config.json` calls `name`, as in transformers' `ACT2FN`.
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "gelu" => Some(Self::Gelu),
            "gelu_new" | "gelu_pytorch_tanh" | "gelu_fast" => Some(Self::GeluTanh),
            "relu" => Some(Self::Relu),
            "silu" | "swish" => Some(Self::Silu),
            "tanh" => Some(Self::Tanh),
            _ => None,
        }
    }

    /// The names that [`Activation::named`] knows.
    pub const NAMES: &[&str] = &[
        "gelu",
        "gelu_new",
        "gelu_pytorch_tanh",
        "gelu_fast",
        "relu",
        "silu",
        "swish",
        "tanh",
    ];

    /// By candle's own differentiable operations, for devices that have no kernel here.
    pub(super) fn composed(self, x: &Tensor) -> Result<Tensor> {
        match self {
            Self::Gelu => x.gelu_erf(),
            Self::GeluTanh => x.gelu(),
            Self::Relu => x.relu(),
            Self::Silu => x.silu(),
            Self::Tanh => x.tanh(),
        }
    }

    /// Adds `bias` to the rows of `u` and writes the function's values to `y`; `u` keeps what went
    /// into the function, for the backward pass.
    pub(super) fn forward(self, y: &mut [f32], u: &mut [f32], bias: &[f32]) {
        match self {
            Self::Gelu => forward(y, u, bias, |x| gelu(x).0),
            Self::GeluTanh => forward(y, u, bias, |x| gelu_tanh(x).0),
            Self::Relu => forward(y, u, bias, |x| relu(x).0),
            Self::Silu => forward(y, u, bias, |x| silu(x).0),
            Self::Tanh => forward(y, u, bias, |x| tanh_slope(x).0),
        }
    }

    /// Adds `bias` to the rows of `u` and replaces them with the function's values.
    pub(super) fn in_place(self, u: &mut [f32], bias: &[f32]) {
        match self {
            Self::Gelu => in_place(u, bias, |x| gelu(x).0),
            Self::GeluTanh => in_place(u, bias, |x| gelu_tanh(x).0),
            Self::Relu => in_place(u, bias, |x| relu(x).0),
            Self::Silu => in_place(u, bias, |x| silu(x).0),
            Self::Tanh => in_place(u, bias, |x| tanh_slope(x).0),
        }
    }

    /// With `u` as [`Activation::forward`] left it: turns the gradient `dy` of the result into that
    /// of u, adds its column sums to `dbias`, and writes the function's values once more to `y`
    /// where they are wanted; an empty `y` says that they are not.
    pub(super) fn backward(self, y: &mut [f32], dy: &mut [f32], u: &[f32], dbias: &mut [f32]) {
        match self {
            Self::Gelu => backward(y, dy, u, dbias, gelu),
            Self::GeluTanh => backward(y, dy, u, dbias, gelu_tanh),
            Self::Relu => backward(y, dy, u, dbias, relu),
            Self::Silu => backward(y, dy, u, dbias, silu),
            Self::Tanh => backward(y, dy, u, dbias, tanh_slope),
        }
    }
}

/// Each function gives its value and its slope.
pub(super) type ValueAndSlope = (f32, f32);

/// x Φ(x), and Φ(x) + x φ(x).
#[inline(always)]
pub(super) fn gelu(x: f32) -> ValueAndSlope {
    const FRAC_1_SQRT_2PI: f32 = 0.398_942_3;
    // erf wants exp(-(x/√2)²), which is the normal density but for its factor.
    let gauss = exp(-0.5 * x * x);
    let below = 0.5 * (1.0 + erf(x * std::f32::consts::FRAC_1_SQRT_2, gauss));
    (x * below, below + x * FRAC_1_SQRT_2PI * gauss)
}

#[inline(always)]
pub(super) fn gelu_tanh(x: f32) -> ValueAndSlope {
    const SQRT_2_OVER_PI: f32 = 0.797_884_6;
    const CUBE: f32 = 0.044_715;
    let t = tanh(SQRT_2_OVER_PI * (x + CUBE * x * x * x));
    let inner = SQRT_2_OVER_PI * (1.0 + 3.0 * CUBE * x * x);
    let below = 0.5 * (1.0 + t);
    (x * below, below + 0.5 * x * (1.0 - t * t) * inner)
}

#[inline(always)]
pub(super) fn relu(x: f32) -> ValueAndSlope {
    if x > 0.0 { (x, 1.0) } else { (0.0, 0.0) }
}

#[inline(always)]
pub(super) fn silu(x: f32) -> ValueAndSlope {
    let sigmoid = 1.0 / (1.0 + exp(-x));
    (x * sigmoid, sigmoid * (1.0 + x * (1.0 - sigmoid)))
}

#[inline(always)]
pub(super) fn tanh_slope(x: f32) -> ValueAndSlope {
    let t = tanh(x);
    (t, 1.0 - t * t)
}

fn forward(y: &mut [f32], u: &mut [f32], bias: &[f32], value: impl Fn(f32) -> f32 + Sync) {
    let (width, chunk) = (bias.len(), ROWS_PER_CHUNK * bias.len());
    let chunks = y.par_chunks_mut(chunk).zip(u.par_chunks_mut(chunk));
    chunks.for_each(|(y, u)| {
        on_simd(
            #[inline(always)]
            || {
                let rows = y.chunks_exact_mut(width).zip(u.chunks_exact_mut(width));
                for (y, u) in rows {
                    for ((y, u), b) in y.iter_mut().zip(u).zip(bias) {
                        *u += b;
                        *y = value(*u);
                    }
                }
            },
        );
    });
}

fn in_place(u: &mut [f32], bias: &[f32], value: impl Fn(f32) -> f32 + Sync) {
    let (width, chunk) = (bias.len(), ROWS_PER_CHUNK * bias.len());
    u.par_chunks_mut(chunk).for_each(|u| {
        on_simd(
            #[inline(always)]
            || {
                for u in u.chunks_exact_mut(width) {
                    for (u, b) in u.iter_mut().zip(bias) {
                        *u = value(*u + b);
                    }
                }
            },
        );
    });
}

fn backward(
    y: &mut [f32],
    dy: &mut [f32],
    u: &[f32],
    dbias: &mut [f32],
    function: impl Fn(f32) -> ValueAndSlope + Sync,
) {
    let (width, chunk) = (dbias.len(), ROWS_PER_CHUNK * dbias.len());
    let chunks = dy.par_chunks_mut(chunk).zip(u.par_chunks(chunk));
    if y.is_empty() {
        add_partial_sums(dbias, chunks, |sums, (dy, u)| {
            on_simd(
                #[inline(always)]
                || {
                    for (dy, u) in dy.chunks_exact_mut(width).zip(u.chunks_exact(width)) {
                        for ((dy, &u), sum) in dy.iter_mut().zip(u).zip(sums.iter_mut()) {
                            *dy *= function(u).1;
                            *sum += *dy;
                        }
                    }
                },
            );
        });
        return;
    }
    let chunks = y.par_chunks_mut(chunk).zip(chunks);
    add_partial_sums(dbias, chunks, |sums, (y, (dy, u))| {
        on_simd(
            #[inline(always)]
            || {
                let rows = y.chunks_exact_mut(width).zip(dy.chunks_exact_mut(width));
                for ((y, dy), u) in rows.zip(u.chunks_exact(width)) {
                    for (((y, dy), &u), sum) in y.iter_mut().zip(dy).zip(u).zip(sums.iter_mut()) {
                        let (value, slope) = function(u);
                        *y = value;
                        *dy *= slope;
                        *sum += *dy;
                    }
                }
            },
        );
    });
}
