//! All states of a sequence at once, by Newton's method in time.

use ndarray::{Array1, Array2, ArrayView2, Axis};
use rnn_core::{Error as NetworkError, Real, Stack, State};

use crate::error::Result;
use crate::flow::number;
use crate::steps::{Steps, check_one_direction, check_shape, numbers, state_of, unit, width};

/// What [`newton_in_time`] found.
#[derive(Clone, Debug, PartialEq)]
pub struct NewtonInTime {
    /// s_1 .. s_T, (time, width), with h and c of the first layer, then of the next.
    pub states: Array2<f64>,
    /// max |s_t − F(s_{t−1}, x_t)| over all timesteps and entries, before each iteration and after the last one.
    pub residuals: Vec<f64>,
    /// Whether the last residual is within the tolerance.
    pub converged: bool,
}

impl NewtonInTime {
    /// How many iterations were made.
    pub fn iterations(&self) -> usize {
        self.residuals.len() - 1
    }
}

/// The states of a network that reads `x`, (time, features), computed for all timesteps at once: the equations
/// s_t = F(s_{t−1}, x_t), t = 1 .. T, are solved by Newton's method from a guess, `guess`, (time, width), or zeros.
///
/// ```text
/// δ_t = J_t δ_{t−1} − r_t          r_t = s_t − F(s_{t−1}, x_t)          s_t ← s_t + δ_t
/// ```
///
/// with J_t = ∂F/∂s at s_{t−1}. All F and J are independent of each other, and the recursion for δ is linear, so that on a parallel
/// machine an iteration takes a time that grows with the logarithm of T. The residual falls quadratically near the solution.
/// After k iterations the first k states are those of a run step by step, so at most T iterations are needed; a network
/// whose steps are linear needs one. How many are needed in between follows from the largest Lyapunov exponent: few if it is
/// negative, about T if it is positive.
///
/// The iteration ends when the residual is at most `tolerance`, or after T iterations.
///
/// ```
/// use ndarray::Array2;
/// use rand::SeedableRng;
/// use rnn_analysis::newton_in_time;
/// use rnn_core::{Bias, Gru, Stack};
///
/// let mut rng = rand_pcg::Pcg64Dxsm::seed_from_u64(0);
/// let rnn = Stack::<f64>::new(Gru, 1, &[4], Bias::Double, &mut rng)?;
/// let found = newton_in_time(&rnn, Array2::ones((100, 1)).view(), None, None, 1e-12)?;
/// assert!(found.converged && found.iterations() < 10);
/// # Ok::<(), rnn_analysis::Error>(())
/// ```
///
/// # Errors
/// [`rnn_core::Error::NoStream`] for a network with two directions, [`rnn_core::Error::ZeroSize`] without a timestep,
/// [`rnn_core::Error::Shape`] if `x`, `initial` or `guess` does not fit, and [`rnn_core::Error::NonFinite`] if a state overflows on
/// the way, which happens to networks whose states are not bounded.
///
/// # Reference
/// Lim, Zhu, Selfridge and Kasim 2024, *Parallelizing non-linear sequential models over the sequence length*, ICLR,
/// arXiv:2309.12252. How the iterations depend on the Lyapunov exponent: Gonzalez, Kozachkov, Zoltowski, Clarkson and Linderman
/// 2025, *Predictability enables parallelization of nonlinear state space models*, arXiv:2508.16817.
pub fn newton_in_time<F: Real>(
    stack: &Stack<F>,
    x: ArrayView2<'_, F>,
    initial: Option<&State<F>>,
    guess: Option<ArrayView2<'_, f64>>,
    tolerance: f64,
) -> Result<NewtonInTime> {
    check_one_direction(stack)?;
    let (time, n) = (x.nrows(), width(stack));
    if time == 0 {
        return Err(NetworkError::ZeroSize { what: "the number of timesteps" }.into());
    }
    check_shape("x (time, features)", &[time, stack.input()], x.shape())?;
    let first = initial.map_or_else(|| numbers(&stack.initial_state(1)), numbers);
    check_shape("the initial state (batch, width)", &[1, n], first.shape())?;
    let mut states = match guess {
        None => Array2::zeros((time, n)),
        Some(guess) => {
            check_shape("the guess (time, width)", &[time, n], guess.shape())?;
            guess.to_owned()
        }
    };
    let mut steps = Steps::new(stack, time);
    let mut residuals = Vec::new();
    loop {
        let before = Array2::from_shape_fn((time, n), |(t, j)| match t {
            0 => first[[0, j]],
            _ => states[[t - 1, j]],
        });
        steps.forward(stack, x, Some(&state_of(stack, before.view())))?;
        let after = numbers(&steps.state());
        let residual = states.iter().zip(&after).fold(0.0, |most: f64, (s, f)| most.max((s - f).abs()));
        residuals.push(residual);
        let converged = residual <= tolerance;
        if converged || residuals.len() > time {
            return Ok(NewtonInTime { states, residuals, converged });
        }
        let jacobians = jacobians(stack, &mut steps, time, n)?;
        // s_t + δ_t = F(s_{t−1}) + J_t δ_{t−1}: in this form the states that are already right stay as they are.
        let mut delta = Array1::<f64>::zeros(n);
        for t in 0..time {
            let new = jacobians[t].dot(&delta) + after.row(t);
            delta = &new - &states.row(t);
            states.row_mut(t).assign(&new);
        }
    }
}

/// The Jacobian of each step, one row of all of them at a time.
fn jacobians<F: Real>(
    stack: &Stack<F>,
    steps: &mut Steps<F>,
    time: usize,
    n: usize,
) -> Result<Vec<Array2<f64>>> {
    let mut jacobians = vec![Array2::zeros((n, n)); time];
    for i in 0..n {
        steps.backward(stack, |_, j| unit(i, j))?;
        for (jacobian, row) in jacobians.iter_mut().zip(steps.d_before().axis_iter(Axis(0))) {
            jacobian.row_mut(i).assign(&row.mapv(number));
        }
    }
    Ok(jacobians)
}
