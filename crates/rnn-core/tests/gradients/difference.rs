//! Differences of a function against a claimed gradient.

use proptest::test_runner::TestCaseError;
use rand_pcg::Pcg64Dxsm;
use rnn_core::Random;

/// How far apart the points lie at which the loss is taken.
#[derive(Clone, Copy, Debug)]
pub(crate) struct StepSize(f64);

impl StepSize {
    /// For a loss with five derivatives. The difference is off by ε⁴ L⁗′ / 30 ≈ 1e-14 from truncation and by about
    /// 1e-16 |L| / ε ≈ 1e-13 |L| from rounding.
    pub(crate) const SMOOTH: Self = Self(1e-3);
    /// For a loss with jumps in its first or second derivative: so small that all points lie on one side of them.
    pub(crate) const KINKED: Self = Self(1e-6);
}

/// Relative error that a gradient may have.
const TOLERANCE: f64 = 1e-6;
/// Units in the last place of the loss that rounding may cost. A run is some hundred operations deep, its errors
/// mostly cancel.
const ROUNDING: f64 = 100.0;
/// A tensor of up to so many numbers is checked number by number.
const SMALL: usize = 10;

/// dL/dv along unit vectors v, from four values of L:
///
/// ```text
/// (8 (L(+ε) − L(−ε)) − (L(+2ε) − L(−2ε))) / 12ε = dL/dv + O(ε⁴)
/// ```
///
/// must be the inner product of v and `claimed`.
///
/// # The measure
/// Numbers of one tensor are compared with the largest derivative found in *that* tensor, not with 1: gradients vanish
/// on their way back, and dL/dh_1 = 1e-7 with a wrong factor must fail as well as dL/dh_T = 1 does. What the loss
/// itself cannot resolve, its rounding error over ε, is allowed on top: `size` is the sum of its terms' magnitudes.
pub(crate) fn compare(
    claimed: &[f64],
    size: f64,
    step: StepSize,
    rng: &mut Pcg64Dxsm,
    mut loss_along: impl FnMut(&[f64], f64) -> f64,
) -> Result<(), TestCaseError> {
    let StepSize(step) = step;
    let pairs: Vec<(f64, f64)> = directions(claimed.len(), rng)
        .iter()
        .map(|v| {
            let near = loss_along(v, step) - loss_along(v, -step);
            let far = loss_along(v, 2.0 * step) - loss_along(v, -2.0 * step);
            let found = (8.0 * near - far) / (12.0 * step);
            (v.iter().zip(claimed).map(|(v, g)| v * g).sum(), found)
        })
        .collect();
    let largest = pairs.iter().fold(0.0f64, |most, (_, found)| most.max(found.abs()));
    let allowed = TOLERANCE * largest + ROUNDING * f64::EPSILON * size.max(1.0) / step;
    for (at, (claimed, found)) in pairs.into_iter().enumerate() {
        let error: f64 = (claimed - found).abs();
        if error.is_nan() || error > allowed {
            let message =
                format!("probe {at}: claimed {claimed:e}, found {found:e}, allowed error {allowed:e}");
            return Err(TestCaseError::fail(message));
        }
    }
    Ok(())
}

/// Unit vectors to look along: every axis of a small tensor; of a large one three axes and three random directions,
/// which see a wrong number anywhere.
fn directions(len: usize, rng: &mut Pcg64Dxsm) -> Vec<Vec<f64>> {
    let axis = |at: usize| (0..len).map(|i| if i == at { 1.0 } else { 0.0 }).collect();
    if len <= SMALL {
        return (0..len).map(axis).collect();
    }
    let mut at = [0.0f64; 3];
    rng.fill_uniform(0.0, len as f64, &mut at);
    let mut found: Vec<Vec<f64>> = at.iter().map(|&at| axis((at as usize).min(len - 1))).collect();
    for _ in 0..3 {
        let mut v = vec![0.0; len];
        rng.fill_normal(&mut v);
        let norm = v.iter().map(|v: &f64| v * v).sum::<f64>().sqrt();
        found.push(v.iter().map(|v| v / norm).collect());
    }
    found
}
