//! Gradients step by step back through time: the factors of a step, and sums by lag.

use ndarray::{ArrayView2, Axis, Ix2};
use rnn_core::{Error as NetworkError, Real, Stack, Workspace};

use crate::error::{Error, Result};
use crate::flow::length;

/// The factors of one step back, from dL/dh_t to dL/dh_{t−1}, as natural logarithms. Their sum is
/// ln ‖dL/dh_{t−1}‖ / ‖dL/dh_t‖.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StepFactors {
    /// ln ‖φ′(z_t) ∘ dL/dh_t‖ / ‖dL/dh_t‖: the slopes of the activation.
    pub slopes: f64,
    /// ln ‖W_hhᵀ g‖ / ‖g‖ with g = φ′(z_t) ∘ dL/dh_t: the recurrent weights.
    pub weights: f64,
    /// ln ‖dL/dh_{t−1}‖ / ‖W_hhᵀ g‖: what else arrives at h_{t−1}, which is the gradient of the loss at t − 1, of the layer
    /// above, and of paths that do not lead through W_hh. 0 if nothing else arrives.
    pub others: f64,
}

/// Splits each step back of the gradient of `sequence` in `layer` into its factors: element t − 2 is the step from t to
/// t − 1, t = 2 .. T. `None` where one of the four vectors is zero, so that a factor is 0 or not defined.
///
/// `ws` holds the forward and the backward pass.
///
/// ```
/// use ndarray::Array3;
/// use rnn_analysis::step_factors;
/// use rnn_core::{Bias, Elman, Model, Mse, Parameters, Target};
///
/// // One linear unit with weight 1/2, and the loss at the last timestep: W alone acts.
/// let mut model = Model::<f64>::zeros(Elman::identity(), 1, &[1], 1, Bias::None)?;
/// model.fill(0.5);
/// let (x, y) = (Array3::ones((1, 3, 1)), Array3::zeros((1, 3, 1)));
/// let mut ws = model.workspace();
/// model.loss_and_gradients(x.view(), Target::values(y.view()).last(), &Mse, &mut ws)?;
/// for step in step_factors(&model.rnn, &ws.rnn, 0, 0)? {
///     let step = step.unwrap();
///     assert!(step.slopes.abs() < 1e-15 && step.others.abs() < 1e-15);
///     assert!((step.weights - 0.5f64.ln()).abs() < 1e-15);
/// }
/// # Ok::<(), rnn_analysis::Error>(())
/// ```
///
/// # Errors
/// [`Error::NoStepFactors`] for a layer whose step is not φ(W_ih x_t + W_hh h_{t−1} + b), such as an LSTM, a GRU, or a layer with
/// layer norm or dropout on the recurrence, and for a network with two directions. An error if there is no such sequence.
/// Otherwise as [`Stack::gates`].
pub fn step_factors<F: Real>(
    stack: &Stack<F>,
    ws: &Workspace<F>,
    layer: usize,
    sequence: usize,
) -> Result<Vec<Option<StepFactors>>> {
    let seen = stack.gates(layer, ws)?;
    let shape = &stack.layers()[layer];
    let weights = stack.params().get(&format!("weight_hh_l{layer}"));
    let weights = weights.and_then(|weights| weights.into_dimensionality::<Ix2>().ok());
    let options = stack.options();
    let plain = !options.bidirectional && options.layer_norm.is_none() && options.recurrent_dropout == 0.0;
    let fits = shape.cell.name().base().starts_with("rnn") && shape.projection.is_none();
    let (Some(w_hh), true, true) = (weights, fits, plain) else {
        return Err(Error::NoStepFactors { layer });
    };
    let gradients = ws.d_hidden(layer);
    let last = gradients.len_of(Axis(0)) - 1;
    if sequence > last {
        let index = sequence;
        return Err(NetworkError::OutOfRange { what: "sequence", index, first: 0, last }.into());
    }
    let gradients = gradients.index_axis(Axis(0), sequence);
    let sloped = seen.d_a.index_axis(Axis(0), 0);
    let sloped = sloped.index_axis(Axis(0), sequence);
    let step = |t: usize| {
        let g = sloped.row(t);
        let back = w_hh.t().dot(&g);
        let [from, sloped, back, to] = [gradients.row(t), g, back.view(), gradients.row(t - 1)].map(length);
        let defined = [from, sloped, back, to].iter().all(|&x| x > 0.0 && x.is_finite());
        let ln = |of: f64, over: f64| libm::log(of) - libm::log(over);
        defined.then(|| StepFactors {
            slopes: ln(sloped, from),
            weights: ln(back, sloped),
            others: ln(to, back),
        })
    };
    Ok((1..gradients.nrows()).map(step).collect())
}

/// The gradient by lag: element l is the sum of ‖dL_t/dh_{t−l}‖ over t, how much gradient arrives l steps before its loss. `reach`
/// is the square matrix ‖dL_t/dh_k‖, (t, k), of one level, from [`Stack::reach`]. Entries with k > t, which only a backward
/// direction has, are left out.
///
/// # Panics
/// If the matrix is not square.
///
/// ```
/// use ndarray::array;
/// let reach = array![[1.0, 0.0, 0.0], [0.5, 1.0, 0.0], [0.25, 0.5, 2.0]];
/// assert_eq!(rnn_analysis::gradient_by_lag(reach.view()), [4.0, 1.0, 0.25]);
/// ```
pub fn gradient_by_lag(reach: ArrayView2<'_, f64>) -> Vec<f64> {
    assert!(reach.is_square(), "a reach of shape {:?} is not square", reach.dim());
    let at_lag = |lag: usize| (lag..reach.nrows()).map(|t| reach[[t, t - lag]]).sum();
    (0..reach.nrows()).map(at_lag).collect()
}
