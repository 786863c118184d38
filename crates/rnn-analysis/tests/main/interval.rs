//! Bootstrap intervals, and exponents by block.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use ndarray::{Array1, Array2, Axis, array};
use rand::SeedableRng;
use rand_pcg::Pcg64Dxsm;
use rnn_analysis::{
    Blocks, BurnIn, Error, block_bootstrap, driven_lyapunov_blocks, driven_lyapunov_exponents,
    lyapunov_blocks, lyapunov_exponents,
};
use rnn_core::{Bias, Elman, Error as NetworkError, LayerState, Lstm, Parameters, Random, Stack, State};

/// Means over blocks of an autoregressive series x_t = a x_{t−1} + ξ_t around 0.3.
fn series(blocks: usize, steps: usize, rng: &mut Pcg64Dxsm) -> Array2<f64> {
    let mut noise = vec![0.0; blocks * steps + 200];
    rng.fill_normal(&mut noise);
    let mut x = 0.0;
    let mut all = Vec::with_capacity(noise.len());
    for xi in noise {
        x = 0.8 * x + xi;
        all.push(0.3 + x);
    }
    let means = all[200..].chunks(steps).map(|block| block.iter().sum::<f64>() / steps as f64);
    Array2::from_shape_vec((blocks, 1), means.collect()).unwrap()
}

/// Would catch: an interval of single steps, which follow each other, and one of percentiles, which is too narrow for few blocks. Of 400
/// intervals at 95% some 380 cover, with a standard deviation of 4.4.
#[test]
fn intervals_cover_as_often_as_they_say() {
    for (blocks, steps) in [(10, 400), (20, 200)] {
        let covered = (0..400)
            .filter(|&seed| {
                let mut rng = Pcg64Dxsm::seed_from_u64(seed);
                let means = series(blocks, steps, &mut rng);
                block_bootstrap(means.view(), 0.95, &mut rng).unwrap()[0].covers(0.3)
            })
            .count();
        assert!((364..=394).contains(&covered), "{blocks} blocks: {covered} of 400");
    }
}

#[test]
fn intervals_are_deterministic_and_nested() {
    let blocks = series(30, 100, &mut Pcg64Dxsm::seed_from_u64(3));
    let of = |level: f64| block_bootstrap(blocks.view(), level, &mut Pcg64Dxsm::seed_from_u64(4)).unwrap()[0];
    let (narrow, wide) = (of(0.5), of(0.99));
    assert_eq!(of(0.5), narrow);
    assert!(
        wide.low < narrow.low
            && narrow.low < narrow.mean
            && narrow.mean < narrow.high
            && narrow.high < wide.high
    );
    assert!((narrow.mean - blocks.mean().unwrap()).abs() < 1e-15);
}

#[test]
fn what_does_not_vary_or_vanishes_has_no_width() {
    let mut blocks = Array2::from_elem((9, 2), 0.1);
    blocks.column_mut(1).fill(f64::NEG_INFINITY);
    let mut rng = Pcg64Dxsm::seed_from_u64(0);
    let intervals = block_bootstrap(blocks.view(), 0.95, &mut rng).unwrap();
    assert!((intervals[0].low - 0.1).abs() < 1e-15 && intervals[0].low == intervals[0].high);
    let gone = intervals[1];
    assert!([gone.mean, gone.low, gone.high].iter().all(|&x| x == f64::NEG_INFINITY));
    let few = block_bootstrap(Array2::zeros((7, 1)).view(), 0.95, &mut rng);
    assert_eq!(few, Err(Error::TooFew { what: "blocks", count: 7, least: 8 }));
    for level in [0.0, 1.0, f64::NAN] {
        let fault = block_bootstrap(blocks.view(), level, &mut rng);
        assert!(matches!(fault, Err(Error::OutOfRange { what: "the level", .. })));
    }
    blocks[[4, 0]] = f64::NAN;
    let fault = block_bootstrap(blocks.view(), 0.95, &mut rng);
    assert!(matches!(fault, Err(Error::NonFinite { row: 4, column: 0, .. })));
}

fn noise(seed: u64, len: usize, size: f64) -> Vec<f64> {
    let mut out = vec![0.0; len];
    Pcg64Dxsm::seed_from_u64(seed).fill_normal(&mut out);
    out.iter().map(|x| x * size).collect()
}

fn chaotic(n: usize) -> (Stack<f64>, State<f64>) {
    let mut rnn = Stack::<f64>::zeros(Elman::tanh(), 2, &[n], Bias::None).unwrap();
    let w = Array2::from_shape_vec((n, n), noise(1, n * n, 3.0 / (n as f64).sqrt())).unwrap();
    rnn.set_parameter("weight_hh_l0", w.view().into_dyn()).unwrap();
    let w_ih = Array2::from_shape_vec((n, 2), noise(2, 2 * n, 1.0)).unwrap();
    rnn.set_parameter("weight_ih_l0", w_ih.view().into_dyn()).unwrap();
    let h = Array1::from(noise(3, n, 0.5)).insert_axis(Axis(0));
    (rnn, State { layers: vec![LayerState { h, c: None }] })
}

fn plan(count: usize, steps: usize, leading: Option<usize>) -> Blocks {
    Blocks { burn_in: BurnIn { state: 50, directions: 30 }, count, steps, leading }
}

/// Blocks of a run are the run, and the leading directions do not know of the others.
#[test]
fn blocks_make_up_the_run() {
    let (rnn, start) = chaotic(9);
    let whole = lyapunov_exponents(&rnn, Some(&start), 600, BurnIn { state: 50, directions: 30 }).unwrap();
    let blocks = lyapunov_blocks(&rnn, Some(&start), plan(20, 30, None)).unwrap();
    assert_eq!((blocks[0].by_block.dim(), blocks[0].steps), ((20, 9), 30));
    for (a, b) in whole[0].sorted().iter().zip(blocks[0].sorted()) {
        assert!((a - b).abs() < 1e-12);
    }
    let leading = lyapunov_blocks(&rnn, Some(&start), plan(20, 30, Some(3))).unwrap();
    let first = blocks[0].by_block.slice(ndarray::s![.., ..3]);
    assert!((&leading[0].by_block - &first).iter().all(|off| off.abs() < 1e-8));
    assert!(lyapunov_blocks(&rnn, Some(&start), plan(20, 30, Some(50))).unwrap()[0].by_block.ncols() == 9);
    let intervals = blocks[0].intervals(0.95, &mut Pcg64Dxsm::seed_from_u64(0)).unwrap();
    assert!(intervals.windows(2).all(|pair| pair[0].mean >= pair[1].mean));
    assert!(intervals.iter().all(|interval| interval.covers(interval.mean)));
}

#[test]
fn driven_blocks_make_up_the_driven_run() {
    let (rnn, start) = chaotic(5);
    let x = Array2::from_shape_vec((800, 2), noise(7, 1600, 1.0)).unwrap();
    let burn_in = BurnIn { state: 50, directions: 30 };
    let used = x.slice(ndarray::s![..680, ..]);
    let whole = driven_lyapunov_exponents(&rnn, used, Some(&start), burn_in).unwrap();
    let blocks = driven_lyapunov_blocks(&rnn, x.view(), Some(&start), plan(12, 50, None)).unwrap();
    for (a, b) in whole[0].sorted().iter().zip(blocks[0].sorted()) {
        assert!((a - b).abs() < 1e-12);
    }
    let fault = driven_lyapunov_blocks(&rnn, x.view(), None, plan(12, 100, None)).unwrap_err();
    assert_eq!(fault, Error::TooFew { what: "timesteps of x", count: 800, least: 1280 });
    for wrong in [plan(0, 1, None), plan(1, 0, None), plan(1, 1, Some(0))] {
        let fault = lyapunov_blocks(&rnn, None, wrong).unwrap_err();
        assert!(matches!(fault, Error::Network(NetworkError::ZeroSize { .. })));
    }
}

/// A state of h and c; exponents of an LSTM without recurrence are those of its forget gate, in every block.
#[test]
fn every_block_of_a_constant_system_is_the_same() {
    let mut rnn = Stack::<f64>::zeros(Lstm, 1, &[2], Bias::Single).unwrap();
    let mut bias = Array1::zeros(8);
    bias[2] = 1.0;
    bias[3] = 2.0;
    rnn.set_parameter("bias_l0", bias.view().into_dyn()).unwrap();
    let blocks = lyapunov_blocks(&rnn, None, plan(10, 20, None)).unwrap().remove(0);
    let sigmoid = |x: f64| 1.0 / (1.0 + (-x).exp());
    let sorted = blocks.sorted();
    assert!((sorted[0] - sigmoid(2.0).ln()).abs() < 1e-12 && (sorted[1] - sigmoid(1.0).ln()).abs() < 1e-12);
    assert_eq!(sorted[2..], [f64::NEG_INFINITY; 2]);
    let intervals = blocks.intervals(0.95, &mut Pcg64Dxsm::seed_from_u64(0)).unwrap();
    assert!(intervals[0].high - intervals[0].low < 1e-12);
    assert_eq!(array![intervals[3].low, intervals[3].high], array![f64::NEG_INFINITY, f64::NEG_INFINITY]);
}
