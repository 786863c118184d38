//! The crate over other floats than f64: f32, `half::bf16`, and a dual number, which is an independent check of every
//! gradient.

mod dual;

use std::ops::ControlFlow;

use half::bf16;
use ndarray::{Array3, ArrayView3};
use rand::SeedableRng;
use rand_pcg::Pcg64Dxsm;
use rnn_core::{
    Adam, Batch, Bias, Cell, Elman, Gru, GruResetBefore, Lstm, MinimalGated, Model, Mse, Noise, Optimizer,
    Options, Parameters, Params, PeepholeLstm, Random, Real, Run, Sgd, Target, Trainer, Training, train,
};

use self::dual::Dual;

const BATCH: usize = 3;
const TIME: usize = 5;
const FEATURES: usize = 2;
const OUTPUTS: usize = 2;

/// A model, its input and its targets; the same in every float type, rounded.
struct Setting<F: Real> {
    model: Model<F>,
    x: Array3<F>,
    y: Array3<F>,
}

fn setting<F: Real>(cell: impl Into<Cell<F>>, hidden: &[usize]) -> Setting<F> {
    setting_with(cell, hidden, Bias::Double.into())
}

fn setting_with<F: Real>(cell: impl Into<Cell<F>>, hidden: &[usize], options: Options) -> Setting<F> {
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
fn lift(setting: &Setting<f64>, cell: impl Into<Cell<Dual>>, v: &[f64]) -> Setting<Dual> {
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
fn gradient<F: Real>(setting: &Setting<F>, last: bool) -> (F, Vec<F>) {
    let mut ws = setting.model.workspace();
    let run = Run::over(setting.x.view()).lengths(&[5, 2, 4]).noise(Noise { seed: 1, step: 2 });
    let target = Target::values(setting.y.view());
    let target = if last { target.last() } else { target };
    let value = setting.model.loss_and_gradients(run, target, &Mse, &mut ws).expect("finite");
    (value, flat(&ws))
}

/// Forward derivatives against backward ones, in the same program; and second derivatives, for which nobody wrote a
/// formula, must be symmetric.
fn duals_agree(plain: &Cell<f64>, dual: &Cell<Dual>, change: impl Fn(Options) -> Options) {
    let all = Options::from(Bias::Single)
        .bidirectional(true)
        .learned_initial(true)
        .dropout(0.2)
        .recurrent_dropout(if plain.to_string().starts_with("min-") { 0.0 } else { 0.3 })
        .zoneout(0.2, 0.3);
    for (hidden, last, options) in [
        (&[4][..], false, Bias::Double.into()),
        (&[3, 17], true, Bias::Double.into()),
        (&[3, 17], false, all),
    ] {
        let plain = setting_with::<f64>(plain.clone(), hidden, change(options));
        let (value, g) = gradient(&plain, last);
        let (v, w) = (direction(g.len(), 1), direction(g.len(), 2));
        let [along_v, along_w] =
            [&v, &w].map(|direction| gradient(&lift(&plain, dual.clone(), direction), last));

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

/// The cell of this name, over both floats.
fn both<F: Real>(name: &str) -> (Cell<f64>, Cell<F>) {
    let plain: Cell<f64> = name.parse().expect("a name");
    let other = Cell::builtin_of_any_float(&plain.name()).expect("the same name");
    (plain, other)
}

#[test]
fn dual_numbers_agree_with_back_propagation() {
    for name in [
        "rnn-identity",
        "rnn-tanh",
        "rnn-sigmoid",
        "rnn-relu",
        "lstm",
        "gru",
        "lstm(gate=hard-sigmoid, candidate=softsign)",
        "gru(candidate=hard-tanh)",
        "lstm-peephole",
        "gru-reset-before",
        "minimal-gated",
        "lstm-coupled",
        "leaky(alpha=0.3, activation=tanh)",
        "min-gru",
        "min-lstm",
        "slstm",
        "residual(activation=tanh)",
        "antisymmetric(epsilon=0.1, gamma=0.01, activation=tanh)",
    ] {
        let (plain, dual) = both(name);
        duals_agree(&plain, &dual, |options| options);
    }
    for name in ["rnn-tanh", "lstm", "gru"] {
        let (plain, dual) = both(name);
        duals_agree(&plain, &dual, |options| options.layer_norm(1e-5));
    }
    let (plain, dual) = both("lstm");
    duals_agree(&plain, &dual, |options| options.projection(2));
}

/// The loss after some steps of training, as a function of the initial parameters.
fn loss_after_training<F: Real>(mut s: Setting<F>, mut optimizer: impl Optimizer<F>) -> F {
    let mut trainer = Trainer::new(&s.model, Training::new(Mse).clip(0.5));
    let mut step = |x: ArrayView3<'_, F>, y: ArrayView3<'_, F>| {
        trainer.step(&mut s.model, x, y, &mut optimizer).expect("finite").loss
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
    let plain = setting::<f64>(Gru, &[4]);
    let v = direction(plain.model.parameter_count(), 3);
    let shifted = |by: f64| {
        let mut s = setting::<f64>(Gru, &[4]);
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
fn losses<F: Real>(cell: impl Into<Cell<F>>, options: Options, steps: usize) -> Vec<f64> {
    let Setting { mut model, x, y } = setting_with::<F>(cell, &[6], options);
    let mut left = steps;
    let source = |batch: &mut Batch<F>| {
        (batch.x, batch.y) = (x.clone(), y.clone().into());
        left = left.wrapping_sub(1);
        left != usize::MAX
    };
    let mut losses = Vec::new();
    let mut adam = Adam::new(0.02);
    // bf16 rounds 1e-8 + 1 to 1, but knows 1e-8 itself: no setting has to change.
    train(&mut model, source, &Training::new(Mse).clip(1.0), &mut adam, |report, _| {
        losses.push(report.loss.to_f64().expect("a loss is a number"));
        ControlFlow::Continue(())
    })
    .expect("finite");
    losses
}

fn f32_follows_f64(name: &str, options: Options) {
    let single: Cell<f32> = name.parse().expect("a name");
    let double: Cell<f64> = name.parse().expect("a name");
    let (single, double) = (losses(single, options, 100), losses(double, options, 100));
    assert!(double[99] < 0.7 * double[0], "{name} learns: {} to {}", double[0], double[99]);
    for (step, single) in single.iter().enumerate() {
        // A step rounds to 6e-8; a hundred of them, driven by gradients of each other, to no more than this. What is rounded
        // is of the size of the predictions, so a loss that has become small is off by part of what it was at first.
        let allowed = 1e-3 * double[step] + 1e-5 * double[0];
        assert!(
            (single - double[step]).abs() < allowed,
            "{name}, step {step}: {single} in f32, {} in f64",
            double[step]
        );
    }
}

#[test]
fn single_precision_follows_double() {
    let biases = Options::from(Bias::Double);
    for name in ["rnn-tanh", "lstm", "gru", "lstm-peephole", "gru-reset-before", "minimal-gated"] {
        f32_follows_f64(name, biases);
    }
    f32_follows_f64("lstm", biases.projection(4));
}

/// A float of 8 bits of precision that the crate has never heard of.
#[test]
fn brain_floats_train() {
    fn learns(cell: impl Into<Cell<bf16>> + Into<Cell<f64>> + Copy, options: Options) {
        let (coarse, fine) = (losses::<bf16>(cell, options, 60), losses::<f64>(cell, options, 60));
        assert!((coarse[0] - fine[0]).abs() < 0.05 * fine[0], "{} and {}", coarse[0], fine[0]);
        assert!(coarse[59] < 0.8 * coarse[0], "from {} to {}", coarse[0], coarse[59]);
    }
    let biases = Options::from(Bias::Double);
    learns(Elman::tanh(), biases);
    learns(Lstm, biases);
    learns(Gru, biases);
    learns(Lstm, biases.projection(4));
    learns(PeepholeLstm, biases);
    learns(GruResetBefore, biases);
    learns(MinimalGated, biases);
}
