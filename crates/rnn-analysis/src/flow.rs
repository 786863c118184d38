//! Norms of states and gradients along a sequence.

use ndarray::{Array2, ArrayView, ArrayView3, Axis, Dimension};
use rnn_core::{Real, Workspace};

/// ‖h_t‖ and ‖dL/dh_t‖ at every level and timestep of one run. With two directions the states of both count.
#[derive(Clone, Debug, PartialEq)]
pub struct Flow {
    /// ‖h_t‖, (levels, time).
    pub hidden_norm: Array2<f64>,
    /// ‖dL/dh_t‖, (levels, time): the norm of the total derivative, through all later steps and all levels above.
    pub grad_norm: Array2<f64>,
}

impl Flow {
    /// The norms of the last forward and backward pass in this workspace.
    ///
    /// `grad_norm` is empty, (levels, 0), if the last pass was a forward pass alone.
    ///
    /// ```
    /// use ndarray::Array3;
    /// use rnn_analysis::Flow;
    /// use rnn_core::{Bias, Elman, Model, Mse, Parameters, Target};
    ///
    /// // One linear unit with weight 1/2: a gradient at the last step halves with each step back.
    /// let mut model = Model::<f64>::zeros(Elman::identity(), 1, &[1], 1, Bias::None)?;
    /// model.fill(0.5);
    /// let (x, y) = (Array3::ones((1, 3, 1)), Array3::zeros((1, 3, 1)));
    /// let mut ws = model.workspace();
    /// model.loss_and_gradients(x.view(), Target::values(y.view()).last(), &Mse, &mut ws)?;
    /// let grad = Flow::of(&ws.rnn).grad_norm;
    /// assert!((grad[[0, 0]] / grad[[0, 2]] - 0.25).abs() < 1e-15);
    /// # Ok::<(), rnn_core::Error>(())
    /// ```
    pub fn of<F: Real>(ws: &Workspace<F>) -> Self {
        let norms = |states: &dyn Fn(usize) -> Vec<f64>| {
            let rows: Vec<Vec<f64>> = (0..ws.layers()).map(states).collect();
            Array2::from_shape_fn((rows.len(), rows[0].len()), |(layer, t)| rows[layer][t])
        };
        Self {
            hidden_norm: norms(&|layer| norms_by_timestep(ws.hidden(layer))),
            grad_norm: norms(&|layer| norms_by_timestep(ws.d_hidden(layer))),
        }
    }
}

/// The Euclidean norm over all sequences and features at each timestep of a `(batch, time, features)` array.
///
/// For a batch of one this is the norm of the vector. Squares that overflow or underflow do no harm.
pub fn norms_by_timestep<F: Real>(states: ArrayView3<'_, F>) -> Vec<f64> {
    states.axis_iter(Axis(1)).map(length).collect()
}

/// The Euclidean norm over all features of each sequence at each timestep, (batch, time), of a `(batch, time, features)` array.
///
/// ```
/// use ndarray::array;
/// let states = array![[[3.0, 4.0], [1.0, 0.0]], [[0.0, 0.0], [0.0, -2.0]]];
/// assert_eq!(rnn_analysis::norms_by_sequence(states.view()), array![[5.0, 1.0], [0.0, 2.0]]);
/// ```
pub fn norms_by_sequence<F: Real>(states: ArrayView3<'_, F>) -> Array2<f64> {
    let (batch, time, _) = states.dim();
    Array2::from_shape_fn((batch, time), |(b, t)| {
        length(states.index_axis(Axis(0), b).index_axis_move(Axis(0), t))
    })
}

/// In double precision, which holds every number of `f32` and `f64`.
pub(crate) fn number<F: Real>(x: F) -> f64 {
    x.to_f64().unwrap_or(f64::NAN)
}

/// The Euclidean norm of all numbers of an array, as [`norm`].
pub(crate) fn length<F: Real, D: Dimension>(array: ArrayView<'_, F, D>) -> f64 {
    norm(array.iter().map(|&x| number(x)))
}

/// The Euclidean norm; squares that overflow or underflow do no harm.
pub(crate) fn norm(values: impl Iterator<Item = f64> + Clone) -> f64 {
    let sum = |scale: f64| values.clone().map(|x| (x / scale).powi(2)).sum::<f64>();
    let plain = sum(1.0);
    if plain.is_normal() {
        return plain.sqrt();
    }
    let largest =
        values.clone().fold(0.0, |max: f64, x| if x.abs() > max || x.is_nan() { x.abs() } else { max });
    if largest == 0.0 || !largest.is_finite() { largest } else { largest * sum(largest).sqrt() }
}

/// The mean factor of a step back, (‖dL/dh_1‖ / ‖dL/dh_T‖)^(1/(T−1)), the geometric mean of ‖dL/dh_{t−1}‖ / ‖dL/dh_t‖: below 1
/// the gradient vanishes, above 1 it explodes. `None` for fewer than two timesteps, and if the first or the last norm is 0 or
/// not finite.
///
/// The factor describes transport only if the norms are those of one loss, as of a loss at the last timestep. Where several
/// timesteps have a loss, take a row of [`Stack::reach`](rnn_core::Stack::reach).
///
/// ```
/// assert_eq!(rnn_analysis::rate_per_step(&[0.25, 0.5, 1.0]), Some(0.5));
/// assert_eq!(rnn_analysis::rate_per_step(&[0.0, 1.0]), None);
/// ```
pub fn rate_per_step(grad_norm: &[f64]) -> Option<f64> {
    let (&first, &last) = (grad_norm.first()?, grad_norm.last()?);
    let usable = |x: f64| x > 0.0 && x.is_finite();
    let steps = grad_norm.len() - 1;
    (steps > 0 && usable(first) && usable(last))
        .then(|| libm::exp((libm::log(first) - libm::log(last)) / steps as f64))
}
