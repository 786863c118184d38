//! Gradients by path: the elementwise one and all others.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use ndarray::{Array1, Array2, Array3, Axis, concatenate, s};
use rand::SeedableRng;
use rand_pcg::Pcg64Dxsm;
use rnn_analysis::{Error, GradientPaths, gradient_paths};
use rnn_core::cell::Recurrence;
use rnn_core::{
    Bias, Cell, Error as NetworkError, Model, ModelWorkspace, Mse, Options, Random, Stack, Target,
};

const TIME: usize = 9;

struct Seen {
    model: Model<f64>,
    ws: ModelWorkspace<f64>,
    x: Array3<f64>,
}

/// A random network after a pass over three sequences; weights large enough that no path is negligible.
fn seen(cell: Cell<f64>, hidden: &[usize], options: impl Into<Options>, seed: u64, last: bool) -> Seen {
    let mut rng = Pcg64Dxsm::seed_from_u64(seed);
    let mut model = Model::<f64>::new(cell, 2, hidden, 1, options, &mut rng).unwrap();
    model.rnn.params_mut().as_mut_slice().iter_mut().for_each(|w| *w *= 1.5);
    let (mut x, mut y) = (Array3::zeros((3, TIME, 2)), Array3::zeros((3, TIME, 1)));
    rng.fill_normal(x.as_slice_mut().unwrap());
    rng.fill_normal(y.as_slice_mut().unwrap());
    let mut ws = model.workspace();
    let target = Target::values(y.view());
    model.loss_and_gradients(x.view(), if last { target.last() } else { target }, &Mse, &mut ws).unwrap();
    Seen { model, ws, x }
}

fn paths(seen: &Seen, layer: usize) -> GradientPaths {
    gradient_paths(&seen.model.rnn, &seen.ws.rnn, layer, 1).unwrap()
}

#[track_caller]
fn close(found: f64, expected: f64, what: &str) {
    assert!((found - expected).abs() <= 1e-12 * (1.0 + expected.abs()), "{what}: {found}, not {expected}");
}

/// dL/ds_t is what comes along the path and what comes through the rest of the step Jacobian, computed apart: so nothing is
/// missing, and nothing is counted twice.
///
/// Would catch: a recurrent product in the elementwise path, or one that is in neither part.
#[test]
fn both_parts_add_up_to_the_gradient_for_every_cell() {
    for seed in 0..4 {
        for cell in Cell::<f64>::all() {
            let name = cell.to_string();
            let seen = seen(cell, &[5], Bias::Double, seed, true);
            let (rnn, ws) = (&seen.model.rnn, &seen.ws.rnn);
            let paths = paths(&seen, 0);
            let mut without = rnn.clone();
            if let Some(mut w_hh) = without.params_mut().get_mut("weight_hh_l0") {
                w_hh.fill(0.0);
            }
            let n = paths.gradient.ncols();
            let own: Array2<f64> = Array2::eye(rnn.layers()[0].state_width());
            for t in (1..TIME).rev() {
                let both = rnn.step_jacobian(ws, 0, 1, t + 1).unwrap();
                let elementwise = without.step_jacobian(ws, 0, 1, t + 1).unwrap();
                assert_eq!(own.dim(), both.dim());
                if both.nrows() == n {
                    // The state is what the path carries.
                    let others = (&both - &elementwise).t().dot(&paths.gradient.row(t));
                    for j in 0..n {
                        let sum = paths.through[[t - 1, j]] + others[j];
                        close(sum, paths.gradient[[t - 1, j]], &name);
                    }
                } else {
                    // The rest of dL/dc goes through h_t alone: W_hh does not read c.
                    let h = both.nrows() - n;
                    assert_eq!(both.slice(s![.., h..]), elementwise.slice(s![.., h..]), "{name}");
                    let d = concatenate![Axis(0), ws.d_hidden(0).slice(s![1, t, ..]), paths.through.row(t)];
                    let through = both.t().dot(&d);
                    for j in 0..n {
                        close(through[h + j], paths.through[[t - 1, j]], &name);
                    }
                }
            }
            let rest = paths.rest();
            assert_eq!(rest.row(TIME - 1), paths.gradient.row(TIME - 1), "{name}");
            for ((at, rest), through) in rest.indexed_iter().zip(&paths.through) {
                close(rest + through, paths.gradient[at], &name);
            }
        }
    }
}

/// With W_hh = 0 and its products moved into b_hh the next state depends on s_{t−1} along the elementwise path alone: central
/// differences of that network are the diagonal that `kept` multiplies.
///
/// Would catch: a path through a gate's product, a peephole that is left out, a factor of the wrong timestep.
#[test]
fn the_path_is_what_is_left_with_the_products_held() {
    for cell in Cell::<f64>::all() {
        let form = cell.form();
        if matches!(form.recurrence, Recurrence::Gated) {
            continue; // the last product reads no state that b_hh could replace
        }
        let name = cell.to_string();
        let seen = seen(cell, &[4], Bias::Double, 7, true);
        let paths = paths(&seen, 0);
        let ws = &seen.ws.rnn;
        for t in 1..TIME {
            let mut held = seen.model.rnn.clone();
            if let Some(w_hh) = seen.model.rnn.params().get("weight_hh_l0") {
                let w_hh = w_hh.into_dimensionality::<ndarray::Ix2>().unwrap();
                let w_hh = match form.recurrence {
                    Recurrence::Antisymmetric => &w_hh - &w_hh.t(),
                    _ => w_hh.to_owned(),
                };
                let u: Array1<f64> = w_hh.dot(&ws.hidden(0).slice(s![1, t - 1, ..]));
                let params = held.params_mut();
                let mut bias = params.get_mut("bias_hh_l0").unwrap();
                bias += &u.into_dyn();
                params.get_mut("weight_hh_l0").unwrap().fill(0.0);
            }
            // After a factor of 0 the product does not tell the earlier ones.
            for j in (0..paths.kept.ncols()).filter(|&j| paths.kept[[t, j]] != 0.0) {
                let slope = difference(&held, &seen, paths.of_cell, t, j);
                let factor = paths.kept[[t - 1, j]] / paths.kept[[t, j]];
                assert!((slope - factor).abs() < 1e-6, "{name}, t = {t}, entry {j}: {factor}, not {slope}");
            }
        }
    }
}

/// ∂s_t[j] / ∂s_{t−1}[j] by central differences of one step.
fn difference(held: &Stack<f64>, seen: &Seen, of_cell: bool, t: usize, j: usize) -> f64 {
    const STEP: f64 = 1e-6;
    let x = seen.x.slice(s![1..2, t..=t, ..]).to_owned();
    let after = |by: f64| {
        let mut state = held.zero_state(1);
        let layer = &mut state.layers[0];
        layer.h.assign(&seen.ws.rnn.hidden(0).slice(s![1..2, t - 1, ..]));
        if let Some(c) = &mut layer.c {
            c.assign(&seen.ws.rnn.cell(0).slice(s![1..2, t - 1, ..]));
        }
        let entry = if of_cell { &mut layer.c.as_mut().unwrap()[[0, j]] } else { &mut layer.h[[0, j]] };
        *entry += by;
        let mut ws = held.workspace();
        held.forward(rnn_core::Run::over(x.view()).from_state(&state), &mut ws).unwrap();
        if of_cell { ws.cell(0)[[0, 0, j]] } else { ws.hidden(0)[[0, 0, j]] }
    };
    (after(STEP) - after(-STEP)) / (2.0 * STEP)
}

/// The equations of the cells themselves, for the gates that keep a state.
#[test]
fn the_path_of_a_gated_cell_is_its_keeping_gate() {
    for (name, gate, one_minus) in [
        ("lstm", "f", false),
        ("gru", "z", false),
        ("gru-reset-before", "z", false),
        ("lstm-coupled", "i", true),
        ("minimal-gated", "f", true),
        ("min-gru", "z", true),
    ] {
        let seen = seen(name.parse().unwrap(), &[4, 3], Bias::Double, 2, false);
        for layer in 0..2 {
            let paths = paths(&seen, layer);
            let gates = seen.model.rnn.gates(layer, &seen.ws.rnn).unwrap();
            let at = gates.gate(gate).unwrap();
            for t in 1..TIME {
                for j in 0..paths.kept.ncols() {
                    let value = gates.activation[[at, 1, t, j]];
                    let kept = if one_minus { 1.0 - value } else { value };
                    close(paths.kept[[t - 1, j]], kept * paths.kept[[t, j]], name);
                    close(paths.through[[t - 1, j]], kept * paths.gradient[[t, j]], name);
                }
            }
        }
    }
    let skip = seen("residual(activation=tanh)".parse().unwrap(), &[4], Bias::Double, 2, true);
    assert!(paths(&skip, 0).kept.iter().all(|&kept| kept == 1.0));
    let leak = seen("leaky(alpha=0.25, activation=tanh)".parse().unwrap(), &[4], Bias::Double, 2, true);
    assert_eq!(paths(&leak, 0).kept.row(TIME - 3), Array1::from_elem(4, 0.75 * 0.75));
    let elman = seen("rnn-tanh".parse().unwrap(), &[4], Bias::Double, 2, true);
    assert!(paths(&elman, 0).through.iter().all(|&through| through == 0.0));
}

/// A projection, layer normalization and dropout on the recurrence change what W_hh reads and makes, not the path of a cell
/// state.
#[test]
fn options_of_the_layer_leave_the_forget_gate_as_it_is() {
    for options in [
        Options::default().projection(3),
        Options::default().layer_norm(1e-5),
        Options::default().projection(2).layer_norm(1e-5),
    ] {
        for (name, gate) in [("lstm", "f"), ("gru", "z")] {
            let seen = seen(name.parse().unwrap(), &[5], options, 4, false);
            let paths = paths(&seen, 0);
            let gates = seen.model.rnn.gates(0, &seen.ws.rnn).unwrap();
            let at = gates.gate(gate).unwrap();
            for ((t, j), through) in paths.through.indexed_iter().filter(|((t, _), _)| t + 1 < TIME) {
                let gate = gates.activation[[at, 1, t + 1, j]];
                close(*through, gate * paths.gradient[[t + 1, j]], name);
            }
        }
    }
}

/// Would catch: factors that do not multiply to the measured ratio.
#[test]
fn the_factors_of_a_step_add_up_to_it() {
    for cell in Cell::<f64>::all() {
        let elman = cell.to_string().starts_with("rnn-");
        let seen = seen(cell, &[4, 4], Bias::Double, 5, true);
        for layer in 0..2 {
            let paths = paths(&seen, layer);
            let norm = |t: usize| paths.gradient.row(t).iter().map(|x| x * x).sum::<f64>().sqrt();
            let factors = paths.factors();
            assert_eq!(factors.len(), TIME - 1);
            for (at, step) in factors.into_iter().enumerate() {
                let Some(step) = step else {
                    assert!(elman || norm(at) == 0.0, "only an Elman cell has no such path");
                    continue;
                };
                let ratio = (norm(at) / norm(at + 1)).ln();
                assert!((step.elementwise + step.others - ratio).abs() < 1e-9, "{step:?}");
            }
        }
    }
}

#[test]
fn networks_without_a_single_path_are_refused() {
    let refused = |options: Options| {
        let seen = seen("lstm".parse().unwrap(), &[4], options, 1, true);
        let found = gradient_paths(&seen.model.rnn, &seen.ws.rnn, 0, 0);
        assert_eq!(found.unwrap_err(), Error::NoPaths { layer: 0 });
    };
    refused(Options::default().bidirectional(true));
    refused(Options::default().zoneout(0.1, 0.0));
    let mut seen = seen("lstm".parse().unwrap(), &[4], Bias::Double, 1, true);
    assert!(gradient_paths(&seen.model.rnn, &seen.ws.rnn, 0, 3).is_err(), "there is no fourth sequence");
    assert!(gradient_paths(&seen.model.rnn, &seen.ws.rnn, 1, 0).is_err(), "there is no second layer");
    seen.model.forward(seen.x.view(), &mut seen.ws).unwrap();
    let none = gradient_paths(&seen.model.rnn, &seen.ws.rnn, 0, 0);
    assert_eq!(none, Err(Error::Network(NetworkError::NotDifferentiated)));
}
