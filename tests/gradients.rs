//! Every operation of `nn` against candle's own differentiable tensor operations, forward and
//! backward, at sizes that are not multiples of the kernels' lanes.

use std::sync::Arc;

use candle_core::{D, Device, Result, Tensor, Var};
use luthier::nn::{
    Builder, Embedding, Init, LayerNorm, Linear, Pass, Source, attention, dropout, gather_rows,
    gelu,
};
use luthier::rng::{Purpose, Stream};

/// A tensor of normal numbers that depends on `site` alone.
fn normal(shape: &[usize], site: u32) -> Tensor {
    let stream = Stream::new(7, Purpose::Init, 0).site(site);
    let count: usize = shape.iter().product();
    let data: Vec<f32> = (0..count as u64).map(|i| stream.normal(i) as f32).collect();
    Tensor::from_vec(data, shape, &Device::Cpu).unwrap()
}

fn variable(shape: &[usize], site: u32) -> Var {
    Var::from_tensor(&normal(shape, site)).unwrap()
}

/// Asserts that both results, and the gradients of `inputs` under the same random weights on the
/// result, agree to `tolerance` relative to the largest value.
fn assert_same(
    ours: impl Fn() -> Result<Tensor>,
    theirs: impl Fn() -> Result<Tensor>,
    inputs: &[(&str, &Tensor)],
    tolerance: f32,
) {
    let (ours, theirs) = (ours().unwrap(), theirs().unwrap());
    assert_close("result", &ours, &theirs, tolerance);
    let weights = normal(ours.dims(), 99);
    let gradients = |y: &Tensor| {
        (y * &weights)
            .unwrap()
            .sum_all()
            .unwrap()
            .backward()
            .unwrap()
    };
    let (ours, theirs) = (gradients(&ours), gradients(&theirs));
    for (name, input) in inputs {
        assert_close(
            name,
            ours.get(input).unwrap(),
            theirs.get(input).unwrap(),
            tolerance,
        );
    }
}

fn assert_close(name: &str, ours: &Tensor, theirs: &Tensor, tolerance: f32) {
    assert_eq!(ours.dims(), theirs.dims(), "{name}");
    let largest = |t: Tensor| {
        t.abs()
            .unwrap()
            .max_all()
            .unwrap()
            .to_scalar::<f32>()
            .unwrap()
    };
    let difference = largest((ours - theirs).unwrap());
    let size = largest(theirs.clone()).max(1e-3);
    assert!(
        difference <= tolerance * size,
        "{name}: off by {difference} of {size}"
    );
}

/// A source that has everything, random.
struct Anything;

impl Source for Anything {
    fn tensor(&self, name: &str, shape: &[usize]) -> luthier::error::Result<Option<Tensor>> {
        Ok(Some(normal(shape, name.bytes().map(u32::from).sum())))
    }
}

fn parameters(
    build: impl FnOnce(&Builder<'_>) -> luthier::error::Result<()>,
) -> luthier::nn::Parameters {
    let builder = Builder::new(&Anything, 0);
    build(&builder).unwrap();
    builder.finish().0
}

#[test]
fn linear() {
    for (rows, inputs, outputs) in [(1, 1, 1), (3, 37, 5), (65, 19, 130)] {
        let mut layer = None;
        let parameters = parameters(|at| {
            layer = Some(Linear::load(inputs, outputs, 0.02, at)?);
            Ok(())
        });
        let (layer, x) = (layer.unwrap(), variable(&[rows, inputs], 1));
        let (w, b) = (parameters["weight"].var(), parameters["bias"].var());
        let pass = Pass::training(0, 0);
        assert_same(
            || layer.forward(&x, &pass),
            || x.matmul(&w.t()?)?.broadcast_add(b),
            &[("x", &x), ("weight", w), ("bias", b)],
            2e-6,
        );
    }
}

#[test]
fn layer_norm() {
    for (rows, size) in [(1, 3), (37, 33), (70, 384)] {
        let mut layer = None;
        let parameters = parameters(|at| {
            layer = Some(LayerNorm::load(size, 1e-12, at)?);
            Ok(())
        });
        let (layer, x) = (layer.unwrap(), variable(&[rows, size], 2));
        let (w, b) = (parameters["weight"].var(), parameters["bias"].var());
        let pass = Pass::training(0, 0);
        let slow = || {
            let centred = x.broadcast_sub(&x.mean_keepdim(D::Minus1)?)?;
            let deviation = (centred.sqr()?.mean_keepdim(D::Minus1)? + 1e-12)?.sqrt()?;
            centred
                .broadcast_div(&deviation)?
                .broadcast_mul(w)?
                .broadcast_add(b)
        };
        assert_same(
            || layer.forward(&x, &pass),
            slow,
            &[("x", &x), ("weight", w), ("bias", b)],
            2e-5,
        );
        assert!(!parameters["weight"].decays() && !parameters["bias"].decays());
    }
}

#[test]
fn gelu_of_values_near_and_far() {
    let x = Var::from_tensor(&(normal(&[37, 41], 3) * 3.0).unwrap()).unwrap();
    assert_same(|| gelu(&x), || x.gelu_erf(), &[("x", &x)], 3e-6);
}

#[test]
fn rows_of_a_table_with_repetitions() {
    let table = variable(&[11, 7], 4);
    let ids = [3u32, 10, 3, 0, 3];
    let tensor = Tensor::new(&ids, &Device::Cpu).unwrap();
    assert_same(
        || gather_rows(&table, &ids),
        || table.index_select(&tensor, 0),
        &[("table", &table)],
        1e-6,
    );
    assert!(gather_rows(&table, &[11]).is_err());
}

#[test]
fn attention_over_sequences_of_odd_lengths() {
    let (heads, size) = (3, 5);
    let lengths = [5usize, 37, 1, 20];
    let mut offsets = vec![0];
    lengths
        .iter()
        .for_each(|length| offsets.push(offsets[offsets.len() - 1] + length));
    let tokens = offsets[lengths.len()];
    let offsets: Arc<[usize]> = offsets.into();
    let [q, k, v] = [5, 6, 7].map(|site| variable(&[tokens, heads * size], site));
    let slow = || {
        let mut sequences = Vec::new();
        for pair in offsets.windows(2) {
            let part = |x: &Tensor| {
                x.narrow(0, pair[0], pair[1] - pair[0])?
                    .reshape((pair[1] - pair[0], heads, size))?
                    .transpose(0, 1)?
                    .contiguous()
            };
            let scores = (part(&q)?.matmul(&part(&k)?.t()?)? / (size as f64).sqrt())?;
            let mixed = candle_nn::ops::softmax(&scores, D::Minus1)?.matmul(&part(&v)?)?;
            let flat = (pair[1] - pair[0], heads * size);
            sequences.push(mixed.transpose(0, 1)?.reshape(flat)?);
        }
        Tensor::cat(&sequences, 0)
    };
    let pass = Pass::training(0, 0);
    assert_same(
        || attention(&q, &k, &v, &offsets, heads, 0.0, &pass),
        slow,
        &[("q", &q), ("k", &k), ("v", &v)],
        3e-5,
    );
}

/// With dropout the loss is still a smooth function of the inputs, because the mask is a function
/// of the counter: central differences must agree with the backward pass.
#[test]
fn attention_with_dropout_agrees_with_finite_differences() {
    let offsets: Arc<[usize]> = vec![0, 4, 11].into();
    let base = [5, 6, 7].map(|site| normal(&[11, 6], site));
    let weights = normal(&[11, 6], 8);
    let loss = |inputs: &[Tensor; 3]| {
        let [q, k, v] = inputs;
        let mixed = attention(q, k, v, &offsets, 2, 0.3, &Pass::training(1, 2))?;
        (mixed * &weights)?.sum_all()
    };
    let variables = base
        .clone()
        .map(|tensor| Var::from_tensor(&tensor).unwrap());
    let tracked = variables
        .clone()
        .map(|variable| variable.as_tensor().clone());
    let gradients = loss(&tracked).unwrap().backward().unwrap();
    for input in 0..3 {
        let gradient = gradients.get(&tracked[input]).unwrap();
        let gradient: Vec<f32> = gradient.flatten_all().unwrap().to_vec1().unwrap();
        for place in [0usize, 13, 35, 65] {
            let moved = |step: f32| -> f32 {
                let mut inputs = base.clone();
                let mut values: Vec<f32> = base[input].flatten_all().unwrap().to_vec1().unwrap();
                values[place] += step;
                inputs[input] = Tensor::from_vec(values, (11, 6), &Device::Cpu).unwrap();
                loss(&inputs).unwrap().to_scalar().unwrap()
            };
            let slope = (moved(1e-2) - moved(-1e-2)) / 2e-2;
            let difference = (slope - gradient[place]).abs();
            assert!(
                difference < 5e-3,
                "input {input} at {place}: {slope} {}",
                gradient[place]
            );
        }
    }
}

#[test]
fn dropout_keeps_the_mean_and_uses_one_mask_both_ways() {
    let x =
        Var::from_tensor(&Tensor::ones((501, 67), candle_core::DType::F32, &Device::Cpu).unwrap())
            .unwrap();
    let y = dropout(&x, 0.1, &Pass::training(3, 5)).unwrap();
    let values: Vec<f32> = y.flatten_all().unwrap().to_vec1().unwrap();
    let dropped = values.iter().filter(|&&value| value == 0.0).count() as f64 / values.len() as f64;
    let mean = values.iter().map(|&value| f64::from(value)).sum::<f64>() / values.len() as f64;
    assert!((dropped - 0.1).abs() < 0.01, "dropped {dropped}");
    assert!((mean - 1.0).abs() < 0.01, "mean {mean}");
    let gradients = y.sum_all().unwrap().backward().unwrap();
    let gradient: Vec<f32> = gradients
        .get(x.as_tensor())
        .unwrap()
        .flatten_all()
        .unwrap()
        .to_vec1()
        .unwrap();
    assert_eq!(gradient, values);
    // The same step draws the same mask; another step, and another place in a pass, another one.
    let again = |pass: &Pass| -> Vec<f32> {
        dropout(&x, 0.1, pass)
            .unwrap()
            .flatten_all()
            .unwrap()
            .to_vec1()
            .unwrap()
    };
    let pass = Pass::training(3, 5);
    assert_eq!(again(&pass), values);
    assert_ne!(again(&pass), values);
    assert_ne!(again(&Pass::training(3, 6)), values);
    assert!(again(&Pass::evaluation()).iter().all(|&value| value == 1.0));
}

#[test]
fn evaluation_records_no_graph() {
    let mut table = None;
    parameters(|at| {
        table = Some(Embedding::load(5, 3, 0.02, at)?);
        at.get("bias", &[3], Init::Zeros).map(|_| ())
    });
    let table = table.unwrap();
    assert!(
        !table
            .forward(&[1, 2], &Pass::evaluation())
            .unwrap()
            .track_op()
    );
    assert!(
        table
            .forward(&[1, 2], &Pass::training(0, 0))
            .unwrap()
            .track_op()
    );
}
