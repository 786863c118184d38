//! Sentences about each step back, and about the gradient by path.

use super::number::{self, number, times};
use crate::quantiles::quantiles;
use crate::settings::{LossOver, Nonlinearity};
use crate::view::{StepPart, View};

/// The factors of a step with their names in words, as far as they can differ from 1: geometric means over the steps of which all
/// factors are above 0. With them, how many steps those are.
pub(super) fn means(view: &View) -> (Vec<(f64, String)>, usize) {
    let (parts, steps) = (&view.steps.parts, view.steps.total.len());
    let defined: Vec<usize> =
        (0..steps).filter(|&step| parts.iter().all(|part| part.values[step].is_some())).collect();
    let mean = |part: &StepPart| {
        let logs = defined.iter().filter_map(|&step| part.values[step]);
        libm::exp(logs.sum::<f64>() / defined.len() as f64)
    };
    let named = |part: &StepPart| Some((mean(part), name(view, part.name)?));
    let all = if defined.is_empty() { Vec::new() } else { parts.iter().filter_map(named).collect() };
    (all, defined.len())
}

/// What a factor is, if it can differ from 1.
fn name(view: &View, part: &str) -> Option<String> {
    let phi = view.settings.nonlinearity;
    let topmost = view.layer + 1 == view.layers.len();
    match part {
        "slopes" => (phi != Nonlinearity::Identity).then(|| format!("slopes of {}", phi.title())),
        "loss and layers above" => (!topmost).then(|| "what the layers above add".to_owned()),
        "elementwise path" => Some(view.settings.cell.path().to_owned()),
        // The layers above and W_hh are all other paths there are.
        "all other paths" => {
            let any = !topmost || view.settings.cell.has_recurrent_weights();
            any.then(|| part.to_owned())
        }
        other => Some(other.to_owned()),
    }
}

/// "0.61 (slopes of tanh) × 0.63 (W_hh)".
pub(super) fn product(means: &[(f64, String)]) -> String {
    means.iter().map(|(mean, name)| format!("{} ({name})", number(*mean))).collect::<Vec<_>>().join(" × ")
}

/// About each step back.
pub(super) fn steps(view: &View) -> String {
    let steps = &view.steps;
    let count = steps.total.len();
    let what = format!("‖dL_T/d{}_t‖", steps.state);
    let (means, defined) = means(view);
    if defined == 0 {
        return format!("No step back of {what} can be split: in each, one of the factors is 0.");
    }
    let total: f64 = means.iter().map(|(mean, _)| mean).product();
    let which = match (defined, count) {
        (1, 1) => "The step back".to_owned(),
        (defined, count) if defined == count => format!("Each of the {count} steps back"),
        (1, _) => format!("The one step back of {count} without a factor of 0"),
        _ => format!("Each of the {defined} steps back, of {count}, without a factor of 0"),
    };
    let average = if defined == 1 { "" } else { " on average (geometric mean)" };
    let split = if means.len() > 1 {
        format!(": {} = {}", product(&means), number(total))
    } else {
        let name = means.first().map_or("", |(_, name)| name.as_str());
        format!(", all of it by {name}: {}", number(total))
    };
    let (at, least) = steps
        .total
        .iter()
        .enumerate()
        .filter_map(|(at, total)| Some((at, (*total)?)))
        .fold((0, f64::INFINITY), |low, one| if one.1 < low.1 { one } else { low });
    let least = if count > 1 && least.is_finite() {
        format!(
            " The step from timestep {} to {} leaves least of it: {} as much.",
            at + 2,
            at + 1,
            times(libm::exp(least))
        )
    } else {
        String::new()
    };
    format!("{which} multiplies {what}{average}{split}.{least}")
}

/// About the gradient by path.
pub(super) fn highway(view: &View) -> String {
    let Some(highway) = &view.highway else { return String::new() };
    let (state, path) = (highway.state, highway.path);
    let (Some(through), Some(rest)) = (highway.through[0], highway.rest[0]) else { return String::new() };
    format!(
        "Of dL/d{state}_1, a part of norm {} arrives along the elementwise path from {state}_2 ({path}), and a part of norm {} along all other paths; together they have norm {}.{}",
        number(through),
        number(rest),
        number(highway.gradient[0]),
        exit(view)
    )
}

/// How much of the gradient of h_T is left at h_1, by way of the cell state: what seems to contradict each other in an LSTM.
fn exit(view: &View) -> String {
    let (norms, time) = (&view.layers[view.layer], view.settings.time);
    let (Some(cell), Some(highway), LossOver::Last) =
        (&norms.cell_gradient, &view.highway, view.settings.loss)
    else {
        return String::new();
    };
    let (h, last) = (&norms.gradient, time - 1);
    let [enters, keeps, leaves, all] =
        [cell[last] / h[last], cell[0] / cell[last], h[0] / cell[0], h[0] / h[last]];
    if ![enters, keeps, leaves, all].iter().all(|&factor| factor > 0.0 && factor.is_finite()) {
        return String::new();
    }
    let [_, median, _] = quantiles(highway.kept.iter().map(|unit| unit[0]).collect());
    let alone = number::product(median);
    let unit = if highway.kept.len() == 1 { "" } else { " for the median unit" };
    format!(
        " dL/dc_{time} is {} times as long as dL/dh_{time}; dL/dc_1 is {} times as long as that, where the elementwise path alone would make the factor {alone}{unit}; and dL/dh_1 is {} times as long as dL/dc_1. The product of the three is {}, what is left of the gradient from h_{time} to h_1.",
        number(enters),
        number(keeps),
        number(leaves),
        number(all)
    )
}
