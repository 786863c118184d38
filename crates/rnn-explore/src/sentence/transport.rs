//! What the steps back do to the gradient of one loss.

use super::number::{number, percent, steps, times};

/// Describes how the gradient of one loss changes on its way back, in one or two sentences.
///
/// `norms` are ‖dL_T/dh_1‖ to ‖dL_T/dh_T‖, where L_T is the loss at the last timestep alone, and `what` names that gradient. The
/// norms of a sum over losses at several timesteps must not be given: they say nothing about transport.
///
/// The factor is one number for all steps, one for each of two regimes, or a list of the few steps that do not keep the length.
///
/// ```
/// use rnn_explore::transport;
///
/// let text = transport(&[0.25, 0.5, 1.0], "the gradient");
/// assert_eq!(text, "Each of the 2 steps back multiplies the gradient by 0.500 on average (geometric mean); at timestep 1, 25% is left.");
/// ```
pub fn transport(norms: &[f64], what: &str) -> String {
    let (Some(&first), Some(&own)) = (norms.first(), norms.last()) else { return String::new() };
    let time = norms.len();
    if let Some(at) = norms.iter().rposition(|norm| !norm.is_finite()) {
        return format!("At timestep {}, the norm of {what} is out of range.", at + 1);
    }
    if time == 1 {
        return "With a single timestep there is no step back.".to_owned();
    }
    if own == 0.0 {
        return format!("The loss at timestep {time} sends no gradient to h_{time}.");
    }
    let vanished = norms.iter().take_while(|&&norm| norm == 0.0).count();
    if vanished > 0 {
        let before = if vanished > 1 { " and before" } else { "" };
        let tiny = norms[vanished] < 1e-290;
        let zero = if tiny { "below 10⁻³⁰⁰, too small a number for the computer" } else { "0" };
        return format!("At timestep {vanished}{before}, {what} is {zero}.");
    }
    let left = match first / own {
        0.0 => "less than 10⁻³⁰⁰ of it is left".to_owned(),
        ratio if ratio < 1.0 - SAME => format!("{} is left", percent(ratio)),
        ratio => format!("it is {}", as_long(ratio, time)),
    };
    format!("{}; at timestep 1, {left}.{}", factor(norms, what), peak(norms))
}

/// Lengths that differ by no more than this share are the same to three digits.
const SAME: f64 = 5e-4;

/// "1.52 times as long as at timestep 10".
pub(super) fn as_long(ratio: f64, time: usize) -> String {
    if (ratio - 1.0).abs() <= SAME {
        format!("as long as at timestep {time}, to within 0.05%")
    } else {
        format!("{} as long as at timestep {time}", times(ratio))
    }
}

/// The factor of the steps back: one for all, one for each of two regimes, or the few that are not 1.
fn factor(norms: &[f64], what: &str) -> String {
    if let Some(at) = norms.iter().rposition(|&norm| norm == 0.0) {
        // Through another layer or the cell state, the gradient goes round that state.
        return format!("At timestep {}, {what} is 0", at + 1);
    }
    // The logarithm of each factor, the first step back first.
    let logs: Vec<f64> = norms.windows(2).rev().map(|pair| pair[0].ln() - pair[1].ln()).collect();
    let count = logs.len();
    let each = |text: &str| {
        if count == 1 {
            format!("The step back {text}")
        } else {
            format!("Each of the {count} steps back {text}")
        }
    };
    let within = |ln: f64, share: f64| ln.exp_m1().abs() <= share;
    if logs.iter().all(|&ln| within(ln, SAME)) {
        return each(&format!("keeps the length of {what} to within 0.05%"));
    }
    if let [ln] = logs[..] {
        return each(&format!("multiplies {what} by {}", number(ln.exp())));
    }
    let exceptions: Vec<usize> = (0..count).filter(|&step| !within(logs[step], 0.01)).collect();
    if count >= 10 && (1..=3).contains(&exceptions.len()) {
        let one = |&step: &usize| {
            let from = norms.len() - step;
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
    let mean = logs.iter().sum::<f64>() / count as f64;
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
fn peak(norms: &[f64]) -> String {
    let last = norms.len() - 1;
    let (at, longest) = norms
        .iter()
        .enumerate()
        .fold((last, norms[last]), |max, (at, &norm)| if norm > max.1 { (at, norm) } else { max });
    if at == 0 || longest <= 1.5 * norms[0].max(norms[last]) {
        return String::new();
    }
    format!(
        " It is longest {} back, {} as long as at timestep {}.",
        steps(last - at),
        times(longest / norms[last]),
        last + 1
    )
}

/// Says within how many steps back most of the gradient arrives, over all losses, in one sentence.
///
/// `by_lag` are the sums of ‖dL_t/dh_{t−l}‖ over t, for l = 0, 1 and so on, as [`Reach::by_lag`](crate::Reach::by_lag) has
/// them. The text is empty if they add up to 0 or are out of range.
pub fn lags(by_lag: &[f64]) -> String {
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
        0 => "Of all ‖dL_t/dh_k‖ together, at least 90% stay at the timestep of their loss.".to_owned(),
        lag => {
            format!("Of all ‖dL_t/dh_k‖ together, at least 90% arrive within {} of their loss.", steps(lag))
        }
    }
}
