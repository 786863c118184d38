//! Every target once more, from x alone and by its definition.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

use ndarray::{Array2, Array3, ArrayView1, Axis, s};
use proptest::prelude::*;
use rnn_core::{Batch, Real, Targets};
use rnn_data::{
    AddingProblem, CopyMemory, DelayedRecall, Error, FlipFlop, Lorenz, MackeyGlass, Parity, PortableRng,
    SineMixture, Task, TemporalOrder,
};

fn sample<F: Real>(task: &impl Task, size: usize, seed: u64) -> Batch<F> {
    task.sample(size, &mut PortableRng::new(seed)).unwrap()
}

/// The sequences of x and y, (time, features) and (time, width).
fn sequences<F: Real>(batch: &Batch<F>) -> Vec<(Array2<F>, Array2<F>)> {
    let y = targets(batch);
    let pairs = batch.x.outer_iter().zip(y.outer_iter());
    pairs.map(|(x, y)| (x.to_owned(), y.to_owned())).collect()
}

/// The targets as numbers, (batch, time, width); a class is one column.
fn targets<F: Real>(batch: &Batch<F>) -> Array3<F> {
    match &batch.y {
        Targets::Values(y) => y.clone(),
        Targets::Classes(classes) => classes.mapv(|class| F::of(class as f64)).insert_axis(Axis(2)),
        other => panic!("no task has {other:?}"),
    }
}

/// Where a feature is 1; every number must be 0 or 1.
fn ones<F: Real>(feature: ArrayView1<'_, F>) -> Vec<usize> {
    assert!(feature.iter().all(|v| v.is_zero() || v.is_one()));
    (0..feature.len()).filter(|&t| feature[t].is_one()).collect()
}

/// The symbols of a one-hot sequence.
fn symbols<F: Real>(x: &Array2<F>) -> Vec<usize> {
    x.outer_iter()
        .map(|x| {
            let hot = ones(x);
            assert_eq!(hot.len(), 1, "one symbol at a time");
            hot[0]
        })
        .collect()
}

fn classes<F: Real>(y: &Array2<F>) -> Vec<usize> {
    y.iter().map(|y| y.to_usize().unwrap()).collect()
}

fn adding<F: Real>(time: usize, size: usize, seed: u64) {
    let batch = sample::<F>(&AddingProblem::new(time).unwrap(), size, seed);
    for (x, y) in sequences(&batch) {
        assert!(x.column(0).iter().all(|&v| v >= F::zero() && v <= F::one()));
        let marked = ones(x.column(1));
        assert_eq!(marked.len(), 2);
        assert!(marked[0] < time / 2 && marked[1] >= time / 2, "one in each half");
        let sum = x.outer_iter().fold(F::zero(), |sum, x| sum + x[0] * x[1]);
        assert!(y.iter().all(|&y| y == sum));
    }
}

fn copying<F: Real>(delay: usize, size: usize, seed: u64) {
    let task = CopyMemory::new(delay).unwrap();
    let (blank, delimiter) = (CopyMemory::BLANK, CopyMemory::DELIMITER);
    for (x, y) in sequences(&sample::<F>(&task, size, seed)) {
        let (shown, wanted) = (symbols(&x), classes(&y));
        let (memorized, rest) = shown.split_at(10);
        assert!(memorized.iter().all(|&s| s < 8));
        let mut after = vec![blank; delay - 1];
        after.push(delimiter);
        after.extend([blank; 10]);
        assert_eq!(rest, after);
        assert_eq!(wanted.len(), delay + 20);
        let start = shown.iter().position(|&s| s == delimiter).unwrap() + 1;
        assert_eq!(wanted[..start], vec![blank; delay + 10]);
        assert_eq!(&wanted[start..], memorized);
    }
}

fn ordering<F: Real>(time: usize, size: usize, seed: u64) {
    for (x, y) in sequences(&sample::<F>(&TemporalOrder::new(time).unwrap(), size, seed)) {
        let shown = symbols(&x);
        let relevant: Vec<_> = (0..time).filter(|&t| shown[t] < 2).collect();
        let &[i, j] = relevant.as_slice() else { panic!("{relevant:?}") };
        let tenths = |k: usize| (k as f64 * time as f64 / 10.0).floor() as usize;
        assert!(
            (tenths(1)..tenths(2)).contains(&i) && (tenths(5)..tenths(6)).contains(&j),
            "{i}, {j} of {time}"
        );
        let class = [(0, 0), (0, 1), (1, 0), (1, 1)].iter().position(|&order| order == (shown[i], shown[j]));
        assert_eq!(classes(&y), vec![class.unwrap(); time]);
    }
}

fn recalling<F: Real>(time: usize, delay: usize, size: usize, seed: u64) {
    let task = DelayedRecall::new(time, delay).unwrap();
    let batch = sample::<F>(&task, size, seed);
    for (x, y) in sequences(&batch) {
        assert!(x.iter().all(|&x| x >= -F::one() && x <= F::one()));
        for t in 0..time {
            let want = if t < delay { F::zero() } else { x[[t - delay, 0]] };
            assert_eq!(y[[t, 0]], want);
        }
    }
    let masked = sample::<F>(&task.masked(), size, seed);
    assert_eq!((&masked.x, &masked.y), (&batch.x, &batch.y));
    assert_eq!(masked.mask, Some(Array2::from_shape_fn((size, time), |(_, t)| t + 1 > delay)));
}

fn flipping<F: Real>(time: usize, bits: usize, probability: f64, size: usize, seed: u64) {
    let batch = sample::<F>(&FlipFlop::new(time, bits, probability).unwrap(), size, seed);
    for (x, y) in sequences(&batch) {
        assert!(x.iter().all(|x| x.is_zero() || x.abs().is_one()));
        for k in 0..bits {
            for t in 0..time {
                let last = (0..=t).rev().map(|s| x[[s, k]]).find(|pulse| !pulse.is_zero());
                assert_eq!(y[[t, k]], last.unwrap_or(F::zero()));
            }
        }
    }
}

fn continuing<F: Real>(time: usize, sines: usize, size: usize, seed: u64) {
    let batch = sample::<F>(&SineMixture::new(time, sines, 0.1..=3.0).unwrap(), size, seed);
    for (x, y) in sequences(&batch) {
        assert_eq!(x.slice(s![1.., 0]), y.slice(s![..time - 1, 0]));
        let bound = F::of(sines as f64 + 0.1);
        assert!(x.iter().chain(&y).all(|&s| s.abs() <= bound));
    }
}

fn counting<F: Real>(time: usize, size: usize, seed: u64) {
    for (x, y) in sequences(&sample::<F>(&Parity::new(time).unwrap(), size, seed)) {
        let ones = ones(x.column(0));
        for t in 0..time {
            assert_eq!(y[[t, 0]].to_usize().unwrap(), ones.iter().filter(|&&s| s <= t).count() % 2);
        }
    }
}

/// A window of an orbit satisfies its equation, by another method with shorter steps, and by differences.
#[test]
fn orbits_follow_their_equations() {
    // 12 (h x′)_t = x_{t−2} − 8 x_{t−1} + 8 x_{t+1} − x_{t+2}, with an error of h⁵ x⁗′ / 30.
    let slope = |x: &dyn Fn(usize) -> f64, t: usize, h: f64| {
        (x(t - 2) - 8.0 * x(t - 1) + 8.0 * x(t + 1) - x(t + 2)) / (12.0 * h)
    };
    for (x, y) in sequences(&sample::<f64>(&Lorenz::new(300, 7).unwrap(), 2, 1)) {
        assert_eq!(x.slice(s![7.., ..]), y.slice(s![..293, ..]));
        let largest = x.iter().fold(0.0, |most: f64, x| most.max(x.abs()));
        assert!(largest > 1.0 && largest < 5.5, "{largest}");
        // From each sample to the next by 200 steps of the midpoint rule.
        let flow = |[a, b, c]: [f64; 3]| [10.0 * (b - a), a * (28.0 - c) - b, a * b - 8.0 / 3.0 * c];
        let moved = |s: [f64; 3], d: [f64; 3], h: f64| [0, 1, 2].map(|k| s[k] + h * d[k]);
        for t in 0..299 {
            let start = [0, 1, 2].map(|k| 10.0 * x[[t, k]]);
            let end = (0..200).fold(start, |s, _| moved(s, flow(moved(s, flow(s), 5e-5)), 1e-4));
            for k in 0..3 {
                assert!((end[k] - 10.0 * x[[t + 1, k]]).abs() < 1e-3, "t = {t}: {end:?}");
            }
        }
    }
    for (x, y) in sequences(&sample::<f64>(&MackeyGlass::new(400, 5).unwrap(), 2, 1)) {
        assert_eq!(x.slice(s![5.., ..]), y.slice(s![..395, ..]));
        assert!(x.iter().all(|&x| x > 0.2 && x < 1.4));
        for t in 19..398 {
            let delayed = x[[t - 17, 0]];
            let want = 0.2 * delayed / (1.0 + delayed.powi(10)) - 0.1 * x[[t, 0]];
            let got = slope(&|t| x[[t, 0]], t, 1.0);
            assert!((got - want).abs() < 2e-3, "t = {t}: {got} {want}");
        }
    }
}

/// The known facts of the two attractors, over many windows: the means of Lorenz's z is 23.55, that of x and y is 0, and x² and x y
/// have the mean β ⟨z⟩; the Mackey–Glass orbit has the mean 0.93 and the standard deviation 0.22 to two digits.
#[test]
fn orbits_are_on_their_attractors() {
    let mean = |values: Vec<f64>| values.iter().sum::<f64>() / values.len() as f64;
    let task = Lorenz::new(1, 1).unwrap();
    let x = sample::<f64>(&task, 50_000, 3).x;
    let number = |k: usize| x.index_axis(Axis(2), k).iter().map(|x| 10.0 * x).collect::<Vec<_>>();
    let (a, b, z) = (number(0), number(1), mean(number(2)));
    assert!((z - 23.55).abs() < 0.3, "{z}");
    let product = mean(a.iter().zip(&b).map(|(a, b)| a * b).collect());
    let square = mean(a.iter().map(|a| a * a).collect());
    // ⟨ż⟩ = 0 and ⟨d(x²)/dt⟩ = 0.
    assert!((product / (8.0 / 3.0 * z) - 1.0).abs() < 0.02, "{product}");
    assert!((square / product - 1.0).abs() < 0.02, "{square}");
    let x: Vec<f64> = sample::<f64>(&MackeyGlass::new(1, 1).unwrap(), 50_000, 3).x.into_iter().collect();
    let centre = mean(x.clone());
    let deviation = mean(x.iter().map(|x| (x - centre).powi(2)).collect()).sqrt();
    assert!((centre - 0.93).abs() < 0.01 && (deviation - 0.22).abs() < 0.02, "{centre} {deviation}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn parities(time in 1..60usize, size in 1..6usize, seed: u64) {
        counting::<f32>(time, size, seed);
        counting::<f64>(time, size, seed);
        counting::<half::bf16>(time, size, seed);
    }

    #[test]
    fn the_sum_of_two(time in 2..60usize, size in 1..6usize, seed: u64) {
        adding::<f32>(time, size, seed);
        adding::<f64>(time, size, seed);
        adding::<half::bf16>(time, size, seed);
    }

    #[test]
    fn the_symbols_come_back(delay in 1..40usize, size in 1..6usize, seed: u64) {
        copying::<f32>(delay, size, seed);
        copying::<f64>(delay, size, seed);
        copying::<half::bf16>(delay, size, seed);
    }

    #[test]
    fn the_order_of_two(time in 10..80usize, size in 1..6usize, seed: u64) {
        ordering::<f32>(time, size, seed);
        ordering::<f64>(time, size, seed);
        ordering::<half::bf16>(time, size, seed);
    }

    #[test]
    fn echoes(time in 1..40usize, delay in 0..40usize, size in 1..6usize, seed: u64) {
        prop_assume!(delay < time);
        recalling::<f32>(time, delay, size, seed);
        recalling::<f64>(time, delay, size, seed);
    }

    #[test]
    fn the_last_pulses(time in 1..40usize, bits in 1..5usize, p in 0.01..1.0, size in 1..6usize, seed: u64) {
        flipping::<f32>(time, bits, p, size, seed);
        flipping::<f64>(time, bits, p, size, seed);
        flipping::<half::bf16>(time, bits, p, size, seed);
    }

    #[test]
    fn the_next_values(time in 1..40usize, sines in 1..5usize, size in 1..6usize, seed: u64) {
        continuing::<f32>(time, sines, size, seed);
        continuing::<f64>(time, sines, size, seed);
    }

    /// One sine satisfies s_{t−1} + s_{t+1} = 2 cos ω s_t, with the last target too: no ω is needed to see it, for
    /// (s_{t−1} + s_{t+1}) s_u = (s_{u−1} + s_{u+1}) s_t.
    #[test]
    fn one_sine_is_a_sine(time in 4..40usize, seed: u64) {
        let batch = sample::<f64>(&SineMixture::new(time, 1, 0.1..=3.0).unwrap(), 3, seed);
        for (x, y) in sequences(&batch) {
            let sine: Vec<_> = x.iter().chain(y.last()).copied().collect();
            for t in 1..time {
                for u in 1..time {
                    let [at_t, at_u] = [t, u].map(|t| sine[t - 1] + sine[t + 1]);
                    prop_assert!((at_t * sine[u] - at_u * sine[t]).abs() < 1e-12);
                }
            }
        }
    }

    /// With one frequency for all, the sum satisfies what each sine does.
    #[test]
    fn frequencies_that_are_known(time in 4..40usize, frequency in 0.1..3.0, sines in 1..4usize, seed: u64) {
        let batch = sample::<f64>(&SineMixture::new(time, sines, frequency..=frequency).unwrap(), 3, seed);
        for (x, y) in sequences(&batch) {
            let sine: Vec<_> = x.iter().chain(y.last()).copied().collect();
            for t in 1..time {
                let next = 2.0 * frequency.cos() * sine[t] - sine[t - 1];
                prop_assert!((sine[t + 1] - next).abs() < 1e-11);
            }
        }
    }
}

/// For these seeds: where a number of `f32` was rounded across the border between two symbols, they are others.
#[test]
fn singles_follow_doubles() {
    fn check(task: &impl Task, bound: f64) {
        for seed in 0..100 {
            let (single, double) = (sample::<f32>(task, 3, seed), sample::<f64>(task, 3, seed));
            let mut pairs = {
                let (single, double) =
                    ((single.x.clone(), targets(&single)), (double.x.clone(), targets(&double)));
                single.0.into_iter().zip(double.0).chain(single.1.into_iter().zip(double.1))
            };
            assert!(pairs.all(|(s, d)| (f64::from(s) - d).abs() < bound));
        }
    }
    check(&AddingProblem::new(20).unwrap(), 1e-6);
    check(&CopyMemory::new(5).unwrap(), 1e-6);
    check(&TemporalOrder::new(20).unwrap(), 1e-6);
    check(&DelayedRecall::new(20, 3).unwrap(), 1e-6);
    check(&FlipFlop::new(20, 3, 0.3).unwrap(), 1e-6);
    check(&SineMixture::new(20, 3, 0.1..=0.5).unwrap(), 1e-5);
    check(&Parity::new(20).unwrap(), 1e-6);
}

#[test]
fn impossible_sizes_are_refused() {
    fn message<T: std::fmt::Debug>(result: Result<T, Error>) -> String {
        result.unwrap_err().to_string()
    }
    assert_eq!(
        AddingProblem::new(1),
        Err(Error::TooShort { what: "a marker in each half", least: 2, time: 1 })
    );
    assert_eq!(
        message(AddingProblem::new(0)),
        "0 timesteps are too few for a marker in each half; there must be at least 2"
    );
    assert_eq!(message(CopyMemory::new(0)), "the delay is 0; it must be at least 1");
    assert!(matches!(CopyMemory::new(usize::MAX - 19), Err(Error::TooLarge { .. })));
    assert_eq!(CopyMemory::new(usize::MAX - 20).unwrap().time(), usize::MAX);
    assert_eq!(
        message(TemporalOrder::new(9)),
        "9 timesteps are too few for two places of a tenth of them each; there must be at least 10"
    );
    assert_eq!(
        message(DelayedRecall::new(5, 5)),
        "5 timesteps are too few for the delay; there must be at least 6"
    );
    assert!(DelayedRecall::new(0, 0).is_err() && DelayedRecall::new(3, usize::MAX).is_err());
    assert_eq!(message(FlipFlop::new(0, 1, 0.5)), "the number of timesteps is 0; it must be at least 1");
    assert_eq!(message(FlipFlop::new(1, 0, 0.5)), "the number of bits is 0; it must be at least 1");
    for p in [0.0, -0.1, 1.1, f64::NAN, f64::INFINITY] {
        let want = format!("the probability of a pulse is {p}; it must be above 0 and at most 1");
        assert_eq!(message(FlipFlop::new(1, 1, p)), want);
    }
    assert_eq!(message(Parity::new(0)), "the number of timesteps is 0; it must be at least 1");
    assert_eq!(message(Lorenz::new(0, 1)), "the number of timesteps is 0; it must be at least 1");
    assert_eq!(message(MackeyGlass::new(1, 0)), "the steps ahead is 0; it must be at least 1");
    assert!(matches!(Lorenz::new(usize::MAX, 1), Err(Error::TooLarge { most: 65536, .. })));
    assert!(matches!(MackeyGlass::new(65536, 1), Err(Error::TooLarge { .. })));
    assert_eq!(
        message(SineMixture::new(0, 1, 0.1..=0.2)),
        "the number of timesteps is 0; it must be at least 1"
    );
    assert_eq!(message(SineMixture::new(1, 0, 0.1..=0.2)), "the number of sines is 0; it must be at least 1");
    for lowest in [-0.1, 3.2, f64::NAN] {
        let want = format!("the lowest frequency is {lowest}; it must be from 0 to π");
        assert_eq!(message(SineMixture::new(1, 1, lowest..=0.2)), want);
    }
    for highest in [0.05, 3.2, f64::NAN, f64::INFINITY] {
        let want = format!("the highest frequency is {highest}; it must be from the lowest to π");
        assert_eq!(message(SineMixture::new(1, 1, 0.1..=highest)), want);
    }
}
