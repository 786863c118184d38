//! The crate over other floats than f64: f32, `half::bf16`, and a dual number, which is an independent check of every
//! gradient.

mod dual;

use std::ops::ControlFlow;

use half::bf16;
use ndarray::{Array3, ArrayView3};
use rand::SeedableRng;
use rand_pcg::Pcg64Dxsm;
use rnn_core::cell::{HardSigmoid, HardTanh, Sigmoid, Softsign};
use rnn_core::{
    Adam, AnyCell, Batch, Bias, Cell, Elman, Gru, GruResetBefore, LayerNorm, Lstm, MinimalGated, Model, Mse,
    Noise, Optimizer, Options, Parameters, Params, PeepholeLstm, ProjectedLstm, Random, Real, Run, Sgd,
    Training, Zoneout, train, train_step,
};

use self::dual::Dual;

const BATCH: usize = 3;
const TIME: usize = 5;
const FEATURES: usize = 2;
const OUTPUTS: usize = 2;

/// A model, its input and its targets; the same in every float type, rounded.
struct Setting<F, C> {
    model: Model<F>,
    x: Array3<F>,
    y: Array3<F>,
}

fn setting<F: Real, C: Cell<F>>(cell: C, hidden: &[usize]) -> Setting<F, C> {
    setting_with(cell, hidden, Bias::Double.into())
}

fn setting_with<F: Real, C: Cell<F>>(cell: C, hidden: &[usize], options: Options) -> Setting<F, C> {
    let mut rng = Pcg64Dxsm::seed_from_u64(11);
    let model = Model::new(cell, FEATURES, hidden, OUTPUTS, options, &mut rng).expect("no size is 0");
    let mut noise = |features| {
        let mut array = Array3::zeros((BATCH, TIME, features));
        rng.fill_normal(array.as_slice_mut().expect("contiguous"));
        array
    };
    let (x, y) = (noise(FEATURES), noise(OUTPUTS));
    Setting { model, x, y }
}

/// All numbers of a set of parameters, block after block.
fn flat<F: Real>(parameters: &impl Parameters<F>) -> Vec<F> {
    parameters.blocks().flat_map(|block| block.as_slice().iter().copied()).collect()
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// A direction in the space of all parameters.
fn direction(len: usize, seed: u64) -> Vec<f64> {
    let mut v = vec![0.0; len];
    Pcg64Dxsm::seed_from_u64(seed).fill_normal(&mut v);
    v
}

/// The model of `setting` over dual numbers whose tangents are `v`.
fn lift<C: Cell<Dual>>(setting: &Setting<f64, impl Cell<f64>>, cell: C, v: &[f64]) -> Setting<Dual, C> {
    let (rnn, options) = (&setting.model.rnn, *setting.model.rnn.options());
    let directions = 1 + usize::from(options.bidirectional);
    let hidden: Vec<usize> = rnn.layers().iter().step_by(directions).map(|layer| layer.hidden).collect();
    let mut model = Model::zeros(cell, FEATURES, &hidden, OUTPUTS, options).expect("no size is 0");
    let values = flat(&setting.model);
    let duals = model.blocks_mut().flat_map(Params::as_mut_slice);
    for (to, (&value, &tangent)) in duals.zip(values.iter().zip(v)) {
        *to = Dual::new(value, tangent);
    }
    let constant = |array: &Array3<f64>| array.mapv(|value| Dual::new(value, 0.0));
    Setting { model, x: constant(&setting.x), y: constant(&setting.y) }
}

/// (L, dL/dθ) by back-propagation, over sequences that end at different times and with all noise that the options have.
fn gradient<F: Real, C: Cell<F>>(setting: &Setting<F, C>, loss: Mse) -> (F, Vec<F>) {
    let mut ws = setting.model.workspace();
    let run = Run::over(setting.x.view()).lengths(&[5, 2, 4]).noise(Noise { seed: 1, step: 2 });
    let value = setting.model.loss_and_gradients(run, setting.y.view(), &loss, &mut ws).expect("finite");
    (value, flat(&ws))
}

/// Forward derivatives against backward ones, in the same program; and second derivatives, for which nobody wrote a
/// formula, must be symmetric.
fn duals_agree<C: Cell<f64> + Cell<Dual>>(cell: C) {
    let all = Options {
        bias: Bias::Single,
        bidirectional: true,
        learned_initial: true,
        dropout: 0.2,
        recurrent_dropout: 0.3,
        zoneout: Zoneout { hidden: 0.2, cell: 0.3 },
    };
    for (hidden, loss, options) in [
        (&[4][..], Mse::all(), Bias::Double.into()),
        (&[3, 17], Mse::last(), Bias::Double.into()),
        (&[3, 17], Mse::all(), all),
    ] {
        let plain = setting_with::<f64, _>(cell.clone(), hidden, options);
        let (value, g) = gradient(&plain, loss);
        let (v, w) = (direction(g.len(), 1), direction(g.len(), 2));
        let [along_v, along_w] =
            [&v, &w].map(|direction| gradient(&lift(&plain, cell.clone(), direction), loss));

        let scale = g.iter().zip(&v).map(|(g, v)| (g * v).abs()).sum::<f64>().max(1.0);
        assert!((along_v.0.value - value).abs() < 1e-13 * value.max(1.0), "the value is that of f64");
        let (forward, backward) = (along_v.0.tangent, dot(&g, &v));
        assert!((forward - backward).abs() < 1e-12 * scale, "{hidden:?}: {forward} forward, {backward} back");

        // The tangents of the gradient are the Hessian times the direction: wᵀ (H v) = vᵀ (H w).
        let tangents = |g: &[Dual]| g.iter().map(|g| g.tangent).collect::<Vec<_>>();
        let (hv, hw) = (tangents(&along_v.1), tangents(&along_w.1));
        let scale = hv.iter().zip(&w).map(|(h, w)| (h * w).abs()).sum::<f64>().max(1.0);
        assert!((dot(&w, &hv) - dot(&v, &hw)).abs() < 1e-12 * scale, "the Hessian is symmetric");
    }
}

#[test]
fn dual_numbers_agree_with_back_propagation() {
    duals_agree(AnyCell::from(Elman::identity()));
    duals_agree(Elman::tanh());
    duals_agree(AnyCell::from(Elman::sigmoid()));
    duals_agree(AnyCell::from(Elman::relu()));
    duals_agree(Lstm);
    duals_agree(Gru);
    duals_agree(Lstm { gate: HardSigmoid, candidate: Softsign });
    duals_agree(Gru { gate: Sigmoid, candidate: HardTanh });
    duals_agree(AnyCell::from(LayerNorm::new(Elman::tanh())));
    duals_agree(AnyCell::from(LayerNorm::new(Lstm)));
    duals_agree(AnyCell::from(LayerNorm::new(Gru)));
    duals_agree(AnyCell::from(ProjectedLstm { size: 2 }));
    duals_agree(AnyCell::from(PeepholeLstm));
    duals_agree(AnyCell::from(GruResetBefore));
    duals_agree(AnyCell::from(MinimalGated));
}

/// The loss after some steps of training, as a function of the initial parameters.
fn loss_after_training<F: Real, C: Cell<F>>(mut s: Setting<F, C>, mut optimizer: impl Optimizer<F>) -> F {
    let mut ws = s.model.workspace();
    let training = Training { clip: Some(0.5), ..Training::new(Mse::all()) };
    let mut step = |x: ArrayView3<'_, F>, y: ArrayView3<'_, F>| {
        train_step(&mut s.model, x, y, &training, &mut optimizer, &mut ws).expect("finite").0
    };
    for _ in 0..4 {
        step(s.x.view(), s.y.view());
    }
    step(s.x.view(), s.y.view())
}

/// Dual numbers go through clipping and an optimizer as well: the derivative of a trained network's loss with respect
/// to where training began, against differences of whole trainings.
#[test]
fn a_derivative_through_training() {
    let plain = setting::<f64, _>(Gru, &[4]);
    let v = direction(plain.model.parameter_count(), 3);
    let shifted = |by: f64| {
        let mut s = setting::<f64, _>(Gru, &[4]);
        let all = s.model.blocks_mut().flat_map(Params::as_mut_slice);
        all.zip(&v).for_each(|(theta, v)| *theta += by * v);
        s
    };
    let sgd = || {
        let mut sgd = Sgd::new(0.1);
        (sgd.momentum, sgd.nesterov) = (0.9, true);
        sgd
    };
    let found = loss_after_training(lift(&plain, Gru, &v), sgd_of_duals()).tangent;
    let h = 1e-6;
    let want = (loss_after_training(shifted(h), sgd()) - loss_after_training(shifted(-h), sgd())) / (2.0 * h);
    assert!((found - want).abs() < 1e-7 * want.abs().max(1.0), "SGD: {found}, not {want}");

    let found = loss_after_training(lift(&plain, Gru, &v), Adam::new(0.1)).tangent;
    let adam = || Adam::new(0.1);
    let want =
        (loss_after_training(shifted(h), adam()) - loss_after_training(shifted(-h), adam())) / (2.0 * h);
    assert!((found - want).abs() < 1e-5 * want.abs().max(1.0), "Adam: {found}, not {want}");
}

fn sgd_of_duals() -> Sgd<Dual> {
    let mut sgd = Sgd::new(0.1);
    (sgd.momentum, sgd.nesterov) = (0.9, true);
    sgd
}

/// The losses of a training on one batch.
fn losses<F: Real, C: Cell<F>>(cell: C, steps: usize) -> Vec<f64> {
    let Setting { mut model, x, y } = setting::<F, C>(cell, &[6]);
    let mut left = steps;
    let source = |batch: &mut Batch<F>| {
        (batch.x, batch.y) = (x.clone(), y.clone());
        left = left.wrapping_sub(1);
        left != usize::MAX
    };
    let mut losses = Vec::new();
    let mut adam = Adam::new(0.02);
    // bf16 rounds 1e-8 + 1 to 1, but knows 1e-8 itself: no setting has to change.
    train(
        &mut model,
        source,
        &Training { clip: Some(1.0), ..Training::new(Mse::all()) },
        &mut adam,
        |report, _| {
            losses.push(report.loss.to_f64().expect("a loss is a number"));
            ControlFlow::Continue(())
        },
    )
    .expect("finite");
    losses
}

fn f32_follows_f64(cell: impl Cell<f32> + Cell<f64>) {
    let (single, double) = (losses::<f32, _>(cell.clone(), 100), losses::<f64, _>(cell, 100));
    assert!(double[99] < 0.7 * double[0], "it learns: {} to {}", double[0], double[99]);
    for (step, single) in single.iter().enumerate() {
        // A step rounds to 6e-8; a hundred of them, driven by gradients of each other, to no more than this. What is rounded
        // is of the size of the predictions, so a loss that has become small is off by part of what it was at first.
        let allowed = 1e-3 * double[step] + 1e-5 * double[0];
        assert!(
            (single - double[step]).abs() < allowed,
            "step {step}: {single} in f32, {} in f64",
            double[step]
        );
    }
}

#[test]
fn single_precision_follows_double() {
    f32_follows_f64(Elman::tanh());
    f32_follows_f64(Lstm);
    f32_follows_f64(Gru);
    f32_follows_f64(ProjectedLstm { size: 4 });
    f32_follows_f64(PeepholeLstm);
    f32_follows_f64(GruResetBefore);
    f32_follows_f64(MinimalGated);
}

/// A float of 8 bits of precision that the crate has never heard of.
#[test]
fn brain_floats_train() {
    fn learns(cell: impl Cell<bf16> + Cell<f64>) {
        let (coarse, fine) = (losses::<bf16, _>(cell.clone(), 60), losses::<f64, _>(cell, 60));
        assert!((coarse[0] - fine[0]).abs() < 0.05 * fine[0], "{} and {}", coarse[0], fine[0]);
        assert!(coarse[59] < 0.8 * coarse[0], "from {} to {}", coarse[0], coarse[59]);
    }
    learns(Elman::tanh());
    learns(Lstm);
    learns(Gru);
    learns(ProjectedLstm { size: 4 });
    learns(PeepholeLstm);
    learns(GruResetBefore);
    learns(MinimalGated);
}
