//! What truncated back-propagation through time leaves out of a gradient.

use ndarray::{ArrayView3, Axis, Slice};
use rnn_core::{Error as NetworkError, Model, ModelWorkspace, Parameters, Params, Real, Run};

use crate::error::{Error, Result};
use crate::flow::{norm, number};

/// The gradient G of all parameters, and G_k, the one of back-propagation that is truncated to windows of k timesteps.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Truncation {
    /// ‖G‖.
    pub whole: f64,
    /// ‖G_k‖.
    pub truncated: f64,
    /// ‖G − G_k‖.
    pub lost: f64,
    /// The cosine of the angle between G and G_k; NaN if one of them is 0.
    pub cosine: f64,
}

/// Compares the gradient of the pass forward and back that `ws` recorded, which
/// [`loss_and_gradients`](Model::loss_and_gradients) or [`pass`](crate::pass()) made of `x`, with the gradient of the same loss by
/// back-propagation that is truncated to windows of `window` timesteps.
///
/// The windows are those of [`Tbptt::every`](rnn_core::Tbptt::every): the loss at each of k timesteps in turn, counted from the first
/// one, goes back through the k timesteps up to the last of these k, or of the sequence. The state at the start of a window is a
/// constant. But the loss and the parameters are those of the whole run: G_k is the sum of what the windows contribute to dL/dθ,
/// while training takes a step after each window.
///
/// The sequences start from a state of zeros, all have the same length, and the model has one direction and reads out every
/// timestep.
///
/// ```
/// use ndarray::Array3;
/// use rnn_analysis::truncation;
/// use rnn_core::{Bias, Elman, Model, Mse, Parameters, Target};
///
/// // One linear unit with weights 1/2: a window of one timestep leaves out what earlier ones add to dL/dW.
/// let mut model = Model::<f64>::zeros(Elman::identity(), 1, &[1], 1, Bias::None)?;
/// model.fill(0.5);
/// let (x, y) = (Array3::ones((1, 3, 1)), Array3::zeros((1, 3, 1)));
/// let mut ws = model.workspace();
/// model.loss_and_gradients(x.view(), Target::values(y.view()).last(), &Mse, &mut ws)?;
/// let whole = truncation(&model, &ws, x.view(), 3)?;
/// assert_eq!((whole.lost, whole.cosine), (0.0, 1.0));
/// assert!(truncation(&model, &ws, x.view(), 1)?.lost > 0.2 * whole.whole);
/// # Ok::<(), rnn_analysis::Error>(())
/// ```
///
/// # Errors
/// [`Error::NoWindow`] if `window` is 0; [`rnn_core::Error::NothingRecorded`] without a pass back; as
/// [`Stack::forward`](rnn_core::Stack::forward) and [`Stack::backward`](rnn_core::Stack::backward); [`rnn_core::Error::NoStream`]
/// for a network with two directions.
pub fn truncation<F: Real>(
    model: &Model<F>,
    ws: &ModelWorkspace<F>,
    x: ArrayView3<'_, F>,
    window: usize,
) -> Result<Truncation> {
    if window == 0 {
        return Err(Error::NoWindow);
    }
    if model.rnn.options().bidirectional {
        return Err(NetworkError::NoStream.into());
    }
    let d_output = model.d_output(ws);
    let time = x.dim().1;
    if d_output.dim().1 != time {
        return Err(NetworkError::NothingRecorded.into());
    }
    let mut part = model.rnn.workspace();
    let mut sum = vec![F::zero(); model.rnn.params().len()];
    for counted in (0..time).step_by(window) {
        let end = time.min(counted.saturating_add(window));
        let start = end.saturating_sub(window);
        let within = Slice::from(start..end);
        let mut d_output = d_output.slice_axis(Axis(1), within).to_owned();
        d_output.slice_axis_mut(Axis(1), Slice::from(..counted - start)).fill(F::zero());
        if d_output.iter().all(|&d| d == F::zero()) {
            continue;
        }
        let state = (start > 0).then(|| ws.rnn.state_after(start));
        let run = Run::over(x.slice_axis(Axis(1), within));
        model.rnn.forward(state.as_ref().map_or(run, |state| run.carried_on(state)), &mut part)?;
        model.rnn.backward(d_output.view(), None, &mut part)?;
        sum.iter_mut().zip(part.gradients().as_slice()).for_each(|(sum, &g)| *sum += g);
    }
    let recurrent =
        ws.rnn.gradients().as_slice().iter().zip(&sum).map(|(&g, &part)| (number(g), number(part)));
    // No window changes the gradient of the head.
    let head = ws.blocks().skip(1).flat_map(Params::as_slice).map(|&g| (number(g), number(g)));
    let pairs: Vec<(f64, f64)> = recurrent.chain(head).collect();
    let (whole, truncated) = (norm(pairs.iter().map(|&(g, _)| g)), norm(pairs.iter().map(|&(_, part)| part)));
    Ok(Truncation {
        whole,
        truncated,
        lost: norm(pairs.iter().map(|&(g, part)| g - part)),
        cosine: pairs.iter().map(|&(g, part)| (g / whole) * (part / truncated)).sum(),
    })
}
