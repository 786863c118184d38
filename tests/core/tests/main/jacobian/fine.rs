//! Slopes that do not round to 0 where units saturate.

use ndarray::{Array3, s};
use proptest::prelude::*;
use rand::SeedableRng;
use rand_pcg::Pcg64Dxsm;
use rnn_core::{
    Activation, Bias, Cell, Elman, Error, Gru, GruResetBefore, Lstm, MinGru, Options, Random, Real, Run,
    Stack,
};

fn options() -> Vec<Options> {
    let usual = Options::from(Bias::Double);
    vec![
        usual,
        usual.layer_norm(1e-5).learned_initial(true),
        usual.projection(2),
        usual.zoneout(0.2, 0.3),
        usual.recurrent_dropout(0.3),
        usual.bidirectional(true).layer_norm(1e-5),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4, failure_persistence: None, ..ProptestConfig::default() })]

    /// Would catch: a fine cell that is another cell, under any option, or that changes a bit of a state.
    #[test]
    fn states_keep_their_bits_and_ordinary_jacobians_their_values(seed in any::<u64>()) {
        for (cell, options) in Cell::<f64>::all().into_iter().flat_map(|cell| options().into_iter().map(move |o| (cell.clone(), o))) {
            let mut rng = Pcg64Dxsm::seed_from_u64(seed);
            let Ok(rnn) = Stack::new(cell.clone(), 3, &[3, 3], options, &mut rng) else { continue };
            let mut x = Array3::zeros((2, 4, 3));
            rng.fill_normal(x.as_slice_mut().unwrap());
            let fine = rnn.with_fine_slopes();
            let (mut ws, mut fine_ws) = (rnn.workspace(), fine.workspace());
            rnn.forward(x.view(), &mut ws).unwrap();
            fine.forward(x.view(), &mut fine_ws).unwrap();
            for layer in 0..2 {
                prop_assert_eq!(ws.hidden(layer), fine_ws.hidden(layer), "{} {:?}", &cell, &options);
                prop_assert_eq!(ws.cell(layer), fine_ws.cell(layer), "{} {:?}", &cell, &options);
            }
            prop_assert!(
                matches!(fine.step_jacobian(&ws, 0, 0, 1), Err(Error::OtherNetwork { .. })),
                "{}: a built-in cell has a fine one", &cell
            );
            for (layer, sequence) in (0..rnn.layers().len()).flat_map(|k| [(k, 0), (k, 1)]) {
                let mut plain = rnn.step_jacobians(&ws, layer, sequence).unwrap();
                let mut fine = fine.step_jacobians(&fine_ws, layer, sequence).unwrap();
                for t in 1..=4 {
                    let (plain, fine) = (plain.at(t).unwrap(), fine.at(t).unwrap());
                    for (&plain, &fine) in plain.iter().zip(fine) {
                        prop_assert!(
                            (plain - fine).abs() <= 1e-12 * (1.0 + plain.abs()),
                            "{} {:?}, layer {}, t = {}: {:e} {:e}", &cell, &options, layer, t, plain, fine
                        );
                    }
                }
            }
        }
    }
}

/// ∂s_1/∂s_0 of one unit with these parameters, from the state h, c at x = 1.
fn step<F: Real>(cell: impl Into<Cell<F>>, params: &[(&str, &[f64])], state: &[f64]) -> Vec<f64> {
    let mut rnn = Stack::<F>::zeros(cell, 1, &[1], Bias::Single).unwrap();
    for (name, values) in params {
        let mut array = rnn.params_mut().get_mut(name).unwrap();
        array.iter_mut().zip(*values).for_each(|(to, &x)| *to = F::of(x));
    }
    let rnn = rnn.with_fine_slopes();
    let mut initial = rnn.zero_state(1);
    initial.layers[0].h.fill(F::of(state[0]));
    if let Some(c) = &mut initial.layers[0].c {
        c.slice_mut(s![0, ..]).iter_mut().zip(&state[1..]).for_each(|(to, &x)| *to = F::of(x));
    }
    let mut ws = rnn.workspace();
    rnn.forward(Run::over(Array3::ones((1, 1, 1)).view()).from_state(&initial), &mut ws).unwrap();
    rnn.step_jacobian(&ws, 0, 0, 1).unwrap().iter().map(|x| x.to_f64().unwrap()).collect()
}

fn sech2(z: f64) -> f64 {
    let e = (-2.0 * z.abs()).exp();
    4.0 * e / (1.0 + e).powi(2)
}

/// σ(z) for any z, without a difference.
fn sigma(z: f64) -> f64 {
    let e = (-z.abs()).exp();
    if z >= 0.0 { 1.0 / (1.0 + e) } else { e / (1.0 + e) }
}

fn close(got: &[f64], want: &[f64], tolerance: f64) {
    assert_eq!(got.len(), want.len());
    for (got, want) in got.iter().zip(want) {
        assert!((got - want).abs() <= tolerance * want.abs(), "{got:e} is not {want:e}");
    }
}

/// Would catch: slopes from rounded values, which are 0 in all of these.
#[test]
fn saturated_units_have_the_slopes_of_their_pre_activations() {
    for b in [-40.0, 25.0, 60.0, 200.0] {
        let params: [(&str, &[f64]); 2] = [("weight_hh_l0", &[0.5]), ("bias_l0", &[b])];
        close(&step::<f64>(Elman::tanh(), &params, &[0.0]), &[0.5 * sech2(b)], 1e-13);
        close(&step::<f64>(Elman::sigmoid(), &params, &[0.0]), &[0.5 * sigma(b) * sigma(-b)], 1e-13);
        // h_t = (1 − z) h_{t−1} + z n
        let bias: [(&str, &[f64]); 1] = [("bias_l0", &[b, 0.3])];
        close(&step::<f64>(MinGru, &bias, &[0.2]), &[sigma(-b)], 1e-13);
    }
    for b in [10.0, -20.0, 40.0] {
        let params: [(&str, &[f64]); 2] = [("weight_hh_l0", &[0.5]), ("bias_l0", &[b])];
        close(&step::<f32>(Elman::tanh(), &params, &[0.0]), &[0.5 * sech2(b)], 1e-6);
    }

    // r and n depend on h, and z is all but 0.
    let (w_r, w_n, b_r, b_z, b_n, h) = (0.7, 0.5, 50.0, -300.0, 45.0, 0.25);
    let params: [(&str, &[f64]); 2] = [("weight_hh_l0", &[w_r, 0.0, w_n]), ("bias_l0", &[b_r, b_z, b_n])];
    let (r, z) = (sigma(b_r + w_r * h), sigma(b_z));
    let d_r = r * sigma(-b_r - w_r * h) * w_r;
    let through_n = sech2(b_n + r * w_n * h) * (r * w_n + d_r * w_n * h);
    for cell in [Cell::<f64>::from(Gru), GruResetBefore.into()] {
        close(&step(cell, &params, &[h]), &[(1.0 - z) * through_n + z], 1e-12);
    }
}

/// i, f, g and o of an LSTM, and φ(c): each row of its Jacobian in closed form.
#[test]
fn a_saturated_lstm_has_the_jacobian_of_its_gates() {
    let (w, b, [h, c]) = ([0.3, -0.2, 0.4, 0.6], [38.0, 41.0, 22.0, 39.0], [0.1, 24.0]);
    let params: [(&str, &[f64]); 2] = [("weight_hh_l0", &w), ("bias_l0", &b)];
    let z: Vec<f64> = w.iter().zip(b).map(|(w, b)| w * h + b).collect();
    let slope = |k: usize| if k == 2 { sech2(z[k]) } else { sigma(z[k]) * sigma(-z[k]) };
    let (i, f, g, o) = (sigma(z[0]), sigma(z[1]), z[2].tanh(), sigma(z[3]));
    let new = f * c + i * g;
    let c_h = g * slope(0) * w[0] + c * slope(1) * w[1] + i * slope(2) * w[2];
    let h_c = o * sech2(new);
    let want = [h_c * c_h + new.tanh() * slope(3) * w[3], h_c * f, c_h, f];
    close(&step::<f64>(Lstm, &params, &[h, c]), &want, 1e-12);
}

/// φ(z) = 2 tanh z, under the name of another activation, and so a cell under the name of another cell.
#[derive(Clone, Copy)]
struct Impostor;

impl Activation<f64> for Impostor {
    fn name(&self) -> String {
        "tanh".to_owned()
    }

    fn eval(&self, z: f64) -> (f64, f64) {
        let y = z.tanh();
        (2.0 * y, 2.0 - 2.0 * y * y)
    }
}

/// Would catch: the equations of a built-in cell taken for those of a unit that only has its name.
#[test]
fn a_unit_of_the_callers_keeps_its_own_slopes() {
    let params: [(&str, &[f64]); 2] = [("weight_hh_l0", &[0.5]), ("bias_l0", &[0.3])];
    assert_eq!(Cell::<f64>::from(Elman(Impostor)).to_string(), "rnn-tanh");
    close(&step::<f64>(Elman(Impostor), &params, &[0.0]), &[sech2(0.3)], 1e-14);
    let sine = |z: f64| (z.sin(), z.cos());
    close(&step::<f64>(Elman(sine), &params, &[0.0]), &[0.5 * 0.3f64.cos()], 1e-14);
}
