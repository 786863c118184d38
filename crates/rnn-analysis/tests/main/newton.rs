//! Newton's method in time against a run step by step.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use ndarray::{Array2, Axis};
use rand::SeedableRng;
use rand_pcg::Pcg64Dxsm;
use rnn_analysis::newton_in_time;
use rnn_core::{Bias, Cell, Elman, Random, Run, Stack};

fn setting(cell: Cell<f64>, layers: &[usize], time: usize) -> (Stack<f64>, Array2<f64>) {
    let mut rng = Pcg64Dxsm::seed_from_u64(1);
    let rnn = Stack::new(cell, layers[0], layers, Bias::Double, &mut rng).unwrap();
    let mut x = Array2::zeros((time, layers[0]));
    rng.fill_normal(x.as_slice_mut().unwrap());
    (rnn, x)
}

#[test]
fn the_states_are_those_of_a_run() {
    for cell in Cell::<f64>::all() {
        let name = cell.to_string();
        let (rnn, x) = setting(cell, &[3, 3], 40);
        let mut initial = rnn.zero_state(1);
        initial.layers[0].h.fill(0.3);
        let mut ws = rnn.workspace();
        rnn.forward(Run::over(x.view().insert_axis(Axis(0))).from_state(&initial), &mut ws).unwrap();
        let found = newton_in_time(&rnn, x.view(), Some(&initial), None, 1e-13).unwrap();
        assert!(found.converged && found.iterations() <= 40, "{name}: {:?}", found.residuals);
        assert_eq!(found.iterations() + 1, found.residuals.len());
        let width = found.states.ncols() / 2;
        for (layer, first) in [(0, 0), (1, width)] {
            let h = ws.hidden(layer).index_axis(Axis(0), 0).to_owned();
            let got = found.states.slice(ndarray::s![.., first..first + 3]).to_owned();
            let most = (&got - &h).iter().fold(0.0, |most: f64, x| most.max(x.abs()));
            assert!(most < 1e-11, "{name}, layer {layer}: {most:e}");
        }
    }
}

#[test]
fn a_linear_network_needs_one_iteration() {
    let (rnn, x) = setting(Elman::identity().into(), &[4], 60);
    let found = newton_in_time(&rnn, x.view(), None, None, 1e-10).unwrap();
    assert!(found.converged);
    assert_eq!(found.iterations(), 1);
    // From the solution there is nothing to do.
    let again = newton_in_time(&rnn, x.view(), None, Some(found.states.view()), 1e-10).unwrap();
    assert_eq!(again.iterations(), 0);
}

/// Chaos costs as many iterations as there are timesteps, and no more: after k of them the first k states are exact.
#[test]
fn no_network_needs_more_iterations_than_timesteps() {
    let (mut rnn, x) = setting(Elman::tanh().into(), &[8], 50);
    rnn.params_mut().as_mut_slice().iter_mut().for_each(|w| *w *= 12.0);
    let found = newton_in_time(&rnn, x.view(), None, None, 0.0).unwrap();
    assert!(found.converged && found.iterations() <= 50);
    assert_eq!(found.residuals.last(), Some(&0.0));
}

#[test]
fn shapes_are_checked() {
    let (rnn, x) = setting(Elman::tanh().into(), &[2], 5);
    let guess = Array2::zeros((5, 3));
    let error = newton_in_time(&rnn, x.view(), None, Some(guess.view()), 1e-9).unwrap_err();
    assert!(error.to_string().contains("the guess"), "{error}");
    let error = newton_in_time(&rnn, Array2::zeros((0, 2)).view(), None, None, 1e-9).unwrap_err();
    assert!(error.to_string().contains("timesteps"), "{error}");
}
