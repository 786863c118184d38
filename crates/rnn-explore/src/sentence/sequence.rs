//! Sentences about the sequence, and about single units.

use super::number::{number, percent};
use crate::view::{Classes, View};

/// About x_t, y_t and the prediction.
pub(super) fn sequence(view: &View) -> String {
    let sequence = &view.sequence;
    let time = view.settings.time;
    let said = match (&sequence.classes, sequence.targets.as_slice()) {
        (Some(classes), _) => guess(classes, time),
        (None, [target]) => format!(
            "At timestep {time} the target is {} and the prediction {}.",
            number(target[time - 1]),
            number(sequence.predictions[0][time - 1])
        ),
        (None, targets) => {
            let square = |(y, said): (&Vec<f64>, &Vec<f64>)| (y[time - 1] - said[time - 1]).powi(2);
            let miss = targets.iter().zip(&sequence.predictions).map(square).sum::<f64>().sqrt();
            format!(
                "At timestep {time} the prediction misses the target, of {} numbers, by {}.",
                targets.len(),
                number(miss)
            )
        }
    };
    let most = sequence.input_gradient.iter().copied().fold(0.0, f64::max);
    let saliency = match sequence.input_gradient.iter().position(|&norm| norm == most) {
        Some(at) if most > 0.0 => format!(
            " The loss depends most on the input at timestep {}, where ‖dL/dx_t‖ is {}.",
            at + 1,
            number(most)
        ),
        _ => " The loss does not depend on the inputs.".to_owned(),
    };
    said + &saliency
}

/// About the last class.
fn guess(classes: &Classes, time: usize) -> String {
    let predicted = classes.predicted[time - 1].map_or(String::new(), |class| class.to_string());
    match classes.target[time - 1].zip(classes.probability[time - 1]) {
        Some((target, probability)) => format!(
            "At timestep {time} the right class is {target}, to which the network gives {}; its guess is {predicted}.",
            percent(probability)
        ),
        None => format!("At timestep {time} there is no right class; the network’s guess is {predicted}."),
    }
}

/// About dL/dh_t unit by unit.
pub(super) fn units(view: &View) -> String {
    let units = &view.units.gradient;
    let squares: f64 = units.iter().map(|unit| unit[0].powi(2)).sum();
    if units.len() == 1 {
        return format!("There is one unit; at timestep 1, dL/dh_1 is {}.", number(units[0][0]));
    }
    if !squares.is_normal() {
        return "At timestep 1, the gradient of each unit is 0 or too small to be compared.".to_owned();
    }
    let share = |unit: &Vec<f64>| unit[0].powi(2) / squares;
    let (at, most) =
        units.iter().map(share).enumerate().fold((0, 0.0), |max, one| if one.1 > max.1 { one } else { max });
    format!(
        "At timestep 1, unit {} of {} has the largest gradient: {} of ‖dL/dh_1‖².",
        at + 1,
        units.len(),
        percent(most)
    )
}
