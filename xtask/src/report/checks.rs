//! 1.A, 1.B, 1.C, 1.K: layers, heads and losses against the notebook's known values.

use anyhow::Result;
use ndarray::{Array2, Array3, ArrayView3, array};
use rnn_core::{Bias, Cell, Counted, Elman, Loss, Model, Mse, Parameters, Stack, Timesteps, Truth};

/// A known value, or several, and what came out.
#[derive(Clone, Debug)]
pub(super) struct Check {
    /// The section and what is checked.
    pub(super) name: &'static str,
    /// What the notebook says, four decimals for most.
    pub(super) expected: Vec<f64>,
    /// What the library computes.
    pub(super) got: Vec<f64>,
    /// The largest difference allowed.
    pub(super) tolerance: f64,
}

impl Check {
    pub(super) fn max_abs_error(&self) -> f64 {
        let errors = self.expected.iter().zip(&self.got).map(|(e, g)| (e - g).abs());
        errors.fold(0.0, |max, error| if error > max || error.is_nan() { error } else { max })
    }

    pub(super) fn passed(&self) -> bool {
        self.expected.len() == self.got.len() && self.max_abs_error() <= self.tolerance
    }
}

const TOLERANCE: f64 = 1e-4;

/// Every known value of the notebook.
pub(super) fn run_all() -> Result<Vec<Check>> {
    let mut checks = Vec::new();
    checks.extend(section_a()?);
    checks.extend(section_b()?);
    checks.extend(section_c());
    checks.extend(section_k()?);
    Ok(checks)
}

/// The input that the notebook uses throughout, (2, 4, 2).
fn x() -> Array3<f64> {
    array![
        [[0.1, 0.15], [0.2, 0.25], [0.3, 0.35], [0.4, 0.45]],
        [[-0.1, -1.5], [-0.2, -2.5], [-0.3, -3.5], [-0.4, -0.45]]
    ]
}

const H_TANH: [f64; 8] = [-0.1244, -0.1073, -0.1320, -0.1444, 0.0599, 0.1509, 0.2305, -0.0840];

/// A single recurrent layer.
fn section_a() -> Result<Vec<Check>> {
    let one = hidden_states(Elman::tanh(), 1, &[1], 0.1, Array3::ones((1, 1, 1)).view())?;
    let linear = Stack::<f64>::zeros(Elman::identity(), 2, &[3], Bias::Single)?;
    let h = hidden_states(Elman::identity(), 2, &[3], -0.1, x().view())?;
    let expected = [-0.1250, -0.1075, -0.1328, -0.1452, 0.0600, 0.1520, 0.2344, -0.0853];
    Ok(vec![
        values("1.A test 1: h, one tanh unit", &[0.197_375_327_348_709_1], &one.0),
        count("1.A test 2: parameters, 2 inputs and 3 units", 18, linear.parameter_count()),
        values("1.A test 2: h, identity", &expected, &h.0),
    ])
}

/// A layer with a linear head.
fn section_b() -> Result<Vec<Check>> {
    let mut model = Model::<f64>::zeros(Elman::tanh(), 2, &[3], 4, Bias::Single)?;
    model.fill(-0.1);
    let mut ws = model.workspace();
    model.forward(x().view(), &mut ws)?;
    let predictions = [-0.0627, -0.0678, -0.0604, -0.0567, -0.1180, -0.1453, -0.1692, -0.0748];
    Ok(vec![
        count("1.B: parameters with a head of 4", 34, model.parameter_count()),
        values("1.B: predictions", &predictions, &ws.prediction().to_owned()),
        values("1.B: h, tanh", &H_TANH, &ws.rnn.output().to_owned()),
    ])
}

/// The loss.
fn section_c() -> Vec<Check> {
    let prediction = array![[[0.1], [0.2], [0.3]], [[0.4], [0.5], [0.6]]];
    let target = array![[[-1.1], [-1.2], [-1.3]], [[-1.4], [-1.5], [-1.6]]];
    let mut d = Array3::zeros(prediction.dim());
    let mut loss = |over| {
        let truth = Truth::Values(target.view());
        vec![Mse.evaluate(prediction.view(), truth, &Counted::new(over), d.view_mut())]
    };
    [
        ("1.C: loss over all timesteps", 3.0067, Timesteps::All),
        ("1.C: loss at the last timestep", 3.7, Timesteps::Last),
    ]
    .map(|(name, expected, over)| Check {
        name,
        expected: vec![expected],
        got: loss(over),
        tolerance: TOLERANCE,
    })
    .into()
}

/// Layers on top of each other.
fn section_k() -> Result<Vec<Check>> {
    let one = hidden_states(Elman::tanh(), 2, &[3], -0.1, x().view())?;
    let two = hidden_states(Elman::tanh(), 2, &[3, 3], -0.1, x().view())?;
    let expected = [-0.0626, -0.0490, -0.0457, -0.0430, -0.1174, -0.1096, -0.1354, -0.0342];
    let last = |states: &[Array2<f64>], layer: usize| states[layer].clone().insert_axis(ndarray::Axis(1));
    Ok(vec![
        values("1.K one layer: h", &H_TANH, &one.0),
        values("1.K two layers: h of the second", &expected, &two.0),
        values("1.K two layers: last state of layer 1", &[-0.1444, -0.0840], &last(&two.1, 0)),
        values("1.K two layers: last state of layer 2", &[-0.0430, -0.0342], &last(&two.1, 1)),
    ])
}

/// Outputs, (batch, time, hidden), and the last state of every layer of a network whose parameters all have one value.
fn hidden_states(
    cell: impl Into<Cell<f64>>,
    input: usize,
    hidden: &[usize],
    value: f64,
    x: ArrayView3<'_, f64>,
) -> Result<(Array3<f64>, Vec<Array2<f64>>)> {
    let mut rnn = Stack::<f64>::zeros(cell, input, hidden, Bias::Single)?;
    rnn.fill(value);
    let mut ws = rnn.workspace();
    rnn.forward(x, &mut ws)?;
    let last = ws.final_state().layers.into_iter().map(|layer| layer.h).collect();
    Ok((ws.output().to_owned(), last))
}

/// A check of values that are equal in every unit: of `expected`, one for each sequence and timestep, every unit's.
fn values(name: &'static str, expected: &[f64], got: &Array3<f64>) -> Check {
    let units = got.len_of(ndarray::Axis(2));
    let expected = expected.iter().flat_map(|&e| std::iter::repeat_n(e, units)).collect();
    Check { name, expected, got: got.iter().copied().collect(), tolerance: TOLERANCE }
}

fn count(name: &'static str, expected: usize, got: usize) -> Check {
    Check { name, expected: vec![expected as f64], got: vec![got as f64], tolerance: 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_known_value_is_met() {
        let checks = run_all().unwrap();
        assert_eq!(checks.len(), 12);
        for check in checks {
            assert!(check.passed(), "{}: {:?} instead of {:?}", check.name, check.got, check.expected);
        }
    }

    #[test]
    fn a_wrong_or_missing_value_does_not_pass() {
        let check =
            |got: &[f64]| Check { name: "", expected: vec![1.0, 2.0], got: got.to_vec(), tolerance: 1e-4 };
        assert!(check(&[1.0, 2.0]).passed());
        assert!(!check(&[1.0, 2.001]).passed());
        assert!(!check(&[1.0, f64::NAN]).passed());
        assert!(!check(&[1.0]).passed());
    }
}
