//! Tasks, as a user sees them.

use ndarray::Array3;
use proptest::prelude::*;
use rnn_core::{Batch, BatchSource, Counted, Loss, Mse, Timesteps, Truth};
use rnn_data::{CumulativeAverage, Error, PortableRng, Task};

/// y_t by its definition, every sum from its start.
fn averages(x: &Array3<f64>) -> Array3<f64> {
    Array3::from_shape_fn(x.dim(), |(b, t, f)| (0..=t).map(|s| x[[b, s, f]]).sum::<f64>() / (t + 1) as f64)
}

proptest! {
    #[test]
    fn cumulative_averages_are_averages(size in 1..9usize, time in 1..40usize, seed: u64) {
        let task = CumulativeAverage::new(time).unwrap();
        let Batch { x, y, .. } = task.sample::<f64>(size, &mut PortableRng::new(seed)).unwrap();
        prop_assert_eq!(x.dim(), (size, time, 1));
        let want = averages(&x);
        let y = y.values().unwrap();
        prop_assert_eq!(y.dim(), want.dim());
        prop_assert!(y.iter().zip(&want).all(|(y, want)| (y - want).abs() < 1e-14));
    }

    #[test]
    fn a_seed_is_a_batch(size in 1..9usize, time in 1..40usize, seed: u64) {
        let task = CumulativeAverage::new(time).unwrap();
        let sample = |seed| task.sample::<f64>(size, &mut PortableRng::new(seed)).unwrap();
        prop_assert_eq!(sample(seed), sample(seed));
        prop_assert_ne!(sample(seed), sample(seed ^ 1));
    }

    #[test]
    fn singles_follow_doubles(size in 1..9usize, time in 1..40usize, seed: u64) {
        let task = CumulativeAverage::new(time).unwrap();
        let double = task.sample::<f64>(size, &mut PortableRng::new(seed)).unwrap();
        let single = task.sample::<f32>(size, &mut PortableRng::new(seed)).unwrap();
        prop_assert!(single.x.iter().zip(&double.x).all(|(s, d)| (f64::from(*s) - d).abs() < 1e-6));
        prop_assert!(single.y.values().unwrap().iter().zip(double.y.values().unwrap()).all(|(s, d)| (f64::from(*s) - d).abs() < 1e-6));
    }

    #[test]
    fn a_source_is_samples_in_a_row(size in 1..5usize, count in 0..5usize, seed: u64) {
        let task = CumulativeAverage::new(3).unwrap();
        let (mut rng, mut same) = (PortableRng::new(seed), PortableRng::new(seed));
        let mut source = task.batches(size, count, &mut rng).unwrap();
        let mut batch = Batch::<f64>::empty();
        for _ in 0..count {
            prop_assert!(source.next_batch(&mut batch).unwrap());
            prop_assert_eq!(&batch, &task.sample(size, &mut same).unwrap());
        }
        let last = batch.clone();
        prop_assert!(!source.next_batch(&mut batch).unwrap());
        prop_assert_eq!(batch, last);
        prop_assert_eq!(rng, same);
    }
}

/// The loss of predicting 0, over many sequences, is the baseline; no other constant does better.
#[test]
fn baselines_are_what_constants_cost() {
    let task = CumulativeAverage::new(10).unwrap();
    let batch = task.sample::<f64>(100_000, &mut PortableRng::new(2)).unwrap();
    let y = batch.y.values().unwrap();
    let mut d = Array3::zeros(y.dim());
    for over in [Timesteps::All, Timesteps::Last] {
        let mut cost = |constant| {
            let prediction = Array3::from_elem(y.dim(), constant);
            Mse.evaluate(prediction.view(), Truth::Values(y.view()), &Counted::new(over), d.view_mut())
        };
        assert!((cost(0.0) / task.baseline(over) - 1.0).abs() < 0.02, "{over:?}");
        assert!(cost(0.05) > cost(0.0) && cost(-0.05) > cost(0.0), "{over:?}");
    }
    assert!((task.baseline(Timesteps::All) - 0.292_896_825_396_825_4).abs() < 1e-15);
}

#[test]
fn a_warm_batch_keeps_its_memory() {
    let task = CumulativeAverage::new(7).unwrap();
    let mut rng = PortableRng::new(0);
    let mut source = task.batches(3, usize::MAX, &mut rng).unwrap();
    let mut batch = Batch::<f32>::zeros(3, 7, 1, 1);
    let memory = |batch: &Batch<f32>| (batch.x.as_ptr(), batch.y.values().unwrap().as_ptr());
    let warm = memory(&batch);
    assert!(source.next_batch(&mut batch).unwrap() && source.next_batch(&mut batch).unwrap());
    assert_eq!(memory(&batch), warm);

    batch.x.swap_axes(0, 1);
    batch.x = batch.x.to_shape((3, 7, 1)).unwrap().to_owned();
    batch.y = Array3::zeros((1, 1, 1)).into();
    assert!(source.next_batch(&mut batch).unwrap(), "any batch will do");
    assert_eq!((batch.x.dim(), batch.y.values().unwrap().dim()), ((3, 7, 1), (3, 7, 1)));
}

#[test]
fn sizes_of_zero_are_refused() {
    let mut rng = PortableRng::new(0);
    let time = CumulativeAverage::new(0).unwrap_err();
    assert_eq!(time.to_string(), "the number of timesteps is 0; it must be at least 1");
    let task = CumulativeAverage::new(1).unwrap();
    let zero = Error::ZeroSize { what: "the batch size" };
    assert_eq!(task.sample::<f32>(0, &mut rng).unwrap_err(), zero);
    assert_eq!(task.batches(0, 1, &mut rng).unwrap_err(), zero);
}

#[test]
#[should_panic(expected = "the shape of the task")]
fn a_batch_of_another_shape_is_refused() {
    let task = CumulativeAverage::new(3).unwrap();
    task.fill(&mut PortableRng::new(0), &mut Batch::<f32>::zeros(2, 3, 1, 2));
}
