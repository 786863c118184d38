//! Calls in an order that mixes passes, and what stops in the middle.

use std::ops::ControlFlow;

use ndarray::{Array2, Array3, Axis, s};
use rand::SeedableRng;
use rand_pcg::Pcg64Dxsm;
use rnn_core::{
    Adam, Batch, BatchIter, Bias, Cell, Elman, Error, Gru, Lstm, Model, Mse, Optimizer, Options, Parameters,
    Readout, Stack, Tbptt, Trainer, Training,
};

use super::noise;

fn model(cell: impl Into<Cell<f64>>, options: impl Into<Options>) -> Model<f64> {
    Model::new(cell, 2, &[4, 3], 1, options, &mut Pcg64Dxsm::seed_from_u64(1)).expect("sizes")
}

/// After a new forward pass there are no gradients to be seen, whichever way one looks.
#[test]
fn views_of_a_pass_that_has_not_happened_do_not_exist() {
    for readout in [Readout::EveryTimestep, Readout::FinalStates] {
        let model = model(Lstm, Bias::Double).with_readout(readout);
        let predictions = if readout == Readout::EveryTimestep { 5 } else { 1 };
        let (x, y) = (noise::<f64>((3, 5, 2), 1), noise::<f64>((3, predictions, 1), 2));
        let mut ws = model.workspace();
        assert_eq!(ws.d_prediction().dim(), (0, 0, 1));
        assert_eq!(model.d_output(&ws).dim(), (0, 0, 3));
        model.loss_and_gradients(x.view(), y.view(), &Mse, &mut ws).expect("finite");
        assert_eq!(ws.d_prediction().dim(), (3, predictions, 1));
        assert_eq!(model.d_output(&ws).dim(), (3, 5, 3));
        assert!(model.rnn.gates(0, &ws.rnn).is_ok());

        for shorter in [x.clone(), noise((2, 4, 2), 3)] {
            let (batch, time, _) = shorter.dim();
            model.forward(shorter.view(), &mut ws).expect("finite");
            assert_eq!(ws.prediction().dim(), (batch, readout_of(readout, time), 1));
            assert_eq!(ws.d_prediction().dim(), (0, 0, 1));
            assert_eq!(model.d_output(&ws).dim(), (0, 0, 3));
            assert!(
                ws.rnn.d_hidden(0).is_empty() && ws.rnn.d_cell(1).is_empty() && ws.rnn.d_input().is_empty()
            );
            assert_eq!(model.rnn.gates(0, &ws.rnn).map(drop), Err(Error::NotDifferentiated));
            assert_eq!(model.rnn.each_term(0, &ws.rnn, |_, _| ()), Err(Error::NotDifferentiated));
        }

        // The stack alone, on the workspace's: predictions stay those of the model's own last pass.
        let before = ws.prediction().to_owned();
        model.rnn.forward(noise::<f64>((7, 9, 2), 4).view(), &mut ws.rnn).expect("finite");
        assert_eq!(ws.prediction(), before);
        assert_eq!(model.d_output(&ws).dim(), (0, 0, 3));
    }
}

fn readout_of(readout: Readout, time: usize) -> usize {
    if readout == Readout::EveryTimestep { time } else { 1 }
}

/// x and the states, which the caller sees, and what does not grow with the sequence.
#[test]
fn inference_takes_the_memory_of_its_states() {
    for cell in ["lstm", "gru", "rnn-tanh"] {
        let rnn = Stack::<f32>::zeros(cell.parse::<Cell<f32>>().expect("a name"), 3, &[20, 7], Bias::Double);
        let rnn = rnn.expect("sizes");
        let states: usize = rnn.layers().iter().map(|layer| layer.output() + layer.cell_width()).sum();
        let bytes = |time: usize| {
            let mut ws = rnn.workspace();
            rnn.infer(Array3::ones((4, time, 3)).view(), &mut ws).expect("finite");
            ws.bytes()
        };
        assert_eq!(bytes(1100) - bytes(100), 1000 * 4 * (states + 3) * 4, "{cell}");
    }
}

/// The slope of a gate is 0 where its pre-activation is 800, and the gradient at its value is not: dL/do = dL/dh̃ tanh c.
#[test]
fn the_gradient_at_a_saturated_gate_is_seen() {
    let plain = Options::from(Bias::Single);
    for (name, options) in [
        ("lstm", plain),
        ("lstm", plain.projection(2)),
        ("lstm-peephole", plain),
        ("lstm-peephole", plain.projection(2)),
        ("lstm-coupled", plain),
        ("gru", plain),
        ("gru-reset-before", plain),
        ("minimal-gated", plain),
    ] {
        let cell: Cell<f64> = name.parse().expect("a name");
        let mut rnn = Stack::new(cell, 2, &[3], options, &mut Pcg64Dxsm::seed_from_u64(2)).expect("sizes");
        let gates = rnn.layers()[0].gates();
        let mut bias = rnn.parameter("bias_l0").expect("a bias").to_owned();
        // Every gate but the candidate is saturated.
        let candidate = if name == "lstm-coupled" {
            1
        } else if gates == 4 {
            2
        } else {
            gates - 1
        };
        for gate in (0..gates).filter(|&gate| gate != candidate) {
            // Where z is 0, h_t is the candidate.
            let keeps = name.starts_with("gru") && gate == 1;
            bias.slice_mut(s![3 * gate..3 * (gate + 1)]).fill(if keeps { -800.0 } else { 800.0 });
        }
        rnn.set_parameter("bias_l0", bias.view()).expect("finite");
        let mut ws = rnn.workspace();
        rnn.forward(noise::<f64>((2, 4, 2), 3).view(), &mut ws).expect("finite");
        let d = noise::<f64>((2, 4, rnn.output()), 4);
        let xray = rnn.xray(d.view(), None, &mut ws).expect("finite");
        let seen = &xray.layers[0];
        for gate in (0..gates).filter(|&gate| gate != candidate) {
            assert!(seen.slope.index_axis(Axis(0), gate).iter().all(|&slope| slope == 0.0), "{name} {gate}");
            // At the last timestep nothing hides it: every gate acts on h_T.
            let last = seen.d_activation.slice(s![gate, .., 3, ..]);
            assert!(last.iter().any(|&d| d != 0.0), "{name}: the gradient at {} is lost", seen.gates[gate]);
        }
        if name == "lstm" {
            // dL/dh̃_T = W_hrᵀ dL/dh_T with a projection, dL/dh_T without one.
            let o = seen.gate("o").expect("an output gate");
            let w = rnn
                .parameter("weight_hr_l0")
                .map(|w| w.into_dimensionality::<ndarray::Ix2>().expect("a matrix"));
            for b in 0..2 {
                let d_h = d.slice(s![b, 3, ..]);
                let d_raw = w.as_ref().map_or(d_h.to_owned(), |w| w.t().dot(&d_h));
                let c = ws.cell(0);
                let width = c.dim().2;
                for j in 0..3 {
                    let want = d_raw[j] * c[[b, 3, width - 3 + j]].tanh();
                    let found = seen.d_activation[[o, b, 3, j]];
                    assert!((found - want).abs() < 1e-14, "{found} is not {want}");
                }
            }
        }
    }
}

#[test]
fn a_projected_cell_has_no_name_of_its_own() {
    let error = "lstm-projected".parse::<Cell<f32>>().expect_err("projection is an option");
    assert!(error.to_string().starts_with("no cell is called \"lstm-projected\""), "{error}");
}

/// Stateful training in windows, whose later windows count nothing in some batches: it stops at the end of a batch, and goes on
/// with the same bits.
#[test]
fn a_training_that_stops_at_the_end_of_a_batch_goes_on_with_the_same_bits() {
    let late = Array2::from_shape_fn((3, 7), |(_, t)| t < 4);
    let batches: Vec<Batch<f64>> = (0..4)
        .map(|k| {
            let batch = Batch::new(noise((3, 7, 2), k), noise((3, 7, 1), 10 + k));
            if k % 2 == 0 { batch.with_mask(late.clone()) } else { batch }
        })
        .collect();
    let options = Options::default().recurrent_dropout(0.2);
    let training = Training::new(Mse).truncated(Tbptt { k1: 2, k2: 3 }).stateful(true).noise(4);
    let mut ends = Vec::new();
    let (mut whole, mut adam) = (model(Gru, options), Adam::new(0.01));
    let mut trainer = Trainer::new(&whole, training);
    let steps = trainer.train(&mut whole, BatchIter(batches.clone().into_iter()), &mut adam, |report, _| {
        ends.push(report.ends_batch);
        ControlFlow::Continue(())
    });
    assert_eq!(steps, Ok(2 + 4 + 2 + 4));
    assert_eq!(ends, [0, 1, 0, 0, 0, 1, 0, 1, 0, 0, 0, 1].map(|end| end == 1));

    let (mut parts, mut other) = (model(Gru, options), Adam::new(0.01));
    let mut first = Trainer::new(&parts, training);
    let stop_at = |step: u64| {
        move |report: rnn_core::StepReport<f64>, _: &Model<f64>| {
            if report.step == step { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        }
    };
    // Step 7 ends the third batch, of which two windows are still to be run.
    first.train(&mut parts, BatchIter(batches.clone().into_iter()), &mut other, stop_at(7)).expect("finite");
    let (done, state) = (first.steps(), first.state().cloned());
    assert_eq!(done, 8);
    let mut restored = Adam::new(0.5);
    restored.restore(other.snapshot()).expect("its own");
    let mut second = Trainer::new(&parts, training).resume(done, state);
    second
        .train(&mut parts, BatchIter(batches[3..].iter().cloned()), &mut restored, stop_at(99))
        .expect("finite");
    assert!(parts.named().eq(whole.named()), "the parameters have the same bits");
    assert_eq!(second.state(), trainer.state());
    assert_eq!(second.steps(), 12);
}

/// Its state is nobody's: a training that is not stateful starts every batch anew.
#[test]
fn a_training_that_is_not_stateful_ignores_a_state() {
    let model = model(Elman::tanh(), Bias::Double);
    let batch = Batch::new(noise((3, 4, 2), 1), noise((3, 4, 1), 2));
    let mut state = model.rnn.zero_state(3);
    state.layers[0].h.fill(0.5);
    let step = |state| {
        let mut model = model.clone();
        let mut trainer = Trainer::new(&model, Training::new(Mse)).resume(1, state);
        trainer.step(&mut model, batch.run(), batch.target(), &mut Adam::new(0.1)).expect("finite").loss
    };
    assert_eq!(step(Some(state)), step(None));
}
