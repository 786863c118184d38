//! The claims about the fan, clipping, truncation, a held gate, a band of sequences and fixed points.

use rnn_explore::View;

use super::reading::{after, close, read, same};

pub(super) fn check(view: &View) {
    check_fan(view);
    check_clipping(view);
    check_truncation(view);
    check_clamp(view);
    check_band(view);
    check_plane(view);
}

/// A factor of the text, against its logarithm.
fn factor(text: &str, phrase: &str, ln: f64) {
    let at = text.find(phrase).unwrap_or_else(|| panic!("{phrase} in {text}"));
    let said = &text[at + phrase.len()..];
    match said.strip_prefix("10 to the power of ") {
        Some(power) => {
            same(read(power), ln / std::f64::consts::LN_10, text);
            assert!(ln.abs() > 650.0, "{text}");
        }
        None => same(read(said), ln.exp(), text),
    }
}

fn check_fan(view: &View) {
    let (text, fan) = (&view.sentences.fan, &view.fan);
    assert_eq!(fan.ln_sigma.is_empty(), text.contains("does not converge"), "{text}");
    if fan.ln_sigma.is_empty() {
        return;
    }
    let (largest, smallest) = (&fan.ln_sigma[0], fan.ln_sigma.last().unwrap());
    assert_eq!(fan.timesteps[0], 1);
    assert_eq!(*fan.timesteps.last().unwrap(), view.settings.time);
    if text.starts_with("No gradient of s_T") {
        assert!(largest[0].is_nan(), "{text}");
        return;
    }
    let by = if fan.of == 1 { "is multiplied by " } else { "is multiplied by at most " };
    factor(text, by, largest[0]);
    if view.settings.time > 2 {
        let exponent = largest[0] / (view.settings.time - 1) as f64;
        assert!((fan.exponents[0] - exponent).abs() <= 1e-12 * exponent.abs());
        same(after(text, "Lyapunov exponent is ").unwrap(), exponent, text);
    }
    assert_eq!(text.contains("of the directions the factor is"), fan.ln_sigma.len() > 1);
    if text.contains("of the directions the factor is 0.") && smallest[0].is_nan() {
        assert!(fan.exponents.last().unwrap().is_nan(), "{text}");
    } else if fan.ln_sigma.len() > 1 {
        factor(text, "of the directions the factor is ", smallest[0]);
    }
    // The measured gradient is within the fan.
    let row = view.reach.norms.last().unwrap();
    let (first, last) = (row[0], row[row.len() - 1]);
    if fan.state == "h" && view.layer + 1 == view.layers.len() && first > 0.0 && last > 0.0 {
        assert!((first / last).ln() <= largest[0] + 1e-6, "{text} {row:?}");
    }
    let chosen = fan.timesteps.len();
    assert_eq!(chosen < view.settings.time, text.contains("are computed; the curves connect them."));
    let computed = largest.iter().filter(|ln| !ln.is_nan()).count();
    assert!(computed <= chosen, "{text}");
}

fn check_clipping(view: &View) {
    let (text, of) = (&view.sentences.clipping, &view.clipping);
    same(after(text, "has norm ").unwrap(), of.norm, text);
    assert_eq!(of.limit, view.settings.clip);
    match of.limit {
        None => assert!(text.contains("Training does not clip it") && of.clipped == of.norm),
        Some(limit) if of.norm > limit => {
            assert!(of.clipped <= limit * (1.0 + 1e-12) && of.clipped > 0.999 * limit, "{text}");
            same(after(text, " multiplies it by ").unwrap(), limit / of.norm, text);
        }
        Some(limit) => assert!(of.clipped <= of.norm && of.norm <= limit, "{text}"),
    }
}

fn check_truncation(view: &View) {
    let text = &view.sentences.truncation;
    assert_eq!(text.is_empty(), view.settings.truncation == 0);
    let Some(of) = &view.truncation else { return };
    if of.lost.is_nan() {
        assert!(text.starts_with("The gradient is 0;") && view.clipping.norm == 0.0, "{text}");
    } else if text.contains("loses nothing") {
        assert!(of.lost < 1e-13, "but for rounding: {text}");
    } else {
        close(after(text, "from the whole one by ").unwrap(), of.lost, "%");
        assert!(of.lost > 0.0 && of.window < view.settings.time);
        if let Some(said) = after(text, "between them is above ") {
            assert!(of.cosine > said && of.cosine <= 1.0 + 1e-12, "{text}");
        } else if let Some(said) = after(text, "between them is ") {
            assert!((said - of.cosine).abs() <= 5.1e-3 * of.cosine.abs() + 1e-12, "{text}");
        }
    }
}

fn check_clamp(view: &View) {
    let text = &view.sentences.clamp;
    assert_eq!(text.is_empty(), view.settings.clamp.is_none());
    let Some(clamp) = view.settings.clamp else { return };
    let gate = view.gates.iter().find(|gate| gate.name == clamp.gate.to_string()).unwrap();
    let value = f64::from(u8::from(clamp.open));
    assert_eq!(after(text, "is held at ").unwrap(), value);
    for bound in [&gate.least, &gate.most] {
        assert!(bound.iter().all(|&y| y == value), "{text} {bound:?}");
    }
    assert!(gate.saturated.iter().all(|&share| share == 1.0), "its slope is 0");
}

fn check_band(view: &View) {
    let text = &view.sentences.band;
    assert_eq!(text.is_empty(), view.band.is_none());
    let Some(band) = &view.band else { return };
    let norms = &view.layers[view.layer];
    for (range, shown) in [(&band.hidden, &norms.hidden), (&band.gradient, &norms.gradient)] {
        for (t, shown) in shown.iter().enumerate() {
            let [least, median, most] = [range.least[t], range.median[t], range.most[t]];
            assert!(most.is_nan() || least <= *shown && *shown <= most, "the shown one is within: {text}");
            assert!(most.is_nan() || least <= median && median <= most);
        }
    }
    let last = view.settings.time - 1;
    let [states, gradients] = [band.hidden.most[last], band.gradient.most[0]].map(f64::is_finite);
    assert_eq!(text.contains("out of range"), !states || !gradients, "{text}");
    if !states {
        return;
    }
    same(after(text, "‖h_T‖ is from ").unwrap(), band.hidden.least[last], text);
    same(after(text, " to ").unwrap(), band.hidden.most[last], text);
    same(after(text, "the median is ").unwrap(), band.hidden.median[last], text);
    if let Some(said) = after(text, "‖dL/dh_1‖ is from ") {
        same(said, band.gradient.least[0], text);
        let (_, rest) = text.split_once("‖dL/dh_1‖ is from ").unwrap();
        same(after(rest, " to ").unwrap(), band.gradient.most[0], text);
        same(after(rest, "the median is ").unwrap(), band.gradient.median[0], text);
    }
}

fn check_plane(view: &View) {
    let text = &view.sentences.plane;
    assert_eq!(text.is_empty(), view.plane.is_none());
    let Some(plane) = &view.plane else { return };
    assert_eq!(plane.trajectory.len(), view.settings.time);
    let stable = plane.fixed.iter().filter(|point| point.stable).count();
    for point in &plane.fixed {
        assert_eq!(point.stable, point.eigenvalues.iter().all(|z| z[0].hypot(z[1]) < 1.0));
    }
    assert_eq!(after(text, "Newton’s method from ").unwrap() as usize, plane.starts);
    match plane.fixed.len() {
        0 => assert!(text.contains("no isolated fixed point"), "{text}"),
        1 => {
            assert_eq!(text.contains("It is stable"), stable == 1);
            let z = plane.fixed[0].eigenvalues[0];
            let size = z[0].hypot(z[1]);
            if text.contains("just below 1") {
                assert!(size < 1.0 && size > 0.99);
            } else if text.contains("just above 1") {
                assert!(size > 1.0 && size < 1.01);
            } else {
                same(after(text, "has magnitude ").unwrap(), size, text);
            }
        }
        found => {
            assert_eq!(after(text, "finds ").unwrap() as usize, found);
            let said = match () {
                () if text.contains("none of them") => 0,
                () if text.contains("one of them") => 1,
                () if text.contains("all of them") => found,
                () => after(text, "fixed points, ").unwrap() as usize,
            };
            assert_eq!(said, stable, "{text}");
        }
    }
}
