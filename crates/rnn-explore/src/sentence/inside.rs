//! Sentences about states, weight gradients and gates.

use super::number::{number, percent, product};
use crate::settings::{CellKind, Nonlinearity};
use crate::view::View;

/// About ‖h_t‖, ‖c_t‖ and saturated units.
pub(super) fn hidden(view: &View) -> String {
    let norms = &view.layers[view.layer];
    let (time, settings) = (norms.hidden.len(), &view.settings);
    let last = norms.hidden[time - 1];
    let root = (settings.hidden as f64).sqrt();
    let bounded = if settings.cell.is_bounded(settings.nonlinearity) {
        format!(" of at most √{} = {}", settings.hidden, number(root))
    } else {
        String::new()
    };
    let cell = norms.cell.as_ref().map_or(String::new(), |cell| {
        let last = number(cell[time - 1]);
        // Gates of at most 1 add no more than 1 in each step.
        if settings.cell.form().gates.len() > 1 {
            let most = number(time as f64 * root);
            format!(" ‖c_T‖ is {last} of at most T √{} = {most}.", settings.hidden)
        } else {
            format!(" ‖c_T‖ is {last}.")
        }
    });
    let state = format!("‖h_T‖ is {}{bounded}.{cell}", number(last));
    if view.overflow.is_some() {
        return state;
    }
    let saturated = norms.saturated.iter().sum::<f64>() / time as f64;
    let saturated = percent(saturated);
    let share = match settings.nonlinearity {
        _ if settings.cell.form().gates.len() > 1 => {
            format!(" On average {saturated} of the gates are saturated, with a slope below 0.05.")
        }
        // What the X-ray gives as their slope is a constant of the cell.
        _ if matches!(settings.cell, CellKind::Leaky | CellKind::Lru) => String::new(),
        Nonlinearity::Identity => " Linear units never saturate.".to_owned(),
        Nonlinearity::Relu => format!(" On average {saturated} of the units are off, with a slope of 0."),
        Nonlinearity::Tanh | Nonlinearity::Sigmoid => {
            format!(" On average {saturated} of the units are saturated, with a slope below 0.05.")
        }
    };
    state + &share
}

/// About the gradient of W_hh.
pub(super) fn terms(view: &View) -> String {
    // A cell without W_hh has a weight for each unit, or W_ih alone.
    let named = |start: &str| view.terms.iter().find(|terms| terms.name.starts_with(start));
    let known =
        [("weight_hh", "W_hh"), ("weight_h", "the recurrent weights"), ("nu", "ν"), ("weight_ih", "W_ih")];
    let Some((terms, name)) = known.iter().find_map(|(start, name)| Some((named(start)?, name))) else {
        return String::new();
    };
    if terms.total == 0.0 {
        return format!("The gradient of {name} is 0.");
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
    format!("The gradient of {name} has norm {}. {from}.{cancel}", number(terms.total))
}

/// About the gates.
pub(super) fn gates(view: &View) -> String {
    let found = view.gates.iter().find_map(|gate| Some((gate.keeps.as_ref()?, gate.kept?)));
    let Some((keeps, [least, median, most])) = found else { return String::new() };
    let what = match keeps.what.as_str() {
        "f" => "The forget gate".to_owned(),
        "z" => "The update gate".to_owned(),
        other => format!("A step keeps {other} of the old state, which"),
    };
    let path = if view.layers[view.layer].cell.is_some() { "∂c_T/∂c_1" } else { "∂h_T/∂h_1" };
    let range = if view.settings.hidden == 1 {
        String::new()
    } else {
        format!(" for the median unit ({} to {} over all units)", product(least), product(most))
    };
    format!(
        "{what} is {} on average. Its product over timesteps 2 to T, which is {path} along this gate alone, is {}{range}.",
        number(keeps.mean),
        product(median)
    )
}
