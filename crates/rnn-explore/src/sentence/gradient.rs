//! Gradients of states, in words.

use super::number::{number, percent, steps};
use crate::settings::{CellKind, LossOver};
use crate::view::{LayerNorms, View};

/// About ‖dL/dh_t‖ of the layer that is looked into.
pub(super) fn gradient(view: &View) -> String {
    let norms = &view.layers[view.layer];
    let gradient = &norms.gradient;
    let (Some(&first), Some(&last)) = (gradient.first(), gradient.last()) else { return String::new() };
    let back = gradient.len() - 1;
    if last == 0.0 {
        return "No gradient reaches the last hidden state: the loss does not depend on it.".to_owned();
    }
    if first == 0.0 {
        let ends = gradient.iter().rposition(|&norm| norm == 0.0).map_or(0, |at| at + 1);
        return format!(
            "The gradient is exactly 0 at timestep {ends} and before: no path from the loss leads there, or its product of \
             slopes is 0."
        );
    }
    let Some(rate) = norms.rate else { return String::new() };
    let verb = match rate {
        _ if (rate - 1.0).abs() < 5e-4 => "Each step back keeps the length of the gradient".to_owned(),
        _ if rate < 1.0 => {
            format!("Each step back shrinks the gradient by a factor of {} on average", number(rate))
        }
        _ => format!("Each step back grows the gradient by a factor of {} on average", number(rate)),
    };
    let ratio = norms.ratio;
    let left = if ratio < 1.0 {
        format!("after {} {} is left", steps(back), percent(ratio))
    } else {
        format!("after {} it is {} times as long", steps(back), number(ratio))
    };
    let mut text = format!("{verb}; {left}.");
    text += &peak(gradient);
    text += &prediction(view, norms, rate);
    if view.settings.loss == LossOver::All {
        text += " Each timestep has a loss of its own here, which feeds the gradient anew on its way back.";
    }
    text
}

/// Where the gradient is longest, if that is at neither end.
fn peak(gradient: &[f64]) -> String {
    let last = gradient[gradient.len() - 1];
    let longest = gradient.iter().copied().enumerate().max_by(|(_, a), (_, b)| a.total_cmp(b));
    match longest {
        Some((at, longest)) if longest > 1.5 * gradient[0].max(last) && longest > 0.0 => format!(
            " It is not monotone: {} back it is {} times as long as at the end.",
            steps(gradient.len() - 1 - at),
            number(longest / last)
        ),
        _ => String::new(),
    }
}

fn prediction(view: &View, norms: &LayerNorms, rate: f64) -> String {
    let Some(prediction) = &norms.predicted else { return String::new() };
    let radius = prediction.radius;
    let predicted = match view.settings.cell {
        CellKind::Rnn => format!("The largest eigenvalue magnitude of W_hh predicts {}", number(radius)),
        _ => format!("The step Jacobians’ largest eigenvalue magnitudes predict {}", number(radius)),
    };
    let slope = norms.slope.iter().sum::<f64>() / norms.slope.len() as f64;
    let flat = view.settings.cell == CellKind::Rnn && slope < 0.995 && rate < radius;
    let why = if flat {
        let phi = view.settings.nonlinearity.title();
        format!("; slopes of {phi}, {} on average, shrink it further", number(slope))
    } else {
        String::new()
    };
    format!(" {predicted}{why}.")
}

/// About ‖dL_t/dh_k‖.
pub(super) fn reach(view: &View) -> String {
    let rows = &view.reach.norms;
    let Some(row) = rows.last() else { return String::new() };
    let last = row.len();
    let own = row[last - 1];
    if own == 0.0 {
        return format!("The loss at timestep {last} does not reach the states.");
    }
    let fallen = row.iter().rposition(|&norm| norm < 0.01 * own);
    let reach = match fallen {
        Some(at) => format!(
            "The loss at timestep {last} reaches {} back before it falls below 1% of its gradient there.",
            steps(last - 1 - at)
        ),
        None => format!(
            "The loss at timestep {last} reaches all {} back: at timestep 1 its gradient is {} times that at timestep {last}.",
            steps(last - 1),
            number(row[0] / own)
        ),
    };
    match view.settings.loss {
        LossOver::All => reach,
        LossOver::Last => format!("{reach} No other timestep has a loss: one row is all there is."),
    }
}
