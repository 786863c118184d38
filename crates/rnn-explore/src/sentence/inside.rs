//! Sentences about states, weight gradients, spectra and gates.

use super::number::{number, percent};
use crate::settings::{CellKind, Nonlinearity};
use crate::view::{Jacobian, View, radius};

/// About ‖h_t‖, ‖c_t‖ and saturated units.
pub(super) fn hidden(view: &View) -> String {
    let norms = &view.layers[view.layer];
    let (time, settings) = (norms.hidden.len(), &view.settings);
    let last = norms.hidden[time - 1];
    let bounded = match (settings.cell, settings.nonlinearity) {
        (CellKind::Rnn, Nonlinearity::Identity | Nonlinearity::Relu) => String::new(),
        _ => format!(" of at most √{} = {}", settings.hidden, number((settings.hidden as f64).sqrt())),
    };
    let cell = norms.cell.as_ref().map_or(String::new(), |cell| {
        let most = time as f64 * (settings.hidden as f64).sqrt();
        format!(" ‖c_T‖ is {} of at most T √{} = {}.", number(cell[time - 1]), settings.hidden, number(most))
    });
    let state = format!("‖h_T‖ is {}{bounded}.{cell}", number(last));
    if view.overflow.is_some() {
        return state;
    }
    let saturated = norms.saturated.iter().sum::<f64>() / time as f64;
    let share = match (settings.cell, settings.nonlinearity) {
        (CellKind::Rnn, Nonlinearity::Identity) => " Linear units never saturate.".to_owned(),
        (CellKind::Rnn, Nonlinearity::Relu) => {
            format!(" On average {} of the units are off, with a slope of 0.", percent(saturated))
        }
        (CellKind::Rnn, _) => {
            format!(" On average {} of the units are saturated, with a slope below 0.05.", percent(saturated))
        }
        _ => {
            format!(" On average {} of the gates are saturated, with a slope below 0.05.", percent(saturated))
        }
    };
    state + &share
}

/// About the gradient of W_hh.
pub(super) fn terms(view: &View) -> String {
    let Some(terms) = view.terms.iter().find(|terms| terms.name.starts_with("weight_hh")) else {
        return String::new();
    };
    if terms.total == 0.0 {
        return "The gradient of W_hh is 0.".to_owned();
    }
    let time = terms.along.len();
    // The fewest of the latest timesteps that make up half.
    let mut sum = 0.0;
    let half = terms.along.iter().rev().position(|along| {
        sum += along;
        sum >= 0.5 * terms.total
    });
    let from = match half.map_or(time, |at| at + 1) {
        1 => format!("Timestep {time} alone contributes at least half of it"),
        latest if latest == time => "It takes all timesteps to make up half of it".to_owned(),
        latest => format!("The last {latest} of {time} timesteps contribute at least half of it"),
    };
    let sizes: f64 = terms.norm.iter().sum();
    let kept = terms.total / sizes;
    let cancel = if kept < 0.5 {
        format!(
            " Terms of different timesteps cancel in part: their norms add up to {}, and {} remains.",
            number(sizes),
            percent(kept)
        )
    } else {
        String::new()
    };
    format!("The gradient of W_hh has norm {}. {from}.{cancel}", number(terms.total))
}

/// About eigenvalues.
pub(super) fn spectrum(view: &View) -> String {
    let radii: Vec<(&str, f64)> =
        view.spectrum.weights.iter().map(|of| (of.name.as_str(), radius(&of.eigenvalues))).collect();
    let weights = match radii.as_slice() {
        [(_, rho)] => {
            let side = match rho {
                _ if (rho - 1.0).abs() < 5e-4 => "on the unit circle to three digits",
                _ if *rho < 1.0 => "inside the unit circle: a linear network forgets in the long run",
                _ => "outside the unit circle: a linear network explodes in the long run",
            };
            format!("The largest eigenvalue magnitude of W_hh is ρ = {}, {side}.", number(*rho))
        }
        many => {
            let list: Vec<String> =
                many.iter().map(|(name, rho)| format!("{name} {}", number(*rho))).collect();
            format!("Largest eigenvalue magnitudes of the gates’ blocks: {}.", list.join(", "))
        }
    };
    let jacobian = shown(view).map_or(String::new(), |jacobian| {
        let radius = number(radius(&jacobian.eigenvalues));
        format!(" At timestep {} that of the step Jacobian is {radius}.", jacobian.timestep)
    });
    weights + &jacobian
}

/// The Jacobian of the selected timestep.
fn shown(view: &View) -> Option<&Jacobian> {
    view.spectrum.jacobians.iter().find(|of| of.timestep == view.settings.shown_timestep())
}

/// About singular values.
pub(super) fn singular(view: &View) -> String {
    let largest = |values: &[f64]| values.first().copied().unwrap_or(0.0);
    let weights = match view.spectrum.weights.as_slice() {
        [w_hh] => {
            let (sigma, rho) = (largest(&w_hh.singular_values), radius(&w_hh.eigenvalues));
            let normal = if sigma > 1.05 * rho {
                let rho = number(rho);
                format!(
                    ", more than ρ = {rho}: W_hh is not normal, and the first steps may multiply a gradient by more than ρ"
                )
            } else {
                String::new()
            };
            Some(format!(
                "One product with W_hh multiplies the length of a vector by at most σ = {}{normal}.",
                number(sigma)
            ))
        }
        _ => None,
    };
    let jacobian = shown(view).map(|jacobian| {
        let stretch = number(largest(&jacobian.singular_values));
        format!(
            "The step at timestep {} multiplies the length of a gradient by at most {stretch}.",
            jacobian.timestep
        )
    });
    weights.into_iter().chain(jacobian).collect::<Vec<_>>().join(" ")
}

/// About the gates of an LSTM or a GRU.
pub(super) fn gates(view: &View) -> String {
    let (symbol, name, path) = match view.settings.cell {
        CellKind::Rnn => return String::new(),
        CellKind::Lstm => ("f", "forget", "∂c_T/∂c_1"),
        CellKind::Gru => ("z", "update", "∂h_T/∂h_1"),
    };
    let Some((gate, [least, median, most])) =
        view.gates.iter().find_map(|gate| Some((gate, gate.kept.filter(|_| gate.name == symbol)?)))
    else {
        return String::new();
    };
    let mean = gate.mean.iter().sum::<f64>() / gate.mean.len() as f64;
    // A product of hundreds of gates may be too small for the float type.
    let product = |x: f64| if x == 0.0 { "less than 10⁻³⁰⁰".to_owned() } else { number(x) };
    let range = if view.settings.hidden == 1 {
        String::new()
    } else {
        format!(" for the median unit ({} to {} over all units)", product(least), product(most))
    };
    format!(
        "The {name} gate is {} on average. Its product over timesteps 2 to T, which is {path} along this gate alone, is {}{range}.",
        number(mean),
        product(median)
    )
}
