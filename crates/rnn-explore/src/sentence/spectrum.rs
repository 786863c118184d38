//! Sentences about eigenvalues and singular values.

use super::number::number;
use crate::network::spectra::{ANTISYMMETRIC, DIAGONAL, LAMBDA};
use crate::settings::CellKind;
use crate::view::{Jacobian, Matrix, View, radius};

/// About eigenvalues.
pub(super) fn spectrum(view: &View) -> String {
    let weights = match view.spectrum.weights.as_slice() {
        [] => {
            format!("{} has no recurrent weights: its gates see the input alone.", view.settings.cell.title())
        }
        [one] => largest(view, one),
        many => {
            let list: Vec<String> =
                many.iter().map(|of| format!("{} {}", of.name, number(radius(&of.eigenvalues)))).collect();
            format!("Largest eigenvalue magnitudes of the gates’ blocks: {}.", list.join(", "))
        }
    };
    let jacobian = shown(view).map_or(String::new(), |jacobian| {
        let radius = number(radius(&jacobian.eigenvalues));
        format!(" At timestep {} that of the step Jacobian is {radius}.", jacobian.timestep)
    });
    weights + &jacobian
}

/// The largest eigenvalue of the one matrix that there is.
fn largest(view: &View, matrix: &Matrix) -> String {
    let rho = radius(&matrix.eigenvalues);
    let side = match rho {
        _ if view.settings.cell != CellKind::Rnn => "",
        _ if (rho - 1.0).abs() < 5e-4 => ", on the unit circle to three digits",
        _ if rho < 1.0 => ", inside the unit circle: a linear network forgets in the long run",
        _ => ", outside the unit circle: a linear network explodes in the long run",
    };
    let rho = number(rho);
    match matrix.name.as_str() {
        DIAGONAL => format!(
            "Each unit sees its own past through one weight, so the eigenvalues are these weights. The largest eigenvalue magnitude is ρ = {rho}."
        ),
        LAMBDA => format!(
            "Each unit multiplies its own past by one number λ, so the eigenvalues are these numbers. The largest eigenvalue magnitude is ρ = {rho}."
        ),
        ANTISYMMETRIC => {
            format!(
                "All eigenvalues of W_hh − W_hhᵀ are imaginary. The largest eigenvalue magnitude is ρ = {rho}."
            )
        }
        name => format!("The largest eigenvalue magnitude of {name} is ρ = {rho}{side}."),
    }
}

/// The Jacobian of the selected timestep.
fn shown(view: &View) -> Option<&Jacobian> {
    view.spectrum.jacobians.iter().find(|of| of.timestep == view.settings.shown_timestep())
}

/// About singular values.
pub(super) fn singular(view: &View) -> String {
    let largest = |values: &[f64]| values.first().copied().unwrap_or(0.0);
    let weights = match view.spectrum.weights.as_slice() {
        [matrix] => {
            let name = &matrix.name;
            let (sigma, rho) = (largest(&matrix.singular_values), radius(&matrix.eigenvalues));
            let normal = if sigma > 1.05 * rho {
                let rho = number(rho);
                format!(
                    ", more than ρ = {rho}: {name} is not normal, and the first steps may multiply a gradient by more than ρ"
                )
            } else {
                String::new()
            };
            Some(format!(
                "One product with {name} multiplies the length of a vector by at most σ = {}{normal}.",
                number(sigma)
            ))
        }
        _ => None,
    };
    let jacobian = shown(view).map(|jacobian| {
        let stretch = number(largest(&jacobian.singular_values));
        let n = jacobian.singular_values.len();
        let rank = if jacobian.rank < n {
            format!(
                " Its rank is {} of {n}: all other singular values are 0, but for rounding.",
                jacobian.rank
            )
        } else {
            String::new()
        };
        format!(
            "The step at timestep {} multiplies the length of a gradient by at most {stretch}.{rank}",
            jacobian.timestep
        )
    });
    weights.into_iter().chain(jacobian).collect::<Vec<_>>().join(" ")
}
