//! What tasks are drawn from, and their baselines. Bounds are 4.5 standard deviations, 7 in a million, or the like.

use std::f64::consts::PI;

use ndarray::{ArrayView2, Axis, s};
use rnn_core::{Batch, Timesteps};
use rnn_data::{
    AddingProblem, CopyMemory, DelayedRecall, FlipFlop, Lorenz, MackeyGlass, Parity, PortableRng,
    SineMixture, Task, TemporalOrder,
};

const N: usize = 50_000;

fn sample(task: &impl Task) -> Batch<f64> {
    task.sample(N, &mut PortableRng::new(5)).expect("there are sequences")
}

/// Mean of independent numbers and its standard error.
fn estimate(x: &[f64]) -> (f64, f64) {
    let n = x.len() as f64;
    let mean = x.iter().sum::<f64>() / n;
    let variance = x.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / (n - 1.0);
    (mean, (variance / n).sqrt())
}

/// `x` are independent numbers of this mean.
#[track_caller]
fn check_mean(x: &[f64], want: f64) {
    let (mean, error) = estimate(x);
    assert!((mean - want).abs() <= 4.5 * error + 1e-12, "{mean} ± {error}, not {want}");
}

/// The counts are those of equally likely values: Pearson's statistic, about normal for so many.
#[track_caller]
fn check_even(counts: &[usize]) {
    let total: usize = counts.iter().sum();
    let want = total as f64 / counts.len() as f64;
    let statistic: f64 = counts.iter().map(|&n| (n as f64 - want).powi(2) / want).sum();
    let freedom = (counts.len() - 1) as f64;
    assert!(statistic < freedom + 6.0 * (2.0 * freedom).sqrt() + 10.0, "{counts:?}: {statistic}");
}

/// The statistic of Kolmogorov and Smirnov.
#[track_caller]
fn check_distribution(mut x: Vec<f64>, cdf: impl Fn(f64) -> f64) {
    x.sort_unstable_by(f64::total_cmp);
    let n = x.len() as f64;
    let gaps = x.iter().enumerate().map(|(k, &x)| {
        let p = cdf(x);
        (p - k as f64 / n).max((k + 1) as f64 / n - p)
    });
    let distance = gaps.fold(0.0, f64::max);
    assert!(distance < 2.5 / n.sqrt(), "{distance}");
}

/// Squared errors of a constant for each sequence: averaged over the timesteps and outputs that count.
fn squared_errors(batch: &Batch<f64>, over: Timesteps, constant: f64) -> Vec<f64> {
    let y = batch.y.values().expect("valid");
    let (size, time, width) = y.dim();
    let counts = |b: usize, t: usize| {
        (over == Timesteps::All || t + 1 == time) && batch.mask.as_ref().is_none_or(|mask| mask[[b, t]])
    };
    let of_sequence = |b| {
        let steps: Vec<_> = (0..time).filter(|&t| counts(b, t)).collect();
        let errors = steps.iter().flat_map(|&t| (0..width).map(move |k| (y[[b, t, k]] - constant).powi(2)));
        errors.sum::<f64>() / (steps.len() * width) as f64
    };
    (0..size).map(of_sequence).collect()
}

/// The best constant costs the baseline, and its neighbours cost more.
#[track_caller]
fn check_constant(task: &impl Task, best: f64) {
    let batch = sample(task);
    for over in [Timesteps::All, Timesteps::Last] {
        check_mean(&squared_errors(&batch, over, best), task.baseline(over));
        for other in [best - 0.05, best + 0.05] {
            // The squares differ by 0.05² and twice 0.05 times the error, whose mean is 0.
            let pairs =
                squared_errors(&batch, over, other).into_iter().zip(squared_errors(&batch, over, best));
            check_mean(&pairs.map(|(other, best)| other - best).collect::<Vec<_>>(), 0.0025);
        }
    }
}

#[test]
fn constants_cost_the_baseline() {
    check_constant(&AddingProblem::new(7).unwrap(), 1.0);
    check_constant(&DelayedRecall::new(12, 5).unwrap(), 0.0);
    check_constant(&DelayedRecall::new(12, 5).unwrap().masked(), 0.0);
    check_constant(&FlipFlop::new(10, 2, 0.1).unwrap(), 0.0);
    check_constant(&FlipFlop::new(3, 1, 1.0).unwrap(), 0.0);
    check_constant(&SineMixture::new(9, 1, 0.2..=0.7).unwrap(), 0.0);
    check_constant(&SineMixture::new(9, 3, 1.0..=1.0).unwrap(), 0.0);
}

/// Twice the number of sequences times (baseline − entropy) is about χ², with as many degrees of freedom as there are
/// probabilities to guess: the entropy is that of the classes which came, at each timestep. So no guess that looks at the
/// timestep only costs less than the baseline.
#[track_caller]
fn check_entropy(task: &impl Task, over: Timesteps, freedom: f64) {
    let batch = sample(task);
    let steps: Vec<_> =
        if over == Timesteps::All { (0..task.time()).collect() } else { vec![task.time() - 1] };
    let entropy = |t: usize| {
        let mut counts = vec![0; task.outputs()];
        batch.y.classes().expect("valid").column(t).iter().for_each(|&class| counts[class] += 1);
        let probabilities = counts.iter().filter(|&&n| n > 0).map(|&n| f64::from(n) / N as f64);
        -probabilities.map(|p| p * p.ln()).sum::<f64>()
    };
    let entropies: f64 = steps.iter().map(|&t| entropy(t)).sum();
    let statistic = 2.0 * N as f64 * (task.baseline(over) * steps.len() as f64 - entropies);
    let deviation = (2.0 * freedom).sqrt();
    assert!(statistic > freedom - 4.5 * deviation - 1e-6, "{statistic}");
    assert!(statistic < freedom + 4.5 * deviation + 10.0, "{statistic}");
}

#[test]
fn guesses_cost_the_baseline() {
    let copy = CopyMemory::new(4).unwrap();
    check_entropy(&copy, Timesteps::All, 70.0);
    check_entropy(&copy, Timesteps::Last, 7.0);
    check_entropy(&TemporalOrder::new(20).unwrap(), Timesteps::Last, 3.0);
    check_entropy(&Parity::new(6).unwrap(), Timesteps::All, 6.0);
    check_entropy(&Parity::new(6).unwrap(), Timesteps::Last, 1.0);
    for delay in [1, 20, 100, 500] {
        let want = 10.0 * 8.0_f64.ln() / (delay + 20) as f64;
        assert!((CopyMemory::new(delay).unwrap().baseline(Timesteps::All) - want).abs() < 1e-15);
    }
}

/// From the closed form, 1 − (1 − p)(1 − (1 − p)ᵀ) / (T p).
#[test]
fn pulses_so_far() {
    for (time, p) in [(1, 0.3), (7, 0.25), (100, 0.01), (1000, 1e-4), (5, 1.0)] {
        let task = FlipFlop::new(time, 3, p).unwrap();
        let none = (1.0 - p).powf(time as f64);
        let all = 1.0 - (1.0 - p) * (1.0 - none) / (time as f64 * p);
        assert!((task.baseline(Timesteps::Last) - (1.0 - none)).abs() < 1e-12);
        assert!((task.baseline(Timesteps::All) - all).abs() < 1e-12);
    }
}

/// The best constant of an orbit is the mean of each output, and costs the baseline.
#[test]
fn constants_cost_the_baseline_of_an_orbit() {
    fn check(task: &impl Task) {
        let y = sample(task).y.values().expect("valid").clone();
        for over in [Timesteps::All, Timesteps::Last] {
            let y = if over == Timesteps::All { y.view() } else { y.slice(s![.., task.time() - 1.., ..]) };
            let of_output = |y: ArrayView2<'_, f64>| {
                let mean = y.mean().expect("valid");
                y.mapv(|y| (y - mean).powi(2))
            };
            let outputs = y.axis_iter(Axis(2)).map(of_output);
            let squares = outputs.reduce(|sum, of| sum + of).expect("valid") / task.outputs() as f64;
            // One number for each sequence, as timesteps depend on each other.
            check_mean(&squares.mean_axis(Axis(1)).expect("valid").to_vec(), task.baseline(over));
        }
    }
    check(&Lorenz::new(5, 2).unwrap());
    check(&MackeyGlass::new(7, 3).unwrap());
}

#[test]
fn adding_is_uniform() {
    let time = 7;
    let x = sample(&AddingProblem::new(time).unwrap()).x;
    let mut counts = [0; 7];
    for ((_, t, f), &v) in x.indexed_iter() {
        counts[t] += usize::from(f == 1 && v == 1.0);
    }
    let (first, second) = counts.split_at(3);
    assert_eq!((first.iter().sum::<usize>(), second.iter().sum::<usize>()), (N, N));
    check_even(first);
    check_even(second);
    let values = x.index_axis(Axis(2), 0);
    check_distribution(values.iter().copied().collect(), |v| v);
    // The markers are where they are whatever the values: those that are marked are uniform too.
    let marked = x.outer_iter().map(|x| x.outer_iter().find(|x| x[1] == 1.0).unwrap()[0]);
    check_distribution(marked.collect(), |v| v);
}

#[test]
fn markers_are_independent() {
    let x = sample(&AddingProblem::new(4).unwrap()).x;
    let mut counts = [0; 4];
    for x in x.outer_iter() {
        counts[2 * x[[1, 1]] as usize + x[[3, 1]] as usize] += 1;
    }
    check_even(&counts);
}

#[test]
fn symbols_are_uniform() {
    let y = sample(&CopyMemory::new(2).unwrap()).y;
    for (i, j) in [(0, 1), (0, 9), (4, 7)] {
        let mut pairs = [0; 64];
        for y in y.classes().unwrap().outer_iter() {
            pairs[8 * y[12 + i] + y[12 + j]] += 1;
        }
        check_even(&pairs);
    }
}

#[test]
fn orders_and_distractors_are_uniform() {
    let time = 40;
    let batch = sample(&TemporalOrder::new(time).unwrap());
    let (mut places, mut classes, mut distractors) = ([[0; 4]; 4], [0; 4], [0; 4]);
    for (x, y) in batch.x.outer_iter().zip(batch.y.classes().unwrap().outer_iter()) {
        let relevant: Vec<_> = (0..time).filter(|&t| x[[t, 0]] + x[[t, 1]] == 1.0).collect();
        places[relevant[0] - 4][relevant[1] - 20] += 1;
        classes[y[time - 1]] += 1;
        for t in (0..time).filter(|t| !relevant.contains(t)) {
            distractors[(2..6).position(|k| x[[t, k]] == 1.0).unwrap()] += 1;
        }
    }
    check_even(places.as_flattened());
    check_even(&classes);
    check_even(&distractors);
    assert_eq!(distractors.iter().sum::<usize>(), N * (time - 2));
}

#[test]
fn inputs_to_recall_are_uniform() {
    let x = sample(&DelayedRecall::new(8, 3).unwrap()).x;
    check_distribution(x.iter().copied().collect(), |x| 0.5 + 0.5 * x);
    for lag in 1..8 {
        let products: Vec<_> = x.outer_iter().map(|x| x[[0, 0]] * x[[lag, 0]]).collect();
        check_mean(&products, 0.0);
    }
}

#[test]
fn pulses_have_their_rate() {
    for p in [0.02, 0.3, 1.0] {
        let x = sample(&FlipFlop::new(4, 2, p).unwrap()).x;
        for sign in [1.0, -1.0] {
            let hits: Vec<_> = x.iter().map(|&x| f64::from(u8::from(x == sign))).collect();
            check_mean(&hits, p / 2.0);
        }
        for ((t, k), (u, l)) in [((0, 0), (0, 1)), ((0, 0), (1, 0)), ((1, 1), (3, 0))] {
            let both: Vec<_> = x.outer_iter().map(|x| (x[[t, k]] * x[[u, l]]).abs()).collect();
            check_mean(&both, p * p);
            let product: Vec<_> = x.outer_iter().map(|x| x[[t, k]] * x[[u, l]]).collect();
            check_mean(&product, 0.0);
        }
    }
}

/// Frequencies are found again from three values, 2 cos ω = (s_{t−1} + s_{t+1}) / s_t, where s_t is not small.
#[test]
fn sines_are_uniform() {
    let x = sample(&SineMixture::new(6, 1, 0.2..=0.7).unwrap()).x;
    let (mut frequencies, mut firsts) = (Vec::new(), Vec::new());
    for x in x.outer_iter() {
        let x: Vec<_> = x.iter().copied().collect();
        let t = (1..5).max_by(|&t, &u| x[t].abs().total_cmp(&x[u].abs())).unwrap();
        frequencies.push(((x[t - 1] + x[t + 1]) / (2.0 * x[t])).acos());
        firsts.push(x[0]);
    }
    check_distribution(frequencies.clone(), |w| ((w - 0.2) / 0.5).clamp(0.0, 1.0));
    check_distribution(firsts.clone(), |s| 0.5 + s.asin() / PI);
    let products: Vec<_> = frequencies.iter().zip(firsts).map(|(w, s)| (w - 0.45) * s).collect();
    check_mean(&products, 0.0);
}

/// Sines of one sequence have phases of their own: their sum has the variance of independent ones.
#[test]
fn sines_are_independent() {
    let x = sample(&SineMixture::new(1, 2, 0.2..=0.7).unwrap()).x;
    check_mean(&x.iter().map(|s| s * s).collect::<Vec<_>>(), 1.0);
    // E (s₁ + s₂)⁴ = 2 · 3/8 + 6 · 1/4
    check_mean(&x.iter().map(|s| s.powi(4)).collect::<Vec<_>>(), 2.25);
}
