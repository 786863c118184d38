//! Biases of gates.

use super::*;

/// b_ih + b_hh of each gate, and the gates that changed.
fn bias_sum(theta: &impl Parameters<f64>) -> Array1<f64> {
    vector(theta, "bias_ih_l0") + vector(theta, "bias_hh_l0")
}

/// The sum of the two biases is the value; the other gates' biases stay.
#[test]
fn forget_bias() {
    let before = model(Lstm, 2, 6, Bias::Double).rnn;
    let mut after = before.clone();
    after.initialize(Init::ForgetBias(1.5), &mut rng(0)).expect("a forget gate");
    assert!(bias_sum(&after).slice(s![6..12]).iter().all(|&b| b == 1.5));
    assert!(vector(&after, "bias_hh_l0").slice(s![6..12]).iter().all(|&b| b == 0.0));
    for gate in [0, 2, 3] {
        let units = s![6 * gate..6 * (gate + 1)];
        for name in ["bias_ih_l0", "bias_hh_l0"] {
            assert_eq!(
                vector(&after, name).slice(units),
                vector(&before, name).slice(units),
                "{name} {gate}"
            );
        }
    }
    let mut single = model(Lstm, 2, 6, Bias::Single).rnn;
    single.initialize(Init::ForgetBias(1.5), &mut rng(0)).expect("a forget gate");
    assert!(vector(&single, "bias_l0").slice(s![6..12]).iter().all(|&b| b == 1.5));
    assert!(vector(&single, "bias_l0").slice(s![..6]).iter().all(|&b| b != 1.5));
}

/// The Kolmogorov–Smirnov distance of a sample from the uniform distribution on [low, high], times √n: above 1.63 in one
/// of a hundred samples of that distribution.
fn kolmogorov_smirnov(mut sample: Vec<f64>, low: f64, high: f64) -> f64 {
    sample.sort_by(f64::total_cmp);
    let n = sample.len() as f64;
    let distance = sample.iter().enumerate().fold(0.0, |most, (k, x)| {
        let cdf = (x - low) / (high - low);
        f64::max(most, f64::max((k + 1) as f64 / n - cdf, cdf - k as f64 / n))
    });
    distance * n.sqrt()
}

/// Time scales 1 / (1 − σ(b)) of the gate that keeps the state are uniform on [2, t_max]: of 40 layers of 100 units.
#[test]
fn chrono_time_scales_are_uniform() {
    fn scales(cell: impl Into<Cell<f64>>, gate: usize, t_max: f64) -> Vec<f64> {
        let mut rnn = model(cell, 1, 100, Bias::Double).rnn;
        let one = |seed| {
            rnn.initialize(Init::Chrono { t_max }, &mut rng(seed)).expect("such a gate");
            bias_sum(&rnn).slice(s![100 * gate..100 * (gate + 1)]).mapv(|b| 1.0 / (1.0 - sigmoid(b))).to_vec()
        };
        (0..40).flat_map(one).collect()
    }
    for t_max in [3.0, 30.0, 784.0] {
        for sample in [scales(Lstm, 1, t_max), scales(Gru, 1, t_max)] {
            assert!(sample.iter().all(|scale| (2.0 - 1e-9..t_max + 1e-9).contains(scale)));
            let distance = kolmogorov_smirnov(sample, 2.0, t_max);
            assert!(distance < 1.63, "t_max {t_max}: {distance}");
        }
    }
}

/// b_i = −b_f, the second bias is zero in both gates, and no other gate is touched; of a GRU only z is.
#[test]
fn chrono_sets_the_gates_that_keep_and_let_in() {
    let init = Init::Chrono { t_max: 20.0 };
    let before = model(Lstm, 2, 6, Bias::Double).rnn;
    let mut after = before.clone();
    after.initialize(init, &mut rng(2)).expect("a forget gate");
    let (b_ih, b_hh) = (vector(&after, "bias_ih_l0"), vector(&after, "bias_hh_l0"));
    assert_eq!(b_ih.slice(s![..6]), b_ih.slice(s![6..12]).mapv(|b| -b));
    assert!(b_hh.slice(s![..12]).iter().all(|&b| b == 0.0));
    assert_eq!(b_ih.slice(s![12..]), vector(&before, "bias_ih_l0").slice(s![12..]));
    assert_eq!(b_hh.slice(s![12..]), vector(&before, "bias_hh_l0").slice(s![12..]));

    let before = model(Gru, 2, 6, Bias::Single).rnn;
    let mut after = before.clone();
    after.initialize(init, &mut rng(2)).expect("an update gate");
    let (old, new) = (vector(&before, "bias_l0"), vector(&after, "bias_l0"));
    assert_eq!(new.slice(s![..6]), old.slice(s![..6]));
    assert_eq!(new.slice(s![6..12]), b_ih.slice(s![6..12]));
    assert_eq!(new.slice(s![12..]), old.slice(s![12..]));
}
