//! Mean-field theory of wide random tanh networks: the size of states, the fate of gradients, the largest Lyapunov exponent.

use std::f64::consts::PI;

use crate::error::{Error, Result};

/// Beyond this many standard deviations a normal density is below 3e-18 of its peak, and what it weighs is left out.
const REACH: f64 = 9.0;

/// The mean-field theory of the network z_t = W tanh(z_{t−1}) + v_t as the number n of units goes to infinity: the entries of W are
/// independent and normal with variance g²/n, and those of the input v_t are independent, over units and over time, and normal
/// with variance σ_v².
///
/// Every z is then normal with mean 0, and its variance q solves
///
/// ```text
/// q = g² E tanh²(√q ξ) + σ_v²        ξ ~ N(0, 1)
/// χ = g² E φ′(√q ξ)²                 φ′(z) = 1 / cosh² z
/// ```
///
/// χ is the mean factor by which one step back through time changes the squared norm of a gradient, and one step forward that of a
/// small difference between two states. It decides between vanishing (χ < 1) and exploding (χ > 1).
///
/// A W that is g times a random orthogonal matrix has the same q and χ.
///
/// # Accuracy
/// The means are computed by the trapezoidal rule, which converges exponentially for functions without a singularity near the real
/// axis; the step follows from the poles of tanh at ±iπ/2. Relative errors of χ are below 1e-12 for q up to 10⁴.
///
/// # Reference
/// Sompolinsky, Crisanti and Sommers 1988, *Chaos in random neural networks*, Physical Review Letters 61; Molgedey, Schuchhardt
/// and Schuster 1992, *Suppressing chaos in neural networks by noise*, Physical Review Letters 69, which has discrete time and the
/// input. Gradients: Chen, Pennington and Schoenholz 2018, *Dynamical isometry and a mean field theory of RNNs*, ICML.
///
/// ```
/// use rnn_analysis::MeanField;
///
/// // Without input a network is at rest up to g = 1, and chaotic beyond.
/// assert_eq!(MeanField::tanh(0.9, 0.0)?.variance, 0.0);
/// assert!((MeanField::tanh(2.0, 0.0)?.largest_exponent() - 0.1547).abs() < 1e-4);
/// // A strong input makes it forget.
/// assert!(MeanField::tanh(2.0, 4.0)?.largest_exponent() < 0.0);
/// # Ok::<(), rnn_analysis::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MeanField {
    /// g: the entries of W have the standard deviation g / √n.
    pub gain: f64,
    /// σ_v, the standard deviation of the input.
    pub input: f64,
    /// q, the variance of z; the largest solution of its equation.
    pub variance: f64,
    /// E tanh² z, the mean square of the states.
    pub mean_square: f64,
    /// E φ′(z).
    pub mean_slope: f64,
    /// E ln φ′(z).
    pub mean_ln_slope: f64,
    /// χ = g² E φ′(z)².
    pub chi: f64,
}

impl MeanField {
    /// The theory for tanh with this gain g and this standard deviation of the input.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] if one of them is negative or not finite, or above 1000, where almost all units are saturated and the
    /// quadrature would take millions of points.
    pub fn tanh(gain: f64, input: f64) -> Result<Self> {
        for (what, value) in [("the gain", gain), ("the standard deviation of the input", input)] {
            if !(0.0..=1000.0).contains(&value) {
                return Err(Error::OutOfRange { what, value, range: "0 to 1000" });
            }
        }
        let variance = variance(gain * gain, input * input);
        let mean = |f: fn(f64) -> f64| tanh_mean(variance, f);
        Ok(Self {
            gain,
            input,
            variance,
            mean_square: mean(|z| libm::tanh(z) * libm::tanh(z)),
            mean_slope: mean(slope),
            mean_ln_slope: mean(ln_slope),
            chi: gain * gain * mean(|z| slope(z) * slope(z)),
        })
    }

    /// The largest Lyapunov exponent, λ_1 = ½ ln χ: −∞ for g = 0.
    pub fn largest_exponent(&self) -> f64 {
        0.5 * libm::log(self.chi)
    }

    /// The mean of all Lyapunov exponents, ln g − ½ + E ln φ′(z), for W with normal entries; −∞ for g = 0.
    pub fn mean_exponent(&self) -> f64 {
        libm::log(self.gain) - 0.5 + self.mean_ln_slope
    }

    /// The number of steps after which the squared norm of a gradient has fallen to 1/e of what it was, ξ = −1 / ln χ. `None` for
    /// χ ≥ 1, where it does not fall.
    pub fn correlation_length(&self) -> Option<f64> {
        (self.chi < 1.0).then(|| -1.0 / libm::log(self.chi))
    }

    /// The participation ratio of tanh z over n, and that of z over n, of the chaotic network without input:
    ///
    /// ```text
    /// r = (g E φ′(z))⁴        PR(tanh z) / n = 1 − r        PR(z) / n = (1 − r) / (2 − r)
    /// ```
    ///
    /// `None` with an input, or where the network is at rest: it then has no dimension of its own. [`participation_ratio`]
    /// measures it.
    ///
    /// [`participation_ratio`]: crate::participation_ratio
    ///
    /// # Reference
    /// Clark, Abbott and Litwin-Kumar 2023, *Dimension of activity in random neural networks*, Physical Review Letters 131, for
    /// continuous time. The form for discrete time agrees with simulations of 128 and 256 units within some percent.
    pub fn participation(&self) -> Option<[f64; 2]> {
        let r = libm::pow(self.gain * self.mean_slope, 4.0);
        (self.input == 0.0 && self.variance > 0.0).then(|| [1.0 - r, (1.0 - r) / (2.0 - r)])
    }
}

/// E ln |det W| / n and its standard deviation over draws, for an n x n matrix of independent normal entries of variance g²/n.
///
/// det² is a product of independent χ² numbers with 1 .. n degrees of freedom, so that both are sums of polygamma functions at
/// halves:
///
/// ```text
/// E ln |det W| = ½ Σ_{k=1..n} ψ(k/2) + (n/2) ln(2 g²/n)        Var = ¼ Σ_k ψ′(k/2)
/// ```
///
/// The mean goes to ln g − ½ as n grows. It is also the mean Lyapunov exponent of the linear network h_t = W h_{t−1}.
///
/// # Reference
/// Muirhead 1982, *Aspects of multivariate statistical theory*, theorem 3.2.15.
///
/// ```
/// // One number of N(0, 1): E ln |x| = −(γ + ln 2) / 2, with a standard deviation of π / √8.
/// let [mean, deviation] = rnn_analysis::gaussian_ln_determinant(1, 1.0);
/// assert!((mean + 0.635_181_422_730_739_1).abs() < 1e-14);
/// assert!((deviation - std::f64::consts::PI / 8f64.sqrt()).abs() < 1e-14);
/// ```
pub fn gaussian_ln_determinant(n: usize, gain: f64) -> [f64; 2] {
    const EULER: f64 = 0.577_215_664_901_532_9;
    // ψ and ψ′ at 1/2 and at 1, and from there in steps of 1: ψ(x + 1) = ψ(x) + 1/x, ψ′(x + 1) = ψ′(x) − 1/x².
    let mut psi = [-EULER - 2.0 * std::f64::consts::LN_2, -EULER];
    let mut psi_prime = [PI * PI / 2.0, PI * PI / 6.0];
    let (mut sum, mut variance) = (0.0, 0.0);
    for k in 1..=n {
        let (at, x) = (1 - k % 2, k as f64 / 2.0);
        sum += psi[at];
        variance += psi_prime[at];
        psi[at] += 1.0 / x;
        psi_prime[at] -= 1.0 / (x * x);
    }
    let size = n as f64;
    let mean = 0.5 * sum / size + 0.5 * libm::log(2.0 * gain * gain / size);
    [mean, 0.5 * variance.sqrt() / size]
}

/// E f(ξ) of a standard normal ξ, by the trapezoidal rule with this step over ±9 standard deviations.
///
/// If f has no singularity within the distance d of the real axis, the relative error is about e^(d²/2 − 2πd/step), and never less
/// than 1e-17 or so. Steps above 0.7 do not resolve the normal density itself.
///
/// ```
/// let fourth = rnn_analysis::gaussian_mean(0.25, |x| x.powi(4));
/// assert!((fourth - 3.0).abs() < 1e-13);
/// ```
///
/// # Panics
/// If the step is not above 0.
///
/// # Reference
/// Trefethen and Weideman 2014, *The exponentially convergent trapezoidal rule*, SIAM Review 56.
pub fn gaussian_mean(step: f64, f: impl Fn(f64) -> f64) -> f64 {
    assert!(step > 0.0, "the step of a quadrature is {step}, and must be above 0");
    let count = (REACH / step).ceil() as i64;
    let weight = |x: f64| libm::exp(-0.5 * x * x);
    // From the outside in, so that small terms come first.
    let both = |k: i64| {
        let x = k as f64 * step;
        weight(x) * (f(x) + f(-x))
    };
    let sum = (1..=count).rev().map(both).sum::<f64>() + f(0.0);
    sum * step / (2.0 * PI).sqrt()
}

/// E f(√q ξ) for a function with the poles of tanh.
fn tanh_mean(q: f64, f: impl Fn(f64) -> f64) -> f64 {
    let deviation = q.sqrt();
    // The poles lie at ±iπ / (2 √q). Far ones do not matter: a step of 1/4 is enough for the density.
    let pole = 0.5 * PI / deviation.max(0.4);
    let step = (2.0 * PI * pole / (36.0 + 0.5 * pole * pole)).min(0.25);
    gaussian_mean(step, |x| f(deviation * x))
}

/// The largest q with q = g² E tanh²(√q ξ) + σ_v². The right-hand side is concave in q, so above the largest solution it is below
/// q, and from there down to 0, or to σ_v², it is above.
fn variance(gain: f64, input: f64) -> f64 {
    if input == 0.0 && gain <= 1.0 {
        return 0.0;
    }
    let excess = |q: f64| gain * tanh_mean(q, |z| libm::tanh(z) * libm::tanh(z)) + input - q;
    let (mut low, mut high) = (input, gain + input);
    while low < high {
        let middle = f64::midpoint(low, high);
        if middle <= low || middle >= high {
            break;
        }
        if excess(middle) > 0.0 {
            low = middle;
        } else {
            high = middle;
        }
    }
    low
}

/// 1 / cosh² z without cancellation or overflow.
fn slope(z: f64) -> f64 {
    let e = libm::exp(-2.0 * z.abs());
    4.0 * e / ((1.0 + e) * (1.0 + e))
}

/// The logarithm of [`slope`], which does not underflow.
fn ln_slope(z: f64) -> f64 {
    let e = libm::exp(-2.0 * z.abs());
    2.0 * std::f64::consts::LN_2 - 2.0 * z.abs() - 2.0 * libm::log1p(e)
}
