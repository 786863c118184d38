//! The notebook's sliders as a function: gradients of a network whose weights and biases are scaled.

use ndarray::{Array2, Dimension, Ix2};
#[cfg(feature = "rayon")]
use rayon::prelude::*;
use rnn_core::{Error as NetworkError, Layer, Loss, Model, Place, Real, Run, Stack, Target};

use crate::error::{Error, Result};
use crate::flow::{Flow, number};
use crate::pass::{Pass, pass};
use crate::spectrum::spectral_radius;

/// One forward and one backward pass of a network with scaled weights and biases.
#[derive(Clone, Debug, PartialEq)]
pub struct SweepPoint {
    /// The factor of the recurrent weights; see [`scale_recurrent`].
    pub weight_scale: f64,
    /// The factor of the recurrent biases.
    pub bias_scale: f64,
    /// The spectral radius of the scaled W_hh of each of [`Stack::layers`]: one for each level, or with two directions the
    /// forward and the backward one of each level. `None` for a cell with several gates (LSTM, GRU), without recurrent weights, or
    /// with a projection, where W_hh is not square, and where the scales are not finite.
    pub spectral_radius: Vec<Option<f64>>,
    /// ‖h_t‖ and ‖dL/dh_t‖, by level.
    pub flow: Flow,
    /// The loss; NaN where the run overflowed.
    pub loss: f64,
    /// The first number that is not finite, if there is one: one of the two scales, a scaled parameter, or what the network
    /// computed. Norms are infinite or NaN from there on, and gradients that were never computed are NaN.
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

/// Scales `model` by each pair `(weight, bias)` of `scales` as [`scale_recurrent`] does, takes the run with the loss against
/// the target, and reports the norms of states and gradients. The points have the order of `scales`. They are computed in
/// parallel (feature `rayon`); the bits do not depend on the number of threads.
///
/// Arrays alone are a run, (batch, time, features), and a target, (batch, time, outputs). A point at which the network overflows, or whose scales are
/// not finite, says so in [`SweepPoint::overflow`] and does not affect the other points.
///
/// # Errors
/// If shapes do not fit, a parameter of `model` or a number of the run or of the target is not finite, or eigenvalues do not converge.
pub fn scale_sweep<'a, F: Real, L: Loss<F> + Sync>(
    model: &Model<F>,
    run: impl Into<Run<'a, F>>,
    target: impl Into<Target<'a, F>>,
    loss: &L,
    scales: &[(f64, f64)],
) -> Result<Vec<SweepPoint>> {
    let (run, target) = (run.into(), target.into());
    check_parameters(&model.rnn)?;
    let radii = radii(&model.rnn)?;
    let fresh = || (model.clone(), model.workspace());
    let point = |(scaled, ws): &mut (Model<F>, _),
                 (at, &(weight_scale, bias_scale)): (usize, &(f64, f64))| {
        let possible = weight_scale.is_finite() && bias_scale.is_finite();
        let seen = if possible {
            scale_recurrent(model, scaled, F::of(weight_scale), F::of(bias_scale));
            pass(scaled, run, target, loss, ws)
        } else {
            Ok(never_run(&model.rnn, run.time(), Place::Given { array: "scales", index: vec![at] }))
        };
        let Pass { loss, flow, overflow } = match seen {
            // The parameters of the model are finite, but not times the scales.
            Err(Error::Network(NetworkError::NonFinite {
                place: place @ Place::Parameter { .. }, ..
            })) => never_run(&model.rnn, run.time(), place),
            seen => seen?,
        };
        let scaled = |radius: f64| radius * weight_scale.abs();
        let spectral_radius = radii.iter().map(|radius| radius.filter(|_| possible).map(scaled)).collect();
        Ok(SweepPoint { weight_scale, bias_scale, spectral_radius, flow, loss, overflow })
    };
    #[cfg(feature = "rayon")]
    return scales.par_iter().enumerate().map_init(fresh, point).collect();
    #[cfg(not(feature = "rayon"))]
    {
        let mut own = fresh();
        scales.iter().enumerate().map(|scale| point(&mut own, scale)).collect()
    }
}

/// The result of a pass whose parameters are not finite.
fn never_run<F: Real>(stack: &Stack<F>, time: usize, overflow: Place) -> Pass {
    let levels = stack.layers().len() / directions(stack);
    let norms = Array2::from_elem((levels, time), f64::NAN);
    let flow = Flow { hidden_norm: norms.clone(), grad_norm: norms };
    Pass { loss: f64::NAN, flow, overflow: Some(overflow) }
}

fn check_parameters<F: Real>(stack: &Stack<F>) -> Result<()> {
    for (name, array) in stack.params().iter() {
        if let Some((index, value)) = array.indexed_iter().find(|(_, x)| !x.is_finite()) {
            let place = Place::Parameter { name: name.to_owned(), index: index.slice().to_vec() };
            return Err(NetworkError::NonFinite { place, value: value.to_string() }.into());
        }
    }
    Ok(())
}

fn directions<F: Real>(stack: &Stack<F>) -> usize {
    1 + usize::from(stack.options().bidirectional)
}

/// The spectral radius of the recurrent weights of each of [`Stack::layers`]: of a square W_hh, or of the diagonal matrix
/// whose diagonal an independently recurrent unit has. `None` otherwise.
fn radii<F: Real>(stack: &Stack<F>) -> Result<Vec<Option<f64>>> {
    let directions = directions(stack);
    let radius = |(k, layer): (usize, &Layer<F>)| {
        let suffix = if k % directions == 1 { "_reverse" } else { "" };
        let named = |name: &str| stack.params().get(&format!("{name}_l{}{suffix}", k / directions));
        let weights = ["weight_hh", "weight_h"].into_iter().find_map(named);
        let Some(weights) = weights.filter(|_| layer.gates() == 1) else {
            return Ok(None);
        };
        let largest = |max: f64, x: &F| max.max(number(x.abs()));
        match weights.view().into_dimensionality::<Ix2>() {
            Ok(w_hh) if w_hh.is_square() => spectral_radius(w_hh).map(Some),
            Ok(_) => Ok(None),
            Err(_) => Ok(Some(weights.iter().fold(0.0, largest))),
        }
    };
    stack.layers().iter().enumerate().map(radius).collect()
}

/// Writes the recurrent parameters of `model` over those of `scaled`: every parameter whose name begins with `weight`
/// (W_ih, W_hh, the projection W_hr, peepholes) times `weight`, every one whose name begins with `bias` times `bias`. All
/// others stay as they are: gains and offsets of layer norms, learned initial states, vectors of a cell's own such as time
/// constants, and the head.
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
        let factor = match name {
            _ if name.starts_with("weight") => weight,
            _ if name.starts_with("bias") => bias,
            _ => F::one(),
        };
        array.zip_mut_with(&original, |to, &from| *to = factor * from);
    }
}
