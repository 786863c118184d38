//! What holds for every task.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

use std::rc::Rc;

use ndarray::{Array2, Array3, Axis};
use proptest::prelude::*;
use rnn_core::{Batch, BatchSource, Random, Real, TargetKind, Targets, Timesteps};
use rnn_data::{
    AddingProblem, CopyMemory, CumulativeAverage, DelayedRecall, FlipFlop, Lorenz, MackeyGlass, Parity,
    PortableRng, SineMixture, Task, TemporalOrder, TorchRng,
};

thread_local! {
    // They follow an orbit, which takes some milliseconds.
    static MACKEY_GLASS: Rc<MackeyGlass> = Rc::new(MackeyGlass::new(12, 3).unwrap());
    static LORENZ: Rc<Lorenz> = Rc::new(Lorenz::new(12, 1).unwrap());
}

/// Calls a function that is generic over the task with one of each.
macro_rules! each_task {
    ($check:ident, $($argument:expr),*) => {
        $check(&CumulativeAverage::new(12).unwrap(), $($argument),*);
        $check(&AddingProblem::new(12).unwrap(), $($argument),*);
        $check(&CopyMemory::new(3).unwrap(), $($argument),*);
        $check(&TemporalOrder::new(12).unwrap(), $($argument),*);
        $check(&DelayedRecall::new(12, 5).unwrap(), $($argument),*);
        $check(&DelayedRecall::new(12, 5).unwrap().masked(), $($argument),*);
        $check(&FlipFlop::new(12, 3, 0.25).unwrap(), $($argument),*);
        $check(&SineMixture::new(12, 2, 0.2..=0.7).unwrap(), $($argument),*);
        $check(&Parity::new(70).unwrap(), $($argument),*);
        $check(MACKEY_GLASS.with(|task| task.clone()).as_ref(), $($argument),*);
        $check(LORENZ.with(|task| task.clone()).as_ref(), $($argument),*);
    };
}

/// The targets as numbers, (batch, time, width); a class is one column.
fn targets<F: Real>(batch: &Batch<F>) -> Array3<F> {
    match &batch.y {
        Targets::Values(y) => y.clone(),
        Targets::Classes(classes) => classes.mapv(|class| F::of(class as f64)).insert_axis(Axis(2)),
        other => panic!("no task has {other:?}"),
    }
}

fn shapes<F: Real>(task: &impl Task, size: usize, seed: u64) {
    let batch: Batch<F> = task.sample(size, &mut PortableRng::new(seed)).unwrap();
    assert_eq!(batch.x.dim(), (size, task.time(), task.features()));
    let width = if task.target_kind() == TargetKind::Values { task.outputs() } else { 1 };
    assert_eq!(targets(&batch).dim(), (size, task.time(), width));
    assert_eq!(batch.lengths, None);
    assert_eq!(batch.mask.as_ref().map(Array2::dim), task.is_masked().then_some((size, task.time())));
    assert!(batch.x.iter().chain(&targets(&batch)).all(|v| v.is_finite()));
    if let Some(classes) = batch.y.classes() {
        assert!(classes.iter().all(|&class| class < task.outputs()));
    }
}

fn a_seed_is_a_batch<F: Real>(task: &impl Task, size: usize, seed: u64) {
    let sample = |seed| task.sample::<F>(size, &mut PortableRng::new(seed)).unwrap();
    assert_eq!(sample(seed), sample(seed));
    assert_ne!(sample(seed), sample(seed ^ 1));
    let torch = |seed| task.sample::<F>(size, &mut TorchRng::new(seed)).unwrap();
    assert_eq!(torch(seed), torch(seed));
}

/// Nothing of what was in a batch remains.
fn everything_is_overwritten<F: Real>(task: &impl Task, size: usize, seed: u64) {
    let want = task.sample::<F>(size, &mut PortableRng::new(seed)).unwrap();
    let mut batch = want.clone();
    batch.x.fill(F::nan());
    match &mut batch.y {
        Targets::Values(y) => y.fill(F::nan()),
        Targets::Classes(classes) => classes.fill(usize::MAX),
        other => panic!("no task has {other:?}"),
    }
    for negated in [false, true] {
        batch.mask.iter_mut().flatten().for_each(|counts| *counts = negated);
        task.fill(&mut PortableRng::new(seed), &mut batch);
        assert_eq!(batch, want);
    }
}

fn a_source_is_samples_in_a_row(task: &impl Task, size: usize, seed: u64) {
    let (mut rng, mut same) = (PortableRng::new(seed), PortableRng::new(seed));
    let mut source = task.batches(size, 3, &mut rng).unwrap();
    let mut batch = Batch::<f64>::empty();
    for _ in 0..3 {
        assert!(source.next_batch(&mut batch).unwrap());
        assert_eq!(batch, task.sample(size, &mut same).unwrap());
    }
    assert!(!source.next_batch(&mut batch).unwrap());
    assert_eq!(rng, same);
}

/// The addresses of x, y and the mask.
fn memory<F: Real>(batch: &Batch<F>) -> (*const F, *const u8, Option<*const bool>) {
    let y = match &batch.y {
        Targets::Values(y) => y.as_ptr().cast(),
        Targets::Classes(classes) => classes.as_ptr().cast(),
        other => panic!("no task has {other:?}"),
    };
    (batch.x.as_ptr(), y, batch.mask.as_ref().map(Array2::as_ptr))
}

fn a_warm_batch_keeps_its_memory(task: &impl Task, size: usize, seed: u64) {
    let mut rng = PortableRng::new(seed);
    let mut source = task.batches(size, usize::MAX, &mut rng).unwrap();
    let mut batch = Batch::<f32>::empty();
    assert!(source.next_batch(&mut batch).unwrap());
    let warm = memory(&batch);
    for _ in 0..3 {
        assert!(source.next_batch(&mut batch).unwrap());
        assert_eq!(memory(&batch), warm);
    }
}

/// Lengths and a mask that are not the task's, or of another shape, do not stay.
fn another_tasks_batch_will_do(task: &impl Task, size: usize, seed: u64) {
    let want = task.sample::<f64>(size, &mut PortableRng::new(seed)).unwrap();
    for shape in [(size, task.time()), (size + 1, 2)] {
        let mut batch = want.clone();
        batch.lengths = Some(vec![1; size]);
        batch.mask = Some(Array2::from_elem(shape, false));
        let mut rng = PortableRng::new(seed);
        assert!(task.batches(size, 1, &mut rng).unwrap().next_batch(&mut batch).unwrap());
        assert_eq!(batch, want);
    }
}

/// A generator whose uniform numbers are all `0`, or all as close to the upper end as the float type allows.
struct Extreme {
    high: bool,
}

impl<F: Real> Random<F> for Extreme {
    fn fill_uniform(&mut self, low: f64, high: f64, out: &mut [F]) {
        out.fill(F::of(if self.high { high } else { low }));
    }

    fn fill_normal(&mut self, out: &mut [F]) {
        out.fill(F::zero());
    }
}

/// As when a uniform number is rounded up to 1.
fn the_ends_of_uniform_numbers_are_no_danger(task: &impl Task) {
    for high in [false, true] {
        let batch: Batch<f32> = task.sample(2, &mut Extreme { high }).unwrap();
        assert!(batch.x.iter().chain(&targets(&batch)).all(|v| v.is_finite()));
    }
}

fn baselines_are_finite(task: &impl Task) {
    for over in [Timesteps::All, Timesteps::Last] {
        assert!(task.baseline(over).is_finite() && task.baseline(over) > 0.0);
    }
}

#[test]
fn the_ends_of_uniform_numbers() {
    each_task!(the_ends_of_uniform_numbers_are_no_danger,);
    each_task!(baselines_are_finite,);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn laws(size in 1..6usize, seed: u64) {
        each_task!(a_source_is_samples_in_a_row, size, seed);
        each_task!(a_warm_batch_keeps_its_memory, size, seed);
        each_task!(another_tasks_batch_will_do, size, seed);
    }

    #[test]
    fn laws_of_singles(size in 1..6usize, seed: u64) {
        fn laws(task: &impl Task, size: usize, seed: u64) {
            shapes::<f32>(task, size, seed);
            a_seed_is_a_batch::<f32>(task, size, seed);
            everything_is_overwritten::<f32>(task, size, seed);
        }
        each_task!(laws, size, seed);
    }

    #[test]
    fn laws_of_doubles(size in 1..6usize, seed: u64) {
        fn laws(task: &impl Task, size: usize, seed: u64) {
            shapes::<f64>(task, size, seed);
            a_seed_is_a_batch::<f64>(task, size, seed);
            everything_is_overwritten::<f64>(task, size, seed);
        }
        each_task!(laws, size, seed);
    }

    #[test]
    fn laws_of_half_precision(size in 1..6usize, seed: u64) {
        fn laws(task: &impl Task, size: usize, seed: u64) {
            shapes::<half::bf16>(task, size, seed);
            everything_is_overwritten::<half::bf16>(task, size, seed);
        }
        each_task!(laws, size, seed);
    }
}

#[test]
#[should_panic(expected = "a mask is there if the task has one")]
fn a_mask_that_is_missing_is_refused() {
    let task = DelayedRecall::new(3, 1).unwrap().masked();
    task.fill(&mut PortableRng::new(0), &mut Batch::<f32>::zeros(2, 3, 1, 1));
}
