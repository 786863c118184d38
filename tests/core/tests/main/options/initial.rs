//! Learned initial states.

use ndarray::Axis;
use rnn_core::gradcheck::{Case, every_cell};
use rnn_core::{Cell, LayerState, Lstm, Run};

use super::{NETWORKS, assert_close, bits, normal, stack, suited};

/// They are the state that a sequence starts from, their gradient is the sum over the batch, and a given state stands in
/// for them.
#[test]
fn learned_initial_states() {
    for (name, check) in every_cell() {
        for seed in 0..NETWORKS {
            let case = suited(check.cell(), seed, |case| case.options.learned_initial = true);
            compare(check.cell().clone(), &case, &format!("{name}, seed {seed}"));
        }
    }
}

fn compare(cell: impl Into<Cell<f64>>, case: &Case, name: &str) {
    let Case { batch, time, input, seed, .. } = *case;
    let rnn = stack::<f64>(cell, case);
    let x = normal::<f64>((batch, time, input), seed ^ 2);
    let d_output = normal::<f64>((batch, time, rnn.output()), seed ^ 3);
    let lengths = case.lengths.clone().unwrap_or_else(|| vec![time; batch]);
    let run = || {
        let run = Run::over(x.view()).lengths(&lengths);
        if let Some(noise) = case.noise { run.noise(noise) } else { run }
    };
    let (mut learned, mut given) = (rnn.workspace(), rnn.workspace());
    rnn.forward(run(), &mut learned).expect("finite");
    rnn.backward(d_output.view(), None, &mut learned).expect("finite");
    let start = rnn.initial_state(batch);
    rnn.forward(run().from_state(&start), &mut given).expect("finite");
    rnn.backward(d_output.view(), None, &mut given).expect("finite");
    assert_eq!(bits(learned.output()), bits(given.output()), "{name}");
    assert_eq!(learned.d_initial(), given.d_initial(), "{name}");

    let directions = 1 + usize::from(case.options.bidirectional);
    for (k, LayerState { h, c }) in learned.d_initial().layers.iter().enumerate() {
        let suffix = if k % directions == 1 { "_reverse" } else { "" };
        for (letter, d, start) in
            [("h", Some(h), Some(&start.layers[k].h)), ("c", c.as_ref(), start.layers[k].c.as_ref())]
        {
            let parameter = format!("initial_{letter}_l{}{suffix}", k / directions);
            let found = learned.gradients().get(&parameter);
            assert_eq!(found.is_some(), d.is_some(), "{name}: {parameter}");
            if let (Some(found), Some(d), Some(start)) = (found, d, start) {
                assert_close(found, &d.sum_axis(Axis(0)), 1e-13, &format!("{name}, {parameter}"));
                assert!(
                    given.gradients().get(&parameter).expect("it is there").iter().all(|&d| d == 0.0),
                    "{name}"
                );
                let value = rnn.params().get(&parameter).expect("it is there");
                assert!(start.rows().into_iter().all(|row| row.iter().eq(value.iter())), "{name}");
            }
        }
    }
}

/// A new network starts from zeros, as one without them does.
#[test]
fn they_start_as_zeros() {
    let mut case = Case { input: 2, hidden: vec![3, 4], ..Case::random(0) };
    case.options = rnn_core::Options::default().learned_initial(true).bidirectional(true);
    let mut rnn = stack::<f64>(Lstm, &case);
    assert_ne!(rnn.initial_state(1), rnn.zero_state(1), "the test sets all parameters");
    for init in [rnn_core::Init::PyTorch, rnn_core::Init::Linear] {
        rnn.params_mut().as_mut_slice().fill(0.5);
        rnn.initialize(init, &mut <rand_pcg::Pcg64Dxsm as rand::SeedableRng>::seed_from_u64(0))
            .expect("a rule for every cell");
        assert_eq!(rnn.initial_state(1), rnn.zero_state(1), "{init:?}");
        let drawn = rnn.params().iter().filter(|(name, _)| !name.starts_with("initial"));
        assert!(drawn.flat_map(|(_, x)| x.into_iter()).all(|&x| x != 0.5 && x != 0.0), "{init:?}");
    }
}
