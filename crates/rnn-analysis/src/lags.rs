//! The gradient of a parameter by lag.

use ndarray::{Array3, ArrayView3, Axis};
use rnn_core::{Real, Stack, Workspace};

use crate::error::Result;
use crate::terms::gradient_terms;

/// How much of the gradient of one parameter comes from how many timesteps before its loss.
#[derive(Clone, Debug, PartialEq)]
pub struct LagTerms {
    /// The name of the parameter, as `weight_hh_l0`.
    pub name: String,
    /// Element l is the sum over t of ‖G_{t, t−l}‖, l = 0 .. T − 1.
    pub norm: Vec<f64>,
}

/// The gradient of every parameter of `layer`, an index of [`Stack::layers`], by lag: with G_{t,k} the contribution of timestep k to
/// the gradient of the loss at timestep t, so that G = Σ_t Σ_k G_{t,k}, the norms of all terms with t − k = l are added up.
///
/// `d_output`, (batch, time, hidden), is ∂L/∂output as [`Model::d_output`](rnn_core::Model::d_output) gives it: the loss at
/// timestep t acts through column t. There is one backward pass for each timestep with a loss; the workspace of the forward pass
/// holds every gradient of the whole loss afterwards.
///
/// [`gradient_by_lag`](crate::gradient_by_lag) is the same for the states.
///
/// ```
/// use ndarray::Array3;
/// use rnn_analysis::gradient_terms_by_lag;
/// use rnn_core::{Bias, Elman, Model, Mse, Parameters};
///
/// // One linear unit with weight 1/2, and a loss at every timestep: each step back halves the gradient.
/// let mut model = Model::<f64>::zeros(Elman::identity(), 1, &[1], 1, Bias::None)?;
/// model.fill(0.5);
/// let (x, y) = (Array3::ones((1, 30, 1)), Array3::zeros((1, 30, 1)));
/// let mut ws = model.workspace();
/// model.loss_and_gradients(x.view(), y.view(), &Mse, &mut ws)?;
/// let d_output = model.d_output(&ws);
/// let w_ih = &gradient_terms_by_lag(&model.rnn, d_output.view(), 0, &mut ws.rnn)?[0];
/// assert_eq!(w_ih.name, "weight_ih_l0");
/// assert!((w_ih.norm[3] / w_ih.norm[2] - 0.5).abs() < 0.03, "and there is one term less for each lag");
/// # Ok::<(), rnn_analysis::Error>(())
/// ```
///
/// # Errors
/// As [`Stack::backward`] and [`Stack::each_term`].
pub fn gradient_terms_by_lag<F: Real>(
    stack: &Stack<F>,
    d_output: ArrayView3<'_, F>,
    layer: usize,
    ws: &mut Workspace<F>,
) -> Result<Vec<LagTerms>> {
    let time = d_output.dim().1;
    let mut all: Vec<LagTerms> = Vec::new();
    let mut alone = Array3::zeros(d_output.dim());
    for t in 0..time {
        let column = d_output.index_axis(Axis(1), t);
        if column.iter().all(num_traits::Zero::is_zero) {
            continue;
        }
        alone.index_axis_mut(Axis(1), t).assign(&column);
        stack.backward(alone.view(), None, ws)?;
        alone.index_axis_mut(Axis(1), t).fill(F::zero());
        let terms = gradient_terms(stack, ws, layer)?;
        if all.is_empty() {
            all = terms.iter().map(|of| LagTerms { name: of.name.clone(), norm: vec![0.0; time] }).collect();
        }
        for (to, from) in all.iter_mut().zip(terms) {
            for (lag, norm) in from.norm[..=t].iter().rev().enumerate() {
                to.norm[lag] += norm;
            }
        }
    }
    stack.backward(d_output, None, ws)?;
    if all.is_empty() {
        let terms = gradient_terms(stack, ws, layer)?;
        all = terms.into_iter().map(|of| LagTerms { name: of.name, norm: vec![0.0; time] }).collect();
    }
    Ok(all)
}
