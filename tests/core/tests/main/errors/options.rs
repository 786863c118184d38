//! Options out of their range.

use rnn_core::{Adam, Elman, Optimizer, Parameters, Sgd, clip_global_norm};

use super::{assert_names, flat, model};

fn adam_with(change: impl FnOnce(&mut Adam<f64>)) -> Adam<f64> {
    let mut adam = Adam::new(0.1);
    change(&mut adam);
    adam
}

fn sgd_with(change: impl FnOnce(&mut Sgd<f64>)) -> Sgd<f64> {
    let mut sgd = Sgd::new(0.1);
    change(&mut sgd);
    sgd
}

/// The step must fail, name the option, and change nothing.
#[track_caller]
fn assert_refuses(mut optimizer: impl Optimizer<f64>, parts: &[&str]) {
    let mut model = model::<f64>(Elman::tanh(), &[3]);
    let mut gradients = model.workspace();
    gradients.fill(1.0);
    let before = flat(&model);
    assert_names(optimizer.step(&mut model, &gradients), parts);
    assert_eq!(flat(&model), before);
}

#[test]
fn of_adam() {
    for bad in [-0.1, f64::NAN, f64::INFINITY] {
        let text = bad.to_string();
        assert_refuses(adam_with(|adam| adam.lr = bad), &["lr = ", &text]);
        assert_refuses(adam_with(|adam| adam.eps = bad), &["eps = ", &text]);
        assert_refuses(adam_with(|adam| adam.weight_decay = bad), &["weight_decay = ", &text]);
        assert_refuses(adam_with(|adam| adam.betas.0 = bad), &["beta_1 = ", &text]);
        assert_refuses(adam_with(|adam| adam.betas.1 = bad), &["beta_2 = ", &text]);
    }
    assert_refuses(adam_with(|adam| adam.betas.0 = 1.0), &["beta_1 = 1", "below 1"]);
    assert_refuses(adam_with(|adam| adam.betas.1 = 1.0), &["beta_2 = 1", "below 1"]);
}

#[test]
fn of_sgd() {
    for bad in [-0.1, f64::NAN, f64::INFINITY] {
        let text = bad.to_string();
        assert_refuses(sgd_with(|sgd| sgd.lr = bad), &["lr = ", &text]);
        assert_refuses(sgd_with(|sgd| sgd.momentum = bad), &["momentum = ", &text]);
        assert_refuses(sgd_with(|sgd| sgd.weight_decay = bad), &["weight_decay = ", &text]);
    }
    for bad in [f64::NAN, f64::INFINITY] {
        assert_refuses(
            sgd_with(|sgd| (sgd.momentum, sgd.dampening) = (0.9, bad)),
            &["dampening = ", &bad.to_string()],
        );
    }
    assert_refuses(sgd_with(|sgd| sgd.nesterov = true), &["momentum = 0", "Nesterov"]);
    let dampened = sgd_with(|sgd| (sgd.nesterov, sgd.momentum, sgd.dampening) = (true, 0.9, 0.1));
    assert_refuses(dampened, &["Nesterov", "without dampening"]);
}

#[test]
fn of_clipping() {
    let mut gradients = model::<f64>(Elman::tanh(), &[3]).workspace();
    gradients.fill(1.0);
    let before = flat(&gradients);
    for bad in [0.0, -1.0, f64::NAN] {
        assert_names(clip_global_norm(&mut gradients, bad), &["max_norm = ", &bad.to_string(), "positive"]);
    }
    assert_eq!(flat(&gradients), before);
    // An infinite bound is one that nothing exceeds.
    clip_global_norm(&mut gradients, f64::INFINITY).unwrap();
    assert_eq!(flat(&gradients), before);
}

/// Entries of 1e30 are numbers in f32, the sum of their squares is not; the norm is.
#[test]
fn a_norm_whose_squares_overflow() {
    let mut gradients = model::<f32>(Elman::tanh(), &[3]).workspace();
    gradients.fill(1e30);
    let count = flat(&gradients).len() as f32;
    let norm = clip_global_norm(&mut gradients, 1.0).unwrap();
    assert!((norm / (1e30 * count.sqrt()) - 1.0).abs() < 1e-6, "{norm}");
    assert!(flat(&gradients).iter().all(|&g| (g * count.sqrt() - 1.0).abs() < 1e-5), "scaled to the norm 1");
    gradients.fill(f32::MAX);
    assert_names(clip_global_norm(&mut gradients, 1.0), &["inf in the norm of the gradient"]);
    assert!(flat(&gradients).iter().all(|&g| g == f32::MAX), "nothing was scaled");
    gradients.blocks_mut().next().unwrap().as_mut_slice()[3] = f32::NAN;
    assert_names(clip_global_norm(&mut gradients, 1.0), &["NaN in the gradient of weight_ih_l0[1, 1]"]);
}
