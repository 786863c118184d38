//! About the way back from the last state, by direction.

use super::number::{number, steps};
use crate::view::View;

/// About σ_i of ∂s_T/∂s_t.
pub(super) fn fan(view: &View) -> String {
    let fan = &view.fan;
    let (Some(largest), Some(smallest)) = (fan.ln_sigma.first(), fan.ln_sigma.last()) else {
        return "The singular values of these products could not be computed: the iteration does not converge.".to_owned();
    };
    let back = largest.len() - 1;
    if !largest[0].is_finite() {
        return format!("No gradient of s_T, s = {}, reaches s_1.", fan.state) + &left_out(view);
    }
    let by = if fan.of == 1 { "by" } else { "by at most" };
    let head = format!(
        "{}, the length of a gradient of s_T, s = {}, is multiplied {by} {}",
        over(back),
        fan.state,
        size(largest[0])
    );
    let exponent = fan.exponents.first().copied().unwrap_or(f64::NAN);
    let each = if back > 1 {
        format!(
            ", {} for each step: the largest finite-time Lyapunov exponent is {}",
            number(exponent.exp()),
            number(exponent)
        )
    } else {
        String::new()
    };
    let (of, shown) = (fan.of, fan.ln_sigma.len());
    let name = if shown == of { "the least".to_owned() } else { format!("number {shown} of {of}") };
    let least = match smallest[0] {
        _ if shown <= 1 => String::new(),
        ln if ln.is_finite() => format!(" In {name} of the directions the factor is {}.", size(ln)),
        _ => format!(" In {name} of the directions the factor is 0."),
    };
    format!("{head}{each}.{least}{}", left_out(view))
}

/// A factor that may be too small or too large for the float type.
fn size(ln: f64) -> String {
    let factor = ln.exp();
    if factor > 1e-300 && factor.is_finite() {
        number(factor)
    } else {
        // e^ln as a power of ten.
        format!("10 to the power of {}", number(ln / std::f64::consts::LN_10))
    }
}

/// "Over all 9 steps back".
fn over(back: usize) -> String {
    if back == 1 { "Over 1 step back".to_owned() } else { format!("Over all {} back", steps(back)) }
}

/// Which timesteps were left out.
fn left_out(view: &View) -> String {
    let (timesteps, time) = (&view.fan.timesteps, view.settings.time);
    if timesteps.len() == time {
        return String::new();
    }
    format!(
        " Singular values of {} of the {time} timesteps are computed; the curves connect them.",
        timesteps.len()
    )
}
