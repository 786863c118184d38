//! About the plane of a state of two numbers.

use super::number::number;
use crate::view::View;

/// About fixed points.
pub(super) fn plane(view: &View) -> String {
    let Some(plane) = &view.plane else { return String::new() };
    let (found, stable) = (plane.fixed.len(), plane.fixed.iter().filter(|point| point.stable).count());
    let search = format!("With an input of 0, Newton’s method from {} states finds", plane.starts);
    match (found, &plane.fixed[..]) {
        (0, _) => format!("{search} no isolated fixed point."),
        (1, [point]) => {
            let [re, im] = point.eigenvalues.first().copied().unwrap_or_default();
            let stable = if point.stable { "stable" } else { "not stable" };
            format!(
                "{search} one fixed point. It is {stable}: the largest eigenvalue there has magnitude {}.",
                magnitude(re.hypot(im))
            )
        }
        _ => {
            let stable = match stable {
                0 => "none of them stable".to_owned(),
                1 => "one of them stable".to_owned(),
                all if all == found => "all of them stable".to_owned(),
                some => format!("{some} of them stable"),
            };
            format!("{search} {found} fixed points, {stable}.")
        }
    }
}

/// Three digits, on the right side of 1.
fn magnitude(size: f64) -> String {
    match number(size) {
        text if text == "1.00" && size < 1.0 => "just below 1".to_owned(),
        text if text == "1.00" && size > 1.0 => "just above 1".to_owned(),
        text => text,
    }
}
