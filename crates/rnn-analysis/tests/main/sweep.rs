//! Scale sweeps: against the definition, against theory, and where they overflow.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use ndarray::Array3;
use rand::SeedableRng;
use rand_pcg::Pcg64Dxsm;
use rnn_analysis::{Flow, grid, rate_per_step, scale_sweep};
use rnn_core::{Bias, Cell, Elman, Gru, Init, Lstm, Model, Mse, Place, Random};

fn model(cell: C, hidden: &[usize]) -> Model<f64> {
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

fn equals_the_definition(cell: C) {
    let model = model(cell, &[5, 3]);
    let (x, y) = data(3, 6);
    let scales = grid(&[-2.0, 0.0, 0.5, 1.0], &[-1.0, 2.0]);
    let points = scale_sweep(&model, x.view(), y.view(), &Mse::all(), &scales).unwrap();
    assert_eq!(points.len(), 8);
    for (point, (weight, bias)) in points.iter().zip(scales) {
        let mut scaled = model.clone();
        for (name, mut array) in scaled.rnn.params_mut().iter_mut() {
            array *= if name.starts_with("weight") { weight } else { bias };
        }
        let mut ws = scaled.workspace();
        let loss = scaled.loss_and_gradients(x.view(), y.view(), &Mse::all(), &mut ws).unwrap();
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
    let points = scale_sweep(&elman, x.view(), y.view(), &Mse::all(), &[(1.0, 1.0), (-3.0, 0.0)]).unwrap();
    for layer in 0..2 {
        let (one, three) =
            (points[0].spectral_radius[layer].unwrap(), points[1].spectral_radius[layer].unwrap());
        assert!(one > 0.0 && (three / one - 3.0).abs() < 1e-12);
    }
    let gru = scale_sweep(&model(Gru, &[4]), x.view(), y.view(), &Mse::all(), &[(1.0, 1.0)]).unwrap();
    assert_eq!(gru[0].spectral_radius, [None]);
}

#[test]
fn the_bits_do_not_depend_on_the_number_of_threads() {
    let model = model(Lstm, &[17]);
    let (x, y) = data(2, 5);
    let scales = grid(&[0.5, 1.0, 2.0, 3.0], &[0.0, 1.0, 2.0]);
    let run = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| scale_sweep(&model, x.view(), y.view(), &Mse::last(), &scales).unwrap())
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
        scale_sweep(&model, x.view(), y.view(), &Mse::last(), &grid(&[0.5, 1.0, 2.0], &[1.0])).unwrap()
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
    let points = scale_sweep(&model, x.view(), y.view(), &Mse::all(), &[(1.0, 1.0), (200.0, 1.0)]).unwrap();
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
        scale_sweep(&model, x.view(), y.view(), &Mse::all(), scales).unwrap_err().to_string()
    };
    assert_eq!(error(&x, &[(1.0, 1.0), (1.0, f64::NAN)]), "NaN in scales[1]");
    x[[0, 2, 1]] = f64::INFINITY;
    assert_eq!(error(&x, &[(1.0, 1.0)]), "inf in x[0, 2, 1]");
    assert!(error(&Array3::zeros((1, 3, 5)), &[(1.0, 1.0)]).contains("[1, 3, 2]"));
    assert!(scale_sweep(&model, x.view(), y.view(), &Mse::all(), &[]).unwrap().is_empty());
}
