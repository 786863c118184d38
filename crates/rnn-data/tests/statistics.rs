//! The distributions themselves, with bounds that a wrong scale, a lost tail or a correlation would break.

use rnn_core::Random;
use rnn_data::{PortableRng, TorchRng};

const N: usize = 1 << 20;

/// What a mean of `N` independent numbers of this variance may stray: 4.5 standard deviations, 7 in a million.
fn slack(variance: f64) -> f64 {
    4.5 * (variance / N as f64).sqrt()
}

fn mean(x: impl Iterator<Item = f64>) -> f64 {
    x.sum::<f64>() / N as f64
}

/// The greatest distance between the distribution of `x` and `cdf`: the statistic of Kolmogorov and Smirnov.
fn distance(x: &mut [f64], cdf: impl Fn(f64) -> f64) -> f64 {
    x.sort_unstable_by(f64::total_cmp);
    let n = x.len() as f64;
    let gaps = x.iter().enumerate().map(|(k, &x)| {
        let p = cdf(x);
        (p - k as f64 / n).max((k + 1) as f64 / n - p)
    });
    gaps.fold(0.0, f64::max)
}

/// Exceeded with probability 2 exp(−2 · 2.5²) = 7 in a million.
fn distance_bound() -> f64 {
    2.5 / (N as f64).sqrt()
}

fn check_normal(mut x: Vec<f64>) {
    assert!(mean(x.iter().copied()).abs() < slack(1.0));
    assert!((mean(x.iter().map(|x| x * x)) - 1.0).abs() < slack(2.0));
    assert!((mean(x.iter().map(|x| x.powi(4))) - 3.0).abs() < slack(96.0));
    for lag in [1, 8, 16] {
        let product = mean(x.iter().zip(&x[lag..]).map(|(x, y)| x * y));
        assert!(product.abs() < slack(1.0), "lag {lag}");
    }
    let cdf = |x: f64| 0.5 * libm::erfc(-x / std::f64::consts::SQRT_2);
    assert!(distance(&mut x, cdf) < distance_bound());
}

fn check_uniform(mut x: Vec<f64>) {
    assert!(x.iter().all(|x| (-1.0..3.0).contains(x)));
    assert!((mean(x.iter().copied()) - 1.0).abs() < slack(4.0 / 3.0));
    assert!(distance(&mut x, |x| (x + 1.0) / 4.0) < distance_bound());
}

/// `N` numbers in calls of `call`.
fn draw(call: usize, mut fill: impl FnMut(&mut [f64])) -> Vec<f64> {
    let mut x = vec![f64::NAN; N];
    x.chunks_mut(call).for_each(&mut fill);
    x
}

#[test]
fn portable_normals_are_normal() {
    let mut rng = PortableRng::new(1);
    check_normal(draw(N, |x| rng.fill_normal(x)));
}

#[test]
fn portable_uniforms_are_uniform() {
    let mut rng = PortableRng::new(1);
    check_uniform(draw(N, |x| rng.fill_uniform(-1.0, 3.0, x)));
}

/// In blocks, with tails of redrawn numbers, and one by one.
#[test]
fn torch_normals_are_normal() {
    for call in [N, 1 << 10 | 5, 3] {
        let mut rng = TorchRng::new(1);
        check_normal(draw(call, |x| rng.fill_normal(x)));
        let mut single = vec![f32::NAN; call];
        check_normal(draw(call, |x| {
            let single = &mut single[..x.len()];
            rng.fill_normal(single);
            x.iter_mut().zip(single).for_each(|(x, single)| *x = f64::from(*single));
        }));
    }
}

#[test]
fn torch_uniforms_are_uniform() {
    let mut rng = TorchRng::new(1);
    check_uniform(draw(N, |x| rng.fill_uniform(-1.0, 3.0, x)));
}

/// Neighbouring children of neighbouring seeds have nothing in common.
#[test]
fn streams_are_independent() {
    let draws: Vec<Vec<f64>> = (0..3)
        .flat_map(|seed| (0..3).map(move |k| PortableRng::new(seed).stream(k)))
        .map(|mut rng| draw(N, |x| rng.fill_normal(x)))
        .collect();
    for (k, x) in draws.iter().enumerate() {
        for y in &draws[..k] {
            assert!(mean(x.iter().zip(y).map(|(x, y)| x * y)).abs() < slack(1.0));
        }
    }
}
