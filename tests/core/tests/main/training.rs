//! The training loop: truncation, state from batch to batch, schedules, masks, and what a step counts.

use std::ops::ControlFlow;

use ndarray::{Array2, Array3, Axis, s};
use rand::SeedableRng;
use rnn_core::{
    Adam, Batch, BatchIter, Bias, Counted, CrossEntropy, Dataset, EarlyStopping, Error, Gru, Loss, Model,
    Mse, Noise, Optimizer, Options, Parameters, Random, Readout, Run, Schedule, Sgd, StepReport, Target,
    Tbptt, Timesteps, Trainer, Training, Truth, Validation, train,
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
    go_on(&mut Trainer::new(model, *training), model, batches, optimizer)
}

fn go_on(
    trainer: &mut Trainer<f64, Mse>,
    model: &mut Model<f64>,
    batches: &[Batch<f64>],
    optimizer: &mut impl Optimizer<f64>,
) -> Vec<(f64, f64)> {
    let (first, mut steps) = (trainer.steps(), Vec::new());
    let taken = trainer.train(model, BatchIter(batches.iter().cloned()), optimizer, |report, _| {
        assert_eq!(report.step, first + steps.len() as u64);
        steps.push((report.loss, report.gradient_norm));
        ControlFlow::Continue(())
    });
    assert_eq!(taken.expect("finite"), steps.len() as u64);
    steps
}

fn values(batch: &Batch<f64>) -> &Array3<f64> {
    batch.y.values().expect("values")
}

/// Without learning, so that every step is of the same network.
fn still() -> Sgd<f64> {
    Sgd::new(0.0)
}

#[test]
fn windows_as_long_as_the_sequence_are_no_truncation() {
    let plain = reports(&mut model(Bias::Double), &batches(4), &Training::new(Mse), &mut Adam::new(0.1));
    for k in [TIME, 100] {
        let training = Training::new(Mse).truncated(Tbptt::every(k));
        assert_eq!(reports(&mut model(Bias::Double), &batches(4), &training, &mut Adam::new(0.1)), plain);
    }
}

/// Every window by hand: its states, from the run of the whole sequence; its loss, over what is new; its gradient, of a run
/// that begins where the window does.
#[test]
fn each_window_is_a_run_from_the_state_before_it() {
    let batch = &batches(1)[0];
    for (k1, k2) in [(2, 2), (2, 5), (3, 1), (1, 3), (4, 2)] {
        let training = Training::new(Mse).truncated(Tbptt { k1, k2 });
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
            let (x, y) = (batch.x.slice(s![.., start..end, ..]), values(batch).slice(s![.., start..end, ..]));
            let target = Target::values(y).mask(mask.view());
            let run = Run::over(x).from_state(&state);
            let by_hand = model.loss_and_gradients(run, target, &Mse, &mut ws).expect("finite");
            assert!((loss - by_hand).abs() < 1e-14, "k1 {k1}, k2 {k2}, window {n}: {loss} is not {by_hand}");
            assert!((norm - rnn_core::global_norm(&ws)).abs() < 1e-14, "k1 {k1}, k2 {k2}, window {n}");
        }
    }
}

#[test]
fn a_mask_of_the_batch_holds_in_every_window() {
    let batch = batches(1).remove(0).with_mask(Array2::from_shape_fn((3, TIME), |(b, t)| (b + t) % 2 == 0));
    let training = Training::new(Mse).truncated(Tbptt { k1: 2, k2: 4 });
    let found = reports(&mut model(Bias::Double), std::slice::from_ref(&batch), &training, &mut still());
    let model = model(Bias::Double);
    let prediction = model.predict(batch.x.view()).expect("finite");
    for (n, (loss, _)) in found.into_iter().enumerate() {
        let new: Vec<(usize, usize)> = (0..3)
            .flat_map(|b| (2 * n..TIME.min(2 * n + 2)).map(move |t| (b, t)))
            .filter(|(b, t)| (b + t) % 2 == 0)
            .collect();
        let squares = new.iter().map(|&(b, t)| (prediction[[b, t, 0]] - values(&batch)[[b, t, 0]]).powi(2));
        assert!((loss - squares.sum::<f64>() / new.len() as f64).abs() < 1e-14);
    }
}

#[test]
fn stateful_batches_are_one_sequence() {
    let (first, second) = (&batches(2)[0], &batches(2)[1]);
    let x = ndarray::concatenate(Axis(1), &[first.x.view(), second.x.view()]).expect("they fit");
    let prediction = model(Bias::Double).predict(x.view()).expect("finite");
    let mut unused = Array3::zeros((3, TIME, 1));
    let (tail, y) = (prediction.slice(s![.., TIME.., ..]), Truth::Values(values(second).view()));
    let later = Mse.evaluate(tail, y, &Counted::all(), unused.view_mut());
    for training in [Training::new(Mse), Training::new(Mse).truncated(Tbptt::every(TIME))] {
        let found = reports(&mut model(Bias::Double), &batches(2), &training.stateful(true), &mut still());
        assert_eq!(found[1].0, later);
        assert_ne!(reports(&mut model(Bias::Double), &batches(2), &training, &mut still())[1].0, later);
    }
}

/// The backward direction comes from the end of what it reads, not from the batch or window before: what it has seen there
/// is the past.
#[test]
fn a_backward_direction_is_not_carried_on() {
    let options = Options::default().bidirectional(true);
    let mut only_backward = model(options);
    let mut head = only_backward.parameter("head.weight").expect("a head").to_owned();
    head.slice_mut(s![.., ..3]).fill(0.0);
    only_backward.set_parameter("head.weight", head.view()).expect("finite");
    // The lowest level mixes both directions: only its backward one may reach the upper one.
    for name in ["weight_ih_l1", "weight_ih_l1_reverse"] {
        let mut weight = only_backward.parameter(name).expect("two levels").to_owned();
        weight.slice_mut(s![.., ..4]).fill(0.0);
        only_backward.set_parameter(name, weight.view()).expect("finite");
    }
    let batch = batches(1).remove(0);
    let tail = Batch::new(
        batch.x.slice(s![.., 4.., ..]).to_owned(),
        values(&batch).slice(s![.., 4.., ..]).to_owned(),
    );
    let mut ws = only_backward.workspace();
    let whole = only_backward.loss(tail.run(), tail.target(), &Mse, &mut ws).expect("finite");
    let training = Training::new(Mse).truncated(Tbptt::every(4));
    let windows = reports(&mut only_backward.clone(), std::slice::from_ref(&batch), &training, &mut still());
    assert_eq!(windows[1].0, whole, "the last window is what `predict` computes");
    let stateful = Training::new(Mse).stateful(true);
    let found = reports(&mut only_backward, &[batch, tail], &stateful, &mut still());
    assert_eq!(found[1].0, whole);
}

/// Six steps are three and three more, dropout, schedule and optimizer included.
#[test]
fn a_training_goes_on_where_it_stopped() {
    let options = Options::default().dropout(0.4).recurrent_dropout(0.3);
    let schedule = Schedule::step_decay(0.1, 2, 0.5).expect("a schedule");
    let training = Training::new(Mse).schedule(schedule).noise(5).clip_value(0.05).stateful(true);
    let (mut whole, mut adam) = (model(options), Adam::new(0.0));
    let all = reports(&mut whole, &batches(6), &training, &mut adam);
    let (mut parts, mut adam) = (model(options), Adam::new(0.0));
    let mut trainer = Trainer::new(&parts, training);
    let mut halves = go_on(&mut trainer, &mut parts, &batches(6)[..3], &mut adam);
    let (steps, state, snapshot) = (trainer.steps(), trainer.state().cloned(), adam.snapshot());
    let mut adam = Adam::new(0.7);
    adam.restore(snapshot).expect("its own");
    let mut resumed = Trainer::new(&parts, training).resume(steps, state);
    halves.extend(go_on(&mut resumed, &mut parts, &batches(6)[3..], &mut adam));
    assert_eq!(halves, all);
    assert!(whole.named().eq(parts.named()));
    assert_eq!(Optimizer::<f64>::lr(&adam), 0.1 * 0.5 * 0.5, "the schedule's sixth step");

    let other = training.noise(6);
    assert_ne!(reports(&mut model(options), &batches(1), &other, &mut still())[0], all[0], "other masks");
    let first = batches(1).remove(0);
    let one = Run::over(first.x.view()).noise(Noise { seed: 5, step: 0 });
    let mut ws = model(options).workspace();
    let loss = model(options).loss(one, first.target(), &Mse, &mut ws).expect("finite");
    assert_eq!(loss, all[0].0, "the masks are those of the seed and the step");
}

/// A loop of one's own gets the same as `train`: noise, schedule, state.
#[test]
fn steps_of_a_trainer_are_those_of_train() {
    let options = Options::default().dropout(0.4);
    let schedule = Schedule::step_decay(0.1, 2, 0.5).expect("a schedule");
    let training = Training::new(Mse).schedule(schedule).noise(3).stateful(true).clip(0.5);
    let want = reports(&mut model(options), &batches(4), &training, &mut Adam::new(0.0));
    let (mut model, mut adam) = (model(options), Adam::new(0.0));
    let mut trainer = Trainer::new(&model, training);
    let mut found = Vec::new();
    for batch in batches(4) {
        let report = trainer.step(&mut model, batch.run(), batch.target(), &mut adam).expect("finite");
        found.push((report.loss, report.gradient_norm));
    }
    assert_eq!(found, want);
}

/// A window in which nothing counts is run, and is no step and no error.
#[test]
fn windows_without_a_counted_timestep_contribute_nothing() {
    let training = Training::new(Mse).truncated(Tbptt::every(2));
    let batch = batches(1).remove(0);
    let late = Array2::from_shape_fn((3, TIME), |(_, t)| t >= 4);
    let masked = reports(&mut model(Bias::Double), &[batch.clone().with_mask(late)], &training, &mut still());
    let all = reports(&mut model(Bias::Double), std::slice::from_ref(&batch), &training, &mut still());
    assert_eq!(masked, all[2..]);
    let last = reports(&mut model(Bias::Double), &[batch.counting(Timesteps::Last)], &training, &mut still());
    assert_eq!(last, all[3..], "the last window is the last timestep");
}

#[test]
fn what_cannot_be_trained_is_an_error() {
    let batch = batches(1).remove(0);
    let error = |batch: &Batch<f64>, training: &Training<Mse>| {
        let source = BatchIter(std::iter::once(batch.clone()));
        train(&mut model(Bias::Double), source, training, &mut still(), |_, _| ControlFlow::Continue(()))
            .expect_err("it cannot be trained")
    };
    let (plain, truncated) = (Training::new(Mse), Training::new(Mse).truncated(Tbptt::every(3)));
    assert!(error(&batch, &plain.truncated(Tbptt { k1: 0, k2: 3 })).to_string().contains("k1"));
    assert_eq!(error(&batch.clone().with_lengths(vec![7, 3, 1]), &truncated), Error::Truncated);
    let bad = batch.clone().with_lengths(vec![7, 3, 0]);
    assert_eq!(error(&bad, &plain), Error::Length { sequence: 2, length: 0, time: TIME });
    let nothing = batch.clone().with_mask(Array2::from_elem((3, TIME), false));
    for training in [plain, truncated] {
        assert_eq!(error(&nothing, &training), Error::NothingCounted { batch: 3, time: TIME });
    }
    let narrow = batch.clone().with_mask(Array2::from_elem((3, 2), true));
    assert!(error(&narrow, &plain).to_string().contains("mask"));

    // A smaller batch cannot continue a larger one.
    let small = Batch::new(noise((2, TIME, 2), 1), noise((2, TIME, 1), 2));
    let mut first = Some(batch.clone());
    let source = |to: &mut Batch<f64>| {
        *to = first.take().unwrap_or(small.clone());
        true
    };
    let stateful = plain.stateful(true);
    let go_on = |_: StepReport<f64>, _: &Model<f64>| ControlFlow::Continue(());
    let error = train(&mut model(Bias::Double), source, &stateful, &mut still(), go_on).expect_err("smaller");
    assert_eq!(error, Error::Continued { carried: 3, found: 2 });

    let mut model = model(Bias::Double);
    let error = Trainer::new(&model, truncated).step(&mut model, batch.run(), batch.target(), &mut still());
    assert_eq!(error, Err(Error::SeveralSteps { time: TIME, most: 3 }));
    let mut one = Model::<f64>::zeros(Gru, 2, &[3], 1, Options::default().dropout(0.5)).expect("sizes");
    let error = Trainer::new(&one, plain).step(&mut one, batch.run(), batch.target(), &mut still());
    assert!(error.expect_err("nothing to drop").to_string().contains("recurrent_dropout"));
}

/// Errors of the caller's own type come out of a training as they went in.
#[test]
fn sources_and_callbacks_can_fail() {
    #[derive(Debug, PartialEq)]
    enum Own {
        Source,
        Callback(u64),
        Core(Error),
    }
    impl From<Error> for Own {
        fn from(error: Error) -> Self {
            Self::Core(error)
        }
    }
    let good = batches(1).remove(0);
    let run = |items: Vec<Result<Batch<f64>, Own>>, stop: u64| -> Result<u64, Own> {
        train(
            &mut model(Bias::Double),
            BatchIter(items.into_iter()),
            &Training::new(Mse),
            &mut still(),
            |report, _| {
                if report.step == stop { Err(Own::Callback(stop)) } else { Ok(ControlFlow::Continue(())) }
            },
        )
    };
    assert_eq!(run(vec![Ok(good.clone()), Ok(good.clone())], 9), Ok(2));
    assert_eq!(run(vec![Ok(good.clone()), Err(Own::Source)], 9), Err(Own::Source));
    assert_eq!(run(vec![Ok(good.clone()), Ok(good.clone())], 1), Err(Own::Callback(1)));
    let empty = good.clone().with_lengths(vec![0, 1, 1]);
    assert!(matches!(run(vec![Ok(empty)], 9), Err(Own::Core(Error::Length { .. }))));
}

/// The final states of both directions are PyTorch's h_n; gradients through them are those of differences.
#[test]
fn the_final_states_of_both_directions_are_read() {
    for (bidirectional, lengths) in
        [(false, None), (true, None), (false, Some([7, 2, 1])), (true, Some([3, 7, 1]))]
    {
        let options = Options::default().bidirectional(bidirectional);
        let mut model = model(options).with_readout(Readout::FinalStates);
        let (x, y) = (noise((3, TIME, 2), 1), noise((3, 1, 1), 2).index_axis_move(Axis(1), 0));
        let run =
            || lengths.as_ref().map_or(Run::over(x.view()), |lengths| Run::over(x.view()).lengths(lengths));
        let mut ws = model.workspace();
        model.forward(run(), &mut ws).expect("finite");
        let state = ws.rnn.final_state();
        let directions = if bidirectional { 2 } else { 1 };
        let ends: Vec<_> = state.layers[directions..].iter().map(|layer| layer.h.view()).collect();
        let ends = ndarray::concatenate(Axis(1), &ends).expect("as many sequences");
        let weight = model.parameter("head.weight").expect("a head").to_owned();
        let weight = weight.into_dimensionality::<ndarray::Ix2>().expect("a matrix");
        let want = ends.dot(&weight.t()) + model.parameter("head.bias").expect("a bias")[[0]];
        assert_eq!(ws.prediction().dim(), (3, 1, 1));
        let difference = &ws.prediction().index_axis(Axis(1), 0) - &want;
        assert!(difference.iter().all(|d| d.abs() < 1e-14));

        let target = Target::sequence_values(y.view());
        let loss = model.loss_and_gradients(run(), target, &Mse, &mut ws).expect("finite");
        let claimed = ws.clone();
        let names: Vec<String> = model.named().map(|(name, _)| name.to_owned()).collect();
        for name in &names {
            let before = model.parameter(name).expect("its own").to_owned();
            for at in 0..before.len() {
                let mut shifted = |by: f64| {
                    let mut value = before.clone();
                    value.as_slice_mut().expect("contiguous")[at] += by;
                    model.set_parameter(name, value.view()).expect("finite");
                    model.loss(run(), target, &Mse, &mut ws).expect("finite")
                };
                let found = (shifted(1e-5) - shifted(-1e-5)) / 2e-5;
                let claimed = claimed.parameter(name).expect("a gradient");
                let claimed = claimed.as_slice().expect("contiguous")[at];
                assert!((claimed - found).abs() < 1e-8, "{name}[{at}]: claimed {claimed:e}, found {found:e}");
            }
            model.set_parameter(name, before.view()).expect("finite");
        }
        for ((b, t, i), &claimed) in claimed.rnn.d_input().indexed_iter() {
            let mut other = x.clone();
            let mut shifted = |by: f64| {
                other[[b, t, i]] = x[[b, t, i]] + by;
                let run = Run::over(other.view());
                let run = lengths.as_ref().map_or(run, |lengths| run.lengths(lengths));
                model.loss(run, target, &Mse, &mut ws).expect("finite")
            };
            let found = (shifted(1e-5) - shifted(-1e-5)) / 2e-5;
            assert!((claimed - found).abs() < 1e-8, "x[{b}, {t}, {i}]: claimed {claimed:e}, found {found:e}");
        }
        assert!(loss > 0.0);
        if lengths.is_none() {
            let (_, xray) = model.xray(run(), target, &Mse, &mut ws).expect("no zoneout");
            let first = xray.reach[1].row(0).sum();
            assert_eq!(first > 0.0, bidirectional, "the backward direction ends at the first timestep");
        }
        if !bidirectional {
            let every = model.clone().with_readout(Readout::EveryTimestep);
            let same = every.loss(run(), target, &Mse, &mut ws).expect("finite");
            assert!((same - loss).abs() < 1e-15, "one direction: the last timestep");
        }
    }
    let whole = Training::new(Mse).truncated(Tbptt::every(3));
    let mut both = model(Options::default().bidirectional(true)).with_readout(Readout::FinalStates);
    let batch = BatchIter(std::iter::once(Batch::new(noise((3, TIME, 2), 1), noise((3, 1, 1), 2))));
    let error = train(&mut both, batch, &whole, &mut still(), |_, _| ControlFlow::Continue(()));
    assert_eq!(error, Err(Error::TruncatedReadout));
}

fn labelled(n: usize) -> Dataset<f64> {
    let sequences = (0..n).map(|k| Array2::from_elem((1 + k % 5, 2), k as f64 / n as f64)).collect();
    Dataset::new(sequences, (0..n).map(|k| k % 3).collect::<Vec<_>>()).expect("they fit")
}

/// Every sequence once an epoch, another order each, the same for a seed, and from any step on.
#[test]
fn mini_batches_are_epochs_of_a_data_set() {
    let data = labelled(11);
    let batches: Vec<_> = data.batches(4).expect("a size").shuffled(7).epochs(3).collect();
    assert_eq!(batches.len(), 9);
    let epoch = |k: usize| -> Vec<(u64, usize)> {
        batches[3 * k..3 * k + 3]
            .iter()
            .flat_map(|batch| {
                let lengths = batch.lengths.clone().unwrap_or(vec![batch.x.dim().1; batch.x.dim().0]);
                assert!(lengths.is_sorted_by(|a, b| a >= b) && lengths[0] == batch.x.dim().1);
                (0..lengths.len()).map(|b| (batch.x[[b, 0, 0]].to_bits(), lengths[b])).collect::<Vec<_>>()
            })
            .collect()
    };
    let sorted = |mut epoch: Vec<_>| {
        epoch.sort_unstable();
        epoch
    };
    let own: Vec<_> = (0..11).map(|k| ((k as f64 / 11.0).to_bits(), 1 + k % 5)).collect();
    for k in 0..3 {
        assert_eq!(sorted(epoch(k)), sorted(own.clone()));
    }
    assert!(epoch(0) != epoch(1) && epoch(1) != epoch(2));
    let again: Vec<_> = data.batches(4).expect("a size").shuffled(7).epochs(3).from_step(4).collect();
    assert_eq!(again, batches[4..]);
    let (first, second) = data.clone().split(0.7, 1).expect("both");
    assert_eq!((first.len(), second.len()), (8, 3));
    assert!(data.clone().split(0.01, 1).is_err() && data.split(f64::NAN, 1).is_err());
}

#[test]
fn data_that_do_not_fit_are_named() {
    let sequences = || vec![Array2::<f64>::zeros((3, 2)), Array2::zeros((4, 2))];
    let message = |result: rnn_core::Result<Dataset<f64>>| result.expect_err("misfit").to_string();
    assert_eq!(
        message(Dataset::new(sequences(), vec![1])),
        "the answers (sequences) has shape [1], expected [2]"
    );
    let classes = vec![vec![0; 3], vec![0; 3]];
    assert_eq!(
        message(Dataset::new(sequences(), classes)),
        "the answer to sequence 1 has shape [3], expected [4]"
    );
    let values = vec![Array2::zeros((3, 1)), Array2::zeros((4, 2))];
    assert_eq!(
        message(Dataset::new(sequences(), values)),
        "the answer to sequence 1 has shape [4, 2], expected [4, 1]"
    );
    let other = vec![Array2::zeros((3, 2)), Array2::zeros((4, 1))];
    assert!(message(Dataset::new(other, vec![0, 1])).starts_with("sequence 1 (time, features)"));
    assert!(Dataset::<f64>::new(vec![], Vec::<usize>::new()).is_err());
}

/// The best weights come back, and not the last ones.
#[test]
fn validation_gives_the_best_weights_back() {
    let data = labelled(12);
    let mut rng = rand_pcg::Pcg64Dxsm::seed_from_u64(1);
    let mut model = Model::<f64>::new(Gru, 2, &[4], 3, Bias::Double, &mut rng).expect("sizes");
    let mut validation = Validation::new(data.batches(5).expect("a size"), CrossEntropy, 1)
        .expect("every step")
        .stopping(EarlyStopping::new(3, 0.0).expect("patience"));
    let mut kept = Vec::new();
    let batches = data.batches(12).expect("a size").epochs(100);
    // A rate that is far too large: the loss is best early and then grows.
    let taken =
        train(&mut model, batches, &Training::new(CrossEntropy), &mut Adam::new(0.8), |report, model| {
            kept.push(model.clone());
            validation.look(&report, model)
        })
        .expect("finite");
    assert!(taken < 100, "it stopped");
    let (step, best) = validation.restore_best(&mut model).expect("its own").expect("it looked");
    assert_eq!((step, taken as usize), (taken - 3, kept.len()));
    assert!(model.named().eq(kept[step as usize - 1].named()));
    let smallest = validation.history().iter().map(|(_, seen)| seen.loss).fold(f64::INFINITY, f64::min);
    assert_eq!((best.loss, best.counted), (smallest, 12));
    // Three batches are evaluated as one would be.
    let whole = Batch::clone(&data.batches(12).expect("a size").next().expect("one"));
    let mut ws = model.workspace();
    let once = model.evaluate(whole.run(), whole.target(), &CrossEntropy, &mut ws).expect("finite");
    assert!((once.loss - best.loss).abs() < 1e-12);
    assert!((once.accuracy.expect("classes") - best.accuracy.expect("classes")).abs() < 1e-12);
}
