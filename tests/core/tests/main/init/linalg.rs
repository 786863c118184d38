//! Matrices with a given spectrum.

use faer::Mat;
use rnn_core::Random;

use super::weights::moments;
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
        rnn.initialize_weights(Weights::Input, Init::Orthogonal { gain }, &mut rng(9)).expect("a valid rule");
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
    let mut rnn = Stack::<f32>::zeros(Lstm, 3, &[20], Bias::Double).expect("no size is 0");
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
            assert!(hidden < 100 || (deviation / law - 1.0).abs() < 0.2, "{deviation}, circular law {law}");
        }
    }
    let (mut real, mut complex) = (0, 0);
    for seed in 0..50 {
        let mut rnn = model(Elman::tanh(), 1, 2, Bias::None).rnn;
        rnn.initialize(Init::Critical { radius: 0.8 }, &mut rng(seed)).expect("a valid rule");
        let w = matrix(&rnn, "weight_hh_l0");
        let half = w[[0, 0]].midpoint(w[[1, 1]]);
        let det = w[[0, 0]] * w[[1, 1]] - w[[0, 1]] * w[[1, 0]];
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
