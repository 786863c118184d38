//! Optimizers against short sequences worked out by hand, and clipping.

use rnn_core::{
    Adam, Bias, Elman, Optimizer, Parameters, Params, RegressionModel, RegressionWorkspace, Sgd,
    clip_global_norm, global_norm,
};

type Model = RegressionModel<f64, Elman<rnn_core::cell::Tanh>>;

/// The smallest model: W_ih, W_hh, and the head's weight and bias, in two blocks of two numbers.
fn model(theta: f64) -> (Model, RegressionWorkspace<f64>) {
    let mut model = RegressionModel::zeros(Elman::tanh(), 1, &[1], 1, Bias::None).expect("no size is 0");
    model.fill(theta);
    let ws = model.workspace();
    (model, ws)
}

/// θ after each step from θ = 1 with the given gradients. All four numbers go the same way, or a block is forgotten.
fn run(mut optimizer: impl Optimizer<f64>, gradients: &[f64]) -> Vec<f64> {
    let (mut model, mut ws) = model(1.0);
    let step = |&g: &f64| {
        ws.fill(g);
        optimizer.step(&mut model, &ws).expect("valid options");
        let all: Vec<f64> = model.blocks().flat_map(|block| block.as_slice().iter().copied()).collect();
        assert_eq!(all, [all[0]; 4]);
        all[0]
    };
    gradients.iter().map(step).collect()
}

#[track_caller]
fn assert_close(found: &[f64], want: &[f64]) {
    let close = found.len() == want.len() && found.iter().zip(want).all(|(f, w)| (f - w).abs() < 1e-14);
    assert!(close, "{found:?}, not {want:?}");
}

fn sgd(change: impl FnOnce(&mut Sgd<f64>)) -> Sgd<f64> {
    let mut sgd = Sgd::new(0.1);
    change(&mut sgd);
    sgd
}

fn adam(change: impl FnOnce(&mut Adam<f64>)) -> Adam<f64> {
    let mut adam = Adam::new(0.1);
    change(&mut adam);
    adam
}

#[test]
fn plain_gradient_descent() {
    // 1 − 0.1 · 2, then + 0.1 · 1
    assert_close(&run(sgd(|_| ()), &[2.0, -1.0]), &[0.8, 0.9]);
}

#[test]
fn momentum() {
    // v = 2; 0.5 · 2 − 1 = 0; 0.5 · 0 + 4 = 4
    assert_close(&run(sgd(|sgd| sgd.momentum = 0.5), &[2.0, -1.0, 4.0]), &[0.8, 0.8, 0.4]);
}

/// The first step is not dampened: PyTorch starts the velocity at g, not at (1 − δ) g.
#[test]
fn dampening() {
    // v = 2; 0.5 · 2 + 0.75 · 4 = 4; 0.5 · 4 + 0.75 · 0 = 2
    let dampened = sgd(|sgd| (sgd.momentum, sgd.dampening) = (0.5, 0.25));
    assert_close(&run(dampened, &[2.0, 4.0, 0.0]), &[0.8, 0.4, 0.2]);
}

#[test]
fn nesterov() {
    // v = 2, step 2 + 0.5 · 2 = 3; v = 0.5 · 2 − 1 = 0, step −1 + 0 = −1
    let nesterov = sgd(|sgd| (sgd.momentum, sgd.nesterov) = (0.5, true));
    assert_close(&run(nesterov, &[2.0, -1.0]), &[0.7, 0.8]);
}

#[test]
fn weight_decay() {
    // g = 2 + 0.5 · 1 = 2.5, θ = 0.75; g = 0 + 0.5 · 0.75 = 0.375, θ = 0.7125
    assert_close(&run(sgd(|sgd| sgd.weight_decay = 0.5), &[2.0, 0.0]), &[0.75, 0.7125]);
    // The decay goes through the velocity: v = 2.5; 0.5 · 2.5 + 0.375 = 1.625
    let both = sgd(|sgd| (sgd.weight_decay, sgd.momentum) = (0.5, 0.5));
    assert_close(&run(both, &[2.0, 0.0]), &[0.75, 0.75 - 0.1625]);
}

/// β₁ = 0.5, β₂ = 0.75, ε = 0.01, g = 2 then −1:
///
/// ```text
/// m = 1           v = 0.25 · 4 = 1                    m / 0.5 = 2            √(v / 0.25) = 2
/// m = 0.5 − 0.5   v = 0.75 + 0.25 = 1                 m / 0.75 = 0
/// m = 1.5 (g = 3) v = 0.75 + 0.25 · 9 = 3             m / 0.875              √(v / (1 − 0.75³))
/// ```
#[test]
fn adam_by_hand() {
    let first = 1.0 - 0.1 * 2.0 / (2.0 + 0.01);
    let third = first - 0.1 * (1.5 / 0.875) / ((3.0f64 / (1.0 - 0.421_875)).sqrt() + 0.01);
    let by_hand = adam(|adam| (adam.betas, adam.eps) = ((0.5, 0.75), 0.01));
    assert_close(&run(by_hand, &[2.0, -1.0, 3.0]), &[first, first, third]);
}

/// Whatever the gradient's size, the first step is η: m̂ / √v̂ = g / |g|.
#[test]
fn adams_first_step_is_the_learning_rate() {
    let defaults = Adam::<f64>::new(0.1);
    assert_eq!((defaults.betas, defaults.eps, defaults.weight_decay), ((0.9, 0.999), 1e-8, 0.0));
    for g in [1e3, 1.0, -1e-2] {
        let theta = run(Adam::new(0.1), &[g])[0];
        assert!((theta - (1.0 - 0.1 * g.signum())).abs() < 1e-6);
    }
}

/// β₁ = 0 makes m = g. After g = 4 comes g = 1: v = 0.5 · 16 = 8, then 4 + 0.5 = 4.5 < 8. Adam divides by √4.5,
/// AMSGrad by √8, both corrected by √(1 − 0.5²).
#[test]
fn amsgrad_keeps_the_largest_second_moment() {
    let options = |amsgrad| adam(|adam| (adam.betas, adam.eps, adam.amsgrad) = ((0.0, 0.5), 0.0, amsgrad));
    let first = 1.0 - 0.1 * 4.0 / (8.0f64 / 0.5).sqrt();
    assert_close(&run(options(false), &[4.0, 1.0]), &[first, first - 0.1 / (4.5f64 / 0.75).sqrt()]);
    assert_close(&run(options(true), &[4.0, 1.0]), &[first, first - 0.1 / (8.0f64 / 0.75).sqrt()]);
}

/// L2 in the gradient, so that it goes through the moments; not AdamW's decay beside them. With β₁ = β₂ = 0 a step is
/// η g / (|g| + ε): g = −1 + 0.5 · 1 = −0.5, ε = 0.5 gives − 0.5 / 1.
#[test]
fn adams_weight_decay() {
    let decayed = adam(|adam| (adam.betas, adam.eps, adam.weight_decay) = ((0.0, 0.0), 0.5, 0.5));
    assert_close(&run(decayed, &[-1.0]), &[1.0 + 0.1 * 0.5]);
}

/// An optimizer is for whatever is made of parameters: a head alone, say.
#[test]
fn a_single_block() {
    let (model, mut ws) = model(1.0);
    let mut head = model.head.params().clone();
    ws.fill(1.0);
    let gradient = ws.blocks().nth(1).expect("the head comes second").clone();
    Sgd::new(0.5).step(&mut head, &gradient).unwrap();
    assert_eq!(head.as_slice(), [0.5, 0.5]);
}

#[test]
fn clipping() {
    let (_, mut ws) = model(1.0);
    let set = |ws: &mut RegressionWorkspace<f64>| {
        let all = ws.blocks_mut().flat_map(Params::as_mut_slice);
        all.zip([1.0, -4.0, 2.0, 2.0]).for_each(|(g, value)| *g = value);
    };
    let all = |ws: &RegressionWorkspace<f64>| -> Vec<f64> {
        ws.blocks().flat_map(|block| block.as_slice().iter().copied()).collect()
    };
    set(&mut ws);
    assert_eq!(global_norm(&ws), 5.0, "√(1 + 16 + 4 + 4), over both blocks");

    assert_eq!(clip_global_norm(&mut ws, 10.0).unwrap(), 5.0);
    assert_eq!(all(&ws), [1.0, -4.0, 2.0, 2.0], "a short gradient stays");

    assert_eq!(clip_global_norm(&mut ws, 0.5).unwrap(), 5.0, "the norm before");
    let scale = 0.5 / (5.0 + 1e-6); // PyTorch's guard against a norm of 0
    assert_close(&all(&ws), &[scale, -4.0 * scale, 2.0 * scale, 2.0 * scale]);

    ws.fill(0.0);
    assert_eq!(clip_global_norm(&mut ws, 0.5).unwrap(), 0.0);
    assert_eq!(all(&ws), [0.0; 4]);
}
