//! Every operation of `nn` against the same function in f64 by candle's own differentiable tensor
//! operations, forward and backward, at sizes that are not multiples of the kernels' lanes, with
//! dropout (its mask is a function of the counter, so both sides drop the same values).

use std::sync::Arc;

use candle_core::{D, DType, Device, Result, Tensor, Var};
use luthier::nn::{
    Activation, Builder, ContentAndDistance, DisentangledAttention, Distances, Embedding,
    Embeddings, FeedForward, Gradient, Linear, LowRank, Norm, Parameter, Parameters, Pass,
    Precision, RotaryAttention, Rows, SelfAttention, Source, Targets, attention, cross_entropy,
    dropout, first_rows, gated, mean_rows,
};
use luthier::rng::{Purpose, Stream};

/// A tensor of normal numbers that depends on `site` alone.
fn normal(shape: &[usize], site: u32) -> Tensor {
    let stream = Stream::new(7, Purpose::Init, 0).site(site);
    let count: usize = shape.iter().product();
    let data: Vec<f32> = (0..count as u64).map(|i| stream.normal(i) as f32).collect();
    Tensor::from_vec(data, shape, &Device::Cpu).unwrap()
}

/// A source that has everything, random, in one float type.
struct Anything(DType);

impl Source for Anything {
    fn tensor(&self, name: &str, shape: &[usize]) -> luthier::error::Result<Option<Tensor>> {
        let tensor = normal(shape, name.bytes().map(u32::from).sum());
        // Small weights keep activations where rounding is.
        Ok(Some((tensor * 0.3)?.to_dtype(self.0)?))
    }
}

/// A tensor in f64, flat.
fn flat(tensor: &Tensor) -> Vec<f64> {
    let tensor = tensor.to_dtype(DType::F64).unwrap();
    tensor.flatten_all().unwrap().to_vec1().unwrap()
}

fn assert_close(name: &str, ours: &[f64], theirs: &[f64], tolerance: f64) {
    assert_eq!(ours.len(), theirs.len(), "{name}");
    // Where the true gradient is zero (softmax does not see a key's bias) rounding is all there is.
    let size = theirs.iter().fold(0.02f64, |top, x| top.max(x.abs()));
    for (i, (ours, theirs)) in ours.iter().zip(theirs).enumerate() {
        assert!(
            (ours - theirs).abs() <= tolerance * size,
            "{name}[{i}]: {ours} {theirs}, largest {size}"
        );
    }
}

/// The gradient that kernels left on a parameter, zeros where they left none.
fn gradient_of(parameter: &Parameter) -> Vec<f64> {
    let count = parameter.var().elem_count();
    let dims = parameter.var().dims().to_vec();
    let mut all = vec![0.0; count];
    match parameter.gradient().take() {
        Some(Gradient::Dense(values)) => {
            all.iter_mut()
                .zip(&*values)
                .for_each(|(a, &b)| *a = f64::from(b));
        }
        Some(Gradient::Rows { ids, values }) => {
            for (id, row) in ids.iter().zip(values.chunks_exact(dims[1])) {
                for (i, &value) in row.iter().enumerate() {
                    all[*id as usize * dims[1] + i] = f64::from(value);
                }
            }
        }
        None => {}
    }
    all
}

type Build<'a, L> = &'a dyn Fn(&Builder<'_>) -> luthier::error::Result<L>;

type Forward<'a, L> = &'a dyn Fn(&L, &[Tensor], &Pass) -> Result<Tensor>;

/// A layer of `nn`, the tensors it is given, and how.
struct Case<'a, L> {
    build: Build<'a, L>,
    adapter: Option<LowRank>,
    inputs: Vec<Tensor>,
    forward: Forward<'a, L>,
    /// Names of parameters that are frozen, by their beginnings.
    frozen: &'a [&'a str],
    recomputing: bool,
    tolerance: f64,
}

impl<L> Case<'_, L> {
    fn layer(&self, dtype: DType) -> (L, Parameters) {
        let source = Anything(dtype);
        let builder = Builder::adapted(&source, 0, self.adapter.clone());
        let layer = (self.build)(&builder).unwrap();
        let parameters = builder.finish().0;
        for (name, parameter) in &parameters {
            let frozen = self.frozen.iter().any(|start| name.starts_with(start));
            parameter.set_trains(!frozen);
        }
        (layer, parameters)
    }

    /// Asserts that result and all gradients, under the same random weights on the result, agree.
    fn check(&self) {
        let pass = || Pass::training(1, 2).recomputing(self.recomputing);
        let loss = |y: &Tensor| -> Tensor {
            let weights = normal(y.dims(), 99).to_dtype(y.dtype()).unwrap();
            (y * weights).unwrap().sum_all().unwrap()
        };

        let (layer, parameters) = self.layer(DType::F32);
        let inputs: Vec<Var> = self
            .inputs
            .iter()
            .map(|x| Var::from_tensor(x).unwrap())
            .collect();
        let tensors: Vec<Tensor> = inputs.iter().map(|x| x.as_tensor().clone()).collect();
        let y = (self.forward)(&layer, &tensors, &pass()).unwrap();
        let store = loss(&y).backward().unwrap();

        let (reference, reference_parameters) = self.layer(DType::F64);
        let to_f64 = |x: &Tensor| Var::from_tensor(&x.to_dtype(DType::F64).unwrap()).unwrap();
        let wide: Vec<Var> = self.inputs.iter().map(to_f64).collect();
        let wide_tensors: Vec<Tensor> = wide.iter().map(|x| x.as_tensor().clone()).collect();
        let want = (self.forward)(&reference, &wide_tensors, &pass().composing()).unwrap();
        let want_store = loss(&want).backward().unwrap();

        assert_eq!(y.dims(), want.dims());
        assert_close("result", &flat(&y), &flat(&want), self.tolerance);
        for (i, (ours, theirs)) in tensors.iter().zip(&wide_tensors).enumerate() {
            let (ours, theirs) = (store.get(ours).unwrap(), want_store.get(theirs).unwrap());
            assert_close(
                &format!("input {i}"),
                &flat(ours),
                &flat(theirs),
                self.tolerance,
            );
        }
        for (name, parameter) in &parameters {
            let theirs = want_store.get(reference_parameters[name].var().as_tensor());
            if !parameter.trains() {
                assert!(theirs.is_none() && parameter.gradient().is_none(), "{name}");
                continue;
            }
            let theirs = flat(theirs.unwrap());
            assert_close(name, &gradient_of(parameter), &theirs, self.tolerance);
        }

        // In evaluation the kernels give the same function, and nothing is recorded.
        let ours = (self.forward)(&layer, &self.inputs, &Pass::evaluation()).unwrap();
        let wide: Vec<Tensor> = wide.iter().map(Var::as_detached_tensor).collect();
        let evaluation = Pass::evaluation().composing();
        let theirs = (self.forward)(&reference, &wide, &evaluation).unwrap();
        assert_close("evaluation", &flat(&ours), &flat(&theirs), self.tolerance);
        assert!(!ours.track_op());
    }
}

fn low_rank(dropout: f64, targets: &[&str]) -> Option<LowRank> {
    Some(LowRank {
        rank: 3,
        alpha: 6.0,
        dropout,
        target_modules: targets.iter().map(|&name| name.to_owned()).collect(),
    })
}

#[test]
fn linear() {
    for (rows, inputs, outputs) in [(1, 1, 1), (3, 37, 5), (65, 19, 130)] {
        for activation in [
            None,
            Some(Activation::Gelu),
            Some(Activation::GeluTanh),
            Some(Activation::Silu),
            Some(Activation::Tanh),
        ] {
            Case {
                build: &|at| Linear::load(inputs, outputs, 0.02, at),
                adapter: None,
                inputs: vec![normal(&[rows, inputs], 1)],
                forward: &|layer, x, pass| match activation {
                    Some(activation) => layer.activated(&x[0], activation, pass),
                    None => layer.forward(&x[0], pass),
                },
                frozen: &[],
                recomputing: false,
                tolerance: 3e-6,
            }
            .check();
        }
    }
}

/// Rounding the factors moves result and gradients by about a bfloat16's rounding (2⁻⁹ of a factor),
/// and does move them.
#[test]
fn linear_in_bfloat16() {
    if !Precision::Bfloat16.is_supported() {
        return;
    }
    let of = |precision| {
        let builder = Builder::new(&Anything(DType::F32), 0);
        let layer = Linear::load(97, 83, 0.02, &builder).unwrap();
        let x = Var::from_tensor(&normal(&[61, 97], 1)).unwrap();
        let pass = Pass::training(1, 2).in_precision(precision);
        let y = layer.forward(x.as_tensor(), &pass).unwrap();
        let store = (&y * normal(y.dims(), 99)).unwrap().sum_all().unwrap();
        let store = store.backward().unwrap();
        let weight = gradient_of(&builder.finish().0["weight"]);
        [
            ("result", flat(&y)),
            ("input", flat(store.get(x.as_tensor()).unwrap())),
            ("weight", weight),
        ]
    };
    let rounded = of(Precision::Bfloat16);
    for ((name, rounded), (_, exact)) in rounded.iter().zip(of(Precision::Float32)) {
        assert_close(name, rounded, &exact, 5e-3);
        assert_ne!(*rounded, exact, "{name}");
    }
}

/// Its slope jumps at zero, where rounding decides: values stay away from there.
#[test]
fn relu() {
    let x = Tensor::new(&[[-2.5f32, -0.5, 0.25, 3.0]], &Device::Cpu).unwrap();
    Case {
        build: &|at| Linear::load(4, 3, 0.02, at),
        adapter: None,
        inputs: vec![x],
        forward: &|layer, x, pass| layer.activated(&x[0], Activation::Relu, pass),
        frozen: &[],
        recomputing: false,
        tolerance: 3e-6,
    }
    .check();
}

#[test]
fn linear_without_a_bias() {
    Case {
        build: &|at| Linear::load_without_bias(19, 13, 0.02, at),
        adapter: low_rank(0.2, &["layer"]),
        inputs: vec![normal(&[65, 19], 1)],
        forward: &|layer, x, pass| layer.forward(&x[0], pass),
        frozen: &[],
        recomputing: false,
        tolerance: 3e-6,
    }
    .check();
}

#[test]
fn linear_with_an_adapter() {
    for (dropout, frozen) in [(0.0, &[][..]), (0.3, &["weight", "bias"][..])] {
        Case {
            build: &|at| Linear::load(37, 21, 0.02, &at.at("query")),
            adapter: low_rank(dropout, &["query"]),
            inputs: vec![normal(&[45, 37], 1)],
            forward: &|layer: &Linear, x, pass| layer.forward(&x[0], pass),
            frozen: &frozen
                .iter()
                .map(|name| format!("query.{name}"))
                .collect::<Vec<_>>()
                .iter()
                .map(String::as_str)
                .collect::<Vec<_>>(),
            recomputing: false,
            tolerance: 3e-6,
        }
        .check();
    }
}

#[test]
fn norms_alone_and_after_a_sum() {
    for (rows, size) in [(1, 3), (37, 33), (70, 384)] {
        for centred in [true, false] {
            let build = |at: &Builder<'_>| match centred {
                true => Norm::layer(size, 1e-12, at),
                false => Norm::rms(size, 1e-6, at),
            };
            Case {
                build: &build,
                adapter: None,
                inputs: vec![normal(&[rows, size], 2)],
                forward: &|norm: &Norm, x, pass| norm.forward(&x[0], pass),
                frozen: &[],
                recomputing: false,
                tolerance: 2e-5,
            }
            .check();
            for p in [0.0, 0.2] {
                Case {
                    build: &build,
                    adapter: None,
                    inputs: vec![normal(&[rows, size], 2), normal(&[rows, size], 3)],
                    forward: &|norm: &Norm, x, pass| norm.add(&x[0], &x[1], p, pass),
                    frozen: &[],
                    recomputing: false,
                    tolerance: 2e-5,
                }
                .check();
            }
        }
    }
}

/// Sequences of odd lengths, one of a single token.
fn offsets() -> Arc<[usize]> {
    vec![0, 5, 42, 43, 63].into()
}

#[test]
fn attention_over_sequences_of_odd_lengths() {
    for p in [0.0, 0.3] {
        let (heads, size) = (3, 5);
        Case {
            build: &|_| Ok(()),
            adapter: None,
            inputs: [5, 6, 7]
                .map(|site| normal(&[63, heads * size], site))
                .into(),
            forward: &|(), x, pass| attention(&x[0], &x[1], &x[2], &offsets(), heads, p, pass),
            frozen: &[],
            recomputing: false,
            tolerance: 3e-5,
        }
        .check();
    }
}

/// Rotated, everywhere and within windows from a single token to nearly all.
#[test]
fn rotary_attention_everywhere_and_within_windows() {
    for window in [None, Some(0), Some(3), Some(30), Some(100)] {
        let attention = RotaryAttention {
            heads: 3,
            theta: 100.0,
            window,
            dropout: 0.3,
        };
        Case {
            build: &|_| Ok(()),
            adapter: None,
            inputs: vec![normal(&[63, 3 * 3 * 6], 5)],
            forward: &|(), x, pass| attention.forward(&x[0], &offsets(), pass),
            frozen: &[],
            recomputing: false,
            tolerance: 3e-5,
        }
        .check();
    }
}

/// With one table and with both, near and far distances, all tokens asking and the first only.
#[test]
fn disentangled_attention_by_content_and_distance() {
    let (heads, size) = (3, 5);
    let far = Distances {
        span: 8,
        longest: Some(40),
    };
    let near = Distances {
        span: 6,
        longest: None,
    };
    for (distances, [by_query, by_key]) in [
        (far, [true, true]),
        (near, [true, true]),
        (near, [true, false]),
        (far, [false, true]),
    ] {
        for rows in [Rows::All, Rows::First] {
            let queries: Arc<[usize]> = match rows {
                Rows::All => offsets(),
                Rows::First => (0..offsets().len()).collect(),
            };
            let attention = DisentangledAttention {
                heads,
                distances,
                dropout: 0.3,
            };
            let tensor = |rows, site| normal(&[rows, heads * size], site);
            let (asking, used) = (*queries.last().unwrap(), distances.used(37).len());
            let mut inputs = vec![tensor(asking, 5), tensor(63, 6), tensor(63, 7)];
            inputs.extend(
                [by_query, by_key]
                    .iter()
                    .enumerate()
                    .filter(|&(_, &meets)| meets)
                    .map(|(i, _)| tensor(used, 8 + i as u32)),
            );
            Case {
                build: &|_| Ok(()),
                adapter: None,
                inputs,
                forward: &|(), x, pass| {
                    let inputs = ContentAndDistance {
                        query: &x[0],
                        key: &x[1],
                        value: &x[2],
                        distance_key: by_query.then(|| &x[3]),
                        distance_query: by_key.then(|| &x[x.len() - 1]),
                    };
                    attention.forward(&inputs, &queries, &offsets(), pass)
                },
                frozen: &[],
                recomputing: false,
                tolerance: 5e-5,
            }
            .check();
        }
    }
}

#[test]
fn gated_activations() {
    for activation in [
        Activation::Gelu,
        Activation::GeluTanh,
        Activation::Silu,
        Activation::Tanh,
    ] {
        Case {
            build: &|_| Ok(()),
            adapter: None,
            inputs: vec![normal(&[67, 2 * 19], 3)],
            forward: &|(), x, pass| gated(&x[0], activation, pass),
            frozen: &[],
            recomputing: false,
            tolerance: 3e-6,
        }
        .check();
    }
}

#[test]
fn rows_of_first_tokens_and_means_of_all() {
    for pool in [first_rows, mean_rows] {
        Case {
            build: &|_| Ok(()),
            adapter: None,
            inputs: vec![normal(&[63, 21], 4)],
            forward: &|(), x, pass| pool(&x[0], &offsets(), pass),
            frozen: &[],
            recomputing: false,
            tolerance: 3e-6,
        }
        .check();
    }
}

/// Both halves of a layer of 3 heads, with everything that can be switched: of hidden states that
/// fill registers, by which the first token is seen in another way, and of others.
fn transformer_layer(adapter: Option<&LowRank>, rows: Rows, frozen: &[&str], recomputing: bool) {
    for hidden in [21, 48] {
        transformer_layer_of(hidden, adapter, rows, frozen, recomputing);
    }
}

fn transformer_layer_of(
    hidden: usize,
    adapter: Option<&LowRank>,
    rows: Rows,
    frozen: &[&str],
    recomputing: bool,
) {
    let (wide, dropout) = (45, 0.25);
    let linear = |inputs, outputs, at: &Builder<'_>| Linear::load(inputs, outputs, 0.02, at);
    let build = |at: &Builder<'_>| {
        let norm = |name| Norm::layer(hidden, 1e-12, &at.at(name));
        let attention = Arc::new(SelfAttention {
            query: linear(hidden, hidden, &at.at("query"))?,
            key: linear(hidden, hidden, &at.at("key"))?,
            value: linear(hidden, hidden, &at.at("value"))?,
            output: linear(hidden, hidden, &at.at("output"))?,
            heads: 3,
            attention_dropout: dropout,
            dropout,
            norm: norm("attention_norm")?,
        });
        let feed_forward = Arc::new(FeedForward {
            up: linear(hidden, wide, &at.at("up"))?,
            activation: Activation::Gelu,
            down: linear(wide, hidden, &at.at("down"))?,
            dropout,
            norm: norm("output_norm")?,
        });
        Ok((attention, feed_forward))
    };
    Case {
        build: &build,
        adapter: adapter.cloned(),
        inputs: vec![normal(&[63, hidden], 8)],
        forward: &|(attention, feed_forward), x, pass| {
            let attended = attention.forward(&x[0], &offsets(), rows, pass)?;
            feed_forward.forward(&attended, pass)
        },
        frozen,
        recomputing,
        tolerance: 5e-5,
    }
    .check();
}

#[test]
fn a_transformer_layer() {
    transformer_layer(None, Rows::All, &[], false);
    transformer_layer(None, Rows::First, &[], false);
}

#[test]
fn a_transformer_layer_that_recomputes() {
    transformer_layer(None, Rows::All, &[], true);
    transformer_layer(None, Rows::First, &[], true);
}

#[test]
fn a_transformer_layer_with_frozen_parts() {
    for rows in [Rows::All, Rows::First] {
        transformer_layer(
            None,
            rows,
            &["query", "down.weight", "output_norm.bias"],
            false,
        );
        // All frozen: the gradient goes through to the input all the same.
        let all = [
            "query",
            "key",
            "value",
            "output",
            "up",
            "down",
            "attention_norm",
        ];
        transformer_layer(None, rows, &all, false);
    }
}

#[test]
fn a_transformer_layer_with_adapters() {
    let every = ["query", "key", "value", "output", "up", "down"];
    let names: Vec<String> = every
        .iter()
        .flat_map(|name| [format!("{name}.weight"), format!("{name}.bias")])
        .collect();
    let mut frozen: Vec<&str> = names.iter().map(String::as_str).collect();
    frozen.extend(["attention_norm", "output_norm"]);
    for rows in [Rows::All, Rows::First] {
        for p in [0.0, 0.2] {
            transformer_layer(low_rank(p, &every).as_ref(), rows, &frozen, false);
        }
        transformer_layer(low_rank(0.1, &["query", "value"]).as_ref(), rows, &[], true);
    }
}

#[test]
fn embeddings_with_repetitions() {
    let build = |at: &Builder<'_>| {
        let table = |name, count| Embedding::load(count, 19, 0.02, &at.at(name));
        Ok(Arc::new(Embeddings {
            tables: vec![
                table("word", 50)?,
                table("position", 11)?,
                table("kind", 2)?,
            ],
            norm: Norm::layer(19, 1e-12, &at.at("norm"))?,
            dropout: 0.2,
        }))
    };
    let words: Vec<u32> = (0..70).map(|i| i * i % 50).collect();
    let positions: Vec<u32> = (0..70).map(|i| i % 11).collect();
    let kinds = vec![0; 70];
    for frozen in [&[][..], &["word"], &["word", "position", "kind"]] {
        Case {
            build: &build,
            adapter: None,
            inputs: vec![],
            forward: &|layer: &Arc<Embeddings>, _, pass| {
                layer.forward(vec![words.clone(), positions.clone(), kinds.clone()], pass)
            },
            frozen,
            recomputing: false,
            tolerance: 2e-5,
        }
        .check();
    }
    let source = Anything(DType::F32);
    let layer = build(&Builder::new(&source, 0)).unwrap();
    let beyond = layer.forward(vec![vec![50], vec![0], vec![0]], &Pass::evaluation());
    assert!(beyond.unwrap_err().to_string().contains("row 50"));
}

/// Two backward passes before a step add up, whether rows were used by one, the other or both.
#[test]
fn gradients_of_two_passes_add_up() {
    let build = |at: &Builder<'_>| -> luthier::error::Result<_> {
        Ok(Arc::new(Embeddings {
            tables: vec![Embedding::load(9, 5, 0.02, &at.at("word"))?],
            norm: Norm::layer(5, 1e-12, &at.at("norm"))?,
            dropout: 0.0,
        }))
    };
    let source = Anything(DType::F32);
    let builder = Builder::new(&source, 0);
    let layer = build(&builder).unwrap();
    let parameters = builder.finish().0;
    let gradients = |passes: &[&[u32]]| -> Vec<Vec<f64>> {
        for ids in passes {
            let y = layer
                .forward(vec![ids.to_vec()], &Pass::training(0, 0))
                .unwrap();
            let weights = Tensor::arange(1f32, 6.0, &Device::Cpu).unwrap();
            y.sqr()
                .unwrap()
                .broadcast_mul(&weights)
                .unwrap()
                .sum_all()
                .unwrap()
                .backward()
                .unwrap();
        }
        parameters.values().map(gradient_of).collect()
    };
    let (first, second) = (gradients(&[&[1, 4, 4]]), gradients(&[&[8, 4, 0]]));
    let both = gradients(&[&[1, 4, 4], &[8, 4, 0]]);
    for ((first, second), both) in first.iter().zip(&second).zip(&both) {
        let sum: Vec<f64> = first.iter().zip(second).map(|(a, b)| a + b).collect();
        assert_close("sum", both, &sum, 1e-6);
    }
}

#[test]
fn cross_entropy_with_weights_and_smoothing() {
    let weights = [0.5, 2.0, 1.0, 0.25, 3.0];
    let gold = [4, 0, 2, 2, 1, 3, 0];
    let targets = Targets {
        gold: &gold,
        labels: 5,
        class_weights: Some(&weights),
        smoothing: 0.2,
    };
    let logits = (normal(&[7, 5], 3) * 4.0).unwrap();
    let ours = Var::from_tensor(&logits).unwrap();
    let loss = cross_entropy(&ours, &targets).unwrap();
    let theirs = Var::from_tensor(&logits.to_dtype(DType::F64).unwrap()).unwrap();
    let share = |row: usize, label: usize| {
        let own = if gold[row] == label { 0.8 } else { 0.0 };
        (own + 0.04) * f64::from(weights[label])
    };
    let matrix: Vec<f64> = (0..35).map(|i| share(i / 5, i % 5)).collect();
    let matrix = Tensor::from_vec(matrix, (7, 5), &Device::Cpu).unwrap();
    let log_probabilities = candle_nn::ops::log_softmax(&theirs, D::Minus1).unwrap();
    let want = (log_probabilities * matrix)
        .unwrap()
        .sum_all()
        .unwrap()
        .neg()
        .unwrap();
    assert_close("loss", &flat(&loss), &flat(&want), 1e-6);
    // A factor on the loss must come through.
    let (ours_store, theirs_store) = (
        (loss * 0.125).unwrap().backward().unwrap(),
        (want * 0.125).unwrap().backward().unwrap(),
    );
    let (ours, theirs) = (
        ours_store.get(&ours).unwrap(),
        theirs_store.get(&theirs).unwrap(),
    );
    assert_close("logits", &flat(ours), &flat(theirs), 2e-6);
}

#[test]
fn dropout_keeps_the_mean_and_uses_one_mask_both_ways() {
    let ones = Tensor::ones((501, 67), DType::F32, &Device::Cpu).unwrap();
    let x = Var::from_tensor(&ones).unwrap();
    let y = dropout(&x, 0.1, &Pass::training(3, 5)).unwrap();
    let values = flat(&y);
    let dropped = values.iter().filter(|&&value| value == 0.0).count() as f64 / values.len() as f64;
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    assert!((dropped - 0.1).abs() < 0.01, "dropped {dropped}");
    assert!((mean - 1.0).abs() < 0.01, "mean {mean}");
    let gradients = y.sum_all().unwrap().backward().unwrap();
    assert_eq!(flat(gradients.get(x.as_tensor()).unwrap()), values);
    // The same step draws the same mask; another step, and another place in a pass, another one.
    let again = |pass: &Pass| flat(&dropout(&x, 0.1, pass).unwrap());
    let pass = Pass::training(3, 5);
    assert_eq!(again(&pass), values);
    assert_ne!(again(&pass), values);
    assert_ne!(again(&Pass::training(3, 6)), values);
    assert_eq!(again(&Pass::training(3, 5).composing()), values);
    assert!(again(&Pass::evaluation()).iter().all(|&value| value == 1.0));
}
