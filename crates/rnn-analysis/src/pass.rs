//! A forward and a backward pass for which overflow is a result, not an error.

use ndarray::Array2;
use rnn_core::{Error as NetworkError, Loss, Model, ModelWorkspace, Place, Real, Run, Target};

use crate::error::Result;
use crate::flow::{Flow, number};

/// The result of [`pass`].
#[derive(Clone, Debug, PartialEq)]
pub struct Pass {
    /// The loss; NaN where the run overflowed.
    pub loss: f64,
    /// ‖h_t‖ and ‖dL/dh_t‖. Norms are infinite or NaN from an overflow on, and gradients that were never computed are NaN.
    pub flow: Flow,
    /// The first number that overflowed, if there is one.
    pub overflow: Option<Place>,
}

/// Runs `model` forward and backward; `ws` then holds every state and gradient.
///
/// As [`Model::loss_and_gradients`], except that overflow is not an error.
///
/// ```
/// use ndarray::Array3;
/// use rnn_analysis::pass;
/// use rnn_core::{Bias, Elman, Mse, Parameters, Model};
///
/// let mut model = Model::<f64>::zeros(Elman::identity(), 1, &[1], 1, Bias::None)?;
/// model.fill(1e100);
/// let (x, y) = (Array3::ones((1, 9, 1)), Array3::zeros((1, 9, 1)));
/// let seen = pass(&model, x.view(), y.view(), &Mse, &mut model.workspace())?;
/// assert!(seen.loss.is_nan() && seen.flow.hidden_norm[[0, 2]] > 1e299);
/// assert_eq!(seen.overflow.unwrap().to_string(), "the hidden state of layer 0 at timestep 4, sequence 0, unit 0");
/// # Ok::<(), rnn_analysis::Error>(())
/// ```
///
/// # Errors
/// If shapes do not fit, or a parameter or a number of the run or of the target is not finite.
pub fn pass<'a, F: Real>(
    model: &Model<F>,
    run: impl Into<Run<'a, F>>,
    target: impl Into<Target<'a, F>>,
    loss: &impl Loss<F>,
    ws: &mut ModelWorkspace<F>,
) -> Result<Pass> {
    let (loss, overflow) = match model.loss_and_gradients(run, target, loss, ws) {
        Ok(loss) => (number(loss), None),
        Err(NetworkError::NonFinite { place, .. }) if is_overflow(&place) => (f64::NAN, Some(place)),
        Err(error) => return Err(error.into()),
    };
    let mut flow = Flow::of(&ws.rnn);
    if flow.grad_norm.dim() != flow.hidden_norm.dim() {
        // There was no backward pass.
        flow.grad_norm = Array2::from_elem(flow.hidden_norm.raw_dim(), f64::NAN);
    }
    Ok(Pass { loss, flow, overflow })
}

/// Whether the number was computed, and is not part of the data or the parameters.
fn is_overflow(place: &Place) -> bool {
    !matches!(place, Place::Given { .. } | Place::Parameter { .. })
}
