//! Scale sweeps: against the definition, against theory, and where they overflow.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use ndarray::{Array3, Ix2};
use rand::SeedableRng;
use rand_pcg::Pcg64Dxsm;
use rnn_analysis::{Flow, grid, rate_per_step, scale_recurrent, scale_sweep, spectral_radius};
use rnn_core::cell::Tanh;
use rnn_core::{
    Bias, Cell, Elman, Gru, IndRnn, Init, Lstm, Model, Mse, Options, Parameters, Place, Random, Target,
};

fn model(cell: impl Into<Cell<f64>>, hidden: &[usize]) -> Model<f64> {
    let mut rng = Pcg64Dxsm::seed_from_u64(3);
    Model::new(cell, 2, hidden, 1, Bias::Double, &mut rng).unwrap()
}

fn data(batch: usize, time: usize) -> (Array3<f64>, Array3<f64>) {
    let mut rng = Pcg64Dxsm::seed_from_u64(4);
    let (mut x, mut y) = (Array3::zeros((batch, time, 2)), Array3::zeros((batch, time, 1)));
    rng.fill_normal(x.as_slice_mut().unwrap());
    rng.fill_normal(y.as_slice_mut().unwrap());
    (x, y)
}

fn equals_the_definition(cell: impl Into<Cell<f64>>) {
    let model = model(cell, &[5, 3]);
    let (x, y) = data(3, 6);
    let scales = grid(&[-2.0, 0.0, 0.5, 1.0], &[-1.0, 2.0]);
    let points = scale_sweep(&model, x.view(), y.view(), &Mse, &scales).unwrap();
    assert_eq!(points.len(), 8);
    for (point, (weight, bias)) in points.iter().zip(scales) {
        let mut scaled = model.clone();
        for (name, mut array) in scaled.rnn.params_mut().iter_mut() {
            array *= if name.starts_with("weight") { weight } else { bias };
        }
        let mut ws = scaled.workspace();
        let loss = scaled.loss_and_gradients(x.view(), y.view(), &Mse, &mut ws).unwrap();
        assert_eq!((point.weight_scale, point.bias_scale, point.loss), (weight, bias, loss));
        assert_eq!(point.flow, Flow::of(&ws.rnn));
        assert_eq!(point.overflow, None);
    }
}

#[test]
fn every_point_is_the_network_with_scaled_weights_and_biases() {
    equals_the_definition(Elman::tanh());
    equals_the_definition(Lstm);
    equals_the_definition(Gru);
}

#[test]
fn the_spectral_radius_scales_with_the_weights_and_belongs_to_elman_alone() {
    let (x, y) = data(1, 3);
    let elman = model(Elman::relu(), &[4, 4]);
    let points = scale_sweep(&elman, x.view(), y.view(), &Mse, &[(1.0, 1.0), (-3.0, 0.0)]).unwrap();
    for layer in 0..2 {
        let (one, three) =
            (points[0].spectral_radius[layer].unwrap(), points[1].spectral_radius[layer].unwrap());
        assert!(one > 0.0 && (three / one - 3.0).abs() < 1e-12);
    }
    let gru = scale_sweep(&model(Gru, &[4]), x.view(), y.view(), &Mse, &[(1.0, 1.0)]).unwrap();
    assert_eq!(gru[0].spectral_radius, [None]);
}

#[test]
fn the_bits_do_not_depend_on_the_number_of_threads() {
    let model = model(Lstm, &[17]);
    let (x, y) = data(2, 5);
    let scales = grid(&[0.5, 1.0, 2.0, 3.0], &[0.0, 1.0, 2.0]);
    let run = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            scale_sweep(&model, x.view(), Target::values(y.view()).last(), &Mse, &scales).unwrap()
        })
    };
    assert_eq!(run(1), run(5));
}

/// In a linear network with the loss at the last step, dL/dh_t = (Wᵀ)^(T−t) dL/dh_T, whose norm grows like ρ^(T−t) in
/// the long run.
#[test]
fn a_linear_network_follows_its_spectral_radius() {
    let mut model = model(Elman::identity(), &[16]);
    model.rnn.initialize(Init::PyTorch, &mut Pcg64Dxsm::seed_from_u64(11)).unwrap();
    let (x, y) = data(1, 200);
    for point in
        scale_sweep(&model, x.view(), Target::values(y.view()).last(), &Mse, &grid(&[0.5, 1.0, 2.0], &[1.0]))
            .unwrap()
    {
        let norms = point.flow.grad_norm.row(0);
        let earliest = norms.slice(ndarray::s![..100]).to_vec();
        let rate = rate_per_step(&earliest).unwrap();
        let radius = point.spectral_radius[0].unwrap();
        assert!((rate.ln() - radius.ln()).abs() < 0.02, "rate {rate}, radius {radius}");
    }
}

#[test]
fn an_overflow_is_reported_where_it_first_happened_and_stops_nothing_else() {
    let model = model(Elman::identity(), &[8]);
    let (x, y) = data(1, 400);
    let points = scale_sweep(&model, x.view(), y.view(), &Mse, &[(1.0, 1.0), (200.0, 1.0)]).unwrap();
    assert!(points[0].loss.is_finite() && points[0].overflow.is_none());
    assert!(points[1].loss.is_nan());
    let Some(Place::HiddenState { layer: 0, timestep, .. }) = points[1].overflow else {
        panic!("{:?}", points[1].overflow)
    };
    let norms = points[1].flow.hidden_norm.row(0);
    assert!(norms[timestep - 2].is_finite(), "the norm before the overflow is known");
    assert!(points[1].flow.grad_norm.iter().all(|g| g.is_nan()), "gradients were never computed");
}

#[test]
fn bad_input_is_an_error_that_names_it() {
    let model = model(Elman::tanh(), &[3]);
    let (mut x, y) = data(1, 3);
    let error = |x: &Array3<f64>, scales: &[(f64, f64)]| {
        scale_sweep(&model, x.view(), y.view(), &Mse, scales).unwrap_err().to_string()
    };
    x[[0, 2, 1]] = f64::INFINITY;
    assert_eq!(error(&x, &[(1.0, 1.0)]), "inf in x[0, 2, 1]");
    assert!(error(&Array3::zeros((1, 3, 5)), &[(1.0, 1.0)]).contains("[1, 3, 2]"));
    assert!(scale_sweep(&model, x.view(), y.view(), &Mse, &[]).unwrap().is_empty());
}

/// Would catch: directions taken for levels, which panicked; each of `Stack::layers` has its own W_hh.
#[test]
fn a_bidirectional_network_has_a_radius_for_each_direction() {
    let options = Options::default().bidirectional(true);
    let mut rng = Pcg64Dxsm::seed_from_u64(3);
    let model = Model::<f64>::new(Elman::tanh(), 2, &[4, 3], 1, options, &mut rng).unwrap();
    let (x, y) = data(2, 5);
    let scales = [(1.0, 1.0), (-2.0, 0.5)];
    let points = scale_sweep(&model, x.view(), y.view(), &Mse, &scales).unwrap();
    let names = ["weight_hh_l0", "weight_hh_l0_reverse", "weight_hh_l1", "weight_hh_l1_reverse"];
    for (point, (weight, _)) in points.iter().zip(scales) {
        assert_eq!(point.flow.grad_norm.dim(), (2, 5), "norms are by level");
        for (radius, name) in point.spectral_radius.iter().zip(names) {
            let w_hh = model.rnn.params().get(name).unwrap().into_dimensionality::<Ix2>().unwrap();
            let want = spectral_radius(w_hh).unwrap() * f64::abs(weight);
            assert_eq!(radius.unwrap(), want);
        }
        assert_eq!(point.spectral_radius.len(), 4);
    }
    let gru = Model::<f64>::new(Gru, 2, &[4], 1, options, &mut rng).unwrap();
    let point = &scale_sweep(&gru, x.view(), y.view(), &Mse, &scales).unwrap()[1];
    assert_eq!(point.spectral_radius, [None, None]);
}

/// Would catch: one scale that is not finite, or that a parameter does not survive, losing all points.
#[test]
fn a_bad_scale_is_told_at_its_point_alone() {
    let model = model(Elman::tanh(), &[3]);
    let (x, y) = data(1, 3);
    let scales = [(1.0, 1.0), (1.0, f64::NAN), (f64::INFINITY, 0.0), (f64::MAX, 1.0), (0.5, 1.0)];
    let mut large = model.clone();
    large.rnn.params_mut().get_mut("weight_hh_l0").unwrap().fill(1.5);
    let points = scale_sweep(&large, x.view(), y.view(), &Mse, &scales).unwrap();
    for (at, point) in points.iter().enumerate() {
        match at {
            1 | 2 => assert_eq!(point.overflow, Some(Place::Given { array: "scales", index: vec![at] })),
            3 => assert!(
                matches!(&point.overflow, Some(Place::Parameter { name, .. }) if name == "weight_hh_l0")
            ),
            _ => assert!(point.overflow.is_none() && point.loss.is_finite()),
        }
        assert_eq!(
            point.overflow.is_some(),
            point.loss.is_nan() && point.flow.grad_norm.iter().all(|g| g.is_nan())
        );
    }
    // A parameter of the model itself is an error for all.
    let mut broken = model;
    broken.rnn.params_mut().get_mut("bias_ih_l0").unwrap()[1] = f64::NAN;
    let error = scale_sweep(&broken, x.view(), y.view(), &Mse, &scales).unwrap_err().to_string();
    assert_eq!(error, "NaN in parameter bias_ih_l0[1]");
}

/// Would catch: a scale that is not finite and has nothing to scale, in a network without biases, taken for a good one.
#[test]
fn a_bad_scale_of_nothing_is_told_too() {
    let mut model = Model::<f64>::zeros(Elman::tanh(), 2, &[3], 1, Bias::None).unwrap();
    model.fill(0.5);
    let (x, y) = data(1, 3);
    let points = scale_sweep(&model, x.view(), y.view(), &Mse, &[(1.0, f64::NAN), (1.0, 7.0)]).unwrap();
    assert_eq!(points[0].overflow, Some(Place::Given { array: "scales", index: vec![0] }));
    assert!(points[0].loss.is_nan() && points[0].spectral_radius == [None]);
    assert!(points[1].overflow.is_none() && points[1].loss.is_finite());
}

/// The recurrent weights of an independently recurrent unit are a diagonal; a linear unit has none that are scaled.
#[test]
fn cells_without_a_recurrent_matrix_have_the_radius_of_their_diagonal() {
    let (x, y) = data(1, 3);
    let mut model = Model::<f64>::zeros(IndRnn(Tanh), 2, &[3], 1, Bias::Single).unwrap();
    let mut diagonal = model.rnn.params_mut().get_mut("weight_h_l0").unwrap();
    diagonal.iter_mut().zip([0.5, -0.75, 0.25]).for_each(|(to, w)| *to = w);
    let points = scale_sweep(&model, x.view(), y.view(), &Mse, &[(2.0, 1.0)]).unwrap();
    assert_eq!(points[0].spectral_radius, [Some(1.5)]);
    for cell in ["linear-unit", "min-gru"] {
        let model = Model::zeros(cell.parse::<Cell<f64>>().unwrap(), 2, &[3], 1, Bias::Single).unwrap();
        let points = scale_sweep(&model, x.view(), y.view(), &Mse, &[(2.0, 1.0)]).unwrap();
        assert_eq!(points[0].spectral_radius, [None], "{cell}");
    }
}

/// Would catch: gains, offsets, learned initial states, or any parameter that is neither weight nor bias, times the bias scale.
#[test]
fn gains_offsets_and_learned_initial_states_are_not_scaled() {
    let options = Options::from(Bias::Single).learned_initial(true).layer_norm(1e-5).projection(2);
    let mut model = Model::<f64>::zeros(Lstm, 2, &[3], 1, options).unwrap();
    model.fill(1.0);
    let mut scaled = model.clone();
    scale_recurrent(&model, &mut scaled, 3.0, 0.0);
    for (name, array) in scaled.rnn.params().iter() {
        let want = match name {
            "weight_ih_l0" | "weight_hh_l0" | "weight_hr_l0" => 3.0,
            "bias_l0" => 0.0,
            // Gains, offsets and initial states.
            _ if ["gain_", "offset_", "initial_"].iter().any(|kind| name.starts_with(kind)) => 1.0,
            _ => panic!("{name}"),
        };
        assert!(array.iter().all(|&x| x == want), "{name}");
    }
    // Biases off, and the network still has states and gradients.
    let (x, y) = data(2, 4);
    let point = scale_sweep(&model, x.view(), y.view(), &Mse, &[(1.0, 0.0)]).unwrap().remove(0);
    assert!(point.flow.hidden_norm.iter().chain(&point.flow.grad_norm).all(|&norm| norm > 0.0));
}
