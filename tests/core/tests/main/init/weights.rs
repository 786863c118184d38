//! Matrices by variance, and the identity.

use super::*;

/// Standard deviation, largest magnitude, and the part within one standard deviation: 1/√3 of a uniform distribution,
/// erf(1/√2) = 0.6827 of a normal one.
pub(crate) fn moments(block: ArrayView2<'_, f64>) -> (f64, f64, f64) {
    let n = block.len() as f64;
    let deviation = (block.iter().map(|x| x * x).sum::<f64>() / n).sqrt();
    let largest = block.iter().fold(0.0, |most, x| f64::max(most, x.abs()));
    (deviation, largest, block.iter().filter(|x| x.abs() <= deviation).count() as f64 / n)
}

/// Variance, bound and shape of Xavier's and Kaiming's matrices, by gate: a fan of 4 · hidden would be far off.
#[test]
fn xavier_and_kaiming() {
    let (input, hidden) = (40, 160);
    let mut rnn = model(Lstm, input, hidden, Bias::Single).rnn;
    let gain = 1.3;
    // The standard deviations of W_ih and of W_hh.
    let xavier = [input, hidden].map(|fan_in| gain * (2.0 / (fan_in + hidden) as f64).sqrt());
    let forward = [input, hidden].map(|fan_in| gain / (fan_in as f64).sqrt());
    let back = [hidden, hidden].map(|fan_out| gain / (fan_out as f64).sqrt());
    for (init, deviations, uniform) in [
        (Init::XavierUniform { gain }, xavier, true),
        (Init::XavierNormal { gain }, xavier, false),
        (Init::KaimingUniform { fan: Fan::In, gain }, forward, true),
        (Init::KaimingUniform { fan: Fan::Out, gain }, back, true),
        (Init::KaimingNormal { fan: Fan::In, gain }, forward, false),
        (Init::KaimingNormal { fan: Fan::Out, gain }, back, false),
    ] {
        rnn.initialize(init, &mut rng(5)).expect("a valid rule");
        for (name, want) in ["weight_ih_l0", "weight_hh_l0"].into_iter().zip(deviations) {
            let weight = matrix(&rnn, name);
            assert_eq!(blocks(&weight, hidden).count(), 4);
            for block in blocks(&weight, hidden) {
                let (found, largest, within) = moments(block);
                assert!((found / want - 1.0).abs() < 0.03, "{init:?} {name}: {found}, expected {want}");
                let bound = 3.0f64.sqrt() * want;
                assert_eq!(largest <= bound, uniform, "{init:?} {name}: {largest}, bound {bound}");
                assert!(largest > 0.99 * bound, "{init:?} {name}: {largest}, bound {bound}");
                let share = if uniform { 1.0 / 3.0f64.sqrt() } else { 0.6827 };
                assert!((within - share).abs() < 0.03, "{init:?} {name}: {within} of {share}");
            }
        }
    }
    // The head is a block of its own: (3, hidden).
    let mut head = Linear::<f64>::zeros(hidden, 3).expect("no size is 0");
    head.initialize(Init::XavierUniform { gain }, &mut rng(5)).expect("a valid rule");
    let bound = gain * (6.0 / (hidden + 3) as f64).sqrt();
    let (_, largest, _) = moments(matrix(&head, "head.weight").view());
    assert!(largest <= bound && largest > 0.99 * bound);
    assert!(vector(&head, "head.bias").iter().all(|&b| b == 0.0));
}

/// PyTorch's `calculate_gain`.
#[test]
fn gains() {
    assert_eq!([gain::LINEAR, gain::SIGMOID, gain::TANH, gain::RELU], [1.0, 1.0, 5.0 / 3.0, 2f64.sqrt()]);
    assert!((gain::leaky_relu(0.2) - 1.386_750_490_563_072_8).abs() < 1e-15);
}

/// scale · I in each block, to the bit, and for more columns than rows as `nn.init.eye_`.
#[test]
fn identity() {
    let mut rnn = Stack::<f64>::new(Gru, 3, &[5, 4], Bias::Double, &mut rng(1)).expect("no size is 0");
    rnn.initialize(Init::Identity { scale: 0.7 }, &mut rng(1)).expect("a valid rule");
    for (layer, hidden) in [5, 4].into_iter().enumerate() {
        for block in blocks(&matrix(&rnn, &format!("weight_hh_l{layer}")), hidden) {
            assert_eq!(block, Array2::eye(hidden) * 0.7);
        }
    }
    rnn.initialize_weights(Weights::Input, Init::Identity { scale: 1.0 }, &mut rng(1)).expect("a valid rule");
    for block in blocks(&matrix(&rnn, "weight_ih_l1"), 4) {
        assert_eq!(block, Array2::<f64>::eye(5).slice(s![..4, ..]));
    }
}
