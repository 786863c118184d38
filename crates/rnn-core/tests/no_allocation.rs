//! A warm pass allocates nothing. A test binary of its own, because counting replaces the global allocator.

use std::ops::ControlFlow;

use allocation_counter::measure;
use ndarray::{Array2, Array3};
use rand::SeedableRng;
use rnn_core::{
    Adam, AdamW, AnyCell, Batch, Bias, BinaryCrossEntropy, Cell, Counted, CrossEntropy, Elman, Gru,
    GruResetBefore, Huber, L1, LayerNorm, Loss, Lstm, MinimalGated, Model, Mse, Optimizer, PeepholeLstm,
    ProjectedLstm, Random, Real, RmsProp, Run, Sgd, Training, train, train_step,
};

/// Batch and time of the runs: the longest first, so that the buffers have grown, then shorter in either way.
const SIZES: [(usize, usize); 4] = [(5, 9), (5, 9), (3, 9), (2, 4)];

fn noise<F: Real>(shape: (usize, usize, usize), seed: u64) -> Array3<F> {
    let mut rng = rand_pcg::Pcg64Dxsm::seed_from_u64(seed);
    let mut array = Array3::zeros(shape);
    rng.fill_normal(array.as_slice_mut().expect("contiguous"));
    array
}

fn model<F: Real, C: Cell<F>>(cell: C, hidden: &[usize]) -> Model<F> {
    let mut rng = rand_pcg::Pcg64Dxsm::seed_from_u64(7);
    Model::new(cell, 2, hidden, 3, Bias::Double, &mut rng).expect("no size is 0")
}

fn steps<F: Real, C: Cell<F>>(
    cell: &C,
    hidden: &[usize],
    clip: Option<f64>,
    mut optimizer: impl Optimizer<F>,
) {
    let mut model = model(cell.clone(), hidden);
    let mut ws = model.workspace();
    let training = Training { clip, ..Training::new(Mse::all()) };
    for (run, (batch, time)) in SIZES.into_iter().enumerate() {
        let (x, y) = (noise((batch, time, 2), 1), noise((batch, time, 3), 2));
        let counted = measure(|| {
            train_step(&mut model, x.view(), y.view(), &training, &mut optimizer, &mut ws).expect("finite");
        });
        if run > 0 {
            assert_eq!(counted.count_total, 0, "step {run}, {batch} x {time}, {hidden:?}");
        }
    }
}

fn passes<F: Real, C: Cell<F>>(cell: &C, hidden: &[usize]) {
    let rnn = model::<F, C>(cell.clone(), hidden).rnn;
    let mut ws = rnn.workspace();
    for (run, (batch, time)) in SIZES.into_iter().enumerate() {
        let (x, d) = (noise((batch, time, 2), 1), noise((batch, time, rnn.output()), 2));
        let (initial, d_final) = (rnn.zero_state(batch), rnn.zero_state(batch));
        let counted = measure(|| {
            rnn.forward(Run::over(x.view()).from_state(&initial), &mut ws).expect("finite");
            rnn.backward(d.view(), Some(&d_final), &mut ws).expect("finite");
        });
        if run > 0 {
            assert_eq!(counted.count_total, 0, "pass {run}, {batch} x {time}, {hidden:?}");
        }
    }
}

/// A step of a stream, one sequence or several: none at all, not even the first.
fn streams<F: Real, C: Cell<F>>(cell: &C, hidden: &[usize]) {
    let stream = model::<F, C>(cell.clone(), hidden).stream().expect("finite");
    for batch in [1, 2, 7] {
        let (mut state, x) = (stream.state(batch), vec![F::one(); batch * 2]);
        let counted = measure(|| {
            stream.step(&x, &mut state).expect("finite");
        });
        assert_eq!(counted.count_total, 0, "{batch} sequences, {hidden:?}");
    }
}

fn everything<F: Real, C: Cell<F>>(cell: C) {
    // 17 units: a whole block of sixteen and a rest.
    for hidden in [&[17][..], &[17, 5]] {
        for clip in [None, Some(1e-3)] {
            let mut sgd = Sgd::new(0.01);
            sgd.momentum = 0.9;
            steps::<F, C>(&cell, hidden, clip, sgd);
            steps::<F, C>(&cell, hidden, clip, Adam::new(0.01));
            steps::<F, C>(&cell, hidden, clip, AdamW::new(0.01));
            let mut rms_prop = RmsProp::new(0.01);
            (rms_prop.centered, rms_prop.momentum) = (true, 0.9);
            steps::<F, C>(&cell, hidden, clip, rms_prop);
        }
        passes::<F, C>(&cell, hidden);
        streams::<F, C>(&cell, hidden);
    }
}

#[test]
fn elman() {
    everything::<f32, _>(Elman::tanh());
    everything::<f64, _>(Elman::tanh());
}

#[test]
fn lstm() {
    everything::<f32, _>(Lstm);
    everything::<f64, _>(Lstm);
}

#[test]
fn gru() {
    everything::<f32, _>(Gru);
    everything::<f64, _>(Gru);
}

#[test]
fn layer_norm() {
    everything::<f32, _>(AnyCell::from(LayerNorm::new(Lstm)));
    everything::<f64, _>(AnyCell::from(LayerNorm::new(Gru)));
}

/// Those with products and parameters of their own.
#[test]
fn other_cells() {
    everything::<f32, _>(AnyCell::from(ProjectedLstm { size: 4 }));
    everything::<f64, _>(AnyCell::from(PeepholeLstm));
    everything::<f32, _>(AnyCell::from(GruResetBefore));
    everything::<f64, _>(AnyCell::from(MinimalGated));
}

/// Arrays that are not contiguous are copied into the workspace's memory, not into memory of their own.
#[test]
fn transposed_input() {
    let model = model::<f64, _>(Elman::tanh(), &[4]);
    let mut ws = model.workspace();
    let (x, y) = (noise((9, 5, 2), 1), noise((9, 5, 3), 2));
    let (x, y) = (x.permuted_axes([1, 0, 2]), y.permuted_axes([1, 0, 2]));
    let mut pass = || {
        model.loss_and_gradients(x.view(), y.view(), &Mse::last(), &mut ws).expect("finite");
    };
    pass();
    assert_eq!(measure(pass).count_total, 0);
}

/// Losses, with lengths and a mask and without: none at all, not even the first.
#[test]
fn losses() {
    let losses: [&dyn Loss<f64>; 5] =
        [&Mse::all(), &L1::last(), &Huber::all(1.0), &CrossEntropy::last(), &BinaryCrossEntropy::all()];
    let (lengths, mask) = ([4, 1, 2], Array2::from_shape_fn((3, 4), |(b, t)| b != t));
    let some = Counted { lengths: Some(&lengths), mask: Some(mask.view()) };
    for (loss, outputs) in losses.into_iter().flat_map(|loss| [(loss, 1), (loss, 5)]) {
        let (prediction, mut d) = (noise((3, 4, outputs), 1), Array3::zeros((3, 4, outputs)));
        let target = Array3::zeros((3, 4, loss.target_width(outputs)));
        for counted in [Counted::everything(), some] {
            let counted = measure(|| {
                loss.check_target(target.view(), outputs, &counted).expect("possible");
                loss.evaluate_counted(prediction.view(), target.view(), &counted, d.view_mut());
            });
            assert_eq!(counted.count_total, 0, "{outputs} outputs");
        }
    }
}

/// A hundred steps allocate as often as ten: `train` itself adds nothing to a step.
#[test]
fn the_training_loop() {
    let count = |steps: usize| {
        let mut model = model::<f32, _>(Gru, &[8]);
        let mut adam = Adam::new(0.01);
        let training = Training { clip: Some(1.0), ..Training::new(Mse::all()) };
        let mut rng = rand_pcg::Pcg64Dxsm::seed_from_u64(3);
        let mut left = steps;
        let source = |batch: &mut Batch<f32>| {
            if batch.x.is_empty() {
                *batch = Batch::zeros(4, 6, 2, 3);
            }
            rng.fill_normal(batch.x.as_slice_mut().expect("contiguous"));
            rng.fill_normal(batch.y.as_slice_mut().expect("contiguous"));
            left = left.wrapping_sub(1);
            left != usize::MAX
        };
        measure(|| {
            let taken = train(&mut model, source, &training, &mut adam, |_, _| ControlFlow::Continue(()));
            assert_eq!(taken.expect("finite"), steps as u64);
        })
        .count_total
    };
    assert_eq!(count(10), count(100));
}
