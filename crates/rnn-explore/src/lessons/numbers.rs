//! Numbers that lessons cite.

use crate::error::Error;
use crate::explorer::Explorer;
use crate::quantiles::quantiles;
use crate::sentence::number::{number, percent};
use crate::settings::Query;
use crate::view::{View, radius};

/// A number in the text of a lesson.
#[derive(Clone, Copy, Debug)]
pub struct Number {
    /// The name by which the text cites it.
    pub name: &'static str,
    /// What the text says.
    pub said: &'static str,
    /// Computes what the text has to say.
    pub of: fn(&Explorer) -> Result<String, Error>,
}

/// The seeds of a claim about many draws.
pub(super) const SEEDS: usize = 20;

/// The view of a query.
pub(super) fn view(explorer: &Explorer, query: &str) -> Result<View, Error> {
    explorer.view(&query.parse::<Query>()?.settings, &|| true)
}

/// ‖dL_T/dh_1‖ / ‖dL_T/dh_T‖: what is left of the gradient of the last loss.
pub(super) fn left(explorer: &Explorer, query: &str) -> Result<f64, Error> {
    let view = view(explorer, query)?;
    Ok(view.layers[view.layer].ratio)
}

/// The mean factor of a step back.
pub(super) fn rate(explorer: &Explorer, query: &str) -> Result<String, Error> {
    let view = view(explorer, query)?;
    Ok(number(view.layers[view.layer].rate.unwrap_or(f64::NAN)))
}

/// ρ of W_hh.
pub(super) fn rho(explorer: &Explorer, query: &str) -> Result<String, Error> {
    let view = view(explorer, query)?;
    let w_hh = view.spectrum.weights.first();
    Ok(number(w_hh.map_or(f64::NAN, |w_hh| radius(&w_hh.eigenvalues))))
}

/// What `of` makes of the views of a query with the seeds 0 to 19.
pub(super) fn by_seed(
    explorer: &Explorer,
    query: &str,
    of: impl Fn(&View) -> f64,
) -> Result<Vec<f64>, Error> {
    (0..SEEDS).map(|seed| Ok(of(&view(explorer, &format!("{query}&s={seed}"))?))).collect()
}

/// A share as in "61% of the gradient" and "2.1 · 10⁻⁹ of the gradient".
pub(super) fn share(share: f64) -> String {
    percent(share).trim_end_matches(" of it").to_owned()
}

/// The median.
pub(super) fn median(values: Vec<f64>) -> f64 {
    let [_, median, _] = quantiles(values);
    median
}
