//! One model on several ranks: the same bits for any number of them.

use ndarray::{Array2, Array3};
use rnn_core::{
    Adam, Batch, CrossEntropy, Gru, Lstm, Model, Mse, Options, Parameters, Random, Real, Timesteps, Trainer,
    Training,
};
use rnn_data::PortableRng;
use rnn_lab::engine::{Alone, Link};
use rnn_lab::{Error, Sharded};

use super::toys::ranks;

const STEPS: usize = 5;

fn model<F: Real>() -> Model<F> {
    let options = Options::default().recurrent_dropout(0.2);
    Model::new(Lstm, 2, &[5], 3, options, &mut PortableRng::new(4)).expect("a model")
}

/// Sequences of several lengths, with a mask.
fn batch<F: Real>(sequences: usize) -> Batch<F> {
    let mut x = vec![F::zero(); sequences * 7 * 2];
    PortableRng::new(9).fill_normal(&mut x);
    let x = Array3::from_shape_vec((sequences, 7, 2), x).expect("a shape");
    let classes = Array2::from_shape_fn((sequences, 7), |(b, t)| (b + t) % 3);
    let mask = Array2::from_shape_fn((sequences, 7), |(b, t)| (b * t) % 4 != 1);
    let lengths = (0..sequences).map(|b| 1 + b % 7).collect();
    Batch::new(x, classes).with_lengths(lengths).with_mask(mask).counting(Timesteps::All)
}

fn numbers<F: Real>(model: &Model<F>) -> Vec<F> {
    model.blocks().flat_map(|block| block.as_slice().to_vec()).collect()
}

/// The parameters after some steps on this rank, and its last loss.
fn trained<F: Real>(link: &impl Link) -> (Vec<F>, f64) {
    let mut model = model::<F>();
    let mut training =
        Sharded::new(&model, Training::new(CrossEntropy).clip(0.1).noise(5), 4).expect("a training");
    let mut adam = Adam::new(0.01);
    let batch = batch(10);
    let steps = (0..STEPS).map(|_| training.step(link, &mut model, &batch, &mut adam).expect("a step"));
    let loss = steps.last().expect("steps").loss;
    (numbers(&model), loss)
}

fn any_number_of_ranks<F: Real>() {
    let alone = trained::<F>(&Alone);
    for size in [1, 2, 3, 4, 6] {
        std::thread::scope(|scope| {
            let threads: Vec<_> =
                ranks(size).into_iter().map(|rank| scope.spawn(move || trained::<F>(&rank))).collect();
            for thread in threads {
                assert_eq!(thread.join().expect("a rank"), alone, "{size} ranks");
            }
        });
    }
}

#[test]
fn the_number_of_ranks_does_not_change_a_bit() {
    any_number_of_ranks::<f64>();
    any_number_of_ranks::<f32>();
}

#[test]
fn one_shard_is_a_training_of_one_process() {
    let x = Array3::from_shape_fn((6, 5, 1), |(b, t, _)| ((b * 5 + t) as f64).sin());
    let batch = Batch::new(x.clone(), x);
    let new =
        || Model::<f64>::new(Gru, 1, &[4], 1, Options::default(), &mut PortableRng::new(1)).expect("a model");
    let (mut one, mut other) = (new(), new());
    let training = Training::new(Mse).clip(0.05);
    let mut sharded = Sharded::new(&one, training, 1).expect("a training");
    let mut trainer = Trainer::new(&other, training);
    let (mut adam, mut eve) = (Adam::new(0.01), Adam::new(0.01));
    for _ in 0..STEPS {
        let step = sharded.step(&Alone, &mut one, &batch, &mut adam).expect("a step");
        let report = trainer.step(&mut other, batch.run(), batch.target(), &mut eve).expect("a step");
        assert_eq!(
            (step.step, step.loss, step.gradient_norm),
            (report.step, report.loss, report.gradient_norm)
        );
    }
    assert_eq!(numbers(&one), numbers(&other));
}

#[test]
fn shards_give_the_gradient_of_the_whole_batch() {
    let batch = batch::<f64>(10);
    let new =
        || Model::<f64>::new(Gru, 2, &[4], 3, Options::default(), &mut PortableRng::new(1)).expect("a model");
    let norms = [1, 2, 5, 10].map(|shards| {
        let mut model = new();
        let mut training = Sharded::new(&model, Training::new(CrossEntropy), shards).expect("a training");
        let step = training.step(&Alone, &mut model, &batch, &mut Adam::new(0.01)).expect("a step");
        (step.loss, step.gradient_norm)
    });
    for (loss, norm) in norms {
        assert!((loss - norms[0].0).abs() < 1e-14 && (norm - norms[0].1).abs() < 1e-14, "{norms:?}");
    }
}

#[test]
fn every_rank_gets_the_error_of_one() {
    let mut broken = batch::<f64>(8);
    broken.x[[7, 0, 0]] = f64::NAN;
    let broken = &broken;
    std::thread::scope(|scope| {
        let rank = |rank| {
            let mut model = model::<f64>();
            let before = numbers(&model);
            let mut training = Sharded::new(&model, Training::new(CrossEntropy), 4).expect("a training");
            let outcome = training.step(&rank, &mut model, broken, &mut Adam::new(0.01));
            assert_eq!(numbers(&model), before);
            outcome.expect_err("NaN").to_string()
        };
        let threads: Vec<_> = ranks(3).into_iter().map(|link| scope.spawn(move || rank(link))).collect();
        for thread in threads {
            let text = thread.join().expect("a rank");
            assert!(text.contains("NaN"), "{text}");
        }
    });
}

#[test]
fn what_cannot_be_sharded_is_refused() {
    let model = model::<f64>();
    for training in
        [Training::new(Mse).stateful(true), Training::new(Mse).truncated(rnn_core::Tbptt::every(3))]
    {
        assert!(matches!(Sharded::new(&model, training, 2), Err(Error::Unsharded { .. })));
    }
    assert!(Sharded::new(&model, Training::new(Mse), 0).is_err());
    let mut training = Sharded::new(&model, Training::new(CrossEntropy), 11).expect("a training");
    let error =
        training.step(&Alone, &mut model.clone(), &batch(10), &mut Adam::new(0.1)).expect_err("10 < 11");
    assert!(error.to_string().contains("10 sequences cannot be cut into 11 shards"), "{error}");
}
