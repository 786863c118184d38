//! A warm pass allocates nothing. A test binary of its own, because counting replaces the global allocator.

use std::ops::ControlFlow;

use allocation_counter::measure;
use ndarray::{Array2, Array3};
use rand::SeedableRng;
use rnn_core::{
    Adam, AdamW, Batch, Bias, BinaryCrossEntropy, Cell, Counted, CrossEntropy, Elman, Gru, Huber, L1, Loss,
    Model, Mse, Optimizer, Options, Random, Readout, Real, RmsProp, Run, Sgd, Target, TargetKind, Trainer,
    Training, Truth, train,
};

/// Batch and time of the runs: the longest first, so that the buffers have grown, then shorter in either way.
const SIZES: [(usize, usize); 4] = [(5, 9), (5, 9), (3, 9), (2, 4)];

fn noise<F: Real>(shape: (usize, usize, usize), seed: u64) -> Array3<F> {
    let mut rng = rand_pcg::Pcg64Dxsm::seed_from_u64(seed);
    let mut array = Array3::zeros(shape);
    rng.fill_normal(array.as_slice_mut().expect("contiguous"));
    array
}

fn model<F: Real>(cell: impl Into<Cell<F>>, hidden: &[usize], options: impl Into<Options>) -> Model<F> {
    let mut rng = rand_pcg::Pcg64Dxsm::seed_from_u64(7);
    Model::new(cell, 2, hidden, 3, options, &mut rng).expect("no size is 0")
}

fn steps<F: Real>(
    cell: &Cell<F>,
    options: Options,
    hidden: &[usize],
    clip: Option<f64>,
    mut optimizer: impl Optimizer<F>,
) {
    let mut model = model(cell.clone(), hidden, options);
    let training = clip.map_or(Training::new(Mse), |clip| Training::new(Mse).clip(clip));
    let mut trainer = Trainer::new(&model, training);
    for (run, (batch, time)) in SIZES.into_iter().enumerate() {
        let (x, y) = (noise((batch, time, 2), 1), noise((batch, time, 3), 2));
        let counted = measure(|| {
            trainer.step(&mut model, x.view(), y.view(), &mut optimizer).expect("finite");
        });
        if run > 0 {
            assert_eq!(counted.count_total, 0, "step {run}, {batch} x {time}, {hidden:?}");
        }
    }
}

fn passes<F: Real>(cell: &Cell<F>, options: Options, hidden: &[usize]) {
    let rnn = model::<F>(cell.clone(), hidden, options).rnn;
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
fn streams<F: Real>(cell: &Cell<F>, options: Options, hidden: &[usize]) {
    let stream = model::<F>(cell.clone(), hidden, options).stream().expect("finite");
    for batch in [1, 2, 7] {
        let (mut state, x) = (stream.state(batch), vec![F::one(); batch * 2]);
        let counted = measure(|| {
            stream.step(&x, &mut state).expect("finite");
        });
        assert_eq!(counted.count_total, 0, "{batch} sequences, {hidden:?}");
    }
}

fn everything<F: Real>(cell: &Cell<F>, options: Options) {
    // 17 units: a whole block of sixteen and a rest.
    for hidden in [&[17][..], &[17, 5]] {
        for clip in [None, Some(1e-3)] {
            let mut sgd = Sgd::new(0.01);
            sgd.momentum = 0.9;
            steps::<F>(cell, options, hidden, clip, sgd);
            steps::<F>(cell, options, hidden, clip, Adam::new(0.01));
            steps::<F>(cell, options, hidden, clip, AdamW::new(0.01));
            let mut rms_prop = RmsProp::new(0.01);
            (rms_prop.centered, rms_prop.momentum) = (true, 0.9);
            steps::<F>(cell, options, hidden, clip, rms_prop);
        }
        passes::<F>(cell, options, hidden);
        streams::<F>(cell, options, hidden);
    }
}

/// In both floats.
fn both(name: &str, change: impl Fn(Options) -> Options) {
    let options = change(Bias::Double.into());
    everything::<f32>(&name.parse().expect("a name"), options);
    everything::<f64>(&name.parse().expect("a name"), options);
}

#[test]
fn every_cell() {
    for cell in Cell::<f32>::all() {
        both(&cell.to_string(), |options| options);
    }
}

#[test]
fn layer_norm() {
    both("lstm", |options| options.layer_norm(1e-5));
    both("gru", |options| options.layer_norm(1e-5));
}

#[test]
fn projection() {
    both("lstm", |options| options.projection(4));
    both("gru", |options| options.projection(4));
}

/// Arrays that are not contiguous are copied into the workspace's memory, not into memory of their own.
#[test]
fn transposed_input() {
    let model = model::<f64>(Elman::tanh(), &[4], Bias::Double);
    let mut ws = model.workspace();
    let (x, y) = (noise((9, 5, 2), 1), noise((9, 5, 3), 2));
    let (x, y) = (x.permuted_axes([1, 0, 2]), y.permuted_axes([1, 0, 2]));
    let mut pass = || {
        model.loss_and_gradients(x.view(), Target::values(y.view()).last(), &Mse, &mut ws).expect("finite");
    };
    pass();
    assert_eq!(measure(pass).count_total, 0);
}

/// Step Jacobians after the first: none, but where h is read from c again, which is in memory of its own.
#[test]
fn step_jacobians() {
    for cell in Cell::<f64>::all() {
        let rnn = model::<f64>(cell.clone(), &[17], Bias::Double).rnn;
        let mut ws = rnn.workspace();
        rnn.forward(noise((2, 4, 2), 1).view(), &mut ws).expect("finite");
        let mut jacobians = rnn.step_jacobians(&ws, 0, 1).expect("there is one");
        jacobians.at(1).expect("finite");
        let counted = measure(|| {
            jacobians.at(3).expect("finite");
        });
        assert!(counted.count_total == 0 || cell.to_string().starts_with("leaky"), "{cell}: {counted:?}");
    }
}

/// A training step on classes, one for each sequence, that reads the final states: none once it is warm.
#[test]
fn classes_of_sequences() {
    let mut rng = rand_pcg::Pcg64Dxsm::seed_from_u64(7);
    let options = Options::default().bidirectional(true);
    let model = Model::<f32>::new(Gru, 2, &[5], 3, options, &mut rng).expect("no size is 0");
    let mut model = model.with_readout(Readout::FinalStates);
    let mut trainer = Trainer::new(&model, Training::new(CrossEntropy));
    let (mut adam, x) = (Adam::new(0.01), noise((4, 6, 2), 1));
    for step in 0..3 {
        let run = Run::over(x.view()).lengths(&[6, 5, 3, 1]);
        let counted = measure(|| {
            trainer.step(&mut model, run, &[0, 2, 1, 1][..], &mut adam).expect("finite");
        });
        assert!(step == 0 || counted.count_total == 0, "step {step}: {counted:?}");
    }
}

/// Losses, with lengths and a mask and without: none at all, not even the first.
#[test]
fn losses() {
    let losses: [&dyn Loss<f64>; 5] = [&Mse, &L1, &Huber::new(1.0), &CrossEntropy, &BinaryCrossEntropy];
    let (lengths, mask) = ([4, 1, 2], Array2::from_shape_fn((3, 4), |(b, t)| b != t));
    for (loss, outputs) in losses.into_iter().flat_map(|loss| [(loss, 1), (loss, 5)]) {
        let (prediction, mut d) = (noise((3, 4, outputs), 1), Array3::zeros((3, 4, outputs)));
        let (values, classes) = (Array3::zeros((3, 4, outputs)), Array2::zeros((3, 4)));
        let truth = match loss.target_kind() {
            TargetKind::Values => Truth::Values(values.view()),
            TargetKind::Classes => Truth::Classes(classes.view()),
        };
        for all in [Counted::all(), Counted::last(), Counted::all().lengths(&lengths).mask(mask.view())] {
            let counted = measure(|| {
                loss.check_target(truth, outputs, &all).expect("possible");
                loss.evaluate(prediction.view(), truth, &all, d.view_mut());
            });
            assert_eq!(counted.count_total, 0, "{outputs} outputs");
        }
    }
}

/// A hundred steps allocate as often as ten: `train` itself adds nothing to a step.
#[test]
fn the_training_loop() {
    let count = |steps: usize| {
        let mut model = model::<f32>(Gru, &[8], Bias::Double);
        let mut adam = Adam::new(0.01);
        let training = Training::new(Mse).clip(1.0);
        let mut rng = rand_pcg::Pcg64Dxsm::seed_from_u64(3);
        let mut left = steps;
        let source = |batch: &mut Batch<f32>| {
            if batch.x.is_empty() {
                *batch = Batch::zeros(4, 6, 2, 3);
            }
            rng.fill_normal(batch.x.as_slice_mut().expect("contiguous"));
            let y = batch.y.values_mut().expect("values");
            rng.fill_normal(y.as_slice_mut().expect("contiguous"));
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
