//! The training loop: truncation, state from batch to batch, schedules, masks, and what a step counts.

use std::ops::ControlFlow;

use ndarray::{Array2, Array3, s};
use rand::SeedableRng;
use rnn_core::{
    Adam, Batch, Bias, Error, Gru, Loss, Model, Mse, Noise, Optimizer, Options, Parameters, Random, Run,
    Schedule, Sgd, Target, Tbptt, Training, train,
};

const TIME: usize = 7;

fn noise(shape: (usize, usize, usize), seed: u64) -> Array3<f64> {
    let mut array = Array3::zeros(shape);
    let mut rng = rand_pcg::Pcg64Dxsm::seed_from_u64(seed);
    rng.fill_normal(array.as_slice_mut().expect("contiguous"));
    array
}

fn model(options: impl Into<Options>) -> Model<f64> {
    let mut rng = rand_pcg::Pcg64Dxsm::seed_from_u64(1);
    Model::new(Gru, 2, &[4, 3], 1, options, &mut rng).expect("sizes")
}

fn batches(count: u64) -> Vec<Batch<f64>> {
    (0..count).map(|k| Batch::new(noise((3, TIME, 2), 10 + k), noise((3, TIME, 1), 20 + k))).collect()
}

/// The loss and the gradient norm of every step.
fn reports(
    model: &mut Model<f64>,
    batches: &[Batch<f64>],
    training: &Training<Mse>,
    optimizer: &mut impl Optimizer<f64>,
) -> Vec<(f64, f64)> {
    let mut left = batches.iter();
    let source = |batch: &mut Batch<f64>| left.next().map(|next| *batch = next.clone()).is_some();
    let mut steps = Vec::new();
    train(model, source, training, optimizer, |report, _| {
        assert_eq!(report.step, training.first_step + steps.len() as u64);
        steps.push((report.loss, report.gradient_norm));
        ControlFlow::Continue(())
    })
    .expect("finite");
    steps
}

/// Without learning, so that every step is of the same network.
fn still() -> Sgd<f64> {
    Sgd::new(0.0)
}

#[test]
fn windows_as_long_as_the_sequence_are_no_truncation() {
    let plain =
        reports(&mut model(Bias::Double), &batches(4), &Training::new(Mse::all()), &mut Adam::new(0.1));
    for k in [TIME, 100] {
        let training = Training { truncated: Some(Tbptt::every(k)), ..Training::new(Mse::all()) };
        assert_eq!(reports(&mut model(Bias::Double), &batches(4), &training, &mut Adam::new(0.1)), plain);
    }
}

/// Every window by hand: its states, from the run of the whole sequence; its loss, over what is new; its gradient, of a run
/// that begins where the window does.
#[test]
fn each_window_is_a_run_from_the_state_before_it() {
    let batch = &batches(1)[0];
    for (k1, k2) in [(2, 2), (2, 5), (3, 1), (1, 3), (4, 2)] {
        let truncated = Some(Tbptt { k1, k2 });
        let training = Training { truncated, ..Training::new(Mse::all()) };
        let found = reports(&mut model(Bias::Double), std::slice::from_ref(batch), &training, &mut still());
        assert_eq!(found.len(), TIME.div_ceil(k1));
        let model = model(Bias::Double);
        let (mut whole, mut ws) = (model.workspace(), model.workspace());
        model.forward(batch.x.view(), &mut whole).expect("finite");
        for (n, &(loss, norm)) in found.iter().enumerate() {
            let (new, end) = (n * k1, TIME.min((n + 1) * k1));
            let start = end.saturating_sub(k2);
            let state = whole.rnn.state_after(start);
            let mask = Array2::from_shape_fn((3, end - start), |(_, t)| start + t >= new);
            let (x, y) = (batch.x.slice(s![.., start..end, ..]), batch.y.slice(s![.., start..end, ..]));
            let target = Target::new(y).mask(mask.view());
            let run = Run::over(x).from_state(&state);
            let by_hand = model.loss_and_gradients(run, target, &Mse::all(), &mut ws).expect("finite");
            assert!((loss - by_hand).abs() < 1e-14, "k1 {k1}, k2 {k2}, window {n}: {loss} is not {by_hand}");
            assert!((norm - rnn_core::global_norm(&ws)).abs() < 1e-14, "k1 {k1}, k2 {k2}, window {n}");
        }
    }
}

#[test]
fn a_mask_of_the_batch_holds_in_every_window() {
    let mut batch = batches(1).remove(0);
    batch.mask = Some(Array2::from_shape_fn((3, TIME), |(b, t)| (b + t) % 2 == 0));
    let training = Training { truncated: Some(Tbptt { k1: 2, k2: 4 }), ..Training::new(Mse::all()) };
    let found = reports(&mut model(Bias::Double), std::slice::from_ref(&batch), &training, &mut still());
    let model = model(Bias::Double);
    let prediction = model.predict(batch.x.view()).expect("finite");
    for (n, (loss, _)) in found.into_iter().enumerate() {
        let new: Vec<(usize, usize)> = (0..3)
            .flat_map(|b| (2 * n..TIME.min(2 * n + 2)).map(move |t| (b, t)))
            .filter(|(b, t)| (b + t) % 2 == 0)
            .collect();
        let squares = new.iter().map(|&(b, t)| (prediction[[b, t, 0]] - batch.y[[b, t, 0]]).powi(2));
        assert!((loss - squares.sum::<f64>() / new.len() as f64).abs() < 1e-14);
    }
}

#[test]
fn stateful_batches_are_one_sequence() {
    let (first, second) = (&batches(2)[0], &batches(2)[1]);
    let x = ndarray::concatenate(ndarray::Axis(1), &[first.x.view(), second.x.view()]).expect("they fit");
    let prediction = model(Bias::Double).predict(x.view()).expect("finite");
    let mut unused = second.y.clone();
    let tail = prediction.slice(s![.., TIME.., ..]);
    let later = Mse::all().evaluate(tail, second.y.view(), unused.view_mut());
    for truncated in [None, Some(Tbptt::every(TIME))] {
        let training = Training { stateful: true, truncated, ..Training::new(Mse::all()) };
        let found = reports(&mut model(Bias::Double), &batches(2), &training, &mut still());
        assert_eq!(found[1].0, later);
        let apart = Training { truncated, ..Training::new(Mse::all()) };
        assert_ne!(reports(&mut model(Bias::Double), &batches(2), &apart, &mut still())[1].0, later);
    }
}

/// Six steps are three and three more, dropout, schedule and optimizer included.
#[test]
fn a_training_goes_on_where_it_stopped() {
    let options = Options { dropout: 0.4, recurrent_dropout: 0.3, ..Bias::Double.into() };
    let schedule = Some(Schedule::step_decay(0.1, 2, 0.5).expect("a schedule"));
    let training = Training { schedule, noise: 5, clip_value: Some(0.05), ..Training::new(Mse::all()) };
    let (mut whole, mut adam) = (model(options), Adam::new(0.0));
    let all = reports(&mut whole, &batches(6), &training, &mut adam);
    let (mut parts, mut adam) = (model(options), Adam::new(0.0));
    let mut halves = reports(&mut parts, &batches(6)[..3], &training, &mut adam);
    let rest = Training { first_step: 3, ..training };
    halves.extend(reports(&mut parts, &batches(6)[3..], &rest, &mut adam));
    assert_eq!(halves, all);
    assert!(whole.named().eq(parts.named()));
    assert_eq!(adam.lr(), 0.1 * 0.5 * 0.5, "the schedule's sixth step");

    let other = Training { noise: 6, ..training };
    assert_ne!(reports(&mut model(options), &batches(1), &other, &mut still())[0], all[0], "other masks");
    let first = batches(1).remove(0);
    let one = Run::over(first.x.view()).noise(Noise { seed: 5, step: 0 });
    let mut ws = model(options).workspace();
    let loss = model(options).loss(one, first.y.view(), &Mse::all(), &mut ws).expect("finite");
    assert_eq!(loss, all[0].0, "the masks are those of the seed and the step");
}

#[test]
fn what_cannot_be_trained_is_an_error() {
    let mut batch = batches(1).remove(0);
    let error = |batch: &Batch<f64>, training: &Training<Mse>| {
        let mut left = Some(batch.clone());
        let source = |to: &mut Batch<f64>| left.take().map(|next| *to = next).is_some();
        train(&mut model(Bias::Double), source, training, &mut still(), |_, _| ControlFlow::Continue(()))
            .expect_err("it cannot be trained")
    };
    let zero = Training { truncated: Some(Tbptt { k1: 0, k2: 3 }), ..Training::new(Mse::all()) };
    assert!(error(&batch, &zero).to_string().contains("k1"));
    batch.lengths = Some(vec![7, 3, 1]);
    let truncated = Training { truncated: Some(Tbptt::every(3)), ..Training::new(Mse::all()) };
    assert_eq!(error(&batch, &truncated), Error::Truncated);
    batch.lengths = Some(vec![7, 3, 0]);
    let plain = Training::new(Mse::all());
    assert_eq!(error(&batch, &plain), Error::Length { sequence: 2, length: 0, time: TIME });
    batch.lengths = None;
    batch.mask = Some(Array2::from_elem((3, TIME), false));
    assert_eq!(error(&batch, &plain), Error::NothingCounted { batch: 3, time: TIME });
    batch.mask = Some(Array2::from_elem((3, 2), true));
    assert!(error(&batch, &plain).to_string().contains("mask"));
}
