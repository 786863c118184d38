//! A proof, by interval arithmetic, that a fixed point exists and is the only one near.

use faer::Mat;
use faer::linalg::solvers::DenseSolveCore;
use ndarray::{Array1, Array2, ArrayView1};
use rnn_core::{Real, Stack};

use super::affine::Affine;
use super::interval_arithmetic::Range;
use crate::error::{Error, Result};
use crate::flow::number;

/// What is proved about a fixed point.
#[derive(Clone, Debug, PartialEq)]
pub struct Certificate {
    /// There is a fixed point h with `low` ≤ h ≤ `high` in every entry.
    pub low: Array1<f64>,
    /// The upper ends.
    pub high: Array1<f64>,
    /// No other fixed point has all its entries within this distance of the state that was given.
    pub radius: f64,
}

/// Proves that the network h_t = φ(W_hh h_{t−1} + W_ih x + b), of one layer, with φ = tanh or the sigmoid, and a constant `x`,
/// (features), has a fixed point near `state`, (n), and that it has no other one around it. `None` if that cannot be proved: there may be
/// none, two that are close, or one that is not isolated.
///
/// With f(h) = φ(W h + b) − h, a box X around the state ĥ, Y an approximate inverse of f′(ĥ) and f′(X) all Jacobians of f on X, Krawczyk's
/// operator is
///
/// ```text
/// K(X) = ĥ − Y f(ĥ) + (I − Y f′(X)) (X − ĥ)
/// ```
///
/// If K(X) lies in the interior of X, f has exactly one zero in X, and it lies in K(X). Everything is computed with intervals that
/// are rounded outward, so that the proof holds for the real numbers that the weights of the network are, and not only up to
/// rounding. It relies on a correct tanh and exponential to 8 units in the last place. Boxes of radius 2⁻⁴⁰, 2⁻³⁹, … up to 1 are tried:
/// [`low`](Certificate#structfield.low) and [`high`](Certificate#structfield.high) come from the smallest for which the
/// proof succeeds, [`radius`](Certificate#structfield.radius) from the largest.
///
/// # Errors
/// [`Error::NoFixedPoints`] for several layers or two directions, [`Error::UnsuitedCell`] for another cell,
/// [`Error::StateSize`] and [`rnn_core::Error`] for an array that does not fit, [`Error::OutOfRange`] for a number that is not finite.
///
/// # Reference
/// Krawczyk 1969, *Newton-Algorithmen zur Bestimmung von Nullstellen mit Fehlerschranken*, Computing 4; Moore, Kearfott and Cloud
/// 2009, *Introduction to interval analysis*, SIAM, chapter 8.
///
/// ```
/// use ndarray::{Array1, array};
/// use rnn_analysis::certify;
/// use rnn_core::{Bias, Elman, Parameters, Stack};
///
/// // h = tanh(2 h).
/// let mut rnn = Stack::<f64>::zeros(Elman::tanh(), 1, &[1], Bias::None)?;
/// rnn.set_parameter("weight_hh_l0", array![[2.0]].view().into_dyn())?;
/// let x = Array1::zeros(1);
/// let proof = certify(&rnn, x.view(), array![0.9575].view())?.expect("the Newton step is a contraction");
/// assert!(proof.low[0] < 0.957_504_024_077 && 0.957_504_024_078 < proof.high[0]);
/// assert!(proof.high[0] - proof.low[0] < 1e-6 && proof.radius > 0.1);
/// assert_eq!(certify(&rnn, x.view(), array![0.5].view())?, None);
/// # Ok::<(), rnn_analysis::Error>(())
/// ```
pub fn certify<F: Real>(
    stack: &Stack<F>,
    x: ArrayView1<'_, F>,
    state: ArrayView1<'_, F>,
) -> Result<Option<Certificate>> {
    let affine = Affine::of(stack, x, WHAT, NEEDS)?;
    let cell = stack.layers()[0].cell.name().to_string();
    let squash = match cell.as_str() {
        "rnn-tanh" => Squash { value: Range::tanh, slope: Range::tanh_slope },
        "rnn-sigmoid" => Squash { value: Range::sigmoid, slope: Range::sigmoid_slope },
        _ => return Err(Error::UnsuitedCell { cell, what: WHAT, needs: NEEDS }),
    };
    let n = affine.units();
    if state.len() != n {
        return Err(Error::StateSize { state: n, rows: 1, columns: state.len() });
    }
    let center = state.mapv(number);
    if let Some(&value) = center.iter().find(|x| !x.is_finite()) {
        return Err(Error::OutOfRange { what: "an entry of the state", value, range: "finite" });
    }
    let map = Enclosure { affine, squash };
    let point: Vec<Range> = center.iter().map(|&h| Range::of(h)).collect();
    let (value, jacobian) = map.at(&point);
    let middle = |range: &Range| f64::midpoint(range.low, range.high);
    let inverse = Mat::from_fn(n, n, |i, j| middle(&jacobian[[i, j]])).partial_piv_lu().inverse();
    let inverse = Array2::from_shape_fn((n, n), |(i, j)| inverse[(i, j)]);
    if !inverse.iter().all(|x| x.is_finite()) {
        return Ok(None);
    }
    // ĥ − Y f(ĥ), which does not depend on the box.
    let newton: Vec<Range> =
        (0..n).map(|i| (0..n).fold(point[i], |sum, j| sum - Range::of(inverse[[i, j]]) * value[j])).collect();
    let mut found: Option<Certificate> = None;
    for radius in (0..=RADII).map(|k| libm::exp2(f64::from(k) - f64::from(RADII))) {
        let cube: Vec<Range> = center.iter().map(|&h| Range::around(h, radius)).collect();
        let (_, jacobian) = map.at(&cube);
        let image: Vec<Range> = (0..n)
            .map(|i| {
                (0..n).fold(newton[i], |sum, j| {
                    let start = Range::of(f64::from(u8::from(i == j)));
                    let product =
                        (0..n).fold(start, |sum, k| sum - Range::of(inverse[[i, k]]) * jacobian[[k, j]]);
                    sum + product * (cube[j] - point[j])
                })
            })
            .collect();
        if image.iter().zip(&cube).all(|(image, cube)| image.is_inside(*cube)) {
            let certificate = found.get_or_insert_with(|| Certificate {
                low: image.iter().map(|range| range.low).collect(),
                high: image.iter().map(|range| range.high).collect(),
                radius,
            });
            certificate.radius = radius;
        } else if found.is_some() {
            break;
        }
    }
    Ok(found)
}

const WHAT: &str = "a certificate of a fixed point";
const NEEDS: &str = "h_t = φ(W_hh h_(t−1) + W_ih x_t + b) with tanh or the sigmoid";

/// The smallest box has a radius of 2 to the power of minus this.
const RADII: u32 = 40;

/// An activation on intervals.
struct Squash {
    /// φ.
    value: fn(Range) -> Range,
    /// φ′ where φ has this value.
    slope: fn(Range) -> Range,
}

/// f(h) = φ(W h + b) − h on intervals.
struct Enclosure {
    affine: Affine,
    squash: Squash,
}

impl Enclosure {
    /// f and f′ on a box.
    fn at(&self, h: &[Range]) -> (Vec<Range>, Array2<Range>) {
        let Affine { w, w_ih, biases, x } = &self.affine;
        let n = h.len();
        let one = |i: usize| {
            let start = biases.iter().fold(Range::of(0.0), |sum, bias| sum + Range::of(bias[i]));
            let z =
                x.iter().enumerate().fold(start, |sum, (j, &x)| sum + Range::of(w_ih[[i, j]]) * Range::of(x));
            let z = h.iter().enumerate().fold(z, |sum, (j, &h)| sum + Range::of(w[[i, j]]) * h);
            (self.squash.value)(z)
        };
        let phi: Vec<Range> = (0..n).map(one).collect();
        let jacobian = Array2::from_shape_fn((n, n), |(i, j)| {
            let through = (self.squash.slope)(phi[i]) * Range::of(w[[i, j]]);
            through - Range::of(f64::from(u8::from(i == j)))
        });
        (phi.iter().zip(h).map(|(&phi, &h)| phi - h).collect(), jacobian)
    }
}
