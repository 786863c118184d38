//! Clipping, truncation, held gates, bands, the map and the plane, against the crates called directly.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use rnn_analysis::pass;
use rnn_core::{Bias, Elman, Init, Model, Mse, Sgd, Tbptt, Timesteps, Training, train};
use rnn_data::{CumulativeAverage, PortableRng, Task};
use rnn_explore::{Query, Settings, View, explore, map};

fn settings(query: &str) -> Settings {
    query.parse::<Query>().unwrap().settings
}

fn view(query: &str) -> View {
    explore(&settings(query)).unwrap()
}

/// Would catch: a setting of the training that the training does not use, or a network from the cache that had another one.
#[test]
fn training_follows_every_setting() {
    let explorer = rnn_explore::Explorer::new();
    let mut seen = Vec::new();
    for query in
        ["k=5", "k=5&q=0.01", "k=5&q=off", "k=5&r=4&o=all", "k=5&o=all", "k=5&p=sgd", "k=5&e=0.1", "k=5&r=1"]
    {
        let settings = settings(query);
        let view = explorer.view(&settings, &|| true).unwrap();
        assert_eq!(view, explore(&settings).unwrap(), "{query}");
        assert_eq!(view.training.losses.len(), 5, "a step for each batch: {query}");
        assert!(!seen.contains(&view.layers), "{query} changes nothing");
        seen.push(view.layers);
    }
}

/// The losses of windows are averaged to one for each batch.
#[test]
fn truncated_training_is_that_of_the_core() {
    let view = view("n=7&t=9&k=3&r=4&o=all&p=sgd&e=0.02&q=off&s=3");
    let root = PortableRng::new(3);
    let task = CumulativeAverage::new(9).unwrap();
    let mut model = Model::<f64>::zeros(Elman::tanh(), 1, &[7], 1, Bias::Single).unwrap();
    model.initialize(Init::Linear, &mut root.stream(1)).unwrap();
    let mut rng = root.stream(2);
    let batches = task.batches(32, 3, &mut rng).unwrap().counting(Timesteps::All);
    let (training, mut losses) = (Training::new(Mse).truncated(Tbptt::every(4)), Vec::new());
    train(&mut model, batches, &training, &mut Sgd::new(0.02), |report, _| {
        losses.push(report.loss);
        std::ops::ControlFlow::Continue(())
    })
    .unwrap();
    let of_batches: Vec<f64> = losses.chunks(3).map(|windows| windows.iter().sum::<f64>() / 3.0).collect();
    assert_eq!(view.training.losses, of_batches);
    let sequence = task.sample::<f64>(1, &mut root.stream(0)).unwrap();
    let seen = pass(&model, sequence.run(), sequence.target(), &Mse, &mut model.workspace()).unwrap();
    assert_eq!(view.loss, seen.loss);
}

/// An LSTM whose forget gate is held at 1 and whose input gate at 0 would keep c for ever; at f = 0 nothing is kept.
#[test]
fn a_held_gate_is_exact() {
    let open = view("c=lstm&t=40&z=f1&w=2&b=-3&f=2");
    let gate = open.gates.iter().find(|gate| gate.name == "f").unwrap();
    assert_eq!(gate.kept, Some([1.0; 3]));
    let shut = view("c=lstm&t=40&z=f0");
    assert_eq!(shut.gates.iter().find(|gate| gate.name == "f").unwrap().kept, Some([0.0; 3]));
    for of in &shut.spectrum.weights {
        assert_eq!(of.singular_values[0] == 0.0, of.name == "W_hf", "no other weights are 0: {}", of.name);
    }
    // z = 1 in a GRU: h never leaves 0, and the gradient passes unchanged.
    let held = view("c=gru&t=40&z=z1");
    assert!(held.layers[0].hidden.iter().all(|&h| h == 0.0));
    assert!((held.layers[0].ratio - 1.0).abs() < 1e-12);
    assert!(held.fan.ln_sigma.iter().flatten().all(|ln| ln.abs() < 1e-12));
    let notices = "z=f1".parse::<Query>().unwrap().notices;
    assert!(notices.len() == 1 && notices[0].contains("no gate f"), "{notices:?}");
    for wrong in ["z=f2", "z=x1", "z=f", "z=é1", "m=2", "q=0", "e=0", "p=x", "r=201"] {
        assert!(wrong.parse::<Query>().is_err(), "{wrong}");
    }
}

/// Each sequence by itself.
#[test]
fn a_band_is_that_of_single_sequences() {
    for query in ["m=32&t=8&n=5", "m=32&t=8&n=5&o=all", "m=32&t=8&n=5&task=recall&o=all"] {
        let settings = settings(query);
        let band = explore(&settings).unwrap().band.unwrap();
        assert_eq!(band.sequences, 32);
        if settings.task != rnn_explore::TaskKind::CumulativeAverage {
            continue;
        }
        let over = if query.contains("o=all") { Timesteps::All } else { Timesteps::Last };
        let root = PortableRng::new(0);
        let task = CumulativeAverage::new(8).unwrap();
        let mut model = Model::<f64>::zeros(Elman::tanh(), 1, &[5], 1, Bias::Single).unwrap();
        model.initialize(Init::Linear, &mut root.stream(1)).unwrap();
        let shown = task.sample::<f64>(1, &mut root.stream(0)).unwrap();
        let others = task.sample::<f64>(31, &mut root.stream(3)).unwrap();
        let single = |batch: &rnn_core::Batch<f64>, b: usize| {
            let x = batch.x.slice(ndarray::s![b..=b, .., ..]).to_owned();
            let y = batch.y.values().unwrap().slice(ndarray::s![b..=b, .., ..]).to_owned();
            let batch = rnn_core::Batch::new(x, y).counting(over);
            pass(&model, batch.run(), batch.target(), &Mse, &mut model.workspace()).unwrap().flow
        };
        let flows: Vec<_> =
            std::iter::once(single(&shown, 0)).chain((0..31).map(|b| single(&others, b))).collect();
        for t in 0..8 {
            let mut gradients: Vec<f64> = flows.iter().map(|flow| flow.grad_norm[[0, t]]).collect();
            gradients.sort_by(f64::total_cmp);
            for (range, single) in [
                (band.gradient.least[t], gradients[0]),
                (band.gradient.median[t], f64::midpoint(gradients[15], gradients[16])),
                (band.gradient.most[t], gradients[31]),
            ] {
                assert!((range - single).abs() <= 1e-12 * single, "{query}, t = {t}: {range} {single}");
            }
            let most = flows.iter().map(|flow| flow.hidden_norm[[0, t]]).fold(0.0, f64::max);
            assert!((band.hidden.most[t] - most).abs() <= 1e-12 * most);
        }
    }
}

/// Would catch: rows and columns exchanged, a held gate that is forgotten, a loss at other timesteps.
#[test]
fn the_map_has_the_ratio_of_the_view() {
    for query in
        ["n=5", "n=5&o=all&t=7", "c=lstm&n=4&f=2&z=i1", "c=gru&n=3&l=2&y=1&task=order", "n=4&k=3&task=recall"]
    {
        let base = settings(query);
        let map = map(&base).unwrap();
        assert_eq!((map.weights.len(), map.biases.len(), map.ratio.len()), (21, 21, 21));
        for (i, j) in [(12, 12), (10, 12), (16, 3), (2, 20), (20, 10)] {
            let (weight_scale, bias_scale) = (map.weights[i], map.biases[j]);
            let view = explore(&Settings { weight_scale, bias_scale, ..base.clone() }).unwrap();
            let (ratio, expected) = (map.ratio[i][j], view.layers[view.layer].ratio);
            let same = ratio == expected || (ratio / expected - 1.0).abs() < 1e-10;
            assert!(same || ratio.is_nan() && expected.is_nan(), "{query}: {ratio} {expected}");
        }
        // Where one is does not matter.
        let other = rnn_explore::map(&Settings { weight_scale: 3.0, ..base }).unwrap();
        assert_eq!(serde_json::to_string(&map).unwrap(), serde_json::to_string(&other).unwrap());
        let above = map.ratio.iter().flatten().filter(|&&ratio| ratio > 1.0).count();
        assert!(
            map.sentence.contains(&format!("at {} of", rnn_explore::percent(above as f64 / 441.0))),
            "{}",
            map.sentence
        );
    }
}

/// [[0, −1.5], [1.5, 0]] in a linear network turns for ever around a fixed point that is not stable.
#[test]
fn the_plane_shows_fixed_points() {
    let two = view("a=identity&i=orthogonal&g=0.5&n=2&b=0");
    let plane = two.plane.unwrap();
    assert_eq!((plane.axes, plane.fixed.len()), (["h_1", "h_2"], 1));
    assert!(plane.fixed[0].at.iter().all(|x| x.abs() < 1e-12) && plane.fixed[0].stable);
    assert!((plane.fixed[0].eigenvalues[0][0].hypot(plane.fixed[0].eigenvalues[0][1]) - 0.5).abs() < 1e-12);
    for (t, [x, y]) in plane.trajectory.iter().enumerate() {
        assert!((x.hypot(*y) - two.layers[0].hidden[t]).abs() < 1e-12);
    }
    let switch = view("i=identity&g=2&n=2&b=0").plane.unwrap();
    assert_eq!((switch.fixed.len(), switch.fixed.iter().filter(|point| point.stable).count()), (9, 4));
    assert_eq!(view("c=lstm&n=1").plane.unwrap().axes, ["h", "c"]);
    assert!(view("n=2&l=2").plane.is_none() && view("n=3").plane.is_none());
}

/// Would catch: curves that are left out without a word.
#[test]
fn a_large_fan_is_thinned_out_and_says_so() {
    let large = view("n=64&t=60");
    assert!(large.fan.timesteps.len() < 60 && large.fan.ln_sigma.len() == 16 && large.fan.of == 64);
    assert!(large.sentences.fan.contains("of the 60 timesteps"), "{}", large.sentences.fan);
    let small = view("t=60");
    assert_eq!(small.fan.timesteps.len(), 60);
}

/// Would catch: a part of the view, or the map, that looks at the sequence as it was drawn.
#[test]
fn changed_inputs_reach_every_part() {
    let settings = settings("t=8&r=8&o=last&x=2:3,7:-2");
    let view = explore(&settings).unwrap();
    let truncation = view.truncation.unwrap();
    assert!(truncation.lost < 1e-13, "a window of the whole sequence loses {}", truncation.lost);
    let at_one = map(&settings).unwrap().ratio[12][12];
    assert!((at_one / view.layers[0].ratio - 1.0).abs() < 1e-12);
    let drawn = explore(&Settings { edits: Vec::new(), ..settings }).unwrap();
    assert!(view.torch != drawn.torch && view.snippet != drawn.snippet && view.layers != drawn.layers);
}
