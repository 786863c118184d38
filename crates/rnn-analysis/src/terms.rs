//! The gradient of a parameter as a sum over timesteps.

use ndarray::ArrayViewD;
use rnn_core::{Real, Stack, Workspace};

use crate::error::Result;
use crate::flow::{norm, number};

/// The gradient G of one parameter as a sum over timesteps, G = Σ_t G_t.
#[derive(Clone, Debug, PartialEq)]
pub struct GradientTerms {
    /// The name of the parameter, as `weight_hh_l0`.
    pub name: String,
    /// ‖G‖, the Frobenius norm.
    pub total: f64,
    /// ‖G_t‖, t = 1 .. T. Terms may cancel, so the norms add up to ‖G‖ or more.
    pub norm: Vec<f64>,
    /// ⟨G_t, G⟩ / ‖G‖: the component of G_t along G. The components add up to ‖G‖; if G is 0, all of them are.
    pub along: Vec<f64>,
}

/// The terms of the gradient of every parameter of `layer`, an index of [`Stack::layers`], in the forward and backward passes that
/// `ws` recorded.
///
/// For the Elman cell and one sequence G_t is (φ′(z_t) ∘ dL/dh_t) h_{t−1}ᵀ for W_hh, the summand of the sum over time in
/// back-propagation through time. Equation 4 of Pascanu, Mikolov and Bengio 2013, arXiv:1211.5063, also splits the sum by the
/// timestep of the loss.
///
/// ```
/// use ndarray::Array3;
/// use rnn_analysis::gradient_terms;
/// use rnn_core::{Bias, Elman, Model, Mse, Parameters, Target};
///
/// // One linear unit with weight 1/2 and inputs 1: h = 1/2, 3/4, 7/8, and a gradient that halves with each step back.
/// let mut model = Model::<f64>::zeros(Elman::identity(), 1, &[1], 1, Bias::None)?;
/// model.fill(0.5);
/// let (x, y) = (Array3::ones((1, 3, 1)), Array3::zeros((1, 3, 1)));
/// let mut ws = model.workspace();
/// model.loss_and_gradients(x.view(), Target::values(y.view()).last(), &Mse, &mut ws)?;
/// let w_hh = &gradient_terms(&model.rnn, &ws.rnn, 0)?[1];
/// assert_eq!(w_hh.name, "weight_hh_l0");
/// assert!((w_hh.norm[1] / w_hh.norm[2] - 0.5 * 0.5 / 0.75).abs() < 1e-15, "dL/dh_2 h_1 against dL/dh_3 h_2");
/// assert!((w_hh.along.iter().sum::<f64>() - w_hh.total).abs() < 1e-15);
/// # Ok::<(), rnn_analysis::Error>(())
/// ```
///
/// # Errors
/// As [`Stack::each_term`].
pub fn gradient_terms<F: Real>(
    stack: &Stack<F>,
    ws: &Workspace<F>,
    layer: usize,
) -> Result<Vec<GradientTerms>> {
    let mut all = Vec::new();
    stack.each_term(layer, ws, |t, terms| {
        if t == 0 {
            all.extend(terms.iter().map(|(name, _)| start(name, ws)));
        }
        for ((to, unit), (_, term)) in all.iter_mut().zip(terms.iter()) {
            to.norm.push(norm(numbers(&term)));
            to.along.push(numbers(&term).zip(unit.iter()).map(|(g, u)| g * u).sum());
        }
    })?;
    Ok(all.into_iter().map(|(terms, _)| terms).collect())
}

/// The entry of a parameter, still without terms, and G / ‖G‖.
fn start<F: Real>(name: &str, ws: &Workspace<F>) -> (GradientTerms, Vec<f64>) {
    let gradient = ws.gradients().get(name).expect("every parameter has a gradient");
    let total = norm(numbers(&gradient));
    let unit = |g: f64| if total > 0.0 { g / total } else { 0.0 };
    let terms = GradientTerms { name: name.to_owned(), total, norm: Vec::new(), along: Vec::new() };
    (terms, numbers(&gradient).map(unit).collect())
}

fn numbers<'a, F: Real>(array: &'a ArrayViewD<'_, F>) -> impl Iterator<Item = f64> + Clone + 'a {
    let numbers = array.as_slice().expect("parameters lie in one block");
    numbers.iter().map(|&x| number(x))
}
