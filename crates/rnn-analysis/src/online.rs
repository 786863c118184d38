//! Gradients without a way back through time: what a network can learn from while it runs.
//!
//! With the Jacobian J_t = ∂s_t/∂s_{t−1} of the state and the immediate derivative I_t = ∂s_t/∂θ at a fixed s_{t−1},
//!
//! ```text
//! P_t = ds_t/dθ = J_t P_{t−1} + I_t          dL_t/dθ = ∂L_t/∂s_t P_t
//! ```
//!
//! P_t has one row for each number of the state and one column for each parameter. The rules differ in what they keep of it.

mod influence;

pub use influence::{Influence, OnlineRule};

use ndarray::{Array1, Array2, ArrayView1, ArrayView2, Axis};
use rnn_core::{Error as NetworkError, Real, Stack, State};

use crate::error::Result;
use crate::flow::number;
use crate::steps::{Steps, check_one_direction, check_shape, output_at, unit, width};

/// J_t and I_t of one step, with the state s as one row of numbers: h and c of the first layer, then of the next.
#[derive(Clone, Debug, PartialEq)]
pub struct StepDerivatives {
    /// ∂s_t/∂s_{t−1}, (width, width).
    pub jacobian: Array2<f64>,
    /// ∂s_t/∂θ at a fixed s_{t−1}, (width, parameters), the parameters in the order of [`Stack::params`].
    pub immediate: Array2<f64>,
}

/// A network that runs forward only, and at each timestep knows the gradient of a loss there: exactly, or by one of the
/// approximations of [`OnlineRule`].
///
/// The parameters may change between steps, as they do in online learning; the gradient is then that of the states as they were
/// computed. The memory that is needed does not depend on the number of timesteps.
///
/// ```
/// use ndarray::{Array2, array};
/// use rnn_analysis::{Online, OnlineRule};
/// use rnn_core::{Bias, Elman, Parameters, Stack};
///
/// // h_t = w h_{t−1} + v x_t with w = 1/2 and x = 1: dh_2/dw = h_1 = v, and dh_2/dv = 1 + w.
/// let mut rnn = Stack::<f64>::zeros(Elman::identity(), 1, &[1], Bias::None)?;
/// rnn.set_parameter("weight_hh_l0", array![[0.5]].view().into_dyn())?;
/// rnn.set_parameter("weight_ih_l0", array![[3.0]].view().into_dyn())?;
/// let mut online = Online::new(&rnn, OnlineRule::Rtrl)?;
/// for _ in 0..2 {
///     online.step(&rnn, array![1.0].view())?;
/// }
/// // The order of the parameters: W_ih, W_hh.
/// assert_eq!(online.gradient(array![1.0].view())?, [1.5, 3.0]);
/// # Ok::<(), rnn_analysis::Error>(())
/// ```
///
/// # Reference
/// Williams and Zipser 1989, *A learning algorithm for continually running fully recurrent neural networks*, Neural Computation
/// 1(2), for [`OnlineRule::Rtrl`].
#[derive(Clone, Debug)]
pub struct Online<F: Real> {
    steps: Steps<F>,
    state: Option<State<F>>,
    influence: Influence,
    output: (usize, usize),
}

impl<F: Real> Online<F> {
    /// Before the first timestep, from the initial state of the network: zeros, or the learned one, which is then one of the
    /// parameters that the gradient is about.
    ///
    /// # Errors
    /// [`rnn_core::Error::NoStream`] for a network with two directions.
    pub fn new(stack: &Stack<F>, rule: OnlineRule) -> Result<Self> {
        check_one_direction(stack)?;
        Ok(Self {
            steps: Steps::new(stack, 1),
            state: None,
            influence: Influence::new(rule, width(stack), stack.params().len()),
            output: (output_at(stack), stack.output()),
        })
    }

    /// Reads `x`, (features), takes a step, and returns its derivatives.
    ///
    /// # Errors
    /// As [`Stack::forward`] and [`Stack::backward`]: if `x` does not fit, or a number is not finite.
    pub fn step(&mut self, stack: &Stack<F>, x: ArrayView1<'_, F>) -> Result<StepDerivatives> {
        check_shape("x (features)", &[stack.input()], x.shape())?;
        let x = x.insert_axis(Axis(0));
        self.steps.forward(stack, x, self.state.as_ref())?;
        let (n, parameters) = (self.influence.state(), stack.params().len());
        let mut derivatives =
            StepDerivatives { jacobian: Array2::zeros((n, n)), immediate: Array2::zeros((n, parameters)) };
        let rows = derivatives.jacobian.rows_mut().into_iter().zip(derivatives.immediate.rows_mut());
        for (i, (mut to_state, mut to_parameters)) in rows.enumerate() {
            self.steps.backward(stack, |_, j| unit(i, j))?;
            to_state.assign(&self.steps.d_before().row(0).mapv(number));
            to_parameters.assign(&ArrayView1::from(self.steps.gradients()).mapv(number));
        }
        self.influence.advance(&derivatives);
        self.state = Some(self.steps.state());
        Ok(derivatives)
    }

    /// h of the last layer after the last step: zeros before the first one.
    pub fn hidden(&self) -> Array1<F> {
        let h = |state: &State<F>| state.layers.last().map(|layer| layer.h.row(0).to_owned());
        self.state.as_ref().and_then(h).unwrap_or_else(|| Array1::zeros(self.output.1))
    }

    /// dL_t/dθ of a loss at the last timestep, from `d_hidden` = ∂L_t/∂h_t of the last layer: one number for each parameter, in
    /// the order of [`Stack::params`].
    ///
    /// # Errors
    /// [`rnn_core::Error::Shape`] if `d_hidden` does not fit.
    pub fn gradient(&self, d_hidden: ArrayView1<'_, F>) -> Result<Vec<f64>> {
        let (first, outputs) = self.output;
        check_shape("d_hidden (hidden)", &[outputs], d_hidden.shape())?;
        let d = Array1::from_shape_fn(self.influence.state(), |j| match j.checked_sub(first) {
            Some(j) if j < outputs => number(d_hidden[j]),
            _ => 0.0,
        });
        Ok(self.influence.gradient(d.view()))
    }
}

/// The gradient of a loss over one sequence by a rule of online learning, Σ_t dL_t/dθ with the parameters held: `x` is (time,
/// features), and `d_output`, (time, hidden), is ∂L/∂h_t of the last layer at each timestep, without what later timesteps add,
/// as [`Stack::backward`] takes it. One number for each parameter, in the order of [`Stack::params`].
///
/// With [`OnlineRule::Rtrl`] this is the gradient that back-propagation through time computes.
///
/// # Errors
/// As [`Online::new`] and [`Online::step`], and [`rnn_core::Error::ZeroSize`] without a timestep.
pub fn online_gradient<F: Real>(
    stack: &Stack<F>,
    x: ArrayView2<'_, F>,
    d_output: ArrayView2<'_, F>,
    rule: OnlineRule,
) -> Result<Vec<f64>> {
    if x.nrows() == 0 {
        return Err(NetworkError::ZeroSize { what: "the number of timesteps" }.into());
    }
    check_shape("d_output (time, hidden)", &[x.nrows(), stack.output()], d_output.shape())?;
    let mut online = Online::new(stack, rule)?;
    let mut sum = vec![0.0; stack.params().len()];
    for (x, d) in x.rows().into_iter().zip(d_output.rows()) {
        online.step(stack, x)?;
        sum.iter_mut().zip(online.gradient(d)?).for_each(|(sum, g)| *sum += g);
    }
    Ok(sum)
}
