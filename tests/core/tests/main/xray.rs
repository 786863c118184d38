//! The X-ray against what a backward pass says, for every cell and with both directions, lengths and dropout.

use ndarray::{Array3, Axis, s};
use rand::SeedableRng;
use rnn_core::{
    Bias, Cell, Error, Gru, Model, Mse, Noise, Options, Random, Run, SATURATED, Stack, Workspace, Xray,
};

fn noise(shape: (usize, usize, usize), seed: u64) -> Array3<f64> {
    let mut array = Array3::zeros(shape);
    let mut rng = rand_pcg::Pcg64Dxsm::seed_from_u64(seed);
    rng.fill_normal(array.as_slice_mut().expect("contiguous"));
    array
}

const LENGTHS: [usize; 3] = [4, 7, 2];

/// A stack of two layers, with everything that a run can have.
fn run(
    cell: impl Into<Cell<f64>>,
    change: impl Fn(Options) -> Options,
) -> (Stack<f64>, Workspace<f64>, Xray<f64>) {
    let options = Options::from(Bias::Double).bidirectional(true).learned_initial(true).dropout(0.3);
    let mut rng = rand_pcg::Pcg64Dxsm::seed_from_u64(3);
    let rnn = Stack::new(cell, 2, &[5, 4], change(options), &mut rng).expect("sizes");
    let mut ws = rnn.workspace();
    let x = noise((3, 7, 2), 1);
    let run = Run::over(x.view()).lengths(&LENGTHS).noise(Noise { seed: 1, step: 2 });
    rnn.forward(run, &mut ws).expect("finite");
    let d_output = noise((3, 7, rnn.output()), 2);
    let xray = rnn.xray(d_output.view(), None, &mut ws).expect("finite");
    // The workspace is as `backward` leaves it.
    let mut again = rnn.workspace();
    rnn.forward(run, &mut again).expect("finite");
    rnn.backward(d_output.view(), None, &mut again).expect("finite");
    assert_eq!(again.gradients(), ws.gradients());
    assert_eq!(again.d_hidden(0), ws.d_hidden(0));
    assert_eq!(again.d_input(), ws.d_input());
    (rnn, ws, xray)
}

fn check(name: &str, gates: &[&str], change: impl Fn(Options) -> Options) {
    let (rnn, ws, xray) = run(name.parse::<Cell<f64>>().expect("a name"), change);
    assert_eq!(xray.layers.len(), 4);
    let mut named = 0;
    for (layer, seen) in rnn.layers().iter().zip(&xray.layers) {
        assert_eq!(seen.gates, gates);
        // The terms add up to the gradients, and there is one for every parameter but learned states.
        for (name, terms) in &seen.terms {
            let gradient = ws.gradients().get(name).expect("a parameter");
            let sum = terms.sum_axis(Axis(0));
            let scale = gradient.iter().fold(1.0, |most: f64, g| most.max(g.abs()));
            let off = (&sum - &gradient).iter().fold(0.0, |most: f64, d| most.max(d.abs()));
            assert!(off <= 1e-12 * scale, "{name}: {off:e}");
            assert!(gradient.iter().any(|&g| g != 0.0), "{name} has a gradient");
            named += 1;
        }
        let (blocks, batch, time, units) = seen.d_a.dim();
        assert_eq!((blocks, batch, time, units), (gates.len(), 3, 7, layer.hidden));
        for (((g, b, t, j), &d_a), (&slope, &gradient)) in
            seen.d_a.indexed_iter().zip(seen.slope.iter().zip(&seen.d_activation))
        {
            if t >= LENGTHS[b] {
                assert_eq!((d_a, slope, gradient), (0.0, 0.0, 0.0));
            } else {
                let off = (slope * gradient - d_a).abs();
                assert!(
                    off <= 1e-12 * d_a.abs().max(1e-3),
                    "gate {g} of unit {j}: {slope} · {gradient} is not {d_a}"
                );
            }
        }
        // Saturation, naively.
        for ((g, t), &share) in seen.saturation.indexed_iter() {
            let rows: Vec<usize> = (0..3).filter(|&b| t < LENGTHS[b]).collect();
            let all: Vec<f64> =
                rows.iter().flat_map(|&b| seen.slope.slice(s![g, b, t, ..]).to_vec()).collect();
            let small = all.iter().filter(|slope| slope.abs() < SATURATED).count();
            assert!((share - small as f64 / all.len() as f64).abs() < 1e-15);
        }
    }
    let learned = ws.gradients().iter().filter(|(name, _)| name.starts_with("initial")).count();
    assert_eq!(named + learned, ws.gradients().iter().count());
}

#[test]
fn every_cell() {
    let dropped = |options: Options| options.recurrent_dropout(0.3);
    check("rnn-tanh", &["h"], dropped);
    check("rnn-relu", &["h"], dropped);
    check("lstm", &["i", "f", "g", "o"], dropped);
    check("gru", &["r", "z", "n"], dropped);
    check("lstm", &["i", "f", "g", "o"], |options| dropped(options).projection(3));
    check("lstm-peephole", &["i", "f", "g", "o"], dropped);
    check("gru-reset-before", &["r", "z", "n"], dropped);
    check("minimal-gated", &["f", "n"], dropped);
    check("min-gru", &["z", "n"], |options| options);
    check("min-lstm", &["f", "i", "n"], |options| options);
    check("slstm", &["i", "f", "z", "o"], dropped);
    check("lstm", &["i", "f", "g", "o"], |options| dropped(options).layer_norm(1e-5));
    check("gru", &["r", "z", "n"], |options| dropped(options).layer_norm(1e-5));
}

/// The gradients of the parts of a loss are those of passes with that part alone; together they are the loss's.
#[test]
fn reach_is_that_of_each_timestep_alone() {
    for bidirectional in [false, true] {
        let options = Options::from(Bias::Single).bidirectional(bidirectional);
        let mut rng = rand_pcg::Pcg64Dxsm::seed_from_u64(5);
        let model = Model::<f64>::new(Gru, 2, &[4, 3], 2, options, &mut rng).expect("sizes");
        let (x, y) = (noise((2, 6, 2), 1), noise((2, 6, 2), 2));
        let mut ws = model.workspace();
        let (loss, xray) = model.xray(x.view(), y.view(), &Mse, &mut ws).expect("finite");
        let mut plain = model.workspace();
        assert_eq!(model.loss_and_gradients(x.view(), y.view(), &Mse, &mut plain), Ok(loss));
        assert_eq!(xray.reach.len(), 2);
        for t in 0..6 {
            // The mean over one timestep counts six times as much as the same in the mean over all.
            let mask = ndarray::Array2::from_shape_fn((2, 6), |(_, k)| k == t);
            let target = rnn_core::Target::values(y.view()).mask(mask.view());
            model.loss_and_gradients(x.view(), target, &Mse, &mut plain).expect("finite");
            for (layer, reach) in xray.reach.iter().enumerate() {
                for (k, d) in plain.rnn.d_hidden(layer).axis_iter(Axis(1)).enumerate() {
                    let norm = d.iter().map(|d| d * d).sum::<f64>().sqrt() / 6.0;
                    assert!((reach[[t, k]] - norm).abs() < 1e-14 + 1e-12 * norm, "L_{t} at h_{k}: {norm}");
                    assert_eq!(
                        k > t && !bidirectional,
                        norm == 0.0,
                        "only a backward direction sees what follows"
                    );
                }
            }
        }
    }
}

#[test]
fn what_cannot_be_seen_is_an_error() {
    let options = Options::from(Bias::Single).zoneout(0.1, 0.0);
    let rnn = Stack::<f64>::zeros(Gru, 1, &[2], options).expect("sizes");
    let mut ws = rnn.workspace();
    rnn.forward(noise((1, 3, 1), 1).view(), &mut ws).expect("finite");
    assert_eq!(rnn.xray(noise((1, 3, 2), 1).view(), None, &mut ws), Err(Error::NoXray));

    let rnn = Stack::<f64>::zeros(Gru, 1, &[2], Bias::Single).expect("sizes");
    let mut ws = rnn.workspace();
    rnn.infer(noise((1, 3, 1), 1).view(), &mut ws).expect("finite");
    assert_eq!(rnn.xray(noise((1, 3, 2), 1).view(), None, &mut ws), Err(Error::NothingRecorded));
}
