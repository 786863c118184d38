//! Sentences about gradients of states.
//!
//! The factor of a step back is always that of the gradient of one loss, the one at the last timestep. Where every timestep has
//! a loss of its own, ‖dL/dh_1‖ / ‖dL/dh_T‖ compares sums over different losses and says nothing about transport.

use super::number::{number, percent, steps, times};
use crate::settings::{LossOver, Nonlinearity};
use crate::view::View;

/// About ‖dL_T/dh_t‖ of the layer that is shown in detail.
pub(super) fn gradient(view: &View) -> String {
    let Some(row) = view.reach.norms.last() else { return String::new() };
    let time = row.len();
    let (what, total) = match view.settings.loss {
        LossOver::Last => ("the gradient", String::new()),
        LossOver::All => ("the gradient of the last loss", total(view)),
    };
    let own = row[time - 1];
    if own == 0.0 {
        return format!("The loss at timestep {time} sends no gradient to h_{time}.{total}");
    }
    let vanished = row.iter().take_while(|&&norm| norm == 0.0).count();
    let before = if vanished > 1 { " and before" } else { "" };
    if vanished > 0 {
        let zero = if row[vanished] < 1e-290 {
            "below 10⁻³⁰⁰, too small a number for the computer"
        } else {
            "exactly 0"
        };
        return format!("At timestep {vanished}{before}, {what} is {zero}.{total}");
    }
    let left = match row[0] / own {
        0.0 => "less than 10⁻³⁰⁰ of it is left".to_owned(),
        ratio if ratio < 1.0 => format!("{} is left", percent(ratio)),
        ratio => format!("it is {} as long as at timestep {time}", times(ratio)),
    };
    let text = transport(row, what);
    format!("{text}; at timestep 1, {left}.{}{}{}{total}", peak(row), factors(view), rule(view))
}

/// The factor of the steps back: one for all, one for each of two regimes, or the few that are not 1.
fn transport(row: &[f64], what: &str) -> String {
    // The logarithm of each factor, the first step back first.
    let logs: Vec<f64> = row.windows(2).rev().map(|pair| pair[0].ln() - pair[1].ln()).collect();
    let count = logs.len();
    let mean = (row[0].ln() - row[count].ln()) / count as f64;
    let each = |text: &str| {
        if count == 1 {
            format!("The step back {text}")
        } else {
            format!("Each of the {count} steps back {text}")
        }
    };
    if logs.iter().any(|ln| !ln.is_finite()) {
        return each(&format!("multiplies {what} by {} on average (geometric mean)", number(mean.exp())));
    }
    let within = |ln: f64, share: f64| ln.exp_m1().abs() <= share;
    if logs.iter().all(|&ln| within(ln, 5e-4)) {
        return each(&format!("keeps the length of {what} to within 0.05%"));
    }
    if count == 1 {
        return each(&format!("multiplies {what} by {}", number(mean.exp())));
    }
    let exceptions: Vec<usize> = (0..count).filter(|&step| !within(logs[step], 0.01)).collect();
    if count >= 10 && (1..=3).contains(&exceptions.len()) {
        let one = |&step: &usize| {
            let from = row.len() - step;
            format!("from timestep {from} to {} it is multiplied by {}", from - 1, number(logs[step].exp()))
        };
        let list: Vec<String> = exceptions.iter().map(one).collect();
        let kept = count - exceptions.len();
        return format!(
            "{kept} of the {count} steps back keep the length of {what} to within 1%; {}",
            list.join(", ")
        );
    }
    if let Some((first, [start, rest])) = two_regimes(&logs) {
        let (start, rest) = (number(start.exp()), number(rest.exp()));
        let other = count - first;
        let one = format!("The first of the {count} steps back multiplies {what} by {start}");
        let many = format!("The first {first} of the {count} steps back multiply {what} by {start} each");
        return match (first, other) {
            (1, _) => format!("{one}, the other {other} by {rest} each on average (geometric mean)"),
            (_, 1) => format!("{many} on average (geometric mean), the last by {rest}"),
            _ => format!("{many} on average (geometric mean), the other {other} by {rest}"),
        };
    }
    let (low, high) =
        logs.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), &ln| (low.min(ln), high.max(ln)));
    let range = if high - low > 0.1 {
        format!(", single steps by {} to {}", number(low.exp()), number(high.exp()))
    } else {
        String::new()
    };
    each(&format!("multiplies {what} by {} on average (geometric mean){range}", number(mean.exp())))
}

/// How many steps the first of two regimes has, and the mean of the logarithms in each: the pair of constants that fits best,
/// if it fits much better than one and the two differ by more than 10%. An LSTM has two, since the gradient of h_T must first
/// get into the cell state.
fn two_regimes(logs: &[f64]) -> Option<(usize, [f64; 2])> {
    let mean = |part: &[f64]| part.iter().sum::<f64>() / part.len() as f64;
    let misfit = |part: &[f64]| part.iter().map(|ln| (ln - mean(part)).powi(2)).sum::<f64>();
    let split = |at: &usize| misfit(&logs[..*at]) + misfit(&logs[*at..]);
    if logs.len() < 4 {
        return None;
    }
    let best = (1..logs.len()).min_by(|a, b| split(a).total_cmp(&split(b)))?;
    let means = [mean(&logs[..best]), mean(&logs[best..])];
    let clear = split(&best) < 0.6 * misfit(logs) && (means[0] - means[1]).abs() > 1.1f64.ln();
    clear.then_some((best, means))
}

/// Where the gradient is longest, if that is at neither end.
fn peak(row: &[f64]) -> String {
    let last = row.len() - 1;
    let (at, longest) = row
        .iter()
        .enumerate()
        .fold((last, row[last]), |max, (at, &norm)| if norm > max.1 { (at, norm) } else { max });
    if at == 0 || longest <= 1.5 * row[0].max(row[last]) {
        return String::new();
    }
    format!(
        " It is longest {} back, {} as long as at timestep {}.",
        steps(last - at),
        times(longest / row[last]),
        last + 1
    )
}

/// The mean factor of an RNN as a product.
fn factors(view: &View) -> String {
    let norms = &view.layers[view.layer];
    let (Some(factors), Some(rate)) = (&norms.factors, norms.rate) else { return String::new() };
    let mut parts = Vec::new();
    if view.settings.nonlinearity != Nonlinearity::Identity {
        parts.push(format!("{} (slopes of {})", number(factors.slopes), view.settings.nonlinearity.title()));
    }
    parts.push(format!("{} (W_hh)", number(factors.weights)));
    if view.layer + 1 < view.layers.len() {
        parts.push(format!("{} (what the layers above add)", number(factors.others)));
    }
    if parts.len() < 2 {
        return String::new();
    }
    format!(" The mean factor is {} = {}.", parts.join(" × "), number(rate))
}

/// The factor that the spectral radius predicts.
fn rule(view: &View) -> String {
    match &view.layers[view.layer].predicted {
        Some(predicted) if predicted.radius > 0.0 => {
            format!(
                " In a linear network with this W_hh the factor would be ρ = {} in the long run.",
                number(predicted.radius)
            )
        }
        _ => String::new(),
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
                "The loss at timestep {last} reaches back to timestep 1, where its gradient is {} as long as at timestep {last}.",
                times(row[0] / own)
            ),
        }
    };
    match view.settings.loss {
        LossOver::All => reach + &lags(&view.reach.by_lag),
        LossOver::Last => format!("{reach} No other timestep has a loss, so the matrix has a single row."),
    }
}

/// How far back most of the gradient arrives, over all losses.
fn lags(by_lag: &[f64]) -> String {
    let total: f64 = by_lag.iter().sum();
    if !(total > 0.0 && total.is_finite()) {
        return String::new();
    }
    let mut sum = 0.0;
    let enough = by_lag.iter().position(|norm| {
        sum += norm;
        sum >= 0.9 * total
    });
    match enough.unwrap_or(by_lag.len() - 1) {
        0 => " Of all ‖dL_t/dh_k‖ together, at least 90% stay at the timestep of their loss.".to_owned(),
        lag => {
            format!(" Of all ‖dL_t/dh_k‖ together, at least 90% arrive within {} of their loss.", steps(lag))
        }
    }
}
