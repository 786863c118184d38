//! What holds for every built-in cell.

use ndarray::{Array3, s};
use rand::SeedableRng;
use rand_pcg::Pcg64Dxsm;
use rnn_core::{Bias, Cell, Elman, Error, Leaky, Model, Mse, Options, Random, Stack, gradcheck};

fn noise(shape: (usize, usize, usize), seed: u64) -> Array3<f64> {
    let mut array = Array3::zeros(shape);
    Pcg64Dxsm::seed_from_u64(seed).fill_normal(array.as_slice_mut().expect("contiguous"));
    array
}

/// A few networks of other seeds than those of the test `gradients`.
#[test]
fn gradients_are_right() {
    for (name, check) in gradcheck::every_cell() {
        let report = check.networks(6).seed(1000).check();
        assert!(report.is_ok(), "{name}: {}", report.expect_err("wrong"));
    }
}

/// dL/d(pre-activation) is the slope times dL/d(value), for a usual network and for a saturated one, where a slope computed
/// from a rounded value would be 0 or wrong.
#[test]
fn gates_obey_the_chain_rule() {
    for (cell, size) in Cell::<f64>::all().into_iter().flat_map(|cell| [(cell.clone(), 1.0), (cell, 50.0)]) {
        let mut rng = Pcg64Dxsm::seed_from_u64(1);
        let mut model = Model::<f64>::new(cell.clone(), 3, &[3], 2, Bias::Double, &mut rng).expect("sizes");
        let cell = cell.to_string();
        // What grows without bound has no saturated gate, and overflows.
        let bounded = !["rnn-relu", "rnn-identity", "indrnn", "linear-unit", "residual"]
            .iter()
            .any(|name| cell.starts_with(name));
        if size > 1.0 && !bounded {
            continue;
        }
        model.rnn.params_mut().as_mut_slice().iter_mut().for_each(|w| *w *= size);
        let (x, y) = (noise((2, 6, 3), 2), noise((2, 6, 2), 3));
        let mut ws = model.workspace();
        let (_, xray) = model.xray(x.view(), y.view(), &Mse, &mut ws).expect("finite");
        let seen = &xray.layers[0];
        assert!(!seen.gates.is_empty(), "{cell} tells its gates");
        assert!(seen.d_a.iter().any(|&d| d != 0.0), "{cell}: there are gradients");
        let largest = seen.d_a.iter().fold(0.0, |most: f64, d| most.max(d.abs()));
        for (at, &d_a) in seen.d_a.indexed_iter() {
            let (slope, d) = (seen.slope[at], seen.d_activation[at]);
            let off = (slope * d - d_a).abs();
            assert!(
                off <= 1e-12 * d_a.abs() + 1e-15 * largest,
                "{cell}, weights times {size}, gate {} at {at:?}: {slope:e} · {d:e} is not {d_a:e}",
                seen.gates[at.0]
            );
        }
    }
}

/// The step of one sequence takes another path than that of several.
#[test]
fn streams_have_the_bits_of_a_pass() {
    let plain = Options::from(Bias::Double);
    for cell in Cell::<f64>::all() {
        let mut ran = 0;
        for options in
            [plain, plain.projection(3), plain.layer_norm(1e-5), plain.projection(4).layer_norm(1e-5)]
        {
            let mut rnn = match Stack::<f64>::zeros(cell.clone(), 5, &[5], options) {
                Err(Error::Unsuited { .. }) => continue,
                other => other.expect("sizes"),
            };
            Pcg64Dxsm::seed_from_u64(4).fill_uniform(-0.6, 0.6, rnn.params_mut().as_mut_slice());
            let stream = rnn.stream().expect("finite");
            for batch in [1, 3] {
                let x = noise((batch, 7, 5), 5);
                let mut ws = rnn.workspace();
                rnn.forward(x.view(), &mut ws).expect("finite");
                let mut state = stream.state(batch);
                for t in 0..7 {
                    let now: Vec<f64> = x.slice(s![.., t, ..]).iter().copied().collect();
                    let h = stream.step(&now, &mut state).expect("finite");
                    let whole = ws.output();
                    let same =
                        h.iter().zip(whole.slice(s![.., t, ..])).all(|(a, b)| a.to_bits() == b.to_bits());
                    assert!(same, "{cell}, batch {batch}, timestep {t}, {options:?}");
                }
                assert_eq!(state.snapshot(), ws.final_state(), "{cell}");
            }
            ran += 1;
        }
        assert!(ran >= 2, "{cell}: without options and with normalization, at the least");
    }
}

#[test]
fn names_round_trip() {
    for cell in Cell::<f64>::all() {
        let text = cell.to_string();
        assert_eq!(text.parse::<Cell<f64>>().expect("its own name").to_string(), text);
        assert_eq!(Cell::<f64>::builtin_of_any_float(&cell.name()).expect("its own name"), cell);
    }
}

/// c_t = a_t + u_t, h_t = tanh c_t.
#[test]
fn a_leaky_unit_without_a_leak_is_elman() {
    let pass = |cell: Cell<f64>| {
        let mut rng = Pcg64Dxsm::seed_from_u64(6);
        let rnn = Stack::<f64>::new(cell, 3, &[17, 4], Bias::Double, &mut rng).expect("sizes");
        let mut ws = rnn.workspace();
        rnn.forward(noise((3, 9, 3), 7).view(), &mut ws).expect("finite");
        rnn.backward(noise((3, 9, 4), 8).view(), None, &mut ws).expect("finite");
        let bits = |x: ndarray::ArrayView3<'_, f64>| x.iter().map(|x| x.to_bits()).collect::<Vec<_>>();
        (bits(ws.output()), bits(ws.d_input()))
    };
    let leaky = Leaky { alpha: 1.0, activation: rnn_core::cell::Tanh };
    let (leaky, elman) = (pass(leaky.into()), pass(Elman::tanh().into()));
    assert_eq!(leaky.0, elman.0, "states");
    let off = leaky.1.iter().zip(&elman.1).map(|(a, b)| (f64::from_bits(*a) - f64::from_bits(*b)).abs());
    assert!(off.fold(0.0, f64::max) < 1e-14, "gradients of the input");
}

/// The gate of a minimal gated unit admits: σ of a negative bias keeps the state.
#[test]
fn a_forget_bias_makes_states_last() {
    use rnn_core::Init;
    for name in ["minimal-gated", "lstm", "gru"] {
        let kept = |bias: f64| {
            let cell: Cell<f64> = name.parse().expect("a name");
            let mut rnn = Stack::<f64>::zeros(cell, 1, &[4], Bias::Double).expect("sizes");
            rnn.initialize(Init::ForgetBias(bias), &mut Pcg64Dxsm::seed_from_u64(0)).expect("a gate");
            let mut state = rnn.zero_state(1);
            state.layers[0].h.fill(1.0);
            if let Some(c) = &mut state.layers[0].c {
                c.fill(1.0);
            }
            let mut ws = rnn.workspace();
            let x = Array3::zeros((1, 10, 1));
            rnn.forward(rnn_core::Run::over(x.view()).from_state(&state), &mut ws).expect("finite");
            let end = ws.final_state().layers.remove(0);
            end.c.unwrap_or(end.h)[[0, 0]]
        };
        // After ten steps of a gate σ(b): σ(5)^10 = 0.935 and σ(−5)^10 = 3e-22.
        assert!((kept(5.0) - 0.935).abs() < 1e-3, "{name}: {} is kept", kept(5.0));
        assert!(kept(-5.0) < 1e-20, "{name}: {} is kept", kept(-5.0));
    }
}

/// What a cell cannot have is an error that names both.
#[test]
fn options_that_do_not_suit_are_refused() {
    let plain = Options::default();
    for (name, options, what) in [
        ("gru-reset-before", plain.projection(2), "projection"),
        ("minimal-gated", plain.projection(2), "projection"),
        ("antisymmetric(epsilon=0.1, gamma=0.01, activation=tanh)", plain.projection(2), "projection"),
        ("min-gru", plain.recurrent_dropout(0.1), "dropout on the recurrence"),
        ("min-lstm", plain.recurrent_dropout(0.1), "dropout on the recurrence"),
        ("linear-unit", plain.recurrent_dropout(0.1), "dropout on the recurrence"),
        ("indrnn(activation=relu)", plain.recurrent_dropout(0.1), "dropout on the recurrence"),
    ] {
        let cell: Cell<f64> = name.parse().expect("a name");
        let error = Stack::zeros(cell, 5, &[5], options).expect_err(name);
        assert!(matches!(error, Error::Unsuited { .. }), "{name}: {error}");
        let text = error.to_string();
        assert!(text.contains(name) && text.contains(what), "{text}");
    }
}

/// A product of sizes that overflows is an error before memory is asked for.
#[test]
fn sizes_beyond_memory_are_refused() {
    for cell in Cell::<f64>::all() {
        for (input, hidden) in [(usize::MAX, 1), (1, usize::MAX), (usize::MAX / 2, 3), (1 << 40, 1 << 40)] {
            let error = Stack::zeros(cell.clone(), input, &[hidden], Bias::Double).expect_err("too large");
            assert!(matches!(error, Error::TooLarge { .. }), "{cell}: {error}");
        }
    }
}

/// 2^63 rows of 2 columns hold 0 numbers, if the product wraps.
#[test]
#[should_panic(expected = "matrix")]
fn a_matrix_of_overflowing_size_is_refused() {
    let empty: [f64; 0] = [];
    let _ = rnn_core::kernel::Matrix::rows_of(&empty, 1 << 63, 2);
}
