//! About clipping, truncation, a held gate, and many sequences.

use super::number::{number, percent, windows};
use crate::view::View;

/// A share of a gradient that is a difference of rounding errors.
const ROUNDING: f64 = 1e-13;

/// About the norm of the whole gradient.
pub(super) fn clipping(view: &View) -> String {
    let clipping = &view.clipping;
    let norm = format!("The gradient of all parameters has norm {}.", number(clipping.norm));
    let rest = match clipping.limit {
        None => "Training does not clip it.".to_owned(),
        Some(limit) if clipping.clipped < clipping.norm => format!(
            "A limit of {} multiplies it by {}; its direction stays.",
            number(limit),
            number(clipping.clipped / clipping.norm)
        ),
        Some(limit) => format!("That is below the limit of {}: clipping leaves it as it is.", number(limit)),
    };
    format!("{norm} {rest}")
}

/// About the gradient of truncated back-propagation.
pub(super) fn truncation(view: &View) -> String {
    let Some(of) = &view.truncation else { return String::new() };
    let time = view.settings.time;
    let windows = windows(of.window);
    if of.lost.is_nan() {
        return format!("The gradient is 0; {windows} lose nothing of it.");
    }
    if of.lost < ROUNDING {
        let whole = if of.window >= time { ", since one holds the whole sequence" } else { "" };
        return format!("Back-propagation truncated to {windows} loses nothing{whole}.");
    }
    let share = if of.lost < 1e-5 {
        format!("{} times", number(of.lost))
    } else {
        format!("{} of", percent(of.lost))
    };
    let direction = if of.cosine.is_nan() {
        String::new()
    } else {
        format!("; the cosine of the angle between them is {}", cosine(of.cosine))
    };
    format!(
        "Back-propagation truncated to {windows} gives a gradient that differs from the whole one by {share} its norm{direction}."
    )
}

/// Three digits, but 1 only for 1.
fn cosine(cosine: f64) -> String {
    if cosine < 1.0 && cosine > 0.9995 { "above 0.999".to_owned() } else { number(cosine) }
}

/// About the gate that is held.
pub(super) fn clamp(view: &View) -> String {
    let Some(clamp) = view.settings.clamp else { return String::new() };
    let value = u8::from(clamp.open);
    format!(
        "The {} is held at {value} in every layer, after training and scaling: its weights are 0 and its bias is {}, so that it is {value} at every timestep and nothing flows back through it.",
        clamp.title(),
        number(clamp.bias())
    )
}

/// About many sequences.
pub(super) fn band(view: &View) -> String {
    let Some(band) = &view.band else { return String::new() };
    let last = view.settings.time - 1;
    let range = |of: &crate::view::Range, t: usize| {
        format!(
            "from {} to {}, the median is {}",
            number(of.least[t]),
            number(of.most[t]),
            number(of.median[t])
        )
    };
    if !band.hidden.most[last].is_finite() {
        return format!(
            "Over {} sequences, the state of at least one of them is out of range at timestep {}.",
            band.sequences,
            last + 1
        );
    }
    let hidden = range(&band.hidden, last);
    let text = format!("Over {} sequences, ‖h_T‖ is {hidden}.", band.sequences);
    if !band.gradient.most[0].is_finite() {
        return text + " The gradient of at least one of them is out of range.";
    }
    format!("{text} With each its own loss, ‖dL/dh_1‖ is {}.", range(&band.gradient, 0))
}
