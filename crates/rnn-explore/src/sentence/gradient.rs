//! Sentences about gradients of states.
//!
//! The factor of a step back is always that of the gradient of one loss, the one at the last timestep. Where every timestep has
//! a loss of its own, ‖dL/dh_1‖ / ‖dL/dh_T‖ compares sums over different losses and says nothing about transport.

use super::number::{number, steps};
use super::steps::{means, product};
use super::transport::{as_long, lags, transport};
use crate::settings::LossOver;
use crate::view::View;

/// About ‖dL_T/dh_t‖ of the layer that is shown in detail.
pub(super) fn gradient(view: &View) -> String {
    let Some(row) = view.reach.norms.last() else { return String::new() };
    let (what, total) = match view.settings.loss {
        LossOver::Last => ("the gradient", String::new()),
        LossOver::All => ("the gradient of the last loss", total(view)),
    };
    let text = transport(row, what);
    // Only then there is a factor to explain.
    if row.contains(&0.0) { text + &total } else { format!("{text}{}{}{total}", factors(view), rule(view)) }
}

/// The mean factor as the product that the steps back are split into: of h, or of c where that is what the steps are of.
fn factors(view: &View) -> String {
    let (means, defined) = means(view);
    let Some(rate) = view.layers[view.layer].rate else { return String::new() };
    if means.len() < 2 || defined < view.steps.total.len() {
        return String::new();
    }
    let product = product(&means);
    if view.steps.state == "h" {
        format!(" The mean factor is {product} = {}.", number(rate))
    } else {
        let total: f64 = means.iter().map(|(mean, _)| mean).product();
        format!(" The gradient of c is in the mean step multiplied by {product} = {}.", number(total))
    }
}

/// The factor that spectral radii predict: the gradient of a lower layer also comes from the layers above it, and the largest
/// of all these radii wins in the long run.
fn rule(view: &View) -> String {
    let radii = view.layers[view.layer..].iter().filter_map(|norms| Some(norms.predicted.as_ref()?.radius));
    let radius = radii.fold(0.0, f64::max);
    if radius == 0.0 {
        return String::new();
    }
    let radius = number(radius);
    if view.layer + 1 == view.layers.len() {
        format!(" In a linear network with this W_hh the factor would be ρ = {radius} in the long run.")
    } else {
        format!(
            " In a linear network with these weights the factor would in the long run be {radius}, the largest ρ of this layer and those above it."
        )
    }
}

/// About the total gradient dL/dh_t, where every timestep has a loss of its own.
fn total(view: &View) -> String {
    let gradient = &view.layers[view.layer].gradient;
    format!(
        " The total gradient dL/dh_t is the sum over the losses at t and later: its norm is {} at timestep 1 and {} at timestep {}.",
        number(gradient[0]),
        number(gradient[gradient.len() - 1]),
        gradient.len()
    )
}

/// About ‖dL_t/dh_k‖.
pub(super) fn reach(view: &View) -> String {
    let Some(row) = view.reach.norms.last() else { return String::new() };
    let last = row.len();
    let own = row[last - 1];
    let reach = if own == 0.0 {
        format!("The loss at timestep {last} does not reach the states.")
    } else if row[..last - 1].iter().all(|&norm| norm == 0.0) {
        format!("The loss at timestep {last} reaches no state before h_{last}.")
    } else {
        match row.iter().rposition(|&norm| norm < 0.01 * own) {
            Some(at) if at + 2 == last => {
                format!(
                    "One step back, the gradient of the loss at timestep {last} is below 1% of what it is there."
                )
            }
            Some(at) => format!(
                "The loss at timestep {last} reaches {} back before its gradient first falls below 1% of what it is there.",
                steps(last - 2 - at)
            ),
            None => format!(
                "The loss at timestep {last} reaches back to timestep 1, where its gradient is {}.",
                as_long(row[0] / own, last)
            ),
        }
    };
    match view.settings.loss {
        LossOver::All => format!("{reach} {}", lags(&view.reach.by_lag)).trim_end().to_owned(),
        LossOver::Last => format!("{reach} No other timestep has a loss, so the matrix has a single row."),
    }
}
