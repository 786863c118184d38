//! Gradients of Lyapunov exponents with respect to the parameters: what gradient flossing descends.

mod qr;

use ndarray::{Array1, Array2, ArrayView2, Axis};
use rnn_core::{Cell, Error as NetworkError, Real, Stack, State};

use crate::dual::{Dual, dual_cell, dual_stack};
use crate::error::{Error, Result};
use crate::flow::number;
use crate::steps::{
    Steps, check_one_direction, check_shape, fill, initial_names, numbers, state_of, unit, width,
};

use self::qr::{qr, qr_back};

/// Exponents, and the gradient of a function of them.
#[derive(Clone, Debug, PartialEq)]
pub struct LyapunovGradient {
    /// λ_1 .. λ_k, in the order of the columns of Q.
    pub exponents: Vec<f64>,
    /// The derivative of the function with respect to each parameter, in the order of [`Stack::params`].
    pub gradient: Vec<f64>,
}

/// The first `k` Lyapunov exponents of a network that reads `x`, (time, features), and the gradient of a function f of them with
/// respect to all parameters, through every state and through the QR recursion:
///
/// ```text
/// Q_t R_t = J_t Q_{t−1}          λ_i = (1/T) Σ_t ln R_t[i, i]          i = 1 .. k
/// ```
///
/// from s_0, `initial` or the network's initial state, and Q_0, the first k columns of the identity. `df` returns ∂f/∂λ_i at the
/// exponents that it is given. *Gradient flossing* descends f = Σ λ_i², for which `df` is 2 λ: it moves the exponents to 0, so that
/// gradients along k directions neither vanish nor explode. The exponents are those of the T steps, without a burn-in.
///
/// # Method
/// The way back goes through the QR decompositions and gives ∂f/∂J_t =: G_t. ⟨G_t, J_t⟩ is a sum of derivatives of the entries of
/// the step in the directions of the rows of G_t; its own derivatives, with respect to s_{t−1} and the parameters, are the
/// tangents of one pass back over [dual numbers](Dual). What arrives at the states then goes back through time as usual. So
/// the gradient costs a few passes, however many parameters there are.
///
/// ```
/// use ndarray::{Array2, array};
/// use rnn_analysis::lyapunov_gradient;
/// use rnn_core::{Bias, Elman, Parameters, Stack};
///
/// // A linear network: λ_1 + λ_2 = ln |det W|, whose gradient is W⁻ᵀ.
/// let mut rnn = Stack::<f64>::zeros(Elman::identity(), 1, &[2], Bias::None)?;
/// rnn.set_parameter("weight_hh_l0", array![[1.0, 1.0], [0.0, 0.5]].view().into_dyn())?;
/// let found = lyapunov_gradient(&rnn, Array2::zeros((20, 1)).view(), None, 2, |_| vec![1.0, 1.0])?;
/// assert!((found.exponents.iter().sum::<f64>() - 0.5f64.ln()).abs() < 1e-14);
/// // The parameters are W_ih, then W_hh row by row.
/// for (got, want) in found.gradient[2..].iter().zip([1.0, 0.0, -2.0, 2.0]) {
///     assert!((got - want).abs() < 1e-12);
/// }
/// # Ok::<(), rnn_analysis::Error>(())
/// ```
///
/// # Errors
/// [`rnn_core::Error::NoStream`] for a network with two directions; [`rnn_core::Error::ZeroSize`] without a timestep;
/// [`rnn_core::Error::OutOfRange`] if `k` is 0 or more than the state has numbers; [`rnn_core::Error::Shape`] if `x`, `initial` or
/// what `df` returns does not fit; [`Error::VanishedDirection`] if an exponent is −∞, or not told from it: if what is left of a column of J Q beside the columns before it is
/// within rounding, 1e-15 of the column; [`Error::NoDualCell`] if the cell is not built
/// in, for which [`lyapunov_gradient_with`] exists; [`rnn_core::Error::NonFinite`] and [`Error::NonFiniteDerivative`].
///
/// # Reference
/// Engelken 2023, *Gradient flossing: improving gradient descent through dynamic control of Jacobians*, NeurIPS,
/// arXiv:2312.17306. The way back through QR: Walter and Lehmann 2013, *Algorithmic differentiation of linear algebra functions with
/// application in optimum experimental design*, arXiv:1001.1654.
pub fn lyapunov_gradient<F: Real>(
    stack: &Stack<F>,
    x: ArrayView2<'_, F>,
    initial: Option<&State<F>>,
    k: usize,
    df: impl Fn(&[f64]) -> Vec<f64>,
) -> Result<LyapunovGradient> {
    lyapunov_gradient_with(stack, dual_cell(stack)?, x, initial, k, df)
}

/// As [`lyapunov_gradient`], for a network of any cell, which is given once more as a cell over dual numbers.
///
/// # Errors
/// As [`lyapunov_gradient`]; also if the cell is another one than the network's, so that its parameters have other shapes.
pub fn lyapunov_gradient_with<F: Real>(
    stack: &Stack<F>,
    cell: impl Into<Cell<Dual>>,
    x: ArrayView2<'_, F>,
    initial: Option<&State<F>>,
    k: usize,
    df: impl Fn(&[f64]) -> Vec<f64>,
) -> Result<LyapunovGradient> {
    check_one_direction(stack)?;
    let (time, n) = (x.nrows(), width(stack));
    if time == 0 {
        return Err(NetworkError::ZeroSize { what: "the number of timesteps" }.into());
    }
    if !(1..=n).contains(&k) {
        let what = "the number of exponents";
        return Err(NetworkError::OutOfRange { what, index: k, first: 1, last: n }.into());
    }
    check_shape("x (time, features)", &[time, stack.input()], x.shape())?;
    let dual = dual_stack(stack, cell.into())?;
    check_shape(
        "the parameters of the cell over dual numbers",
        &[stack.params().len()],
        &[dual.params().len()],
    )?;

    let mut step = Steps::new(stack, 1);
    let Run { states, jacobians } = run(stack, x, initial, &mut step)?;
    let (exponents, qs, rs) = exponents(&jacobians, k)?;
    let d_exponents = df(&exponents);
    check_shape("the derivatives with respect to the exponents", &[k], &[d_exponents.len()])?;
    let d_jacobians = through_qr(&jacobians, &qs, &rs, &d_exponents);

    // What ⟨G_t, J_t⟩ depends on beside s_{t−1}, which is the way back through time as usual.
    let mut gradient = vec![0.0; stack.params().len()];
    let mut twins = Steps::new(&dual, n);
    let mut d_state = Array1::<f64>::zeros(n);
    for t in (0..time).rev() {
        let x_t = x.row(t);
        let before = state_of(stack, states[t].view().insert_axis(Axis(0)));
        step.forward(stack, x_t.insert_axis(Axis(0)), Some(&before))?;
        step.backward(stack, |_, j| F::of(d_state[j]))?;
        gradient.iter_mut().zip(step.gradients()).for_each(|(sum, &g)| *sum += number(g));
        d_state = step.d_before().row(0).mapv(number);

        let g = &d_jacobians[t];
        let mut moving = dual.zero_state(n);
        fill(&mut moving, |b, j| Dual::new(states[t][j], g[[b, j]]));
        let x_t = Array2::from_shape_fn((n, x_t.len()), |(_, j)| Dual::constant(number(x_t[j])));
        twins.forward(&dual, x_t.view(), Some(&moving))?;
        twins.backward(&dual, unit)?;
        gradient.iter_mut().zip(twins.gradients()).for_each(|(sum, g)| *sum += g.tangent);
        for row in twins.d_before().rows() {
            d_state.iter_mut().zip(row).for_each(|(sum, d)| *sum += d.tangent);
        }
    }
    if initial.is_none() {
        through_initial(stack, &d_state, &mut gradient);
    }
    match gradient.iter().position(|x| !x.is_finite()) {
        None => Ok(LyapunovGradient { exponents, gradient }),
        Some(index) => {
            let (what, value) = ("the gradient of the Lyapunov exponents", gradient[index]);
            Err(Error::NonFiniteDerivative { what, index, value })
        }
    }
}

/// s_0 .. s_{T−1} and J_1 .. J_T.
struct Run {
    states: Vec<Array1<f64>>,
    jacobians: Vec<Array2<f64>>,
}

fn run<F: Real>(
    stack: &Stack<F>,
    x: ArrayView2<'_, F>,
    initial: Option<&State<F>>,
    step: &mut Steps<F>,
) -> Result<Run> {
    let n = width(stack);
    let mut state = initial.cloned().unwrap_or_else(|| stack.initial_state(1));
    let mut run = Run { states: Vec::new(), jacobians: Vec::new() };
    for x in x.rows() {
        let row = numbers(&state);
        check_shape("the initial state (batch, width)", &[1, n], row.shape())?;
        run.states.push(row.row(0).to_owned());
        step.forward(stack, x.insert_axis(Axis(0)), Some(&state))?;
        let mut jacobian = Array2::zeros((n, n));
        for (i, mut row) in jacobian.rows_mut().into_iter().enumerate() {
            step.backward(stack, |_, j| unit(i, j))?;
            row.assign(&step.d_before().row(0).mapv(number));
        }
        run.jacobians.push(jacobian);
        state = step.state();
    }
    Ok(run)
}

/// The exponents, Q_0 .. Q_T and R_1 .. R_T.
type Recursion = (Vec<f64>, Vec<Array2<f64>>, Vec<Array2<f64>>);

fn exponents(jacobians: &[Array2<f64>], k: usize) -> Result<Recursion> {
    let n = jacobians[0].nrows();
    let mut qs = vec![Array2::from_shape_fn((n, k), |(i, j)| unit(i, j))];
    let (mut rs, mut sums) = (Vec::new(), vec![0.0; k]);
    for (t, jacobian) in jacobians.iter().enumerate() {
        let (q, r) = qr(&jacobian.dot(&qs[t]));
        for (column, sum) in sums.iter_mut().enumerate() {
            let pivot = r[[column, column]];
            if pivot == 0.0 {
                return Err(Error::VanishedDirection { timestep: t + 1, column });
            }
            *sum += libm::log(pivot);
        }
        qs.push(q);
        rs.push(r);
    }
    let steps = jacobians.len() as f64;
    Ok((sums.into_iter().map(|sum| sum / steps).collect(), qs, rs))
}

/// G_t = ∂f/∂J_t for every t.
fn through_qr(
    jacobians: &[Array2<f64>],
    qs: &[Array2<f64>],
    rs: &[Array2<f64>],
    df: &[f64],
) -> Vec<Array2<f64>> {
    let steps = jacobians.len();
    let mut d_q = Array2::zeros(qs[0].raw_dim());
    let mut all = vec![Array2::zeros((0, 0)); steps];
    for t in (0..steps).rev() {
        let d_r = |i: usize| df[i] / (steps as f64 * rs[t][[i, i]]);
        let d_z = qr_back(&qs[t + 1], &rs[t], &d_q, d_r);
        all[t] = d_z.dot(&qs[t].t());
        d_q = jacobians[t].t().dot(&d_z);
    }
    all
}

/// Adds the gradient of s_0 to that of the parameters that hold a learned initial state.
fn through_initial<F: Real>(stack: &Stack<F>, d_state: &Array1<f64>, gradient: &mut [f64]) {
    let names = initial_names(stack);
    let mut first = 0;
    for (name, array) in stack.params().iter() {
        if let Some((_, at)) = names.iter().find(|(known, _)| known == name) {
            let d = d_state.iter().skip(*at).take(array.len());
            gradient[first..].iter_mut().zip(d).for_each(|(sum, d)| *sum += d);
        }
        first += array.len();
    }
}
