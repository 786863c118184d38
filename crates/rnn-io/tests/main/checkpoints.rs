//! A training that was stopped at any batch and goes on has the bits of one that never stopped.

use half::f16;
use ndarray::Array3;
use rnn_core::{
    Adam, Bias, Cosine, EarlyStopping, Elman, Error, Lstm, Model, Mse, Optimizer, Options, Random, RmsProp,
    Schedule, Sgd, State, Trainer, Training,
};
use rnn_data::PortableRng;
use rnn_io::{Element, Progress, load, load_checkpoint, load_checkpoint_into, save, save_checkpoint};
use tempfile::tempdir;

use crate::{assert_names, flat};

const STEPS: u64 = 7;
const NOISE: u64 = 11;

/// Everything that a training consists of.
struct Loop<F: Element, O> {
    model: Model<F>,
    optimizer: O,
    training: Training<Mse>,
    stopping: EarlyStopping,
    data: PortableRng,
    step: u64,
    /// What the last batch left, of a stateful training.
    state: Option<State<F>>,
    losses: Vec<F>,
}

fn training(schedule: Schedule, noise: u64, stateful: bool) -> Training<Mse> {
    Training::new(Mse).clip(1.0).schedule(schedule).noise(noise).stateful(stateful)
}

fn begin<F: Element, O: Optimizer<F>>(optimizer: O, stateful: bool) -> Loop<F, O> {
    let options = Options::from(Bias::Double).dropout(0.3).recurrent_dropout(0.2).zoneout(0.1, 0.2);
    let mut rng = PortableRng::new(5);
    let schedule = Schedule::cosine(Cosine { warm_up: 2, ..Cosine::new(0.1, STEPS) }).unwrap();
    Loop {
        model: Model::new(Lstm, 2, &[5, 4], 1, options, &mut rng).unwrap(),
        optimizer,
        training: training(schedule, NOISE, stateful),
        stopping: EarlyStopping::new(2, 0.01).unwrap(),
        data: rng,
        step: 0,
        state: None,
        losses: Vec::new(),
    }
}

impl<F: Element, O: Optimizer<F>> Loop<F, O> {
    fn go_on(&mut self, until: u64) {
        let mut trainer = Trainer::new(&self.model, self.training).resume(self.step, self.state.take());
        while self.step < until {
            let (mut x, mut y) = (Array3::zeros((3, 4, 2)), Array3::zeros((3, 4, 1)));
            // An odd number of normals leaves one for the next batch.
            self.data.fill_normal(&mut x.as_slice_mut().unwrap()[..23]);
            self.data.fill_uniform(-1.0, 1.0, y.as_slice_mut().unwrap());
            let report = trainer.step(&mut self.model, x.view(), y.view(), &mut self.optimizer).unwrap();
            self.stopping.observe(self.step, report.loss.to_f64().unwrap()).unwrap();
            self.losses.push(report.loss);
            self.step = trainer.steps();
        }
        self.state = trainer.state().cloned();
    }
}

fn stops_and_goes_on<F: Element, O: Optimizer<F> + Clone>(optimizer: &O) {
    for stateful in [false, true] {
        stops_and_goes_on_with_states(optimizer, stateful);
    }
}

fn stops_and_goes_on_with_states<F: Element, O: Optimizer<F> + Clone>(optimizer: &O, stateful: bool) {
    let folder = tempdir().unwrap();
    let path = folder.path().join("checkpoint");
    let mut whole = begin::<F, O>(optimizer.clone(), stateful);
    whole.go_on(STEPS);
    for stop in 0..STEPS {
        let mut first = begin::<F, O>(optimizer.clone(), stateful);
        first.go_on(stop);
        assert_eq!(first.state.is_some(), stateful && stop > 0);
        let progress = Progress {
            step: first.step,
            noise_seed: Some(first.training.noise),
            optimizer: Some(first.optimizer.snapshot()),
            state: first.state,
            schedule: first.training.schedule,
            early_stopping: Some(first.stopping),
            generators: [("data".to_owned(), first.data.clone())].into(),
            notes: [("dataset".to_owned(), "\"noise\" ±1".to_owned())].into(),
        };
        save_checkpoint(&path, &first.model, &progress).unwrap();

        let (model, loaded) = load_checkpoint::<F>(&path).unwrap();
        assert_eq!(loaded, progress);
        let Progress {
            step,
            noise_seed,
            optimizer: moments,
            state,
            schedule,
            early_stopping,
            mut generators,
            ..
        } = loaded;
        let mut rest = Loop {
            model,
            // Nothing of it may be left.
            optimizer: optimizer.clone(),
            training: training(schedule.unwrap(), noise_seed.unwrap(), stateful),
            stopping: early_stopping.unwrap(),
            data: generators.remove("data").unwrap(),
            step,
            state,
            losses: first.losses,
        };
        rest.optimizer.set_lr(77.0);
        rest.optimizer.restore(moments.unwrap()).unwrap();
        rest.go_on(STEPS);
        assert_eq!(rest.losses, whole.losses, "stopped at {stop}");
        assert_eq!(flat(&rest.model), flat(&whole.model), "stopped at {stop}");
        assert_eq!(rest.stopping, whole.stopping);
        assert_eq!(rest.optimizer.snapshot(), whole.optimizer.snapshot());
        assert_eq!(rest.data, whole.data);
        assert_eq!(rest.state, whole.state);
    }
}

/// Would catch: a test above that passes because the state makes no difference.
#[test]
fn a_stateful_training_that_goes_on_without_its_state_is_another_one() {
    let mut whole = begin::<f64, _>(Sgd::new(0.1), true);
    whole.go_on(3);
    let mut without = begin::<f64, _>(Sgd::new(0.1), true);
    without.go_on(2);
    without.state = None;
    without.go_on(3);
    assert_eq!(without.losses[..2], whole.losses[..2]);
    assert_ne!(without.losses[2], whole.losses[2]);
}

#[test]
fn sgd_with_momentum_goes_on_with_the_same_bits() {
    let mut single = Sgd::new(0.1);
    (single.momentum, single.nesterov) = (0.9, true);
    stops_and_goes_on::<f32, _>(&single);
    let mut double = Sgd::new(0.1);
    (double.momentum, double.dampening) = (0.9, 0.1);
    stops_and_goes_on::<f64, _>(&double);
}

#[test]
fn adam_goes_on_with_the_same_bits() {
    stops_and_goes_on::<f32, _>(&Adam::new(0.1));
    let mut double = Adam::new(0.1);
    double.amsgrad = true;
    stops_and_goes_on::<f64, _>(&double);
}

/// Would catch: moments that are rounded to 16 bits, though the optimizer has them in `f32`.
#[test]
fn a_training_in_half_precision_goes_on_with_the_same_bits() {
    stops_and_goes_on::<f16, _>(&Adam::new(0.01));
}

#[test]
fn rms_prop_goes_on_with_the_same_bits() {
    stops_and_goes_on::<f64, _>(&RmsProp::new(0.1));
    let mut single = RmsProp::new(0.1);
    (single.momentum, single.centered) = (0.5, true);
    stops_and_goes_on::<f32, _>(&single);
}

#[test]
fn every_schedule_is_the_same_again() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("checkpoint");
    let model = crate::model::<f32>(Lstm, Bias::Double);
    for schedule in [
        Schedule::constant(0.1),
        Schedule::step_decay(0.3, 7, 0.7),
        Schedule::cosine(Cosine { min: 0.001, warm_up: 3, ..Cosine::new(0.1, 9) }),
        Schedule::one_cycle(rnn_core::OneCycle { rise: 0.1, ..rnn_core::OneCycle::new(0.7, 50) }),
    ] {
        let schedule = Some(schedule.unwrap());
        save_checkpoint(&path, &model, &Progress { schedule, ..Progress::default() }).unwrap();
        assert_eq!(load_checkpoint::<f32>(&path).unwrap().1.schedule, schedule);
    }
}

#[test]
fn what_would_not_be_the_same_training_is_refused() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("checkpoint");
    let mut model = crate::model::<f64>(Lstm, Bias::Double);
    save_checkpoint(&path, &model, &Progress::default()).unwrap();
    assert_eq!(flat(&load::<f64>(&path).unwrap()), flat(&model), "the model alone");
    assert_names(load_checkpoint::<f32>(&path), &["head.", "F64", "expected F32"]);
    let dropout = Options::default().dropout(0.5);
    let mut other = crate::model::<f64>(Lstm, dropout);
    assert_names(load_checkpoint_into(&path, &mut other), &["dropout: 0.5"]);
    let mut other = crate::model::<f64>(Elman::tanh(), Bias::Double);
    assert_names(load_checkpoint_into(&path, &mut other), &["the cell is lstm in the file and rnn-tanh"]);
    model.head = rnn_core::Linear::zeros(3, 2).unwrap();
    load_checkpoint_into(&path, &mut model).unwrap();
    assert_eq!(flat(&load::<f64>(&path).unwrap()), flat(&model));

    save(&path, &model).unwrap();
    assert_names(load_checkpoint::<f64>(&path), &["the file holds a model, expected a checkpoint"]);
    let mut adam = Adam::<f64>::new(f64::NAN).snapshot();
    let progress = Progress { optimizer: Some(adam.clone()), ..Progress::default() };
    assert_names(save_checkpoint(&path, &model, &progress), &["lr = NaN"]);
    adam.settings.insert("lr".to_owned(), 0.1);
    adam.kind = "SGD".to_owned();
    save_checkpoint(&path, &model, &Progress { optimizer: Some(adam), ..Progress::default() }).unwrap();
    let state = load_checkpoint::<f64>(&path).unwrap().1.optimizer.unwrap();
    assert!(matches!(Adam::<f64>::new(0.1).restore(state), Err(Error::OptimizerState { .. })));
}

/// Training that carries its state from batch to batch goes on from that state, not from zeros.
#[test]
fn a_carried_state_comes_back_with_the_same_bits() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("checkpoint");
    let model = crate::model::<f64>(Lstm, Bias::Double);
    let mut ws = model.workspace();
    model.forward(crate::noise(3, (2, 5, 2)).view(), &mut ws).unwrap();
    let state = Some(ws.rnn.final_state());
    let progress = Progress { step: 1, state, ..Progress::default() };
    save_checkpoint(&path, &model, &progress).unwrap();
    assert_eq!(load_checkpoint::<f64>(&path).unwrap().1, progress);
    assert_eq!(flat(&load::<f64>(&path).unwrap()), flat(&model), "the model alone");
}
