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

fn normal_cdf(x: f64) -> f64 {
    0.5 * libm::erfc(-x / std::f64::consts::SQRT_2)
}

fn check_normal(mut x: Vec<f64>) {
    assert!(mean(x.iter().copied()).abs() < slack(1.0));
    assert!((mean(x.iter().map(|x| x * x)) - 1.0).abs() < slack(2.0));
    assert!(mean(x.iter().map(|x| x.powi(3))).abs() < slack(15.0));
    assert!((mean(x.iter().map(|x| x.powi(4))) - 3.0).abs() < slack(96.0));
    for lag in [1, 2, 8, 16] {
        let product = mean(x.iter().zip(&x[lag..]).map(|(x, y)| x * y));
        assert!(product.abs() < slack(1.0), "lag {lag}");
        let squares = mean(x.iter().zip(&x[lag..]).map(|(x, y)| (x * x - 1.0) * (y * y - 1.0)));
        assert!(squares.abs() < slack(4.0), "squares, lag {lag}");
    }
    assert!(distance(&mut x, normal_cdf) < distance_bound());
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
    check_normal(draw(333, |x| rng.fill_normal(x)));
    let mut single = vec![f32::NAN; N];
    rng.fill_normal(&mut single);
    check_normal(single.into_iter().map(f64::from).collect());
}

/// First and second normals of the pairs, each for themselves; for x, y independent, x/y is Cauchy and its angle uniform.
#[test]
fn portable_pairs_are_independent() {
    let mut pairs = vec![f64::NAN; 2 * N];
    PortableRng::new(2).fill_normal(&mut pairs);
    let [mut first, mut second] = [0, 1].map(|k| pairs[k..].iter().step_by(2).copied().collect::<Vec<_>>());
    let mut angle: Vec<_> = first.iter().zip(&second).map(|(x, y)| libm::atan2(*y, *x)).collect();
    for power in 1..4 {
        let mixed = mean(first.iter().zip(&second).map(|(x, y)| x.powi(power) * y.powi(4 - power)));
        let (want, variance) = if power == 2 { (1.0, 8.0) } else { (0.0, 15.0) };
        assert!((mixed - want).abs() < slack(variance), "power {power}");
    }
    assert!(distance(&mut first, normal_cdf) < distance_bound());
    assert!(distance(&mut second, normal_cdf) < distance_bound());
    let turn = 2.0 * std::f64::consts::PI;
    assert!(distance(&mut angle, |angle| 0.5 + angle / turn) < distance_bound());
}

/// How many of 33 million lie beyond 1, 2, … 5 on each side: 10 of them beyond 5.
#[test]
fn portable_tails_have_their_weight() {
    let mut rng = PortableRng::new(3);
    let mut counts = [[0_u32; 5]; 2];
    let mut x = vec![0.0_f32; N];
    for _ in 0..32 {
        rng.fill_normal(&mut x);
        for k in 0..5 {
            let bound = (k + 1) as f32;
            counts[0][k] += x.iter().filter(|x| **x > bound).count() as u32;
            counts[1][k] += x.iter().filter(|x| **x < -bound).count() as u32;
        }
    }
    for side in counts {
        for (k, count) in side.into_iter().enumerate() {
            let want = 32.0 * N as f64 * normal_cdf(-((k + 1) as f64));
            assert!(
                (f64::from(count) - want).abs() < 4.5 * want.sqrt(),
                "{count} beyond {}, not {want}",
                k + 1
            );
        }
    }
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
