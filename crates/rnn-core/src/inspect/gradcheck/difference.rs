//! Differences of a function against a claimed gradient.

use rand_pcg::Pcg64Dxsm;

use crate::error::Result;
use crate::random::Random;

/// How far apart the points lie at which the loss is taken. For a loss with five derivatives of about its own size, the
/// first difference is off by ε⁴ L⁗′ / 30 ≈ 1e-14 from truncation and by about 1e-16 |L| / ε ≈ 1e-13 |L| from rounding.
/// The others are for a loss with jumps in its derivatives, or very bent.
const STEPS: [f64; 5] = [1e-3, 1e-4, 1e-5, 1e-6, 1e-7];
/// Units in the last place of the loss that rounding may cost. A run is some hundred operations deep, its errors
/// mostly cancel.
const ROUNDING: f64 = 100.0;
/// A tensor of up to so many numbers is checked number by number.
const SMALL: usize = 6;

/// One derivative, claimed and found.
#[derive(Clone, Copy, Debug)]
pub(super) struct Probe {
    pub(super) claimed: f64,
    pub(super) found: f64,
    /// 1 is as large as the largest derivative of the tensor.
    pub(super) error: f64,
}

/// dL/dv along unit vectors v, from four values of L:
///
/// ```text
/// (8 (L(+ε) − L(−ε)) − (L(+2ε) − L(−2ε))) / 12ε = dL/dv + O(ε⁴)
/// ```
///
/// against the inner product of v and `claimed`. Returns the worst of them, and how many there were.
///
/// # The measure
/// Numbers of one tensor are compared with the largest derivative found in *that* tensor, not with 1: gradients vanish
/// on their way back, and dL/dh_1 = 1e-7 with a wrong factor must fail as well as dL/dh_T = 1 does. What the loss
/// itself cannot resolve, its rounding error over ε, is allowed on top: `size` is the sum of its terms' magnitudes.
///
/// # Kinks
/// Across a kink a difference means little, and next to a sharp bend it is truncated too early. So a derivative that is
/// off is looked at from nearer, as far as the loss resolves what it is off by. It passes if it is right there *and* the
/// difference has moved to it: that of a smooth loss, and so the error of a wrong gradient, stays where it was.
pub(super) fn compare(
    claimed: &[f64],
    size: f64,
    tolerance: f64,
    rng: &mut Pcg64Dxsm,
    mut loss_along: impl FnMut(&[f64], f64) -> Result<f64>,
) -> Result<(Probe, usize)> {
    let mut difference = |v: &[f64], step: f64| -> Result<f64> {
        let near = loss_along(v, step)? - loss_along(v, -step)?;
        let far = loss_along(v, 2.0 * step)? - loss_along(v, -2.0 * step)?;
        Ok((8.0 * near - far) / (12.0 * step))
    };
    let [first_step, finer_steps @ ..] = STEPS;
    let mut pairs = Vec::new();
    for v in directions(claimed.len(), rng) {
        let found = difference(&v, first_step)?;
        let claimed: f64 = v.iter().zip(claimed).map(|(v, g)| v * g).sum();
        pairs.push((v, claimed, found));
    }
    let largest = pairs.iter().fold(0.0f64, |most, (.., found)| most.max(found.abs()));
    let floor = |step: f64| ROUNDING * f64::EPSILON * size.max(1.0) / step;
    let probe = |claimed: f64, found: f64, step: f64| {
        let error = (claimed - found).abs() / (largest + floor(step) / tolerance);
        Probe { claimed, found, error: if error.is_nan() { f64::INFINITY } else { error } }
    };

    let mut worst = probe(0.0, 0.0, first_step);
    for (v, claimed, found) in &pairs {
        let mut at_hand = probe(*claimed, *found, first_step);
        if at_hand.error > tolerance {
            let off = (claimed - found).abs();
            for step in finer_steps.into_iter().take_while(|&step| off > floor(step)) {
                let nearer = probe(*claimed, difference(v, step)?, step);
                if nearer.error <= tolerance && (nearer.found - found).abs() >= 0.5 * off {
                    at_hand = nearer;
                    break;
                }
            }
        }
        if at_hand.error >= worst.error {
            worst = at_hand;
        }
    }
    Ok((worst, pairs.len()))
}

/// Unit vectors to look along: every axis of a small tensor; of a large one two axes and two random directions, which
/// see a wrong number anywhere.
fn directions(len: usize, rng: &mut Pcg64Dxsm) -> Vec<Vec<f64>> {
    let axis = |at: usize| (0..len).map(|i| if i == at { 1.0 } else { 0.0 }).collect();
    if len <= SMALL {
        return (0..len).map(axis).collect();
    }
    let mut at = [0.0f64; 2];
    rng.fill_uniform(0.0, len as f64, &mut at);
    let mut found: Vec<Vec<f64>> = at.iter().map(|&at| axis((at as usize).min(len - 1))).collect();
    for _ in 0..2 {
        let mut v = vec![0.0; len];
        rng.fill_normal(&mut v);
        let norm = v.iter().map(|v: &f64| v * v).sum::<f64>().sqrt();
        found.push(v.iter().map(|v| v / norm).collect());
    }
    found
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;

    use super::*;

    /// The error of a claim about L(x) at x = 1.
    fn error(claimed: f64, loss: impl Fn(f64) -> f64) -> f64 {
        let size = loss(1.0).abs();
        let mut rng = Pcg64Dxsm::seed_from_u64(0);
        compare(&[claimed], size, 1e-6, &mut rng, |v, by| Ok(loss(1.0 + by * v[0]))).expect("finite").0.error
    }

    #[test]
    fn a_wrong_derivative_is_off_however_small_it_is() {
        for scale in [1.0, 1e-7] {
            let loss = |x: f64| 3.0 + scale * (2.0 * x).sin();
            let derivative = scale * 2.0 * 2.0f64.cos();
            assert!(error(derivative, loss) < 1e-7);
            assert!(error(derivative * (1.0 + 2e-3), loss) > 1e-6);
        }
        assert!(error(f64::NAN, |x| x) > 1.0);
    }

    #[test]
    fn kinks_and_bends_are_looked_at_from_near() {
        for distance in [3e-4, 3e-6, 2.5e-7] {
            let kinked = |x: f64| (x - 1.0 + distance).max(0.0) + x * x;
            assert!(error(3.0, kinked) <= 1e-6, "kink at a distance of {distance}");
            assert!(error(2.0, kinked) > 1e-6 && error(2.5, kinked) > 1e-6, "a wrong derivative there");
        }
        let bent = |x: f64| ((x - 1.0) / 3e-3).tanh();
        assert!(error(1.0 / 3e-3, bent) <= 1e-6);
        assert!(error(1.001 / 3e-3, bent) > 1e-6);
    }
}
