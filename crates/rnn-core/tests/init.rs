//! Initial parameters hold what their names promise.

use ndarray::{Array1, Array2, ArrayView2, Axis, Ix1, Ix2, s};
use rand::SeedableRng;
use rand_pcg::Pcg64Dxsm;
use rnn_core::init::{Fan, Init, InitError, Weights, gain};
use rnn_core::{
    Bias, Cell, Elman, Error, Gru, Linear, Lstm, Parameters, Real, RegressionModel, Result, Stack, sigmoid,
};

fn rng(seed: u64) -> Pcg64Dxsm {
    Pcg64Dxsm::seed_from_u64(seed)
}

/// A model of one layer, with PyTorch's initialization: no array is zero.
fn model<C: Cell<f64>>(cell: C, input: usize, hidden: usize, bias: Bias) -> RegressionModel<f64, C> {
    RegressionModel::new(cell, input, &[hidden], 3, bias, &mut rng(7)).expect("no size is 0")
}

fn matrix(theta: &impl Parameters<f64>, name: &str) -> Array2<f64> {
    theta.parameter(name).expect(name).into_dimensionality::<Ix2>().expect("a matrix").to_owned()
}

fn vector(theta: &impl Parameters<f64>, name: &str) -> Array1<f64> {
    theta.parameter(name).expect(name).into_dimensionality::<Ix1>().expect("a vector").to_owned()
}

/// Each gate's block of a weight.
fn blocks(weight: &Array2<f64>, hidden: usize) -> impl Iterator<Item = ArrayView2<'_, f64>> {
    weight.axis_chunks_iter(Axis(0), hidden)
}

/// The names of the arrays that differ.
fn changed<F: Real>(before: &impl Parameters<F>, after: &impl Parameters<F>) -> Vec<String> {
    let pairs = before.named().zip(after.named());
    pairs.filter(|((_, a), (_, b))| a != b).map(|((name, _), _)| name.to_owned()).collect()
}

fn bits(theta: &impl Parameters<f64>) -> Vec<u64> {
    theta.blocks().flat_map(|block| block.as_slice().iter().map(|x| x.to_bits())).collect()
}

/// Every rule, with the arrays of an LSTM with a head that it sets.
fn rules() -> Vec<(Init, &'static [&'static str])> {
    const WEIGHTS: &[&str] = &["weight_ih_l0", "weight_hh_l0", "head.weight"];
    const ALL: &[&str] =
        &["weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0", "head.weight", "head.bias"];
    vec![
        (Init::Zeros, ALL),
        (Init::Constant(0.5), ALL),
        (Init::PyTorch, ALL),
        (Init::Linear, ALL),
        (Init::XavierUniform { gain: 1.0 }, WEIGHTS),
        (Init::XavierNormal { gain: 1.0 }, WEIGHTS),
        (Init::KaimingUniform { fan: Fan::In, gain: 1.0 }, WEIGHTS),
        (Init::KaimingNormal { fan: Fan::Out, gain: 1.0 }, WEIGHTS),
        #[cfg(feature = "linalg")]
        (Init::Orthogonal { gain: 1.0 }, &["weight_hh_l0"]),
        (Init::Identity { scale: 1.0 }, &["weight_hh_l0"]),
        #[cfg(feature = "linalg")]
        (Init::Critical { radius: 1.0 }, &["weight_hh_l0"]),
        (Init::ForgetBias(1.0), &["bias_ih_l0", "bias_hh_l0"]),
        (Init::Chrono { t_max: 50.0 }, &["bias_ih_l0", "bias_hh_l0"]),
    ]
}

/// A rule sets the arrays that the table says, and gives the same bits for the same seed.
#[test]
fn rules_set_what_they_say_and_repeat() {
    let before = model(Lstm, 4, 6, Bias::Double);
    for (init, names) in rules() {
        let mut after = before.clone();
        after.initialize(init, &mut rng(3)).expect("a valid rule");
        assert_eq!(changed(&before, &after), names, "{init:?}");
        let mut again = before.clone();
        again.initialize(init, &mut rng(3)).expect("a valid rule");
        assert_eq!(bits(&after), bits(&again), "{init:?}");
    }
}

/// `initialize_weights` sets the matrices that were asked for, by any rule but those for biases.
#[test]
fn weights_can_be_chosen() {
    let before = model(Lstm, 4, 6, Bias::Double).rnn;
    for (init, _) in rules() {
        for (weights, names) in [
            (Weights::Input, ["weight_ih_l0"].as_slice()),
            (Weights::Recurrent, &["weight_hh_l0"]),
            (Weights::Both, &["weight_ih_l0", "weight_hh_l0"]),
        ] {
            let mut after = before.clone();
            let result = after.initialize_weights(weights, init, &mut rng(3));
            match init {
                Init::ForgetBias(_) | Init::Chrono { .. } => {
                    assert_eq!(result, Err(Error::Init(InitError::NotForWeights { init })));
                }
                #[cfg(feature = "linalg")]
                Init::Critical { .. } if weights != Weights::Recurrent => {
                    let name = "weight_ih_l0".to_owned();
                    let error = InitError::NotSquare { name, rows: 6, columns: 4 };
                    assert_eq!(result, Err(Error::Init(error)));
                    assert_eq!(bits(&after), bits(&before));
                }
                _ => {
                    result.expect("a valid rule");
                    assert_eq!(changed(&before, &after), names, "{init:?} {weights:?}");
                }
            }
        }
    }
}

/// Standard deviation, largest magnitude, and the part within one standard deviation: 1/√3 of a uniform distribution,
/// erf(1/√2) = 0.6827 of a normal one.
fn moments(block: ArrayView2<'_, f64>) -> (f64, f64, f64) {
    let n = block.len() as f64;
    let deviation = (block.iter().map(|x| x * x).sum::<f64>() / n).sqrt();
    let largest = block.iter().fold(0.0, |most, x| f64::max(most, x.abs()));
    (deviation, largest, block.iter().filter(|x| x.abs() <= deviation).count() as f64 / n)
}

/// Variance, bound and shape of Xavier's and Kaiming's matrices, by gate: a fan of 4 · hidden would be far off.
#[test]
fn xavier_and_kaiming() {
    let (input, hidden) = (40, 160);
    let mut rnn = model(Lstm, input, hidden, Bias::Single).rnn;
    let gain = 1.3;
    let xavier = |fan_in: usize| gain * (2.0 / (fan_in + hidden) as f64).sqrt();
    let forward = |fan_in: usize| gain / (fan_in as f64).sqrt();
    let back = |_: usize| gain / (hidden as f64).sqrt();
    let cases: [(Init, &dyn Fn(usize) -> f64, bool); 6] = [
        (Init::XavierUniform { gain }, &xavier, true),
        (Init::XavierNormal { gain }, &xavier, false),
        (Init::KaimingUniform { fan: Fan::In, gain }, &forward, true),
        (Init::KaimingUniform { fan: Fan::Out, gain }, &back, true),
        (Init::KaimingNormal { fan: Fan::In, gain }, &forward, false),
        (Init::KaimingNormal { fan: Fan::Out, gain }, &back, false),
    ];
    for (init, deviation, uniform) in cases {
        rnn.initialize(init, &mut rng(5)).expect("a valid rule");
        for (name, fan_in) in [("weight_ih_l0", input), ("weight_hh_l0", hidden)] {
            let weight = matrix(&rnn, name);
            assert_eq!(blocks(&weight, hidden).count(), 4);
            for block in blocks(&weight, hidden) {
                let (found, largest, within) = moments(block);
                let want = deviation(fan_in);
                assert!((found / want - 1.0).abs() < 0.03, "{init:?} {name}: {found}, expected {want}");
                let bound = 3.0f64.sqrt() * want;
                assert_eq!(largest <= bound, uniform, "{init:?} {name}: {largest}, bound {bound}");
                assert!(largest > 0.99 * bound, "{init:?} {name}: {largest}, bound {bound}");
                let share = if uniform { 1.0 / 3.0f64.sqrt() } else { 0.6827 };
                assert!((within - share).abs() < 0.03, "{init:?} {name}: {within} of {share}");
            }
        }
    }
    // The head is a block of its own: (3, hidden).
    let mut head = Linear::<f64>::zeros(hidden, 3).expect("no size is 0");
    head.initialize(Init::XavierUniform { gain }, &mut rng(5)).expect("a valid rule");
    let bound = gain * (6.0 / (hidden + 3) as f64).sqrt();
    let (_, largest, _) = moments(matrix(&head, "head.weight").view());
    assert!(largest <= bound && largest > 0.99 * bound);
    assert!(vector(&head, "head.bias").iter().all(|&b| b == 0.0));
}

/// PyTorch's `calculate_gain`.
#[test]
fn gains() {
    assert_eq!([gain::LINEAR, gain::SIGMOID, gain::TANH, gain::RELU], [1.0, 1.0, 5.0 / 3.0, 2f64.sqrt()]);
    assert!((gain::leaky_relu(0.2) - 1.386_750_490_563_072_8).abs() < 1e-15);
}

/// scale · I in each block, to the bit, and for more columns than rows as `nn.init.eye_`.
#[test]
fn identity() {
    let mut rnn = Stack::<f64, _>::new(Gru, 3, &[5, 4], Bias::Double, &mut rng(1)).expect("no size is 0");
    rnn.initialize(Init::Identity { scale: 0.7 }, &mut rng(1)).expect("a valid rule");
    for (layer, hidden) in [5, 4].into_iter().enumerate() {
        for block in blocks(&matrix(&rnn, &format!("weight_hh_l{layer}")), hidden) {
            assert_eq!(block, Array2::eye(hidden) * 0.7);
        }
    }
    rnn.initialize_weights(Weights::Input, Init::Identity { scale: 1.0 }, &mut rng(1)).expect("a valid rule");
    for block in blocks(&matrix(&rnn, "weight_ih_l1"), 4) {
        assert_eq!(block, Array2::<f64>::eye(5).slice(s![..4, ..]));
    }
}

/// b_ih + b_hh of each gate, and the gates that changed.
fn bias_sum(theta: &impl Parameters<f64>) -> Array1<f64> {
    vector(theta, "bias_ih_l0") + vector(theta, "bias_hh_l0")
}

/// The sum of the two biases is the value; the other gates' biases stay.
#[test]
fn forget_bias() {
    let before = model(Lstm, 2, 6, Bias::Double).rnn;
    let mut after = before.clone();
    after.initialize(Init::ForgetBias(1.5), &mut rng(0)).expect("a forget gate");
    assert!(bias_sum(&after).slice(s![6..12]).iter().all(|&b| b == 1.5));
    assert!(vector(&after, "bias_hh_l0").slice(s![6..12]).iter().all(|&b| b == 0.0));
    for gate in [0, 2, 3] {
        let units = s![6 * gate..6 * (gate + 1)];
        for name in ["bias_ih_l0", "bias_hh_l0"] {
            assert_eq!(
                vector(&after, name).slice(units),
                vector(&before, name).slice(units),
                "{name} {gate}"
            );
        }
    }
    let mut single = model(Lstm, 2, 6, Bias::Single).rnn;
    single.initialize(Init::ForgetBias(1.5), &mut rng(0)).expect("a forget gate");
    assert!(vector(&single, "bias_l0").slice(s![6..12]).iter().all(|&b| b == 1.5));
    assert!(vector(&single, "bias_l0").slice(s![..6]).iter().all(|&b| b != 1.5));
}

/// The Kolmogorov–Smirnov distance of a sample from the uniform distribution on [low, high], times √n: above 1.63 in one
/// of a hundred samples of that distribution.
fn kolmogorov_smirnov(mut sample: Vec<f64>, low: f64, high: f64) -> f64 {
    sample.sort_by(f64::total_cmp);
    let n = sample.len() as f64;
    let distance = sample.iter().enumerate().fold(0.0, |most, (k, x)| {
        let cdf = (x - low) / (high - low);
        f64::max(most, f64::max((k + 1) as f64 / n - cdf, cdf - k as f64 / n))
    });
    distance * n.sqrt()
}

/// Time scales 1 / (1 − σ(b)) of the gate that keeps the state are uniform on [2, t_max]: of 40 layers of 100 units.
#[test]
fn chrono_time_scales_are_uniform() {
    fn scales<C: Cell<f64>>(cell: C, gate: usize, t_max: f64) -> Vec<f64> {
        let mut rnn = model(cell, 1, 100, Bias::Double).rnn;
        let one = |seed| {
            rnn.initialize(Init::Chrono { t_max }, &mut rng(seed)).expect("such a gate");
            bias_sum(&rnn).slice(s![100 * gate..100 * (gate + 1)]).mapv(|b| 1.0 / (1.0 - sigmoid(b))).to_vec()
        };
        (0..40).flat_map(one).collect()
    }
    for t_max in [3.0, 30.0, 784.0] {
        for sample in [scales(Lstm, 1, t_max), scales(Gru, 1, t_max)] {
            assert!(sample.iter().all(|scale| (2.0 - 1e-9..t_max + 1e-9).contains(scale)));
            let distance = kolmogorov_smirnov(sample, 2.0, t_max);
            assert!(distance < 1.63, "t_max {t_max}: {distance}");
        }
    }
}

/// b_i = −b_f, the second bias is zero in both gates, and no other gate is touched; of a GRU only z is.
#[test]
fn chrono_sets_the_gates_that_keep_and_let_in() {
    let init = Init::Chrono { t_max: 20.0 };
    let before = model(Lstm, 2, 6, Bias::Double).rnn;
    let mut after = before.clone();
    after.initialize(init, &mut rng(2)).expect("a forget gate");
    let (b_ih, b_hh) = (vector(&after, "bias_ih_l0"), vector(&after, "bias_hh_l0"));
    assert_eq!(b_ih.slice(s![..6]), b_ih.slice(s![6..12]).mapv(|b| -b));
    assert!(b_hh.slice(s![..12]).iter().all(|&b| b == 0.0));
    assert_eq!(b_ih.slice(s![12..]), vector(&before, "bias_ih_l0").slice(s![12..]));
    assert_eq!(b_hh.slice(s![12..]), vector(&before, "bias_hh_l0").slice(s![12..]));

    let before = model(Gru, 2, 6, Bias::Single).rnn;
    let mut after = before.clone();
    after.initialize(init, &mut rng(2)).expect("an update gate");
    let (old, new) = (vector(&before, "bias_l0"), vector(&after, "bias_l0"));
    assert_eq!(new.slice(s![..6]), old.slice(s![..6]));
    assert_eq!(new.slice(s![6..12]), b_ih.slice(s![6..12]));
    assert_eq!(new.slice(s![12..]), old.slice(s![12..]));
}

/// The rules that were here first draw array by array, in their own orders.
#[test]
fn defaults_draw_in_order() {
    use rnn_core::Random;
    let order = |init, draws: &[(&str, usize)]| {
        let mut rnn = Stack::<f64, _>::zeros(Lstm, 3, &[5, 4], Bias::Double).expect("no size is 0");
        rnn.initialize(init, &mut rng(4)).expect("a valid rule");
        let mut rng = rng(4);
        for (name, n) in draws {
            let array = rnn.parameter(name).expect(name);
            let mut want = vec![0.0; array.len()];
            let bound = 1.0 / (*n as f64).sqrt();
            rng.fill_uniform(-bound, bound, &mut want);
            assert!(array.iter().zip(&want).all(|(a, b)| a == b), "{init:?} {name}");
        }
    };
    order(
        Init::PyTorch,
        &[
            ("weight_ih_l0", 5),
            ("weight_hh_l0", 5),
            ("bias_ih_l0", 5),
            ("bias_hh_l0", 5),
            ("weight_ih_l1", 4),
            ("weight_hh_l1", 4),
            ("bias_ih_l1", 4),
            ("bias_hh_l1", 4),
        ],
    );
    order(
        Init::Linear,
        &[
            ("weight_ih_l0", 3),
            ("bias_ih_l0", 3),
            ("weight_hh_l0", 5),
            ("bias_hh_l0", 5),
            ("weight_ih_l1", 5),
            ("bias_ih_l1", 5),
            ("weight_hh_l1", 4),
            ("bias_hh_l1", 4),
        ],
    );
}

/// What cannot be done says so, and changes nothing.
#[test]
fn errors() {
    fn refused<C: Cell<f64>>(cell: C, bias: Bias, init: Init) -> Error {
        let before = model(cell, 2, 3, bias);
        let mut after = before.clone();
        let error = after.initialize(init, &mut rng(0)).expect_err("it cannot be done");
        assert_eq!(bits(&before), bits(&after), "{init:?}");
        error
    }
    let chrono = Init::Chrono { t_max: 10.0 };
    for (error, text) in [
        (
            refused(Gru, Bias::Double, Init::ForgetBias(1.0)),
            "layer 0 has no forget gate f; its gates are [r, z, n]",
        ),
        (
            refused(Elman::tanh(), Bias::Double, Init::ForgetBias(1.0)),
            "layer 0 has no forget gate f; its gates are [h]",
        ),
        (
            refused(Elman::tanh(), Bias::Double, chrono),
            "layer 0 has no forget gate f or update gate z; its gates are [h]",
        ),
        (refused(Lstm, Bias::None, Init::ForgetBias(1.0)), "layer 0 has no bias to set"),
        (refused(Gru, Bias::None, chrono), "layer 0 has no bias to set"),
    ] {
        assert!(matches!(error, Error::Init(_)) && error.to_string() == text, "{error}");
    }
    let mut head = Linear::<f64>::zeros(3, 2).expect("no size is 0");
    let result: Result<()> = head.initialize(chrono, &mut rng(0));
    assert!(matches!(result, Err(Error::Init(InitError::NoGate { place, .. })) if place == "the head"));

    let bad = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY];
    let not_positive = [f64::NAN, f64::INFINITY, 0.0, -1.0];
    let mut out_of_range: Vec<Init> =
        bad.iter().flat_map(|&x| [Init::Constant(x), Init::ForgetBias(x)]).collect();
    out_of_range.extend(bad.map(|scale| Init::Identity { scale }));
    out_of_range.extend([f64::NAN, f64::INFINITY, 2.999, -5.0].map(|t_max| Init::Chrono { t_max }));
    for gain in not_positive {
        out_of_range.extend([
            Init::XavierUniform { gain },
            Init::XavierNormal { gain },
            Init::KaimingUniform { fan: Fan::In, gain },
            Init::KaimingNormal { fan: Fan::In, gain },
            #[cfg(feature = "linalg")]
            Init::Orthogonal { gain },
            #[cfg(feature = "linalg")]
            Init::Critical { radius: gain },
        ]);
    }
    for init in out_of_range {
        let error = refused(Lstm, Bias::Double, init);
        assert!(matches!(error, Error::InvalidOption { .. }), "{init:?}: {error}");
    }
    // Finite in f64, but not in the network's type.
    let mut single = Stack::<f32, _>::zeros(Lstm, 1, &[2], Bias::Double).expect("no size is 0");
    assert!(single.initialize(Init::Constant(1e300), &mut rng(0)).is_err());
}

#[cfg(feature = "linalg")]
mod linalg {
    use faer::Mat;
    use rnn_core::Random;

    use super::*;

    /// A stream of nothing but one number.
    struct Always(f64);

    impl Random<f64> for Always {
        fn fill_uniform(&mut self, _: f64, _: f64, out: &mut [f64]) {
            out.fill(self.0);
        }

        fn fill_normal(&mut self, out: &mut [f64]) {
            out.fill(self.0);
        }
    }

    fn faer_matrix(w: ArrayView2<'_, f64>) -> Mat<f64> {
        Mat::from_fn(w.nrows(), w.ncols(), |i, j| w[[i, j]])
    }

    fn assert_orthonormal_times(gain: f64, w: ArrayView2<'_, f64>) {
        let small = if w.nrows() < w.ncols() { w.dot(&w.t()) } else { w.t().dot(&w) };
        let off = &small - &(Array2::<f64>::eye(small.nrows()) * (gain * gain));
        assert!(off.iter().all(|x| x.abs() < 1e-12), "{off}");
        for sigma in faer_matrix(w).singular_values().expect("they converge") {
            assert!((sigma - gain).abs() < 1e-12, "singular value {sigma}");
        }
    }

    /// Square, tall and wide blocks, each gate's for itself; sizes on both sides of faer's blocked algorithm.
    #[test]
    fn orthogonal() {
        for (hidden, gain) in [(1, 1.0), (2, 0.5), (50, 1.0), (130, 1.7)] {
            let mut rnn = model(Gru, 9, hidden, Bias::Double).rnn;
            rnn.initialize(Init::Orthogonal { gain }, &mut rng(8)).expect("a valid rule");
            rnn.initialize_weights(Weights::Input, Init::Orthogonal { gain }, &mut rng(9))
                .expect("a valid rule");
            for name in ["weight_hh_l0", "weight_ih_l0"] {
                let weight = matrix(&rnn, name);
                assert_eq!(blocks(&weight, hidden).count(), 3);
                blocks(&weight, hidden).for_each(|block| assert_orthonormal_times(gain, block));
            }
        }
        let mut head = Linear::<f64>::zeros(20, 3).expect("no size is 0");
        head.initialize(Init::Orthogonal { gain: 2.0 }, &mut rng(8)).expect("a valid rule");
        assert_orthonormal_times(2.0, matrix(&head, "head.weight").view());
    }

    /// With G = Q R, Qᵀ G is upper triangular, and its diagonal positive: there is only one such Q, and as a function of
    /// a Gaussian G it is Haar-distributed. Wide blocks are those of the transposed matrix.
    #[test]
    fn orthogonal_is_the_q_with_positive_diagonal() {
        for (hidden, input) in [(6, 6), (7, 3), (3, 7)] {
            let mut rnn = model(Elman::tanh(), input, hidden, Bias::None).rnn;
            rnn.initialize_weights(Weights::Input, Init::Orthogonal { gain: 1.0 }, &mut rng(5))
                .expect("a valid rule");
            let mut gaussian = Array2::<f64>::zeros((hidden, input));
            rng(5).fill_normal(gaussian.as_slice_mut().expect("contiguous"));
            let (q, g) = (matrix(&rnn, "weight_ih_l0"), gaussian);
            let r = if hidden < input { q.dot(&g.t()) } else { q.t().dot(&g) };
            for ((i, j), &x) in r.indexed_iter() {
                assert!(if i == j { x > 0.1 } else { i < j || x.abs() < 1e-13 }, "{r}");
            }
        }
    }

    /// Same numbers in f32, rounded once, but for what a rounded Gaussian matrix does to Q.
    #[test]
    fn single_precision() {
        let mut rnn = Stack::<f32, _>::zeros(Lstm, 3, &[20], Bias::Double).expect("no size is 0");
        rnn.initialize(Init::Orthogonal { gain: 1.0 }, &mut rng(8)).expect("a valid rule");
        let weight = rnn.weight_hh(0).mapv(f64::from);
        for block in blocks(&weight, 20) {
            let off = block.t().dot(&block) - Array2::<f64>::eye(20);
            assert!(off.iter().all(|x| x.abs() < 1e-6), "{off}");
        }
    }

    fn spectral_radius(w: ArrayView2<'_, f64>) -> f64 {
        let eigenvalues = faer_matrix(w).eigenvalues().expect("they converge");
        eigenvalues.iter().fold(0.0, |most, z| f64::max(most, z.re.hypot(z.im)))
    }

    /// The spectral radius of each block is the one asked for. For 2 × 2 it is known in closed form, without faer.
    #[test]
    fn critical() {
        for (hidden, radius) in [(1, 2.0), (10, 0.9), (100, 1.0), (150, 1.5)] {
            let mut rnn = model(Lstm, 2, hidden, Bias::Double).rnn;
            rnn.initialize(Init::Critical { radius }, &mut rng(6)).expect("a valid rule");
            let weight = matrix(&rnn, "weight_hh_l0");
            for block in blocks(&weight, hidden) {
                let found = spectral_radius(block);
                assert!((found - radius).abs() < 1e-10, "{hidden} units: {found}, expected {radius}");
                // Gaussian with σ ≈ radius / √hidden, as the circular law has it.
                let (deviation, ..) = moments(block);
                let law = radius / (hidden as f64).sqrt();
                assert!(
                    hidden < 100 || (deviation / law - 1.0).abs() < 0.2,
                    "{deviation}, circular law {law}"
                );
            }
        }
        let (mut real, mut complex) = (0, 0);
        for seed in 0..50 {
            let mut rnn = model(Elman::tanh(), 1, 2, Bias::None).rnn;
            rnn.initialize(Init::Critical { radius: 0.8 }, &mut rng(seed)).expect("a valid rule");
            let w = matrix(&rnn, "weight_hh_l0");
            let (half, det) = ((w[[0, 0]] + w[[1, 1]]) / 2.0, w[[0, 0]] * w[[1, 1]] - w[[0, 1]] * w[[1, 0]]);
            let discriminant = half * half - det;
            let found = if discriminant >= 0.0 { half.abs() + discriminant.sqrt() } else { det.sqrt() };
            assert!((found - 0.8).abs() < 1e-10, "seed {seed}: {found}");
            if discriminant >= 0.0 { real += 1 } else { complex += 1 }
        }
        assert!(real > 5 && complex > 5, "{real} real, {complex} complex");
    }

    /// Matrices without a spectral radius to scale, and streams that are not random, do not go by in silence.
    #[test]
    fn no_radius() {
        for (number, want) in [(0.0, 0.0), (f64::NAN, f64::NAN)] {
            let mut rnn = model(Elman::tanh(), 1, 4, Bias::None).rnn;
            let before = bits(&rnn);
            let error =
                rnn.initialize(Init::Critical { radius: 1.0 }, &mut Always(number)).expect_err("no radius");
            let Error::Init(InitError::NoRadius { name, wanted, found }) = &error else { panic!("{error}") };
            assert_eq!((name.as_str(), *wanted, found.to_bits()), ("weight_hh_l0", 1.0, want.to_bits()));
            assert_eq!(before, bits(&rnn));
        }
        // A zero matrix has no unique Q, but every Q is orthogonal.
        let mut rnn = model(Elman::tanh(), 1, 4, Bias::None).rnn;
        rnn.initialize(Init::Orthogonal { gain: 1.0 }, &mut Always(0.0)).expect("a valid rule");
        assert_orthonormal_times(1.0, matrix(&rnn, "weight_hh_l0").view());
    }
}
