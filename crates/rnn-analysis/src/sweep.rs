//! The notebook's sliders as a function: weights and biases scaled, gradients looked at.

use ndarray::ArrayView3;
use rayon::prelude::*;
use rnn_core::{Cell, Error as NetworkError, Loss, Model, Place, Real};

use crate::error::Result;
use crate::flow::Flow;
use crate::pass::{Pass, pass};
use crate::spectrum::spectral_radius;

/// A network with scaled weights and biases, seen through one forward and one backward pass.
#[derive(Clone, Debug, PartialEq)]
pub struct SweepPoint {
    /// What all recurrent weights, W_ih and W_hh of every layer, were multiplied by.
    pub weight_scale: f64,
    /// What all recurrent biases were multiplied by.
    pub bias_scale: f64,
    /// The spectral radius of each layer's scaled W_hh; `None` where W_hh is not square (LSTM, GRU).
    pub spectral_radius: Vec<Option<f64>>,
    /// ‖h_t‖ and ‖dL/dh_t‖.
    pub flow: Flow,
    /// The loss; NaN where the run overflowed.
    pub loss: f64,
    /// Where the run first overflowed, if it did. Norms are then infinite or NaN from there on; gradients that were
    /// never computed are NaN.
    pub overflow: Option<Place>,
}

/// Every pair of a weight scale and a bias scale, row by row: the bias scale changes slowest.
///
/// ```
/// assert_eq!(rnn_analysis::grid(&[0.5, 1.0], &[0.0, 2.0]), [(0.5, 0.0), (1.0, 0.0), (0.5, 2.0), (1.0, 2.0)]);
/// ```
pub fn grid(weight_scales: &[f64], bias_scales: &[f64]) -> Vec<(f64, f64)> {
    bias_scales.iter().flat_map(|&b| weight_scales.iter().map(move |&w| (w, b))).collect()
}

/// Scales the recurrent weights and biases of `model`, never its head, by each pair `(weight, bias)` of `scales`, runs
/// it over `x` with the loss against `y`, and reports what states and gradients do. Points come in the order of
/// `scales`, and are computed in parallel; the bits do not depend on the number of threads.
///
/// `x` is (batch, time, features) and `y` (batch, time, outputs). A point at which the network overflows is reported as
/// such, not as an error.
///
/// # Errors
/// If shapes do not fit, a scale, a parameter or a number in `x` or `y` is not finite, or eigenvalues do not converge.
pub fn scale_sweep<F: Real, L: Loss<F> + Sync>(
    model: &Model<F>,
    x: ArrayView3<'_, F>,
    y: ArrayView3<'_, F>,
    loss: &L,
    scales: &[(f64, f64)],
) -> Result<Vec<SweepPoint>> {
    let finite = |(w, b): &(f64, f64)| w.is_finite() && b.is_finite();
    if let Some(at) = scales.iter().position(|scale| !finite(scale)) {
        let (w, b) = scales[at];
        let place = Place::Given { array: "scales", index: vec![at] };
        let value = if w.is_finite() { b } else { w };
        return Err(NetworkError::NonFinite { place, value: value.to_string() }.into());
    }
    let radii = radii(model)?;
    let fresh = || (model.clone(), model.workspace());
    scales
        .par_iter()
        .map_init(fresh, |(scaled, ws), &(weight_scale, bias_scale)| {
            scale_recurrent(model, scaled, F::of(weight_scale), F::of(bias_scale));
            let Pass { loss, flow, overflow } = pass(scaled, x, y, loss, ws)?;
            let spectral_radius = radii.iter().map(|radius| radius.map(|r| r * weight_scale.abs())).collect();
            Ok(SweepPoint { weight_scale, bias_scale, spectral_radius, flow, loss, overflow })
        })
        .collect()
}

/// The spectral radius of every square W_hh: that of s W is |s| times that of W.
fn radii<F: Real>(model: &Model<F>) -> Result<Vec<Option<f64>>> {
    let radius = |layer| {
        let w_hh = model.rnn.weight_hh(layer);
        w_hh.is_square().then(|| spectral_radius(w_hh)).transpose()
    };
    (0..model.rnn.layers().len()).map(radius).collect()
}

/// Writes the recurrent parameters of `model` over those of `scaled`, weights multiplied by `weight` and biases by `bias`. The
/// head stays as it is.
///
/// ```
/// use rnn_analysis::scale_recurrent;
/// use rnn_core::{Bias, Elman, Parameters, Model};
///
/// let mut model = Model::<f64>::zeros(Elman::tanh(), 1, &[2], 1, Bias::Single)?;
/// model.fill(1.0);
/// let mut scaled = model.clone();
/// scale_recurrent(&model, &mut scaled, 3.0, -2.0);
/// assert_eq!(scaled.rnn.params().as_slice(), [3.0, 3.0, 3.0, 3.0, 3.0, 3.0, -2.0, -2.0]);
/// assert_eq!(scaled.head, model.head);
/// # Ok::<(), rnn_core::Error>(())
/// ```
pub fn scale_recurrent<F: Real>(model: &Model<F>, scaled: &mut Model<F>, weight: F, bias: F) {
    let originals = model.rnn.params().iter();
    for ((name, original), (_, mut array)) in originals.zip(scaled.rnn.params_mut().iter_mut()) {
        let factor = if name.starts_with("weight") { weight } else { bias };
        array.zip_mut_with(&original, |to, &from| *to = factor * from);
    }
}
