//! Singular values of the Jacobians that lead from each state to the last one.

use ndarray::{Array2, ArrayView1};
use rnn_core::{Error as NetworkError, Real, Stack, Workspace};

use super::product::JacobianProduct;
use crate::error::Result;

/// The singular values σ_i of ∂s_T/∂s_t, by which a gradient of s_T is multiplied on its way back to s_t, by direction.
///
/// With g = dL/ds_T and the loss a function of s_T alone, dL/ds_t = (∂s_T/∂s_t)ᵀ g: its length is at least σ_n ‖g‖ and at
/// most σ_1 ‖g‖.
#[derive(Clone, Debug, PartialEq)]
pub struct Fan {
    /// The timesteps t, from 1, in ascending order.
    pub timesteps: Vec<usize>,
    /// ln σ_i, (timesteps, n), largest first; −∞ for σ = 0.
    pub ln_sigma: Array2<f64>,
    /// T.
    pub time: usize,
}

impl Fan {
    /// The finite-time Lyapunov exponents: ln σ_i / (T − t) at the earliest of the timesteps, largest first. Empty if that is T,
    /// from which there is no step.
    pub fn exponents(&self) -> Vec<f64> {
        let steps = self.timesteps.first().map_or(0, |&t| self.time - t);
        let earliest = self.ln_sigma.rows().into_iter().next().filter(|_| steps > 0);
        earliest.map_or(Vec::new(), |row| row.iter().map(|ln| ln / steps as f64).collect())
    }
}

/// ln σ_i of ∂s_T/∂s_t = J_T … J_{t+1} at each of `timesteps`, which ascend from 1 or later, for `layer` and `sequence` of the
/// run that [`Stack::forward`] recorded in `ws`. The state s of n numbers is h, or h and c.
///
/// # Accuracy and cost
/// Each timestep that is asked for takes some sweeps over all pairs of n columns. Those between two of them take a product of
/// matrices only, and together count as one factor for the accuracy that [`JacobianProduct`] states: over such a stretch, a
/// direction that is multiplied by less than ε times the product of all norms keeps no digits. The largest singular values
/// keep theirs over many steps, the smallest do not.
///
/// Where units saturate, their slopes are 0 by rounding and σ is too small or 0, unless `stack` is made by
/// [`Stack::with_fine_slopes`].
///
/// # Errors
/// As [`Stack::step_jacobians`], if a Jacobian is not finite, with the timestep, and
/// [`Error::NoConvergence`](crate::Error::NoConvergence). [`rnn_core::Error::OutOfRange`] if there is no such timestep or they do
/// not ascend.
///
/// ```
/// use ndarray::{Array3, array};
/// use rnn_analysis::fan;
/// use rnn_core::{Bias, Elman, Parameters, Stack};
///
/// // W = [[0.9, 5], [0, 0.9]]: nine steps back, some gradient is longest; the exponents of 59 steps are near ln 0.9.
/// let mut rnn = Stack::<f64>::zeros(Elman::identity(), 1, &[2], Bias::None)?;
/// rnn.set_parameter("weight_hh_l0", array![[0.9, 5.0], [0.0, 0.9]].view().into_dyn())?;
/// let mut ws = rnn.workspace();
/// rnn.forward(Array3::zeros((1, 60, 1)).view(), &mut ws)?;
/// let all: Vec<usize> = (1..=60).collect();
/// let fan = fan(&rnn, &ws, 0, 0, &all)?;
/// let largest = fan.ln_sigma.column(0);
/// assert!(largest.iter().all(|&ln| ln <= largest[60 - 1 - 9]));
/// let [most, least] = fan.exponents()[..] else { unreachable!() };
/// assert!((most + least - 2.0 * 0.9f64.ln()).abs() < 1e-12, "det W = 0.81");
/// # Ok::<(), rnn_analysis::Error>(())
/// ```
pub fn fan<F: Real>(
    stack: &Stack<F>,
    ws: &Workspace<F>,
    layer: usize,
    sequence: usize,
    timesteps: &[usize],
) -> Result<Fan> {
    let mut jacobians = stack.step_jacobians(ws, layer, sequence)?;
    let (time, n) = (jacobians.time(), jacobians.state());
    let mut least = 1;
    for &index in timesteps {
        if !(least..=time).contains(&index) {
            return Err(NetworkError::OutOfRange { what: "timestep", index, first: least, last: time }.into());
        }
        least = index + 1;
    }
    let mut ln_sigma = Array2::zeros((timesteps.len(), n));
    // The product from the right: (∂s_T/∂s_t)ᵀ = J_{t+1}ᵀ (∂s_T/∂s_{t+1})ᵀ.
    let mut product = JacobianProduct::identity(n);
    let mut at = time;
    for (&timestep, mut row) in timesteps.iter().zip(ln_sigma.rows_mut()).rev() {
        while at > timestep {
            let jacobian = jacobians.at(at)?;
            at -= 1;
            if at == timestep {
                product.multiply(jacobian.t())?;
            } else {
                product.multiply_loosely(jacobian.t())?;
            }
        }
        row.assign(&ArrayView1::from(&product.ln_singular_values()));
    }
    Ok(Fan { timesteps: timesteps.to_vec(), ln_sigma, time })
}
