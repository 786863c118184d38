//! Views against rnn-analysis and rnn-core, called directly.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use ndarray::{Axis, s};
use rnn_analysis::{eigenvalues, scale_sweep, singular_values, spectral_radius};
use rnn_core::{Batch, Bias, Cell, Elman, Gru, Init, Lstm, Model, Mse, Timesteps};
use rnn_data::{CumulativeAverage, PortableRng, Task};
use rnn_explore::{CellKind, LossOver, Nonlinearity, Settings, explore};

const HIDDEN: usize = 7;
const TIME: usize = 9;
const SEED: u64 = 3;

fn sequence() -> Batch<f64> {
    CumulativeAverage::new(TIME).unwrap().sample(1, &mut PortableRng::new(SEED).stream(0)).unwrap()
}

fn model(cell: impl Into<Cell<f64>>, layers: usize, bias: Bias, init: Init) -> Model<f64> {
    let mut model = Model::zeros(cell, 1, &vec![HIDDEN; layers], 1, bias).unwrap();
    model.initialize(init, &mut PortableRng::new(SEED).stream(1)).unwrap();
    model
}

fn settings(cell: CellKind, nonlinearity: Nonlinearity, layers: usize) -> Settings {
    Settings { cell, nonlinearity, layers, hidden: HIDDEN, time: TIME, seed: SEED, ..Settings::default() }
}

/// Norms, loss, radius, reach, terms, gates and Jacobians of one network at several positions of the sliders.
fn check(model: &Model<f64>, settings: &Settings) {
    let batch = sequence();
    for (loss, over) in [(LossOver::All, Timesteps::All), (LossOver::Last, Timesteps::Last)] {
        let (batch, mse) = (batch.clone().counting(over), Mse);
        for (weight_scale, bias_scale) in [(1.0, 1.0), (-2.0, 0.5), (0.35, -1.0), (0.0, 2.0)] {
            let settings = Settings { loss, weight_scale, bias_scale, ..settings.clone() };
            let view = explore(&settings).unwrap();
            let scales = [(weight_scale, bias_scale)];
            let point = &scale_sweep(model, batch.run(), batch.target(), &mse, &scales).unwrap()[0];
            assert_eq!(view.loss, point.loss, "{settings:?}");
            for (k, layer) in view.layers.iter().enumerate() {
                assert_eq!(layer.hidden, point.flow.hidden_norm.row(k).to_vec());
                assert_eq!(layer.gradient, point.flow.grad_norm.row(k).to_vec());
                let predicted = layer.predicted.as_ref().map(|predicted| predicted.radius);
                if settings.cell == CellKind::Rnn {
                    assert_eq!(predicted, point.spectral_radius[k]);
                }
            }
            let critical = spectral_radius(model.rnn.weight_hh(view.layer)).ok().map(|radius| 1.0 / radius);
            assert_eq!(view.critical_scale, critical);

            let mut scaled = model.clone();
            rnn_analysis::scale_recurrent(model, &mut scaled, weight_scale, bias_scale);
            let mut ws = scaled.workspace();
            let (_, xray) = scaled.xray(batch.run(), batch.target(), &mse, &mut ws).unwrap();
            let top = view.layer;
            let norms = rnn_analysis::norms_by_timestep;
            assert_eq!(view.sequence.input_gradient, norms(ws.rnn.d_input()));
            assert_eq!(view.sequence.inputs, [batch.x.iter().copied().collect::<Vec<_>>()]);
            for (k, layer) in view.layers.iter().enumerate() {
                let cell = ws.rnn.d_cell(k);
                let expected = (cell.len_of(Axis(2)) > 0).then(|| norms(cell));
                assert_eq!(layer.cell_gradient, expected);
            }
            for (unit, (h, gradient)) in view.units.hidden.iter().zip(&view.units.gradient).enumerate() {
                assert_eq!(*h, ws.rnn.hidden(top).slice(s![0, .., unit]).to_vec());
                assert_eq!(*gradient, ws.rnn.d_hidden(top).slice(s![0, .., unit]).to_vec());
            }
            for (t, row) in view.reach.norms.iter().enumerate() {
                assert_eq!(row.len(), t + 1);
                assert_eq!(row.as_slice(), &xray.reach[top].row(t).as_slice().unwrap()[..=t]);
            }
            for terms in &view.terms {
                let all = xray.layers[top].term(&terms.name).unwrap();
                for (t, norm) in terms.norm.iter().enumerate() {
                    let one = all.index_axis(Axis(0), t);
                    let expected = one.iter().map(|g| g * g).sum::<f64>().sqrt();
                    assert!((norm - expected).abs() <= 1e-12 * expected, "{}", terms.name);
                }
                let along: f64 = terms.along.iter().sum();
                assert!((along - terms.total).abs() <= 1e-12 * terms.norm.iter().sum::<f64>());
            }
            for gate in &view.gates {
                let at = xray.layers[top].gate(gate.name).unwrap();
                for t in 0..TIME {
                    let units = xray.layers[top].activation.slice(s![at, 0, t, ..]);
                    assert!((gate.mean[t] - units.mean().unwrap()).abs() < 1e-15);
                    assert!(units.iter().all(|&y| gate.least[t] <= y && y <= gate.most[t]));
                    assert_eq!(gate.saturated[t], xray.layers[top].saturation[[at, t]]);
                }
            }
            assert_eq!(
                view.gates.len(),
                if settings.cell == CellKind::Rnn { 0 } else { xray.layers[top].gates.len() }
            );

            assert_eq!(view.spectrum.jacobians.len(), TIME);
            for jacobian in &view.spectrum.jacobians {
                let direct = scaled.rnn.step_jacobian(&ws.rnn, top, 0, jacobian.timestep).unwrap();
                let pairs: Vec<_> =
                    eigenvalues(direct.view()).unwrap().iter().map(|z| [z.re, z.im]).collect();
                assert_eq!(jacobian.eigenvalues, pairs);
                let sigma = singular_values(direct.view()).unwrap();
                let least = sigma.len() as f64 * f64::EPSILON * sigma[0];
                for (shown, sigma) in jacobian.singular_values.iter().zip(sigma) {
                    assert_eq!(*shown, if sigma > least { sigma } else { 0.0 });
                }
            }
            let blocks = scaled.rnn.weight_hh(top);
            for (matrix, block) in view.spectrum.weights.iter().zip(blocks.axis_chunks_iter(Axis(0), HIDDEN))
            {
                // Those of s W are s times those of W, but for the last bits.
                let (radius, direct) = (matrix.eigenvalues[0], spectral_radius(block).unwrap());
                assert!((radius[0].hypot(radius[1]) - direct).abs() < 1e-12 * (1.0 + direct));
                let sigma = singular_values(block).unwrap()[0];
                assert!((matrix.singular_values[0] - sigma).abs() < 1e-12 * (1.0 + sigma));
            }
        }
    }
}

/// Would catch: another stream, sequence, bias or initialization than the notebook's; scales at the wrong arrays.
#[test]
fn elman_networks_are_those_of_the_sweep() {
    for layers in [1, 2] {
        let at = |nonlinearity| settings(CellKind::Rnn, nonlinearity, layers);
        check(&model(Elman::identity(), layers, Bias::Single, Init::Linear), &at(Nonlinearity::Identity));
        check(&model(Elman::tanh(), layers, Bias::Single, Init::Linear), &at(Nonlinearity::Tanh));
        check(&model(Elman::relu(), layers, Bias::Single, Init::Linear), &at(Nonlinearity::Relu));
        check(&model(Elman::sigmoid(), layers, Bias::Single, Init::Linear), &at(Nonlinearity::Sigmoid));
    }
}

#[test]
fn gated_networks_are_those_of_the_sweep() {
    for layers in [1, 2] {
        check(
            &model(Lstm, layers, Bias::Double, Init::PyTorch),
            &settings(CellKind::Lstm, Nonlinearity::Tanh, layers),
        );
        check(
            &model(Gru, layers, Bias::Double, Init::PyTorch),
            &settings(CellKind::Gru, Nonlinearity::Tanh, layers),
        );
    }
}

/// Would catch: a choice of layer or timestep that only changes the text.
#[test]
fn the_lower_layer_and_another_timestep_can_be_looked_into() {
    let base = Settings { layers: 3, hidden: 64, time: 30, loss: LossOver::All, ..Settings::default() };
    let top = explore(&base).unwrap();
    let low = explore(&Settings { layer: 1, timestep: 12, ..base }).unwrap();
    assert_eq!((top.layer, low.layer), (2, 0));
    assert_eq!(top.layers, low.layers, "norms of all layers are there in both");
    assert_ne!(top.reach, low.reach);
    assert_eq!(low.terms[1].name, "weight_hh_l0");
    let timesteps = |view: &rnn_explore::View| -> Vec<usize> {
        view.spectrum.jacobians.iter().map(|jacobian| jacobian.timestep).collect()
    };
    assert_eq!((timesteps(&top), timesteps(&low)), (vec![30], vec![12]), "there is time for one such matrix");
}

/// ‖dL/dh_T‖ ρ^(T−t), and in a linear network with an orthogonal W_hh that is what happens.
#[test]
fn the_prediction_is_right_where_theory_says_so() {
    let view = explore(&"a=identity&i=orthogonal&g=0.9&t=40".parse::<rnn_explore::Query>().unwrap().settings)
        .unwrap();
    let layer = &view.layers[0];
    let predicted = layer.predicted.as_ref().unwrap();
    assert!((predicted.radius - 0.9).abs() < 1e-12);
    for (gradient, predicted) in layer.gradient.iter().zip(&predicted.gradient) {
        assert!((gradient / predicted - 1.0).abs() < 1e-10);
    }
    assert!((layer.rate.unwrap() - 0.9).abs() < 1e-12);
    let text = &view.sentences.gradient;
    assert!(
        text.contains(
            "multiplies the gradient by 0.900 on average (geometric mean); at timestep 1, 1.6% is left"
        ),
        "{text}"
    );
}

/// [[0.9, 5], [0, 0.9]]: the longest power is the ninth.
#[test]
fn the_non_normal_network_grows_before_it_vanishes() {
    let query = "a=identity&b=0&n=2&t=100&i=nonnormal".parse::<rnn_explore::Query>().unwrap();
    let view = explore(&query.settings).unwrap();
    let gradient = &view.layers[0].gradient;
    let longest = gradient.iter().copied().fold(0.0, f64::max);
    let back = 99 - gradient.iter().position(|&norm| norm == longest).unwrap();
    assert!((8..=10).contains(&back), "{back}");
    assert!(gradient[0] < gradient[99] && longest > 5.0 * gradient[99]);
    assert!((view.layers[0].predicted.as_ref().unwrap().radius - 0.9).abs() < 1e-12);
}

/// Would catch: targets of the sequence as it was drawn beside inputs that were changed.
#[test]
fn targets_follow_changed_inputs() {
    let view = |query: &str| explore(&query.parse::<rnn_explore::Query>().unwrap().settings).unwrap();
    let average = view("t=4&x=1:1,2:2,3:3,4:6").sequence;
    assert_eq!((average.editable, &average.inputs[0]), (Some(0), &vec![1.0, 2.0, 3.0, 6.0]));
    assert_eq!(average.targets[0], [1.0, 1.5, 2.0, 3.0]);
    assert_eq!(average.counted, [false, false, false, true]);
    let recall = view("t=4&task=recall&o=all&x=1:7,2:-3").sequence;
    assert_eq!(recall.targets[0], [0.0, 0.0, 7.0, -3.0]);
    assert_eq!(recall.counted, [false, false, true, true]);
    let adding = view("t=4&task=adding&x=1:0.5,2:0.5,3:0.25,4:0.25").sequence;
    assert_eq!(adding.targets[0], [0.75; 4], "one marked in each half");
    let drawn = view("t=4&task=adding").sequence;
    assert_eq!(adding.inputs[1], drawn.inputs[1], "the marks stay");

    let parsed = "task=flipflop&x=1:1".parse::<rnn_explore::Query>().unwrap();
    assert!(
        parsed.settings.edits.is_empty() && parsed.notices[0].contains("flip-flop"),
        "{:?}",
        parsed.notices
    );
    let parsed = "t=4&x=2:1,9:1".parse::<rnn_explore::Query>().unwrap();
    assert_eq!((parsed.settings.edits.len(), parsed.notices.len()), (1, 1));
    for refused in ["x=0:1", "x=1", "x=1:2:3", "x=1:nan", "x=1:11", "x=201:1"] {
        assert!(refused.parse::<rnn_explore::Query>().is_err(), "{refused}");
    }
    let written = rnn_explore::Query::write(&"x=7:-1,3:0.5".parse::<rnn_explore::Query>().unwrap().settings);
    assert_eq!(written, "v=1&x=3:0.5,7:-1");
}

/// Singular values of a step in which half of the units are off: rounding errors do not count.
#[test]
fn rounding_errors_are_no_singular_values() {
    let view = explore(&"a=relu&w=3&t=40".parse::<rnn_explore::Query>().unwrap().settings).unwrap();
    let jacobian = view.spectrum.jacobians.last().unwrap();
    let least = jacobian.singular_values[jacobian.rank - 1] / jacobian.singular_values[0];
    assert!(jacobian.rank < 16 && least > 1e-14, "{jacobian:?}");
    assert!(jacobian.singular_values[jacobian.rank..].iter().all(|&sigma| sigma == 0.0));
    assert!(view.sentences.singular.contains(&format!("Its rank is {} of 16", jacobian.rank)));
}
