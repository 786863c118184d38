//! Participation ratios of clouds whose ratio is known.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use ndarray::{Array2, array};
use rand::SeedableRng;
use rand_pcg::Pcg64Dxsm;
use rnn_analysis::{Error, participation_ratio, participation_ratio_across};
use rnn_core::Random;

fn cloud(samples: usize, sizes: &[f64], seed: u64) -> Array2<f64> {
    let mut states = Array2::zeros((samples, sizes.len()));
    Pcg64Dxsm::seed_from_u64(seed).fill_normal(states.as_slice_mut().unwrap());
    states * ndarray::Array1::from(sizes.to_vec())
}

#[test]
fn simple_clouds() {
    let line = array![[0.0, 0.0], [1.0, 2.0], [3.0, 6.0]];
    assert!((participation_ratio(line.view()).unwrap() - 1.0).abs() < 1e-14);
    // Sizes do not matter, nor does the place.
    let far = &line * 1e200 + 1e199;
    assert!((participation_ratio(far.view()).unwrap() - 1.0).abs() < 1e-12);
    let tiny = line.mapv(|x| (x * 1e-30) as f32);
    assert!((participation_ratio(tiny.view()).unwrap() - 1.0).abs() < 1e-6);
    assert!(participation_ratio(Array2::<f64>::ones((5, 3)).view()).unwrap().is_nan());
}

/// Variances 1, 4, 9, 16: (Σ)² / Σ of squares = 900 / 354.
#[test]
fn unequal_variances() {
    let states = cloud(200_000, &[1.0, 2.0, 3.0, 4.0], 1);
    let want = 900.0 / 354.0;
    assert!((participation_ratio(states.view()).unwrap() - want).abs() < 0.02);
}

/// Would catch: an estimator across blocks with the bias of one block: 40 samples in 40 dimensions look like 20.
#[test]
fn across_blocks_there_is_no_bias() {
    let sizes = [1.0; 40];
    let (mut within, mut across) = (0.0, 0.0);
    for seed in 0..50 {
        let (first, second) = (cloud(40, &sizes, 2 * seed), cloud(40, &sizes, 2 * seed + 1));
        within += participation_ratio(first.view()).unwrap() / 50.0;
        across += participation_ratio_across(first.view(), second.view()).unwrap() / 50.0;
    }
    assert!((within - 20.0).abs() < 1.0, "{within}");
    assert!((across - 40.0).abs() < 1.0, "{across}");
}

#[test]
fn what_is_no_cloud_is_refused() {
    let few = participation_ratio(Array2::<f64>::zeros((1, 3)).view());
    assert_eq!(few, Err(Error::TooFew { what: "states", count: 1, least: 2 }));
    let two = Array2::<f64>::ones((4, 2));
    let three = Array2::<f64>::ones((4, 3));
    let fault = participation_ratio_across(two.view(), three.view());
    assert_eq!(fault, Err(Error::StateSize { state: 2, rows: 4, columns: 3 }));
    let fault = participation_ratio(array![[0.0], [f64::NAN]].view());
    assert!(matches!(fault, Err(Error::NonFinite { row: 1, column: 0, .. })));
}
