//! What dropout draws: networks that show their masks.

use ndarray::{Array1, Array2, Array3, s};
use rnn_core::gradcheck::Case;
use rnn_core::{Bias, Elman, Gru, LayerState, Noise, Options, Run, Stack, State};

use super::{bits, normal, stack};

const UNITS: usize = 64;
const BATCH: usize = 8;
const TIME: usize = 10;

const NOISE: Noise = Noise { seed: 3, step: 0 };

/// Layer 0 is 1 everywhere, layer 1 repeats what it reads: the output is the mask between them.
fn between(dropout: f64, noise: Noise) -> Array3<f64> {
    let options = Options::from(Bias::Single).dropout(dropout);
    let mut rnn = Stack::<f64>::zeros(Elman::identity(), 1, &[UNITS, UNITS], options).expect("sizes");
    rnn.params_mut().set("bias_l0", Array1::ones(UNITS).view().into_dyn()).expect("it fits");
    rnn.params_mut().set("weight_ih_l1", Array2::eye(UNITS).view().into_dyn()).expect("it fits");
    let mut ws = rnn.workspace();
    rnn.forward(Run::over(Array3::zeros((BATCH, TIME, 1)).view()).noise(noise), &mut ws).expect("finite");
    assert!(ws.hidden(0).iter().all(|&h| h == 1.0), "the states of the layer below are whole");
    ws.output().to_owned()
}

/// Every state is the one before under the mask, from a state of ones.
fn recurrent(recurrent_dropout: f64, bidirectional: bool, noise: Noise) -> Array3<f64> {
    let options = Options::from(Bias::None).bidirectional(bidirectional).recurrent_dropout(recurrent_dropout);
    let mut rnn = Stack::<f64>::zeros(Elman::identity(), 1, &[UNITS], options).expect("sizes");
    let names: Vec<String> = rnn.params().iter().map(|(name, _)| name.to_owned()).collect();
    for name in names.iter().filter(|name| name.starts_with("weight_hh")) {
        rnn.params_mut().set(name, Array2::eye(UNITS).view().into_dyn()).expect("it fits");
    }
    let ones = LayerState { h: Array2::ones((BATCH, UNITS)), c: None };
    let state = State { layers: vec![ones; rnn.layers().len()] };
    let x = Array3::zeros((BATCH, TIME, 1));
    let mut ws = rnn.workspace();
    rnn.forward(Run::over(x.view()).from_state(&state).noise(noise), &mut ws).expect("finite");
    ws.output().to_owned()
}

/// Asserts that a share of about `p` holds, within five standard deviations.
#[track_caller]
fn assert_share(hits: impl IntoIterator<Item = bool>, p: f64) {
    let hits: Vec<bool> = hits.into_iter().collect();
    let n = hits.len() as f64;
    let share = hits.iter().filter(|hit| **hit).count() as f64 / n;
    assert!((share - p).abs() < 5.0 * (p * (1.0 - p) / n).sqrt(), "{share} of {n}, expected {p}");
}

/// Two masks that agree as often as independent ones do.
#[track_caller]
fn assert_independent<'a>(
    a: impl IntoIterator<Item = &'a f64>,
    b: impl IntoIterator<Item = &'a f64>,
    p: f64,
) {
    let both = a.into_iter().zip(b).map(|(a, b)| (*a == 0.0) == (*b == 0.0));
    assert_share(both, p * p + (1.0 - p) * (1.0 - p));
}

#[test]
fn between_layers() {
    for p in [0.1, 0.5, 0.8] {
        let mask = between(p, NOISE);
        assert_share(mask.iter().map(|&x| x == 0.0), p);
        let kept = 1.0 / (1.0 - p);
        assert!(mask.iter().all(|&x| x == 0.0 || x == kept), "what is kept is divided by 1 − p");
        assert_independent(mask.slice(s![.., 1.., ..]), mask.slice(s![.., ..TIME - 1, ..]), p);
        assert_independent(mask.slice(s![1.., .., ..]), mask.slice(s![..BATCH - 1, .., ..]), p);
        assert_independent(mask.slice(s![.., .., 1..]), mask.slice(s![.., .., ..UNITS - 1]), p);
        assert_independent(&between(p, Noise { step: 1, ..NOISE }), &mask, p);
        assert_independent(&between(p, Noise { seed: 4, ..NOISE }), &mask, p);
        assert_eq!(between(p, NOISE), mask);
    }
}

/// One mask for all timesteps of a sequence: after t of them it has been applied t times.
#[test]
fn on_the_recurrence() {
    for p in [0.1, 0.5] {
        let h = recurrent(p, false, NOISE);
        let mask = h.slice(s![.., 0, ..]);
        assert_share(mask.iter().map(|&x| x == 0.0), p);
        for t in 0..TIME {
            let power = mask.mapv(|x: f64| x.powf(t as f64 + 1.0));
            assert!(h.slice(s![.., t, ..]).iter().zip(&power).all(|(h, m)| (h - m).abs() <= 1e-12 * m));
        }
        let kept = 1.0 / (1.0 - p);
        assert!(mask.iter().all(|&x| x == 0.0 || x == kept), "what is kept is divided by 1 − p");
        assert_independent(mask.slice(s![1.., ..]), mask.slice(s![..BATCH - 1, ..]), p);
        assert_independent(recurrent(p, false, Noise { step: 1, ..NOISE }).slice(s![.., 0, ..]), mask, p);
        let both = recurrent(p, true, NOISE);
        assert_independent(both.slice(s![.., 0, ..UNITS]), both.slice(s![.., TIME - 1, UNITS..]), p);
    }
}

/// Without noise there is none of it, and with noise none after the last layer.
#[test]
fn where_there_is_none() {
    let mut case = Case { batch: 3, time: 5, input: 2, hidden: vec![17, 4], ..Case::random(0) };
    let pass = |case: &Case, noise: Option<Noise>| {
        let rnn = stack::<f64>(Gru, case);
        let (x, mut ws) = (normal::<f64>((3, 5, 2), 1), rnn.workspace());
        // A pass with it before must not show in one without.
        rnn.forward(Run::over(x.view()).noise(NOISE), &mut ws).expect("finite");
        let run = Run::over(x.view());
        rnn.forward(if let Some(noise) = noise { run.noise(noise) } else { run }, &mut ws).expect("finite");
        rnn.backward(normal((3, 5, rnn.output()), 2).view(), None, &mut ws).expect("finite");
        let gradients = bits(ws.gradients().as_slice());
        (bits(ws.output()), gradients)
    };
    case.options = Options::default();
    let plain = pass(&case, None);
    assert_eq!(pass(&case, Some(NOISE)), plain, "noise without an option");
    case.options = Options::default().dropout(0.6).recurrent_dropout(0.3);
    assert_eq!(pass(&case, None), plain, "options without noise");
    assert_ne!(pass(&case, Some(NOISE)), plain);
    case.hidden = vec![4];
    case.options = Options::default().dropout(0.6);
    assert_eq!(pass(&case, Some(NOISE)), pass(&case, None), "dropout after the only layer");
}

#[test]
fn what_is_no_probability_is_refused() {
    for bad in [1.0, -0.1, f64::NAN] {
        for (options, name) in [
            (Options::default().dropout(bad), "dropout"),
            (Options::default().recurrent_dropout(bad), "recurrent dropout"),
        ] {
            let error = Stack::<f64>::zeros(Gru, 1, &[2], options).expect_err("no probability");
            assert_eq!(error.to_string(), format!("{name} = {bad}: it must be at least 0 and below 1"));
        }
    }
}
